"""Databases for tests, and what is in them, read past the storages."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from subprocess import Popen
from typing import Any

from postgres import own_server, server
from sqlalchemy import Engine, MetaData, create_engine, delete, event, insert, select, update

from fulfill_core import Inventory, OrderRecord
from fulfill_core.hosting.planning import keys_in
from fulfill_core.hosting.sqlalchemy import Tables
from fulfill_core.inventory import Claim, Intake, Item, Location, Lot, Reservation, Stock, Supply
from fulfill_core.testing import Contents
from fulfill_core.wire import dumps, loads

SERVERS = ExitStack()
"""What was started; the tests' own `conftest.py` closes it when they end."""


@cache
def address() -> str:
    """Where PostgreSQL is, which is started when it is first asked for."""
    return SERVERS.enter_context(server())


def sqlite_engine(path: Path) -> Engine:
    """An engine as the how-to has it: a log for writes, and patience."""
    engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": 30})
    event.listen(engine, "connect", use_wal)
    return engine


def use_wal(connection: Any, _: object = None) -> None:
    """Readers do not wait for whoever writes."""
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")


@cache
def database(name: str) -> str:
    """The address of a database on the server, which is made when it is first asked for."""
    return _new(address(), f"shop_{name}_{uuid.uuid4().hex[:8]}")


@contextmanager
def new_database() -> Iterator[str]:
    """The address of a database on a server of its own."""
    with server() as place:
        yield _new(place, f"shop_{uuid.uuid4().hex[:8]}")


@contextmanager
def doomed_database() -> Iterator[tuple[str, Popen[bytes]]]:
    """A database on a server that something is done to, and the server's process."""
    with own_server() as (place, process):
        yield _new(place, f"shop_{uuid.uuid4().hex[:8]}"), process


def _new(place: str, name: str) -> str:
    engine = create_engine(
        f"postgresql+psycopg://shop@{place}/postgres", isolation_level="AUTOCOMMIT"
    )
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    engine.dispose()
    return f"shop@{place}/{name}"


def postgres_engine(name: str) -> Engine:
    """An engine on a database of that name."""
    return create_engine(f"postgresql+psycopg://{database(name)}")


def make_tables(engine: Engine, metadata: MetaData) -> None:
    """Empty tables."""
    with engine.begin() as connection:
        metadata.create_all(connection)
        for table in metadata.sorted_tables:
            connection.execute(delete(table))


def engine_of(place: str) -> Engine:
    """An engine by a word that fits on a command line: an address, or a path of SQLite."""
    if "@" in place:
        return create_engine(f"postgresql+psycopg://{place}")
    return sqlite_engine(Path(place))


# -- Put in, and looked at -------------------------------------------------------------------------


def fill(
    engine: Engine, tables: Tables, inventory: Inventory, records: Sequence[OrderRecord]
) -> None:
    """Write all of this, past the storage; each version is 1."""
    rows: dict[Any, list[dict[str, Any]]] = defaultdict(list)
    for record in records:
        rows[tables.records].append(
            {
                "order_id": record.id,
                "version": 1,
                "is_open": not record.is_settled,
                "document": dumps(record),
            }
        )
    items = {item.sku: item for item in inventory.items()}
    skus = {key.removeprefix("sku:") for key in keys_in(inventory.changes_since(Inventory()))}
    for sku in sorted(each for each in skus if not each.startswith("location:")):
        document = dumps(items[sku]) if sku in items else None
        rows[tables.skus].append({"sku": sku, "version": 1, "item": document})
    for place in inventory.locations():
        rows[tables.locations].append({"id": place.id, "version": 1, "document": dumps(place)})
    for row in inventory.stock():
        place = {"sku": row.sku, "location": row.location}
        rows[tables.stock.table].append({**place, "on_hand": row.on_hand, "safety": row.safety})
        rows[tables.lots] += [
            {
                **place,
                "lot": lot.id,
                **_fields(lot, "quantity", "expires_at", "received_at", "quarantined"),
            }
            for lot in row.lots
        ]
    for supply in inventory.supplies():
        day = type(supply.expected_at).__name__ == "date"
        rows[tables.supplies].append(
            {
                **_fields(supply, "id", "sku", "quantity", "location", "order_id"),
                "expected_at": None if day else supply.expected_at,
                "expected_on": supply.expected_at if day else None,
            }
        )
    rows[tables.reservations] = [
        _fields(each, *[each.name for each in tables.reservations.c if each.name != "number"])
        for each in inventory.reservations()
    ]
    rows[tables.claims] = [
        _fields(each, *[each.name for each in tables.claims.c if each.name != "number"])
        for each in inventory.claims()
    ]
    rows[tables.intakes] = [
        _fields(each, "location", "order_id", "day") for each in inventory.intakes()
    ]
    with engine.begin() as connection:
        for table, content in rows.items():
            if content:
                connection.execute(insert(table), content)


def _fields(value: Any, *names: str) -> dict[str, Any]:
    return {name: getattr(value, name) for name in names}


def contents_of(engine: Engine, tables: Tables) -> Contents:
    """All that is in the tables."""
    with engine.connect() as connection:
        rows = {
            table.name.removeprefix("fulfill_"): [
                dict(row._mapping) for row in connection.execute(select(table))
            ]
            for table in tables.metadata.sorted_tables
        }
    lots: dict[tuple[str, str], list[Lot]] = defaultdict(list)
    for row in rows["lot"]:
        lots[row.pop("sku"), row.pop("location")].append(Lot(id=row.pop("lot"), **row))
    return Contents(
        inventory=Inventory(
            stock=[Stock(**row, lots=lots[row["sku"], row["location"]]) for row in rows["stock"]],
            items=[loads(row["item"], Item) for row in rows["sku"] if row["item"]],
            locations=[
                loads(row["document"], Location) for row in rows["location"] if row["document"]
            ],
            supplies=[
                Supply(
                    expected_at=row.pop("expected_on") or row.pop("expected_at"), **_without(row)
                )
                for row in rows["supply"]
            ],
            reservations=[Reservation(**_without(row)) for row in rows["reservation"]],
            claims=[Claim(**_without(row)) for row in rows["claim"]],
            intakes=[Intake(**row) for row in rows["intake"]],
        ),
        records=[loads(row["document"], OrderRecord) for row in rows["record"] if row["document"]],
        unsent=[row["id"] for row in rows["outbox"] if row["sent_at"] is None],
        sent=[row["id"] for row in rows["outbox"] if row["sent_at"] is not None],
        decided=[row["order_id"] for row in rows["record"] if row["decision"]],
    )


def _without(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in ("number", "expected_at")}


def spoil(engine: Engine, tables: Tables, order_id: str) -> None:
    """Make a record one of a newer schema."""
    records = tables.records
    with engine.begin() as connection:
        row = connection.execute(select(records).where(records.c.order_id == order_id)).one()
        document = row.document.replace('"schema_version":1', '"schema_version":99', 1)
        connection.execute(
            update(records).where(records.c.order_id == order_id).values(document=document)
        )
