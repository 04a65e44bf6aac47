"""Ready-made sourcing policies."""

from __future__ import annotations

from typing import Any

import pytest
from builders import CONTEXT, allocations_of, decide, line, order

from fulfill_core import DEFAULT_SOURCING, Candidate, Demand, Inventory, Location, Stock
from fulfill_core.sourcing import by_rank, whole_order_first

BERLIN = Candidate(Location(id="berlin"), {"mug": 1, "cup": 1})
PARIS = Candidate(Location(id="paris"), {"mug": 2, "cup": 1})
ROME = Candidate(Location(id="rome"), {"mug": 2, "cup": 2})
PLACES = (BERLIN, PARIS, ROME)


@pytest.mark.parametrize(
    ("needs", "chosen"),
    [
        ({"mug": 1}, (BERLIN,)),
        ({"mug": 2, "cup": 1}, (PARIS,)),
        ({"cup": 2}, (ROME,)),
        ({"mug": 3}, PLACES),
        ({"mug": 1, "jar": 1}, PLACES),
    ],
)
def test_the_first_location_that_has_all_serves_alone(
    needs: dict[str, int], chosen: tuple[Candidate, ...]
) -> None:
    """Whole order first: one location that has everything, by rank; if none has, all by rank."""
    demand = Demand(order(), tuple(needs.items()))
    assert tuple(whole_order_first()(demand, PLACES, context=CONTEXT)) == chosen


def test_whole_order_first_asks_in_the_sequence_of_another_policy() -> None:
    """The policy within says which location is asked first, and which at all."""

    def backwards(demand: object, candidates: Any, /, *, context: object) -> Any:
        return [candidate for candidate in reversed(candidates) if candidate is not ROME]

    policy = whole_order_first(backwards)
    assert tuple(policy(Demand(order(), (("mug", 1),)), PLACES, context=CONTEXT)) == (PARIS,)
    assert tuple(policy(Demand(order(), (("mug", 3),)), PLACES, context=CONTEXT)) == (PARIS, BERLIN)


def test_by_rank_takes_them_as_they_are_offered() -> None:
    """By rank is the sequence in which locations are offered."""
    assert by_rank(Demand(order(), ()), PLACES, context=CONTEXT) == PLACES


def test_policies_show_what_they_are() -> None:
    """A policy's repr makes it again."""
    assert repr(DEFAULT_SOURCING) == "whole_order_first(otherwise=by_rank)"


def test_one_parcel_rather_than_two() -> None:
    """By default an order comes from one location that has all of it, if another ranks first."""
    stock = Inventory(
        [
            Stock(sku="mug", location="berlin", on_hand=9),
            Stock(sku="mug", location="paris", on_hand=1),
            Stock(sku="cup", location="paris", on_hand=1),
        ],
        locations=[Location(id="paris", rank=7)],
    )
    both = order(lines=[line("1", "mug"), line("2", "cup")])
    assert allocations_of(decide(both, stock)) == [("1", "paris", 1), ("2", "paris", 1)]


def test_split_by_rank_without_one_parcel() -> None:
    """Asked to go by rank alone, an order takes what the first location has, and then the next."""
    stock = Inventory.of({("mug", "berlin"): 1, ("mug", "paris"): 5})
    assert allocations_of(decide(order("A-1", 3), stock, sourcing=by_rank)) == [
        ("1", "berlin", 1),
        ("1", "paris", 2),
    ]
