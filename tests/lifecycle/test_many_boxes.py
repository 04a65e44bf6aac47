"""Of many parcels and pick lists a step adds up what is other, and no more."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from itertools import permutations

import attrs
from builders import calls
from story import NOON, Story, line

from fulfill_core import Component, Inventory, Item, Stock
from fulfill_core.lifecycle import (
    Amended,
    Delivered,
    Event,
    Lost,
    NotFulfilled,
    Released,
    ShipmentVoided,
    Shipped,
    Tracked,
    advance,
)

SET = Item(sku="set", components=[Component(sku="cup", quantity=2), Component(sku="pot")])
HOUR = timedelta(hours=1)


def of_sets(units: int) -> Story:
    """An order of so many sets, and of two mugs."""
    stock = [Stock(sku=sku, location="x", on_hand=2 * units) for sku in ("cup", "pot", "mug")]
    return Story(line(sku="set", quantity=units), line("2"), stock=Inventory(stock, items=[SET]))


def box(story: Story, number: int, sku: str = "cup", units: int = 1) -> Event:
    """A parcel of components alone."""
    about = {"parcel": f"p{number}", "location": "x", "parts": [("1", sku, units)]}
    return story.make(Shipped, **about)


def test_a_step_is_no_more_work_after_many_boxes_than_after_few() -> None:
    """What left, arrived or was scanned of others is not added up again."""
    story = of_sets(200)
    works = [
        [
            calls(partial(story.heard, event))
            for event in (
                box(story, number),
                story.make(Tracked, parcel=f"p{number}", stage="in_transit"),
                story.make(Delivered, parcel=f"p{number}"),
            )
        ]
        for number in range(121)
    ]
    # The least of five: what is collected meanwhile is no work of a step.
    few, many = (map(min, *works[last - 4 : last + 1]) for last in (20, 120))
    assert all(after < before + 20 for before, after in zip(few, many, strict=True))


def test_a_step_is_no_more_work_after_many_pick_lists_that_were_given_back() -> None:
    """They hold nothing: nobody asks each of them back."""
    story = Story(line(quantity=120))
    works: list[int] = []
    for number in range(101):
        story.happened(Released, ref=f"f{number}", location="x", lines={"1": 1})
        given_back = story.make(NotFulfilled, ref=f"f{number}", reason="called_back")
        works.append(calls(partial(story.heard, given_back)))
    assert min(works[96:101]) < min(works[16:21]) + 20


def test_what_is_handed_on_comes_to_what_is_worked_out_anew() -> None:
    """Whatever becomes of the boxes, and in which sequence."""
    story = of_sets(3)
    events = [
        box(story, 1, "cup", 3),
        box(story, 2, "pot", 2),
        story.make(Shipped, parcel="p3", location="x", lines={"1": 1}, parts=[("1", "cup", 2)]),
        story.make(Delivered, parcel="p1"),
        story.make(Lost, parcel="p2", lines={"1": 1}, reopened={"1": 1}),
        story.make(ShipmentVoided, parcel="p3"),
        story.make(Shipped, parcel="p4", location="x", lines={"2": 1}),
    ]
    for sequence in permutations(events, 4):
        record, stock = story.record, story.stock
        for event in sequence:
            step = advance(record, event, stock, now=NOON + HOUR)
            anew = advance(attrs.evolve(record), event, stock, now=NOON + HOUR)
            assert step == anew
            record, stock = step.record, step.inventory


def test_boxes_of_a_line_that_is_added_later_have_arrived() -> None:
    """As they would have, had the line been there before."""
    story = Story(line(), stock=of_sets(1).stock)
    for number, (sku, units) in enumerate([("cup", 2), ("pot", 1)]):
        parts = [("2", sku, units)]
        story.happened(Shipped, parcel=f"p{number}", location="x", parts=parts)
        story.happened(Delivered, parcel=f"p{number}")
    story.happened(Amended, added=[line("2", 1, sku="set")])
    progress = story.record.progress_of("2")
    assert (progress.shipped, progress.delivered, progress.parts) == (1, 1, ())
