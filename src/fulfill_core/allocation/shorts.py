"""What is said of units that a line will not get: how many there were for it, and why it did not.

See docs/explanation/how-stock-is-given-out.md, "What is missing".
"""

from __future__ import annotations

from collections.abc import Iterable

from fulfill_core.allocation.demand import LineShortage, Sources, Unserved
from fulfill_core.allocation.turn import PlainTurn
from fulfill_core.decisions.lines import ShortReason
from fulfill_core.decisions.rows import Served, ShortRow, served_of
from fulfill_core.inventory.state import State, is_known


def short_row(
    stock: State,
    shortage: LineShortage,
    units: int,
    sources: Sources,
    reason_if_left: ShortReason,
    turn: PlainTurn,
) -> ShortRow:
    """Units that a line will not get, how many there were for it, and why it did not get them.

    Args:
        stock: the stock before the run.
        shortage: what the line lacks.
        units: how many of these units will not come.
        sources: where the order is served from.
        reason_if_left: the reason if some are there and were not taken.
        turn: the order's turn.
    """
    demand, missing, left_on_shelf = shortage
    line, _, _ = demand
    rule = turn.short_reason(demand)
    is_on_shelf = line.sku in turn.shelves  # so it is known
    if not (is_on_shelf or all([is_known(stock, sku) for sku in turn.skus_of(line)])):
        reason = ShortReason.UNKNOWN_SKU
    elif rule is not None:
        reason = rule
    elif reason_if_left is ShortReason.BACKORDER_CAP:
        reason = reason_if_left
    else:
        of_place = reason_of_place(turn.locations_of(demand), sources)
        if of_place is not None:
            reason = of_place
        else:
            reason = reason_if_left if left_on_shelf else ShortReason.OUT_OF_STOCK
            if reason is ShortReason.OUT_OF_STOCK and line.lot:
                reason = ShortReason.LOT_UNAVAILABLE
            elif reason is ShortReason.OUT_OF_STOCK and turn.has_loose_units(line.sku):
                reason = ShortReason.LINE_SHIPS_WHOLE
    # What it has already counts, so that the next run gives the same number as the first.
    available = line.units - missing + left_on_shelf
    # As `reason.value`, which is two more calls.
    return line.id, line.sku, units, line.units, available, reason._value_


def reason_of_place(locations: Iterable[str], sources: Sources) -> ShortReason | None:
    """Why units are short that lie at locations which do not serve the order; None if all do.

    The policy is named before the calendar: only if every location that has more is shut for today,
    that is why.

    Args:
        locations: those that have something of what a line takes, by id.
        sources: where the order is served from.
    """
    places, shut, _ = sources
    reason: ShortReason | None = None
    for place in locations:
        if place not in places:
            if place not in shut:
                return ShortReason.NOT_SOURCED
            reason = ShortReason.AT_CAPACITY
    return reason


def with_nothing(served: Served, unserved: Unserved, sources: Sources) -> Served:
    """What is said of an order that gets nothing: what becomes of it all, and from where."""
    backorders, shorts = unserved
    _, _, remarks = sources
    return served_of(
        ((), backorders, shorts, served.reserved, served.untracked, served.kits, remarks, ())
    )
