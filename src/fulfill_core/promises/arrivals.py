"""When a customer gets what is under way: by the clock, or by working days."""

from __future__ import annotations

from datetime import datetime, timedelta

from fulfill_core.calendars import BusinessCalendar

_NO_TIME = timedelta(0)


def next_opening(calendar: BusinessCalendar | None, instant: datetime) -> datetime:
    """The first instant, from one on, at which the customer takes deliveries."""
    return instant if calendar is None else calendar.next_opening(instant)


def end_of_working_day(calendar: BusinessCalendar, instant: datetime, count: int) -> datetime:
    """The closing of the working day that is so many after an instant, and not over by then."""
    day = calendar.add_days(calendar.day_of(instant), count)
    closing = calendar.subtract(calendar.end_of_day(day), _NO_TIME)
    if closing <= instant:  # only today's can be over
        day = calendar.add_days(day, 1)
        closing = calendar.subtract(calendar.end_of_day(day), _NO_TIME)
    return closing
