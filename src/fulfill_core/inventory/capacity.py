"""How many orders a location can still take on today, and which of them count.

An order counts where something was reserved for it today. Once it has left there, its reservation
is gone; so that it counts on, an `Intake` stays in its place until one of a later day follows. An
order that gives up what it has reserved counts no longer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta

import attrs

from fulfill_core import _checks, _values
from fulfill_core.inventory.overlay import Overlay
from fulfill_core.inventory.reservations import (
    batches_of,
    day_at,
    days_by_location,
    is_reserved_on,
    with_more_orders,
)
from fulfill_core.inventory.state import Intakes, State, evolved, is_intake, with_zones
from fulfill_core.inventory.state import location as location_of
from fulfill_core.inventory.stock import Location

_NO_ORDERS = Overlay[str, bool]({})
_NOWHERE: frozenset[str] = frozenset()


@attrs.frozen(kw_only=True, weakref_slot=False)
class Intake:
    """That a location with a capacity took on an order on a day, kept when the order leaves.

    It takes the place of the reservation that is gone then. Of a location, those of the newest day
    are kept: an inventory forgets the others.

    Args:
        location: where.
        order_id: which order.
        day: on which day, as the location counts its days (`Location.day_of`).

    >>> Intake(location="store", order_id="A-1", day=date(2026, 3, 2)).day
    datetime.date(2026, 3, 2)
    """

    location: str
    order_id: str
    day: date

    __eq__, __hash__, __repr__ = _values.BY_FIELDS

    def __attrs_post_init__(self) -> None:
        _checks.check_id("Intake.location", self.location)
        _checks.check_id("Intake.order_id", self.order_id)
        _checks.check_day("Intake.day", self.day)


# -- Questions ---------------------------------------------------------------------------------


def capacity_left(state: State, location: str, now: datetime) -> int | None:
    """How many orders can still get new reservations at a location today; None for any number.

    Those that have left today, or in part, count as those that are still there.

    >>> from datetime import UTC
    >>> from fulfill_core import Inventory
    >>> store = Location(id="store", capacity=5)
    >>> Inventory(locations=[store]).capacity_left("store", datetime(2026, 3, 2, tzinfo=UTC))
    5
    """
    now = _checks.in_utc("now", now)
    if location not in state.limited:
        return None
    place = state.locations[location]
    orders = state.orders_per_day.get((location, place.day_of(now))) or 0
    return max(0, (place.capacity or 0) - orders)


def limited_locations(state: State) -> tuple[Location, ...]:
    """The locations that have a capacity."""
    return tuple([state.locations[location] for location in sorted(state.limited)])


def counts_today(state: State, order_id: str, location: str, now: datetime) -> bool:
    """Whether the order was taken on there today: it takes up no more capacity."""
    return bool(taken_on_today(state, order_id, (location,), now))


def taken_on_today(
    state: State, order_id: str, locations: Iterable[str], now: datetime
) -> frozenset[str]:
    """Those of these locations at which the order was taken on today."""
    batches, intakes = batches_of(state, order_id), state.intakes
    # Without these it was not; so it is for most, and a day is slow to make.
    if not batches and intakes.is_empty:
        return _NOWHERE
    likely = [at for at in locations if batches or intakes.get(at) is not None]
    day_of = day_at(state.locations)
    today_at = {at: location_of(state, at).day_of(now) for at in likely}
    return frozenset(
        [
            at
            for at, today in today_at.items()
            if is_intake(state, order_id, at, today) or is_reserved_on(batches, at, today, day_of)
        ]
    )


def orders_taken_on_at(state: State, instant: datetime) -> dict[str, frozenset[str]]:
    """The orders that count at locations with a capacity since this very instant, by location.

    Those that counted there on that day before are not among them: they took up no more capacity.
    """
    limited, by_location = state.limited, dict[str, set[str]]()
    day_of = day_at(state.locations)
    for order_id, batches in state.reservations.items() if limited else ():
        made_then = [batch for batch in batches if batch[0] == instant]
        if not made_then:
            continue
        batches_before = [batch for batch in batches if batch[0] != instant]
        before = days_by_location(batches_before, day_of, limited)
        for location, day in days_by_location(made_then, day_of, limited) - before:
            if not is_intake(state, order_id, location, day):
                by_location.setdefault(location, set()).add(order_id)
    return {location: frozenset(orders) for location, orders in by_location.items()}


def next_day(state: State, location: str, now: datetime) -> datetime:
    """When the next day begins at a location; now, on the last day of the calendar."""
    place = location_of(state, location)
    try:
        tomorrow = place.day_of(now) + timedelta(days=1)
    except OverflowError:
        return now
    return datetime.combine(tomorrow, time.min, place.timezone)


def where_capacity_is_left(
    state: State, pool: dict[str, int], now: datetime, order_id: str | None
) -> dict[str, int]:
    """Of units by location, those at locations that can take on the order today, or any order."""
    if not state.limited:
        return pool
    return {
        location: units
        for location, units in pool.items()
        if capacity_left(state, location, now) != 0
        or (order_id is not None and counts_today(state, order_id, location, now))
    }


# -- Intakes -----------------------------------------------------------------------------------


def intakes(state: State) -> Iterator[Intake]:
    """Every intake, by location and order: this walks all of them.

    >>> from fulfill_core import Inventory
    >>> list(Inventory().intakes())
    []
    """
    for location, (day, orders) in sorted(state.intakes.items(), key=lambda pair: pair[0]):
        for order_id, _ in sorted(orders.items()):
            yield Intake(location=location, order_id=order_id, day=day)


def intakes_between(before: State, after: State) -> tuple[set[Intake], set[Intake]]:
    """The intakes that are there afterwards only, and those that were there before only."""
    added: set[Intake] = set()
    removed: set[Intake] = set()
    for location in after.intakes.differing(before.intakes):
        old, new = before.intakes.get(location), after.intakes.get(location)
        for order_id, day, sign in _differences(old, new):
            intake = Intake(location=location, order_id=order_id, day=day)
            (added if sign > 0 else removed).add(intake)
    return added, removed


def key_of_intake(intake: Intake) -> tuple[object, ...]:
    """By what an intake is known, and sorted: it is nothing more."""
    return intake.location, intake.day, intake.order_id


def with_departure(
    state: State, order_id: str, location: str, instants: Iterable[datetime | None]
) -> State:
    """The state after units of the order left that were reserved at a location at these instants.

    Of a location without a capacity nothing is kept, nor of units of which nobody knows when they
    were reserved.
    """
    if location not in state.limited:
        return state
    place = state.locations[location]
    days = {place.day_of(instant) for instant in instants if instant is not None}
    added = [
        Intake(location=location, order_id=order_id, day=day)
        for day in days
        if not is_intake(state, order_id, location, day)
    ]
    return with_intakes_changed(state, added) if added else state


def with_intakes_changed(
    state: State, added: Iterable[Intake], removed: Iterable[Intake] = ()
) -> State:
    """The state with these intakes more and those fewer, as far as they are there.

    All changes of intakes pass through here: of each location one day is kept, the newest.
    """
    changes: dict[str, Intakes | None] = {}
    for place, intakes_removed in _by_location(removed).items():
        changes[place] = _fewer(state.intakes.get(place), intakes_removed)
    for place, intakes_added in _by_location(added).items():
        before = changes[place] if place in changes else state.intakes.get(place)
        changes[place] = _more(before, intakes_added)
    if not changes:
        return state
    orders: Counter[tuple[str, date]] = Counter()
    day_of = day_at(state.locations)
    for place in changes.keys() & state.limited:
        for order_id, day, sign in _differences(state.intakes.get(place), changes[place]):
            if not is_reserved_on(batches_of(state, order_id), place, day, day_of):
                orders[place, day] += sign
    return evolved(
        state,
        intakes=state.intakes.with_changes(changes),
        orders_per_day=with_more_orders(state, orders),
    )


def _by_location(intakes: Iterable[Intake]) -> dict[str, list[Intake]]:
    by_location: dict[str, list[Intake]] = {}
    for intake in intakes:
        by_location.setdefault(intake.location, []).append(intake)
    return by_location


def _fewer(before: Intakes | None, removed: Iterable[Intake]) -> Intakes | None:
    """The intakes of a location without these; None if none is left."""
    if before is None:
        return None
    day, orders = before
    orders = orders.with_changes({each.order_id: None for each in removed if each.day == day})
    return (day, orders) if any(True for _ in orders.items()) else None


def _more(before: Intakes | None, added: Sequence[Intake]) -> Intakes | None:
    """The intakes of a location with these as well, but for those of days before the newest."""
    newest = max([intake.day for intake in added])
    orders = _NO_ORDERS
    if before is not None and before[0] >= newest:
        newest, orders = before
    return newest, orders.with_changes(
        {intake.order_id: True for intake in added if intake.day == newest}
    )


def _differences(before: Intakes | None, after: Intakes | None) -> Iterator[tuple[str, date, int]]:
    """What is there afterwards only (1), and what was there before only (-1): order and day."""
    if before is not None and after is not None and before[0] == after[0]:
        day, orders = after
        for order_id in orders.differing(before[1]):
            yield order_id, day, 1 if orders.get(order_id) else -1
        return
    for intakes_of_day, sign in ((before, -1), (after, 1)):
        if intakes_of_day is not None:
            day, orders = intakes_of_day
            yield from [(order_id, day, sign) for order_id, _ in orders.items()]


def with_locations(state: State, locations: Mapping[str, Location]) -> State:
    """The state with these locations; their capacities may be others than before."""
    limited = frozenset([place.id for place in locations.values() if place.capacity is not None])
    changed = with_zones(evolved(state, locations=locations, limited=limited), state.locations)
    days_begin = {at: state.locations[at].timezone for at in state.limited}
    if days_begin == {at: locations[at].timezone for at in limited}:
        return changed
    # Other locations count orders now, or count them by other days: from all reservations.
    orders: Counter[tuple[str, date]] = Counter()
    day_of = day_at(locations)
    for _, batches in state.reservations.items():  # noqa: PERF102 - an overlay has no values()
        orders.update(days_by_location(batches, day_of, limited))
    for at, (day, orders_of_day) in state.intakes.items():
        for order_id, _ in orders_of_day.items() if at in limited else ():
            orders[at, day] += not is_reserved_on(batches_of(state, order_id), at, day, day_of)
    return evolved(changed, orders_per_day=Overlay(dict(orders)))
