"""Money in the place of other money, money of another currency, and goods that may leave for it."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from story import FIVE, NOON, Story, asked_of, code_of, line

from fulfill_core import Payment
from fulfill_core.lifecycle import (
    Amended,
    AuthorizationFailed,
    Authorized,
    Cancelled,
    Capture,
    Captured,
    CaptureFailed,
    Effect,
    Lost,
    PaymentState,
    Refunded,
    Release,
    Released,
    ReturnReceived,
    ShipmentVoided,
    Shipped,
    Step,
    Voided,
    payment_state,
)

TEN = 2 * FIVE
NEW: dict[str, Any] = {"payment": "new", "amount": TEN}
CARD = Payment(id="card", amount=TEN, authorized_at=NOON)
PAID = Payment(id="card", amount=TEN, status="captured", authorized_at=NOON)


def dollars(**content: Any) -> Payment:
    """Fifty dollars, of an order in euros."""
    return Payment(id="usd", amount=Decimal(50), currency="USD", **content)


def faults_of(step: Step) -> list[str]:
    """What the staff is told of the money of a step, in words."""
    return [
        detail
        for message in step.notifications
        if str(message.kind) == "payment.problem"
        for _, detail in message.reasons
    ]


# -- In the place of another -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "reason"),
    [
        ("card9", "new was to take the place of card9, and the order has no such payment."),
        ("new", "new was to take the place of new, which it is itself."),
    ],
)
def test_who_takes_the_place_of_nothing_is_told(old: str, reason: str) -> None:
    """It is captured, as its customer has just paid; and somebody looks whether it was meant so."""
    step = Story().happened(Authorized, replaces=old, **NEW)
    assert faults_of(step) == [reason]
    assert asked_of(step) == [("Capture", "10.00")]


def test_a_payment_is_replaced_once() -> None:
    """By the first that says so: what is asked for already is not asked for of another, too."""
    for voided in (False, True):
        story = Story()
        step = story.happened(Authorized, replaces="card", **NEW)
        assert asked_of(step) == [("Void", "10.00"), ("Capture", "10.00")]
        if voided:
            story.happened(Voided, payment="card", amount=TEN)
        step = story.happened(Authorized, payment="newer", amount=TEN, replaces="card")
        reason = "newer was to take the place of card, which was let go before."
        assert (faults_of(step), step.actions) == ([reason], ())


def test_a_payment_that_came_to_nothing_is_replaced() -> None:
    """It ran out, or was voided: nothing is to be let go, and nothing contradicts that."""
    story = Story()
    story.happened(Voided, payment="card")
    step = story.happened(Authorized, replaces="card", **NEW)
    assert (faults_of(step), asked_of(step)[0]) == ([], ("Capture", "10.00"))


def test_what_takes_the_place_of_one_of_two_pays_for_its_part() -> None:
    """The other one is asked for its own part already."""
    story = Story(payments=[CARD, Payment(id="gift", amount=TEN, authorized_at=NOON)])
    step = story.happened(Authorized, payment="card2", amount=Decimal(4), replaces="card")
    assert asked_of(step) == [("Void", "10.00"), ("Capture", "4.00")]
    step = story.happened(Authorized, payment="gift2", amount=TEN, replaces="gift")
    assert asked_of(step) == [("Void", "10.00"), ("Capture", "6.00")]


def test_an_authorization_that_is_reported_twice_replaces_once() -> None:
    """Under another id, with the same number: it is known, so nothing is told or asked."""
    story = Story()
    story.happened(Authorized, replaces="card", ref="a1", **NEW)
    step = story.happened(Authorized, replaces="card", ref="a1", **NEW)
    assert (step.effect, step.notifications, step.actions) == (Effect.NO_CHANGE, (), ())


def test_money_of_another_currency_gives_way_and_takes_no_place() -> None:
    """Dollars that cover nothing are let go for euros; euros are not, for dollars."""
    step = Story(payments=[dollars()]).happened(Authorized, replaces="usd", **NEW)
    assert asked_of(step)[:2] == [("Void", "50.00"), ("Capture", "10.00")]
    story = Story(payments=[dollars(), CARD])
    step = story.happened(Authorized, payment="usd", amount=FIVE, replaces="card")
    assert step.actions == ()
    assert faults_of(step) == [
        "5 USD of usd cover nothing: the order is in EUR.",
        "usd was to take the place of card, and covers nothing: it is in USD.",
    ]


# -- Of another currency ---------------------------------------------------------------------------


def test_of_an_order_that_goes_on_nobody_gives_it_back() -> None:
    """A person looks at it: it may have been meant for this order. What is in euros is as it is."""
    euros = Payment(id="card", amount=TEN, currency="EUR")
    assert faults_of(Story(payments=[euros]).happened(Captured, payment="card", amount=TEN)) == []
    step = Story(payments=[CARD, dollars()]).happened(Captured, payment="usd", amount=FIVE)
    assert (step.actions, len(faults_of(step))) == ((), 1)


def test_with_the_last_of_the_rest_it_goes_back() -> None:
    """What is authorised is let go, and what came goes back, each once, in its own currency."""
    yen = Payment(id="yen", amount=Decimal(900), captured=Decimal(900), currency="JPY")
    partly = dollars(captured=Decimal(20), authorized=Decimal(30))
    story = Story(payments=[CARD, partly, yen])
    step = story.happened(Cancelled)
    asked = [(*row, each.payment) for row, each in zip(asked_of(step), step.actions, strict=True)]
    assert asked == [
        ("Void", "10.00", "card"),
        ("Void", "30.00", "usd"),
        ("Refund", "20.00", "usd"),
        ("Refund", "900", "yen"),
    ]
    assert story.happened(Cancelled).actions == ()
    assert payment_state(story.record) is PaymentState.TO_REFUND


def test_what_comes_of_it_after_that_goes_back_as_well() -> None:
    """Late money must not stay with a cancelled order."""
    story = Story(payments=[CARD, dollars()])
    story.happened(Cancelled)
    step = story.happened(Captured, payment="usd", amount=FIVE)
    assert asked_of(step) == [("Refund", "5.00")]
    assert faults_of(step) == ["5 USD of usd cover nothing: the order is in EUR."]


def test_its_customer_is_told_in_which_currency_it_went_back() -> None:
    """Each refund by itself; that of the order's own money does not wait for it."""
    paid = Payment(id="card", amount=TEN, status="captured", authorized_at=NOON)
    story = Story(payments=[paid, dollars(status="captured")])
    story.happened(Cancelled)
    told: list[tuple[str, dict[str, str]]] = []
    for payment, amount in (("card", TEN), ("usd", FIVE), ("usd", Decimal(45)), ("usd", TEN)):
        step = story.happened(Refunded, payment=payment, amount=amount)
        customer = [each for each in step.notifications if str(each.audience) == "customer"]
        told += [(str(each.kind), dict(each.reasons)) for each in customer]
    assert told == [
        ("payment.refunded", {"amount": "10.00", "currency": "EUR", "refunded:card": "10.00"}),
        ("payment.partly_refunded", {"amount": "5.00", "currency": "USD", "refunded:usd": "5.00"}),
        ("payment.refunded", {"amount": "45.00", "currency": "USD", "refunded:usd": "50.00"}),
    ]
    assert payment_state(story.record) is PaymentState.REFUNDED


