"""How far the lines of an order have come, worked out of what was reported of it.

Only what is other than before is worked out: what a host itself recorded stays in.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Iterable, Mapping, Sequence
from operator import add, sub
from typing import cast

from fulfill_core.inventory.inventory import state_of
from fulfill_core.inventory.state import components_of
from fulfill_core.inventory.withdrawing.withdrawals import Part
from fulfill_core.lifecycle.draft import Draft, ParcelPair
from fulfill_core.lifecycle.recording.components import (
    count_parts,
    fates_around,
    kits_of_parts,
    with_kits,
)
from fulfill_core.lifecycle.recording.departures import (
    DeparturePair,
    add_rows,
    has_new_lines,
    left_alike,
)
from fulfill_core.lifecycle.recording.losses import losses_without_room
from fulfill_core.orders.altering import altered
from fulfill_core.orders.progress import (
    NO_PROGRESS,
    Counts,
    Parts,
    Progress,
    counts_of,
    further_shipped,
    progress_with,
)
from fulfill_core.orders.sequences import by_id
from fulfill_core.records.history import Parcel, Return
from fulfill_core.records.noting import FateRow, PartFates


def other_parcels(draft: Draft) -> list[ParcelPair]:
    """The parcels of which other units are reported than before, as they were and as they are.

    Another number, or another scan, moves no unit. What lines are new may have left before.

    Args:
        draft: the step, once what was reported is on record.
    """
    before, record = draft.before, draft.record
    if has_new_lines(before, record):
        old_by_id = by_id(before.history.parcels)
        return [(old_by_id.get(parcel.id), parcel) for parcel in record.history.parcels]
    pair = draft.parcel_pair
    if pair is None or (pair[0] is not None and _is_reported_alike(pair[0], pair[1])):
        return []
    return [pair]


def _is_reported_alike(before: Parcel, parcel: Parcel) -> bool:
    """Whether the same units of a parcel are reported."""
    return (
        left_alike(before, parcel)
        and before.is_delivered == parcel.is_delivered
        and before.reopened == parcel.reopened
        and before.credited == parcel.credited
        and before.lost_at == parcel.lost_at
    )


def count_plain_parcel(draft: Draft, parcels: Sequence[ParcelPair]) -> Mapping[Part, int] | None:
    """Count what left in one new parcel, or never did: nearly all do so, in half of the calls.

    Where nothing of the order came back, and nothing but whole units of lines left, what serves
    all parcels (`count_units`, `find_moves`, `moves_between`) comes to the same.

    Args:
        draft: the step, as for `count_units`.
        parcels: see `other_parcels`.

    Returns:
        What left, by line, SKU and location, below zero if it never did; None if it is not so
        plain: then nothing is counted.
    """
    record = draft.record
    if not parcels or record.history.returns:
        return None
    earlier, parcel = parcels[0]
    sign = _sign_of_plain(earlier, parcel)
    if not sign:
        return None
    for each in record.progress:
        if each.parts or each.credited is not None:
            return None
    lines, progress = draft.lines_by_id(), draft.progress_by_line()
    further: dict[str, Progress | None] = {}
    for line_id, units in parcel.shipped:
        if line_id in lines:
            before = progress.get(line_id, NO_PROGRESS)
            if sign > 0:
                further[line_id] = further_shipped(before, line_id, units)
            elif before.shipped < units:  # a host has not counted them
                return None
            else:
                further[line_id] = _as_kept(further_shipped(before, line_id, -units))
    draft.put_progress(further)
    draft.moves_units = True
    draft.moves_value = bool(further)
    moves: dict[Part, int] = {}
    add_rows(moves, lines, state_of(draft.stock), parcel.location, parcel.shipped, sign)
    return moves


def _sign_of_plain(earlier: Parcel | None, parcel: Parcel) -> int:
    """1 if whole units left in a new parcel, -1 if they never did; 0 if it is not so plain."""
    if not parcel.location or parcel.parts or parcel.delivered or parcel.lost:
        return 0
    if earlier is None:
        return 1
    # All else that is said of a parcel says more of it, or its lines are new.
    return -1 if earlier.has_left and not parcel.has_left else 0


def count_units(draft: Draft, parcels: Collection[ParcelPair]) -> None:
    """How far lines have come: the counters that the history of a record comes to.

    Args:
        draft: the step: its record has the counters of before, which fit the history of before.
        parcels: see `other_parcels`.
    """
    before, record = draft.before, draft.record
    old_returns, new_returns = before.history.returns, record.history.returns
    are_new = has_new_lines(before, record)
    if not parcels and old_returns is new_returns and not are_new:
        return
    lines = draft.lines_by_id()
    if parcels:
        is_same = before.order.lines is record.order.lines
        old_ids: Container[str] = lines if is_same else by_id(before.order.lines)
        draft.put_progress(_count_parcels(draft, parcels, old_ids))
    if old_returns or new_returns:  # which of them have room follows of what left
        draft.put_progress(_count_late_losses(draft))
        draft.put_progress(_count_returns(draft))
    credited = [each for each in draft.record.progress if each.credited is not None]
    if credited:  # also of lines that somebody else has counted
        plain = {each.line_id: after for each in credited if (after := _as_kept(each)) is not each}
        draft.put_progress(plain)


def _as_kept(progress: Progress) -> Progress | None:
    """The progress as it is kept: silent on what anybody would take it to be; None of nothing."""
    if progress.credited is not None:
        progress = _plain(progress)
    return progress if progress.shipped or not progress.is_untouched else None


def find_moves(draft: Draft, departures: Iterable[DeparturePair]) -> None:
    """Find out whether other units left, were cancelled or go again, and whether others are due.

    What arrived, or is to come back, moves none of them.

    Args:
        draft: the step, with the counters after it.
        departures: see `departures_of`.
    """
    for before, after in draft.line_moves.values():
        if before is None or after is None:
            if before is after:  # what is reported comes to nothing, as before
                continue
            draft.moves_units = draft.moves_value = True
        elif _sends_other(before, after):
            draft.moves_units = draft.moves_value = True
        elif _costs_other(before, after):
            draft.moves_value = True
    for earlier, later in departures:
        if earlier != later:
            draft.moves_units = True


def _sends_other(before: Progress, after: Progress) -> bool:
    """Whether another number of units of a line is open, or has left."""
    return (
        after.shipped != before.shipped
        or after.cancelled != before.cancelled
        or after.reopened != before.reopened
        or after.reduced != before.reduced
        or after.parts != before.parts
    )


def _costs_other(before: Progress, after: Progress) -> bool:
    """Whether, though the same units left, another number of them is to be paid for."""
    return (
        after.returned != before.returned
        or after.lost != before.lost
        or after.credited != before.credited
    )


def _plain(progress: Progress) -> Progress:
    """The progress, silent on what is credited where that is what anybody would take it to be."""
    silent = altered(progress, credited=None)
    return silent if silent.units_credited() == progress.credited else progress


# -- What is counted, line by line -------------------------------------------------------------

_NO_UNITS: Counts = (0, 0, 0, 0, 0, 0, 0, 0, 0)


def _changes(before: Mapping[str, Counts], after: Mapping[str, Counts]) -> Mapping[str, Counts]:
    """By how much the counters of lines change; of those where some do."""
    if not before:
        return after
    changes: dict[str, Counts] = {}
    for line_id, counts in after.items():
        earlier = before.get(line_id)
        if earlier != counts:
            changes[line_id] = counts if earlier is None else _each(sub, counts, earlier)
    for line_id, counts in before.items():
        if line_id not in after:
            changes[line_id] = _each(sub, _NO_UNITS, counts)
    return changes


def _each(calculate: Callable[[int, int], int], counts: Counts, other: Counts) -> Counts:
    """What becomes of each counter of a line, by that of another one."""
    return cast("Counts", tuple(map(calculate, counts, other)))


def _sum(total: dict[str, Counts], more: dict[str, Counts]) -> dict[str, Counts]:
    """What both come to together, by line: the total is changed, unless it is empty."""
    if not total:
        return more
    for line_id, counts in more.items():
        so_far = total.get(line_id)
        total[line_id] = counts if so_far is None else _each(add, so_far, counts)
    return total


def _sums(rows: Iterable[tuple[str, Counts]]) -> dict[str, Counts]:
    """What counters come to, by line."""
    total: dict[str, Counts] = {}
    for line_id, counts in rows:
        total = _sum(total, {line_id: counts})
    return total


def _after(before: Progress, line_id: str, more: Counts) -> Progress:
    """The progress of a line of which parcels or returns come to so much more, or less.

    What a host has not counted can't be taken off: no counter sinks below zero.
    """
    if min(more) < 0:
        more = _each(max, more, _each(sub, _NO_UNITS, counts_of(before)))
    return progress_with(before, line_id, *more)


def _count_parcels(
    draft: Draft, parcels: Collection[ParcelPair], old_ids: Container[str]
) -> dict[str, Progress | None]:
    """How far lines have come by what parcels come to now instead of before; of those that move.

    Args:
        draft: the step.
        parcels: see `other_parcels`.
        old_ids: the lines that there were before it.
    """
    lines, progress = draft.lines_by_id(), draft.progress_by_line()
    earlier: dict[str, Counts] = {}
    later: dict[str, Counts] = {}
    parts: dict[str, dict[str, int]] = {}
    for old, new in parcels:
        if old is not None:
            earlier = _sum(earlier, _counts_of(old, old_ids))
            if old.parts:
                count_parts(parts, old, old_ids, -1)
        later = _sum(later, _counts_of(new, lines))
        if new.parts:
            count_parts(parts, new, lines, 1)
    changes = _changes(earlier, later)
    if parts:
        changes = {**dict.fromkeys(parts, _NO_UNITS), **changes}
    progress_after: dict[str, Progress | None] = {}
    fates: dict[str, FateRow] = {}
    for line_id, more in changes.items():
        before = progress.get(line_id, NO_PROGRESS)
        recipe: Parts = ()
        if before.parts or line_id in parts:
            recipe = components_of(state_of(draft.stock), lines[line_id].sku)
        if recipe:
            pair = fates_around(draft, parcels, old_ids, line_id, recipe)
            fates[line_id] = recipe, pair[1]
            of_kits = _each(sub, *[kits_of_parts(each, recipe) for each in reversed(pair)])
            after = _after(before, line_id, _each(add, more, of_kits))
            after = with_kits(before, after, parts.get(line_id, {}), recipe)
        else:
            after = _after(before, line_id, more)
        progress_after[line_id] = _as_kept(after)
    if fates:
        before_step = draft.fates_before()
        rows: Mapping[str, FateRow] = {} if before_step is None else before_step.by_line
        beside = {line_id: row for line_id, row in rows.items() if line_id not in changes}
        draft.fates = PartFates(draft.record.history.parcels, {**beside, **fates})
    return progress_after


def _counts_of(parcel: Parcel, line_ids: Container[str]) -> dict[str, Counts]:
    """What a parcel comes to, of lines that there are."""
    rows_left = parcel.rows_left()
    is_there = parcel.is_delivered
    if not parcel.lost and (is_there or not parcel.delivered):  # as nearly all
        return {
            line_id: (units, units if is_there else 0, 0, 0, 0, 0, 0, 0, 0)
            for line_id, units in rows_left
            if line_id in line_ids
        }
    arrived = parcel.units_delivered()
    losses, again, credit = dict(parcel.lost), dict(parcel.reopened), dict(parcel.credited)
    counts: dict[str, Counts] = {}
    for line_id, units in rows_left:
        if line_id in line_ids:
            part = min(units, arrived.get(line_id, 0))
            vanished = min(units, losses.get(line_id, 0))
            reopened, credited = [min(vanished, fate.get(line_id, 0)) for fate in (again, credit)]
            counts[line_id] = (units, part, vanished, 0, 0, 0, 0, reopened, credited)
    return counts


# -- Returns -----------------------------------------------------------------------------------


def _count_all(returns: Iterable[tuple[Return, bool]]) -> dict[str, Counts]:
    """What returns come to, by line."""
    total: dict[str, Counts] = {}
    for each, has_room in returns:
        total = _sum(total, _back(each) if has_room else _to_come_back(each))
    return total


def _to_come_back(entry: Return) -> dict[str, Counts]:
    """What a return comes to that is announced only, or has no room."""
    if not entry.cancelled:
        return {line_id: (0, 0, 0, units, 0, 0, 0, 0, 0) for line_id, units in entry.requested}
    cancelled = dict(entry.cancelled)
    counts: dict[str, Counts] = {}
    for line_id, units in entry.requested:
        given_up = cancelled.get(line_id, 0)
        counts[line_id] = (0, 0, 0, max(units, given_up), given_up, 0, 0, 0, 0)
    return counts


def _back(entry: Return) -> dict[str, Counts]:
    """What a return comes to that came back."""
    requested, received = dict(entry.requested), dict(entry.received)
    cancelled = entry.units_given_up() if entry.cancelled else {}
    restocked, reopened, credited = (
        dict(entry.restocked),
        dict(entry.reopened),
        dict(entry.credited),
    )
    counts: dict[str, Counts] = {}
    for line_id in requested.keys() | received.keys():
        came, given_up = received.get(line_id, 0), cancelled.get(line_id, 0)
        announced = max(requested.get(line_id, 0), given_up + came)
        again = min(came, reopened.get(line_id, 0))
        credit = min(came, credited.get(line_id, 0))
        on_shelf = min(came, restocked.get(line_id, 0))
        counts[line_id] = (0, 0, 0, announced, given_up, came, on_shelf, again, credit)
    return counts


def _count_returns(draft: Draft) -> dict[str, Progress | None]:
    """How far lines have come by what returns come to now instead of before; of those that move."""
    lines, progress = draft.lines_by_id(), draft.progress_by_line()
    earlier, later = map(_count_all, draft.other_returns())
    return {
        line_id: _as_kept(_after(progress.get(line_id, NO_PROGRESS), line_id, more))
        for line_id, more in _changes(earlier, later).items()
        if line_id in lines
    }


def _count_late_losses(draft: Draft) -> dict[str, Progress | None]:
    """How far lines have come without what was said to be lost once it was back; of these lines."""
    if not any([each.lost for each in draft.record.history.parcels]):
        return {}
    lines, progress = draft.lines_by_id(), draft.progress_by_line()
    earlier = _sums(losses_without_room(draft.before))
    later = _sums(losses_without_room(draft.record))
    return {
        line_id: _as_kept(_after(progress.get(line_id, NO_PROGRESS), line_id, more))
        for line_id, more in _changes(earlier, later).items()
        if line_id in lines
    }
