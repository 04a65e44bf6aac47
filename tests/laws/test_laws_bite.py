"""The laws bite: `process`, broken in small ways, is caught each time, by the law that says so.

Each mutant wraps the true `process` and spoils its input or its result, the way a plausible slip
in the code would.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

import attrs
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from fulfill_core import (
    Allocation,
    Backorder,
    Candidate,
    Context,
    Decision,
    Demand,
    Inventory,
    Order,
    Outcome,
    PriorityPolicy,
    Reservation,
    Ship,
    Short,
    ShortReason,
    process,
)

from . import laws
from .laws import Run

# -- Helpers -------------------------------------------------------------------------------------


def true(orders: Iterable[Order], inventory: Inventory, **rules: Any) -> Run:
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
        locations=inventory.locations,
        reservations=inventory.reservations() if reservations is None else reservations,
    )


def served_by(place: Mapping[str, int]) -> PriorityPolicy:
    """The priority policy that serves the orders in this sequence."""

    def policy(order: Order, /, *, context: Context) -> int:
        return place[order.id]

    return policy


def served_otherwise(
    orders: Iterable[Order], inventory: Inventory, place: Callable[[int, int], int], **rules: Any
) -> Run:
    """Served in another sequence than by rank, and passed off as if it had been by rank."""
    orders = tuple(orders)
    right = true(orders, inventory, **rules)
    rank = {made.id: made.rank for made in right.decisions}
    last = len(laws.in_queue(right)) - 1
    places = {order_id: place(at or 0, last) for order_id, at in rank.items()}
    result = true(orders, inventory, **{**rules, "priority": served_by(places)})
    return decided(
        result, (attrs.evolve(result[made.id], rank=made.rank) for made in right.decisions)
    )


# -- Mutants -------------------------------------------------------------------------------------


def oversells_by_one(orders: Iterable[Order], inventory: Inventory, **rules: Any) -> Run:
    """One unit more than there is, at each location."""
    return started_from(true(orders, rebuilt(inventory, extra=1), **rules), inventory)


def drops_an_order(orders: Iterable[Order], inventory: Inventory, **rules: Any) -> Run:
    """The last order gets no decision."""
    result = true(orders, inventory, **rules)
    return decided(result, result.decisions[:-1])


def ignores_rank(orders: Iterable[Order], inventory: Inventory, **rules: Any) -> Run:
    """Orders are ranked, and then served in reverse."""
    return served_otherwise(orders, inventory, lambda rank, _: -rank, **rules)


def lets_the_last_go_first(orders: Iterable[Order], inventory: Inventory, **rules: Any) -> Run:
    """The last order of the queue takes from those before it."""
    return served_otherwise(
        orders, inventory, lambda rank, last: -1 if rank == last else rank, **rules
    )


def allocates_a_sku_twice(orders: Iterable[Order], inventory: Inventory, **rules: Any) -> Run:
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
            for row in laws.rows_of(made)
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


def leaks_a_reservation(orders: Iterable[Order], inventory: Inventory, **rules: Any) -> Run:
    """The first unit that an order takes is reserved once more, and no decision says so."""
    result = true(orders, inventory, **rules)
    leaked = [attrs.evolve(held, quantity=1) for held in result.reservations[:1]]
    return attrs.evolve(result, inventory=result.inventory.with_reserved(*leaked))


def loses_units(orders: Iterable[Order], inventory: Inventory, **rules: Any) -> Run:
    """A line with units short and nothing allocated is forgotten."""
    return changed(
        true(orders, inventory, **rules),
        lambda made: attrs.evolve(made, shorts=made.shorts[1:]),
        rules["now"],
    )


def depends_on_input_order(orders: Iterable[Order], inventory: Inventory, **rules: Any) -> Run:
    """Ties are broken by who comes first in the list."""
    orders = tuple(orders)
    position = {order.id: at for at, order in reversed(list(enumerate(orders)))}
    policy = rules["priority"]

    def with_position(order: Order, /, *, context: Context) -> tuple[Any, int]:
        return policy(order, context=context), position[order.id]

    return true(orders, inventory, **{**rules, "priority": with_position})


def allocates_again(orders: Iterable[Order], inventory: Inventory, **rules: Any) -> Run:
    """What an order holds already is taken for somebody else's."""
    others = [
        attrs.evolve(held, order_id=f"not {held.order_id}") for held in inventory.reservations()
    ]
    result = true(orders, rebuilt(inventory, reservations=others), **rules)
    return started_from(result, inventory)


