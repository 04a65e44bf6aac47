"""What became of an order's lines: allocations, backorders, shorts, and where each line stands."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

import attrs

from fulfill_core import _checks, _values
from fulfill_core.orders.progress import Progress


class ShortReason(StrEnum):
    """Why units are short.

    >>> ShortReason("out_of_stock")
    <ShortReason.OUT_OF_STOCK: 'out_of_stock'>
    """

    UNKNOWN_SKU = "unknown_sku"
    """The inventory does not know the SKU."""
    OUT_OF_STOCK = "out_of_stock"
    """There are not enough, and the item may not be backordered."""
    NOT_SOURCED = "not_sourced"
    """There are more, at locations that the sourcing policy left out."""
    LINE_SHIPS_WHOLE = "line_ships_whole"
    """Some are there, but the line (or its pack of several units) ships whole or not at all."""
    ORDER_SHIPS_COMPLETE = "order_ships_complete"
    """They are there, but the order ships complete and something else is missing for good."""
    RING_FENCED = "ring_fenced"
    """They are there, but kept for others."""
    CUSTOMER_CAP = "customer_cap"
    """They are more than one customer may have."""
    BACKORDER_CAP = "backorder_cap"
    """The item may be backordered, but no more of it may wait."""
    AT_CAPACITY = "at_capacity"
    """There are more, at locations that take on no further orders today."""
    GIVEN_TO_OTHERS = "given_to_others"
    """They are there, but the plan for the whole batch gives them to other orders; or the order is
    one that gains nothing in a re-allocation."""
    LOT_LIFE = "lot_life"
    """There are more, of lots that end, or are too old for the customer, before they would arrive
    with what is promised for this order."""
    LOT_UNAVAILABLE = "lot_unavailable"
    """The line asks for a lot, or a serial number, that is not there, is in quarantine, has ended,
    or has no more units for this order."""
    RESERVED_UNUSABLE = "reserved_unusable"
    """They are reserved for the order, and can't be used: their lot ends before they can leave, or
    is in quarantine, or is not the one that the line asks for, or they are not there any more."""


@attrs.frozen(kw_only=True, weakref_slot=False)
class Allocation:
    """A reservation that this run decided.

    Args:
        line_id: the order line.
        sku: what.
        location: where the units lie.
        quantity: how many stock units.
        lot: the lot, empty where stock is not kept by lot.

    >>> Allocation(line_id="1", sku="mug", location="berlin", quantity=2).quantity
    2
    """

    line_id: str
    sku: str
    location: str
    quantity: int
    lot: str = ""

    __eq__, __hash__, __repr__ = _values.BY_FIELDS

    def __attrs_post_init__(self) -> None:
        _check_units(self)
        _checks.check_id("Allocation.location", self.location)
        _checks.check_text("Allocation.lot", self.lot)


def _check_units(row: Allocation | Backorder | Short) -> None:
    """Of which line and SKU how many units are meant."""
    kind = type(row).__name__
    _checks.check_id(f"{kind}.line_id", row.line_id)
    _checks.check_id(f"{kind}.sku", row.sku)
    _checks.check_int(f"{kind}.quantity", row.quantity, at_least=1)


_AllocationTwin = _values.twin(Allocation)


def trusted_allocations(rows: Iterable[tuple[str, str, str, int, str]]) -> tuple[Allocation, ...]:
    """Allocations that the library makes itself, of their fields: see `_values.twin`."""
    allocations: list[Allocation] = []
    for line_id, sku, location, quantity, lot in rows:
        twin = _AllocationTwin()
        twin.line_id = line_id
        twin.sku = sku
        twin.location = location
        twin.quantity = quantity
        twin.lot = lot
        twin.__class__ = Allocation
        allocations.append(twin)
    return tuple(allocations)


@attrs.frozen(kw_only=True, weakref_slot=False)
class Backorder:
    """Demand that waits for more stock.

    Args:
        line_id: the order line.
        sku: what.
        quantity: how many stock units.
        supply_id: the supply that it is pegged to; empty if it is open.
        expected_at: when that supply is expected; None if it is open.
        location: where that supply comes in; empty if that is not known, or it is open.
        on_hand: how many of them are there and wait for the rest only: an order that ships complete
            takes nothing on hand until it can have everything. The others are pegged to the supply.

    >>> Backorder(line_id="1", sku="mug", quantity=2).supply_id
    ''
    """

    line_id: str
    sku: str
    quantity: int
    supply_id: str = ""
    expected_at: datetime | None = None
    location: str = ""
    on_hand: int = 0

    __eq__, __hash__, __repr__ = _values.BY_FIELDS

    def __attrs_post_init__(self) -> None:
        _check_units(self)
        _checks.check_text("Backorder.supply_id", self.supply_id)
        _checks.keep_in_utc(self, "expected_at", is_optional=True)
        _checks.check_text("Backorder.location", self.location)
        _checks.check_int("Backorder.on_hand", self.on_hand, at_least=0)


@attrs.frozen(kw_only=True, weakref_slot=False)
class Short:
    """Demand that is neither allocated nor backordered.

    Args:
        line_id: the order line.
        sku: what.
        quantity: how many stock units are missing.
        requested: how many the line asks for in all.
        available: how many of those there were: what the line had already, and what there was
            when its turn came.
        reason: why they are short.

    >>> Short(line_id="1", sku="mug", quantity=2, requested=5, available=3,
    ...       reason=ShortReason.OUT_OF_STOCK).quantity
    2
    """

    line_id: str
    sku: str
    quantity: int
    requested: int
    available: int
    reason: ShortReason

    __eq__, __hash__, __repr__ = _values.BY_FIELDS

    def __attrs_post_init__(self) -> None:
        _check_units(self)
        _checks.check_int("Short.requested", self.requested, at_least=0)
        _checks.check_int("Short.available", self.available, at_least=0)
        _checks.keep_word(self, "reason", ShortReason)


_BackorderTwin, _ShortTwin = _values.twin(Backorder), _values.twin(Short)
_REASONS = {reason.value: reason for reason in ShortReason}


def trusted_backorders(
    rows: Iterable[tuple[str, str, int, str, datetime | None, str, int]],
) -> tuple[Backorder, ...]:
    """Backorders that the library makes itself, of their fields: see `_values.twin`."""
    backorders: list[Backorder] = []
    for line_id, sku, quantity, supply_id, expected_at, location, on_hand in rows:
        twin = _BackorderTwin()
        twin.line_id = line_id
        twin.sku = sku
        twin.quantity = quantity
        twin.supply_id = supply_id
        twin.expected_at = expected_at
        twin.location = location
        twin.on_hand = on_hand
        twin.__class__ = Backorder
        backorders.append(twin)
    return tuple(backorders)


def trusted_shorts(rows: Iterable[tuple[str, str, int, int, int, str]]) -> tuple[Short, ...]:
    """Shorts that the library makes itself, of their fields: see `_values.twin`."""
    shorts: list[Short] = []
    for line_id, sku, quantity, requested, available, reason in rows:
        twin = _ShortTwin()
        twin.line_id = line_id
        twin.sku = sku
        twin.quantity = quantity
        twin.requested = requested
        twin.available = available
        twin.reason = _REASONS[reason]
        twin.__class__ = Short
        shorts.append(twin)
    return tuple(shorts)


@attrs.frozen(kw_only=True, weakref_slot=False)
class LineStatus:
    """Where one order line stands, in stock units.

    ``reserved + allocated + backordered + short + untracked + scheduled + held == open`` for
    every line of an order that was accepted, if only in part; and always
    ``ordered + reopened + surplus == cancelled + shipped + open``.

    Args:
        line_id: the order line.
        sku: what.
        ordered: what the line asks for.
        reserved: set aside for it before this run, as far as it counts towards the line.
        allocated: reserved by this run.
        backordered: waits for more stock.
        short: will not come.
        untracked: needs no stock.
        scheduled: not looked at yet, because the order, or the line, is not due.
        held: not looked at yet, because a person has to look at the line first.
        expected_at: when the last backordered unit is expected; None if that is not known or
            nothing is backordered.
        cancelled: will not be sent any more.
        shipped: has left.
        reopened: is to be sent again.

    >>> LineStatus(line_id="1", sku="mug", ordered=2, allocated=2).confirmed
    2
    """

    line_id: str
    sku: str
    ordered: int
    reserved: int = 0
    allocated: int = 0
    backordered: int = 0
    short: int = 0
    untracked: int = 0
    scheduled: int = 0
    held: int = 0
    expected_at: datetime | None = None
    cancelled: int = 0
    shipped: int = 0
    reopened: int = 0

    __eq__, __hash__, __repr__ = _values.BY_FIELDS

    @property
    def open(self) -> int:
        """Units still to be served when the run began."""
        return max(0, self._progress.balance(self.ordered))

    @property
    def surplus(self) -> int:
        """Units that left, or were cancelled, beyond what the line asks for."""
        return max(0, -self._progress.balance(self.ordered))

    @property
    def _progress(self) -> Progress:
        return Progress(
            line_id=self.line_id,
            cancelled=self.cancelled,
            shipped=self.shipped,
            reopened=self.reopened,
        )

    @property
    def confirmed(self) -> int:
        """Units that the customer can count on, or has got."""
        return self.shipped + self.reserved + self.allocated + self.untracked
