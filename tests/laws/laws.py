"""The laws of a run, as functions of the `process` that they hold to them.

Each takes the function under test first, so that the tests can feed the true one and a broken one
alike, then what hypothesis drew for it, and raises an AssertionError when the law is broken.
`CASES` says what each is to be fed with.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Literal, TypeAlias, TypeVar

import attrs
from hypothesis import strategies as st

from fulfill_core import (
    DEFAULT_SOURCING,
    DEFAULT_VERIFIERS,
    Allocation,
    Audience,
    Backorder,
    Context,
    Decision,
    FactKind,
    Facts,
    Finding,
    Inventory,
    KitShips,
    Location,
    Notification,
    Order,
    OrderLine,
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
    all_of,
    asked_last,
    credit_covers,
    customer_and_staff,
    downgrade,
    fact_missing,
    needing,
    only_if,
    payment_covers,
    quantity_limits,
    reachable,
    risk_flags,
    risk_score,
    ship_to_complete,
    unless,
    usual_for_customer,
    velocity,
)
from fulfill_core.testing import (
    Batch,
    batches,
    inventories,
    locations,
    priority_policies,
    sourcing_policies,
    verifiers,
)
from fulfill_core.testing._policies import SEEN_LATER
from fulfill_core.testing.strategies import UNTRACKED
from fulfill_core.verifiers.combining import facts_needed_by

from .stockroom import Stockroom, held_of, is_tracked, parts_of

T = TypeVar("T")
Process: TypeAlias = Callable[..., "Result | Run"]
Law: TypeAlias = Callable[..., None]
Row: TypeAlias = Allocation | Backorder | Short

IN_QUEUE = frozenset(
    {
        Outcome.ALLOCATED,
        Outcome.PARTIALLY_ALLOCATED,
        Outcome.BACKORDERED,
        Outcome.UNFULFILLABLE,
    }
)
PER: tuple[Literal["customer", "card", "address"], ...] = ("customer", "card", "address")
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


def run(
    process: Process,
    batch: Batch,
    rules: Policies,
    *,
    orders: Iterable[Order] | None = None,
    inventory: Inventory | None = None,
    now: datetime | None = None,
    facts: Facts | None = None,
) -> Run:
    """One run over a batch, or over a variation of it."""
    result = process(
        batch.orders if orders is None else tuple(orders),
        batch.inventory if inventory is None else inventory,
        now=now or batch.now,
        verifiers=rules.verifiers,
        priority=rules.priority,
        sourcing=rules.sourcing,
        facts=batch.facts if facts is None else facts,
    )
    return result if isinstance(result, Run) else Run.of(result)


# -- Saying it -----------------------------------------------------------------------------------


def same(what: str, expected: object, actual: object) -> None:
    """Both are equal, or the law is broken."""
    if actual != expected:
        message = f"{what}: expected {expected!r}, got {actual!r}"
        raise AssertionError(message)


def holds(what: str, *, true: bool) -> None:
    """It is true, or the law is broken."""
    if not true:
        raise AssertionError(what)


# -- Looking at it, from the raw rows ------------------------------------------------------------


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
    waiting = lines_on_hold(made)
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


def shuffled(values: Iterable[T], seed: int) -> list[T]:
    """The values in another sequence."""
    mixed = list(values)
    random.Random(seed).shuffle(mixed)
    return mixed


# -- The laws ------------------------------------------------------------------------------------


def law_01_totality(process: Process, batch: Batch, rules: Policies) -> None:
    """Each id has one decision, ranked ones first; each row is about a line of its order."""
    result = run(process, batch, rules)
    items = {item.sku: item for item in batch.inventory.items()}
    versions: dict[str, set[Order]] = defaultdict(set)
    for order in batch.orders:
        versions[order.id].add(order)
    same("the decided ids", sorted(versions), sorted(made.id for made in result.decisions))
    ranked = [made.id for made in result.decisions if made.rank is not None]
    ranks = [made.rank for made in result.decisions if made.rank is not None]
    same("the ranks", list(range(len(ranks))), ranks)
    others = sorted(made.id for made in result.decisions if made.rank is None)
    same("the sequence", ranked + others, [made.id for made in result.decisions])
    for made in result.decisions:
        same("looked up by id", made, result[made.id])
        holds(f"{made.id} is one that was passed", true=made.order in versions[made.id])
        same(f"{made.id} is in the queue", made.outcome in IN_QUEUE, made.rank is not None)
        is_conflict = any(found.code == "order.conflicting_duplicate" for found in made.findings)
        same(f"{made.id} is a conflict", len(versions[made.id]) > 1, is_conflict)
        if is_conflict:
            same(f"{made.id}, of which there are several versions", Outcome.HELD, made.outcome)
        asked = {(line.id, line.sku) for line in made.order.lines}
        asked |= {
            (line.id, leaf) for line in made.order.lines for leaf in parts_of(items, line.sku)
        }
        about = {(row.line_id, row.sku) for row in rows_of(made)}
        same(f"rows of {made.id} about lines that it has not", set(), about - asked)


def law_02_line_conservation(process: Process, batch: Batch, rules: Policies) -> None:
    """Per line of an order in the queue, the raw rows add up to what was ordered."""
    result = run(process, batch, rules)
    items = {item.sku: item for item in batch.inventory.items()}
    for made in result.decisions:
        rows = rows_of(made)
        if made.outcome not in IN_QUEUE:
            same(f"rows of {made.id}, which is {made.outcome}", (), rows)
            continue
        holds(f"{made.id} has rows of one unit or more", true=all(row.quantity > 0 for row in rows))
        held = held_by_line(batch.inventory, made.order, batch.now)
        told = summed((row.line_id, row.quantity) for row in rows)
        waiting = lines_on_hold(made)
        statuses = {status.line_id: status for status in made.lines}
        same(f"lines of {made.id}", {line.id for line in made.order.lines}, set(statuses))
        for line in made.order.lines:
            where, status = f"line {line.id} of {made.id}", statuses[line.id]
            if line.id in waiting:
                same(f"{where}, on hold: rows", 0, told[line.id])
                same(f"{where}, on hold", line.units, status.reserved + status.held)
                continue
            same(f"{where}: on hold", 0, status.held)
            if not is_tracked(items, line.sku):
                same(f"{where}, untracked: rows", 0, told[line.id])
                same(f"{where}, untracked", line.units, status.untracked)
                continue
            if parts_of(items, line.sku):
                numbers = _kits_add_up(batch, made, line, where)
                shown = status.reserved, status.allocated, status.backordered, status.short
                same(f"the status of {where}", numbers, shown)
                continue
            same(where, line.units, told[line.id] + held[line.id])
            parts = status.reserved + status.allocated + status.backordered + status.short
            same(f"the status of {where}", line.units, parts)
            same(f"{where}: reserved", held[line.id], status.reserved)


def _kits_add_up(
    batch: Batch, made: Decision, line: OrderLine, where: str
) -> tuple[int, int, int, int]:
    """How many kits the line held, got, waits for and will not get: components make whole kits."""
    parts = parts_of({item.sku: item for item in batch.inventory.items()}, line.sku)
    held = held_of(batch.inventory.reservations_of(made.id), batch.now)
    had = held_by_line(batch.inventory, made.order, batch.now)[line.id]
    got = got_by_line(batch.inventory, made, batch.now)[line.id]
    mine = [row for row in made.allocations if row.line_id == line.id]
    taken = summed((row.sku, row.quantity) for row in mine)
    needed = {
        leaf: max(0, (had + got) * each - held[line.id, leaf]) if got else 0
        for leaf, each in parts.items()
    }
    same(f"components that {where} takes", +Counter(needed), taken)
    mine_short = [row for row in made.shorts if row.line_id == line.id]
    same(f"what is short in {where}", {line.sku} if mine_short else set(), _skus(mine_short))
    short = sum(row.quantity for row in mine_short)
    waits = line.units - had - got - short
    pegs = [row for row in made.backorders if row.line_id == line.id]
    same(f"{where} waits for something", waits > 0, bool(pegs))
    pegged = summed((row.sku, row.quantity) for row in pegs)
    most = summed(
        (leaf, max(0, (had + got + waits) * each - held[line.id, leaf]) - needed[leaf])
        for leaf, each in parts.items()
    )
    same(f"{where} waits for more than it needs", Counter(), pegged - most)
    return had, got, waits, short


def _skus(rows: Iterable[Row]) -> set[str]:
    return {row.sku for row in rows}


def law_03_no_oversell(process: Process, batch: Batch, rules: Policies) -> None:
    """Where the run reserved, what counts fits into on hand - safety; pegs fit into supplies."""
    result = run(process, batch, rules)
    touched = {
        (row.sku, row.location, row.lot) for made in result.decisions for row in made.allocations
    }
    rows = {(row.sku, row.location): row for row in result.inventory.stock()}
    reserved: Counter[tuple[str, ...]] = Counter()
    for held in active(result.inventory.reservations(), batch.now):
        reserved[held.sku, held.location] += held.quantity
        reserved[held.sku, held.location, held.lot] += held.quantity
    for sku, location, lot in touched:
        row = rows[sku, location]
        at = sku, location
        most = row.on_hand - row.safety
        holds(f"{reserved[at]} of {most} are reserved at {at}", true=reserved[at] <= most)
        in_lots = {each.id: each.quantity for each in row.lots}
        most = in_lots.get(lot, row.on_hand - sum(in_lots.values()))
        units = reserved[sku, location, lot]
        holds(f"{units} of {most} are reserved of lot {lot!r} at {at}", true=units <= most)
    supplies = {supply.id: supply for supply in batch.inventory.supplies()}
    pegged: Counter[str] = Counter()
    for made in result.decisions:
        for row in made.backorders:
            if row.supply_id:
                supply = supplies[row.supply_id]
                pegged[row.supply_id] += row.quantity
                date = supply.expected_at if supply.expected_at >= batch.now else None
                same("a peg's SKU and date", (supply.sku, date), (row.sku, row.expected_at))
            else:
                same("the date of an open backorder", None, row.expected_at)
    for supply_id, units in pegged.items():
        most = supplies[supply_id].quantity
        holds(f"{units} of {most} are pegged to {supply_id}", true=units <= most)


def law_04_single_truth(process: Process, batch: Batch, rules: Policies) -> None:
    """Stock is as before; reservations are those before and those made; the sums follow."""
    result = run(process, batch, rules)
    before, after = batch.inventory, result.inventory
    same("the stock rows", list(before.stock()), list(after.stock()))
    made = [
        Reservation(
            order_id=decision.id,
            line_id=row.line_id,
            sku=row.sku,
            location=row.location,
            quantity=row.quantity,
            made_at=batch.now,
            lot=row.lot,
        )
        for decision in result.decisions
        for row in decision.allocations
    ]
    same("what the run reserved", Counter(made), Counter(result.reservations))
    same(
        "the reservations",
        Counter(before.reservations()) + Counter(made),
        Counter(after.reservations()),
    )
    for inventory in (before, after):
        is_what_it_says(inventory, None)
        is_what_it_says(inventory, batch.now)
    for sku in {row.sku for row in before.stock()}:
        units = sum(held.quantity for held in made if held.sku == sku)
        same(f"{sku} reserved", before.reserved(sku) + units, after.reserved(sku))


def is_what_it_says(inventory: Inventory, now: datetime | None) -> None:
    """What an inventory says is reserved and available is what its rows say."""
    room = Stockroom(inventory, now)
    reserved = summed((at[:2], units) for at, units in room.reserved.items())
    for at in room.rows:
        same(f"reserved at {at}, {now}", reserved[at], inventory.reserved(*at, now=now))
        same(f"available at {at}, {now}", room.available(*at), inventory.available(*at, now=now))
    for sku in {*(sku for sku, _ in room.rows), *room.items}:
        same(f"{sku} available, {now}", room.available(sku), inventory.available(sku, now=now))


def law_05_check_is_allocate(process: Process, batch: Batch, rules: Policies) -> None:
    """An order alone gets everything exactly when nothing is lacking, and that is so, unless whole
    packs or kits are asked for, exactly when `available` covers what it still needs.
    """
    alone = attrs.evolve(rules, sourcing=DEFAULT_SOURCING)
    inventory, now = batch.inventory, batch.now
    for order in batch.orders:
        [decision] = run(process, batch, alone, orders=[order]).decisions
        if decision.outcome not in IN_QUEUE:
            continue
        waiting = lines_on_hold(decision)
        asked = attrs.evolve(order, lines=[line for line in order.lines if line.id not in waiting])
        is_allocated = not decision.backorders and not decision.shorts
        lacking = inventory.lacking(asked, now=now)
        same(f"{order.id}, alone, lacks {lacking} and gets everything", not lacking, is_allocated)
        needed = needs(inventory, decision, now)
        holds(
            f"{lacking} of {needed}", true=all(0 < lacking[sku] <= needed[sku] for sku in lacking)
        )
        if not any(inventory.item(sku).packs for sku in needed):
            is_covered = all(
                inventory.available(sku, now=now, order=order) >= units
                for sku, units in needed.items()
            )
            same(f"{order.id}, alone, is covered", is_covered, is_allocated)


def law_06_determinism(process: Process, batch: Batch, rules: Policies, seed: int) -> None:
    """The same again; in another sequence; and with a line split in two."""
    first = run(process, batch, rules)
    _same_result("the same again", first, run(process, batch, rules))
    orders = [
        attrs.evolve(
            order, lines=shuffled(order.lines, seed), payments=shuffled(order.payments, seed)
        )
        for order in shuffled(batch.orders, seed)
    ]
    inventory = Inventory(
        stock=shuffled(batch.inventory.stock(), seed),
        supplies=shuffled(batch.inventory.supplies(), seed),
        items=shuffled(batch.inventory.items(), seed),
        locations=shuffled(batch.inventory.locations, seed),
        reservations=shuffled(batch.inventory.reservations(), seed),
    )
    again = run(process, batch, rules, orders=orders, inventory=inventory)
    _same_result("in another sequence", first, again)
    _splitting_changes_nothing(process, batch, rules, first, seed)


def _same_result(what: str, expected: Run, actual: Run) -> None:
    same(f"{what}: decisions", expected.decisions, actual.decisions)
    same(f"{what}: inventory", expected.inventory, actual.inventory)
    same(f"{what}: messages", expected.notifications, actual.notifications)
    same(f"{what}: wake_at", expected.wake_at, actual.wake_at)


def _splitting_changes_nothing(
    process: Process, batch: Batch, rules: Policies, whole: Run, seed: int
) -> None:
    can_split = [
        (decision.order, line)
        for decision in in_queue(whole)
        if decision.order.ship is not Ship.LINES and not _is_known(batch.facts, decision)
        for line in decision.order.lines
        if line.quantity > 1
        and batch.inventory.item(line.sku).kit_ships is KitShips.BY_KIT
        and line.id not in lines_on_hold(decision)
        and all(
            held.line_id != line.id for held in batch.inventory.reservations_of(decision.order.id)
        )
    ]
    if not can_split:
        return
    order, line = random.Random(seed).choice(can_split)
    part = random.Random(seed).randrange(1, line.quantity)
    lines = (
        *(other for other in order.lines if other != line),
        attrs.evolve(line, quantity=part),
        attrs.evolve(line, id=f"{line.id}+", quantity=line.quantity - part),
    )
    parted = attrs.evolve(order, lines=lines)
    orders = [parted if other == order else other for other in batch.orders]
    result = run(process, batch, rules, orders=orders)
    for decision in in_queue(whole):
        same(
            f"units for {decision.id} when line {line.id} of {order.id} is split",
            allocated_by_sku(decision),
            allocated_by_sku(result[decision.id]),
        )


def _is_known(facts: Facts, made: Decision) -> bool:
    """Whether what is known of the order is of this version: a line that is split makes another."""
    seen = facts.screening_of(made.order)
    return any(found.is_waived for found in made.findings) or (
        seen is not None and seen.fingerprint != ""
    )


def law_07_nobody_is_hurt_from_behind(
    process: Process, batch: Batch, rules: Policies, seed: int
) -> None:
    """Some orders are taken out: decisions ranked before the first of them stay as they were."""
    full = run(process, batch, rules)
    chance = random.Random(seed)
    gone = {made.id for made in full.decisions if chance.random() < 0.4}
    fewer = run(
        process, batch, rules, orders=[order for order in batch.orders if order.id not in gone]
    )
    ranks = [made.rank for made in full.decisions if made.id in gone and made.rank is not None]
    first_gone = min(ranks, default=len(full.decisions))
    for made in full.decisions:
        if made.id not in gone and (made.rank is None or made.rank < first_gone):
            same(f"{made.id}, without {sorted(gone)}", made, fewer[made.id])


def law_08_idempotence(process: Process, batch: Batch, rules: Policies) -> None:
    """The same orders against the inventory that came out: nothing new, nothing else said."""
    first = run(process, batch, rules)
    again = run(process, batch, rules, inventory=first.inventory)
    same("allocated again", [], [row for made in again.decisions for row in made.allocations])
    same("the inventory", first.inventory, again.inventory)
    same(
        "the message ids",
        [message.id for message in first.notifications],
        [message.id for message in again.notifications],
    )
    for made in first.decisions:
        confirmed = [status.confirmed for status in made.lines]
        same(
            f"confirmed to {made.id}",
            confirmed,
            [status.confirmed for status in again[made.id].lines],
        )


def without_capacity(places: Iterable[Location]) -> tuple[Location, ...]:
    """The same locations, each of which takes on as many orders as come."""
    return tuple(attrs.evolve(place, capacity=None) for place in places)


# Made once: to make them in every example takes as long as to draw from them.
PLACES = st.shared(locations().map(without_capacity), key="the locations of both shards")
SHARDS = (
    batches(ids=("A-1", "A-2", "A-3"), skus=("cup", "mug"), places=PLACES),
    batches(ids=("A-2b", "A-3b", "A-4"), skus=("pot", "tea"), places=PLACES),
)


@st.composite
def shards(draw: st.DrawFn) -> tuple[Batch, Batch]:
    """Two batches, at the same locations, that share no SKU and no supply, nor a day's capacity."""
    both = draw(SHARDS[0]), draw(SHARDS[1])
    one, other = (batch.facts for batch in both)
    known = {customer.customer_id: customer for customer in (*one.customers, *other.customers)}
    facts = Facts(  # each shard is told of all customers: they may shop in both
        approvals=(*one.approvals, *other.approvals),
        rejections=(*one.rejections, *other.rejections),
        holds=(*one.holds, *other.holds),
        screenings=(*one.screenings, *other.screenings),
        customers=known.values(),
    )
    return attrs.evolve(both[0], facts=facts), attrs.evolve(both[1], facts=facts)


