"""The shop's database: SQLite through SQLAlchemy Core.

One transaction holds the whole of a decision: reservations, decisions and the outbox rows that
tell people about it. Either all of it is there or none. Delivery comes after and is no part of it.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Connection,
    Engine,
    Row,
    Table,
    create_engine,
    delete,
    event,
    insert,
    select,
    update,
)
from sqlalchemy.dialects.sqlite import insert as insert_or

from fulfill_core import (
    Changes,
    Component,
    Decision,
    Inventory,
    Item,
    Location,
    Lot,
    Notification,
    Order,
    Reservation,
    Result,
    Stock,
    Supply,
    explain,
)
from shop.records import OrderList, StockList
from shop.tables import (
    components,
    counts,
    findings,
    items,
    lives,
    locations,
    lots,
    order_lines,
    orders,
    outbox,
    placed,
    reservations,
    schema,
    stock,
    supplies,
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


def replace_rows(connection: Connection, table: Table, rows: Iterable[dict[str, Any]]) -> None:
    """Put these rows in place of all that the table holds."""
    connection.execute(delete(table))
    if rows := list(rows):
        connection.execute(insert(table), rows)


def save_stock(connection: Connection, stock_list: StockList) -> None:
    """Put what was counted in place of the last count; reservations stay.

    A file that was read before is no new count: what has left since then is not there any more.
    """
    replace_rows(
        connection,
        locations,
        (
            {"id": place.id, "rank": place.rank, "name": place.name}
            for place in stock_list.locations
        ),
    )
    _save_supplies(connection, stock_list)
    _save_items(connection, stock_list)
    digest = hashlib.sha256(repr(sorted(map(repr, stock_list.stock))).encode()).hexdigest()
    if connection.execute(select(counts.c.digest)).scalar() == digest:
        return
    replace_rows(connection, counts, [{"digest": digest}])
    replace_rows(
        connection,
        stock,
        (
            {"sku": row.sku, "location": row.location, "on_hand": row.on_hand}
            for row in stock_list.stock
        ),
    )
    replace_rows(
        connection,
        lots,
        (
            {
                "sku": row.sku,
                "location": row.location,
                "lot": lot.id,
                "quantity": lot.quantity,
                "expires_at": _written(lot.expires_at),
            }
            for row in stock_list.stock
            for lot in row.lots
        ),
    )


def _save_supplies(connection: Connection, stock_list: StockList) -> None:
    """What is on order."""
    replace_rows(
        connection,
        supplies,
        (
            {
                "id": supply.id,
                "sku": supply.sku,
                "quantity": supply.quantity,
                "expected_at": _written(supply.expected_at),
            }
            for supply in stock_list.supplies
        ),
    )


def _save_items(connection: Connection, stock_list: StockList) -> None:
    """What the catalogue says of each SKU: title, rules, the components of a kit, minimum life."""
    catalogue = stock_list.items.values()
    replace_rows(
        connection,
        items,
        (
            {
                "sku": item.sku,
                "title": stock_list.titles.get(item.sku, ""),
                "tracked": item.tracked,
                "backorderable": item.backorderable,
            }
            for item in catalogue
        ),
    )
    replace_rows(
        connection,
        components,
        (
            {"kit": item.sku, "sku": part.sku, "quantity": part.quantity}
            for item in catalogue
            for part in item.components
        ),
    )
    replace_rows(
        connection,
        lives,
        (
            {"sku": item.sku, "days": item.minimum_life.days}
            for item in catalogue
            if item.minimum_life
        ),
    )


def load_inventory(connection: Connection) -> Inventory:
    """Stock and reservations, as the library takes them."""
    on_hand = {(row.sku, row.location): row.on_hand for row in connection.execute(select(stock))}
    lots_by_row = _lots(connection)
    stored_reservations = _reservations(connection)
    for reservation in stored_reservations:  # the last count may not list what is still reserved
        place = reservation.sku, reservation.location
        on_hand.setdefault(place, 0)
        if reservation.lot:
            empty_lot = Lot(id=reservation.lot, quantity=0)
            lots_by_row.setdefault(place, {}).setdefault(reservation.lot, empty_lot)
    return Inventory(
        stock=[
            Stock(
                sku=sku,
                location=location,
                on_hand=units,
                lots=lots_by_row.get((sku, location), {}).values(),
            )
            for (sku, location), units in on_hand.items()
        ],
        items=_items(connection),
        supplies=[
            Supply(
                id=row.id,
                sku=row.sku,
                quantity=row.quantity,
                expected_at=datetime.fromisoformat(row.expected_at),
            )
            for row in connection.execute(select(supplies))
        ],
        locations=[
            Location(id=row.id, rank=row.rank, name=row.name)
            for row in connection.execute(select(locations))
        ],
        reservations=stored_reservations,
    )


def _reservations(connection: Connection) -> list[Reservation]:
    """The reservations, in the sequence in which they were made."""
    return [
        Reservation(
            order_id=row.order_id,
            line_id=row.line_id,
            sku=row.sku,
            location=row.location,
            quantity=row.quantity,
            made_at=row.made_at and datetime.fromisoformat(row.made_at),
            expires_at=row.expires_at and datetime.fromisoformat(row.expires_at),
            lot=row.lot,
        )
        for row in connection.execute(select(reservations).order_by(reservations.c.number))
    ]


def _lots(connection: Connection) -> dict[tuple[str, str], dict[str, Lot]]:
    """The lots by SKU and location, each by its id."""
    lots_by_row: dict[tuple[str, str], dict[str, Lot]] = {}
    for row in connection.execute(select(lots)):
        end = row.expires_at and datetime.fromisoformat(row.expires_at)
        lot = Lot(id=row.lot, quantity=row.quantity, expires_at=end or None)
        lots_by_row.setdefault((row.sku, row.location), {})[row.lot] = lot
    return lots_by_row


def _items(connection: Connection) -> list[Item]:
    """The items, kits with their components."""
    parts: dict[str, list[Component]] = {}
    for row in connection.execute(select(components)):
        parts.setdefault(row.kit, []).append(Component(sku=row.sku, quantity=row.quantity))
    days = {row.sku: row.days for row in connection.execute(select(lives))}
    return [
        Item(
            sku=row.sku,
            tracked=row.tracked,
            backorderable=row.backorderable,
            components=parts.get(row.sku, ()),
            minimum_life=timedelta(days=days.get(row.sku, 0)),
        )
        for row in connection.execute(select(items))
    ]


def _written(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def release(connection: Connection, order_ids: Iterable[str]) -> int:
    """Give back what is reserved for these orders; returns how many reservations that were."""
    return sum(
        connection.execute(delete(reservations).where(reservations.c.order_id == order_id)).rowcount
        for order_id in order_ids
    )


def save_shipment(
    connection: Connection, order_id: str, inventory: Inventory, changes: Changes
) -> None:
    """What left in a parcel: off the shelves, out of the lots and of what was reserved."""
    for change in changes.on_hand:
        row = (stock.c.sku == change.sku) & (stock.c.location == change.location)
        on_hand = stock.c.on_hand + change.quantity
        connection.execute(update(stock).where(row).values(on_hand=on_hand))
    for lot_change in changes.lots:
        in_place = (lots.c.sku == lot_change.sku) & (lots.c.location == lot_change.location)
        lot_ids = {lot.id for lot in (lot_change.before, lot_change.after) if lot is not None}
        quantity = lots.c.quantity + lot_change.quantity
        connection.execute(
            update(lots).where(in_place, lots.c.lot.in_(lot_ids)).values(quantity=quantity)
        )
    release(connection, [order_id])
    _insert_reservations(connection, inventory.reservations_of(order_id))


def _insert_reservations(connection: Connection, added: Iterable[Reservation]) -> None:
    rows = [
        {
            "order_id": reservation.order_id,
            "line_id": reservation.line_id,
            "sku": reservation.sku,
            "location": reservation.location,
            "quantity": reservation.quantity,
            "made_at": _written(reservation.made_at),
            "expires_at": _written(reservation.expires_at),
            "lot": reservation.lot,
        }
        for reservation in added
    ]
    if rows:
        connection.execute(insert(reservations), rows)


def save_result(
    connection: Connection, order_list: OrderList, result: Result, now: datetime
) -> int:
    """All that one run leaves; returns how many messages are new."""
    _insert_reservations(connection, result.reservations)
    for decision in result.decisions:
        _save_decision(connection, result, decision, now)
        _save_placed(connection, decision.order)
    replace_rows(connection, unread, _unread_rows(order_list))
    return sum(_enqueue(connection, result, message, now) for message in result.notifications)


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
            placed_at=_written(order.placed_at),
            customer=order.customer.name or order.customer.id,
            total=str(order.total),
            currency=order.currency,
            outcome=decision.outcome.value,
            rank=decision.rank,
            explanation=str(explain(result, order.id)),
            digest=digest,
            decided_at=_written(now),
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


def _enqueue(connection: Connection, result: Result, message: Notification, now: datetime) -> int:
    """One outbox row; a message id that is there already is the same news, told before."""
    order = result[message.order_id].order
    row = insert_or(outbox).values(
        message_id=message.id,
        order_id=message.order_id,
        order_name=order.attributes.get("name", order.id),
        kind=str(message.kind),
        audience=str(message.audience),
        recipient=message.recipient,
        locale=message.locale,
        data=json.dumps(message.data, ensure_ascii=False),
        created_at=_written(now),
    )
    # What it takes the place of need not be sent any more, if it was not.
    waits = outbox.c.message_id.in_(message.supersedes) & outbox.c.sent_at.is_(None)
    connection.execute(delete(outbox).where(waits))
    return connection.execute(row.on_conflict_do_nothing()).rowcount


def unsent(connection: Connection) -> list[Row[Any]]:
    """The messages that wait for delivery, the oldest first."""
    unsent_rows = select(outbox).where(outbox.c.sent_at.is_(None)).order_by(outbox.c.number)
    return list(connection.execute(unsent_rows))


def mark(connection: Connection, number: int, now: datetime, error: str = "") -> None:
    """Note an attempt to deliver; without an error, it was delivered."""
    values = {"attempts": outbox.c.attempts + 1, "last_error": error}
    if not error:
        values["sent_at"] = _written(now)
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
