"""Money that follows units: the least amount counts, and what was asked for is remembered."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import attrs
import pytest
from story import FIVE, NOON, Story, asked_of, line

from fulfill_core import Payment
from fulfill_core.lifecycle import (
    Amended,
    AuthorizationFailed,
    Authorized,
    Cancelled,
    Capture,
    Captured,
    CaptureFailed,
    CaptureRequested,
    Delivered,
    Effect,
    Event,
    Refunded,
    RefundFailed,
    RefundRequested,
    Rejected,
    Released,
    ShipmentVoided,
    Shipped,
    Voided,
)

HALF = Decimal("0.5")
CARD: dict[str, Any] = {"payment": "card", "amount": HALF}
ALL: dict[str, Any] = {"parcel": "p1", "location": "x", "lines": {"1": 1}}


def half(**content: Any) -> Story:
    """An order of one sticker at 0.50."""
    return Story(line(quantity=1, unit_price=HALF), **content)


@pytest.mark.parametrize(
    ("captured", "kind", "content", "actions"),
    [
        (False, Shipped, ALL, [("Capture", "0.50")]),
        (False, Cancelled, {}, [("Void", "0.50")]),
        (True, Cancelled, {}, [("Refund", "0.50")]),
        (False, Amended, {"ordered": {"1": 2}}, [("Authorize", "0.50")]),
        (
            False,
            Authorized,
            {"payment": "new", "amount": HALF, "replaces": "card"},
            [("Void", "0.50"), ("Capture", "0.50")],
        ),
    ],
)
def test_the_least_amount_follows_its_units(
    captured: bool, kind: type[Event], content: dict[str, Any], actions: list[tuple[str, str]]
) -> None:
    """Half a euro is taken, let go, given back and asked for like a thousand."""
    story = half()
    if captured:
        story.happened(Captured, **CARD)
    assert asked_of(story.happened(kind, **content)) == actions


def test_the_least_amount_that_nobody_paid_is_collected() -> None:
    """A person is asked for what left and can't be captured, however little it is."""
    step = half(payments=[]).happened(Shipped, **ALL)
    assert asked_of(step) == [("Ask", "payment.to_collect")]


def test_the_last_payment_is_the_first_to_get_money_back() -> None:
    """No more than came from it; the one before it gets the rest."""
    payments = [
        Payment(id=name, amount=FIVE, status="captured", authorized_at=NOON) for name in ("a", "b")
    ]
    step = Story(payments=payments).happened(Cancelled)
    assert [(each.payment, each.amount) for each in step.actions] == [("b", FIVE), ("a", FIVE)]


def test_what_is_captured_anew_was_asked_for_before() -> None:
    """Another try adds nothing to what was asked for, and takes nothing off it."""
    story = Story()
    story.happened(Shipped, parcel="p1", location="x", lines={"1": 2})
    story.happened(CaptureFailed, payment="card", amount=2 * FIVE, ref="c1")
    story.happened(Voided, payment="card", amount=FIVE)
    asked_before = story.record.history.asked_amounts
    step = story.happened(CaptureRequested, payment="card", amount=FIVE)
    assert asked_of(step) == [("Capture", "5.00")]
    tried_again = ("capture_settled", "card", FIVE)
    assert step.record.history.asked_amounts == (*asked_before, tried_again)


def test_an_exchange_of_boxes_costs_the_difference() -> None:
    """What comes back is worth what its boxes cost, and not its units."""
    story = Story(line(quantity=2, units_each=3))
    story.happened(Shipped, parcel="p1", location="x", lines={"1": 6})
    story.happened(Captured, payment="card", amount=2 * FIVE)
    better = line("2", 2, units_each=3, unit_price=Decimal(8), replaces="1")
    assert asked_of(story.happened(Amended, added=[better])) == [("Authorize", "6.00")]


def test_nothing_is_taken_for_what_is_here_still() -> None:
    """Of an order of which no unit has left nothing is captured, whatever sending it costs."""
    story = Story(shipping=FIVE)
    assert asked_of(story.happened(Voided, payment="card", amount=FIVE)) == [("Authorize", "5.00")]
    assert asked_of(story.happened(Amended, shipping=2 * FIVE)) == [("Authorize", "5.00")]


