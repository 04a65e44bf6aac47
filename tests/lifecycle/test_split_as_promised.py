"""What may be handed over is split as the promise splits, and early news waits for its line."""

from __future__ import annotations

from datetime import timedelta

import pytest
from story import NOON, Story, line

from fulfill_core import (
    Component,
    InvalidValueError,
    Inventory,
    Item,
    Promise,
    Reservation,
    Shipment,
    Stock,
)
from fulfill_core.lifecycle import (
    Amended,
    Delivered,
    HoldLifted,
    HoldPlaced,
    Release,
    Released,
    Shipped,
    Step,
)

DAY = timedelta(days=1)
STOP = {"source": "fraud", "code": "fraud.look"}


def leaving(days: int, *rows: tuple[str, str, int], location: str = "x") -> Shipment:
    """What leaves together, so many days from now."""
    at = NOON + days * DAY
    return Shipment(location=location, lines=rows, ready_at=at, ships_at=at, delivered_at=at + DAY)


def let_go(story: Story, *shipments: Shipment) -> Step:
    """What may be handed over once a hold is lifted."""
    promise = Promise(shipments=shipments) if shipments else None
    story.happened(HoldPlaced, **STOP)
    return story.heard(story.make(HoldLifted, **STOP), promise=promise)


def test_each_shipment_is_handed_over_by_itself() -> None:
    """In the sequence in which they leave, each with when it does."""
    story = Story(line("1", 3), line("2", 2))
    step = let_go(story, leaving(2, ("1", "mug", 1)), leaving(1, ("1", "mug", 2), ("2", "mug", 2)))
    assert step.actions == (
        Release(location="x", units={"1": 2, "2": 2}, ships_at=NOON + DAY),
        Release(location="x", units={"1": 1}, ships_at=NOON + 2 * DAY),
    )


def test_without_a_promise_a_location_gets_all_of_it() -> None:
    """So it is with what no shipment has, or one of another location."""
    whole = (Release(location="x", units={"1": 3}),)
    assert let_go(Story(line("1", 3))).actions == whole
    assert let_go(Story(line("1", 3)), leaving(1, ("1", "mug", 3), location="y")).actions == whole
    assert let_go(Story(line("1", 3)), leaving(1, ("1", "mug", 2))).actions == (
        Release(location="x", units={"1": 2}, ships_at=NOON + DAY),
        Release(location="x", units={"1": 1}),
    )


def test_what_is_at_a_location_was_handed_over() -> None:
    """It is of the first shipment, so the rest is of the next ones."""
    story = Story(line("1", 4))
    story.happened(Released, ref="f1", location="x", lines={"1": 3})
    step = let_go(story, leaving(1, ("1", "mug", 2)), leaving(2, ("1", "mug", 2)))
    assert step.actions == (Release(location="x", units={"1": 1}, ships_at=NOON + 2 * DAY),)


def test_kits_are_handed_over_whole() -> None:
    """A shipment has their components."""
    parts = [Component(sku="cup", quantity=2), Component(sku="pot")]
    stock = Inventory(
        stock=[Stock(sku=sku, location="x", on_hand=9) for sku in ("cup", "pot")],
        items=[Item(sku="set", components=parts)],
        reservations=[
            Reservation(order_id="A-1", line_id="1", sku=sku, location="x", quantity=units)
            for sku, units in (("cup", 6), ("pot", 3))
        ],
    )
    story = Story(line("1", 3, sku="set"), stock=stock)
    step = let_go(
        story,
        leaving(1, ("1", "cup", 4), ("1", "pot", 2)),
        leaving(2, ("1", "cup", 2), ("1", "pot", 1)),
    )
    assert step.actions == (
        Release(location="x", units={"1": 2}, ships_at=NOON + DAY),
        Release(location="x", units={"1": 1}, ships_at=NOON + 2 * DAY),
    )


def test_what_is_no_promise_is_refused() -> None:
    """By name."""
    story = Story()
    with pytest.raises(InvalidValueError, match=r"^promise: "):
        story.heard(story.make(HoldPlaced, **STOP), promise="tomorrow")


# -- Lines that are added later --------------------------------------------------------------------


def test_a_parcel_of_a_line_that_is_added_later_is_told_then() -> None:
    """Once, with the line, as what it is by then."""
    for is_there, kind in ((False, "parcel.shipped"), (True, "parcel.delivered")):
        story = Story(line("1"))
        story.happened(Shipped, parcel="p1", location="y", lines={"9": 1}, tracking="T1")
        if is_there:
            story.happened(Delivered, parcel="p1")
        assert story.told[f"customer:{kind}"] == 0
        step = story.happened(Amended, added=[line("9", 1)])
        [message] = [each for each in step.notifications if each.kind == kind]
        assert [row[:4] for row in message.lines] == [("9", "mug", 1, 1)]
        story.happened(Amended, added=[line("10", 1)])
        assert story.told[f"customer:{kind}"] == 1
