"""What orders have reserved: how the rows are read, and the one place where they change.

An order's reservations are stored in batches, one for each run or request that made them. All
changes of reservations end in `_with_difference`: it moves what is reserved of stock rows and lots
by exactly the difference, so that it is the sum of the reservations at any time. What is plain
leaves by `withdrawing.plain`, which comes to the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from functools import cache
from itertools import chain
from operator import itemgetter
from typing import NamedTuple, TypeAlias

from fulfill_core.inventory.state import (
    OrdersPerDay,
    State,
    evolved,
    is_intake,
)
from fulfill_core.inventory.stock import Location, Reservation, trusted_reservation
from fulfill_core.inventory.storing.batches import (
    Batch,
    Batches,
    Entry,
    by_line_if_many,
    differing,
    rebuilt,
    with_line,
    with_more,
)
from fulfill_core.inventory.storing.difference import Difference
from fulfill_core.inventory.withdrawing.withdrawals import Part, Withdrawal, taken_out

BatchesByOrder: TypeAlias = Mapping[str, Batches | None]
"""What orders are to have reserved, by id; None for nothing."""

DayAt: TypeAlias = Callable[[str, datetime], date]
"""The day of an instant at a location, by id, as it counts its days."""

_LOCATION: Callable[[Entry], str] = itemgetter(2)

# -- Questions ---------------------------------------------------------------------------------


def reservations_of(state: State, order_id: str) -> tuple[Reservation, ...]:
    """The order's reservations, expired ones included.

    >>> from fulfill_core import Inventory
    >>> Inventory().reservations_of("A-1")
    ()
    """
    return tuple(to_reservations(order_id, batches_of(state, order_id)))


def reservations(state: State) -> Iterator[Reservation]:
    """Every reservation, by order: this walks all of them.

    >>> from fulfill_core import Inventory
    >>> list(Inventory.of({("mug", "berlin"): 12}).reservations())
    []
    """
    for order_id, batches in sorted(state.reservations.items(), key=lambda pair: pair[0]):
        yield from to_reservations(order_id, batches)


def batches_of(state: State, order_id: str) -> Batches:
    """The order's reservations as they are stored."""
    return state.reservations.get(order_id) or ()


# -- Read --------------------------------------------------------------------------------------


def to_reservations(order_id: str, batches: Iterable[Batch]) -> Iterator[Reservation]:
    """The entries of *batches* as the values that hosts see."""
    for made_at, expires_at, entries in batches:
        for line_id, sku, location, quantity, lot in entries:
            yield trusted_reservation(
                order_id, line_id, sku, location, quantity, made_at, expires_at, lot
            )


def has_expired(expires_at: datetime | None, now: datetime | None) -> bool:
    """Whether what expires then counts no longer; without a now, everything counts."""
    return expires_at is not None and now is not None and expires_at <= now


def units_by_part(batches: Iterable[Batch]) -> dict[Part, int]:
    """Units by line id, SKU and location, with what has expired."""
    units: dict[Part, int] = {}
    for _, _, entries in batches:
        for line_id, sku, location, quantity, _ in entries:
            part = line_id, sku, location
            units[part] = units.get(part, 0) + quantity
    return units


def units_by_line(batches: Iterable[Batch], now: datetime | None) -> dict[tuple[str, str], int]:
    """Units by line id and SKU; what has expired does not count."""
    units: dict[tuple[str, str], int] = {}
    for _, expires_at, entries in batches:
        if not has_expired(expires_at, now):
            for line_id, sku, _, quantity, _ in entries:
                units[line_id, sku] = units.get((line_id, sku), 0) + quantity
    return units


def units_of_sku(batches: Iterable[Batch], sku: str, now: datetime | None) -> int:
    """Units of one SKU; what has expired does not count."""
    by_line = units_by_line(batches, now)
    return sum([units for (_, of_sku), units in by_line.items() if of_sku == sku])


def day_at(locations: Mapping[str, Location]) -> DayAt:
    """What says the day of an instant at a location, by id: a day is slow to make, so once each."""

    @cache
    def day_of(location: str, instant: datetime) -> date:
        return locations[location].day_of(instant)

    return day_of


