"""Whatever of an event contradicts what is known is refused with a reason, or told to the staff."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any, TypeAlias

import attrs
import pytest
from effort import FEWER
from hypothesis import given
from hypothesis import strategies as st
from story import FIVE, NOON, Story, line
from test_law import LINES, facts, record, stock

from fulfill_core import (
    Component,
    InvalidValueError,
    Inventory,
    Item,
    OrderLine,
    Reservation,
    Stock,
)
from fulfill_core.exceptions import by_number
from fulfill_core.lifecycle import (
    EVENTS,
    Amended,
    Ask,
    AuthorizationExpired,
    AuthorizationFailed,
    Authorized,
    CancelDeclined,
    Cancelled,
    CancelRequested,
    Captured,
    CaptureFailed,
    CaptureRequested,
    ChargedBack,
    Counted,
    CreditGranted,
    DelayAnswered,
    DelayAsked,
    Delivered,
    DeliveryFailed,
    DisputeOpened,
    Effect,
    Event,
    HoldLifted,
    HoldPlaced,
    Lost,
    NotFulfilled,
    ProductRecalled,
    Progressed,
    Provided,
    Refunded,
    RefundFailed,
    RefundRequested,
    Release,
    Released,
    ReturnApproved,
    ReturnClosed,
    ReturnInspected,
    ReturnReceived,
    ReturnRequested,
    ShipmentVoided,
    Shipped,
    Status,
    Step,
    StockReceived,
    Tracked,
    Voided,
    advance,
    status,
)

PAST = NOON - timedelta(days=9)
MUCH = Decimal(5000)


def order() -> Story:
    """Three mugs and two sets, reserved at x, and a song that is not sent anywhere."""
    rows = [Stock(sku=sku, location="x", on_hand=9) for sku in ("mug", "cup", "pot", "tea")]
    reserved = [("1", "mug", 3), ("2", "cup", 2), ("2", "pot", 2)]
    goods = Inventory(
        stock=rows,
        items=[Item(sku="set", components=[Component(sku="cup"), Component(sku="pot")])],
        reservations=[
            Reservation(order_id="A-1", line_id=line_id, sku=sku, location="x", quantity=units)
            for line_id, sku, units in reserved
        ],
    )
    lines: list[OrderLine] = [line(quantity=3), line("2", 2, sku="set")]
    return Story(*lines, line("3", 1, sku="song", ships=False), stock=goods)


def at_location() -> Story:
    """All mugs are on a pick list, and somebody wants them cancelled."""
    story = order()
    story.happened(Released, ref="f1", location="x", lines={"1": 3})
    story.happened(CancelRequested, lines={"1": 1})
    return story


def gone() -> Story:
    """Two mugs have left."""
    story = order()
    story.happened(Shipped, parcel="p1", location="x", lines={"1": 2})
    return story


def there() -> Story:
    """They have arrived."""
    story = gone()
    story.happened(Delivered, parcel="p1")
    return story


def lost() -> Story:
    """They are lost, and go again."""
    story = gone()
    story.happened(Lost, parcel="p1", lines={"1": 2}, reopened={"1": 2})
    return story


def announced() -> Story:
    """One of them is to come back."""
    story = gone()
    story.happened(ReturnRequested, ref="r1", lines={"1": 1})
    return story


def back() -> Story:
    """It came back, and lies on no shelf yet."""
    story = announced()
    story.happened(ReturnReceived, ref="r1", lines={"1": 1}, location="x", restocked={})
    return story


Row: TypeAlias = tuple[type[Event], str, Callable[[], Story], dict[str, Any], str]
"""The event, its field, what happened before, what the event says, and the code of the answer."""
_P1: dict[str, Any] = {"parcel": "p1", "location": "x"}
_R1: dict[str, Any] = {"ref": "r1", "location": "x", "lines": {"1": 1}}
_CARD: dict[str, Any] = {"payment": "card", "amount": FIVE}
_STOP: dict[str, Any] = {"source": "qa", "code": "qa.look"}
_AT_F1: dict[str, Any] = {**_P1, "fulfilment": "f1"}
ROWS: list[Row] = [
    (Amended, "ordered", order, {"ordered": {"9": 1}}, "line.unknown"),
    (Amended, "added", order, {"added": [line("1")]}, "line.known"),
    (Amended, "added", order, {"added": [line("8", replaces="9")]}, "line.unknown"),
    (Cancelled, "lines", order, {"lines": {"9": 1}}, "line.unknown"),
    (Cancelled, "lines", order, {"lines": {"1": 9}}, "units.not_open"),
    (CancelRequested, "lines", order, {"lines": {"9": 1}}, "line.unknown"),
    (CancelRequested, "lines", order, {"lines": {"1": 9}}, "units.not_open"),
    (CancelDeclined, "ref", at_location, {"ref": "f9"}, "fulfilment.unknown"),
    (CreditGranted, "amount", order, {"amount": MUCH}, "credit.not_due"),
    (DelayAsked, "new_date", order, {"new_date": PAST}, "delay.past"),
    (DelayAsked, "answer_by", order, {"new_date": None, "answer_by": PAST}, "delay.past"),
    (DelayAnswered, "ref", order, {"is_accepted": True, "ref": "d9"}, "delay.unknown"),
    (Released, "lines", order, {"ref": "f1", "location": "x", "lines": {"9": 1}}, "line.unknown"),
    (Released, "lines", order, {"ref": "f1", "location": "x", "lines": {"1": 9}}, "units.not_open"),
    (Progressed, "ref", order, {"ref": "f9", "stage": "picked"}, "fulfilment.unknown"),
    (NotFulfilled, "ref", order, {"ref": "f9"}, "fulfilment.unknown"),
    (NotFulfilled, "lines", at_location, {"ref": "f1", "lines": {"9": 1}}, "line.unknown"),
    (NotFulfilled, "lines", at_location, {"ref": "f1", "lines": {"2": 1}}, "units.beyond"),
    (NotFulfilled, "lines", at_location, {"ref": "f1", "lines": {"1": 9}}, "units.beyond"),
    (Shipped, "lines", order, {**_P1, "lines": {"9": 1}}, "line.unknown"),
    (Shipped, "lines", order, {**_P1, "lines": {"1": 4}}, "units.surplus"),
    (Shipped, "lines", order, {**_P1, "lines": {"1": 99}}, "units.not_there"),
    (Shipped, "location", order, {**_P1, "location": "z", "lines": {"1": 1}}, "units.not_there"),
    (Shipped, "fulfilment", order, {**_AT_F1, "lines": {"1": 1}}, "fulfilment.unknown"),
    (Shipped, "fulfilment", at_location, {**_AT_F1, "lines": {"2": 1}}, "units.beyond"),
    (
        Shipped,
        "fulfilment",
        at_location,
        {**_AT_F1, "location": "y", "lines": {"1": 1}},
        "fulfilment.elsewhere",
    ),
    (Shipped, "parts", order, {**_P1, "parts": {("9", "cup"): 1}}, "line.unknown"),
    (Shipped, "parts", order, {**_P1, "parts": {("2", "tea"): 1}}, "units.not_of_kit"),
    (Shipped, "parts", order, {**_P1, "parts": {("1", "mug"): 1}}, "units.not_of_kit"),
    (Shipped, "parts", order, {**_P1, "parts": {("2", "cup"): 3}}, "units.not_of_kit"),
    (Provided, "lines", order, {"lines": {"9": 1}}, "line.unknown"),
    (Provided, "lines", order, {"lines": {"1": 1}}, "units.no_place"),
    (ShipmentVoided, "parcel", order, {"parcel": "p9"}, "parcel.unknown"),
    (ShipmentVoided, "parcel", there, {"parcel": "p1"}, "parcel.has_left"),
    (Tracked, "parcel", order, {"parcel": "p9", "stage": "delivered"}, "parcel.unknown"),
    (Tracked, "stage", lost, {"parcel": "p1", "stage": "delivered"}, "units.arrived_after_all"),
    (Delivered, "parcel", order, {"parcel": "p9"}, "parcel.unknown"),
    (Delivered, "parcel", lost, {"parcel": "p1"}, "units.arrived_after_all"),
    (Delivered, "lines", gone, {"parcel": "p1", "lines": {"9": 1}}, "line.unknown"),
    (Delivered, "lines", gone, {"parcel": "p1", "lines": {"2": 1}}, "units.beyond"),
    (Delivered, "lines", gone, {"parcel": "p1", "lines": {"1": 3}}, "units.beyond"),
    (DeliveryFailed, "parcel", order, {"parcel": "p9", "asks_customer": True}, "parcel.unknown"),
    (Lost, "lines", gone, {"parcel": "p1", "lines": {"9": 1}}, "line.unknown"),
    (Lost, "lines", gone, {"parcel": "p1", "lines": {"1": 3}}, "units.beyond"),
    *[
        (Lost, field, gone, {"parcel": "p1", "lines": {"1": 1}, field: units}, "units.beyond")
        for field in ("reopened", "credited")
        for units in ({"9": 1}, {"2": 1}, {"1": 2})
    ],
    (Authorized, "replaces", order, {**_CARD, "replaces": "card9"}, "payment.replaces_nothing"),
    (Authorized, "replaces", order, {**_CARD, "replaces": "card"}, "payment.replaces_nothing"),
    (Authorized, "expires_at", order, {**_CARD, "expires_at": PAST}, "payment.expired"),
    (AuthorizationExpired, "payment", order, {"payment": "card9"}, "payment.unknown"),
    (AuthorizationExpired, "amount", order, {**_CARD, "amount": MUCH}, "void.no_room"),
    (Voided, "payment", order, {"payment": "card9"}, "payment.unknown"),
    (Voided, "payment", order, {**_CARD, "payment": "card9"}, "void.no_room"),
    (Voided, "amount", order, {**_CARD, "amount": MUCH}, "void.no_room"),
    (Captured, "amount", order, {**_CARD, "amount": MUCH}, "payment.not_due"),
    (CaptureRequested, "payment", order, {**_CARD, "payment": "card9"}, "payment.unknown"),
    (CaptureRequested, "amount", order, {**_CARD, "amount": MUCH}, "capture.not_authorized"),
    (CaptureFailed, "payment", order, {**_CARD, "payment": "card9"}, "payment.capture_failed"),
    (RefundRequested, "payment", order, {**_CARD, "payment": "card9"}, "payment.unknown"),
    (RefundRequested, "amount", order, {**_CARD, "amount": MUCH}, "refund.not_owed"),
    (Refunded, "payment", order, {**_CARD, "payment": "card9"}, "refund.no_room"),
    (Refunded, "amount", order, {**_CARD, "amount": MUCH}, "refund.no_room"),
    (RefundFailed, "payment", order, {**_CARD, "payment": "card9"}, "payment.refund_failed"),
    (ChargedBack, "payment", order, {**_CARD, "payment": "card9"}, "chargeback.no_room"),
    (ChargedBack, "amount", order, {**_CARD, "amount": MUCH}, "chargeback.no_room"),
    (DisputeOpened, "payment", order, {**_CARD, "payment": "card9"}, "payment.disputed"),
    (Counted, "units", order, {"units": {("mug", "x"): -99}}, "units.not_there"),
    (ProductRecalled, "lines", gone, {"lines": {"9": 1}}, "line.unknown"),
    (ProductRecalled, "lines", gone, {"lines": {"1": 1, "9": 1}}, "units.beyond"),
    (ReturnRequested, "lines", gone, {"lines": {"9": 1}}, "line.unknown"),
    (ReturnRequested, "lines", gone, {"lines": {"1": 9}}, "return.no_room"),
    (ReturnApproved, "ref", gone, {"ref": "r9"}, "return.unknown"),
    (ReturnClosed, "ref", gone, {"ref": "r9"}, "return.unknown"),
    *[
        (ReturnClosed, "lines", announced, {"ref": "r1", "lines": units}, "units.beyond")
        for units in ({"9": 1}, {"2": 1}, {"1": 2})
    ],
    (ReturnReceived, "lines", gone, {"location": "x", "lines": {"9": 1}}, "line.unknown"),
    (ReturnReceived, "lines", gone, {"location": "x", "lines": {"1": 9}}, "return.no_room"),
    *[
        (ReturnReceived, field, gone, {**_R1, field: units}, "units.beyond")
        for field in ("restocked", "credited", "reopened")
        for units in ({"9": 1}, {"2": 1}, {"1": 2})
    ],
    (ReturnInspected, "ref", gone, {"ref": "r9", "restocked": {"1": 1}}, "return.unknown"),
    *[
        (ReturnInspected, field, back, {"ref": "r1", field: units}, "units.beyond")
        for field in ("restocked", "disposed")
        for units in ({"9": 1}, {"2": 1}, {"1": 2})
    ],
    (
        ReturnInspected,
        "disposed",
        back,
        {"ref": "r1", "restocked": {"1": 1}, "disposed": {"1": 1}},
        "units.beyond",
    ),
    (HoldPlaced, "line_id", order, {**_STOP, "line_id": "9"}, "line.unknown"),
]
SAYING_ANYTHING = {
    *("id", "order_id", "at", "tell", "by", "reason", "detail", "code", "source", "advice"),
    *("carrier", "tracking", "condition", "method", "shipping", "ship_to", "ground", "silence"),
    *("asks_customer", "is_declined", "is_accepted", "findings", "waits_at", "waits_until"),
}
"""Fields of which no good value contradicts anything: bad ones are refused as the event is made."""
CREATING: dict[type[Event], set[str]] = {
    Released: {"ref", "location"},
    Shipped: {"parcel"},
    Provided: {"ref"},
    DelayAsked: {"ref", "previous_date"},
    ReturnRequested: {"ref"},
    ReturnReceived: {"ref", "location"},
    ProductRecalled: {"ref"},
    Lost: {"parcel"},
    Authorized: {"ref", "payment", "amount"},
    Captured: {"ref", "payment"},
    AuthorizationFailed: {"ref", "payment", "amount"},
    StockReceived: {"units"},
    AuthorizationExpired: {"ref"},
    Voided: {"ref"},
    CaptureRequested: {"ref"},
    RefundRequested: {"ref"},
    Refunded: {"ref"},
    ChargedBack: {"ref"},
    CaptureFailed: {"ref", "amount"},
    RefundFailed: {"ref", "amount"},
    DisputeOpened: {"ref", "amount"},
    Progressed: {"stage"},
    HoldLifted: {"line_id"},
}
"""Fields that name what is new, or may be heard of first; and amounts of what a person sees to."""


def codes_of(step: Step) -> list[str]:
    """What a step says is wrong: why it was refused, what the staff is told, what is asked."""
    codes = [] if step.refusal is None else [step.refusal.code]
    for message in step.notifications:
        if str(message.audience) == "staff":
            codes += [code for code, _ in message.reasons]
    return codes + [each.code for each in step.actions if isinstance(each, Ask)]


def _name_of(row: Any) -> str:
    return f"{row[0].__name__}.{row[1]}-{row[-1]}"


@pytest.mark.parametrize("row", ROWS, ids=_name_of)
def test_what_contradicts_is_refused_or_told(row: Row) -> None:
    """By a code, in the step: nothing is dropped, or cut down, in silence."""
    kind, _, prepare, content, code = row
    assert code in codes_of(prepare().happened(kind, **content))


@pytest.mark.parametrize("kind", EVENTS, ids=lambda kind: kind.__name__)
def test_every_field_of_every_event_is_looked_at(kind: type[Event]) -> None:
    """What may contradict has a row above; all else says what is new, or nothing that could."""
    names = {field.name for field in attrs.fields(kind)}
    with_row = {field for each, field, *_ in ROWS if each is kind}
    assert names == with_row | (names & SAYING_ANYTHING) | CREATING.get(kind, set())


@pytest.mark.parametrize("row", ROWS, ids=_name_of)
def test_it_is_told_once(row: Row) -> None:
    """The same event again is a duplicate, or refused for the same reason, and tells nothing."""
    kind, _, prepare, content, _ = row
    story = prepare()
    event = story.make(kind, **content)
    story.heard(event)
    assert story.heard(event).notifications == ()


def test_what_is_so_already_is_not_told() -> None:
    """Who gives back, or closes, the same units once more says nothing new."""
    story = at_location()
    for _ in range(2):
        step = story.happened(NotFulfilled, ref="f1", lines={"1": 3}, reason="rejected")
        assert "units.beyond" not in codes_of(step)
    story = announced()
    for _ in range(2):
        assert codes_of(story.happened(ReturnClosed, ref="r1", lines={"1": 1})) == []
    story = lost()
    assert codes_of(story.happened(Delivered, parcel="p1", lines={"1": 1})) != []
    assert codes_of(story.happened(Delivered, parcel="p1", lines={"1": 1})) == []


REPORTS: list[tuple[type[Event], Callable[[], Story], dict[str, Any], dict[str, Any]]] = [
    (CancelDeclined, at_location, {"ref": "f9"}, {"ref": "f8"}),
    (NotFulfilled, at_location, {"ref": "f1", "lines": {"1": 9}}, {"lines": {"1": 8}}),
    (Lost, gone, {"parcel": "p1", "lines": {"1": 1}, "reopened": {"1": 2}}, {"reopened": {"1": 3}}),
    (Lost, gone, {"parcel": "p1", "lines": {"1": 1}}, {"lines": {"1": 2}}),
    (ReturnClosed, announced, {"ref": "r1", "lines": {"2": 1}}, {"lines": {"3": 1}}),
    (ReturnInspected, back, {"ref": "r1", "disposed": {"1": 2}}, {"disposed": {"1": 3}}),
]
"""What is reported and may come again; how it comes to another thing."""


@pytest.mark.parametrize(("kind", "prepare", "content", "change"), REPORTS)
def test_a_report_that_comes_again_is_told_once(
    kind: type[Event],
    prepare: Callable[[], Story],
    content: dict[str, Any],
    change: dict[str, Any],
) -> None:
    """Also under another id: nobody looks, or decides, twice; another one is told."""
    story = prepare()
    assert codes_of(story.happened(kind, **content)) != []
    assert codes_of(story.happened(kind, **content)) == []
    assert codes_of(story.happened(kind, **{**content, **change})) != []
    assert codes_of(story.happened(kind, **content)) == []


def test_what_happens_again_is_told_again() -> None:
    """In the same words, if something is other by it: one more unit is not found, or disputed."""
    story = at_location()
    for question in (["cancel.requested"], []):  # the first of them was to be cancelled
        step = story.happened(NotFulfilled, ref="f1", lines={"1": 1}, reason="short")
        assert codes_of(step) == ["units.short_pick", *question]
    for ref in ("d1", "d2"):
        step = story.happened(DisputeOpened, **_CARD, ref=ref)
        assert codes_of(step)[0] == "payment.disputed"


@pytest.mark.parametrize("kind", [Delivered, Lost])
def test_a_parcel_holds_what_was_said_whichever_was_heard_first(kind: type[Event]) -> None:
    """More of it arrived, or was lost, than left in it: it counts, and is told with the second."""
    fields: dict[type[Event], dict[str, Any]] = {
        Shipped: {**_P1, "lines": {"1": 1}},
        kind: {"parcel": "p1", "lines": {"1": 2}},
    }
    for first, second in ((Shipped, kind), (kind, Shipped)):
        story = order()
        assert "units.beyond" not in codes_of(story.happened(first, **fields[first]))
        assert "units.beyond" in codes_of(story.happened(second, **fields[second]))
        assert story.units()["shipped"] == 2


def test_a_parcel_that_was_said_not_to_have_left_and_is_seen_is_told_once() -> None:
    """With the scan that shows it, or with the word that it did not leave."""
    story = gone()
    story.happened(ShipmentVoided, parcel="p1")
    assert codes_of(story.happened(Tracked, parcel="p1")) == ["parcel.has_left"]
    assert codes_of(story.happened(Delivered, parcel="p1")) == []


def test_of_what_arrived_some_may_be_lost() -> None:
    """As a customer says who misses it in the parcel: nothing contradicts that."""
    step = there().happened(Lost, parcel="p1", lines={"1": 1}, credited={"1": 1})
    assert codes_of(step) == []


def test_components_may_make_a_kit_of_two_parcels() -> None:
    """So of these nobody says that more arrived than was in one; what a kit lacks may be sent."""
    story = order()
    cup = {("2", "cup"): 1}
    assert codes_of(story.happened(Shipped, parcel="p1", location="x", parts=cup)) == []
    step = story.happened(Shipped, parcel="p2", location="x", parts={("2", "pot"): 1})
    assert (codes_of(step), story.units("2")) == ([], {"shipped": 1})
    step = story.happened(Delivered, parcel="p2", lines={"2": 1})
    assert "units.beyond" not in codes_of(step)
    step = story.happened(Shipped, parcel="p3", location="x", lines={"2": 1}, parts=cup)
    assert codes_of(step)[0] == "units.not_of_kit"


def test_what_is_inspected_before_it_is_received_is_judged_then() -> None:
    """More than came back lies on no shelf."""
    story = announced()
    assert codes_of(story.happened(ReturnInspected, ref="r1", restocked={"1": 2})) == []
    step = story.happened(ReturnReceived, **_R1)
    assert (codes_of(step), story.units()["restocked"]) == (["units.beyond"], 1)


def test_who_has_something_that_is_recalled_is_told() -> None:
    """Whatever else the recall names: it is a matter of safety."""
    step = gone().happened(ProductRecalled, lines={"1": 2, "9": 1}, reason="It breaks.")
    kinds = [str(each.kind) for each in step.notifications]
    assert kinds == ["product.recalled", "order.review_needed"]


def test_who_has_to_act_for_a_parcel_is_asked_whoever_knows_of_it() -> None:
    """The scan may have overtaken the parcel: its customer is asked, and the staff looks."""
    step = order().happened(DeliveryFailed, parcel="p9", asks_customer=True)
    kinds = [str(each.kind) for each in step.notifications]
    assert (step.effect, kinds) == (
        Effect.APPLIED,
        ["parcel.delivery_failed", "order.review_needed"],
    )


def test_somebody_is_asked_of_what_is_lost_and_has_no_fate() -> None:
    """Until each lost unit is sent again, or costs nothing."""
    story = gone()
    step = story.happened(Lost, parcel="p1", lines={"1": 2}, credited={"1": 1})
    assert codes_of(step) == ["units.lost"]
    step = story.happened(Lost, parcel="p1", lines={"1": 2}, reopened={"1": 1})
    assert codes_of(step) == []


def test_a_hold_on_a_line_that_is_not_there_is_told_once() -> None:
    """Who hears of the same hold by another report need not look again."""
    story = order()
    assert codes_of(story.happened(HoldPlaced, **_STOP, line_id="9", at=NOON)) == ["line.unknown"]
    assert codes_of(story.happened(HoldPlaced, **_STOP, line_id="9", at=NOON)) == []


def test_a_hold_on_a_line_that_is_not_there_stops_the_order() -> None:
    """As in a run, until the line is added: then it stops that one."""
    story = order()
    story.happened(HoldPlaced, **_STOP, line_id="9")
    assert status(story.record) is Status.ON_HOLD
    about: dict[str, Any] = {"ref": "f1", "location": "x", "lines": {"1": 1}}
    assert codes_of(story.happened(Released, **about)) == ["order.on_hold"]
    lift = story.make(HoldLifted, **_STOP, line_id="9")
    lifted = advance(story.record, lift, story.stock, now=NOON)
    assert [type(each) for each in lifted.actions] == [Release]
    story.happened(Amended, added=[line("9", unit_price=Decimal(0))])
    assert codes_of(story.happened(Released, **{**about, "lines": {"9": 1}})) == ["order.on_hold"]
    assert story.happened(Released, **about).refusal is None


def test_of_a_sku_that_the_stock_does_not_know_nothing_is_missing() -> None:
    """Who keeps the stock elsewhere hears nothing of each parcel."""
    story = Story(stock=Inventory())
    assert codes_of(story.happened(Shipped, **_P1, lines={"1": 2})) == []
    assert codes_of(story.happened(Counted, units={("mug", "x"): -2})) == []


def test_units_set_aside_beyond_what_is_open_are_told() -> None:
    """So are units that are given up and were not reserved."""
    story = order()
    for units, code in ((1, "units.not_reserved"), (-3, ""), (-1, "units.not_reserved"), (1, "")):
        event = story.make(Tracked, parcel="p1")
        step = story.heard(event, reserved={("mug", "x"): units})
        assert codes_of(step) == [code] * bool(code)


def test_units_that_came_in_are_some() -> None:
    """A count may find fewer; what came in is above zero."""
    with pytest.raises(InvalidValueError) as error:
        order().make(StockReceived, units={("mug", "x"): 0})
    assert error.value.path == "StockReceived.units['mug', 'x']"


SOME = st.dictionaries(st.sampled_from([*LINES, "9"]), st.integers(1, 3), max_size=3)
FATES = {
    "reopened": ("is sent again", "are sent again"),
    "credited": ("costs nothing", "cost nothing"),
    "restocked": ("is on a shelf", "are on a shelf"),
}


@given(facts(), st.sampled_from([Lost, ReturnReceived]), SOME.filter(bool), st.data())
@FEWER
def test_no_unit_outside_of_its_event_passes_in_silence(
    events: list[Event], kind: type[Event], lines: dict[str, int], data: st.DataObject
) -> None:
    """Of each line more of which goes again, or costs nothing, than is lost or back, it is told."""
    known, inventory = record(), stock()
    for event in events:
        step = advance(known, event, inventory, now=NOON)
        known, inventory = step.record, step.inventory
    names = [name for name in FATES if name in {each.name for each in attrs.fields(kind)}]
    fates = {name: data.draw(SOME, name) for name in names}
    place = {"parcel": "p1"} if kind is Lost else {"location": "x"}
    event = kind(id="last", order_id="A-1", at=NOON, lines=lines, **place, **fates)
    step = advance(known, event, inventory, now=NOON)
    parcel = step.record.history.parcel("p1")
    room = dict(parcel.lost) if kind is Lost and parcel is not None else lines
    expected = {
        f"{units} of line {line_id} {by_number(units, *FATES[name])}"
        for name, units_by_line in fates.items()
        for line_id, units in units_by_line.items()
        if units > room.get(line_id, 0)
    }
    reasons = [row for message in step.notifications for row in message.reasons]
    told = {text.partition(", and ")[0] for code, text in reasons if code == "units.beyond"}
    assert {text for text in told if text.endswith(sum(FATES.values(), ()))} == expected
    assert "line.unknown" in codes_of(step) or "9" not in lines
