"""Business calendars, against a table of every minute of a year, and case by case."""

from __future__ import annotations

import calendar as week
import copy
import pickle
import subprocess
import sys
from bisect import bisect_left
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from functools import cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr
from hypothesis import assume, given
from hypothesis import strategies as st

from fulfill_core import BusinessCalendar, CutOff, DayRule, InvalidValueError, Shift

BERLIN = ZoneInfo("Europe/Berlin")
CAIRO = ZoneInfo("Africa/Cairo")
ZONES = [
    "Europe/Berlin",
    "America/New_York",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",  # clocks change by half an hour
    "Africa/Cairo",  # clocks change at midnight
]
DAY = 1440
YEAR = 365 * DAY
BASE = datetime(2026, 1, 1, tzinfo=UTC)
NEW_YEAR = date(2026, 1, 1)
MINUTE = timedelta(minutes=1)
EIGHT = timedelta(hours=8)
NINE_TO_FIVE = Shift(start=time(9), end=time(17))
EVERY_DAY = frozenset(range(7))
NIGHT = Shift(start=time(22), end=time(6), weekdays=EVERY_DAY)
ALL_DAY = Shift(start=time(0), end=time(0), weekdays=EVERY_DAY)


def office(**changes: Any) -> BusinessCalendar:
    """Monday to Friday, nine to five, in Berlin."""
    return BusinessCalendar(**{"timezone": BERLIN, "shifts": [NINE_TO_FIVE], **changes})


def berlin(month: int, day: int, hour: int = 0, minute: int = 0, *, fold: int = 0) -> datetime:
    """An instant of 2026 by the clock in Berlin, kept in UTC."""
    return datetime(2026, month, day, hour, minute, tzinfo=BERLIN, fold=fold).astimezone(UTC)


def refusal(make: Callable[[], object]) -> InvalidValueError:
    """The error that the call ends with."""
    with pytest.raises(InvalidValueError) as caught:
        make()
    return caught.value


# -- The oracle: every minute of a year ------------------------------------------------------------


class Minutes(NamedTuple):
    """For each minute of 2026 in UTC, what the clock showed at most until it, and at least from it.

    In minutes since the year began. Where clocks are never put back, both are what it shows.
    """

    until: list[int]
    since: list[int]


