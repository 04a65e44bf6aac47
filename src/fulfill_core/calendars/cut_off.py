"""When what is ready leaves: cut-off times."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import TypeAlias, cast

import attrs

from fulfill_core import _checks
from fulfill_core.calendars import bounds
from fulfill_core.calendars.business_calendar import BusinessCalendar

_DAY = timedelta(days=1)

Times: TypeAlias = time | Iterable[time]
_Rows: TypeAlias = tuple[tuple[int | date, tuple[time, ...]], ...]


def _to_times(times: Times | None) -> tuple[time, ...]:
    """One time, several or none, as a tuple; what is none of them stays for the check."""
    if times is None:
        return ()
    return (times,) if isinstance(times, time) else _checks.to_tuple(times)


def _to_rows(content: Mapping[int | date, Times | None] | _Rows) -> _Rows:
    pairs: object = content.items() if isinstance(content, Mapping) else content
    rows = _checks.to_tuple(cast("_Rows", pairs))
    if not isinstance(rows, tuple):
        return rows
    # What is no pair stays for the check.
    return tuple([(row[0], _to_times(row[1])) if _is_pair(row) else row for row in rows])


def _is_pair(row: object) -> bool:
    return isinstance(row, tuple) and len(cast("tuple[object, ...]", row)) == len(("day", "times"))


@attrs.frozen(kw_only=True, weakref_slot=False)
class CutOff:
    """What is ready before the cut-off of a working day leaves on that day, the rest on the next.

    Give each location its own, and each carrier: they have calendars of their own, too. On a day
    with shorter hours (an extra day of a calendar, or one of a rule) nothing leaves after closing:
    a cut-off that would be later is the end of the last shift.

    Args:
        calendar: on which days something leaves: the working days of this calendar.
        at: the time of the cut-off, or several, if something leaves more than once a day; in the
            calendar's time zone, whether there is a shift or not. Kept as a tuple.
        on: other times (one, or several) by weekday, 0 (Monday) to 6 (Sunday), and by date, which
            counts before its weekday; None if nothing leaves on it. A mapping, kept as pairs by
            weekday, then by date.

    >>> from datetime import datetime, time, timezone
    >>> from fulfill_core.calendars import Shift
    >>> shift = Shift(start=time(9), end=time(17))
    >>> office = BusinessCalendar(timezone=timezone.utc, shifts=[shift])
    >>> parcels = CutOff(calendar=office, at=[time(10), time(14)],
    ...                  on={4: time(12), date(2026, 12, 24): time(10)})
    >>> print(parcels.leaves(datetime(2026, 3, 5, 12, 30, tzinfo=timezone.utc)))  # a Thursday
    2026-03-05 14:00:00+00:00
    >>> print(parcels.leaves(datetime(2026, 3, 6, 12, 30, tzinfo=timezone.utc)))
    2026-03-09 10:00:00+00:00
    """

    calendar: BusinessCalendar
    at: tuple[time, ...] = attrs.field(converter=_to_times)
    on: _Rows = attrs.field(default=(), converter=_to_rows)

    def __attrs_post_init__(self) -> None:
        _checks.check_member("CutOff.calendar", self.calendar, BusinessCalendar)
        _check_times("CutOff.at", self.at)
        if not self.at:
            raise _checks.refuse("CutOff.at", self.at, "names no time; pass one")
        _checks.check_rows("CutOff.on", self.on, "day", "times")
        for day, times in self.on:
            if isinstance(day, date):
                bounds.check_date("CutOff.on", day)
            else:
                bounds.check_weekday("CutOff.on", day)
            _check_times(f"CutOff.on[{day}]", times)
        _checks.check_unique("CutOff.on", (day for day, _ in self.on), "day")
        _checks.set_field(self, "at", tuple(sorted(self.at)))
        rows = [(day, tuple(sorted(times))) for day, times in self.on]
        _checks.set_field(self, "on", tuple(sorted(rows, key=_weekdays_first)))
        without = [day for day, times in self.on if not times and not isinstance(day, date)]
        if len(without) == len(bounds.WEEKDAYS):
            raise _checks.refuse("CutOff.on", self.on, "leaves no weekday; pass a time for one")

    def leaves(self, ready: datetime, *, place: BusinessCalendar | None = None) -> datetime:
        """The first cut-off of a working day after an instant.

        Args:
            ready: when it is ready, aware. At the cut-off it is too late.
            place: when the place that it leaves works, if that is another calendar: nothing leaves
                after closing on a day with hours of its own there, or while it is on holiday.

        Returns:
            The cut-off with which it leaves, in UTC; where clocks change, as
            `BusinessCalendar.closing` says.

        Raises:
            InvalidValueError: nothing leaves in the ten years after it, or it is no such instant.
        """
        ready = bounds.in_utc("ready", ready)
        if place is not None:
            _checks.check_member("place", place, BusinessCalendar)
        # The day before is asked, too: clocks put back at midnight bring its last hour once more.
        first = bounds.shifted_day(ready.astimezone(self.calendar.timezone).date(), -_DAY)
        times_on = dict(self.on)
        for day in bounds.days(first, bounds.shifted_day(first, bounds.HORIZON)):
            times = times_on.get(day, times_on.get(day.weekday(), self.at))
            departures = [self.calendar.closing(day, at) for at in times]
            # Most days are over by then, or have none: what they are is not asked.
            if any(leaves > ready for leaves in departures):
                for leaves in self._possible(day, departures, place):
                    if leaves > ready:
                        return leaves
        raise _checks.refuse(
            "ready",
            ready,
            "has no cut-off in the ten years after it; give the calendar a working day",
        )

    def _possible(
        self, day: date, departures: Iterable[datetime], place: BusinessCalendar | None
    ) -> Iterator[datetime]:
        """The departures of a day as far as it has some, none of them after its closing."""
        if not self.calendar.is_working_day(day):
            return
        closings: list[datetime] = []
        for calendar in (self.calendar,) if place is None else (self.calendar, place):
            if calendar.has_own_hours(day):
                closing = calendar.last_closing(day)
                if closing is None:
                    return
                closings.append(closing)
        for leaves in departures:
            yield min([leaves, *closings])


def _check_times(path: str, times: object) -> None:
    """Times of the day, as the clock on the wall shows them."""
    members = cast("tuple[object, ...]", times if isinstance(times, tuple) else (times,))
    for position, at in enumerate(members):
        bounds.check_time(path if len(members) == 1 else f"{path}[{position}]", at)
    _checks.check_unique(path, members, "time")


def _weekdays_first(row: tuple[int | date, tuple[time, ...]]) -> tuple[int, int]:
    """A sort key."""
    day = row[0]
    return (1, day.toordinal()) if isinstance(day, date) else (0, day)
