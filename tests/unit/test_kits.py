"""Kits: whole ones only, made of components that everybody draws on."""

from __future__ import annotations

from typing import Any

import pytest
from builders import NOW, decide, line, order, reserved, run
from some_stock import (
    DAY,
    got,
    kit,
    row,
    shorts,
)

from fulfill_core import (
    Inventory,
    Item,
    KitShips,
    LineStatus,
    Outcome,
    Ship,
    hold,
)

TEA = kit("tea-set", of={"pot": 1, "cup": 4})


def tea(pots: int, cups: int, *more: Item, **changes: Any) -> Inventory:
    """What tea sets are made of, in Berlin."""
    return Inventory([row(pots, "pot"), row(cups, "cup")], items=[TEA, *more], **changes)


def sets(units: int, **changes: Any) -> Any:
    """An order of tea sets."""
    return order(lines=[line("1", "tea-set", units)], **changes)


def test_a_kit_takes_its_components() -> None:
    """What is allocated, and reserved, are the components; the line counts kits."""
    result = run(sets(2), stock=tea(3, 9))
    decision = result["A-1"]
    assert decision.outcome is Outcome.ALLOCATED
    assert got(decision) == [("1", "cup", "berlin", 8), ("1", "pot", "berlin", 2)]
    assert decision.lines == (LineStatus(line_id="1", sku="tea-set", ordered=2, allocated=2),)
    assert (result.inventory.available("tea-set"), result.inventory.available("cup")) == (0, 1)


def test_only_whole_kits() -> None:
    """Each component is divided by what one kit takes before the least of them counts: 5 pots and
    11 cups are 2 sets, and no part of a third is taken.
    """
    decision = decide(sets(4), tea(5, 11))
    assert got(decision) == [("1", "cup", "berlin", 8), ("1", "pot", "berlin", 2)]
    assert shorts(decision) == [("1", 2, 2, "out_of_stock")]


def test_kits_and_single_components_draw_on_one_pool() -> None:
    """A cup that was sold alone is in no set, and the other way round."""
    lines = [line("1", "cup", 3), line("2", "tea-set", 2), line("3", "cup", 4)]
    decision = decide(order(lines=lines), tea(9, 10))
    assert got(decision) == [
        ("1", "cup", "berlin", 3),
        ("2", "cup", "berlin", 4),
        ("2", "pot", "berlin", 1),
        ("3", "cup", "berlin", 3),
    ]
    assert shorts(decision) == [("2", 1, 1, "out_of_stock"), ("3", 1, 3, "out_of_stock")]


def test_the_components_of_a_kit_may_come_from_several_places() -> None:
    """A kit is put together of what there is, wherever it lies."""
    stock = Inventory(
        [row(1, "pot"), row(3, "cup"), row(5, "cup", "paris"), row(1, "pot", "rome")],
        items=[TEA],
    )
    decision = decide(sets(2), stock)
    assert got(decision) == [
        ("1", "cup", "berlin", 3),
        ("1", "cup", "paris", 5),
        ("1", "pot", "berlin", 1),
        ("1", "pot", "rome", 1),
    ]


def test_a_place_that_has_whole_kits_serves_alone() -> None:
    """The first location that has all components of the order sends one parcel."""
    stock = Inventory(
        [row(1, "pot"), row(3, "cup"), row(4, "cup", "paris"), row(1, "pot", "paris")],
        items=[TEA],
    )
    assert got(decide(sets(1), stock)) == [("1", "cup", "paris", 4), ("1", "pot", "paris", 1)]


def test_kits_in_kits_are_taken_apart() -> None:
    """A kit may hold kits, however deep; the same component is counted once, with all its units."""
    box = kit("box", of={"tea-set": 2, "cup": 1, "wrap": 1})
    stock = tea(2, 9, box, Item(sku="wrap", tracked=False))
    decision = decide(order(lines=[line("1", "box")]), stock)
    assert got(decision) == [("1", "cup", "berlin", 9), ("1", "pot", "berlin", 2)]
    deep = [kit(f"k{n}", of={f"k{n - 1}" if n else "mug": 1}) for n in range(2_000)]
    assert Inventory([row(3)], items=deep).available("k1999") == 3


def test_a_kit_of_nothing_that_is_tracked_needs_no_stock() -> None:
    """A bundle of downloads is as untracked as they are."""
    stock = Inventory(items=[Item(sku="song", tracked=False), kit("album", of={"song": 9})])
    decision = decide(order(lines=[line("1", "album", 3)]), stock)
    assert (decision.outcome, decision.untracked, decision.kits) == (Outcome.ALLOCATED, ("1",), ())
    assert decision.lines[0].untracked == 3


