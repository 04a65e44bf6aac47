"""What a customer bought by orders that are not in the run: it counts for the customer's cap."""

from __future__ import annotations

from typing import Any

import pytest
from builders import NOW, allocations_of, line, order, run
from some_stock import BOB, DAY, HOUR, codes, kit, remarks, row, shorts

from fulfill_core import (
    CustomerFacts,
    Facts,
    Inventory,
    Item,
    Ship,
    Supply,
    explain,
    lacking,
    offers,
)
from fulfill_core.reallocation import ConfirmationStrategy, Reallocation


def capped(units: int, cap: int, **changes: Any) -> Inventory:
    """Mugs of which one customer gets so many."""
    return Inventory([row(units)], items=[Item(sku="mug", customer_cap=cap, **changes)])


def bought(**units: int) -> Facts:
    """What the customer of every order here bought before; of another customer nothing is known."""
    customer_id = order("A-1", 1).customer.id
    return Facts(customers=[CustomerFacts(customer_id=customer_id, units_bought=units)])


def test_what_was_bought_before_counts() -> None:
    """A customer gets what the cap leaves beyond it, over all orders of the run, and hears why;
    another customer's purchases are of no concern.
    """
    orders = [
        order("A-1", 2),
        order("A-2", 2, placed_at=NOW + HOUR),
        order("B-1", 3, placed_at=NOW + 2 * HOUR, customer=BOB),
    ]
    result = run(*orders, stock=capped(99, 3), facts=bought(mug=1, cup=9))
    assert [units for each in result.decisions for _, _, units in allocations_of(each)] == [2, 3]
    assert shorts(result["A-2"]) == [("1", 2, 0, "customer_cap")]
    detail = (
        "Of mug, one customer gets 3 at most, and has 1 by orders that have no turn in this run:"
        " 0 more for this order."
    )
    assert remarks(result["A-2"]) == [("allocation.customer_cap", detail)]
    assert f"Please note: {detail}" in explain(result, "A-2").sentences
    again = run(*orders, stock=result.inventory, facts=bought(mug=1))
    assert [allocations_of(each) for each in again.decisions] == [[], [], []]
    assert remarks(again["A-2"]) == remarks(result["A-2"])


def test_who_bought_more_than_the_cap_gets_none() -> None:
    """A cap that was lowered takes nothing back, and gives no more."""
    result = run(order("A-1", 2), stock=capped(9, 3), facts=bought(mug=5))
    assert shorts(result["A-1"]) == [("1", 2, 0, "customer_cap")]


def test_kits_that_were_bought_count_as_their_components() -> None:
    """A cap is that of a component; a shop knows of kits, or of what they were made of."""
    tea = kit("tea-set", of={"pot": 1, "cup": 4})
    cups = Item(sku="cup", customer_cap=9)
    stock = Inventory([row(9, "pot"), row(99, "cup")], items=[tea, cups])
    subject = order(lines=[line("1", "tea-set", 3)])
    for facts in (bought(**{"tea-set": 1}), bought(cup=4), bought(cup=4, pot=1)):
        result = run(subject, stock=stock, facts=facts)
        assert shorts(result[subject.id]) == [("1", 2, 1, "customer_cap")]


def test_no_more_wait_than_the_cap_leaves() -> None:
    """What was bought counts for units on order, and for orders that ship complete, too."""
    soon = Supply(id="PO-1", sku="mug", quantity=9, expected_at=NOW + DAY)
    item = Item(sku="mug", customer_cap=4, backorderable=True)
    stock = Inventory([row(1)], [soon], [item])
    result = run(order("A-1", 5), stock=stock, facts=bought(mug=1))
    assert [each.quantity for each in result["A-1"].backorders] == [2]
    assert shorts(result["A-1"]) == [("1", 2, 1, "customer_cap")]
    complete = order("A-1", 4, ship=Ship.COMPLETE)
    result = run(complete, stock=stock, facts=bought(mug=1))
    assert (result["A-1"].backorders, codes(result["A-1"])) == ((), ["allocation.customer_cap"])


def test_a_checkout_hears_what_a_run_gives() -> None:
    """What is lacking, and what can be offered, is less by what was bought."""
    stock, cart = capped(9, 4), order("A-1", 3)
    assert lacking(cart, stock, now=NOW) == {}
    assert lacking(cart, stock, now=NOW, facts=bought(mug=3)) == {"mug": 2}
    (offer,) = offers(cart, stock, now=NOW, facts=bought(mug=3))
    assert (offer.at_once, offer.arrivals) == (1, ())


@pytest.mark.parametrize(("before", "units"), [(0, [1, 0]), (1, [0, 1])])
def test_nobody_loses_to_who_may_have_no_more(before: int, units: list[int]) -> None:
    """A re-allocation gives a customer no more than the cap leaves."""
    behind = order("A-2", 1, placed_at=NOW + HOUR, customer=BOB)
    first = run(behind, stock=capped(1, 1))
    taking = Reallocation(strategy=ConfirmationStrategy.REDISTRIBUTE)
    result = run(
        *(order("A-1", 1), behind),
        stock=first.inventory,
        facts=bought(mug=before),
        reallocation=taking,
    )
    assert [reserved_of(result.inventory, each) for each in ("A-1", "A-2")] == units


def reserved_of(stock: Inventory, order_id: str) -> int:
    """How many units an order has."""
    return sum(each.quantity for each in stock.reservations_of(order_id))


def test_units_bought_are_kept_by_sku() -> None:
    """As a mapping or as pairs, in any sequence; none of a SKU is the same as no word of it."""
    known = CustomerFacts(customer_id="C", units_bought={"mug": 2, "cup": 1, "pot": 0})
    assert known.units_bought == (("cup", 1), ("mug", 2))
    assert known == CustomerFacts(customer_id="C", units_bought=[("mug", 2), ("cup", 1)])
    assert CustomerFacts(customer_id="C").units_bought == ()
