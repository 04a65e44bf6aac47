"""The table of paths on which one thing has many: its form and its answers, never its times."""

from __future__ import annotations

from collections.abc import Sequence

import paths
import pytest


@pytest.mark.parametrize("path", paths.PATHS, ids=lambda path: path.name)
def test_a_path_answers_what_is_expected(path: paths.Path) -> None:
    """At any size a run does all that it is to do, and the same again: what is measured is work."""
    growth = paths.grown(path, [6, 12], repeats=2)
    assert (growth.path, len(growth.seconds)) == (path, 2)
    assert path.answer(12) > path.answer(6) > 0


def test_a_path_that_does_less_is_noticed() -> None:
    """Who answers something else is not measured."""
    idle = paths.PATHS[0]._replace(make=lambda _: lambda: 0)
    with pytest.raises(AssertionError, match="size 6: answers 0, and not 6"):
        paths.grown(idle, [6, 12], repeats=1)


def test_each_path_has_three_sizes_and_a_bar() -> None:
    """Each size is twice the one before, so that the exponent is that of the last doubling."""
    check_table(paths.PATHS)


def check_table(table: Sequence[paths.Path]) -> None:
    """The form of a table of paths."""
    assert len({path.name for path in table}) == len(table)
    for path in table:
        first, second, last = path.sizes
        assert (2 * first, 2 * second) == (second, last)
        assert path.bar in {1.2, 1.5}
