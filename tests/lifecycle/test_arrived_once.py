"""A parcel arrives once, what has no room is not back, and what never left was not sent."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from story import FIVE, Story, asked_of

from fulfill_core.lifecycle import (
    Amended,
    Cancelled,
    Delivered,
    Event,
    ReturnReceived,
    Shipped,
    Tracked,
    status,
    withdrawal_ends,
)

_Happening = tuple[type[Event], dict[str, Any]]
_ARRIVAL: _Happening = (Delivered, {"parcel": "p1"})
_SCAN: _Happening = (Tracked, {"parcel": "p1", "stage": "delivered"})


def _parcel(parcel_id: str) -> _Happening:
    return Shipped, {"parcel": parcel_id, "location": "x", "lines": {"1": 1}}


def _back(ref: str, units: int) -> _Happening:
    return ReturnReceived, {"ref": ref, "location": "x", "lines": {"1": units}}


@pytest.mark.parametrize(
    "happenings",
    [
        (_ARRIVAL, _back("r1", 1), _ARRIVAL),
        (_SCAN, _back("r1", 1), _SCAN),
        (_ARRIVAL, _back("r1", 1), _back("r2", 5)),
    ],
)
@pytest.mark.parametrize("turns", [1, -1])
def test_the_other_parcel_is_on_its_way_still(happenings: list[_Happening], turns: int) -> None:
    """What arrived and came back did so once, whichever is heard first; the other parcel did not.

    So it is with an arrival that is said again, and with a return that has no room.
    """
    story = Story()
    parcels = [story.make(kind, **content) for kind, content in map(_parcel, ("p1", "p2"))]
    events = [story.make(kind, **content) for kind, content in happenings]
    events = [*parcels, *events[::turns]]
    for event in events:
        story.heard(event)
    outcome = story.units()["shipped"], story.units()["delivered"], story.units()["returned"]
    assert (outcome, str(status(story.record))) == ((2, 1, 1), "shipped")
    assert withdrawal_ends(story.record) == {"1": None}


def test_what_never_left_was_not_sent() -> None:
    """A return of the wrong order says what sending costs: with a cancellation all goes back."""
    story = Story(shipping=FIVE)
    kind, content = _back("r1", 2)
    story.happened(kind, **content, shipping=FIVE)
    step = story.happened(Cancelled)
    assert (story.record.due, asked_of(step)) == (Decimal(0), [("Void", "15.00")])


@pytest.mark.parametrize("prefix", ["return:", "lost:", "nothing:", "amend:"])
def test_the_number_of_an_event_says_nothing_of_its_money(prefix: str) -> None:
    """What an amendment said before all came back goes back with it, whatever its number."""
    story = Story(shipping=FIVE)
    story.happened(Shipped, parcel="p1", location="x", lines={"1": 2})
    story.happened(Amended, id=f"{prefix}17", shipping=Decimal(2))
    kind, content = _back("r1", 2)
    story.happened(kind, **content)
    assert story.record.due == 0
