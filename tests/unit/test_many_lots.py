"""Of many lots it is known what is free, and which leaves first, whatever is changed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from builders import NOW
from hypothesis import given
from hypothesis import strategies as st
from invariants import broken_invariants

from fulfill_core import Inventory, Item, Lot, LotOrder, Stock, StockError
from fulfill_core.inventory.item_rules import in_lot_order, is_fit
from fulfill_core.inventory.shelves.bays import Bay
from fulfill_core.inventory.shelves.many_lots import BayOfMany
from fulfill_core.inventory.storing.lot_rows import (
    NO_LOTS,
    LotCell,
    LotRows,
    lots_in_turn,
    to_lot_rows,
)

DAY = timedelta(days=1)
DAYS = st.none() | st.integers(-3, 8)
MANY = 34


def instant(days: int | None) -> datetime | None:
    """So many days from now; None for no instant."""
    return None if days is None else NOW + days * DAY


FACTS = st.tuples(DAYS.map(instant), DAYS.map(instant), st.sampled_from([False, False, True]))
UNITS = st.tuples(st.integers(0, 3), st.integers(0, 2))
LOTS = st.lists(st.tuples(UNITS, FACTS), min_size=MANY, max_size=MANY + 6)


Lots = list[tuple[tuple[int, int], tuple[datetime | None, datetime | None, bool]]]
"""Units of lots, how many of them are reserved, and their facts."""


def cells_of(lots: Lots) -> tuple[LotCell, ...]:
    """Rows of lots at one location."""
    return tuple(
        [
            (("berlin", f"{number:02}", quantity, reserved), facts)
            for number, ((quantity, reserved), facts) in enumerate(lots)
        ]
    )


# -- On a shelf ------------------------------------------------------------------------------------


def opened_bay(item: Item, cells: tuple[LotCell, ...], units: int, safety: int) -> Bay:
    """The bay of these lots, each in the list of those that somebody may have."""
    in_lots = sum(quantity - reserved for (_, _, quantity, reserved), _ in cells)
    lots = [
        (lot, quantity - reserved, ends_at, received_at)
        for (_, lot, quantity, reserved), (ends_at, received_at, is_locked) in cells
        if not is_locked and is_fit(ends_at, delivery=NOW, life=item.minimum_life)
    ]
    lots.append(("", units - in_lots, None, None))
    return Bay("berlin", in_lot_order(lots, item.lot_order), safety, units - safety, NOW)


def moved(bay: Bay | BayOfMany, what: str, units: int, life: timedelta | None, lot: str) -> object:
    """What a bay answers to one question, or when units move."""
    needs = {lot: units, "": 1}
    match what:
        case "draw":
            most = min(units, bay.usable(life))
            return bay.draw(most, life) if most else []
        case "draw of a lot":
            most = min(units, bay.units_of(lot), bay.usable(lot_needs={lot: units}))
            return bay.draw(most, None, lot) if most > 0 else []
        case "put":
            bay.put(lot, units)
            return bay.free
        case "for a life":
            return bay.usable(life)
        case "if others let go":
            return bay.usable(life, {("berlin", lot): units, ("paris", lot): 9, ("berlin", ""): 2})
        case "within what lines ask":
            return bay.usable(life, {("berlin", lot): 1}, needs), bay.usable(life, lot_needs=needs)
        case "lots":
            lots = bay.lots_for(life)
            return bay.free_lots(life), list(lots), lots.units_of(lot), lots.units_of("none")
        case _:
            return bay.is_of_use(lot, life), bay.has(lot), bay.copy().free


MOVES = st.tuples(
    st.sampled_from(
        [
            *["draw", "draw", "draw", "draw of a lot", "put", "for a life"],
            *["if others let go", "within what lines ask", "lots", "of use"],
        ]
    ),
    st.integers(1, 4),
    st.none() | st.integers(0, 6).map(timedelta),
    st.sampled_from(["", "03", "17", "99"]),
)


Move = tuple[str, int, timedelta | None, str]
"""What is asked or moved, how many units, the life that is asked, the lot."""


def check_bays(
    lots: Lots, loose: int, safety: int, order: LotOrder, life: timedelta, moves: list[Move]
) -> None:
    """What a bay of many knows of its lots is what a list of all of them says, whatever moves."""
    item, cells = Item(sku="mug", lot_order=order, minimum_life=life), cells_of(lots)
    units = loose + sum(quantity - reserved for (_, _, quantity, reserved), _ in cells)
    bay = opened_bay(item, cells, units, safety)
    of_many = BayOfMany(
        item,
        lots_in_turn(cells, order),
        "berlin",
        units,
        safety,
        NOW,
        partial(opened_bay, item, cells, units, safety),
    )
    assert (of_many.free, of_many.has_ends) == (bay.free, bay.has_ends)
    for move in moves:
        assert moved(of_many, *move) == moved(bay, *move)
        assert of_many.free == bay.free


@given(
    lots=LOTS,
    loose=st.integers(-2, 3),
    safety=st.integers(0, 2),
    order=st.sampled_from(LotOrder),
    life=st.integers(0, 3).map(timedelta),
    moves=st.lists(MOVES, max_size=8),
)
def test_many_lots_answer_as_a_list_of_them(
    lots: Lots, loose: int, safety: int, order: LotOrder, life: timedelta, moves: list[Move]
) -> None:
    """Whatever lots there are, and whatever is asked of them or moves."""
    check_bays(lots, loose, safety, order, life, moves)


SOME_LOTS: Lots = [
    ((2, number % 2), (instant(number % 9 - 1 if number % 4 else None), NOW, number % 7 == 0))
    for number in range(2 * MANY)
]


@pytest.mark.parametrize("what", ["for a life", "draw", "lots", "put", "of use"])
@pytest.mark.parametrize("loose", [-1, 2])
def test_many_lots_answer_to_each_question(what: str, loose: int) -> None:
    """First of all, after units were drawn, and once all lots are looked at."""
    week = timedelta(days=6)
    moves: list[Move] = [
        ("for a life", 1, week, ""),
        (what, 2, None, "17"),
        ("for a life", 1, week, ""),
        ("draw of a lot", 4, None, "02"),
        (what, 1, None, "03"),
        ("draw", 3, None, ""),
        ("for a life", 1, week, ""),
        ("draw", 9, None, ""),
        (what, 1, week, "03"),
        ("if others let go", 2, week, "17"),
        ("within what lines ask", 1, week, "17"),
        ("within what lines ask", 1, None, "99"),
        ("if others let go", 2, 5 * week, "17"),
        ("within what lines ask", 1, 5 * week, "17"),
        ("if others let go", 2, None, "99"),
        ("draw of a lot", 1, None, "17"),
        ("draw", 2, week, ""),
        ("draw", 90, None, ""),
        ("lots", 1, None, "03"),
    ]
    check_bays(SOME_LOTS, loose, 1, LotOrder.FEFO, timedelta(0), moves)


def test_what_was_drawn_is_not_there_for_who_asks_for_life() -> None:
    """Whoever drew it, and for whatever life."""
    lots: Lots = [((1, 0), (instant(90), NOW, False))] * (MANY + 6)
    moves: list[Move] = [("draw", 30, None, ""), ("for a life", 1, 50 * DAY, "")]
    check_bays(lots, 0, 0, LotOrder.FEFO, timedelta(0), moves)


# -- As they are stored ----------------------------------------------------------------------------


def row_instead(after: dict[tuple[str, str], LotCell | None]) -> Callable[..., LotCell | None]:
    """A change of rows into these."""
    return lambda key, _: after[key]


CHANGES = st.lists(
    st.dictionaries(
        st.tuples(st.sampled_from(["berlin", "paris"]), st.integers(0, 45).map("{:02}".format)),
        st.none() | st.tuples(UNITS, FACTS),
        min_size=1,
        max_size=4,
    ),
    max_size=8,
)


Change = dict[tuple[str, str], Any]
"""Units and facts of lots by location and lot; None for no lot."""


def check_rows(lots: Lots, changes: list[Change], order: LotOrder) -> None:
    """After each change the rows are in sequence, and what all of them come to is as made anew."""
    rows = to_lot_rows(reversed(cells_of(lots)))
    model: dict[tuple[str, str], LotCell | None] = {(cell[0][0], cell[0][1]): cell for cell in rows}
    for change in changes:
        rows.come_to("berlin", order)  # it goes along from here
        after = {
            key: None if row is None else ((*key, *row[0]), row[1]) for key, row in change.items()
        }
        rows = rows.with_changed(list(after), row_instead(after)) or NO_LOTS
        model.update(after)
        expected = tuple([cell for key in sorted(model) if (cell := model[key]) is not None])
        assert rows.cells == expected
        for place in ("berlin", "paris"):
            of_place = tuple([cell for cell in expected if cell[0][0] == place])
            assert (rows.at(place), rows.has(place)) == (of_place, bool(of_place))
            assert rows.come_to(place, order) == lots_in_turn(of_place, order)


@given(lots=LOTS, changes=CHANGES, order=st.sampled_from(LotOrder))
def test_what_goes_along_with_lots_is_what_they_come_to(
    lots: Lots, changes: list[Change], order: LotOrder
) -> None:
    """Whatever changes of them, one by one or many at once."""
    check_rows(lots, changes, order)


def test_one_lot_changes_or_many() -> None:
    """One that is new, one that goes, one that is another, one elsewhere; then all of them."""
    facts = instant(3), None, False
    one_by_one: list[Change] = [
        {("berlin", "77"): ((2, 1), facts)},
        {("berlin", "03"): None},
        {("berlin", "05"): ((1, 0), facts), ("paris", "05"): ((1, 1), facts)},
    ]
    at_once: Change = {("berlin", f"{number:02}"): ((3, 0), facts) for number in range(2 * MANY)}
    none: Change = dict.fromkeys([*at_once, ("berlin", "77"), ("paris", "05")])
    check_rows(SOME_LOTS, [*one_by_one, at_once, none], LotOrder.FIFO)


def test_rows_of_lots_are_values() -> None:
    """They are equal by what they are made of, whatever else is known of them."""
    rows, others = LotRows(cells_of([((1, 0), (None, None, False))])), NO_LOTS
    rows.come_to("berlin", LotOrder.FEFO)
    assert (rows, hash(rows), repr(rows)) == (
        LotRows(rows.cells),
        hash(LotRows(rows.cells)),
        f"LotRows({rows.cells!r})",
    )
    assert rows != others
    assert rows != rows.cells


# -- As hosts see it -------------------------------------------------------------------------------


Call = tuple[str, int]
"""What a host does, and with which of the serial numbers."""


def check_serials(calls: list[Call]) -> None:
    """A plain list of serial numbers says which is reserved next; moving one takes it off."""
    ids = [f"{number * 7 % MANY:02}" for number in range(MANY)]
    lots = [Lot(id=lot, quantity=1, expires_at=NOW + (9 + at) * DAY) for at, lot in enumerate(ids)]
    stock = Inventory(stock=[Stock(sku="mug", location="berlin", on_hand=MANY, lots=lots)])
    free, locked, reserved = list(ids), set[str](), list[str]()
    for number, (call, at) in enumerate(calls):
        lot, order_id = ids[at], f"A-{number}"
        match call:
            case "reserve" if open_lots := [each for each in free if each not in locked]:
                stock = stock.with_available_reserved(order_id, "1", "mug", 1, now=NOW)
                assert [each.lot for each in stock.reservations_of(order_id)] == open_lots[:1]
                free.remove(open_lots[0])
                reserved.append(open_lots[0])
            case "transfer" if lot in free and lot not in locked:
                stock = stock.with_transferred(
                    "mug", 1, source="berlin", target="paris", lot=lot, now=NOW
                )
                free.remove(lot)
                assert stock.available("mug", "paris", now=NOW) == stock.on_hand("mug", "paris")
            case "transfer" if lot in reserved:
                with pytest.raises(StockError, match=r"are available|in quarantine"):
                    stock.with_transferred("mug", 1, source="berlin", target="paris", lot=lot)
            case "lock" | "unlock" if lot in free or lot in reserved:
                is_locked = call == "lock"
                stock = stock.with_quarantined("mug", "berlin", lot, quarantined=is_locked)
                locked = locked | {lot} if is_locked else locked - {lot}
            case "count" if lot in free:
                stock = stock.with_counted("mug", "berlin", 1, lot=lot)
            case "ship" if reserved and reserved[0] not in locked:
                owner = next(each for each in stock.reservations() if each.lot == reserved[0])
                stock = stock.with_shipped(owner.order_id, "1", 1, location="berlin")
                reserved.pop(0)
            case _:
                pass
        assert stock.available("mug", "berlin", now=NOW) == len(set(free) - locked)
        assert broken_invariants(stock) == []


@given(
    calls=st.lists(
        st.tuples(
            st.sampled_from(["reserve", "reserve", "transfer", "lock", "unlock", "count", "ship"]),
            st.integers(0, MANY - 1),
        ),
        max_size=20,
    )
)
def test_serial_numbers_leave_in_their_sequence(calls: list[Call]) -> None:
    """Whatever a host does with them."""
    check_serials(calls)


def test_a_serial_number_is_moved_locked_and_shipped() -> None:
    """Each call is about one of many."""
    check_serials(
        [
            *[("lock", 0), ("reserve", 1), ("transfer", 2), ("transfer", 0), ("count", 5)],
            *[("reserve", 1), ("transfer", 1), ("unlock", 0), ("reserve", 0), ("ship", 0)],
        ]
    )
