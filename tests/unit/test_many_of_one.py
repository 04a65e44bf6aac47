"""Thousands of lots, lines or reservations of one thing: what is done costs what it touches."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import attrs
import pytest
from builders import NOW, line, order, reserved, steps
from hypothesis import given, settings
from hypothesis import strategies as st

from fulfill_core import (
    Fence,
    Inventory,
    Item,
    Lot,
    Order,
    OrderRecord,
    Stock,
    Supply,
    hold,
    process,
)
from fulfill_core.inventory.inventory import state_of
from fulfill_core.inventory.lots import lot_at, lots_at
from fulfill_core.reallocation import Reallocation

DAY = timedelta(days=1)
END = NOW + 365 * DAY


def serials(number: int) -> Inventory:
    """So many serial numbers of mugs in Berlin: lots of one unit."""
    lots = [Lot(id=f"{each:04}", quantity=1, expires_at=END) for each in range(number)]
    return Inventory(stock=[Stock(sku="mug", location="berlin", on_hand=number, lots=lots)])


def reserved_lines(number: int) -> Inventory:
    """An order has a unit of a SKU of its own reserved for each of so many lines."""
    names = [f"sku-{each}" for each in range(number)]
    return Inventory.of({(name, "berlin"): 2 for name in names}).with_reserved(
        *[reserved(line_id=name, sku=name) for name in names]
    )


def shipped_by_line(number: int) -> Callable[[], object]:
    """All lines leave, one by one."""
    stock = reserved_lines(number)

    def call() -> object:
        after = stock
        for each in range(number):
            after = after.with_shipped("A-1", f"sku-{each}", 1, location="berlin")
        assert after.reservations_of("A-1") == ()
        return after

    return call


def released_by_line(number: int) -> Callable[[], object]:
    """All lines are released, one by one."""
    stock = reserved_lines(number)

    def call() -> object:
        after = stock
        for each in range(number):
            after = after.with_released("A-1", f"sku-{each}", 1)
        assert after.reservations_of("A-1") == ()
        return after

    return call


def shipped_lots(number: int) -> Callable[[], object]:
    """One line leaves, of so many lots."""
    stock = process([order("A-1", number)], serials(number), now=NOW, verifiers=()).inventory
    return lambda: stock.with_shipped("A-1", "1", number, location="berlin", now=NOW)


def received_lots(number: int) -> Callable[[], object]:
    """So many lots come in, one by one."""

    def call() -> object:
        stock = Inventory()
        for each in range(number):
            stock = stock.with_received("mug", "berlin", 1, lot=f"{each:04}")
        assert stock == Inventory().with_changes(stock.changes_since(Inventory()))
        return stock

    return call


def changed_back(number: int) -> Callable[[], object]:
    """So many new lots are taken back at once."""
    stock = serials(number)
    changes = Inventory().changes_since(stock)
    return lambda: stock.with_changes(changes)


def reserved_until(number: int) -> Callable[[], object]:
    """So many reservations that expire at other times, as one change that asks for enough."""
    stock = Inventory.of({("mug", "berlin"): number})
    carts = [reserved(f"A-{n}", expires_at=NOW + DAY + timedelta(0, n)) for n in range(number)]
    changes = stock.with_reserved(*carts).changes_since(stock)
    return lambda: stock.with_changes(changes, now=NOW)


def allocated_lots(number: int) -> Callable[[], object]:
    """So many orders get a unit each, of lots of one unit."""
    orders, stock = [order(f"A-{each}", 1) for each in range(number)], serials(number)

    def call() -> object:
        result = process(orders, stock, now=NOW, verifiers=())
        assert len(result.reservations) == number
        return result

    return call


def awaited_supplies(number: int) -> Callable[[], object]:
    """So many orders wait for as many supplies, of which a fence keeps the first few units."""
    supplies = [
        Supply(id=f"{each:04}", sku="mug", quantity=1, expected_at=NOW + DAY + timedelta(0, each))
        for each in range(number)
    ]
    fences = [Fence(quantity=5, tiers=["gold"])]
    item = Item(sku="mug", backorderable=True, backorder_cap=2, fences=fences)
    stock = Inventory([Stock(sku="mug", location="berlin", on_hand=0)], supplies, [item])
    orders = [order(f"A-{each}", 1) for each in range(number)]

    def call() -> object:
        result = process(orders, stock, now=NOW, verifiers=())
        dated = [row for each in result for row in each.backorders if row.supply_id]
        assert len(dated) == number - 5
        return result

    return call


def retaken(losers: list[Order], takers: list[Order], stock: Inventory) -> Callable[[], object]:
    """Those who rank first take all that the others have."""
    before = process(losers, stock, now=NOW - DAY, verifiers=()).inventory
    orders = [*losers, *takers]

    def call() -> object:
        result = process(orders, before, now=NOW, verifiers=(), reallocation=Reallocation())
        assert sum(loss.quantity for loss in result.losses) == len(takers)
        return result

    return call


def retaken_lots(number: int) -> Callable[[], object]:
    """So many orders take the serial numbers of as many others."""
    late = [order(f"late-{each}", 1, placed_at=NOW - DAY) for each in range(number)]
    early = [order(f"early-{each}", 1, deliver_by=NOW + DAY) for each in range(number)]
    return retaken(late, early, serials(number))


def retaken_lines(number: int) -> Callable[[], object]:
    """So many orders take a line each of one that has as many."""
    names = [f"sku-{each}" for each in range(number)]
    late = order("late", lines=[line(name, name) for name in names], placed_at=NOW - DAY)
    early = [
        order(f"early-{name}", lines=[line("1", name)], deliver_by=NOW + DAY) for name in names
    ]
    return retaken([late], early, Inventory.of({(name, "berlin"): 1 for name in names}))


def approved_one_by_one(number: int) -> Callable[[], object]:
    """So many findings of an order are approved, the latest first."""
    record = OrderRecord(order=order())
    findings = [hold("shop.check", detail=f"look at {each}") for each in range(number)]

    def call() -> object:
        approved = record
        for each, finding in enumerate(findings):
            at = NOW - timedelta(0, each // 2)
            approved = approved.approved([finding], by="Grace", at=at)
        assert approved == attrs.evolve(approved, approvals=approved.approvals)  # as if checked
        return approved

    return call


MANY = (
    (approved_one_by_one, 80),
    (retaken_lots, 40),
    (retaken_lines, 100),
    (awaited_supplies, 80),
    (allocated_lots, 160),
    (shipped_by_line, 80),
    (released_by_line, 80),
    (shipped_lots, 80),
    (received_lots, 160),
    (changed_back, 240),
    (reserved_until, 240),
)
"""What is done, and with how many: so many that a square would show."""


@pytest.mark.parametrize(("many", "number"), MANY, ids=lambda value: getattr(value, "__name__", ""))
def test_nothing_is_quadratic_in_them(
    many: Callable[[int], Callable[[], object]], number: int
) -> None:
    """Four times as many, some four times the steps: serial numbers are lots of one."""
    assert steps(many(number)) < 4.6 * steps(many(number // 4))


@settings(max_examples=25)
@given(
    st.lists(st.tuples(st.sampled_from("xyz"), st.sampled_from("abcde"), st.integers(1, 3))),
)
def test_a_lot_is_found_where_it_was_put(receipts: list[tuple[str, str, int]]) -> None:
    """In whatever sequence lots come in, each is looked up as a walk over all of them finds it."""
    stock = Inventory()
    units: dict[tuple[str, str], int] = {}
    for location, lot, quantity in receipts:
        stock = stock.with_received("mug", location, quantity, lot=lot)
        units[location, lot] = units.get((location, lot), 0) + quantity
    state = state_of(stock)
    for location in "wxyz":
        walk = lots_at(state, "mug", location)
        assert {lot: cell[0][2] for lot, cell in walk.items()} == {
            lot: quantity for (at, lot), quantity in units.items() if at == location
        }
        for lot in "abcdef":
            assert lot_at(state, "mug", location, lot) == walk.get(lot)


def test_behind_a_fence_what_others_took_is_not_there() -> None:
    """Who a fence is for takes the first units to come; those behind it what it does not keep of
    the rest.
    """
    supplies = [
        Supply(id=f"PO-{each}", sku="mug", quantity=1, expected_at=NOW + each * DAY)
        for each in range(1, 6)
    ]
    item = Item(sku="mug", backorderable=True, fences=[Fence(quantity=1, channels=["phone"])])
    stock = Inventory([Stock(sku="mug", location="berlin", on_hand=0)], supplies, [item])
    phone, web = order("A-1", 2, channel="phone"), order("A-2", 3)
    result = process([phone, web], stock, now=NOW, verifiers=())
    dates = {each.id: [row.supply_id for row in each.backorders] for each in result}
    assert dates == {"A-1": ["PO-1", "PO-2"], "A-2": ["PO-4", "PO-5", ""]}
