"""How far the lines of an order have come, worked out of what was reported of it.

Only what is other than before is worked out: what a host itself recorded stays in.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from operator import attrgetter
from typing import TypeAlias

from fulfill_core.inventory.inventory import Inventory, state_of
from fulfill_core.inventory.state import State, components_of, is_tracked
from fulfill_core.orders.altering import altered
from fulfill_core.orders.order import OrderLine
from fulfill_core.orders.progress import NO_PROGRESS, Progress, untouched
from fulfill_core.records.history import Parcel, Return, units_in
from fulfill_core.records.order_record import OrderRecord

Move: TypeAlias = tuple[str, str, str]
"""Line id, SKU, location."""
ParcelPair: TypeAlias = tuple[Parcel | None, Parcel]
"""A parcel as it was before a step, if there was one, and as it is."""


def other_parcels(before: OrderRecord, after: OrderRecord) -> list[ParcelPair]:
    """The parcels of which other units are reported than before, as they were and as they are.

    Another number, or another scan, moves no unit. What lines are new may have left before.

    Args:
        before: the record before a step.
        after: the record after it.
    """
    old, new = before.history.parcels, after.history.parcels
    has_new_lines = _has_new_lines(before, after)
    if old is new and not has_new_lines:
        return []
    old_by_id = {parcel.id: parcel for parcel in old}
    pairs: list[ParcelPair] = []
    for parcel in new:
        earlier = old_by_id.get(parcel.id)
        is_same = earlier is parcel or (
            earlier is not None and _reports_of(earlier) == _reports_of(parcel)
        )
        if has_new_lines or not is_same:
            pairs.append((earlier, parcel))
    return pairs


def _has_new_lines(before: OrderRecord, after: OrderRecord) -> bool:
    return len(before.order.lines) != len(after.order.lines)


_reports_of = attrgetter(
    *("location", "shipped", "parts", "delivered", "lost", "reopened", "credited"),
    *("is_delivered", "has_left"),
)


def with_counters(
    before: OrderRecord, record: OrderRecord, stock: Inventory, parcels: Iterable[ParcelPair]
) -> OrderRecord:
    """The record with the counters that its history comes to.

    Args:
        before: the record before the step, with counters that fit its history.
        record: the record after it, with those of before.
        stock: what kits are made of.
        parcels: see `other_parcels`.
    """
    old_returns, new_returns = before.history.returns, record.history.returns
    if not parcels and old_returns is new_returns and not _has_new_lines(before, record):
        return record
    changes: dict[str, _Changes] = {}
    old_lines = {line.id for line in before.order.lines}
    new_lines = {line.id for line in record.order.lines}
    for parcel, other in parcels:
        _count_parcel(changes, parcel, old_lines, -1)
        _count_parcel(changes, other, new_lines, 1)
    progress = {each.line_id: each for each in record.progress}
    for line in record.order.lines:
        of_line = changes.get(line.id)
        if of_line and any([*of_line.counters.values(), *of_line.parts.values()]):
            before_step = progress.get(line.id, NO_PROGRESS)
            progress[line.id] = _with_parcels(before_step, line, of_line, stock)
    if old_returns or new_returns:
        _count_returns(before, new_returns, progress, new_lines)
    each_plain = [_plain(each) for each in progress.values()]
    counted = [each for each in each_plain if not each.is_untouched]
    in_sequence = tuple(sorted(counted, key=attrgetter("line_id")))
    if in_sequence == record.progress:
        return record
    return altered(record, progress=in_sequence)


def are_units_moved(before: OrderRecord, after: OrderRecord, parcels: Iterable[ParcelPair]) -> bool:
    """Whether other units left, from elsewhere, were cancelled or go again: what is open follows.

    What arrived, or is to come back, moves none of them.

    Args:
        before: the record before a step.
        after: the record after it, with its counters.
        parcels: see `other_parcels`.
    """
    if after.progress is not before.progress:
        units = [list(map(_moved_units, record.progress)) for record in (before, after)]
        if units[0] != units[1]:
            return True
    return any([_departure(earlier) != _departure(parcel) for earlier, parcel in parcels])


_moved_units = attrgetter("line_id", "cancelled", "reduced", "shipped", "reopened", "parts")


def _plain(progress: Progress) -> Progress:
    """The progress, silent on what is credited where that is what anybody would take it to be."""
    if progress.credited is None:
        return progress
    silent = altered(progress, credited=None)
    return silent if silent.units_credited() == progress.credited else progress


class _Changes:
    """By how much the counters of a line change, and of a kit what left of its components alone."""

    __slots__ = ("counters", "parts")

    def __init__(self) -> None:
        self.counters: dict[str, int] = {}
        self.parts: dict[str, int] = {}


def _count_parcel(
    changes: dict[str, _Changes], parcel: Parcel | None, line_ids: set[str], sign: int
) -> None:
    """Add what a parcel comes to, or take it off, by line and counter: of lines that there are."""
    if parcel is None:
        return
    units_left = parcel.units_left()
    arrived = units_left if parcel.is_delivered else dict(parcel.delivered)
    for line_id, units in units_left.items():
        if line_id not in line_ids:
            continue
        if line_id not in changes:
            changes[line_id] = _Changes()
        counters = changes[line_id].counters
        counters["shipped"] = counters.get("shipped", 0) + sign * units
        if arrived:
            part = min(units, arrived.get(line_id, 0))
            counters["delivered"] = counters.get("delivered", 0) + sign * part
        if parcel.lost:
            vanished = min(units, units_in(parcel.lost, line_id))
            for name, part in (
                ("lost", vanished),
                ("reopened", min(vanished, units_in(parcel.reopened, line_id))),
                ("credited", min(vanished, units_in(parcel.credited, line_id))),
            ):
                counters[name] = counters.get(name, 0) + sign * part
    for line_id, sku, units in parcel.parts_left():
        if line_id in line_ids:
            parts = changes.setdefault(line_id, _Changes()).parts
            parts[sku] = parts.get(sku, 0) + sign * units


def _with_parcels(
    before: Progress, line: OrderLine, changes: _Changes, stock: Inventory
) -> Progress:
    """The progress of a line after its parcels are other than before."""
    contents: dict[str, object] = {
        name: getattr(before, name) + more
        for name, more in changes.counters.items()
        if more and name != "credited"
    }
    if any([changes.counters.get(name) for name in ("lost", "reopened", "credited")]):
        contents["credited"] = before.units_credited() + changes.counters["credited"]
    recipe = components_of(state_of(stock), line.sku)
    if recipe and (before.parts or changes.parts):
        shipped = before.shipped + changes.counters.get("shipped", 0)
        in_all: dict[str, int] = dict(before.parts)
        for sku, units_each in recipe:
            in_all[sku] = shipped * units_each + in_all.get(sku, 0) + changes.parts.get(sku, 0)
        shipped = min([in_all[sku] // units_each for sku, units_each in recipe])
        for sku, units_each in recipe:
            in_all[sku] -= shipped * units_each
        parts = tuple(sorted([(sku, units) for sku, units in in_all.items() if units > 0]))
        contents.update(shipped=shipped, parts=parts)
    return altered(before, line_id=line.id, **contents)


# -- Returns -----------------------------------------------------------------------------------


def accepted_returns(
    returns: tuple[Return, ...], room: Mapping[str, int]
) -> list[tuple[Return, bool]]:
    """The returns in the sequence in which they happened, and whether what came back counts.

    It does if all of it was out: more than left can't come back.

    Args:
        returns: all of the order's.
        room: units that are out, by line.
    """
    rest = dict(room)
    result: list[tuple[Return, bool]] = []
    for each in sorted(returns, key=lambda each: (each.at, each.id)):
        has_room = bool(each.received) and all(
            [rest.get(line_id, 0) >= units for line_id, units in each.received]
        )
        if has_room:
            for line_id, units in each.received:
                rest[line_id] -= units
        result.append((each, has_room))
    return result


def room_for_returns(progress: Iterable[Progress]) -> dict[str, int]:
    """Units of each line that are out, or came back: what left and was not lost."""
    return {each.line_id: each.shipped - each.lost for each in progress}


def _count_all(
    changes: dict[str, Counter[str]],
    returns: tuple[Return, ...],
    room: Mapping[str, int],
    sign: int,
) -> None:
    """Add what returns come to, or take it off, by line and counter."""
    for each, has_room in accepted_returns(returns, room):
        received = each.received if has_room else ()
        for line_id in {line for line, _ in (*each.requested, *received)}:
            of_line = changes.setdefault(line_id, Counter())
            came = units_in(received, line_id)
            cancelled = units_in(each.cancelled, line_id)
            requested = max(units_in(each.requested, line_id), cancelled + came)
            of_line["return_requested"] += sign * requested
            of_line["return_cancelled"] += sign * cancelled
            if came:
                of_line["returned"] += sign * came
                of_line["restocked"] += sign * min(came, units_in(each.restocked, line_id))
                of_line["credited"] += sign * min(came, units_in(each.credited, line_id))
                of_line["reopened"] += sign * min(came, units_in(each.reopened, line_id))


def _count_returns(
    before: OrderRecord,
    returns: tuple[Return, ...],
    progress: dict[str, Progress],
    line_ids: set[str],
) -> None:
    """Move the counters of returns, by what they come to now instead of before."""
    changes: dict[str, Counter[str]] = {}
    _count_all(changes, before.history.returns, room_for_returns(before.progress), -1)
    _count_all(changes, returns, room_for_returns(progress.values()), 1)
    for line_id, of_line in changes.items():
        if line_id in line_ids and any(of_line.values()):
            each = progress.get(line_id) or untouched(line_id)
            credited = each.units_credited() + of_line.pop("credited", 0)
            after = {name: getattr(each, name) + more for name, more in of_line.items()}
            progress[line_id] = altered(each, **after, credited=credited)


# -- Where units went --------------------------------------------------------------------------


def moves_between(
    before: OrderRecord, after: OrderRecord, stock: Inventory, parcels: Iterable[ParcelPair]
) -> Counter[Move]:
    """Units that left, by line, SKU and location: below zero, so many came back to the shelf.

    Args:
        before: the record before the step.
        after: the record after it.
        stock: what kits are made of.
        parcels: see `other_parcels`.
    """
    moves: Counter[Move] = Counter()
    has_new_lines = _has_new_lines(before, after)
    pairs = [
        pair for pair in parcels if has_new_lines or _departure(pair[0]) != _departure(pair[1])
    ]
    old, new = before.history.returns, after.history.returns
    # Whether there is room for what came back follows of the counters.
    is_as_before = old is new and before.progress is after.progress and not has_new_lines
    has_returns = not is_as_before and any([each.restocked for each in (*old, *new)])
    if not pairs and not has_returns:
        return moves
    state = state_of(stock)
    for sign, record, of_record in (
        (-1, before, [parcel for parcel, _ in pairs]),
        (1, after, [parcel for _, parcel in pairs]),
    ):
        lines = {line.id: line for line in record.order.lines}
        for parcel in of_record:
            if parcel is not None and parcel.location:
                for line_id, units in parcel.units_left().items():
                    _move(moves, lines, state, (line_id, parcel.location), sign * units)
                for line_id, sku, units in parcel.parts_left():
                    if line_id in lines:
                        moves[line_id, sku, parcel.location] += sign * units
        if has_returns:
            room = room_for_returns(record.progress)
            for each, has_room in accepted_returns(record.history.returns, room):
                if has_room and each.location:
                    for line_id, units in each.restocked:
                        came = min(units, units_in(each.received, line_id))
                        _move(moves, lines, state, (line_id, each.location), -sign * came)
    return moves


def _departure(parcel: Parcel | None) -> tuple[object, ...]:
    """What left in a parcel, and where: that it arrived moves no unit."""
    if parcel is None or not parcel.location:
        return ()
    return parcel.location, parcel.units_left(), parcel.parts_left()


def _move(
    moves: Counter[Move],
    lines: Mapping[str, OrderLine],
    state: State,
    place: tuple[str, str],
    units: int,
) -> None:
    """Units of a line that went, kits taken apart; of what needs no stock, nothing."""
    line_id, location = place
    line = lines.get(line_id)
    if line is None or not line.ships:
        return
    if line.sku not in state.items:  # as most SKUs: it is tracked, and no kit
        moves[line_id, line.sku, location] += units
    elif is_tracked(state, line.sku):
        for sku, each in components_of(state, line.sku) or ((line.sku, 1),):
            moves[line_id, sku, location] += units * each
