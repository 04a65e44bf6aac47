"""Where units went that left, or never did: what moves in the stock with a step."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeAlias

from fulfill_core.inventory.inventory import state_of
from fulfill_core.inventory.state import State, components_of, is_tracked
from fulfill_core.inventory.withdrawing.withdrawals import Part
from fulfill_core.lifecycle.draft import Draft, ParcelPair
from fulfill_core.orders.order import OrderLine
from fulfill_core.orders.sequences import by_id
from fulfill_core.records.history import Parcel, Units
from fulfill_core.records.order_record import OrderRecord
from fulfill_core.records.report_rows import PartRow

Departure: TypeAlias = tuple[str, Units, tuple[PartRow, ...]]
"""Where a parcel left, what of which line was in it, and components beside whole kits."""
DeparturePair: TypeAlias = tuple[Departure | None, Departure | None]
"""What left in a parcel before a step, and after it; None if nothing did, or nobody knows where."""


def has_new_lines(before: OrderRecord, after: OrderRecord) -> bool:
    """Whether an order has got lines in a step: what left of them before was theirs."""
    return len(before.order.lines) != len(after.order.lines)


def left_alike(before: Parcel, parcel: Parcel) -> bool:
    """Whether what is reported of a parcel that left, and where, is the same."""
    return (
        before.shipped == parcel.shipped
        and before.delivered == parcel.delivered
        and before.lost == parcel.lost
        and before.parts == parcel.parts
        and before.location == parcel.location
        and before.has_left == parcel.has_left
    )


def departures_of(draft: Draft, parcels: Iterable[ParcelPair]) -> list[DeparturePair]:
    """What left in parcels, and where, before a step and after it, as far as that is other.

    That they arrived is no matter. Where lines are new, all that left counts: some may be theirs.

    Args:
        draft: the step.
        parcels: see `other_parcels`.
    """
    pairs: list[DeparturePair] = []
    are_new = has_new_lines(draft.before, draft.record)
    for earlier, parcel in parcels:
        if earlier is not None and not are_new and left_alike(earlier, parcel):
            continue
        pair = _departure(earlier), _departure(parcel)
        if are_new or pair[0] != pair[1]:
            pairs.append(pair)
    return pairs


def _departure(parcel: Parcel | None) -> Departure | None:
    """What left in a parcel, and where; None if nobody knows where."""
    if parcel is None or not parcel.location:
        return None
    return parcel.location, parcel.rows_left(), parcel.parts_left()


def moves_between(draft: Draft, departures: Iterable[DeparturePair]) -> dict[Part, int]:
    """Units that left in a step, by line, SKU and location: below zero, so many never did.

    Args:
        draft: the step, with the counters after it.
        departures: see `departures_of`.
    """
    moves: dict[Part, int] = {}
    lines, old_lines = lines_around(draft)
    state = state_of(draft.stock)
    for earlier, later in departures:
        if earlier is not None:
            _move_parcel(moves, old_lines, state, earlier, -1)
        if later is not None:
            _move_parcel(moves, lines, state, later, 1)
    return moves


def lines_around(draft: Draft) -> tuple[Mapping[str, OrderLine], Mapping[str, OrderLine]]:
    """The lines by id, as they are after a step and as they were."""
    lines = draft.lines_by_id()
    if draft.before.order.lines is draft.record.order.lines:
        return lines, lines
    return lines, by_id(draft.before.order.lines)


def _move_parcel(
    moves: dict[Part, int],
    lines: Mapping[str, OrderLine],
    state: State,
    departure: Departure,
    sign: int,
) -> None:
    """What left in a parcel went, or is back if it did not."""
    location, rows_left, parts_left = departure
    add_rows(moves, lines, state, location, rows_left, sign)
    for line_id, sku, units in parts_left:
        if line_id in lines:
            key = line_id, sku, location
            moves[key] = moves.get(key, 0) + sign * units


def add_rows(
    moves: dict[Part, int],
    lines: Mapping[str, OrderLine],
    state: State,
    location: str,
    rows: Iterable[tuple[str, int]],
    sign: int,
) -> None:
    """Add units of lines that moved, kits taken apart; of what needs no stock, nothing."""
    items = state.items
    for line_id, units in rows:
        line = lines.get(line_id)
        if line is None or not line.ships:
            continue
        sku = line.sku
        if sku not in items:  # as most: it is tracked, and no kit
            key = line_id, sku, location
            moves[key] = moves.get(key, 0) + sign * units
        elif is_tracked(state, sku):
            for part, each in components_of(state, sku) or ((sku, 1),):
                key = line_id, part, location
                moves[key] = moves.get(key, 0) + sign * units * each
