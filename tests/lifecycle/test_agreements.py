"""What was agreed is changed, cancelled or stopped; how an order stands; and bad input."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import attrs
import pytest
from some_events import ACTIONS, AT, EVENTS, STANDS, event
from story import FIVE, NOON, Story, asked_of, code_of, line

from fulfill_core import (
    Address,
    Hold,
    InvalidValueError,
    Inventory,
    OrderRecord,
    Payment,
    Progress,
    hold,
)
from fulfill_core import lifecycle as all_of
from fulfill_core.lifecycle import (
    TRANSITIONS,
    Amended,
    Approved,
    Cancelled,
    Effect,
    Event,
    Nature,
    PaymentState,
    Released,
    ReturnState,
    ShipmentState,
    Shipped,
    Status,
    StockState,
    advance,
    is_on_hold,
    payment_state,
    return_state,
    shipment_state,
    status,
    stock_state,
)
from fulfill_core.records import History, Movement, Parcel

HOME = Address(name="Ada", street=["1 Main St"], city="Leeds")


# -- Amended ---------------------------------------------------------------------------------------


def test_a_line_goes_down_and_up_again() -> None:
    """Less is taken off what is open, with its share of discount; more comes back at the price."""
    story = Story(line(quantity=4, discount=Decimal(2)), payments=[])
    story.happened(Amended, ordered={"1": 1})
    assert (story.units(), story.record.due) == ({"cancelled": 3, "reduced": 3}, Decimal("4.50"))
    assert story.stock.reserved("mug") == 1
    assert story.happened(Amended, ordered={"1": 1}).effect is Effect.NO_CHANGE
    assert story.happened(Amended, ordered={"1": 1}, shipping=FIVE).effect is Effect.APPLIED
    story.happened(Amended, shipping=Decimal(0))
    story.happened(Amended, ordered={"1": 3})
    assert (story.units(), story.record.due) == ({"cancelled": 1, "reduced": 1}, Decimal("13.50"))
    story.happened(Amended, ordered={"1": 5})
    assert (story.units(), story.record.open("1"), story.record.due) == ({}, 5, 23)
    assert story.told["customer:order.amended"] == 5


def test_what_was_agreed_in_all_goes_up_with_a_line() -> None:
    """Of the line, and of the order."""
    story = Story(line(agreed_total=Decimal(9)), agreed_total=Decimal(9), payments=[])
    story.happened(Amended, ordered={"1": 3}, added=[line("2", 1)])
    assert (story.record.order.lines[0].agreed_total, story.record.due) == (14, 19)


def test_what_has_left_stays_ordered() -> None:
    """Nor can a line be what it may not; then nothing of the amendment is done."""
    story = Story(line(quantity=4, units_each=2), payments=[])
    story.happened(Shipped, parcel="p1", location="x", lines={"1": 6})
    before = story.record
    for content, code in (
        ({"ordered": {"1": 5}}, "units.left"),
        ({"ordered": {"1": 9}}, "units.not_whole"),
        ({"ordered": {"9": 1}}, "line.unknown"),
        ({"added": [line()]}, "line.known"),
        ({"added": [line("2", replaces="9")]}, "line.unknown"),
        ({"ordered": {"1": 9}, "shipping": FIVE}, "units.not_whole"),
    ):
        assert code_of(story.happened(Amended, **content)) == code
    assert story.record == before


def test_what_left_though_it_was_not_ordered_any_more_costs_nothing() -> None:
    """It is a surplus; what was cancelled and left is sold."""
    story = Story(line(), line("2", 2), payments=[])
    story.happened(Amended, ordered={"1": 0})
    story.happened(Cancelled, lines={"2": 2})
    step = story.happened(Shipped, parcel="p1", location="x", lines={"1": 2, "2": 2})
    assert (story.record.due, story.record.surplus("1")) == (10, 2)
    [review] = [each for each in step.notifications if each.kind == "order.review_needed"]
    assert [code for code, _ in review.reasons] == ["units.surplus", "units.cancelled_left"]


def test_another_address_is_told_to_the_locations() -> None:
    """Of pick lists that have something still; nothing of the price is other."""
    story = Story()
    story.happened(Released, ref="f1", location="x", lines={"1": 1})
    story.happened(Released, ref="f2", location="x", lines={"1": 1})
    story.happened(Shipped, parcel="p1", location="x", lines={"1": 1}, fulfilment="f1")
    step = story.happened(Amended, ship_to=HOME)
    assert [str(each.kind) for each in step.notifications] == [
        "order.amended",
        "fulfilment.changed",
    ]
    assert story.happened(Amended, ship_to=HOME).effect is Effect.NO_CHANGE


def test_of_an_order_that_is_done_nothing_is_amended() -> None:
    """Nothing of it is open any more."""
    story = Story()
    story.happened(Shipped, parcel="p1", location="x", lines={"1": 2})
    assert code_of(story.happened(Amended, ship_to=HOME)) == "order.settled"
    assert code_of(story.happened(Cancelled, by="customer")) == "units.left"
    assert story.told["customer:order.cancel_declined"] == 1
    assert code_of(story.happened(Cancelled, lines={"9": 1})) == "line.unknown"


def test_units_at_no_location_are_freed_first() -> None:
    """Whatever ranks where they are."""
    story = Story(line(quantity=4), stock=Inventory.of({("mug", "x"): 2, ("mug", "y"): 2}))
    story.heard(story.make(all_of.Counted, units={}), reserved={("mug", "x"): 2, ("mug", "y"): 2})
    story.happened(Released, ref="f1", location="y", lines={"1": 2})
    story.happened(Cancelled, lines={"1": 2})
    assert (story.stock.reserved("mug", "x"), story.stock.reserved("mug", "y")) == (0, 2)


def test_a_person_approves_what_they_saw() -> None:
    """The record has the approval."""
    story = Story()
    story.happened(Approved, by="Grace", findings=[hold("payment.expired")])
    assert [each.by for each in story.record.approvals] == ["Grace"]


# -- How an order stands ---------------------------------------------------------------------------


@pytest.mark.parametrize("stand", STANDS)
@pytest.mark.parametrize("kind", TRANSITIONS, ids=lambda kind: kind.__name__)
def test_every_pair_of_state_and_event_has_a_result(stand: str, kind: type[Event]) -> None:
    """A fact is recorded, or kept; an intention is refused at once where the table says so."""
    record = STANDS[stand]
    assert status(record) == stand
    step = advance(record, event(kind), Inventory.of({("mug", "x"): 9}), now=AT)
    transition = TRANSITIONS[kind]
    code = transition.refusals.get(status(record))
    if code is not None:
        assert code_of(step) == code
        assert transition.nature is Nature.INTENTION
    if step.refusal is None or step.refusal.is_kept:
        assert step.record.history.applied[0][0] == "e1"
    else:
        assert step.record.history == record.history


def test_every_event_is_in_the_table() -> None:
    """And every status is one that an order can have."""
    assert set(TRANSITIONS) == set(all_of.EVENTS)
    assert set(STANDS) == set(Status)
    assert len(EVENTS) == len(TRANSITIONS)


def test_the_axes_are_apart() -> None:
    """Ten ordered, four shipped, one returned: partly shipped; partly returned by itself."""
    record = OrderRecord(order=Story(line(quantity=10)).record.order)
    record = record.with_progress("1", shipped=4, returned=1)
    assert status(record) is Status.PARTLY_SHIPPED
    assert shipment_state(record) is ShipmentState.PARTLY_SHIPPED
    assert return_state(record) is ReturnState.PARTLY_RETURNED
    requested = STANDS["shipped"].with_progress("1", return_requested=1)
    assert return_state(requested) is ReturnState.REQUESTED
    assert return_state(STANDS["shipped"]) is ReturnState.NOTHING
    assert return_state(STANDS["returned"]) is ReturnState.RETURNED
    assert shipment_state(STANDS["delivered"]) is ShipmentState.DELIVERED
    assert is_on_hold(STANDS["on_hold"])
    of_line = Hold(order_id="A-1", source="qa", code="qa.look", line_id="1", at=AT)
    assert not is_on_hold(STANDS["shipped"].with_hold(of_line))


def test_how_the_money_stands() -> None:
    """By what came, what is due, and what could come."""
    assert payment_state(STANDS["open"]) is PaymentState.AUTHORIZED
    assert payment_state(STANDS["cancelled"]) is PaymentState.AUTHORIZED  # until it is voided
    voided = Story()
    voided.happened(Cancelled)
    voided.happened(all_of.Voided, payment="card", amount=2 * FIVE)
    assert payment_state(voided.record) is PaymentState.VOIDED
    free = Story(line(unit_price=Decimal(0)), payments=[])
    assert payment_state(free.record) is PaymentState.PAID
    assert payment_state(Story(payments=[]).record) is PaymentState.UNPAID
    part = Payment(id="card", amount=FIVE, status="captured")
    assert payment_state(Story(payments=[part]).record) is PaymentState.PARTLY_PAID


def test_how_the_stock_stands() -> None:
    """What is open is there, in part, at locations, or done."""
    story = Story(line(quantity=2))
    assert stock_state(story.record, Inventory()) is StockState.NOTHING
    assert stock_state(story.record, story.stock) is StockState.RESERVED
    fewer = story.stock.with_released("A-1", "1", 1)
    assert stock_state(story.record, fewer) is StockState.PARTLY_RESERVED
    story.happened(Released, ref="f1", location="x", lines={"1": 2})
    assert stock_state(story.record, story.stock) is StockState.AT_LOCATION
    story.happened(Shipped, parcel="p1", location="x", lines={"1": 2})
    assert stock_state(story.record, story.stock) is StockState.SETTLED


# -- Bad input -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "content", "path"),
    [
        (all_of.Shipped, {"id": ""}, "Shipped.id"),
        (all_of.Shipped, {"at": NOON.replace(tzinfo=None)}, "Shipped.at"),
        (all_of.Shipped, {"lines": {"1": 0}}, "Shipped.lines['1']"),
        (all_of.Shipped, {"lines": {}}, "Shipped.lines"),
        (all_of.Shipped, {"lines": 5}, "Shipped.lines"),
        (all_of.Shipped, {"parts": [("1", "cup", 0)]}, "Shipped.parts['1', 'cup']"),
        (all_of.Shipped, {"parts": [("1", "cup")]}, "Shipped.parts[0]"),
        (all_of.Shipped, {"tell": "no"}, "Shipped.tell"),
        (all_of.Captured, {"amount": Decimal(0)}, "Captured.amount"),
        (all_of.Captured, {"amount": 5.0}, "Captured.amount"),
        (all_of.Cancelled, {"shipping": Decimal(-1)}, "Cancelled.shipping"),
        (all_of.Counted, {"units": [("mug", "x")]}, "Counted.units[0]"),
        (all_of.Counted, {"units": [("mug", "x", "1")]}, "Counted.units['mug', 'x']"),
        (all_of.HoldPlaced, {"code": "Not a code"}, "HoldPlaced.code"),
        (all_of.Tracked, {"stage": "eaten"}, "Tracked.stage"),
        (all_of.Amended, {"ordered": {"1": -1}}, "Amended.ordered['1']"),
    ],
)
def test_a_malformed_event_is_refused_by_path(
    kind: type[Event], content: dict[str, Any], path: str
) -> None:
    """As it is made."""
    with pytest.raises(InvalidValueError) as error:
        event(kind, **content)
    assert error.value.path == path


def test_an_event_of_another_order_or_none_is_an_error() -> None:
    """The programmer's: all that can happen to a good event is a value."""
    record = STANDS["open"]
    for wrong, path in ((event(Shipped, order_id="A-2"), "event.order_id"), ("shipped", "event")):
        with pytest.raises(InvalidValueError) as error:
            advance(record, wrong, Inventory(), now=AT)
        assert error.value.path == path


