"""Steps at the edge of a rule: two things at one instant, the second of a kind, less than said."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from story import FIVE, NOON, Story, asked_of, line

from fulfill_core import Component, Inventory, Item, Payment, Reservation, Stock
from fulfill_core.decisions.notification import Audience
from fulfill_core.lifecycle import (
    Amended,
    CancelDeclined,
    Cancelled,
    CancelRequested,
    Captured,
    CaptureFailed,
    Delivered,
    DeliveryFailed,
    Effect,
    Event,
    Lost,
    NotFulfilled,
    Refunded,
    RefundFailed,
    Release,
    Released,
    Shipped,
    Step,
    Tracked,
    Voided,
    cancel,
    released_by_line,
)
from fulfill_core.records.history import Units

CARD: dict[str, Any] = {"payment": "card"}
GIFT: dict[str, Any] = {"payment": "gift"}


def hour(number: int) -> dict[str, Any]:
    """When an event happened: so many hours after noon."""
    return {"at": NOON + timedelta(hours=number)}


def at_once(story: Story, kind: type[Event], **content: Any) -> Step:
    """What an event comes to that is heard, and happened, at the instant of the last one."""
    event = story.make(kind, **{**hour(story.hours), **content})
    story.hours -= 1
    return story.heard(event)


def kinds_of(step: Step) -> list[str]:
    """What the customer is told."""
    return [str(each.kind) for each in step.notifications if each.audience is Audience.CUSTOMER]


def released_in(step: Step) -> list[tuple[str, Units]]:
    """What is to be handed over: where, and in units by line."""
    return [(each.location, each.units) for each in step.actions if isinstance(each, Release)]


# -- What was agreed -------------------------------------------------------------------------------


def test_a_wish_at_the_instant_of_a_no_is_answered_by_the_next_no() -> None:
    """Though all had left by then, as is heard of later: nobody knows which of them came first."""
    story = Story()
    story.happened(Released, ref="f1", location="x", lines={"1": 2})
    story.happened(CancelRequested)
    assert kinds_of(story.happened(CancelDeclined)) == ["order.cancel_declined"]
    at_once(story, CancelRequested, id="again")
    story.happened(Shipped, parcel="p1", location="x", lines={"1": 2}, **hour(2))
    assert kinds_of(story.happened(CancelDeclined)) == ["order.cancel_declined"]


def test_who_cancelled_what_left_all_the_same_hears_that_it_is_sent() -> None:
    """What had left is a reason to say no, though no wish is on record."""
    story = Story()
    story.happened(Released, ref="f1", location="x", lines={"1": 2})
    story.happened(Cancelled)
    story.happened(Shipped, parcel="p1", location="x", lines={"1": 2})
    assert kinds_of(story.happened(CancelDeclined)) == ["order.cancel_declined"]


def test_one_message_stands_for_itself() -> None:
    """What is told next of its subject follows what its id ends with; several have a name of their
    own.
    """
    story = Story()
    for quantity in (1, 2):
        step = story.happened(Amended, ordered={"1": quantity})
        [message] = [each for each in step.notifications if each.audience is Audience.CUSTOMER]
        told = story.record.told_to(Audience.CUSTOMER, "amendment")
        assert told is not None
        assert told.id == message.id.rpartition(":")[2]


# -- Money -----------------------------------------------------------------------------------------


def payment_of(name: str, amount: int, hours: int = 0, **content: Any) -> Payment:
    """A payment that was agreed to at noon, or later."""
    at = NOON + timedelta(hours=hours)
    return Payment(id=name, amount=Decimal(amount), authorized_at=at, **content)


def test_what_an_order_costs_is_worked_out_anew_once_it_is_another_one() -> None:
    """A host may cancel units between two events, without one: what a step worked out of the order
    before that is not what it costs.
    """
    story = Story()
    story.happened(Captured, amount=Decimal(2), ref="c1", **CARD)
    story.record, story.stock = cancel(story.record, story.stock, {"1": 1})
    step = story.happened(Captured, amount=FIVE, ref="c2", **CARD)
    assert story.record.due == FIVE
    assert ("Refund", "2.00") in asked_of(step)


def test_what_failed_of_several_payments_is_forgotten_beyond_what_is_owed_of_all() -> None:
    """Each payment has what the others have not: what is owed again is asked for again."""
    story = Story(
        line(quantity=3),
        payments=[
            payment_of("card", 9, status="captured"),
            payment_of("gift", 6, 1, status="captured"),
        ],
    )
    step = story.happened(Amended, ordered={"1": 1})
    assert asked_of(step) == [("Refund", "6.00"), ("Refund", "4.00")]
    story.happened(RefundFailed, amount=Decimal(6), ref="r1", **GIFT)
    story.happened(RefundFailed, amount=Decimal(4), ref="r2", **CARD)
    story.happened(Amended, ordered={"1": 2})
    step = story.happened(Amended, ordered={"1": 1})
    assert sum(Decimal(amount) for _, amount in asked_of(step)) == FIVE


def test_what_is_let_go_of_a_payment_that_ran_out_is_missed_once() -> None:
    """It covers nothing since it ran out, so nothing more is missing once it is let go."""
    story = Story(
        payments=[
            payment_of("gift", 5, status="captured"),
            payment_of("card", 5, 1, expires_at=NOON + timedelta(hours=3)),
        ],
    )
    step = story.happened(Cancelled, lines={"1": 1})
    assert asked_of(step) == [("Void", "5.00")]
    story.hours = 4
    step = story.happened(Released, ref="f1", location="x", lines={"1": 1})
    assert (step.effect, step.refusal) == (Effect.APPLIED, None)


def test_what_went_back_of_a_payment_before_it_came_keeps_back_nothing_of_the_others() -> None:
    """A refund that is heard of before its capture is on its way no further than there is money."""
    story = Story(payments=[payment_of("card", 10, status="captured"), payment_of("gift", 5, 1)])
    story.happened(Refunded, amount=FIVE, ref="r1", **GIFT)
    assert ("Refund", "10.00") in asked_of(story.happened(Cancelled))


@pytest.mark.parametrize("numbers", [(0, 1, 2), (1, 0, 2), (2, 1, 0)])
def test_a_capture_that_failed_takes_nothing_from_what_is_let_go(numbers: tuple[int, ...]) -> None:
    """Though the failure bears an earlier time than the capture, by the clock of another system."""
    story = Story()
    events = [
        story.make(CaptureFailed, amount=FIVE, ref="c1", **CARD),
        story.make(Captured, amount=FIVE, ref="c1", **CARD),
        story.make(Voided, ref="v1", **CARD),
    ]
    for number in numbers:
        story.heard(events[number])
    [payment] = story.record.order.payments
    assert (payment.authorized, payment.captured) == (0, 0)


# -- Goods -----------------------------------------------------------------------------------------


def two_lines(**content: Any) -> Story:
    """Two mugs on each of two lines."""
    return Story(line(), line("2"), **content)


def test_a_place_that_was_asked_for_some_of_what_it_gives_back_may_have_the_rest_again() -> None:
    """It gave back what it was asked for, and the list with it: that is no reason against it."""
    story = two_lines()
    story.happened(Released, ref="f1", location="x", lines={"1": 2, "2": 2})
    story.happened(CancelRequested, lines={"1": 2})
    step = story.happened(NotFulfilled, ref="f1", reason="called_back")
    assert released_in(step) == [("x", (("2", 2),))]


@pytest.mark.parametrize("lines", [{}, {"1": 2}])
def test_what_somebody_wants_cancelled_is_not_handed_over_again_before_a_no(
    lines: dict[str, int],
) -> None:
    """Whether its location named the units that it gave back, or gave back all of its list."""
    story = Story()
    story.happened(Released, ref="f1", location="x", lines={"1": 2})
    story.happened(CancelRequested)
    step = story.happened(NotFulfilled, ref="f1", reason="called_back", lines=lines)
    assert asked_of(step) == [("Ask", "cancel.requested")]
    assert released_in(story.happened(CancelDeclined)) == [("x", (("1", 2),))]


def test_what_leaves_as_a_pick_list_is_given_back_left_of_that_one() -> None:
    """And not of the next one, that was handed over at the same instant."""
    story = Story(line(quantity=4))
    story.happened(Released, ref="f1", location="x", lines={"1": 2})
    story.happened(NotFulfilled, ref="f1", reason="rejected")
    at_once(story, Released, id="r2", ref="f2", location="x", lines={"1": 2})
    at_once(story, Shipped, id="s1", parcel="p1", location="x", lines={"1": 1})
    assert released_by_line(story.record) == {"1": 2}


@pytest.mark.parametrize("hours", [(3, 5), (5, 3)])
def test_a_pick_list_that_is_given_back_twice_is_closed_since_the_first_time(
    hours: tuple[int, int],
) -> None:
    """Whichever of the two was heard of first."""
    story = Story()
    story.happened(Released, ref="f1", location="x", lines={"1": 2})
    for number in hours:
        story.happened(NotFulfilled, ref="f1", reason="called_back", **hour(number))
    fulfilment = story.record.history.fulfilment("f1")
    assert fulfilment is not None
    assert fulfilment.closed_at == NOON + timedelta(hours=3)


def test_what_was_reserved_since_a_parcel_was_seen_is_no_place_that_it_left() -> None:
    """Where nobody said that it left: it did where its units were reserved by then."""
    reservations = [
        Reservation(
            order_id="A-1", line_id="1", sku="mug", location=place, quantity=1, made_at=made_at
        )
        for place, made_at in (("x", NOON), ("a", NOON + timedelta(hours=5)))
    ]
    stock = Inventory.of({("mug", "a"): 9, ("mug", "x"): 9}).with_reserved(*reservations)
    for kind, content in ((Delivered, {}), (Lost, {"reopened": {"1": 1}})):
        story = Story(stock=stock)
        story.hours = 6
        story.happened(kind, parcel="p1", lines={"1": 1}, **hour(1), **content)
        parcel = story.record.history.parcel("p1")
        assert parcel is not None
        assert parcel.location == "x"


def test_a_scan_at_the_instant_of_a_failed_tour_is_of_that_tour() -> None:
    """The carrier says once more that it was out; a later one is another tour."""
    story = Story()
    story.happened(Shipped, parcel="p1", location="x", lines={"1": 2})
    out = {"parcel": "p1", "stage": "out_for_delivery"}
    story.happened(Tracked, **out)
    step = story.happened(DeliveryFailed, parcel="p1", asks_customer=True)
    assert kinds_of(step) == ["parcel.delivery_failed"]
    step = at_once(story, Tracked, id="t2", **out)
    assert (step.effect, step.notifications) == (Effect.NO_CHANGE, ())
    assert kinds_of(story.happened(Tracked, **out)) == ["parcel.out_for_delivery"]


def test_what_is_lost_of_a_parcel_with_kits_and_components_is_a_whole_kit_first() -> None:
    """One that is said to be lost is one: not the whole one, and that of the components as well."""
    parts = {"cup": 2, "pot": 1}
    stock = Inventory(
        [Stock(sku=sku, location="x", on_hand=9) for sku in parts],
        items=[
            Item(
                sku="set",
                components=[Component(sku=sku, quantity=each) for sku, each in parts.items()],
            )
        ],
    )
    story = Story(line(sku="set"), stock=stock)
    rows = {("1", sku): each for sku, each in parts.items()}
    story.happened(Shipped, parcel="p1", location="x", lines={"1": 1}, parts=rows)
    story.happened(Lost, parcel="p1", lines={"1": 1}, credited={"1": 1})
    assert story.units() == {"shipped": 2, "lost": 1}
    story.happened(Delivered, parcel="p1", lines={"1": 1})
    assert story.units() == {"shipped": 2, "delivered": 1, "lost": 1}
