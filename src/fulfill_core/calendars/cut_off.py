"""When what is ready leaves: cut-off times."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import cast

import attrs

from fulfill_core import _checks
from fulfill_core.calendars import bounds
from fulfill_core.calendars.business_calendar import BusinessCalendar

_DAY = timedelta(days=1)

_Rows = tuple[tuple[int, time | None], ...]


def _to_rows(content: Mapping[int, time | None] | _Rows) -> _Rows:
    pairs: object = content.items() if isinstance(content, Mapping) else content
    return _checks.to_tuple(cast("_Rows", pairs))


@attrs.frozen(kw_only=True, weakref_slot=False)
class CutOff:
    """What is ready before the cut-off of a working day leaves on that day, the rest on the next.

    Give each location its own, and each carrier: they have calendars of their own, too.

    Args:
        calendar: on which days something leaves: the working days of this calendar.
        at: the time of the cut-off, in the calendar's time zone, whether there is a shift or not.
        on: other times by weekday, 0 (Monday) to 6 (Sunday); None if nothing leaves on it. A
            mapping, kept as pairs by weekday.

    >>> from datetime import datetime, time, timezone
    >>> from fulfill_core.calendars import Shift
    >>> shift = Shift(start=time(9), end=time(17))
    >>> office = BusinessCalendar(timezone=timezone.utc, shifts=[shift])
    >>> parcels = CutOff(calendar=office, at=time(14), on={4: time(12)})
    >>> print(parcels.leaves(datetime(2026, 3, 6, 12, 30, tzinfo=timezone.utc)))  # a Friday
    2026-03-09 14:00:00+00:00
    """

    calendar: BusinessCalendar
    at: time
    on: _Rows = attrs.field(default=(), converter=_to_rows)

    def __attrs_post_init__(self) -> None:
        _checks.check_member("CutOff.calendar", self.calendar, BusinessCalendar)
        bounds.check_time("CutOff.at", self.at)
        _checks.check_rows("CutOff.on", self.on, 2)
        for weekday, at in self.on:
            bounds.check_weekday("CutOff.on", weekday)
            if at is not None:
                bounds.check_time(f"CutOff.on[{weekday}]", at)
        _checks.check_unique("CutOff.on", (weekday for weekday, _ in self.on), "weekday")
        _checks.set_field(self, "on", tuple(sorted(self.on, key=lambda row: row[0])))
        if [at for _, at in self.on].count(None) == len(bounds.WEEKDAYS):
            raise _checks.refuse("CutOff.on", self.on, "leaves no weekday; pass a time for one")

    def leaves(self, ready: datetime) -> datetime:
        """The first cut-off of a working day after an instant.

        Args:
            ready: when it is ready, aware. At the cut-off it is too late.

        Returns:
            The cut-off with which it leaves, in UTC; where clocks change, as
            `BusinessCalendar.closing` says.

        Raises:
            InvalidValueError: nothing leaves in the ten years after it, or it is no such instant.
        """
        ready = bounds.in_utc("ready", ready)
        # The day before is asked, too: clocks put back at midnight bring its last hour once more.
        first = bounds.shifted_day(ready.astimezone(self.calendar.timezone).date(), -_DAY)
        by_weekday = dict(self.on)
        for day in bounds.days(first, bounds.shifted_day(first, bounds.HORIZON)):
            at = by_weekday.get(day.weekday(), self.at)
            if at is None:
                continue
            leaves = self.calendar.closing(day, at)
            if leaves > ready and self.calendar.is_working_day(day):
                return leaves
        raise _checks.refuse(
            "ready",
            ready,
            "has no cut-off in the ten years after it; give the calendar a working day",
        )
