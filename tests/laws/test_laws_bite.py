"""The laws bite: `process`, broken in small ways, is caught each time, by the law that says so.

Each mutant wraps the true `process` and spoils its input or its result, the way a plausible slip
in the code would.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any, TypeAlias

import attrs
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from fulfill_core import (
    Allocation,
    Approval,
    Backorder,
    Candidate,
    Context,
    Decision,
    Demand,
    Finding,
    Inventory,
    Item,
    KitShips,
    Location,
    Lot,
    LotOrder,
    Order,
    OrderRecord,
    Outcome,
    Payment,
    PaymentStatus,
    PriorityPolicy,
    Reservation,
    Severity,
    Ship,
    Short,
    ShortReason,
    Verdict,
    Verifier,
    process,
)
from fulfill_core.verifiers import downgrade, unless
from fulfill_core.verifiers.combining import flat

from . import laws, people, ruled, runs
from .runs import Entry, Run, order_of, record_of, with_order

# -- Helpers -------------------------------------------------------------------------------------


def true(orders: Iterable[Entry], inventory: Inventory, **rules: Any) -> Run:
    """What the true `process` says."""
    return Run.of(process(orders, inventory, **rules))


def decided(result: Run, decisions: Iterable[Decision]) -> Run:
    """The result with other decisions, and nothing else."""
    new = tuple(decisions)
    return attrs.evolve(result, decisions=new, by_id={made.id: made for made in new})


def changed(result: Run, change: Callable[[Decision], Decision], now: datetime) -> Run:
    """The result with other decisions, and with their allocations reserved."""
    new = decided(result, map(change, result.decisions))
    made_now = tuple(
        Reservation(
            order_id=made.id,
            line_id=row.line_id,
            sku=row.sku,
            location=row.location,
            quantity=row.quantity,
            made_at=now,
            lot=row.lot,
        )
        for made in new.decisions
        for row in made.allocations
    )
    return started_from(attrs.evolve(new, reservations=made_now), new.before)


def started_from(result: Run, inventory: Inventory) -> Run:
    """The result as if the run had started from that inventory."""
    return attrs.evolve(
        result, before=inventory, inventory=inventory.with_reserved(*result.reservations)
    )


def rebuilt(
    inventory: Inventory,
    *,
    extra: int = 0,
    reservations: Iterable[Reservation] | None = None,
) -> Inventory:
    """The inventory with more on hand, or with other reservations."""
    return Inventory(
        stock=[attrs.evolve(row, on_hand=row.on_hand + extra) for row in inventory.stock()],
        supplies=inventory.supplies(),
        items=inventory.items(),
        locations=inventory.locations(),
        reservations=inventory.reservations() if reservations is None else reservations,
        claims=inventory.claims(),
        intakes=inventory.intakes(),
    )


def of_other_orders(
    orders: Iterable[Entry],
    inventory: Inventory,
    rules: Mapping[str, Any],
    other: Callable[[Order], Order],
) -> Run:
    """A run of other orders, passed off as if it had been of these."""
    entries = {other(order_of(entry)): entry for entry in orders}
    others = [with_order(entry, order) for order, entry in entries.items()]
    result = true(others, inventory, **rules)
    return decided(
        result,
        (attrs.evolve(made, order=order_of(entries[made.order])) for made in result.decisions),
    )


def with_approvals(
    orders: Iterable[Entry], change: Callable[[Approval], Approval]
) -> list[OrderRecord]:
    """The records of the orders, with their approvals changed."""
    return [
        attrs.evolve(record, approvals=map(change, record.approvals))
        for record in map(record_of, orders)
    ]


def served_by(place: Mapping[str, int]) -> PriorityPolicy:
    """The priority policy that serves the orders in this sequence."""

    def policy(order: Order, /, *, context: Context) -> int:
        return place[order.id]

    return policy


def served_otherwise(
    orders: Iterable[Entry], inventory: Inventory, place: Callable[[int, int], int], **rules: Any
) -> Run:
    """Served in another sequence than by rank, and passed off as if it had been by rank."""
    orders = tuple(orders)
    right = true(orders, inventory, **rules)
    rank = {made.id: made.rank for made in right.decisions}
    last = len(runs.in_queue(right)) - 1
    places = {order_id: place(at or 0, last) for order_id, at in rank.items()}
    result = true(orders, inventory, **{**rules, "priority": served_by(places)})
    return decided(
        result, (attrs.evolve(result[made.id], rank=made.rank) for made in right.decisions)
    )


# -- Mutants -------------------------------------------------------------------------------------


def oversells_by_one(orders: Iterable[Entry], inventory: Inventory, **rules: Any) -> Run:
    """One unit more than there is, at each location."""
    return started_from(true(orders, rebuilt(inventory, extra=1), **rules), inventory)


def drops_an_order(orders: Iterable[Entry], inventory: Inventory, **rules: Any) -> Run:
    """The last order gets no decision."""
    result = true(orders, inventory, **rules)
    return decided(result, result.decisions[:-1])


def ignores_rank(orders: Iterable[Entry], inventory: Inventory, **rules: Any) -> Run:
    """Orders are ranked, and then served in reverse."""
    return served_otherwise(orders, inventory, lambda rank, _: -rank, **rules)


def lets_the_last_go_first(orders: Iterable[Entry], inventory: Inventory, **rules: Any) -> Run:
    """The last order of the queue takes from those before it."""
    return served_otherwise(
        orders, inventory, lambda rank, last: -1 if rank == last else rank, **rules
    )


def allocates_a_sku_twice(orders: Iterable[Entry], inventory: Inventory, **rules: Any) -> Run:
    """Each line draws on the stock for itself, although two of an order ask for the same SKU."""

    def change(made: Decision) -> Decision:
        found = {row.sku: row for row in made.allocations}
        doubled = [
            Allocation(
                line_id=row.line_id,
                sku=row.sku,
                location=found[row.sku].location,
                quantity=row.quantity,
            )
            for row in runs.rows_of(made)
            if not isinstance(row, Allocation)
            and row.sku in found
            and found[row.sku].line_id != row.line_id
        ]
        lines = {row.line_id for row in doubled}
        return attrs.evolve(
            made,
            allocations=[*made.allocations, *doubled],
            backorders=[row for row in made.backorders if row.line_id not in lines],
            shorts=[row for row in made.shorts if row.line_id not in lines],
        )

    return changed(true(orders, inventory, **rules), change, rules["now"])


def leaks_a_reservation(orders: Iterable[Entry], inventory: Inventory, **rules: Any) -> Run:
    """The first unit that an order takes is reserved once more, and no decision says so."""
    result = true(orders, inventory, **rules)
    leaked = [attrs.evolve(held, quantity=1) for held in result.reservations[:1]]
    return attrs.evolve(result, inventory=result.inventory.with_reserved(*leaked))


def loses_units(orders: Iterable[Entry], inventory: Inventory, **rules: Any) -> Run:
    """A line with units short and nothing allocated is forgotten."""
    return changed(
        true(orders, inventory, **rules),
        lambda made: attrs.evolve(made, shorts=made.shorts[1:]),
        rules["now"],
    )


def depends_on_input_order(orders: Iterable[Entry], inventory: Inventory, **rules: Any) -> Run:
    """Ties are broken by who comes first in the list."""
    orders = tuple(orders)
    position = {order.id: at for at, order in reversed(list(enumerate(orders)))}
    policy = rules["priority"]

    def with_position(order: Order, /, *, context: Context) -> tuple[Any, int]:
        return policy(order, context=context), position[order.id]

    return true(orders, inventory, **{**rules, "priority": with_position})


def allocates_again(orders: Iterable[Entry], inventory: Inventory, **rules: Any) -> Run:
    """What an order holds already is taken for somebody else's."""
    others = [
        attrs.evolve(held, order_id=f"not {held.order_id}") for held in inventory.reservations()
    ]
    result = true(orders, rebuilt(inventory, reservations=others), **rules)
    return started_from(result, inventory)


