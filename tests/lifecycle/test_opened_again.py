"""What may leave after a step and might not before it is in a `Release`, whatever opened it."""

from __future__ import annotations

from story import Story, line

from fulfill_core import Inventory, Reservation
from fulfill_core.lifecycle import (
    CallBack,
    CancelRequested,
    Release,
    Released,
    Shipped,
    Step,
)


def releases_of(step: Step) -> list[tuple[str, tuple[tuple[str, int], ...]]]:
    """What a step says may be handed over, and where."""
    return [(each.location, each.units) for each in step.actions if isinstance(each, Release)]


def test_a_wish_that_is_met_by_a_pick_list_opens_what_it_stopped_elsewhere() -> None:
    """Two of four may be cancelled, so two wait; two at a location are called back for a third."""
    story = Story(line(quantity=4))
    story.happened(CancelRequested, lines={"1": 2})
    story.happened(Released, ref="f1", location="y", lines={"1": 2})
    step = story.happened(CancelRequested, lines={"1": 3})
    assert [each.units for each in step.actions if isinstance(each, CallBack)] == [(("1", 2),)]
    assert releases_of(step) == [("x", (("1", 1),))]


def test_a_parcel_of_another_place_than_its_pick_list_leaves_what_that_had_reserved() -> None:
    """Three of five were reserved, and on it: two left elsewhere, and two of them lack nothing."""
    stock = Inventory.of({("mug", "x"): 9, ("mug", "y"): 9}).with_reserved(
        Reservation(order_id="A-1", line_id="1", sku="mug", location="x", quantity=3)
    )
    for place, releases in (("x", []), ("y", [("x", (("1", 2),))])):
        story = Story(line(quantity=5), stock=stock)
        story.happened(Released, ref="f1", location="x", lines={"1": 3})
        about = {"parcel": "p1", "fulfilment": "f1", "lines": {"1": 2}}
        assert releases_of(story.happened(Shipped, location=place, **about)) == releases
