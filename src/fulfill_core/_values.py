"""What values are defined with, so that none of their classes costs much to make.

Whoever imports the library waits until all classes are made that a run needs. Most of that wait was
for what attrs compiles for each of them anew. What can be the same for all of them is here, once.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from operator import attrgetter
from typing import Any, cast

import attrs


def is_equal(self: attrs.AttrsInstance, other: object) -> bool:
    """The ``__eq__`` of values: of the same class, with equal fields."""
    if self is other:
        return True
    kind = type(self)
    if type(other) is not kind:
        return cast("bool", NotImplemented)  # as an `__eq__` does, whatever it is called
    content_of, _ = _readers_of(kind)
    return content_of(self) == content_of(other)


def hash_of(self: attrs.AttrsInstance) -> int:
    """The ``__hash__`` of values."""
    _, hashed_of = _readers_of(type(self))
    return hash(hashed_of(self))


def repr_of(self: attrs.AttrsInstance) -> str:
    """The ``__repr__`` of values."""
    parts: list[str] = []
    for field in attrs.fields(type(self)):
        if field.repr:
            show = repr if field.repr is True else field.repr
            parts.append(f"{field.name}={show(getattr(self, field.name))}")
    return f"{type(self).__qualname__}({', '.join(parts)})"


@cache
def _readers_of(
    kind: type[attrs.AttrsInstance],
) -> tuple[Callable[[object], tuple[Any, ...]], Callable[[object], tuple[Any, ...]]]:
    """What reads the fields of a value that are compared, and those that are hashed.

    The class stands before them, so that equal fields of another one have another hash.
    """
    compared = [field for field in attrs.fields(kind) if field.eq]
    hashed = [field for field in compared if field.hash is not False]
    return (
        attrgetter("__class__", *[field.name for field in compared]),
        attrgetter("__class__", *[field.name for field in hashed]),
    )


EQUALITY = is_equal, hash_of
BY_FIELDS = is_equal, hash_of, repr_of
"""Values are equal, hashed and shown by their fields: what attrs gives, compiled for each class.

The class that attrs completes says ``__eq__, __hash__, __repr__ = _values.BY_FIELDS``, or, if it is
shown in words of its own, ``__eq__, __hash__ = _values.EQUALITY``.
"""


class _Fillable:
    """What is made without fields, which can be set, whatever else it is: see `twin`."""

    __slots__ = ()
    __init__ = object.__init__
    __setattr__ = object.__setattr__
    __delattr__ = object.__delattr__  # else C asks Python about the one above as well

    def __init_subclass__(cls) -> None:
        """Nobody sees one: a class that wants no subclasses need not know of it."""


def twin(kind: type[object]) -> type[Any]:
    """A class like *kind*, a frozen attrs class, whose fields can be set.

    For values that the library builds for itself out of checked ones. A frozen attrs class pays
    ``object.__setattr__`` for every field; to fill a twin and then make it an instance of *kind*
    (``made.__class__ = kind``) takes a sixth of that. The result is as frozen as any other. A twin
    is a subclass, so that both have one layout without a look at the names of all fields.
    """
    return type(f"{kind.__name__}Twin", (_Fillable, kind), {"__slots__": ()})