# -- Goods for it ----------------------------------------------------------------------------------


def test_units_are_handed_over_once_however_often_they_may_be() -> None:
    """Once it is authorised and once it is paid: who does both is refused the second pick list."""
    story = Story(payments=[])
    steps = [story.happened(Authorized, **NEW), story.happened(Captured, **NEW)]
    releases = [each for step in steps for each in step.actions if isinstance(each, Release)]
    assert releases == [Release(location="x", units={"1": 2})] * 2
    first, second = [
        story.happened(Released, ref=f"f{number}", location=each.location, lines=each.units)
        for number, each in enumerate(releases)
    ]
    assert [str(each.kind) for each in first.notifications] == ["fulfilment.pick_list"]
    assert (code_of(second), second.notifications) == ("units.not_open", ())


def test_what_is_at_a_location_is_not_asked_for_again() -> None:
    """Whoever hands over what may leave, and says so, hears no more of it when it is paid."""
    story = Story(payments=[])
    story.happened(Authorized, **NEW)
    story.happened(Released, ref="f1", location="x", lines={"1": 2})
    assert story.happened(Captured, **NEW).actions == ()


@pytest.mark.parametrize(
    ("kind", "told"), [(Captured, "payment.received"), (CaptureFailed, "payment.failed")]
)
def test_what_came_in_another_currency_is_told_in_that_one(kind: type[Any], told: str) -> None:
    """Who paid five dollars does not read that five euros came, or did not."""
    step = Story(payments=[dollars()]).happened(kind, payment="usd", amount=FIVE)
    [message] = [each for each in step.notifications if each.kind == told]
    assert dict(message.reasons)["currency"] == "USD"


