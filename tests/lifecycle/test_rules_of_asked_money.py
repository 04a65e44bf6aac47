"""What is asked for of which payment: what is on its way, what was said before, and no more."""

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
    Event,
    PaymentState,
    Refunded,
    RefundFailed,
    RefundRequested,
    Rejected,
    Released,
    ReturnRequested,
    Shipped,
    Step,
    Tracked,
    Voided,
    payment_state,
)

TEN = Decimal(10)
HOUR = timedelta(hours=1)
CARD: dict[str, Any] = {"payment": "card"}
BOTH: dict[str, Any] = {"parcel": "p1", "location": "x", "lines": {"1": 2}}


def card(name: str = "card", amount: Decimal = TEN, **content: Any) -> Payment:
    """A payment that was agreed to at noon."""
    return Payment(id=name, amount=amount, authorized_at=NOON, **content)


def sent(parcel: str, units: int = 1) -> dict[str, Any]:
    """What is said of a parcel of mugs."""
    return {"parcel": parcel, "location": "x", "lines": {"1": units}}


def reasons_of(step: Step) -> list[str]:
    """The codes of what the staff is told of the money."""
    return [code for each in step.notifications for code, _ in each.reasons]


# -- What is on its way ----------------------------------------------------------------------------


def test_what_was_let_go_is_not_what_was_captured() -> None:
    """What was asked for of a payment is waited for still, whatever else becomes of the payment."""
    story = Story()
    assert asked_of(story.happened(Shipped, **sent("p1"))) == [("Capture", "5.00")]
    story.happened(Voided, amount=Decimal(2), **CARD)
    assert asked_of(story.happened(Shipped, **sent("p2"))) == [
        ("Capture", "3.00"),
        ("Ask", "payment.to_collect"),
    ]


def test_each_payment_waits_for_its_own_money() -> None:
    """That one of two came says nothing of the other."""
    story = Story(payments=[card("a", FIVE), card("b", FIVE)])
    assert asked_of(story.happened(Shipped, **BOTH)) == [("Capture", "5.00"), ("Capture", "5.00")]
    story.happened(Captured, payment="a", amount=FIVE)
    step = story.happened(CaptureRequested, payment="b", amount=FIVE)
    assert (code_of(step), step.actions) == ("capture.not_authorized", ())


def test_money_that_was_there_before_is_not_what_was_asked_for() -> None:
    """A payment of which a part had come: the rest is asked for once, though some of it comes."""
    payment = card(status=None, authorized=FIVE, captured=FIVE)
    story = Story(payments=[payment])
    assert asked_of(story.happened(Shipped, **BOTH)) == [("Capture", "5.00")]
    story.happened(Captured, amount=Decimal(2), **CARD)
    step = story.happened(CaptureRequested, amount=Decimal(3), **CARD)
    assert (code_of(step), step.actions) == ("capture.not_authorized", ())


def test_the_failure_of_one_payment_is_not_that_of_another() -> None:
    """Though their gateways call the two by the same number."""
    story = Story(line(quantity=4), payments=[card("a", FIVE), card("b", 3 * FIVE)])
    assert asked_of(story.happened(Shipped, **sent("p1", 2))) == [
        ("Capture", "5.00"),
        ("Capture", "5.00"),
    ]
    story.happened(CaptureFailed, payment="a", amount=FIVE, ref="c1")
    story.happened(Captured, payment="b", amount=FIVE, ref="c1")
    step = story.happened(Shipped, **sent("p2"))
    assert [(each.payment, each.amount) for each in step.actions] == [("b", FIVE)]


