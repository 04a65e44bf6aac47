"""Money follows units: what is asked for, and what gateways report."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from story import FIVE, NOON, Story, asked_of, code_of, line

from fulfill_core import Payment
from fulfill_core.lifecycle import (
    Amended,
    AuthorizationExpired,
    AuthorizationFailed,
    Authorized,
    Cancelled,
    Captured,
    CaptureFailed,
    CaptureRequested,
    ChargedBack,
    CreditGranted,
    DisputeOpened,
    Effect,
    PaymentState,
    Refunded,
    RefundFailed,
    RefundRequested,
    Rejected,
    Released,
    ReturnReceived,
    Rules,
    Shipped,
    Tracked,
    Voided,
    payment_state,
)

TEN = Decimal(10)
DAY = timedelta(days=1)
CARD: dict[str, Any] = {"payment": "card"}


def paid(**content: Any) -> Story:
    """An order of two mugs that was captured as it was placed."""
    return Story(payments=[Payment(id="card", amount=TEN, status="captured")], **content)


def amounts(story: Story, payment: str = "card") -> list[Decimal]:
    """Authorised, captured, refunded, charged back."""
    [each] = [each for each in story.record.order.payments if each.id == payment]
    return [each.authorized, each.captured, each.refunded, each.charged_back]


# -- Captured --------------------------------------------------------------------------------------


def test_a_parcel_asks_for_its_own_part_before_the_first_is_captured() -> None:
    """What was asked for and has not come yet is not asked for again."""
    story = Story(line(quantity=3))
    for number in range(3):
        step = story.happened(Shipped, parcel=f"p{number}", location="x", lines={"1": 1})
        assert asked_of(step) == [("Capture", "5.00")]
    story.happened(Captured, amount=Decimal(15), ref="c1", **CARD)
    assert payment_state(story.record) is PaymentState.PAID


@pytest.mark.parametrize(
    ("charges", "parts"),
    [("first", ["11.67", "3.33"]), ("last", ["6.67", "8.33"]), ("share", ["10.01", "4.99"])],
)
def test_charges_come_with_the_parcel_that_a_shop_says(charges: str, parts: list[str]) -> None:
    """The last parcel takes the rest of the rounding."""
    lines = [line(quantity=3, unit_price=Decimal("3.50"), discount=Decimal("0.50"))]
    story = Story(*lines, shipping=FIVE, rules=Rules(charges=charges))
    asked = [
        asked_of(story.happened(Shipped, parcel=str(units), location="x", lines={"1": units}))
        for units in (2, 1)
    ]
    assert asked == [[("Capture", part)] for part in parts]


@pytest.mark.parametrize(
    ("charges", "parts"),
    [("first", ["12.67", "3.33"]), ("last", ["6.67", "9.33"]), ("share", ["10.67", "5.33"])],
)
def test_a_tax_beside_the_lines_comes_with_what_sending_costs(
    charges: str, parts: list[str]
) -> None:
    """It is one of the charges of the order."""
    lines = [line(quantity=3, unit_price=Decimal("3.50"), discount=Decimal("0.50"))]
    story = Story(*lines, shipping=FIVE, tax=Decimal(1), rules=Rules(charges=charges))
    asked = [
        asked_of(story.happened(Shipped, parcel=str(units), location="x", lines={"1": units}))
        for units in (2, 1)
    ]
    assert asked == [[("Capture", part)] for part in parts]


def test_the_first_tender_is_captured_first() -> None:
    """No payment more than it has; what is missing somebody has to collect."""
    payments = [
        Payment(id="b", amount=Decimal(3), authorized_at=NOON),
        Payment(id="a", amount=Decimal(4), authorized_at=NOON.replace(hour=13)),
    ]
    story = Story(payments=payments)
    step = story.happened(Shipped, parcel="p1", location="x", lines={"1": 2})
    assert asked_of(step) == [
        ("Capture", "3.00"),
        ("Capture", "4.00"),
        ("Ask", "payment.to_collect"),
    ]
    assert asked_of(story.happened(Authorized, payment="c", amount=FIVE)) == [("Capture", "3.00")]


def test_an_authorization_that_has_run_out_is_not_captured() -> None:
    """Nor does it cover what is to be handed over."""
    payment = Payment(id="card", amount=TEN, expires_at=NOON)
    story = Story(payments=[payment])
    assert code_of(story.happened(Released, ref="f1", location="x", lines={"1": 1})) == (
        "payment.not_covered"
    )
    step = story.happened(Shipped, parcel="p1", location="x", lines={"1": 2})
    assert asked_of(step) == [("Ask", "payment.to_collect")]


def test_a_payment_that_was_pending_ends_when_its_authorization_does() -> None:
    """The gateway says so when it agrees, not before; what is authorised already keeps its end."""
    ends = NOON + timedelta(days=7)
    pending = Payment(id="card", amount=TEN, status="pending")
    for payment, expected in (
        (pending, (NOON, ends)),
        (Payment(id="card", amount=TEN, authorized_at=NOON - DAY), (NOON - DAY, None)),
    ):
        story = Story(payments=[payment])
        story.happened(Authorized, payment="card", amount=TEN, expires_at=ends, at=NOON, ref="a1")
        [after] = story.record.order.payments
        assert (after.authorized_at, after.expires_at) == expected


def test_more_than_is_due_goes_back() -> None:
    """And the staff is told; in the order's currency only."""
    story = Story(payments=[])
    step = story.happened(Captured, payment="pix", amount=Decimal(12), ref="c1")
    assert asked_of(step) == [("Refund", "2.00"), ("Release", "")]
    assert story.told == {"staff:payment.problem": 1}
    yen = Payment(id="yen", amount=Decimal(900), currency="JPY", status="captured")
    assert payment_state(Story(payments=[yen]).record) is PaymentState.UNPAID