def test_a_refund_that_failed_is_tried_again_when_a_person_says_so() -> None:
    """That is a change of the order, though no money has moved."""
    story = half()
    story.happened(Captured, **CARD)
    story.happened(Cancelled)
    story.happened(RefundFailed, **CARD, ref="r1")
    step = story.happened(RefundRequested, **CARD)
    assert (asked_of(step), step.effect) == ([("Refund", "0.50")], Effect.APPLIED)


def test_what_was_paid_too_much_may_go_back_unasked() -> None:
    """As long as what is left covers the order it is nobody's fault, whoever gave it back."""
    paid = Payment(id="card", amount=Decimal(20), status="captured")  # type: ignore[arg-type]
    story = Story(payments=[paid])
    story.happened(Refunded, payment="card", amount=FIVE)
    assert story.told["staff:payment.problem"] == 0
    story.happened(Refunded, payment="card", amount=Decimal(6))
    assert story.told["staff:payment.problem"] == 1


def test_a_refund_that_is_refused_says_how_much_is_owed() -> None:
    """Not what was paid, where less of it is owed."""
    paid = Payment(id="card", amount=Decimal(20), status="captured")  # type: ignore[arg-type]
    step = Story(payments=[paid]).happened(RefundRequested, payment="card", amount=Decimal(15))
    assert step.refusal is not None
    assert step.refusal.detail == "10 are owed to it, not 15."


@pytest.mark.parametrize(
    ("status", "kind", "content"),
    [
        ("authorized", Cancelled, {}),
        ("captured", Cancelled, {}),
        ("authorized", Shipped, ALL),
        ("authorized", CaptureRequested, {"payment": "card", "ref": "q1"}),
    ],
)
def test_less_than_can_be_paid_is_not_asked_for(
    status: str, kind: type[Event], content: dict[str, Any]
) -> None:
    """Of a gateway's thousandths of a cent nothing is taken, let go or given back: the step is what
    it is without them.
    """
    least = Decimal("0.004")
    card = Payment(id="card", amount=least, status=status)
    story = Story(line(quantity=1, unit_price=least), payments=[card])
    if kind is CaptureRequested:
        content = {**content, "amount": least}
    assert asked_of(story.happened(kind, **content)) == []


def test_parts_that_no_unit_divides_can_be_paid() -> None:
    """Gold has no smallest unit: parts have as many digits as amounts may have, and add up."""
    third = {"parcel": "p1", "location": "x", "lines": {"1": 1}}
    gold = Payment(id="gold", amount=Decimal(6), authorized_at=NOON)
    lines = [line(str(number), quantity=3, unit_price=Decimal(1)) for number in range(1, 3)]
    story = Story(*lines, currency="XAU", discount=Decimal("0.1"), payments=[gold])
    story.happened(Cancelled, lines={"2": 1})
    first = story.happened(Shipped, **third)
    last = story.happened(Shipped, parcel="p2", location="x", lines={"1": 2, "2": 2})
    [part, rest] = [
        action.amount
        for step in (first, last)
        for action in step.actions
        if isinstance(action, Capture)
    ]
    assert part == Decimal("0.983333333333333")
    assert part + rest == story.record.due == Decimal("4.916666666666667")


def test_less_than_half_a_cent_holds_nothing_up() -> None:
    """Nobody can pay it: what is covered is so at the precision of the currency."""
    stickers = line(quantity=3, unit_price=Decimal("1.001"))
    for amount, is_covered in ((Decimal("3.00"), True), (Decimal("2.99"), False)):
        story = Story(stickers, payments=[Payment(id="card", amount=amount)])
        step = story.happened(Released, ref="f1", location="x", lines={"1": 3})
        assert (step.refusal is None) is is_covered