@cache
def minutes_of(zone: str) -> Minutes:
    """The table of a zone. Offsets are asked every half an hour: none changes in between."""
    timezone, blocks = ZoneInfo(zone), list[range]()
    for half in range(0, YEAR, 30):
        offset = (BASE + half * MINUTE).astimezone(timezone).utcoffset()
        assert offset is not None
        blocks.append(range(half + offset // MINUTE, half + offset // MINUTE + 30))
    until, since = list[int](), list[int]()
    for block in blocks:
        behind = bool(until) and until[-1] > block[0]
        until.extend([max(until[-1], minute) for minute in block] if behind else block)
    for block in reversed(blocks):
        ahead = bool(since) and since[-1] < block[-1]
        back = reversed(block)
        since.extend([min(since[-1], minute) for minute in back] if ahead else back)
    return Minutes(until, since[::-1])


def lasts(table: Minutes, day: int, shift: Shift) -> tuple[int, int]:
    """The first minute of a shift, and the first after it."""
    start, end = (at.hour * 60 + at.minute for at in (shift.start, shift.end))
    end += DAY if end <= start else 0
    return bisect_left(table.until, day * DAY + start), bisect_left(table.since, day * DAY + end)


def open_minutes(
    zone: str,
    shifts: list[Shift],
    holidays: set[int] = frozenset(),  # type: ignore[assignment]
    extra: Mapping[int, list[Shift]] = {},
    days: range = range(-3, 368),
) -> bytearray:
    """A one for each minute that is open. Days are counted from the first of the year."""
    table, is_open = minutes_of(zone), bytearray(YEAR)
    for day in days:
        usual = [each for each in shifts if (NEW_YEAR.weekday() + day) % 7 in each.weekdays]
        for shift in extra.get(day, [] if day in holidays else usual):
            first, after = lasts(table, day, shift)
            is_open[first:after] = b"\1" * max(after - first, 0)
    return is_open


def a_day(number: int) -> date:
    """A day of 2026, counted from 0."""
    return NEW_YEAR + timedelta(days=number)


def at(minute: int) -> datetime:
    """A minute of 2026."""
    return BASE + minute * MINUTE


WEEKS = {
    "nights": [NIGHT],
    "small hours": [
        Shift(start=time(0, 30), end=time(2, 15), weekdays=EVERY_DAY),
        Shift(start=time(1, 45), end=time(2, 30), weekdays=[6]),
        Shift(start=time(2, 30), end=time(3), weekdays=EVERY_DAY),
        Shift(start=time(23, 30), end=time(0, 15), weekdays=EVERY_DAY),
    ],
}


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("name", WEEKS)
def test_every_opening_and_closing_of_a_year_is_that_of_the_minutes(zone: str, name: str) -> None:
    """From January to December, the calendar opens and closes in the minutes of the table."""
    calendar = BusinessCalendar(timezone=ZoneInfo(zone), shifts=WEEKS[name])
    expected = open_minutes(zone, WEEKS[name])
    found = bytearray(YEAR)
    instant = at(3 * DAY)
    while instant < at(YEAR - 3 * DAY):
        opens = calendar.next_opening(instant)
        instant = calendar.next_closing(opens)
        first, after = (opens - BASE) // MINUTE, (instant - BASE) // MINUTE
        found[first:after] = b"\1" * (after - first)
    first, after = 3 * DAY, YEAR - 3 * DAY
    first = expected.index(0, first)  # the walk begins within a shift, perhaps
    assert found[first:after] == expected[first:after]


times = st.sampled_from(
    [time(0), time(1), time(2), time(2, 30), time(3), time(23, 30)]
) | st.builds(time, st.integers(0, 23), st.integers(0, 59))
all_shifts = st.builds(
    Shift, start=times, end=times, weekdays=st.sets(st.integers(0, 6), min_size=1, max_size=7)
)
CHANGES = [66, 87, 93, 113, 276, 302, 304]  # days around which clocks change, somewhere


class Case(NamedTuple):
    """A calendar, what is known of its days, and two minutes that are not far from each other."""

    zone: str
    calendar: BusinessCalendar
    shifts: list[Shift]
    holidays: set[int]
    extra: dict[int, list[Shift]]
    start: int
    end: int

    def minutes(self) -> bytearray:
        """The open minutes around the two."""
        days = range(self.start // DAY - 3, self.end // DAY + 25)
        return open_minutes(self.zone, self.shifts, self.holidays, self.extra, days)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """A calendar of any zone, near a day on which clocks change, perhaps."""
    zone = draw(st.sampled_from(ZONES))
    shifts = draw(st.lists(all_shifts, min_size=1, max_size=3))
    first = draw(st.sampled_from(CHANGES) | st.integers(20, 310))
    near = st.integers(first - 3, first + 8)
    holidays = draw(st.sets(near, max_size=4))
    extra = draw(st.dictionaries(near, st.lists(all_shifts, min_size=1, max_size=2), max_size=2))
    start = first * DAY + draw(st.integers(-DAY, DAY))
    calendar = BusinessCalendar(
        timezone=ZoneInfo(zone),
        shifts=shifts,
        holidays=map(a_day, holidays),
        extra_days={a_day(day): hours for day, hours in extra.items()},
    )
    end = start + draw(st.integers(0, 14 * DAY))
    return Case(zone, calendar, shifts, holidays, extra, start, end)


@given(cases())
def test_working_time_is_the_sum_of_the_open_minutes(case: Case) -> None:
    """`between` counts them, also backwards; `is_open` tells of one, `end_of_day` of the last."""
    calendar, minutes, start, end = case.calendar, case.minutes(), case.start, case.end
    worked = calendar.between(at(start), at(end))
    assert worked == sum(minutes[start:end]) * MINUTE
    assert calendar.between(at(end), at(start)) == -worked
    assert calendar.is_open(at(start)) == bool(minutes[start])
    assert calendar.is_open(at(end) + timedelta(seconds=59)) == bool(minutes[end])
    # A day ends before the first minute from which on the clock always shows a later date.
    day = calendar.day_of(at(start))
    next_midnight = ((day - NEW_YEAR).days + 1) * DAY
    assert calendar.end_of_day(day) == at(bisect_left(minutes_of(case.zone).since, next_midnight))


@given(cases(), st.integers(0, 10**4))
def test_so_much_later_and_earlier_is_so_many_open_minutes_away(case: Case, many: int) -> None:
    """`add` ends after the last of so many open minutes, `subtract` begins with the first."""
    calendar, minutes, start, end = case.calendar, case.minutes(), case.start, case.end
    worked = [minute for minute in range(start, end) if minutes[minute]]
    assume(worked)
    count = 1 + many % len(worked)
    assert calendar.add(at(start), count * MINUTE) == at(worked[count - 1] + 1)
    assert calendar.subtract(at(end), count * MINUTE) == at(worked[-count])
    assert calendar.next_opening(at(start)) == calendar.add(at(start), 0 * MINUTE) == at(worked[0])
    assert calendar.subtract(at(end), 0 * MINUTE) == at(worked[-1] + 1)
    shut = minutes.index(0, worked[0])
    if shut < end:  # what is farther away, the table does not know
        assert calendar.next_closing(at(start)) == at(shut)


@given(cases(), st.integers(0, 10**9), st.integers(1, 10**12))
def test_what_was_added_lies_between(case: Case, more: int, working: int) -> None:
    """Working time is kept to the microsecond, and can be taken away again."""
    calendar, length = case.calendar, timedelta(microseconds=working)
    instant = calendar.next_opening(at(case.start) + timedelta(microseconds=more))
    later = calendar.add(instant, length)
    assert calendar.between(instant, later) == length
    assert calendar.subtract(later, length) == instant


# -- Clocks that change ----------------------------------------------------------------------------


def test_a_night_shift_is_shorter_when_clocks_are_put_forward_and_longer_when_back() -> None:
    """22:00 to 06:00 is seven hours of work on 29 March 2026, nine on 25 October, eight else."""
    nights = office(shifts=[NIGHT])
    hours = [
        nights.between(berlin(month, day, 12), berlin(month, day + 1, 12)) / timedelta(hours=1)
        for month, day in [(3, 28), (10, 24), (7, 1)]
    ]
    assert hours == [7, 9, 8]


def test_a_time_that_does_not_exist_is_the_instant_of_the_change() -> None:
    """On 29 March there is no 02:30 in Berlin: a shift from then opens, one to it closes at 03:00."""
    change = datetime(2026, 3, 29, 1, tzinfo=UTC)
    early = office(shifts=[Shift(start=time(2, 30), end=time(6), weekdays=[6])])
    late = office(shifts=[Shift(start=time(0), end=time(2, 30), weekdays=[6])])
    assert early.next_opening(berlin(3, 29)) == change
    assert late.next_closing(berlin(3, 29)) == change
    assert early.closing(date(2026, 3, 29), time(2, 0, 1)) == change


def test_a_time_that_comes_twice_opens_first_and_closes_last() -> None:
    """On 25 October 02:15 to 02:45 lasts an hour and a half: from the first to the second."""
    calendar = office(shifts=[Shift(start=time(2, 15), end=time(2, 45), weekdays=[6])])
    opens, closes = berlin(10, 25, 2, 15, fold=0), berlin(10, 25, 2, 45, fold=1)
    assert calendar.next_opening(berlin(10, 25)) == opens
    assert calendar.next_closing(opens) == closes
    assert calendar.between(opens, closes) == timedelta(minutes=90)


def test_a_shift_that_is_jumped_over_does_not_make_a_working_day() -> None:
    """In Cairo, 24 April 2026 begins at one o'clock."""
    calendar = BusinessCalendar(
        timezone=CAIRO, shifts=[Shift(start=time(0), end=time(0, 45), weekdays=EVERY_DAY)]
    )
    days = [date(2026, 4, day) for day in (23, 24, 25)]
    assert [calendar.is_working_day(day) for day in days] == [True, False, True]
    assert calendar.add_days(days[0], 1) == days[2]


def test_a_day_that_is_not_there_is_no_working_day() -> None:
    """Samoa went from 29 to 31 December 2011."""
    samoa = BusinessCalendar(timezone=ZoneInfo("Pacific/Apia"), shifts=[ALL_DAY])
    assert not samoa.is_working_day(date(2011, 12, 30))
    start, end = samoa.end_of_day(date(2011, 12, 28)), samoa.end_of_day(date(2011, 12, 31))
    assert end - start == samoa.between(start, end) == timedelta(days=2)
    assert samoa.end_of_day(date(2011, 12, 29)) == samoa.end_of_day(date(2011, 12, 30))


def test_clocks_put_back_over_midnight_make_no_time_twice() -> None:
    """In St. John's of 2006 it became 23:01 a minute after midnight: open is open, counted once."""
    calendar = BusinessCalendar(timezone=ZoneInfo("America/St_Johns"), shifts=[ALL_DAY])
    start = datetime(2006, 10, 28, 12, tzinfo=UTC)
    assert calendar.between(start, start + timedelta(days=2)) == timedelta(days=2)
    evening = office(
        timezone=ZoneInfo("America/St_Johns"),
        shifts=[Shift(start=time(23, 59), end=time(23, 59), weekdays=[4])],
    )
    # Friday's shift lasts until the second 23:59 of Saturday, after Sunday has begun once.
    sunday = datetime(2006, 10, 29, 2, 30, 30, tzinfo=UTC)
    assert evening.day_of(sunday) == date(2006, 10, 29)
    assert evening.is_open(sunday)


# -- Days ------------------------------------------------------------------------------------------


def test_leap_day_is_a_day() -> None:
    """29 February 2028, a Tuesday, is worked; in 2026 the first of March follows the 28th."""
    calendar = office(shifts=[Shift(start=time(9), end=time(17), weekdays=EVERY_DAY)])
    assert calendar.add_days(date(2028, 2, 28), 1) == date(2028, 2, 29)
    assert calendar.add_days(date(2026, 2, 28), 1) == date(2026, 3, 1)
    start = datetime(2028, 2, 28, 16, tzinfo=BERLIN)
    assert calendar.add(start, timedelta(hours=2)) == datetime(2028, 2, 29, 10, tzinfo=BERLIN)


def test_a_shift_ends_on_a_holiday_and_does_not_begin_on_one() -> None:
    """Of the nights around 1 May, the one that begins on 30 April is worked to its end."""
    nights = office(shifts=[NIGHT], holidays=[date(2026, 5, 1)])
    assert nights.is_open(berlin(5, 1, 5, 59))
    assert not nights.is_open(berlin(5, 1, 23))
    assert not nights.is_open(berlin(5, 2, 5, 59))
    assert nights.next_opening(berlin(5, 1, 6)) == berlin(5, 2, 22)


def test_who_has_something_to_say_about_a_day() -> None:
    """Extra days first, then holidays, then the rules in their sequence, then the week."""
    short = [Shift(start=time(10), end=time(12))]
    calendar = office(
        holidays=[date(2026, 3, 2), date(2026, 3, 7), date(2026, 3, 8)],
        extra_days={date(2026, 3, 8): short},  # a Sunday
        rules=[
            DayRule(rule="FREQ=WEEKLY;BYDAY=SA", dtstart=date(2026, 1, 1), shifts=short),
            DayRule(rule="FREQ=WEEKLY;BYDAY=SA,TU", dtstart=date(2026, 1, 1)),
        ],
    )
    hours = {
        day: calendar.between(berlin(3, day), berlin(3, day + 1)) / timedelta(hours=1)
        for day in (2, 3, 4, 7, 8, 14)
    }
    assert hours == {2: 0, 3: 0, 4: 8, 7: 0, 8: 2, 14: 2}


def test_working_days_are_counted_both_ways() -> None:
    """From a Friday: 0 is itself, 1 the Monday, -1 the Thursday; from a Sunday, 0 is the Monday."""
    friday, sunday = date(2026, 3, 6), date(2026, 3, 8)
    assert [office().add_days(friday, count).day for count in (-1, 0, 1, 5, 6)] == [5, 6, 9, 13, 16]
    assert [office().add_days(sunday, count).day for count in (-1, 0, 1)] == [6, 9, 9]


def test_a_deadline_that_is_a_date_means_the_end_of_that_local_day() -> None:
    """In Kathmandu that is at 18:15 UTC; in Cairo, of the midnights that come twice, the last."""
    kathmandu = office(timezone=ZoneInfo("Asia/Kathmandu"))
    assert kathmandu.end_of_day(date(2026, 3, 7)) == datetime(2026, 3, 7, 18, 15, tzinfo=UTC)
    cairo = office(timezone=CAIRO)
    assert cairo.end_of_day(date(2026, 4, 23)) == datetime(2026, 4, 23, 22, tzinfo=UTC)
    assert cairo.end_of_day(date(2026, 10, 29)) == datetime(2026, 10, 29, 22, tzinfo=UTC)


# -- Instants --------------------------------------------------------------------------------------


def test_a_calendar_opens_with_its_opening_and_is_shut_at_its_closing() -> None:
    """09:00 is open, 17:00 is not: the next opening is on the next working day."""
    calendar = office()
    assert calendar.is_open(berlin(3, 6, 9))
    assert not calendar.is_open(berlin(3, 6, 17))
    assert calendar.next_opening(berlin(3, 6, 9)) == berlin(3, 6, 9)
    assert calendar.next_opening(berlin(3, 6, 17)) == berlin(3, 9, 9)
    assert calendar.next_closing(berlin(3, 6, 17)) == berlin(3, 9, 17)


def test_a_full_day_of_work_ends_with_its_closing() -> None:
    """Eight hours from 09:00 end at 17:00, not at the next opening; backwards it is 09:00."""
    calendar = office()
    assert calendar.add(berlin(3, 6, 9), EIGHT) == berlin(3, 6, 17)
    assert calendar.subtract(berlin(3, 9, 9), EIGHT) == berlin(3, 6, 9)
    assert calendar.add(berlin(3, 6, 17), timedelta(0)) == berlin(3, 9, 9)
    assert calendar.subtract(berlin(3, 9, 9), timedelta(0)) == berlin(3, 6, 17)


def test_shifts_that_meet_close_together() -> None:
    """8 to 12 and 12 to 16 close at 16:00, and what overlaps counts once."""
    calendar = office(
        shifts=[
            Shift(start=time(8), end=time(12)),
            Shift(start=time(12), end=time(16)),
            Shift(start=time(9), end=time(11)),
        ]
    )
    assert calendar.next_closing(berlin(3, 6, 8)) == berlin(3, 6, 16)
    assert calendar.between(berlin(3, 6), berlin(3, 7)) == EIGHT


def test_answers_are_in_utc() -> None:
    """Whatever zone was asked in."""
    calendar, instant = office(), berlin(3, 6, 18)
    answers = [
        calendar.next_opening(instant),
        calendar.next_closing(instant),
        calendar.add(instant, EIGHT),
        calendar.subtract(instant, EIGHT),
        calendar.end_of_day(date(2026, 3, 6)),
        calendar.closing(date(2026, 3, 6), time(14)),
        CutOff(calendar=calendar, at=time(14)).leaves(instant),
    ]
    assert {answer.tzinfo for answer in answers} == {UTC}


# -- Rules -----------------------------------------------------------------------------------------


def test_the_last_friday_of_each_month_can_be_closed() -> None:
    """A rule without shifts closes its days."""
    stocktaking = DayRule(rule="FREQ=MONTHLY;BYDAY=-1FR", dtstart=date(2026, 1, 1))
    calendar = office(rules=[stocktaking])
    fridays = [date(2026, 3, day) for day in (13, 20, 27)]
    assert [calendar.is_working_day(day) for day in fridays] == [True, True, False]


def test_a_rule_is_kept_in_one_form() -> None:
    """In upper case, without the name of the property: the same rule is the same value."""
    first = DayRule(rule=" rrule:freq=weekly;byday=sa ", dtstart=NEW_YEAR)
    assert first == DayRule(rule="FREQ=WEEKLY;BYDAY=SA", dtstart=NEW_YEAR)
    assert first.rule == "FREQ=WEEKLY;BYDAY=SA"


@pytest.mark.parametrize(
    ("rule", "names", "not_these"),
    [
        ("FREQ=DAILY;UNTIL=20260105", ["20260101", "20260105"], ["20251231", "20260106"]),
        ("FREQ=DAILY;COUNT=3;INTERVAL=2", ["20260101", "20260105"], ["20260102", "20260107"]),
        ("FREQ=YEARLY;BYEASTER=-2", ["20260403", "20270326"], ["20260405"]),
        ("FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=-1", ["20260127", "20260331"], ["20260126"]),
        ("FREQ=YEARLY;BYWEEKNO=53;BYDAY=MO", ["20261228", "20321227"], ["20271227"]),
        ("FREQ=YEARLY", ["20260101", "98980101"], ["20260102", "20250101"]),
        ("FREQ=YEARLY;INTERVAL=2;BYMONTH=5", ["20260501", "20280501"], ["20270501", "20260502"]),
        ("FREQ=WEEKLY;INTERVAL=2;WKST=SU;BYDAY=SU,TH", ["20260101", "20260111"], ["20260104"]),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,TH", ["20260101", "20260104"], ["20260111"]),
    ],
)
def test_the_days_that_a_rule_names(rule: str, names: list[str], not_these: list[str]) -> None:
    """From 1 January 2026 on, a Thursday."""
    named = DayRule(rule=rule, dtstart=NEW_YEAR)
    assert [day for day in names if not named.names(date.fromisoformat(day))] == []
    assert [day for day in not_these if named.names(date.fromisoformat(day))] == []


@st.composite
def rule_texts(draw: st.DrawFn) -> str:
    """Rules that have days in any few years."""
    frequency = draw(st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]))
    parts = [f"FREQ={frequency}", f"INTERVAL={draw(st.integers(1, 5))}", "WKST=MO"]
    days = draw(st.lists(st.sampled_from(["MO", "WE", "SA", "SU"]), max_size=3, unique=True))
    if days:
        number = draw(st.sampled_from(["", "1", "-1"])) if frequency in "MONTHLY YEARLY" else ""
        parts.append(f"BYDAY={','.join(number + day for day in days)}")
        if frequency != "DAILY" and draw(st.booleans()):
            parts.append(f"BYSETPOS={draw(st.sampled_from([1, -1]))}")
    if draw(st.booleans()):
        parts.append(f"BYMONTH={draw(st.sampled_from(['1', '2,3', '12']))}")
    if draw(st.integers(0, 4)) == 0:
        parts.append(f"COUNT={draw(st.integers(1, 30))}")
    return ";".join(parts)


@given(rule_texts(), st.dates(date(2022, 1, 1), date(2024, 12, 31)), st.integers(2022, 2028))
def test_a_rule_names_the_days_that_dateutil_lists(rule: str, start: date, year: int) -> None:
    """A year that is asked for by itself has the days that it has when all are listed in a row."""
    listed = set[date]()
    for each in rrulestr(rule, dtstart=datetime.combine(start, time(0))):
        if each.year > year:
            break
        listed.add(each.date())
    assume(listed)
    named = DayRule(rule=rule, dtstart=start)
    days = [date(year, 1, 1) + timedelta(days=number) for number in range(365)]
    assert [day for day in days if named.names(day)] == [day for day in days if day in listed]


def test_the_week_of_a_rule_begins_on_monday_whatever_the_host_has_set() -> None:
    """RFC 5545 says so; dateutil by itself goes by a setting of the process."""
    before = week.firstweekday()
    week.setfirstweekday(6)
    try:
        rule = DayRule(rule="FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,TH", dtstart=NEW_YEAR)
        assert rule.names(date(2026, 1, 4))
    finally:
        week.setfirstweekday(before)


def test_a_rule_brings_in_no_module() -> None:
    """The parser of dates that comes with dateutil reads the clock: it is not asked for UNTIL."""
    code = (
        "import sys, datetime, fulfill_core\n"
        "before = set(sys.modules)\n"
        "for rule in ('FREQ=DAILY;UNTIL=20270101', 'FREQ=YEARLY;BYEASTER=1'):\n"
        "    fulfill_core.DayRule(rule=rule, dtstart=datetime.date(2026, 1, 1))\n"
        "print(sorted(set(sys.modules) - before))"
    )
    run = subprocess.run([sys.executable, "-I", "-c", code], check=True, capture_output=True)
    assert run.stdout.decode().strip() == "[]"


# -- Cut-offs --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ready", "leaves"),
    [
        (berlin(3, 5, 13, 59), berlin(3, 5, 14)),  # a Thursday
        (berlin(3, 5, 14), berlin(3, 6, 12)),  # to the minute: too late
        (berlin(3, 6, 11, 59), berlin(3, 6, 12)),  # Friday has another time
        (berlin(3, 6, 12), berlin(3, 10, 14)),  # on Mondays nothing leaves
        (berlin(3, 7, 3), berlin(3, 10, 14)),
        (berlin(4, 2, 15), berlin(4, 7, 14)),  # Good Friday, and Easter Monday
        (berlin(3, 28, 3), berlin(3, 31, 14)),  # clocks are put forward
    ],
)
def test_what_is_ready_before_the_cut_off_leaves_on_that_working_day(
    ready: datetime, leaves: datetime
) -> None:
    """What comes later leaves with the cut-off of the next, by the time of its weekday."""
    calendar = office(holidays=[date(2026, 4, 3), date(2026, 4, 6)])
    parcels = CutOff(calendar=calendar, at=time(14), on={4: time(12), 0: None})
    assert parcels.leaves(ready) == leaves


