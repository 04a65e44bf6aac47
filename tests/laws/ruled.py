"""The laws of stock with rules: kits, lots, packs, fences, caps, capacity; and of time.

As those in `laws`: functions of the `process` that they hold to them. What a run gave out is given
out once more, order by order in the sequence of the queue, in a `Stockroom` that knows the raw rows
and nothing of the library. `CASES` says what each is to be fed with.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import attrs
from hypothesis import strategies as st

from fulfill_core import (
    Context,
    CustomerFacts,
    Decision,
    Facts,
    Hold,
    Inventory,
    Order,
    OrderRecord,
    Ship,
    process,
)
from fulfill_core.priorities import oldest_first
from fulfill_core.protocols import OrderDemand, Plan
from fulfill_core.testing import Batch, batches, sourcing_policies

from . import small
from .runs import (
    SEEDS,
    Law,
    Policies,
    Process,
    active,
    holds,
    in_queue,
    is_what_it_says,
    run,
    same,
    summed,
    unverified_policies,
)
from .stockroom import NO_LOT, Stockroom, held_of, is_whole, parts_of


class Queue:
    """A run that is done again: what was taken, by whom."""

    def __init__(self, batch: Batch) -> None:
        self.batch = batch
        self.room = Stockroom(batch.inventory, batch.now)
        self.customers: Counter[tuple[str, str]] = Counter()
        """Units that customers' orders have or wait for, by customer and SKU; and what they bought
        before, kits taken apart.
        """
        for known in batch.facts.customers:
            for sku, units in known.units_bought:
                for leaf, each in (parts_of(self.room.items, sku) or {sku: 1}).items():
                    self.customers[known.customer_id, leaf] += units * each
        self.waiting: Counter[str] = Counter()
        """Units that wait without a supply."""

    def leave_out(self, made: Decision) -> None:
        """An order without a turn: what it has, or waits for, is its customer's all the same."""
        held = held_of(self.batch.inventory.reservations_of(made.id), self.batch.now)
        has = summed((sku, units) for (_, sku), units in held.items())
        claims = self.batch.inventory.claims_of(made.id)
        for sku, units in (has + summed((each.sku, each.quantity) for each in claims)).items():
            self.customers[made.order.customer.id, sku] += units

    def next(self, made: Decision) -> None:
        """The next order takes what the run gave it; that was allowed, or the law is broken."""
        held = held_of(self.batch.inventory.reservations_of(made.id), self.batch.now)
        has = summed((sku, units) for (_, sku), units in held.items())
        taken = summed((row.sku, row.quantity) for row in made.allocations)
        for sku, units in taken.items():
            self.fits_into_limits(made, sku, units, has[sku])
        self.waits_within_caps(made, taken, has)
        at_places = summed(((row.sku, row.location), row.quantity) for row in made.allocations)
        for (sku, place), units in at_places.items():
            where = f"{units} of {sku} at {place} for {made.id}"
            usable = self.room.usable(sku, place, made.order)
            holds(f"{where}: it may have {usable}", true=units <= usable)
            holds(f"{where}: whole packs", true=is_whole(self.room.pack(sku, place), units))
            is_open = self.room.takes_on(place, made.order)
            holds(f"{where}: there is capacity left", true=is_open)
            self.takes_lots(made, sku, place)
        waits = summed((row.sku, row.quantity) for row in made.backorders)
        for sku, units in (has + taken + waits).items():
            self.customers[made.order.customer.id, sku] += units

    def fits_into_limits(self, made: Decision, sku: str, units: int, has: int) -> None:
        """What is fenced off for others stays; a customer has no more than the cap."""
        where = f"{units} of {sku} for {made.id}"
        there = self.room.everywhere(sku)
        fenced = self.room.fenced(sku, made.order)
        holds(
            f"{where}: {there} are there, {fenced} are for others",
            true=not fenced or there - units >= fenced,
        )
        cap = self.room.cap(sku)
        others = self.customers[made.order.customer.id, sku]
        holds(
            f"{where}: the customer has {has + others} and may have {cap}",
            true=cap is None or has + others + units <= cap,
        )

    def waits_within_caps(self, made: Decision, taken: Counter[str], has: Counter[str]) -> None:
        """No more waits than may; orders that ship complete wait for all that they ask for."""
        lines = {line.id: line.sku for line in made.order.lines}
        waits = summed(
            (row.sku, row.quantity) for row in made.backorders if lines[row.line_id] == row.sku
        )
        # What is there waits for nothing but the rest of its order, or kit.
        is_open = summed(
            (row.sku, row.quantity - row.on_hand) for row in made.backorders if not row.supply_id
        )
        for sku in is_open:
            # Nor does what was there when its turn came, and is kept for nobody.
            there = sum(self.room.usable(sku, at, made.order) for at in self.room.places)
            if made.order.ship is Ship.COMPLETE or not waits[sku]:
                in_all = sum(row.quantity for row in made.backorders if row.sku == sku)
                is_open[sku] = min(is_open[sku], max(0, in_all - max(0, there - taken[sku])))
        self.waiting += is_open
        if made.order.ship is Ship.COMPLETE:
            return
        for sku, units in waits.items():
            most = self.room.item(sku).backorder_cap
            holds(
                f"{self.waiting[sku]} of {sku} wait with {made.id}, and {most} may",
                true=most is None or not is_open[sku] or self.waiting[sku] <= most,
            )
            cap = self.room.cap(sku)
            others = self.customers[made.order.customer.id, sku]
            in_all = has[sku] + others + taken[sku] + units
            holds(
                f"{in_all} of {sku} for the customer of {made.id}, who may have {cap}",
                true=cap is None or in_all <= cap,
            )

    def takes_lots(self, made: Decision, sku: str, place: str) -> None:
        """The lots are fit, have so many units, and none that leaves before has any left.

        But for lots that lines ask for, and single lots of whole lines: those are taken first.
        """
        rows = [row for row in made.allocations if (row.sku, row.location) == (sku, place)]
        taken = summed((row.lot, row.quantity) for row in rows)
        lots_of_lines: dict[str, set[tuple[str, str]]] = defaultdict(set)
        for row in made.allocations:
            lots_of_lines[row.line_id].add((row.location, row.lot))
        asked = {line.id: line.lot for line in made.order.lines if line.sku == sku}
        of_a_lot = Counter[str]()
        for row in rows:
            lot_asked = asked.get(row.line_id, "")
            where = f"{sku} at {place} for line {row.line_id} of {made.id}"
            holds(f"lot {row.lot!r} of {where}", true=lot_asked in ("", row.lot))
            is_single = self.room.item(sku).single_lot and len(lots_of_lines[row.line_id]) == 1
            if row.lot and (lot_asked or is_single):
                of_a_lot[row.lot] += row.quantity
        fit = {
            "" if lot is NO_LOT else lot.id: lot
            for lot in self.room.lots_in_turn(sku, place, made.order)
        }
        where = f"{sku} at {place} for {made.id}"
        same(f"lots of {where} that it may not have", set(), set(taken) - set(fit))
        ahead = 0
        for lot_id, lot in fit.items():
            free = self.room.free(sku, place, lot)
            units = taken[lot_id]
            holds(f"{units} of lot {lot_id!r} of {where}: {free} free", true=units <= max(0, free))
            is_next = units == of_a_lot[lot_id] or not ahead
            holds(f"{ahead} in lots before {lot_id!r} of {where}", true=is_next)
            ahead += max(0, free) - units
        for lot_id, units in taken.items():
            self.room.take(made.id, sku, place, lot_id, units)


