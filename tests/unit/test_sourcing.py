"""Ready-made sourcing policies."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Any

import pytest
from builders import CONTEXT, allocations_of, decide, line, order, run

from fulfill_core import (
    DEFAULT_SOURCING,
    Candidate,
    Context,
    Decision,
    Demand,
    Inventory,
    Location,
    Stock,
)
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


def remarks(decision: Decision) -> list[str]:
    """What is said of where its units come from."""
    return [each.detail for each in decision.findings if each.code.startswith("sourcing.")]


def test_locations_are_offered_in_rank_order_whichever_of_them_have_something() -> None:
    """However many sets of them orders find, and however often one comes again."""
    ids = [f"place-{number:02}" for number in range(13)]
    stock = Inventory(
        stock=[Stock(sku=f"of-{at}", location=at, on_hand=99) for at in ids],
        locations=[Location(id=at, rank=-number) for number, at in enumerate(ids)],
    )
    pairs = [*combinations(ids, 2), (ids[0], ids[1])]
    orders = [
        order(f"A-{number:02}", lines=[line(at, f"of-{at}", 1) for at in pair])
        for number, pair in enumerate(pairs)
    ]
    offers: list[list[str]] = []

    def ask(
        demand: Demand, candidates: Sequence[Candidate], /, *, context: Context
    ) -> Sequence[Candidate]:
        offers.append([each.id for each in candidates])
        return candidates

    run(*orders, stock=stock, sourcing=ask, verifiers=())
    assert offers == [[second, first] for first, second in pairs]


def test_a_location_that_nobody_described_is_asked_last_and_named() -> None:
    """Where "Berlin" stands beside "berlin", that is a slip: its units are not lost, it comes after
    all others, and whoever gets some of them is told whence. Where nothing is described, none is.
    """
    rows = [Stock(sku="mug", location=place, on_hand=2) for place in ("Berlin", "berlin", "paris")]
    places = [Location(id="berlin", rank=7), Location(id="paris", rank=9)]
    wish = order("A-1", 2), order("A-2", 3), order("A-3", 1)
    result = run(*wish, stock=Inventory(rows, locations=places))
    assert [allocations_of(result[each.id]) for each in wish] == [
        [("1", "berlin", 2)],
        [("1", "paris", 2), ("1", "Berlin", 1)],
        [("1", "Berlin", 1)],
    ]
    named = [remarks(result[each.id]) for each in wish]
    assert [len(details) for details in named] == [0, 1, 1]
    assert "'Berlin'" in named[1][0]
    unnamed = run(*wish, stock=Inventory(rows))
    assert not any(remarks(each) for each in unnamed.decisions)


def test_a_place_that_is_new_is_asked_last_until_it_is_described() -> None:
    """What is received, counted or moved to where nothing was is no reason to ask there first."""
    stock = Inventory(
        [Stock(sku="mug", location="berlin", on_hand=2)], locations=[Location(id="berlin", rank=7)]
    )
    for grown in (
        stock.with_received("mug", "annex", 2),
        stock.with_counted("mug", "annex", 2),
        stock.with_transferred("mug", 1, source="berlin", target="annex"),
    ):
        assert [place.id for place in grown.locations()] == ["berlin", "annex"]
        assert not grown.location("annex").is_described
        described = Inventory(
            [
                Stock(sku="mug", location=place.id, on_hand=grown.on_hand("mug", place.id))
                for place in grown.locations()
            ],
            locations=[Location(id="berlin", rank=7), Location(id="annex", rank=1)],
        )
        known = grown.with_changes(described.changes_since(grown))
        assert [place.id for place in known.locations()] == ["annex", "berlin"]
