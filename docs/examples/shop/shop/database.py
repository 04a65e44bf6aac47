"""The shop's database: orders, stock and outbox in the library's tables, and a few of its own.

What the library keeps (`fulfill_core.hosting.sqlalchemy`) is read and written through its storage.
The shop's own tables hold what is neither record, stock nor message: names, answers of the fraud
service, explanations, and of which files the stock is.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import (
    Column,
    Connection,
    Engine,
    MetaData,
    Table,
    Text,
    create_engine,
    delete,
    event,
    insert,
    select,
)
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.pool import StaticPool

from fulfill_core import Decision, Inventory, OrderRecord
from fulfill_core.hosting import Scope
from fulfill_core.hosting.sqlalchemy import SqlAlchemyStorage, Tables
from fulfill_core.wire import Reading, loads

STORED = Reading(zone_of=ZoneInfo)  # how documents in the tables are read
PATIENCE = 30  # seconds that one run waits for another


class RefusedError(Exception):
    """A command that cannot be carried out, told in one line."""


schema = MetaData()
tables = Tables(schema)
orders = Table(  # under what an order is looked up
    "orders",
    schema,
    Column("order_id", Text, primary_key=True),
    Column("name", Text, nullable=False, index=True),
    Column("customer_id", Text, nullable=False, index=True),
)
explanations = Table(  # why an order was decided as it is, in words, by whom it met in that run
    "explanations",
    schema,
    Column("order_id", Text, primary_key=True),
    Column("decided_at", Text, nullable=False),
    Column("text", Text, nullable=False),
)
waiting = Table(  # the orders that waited for a person after the last run, and since when
    "waiting",
    schema,
    Column("order_id", Text, primary_key=True),
    Column("since", Text, nullable=False),
)
left_out = Table(  # what the last run set aside or skipped, so that `show` can say so
    "left_out",
    schema,
    Column("order_id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("reason", Text, nullable=False),
)
titles = Table(  # what the SKUs are called
    "titles",
    schema,
    Column("sku", Text, primary_key=True),
    Column("title", Text, nullable=False),
)
readings = Table(  # which files the stock is of: what has left since then is not there any more
    "readings",
    schema,
    Column("subject", Text, primary_key=True),
    Column("digest", Text, nullable=False),
)
screenings = Table(  # what the fraud service said
    "screenings",
    schema,
    Column("order_id", Text, primary_key=True),
    Column("version", Text, nullable=False),  # the one that was screened
    Column("score", Text, nullable=False),
    Column("flags", Text, nullable=False),  # a list, as JSON
)


@contextmanager
def database(path: Path) -> Iterator[Engine]:
    """The database at *path*, made if it is not there, closed at the end of the ``with``."""
    path.parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": PATIENCE})

    @event.listens_for(engine, "connect")
    def _write_ahead(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute("PRAGMA journal_mode = WAL")  # whoever reads waits for nobody

    try:
        with transaction(engine) as connection:
            schema.create_all(connection)
        yield engine
    finally:
        engine.dispose()


@contextmanager
def copy_of(path: Path) -> Iterator[Engine]:
    """A copy of the database at *path*, in memory: for what is only tried."""
    engine = create_engine("sqlite://", poolclass=StaticPool)
    try:
        if path.exists():
            with closing(sqlite3.connect(path)) as source, engine.connect() as connection:
                target: Any = connection.connection.driver_connection
                source.backup(target)
        schema.create_all(engine)
        yield engine
    finally:
        engine.dispose()


@contextmanager
def transaction(engine: Engine) -> Iterator[Connection]:
    """A transaction that takes the lock to write before it reads, and commits at the end.

    Two runs at once would otherwise both read what is free; one of them could not write then.
    """
    with engine.begin() as connection:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        yield connection


def storage_of(bind: Engine | Connection) -> SqlAlchemyStorage:
    """The library's storage: of an engine, or within a transaction of the shop's."""
    return SqlAlchemyStorage(bind, tables, reading=STORED)


def stored_skus(connection: Connection) -> list[str]:
    """All SKUs of which something is stored."""
    return list(connection.execute(select(tables.skus.c.sku)).scalars())


def whole_stock(connection: Connection) -> Inventory:
    """All of the stock: a loop never needs that, `stock` shows it."""
    scope = Scope(order_ids=[], skus=stored_skus(connection))
    return storage_of(connection).load(scope).inventory


# -- What is stored of an order --------------------------------------------------------------------


class StoredOrder(NamedTuple):
    """An order as the last run left it, and all that was said of it since."""

    record: OrderRecord
    decision: Decision

    @property
    def name(self) -> str:
        """What its customer calls it."""
        return name_of(self.record)


def name_of(record: OrderRecord) -> str:
    """What the customer calls an order."""
    return record.order.attributes.get("name", record.id)


def stored_orders(
    connection: Connection, order_ids: Iterable[str] | None = None
) -> list[StoredOrder]:
    """These orders, of those that were ever decided; None for all of them."""
    columns = tables.records.c
    query = select(columns.document, columns.decision).where(
        columns.document.is_not(None), columns.decision.is_not(None)
    )
    if order_ids is not None:
        query = query.where(columns.order_id.in_(list(order_ids)))
    return [
        StoredOrder(loads(document, OrderRecord, STORED), loads(decision, Decision, STORED))
        for document, decision in connection.execute(query.order_by(columns.order_id))
    ]


def order_record(connection: Connection, order_id: str) -> OrderRecord:
    """The record of an order that is stored."""
    columns = tables.records.c
    query = select(columns.document).where(columns.order_id == order_id)
    record: OrderRecord = loads(connection.execute(query).scalar_one(), OrderRecord, STORED)
    return record


def find_order(connection: Connection, name: str) -> StoredOrder | None:
    """An order, by id or by name, with or without its ``#``."""
    by_name = orders.c.name.in_([name, f"#{name}"])
    query = select(orders.c.order_id).where((orders.c.order_id == name) | by_name)
    ids = connection.execute(query.order_by(orders.c.order_id != name)).scalars().all()
    return next(iter(stored_orders(connection, ids[:1])), None)


