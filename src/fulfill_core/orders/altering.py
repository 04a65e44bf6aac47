"""Frozen values that the library itself changes: what was checked once is not checked again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from operator import attrgetter
from typing import Any, TypeVar

import attrs

T = TypeVar("T")


def altered(value: T, **contents: Any) -> T:
    """A frozen value with other contents in some fields, all of them checked and in sequence.

    `attrs.evolve` checks all fields again, and takes twenty times as long.

    >>> from fulfill_core import Stock
    >>> altered(Stock(sku="mug", location="x", on_hand=3), on_hand=2).on_hand
    2
    """
    kind: Any = type(value)
    copy_of, read = copier_of(kind)
    other = copy_of(*read(value))
    for name, content in contents.items():
        setattr(other, name, content)
    other.__class__ = kind
    result: T = other
    return result


def setters_of(kind: Any) -> Mapping[str, Callable[[object, object], None]]:
    """What sets each field of a frozen value of a class, by name: of one that nobody has seen yet.

    `object.__setattr__` looks for the field by its name, and takes half as long again.

    >>> from fulfill_core import Stock
    >>> stock = Stock(sku="mug", location="x", on_hand=3)
    >>> setters_of(Stock)["on_hand"](stock, 2)
    >>> stock.on_hand
    2
    """
    return {name: getattr(kind, name).__set__ for name in kind.__slots__}


@cache
def copier_of(kind: Any) -> tuple[Any, Callable[[object], tuple[Any, ...]]]:
    """A class of the same layout whose fields can be set, and what reads all fields at once.

    Its constructor, as attrs writes it, fills thirteen fields in a third of a microsecond; one by
    one, by name, that takes three times as long. To write it is compiling: what a run alters is
    asked for when its module is imported, since a run does nothing of that kind.
    """
    names: tuple[str, ...] = kind.__slots__
    copy_of = attrs.define(
        type(f"{kind.__name__}Copy", (), {}),
        these={name: attrs.field() for name in names},
        eq=False,
        repr=False,
        weakref_slot=False,
    )
    return copy_of, attrgetter(*names)
