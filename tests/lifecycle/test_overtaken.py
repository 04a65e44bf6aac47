"""What is heard after something else has made it void changes nothing, whatever it says."""

from __future__ import annotations

from story import Story, line

from fulfill_core import Inventory, Reservation
from fulfill_core.lifecycle import (
    CallBack,
    Delivered,
    Effect,
    NotFulfilled,
    Progressed,
    Provided,
    Released,
    Shipped,
)

TWO = {"1": 2}


def test_of_what_has_left_nothing_is_called_back_or_freed() -> None:
    """A location rejects two units that left: the two of its other pick list stay reserved."""
    stock = Inventory.of({("mug", "x"): 9}).with_reserved(
        Reservation(order_id="A-1", line_id="1", sku="mug", location="x", quantity=4)
    )
    story = Story(line(quantity=4), stock=stock)
    story.happened(Released, ref="f1", location="x", lines=TWO)
    story.happened(Released, ref="f2", location="x", lines=TWO)
    story.happened(Shipped, parcel="p1", location="x", lines=TWO, fulfilment="f1")
    step = story.happened(NotFulfilled, ref="f1", lines=TWO, reason="rejected")
    assert (step.effect, step.inventory.reserved("mug", "x")) == (Effect.NO_CHANGE, 2)
    assert [each for each in step.actions if isinstance(each, CallBack)] == []
    assert story.told["staff:order.review_needed"] == 1


def test_of_what_has_left_in_part_the_rest_is_given_back() -> None:
    """It is asked for by name, and said to be short, as far as it was there."""
    story = Story(line(quantity=3))
    story.happened(Released, ref="f1", location="x", lines={"1": 3})
    story.happened(Shipped, parcel="p1", location="x", lines=TWO)
    step = story.happened(NotFulfilled, ref="f1", lines={"1": 3}, reason="short")
    assert step.effect is Effect.APPLIED
    reasons = [row for message in step.notifications for row in message.reasons]
    assert ("units.short_pick", "x did not find 1 of line 1.") in reasons


def test_how_far_a_pick_list_is_counts_while_something_of_it_is_there() -> None:
    """It is on record all the same: in any sequence the pick list ends as it does."""
    story = Story()
    story.happened(Released, ref="f1", location="x", lines=TWO)
    story.happened(Shipped, parcel="p1", location="x", lines={"1": 1})
    assert story.happened(Progressed, ref="f1", stage="picked").effect is Effect.APPLIED
    story.happened(Shipped, parcel="p2", location="x", lines={"1": 1})
    assert story.happened(Progressed, ref="f1", stage="packed").effect is Effect.NO_CHANGE
    assert [str(each.stage) for each in story.record.history.fulfilments] == ["packed"]


def test_what_was_provided_is_known_by_its_number() -> None:
    """Once more is a duplicate; another content, or the number of a parcel, is refused and told."""
    story = Story(line(quantity=2), line("2", 2, sku="song", ships=False))
    story.happened(Shipped, parcel="p1", location="x", lines={"1": 1})
    story.happened(Provided, ref="w1", lines={"2": 1})
    effects = [
        story.happened(Provided, ref=ref, lines={"2": units}).effect
        for ref, units in (("w1", 1), ("w1", 2), ("p1", 1))
    ]
    assert effects == [Effect.DUPLICATE, Effect.REFUSED, Effect.REFUSED]
    assert story.told["staff:order.review_needed"] == 2
    assert (story.units("1"), story.units("2")) == ({"shipped": 1}, {"shipped": 1})


def test_what_arrived_before_it_was_provided_has_arrived() -> None:
    """Whichever is heard first."""
    for first, second in ((Provided, Delivered), (Delivered, Provided)):
        story = Story(line("1", 2, sku="song", ships=False))
        for kind in (first, second):
            name = "ref" if kind is Provided else "parcel"
            story.happened(kind, lines=TWO, **{name: "w1"})
        assert story.units() == {"shipped": 2, "delivered": 2}