def test_a_capture_twice_is_one_and_another_amount_contradicts() -> None:
    """By its reference, under any event id."""
    story = Story()
    story.happened(Captured, amount=FIVE, ref="c1", **CARD)
    assert story.told["customer:payment.received"] == 1
    assert story.happened(Captured, amount=FIVE, ref="c1", **CARD).effect is Effect.DUPLICATE
    assert code_of(story.happened(Captured, amount=TEN, ref="c1", **CARD)) == "event.conflict"
    assert amounts(story) == [5, 5, 0, 0]
    assert story.told["staff:payment.problem"] == 1


def test_a_void_twice_is_one_and_another_amount_contradicts() -> None:
    """What creates nothing has no duplicates, and changes nothing the second time."""
    story = Story()
    assert story.happened(Voided, amount=FIVE, ref="v1", **CARD).effect is Effect.APPLIED
    assert story.happened(Voided, amount=FIVE, ref="v1", **CARD).effect is Effect.NO_CHANGE
    assert code_of(story.happened(Voided, amount=TEN, ref="v1", **CARD)) == "event.conflict"
    assert code_of(story.happened(Voided, payment="new")) == "payment.unknown"
    assert amounts(story) == [5, 0, 0, 0]


def test_a_capture_that_fails_stops_the_goods() -> None:
    """A person decides; what was authorised is not asked for again by itself, until it works."""
    story = Story()
    story.happened(Released, ref="f1", location="x", lines={"1": 2})
    step = story.happened(CaptureFailed, amount=TEN, ref="c1", **CARD)
    assert asked_of(step) == [("CallBack", ""), ("Ask", "payment.capture_failed")]
    assert amounts(story) == [10, 0, 0, 0]
    assert story.happened(CaptureFailed, amount=TEN, ref="c1", **CARD).effect is Effect.NO_CHANGE
    step = story.happened(Captured, amount=TEN, ref="c2", **CARD)
    assert step.effect is Effect.APPLIED
    assert story.told["customer:payment.failed"] == 1
    assert story.told["customer:payment.received"] == 1


