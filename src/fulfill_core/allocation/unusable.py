"""What an order hears of units that are reserved for it and can't be used.

They stay reserved, and nothing is given out in their place: a run takes nothing away, and an order
that had both would have too much once a count is put right. So they are short, and a note says
which and why. A re-allocation gives them up beforehand, and then there is a demand for others.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import NamedTuple, TypeAlias

from fulfill_core.decisions.decision import make_decision
from fulfill_core.decisions.finding import Finding, note
from fulfill_core.decisions.lines import ShortReason
from fulfill_core.decisions.promise import Promise
from fulfill_core.decisions.rows import (
    AllocationRow,
    AllocationView,
    LineView,
    Served,
    ShortRow,
    with_fewer_available,
)
from fulfill_core.inventory.overdrafts import Arrivals, Fault, Unusable, less_unusable
from fulfill_core.inventory.reservations import has_expired
from fulfill_core.inventory.stock import Reservation
from fulfill_core.orders.order import Order
from fulfill_core.orders.progress import Progress, open_units_of
from fulfill_core.orders.sequences import by_key, line_id_of
from fulfill_core.records.order_record import OrderRecord

_Key: TypeAlias = tuple[str, str, str, str]
"""Line id, SKU, location id, lot."""


class Expired(NamedTuple):
    """Of what a reservation expired: line, SKU, location, lot, and when it did."""

    line_id: str
    sku: str
    location: str
    lot: str
    ends_at: datetime


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


def expired_units(
    reserved_then: Iterable[Reservation], reserved: Iterable[Reservation], now: datetime
) -> Counter[Expired]:
    """What an order had reserved after its last run and has no more, since nobody renewed it.

    Args:
        reserved_then: what it had.
        reserved: what is reserved for it and has not expired.
        now: the caller's time.
    """
    ends_at: dict[_Key, datetime] = {}
    for each in reserved_then:
        if each.expires_at is not None and has_expired(each.expires_at, now):
            key = _key(each)
            ends_at[key] = max(each.expires_at, ends_at.get(key, each.expires_at))
    expired: Counter[Expired] = Counter()
    for key, missing in _units_expired(reserved_then, reserved, now).items():
        expired[Expired(*key, ends_at[key])] += missing
    return expired


def with_expired(
    reserved: Iterable[Reservation], record: OrderRecord, now: datetime
) -> tuple[Reservation, ...]:
    """What is reserved for an order, and what it had that expired and was not reserved anew.

    That is said in each run, or the next one would tell of something else; a host need not keep in
    its stock what has expired. What was replaced is over: once that has left, nothing is lost. Nor
    is anything of a line of which nothing is open any more.

    Args:
        reserved: what is reserved for it now, expired or not.
        record: its record before the run: what it had then, and what had expired of that.
        now: the caller's time.
    """
    active = [each for each in reserved if not has_expired(each.expires_at, now)]
    expired = [each for each in record.reserved if has_expired(each.expires_at, now)]
    if expired:
        open_units = open_units_of(record.order.lines, by_key(record.progress, line_id_of))
        expired = [each for each in expired if open_units.get(each.line_id)]
        units = _units_expired(expired, active, now)
        active += [each for each in expired if _key(each) in units]
    return tuple(active)


def _units_expired(
    reserved_then: Iterable[Reservation], reserved: Iterable[Reservation], now: datetime
) -> Counter[_Key]:
    """Units that have expired since then, by line, SKU and place, and were not reserved anew."""
    units = Counter[_Key]()
    for each in reserved_then:
        if has_expired(each.expires_at, now):
            units[_key(each)] += each.quantity
    for each in reserved if units else ():
        units[_key(each)] -= each.quantity
    return +units


def _key(reservation: Reservation) -> _Key:
    return reservation.line_id, reservation.sku, reservation.location, reservation.lot


def expired_remarks(
    expired: Mapping[Expired, int], rows: Iterable[AllocationRow]
) -> tuple[Finding, ...]:
    """One note for each SKU, lot and place of which units expired, and did not come again.

    Args:
        expired: what had expired when the run began.
        rows: what the order gets: the next run finds that this was reserved anew.
    """
    units_anew: Counter[_Key] = Counter()
    for row in map(AllocationView._make, rows):
        units_anew[row.line_id, row.sku, row.location, row.lot] += row.units
    units_of: Counter[tuple[str, str, str, datetime]] = Counter()
    for each, units in expired.items():
        missing = units - units_anew[each.line_id, each.sku, each.location, each.lot]
        if missing > 0:
            units_of[each.sku, each.location, each.lot, each.ends_at] += missing
    return tuple(
        [
            note(
                "reservation.expired",
                detail=f"Of {sku}, {units} were reserved at {location}{_of_lot(lot)}"
                f" until {ends_at:%Y-%m-%d %H:%M %Z}, and nobody renewed that.",
            )
            for (sku, location, lot, ends_at), units in sorted(units_of.items())
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
            f"Of {sku}, {units} that are reserved at {where} can't be used: {because}.",
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
