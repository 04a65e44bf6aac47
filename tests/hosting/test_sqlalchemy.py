"""Storages over SQLAlchemy: whose transaction it is, whose tables, and what odd rows come to."""

from __future__ import annotations

import asyncio
import importlib
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import pytest
from some_databases import contents_of, sqlite_engine
from some_hosting import NOON, SETTINGS, Clock, order, shipped, stock
from some_shops import BOTH, DatabaseShop, async_engine_on, shop_on
from sqlalchemy import (
    Column,
    Engine,
    Integer,
    MetaData,
    Table,
    Text,
    create_engine,
    event,
    insert,
    select,
    text,
)

from fulfill_core import (
    Claim,
    InvalidValueError,
    Inventory,
    Item,
    Location,
    Lot,
    OrderRecord,
    Reservation,
    Stock,
    Supply,
)
from fulfill_core.hosting import (
    CommitPlan,
    Committed,
    Conflict,
    Job,
    LoopReport,
    Run,
    Scope,
    StockUpdate,
    key_of_location,
    run_loop,
    run_loop_async,
)
from fulfill_core.hosting.sqlalchemy import (
    AsyncSqlAlchemyStorage,
    SqlAlchemyStorage,
    StockColumns,
    Tables,
)
from fulfill_core.inventory import Changes, Intake, LotChange, StockChange
from fulfill_core.wire import Reading

MUGS = Scope(skus=["mug"])


@pytest.fixture(params=BOTH)
def name(request: pytest.FixtureRequest) -> Any:
    """Which database it is."""
    return request.param


@pytest.fixture
def shop(name: str, tmp_path: Path) -> Iterator[DatabaseShop]:
    """A shop with mugs and cups."""
    with shop_on(name, tmp_path) as shop:
        yield shop


@pytest.fixture
def shop_of(name: str, tmp_path: Path) -> Iterator[Any]:
    """What makes a shop with this stock and these orders."""
    with ExitStack() as shops:

        def make(inventory: Inventory, *records: OrderRecord) -> DatabaseShop:
            return shops.enter_context(shop_on(name, tmp_path, inventory, records))

        yield make


def reservation(quantity: int = 2, **changes: Any) -> Reservation:
    """Mugs that are reserved for A-1."""
    content = {"order_id": "A-1", "line_id": "1", "sku": "mug", "location": "berlin"}
    return Reservation(**{**content, "quantity": quantity, "made_at": NOON, **changes})


# -- Whose transaction it is -----------------------------------------------------------------------


def test_in_the_hosts_transaction_the_host_commits(shop: DatabaseShop) -> None:
    """What it wrote itself, and what the library wrote, are there together or not at all."""
    for is_kept in (False, True):
        with shop.engine.connect() as connection:
            connection.execute(text("INSERT INTO fulfill_plan VALUES ('mine', '2026-03-02')"))
            report = shop.loop(Run(orders=[order()]), storage=SqlAlchemyStorage(connection))
            assert report.is_done
            if is_kept:
                connection.commit()
        contents = contents_of(shop.engine, shop.tables)
        assert set(contents.records) == ({"A-1"} if is_kept else set())
        assert contents.inventory.reserved("mug") == 2 * is_kept
        assert isinstance(shop.storage.decided("mine"), Committed if is_kept else Conflict)


def test_a_conflict_rolls_back_no_more_than_the_commit(shop: DatabaseShop) -> None:
    """What the host wrote before it stays, and it goes on."""
    plan = shop.plan(MUGS, reservations_added=[reservation()])
    shop.loop(StockUpdate(id="1", skus=["mug"], update=_one_more))
    with shop.engine.connect() as connection:
        storage = SqlAlchemyStorage(connection)
        connection.execute(text("INSERT INTO fulfill_plan VALUES ('mine', '2026-03-02')"))
        assert storage.commit(plan) == Conflict(keys=["sku:mug"])
        storage.mark([])
        assert storage.unsent(9, now=NOON, until=NOON) == []
        connection.commit()
    assert shop.storage.decided("mine") == Committed()
    assert shop.inventory.reserved("mug") == 0