def test_a_kit_of_which_a_component_is_unknown() -> None:
    """A component that no row and no item names is a shortage with that reason."""
    stock = Inventory([row(3, "pot")], items=[TEA])
    assert shorts(decide(sets(1), stock)) == [("1", 1, 0, "unknown_sku")]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ({}, [("1", 1, 2, "out_of_stock")]),
        ({"kit_ships": KitShips.BY_ORDER}, [("1", 3, 2, "line_ships_whole")]),
    ],
)
def test_kits_may_leave_one_by_one_or_together(
    content: dict[str, Any], expected: list[tuple[str, int, int, str]]
) -> None:
    """By kit, as many as there are; by order, all of the line or none."""
    stock = Inventory([row(9, "cup")], items=[kit(of={"cup": 4}, **content)])
    assert shorts(decide(order(lines=[line("1", "set", 3)]), stock)) == expected
    enough = decide(order(lines=[line("1", "set", 2)]), stock)
    assert got(enough) == [("1", "cup", "berlin", 8)]


@pytest.mark.parametrize(
    ("ship", "expected"),
    [
        (Ship.PARTIAL, [("1", "cup", "berlin", 8), ("2", "mug", "berlin", 1)]),
        (Ship.LINES, [("2", "mug", "berlin", 1)]),
        (Ship.COMPLETE, []),
    ],
)
def test_how_an_order_of_kits_ships(ship: Ship, expected: list[tuple[str, str, str, int]]) -> None:
    """PARTIAL takes the kits that are there, LINES the lines that are, COMPLETE nothing."""
    stock = Inventory([row(9, "cup"), row(1)], items=[kit(of={"cup": 4})])
    subject = order(lines=[line("1", "set", 3), line("2")], ship=ship)
    decision = decide(subject, stock)
    assert got(decision) == expected
    reason = {
        Ship.PARTIAL: [("1", 1, 2, "out_of_stock")],
        Ship.LINES: [("1", 3, 2, "line_ships_whole")],
        Ship.COMPLETE: [("1", 3, 0, "out_of_stock"), ("2", 1, 1, "order_ships_complete")],
    }
    assert shorts(decision) == reason[ship]


def test_packs_of_kits_stay_whole() -> None:
    """A line of boxes of 2 sets takes whole boxes."""
    stock = Inventory([row(15, "cup")], items=[kit(of={"cup": 4})])
    decision = decide(order(lines=[line("1", "set", 2, units_each=2)]), stock)
    assert got(decision) == [("1", "cup", "berlin", 8)]
    assert shorts(decision) == [("1", 2, 3, "line_ships_whole")]


def test_what_a_line_holds_of_its_kits_counts() -> None:
    """Components that are held loose make up kits with those that are taken."""
    mine = [reserved(sku="cup", quantity=6), reserved(sku="pot", quantity=1)]
    result = run(sets(3), stock=tea(5, 16, reservations=mine))
    decision = result["A-1"]
    assert got(decision) == [("1", "cup", "berlin", 6), ("1", "pot", "berlin", 2)]
    assert decision.lines == (
        LineStatus(line_id="1", sku="tea-set", ordered=3, reserved=1, allocated=2),
    )
    again = run(sets(3), stock=result.inventory)
    assert (got(again["A-1"]), again["A-1"].lines[0].reserved) == ([], 3)
    assert again.inventory == result.inventory


def test_kits_of_a_line_that_waits_for_a_person_are_told_in_kits() -> None:
    """What a held line holds of its kits is no surplus: it still asks for them."""

    def second_look(subject: object, /, *, context: object) -> Any:
        yield hold("quality.recall", line_id="1", detail="A cup broke.")

    mine = [reserved(sku="cup", quantity=4), reserved(sku="pot", quantity=1)]
    subject = order(lines=[line("1", "tea-set", 2), line("2", "cup", 1)])
    decision = decide(subject, tea(5, 16, reservations=mine), verifiers=[second_look])
    assert got(decision) == [("2", "cup", "berlin", 1)]
    assert [(each.reserved, each.held) for each in decision.lines] == [(1, 1), (0, 0)]
    assert (decision.surplus, decision.kits) == ((), (("1", (("cup", 4), ("pot", 1))),))


def test_an_order_that_is_not_due_keeps_its_kits() -> None:
    """What it holds of them is told in kits."""
    mine = [reserved(sku="cup", quantity=4), reserved(sku="pot", quantity=1)]
    decision = decide(sets(2, ship_after=NOW + DAY), tea(5, 16, reservations=mine))
    assert (decision.outcome, decision.surplus) == (Outcome.SCHEDULED, ())
    assert [(each.reserved, each.scheduled) for each in decision.lines] == [(1, 1)]