def test_what_came_before_it_was_heard_that_it_was_agreed_to_has_not_run_out() -> None:
    """Of an agreement that was over when somebody heard of it nothing is left to run out."""
    hour = timedelta(hours=1)
    about: dict[str, Any] = {"at": NOON - 2 * hour, "expires_at": NOON - hour, **NEW}
    story = Story()
    story.happened(Captured, **NEW)
    step = story.happened(Authorized, **about)
    assert not [each for each in faults_of(step) if "ran out" in each]
    step = Story().happened(Authorized, **about)
    assert [each for each in faults_of(step) if "ran out" in each]


def test_a_payment_that_takes_a_place_twice_is_captured_once() -> None:
    """Two agreements on one payment, each in the place of the same: what is due, and no more."""
    story = Story(payments=[CARD])
    six = {"payment": "new", "amount": Decimal(6), "replaces": "card"}
    asked = [story.happened(Authorized, **six).actions for _ in range(2)]
    amounts = [each.amount for actions in asked for each in actions if isinstance(each, Capture)]
    assert amounts == [Decimal(6), Decimal(4)]


def test_a_payment_that_was_let_go_and_agreed_to_again_is_let_go_again() -> None:
    """What was asked for once, and happened, says nothing of what is authorised since."""
    story = Story(payments=[CARD])
    story.happened(Authorized, payment="new", amount=TEN, replaces="card")
    story.happened(Voided, payment="card", amount=TEN)
    story.happened(Authorized, payment="card", amount=TEN)
    step = story.happened(Authorized, payment="third", amount=TEN, replaces="card")
    assert ("Void", "10.00") in asked_of(step)


# -- What is to be agreed to -----------------------------------------------------------------------


def test_a_declined_difference_of_an_exchange_is_asked_for_again() -> None:
    """What is to come back pays for the rest: of a fair exchange nothing is asked for, or told."""
    for price, asked in ((FIVE + 3, [("Authorize", "3.00")]), (FIVE, [])):
        story = Story(payments=[PAID])
        story.happened(Shipped, parcel="p1", location="x", lines={"1": 2})
        new = line("2", 1, unit_price=price, replaces="1")
        assert asked_of(story.happened(Amended, added=[new])) == asked
        step = story.happened(AuthorizationFailed, payment="new", amount=Decimal(3))
        assert asked_of(step) == asked
        assert story.told["customer:payment.failed"] == len(asked)


def test_who_is_declined_while_other_money_goes_back_hears_of_it() -> None:
    """That pays for nothing any more: what was added is to be agreed to."""
    story = Story(payments=[PAID])
    story.happened(Cancelled, lines={"1": 1})
    step = story.happened(Amended, added=[line("2", 1)])
    assert asked_of(step) == [("Authorize", "5.00")]
    step = story.happened(AuthorizationFailed, payment="new", amount=FIVE)
    assert asked_of(step) == [("Authorize", "5.00")]
    assert story.told["customer:payment.failed"] == 1


# -- What costs more, and what is paid all the same ------------------------------------------------


