"""What the library can say of orders and stock goes into the tables and comes back the same."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from some_databases import contents_of, make_tables
from some_hosting import NOON
from sqlalchemy import create_engine
from sqlalchemy.pool import StaticPool

from fulfill_core import Inventory, OrderRecord
from fulfill_core.hosting import CommitPlan, Committed, InMemoryStorage, Scope
from fulfill_core.hosting.planning import versions_of
from fulfill_core.hosting.sqlalchemy import SqlAlchemyStorage, Tables

TABLES = Tables()
ENGINE = create_engine("sqlite://", poolclass=StaticPool)


@pytest.fixture(scope="module", autouse=True)
def engine() -> Iterator[None]:
    """The connection is closed at the end."""
    yield
    ENGINE.dispose()


def goods_in(*inventories: Inventory) -> list[str]:
    """All SKUs that there are anywhere."""
    skus: set[str] = set()
    for stock in inventories:
        for thing in (*stock.stock(), *stock.items(), *stock.supplies(), *stock.reservations()):
            skus.add(thing.sku)
        skus.update([claim.sku for claim in stock.claims()])
        skus.update([part.sku for item in stock.items() for part in item.components])
    return sorted(skus)


def move(storage: Any, scope: Scope, before: Inventory, after: Inventory, **content: Any) -> object:
    """Write what leads from one stock to the other."""
    loaded, changes = storage.load(scope), after.changes_since(before)
    ids = [record.id for record in content.get("records", ())]
    expected = versions_of(loaded, changes, ids)
    name = f"p{len(str(expected))}-{hash(after)}"
    plan = CommitPlan(id=name, at=NOON, expected=expected, changes=changes, **content)
    return storage.commit(plan)


def last_instant(inventory: Inventory) -> datetime:
    """When the last thing happened that counts for a capacity."""
    instants = [each.made_at for each in inventory.reservations() if each.made_at is not None]
    days = [datetime.combine(each.day, NOON.timetz()) for each in inventory.intakes()]
    return max([NOON, *instants, *days])


def parts_of(inventory: Inventory, now: datetime) -> list[object]:
    """What it says; of intakes no more than how many orders a place can take on still."""
    parts = (
        *(inventory.stock, inventory.items, inventory.supplies, inventory.locations),
        *(inventory.reservations, inventory.claims),
    )
    return [
        *[sorted(map(repr, part())) for part in parts],
        [inventory.capacity_left(place.id, now) for place in inventory.locations()],
    ]


@given(first=st.from_type(Inventory), second=st.from_type(Inventory))
def test_stock_goes_into_tables_and_comes_back(first: Inventory, second: Inventory) -> None:
    """Whatever it was before: what is loaded, and what is in the tables, is what was written."""
    storage = SqlAlchemyStorage(ENGINE, TABLES)
    make_tables(ENGINE, TABLES.metadata)
    scope = Scope(order_ids=[], skus=goods_in(first, second))
    before = Inventory()
    for after in (first, second):
        assert move(storage, scope, before, after) == Committed()
        assert contents_of(ENGINE, TABLES).inventory == after
        assert storage.load(scope).inventory == after
        before = after


@given(
    inventory=st.from_type(Inventory),
    records=st.lists(st.from_type(OrderRecord), unique_by=lambda record: record.id, max_size=4),
)
def test_what_is_loaded_is_what_is_loaded_from_memory(
    inventory: Inventory, records: list[OrderRecord]
) -> None:
    """For all that is open, and for each order: the same records, the same part of the stock."""
    storage, memory = SqlAlchemyStorage(ENGINE, TABLES), InMemoryStorage(inventory, records)
    make_tables(ENGINE, TABLES.metadata)
    scope = Scope(order_ids=[], skus=goods_in(inventory))
    last = last_instant(inventory)
    assert move(storage, scope, Inventory(), inventory) == Committed()
    assert move(storage, scope, Inventory(), Inventory(), records=records) == Committed()
    for order_ids in (None, *[[record.id] for record in records]):
        mine = storage.load(Scope(order_ids=order_ids))
        theirs = memory.load(Scope(order_ids=order_ids))
        assert set(mine.records) == set(theirs.records)
        assert mine.versions == theirs.versions
        assert parts_of(mine.inventory, last) == parts_of(theirs.inventory, last)
