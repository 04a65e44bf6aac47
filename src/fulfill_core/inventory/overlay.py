"""A large immutable mapping that is cheap to change: a shared base and a small delta.

A changed copy shares the base and copies only the delta, so a change on a million keys costs what
the changed keys cost. When the delta has outgrown a few square roots of the base, the two are
merged into a new base; spread over the changes that led there, that costs little. Measured on this
library's access pattern, packages of persistent maps are 3 to 20 times slower.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from math import isqrt
from typing import Generic, TypeVar, cast

K = TypeVar("K")
V = TypeVar("V")

_SMALLEST = 64  # below so many keys merging is cheaper than thinking about it
_ROOTS = 4


class Overlay(Generic[K, V]):
    """An immutable mapping whose values are never None; None in a change removes the key.

    Args:
        base: the content. It is not copied: whoever passes it lets go of it.

    >>> stock = Overlay({"mug": 3, "cup": 1})
    >>> later = stock.with_changes({"mug": 2, "cup": None})
    >>> stock.get("mug"), later.get("mug"), later.get("cup")
    (3, 2, None)
    """

    __slots__ = ("base", "delta")

    def __init__(self, base: dict[K, V], delta: dict[K, V | None] | None = None) -> None:
        self.base = base
        self.delta: dict[K, V | None] = {} if delta is None else delta

    def get(self, key: K) -> V | None:
        """The value of *key*, or None."""
        if key in self.delta:
            return self.delta[key]
        return self.base.get(key)

    @property
    def is_empty(self) -> bool:
        """Whether surely nothing is in it: False if something was once, and was removed."""
        return not self.base and not self.delta

    def getter(self) -> Callable[[K], V | None]:
        """`get` for many keys: at the speed of a dict, where nothing has been changed."""
        return self.get if self.delta else self.base.get

    def items(self) -> Iterator[tuple[K, V]]:
        """Every key with its value: this walks the whole mapping."""
        for key, value in self.base.items():
            if key not in self.delta:
                yield key, value
        for key, change in self.delta.items():
            if change is not None:
                yield key, change

    def with_changes(self, changes: Mapping[K, V | None]) -> Overlay[K, V]:
        """The mapping with these keys set, or removed where the value is None."""
        if not changes:
            return self
        delta = changes
        # Those of a large run, which are too many by themselves, are not copied before they are
        # merged: a million keys fit into no cache.
        if self.delta or self._is_little(changes):
            delta = {**self.delta, **changes}
            if self._is_little(delta):
                return Overlay(self.base, delta)
        # At the speed of C: a million keys in some hundredths of a second.
        merged = self.base.copy()
        merged.update(cast("dict[K, V]", delta))
        if not all(delta.values()):  # else none is removed, and no key has to be looked at
            for key in [key for key, change in delta.items() if change is None]:
                del merged[key]
        return Overlay(merged)

    def _is_little(self, changes: Mapping[K, V | None]) -> bool:
        """Whether changes are better kept beside the base than merged with it."""
        return len(changes) <= _SMALLEST or len(changes) <= _ROOTS * isqrt(len(self.base))

    def differing(self, other: Overlay[K, V]) -> Iterator[K]:
        """The keys whose values are not the same in both, in no particular sequence.

        Of two that share a base only what was changed is looked at; otherwise, every key of both.
        """
        if self.base is other.base:  # one run apart
            keys = self.delta.keys() | other.delta.keys()
        else:
            keys = self.base.keys() | self.delta.keys() | other.base.keys() | other.delta.keys()
        for key in keys:
            value, other_value = self.get(key), other.get(key)
            # What they share need not be compared.
            if value is not other_value and value != other_value:
                yield key

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Overlay):
            return NotImplemented
        like = cast("Overlay[K, V]", other)
        if self.base is like.base:  # one run apart
            touched = self.delta.keys() | like.delta.keys()
            return all(self.get(key) == like.get(key) for key in touched)
        return dict(self.items()) == dict(like.items())

    def __hash__(self) -> int:
        return hash(frozenset(self.items()))

    def __repr__(self) -> str:
        return f"Overlay({dict(self.items())!r})"

    def __reduce__(self) -> tuple[type[Overlay[K, V]], tuple[dict[K, V]]]:
        return Overlay, (dict(self.items()),)
