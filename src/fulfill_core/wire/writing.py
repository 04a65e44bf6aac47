"""From a value to the text of a document: every field is written, also where it is as usual.

Whoever reads a document in another language knows no defaults, and a default that changes some day
must not change what was stored before. The text of a class is a template, worked out once: what
writes a value reads its fields in one go, and puts the text of each in its place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from enum import Enum
from functools import cache
from json.encoder import encode_basestring
from operator import attrgetter, call
from typing import Any, TypeAlias, cast

from fulfill_core import _checks
from fulfill_core.exceptions import InvalidValueError
from fulfill_core.inventory import Inventory
from fulfill_core.inventory.stock import sequence
from fulfill_core.wire import atoms
from fulfill_core.wire.shapes import (
    Atom,
    Either,
    Field,
    Many,
    Maybe,
    One,
    Row,
    Shape,
    Table,
    fields_of,
)

Write: TypeAlias = Callable[[Any], str]

TYPE = "type"
"""Where a document says of which class its value is."""
text_of: Write = encode_basestring
"""A text in quotes, as the encoder of `json` writes it; a member of a `StrEnum` is one, too."""
_written = cast("Callable[[Write, Any], str]", call)
"""What a function writes of something: a loop of Python's own takes twice as long."""
_NULL, _PLACE = "null", "\0"
_TWO = 2  # `attrgetter` gives no tuple of one
_ATOMS: dict[type[object], Write] = {
    str: text_of,
    int: str,
    bool: {True: "true", False: "false"}.__getitem__,
    Decimal: lambda amount: f'"{amount!s}"',
    datetime: lambda instant: f'"{atoms.instant_text(instant)}"',
    date: lambda day: f'"{day!s}"',
    time: lambda clock: f'"{clock!s}"',
    timedelta: lambda duration: f'"{atoms.duration_text(duration)}"',
    tzinfo: lambda zone: text_of(atoms.zone_text(zone)),
}


def _writer_of(kind: type[Any], heading: Iterable[str] = ()) -> Write:
    """What writes the values of a class, with this before their fields."""
    fields = fields_of(kind)
    lines = [*heading, *[f"{text_of(field.name)}:{_PLACE}" for field in fields]]
    literals = f"{{{','.join(lines)}}}".split(_PLACE)
    template = [part for literal in literals for part in (literal, "")][:-1]
    writes = [write_of(field.shape) for field in fields]
    contents_of = _contents_of(kind, fields)

    def write(value: Any) -> str:
        parts = template.copy()
        parts[1::2] = map(_written, writes, contents_of(value))
        return "".join(parts)

    return write


def _contents_of(kind: type[Any], fields: tuple[Field, ...]) -> Callable[[Any], Iterable[Any]]:
    """What reads all fields of a value that are written."""
    names = [field.attribute for field in fields]
    if kind is Inventory or len(names) < _TWO:
        return lambda value: [_content(value, field) for field in fields]
    return attrgetter(*names)


def _content(value: object, field: Field) -> Any:
    """What a value has in a field; of an inventory, in the same sequence for all that are equal."""
    content = getattr(value, field.attribute)
    if not isinstance(value, Inventory):
        return content
    members: list[Any] = list(content())
    if field.name == "reservations":  # those of an order are in the sequence in which they came
        members.sort(key=lambda each: (each.order_id, sequence(each)))
    return members


@cache
def write_of(shape: Shape) -> Write:
    """What writes something of this shape; what was worked out for a class is remembered.

    >>> from fulfill_core import Component
    >>> write_of(One(Component))(Component(sku="cup", quantity=2))
    '{"sku":"cup","quantity":2}'
    """
    match shape:
        case Atom(kinds):
            return _write_of_atom(kinds)
        case Maybe(inner):
            write = write_of(inner)
            return lambda value: _NULL if value is None else write(value)
        case Many(inner, is_set):
            return _listed(write_of(inner), is_set=is_set)
        case Row(shapes):
            return _in_a_row([write_of(each) for each in shapes])
        case Table():
            return _write_table
        case One(kind):
            return _writer_of(kind)
        case _:
            writes = {each: _writer_of(each, (type_line(each),)) for each in shape.kinds}
            return lambda value: writes[type(value)](value)