def heeds_the_last_verifier(orders: Iterable[Entry], inventory: Inventory, **rules: Any) -> Run:
    """A verifier's findings replace those of the ones before it."""
    return true(orders, inventory, **{**rules, "verifiers": rules["verifiers"][-1:]})


def numbers_messages_by_time(orders: Iterable[Entry], inventory: Inventory, **rules: Any) -> Run:
    """A message's id has the time in it."""
    result = true(orders, inventory, **rules)
    return attrs.evolve(
        result,
        notifications=tuple(
            attrs.evolve(message, previous_id=f"{rules['now']:%H%M}")
            for message in result.notifications
        ),
    )


def freezes_for_complete(orders: Iterable[Entry], inventory: Inventory, **rules: Any) -> Run:
    """An order that ships complete and cannot takes what is there while it waits."""
    return of_other_orders(
        orders, inventory, rules, lambda order: attrs.evolve(order, ship=Ship.PARTIAL)
    )


def pegs_a_supply_twice(orders: Iterable[Entry], inventory: Inventory, **rules: Any) -> Run:
    """Who comes too late for a supply is told of it all the same."""

    def pegged(row: Backorder) -> Backorder:
        for supply in inventory.supplies_of(row.sku):
            return attrs.evolve(row, supply_id=supply.id, expected_at=inventory.due_until(supply))
        return row

    return changed(
        true(orders, inventory, **rules),
        lambda made: attrs.evolve(made, backorders=list(map(pegged, made.backorders))),
        rules["now"],
    )