def _one_more(inventory: Inventory) -> Inventory:
    return inventory.with_received("mug", "berlin", 1)


def test_a_host_that_begins_by_itself_may(tmp_path: Path) -> None:
    """An engine that was taught to begin transactions is not made to begin twice."""

    def leave_it_to_us(connection: Any, _: object) -> None:
        connection.isolation_level = None

    with shop_on("sqlite", tmp_path) as shop:
        event.listen(shop.engine, "connect", leave_it_to_us)
        event.listen(shop.engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
        shop.engine.dispose()
        assert shop.loop(Run(orders=[order()])).is_done
        with shop.engine.begin() as connection:
            shop.loop(shipped(), storage=SqlAlchemyStorage(connection))
        assert shop.inventory.on_hand("mug") == 4


def test_an_asynchronous_host_may_pass_its_connection(
    shop: DatabaseShop, name: str, tmp_path: Path
) -> None:
    """The same in a host that awaits."""

    async def place() -> LoopReport:
        engine = async_engine_on(name, tmp_path)
        async with engine.connect() as connection:
            report = await run_loop_async(
                [Run(orders=[order()])],
                storage=AsyncSqlAlchemyStorage(connection),
                clock=lambda: NOON,
                sleep=asyncio.sleep,
                settings=SETTINGS,
            )
            assert contents_of(shop.engine, shop.tables).records == {}
            await connection.commit()
        await engine.dispose()
        return report

    assert asyncio.run(place()).is_done
    assert shop.inventory.reserved("mug") == 2


@pytest.mark.parametrize("kind", [SqlAlchemyStorage, AsyncSqlAlchemyStorage])
def test_only_what_it_can_use_is_let_in(kind: Any) -> None:
    """An engine or a connection, of a database that it knows."""
    with pytest.raises(InvalidValueError, match=r"bind: 'shop\.db' is neither .*Engine nor "):
        kind("shop.db")


def test_another_database_is_refused() -> None:
    """Before anything is asked of it."""
    engine = create_engine("mysql+mysqldb://", module=sqlite3)
    with pytest.raises(InvalidValueError, match="bind: 'mysql' is a database of which no storage"):
        SqlAlchemyStorage(engine)


def test_without_sqlalchemy_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where it is missing, the import fails with the name of the extra to install."""
    for name in [
        name for name in sys.modules if name.startswith("fulfill_core.hosting.sqlalchemy")
    ]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "sqlalchemy", None)
    with pytest.raises(ImportError, match=r"pip install 'fulfill_core\[sqlalchemy\]'"):
        importlib.import_module("fulfill_core.hosting.sqlalchemy")


# -- Whose tables they are -------------------------------------------------------------------------


@pytest.fixture
def mapped(tmp_path: Path) -> Iterator[tuple[Engine, Table, Tables]]:
    """A shop with a table of its own that has the stock of its one place."""
    metadata = MetaData()
    goods = Table(
        "goods",
        metadata,
        Column("code", Text, primary_key=True),
        Column("title", Text),
        Column("units", Integer, nullable=False),
    )
    tables = Tables(
        metadata,
        prefix="f_",
        stock=StockColumns(sku=goods.c.code, on_hand=goods.c.units, location="berlin", safety=1),
    )
    engine = sqlite_engine(tmp_path / "shop.db")
    metadata.create_all(engine)
    with engine.begin() as connection:
        connection.execute(insert(goods), {"code": "mug", "title": "A mug", "units": 6})
    yield engine, goods, tables
    engine.dispose()


def test_the_stock_may_stand_in_the_hosts_own_table(mapped: Any) -> None:
    """A column for SKU and units; one place, and one safety stock for all."""
    engine, goods, tables = mapped
    storage, clock = SqlAlchemyStorage(engine, tables), Clock()
    jobs: list[Job] = [Run(orders=[order("A-1", 2), order("A-2", 4)]), shipped(), Run()]
    run_loop(jobs, storage=storage, clock=clock, sleep=clock.sleep, settings=SETTINGS)
    loaded = storage.load(Scope())
    [row] = loaded.inventory.stock()
    assert (row.on_hand, row.safety, loaded.inventory.reserved("mug")) == (4, 1, 3)
    with engine.connect() as connection:
        assert [tuple(each) for each in connection.execute(select(goods))] == [("mug", "A mug", 4)]
    assert "f_stock" not in tables.metadata.tables


@pytest.mark.parametrize(
    ("change", "path"),
    [
        (StockChange(sku="mug", location="berlin", safety=2), "StockChange.safety"),
        (StockChange(sku="cup", location="paris", quantity=2, safety=1, row=1), "location"),
    ],
)
def test_what_the_hosts_table_cannot_keep_is_refused(
    mapped: Any, change: StockChange, path: str
) -> None:
    """Another safety stock, another place: an error, and nothing is written."""
    engine, goods, tables = mapped
    storage = SqlAlchemyStorage(engine, tables)
    sku = f"sku:{change.sku}"
    plan = CommitPlan(id="p1", at=NOON, expected={sku: 0}, changes=Changes(on_hand=[change]))
    with pytest.raises(InvalidValueError, match=path):
        storage.commit(plan)
    assert storage.decided("p1") == Conflict()
    with engine.connect() as connection:
        assert [each.units for each in connection.execute(select(goods))] == [6]


def test_a_new_row_of_the_hosts_table_can_be_written(mapped: Any) -> None:
    """If it needs no more than what is mapped."""
    engine, goods, tables = mapped
    change = StockChange(sku="cup", location="berlin", quantity=2, safety=1, row=1)
    plan = CommitPlan(id="p1", at=NOON, expected={"sku:cup": 0}, changes=Changes(on_hand=[change]))
    assert SqlAlchemyStorage(engine, tables).commit(plan) == Committed()
    with engine.connect() as connection:
        assert {each.code: each.units for each in connection.execute(select(goods))} == {
            "cup": 2,
            "mug": 6,
        }


def test_a_row_of_the_hosts_table_is_not_deleted(mapped: Any) -> None:
    """It may be much more to the host than its stock: it has nothing then."""
    engine, goods, tables = mapped
    change = StockChange(sku="mug", location="berlin", quantity=-6, safety=-1, row=-1)
    plan = CommitPlan(id="p1", at=NOON, expected={"sku:mug": 0}, changes=Changes(on_hand=[change]))
    assert SqlAlchemyStorage(engine, tables).commit(plan) == Committed()
    with engine.connect() as connection:
        rows = connection.execute(select(goods.c.title, goods.c.units)).all()
    assert [tuple(row) for row in rows] == [("A mug", 0)]


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"on_hand": Column("units", Integer)}, "StockColumns.on_hand"),
        ({"safety": Column("spare", Integer)}, "StockColumns.safety"),
        ({"location": ""}, "StockColumns.location"),
        ({"safety": -1}, "StockColumns.safety"),
    ],
)
def test_columns_of_one_table_are_mapped(mapped: Any, changes: Any, path: str) -> None:
    """And constants that make sense."""
    columns = mapped[2].stock
    with pytest.raises(InvalidValueError, match=path):
        attrs.evolve(columns, **changes)


# -- Changed by hand, between load and commit ------------------------------------------------------


def test_what_is_not_there_any_more_is_not_promised(shop: DatabaseShop) -> None:
    """Somebody takes units by hand while an order is decided: it is decided again, on the rest."""
    edits = iter(["UPDATE fulfill_stock SET on_hand = 1 WHERE sku = 'mug'"])
    storage = _Edited(shop, edits)
    report = shop.loop(Run(orders=[order(quantity=4)]), storage=storage)
    assert [(each.status, each.attempts) for each in report.jobs] == [("done", 2)]
    assert (shop.inventory.on_hand("mug"), shop.inventory.reserved("mug")) == (1, 1)


def test_what_was_counted_by_hand_is_not_lost(shop: DatabaseShop) -> None:
    """On hand is changed by a difference."""
    shop.loop(Run(orders=[order()]))
    edits = iter(["UPDATE fulfill_stock SET on_hand = 100 WHERE sku = 'mug'"])
    assert shop.loop(shipped(), storage=_Edited(shop, edits)).is_done
    assert shop.inventory.on_hand("mug") == 98


@pytest.mark.parametrize(
    ("job", "attempts", "on_hand"),
    [(Run(orders=[order("A-2")]), 2, []), (shipped(), 1, [-2])],
)
def test_a_row_that_was_deleted_by_hand_had_nothing(
    shop: DatabaseShop, job: Job, attempts: int, on_hand: list[int]
) -> None:
    """Nothing of it is promised; and what left it has left."""
    shop.loop(Run(orders=[order()]))
    edits = iter(["DELETE FROM fulfill_stock WHERE sku = 'mug'"])
    report = shop.loop(job, storage=_Edited(shop, edits))
    assert [(each.status, each.attempts) for each in report.jobs] == [("done", attempts)]
    with shop.engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT on_hand FROM fulfill_stock WHERE sku = 'mug'")
        assert list(rows.scalars()) == on_hand


def test_units_of_a_row_that_was_deleted_are_loaded(shop: DatabaseShop) -> None:
    """The row counts as one with nothing on hand; so does a lot."""
    shop.loop(Run(orders=[order()]))
    shop.by_hand("DELETE FROM fulfill_stock WHERE sku = 'mug'")
    shop.by_hand("UPDATE fulfill_reservation SET lot = 'L-1'")
    loaded = shop.storage.load(Scope())
    assert list(loaded.inventory.stock()) == [
        Stock(sku="mug", location="berlin", on_hand=0, lots=[Lot(id="L-1", quantity=0)])
    ]
    assert loaded.inventory.reserved("mug") == 2


IGNORES_DELETIONS = {
    "sqlite": [
        "CREATE TRIGGER t BEFORE DELETE ON fulfill_reservation BEGIN SELECT RAISE(IGNORE); END",
        "DROP TRIGGER t",
    ],
    "postgresql": [
        "CREATE RULE t AS ON DELETE TO fulfill_reservation DO INSTEAD NOTHING",
        "DROP RULE t ON fulfill_reservation",
    ],
}
"""As if somebody had been faster, between a look and the deletion."""


def test_a_reservation_that_was_deleted_meanwhile_is_a_conflict(
    shop: DatabaseShop, name: str
) -> None:
    """Be it before it is looked for, or between that and its deletion."""
    shop.loop(Run(orders=[order()]))
    plan = shop.plan(MUGS, reservations_removed=[reservation()])
    begin, end = IGNORES_DELETIONS[name]
    shop.by_hand(begin)
    assert shop.storage.commit(plan) == Conflict()
    shop.by_hand(end)
    shop.by_hand("DELETE FROM fulfill_reservation")
    assert shop.storage.commit(plan) == Conflict()


def test_lots_and_supplies_get_no_fewer_than_none(shop_of: Any) -> None:
    """What was taken of them by hand is a conflict; what was added stays."""
    tea = Stock(sku="tea", location="berlin", on_hand=9, lots=[Lot(id="L-1", quantity=6)])
    supply = Supply(id="PO-1", sku="tea", quantity=9, expected_at=NOON)
    shop: DatabaseShop = shop_of(Inventory(stock=[tea], supplies=[supply]))
    scope = Scope(skus=["tea"])
    lot = LotChange(sku="tea", location="berlin", before=Lot(id="L-1", quantity=6))
    gone = [StockChange(sku="tea", location="berlin", quantity=-6)]
    plans = [
        shop.plan(scope, lots=[lot], on_hand=gone),
        shop.plan(scope, supplies_removed=[supply]),
        shop.plan(
            scope, supplies_removed=[supply], supplies_added=[attrs.evolve(supply, quantity=2)]
        ),
    ]
    shop.by_hand("UPDATE fulfill_lot SET quantity = 5")
    shop.by_hand("UPDATE fulfill_supply SET quantity = 6")
    assert [shop.storage.commit(plan) for plan in plans] == [Conflict(keys=["sku:tea"])] * 3
    shop.by_hand("UPDATE fulfill_lot SET quantity = 7")
    shop.by_hand("UPDATE fulfill_supply SET quantity = 10")
    assert shop.storage.commit(plans[0]) == Committed()
    assert shop.inventory.lots_of("tea") == {"berlin": (Lot(id="L-1", quantity=1),)}
    plan = attrs.evolve(plans[2], id="p2", expected={"sku:tea": 2})
    assert shop.storage.commit(plan) == Committed()
    assert list(shop.inventory.supplies()) == [attrs.evolve(supply, quantity=3)]


def test_a_stock_row_that_goes_leaves_what_came_by_hand(shop: DatabaseShop) -> None:
    """A row is deleted if nothing is left in it."""
    row = StockChange(sku="mug", location="berlin", quantity=-6, row=-1)
    plan = shop.plan(MUGS, on_hand=[row])
    shop.by_hand("UPDATE fulfill_stock SET on_hand = 7 WHERE sku = 'mug'")
    assert shop.storage.commit(plan) == Committed()
    assert [each.on_hand for each in shop.inventory.stock() if each.sku == "mug"] == [1]
    row = StockChange(sku="cup", location="berlin", quantity=-6, row=-1)
    plan = attrs.evolve(shop.plan(Scope(skus=["cup"]), on_hand=[row]), id="p2")
    assert shop.storage.commit(plan) == Committed()
    assert [each.sku for each in shop.inventory.stock()] == ["mug"]


class _Edited:
    """A storage whose database somebody edits by hand after each load.

    Args:
        shop: whose.
        edits: the statements.
    """

    def __init__(self, shop: DatabaseShop, edits: Iterator[str]) -> None:
        self._shop, self._edits = shop, edits

    def load(self, scope: Scope, /) -> Any:
        loaded = self._shop.storage.load(scope)
        for edit in self._edits:
            self._shop.by_hand(edit)
            break
        return loaded

    def __getattr__(self, name: str) -> Any:
        return getattr(self._shop.storage, name)


# -- Odd rows --------------------------------------------------------------------------------------


def test_units_of_an_order_that_is_not_there_stay(shop_of: Any) -> None:
    """A reservation and a claim of nobody known count, and no run touches them."""
    claim = Claim(order_id="A-9", line_id="1", sku="mug", supply_id="PO-1", quantity=3)
    strange = stock().with_reserved(reservation(order_id="A-9")).with_claimed(claim)
    shop: DatabaseShop = shop_of(strange)
    assert shop.loop(Run(), Run(orders=[order(quantity=6)])).is_done
    assert shop.storage.load(Scope(order_ids=["A-9"])).records == ()
    inventory = shop.inventory
    assert inventory.reservations_of("A-9") == (reservation(order_id="A-9"),)
    assert inventory.claims_of("A-9") == (claim,)
    assert [each.quantity for each in inventory.reservations_of("A-1")] == [4]


@pytest.mark.parametrize(
    ("table", "column", "key"), [("sku", "item", "mug"), ("location", "document", "berlin")]
)
def test_a_description_that_cannot_be_read_is_named(
    shop_of: Any, table: str, column: str, key: str
) -> None:
    """Without it nobody can say what may be promised: the table and the row are in the error."""
    content = Inventory(stock=stock().stock(), items=stock().items(), locations=[Location(id=key)])
    shop: DatabaseShop = shop_of(content)
    shop.by_hand(f"UPDATE fulfill_{table} SET {column} = replace({column}, ':1,', ':99,')")  # noqa: S608
    with pytest.raises(
        InvalidValueError, match=rf"^fulfill_{table}\['{key}'\]: schema_version: 99"
    ):
        shop.storage.load(MUGS)


def test_what_could_never_be_read_is_not_written(tmp_path: Path) -> None:
    """A time zone by its name needs who knows it; without, nothing of the plan is there."""
    berlin = attrs.evolve(order("A-1"), timezone=ZoneInfo("Europe/Berlin"))
    with shop_on("sqlite", tmp_path, stock()) as shop:
        with pytest.raises(InvalidValueError) as error:
            shop.loop(Run(orders=[berlin]))
        assert str(error.value) == (
            "SqlAlchemyStorage(reading=): OrderRecord.order.timezone: 'Europe/Berlin' names a time"
            " zone; say what gives it, such as Reading(zone_of=ZoneInfo)"
        )
        assert shop.storage.load(Scope()).records == ()
        reading = Reading(zone_of=ZoneInfo)
        storage = SqlAlchemyStorage(shop.engine, shop.tables, reading=reading)
        assert shop.loop(Run(orders=[berlin]), storage=storage).is_done
        assert storage.load(Scope()).records[0].order == berlin


def test_what_only_looks_like_a_time_zone_is_written(tmp_path: Path) -> None:
    """An attribute of an order may be called so."""
    marked = attrs.evolve(order("A-1"), attributes={"timezone": "Europe/Berlin"})
    with shop_on("sqlite", tmp_path, stock()) as shop:
        assert shop.loop(Run(orders=[marked])).is_done
        assert shop.storage.load(Scope()).records[0].order == marked


def test_a_message_that_cannot_be_read_stops_no_other(shop: DatabaseShop) -> None:
    """It is parked with the reason, and not listed: it is there in the table."""
    shop.loop(Run(orders=[order("A-1"), order("A-2")]))
    shop.by_hand("UPDATE fulfill_outbox SET content = '{}' WHERE order_id = 'A-1'")
    times: Any = {"now": NOON, "until": NOON + timedelta(minutes=5)}
    assert [row.order_id for row in shop.storage.unsent(9, **times)] == ["A-2"]
    assert shop.storage.unsent(9, **times, parked=True) == []
    with shop.engine.connect() as connection:
        columns = shop.tables.outbox.c
        query = select(columns.due_at, columns.reason).where(columns.order_id == "A-1")
        due_at, reason = connection.execute(query).one()
    assert (due_at, "schema_version: the field is missing" in reason) == (None, True)


def test_a_record_without_a_version_is_refused(shop: DatabaseShop) -> None:
    """A plan that writes a record without expecting it could overwrite anything."""
    plan = CommitPlan(id="p1", at=NOON, records=[OrderRecord(order=order())])
    with pytest.raises(InvalidValueError, match=r"CommitPlan\.records: \['A-1'\] have no version"):
        shop.storage.commit(plan)


def test_a_version_may_be_expected_of_an_order_without_a_record(shop: DatabaseShop) -> None:
    """It is counted, and there is no record still."""
    plan = CommitPlan(id="p1", at=NOON, expected={"order:A-9": 0})
    assert shop.storage.commit(plan) == Committed()
    loaded = shop.storage.load(Scope(order_ids=["A-9"]))
    assert (loaded.records, loaded.version_of("order:A-9")) == ((), 1)
    assert shop.storage.commit(attrs.evolve(plan, id="p2")) == Conflict(keys=["order:A-9"])


def test_a_decision_of_an_order_that_is_as_it_was_is_written(shop: DatabaseShop) -> None:
    """Such as of one that has other units now."""
    shop.loop(Run(orders=[order()]))
    shop.by_hand("UPDATE fulfill_record SET decision = NULL, outcome = NULL")
    shop.by_hand("DELETE FROM fulfill_reservation")
    shop.loop(Run())
    assert contents_of(shop.engine, shop.tables).decided == {"A-1"}
    assert shop.storage.load(Scope()).version_of("order:A-1") == 1


def test_what_is_described_no_more_is_gone(shop_of: Any) -> None:
    """An item and a location go, and their versions stay."""
    place = Location(id="store", capacity=2)
    intake = Intake(location="store", order_id="A-9", day=NOON.date())
    shop: DatabaseShop = shop_of(
        Inventory(items=stock().items(), locations=[place], intakes=[intake])
    )
    plan = shop.plan(
        MUGS, items_removed=[Item(sku="mug", backorderable=True)], locations_removed=[place],
        intakes_removed=[intake],
    )  # fmt: skip
    assert shop.storage.commit(plan) == Committed()
    loaded = shop.storage.load(MUGS)
    assert loaded.inventory == Inventory()
    assert loaded.version_of(key_of_location("store")) == 2
    assert shop.inventory == Inventory()


# -- What places take on ---------------------------------------------------------------------------


def test_what_is_reserved_of_other_goods_counts_for_a_place(shop_of: Any) -> None:
    """Orders of today, for whatever goods, and those that have left; each order once."""
    store = Location(id="store", capacity=4)
    at = {"location": "store"}
    shop: DatabaseShop = shop_of(
        Inventory(
            stock=[Stock(sku=sku, location="store", on_hand=9) for sku in ("mug", "cup", "jug")],
            locations=[store, Location(id="depot", capacity=1)],
            reservations=[
                reservation(order_id="A-1", sku="cup", **at),
                reservation(order_id="A-1", sku="jug", **at),
                reservation(order_id="A-2", sku="mug", **at),
                reservation(order_id="A-2", sku="cup", **at),
                reservation(order_id="A-3", sku="cup", **at, made_at=NOON - timedelta(days=1)),
                reservation(order_id="A-4", sku="cup", **at, made_at=None),
                reservation(order_id="A-5", sku="cup", **at, made_at=NOON - timedelta(days=9)),
            ],
            intakes=[Intake(location="store", order_id="A-6", day=NOON.date())],
        )
    )
    assert shop.storage.load(MUGS).inventory.capacity_left("store", NOON) == 1
    whole = shop.storage.load(Scope(skus=["cup", "jug", "mug"])).inventory
    assert whole.capacity_left("store", NOON) == 1
    report = shop.loop(Run(orders=[order("A-7"), order("A-8")]))
    outcomes = {each.id: str(each.outcome) for each in report.jobs[0].outcome.decisions}
    assert sorted(outcomes.values()) == ["allocated", "unfulfillable"]


def test_a_place_keeps_what_it_took_on_on_its_newest_day(shop_of: Any) -> None:
    """Also where something else, that is not loaded, was reserved there on that day before."""
    stock_rows = [Stock(sku=sku, location="berlin", on_hand=9) for sku in ("mug", "cup")]
    place = Location(id="berlin", capacity=9)
    shop: DatabaseShop = shop_of(Inventory(stock=stock_rows, locations=[place]))
    shop.loop(Run(orders=[order("A-1")]), shipped("A-1", event_id="e1"))
    shop.clock.instant += timedelta(days=1)
    shop.loop(Run(orders=[order("A-2", sku="cup")]), Run(orders=[order("A-3")]))
    shop.loop(shipped("A-3", event_id="e2"))
    with shop.engine.connect() as connection:
        rows = connection.execute(select(shop.tables.intakes.c.order_id)).scalars().all()
    assert rows == ["A-3"]
