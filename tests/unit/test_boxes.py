"""A box (`OrderLine.units_each`) comes from one place."""

from __future__ import annotations

from typing import Any

import pytest
from builders import NOW, allocations_of, line, mugs, order, reserved, run
from some_stock import DAY, HOUR, got, lot, pegs, remarks, row, shelf_of, shorts, supply

from fulfill_core import (
    Inventory,
    Item,
    Order,
    Outcome,
    Pack,
    Ship,
    ShortReason,
    SourcingPolicy,
    Stock,
    Supply,
    lacking,
)
from fulfill_core.sourcing import by_rank, fewest_shipments


def boxes(*lines: tuple[int, int], **changes: Any) -> Order:
    """An order of so many boxes of so many mugs, line by line."""
    return order(
        "A-1",
        lines=[
            line(str(number), "mug", quantity, units_each=each)
            for number, (quantity, each) in enumerate(lines, 1)
        ],
        **changes,
    )


def taken(wish: Order, stock: Inventory, **settings: Any) -> list[tuple[str, str, int]]:
    """What each line gets from where."""
    return [
        (at, place, units) for at, _, place, units in got(run(wish, stock=stock, **settings)["A-1"])
    ]


@pytest.mark.parametrize("ship", list(Ship))
def test_units_of_two_places_make_no_box(ship: Ship) -> None:
    """Seven here and five there are no box of twelve, however it ships, and that is the reason."""
    wish = boxes((1, 12), ship=ship)
    stock = mugs(berlin=7, paris=5)
    assert taken(wish, stock) == []
    (short,) = run(wish, stock=stock)["A-1"].shorts
    assert (short.quantity, short.available, short.reason) == (12, 12, ShortReason.LINE_SHIPS_WHOLE)
    assert lacking(wish, stock, now=NOW) == {"mug": 12}


@pytest.mark.parametrize("ship", list(Ship))
@pytest.mark.parametrize("sourcing", [by_rank, fewest_shipments()])
def test_each_place_gives_whole_boxes(ship: Ship, sourcing: SourcingPolicy) -> None:
    """Of 18 units one box is of use, and 6 units are of none: no policy chooses them."""
    stock = mugs(berlin=18, paris=6, rome=12)
    assert taken(boxes((2, 12), ship=ship), stock, sourcing=sourcing) == [
        ("1", "berlin", 12),
        ("1", "rome", 12),
    ]


def test_boxes_of_what_lies_on_a_shelf_come_from_one_place() -> None:
    """So it is with lots."""
    days = {"berlin": (7, 5), "paris": (5, 8)}
    stock = Inventory(
        [
            shelf_of(lot("a", units[0], 9), lot("b", units[1], 90), location=place)
            for place, units in days.items()
        ]
    )
    assert taken(boxes((2, 12)), stock) == [
        ("1", "berlin", 7), ("1", "berlin", 5), ("1", "paris", 5), ("1", "paris", 7),
    ]  # fmt: skip
    few = Inventory([shelf_of(lot("a", 7, 9)), shelf_of(lot("a", 5, 9), location="paris")])
    assert shorts(run(boxes((1, 12)), stock=few)["A-1"]) == [("1", 12, 0, "line_ships_whole")]


def test_large_boxes_come_before_what_would_break_them() -> None:
    """The single units of the first line leave the box of the second whole."""
    wish = boxes((2, 1), (1, 2), ship=Ship.COMPLETE)
    assert taken(wish, mugs(berlin=3, paris=1)) == [
        ("1", "berlin", 1),
        ("1", "paris", 1),
        ("2", "berlin", 2),
    ]


def test_what_fills_up_a_box_comes_from_one_place() -> None:
    """A box that was begun comes first; it is filled up where that breaks the fewest others."""
    stock = mugs(berlin=14, paris=3).with_reserved(reserved(quantity=2))
    # 10 are missing of the first box, and then there is one more.
    assert taken(boxes((2, 12)), stock) == [("1", "berlin", 10)]
    begun = mugs(berlin=15, paris=3).with_reserved(reserved(quantity=3))
    assert taken(boxes((3, 6)), begun) == [("1", "berlin", 12), ("1", "paris", 3)]


def test_no_more_boxes_are_taken_than_are_missing() -> None:
    """The first place has one of two boxes: the next one, which has three, gives one."""
    stock = mugs(berlin=13, paris=40)
    assert taken(boxes((2, 12)), stock, sourcing=by_rank) == [
        ("1", "berlin", 12),
        ("1", "paris", 12),
    ]


@pytest.mark.parametrize("units_before", [3, 4, 11])
def test_a_box_that_was_begun_is_filled_up_and_no_more(units_before: int) -> None:
    """Whether it lacks much or a single unit: with it there are two, and not three."""
    stock = mugs(berlin=60).with_reserved(reserved(quantity=units_before))
    assert taken(boxes((2, 12)), stock) == [("1", "berlin", 24 - units_before)]


def test_a_line_that_ships_whole_takes_no_part_of_its_boxes() -> None:
    """One of two boxes is there: it is for who comes next."""
    wish = boxes((2, 12), ship=Ship.LINES)
    last = order("A-2", lines=[line("1", "mug", 1, units_each=12)], placed_at=NOW + HOUR)
    result = run(wish, last, stock=mugs(berlin=14))
    assert (got(result["A-1"]), got(result["A-2"])) == ([], [("1", "mug", "berlin", 12)])


def test_a_quota_is_of_whole_boxes() -> None:
    """A cap of ten leaves one box of six, and none of the second."""
    stock = Inventory([row(30)], items=[Item(sku="mug", customer_cap=10)])
    assert taken(boxes((2, 6)), stock) == [("1", "berlin", 6)]
    begun = stock.with_reserved(reserved(quantity=8))
    assert taken(boxes((2, 6)), begun) == []


