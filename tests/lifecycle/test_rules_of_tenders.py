"""What pays for an order: agreed to, run out, taken back; and what sending costs in the end."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import attrs
import pytest
from story import FIVE, NOON, Story, asked_of, line

from fulfill_core import Notification, Payment
from fulfill_core.lifecycle import (
    Amended,
    AuthorizationExpired,
    AuthorizationFailed,
    Authorized,
    Cancelled,
    Captured,
    CaptureFailed,
    ChargedBack,
    DisputeOpened,
    Effect,
    Escalated,
    Lost,
    Refunded,
    Released,
    ReturnReceived,
    Rules,
    Shipped,
    Step,
    Voided,
    timed_events,
    timed_wake_at,
)
from fulfill_core.orders.sequences import MANY
from fulfill_core.records import OrderRecord

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
ALL: dict[str, Any] = {"parcel": "p1", "location": "x"}
PAID: dict[str, Any] = {"payment": "card", "amount": 2 * FIVE}


def paid(amount: Decimal, **content: Any) -> Story:
    """An order of two mugs at 5.00 and what else is said, paid by card."""
    return Story(payments=[Payment(id="card", amount=amount, status="captured")], **content)


def test_the_time_to_pay_begins_when_it_is_asked_for() -> None:
    """A paid order that is raised is not cancelled since it was placed long ago.

    Nor is it cancelled for what it was raised by: a person decides.
    """
    rules = Rules(unpaid=3 * DAY)
    story = paid(2 * FIVE, rules=rules)
    story.hours = 240
    step = story.happened(Amended, ordered={"1": 3})
    assert asked_of(step) == [("Authorize", "5.00")]
    asked_at = NOON + 241 * HOUR
    assert timed_wake_at(story.record, rules, now=asked_at) == asked_at + 3 * DAY
    [event] = timed_events(story.record, rules, now=asked_at + 3 * DAY)
    assert isinstance(event, Escalated)
    assert (event.code, event.at) == ("payment.unanswered", asked_at + 3 * DAY)
    assert event.detail.startswith("5 EUR are not paid; what it cost before it was changed is")
    assert story.heard(event).record.open("1") == 3
    assert timed_events(story.record, rules, now=asked_at + 9 * DAY) == ()


def test_what_a_cancel_costs_more_has_its_time_to_be_paid() -> None:
    """One of two is cancelled, and sending costs 8.00 by that: a person decides on the other."""
    rules = Rules(unpaid=3 * DAY)
    story = paid(2 * FIVE, rules=rules)
    story.hours = 240
    step = story.happened(Cancelled, lines={"1": 1}, shipping=Decimal(8))
    assert asked_of(step) == [("Authorize", "3.00")]
    assert timed_events(story.record, rules, now=NOON + 10 * DAY + 2 * HOUR) == ()
    [event] = timed_events(story.record, rules, now=NOON + 10 * DAY + HOUR + 3 * DAY)
    assert isinstance(event, Escalated)
    assert event.code == "payment.unanswered"


def test_where_more_than_an_addition_is_unpaid_all_is_cancelled() -> None:
    """What covered the rest has run out: nobody pays for anything."""
    rules = Rules(unpaid=3 * DAY)
    story = Story(rules=rules)
    story.happened(Amended, ordered={"1": 3})
    story.happened(AuthorizationExpired, payment="card")
    [event] = timed_events(story.record, rules, now=NOON + 9 * DAY)
    assert isinstance(event, Cancelled)


@pytest.mark.parametrize("amount", [0, 1])
def test_an_addition_that_was_taken_back_is_no_reason_to_wait(amount: int) -> None:
    """Who never paid what it cost at first is waited for as if nothing had been amended."""
    rules = Rules(unpaid=3 * DAY)
    story = paid(Decimal(amount), rules=rules)
    for units in (4, 2):
        story.happened(Amended, ordered={"1": units})
    [event] = timed_events(story.record, rules, now=NOON + 9 * DAY)
    assert (type(event), event.at) == (Cancelled, NOON + HOUR + 3 * DAY)


def test_what_a_bank_takes_back_of_a_paid_addition_is_told_as_it_is() -> None:
    """As much was paid as it cost before: a person decides, whichever payment that was."""
    rules = Rules(unpaid=3 * DAY)
    story = paid(2 * FIVE, rules=rules)
    story.happened(Amended, ordered={"1": 4})
    story.happened(Captured, payment="c2", amount=2 * FIVE)
    story.happened(ChargedBack, **PAID)
    [event] = timed_events(story.record, rules, now=NOON + 9 * DAY)
    assert isinstance(event, Escalated)
    assert event.detail.startswith("10 EUR are not paid; what it cost before it was changed is")
    story.happened(ChargedBack, payment="c2", amount=FIVE)
    [event] = timed_events(story.record, rules, now=NOON + 9 * DAY)
    assert isinstance(event, Cancelled)


def test_when_the_rest_runs_out_as_well_all_is_cancelled() -> None:
    """A person was told of the addition; nobody pays for anything since the bank's time is up."""
    rules = Rules(unpaid=3 * DAY)
    ends = [(str(day), NOON + day * DAY) for day in (7, 8)]
    payments = [
        Payment(id=name, amount=FIVE, authorized_at=NOON, expires_at=end) for name, end in ends
    ]
    story = Story(payments=payments, rules=rules)
    story.happened(Amended, ordered={"1": 3})
    events = timed_events(story.record, rules, now=NOON + 30 * DAY)
    assert [(type(each), each.at) for each in events] == [
        (Escalated, NOON + HOUR + 3 * DAY),
        (Cancelled, NOON + 10 * DAY),
    ]
    story.heard(events[0])
    assert timed_wake_at(story.record, rules, now=NOON + 4 * DAY) == NOON + 10 * DAY