def days_by_location(
    batches: Iterable[Batch], day_of: DayAt, limited: frozenset[str]
) -> set[tuple[str, date]]:
    """Where, of the limited locations, and on which of their days these were made."""
    return {
        (at, day_of(at, made_at))
        for made_at, _, entries in batches
        if made_at is not None
        for at in limited.intersection(map(_LOCATION, entries))
    }


def is_reserved_on(batches: Iterable[Batch], at: str, day: date, day_of: DayAt) -> bool:
    """Whether some of it is reserved at a location, and was on that day of it."""
    return any(
        made_at is not None
        and day_of(at, made_at) == day
        and any(entry[2] == at for entry in entries)
        for made_at, _, entries in batches
    )


# -- Fewer -------------------------------------------------------------------------------------


def without_these(order_id: str, batches: Batches, unwanted: Counter[Reservation]) -> Batches:
    """The batches without these reservations, as far as they are among them.

    Those that were found are crossed off: what *unwanted* has in the end was not there.
    """
    batches, _ = by_line_if_many(batches, "")
    if isinstance(batches, tuple):
        return _without_these(order_id, batches, unwanted)
    line_ids = dict.fromkeys([reservation.line_id for reservation in unwanted])
    return batches.with_lines(
        {
            line_id: _without_these(order_id, batches.of_line(line_id), unwanted) or None
            for line_id in line_ids
        }
    )


def _without_these(
    order_id: str, batches: Iterable[Batch], unwanted: Counter[Reservation]
) -> tuple[Batch, ...]:
    remaining: list[Batch] = []
    for made_at, expires_at, entries in batches:
        rest: list[Entry] = []
        batch = made_at, expires_at, entries
        for entry, reservation in zip(entries, to_reservations(order_id, [batch]), strict=True):
            if unwanted[reservation] > 0:
                unwanted[reservation] -= 1
            else:
                rest.append(entry)
        if rest:
            remaining.append((made_at, expires_at, tuple(rest)))
    return tuple(remaining)


def less(batches: Batches, losses: Iterable[Reservation]) -> Withdrawal:
    """The batches without these units, each of them a reservation among them or a part of one.

    Of several that are alike, the smallest goes first.
    """
    batches, _ = by_line_if_many(batches, "")
    if isinstance(batches, tuple):
        return Withdrawal(*_less(batches, losses), 0)
    by_line: dict[str, list[Reservation]] = {}
    for loss in losses:
        by_line.setdefault(loss.line_id, []).append(loss)
    rest: dict[str, tuple[Batch, ...] | None] = {}
    units: list[Batch] = []
    for line_id, of_line in by_line.items():
        rest_of_line, units_of_line = _less(batches.of_line(line_id), of_line)
        rest[line_id] = rest_of_line or None
        units += units_of_line
    return Withdrawal(batches.with_lines(rest), tuple(units), 0)


def _less(
    batches: tuple[Batch, ...], losses: Iterable[Reservation]
) -> tuple[tuple[Batch, ...], tuple[Batch, ...]]:
    lost_units: Counter[tuple[object, ...]] = Counter()
    for loss in losses:
        entry = loss.line_id, loss.sku, loss.location, loss.lot
        lost_units[loss.made_at, loss.expires_at, *entry] += loss.quantity
    meant = [
        (entry[3], number, index, key)
        for number, (made_at, expires_at, entries) in enumerate(batches)
        for index, entry in enumerate(entries)
        if (key := (made_at, expires_at, *entry[:3], entry[4])) in lost_units
    ]
    units_at: dict[int, dict[int, int]] = {}
    for units, number, index, key in sorted(meant):
        units_out = min(units, lost_units[key])
        if units_out:
            lost_units[key] -= units_out
            units_at.setdefault(number, {})[index] = units_out
    return taken_out(batches, units_at)


def without_expired(batches: tuple[Batch, ...], line_id: str, now: datetime) -> tuple[Batch, ...]:
    """The batches without what was reserved for the line until it expired."""
    rest = [
        [entry for entry in entries if entry[0] != line_id or not has_expired(expires_at, now)]
        for _, expires_at, entries in batches
    ]
    return rebuilt(batches, rest)