def law_09_shards(process: Process, both: tuple[Batch, Batch], rules: Policies) -> None:
    """Two batches apart and at once: the same but for the rank, which is a place in a queue."""
    one, other = both
    union = Batch(
        orders=(*one.orders, *other.orders),
        inventory=Inventory(
            stock=[*one.inventory.stock(), *other.inventory.stock()],
            supplies=[*one.inventory.supplies(), *other.inventory.supplies()],
            items=[
                *one.inventory.items(),
                *(item for item in other.inventory.items() if item.sku != UNTRACKED),
            ],
            locations=one.inventory.locations,
            reservations=[*one.inventory.reservations(), *other.inventory.reservations()],
        ),
        now=one.now,
        facts=one.facts,
    )
    together = run(process, union, rules)
    apart = [run(process, shard, rules) for shard in both]
    decisions = [made for result in apart for made in result.decisions]
    same(
        "the decided ids",
        sorted(made.id for made in decisions),
        sorted(made.id for made in together.decisions),
    )
    for made in decisions:
        unranked = attrs.evolve(together[made.id], rank=made.rank)
        same(f"{made.id}, together", made, unranked)
    reserved = [held for result in apart for held in result.reservations]
    same("the inventory", union.inventory.with_reserved(*reserved), together.inventory)
    same(
        "the messages",
        Counter(message for result in apart for message in result.notifications),
        Counter(together.notifications),
    )


