"""How a single thing stands in a document: money, an instant, a time zone, a word.

Money is text, since numbers of JSON are floats in most languages. Instants are in UTC. A length of
time is as ISO 8601 writes it. A time zone is the offset of a fixed one, or the name of another.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from decimal import Decimal
from enum import Enum
from typing import Any, TypeVar

from fulfill_core import _checks
from fulfill_core.orders.money import NOTHING

AMOUNT = r"-?[0-9]+(\.[0-9]+)?(E[+-]?[0-9]{1,17})?"
INSTANT = r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,9})?)?"
DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
CLOCK = r"[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?"
OFFSET = r"[+-][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{6})?)?"
DURATION = (
    r"P(?=.)(?:(\d{1,9})W)?(?:(\d{1,9})D)?"
    r"(?:T(?=.)(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,15})(?:\.(\d{1,6}))?S)?)?"
)
ZONE_NAME = r"[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*"

_is_amount = re.compile(AMOUNT).fullmatch
_is_instant = re.compile(rf"{INSTANT}(Z|{OFFSET})?").fullmatch
is_day = re.compile(DAY).fullmatch
_is_clock = re.compile(CLOCK).fullmatch
is_zone_name = re.compile(ZONE_NAME).fullmatch
_is_offset = re.compile(OFFSET).fullmatch
_duration_of = re.compile(DURATION, re.ASCII).fullmatch
_NO_TIME = timedelta(0)
_UNITS = ("weeks", "days", "hours", "minutes", "seconds", "microseconds")
_MIDNIGHT = "00:00"


# -- Written ---------------------------------------------------------------------------------------


def instant_text(instant: datetime) -> str:
    """An instant in UTC.

    >>> instant_text(datetime(2026, 3, 2, 9, 30, tzinfo=timezone(timedelta(hours=1))))
    '2026-03-02T08:30:00+00:00'
    """
    if instant.tzinfo is not UTC:
        instant = instant.astimezone(UTC)
    return instant.isoformat()


def moment_text(moment: datetime | date) -> str:
    """An instant, or a day.

    >>> moment_text(date(2026, 3, 2))
    '2026-03-02'
    """
    return instant_text(moment) if isinstance(moment, datetime) else moment.isoformat()


def duration_text(duration: timedelta) -> str:
    """A length of time, zero or more: days, and seconds.

    >>> duration_text(timedelta(days=2, minutes=1)), duration_text(timedelta(0))
    ('P2DT60S', 'PT0S')
    """
    days, seconds, rest = duration.days, duration.seconds, duration.microseconds
    clock = f"T{seconds}.{rest:06d}S" if rest else f"T{seconds}S" if seconds or not days else ""
    return f"P{days}D{clock}" if days else f"P{clock}"


def zone_text(zone: tzinfo) -> str:
    """A time zone: its offset if that is all there is to it, else its name.

    >>> zone_text(UTC), zone_text(timezone(timedelta(hours=-3)))
    ('+00:00', '-03:00')

    Raises:
        InvalidValueError: a zone that has no name.
    """
    if type(zone) is timezone:
        return time(tzinfo=zone).isoformat()[len("00:00:00") :]
    name = getattr(zone, "key", None)
    if not isinstance(name, str):
        raise _checks.refuse(
            "", zone, "has no name to be written by; use a ZoneInfo, or a fixed offset"
        )
    return name


def word_of(member: Enum) -> str:
    """The word of a member of an enum, as `_checks.to_word` reads it.

    >>> from fulfill_core import Severity, Ship
    >>> word_of(Severity.HOLD), word_of(Ship.COMPLETE)
    ('hold', 'complete')
    """
    return member.value if isinstance(member.value, str) else member.name.lower()


HALF = "holds half of a character, which no UTF-8 text can; write the whole one, or leave it out"


def has_half_characters(text: str) -> bool:
    """Whether a text can't be written as UTF-8.

    >>> has_half_characters("caf" + chr(0xE9)), has_half_characters(chr(0xD83D))
    (False, True)
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


# -- Read ------------------------------------------------------------------------------------------
# Each takes the class as well, which it does not need: that is how cattrs calls what reads a field.


def text_of(content: Any, _: object = None) -> str:
    """A text that UTF-8 can hold."""
    if type(content) is not str:
        is_number = type(content) in (int, float)
        remedy = 'write it in quotes, such as "17"' if is_number else "write one"
        raise _checks.refuse("", content, f"is not text; {remedy}")
    if not content.isascii() and has_half_characters(content):
        raise _checks.refuse("", content, HALF)
    return content


