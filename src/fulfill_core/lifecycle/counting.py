"""How far the lines of an order have come, worked out of what was reported of it.

Only what is other than before is worked out: what a host itself recorded stays in.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Iterable, Mapping
from operator import attrgetter
from typing import TypeAlias

from fulfill_core.inventory.inventory import Inventory, state_of
from fulfill_core.inventory.state import State, components_of, is_tracked
from fulfill_core.orders.altering import altered
from fulfill_core.orders.order import OrderLine
from fulfill_core.orders.progress import NO_PROGRESS, Parts, Progress, untouched
from fulfill_core.records.history import Parcel, PartRow, Return
from fulfill_core.records.order_record import OrderRecord

Move: TypeAlias = tuple[str, str, str]
"""Line id, SKU, location."""
ParcelPair: TypeAlias = tuple[Parcel | None, Parcel]
"""A parcel as it was before a step, if there was one, and as it is."""
Departure: TypeAlias = tuple[str, dict[str, int], tuple[PartRow, ...]]
"""Where a parcel left, what of which line was in it, and components beside whole kits."""
DeparturePair: TypeAlias = tuple[Departure | None, Departure | None]
"""What left in a parcel before a step, and after it; None if nothing did, or nobody knows where."""


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


def progress_after(
    before: OrderRecord, record: OrderRecord, stock: Inventory, parcels: Iterable[ParcelPair]
) -> tuple[Progress, ...]:
    """How far lines have come: the counters that the history of a record comes to.

    Args:
        before: the record before the step, with counters that fit its history.
        record: the record after it, with those of before.
        stock: what kits are made of.
        parcels: see `other_parcels`.
    """
    old_returns, new_returns = before.history.returns, record.history.returns
    if not parcels and old_returns is new_returns and not _has_new_lines(before, record):
        return record.progress
    lines = {line.id: line for line in record.order.lines}
    changes: _Changes = {}
    parts: _Changes = {}
    is_same = before.order.lines is record.order.lines
    old_ids: Container[str] = lines if is_same else {line.id for line in before.order.lines}
    for parcel, other in parcels:
        if parcel is not None:
            _count_parcel(changes, parts, parcel, old_ids, -1)
        _count_parcel(changes, parts, other, lines, 1)
    progress = {each.line_id: each for each in record.progress}
    for line_id, counters in changes.items():
        of_parts = parts.get(line_id) if parts else None
        if any(counters.values()) or (of_parts and any(of_parts.values())):
            before_step = progress.get(line_id, NO_PROGRESS)
            progress[line_id] = _with_parcels(
                before_step, lines[line_id], counters, of_parts, stock
            )
    if old_returns or new_returns:
        _count_returns(before, new_returns, progress, lines)
    in_sequence = tuple(
        [
            each if each.credited is None else _plain(each)
            for _, each in sorted(progress.items())
            if each.shipped or not _plain(each).is_untouched
        ]
    )
    return record.progress if in_sequence == record.progress else in_sequence


def are_units_moved(
    before: OrderRecord, after: OrderRecord, departures: Iterable[DeparturePair]
) -> bool:
    """Whether other units left, from elsewhere, were cancelled or go again: what is open follows.

    What arrived, or is to come back, moves none of them.

    Args:
        before: the record before a step.
        after: the record after it, with its counters.
        departures: see `departures_of`.
    """
    if any([earlier != departure for earlier, departure in departures]):
        return True
    return is_other(before.progress, after.progress, _moved_units)


_moved_units = attrgetter("line_id", "cancelled", "reduced", "shipped", "reopened", "parts")


def is_other(
    before: tuple[Progress, ...],
    after: tuple[Progress, ...],
    counters_of: Callable[[Progress], object],
) -> bool:
    """Whether some of the counters of lines are other than before.

    Args:
        before: how far lines had come, by line id.
        after: how far they have come.
        counters_of: what reads the line and those counters.
    """
    if after is before:
        return False
    if len(after) != len(before):
        return True
    for old, new in zip(before, after, strict=True):
        if new is not old and counters_of(new) != counters_of(old):
            return True
    return False


def _plain(progress: Progress) -> Progress:
    """The progress, silent on what is credited where that is what anybody would take it to be."""
    if progress.credited is None:
        return progress
    silent = altered(progress, credited=None)
    return silent if silent.units_credited() == progress.credited else progress


_Changes: TypeAlias = dict[str, dict[str, int]]
"""By how much the counters of lines change, by line and counter; or of kits, what left of their
components alone, by line and SKU."""


def _count_parcel(
    changes: _Changes, parts: _Changes, parcel: Parcel, line_ids: Container[str], sign: int
) -> None:
    """Add what a parcel comes to, or take it off: of lines that there are."""
    units_left = parcel.units_left()
    arrived = units_left if parcel.is_delivered else dict(parcel.delivered)
    for line_id, units in units_left.items():
        if line_id not in line_ids:
            continue
        counters = changes.setdefault(line_id, {})
        counters["shipped"] = counters.get("shipped", 0) + sign * units
        if arrived:
            part = min(units, arrived.get(line_id, 0))
            counters["delivered"] = counters.get("delivered", 0) + sign * part
    if parcel.lost:
        _count_lost(changes, parcel, units_left, line_ids, sign)
    for line_id, sku, units in parcel.parts_left():
        if line_id in line_ids:
            changes.setdefault(line_id, {})
            of_parts = parts.setdefault(line_id, {})
            of_parts[sku] = of_parts.get(sku, 0) + sign * units


def _count_lost(
    changes: _Changes,
    parcel: Parcel,
    units_left: Mapping[str, int],
    line_ids: Container[str],
    sign: int,
) -> None:
    """Add what of a parcel will not arrive, and what becomes of it, or take it off."""
    losses, again = dict(parcel.lost), dict(parcel.reopened)
    credit = dict(parcel.credited)
    for line_id, units in units_left.items():
        if line_id in line_ids:
            counters = changes[line_id]
            vanished = min(units, losses.get(line_id, 0))
            for name, part in (
                ("lost", vanished),
                ("reopened", min(vanished, again.get(line_id, 0))),
                ("credited", min(vanished, credit.get(line_id, 0))),
            ):
                counters[name] = counters.get(name, 0) + sign * part


def _with_parcels(
    before: Progress,
    line: OrderLine,
    changes: Mapping[str, int],
    parts: Mapping[str, int] | None,
    stock: Inventory,
) -> Progress:
    """The progress of a line after its parcels are other than before."""
    contents: dict[str, object] = {"line_id": line.id}
    for name, more in changes.items():
        if more and name != "credited":
            contents[name] = getattr(before, name) + more
    if "lost" in changes and any([changes[name] for name in ("lost", "reopened", "credited")]):
        contents["credited"] = before.units_credited() + changes["credited"]
    if before.parts or parts:
        recipe = components_of(state_of(stock), line.sku)
        if recipe:
            shipped = before.shipped + changes.get("shipped", 0)
            contents.update(_kits_and_parts(shipped, before.parts, parts or {}, recipe))
    return altered(before, **contents)


def _kits_and_parts(
    shipped: int, parts: Parts, parts_more: Mapping[str, int], recipe: Parts
) -> Mapping[str, object]:
    """What has left of a line that asks for kits: whole ones, and components beside them."""
    in_all: dict[str, int] = dict(parts)
    for sku, units_each in recipe:
        in_all[sku] = shipped * units_each + in_all.get(sku, 0) + parts_more.get(sku, 0)
    shipped = min([in_all[sku] // units_each for sku, units_each in recipe])
    for sku, units_each in recipe:
        in_all[sku] -= shipped * units_each
    rest = tuple(sorted([(sku, units) for sku, units in in_all.items() if units > 0]))
    return {"shipped": shipped, "parts": rest}


# -- Returns -----------------------------------------------------------------------------------


def accepted_returns(
    returns: Collection[Return], progress: Iterable[Progress]
) -> list[tuple[Return, bool]]:
    """The returns in the sequence in which they happened, and whether what came back counts.

    It does if all of it was out: what left and was not lost. More than that can't come back.

    Args:
        returns: all of the order's.
        progress: how far its lines have come.
    """
    in_turn = sorted(returns, key=_turn_of) if len(returns) > 1 else returns
    if not any([each.received for each in returns]):
        return [(each, False) for each in in_turn]
    rest = {each.line_id: each.shipped - each.lost for each in progress}
    result: list[tuple[Return, bool]] = []
    for each in in_turn:
        has_room = bool(each.received)
        for line_id, units in each.received:
            has_room = has_room and rest.get(line_id, 0) >= units
        if has_room:
            for line_id, units in each.received:
                rest[line_id] -= units
        result.append((each, has_room))
    return result


_turn_of = attrgetter("at", "id")
_fates_of = attrgetter("restocked", "credited", "reopened")


def _count_all(
    changes: _Changes, returns: Collection[Return], progress: Iterable[Progress], sign: int
) -> None:
    """Add what returns come to, or take it off, by line and counter."""
    for each, has_room in accepted_returns(returns, progress):
        received = dict(each.received) if has_room else {}
        requested, cancelled = dict(each.requested), dict(each.cancelled)
        restocked, credited, reopened = map(dict, _fates_of(each))
        for line_id in requested.keys() | received.keys():
            came = received.get(line_id, 0)
            given_up = cancelled.get(line_id, 0)
            of_return = {
                "return_requested": max(requested.get(line_id, 0), given_up + came),
                "return_cancelled": given_up,
            }
            if came:
                of_return["returned"] = came
                of_return["restocked"] = min(came, restocked.get(line_id, 0))
                of_return["credited"] = min(came, credited.get(line_id, 0))
                of_return["reopened"] = min(came, reopened.get(line_id, 0))
            counters = changes.setdefault(line_id, {})
            for name, units in of_return.items():
                counters[name] = counters.get(name, 0) + sign * units


def _count_returns(
    before: OrderRecord,
    returns: Collection[Return],
    progress: dict[str, Progress],
    line_ids: Container[str],
) -> None:
    """Move the counters of returns, by what they come to now instead of before."""
    changes: _Changes = {}
    _count_all(changes, before.history.returns, before.progress, -1)
    _count_all(changes, returns, progress.values(), 1)
    for line_id, counters in changes.items():
        if line_id in line_ids and any(counters.values()):
            each = progress.get(line_id) or untouched(line_id)
            credited = each.units_credited() + counters.pop("credited", 0)
            after = {name: getattr(each, name) + more for name, more in counters.items() if more}
            progress[line_id] = altered(each, **after, credited=credited)


# -- Where units went --------------------------------------------------------------------------


def departures_of(parcels: Iterable[ParcelPair]) -> list[DeparturePair]:
    """What left in parcels, and where, before a step and after it; that they arrived is no matter.

    Args:
        parcels: see `other_parcels`.
    """
    return [(_departure(earlier), _departure(parcel)) for earlier, parcel in parcels]


def _departure(parcel: Parcel | None) -> Departure | None:
    """What left in a parcel, and where; None if nobody knows where."""
    if parcel is None or not parcel.location:
        return None
    return parcel.location, parcel.units_left(), parcel.parts_left()


def moves_between(
    before: OrderRecord, after: OrderRecord, stock: Inventory, departures: Iterable[DeparturePair]
) -> dict[Move, int]:
    """Units that left, by line, SKU and location: below zero, so many came back to the shelf.

    Args:
        before: the record before the step.
        after: the record after it.
        stock: what kits are made of.
        departures: see `departures_of`.
    """
    moves: dict[Move, int] = {}
    has_new_lines = _has_new_lines(before, after)
    pairs = [pair for pair in departures if has_new_lines or pair[0] != pair[1]]
    old, new = before.history.returns, after.history.returns
    # Whether there is room for what came back follows of the counters.
    is_as_before = old is new and before.progress is after.progress and not has_new_lines
    has_returns = not is_as_before and any([each.restocked for each in (*old, *new)])
    if not pairs and not has_returns:
        return moves
    state = state_of(stock)
    for sign, record in ((-1, before), (1, after)):
        lines = {line.id: line for line in record.order.lines}
        for earlier, later in pairs:
            departure = earlier if sign < 0 else later
            if departure is not None:
                location, units_left, parts_left = departure
                _move(moves, lines, state, location, units_left, sign)
                for line_id, sku, units in parts_left:
                    if line_id in lines:
                        key = line_id, sku, location
                        moves[key] = moves.get(key, 0) + sign * units
        if has_returns:
            for each, has_room in accepted_returns(record.history.returns, record.progress):
                if has_room and each.location:
                    received = dict(each.received)
                    units_back = {
                        line_id: min(units, received.get(line_id, 0))
                        for line_id, units in each.restocked
                    }
                    _move(moves, lines, state, each.location, units_back, -sign)
    return moves


def _move(
    moves: dict[Move, int],
    lines: Mapping[str, OrderLine],
    state: State,
    location: str,
    units_by_line: Mapping[str, int],
    sign: int,
) -> None:
    """Units of lines that went, kits taken apart; of what needs no stock, nothing."""
    items = state.items
    for line_id, units in units_by_line.items():
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
