"""All that is wrong with a document, as one error: each fault with its path from the top."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from enum import Enum
from typing import Any

import attrs

from fulfill_core.exceptions import InvalidValueError
from fulfill_core.wire.shapes import Atom, Many, Maybe, Shape, Table, fields_of

_FIELD = re.compile(r"\w+\.(\w+)")


def under(path: str, error: InvalidValueError) -> Iterator[InvalidValueError]:
    """The faults of a part, with the path to it before theirs.

    >>> error = InvalidValueError(".quantity", "0", "is below 1")
    >>> [each.path for each in under(".lines[0]", error)]
    ['.lines[0].quantity']
    """
    for each in (error, *error.further_faults):
        yield InvalidValueError(path + each.path, each.value, each.problem)


def together(faults: Sequence[InvalidValueError], record_id: str = "") -> InvalidValueError:
    """Some faults as one error.

    >>> together([InvalidValueError(".a", "0", "is 0"), InvalidValueError(".b", "1", "is 1")]).path
    '.a'
    """
    first, *rest = faults
    return InvalidValueError(first.path, first.value, first.problem, record_id, rest)


def refusals_of(
    kind: type[object], arguments: Mapping[str, Any], at_fault: Collection[str]
) -> list[InvalidValueError]:
    """What a class says against arguments, apart from those that are at fault already.

    In place of what is at fault, it is given what would be fine: once something small, and once
    something large. A fault counts if it is there both times: then it does not come of that.

    Args:
        kind: the class.
        arguments: those whose form is right, by name.
        at_fault: the names of those that have another form, or are missing.

    >>> from fulfill_core import OrderLine
    >>> [each.path for each in refusals_of(OrderLine, {"id": "1", "quantity": 0}, ["sku"])]
    ['.quantity']
    """
    small, large = [
        list(_refusals(kind, dict(arguments), set(at_fault), stand_ins))
        for stand_ins in (_SMALL, _LARGE)
    ]
    paths = {each.path for each in large}
    return [each for each in small if each.path in paths]


def _refusals(
    kind: type[object],
    arguments: dict[str, Any],
    at_fault: set[str],
    stand_ins: Mapping[type[object], object],
) -> Iterator[InvalidValueError]:
    """What a class refuses, one after the other, until it refuses nothing more."""
    shapes = {field.name: field.shape for field in fields_of(kind)}
    names = at_fault
    while True:
        for name in names:
            stand_in = _stand_in(shapes[name], stand_ins)
            if stand_in is attrs.NOTHING:
                return
            arguments[name] = stand_in
        try:
            kind(**arguments)
        except InvalidValueError as error:
            new = [
                (_field_of(each, shapes), each)
                for each in (error, *error.further_faults)
                if _field_of(each, shapes) not in at_fault
            ]
            yield from [
                InvalidValueError(_within(kind, each), each.value, each.problem) for _, each in new
            ]
            names = {name for name, _ in new} - {""}
            if not names:
                return
            at_fault = at_fault | names
        else:
            return


def _field_of(error: InvalidValueError, names: Collection[str]) -> str:
    """The field that an error of a class is about; empty if it is about none."""
    match = _FIELD.match(error.path)
    return match[1] if match and match[1] in names else ""


def _within(kind: type[object], error: InvalidValueError) -> str:
    """The path of an error from the value on: its own begins with the name of the class."""
    return "." + error.path.removeprefix(f"{kind.__name__}.")


def _stand_in(shape: Shape, stand_ins: Mapping[type[object], object]) -> object:
    """What may be fine in place of a field; ``attrs.NOTHING`` where nobody can say."""
    match shape:
        case Maybe():
            return None
        case Many(_, is_set):
            return frozenset[Any]() if is_set else ()
        case Table():
            return {}
        case Atom(kinds):
            kind = kinds[0]
            return next(iter(kind)) if issubclass(kind, Enum) else stand_ins[kind]
        case _:
            return attrs.NOTHING


_SMALL: dict[type[object], object] = {
    str: "-",
    int: 1,
    bool: False,
    Decimal: Decimal(1),
    datetime: datetime(2, 1, 1, tzinfo=UTC),
    date: date(1900, 1, 1),
    time: time(0),
    timedelta: timedelta(0),
    tzinfo: UTC,
}
_LARGE: dict[type[object], object] = {
    **_SMALL,
    int: 10**9,
    Decimal: Decimal(10**9),
    datetime: datetime(9998, 1, 1, tzinfo=UTC),
    date: date(2200, 1, 1),
    time: time(12),
    timedelta: timedelta(days=1_000),
}
