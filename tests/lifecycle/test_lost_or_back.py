"""What came back is not lost, and what is lost does not come back: the first counts."""

from __future__ import annotations

from decimal import Decimal
from itertools import permutations

import attrs
import pytest
from story import NOON, Story, asked_of, code_of, line

from fulfill_core import Component, Inventory, Item, Stock
from fulfill_core.lifecycle import Captured, Effect, Lost, ReturnReceived, Shipped


def test_what_came_back_is_not_lost() -> None:
    """That it is said to be lost later is refused, kept and told once, and nobody is asked."""
    story = Story()
    story.happened(Shipped, parcel="p1", location="x", lines={"1": 2})
    story.happened(ReturnReceived, ref="r1", location="x", lines={"1": 2})
    step = story.happened(Lost, parcel="p1", lines={"1": 2})
    assert (code_of(step), step.actions) == ("loss.no_room", ())
    assert story.units() == {"shipped": 2, "returned": 2, "restocked": 2, "return_requested": 2}
    assert story.stock.on_hand("mug", "x") == 9
    assert story.told["staff:order.review_needed"] == 1
    again = story.happened(Lost, parcel="p1", lines={"1": 2})
    assert (again.effect, story.told["staff:order.review_needed"]) == (Effect.NO_CHANGE, 1)
    assert story.told["customer:parcel.lost"] == 0


def test_nobody_hears_that_a_parcel_is_lost_of_which_all_had_come_back() -> None:
    """Also where nobody had said that it left: it is back, and that is what there is to tell."""
    story = Story()
    story.happened(ReturnReceived, ref="r1", location="x", lines={"1": 1})
    step = story.happened(Lost, parcel="p1", lines={"1": 1})
    assert (step.effect, step.actions) == (Effect.APPLIED, ())
    assert story.units() == {"shipped": 1, "returned": 1, "restocked": 1, "return_requested": 1}
    assert story.told["customer:parcel.lost"] == 0
    assert story.told["customer:return.received"] == 1
    story.happened(Shipped, parcel="p2", location="x", lines={"1": 1})
    story.happened(Lost, parcel="p1", lines={"1": 1})
    assert story.told["customer:parcel.lost"] == 0


def test_a_loss_counts_as_far_as_it_was_out() -> None:
    """Of what is to become of it as well; its customer hears of what they will not get."""
    story = Story(line("1", 3))
    story.happened(Shipped, parcel="p1", location="x", lines={"1": 3})
    story.happened(ReturnReceived, ref="r1", location="x", lines={"1": 1})
    lost = {"1": 3}
    step = story.happened(Lost, parcel="p1", lines=lost, reopened={"1": 1}, credited={"1": 2})
    assert step.effect is Effect.APPLIED
    progress = story.record.progress_of("1")
    assert (progress.lost, progress.reopened, progress.returned) == (2, 1, 1)
    [message] = [each for each in step.notifications if each.kind == "parcel.lost"]
    assert [row[:4] for row in message.lines] == [("1", "mug", 3, 2)]
    assert story.told["staff:order.review_needed"] == 1


@pytest.mark.parametrize(
    ("fates", "asked"),
    [
        ({"credited": {"1": 2}}, []),
        ({"reopened": {"1": 1}, "credited": {"1": 1}}, []),
        ({"credited": {"1": 1}}, [("Ask", "units.lost")]),
        ({}, [("Ask", "units.lost")]),
    ],
)
def test_nobody_is_asked_what_becomes_of_what_is_back(
    fates: dict[str, dict[str, int]], asked: list[tuple[str, str]]
) -> None:
    """Of three that are said to be lost one came back: of two somebody has to say it."""
    story = Story(line("1", 3))
    story.happened(Shipped, parcel="p1", location="x", lines={"1": 3})
    story.happened(Captured, payment="card", amount=Decimal(15), ref="c1")
    story.happened(ReturnReceived, ref="r1", location="x", lines={"1": 1})
    step = story.happened(Lost, parcel="p1", lines={"1": 3}, **fates)
    assert [each for each in asked_of(step) if each[0] == "Ask"] == asked


def test_who_hears_late_that_it_had_come_back_is_told() -> None:
    """What was to be sent again is not, and its units are free."""
    story = Story()
    story.happened(Shipped, parcel="p1", location="x", lines={"1": 2})
    story.happened(Lost, parcel="p1", lines={"1": 1}, reopened={"1": 1})
    assert story.record.open("1") == 1
    story.happened(ReturnReceived, ref="r1", location="y", lines={"1": 2}, at=NOON)
    assert story.record.open("1") == 0
    assert story.units()["returned"] == 2
    assert story.stock.on_hand("mug", "y") == 11
    assert story.told["staff:order.review_needed"] == 1