def law_10_severity_only_grows(
    process: Process, batch: Batch, rules: Policies, verifier: Verifier
) -> None:
    """One more verifier: no verdict is milder, and what was found is found. Without their facts:
    the ready-made ones hold, and so does what is made of verifiers that need some.

    Findings of verifiers that are asked last may go, where the order is now rejected without them
    and says that they were skipped; and what is seen only when stock has been given out is about
    another run.
    """
    less = run(process, batch, rules)
    more = run(process, batch, attrs.evolve(rules, verifiers=(*rules.verifiers, verifier)))
    for made in less.decisions:
        verdict, new_verdict = made.verdict, more[made.id].verdict
        holds(
            f"{made.id}: {verdict}, with one more verifier {new_verdict}",
            true=MILDEST_FIRST.index(new_verdict) >= MILDEST_FIRST.index(verdict),
        )
        if not is_skipping(more[made.id]):
            lost = seen_first(made) - seen_first(more[made.id])
            same(f"{made.id}: findings that got lost", Counter(), lost)
    bare = attrs.evolve(
        batch,
        orders=tuple(
            attrs.evolve(
                order,
                customer=attrs.evolve(order.customer, email="", phone=""),
                ship_to=None,
                payments=(),
            )
            for order in batch.orders
        ),
        facts=Facts(),
    )
    lacking: Mapping[Verifier, Callable[[Order], bool]] = {
        reachable: lambda _: True,
        ship_to_complete: lambda order: any(line.ships for line in order.lines),
        payment_covers: lambda order: order.total > 0,
        _asks_in_vain: lambda _: True,
        needing(_is_quiet, FactKind.SCREENING): lambda _: True,
        asked_last(only_if(_is_true, needing(_is_quiet, *FactKind))): lambda _: True,
        unless(_asks_in_vain_whether, _is_quiet): lambda _: True,
        downgrade(
            all_of(needing(_is_quiet, FactKind.CUSTOMER), _is_quiet), to=Severity.NOTE
        ): lambda _: True,
        downgrade(_asks_in_vain, to=Severity.NOTE): lambda _: True,
    }
    for asked, is_missed in lacking.items():
        result = run(process, bare, attrs.evolve(rules, verifiers=(asked,)))
        for made in result.decisions:
            if is_missed(made.order):
                same(f"{made.id}, of which a fact is missing", Outcome.HELD, made.outcome)
    result = run(process, bare, attrs.evolve(rules, verifiers=NEED_FACTS))
    for made in result.decisions:
        if len({order for order in bare.orders if order.id == made.id}) == 1:
            kinds = _kinds_needed(made.order, bare.now)
            missing = {fact_missing(kind, made.order) for kind in kinds}
            lost = missing - set(made.findings)
            same(f"{made.id}: facts that are missing without a word", set(), lost)


