"""What leaves is there, whichever way it leaves; and how many were there is one number."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from fulfill_core import Inventory, Lot, Ship, Stock, StockError
from fulfill_core.inventory import ParcelLine

from .builders import order, refusal, reserved, run
from .some_stock import shorts

Leave = Callable[[Inventory], Inventory]


def short_of(*lots: Lot, reserved_lot: str = "") -> Inventory:
    """Five are reserved in Berlin, and a count found two of them."""
    stock = Inventory(
        stock=[Stock(sku="mug", location="berlin", on_hand=5, lots=lots)],
        reservations=[reserved(quantity=5, lot=reserved_lot)],
    )
    return stock.with_counted("mug", "berlin", 2, lot=reserved_lot if lots else None)


WAYS: list[tuple[str, Leave]] = [
    ("ship", lambda stock: stock.with_shipped("A-1", "1", 3, location="berlin")),
    (
        "ship",
        lambda stock: stock.with_parcel_shipped(
            "A-1", [ParcelLine(line_id="1", quantity=3)], location="berlin"
        ),
    ),
    (
        "move",
        lambda stock: stock.with_reservation_moved("A-1", "1", 3, source="berlin", target="lyon"),
    ),
]
STOCKS = [short_of(), short_of(Lot(id="L-1", quantity=5), reserved_lot="L-1")]


@pytest.mark.parametrize(("verb", "leave"), WAYS)
@pytest.mark.parametrize("stock", STOCKS)
def test_no_more_leaves_than_is_there(verb: str, leave: Leave, stock: Inventory) -> None:
    """Shipped or moved, one by one or in a parcel, by lot or not: what was not counted stays."""
    with pytest.raises(StockError, match=f"cannot {verb} 3 of 'mug'.* at 'berlin': 2 are"):
        leave(stock)


def test_a_host_may_say_that_on_hand_falls_below_zero() -> None:
    """Where a system keeps numbers below zero, units leave that were not counted, if it is said."""
    stock = short_of()
    shipped = stock.with_shipped("A-1", "1", 3, location="berlin", below_zero=True)
    assert (shipped.on_hand("mug", "berlin"), shipped.reserved("mug")) == (-1, 2)
    parcel = [ParcelLine(line_id="1", quantity=2), ParcelLine(line_id="1", quantity=1)]
    assert stock.with_parcel_shipped("A-1", parcel, location="berlin", below_zero=True) == shipped
    moved = stock.with_reservation_moved(
        "A-1", "1", 3, source="berlin", target="lyon", below_zero=True
    )
    assert [moved.on_hand("mug", at) for at in ("berlin", "lyon")] == [-1, 3]
    assert [moved.reserved("mug", at) for at in ("berlin", "lyon")] == [2, 3]


def test_a_negative_number_stays_one_if_it_is_said() -> None:
    """What is below zero already falls further."""
    row = Stock(sku="mug", location="berlin", on_hand=-3)
    stock = Inventory(stock=[row], reservations=[reserved()])
    shipped = stock.with_shipped("A-1", "1", 1, location="berlin", below_zero=True)
    assert shipped.on_hand("mug", "berlin") == -4


def test_a_lot_never_has_less_than_nothing() -> None:
    """Of lots no more leaves than is there, whatever is said of the location."""
    _, by_lot = STOCKS
    with pytest.raises(StockError, match="2 are there"):
        by_lot.with_shipped("A-1", "1", 3, location="berlin", below_zero=True)


def test_whether_it_may_is_yes_or_no() -> None:
    """A word is not taken for yes."""
    ship = short_of().with_shipped
    message = refusal(ship, "A-1", "1", 1, location="berlin", below_zero="no")
    assert message == "below_zero: 'no' is not a bool; pass True or False"
    move = short_of().with_reservation_moved
    message = refusal(move, "A-1", "1", 1, source="berlin", target="lyon", below_zero=1)
    assert message == "below_zero: 1 is not a bool; pass True or False"


@pytest.mark.parametrize("ship", [Ship.PARTIAL, Ship.LINES])
def test_how_many_were_there_is_one_number(ship: Ship) -> None:
    """What an order has already counts as there: the next run says the same as the first."""
    asks = order("A-1", 3, 5, ship=ship)
    stock = Inventory.of({("mug", "berlin"): 6})
    first = run(asks, stock=stock)
    again = run(asks, stock=first.inventory)
    assert [each.quantity for each in again["A-1"].reserved] == [
        each.quantity for each in first["A-1"].allocations
    ]
    assert shorts(again["A-1"]) == shorts(first["A-1"])


def test_all_on_hand_is_reserved_for_the_order_itself() -> None:
    """Three of five are its own: three are there for it, and two are short, in every run."""
    stock = Inventory.of({("mug", "berlin"): 3}).with_reserved(reserved(quantity=3))
    assert shorts(run(order("A-1", 5), stock=stock)["A-1"]) == [("1", 2, 3, "out_of_stock")]


def test_all_on_hand_is_reserved_for_others() -> None:
    """What others have is not there for it."""
    stock = Inventory.of({("mug", "berlin"): 3}).with_reserved(reserved("B-1", quantity=3))
    assert shorts(run(order("A-1", 5), stock=stock)["A-1"]) == [("1", 5, 0, "out_of_stock")]


def test_what_is_reserved_and_not_there_is_not_there() -> None:
    """Of its own units those count that can be used, for each of its reasons."""
    asks = order("A-1", 6)
    assert shorts(run(asks, stock=short_of())["A-1"]) == [
        ("1", 1, 2, "out_of_stock"),
        ("1", 3, 2, "reserved_unusable"),
    ]
