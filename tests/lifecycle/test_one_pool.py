"""One article on several lines of an order is one pool, of which no unit is promised twice."""

from __future__ import annotations

from typing import Any

import pytest
from story import Story, line

from fulfill_core import Component, Inventory, Item, Reservation, Stock
from fulfill_core.lifecycle import ShipmentVoided, Shipped

PARCEL: dict[str, Any] = {"parcel": "p1", "location": "x", "lines": {"2": 2}}


def two_lines(on_hand: int, *quantities: int, others: int = 0, sku: str = "mug") -> Story:
    """Two lines of two, with so many units of each reserved, and of another order's."""
    owners = {("A-1", "1"): quantities[0], ("A-1", "2"): quantities[1], ("A-2", "1"): others}
    reservations = [
        Reservation(order_id=order_id, line_id=line_id, sku="mug", location="x", quantity=units)
        for (order_id, line_id), units in owners.items()
        if units
    ]
    stock = Inventory(
        [Stock(sku="mug", location="x", on_hand=on_hand)],
        items=[Item(sku="pair", components=[Component(sku="mug", quantity=2)])],
        reservations=reservations,
    )
    return Story(line("1", 2, sku=sku), line("2", 2), stock=stock)


def reserved_of(story: Story) -> dict[str, int]:
    """What each line has reserved."""
    return {each.line_id: each.quantity for each in story.stock.reservations_of("A-1")}


@pytest.mark.parametrize(
    ("on_hand", "others", "left"),
    [
        (3, 0, {"1": 1}),  # one of those that left was reserved for the first line
        (4, 0, {"1": 2}),  # it was nobody's
        (2, 0, {}),
        (4, 1, {"1": 1}),  # it was not the other order's, while its own has some
    ],
)
def test_what_left_is_reserved_for_no_other_line(
    on_hand: int, others: int, left: dict[str, int]
) -> None:
    """A line from which another one of its order has taken units gives up as many, and no more."""
    story = two_lines(on_hand, 2, 1 if on_hand > 2 else 0, others=others)
    story.happened(Shipped, **PARCEL)
    assert reserved_of(story) == left
    assert story.stock.reserved("mug", "x") <= story.stock.on_hand("mug", "x")


def test_a_kit_gives_up_the_component_that_left_by_itself() -> None:
    """It has one of two mugs still: it is not whole."""
    story = two_lines(3, 3, 0, sku="pair")
    story.happened(Shipped, **PARCEL)
    assert reserved_of(story) == {"1": 1}


def test_what_was_missing_before_is_missing_still() -> None:
    """A line keeps what is reserved for it though a count has found less: that was told then."""
    story = two_lines(2, 2, 2)
    story.happened(Shipped, **PARCEL)
    assert (reserved_of(story), story.stock.on_hand("mug", "x")) == ({"1": 2}, 0)


def test_what_never_left_is_for_the_line_that_was_to_have_it() -> None:
    """The units are there again, each reserved once."""
    story = two_lines(3, 2, 1)
    story.happened(Shipped, **PARCEL)
    story.happened(ShipmentVoided, parcel="p1")
    assert (reserved_of(story), story.stock.on_hand("mug", "x")) == ({"1": 1, "2": 2}, 3)