def tires_after_two(orders: Iterable[Entry], inventory: Inventory, **rules: Any) -> Run:
    """Only the first two orders of the queue are given anything."""

    def change(made: Decision) -> Decision:
        if made.rank is None or made.rank < 2:
            return made
        units = {line.id: line.units for line in made.order.lines}
        shorts = [
            Short(
                line_id=row.line_id,
                sku=row.sku,
                quantity=row.quantity,
                requested=units[row.line_id],
                available=0,
                reason=ShortReason.OUT_OF_STOCK,
            )
            for row in made.allocations
        ]
        return attrs.evolve(made, allocations=(), shorts=[*made.shorts, *shorts])

    return changed(true(orders, inventory, **rules), change, rules["now"])


def asks_one_location(orders: Iterable[Entry], inventory: Inventory, **rules: Any) -> Run:
    """The check sums all locations, the allocation takes from the first."""
    policy = rules["sourcing"]

    def first(
        demand: Demand, candidates: Sequence[Candidate], /, *, context: Context
    ) -> Sequence[Candidate]:
        return tuple(policy(demand, candidates, context=context))[:1]

    return true(orders, inventory, **{**rules, "sourcing": first})


def sweeps_what_expired(orders: Iterable[Entry], inventory: Inventory, **rules: Any) -> Run:
    """Expired reservations are thrown away on the way, although nobody asked for it."""
    result = true(orders, inventory, **rules)
    every = list(inventory.reservations())
    counting = runs.active(every, rules["now"])
    expired = [held for held in every if held not in counting]
    return attrs.evolve(result, inventory=result.inventory.without_reservations(expired))


def calls_it_done(orders: Iterable[Entry], inventory: Inventory, **rules: Any) -> Run:
    """An order that gets anything at all counts as allocated."""
    return changed(
        true(orders, inventory, **rules),
        lambda made: attrs.evolve(
            made, outcome=Outcome.ALLOCATED if made.allocations else made.outcome
        ),
        rules["now"],
    )


# -- Mutants of what people say and of how verifiers combine ---------------------------------------


def stops_at_the_first_finding(orders: Iterable[Entry], inventory: Inventory, **rules: Any) -> Run:
    """Of several verifiers, those behind the first one that notices something are not asked."""
    verifiers = rules["verifiers"]

    def first(order: Order, /, *, context: Context) -> tuple[Finding, ...]:
        for verifier in verifiers:
            found = tuple(verifier(order, context=context))
            if found:
                return found
        return ()

    return true(orders, inventory, **{**rules, "verifiers": [first]})


def trusts_who_was_not_looked_up(
    orders: Iterable[Entry], inventory: Inventory, **rules: Any
) -> Run:
    """That a fact is missing is merely noted."""
    codes = "screening.missing", "customer_facts.missing"
    return true(
        orders,
        inventory,
        **{
            **rules,
            "verifiers": [
                downgrade(verifier, *codes, to=Severity.NOTE) for verifier in rules["verifiers"]
            ],
        },
    )