class ReservationFilter(NamedTuple):
    """Which of an order's reserved units are meant.

    Args:
        line_id: those of this line.
        sku: only of this SKU; None for any.
        location: only at this location; None for any.
        now: only those that have not expired by then; None for all.
        lot: those of this lot first, at any location; None if it does not matter.
    """

    line_id: str
    sku: str | None = None
    location: str | None = None
    now: datetime | None = None
    lot: str | None = None

    def among(self, batches: Iterable[Batch]) -> Iterator[tuple[int, int, Entry]]:
        """The entries that are meant, with the place of their batch and their place in it."""
        line_id, only_sku, location, now, _ = self
        for number, (_, expires_at, entries) in enumerate(batches):
            if has_expired(expires_at, now):
                continue
            for index, entry in enumerate(entries):
                line, sku, at, _, _ = entry
                if line == line_id and only_sku in (None, sku) and location in (None, at):
                    yield number, index, entry


# -- The one place where reservations change ---------------------------------------------------


def with_batches_of_orders(state: State, by_order: BatchesByOrder) -> State:
    """The state in which these orders have these batches (None: nothing) instead of their own.

    What is reserved per SKU and location, and of each lot, is moved by exactly the difference,
    and so is the number of orders at a location on a day.
    """
    if not by_order:
        return state
    batches = state.reservations.getter()
    difference = Difference(state)
    instants: set[datetime | None] = set()
    for order_id, after in by_order.items():
        less, more = differing(batches(order_id) or (), after or ())
        difference.add(less, -1)
        difference.add(more, 1)
        instants.update([made_at for made_at, _, _ in more])
    return _with_difference(state, by_order, difference, instants)


def with_batches_added(
    state: State,
    by_order: Mapping[str, tuple[Batch, ...]],
    instants: Collection[datetime | None],
) -> State:
    """The state in which these orders have these batches as well, after their own.

    What they have already is not counted again: an order that is topped up costs what it gets.

    Args:
        state: the state.
        by_order: what they get.
        instants: when that was made.
    """
    batches = state.reservations.getter()
    after: dict[str, Batches] = {
        order_id: more if (before := batches(order_id)) is None else with_more(before, more)
        for order_id, more in by_order.items()
    }
    difference = Difference(state)
    difference.add(chain.from_iterable(by_order.values()), 1)
    return _with_difference(state, after, difference, instants)


def with_entries(
    state: State,
    made_at: datetime,
    by_order: Mapping[str, tuple[Entry, ...]],
    *,
    are_new: bool = False,
) -> State:
    """The state with these entries reserved as well, by order: what a run, or a step, gave out.

    The entries are the library's own and are not checked again. A million ids fit into no cache:
    what orders have then is the one mapping that is made of them.

    Args:
        state: the state.
        made_at: when the run, or the step, was.
        by_order: what it gave them.
        are_new: whether these units come to the stock as well: they were not on hand before.
    """
    made_at = made_at.astimezone(UTC)
    batches = state.reservations.getter()
    after: dict[str, Batches] = {
        order_id: ((made_at, None, entries),)
        if (before := batches(order_id)) is None
        else with_more(before, ((made_at, None, entries),))
        for order_id, entries in by_order.items()
    }
    difference = Difference(state, is_of_stock=are_new)
    difference.add([(made_at, None, tuple(chain.from_iterable(by_order.values())))], 1)
    return _with_difference(state, after, difference, [made_at])


def with_batches_of_line(
    state: State, order_id: str, line_id: str, of_line: tuple[Batch, ...]
) -> State:
    """The state in which a line has these batches in place of what `line_batches` says."""
    batches, before = by_line_if_many(batches_of(state, order_id), line_id)
    difference = Difference(state)
    difference.add(before, -1)
    difference.add(of_line, 1)
    instants = [made_at for made_at, _, _ in of_line]
    after = with_line(batches, line_id, of_line) or None
    return _with_difference(state, {order_id: after}, difference, instants)


def with_batch_of_line(state: State, order_id: str, line_id: str, batch: Batch) -> State:
    """The state in which a line has this batch as well; what it has is not counted again."""
    batches, _ = by_line_if_many(batches_of(state, order_id), line_id)
    difference = Difference(state)
    difference.add((batch,), 1)
    return _with_difference(state, {order_id: with_more(batches, (batch,))}, difference, batch[:1])


def line_batches(state: State, order_id: str, line_id: str) -> tuple[Batch, ...]:
    """Batches in which all is that a line has reserved, and perhaps other lines have something."""
    return by_line_if_many(batches_of(state, order_id), line_id)[1]


