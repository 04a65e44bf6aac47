"""What `map=` over processes, or a cluster, spares, by what a rule costs: by the clock on the wall.

The rule burns so much processor time for each order: a process that has to wait for its turn gets
nothing for free.
"""

from __future__ import annotations

import gc
import pickle
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from multiprocessing import get_context
from typing import Any

import sides
import workload
from workload import NOW

from fulfill_core import DEFAULT_VERIFIERS, Context, Finding, Order, process

COSTS = (0, 10, 100, 1_000)
"""Microseconds of a rule per order."""


@dataclass(frozen=True, slots=True)
class Burning:
    """A rule that takes so many microseconds and finds nothing."""

    cost: int
    waits: bool = False
    """As for an answer from elsewhere: it sleeps, and burns nothing."""

    def __call__(self, order: Order, /, *, context: Context) -> tuple[Finding, ...]:
        if self.waits:
            time.sleep(self.cost * 1e-6)
            return ()
        end = time.thread_time() + self.cost * 1e-6
        while time.thread_time() < end:
            pass
        return ()


def costs(size: int, repeats: int, seed: int) -> Iterator[tuple[int, list[tuple[float, float]]]]:
    """Seconds per order of two processes and of one, turn by turn, by the cost of the rule."""
    job = sides.Library.of(workload.make(size, seed=seed))
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        seconds(job, Burning(0), map=pool.map)  # the processes are started
        for cost in COSTS:
            rule = Burning(cost)
            yield (
                cost,
                [
                    (seconds(job, rule, map=pool.map) / size, seconds(job, rule) / size)
                    for _ in range(repeats)
                ],
            )


def has_cluster() -> bool:
    """Whether Dask is installed."""
    return find_spec("distributed") is not None


def costs_on_cluster(
    size: int, repeats: int, seed: int
) -> Iterator[tuple[str, list[tuple[float, float]]]]:
    """Seconds per order of a cluster of two workers and of one process, turn by turn, by rule."""
    from distributed import Client, LocalCluster  # noqa: PLC0415 - not everybody has it

    job = sides.Library.of(workload.make(size, seed=seed))
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0") as cluster,
        Client(cluster) as client,
    ):
        cluster_map = map_on(client)
        seconds(job, Burning(0), map=cluster_map)  # the workers have imported what they need
        rules = {
            "the ready-made rules": Burning(0),
            "reckons for 1,000 us": Burning(1_000),
            "waits for 1,000 us": Burning(1_000, waits=True),
        }
        for what, rule in rules.items():
            yield (
                what,
                [
                    (seconds(job, rule, map=cluster_map) / size, seconds(job, rule) / size)
                    for _ in range(repeats)
                ],
            )


def map_on(client: Any) -> Callable[..., Iterator[Any]]:
    """The `map` of a cluster, as in docs/how-to/run-on-a-cluster.md: chunks travel as bytes."""

    def cluster_map(call: Callable[[Any], Any], chunks: Iterable[Any]) -> Iterator[Any]:
        packed = [pickle.dumps(chunk) for chunk in chunks]
        futures = client.map(partial(called_with, call), packed, pure=False)
        return (future.result() for future in futures)

    return cluster_map


def called_with(call: Callable[[Any], Any], packed: bytes) -> Any:
    """What a function makes of a chunk that travelled as bytes: only its worker unpacks it."""
    return call(pickle.loads(packed))  # noqa: S301 - our own


def seconds(job: sides.Library, rule: Burning, **options: Any) -> float:
    """Seconds of one run."""
    verifiers = DEFAULT_VERIFIERS if not rule.cost else (*DEFAULT_VERIFIERS, rule)
    gc.collect()
    start = time.perf_counter()
    process(
        job.orders,
        job.inventory,
        now=NOW,
        priority=sides.PRIORITY,
        verifiers=verifiers,
        **options,
    )
    return time.perf_counter() - start