def passes_what_failed(orders: Iterable[Entry], inventory: Inventory, **rules: Any) -> Run:
    """A verifier that raises has nothing to say."""

    def soft(verifier: Verifier) -> Verifier:
        def asked(order: Order, /, *, context: Context) -> tuple[Finding, ...]:
            try:
                return tuple(verifier(order, context=context))
            except LookupError:
                return ()

        return asked

    return true(orders, inventory, **{**rules, "verifiers": list(map(soft, rules["verifiers"]))})


def hides_what_is_waived(orders: Iterable[Entry], inventory: Inventory, **rules: Any) -> Run:
    """A finding that was waived is shown no more."""
    result = true(orders, inventory, **rules)
    return decided(
        result,
        (
            attrs.evolve(made, findings=[found for found in made.findings if not found.is_waived])
            for made in result.decisions
        ),
    )


def waives_all_at_once(orders: Iterable[Entry], inventory: Inventory, **rules: Any) -> Run:
    """An approval lets the order pass, whatever it names."""
    orders = tuple(orders)
    codes = {
        finding.code
        for made in true(orders, inventory, **rules).decisions
        for finding in made.findings
    }

    def change(approval: Approval) -> Approval:
        is_empty = not approval.findings and not approval.any_later
        return approval if is_empty else attrs.evolve(approval, any_later=codes)

    return true(with_approvals(orders, change), inventory, **rules)


def approving(
    orders: Iterable[Entry],
    inventory: Inventory,
    rules: dict[str, Any],
    change: Callable[[Approval, Decision], Approval],
) -> Run:
    """As if the approvals of an order were changed so, with what is found on it in view."""
    orders = tuple(orders)
    result = true(orders, inventory, **rules)
    records = with_approvals(orders, lambda each: change(each, result[each.order_id]))
    return true(records, inventory, **rules)


def blind_to(name: str) -> Callable[[Approval, Decision], Approval]:
    """An approval covers a finding whatever it has in that field."""

    def change(approval: Approval, made: Decision) -> Approval:
        findings = {
            attrs.evolve(seen, **{name: getattr(found, name)})
            for seen in approval.findings
            for found in made.findings
            if found.code == seen.code
        }
        return attrs.evolve(approval, findings=findings | {*approval.findings})

    return change


def approves_by_code(orders: Iterable[Entry], inventory: Inventory, **rules: Any) -> Run:
    """Whoever let a finding pass lets all pass that have its code."""

    def change(approval: Approval, _: Decision) -> Approval:
        codes = {finding.code for finding in approval.findings}
        return attrs.evolve(approval, any_later=codes | approval.any_later)

    return approving(orders, inventory, rules, change)


def forgets_how_bad(orders: Iterable[Entry], inventory: Inventory, **rules: Any) -> Run:
    """What was approved once may get worse."""
    return approving(orders, inventory, rules, blind_to("measure"))


def forgets_the_weight(orders: Iterable[Entry], inventory: Inventory, **rules: Any) -> Run:
    """A hold that was approved waives a later rejection."""
    return approving(orders, inventory, rules, blind_to("severity"))


def forgets_which_one(orders: Iterable[Entry], inventory: Inventory, **rules: Any) -> Run:
    """One flag that was approved waives the others."""
    return approving(orders, inventory, rules, blind_to("evidence"))


def forgets_who_stopped_it(orders: Iterable[Entry], inventory: Inventory, **rules: Any) -> Run:
    """Grace's hold that was approved waives that of the host."""
    return approving(orders, inventory, rules, blind_to("source"))


def captures_what_is_approved(orders: Iterable[Entry], inventory: Inventory, **rules: Any) -> Run:
    """To approve an order is to take the money."""

    def paid(entry: Entry) -> Entry:
        if not any(approval.findings for approval in record_of(entry).approvals):
            return entry
        order = order_of(entry)
        payments = [
            Payment(id=payment.id, amount=payment.amount, status=PaymentStatus.CAPTURED)
            for payment in order.payments
        ]
        return with_order(entry, attrs.evolve(order, payments=payments))

    return true(list(map(paid, orders)), inventory, **rules)


