"""Payments of many movements: what a step asks of them, it asks of each of them in few calls."""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from builders import calls
from story import FIVE, NOON, Story, line

from fulfill_core import Payment
from fulfill_core.lifecycle import (
    Amended,
    Authorized,
    Cancelled,
    Captured,
    Event,
    RefundFailed,
    Voided,
)
from fulfill_core.orders.sequences import MANY

CARD: dict[str, Any] = {"payment": "card"}


def refunds_that_failed(count: int) -> tuple[Story, Event]:
    """An order of which the refund failed so many times, and once more."""
    story = Story(line(quantity=count))
    story.happened(Captured, amount=count * FIVE, **CARD)
    story.happened(Cancelled)
    for number in range(count - 1):
        story.happened(RefundFailed, amount=FIVE, ref=f"r{number}", **CARD)
    return story, story.make(RefundFailed, amount=FIVE, ref="last", **CARD)


def agreed_and_let_go(count: int) -> tuple[Story, Event]:
    """An order of which a payment was agreed to and all of it let go, so many times."""
    story = Story(line(quantity=count))
    for number in range(0, count, 2):
        story.happened(Voided, ref=f"v{number}", **CARD)
        story.happened(Authorized, amount=FIVE, ref=f"a{number}", **CARD)
    return story, story.make(Voided, ref="last", **CARD)


def let_go_in_parts(count: int) -> tuple[Story, Event]:
    """An order of which so many parts of a payment were let go."""
    story = Story(line(quantity=count))
    for number in range(count - 1):
        story.happened(Voided, amount=FIVE, ref=f"v{number}", **CARD)
    return story, story.make(Voided, amount=FIVE, ref="last", **CARD)


def captures_said_again(count: int) -> tuple[Story, Event]:
    """An order of so many captures, of which one is said to have happened earlier."""
    story = Story(line(quantity=count))
    for number in range(count):
        story.happened(Captured, amount=FIVE, ref=f"c{number}", **CARD)
    return story, story.make(Captured, amount=FIVE, ref="c7", at=NOON, **CARD)


def charges_changed(count: int) -> tuple[Story, Event]:
    """An order of which what sending costs was agreed anew so many times."""
    story = Story()
    for number in range(count):
        story.happened(Amended, shipping=Decimal(number % 7))
    return story, story.make(Amended, shipping=Decimal(9))


@pytest.mark.parametrize(
    ("payment", "most"),
    [
        (charges_changed, 1),
        (refunds_that_failed, 20),
        (captures_said_again, 1),
        (agreed_and_let_go, 4),
        (let_go_in_parts, 2),
    ],
)
def test_a_movement_more_is_few_calls_more(payment: Any, most: int) -> None:
    """A step looks through what was reported of a payment, and searches for none of it."""
    fewer, more = (calls(partial(Story.heard, *payment(count)), of_c=True) for count in (100, 200))
    assert more - fewer <= most * 100


@pytest.mark.parametrize("payments", [(), None])
@pytest.mark.parametrize("is_let_go", [True, False])
@pytest.mark.parametrize("count", [3, MANY + 1])
def test_a_capture_that_happened_earlier_counts_as_if_that_was_said_at_once(
    count: int, is_let_go: bool, payments: tuple[Payment, ...] | None
) -> None:
    """Of one payment and of a second one that is known by its captures alone; let go or not."""
    outcomes: list[tuple[Any, ...]] = []
    for is_said_at_once in (True, False):
        content = {} if payments is None else {"payments": payments}
        story = Story(line(quantity=2 * count), **content)
        for number in range(count):
            when = {"at": NOON} if is_said_at_once and number == count - 1 else {}
            story.happened(Captured, amount=FIVE, ref=f"c{number}", **CARD, **when)
            if is_let_go and number == 1:
                story.happened(Voided, ref="v", **CARD)
                story.happened(Authorized, amount=4 * count * FIVE, ref="a", **CARD)
        if not is_said_at_once:
            story.happened(Captured, amount=FIVE, ref=f"c{count - 1}", at=NOON, **CARD)
        outcomes.append((story.record.order.payments, story.record.history.movements))
    assert outcomes[0] == outcomes[1]
