"""Days that a rule of RFC 5545 names."""

from __future__ import annotations

import calendar as week
import subprocess
import sys
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from dateutil.rrule import rrulestr
from effort import FEWER
from hypothesis import assume, given
from hypothesis import strategies as st
from some_calendars import BASE, NEW_YEAR, office, refusal

from fulfill_core.calendars import DayRule


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
        ("FREQ=MONTHLY", ["20260101", "20260201"], ["20260102", "20251201"]),
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


@FEWER
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
        "import sys, datetime\n"
        "from fulfill_core.calendars import DayRule\n"
        "before = set(sys.modules)\n"
        "for rule in ('FREQ=DAILY;UNTIL=20270101', 'FREQ=YEARLY;BYEASTER=1'):\n"
        "    DayRule(rule=rule, dtstart=datetime.date(2026, 1, 1))\n"
        "print(sorted(set(sys.modules) - before))"
    )
    run = subprocess.run([sys.executable, "-I", "-c", code], check=True, capture_output=True)
    assert run.stdout.decode().strip() == "[]"


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
