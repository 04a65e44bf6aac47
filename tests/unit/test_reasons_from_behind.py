"""What an order hears does not depend on who ranks behind it, nor on what those have (law 7)."""

from __future__ import annotations

from typing import Any

import pytest
from builders import NOW, line, order, run
from some_stock import BOB, DAY, HOUR, kit, lot, row, shelf_of, shorts, supply

from fulfill_core import (
    Decision,
    Fence,
    Hold,
    Inventory,
    Item,
    Location,
    OrderRecord,
    Outcome,
    Pack,
    Ship,
    Stock,
    process,
)
from fulfill_core.sourcing import at_most_shipments

WEB = Fence(quantity=3, channels=["web"])
MANY = 4


FIRST = order("A-1", MANY)
BEHIND = order("A-2", 3, placed_at=NOW + HOUR, channel="web", customer=BOB)
STOPPED = Hold(order_id="A-2", source="quality", code="shop.check", at=NOW)
STOCKS = {
    "fence": Inventory([row(5)], items=[Item(sku="mug", fences=[WEB])]),
    "fence at a place": Inventory(
        [row(3), row(3, location="lyon")],
        items=[Item(sku="mug", fences=[Fence(quantity=3, channels=["web"], location="lyon")])],
    ),
    "cap": Inventory([row(5)], items=[Item(sku="mug", customer_cap=2)]),
    "plain": Inventory([row(3)]),
    "packs": Inventory(
        [row(5)], items=[Item(sku="mug", packs=[Pack(location="berlin", multiple=3)])]
    ),
    "lots": Inventory([shelf_of(lot("L-1", 2, days=3), lot("L-2", 3, days=30))]),
    "capacity": Inventory(
        [row(3), row(3, location="lyon")],
        locations=[Location(id="berlin"), Location(id="lyon", rank=1, capacity=0)],
    ),
    "to come": Inventory(
        [row(4)],
        items=[Item(sku="mug", fences=[WEB], backorderable=True, backorder_cap=1)],
        supplies=[supply("PO-1", 1, 5)],
    ),
}


def heard(made: Decision) -> tuple[Any, ...]:
    """What the order is told: what is short and why, what waits, what was noted."""
    return shorts(made), made.backorders, made.findings, made.outcome


@pytest.mark.parametrize("sourcing", [None, at_most_shipments(1)], ids=["any", "one shipment"])
@pytest.mark.parametrize("ship", Ship)
@pytest.mark.parametrize("changes", [{}, {"units_each": 2, "quantity": 2}, {"lot": "L-2"}], ids=str)
@pytest.mark.parametrize("stock", STOCKS)
def test_the_same_again_with_and_without_those_behind(
    stock: str, changes: dict[str, Any], ship: Ship, sourcing: Any
) -> None:
    """In a first run, and at the same instant on its result: with those behind, without them, and
    while they are on hold, the first order hears the same.
    """
    options: dict[str, Any] = {} if sourcing is None else {"sourcing": sourcing}
    wanted = line("1", "mug", **{"quantity": MANY, **changes})
    subject = order("A-1", lines=[wanted], ship=ship)
    both = run(subject, BEHIND, stock=STOCKS[stock], **options)
    expected = heard(both["A-1"])
    assert heard(run(subject, stock=STOCKS[stock], **options)["A-1"]) == expected
    held = OrderRecord(order=BEHIND, holds=[STOPPED])
    after = both.inventory
    again = run(subject, BEHIND, stock=after, **options)["A-1"]
    for others in ([], [held], [order("A-3", 9, placed_at=NOW + HOUR)]):
        assert heard(run(subject, *others, stock=after, **options)["A-1"]) == heard(again)


def test_kits_hear_the_same() -> None:
    """A component that a fence keeps is fenced, whoever of those behind is there."""
    stock = Inventory(
        [row(5), row(9, "cup")],
        items=[Item(sku="mug", fences=[WEB]), kit(of={"mug": 1, "cup": 1})],
    )
    subject = order("A-1", lines=[line("1", "set", MANY)])
    both = run(subject, BEHIND, stock=stock)
    assert shorts(both["A-1"]) == [("1", 2, 2, "ring_fenced")]
    for orders in ([subject], [subject, BEHIND]):
        assert shorts(run(*orders, stock=both.inventory)["A-1"]) == [("1", 2, 2, "ring_fenced")]


def test_what_was_reserved_at_another_instant_is_gone() -> None:
    """A day later those units are not there any more, whoever has them: out of stock."""
    stock = STOCKS["fence"]
    both = run(FIRST, BEHIND, stock=stock)
    for others in ([], [BEHIND]):
        later = run(FIRST, *others, stock=both.inventory, now=NOW + DAY)
        assert shorts(later["A-1"]) == [("1", 2, 2, "out_of_stock")]


@pytest.mark.parametrize("is_ruled", [False, True])
def test_what_others_reserved_at_this_instant_is_missing_in_each_run(*, is_ruled: bool) -> None:
    """A complete order lacks the mug that an order of no run reserved at this very instant, and not
    the tea that one behind it takes: that was there for it in the first run, and is so in the next.
    """
    fences = [Fence(quantity=1, channels=["fair"], location="lyon")] if is_ruled else []
    stock = Inventory(
        [row(2), row(2, "tea")],
        items=[
            Item(sku="mug", backorderable=True),
            Item(sku="tea", backorderable=True, fences=fences),
        ],
        supplies=[supply("PO-1", 9, 5, sku="tea")],
    )
    old = order("A-0", 1)
    yesterday = process([old], stock, now=NOW - DAY, verifiers=()).inventory
    reserved = run(order("X-1", 1), stock=yesterday).inventory
    orders = [
        old,
        order("A-1", lines=[line("1", "mug", 1), line("2", "tea", 1)], ship=Ship.COMPLETE),
        order("A-2", lines=[line("1", "tea", 2)], placed_at=NOW + HOUR),
    ]
    first = run(*orders, stock=reserved)
    assert [each.sku for each in first["A-1"].backorders if not each.on_hand] == ["mug", "tea"]
    again = run(*orders, stock=first.inventory)
    assert (again["A-1"], not again.changes) == (first["A-1"], True)


def test_a_place_that_others_filled_at_this_instant_is_full_in_each_run() -> None:
    """A complete order waits for the tea that lies there, in the first run and in the next one; the
    pot that is elsewhere is not missing.
    """
    stock = Inventory(
        [
            *(row(1), row(3, "tea"), Stock(sku="tea", location="lyon", on_hand=3)),
            Stock(sku="pot", location="lyon", on_hand=1),
        ],
        items=[Item(sku="tea", backorderable=True, fences=[Fence(quantity=1, channels=["fair"])])],
        locations=[Location(id="berlin", capacity=1), Location(id="lyon", rank=1)],
    )
    filled = run(order("X-1", 1), stock=stock).inventory
    subject = order("A-1", lines=[line("1", "tea", 4), line("2", "pot", 1)], ship=Ship.COMPLETE)
    behind = order("A-2", lines=[line("1", "tea", 2)], placed_at=NOW + HOUR)
    first = run(subject, behind, stock=filled)
    assert first["A-1"].outcome is Outcome.BACKORDERED
    assert [each.sku for each in first["A-2"].allocations] == ["tea"]
    assert run(subject, behind, stock=first.inventory)["A-1"] == first["A-1"]
