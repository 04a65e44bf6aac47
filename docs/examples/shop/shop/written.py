"""Values of the library as JSON, and back: orders, histories and events, field by field.

The fields are those of the classes themselves, and so are the checks: what is written wrongly is
refused by the value that it would have been.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta, tzinfo
from decimal import Decimal, InvalidOperation
from enum import IntEnum
from functools import cache
from types import UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints
from zoneinfo import ZoneInfo

import attrs

Value = TypeVar("Value")


def to_json(value: object) -> str:
    """A value as JSON: what its class would take for granted is left out."""
    return json.dumps(_plain(value), ensure_ascii=False)


def from_json(kind: type[Value], text: str) -> Value:
    """The value that `to_json` wrote."""
    value: Value = read(kind, json.loads(text))
    return value


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, IntEnum):
        return value.name
    if isinstance(value, Decimal | tzinfo):
        return str(value)
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, Mapping):
        return {key: _plain(content) for key, content in value.items()}
    if isinstance(value, AbstractSet):
        return sorted(value)
    if isinstance(value, tuple):
        return [_plain(member) for member in value]
    if attrs.has(type(value)):
        return {
            field.alias: _plain(content)
            for field in attrs.fields(type(value))
            if field.init and (content := getattr(value, field.name)) != field.default
        }
    return value


def read(hint: Any, content: Any) -> Any:
    """What *content* of a JSON document is, if it is to be a *hint*.

    What can't be one stays as it is: the value that it is for refuses it, and says what belongs
    there.

    Raises:
        ValueError: there is no such value: `InvalidValueError` where the value itself says so.
    """
    origin, members = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        return _read_any(members, content)
    if origin is tuple and isinstance(content, list):
        kinds = members[:1] * len(content) if members[-1] is ... else members
        if len(kinds) == len(content):
            return tuple([read(*pair) for pair in zip(kinds, content, strict=True)])
        return tuple(content)
    if attrs.has(hint):
        return _value(hint, content)
    if isinstance(hint, type):
        for kind, (written_as, reader) in _READERS.items():
            if issubclass(hint, kind) and isinstance(content, written_as):
                return reader(hint, content)
    return content


def _read_any(kinds: Iterable[Any], content: Any) -> Any:
    """The first of these kinds that *content* can be."""
    if content is not None:
        for kind in kinds:
            value = read(kind, content)
            if value is not content:
                return value
    return content


def _value(kind: Any, content: Any) -> Any:
    if not isinstance(content, dict):
        problem = f"{kind.__name__}: {content!r} is not an object"
        raise ValueError(problem)  # noqa: TRY004, one kind of error for all that is written wrongly
    fields = {field.alias: field for field in attrs.fields(kind) if field.init}
    hints = _hints(kind)
    if unknown := sorted(set(content) - set(fields)):
        problem = f"{kind.__name__} has no {', '.join(unknown)}"
        raise ValueError(problem)
    required = [name for name, field in fields.items() if field.default is attrs.NOTHING]
    if missing := [name for name in required if name not in content]:
        problem = f"{kind.__name__}: {', '.join(missing)} is missing"
        raise ValueError(problem)
    return kind(**{name: read(hints[fields[name].name], part) for name, part in content.items()})


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _amount(_: Any, written: str) -> Decimal:
    try:
        return Decimal(written)
    except InvalidOperation:
        problem = f"{written!r} is not an amount"
        raise ValueError(problem) from None


def _named(kind: type[IntEnum], name: str) -> IntEnum:
    try:
        return kind[name]
    except KeyError:
        problem = f"{name!r} is not one of {', '.join(kind.__members__)}"
        raise ValueError(problem) from None


_READERS: dict[type, tuple[type, Callable[[Any, Any], Any]]] = {
    datetime: (str, lambda _, written: datetime.fromisoformat(written)),
    Decimal: (str, _amount),
    tzinfo: (str, lambda _, name: ZoneInfo(name)),
    IntEnum: (str, _named),
    timedelta: (float, lambda _, seconds: timedelta(seconds=seconds)),
}
"""By kind: what it is written as, and what makes it of that."""
