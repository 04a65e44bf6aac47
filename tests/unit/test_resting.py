"""A date that also rests on units which are there: each of them counts for one order."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import attrs
import pytest
from builders import NOW, line, order, reserved, run, steps
from some_promises import ANYWHERE
from some_stock import DAY, due, kit, pegs, row, supply

from fulfill_core import (
    Changes,
    Decision,
    Fence,
    Inventory,
    Item,
    Lot,
    Order,
    OrderLine,
    Outcome,
    Pack,
    Reservation,
    Result,
    Ship,
    Supply,
)
from fulfill_core.sourcing import only_where

CUP_AND_POT = [line("1", "cup", 1), line("2", "pot", 1)]


def stock(cups: int = 1, *reservations: Reservation, **rules: Any) -> Inventory:
    """Some cups, no pots; pots come in five days, cups some time."""
    return Inventory(
        [row(cups, "cup"), row(0, "pot")],
        [attrs.evolve(supply("PO-1", 50, 5, "pot"), location="berlin")],
        [
            Item(sku="cup", backorderable=True, **rules),
            Item(sku="pot", backorderable=True),
            kit(of={"cup": 1, "pot": 1}, backorderable=True),
        ],
        reservations=reservations,
    )


def complete(number: int) -> Order:
    """A cup and a pot, which leave together."""
    placed_at = NOW + timedelta(minutes=number)
    return order(f"A-{number}", lines=CUP_AND_POT, ship=Ship.COMPLETE, placed_at=placed_at)


def sets(number: int) -> Order:
    """A set of a cup and a pot."""
    placed_at = NOW + timedelta(minutes=number)
    return order(f"A-{number}", lines=[line("1", "set", 1)], placed_at=placed_at)


def have_dates(result: Result) -> list[bool]:
    """Which orders were promised a day."""
    return [
        made.promise is not None and made.promise.delivered_at is not None
        for made in result.decisions
    ]


@pytest.mark.parametrize("of", [complete, sets])
def test_a_unit_that_is_there_gives_one_date(of: Any) -> None:
    """One cup, and three orders for cup and pot: the first has a date, and the others none; none
    has one if the cup is reserved for an order of which the run knows nothing.
    """
    orders = [of(number) for number in range(3)]
    result = run(*orders, stock=stock(), promise=ANYWHERE)
    assert have_dates(result) == [True, False, False]
    again = run(*orders, stock=result.inventory, promise=ANYWHERE)
    assert have_dates(again) == [True, False, False]
    assert again.inventory == result.inventory
    two = run(*orders, stock=stock(2), promise=ANYWHERE)
    assert have_dates(two) == [True, True, False]
    other = stock(1, reserved("Z", sku="cup", location="berlin"))
    assert have_dates(run(*orders, stock=other, promise=ANYWHERE)) == [False] * 3


@pytest.mark.parametrize("of", [complete, sets])
def test_what_others_count_on_uses_up_no_cap_of_a_customer(of: Any) -> None:
    """Two cups, and two customers who may have one each: both have a date, and neither waits for
    cups that are to come, as one of those there is theirs.
    """
    first, second = of(0), of(1)
    orders = [first, attrs.evolve(second, customer=attrs.evolve(second.customer, id="C-2"))]
    some = stock(2, customer_cap=1)
    supplies = [*some.supplies(), supply("PO-2", 50, 9, "cup")]
    capped = Inventory(some.stock(), supplies, some.items())
    result = run(*orders, stock=capped, promise=ANYWHERE)
    assert have_dates(result) == [True, True]
    assert {each.supply_id for made in result.decisions for each in made.backorders} <= {"PO-1", ""}


@pytest.mark.parametrize("of", [complete, sets])
def test_who_takes_what_another_counts_on_takes_its_date(of: Any) -> None:
    """What lies there is not kept for those who wait: an order behind takes it, and they have no
    date from that very run on.
    """
    taker = order("B", lines=[line("1", "cup", 1)], placed_at=NOW + DAY)
    result = run(of(1), taker, stock=stock(), promise=ANYWHERE)
    assert result["B"].lines[0].allocated == 1
    assert have_dates(result)[0] is False
    assert have_dates(run(of(1), taker, stock=result.inventory, promise=ANYWHERE))[0] is False


def test_what_waits_says_so_line_by_line() -> None:
    """The pot keeps its date, the cup has none; both wait as before."""
    result = run(complete(0), complete(1), stock=stock())
    pot = NOW + 5 * DAY
    assert (
        pegs(result["A-1"]) == pegs(result["A-0"]) == [("1", "cup", 1, ""), ("2", "pot", 1, "PO-1")]
    )
    assert due(result["A-1"]) == [None, pot]
    dates = [[status.expected_at for status in result[name].lines] for name in ("A-0", "A-1")]
    assert dates == [[pot, pot], [None, pot]]


def test_two_there_and_five_to_come_serve_one_order_of_seven() -> None:
    """The second such order counts on the same two: these wait for nothing that is known, and the
    order has no date.
    """
    mugs = Inventory([row(2)], [supply("PO-1", 10, 2)], [Item(sku="mug", backorderable=True)])
    orders = [
        order(name, 7, ship=Ship.COMPLETE, placed_at=NOW + timedelta(minutes=minute))
        for minute, name in enumerate(("A-1", "A-2"))
    ]
    result = run(*orders, stock=mugs)
    assert [due(result[name]) for name in ("A-1", "A-2")] == [
        [NOW + 2 * DAY],
        [NOW + 2 * DAY, None],
    ]
    assert [row.quantity for row in result["A-2"].backorders] == [5, 2]
    assert result["A-2"].lines[0].expected_at is None
    assert pegs(result["A-1"]) == [("1", "mug", 7, "PO-1")]


def test_units_that_may_not_serve_it_are_not_there() -> None:
    """Behind a fence, or at a place that the sourcing leaves out."""
    fenced = stock(1, fences=[Fence(quantity=1, channels=["shop"])])
    assert have_dates(run(sets(0), stock=fenced, promise=ANYWHERE)) == [False]
    elsewhere = only_where(lambda place, _: place.id != "berlin")
    result = run(complete(0), stock=stock(), promise=ANYWHERE, sourcing=elsewhere)
    assert have_dates(result) == [False]
    here = only_where(lambda place, _: place.id == "berlin")
    result = run(complete(0), stock=stock(), promise=ANYWHERE, sourcing=here)
    assert have_dates(result) == [True]


@pytest.mark.parametrize("units", [1, 3])
def test_units_that_are_reserved_and_not_there_are_nobodys(units: int) -> None:
    """A complete order does not count on what those behind it could give up, where it is not there:
    one unit is pegged to the supply that brings one, and the other waits for nothing known.
    """
    mugs = Inventory(
        [row(0)],
        [attrs.evolve(supply("PO-1", 1, 2), location="elsewhere")],
        [Item(sku="mug", backorderable=True)],
        reservations=[reserved("A-9", quantity=units)],
    )
    made = run(order("A-1", 2, ship=Ship.COMPLETE), stock=mugs)["A-1"]
    assert [(each.quantity, each.supply_id) for each in made.backorders] == [(1, "PO-1"), (1, "")]


def test_units_that_a_place_may_not_give_are_not_there_for_the_order() -> None:
    """A complete order may not be served from where the mug lies, and may not wait for another;
    once an order behind it has taken the mug, it hears the same (law 8).
    """
    mugs = Inventory([row(1)], items=[Item(sku="mug", backorderable=True, backorder_cap=0)])
    others_only = only_where(lambda place, asking: asking.id != "A-1")
    batch = order("A-1", 1, ship=Ship.COMPLETE), order("A-2", 1, placed_at=NOW + DAY)
    first = run(*batch, stock=mugs, sourcing=others_only)
    again = run(*batch, stock=first.inventory, sourcing=others_only)
    for result in (first, again):
        [short] = result["A-1"].shorts
        assert (short.reason, result["A-2"].outcome) == ("backorder_cap", "allocated")


# -- What is claimed once all had their turn -------------------------------------------------------

LATE_CUPS = supply("PO-2", 9, 7, "cup")
BEHIND = order("A-9", lines=[line("1", "cup", 1)], placed_at=NOW + DAY)


def counts_in_vain(cups: OrderLine, inventory: Inventory, behind: Order = BEHIND) -> Decision:
    """What becomes of an order of cups and a pot, if one behind takes a cup: the same in each run,
    at this instant and later.
    """
    wish = order("A-1", lines=[cups, line("2", "pot", 1)], ship=Ship.COMPLETE, placed_at=NOW)
    first = run(wish, behind, stock=inventory)
    again = run(wish, behind, stock=first.inventory)
    later = run(wish, behind, stock=first.inventory, now=NOW + timedelta(minutes=1))
    assert (again["A-1"], again.inventory) == (first["A-1"], first.inventory)
    assert later["A-1"].backorders == first["A-1"].backorders
    assert later.inventory == first.inventory
    assert first["A-9"].outcome is Outcome.ALLOCATED
    return first["A-1"]


def with_supplies(inventory: Inventory, *supplies: Supply) -> Inventory:
    """The inventory, in which more is to come."""
    return inventory.with_changes(Changes(supplies_added=supplies))


def test_what_was_counted_on_in_vain_is_claimed_of_what_nobody_needs() -> None:
    """The cup that lies there goes to an order behind: another one is claimed, with its date."""
    made = counts_in_vain(line("1", "cup", 1), with_supplies(stock(), LATE_CUPS))
    assert pegs(made) == [("1", "cup", 1, "PO-2"), ("2", "pot", 1, "PO-1")]
    assert [row.expected_at is None for row in made.backorders] == [False, False]


def test_what_is_there_still_goes_with_what_is_claimed() -> None:
    """Of two cups one is there still: three are claimed, and it waits for those."""
    made = counts_in_vain(line("1", "cup", 4), with_supplies(stock(2), LATE_CUPS))
    [cups, _] = made.backorders
    assert (cups.quantity, cups.on_hand, cups.supply_id) == (4, 1, "PO-2")


def test_what_nobody_needs_is_less_than_is_lacking() -> None:
    """Of two cups that are gone one is to come: it is claimed, and the other has no date."""
    takes_two = order("A-9", lines=[line("1", "cup", 2)], placed_at=NOW + DAY)
    inventory = with_supplies(stock(2), supply("PO-2", 1, 7, "cup"))
    made = counts_in_vain(line("1", "cup", 2), inventory, takes_two)
    assert pegs(made)[:2] == [("1", "cup", 1, "PO-2"), ("1", "cup", 1, "")]


def test_what_is_claimed_in_the_end_is_whole_packs() -> None:
    """Three cups are to come where they leave in packs of two: of three that are gone two come."""
    packs = [Pack(location="berlin", multiple=2)]
    inventory = Inventory(
        [row(3, "cup", "lyon"), row(0, "pot")],
        [attrs.evolve(supply("PO-2", 3, 7, "cup"), location="berlin")],
        [Item(sku="cup", backorderable=True, packs=packs), Item(sku="pot", backorderable=True)],
    )
    takes_all = order("A-9", lines=[line("1", "cup", 3)], placed_at=NOW + DAY)
    made = counts_in_vain(line("1", "cup", 3), inventory, takes_all)
    assert pegs(made)[:2] == [("1", "cup", 2, "PO-2"), ("1", "cup", 1, "")]


@pytest.mark.parametrize(
    ("cups", "may_wait"),
    [
        (line("1", "cup", 1), False),
        (line("1", "cup", 1, lot="L-1"), True),
        (line("1", "cup", 1, units_each=2), True),
    ],
)
def test_what_may_not_wait_or_is_no_single_unit_is_not_claimed_so(
    cups: OrderLine, *, may_wait: bool
) -> None:
    """What may not be backordered claims nothing in the end, nor do lots that are asked for, and
    boxes: what they counted on in vain has no date.
    """
    units = cups.units_each
    lots = [Lot(id="L-1", quantity=units)] if cups.lot else []
    inventory = Inventory(
        [row(units, "cup", lots=lots), row(0, "pot")],
        [LATE_CUPS],
        [Item(sku="cup", backorderable=may_wait), Item(sku="pot", backorderable=True)],
    )
    made = counts_in_vain(cups, inventory)
    assert pegs(made) == [("1", "cup", units, ""), ("2", "pot", 1, "")]


def test_what_is_claimed_in_the_end_of_an_overdue_supply_is_named() -> None:
    """A cup is claimed of a supply that is overdue, and it is said that it is."""
    made = counts_in_vain(line("1", "cup", 1), with_supplies(stock(), supply("PO-2", 9, -1, "cup")))
    assert pegs(made)[0] == ("1", "cup", 1, "PO-2")
    assert "supply.overdue" in [finding.code for finding in made.findings]


@pytest.mark.untraced
def test_what_is_claimed_in_the_end_is_work_in_proportion_to_the_lines() -> None:
    """Of four times as many lines that counted on units in vain it is four times the work."""

    def work(number: int) -> int:
        skus = [f"sku-{each}" for each in range(number)]
        inventory = Inventory(
            [*[row(1, sku) for sku in skus], row(0, "pot")],
            [supply(f"PO-{sku}", 9, 7, sku) for sku in (*skus, "pot")],
            [Item(sku=sku, backorderable=True) for sku in (*skus, "pot")],
        )
        cups = [line(sku, sku, 1) for sku in skus]
        wish = order("A-1", lines=[*cups, line("pot", "pot", 1)], ship=Ship.COMPLETE)
        behind = order("A-9", lines=cups, placed_at=NOW + DAY)
        made = run(wish, behind, stock=inventory)["A-1"]
        assert {each.supply_id for each in made.backorders} == {
            f"PO-{sku}" for sku in (*skus, "pot")
        }
        return steps(lambda: run(wish, behind, stock=inventory))

    assert work(200) < 4.6 * work(50)


def test_what_is_missing_is_missing_to_the_first_lines() -> None:
    """What a complete order counted on and others took, its first lines lack: so it is told the
    same from another instant on, when all that it lacks is worked out anew.
    """
    cups = [line("1", "cup", 4), line("2", "cup", 3), line("3", "cup", 1)]
    waiting = order("A", lines=cups, ship=Ship.COMPLETE)
    taker = order("B", lines=[line("1", "cup", 1)], placed_at=NOW + DAY)
    some = Inventory(
        [row(6, "cup")], [supply("PO-1", 2, 5, "cup")], [Item(sku="cup", backorderable=True)]
    )
    result = run(waiting, taker, stock=some)
    later = run(*result.records, stock=result.inventory, now=NOW + timedelta(minutes=1))
    assert pegs(result["A"])[:2] == [("1", "cup", 2, "PO-1"), ("1", "cup", 2, "")]
    assert due(result["A"])[1:] == [None, None, None]
    assert pegs(later["A"]) == pegs(result["A"])
    assert later.notifications == ()


@pytest.mark.parametrize("ship", [Ship.PARTIAL, Ship.LINES])
def test_lines_of_kits_that_ship_by_themselves_are_missing_it_in_sequence(ship: Ship) -> None:
    """Of three cups two are left: the first line has its two, and the last one has no date."""
    lines = [line("1", "set", 2), line("2", "set", 1)]
    taker = order("B", lines=[line("1", "cup", 1)], placed_at=NOW + DAY)
    made = run(order("A", lines=lines, ship=ship), taker, stock=stock(3))["A"]
    assert pegs(made) == [("1", "pot", 2, "PO-1"), ("2", "pot", 1, "PO-1")]
    assert [day is None for day in due(made)] == [False, True]
