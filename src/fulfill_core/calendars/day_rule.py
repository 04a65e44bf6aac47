"""Days that a rule of RFC 5545 names. python-dateutil finds them, always from an explicit start."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import partial
from typing import cast

import attrs

# A rule with BYEASTER would import it in the middle of a run.
from dateutil import easter as _easter  # noqa: F401 # pyright: ignore[reportUnusedImport]
from dateutil.rrule import rrule, rrulestr

from fulfill_core import _checks
from fulfill_core.calendars import bounds
from fulfill_core.calendars.shift import Shift, to_shifts

_LAST_PERIOD = date(9590, 1, 1)
_FREQUENCIES = ("YEARLY", "MONTHLY", "WEEKLY", "DAILY")
_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_BYDAY = re.compile(r"([+-]?(?:[1-9]|[1-4][0-9]|5[0-3]))?(?:MO|TU|WE|TH|FR|SA|SU)")
_NUMBER = re.compile(r"[+-]?[0-9]{1,5}")
_NUMBERS = {  # the part: its lowest and highest number; those below zero count from the end
    "INTERVAL": (1, 10_000),
    "COUNT": (1, 10_000),
    "BYMONTH": (1, 12),
    "BYMONTHDAY": (-31, 31),
    "BYYEARDAY": (-366, 366),
    "BYWEEKNO": (-53, 53),
    "BYSETPOS": (-366, 366),
    "BYEASTER": (-80, 250),
}
_ONE_NUMBER = ("INTERVAL", "COUNT")
_NAMES = {*_NUMBERS, "FREQ", "UNTIL", "WKST", "BYDAY"}
_CHOOSING = ("BYWEEKNO", "BYYEARDAY", "BYMONTHDAY", "BYDAY", "BYEASTER")


def _problem_of_numbers(name: str, value: str) -> str:
    """What is wrong with the numbers of a part; empty if nothing is."""
    low, high = _NUMBERS[name]
    for number in value.split(","):
        if not _NUMBER.fullmatch(number) or not low <= int(number) <= high:
            return f"has {name}={_checks.repr_of(number)}; pass a number from {low} to {high}"
        if low < 0 and int(number) == 0 and name != "BYEASTER":
            return f"has {name}=0; the first is 1, the last is -1"
    if "," in value and name in _ONE_NUMBER:
        return f"has more than one {name}; pass one"
    return ""


def _problem(parts: Mapping[str, str]) -> str:
    """What is wrong with the parts of a rule together; empty if nothing is."""
    frequency = parts.get("FREQ")
    if frequency not in _FREQUENCIES:
        return "does not come by days; pass FREQ=YEARLY, MONTHLY, WEEKLY or DAILY"
    if parts.get("WKST", "MO") not in _DAYS:
        return "has a WKST that is no weekday; pass one, such as WKST=MO"
    days = [_BYDAY.fullmatch(day) for day in parts.get("BYDAY", "MO").split(",")]
    if not all(days):
        return "has a BYDAY that is no weekday; pass some of MO to SU, such as BYDAY=-1FR"
    if frequency in {"WEEKLY", "DAILY"} and any(day and day[1] for day in days):
        # dateutil leaves the number out, and "every second Saturday" would be every Saturday.
        return "has a number in BYDAY, which counts in a month or year; pass INTERVAL instead"
    if frequency == "DAILY" and "BYSETPOS" in parts:
        return "has a BYSETPOS, but a day has no days to choose from; leave it out"
    if "UNTIL" in parts and "COUNT" in parts:
        return "has UNTIL and COUNT; pass one of them"
    return ""


def _read(text: str) -> dict[str, str]:
    """The parts of a rule's text, by name."""
    parts: dict[str, str] = {}
    problem = ""
    for part in text.split(";"):
        name, _, value = part.partition("=")
        if name not in _NAMES:
            problem = (
                f"has a part {_checks.repr_of(part)}; pass one RRULE that names days, such as"
                " 'FREQ=WEEKLY;INTERVAL=2', and its start as dtstart"
            )
        elif name in parts:
            problem = f"has {name} twice; pass it once"
        elif name in _NUMBERS:
            problem = _problem_of_numbers(name, value)
        if problem:
            break
        parts[name] = value
    problem = problem or _problem(parts)
    if problem:
        raise _checks.refuse("DayRule.rule", text, problem)
    return parts


def _text(parts: Mapping[str, str]) -> str:
    return ";".join(f"{name}={value}" for name, value in parts.items())


def _recurring(parts: Mapping[str, str], start: date) -> rrule:
    # RFC 5545: a week begins on Monday. dateutil would ask `calendar`, where a host may change it.
    text = _text({"WKST": "MO", **parts})
    return cast("rrule", rrulestr(text, dtstart=datetime.combine(start, bounds.MIDNIGHT)))