NEED_FACTS: tuple[Verifier, ...] = (
    credit_covers(),
    quantity_limits({"mug": 3}, per="customer", within=timedelta(days=9)),
    risk_flags({"proxy": Severity.HOLD}),
    risk_score(hold_at=60),
    usual_for_customer(),
    *(velocity(at_most=2, within=timedelta(days=1), per=per) for per in PER),
)
"""Ready-made verifiers that need facts, of some orders at least."""


def _kinds_needed(order: Order, now: datetime) -> set[FactKind]:
    context = Context(now=now)
    return {kind for asked in NEED_FACTS for kind in facts_needed_by(asked, order, context)}


def _asks_in_vain(order: Order, /, *, context: Context) -> Iterable[Finding]:
    raise LookupError(order.id)


def _asks_in_vain_whether(order: Order, /, *, context: Context) -> bool:
    raise LookupError(order.id)


def _is_true(order: Order, /, *, context: Context) -> bool:
    return True


def _is_quiet(order: Order, /, *, context: Context) -> Iterable[Finding]:
    return ()


def is_skipping(made: Decision) -> bool:
    """Whether verifiers that are asked last were skipped, because the order is rejected anyway."""
    return made.verdict is Verdict.REJECT and any(
        found.code == "verifier.skipped" for found in made.findings
    )


