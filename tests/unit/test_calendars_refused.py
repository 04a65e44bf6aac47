"""What calendars refuse: searches without an end, and what is no calendar."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from typing import Any

import pytest
from some_calendars import (
    ALL_DAY,
    BASE,
    BERLIN,
    EIGHT,
    NEW_YEAR,
    NINE_TO_FIVE,
    berlin,
    office,
    refusal,
)

from fulfill_core import InvalidValueError
from fulfill_core.calendars import CutOff, DayRule, Shift

# -- No endless search -----------------------------------------------------------------------------

CLOSED_FOR_GOOD = office(
    holidays=[date(2025, 12, 25)], rules=[DayRule(rule="FREQ=DAILY", dtstart=date(2026, 6, 1))]
)
MAY = berlin(5, 31, 12)


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (
            lambda: CLOSED_FOR_GOOD.next_opening(MAY),
            "has no opening within ten years after it",
        ),
        (lambda: CLOSED_FOR_GOOD.next_closing(MAY), "has no closing within ten years after it"),
        (
            lambda: office(shifts=[ALL_DAY]).next_closing(MAY),
            "has no closing within ten years after it",
        ),
        (
            lambda: CLOSED_FOR_GOOD.add(MAY - timedelta(days=4), 100 * EIGHT),
            "has no 33 days, 8:00:00 of working time within ten years after it",
        ),
        (
            lambda: office(extra_days={date(2026, 3, 8): [ALL_DAY]}, shifts=[]).subtract(
                MAY, 9 * EIGHT
            ),
            "has no 3 days, 0:00:00 of working time within ten years before it",
        ),
        (
            lambda: office(shifts=[], extra_days={NEW_YEAR: [ALL_DAY]}).subtract(
                datetime(2025, 12, 1, tzinfo=BERLIN), timedelta(0)
            ),
            "has no closing within ten years before it",
        ),
        (
            lambda: CutOff(calendar=CLOSED_FOR_GOOD, at=time(14)).leaves(MAY),
            "has no cut-off in the ten years after it; give the calendar a working day",
        ),
        (
            lambda: CLOSED_FOR_GOOD.add_days(date(2026, 6, 1), 1),
            "is more than ten years away from 2026-06-01",
        ),
        (
            lambda: office().add_days(date(2026, 6, 1), -3_000),
            "is more than ten years away from 2026-06-01",
        ),
        (
            lambda: office().between(MAY, datetime(9998, 1, 1, tzinfo=UTC)),
            "is more than ten years away from 2026-05-31 10:00:00+00:00",
        ),
    ],
)
def test_a_search_ends_after_ten_years(ask: Callable[[], object], message: str) -> None:
    """What is not found by then is refused, with what was looked for."""
    assert refusal(ask).problem == message


def test_a_calendar_that_ends_closes_for_the_last_time() -> None:
    """A closing that no opening follows is a closing all the same."""
    assert CLOSED_FOR_GOOD.next_closing(berlin(5, 29, 10)) == berlin(5, 29, 17)


@pytest.mark.parametrize(
    "fields",
    [
        {"shifts": []},
        {"shifts": [], "rules": [DayRule(rule="FREQ=DAILY", dtstart=NEW_YEAR)]},
        {"rules": [DayRule(rule="FREQ=DAILY", dtstart=NEW_YEAR)]},
        {
            "shifts": [Shift(start=time(9), end=time(17), weekdays=[6])],
            "rules": [DayRule(rule="FREQ=WEEKLY;BYDAY=SU", dtstart=NEW_YEAR)],
            "holidays": [date(2026, 2, 1), date(2040, 2, 2)],
        },
        {"holidays": [NEW_YEAR + timedelta(days=number) for number in range(3_660)]},
    ],
)
def test_a_calendar_without_a_working_day_is_refused(fields: dict[str, Any]) -> None:
    """No shift, or none in the ten years after any date that is named."""
    error = refusal(lambda: office(**fields))
    if len(fields) > 1 or "rules" in fields or "shifts" in fields:
        assert error.path == "BusinessCalendar.shifts"
    assert error.problem == (
        "leave no working day, with the holidays, extra days and rules; pass a shift"
    )


@pytest.mark.parametrize(
    "fields",
    [
        {"shifts": [], "extra_days": {date(2030, 1, 6): [NINE_TO_FIVE]}},
        {
            "shifts": [],
            "holidays": [date(1990, 1, 1)],
            "rules": [
                DayRule(
                    rule="FREQ=YEARLY;BYMONTH=7", dtstart=date(2026, 6, 1), shifts=[NINE_TO_FIVE]
                )
            ],
        },
    ],
)
def test_a_working_day_far_from_a_holiday_will_do(fields: dict[str, Any]) -> None:
    """Ten years are counted from each date that is named."""
    assert office(**fields).timezone is BERLIN


def test_the_edges_of_the_calendar_are_no_crash() -> None:
    """From year 2 to 9998 there are answers; beyond, and with nothing left, there are refusals."""
    calendar = office(
        timezone=timezone(timedelta(hours=5, minutes=45)),
        rules=[DayRule(rule="FREQ=WEEKLY;BYDAY=MO", dtstart=date(9997, 1, 1))],
    )
    first, last = datetime(2, 1, 1, tzinfo=UTC), datetime(9998, 12, 31, tzinfo=UTC)
    assert calendar.next_opening(first) == datetime(2, 1, 1, 3, 15, tzinfo=UTC)
    assert calendar.subtract(last, timedelta(0)) == datetime(9998, 12, 30, 11, 15, tzinfo=UTC)
    assert calendar.end_of_day(date(9998, 12, 31)) == datetime(9998, 12, 31, 18, 15, tzinfo=UTC)
    assert calendar.add_days(date(9998, 12, 30), 1) == date(9998, 12, 31)
    assert not calendar.is_open(last)
    west = office(timezone=timezone(timedelta(hours=-12)))
    assert not west.is_open(first)
    for ask in (
        lambda: calendar.next_opening(last),
        lambda: calendar.next_closing(last),
        lambda: calendar.subtract(first, EIGHT),
        lambda: calendar.add_days(date(9998, 12, 31), 1),
        lambda: calendar.add_days(date(2, 1, 1), -1),
        lambda: CutOff(calendar=calendar, at=time(1)).leaves(last),
        lambda: calendar.is_open(datetime(9999, 1, 1, tzinfo=UTC)),
        lambda: calendar.end_of_day(date(1, 12, 31)),
    ):
        assert isinstance(refusal(ask), InvalidValueError)


# -- Bad input -------------------------------------------------------------------------------------


class Forgetful(tzinfo):
    """As some time zones are: right when an instant is converted, wrong when put on a time."""

    def utcoffset(self, when: datetime | None, /) -> timedelta:
        return timedelta(minutes=53)

    def fromutc(self, when: datetime, /) -> datetime:
        return when + timedelta(hours=1)


GIVES_BACK = "does not give the instant back that it was given; pass a zoneinfo.ZoneInfo"


@pytest.mark.parametrize(
    ("make", "path", "problem"),
    [
        (
            lambda: Shift(start=9, end=time(17)),
            "Shift.start",
            "is not a time of the day; pass a datetime.time",
        ),  # type: ignore[arg-type]
        (
            lambda: Shift(start=time(9), end=time(17, tzinfo=UTC)),
            "Shift.end",
            "has a tzinfo; pass it without, the calendar has one",
        ),
        (
            lambda: Shift(start=time(9), end=time(17), weekdays=[]),
            "Shift.weekdays",
            "names no weekday; pass some of 0 to 6",
        ),
        (
            lambda: Shift(start=time(9), end=time(17), weekdays=3),
            "Shift.weekdays",
            "is not a collection of weekdays; pass a set or a list",
        ),  # type: ignore[arg-type]
        (
            lambda: Shift(start=time(9), end=time(17), weekdays=[7]),
            "Shift.weekdays",
            "is not a weekday; pass 0 (Monday) to 6 (Sunday)",
        ),
        (
            lambda: office(timezone="Europe/Berlin"),
            "BusinessCalendar.timezone",
            "is not a tzinfo; pass a zoneinfo.ZoneInfo",
        ),
        (lambda: office(timezone=Forgetful()), "BusinessCalendar.timezone", GIVES_BACK),
        (lambda: office(timezone=tzinfo()), "BusinessCalendar.timezone", GIVES_BACK),
        (
            lambda: office(shifts=[time(9)]),
            "BusinessCalendar.shifts[0]",
            "is not of type Shift; pass one",
        ),
        (
            lambda: office(holidays="2026-01-01"),
            "BusinessCalendar.holidays",
            "is not a collection of dates; pass a set or a list",
        ),
        (
            lambda: office(holidays=[BASE]),
            "BusinessCalendar.holidays",
            "is not a date; pass a datetime.date",
        ),
        (
            lambda: office(holidays=[date.max]),
            "BusinessCalendar.holidays",
            "is off the calendar; pass a year from 2 to 9998",
        ),
        (
            lambda: office(extra_days=[NEW_YEAR]),
            "BusinessCalendar.extra_days[0]",
            "is not a row of 2 members; pass (day, shifts)",
        ),
        (
            lambda: office(extra_days={7: [ALL_DAY]}),
            "BusinessCalendar.extra_days",
            "is not a date; pass a datetime.date",
        ),
        (
            lambda: office(extra_days={NEW_YEAR: [9]}),
            "BusinessCalendar.extra_days[2026-01-01][0]",
            "is not of type Shift; pass one",
        ),
        (
            lambda: office(extra_days={NEW_YEAR: []}),
            "BusinessCalendar.extra_days[2026-01-01]",
            "is empty; pass it as a holiday",
        ),
        (
            lambda: office(extra_days=[(NEW_YEAR, (ALL_DAY,))] * 2),
            "BusinessCalendar.extra_days[1]",
            "was given before; each date comes once",
        ),
        (
            lambda: office(rules=["FREQ=DAILY"]),
            "BusinessCalendar.rules[0]",
            "is not of type DayRule; pass one",
        ),
        (
            lambda: CutOff(calendar="office", at=time(14)),
            "CutOff.calendar",
            "is not of type BusinessCalendar; pass one",
        ),  # type: ignore[arg-type]
        (
            lambda: CutOff(calendar=office(), at="14:00"),
            "CutOff.at",
            "is not a time of the day; pass a datetime.time",
        ),  # type: ignore[arg-type]
        (
            lambda: CutOff(calendar=office(), at=time(14), on=[4]),
            "CutOff.on[0]",
            "is not a row of 2 members; pass (day, times)",
        ),  # type: ignore[arg-type]
        (
            lambda: CutOff(calendar=office(), at=time(14), on={7: None}),
            "CutOff.on",
            "is not a weekday; pass 0 (Monday) to 6 (Sunday)",
        ),
        (
            lambda: CutOff(calendar=office(), at=time(14), on={4: 12}),
            "CutOff.on[4]",
            "is not a time of the day; pass a datetime.time",
        ),  # type: ignore[dict-item]
        (
            lambda: CutOff(calendar=office(), at=time(14), on=((4, None), (4, None))),
            "CutOff.on[1]",
            "was given before; each day comes once",
        ),
        (
            lambda: CutOff(calendar=office(), at=time(14), on=dict.fromkeys(range(7))),
            "CutOff.on",
            "leaves no weekday; pass a time for one",
        ),
        (
            lambda: office().is_open(datetime(2026, 1, 1)),  # noqa: DTZ001
            "instant",
            "is naive; pass it with a tzinfo, such as timezone.utc",
        ),
        (lambda: office().is_working_day(BASE), "day", "is not a date; pass a datetime.date"),
        (
            lambda: office().add(BASE, -EIGHT),
            "working",
            "is below zero; pass a timedelta of zero or more",
        ),
        (
            lambda: office().add_days(NEW_YEAR, 1.5),
            "count",
            "is not an int; pass a whole number",
        ),  # type: ignore[arg-type]
    ],
)
def test_what_is_no_calendar_is_refused(
    make: Callable[[], object], path: str, problem: str
) -> None:
    """Each error names the field, and what to pass instead."""
    error = refusal(make)
    assert (error.path, error.problem) == (path, problem)
