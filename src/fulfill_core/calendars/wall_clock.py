"""The clock on the wall of a time zone, and the instants at which it shows something."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo

from fulfill_core.calendars import bounds

_TICK = timedelta.resolution
_DAY = timedelta(days=1)
END_OF_TIME = datetime.max.replace(tzinfo=UTC)
"""The last instant of the calendar."""


def instant_of(day: date, at: time, timezone: tzinfo, *, fold: int) -> datetime:
    """When the clock shows it first (fold 0), or nothing earlier any more (fold 1), in UTC."""
    wall = datetime.combine(day, at)
    instant = wall.replace(tzinfo=timezone, fold=fold).astimezone(UTC)
    if _wall(instant, timezone) == wall:
        if fold and _wall(instant - _TICK, timezone) > wall:
            # Put back to just that time: it was over.
            return instant_of(day, at, timezone, fold=0)
        return instant
    # It does not exist: one fold is by the offset before the change, the other by that after.
    other = wall.replace(tzinfo=timezone, fold=1 - fold).astimezone(UTC)
    before, after = min(instant, other), max(instant, other)
    while after - before > _TICK:
        middle = before + (after - before) // 2
        before, after = (middle, after) if _wall(middle, timezone) < wall else (before, middle)
    return after


def end_of_day(day: date, timezone: tzinfo) -> datetime:
    """The instant in UTC from which on it is the next day."""
    return instant_of(day + _DAY, bounds.MIDNIGHT, timezone, fold=1)


def last_instant_of(day: date, timezone: tzinfo) -> datetime:
    """The last instant in UTC that is still of that day.

    >>> print(last_instant_of(date(2026, 3, 7), UTC))
    2026-03-07 23:59:59.999999+00:00
    """
    return end_of_day(day, timezone) - _TICK


def later(instant: datetime, period: timedelta) -> datetime:
    """The instant in UTC so much later; the last one of the calendar if that is beyond it.

    >>> print(later(datetime(2026, 3, 2, tzinfo=UTC), timedelta(days=1)))
    2026-03-03 00:00:00+00:00
    """
    try:
        return instant + period
    except OverflowError:
        return END_OF_TIME


def _wall(instant: datetime, timezone: tzinfo) -> datetime:
    return instant.astimezone(timezone).replace(tzinfo=None)
