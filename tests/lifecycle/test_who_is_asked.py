"""Money that is missing is asked for once: of the customer while they wait, else of the staff."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from story import FIVE, NOON, Story, asked_of, line

from fulfill_core import OrderRecord, Payment
from fulfill_core.lifecycle import (
    Amended,
    AuthorizationExpired,
    AuthorizationFailed,
    Authorized,
    CallBack,
    Cancelled,
    Captured,
    CaptureFailed,
    CreditGranted,
    Delivered,
    Escalated,
    Event,
    Refunded,
    Rejected,
    Released,
    ReturnReceived,
    Shipped,
    Step,
    Voided,
    cancel,
)
from fulfill_core.wire import from_json, to_json

TEN = 2 * FIVE
ALL: dict[str, Any] = {"parcel": "p1", "location": "x", "lines": {"1": 2}}
TO_COLLECT = "Ask", "payment.to_collect"


def amounts_to_collect(step: Step) -> list[str]:
    """How much the staff is asked to collect."""
    details = [getattr(each, "detail", "") for each in step.actions]
    return [detail.split(" of what")[0] for detail in details if detail]


def half_sent(**content: Any) -> Story:
    """One of two units has left, and its capture is on its way."""
    story = Story(**content)
    story.happened(Shipped, parcel="p1", location="x", lines={"1": 1})
    return story


@pytest.mark.parametrize(
    ("kind", "content", "asked"),
    [
        (Voided, {"payment": "card"}, [("Authorize", "10.00")]),
        (AuthorizationExpired, {"payment": "card"}, [("Authorize", "10.00")]),
        (
            Authorized,
            {"payment": "new", "amount": Decimal(3), "replaces": "card"},
            [("Void", "10.00"), ("Capture", "3.00"), ("Authorize", "7.00")],
        ),
    ],
)
def test_while_something_is_open_the_customer_is_asked_for_what_has_left_as_well(
    kind: type[Event], content: dict[str, Any], asked: list[tuple[str, str]]
) -> None:
    """Nobody of the staff is, now or when it is said once more that a payment is gone."""
    story = half_sent()
    assert asked_of(story.happened(kind, **content)) == asked
    assert asked_of(story.happened(Voided, payment="card", ref="v2")) == []


def test_what_nobody_agreed_to_is_asked_of_the_customer_again() -> None:
    """Another try fails: it is the same money, and they wait still."""
    story = half_sent(payments=[])
    step = story.happened(AuthorizationFailed, payment="card", amount=TEN)
    assert asked_of(step) == [("Authorize", "10.00")]


def test_what_the_customer_was_asked_for_is_left_to_the_staff_when_nothing_is_open() -> None:
    """They wait for nothing any more: what has left is to be collected, or to come back."""
    story = half_sent()
    story.happened(Voided, payment="card")
    step = story.happened(Cancelled)
    assert asked_of(step) == [TO_COLLECT]
    assert [getattr(each, "detail", "").split(" of ")[0] for each in step.actions] == ["5 EUR"]
    assert asked_of(story.happened(AuthorizationFailed, payment="new", amount=FIVE)) == []


def test_what_the_staff_was_asked_for_is_not_asked_of_it_again_when_the_rest_is_cancelled() -> None:
    """Nor is what the customer agreed to meanwhile."""
    story = half_sent(payments=[])
    assert asked_of(story.happened(Cancelled)) == []
    story = half_sent()
    story.happened(Voided, payment="card")
    story.happened(Authorized, payment="new", amount=TEN)
    assert TO_COLLECT not in asked_of(story.happened(Cancelled))


def test_when_all_has_left_the_staff_is_asked_at_once() -> None:
    """However the payment was lost."""
    card = Payment(id="card", amount=TEN, authorized_at=NOON)
    for kind in (Voided, AuthorizationExpired):
        story = Story(payments=[card])
        story.happened(Shipped, parcel="p1", location="x", lines={"1": 2})
        assert asked_of(story.happened(kind, payment="card")) == [TO_COLLECT]


# -- What nobody was asked for, or nobody is any more --------------------------------------------


ENDING = Payment(id="card", amount=TEN, authorized_at=NOON, expires_at=NOON + timedelta(minutes=90))
TAKING_BACK = [Voided, AuthorizationExpired, CaptureFailed]


@pytest.mark.parametrize("kind", [Voided, AuthorizationExpired])
def test_the_customer_is_asked_for_what_ran_out_whenever_that_is_heard(kind: type[Event]) -> None:
    """Until it is said nobody has asked: as if it had been said before the payment ended."""
    story = half_sent(payments=[ENDING])
    step = story.happened(kind, payment="card")
    assert asked_of(step) == [("Authorize", "10.00")]
    assert story.told["customer:payment.needed"] == 1
    assert asked_of(story.happened(kind, payment="card", ref="again")) == []
    assert amounts_to_collect(story.happened(Cancelled)) == ["5 EUR"]


@pytest.mark.parametrize("kind", [Voided, AuthorizationExpired])
@pytest.mark.parametrize("is_late", [True, False])
def test_the_customer_is_asked_once_for_what_ran_out_and_is_said_bit_by_bit(
    kind: type[Event], *, is_late: bool
) -> None:
    """The first word of it asks for all: with its end nothing of it covers the order any more.

    A word that is heard under another id asks nobody, whenever it says that it happened.
    """
    story = half_sent(payments=[ENDING])
    part = {"payment": "card", "amount": Decimal(2)}
    story.hours = 3
    at = {"at": NOON} if is_late else {}
    assert asked_of(story.happened(kind, ref="v1", **part, **at)) == [("Authorize", "10.00")]
    assert asked_of(story.happened(kind, ref="v1", **part, **at)) == []
    if not is_late:
        assert asked_of(story.happened(kind, ref="v2", **part)) == []
        assert asked_of(story.happened(kind, payment="card", ref="v3")) == []
    assert story.told["customer:payment.needed"] == 1


@pytest.mark.parametrize("kind", TAKING_BACK)
def test_what_a_location_has_is_called_back_when_it_is_heard_that_its_payment_ran_out(
    kind: type[Event],
) -> None:
    """It was handed over on that payment, which covers nothing by then."""
    content: dict[str, Any] = {"payment": "card"}
    if kind is CaptureFailed:
        content["amount"] = TEN
    for payment in (ENDING, Payment(id="card", amount=TEN, authorized_at=NOON)):
        story = Story(payments=[payment])
        story.happened(Released, ref="f1", location="x", lines={"1": 2})
        step = story.happened(kind, **content)
        assert [each.units for each in step.actions if isinstance(each, CallBack)] == [(("1", 2),)]


@pytest.mark.parametrize("kind", [Voided, AuthorizationExpired])
def test_the_staff_is_asked_once_for_what_left_on_what_ran_out(kind: type[Event]) -> None:
    """As it leaves, if the payment has run out by then; else when it is heard that it has."""
    story = Story(payments=[ENDING])
    story.hours = 1
    assert amounts_to_collect(story.happened(Shipped, **ALL)) == ["10 EUR"]
    assert asked_of(story.happened(kind, payment="card")) == []
    story = Story(payments=[ENDING])
    assert asked_of(story.happened(Shipped, **ALL)) == [("Capture", "10.00")]
    assert amounts_to_collect(story.happened(kind, payment="card")) == ["10 EUR"]


def test_the_staff_is_asked_where_the_customer_is_not_told() -> None:
    """A host that has nobody told of it has asked nobody to pay."""
    story = half_sent()
    step = story.happened(Voided, payment="card", tell=False)
    assert asked_of(step) == [("Authorize", "10.00"), TO_COLLECT]
    assert asked_of(story.happened(Cancelled)) == []


@pytest.mark.parametrize("kind", [Voided, AuthorizationExpired])
def test_nobody_is_asked_to_pay_an_order_that_was_turned_down(kind: type[Event]) -> None:
    """They wait for nothing of it: what has left the staff collects, and no more."""
    story = half_sent()
    story.happened(Rejected, by="G", reason="fraud")
    step = story.happened(kind, payment="card")
    assert asked_of(step) == [TO_COLLECT]
    assert amounts_to_collect(step) == ["5 EUR"]
    assert story.told["customer:payment.needed"] == 0


def test_what_the_customer_was_asked_for_is_left_to_the_staff_when_it_is_turned_down() -> None:
    """As when the rest is cancelled."""
    story = half_sent()
    story.happened(Voided, payment="card")
    assert amounts_to_collect(story.happened(Rejected, by="G", reason="fraud")) == ["5 EUR"]
    assert asked_of(story.happened(Cancelled)) == []


def test_what_a_host_cancelled_itself_is_left_to_the_staff_with_the_next_word() -> None:
    """Once, also of a record that was kept meanwhile."""
    story = half_sent()
    story.happened(Voided, payment="card")
    story.record, story.stock = cancel(story.record, story.stock)
    assert amounts_to_collect(story.happened(Delivered, parcel="p1")) == ["5 EUR"]
    story.record = from_json(to_json(story.record), OrderRecord)
    assert asked_of(story.happened(Delivered, parcel="p1")) == []


def test_what_the_staff_was_asked_for_since_it_is_not_asked_for_when_nothing_is_open() -> None:
    """Unless the customer was asked for it once more meanwhile: then it was theirs again."""
    story = Story(line(quantity=3))
    story.happened(Voided, payment="card")
    step = story.happened(Shipped, parcel="p1", location="x", lines={"1": 1})
    assert amounts_to_collect(step) == ["5 EUR"]
    kept = story.record, story.stock
    assert asked_of(story.happened(Cancelled)) == []
    story.record, story.stock = kept
    story.happened(Authorized, payment="new", amount=3 * FIVE)
    assert asked_of(story.happened(Voided, payment="new")) == [("Authorize", "15.00")]
    assert amounts_to_collect(story.happened(Cancelled)) == ["5 EUR"]


# -- Less than a coin ----------------------------------------------------------------------------


def test_what_is_asked_of_the_staff_is_not_asked_again_for_a_part_of_a_coin() -> None:
    """4.336 are missing: 4.34 can be collected, and that is not more than it was."""
    story = Story(payments=[])
    assert amounts_to_collect(story.happened(Shipped, **ALL)) == ["10 EUR"]
    story.happened(Captured, payment="card", amount=Decimal("5.664"))
    step = story.happened(AuthorizationFailed, payment="new", amount=FIVE)
    assert asked_of(step) == []


def test_a_capture_as_it_was_asked_for_is_not_too_much() -> None:
    """Though less than half a cent came before: it is nothing to give back."""
    story = Story()
    story.happened(Captured, payment="new", amount=Decimal("0.004"))
    assert asked_of(story.happened(Shipped, **ALL)) == [("Capture", "10.00")]
    step = story.happened(Captured, payment="card", amount=TEN)
    assert asked_of(step) == []
    assert story.told["staff:payment.problem"] == 0
    story = Story()
    story.happened(Captured, payment="new", amount=Decimal("0.006"))
    story.happened(Captured, payment="card", amount=TEN)
    assert story.told["staff:payment.problem"] == 1


def test_what_the_staff_collects_it_is_not_asked_for_again_when_a_payment_fails() -> None:
    """All has left unpaid, and the staff was asked; that a card fails changes nothing of it."""
    story = Story(line(quantity=2), payments=[])
    assert asked_of(story.happened(Shipped, **ALL)) == [TO_COLLECT]
    story.happened(AuthorizationFailed, payment="gift", amount=TEN)
    assert story.told["customer:payment.failed"] == 1
    assert asked_of(story.happened(Escalated, code="staff.look", detail="Look.")) == []


@pytest.mark.parametrize("kind", [Voided, AuthorizationExpired])
def test_what_is_to_be_let_go_pays_for_nothing_before_it_is_gone_either(kind: type[Event]) -> None:
    """All was cancelled and left all the same: the staff is asked once, not again as it is gone."""
    story = Story()
    assert asked_of(story.happened(Cancelled)) == [("Void", "10.00")]
    assert asked_of(story.happened(Shipped, **ALL)) == [TO_COLLECT]
    assert asked_of(story.happened(kind, payment="card")) == []


@pytest.mark.parametrize(
    ("kind", "content", "units_kept"),
    [
        (CreditGranted, {"amount": FIVE}, 1),
        (ReturnReceived, {"ref": "r1", "location": "x", "lines": {"1": 1}}, 1),
        (ReturnReceived, {"ref": "r1", "location": "x", "lines": {"1": 2}}, 0),
    ],
)
@pytest.mark.parametrize("is_back", [True, False])
def test_what_is_charged_after_money_went_back_is_asked_of_the_staff(
    kind: type[Event], content: dict[str, Any], units_kept: int, *, is_back: bool
) -> None:
    """Nothing is open any more; what is on its way back pays for nothing, and is not kept."""
    story = Story()
    story.happened(Shipped, **ALL)
    story.happened(Captured, payment="card", amount=TEN, ref="c1")
    [refund] = story.happened(kind, **content).actions
    money_back = {"payment": "card", "amount": TEN - units_kept * FIVE, "ref": "b1"}
    assert getattr(refund, "amount", 0) == money_back["amount"]
    if is_back:
        story.happened(Refunded, **money_back)
    step = story.happened(Amended, shipping=Decimal(3))
    assert (asked_of(step), amounts_to_collect(step)) == ([TO_COLLECT], ["3 EUR"])
    if not is_back:
        assert asked_of(story.happened(Refunded, **money_back)) == []