def paid_for_two_lines() -> Story:
    """Two lines at 10.00, paid in full, of which the first has left."""
    payment = Payment(id="card", amount=2 * TEN, status="captured", authorized_at=NOON)
    story = Story(line(), line("2"), payments=[payment])
    story.happened(Shipped, parcel="p1", location="x", lines={"1": 2})
    return story


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        (Cancelled, {"lines": {"2": 1}}),
        (ReturnReceived, {"ref": "r1", "location": "x", "lines": {"1": 1}}),
        (Lost, {"parcel": "p1", "lines": {"1": 1}, "credited": {"1": 1}}),
    ],
)
def test_sending_that_costs_more_than_what_is_taken_off_is_asked_for(
    kind: type[Any], content: dict[str, Any]
) -> None:
    """The rest waits for that money, so its customer is asked for it: once, and no more."""
    story = paid_for_two_lines()
    step = story.happened(kind, shipping=Decimal(8), **content)
    assert asked_of(step) == [("Authorize", "3.00")]
    assert story.told["customer:payment.needed"] == 1
    step = story.happened(Authorized, payment="card2", amount=Decimal(3))
    assert [each for each in asked_of(step) if each[0] == "Authorize"] == []
    assert story.happened(Released, ref="f1", location="x", lines={"2": 1}).refusal is None


def test_who_is_asked_for_what_a_return_costs_more_hears_of_it_though_its_parcel_is_unknown() -> (
    None
):
    """What sending costs is as it was said; only what came back has no room yet."""
    story = Story(line(), line("2"), payments=[Payment(id="card", amount=2 * TEN)])
    step = story.happened(
        ReturnReceived, ref="r1", location="x", lines={"2": 1}, shipping=Decimal(8)
    )
    assert code_of(step) == "return.no_room"
    assert asked_of(step) == [("Authorize", "8.00")]
    assert story.told["customer:payment.needed"] == 1


def test_a_discount_beyond_its_line_is_paid_for_when_the_line_is_cancelled() -> None:
    """It made the rest cheaper, and is gone with it."""
    story = Story(line(), line("2", 1, discount=Decimal(8)))
    assert asked_of(story.happened(Cancelled, lines={"2": 1})) == [("Authorize", "3.00")]


def test_who_is_asked_for_nothing_where_nothing_waits_for_it() -> None:
    """All has left: a person collects what is missing, as of any change."""
    story = paid_for_two_lines()
    story.happened(Shipped, parcel="p2", location="x", lines={"2": 2})
    lost = {"parcel": "p2", "lines": {"2": 1}, "credited": {"2": 1}, "shipping": Decimal(8)}
    assert asked_of(story.happened(Lost, **lost)) == [("Ask", "payment.to_collect")]
    assert story.told["customer:payment.needed"] == 0


def test_a_loss_that_shows_that_cancelled_units_left_asks_its_customer_for_nothing() -> None:
    """They were cancelled and paid back: they are not to be paid for because they are lost."""
    payment = Payment(id="card", amount=2 * TEN, status="captured", authorized_at=NOON)
    story = Story(line(), line("2"), payments=[payment])
    story.happened(Cancelled, lines={"2": 1})
    story.happened(Refunded, payment="card", amount=FIVE, ref="b1")
    step = story.happened(Lost, parcel="p2", lines={"2": 2})
    assert (story.record.open("1"), story.record.due) == (2, 2 * TEN)
    assert [each for each in asked_of(step) if each[0] == "Authorize"] == []
    assert story.told["customer:payment.needed"] == 0
    assert story.told["staff:order.review_needed"] == 1


@pytest.mark.parametrize("is_announced", [True, False])
def test_a_loss_that_is_dearer_asks_whoever_said_that_it_left(*, is_announced: bool) -> None:
    """Else what is open of the order would lie there, and nobody would hear why."""
    story = Story(line(), line("2"))
    if is_announced:
        story.happened(Shipped, parcel="p1", location="x", lines={"1": 2})
    loss: dict[str, Any] = {"parcel": "p1", "lines": {"1": 2}, "credited": {"1": 2}}
    step = story.happened(Lost, **loss, shipping=TEN + 2)
    assert asked_of(step) == [("Authorize", "2.00")]
    assert story.told["customer:payment.needed"] == 1


