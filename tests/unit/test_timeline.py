"""Periods in words."""

from __future__ import annotations

from datetime import timedelta

import pytest

from fulfill_core.verifiers.timeline import period_text

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.mark.parametrize(
    ("period", "text"),
    [
        (DAY, "1 day"),
        (14 * DAY, "14 days"),
        (36 * HOUR, "36 hours"),
        (HOUR, "1 hour"),
        (90 * MINUTE, "90 minutes"),
        (timedelta(seconds=45), "45 seconds"),
        (timedelta(milliseconds=1500), "0:00:01.500000"),
    ],
)
def test_a_period_is_told_in_its_largest_whole_unit(period: timedelta, text: str) -> None:
    """Days, hours, minutes or seconds, whatever it is a whole number of."""
    assert period_text(period) == text
