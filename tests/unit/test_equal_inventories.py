"""Inventories that are equal behave alike: how their reservations came into them changes nothing.

As of one that was kept in memory, and the same one read from a document or from a table.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations

import pytest

from fulfill_core import Inventory, Item, Location, LotOrder, OrderRecord, Reservation, Stock
from fulfill_core.inventory import ParcelLine
from fulfill_core.lifecycle import cancel

from .builders import NOW, line, order, reserved
from .some_stock import DAY, HOUR, lot

LOTS = [lot("L1", 3, 40), lot("L2", 3, 20), lot("L3", 3, 60)]
"""In the sequence in which they leave: L2, L1, L3."""


def stock_of(*reservations: Reservation, quarantined: str = "") -> Inventory:
    """Mugs in lots in two places, and pots without lots, with these reservations of A-1."""
    stock = Inventory(
        stock=[
            *[Stock(sku="mug", location=at, on_hand=9, lots=LOTS) for at in ("berlin", "lyon")],
            *[Stock(sku="pot", location=at, on_hand=9) for at in ("berlin", "lyon")],
        ],
        items=[Item(sku="mug", lot_order=LotOrder.FEFO)],
        locations=[Location(id="berlin", rank=1), Location(id="lyon", rank=2)],
        reservations=reservations,
    )
    if quarantined:
        stock = stock.with_quarantined("mug", "berlin", quarantined)
    return stock


OF_LOTS = [reserved(lot=each, quantity=2, made_at=NOW) for each in ("L1", "L2", "L3")]
AT_TIMES = [
    reserved(sku="pot", line_id="2", quantity=3, made_at=NOW),
    reserved(sku="pot", line_id="2", quantity=2, made_at=NOW - HOUR),
    reserved(sku="pot", line_id="2", quantity=4),
]
WITH_ENDS = [
    reserved(sku="pot", line_id="2", quantity=3, made_at=NOW, expires_at=NOW + DAY),
    reserved(sku="pot", line_id="2", quantity=2, made_at=NOW, expires_at=NOW + HOUR),
    reserved(sku="pot", line_id="2", quantity=4, made_at=NOW),
]

CHANGES: dict[str, Callable[[Inventory], Inventory]] = {
    "released": lambda stock: stock.with_released("A-1", "1", 3),
    "released there": lambda stock: stock.with_released("A-1", "1", 3, location="berlin"),
    "shipped": lambda stock: stock.with_shipped("A-1", "1", 3, location="berlin"),
    "moved": lambda stock: stock.with_reservation_moved(
        "A-1", "1", 3, source="berlin", target="oslo"
    ),
}


@pytest.mark.parametrize("name", CHANGES)
def test_of_several_lots_the_same_one_goes(name: str) -> None:
    """However they were recorded: units leave in the sequence of their lots, and are given up in
    the other.
    """
    results = [CHANGES[name](stock_of(*rows)) for rows in permutations(OF_LOTS)]
    assert all(result == results[0] for result in results)
    rest = {
        each.lot: each.quantity for each in results[0].reservations() if each.location != "oslo"
    }
    is_freed = name.startswith("released")
    assert rest == ({"L1": 1, "L2": 2} if is_freed else {"L1": 1, "L3": 2})


def test_what_is_locked_up_is_given_up_first() -> None:
    """Nobody can have it in the end."""
    stock = stock_of(*OF_LOTS, quarantined="L2").with_released("A-1", "1", 2)
    assert [each.lot for each in stock.reservations()] == ["L1", "L3"]


@pytest.mark.parametrize(
    ("rows", "rest"),
    [(AT_TIMES, {NOW - HOUR: 1, None: 4}), (WITH_ENDS, {None: 4, NOW + HOUR: 1})],
)
def test_of_several_times_the_same_one_goes(
    rows: list[Reservation], rest: dict[object, int]
) -> None:
    """What was made last goes first, and of that what expires last: released, shipped, or sent in
    a parcel. What nobody knows the time of was there before all.
    """
    is_ending = rows is WITH_ENDS
    parcel = [ParcelLine(line_id="2", quantity=4, sku="pot")]
    changes: list[Callable[[Inventory], Inventory]] = [
        lambda stock: stock.with_released("A-1", "2", 4),
        lambda stock: stock.with_shipped("A-1", "2", 4, location="berlin"),
        lambda stock: stock.with_parcel_shipped("A-1", parcel, location="berlin"),
    ]
    for change in changes:
        for sequence in permutations(rows):
            remaining = change(stock_of(*sequence)).reservations()
            assert {
                each.expires_at if is_ending else each.made_at: each.quantity for each in remaining
            } == rest


ALIKE = [reserved(sku="pot", line_id="2", quantity=each, made_at=NOW) for each in (1, 3, 2)]
OF_ONE_LOT = [reserved(line_id="2", lot="L1", quantity=each, made_at=NOW) for each in (1, 3)]


@pytest.mark.parametrize(
    ("rows", "sku", "rest"), [(ALIKE, "pot", [1, 3]), (OF_ONE_LOT, "mug", [2])]
)
def test_of_several_that_differ_in_their_units_alone_the_smallest_goes(
    rows: list[Reservation], sku: str, rest: list[int]
) -> None:
    """However they were recorded, and whether all at once or one after the other."""
    subject = OrderRecord(order=order("A-1", lines=[line("2", sku, sum(rest) + 2)]))
    parcel = [ParcelLine(line_id="2", quantity=2, sku=sku)]
    unnamed = [ParcelLine(line_id="2", quantity=1), ParcelLine(line_id="2", quantity=1)]
    changes: list[Callable[[Inventory], Inventory]] = [
        lambda stock: stock.with_released("A-1", "2", 2),
        lambda stock: stock.with_released("A-1", "2", 1).with_released("A-1", "2", 1),
        lambda stock: stock.with_shipped("A-1", "2", 2, location="berlin"),
        lambda stock: stock.with_parcel_shipped("A-1", parcel, location="berlin"),
        lambda stock: stock.with_parcel_shipped("A-1", unnamed, location="berlin"),
        lambda stock: stock.with_reservation_moved("A-1", "2", 2, source="berlin", target="oslo"),
        lambda stock: cancel(subject, stock, {"2": 2}).inventory,
    ]
    for change in changes:
        for sequence in permutations(rows):
            # Of one batch, and of as many as there are.
            one_by_one = stock_of()
            for each in sequence:
                one_by_one = one_by_one.with_reserved(each)
            for stock in (stock_of(*sequence), one_by_one):
                remaining = change(stock).reservations()
                there = [each.quantity for each in remaining if each.location == "berlin"]
                assert sorted(there) == rest


def test_a_step_gives_up_the_same() -> None:
    """Of a line that is cancelled in part, from the place that is asked last on."""
    rows = [*OF_LOTS, reserved(location="lyon", lot="L1", quantity=1, made_at=NOW - HOUR)]
    subject = OrderRecord(order=order("A-1", 7))
    results = [cancel(subject, stock_of(*each), {"1": 4}).inventory for each in permutations(rows)]
    assert all(result == results[0] for result in results)
    rest = [(each.location, each.lot, each.quantity) for each in results[0].reservations()]
    assert rest == [("berlin", "L1", 1), ("berlin", "L2", 2)]
    assert results[0] == stock_of(*rows).with_released("A-1", "1", 4)
