"""An order of many lines is stored by line: what is done to some of them comes to the same."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import TypeAlias

import pytest
from builders import NOW, reserved
from effort import FEWER
from hypothesis import given
from hypothesis import strategies as st

from fulfill_core import Inventory, Location, Lot, Reservation, Stock, StockError
from fulfill_core.inventory import ParcelLine
from fulfill_core.inventory.inventory import state_of
from fulfill_core.inventory.reservations import batches_of
from fulfill_core.inventory.storing.batches import BatchesByLine

Change: TypeAlias = Callable[[Inventory], Inventory]

OTHER_LINES = [
    reserved(line_id=f"other-{number:03}", sku=f"sku-{number:03}", location="z")
    for number in range(70)
]
LINES, PLACES = st.sampled_from("123"), st.sampled_from("xy")
UNITS = st.integers(1, 3)


def stock_of_three_lines(*others: Reservation) -> Inventory:
    """Units of an order's three lines at two places that take on a few orders, and other lines."""
    lots = [Lot(id="l1", quantity=9), Lot(id="l2", quantity=9)]
    rows = [
        *[Stock(sku="a", location=at, on_hand=30) for at in "xy"],
        *[Stock(sku="b", location=at, on_hand=30, lots=lots) for at in "xy"],
        *[Stock(sku=each.sku, location=each.location, on_hand=2) for each in others],
    ]
    places = [Location(id=at, capacity=3) for at in "xy"]
    units = [
        reserved(line_id="1", quantity=3, sku="a", location="x", made_at=NOW),
        reserved(line_id="1", quantity=2, sku="a", location="y", made_at=NOW - timedelta(2)),
        reserved(line_id="2", quantity=3, sku="b", location="x", lot="l1", made_at=NOW),
        reserved(line_id="2", quantity=3, sku="b", location="y", lot="l2"),
        reserved(line_id="3", quantity=2, sku="a", expires_at=NOW + timedelta(1), location="y"),
    ]
    return Inventory(stock=rows, locations=places, reservations=[*units, *others])


def sku_of(line_id: str) -> str:
    """What a line asks for."""
    return "b" if line_id == "2" else "a"


def calls(line_id: str, at: str, units: int, later: datetime, lot: str) -> list[Change]:
    """All that is called of one line, so many units at a place of it, at a time."""
    to, sku, end = "y" if at == "x" else "x", sku_of(line_id), NOW + timedelta(3)
    entry = reserved("A-1", line_id, units, sku=sku, location=at, lot=lot, made_at=later)
    parcel = [ParcelLine(line_id=line_id, quantity=1), ParcelLine(line_id="1", quantity=units)]
    return [
        lambda stock: stock.with_released("A-1", line_id, units),
        lambda stock: stock.with_shipped("A-1", line_id, units, location=at),
        lambda stock: stock.with_shipped("A-1", line_id, units, location=at, reserved_at=to),
        lambda stock: stock.with_parcel_shipped("A-1", parcel, location=at),
        lambda stock: stock.with_available_reserved(
            "A-1", line_id, sku, units, now=later, expires_at=end
        ),
        lambda stock: stock.with_reserved_quantity("A-1", line_id, sku, units, now=later),
        lambda stock: stock.with_reserved(entry),
        lambda stock: stock.with_reserved(entry).without_reservations([entry, entry]),
        lambda stock: stock.with_reservation_moved("A-1", line_id, units, source=at, target=to),
        lambda stock: stock.with_renewed("A-1", now=later, expires_at=end, line_id=line_id),
        lambda stock: stock.with_renewed("A-1", now=later, expires_at=None),
        lambda stock: stock.with_changes(stock.with_reserved(entry).changes_since(stock)),
        lambda stock: stock.with_reserved(entry).with_changes(
            stock.changes_since(stock.with_reserved(entry))
        ),
    ]


@st.composite
def changes(draw: st.DrawFn) -> Change:
    """One of these calls."""
    line_id = draw(LINES)
    later = NOW + timedelta(0, draw(st.integers(0, 1)) * 3600)
    lot = draw(st.sampled_from(["", "l1"])) if line_id == "2" else ""
    return draw(st.sampled_from(calls(line_id, draw(PLACES), draw(UNITS), later, lot)))


