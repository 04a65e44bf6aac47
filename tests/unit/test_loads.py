"""How many orders a location has taken on a day, where there is a most."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from typing import Any

import attrs
from builders import NOW, refusal, reserved

from fulfill_core import Inventory, Location, Reservation, Stock
from fulfill_core.inventory.changes import Changes
from fulfill_core.inventory.inventory import state_of

DAY = timedelta(days=1)
STORE = Location(id="store", capacity=2)
STORES = Inventory(
    [
        Stock(sku=sku, location=place, on_hand=9)
        for sku in ("mug", "cup")
        for place in ("store", "depot")
    ],
    locations=[STORE, Location(id="depot", rank=1)],
)


def at_store(order_id: str, made_at: datetime | None = NOW, **changes: Any) -> Reservation:
    """A mug in the store."""
    content: dict[str, Any] = {"location": "store", "made_at": made_at, **changes}
    return reserved(order_id, **content)


def held(stock: Inventory, order_id: str) -> list[tuple[str, int]]:
    """Where an order holds how many units."""
    return [(each.location, each.quantity) for each in stock.reservations_of(order_id)]


def loads(stock: Inventory) -> dict[tuple[str, date], int]:
    """How many orders, by location and day."""
    return dict(state_of(stock).orders_per_day.items())


def test_orders_are_counted_once_a_day_where_there_is_a_capacity() -> None:
    """An order counts once at a location on a day, however many reservations it has; not where the
    capacity is not limited, and not if it is not known when they were made.
    """
    today = ("store", NOW.date())
    stock = STORES.with_reserved(
        *(at_store("A"), at_store("A", sku="cup"), at_store("A", line_id="2")),
        *(at_store("B"), at_store("C", None), at_store("D", location="depot")),
        at_store("B", NOW + DAY),
    )
    assert loads(stock) == {today: 2, ("store", NOW.date() + DAY): 1}
    assert loads(stock.with_released("A", "2", 1)) == loads(stock)
    assert loads(stock.without_reservations_of("A")) == {
        today: 1,
        ("store", NOW.date() + DAY): 1,
    }
    assert loads(stock.without_reservations(stock.reservations())) == {}
    rebuilt = Inventory(
        stock.stock(), locations=stock.locations(), reservations=stock.reservations()
    )
    assert loads(rebuilt) == loads(stock)


def test_a_day_begins_where_the_location_is() -> None:
    """A reservation counts on the day that it is there when it is made."""
    far = timezone(timedelta(hours=13))
    stock = Inventory(STORES.stock(), locations=[attrs.evolve(STORE, timezone=far)])
    assert loads(stock.with_reserved(at_store("A"))) == {("store", NOW.date() + DAY): 1}


def test_loads_are_counted_anew_when_locations_change() -> None:
    """Changes that bring a capacity, or another day, count what is held by then."""
    stock = Inventory(
        STORES.stock(), locations=[Location(id="store")], reservations=[at_store("A")]
    )
    assert loads(stock) == {}
    limited = stock.with_changes(
        Changes(locations_removed=[Location(id="store")], locations_added=[STORE])
    )
    assert loads(limited) == {("store", NOW.date()): 1}
    assert limited.capacity_left("store", NOW) == 1
    back = limited.with_changes(limited.changes_since(stock).inverted())
    assert (loads(back), back) == ({}, stock)
    east = attrs.evolve(STORE, timezone=timezone(timedelta(hours=13)))
    moved = limited.with_changes(Changes(locations_removed=[STORE], locations_added=[east]))
    assert loads(moved) == {("store", NOW.date() + DAY): 1}


def test_nothing_more_is_set_aside_where_no_order_can_be_taken_today() -> None:
    """A location whose capacity is used up gives nothing to other orders; to one that it has taken
    today it does, and tomorrow it does again.
    """
    full = STORES.with_reserved(at_store("A"), at_store("B"))
    taken = full.with_available_reserved("C", "1", "mug", 2, now=NOW)
    assert held(taken, "C") == [("depot", 2)]
    assert refusal(full.with_available_reserved, "C", "1", "mug", 1, now=NOW, location="store") == (
        "order 'C', line '1': cannot reserve 1 units of 'mug': 0 are available at 'store'"
    )
    again = full.with_available_reserved("A", "1", "mug", 2, now=NOW)
    assert held(again, "A") == [("store", 1), ("store", 2)]
    tomorrow = full.with_available_reserved("C", "1", "mug", 2, now=NOW + DAY)
    assert held(tomorrow, "C") == [("store", 2)]