def test_where_all_pay_later_nothing_is_called_back() -> None:
    """A failure of money stops nothing there."""
    story = Story(rules=Rules(unpaid_leaves=True))
    story.happened(Released, ref="f1", location="x", lines={"1": 2})
    step = story.happened(CaptureFailed, amount=TEN, **CARD)
    assert asked_of(step) == [("Ask", "payment.capture_failed")]


# -- More ------------------------------------------------------------------------------------------


def test_what_ran_out_is_asked_for_anew() -> None:
    """Only while goods are open; what is at a location is called back."""
    story = Story()
    story.happened(Released, ref="f1", location="x", lines={"1": 2})
    step = story.happened(AuthorizationExpired, **CARD)
    assert asked_of(step) == [("CallBack", ""), ("Authorize", "10.00")]
    assert story.told["customer:payment.needed"] == 1
    assert story.happened(AuthorizationExpired, **CARD).effect is Effect.NO_CHANGE
    step = story.happened(AuthorizationFailed, payment="card2", amount=TEN)
    assert asked_of(step) == [("Authorize", "10.00")]
    assert story.told["customer:payment.failed"] == 1
    step = story.happened(Authorized, payment="card3", amount=TEN, method="wallet")
    assert step.record.order.payments[1].method == "wallet"
    assert story.happened(AuthorizationFailed, payment="card4", amount=TEN).effect is (
        Effect.NO_CHANGE
    )


def test_what_is_covered_may_leave() -> None:
    """Payment by payment: once when it is authorised, once when it is all paid."""
    story = Story(payments=[])
    assert asked_of(story.happened(Authorized, amount=FIVE, **CARD)) == []
    assert asked_of(story.happened(Authorized, payment="b", amount=FIVE)) == [("Release", "")]
    assert asked_of(story.happened(Captured, amount=FIVE, **CARD)) == []
    assert asked_of(story.happened(Captured, payment="b", amount=FIVE)) == [("Release", "")]


def test_a_payment_takes_the_place_of_another() -> None:
    """The old one is voided, and the new one captured; of one that is not there, nothing."""
    story = Story()
    step = story.happened(Authorized, payment="card2", amount=TEN, replaces="card")
    assert asked_of(step)[:2] == [("Void", "10.00"), ("Capture", "10.00")]
    story = Story(payments=[])
    step = story.happened(Authorized, amount=TEN, replaces="card", **CARD)
    assert asked_of(step)[0] == ("Capture", "10.00")
    story = paid()
    step = story.happened(Authorized, payment="card2", amount=TEN, replaces="card9")
    assert asked_of(step) == [("Void", "10.00")]


def test_an_exchange_asks_for_the_difference() -> None:
    """What comes back is worth what it cost; another article goes on a line of its own."""
    story = paid()
    story.happened(Shipped, parcel="p1", location="x", lines={"1": 2})
    new = line("2", 1, unit_price=Decimal(7), replaces="1")
    assert asked_of(story.happened(Amended, added=[new])) == [("Authorize", "2.00")]
    step = story.happened(ReturnReceived, lines={"1": 1}, location="x")
    assert (asked_of(step), story.record.due) == ([], 12)


# -- Back ------------------------------------------------------------------------------------------


def test_what_fails_to_go_back_is_owed_and_asked_for_by_a_person() -> None:
    """And asked for once more then."""
    story = paid()
    assert asked_of(story.happened(Cancelled)) == [("Refund", "10.00")]
    assert story.happened(RefundRequested, amount=TEN, **CARD).effect is Effect.NO_CHANGE
    story.happened(Refunded, amount=TEN, ref="r1", **CARD)
    assert payment_state(story.record) is PaymentState.REFUNDED
    assert story.happened(Refunded, amount=TEN, ref="r1", **CARD).effect is Effect.DUPLICATE
    step = story.happened(RefundFailed, amount=TEN, ref="r1", **CARD)
    assert asked_of(step) == [("Ask", "payment.refund_failed")]
    assert story.happened(RefundFailed, amount=TEN, ref="r1", **CARD).effect is Effect.NO_CHANGE
    assert payment_state(story.record) is PaymentState.TO_REFUND
    assert asked_of(story.happened(RefundRequested, amount=TEN, **CARD)) == [("Refund", "10.00")]


