"""What is heard late, by a clock that is wrong, or once more: nothing is passed over in silence."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import attrs
import pytest
from story import FIVE, NOON, Story, code_of, line

from fulfill_core import Inventory, Kind, Payment, Reservation
from fulfill_core.lifecycle import (
    AuthorizationExpired,
    AuthorizationFailed,
    Authorized,
    Cancelled,
    Captured,
    ChargedBack,
    Delivered,
    DeliveryFailed,
    DisputeOpened,
    Effect,
    Escalated,
    Event,
    HoldLifted,
    HoldPlaced,
    Lost,
    Refunded,
    RefundFailed,
    Released,
    ReturnClosed,
    ReturnReceived,
    ReturnRequested,
    Rules,
    Shipped,
    Step,
    Tracked,
    timed_wake_at,
)

CARD: dict[str, Any] = {"payment": "card", "ref": "g1"}
STOP: dict[str, Any] = {"source": "fraud", "code": "fraud.look"}


def codes_of(step: Step) -> list[str]:
    """What the staff has to look at."""
    return [code for each in step.notifications for code, _ in each.reasons]


def test_a_hold_that_stops_nothing_is_told_while_its_end_is_to_come() -> None:
    """A clock is wrong then. What ended, and is heard of late, is nothing to look at."""
    for days, codes in ((4, ["hold.lifted_later"]), (0, [])):
        story = Story()
        story.happened(HoldPlaced, **STOP)
        story.happened(HoldLifted, **STOP, at=NOON + timedelta(days=days, hours=3))
        story.hours = 3
        late = story.make(HoldPlaced, **STOP, at=NOON + timedelta(hours=2))
        step = story.heard(late)
        assert (step.effect, step.record.holds, codes_of(step)) == (Effect.NO_CHANGE, (), codes)
        again = story.heard(story.make(HoldPlaced, **STOP, at=NOON + timedelta(hours=2)))
        assert codes_of(again) == []


def test_a_hold_of_the_time_at_which_it_was_lifted_is_looked_at() -> None:
    """Nobody can tell which was last: it stops nothing in either sequence, but not unseen."""
    story = Story()
    story.happened(HoldLifted, **STOP, at=NOON)
    step = story.happened(HoldPlaced, **STOP, at=NOON)
    assert (step.record.holds, codes_of(step)) == ((), ["hold.lifted_later"])


def test_a_lift_that_is_too_early_for_its_hold_is_looked_at() -> None:
    """The order is stopped still, and whoever lifted it believes that it is not."""
    story = Story()
    story.happened(HoldPlaced, **STOP, at=NOON + timedelta(hours=2))
    step = story.happened(HoldLifted, **{**STOP, "code": "fraud.other"})
    assert (len(step.record.holds), codes_of(step)) == (1, [])
    step = story.happened(HoldLifted, **STOP, at=NOON + timedelta(hours=1))
    assert (len(step.record.holds), codes_of(step)) == (1, ["hold.placed_since"])


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        (AuthorizationFailed, {"amount": FIVE}),
        (DisputeOpened, {"amount": FIVE}),
        (ChargedBack, {"amount": FIVE}),
        (AuthorizationExpired, {}),
    ],
)
def test_two_reports_of_one_thing_are_told_once(kind: type[Event], content: dict[str, Any]) -> None:
    """A web hook and the answer of a gateway have one number; of two times the earlier one counts.

    They create nothing, so the second is no duplicate; another number is another thing.
    """
    story = Story(payments=[]) if kind is AuthorizationFailed else Story()
    if kind is ChargedBack:
        story.happened(Captured, payment="card", ref="c1", amount=2 * FIVE)
    step = story.happened(kind, **CARD, **content)
    assert (step.effect, bool(step.notifications)) == (Effect.APPLIED, True)
    for at in (NOON + timedelta(hours=9), NOON):
        step = story.happened(kind, **CARD, **content, at=at)
        assert (step.effect, step.notifications, step.actions) == (Effect.NO_CHANGE, (), ())
    times = [each.at for each in step.record.history.movements if each.ref == "g1"]
    assert times == [NOON]
    step = story.happened(kind, **{**CARD, "ref": "g2"}, **content)
    assert step.notifications != ()


def test_two_amounts_under_one_number_contradict() -> None:
    """As they do of money that moved."""
    for kind in (AuthorizationFailed, DisputeOpened):
        story = Story(payments=[])
        story.happened(kind, **CARD, amount=FIVE)
        step = story.happened(kind, **CARD, amount=Decimal(6))
        assert code_of(step) == "event.conflict"


def test_what_moves_nothing_changes_no_payment() -> None:
    """A refusal and a dispute leave what a payment stands at, when it was agreed, and until when
    an order may stay unpaid, as if nobody had said them.
    """
    for kind in (AuthorizationFailed, DisputeOpened):
        story, plain = Story(), Story()
        story.happened(kind, **CARD, amount=FIVE)
        for each in (story, plain):
            each.hours = 1
            each.happened(Captured, **CARD, amount=FIVE)
        assert story.record.order == plain.record.order
        story, plain = Story(payments=[]), Story(payments=[])
        story.happened(kind, **CARD, amount=FIVE)
        rules = Rules(unpaid=timedelta(days=3))
        wake_at, plain_wake_at = (
            timed_wake_at(each.record, rules, now=NOON) for each in (story, plain)
        )
        assert wake_at == plain_wake_at
        for each in (story, plain):
            each.hours = 1
            each.happened(Authorized, **CARD, amount=FIVE)
        assert story.record.order == plain.record.order


def test_what_a_silent_last_part_leaves_is_told_with_the_next_step() -> None:
    """Its customer was to hear of the first part; whatever the next step is about, once."""
    card, gift = (Payment(id=name, amount=FIVE, captured=FIVE) for name in ("card", "gift"))
    story = Story(payments=[card, gift])
    story.happened(Cancelled, lines={"1": 2})
    assert story.happened(Refunded, payment="card", amount=FIVE).notifications == ()
    story.happened(Refunded, payment="gift", amount=FIVE, tell=False)
    assert story.happened(Escalated, code="look.here", tell=False).record.history.asked_amounts
    for count in (1, 0):
        step = story.happened(Escalated, code="look.there")
        news = [each for each in step.notifications if each.kind is Kind.REFUNDED]
        assert [dict(each.reasons)["amount"] for each in news] == ["5.00"] * count


def test_what_waits_to_be_told_of_one_payment_outlives_what_comes_again_of_another() -> None:
    """A refund that was told before fails while one to another payment waits for its rest."""
    card, gift = (Payment(id=name, amount=Decimal(10), captured=Decimal(10)) for name in "ab")
    story = Story(line("1", 4), payments=[card, gift])
    story.happened(Cancelled, lines={"1": 1})
    step = story.happened(Refunded, payment="b", amount=FIVE, ref="r1")
    assert step.notifications != ()
    story.happened(Cancelled, lines={"1": 2})
    step = story.happened(Refunded, payment="a", amount=FIVE, ref="r2")
    assert step.notifications == ()
    for ref in ("r1", "r3"):
        step = story.happened(RefundFailed, payment="b", amount=FIVE, ref=ref)
    news = [each for each in step.notifications if each.kind is Kind.PARTLY_REFUNDED]
    assert [dict(each.reasons)["amount"] for each in news] == ["5.00"]


@pytest.mark.parametrize("lag", [0, 20, 48])
def test_a_second_tour_is_told_however_late_it_is_heard_of(lag: int) -> None:
    """By when they happened it came after the one that failed; a scan of that one is none."""
    story = Story()

    def kinds_at(hour: int, kind: type[Event], **content: Any) -> list[str]:
        at = NOON + timedelta(hours=hour)
        event = story.make(kind, id=f"at-{hour}", at=at, parcel="p1", **content)
        story.hours = hour + lag
        return [each.kind for each in story.heard(event).notifications]

    out: dict[str, Any] = {"stage": "out_for_delivery"}
    kinds_at(0, Shipped, location="x", lines={"1": 2})
    assert kinds_at(8, Tracked, **out) == [Kind.OUT_FOR_DELIVERY]
    assert kinds_at(9, Tracked, **out) == []
    failed = kinds_at(12, DeliveryFailed, reason="nobody", asks_customer=True)
    assert failed == [Kind.DELIVERY_FAILED]
    assert kinds_at(11, Tracked, **out) == []
    assert kinds_at(32, Tracked, **out) == [Kind.OUT_FOR_DELIVERY]
    assert kinds_at(33, Tracked, **out) == []


def test_one_failure_is_told_once_whoever_reports_it() -> None:
    """Two reports of one time are of one failure; the next one is news."""
    story = Story()
    story.happened(Shipped, parcel="p1", location="x", lines={"1": 2})
    failure: dict[str, Any] = {"parcel": "p1", "asks_customer": True}
    effects = [
        story.happened(DeliveryFailed, at=NOON + timedelta(days=days), **failure).effect
        for days in (1, 1, 2)
    ]
    assert effects == [Effect.APPLIED, Effect.NO_CHANGE, Effect.APPLIED]
    assert story.told["customer:parcel.delivery_failed"] == 2


@pytest.mark.parametrize("kind", [Delivered, Lost])
def test_who_gets_a_pick_list_later_has_not_sent_what_is_heard_of_again(kind: Any) -> None:
    """Nobody said that it left: it did where its units were, also when it is said once more."""
    stock = Inventory.of({("mug", "x"): 1, ("mug", "y"): 1}).with_reserved(
        *[
            Reservation(order_id="A-1", line_id="1", sku="mug", location=place, quantity=1)
            for place in ("x", "y")
        ]
    )
    story = Story(stock=stock)
    about: dict[str, Any] = {"parcel": "p1", "lines": {"1": 1}, "at": NOON + timedelta(hours=1)}
    story.happened(kind, **about)
    story.happened(Released, ref="f1", location="y", lines={"1": 1})
    step = story.happened(kind, **about)
    assert step.effect is Effect.NO_CHANGE
    assert [story.stock.on_hand("mug", place) for place in ("x", "y")] == [0, 1]


def test_what_a_loss_says_too_much_is_told_once() -> None:
    """Also where it says what sending costs: that is kept for each report of it."""
    story = Story()
    story.happened(Shipped, parcel="p1", location="x", lines={"1": 2})
    event = story.make(Lost, parcel="p1", lines={"1": 1}, credited={"1": 2}, shipping=Decimal(9))
    story.heard(event)
    assert story.told["staff:order.review_needed"] == 1
    step = story.heard(attrs.evolve(event, id="again"))
    assert (step.effect, step.notifications) == (Effect.NO_CHANGE, ())
    more = attrs.evolve(event, id="more", credited={"1": 3})
    assert [each.kind for each in story.heard(more).notifications] == ["order.review_needed"]


@pytest.mark.parametrize(("units", "codes"), [(2, []), (3, ["units.beyond"])])
def test_what_was_given_up_and_came_all_the_same_is_given_up_again_unheard(
    units: int, codes: list[str]
) -> None:
    """Another report of it says nothing new; more than was to come is told."""
    story = Story(line(quantity=3))
    story.happened(Shipped, parcel="p1", location="x", lines={"1": 3})
    story.happened(ReturnRequested, ref="r1", lines={"1": 3})
    story.happened(ReturnClosed, ref="r1", lines={"1": 2})
    story.happened(ReturnReceived, ref="r1", location="x", lines={"1": 2})
    again = story.happened(ReturnClosed, ref="r1", lines={"1": units})
    assert (again.effect, codes_of(again)) == (Effect.NO_CHANGE, codes)
