"""How many orders a location has taken on a day, where there is a most."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from typing import Any

import attrs
from builders import NOW, refusal, reserved
from invariants import broken_invariants

from fulfill_core import Inventory, Location, Reservation, Stock
from fulfill_core.inventory import Changes, Intake
from fulfill_core.inventory.inventory import state_of

DAY = timedelta(days=1)
TODAY = NOW.date()
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
        "order 'C', line '1': cannot reserve 1 of 'mug': 0 are available at 'store'"
    )
    again = full.with_available_reserved("A", "1", "mug", 2, now=NOW)
    assert held(again, "A") == [("store", 1), ("store", 2)]
    tomorrow = full.with_available_reserved("C", "1", "mug", 2, now=NOW + DAY)
    assert held(tomorrow, "C") == [("store", 2)]


# -- What has left ---------------------------------------------------------------------------------


def intake(order_id: str, day: date = TODAY, location: str = "store") -> Intake:
    """The store took on an order today."""
    return Intake(location=location, order_id=order_id, day=day)


def shipped(stock: Inventory, order_id: str, units: int = 1, **changes: Any) -> Inventory:
    """The stock after mugs of an order left the store."""
    return stock.with_shipped(order_id, "1", units, **{"location": "store", **changes})


def checked(stock: Inventory) -> Inventory:
    """The stock, of which all holds that always does; a host that stores it reads the same."""
    assert broken_invariants(stock) == []
    content = ("stock", "locations", "reservations", "intakes")
    assert Inventory(**{name: getattr(stock, name)() for name in content}) == stock
    return stock


def test_an_order_that_has_left_counts_on() -> None:
    """What a location took on today counts whether it has left or not; an order of which a part
    left counts once, and takes up no more if it gets something there today.
    """
    both = STORES.with_reserved(at_store("A", quantity=2), at_store("B"))
    part = checked(shipped(both, "A"))
    gone = checked(shipped(shipped(part, "A"), "B"))
    assert list(part.intakes()) == [intake("A")]
    assert list(gone.intakes()) == [intake("A"), intake("B")]
    for stock in (both, part, gone):
        assert stock.capacity_left("store", NOW) == 0
        assert stock.capacity_left("store", NOW + DAY) == 2
    more = gone.with_available_reserved("A", "1", "mug", 1, now=NOW)
    assert held(more, "A") == [("store", 1)]
    assert held(gone.with_available_reserved("C", "1", "mug", 1, now=NOW), "C") == [("depot", 1)]
    assert gone.available("mug", "store", now=NOW) == 0


def test_an_order_that_is_freed_counts_no_more() -> None:
    """What is given up frees capacity; what has left of the same order does not."""
    both = STORES.with_reserved(at_store("A", quantity=2), at_store("B"))
    part = shipped(both, "A")
    freed = checked(part.without_reservations_of("A").without_reservations_of("B"))
    assert (freed.capacity_left("store", NOW), loads(freed)) == (1, {("store", NOW.date()): 1})


def test_one_day_is_kept_for_each_location() -> None:
    """Intakes of days before the newest at a location are forgotten when one is added, and one of
    such a day is not kept; other locations keep theirs.
    """
    old, new = NOW.date(), NOW.date() + DAY
    places = [STORE, Location(id="depot", rank=1, capacity=9)]
    stock = Inventory(STORES.stock(), locations=places).with_reserved(
        *(at_store("A"), at_store("B", NOW + DAY), at_store("C"), at_store("E", NOW + DAY)),
        at_store("D", location="depot"),
    )
    first = checked(shipped(shipped(stock, "A"), "D", location="depot"))
    second = checked(shipped(shipped(first, "B"), "E"))
    third = checked(shipped(second, "C"))
    assert list(first.intakes()) == [intake("D", old, "depot"), intake("A", old)]
    assert list(second.intakes()) == [
        *(intake("D", old, "depot"), intake("B", new), intake("E", new))
    ]
    assert list(third.intakes()) == list(second.intakes())
    assert loads(third) == {("depot", old): 1, ("store", new): 2}
    both_days = [intake("A", old), intake("B", new), intake("C", old)]
    assert list(Inventory(intakes=both_days).intakes()) == [intake("B", new)]


def test_nothing_is_kept_where_nothing_is_counted() -> None:
    """No intake is made at a location without a capacity, or of a reservation of unknown age."""
    stock = STORES.with_reserved(at_store("A", location="depot"), at_store("B", None))
    gone = checked(shipped(shipped(stock, "A", location="depot"), "B"))
    assert list(gone.intakes()) == []


def test_units_that_leave_from_elsewhere_were_taken_on_where_they_were_reserved() -> None:
    """The location that the order was given to took it on, whatever place its units left from."""
    gone = shipped(STORES.with_reserved(at_store("A")), "A", location="depot", reserved_at="store")
    assert list(checked(gone).intakes()) == [intake("A")]


def test_changes_bring_intakes_and_take_them_back() -> None:
    """A shipment is written and undone with its intakes, those that it let go included."""
    before = shipped(STORES.with_reserved(at_store("A"), at_store("B", NOW + DAY)), "A")
    after = shipped(before, "B")
    changes = after.changes_since(before)
    assert (changes.intakes_added, changes.intakes_removed) == (
        *((intake("B", NOW.date() + DAY),), (intake("A"),)),
    )
    assert checked(before.with_changes(changes)) == after
    assert checked(after.with_changes(changes.inverted())) == before
    same_day = shipped(before.with_reserved(at_store("C")), "C")
    undone = same_day.with_changes(same_day.changes_since(before).inverted())
    assert checked(undone) == before
    assert same_day != before


def test_an_intake_is_there_or_is_not() -> None:
    """Changes from a stock that has moved on bring an intake once, and take none that is gone."""
    two = STORES.with_reserved(at_store("A"), at_store("A", line_id="2"), at_store("B", NOW + DAY))
    one, other = shipped(two, "A"), two.with_shipped("A", "2", 1, location="store")
    merged = checked(one.with_changes(other.changes_since(two)))
    assert list(merged.intakes()) == [intake("A")]
    taken_back = Changes(intakes_removed=[intake("A"), intake("Z"), intake("A", location="x")])
    assert list(checked(merged.with_changes(taken_back)).intakes()) == []
    tomorrow = checked(shipped(two, "B"))
    assert checked(tomorrow.with_changes(taken_back)) == tomorrow


def test_intakes_are_counted_anew_when_locations_change() -> None:
    """A location that gets a capacity counts what left it; one that loses it counts nothing."""
    gone = shipped(STORES.with_reserved(at_store("A", quantity=2), at_store("B")), "A")
    unlimited = checked(
        gone.with_changes(
            Changes(locations_removed=[STORE], locations_added=[attrs.evolve(STORE, capacity=None)])
        )
    )
    assert loads(unlimited) == {}
    back = checked(unlimited.with_changes(unlimited.changes_since(gone).inverted()))
    assert (back, loads(back)) == (gone, {("store", NOW.date()): 2})
    depot_too = Changes(
        locations_removed=[Location(id="depot", rank=1)],
        locations_added=[Location(id="depot", rank=1, capacity=1)],
    )
    assert loads(checked(gone.with_changes(depot_too))) == loads(gone)


def test_an_intake_names_a_day() -> None:
    """Places and orders have ids, and a day is not an instant."""
    assert refusal(Intake, location="", order_id="A", day=NOW.date()).startswith("Intake.location")
    assert refusal(Intake, location="x", order_id=7, day=NOW.date()).startswith("Intake.order_id")
    for day in (NOW, "2026-03-02"):
        assert refusal(Intake, location="x", order_id="A", day=day) == (
            f"Intake.day: {day!r} is not a day; pass a date"
        )
    assert refusal(Inventory, intakes=[7]).startswith("Inventory.intakes[0]: ")
    assert refusal(Changes, intakes_added=[intake("A")] * 2).startswith("Changes.intakes_added")
