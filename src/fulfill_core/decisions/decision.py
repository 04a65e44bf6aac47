"""What was decided for one order: findings, allocations, backorders, shorts, and the outcome.

`Decision` keeps its rows as plain tuples and makes the values that callers see when they ask: a
run makes hundreds of thousands of rows, and whoever looks at one order needs five.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, tzinfo
from typing import Any

import attrs

from fulfill_core import _checks, _values
from fulfill_core.decisions import contents
from fulfill_core.decisions import rows as _rows
from fulfill_core.decisions.finding import Finding, Severity, Verdict, worst_verdict
from fulfill_core.decisions.kits import kits_by_line
from fulfill_core.decisions.lines import (
    Allocation,
    Backorder,
    LineStatus,
    Short,
    trusted_allocations,
    trusted_backorders,
    trusted_shorts,
)
from fulfill_core.decisions.notification import digest_of
from fulfill_core.decisions.outcome import Outcome
from fulfill_core.decisions.promise import Promise
from fulfill_core.decisions.rows import (
    AllocationRow,
    BackorderRow,
    KitRow,
    LineCounts,
    LineRow,
    ServedMembers,
    ShortRow,
)
from fulfill_core.inventory.stock import Reservation
from fulfill_core.orders.order import Order, OrderLine, Ship
from fulfill_core.orders.progress import NO_PROGRESS, Progress, has_left, is_settled

_NONE: frozenset[str] = frozenset()
_ALLOCATED = Outcome.ALLOCATED
_NOT_IN_QUEUE = {
    Verdict.REJECT: Outcome.REJECTED,
    Verdict.HOLD: Outcome.HELD,
    Verdict.ACCEPT: Outcome.SCHEDULED,  # nothing against it, and yet not in the queue
}
_NOTE, _REJECT = Severity.NOTE, Severity.REJECT
_LINE_FIELDS = tuple(field.name for field in attrs.fields(LineStatus))


def _to_findings(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    return _checks.to_tuple(findings)


def _to_reservations(reservations: Iterable[Reservation]) -> tuple[Reservation, ...]:
    return _checks.to_tuple(reservations)


def _to_progress(progress: Iterable[Progress]) -> tuple[Progress, ...]:
    return _checks.to_tuple(progress)


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
        reserved: what was reserved for it already, and still is; nothing that has expired, and
            nothing that can't be used.
        untracked: the ids of its lines that need no stock.
        kits: the ids of its lines that ask for kits, each with what one kit is made of, as pairs of
            SKU and units. Allocations, backorders and reservations of such a line are of its
            components; its shorts and its `LineStatus` count kits.
        promise: when it leaves and arrives; None if nothing leaves, or nothing was promised.
        progress: how far its lines had come before the run, at most one per line.
        unusable: what is reserved for it and can't be used: the lot ends before it can leave, or is
            in quarantine, or the units are not there any more. Nothing of it is confirmed; it is
            short (`ShortReason.RESERVED_UNUSABLE`), and a finding says why.
        scheduled_lines: the ids of lines that are not due while others of the order are: they take
            nothing before their ``ship_after``.
        timezone: in whose days its dates are told: the customer's (`Order.timezone`), else that of
            the promise, else that of the place where what it waits for comes in; UTC if nobody
            knows any.

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
        default=(), alias="allocations", converter=_rows.allocation_rows
    )
    backorder_rows: tuple[BackorderRow, ...] = attrs.field(
        default=(), alias="backorders", converter=_rows.backorder_rows
    )
    short_rows: tuple[ShortRow, ...] = attrs.field(
        default=(), alias="shorts", converter=_rows.short_rows
    )
    reserved: tuple[Reservation, ...] = attrs.field(default=(), converter=_to_reservations)
    untracked: tuple[str, ...] = attrs.field(default=(), converter=_checks.to_texts)
    kits: tuple[KitRow, ...] = attrs.field(default=(), converter=_kit_rows)
    promise: Promise | None = None
    progress: tuple[Progress, ...] = attrs.field(default=(), converter=_to_progress)
    unusable: tuple[Reservation, ...] = attrs.field(default=(), converter=_to_reservations)
    scheduled_lines: frozenset[str] = attrs.field(default=_NONE, converter=_checks.to_frozenset)
    timezone: tzinfo = attrs.field(default=UTC, hash=False)

    __eq__, __hash__ = _values.EQUALITY

    def __attrs_post_init__(self) -> None:
        _checks.check_member("Decision.order", self.order, Order)
        _checks.keep_word(self, "outcome", Outcome)
        if self.rank is not None:
            _checks.check_int("Decision.rank", self.rank, at_least=0)
        if self.promise is not None:
            _checks.check_member("Decision.promise", self.promise, Promise)
        _rows.check_parts(self)

    @property
    def id(self) -> str:
        """The order's id."""
        return self.order.id

    @property
    def digest(self) -> str:
        """16 hex digits that are the same for two runs that decided the same, in any process.

        So a host stores a decision only if its digest is another one than before. What counts: the
        order's version, the outcome, the findings and who waived them, which units are reserved for
        it (by this run or before, whenever they were), which of them can't be used, what waits for
        what, what is short and why, the promised dates. What does not: the time of the run, the
        rank, and notes on how the order was served in its turn.
        """
        return digest_of(
            (
                self.order.id,
                self.order.fingerprint,
                str(self.outcome),
                contents.of_findings(self.findings),
                contents.of_units([*self.reserved, *self.allocations]),
                contents.of_units(self.unusable),
                contents.of_backorders(self.backorders),
                contents.of_shorts(self.shorts),
                contents.of_promise(self.promise),
            )
        )

    @property
    def verdict(self) -> Verdict:
        """What verification says: the worst severity among findings that nobody waived."""
        return worst_verdict(self.findings)

    @property
    def held_lines(self) -> frozenset[str]:
        """The lines that wait for a person while the others go on, by id."""
        return held_lines(self.order, self.findings)

    @property
    def surplus(self) -> tuple[Reservation, ...]:
        """What is reserved for lines or SKUs that it does not ask for any more, or beyond them.

        That is what is left when an order was changed after units were reserved for it. A run never
        gives up what is reserved; release it with `Inventory.with_released`.
        """
        demand = open_by_line(self)
        surplus: list[Reservation] = []
        for reservation in self.reserved:
            key = reservation.line_id, reservation.sku
            counted = min(demand.get(key, 0), reservation.quantity)
            demand[key] = demand.get(key, 0) - counted
            if counted < reservation.quantity:
                units = reservation.quantity - counted
                surplus.append(attrs.evolve(reservation, quantity=units))
        return tuple(surplus)

    @property
    def allocations(self) -> tuple[Allocation, ...]:
        """What this run reserved for the order."""
        return trusted_allocations(self.allocation_rows)

    @property
    def backorders(self) -> tuple[Backorder, ...]:
        """What waits for more stock."""
        return trusted_backorders(self.backorder_rows) if self.backorder_rows else ()

    @property
    def shorts(self) -> tuple[Short, ...]:
        """What will not come."""
        return trusted_shorts(self.short_rows) if self.short_rows else ()

    @property
    def lines(self) -> tuple[LineStatus, ...]:
        """Where each line stands, by line id. Held and rejected orders are given nothing."""
        contents: list[dict[str, Any]] = [
            dict(zip(_LINE_FIELDS, row, strict=True)) for row in self.line_rows
        ]
        return tuple(LineStatus(**content) for content in contents)

    @property
    def line_rows(self) -> list[LineRow]:
        """Where each line stands, as plain tuples in the sequence of the fields of `LineStatus`."""
        counts = counts_of_new_lines(self)
        if counts is not None:
            return _rows.rows_of_new_lines(self.order.lines, self.untracked, counts)
        (allocated, backordered, short, expected), kits_reserved = self._counts()
        reserved_units = {**reserved_by_line(self.reserved), **kits_reserved}
        progress_of = {progress.line_id: progress for progress in self.progress}
        is_whole = self.outcome is Outcome.SCHEDULED
        lines_on_hold = self.held_lines
        rows: list[LineRow] = []
        for line in self.order.lines:
            line_id, sku = line.id, line.sku
            progress = progress_of.get(line_id, NO_PROGRESS)
            open_units = line.units if progress is NO_PROGRESS else progress.open(line)
            is_on_hold = line_id in lines_on_hold
            is_scheduled = not is_on_hold and (is_whole or line_id in self.scheduled_lines)
            untracked = open_units if line_id in self.untracked and not is_on_hold else 0
            reserved = 0 if untracked else min(open_units, reserved_units.get((line_id, sku), 0))
            rows.append(
                (
                    line_id,
                    sku,
                    line.units,
                    reserved,
                    allocated.get(line_id, 0),
                    backordered.get(line_id, 0),
                    short.get(line_id, 0),
                    untracked,
                    open_units - reserved - untracked if is_scheduled else 0,
                    open_units - reserved if is_on_hold else 0,
                    expected.get(line_id),
                    progress.cancelled,
                    progress.shipped,
                    progress.reopened,
                )
            )
        return rows

    def _counts(self) -> tuple[LineCounts, dict[tuple[str, str], int]]:
        """What the run gave its lines and did not; how many kits are reserved, by line and SKU."""
        allocated = _rows.units_by_line(self.allocation_rows)
        backordered = _rows.backordered_by_line(self.backorder_rows)
        expected = _rows.expected_by_line(self.backorder_rows) if backordered else {}
        short = _rows.short_by_line(self.short_rows)
        kits_reserved: dict[tuple[str, str], int] = {}
        for line, kits, reserved, of_run in self._kits_by_line() if self.kits else ():
            kits_reserved[line.id, line.sku], allocated[line.id] = reserved, of_run
            if line.id in backordered:  # whatever is not here, and not short, waits
                backordered[line.id] = kits - reserved - of_run - short.get(line.id, 0)
        return (allocated, backordered, short, expected), kits_reserved

    def _kits_by_line(self) -> Iterator[tuple[OrderLine, int, int, int]]:
        """The lines that ask for kits: how many are open, were reserved before, and by the run."""
        units_of_run = _rows.units_by_line_and_sku(self.allocation_rows)
        units_before = reserved_by_line(self.reserved)
        return kits_by_line(self.order.lines, self.kits, self.progress, units_before, units_of_run)

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

    def _repr_html_(self) -> str:
        """What a notebook shows: a table of its lines."""
        from fulfill_core.decisions import html  # noqa: PLC0415 - only notebooks ask for it

        heads = ("line", "SKU", "ordered", "confirmed", "waits", "short", "expected")
        rows = [
            (
                line.line_id,
                line.sku,
                line.ordered,
                line.confirmed,
                line.backordered,
                line.short,
                line.expected_at,
            )
            for line in self.lines
        ]
        codes = ", ".join(dict.fromkeys([finding.code for finding in self.findings]))
        caption = f"{self.order.id}: {self.outcome.value}" + (f" ({codes})" if codes else "")
        return html.table(caption, heads, rows)


