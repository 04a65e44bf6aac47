"""All that is wrong with a document, as one error: each fault with its path from the top."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from enum import Enum
from typing import Any

import attrs

from fulfill_core.exceptions import InvalidValueError
from fulfill_core.inventory import Inventory, LotChange
from fulfill_core.wire.shapes import Atom, Field, Many, Maybe, Table, fields_of

_FIELD = re.compile(r"\w+\.(\w+)")
_NAME = re.compile(r"[.\[]")


def under(path: str, error: InvalidValueError) -> Iterator[InvalidValueError]:
    """The faults of a part, with the path to it before theirs.

    >>> error = InvalidValueError(".quantity", "0", "is below 1")
    >>> [each.path for each in under(".lines[0]", error)]
    ['.lines[0].quantity']
    """
    for each in (error, *error.further_faults):
        yield InvalidValueError(path + each.path, each.value, each.problem)


def refusals_of(
    kind: type[object], arguments: Mapping[str, Any], at_fault: Collection[str]
) -> list[InvalidValueError]:
    """What a class says against arguments, apart from those that are at fault already.

    In place of what is at fault, it is given what would be fine: once something small, once
    something large, and once what is there if nobody says anything. A fault counts if it is there
    each time, and is about nothing that has to fit what is at fault: then it does not come of that.

    Args:
        kind: the class.
        arguments: those whose form is right, by name.
        at_fault: the names of those that have another form, or are missing.

    >>> from fulfill_core import OrderLine
    >>> [each.path for each in refusals_of(OrderLine, {"id": "1", "quantity": 0}, ["sku"])]
    ['.quantity']
    """
    first, *later_rounds = [
        list(_refusals(kind, dict(arguments), set(at_fault), stand_in))
        for stand_in in (_small, _large, _usual)
    ]
    paths = set[str].intersection(*[{each.path for each in faults} for faults in later_rounds])
    faults = [each for each in first if each.path in paths]
    names = {*at_fault, *[_name_in(each.path) for each in faults]}
    return [each for each in faults if _FITS.get((kind, _name_in(each.path))) not in names]


def _refusals(
    kind: type[object],
    arguments: dict[str, Any],
    at_fault: set[str],
    stand_in_of: Callable[[Field], object],
) -> Iterator[InvalidValueError]:
    """What a class refuses, one after the other, until it refuses nothing more."""
    fields = {field.name: field for field in fields_of(kind)}
    names = at_fault
    while True:
        for name in names:
            stand_in = stand_in_of(fields[name])
            if stand_in is attrs.NOTHING:
                return
            arguments[name] = stand_in
        try:
            kind(**arguments)
        except InvalidValueError as error:
            new = [
                (_field_of(each, fields), each)
                for each in (error, *error.further_faults)
                if _field_of(each, fields) not in at_fault
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


def _name_in(path: str) -> str:
    """The field that a path from a value on is about."""
    return _NAME.split(path)[1]


def _small(field: Field) -> object:
    """What may be fine in place of a field; ``attrs.NOTHING`` where nobody can say."""
    return _stand_in(field, _SMALL)


def _large(field: Field) -> object:
    return _stand_in(field, _LARGE)


def _usual(field: Field) -> object:
    return _small(field) if field.default is attrs.NOTHING else field.default


def _stand_in(field: Field, stand_ins: Mapping[type[object], object]) -> object:
    match field.shape:
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
_FITS: dict[tuple[type[object], str], str] = {
    (Inventory, "reservations"): "stock",
    (LotChange, "after"): "before",
}
"""What a class says of a field by what stands in another one: of a row of stock that can't be read
nobody knows whose reservations it is for."""
