"""How units get from one location to another: free ones, and reserved ones with what they are for.

In one step: both locations change or neither does, and there are as many units in all as before.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from fulfill_core import _checks
from fulfill_core.exceptions import StockError
from fulfill_core.inventory.lots import (
    check_leaving,
    check_unlocked,
    checked_lot,
    free_of_lot,
    lot_meant,
    lots_at,
    of_lot,
    with_units,
)
from fulfill_core.inventory.releasing import checked_withdrawal, with_units_gone
from fulfill_core.inventory.reservations import (
    ReservationFilter,
    at_location,
    with_batches_of_orders,
)
from fulfill_core.inventory.state import LotFacts, State


def with_transferred(
    state: State,
    sku: str,
    quantity: int,
    *,
    source: str,
    target: str,
    lot: str | None = None,
    now: datetime | None = None,
) -> State:
    """The inventory after *quantity* free units were brought from one location to another.

    In one step: both change or none does, and there are as many in all as before. Only what is
    available may go. Units that are reserved move with their reservation
    (`with_reservation_moved`), and safety stock is the location's own.

    Args:
        state: the stock.
        sku: what.
        quantity: how many stock units, 1 or more.
        source: where they were.
        target: where they are now; a SKU that it never had gets a stock row there.
        lot: of which lot; empty for units without one. Where there are lots at the source, it has
            to be said. The lot goes along with its dates. It may be past its life: then only
            reservations and safety stock hold it back.
        now: reservations that have expired by then do not count; None counts them all, and judges
            no lot by its life.

    Raises:
        StockError: so many are not available at the source; or the lot is in quarantine; or a lot
            of that id with other dates is at the target.
        InvalidValueError: there is no such lot, or there are lots and none is named.

    >>> from fulfill_core import Inventory
    >>> stock = Inventory.of({("mug", "berlin"): 12, ("mug", "paris"): 3})
    >>> moved = stock.with_transferred("mug", 5, source="berlin", target="paris")
    >>> moved.available("mug", "berlin"), moved.available("mug", "paris")
    (7, 8)
    """
    _checks.check_int("quantity", quantity, at_least=1)
    if now is not None:
        _checks.check_aware("now", now)
    _check_route(source, target)
    meant = lot_meant(state, sku, source, lot)
    check_unlocked(state, ("", ""), "transfer", sku, source, (meant, quantity))
    free = free_of_lot(state, sku, source, meant, now)
    if free < quantity:
        raise StockError(
            "",
            "",
            f"cannot transfer {quantity} units of {_checks.repr_of(sku)}{of_lot(meant)} from"
            f" {_checks.repr_of(source)}: {free} are available",
        )
    units = {meant: quantity}
    return with_units_gone(_with_arrivals(state, sku, units, source, target), sku, units, source)


def with_reservation_moved(
    state: State,
    order_id: str,
    line_id: str,
    quantity: int,
    *,
    source: str,
    target: str,
    sku: str | None = None,
    now: datetime | None = None,
) -> State:
    """The inventory after *quantity* reserved units were brought to another location.

    In one step: the units are on hand there and reserved there, for the same line, until the same
    end. What is available stays as it was, at both. Their lots go along, with their dates.

    Args:
        state: the stock.
        order_id: whose units.
        line_id: of which line.
        quantity: how many, 1 or more.
        source: where they were.
        target: where they are now; a SKU that it never had gets a stock row there.
        sku: only of this SKU; None if the line has but one reserved there.
        now: reservations that have expired by then do not count; None counts them all.

    Raises:
        StockError: so many are not reserved for the line at the source, or are not on hand there.
            Or the line has several SKUs reserved there and none is named. Or a lot is in
            quarantine, or one of its id with other dates is at the target.

    >>> from fulfill_core import Inventory, Reservation
    >>> two = Reservation(order_id="A", line_id="1", sku="mug", location="x", quantity=2)
    >>> stock = Inventory.of({("mug", "x"): 12, ("mug", "y"): 0}).with_reserved(two)
    >>> moved = stock.with_reservation_moved("A", "1", 2, source="x", target="y")
    >>> [(moved.on_hand("mug", at), moved.available("mug", at)) for at in "xy"]
    [(10, 10), (2, 0)]
    """
    _check_route(source, target)
    units_meant = ReservationFilter(line_id, sku, source, now)
    withdrawal, sku = checked_withdrawal(state, order_id, units_meant, quantity, "move")
    units = withdrawal.by_lot()
    check_leaving(state, (order_id, line_id), "move", sku, source, units)
    arrived = _with_arrivals(state, sku, units, source, target)
    batches = *withdrawal.rest, *at_location(withdrawal.units, target)
    return with_units_gone(with_batches_of_orders(arrived, {order_id: batches}), sku, units, source)


def _with_arrivals(
    state: State, sku: str, units: Mapping[str, int], source: str, target: str
) -> State:
    """Units of these lots came to a place; nobody is asked whose they are."""
    arrived = state
    at_target = lots_at(state, sku, target)
    for lot, quantity in units.items():
        facts: LotFacts = None, None, False
        if lot:
            _, (expires_at, received_at, _) = checked_lot(state, sku, source, lot)
            facts = expires_at, received_at, False
            if lot in at_target and at_target[lot][1][:2] != facts[:2]:
                raise StockError(
                    "",
                    "",
                    f"cannot bring lot {_checks.repr_of(lot)} of {_checks.repr_of(sku)} to"
                    f" {_checks.repr_of(target)}: a lot of that id with other dates is there",
                )
        arrived = with_units(arrived, sku, target, quantity, lot, facts)
    return arrived


def _check_route(source: object, target: object) -> None:
    """Two locations, from one to the other."""
    _checks.check_id("source", source)
    _checks.check_id("target", target)
    if source == target:
        raise _checks.refuse("target", target, "is the source; pass another location")