def test_what_ends_and_covers_no_more_than_before_brings_nothing() -> None:
    """One payment that runs out changes nothing where another one covers all of it."""
    rules = Rules(unpaid=3 * DAY)
    more = Payment(id="b", amount=FIVE, authorized_at=NOON, expires_at=NOON + DAY)
    story = Story(rules=rules, payments=[*paid(2 * FIVE).record.order.payments, more])
    story.happened(Amended, ordered={"1": 4})
    (first, second) = timed_events(story.record, rules, now=NOON + 30 * DAY)
    assert [each.at for each in (first, second)] == [NOON + HOUR + 3 * DAY, NOON + 4 * DAY]
    assert first.id != second.id


def test_an_amendment_that_is_paid_for_begins_no_time() -> None:
    """Nobody is asked for anything, so nothing of that is on record."""
    story = paid(4 * FIVE)
    story.happened(Amended, ordered={"1": 3})
    assert story.record.history.movements == ()


def test_an_agreement_that_is_heard_after_the_money_changes_nothing() -> None:
    """What came was agreed to; when that was is on record all the same."""
    story = Story(payments=[])
    story.happened(Captured, **PAID)
    step = story.heard(story.make(Authorized, **PAID, at=NOON, method="transfer"))
    [payment] = story.record.order.payments
    assert (step.effect, step.actions, step.notifications) == (Effect.NO_CHANGE, (), ())
    assert (payment.authorized_at, payment.captured) == (NOON, 2 * FIVE)


def test_another_report_of_an_authorization_may_tell_until_when_it_covers() -> None:
    """Whoever reads the effect alone must hear of it: money is missing from then on."""
    story = Story(payments=[])
    story.happened(Authorized, **PAID, ref="a")
    again = story.make(Authorized, **PAID, ref="a", at=NOON, expires_at=NOON + DAY)
    step = story.heard(again)
    assert step.effect == Effect.APPLIED
    assert step.record.order.payments[0].expires_at == NOON + DAY
    assert story.heard(attrs.evolve(again, id="e9")).effect == Effect.NO_CHANGE


@pytest.mark.parametrize(("amount", "codes"), [(2, []), (1, []), (3, ["void.no_room"])])
def test_what_was_captured_is_no_part_of_what_runs_out(amount: int, codes: list[str]) -> None:
    """A bank says that all ran out that it had agreed to; more than that is told to the staff."""
    story = Story()
    story.happened(Shipped, **ALL, lines={"1": 2})
    story.happened(Captured, **PAID)
    step = story.happened(AuthorizationExpired, payment="card", amount=amount * FIVE)
    assert [code for each in step.notifications for code, _ in each.reasons] == codes
    assert step.effect == Effect.NO_CHANGE


def test_a_chargeback_beyond_what_is_there_is_to_be_contested() -> None:
    """A bank that takes what went back already, or has not come yet, took it all the same."""
    story = paid(2 * FIVE)
    story.happened(Cancelled)
    story.happened(Refunded, **PAID)
    assert asked_of(story.happened(ChargedBack, **PAID)) == [("Ask", "payment.charged_back")]


def test_what_a_bank_took_back_before_it_was_heard_of_has_not_come() -> None:
    """No customer is told that their money came, of which nothing is there."""
    story = Story(payments=[])
    story.happened(ChargedBack, **PAID)
    story.happened(Captured, **PAID)
    assert story.told["customer:payment.received"] == 0


