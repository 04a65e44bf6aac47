"""When something of an order may leave, and by when it has to be there: its dates and its lines'.

A line without a date of its own has that of the order. An order that ships complete leaves when the
last of its lines may.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime

from fulfill_core.orders.order import Order, OrderLine, Ship


def ship_after_of(order: Order, line: OrderLine) -> datetime | None:
    """Before when a line does not leave, if others do not keep it; None if it may at once."""
    return order.ship_after if line.ship_after is None else line.ship_after


def deliver_by_of(order: Order, line: OrderLine) -> datetime | None:
    """The deadline of a line; None if there is none."""
    return order.deliver_by if line.deliver_by is None else line.deliver_by


def departures(order: Order) -> frozenset[datetime]:
    """All instants before which something of the order does not leave."""
    if not order.has_line_dates:
        return frozenset() if order.ship_after is None else frozenset([order.ship_after])
    if order.ship is Ship.COMPLETE:
        last = last_departure(order)
        return frozenset() if last is None else frozenset([last])
    dates = [ship_after_of(order, line) for line in order.lines]
    return frozenset([date for date in dates if date is not None])


def first_departure(order: Order, beside: Collection[str] = ()) -> datetime | None:
    """Before when nothing of the order leaves; None if something may at once.

    Args:
        order: the order.
        beside: the ids of lines that do not count, such as those that wait for something else.

    >>> from datetime import UTC
    >>> from fulfill_core import Customer
    >>> day = datetime(2026, 3, 2, tzinfo=UTC)
    >>> order = Order(id="A-1", placed_at=day, customer=Customer(id="C-7"), currency="EUR",
    ...     lines=[OrderLine(id="1", sku="mug", quantity=1),
    ...            OrderLine(id="2", sku="mug", quantity=1, ship_after=day)])
    >>> first_departure(order), first_departure(order, beside=["1"]) == day
    (None, True)
    """
    if not order.has_line_dates:
        return order.ship_after
    if order.ship is Ship.COMPLETE:
        return last_departure(order)
    instants = [ship_after_of(order, line) for line in order.lines if line.id not in beside]
    dates = [instant for instant in instants if instant is not None]
    return min(dates) if instants and len(dates) == len(instants) else None


def last_departure(order: Order, sku: str = "") -> datetime | None:
    """Before when not all of the order leaves; None if all of it may at once.

    Args:
        order: the order.
        sku: of what ships apart, only the lines that ask for it; all, if none does (they may ask
            for kits of it).
    """
    if not order.has_line_dates:
        return order.ship_after
    lines = [line for line in order.lines if line.sku == sku and order.ship is not Ship.COMPLETE]
    dates = [
        order.ship_after if line.ship_after is None else line.ship_after
        for line in lines or order.lines
    ]
    return max([date for date in dates if date is not None], default=None)


def departure_by_line(order: Order) -> Callable[[str], datetime | None]:
    """Before when a line, by id, does not leave: with the last if the order ships complete.

    A line that the order does not have leaves as the order does.
    """
    last = last_departure(order)
    if not order.has_line_dates or order.ship is Ship.COMPLETE:
        return lambda _: last
    dates = {line.id: ship_after_of(order, line) for line in order.lines}
    return lambda line_id: dates.get(line_id, order.ship_after)


def first_deadline(order: Order, beside: Collection[str] = ()) -> datetime | None:
    """The earliest deadline of its lines, but for those that are left out; None if none has one."""
    if not order.has_line_dates:
        return order.deliver_by
    dates = [deliver_by_of(order, line) for line in order.lines if line.id not in beside]
    return min([date for date in dates if date is not None], default=None)
