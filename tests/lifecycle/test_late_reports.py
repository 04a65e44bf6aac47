"""What is heard late, or bears an early time, does to goods what it would have done in time."""

from __future__ import annotations

from datetime import timedelta

import pytest
from story import NOON, Story, line

from fulfill_core import Inventory, Reservation, process
from fulfill_core.lifecycle import (
    CallBack,
    Delivered,
    Effect,
    Event,
    HoldLifted,
    HoldPlaced,
    Lost,
    NotFulfilled,
    Release,
    Released,
    Tracked,
)

HOUR = timedelta(hours=1)
TWO = {"1": 2}
LOST = {"lines": TWO, "reopened": TWO}
LIST = {"ref": "f1", "location": "x"}
STOP = {"source": "fraud", "code": "fraud.look"}


# -- Where it left -----------------------------------------------------------------------------


def story_after_a_run(hour: int) -> Story:
    """Three mugs, reserved at x by a run so many hours after noon."""
    story = Story(line(quantity=3), stock=Inventory.of({("mug", "x"): 9}))
    now = NOON + hour * HOUR
    result = process([story.record.order], story.stock, now=now, verifiers=[])
    story.record, story.stock = result.records[0], result.inventory
    return story


@pytest.mark.parametrize(
    ("kind", "content", "again", "content_again"),
    [
        (Lost, LOST, Lost, LOST),
        (Delivered, {"lines": TWO}, Delivered, {"lines": TWO}),
        (Delivered, {"lines": TWO}, Tracked, {"stage": "in_transit"}),
    ],
)
def test_units_that_left_stay_off_the_shelf_whenever_that_was(
    kind: type[Event],
    content: dict[str, object],
    again: type[Event],
    content_again: dict[str, object],
) -> None:
    """A second report bears the day only, which began before anything was reserved."""
    story = story_after_a_run(1)
    story.happened(kind, parcel="p1", **content)
    assert story.stock.on_hand("mug") == 7
    step = story.happened(again, parcel="p1", **content_again, at=NOON - 12 * HOUR)
    assert (step.effect, step.actions) == (Effect.NO_CHANGE, ())
    assert story.stock.on_hand("mug") == 7


def test_what_left_before_anything_was_reserved_left_where_that_was_first() -> None:
    """A clock is slow, or the day is all that is said: the units are gone from somewhere."""
    story = story_after_a_run(1)
    story.happened(Lost, parcel="p1", at=NOON - 12 * HOUR, **LOST)
    assert (story.stock.on_hand("mug"), story.stock.reserved("mug")) == (7, 1)


def test_units_that_left_stay_off_the_shelf_where_no_run_reserved_them() -> None:
    """All that was reserved has left: that nothing is any more says nothing of where it was."""
    story = Story()
    story.happened(Delivered, parcel="p1", lines=TWO)
    step = story.happened(Tracked, parcel="p1", stage="in_transit")
    assert step.effect is Effect.NO_CHANGE
    assert story.stock.on_hand("mug", "x") == 7


def test_units_that_left_stay_where_they_were_taken_from() -> None:
    """What is reserved elsewhere, now that these are gone, has no say."""
    stock = Inventory.of({("mug", "x"): 9, ("mug", "y"): 9}).with_reserved(
        *[
            Reservation(order_id="A-1", line_id="1", sku="mug", location=place, quantity=1)
            for place in ("x", "y")
        ]
    )
    story = Story(stock=stock)
    story.happened(Delivered, parcel="p1", lines={"1": 1})
    story.happened(Tracked, parcel="p1", stage="in_transit")
    assert [story.stock.on_hand("mug", place) for place in ("x", "y")] == [8, 9]


# -- What is called back -----------------------------------------------------------------------


def test_a_hold_that_was_lifted_since_calls_nothing_back() -> None:
    """It stops nothing, though it is heard of last."""
    story = Story()
    story.happened(Released, **LIST, lines=TWO)
    story.happened(HoldLifted, **STOP, at=NOON + 2 * HOUR)
    step = story.happened(HoldPlaced, **STOP, at=NOON + HOUR)
    assert (step.effect, step.actions, step.notifications) == (Effect.NO_CHANGE, (), ())


def test_a_hold_on_a_line_calls_that_line_back() -> None:
    """The other one leaves as it was to; that line is released again when the hold ends."""
    story = Story(line("1"), line("2"))
    story.happened(Released, **LIST, lines={"1": 2, "2": 2})
    step = story.happened(HoldPlaced, **STOP, line_id="1")
    assert step.actions == (CallBack(fulfilment="f1", location="x", units=TWO),)
    step = story.happened(NotFulfilled, ref="f1", lines=TWO, reason="called_back")
    assert step.actions == ()
    step = story.happened(HoldLifted, **STOP, line_id="1")
    assert step.actions == (Release(location="x", units=TWO),)


@pytest.mark.parametrize("line_id", ["", "99"])
def test_a_hold_on_the_order_calls_all_of_it_back(line_id: str) -> None:
    """So does one on a line that the order has not."""
    story = Story(line("1"), line("2"))
    story.happened(Released, **LIST, lines={"1": 2, "2": 2})
    step = story.happened(HoldPlaced, **STOP, line_id=line_id)
    units = {"1": 2, "2": 2}
    assert CallBack(fulfilment="f1", location="x", units=units) in step.actions