@pytest.mark.parametrize("is_before", [True, False])
def test_of_what_a_bank_took_a_part_of_the_rest_has_come(is_before: bool) -> None:
    """The customer reads what is there; if that failed, whoever has not read it need not."""
    story = Story(payments=[])
    if is_before:
        story.happened(ChargedBack, payment="w", amount=FIVE)
    [receipt] = story.happened(Captured, payment="w", amount=2 * FIVE, ref="c").notifications
    assert dict(receipt.reasons)["amount"] == ("5.00" if is_before else "10.00")
    if not is_before:
        story.happened(ChargedBack, payment="w", amount=FIVE)
    step = story.happened(CaptureFailed, payment="w", amount=2 * FIVE, ref="c")
    failed = next(each for each in step.notifications if each.kind == "payment.failed")
    assert failed.supersedes == (receipt.id,)


def test_a_failure_takes_the_place_of_its_own_receipt() -> None:
    """Whoever has not read that the money came need not: not of another capture, nor payment."""
    story = Story()
    receipt = story.happened(Captured, **PAID, ref="c1").notifications[0]
    story.happened(DisputeOpened, **PAID)  # the staff alone hears of it
    [message] = to_customer(story.happened(CaptureFailed, **PAID, ref="c1"))
    assert (message.kind, message.supersedes) == ("payment.failed", (receipt.id,))
    part: dict[str, Any] = {**PAID, "amount": PAID["amount"] / 4}  # of less than came, too
    story = Story()
    receipt = story.happened(Captured, **PAID, ref="c1").notifications[0]
    message = to_customer(story.happened(CaptureFailed, **part, ref="c1"))[0]
    assert (message.kind, message.supersedes) == ("payment.failed", (receipt.id,))
    for content in ({"ref": "c2"}, {"ref": "c1", "payment": "card2"}):
        story = Story(payments=[])
        half: dict[str, Any] = {"payment": "card", "amount": FIVE}
        story.happened(Captured, **half, ref="c1")
        [message] = to_customer(story.happened(CaptureFailed, **{**half, **content}))
        assert message.supersedes == ()


def test_two_payments_that_number_alike_are_both_received() -> None:
    """Two gateways count their captures from one."""
    story = Story(payments=[])
    for name in ("gift", "card"):
        story.happened(Captured, payment=name, amount=FIVE, ref="1")
    assert story.told["customer:payment.received"] == 2


def to_customer(step: Step) -> list[Notification]:
    """What the customer is told by a step."""
    return [each for each in step.notifications if each.audience == "customer"]


# -- What sending costs, once nothing is kept ------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "due"), [(None, Decimal(0)), (Decimal(0), Decimal(0)), (Decimal(3), Decimal(3))]
)
@pytest.mark.parametrize("number", [1, MANY + 6])
def test_sending_goes_back_with_the_last_unit_but_for_what_is_said_then(
    number: int, said: Decimal | None, due: Decimal
) -> None:
    """What is kept of it holds however many lines there are, and as read anew."""
    lines = [line(str(each), 1) for each in range(number)]
    cost = number * FIVE + 6
    story = paid(cost, lines=lines, shipping=Decimal(6))
    units = {each.id: 1 for each in lines}
    story.happened(Shipped, **ALL, lines=units)
    last = units.popitem()
    if units:
        story.happened(ReturnReceived, ref="r1", location="x", lines=units)
    step = story.happened(ReturnReceived, ref="r2", location="x", lines=dict([last]), shipping=said)
    rest = cost - 6 - FIVE
    assert asked_of(step) == [("Refund", str((cost - due - rest).quantize(Decimal("0.01"))))]
    assert story.record.due == due
    assert OrderRecord(**attrs.asdict(story.record, recurse=False, filter=_is_public)).due == due


def _is_public(field: attrs.Attribute[Any], _: object) -> bool:
    return not field.name.startswith("_")


def test_what_is_said_of_sending_with_a_loss_holds() -> None:
    """What comes back after that without a word leaves it as it was said."""
    story = paid(2 * FIVE + 6, shipping=Decimal(6))
    story.happened(Shipped, **ALL, lines={"1": 2})
    story.happened(Lost, parcel="p1", lines={"1": 1}, credited={"1": 1}, shipping=Decimal(4))
    assert story.record.due == FIVE + 4
    story.happened(ReturnReceived, ref="r1", location="x", lines={"1": 1})
    assert story.record.due == Decimal(4)
    assert asked_of(story.happened(Amended, shipping=Decimal(1))) == [("Refund", "3.00")]


def test_what_is_said_of_sending_once_nothing_is_kept_holds() -> None:
    """Without a word it went back with the last of it; whoever says it after that knows that."""
    story = paid(2 * FIVE + 6, shipping=Decimal(6))
    story.happened(Shipped, **ALL, lines={"1": 2})
    story.happened(ReturnReceived, ref="r1", location="x", lines={"1": 2})
    assert story.record.due == Decimal(0)
    assert story.happened(Amended, shipping=Decimal(4)).effect == Effect.APPLIED
    assert story.record.due == Decimal(4)
    story.happened(Amended, shipping=Decimal(1))
    assert story.record.due == Decimal(1)


