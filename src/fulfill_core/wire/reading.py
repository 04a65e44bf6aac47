"""From plain dicts and lists to a value, with all checks; or to all that is wrong with them.

There are two ways. The quick one, which cattrs writes for each class, stops at the first fault.
Only then the thorough one goes through all of it: the form of each field, and what a class has to
say of its own, with what would be fine in the place of what is at fault.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from typing import Any, cast

import attrs
from cattrs import Converter
from cattrs.gen import make_dict_structure_fn, override

from fulfill_core import _checks
from fulfill_core._checks import FrozenMap
from fulfill_core.exceptions import InvalidValueError, together
from fulfill_core.inventory import Inventory
from fulfill_core.wire import atoms
from fulfill_core.wire.faults import refusals_of, under
from fulfill_core.wire.modes import (
    Read,
    Reading,
    local_instants_of,
    minor_units_of,
    words_of,
    zero_or_one_of,
    zones_of,
)
from fulfill_core.wire.shapes import Atom, Many, Maybe, One, Row, Shape, Table, fields_of
from fulfill_core.wire.writing import TYPE

_FORMS_OF_TWO: dict[frozenset[type[object]], Read] = {
    frozenset({int, Decimal}): atoms.number_of,
    frozenset({int, date}): atoms.weekday_or_day_of,
}


_COLLECTIONS: dict[bool, tuple[Callable[[list[Any]], Any], Any]] = {
    True: (frozenset, frozenset()),
    False: (tuple, ()),
}


class Repeating(dict[str, Any]):
    """An object of which a document has a field twice; they are in ``names``."""

    names: tuple[str, ...] = ()

    @classmethod
    def of(cls, content: Mapping[str, Any], names: Iterable[str]) -> Repeating:
        """An object with this content, and the fields that a document has twice."""
        repeating = cls(content)
        repeating.names = tuple(names)
        return repeating


class Reader:
    """What reads documents in one of the two ways; a function for each class and shape.

    Args:
        reading: what is let through.
        is_thorough: whether it goes on after a fault.
    """

    def __init__(self, reading: Reading, *, is_thorough: bool) -> None:
        self._reading = reading
        self._is_thorough = is_thorough
        self._by_shape: dict[Shape, Read] = {}
        self._atoms: dict[type[object], Read] = {
            str: atoms.text_of,
            int: atoms.int_of,
            bool: zero_or_one_of if reading.is_lax else atoms.bool_of,
            Decimal: atoms.amount_of,
            datetime: atoms.instant_of,
            date: atoms.day_of,
            time: atoms.time_of,
            timedelta: atoms.duration_of,
            tzinfo: zones_of(reading.zone_of),
        }
        if reading.exponent is not None:
            self._atoms[Decimal] = minor_units_of(reading.exponent)
        if reading.timezone is not None:
            self._atoms[datetime] = local_instants_of(reading.timezone)

    def read_of(self, shape: Shape) -> Read:
        """What reads a field of this shape."""
        if shape not in self._by_shape:
            self._by_shape[shape] = self._build(shape)
        return self._by_shape[shape]

    def _build(self, shape: Shape) -> Read:
        match shape:
            case Atom(kinds):
                return self._atom(kinds)
            case Maybe(inner):
                return _optional(self.read_of(inner))
            case Many(inner, is_set):
                return self._many(self.read_of(inner), is_set=is_set)
            case Row(shapes):
                return self._row([self.read_of(each) for each in shapes])
            case Table(kind):
                collect = FrozenMap if kind is str else _pairs
                return self._table(self.read_of(Atom((kind,))), collect)
            case One(kind):
                return self._thorough(kind) if self._is_thorough else self._quick(kind)
            case _:
                return self._either(shape.kinds)

    # -- Atoms ---------------------------------------------------------------------------------

    def _atom(self, kinds: tuple[type[object], ...]) -> Read:
        kind = kinds[0]
        if datetime in kinds and date in kinds:
            return self._moment
        if len(kinds) > 1:
            return _FORMS_OF_TWO[frozenset(kinds)]
        if issubclass(kind, Enum):
            return words_of(kind, is_lax=self._reading.is_lax)
        return self._atoms[kind]

    def _moment(self, content: Any, _: object = None) -> datetime | date:
        is_day = isinstance(content, str) and atoms.is_day(content)
        return atoms.day_of(content) if is_day else self._atoms[datetime](content, None)

    # -- Collections ---------------------------------------------------------------------------

    def _many(self, read: Read, *, is_set: bool) -> Read:
        is_thorough, collect, empty = self._is_thorough, *_COLLECTIONS[is_set]

        def read_many(content: Any, _: object) -> Any:
            if content == []:
                return empty
            members = _list(content)
            if is_thorough:
                return collect(_every(read, members))
            return collect([read(each, None) for each in members])

        return read_many

    def _row(self, reads: list[Read]) -> Read:
        width, is_thorough = len(reads), self._is_thorough

        def read_row(content: Any, _: object) -> tuple[Any, ...]:
            cells = _list(content)
            if len(cells) != width:
                raise _checks.refuse("", content, f"is not a list of {width} members")
            rows = zip(reads, cells, strict=True)
            if not is_thorough:
                return tuple([read(each, None) for read, each in rows])
            faults: list[InvalidValueError] = []
            members: list[Any] = []
            for position, (read, each) in enumerate(rows):
                members += _attempt(read, each, f"[{position}]", faults)
            if faults:
                raise together(faults)
            return tuple(members)

        return read_row

    def _table(self, read: Read, collect: Callable[[Mapping[str, Any]], Any]) -> Read:
        empty, is_thorough = collect({}), self._is_thorough

        def read_table(content: Any, _: object) -> Any:
            if content == {}:
                return empty
            rows = _object(content)
            if not is_thorough:
                return collect({atoms.text_of(key): read(each, None) for key, each in rows.items()})
            faults = list(_repeats(rows))
            table: dict[str, Any] = {}
            for key, each in rows.items():
                path = f"[{key!r}]"
                for name in _attempt(atoms.text_of, key, f" (key {key!r})", faults):
                    for member in _attempt(read, each, path, faults):
                        table[name] = member
            if faults:
                raise together(faults)
            return collect(table)

        return read_table

    # -- Values --------------------------------------------------------------------------------

    def _quick(self, kind: type[object]) -> Read:
        """What reads a class, and stops at the first fault: as cattrs writes it."""
        if kind is Inventory:
            return self._thorough(kind)  # it is a class without fields; its members are what counts
        has_all = frozenset([field.name for field in fields_of(kind)]).issuperset
        overrides: dict[str, Any] = {
            field.stored_as: override(rename=field.name, struct_hook=self.read_of(field.shape))
            for field in fields_of(kind)
        }
        read: Read = make_dict_structure_fn(
            kind,
            Converter(),
            _cattrs_use_linecache=False,
            _cattrs_forbid_extra_keys=False,
            _cattrs_detailed_validation=False,
            **overrides,
        )
        is_lax, ignores_unknown = self._reading.is_lax, self._reading.ignores_unknown

        def read_object(content: Any, _: object) -> Any:
            fields = _object(content)
            if not (ignores_unknown or has_all(fields)):
                raise _checks.refuse("", content, "has other fields")
            return read(_without_nulls(fields) if is_lax else fields, kind)

        return read_object

    def _thorough(self, kind: type[object]) -> Read:
        """What reads a class, and goes on after a fault."""
        fields = {field.name: field for field in fields_of(kind)}
        reads = {name: self.read_of(field.shape) for name, field in fields.items()}

        def read_object(content: Any, _: object) -> Any:
            content = _object(content)
            faults = list(_repeats(content))
            if self._reading.is_lax:
                content = _without_nulls(content)
            arguments: dict[str, Any] = {}
            names_at_fault: set[str] = set()
            for name, field in fields.items():
                if name in content:
                    for argument in _attempt(reads[name], content[name], f".{name}", faults):
                        arguments[name] = argument
                    if name not in arguments:
                        names_at_fault.add(name)
                elif field.default is attrs.NOTHING:
                    names_at_fault.add(name)
                    problem = f"is missing; each {kind.__name__} has one"
                    faults.append(InvalidValueError(f".{name}", "the field", problem))
            if not self._reading.ignores_unknown:
                faults += _unknown(content, fields, kind)
            if not faults:
                with suppress(InvalidValueError):
                    return kind(**arguments)
            raise together([*faults, *refusals_of(kind, arguments, names_at_fault)])

        return read_object

    def _either(self, kinds: tuple[type[object], ...]) -> Read:
        reads = {kind.__name__: self.read_of(One(kind)) for kind in kinds}

        def read_either(content: Any, _: object) -> Any:
            word = _object(content).get(TYPE)
            if type(word) is not str or word not in reads:
                problem = f"is no type of this place; write one of {', '.join(map(repr, reads))}"
                raise InvalidValueError(f".{TYPE}", _checks.repr_of(word), problem)
            return reads[word](without_fields(content, TYPE), None)

        return read_either


def without_fields(content: dict[str, Any], *names: str) -> dict[str, Any]:
    """An object without some of its fields; which it has twice stays known.

    >>> without_fields({"type": "Component", "sku": "cup"}, "type")
    {'sku': 'cup'}
    """
    fields = {name: each for name, each in content.items() if name not in names}
    return Repeating.of(fields, content.names) if isinstance(content, Repeating) else fields


def _without_nulls(content: dict[str, Any]) -> dict[str, Any]:
    """The fields that say something: read laxly, null says nothing."""
    return {name: each for name, each in content.items() if each is not None}


def _object(content: Any) -> dict[str, Any]:
    if not isinstance(content, dict):
        raise _checks.refuse("", content, "is not an object; write one, such as {}")
    return cast("dict[str, Any]", content)


def _list(content: object) -> list[object]:
    if not isinstance(content, list):
        raise _checks.refuse("", content, "is not a list; write one, even of one")
    return cast("list[object]", content)


def _optional(read: Read) -> Read:
    return lambda content, _: None if content is None else read(content, _)


def _pairs(table: Mapping[str, Any]) -> tuple[tuple[str, Any], ...]:
    return tuple(table.items())


def _every(read: Read, members: list[object]) -> list[Any]:
    """All of them, or the faults of all of them."""
    faults: list[InvalidValueError] = []
    values: list[Any] = []
    for position, each in enumerate(members):
        values += _attempt(read, each, f"[{position}]", faults)
    if faults:
        raise together(faults)
    return values


def _attempt(read: Read, content: Any, path: str, faults: list[InvalidValueError]) -> Iterator[Any]:
    """What is read, if it can be; else what is wrong with it joins the faults."""
    try:
        value = read(content, None)
    except InvalidValueError as error:
        faults += under(path, error)
    else:
        yield value


def _repeats(content: dict[str, Any]) -> Iterator[InvalidValueError]:
    if isinstance(content, Repeating):
        for name in content.names:
            problem = "is there twice; which of the two counts nobody can tell"
            yield InvalidValueError(f".{name}", "the field", problem)


def _unknown(
    content: Mapping[str, Any], names: Collection[str], kind: type[object]
) -> Iterator[InvalidValueError]:
    for name in [name for name in content if name not in names]:
        problem = f"is no field of {kind.__name__}; leave it out, or read with ignores_unknown=True"
        yield _checks.refuse(f".{name}", content[name], problem)


@lru_cache(maxsize=64)
def readers_of(reading: Reading) -> tuple[Reader, Reader]:
    """The quick way and the thorough one; what was worked out for a class is remembered.

    >>> len(readers_of(Reading()))
    2
    """
    return Reader(reading, is_thorough=False), Reader(reading, is_thorough=True)


def value_of(content: object, shape: Shape, reading: Reading, *, is_suspect: bool = False) -> Any:
    """The value of a document without its heading.

    Args:
        content: plain dicts and lists.
        shape: what they are to be.
        reading: what is let through.
        is_suspect: whether a field is there twice, which only the thorough way notices.

    Raises:
        InvalidValueError: with all faults, by their paths from here.

    >>> value_of([1, 2], Many(Atom((int,)), is_set=True), Reading())
    frozenset({1, 2})
    """
    quick, thorough = readers_of(reading)
    if not is_suspect:
        try:
            return quick.read_of(shape)(content, None)
        except Exception:  # noqa: BLE001, S110 - whatever stops it: the thorough way says what it is
            pass
    return thorough.read_of(shape)(content, None)
