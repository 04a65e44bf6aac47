"""The decisions of a run: what makes a decision, and how a run keeps them.

A run keeps its decisions by column, and in the columns plain tuples of atoms, which the garbage
collector does not follow. `Decision` values are made out of them when somebody asks. (Kept as
values, a run's decisions set off full collections that cost a tenth of the whole run.) See
docs/explanation/speed.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, tzinfo
from itertools import chain, repeat
from typing import overload

import attrs

from fulfill_core.decisions.decision import Decision, Served, make_decision
from fulfill_core.decisions.finding import Finding
from fulfill_core.decisions.promise import Promise
from fulfill_core.decisions.rows import AllocationRow, BackorderRow, KitRow, ShortRow
from fulfill_core.inventory.stock import Reservation
from fulfill_core.orders.order import Order
from fulfill_core.orders.progress import Progress

_NO_LINES: frozenset[str] = frozenset()


@attrs.frozen(weakref_slot=False, repr=False)
class Decisions(Sequence[Decision]):
    """The decisions of a run: an immutable sequence, whose members are made when asked for.

    It is kept by column: the first decision is made of the first member of each.

    Args:
        orders: the orders, in the sequence of the decisions.
        queue_length: how many of them, the first ones, were in the queue; their place is the rank.
        findings: what the verifiers noticed, by order; and so on, as in `Decision`.

    >>> list(Decisions())
    []
    """

    orders: tuple[Order, ...] = ()
    queue_length: int = 0
    findings: tuple[tuple[Finding, ...], ...] = ()
    allocation_rows: tuple[tuple[AllocationRow, ...], ...] = ()
    backorder_rows: tuple[tuple[BackorderRow, ...], ...] = ()
    short_rows: tuple[tuple[ShortRow, ...], ...] = ()
    reserved: tuple[tuple[Reservation, ...], ...] = ()
    untracked: tuple[tuple[str, ...], ...] = ()
    kits: tuple[tuple[KitRow, ...], ...] = ()
    promises: tuple[Promise | None, ...] = ()
    """Empty if nothing was promised."""
    progress: tuple[tuple[Progress, ...], ...] = ()
    """Empty if no order had come some way."""
    unusable: tuple[tuple[Reservation, ...], ...] = ()
    """Empty if all that is reserved can be used."""
    scheduled_lines: tuple[frozenset[str], ...] = ()
    """Empty if no line is scheduled while others of its order go on."""
    timezones: tuple[tzinfo, ...] = ()
    """Empty if the days of all are those of UTC."""

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
            Served(
                self.allocation_rows[index],
                self.backorder_rows[index],
                self.short_rows[index],
                self.reserved[index],
                self.untracked[index],
                self.kits[index],
                unusable=self.unusable[index] if self.unusable else (),
            ),
            self.promises[index] if self.promises else None,
            self.progress[index] if self.progress else (),
            self.scheduled_lines[index] if self.scheduled_lines else _NO_LINES,
            self.timezones[index] if self.timezones else UTC,
        )

    # `Sequence` would go by index, and look up ten columns for each decision.
    def __iter__(self) -> Iterator[Decision]:
        return map(
            make_decision,
            self.orders,
            self.findings,
            chain(range(self.queue_length), repeat(None)),
            zip(
                self.allocation_rows,
                self.backorder_rows,
                self.short_rows,
                self.reserved,
                self.untracked,
                self.kits,
                repeat(()),
                self.unusable or repeat(()),
            ),
            self.promises or repeat(None),
            self.progress or repeat(()),
            self.scheduled_lines or repeat(_NO_LINES),
            self.timezones or repeat(UTC),
        )

    def __len__(self) -> int:
        return len(self.orders)

    def __repr__(self) -> str:
        return f"Decisions({', '.join(map(repr, self))})"


class Ledger:
    """Where a run enters its decisions, one after the other, those in the queue first."""

    def __init__(self) -> None:
        self._queue_length = 0
        self._orders: list[Order] = []
        self._findings: list[tuple[Finding, ...]] = []
        self._allocations: list[tuple[AllocationRow, ...]] = []
        self._backorders: list[tuple[BackorderRow, ...]] = []
        self._shorts: list[tuple[ShortRow, ...]] = []
        self._reserved: list[tuple[Reservation, ...]] = []
        self._untracked: list[tuple[str, ...]] = []
        self._kits: list[tuple[KitRow, ...]] = []
        self._promises: dict[int, Promise] = {}
        self._progress: dict[int, tuple[Progress, ...]] = {}
        self._unusable: dict[int, tuple[Reservation, ...]] = {}
        self._scheduled_lines: dict[int, frozenset[str]] = {}
        self._timezones: dict[int, tzinfo] = {}

    def add(
        self,
        order: Order,
        findings: tuple[Finding, ...],
        served: Served,
        promise: Promise | None = None,
        progress: tuple[Progress, ...] = (),
        scheduled_lines: frozenset[str] = _NO_LINES,
        timezone: tzinfo = UTC,
        *,
        is_in_queue: bool,
    ) -> None:
        """Keep, by column, what was decided for an order."""
        if is_in_queue:
            self._queue_length += 1
        if promise is not None:  # a shop without promises pays for no column of them
            self._promises[len(self._orders)] = promise
        if progress:
            self._progress[len(self._orders)] = progress
        if served.unusable:
            self._unusable[len(self._orders)] = served.unusable
        if scheduled_lines:
            self._scheduled_lines[len(self._orders)] = scheduled_lines
        if timezone is not UTC:
            self._timezones[len(self._orders)] = timezone
        self._orders.append(order)
        self._findings.append(findings)
        self._allocations.append(served.allocations)
        self._backorders.append(served.backorders)
        self._shorts.append(served.shorts)
        self._reserved.append(served.reserved)
        self._untracked.append(served.untracked)
        self._kits.append(served.kits)

    def decisions(self) -> Decisions:
        """All that was entered."""
        return Decisions(
            tuple(self._orders),
            self._queue_length,
            tuple(self._findings),
            tuple(self._allocations),
            tuple(self._backorders),
            tuple(self._shorts),
            tuple(self._reserved),
            tuple(self._untracked),
            tuple(self._kits),
            tuple(map(self._promises.get, range(len(self._orders)))) if self._promises else (),
            tuple([self._progress.get(index, ()) for index in range(len(self._orders))])
            if self._progress
            else (),
            tuple([self._unusable.get(index, ()) for index in range(len(self._orders))])
            if self._unusable
            else (),
            tuple(
                [self._scheduled_lines.get(index, _NO_LINES) for index in range(len(self._orders))]
            )
            if self._scheduled_lines
            else (),
            tuple([self._timezones.get(index, UTC) for index in range(len(self._orders))])
            if self._timezones
            else (),
        )