def heeds_the_last_verifier(orders: Iterable[Order], inventory: Inventory, **rules: Any) -> Run:
    """A verifier's findings replace those of the ones before it."""
    return true(orders, inventory, **{**rules, "verifiers": rules["verifiers"][-1:]})


def numbers_messages_by_time(orders: Iterable[Order], inventory: Inventory, **rules: Any) -> Run:
    """A message's id has the time in it."""
    result = true(orders, inventory, **rules)
    return attrs.evolve(
        result,
        notifications=tuple(
            attrs.evolve(message, id=f"{message.id}:{rules['now']:%H%M}")
            for message in result.notifications
        ),
    )


def freezes_for_complete(orders: Iterable[Order], inventory: Inventory, **rules: Any) -> Run:
    """An order that ships complete and cannot takes what is there while it waits."""
    partial = {attrs.evolve(order, ship=Ship.PARTIAL): order for order in orders}
    result = true(partial, inventory, **rules)
    return changed(result, lambda made: attrs.evolve(made, order=partial[made.order]), rules["now"])


def pegs_a_supply_twice(orders: Iterable[Order], inventory: Inventory, **rules: Any) -> Run:
    """Who comes too late for a supply is told of it all the same."""

    def pegged(row: Backorder) -> Backorder:
        for supply in inventory.supplies_of(row.sku):
            return attrs.evolve(row, supply_id=supply.id, expected_at=supply.expected_at)
        return row

    return changed(
        true(orders, inventory, **rules),
        lambda made: attrs.evolve(made, backorders=list(map(pegged, made.backorders))),
        rules["now"],
    )


def tires_after_two(orders: Iterable[Order], inventory: Inventory, **rules: Any) -> Run:
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


def asks_one_location(orders: Iterable[Order], inventory: Inventory, **rules: Any) -> Run:
    """The check sums all locations, the allocation takes from the first."""
    policy = rules["sourcing"]

    def first(
        demand: Demand, candidates: Sequence[Candidate], /, *, context: Context
    ) -> Sequence[Candidate]:
        return tuple(policy(demand, candidates, context=context))[:1]

    return true(orders, inventory, **{**rules, "sourcing": first})


def sweeps_what_expired(orders: Iterable[Order], inventory: Inventory, **rules: Any) -> Run:
    """Expired reservations are thrown away on the way, although nobody asked for it."""
    result = true(orders, inventory, **rules)
    every = list(inventory.reservations())
    counting = laws.active(every, rules["now"])
    expired = [held for held in every if held not in counting]
    return attrs.evolve(result, inventory=result.inventory.without_reservations(expired))


def calls_it_done(orders: Iterable[Order], inventory: Inventory, **rules: Any) -> Run:
    """An order that gets anything at all counts as allocated."""
    return changed(
        true(orders, inventory, **rules),
        lambda made: attrs.evolve(
            made, outcome=Outcome.ALLOCATED if made.allocations else made.outcome
        ),
        rules["now"],
    )


MUTANTS: Mapping[laws.Process, laws.Law] = {
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
}


def name_of(function: Callable[..., object]) -> str:
    """Its name, for the list of tests."""
    return str(getattr(function, "__name__", function))


@cache
def verdict(law: laws.Law, suspect: laws.Process, tries: int) -> str:
    """How the law is broken, empty if it is kept; the same examples for every suspect."""

    @settings(
        max_examples=tries,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
    )
    @given(st.tuples(*laws.CASES[law]))
    def hold_to_it(case: tuple[Any, ...]) -> None:
        law(suspect, *case)

    try:
        hold_to_it()
    except AssertionError as broken:
        return str(broken)
    return ""


@pytest.mark.parametrize("law", laws.CASES, ids=name_of)
def test_true_process_keeps_the_law(law: laws.Law) -> None:
    """The first examples that the mutants are tried on, the true `process` passes."""
    assert verdict(law, process, tries=50) == ""


@pytest.mark.parametrize("mutant", MUTANTS, ids=name_of)
def test_mutant_is_caught(mutant: laws.Process) -> None:
    """Each broken `process` breaks the law that is there to prevent it."""
    assert verdict(MUTANTS[mutant], mutant, tries=300) != ""


def test_every_law_catches_one() -> None:
    """No law is there for show: each one catches at least one mutant."""
    assert set(MUTANTS.values()) == set(laws.CASES)