@pytest.mark.parametrize(("fate", "releases"), [("credited", 1), ("reopened", 0)])
def test_what_is_lost_and_paid_for_no_more_leaves_money_for_the_rest(
    fate: str, releases: int
) -> None:
    """The rest may be handed over; not where what is lost is sent again."""
    story = Story(line(), line("2"), payments=[Payment(id="card", amount=TEN)])
    story.happened(Shipped, parcel="p1", location="x", lines={"1": 2})
    step = story.happened(Lost, parcel="p1", lines={"1": 2}, **{fate: {"1": 2}})
    assert [each.units for each in step.actions if isinstance(each, Release)] == (
        [(("2", 2),)] * releases
    )


def test_a_failed_try_of_what_is_paid_is_no_news() -> None:
    """Nobody waits for it: to capture it again would take the money twice. It stays failed."""
    story = Story()
    story.happened(Captured, payment="card", amount=TEN, ref="c2")
    step = story.happened(CaptureFailed, payment="card", amount=TEN, ref="c1")
    assert (step.effect, step.actions, step.notifications) == (Effect.NO_CHANGE, (), ())
    step = story.happened(Captured, payment="card", amount=TEN, ref="c1")
    assert (step.actions, story.record.order.payments[0].captured) == ((), TEN)


@pytest.mark.parametrize("is_agreed", [False, True])
def test_what_is_on_its_way_back_pays_for_nothing_when_a_try_fails(*, is_agreed: bool) -> None:
    """A refund is under way, and units were ordered again for which another card is tried."""
    story = Story(payments=[PAID])
    assert asked_of(story.happened(Cancelled, lines={"1": 1})) == [("Refund", "5.00")]
    story.happened(Amended, ordered={"1": 3})
    if is_agreed:
        story.happened(Authorized, payment="card2", amount=FIVE)
    step = story.happened(CaptureFailed, payment="card2", amount=FIVE, ref="c1")
    assert ("Ask", "payment.capture_failed") in asked_of(step)
    assert story.told["staff:payment.problem"] == 1


def test_a_failed_try_of_another_card_is_no_news_where_all_is_paid() -> None:
    """The order does not even have such a payment."""
    story = Story(payments=[PAID])
    step = story.happened(CaptureFailed, payment="card2", amount=TEN, ref="c1")
    assert (step.effect, step.actions) == (Effect.NO_CHANGE, ())


def test_a_failed_capture_that_was_asked_for_is_told_and_asked_for_no_more() -> None:
    """Another payment came in its place: it is let go, and nobody is to capture it again."""
    story = Story()
    story.happened(Shipped, parcel="p1", location="x", lines={"1": 2})
    story.happened(Captured, payment="card2", amount=TEN, ref="c2")
    step = story.happened(CaptureFailed, payment="card", amount=TEN, ref="c1")
    assert asked_of(step) == [("Void", "10.00")]
    assert story.told["staff:payment.problem"] == 1


def test_what_is_not_due_any_more_is_not_captured_again() -> None:
    """Its label was voided and the order cancelled while the bank was slow."""
    story = Story()
    story.happened(Shipped, parcel="p1", location="x", lines={"1": 2})
    story.happened(ShipmentVoided, parcel="p1")
    story.happened(Cancelled)
    step = story.happened(CaptureFailed, payment="card", amount=TEN, ref="c1")
    assert ("Ask", "payment.capture_failed") not in asked_of(step)
    assert story.told["staff:payment.problem"] == 1


def test_a_payment_of_which_nothing_came_is_none() -> None:
    """It failed before it was heard of: its capture, heard of later, is no news either."""
    story = Story(payments=[PAID])
    story.happened(CaptureFailed, payment="card2", amount=TEN, ref="c1")
    assert [each.id for each in story.record.order.payments] == ["card"]
    assert story.happened(Captured, payment="card2", amount=TEN, ref="c1").effect == "no_change"
