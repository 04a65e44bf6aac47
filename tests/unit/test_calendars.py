"""Business calendars, against a table of every minute of a year, and case by case."""

from __future__ import annotations

import copy
import pickle
from bisect import bisect_left
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pytest
from effort import FEWER
from hypothesis import assume, given
from hypothesis import strategies as st
from some_calendars import (
    ALL_DAY,
    BASE,
    BERLIN,
    EIGHT,
    EVERY_DAY,
    NEW_YEAR,
    NIGHT,
    NINE_TO_FIVE,
    berlin,
    office,
)

from fulfill_core.calendars import BusinessCalendar, CutOff, DayRule, Shift

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
MINUTE = timedelta(minutes=1)


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


@FEWER
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


@FEWER
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


@FEWER
@given(cases(), st.integers(0, 10**9), st.integers(1, 10**12))
def test_what_was_added_lies_between(case: Case, more: int, working: int) -> None:
    """Working time is kept to the microsecond, and can be taken away again."""
    calendar, length = case.calendar, timedelta(microseconds=working)
    instant = calendar.next_opening(at(case.start) + timedelta(microseconds=more))
    later = calendar.add(instant, length)
    assert calendar.between(instant, later) == length
    assert calendar.subtract(later, length) == instant


def test_working_time_back_is_negative() -> None:
    """From Monday to the Friday before: as long as there, the other way."""
    calendar = office(shifts=[NIGHT])
    friday, monday = berlin(3, 6, 12), berlin(3, 9, 12)
    assert calendar.between(friday, monday) > timedelta(0)
    assert calendar.between(monday, friday) == -calendar.between(friday, monday)


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
    """On 29 March there is no 02:30 in Berlin: shifts from then open, to then close at 03:00."""
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


def test_the_time_that_clocks_are_put_back_to_closes_first() -> None:
    """On 25 October it is 02:00 twice in Berlin, but nothing before 02:00 comes again.

    In Havana it is midnight that comes twice, and the day before is over with the first.
    """
    calendar = office(shifts=[Shift(start=time(0), end=time(2), weekdays=[6])])
    assert calendar.next_closing(berlin(10, 25)) == berlin(10, 25, 2, fold=0)
    havana = office(timezone=ZoneInfo("America/Havana"))
    assert havana.end_of_day(date(2026, 10, 31)) == datetime(2026, 11, 1, 4, tzinfo=UTC)


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
    """8 to 12 and 12 to 16 close at 16:00, and overlaps count once."""
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
    assert first.on == ((0, ()), (4, (time(12),)))


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
