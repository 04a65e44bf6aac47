"""Plots: what is drawn is in proportion, and every mark has its words."""

from __future__ import annotations

import re

import pytest

from fulfill_core.whatif.charts import COLOURS, bars, colour_of, curves


def test_a_bar_is_as_long_as_its_share() -> None:
    """From nothing to all, and no further."""
    drawing = bars("x", [("a", [(0.0, "0"), (0.5, "1"), (1.0, "2"), (7.0, "3"), (-1.0, "4")])])
    widths = [float(width) for width in re.findall(r'width="([\d.]+)" height', drawing)]
    assert widths == [0.0, widths[2] / 2, widths[2], widths[2], 0.0]


def test_a_curve_goes_from_the_first_day_to_the_last() -> None:
    """The most is at the top, nothing at the bottom; first and last day are named."""
    drawing = curves("Open orders", ["1 March", "2 March", "3 March"], [("today", [0, 2, 4])])
    assert 'points="44.0,190.0 155.0,100.0 266.0,10.0"' in drawing
    assert re.findall(r">([^<]+)</text>", drawing) == ["4", "0", "1 March", "3 March", "today"]


@pytest.mark.parametrize("days", [[], ["1 March"]])
def test_a_curve_of_a_day_or_none_is_drawn(days: list[str]) -> None:
    """It has a point at most, and the first day stands once."""
    drawing = curves("x", days, [("today", [0] * len(days))])
    assert drawing.count("1 March") == len(days)


def test_names_at_the_end_of_curves_do_not_lie_on_one_another() -> None:
    """Where curves end together, the names stand one below the other."""
    drawing = curves("x", ["1", "2"], [("a", [0, 1]), ("b", [1, 1]), ("c", [2, 1]), ("d", [0, 9])])
    assert "d</text>" in drawing
    ends = [float(y) for y in re.findall(r'<text class="s\d" x="\d+" y="([\d.]+)"', drawing)]
    assert len({round(y / 16) for y in ends}) == 4
    assert ends == sorted(ends[:3]) + ends[3:]


def test_colours_begin_again() -> None:
    """There are so many, and then the first one once more."""
    assert [colour_of(0), colour_of(COLOURS)] == ["s0", "s0"]
