"""Days and clocks: until when something may go back, and by whose clock a customer is told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from story import NOON, Story, line

from fulfill_core import Hold, InvalidValueError, Payment
from fulfill_core.lifecycle import (
    DelayAsked,
    Delivered,
    Effect,
    HoldPlaced,
    ReturnRequested,
    Rules,
    Shipped,
    Status,
    is_on_hold,
    status,
    timed_events,
    timed_wake_at,
    withdrawal_ends,
)

DAY = timedelta(days=1)
BERLIN = ZoneInfo("Europe/Berlin")
LAST = NOON + timedelta(hours=1)
"""When a story hears of its first event."""


def test_one_unit_on_its_way_keeps_the_time_from_running() -> None:
    """It runs from the last unit on, and not from the last but one."""
    story = Story(line(quantity=2))
    story.happened(Shipped, parcel="p1", location="x", lines={"1": 1})
    story.happened(Shipped, parcel="p2", location="x", lines={"1": 1})
    story.happened(Delivered, parcel="p1")
    assert withdrawal_ends(story.record) == {"1": None}
    story.happened(Delivered, parcel="p2")
    midnight = NOON.replace(hour=0) + DAY - timedelta(microseconds=1)
    assert withdrawal_ends(story.record) == {"1": midnight + 14 * DAY}
    assert withdrawal_ends(story.record, days=0) == {"1": midnight}


def test_a_customer_is_asked_by_the_clock_of_their_order() -> None:
    """Where an order names none, by that of the library's messages."""
    for timezone, clock in ((BERLIN, BERLIN), (None, UTC)):
        story = Story(timezone=timezone)
        step = story.happened(DelayAsked, new_date=NOON + 9 * DAY, answer_by=NOON + DAY)
        [message] = [each for each in step.notifications if each.kind == "order.delay_choice"]
        assert (message.timezone, message.delivered_at) == (clock, NOON + 9 * DAY)


@pytest.mark.parametrize("dates", [{"new_date": LAST}, {"new_date": None, "answer_by": LAST}])
def test_a_customer_may_be_asked_at_the_last_instant(dates: dict[str, Any]) -> None:
    """What is not yet past when it is heard of is to come."""
    story = Story()
    assert story.heard(story.make(DelayAsked, at=NOON, **dates)).refusal is None


def test_a_hold_of_a_line_stops_what_is_open_of_it() -> None:
    """As long as anything is; a hold of the order stops it either way."""
    story = Story(line(), line("2", 1))
    about = {"order_id": "A-1", "source": "qa", "code": "qa.look", "at": NOON}
    story.record = story.record.with_hold(Hold(line_id="1", **about))
    assert (is_on_hold(story.record), status(story.record)) == (True, Status.ON_HOLD)
    story.happened(Shipped, parcel="p1", location="x", lines={"1": 2})
    assert (is_on_hold(story.record), status(story.record)) == (False, Status.PARTLY_SHIPPED)
    story.happened(HoldPlaced, source="qa", code="qa.look")
    assert is_on_hold(story.record)


def test_the_last_instant_is_in_time() -> None:
    """Who changes their mind as the last day ends has done so; an instant later it is too late."""
    end = NOON.replace(hour=0) + 15 * DAY - timedelta(microseconds=1)
    content: dict[str, Any] = {"lines": {"1": 1}, "ground": "withdrawal"}
    for at, effect in ((end, Effect.APPLIED), (end + timedelta(microseconds=1), Effect.REFUSED)):
        story = Story(rules=Rules(withdrawal_days=14))
        story.happened(Shipped, parcel="p1", location="x", lines={"1": 2})
        story.happened(Delivered, parcel="p1")
        assert story.happened(ReturnRequested, at=at, **content).effect is effect


def test_a_shop_may_grant_no_days_of_withdrawal() -> None:
    """None at all is a choice; fewer than none is not."""
    assert Rules(withdrawal_days=0).withdrawal_days == 0
    with pytest.raises(InvalidValueError, match=r"^Rules\.withdrawal_days: -1"):
        Rules(withdrawal_days=-1)


def test_what_would_come_after_the_end_of_the_calendar_never_comes() -> None:
    """Many systems write "for ever" as the last day of the year 9999."""
    forever = datetime.max.replace(tzinfo=UTC)
    card = Payment(id="card", amount=Decimal(10), authorized_at=NOON, expires_at=forever)
    story = Story(payments=[card])
    rules = Rules(unpaid=3 * DAY, acceptance=3 * DAY)
    assert timed_events(story.record, rules, now=forever) == ()
    assert timed_wake_at(story.record, rules, now=NOON) is None
    story.happened(Delivered, parcel="p1", lines={"1": 2}, at=forever)
    assert withdrawal_ends(story.record) == {"1": forever}


def test_a_question_about_a_date_at_the_end_of_the_calendar_is_open_until_then() -> None:
    """No answer is due later than there is a time."""
    story, forever = Story(), datetime.max.replace(tzinfo=UTC)
    story.happened(DelayAsked, ref="d1", new_date=None, previous_date=forever)
    assert story.record.history.delays[0].answer_by == forever
    assert timed_events(story.record, now=forever) == ()
