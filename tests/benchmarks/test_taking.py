"""What the benchmark of re-allocation measures is a run in which much is taken."""

from __future__ import annotations

import taking

from fulfill_core.reallocation import Reallocation


def test_much_is_taken() -> None:
    """Those who rank first take from a good part of those who hold something, and without a
    re-allocation nothing; the same again changes nothing.
    """
    day = taking.make(400, seed=1)
    result = taking.run(day, Reallocation())
    assert len(result.losses) > day.held // 4
    assert taking.run(day, None).losses == ()
    again = taking.run(day._replace(inventory=result.inventory), Reallocation())
    assert (again.losses, again.reservations) == ((), ())


def test_both_runs_are_timed() -> None:
    """Both are timed as often."""
    costs = taking.costs(40, 2, 1)
    assert (len(costs.alone), len(costs.taking)) == (2, 2)
    assert min(*costs.alone, *costs.taking) > 0
    assert costs.losses > 0
