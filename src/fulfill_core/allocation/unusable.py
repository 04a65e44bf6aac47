"""What an order hears of units that are reserved for it and can't be used.

They stay reserved, and nothing is given out in their place: a run takes nothing away, and an order
that had both would have too much once a count is put right. So they are short, and a note says
which and why. A re-allocation gives them up beforehand, and then there is a demand for others.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeAlias

import attrs

from fulfill_core.decisions.decision import make_decision, reserved_by_line
from fulfill_core.decisions.finding import Finding, note
from fulfill_core.decisions.lines import ShortReason
from fulfill_core.decisions.promise import Promise
from fulfill_core.decisions.rows import (
    LineView,
    Served,
    ShortRow,
    with_fewer_available,
)
from fulfill_core.exceptions import by_number
from fulfill_core.inventory.overdrafts import Arrivals, Fault, Unusable, less_unusable
from fulfill_core.inventory.reservations import has_expired
from fulfill_core.inventory.state import State, components_of
from fulfill_core.inventory.stock import EARLIEST, Reservation
from fulfill_core.orders.order import Order
from fulfill_core.orders.progress import Progress, lines_due, shipped_by_line

if TYPE_CHECKING:  # who keeps no records needs nothing of them
    from fulfill_core.records.order_record import OrderRecord

_Key: TypeAlias = tuple[str, str, str, str]
"""Line id, SKU, location id, lot."""


def with_unusable(
    order: Order,
    served: Served,
    unusable: tuple[Unusable, ...],
    progress: tuple[Progress, ...],
    lines_beside: Collection[str] = (),
) -> Served:
    """What is said of an order, when some of what is reserved for it can't be used.

    Args:
        order: the order.
        served: what it got, everything that is reserved for it counted.
        unusable: what of that can't be used.
        progress: how far its lines have come.
        lines_beside: the ids of lines that have no turn now: they lack nothing yet.
    """
    parts = tuple([each.reservation for each in unusable])
    usable = served._replace(
        reserved=less_unusable(served.reserved, parts),
        remarks=(*served.remarks, *_remarks(unusable)),
        unusable=parts,
    )
    shorts: list[ShortRow] = []
    missing_of: dict[str, int] = {}
    # A line is short of what it would have with them: that counts whole kits, and nothing twice.
    units_with = _units_by_line(order, served, progress)
    units_without = _units_by_line(order, usable, progress)
    for line in order.lines:
        units = units_without[line.id]
        missing = units_with[line.id] - units
        if missing and line.id not in lines_beside:
            missing_of[line.id] = missing
            reason = ShortReason.RESERVED_UNUSABLE.value
            shorts.append((line.id, line.sku, missing, line.units, units, reason))
    # Nor were those units there for the rest that the line lacks.
    shorts_before = [with_fewer_available(row, missing_of) for row in served.shorts]
    return usable._replace(shorts=(*shorts_before, *shorts))


def arrivals_of(promise: Promise | None) -> Arrivals:
    """When what a line has of a SKU arrives from a location: the first of it, as promised.

    What is reserved leaves before what is still to come; where all of it leaves together, it
    arrives together.
    """
    arrivals: dict[tuple[str, str, str], datetime] = {}
    for shipment in () if promise is None else promise.shipments:
        if shipment.delivered_at is not None:
            for line_id, sku, _ in shipment.lines:
                key = line_id, sku, shipment.location
                arrivals[key] = min(arrivals.get(key, shipment.delivered_at), shipment.delivered_at)
    return arrivals


def has_expired_units(record: OrderRecord, now: datetime) -> bool:
    """Whether what an order had reserved after its last run, or before, has expired since."""
    return any([has_expired(each.expires_at, now) for each in record.reserved])


def with_expired(
    reserved: Iterable[Reservation], record: OrderRecord, stock: State, now: datetime
) -> tuple[Reservation, ...]:
    """What is reserved for an order, and what it had that expired and did not come again.

    That is said in each run, or the next one would tell of something else; a host need not keep in
    its stock what has expired. What was replaced is over: once that has left, nothing is lost.

    Args:
        reserved: what is reserved for it now, expired or not.
        record: its record before the run: what it had then, and what had expired of that.
        stock: what its kits are made of.
        now: the caller's time.
    """
    active = tuple([each for each in reserved if not has_expired(each.expires_at, now)])
    if not has_expired_units(record, now):
        return active
    return active + expired_losses(record, active, stock, now)


def expired_losses(
    record: OrderRecord, active: Sequence[Reservation], stock: State, now: datetime
) -> tuple[Reservation, ...]:
    """What expired and did not come again, as far as its line lacks it still: reservations of that.

    What came again at another place is no loss either, and of two that expired the one that ended
    last is.

    Args:
        record: the order's record before the run.
        active: what is reserved for it now, and what it gets.
        stock: what its kits are made of.
        now: the caller's time.
    """
    expired: list[Reservation] = []
    active_before: list[Reservation] = []
    for each in record.reserved:
        (expired if has_expired(each.expires_at, now) else active_before).append(each)
    # What it had beside is nothing that came again, nor is what came for an earlier run.
    units_since: Counter[_Key] = Counter()
    since = _units_by_instant(active) - _units_by_instant(active_before)
    for (key, _), units in since.items():
        units_since[key] += units
    lacking = _units_lacking(record, active, stock)
    losses: list[Reservation] = []
    for each in sorted(expired, key=_last_first):
        key, of_line = _key(each), (each.line_id, each.sku)
        came_again = min(each.quantity, units_since[key])
        units_since[key] -= came_again
        loss = min(each.quantity - came_again, lacking[of_line])
        if loss > 0:
            lacking[of_line] -= loss
            is_all = loss == each.quantity  # as nearly always: no copy of it to check
            losses.append(each if is_all else attrs.evolve(each, quantity=loss))
    return tuple(losses)


def _units_lacking(
    record: OrderRecord, active: Iterable[Reservation], stock: State
) -> Counter[tuple[str, str]]:
    """What lines lack beside what they have, by line and SKU, kits taken apart."""
    lines, progress = record.order.lines, record.progress
    recipes = {line.id: components_of(stock, line.sku) or ((line.sku, 1),) for line in lines}
    lacking: Counter[tuple[str, str]] = Counter()
    for line in lines_due(lines, progress):
        for sku, units_each in recipes[line.id]:
            lacking[line.id, sku] += line.units * units_each
    lacking.subtract(shipped_by_line(lines, progress, recipes))
    lacking.subtract(reserved_by_line(active))
    return lacking


def _units_by_instant(
    reservations: Iterable[Reservation],
) -> Counter[tuple[_Key, datetime | None]]:
    """Units by line, SKU, place and lot, and by when they were reserved."""
    units: Counter[tuple[_Key, datetime | None]] = Counter()
    for each in reservations:
        units[_key(each), each.made_at] += each.quantity
    return units


def _key(reservation: Reservation) -> _Key:
    return reservation.line_id, reservation.sku, reservation.location, reservation.lot


def _last_first(reservation: Reservation) -> tuple[_Key, timedelta]:
    """The sequence in which expired reservations count as lost: of one key, what ended last."""
    return _key(reservation), EARLIEST - (reservation.expires_at or EARLIEST)


def expired_remarks(losses: Iterable[Reservation]) -> tuple[Finding, ...]:
    """One note for each SKU, lot and place of which units expired, and did not come again."""
    ends_at: dict[_Key, datetime] = {}
    for each in losses:
        ends_at.setdefault(_key(each), each.expires_at or EARLIEST)
    units_of: Counter[tuple[str, str, str, datetime]] = Counter()
    for each in losses:
        units_of[each.sku, each.location, each.lot, ends_at[_key(each)]] += each.quantity
    return tuple(
        [
            note(
                "reservation.expired",
                detail=f"Of {sku}, {loss} {by_number(loss, 'was', 'were')} reserved at {location}"
                f"{_of_lot(lot)} until {end:%Y-%m-%d %H:%M %Z}, and nobody renewed that.",
            )
            for (sku, location, lot, end), loss in sorted(units_of.items())
        ]
    )


def _units_by_line(order: Order, served: Served, progress: tuple[Progress, ...]) -> dict[str, int]:
    """What each line has or gets of the stock: units, or kits."""
    decision = make_decision(order, (), 0, served, None, progress)
    lines = map(LineView._make, decision.line_rows)
    return {line.line_id: line.reserved + line.allocated for line in lines}


def _remarks(unusable: Iterable[Unusable]) -> tuple[Finding, ...]:
    """One note for each place and reason: SKU, lot, location and units."""
    units_of: Counter[tuple[str, str, str, str]] = Counter()
    for reservation, fault, ends_at, arrives_at in unusable:
        because = "more is reserved there than there is"
        if fault is Fault.LOT_QUARANTINED:
            because = "that lot is in quarantine"
        elif fault is Fault.OTHER_LOT:
            because = "the line asks for another lot"
        elif ends_at is not None and arrives_at is not None:
            # Without when that is: it moves with each day that they lie there, and is no news.
            because = (
                f"that lot ends on {ends_at:%Y-%m-%d %H:%M %Z}, too soon for when they would arrive"
            )
        elif ends_at is not None:
            because = f"that lot ends on {ends_at:%Y-%m-%d %H:%M %Z}, before they can leave"
        where = f"{reservation.location}{_of_lot(reservation.lot)}"
        units_of[fault.value, reservation.sku, where, because] += reservation.quantity
    details = [
        (
            fault,
            (
                f"Of {sku}, {units} that {by_number(units, 'is', 'are')} reserved at {where}"
                f" can't be used: {because}."
            ),
        )
        for (fault, sku, where, because), units in sorted(units_of.items())
    ]
    return tuple([_note(Fault(fault), detail) for fault, detail in details])


def _note(fault: Fault, detail: str) -> Finding:
    if fault is Fault.LOT_ENDED:
        return note("reservation.lot_ended", detail=detail)
    if fault is Fault.LOT_QUARANTINED:
        return note("reservation.lot_quarantined", detail=detail)
    if fault is Fault.OTHER_LOT:
        return note("reservation.other_lot", detail=detail)
    return note("reservation.not_there", detail=detail)


def _of_lot(lot: str) -> str:
    return f", lot {lot}," if lot else ""