def test_a_box_goes_on_from_a_supply_that_comes_anywhere() -> None:
    """A box that waits for Lyon moves as a whole to what comes anywhere, and what is earlier still
    brings one unit of it in the same run, not in the next.
    """
    lyon = Supply(id="PO-3", sku="mug", quantity=2, location="lyon", expected_at=NOW + 5 * DAY)
    item = Item(sku="mug", backorderable=True)
    wish = boxes((1, 2))
    first = run(wish, stock=Inventory([], [supply("PO-1", 1, 1), lyon], [item]))
    assert pegs(first["A-1"]) == [("1", "mug", 2, "PO-3")]
    more = [*first.inventory.supplies(), supply("PO-2", 4, 3)]
    stock = Inventory([], more, [item], claims=first.inventory.claims())
    moved = run(wish, stock=stock)
    assert pegs(moved["A-1"]) == [("1", "mug", 1, "PO-1"), ("1", "mug", 1, "PO-2")]
    assert run(wish, stock=moved.inventory).inventory == moved.inventory


def test_a_box_that_waits_comes_to_one_place() -> None:
    """Of supplies that come to two places, each brings whole boxes; of one whose place nobody
    knows, any units will do.
    """
    supplies = [
        Supply(id=f"PO-{number}", sku="mug", quantity=units, location=place, expected_at=NOW + DAY)
        for number, (units, place) in enumerate([(7, "berlin"), (18, "paris"), (5, "")], 1)
    ]
    stock = Inventory(
        [Stock(sku="mug", location=place, on_hand=0) for place in ("berlin", "paris")],
        supplies,
        [Item(sku="mug", backorderable=True)],
    )
    first = run(boxes((2, 12)), stock=stock)
    assert pegs(first["A-1"]) == [
        ("1", "mug", 12, "PO-2"), ("1", "mug", 5, "PO-3"), ("1", "mug", 7, ""),
    ]  # fmt: skip
    again = run(boxes((2, 12)), stock=first.inventory)
    assert (pegs(again["A-1"]), again.inventory) == (pegs(first["A-1"]), first.inventory)


def test_what_fills_up_a_box_waits_for_itself() -> None:
    """Of two boxes of four, three mugs are there: of four more that may wait, one is of use."""
    item = Item(sku="mug", backorderable=True, backorder_cap=4)
    stock = Inventory([row(3)], items=[item], reservations=[reserved(quantity=3)])
    decision = run(boxes((2, 4)), stock=stock)["A-1"]
    assert pegs(decision) == [("1", "mug", 1, "")]
    assert shorts(decision) == [("1", 4, 3, "backorder_cap")]


def test_a_complete_order_waits_for_whole_boxes() -> None:
    """Seven and five that lie apart do not count towards a box that is to come."""
    stock = Inventory(
        [row(7), row(5, location="paris")],
        [Supply(id="PO", sku="mug", quantity=12, location="paris", expected_at=NOW + DAY)],
        [Item(sku="mug", backorderable=True)],
    )
    result = run(boxes((1, 12), ship=Ship.COMPLETE), stock=stock)
    assert pegs(result["A-1"]) == [("1", "mug", 12, "PO")]
    assert remarks(result["A-1"]) == []


def test_boxes_that_those_behind_took_apart_are_missing_in_each_run() -> None:
    """Three here and three there are two boxes of two, and not three, whoever has them (law 8)."""
    stock = Inventory(
        [row(3), row(3, location="paris"), row(1, "cup")],
        items=[Item(sku="cup", backorderable=True)],
    )
    whole = order(
        "A-1",
        lines=[line("1", "mug", 3, units_each=2), line("2", "cup", 2)],
        ship=Ship.COMPLETE,
    )
    behind = order("A-2", 6, placed_at=NOW)
    first = run(whole, behind, stock=stock)
    again = run(whole, behind, stock=first.inventory)
    assert first["A-1"].outcome is again["A-1"].outcome is Outcome.UNFULFILLABLE


def test_what_is_short_stands_in_the_sequence_of_the_lines() -> None:
    """Boxes are served before single units, and yet the lines are told in their own sequence."""
    decision = run(boxes((9, 1), (1, 2), (1, 4)), stock=mugs(berlin=1))["A-1"]
    assert [short.line_id for short in decision.shorts] == ["1", "2", "3"]


@pytest.mark.parametrize(
    ("multiple", "units", "rows"),
    [
        (3, 3, [("1", "turin", 2), ("2", "berlin", 3), ("2", "turin", 3)]),
        (4, 4, []),  # three of a pack of four would be left of it
    ],
)
def test_packs_that_make_up_boxes_of_two_sizes(
    multiple: int, units: int, rows: list[tuple[str, str, int]]
) -> None:
    """Nine are there, and eight are asked for in boxes of two and three: not the first eight."""
    stock = Inventory(
        [row(units), row(1, location="lyon"), row(5, location="turin")],
        items=[Item(sku="mug", packs=[Pack(location="berlin", multiple=multiple)])],
    )
    wish = boxes((1, 2), (2, 3), ship=Ship.COMPLETE)
    behind = order("A-2", lines=[line("1", "mug")], placed_at=NOW + HOUR)
    first = run(wish, behind, stock=stock, sourcing=by_rank)
    assert allocations_of(first["A-1"]) == rows
    again = run(wish, behind, stock=first.inventory, sourcing=by_rank)
    assert again.inventory == first.inventory
