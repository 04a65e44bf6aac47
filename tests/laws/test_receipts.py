"""Supplies that come in: whole, in part, late. Who waits for what, worked out unit by unit."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

import attrs
from hypothesis import given
from hypothesis import strategies as st

from fulfill_core import (
    Customer,
    Inventory,
    Item,
    Order,
    OrderLine,
    Result,
    Stock,
    Supply,
    process,
)

from .stockroom import what_comes

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
DAY = timedelta(days=1)

Unit: TypeAlias = tuple[str, str]
"""A unit that an order's line asks for: the order's id and the line's."""

_LINES = st.lists(
    st.tuples(st.sampled_from(("mug", "mug", "cup")), st.integers(1, 4)), min_size=1, max_size=2
)
_SUPPLIES = st.lists(
    st.tuples(st.integers(1, 4), st.sampled_from((1, 2, 2, 3, 0, -1))), min_size=1, max_size=3
)


@st.composite
def cases(draw: st.DrawFn) -> tuple[list[Order], Inventory, Supply]:
    """Orders that ask for more than there is, and the supply of mugs that comes first."""
    orders = [
        Order(
            id=f"A-{number}",
            placed_at=NOW - (9 - number) * timedelta(hours=1),
            customer=Customer(id="C-1"),
            currency="EUR",
            lines=[
                OrderLine(id=str(at), sku=sku, quantity=quantity)
                for at, (sku, quantity) in enumerate(lines)
            ],
        )
        for number, lines in enumerate(draw(st.lists(_LINES, min_size=1, max_size=4)))
    ]
    supplies = [
        Supply(id=f"PO-{number}", sku="mug", quantity=units, expected_at=NOW + days * DAY)
        for number, (units, days) in enumerate(draw(_SUPPLIES))
    ]
    inventory = Inventory(
        stock=[
            Stock(sku="mug", location="berlin", on_hand=draw(st.integers(-2, 3))),
            Stock(sku="cup", location="berlin", on_hand=draw(st.integers(0, 3))),
        ],
        supplies=supplies,
        items=[Item(sku="mug", backorderable=True)],
    )
    return orders, inventory, min(supplies, key=lambda one: (one.expected_at, one.id))


def wanted(orders: Sequence[Order]) -> list[Unit]:
    """Every mug that is asked for, in the sequence in which mugs are given out."""
    return [
        (order.id, line.id)
        for order in orders
        for line in order.lines
        if line.sku == "mug"
        for _ in range(line.quantity)
    ]


def expected(units: Sequence[Unit], inventory: Inventory) -> list[tuple[Unit, str]]:
    """Who waits for which supply, one unit after the other: the earliest supply goes first."""
    seats = [
        supply.id for supply, units in what_comes(inventory, NOW).items() for _ in range(units)
    ]
    open_ended = [""] * max(0, len(units) - len(seats))
    return list(zip(units, [*seats, *open_ended], strict=False))


def moved(waiting: Sequence[tuple[Unit, str]], inventory: Inventory) -> list[tuple[Unit, str]]:
    """Who waits for which supply then: each for the one that it claimed, or an earlier free unit
    that has a date; who had none for the earliest free one.
    """
    comes = what_comes(inventory, NOW)
    free = {supply.id: units for supply, units in comes.items()}
    for _, supply_id in waiting:
        if supply_id:
            free[supply_id] -= 1
    seats: list[tuple[Unit, str]] = []
    for unit, supply_id in waiting:
        seat = supply_id
        for supply in comes:
            if supply.id == seat:
                break
            has_date = inventory.due_until(supply) >= NOW
            if free[supply.id] > 0 and (has_date or not seat):
                free[supply.id] -= 1
                if seat:
                    free[seat] += 1
                seat = supply.id
                break
        seats.append((unit, seat))
    return seats


