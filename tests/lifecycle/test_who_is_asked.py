"""Money that is missing is asked for once: of the customer while they wait, else of the staff."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from story import FIVE, NOON, Story, asked_of

from fulfill_core import Payment
from fulfill_core.lifecycle import (
    AuthorizationExpired,
    AuthorizationFailed,
    Authorized,
    Cancelled,
    Event,
    Shipped,
    Voided,
)

TEN = 2 * FIVE
TO_COLLECT = "Ask", "payment.to_collect"


def half_sent(**content: Any) -> Story:
    """One of two units has left, and its capture is on its way."""
    story = Story(**content)
    story.happened(Shipped, parcel="p1", location="x", lines={"1": 1})
    return story


@pytest.mark.parametrize(
    ("kind", "content", "asked"),
    [
        (Voided, {"payment": "card"}, [("Authorize", "10.00")]),
        (AuthorizationExpired, {"payment": "card"}, [("Authorize", "10.00")]),
        (
            Authorized,
            {"payment": "new", "amount": Decimal(3), "replaces": "card"},
            [("Void", "10.00"), ("Capture", "3.00"), ("Authorize", "7.00")],
        ),
    ],
)
def test_while_something_is_open_the_customer_is_asked_for_what_has_left_as_well(
    kind: type[Event], content: dict[str, Any], asked: list[tuple[str, str]]
) -> None:
    """Nobody of the staff is, now or when it is said once more that a payment is gone."""
    story = half_sent()
    assert asked_of(story.happened(kind, **content)) == asked
    assert asked_of(story.happened(Voided, payment="card", ref="v2")) == []


def test_what_nobody_agreed_to_is_asked_of_the_customer_again() -> None:
    """Another try fails: it is the same money, and they wait still."""
    story = half_sent(payments=[])
    step = story.happened(AuthorizationFailed, payment="card", amount=TEN)
    assert asked_of(step) == [("Authorize", "10.00")]


def test_what_the_customer_was_asked_for_is_left_to_the_staff_when_nothing_is_open() -> None:
    """They wait for nothing any more: what has left is to be collected, or to come back."""
    story = half_sent()
    story.happened(Voided, payment="card")
    step = story.happened(Cancelled)
    assert asked_of(step) == [TO_COLLECT]
    assert [getattr(each, "detail", "").split(" of ")[0] for each in step.actions] == ["5 EUR"]
    assert asked_of(story.happened(AuthorizationFailed, payment="new", amount=FIVE)) == []


def test_what_the_staff_was_asked_for_is_not_asked_of_it_again_when_the_rest_is_cancelled() -> None:
    """Nor is what the customer agreed to meanwhile."""
    story = half_sent(payments=[])
    assert asked_of(story.happened(Cancelled)) == []
    story = half_sent()
    story.happened(Voided, payment="card")
    story.happened(Authorized, payment="new", amount=TEN)
    assert TO_COLLECT not in asked_of(story.happened(Cancelled))


def test_when_all_has_left_the_staff_is_asked_at_once() -> None:
    """However the payment was lost."""
    card = Payment(id="card", amount=TEN, authorized_at=NOON)
    for kind in (Voided, AuthorizationExpired):
        story = Story(payments=[card])
        story.happened(Shipped, parcel="p1", location="x", lines={"1": 2})
        assert asked_of(story.happened(kind, payment="card")) == [TO_COLLECT]