def counts_of_new_lines(decision: Decision) -> LineCounts | None:
    """What the run gave lines that had nothing before it, and wait for nothing but stock.

    Returns:
        None if that is not so: then there is more to weigh.
    """
    if (
        decision.progress
        or decision.reserved
        or decision.scheduled_lines
        or decision.outcome is Outcome.SCHEDULED
        or (decision.findings and decision.held_lines)
    ):
        return None
    counts, _ = decision._counts()  # noqa: SLF001 - of its own class
    return counts


_DecisionTwin = _values.twin(Decision)


def make_decision(
    order: Order,
    findings: tuple[Finding, ...],
    rank: int | None,
    served: ServedMembers,
    promise: Promise | None = None,
    progress: tuple[Progress, ...] = (),
    scheduled_lines: frozenset[str] = _NONE,
    timezone: tzinfo = UTC,
) -> Decision:
    """The decision on an order that was served: the one place that derives an outcome.

    A run makes one for every order, and another when it is asked for, so it is built the fast way:
    see `_values.twin`. Of what was kept by column, the members of a `Served` do.
    """
    allocations, backorders, shorts, reserved, untracked, kits, _, unusable = served
    if rank is None:
        outcome = _NOT_IN_QUEUE[worst_verdict(findings)]
        if progress and is_settled(order, progress):
            outcome = Outcome.COMPLETED if has_left(progress) else Outcome.CANCELLED
        elif outcome is Outcome.HELD and held_lines(order, findings):
            outcome = Outcome.SCHEDULED  # some lines wait for a person, the others for their time
    elif not (
        backorders or shorts or scheduled_lines or (findings and held_lines(order, findings))
    ):
        outcome = _ALLOCATED
    elif (
        (allocations and not unusable)
        or (reserved and _counts(order, reserved, untracked, kits))
        # A component may be given to a kit of which the rest turns out to be of no use.
        or (
            unusable
            and _counts(order, [*reserved, *trusted_allocations(allocations)], untracked, kits)
        )
        or has_left(progress)
    ):
        outcome = Outcome.PARTIALLY_ALLOCATED
    elif shorts and not (backorders or scheduled_lines or held_lines(order, findings)):
        outcome = Outcome.UNFULFILLABLE
    else:
        outcome = Outcome.BACKORDERED
    twin = _DecisionTwin()
    twin.order = order
    twin.outcome = outcome
    twin.findings = findings
    twin.rank = rank
    twin.allocation_rows = allocations
    twin.backorder_rows = backorders
    twin.short_rows = shorts
    twin.reserved = reserved
    twin.untracked = untracked
    twin.kits = kits
    twin.promise = promise
    twin.progress = progress
    twin.unusable = unusable
    twin.scheduled_lines = scheduled_lines
    twin.timezone = timezone
    twin.__class__ = Decision
    decision: Decision = twin
    return decision


