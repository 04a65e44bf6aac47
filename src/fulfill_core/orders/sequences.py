"""Members of a value that are kept in the sequence of their ids, such as the lines of an order.

One of them is found by halving, and put in its place by copying at the speed of C: an order of
thousands of lines of which one leaves at a time is not gone through each time.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from operator import attrgetter
from typing import Any, Generic, Protocol, TypeVar, cast, overload


class _Named(Protocol):
    """What is known by its own id."""

    @property
    def id(self) -> str: ...


class _OfLine(Protocol):
    """What there is once for a line."""

    @property
    def line_id(self) -> str: ...


T = TypeVar("T")
D = TypeVar("D")
N = TypeVar("N", bound=_Named)
L = TypeVar("L", bound=_OfLine)

MANY = 64
"""Of fewer members a dict is made in the time of a few look-ups by halving."""
_SHARE = 8
"""Whoever has asked for an eighth of the members asks, most often, for all."""
_FEW = 8
"""So many are looked at one after the other in half of the time."""
id_of: Callable[[Any], str] = attrgetter("id")
line_id_of: Callable[[Any], str] = attrgetter("line_id")


def member_of(members: tuple[T, ...], key: Any, key_of: Callable[[T], Any] = id_of) -> T | None:
    """The member with this key; None if there is none.

    Args:
        members: by key.
        key: which one.
        key_of: what tells the key of a member.

    >>> from fulfill_core import Customer
    >>> member_of((Customer(id="C-1"), Customer(id="C-2")), "C-2").id
    'C-2'
    """
    if len(members) < _FEW:
        for each in members:
            if key_of(each) == key:
                return each
        return None
    try:
        return place_in(members, key, key_of)[1]
    except TypeError:  # no id: nothing is known by it
        return None


def place_in(
    members: Sequence[T], key: Any, key_of: Callable[[T], Any] = id_of
) -> tuple[int, T | None]:
    """Where the member with this key is, and that; or where it would come, if there is none.

    Args:
        members: by key.
        key: which one.
        key_of: what tells the key of a member.

    >>> from fulfill_core import Customer
    >>> place_in((Customer(id="C-1"), Customer(id="C-3")), "C-2")
    (1, None)
    """
    place = bisect_left(members, key, key=key_of)
    if place < len(members):
        member = members[place]
        if key_of(member) == key:
            return place, member
    return place, None


def with_member(members: tuple[N, ...], member: N) -> tuple[N, ...]:
    """The members by id, with this one in place of the one of its id, or as a new one.

    >>> from fulfill_core import Customer
    >>> [each.id for each in with_member((Customer(id="C-2"),), Customer(id="C-1"))]
    ['C-1', 'C-2']
    """
    key = member.id
    if len(members) == 1 and members[0].id == key:  # as of most: one payment, one pick list
        return (member,)
    place, last = place_in(members, key)
    result = list(members)
    if last is None:
        result.insert(place, member)
    else:
        result[place] = member
    return tuple(result)


def by_id(members: tuple[N, ...]) -> Mapping[str, N]:
    """The members by id: to look up some of them, of few members or of many.

    >>> from fulfill_core import Customer
    >>> by_id((Customer(id="C-1"),))["C-1"].id
    'C-1'
    """
    if len(members) < MANY:
        return {each.id: each for each in members}
    return Halved(members, id_of)


def by_line(members: tuple[L, ...]) -> Mapping[str, L]:
    """What there is of lines, such as their progress, by line id: see `by_id`.

    >>> from fulfill_core import Progress
    >>> by_line((Progress(line_id="1", shipped=3),))["1"].shipped
    3
    """
    if len(members) < MANY:
        return {each.line_id: each for each in members}
    return Halved(members, line_id_of)


def with_changes(
    members: Mapping[str, T], changes: Mapping[str, T | None]
) -> tuple[tuple[T, ...], Mapping[str, T]]:
    """The members by key, with others in place of those of their keys, or as new ones.

    Returns:
        The members as they are kept, and by key.

    Args:
        members: see `by_id` and `by_line`.
        changes: what they are now, by key; None for nothing.

    >>> from fulfill_core import Customer
    >>> one, two = Customer(id="C-1"), Customer(id="C-2")
    >>> changed, _ = with_changes(by_id((one,)), {"C-2": two, "C-1": None})
    >>> [each.id for each in changed]
    ['C-2']
    """
    if members.__class__ is dict:  # asked of a class of mappings, it takes ten times as long
        if all(changes.values()):  # as nearly always
            changed = {**members, **cast("Mapping[str, T]", changes)}
        else:
            merged = {**members, **changes}
            changed = {key: each for key, each in merged.items() if each is not None}
        return tuple([changed[key] for key in sorted(changed)]), changed
    halved = cast("Halved[T]", members).with_changes(changes)
    return halved.members, halved


class Halved(Mapping[str, T], Generic[T]):
    """Many members by key: some of them are found by halving, and nothing is made of the others.

    Whoever asks for many is better served by a dict, which is made then.

    Args:
        members: by key.
        key_of: what tells the key of a member.
    """

    __slots__ = ("_by_key", "_key_of", "_questions", "members")

    def __init__(self, members: tuple[T, ...], key_of: Callable[[T], str]) -> None:
        self.members = members
        self._key_of = key_of
        self._questions = 0
        self._by_key: dict[str, T] | None = None

    def _member(self, key: Any) -> T | None:
        by_key = self._by_key
        if by_key is None:
            self._questions += 1
            if self._questions * _SHARE < len(self.members):
                return member_of(self.members, key, self._key_of)
            by_key = self._by_key = {self._key_of(each): each for each in self.members}
        return by_key.get(key)

    def __getitem__(self, key: str) -> T:
        member = self._member(key)
        if member is None:
            raise KeyError(key)
        return member

    @overload
    def get(self, key: str, default: None = None, /) -> T | None: ...

    @overload
    def get(self, key: str, default: T | D, /) -> T | D: ...

    def get(self, key: str, default: object = None, /) -> object:
        """The member with this key, or else the default."""
        member = self._member(key)
        return default if member is None else member

    def __contains__(self, key: object) -> bool:
        return self._member(key) is not None

    def __iter__(self) -> Iterator[str]:
        return map(self._key_of, self.members)

    def __len__(self) -> int:
        return len(self.members)

    def with_changes(self, changes: Mapping[str, T | None]) -> Halved[T]:
        """The members with others in their places: what is between those is copied as it is."""
        members, key_of = self.members, self._key_of
        result: list[T] = []
        start = 0
        for key in sorted(changes):
            place = bisect_left(members, key, start, key=key_of)
            result += members[start:place]
            change = changes[key]
            if change is not None:
                result.append(change)
            start = place
            if place < len(members) and key_of(members[place]) == key:
                start += 1
        result += members[start:]
        return Halved(tuple(result), key_of)
