"""Inventory as an index: one class, whose members are functions of modules named for their work."""

from __future__ import annotations

import inspect
from typing import get_type_hints

import pytest
from builders import NOW, mugs, reserved
from invariants import broken_invariants

from fulfill_core import Claim, Inventory, Location, LotOrder
from fulfill_core.inventory import Intake, availability, receiving
from fulfill_core.inventory.inventory import inventory_of, state_of
from fulfill_core.inventory.state import evolved
from fulfill_core.inventory.storing.lot_rows import NO_LOTS

MEMBERS = {name for name in vars(Inventory) if not name.startswith("_")}
COLLECTIONS = ("stock", "supplies", "items", "locations", "reservations", "claims", "intakes")


def test_an_inventory_is_one_class() -> None:
    """It has no base class of ours, and nobody can make it one: it is a value."""
    assert Inventory.__mro__ == (Inventory, object)
    with pytest.raises(TypeError, match="has no subclasses"):
        type("Mine", (Inventory,), {})


@pytest.mark.parametrize("name", sorted(MEMBERS))
def test_a_member_shows_itself_as_a_method(name: str) -> None:
    """Help, documentation and tracebacks name the method, its arguments and what it returns; the
    state that its function is given is nowhere to be seen. Each has an example.
    """
    member = getattr(Inventory, name)
    assert (member.__name__, member.__qualname__) == (name, f"Inventory.{name}")
    first = next(iter(inspect.signature(vars(Inventory)[name].__get__(None, Inventory)).parameters))
    assert first == ("on_hand" if name == "of" else "self")
    assert "state" not in inspect.signature(member).parameters
    assert "state:" not in member.__doc__
    assert ">>> " in member.__doc__
    if name.startswith("with"):
        assert inspect.signature(member).return_annotation == "Inventory"
        assert "return" not in get_type_hints(member)


def test_all_collections_are_asked_in_the_same_way() -> None:
    """What the constructor takes is asked by the same name, and walks what is there."""
    arguments = list(inspect.signature(Inventory).parameters)
    assert tuple(arguments) == COLLECTIONS
    stock = mugs(berlin=3).with_reserved(reserved())
    content = {name: getattr(stock, name)() for name in COLLECTIONS}
    assert all(iter(walk) is walk for walk in content.values())
    assert Inventory(**content) == stock


def test_a_member_is_its_function_on_the_state() -> None:
    """The library's other wings ask the functions; what they derive is made an inventory of."""
    stock = mugs(berlin=3)
    assert availability.available(state_of(stock), "mug") == stock.available("mug")
    more = receiving.with_received(state_of(stock), "mug", "berlin", 2)
    assert inventory_of(more) == stock.with_received("mug", "berlin", 2)
    assert inventory_of(state_of(stock)) == stock


def test_what_changes_nothing_is_the_same_inventory() -> None:
    """No copy is made where there is nothing to change."""
    stock = mugs(berlin=3)
    assert stock.without_reservations_of("nobody") is stock
    assert stock.with_changes(stock.changes_since(stock)) is stock


def test_a_broken_invariant_is_noticed() -> None:
    """What looks at every inventory in the tests of stock sees units that are reserved for nobody,
    reservations that no row knows of, lots that hold more than is there, and orders that are not
    counted where they were taken on.
    """
    stock = mugs(berlin=3).with_received("mug", "berlin", 2, lot="L")
    held = state_of(stock.with_reserved(reserved(lot="L")))
    free = state_of(stock)
    assert broken_invariants(inventory_of(held)) == []
    for fields in (
        {"reservations": free.reservations},
        {"stock_rows": free.stock_rows},
        {"lots": free.lots},
    ):
        assert broken_invariants(inventory_of(evolved(held, **fields))) != []
    fewer = state_of(mugs(berlin=1)).stock_rows
    assert "more than is on hand" in str(
        broken_invariants(inventory_of(evolved(free, stock_rows=fewer)))
    )
    store = Inventory(
        locations=[Location(id="store", capacity=2)],
        intakes=[Intake(location="store", order_id="A", day=NOW.date())],
    )
    assert broken_invariants(store) == []
    uncounted = evolved(state_of(store), orders_per_day=free.orders_per_day)
    assert "orders per day" in str(broken_invariants(inventory_of(uncounted)))
    claim = Claim(order_id="A", line_id="1", sku="mug", supply_id="PO-1", quantity=1)
    claimed = state_of(stock.with_claimed(claim))
    assert broken_invariants(inventory_of(claimed)) == []
    unknown = evolved(claimed, claims_on=free.claims_on)
    assert "claims by supply" in str(broken_invariants(inventory_of(unknown)))
    lots = free.lots.get("mug") or NO_LOTS
    lots._in_turn["berlin", LotOrder.FEFO] = lots.come_to("paris", LotOrder.FEFO)
    assert "lots of mug" in str(broken_invariants(stock))
