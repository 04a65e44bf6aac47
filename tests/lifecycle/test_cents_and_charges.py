"""What is asked for is what can be paid, and a charge that holds already changes nothing."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from story import FIVE, NOON, Story, asked_of, code_of, line

from fulfill_core import Payment
from fulfill_core.lifecycle import (
    Amended,
    Cancelled,
    Captured,
    ChargedBack,
    CreditGranted,
    Effect,
    ReturnReceived,
    Shipped,
)

ONE = {"1": 1}


def shipped(price: str, *amounts: str) -> tuple[Story, list[tuple[str, str]]]:
    """A story of a unit at this price that has left, with so much authorised; what is asked for."""
    payments = [
        Payment(id=f"card {place}", amount=Decimal(amount), authorized_at=NOON)
        for place, amount in enumerate(amounts)
    ]
    story = Story(line(quantity=1, unit_price=Decimal(price)), payments=payments)
    return story, asked_of(story.happened(Shipped, parcel="p1", location="x", lines=ONE))


def test_half_a_cent_that_is_captured_is_not_to_be_collected() -> None:
    """Nobody can pay it: what is captured of a payment is rounded, and so is what is left."""
    assert shipped("3.335", "3.335")[1] == [("Capture", "3.34")]
    assert shipped("6.67", "3.335", "3.335")[1] == [("Capture", "3.34"), ("Capture", "3.33")]
    assert shipped("10", "4.335")[1] == [("Capture", "4.34"), ("Ask", "payment.to_collect")]


def test_less_than_half_a_cent_that_is_missing_is_nothing_to_collect() -> None:
    """What is to be collected can be paid: such as a cent, and not a part of one."""
    for amount, asked in (("0.004", []), ("0.006", [("Ask", "payment.to_collect")])):
        card = Payment(id="card", amount=FIVE, status="captured")
        story = Story(line(quantity=1), payments=[card])
        story.happened(ChargedBack, payment="card", amount=Decimal(amount))
        step = story.happened(Shipped, parcel="p1", location="x", lines=ONE)
        assert asked_of(step) == asked
        assert [getattr(each, "detail", "")[:8] for each in step.actions] == ["0.01 EUR"] * len(
            asked
        )


def test_what_was_asked_for_is_not_too_much_when_it_comes() -> None:
    """A capture as it can be paid is as much as was to be captured; a cent more is told."""
    for amount, count in (("3.34", 0), ("3.35", 1)):
        story, _ = shipped("3.335", "3.335")
        story.happened(Captured, payment="card 0", amount=Decimal(amount))
        assert story.told["staff:payment.problem"] == count


def test_of_a_settled_order_a_charge_that_holds_is_no_change() -> None:
    """Neither as it was agreed nor as it was amended; any other one is agreed anew.

    What sending costs is about money: only of what is cancelled does it come too late.
    """
    story = Story(line(quantity=1), shipping=Decimal(4))
    assert story.happened(Amended, shipping=Decimal(3)).effect is Effect.APPLIED
    story.happened(Shipped, parcel="p1", location="x", lines=ONE)
    assert story.happened(Amended, shipping=Decimal(3)).effect is Effect.NO_CHANGE
    step = story.happened(Amended, shipping=Decimal(4))
    assert (step.effect, asked_of(step)) == (Effect.APPLIED, [("Capture", "1.00")])
    story = Story(line(quantity=1), shipping=Decimal(4))
    story.happened(Cancelled)
    assert code_of(story.happened(Amended, shipping=Decimal(4))) == "order.cancelled"


def test_a_credit_is_taken_off_what_sending_costs_where_nothing_is_kept() -> None:
    """What is due then is the charge that holds, less what was granted; and never below zero."""
    card = Payment(id="card", amount=Decimal(15), status="captured")
    for credit, asked, due in (("2", "2.00", 3), ("7", "5.00", 0)):
        story = Story(shipping=FIVE, payments=[card])
        story.happened(Shipped, parcel="p1", location="x", lines={"1": 2})
        story.happened(ReturnReceived, ref="r1", location="x", lines={"1": 2}, shipping=FIVE)
        step = story.happened(CreditGranted, amount=Decimal(credit))
        assert (asked_of(step), story.record.due) == ([("Refund", asked)], due)


def test_what_sending_cost_at_first_comes_first() -> None:
    """Also before what somebody said of it whose clock is slow, before the order was placed."""
    story = Story(shipping=FIVE)
    story.happened(Amended, shipping=Decimal(2), at=NOON - timedelta(hours=1))
    assert story.record.due == 12
    story.happened(Amended, shipping=Decimal(1), at=NOON - timedelta(hours=2))
    assert story.record.due == 12


@pytest.mark.parametrize("charges", [(3, 8), (8, 3)])
def test_of_two_charges_of_one_return_at_one_instant_the_greater_one_counts(
    charges: tuple[int, int],
) -> None:
    """Whichever is heard first."""
    story = Story()
    story.happened(Shipped, parcel="p1", location="x", lines={"1": 2})
    receipt: dict[str, Any] = {"ref": "r1", "location": "x", "lines": ONE, "at": NOON}
    for charge in charges:
        story.happened(ReturnReceived, **receipt, shipping=Decimal(charge))
    assert story.record.due == FIVE + 8
