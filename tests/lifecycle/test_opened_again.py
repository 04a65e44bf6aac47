"""What a step opens is in a `Release`, what may not leave any more is called back once."""

from __future__ import annotations

import itertools
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from story import NOON, Story, line

from fulfill_core import Inventory, Reservation
from fulfill_core.lifecycle import (
    Amended,
    CallBack,
    CancelDeclined,
    Cancelled,
    CancelRequested,
    Captured,
    Counted,
    Delivered,
    Effect,
    Event,
    GivenBackReason,
    HoldPlaced,
    NotFulfilled,
    Release,
    Released,
    ReturnReceived,
    ShipmentState,
    Shipped,
    Step,
    StockReceived,
    shipment_state,
)


def releases_of(step: Step) -> list[tuple[str, tuple[tuple[str, int], ...]]]:
    """What a step says may be handed over, and where."""
    return [(each.location, each.units) for each in step.actions if isinstance(each, Release)]


def places_reserved(story: Story) -> list[tuple[str, int]]:
    """Where units are reserved for a story's order, and how many."""
    return [(each.location, each.quantity) for each in story.stock.reservations_of("A-1")]


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


def called_back(step: Step) -> list[tuple[tuple[str, int], ...]]:
    """What a step calls back."""
    return [each.units for each in step.actions if isinstance(each, CallBack)]


@pytest.mark.parametrize("facts", [*itertools.permutations(["sent", "again", "money"])])
@pytest.mark.parametrize(("again_at", "money_at"), ["xy", "yx", "xx"])
def test_what_is_sent_again_is_set_aside_where_it_came_back(
    facts: tuple[str, ...], again_at: str, money_at: str
) -> None:
    """One comes back to go again, one for the money: one is set aside, whatever waited for what."""
    stock = Inventory.of({("mug", "x"): 2, ("mug", "y"): 0}).with_reserved(
        Reservation(order_id="A-1", line_id="1", sku="mug", location="x", quantity=2)
    )
    one = {"1": 1}
    contents: dict[str, tuple[type[Event], dict[str, Any]]] = {
        "sent": (Shipped, {"parcel": "p1", "location": "x", "lines": {"1": 2}}),
        "again": (
            ReturnReceived,
            {"ref": "r1", "location": again_at, "lines": one, "reopened": one},
        ),
        "money": (ReturnReceived, {"ref": "r2", "location": money_at, "lines": one}),
    }
    story = Story(line(quantity=3), stock=stock)
    for fact in facts:
        kind, content = contents[fact]
        story.happened(kind, at=NOON + timedelta(hours=list(contents).index(fact)), **content)
    reserved = [(each.location, each.quantity) for each in story.stock.reservations_of("A-1")]
    assert reserved == [(again_at, 1)]


def test_what_a_location_refused_to_give_back_it_is_asked_for_once() -> None:
    """Not once more with each parcel that it sends of it; for what else is cancelled it is."""
    story = Story(line(quantity=4))
    story.happened(Released, ref="f1", location="x", lines={"1": 4})
    assert called_back(story.happened(Cancelled, lines={"1": 1})) == [(("1", 1),)]
    story.happened(CancelDeclined, ref="f1")
    for number in (1, 2):
        step = story.happened(Shipped, parcel=f"p{number}", location="x", lines={"1": 1})
        assert called_back(step) == []
    assert called_back(story.happened(Cancelled, lines={"1": 1})) == [(("1", 1),)]


@pytest.mark.parametrize("reason", GivenBackReason)
def test_what_is_cancelled_is_called_back_whatever_was_given_back_before(
    reason: GivenBackReason,
) -> None:
    """What a location gave back, asked or not, is not what it is asked for next."""
    story = Story(line(quantity=4))
    story.happened(Released, ref="f1", location="x", lines={"1": 4})
    story.happened(NotFulfilled, ref="f1", lines={"1": 1}, reason=reason)
    assert called_back(story.happened(Cancelled, lines={"1": 2})) == [(("1", 1),)]
    assert called_back(story.happened(NotFulfilled, ref="f1", lines={"1": 1})) == []
    assert called_back(story.happened(Cancelled, lines={"1": 1})) == [(("1", 1),)]
    assert called_back(story.happened(NotFulfilled, ref="f1", lines={"1": 1})) == []
    assert called_back(story.happened(Cancelled)) == [(("1", 1),)]