def skips_what_is_held(orders: Iterable[Entry], inventory: Inventory, **rules: Any) -> Run:
    """Costly verifiers are not asked about orders that are held already, until that is over."""
    orders = tuple(orders)
    first = [each for each in flat(rules["verifiers"]) if not getattr(each, "is_asked_last", False)]
    last = [each for each in flat(rules["verifiers"]) if getattr(each, "is_asked_last", False)]
    known = true(orders, inventory, **{**rules, "verifiers": first})

    def is_held(order: Order, /, *, context: Context) -> bool:
        return known[order.id].verdict is Verdict.HOLD

    verifiers = [*first, *(unless(is_held, each) for each in last)]
    return true(orders, inventory, **{**rules, "verifiers": verifiers})


def asks_nothing_of_who_is_on_hold(
    orders: Iterable[Entry], inventory: Inventory, **rules: Any
) -> Run:
    """An order that somebody stopped is not verified until it is released."""
    orders = tuple(orders)
    result = true(orders, inventory, **rules)
    stopped = {entry.id for entry in orders if record_of(entry).holds}
    return decided(
        result,
        (
            attrs.evolve(made, findings=[found for found in made.findings if found.source])
            if made.id in stopped
            else made
            for made in result.decisions
        ),
    )


def frees_what_is_held(orders: Iterable[Entry], inventory: Inventory, **rules: Any) -> Run:
    """An order that waits for a person loses what was reserved for it."""
    orders = tuple(orders)
    for made in true(orders, inventory, **rules).decisions:
        if made.outcome is Outcome.HELD:
            inventory = inventory.without_reservations_of(made.id)
    return true(orders, inventory, **rules)


def serves_lines_on_hold(orders: Iterable[Entry], inventory: Inventory, **rules: Any) -> Run:
    """A hold on a line is shown, and the line is served all the same."""
    orders = tuple(orders)
    right = true(orders, inventory, **rules)
    records = [
        attrs.evolve(record, holds=[stop for stop in record.holds if not stop.line_id])
        for record in map(record_of, orders)
    ]
    result = true(records, inventory, **rules)
    return decided(
        result,
        (
            attrs.evolve(made, findings=right[made.id].findings)
            if right[made.id].held_lines
            else made
            for made in result.decisions
        ),
    )


def freezes_the_whole_order(orders: Iterable[Entry], inventory: Inventory, **rules: Any) -> Run:
    """For the sake of one line the whole order waits."""

    def change(made: Decision) -> Decision:
        if not made.held_lines:
            return made
        return Decision(
            order=made.order,
            outcome=Outcome.HELD,
            findings=made.findings,
            reserved=made.reserved,
        )

    return changed(true(orders, inventory, **rules), change, rules["now"])


def calls_what_is_on_hold_short(orders: Iterable[Entry], inventory: Inventory, **rules: Any) -> Run:
    """A line that waits for a person is told of as if it were out of stock."""

    def change(made: Decision) -> Decision:
        shorts = [
            Short(
                line_id=status.line_id,
                sku=status.sku,
                quantity=status.held,
                requested=status.ordered,
                available=0,
                reason=ShortReason.OUT_OF_STOCK,
            )
            for status in made.lines
            if status.held
        ]
        return attrs.evolve(made, shorts=[*made.shorts, *shorts])

    return changed(true(orders, inventory, **rules), change, rules["now"])


# -- Mutants of the rules of the stock -------------------------------------------------------------


def served_from(
    orders: Iterable[Entry],
    inventory: Inventory,
    rules: Mapping[str, Any],
    *,
    item: Callable[[Item], Item] = lambda item: item,
    lot: Callable[[Lot], Lot] = lambda lot: lot,
    place: Callable[[Location], Location] = lambda place: place,
) -> Run:
    """Served from other stock than there is, and passed off as if it had been from that."""
    other = Inventory(
        stock=[attrs.evolve(row, lots=map(lot, row.lots)) for row in inventory.stock()],
        supplies=inventory.supplies(),
        items=map(item, inventory.items()),
        locations=map(place, inventory.locations()),
        reservations=inventory.reservations(),
        claims=inventory.claims(),
        intakes=inventory.intakes(),
    )
    return started_from(true(orders, other, **rules), inventory)


def opens_the_fences(orders: Iterable[Entry], inventory: Inventory, **rules: Any) -> Run:
    """What is kept for some is given to all."""
    return served_from(orders, inventory, rules, item=lambda item: attrs.evolve(item, fences=()))


def forgets_who_had_some(orders: Iterable[Entry], inventory: Inventory, **rules: Any) -> Run:
    """A customer may have as much as there is."""
    return served_from(
        orders, inventory, rules, item=lambda item: attrs.evolve(item, customer_cap=None)
    )


