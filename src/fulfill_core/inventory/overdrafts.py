"""Where more is reserved than there is, and which reserved units can't be used.

No reservation moves by itself. What can't be used is named, and whoever may give it up does so: a
host, or a re-allocation. See docs/explanation/how-stock-is-given-out.md, "Reserved and not usable".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import NamedTuple, TypeAlias

import attrs

from fulfill_core import _checks, _values
from fulfill_core.inventory.availability import reservations_of_skus
from fulfill_core.inventory.item_rules import is_fit
from fulfill_core.inventory.reservations import has_expired
from fulfill_core.inventory.state import (
    State,
    expired_by_lot,
    expired_units,
    item,
    lot_cells,
)
from fulfill_core.inventory.stock import EARLIEST, Reservation, sequence
from fulfill_core.inventory.storing.lot_rows import LotFacts, lot_key
from fulfill_core.orders.dates import departure_by_line
from fulfill_core.orders.order import Order

Arrivals: TypeAlias = Mapping[tuple[str, str, str], datetime]
"""When what a line has of a SKU arrives from a location, by line, SKU and location."""
NO_ARRIVALS: Arrivals = {}


@attrs.frozen(kw_only=True, weakref_slot=False)
class Overdraft:
    """A location that has fewer units of a SKU than are reserved there.

    A count does that, or goods that were damaged or lost, or a host that reserved without asking.

    Args:
        sku: the stock keeping unit.
        location: the location's id.
        on_hand: units physically there; below zero where some system keeps it so.
        reserved: units set aside there.
        lot: the lot, if it is one lot that has fewer units than are reserved of it; then on hand
            and reserved are the lot's.

    >>> Overdraft(sku="mug", location="berlin", on_hand=2, reserved=3).missing
    1
    """

    sku: str
    location: str
    on_hand: int
    reserved: int
    lot: str = ""

    __eq__, __hash__, __repr__ = _values.BY_FIELDS

    @property
    def missing(self) -> int:
        """How many units are reserved, or owed, beyond what is there: 1 or more."""
        return self.reserved - self.on_hand


def overdrawn(
    state: State, skus: Iterable[str] | None = None, *, now: datetime | None = None
) -> tuple[Overdraft, ...]:
    """Where more is reserved than is on hand, by SKU, in rank order: nothing moves by itself.

    A lot of which more is reserved than is there is told after its location, and counts for
    itself: there may be enough at the location, of other lots.

    Args:
        state: the stock.
        skus: the SKUs to look at; None walks the whole inventory.
        now: reservations that have expired by then do not count; None counts them all.

    >>> from fulfill_core import Inventory
    >>> mugs = Reservation(order_id="A", line_id="1", sku="mug", location="x", quantity=3)
    >>> stock = Inventory.of({("mug", "x"): 5}).with_reserved(mugs).with_counted("mug", "x", 2)
    >>> [(row.location, row.missing) for row in stock.overdrawn(["mug"])]
    [('x', 1)]
    """
    if now is not None:
        _checks.check_aware("now", now)
    if skus is None:
        suspects = _with_too_many_reservations(state)
    else:
        words = _checks.to_frozenset(skus)
        _checks.check_words("skus", words)
        suspects = set(words)
    overdrafts: list[Overdraft] = []
    for sku in sorted(suspects):
        expired = expired_units(state, sku, now)
        of_lots = _overdrawn_lots(state, sku, now)
        for location, on_hand, _, all_reserved in state.stock_rows.get(sku) or ():
            reserved = all_reserved - expired.get(location, 0)
            if reserved > on_hand:
                overdrafts.append(
                    Overdraft(sku=sku, location=location, on_hand=on_hand, reserved=reserved)
                )
            overdrafts += of_lots.get(location, ())
    return tuple(overdrafts)


def _with_too_many_reservations(state: State) -> set[str]:
    """The SKUs of which more is reserved than there is, expired or not: this walks all of them."""
    at_locations = {
        sku
        for sku, cells in state.stock_rows.items()
        if any([reserved > on_hand for _, on_hand, _, reserved in cells])
    }
    in_lots = {
        sku
        for sku, rows in state.lots.items()
        if any([reserved > quantity for (_, _, quantity, reserved), _ in rows.cells])
    }
    return at_locations | in_lots


def has_too_many_reservations(state: State, sku: str) -> bool:
    """Whether more is reserved of a SKU, somewhere or of some lot, than is there, expired or not.

    It costs a look at the rows of the SKU, where `overdrawn` adds up what has expired.
    """
    cells, lots = state.stock_rows.get(sku) or (), lot_cells(state, sku)
    return any([reserved > on_hand for _, on_hand, _, reserved in cells]) or any(
        [reserved > quantity for (_, _, quantity, reserved), _ in lots]
    )


def _overdrawn_lots(state: State, sku: str, now: datetime | None) -> dict[str, list[Overdraft]]:
    """The lots of which more is reserved than is there, by location."""
    by_location: dict[str, list[Overdraft]] = {}
    expired = expired_by_lot(state, sku, now)
    for (location, lot, quantity, all_reserved), _ in lot_cells(state, sku):
        reserved = all_reserved - expired[location, lot]
        if reserved > quantity:
            overdraft = Overdraft(
                sku=sku, location=location, on_hand=quantity, reserved=reserved, lot=lot
            )
            by_location.setdefault(location, []).append(overdraft)
    return by_location


def at_risk(
    state: State, reservations: Sequence[Reservation], now: datetime
) -> tuple[Reservation, ...]:
    """Of these reservations, what is reserved where more is reserved than there is.

    As many units are named as are missing there, and no more.

    Args:
        state: the stock, these reservations among those in it.
        reservations: those that may have to go without, the first to do so first.
        now: reservations that have expired by then count for nothing.
    """
    overdrafts = overdrawn(state, {each.sku for each in reservations}, now=now)
    if not overdrafts:
        return ()
    missing = {(row.sku, row.location, row.lot): row.missing for row in overdrafts}
    units = [0] * len(reservations)
    # What is missing of a lot is missing at its location too, so the lots come first. What is
    # missing beyond that is of units without a lot: of each lot there is what is reserved of it.
    for is_of_lot in (True, False):
        for index, each in enumerate(reservations):
            at = each.sku, each.location, each.lot
            more = min(each.quantity, missing.get(at, 0))
            if more > 0 and is_of_lot == bool(each.lot):
                units[index] = more
                missing[at] -= more
                if is_of_lot:
                    at = each.sku, each.location, ""
                    missing[at] = missing.get(at, 0) - more
    return tuple(
        [
            attrs.evolve(reservation, quantity=quantity)
            for reservation, quantity in zip(reservations, units, strict=True)
            if quantity
        ]
    )


# -- Usable or not -----------------------------------------------------------------------------


class Fault(StrEnum):
    """Why reserved units can't be used.

    >>> Fault("not_there")
    <Fault.NOT_THERE: 'not_there'>
    """

    LOT_ENDED = "lot_ended"
    """Their lot ends before they can leave, or too soon for when they arrive."""
    LOT_QUARANTINED = "lot_quarantined"
    """Their lot is locked up, such as one that was recalled."""
    OTHER_LOT = "other_lot"
    """Their line asks for another lot."""
    NOT_THERE = "not_there"
    """More is reserved there than there is, and theirs was made last."""


class Unusable(NamedTuple):
    """Reserved units that can't be used.

    Args:
        reservation: a reservation, or a part of one, with as many units as can't be used.
        fault: why.
        ends_at: when their lot ends; None if it does not.
        arrives_at: when they would arrive, if it is for that that their lot ends too soon.
    """

    reservation: Reservation
    fault: Fault
    ends_at: datetime | None
    arrives_at: datetime | None = None


def ends_of_lots(state: State, sku: str) -> dict[tuple[str, str], datetime | None]:
    """When each lot of a SKU ends, by location and lot; None if it does not."""
    cells = lot_cells(state, sku)
    return {(at, lot): ends_at for (at, lot, _, _), (ends_at, _, _) in cells}


class Usability:
    """What of the reservations in an inventory can be used, found out as somebody asks.

    Where more is reserved than there is, the reservation that was made last goes without, then the
    one of the higher order id, then the order's last line: whoever else is in the run changes
    nothing (law 7). A SKU of which nothing is overdrawn costs a look at its rows; the first that is
    costs a walk through all reservations, and the others none.

    Args:
        state: the stock.
        now: the caller's time.
    """

    def __init__(self, state: State, now: datetime) -> None:
        self._state = state
        self._now = now
        self._lots: dict[str, Mapping[tuple[str, str], LotFacts]] = {}
        self._is_overdrawn: dict[str, bool] = {}
        self._missing_by_order: dict[str, list[Reservation]] | None = None

    def has_ends(self, reservations: Iterable[Reservation]) -> bool:
        """Whether something of this is of a lot that ends."""
        return any([each.lot and self._facts(each)[0] is not None for each in reservations])

    def unusable(
        self, reservations: Sequence[Reservation], order: Order, arrivals: Arrivals = NO_ARRIVALS
    ) -> tuple[Unusable, ...]:
        """Those of an order's reservations that can't be used, as many units of each.

        Args:
            reservations: what is reserved for it, all of it; nothing that has expired.
            order: the order, which says before when its lines do not leave.
            arrivals: when they arrive, as far as that is promised.
        """
        departure_of = departure_by_line(order)
        rows: list[Unusable] = []
        lots_asked = {line.id: line.lot for line in order.lines if line.lot}
        missing: Counter[tuple[object, ...]] | None = None
        for reservation in reservations:
            sku, ends_at, present = reservation.sku, None, reservation
            if reservation.lot:
                ends_at, _, is_locked = self._facts(reservation)
                if is_locked or self._ends_before(ends_at, departure_of(reservation.line_id)):
                    fault = Fault.LOT_QUARANTINED if is_locked else Fault.LOT_ENDED
                    rows.append(Unusable(reservation, fault, ends_at))
                    continue
            if lots_asked.get(reservation.line_id, reservation.lot) != reservation.lot:
                rows.append(Unusable(reservation, Fault.OTHER_LOT, None))
                continue
            if self._has_overdraft(sku):
                if missing is None:
                    missing = self._missing_units(reservation.order_id)
                key = _entry_key(reservation)
                units = min(reservation.quantity, missing[key])
                if units:
                    missing[key] -= units
                    part = attrs.evolve(reservation, quantity=units)
                    rows.append(Unusable(part, Fault.NOT_THERE, None))
                if units == reservation.quantity:
                    continue
                if units:
                    present = attrs.evolve(reservation, quantity=reservation.quantity - units)
            # Last of all, of what is there: of the others nobody knows when they would arrive.
            if ends_at is not None:
                arrives_at = arrivals.get((reservation.line_id, sku, reservation.location))
                life = max(item(self._state, sku).minimum_life, order.customer.minimum_life)
                if not is_fit(ends_at, delivery=arrives_at, life=life):
                    rows.append(Unusable(present, Fault.LOT_ENDED, ends_at, arrives_at))
        return tuple(rows)

    def _facts(self, reservation: Reservation) -> LotFacts:
        """What is known of the lot that reserved units are of."""
        sku = reservation.sku
        lots = self._lots.get(sku)
        if lots is None:
            cells = lot_cells(self._state, sku)
            lots = self._lots[sku] = {lot_key(cell): cell[1] for cell in cells}
        return lots[reservation.location, reservation.lot]

    def _ends_before(self, ends_at: datetime | None, ship_after: datetime | None) -> bool:
        """Whether what ends then has no life left when it can leave."""
        if ends_at is None:
            return False
        if ends_at <= self._now.astimezone(UTC):
            return True
        return ship_after is not None and ends_at <= ship_after.astimezone(UTC)

    def _has_overdraft(self, sku: str) -> bool:
        is_overdrawn = self._is_overdrawn.get(sku)
        if is_overdrawn is None:
            is_overdrawn = has_too_many_reservations(self._state, sku) and bool(
                overdrawn(self._state, [sku], now=self._now)
            )
            self._is_overdrawn[sku] = is_overdrawn
        return is_overdrawn

    def _missing_units(self, order_id: str) -> Counter[tuple[object, ...]]:
        """How many units of which of an order's reservations are not there."""
        if self._missing_by_order is None:
            self._missing_by_order = self._find_missing()
        units: Counter[tuple[object, ...]] = Counter()
        for part in self._missing_by_order.get(order_id, ()):
            units[_entry_key(part)] += part.quantity
        return units

    def _find_missing(self) -> dict[str, list[Reservation]]:
        """What of all reservations is not there, by order."""
        state, now = self._state, self._now
        skus = {overdraft.sku for overdraft in overdrawn(state, now=now)}
        last_first = sorted(
            [
                reservation
                for reservation in reservations_of_skus(state, skus)
                if not has_expired(reservation.expires_at, now)
            ],
            key=_seniority,
            reverse=True,
        )
        by_order: dict[str, list[Reservation]] = {}
        for part in at_risk(state, last_first, now):
            by_order.setdefault(part.order_id, []).append(part)
        return by_order


def _seniority(reservation: Reservation) -> tuple[object, ...]:
    """A sort key: who keeps what is there before others do."""
    made_at = reservation.made_at or EARLIEST
    return made_at, reservation.order_id, sequence(reservation)


def _entry_key(reservation: Reservation) -> tuple[object, ...]:
    """All but the quantity: what a part of a reservation has in common with it."""
    return (
        reservation.line_id,
        reservation.sku,
        reservation.location,
        reservation.lot,
        reservation.made_at,
        reservation.expires_at,
    )


def less_unusable(
    reserved: Iterable[Reservation], unusable: Iterable[Reservation]
) -> tuple[Reservation, ...]:
    """An order's reservations without these units, each one of them or a part of one."""
    lost_units: Counter[tuple[object, ...]] = Counter()
    for part in unusable:
        lost_units[_entry_key(part)] += part.quantity
    rest: list[Reservation] = []
    for reservation in reserved:
        key = _entry_key(reservation)
        reduction = min(reservation.quantity, lost_units[key])
        lost_units[key] -= reduction
        if reduction < reservation.quantity:
            units = reservation.quantity - reduction
            rest.append(attrs.evolve(reservation, quantity=units) if reduction else reservation)
    return tuple(rest)