def test_what_was_refused_and_given_back_after_all_is_not_what_is_asked_for_next() -> None:
    """Of three one is refused, and given back; of the two that are left one is called back."""
    story = Story(line(quantity=3))
    story.happened(Released, ref="f1", location="x", lines={"1": 3})
    story.happened(Cancelled, lines={"1": 1})
    story.happened(CancelDeclined, ref="f1")
    story.happened(NotFulfilled, ref="f1", lines={"1": 1})
    assert called_back(story.happened(Cancelled, lines={"1": 1})) == [(("1", 1),)]
    assert called_back(story.happened(Shipped, parcel="p1", location="x", lines={"1": 1})) == []


@pytest.mark.parametrize("reason", ["called_back", "short"])
def test_a_no_to_what_was_given_back_is_overtaken(reason: str) -> None:
    """Nothing is to come of what was cancelled: its customer is not told that it is sent."""
    story = Story()
    story.happened(Released, ref="f1", location="x", lines={"1": 2})
    story.happened(Cancelled, lines={"1": 1})
    story.happened(NotFulfilled, ref="f1", lines={"1": 1}, reason=reason)
    step = story.happened(CancelDeclined, ref="f1")
    assert (step.effect, step.notifications) == (Effect.NO_CHANGE, ())


def test_a_wish_that_was_refused_may_be_had_again() -> None:
    """The units were to leave after the refusal: who wants them cancelled asks anew."""
    story = Story()
    story.happened(Released, ref="f1", location="x", lines={"1": 2})
    for _ in range(2):
        assert called_back(story.happened(CancelRequested, lines={"1": 1})) == [(("1", 1),)]
        story.happened(CancelDeclined, ref="f1")
    assert called_back(story.happened(HoldPlaced, source="qa", code="qa.look")) == [(("1", 2),)]


def test_a_place_says_no_to_what_it_was_asked_for_alone() -> None:
    """What another one gave back, and what is nowhere, is in question until somebody decides."""
    stock = Inventory.of({("mug", "x"): 9, ("mug", "y"): 9}).with_reserved(
        Reservation(order_id="A-1", line_id="1", sku="mug", location="x", quantity=3),
        Reservation(order_id="A-1", line_id="1", sku="mug", location="y", quantity=2),
    )
    story = Story(line(quantity=5), stock=stock)
    story.happened(Released, ref="f1", location="x", lines={"1": 2})
    story.happened(Released, ref="f2", location="y", lines={"1": 2})
    story.happened(CancelRequested, lines={"1": 5})
    story.happened(NotFulfilled, ref="f1", lines={"1": 2})
    step = story.happened(CancelDeclined, ref="f2")
    assert (releases_of(step), story.record.history.requests) == ([], (("1", 3),))
    assert story.happened(CancelDeclined, ref="f2").effect is Effect.NO_CHANGE
    assert releases_of(story.happened(CancelDeclined)) == [("x", (("1", 3),))]
    assert story.told["customer:order.cancel_declined"] == 2


@pytest.mark.parametrize("ref", ["f1", "f9"])
def test_a_no_that_names_no_place_that_was_asked_is_to_all_of_it(ref: str) -> None:
    """Nobody was asked for what is at no place, so whoever answers speaks of that."""
    story = Story(line("1", 1), line("2", 1))
    story.happened(Released, ref="f1", location="x", lines={"1": 1})
    story.happened(CancelRequested, lines={"2": 1})
    step = story.happened(CancelDeclined, ref=ref)
    assert (step.effect, story.record.history.requests) == (Effect.APPLIED, ())


def test_a_wish_that_is_said_twice_is_asked_about_once() -> None:
    """Nobody has decided yet; who wants more is another question."""
    story = Story(line(quantity=3))
    steps = [story.happened(CancelRequested, lines={"1": units}) for units in (1, 1, 2)]
    assert [len(step.actions) for step in steps] == [1, 0, 1]
    assert steps[1].effect is Effect.NO_CHANGE


@pytest.mark.parametrize(("place", "effect"), [("x", "no_change"), ("z", "applied")])
def test_a_count_that_agrees_with_the_books_changes_nothing(place: str, effect: str) -> None:
    """A place of which nobody knew has its first row: nothing lies there."""
    story = Story()
    stock = story.stock
    assert story.happened(Counted, units={("mug", place): 0}).effect == effect
    assert (story.stock is stock) == (place == "x")


@pytest.mark.parametrize(("ordered", "requests"), [(4, ()), (5, (("1", 1),)), (7, (("1", 2),))])
def test_who_has_less_has_an_answer(ordered: int, requests: tuple[tuple[str, int], ...]) -> None:
    """What a line is lowered by is none of what somebody wants cancelled any more."""
    story = Story(line(quantity=6))
    story.happened(CancelRequested, lines={"1": 2})
    story.happened(Amended, ordered={"1": ordered})
    assert story.record.history.requests == requests


