"""Rows are locked in one sequence: then no two plans wait for each other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from some_hosting import NOON
from some_shops import BOTH, DatabaseShop, shop_on
from sqlalchemy import event

from fulfill_core.hosting import (
    CommitPlan,
    Committed,
    key_of_location,
    key_of_order,
    key_of_sku,
)

NUMBERS = [7, 2, 9, 4, 0, 5, 8, 1, 6, 3]
KEYS = {
    "fulfill_location": [f"place-{number}" for number in NUMBERS],
    "fulfill_record": [f"order-{number}" for number in NUMBERS],
    "fulfill_sku": [f"sku-{number}" for number in NUMBERS],
}
"""What a plan touches, by the table, in no sequence."""


@pytest.fixture(params=BOTH)
def shop(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[DatabaseShop]:
    """A shop on each database."""
    with shop_on(request.param, tmp_path) as shop:
        yield shop


def keys_written(shop: DatabaseShop, plan: CommitPlan) -> list[tuple[str, list[str]]]:
    """The tables whose versions a plan counts up, each with the keys, as the database gets them."""
    written: list[tuple[str, list[str]]] = []

    def note(_: Any, __: Any, statement: str, values: Any, *___: Any) -> None:
        content = list(values.values() if isinstance(values, dict) else values)
        for table, keys in KEYS.items():
            if statement.startswith(f"INSERT INTO {table} "):
                written.append((table, [each for each in content if each in keys]))

    event.listen(shop.engine, "before_cursor_execute", note)
    answer = shop.storage.commit(plan)
    event.remove(shop.engine, "before_cursor_execute", note)
    assert isinstance(answer, Committed)
    return written


def test_a_plan_locks_its_rows_sorted_by_their_keys(shop: DatabaseShop) -> None:
    """First places, then orders, then SKUs, each in one statement, whatever sequence it has."""
    expected = [
        *[(key_of_sku(key), 0) for key in KEYS["fulfill_sku"]],
        *[(key_of_order(key), 0) for key in KEYS["fulfill_record"]],
        *[(key_of_location(key), 0) for key in KEYS["fulfill_location"]],
    ]
    plan = CommitPlan(id="p1", at=NOON, expected=expected)
    assert keys_written(shop, plan) == [(table, sorted(keys)) for table, keys in KEYS.items()]