@pytest.mark.parametrize("places", list(permutations(range(4))))
def test_the_sequence_in_which_it_is_heard_is_no_matter(places: tuple[int, ...]) -> None:
    """Two parcels, of which one is lost after a unit came back, and one before another one did."""
    story = Story(line("1", 4))
    about = {"parcel": "p1", "lines": {"1": 1}}
    events = [
        story.make(Shipped, parcel="p1", location="x", lines={"1": 2}),
        story.make(ReturnReceived, ref="r1", location="x", lines={"1": 1}),
        story.make(Lost, **about | {"lines": {"1": 2}, "credited": {"1": 2}}),
        story.make(ReturnReceived, ref="r2", location="x", lines={"1": 1}),
    ]
    for place in places:
        story.heard(events[place])
    progress = story.record.progress_of("1")
    assert (progress.shipped, progress.lost, progress.returned) == (2, 1, 1)
    assert story.record.due == 10
    assert story.stock.on_hand("mug", "x") == 8


@pytest.mark.parametrize("places", list(permutations(range(4))))
def test_what_leaves_later_makes_no_room_for_what_was_back(places: tuple[int, ...]) -> None:
    """Nor is it lost itself: its carrier spoke of another parcel, before it left."""
    story = Story(line("1", 4))
    again = {"lines": {"1": 2}, "reopened": {"1": 2}}
    events = [
        story.make(Shipped, parcel="p1", location="x", lines={"1": 2}),
        story.make(ReturnReceived, ref="r1", location="x", lines={"1": 2}),
        story.make(Lost, parcel="p1", **again),
        story.make(Shipped, parcel="p2", location="x", lines={"1": 2}),
    ]
    for place in places:
        story.heard(events[place])
    progress = story.record.progress_of("1")
    assert (progress.shipped, progress.lost, progress.returned) == (4, 0, 2)
    assert (story.record.open("1"), story.record.due) == (0, 10)
    assert story.stock.on_hand("mug", "x") == 7


def test_a_loss_of_which_nobody_knows_when_comes_before_all_returns() -> None:
    """A record that an earlier state has kept says nothing of it: it counts as it did."""
    story = Story()
    story.happened(Shipped, parcel="p1", location="x", lines={"1": 2})
    story.happened(Lost, parcel="p1", lines={"1": 1}, credited={"1": 1})
    [parcel] = story.record.history.parcels
    history = attrs.evolve(story.record.history, parcels=[attrs.evolve(parcel, lost_at=None)])
    story.record = attrs.evolve(story.record, history=history)
    step = story.happened(ReturnReceived, ref="r1", location="x", lines={"1": 2}, at=NOON)
    assert code_of(step) == "return.no_room"
    assert story.units() == {"shipped": 2, "lost": 1}


def test_of_boxes_of_a_kit_what_is_lost_is_taken_first() -> None:
    """Which of the kits are lost is not for one box to say."""
    item = Item(sku="set", components=[Component(sku="cup"), Component(sku="pot")])
    rows = [Stock(sku=sku, location="x", on_hand=2) for sku in ("cup", "pot")]
    stock = Inventory(rows, items=[item])
    story = Story(line("1", 1, sku="set"), stock=stock)
    story.happened(Shipped, parcel="p1", location="x", parts=[("1", "cup", 1)])
    story.happened(Shipped, parcel="p2", location="x", parts=[("1", "pot", 1)])
    story.happened(ReturnReceived, ref="r1", location="x", lines={"1": 1})
    story.happened(Lost, parcel="p1", lines={"1": 1}, credited={"1": 1})
    assert story.units()["lost"] == 1
    assert "returned" not in story.units()


def test_what_nobody_ordered_takes_no_room() -> None:
    """Neither a loss nor a return of a line that the order has not."""
    story = Story()
    story.happened(Shipped, parcel="p1", location="x", lines={"1": 2})
    story.happened(ReturnReceived, ref="r1", location="x", lines={"1": 2, "9": 1})
    step = story.happened(Lost, parcel="p1", lines={"1": 1, "9": 1}, credited={"1": 1})
    assert step.effect is Effect.APPLIED
    assert story.units() == {"shipped": 2, "lost": 1}