def test_money_that_is_reported_once_more_has_come_once() -> None:
    """A second system says that it came earlier, of a payment that nobody had heard of: that is on
    record, and told to nobody.
    """
    story = Story(payments=[])
    wire = {"payment": "wire", "amount": FIVE, "ref": "m1"}
    story.happened(Captured, **wire, at=NOON + timedelta(hours=9))
    assert story.told["customer:payment.received"] == 1
    for hours in (5, 2):
        record = story.record
        step = story.happened(Captured, **wire, at=NOON + timedelta(hours=hours))
        assert (step.effect, step.notifications) == (Effect.DUPLICATE, ())
        assert step.record != record
        [payment] = step.record.order.payments
        assert payment.authorized_at == NOON + timedelta(hours=hours)


def test_money_that_failed_before_it_was_said_to_have_come_is_not_received() -> None:
    """What failed did not happen, whichever was reported first."""
    story = Story(payments=[])
    wire = {"payment": "wire", "amount": FIVE, "ref": "m1"}
    story.happened(CaptureFailed, **wire)
    story.happened(Captured, **wire)
    assert story.told["customer:payment.received"] == 0


TEN = Decimal(10)
ALL_THAT_CAME = [Payment(id="card", amount=TEN, status=None, authorized=Decimal(0), captured=TEN)]


@pytest.mark.parametrize("amount", [TEN, FIVE])
def test_money_from_before_the_first_event_fails(amount: Decimal) -> None:
    """Nobody knows its number: what failed, and could not be captured then, is of that."""
    story = Story(payments=ALL_THAT_CAME)
    story.happened(Released, ref="f1", location="x", lines={"1": 2})
    step = story.happened(CaptureFailed, payment="card", amount=amount, ref="c0")
    assert asked_of(step) == [("CallBack", ""), ("Ask", "payment.capture_failed")]
    assert story.record.order.payments[0].captured == TEN - amount
    step = story.happened(CaptureRequested, payment="card", amount=amount)
    assert asked_of(step) == [("Capture", str(amount) + ".00")]
    story.happened(Captured, payment="card", amount=amount, ref="c1")
    assert story.record.order.payments[0].captured == TEN
    assert story.happened(CaptureRequested, payment="card", amount=FIVE).effect is Effect.REFUSED


def test_what_could_be_captured_is_what_failed() -> None:
    """A try of what is authorised leaves what came before as it is."""
    card = Payment(id="card", amount=TEN, status=None, authorized=FIVE, captured=FIVE)
    story = Story(payments=[card])
    story.happened(CaptureFailed, payment="card", amount=FIVE, ref="c0")
    assert story.record.order.payments[0].captured == FIVE
    story.happened(Voided, payment="card", amount=FIVE)
    story.happened(CaptureFailed, payment="card", amount=FIVE, ref="c1")
    assert story.record.order.payments[0].captured == 0


def test_what_failed_of_before_is_let_go_with_the_rest() -> None:
    """All that is authorised then is let go, also what came back to it."""
    story = Story(payments=ALL_THAT_CAME)
    story.happened(CaptureFailed, payment="card", amount=FIVE, ref="c0")
    story.happened(Voided, payment="card")
    card = story.record.order.payments[0]
    assert (card.authorized, card.captured) == (0, FIVE)


def test_what_was_asked_for_is_under_way_though_money_from_before_fails() -> None:
    """What came before was not asked for: its failure is none of what was."""
    card = Payment(id="card", amount=TEN, status=None, authorized=FIVE, captured=FIVE)
    story = Story(payments=[card], shipping=Decimal(0))
    step = story.happened(Shipped, parcel="p1", location="x", lines={"1": 2})
    assert asked_of(step) == [("Capture", "5.00")]
    story.happened(Voided, payment="card", amount=Decimal(1))
    story.happened(CaptureFailed, payment="card", amount=FIVE, ref="c0")
    step = story.happened(Captured, payment="card", amount=Decimal(4), ref="c1")
    assert (asked_of(step), story.record.order.payments[0].captured) == ([], 4)


