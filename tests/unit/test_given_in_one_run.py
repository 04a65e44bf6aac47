"""What an order may have it gets in one run: a second one on the result gives nothing more."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import attrs
import pytest
from builders import NOW

from fulfill_core import (
    Component,
    Customer,
    Fence,
    Inventory,
    Item,
    Lot,
    Order,
    OrderLine,
    Pack,
    Reservation,
    Result,
    Ship,
    SourcingPolicy,
    Stock,
    Supply,
    process,
)
from fulfill_core.sourcing import at_most_shipments, by_rank


def order(number: int, *lines: tuple[str, int, int], **content: Any) -> Order:
    """An order of lines: SKU, quantity, units in each."""
    return Order(
        id=f"A-{number}",
        placed_at=NOW + number * timedelta(minutes=1) - timedelta(hours=1),
        customer=Customer(id="C-1"),
        currency="EUR",
        lines=[
            OrderLine(id=str(at), sku=sku, quantity=quantity, units_each=each)
            for at, (sku, quantity, each) in enumerate(lines)
        ],
        **content,
    )


def rows(units_at: dict[tuple[str, str], int]) -> list[Stock]:
    """Stock by SKU and location."""
    return [
        Stock(sku=sku, location=place, on_hand=units) for (sku, place), units in units_at.items()
    ]


def run(orders: list[Order], stock: Inventory, sourcing: SourcingPolicy = by_rank) -> Result:
    """A run after which a second one gives nothing more, and says the same."""
    first = process(orders, stock, now=NOW, verifiers=(), sourcing=sourcing)
    again = process(orders, first.inventory, now=NOW, verifiers=(), sourcing=sourcing)
    assert [made.id for made in again.decisions if made.allocations] == []
    assert again.inventory == first.inventory
    assert [each.id for each in again.notifications] == [each.id for each in first.notifications]
    return first


def test_boxes_of_two_sizes_come_from_where_they_are() -> None:
    """8 here and 2 there are a box of 3, two of 2, and one more of 2."""
    stock = Inventory(
        [
            Stock(sku="cup", location="berlin", on_hand=8, lots=[Lot(id="L", quantity=0)]),
            Stock(sku="cup", location="turin", on_hand=2),
        ]
    )
    [made] = run([order(0, ("cup", 3, 2), ("cup", 1, 3))], stock).decisions
    assert [(row.line_id, row.location, row.quantity) for row in made.allocations] == [
        ("0", "berlin", 4),
        ("0", "turin", 2),
        ("1", "berlin", 3),
    ]


def test_a_complete_order_finds_its_boxes_past_a_fence() -> None:
    """A fence leaves 2 here: the box of 3 comes from there, and the single one from here."""
    item = Item(sku="cup", fences=[Fence(quantity=1, channels=["web"], location="berlin")])
    stock = Inventory(rows({("cup", "berlin"): 3, ("cup", "turin"): 3}), items=[item])
    wish = order(0, ("cup", 1, 3), ("cup", 1, 1), ship=Ship.COMPLETE)
    [made, _] = run([wish, order(1, ("cup", 1, 1))], stock).decisions
    assert {(row.location, row.quantity) for row in made.allocations} == {
        ("turin", 3),
        ("berlin", 1),
    }


def test_boxes_wait_for_whole_packs() -> None:
    """Of 5 units that come in packs of 3, boxes of 2 can wait for none: 3 are no whole boxes."""
    item = Item(sku="mug", backorderable=True, packs=[Pack(location="berlin", multiple=3)])
    supply = Supply(
        id="PO", sku="mug", quantity=5, expected_at=NOW + timedelta(days=2), location="berlin"
    )
    [made] = run([order(0, ("mug", 2, 2))], Inventory(items=[item], supplies=[supply])).decisions
    assert [(row.supply_id, row.quantity) for row in made.backorders] == [("", 4)]


def test_a_limit_on_shipments_counts_on_what_is_reserved() -> None:
    """Lyon has something for it already, and what is missing of that: one other place is left."""
    stock = Inventory(
        rows({("mug", "berlin"): 1, ("mug", "lyon"): 3, ("pot", "turin"): 1}),
        reservations=[
            Reservation(order_id="A-0", line_id="1", sku="mug", location="lyon", quantity=2)
        ],
    )
    wish = order(0, ("pot", 1, 1), ("mug", 3, 1), ship=Ship.COMPLETE)
    orders = [wish, order(1, ("mug", 1, 1))]
    made = run(orders, stock, at_most_shipments(2))["A-0"]
    assert {row.location for row in made.allocations} == {"turin", "lyon"}
    # All that it still needs is where something is reserved for it.
    half = attrs.evolve(wish, lines=wish.lines[1:])
    more = rows({("mug", "berlin"): 1, ("mug", "lyon"): 3, ("mug", "turin"): 1})
    stock = Inventory(more, reservations=stock.reservations())
    made = run([half], stock, at_most_shipments(1))["A-0"]
    assert {row.location for row in made.allocations} == {"lyon"}


def test_a_complete_order_that_is_left_out_hears_the_same() -> None:
    """What is left there, for a limit on shipments, others get: it waits in both runs."""
    stock = Inventory(
        [*rows({("cup", "turin"): 2}), Stock(sku="mug", location="lyon", on_hand=2, safety=1)],
        items=[Item(sku="mug", backorderable=True)],
    )
    wish = order(0, ("cup", 2, 1), ("mug", 1, 1), ship=Ship.COMPLETE)
    result = run([wish, order(1, ("mug", 1, 1))], stock, at_most_shipments(1))
    assert not result["A-0"].shorts


def test_a_kit_that_lacks_one_part_is_complete_with_a_line_of_boxes() -> None:
    """A part that the kit has already is not needed, and missed by nobody."""
    parts = [Component(sku="cup"), Component(sku="mug")]
    stock = Inventory(
        rows({("cup", "berlin"): 1, ("mug", "berlin"): 1, ("pot", "berlin"): 2}),
        items=[Item(sku="set", components=parts)],
        reservations=[
            Reservation(order_id="A-0", line_id="0", sku="cup", location="berlin", quantity=1)
        ],
    )
    wish = order(0, ("set", 1, 1), ("pot", 1, 2), ship=Ship.COMPLETE)
    [made] = run([wish], stock).decisions
    assert {row.sku for row in made.allocations} == {"mug", "pot"}


LOTS = [Lot(id="L-0", quantity=2), Lot(id="L-1", quantity=3)]
SINGLE = Inventory(
    [Stock(sku="mug", location="berlin", on_hand=5, lots=LOTS)],
    items=[Item(sku="mug", single_lot=True)],
)


@pytest.mark.parametrize("other", [(), (("pen", 1, 1),), (("set", 1, 1),), (("pen", 2, 2),)])
def test_a_line_keeps_its_single_lot_whatever_else_is_short(
    other: tuple[tuple[str, int, int], ...],
) -> None:
    """What is short without a single lot, too, costs the other line nothing."""
    made = run([order(0, ("mug", 3, 1), *other)], SINGLE)["A-0"]
    assert [(row.lot, row.quantity) for row in made.allocations] == [("L-1", 3)]


@pytest.mark.parametrize(
    ("units", "lots"),
    [(2, {"L-0": 2}), (3, {"L-1": 3}), (4, {"L-0": 2, "L-1": 2}), (1, {"L-0": 1})],
)
def test_a_cart_gets_a_single_lot(units: int, lots: dict[str, int]) -> None:
    """What is set aside for a line is of one lot where one has as many, else of several."""
    for method in (SINGLE.with_available_reserved, SINGLE.with_reserved_quantity):
        cart = method("cart-9", "1", "mug", units, now=NOW)
        assert {each.lot: each.quantity for each in cart.reservations_of("cart-9")} == lots