def test_what_a_return_without_room_had_set_aside_is_set_aside_elsewhere() -> None:
    """An earlier return takes the room of one of two, at y, and leaves it to one at z."""
    story = Story()
    story.happened(Shipped, parcel="p1", location="x", lines={"1": 2})
    one = {"1": 1}
    at_x, at_y, at_z = (NOON + timedelta(hours=hours) for hours in (2, 3, 4))
    story.happened(ReturnReceived, location="y", lines={"1": 2}, reopened=one, at=at_y)
    story.happened(ReturnReceived, location="z", lines=one, reopened=one, at=at_z)
    assert places_reserved(story) == [("y", 1)]
    story.happened(ReturnReceived, location="x", lines=one, reopened=one, at=at_x)
    assert places_reserved(story) == [("x", 1), ("z", 1)]


def test_a_parcel_that_arrived_after_a_return_was_not_what_came_back() -> None:
    """Another one was, which is on no way any more: all that is to arrive has."""
    story = Story()
    for parcel in ("p1", "p2"):
        story.happened(Shipped, parcel=parcel, location="x", lines={"1": 1})
    story.happened(ReturnReceived, location="x", lines={"1": 1})
    story.happened(Delivered, parcel="p1")
    assert shipment_state(story.record) is ShipmentState.DELIVERED


@pytest.mark.parametrize(("units_there", "units_found"), [(0, 4), (1, 3)])
def test_what_the_books_lack_is_in_a_release_and_once_more_when_it_is_there(
    units_there: int, units_found: int
) -> None:
    """Stock comes without a word to the order, so no release waits for it: a location may find what
    the books lack. What a count or a receipt of the order brings is said again, if no list has it.
    """
    reserved = Reservation(
        order_id="A-1", line_id="1", sku="mug", location="x", quantity=4, made_at=NOON
    )
    stock = Inventory.of({("mug", "x"): 4}).with_reserved(reserved)
    story = Story(line(quantity=4), stock=stock.with_counted("mug", "x", units_there), payments=[])
    step = story.happened(Captured, payment="card", amount=Decimal(40))
    assert releases_of(step) == [("x", (("1", 4),))]
    step = story.happened(StockReceived, units={("cup", "x"): 9})
    assert releases_of(step) == []
    step = story.happened(StockReceived, units={("mug", "x"): 9})
    assert releases_of(step) == [("x", (("1", units_found),))]
    step = story.happened(StockReceived, units={("mug", "x"): 9})
    assert releases_of(step) == []


def test_what_is_set_aside_as_others_leave_may_be_handed_over() -> None:
    """As many as before lie there for the order, and they are others: nobody heard of those."""
    stock = Inventory.of({("mug", "x"): 2}).with_reserved(
        Reservation(order_id="A-1", line_id="1", sku="mug", location="x", quantity=2)
    )
    story = Story(line(quantity=4), stock=stock)
    parcel = story.make(Shipped, parcel="p1", location="x", lines={"1": 2})
    beside: dict[str, Any] = {"counted": {("mug", "x"): 2}, "reserved": {("mug", "x"): 2}}
    step = story.heard(parcel, **beside)
    assert releases_of(step) == [("x", (("1", 2),))]


def test_what_is_back_to_go_again_as_its_parcel_is_heard_of_may_be_handed_over() -> None:
    """Both of two had left when one came back: it is not one of those that lay there before."""
    story = Story(line(quantity=2))
    about: dict[str, Any] = {"location": "x", "lines": {"1": 1}, "reopened": {"1": 1}}
    story.happened(ReturnReceived, ref="r1", **about)
    step = story.happened(Shipped, parcel="p1", location="x", lines={"1": 2})
    assert releases_of(step) == [("x", (("1", 1),))]


def test_what_is_set_aside_as_one_leaves_is_said_without_the_others() -> None:
    """One of three leaves: that the second may leave was said before, the third is new."""
    story = Story(line(quantity=3), stock=Inventory.of({("mug", "x"): 4}))
    story.heard(story.make(Counted, units={}), reserved={("mug", "x"): 2})
    parcel = story.make(Shipped, parcel="p1", location="x", lines={"1": 1})
    step = story.heard(parcel, reserved={("mug", "x"): 1})
    assert releases_of(step) == [("x", (("1", 1),))]
