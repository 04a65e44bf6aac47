"""How single things are written and read: exactly, and in one way."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fulfill_core.wire import atoms

OFFSETS = st.timedeltas(timedelta(hours=-23, minutes=-59), timedelta(hours=23, minutes=59))


@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_an_amount_is_read_to_the_digit(amount: Decimal) -> None:
    """With its sign, its zeros and its exponent."""
    assert str(atoms.amount_of(str(amount))) == str(amount)


@given(st.datetimes(datetime(2, 1, 1), datetime(9998, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_an_instant_is_read_to_the_microsecond(instant: datetime) -> None:
    """In UTC."""
    assert atoms.instant_of(atoms.instant_text(instant)) == instant
    assert atoms.instant_text(instant).endswith("+00:00")


@given(st.timedeltas(timedelta(0), timedelta(days=36_525)))
def test_a_length_of_time_is_read_to_the_microsecond(duration: timedelta) -> None:
    """In days and seconds."""
    assert atoms.duration_of(atoms.duration_text(duration)) == duration


@given(OFFSETS)
def test_a_fixed_offset_is_read_as_it_was(offset: timedelta) -> None:
    """Of whatever length; it needs no names of zones."""
    zone = timezone(offset)
    assert atoms.offset_of(atoms.zone_text(zone)) == zone


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("PT0S", timedelta(0)),
        ("P1W", timedelta(weeks=1)),
        ("P2DT1H30M", timedelta(days=2, hours=1, minutes=30)),
        ("PT90M", timedelta(minutes=90)),
        ("PT0.000001S", timedelta(microseconds=1)),
        ("P1WT1.5S", timedelta(weeks=1, seconds=1, milliseconds=500)),
    ],
)
def test_a_length_of_time_is_read_as_iso_8601_has_it(text: str, duration: timedelta) -> None:
    """Weeks, days, hours, minutes, seconds and parts of them, of which some may be left out."""
    assert atoms.duration_of(text) == duration


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-03-02T09:30:00Z", datetime(2026, 3, 2, 9, 30, tzinfo=UTC)),
        ("2026-03-02 09:30+00:00", datetime(2026, 3, 2, 9, 30, tzinfo=UTC)),
        ("2026-03-02T10:30:00+01:00", datetime(2026, 3, 2, 9, 30, tzinfo=UTC)),
        ("2026-03-02T09:30:00.123456789Z", datetime(2026, 3, 2, 9, 30, 0, 123_456, tzinfo=UTC)),
    ],
)
def test_an_instant_is_read_as_others_write_it(text: str, instant: datetime) -> None:
    """Z or an offset, with seconds or without; what is beyond microseconds is cut off."""
    assert atoms.instant_of(text) == instant
    assert atoms.instant_of(text).tzinfo is UTC


def test_days_and_clocks_are_written_plainly() -> None:
    """A day has no time, and a clock no day."""
    assert atoms.moment_text(date(2026, 3, 2)) == "2026-03-02"
    assert atoms.moment_text(datetime(2026, 3, 2, tzinfo=UTC)) == "2026-03-02T00:00:00+00:00"
    assert atoms.time_of("17:30:01") == time(17, 30, 1)
    assert atoms.weekday_or_day_of("2026-03-02") == date(2026, 3, 2)


def test_a_zone_with_a_name_is_written_by_it() -> None:
    """Also that of UTC, if it is another object than the offset of zero: the two are not equal."""
    assert atoms.zone_text(ZoneInfo("Europe/Berlin")) == "Europe/Berlin"
    assert atoms.zone_text(ZoneInfo("UTC")) == "UTC"
    assert atoms.zone_text(UTC) == "+00:00"
    assert atoms.zone_text(timezone(timedelta(hours=1), "CET")) == "+01:00"
