"""Payments of many movements: what a step asks of them, it asks of each of them in few calls."""

from __future__ import annotations

import sys
from types import FrameType
from typing import Any

import pytest
from story import FIVE, Story, line

from fulfill_core.lifecycle import Cancelled, Captured, Event, RefundFailed, advance

CARD: dict[str, Any] = {"payment": "card"}


def refunds_that_failed(count: int) -> tuple[Story, Event]:
    """An order of which the refund failed so many times, and once more."""
    story = Story(line(quantity=count))
    story.happened(Captured, amount=count * FIVE, **CARD)
    story.happened(Cancelled)
    for number in range(count - 1):
        story.happened(RefundFailed, amount=FIVE, ref=f"r{number}", **CARD)
    return story, story.make(RefundFailed, amount=FIVE, ref="last", **CARD)


def calls_of(story: Story, event: Event) -> int:
    """How many functions are called in a step, of Python and of C."""
    count = 0

    def counted(_frame: FrameType, kind: str, _detail: object) -> None:
        nonlocal count
        count += kind in {"call", "c_call"}

    before = sys.getprofile()
    sys.setprofile(counted)
    try:
        advance(story.record, event, story.stock, now=event.at)
    finally:
        sys.setprofile(before)
    return count


@pytest.mark.parametrize(("payment", "most"), [(refunds_that_failed, 20)])
def test_a_movement_more_is_few_calls_more(payment: Any, most: int) -> None:
    """A step looks through what was reported of a payment, and searches for none of it."""
    fewer, more = (calls_of(*payment(count)) for count in (100, 200))
    assert more - fewer <= most * 100