@pytest.mark.parametrize(
    ("payments", "events", "rows"),
    [
        ([card(status="captured")], [(Cancelled, {})], [("refund", "card", TEN)]),
        (
            [card("a", FIVE, status="captured"), card("b", FIVE, status="captured")],
            [(Cancelled, {"lines": {"1": 1}})],
            [("refund", "b", FIVE)],
        ),
        ([card("a"), card("b")], [(Shipped, BOTH)], [("capture", "a", TEN)]),
        (
            [card(status="captured")],
            [(Authorized, {"payment": "b", "amount": TEN, "replaces": "c"})],
            [("void", "b", TEN)],
        ),
    ],
)
def test_nothing_is_remembered_of_what_nobody_was_asked(
    payments: list[Payment], events: list[Any], rows: list[Any]
) -> None:
    """Of each payment that has to do something; of the others there is nothing to wait for."""
    story = Story(payments=payments)
    for kind, content in events:
        story.happened(kind, **content)
    assert [*story.record.history.asked_amounts] == rows


# -- What a person has to see to -------------------------------------------------------------------


def test_nobody_is_asked_twice_to_collect_the_same_money() -> None:
    """What left unpaid is asked for once: not again, because another card is refused as well."""
    story = Story(payments=[])
    assert asked_of(story.happened(Shipped, **sent("p1"))) == [("Ask", "payment.to_collect")]
    step = story.happened(AuthorizationFailed, amount=FIVE, **CARD)
    assert ("Ask", "payment.to_collect") not in asked_of(step)
    assert asked_of(story.happened(Shipped, **sent("p2"))) == [("Ask", "payment.to_collect")]


@pytest.mark.parametrize(
    ("currency", "price", "text"), [("EUR", "3.335", "3.34 EUR"), ("JPY", "3.5", "4 JPY")]
)
def test_what_costs_no_whole_coin_is_to_be_collected_once(
    currency: str, price: str, text: str
) -> None:
    """The part of a coin that is added to what can be paid is no money more to collect."""
    lines = [line(number, 1, unit_price=Decimal(price)) for number in ("1", "2")]
    story = Story(*lines, currency=currency, payments=[])
    step = story.happened(Shipped, parcel="p1", location="x", lines={"1": 1})
    assert [getattr(each, "detail", "")[: len(text)] for each in step.actions] == [text]
    further: list[tuple[type[Event], dict[str, Any]]] = [
        (AuthorizationFailed, {"amount": FIVE, **CARD}),
        (CreditGranted, {"amount": Decimal("0.01")}),
        (Amended, {"ordered": {"2": 2}}),
    ]
    for kind, content in further:
        step = story.happened(kind, **content)
        assert ("Ask", "payment.to_collect") not in asked_of(step)


def test_a_customer_is_not_asked_to_agree_to_what_has_left() -> None:
    """When all has left a person collects it."""
    story = Story()
    story.happened(Shipped, **BOTH)
    step = story.happened(AuthorizationExpired, **CARD)
    assert asked_of(step) == [("Ask", "payment.to_collect")]


def test_what_a_host_sent_itself_it_has_captured_itself() -> None:
    """A scan of a parcel, or a return that is announced, asks for no money of it."""
    story = Story()
    story.record = story.record.with_progress("1", shipped=2)
    assert story.happened(Tracked, parcel="p1", stage="in_transit").actions == ()
    assert story.happened(ReturnRequested, lines={"1": 1}).actions == ()


def test_money_that_did_not_come_is_not_too_much() -> None:
    """Its failure was heard of first: nobody has to look at it for another reason."""
    story = Story()
    story.happened(Shipped, **sent("p1"))
    story.happened(CaptureFailed, amount=TEN, ref="c1", **CARD)
    step = story.happened(Captured, amount=TEN, ref="c1", **CARD)
    assert (step.notifications, step.actions) == ((), ())


def test_what_could_not_go_back_is_told_for_that_reason_alone() -> None:
    """Nothing went back, so nothing went back that was not owed."""
    step = Story().happened(Refunded, amount=TEN, **CARD)
    assert reasons_of(step) == ["refund.no_room"]


