"""Working time: instants between the openings and closings of a place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import NoReturn

import attrs

from fulfill_core import _checks
from fulfill_core.calendars import bounds, wall_clock
from fulfill_core.calendars.day_rule import DayRule
from fulfill_core.calendars.shift import Shift, to_shifts

_TICK = timedelta(microseconds=1)
_DAY = timedelta(days=1)
# What a search backwards looks through at a time: most often it ends just before it begins, so few
# shifts are made in vain; then twice as much each time, up to so much.
_FIRST_BLOCK, _LAST_BLOCK = timedelta(days=2), timedelta(days=32)
# Winter and summer, and no change of clocks near.
_PROBES = (datetime(2001, 1, 15, tzinfo=UTC), datetime(2001, 7, 15, tzinfo=UTC))

_Rows = tuple[tuple[date, tuple[Shift, ...]], ...]


def _to_rules(members: Iterable[DayRule]) -> tuple[DayRule, ...]:
    return _checks.to_tuple(members)


def _to_rows(content: Mapping[date, Iterable[Shift]] | _Rows) -> _Rows:
    if not isinstance(content, Mapping):
        return _checks.to_tuple(content)
    return tuple((day, to_shifts(shifts)) for day, shifts in content.items())


def _in_sequence(members: frozenset[date]) -> str:
    """As a frozenset shows itself, but for everybody alike."""
    return f"frozenset({{{', '.join(map(repr, sorted(members)))}}})" if members else "frozenset()"


def _check_timezone(timezone: tzinfo) -> None:
    """A tzinfo for which both ways between an instant and the clock on the wall agree."""
    _checks.check_timezone("BusinessCalendar.timezone", timezone)
    try:
        agree = [probe.astimezone(timezone).replace(tzinfo=timezone) == probe for probe in _PROBES]
    except Exception:  # noqa: BLE001 - of a class of somebody's own
        agree = [False]
    if not all(agree):
        raise _checks.refuse(
            "BusinessCalendar.timezone",
            timezone,
            "does not give the instant back that it was given; pass a zoneinfo.ZoneInfo",
        )


@attrs.frozen(kw_only=True, weakref_slot=False)
class BusinessCalendar:
    """The working days of a place, and the hours of each.

    The hours of a day are those of the first that has something to say about it: the extra days,
    the holidays (none), the rules in their sequence, the weekly shifts. A shift belongs to the day
    on which it begins: it ends on a holiday if it has to, and does not begin on one.

    Args:
        timezone: whose clock the shifts go by: any `tzinfo` that keeps to PEP 495, such as a
            ``zoneinfo.ZoneInfo``.
        shifts: `Shift` values: the hours of a usual week. They may overlap; time counts once.
        holidays: days on which nobody works; a mapping of them to their names will do.
        extra_days: days with hours of their own, as a mapping from date to shifts, one at least:
            openings on a Sunday, shorter hours before a holiday. The weekdays of these shifts do
            not matter. Kept as pairs by date.
        rules: `DayRule` values.

    Raises:
        InvalidValueError: a field is not as described, or there is no working day: none in the ten
            years after the first date that is named (a holiday, an extra day, the dtstart of a
            rule), or, without weekly shifts, after any of them.

    >>> from datetime import date, datetime, time, timedelta, timezone
    >>> office = BusinessCalendar(timezone=timezone.utc, holidays=[date(2026, 4, 6)],
    ...                           shifts=[Shift(start=time(9), end=time(17))])
    >>> friday = datetime(2026, 4, 3, 15, tzinfo=timezone.utc)
    >>> print(office.add(friday, timedelta(hours=3)))
    2026-04-07 10:00:00+00:00
    """

    # Not every tzinfo can be hashed; equal calendars have equal ones all the same.
    timezone: tzinfo = attrs.field(hash=False)
    shifts: tuple[Shift, ...] = attrs.field(default=(), converter=to_shifts)
    holidays: frozenset[date] = attrs.field(
        default=frozenset(), converter=bounds.to_dates, repr=_in_sequence
    )
    extra_days: _Rows = attrs.field(default=(), converter=_to_rows)
    rules: tuple[DayRule, ...] = attrs.field(default=(), converter=_to_rules)
    _extra: dict[date, tuple[Shift, ...]] = attrs.field(init=False, eq=False, repr=False)
    _weekly: tuple[tuple[Shift, ...], ...] = attrs.field(init=False, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        _check_timezone(self.timezone)
        _checks.check_members("BusinessCalendar.shifts", self.shifts, Shift)
        bounds.check_dates("BusinessCalendar.holidays", self.holidays)
        _checks.check_rows("BusinessCalendar.extra_days", self.extra_days, "day", "shifts")
        for day, shifts in self.extra_days:
            bounds.check_date("BusinessCalendar.extra_days", day)
            _checks.check_members(f"BusinessCalendar.extra_days[{day}]", shifts, Shift)
            if not shifts:
                raise _checks.refuse(
                    f"BusinessCalendar.extra_days[{day}]", shifts, "is empty; pass it as a holiday"
                )
        _checks.check_unique(
            "BusinessCalendar.extra_days", (day for day, _ in self.extra_days), "date"
        )
        _checks.check_members("BusinessCalendar.rules", self.rules, DayRule)
        _checks.set_field(
            self, "extra_days", tuple(sorted(self.extra_days, key=lambda row: row[0]))
        )
        _checks.set_field(self, "_extra", dict(self.extra_days))
        weekly = tuple(
            tuple(shift for shift in self.shifts if weekday in shift.weekdays)
            for weekday in bounds.WEEKDAYS
        )
        _checks.set_field(self, "_weekly", weekly)
        if not self._ever_works():
            raise _checks.refuse(
                "BusinessCalendar.shifts",
                self.shifts,
                "leave no working day, with the holidays, extra days and rules; pass a shift",
            )

    # -- Days --------------------------------------------------------------------------------------

    def is_working_day(self, day: date) -> bool:
        """Whether a shift begins on *day*."""
        bounds.check_date("day", day)
        return bool(self._spans_of(day))

    def has_own_hours(self, day: date) -> bool:
        """Whether something else is said of *day* than of its weekday.

        It is an extra day, a holiday, or a day that a rule names.

        >>> from datetime import date, time, timezone
        >>> office = BusinessCalendar(timezone=timezone.utc, holidays=[date(2026, 4, 6)],
        ...                           shifts=[Shift(start=time(9), end=time(17))])
        >>> office.has_own_hours(date(2026, 4, 6)), office.has_own_hours(date(2026, 4, 7))
        (True, False)
        """
        bounds.check_date("day", day)
        return (
            day in self._extra
            or day in self.holidays
            or any(rule.names(day) for rule in self.rules)
        )

    def last_closing(self, day: date) -> datetime | None:
        """When the last shift that begins on *day* ends, in UTC; None if none does.

        >>> from datetime import date, time, timezone
        >>> office = BusinessCalendar(timezone=timezone.utc,
        ...                           shifts=[Shift(start=time(9), end=time(17))])
        >>> print(office.last_closing(date(2026, 4, 7)))
        2026-04-07 17:00:00+00:00
        """
        bounds.check_date("day", day)
        return max([closes for _, closes in self._spans_of(day)], default=None)

    def day_of(self, instant: datetime) -> date:
        """The date of an instant, in the calendar's time zone."""
        return bounds.in_utc("instant", instant).astimezone(self.timezone).date()

    def end_of_day(self, day: date) -> datetime:
        """When *day* is over: what a deadline that is only a date means.

        Returns:
            The instant in UTC from which on it is the next day. Whether *day* is a working day does
            not matter.

        >>> from datetime import date, time, timedelta, timezone
        >>> kathmandu = timezone(timedelta(hours=5, minutes=45))
        >>> shift = Shift(start=time(9), end=time(17))
        >>> office = BusinessCalendar(timezone=kathmandu, shifts=[shift])
        >>> print(office.end_of_day(date(2026, 3, 7)))
        2026-03-07 18:15:00+00:00
        """
        bounds.check_date("day", day)
        return wall_clock.end_of_day(day, self.timezone)

    def closing(self, day: date, at: time) -> datetime:
        """The instant in UTC at which a time of a day is over, by the clock on the wall.

        A time that does not exist on that day is the instant at which clocks are put forward. One
        that comes twice is over with the second, unless clocks are put back to just that time: from
        the first on, nothing earlier is shown.

        >>> from datetime import date, time, timezone
        >>> shift = Shift(start=time(9), end=time(17))
        >>> office = BusinessCalendar(timezone=timezone.utc, shifts=[shift])
        >>> print(office.closing(date(2026, 3, 7), time(14)))
        2026-03-07 14:00:00+00:00
        """
        bounds.check_date("day", day)
        bounds.check_time("at", at)
        return self._instant(day, at, fold=1)

    def add_days(self, day: date, count: int) -> date:
        """So many working days after *day*.

        Args:
            day: a date; that of an instant is `day_of`.
            count: 1 for the next working day, -1 for the one before. 0 is *day* itself if it is a
                working day, otherwise the next.

        Raises:
            InvalidValueError: it is more than ten years away, or an argument is not as described.

        >>> from datetime import date, time, timezone
        >>> shift = Shift(start=time(9), end=time(17))
        >>> office = BusinessCalendar(timezone=timezone.utc, shifts=[shift])
        >>> print(office.add_days(date(2026, 3, 6), 1))  # from a Friday
        2026-03-09
        """
        bounds.check_date("day", day)
        _checks.check_int("count", count)
        missing = abs(count)
        end = bounds.shifted_day(day, -bounds.HORIZON if count < 0 else bounds.HORIZON)
        for each in bounds.days(day, end):
            if (each != day or not count) and self._spans_of(each):
                missing -= 1
                if missing <= 0:
                    return each
        raise _checks.refuse("count", count, f"is more than ten years away from {day}")

    # -- Instants ----------------------------------------------------------------------------------

    def is_open(self, instant: datetime) -> bool:
        """Whether it is working time; at its opening it is, at its closing no longer."""
        instant = bounds.in_utc("instant", instant)
        return any(True for _ in self._within(instant, instant + _TICK))

    def next_opening(self, instant: datetime) -> datetime:
        """The first instant of working time, from *instant* on: itself, if it is open.

        Raises:
            InvalidValueError: there is none within ten years, or it is no such instant.
        """
        return self.add(instant, timedelta(0))

    def next_closing(self, instant: datetime) -> datetime:
        """The end of the working time that it is in, or else of the next.

        Shifts that follow each other without a gap close together.

        Raises:
            InvalidValueError: there is none within ten years (so with a calendar that never
                closes), or it is no such instant.
        """
        instant = bounds.in_utc("instant", instant)
        end = self._end_of_search(instant)
        closing: datetime | None = None
        for opens, closes in self._within(instant, end):
            if closing is not None and opens > closing:
                return closing
            closing = closes
        if closing is None or closing == end:
            self._refuse_search("instant", instant, "closing", "after")
        return closing

    def add(self, instant: datetime, working: timedelta) -> datetime:
        """So much working time later.

        Args:
            instant: from when on, aware.
            working: working time, zero or more. None at all gives the next opening.

        Returns:
            The instant in UTC at which it is used up; a closing rather than the opening after it.

        Raises:
            InvalidValueError: it takes more than ten years, or an argument is not as described.
        """
        instant = bounds.in_utc("instant", instant)
        _checks.check_duration("working", working)
        missing = working
        for opens, closes in self._within(instant, self._end_of_search(instant)):
            if missing <= closes - opens:
                return opens + missing
            missing -= closes - opens
        what = f"{working} of working time" if working else "opening"
        return self._refuse_search("instant", instant, what, "after")

    def subtract(self, instant: datetime, working: timedelta) -> datetime:
        """So much working time earlier: when work has to begin, to be done at *instant*.

        Args:
            instant: until when, aware.
            working: working time, zero or more. None at all gives the last closing, or *instant*
                itself if it is within working time.

        Returns:
            The instant in UTC; an opening rather than the closing before it.

        Raises:
            InvalidValueError: it takes more than ten years, or an argument is not as described.

        >>> from datetime import datetime, time, timedelta, timezone
        >>> shift = Shift(start=time(9), end=time(17))
        >>> office = BusinessCalendar(timezone=timezone.utc, shifts=[shift])
        >>> monday = datetime(2026, 3, 9, 10, tzinfo=timezone.utc)
        >>> print(office.subtract(monday, timedelta(hours=3)))
        2026-03-06 15:00:00+00:00
        """
        end = bounds.in_utc("instant", instant)
        _checks.check_duration("working", working)
        missing = working
        first = end - min(bounds.HORIZON, end - bounds.FIRST)
        block = _FIRST_BLOCK
        while end > first:
            start = max(end - block, first)
            for opens, closes in reversed(list(self._within(start, end))):
                if missing <= closes - opens:
                    return closes - missing
                missing -= closes - opens
            end, block = start, min(2 * block, _LAST_BLOCK)
        what = f"{working} of working time" if working else "closing"
        return self._refuse_search("instant", instant, what, "before")

    def between(self, start: datetime, end: datetime) -> timedelta:
        """The working time from *start* to *end*; below zero if *end* is before *start*.

        Raises:
            InvalidValueError: they are more than ten years apart, or one is no such instant.

        >>> from datetime import datetime, time, timezone
        >>> shift = Shift(start=time(9), end=time(17))
        >>> office = BusinessCalendar(timezone=timezone.utc, shifts=[shift])
        >>> friday = datetime(2026, 3, 6, 15, tzinfo=timezone.utc)
        >>> monday = datetime(2026, 3, 9, 10, tzinfo=timezone.utc)
        >>> print(office.between(friday, monday))
        3:00:00
        """
        start, end = bounds.in_utc("start", start), bounds.in_utc("end", end)
        if abs(end - start) > bounds.HORIZON:
            raise _checks.refuse("end", end, f"is more than ten years away from {start}")
        if end < start:
            return -self.between(end, start)
        spans = self._within(start, end)
        return sum((closes - opens for opens, closes in spans), timedelta(0))

    # -- Inside ------------------------------------------------------------------------------------

    def _ever_works(self) -> bool:
        """Whether there is a working day in the ten years after a date that is named."""
        dates = sorted({*self.holidays, *self._extra, *(rule.dtstart for rule in self.rules)})
        if not dates:
            return bool(self.shifts)
        if self.shifts:
            del dates[1:]  # before the first there is work in every week: it has to go on
        searched = bounds.FIRST_DAY
        for first in dates:
            last = bounds.shifted_day(first, bounds.HORIZON)
            if searched < last and any(
                self._shifts_of(day) for day in bounds.days(max(first, searched), last)
            ):
                return True
            searched = last
        return False

    def _shifts_of(self, day: date) -> tuple[Shift, ...]:
        """The shifts that begin on a day."""
        extra = self._extra.get(day)
        if extra is not None:
            return extra
        if day in self.holidays:
            return ()
        for rule in self.rules:
            if rule.names(day):
                return rule.shifts
        return self._weekly[day.weekday()]

    def _spans_of(self, day: date) -> list[tuple[datetime, datetime]]:
        """From when to when the shifts of a day last, the earliest first. They may overlap.

        None lasts if clocks are put forward over all of it.
        """
        spans = (
            (
                self._instant(day, shift.start, fold=0),
                self._instant(day + _DAY if shift.is_overnight else day, shift.end, fold=1),
            )
            for shift in self._shifts_of(day)
        )
        return sorted(span for span in spans if span[0] < span[1])

    def _within(self, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The working time from *start* to *end*, in pieces that do not overlap, in sequence."""
        # A shift that begins two days before can last until today, if clocks are put back at
        # midnight; one of tomorrow can have begun for the same reason.
        first = bounds.shifted_day(start.astimezone(self.timezone).date(), -2 * _DAY)
        last = bounds.shifted_day(end.astimezone(self.timezone).date(), _DAY)
        done = start
        for day in bounds.days(first, last):
            for opens, closes in self._spans_of(day):
                if max(opens, done) >= end:
                    return  # the openings are in sequence over all days
                if closes > done:
                    yield max(opens, done), min(closes, end)
                    done = closes

    def _instant(self, day: date, at: time, *, fold: int) -> datetime:
        """See `wall_clock.instant_of`."""
        return wall_clock.instant_of(day, at, self.timezone, fold=fold)

    def _end_of_search(self, instant: datetime) -> datetime:
        return instant + min(bounds.HORIZON, bounds.LAST - instant)

    def _refuse_search(self, path: str, instant: datetime, what: str, side: str) -> NoReturn:
        raise _checks.refuse(path, instant, f"has no {what} within ten years {side} it")
