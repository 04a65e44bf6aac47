"""A parcel arrives once, what has no room is not back, and what never left was not sent."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from story import FIVE, Story, asked_of, line

from fulfill_core import Component, Inventory, Item, Stock
from fulfill_core.lifecycle import (
    Amended,
    Cancelled,
    Delivered,
    Event,
    Lost,
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


# -- What is missing in a parcel that arrived ------------------------------------------------------

_MISSING: _Happening = (Lost, {"parcel": "p1", "lines": {"1": 1}, "credited": {"1": 1}})


@pytest.mark.parametrize("arrival", [_ARRIVAL, _SCAN])
@pytest.mark.parametrize("turns", [1, -1])
def test_of_a_parcel_of_which_some_is_lost_the_others_arrive(
    arrival: _Happening, turns: int
) -> None:
    """Whichever is heard first: nobody is told of a contradiction, nor twice that it arrived.

    Another parcel is on its way still.
    """
    story = Story(line(quantity=3))
    story.happened(Shipped, parcel="p1", location="x", lines={"1": 2})
    story.happened(Shipped, parcel="p2", location="x", lines={"1": 1})
    for event in [story.make(kind, **content) for kind, content in (arrival, _MISSING)][::turns]:
        story.heard(event)
    assert story.units() == {"shipped": 3, "delivered": 1, "lost": 1}
    assert str(status(story.record)) == "shipped"
    assert story.told["customer:parcel.delivered"] == story.told["customer:parcel.lost"] == 1
    assert story.told["staff:order.review_needed"] == 0


def test_a_line_that_is_missing_has_not_arrived_with_the_others() -> None:
    """What a report names by its number is as it says."""
    story = Story(line(), line("2"))
    story.happened(Shipped, parcel="p1", location="x", lines={"1": 2, "2": 2})
    story.happened(Lost, parcel="p1", lines={"1": 2}, credited={"1": 2})
    story.happened(Delivered, parcel="p1")
    assert [story.units(line_id).get("delivered", 0) for line_id in "12"] == [0, 2]
    step = story.happened(Delivered, parcel="p1", lines={"1": 1})
    assert [story.units(line_id).get("delivered", 0) for line_id in "12"] == [1, 2]
    reasons = [code for each in step.notifications for code, _ in each.reasons]
    assert "units.arrived_after_all" in reasons


def test_of_a_lost_parcel_all_has_arrived_after_all() -> None:
    """It was found: nothing else is said of any of its units."""
    story = Story()
    story.happened(Shipped, parcel="p1", location="x", lines={"1": 2})
    story.happened(Lost, parcel="p1", lines={"1": 2}, credited={"1": 2})
    story.happened(Delivered, parcel="p1")
    assert story.units() == {"shipped": 2, "delivered": 2, "lost": 2}
    assert story.told["staff:order.review_needed"] == 1


@pytest.mark.parametrize(("kits_lost", "kits_there"), [(1, 1), (2, 2)])
def test_of_components_of_which_some_are_lost_the_others_arrive(
    kits_lost: int, kits_there: int
) -> None:
    """As of whole units: a kit has arrived with the last of its boxes."""
    stock = [Stock(sku=sku, location="x", on_hand=9) for sku in ("cup", "pot")]
    kit = Item(sku="set", components=[Component(sku="cup", quantity=2), Component(sku="pot")])
    story = Story(line(sku="set"), stock=Inventory(stock, items=[kit]))
    for sku, units in (("cup", 4), ("pot", 2)):
        story.happened(Shipped, parcel=sku, location="x", parts=[("1", sku, units)])
        if sku == "cup":
            story.happened(Lost, parcel=sku, lines={"1": kits_lost}, credited={"1": kits_lost})
        story.happened(Delivered, parcel=sku)
    assert (story.units()["delivered"], story.units()["lost"]) == (kits_there, kits_lost)
    assert story.told["customer:parcel.delivered"] == 2