def test_sending_of_an_exchange_goes_back_with_it() -> None:
    """What is said with goods that are to be sent is of them."""
    story = paid(2 * FIVE)
    story.happened(Shipped, **ALL, lines={"1": 2})
    story.happened(ReturnReceived, ref="r1", location="x", lines={"1": 2})
    new = attrs.evolve(line("2", 1), replaces="1")
    assert story.happened(Amended, added=[new], shipping=Decimal(4)).effect == Effect.APPLIED
    assert story.record.due == FIVE + 4
    story.happened(Shipped, **{**ALL, "parcel": "p2"}, lines={"2": 1})
    story.happened(ReturnReceived, ref="r2", location="x", lines={"2": 1})
    assert story.record.due == Decimal(0)


def test_what_a_cancellation_says_of_sending_is_of_what_is_sent() -> None:
    """All is cancelled and nothing has left: nothing was sent."""
    story = paid(2 * FIVE + 6, shipping=Decimal(6))
    story.happened(Cancelled, shipping=Decimal(4))
    assert story.record.due == Decimal(0)


@pytest.mark.parametrize("hour", [1, 2, 3])
@pytest.mark.parametrize("is_first", [False, True])
def test_what_was_agreed_to_and_refused_under_one_number_is_no_agreement(
    hour: int, is_first: bool
) -> None:
    """Unless it was agreed to after the refusal; whichever of the two is heard first."""
    story = Story(payments=[])
    events = [
        story.make(Authorized, ref="a1", at=NOON + 2 * HOUR, **PAID),
        story.make(AuthorizationFailed, ref="a1", at=NOON + hour * HOUR, **PAID),
    ]
    for event in reversed(events) if is_first else events:
        step = story.heard(event)
    is_agreed = hour < 2
    [payment] = step.record.order.payments
    assert (payment.amount, payment.authorized) == (2 * FIVE, 2 * FIVE if is_agreed else 0)
    assert step.effect is (Effect.APPLIED if is_agreed is is_first else Effect.NO_CHANGE)
    step = story.happened(Released, ref="f1", location="x", lines={"1": 2})
    assert (step.refusal is None) == is_agreed


def test_who_is_refused_after_all_is_asked_to_pay_and_nothing_is_handed_over() -> None:
    """The customer hears of it, and the location gives back what it has."""
    story = Story(payments=[])
    story.happened(Authorized, ref="a1", **PAID)
    story.happened(Released, ref="f1", location="x", lines={"1": 2})
    step = story.happened(AuthorizationFailed, ref="a1", **PAID)
    assert asked_of(step) == [("CallBack", ""), ("Authorize", "10.00")]
    assert story.told["customer:payment.failed"] == 1
    step = story.happened(Authorized, ref="a2", **PAID)
    assert step.record.order.payments[0].authorized == 2 * FIVE


def test_a_refusal_that_happened_before_it_was_said_leaves_what_was_agreed_to_since() -> None:
    """Of two reports of one refusal the first counts."""
    story = Story(payments=[])
    at = NOON + 2 * HOUR
    story.happened(Authorized, ref="a1", at=at, **PAID)
    story.happened(AuthorizationFailed, ref="a1", at=at + HOUR, **PAID)
    step = story.happened(AuthorizationFailed, ref="a1", at=at - HOUR, **PAID)
    assert step.record.order.payments[0].authorized == 2 * FIVE


def test_what_was_refused_was_not_let_go_with_the_rest() -> None:
    """Of a void of all that is what was agreed to by other tries."""
    story = Story(payments=[])
    story.happened(Authorized, ref="a1", **PAID)
    story.happened(Authorized, ref="a2", payment="card", amount=FIVE)
    story.happened(AuthorizationFailed, ref="a1", **PAID)
    story.happened(Voided, payment="card", ref="v1")
    step = story.happened(Authorized, ref="a3", **PAID)
    assert step.record.order.payments[0].authorized == 2 * FIVE


def test_what_was_refused_is_no_other_try_of_what_failed() -> None:
    """A capture fails, the card agrees anew, and does not after all: the goods wait."""
    story = Story()
    story.happened(CaptureFailed, ref="c1", **PAID)
    story.happened(Authorized, ref="a2", **PAID)
    step = story.happened(AuthorizationFailed, ref="a2", **PAID)
    assert step.record.order.payments[0].authorized == 2 * FIVE
    step = story.happened(Released, ref="f1", location="x", lines={"1": 2})
    assert step.refusal is not None
