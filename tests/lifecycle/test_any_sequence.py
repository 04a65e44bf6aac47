"""What comes out the same whichever was heard of first: small faults that random streams found."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from itertools import permutations
from typing import Any

import pytest
from story import NOON, Story, code_of, line

from fulfill_core import Inventory, Payment, Reservation
from fulfill_core.lifecycle import (
    Authorized,
    CallBack,
    CancelDeclined,
    Cancelled,
    Captured,
    CaptureFailed,
    CaptureRequested,
    Effect,
    HoldPlaced,
    NotFulfilled,
    RefundRequested,
    Released,
    ReturnInspected,
    ReturnReceived,
    ReturnRequested,
    Shipped,
    Voided,
)

HOUR = timedelta(hours=1)


def test_a_payment_is_as_its_authorization_says() -> None:
    """When, how and how long: whatever else of it was heard of first, such as its capture."""
    ends: list[Payment | None] = []
    about: dict[str, Any] = {"order_id": "A-1", "payment": "wallet"}
    events = [
        Authorized(
            id="a1",
            at=NOON,
            amount=Decimal(10),
            method="wallet",
            expires_at=NOON + 9 * HOUR,
            **about,
        ),
        Authorized(id="a2", at=NOON + HOUR, amount=Decimal(2), **about),
        Captured(id="c1", at=NOON + 2 * HOUR, amount=Decimal(13), **about),
        CaptureFailed(id="c2", at=NOON + 3 * HOUR, amount=Decimal(13), ref="c1", **about),
        Voided(id="v1", at=NOON + 4 * HOUR, amount=Decimal(4), **about),
    ]
    for sequence in permutations(events):
        story = Story()
        for event in sequence:
            story.heard(event)
        ends += [each for each in story.record.order.payments if each.id == "wallet"]
    [payment] = set(ends)
    assert payment is not None
    assert (payment.authorized_at, payment.method) == (NOON, "wallet")
    assert (payment.expires_at, payment.amount) == (NOON + 9 * HOUR, Decimal(13))
    assert (payment.authorized, payment.captured) == (Decimal(8), Decimal(0))


def test_while_no_authorization_is_known_the_first_event_counts() -> None:
    """By when it happened: the payment comes in its turn among those that are captured."""
    story = Story()
    for at, amount in ((2, 1), (1, 2)):
        story.heard(
            Captured(
                id=f"c{at}",
                order_id="A-1",
                at=NOON + at * HOUR,
                payment="wallet",
                amount=Decimal(amount),
            )
        )
    [payment] = [each for each in story.record.order.payments if each.id == "wallet"]
    assert payment.authorized_at == NOON + HOUR


@pytest.mark.parametrize("kind", [CaptureRequested, RefundRequested])
def test_money_of_another_currency_is_not_asked_for(kind: Any) -> None:
    """It covers nothing of the order."""
    dollars = Payment(id="usd", amount=Decimal(50), currency="USD", captured=Decimal(20))
    story = Story(payments=[dollars])
    step = story.happened(kind, payment="usd", amount=Decimal(5))
    assert (code_of(step), step.actions) == ("payment.currency", ())


def test_money_of_another_currency_takes_the_place_of_none() -> None:
    """It covers nothing: what it was to replace stays, and nothing is asked for."""
    story = Story(payments=[Payment(id="usd", amount=Decimal(50), currency="USD")])
    step = story.happened(Authorized, payment="usd", amount=Decimal(5), replaces="card")
    assert (step.refusal, step.actions) == (None, ())


def test_what_was_inspected_before_it_was_received_lies_on_a_shelf_all_the_same() -> None:
    """It is kept, and told; of more than came back nothing is there."""
    for first, second in ((ReturnInspected, ReturnReceived), (ReturnReceived, ReturnInspected)):
        story = Story(line(quantity=3))
        story.happened(Shipped, parcel="p1", location="x", lines={"1": 3})
        fields: dict[Any, dict[str, Any]] = {
            ReturnInspected: {"ref": "r1", "restocked": {"1": 3}},
            ReturnReceived: {"ref": "r1", "lines": {"1": 2}, "location": "x", "restocked": {}},
        }
        step = story.happened(first, **fields[first])
        if first is ReturnInspected:
            assert (step.effect, code_of(step)) == (Effect.REFUSED, "return.unknown")
            assert story.told["staff:order.review_needed"] == 1
        story.happened(second, **fields[second])
        assert (story.units()["returned"], story.units()["restocked"]) == (2, 2)
        assert story.stock.on_hand("mug", "x") == 8


def test_a_location_is_asked_back_once_a_step() -> None:
    """For what it holds; what it gives back after a no it was asked for before that."""
    stock = Inventory.of({("mug", "x"): 9}).with_reserved(
        Reservation(order_id="A-1", line_id="1", sku="mug", location="x", quantity=3)
    )
    story = Story(line(quantity=3), stock=stock)
    story.happened(Released, ref="f1", location="x", lines={"1": 3})
    story.happened(Cancelled, lines={"1": 3})
    story.happened(HoldPlaced, source="qa", code="qa.look")
    story.happened(CancelDeclined, ref="f1")
    step = story.happened(NotFulfilled, ref="f1", lines={"1": 1}, reason="called_back")
    calls = [each for each in step.actions if isinstance(each, CallBack)]
    assert calls == [CallBack(fulfilment="f1", location="x", units={"1": 2})]
    ids = [each.id for each in step.notifications]
    assert len(ids) == len(set(ids))


def test_a_payment_of_which_nobody_said_when_is_dated_by_the_next_authorization() -> None:
    """What was agreed of it before its events stays as it is."""
    story = Story(payments=[Payment(id="card", amount=Decimal(10))])
    story.happened(Authorized, payment="card", amount=Decimal(2), expires_at=NOON + 9 * HOUR)
    [payment] = story.record.order.payments
    assert (payment.authorized_at, payment.expires_at) == (NOON + HOUR, NOON + 9 * HOUR)


def test_a_return_that_was_announced_may_be_inspected_before_it_is_received() -> None:
    """It is known, so nobody has to look; it counts when the goods are there."""
    story = Story(line(quantity=2))
    story.happened(Shipped, parcel="p1", location="x", lines={"1": 2})
    story.happened(ReturnRequested, ref="r1", lines={"1": 1})
    assert story.happened(ReturnInspected, ref="r1", restocked={"1": 1}).refusal is None
    assert "restocked" not in story.units()
    story.happened(ReturnReceived, ref="r1", lines={"1": 1}, location="x", restocked={})
    assert story.units()["restocked"] == 1