def forgets_what_was_bought(orders: Iterable[Entry], inventory: Inventory, **rules: Any) -> Run:
    """What a customer has by orders that are not in the run does not count."""
    customers = [attrs.evolve(known, units_bought=()) for known in rules["facts"].customers]
    facts = attrs.evolve(rules["facts"], customers=customers)
    return true(orders, inventory, **rules | {"facts": facts})


def without_owners(
    orders: Iterable[Entry],
    inventory: Inventory,
    rules: Mapping[str, Any],
    outcomes: Iterable[Outcome],
    *,
    has_reservations: bool = True,
) -> Run:
    """As if what orders with these outcomes have, or only what they claimed, were of strangers."""
    orders, outcomes = tuple(orders), frozenset(outcomes)
    right = true(orders, inventory, **rules)
    ids = {made.id for made in right.decisions if made.outcome in outcomes}

    def estranged(each: Any) -> Any:
        return attrs.evolve(each, order_id=f"not {each.order_id}") if each.order_id in ids else each

    other = Inventory(
        stock=inventory.stock(),
        supplies=inventory.supplies(),
        items=inventory.items(),
        locations=inventory.locations(),
        reservations=map(estranged if has_reservations else attrs.evolve, inventory.reservations()),
        claims=map(estranged, inventory.claims()),
        intakes=inventory.intakes(),
    )
    return started_from(true(orders, other, **rules), inventory)


def forgets_who_is_on_hold(orders: Iterable[Entry], inventory: Inventory, **rules: Any) -> Run:
    """What an order on hold has does not count for its customer's cap."""
    return without_owners(orders, inventory, rules, [Outcome.HELD])


def forgets_who_is_not_due(orders: Iterable[Entry], inventory: Inventory, **rules: Any) -> Run:
    """What a scheduled order has does not count for its customer's cap."""
    return without_owners(orders, inventory, rules, [Outcome.SCHEDULED])


def forgets_what_waits(orders: Iterable[Entry], inventory: Inventory, **rules: Any) -> Run:
    """What orders without a turn have claimed does not count for their customer's cap."""
    outcomes = Outcome.HELD, Outcome.SCHEDULED
    return without_owners(orders, inventory, rules, outcomes, has_reservations=False)


def lets_wait_beside_a_plan(orders: Iterable[Entry], inventory: Inventory, **rules: Any) -> Run:
    """What waits has its place in a cap whatever a plan gives, and what waits, elsewhere."""

    def change(made: Decision) -> Decision:
        over = [row for row in made.shorts if row.reason is ShortReason.CUSTOMER_CAP]
        waits = [Backorder(line_id=row.line_id, sku=row.sku, quantity=row.quantity) for row in over]
        rest = [row for row in made.shorts if row not in over]
        return attrs.evolve(made, backorders=[*made.backorders, *waits], shorts=rest)

    return changed(true(orders, inventory, **rules), change, rules["now"])


def breaks_packs(orders: Iterable[Entry], inventory: Inventory, **rules: Any) -> Run:
    """Single units leave where only whole packs may."""
    return served_from(orders, inventory, rules, item=lambda item: attrs.evolve(item, packs=()))


def lets_all_wait(orders: Iterable[Entry], inventory: Inventory, **rules: Any) -> Run:
    """As many units wait as are asked for."""
    return served_from(
        orders, inventory, rules, item=lambda item: attrs.evolve(item, backorder_cap=None)
    )


def takes_the_last_lot_first(orders: Iterable[Entry], inventory: Inventory, **rules: Any) -> Run:
    """Last in, first out, whatever the item says."""
    return served_from(
        orders, inventory, rules, item=lambda item: attrs.evolve(item, lot_order=LotOrder.LIFO)
    )


def takes_what_is_too_old(orders: Iterable[Entry], inventory: Inventory, **rules: Any) -> Run:
    """Lots do not expire."""
    return served_from(orders, inventory, rules, lot=lambda lot: attrs.evolve(lot, expires_at=None))


def takes_what_is_locked_up(orders: Iterable[Entry], inventory: Inventory, **rules: Any) -> Run:
    """Quarantine is a word."""
    return served_from(
        orders, inventory, rules, lot=lambda lot: attrs.evolve(lot, quarantined=False)
    )


