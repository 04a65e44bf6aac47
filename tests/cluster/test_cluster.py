"""Shards and verification on a Dask cluster of two processes: the same, bit for bit.

Not part of the usual tests, as it takes some twenty seconds: `.ci/run` has them.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import dask
import pytest
from cluster_rules import Deadly, Waiting, called_with
from distributed import Client, KilledWorker, LocalCluster

from fulfill_core import (
    DEFAULT_VERIFIERS,
    Customer,
    Inventory,
    Item,
    Order,
    OrderLine,
    Payment,
    Result,
    Settings,
    Stock,
    Supply,
    merged,
    process,
    shards,
)

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
ORDERS = [
    Order(
        id=f"A-{number:04}",
        placed_at=NOW - timedelta(minutes=number),
        customer=Customer(id=f"C-{number % 70}", email="ada@example.com"),
        lines=[
            OrderLine(id="1", sku=f"sku-{number % 40}", quantity=3, unit_price=Decimal(9)),
        ],
        currency="EUR",
        payments=[Payment(id="p1", amount=Decimal(27 if number % 9 else 20))],
    )
    for number in range(1_200)
]
STOCK = Inventory(
    stock=[Stock(sku=f"sku-{number}", location="berlin", on_hand=60) for number in range(40)],
    items=[Item(sku=f"sku-{number}", backorderable=True) for number in range(40)],
    supplies=[
        Supply(id=f"PO-{number}", sku=f"sku-{number}", quantity=20, expected_at=NOW + timedelta(7))
        for number in range(40)
    ],
)
RULES = (*DEFAULT_VERIFIERS, Waiting(0.0001))


@contextmanager
def cluster_of_two() -> Iterator[Client]:
    """A cluster of two processes of this machine; the same code takes the address of another."""
    with (
        # A task may take one worker with it, not three, before it is given up.
        dask.config.set({"distributed.scheduler.allowed-failures": 1}),
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0") as cluster,
        Client(cluster) as client,
    ):
        yield client


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    """A cluster whose workers live."""
    with cluster_of_two() as client:
        yield client


@pytest.fixture
def mortal_client() -> Iterator[Client]:
    """A cluster for one test, in which workers die."""
    with cluster_of_two() as client:
        yield client


def map_on(client: Client) -> Callable[..., Iterator[Any]]:
    """The `map` of a cluster: chunks go to the workers as bytes, results come in sequence."""

    def cluster_map(call: Callable[[Any], Any], chunks: Iterable[Any]) -> Iterator[Any]:
        packed = [pickle.dumps(chunk) for chunk in chunks]
        futures = client.map(partial(called_with, call), packed, pure=False)
        return (future.result(timeout=120) for future in futures)

    return cluster_map


def said(result: Result) -> list[object]:
    """All that a result says."""
    return [
        *result.decisions,
        *result.notifications,
        *result.records,
        result.changes,
        result.wake_at,
        [message.id for message in result.notifications],
    ]


def test_verified_and_ranked_on_a_cluster(client: Client) -> None:
    """`map=` gives the same result, and the same bytes, wherever the rules ran."""
    here = process(ORDERS, STOCK, now=NOW, verifiers=RULES)
    there = process(ORDERS, STOCK, now=NOW, verifiers=RULES, map=map_on(client))
    assert there == here
    assert [pickle.dumps(each) for each in said(there)] == [
        pickle.dumps(each) for each in said(here)
    ]


def test_shards_on_a_cluster(client: Client) -> None:
    """Each bundle of shards is a run on a worker; put together they are one run over all."""
    settings = Settings(verifiers=RULES)
    bundles = shards(ORDERS, STOCK, settings).bundles(2)
    stock = client.scatter(STOCK, broadcast=True)
    futures = client.map(partial(process, now=NOW, **settings), bundles, inventory=stock)
    together = merged(client.gather(futures))
    here = process(ORDERS, STOCK, now=NOW, **settings)
    assert len(bundles) == 2
    assert together == here
    assert said(together) == said(here)


def test_shards_on_any_executor() -> None:
    """The same by the map of a pool of processes."""
    settings = Settings(verifiers=RULES)
    bundles = shards(ORDERS, STOCK, settings).bundles(2)
    run = partial(process, inventory=STOCK, now=NOW, **settings)
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as executor:
        together = merged(executor.map(run, bundles))
    assert said(together) == said(process(ORDERS, STOCK, now=NOW, **settings))


def test_a_worker_that_dies_is_replaced(mortal_client: Client, tmp_path: Path) -> None:
    """Its chunk is verified again by another one, and nothing of it is counted twice."""
    deadly = Deadly("A-0700", once=str(tmp_path / "died"))
    rules = [*DEFAULT_VERIFIERS, deadly]
    there = process(ORDERS, STOCK, now=NOW, verifiers=rules, map=map_on(mortal_client))
    assert (tmp_path / "died").exists()
    assert there == process(ORDERS, STOCK, now=NOW, verifiers=rules)


def test_a_rule_that_kills_every_worker_fails_by_name(mortal_client: Client) -> None:
    """The run ends with the error of the cluster and the orders that the worker had; there is no
    half of a result, and the next run is as if that one had not been.
    """
    rules = [*DEFAULT_VERIFIERS, Deadly("A-0700")]
    with pytest.raises(KilledWorker) as caught:
        process(ORDERS, STOCK, now=NOW, verifiers=rules, map=map_on(mortal_client))
    assert "A-0" in "".join(getattr(caught.value, "__notes__", []))
    again = process(ORDERS, STOCK, now=NOW, map=map_on(mortal_client))
    assert again == process(ORDERS, STOCK, now=NOW)


def test_a_shard_that_dies_leaves_nothing(mortal_client: Client) -> None:
    """What the other shards decided is not merged: who has no result stores nothing."""
    settings = Settings(verifiers=[*DEFAULT_VERIFIERS, Deadly("A-0700")])
    bundles = shards(ORDERS, STOCK, settings).bundles(2)
    run = partial(process, inventory=STOCK, now=NOW, **settings)
    futures = mortal_client.map(run, bundles)
    with pytest.raises(KilledWorker):
        merged(mortal_client.gather(futures))