@cache
def document_writer(kind: type[Any], heading: str) -> Write:
    """What writes the document of a value of this class.

    Args:
        kind: the class.
        heading: what a document has before its type.

    >>> from fulfill_core import Component
    >>> document_writer(Component, '"schema_version":1')(Component(sku="cup", quantity=2))
    '{"schema_version":1,"type":"Component","sku":"cup","quantity":2}'
    """
    return _writer_of(kind, (heading, type_line(kind)))


def type_line(kind: type[object]) -> str:
    """What a document says of the class of its value.

    >>> type_line(Inventory)
    '"type":"Inventory"'
    """
    return f"{text_of(TYPE)}:{text_of(kind.__name__)}"


def _write_of_atom(kinds: tuple[type[object], ...]) -> Write:
    if len(kinds) == 1:
        kind = kinds[0]
        if issubclass(kind, Enum):
            return {member: text_of(atoms.word_of(member)) for member in kind}.__getitem__
        return _ATOMS[kind]
    if datetime in kinds:
        return lambda moment: f'"{atoms.moment_text(moment)}"'
    by_kind = {each: write_of(Atom((each,))) for each in kinds}
    return lambda value: by_kind[type(value)](value)


def _listed(write: Write, *, is_set: bool) -> Write:
    if is_set:
        return lambda values: f"[{','.join([write(each) for each in sorted(values)])}]"
    # Most of them are empty.
    return lambda values: f"[{','.join([write(each) for each in values])}]" if values else "[]"


def _in_a_row(writes: list[Write]) -> Write:
    return lambda row: (
        f"[{','.join([write(each) for write, each in zip(writes, row, strict=True)])}]"
    )


def _write_table(content: Mapping[str, str] | tuple[tuple[str, int], ...]) -> str:
    if not content:
        return "{}"
    if isinstance(content, Mapping):
        rows = [f"{text_of(key)}:{text_of(content[key])}" for key in sorted(content)]
    else:
        rows = [f"{text_of(key)}:{count}" for key, count in dict(content).items()]
    return f"{{{','.join(rows)}}}"


# -- What can't be written -------------------------------------------------------------------------


def faults_in(path: str, value: Any, shape: Shape) -> Iterator[InvalidValueError]:
    """What of a value no document can hold, by path: halves of characters, zones without a name."""
    match shape:
        case Maybe(inner):
            if value is not None:
                yield from faults_in(path, value, inner)
        case Many(inner):
            members: list[Any] = sorted(value) if shape.is_set else list(value)
            for position, each in enumerate(members):
                yield from faults_in(f"{path}[{position}]", each, inner)
        case Row(shapes):
            for position, (inner, each) in enumerate(zip(shapes, value, strict=True)):
                yield from faults_in(f"{path}[{position}]", each, inner)
        case Table():
            for key, each in dict(value).items():
                yield from _faults_in_atom(f"{path} (key)", key)
                yield from _faults_in_atom(f"{path}[{key!r}]", each)
        case One() | Either():
            kind: type[object] = value.__class__
            for field in fields_of(kind):
                yield from faults_in(f"{path}.{field.name}", _content(value, field), field.shape)
        case _:
            yield from _faults_in_atom(path, value)


def _faults_in_atom(path: str, value: Any) -> Iterator[InvalidValueError]:
    if isinstance(value, str) and atoms.has_half_characters(value):
        yield _checks.refuse(path, value, atoms.HALF)
    elif isinstance(value, tzinfo):
        try:
            atoms.zone_text(value)
        except InvalidValueError as error:
            yield InvalidValueError(path, error.value, error.problem)
