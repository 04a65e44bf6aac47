"""Calendars, shifts and instants for tests to ask about."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from fulfill_core import InvalidValueError
from fulfill_core.calendars import BusinessCalendar, Shift

BERLIN = ZoneInfo("Europe/Berlin")
NEW_YEAR = date(2026, 1, 1)
BASE = datetime(2026, 1, 1, tzinfo=UTC)
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
