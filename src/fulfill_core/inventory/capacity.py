"""How many orders a location can still take on today."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from fulfill_core.inventory.reservations import batches_of, days_by_location
from fulfill_core.inventory.state import State
from fulfill_core.inventory.state import location as location_of
from fulfill_core.inventory.stock import Location


def capacity_left(state: State, location: str, now: datetime) -> int | None:
    """How many orders can still get new reservations at a location today; None for any number.

    >>> from datetime import UTC
    >>> from fulfill_core import Inventory
    >>> store = Location(id="store", capacity=5)
    >>> Inventory(locations=[store]).capacity_left("store", datetime(2026, 3, 2, tzinfo=UTC))
    5
    """
    if location not in state.limited:
        return None
    place = state.locations[location]
    orders = state.orders_per_day.get((location, place.day_of(now))) or 0
    return max(0, (place.capacity or 0) - orders)


def limited_locations(state: State) -> tuple[Location, ...]:
    """The locations that have a capacity."""
    return tuple([state.locations[location] for location in sorted(state.limited)])


def counts_today(state: State, order_id: str, location: str, now: datetime) -> bool:
    """Whether the order has a reservation of today there: it takes up no more capacity."""
    today = location_of(state, location).day_of(now)
    days = days_by_location(batches_of(state, order_id), state.locations, frozenset([location]))
    return (location, today) in days


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
