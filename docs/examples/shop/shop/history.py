"""What lasts from run to run: one record per order, in a few tables.

`records_of` builds the records of a run out of them, `save` stores those that a run changed, and
`save_reported` what an event did. What people said stands in the tables of the review desk, what is
reserved in those of the stock.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, delete, insert, select

from fulfill_core import (
    Approval,
    Audience,
    Customer,
    Hold,
    Inventory,
    Order,
    OrderLine,
    OrderRecord,
    Outcome,
    Progress,
    Rejection,
    Told,
)
from fulfill_core.records import History
from fulfill_core.wire import Reading, dumps, loads
from shop.desk import Statements
from shop.tables import (
    further_counters,
    histories,
    order_lines,
    placed,
    progress,
    record_states,
    told,
)

Ruling = TypeVar("Ruling", Approval, Rejection, Hold)

COUNTERS = ("cancelled", "shipped", "delivered", "lost", "returned", "reopened")
STORED = Reading(zone_of=ZoneInfo)  # how documents in the tables are read
FURTHER_COUNTERS = ("reduced", "return_requested", "return_cancelled", "restocked", "credited")


def records_of(
    connection: Connection,
    batch: Iterable[Order],
    statements: Statements,
    inventory: Inventory,
) -> list[OrderRecord]:
    """The records of these orders: what happened to them, what people said, what was told.

    From the first event on the order stands here as it was agreed and paid since: what the platform
    exports of it no longer counts.
    """
    approvals = _by_order(statements.approvals)
    rejections = _by_order(statements.rejections)
    holds = _by_order(statements.holds)
    states = {row.order_id: row for row in connection.execute(select(record_states))}
    reports = {row.order_id: row for row in connection.execute(select(histories))}
    batch = [
        loads(reports[order.id].agreed, Order, STORED) if order.id in reports else order
        for order in batch
    ]
    progress_of = _progress_by_order(connection)
    told_of: dict[str, list[Told]] = {}
    for row in connection.execute(select(told)):
        told_of.setdefault(row.order_id, []).append(_told(row))
    return [
        OrderRecord(
            order=order,
            # A line that the platform took away since has no progress any more.
            progress=[
                each
                for each in progress_of.get(order.id, ())
                if each.line_id in {line.id for line in order.lines}
            ],
            approvals=approvals.get(order.id, ()),
            rejections=rejections.get(order.id, ()),
            holds=holds.get(order.id, ()),
            told=told_of.get(order.id, ()),
            reserved=inventory.reservations_of(order.id),
            outcome=Outcome(states[order.id].outcome) if order.id in states else None,
            since=datetime.fromisoformat(states[order.id].since) if order.id in states else None,
            history=loads(reports[order.id].history, History, STORED)
            if order.id in reports
            else History(),
        )
        for order in batch
    ]


def _by_order(members: Iterable[Ruling]) -> dict[str, list[Ruling]]:
    """What people said, by the order that it is about."""
    by_order: dict[str, list[Ruling]] = {}
    for member in members:
        by_order.setdefault(member.order_id, []).append(member)
    return by_order


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
    return OrderRecord(order=value, progress=_progress_by_order(connection).get(order.id, ()))


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


def save_reported(connection: Connection, record: OrderRecord) -> None:
    """Store what was reported of an order, and how it stands after that."""
    connection.execute(delete(histories).where(histories.c.order_id == record.id))
    connection.execute(
        insert(histories).values(
            order_id=record.id, agreed=dumps(record.order), history=dumps(record.history)
        )
    )
    save_progress(connection, record)
    save(connection, [record])


def reported_ids(connection: Connection) -> set[str]:
    """The ids of all events that are in what was reported of the orders."""
    texts = connection.execute(select(histories.c.history)).scalars()
    return {event_id for text in texts for event_id, _ in loads(text, History, STORED).applied}


def save_progress(connection: Connection, record: OrderRecord) -> None:
    """Store how far the lines of an order have come."""
    for table in (progress, further_counters):
        connection.execute(delete(table).where(table.c.order_id == record.id))
    for each in record.progress:
        key = {"order_id": record.id, "line_id": each.line_id}
        counters = {name: getattr(each, name) for name in COUNTERS}
        parts = json.dumps(dict(each.parts))
        connection.execute(insert(progress).values(**key, **counters, parts=parts))
        counters = {name: getattr(each, name) for name in FURTHER_COUNTERS}
        row = insert(further_counters).values(**key, counters=json.dumps(counters))
        connection.execute(row)


def _progress_by_order(connection: Connection) -> dict[str, list[Progress]]:
    """How far the lines have come, by order."""
    further = {
        (row.order_id, row.line_id): json.loads(row.counters)
        for row in connection.execute(select(further_counters))
    }
    progress_of: dict[str, list[Progress]] = {}
    for row in connection.execute(select(progress)):
        counters = {name: getattr(row, name) for name in COUNTERS}
        counters |= further.get((row.order_id, row.line_id), {})
        each = Progress(line_id=row.line_id, parts=json.loads(row.parts), **counters)
        progress_of.setdefault(row.order_id, []).append(each)
    return progress_of


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
