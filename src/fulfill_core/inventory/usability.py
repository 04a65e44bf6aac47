"""Which reserved units can't be used: their lot ends or is locked up, or they are not there.

No reservation moves by itself. What can't be used is named, and whoever may give it up does so: a
host, or a re-allocation. See docs/explanation/how-stock-is-given-out.md, "Reserved and not usable".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import NamedTuple

import attrs

from fulfill_core.inventory.overdrafts import at_risk, has_too_many_reservations, overdrawn
from fulfill_core.inventory.reservations import has_expired, reservations_of_skus, sequence
from fulfill_core.inventory.state import LotFacts, State, lot_key
from fulfill_core.inventory.stock import Reservation

_EARLIEST = datetime.min.replace(tzinfo=UTC)


class Fault(StrEnum):
    """Why reserved units can't be used.

    >>> Fault("not_there")
    <Fault.NOT_THERE: 'not_there'>
    """

    LOT_ENDED = "lot_ended"
    """Their lot ends before they can leave."""
    LOT_QUARANTINED = "lot_quarantined"
    """Their lot is locked up, such as one that was recalled."""
    NOT_THERE = "not_there"
    """More is reserved there than there is, and theirs was made last."""


class Unusable(NamedTuple):
    """Reserved units that can't be used.

    Args:
        reservation: a reservation, or a part of one, with as many units as can't be used.
        fault: why.
        ends_at: when their lot ends; None if it does not.
    """

    reservation: Reservation
    fault: Fault
    ends_at: datetime | None


def ends_of_lots(state: State, sku: str) -> dict[tuple[str, str], datetime | None]:
    """When each lot of a SKU ends, by location and lot; None if it does not."""
    cells = state.lots.get(sku) or ()
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

    def unusable(
        self, reservations: Sequence[Reservation], ship_after: datetime | None
    ) -> tuple[Unusable, ...]:
        """Those of an order's reservations that can't be used, as many units of each.

        Args:
            reservations: what is reserved for one order, all of it; nothing that has expired.
            ship_after: before when it does not leave; None if it may at once.
        """
        rows: list[Unusable] = []
        missing: Counter[tuple[object, ...]] | None = None
        for reservation in reservations:
            sku = reservation.sku
            if reservation.lot:
                ends_at, _, is_locked = self._facts(reservation)
                if is_locked or self._ends_before(ends_at, ship_after):
                    fault = Fault.LOT_QUARANTINED if is_locked else Fault.LOT_ENDED
                    rows.append(Unusable(reservation, fault, ends_at))
                    continue
            if not self._has_overdraft(sku):
                continue
            if missing is None:
                missing = self._missing_units(reservation.order_id)
            key = _entry_key(reservation)
            units = min(reservation.quantity, missing[key])
            if units:
                missing[key] -= units
                part = attrs.evolve(reservation, quantity=units)
                rows.append(Unusable(part, Fault.NOT_THERE, None))
        return tuple(rows)

    def _facts(self, reservation: Reservation) -> LotFacts:
        """What is known of the lot that reserved units are of."""
        sku = reservation.sku
        lots = self._lots.get(sku)
        if lots is None:
            cells = self._state.lots.get(sku) or ()
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
    made_at = reservation.made_at or _EARLIEST
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