def test_a_failure_before_its_refund_is_a_failure() -> None:
    """In either sequence nothing went back."""
    story = paid()
    story.happened(RefundFailed, amount=TEN, ref="r1", **CARD)
    assert story.happened(Refunded, amount=TEN, ref="r1", **CARD).effect is Effect.NO_CHANGE
    assert amounts(story) == [0, 10, 0, 0]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ({"payment": "new", "amount": FIVE}, "payment.unknown"),
        ({"payment": "card", "amount": FIVE}, "refund.not_owed"),
    ],
)
def test_no_more_is_given_back_than_is_owed(content: dict[str, Any], code: str) -> None:
    """Nor to a payment that is none of the order's."""
    assert code_of(paid().happened(RefundRequested, **content)) == code


def test_more_than_came_cannot_go_back() -> None:
    """It is kept, told, and counts when the capture is reported."""
    story = Story()
    step = story.happened(Refunded, amount=TEN, ref="r1", **CARD)
    assert (code_of(step), amounts(story)) == ("refund.no_room", [10, 0, 0, 0])
    assert story.told == {"staff:payment.problem": 1}
    story.happened(Captured, amount=TEN, ref="c1", **CARD)
    assert amounts(story) == [0, 10, 10, 0]
    step = story.happened(Refunded, payment="new", amount=FIVE, ref="r2")
    assert code_of(step) == "refund.no_room"


def test_the_bank_takes_money_back() -> None:
    """No more than came and was not given back; somebody has to look."""
    story = paid()
    step = story.happened(DisputeOpened, amount=TEN, **CARD)
    assert asked_of(step) == [("Ask", "payment.disputed")]
    step = story.happened(ChargedBack, amount=FIVE, ref="b1", **CARD)
    assert asked_of(step) == [("Ask", "payment.charged_back")]
    assert code_of(story.happened(ChargedBack, amount=TEN, ref="b2", **CARD)) == (
        "chargeback.no_room"
    )
    assert story.happened(ChargedBack, amount=FIVE, ref="b1", **CARD).effect is Effect.NO_CHANGE
    assert code_of(story.happened(ChargedBack, amount=TEN, ref="b1", **CARD)) == "event.conflict"
    assert (amounts(story), story.record.due) == ([0, 10, 0, 5], 10)
    assert code_of(story.happened(ChargedBack, payment="new", amount=TEN)) == "chargeback.no_room"


def test_a_credit_lowers_what_is_due_to_nothing_at_most() -> None:
    """With shipping that is changed in between: the last word counts."""
    story = paid(shipping=Decimal(0))
    assert asked_of(story.happened(CreditGranted, amount=Decimal(4))) == [("Refund", "4.00")]
    story.happened(Amended, shipping=Decimal(3))
    assert story.record.due == 9
    story.happened(Amended, shipping=Decimal(1), at=NOON)
    assert story.record.due == 9
    step = story.happened(CreditGranted, amount=TEN)
    # What sending cost more was not covered while the first refund was on its way: now it is.
    assert (asked_of(step), story.record.due) == ([("Refund", "6.00"), ("Release", "")], 0)


def test_an_order_that_is_turned_down_gives_all_back() -> None:
    """But for what has left."""
    gift = Payment(id="gift", amount=Decimal(4), status="captured", authorized_at=NOON)
    card = Payment(id="card", amount=Decimal(6), authorized_at=NOON)
    story = Story(payments=[gift, card])
    step = story.happened(Rejected, by="Grace", reason="fraud")
    assert asked_of(step) == [("Void", "6.00"), ("Refund", "4.00")]
    story.happened(Shipped, parcel="p1", location="x", lines={"1": 1})
    assert asked_of(story.happened(Refunded, payment="gift", amount=Decimal(4))) == []
    assert story.told["staff:payment.problem"] == 0


