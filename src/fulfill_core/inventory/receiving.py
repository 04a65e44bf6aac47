"""What changes where units lie: receipts, counts, transfers.

A transfer is one step: both locations change or neither does, and there are as many units in all as
before. Reserved units move with what they are for.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

import attrs

from fulfill_core import _checks
from fulfill_core.exceptions import StockError, by_number
from fulfill_core.inventory.claiming import without_claims
from fulfill_core.inventory.claims import is_claimed, parts_due
from fulfill_core.inventory.lots import (
    check_leaving,
    checked_lot,
    free_of_lot,
    has_lots_at,
    lot_at,
    lot_meant,
    of_lot,
    on_hand_of_lot,
    units_for_claims,
    unlocked_units,
    with_lot,
    with_on_hand,
    with_units,
    with_units_gone,
)
from fulfill_core.inventory.releasing import checked_withdrawal
from fulfill_core.inventory.reservations import (
    ReservationFilter,
    with_batches_added,
    with_withdrawal,
)
from fulfill_core.inventory.state import State, evolved, supplies_of
from fulfill_core.inventory.state import on_hand as all_units
from fulfill_core.inventory.storing.batches import Batch, Entry
from fulfill_core.inventory.storing.lot_rows import LotFacts
from fulfill_core.inventory.withdrawing.withdrawals import at_location

# -- Received, counted -------------------------------------------------------------------------


def with_received(
    state: State,
    sku: str,
    location: str,
    quantity: int,
    *,
    supply_id: str = "",
    lot: str = "",
    expires_at: datetime | None = None,
    received_at: datetime | None = None,
) -> State:
    """The inventory after *quantity* units came in.

    What orders have claimed of the supply is reserved for them where it came in, the oldest claim
    first, then the lower order id: as many units as came, as are free there beyond safety stock
    (which lots that have ended fill up here: what was sold comes first), and as are in the supply
    for them. It is so for orders that ship complete and for kits, too.

    Args:
        state: the stock.
        sku: what came in.
        location: where it lies now.
        quantity: how many stock units, 1 or more.
        supply_id: the supply that they belong to, if it was announced: it still brings so many
            less, and is gone when it has brought all.
        lot: the lot that they belong to, new or known there; empty for units without a lot.
        expires_at: when a new lot expires, aware; None if it does not. Of a lot that is known
            there, it is what it was.
        received_at: when the units came in, aware: a new lot keeps it, one that is known there has
            its own. What is reserved for claims was made then, and what has expired by then is
            free; None if that is not known.

    Raises:
        InvalidValueError: there is no such supply of this SKU; or the lot is there, and expires
            at another time; or a kit is to come in, which has no stock of its own; or a lot,
            where less than nothing is on hand.

    >>> from fulfill_core import Inventory
    >>> Inventory.of({("mug", "berlin"): 12}).with_received("mug", "berlin", 8).on_hand("mug")
    20
    """
    _checks.check_int("quantity", quantity, at_least=1)
    _checks.check_text("lot", lot)
    ends = _instant_of_lot("expires_at", expires_at, lot)
    came_in = _instant_of_lot("received_at", received_at, lot or supply_id)
    _check_end_of_lot(state, sku, location, lot, expires_at)
    changed = with_units(state, sku, location, quantity, lot, (ends, came_in, False))
    if not supply_id:
        return changed
    # Who gets what of it is asked before it is less, or gone.
    reduced = _with_supply_reduced(changed, sku, quantity, supply_id)
    if not is_claimed(state, sku, supply_id):
        return reduced
    units = min(quantity, units_for_claims(changed, sku, location, lot, came_in))
    parts = parts_due(changed, sku, supply_id, units)
    by_order: dict[str, list[Entry]] = {}
    for part in parts:
        entry = part.line_id, sku, location, part.quantity, lot
        by_order.setdefault(part.order_id, []).append(entry)
    batches: dict[str, tuple[Batch, ...]] = {
        order_id: ((came_in, None, tuple(entries)),) for order_id, entries in by_order.items()
    }
    return with_batches_added(without_claims(reduced, parts), batches, [came_in])


def _instant_of_lot(name: str, instant: datetime | None, lot: str) -> datetime | None:
    """An instant of the lot that comes in, in UTC."""
    if instant is None:
        return None
    _checks.check_aware(name, instant)
    if not lot:
        # For a supply, it is when what was claimed of it is reserved.
        raise _checks.refuse(name, instant, "is that of a lot; name the lot as well")
    return instant.astimezone(UTC)


def _check_end_of_lot(
    state: State, sku: str, location: str, lot: str, expires_at: datetime | None
) -> None:
    """A lot that is there has one end."""
    present = lot_at(state, sku, location, lot)
    if present is None or expires_at is None:
        return
    _, (its_end, _, _) = present
    # In UTC: in the hour that comes twice in autumn, instants of two zones are never equal.
    if expires_at.astimezone(UTC) != its_end:
        in_words = "never" if its_end is None else its_end.isoformat()
        raise _checks.refuse(
            "expires_at",
            expires_at,
            f"is not when lot {_checks.repr_of(lot)}, which is there, expires: {in_words};"
            " give these units another lot",
        )


def _with_supply_reduced(state: State, sku: str, quantity: int, supply_id: str) -> State:
    """The state in which a supply still brings so many less, or has brought all."""
    before = supplies_of(state, sku)
    # There may be thousands; mostly one of the first comes in.
    place = next((place for place, each in enumerate(before) if each.id == supply_id), None)
    if place is None:
        ids = ", ".join(supply.id for supply in before) or "none"
        raise _checks.refuse("supply_id", supply_id, f"is no supply of {sku!r}; these are: {ids}")
    rest = before[place].quantity - quantity
    supply = (attrs.evolve(before[place], quantity=rest),) if rest > 0 else ()
    after = before[:place] + supply + before[place + 1 :]
    return evolved(state, supplies=state.supplies.with_changes({sku: after or None}))


def with_counted(
    state: State, sku: str, location: str, on_hand: int, *, lot: str | None = None
) -> State:
    """The inventory after a count found *on_hand* units, 0 or more, whatever was reserved.

    No reservation moves by itself: `overdrawn` says where too many are reserved now.

    Args:
        state: the stock.
        sku: what was counted.
        location: where.
        on_hand: how many stock units are there; of the lot, if one is named.
        lot: the lot that was counted; empty for the units without a lot. Where there are lots, it
            has to be said. A lot of which nothing is there stays, and can be counted again.

    Raises:
        InvalidValueError: there is no such lot, or there are lots and none is named.

    >>> from fulfill_core import Inventory
    >>> Inventory.of({("mug", "berlin"): 12}).with_counted("mug", "berlin", 9).on_hand("mug")
    9
    """
    _checks.check_int("on_hand", on_hand, at_least=0)
    meant = lot_meant(state, sku, location, lot)
    if not has_lots_at(state, sku, location):
        return with_on_hand(state, sku, location, on_hand)
    more = on_hand - on_hand_of_lot(state, sku, location, meant)
    counted = with_on_hand(state, sku, location, all_units(state, sku, location) + more)
    if not meant:
        return counted
    (_, _, _, reserved), facts = checked_lot(state, sku, location, meant)
    return with_lot(counted, sku, ((location, meant, on_hand, reserved), facts))


# -- Transferred -------------------------------------------------------------------------------


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
    unlocked_units(state, ("", ""), "transfer", sku, source, (meant, quantity))
    free = free_of_lot(state, sku, source, meant, now)
    if free < quantity:
        raise StockError(
            "",
            "",
            f"cannot transfer {quantity} of {_checks.repr_of(sku)}{of_lot(meant)} from"
            f" {_checks.repr_of(source)}: {free} {by_number(free, 'is', 'are')} available",
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
    below_zero: bool = False,
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
        below_zero: see `with_shipped`; it is the source that may have less than nothing.

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
    line = order_id, line_id
    _checks.check_bool("below_zero", below_zero)
    check_leaving(state, line, "move", sku, source, units, below_zero=below_zero)
    arrived = _with_arrivals(state, sku, units, source, target)
    arrivals = at_location(withdrawal.units, target)
    return with_units_gone(
        with_withdrawal(arrived, order_id, withdrawal, arrivals), sku, units, source
    )


def _with_arrivals(
    state: State, sku: str, units: Mapping[str, int], source: str, target: str
) -> State:
    """Units of these lots came to a place; nobody is asked whose they are."""
    arrived = state
    for lot, quantity in units.items():
        facts: LotFacts = None, None, False
        if lot:
            _, (expires_at, received_at, _) = checked_lot(state, sku, source, lot)
            facts = expires_at, received_at, False
            at_target = lot_at(state, sku, target, lot)
            if at_target is not None and at_target[1][:2] != facts[:2]:
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