@attrs.frozen(kw_only=True, weakref_slot=False)
class DayRule:
    """Days that a rule names: they have shifts of their own, or none.

    Args:
        rule: one RRULE of RFC 5545, section 3.3.10, such as ``FREQ=MONTHLY;BYDAY=-1FR`` (the last
            Friday of each month), with FREQ from DAILY to YEARLY, UNTIL as a date, and without
            times. ``BYEASTER=-2``, days from Easter Sunday, is python-dateutil's own. It is kept in
            upper case.
        dtstart: when the rule begins: the first day that it can name, and what INTERVAL and COUNT
            are counted from.
        shifts: the shifts of these days, whatever their weekdays; empty if they are closed.

    Every second Saturday:

    >>> from datetime import date, time
    >>> saturdays = DayRule(rule="FREQ=WEEKLY;INTERVAL=2;BYDAY=SA", dtstart=date(2026, 3, 7),
    ...                     shifts=[Shift(start=time(9), end=time(13))])
    >>> [saturdays.names(date(2026, 3, day)) for day in (7, 14, 21)]
    [True, False, True]
    """

    rule: str
    dtstart: date
    shifts: tuple[Shift, ...] = attrs.field(default=(), converter=to_shifts)
    _parts: dict[str, str] = attrs.field(init=False, eq=False, repr=False)
    _until: date = attrs.field(init=False, eq=False, repr=False)
    # The days by year, as far as somebody asked: a memory of what never changes.
    _days_by_year: dict[int, frozenset[date]] = attrs.field(
        init=False, eq=False, repr=False, factory=dict[int, frozenset[date]]
    )

    def __attrs_post_init__(self) -> None:
        _checks.check_text("DayRule.rule", self.rule)
        bounds.check_date("DayRule.dtstart", self.dtstart)
        _checks.check_members("DayRule.shifts", self.shifts, Shift)
        text = self.rule.strip().upper().removeprefix("RRULE:")
        parts = _read(text)
        until = parts.pop("UNTIL", "99981231")  # dateutil's parser of dates reads the clock
        try:
            if not re.fullmatch("[0-9]{8}", until):
                raise ValueError
            last = date(int(until[:4]), int(until[4:6]), int(until[6:]))
        except ValueError:
            raise _checks.refuse(
                "DayRule.rule", text, "has an UNTIL that is no date; pass UNTIL=20261231"
            ) from None
        _checks.set_field(self, "rule", text)
        _checks.set_field(self, "_until", last)
        if parts["FREQ"] in {"YEARLY", "MONTHLY"} and not any(part in parts for part in _CHOOSING):
            # What dtstart says: written out, so that a later start changes nothing.
            if parts["FREQ"] == "YEARLY":
                parts.setdefault("BYMONTH", str(self.dtstart.month))
            parts["BYMONTHDAY"] = str(self.dtstart.day)
        _checks.set_field(self, "_parts", parts)
        if not self._ever_comes():
            raise _checks.refuse(
                "DayRule.rule", text, f"names no day from {self.dtstart} on; correct one of them"
            )

    def __reduce__(self) -> tuple[partial[DayRule], tuple[()]]:
        factory = partial(DayRule, rule=self.rule, dtstart=self.dtstart, shifts=self.shifts)
        return factory, ()

    def names(self, day: date) -> bool:
        """Whether *day* is one of its days.

        >>> from datetime import date
        >>> leap_day = DayRule(rule="FREQ=YEARLY", dtstart=date(2024, 2, 29))
        >>> leap_day.names(date(2025, 2, 28)), leap_day.names(date(2028, 2, 29))
        (False, True)
        """
        bounds.check_date("day", day)
        return day in self._days_of(day.year)

    def _ever_comes(self) -> bool:
        """Whether there is a day at all.

        Where there is none, dateutil looks through every day to the year 9999. But what does not
        come in the last 400 years, the period of the calendar, never does. (Easter has another.)
        """
        if "BYEASTER" not in self._parts:
            parts = {**self._parts, "INTERVAL": "1"}
            parts.pop("COUNT", None)
            if parts["FREQ"] == "DAILY":  # the same days, a year at a time
                parts = {"BYDAY": ",".join(_DAYS), **parts, "FREQ": "YEARLY"}
            if next(iter(_recurring(parts, _LAST_PERIOD)), None) is None:
                return False
        first = next(iter(_recurring(self._parts, self.dtstart)), None)
        return first is not None and first.date() <= self._until

    def _days_of(self, year: int) -> frozenset[date]:
        """Its days in a year."""
        days = self._days_by_year.get(year)
        if days is None:
            candidates: set[date] = set()
            if self.dtstart.year <= year <= self._until.year:
                for instant in _recurring(self._parts, self._start_for(year)):
                    if instant.year > year:
                        break
                    candidates.add(instant.date())
            days = frozenset(
                day for day in candidates if day.year == year and self.dtstart <= day <= self._until
            )
            self._days_by_year[year] = days
        return days

    def _start_for(self, year: int) -> date:
        """A later start from which the rule names the same days in *year*: a shorter way there."""
        start = self.dtstart
        days = date(year, 1, 1).toordinal() - start.toordinal()
        if days <= 0 or "COUNT" in self._parts:
            return start
        step = int(self._parts.get("INTERVAL", 1))
        match self._parts["FREQ"]:
            case "DAILY":
                return start + timedelta(days=days // step * step)
            case "WEEKLY":
                # A week more, so that none of the year's weeks begins in the middle.
                return start + timedelta(weeks=max(days // (7 * step) - 1, 0) * step)
            case frequency:
                step *= 12 if frequency == "YEARLY" else 1
                begun = start.year * 12 + start.month - 1
                month = begun + (year * 12 - begun) // step * step
                return start if month == begun else date(month // 12, month % 12 + 1, 1)
