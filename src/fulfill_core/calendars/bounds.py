"""What calendars accept as a date, a time, a weekday and an instant, and how far they look."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import cast

from fulfill_core import _checks

HORIZON = timedelta(days=3_653)
"""How far a search looks: ten years."""
FIRST_DAY = date(2, 1, 1)
LAST_DAY = date(9998, 12, 31)
FIRST = datetime(2, 1, 1, tzinfo=UTC)
LAST = datetime(9998, 12, 31, tzinfo=UTC)
"""A day can be added to any of these, and another time zone be asked what it calls them."""
MIDNIGHT = time(0)
WEEKDAYS = range(7)

_OFF = "is off the calendar; pass a year from 2 to 9998"


def check_date(path: str, value: object) -> None:
    """A date that is no datetime."""
    if not isinstance(value, date) or isinstance(value, datetime):
        raise _checks.refuse(path, value, "is not a date; pass a datetime.date")
    if not FIRST_DAY <= value <= LAST_DAY:
        raise _checks.refuse(path, value, _OFF)


def check_time(path: str, value: object) -> None:
    """A time of the day as the clock on the wall shows it."""
    if not isinstance(value, time):
        raise _checks.refuse(path, value, "is not a time of the day; pass a datetime.time")
    if value.tzinfo is not None:
        raise _checks.refuse(path, value, "has a tzinfo; pass it without, the calendar has one")


def check_weekday(path: str, value: object) -> None:
    """The number of a weekday."""
    if type(value) is not int or value not in WEEKDAYS:
        raise _checks.refuse(path, value, "is not a weekday; pass 0 (Monday) to 6 (Sunday)")


def check_weekdays(path: str, values: object) -> None:
    """A frozenset of weekdays, one at least."""
    if not isinstance(values, frozenset):
        raise _checks.refuse(path, values, "is not a collection of weekdays; pass a set or a list")
    if not values:
        raise _checks.refuse(path, frozenset[int](), "names no weekday; pass some of 0 to 6")
    for value in cast("frozenset[object]", values):
        check_weekday(path, value)


def check_dates(path: str, values: object) -> None:
    """A frozenset of dates."""
    if not isinstance(values, frozenset):
        raise _checks.refuse(path, values, "is not a collection of dates; pass a set or a list")
    for value in cast("frozenset[object]", values):
        check_date(path, value)


def in_utc(path: str, instant: datetime) -> datetime:
    """The instant in UTC."""
    _checks.check_aware(path, instant)
    if not FIRST <= instant <= LAST:
        raise _checks.refuse(path, instant, _OFF)
    return instant.astimezone(UTC)


def days(first: date, last: date) -> Iterator[date]:
    """The days from *first* to *last*, both included; backwards if that is earlier."""
    step = 1 if first <= last else -1
    for number in range(first.toordinal(), last.toordinal() + step, step):
        yield date.fromordinal(number)


def shifted_day(day: date, by: timedelta) -> date:
    """*day* moved by whole days, as far as the calendar goes."""
    number = day.toordinal() + by.days
    return date.fromordinal(min(max(number, FIRST_DAY.toordinal()), LAST_DAY.toordinal()))


def to_dates(members: Mapping[date, str] | Iterable[date]) -> frozenset[date]:
    """A frozenset of *members*, or of those that have a name; what is neither stays for the check.

    >>> to_dates({date(2026, 4, 6): "Easter Monday"})
    frozenset({datetime.date(2026, 4, 6)})
    """
    members = members.keys() if isinstance(members, Mapping) else members
    return cast("frozenset[date]", _checks.to_frozenset(cast("Iterable[str]", members)))


def to_weekdays(members: Iterable[int]) -> frozenset[int]:
    """A frozenset of *members*; what is no collection stays for the check."""
    return cast("frozenset[int]", _checks.to_frozenset(cast("Iterable[str]", members)))