def int_of(content: Any, _: object = None) -> int:
    """A whole number."""
    if type(content) is not int:
        raise _checks.refuse("", content, "is not a whole number; write one, such as 2")
    return content


def bool_of(content: Any, _: object = None) -> bool:
    """True or false."""
    if content is not True and content is not False:
        raise _checks.refuse("", content, "is not a truth value; write true or false")
    return content


def amount_of(content: Any, _: object = None) -> Decimal:
    """An exact number, as text.

    >>> amount_of("9.90")
    Decimal('9.90')
    """
    if content == "0":
        return NOTHING  # the most frequent one, and the object that checks know
    if type(content) is not str or _is_amount(content) is None:
        raise _checks.refuse("", content, 'is not an exact number; write it as text: "9.90"')
    return Decimal(content)


def number_of(content: Any, _: object = None) -> int | Decimal:
    """A whole number, or an exact number as text.

    >>> number_of(61), number_of("0.25")
    (61, Decimal('0.25'))
    """
    return content if type(content) is int else amount_of(content)


def clock_reading_of(content: Any, _: object = None) -> datetime:
    """An instant, or what the clock on a wall shows, if nothing says where.

    >>> clock_reading_of("2026-03-02T09:30").tzinfo
    """
    if type(content) is not str or _is_instant(content) is None:
        problem = 'is not an instant; write it as text: "2026-03-02T09:30:00Z"'
        raise _checks.refuse("", content, problem)
    return _from_iso(datetime, content)


def instant_of(content: Any, _: object = None) -> datetime:
    """An instant, of any offset, in UTC. What is beyond microseconds is cut off.

    >>> instant_of("2026-03-02T09:30:00Z")
    datetime.datetime(2026, 3, 2, 9, 30, tzinfo=datetime.timezone.utc)
    """
    instant = clock_reading_of(content)
    if instant.tzinfo is None:
        problem = "does not say where that is; write Z, or an offset such as +01:00, behind it"
        raise _checks.refuse("", content, problem)
    return _checks.in_utc("", instant)


def day_of(content: Any, _: object = None) -> date:
    """A day.

    >>> day_of("2026-03-02")
    datetime.date(2026, 3, 2)
    """
    if type(content) is not str or is_day(content) is None:
        raise _checks.refuse("", content, 'is not a day; write it as text: "2026-03-02"')
    return _from_iso(date, content)


def weekday_or_day_of(content: Any, _: object = None) -> int | date:
    """A day of the week, 0 (Monday) to 6 (Sunday), or a date.

    >>> weekday_or_day_of(4)
    4
    """
    return content if type(content) is int else day_of(content)


def time_of(content: Any, _: object = None) -> time:
    """What a clock shows.

    >>> time_of("09:30")
    datetime.time(9, 30)
    """
    if type(content) is not str or _is_clock(content) is None:
        raise _checks.refuse("", content, 'is not a time of day; write it as text: "09:30:00"')
    return _from_iso(time, content)


_Day = TypeVar("_Day", datetime, date, time)


def _from_iso(kind: type[_Day], text: str) -> _Day:
    try:
        return kind.fromisoformat(text)
    except ValueError:  # a 30th of February
        raise _checks.refuse("", text, "is on no calendar, or on no clock") from None


def duration_of(content: Any, _: object = None) -> timedelta:
    """A length of time: weeks, days, hours, minutes and seconds; months are of no one length.

    >>> duration_of("P2DT1H"), duration_of("PT0.5S")
    (datetime.timedelta(days=2, seconds=3600), datetime.timedelta(microseconds=500000))
    """
    if content == "PT0S":
        return _NO_TIME  # the most frequent one
    match = _duration_of(content) if type(content) is str else None
    if match is None:
        problem = 'is not a length of time; write it as ISO 8601 has it, in days or less: "P2DT1H"'
        raise _checks.refuse("", content, problem)
    parts = dict(zip(_UNITS, match.groups("0"), strict=True))
    parts["microseconds"] = parts["microseconds"].ljust(6, "0")
    try:
        return timedelta(**{unit: int(part) for unit, part in parts.items()})
    except OverflowError:
        raise _checks.refuse("", content, "is more than a million years") from None


def offset_of(text: str) -> tzinfo | None:
    """The time zone of a fixed offset; None if the text is none.

    >>> offset_of("+00:00"), offset_of("Europe/Berlin")
    (datetime.timezone.utc, None)
    """
    if _is_offset(text) is None:
        return None
    try:
        return time.fromisoformat(f"{_MIDNIGHT}{text}").tzinfo
    except ValueError:  # 99 hours
        return None