def forgets_the_way_there(orders: Iterable[Entry], inventory: Inventory, **rules: Any) -> Run:
    """What a lot has left is judged where it lies."""
    no_time = timedelta(0)
    return served_from(
        orders, inventory, rules, place=lambda place: attrs.evolve(place, lead_time=no_time)
    )


def forgets_who_asks(orders: Iterable[Entry], inventory: Inventory, **rules: Any) -> Run:
    """How much life a customer asks for is not looked at."""

    def modest(order: Order) -> Order:
        customer = attrs.evolve(order.customer, minimum_life=timedelta(0))
        return attrs.evolve(order, customer=customer)

    return of_other_orders(orders, inventory, rules, modest)


def works_overtime(orders: Iterable[Entry], inventory: Inventory, **rules: Any) -> Run:
    """A location takes on as many orders as come."""
    return served_from(
        orders, inventory, rules, place=lambda place: attrs.evolve(place, capacity=None)
    )


def tears_kits_apart(orders: Iterable[Entry], inventory: Inventory, **rules: Any) -> Run:
    """Of a kit's components, the last one is left out."""

    def change(made: Decision) -> Decision:
        kits = {line_id for line_id, _ in made.kits}
        rows = list(made.allocations)
        if rows and rows[-1].line_id in kits:
            rows.pop()
        return attrs.evolve(made, allocations=rows)

    return changed(true(orders, inventory, **rules), change, rules["now"])


def ships_kits_one_by_one(orders: Iterable[Entry], inventory: Inventory, **rules: Any) -> Run:
    """Kits of a line that leave together are sent as they come."""
    return served_from(
        orders,
        inventory,
        rules,
        item=lambda item: attrs.evolve(item, kit_ships=KitShips.BY_KIT),
    )


def promises_what_is_overdue(orders: Iterable[Entry], inventory: Inventory, **rules: Any) -> Run:
    """A supply that has not come is promised for the day on which it was to come."""
    dates = {supply.id: inventory.due_until(supply) for supply in inventory.supplies()}

    def change(made: Decision) -> Decision:
        return attrs.evolve(
            made,
            backorders=[
                attrs.evolve(row, expected_at=dates.get(row.supply_id)) for row in made.backorders
            ],
        )

    return changed(true(orders, inventory, **rules), change, rules["now"])


def never_lets_go(orders: Iterable[Entry], inventory: Inventory, **rules: Any) -> Run:
    """What is reserved stays so until a job comes by."""
    result = true(orders, inventory, **rules)
    kept = [attrs.evolve(held, expires_at=None) for held in result.inventory.reservations()]
    return attrs.evolve(result, inventory=rebuilt(result.inventory, reservations=kept))