def test_a_cut_off_that_comes_twice_is_the_second() -> None:
    """What is ready between the two of them still leaves; over midnight, too."""
    calendar = office(shifts=[ALL_DAY])
    ready = berlin(10, 25, 2, 45, fold=0)
    assert CutOff(calendar=calendar, at=time(2, 30)).leaves(ready) == berlin(10, 25, 2, 30, fold=1)
    calendar = BusinessCalendar(timezone=ZoneInfo("America/St_Johns"), shifts=[ALL_DAY])
    ready = datetime(2006, 10, 29, 2, 30, 30, tzinfo=UTC)  # it is Sunday, for half a minute more
    leaves = CutOff(calendar=calendar, at=time(23, 30)).leaves(ready)
    assert leaves == datetime(2006, 10, 29, 3, 0, tzinfo=UTC)  # still on Saturday


def test_times_by_weekday_are_kept_in_sequence() -> None:
    """However they were given: the same cut-offs are the same value."""
    first = CutOff(calendar=office(), at=time(14), on={4: time(12), 0: None})
    again = CutOff(calendar=office(), at=time(14), on=((0, None), (4, time(12))))
    assert first == again
    assert first.on == ((0, None), (4, time(12)))


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
            "has no 0:00:00 of working time within ten years after it",
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


