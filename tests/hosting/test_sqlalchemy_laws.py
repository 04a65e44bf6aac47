"""What the library can say of orders and stock goes into the tables and comes back the same."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from effort import FEWER
from hypothesis import given
from hypothesis import strategies as st
from some_databases import contents_of, make_tables
from some_hosting import NOON, order, shipped, stock
from sqlalchemy import create_engine, select
from sqlalchemy.pool import StaticPool

from fulfill_core import Facts, Inventory, OrderRecord, Settings
from fulfill_core.hosting import (
    CommitPlan,
    Committed,
    InMemoryStorage,
    Job,
    LoopReport,
    Run,
    Scope,
    run_loop,
)
from fulfill_core.hosting.planning import versions_of
from fulfill_core.hosting.sqlalchemy import SqlAlchemyStorage, Tables
from fulfill_core.lifecycle import Captured, Delivered, Event, Refunded
from fulfill_core.testing import Batch, batches

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
    for each in inventories:
        for thing in (*each.stock(), *each.items(), *each.supplies(), *each.reservations()):
            skus.add(thing.sku)
        skus.update([claim.sku for claim in each.claims()])
        skus.update([part.sku for item in each.items() for part in item.components])
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


@FEWER
@given(batch=batches())
def test_a_run_that_is_done_again_changes_nothing(batch: Batch) -> None:
    """Laws 8 and 18: the second run, at the same instant, reserves nothing and tells nothing; not a
    row of any table is another one.
    """
    storage = SqlAlchemyStorage(ENGINE, TABLES)
    make_tables(ENGINE, TABLES.metadata)
    records = {
        each.id: each if isinstance(each, OrderRecord) else OrderRecord(order=each)
        for each in batch.orders
    }
    scope = Scope(order_ids=[], skus=goods_in(batch.inventory))
    assert move(storage, scope, Inventory(), batch.inventory) == Committed()
    written = move(storage, Scope(), Inventory(), Inventory(), records=records.values())
    assert written == Committed()
    rows: list[object] = []
    for _ in range(2):
        assert loop(storage, Run(), now=batch.now, facts=batch.facts).is_done
        rows.append(all_rows())
    assert rows[0] == rows[1]


FACTS: list[Event] = [
    shipped("A-1", 2, "e1"),
    shipped("A-1", 1, "e2"),
    Captured(id="e3", order_id="A-1", at=NOON, payment="card", amount=Decimal(10), ref="c1"),
    Captured(id="e4", order_id="A-1", at=NOON, payment="card", amount=Decimal(5), ref="c2"),
    Delivered(id="e5", order_id="A-1", at=NOON, parcel="p-e1"),
    Refunded(id="e6", order_id="A-1", at=NOON, payment="card", amount=Decimal(5), ref="r1"),
]


@FEWER
@given(events=st.permutations(FACTS), again=st.lists(st.sampled_from(FACTS), max_size=3))
def test_facts_in_any_sequence_end_in_the_same_rows(
    events: list[Event], again: list[Event]
) -> None:
    """Law 21: whichever comes first, and once more or not; another one under an id is refused."""
    outcomes: list[object] = []
    for jobs in (FACTS, [*events[:3], *again, *events[3:], *again]):
        storage = SqlAlchemyStorage(ENGINE, TABLES)
        make_tables(ENGINE, TABLES.metadata)
        assert move(storage, Scope(order_ids=[]), Inventory(), stock()) == Committed()
        report = loop(storage, Run(orders=[order("A-1", 4)]), *jobs, Run())
        assert report.is_done
        [refusal] = loop(storage, shipped("A-1", 4, "e1")).jobs
        assert str(refusal.outcome.effect) == "refused"
        contents = contents_of(ENGINE, TABLES)
        record = contents.records["A-1"]
        outcomes.append((record.progress, record.order.payments, contents.inventory))
    assert outcomes[0] == outcomes[1]


def loop(storage: Any, *jobs: Job, now: datetime = NOON, facts: Facts | None = None) -> LoopReport:
    """Do jobs, and send nothing."""
    settings = Settings(verifiers=[], facts=facts or Facts())
    return run_loop(
        jobs, storage=storage, clock=lambda: now, sleep=lambda _: None, settings=settings
    )


def all_rows() -> dict[str, list[str]]:
    """All that is in the tables."""
    with ENGINE.connect() as connection:
        return {
            name: sorted([repr(tuple(row)) for row in connection.execute(select(table))])
            for name, table in TABLES.metadata.tables.items()
        }
