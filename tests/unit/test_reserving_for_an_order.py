"""Units that are set aside for an order that is named: what fences, caps and lots let it have."""

from __future__ import annotations

from typing import Any

import attrs
import pytest
from builders import ADA, NOW, order, refusal
from hypothesis import assume, given
from hypothesis import strategies as st
from some_stock import DAY, VIP, asking_life, kit, lot, row, shelf_of

from fulfill_core import Fence, InvalidValueError, Inventory, Item, Order, StockError
from fulfill_core.testing import inventories, orders

CART = order("cart-9", 9)
FENCED = Inventory(
    [row(9)], items=[Item(sku="mug", fences=[Fence(quantity=4, channels=["web"], tiers=["vip"])])]
)
IN_LOTS = Inventory([shelf_of(lot("old", 4, days=5), lot("young", 3, days=9), loose=2)])


def take(stock: Inventory, units: int, subject: Order | None, sku: str = "mug") -> Inventory:
    """So many units more for the cart."""
    return stock.with_available_reserved("cart-9", "1", sku, units, now=NOW, order=subject)


def held(stock: Inventory) -> list[tuple[str, int]]:
    """Which lots the cart holds, and how many units of each."""
    return [(each.lot, each.quantity) for each in stock.reservations_of("cart-9")]


@pytest.mark.parametrize(
    ("subject", "most"),
    [
        (None, 5),
        (CART, 5),
        (attrs.evolve(CART, channel="web"), 9),
        (attrs.evolve(CART, customer=VIP), 9),
    ],
)
def test_a_cart_takes_what_is_kept_for_it(subject: Order | None, most: int) -> None:
    """A fence keeps its units from a cart unless it is there for the order that is named; so it is
    if the cart's quantity is said anew.
    """
    assert FENCED.available("mug", now=NOW, order=subject) == most
    assert take(FENCED, most, subject).reserved("mug") == most
    message = f"order 'cart-9', line '1': cannot reserve {most + 1} of 'mug': {most} are"
    assert refusal(take, FENCED, most + 1, subject) == f"{message} available"
    one = take(FENCED, 1, subject)
    options: dict[str, Any] = {"now": NOW, "order": subject}
    assert one.with_reserved_quantity("cart-9", "1", "mug", most, **options).reserved("mug") == most
    with pytest.raises(StockError):
        one.with_reserved_quantity("cart-9", "1", "mug", most + 1, **options)


def test_a_fence_keeps_components_of_kits() -> None:
    """Kits are made up of what the cart may have of their components."""
    stock = Inventory(
        [row(9), row(9, "cup")], items=[*FENCED.items(), kit(of={"mug": 2, "cup": 1})]
    )
    web = attrs.evolve(CART, channel="web")
    assert take(stock, 4, web, "set").reserved("mug") == 8
    assert refusal(take, stock, 3, CART, "set") == (
        "order 'cart-9', line '1': cannot reserve 6 of 'mug' for 'set': 5 are available"
    )


def test_lots_live_as_long_as_the_customer_asks() -> None:
    """Lots that live too short for the customer of the order are left to others."""
    choosy = attrs.evolve(CART, customer=asking_life(7))
    assert held(take(IN_LOTS, 5, None)) == [("old", 4), ("young", 1)]
    assert held(take(IN_LOTS, 5, CART)) == [("old", 4), ("young", 1)]
    assert held(take(IN_LOTS, 5, choosy)) == [("young", 3), ("", 2)]
    assert refusal(take, IN_LOTS, 6, choosy) == (
        "order 'cart-9', line '1': cannot reserve 6 of 'mug': 5 are available"
    )
    strict = Inventory(IN_LOTS.stock(), items=[Item(sku="mug", minimum_life=8 * DAY)])
    assert held(take(strict, 5, choosy)) == [("young", 3), ("", 2)]


def test_a_cap_counts_what_the_cart_holds() -> None:
    """With the order named or not, what it holds already counts for the customer's cap."""
    stock = Inventory([row(9)], items=[Item(sku="mug", customer_cap=3)])
    for subject in (None, CART):
        two = take(stock, 2, subject)
        assert take(two, 1, subject).reserved("mug") == 3
        assert refusal(take, two, 2, subject) == (
            "order 'cart-9', line '1': cannot reserve 2 of 'mug': 1 is available"
        )


def test_the_order_is_the_one_that_the_units_are_for() -> None:
    """An order of another id, or what is no order, is refused: it would be judged by the wrong
    one.
    """
    other: Any
    for other, said in ((order("A-1", 9), "is not the order"), (ADA, "is not of type Order")):
        for method in (FENCED.with_available_reserved, FENCED.with_reserved_quantity):
            with pytest.raises(InvalidValueError, match=f"^order: .* {said}"):
                method("cart-9", "1", "mug", 1, now=NOW, order=other)


def with_stock(subject: Order) -> st.SearchStrategy[tuple[Inventory, Order]]:
    """Stock with rules, of which the order may hold some."""
    return st.tuples(inventories(orders=[subject], now=NOW, rules=True), st.just(subject))


SKUS = ("cup", "mug", "pot", "cup-set", "cup-box")


@given(orders(lots=()).flatmap(with_stock), st.sampled_from(SKUS))
def test_as_much_as_is_available_can_be_set_aside(both: tuple[Inventory, Order], sku: str) -> None:
    """Of what an order may have, according to `available`, all can be set aside for it, and not
    one unit more; where whole packs leave, nothing more can be.
    """
    stock, subject = both
    assume(stock.is_tracked(sku))
    most = stock.available(sku, now=NOW, order=subject)
    options: dict[str, Any] = {"now": NOW, "order": subject}
    with pytest.raises(StockError):
        stock.with_available_reserved(subject.id, "1", sku, most + 1, **options)
    parts = stock.components_of(sku) or ((sku, 1),)
    if most and not any(stock.item(leaf).packs for leaf, _ in parts):
        taken = stock.with_available_reserved(subject.id, "1", sku, most, **options)
        assert taken.available(sku, now=NOW, order=subject) == 0
