"""Who has what an order lacks: reserved, or claimed of what is to come."""

from __future__ import annotations

import pickle
from datetime import timedelta

from builders import NOW, line, mugs, order, run

from fulfill_core import Claim, Inventory, Item, Result, Supply, explain

DAY = timedelta(days=1)


def stock_to_come(units: int = 1) -> Inventory:
    """One mug that is there, and some that come tomorrow."""
    supply = Supply(id="PO-1", sku="mug", quantity=units, expected_at=NOW + DAY, location="berlin")
    items = [Item(sku="mug", backorderable=True)]
    return Inventory(mugs(berlin=1).stock(), items=items, supplies=[supply])


def of_mugs(result: Result, order_id: str) -> str:
    """The sentence about what there was of mugs."""
    return next(each for each in explain(result, order_id).sentences if each.startswith("Of mug"))


def test_what_another_run_at_this_instant_gave_is_named() -> None:
    """Of two checkouts at one instant the second hears that the first has the unit; in a run of
    both it was ahead.
    """
    first = run(order("A-1", 1), stock=stock_to_come())
    second = run(order("A-2", 1), stock=first.inventory)
    start = "Of mug, 0 were available before the run."
    assert of_mugs(second, "A-2") == f"{start} 1 is reserved for A-1, which is not in this run."
    both = run(order("A-1", 1), order("A-2", 1), stock=stock_to_come())
    ahead = "Of mug, 1 was available before the run. Ahead of it, A-1 (first) took 1."
    assert of_mugs(both, "A-2") == ahead


def test_who_has_claimed_what_is_to_come_is_named() -> None:
    """Who waits without a date hears whose units are to come; who has a date does not."""
    before = run(order("A-1", 1), order("A-2", 1), stock=stock_to_come()).inventory
    alone = run(order("A-3", 1), stock=before)
    [claim] = explain(alone, "A-3").claims
    assert claim == Claim(
        order_id="A-2", line_id="1", sku="mug", supply_id="PO-1", quantity=1, made_at=NOW
    )
    claimed = "What is to come is claimed: 1 of PO-1 by A-2"
    assert of_mugs(alone, "A-3").endswith(f"{claimed}, which is not in this run.")
    together = run(*[order(f"A-{number}", 1) for number in (1, 2, 3)], stock=before)
    assert of_mugs(together, "A-3").endswith(f"{claimed}.")
    assert explain(together, "A-2").claims == ()


def test_many_claims_are_counted() -> None:
    """The first five are named, the others are a number."""
    orders = [order(f"A-{number}", 1) for number in range(1, 10)]
    result = run(*orders, stock=stock_to_come(7))
    named = "; ".join([f"1 of PO-1 by A-{number}" for number in range(2, 7)])
    assert of_mugs(result, "A-9").endswith(f"is claimed: {named}; 2 by others.")


def test_a_result_that_was_explained_is_the_same() -> None:
    """What explanations share is no part of it: it equals, and pickles, as before, and explains
    itself when it is back as it did.
    """
    supplies = [
        Supply(id=f"PO-{sku}", sku=sku, quantity=1, expected_at=NOW + DAY, location="berlin")
        for sku in ("mug", "pen")
    ]
    items = [Item(sku=sku, backorderable=True) for sku in ("mug", "pen")]
    stock = Inventory(mugs(berlin=1).stock(), items=items, supplies=supplies)
    waiting = order("Z-2", lines=[line("1", "pen", 1)])  # what nobody else lacks
    outsider = run(order("Z-1", 1), waiting, stock=stock).inventory
    orders = [order("A-1", 1), order("A-2", 1)]
    result, like = run(*orders, stock=outsider), run(*orders, stock=outsider)
    assert result["A-2"] == like["A-2"]
    before = pickle.dumps(result)
    texts = [str(explain(result, each.id)) for each in orders]
    assert "reserved for Z-1" in texts[1]
    assert pickle.dumps(result) == before
    assert result == like
    back: Result = pickle.loads(before)  # noqa: S301 - our own
    assert [str(explain(back, each.id)) for each in orders] == texts
