"""Where more is reserved than there is, and which reservations would have to go without."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

import attrs

from fulfill_core import _checks
from fulfill_core.inventory.state import State, expired_by_lot, expired_units
from fulfill_core.inventory.stock import Reservation


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
        for sku, cells in state.lots.items()
        if any([reserved > quantity for (_, _, quantity, reserved), _ in cells])
    }
    return at_locations | in_lots


def has_too_many_reservations(state: State, sku: str) -> bool:
    """Whether more is reserved of a SKU, somewhere or of some lot, than is there, expired or not.

    It costs a look at the rows of the SKU, where `overdrawn` adds up what has expired.
    """
    cells, lots = state.stock_rows.get(sku) or (), state.lots.get(sku) or ()
    return any([reserved > on_hand for _, on_hand, _, reserved in cells]) or any(
        [reserved > quantity for (_, _, quantity, reserved), _ in lots]
    )


def _overdrawn_lots(state: State, sku: str, now: datetime | None) -> dict[str, list[Overdraft]]:
    """The lots of which more is reserved than is there, by location."""
    by_location: dict[str, list[Overdraft]] = {}
    expired = expired_by_lot(state, sku, now)
    for (location, lot, quantity, all_reserved), _ in state.lots.get(sku) or ():
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