def with_withdrawal(
    state: State,
    order_id: str,
    withdrawn: Withdrawal,
    more: tuple[Batch, ...] = (),
    *,
    has_left: bool = False,
) -> State:
    """The state in which the order does not have what was taken out, and has more beside.

    What stays is not counted again: an order that leaves line by line costs what leaves.

    Args:
        state: the state.
        order_id: whose units.
        withdrawn: what was taken out, and what stays.
        more: what it has beside.
        has_left: whether what was taken out has left the house as well: it is on hand no more.
    """
    difference = Difference(state, is_of_stock=has_left)
    difference.add(withdrawn.units, -1)
    difference.add(more, 1)
    instants = [made_at for made_at, _, _ in more]
    after = with_more(withdrawn.rest, more) if more else withdrawn.rest
    return _with_difference(state, {order_id: after or None}, difference, instants)


def with_withdrawals(state: State, by_order: Mapping[str, Withdrawal]) -> State:
    """The state in which several orders do not have what was taken out: see `with_withdrawal`."""
    if not by_order:
        return state
    difference = Difference(state)
    for each in by_order.values():
        difference.add(each.units, -1)
    after = {order_id: each.rest or None for order_id, each in by_order.items()}
    return _with_difference(state, after, difference, ())


def _with_difference(
    state: State,
    by_order: BatchesByOrder,
    difference: Difference,
    instants: Collection[datetime | None],
) -> State:
    """The state in which orders have these batches, which make this difference to what is kept.

    Args:
        state: the state.
        by_order: what they have now.
        difference: of that, what is new and what is gone.
        instants: when what is new was made.
    """
    made_last = state.made_last
    if instants:
        moments = [each for each in (made_last, *instants) if each is not None]
        made_last = max(moments, default=None)
    changed = evolved(
        state,
        stock_rows=state.stock_rows.with_changes(difference.stock_rows()),
        reservations=state.reservations.with_changes(by_order),
        made_last=made_last,
        expiring=state.expiring.with_changes(difference.expiring()),
    )
    if difference.by_lot:
        changed = evolved(changed, lots=state.lots.with_changes(difference.lots()))
    if state.limited:
        changed = evolved(changed, orders_per_day=_orders_per_day(state, by_order))
    return changed


def _orders_per_day(state: State, by_order: BatchesByOrder) -> OrdersPerDay:
    """The orders by location and day, when these orders have these batches."""
    day_of, limited = day_at(state.locations), state.limited
    difference: Counter[tuple[str, date]] = Counter()
    batches_before, intakes = state.reservations.getter(), state.intakes.getter()
    days_of_new: list[tuple[str, date]] = []
    for order_id, batches in by_order.items():
        pair = batches_before(order_id) or (), batches or ()
        if not pair[0] and state.intakes.is_empty:  # as nearly always in a run
            days_of_new += days_by_location(pair[1], day_of, limited)
            continue
        before, after = _days_before_and_after(*pair, day_of, limited)
        for at, day in after ^ before:
            # What has left counts on, and once.
            if intakes(at) is None or not is_intake(state, order_id, at, day):
                difference[at, day] += 1 if (at, day) in after else -1
    difference.update(days_of_new)
    return with_more_orders(state, difference)


def _days_before_and_after(
    before: Batches, after: Batches, day_of: DayAt, limited: frozenset[str]
) -> tuple[set[tuple[str, date]], set[tuple[str, date]]]:
    """Where and when what an order had was made, and what it has: of many lines, what differs."""
    if isinstance(before, tuple) or isinstance(after, tuple):
        days_before: set[tuple[str, date]] = set()
        if before:
            days_before = days_by_location(before, day_of, limited)
        return days_before, days_by_location(after, day_of, limited)
    days = days_by_location(chain.from_iterable(differing(before, after)), day_of, limited)
    return (
        {(at, day) for at, day in days if is_reserved_on(before, at, day, day_of)},
        {(at, day) for at, day in days if is_reserved_on(after, at, day, day_of)},
    )


def with_more_orders(state: State, difference: Mapping[tuple[str, date], int]) -> OrdersPerDay:
    """The orders by location and day, with so many more."""
    orders_per_day = state.orders_per_day
    return orders_per_day.with_changes(
        {
            key: (orders_per_day.get(key) or 0) + more or None
            for key, more in difference.items()
            if more
        }
    )