def test_to_the_cent_what_was_too_much_may_go_back() -> None:
    """What is left then is what is owed."""
    story = Story(payments=[card(amount=2 * TEN, status="captured")])
    step = story.happened(Refunded, amount=TEN, **CARD)
    assert payment_state(story.record) is PaymentState.PAID
    assert reasons_of(step) == ["amount", "currency", "refunded:card"]


def test_what_was_turned_down_was_that_version_of_the_order() -> None:
    """Of another one what is paid is due."""
    story = Story(payments=[])
    story.happened(Rejected, by="Grace")
    story.happened(Amended, ordered={"1": 3})
    assert asked_of(story.happened(Captured, amount=3 * FIVE, **CARD)) == [("Release", "")]
    assert story.told["staff:payment.problem"] == 0


def test_an_end_that_leaves_enough_is_no_problem() -> None:
    """Of two payments that cover all of it one may run out."""
    step = Story(payments=[card("a"), card("b")]).happened(AuthorizationExpired, payment="b")
    assert (step.effect, step.actions, step.notifications) == (Effect.APPLIED, (), ())


def test_the_staff_hears_of_a_dispute_and_of_money_that_contradicts() -> None:
    """By the code of what is wrong, in the message about money."""
    story = Story(payments=[card(status="captured")])
    assert reasons_of(story.happened(DisputeOpened, amount=TEN, **CARD)) == ["payment.disputed"]
    story.happened(Voided, amount=FIVE, ref="v1", **CARD)
    assert reasons_of(story.happened(Voided, amount=TEN, ref="v1", **CARD)) == ["event.conflict"]


# -- What a gateway says ---------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [Captured, Refunded])
def test_a_movement_without_a_number_goes_by_the_id_of_its_event(kind: Any) -> None:
    """Another source reported it under that number: it is the same one, and nothing is new."""
    story = Story(payments=[card(status=None, authorized=FIVE, captured=FIVE)])
    story.happened(kind, id="x1", amount=FIVE, ref="e1", **CARD)
    assert story.happened(kind, id="e1", amount=FIVE, **CARD).effect is Effect.DUPLICATE
    assert code_of(story.happened(kind, id="e1", amount=TEN, **CARD)) == "event.conflict"


@pytest.mark.parametrize("kind", [Authorized, Voided, ChargedBack])
def test_what_changes_an_amount_without_a_number_changes_it_once(kind: Any) -> None:
    """Another source said it under that number before."""
    story = Story(payments=[card(status=None, authorized=FIVE, captured=FIVE)])
    story.happened(kind, id="x1", amount=Decimal(2), ref="e1", **CARD)
    [before] = story.record.order.payments
    assert story.happened(kind, id="e1", amount=Decimal(2), **CARD).effect is Effect.NO_CHANGE
    assert story.record.order.payments == (before,)


def test_another_amount_under_the_same_id_contradicts() -> None:
    """An event that creates nothing is known by its id and by all that it says."""
    story = Story(payments=[])
    content: dict[str, Any] = {"id": "e1", "at": NOON, **CARD}
    story.happened(AuthorizationFailed, amount=TEN, **content)
    assert story.happened(AuthorizationFailed, amount=TEN, **content).effect is Effect.DUPLICATE
    assert code_of(story.happened(AuthorizationFailed, amount=FIVE, **content)) == "event.conflict"


def test_the_first_word_of_an_authorization_dates_it_not_an_earlier_capture() -> None:
    """Clocks of two sources differ: what was agreed to is as old as its agreement."""
    story = Story(payments=[])
    story.happened(Captured, amount=FIVE, at=NOON + HOUR, **CARD)
    story.happened(Authorized, amount=TEN, at=NOON + 2 * HOUR, **CARD)
    [payment] = story.record.order.payments
    assert payment.authorized_at == NOON + 2 * HOUR


@pytest.mark.parametrize("hours", [(5, 7), (7, 5)])
def test_of_two_ends_the_earlier_counts(hours: tuple[int, int]) -> None:
    """Whichever was heard of first."""
    story = Story(payments=[])
    for number in hours:
        story.happened(Authorized, amount=FIVE, expires_at=NOON + number * HOUR, **CARD)
    [payment] = story.record.order.payments
    assert payment.expires_at == NOON + 5 * HOUR


