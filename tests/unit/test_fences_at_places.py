"""Fences at one location: the last units of a shop window are kept for those who come."""

from __future__ import annotations

from typing import Any

import pytest

from fulfill_core import Fence, Inventory, Item, Ship, Supply
from fulfill_core.optimal import best_value

from .builders import NOW, decide, order, refusal, run
from .some_stock import DAY, codes, got, remarks, row, shorts

WINDOW = Fence(quantity=3, tags=["pick-up"], location="shop")


def shop(
    *fences: Fence, shop: int = 5, depot: int = 2, supplies: Any = (), **rules: Any
) -> Inventory:
    """Mugs in a shop and in a depot, with fences."""
    return Inventory(
        stock=[row(shop, location="shop"), row(depot, location="depot")],
        items=[Item(sku="mug", fences=fences, **rules)],
        supplies=supplies,
    )


@pytest.mark.parametrize(
    ("units", "depot", "window"), [(2, 2, 0), (3, 2, 1), (4, 2, 2), (5, 2, 2), (9, 2, 2)]
)
def test_the_last_units_of_a_place_are_kept(units: int, depot: int, window: int) -> None:
    """Others are served from there as long as more is left there, wherever else there is more."""
    decision = decide(order("A-1", units), shop(WINDOW))
    assert {row.location: row.quantity for row in decision.allocations} == {
        place: n for place, n in (("depot", depot), ("shop", window)) if n
    }
    missing = units - depot - window
    assert shorts(decision) == ([("1", missing, 4, "ring_fenced")] if missing else [])


def test_who_is_named_gets_them() -> None:
    """Who picks up takes the window as well."""
    decision = decide(order("A-1", 7, tags=["pick-up"]), shop(WINDOW))
    assert (decision.shorts, sum(each.quantity for each in decision.allocations)) == ((), 7)


def test_a_window_shows_what_anybody_may_have() -> None:
    """At the place itself, and in all; for an order that is named, all of it."""
    stock = shop(WINDOW)
    picks_up = order("A-1", 1, tags=["pick-up"])
    assert [stock.available("mug", at) for at in (None, "shop", "depot")] == [4, 2, 2]
    assert stock.available("mug", order=picks_up) == 7
    assert shop(WINDOW, shop=2).available("mug", "shop") == 0


def test_it_says_where() -> None:
    """The note names the place."""
    decision = decide(order("A-1", 5), shop(WINDOW))
    assert remarks(decision) == [
        (
            "allocation.ring_fenced",
            "Of mug, the last 3 at shop are kept for tag pick-up: 4 were left for this order.",
        )
    ]
    assert codes(decide(order("A-1", 4), shop(WINDOW))) == []


def test_a_fence_at_a_place_and_one_over_all() -> None:
    """Both hold: the last four over all, and of the shop's the last three."""
    everywhere = Fence(quantity=4, tiers=["vip"])
    assert got(decide(order("A-1", 9), shop(WINDOW, everywhere))) == [
        ("1", "mug", "depot", 2),
        ("1", "mug", "shop", 1),
    ]


def test_fences_at_one_place_add_up() -> None:
    """Who is outside of both leaves the units of both."""
    more = Fence(quantity=1, channels=["shop"], location="shop")
    assert shop(WINDOW, more).available("mug", "shop") == 1


def test_it_ends() -> None:
    """Once released it keeps nothing."""
    past = Fence(quantity=3, tags=["pick-up"], location="shop", until=NOW)
    assert decide(order("A-1", 7), shop(past)).shorts == ()


def test_a_fence_at_a_place_without_stock_keeps_nothing() -> None:
    """Nor does one at a place that nobody knows."""
    nowhere = Fence(quantity=3, tags=["pick-up"], location="moon")
    assert decide(order("A-1", 7), shop(nowhere)).shorts == ()


@pytest.mark.parametrize("ship", Ship)
def test_the_next_run_gives_nothing_new(ship: Ship) -> None:
    """What was left for the window is left in the next run, too."""
    orders = order("A-1", 3, 2, ship=ship), order("A-2", 2, ship=ship)
    first = run(*orders, stock=shop(WINDOW, backorderable=True))
    again = run(*orders, stock=first.inventory)
    assert [each.allocations for each in again.decisions] == [(), ()]


@pytest.mark.parametrize(
    ("units", "pegs"), [(1, []), (2, [("shop", 1)]), (4, [("shop", 2), ("any", 1)])]
)
def test_what_a_place_lacks_comes_to_it_first(units: int, pegs: list[tuple[str, int]]) -> None:
    """Of four that come to the shop two fill up its window; what names no place is for all."""
    supplies = [
        Supply(id="shop", sku="mug", quantity=4, expected_at=NOW + DAY, location="shop"),
        Supply(id="any", sku="mug", quantity=4, expected_at=NOW + 2 * DAY),
    ]
    stock = shop(WINDOW, shop=1, depot=1, supplies=supplies, backorderable=True)
    decision = decide(order("A-1", units), stock)
    assert [(row.supply_id, row.quantity) for row in decision.backorders] == pegs


def test_what_comes_to_a_place_without_stock_fills_its_window() -> None:
    """Where no unit was yet, all of the fence is lacking; one that is overdue fills it up too."""
    late = [
        Supply(id=f"{days}", sku="mug", quantity=4, expected_at=NOW + days * DAY, location="shop")
        for days in (-1, 1)
    ]
    stock = Inventory(
        stock=[row(0, location="depot")],
        supplies=late,
        items=[Item(sku="mug", fences=[WINDOW], backorderable=True)],
    )
    decision = decide(order("A-1", 9), stock)
    assert [(row.supply_id, row.quantity) for row in decision.backorders] == [
        ("-1", 1),
        ("1", 1),
        ("", 7),
    ]


def test_a_plan_leaves_the_window() -> None:
    """A planner gives others no more than more than that leaves."""
    orders = order("A-1", 4), order("A-2", 5, tags=["pick-up"], placed_at=NOW + DAY)
    result = run(*orders, stock=shop(WINDOW), planner=best_value())
    assert sum(row.quantity for row in result["A-1"].allocations) <= 4
    assert sum(row.quantity for each in result.decisions for row in each.allocations) == 7


def test_a_place_is_an_id() -> None:
    """No number and no blank."""
    assert refusal(Fence, quantity=1, tags=["x"], location=3).startswith("Fence.location: 3")
    assert refusal(Fence, quantity=1, tags=["x"], location=" ").startswith("Fence.location: ' '")
