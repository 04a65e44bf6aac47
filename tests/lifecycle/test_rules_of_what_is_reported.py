"""What is reported counts where it belongs, and is told to whom it concerns, and only then."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from story import FIVE, NOON, Story, asked_of, code_of, line

from fulfill_core import Hold, Inventory, Reservation, hold
from fulfill_core.lifecycle import (
    Approved,
    AuthorizationFailed,
    Captured,
    CaptureFailed,
    CaptureRequested,
    Counted,
    CreditGranted,
    Delivered,
    Effect,
    HoldLifted,
    HoldPlaced,
    Lost,
    Provided,
    Refunded,
    RefundFailed,
    Release,
    Released,
    ReturnClosed,
    ReturnRequested,
    Shipped,
    Status,
    Voided,
    is_on_hold,
    status,
)

ONE, TEN = Decimal(1), Decimal(10)
CARD: dict[str, Any] = {"payment": "card"}
STOP = {"source": "qa", "code": "qa.look"}


# -- Goods -----------------------------------------------------------------------------------------


def test_what_arrived_of_a_parcel_is_what_was_said_and_no_more() -> None:
    """Its other lines are on their way still."""
    story = Story(line(), line("2"))
    story.happened(Shipped, parcel="p1", location="x", lines={"1": 2, "2": 2})
    story.happened(Delivered, parcel="p1", lines={"1": 1})
    assert [story.units(line_id) for line_id in "12"] == [
        {"shipped": 2, "delivered": 1},
        {"shipped": 2},
    ]


def test_what_is_handed_over_goes_by_the_number_that_it_was_given() -> None:
    """What is said of that number later is of the same handing over; else the event's id is it."""
    story = Story(line(quantity=2, sku="pdf", ships=False), stock=Inventory())
    story.happened(Provided, ref="d1", lines={"1": 1})
    event = story.make(Provided, lines={"1": 1})
    story.heard(event)
    assert [each.id for each in story.record.history.parcels] == ["d1", event.id]
    story.happened(Delivered, parcel="d1")
    assert story.units() == {"shipped": 2, "delivered": 1}


def test_what_is_lost_of_a_line_that_nobody_knows_is_kept_and_told() -> None:
    """A fact: it counts for the line when there is one."""
    story = Story()
    step = story.happened(Lost, parcel="p1", lines={"9": 1}, credited={"9": 1})
    assert (code_of(step), step.refusal and step.refusal.is_kept) == ("line.unknown", True)
    assert story.told["staff:order.review_needed"] == 1


def test_a_row_of_a_line_that_nobody_knows_has_nothing_ordered_and_nothing_open() -> None:
    """Only what the parcel holds of it is said."""
    story = Story()
    step = story.happened(Shipped, parcel="p1", location="x", lines={"1": 1, "9": 3})
    [message] = [each for each in step.notifications if each.kind == "parcel.shipped"]
    assert [tuple(row)[:6] for row in message.lines] == [
        ("1", "mug", 2, 1, 1, 0),
        ("9", "-", 0, 3, 0, 0),
    ]


def test_what_a_location_has_is_not_handed_over_to_it_again() -> None:
    """What is open besides is handed over to the other one."""
    stock = Inventory.of({("mug", "x"): 9, ("mug", "y"): 9}).with_reserved(
        *[
            Reservation(order_id="A-1", line_id="1", sku="mug", location=place, quantity=2)
            for place in "xy"
        ]
    )
    story = Story(line(quantity=4), stock=stock)
    story.happened(Released, ref="f1", location="x", lines={"1": 1})
    story.happened(Released, ref="f2", location="x", lines={"1": 1})
    story.happened(HoldPlaced, **STOP)
    step = story.happened(HoldLifted, **STOP)
    assert step.actions == (Release(location="y", units={"1": 2}),)


def test_a_count_that_takes_only_from_others_is_their_news() -> None:
    """Where an order has nothing reserved it is not at risk, however little is there."""
    other = Reservation(order_id="A-2", line_id="1", sku="mug", location="y", quantity=2)
    story = Story(stock=Story().stock.with_reserved(other))
    step = story.happened(Counted, units={("mug", "y"): -8})
    assert (step.notifications, step.inventory.on_hand("mug", "y")) == ((), 1)


