"""The decisions of a run, as it keeps them: what is needed to make one when somebody asks.

A run that kept a `Decision` for each order would set off full collections of the garbage collector,
which cost a tenth of the whole run. See docs/explanation/speed.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, tzinfo
from itertools import chain, islice, repeat
from operator import attrgetter
from typing import Any, NamedTuple, TypeVar, cast, overload

import attrs

from fulfill_core import _values
from fulfill_core.decisions.decision import Decision, make_decision
from fulfill_core.decisions.finding import Finding
from fulfill_core.decisions.promise import Promise
from fulfill_core.decisions.rows import (
    AllocationRow,
    BackorderRow,
    KitRow,
    Served,
    ServedMembers,
    ShortRow,
)
from fulfill_core.inventory.stock import Reservation
from fulfill_core.orders.order import Order
from fulfill_core.orders.progress import Progress
from fulfill_core.orders.rows import Row, travels_as

T = TypeVar("T")

_NO_LINES: frozenset[str] = frozenset()
_AT_ONCE = 16
"""How many turns are put into columns at once: enough that it costs little for each of them, and
few enough that the garbage collector meets none of them twice."""


class DeferredColumn(Sequence[T]):
    """A column that is made when somebody looks at it. It equals, and travels as, its members.

    Args:
        make: makes the members; it is called once.

    >>> column = DeferredColumn(lambda: (None, 2))
    >>> column[1], len(column), column == (None, 2)
    (2, 2, True)
    """

    __slots__ = ("_make", "_members")

    def __init__(self, make: Callable[[], tuple[T, ...]]) -> None:
        self._make: Callable[[], tuple[T, ...]] | None = make
        self._members: tuple[T, ...] = ()

    @property
    def members(self) -> tuple[T, ...]:
        """What stands in it."""
        if self._make is not None:
            self._members = self._make()
            self._make = None
        return self._members

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[T, ...]: ...
    def __getitem__(self, index: int | slice) -> T | tuple[T, ...]:
        return self.members[index]

    def __iter__(self) -> Iterator[T]:
        return iter(self.members)

    def __len__(self) -> int:
        return len(self.members)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, DeferredColumn):
            other = cast("DeferredColumn[object]", other).members
        return self.members == other

    def __hash__(self) -> int:
        return hash(self.members)

    def __reduce__(self) -> tuple[type[tuple[T, ...]], tuple[tuple[T, ...]]]:
        return tuple, (self.members,)


class ServedColumns(NamedTuple):
    """What the orders of a run got, by column: of each member of a `Served`, that of every order.

    A `Served` of each order would be one object more for the garbage collector to follow, and as
    many bytes as all that most orders got.
    """

    allocations: list[tuple[AllocationRow, ...]]
    backorders: list[tuple[BackorderRow, ...]]
    shorts: list[tuple[ShortRow, ...]]
    reserved: list[tuple[Reservation, ...]]
    untracked: list[tuple[str, ...]]
    kits: list[tuple[KitRow, ...]]
    remarks: list[tuple[Finding, ...]]
    unusable: list[tuple[Reservation, ...]]


def columns_of(turns: Iterable[Served]) -> ServedColumns:
    """What orders got, turn by turn, as columns."""
    columns = ServedColumns([], [], [], [], [], [], [], [])
    turns = iter(turns)
    while few := list(islice(turns, _AT_ONCE)):
        for column, members in zip(cast("Any", columns), zip(*few, strict=True), strict=True):
            column.extend(members)
    return columns


@attrs.frozen(weakref_slot=False, repr=False)
class Decisions(Sequence[Decision]):
    """The decisions of a run: an immutable sequence, whose members are made when asked for.

    It is kept by column: the first decision is made of the first member of each.

    Args:
        orders: the orders, in the sequence of the decisions.
        queue_length: how many of them, the first ones, were in the queue; their place is the rank.
        findings: what the verifiers noticed, by order.
        allocations: what the run reserved, by order; and so on, as in `Decision`.

    >>> list(Decisions())
    []
    """

    orders: tuple[Order, ...] = ()
    queue_length: int = 0
    findings: tuple[tuple[Finding, ...], ...] = ()
    allocations: tuple[tuple[AllocationRow, ...], ...] = ()
    backorders: tuple[tuple[BackorderRow, ...], ...] = ()
    shorts: tuple[tuple[ShortRow, ...], ...] = ()
    reserved: tuple[tuple[Reservation, ...], ...] = ()
    """Empty if nothing was reserved for any order."""
    untracked: tuple[tuple[str, ...], ...] = ()
    """Empty if each line needs stock."""
    kits: tuple[tuple[KitRow, ...], ...] = ()
    """Empty if no line asks for a kit."""
    unusable: tuple[tuple[Reservation, ...], ...] = ()
    """Empty if all that is reserved can be used."""
    promises: Sequence[Promise | None] = ()
    """Empty if nothing was promised."""
    progress: tuple[tuple[Progress, ...], ...] = ()
    """Empty if no order had come some way."""
    scheduled_lines: tuple[frozenset[str], ...] = ()
    """Empty if no line is scheduled while others of its order go on."""
    timezones: Sequence[tzinfo] = ()
    """Empty if the days of all are those of UTC."""

    __eq__, __hash__ = _values.EQUALITY

    @overload
    def __getitem__(self, index: int) -> Decision: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Decision, ...]: ...
    def __getitem__(self, index: int | slice) -> Decision | tuple[Decision, ...]:
        if isinstance(index, slice):
            return tuple(self[each] for each in range(len(self))[index])
        index = range(len(self))[index]
        return make_decision(
            self.orders[index],
            self.findings[index],
            index if index < self.queue_length else None,
            self._served_at(index),
            self.promises[index] if self.promises else None,
            self.progress[index] if self.progress else (),
            self.scheduled_lines[index] if self.scheduled_lines else _NO_LINES,
            self.timezones[index] if self.timezones else UTC,
        )

    def _served_at(self, index: int) -> ServedMembers:
        return (
            self.allocations[index],
            self.backorders[index],
            self.shorts[index],
            self.reserved[index] if self.reserved else (),
            self.untracked[index] if self.untracked else (),
            self.kits[index] if self.kits else (),
            (),
            self.unusable[index] if self.unusable else (),
        )

    @property
    def served(self) -> Iterator[ServedMembers]:
        """What each order got in its turn; the remarks on it are among the findings."""
        return zip(
            self.allocations,
            self.backorders,
            self.shorts,
            self.reserved or repeat(()),
            self.untracked or repeat(()),
            self.kits or repeat(()),
            repeat(()),
            self.unusable or repeat(()),
        )

    # `Sequence` would go by index, and look up a dozen columns for each decision.
    def __iter__(self) -> Iterator[Decision]:
        return map(
            make_decision,
            self.orders,
            self.findings,
            chain(range(self.queue_length), repeat(None)),
            self.served,
            self.promises or repeat(None),
            self.progress or repeat(()),
            self.scheduled_lines or repeat(_NO_LINES),
            self.timezones or repeat(UTC),
        )

    def __len__(self) -> int:
        return len(self.orders)

    def places_differing(self, other: Decisions) -> list[tuple[int, int]]:
        """Where another run of the same orders decided otherwise: pairs of places, here and there.

        They go by the sequence of the other run. The columns are compared as they are, and no
        decision is made. A rank makes no difference.
        """
        place_of = {order.id: place for place, order in enumerate(self.orders)}
        length, queue_length, other_queue_length = len(self), self.queue_length, other.queue_length
        findings, other_findings = self.findings, other.findings
        served, other_served = list(self.served), list(other.served)
        promises, other_promises = (each.promises or (None,) * length for each in (self, other))
        scheduled, other_scheduled = (
            each.scheduled_lines or (_NO_LINES,) * length for each in (self, other)
        )
        return [
            (place, other_place)
            for other_place, place in enumerate([place_of[order.id] for order in other.orders])
            if served[place] != other_served[other_place]
            or findings[place] != other_findings[other_place]
            or promises[place] != other_promises[other_place]
            or scheduled[place] != other_scheduled[other_place]
            or (place < queue_length) != (other_place < other_queue_length)
        ]

    def __repr__(self) -> str:
        return f"Decisions({', '.join(map(repr, self))})"


_COLUMNS = tuple([field.name for field in attrs.fields(Decisions) if field.name != "queue_length"])
_COLUMNS_LEFT_OUT: Mapping[str, object] = {
    "reserved": (),
    "untracked": (),
    "kits": (),
    "unusable": (),
    "promises": None,
    "progress": (),
    "scheduled_lines": _NO_LINES,
    "timezones": UTC,
}
"""What stands for each decision in a column that is left out where nothing is in it."""


def rearranged(parts: Sequence[Decisions], places: Sequence[int], queue_length: int) -> Decisions:
    """The decisions of several runs in one sequence.

    Args:
        parts: the decisions of each run.
        places: of each decision in the new sequence, its place among those of all runs.
        queue_length: how many of the new sequence are in the queue.

    >>> rearranged([Decisions(), Decisions()], [], 0)
    Decisions()
    """
    columns: dict[str, tuple[Any, ...]] = {}
    for name in _COLUMNS:
        entries: list[object] = []
        for part in parts:
            column = getattr(part, name)
            entries += column or [_COLUMNS_LEFT_OUT.get(name)] * len(part)
        is_left_out = name in _COLUMNS_LEFT_OUT and not any([getattr(each, name) for each in parts])
        columns[name] = () if is_left_out else tuple([entries[place] for place in places])
    return Decisions(queue_length=queue_length, **columns)


def _decisions_of(row: Row) -> Decisions:
    """The decisions of their columns."""
    return Decisions(*row)


_row_of: Callable[[Decisions], Row] = attrgetter(*[each.name for each in attrs.fields(Decisions)])
travels_as(Decisions, _row_of, _decisions_of)
