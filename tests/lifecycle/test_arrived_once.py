"""A parcel arrives once, and what has no room is not back."""

from __future__ import annotations

from typing import Any

import pytest
from story import Story

from fulfill_core.lifecycle import (
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
