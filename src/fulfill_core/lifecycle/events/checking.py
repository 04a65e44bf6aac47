"""What every event is checked for as it is made."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from decimal import Decimal
from functools import cache
from operator import attrgetter
from typing import Any, TypeAlias

import attrs

from fulfill_core import _checks
from fulfill_core.decisions.notification import BETWEEN
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


def check_names(event: Any, *fields: str) -> None:
    """Check fields of an event that name something, and are empty where nobody said what."""
    for field in fields:
        _checks.check_optional_id(f"{type(event).__name__}.{field}", getattr(event, field))


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


def check_some(event: Any, *fields: str, remedy: str = "leave the event out") -> None:
    """Some unit of some line is said in one of these fields; if none is, what there is to do."""
    if not any([getattr(event, field) for field in fields]):
        path = f"{type(event).__name__}.{fields[0]}"
        raise _checks.refuse(path, {}, f"names no unit of any line; {remedy}")


def content_of(event: Any) -> str:
    """All that an event says, as one text: two with the same id and another content are two.

    It is the same in any process. Equal amounts are equal, however they are written.
    """
    kind = event.__class__
    read, writers = _reader_of(kind)
    texts = [kind.__name__, *read(event)]
    for place, text_of in writers:
        texts[place] = text_of(texts[place])
    return BETWEEN.join(texts)


_Writer: TypeAlias = Callable[[Any], str]


@cache
def _reader_of(
    kind: Any,
) -> tuple[Callable[[object], tuple[Any, ...]], tuple[tuple[int, _Writer], ...]]:
    """What reads all fields of an event at once; and, behind the kind, what writes which as text.

    Representations of nested tuples, and of instants, take five times as long as these. Types are
    looked up as the class has them: those of its attributes are others once anybody has read an
    event of the kind from JSON, and the next process would take it for another one.
    """
    types, names = kind.__annotations__, [field.name for field in attrs.fields(kind)]
    writers = [
        (place, _WRITERS.get(types[name], _text))
        for place, name in enumerate(names, 1)
        if types[name] != "str"
    ]
    return attrgetter(*names), tuple(writers)


_FLAGS = {True: "1", False: "0"}
_normalized = _checks.EXACT.normalize
_parts_of: Callable[[datetime], Any] = datetime.__reduce__


def _instant(at: datetime) -> str:
    """The ten bytes that stand for it in a pickle, as hex digits: it is in UTC.

    The same in every process and version, since each has to read the pickles of the others. To
    write its days and seconds takes twice as long, and five times, to write it as ISO 8601 does.
    """
    _, (state, _) = _parts_of(at)
    text: str = state.hex()
    return text


def _units(rows: Collection[tuple[str, int]]) -> str:
    text = f"{len(rows)}"
    for line_id, units in rows:
        text += f"{BETWEEN}{units}:{line_id}"
    return text


def _instant_if_any(at: datetime | None) -> str:
    return "None" if at is None else _instant(at)


def _amount(amount: Decimal) -> str:
    return str(_normalized(amount)) if amount else "0"


def _text(value: object) -> str:
    if isinstance(value, Decimal):
        return _amount(value)
    return value if isinstance(value, str) else repr(value)


_WRITERS: Mapping[object, _Writer] = {
    "bool": _FLAGS.__getitem__,
    "datetime": _instant,
    "datetime | None": _instant_if_any,
    "Decimal": _amount,
    "Units": _units,
    "tuple[PartRow, ...]": repr,
}
"""By the type of a field."""