def test_a_refused_card_is_a_change_though_all_has_left() -> None:
    """The customer hears of it as well, as long as something is missing."""
    story = Story(payments=[])
    story.happened(Shipped, **BOTH)
    assert story.happened(AuthorizationFailed, amount=TEN, **CARD).effect is Effect.APPLIED
    assert story.told["customer:payment.failed"] == 1


def test_what_has_not_run_out_yet_can_be_captured() -> None:
    """An end that is still to come is none; at the end it is one."""
    story = Story(payments=[card(expires_at=NOON + 2 * HOUR)])
    assert asked_of(story.happened(CaptureRequested, amount=FIVE, **CARD)) == [("Capture", "5.00")]
    step = story.happened(CaptureRequested, amount=FIVE, **CARD)
    assert code_of(step) == "capture.not_authorized"


@pytest.mark.parametrize("kind", [CaptureFailed, RefundFailed])
def test_a_failure_without_a_number_goes_by_the_id_of_its_event(kind: Any) -> None:
    """Reported under that number before, it is known; reported for the first time, it is not."""
    story = Story(payments=[card(status=None, authorized=FIVE, captured=FIVE)])
    first = story.happened(kind, id="x1", amount=FIVE, ref="e1", **CARD)
    again = story.happened(kind, id="e1", amount=FIVE, **CARD)
    other = story.happened(kind, id="e2", amount=FIVE, **CARD)
    assert [each.effect for each in (first, again, other)] == [
        Effect.APPLIED,
        Effect.NO_CHANGE,
        Effect.APPLIED,
    ]


def test_no_payment_gives_back_more_than_came_of_it() -> None:
    """However much is owed of all of them together."""
    story = Story(payments=[card("a", Decimal(3), status="captured"), card("b", status="captured")])
    story.happened(Cancelled)
    step = story.happened(RefundRequested, payment="a", amount=FIVE)
    assert step.refusal is not None
    assert (step.refusal.code, step.refusal.detail) == (
        "refund.not_owed",
        "3 are owed to it, not 5.",
    )


def test_a_part_of_what_failed_is_given_back_if_a_person_says_so() -> None:
    """As much as they say; and no more than failed."""
    for failed, wanted, amount in ((TEN, FIVE, "5.00"), (FIVE, TEN, "5.00")):
        story = Story(payments=[card(status="captured")])
        story.happened(Cancelled)
        story.happened(RefundFailed, amount=failed, ref="r1", **CARD)
        step = story.happened(RefundRequested, amount=wanted, **CARD)
        assert asked_of(step) == [("Refund", amount)]


# -- What may leave, by its money ------------------------------------------------------------------


def test_what_is_called_back_for_its_money_is_called_back_when_that_is_missed() -> None:
    """Not again with each further failure, and not because the customer agreed to some of it."""
    story = Story(payments=[card(amount=TEN, expires_at=NOON + 9 * HOUR)])
    story.happened(Released, ref="f1", location="x", lines={"1": 1})
    first = asked_of(story.happened(AuthorizationExpired, **CARD))
    assert first == [("CallBack", ""), ("Authorize", "10.00")]
    assert asked_of(story.happened(Authorized, payment="b", amount=FIVE)) == []
    assert asked_of(story.happened(Voided, payment="b")) == [("Authorize", "5.00")]


def test_an_amendment_that_costs_more_than_was_agreed_to_calls_back() -> None:
    """Nothing leaves until its customer has agreed; where they pay later it may."""
    story = Story()
    story.happened(Released, ref="f1", location="x", lines={"1": 2})
    step = story.happened(Amended, shipping=FIVE)
    assert asked_of(step) == [("CallBack", ""), ("Authorize", "5.00")]
