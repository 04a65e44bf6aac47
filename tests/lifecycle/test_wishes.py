"""Who wants something cancelled has an answer: somebody is asked as soon as no location is."""

from __future__ import annotations

from typing import Any

import pytest
from story import Story, asked_of, line

from fulfill_core.lifecycle import (
    Amended,
    CallBack,
    CancelDeclined,
    Cancelled,
    CancelRequested,
    Event,
    Lost,
    NotFulfilled,
    Release,
    Released,
    ReturnReceived,
    ShipmentVoided,
    Shipped,
    released_units,
)

TWO = {"1": 2}
BACK = {"ref": "f1", "lines": TWO, "reason": "called_back"}
GRANT = ("Ask", "cancel.requested")


def wished(quantity: int = 4) -> Story:
    """All is at a location, and two are to be cancelled: it is asked for them."""
    story = Story(line(quantity=quantity))
    story.happened(Released, ref="f1", location="x", lines={"1": quantity})
    step = story.happened(CancelRequested, lines=TWO)
    assert [type(each) for each in step.actions] == [CallBack]
    return story


@pytest.mark.parametrize("reason", ["called_back", "rejected", "short", "moved", "unanswered"])
def test_what_a_location_gives_back_is_to_be_granted_whatever_its_reason(reason: str) -> None:
    """It is the answer to what it was asked for: nobody else has been asked yet."""
    story = wished()
    assert GRANT in asked_of(story.happened(NotFulfilled, **{**BACK, "reason": reason}))


def test_what_else_a_location_gives_back_is_not_asked_about() -> None:
    """Two are to be cancelled, and in question already: the others are not wanted cancelled."""
    story = wished()
    assert GRANT in asked_of(story.happened(NotFulfilled, **BACK))
    assert GRANT not in asked_of(story.happened(NotFulfilled, **BACK))


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        (Lost, {"parcel": "p1", "lines": TWO, "reopened": TWO}),
        (ReturnReceived, {"ref": "r1", "location": "x", "lines": TWO, "reopened": TWO}),
        (ShipmentVoided, {"parcel": "p1"}),
        (Amended, {"ordered": {"1": 6}}),
    ],
)
def test_what_is_open_again_is_to_be_granted(kind: type[Event], content: dict[str, Any]) -> None:
    """It left before its location heard that it was to be cancelled: now it may be, after all.

    It is in no release until somebody has said yes or no; so somebody is asked.
    """
    story = wished()
    if kind is Amended:  # two are open still, at their location
        story.happened(Shipped, parcel="p1", location="x", lines=TWO)
        story.happened(Shipped, parcel="p2", location="x", lines=TWO)
        story.happened(Lost, parcel="p2", lines=TWO)
        step = story.happened(Lost, parcel="p2", lines=TWO, reopened=TWO)
    else:
        story.happened(Shipped, parcel="p1", location="x", lines={"1": 4})
        step = story.happened(kind, **content)
    assert asked_of(step).count(GRANT) == 1
    assert asked_of(story.happened(Cancelled, lines=TWO)).count(GRANT) == 0
    assert story.record.history.requests == ()


def test_what_was_called_back_and_is_to_be_sent_after_all_is_in_a_release() -> None:
    """The shop says no to the wish while the location gives back what it was asked for."""
    story = wished()
    story.happened(CancelDeclined)
    step = story.happened(NotFulfilled, **BACK)
    assert [each.units for each in step.actions if isinstance(each, Release)] == [(("1", 2),)]


def test_a_location_that_gives_back_more_than_it_was_asked_for_gets_nothing_again() -> None:
    """It was asked for two, and has given them back: what else it gives back has another reason."""
    story = wished()
    story.happened(CancelDeclined)
    story.happened(NotFulfilled, **BACK)
    step = story.happened(NotFulfilled, **BACK)
    assert [type(each) for each in step.actions] == [CallBack]


def test_what_it_answers_comes_before_what_it_said_no_to() -> None:
    """It sends one, as it was said; the two that it gives back are those that it was asked for."""
    story = wished()
    story.happened(CancelDeclined, ref="f1")
    story.happened(Cancelled, lines={"1": 1})
    story.happened(NotFulfilled, **{**BACK, "lines": {"1": 1}})
    [fulfilment] = story.record.history.fulfilments
    assert (fulfilment.called_back, fulfilment.declined) == ((("1", 3),), (("1", 2),))


def test_what_has_gone_since_a_no_is_not_given_back() -> None:
    """What is taken off its list now is other units: it is to hear of it."""
    story = wished()
    story.happened(CancelDeclined)
    story.happened(Shipped, parcel="p1", location="x", lines=TWO)
    step = story.happened(NotFulfilled, **BACK)
    assert [type(each) for each in step.actions] == [CallBack]


def test_parcels_that_name_their_pick_list_are_taken_off_first() -> None:
    """Then those that name none, though they left before."""
    story = Story(line(quantity=4))
    for ref in ("f1", "f2"):
        story.happened(Released, ref=ref, location="x", lines=TWO)
    story.happened(Shipped, parcel="p1", location="x", lines=TWO)
    story.happened(Shipped, parcel="p2", location="x", lines=TWO, fulfilment="f1")
    assert released_units(story.record) == {"f1": {"1": 0}, "f2": {"1": 0}}
