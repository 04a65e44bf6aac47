"""What an order hears of units that are reserved for it and can't be used.

They stay reserved, and nothing is given out in their place: a run takes nothing away, and an order
that had both would have too much once a count is put right. So they are short, and a note says
which and why. A re-allocation gives them up beforehand, and then there is a demand for others.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, TypeAlias

from fulfill_core.decisions.decision import make_decision
from fulfill_core.decisions.finding import Finding, note
from fulfill_core.decisions.lines import ShortReason
from fulfill_core.decisions.promise import Promise
from fulfill_core.decisions.rows import (
    AllocationView,
    LineView,
    Served,
    ShortRow,
    with_fewer_available,
)
from fulfill_core.inventory.overdrafts import Arrivals, Fault, Unusable, less_unusable
from fulfill_core.inventory.reservations import has_expired
from fulfill_core.inventory.stock import EARLIEST, Reservation
from fulfill_core.orders.order import Order
from fulfill_core.orders.progress import Progress, open_units_of
from fulfill_core.orders.sequences import by_line

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


def expired_of(record: OrderRecord, now: datetime) -> tuple[Reservation, ...]:
    """What an order had reserved after its last run, or before, that has expired since."""
    return tuple([each for each in record.reserved if has_expired(each.expires_at, now)])


def with_expired(
    reserved: Iterable[Reservation], record: OrderRecord, now: datetime
) -> tuple[Reservation, ...]:
    """What is reserved for an order, and what it had that expired and did not come again.

    That is said in each run, or the next one would tell of something else; a host need not keep in
    its stock what has expired. What was replaced is over: once that has left, nothing is lost.

    Args:
        reserved: what is reserved for it now, expired or not.
        record: its record before the run: what it had then, and what had expired of that.
        now: the caller's time.
    """
    active = [each for each in reserved if not has_expired(each.expires_at, now)]
    expired = expired_of(record, now)
    if expired:
        units: Counter[_Key] = Counter()
        for each in active:
            units[_key(each)] += each.quantity
        losses = _losses(expired, units, record.order, record.progress)
        active += [each for each in expired if _key(each) in losses]
    return tuple(active)


def _losses(
    expired: Iterable[Reservation],
    units: Mapping[_Key, int],
    order: Order,
    progress: tuple[Progress, ...],
) -> dict[_Key, int]:
    """Units that expired and did not come again, as far as their line lacks them still.

    What came again at another place is no loss either. How much of its parts a kit lacks nobody
    works out here: of those each place counts for itself.

    Args:
        expired: what has expired.
        units: what the order has, or gets.
        order: the order.
        progress: how far its lines have come.
    """
    sku_of = {line.id: line.sku for line in order.lines}
    open_units = open_units_of(order.lines, by_line(progress))
    lacking = Counter(open_units)
    for (line_id, sku, _, _), count in units.items():
        if sku == sku_of.get(line_id):
            lacking[line_id] -= count
    expired_units: Counter[_Key] = Counter()
    for each in expired:
        expired_units[_key(each)] += each.quantity
    losses: dict[_Key, int] = {}
    for key, count in sorted(expired_units.items()):
        line_id, sku, _, _ = key
        loss = count - units.get(key, 0)
        if sku == sku_of.get(line_id):
            loss = min(loss, lacking[line_id])
        if loss > 0 and open_units.get(line_id):
            losses[key] = loss
            lacking[line_id] -= loss
    return losses


def _key(reservation: Reservation) -> _Key:
    return reservation.line_id, reservation.sku, reservation.location, reservation.lot


def expired_remarks(
    order: Order,
    served: Served,
    expired: Iterable[Reservation],
    progress: tuple[Progress, ...],
) -> tuple[Finding, ...]:
    """One note for each SKU, lot and place of which units expired, and did not come again.

    Args:
        order: the order.
        served: what it has, and what it gets: the next run finds that this was reserved anew.
        expired: what it had that has expired.
        progress: how far its lines have come.
    """
    units: Counter[_Key] = Counter()
    for reservation in served.reserved:
        units[_key(reservation)] += reservation.quantity
    for row in map(AllocationView._make, served.allocations):
        units[row.line_id, row.sku, row.location, row.lot] += row.units
    ends_at: dict[_Key, datetime] = {}
    for each in expired:
        key = _key(each)
        ends_at[key] = max(each.expires_at or EARLIEST, ends_at.get(key, EARLIEST))
    units_of: Counter[tuple[str, str, str, datetime]] = Counter()
    for key, loss in _losses(expired, units, order, progress).items():
        _, sku, location, lot = key
        units_of[sku, location, lot, ends_at[key]] += loss
    return tuple(
        [
            note(
                "reservation.expired",
                detail=f"Of {sku}, {loss} were reserved at {location}{_of_lot(lot)}"
                f" until {end:%Y-%m-%d %H:%M %Z}, and nobody renewed that.",
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