def still_to_come(
    waiting: Sequence[tuple[Unit, str]], inventory: Inventory
) -> list[tuple[Unit, str]]:
    """Who waits for which supply, and for none if that brings nothing for them any more."""
    free = {supply.id: units for supply, units in what_comes(inventory, NOW).items()}
    seats: list[tuple[Unit, str]] = []
    for unit, supply_id in waiting:
        is_to_come = free.get(supply_id, 0) > 0
        free[supply_id] = free.get(supply_id, 0) - is_to_come
        seats.append((unit, supply_id if is_to_come else ""))
    return seats


def pegs(result: Result) -> list[tuple[Unit, str]]:
    """Who waits for which supply, unit by unit, as a run has it."""
    return [
        ((made.id, row.line_id), row.supply_id)
        for made in result.decisions
        for row in made.backorders
        for _ in range(row.quantity)
    ]


def given_now(result: Result) -> list[Unit]:
    """Who got mugs in a run, unit by unit."""
    return [
        (made.id, row.line_id)
        for made in result.decisions
        for row in made.allocations
        if row.sku == "mug"
        for _ in range(row.quantity)
    ]


@given(cases(), st.integers(1, 4))
def test_a_receipt_turns_pegs_into_reservations(
    case: tuple[list[Order], Inventory, Supply], some: int
) -> None:
    """When a supply comes in, it is reserved for those who waited for it, as many units as were
    pegged, in the same sequence: the next run has nothing to give. When less of it comes than it
    was to bring, those who claimed first get that, and the others wait for what is still to come.
    """
    orders, inventory, supply = case
    first = process(orders, inventory, now=NOW, verifiers=())
    units = wanted(orders)
    waiting = units[len(given_now(first)) :]
    assert pegs(first) == expected(waiting, inventory)
    came = min(some, supply.quantity)
    received = first.inventory.with_received("mug", "dock", came, supply_id=supply.id)
    at_dock = [each for each in received.reservations() if each.location == "dock"]
    arrived = [(each.order_id, each.line_id) for each in at_dock for _ in range(each.quantity)]
    of_supply = [unit for unit, supply_id in pegs(first) if supply_id == supply.id]
    assert arrived == of_supply[:came]
    # What was to fill up what is missing in Berlin came to the dock: it is there for all.
    again = process(orders, received, now=NOW, verifiers=())
    beyond = came - len(arrived)
    assert given_now(again) == waiting[len(arrived) :][:beyond]
    # A claim on what has to fill up Berlin gives way; who got some gives up what comes last.
    rest = still_to_come(pegs(first)[len(arrived) :], received)
    for unit in given_now(again):
        places = [place for place, (each, _) in enumerate(rest) if each == unit]
        rest.pop(max(places, key=lambda place: (not rest[place][1], place)))
    assert sorted(pegs(again)) == sorted(moved(rest, received))


@given(cases(), st.integers(0, 3))
def test_a_late_supply_is_pegged_anew(
    case: tuple[list[Order], Inventory, Supply], days: int
) -> None:
    """When a supply will come at another time, the next run pegs all by rank once more: the first
    in the queue get the supply that is now the earliest, and nobody gives up what is reserved.
    """
    orders, inventory, supply = case
    first = process(orders, inventory, now=NOW, verifiers=())
    late = attrs.evolve(supply, expected_at=supply.expected_at + days * DAY)
    others = [other for other in inventory.supplies() if other.id != supply.id]
    changed = Inventory(
        stock=first.inventory.stock(),
        supplies=[*others, late],
        items=first.inventory.items(),
        reservations=first.inventory.reservations(),
    )
    again = process(orders, changed, now=NOW, verifiers=())
    assert given_now(again) == []
    assert pegs(again) == expected(wanted(orders)[len(given_now(first)) :], changed)
    dates = {each.id: each.expected_at for each in changed.supplies()}
    for made in again.decisions:
        for row in made.backorders:
            is_known = bool(row.supply_id) and dates[row.supply_id] >= NOW
            assert row.expected_at == (dates[row.supply_id] if is_known else None)
