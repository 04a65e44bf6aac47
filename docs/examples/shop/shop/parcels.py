"""Parcels that the shop sends by itself: what is reserved for an order leaves.

Each is an event of the library's loop, `Shipped`: the stock, the record and what is to be charged
follow of it.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

from sqlalchemy import Connection

from fulfill_core import Inventory, Reservation
from fulfill_core.hosting import Scope
from fulfill_core.lifecycle import Shipped
from shop.database import RefusedError, StoredOrder, order_record, storage_of
from shop.desk import OWN, line_id
from shop.loop import work


def send(
    connection: Connection,
    order: StoredOrder,
    at: datetime,
    *,
    line: str | None = None,
    units: int | None = None,
    location: str | None = None,
) -> tuple[list[str], int]:
    """Send what is reserved for an order, or a part of it; from where, and what is open then.

    The customer is not told by this command: a carrier tells the shop, and `life` the customer.

    Raises:
        RefusedError: that is not reserved.
    """
    if units is not None and not line:
        raise RefusedError("say of which line these units are, with --line")
    wanted_line = line_id(order, line)
    stock = storage_of(connection).load(Scope(order_ids=[order.record.id])).inventory
    by_place: dict[str, list[Reservation]] = defaultdict(list)
    for each in stock.reservations_of(order.record.id):
        if wanted_line in ("", each.line_id) and location in (None, each.location):
            by_place[each.location].append(each)
    if not by_place:
        raise RefusedError(f"nothing is reserved for order {order.name} there")
    parcels = [
        _parcel(order, stock, number, at, place, _units_of(by_place[place], units))
        for number, place in enumerate(sorted(by_place))
    ]
    work(connection, parcels, at)
    record = order_record(connection, order.record.id)
    return sorted(by_place), sum(record.open(each.id) for each in record.order.lines)


def _units_of(reserved: list[Reservation], units: int | None) -> dict[tuple[str, str], int]:
    """What leaves from a place, by line and SKU: all that is reserved there, or so many units."""
    there: dict[tuple[str, str], int] = defaultdict(int)
    for each in reserved:
        there[each.line_id, each.sku] += each.quantity
    if units is None:
        return there
    for (_, sku), count in there.items():
        if not 0 < units <= count:
            raise RefusedError(f"cannot ship {units} of {sku}: {count} are reserved there")
    return dict.fromkeys(there, units)


def _parcel(
    order: StoredOrder,
    stock: Inventory,
    number: int,
    at: datetime,
    place: str,
    units: dict[tuple[str, str], int],
) -> Shipped:
    """The event; of a kit whole ones leave, and parts beside them."""
    lines: dict[str, int] = {}
    parts = dict(units)
    for line in order.record.order.lines:
        recipe = stock.components_of(line.sku) or ((line.sku, 1),)
        whole = min(units.get((line.id, sku), 0) // each for sku, each in recipe)
        if whole:
            lines[line.id] = whole
            for sku, each in recipe:
                parts[line.id, sku] -= whole * each
    name = f"{order.record.id}-{len(order.record.history.parcels) + number + 1}"
    return Shipped(
        id=f"{OWN}{name}",
        order_id=order.record.id,
        at=at,
        parcel=name,
        location=place,
        lines=lines,
        parts={key: count for key, count in parts.items() if count},
        tell=False,
    )