def law_03_within_the_rules(process: Process, batch: Batch, rules: Policies) -> None:
    """What the run gave out is given out once more; at each turn it was allowed."""
    queue, result = Queue(batch), run(process, batch, rules)
    for made in result.decisions:
        if made.rank is None:
            queue.leave_out(made)
    for made in in_queue(result):
        queue.next(made)


def law_03_caps_count_who_has_no_turn(process: Process, batch: Batch, rules: Policies) -> None:
    """The same in a second run, in which some orders are on hold or not due and later ones ask:
    what the former have, and wait for, is their customer's.
    """
    law_03_within_the_rules(process, batch, rules)


def law_03_caps_with_a_plan(process: Process, batch: Batch, rules: Policies, seed: int) -> None:
    """Whatever a planner decides, in such a run: what all orders of a customer have, get and wait
    for is no more than its cap, or than it was before.
    """
    result = run(process, batch, rules, planner=Dice(random.Random(seed)))
    room = Stockroom(batch.inventory, batch.now)
    before, after = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for made in result.decisions:
        customer = made.order.customer.id
        held = held_of(batch.inventory.reservations_of(made.id), batch.now)
        has = summed((sku, units) for (_, sku), units in held.items())
        claims = summed((each.sku, each.quantity) for each in batch.inventory.claims_of(made.id))
        rows = (*made.allocations, *made.backorders)
        more = claims if made.rank is None else summed((row.sku, row.quantity) for row in rows)
        before += Counter({(customer, sku): units for sku, units in (has + claims).items()})
        after += Counter({(customer, sku): units for sku, units in (has + more).items()})
    for (customer, sku), units in after.items():
        cap = room.cap(sku)
        holds(
            f"{units} of {sku} for {customer}, who may have {cap}",
            true=cap is None or units <= max(cap, before[customer, sku]),
        )