def outcomes(stock: Inventory, calls: Iterable[Change]) -> list[object]:
    """What is said of the lines, and their stock, after each call; or why it is refused."""
    said: list[object] = []
    for call in calls:
        try:
            stock = call(stock)
        except StockError as error:
            said.append(str(error))
        reservations = stock.reservations_of("A-1")
        said += [[each for each in reservations if each.line_id == line_id] for line_id in "123"]
        said += [[row for row in stock.stock() if row.sku == sku] for sku in "ab"]
        said += [stock.reserved(sku, now=NOW + timedelta(2)) for sku in "ab"]
        said += [stock.capacity_left(at, now=NOW) for at in "xy"]
        said.append(stock.lots_of("b"))
    return said


@FEWER
@given(st.lists(changes(), max_size=6))
def test_other_lines_make_no_difference(calls_made: list[Change]) -> None:
    """The same calls come to the same, in the same sequence of what each line has, whether the
    order has three lines or seventy more.
    """
    few, many = stock_of_three_lines(), stock_of_three_lines(*OTHER_LINES)
    assert outcomes(many, calls_made) == outcomes(few, calls_made)


@pytest.mark.parametrize("line_id", ["1", "2"])
@pytest.mark.parametrize("number", range(13))
def test_nor_do_they_when_a_line_is_changed_again(number: int, line_id: str) -> None:
    """Once it is stored by line, each call comes to what it comes to for three lines."""
    first, last = calls(line_id, "x", 1, NOW, ""), calls(line_id, "y", 2, NOW, "")
    few, many = stock_of_three_lines(), stock_of_three_lines(*OTHER_LINES)
    calls_made = [first[0], first[number], last[number]]
    assert outcomes(many, calls_made) == outcomes(few, calls_made)


def test_a_line_of_many_lots_is_stored_as_it_came() -> None:
    """There is one line to find, however many reservations it has."""
    lots = [Lot(id=f"{number:02}", quantity=1) for number in range(70)]
    units = [reserved(lot=lot.id) for lot in lots]
    row = Stock(sku="mug", location="berlin", on_hand=70, lots=lots)
    stock = Inventory(stock=[row], reservations=units).with_released("A-1", "1", 3)
    assert stock.reservations_of("A-1") == tuple(units[:67])


def test_an_order_has_its_reservations_whichever_way_they_are_stored() -> None:
    """After the first change by line they are stored by line, until few lines are left; the
    inventory is equal to one that was built with them.
    """
    stock = Inventory(
        stock=[Stock(sku=each.sku, location="z", on_hand=2) for each in OTHER_LINES],
        reservations=OTHER_LINES,
    )
    forms: list[bool] = []
    for number, each in enumerate(OTHER_LINES):
        stock = stock.with_released("A-1", each.line_id, 1)
        left = OTHER_LINES[number + 1 :]
        assert sorted(stock.reservations_of("A-1"), key=lambda row: row.line_id) == left
        assert stock == Inventory(stock=stock.stock(), reservations=left)
        forms.append(isinstance(batches_of(state_of(stock), "A-1"), BatchesByLine))
    assert forms == [True] * 53 + [False] * 17


@pytest.mark.parametrize("is_by_line", [False, True])
def test_what_an_order_gets_beside_comes_after_what_it_has(*, is_by_line: bool) -> None:
    """Whichever way its reservations are stored."""
    stock = stock_of_three_lines(*OTHER_LINES if is_by_line else ()).with_released("A-1", "1", 1)
    more = reserved(line_id="1", quantity=1, sku="a", location="x", made_at=NOW - timedelta(1))
    after = stock.with_reserved(more)
    assert isinstance(batches_of(state_of(after), "A-1"), BatchesByLine) is is_by_line
    of_line = [each for each in after.reservations_of("A-1") if each.line_id == "1"]
    assert (len(of_line), of_line[-1]) == (3, more)