def seen_first(made: Decision) -> Counter[Finding]:
    """What verifiers noticed before the stock was given out."""
    later = (SEEN_LATER, "verifier.second_look_failed")
    of_the_stock = ("allocation", "sourcing", "supply")
    return Counter(
        found
        for found in made.findings
        if found.code not in later and found.code.split(".")[0] not in of_the_stock
    )


def law_11_inverse(process: Process, batch: Batch, rules: Policies) -> None:
    """What the run reserved is taken out again, and once more."""
    result = run(process, batch, rules)
    released = result.inventory.without_reservations(result.reservations)
    same("the inventory, released", batch.inventory, released)
    twice = released.without_reservations(result.reservations)
    same("the inventory, released twice", batch.inventory, twice)
    for row in batch.inventory.stock():
        for now in (None, batch.now):
            same(
                f"available again: {row.sku} at {row.location}",
                batch.inventory.available(row.sku, row.location, now=now),
                released.available(row.sku, row.location, now=now),
            )


def law_13_messages(
    process: Process, batch: Batch, rules: Policies, other_stock: Inventory
) -> None:
    """Messages are made of decisions; over several runs, ids and news go together one to one."""
    later = batch.now + timedelta(minutes=90)
    runs = [
        run(process, batch, rules),
        run(process, batch, rules, inventory=other_stock),
        run(process, batch, rules, now=later),
    ]
    news_of: dict[str, Any] = {}
    id_of: dict[Any, str] = {}
    for result in runs:
        at_any_time = Context(now=later + timedelta(days=1))
        expected = [
            message
            for made in result.decisions
            for message in customer_and_staff(made, context=at_any_time)
        ]
        same("the messages, from the decisions alone", expected, list(result.notifications))
        for message in result.notifications:
            order = result[message.order_id].order
            same(f"the locale of {message.id}", order.locale, message.locale)
            is_for_customer = message.audience is Audience.CUSTOMER
            recipient = order.customer.email or order.customer.phone if is_for_customer else ""
            same(f"the recipient of {message.id}", recipient, message.recipient)
            news = (message.order_id, message.kind, message.lines, message.reasons)
            same(f"the news under the id {message.id}", news_of.setdefault(message.id, news), news)
            same(f"the id of the news {news}", id_of.setdefault(news, message.id), message.id)
        ids = [message.id for message in result.notifications]
        same("ids that were used twice in a run", len(ids), len(set(ids)))