@pytest.mark.parametrize(
    ("units", "discount", "articles", "amount"),
    [(2, 2, 1, "4.00"), (2, 0, 1, "3.00"), (2, 0, 2, "5.00"), (1, 0, 2, "10.00")],
)
def test_what_comes_back_in_an_exchange_is_worth_what_it_cost(
    units: int, discount: int, articles: int, amount: str
) -> None:
    """With its discount, and once, however many things go in its place."""
    mugs = line(quantity=units, discount=Decimal(discount))
    story = Story(mugs, payments=[])
    story.happened(Captured, payment="card", amount=mugs.total)
    story.happened(Shipped, parcel="p1", location="x", lines={"1": units})
    added = [
        line(str(2 + number), 1, unit_price=Decimal(8 - number), replaces="1")
        for number in range(articles)
    ]
    step = story.happened(Amended, added=added)
    assert asked_of(step) == [("Authorize", amount)]


def test_what_is_agreed_to_after_a_failure_is_another_try() -> None:
    """It is captured, and counts, by the same payment too; what failed does not."""
    story = Story()
    story.happened(Shipped, parcel="p1", location="x", lines={"1": 1})
    story.happened(CaptureFailed, payment="card", amount=FIVE, ref="c1")
    assert asked_of(story.happened(Authorized, payment="card", amount=Decimal(3), ref="a2")) == [
        ("Capture", "3.00")
    ]
    assert asked_of(story.happened(Authorized, payment="card", amount=Decimal(3), ref="a2")) == []
    step = story.happened(Released, ref="f1", location="x", lines={"1": 1})
    assert step.effect is Effect.REFUSED
    assert asked_of(story.happened(Authorized, payment="card", amount=TEN, ref="a3")) == [
        ("Capture", "2.00"),
        ("Release", ""),
    ]
    step = story.happened(Shipped, parcel="p2", location="x", lines={"1": 1})
    assert asked_of(step) == [("Capture", "5.00")]


def test_what_was_agreed_to_since_a_failure_is_captured_whichever_was_heard_first() -> None:
    """The two overtook each other: the money was never taken, and nobody was asked to pay."""
    story = Story()
    story.happened(Shipped, parcel="p1", location="x", lines={"1": 1})
    failure = story.make(CaptureFailed, payment="card", amount=FIVE, ref="c1")
    assert asked_of(story.happened(Authorized, payment="card", amount=TEN, ref="a2")) == []
    step = story.heard(failure)
    assert asked_of(step) == [("Capture", "5.00"), ("Ask", "payment.capture_failed")]
    assert asked_of(story.happened(Captured, payment="card", amount=FIVE, ref="c2")) == []


def test_what_was_agreed_to_before_a_failure_is_no_other_try() -> None:
    """Heard of after it: nobody knows whether that is worth anything, and nobody is asked twice."""
    story = Story()
    story.happened(Shipped, parcel="p1", location="x", lines={"1": 1})
    earlier = story.make(Authorized, payment="card", amount=FIVE, ref="a2")
    failure = story.make(CaptureFailed, payment="card", amount=FIVE, ref="c1")
    at_once = attrs.evolve(earlier, id="e9", ref="a3", at=failure.at)
    assert asked_of(story.heard(failure)) == [("Ask", "payment.capture_failed")]
    assert [asked_of(story.heard(each)) for each in (earlier, at_once)] == [[], []]


def test_another_payment_makes_no_failure_good() -> None:
    """What failed of a payment is waited for, whatever another one agrees to."""
    story = Story(shipping=Decimal(0))
    story.happened(Shipped, parcel="p1", location="x", lines={"1": 2})
    story.happened(CaptureFailed, payment="card", amount=TEN, ref="c1")
    story.happened(Authorized, payment="new", amount=Decimal(1), ref="a2")
    step = story.happened(CaptureRequested, payment="card", amount=FIVE)
    assert asked_of(step) == [("Capture", "5.00")]


