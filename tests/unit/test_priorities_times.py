"""Ready-made priority policies that go by time: slack, clocks that are put back, and words."""

from __future__ import annotations

import pickle
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from builders import CONTEXT, NOW, line, order, refusal, run, served

from fulfill_core import Context, Order, PriorityPolicy, explain
from fulfill_core.calendars import BusinessCalendar, Shift
from fulfill_core.priorities import deadline, lexicographic, oldest_first, slack
from fulfill_core.priorities.times import describe

BERLIN = ZoneInfo("Europe/Berlin")
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def due(order_id: str, hours: int | None, **changes: Any) -> Order:
    """An order with a deadline some hours from now."""
    by = None if hours is None else NOW + hours * HOUR
    return order(order_id, deliver_by=by, **changes)


def needs_a_day_per_line(subject: Order) -> timedelta:
    """How long the shop needs for an order."""
    return len(subject.lines) * DAY


# -- Slack -----------------------------------------------------------------------------------------


def test_who_must_be_started_first_is_first() -> None:
    """A later deadline comes first if more is still to be done; no deadline last."""
    quick = due("quick", 30, lines=[line("1")])
    slow = due("slow", 60, lines=[line("1"), line("2"), line("3")])
    never = due("never", None)
    assert served(deadline, never, slow, quick) == ["quick", "slow", "never"]
    assert served(slack(needs_a_day_per_line), never, quick, slow) == ["slow", "quick", "never"]


def test_slack_without_a_need_is_the_deadline() -> None:
    """Nothing to be done: an order must be started when it is due."""
    assert slack()(due("A-1", 5), context=CONTEXT) == NOW + 5 * HOUR


def test_slack_in_working_time() -> None:
    """By a calendar, what needs four hours until Monday at ten begins on Friday afternoon."""
    office = BusinessCalendar(timezone=UTC, shifts=[Shift(start=time(9), end=time(17))])
    monday = datetime(2026, 3, 9, 10, tzinfo=UTC)
    policy = slack(4 * HOUR, working_time=office.subtract)
    start = policy(order(deliver_by=monday), context=CONTEXT)
    assert start == datetime(2026, 3, 6, 14, tzinfo=UTC)
    again = pickle.loads(pickle.dumps(policy))  # noqa: S301 - our own
    assert (again, hash(again)) == (policy, hash(policy))
    assert (
        repr(policy) == "slack(lead_time=datetime.timedelta(seconds=14400), working_time=subtract)"
    )


def test_slack_off_the_calendar_is_earlier_than_all_else() -> None:
    """A deadline years off is no error: what should have been started before year 1 is first."""
    first = order("first", deliver_by=datetime(1, 1, 2, tzinfo=UTC))
    last = order("last", deliver_by=datetime(9999, 12, 31, tzinfo=UTC))
    policy = slack(100 * DAY)
    assert policy(first, context=CONTEXT) == datetime.min.replace(tzinfo=UTC)
    assert served(policy, last, due("now", 0), first) == ["first", "now", "last"]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            {"lead_time": 3},
            "slack.lead_time: 3 is not a timedelta; pass one, such as timedelta(days=30)",
        ),
        (
            {"lead_time": -DAY},
            (
                "slack.lead_time: datetime.timedelta(days=-1) is below zero; pass a timedelta of"
                " zero or more"
            ),
        ),
        (
            {"working_time": 3},
            "slack.working_time: 3 can't be called; pass a function or another callable",
        ),
    ],
)
def test_settings_of_slack_are_checked(settings: dict[str, Any], message: str) -> None:
    """What is needed is a length of time or a function."""
    assert refusal(slack, **settings) == message


def needs_days(subject: Order) -> Any:
    """A function that gives a number for a length of time."""
    return 3


def says_naively(by: datetime, needed: timedelta) -> datetime:
    """A function that forgets the zone."""
    return datetime(2026, 3, 2)  # noqa: DTZ001 - that is the point


@pytest.mark.parametrize(
    ("policy", "message"),
    [
        (
            slack(needs_days),
            (
                "slack(lead_time=needs_days, working_time=None), asked about order 'A-1':"
                " needs_days returned 3, which is not a timedelta; pass one, such as"
                " timedelta(days=30)"
            ),
        ),
        (
            slack(working_time=says_naively),
            (
                "slack(lead_time=datetime.timedelta(0), working_time=says_naively), asked about"
                " order 'A-1': says_naively returned datetime.datetime(2026, 3, 2, 0, 0), which"
                " is naive; pass it with a tzinfo, such as timezone.utc"
            ),
        ),
    ],
)
def test_a_function_of_slack_that_returns_nonsense_stops_the_run(
    policy: PriorityPolicy, message: str
) -> None:
    """It is named, with what it returned and the order."""
    assert refusal(run, due("A-1", 5), verifiers=(), priority=policy) == message