def _counts(
    order: Order,
    reserved: Iterable[Reservation | Allocation],
    untracked: tuple[str, ...],
    kits: tuple[KitRow, ...],
) -> bool:
    """Whether what is reserved counts for a line that the order has, and that needs stock."""
    reserved_units = reserved_by_line(reserved)
    parts = dict(kits)
    return any(
        all(
            reserved_units.get((line.id, sku), 0) >= units
            for sku, units in parts.get(line.id) or ((line.sku, 1),)
        )
        for line in order.lines
        if line.id not in untracked
    )


def held_lines(order: Order, findings: Iterable[Finding]) -> frozenset[str]:
    """The lines that wait while the others go on, by id; none if the order waits, or goes, whole.

    An order goes on without some of its lines if it does not ship complete, and if all that stops
    it are holds on single lines of it, which leave at least one.
    """
    lines_on_hold: set[str] | None = None
    for finding in findings:
        if finding.severity is _NOTE or finding.waived_by:
            continue
        if finding.severity is _REJECT or not finding.line_id:
            return _NONE
        lines_on_hold = lines_on_hold or set()
        lines_on_hold.add(finding.line_id)
    if lines_on_hold is None or order.ship is Ship.COMPLETE:
        return _NONE
    is_part = lines_on_hold < {line.id for line in order.lines}
    return frozenset(lines_on_hold) if is_part else _NONE


def open_by_line(decision: Decision) -> dict[tuple[str, str], int]:
    """What of an order was still to be served when the run began: units by line and SKU.

    Kits are taken apart.
    """
    if not decision.kits and not decision.progress:  # as nearly always
        return {(line.id, line.sku): line.units for line in decision.order.lines}
    recipes = dict(decision.kits)
    progress_by_line = {progress.line_id: progress for progress in decision.progress}
    units: dict[tuple[str, str], int] = {}
    for line in decision.order.lines:
        progress = progress_by_line.get(line.id) or NO_PROGRESS
        open_units, parts = progress.open(line), dict(progress.parts)
        for sku, units_each in recipes.get(line.id) or ((line.sku, 1),):
            units[line.id, sku] = max(0, open_units * units_each - parts.get(sku, 0))
    return units


def reserved_by_line(reserved: Iterable[Reservation | Allocation]) -> dict[tuple[str, str], int]:
    """Reserved units, by line and SKU: a line may have been changed to ask for another SKU."""
    units: dict[tuple[str, str], int] = {}
    for reservation in reserved:
        key = reservation.line_id, reservation.sku
        units[key] = units.get(key, 0) + reservation.quantity
    return units