def test_another_try_is_captured_beside_a_capture_that_is_under_way() -> None:
    """Of two parcels the capture of one fails: it was to be collected, and captured later."""
    story = Story(line(quantity=4), payments=[Payment(id="card", amount=Decimal(20))])
    for parcel in ("p1", "p2"):
        story.happened(Shipped, parcel=parcel, location="x", lines={"1": 2})
    story.happened(CaptureFailed, payment="card", amount=TEN, ref="c1")
    step = story.happened(Authorized, payment="card", amount=TEN, ref="a2")
    assert asked_of(step) == [("Capture", "10.00")]
    assert asked_of(story.happened(Captured, payment="card", amount=TEN, ref="c2")) == []
    assert asked_of(story.happened(Delivered, parcel="p1")) == []


def two_parcels() -> Story:
    """Two parcels of ten have left; their captures are on the way."""
    story = Story(line(quantity=4), payments=[Payment(id="card", amount=Decimal(20))])
    for parcel in ("p1", "p2"):
        story.happened(Shipped, parcel=parcel, location="x", lines={"1": 2})
    return story


def test_what_was_agreed_to_since_a_failure_is_asked_for_once() -> None:
    """What leaves after that is to be collected: nobody knows whether the payment is worth more."""
    story = Story(line(quantity=4), payments=[Payment(id="card", amount=Decimal(20))])
    story.happened(Shipped, parcel="p1", location="x", lines={"1": 2})
    story.happened(CaptureFailed, payment="card", amount=TEN, ref="c1")
    step = story.happened(Authorized, payment="card", amount=TEN, ref="a2")
    assert asked_of(step) == [("Capture", "10.00")]
    step = story.happened(Shipped, parcel="p2", location="x", lines={"1": 2})
    assert asked_of(step) == [("Ask", "payment.to_collect")]


def test_of_two_failures_each_agreement_pays_for_what_it_says() -> None:
    """A second agreement is asked for its own amount, and not for that of the first once more."""
    story = two_parcels()
    for ref in ("c1", "c2"):
        story.happened(CaptureFailed, payment="card", amount=TEN, ref=ref)
    step = story.happened(Authorized, payment="card", amount=TEN, ref="a2")
    assert asked_of(step) == [("Capture", "10.00")]
    step = story.happened(Authorized, payment="card", amount=FIVE, ref="a3")
    assert asked_of(step) == [("Capture", "5.00")]


def test_a_failure_that_is_heard_late_is_not_paid_by_what_another_one_is_tried_with() -> None:
    """One agreement is tried once; for the second failure a person is asked."""
    story = two_parcels()
    late = story.make(CaptureFailed, payment="card", amount=TEN, ref="c2")
    story.happened(CaptureFailed, payment="card", amount=TEN, ref="c1")
    step = story.happened(Authorized, payment="card", amount=TEN, ref="a2")
    assert asked_of(step) == [("Capture", "10.00")]
    assert asked_of(story.heard(late)) == [("Ask", "payment.capture_failed")]


def test_a_failure_that_is_heard_late_is_tried_with_what_was_agreed_to_since() -> None:
    """Beside another capture that is under way: of that nobody has said anything."""
    story = two_parcels()
    late = story.make(CaptureFailed, payment="card", amount=TEN, ref="c1")
    story.happened(Authorized, payment="card", amount=TEN, ref="a2")
    assert asked_of(story.heard(late)) == [("Capture", "10.00"), ("Ask", "payment.capture_failed")]


def test_what_a_person_tried_in_vain_is_tried_with_what_was_agreed_to_since() -> None:
    """That try is over, and asks for nothing of what was agreed to after it."""
    story = two_parcels()
    story.happened(CaptureFailed, payment="card", amount=TEN, ref="c1")
    story.happened(CaptureRequested, payment="card", amount=TEN)
    story.happened(CaptureFailed, payment="card", amount=TEN, ref="c3")
    step = story.happened(Authorized, payment="card", amount=TEN, ref="a2")
    assert asked_of(step) == [("Capture", "10.00")]