# -- The night in which the clock is put back ------------------------------------------------------

NIGHT = datetime(2026, 10, 25, 2, 50, tzinfo=BERLIN)  # 00:50 UTC; the clock is put back at 3
LATER = datetime(2026, 10, 25, 2, 10, fold=1, tzinfo=BERLIN)  # 01:10 UTC
BETWEEN = datetime(2026, 10, 25, 1, tzinfo=UTC)


def test_the_hour_that_comes_twice_is_in_sequence() -> None:
    """Instants are compared, not clocks on walls: 2:50 before the clock is put back is earlier."""
    names = {"c": NIGHT, "b": BETWEEN, "a": LATER}
    by_deadline = [order(name, deliver_by=at) for name, at in names.items()]
    by_age = [order(name, placed_at=at) for name, at in names.items()]
    assert served(deadline, *by_deadline) == ["c", "b", "a"]
    assert served(slack(), *by_deadline) == ["c", "b", "a"]
    assert served(oldest_first, *by_age) == ["c", "b", "a"]
    assert served(lexicographic(), *by_age) == ["c", "b", "a"]


# -- In words --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hours", "words"),
    [
        (-24 * 3, "due by 2026-02-27 12:00 UTC (overdue by 3 days)"),
        (-24, "due by 2026-03-01 12:00 UTC (overdue)"),
        (-1, "due by 2026-03-02 11:00 UTC (overdue)"),
        (0, "due by 2026-03-02 12:00 UTC (today)"),
        (29, "due by 2026-03-03 17:00 UTC (tomorrow)"),
        (24 * 5, "due by 2026-03-07 12:00 UTC (in 5 days)"),
    ],
)
def test_a_deadline_in_words(hours: int, words: str) -> None:
    """It is said how far off it is, in days."""
    assert describe(deadline, due("A-1", hours), context=CONTEXT) == words


def test_days_are_those_of_utc() -> None:
    """A deadline is told in UTC, whatever zone it was written in, and so are its days."""
    late = Context(now=datetime(2026, 3, 2, 23, 30, tzinfo=UTC))
    by = datetime(2026, 3, 3, 17, tzinfo=BERLIN)
    assert describe(deadline, order(deliver_by=by), context=late) == (
        "due by 2026-03-03 16:00 UTC (tomorrow)"
    )


def test_the_first_hour_of_the_calendar_has_words_too() -> None:
    """Where another zone has no date for now, UTC has one."""
    first = Context(now=datetime(1, 1, 1, 0, 30, tzinfo=UTC))
    west = ZoneInfo("America/New_York")
    by = datetime(1, 1, 2, tzinfo=west)
    assert describe(deadline, order(deliver_by=by), context=first) == (
        "due by 1-01-02 04:56 UTC (tomorrow)"
    )


def test_age_in_words() -> None:
    """From two days on it is said how long ago an order was placed."""
    for days, ago in ((0, ""), (1, ""), (3, " (3 days ago)")):
        placed = NOW - days * DAY
        assert describe(oldest_first, order(placed_at=placed), context=CONTEXT) == (
            f"placed at {placed:%Y-%m-%d} 12:00 UTC{ago}"
        )


def test_slack_in_words() -> None:
    """The deadline, and by when work must begin; or that it is too late for it."""
    assert describe(slack(), due("A-1", None), context=CONTEXT) == "no deadline"
    assert describe(slack(DAY), due("A-1", 72), context=CONTEXT) == (
        "due by 2026-03-05 12:00 UTC, so to be started by 2026-03-04 12:00 UTC (in 2 days)"
    )
    assert describe(slack(DAY), due("A-1", 1), context=CONTEXT) == (
        "due by 2026-03-02 13:00 UTC, so to be started by 2026-03-01 13:00 UTC (too late already)"
    )


def test_an_explanation_says_it_in_words() -> None:
    """Rank, tier, deadline and age, in one sentence."""
    result = run(due("A-1", 29, placed_at=NOW - 3 * DAY), verifiers=())
    assert explain(result, "A-1").sentences[1] == (
        "It was first of 1 in the queue: due by 2026-03-03 17:00 UTC (tomorrow), then placed at"
        " 2026-02-27 12:00 UTC (3 days ago)."
    )
    assert result["A-1"].order.total == Decimal(0)
