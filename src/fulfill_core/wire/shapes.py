"""What the fields of a class hold: atoms, and the few ways in which they are put together.

Writing, reading and the JSON Schema go by the same shapes: so they agree.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from enum import Enum
from functools import cache
from types import NoneType
from typing import Any, Literal, TypeAlias, get_args, get_origin, get_type_hints

import attrs

from fulfill_core._checks import FrozenMap
from fulfill_core.decisions import Allocation, Backorder, Decision, Short
from fulfill_core.inventory import (
    Claim,
    Intake,
    Inventory,
    Item,
    Location,
    Reservation,
    Stock,
    Supply,
)
from fulfill_core.orders import Payment, PaymentStatus
from fulfill_core.wire.kinds import is_union


@attrs.frozen(weakref_slot=False)
class Atom:
    """A text, a number, an instant, a member of an enum and the like.

    Args:
        kinds: its class; the two of them where either will do.
    """

    kinds: tuple[type[object], ...]


@attrs.frozen(weakref_slot=False)
class Maybe:
    """Something, or None."""

    shape: Shape


@attrs.frozen(weakref_slot=False)
class Many:
    """A collection of one shape, in a sequence that means something, or as a set."""

    shape: Shape
    is_set: bool


@attrs.frozen(weakref_slot=False)
class Row:
    """A tuple of so many members, each of its own shape."""

    shapes: tuple[Shape, ...]


@attrs.frozen(weakref_slot=False)
class Table:
    """Whole numbers, or texts, by text: kept as pairs, or as a mapping."""

    kind: type[object]


@attrs.frozen(weakref_slot=False)
class One:
    """A value of one class."""

    kind: type[object]


@attrs.frozen(weakref_slot=False)
class Either:
    """A value of one of several classes: a document says of which."""

    kinds: tuple[type[object], ...]


Shape: TypeAlias = Atom | Maybe | Many | Row | Table | One | Either


@attrs.frozen(weakref_slot=False)
class Field:
    """A field of a class, as a document has it.

    Args:
        name: its name in a document, and the argument of the class.
        stored_as: the attribute that the argument is kept in.
        attribute: the attribute that is written: another one where what is kept says less.
        shape: what it holds.
        default: what it holds where nothing is said; ``attrs.NOTHING`` if it has to be.
    """

    name: str
    stored_as: str
    attribute: str
    shape: Shape
    default: object


_ATOMS = {str, int, bool, Decimal, datetime, date, time, timedelta}
_PAIRS = tuple[tuple[str, int], ...]


def shape_of(hint: Any) -> Shape:
    """The shape of what a field is declared to hold.

    >>> shape_of(frozenset[str])
    Many(shape=Atom(kinds=(<class 'str'>,)), is_set=True)
    >>> shape_of(int | None)
    Maybe(shape=Atom(kinds=(<class 'int'>,)))
    """
    origin, args = get_origin(hint), get_args(hint)
    if is_union(hint):
        return _shape_of_union(args)
    if hint == _PAIRS:
        return Table(int)
    if hint is FrozenMap:
        return Table(str)
    if origin is Literal:
        return Atom((str,))
    if origin is frozenset:
        return Many(shape_of(args[0]), is_set=True)
    if origin is tuple:
        if args[-1] is Ellipsis:
            return Many(shape_of(args[0]), is_set=False)
        return Row(tuple(map(shape_of, args)))
    if hint in _ATOMS or issubclass(hint, tzinfo | Enum):
        return Atom((hint,))
    return One(hint)


def _shape_of_union(args: tuple[Any, ...]) -> Shape:
    members = tuple([each for each in args if each is not NoneType])
    if len(members) == 1:
        shape = shape_of(members[0])
    elif set(members) <= _ATOMS:
        shape = Atom(members)
    else:
        shape = Either(members)
    return shape if len(members) == len(args) else Maybe(shape)


def fields_of(kind: type[object]) -> tuple[Field, ...]:
    """The fields of a class, in the sequence in which a document has them.

    >>> from fulfill_core import Lot
    >>> [field.name for field in fields_of(Lot)]
    ['id', 'quantity', 'expires_at', 'received_at', 'quarantined']
    """
    return _fields_of(One(kind))


@cache
def _fields_of(shape: One) -> tuple[Field, ...]:
    kind: Any = shape.kind
    if kind is Inventory:
        return tuple(
            [
                Field(name, name, name, Many(One(member), is_set=False), ())
                for name, member in _OF_INVENTORY.items()
            ]
        )
    hints = get_type_hints(kind)
    fields: list[Field] = []
    for field in attrs.fields(kind):
        if field.init:
            name = field.alias or field.name
            attribute, hint = _IN_OTHER_WORDS.get((kind, name), (field.name, hints[field.name]))
            fields.append(Field(name, field.name, attribute, shape_of(hint), field.default))
    return tuple(fields)


_OF_INVENTORY: dict[str, type[object]] = {
    "stock": Stock,
    "supplies": Supply,
    "items": Item,
    "locations": Location,
    "reservations": Reservation,
    "claims": Claim,
    "intakes": Intake,
}
_IN_OTHER_WORDS: dict[tuple[type[object], str], tuple[str, Any]] = {
    # What a payment keeps is None once money has moved: the word that it is known by says more.
    (Payment, "status"): ("status", PaymentStatus | None),
    # What a decision keeps are rows: their members have names for whoever reads a document.
    (Decision, "allocations"): ("allocations", tuple[Allocation, ...]),
    (Decision, "backorders"): ("backorders", tuple[Backorder, ...]),
    (Decision, "shorts"): ("shorts", tuple[Short, ...]),
}