def test_what_had_come_before_and_failed_is_no_failure_of_what_was_asked_for() -> None:
    """Of the card 15.00 had come, and 5.00 are on their way. Only what is agreed anew is captured.

    Nobody is to collect what is on its way. That 5.00 of a gift card came under the number that
    fails is of no account: a number is one of its payment.
    """
    gift = Payment(id="gift", amount=FIVE)
    card = Payment(id="card", amount=Decimal(20), captured=Decimal(15), authorized=FIVE)
    story = Story(line(quantity=5), payments=[gift, card])
    step = story.happened(Shipped, parcel="p1", location="x", lines={"1": 5})
    assert asked_of(step) == [("Capture", "5.00"), ("Capture", "5.00")]
    story.happened(Captured, payment="gift", amount=FIVE, ref="n1")
    failure = story.happened(CaptureFailed, payment="card", amount=Decimal(15), ref="n1")
    assert asked_of(failure) == [("Ask", "payment.capture_failed")]
    step = story.happened(Authorized, payment="card", amount=Decimal(15), ref="a2")
    assert step.actions == (Capture(payment="card", amount=Decimal(15)),)
    assert story.happened(Captured, payment="card", amount=FIVE, ref="c1").actions == ()


def test_when_a_payment_was_agreed_is_said_by_an_authorization_alone() -> None:
    """Of one that the order came with: what was captured tells nothing, and its method stays."""
    story = Story(payments=[Payment(id="card", amount=TEN, method="wallet")])
    step = story.happened(Captured, payment="card", amount=FIVE, ref="c1")
    [payment] = step.record.order.payments
    assert payment.authorized_at is None
    event = story.make(Authorized, payment="card", amount=FIVE, ref="a1", method="card")
    [payment] = story.heard(event).record.order.payments
    assert (payment.authorized_at, payment.method) == (event.at, "wallet")


@pytest.mark.parametrize(
    ("quantity", "asks"),
    [
        (1, [("Capture", "10.00")]),
        (2, [("Capture", "10.00"), ("Ask", "payment.to_collect")]),
    ],
)
def test_what_failed_for_a_parcel_that_never_left_is_asked_for_with_the_next_one(
    quantity: int, asks: list[tuple[str, str]]
) -> None:
    """As far as it was agreed to since; nobody waits for what failed, nor takes it for asked."""
    story = Story(line(quantity=4), payments=[Payment(id="card", amount=Decimal(20))])
    story.happened(Shipped, parcel="p1", location="x", lines={"1": 4})
    story.happened(CaptureFailed, payment="card", amount=Decimal(20), ref="c1")
    story.happened(ShipmentVoided, parcel="p1")
    story.happened(Authorized, payment="card", amount=TEN, ref="a2")
    step = story.happened(Shipped, parcel="p2", location="x", lines={"1": 2 * quantity})
    assert asked_of(step) == asks


def test_what_failed_is_no_longer_under_way() -> None:
    """A payment is asked for what it was agreed to since, beside what nobody tries again."""
    story = Story(line(quantity=4), payments=[Payment(id="card", amount=Decimal(20))])
    story.happened(Shipped, parcel="p1", location="x", lines={"1": 4})
    failure = story.make(CaptureFailed, payment="card", amount=Decimal(20), ref="c1")
    story.happened(ShipmentVoided, parcel="p1")
    story.happened(Authorized, payment="card", amount=TEN, ref="a2")
    assert asked_of(story.heard(failure)) == [("Ask", "payment.capture_failed")]
    step = story.happened(Shipped, parcel="p2", location="x", lines={"1": 4})
    assert asked_of(step) == [("Capture", "10.00")]  # the rest is what a person was asked about


def test_whoever_was_turned_down_is_asked_for_no_other_payment() -> None:
    """Not while their money is on its way back, and not by a late answer of their first try."""
    story = Story(line(quantity=4), payments=[Payment(id="card", amount=Decimal(20))])
    story.happened(Rejected, by="Grace")
    step = story.happened(AuthorizationFailed, payment="first-try", amount=Decimal(20))
    assert [each.kind for each in step.notifications] == []
    step = story.happened(CaptureFailed, payment="card", amount=Decimal(20), ref="c1")
    assert [each.kind for each in step.notifications] == ["payment.problem"]
