"""What every event is checked for as it is made."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from functools import cache
from operator import attrgetter
from typing import Any

import attrs

from fulfill_core import _checks
from fulfill_core.orders.progress import keep_units


def check_event(event: Any, *, ids: tuple[str, ...] = (), units: tuple[str, ...] = ()) -> None:
    """Check what all events have, and those of its own fields that are ids, or units by line.

    Args:
        event: a frozen event that is being made.
        ids: fields that name something and may not be empty.
        units: fields with units by line id.
    """
    name = type(event).__name__
    for field in ("id", "order_id", *ids):
        _checks.check_id(f"{name}.{field}", getattr(event, field))
    _checks.keep_in_utc(event, "at")
    _checks.check_bool(f"{name}.tell", event.tell)
    for field in units:
        keep_units(event, field, "line")


def check_texts(event: Any, *fields: str) -> None:
    """Check fields of an event that are text, and may be empty."""
    for field in fields:
        _checks.check_text(f"{type(event).__name__}.{field}", getattr(event, field))


def check_amount(event: Any, *, is_optional: bool = False, field: str = "amount") -> None:
    """Check the money of an event: above zero, or None where it need not be said."""
    amount = getattr(event, field)
    path = f"{type(event).__name__}.{field}"
    if amount is None and is_optional:
        return
    _checks.check_money(path, amount)
    if not amount:
        raise _checks.refuse(path, amount, "is nothing; leave the event out")


def check_charge(event: Any) -> None:
    """Check what sending costs from an event on, if it says so."""
    if event.shipping is not None:
        _checks.check_money(f"{type(event).__name__}.shipping", event.shipping)


def check_some(event: Any, *fields: str) -> None:
    """Some unit of some line is said in one of these fields."""
    if not any([getattr(event, field) for field in fields]):
        path = f"{type(event).__name__}.{fields[0]}"
        raise _checks.refuse(path, {}, "names no unit of any line; leave the event out")


def content_of(event: Any) -> tuple[object, ...]:
    """All that an event says, its id apart: two with the same id and another content are two.

    It is the same in any process. Equal amounts are equal, however they are written.
    """
    kind = event.__class__
    read, places = _reader_of(kind)
    content = [kind.__name__, *read(event)]
    for place in places:
        content[place] = _plain(content[place])
    return tuple(content)


@cache
def _reader_of(kind: Any) -> tuple[Callable[[object], tuple[object, ...]], tuple[int, ...]]:
    """What reads all fields of an event at once; and where, behind the kind, is no plain text."""
    fields = attrs.fields(kind)
    places = [place for place, field in enumerate(fields, 1) if field.type not in ("str", "bool")]
    return attrgetter(*[field.name for field in fields]), tuple(places)


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return _instant_text(value)
    if isinstance(value, Decimal):
        return str(value.normalize(_checks.EXACT)) if value else "0"
    return value if isinstance(value, (str, int)) else repr(value)


def _instant_text(at: datetime) -> str:
    """An instant of an event, all of which are kept in UTC, as `isoformat` has it.

    That asks the zone for its offset, and takes twice as long: a twentieth of a step.
    """
    two = _TWO_DIGITS
    day = f"{at.year:04d}-{two[at.month]}-{two[at.day]}"
    fraction = f".{at.microsecond:06d}" if at.microsecond else ""
    return f"{day}T{two[at.hour]}:{two[at.minute]}:{two[at.second]}{fraction}+00:00"


_TWO_DIGITS = tuple([f"{number:02d}" for number in range(60)])