@attrs.frozen
class Dice:
    """A planner that gives each line some of what it needs, as it happens."""

    dice: random.Random

    def __call__(
        self, queue: Sequence[OrderDemand], inventory: Inventory, /, *, context: Context
    ) -> Plan:
        units = [
            (demand.order.id, line_id, units)
            for demand in queue
            for line_id, needs in demand.lines
            if (units := self.dice.randint(0, needs))
        ]
        return Plan(units=units, value=Decimal(0), greedy_value=Decimal(0))


def law_12_time(process: Process, batch: Batch, rules: Policies, seed: int) -> None:
    """When something ends, and just before: what counts then, from the raw rows."""
    result = run(process, batch, rules)
    reservations = [*batch.inventory.reservations(), *result.reservations]
    ends = sorted(ends_in(batch.inventory))
    for end in random.Random(seed).sample(ends, min(1, len(ends))):
        for now in (end - end.resolution, end):
            expected = summed(
                ((held.sku, held.location), held.quantity) for held in active(reservations, now)
            )
            for row in batch.inventory.stock():
                at = row.sku, row.location
                same(f"{at} at {now}", expected[at], result.inventory.reserved(*at, now=now))
            is_what_it_says(result.inventory, now)


def ends_in(inventory: Inventory) -> set[datetime]:
    """When reservations, lots and fences end."""
    ends = {held.expires_at for held in inventory.reservations()}
    ends |= {lot.expires_at for row in inventory.stock() for lot in row.lots}
    ends |= {fence.until for item in inventory.items() for fence in item.fences}
    return {end for end in ends if end is not None}


PURCHASES = Facts(
    customers=[
        CustomerFacts(customer_id="C-1", units_bought={"mug": 1}),
        CustomerFacts(customer_id="C-2", units_bought={"set": 1}),
    ]
)
SMALL = small.cases().map(
    lambda case: Batch(orders=tuple(case[0]), inventory=case[1], now=small.NOW, facts=PURCHASES)
)


@st.composite
def second_runs(draw: st.DrawFn) -> Batch:
    """A small case with caps, after a first run: some of its orders are on hold, or not due, and
    orders of the same customers came, and some units.
    """
    orders, stock = draw(small.cases())
    items = [
        item if item.components else attrs.evolve(item, customer_cap=3, backorderable=True)
        for item in stock.items()
    ]
    capped = Inventory(stock.stock(), stock.supplies(), items, stock.locations())
    inventory = process(orders, capped, now=small.NOW, verifiers=()).inventory
    for sku in small.SKUS:
        inventory = inventory.with_received(sku, "lyon", draw(st.integers(1, 3)))
    entries: list[Order | OrderRecord] = []
    for order in orders:
        hold = Hold(order_id=order.id, source="host", code="shop.check", at=small.NOW)
        not_due = attrs.evolve(order, ship_after=small.NOW + 9 * small.DAY)
        on_hold = OrderRecord(order=order, holds=[hold])
        entries.append(draw(st.sampled_from((order, on_hold, not_due))))
    later = [
        attrs.evolve(order, id=f"B-{order.id}", placed_at=small.NOW, ship=Ship.PARTIAL)
        for order in orders
    ]
    now = small.NOW + small.DAY / 24
    return Batch(orders=(*entries, *later), inventory=inventory, now=now, facts=Facts())


# What is claimed is kept, whoever is served first now; so those who have claims come first.
IN_TIME = st.builds(Policies, st.just(()), st.just(oldest_first), sourcing_policies())
SECOND = (second_runs(), IN_TIME)
RULED = (SMALL | batches(rules=True), unverified_policies())
CASES: Mapping[Law, tuple[st.SearchStrategy[Any], ...]] = {
    law_03_within_the_rules: RULED,
    law_03_caps_count_who_has_no_turn: SECOND,
    law_03_caps_with_a_plan: (*SECOND, SEEDS),
    law_12_time: (*RULED, SEEDS),
}
