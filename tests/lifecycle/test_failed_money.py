"""What failed, is tried again, and is made good; what went back in parts."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import attrs
import pytest
from effort import FEWER
from gateway import Books
from hypothesis import given
from hypothesis import strategies as st
from story import FIVE, NOON, Story, asked_of, code_of, line

from fulfill_core import Payment
from fulfill_core.lifecycle import (
    Amended,
    Ask,
    AuthorizationExpired,
    Authorize,
    Authorized,
    Cancelled,
    Captured,
    CaptureFailed,
    CaptureRequested,
    ChargedBack,
    Effect,
    Event,
    Refunded,
    RefundFailed,
    RefundRequested,
    Rejected,
    Released,
    ReturnReceived,
    Shipped,
    Step,
    Voided,
)

TEN = Decimal(10)
TWO = Decimal(2)
CARD: dict[str, Any] = {"payment": "card"}
GIFT: dict[str, Any] = {"payment": "gift"}


def payment_of(name: str, amount: Decimal, hours: int = 0, **content: Any) -> Payment:
    """A payment that was agreed to at noon, or later."""
    return Payment(id=name, amount=amount, authorized_at=NOON + timedelta(hours=hours), **content)


def paid(**content: Any) -> Story:
    """Four lines of one mug, paid by card."""
    lines = [line(str(number), 1) for number in range(1, 5)]
    return Story(*lines, payments=[payment_of("card", 4 * FIVE, status="captured")], **content)


def authorized() -> Story:
    """Four lines of one mug, of which the card is authorised."""
    lines = [line(str(number), 1) for number in range(1, 5)]
    return Story(*lines, payments=[payment_of("card", 4 * FIVE)])


def paid_twice() -> Story:
    """Two mugs, of which 6.00 came by card and 4.00 from a gift card."""
    return Story(
        payments=[
            payment_of("card", Decimal(6), status="captured"),
            payment_of("gift", Decimal(4), 1, status="captured"),
        ]
    )


def sent(*line_ids: str) -> dict[str, Any]:
    """What is said of a parcel of mugs."""
    return {"parcel": f"p{line_ids[0]}", "location": "x", "lines": dict.fromkeys(line_ids, 1)}


def told_of(step: Step) -> list[dict[str, str]]:
    """What the customer is told of money that went back."""
    return [
        {"kind": str(each.kind), **dict(each.reasons)}
        for each in step.notifications
        if "refunded" in each.kind
    ]


# -- The books of a stranger -----------------------------------------------------------------------


@given(st.integers(0, 2**16))
@FEWER
def test_books_that_somebody_else_keeps_say_the_same(seed: int) -> None:
    """Nothing is asked for twice, or beyond what there is and is owed; nothing is left out, and
    whoever tries again what failed has it asked for, once. Each refund is told in the end.
    """
    books = Books(seed)
    books.live()
    assert books.faults == []


class Forgetful(Story):
    """Who does not remember what of the failures is settled."""

    def heard(self, event: Event, **beside: Any) -> Step:
        """What an event comes to; then that is forgotten."""
        step = super().heard(event, **beside)
        history = self.record.history
        rows = [row for row in history.asked_amounts if not row[0].endswith("_settled")]
        self.record = attrs.evolve(self.record, history=attrs.evolve(history, asked_amounts=rows))
        return step


def test_the_books_find_who_forgets() -> None:
    """Among the first lives are some that go wrong by that."""
    faults: list[str] = []
    for seed in range(60):
        books = Books(seed, Forgetful)
        books.live()
        faults += books.faults
    assert faults


# -- Made good -------------------------------------------------------------------------------------


def test_what_failed_once_and_went_back_after_all_is_no_failure_of_the_next_refund() -> None:
    """That one is on its way: it pays for nothing any more, so what is added is to be agreed to."""
    story = paid()
    story.happened(Cancelled, lines={"1": 1})
    story.happened(RefundFailed, amount=FIVE, ref="r1", **CARD)
    story.happened(Refunded, amount=FIVE, ref="r2", **CARD)
    assert asked_of(story.happened(Cancelled, lines={"2": 1})) == [("Refund", "5.00")]
    step = story.happened(RefundRequested, amount=FIVE, **CARD)
    assert (step.effect, step.actions) == (Effect.NO_CHANGE, ())
    assert asked_of(story.happened(Amended, ordered={"4": 2})) == [("Authorize", "5.00")]


def test_what_is_captured_is_not_let_go_because_an_earlier_capture_failed_once() -> None:
    """It came after all; what is on its way now is another amount."""
    story = authorized()
    story.happened(Shipped, **sent("1", "2", "3"))
    story.happened(CaptureFailed, amount=3 * FIVE, ref="c1", **CARD)
    story.happened(Captured, amount=3 * FIVE, ref="c2", **CARD)
    assert asked_of(story.happened(Shipped, **sent("4"))) == [("Capture", "5.00")]
    step = story.happened(ReturnReceived, ref="r1", location="x", lines={"1": 1})
    assert asked_of(step) == []
    step = story.happened(CaptureRequested, amount=FIVE, **CARD)
    assert (code_of(step), step.actions) == ("capture.not_authorized", ())


def test_what_is_tried_again_is_on_its_way() -> None:
    """Who asks once more before anybody has said what came of it is not heard twice."""
    story = paid()
    story.happened(Cancelled)
    story.happened(RefundFailed, amount=4 * FIVE, ref="r1", **CARD)
    steps = [story.happened(RefundRequested, amount=4 * FIVE, **CARD) for _ in range(2)]
    assert [asked_of(step) for step in steps] == [[("Refund", "20.00")], []]
    assert steps[1].effect is Effect.NO_CHANGE
    story.happened(RefundFailed, amount=4 * FIVE, ref="r2", **CARD)
    step = story.happened(RefundRequested, amount=4 * FIVE, **CARD)
    assert asked_of(step) == [("Refund", "20.00")]


def test_a_capture_that_is_tried_again_is_on_its_way() -> None:
    """A second request for it is refused; when that fails, too, a third is not."""
    story = authorized()
    story.happened(Shipped, **sent("1", "2", "3", "4"))
    story.happened(CaptureFailed, amount=4 * FIVE, ref="c1", **CARD)
    request: dict[str, Any] = {"amount": 4 * FIVE, **CARD}
    assert asked_of(story.happened(CaptureRequested, **request)) == [("Capture", "20.00")]
    assert code_of(story.happened(CaptureRequested, **request)) == "capture.not_authorized"
    story.happened(CaptureFailed, amount=4 * FIVE, ref="c2", **CARD)
    assert asked_of(story.happened(CaptureRequested, **request)) == [("Capture", "20.00")]


def test_of_two_failures_as_much_is_captured_as_is_still_due() -> None:
    """From either payment; the rest of both is due no more, and to be collected if it is again."""
    story = Story(
        line(quantity=4),
        payments=[payment_of("card", TEN), payment_of("gift", 3 * FIVE, 1)],
    )
    story.happened(Shipped, parcel="p1", location="x", lines={"1": 3})
    story.happened(CaptureFailed, amount=TEN, ref="c1", **CARD)
    story.happened(CaptureFailed, amount=FIVE, ref="c1", **GIFT)
    story.happened(ReturnReceived, ref="r1", location="x", lines={"1": 1})
    story.happened(Cancelled, lines={"1": 1})
    assert code_of(story.happened(CaptureRequested, amount=TEN + 1, **GIFT)) == "capture.not_due"
    step = story.happened(CaptureRequested, amount=TEN, **GIFT)
    assert [(type(each).__name__, each.payment, each.amount) for each in step.actions] == [
        ("Capture", "gift", TEN)
    ]
    story.happened(Amended, ordered={"1": 4})
    step = story.happened(Shipped, parcel="p2", location="x", lines={"1": 1})
    assert asked_of(step) == [("Ask", "payment.to_collect")]
    assert asked_of(story.happened(CaptureRequested, amount=FIVE, **CARD)) == [("Capture", "5.00")]


def test_what_one_payment_failed_to_bring_another_may() -> None:
    """If a person says so; then nobody waits for the first one, and it is let go."""
    story = authorized()
    story.happened(Shipped, **sent("1", "2", "3", "4"))
    story.happened(CaptureFailed, amount=4 * FIVE, ref="c1", **CARD)
    assert asked_of(story.happened(Authorized, payment="new", amount=4 * FIVE)) == []
    step = story.happened(CaptureRequested, payment="new", amount=4 * FIVE)
    assert [(each.payment, each.amount) for each in step.actions] == [("new", 4 * FIVE)]
    assert code_of(story.happened(CaptureRequested, amount=FIVE, **CARD)) == "capture.not_due"
    step = story.happened(Captured, payment="new", amount=4 * FIVE)
    assert [(type(each).__name__, each.payment) for each in step.actions] == [("Void", "card")]


@pytest.mark.parametrize(
    ("content", "more", "to_collect"),
    [
        ({"shipping": TWO}, ["2.00"], []),
        ({"shipping": 4 * TWO, "ordered": {"4": 0}}, ["3.00"], ["5 EUR"]),
        ({"shipping": TWO, "ordered": {"4": 0}}, [], ["2 EUR"]),
    ],
)
def test_what_an_amendment_costs_more_one_person_is_asked_for(
    content: dict[str, Any], more: list[str], to_collect: list[str]
) -> None:
    """What the customer is asked to agree to nobody is to collect, though it is for what has left:
    only what is beyond it, as the amendment makes up for it with what is open.
    """
    story = authorized()
    story.happened(Shipped, **sent("1"))
    story.happened(CaptureFailed, amount=FIVE, ref="c1", **CARD)
    step = story.happened(Amended, **content)
    assert [str(each.amount) for each in step.actions if isinstance(each, Authorize)] == more
    questions = [each for each in step.actions if isinstance(each, Ask)]
    assert [each.detail.split(" of what")[0] for each in questions] == to_collect
    for amount in more:
        step = story.happened(Authorized, payment="more", amount=Decimal(amount))
        assert asked_of(step) == [("Capture", amount)]


def test_what_leaves_after_a_failure_is_to_be_collected() -> None:
    """Of a payment that fails nothing more is asked by itself: somebody is told of each parcel."""
    story = authorized()
    story.happened(Shipped, **sent("1", "2"))
    story.happened(CaptureFailed, amount=TEN, ref="c1", **CARD)
    assert asked_of(story.happened(Shipped, **sent("3"))) == [("Ask", "payment.to_collect")]
    request: dict[str, Any] = {"amount": 3 * FIVE, **CARD}
    assert asked_of(story.happened(CaptureRequested, **request)) == [("Capture", "15.00")]
    assert asked_of(story.happened(Shipped, **sent("4"))) == [("Ask", "payment.to_collect")]


def test_a_refund_that_failed_and_is_owed_no_more_is_asked_for_when_one_is_owed_again() -> None:
    """By itself: nobody waits any more for what failed."""
    story = paid()
    assert asked_of(story.happened(Amended, ordered={"4": 0})) == [("Refund", "5.00")]
    story.happened(RefundFailed, amount=FIVE, ref="r1", **CARD)
    assert asked_of(story.happened(Amended, ordered={"4": 1})) == []
    assert asked_of(story.happened(Amended, ordered={"4": 0})) == [("Refund", "5.00")]


def test_what_failed_may_go_back_to_another_payment() -> None:
    """As far as that has given more than is on its way back to it; it is not asked for again."""
    story = paid_twice()
    assert asked_of(story.happened(Cancelled, lines={"1": 1})) == [
        ("Refund", "4.00"),
        ("Refund", "1.00"),
    ]
    story.happened(RefundFailed, amount=Decimal(4), ref="r1", **GIFT)
    step = story.happened(RefundRequested, amount=FIVE, **CARD)
    assert [(each.payment, each.amount) for each in step.actions] == [("card", Decimal(4))]
    step = story.happened(RefundRequested, amount=Decimal(4), **GIFT)
    assert (step.effect, step.actions) == (Effect.NO_CHANGE, ())


def test_what_failed_to_go_back_of_an_order_that_was_turned_down_is_tried_again() -> None:
    """Nothing of it may be kept, though all of it is due."""
    story = paid()
    story.happened(Rejected, by="Grace")
    story.happened(RefundFailed, amount=4 * FIVE, ref="r1", **CARD)
    step = story.happened(RefundRequested, amount=4 * FIVE, **CARD)
    assert asked_of(step) == [("Refund", "20.00")]


@pytest.mark.parametrize("amount", [TWO, 9 * FIVE])
def test_a_refund_that_failed_failed_as_a_whole(amount: Decimal) -> None:
    """Whatever amount its failure names."""
    story = paid()
    story.happened(Cancelled)
    story.happened(Refunded, amount=4 * FIVE, ref="r1", **CARD)
    story.happened(RefundFailed, amount=amount, ref="r1", **CARD)
    step = story.happened(RefundRequested, amount=4 * FIVE, **CARD)
    assert asked_of(step) == [("Refund", "20.00")]


def test_where_less_can_go_back_than_was_asked_for_that_is_what_is_on_its_way() -> None:
    """And not what failed: the bank took the rest."""
    story = paid()
    story.happened(Cancelled, lines={"1": 1, "2": 1})
    story.happened(RefundFailed, amount=TEN, ref="r1", **CARD)
    assert asked_of(story.happened(Cancelled)) == [("Refund", "10.00")]
    story.happened(ChargedBack, amount=TEN, ref="b1", **CARD)
    step = story.happened(RefundRequested, amount=FIVE, **CARD)
    assert (step.effect, step.actions) == (Effect.NO_CHANGE, ())


def test_what_is_to_be_let_go_is_not_captured() -> None:
    """Of one amount two things would be said."""
    story = Story(payments=[payment_of("card", TEN), payment_of("gift", TEN)])
    story.happened(Authorized, payment="new", amount=FIVE, replaces="gift")
    step = story.happened(CaptureRequested, amount=FIVE, **GIFT)
    assert (code_of(step), step.actions) == ("capture.not_authorized", ())


def test_what_is_on_its_way_back_is_captured_if_somebody_wants_it() -> None:
    """It pays for nothing any more: what is added since is due."""
    story = Story(
        line(quantity=4),
        payments=[payment_of("card", TEN, status="captured"), payment_of("gift", TEN, 1)],
    )
    story.happened(Amended, ordered={"1": 1})
    story.happened(Voided, amount=TEN, **GIFT)
    story.happened(Amended, ordered={"1": 2})
    story.happened(Authorized, amount=FIVE, **GIFT)
    assert asked_of(story.happened(CaptureRequested, amount=FIVE, **GIFT)) == [("Capture", "5.00")]


@pytest.mark.parametrize("hours", [-1, 1])
def test_what_is_agreed_to_anew_is_tried_once(hours: int) -> None:
    """Another failure from before that, heard of later, has nobody capture it a second time."""
    story = Story()
    story.happened(Shipped, parcel="p1", location="x", lines={"1": 2})
    failed = story.make(CaptureFailed, amount=TEN, ref="c1", **CARD)
    late = attrs.evolve(failed, id="late", ref="c0", at=failed.at + timedelta(minutes=hours))
    story.heard(failed)
    step = story.happened(Authorized, amount=TEN, ref="a2", **CARD)
    assert asked_of(step) == [("Capture", "10.00")]
    assert asked_of(story.heard(late)) == [("Ask", "payment.capture_failed")]


@pytest.mark.parametrize("kind", [Voided, AuthorizationExpired])
def test_what_is_gone_before_it_was_captured_is_waited_for_no_more(kind: type[Event]) -> None:
    """The same payment agrees to it anew: that is captured. What it had agreed to earlier, and is
    heard of after that, is not.
    """
    story = Story()
    story.happened(Shipped, parcel="p1", location="x", lines={"1": 2})
    early = story.make(Authorized, amount=FIVE, ref="a1", **CARD)
    story.happened(kind, amount=TEN, ref="v1", **CARD)
    assert asked_of(story.heard(early)) == []
    step = story.happened(Authorized, amount=FIVE, ref="a2", **CARD)
    assert asked_of(step) == [("Capture", "5.00")]
    assert asked_of(story.heard(attrs.evolve(early, id="again"))) == []


def test_what_came_in_place_of_its_void_is_let_go_no_more() -> None:
    """What the payment agrees to after that can be captured, or is let go itself."""
    story = Story()
    story.happened(Cancelled, lines={"1": 2})
    story.happened(Captured, amount=TEN, ref="c1", **CARD)
    step = story.happened(Authorized, amount=FIVE, ref="a2", **CARD)
    assert asked_of(step) == [("Void", "5.00")]


def test_who_is_owed_nothing_is_paid_in_no_other_way() -> None:
    """A refund that nobody owed, or that is owed no more, fails: a person reads of it."""
    story = paid()
    story.happened(Refunded, amount=FIVE, ref="r1", **CARD)
    step = story.happened(RefundFailed, amount=FIVE, ref="r1", **CARD)
    assert ("Ask", "payment.refund_failed") not in asked_of(step)
    assert story.told["staff:payment.problem"] == 2


# -- Goods for it ----------------------------------------------------------------------------------


def test_nothing_is_handed_over_while_its_money_is_on_its_way_back() -> None:
    """It is when that has failed: then the shop has it still."""
    story = paid()
    story.happened(Amended, ordered={"4": 0})
    assert asked_of(story.happened(Amended, ordered={"4": 1})) == [("Authorize", "5.00")]
    pick_list: dict[str, Any] = {"location": "x", "lines": {"1": 1}}
    step = story.happened(Released, ref="f1", **pick_list)
    assert code_of(step) == "payment.not_covered"
    step = story.happened(RefundFailed, amount=FIVE, ref="r1", **CARD)
    assert asked_of(step) == [("Release", "")]
    assert story.happened(Released, ref="f2", **pick_list).refusal is None


def test_nothing_is_handed_over_for_a_payment_that_is_let_go() -> None:
    """Another one has taken its place, and covers less."""
    story = Story(payments=[payment_of("card", Decimal(4))])
    step = story.happened(Authorized, payment="new", amount=Decimal(6), replaces="card")
    assert asked_of(step) == [("Void", "4.00"), ("Capture", "6.00")]


def test_of_what_goes_back_less_than_a_cent_holds_up_nothing() -> None:
    """What is due of fractions of a cent is paid to the cent."""
    mugs = [line("1", 3, unit_price=Decimal("1.001")), line("2", 1)]
    story = Story(*mugs, payments=[payment_of("card", Decimal("8.00"), status="captured")])
    step = story.happened(Cancelled, lines={"2": 1})
    assert asked_of(step) == [("Refund", "5.00")]  # it was covered before
    step = story.happened(Released, ref="f1", location="x", lines={"1": 1})
    assert step.refusal is None


# -- Told ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "amount"),
    [(RefundFailed, Decimal(4)), (ChargedBack, Decimal(4)), (CaptureFailed, Decimal(4))],
)
def test_what_went_back_is_told_when_nothing_more_is_on_its_way(
    kind: type[Event], amount: Decimal
) -> None:
    """Though the last part of it failed, or is not there any more."""
    story = Story(payments=[payment_of("card", Decimal(6), status="captured")])
    story.happened(Captured, amount=Decimal(4), ref="c2", **GIFT)
    story.happened(Cancelled)
    assert told_of(story.happened(Refunded, amount=Decimal(6), ref="r1", **CARD)) == []
    ref = "c2" if kind is CaptureFailed else "r2"
    step = story.happened(kind, amount=amount, ref=ref, **GIFT)
    [message] = told_of(step)
    assert (message["amount"], message["refunded:card"]) == ("6.00", "6.00")
    rows = [row[0] for row in story.record.history.asked_amounts]
    assert "refund_untold" not in rows
    step = story.happened(RefundFailed, amount=Decimal(1), ref="r9", **GIFT)
    assert told_of(step) == []


def test_parts_that_are_told_together_are_told_as_one_amount() -> None:
    """What went back since the customer was told last."""
    story = paid_twice()
    story.happened(Cancelled)
    assert told_of(story.happened(Refunded, amount=TWO, ref="r1", **CARD)) == []
    assert told_of(story.happened(Captured, payment="late", amount=TWO, ref="c1")) == []
    assert told_of(story.happened(Refunded, amount=Decimal(4), ref="r2", **CARD)) == []
    assert told_of(story.happened(Refunded, payment="late", amount=TWO, ref="r4")) == []
    assert told_of(story.happened(Refunded, amount=Decimal(4), ref="r3", **GIFT)) == [
        {
            "kind": "payment.refunded",
            "amount": "12.00",
            "currency": "EUR",
            "refunded:card": "6.00",
            "refunded:gift": "4.00",
            "refunded:late": "2.00",
        }
    ]


def test_a_refund_that_came_before_its_money_is_told_with_that() -> None:
    """It had no room, so nothing had gone back; now it has."""
    story = Story(payments=[])
    assert told_of(story.happened(Refunded, payment="new", amount=Decimal(4), ref="r1")) == []
    [message] = told_of(story.happened(Captured, payment="new", amount=TEN, ref="c1"))
    assert (message["kind"], message["amount"]) == ("payment.partly_refunded", "4.00")
    dollars = Payment(id="usd", amount=TEN, currency="USD")
    story = Story(payments=[dollars])
    story.happened(Refunded, payment="usd", amount=Decimal(4), ref="r1")
    [message] = told_of(story.happened(Captured, payment="usd", amount=TEN, ref="c1"))
    assert (message["currency"], message["amount"]) == ("USD", "4.00")
    assert told_of(story.happened(RefundFailed, payment="usd", amount=TWO, ref="r2")) == []


def test_what_went_back_and_came_again_is_not_told() -> None:
    """Nothing has gone back when the rest of it fails."""
    story = paid_twice()
    story.happened(Cancelled)
    story.happened(Refunded, amount=Decimal(6), ref="r1", **CARD)
    story.happened(RefundFailed, amount=Decimal(6), ref="r1", **CARD)
    assert told_of(story.happened(RefundFailed, amount=Decimal(4), ref="r2", **GIFT)) == []
    story = paid_twice()
    story.happened(Cancelled)
    story.happened(Refunded, amount=TWO, ref="r1", **CARD)
    story.happened(Refunded, amount=Decimal(4), ref="r2", **CARD)
    story.happened(RefundFailed, amount=TWO, ref="r1", **CARD)
    [message] = told_of(story.happened(RefundFailed, amount=Decimal(4), ref="r3", **GIFT))
    assert (message["amount"], message["refunded:card"]) == ("4.00", "4.00")


@pytest.mark.parametrize("is_told", [True, False])
def test_what_came_again_is_not_told_beside_what_was_told_before(is_told: bool) -> None:
    """Of two refunds in a row the first was told: of the second one nothing went back but the last
    part, whether or not the report of the other one was to be told.
    """
    for kind, amounts in ((Refunded, ["5.00"]), (RefundFailed, [])):
        story = Story(
            line(quantity=8),
            payments=[
                payment_of("gift", TEN, status="captured"),
                payment_of("card", 3 * TEN, 1, status="captured"),
            ],
        )
        story.happened(Cancelled, lines={"1": 2})
        [message] = told_of(story.happened(Refunded, amount=TEN, ref="a", **CARD))
        assert message["amount"] == "10.00"
        story.happened(Cancelled, lines={"1": 5})
        assert told_of(story.happened(Refunded, amount=2 * TEN, ref="b", **CARD)) == []
        step = story.happened(RefundFailed, amount=2 * TEN, ref="b", tell=is_told, **CARD)
        assert told_of(step) == []
        messages = told_of(story.happened(kind, amount=FIVE, ref="c", **GIFT))
        assert [each["amount"] for each in messages] == amounts


def test_who_is_not_to_be_told_hears_it_with_the_next_part() -> None:
    """A report that is not to be told neither tells nor forgets the others."""
    story = paid_twice()
    story.happened(Cancelled)
    story.happened(Refunded, amount=Decimal(6), ref="r1", **CARD)
    step = story.happened(RefundFailed, amount=Decimal(4), ref="r2", tell=False, **GIFT)
    assert told_of(step) == []
    story.happened(RefundRequested, amount=Decimal(4), **GIFT)
    [message] = told_of(story.happened(Refunded, amount=Decimal(4), ref="r3", **GIFT))
    assert message["amount"] == "10.00"


@pytest.mark.parametrize("is_failure_first", [True, False])
def test_a_try_that_fails_at_the_instant_of_another_one_is_the_last(
    *, is_failure_first: bool
) -> None:
    """Whichever is heard first: nobody knows whether the payment is worth any more."""
    story = Story()
    about: dict[str, Any] = {**CARD, "amount": FIVE, "at": NOON}
    tries = [(CaptureFailed, {**about, "ref": "c1"}), (Captured, {**about, "ref": "c2"})]
    for kind, content in tries if is_failure_first else reversed(tries):
        story.happened(kind, **content)
    step = story.happened(Shipped, parcel="p1", location="x", lines={"1": 2})
    assert asked_of(step) == [("Ask", "payment.to_collect")]
