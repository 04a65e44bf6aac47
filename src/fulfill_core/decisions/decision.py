"""What was decided for one order: findings, allocations, backorders, shorts, and the outcome.

`Decision` keeps its rows as plain tuples and makes the values that callers see when they ask: a
run makes hundreds of thousands of rows, and whoever looks at one order needs five.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

import attrs

from fulfill_core import _checks
from fulfill_core.decisions.finding import Finding, Severity, Verdict, verdict_of
from fulfill_core.decisions.lines import (
    Allocation,
    AllocationRow,
    Backorder,
    BackorderRow,
    KitRow,
    LineRow,
    LineStatus,
    Short,
    ShortReason,
    ShortRow,
)
from fulfill_core.decisions.promise import Promise
from fulfill_core.inventory.stock import Reservation
from fulfill_core.orders.order import Order, Ship


class Outcome(StrEnum):
    """What became of an order in a run.

    >>> Outcome("allocated")
    <Outcome.ALLOCATED: 'allocated'>
    """

    ALLOCATED = "allocated"
    """Every unit is reserved."""
    PARTIALLY_ALLOCATED = "partially_allocated"
    """Some units are reserved; the others are backordered, short, or on a line that is held."""
    BACKORDERED = "backordered"
    """No unit is reserved; some wait: for supply, or on a line that is held."""
    UNFULFILLABLE = "unfulfillable"
    """No unit is reserved and none may wait."""
    SCHEDULED = "scheduled"
    """Not due yet: it takes nothing before its ``ship_after``."""
    HELD = "held"
    """A person has to look at it."""
    REJECTED = "rejected"
    """It will not be served."""


class Served(NamedTuple):
    """What one order got in its turn, as the decision keeps it.

    Args:
        allocations: what the run reserved for it.
        backorders: what waits for more stock.
        shorts: what will not come.
        reserved: what was reserved for it before the run, and still is.
        untracked: the ids of its lines that need no stock.
        kits: its lines that ask for kits, and what those are made of.
        remarks: notes on how it was served, which join its findings.
    """

    allocations: tuple[AllocationRow, ...] = ()
    backorders: tuple[BackorderRow, ...] = ()
    shorts: tuple[ShortRow, ...] = ()
    reserved: tuple[Reservation, ...] = ()
    untracked: tuple[str, ...] = ()
    kits: tuple[KitRow, ...] = ()
    remarks: tuple[Finding, ...] = ()


_NONE: frozenset[str] = frozenset()
_NOTE, _REJECT = Severity.NOTE, Severity.REJECT
_LINE_FIELDS = tuple(field.name for field in attrs.fields(LineStatus))
_AllocationTwin = _checks.twin(Allocation)


def _to_findings(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    return _checks.to_tuple(findings)


def _to_reservations(reservations: Iterable[Reservation]) -> tuple[Reservation, ...]:
    return _checks.to_tuple(reservations)


# The converters let rows through as they are, so that `attrs.evolve` works on a decision.


def _allocation_rows(values: Iterable[Allocation | AllocationRow]) -> tuple[AllocationRow, ...]:
    return tuple(
        (value.line_id, value.sku, value.location, value.quantity, value.lot)
        if isinstance(value, Allocation)
        else value
        for value in values
    )


def _backorder_rows(values: Iterable[Backorder | BackorderRow]) -> tuple[BackorderRow, ...]:
    return tuple(
        (
            value.line_id,
            value.sku,
            value.quantity,
            value.supply_id,
            value.expected_at,
            value.location,
            value.on_hand,
        )
        if isinstance(value, Backorder)
        else value
        for value in values
    )


def _short_rows(values: Iterable[Short | ShortRow]) -> tuple[ShortRow, ...]:
    return tuple(
        (
            value.line_id,
            value.sku,
            value.quantity,
            value.requested,
            value.available,
            value.reason.value,
        )
        if isinstance(value, Short)
        else value
        for value in values
    )


def _kit_rows(values: Iterable[KitRow]) -> tuple[KitRow, ...]:
    return _checks.to_tuple(values)


@attrs.frozen(kw_only=True, weakref_slot=False, repr=False)
class Decision:
    """Everything that a run decided for one order.

    Args:
        order: the order.
        outcome: what became of it.
        findings: what the verifiers noticed, waived findings included.
        rank: its place in the queue for stock, 0 served first; None if it was not in the queue
            (held, rejected, not due yet).
        allocations: what this run reserved for it.
        backorders: what waits for more stock.
        shorts: what will not come.
        reserved: what it held already, and keeps; expired reservations are not among it.
        untracked: the ids of its lines that need no stock.
        kits: the ids of its lines that ask for kits, each with what one kit is made of, as pairs of
            SKU and units. Allocations, backorders and reservations of such a line are of its
            components; its shorts and its `LineStatus` count kits.
        promise: when it leaves and arrives; None if nothing leaves, or nothing was promised.

    >>> from datetime import datetime, timezone
    >>> from fulfill_core import Customer, OrderLine
    >>> order = Order(id="A-17", placed_at=datetime(2026, 3, 2, tzinfo=timezone.utc),
    ...               customer=Customer(id="C-7"), currency="EUR",
    ...               lines=[OrderLine(id="1", sku="mug", quantity=2)])
    >>> decision = Decision(order=order, outcome=Outcome.ALLOCATED, rank=0, allocations=[
    ...     Allocation(line_id="1", sku="mug", location="berlin", quantity=2)])
    >>> decision
    <Decision A-17: allocated, rank 0, 1 allocation>
    >>> decision.lines[0].confirmed
    2
    """

    order: Order
    outcome: Outcome
    findings: tuple[Finding, ...] = attrs.field(default=(), converter=_to_findings)
    rank: int | None = None
    allocation_rows: tuple[AllocationRow, ...] = attrs.field(
        default=(), alias="allocations", converter=_allocation_rows
    )
    backorder_rows: tuple[BackorderRow, ...] = attrs.field(
        default=(), alias="backorders", converter=_backorder_rows
    )
    short_rows: tuple[ShortRow, ...] = attrs.field(
        default=(), alias="shorts", converter=_short_rows
    )
    reserved: tuple[Reservation, ...] = attrs.field(default=(), converter=_to_reservations)
    untracked: tuple[str, ...] = attrs.field(default=(), converter=_checks.to_texts)
    kits: tuple[KitRow, ...] = attrs.field(default=(), converter=_kit_rows)
    promise: Promise | None = None

    @property
    def id(self) -> str:
        """The order's id."""
        return self.order.id

    @property
    def verdict(self) -> Verdict:
        """What verification says: the worst severity among findings that nobody waived."""
        return verdict_of(self.findings)

    @property
    def held_lines(self) -> frozenset[str]:
        """The lines that wait for a person while the others go on, by id."""
        return held_lines(self.order, self.findings)

    @property
    def surplus(self) -> tuple[Reservation, ...]:
        """What it holds for lines or SKUs that it no longer asks for, or beyond what they ask for.

        That is what is left when an order was changed after units were reserved for it. A run never
        gives up what is reserved; release it with `Inventory.with_released`.
        """
        parts = dict(self.kits)
        left = {
            (line.id, sku): line.units * units
            for line in self.order.lines
            for sku, units in parts.get(line.id) or ((line.sku, 1),)
        }
        surplus: list[Reservation] = []
        for held in self.reserved:
            asked = left.get((held.line_id, held.sku), 0)
            counted = min(asked, held.quantity)
            left[held.line_id, held.sku] = asked - counted
            if counted < held.quantity:
                surplus.append(attrs.evolve(held, quantity=held.quantity - counted))
        return tuple(surplus)

    @property
    def allocations(self) -> tuple[Allocation, ...]:
        """What this run reserved for the order."""
        allocations: list[Allocation] = []
        for line_id, sku, location, quantity, lot in self.allocation_rows:
            made = _AllocationTwin()
            made.line_id = line_id
            made.sku = sku
            made.location = location
            made.quantity = quantity
            made.lot = lot
            made.__class__ = Allocation
            allocations.append(made)
        return tuple(allocations)

    @property
    def backorders(self) -> tuple[Backorder, ...]:
        """What waits for more stock."""
        if not self.backorder_rows:  # the usual case
            return ()
        return tuple(
            Backorder(
                line_id=line_id,
                sku=sku,
                quantity=quantity,
                supply_id=supply_id,
                expected_at=expected_at,
                location=location,
                on_hand=on_hand,
            )
            for (
                line_id,
                sku,
                quantity,
                supply_id,
                expected_at,
                location,
                on_hand,
            ) in self.backorder_rows
        )

    @property
    def shorts(self) -> tuple[Short, ...]:
        """What will not come."""
        if not self.short_rows:  # the usual case
            return ()
        return tuple(
            Short(
                line_id=line_id,
                sku=sku,
                quantity=quantity,
                requested=requested,
                available=available,
                reason=ShortReason(reason),
            )
            for line_id, sku, quantity, requested, available, reason in self.short_rows
        )

    @property
    def lines(self) -> tuple[LineStatus, ...]:
        """Where each line stands, by line id. Held and rejected orders are given nothing."""
        contents: list[dict[str, Any]] = [
            dict(zip(_LINE_FIELDS, row, strict=True)) for row in self.line_rows
        ]
        return tuple(LineStatus(**content) for content in contents)

    @property
    def line_rows(self) -> list[LineRow]:
        """The same as plain tuples, in the sequence of the fields of `LineStatus`."""
        allocated: dict[str, int] = {}
        for line_id, _, _, quantity, _ in self.allocation_rows:
            allocated[line_id] = allocated.get(line_id, 0) + quantity
        backordered: dict[str, int] = {}
        expected: dict[str, datetime | None] = {}
        for line_id, _, quantity, _, date, *_ in self.backorder_rows:
            backordered[line_id] = backordered.get(line_id, 0) + quantity
            expected[line_id] = _later(date, expected.get(line_id, date))
        short = {row[0]: row[2] for row in self.short_rows}
        held = held_by_line(self.reserved) if self.reserved else {}
        if self.kits:
            held = {**held, **self._kits_counted(allocated, backordered, short)}
        is_scheduled = self.outcome is Outcome.SCHEDULED
        waiting = self.held_lines
        rows: list[LineRow] = []
        for line in self.order.lines:
            line_id, sku, ordered = line.id, line.sku, line.units
            waits = line_id in waiting
            untracked = ordered if line_id in self.untracked and not waits else 0
            reserved = min(ordered, held.get((line_id, sku), 0)) if held and not untracked else 0
            rows.append(
                (
                    line_id,
                    sku,
                    ordered,
                    reserved,
                    allocated.get(line_id, 0),
                    backordered.get(line_id, 0),
                    short.get(line_id, 0),
                    untracked,
                    ordered - reserved - untracked if is_scheduled and not waits else 0,
                    ordered - reserved if waits else 0,
                    expected.get(line_id),
                )
            )
        return rows

    def _kits_counted(
        self, allocated: dict[str, int], backordered: dict[str, int], short: dict[str, int]
    ) -> dict[tuple[str, str], int]:
        """The lines that ask for kits, counted in kits; returns how many whole ones each holds."""
        held = held_by_line(self.reserved) if self.reserved else {}
        parts_of = dict(self.kits)
        units = dict(held)
        for line_id, sku, _, quantity, _ in self.allocation_rows:
            if line_id in parts_of:
                units[line_id, sku] = units.get((line_id, sku), 0) + quantity
        whole: dict[tuple[str, str], int] = {}
        for line in self.order.lines:
            line_id = line.id
            parts = parts_of.get(line_id)
            if parts is None:
                continue
            before = 0
            if held:
                before = min([held.get((line_id, leaf), 0) // each for leaf, each in parts])
                before = whole[line_id, line.sku] = min(line.units, before)
            after = min([units.get((line_id, leaf), 0) // each for leaf, each in parts])
            allocated[line_id] = min(line.units, after) - before
            if line_id in backordered:  # all of it that neither came nor never will
                rest = line.units - before - allocated[line_id] - short.get(line_id, 0)
                backordered[line_id] = rest
        return whole

    def __repr__(self) -> str:
        parts = [self.outcome.value]
        if self.rank is not None:
            parts.append(f"rank {self.rank}")
        for count, what in (
            (len(self.findings), "finding"),
            (len(self.allocation_rows), "allocation"),
            (len(self.backorder_rows), "backorder"),
            (len(self.short_rows), "short"),
        ):
            if count:
                parts.append(f"{count} {what}{'s' if count > 1 else ''}")
        return f"<Decision {self.order.id}: {', '.join(parts)}>"


def _later(date: datetime | None, other: datetime | None) -> datetime | None:
    """The later of two dates; what has none comes who knows when."""
    return None if date is None or other is None else max(date, other)


def held_lines(order: Order, findings: Iterable[Finding]) -> frozenset[str]:
    """The lines that wait while the others go on, by id; none if the order waits, or goes, whole.

    An order goes on without some of its lines if it does not ship complete, and if all that stops
    it are holds on single lines of it, which leave at least one.
    """
    waiting: set[str] | None = None
    for finding in findings:
        if finding.severity is _NOTE or finding.waived_by:
            continue
        if finding.severity is _REJECT or not finding.line_id:
            return _NONE
        waiting = waiting or set()
        waiting.add(finding.line_id)
    if waiting is None or order.ship is Ship.COMPLETE:
        return _NONE
    return frozenset(waiting) if waiting < {line.id for line in order.lines} else _NONE


def held_by_line(reserved: Iterable[Reservation]) -> dict[tuple[str, str], int]:
    """Units held, by line and SKU: a reservation counts for a line that still asks for its SKU."""
    units: dict[tuple[str, str], int] = {}
    for held in reserved:
        key = held.line_id, held.sku
        units[key] = units.get(key, 0) + held.quantity
    return units
