"""Kits have no stock of their own: what is set aside and given up are their components."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import attrs
import pytest
from builders import NOW, refusal, reserved

from fulfill_core import Component, Inventory, Item, Lot, Stock, Supply
from fulfill_core.inventory.changes import Changes, StockChange

HOUR = timedelta(hours=1)


def kit(sku: str, **parts: int) -> Item:
    """A kit of so many units of each of these."""
    return Item(sku=sku, components=[Component(sku=part, quantity=n) for part, n in parts.items()])


SET = kit("set", pot=1, cup=4, card=1)
CARD = Item(sku="card", tracked=False)


def stock_of(*items: Item, **units: int) -> Inventory:
    """So many units of each SKU in Berlin, and three cups in Paris."""
    rows = [Stock(sku=sku, location="berlin", on_hand=on_hand) for sku, on_hand in units.items()]
    rows.append(Stock(sku="cup", location="paris", on_hand=3))
    return Inventory(rows, items=[CARD, *items])


SETS = stock_of(SET, pot=3, cup=9)


def held(stock: Inventory) -> dict[tuple[str, str], int]:
    """Units that the cart holds, by SKU and location."""
    units: Counter[tuple[str, str]] = Counter()
    for each in stock.reservations_of("cart-9"):
        units[each.sku, each.location] += each.quantity
    return dict(units)


def hold(stock: Inventory, kits: int, **options: Any) -> Inventory:
    """So many sets more for the cart."""
    return stock.with_available_reserved("cart-9", "1", "set", kits, now=NOW, **options)


# -- Built -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("items", "way"),
    [
        ([kit("a", a=1)], "a -> a"),
        ([kit("a", b=1), kit("b", x=1, c=1), kit("c", b=2)], "b -> c -> b"),
        ([kit("a", b=1, c=1), kit("b", c=1), kit("c", d=1, a=1)], "a -> c -> a"),
    ],
)
def test_a_kit_is_no_part_of_itself(items: list[Item], way: str) -> None:
    """Kits that contain themselves, at any depth, are refused with the way around; so they are when
    changes bring them.
    """
    problem = f"{way!r} is a kit that is a part of itself; take it out of its components"
    assert refusal(Inventory, items=items) == f"Inventory.items: {problem}"
    assert refusal(Inventory().with_changes, Changes(items_added=items)) == (
        f"changes.items_added: {problem}"
    )
    first, *others = items  # the one that closes the circle comes last
    before = Inventory(items=[item for item in others if item.sku != "c"])
    closing = Changes(items_added=[first, *(item for item in others if item.sku == "c")])
    assert refusal(before.with_changes, closing).endswith(
        " a part of itself; take it out of its components"
    )


def test_kits_may_share_what_they_are_made_of() -> None:
    """A component of several kits, and of kits in one kit, is no circle; one that nothing else
    names has no stock.
    """
    nested = stock_of(kit("two", one=2, pot=1), kit("one", pot=1), kit("box", two=1, one=1), pot=9)
    assert nested.components_of("box") == (("pot", 4),)
    assert nested.available("box") == 2
    assert stock_of(kit("odd", ghost=1)).available("odd") == 0


def test_kits_nested_a_thousand_deep_are_no_matter() -> None:
    """How deep kits are nested does not matter to the search for circles."""
    chain = [kit(f"k{depth}", **{f"k{depth + 1}": 1}) for depth in range(3_000)]
    assert len(list(Inventory(items=chain).items())) == 3_000


def test_a_kit_has_no_stock_of_its_own() -> None:
    """A stock row of a kit is refused, and so is what would make one: a receipt, a count, changes
    that bring units to it, or make a kit of what has some.
    """
    row = Stock(sku="set", location="berlin", on_hand=1)
    assert refusal(Inventory, [row], items=[SET]) == (
        "Inventory.stock[0]: Stock(sku='set', location='berlin', on_hand=1, safety=0, lots=()) is"
        " for a kit, which has no stock of its own; give rows for its components"
    )
    problem = "sku: 'set' is a kit, which has no stock of its own; name one of its components"
    assert refusal(SETS.with_received, "set", "berlin", 1) == problem
    assert refusal(SETS.with_received, "set", "berlin", 1, lot="L1") == problem
    assert refusal(SETS.with_counted, "set", "berlin", 1) == problem
    both = "changes: 'set' would be a kit and have stock of its own; take one away"
    units = Changes(on_hand=[StockChange(sku="set", location="berlin", quantity=1)])
    assert refusal(SETS.with_changes, units) == both
    assert refusal(Inventory([row]).with_changes, Changes(items_added=[SET])) == both


def test_a_kit_does_not_come_in() -> None:
    """A supply of a kit is refused: nothing could be received of it. So are changes that bring one,
    or that make a kit of what is to come.
    """
    coming = Supply(id="PO-1", sku="set", quantity=3, expected_at=NOW)
    message = refusal(
        Inventory, supplies=[attrs.evolve(coming, id="PO-0", sku="pot"), coming], items=[SET]
    )
    assert message.startswith("Inventory.supplies[1]: Supply(id='PO-1', sku='set', ")
    assert message.endswith(
        " is for a kit, which has no stock of its own; give supplies of its components"
    )
    both = "changes: 'set' would be a kit and have a supply of its own; take one away"
    assert refusal(SETS.with_changes, Changes(supplies_added=[coming])) == both
    expecting = Inventory(supplies=[coming])
    assert refusal(expecting.with_changes, Changes(items_added=[SET])) == both


def test_a_sku_becomes_a_kit() -> None:
    """Changes that take its stock away, and what is to come, and bring its components make a kit of
    a SKU, and back.
    """
    coming = Supply(id="PO-1", sku="set", quantity=3, expected_at=NOW)
    plain = Inventory([Stock(sku="set", location="berlin", on_hand=1)], [coming])
    changes = SETS.changes_since(plain)
    assert plain.with_changes(changes) == SETS
    assert SETS.with_changes(changes.inverted()) == plain


# -- Set aside -------------------------------------------------------------------------------------


def test_the_components_of_whole_kits_are_set_aside() -> None:
    """Of a kit, the tracked components of so many kits are reserved, each from the locations in
    rank order: all of them or none.
    """
    three = hold(SETS, 3)
    assert held(three) == {("pot", "berlin"): 3, ("cup", "berlin"): 9, ("cup", "paris"): 3}
    assert three.available("set") == 0
    assert refusal(hold, SETS, 4) == (
        "order 'cart-9', line '1': cannot reserve 16 of 'cup' for 'set': 12 are available"
    )
    assert refusal(hold, SETS, 3, location="berlin") == (
        "order 'cart-9', line '1': cannot reserve 12 of 'cup' for 'set': 9 are available at"
        " 'berlin'"
    )
    assert held(hold(SETS, 2, location="berlin")) == {("pot", "berlin"): 2, ("cup", "berlin"): 8}


def test_a_kit_of_what_is_not_tracked_needs_nothing() -> None:
    """A kit of which no component is tracked is always there: nothing is set aside."""
    cards = Inventory(items=[CARD, kit("cards", card=3)])
    assert cards.with_available_reserved("cart-9", "1", "cards", 2, now=NOW) is cards
    assert cards.with_reserved_quantity("cart-9", "1", "cards", 2, now=NOW) is cards


def test_a_kits_components_come_from_their_lots() -> None:
    """A component that is kept by lot is reserved by lot."""
    lots = [Lot(id="L1", quantity=1), Lot(id="L2", quantity=9, expires_at=NOW + HOUR)]
    rows = [
        Stock(sku="cup", location="berlin", on_hand=10, lots=lots),
        Stock(sku="pot", location="berlin", on_hand=3),
    ]
    taken = hold(Inventory(rows, items=[SET, CARD]), 2)
    assert [(each.sku, each.lot, each.quantity) for each in taken.reservations_of("cart-9")] == [
        ("cup", "L2", 8),
        ("pot", "", 2),
    ]


def test_a_kits_line_is_counted_in_whole_kits() -> None:
    """A line's quantity of a kit is a number of kits: what is missing of any component comes, what
    is too much goes. Twice is once, and none gives up all.
    """

    def kits(stock: Inventory, quantity: int) -> Inventory:
        return stock.with_reserved_quantity("cart-9", "1", "set", quantity, now=NOW)

    two = kits(SETS, 2)
    assert held(two) == {("pot", "berlin"): 2, ("cup", "berlin"): 8}
    assert kits(two, 2) is two
    assert held(kits(two, 1)) == {("pot", "berlin"): 1, ("cup", "berlin"): 4}
    assert held(kits(two, 3)) == held(hold(SETS, 3))
    assert kits(two, 0) == SETS
    assert refusal(kits, two, 4) == (
        "order 'cart-9', line '1': cannot reserve 8 of 'cup' for 'set': 4 are available"
    )
    uneven = SETS.with_reserved(
        reserved("cart-9", sku="pot", quantity=3), reserved("cart-9", sku="cup", quantity=2)
    )
    assert held(kits(uneven, 1)) == {("pot", "berlin"): 1, ("cup", "berlin"): 4}


# -- Given up --------------------------------------------------------------------------------------


def test_whole_kits_are_given_up() -> None:
    """Of a kit, so many units of each component are released, of the last location first; without
    the kit's name, a line of several SKUs has to say which.
    """
    three = hold(SETS, 3)
    assert held(three.with_released("cart-9", "1", 1, sku="set")) == {
        ("pot", "berlin"): 2,
        ("cup", "berlin"): 8,
    }
    assert three.with_released("cart-9", "1", 3, sku="set") == SETS
    assert held(three.with_released("cart-9", "1", 1, sku="pot"))["pot", "berlin"] == 2
    assert refusal(three.with_released, "cart-9", "1", 1) == (
        "order 'cart-9', line '1': cannot release 1 of ['cup', 'pot'], which are all reserved; name"
        " one of them"
    )
    assert refusal(three.with_released, "cart-9", "1", 4, sku="set") == (
        "order 'cart-9', line '1': cannot release 16 of 'cup': 12 are reserved"
    )


CALLS: list[tuple[Callable[[], object], str]] = [
    (lambda: hold(SETS, 0), "quantity: 0 is below 1; pass 1 or more"),
    (
        lambda: SETS.with_released("cart-9", "1", 0, sku="set"),
        "quantity: 0 is below 1; pass 1 or more",
    ),
]


@pytest.mark.parametrize(("call", "message"), CALLS, ids=[each for _, each in CALLS])
def test_wrong_numbers_of_kits_are_refused(call: Callable[[], object], message: str) -> None:
    """The setting, its value and the way out are named."""
    assert refusal(call) == message
