"""The stock in the shop's database: what lies where, what is reserved of it, what is on order.

Reservations are of units on hand, claims are of supplies. Both last until something takes them
away; what came in of a supply goes to those who claimed it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, delete, insert, select, update

from fulfill_core import (
    Changes,
    Claim,
    Component,
    Inventory,
    Item,
    Location,
    Lot,
    Reservation,
    Stock,
    Supply,
)
from fulfill_core.inventory import Intake
from shop.arrivals import with_arrivals
from shop.records import StockList
from shop.tables import (
    capacities,
    claims,
    components,
    counts,
    intakes,
    items,
    lives,
    locations,
    lots,
    replace_rows,
    reservations,
    stock,
    supplies,
)


def save_stock(connection: Connection, stock_list: StockList, now: datetime) -> None:
    """Put what was counted in place of the last count; reservations and claims stay.

    A file that was read before is no new count: what has left since then is not there any more.
    """
    digest = hashlib.sha256(repr(sorted(map(repr, stock_list.stock))).encode()).hexdigest()
    is_new = connection.execute(select(counts.c.digest)).scalar() != digest
    if is_new:
        before = load_inventory(connection)
        after = with_arrivals(before, stock_list, now)
        save_changes(connection, after.changes_since(before), after)
    replace_rows(
        connection,
        locations,
        (
            {"id": place.id, "rank": place.rank, "name": place.name}
            for place in stock_list.locations
        ),
    )
    replace_rows(
        connection,
        capacities,
        (
            {"location": place.id, "orders_a_day": place.capacity}
            for place in stock_list.locations
            if place.capacity is not None
        ),
    )
    _save_supplies(connection, stock_list)
    _save_items(connection, stock_list)
    if not is_new:
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
    """What is on order. Claims on what is gone stay: the next run gives them up, and says so."""
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
    """Stock, reservations, claims and intakes, as the library takes them."""
    orders_a_day = {
        row.location: row.orders_a_day for row in connection.execute(select(capacities))
    }
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
                expected_at=_day_or_moment(row.expected_at),
            )
            for row in connection.execute(select(supplies))
        ],
        locations=[
            Location(id=row.id, rank=row.rank, name=row.name, capacity=orders_a_day.get(row.id))
            for row in connection.execute(select(locations))
        ],
        reservations=stored_reservations,
        claims=_claims(connection),
        intakes=[
            Intake(location=row.location, order_id=row.order_id, day=date.fromisoformat(row.day))
            for row in connection.execute(select(intakes))
        ],
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


def _claims(connection: Connection) -> list[Claim]:
    """What is kept of supplies, and for whom."""
    return [
        Claim(
            order_id=row.order_id,
            line_id=row.line_id,
            sku=row.sku,
            supply_id=row.supply_id,
            quantity=row.quantity,
            made_at=row.made_at and datetime.fromisoformat(row.made_at),
        )
        for row in connection.execute(select(claims).order_by(claims.c.number))
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


def _written(moment: date | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _day_or_moment(written: str) -> date | datetime:
    """What was written: a day has ten characters, as it has everywhere in ISO 8601."""
    moment = datetime.fromisoformat(written)
    return moment.date() if len(written) == len("2026-03-07") else moment


def release(connection: Connection, order_ids: Iterable[str]) -> int:
    """Give up what is reserved for these orders, and claimed; returns how many rows that were."""
    return sum(
        connection.execute(delete(table).where(table.c.order_id == order_id)).rowcount
        for order_id in order_ids
        for table in (reservations, claims)
    )


def save_changes(connection: Connection, changes: Changes, after: Inventory) -> None:
    """Write what changed: units on the shelves and in lots, what is reserved and claimed, intakes.

    What an order has reserved and claimed is written anew if any of it changed: what it does not
    have any more goes.
    """
    for change in changes.on_hand:
        row = (stock.c.sku == change.sku) & (stock.c.location == change.location)
        on_hand = stock.c.on_hand + change.quantity
        if not connection.execute(update(stock).where(row).values(on_hand=on_hand)).rowcount:
            place = {"sku": change.sku, "location": change.location}  # where none ever lay
            connection.execute(insert(stock).values(**place, on_hand=change.quantity))
    for lot_change in changes.lots:
        row = (lots.c.sku == lot_change.sku) & (lots.c.location == lot_change.location)
        quantity = lots.c.quantity + lot_change.quantity
        connection.execute(
            update(lots).where(row, lots.c.lot == lot_change.lot).values(quantity=quantity)
        )
    promises: list[Reservation | Claim] = [
        *changes.reservations_added,
        *changes.reservations_removed,
        *changes.claims_added,
        *changes.claims_removed,
    ]
    for order_id in sorted({promise.order_id for promise in promises}):
        release(connection, [order_id])
        _insert_reservations(connection, after.reservations_of(order_id))
        _insert_claims(connection, after.claims_of(order_id))
    for intake in (*changes.intakes_removed, *changes.intakes_added):
        key = (intakes.c.location == intake.location) & (intakes.c.order_id == intake.order_id)
        connection.execute(delete(intakes).where(key))
    if changes.intakes_added:
        rows = [
            {"location": each.location, "order_id": each.order_id, "day": each.day.isoformat()}
            for each in changes.intakes_added
        ]
        connection.execute(insert(intakes), rows)


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


def _insert_claims(connection: Connection, added: Iterable[Claim]) -> None:
    rows = [
        {
            "order_id": claim.order_id,
            "line_id": claim.line_id,
            "sku": claim.sku,
            "supply_id": claim.supply_id,
            "quantity": claim.quantity,
            "made_at": _written(claim.made_at),
        }
        for claim in added
    ]
    if rows:
        connection.execute(insert(claims), rows)
