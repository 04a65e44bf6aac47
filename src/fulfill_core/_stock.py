"""What an inventory is made of: items, locations, stock rows, supplies and reservations."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

import attrs

from fulfill_core import _fields


@attrs.frozen(kw_only=True, weakref_slot=False)
class Item:
    """What the host says about a SKU, wherever it lies.

    A SKU without an `Item` is tracked and may not be backordered.

    Args:
        sku: the stock keeping unit.
        tracked: False for what has no stock (a service, a download, a fee): it never enters the
            arithmetic and never keeps an order waiting.
        backorderable: whether demand beyond the stock on hand waits for more (backorder) or is
            turned down (short).

    >>> Item(sku="gift-wrap", tracked=False).tracked
    False
    """

    sku: str
    tracked: bool = True
    backorderable: bool = False

    def __attrs_post_init__(self) -> None:
        _fields.check_id("Item.sku", self.sku)
        _fields.check_bool("Item.tracked", self.tracked)
        _fields.check_bool("Item.backorderable", self.backorderable)


@attrs.frozen(kw_only=True, weakref_slot=False)
class Location:
    """A place that holds stock.

    Args:
        id: the location's id.
        rank: the lower, the sooner it is asked; equal ranks go by id.
        name: for people.

    >>> Location(id="berlin", rank=1).name
    ''
    """

    id: str
    rank: int = 0
    name: str = ""

    def __attrs_post_init__(self) -> None:
        _fields.check_id("Location.id", self.id)
        _fields.check_int("Location.rank", self.rank)
        _fields.check_text("Location.name", self.name)


@attrs.frozen(kw_only=True, weakref_slot=False)
class Stock:
    """The units of one SKU at one location.

    Args:
        sku: the stock keeping unit.
        location: the location's id.
        on_hand: units physically there. A negative number, as some systems keep it, is taken as it
            is: nothing is available there, and it takes nothing from other locations.
        safety: units that are never promised, 0 or more.

    >>> Stock(sku="mug", location="berlin", on_hand=12, safety=2).on_hand
    12
    """

    sku: str
    location: str
    on_hand: int
    safety: int = 0

    def __attrs_post_init__(self) -> None:
        _fields.check_id("Stock.sku", self.sku)
        _fields.check_id("Stock.location", self.location)
        _fields.check_int("Stock.on_hand", self.on_hand)
        _fields.check_int("Stock.safety", self.safety, at_least=0)


@attrs.frozen(kw_only=True, weakref_slot=False)
class Supply:
    """A dated future receipt that backorders are pegged to.

    Args:
        id: the supply's id, such as a purchase order's number and line.
        sku: the stock keeping unit that it brings.
        quantity: units, 1 or more.
        expected_at: when, aware; kept in UTC.
        location: where to, if that is known.

    >>> from datetime import datetime, timezone
    >>> Supply(id="PO-1", sku="mug", quantity=50,
    ...        expected_at=datetime(2026, 4, 1, tzinfo=timezone.utc)).quantity
    50
    """

    id: str
    sku: str
    quantity: int
    expected_at: datetime
    location: str = ""

    def __attrs_post_init__(self) -> None:
        _fields.check_id("Supply.id", self.id)
        _fields.check_id("Supply.sku", self.sku)
        _fields.check_int("Supply.quantity", self.quantity, at_least=1)
        _fields.check_aware("Supply.expected_at", self.expected_at)
        _fields.set_field(self, "expected_at", self.expected_at.astimezone(UTC))
        _fields.check_text("Supply.location", self.location)


@attrs.frozen(kw_only=True, weakref_slot=False)
class Reservation:
    """Units on hand set aside for one order line, until they ship, are released or expire.

    Args:
        order_id: for whom.
        line_id: for which of the order's lines.
        sku: what.
        location: where the units lie.
        quantity: how many stock units, 1 or more.
        made_at: when it was made, aware; None if not known. It counts from then on, and a snapshot
            of the stock that contains it is never older than it.
        expires_at: from this instant on it counts no longer, aware; None if it does not expire.
        lot: the lot of the units; empty where stock is not kept by lot.

    >>> Reservation(order_id="A-1", line_id="1", sku="mug", location="berlin", quantity=2).lot
    ''
    """

    order_id: str
    line_id: str
    sku: str
    location: str
    quantity: int
    made_at: datetime | None = None
    expires_at: datetime | None = None
    lot: str = ""

    def __attrs_post_init__(self) -> None:
        _fields.check_id("Reservation.order_id", self.order_id)
        _fields.check_id("Reservation.line_id", self.line_id)
        _fields.check_id("Reservation.sku", self.sku)
        _fields.check_id("Reservation.location", self.location)
        _fields.check_int("Reservation.quantity", self.quantity, at_least=1)
        if self.made_at is not None:
            _fields.check_aware("Reservation.made_at", self.made_at)
        if self.expires_at is not None:
            _fields.check_aware("Reservation.expires_at", self.expires_at)
        _fields.check_text("Reservation.lot", self.lot)


def in_rank(places: Iterable[Location]) -> dict[str, Location]:
    """The locations by id, in the sequence in which they are asked."""
    return {place.id: place for place in sorted(places, key=lambda at: (at.rank, at.id))}


def by_sku(supplies: Iterable[Supply]) -> dict[str, tuple[Supply, ...]]:
    """The supplies by SKU, the earliest first."""
    grouped: dict[str, list[Supply]] = {}
    for supply in sorted(supplies, key=lambda coming: (coming.expected_at, coming.id)):
        grouped.setdefault(supply.sku, []).append(supply)
    return {sku: tuple(coming) for sku, coming in grouped.items()}
