"""What orders give up: units are released, and units leave the house."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

import attrs

from fulfill_core import _checks, _values
from fulfill_core.exceptions import InvalidValueError, StockError, by_number
from fulfill_core.inventory.capacity import (
    Intake,
    counts_today,
    with_departure,
    with_intakes_changed,
)
from fulfill_core.inventory.claiming import without_claims_of
from fulfill_core.inventory.lots import (
    at,
    check_leaving,
    check_unexpired,
    free_of_lot,
    has_lots_at,
    lot_meant,
    lot_turns,
    of_lot,
    unreserved_of_lot,
    which_lots,
    with_units_gone,
)
from fulfill_core.inventory.reservations import (
    ReservationFilter,
    batches_of,
    less,
    with_batches_of_orders,
    with_withdrawal,
    with_withdrawals,
    without_these,
)
from fulfill_core.inventory.state import State, components_of
from fulfill_core.inventory.state import location as location_of
from fulfill_core.inventory.stock import Reservation
from fulfill_core.inventory.storing.batches import BatchesByLine, by_line_if_many
from fulfill_core.inventory.withdrawing.parcels import shipped_at_once, with_parcel_gone
from fulfill_core.inventory.withdrawing.withdrawals import (
    Withdrawal,
    lots_among,
    of_lot_if_enough,
    units_by_sku,
    withdrawal,
)

# -- Released ----------------------------------------------------------------------------------


def without_reservations_of(state: State, order_id: str) -> State:
    """The inventory with all units of the order released. Twice is once.

    What it has claimed of supplies is given up with them: this is what cancels an order.

    >>> from fulfill_core import Inventory
    >>> two = Reservation(order_id="A", line_id="1", sku="mug", location="x", quantity=2)
    >>> stock = Inventory.of({("mug", "x"): 12}).with_reserved(two)
    >>> stock.without_reservations_of("A").available("mug")
    12
    """
    state = without_claims_of(state, order_id)
    if not batches_of(state, order_id):
        return state
    return with_batches_of_orders(state, {order_id: None})


def without_reservations(state: State, reservations: Iterable[Reservation]) -> State:
    """The inventory without these reservations, such as all that one run made.

    One that is not there (any more) changes nothing, so twice is once.

    Raises:
        InvalidValueError: something else than reservations.

    >>> from fulfill_core import Inventory
    >>> two = Reservation(order_id="A", line_id="1", sku="mug", location="x", quantity=2)
    >>> stock = Inventory.of({("mug", "x"): 12}).with_reserved(two)
    >>> stock.without_reservations([two]).without_reservations([two]).available("mug")
    12
    """
    members = _checks.to_tuple(reservations)
    _checks.check_members("reservations", members, Reservation)
    unwanted: dict[str, Counter[Reservation]] = {}
    for reservation in members:
        unwanted.setdefault(reservation.order_id, Counter())[reservation] += 1
    return with_batches_of_orders(
        state,
        {
            order_id: without_these(order_id, batches_of(state, order_id), of_order) or None
            for order_id, of_order in unwanted.items()
        },
    )


def with_given_up(state: State, losses: Iterable[Reservation]) -> State:
    """The state without these units: each is a reservation in it, or a part of one.

    That is what a re-allocation takes from orders. The values are the run's own and are not checked
    again.
    """
    by_order: dict[str, list[Reservation]] = {}
    for loss in losses:
        by_order.setdefault(loss.order_id, []).append(loss)
    return with_withdrawals(
        state,
        {
            order_id: less(batches_of(state, order_id), of_order)
            for order_id, of_order in by_order.items()
        },
    )


def with_losses(state: State, losses: Iterable[Reservation], now: datetime) -> State:
    """The state after a run took these units from orders: each is a reservation, or a part of one.

    Where a location with a capacity took such an order on today, it counts on there: else the next
    run of the day would find room that this one did not.
    """
    losses = list(losses)
    after = with_given_up(state, losses)
    intakes = [
        Intake(location=at, order_id=order_id, day=location_of(state, at).day_of(now))
        for at, order_id in sorted({(loss.location, loss.order_id) for loss in losses})
        if at in state.limited
        and counts_today(state, order_id, at, now)
        and not counts_today(after, order_id, at, now)
    ]
    return with_intakes_changed(after, intakes) if intakes else after


def with_released(
    state: State,
    order_id: str,
    line_id: str,
    quantity: int,
    *,
    location: str | None = None,
    sku: str | None = None,
    now: datetime | None = None,
) -> State:
    """The inventory after *quantity* units of an order's line were released.

    Units at the location that is asked last are given up first; of several lots there, those of the
    one that leaves last (`Item.lot_order`); of several reservations of it, the one made last,
    and of those the smallest.

    Args:
        state: the stock.
        order_id: whose units.
        line_id: of which line.
        quantity: how many, 1 or more.
        location: only from there; None for anywhere.
        sku: only of this SKU; None if the line has but one reserved. Of a kit, so many whole kits:
            the units of all its components.
        now: reservations that have expired by then do not count; None counts them all.

    Raises:
        StockError: so many are not reserved: what was never reserved can't be released. Or the
            line has several SKUs reserved and none is named.

    >>> from fulfill_core import Inventory
    >>> two = Reservation(order_id="A", line_id="1", sku="mug", location="x", quantity=2)
    >>> stock = Inventory.of({("mug", "x"): 12}).with_reserved(two)
    >>> stock.with_released("A", "1", 1).available("mug")
    11
    """
    parts = () if sku is None else components_of(state, sku)
    if not parts:
        units_meant = ReservationFilter(line_id, sku, location, now)
        released, _ = checked_withdrawal(state, order_id, units_meant, quantity, "release")
        return with_withdrawal(state, order_id, released)
    _checks.check_int("quantity", quantity, at_least=1)
    for leaf, units in parts:
        state = with_released(
            state, order_id, line_id, quantity * units, location=location, sku=leaf, now=now
        )
    return state


# -- Shipped -----------------------------------------------------------------------------------


def with_shipped(
    state: State,
    order_id: str,
    line_id: str,
    quantity: int,
    *,
    location: str,
    reserved_at: str | None = None,
    lot: str | None = None,
    sku: str | None = None,
    now: datetime | None = None,
    below_zero: bool = False,
) -> State:
    """The inventory after *quantity* reserved units left the house from *location*.

    On hand and reserved go down together, so what is available stays as it was. Units that are
    reserved elsewhere can be shipped from here in one step: they leave from here, and the units
    there are free again. So it is with lots: units of another lot than the reserved one can leave,
    if nobody has reserved them. Where a location with a capacity took the order on, an `Intake`
    says so from now on.

    Args:
        state: the stock.
        order_id: whose units.
        line_id: of which line.
        quantity: how many, 1 or more.
        location: where they left.
        reserved_at: where they were reserved, if that is elsewhere.
        lot: the lot of the units that left; empty for units without a lot. None for the lots that
            are reserved, in the sequence in which lots leave (`Item.lot_order`), and for units
            without a lot if none is, or if they are reserved elsewhere.
        sku: only of this SKU; None if the line has but one reserved there.
        now: reservations that have expired by then do not count, and no unit of a lot leaves that
            has ended by then; None counts them all, and judges no lot by time.
        below_zero: True where on hand may fall below zero: units without a lot that are reserved
            there leave, whatever was counted. Lots never have less than nothing.

    Raises:
        StockError: so many are not reserved for the line there; or they are reserved elsewhere and
            so many are not available at *location*: those are promised to others. Or the line has
            several SKUs reserved there and none is named. Or so many are not on hand there, or not
            in the lot, or are promised to others; or the lot is in quarantine, or has ended.
        InvalidValueError: there is no such lot.

    >>> from fulfill_core import Inventory
    >>> two = Reservation(order_id="A", line_id="1", sku="mug", location="x", quantity=2)
    >>> stock = Inventory.of({("mug", "x"): 12, ("mug", "y"): 5}).with_reserved(two)
    >>> [stock.with_shipped("A", "1", 2, location="x").available("mug", at) for at in "xy"]
    [10, 5]
    >>> shipped = stock.with_shipped("A", "1", 2, location="y", reserved_at="x")
    >>> [shipped.available("mug", at) for at in "xy"]
    [12, 3]
    """
    _checks.check_id("location", location)
    place = location if reserved_at is None else reserved_at
    units_meant = ReservationFilter(line_id, sku, place, now, lot)
    shipped, sku = checked_withdrawal(state, order_id, units_meant, quantity, "ship")
    line = order_id, line_id
    if place != location:
        units = _units_from_elsewhere(state, line, sku, quantity, location, units_meant)
    else:
        units = _units_from_here(state, line, sku, quantity, location, units_meant, shipped)
    _checks.check_bool("below_zero", below_zero)
    check_leaving(state, line, "ship", sku, location, units, below_zero=below_zero)
    check_unexpired(state, line, sku, location, units, now)
    state = with_departure(state, order_id, place, [made_at for made_at, _, _ in shipped.units])
    return with_units_gone(with_withdrawal(state, order_id, shipped), sku, units, location)


def _units_from_elsewhere(
    state: State,
    line: tuple[str, str],
    sku: str,
    quantity: int,
    location: str,
    units_meant: ReservationFilter,
) -> dict[str, int]:
    """Units by lot that leave from here, though they are reserved elsewhere: free ones."""
    reserved_at, now, lot = units_meant.location, units_meant.now, units_meant.lot
    meant = "" if lot is None else lot_meant(state, sku, location, lot)
    free = free_of_lot(state, sku, location, meant, now)
    if free < quantity:
        fix = which_lots(state, sku, location) if lot is None else ""
        raise StockError(
            *line,
            f"cannot ship {quantity} of {_checks.repr_of(sku)} that are"
            f" reserved{at(reserved_at)}: {free}{of_lot(meant)}"
            f" {by_number(free, 'is', 'are')} available{at(location)}{fix}",
        )
    return {meant: quantity}


def _units_from_here(
    state: State,
    line: tuple[str, str],
    sku: str,
    quantity: int,
    location: str,
    units_meant: ReservationFilter,
    shipped: Withdrawal,
) -> dict[str, int]:
    """Units by lot that leave where they are reserved: of the lots reserved, or of the one said."""
    now, lot = units_meant.now, units_meant.lot
    if lot is None:
        return shipped.by_lot()
    meant = lot_meant(state, sku, location, lot)
    if has_lots_at(state, sku, location):  # what is not reserved of this lot has to be free
        unreserved = max(0, unreserved_of_lot(state, sku, location, meant, now))
        free = unreserved + shipped.by_lot().get(meant, 0)
        if free < quantity:
            raise StockError(
                *line,
                f"cannot ship {quantity} of"
                f" {_checks.repr_of(sku)}{of_lot(meant) or ' without a lot'}{at(location)}: {free}"
                f" {by_number(free, 'is', 'are')} not reserved by others",
            )
    return {meant: quantity}


# -- Shipped together --------------------------------------------------------------------------


@attrs.frozen(kw_only=True, weakref_slot=False)
class ParcelLine:
    """Units of an order's line that leave in a parcel.

    Args:
        line_id: of which line.
        quantity: how many, 1 or more.
        sku: only of this SKU; None if the line has but one reserved there.
        lot: the lot of the units; empty for units without a lot. None for the lots that are
            reserved, in the sequence in which lots leave.

    >>> ParcelLine(line_id="1", quantity=2).lot
    """

    line_id: str
    quantity: int
    sku: str | None = None
    lot: str | None = None

    __eq__, __hash__, __repr__ = _values.BY_FIELDS

    def __attrs_post_init__(self) -> None:
        _checks.check_id("ParcelLine.line_id", self.line_id)
        _checks.check_int("ParcelLine.quantity", self.quantity, at_least=1)
        if self.sku is not None:
            _checks.check_id("ParcelLine.sku", self.sku)
        if self.lot is not None:
            _checks.check_text("ParcelLine.lot", self.lot)


def with_parcel_shipped(
    state: State,
    order_id: str,
    lines: Iterable[ParcelLine],
    *,
    location: str,
    reserved_at: str | None = None,
    now: datetime | None = None,
    below_zero: bool = False,
) -> State:
    """The inventory after reserved units of many lines left together: all of them, or none.

    It is what `with_shipped` for each of the lines, one after the other, comes to, and costs one
    walk over what the order has reserved.

    Args:
        state: the stock.
        order_id: whose units.
        lines: `ParcelLine` values; a line of the order may be in several of them.
        location: where they left.
        reserved_at: where they were reserved, if that is elsewhere.
        now: see `with_shipped`.
        below_zero: see `with_shipped`.

    Raises:
        StockError: see `with_shipped`; the first line that may not leave is named.
        InvalidValueError: there is no such lot; by path, such as ``"lines[3].lot"``.

    >>> from fulfill_core import Inventory
    >>> two = Reservation(order_id="A", line_id="1", sku="mug", location="x", quantity=2)
    >>> stock = Inventory.of({("mug", "x"): 12}).with_reserved(two)
    >>> parcel = [ParcelLine(line_id="1", quantity=1), ParcelLine(line_id="1", quantity=1)]
    >>> stock.with_parcel_shipped("A", parcel, location="x").on_hand("mug")
    10
    """
    parcel = _checks.to_tuple(lines)
    _checks.check_members("lines", parcel, ParcelLine)
    _checks.check_bool("below_zero", below_zero)
    _checks.check_id("location", location)
    if now is not None:
        _checks.check_aware("now", now)
    if reserved_at in (None, location):
        shipped = _shipped_together(state, order_id, parcel, location, now)
        if shipped is not None:
            return shipped
    for position, line in enumerate(parcel):
        try:
            state = with_shipped(
                state,
                order_id,
                line.line_id,
                line.quantity,
                location=location,
                reserved_at=reserved_at,
                lot=line.lot,
                sku=line.sku,
                now=now,
                below_zero=below_zero,
            )
        except InvalidValueError as error:
            path = f"lines[{position}].{error.path}"
            raise InvalidValueError(path, error.value, error.problem) from error
    return state


def _shipped_together(
    state: State,
    order_id: str,
    parcel: tuple[ParcelLine, ...],
    location: str,
    now: datetime | None,
) -> State | None:
    """The state after a parcel left that is reserved where it leaves; None: see below."""
    units_by_part = {
        (line.line_id, line.sku, location): line.quantity
        for line in parcel
        if line.sku is not None and line.lot is None
    }
    if len(units_by_part) == len(parcel):
        return with_parcel_gone(state, order_id, units_by_part, now)
    rows = [(line.line_id, line.quantity, line.sku, line.lot) for line in parcel]
    return shipped_at_once(state, order_id, rows, location, now)


# -- Taken out ---------------------------------------------------------------------------------


def checked_withdrawal(
    state: State, order_id: str, units_meant: ReservationFilter, quantity: int, verb: str
) -> tuple[Withdrawal, str]:
    """Take *quantity* of the units meant out of what the order has reserved; and say of which SKU.

    Refused if so many are not reserved, or if they are of several SKUs.
    """
    line_id, sku = units_meant.line_id, units_meant.sku
    location, now = units_meant.location, units_meant.now
    _checks.check_int("quantity", quantity, at_least=1)
    if now is not None:
        _checks.check_aware("now", now)
    batches, of_line = by_line_if_many(batches_of(state, order_id), line_id)
    meant = list(units_meant.among(of_line))
    skus = sorted(units_by_sku(meant))
    if len(skus) > 1:
        raise StockError(
            order_id,
            line_id,
            f"cannot {verb} {quantity} of {_checks.repr_of(skus)}, which are all"
            f" reserved{at(location)}; name one of them",
        )
    first_lot = units_meant.lot
    meant = of_lot_if_enough(meant, first_lot, quantity)
    # Units that leave do so in the sequence of their lots; of those that are freed the last goes
    # first.
    turns = lot_turns(state, skus[0], lots_among(meant), now) if skus else {}
    if verb != "release":
        turns = {place: -turn for place, turn in turns.items()}
    withdrawn = withdrawal(of_line, meant, quantity, state.locations, turns, first_lot)
    if withdrawn.missing:
        of_sku, reserved = "", "nothing is"
        if skus or sku is not None:
            of_sku = f" of {_checks.repr_of(skus[0] if skus else sku)}"
            present = quantity - withdrawn.missing
            reserved = f"{present} {by_number(present, 'is', 'are')}"
        raise StockError(
            order_id,
            line_id,
            f"cannot {verb} {quantity}{of_sku}: {reserved} reserved{at(location)}",
        )
    if isinstance(batches, BatchesByLine):
        rest = batches.with_lines({line_id: tuple(withdrawn.rest) or None})
        withdrawn = withdrawn._replace(rest=rest)
    return withdrawn, skus[0]
