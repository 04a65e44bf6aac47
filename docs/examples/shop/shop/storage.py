"""The shop's database: SQLite through SQLAlchemy Core.

One transaction holds the whole of a decision: reservations, claims, decisions and the outbox rows
that tell people about it. Either all of it is there or none. Delivery comes after and is no part
of it.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Connection,
    Engine,
    Row,
    create_engine,
    delete,
    event,
    insert,
    select,
    update,
)

from fulfill_core import (
    Decision,
    Order,
    Result,
    explain,
)
from shop import sending, shelves
from shop.records import OrderList
from shop.tables import (
    findings,
    items,
    order_lines,
    orders,
    outbox,
    placed,
    replace_rows,
    schema,
    unread,
)


@contextmanager
def database(path: Path) -> Iterator[Engine]:
    """The database at *path*, made if it is not there, closed at the end of the ``with``."""
    path.parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": 30})

    # sqlite3 on its own begins a transaction at the first write. Two runs at once would then both
    # read the same free units and both promise them. So: take the write lock, then read.
    @event.listens_for(engine, "connect")
    def _no_implicit_begin(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None

    @event.listens_for(engine, "begin")
    def _lock_first(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    try:
        with engine.begin() as connection:
            schema.create_all(connection)
        yield engine
    finally:
        engine.dispose()


def save_result(
    connection: Connection, order_list: OrderList, result: Result, now: datetime
) -> int:
    """All that one run leaves; returns how many mails are new."""
    shelves.save_changes(connection, result.changes, result.inventory)
    for decision in result.decisions:
        _save_decision(connection, result, decision, now)
        _save_placed(connection, decision.order)
    replace_rows(connection, unread, _unread_rows(order_list))
    return sending.enqueue(
        connection,
        result.notifications,
        {decision.id: decision.order for decision in result.decisions},
        titles(connection),
        now,
        superseded=result.superseded_ids,
    )


def _unread_rows(order_list: OrderList) -> Iterable[dict[str, Any]]:
    rows: dict[str, dict[str, Any]] = {}  # one per order id; several records may have had it
    for verb, left_out in (("skipped", order_list.skipped), ("set aside", order_list.set_aside)):
        for record in left_out:
            row = {
                "order_id": record.order_id,
                "name": record.name,
                "reason": f"{verb}: {record.reason}",
            }
            if record.order_id in rows:
                row["reason"] = f"{rows[record.order_id]['reason']}; {row['reason']}"
            rows[record.order_id] = row
    return rows.values()


def _save_decision(
    connection: Connection, result: Result, decision: Decision, now: datetime
) -> None:
    """Store the decision, unless it says what is stored already.

    Then the old one stands, with the reasons and the time that it had when it was made.
    """
    order = decision.order
    digest = _digest(decision)
    stored_digest = select(orders.c.digest).where(orders.c.id == order.id)
    if connection.execute(stored_digest).scalar() == digest:
        return
    connection.execute(delete(orders).where(orders.c.id == order.id))
    connection.execute(delete(findings).where(findings.c.order_id == order.id))
    connection.execute(
        insert(orders).values(
            id=order.id,
            name=order.attributes.get("name", order.id),
            version=order.fingerprint,
            placed_at=order.placed_at.isoformat(),
            customer=order.customer.name or order.customer.id,
            total=str(order.total),
            currency=order.currency,
            outcome=decision.outcome.value,
            rank=decision.rank,
            explanation=str(explain(result, order.id)),
            digest=digest,
            decided_at=now.isoformat(),
        )
    )
    rows = [
        {
            "order_id": order.id,
            "position": position,
            "code": finding.code,
            "severity": finding.severity.name,
            "field": finding.field,
            "detail": finding.detail,
        }
        for position, finding in enumerate(decision.findings)
    ]
    if rows:
        connection.execute(insert(findings), rows)


def _save_placed(connection: Connection, order: Order) -> None:
    """Store who placed the order, and its lines, unless this version of it is there already."""
    stored_version = select(placed.c.version).where(placed.c.order_id == order.id)
    if connection.execute(stored_version).scalar() == order.fingerprint:
        return
    for table in (placed, order_lines):
        connection.execute(delete(table).where(table.c.order_id == order.id))
    connection.execute(
        insert(placed).values(
            order_id=order.id, customer_id=order.customer.id, version=order.fingerprint
        )
    )
    rows = [
        {"order_id": order.id, "line_id": line.id, "sku": line.sku, "units": line.units}
        for line in order.lines
    ]
    if rows:
        connection.execute(insert(order_lines), rows)


def _digest(decision: Decision) -> str:
    """What a decision comes to, whether its units were reserved in this run or before it."""
    lines = [
        (line.line_id, line.confirmed, line.backordered, line.short, str(line.expected_at))
        for line in decision.lines
    ]
    codes = [(finding.code, finding.field, finding.detail) for finding in decision.findings]
    waived = [
        (finding.code, finding.waived_by, finding.waived_at)
        for finding in decision.findings
        if finding.is_waived
    ]
    date = None if decision.promise is None else decision.promise.delivered_at
    content = (decision.order.fingerprint, decision.outcome.value, lines, codes, *waived, str(date))
    return hashlib.sha256(repr(content).encode()).hexdigest()


def unsent(connection: Connection) -> list[Row[Any]]:
    """The mails that were not sent yet, the oldest first; some may have to wait for the morning."""
    unsent_rows = select(outbox).where(outbox.c.sent_at.is_(None)).order_by(outbox.c.number)
    return list(connection.execute(unsent_rows))


def mark(connection: Connection, number: int, now: datetime, error: str = "") -> None:
    """Note an attempt to deliver; without an error, it was delivered."""
    values = {"attempts": outbox.c.attempts + 1, "last_error": error}
    if not error:
        values["sent_at"] = now.isoformat()
    connection.execute(update(outbox).where(outbox.c.number == number).values(values))


def find_order(connection: Connection, name: str) -> Row[Any] | None:
    """The stored decision of an order, by id or by name, with or without its ``#``."""
    by_name = orders.c.name.in_([name, f"#{name}"])
    query = select(orders).where((orders.c.id == name) | by_name)
    return connection.execute(query.order_by(orders.c.id != name)).first()


def find_unread(connection: Connection, name: str) -> Row[Any] | None:
    """Why the last run had nothing to decide about this order; None if it had, or never saw it."""
    by_name = unread.c.name.in_([name, f"#{name}"])
    return connection.execute(select(unread).where((unread.c.order_id == name) | by_name)).first()


def findings_of(connection: Connection, order_id: str) -> list[Row[Any]]:
    """What the verifiers noticed about an order."""
    query = select(findings).where(findings.c.order_id == order_id).order_by(findings.c.position)
    return list(connection.execute(query))


def messages_of(connection: Connection, order_id: str) -> list[Row[Any]]:
    """The messages about an order, sent or waiting."""
    query = select(outbox).where(outbox.c.order_id == order_id).order_by(outbox.c.number)
    return list(connection.execute(query))


def titles(connection: Connection) -> dict[str, str]:
    """What the SKUs are called."""
    return {row.sku: row.title for row in connection.execute(select(items))}