def ship_modes(process: Process, batch: Batch, rules: Policies) -> None:
    """LINES: a line whole or not at all. COMPLETE: the order whole or not at all. Packs whole."""
    result = run(process, batch, rules)
    for made in in_queue(result):
        order, got = made.order, got_by_line(batch.inventory, made, batch.now)
        held = held_by_line(batch.inventory, order, batch.now)
        needed = {line.id: line.units - held[line.id] for line in order.lines}
        for line in order.lines:
            ships = batch.inventory.item(line.sku).kit_ships
            if order.ship is Ship.LINES or ships is KitShips.BY_ORDER:
                whole = (0, needed[line.id])
                holds(f"line {line.id} of {made.id} is whole", true=got[line.id] in whole)
            if got[line.id]:
                packs = (held[line.id] + got[line.id]) % line.units_each
                same(f"units over, in line {line.id} of {made.id}", 0, packs)
        if order.ship is Ship.COMPLETE:
            total = sum(needs(batch.inventory, made, batch.now).values())
            taken = sum(allocated(made).values())
            holds(f"{made.id} is complete", true=taken in (0, total))


def outcomes(process: Process, batch: Batch, rules: Policies) -> None:
    """The outcome of an order in the queue follows from the numbers of its lines."""
    result = run(process, batch, rules)
    for made in in_queue(result):
        is_missing = any(status.backordered or status.short for status in made.lines)
        has_units = any(status.reserved or status.allocated for status in made.lines)
        waits = any(status.backordered for status in made.lines) or bool(lines_on_hold(made))
        if not is_missing and not lines_on_hold(made):
            expected = Outcome.ALLOCATED
        elif has_units:
            expected = Outcome.PARTIALLY_ALLOCATED
        else:
            expected = Outcome.BACKORDERED if waits else Outcome.UNFULFILLABLE
        same(f"the outcome of {made.id}", expected, made.outcome)


SEEDS = st.integers(0, 2**16)
COMMON = (batches(), policies())
OF_STOCK = (batches(), stock_policies())
CASES: Mapping[Law, tuple[st.SearchStrategy[Any], ...]] = {
    law_01_totality: COMMON,
    law_02_line_conservation: OF_STOCK,
    law_03_no_oversell: OF_STOCK,
    law_04_single_truth: OF_STOCK,
    law_05_check_is_allocate: OF_STOCK,
    law_06_determinism: (*OF_STOCK, SEEDS),
    law_07_nobody_is_hurt_from_behind: (*OF_STOCK, SEEDS),
    law_08_idempotence: OF_STOCK,
    law_09_shards: (shards(), stock_policies()),
    law_10_severity_only_grows: (*COMMON, verifiers()),
    law_11_inverse: OF_STOCK,
    law_13_messages: (*COMMON, inventories()),
    ship_modes: OF_STOCK,
    outcomes: OF_STOCK,
}
