"""Laws that hold within one run: each order is decided, each line adds up, no unit is given twice.

Each takes the function under test first, then what hypothesis drew for it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable

import attrs

from fulfill_core import (
    DEFAULT_SOURCING,
    Decision,
    KitShips,
    Order,
    OrderLine,
    Outcome,
    Reservation,
    Ship,
    ShortReason,
    lacking,
)
from fulfill_core.testing import Batch

from .runs import (
    IN_QUEUE,
    Policies,
    Process,
    Row,
    active,
    allocated,
    got_by_line,
    held_by_line,
    holds,
    in_queue,
    is_what_it_says,
    lines_not_due,
    lines_on_hold,
    needs,
    order_of,
    rows_of,
    run,
    same,
    summed,
    usable_by_line,
)
from .stockroom import held_of, is_tracked, parts_of

_UNUSABLE = ShortReason.RESERVED_UNUSABLE


def law_01_totality(process: Process, batch: Batch, rules: Policies) -> None:
    """Each id has one decision, ranked ones first; each row is about a line of its order."""
    result = run(process, batch, rules)
    items = {item.sku: item for item in batch.inventory.items()}
    versions: dict[str, set[Order]] = defaultdict(set)
    for entry in batch.orders:
        versions[entry.id].add(order_of(entry))
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
        held = usable_by_line(batch.inventory, made)
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
            if line.id in lines_not_due(made, batch.now):
                same(f"{where}, not due: rows", 0, told[line.id])
                same(f"{where}, not due", line.units, status.reserved + status.scheduled)
                continue
            same(f"{where}: scheduled", 0, status.scheduled)
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
    usable = usable_by_line(batch.inventory, made)[line.id]
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
    in_vain = sum(row.quantity for row in mine_short if row.reason is _UNUSABLE)
    waits = line.units - had - got - (short - in_vain)
    pegs = [row for row in made.backorders if row.line_id == line.id]
    same(f"{where} waits for something", waits > 0, bool(pegs))
    pegged = summed((row.sku, row.quantity) for row in pegs)
    most = summed(
        (leaf, max(0, (had + got + waits) * each - held[line.id, leaf]) - needed[leaf])
        for leaf, each in parts.items()
    )
    same(f"{where} waits for more than it needs", Counter(), pegged - most)
    # What is reserved in vain takes kits away from those it had, or from those it would get.
    return usable, had + got - in_vain - usable, waits, short


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
        lines = {(line.id, line.sku) for line in made.order.lines}
        for row in made.backorders:
            if row.supply_id:
                supply = supplies[row.supply_id]
                pegged[row.supply_id] += row.quantity - row.on_hand
                date = batch.inventory.due_until(supply)
                date = date if date >= batch.now else None
                if row.expected_at is None and (row.line_id, row.sku) not in lines:
                    date = None  # a part of a kit, of which another part is gone from its shelf
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


def law_05_check_is_allocate(process: Process, batch: Batch, rules: Policies) -> None:
    """An order alone gets everything exactly when nothing is lacking, and that is so, unless whole
    packs or kits are asked for, exactly when `available` covers what it still needs.
    """
    alone = attrs.evolve(rules, sourcing=DEFAULT_SOURCING)
    inventory, now = batch.inventory, batch.now
    for entry in batch.orders:
        order = order_of(entry)
        [decision] = run(process, batch, alone, orders=[entry]).decisions
        if decision.outcome not in IN_QUEUE:
            continue
        waiting = lines_on_hold(decision) | lines_not_due(decision, now)
        asked = attrs.evolve(order, lines=[line for line in order.lines if line.id not in waiting])
        is_allocated = not decision.backorders and not decision.shorts
        shortage = lacking(asked, inventory, now=now, facts=batch.facts)
        same(f"{order.id}, alone, lacks {shortage} and gets everything", not shortage, is_allocated)
        needed = needs(inventory, decision, now)
        in_vain = summed((row.sku, row.quantity) for row in decision.unusable)
        most = needed + in_vain
        is_possible = all(0 < units <= most[sku] for sku, units in shortage.items())
        holds(f"{shortage} of {most}", true=is_possible)
        customer = batch.facts.customer(order.customer.id)
        if customer is not None and customer.units_bought:
            continue  # the stock knows nothing of these
        is_useless = any(row.reason is _UNUSABLE for row in decision.shorts)
        is_covered = not is_useless and all(
            inventory.available(sku, now=now, order=asked) >= units for sku, units in needed.items()
        )
        if any(inventory.item(sku).packs for sku in needed):
            continue
        if any(line.units_each > 1 for line in asked.lines):  # units at places may make no box
            holds(f"{order.id} gets no more than it is covered", true=is_covered >= is_allocated)
        else:
            same(f"{order.id}, alone, is covered", is_covered, is_allocated)


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
        beside = lines_on_hold(made) | lines_not_due(made, batch.now)
        waits = any(status.backordered for status in made.lines) or bool(beside)
        if not is_missing and not beside:
            expected = Outcome.ALLOCATED
        elif has_units:
            expected = Outcome.PARTIALLY_ALLOCATED
        else:
            expected = Outcome.BACKORDERED if waits else Outcome.UNFULFILLABLE
        same(f"the outcome of {made.id}", expected, made.outcome)