def rule(text: object, **changes: Any) -> Callable[[], object]:
    """A rule that begins with 2026, to be made."""
    return lambda: DayRule(**{"rule": text, "dtstart": NEW_YEAR, **changes})


ONE_RRULE = (
    "pass one RRULE that names days, such as 'FREQ=WEEKLY;INTERVAL=2', and its start as dtstart"
)
NO_DAY = "names no day from 2026-01-01 on; correct one of them"


@pytest.mark.parametrize(
    ("make", "problem"),
    [
        (rule(7), "is not text; pass a str"),
        (rule(""), f"has a part ''; {ONE_RRULE}"),
        (
            rule("DTSTART:20260101\nFREQ=DAILY"),
            f"has a part 'DTSTART:20260101\\nFREQ=DAILY'; {ONE_RRULE}",
        ),
        (rule("FREQ=DAILY;DTSTART=20260102"), f"has a part 'DTSTART=20260102'; {ONE_RRULE}"),
        (rule("FREQ=DAILY;BYHOUR=9"), f"has a part 'BYHOUR=9'; {ONE_RRULE}"),
        (rule("FREQ=DAILY;FREQ=DAILY"), "has FREQ twice; pass it once"),
        (rule("FREQ=HOURLY"), "does not come by days; pass FREQ=YEARLY, MONTHLY, WEEKLY or DAILY"),
        (rule("BYDAY=MO"), "does not come by days; pass FREQ=YEARLY, MONTHLY, WEEKLY or DAILY"),
        (rule("FREQ=DAILY;INTERVAL=0"), "has INTERVAL='0'; pass a number from 1 to 10000"),
        (rule("FREQ=DAILY;INTERVAL=1,2"), "has more than one INTERVAL; pass one"),
        (rule("FREQ=DAILY;BYMONTH=x"), "has BYMONTH='X'; pass a number from 1 to 12"),
        (rule("FREQ=DAILY;BYMONTHDAY=0"), "has BYMONTHDAY=0; the first is 1, the last is -1"),
        (rule("FREQ=DAILY;WKST=XX"), "has a WKST that is no weekday; pass one, such as WKST=MO"),
        (
            rule("FREQ=DAILY;BYDAY=MO,"),
            "has a BYDAY that is no weekday; pass some of MO to SU, such as BYDAY=-1FR",
        ),
        (
            rule("FREQ=WEEKLY;BYDAY=2SA"),
            "has a number in BYDAY, which counts in a month or year; pass INTERVAL instead",
        ),
        (
            rule("FREQ=DAILY;BYSETPOS=1"),
            "has a BYSETPOS, but a day has no days to choose from; leave it out",
        ),
        (rule("FREQ=DAILY;COUNT=2;UNTIL=20270101"), "has UNTIL and COUNT; pass one of them"),
        (
            rule("FREQ=DAILY;UNTIL=20270101T000000Z"),
            "has an UNTIL that is no date; pass UNTIL=20261231",
        ),
        (rule("FREQ=DAILY;UNTIL=20270230"), "has an UNTIL that is no date; pass UNTIL=20261231"),
        (rule("FREQ=DAILY;UNTIL=20251231"), NO_DAY),
        (rule("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"), NO_DAY),
        (rule("FREQ=YEARLY;COUNT=1;INTERVAL=2;BYMONTH=4;BYMONTHDAY=31"), NO_DAY),
        (rule("FREQ=DAILY", dtstart=None), "is not a date; pass a datetime.date"),
        (rule("FREQ=DAILY", dtstart=BASE), "is not a date; pass a datetime.date"),
        (rule("FREQ=DAILY", shifts=[time(9)]), "is not of type Shift; pass one"),
    ],
)
def test_a_rule_that_cannot_be_meant_is_refused(make: Callable[[], object], problem: str) -> None:
    """Rules of hours, without a start, with parts of no meaning, or that never come."""
    assert refusal(make).problem == problem


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
            "is not a tzinfo; pass one",
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
            "is not of type tuple; pass one",
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
            "is not of type tuple; pass one",
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
            "was given before; each weekday comes once",
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
            "is not an int; pass a whole number of units",
        ),  # type: ignore[arg-type]
    ],
)
def test_what_is_no_calendar_is_refused(
    make: Callable[[], object], path: str, problem: str
) -> None:
    """Each error names the field, and what to pass instead."""
    error = refusal(make)
    assert (error.path, error.problem) == (path, problem)


