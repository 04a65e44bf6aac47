"""Units at one location of a shelf: by lot, or loose."""

from __future__ import annotations

from datetime import timedelta

import pytest

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
