"""The table of odd days: its form and its answers, never its times."""

from __future__ import annotations

import odd_days
import paths
import pytest
from test_paths import check_table


@pytest.mark.parametrize("day", odd_days.DAYS, ids=lambda day: day.name)
def test_a_day_answers_what_is_expected(day: paths.Path) -> None:
    """At any size the run does all that it is to do, and the same again."""
    growth = paths.grown(day, [20, 40], repeats=2)
    assert (growth.path, len(growth.seconds)) == (day, 2)
    assert day.answer(40) > day.answer(20) > 0


def test_each_day_has_three_sizes_and_a_bar() -> None:
    """Each size is twice the one before, so that the exponent is that of the last doubling."""
    check_table(odd_days.DAYS)
