"""A turn goes on until a run on its own result would find nothing more (law 8)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fulfill_core import Component, Context, Fence, Inventory, Item, Location, Order, Pack, Ship
from fulfill_core.protocols import Candidate, Demand, SourcingPolicy
from fulfill_core.sourcing import at_most_shipments, by_rank, fewest_shipments

from .builders import NOW, decide, line, order, reserved, run
from .some_stock import DAY, got, kit, row, shorts

ONE_PLACE = at_most_shipments(1, by_rank)


def test_packs_a_cap_and_two_lines() -> None:
    """The second line gets the pack that the first could not use, in the same run."""
    packs = [Pack(location="berlin", multiple=2), Pack(location="lyon", minimum=3)]
    stock = Inventory(
        stock=[row(4), row(4, location="lyon")],
        items=[Item(sku="mug", packs=packs, customer_cap=5)],
    )
    decision = decide(order("A-1", 3, 2, ship=Ship.LINES), stock, sourcing=by_rank)
    assert got(decision) == [("1", "mug", "lyon", 3), ("2", "mug", "berlin", 2)]


@pytest.mark.parametrize("rules", [{}, {"customer_cap": 9}])
def test_a_place_that_was_chosen_in_vain_is_left_out(rules: dict[str, Any]) -> None:
    """Three of five mugs are of no use to a line that ships whole: the cups come from elsewhere."""
    stock = Inventory(
        stock=[row(3), row(2, "cup", "lyon")],
        items=[Item(sku="mug", **rules), Item(sku="cup", **rules)],
    )
    wish = order(lines=[line("1", "mug", 5), line("2", "cup", 2)], ship=Ship.LINES)
    decision = decide(wish, stock, sourcing=ONE_PLACE)
    assert got(decision) == [("2", "cup", "lyon", 2)]
    assert shorts(decision) == [("1", 5, 3, "line_ships_whole")]


def test_a_place_that_gives_something_counts() -> None:
    """Once the order leaves from one place, a limit of one leaves no other."""
    stock = Inventory(stock=[row(3), row(2, "cup", "lyon")])
    wish = order(lines=[line("1", "mug", 3), line("2", "cup", 2)], ship=Ship.LINES)
    decision = decide(wish, stock, sourcing=ONE_PLACE)
    assert got(decision) == [("1", "mug", "berlin", 3)]
    assert shorts(decision) == [("2", 2, 0, "not_sourced")]


def test_a_limit_counts_places_that_gave_something() -> None:
    """Of two places one gives nothing in the end: a third may."""
    stock = Inventory(
        stock=[row(4), row(4, "cup", "lyon"), row(2, "pot", "turin")],
    )
    lines = [line("1", "mug", 4), line("2", "cup", 5), line("3", "pot", 2)]
    wish = order(lines=lines, ship=Ship.LINES)
    decision = decide(wish, stock, sourcing=at_most_shipments(2, by_rank))
    assert got(decision) == [("1", "mug", "berlin", 4), ("3", "pot", "turin", 2)]


def test_half_a_kit_is_chosen_in_vain() -> None:
    """A place with one component of a kit gives nothing; another line is served from elsewhere."""
    stock = Inventory(
        stock=[row(5, "cup"), row(1, "pot", "lyon"), row(1, location="turin")],
        items=[Item(sku="set", components=[Component(sku="cup"), Component(sku="pot")])],
    )
    wish = order(lines=[line("1", "set", 3), line("2", "mug", 1)])
    assert got(decide(wish, stock, sourcing=ONE_PLACE)) == [("2", "mug", "turin", 1)]


def test_where_nothing_helps_it_ends() -> None:
    """Each place is asked once: the line stays short, and hears what there was."""
    stock = Inventory(stock=[row(3), row(4, location="lyon")])
    decision = decide(order("A-1", 5, ship=Ship.LINES), stock, sourcing=ONE_PLACE)
    assert shorts(decision) == [("1", 5, 4, "not_sourced")]


def serves_one_article(
    demand: Demand, candidates: Sequence[Candidate], /, *, context: Context
) -> Sequence[Candidate]:
    """The places of one article that is asked for, and no others."""
    article, _ = max(demand.needs)
    return [each for each in candidates if each.available(article)]


def test_a_policy_may_serve_one_article_at_a_time() -> None:
    """It is asked again for what it left out, wherever that lies."""
    stock = Inventory([row(2), row(2, "cup", "lyon")])
    wish = order(lines=[line("1", "mug", 2), line("2", "cup", 2)])
    decision = decide(wish, stock, sourcing=serves_one_article)
    assert got(decision) == [("1", "mug", "berlin", 2), ("2", "cup", "lyon", 2)]


# -- Piece by piece: what can be had of a line, where all that is missing can't --------------------

CUPS = [row(2, "cup"), row(2, "cup", "lyon")]
MUGS = row(2, location="turin")


def gives_no_more(wish: Order, behind: Order, stock: Inventory, sourcing: SourcingPolicy) -> Any:
    """What an order gets, that no run on its result gives it more of; the order behind it has some
    of what it had asked for in vain.
    """
    first = run(wish, behind, stock=stock, sourcing=sourcing)
    assert got(first[behind.id]) != []
    again = run(wish, behind, stock=first.inventory, sourcing=sourcing)
    assert again.inventory == first.inventory
    return got(first[wish.id])


def behind(sku: str, units: int = 1) -> Order:
    """An order that ranks last."""
    return order("A-9", lines=[line("1", sku, units)], placed_at=NOW + DAY)


@pytest.mark.parametrize("policy", [by_rank, fewest_shipments()])
def test_kits_that_two_places_make_up(policy: SourcingPolicy) -> None:
    """For three kits three places would be needed, and two of them have cups: for one it is asked
    as well, and then for what those two give.
    """
    stock = Inventory([*CUPS, MUGS], items=[kit(of={"cup": 1, "mug": 1})])
    rows = gives_no_more(
        order(lines=[line("1", "set", 3)]), behind("cup"), stock, at_most_shipments(2, policy)
    )
    assert rows == [("1", "cup", "berlin", 2), ("1", "mug", "turin", 2)]


def test_kits_that_go_in_boxes() -> None:
    """Two kits of a box are a piece, and so is the one that fills up a box that was begun."""
    stock = Inventory([*CUPS, MUGS], items=[kit(of={"cup": 1, "mug": 1})])
    boxes = line("1", "set", 2, units_each=2)
    rows = gives_no_more(order(lines=[boxes]), behind("cup"), stock, at_most_shipments(2))
    assert rows == [("1", "cup", "berlin", 2), ("1", "mug", "turin", 2)]
    begun = stock.with_reserved(
        reserved(sku="cup", location="lyon"), reserved(sku="mug", location="turin")
    )
    rows = gives_no_more(order(lines=[boxes]), behind("cup"), begun, at_most_shipments(2))
    assert rows == [("1", "cup", "lyon", 1), ("1", "mug", "turin", 1)]


def test_a_line_that_ships_whole_from_two_places() -> None:
    """Of two lines none can be completed from the two places that have most; one can, from two."""
    stock = Inventory([row(3), row(1, location="rome"), *CUPS])
    wish = order(lines=[line("1", "mug", 5), line("2", "cup", 4)], ship=Ship.LINES)
    rows = gives_no_more(wish, behind("mug"), stock, at_most_shipments(2))
    assert rows == [("2", "cup", "berlin", 2), ("2", "cup", "lyon", 2)]


def test_lines_of_kits_one_after_the_other() -> None:
    """Two lines of one kit each: one of them is made up from two places."""
    stock = Inventory(
        [row(1, "cup", "lyon"), row(2, location="turin"), row(2, location="rome")],
        items=[kit(of={"cup": 1, "mug": 2})],
    )
    wish = order(lines=[line("1", "set", 1), line("2", "set", 1)])
    rows = gives_no_more(wish, behind("mug"), stock, at_most_shipments(2))
    assert rows == [("1", "cup", "lyon", 1), ("1", "mug", "rome", 2)]


_LINE = st.tuples(
    st.sampled_from(("mug", "cup", "mug", "cup", "set")),
    st.integers(1, 4),
    st.sampled_from((1, 1, 2)),
)
_LINES = st.lists(_LINE, min_size=1, max_size=3)
_RULES = st.fixed_dictionaries(
    {
        "customer_cap": st.sampled_from((None, None, 3, 5)),
        "packs": st.lists(
            st.builds(
                Pack,
                location=st.sampled_from(("a", "b", "c")),
                multiple=st.integers(1, 3),
                minimum=st.integers(1, 3),
            ),
            unique_by=lambda pack: pack.location,
            max_size=2,
        ),
        "backorderable": st.booleans(),
    }
)


@st.composite
def _worlds(draw: st.DrawFn) -> tuple[list[Order], Inventory, SourcingPolicy]:
    """Three orders for two SKUs with packs and caps at three places, and for a kit of them; and a
    limit of shipments.
    """
    orders = [
        order(
            f"A-{number}",
            lines=[
                line(str(at), sku, units, units_each=each)
                for at, (sku, units, each) in enumerate(draw(_LINES))
            ],
            ship=draw(st.sampled_from((Ship.LINES, Ship.PARTIAL))),
            placed_at=NOW + number * DAY,
        )
        for number in range(draw(st.integers(1, 3)))
    ]
    units = st.integers(0, 5)
    stock = [row(draw(units), sku, place) for sku in ("mug", "cup") for place in ("a", "b", "c")]
    items = [Item(sku=sku, **draw(_RULES)) for sku in ("mug", "cup")]
    items.append(kit(of={"mug": 1, "cup": draw(st.integers(1, 2))}))
    policy = draw(st.sampled_from((by_rank, fewest_shipments())))
    places = [Location(id=place) for place in ("a", "b", "c")]
    limit = draw(st.integers(1, 2))
    return orders, Inventory(stock, items=items, locations=places), at_most_shipments(limit, policy)


@settings(max_examples=50)
@given(_worlds())
def test_a_run_on_its_result_gives_nothing_new(
    world: tuple[list[Order], Inventory, SourcingPolicy],
) -> None:
    """Packs, caps, boxes, lines that ship whole and a limit of places, all at once."""
    orders, stock, policy = world
    first = run(*orders, stock=stock, sourcing=policy, verifiers=())
    again = run(*orders, stock=first.inventory, sourcing=policy, verifiers=())
    assert [each.allocations for each in again.decisions] == [() for _ in orders]


@pytest.mark.parametrize(
    "rules", [{"customer_cap": 2}, {"fences": [Fence(quantity=8, tiers=["vip"])]}]
)
def test_nobody_is_asked_again_for_what_a_rule_keeps(rules: dict[str, Any]) -> None:
    """A cap, or a fence, leaves two of the three units that are asked for, wherever they lie."""
    stock = Inventory(stock=[row(5), row(5, location="lyon")], items=[Item(sku="mug", **rules)])
    questions: list[Demand] = []

    def ask(
        demand: Demand, candidates: Sequence[Candidate], /, *, context: Context
    ) -> Sequence[Candidate]:
        questions.append(demand)
        return candidates[:1]

    decision = decide(order("A-1", 3), stock, sourcing=ask)
    assert got(decision) == [("1", "mug", "berlin", 2)]
    asked_in_turn = [demand for demand in questions if demand.needs == (("mug", 2),)]
    assert len(asked_in_turn) == 1