def test_amounts_of_actions_are_above_zero() -> None:
    """There is nothing to do for nothing."""
    for action in ACTIONS:
        if hasattr(action, "amount"):
            with pytest.raises(InvalidValueError):
                attrs.evolve(action, amount=Decimal(0))


def test_what_is_known_is_known_once() -> None:
    """Each parcel, movement and event; a line is lowered by no more than was taken off."""
    parcel = Parcel(id="p1", at=AT)
    movement = Movement(kind="credit", amount=FIVE, at=AT)
    for content in (
        {"parcels": [parcel, parcel]},
        {"movements": [movement, movement]},
        {"applied": [("e1", "a"), ("e1", "b")]},
    ):
        with pytest.raises(InvalidValueError):
            History(**content)
    assert [each.id for each in History(parcels=[Parcel(id="p2", at=AT), parcel]).parcels] == [
        "p1",
        "p2",
    ]
    with pytest.raises(InvalidValueError):
        Progress(line_id="1", cancelled=1, reduced=2)
    with pytest.raises(InvalidValueError):
        Progress(line_id="1", credited=-1)


def test_equal_amounts_are_the_same_content() -> None:
    """However they are written, an event is repeated, and not contradicted."""
    story = Story()
    first = story.make(all_of.Captured, payment="card", amount=Decimal("5.00"))
    story.heard(first)
    assert story.heard(attrs.evolve(first, amount=FIVE)).effect is Effect.DUPLICATE
    assert asked_of(story.heard(attrs.evolve(first, amount=Decimal(6)))) == []
