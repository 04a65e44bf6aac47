"""What lasts from run to run: one record per order, in three tables.

`records_of` builds the records of a run out of them, `save` stores those that a run changed. What
people said stands in the tables of the review desk, what is reserved in those of the stock.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select

from fulfill_core import (
    Audience,
    Customer,
    Inventory,
    Order,
    OrderLine,
    OrderRecord,
    Outcome,
    Progress,
    Told,
)
from shop.desk import Statements
from shop.tables import order_lines, placed, progress, record_states, told

COUNTERS = ("cancelled", "shipped", "delivered", "lost", "returned", "reopened")


def records_of(
    connection: Connection,
    batch: Iterable[Order],
    statements: Statements,
    inventory: Inventory,
) -> list[OrderRecord]:
    """The records of these orders: what happened to them, what people said, what was told."""
    states = {row.order_id: row for row in connection.execute(select(record_states))}
    progress_of: dict[str, list[Row[Any]]] = {}
    for row in connection.execute(select(progress)):
        progress_of.setdefault(row.order_id, []).append(row)
    told_of: dict[str, list[Told]] = {}
    for row in connection.execute(select(told)):
        told_of.setdefault(row.order_id, []).append(_told(row))
    return [
        OrderRecord(
            order=order,
            # A line that the platform took away since has no progress any more.
            progress=[
                _progress(row)
                for row in progress_of.get(order.id, ())
                if row.line_id in {line.id for line in order.lines}
            ],
            approvals=[each for each in statements.approvals if each.order_id == order.id],
            rejections=[each for each in statements.rejections if each.order_id == order.id],
            holds=[each for each in statements.holds if each.order_id == order.id],
            told=told_of.get(order.id, ()),
            reserved=inventory.reservations_of(order.id),
            outcome=Outcome(states[order.id].outcome) if order.id in states else None,
            since=datetime.fromisoformat(states[order.id].since) if order.id in states else None,
        )
        for order in batch
    ]


def stored_record(connection: Connection, order: Row[Any]) -> OrderRecord:
    """The record of an order as the last run left it, as far as a parcel needs it."""
    customer = select(placed.c.customer_id).where(placed.c.order_id == order.id)
    lines = connection.execute(select(order_lines).where(order_lines.c.order_id == order.id))
    value = Order(
        id=order.id,
        placed_at=datetime.fromisoformat(order.placed_at),
        customer=Customer(id=connection.execute(customer).scalar_one()),
        lines=[OrderLine(id=row.line_id, sku=row.sku, quantity=row.units) for row in lines],
        currency=order.currency,
    )
    rows = connection.execute(select(progress).where(progress.c.order_id == order.id))
    return OrderRecord(order=value, progress=[_progress(row) for row in rows])


def save(connection: Connection, records: Iterable[OrderRecord]) -> None:
    """Store these records: what they do not have any more goes from the tables."""
    for record in records:
        for table in (record_states, told):
            connection.execute(delete(table).where(table.c.order_id == record.id))
        if record.outcome is not None and record.since is not None:
            connection.execute(
                insert(record_states).values(
                    order_id=record.id,
                    outcome=record.outcome.value,
                    since=record.since.isoformat(),
                )
            )
        rows = [
            {
                "order_id": record.id,
                "audience": each.audience.value,
                "subject": each.subject,
                "recipient": each.recipient,
                "locale": each.locale,
                "told_id": each.id,
                "contents": json.dumps(each.contents),
                "delivered_at": each.delivered_at and each.delivered_at.isoformat(),
                "at": each.at.isoformat(),
            }
            for each in record.told
        ]
        if rows:
            connection.execute(insert(told), rows)


def save_progress(connection: Connection, record: OrderRecord) -> None:
    """Store how far the lines of an order have come."""
    connection.execute(delete(progress).where(progress.c.order_id == record.id))
    rows = [
        {
            "order_id": record.id,
            "line_id": each.line_id,
            **{name: getattr(each, name) for name in COUNTERS},
            "parts": json.dumps(dict(each.parts)),
        }
        for each in record.progress
    ]
    if rows:
        connection.execute(insert(progress), rows)


def _progress(row: Row[Any]) -> Progress:
    counters = {name: getattr(row, name) for name in COUNTERS}
    return Progress(line_id=row.line_id, parts=json.loads(row.parts), **counters)


def _told(row: Row[Any]) -> Told:
    return Told(
        audience=Audience(row.audience),
        subject=row.subject,
        recipient=row.recipient,
        locale=row.locale,
        id=row.told_id,
        contents=[tuple(pair) for pair in json.loads(row.contents)],
        delivered_at=row.delivered_at and datetime.fromisoformat(row.delivered_at),
        at=datetime.fromisoformat(row.at),
    )
