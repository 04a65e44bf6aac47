"""Units at one location of a shelf: by lot, or loose."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import pytest
from builders import NOW
from effort import FEWER
from hypothesis import given
from hypothesis import strategies as st

from fulfill_core.inventory.item_rules import is_fit
from fulfill_core.inventory.shelves.bays import Bay, LooseUnits

A_MONTH = timedelta(days=30)
QUESTIONS = {
    "free": lambda at: at.free,
    "for an order that asks for life": lambda at: at.usable(A_MONTH),
    "if others let go": lambda at: at.usable(as_free={("berlin", ""): 2, ("paris", ""): 9}),
    "within what lines ask of lots": lambda at: at.usable(lot_needs={"": 1, "a": 4}),
    "lots": lambda at: at.free_lots(None),
    "of use if free": lambda at: (at.is_of_use("", None), at.is_of_use("a", None)),
    "has": lambda at: (at.has(""), at.has("a")),
    "units of": lambda at: (at.units_of(""), at.units_of("a")),
    "copy": lambda at: at.copy().free,
}


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("units", [-1, 0, 1, 5])
@pytest.mark.parametrize("safety", [0, 2])
def test_loose_units_answer_as_a_bay_without_lots(units: int, safety: int, question: str) -> None:
    """What has no lots is a bay of nothing but units without one, whatever moves."""
    loose = LooseUnits("berlin", units, safety)
    bay = Bay("berlin", [("", units, None)], safety, units - safety, None)
    ask = QUESTIONS[question]
    assert ask(loose) == ask(bay)
    loose.put("", 4)
    bay.put("", 4)
    assert ask(loose) == ask(bay)
    if loose.free:
        assert loose.draw(1, None) == bay.draw(1, None)
        assert ask(loose) == ask(bay)


def test_what_lots_come_to_for_a_life_is_kept_until_units_move() -> None:
    """An order that asks for life gets what is there now, however often that was asked before."""
    bay = Bay("berlin", [("a", 3, None), ("", 2, None)], 0, 5, None)
    assert (bay.usable(A_MONTH), bay.usable(A_MONTH)) == (5, 5)
    bay.draw(2, A_MONTH)
    assert bay.usable(A_MONTH) == 3
    bay.put("a", 1)
    assert bay.usable(A_MONTH) == 4


@pytest.mark.parametrize(("total", "is_of_use"), [(-1, False), (0, True)])
def test_where_more_is_reserved_than_is_there_no_lot_is_of_use(total: int, is_of_use: bool) -> None:
    """Such as of lots that have ended: what came free would go to those who have it already."""
    bay = Bay("berlin", [("a", 1, None)], 0, total, None)
    assert bay.is_of_use("a", None) is is_of_use


Move = tuple[str, int, timedelta | None]
"""A lot from which, or to which, units move; empty for any. How many. The life that is asked."""

LOTS = 40
LIVES = st.none() | st.integers(-1, 6).map(timedelta)
MOVES = st.tuples(st.sampled_from(["", "", "3", "8"]), st.integers(-3, 6), LIVES)


def fit(
    rows: Mapping[str, int], ends: Mapping[str, datetime | None], life: timedelta | None
) -> list[str]:
    """The lots, in their sequence, of which an order that asks for so much life may have units."""
    return [
        lot
        for lot, free in rows.items()
        if free > 0 and (life is None or is_fit(ends[lot], delivery=NOW, life=life))
    ]


def check_moves(days: list[int | None], moves: list[Move]) -> None:
    """A bay with these ends of lots says of each life what a walk over all of them finds."""
    ends = {
        str(number): None if days_ is None else NOW + timedelta(days_)
        for number, days_ in enumerate(days)
    }
    ends[""] = None
    rows = dict.fromkeys(ends, 2)
    lots = [(lot, 2, end) for lot, end in ends.items()]
    bay = Bay("berlin", lots, 1, 2 * len(lots) - 1, NOW)
    for lot, units, life in moves:
        usable = {each: bay.usable(timedelta(each)) for each in range(-1, 7)}
        free = sum([max(0, each) for each in rows.values()])
        most = min(free + min(0, rows[""]) - 1, sum(rows.values()) - 1)
        assert usable == {
            each: max(0, min(sum([rows[lot_] for lot_ in fit(rows, ends, timedelta(each))]), most))
            for each in range(-1, 7)
        }
        if units <= 0:
            bay.put(lot, units or 2)
            rows[lot] += units or 2
            continue
        left = min(units, bay.usable(life), max(0, rows[lot]) if lot else units)
        drawn: list[tuple[str, int]] = []
        for each in [lot] if lot else fit(rows, ends, life):
            part = min(left, rows[each])
            if part > 0:
                drawn.append((each, part))
                rows[each] -= part
                left -= part
        wanted = sum([part for _, part in drawn])
        if wanted:
            assert bay.draw(wanted, None if lot else life, lot) == drawn


@FEWER
@given(
    st.lists(st.none() | st.integers(-1, 5), min_size=LOTS, max_size=LOTS),
    st.lists(MOVES, max_size=20),
)
def test_many_lots_are_as_if_each_was_looked_at(days: list[int | None], moves: list[Move]) -> None:
    """Whatever is drawn from them and put back, for whatever life."""
    check_moves(days, moves)


def test_many_lots_are_drawn_by_life_lot_and_sequence() -> None:
    """One after the other, and put back: from the lots that live so long, in their sequence."""
    a_day = timedelta(1)
    check_moves(
        [1, None, 5, 3] * 10,
        [
            *[("", 3, 3 * a_day), ("", 1, None), ("3", 2, None), ("", 4, None), ("", 5, 6 * a_day)],
            *[("3", -3, None), ("3", 0, None), ("3", 0, None), ("", 6, 2 * a_day), ("", -6, None)],
            *[("", 60, 4 * a_day), ("", 2, 5 * a_day), ("8", 2, None), ("", 1, None)],
        ],
    )


def test_where_no_lot_lives_so_long_none_is_drawn() -> None:
    """Nobody is given what has ended when it is delivered."""
    bay = Bay("berlin", [(str(each), 1, NOW) for each in range(LOTS)], 0, LOTS, NOW)
    assert (bay.usable(A_MONTH), bay.usable(-A_MONTH), bay.draw(1, A_MONTH)) == (0, 0, [])