def test_what_goes_back_and_was_not_owed_is_told() -> None:
    """Somebody gave it back at the gateway: nobody is asked to capture it again."""
    story = paid()
    story.happened(Shipped, parcel="p1", location="x", lines={"1": 2})
    step = story.happened(Refunded, amount=FIVE, ref="r1", **CARD)
    assert (step.actions, payment_state(story.record)) == ((), PaymentState.PARTLY_PAID)
    assert story.told["staff:payment.problem"] == 1
    assert story.told["customer:payment.partly_refunded"] == 1


# -- Captured because a person wants it ------------------------------------------------------------


def test_what_failed_is_captured_once_more_when_a_person_says_so() -> None:
    """Once, until somebody says what came of it; and what comes then is what was asked for."""
    story = Story()
    assert asked_of(story.happened(Shipped, parcel="p1", location="x", lines={"1": 2})) == [
        ("Capture", "10.00")
    ]
    story.happened(CaptureFailed, amount=TEN, ref="c1", **CARD)
    step = story.happened(CaptureRequested, amount=TEN, **CARD)
    assert (asked_of(step), step.effect) == ([("Capture", "10.00")], Effect.APPLIED)
    step = story.happened(Captured, amount=TEN, ref="c2", **CARD)
    assert (asked_of(step), amounts(story)) == ([], [0, 10, 0, 0])


def test_a_person_may_have_captured_what_has_not_left() -> None:
    """It is remembered: what leaves then asks for the rest."""
    story = Story()
    assert asked_of(story.happened(CaptureRequested, amount=FIVE, **CARD)) == [("Capture", "5.00")]
    step = story.happened(Shipped, parcel="p1", location="x", lines={"1": 2})
    assert asked_of(step) == [("Capture", "5.00")]


@pytest.mark.parametrize(
    ("amount", "payment", "code"),
    [
        (TEN, "new", "payment.unknown"),
        (TEN + FIVE, "card", "capture.not_authorized"),
        (TEN, "card", "capture.not_due"),
    ],
)
def test_no_more_is_captured_than_is_authorized_and_due(
    amount: Decimal, payment: str, code: str
) -> None:
    """Whoever wants it."""
    story = Story()
    story.happened(CreditGranted, amount=FIVE)
    step = story.happened(CaptureRequested, amount=amount, payment=payment)
    assert (code_of(step), step.actions, step.record.history.asked_amounts) == (code, (), ())


def test_what_ran_out_is_not_captured() -> None:
    """Nor what failed before it did."""
    card = Payment(id="card", amount=TEN, authorized_at=NOON, expires_at=NOON + timedelta(hours=3))
    story = Story(payments=[card])
    story.happened(Shipped, parcel="p1", location="x", lines={"1": 2})
    story.happened(CaptureFailed, amount=TEN, ref="c1", **CARD)
    step = story.happened(CaptureRequested, amount=TEN, **CARD)
    assert code_of(step) == "capture.not_authorized"


def test_what_was_asked_for_is_not_due_again() -> None:
    """A second request for the same money is refused."""
    story = Story()
    story.happened(CaptureRequested, amount=TEN, **CARD)
    assert code_of(story.happened(CaptureRequested, amount=TEN, **CARD)) == "capture.not_authorized"


def test_a_scan_asks_for_no_money() -> None:
    """What a person is to see to is not asked for anew by an event that moves neither."""
    story = paid()
    story.happened(Shipped, parcel="p1", location="x", lines={"1": 2})
    story.happened(Refunded, amount=FIVE, ref="r1", **CARD)
    assert story.happened(Tracked, parcel="p1").actions == ()
