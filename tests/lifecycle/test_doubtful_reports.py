"""What is reserved is not there, and what arrived is no parcel that anybody knows."""

from __future__ import annotations

from story import NOON, Story, code_of

from fulfill_core import Inventory, Reservation
from fulfill_core.lifecycle import (
    Counted,
    Delivered,
    DeliveryFailed,
    Effect,
    ShipmentVoided,
    Shipped,
    Tracked,
)


def test_who_reserves_more_than_is_there_is_told() -> None:
    """Once for each place at which it comes to be so, whatever is counted beside it."""
    other = Reservation(order_id="A-2", line_id="1", sku="mug", location="y", quantity=2)
    story = Story(stock=Inventory.of({("mug", "x"): 1, ("mug", "y"): 3}).with_reserved(other))
    moved = story.make(Counted, units={})
    assert story.heard(moved, reserved={("mug", "y"): 2}).effect is Effect.APPLIED
    assert story.told == {"staff:order.at_risk": 1}
    counted = story.make(Counted, units={("mug", "y"): -1})
    story.heard(counted, reserved={("mug", "y"): -1, ("mug", "x"): 1})
    assert story.told == {"staff:order.at_risk": 1}


def test_an_arrival_of_a_parcel_that_was_only_scanned_is_told() -> None:
    """As that of one that nobody knows: once, kept, and counted when its parcel is known."""
    story = Story()
    story.happened(Tracked, parcel="p1", tracking="T1")
    story.happened(DeliveryFailed, parcel="p1", reason="weather")
    assert code_of(story.happened(Delivered, parcel="p1")) == "parcel.unknown"
    assert story.told == {"staff:order.review_needed": 1}
    assert story.happened(Delivered, parcel="p1").effect is Effect.NO_CHANGE
    assert story.told == {"staff:order.review_needed": 1}
    story.happened(Shipped, parcel="p1", location="x", lines={"1": 2}, at=NOON)
    assert story.units() == {"shipped": 2, "delivered": 2}


def test_a_void_of_a_parcel_that_was_only_scanned_is_told() -> None:
    """Nobody said that it left, and a carrier has seen it: it has left when it is known."""
    story = Story()
    story.happened(Tracked, parcel="p1")
    assert code_of(story.happened(ShipmentVoided, parcel="p1")) == "parcel.unknown"
    assert story.happened(ShipmentVoided, parcel="p1").effect is Effect.NO_CHANGE
    assert story.told == {"staff:order.review_needed": 1}
    story.happened(Shipped, parcel="p1", location="x", lines={"1": 2}, at=NOON)
    assert story.units() == {"shipped": 2}