# -- Values ----------------------------------------------------------------------------------------


def test_a_calendar_is_a_value() -> None:
    """Equal calendars are equal, have one hash and one repr, and travel."""
    days = [date(2026, 12, day) for day in (26, 25, 24)]

    def made(holidays: list[date]) -> BusinessCalendar:
        extra = {date(2026, 12, 20): [NINE_TO_FIVE], date(2026, 12, 13): [NIGHT]}
        saturdays = DayRule(rule="FREQ=WEEKLY;BYDAY=SA", dtstart=NEW_YEAR, shifts=[NIGHT])
        return office(holidays=holidays, extra_days=extra, rules=[saturdays])

    first, second = made(days), made(days[::-1])
    assert first.is_working_day(date(2026, 3, 7))  # and the rule has been used
    travelled = pickle.loads(pickle.dumps(first))  # noqa: S301 - our own bytes
    for other in (second, travelled, copy.copy(first), copy.deepcopy(first)):
        assert other == first
        assert hash(other) == hash(first)
        assert repr(other) == repr(first)
        assert other.is_working_day(date(2026, 3, 7))


def test_a_time_zone_that_cannot_be_hashed_is_no_obstacle() -> None:
    """Those of dateutil are equal by what is in them, and have no hash."""

    class Unhashable(tzinfo):
        def utcoffset(self, when: datetime | None, /) -> timedelta:
            return timedelta(hours=1)

        def dst(self, when: datetime | None, /) -> timedelta:
            return timedelta(0)

        def __eq__(self, other: object) -> bool:
            return isinstance(other, Unhashable)

        __hash__ = None  # type: ignore[assignment]

    assert hash(office(timezone=Unhashable())) == hash(office(timezone=Unhashable()))


def test_how_a_calendar_shows_itself() -> None:
    """By its settings, and not by what it makes of them."""
    calendar = BusinessCalendar(timezone=UTC, shifts=[ALL_DAY], holidays=[NEW_YEAR])
    assert repr(calendar) == (
        "BusinessCalendar(timezone=datetime.timezone.utc, shifts=(Shift(start=datetime.time(0, 0),"
        " end=datetime.time(0, 0), weekdays=frozenset({0, 1, 2, 3, 4, 5, 6})),),"
        " holidays=frozenset({datetime.date(2026, 1, 1)}), extra_days=(), rules=())"
    )
