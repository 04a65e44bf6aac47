"""What may leave since a step is in a `Release`: no unit waits for ever, whatever opened it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any, TypeAlias

import pytest
from effort import FEWER
from hypothesis import given
from hypothesis import strategies as st
from story import FIVE, NOON, Story, line

from fulfill_core import Component, Inventory, Item, Reservation, Stock
from fulfill_core.lifecycle import (
    Amended,
    AuthorizationExpired,
    Authorized,
    CancelDeclined,
    Cancelled,
    CancelRequested,
    Captured,
    CaptureFailed,
    Counted,
    CreditGranted,
    Event,
    HoldLifted,
    HoldPlaced,
    Lost,
    NotFulfilled,
    Release,
    Released,
    ReturnInspected,
    ReturnReceived,
    ShipmentVoided,
    Shipped,
    Step,
    StockReceived,
    Tracked,
    Voided,
)
from fulfill_core.lifecycle.balance import Balance
from fulfill_core.lifecycle.leaving.releasing import releasable_units

Content: TypeAlias = tuple[type[Event], dict[str, Any]]
Places: TypeAlias = Counter[tuple[str, str]]
"""Units by location and line."""
HOLD = {"source": "qa", "code": "qa.look"}
CARD = {"payment": "card"}
PLACES = st.sampled_from("xy")
LISTS = st.sampled_from(["f1", "f2"])
PARCELS = st.sampled_from(["p1", "p2"])
NO_UNITS: dict[str, int] = {}
UNITS = st.integers(1, 3).map(lambda units: {"1": units})
ROWS = st.tuples(st.just("mug"), PLACES, st.sampled_from([-9, -8, -7, -3, -1, 1, 2])).map(
    lambda row: [row]
)
"""What a stocktake finds more, or fewer, at a place: as few as none."""
GAINS = st.tuples(st.just("mug"), PLACES, st.integers(1, 3)).map(lambda row: [row])
BRINGING = (Counted, StockReceived, ReturnInspected, ReturnReceived)
"""What is reserved and not there may be there after these."""
REASONS = st.sampled_from(["called_back", "called_back", "rejected", "short", "moved"])
CONTENTS: list[tuple[type[Event], dict[str, st.SearchStrategy[Any]]]] = [
    (Released, {"ref": LISTS, "location": PLACES, "lines": UNITS}),
    (NotFulfilled, {"ref": LISTS, "lines": UNITS | st.just(NO_UNITS), "reason": REASONS}),
    (CancelRequested, {"lines": UNITS | st.just(NO_UNITS)}),
    (CancelDeclined, {"ref": LISTS | st.just("")}),
    (Cancelled, {"lines": UNITS}),
    (Amended, {"ordered": st.integers(1, 6).map(lambda units: {"1": units})}),
    (HoldPlaced, {key: st.just(word) for key, word in HOLD.items()}),
    (HoldLifted, {key: st.just(word) for key, word in HOLD.items()}),
    (Shipped, {"parcel": PARCELS, "location": PLACES, "lines": UNITS}),
    (Shipped, {"parcel": PARCELS, "location": PLACES, "lines": UNITS, "fulfilment": LISTS}),
    (ShipmentVoided, {"parcel": PARCELS}),
    (Lost, {"parcel": PARCELS, "lines": UNITS, "reopened": UNITS}),
    (ReturnReceived, {"ref": PARCELS, "location": PLACES, "lines": UNITS, "reopened": UNITS}),
    (
        ReturnReceived,
        {"ref": PARCELS, "location": PLACES, "lines": UNITS, "restocked": st.just(NO_UNITS)},
    ),
    (ReturnInspected, {"ref": PARCELS, "restocked": UNITS}),
    (Counted, {"units": ROWS}),
    (StockReceived, {"units": GAINS}),
    (Voided, {key: st.just(word) for key, word in CARD.items()}),
    (AuthorizationExpired, {key: st.just(word) for key, word in CARD.items()}),
    (CaptureFailed, {"payment": st.just("card"), "amount": st.just(FIVE)}),
    (Authorized, {"payment": st.just("new"), "amount": st.just(4 * FIVE)}),
    (Captured, {"payment": st.just("new"), "amount": st.just(4 * FIVE)}),
    (CreditGranted, {"amount": st.just(FIVE)}),
    (CreditGranted, {"amount": st.just(FIVE), "reserved": ROWS}),
    (Captured, {"payment": st.just("card"), "amount": st.just(FIVE), "reserved": ROWS}),
    (Tracked, {"parcel": PARCELS, "tracking": PARCELS, "reserved": ROWS}),
]
STREAMS = st.lists(
    st.one_of([st.tuples(st.just(kind), st.fixed_dictionaries(of)) for kind, of in CONTENTS]),
    max_size=12,
)


def four_mugs() -> Story:
    """Four mugs, two of which are reserved at each of two places."""
    stock = Inventory.of({("mug", "x"): 9, ("mug", "y"): 9}).with_reserved(
        *[
            Reservation(order_id="A-1", line_id="1", sku="mug", location=place, quantity=2)
            for place in "xy"
        ]
    )
    return Story(line(quantity=4), stock=stock)


def may_leave(story: Story, *, on_hand: bool = False) -> Places:
    """What is reserved, open, at no location, and stopped by nothing; or what lies there of it."""
    balance = Balance(story.record, NOON)
    return Counter(releasable_units(balance, story.stock, story.rules, on_hand=on_hand))


def released_in(step: Step) -> Places:
    """What a step says may be handed over."""
    said: Places = Counter()
    for action in step.actions:
        if isinstance(action, Release):
            said.update({(action.location, line_id): units for line_id, units in action.units})
    return said


def giving_back(story: Story, event: Event) -> str:
    """The location that gives units back by an event; empty if none does."""
    fulfilment = None
    if isinstance(event, NotFulfilled):
        fulfilment = story.record.history.fulfilment(event.ref)
    return "" if fulfilment is None else fulfilment.location


def waiting_after(contents: Iterable[Content], *, is_silent: bool = False) -> Places:
    """What waits for ever after these events: opened by one of them, and in no release.

    What a location gives back for a reason of its own is left out: nobody else knows that.

    Args:
        contents: the events.
        is_silent: whether all that the steps say of releases is overheard.
    """
    story, waiting = four_mugs(), Places()
    for kind, content in contents:
        beside = {"reserved": content["reserved"]} if "reserved" in content else {}
        event = story.make(kind, **{key: content[key] for key in content.keys() - beside})
        place, before, on_hand = giving_back(story, event), may_leave(story), Places()
        if kind in BRINGING:
            on_hand = may_leave(story, on_hand=True)
        said = released_in(story.heard(event, **beside))
        after = may_leave(story)
        assert not said - after
        opened = after - before
        if kind in BRINGING:
            opened |= (may_leave(story, on_hand=True) - on_hand) & after
        opened = Counter({key: units for key, units in opened.items() if key[0] != place})
        waiting += opened - (Places() if is_silent else said)
    return waiting


@given(STREAMS)
@FEWER
def test_what_may_leave_since_a_step_is_in_a_release(contents: list[Content]) -> None:
    """Of events of goods, of stock, of money and of people, sensible or not."""
    assert not waiting_after(contents)


TWO = {"1": 2}
SENT = Shipped, {"parcel": "p1", "location": "x", "lines": TWO}
OF_LIST: dict[str, Any] = {**SENT[1], "fulfilment": "f1"}
OPENING: list[list[Content]] = [
    [(HoldPlaced, HOLD), (HoldLifted, HOLD)],
    [(CancelRequested, {"lines": TWO}), (CancelDeclined, {})],
    [(CancelRequested, {"lines": TWO}), (Cancelled, {"lines": {"1": 1}}), (CancelDeclined, {})],
    [SENT, (ShipmentVoided, {"parcel": "p1"})],
    [SENT, (Released, {"ref": "f1", "location": "y", "lines": TWO}), (Shipped, OF_LIST)],
    [
        (CancelRequested, {"lines": TWO}),
        (Released, {"ref": "f1", "location": "y", "lines": TWO}),
        (CancelRequested, {"lines": {"1": 3}}),
    ],
    [
        SENT,
        (ReturnReceived, {"ref": "r1", "location": "x", "lines": TWO, "reopened": TWO}),
    ],
    [
        (CancelRequested, {"lines": {"1": 1}}),
        (Released, {"ref": "f1", "location": "y", "lines": {"1": 1}}),
        (Cancelled, {"lines": TWO}),
    ],
    [(Voided, CARD), (Authorized, {"payment": "new", "amount": 4 * FIVE})],
    [(Counted, {"units": [("mug", "x", -8)]}), (StockReceived, {"units": [("mug", "x", 8)]})],
    [(Voided, CARD), (CreditGranted, {"amount": 4 * FIVE})],
    [(Voided, {**CARD, "amount": 2 * FIVE}), (Cancelled, {"lines": TWO})],
    *[
        [
            (Tracked, {"parcel": "p1", "tracking": "T1", "reserved": [("mug", "x", -2)]}),
            (kind, {**content, "reserved": [("mug", "x", 2)]}),
        ]
        for kind, content in (
            (Tracked, {"parcel": "p1", "tracking": "T2"}),
            (Captured, {**CARD, "amount": FIVE}),
            (CreditGranted, {"amount": FIVE}),
        )
    ],
]


@pytest.mark.parametrize("contents", OPENING)
def test_the_law_bites_whoever_says_nothing(contents: list[Content]) -> None:
    """Each of these opens units: who overhears what is said of them has some that wait."""
    assert waiting_after(contents, is_silent=True)
    assert not waiting_after(contents)


def test_what_lies_elsewhere_is_in_question_still() -> None:
    """Two of four wait for a yes or no: that those that may leave are not there frees no others."""
    story = four_mugs()
    story.happened(CancelRequested, lines=TWO)
    step = story.happened(Counted, units=[("mug", "x", -9)])
    assert (released_in(step), may_leave(story)) == ({}, {("x", "1"): 2})


@pytest.mark.parametrize(
    ("reason", "units_received", "said"),
    [("short", 5, 2), ("short", 1, 1), ("called_back", 5, 0), ("rejected", 5, 0)],
)
def test_what_a_location_did_not_find_it_may_find_when_more_comes(
    reason: str, units_received: int, said: int
) -> None:
    """Though nobody lowered the books, as much as comes; of what it did not want nothing."""
    story = four_mugs()
    story.happened(Released, ref="f1", location="x", lines=TWO)
    if reason == "called_back":
        story.happened(HoldPlaced, **HOLD)
    story.happened(NotFulfilled, ref="f1", lines=TWO, reason=reason)
    if reason == "called_back":
        story.happened(HoldLifted, **HOLD)
    step = story.happened(StockReceived, units=[("mug", "x", units_received)])
    assert released_in(step)["x", "1"] == said
    assert not released_in(story.happened(StockReceived, units=[("mug", "y", 5)]))


def test_of_a_kit_that_a_location_did_not_find_a_component_may_come() -> None:
    """It lacked one of them, and nobody said which."""
    kit = Item(sku="set", components=[Component(sku="cup", quantity=2), Component(sku="pot")])
    stock = [Stock(sku=sku, location="x", on_hand=9) for sku in ("cup", "pot")]
    story = Story(line(sku="set"), stock=Inventory(stock, items=[kit]))
    story.happened(Tracked, parcel="p9", tracking="T")
    event = story.make(Tracked, parcel="p9", tracking="T1")
    step = story.heard(event, reserved={("cup", "x"): 4, ("pot", "x"): 2})
    assert released_in(step) == {("x", "1"): 2}
    story.happened(Released, ref="f1", location="x", lines=TWO)
    story.happened(NotFulfilled, ref="f1", lines=TWO, reason="short")
    step = story.happened(StockReceived, units=[("cup", "x", 3)])
    assert released_in(step) == {("x", "1"): 1}