def why_left_out(connection: Connection, name: str) -> tuple[str, str] | None:
    """Name and reason of an order about which the last run had nothing to decide."""
    by_name = left_out.c.name.in_([name, f"#{name}"])
    query = select(left_out.c.name, left_out.c.reason)
    row = connection.execute(query.where((left_out.c.order_id == name) | by_name)).first()
    return None if row is None else (row.name, row.reason)


def explanation_of(connection: Connection, order_id: str) -> tuple[str, str]:
    """When an order was decided, and why so, in words; empty if nobody has written that down."""
    query = select(explanations).where(explanations.c.order_id == order_id)
    row = connection.execute(query).first()
    return ("", "") if row is None else (row.decided_at, row.text)


# -- The shop's own tables -------------------------------------------------------------------------


def put(connection: Connection, table: Table, rows: Iterable[Mapping[str, Any]]) -> None:
    """Write rows, in place of those of the same key."""
    if rows := [dict(row) for row in rows]:
        statement, key = upsert(table), table.primary_key.columns.keys()
        new = {name: statement.excluded[name] for name in rows[0]}
        connection.execute(statement.on_conflict_do_update(index_elements=key, set_=new), rows)


def replace(connection: Connection, table: Table, rows: Iterable[Mapping[str, Any]]) -> None:
    """Write rows in place of all that a table holds."""
    connection.execute(delete(table))
    if rows := list(rows):
        connection.execute(insert(table), rows)


def titles_of(connection: Connection) -> dict[str, str]:
    """What the SKUs are called."""
    return {row.sku: row.title for row in connection.execute(select(titles))}
