"""From a value to plain dicts and lists: every field is written, also where it is as usual.

Whoever reads a document in another language knows no defaults, and a default that changes some day
must not change what was stored before. cattrs writes the function for each class.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any, TypeAlias, cast

from cattrs import Converter
from cattrs.fns import identity
from cattrs.gen import make_dict_unstructure_fn, override

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

Write: TypeAlias = Callable[[Any], Any]

TYPE = "type"
"""Where a document says of which class its value is."""
_plain: Callable[[str], str] = str.__str__
"""A text of no class derived from str: where text is asked for, a member of a `StrEnum` will do."""
_ATOMS: dict[type[object], Write] = {
    str: _plain,
    Decimal: str,
    datetime: atoms.instant_text,
    date: date.isoformat,
    time: time.isoformat,
    timedelta: atoms.duration_text,
    tzinfo: atoms.zone_text,
}


def _writer_of(kind: type[Any]) -> Write:
    """What writes the values of a class, as plain dicts and lists."""
    if kind is Inventory:
        return _write_inventory
    fields = fields_of(kind)
    overrides: dict[str, Any] = {
        field.stored_as: override(
            rename=field.name,
            unstruct_hook=write_of(field.shape) if field.attribute == field.stored_as else identity,
        )
        for field in fields
    }
    write: Write = make_dict_unstructure_fn(
        kind, Converter(), _cattrs_use_linecache=False, **overrides
    )
    in_other_words = [
        (field.name, field.attribute, write_of(field.shape))
        for field in fields
        if field.attribute != field.stored_as
    ]
    if not in_other_words:
        return write

    def write_in_other_words(value: Any) -> dict[str, Any]:
        content: dict[str, Any] = write(value)
        for name, attribute, write_field in in_other_words:
            content[name] = write_field(getattr(value, attribute))
        return content

    return write_in_other_words


def _write_inventory(inventory: Inventory) -> dict[str, Any]:
    return {
        field.name: write_of(field.shape)(_content(inventory, field))
        for field in fields_of(Inventory)
    }


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

    >>> from fulfill_core import Lot
    >>> write_of(One(Lot))(Lot(id="L-7", quantity=3))["quantity"]
    3
    """
    match shape:
        case Atom(kinds):
            return _write_of_atom(kinds)
        case Maybe(inner):
            return _optional(write_of(inner))
        case Many(inner, is_set):
            return _listed(write_of(inner), is_set=is_set)
        case Row(shapes):
            return _in_a_row([write_of(each) for each in shapes])
        case Table():
            return _write_table
        case One(kind):
            return _writer_of(kind)
        case _:
            return _tagged({each: write_of(One(each)) for each in shape.kinds})


def _write_of_atom(kinds: tuple[type[object], ...]) -> Write:
    if len(kinds) == 1:
        kind = kinds[0]
        if issubclass(kind, Enum):
            return {member: atoms.word_of(member) for member in kind}.__getitem__
        return _ATOMS.get(kind, cast("Write", identity))
    if datetime in kinds:
        return atoms.moment_text
    by_kind = {each: write_of(Atom((each,))) for each in kinds}
    return lambda value: by_kind[type(value)](value)


def _optional(write: Write) -> Write:
    if write is identity:
        return write
    return lambda value: None if value is None else write(value)


def _listed(write: Write, *, is_set: bool) -> Write:
    if is_set:
        return lambda values: [write(each) for each in sorted(values)]
    return lambda values: [write(each) for each in values]


def _in_a_row(writes: list[Write]) -> Write:
    return lambda row: [write(each) for write, each in zip(writes, row, strict=True)]


def _write_table(content: Mapping[str, str] | tuple[tuple[str, int], ...]) -> dict[str, Any]:
    if isinstance(content, Mapping):
        return {_plain(key): _plain(content[key]) for key in sorted(content)}
    return {_plain(key): count for key, count in content}


def _tagged(writes: dict[type[object], Write]) -> Write:
    return lambda value: {TYPE: type(value).__name__, **writes[type(value)](value)}


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
            for key, each in _write_table(value).items():
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