def test_what_goes_again_is_not_too_much() -> None:
    """One of two was lost and is sent once more: three left, and nobody has to look."""
    story = Story()
    story.happened(Shipped, parcel="p1", location="x", lines={"1": 2})
    story.happened(Lost, parcel="p1", lines={"1": 1}, reopened={"1": 1})
    step = story.happened(Shipped, parcel="p2", location="x", lines={"1": 1})
    assert (story.units()["shipped"], story.record.surplus("1")) == (3, 0)
    assert [each for each in step.notifications if each.audience == "staff"] == []


def test_a_return_without_a_number_goes_by_the_id_of_its_event() -> None:
    """Its customer is told that number, and hears once it is declined, not when it is let be."""
    for is_declined, kinds in ((True, ["return.declined"]), (False, [])):
        story = Story()
        story.happened(Shipped, parcel="p1", location="x", lines={"1": 2})
        event = story.make(ReturnRequested, lines={"1": 1}, ground="claim")
        [message] = story.heard(event).notifications
        assert (message.subject, dict(message.reasons)["return"]) == (
            f"return:{event.id}",
            event.id,
        )
        step = story.happened(ReturnClosed, ref=event.id, is_declined=is_declined)
        assert [str(each.kind) for each in step.notifications] == kinds


# -- People ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line_id", "expected"), [("", Status.ON_HOLD), ("1", Status.ON_HOLD), ("2", Status.OPEN)]
)
def test_an_order_waits_with_a_line_that_is_open_and_stopped(
    line_id: str, expected: Status
) -> None:
    """What is stopped of a line of which nothing is open stops nothing."""
    record = Story(line(), line("2")).record.with_progress("2", cancelled=2)
    record = record.with_hold(Hold(order_id="A-1", line_id=line_id, at=NOON, **STOP))
    assert (status(record), is_on_hold(record)) == (expected, expected is Status.ON_HOLD)


def test_an_approval_is_a_change() -> None:
    """A host that keeps only what changed keeps it."""
    step = Story().happened(Approved, by="Grace", findings=[hold("payment.expired")])
    assert step.effect is Effect.APPLIED


# -- Money -----------------------------------------------------------------------------------------


def test_the_smallest_amount_that_was_asked_for_is_not_asked_for_again() -> None:
    """A person has one euro captured: nine are left."""
    story = Story()
    assert asked_of(story.happened(CaptureRequested, amount=ONE, **CARD)) == [("Capture", "1.00")]
    step = story.happened(CaptureRequested, amount=TEN, **CARD)
    assert code_of(step) == "capture.not_authorized"
    step = story.happened(Shipped, parcel="p1", location="x", lines={"1": 2})
    assert asked_of(step) == [("Capture", "9.00")]


def test_a_payment_that_a_gateway_refuses_is_told_to_the_staff_while_it_is_missed() -> None:
    """By its code; where another payment covers all of it, nobody misses it."""
    step = Story(payments=[]).happened(AuthorizationFailed, amount=TEN, **CARD)
    [message] = [each for each in step.notifications if each.audience == "staff"]
    assert [code for code, _ in message.reasons] == ["payment.not_authorized"]
    step = Story().happened(AuthorizationFailed, payment="card2", amount=TEN)
    assert step.notifications == ()


def test_nobody_is_thanked_for_money_that_did_not_come() -> None:
    """The failure was heard of before the capture that failed."""
    story = Story()
    story.happened(CaptureFailed, amount=TEN, ref="c1", **CARD)
    step = story.happened(Captured, amount=TEN, ref="c1", **CARD)
    assert (step.notifications, step.effect) == ((), Effect.NO_CHANGE)
    step = story.happened(Captured, amount=TEN, ref="c2", **CARD)
    assert [str(each.kind) for each in step.notifications] == ["payment.received"]


def test_a_refund_without_a_number_goes_by_the_id_of_its_event() -> None:
    """Its failure names that, and may be heard of first."""
    story = Story()
    story.happened(Captured, amount=TEN, ref="c1", **CARD)
    event = story.make(Refunded, amount=FIVE, **CARD)
    story.happened(RefundFailed, amount=FIVE, ref=event.id, **CARD)
    step = story.heard(event)
    assert (step.refusal, step.effect) == (None, Effect.NO_CHANGE)


def test_what_is_owed_for_is_a_change_and_what_nobody_looks_at_is_none() -> None:
    """A credit lowers what is due; what was voided is not there to be voided once more."""
    story = Story()
    assert story.happened(CreditGranted, amount=ONE).effect is Effect.APPLIED
    assert story.happened(Voided, ref="v1", amount=TEN, **CARD).effect is Effect.APPLIED
    assert story.happened(Voided, ref="v2", amount=TEN, **CARD).effect is Effect.NO_CHANGE