LAWS: Mapping[runs.Law, tuple[st.SearchStrategy[Any], ...]] = {
    **laws.CASES,
    **people.CASES,
    **ruled.CASES,
}
MUTANTS: Mapping[runs.Process, runs.Law] = {
    drops_an_order: laws.law_01_totality,
    loses_units: laws.law_02_line_conservation,
    oversells_by_one: laws.law_03_no_oversell,
    allocates_a_sku_twice: laws.law_03_no_oversell,
    pegs_a_supply_twice: laws.law_03_no_oversell,
    leaks_a_reservation: laws.law_04_single_truth,
    asks_one_location: laws.law_05_check_is_allocate,
    depends_on_input_order: laws.law_06_determinism,
    ignores_rank: laws.law_07_nobody_is_hurt_from_behind,
    lets_the_last_go_first: laws.law_07_nobody_is_hurt_from_behind,
    allocates_again: laws.law_08_idempotence,
    tires_after_two: laws.law_09_shards,
    heeds_the_last_verifier: laws.law_10_severity_only_grows,
    sweeps_what_expired: laws.law_11_inverse,
    numbers_messages_by_time: laws.law_13_messages,
    freezes_for_complete: laws.ship_modes,
    calls_it_done: laws.outcomes,
    calls_what_is_on_hold_short: laws.law_02_line_conservation,
    trusts_who_was_not_looked_up: laws.law_10_severity_only_grows,
    passes_what_failed: laws.law_10_severity_only_grows,
    stops_at_the_first_finding: people.in_any_sequence,
    hides_what_is_waived: people.waiving_is_monotone,
    waives_all_at_once: people.waiving_is_monotone,
    approves_by_code: people.law_19_a_waiver_covers_what_was_seen,
    forgets_how_bad: people.law_19_a_waiver_covers_what_was_seen,
    forgets_the_weight: people.law_19_a_waiver_covers_what_was_seen,
    forgets_which_one: people.law_19_a_waiver_covers_what_was_seen,
    forgets_who_stopped_it: people.law_19_a_waiver_covers_what_was_seen,
    captures_what_is_approved: people.waiving_is_monotone,
    skips_what_is_held: people.waiving_is_monotone,
    asks_nothing_of_who_is_on_hold: people.released_holds,
    frees_what_is_held: people.what_is_held,
    serves_lines_on_hold: people.what_is_held,
    freezes_the_whole_order: people.what_is_held,
    opens_the_fences: ruled.law_03_within_the_rules,
    forgets_who_had_some: ruled.law_03_within_the_rules,
    forgets_what_was_bought: ruled.law_03_within_the_rules,
    forgets_who_is_on_hold: ruled.law_03_caps_count_who_has_no_turn,
    forgets_who_is_not_due: ruled.law_03_caps_count_who_has_no_turn,
    forgets_what_waits: ruled.law_03_caps_count_who_has_no_turn,
    lets_wait_beside_a_plan: ruled.law_03_caps_with_a_plan,
    breaks_packs: ruled.law_03_within_the_rules,
    lets_all_wait: ruled.law_03_within_the_rules,
    takes_the_last_lot_first: ruled.law_03_within_the_rules,
    takes_what_is_too_old: ruled.law_03_within_the_rules,
    takes_what_is_locked_up: ruled.law_03_within_the_rules,
    forgets_the_way_there: ruled.law_03_within_the_rules,
    forgets_who_asks: ruled.law_03_within_the_rules,
    works_overtime: ruled.law_03_within_the_rules,
    tears_kits_apart: laws.law_02_line_conservation,
    ships_kits_one_by_one: laws.ship_modes,
    promises_what_is_overdue: laws.law_03_no_oversell,
    never_lets_go: ruled.law_12_time,
}


FEW = 50


def name_of(function: Callable[..., object]) -> str:
    """Its name, for the list of tests."""
    return str(getattr(function, "__name__", function))


Cases: TypeAlias = tuple[st.SearchStrategy[Any], ...]


def try_on(cases: Cases, tries: int, test: Callable[[tuple[Any, ...]], None]) -> None:
    """Call the test with that many cases, the same ones in every run, until it fails."""

    @settings(
        max_examples=tries,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.tuples(*cases))
    def attempt(case: tuple[Any, ...]) -> None:
        test(case)

    attempt()


@cache
def first_cases(cases: Cases) -> list[tuple[Any, ...]]:
    """The first of these cases, made once for all laws that are fed with them, and all suspects: to
    make one takes longer than to try it.
    """
    first: list[tuple[Any, ...]] = []
    try_on(cases, FEW, first.append)
    return first


def verdict(law: runs.Law, suspect: runs.Process, tries: int) -> str:
    """How the suspect breaks the law, on the first cases or on others; empty if it keeps it."""
    try:
        for case in first_cases(LAWS[law]):
            law(suspect, *case)
        if tries > FEW:
            try_on(LAWS[law], tries, lambda case: law(suspect, *case))
    except AssertionError as breach:
        return str(breach)
    return ""


@pytest.mark.parametrize("law", LAWS, ids=name_of)
def test_true_process_keeps_the_law(law: runs.Law) -> None:
    """The first examples that the mutants are tried on, the true `process` passes."""
    assert verdict(law, process, tries=FEW) == ""


@pytest.mark.parametrize("mutant", MUTANTS, ids=name_of)
def test_mutant_is_caught(mutant: runs.Process) -> None:
    """Each broken `process` breaks the law that is there to prevent it."""
    assert verdict(MUTANTS[mutant], mutant, tries=1_000) != ""


def test_every_law_catches_one() -> None:
    """No law is there for show: each one catches at least one mutant."""
    assert set(MUTANTS.values()) == set(LAWS)
