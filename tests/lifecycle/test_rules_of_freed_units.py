"""What an order has of the stock, and of supplies, is no more than what is open of it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from story import NOON, Story, line

from fulfill_core import (
    Claim,
    Component,
    InvalidValueError,
    Inventory,
    Item,
    OrderRecord,
    Reservation,
    Stock,
    Supply,
)
from fulfill_core.lifecycle import Cancelled, NotFulfilled, Released, Shipped, cancel, ship

SET = Item(sku="set", components=[Component(sku="cup", quantity=2), Component(sku="pot")])


def sets(*, cups: int, pots: int, claims: tuple[Claim, ...] = ()) -> Inventory:
    """Nine cups and nine pots in x, of which so many are reserved for two sets."""
    return Inventory(
        stock=[Stock(sku=sku, location="x", on_hand=9) for sku in ("cup", "pot")],
        items=[SET],
        supplies=[
            Supply(id=f"PO-{day}", sku="pot", quantity=9, expected_at=NOON + timedelta(days=day))
            for day in (1, 2)
        ],
        claims=claims,
        reservations=[
            Reservation(order_id="A-1", line_id="1", sku=sku, location="x", quantity=units)
            for sku, units in (("cup", cups), ("pot", pots))
            if units
        ],
    )


def claim(supply_id: str, units: int, sku: str = "pot") -> Claim:
    """Units of a supply that the line is to get."""
    return Claim(order_id="A-1", line_id="1", sku=sku, supply_id=supply_id, quantity=units)


def record(*lines: str) -> OrderRecord:
    """An order of two sets, or of two each of these SKUs."""
    skus = lines or ("set",)
    return Story(*[line(str(number), sku=sku) for number, sku in enumerate(skus, 1)]).record


def reserved(stock: Inventory) -> tuple[int, int]:
    """Cups and pots that are reserved."""
    return stock.reserved("cup"), stock.reserved("pot")


def test_a_host_that_cancels_a_kit_frees_what_its_parts_are_not_wanted_for() -> None:
    """What has left ahead of its kit is not wanted again."""
    two = record()
    assert reserved(cancel(two, sets(cups=4, pots=2), {"1": 1}).inventory) == (2, 1)
    ahead = ship(two, sets(cups=4, pots=2), {("1", "cup"): 3}, location="x")
    assert reserved(ahead.inventory) == (1, 2)
    assert reserved(cancel(*ahead, {"1": 1}).inventory) == (0, 1)


def test_an_event_that_cancels_a_kit_frees_what_its_parts_are_not_wanted_for() -> None:
    """Also where only one part of it has any too many."""
    story = Story(line(sku="set"), stock=sets(cups=4, pots=2))
    story.happened(Cancelled, lines={"1": 1})
    assert reserved(story.stock) == (2, 1)
    story = Story(line(sku="set"), stock=sets(cups=4, pots=0))
    story.happened(Shipped, parcel="p1", location="x", parts={("1", "cup"): 3})
    assert reserved(story.stock) == (1, 0)
    story.happened(Cancelled, lines={"1": 1})
    assert reserved(story.stock) == (0, 0)


def test_nothing_is_freed_of_what_is_wanted_still() -> None:
    """An order that has fewer than are open keeps them all."""
    story = Story(line(quantity=4), stock=Inventory.of({("mug", "x"): 9}))
    row = Reservation(order_id="A-1", line_id="1", sku="mug", location="x", quantity=2)
    story.stock = story.stock.with_reserved(row)
    story.happened(Cancelled, lines={"1": 2})
    assert story.stock.reserved("mug") == 2
    story.happened(Cancelled, lines={"1": 1})
    assert story.stock.reserved("mug") == 1


def test_what_is_claimed_of_supplies_is_given_up_the_latest_first() -> None:
    """As much of it as is not waited for any more, and not one unit more."""
    stock = sets(cups=4, pots=0, claims=(claim("PO-1", 1), claim("PO-2", 1)))
    story = Story(line(sku="set"), stock=stock)
    story.happened(Cancelled, lines={"1": 1})
    assert [(each.supply_id, each.quantity) for each in story.stock.claims_of("A-1")] == [
        ("PO-1", 1)
    ]
    story.happened(Cancelled, lines={"1": 1})
    assert story.stock.claims_of("A-1") == ()
    whole = sets(cups=4, pots=0, claims=(claim("PO-2", 2),))
    after = cancel(record(), whole, {"1": 1}).inventory
    assert [each.quantity for each in after.claims_of("A-1")] == [1]


def test_an_order_that_only_waits_gives_up_what_it_waits_for() -> None:
    """Nothing is reserved for it yet."""
    story = Story(line(sku="set"), stock=sets(cups=0, pots=0, claims=(claim("PO-1", 2),)))
    story.happened(Cancelled, lines={"1": 1})
    assert [each.quantity for each in story.stock.claims_of("A-1")] == [1]


def test_what_is_reserved_is_not_waited_for() -> None:
    """A claim beside enough that is reserved is beyond what the line wants."""
    stock = sets(cups=4, pots=2, claims=(claim("PO-1", 1),))
    after = cancel(record(), stock, {"1": 1}).inventory
    assert (after.reserved("pot"), after.claims_of("A-1")) == (1, ())


# -- What a host itself sends ----------------------------------------------------------------------


def test_a_host_sends_whole_kits_with_all_of_their_parts() -> None:
    """So many of each as the recipe says; a part by itself is one unit of that."""
    step = ship(record(), sets(cups=4, pots=2), {"1": 1}, location="x")
    assert (step.record.open("1"), reserved(step.inventory)) == (1, (2, 1))
    assert [step.inventory.on_hand(sku) for sku in ("cup", "pot")] == [7, 8]
    step = ship(step.record, step.inventory, {("1", "cup"): 1}, location="x")
    assert step.record.progress_of("1").parts == (("cup", 1),)
    step = ship(step.record, step.inventory, {("1", "cup"): 1, ("1", "pot"): 1}, location="x")
    assert (step.record.open("1"), reserved(step.inventory)) == (0, (0, 0))


def test_a_kit_and_a_part_of_it_in_one_parcel_are_counted_together() -> None:
    """One set and one cup beside it are three cups and a pot."""
    step = ship(record(), sets(cups=4, pots=2), {"1": 1, ("1", "cup"): 1}, location="x")
    assert [step.inventory.on_hand(sku) for sku in ("cup", "pot")] == [6, 8]
    assert (step.record.progress_of("1").shipped, step.record.progress_of("1").parts) == (
        1,
        (("cup", 1),),
    )


def test_what_needs_no_stock_leaves_none() -> None:
    """A host says that it went, and only the record counts it."""
    wrap = Item(sku="wrap", tracked=False)
    stock = Inventory(items=[wrap], stock=[Stock(sku="mug", location="x", on_hand=9)])
    stock = stock.with_reserved(
        Reservation(order_id="A-1", line_id="1", sku="mug", location="x", quantity=2)
    )
    order = record("mug", "wrap")
    step = ship(order, stock, {"2": 1}, location="x")
    assert (step.record.open("1"), step.record.open("2"), step.inventory) == (2, 1, stock)
    step = ship(order, stock, {"1": 1}, location="x")
    assert (step.record.open("1"), step.record.open("2")) == (1, 2)
    assert step.inventory.on_hand("mug") == 8


@pytest.mark.parametrize("units", [["1"], "1", 5])
def test_units_of_a_parcel_are_said_by_line(units: object) -> None:
    """What is no mapping is refused by the name of the argument."""
    for step in (
        lambda: ship(record("mug"), Inventory(), units, location="x"),  # type: ignore[arg-type]
        lambda: cancel(record("mug"), Inventory(), units),  # type: ignore[arg-type]
    ):
        with pytest.raises(InvalidValueError) as error:
            step()
        assert error.value.path == "units"


def test_what_a_location_rejects_is_freed_there_and_what_was_recorded_last_first() -> None:
    """Of several turns as many units as are rejected; what lies elsewhere stays."""
    stock = Inventory.of({("mug", "x"): 9, ("mug", "y"): 9}).with_reserved(
        *[
            Reservation(order_id="A-1", line_id="1", sku="mug", location=place, quantity=units)
            for place, units in (("x", 2), ("y", 1), ("x", 1))
        ]
    )
    story = Story(line(quantity=4), stock=stock)
    story.happened(Released, ref="f1", location="x", lines={"1": 3})
    story.happened(NotFulfilled, ref="f1", lines={"1": 2}, reason="rejected")
    rest = [(each.location, each.quantity) for each in story.stock.reservations_of("A-1")]
    assert rest == [("x", 1), ("y", 1)]


def test_units_that_are_taken_away_are_those_of_the_last_line() -> None:
    """What else was found with an event is set aside, or freed, line by line."""
    story = Story(line("1"), line("2"))
    story.heard(
        story.make(Released, ref="f1", location="x", lines={"1": 2}), reserved={("mug", "x"): -3}
    )
    rest = [(each.line_id, each.quantity) for each in story.stock.reservations_of("A-1")]
    assert rest == [("1", 1)]
