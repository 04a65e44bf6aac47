"""A run that is done again on its own result, at the same instant, gives nothing new (law 8)."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from fulfill_core import Fence, Inventory, Item, Location, LotOrder, Order, Result, Ship
from fulfill_core.inventory import Intake
from fulfill_core.sourcing import at_most_shipments

from .builders import NOW, line, order, reserved, run
from .some_stock import (
    DAY,
    HOUR,
    codes,
    got,
    kit,
    lot,
    lots_of,
    pegs,
    row,
    shelf_of,
    shorts,
    supply,
)


def again(result: Result, *orders: Order, **options: Any) -> Result:
    """The same run once more, on its result; it changes nothing."""
    second = run(*orders, stock=result.inventory, **options)
    assert not any(made.allocations for made in second.decisions)
    assert second.inventory == result.inventory
    assert [each.id for each in second.notifications] == [each.id for each in result.notifications]
    return second


# -- A capacity that orders behind took at this instant --------------------------------------------

FIRST = order("A-1", lines=[line("1", "mug")], placed_at=NOW - 3 * HOUR)
LAST = order("A-3", lines=[line("1", "mug")], placed_at=NOW - HOUR)
WAITS = order(
    "A-2",
    lines=[line("1", "mug"), line("2", "pot", 5)],
    ship=Ship.COMPLETE,
    placed_at=NOW - 2 * HOUR,
)


def two_stores(**changes: Any) -> Inventory:
    """A mug each in two stores that take on one order a day, and pots, most of them elsewhere."""
    content: dict[str, Any] = {
        "stock": [
            *[row(1), row(1, location="turin")],
            *[row(1, "pot"), row(4, "pot", "depot")],
        ],
        "supplies": [supply("PO-1", 1, 1, "pot")],
        "items": [Item(sku="pot", backorderable=True)],
        "locations": [
            *[Location(id="berlin", capacity=1), Location(id="turin", rank=1, capacity=1)],
            Location(id="depot", rank=2),
        ],
    }
    return Inventory(**{**content, **changes})


def test_who_waits_goes_on_waiting_though_those_behind_fill_up_a_place() -> None:
    """A store took on nobody yet when a complete order was asked: it waits for a pot alone."""
    first = run(FIRST, WAITS, LAST, stock=two_stores())
    pot = first["A-2"].backorders[1]
    assert (pot.supply_id, pot.quantity, pot.on_hand) == ("PO-1", 5, 4)
    second = again(first, FIRST, WAITS, LAST)
    assert second["A-2"].backorders == first["A-2"].backorders
    assert codes(second["A-2"]) == codes(first["A-2"]) == ["sourcing.at_capacity"]


POT_IN_TURIN = reserved("A-3", "9", sku="pot", location="turin", made_at=NOW - HOUR)


@pytest.mark.parametrize("has_left", [False, True])
def test_a_place_that_was_full_before_is_shut_to_who_waits(*, has_left: bool) -> None:
    """Who counts there since earlier today takes up no more room by what it gets now."""
    rows = [*two_stores().stock(), row(1, "pot", "turin")]
    intake = Intake(location="turin", order_id="A-3", day=NOW.date())
    before = {"intakes": [intake]} if has_left else {"reservations": [POT_IN_TURIN]}
    stock = two_stores(stock=rows, **before)
    first = run(FIRST, WAITS, LAST, stock=stock)
    assert got(first["A-3"]) == [("1", "mug", "turin", 1)]
    assert shorts(first["A-2"])[0] == ("1", 1, 0, "at_capacity")
    assert again(first, FIRST, WAITS, LAST)["A-2"].backorders == ()


def test_a_place_that_others_filled_up_is_not_named_as_shut() -> None:
    """What is short since it may leave from one place is so in both runs, and not for a capacity
    that orders behind took in between.
    """
    stock = Inventory(
        [row(2), row(2, location="turin")],
        locations=[Location(id="berlin"), Location(id="turin", rank=1, capacity=1)],
    )
    orders = order("A-1", 3), order("A-2", 1, placed_at=NOW + HOUR)
    sourcing = at_most_shipments(1)
    first = run(*orders, stock=stock, sourcing=sourcing)
    assert shorts(first["A-1"]) == [("1", 1, 2, "not_sourced")]
    second = again(first, *orders, sourcing=sourcing)
    assert shorts(second["A-1"]) == [("1", 1, 2, "not_sourced")]
    assert codes(second["A-1"]) == []


def test_kits_wait_for_what_was_bought_for_them() -> None:
    """A complete order of kits goes on waiting for the supply that was bought for it, whoever takes
    what is left of a capacity at this instant.
    """
    bought = attrs.evolve(supply("PO-1", 1, 2, "cup"), location="turin", order_id="A-2")
    other = reserved("Z", sku="mug", location="lyon", made_at=NOW - HOUR)
    stock = Inventory(
        [row(1, "cup"), row(2, "cup", "lyon"), row(1), row(-9, location="lyon")],
        supplies=[bought],
        items=[kit(of={"cup": 2, "mug": 1}, backorderable=True)],
        locations=[Location(id="berlin", capacity=1), Location(id="lyon", rank=1, capacity=2)],
        reservations=[other],
    )
    orders = [
        order("A-1", lines=[line("1", "cup")], placed_at=NOW - 3 * HOUR),
        order("A-2", lines=[line("1", "set")], ship=Ship.COMPLETE, placed_at=NOW - 2 * HOUR),
        order("A-3", lines=[line("1", "cup")], placed_at=NOW - HOUR),
    ]
    first = run(*orders, stock=stock)
    assert got(first["A-3"]) == [("1", "cup", "lyon", 1)]
    assert pegs(first["A-2"]) == [("1", "cup", 2, "PO-1"), ("1", "mug", 1, "")]
    again(first, *orders)


# -- Lots that end before a supply comes -----------------------------------------------------------

OLD = lot("old", 1, days=2)
NEW = lot("new", 1, received_at=NOW - DAY)


def new_lots_first(units: int = 1, safety: int = 1, days: int = 2) -> Inventory:
    """The new mug leaves first, the old one ends before the supply comes."""
    return Inventory(
        [shelf_of(OLD, NEW, safety=safety)],
        [supply("PO-1", units, days)],
        [Item(sku="mug", lot_order=LotOrder.LIFO, backorderable=True)],
    )


def arrived(result: Result, units: int) -> Inventory:
    """The stock once so many units of the supply came in, on their day."""
    day = NOW + 2 * DAY
    return result.inventory.with_received("mug", "berlin", units, supply_id="PO-1", received_at=day)


def test_what_was_claimed_comes_before_safety_stock_that_ends() -> None:
    """Who got the mug that lasts keeps the claim on the next one, although safety stock will be
    missing then; and gets it when it comes.
    """
    subject = order("A-1", 2)
    first = run(subject, stock=new_lots_first())
    assert (lots_of(first["A-1"]), pegs(first["A-1"])) == (
        [("new", 1)],
        [("1", "mug", 1, "PO-1")],
    )
    assert codes(again(first, subject)["A-1"]) == []
    came = arrived(first, 1)
    assert sum(each.quantity for each in came.reservations_of("A-1")) == 2
    assert came.available("mug", now=NOW + 2 * DAY) == 0


def test_who_ranks_behind_takes_no_claim_by_what_it_gets_on_hand() -> None:
    """Nobody is hurt from behind: who takes the mug that lasts takes no claim from who waits. What
    is not claimed fills up safety stock first.
    """
    waits = order("A-1", 2, ship=Ship.LINES)
    behind = order("A-2", 1, placed_at=NOW + HOUR)
    first = run(waits, behind, stock=new_lots_first(units=3))
    assert pegs(first["A-1"]) == [("1", "mug", 2, "PO-1")]
    assert lots_of(first["A-2"]) == [("new", 1)]
    again(first, waits, behind)
    third = run(waits, behind, order("A-3", 1, placed_at=NOW + DAY), stock=first.inventory)
    assert pegs(third["A-3"]) == [("1", "mug", 1, "")]
    came = arrived(first, 3)
    assert sum(each.quantity for each in came.reservations_of("A-1")) == 2
    assert came.available("mug", now=NOW + 2 * DAY) == 0


def test_what_is_missing_as_a_lot_is_locked_up_comes_before_claims() -> None:
    """A lot that is recalled is missing for good; so claims on the next supply come to nothing."""
    subject = order("A-1", 2)
    first = run(subject, stock=new_lots_first())
    recalled = first.inventory.with_quarantined("mug", "berlin", "old")
    assert run(subject, stock=recalled)["A-1"].backorders[0].supply_id == ""
    came = recalled.with_received("mug", "berlin", 1, supply_id="PO-1")
    assert sum(each.quantity for each in came.reservations_of("A-1")) == 1


@pytest.mark.parametrize("quarantined", [False, True])
def test_what_expired_of_a_lot_that_ends_is_missing_too(*, quarantined: bool) -> None:
    """What was reserved of a lot that will have ended, or is locked up, is free now, and no use."""
    stock = Inventory(
        [shelf_of(lot("old", 4, days=1, quarantined=quarantined), safety=4)],
        [supply("PO-1", 6, 2)],
        [Item(sku="mug", backorderable=True)],
        reservations=[reserved("Z", quantity=3, lot="old", expires_at=NOW)],
    )
    first = run(order("A-1", 6), stock=stock)
    assert pegs(first["A-1"]) == [("1", "mug", 2, "PO-1"), ("1", "mug", 4, "")]


# -- What others had of an earlier run at this instant ---------------------------------------------


def test_what_was_gone_at_this_instant_is_no_other_thing_in_the_next_run() -> None:
    """The pots were reserved by an earlier run at this instant, the cup goes in this one: who is
    ahead of both hears the same of them in each run, though nothing tells the two apart.
    """
    stock = Inventory([row(1, "cup"), row(3, "pot")], items=[Item(sku="pot", backorderable=True)])
    has_pots = order("A-2", lines=[line("1", "pot", 3)], placed_at=NOW - HOUR)
    stock = run(has_pots, stock=stock).inventory
    wish = order(
        "A-1",
        lines=[line("1", "cup"), line("2", "pot", 3)],
        ship=Ship.COMPLETE,
        placed_at=NOW - 2 * HOUR,
    )
    takes_cup = order("A-3", lines=[line("1", "cup")])
    first = run(has_pots, wish, takes_cup, stock=stock)
    assert got(first["A-3"]) == [("1", "cup", "berlin", 1)]
    second = again(first, has_pots, wish, takes_cup)
    assert second["A-1"].outcome is first["A-1"].outcome
    assert second["A-1"].shorts == first["A-1"].shorts


def test_who_waits_for_a_place_that_this_instant_filled_claims_the_same_in_each_run() -> None:
    """A store took on an order of an earlier run at this instant, and a depot gives what it has in
    this run: who waits for all of it together claims the same in each run.
    """
    stock = Inventory(
        [row(2), *[row(3, "pot"), row(1, "pot", "depot")]],
        [supply("PO-1", 9, 1, "pot"), supply("PO-2", 9, 1)],
        [
            Item(sku="mug", backorderable=True),
            Item(sku="pot", backorderable=True, fences=[Fence(quantity=1, channels=["fair"])]),
        ],
        locations=[Location(id="berlin", capacity=1), Location(id="depot", rank=1)],
    )
    in_store = order("A-2", 1, placed_at=NOW - HOUR)
    stock = run(in_store, stock=stock).inventory
    wish = order(
        "A-1",
        lines=[line("1", "mug"), line("2", "pot", 2)],
        ship=Ship.COMPLETE,
        placed_at=NOW - 2 * HOUR,
    )
    takes_pot = order("A-3", lines=[line("1", "pot")])
    first = run(in_store, wish, takes_pot, stock=stock)
    assert got(first["A-3"]) == [("1", "pot", "depot", 1)]
    assert pegs(first["A-1"]) == [("1", "mug", 1, "PO-2"), ("2", "pot", 2, "PO-1")]
    second = again(first, in_store, wish, takes_pot)
    assert second["A-1"].backorders == first["A-1"].backorders


# -- Boxes and lots that are nowhere together ------------------------------------------------------

BOX = line("2", "cup", 1, units_each=3)


@pytest.mark.parametrize("asked", ["", "L-0"])
def test_a_box_that_is_nowhere_is_not_missing_since_others_took_a_unit(asked: str) -> None:
    """Four cups are there, and no box of three: so it is in each run, whoever took a cup."""
    boxes = [line("1", "cup", 1), attrs.evolve(BOX, lot=asked)]
    wish = order("A-1", lines=boxes, ship=Ship.COMPLETE, placed_at=NOW - HOUR)
    takes_one = order("A-2", lines=[line("1", "cup")])
    stock = Inventory(
        [
            row(2, "cup", "lyon", lots=[lot("L-0", 1)]),
            row(2, "cup", "turin", lots=[lot("L-0", 2)]),
        ],
        [supply("PO-1", 5, 1, "cup")],
        [Item(sku="cup", backorderable=True)],
    )
    first = run(wish, takes_one, stock=stock)
    assert got(first["A-2"]) == [("1", "cup", "lyon", 1)]
    second = again(first, wish, takes_one)
    assert pegs(second["A-1"]) == pegs(first["A-1"])
    assert second["A-1"].outcome is first["A-1"].outcome


# -- Lines that ship whole -------------------------------------------------------------------------


def test_a_line_that_ships_whole_hears_why_though_those_behind_took_what_was_there() -> None:
    """Two of five mugs were there in its turn: it is not out of stock since others have them."""
    whole = order("A-1", 5, ship=Ship.LINES, placed_at=NOW - HOUR)
    behind = order("A-2", 1)
    first = run(whole, behind, stock=Inventory(stock=[row(2)]))
    assert shorts(first["A-1"]) == [("1", 5, 2, "line_ships_whole")]
    second = again(first, whole, behind)
    assert second["A-1"].shorts == first["A-1"].shorts


def test_what_somebody_had_before_this_instant_is_not_there_for_a_line() -> None:
    """Had those behind got nothing in this run it would have been served: but it was not there."""
    whole = order("A-1", 2, ship=Ship.LINES, placed_at=NOW - HOUR)
    stock = Inventory(stock=[row(2)], reservations=[reserved("A-2", "9", made_at=NOW)])
    result = run(whole, stock=stock)
    assert shorts(result["A-1"]) == [("1", 2, 1, "line_ships_whole")]
    assert again(result, whole)["A-1"].shorts == result["A-1"].shorts
