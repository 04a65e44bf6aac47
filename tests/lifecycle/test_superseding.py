"""What a message about an event takes the place of, if that was not sent yet."""

from __future__ import annotations

from story import Story, line

from fulfill_core.lifecycle import (
    Cancelled,
    CancelRequested,
    Delivered,
    DeliveryFailed,
    Released,
    ShipmentVoided,
    Shipped,
    Step,
    Tracked,
)


def superseded(step: Step) -> list[str]:
    """The kinds of what a step takes the place of."""
    return sorted(
        [each.rsplit(":", 2)[1] for message in step.notifications for each in message.supersedes]
    )


def test_a_location_gets_its_pick_list_though_units_are_called_back() -> None:
    """It is to send the rest; and each of two requests is to be read."""
    story = Story(line(quantity=4))
    story.happened(Released, ref="f1", location="x", lines={"1": 4})
    for units in (1, 2):
        step = story.happened(CancelRequested, lines={"1": units})
        assert [str(each.kind) for each in step.notifications] == ["fulfilment.call_back"]
        assert superseded(step) == []


def test_each_of_two_cancellations_is_read() -> None:
    """Until all of it is cancelled, which says it all."""
    story = Story(line("1"), line("2"), line("3"))
    for line_id in "12":
        assert superseded(story.happened(Cancelled, lines={line_id: 2})) == []
    assert superseded(story.happened(Cancelled, lines={"3": 2})) == ["order.partly_cancelled"]


def test_the_way_of_a_parcel_is_overtaken_by_what_comes_after_it() -> None:
    """That it is coming today, once it has arrived; not that it was sent, with what is in it."""
    story = Story(line(quantity=2))
    story.happened(Shipped, parcel="p1", location="x", lines={"1": 2}, tracking="T1")
    about = {"parcel": "p1"}
    assert superseded(story.happened(Tracked, stage="out_for_delivery", **about)) == []
    failed = story.happened(DeliveryFailed, asks_customer=True, reason="nobody there", **about)
    assert superseded(failed) == ["parcel.out_for_delivery"]
    assert superseded(story.happened(Delivered, **about)) == ["parcel.delivery_failed"]


def test_what_never_left_is_not_on_its_way() -> None:
    """And what left after all is."""
    story = Story(line(quantity=2))
    story.happened(Shipped, parcel="p1", location="x", lines={"1": 2})
    assert superseded(story.happened(ShipmentVoided, parcel="p1")) == ["parcel.shipped"]
