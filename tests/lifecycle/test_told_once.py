"""What was told is not told again, and what is wanted back and never left is asked about."""

from __future__ import annotations

from fulfill_core.lifecycle import (
    CallBack,
    Cancelled,
    CancelRequested,
    Delivered,
    Effect,
    Lost,
    Release,
    Released,
    ReturnReceived,
    ShipmentVoided,
    Shipped,
    Step,
)

from .story import Story, asked_of, code_of, line


def released_units_of(step: Step) -> list[dict[str, int]]:
    """What a step says may be handed over."""
    return [dict(each.units) for each in step.actions if isinstance(each, Release)]


def codes_of(step: Step) -> list[str]:
    """What the staff is told to look at."""
    return [code for each in step.notifications for code, _ in each.reasons if "." in code]


def test_a_line_that_the_order_has_not_is_no_news_of_a_parcel() -> None:
    """Whether it arrived, or is lost: its customer heard of the lines that the order has."""
    for kind in (Delivered, Lost):
        story = Story()
        story.happened(Shipped, parcel="p1", location="x", lines={"1": 2, "9": 1})
        story.happened(kind, parcel="p1", lines={"1": 2})
        step = story.happened(kind, parcel="p1", lines={"9": 1})
        assert (code_of(step), codes_of(step)) == ("line.unknown", ["line.unknown"])
        told = story.told["customer:parcel.delivered"] + story.told["customer:parcel.lost"]
        assert told == 1


def test_a_parcel_of_none_of_its_lines_that_never_left_is_no_news() -> None:
    """Its customer had not heard of it."""
    story = Story()
    story.happened(Shipped, parcel="p1", location="x", lines={"9": 1})
    step = story.happened(ShipmentVoided, parcel="p1")
    assert (step.effect, step.notifications) == (Effect.NO_CHANGE, ())


def test_a_return_that_counts_again_is_told_once() -> None:
    """What it came of never left, says the dock, and it is among what another parcel held."""
    story = Story()
    story.happened(Shipped, parcel="p1", location="x", lines={"1": 2})
    story.happened(ReturnReceived, ref="r1", location="x", lines={"1": 2})
    step = story.happened(ShipmentVoided, parcel="p1")
    assert (codes_of(step), story.units()) == (["return.no_room"], {})
    story.happened(Shipped, parcel="p2", location="x", lines={"1": 2})
    assert (story.units()["returned"], story.told["customer:return.received"]) == (2, 1)


def test_two_returns_of_the_same_units_count_once() -> None:
    """The one that was earlier counts, though it is heard of later; then nothing moves."""
    story = Story()
    story.happened(Shipped, parcel="p1", location="x", lines={"1": 2})
    earlier = story.make(ReturnReceived, ref="r1", location="x", lines={"1": 2})
    story.happened(ReturnReceived, ref="r2", location="x", lines={"1": 2})
    stock = story.stock
    step = story.heard(earlier)
    assert (code_of(step), codes_of(step)) == ("return.no_room", ["return.no_room"])
    assert (story.stock, story.told["customer:return.received"]) == (stock, 1)


def test_an_earlier_return_of_other_units_is_told_with_what_counts_no_more() -> None:
    """It counts, and the one that was there is not among what is out."""
    story = Story()
    story.happened(Shipped, parcel="p1", location="x", lines={"1": 2})
    earlier = story.make(ReturnReceived, ref="r1", location="y", lines={"1": 2})
    story.happened(ReturnReceived, ref="r2", location="x", lines={"1": 2})
    step = story.heard(earlier)
    assert (step.effect, codes_of(step)) == (Effect.APPLIED, ["return.no_room"])
    assert [story.stock.on_hand("mug", place) for place in "xy"] == [7, 11]


def test_a_unit_that_is_wanted_back_and_never_left_is_asked_about() -> None:
    """Its location sent it all the same, and did not: it is in no release, and somebody decides."""
    for is_void_first in (False, True):
        story = Story(line(quantity=3))
        story.happened(Released, ref="f1", location="x", lines={"1": 3})
        step = story.happened(CancelRequested, lines={"1": 1}, by="customer")
        assert [type(each) for each in step.actions] == [CallBack]
        parcel = story.make(Shipped, parcel="p1", location="x", lines={"1": 3})
        if is_void_first:
            story.happened(ShipmentVoided, parcel="p1")
            step = story.heard(parcel)
        else:
            story.heard(parcel)
            step = story.happened(ShipmentVoided, parcel="p1")
        assert released_units_of(step) == [{"1": 2}]
        assert ("Ask", "cancel.requested") in asked_of(step)
        story.happened(Cancelled, lines={"1": 1}, by="customer")
        assert (story.record.open("1"), story.stock.reserved("mug", "x")) == (2, 2)


def test_a_parcel_that_never_left_is_asked_about_once() -> None:
    """And of lines that nobody wants back not at all."""
    story = Story(line(), line("2"))
    story.happened(CancelRequested, lines={"2": 1}, by="customer")
    for parcel, line_id in (("p1", "1"), ("p2", "2")):
        story.happened(Shipped, parcel=parcel, location="x", lines={line_id: 2})
        steps = [story.happened(ShipmentVoided, parcel=parcel) for _ in "12"]
        asked = [("Ask", "cancel.requested") in asked_of(step) for step in steps]
        assert asked == [line_id == "2", False]


def test_what_is_said_of_a_strange_line_shows_that_its_parcel_left() -> None:
    """Then it moves units, and is not refused; the staff is told of the line."""
    for kind in (Delivered, Lost):
        story = Story()
        story.happened(Shipped, parcel="p1", location="x", lines={"1": 2})
        story.happened(ShipmentVoided, parcel="p1")
        step = story.happened(kind, parcel="p1", lines={"9": 1})
        assert (step.effect, story.units()["shipped"]) == (Effect.APPLIED, 2)
        assert "line.unknown" in codes_of(step)


def test_a_loss_is_asked_about_where_more_is_lost() -> None:
    """Of lines that the order has: what was asked is not asked again since another line is lost."""
    story = Story(line(), line("2"))
    story.happened(Shipped, parcel="p1", location="x", lines={"1": 2, "2": 1, "9": 1})
    losses: list[dict[str, int]] = [{"1": 1}, {"1": 1, "9": 1}, {"1": 2}, {"2": 1}]
    steps = [story.happened(Lost, parcel="p1", lines=lines) for lines in losses]
    asked = [("Ask", "units.lost") in asked_of(step) for step in steps]
    assert asked == [True, False, True, True]


def test_a_parcel_of_no_list_that_never_left_moves_nothing() -> None:
    """Whoever asked about a wish before has asked about it."""
    story = Story()
    story.happened(CancelRequested, lines={"1": 1}, by="customer")
    story.happened(ShipmentVoided, parcel="p1")
    step = story.happened(Shipped, parcel="p1", location="x", lines={"1": 2})
    assert (step.effect, step.actions) == (Effect.NO_CHANGE, ())
