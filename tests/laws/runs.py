"""One run of the function under test, what it is fed with, and what can be seen of it.

The laws are made of these: a run over what hypothesis drew, `same` and `holds`, which raise an
AssertionError when a law is broken, and questions that look at raw rows alone.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, TypeAlias, TypeVar

import attrs
from hypothesis import strategies as st

from fulfill_core import (
    DEFAULT_VERIFIERS,
    Allocation,
    Backorder,
    Decision,
    Facts,
    Finding,
    Inventory,
    Notification,
    Order,
    OrderLine,
    OrderRecord,
    Outcome,
    PriorityPolicy,
    Reservation,
    Result,
    Severity,
    Ship,
    Short,
    SourcingPolicy,
    Verdict,
    Verifier,
)
from fulfill_core.testing import Batch, batches, priority_policies, sourcing_policies, verifiers
from fulfill_core.testing.policies import SEEN_LATER

from .stockroom import Stockroom, held_of, is_tracked, parts_of

T = TypeVar("T")
Process: TypeAlias = Callable[..., "Result | Run"]
Law: TypeAlias = Callable[..., None]
Row: TypeAlias = Allocation | Backorder | Short
Entry: TypeAlias = Order | OrderRecord
"""What a run takes of an order: itself, or its record."""

IN_QUEUE = frozenset(
    {
        Outcome.ALLOCATED,
        Outcome.PARTIALLY_ALLOCATED,
        Outcome.BACKORDERED,
        Outcome.UNFULFILLABLE,
    }
)
MILDEST_FIRST = (Verdict.ACCEPT, Verdict.HOLD, Verdict.REJECT)


@attrs.frozen
class Run:
    """What the laws look at in a result, as plain values that a broken `process` can spoil."""

    decisions: tuple[Decision, ...]
    by_id: Mapping[str, Decision]
    inventory: Inventory
    before: Inventory
    reservations: tuple[Reservation, ...]
    notifications: tuple[Notification, ...]
    wake_at: datetime | None

    @classmethod
    def of(cls, result: Result) -> Run:
        """A result as it is."""
        decisions = tuple(result.decisions)
        return cls(
            decisions,
            {decision.id: result[decision.id] for decision in decisions},
            result.inventory,
            result.before,
            result.reservations,
            result.notifications,
            result.wake_at,
        )

    def __getitem__(self, order_id: str) -> Decision:
        return self.by_id[order_id]


@attrs.frozen
class Policies:
    """The rules of one run."""

    verifiers: tuple[Verifier, ...]
    priority: PriorityPolicy
    sourcing: SourcingPolicy


def policies() -> st.SearchStrategy[Policies]:
    """The ready-made verifiers with at most two more, any priority and any sourcing."""
    return st.builds(
        Policies,
        st.lists(verifiers(), max_size=2).map(lambda more: (*DEFAULT_VERIFIERS, *more)),
        priority_policies(),
        sourcing_policies(),
    )


def unverified_policies() -> st.SearchStrategy[Policies]:
    """Any policies without verifiers: all orders that are due get to the stock."""
    return st.builds(Policies, st.just(()), priority_policies(), sourcing_policies())


def stock_policies() -> st.SearchStrategy[Policies]:
    """Any policies, half of them without verifiers."""
    return unverified_policies() | policies()


SEEDS = st.integers(0, 2**16)
COMMON = (batches(), policies())
OF_STOCK = (batches(), stock_policies())


def run(
    process: Process,
    batch: Batch,
    rules: Policies,
    *,
    orders: Iterable[Entry] | None = None,
    inventory: Inventory | None = None,
    now: datetime | None = None,
    facts: Facts | None = None,
    **more: Any,
) -> Run:
    """One run over a batch, or over a variation of it, with such further rules as a planner."""
    result = process(
        batch.orders if orders is None else tuple(orders),
        batch.inventory if inventory is None else inventory,
        now=now or batch.now,
        verifiers=rules.verifiers,
        priority=rules.priority,
        sourcing=rules.sourcing,
        facts=batch.facts if facts is None else facts,
        **more,
    )
    return result if isinstance(result, Run) else Run.of(result)


# -- Orders and their records ----------------------------------------------------------------------


def order_of(entry: Entry) -> Order:
    """The order itself."""
    return entry.order if isinstance(entry, OrderRecord) else entry


def record_of(entry: Entry) -> OrderRecord:
    """The order with what happened to it before."""
    return entry if isinstance(entry, OrderRecord) else OrderRecord(order=entry)


def with_order(entry: Entry, order: Order) -> Entry:
    """Another order with the same that happened to it."""
    return attrs.evolve(entry, order=order) if isinstance(entry, OrderRecord) else order


# -- Saying it -------------------------------------------------------------------------------------


def same(what: str, expected: object, actual: object) -> None:
    """Both are equal, or the law is broken."""
    if actual != expected:
        message = f"{what}: expected {expected!r}, got {actual!r}"
        raise AssertionError(message)


def holds(what: str, *, true: bool) -> None:
    """It is true, or the law is broken."""
    if not true:
        raise AssertionError(what)


# -- Looking at it, from the raw rows --------------------------------------------------------------


def active(reservations: Iterable[Reservation], now: datetime) -> list[Reservation]:
    """The reservations that count: those that have not expired."""
    return [held for held in reservations if held.expires_at is None or now < held.expires_at]


def summed(pairs: Iterable[tuple[T, int]]) -> Counter[T]:
    """The units by key; keys with nothing are left out."""
    sums: Counter[T] = Counter()
    for key, units in pairs:
        sums[key] += units
    return +sums


def units_of(inventory: Inventory, line: OrderLine, units: Mapping[tuple[str, str], int]) -> int:
    """So many of what the line asks for, given units by line and SKU; of a kit, whole ones."""
    parts = parts_of({item.sku: item for item in inventory.items()}, line.sku)
    if not parts:
        return units.get((line.id, line.sku), 0)
    return min(units.get((line.id, leaf), 0) // each for leaf, each in parts.items())


def held_by_line(inventory: Inventory, order: Order, now: datetime) -> Mapping[str, int]:
    """The units that each line of the order holds, as far as it asks for them; of a kit, kits."""
    held = held_of(inventory.reservations_of(order.id), now)
    return {line.id: min(line.units, units_of(inventory, line, held)) for line in order.lines}


def usable_by_line(inventory: Inventory, made: Decision) -> Mapping[str, int]:
    """The same of what it can use (law 20 says what that is)."""
    held = summed(((row.line_id, row.sku), row.quantity) for row in made.reserved)
    return {line.id: min(line.units, units_of(inventory, line, held)) for line in made.order.lines}


def got_by_line(inventory: Inventory, made: Decision, now: datetime) -> Mapping[str, int]:
    """The units that each line was given by the run, in the same way."""
    held = held_of(inventory.reservations_of(made.id), now)
    both = held + summed(((row.line_id, row.sku), row.quantity) for row in made.allocations)
    before = held_by_line(inventory, made.order, now)
    return {
        line.id: min(line.units, units_of(inventory, line, both)) - before[line.id]
        for line in made.order.lines
    }


def needs(inventory: Inventory, made: Decision, now: datetime) -> Counter[str]:
    """What the order still needs of each SKU that is tracked, kits taken apart; lines that wait
    need nothing yet.
    """
    items = {item.sku: item for item in inventory.items()}
    held = held_of(inventory.reservations_of(made.id), now)
    waiting = lines_on_hold(made) | lines_not_due(made, now)
    return summed(
        (leaf, max(0, line.units * each - held[line.id, leaf]))
        for line in made.order.lines
        if line.id not in waiting and is_tracked(items, line.sku)
        for leaf, each in (parts_of(items, line.sku) or {line.sku: 1}).items()
    )


def stoppers(made: Decision) -> list[Finding]:
    """What stops the order, or a line of it: findings that are no notes and that nobody waived."""
    return [
        found
        for found in made.findings
        if found.severity is not Severity.NOTE and found.waived_by == ""
    ]


def lines_on_hold(made: Decision) -> set[str]:
    """The lines that wait for a person while others go on: from the findings alone."""
    stopped = {(found.severity, found.line_id) for found in stoppers(made)}
    waiting = {line_id for _, line_id in stopped}
    lines = {line.id for line in made.order.lines}
    is_in_part = (
        made.order.ship is not Ship.COMPLETE
        and all(severity is Severity.HOLD for severity, _ in stopped)
        and waiting < lines
    )
    return waiting if is_in_part else set()


def lines_not_due(made: Decision, now: datetime) -> set[str]:
    """The lines that wait for their time, and for no person: from the dates alone."""
    order = made.order
    dates = {line.id: line.ship_after or order.ship_after for line in order.lines}
    if order.ship is Ship.COMPLETE:
        last = max([date for date in dates.values() if date], default=None)
        dates = dict.fromkeys(dates, last)
    return {line_id for line_id, date in dates.items() if date and date > now} - lines_on_hold(made)


def is_due(made: Decision, now: datetime) -> bool:
    """Whether a line that waits for no person may leave; of an order without any, the order."""
    order = made.order
    if not order.lines:
        return order.ship_after is None or order.ship_after <= now
    return {line.id for line in order.lines} > lines_on_hold(made) | lines_not_due(made, now)


def rows_of(decision: Decision) -> tuple[Row, ...]:
    """All rows of a decision."""
    return (*decision.allocations, *decision.backorders, *decision.shorts)


def allocated(decision: Decision) -> Counter[str]:
    """Units allocated, by line."""
    return summed((row.line_id, row.quantity) for row in decision.allocations)


def allocated_by_sku(decision: Decision) -> Counter[str]:
    """Units allocated, by SKU."""
    return summed((row.sku, row.quantity) for row in decision.allocations)


def in_queue(result: Run) -> list[Decision]:
    """The decisions for orders that were served, by rank."""
    return [decision for decision in result.decisions if decision.outcome in IN_QUEUE]


def is_skipping(made: Decision) -> bool:
    """Whether verifiers that are asked last were skipped, because the order is rejected anyway."""
    return made.verdict is Verdict.REJECT and any(
        found.code == "verifier.skipped" for found in made.findings
    )


def seen_first(made: Decision) -> Counter[Finding]:
    """What verifiers noticed before the stock was given out."""
    # What a rejected order took is no verifier's: it follows from the verdict.
    later = (SEEN_LATER, "verifier.second_look_failed", "payment.to_refund")
    of_the_stock = ("allocation", "reservation", "sourcing", "supply")
    return Counter(
        found
        for found in made.findings
        if found.code not in later and found.code.split(".")[0] not in of_the_stock
    )


def is_what_it_says(inventory: Inventory, now: datetime | None) -> None:
    """What an inventory says is reserved and available is what its rows say."""
    room = Stockroom(inventory, now)
    reserved = summed((at[:2], units) for at, units in room.reserved.items())
    for at in room.rows:
        same(f"reserved at {at}, {now}", reserved[at], inventory.reserved(*at, now=now))
        same(f"available at {at}, {now}", room.available(*at), inventory.available(*at, now=now))
    for sku in {*(sku for sku, _ in room.rows), *room.items}:
        same(f"{sku} available, {now}", room.available(sku), inventory.available(sku, now=now))


def shuffled(values: Iterable[T], seed: int) -> list[T]:
    """The values in another sequence."""
    mixed = list(values)
    random.Random(seed).shuffle(mixed)
    return mixed
