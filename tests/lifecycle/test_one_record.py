"""Law 21: the same facts in any sequence end in the same record, whatever they are and say."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import permutations
from typing import Any

import attrs
import pytest
from effort import FEWER
from hypothesis import given
from hypothesis import strategies as st
from story import NOON
from test_law import AMOUNTS, PAYMENTS, PLACES, SOME, UNITS, goes_by_its_clock
from test_law import record as new_record
from test_law import stock as new_stock

from fulfill_core import Inventory, OrderRecord
from fulfill_core.lifecycle import (
    TRANSITIONS,
    AuthorizationExpired,
    AuthorizationFailed,
    Authorized,
    CancelDeclined,
    CancelRequested,
    Captured,
    CaptureFailed,
    ChargedBack,
    Counted,
    CreditGranted,
    Delivered,
    DeliveryFailed,
    DisputeOpened,
    Escalated,
    Event,
    HoldLifted,
    HoldPlaced,
    Lost,
    Nature,
    NotFulfilled,
    ProductRecalled,
    Progressed,
    Provided,
    Refunded,
    RefundFailed,
    Released,
    RemorseEnded,
    ReturnApproved,
    ReturnClosed,
    ReturnInspected,
    ReturnReceived,
    ReturnRequested,
    ShipmentVoided,
    Shipped,
    StockReceived,
    Tracked,
    Voided,
    advance,
    payment_state,
    released_units,
    return_state,
    shipment_state,
    status,
)
from fulfill_core.records import PickStage, Stage

LATER = NOON + timedelta(days=2)
"""When all of it is heard of."""
HOUR = timedelta(hours=1)
INSTANTS = st.integers(0, 6).map(lambda hours: NOON + hours * HOUR)
"""When things happen: some of them at once."""
ENDS = st.sampled_from([None, NOON + 20 * HOUR, NOON + 90 * HOUR])
LISTS = st.sampled_from(["f1", "f2"])
PARCELS = st.sampled_from(["p1", "p1", "p2"])
RETURNS = st.sampled_from(["r1", "r1", "r2", "r3"])
REFS = st.sampled_from(["", "m1", "m1", "m2"])
TENDERS = st.sampled_from([*PAYMENTS, "card", "new"])
PRICES = st.sampled_from([None, None, Decimal("1.50"), Decimal("0.70")])


def words(*choices: str) -> st.SearchStrategy[str]:
    """One of these, or nothing."""
    return st.sampled_from(["", *choices])


MONEY = {"payment": TENDERS, "ref": REFS, "amount": AMOUNTS}
HOLD = {
    "source": st.sampled_from(["fraud", "qa"]),
    "code": st.just("fraud.look"),
    "line_id": words("1"),
}
PARCEL = {"parcel": PARCELS}
FIELDS: dict[type[Event], dict[str, st.SearchStrategy[Any]]] = {
    # Goods on their way out
    Shipped: {
        **PARCEL,
        "location": st.sampled_from(PLACES),
        "lines": UNITS,
        "parts": st.sampled_from([{}, {}, {("2", "cup"): 1}]),
        "fulfilment": words("f1"),
        "carrier": words("UPS", "DHL"),
        "tracking": words("T1", "T2"),
    },
    Provided: {"ref": words("p1", "v1"), "lines": UNITS},
    ShipmentVoided: PARCEL,
    Tracked: {
        **PARCEL,
        "stage": st.sampled_from(Stage),
        "carrier": words("UPS", "GLS"),
        "tracking": words("T2", "T3"),
        "waits_at": words("", "shop", "kiosk"),
        "waits_until": ENDS,
    },
    Delivered: {**PARCEL, "lines": SOME},
    DeliveryFailed: {**PARCEL, "asks_customer": st.booleans()},
    Lost: {**PARCEL, "lines": UNITS, "reopened": SOME, "credited": SOME, "shipping": PRICES},
    Progressed: {"ref": LISTS, "stage": st.sampled_from(PickStage)},
    NotFulfilled: {
        "ref": LISTS,
        "lines": SOME,
        "reason": st.sampled_from(["rejected", "short", "moved", "called_back", "unanswered"]),
    },
    CancelDeclined: {"ref": words("f1")},
    # Goods that come back
    ReturnApproved: {"ref": RETURNS},
    ReturnClosed: {"ref": RETURNS, "lines": SOME, "is_declined": st.booleans()},
    ReturnReceived: {
        "ref": RETURNS,
        "location": st.sampled_from(PLACES),
        "lines": UNITS,
        "restocked": st.one_of(st.none(), SOME),
        "credited": st.one_of(st.none(), SOME),
        "reopened": SOME,
        "shipping": PRICES,
    },
    ReturnInspected: {"ref": RETURNS, "restocked": SOME, "disposed": SOME},
    ProductRecalled: {"lines": UNITS},
    # Money
    Authorized: {
        **MONEY,
        "method": st.sampled_from(["card", "wallet"]),
        "replaces": words("card"),
        "expires_at": ENDS,
    },
    AuthorizationFailed: MONEY,
    AuthorizationExpired: {**MONEY, "amount": st.one_of(st.none(), AMOUNTS)},
    Voided: {**MONEY, "amount": st.one_of(st.none(), AMOUNTS)},
    Captured: MONEY,
    CaptureFailed: MONEY,
    Refunded: MONEY,
    RefundFailed: MONEY,
    ChargedBack: MONEY,
    DisputeOpened: MONEY,
    CreditGranted: {"amount": AMOUNTS},
    # All else
    HoldPlaced: {**HOLD, "detail": words("a", "b")},
    HoldLifted: HOLD,
    Counted: {"units": st.sampled_from([{("mug", "x"): -2}, {("mug", "x"): 3}])},
    StockReceived: {"units": st.just({("mug", "x"): 3})},
    Escalated: {"code": st.just("shop.look"), "detail": st.just("Look.")},
    RemorseEnded: {},
}
"""All facts, and what they may say."""
OWN_TIME = {"id", "at", "tell"}
OF_A_SHIPMENT = {"fulfilment", "carrier", "tracking"}
"""What two reports of one parcel may say otherwise."""


def test_all_facts_are_tried() -> None:
    """Whoever adds one says here what it may say."""
    assert set(FIELDS) == {kind for kind, row in TRANSITIONS.items() if row.nature is Nature.FACT}


def subject_of(event: Event) -> tuple[Any, ...]:
    """What an event is a report of: one thing, of which all reports say the same."""
    kind: Any = type(event)
    about: dict[str, Any] = attrs.asdict(event, recurse=False)
    if kind in {Shipped, Provided}:
        return "parcel", about.get("parcel") or about["ref"] or event.id
    if kind is ReturnReceived:
        return "return", about["ref"]
    if "payment" in about:
        kind = Voided if kind is AuthorizationExpired else kind
        return kind, about["payment"], about["ref"] or event.id
    return kind, event.id


def content_of(event: Event) -> dict[str, Any]:
    """What all reports of one thing say."""
    return {
        name: value
        for name, value in attrs.asdict(event, recurse=False).items()
        if name not in OWN_TIME | OF_A_SHIPMENT
    }


@st.composite
def facts(draw: st.DrawFn) -> list[Event]:
    """Facts with an id and a time each; of what one reference names, all say the same."""
    events: list[Event] = []
    contents: dict[tuple[Any, ...], dict[str, Any]] = {}
    for number in range(draw(st.integers(2, 9))):
        about = {"id": f"e{number}", "at": draw(INSTANTS)}
        if events and draw(st.integers(0, 5)) == 0:
            event: Event = attrs.evolve(draw(st.sampled_from(events)), **about)
        else:
            kind: Any = draw(st.sampled_from(list(FIELDS)))
            fields = draw(st.fixed_dictionaries(FIELDS[kind]))
            event = kind(order_id="A-1", **about, **fields)
        content = content_of(event)
        if contents.setdefault(subject_of(event), content) == content:
            events.append(event)
    return events


def begun() -> tuple[OrderRecord, Inventory]:
    """An order after a run, and after what people asked for: pick lists, returns, a cancellation.

    What is said of those is an answer, so it comes after them.
    """
    inventory = new_stock()
    known = attrs.evolve(new_record(), reserved=inventory.reservations_of("A-1"))
    about: dict[str, Any] = {"order_id": "A-1", "at": NOON}
    for event in (
        Released(id="i1", ref="f1", location="x", lines={"1": 2, "2": 1}, **about),
        Released(id="i2", ref="f2", location="y", lines={"1": 1}, **about),
        Shipped(id="i3", parcel="p0", location="x", lines={"1": 1, "3": 2}, **about),
        ReturnRequested(id="i4", ref="r1", lines={"3": 2}, **about),
        CancelRequested(id="i5", lines={"1": 1}, **about),
    ):
        step = advance(known, event, inventory, now=NOON)
        assert step.refusal is None
        known, inventory = step.record, step.inventory
    return known, inventory


def heard(events: Iterable[Event], advancing: Callable[..., Any]) -> tuple[OrderRecord, Inventory]:
    """Order and stock after these events, all of them heard of at one time."""
    known, inventory = begun()
    for event in events:
        step = advancing(known, event, inventory, now=LATER)
        known, inventory = step.record, step.inventory
    return known, inventory


def kept(known: OrderRecord) -> OrderRecord:
    """A record without what was told and asked for by the time, and the ids as they were heard."""
    history = known.history
    return attrs.evolve(
        known,
        told=(),
        history=attrs.evolve(
            history,
            applied=(),
            asked_amounts=(),
            fulfilments=[
                attrs.evolve(each, called_back=(), declined=()) for each in history.fulfilments
            ],
        ),
    )


def shown(known: OrderRecord) -> tuple[Any, ...]:
    """What is worked out of a record."""
    states = status(known), payment_state(known), shipment_state(known), return_state(known)
    return known.due, states, released_units(known)


def goods(inventory: Inventory) -> dict[tuple[str, str], int]:
    """What is there."""
    return {
        (sku, place): inventory.on_hand(sku, place)
        for sku in ("mug", "cup", "pot")
        for place in PLACES
    }


def takes_away(events: Iterable[Event]) -> bool:
    """Whether a count takes something away: no more than is there when it is heard of."""
    return any(
        units < 0 for event in events if isinstance(event, Counted) for _, _, units in event.units
    )


@given(facts(), st.data())
@FEWER
def test_the_same_facts_end_in_the_same_record(events: list[Event], data: st.DataObject) -> None:
    """In any sequence, and some of them twice: all that is kept is the same, and what is shown."""
    first, stock_after = heard(events, advance)
    others = data.draw(st.permutations(events))
    others += data.draw(st.lists(st.sampled_from(events), max_size=2))
    second, other_stock = heard(others, advance)
    assert kept(second) == kept(first)
    assert shown(second) == shown(first)
    if not takes_away(events):
        assert goods(other_stock) == goods(stock_after)


# -- Pairs that came to two records, and slips that would again ------------------------------------


def at(hour: int) -> datetime:
    """So many hours after the order was placed."""
    return NOON + hour * HOUR


def scan(hour: int, **content: Any) -> Event:
    """What a carrier says of parcel p1."""
    return Tracked(id=f"t{hour}{content}", order_id="A-1", at=at(hour), parcel="p1", **content)


ABOUT: dict[str, Any] = {"order_id": "A-1"}
CARD: dict[str, Any] = {**ABOUT, "payment": "card"}
GIFT: dict[str, Any] = {**ABOUT, "payment": "gift"}
NEW: dict[str, Any] = {**ABOUT, "payment": "new"}
BACK: dict[str, Any] = {**ABOUT, "ref": "r3"}
SENT: dict[str, Any] = {**ABOUT, "parcel": "p1", "location": "x", "lines": {"1": 1}}
STOP: dict[str, Any] = {**ABOUT, "source": "qa", "code": "qa.look"}
SETS: dict[str, Sequence[Event]] = {
    "two scans of one instant": [
        scan(1, carrier="UPS"),
        scan(1, carrier="DHL", tracking="T1"),
        scan(1, tracking="T2"),
    ],
    "carrier and number are said apart": [
        scan(1, carrier="UPS", tracking="T1"),
        scan(2, carrier="DHL"),
        scan(3, tracking="T3"),
    ],
    "where it waits": [
        scan(1, waits_at="shop", waits_until=at(9)),
        scan(2, waits_at="kiosk"),
        scan(3, waits_until=at(8)),
        scan(4, waits_at="kiosk"),
    ],
    "how far it is": [
        scan(1, stage="out_for_delivery"),
        Delivered(id="d1", at=at(2), parcel="p1", lines={"1": 1}, **ABOUT),
        scan(3, stage="in_transit"),
    ],
    "when it was first heard of": [
        Delivered(id="d1", at=at(2), parcel="p1", lines={"1": 1}, **ABOUT),
        scan(1),
        ShipmentVoided(id="v1", at=at(3), parcel="p1", **ABOUT),
    ],
    "where it left": [
        Lost(id="l1", at=at(2), parcel="p1", lines={"3": 1}, **ABOUT),
        Shipped(id="s2", at=at(1), parcel="p2", location="y", lines={"1": 2, "3": 3}, **ABOUT),
        scan(1),
    ],
    "a parcel of two reports": [
        Shipped(id="s1", at=at(2), carrier="UPS", **SENT),
        Shipped(id="s2", at=at(1), tracking="T1", fulfilment="f1", **SENT),
    ],
    "all of a pick list but what has left": [
        NotFulfilled(id="n1", at=at(2), ref="f1", **ABOUT),
        NotFulfilled(id="n2", at=at(4), ref="f1", lines={"1": 1}, **ABOUT),
        Shipped(id="s1", at=at(1), **SENT),
        Shipped(id="s2", at=at(3), parcel="p2", location="x", lines={"1": 1}, **ABOUT),
    ],
    "all that was authorised is let go": [
        Voided(id="v1", at=at(3), **CARD),
        Authorized(id="a1", at=at(2), amount=Decimal(5), **CARD),
        Captured(id="c1", at=at(1), amount=Decimal(7), ref="m1", **CARD),
        CaptureFailed(id="c2", at=at(4), amount=Decimal(7), ref="m1", **CARD),
        Refunded(id="r1", at=at(1), amount=Decimal(1), **CARD),
    ],
    "what is let go of a payment that nobody knows yet": [
        AuthorizationExpired(id="v1", at=at(2), **NEW),
        Authorized(id="a1", at=at(1), amount=Decimal(5), **NEW),
        Authorized(id="a2", at=at(3), amount=Decimal(2), **NEW),
    ],
    "a payment of which nobody said since when": [
        Authorized(id="a1", at=at(2), amount=Decimal(5), expires_at=at(20), **GIFT),
        Authorized(id="a2", at=at(1), amount=Decimal(3), expires_at=at(30), **GIFT),
        Authorized(id="a3", at=NOON, amount=Decimal(1), **GIFT),
    ],
    "two authorizations of one instant": [
        Authorized(id="a1", at=at(1), amount=Decimal(5), method="wallet", **NEW),
        Authorized(id="a2", at=at(1), amount=Decimal(5), method="card", **NEW),
    ],
    "a refund of two reports": [
        Refunded(id="r1", at=at(2), ref="m1", amount=Decimal(8), **GIFT),
        Refunded(id="r2", at=at(1), ref="m1", amount=Decimal(8), **GIFT),
        ChargedBack(id="b1", at=at(1), ref="b1", amount=Decimal(5), **GIFT),
        Refunded(id="r3", at=at(2), ref="m3", amount=Decimal(2), **GIFT),
    ],
    "a capture of two reports, of a payment that nobody knew": [
        Captured(id="c1", at=at(2), ref="m1", amount=Decimal(5), **NEW),
        Captured(id="c2", at=at(1), ref="m1", amount=Decimal(5), **NEW),
    ],
    "a return that is inspected, and has no room yet": [
        ReturnInspected(id="i1", at=at(3), restocked={"1": 2, "2": 2}, **BACK),
        ReturnInspected(id="i2", at=at(1), disposed={"1": 1}, **BACK),
        ReturnReceived(
            id="b1", at=at(2), lines={"2": 1}, location="x", shipping=Decimal(1), **BACK
        ),
        Shipped(id="s1", at=at(1), parcel="p1", location="x", lines={"2": 1}, **ABOUT),
    ],
    "a return of two reports": [
        ReturnReceived(
            id=f"b{hour}", at=at(hour), lines={"1": 1}, location="x", shipping=Decimal(1), **BACK
        )
        for hour in (2, 1, 3)
    ],
    "a return that is closed": [
        ReturnClosed(id="c1", at=at(1), ref="r1", **ABOUT),
        ReturnClosed(id="c2", at=at(3), ref="r1", lines={"3": 1}, **ABOUT),
        ReturnReceived(id="b1", at=at(2), ref="r1", lines={"3": 1}, location="x", **ABOUT),
    ],
    "a hold that was lifted": [
        HoldPlaced(id="h1", at=at(1), detail="a", **STOP),
        HoldPlaced(id="h2", at=at(1), detail="b", **STOP),
        HoldLifted(id="h3", at=at(2), **STOP),
        HoldPlaced(id="h4", at=at(3), **STOP),
    ],
}


def records_of(events: Sequence[Event], advancing: Callable[..., Any]) -> list[OrderRecord]:
    """What is kept after these events, in each sequence."""
    return [kept(heard(each, advancing)[0]) for each in permutations(events)]


@pytest.mark.parametrize("name", SETS)
def test_a_set_of_facts_ends_in_one_record(name: str) -> None:
    """In each sequence of its members, once and twice."""
    events = SETS[name]
    first, *others = [
        (kept(known), shown(known), goods(inventory))
        for sequence in permutations(events)
        for known, inventory in [heard([*sequence, *sequence[:1]], advance)]
    ]
    assert all(each == first for each in others)


@pytest.mark.parametrize("name", ["where it waits", "a hold that was lifted"])
def test_the_law_bites_whoever_goes_by_their_own_clock(name: str) -> None:
    """What is heard last is not what was said last."""
    first, *others = records_of(SETS[name], goes_by_its_clock)
    assert any(each != first for each in others)
