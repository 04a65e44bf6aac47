"""Frozen values that the library itself changes: what was checked once is not checked again."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple, TypeVar

from fulfill_core import _checks

T = TypeVar("T")


def altered(value: T, **contents: Any) -> T:
    """A frozen value with other contents in some fields, all of them checked and in sequence.

    `attrs.evolve` checks all fields again, and takes forty times as long.

    >>> from fulfill_core import Stock
    >>> altered(Stock(sku="mug", location="x", on_hand=3), on_hand=2).on_hand
    2
    """
    kind: Any = type(value)
    other = copier_of(kind).copy_of(value)
    for name, content in contents.items():
        setattr(other, name, content)
    other.__class__ = kind
    result: T = other
    return result


class Copier(NamedTuple):
    """What makes values of a frozen class that can still be set, and are not of that class yet.

    Args:
        copy_of: takes a value, and gives a copy.
        filled: takes the contents of all fields by position.
    """

    copy_of: Callable[[Any], Any]
    filled: Callable[..., Any]


@cache
def copier_of(kind: Any) -> Copier:
    """What copies values of a frozen class with slots.

    It is written out for each class, as attrs writes constructors: thirteen fields take an eighth
    of a microsecond so, read and set by name six times as long. To write it is compiling: what a
    run alters is asked for when its module is imported, since a run does nothing of that kind.
    """
    names: tuple[str, ...] = kind.__slots__
    stores = "".join([f" copy.{name} = value.{name}\n" for name in names])
    fills = "".join([f" copy.{name} = {name}\n" for name in names])
    source = (
        f"def copy_of(value):\n copy = twin()\n{stores} return copy\n"
        f"def filled({', '.join(names)}):\n copy = twin()\n{fills} return copy\n"
    )
    scope: dict[str, Any] = {"twin": _checks.twin(kind)}
    exec(source, scope)  # noqa: S102 - names of our own fields
    return Copier(scope["copy_of"], scope["filled"])
