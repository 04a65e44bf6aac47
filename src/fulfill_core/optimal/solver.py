"""One problem at a time, by HiGHS: the only place that knows the package, and floats."""

from __future__ import annotations

from collections.abc import Sequence
from math import floor, gcd, isfinite
from typing import Any, NamedTuple, cast

try:
    import highspy
except ImportError as error:
    raise ImportError(
        "fulfill_core.optimal needs highspy: pip install 'fulfill_core[optimize]'",
        name=error.name,
    ) from error

_HIGHS = cast("Any", highspy)  # its annotations ask for arrays of numpy; it takes lists as well

_LARGEST = 10**6
"""Costs are scaled to stay below it: solvers work with tolerances of 1e-6 and less."""
_FLOAT = 2.0**53


class Program:
    """Whole numbers of which the sum of their worths is to be as large as possible.

    Args:
        worths: what one of each is worth, a whole number.
        most: the limit of each.
        start: numbers to begin with.
    """

    def __init__(self, worths: Sequence[int], most: Sequence[int], start: Sequence[int]) -> None:
        self.worths = list(worths)
        self.most = list(most)
        self.start = list(start)
        self.whole = [True] * len(self.worths)
        self.rows: list[tuple[int, Sequence[tuple[int, int]]]] = []

    def column(self, most: int, start: int, *, is_whole: bool = True) -> int:
        """One more number, worth nothing itself; its position.

        One that follows from the others need not be asked to be whole.
        """
        self.worths.append(0)
        self.most.append(most)
        self.start.append(start)
        self.whole.append(is_whole)
        return len(self.worths) - 1

    def add(self, most: int, row: Sequence[tuple[int, int]]) -> None:
        """A limit for a sum: pairs of a position and a factor."""
        self.rows.append((most, row))

    def worth(self, values: Sequence[int]) -> int:
        """What these numbers are worth."""
        return sum([worth * value for worth, value in zip(self.worths, values, strict=True)])

    def is_allowed(self, values: Sequence[int]) -> bool:
        """Whether they keep to all limits, exactly."""
        return all(
            [0 <= value <= most for value, most in zip(values, self.most, strict=True)]
        ) and all(
            [sum([factor * values[at] for at, factor in row]) <= most for most, row in self.rows]
        )


class Solved(NamedTuple):
    """What a solver found.

    Args:
        values: the numbers; None if it found none that keep to the limits.
        bound: no numbers are worth more; None if it proved nothing.
        seconds: how long it took.
    """

    values: list[int] | None
    bound: int | None
    seconds: float


def solve(program: Program, *, seconds: float, relative_gap: float, threads: int) -> Solved:
    """The best numbers that are found in so many seconds.

    Args:
        program: the problem.
        seconds: the time limit.
        relative_gap: it may stop this close to what it proved; 0 for the best.
        threads: how many it may use.
    """
    if max(program.most) >= _FLOAT:
        return Solved(None, None, 0.0)  # counted in floating point numbers, units would get lost
    divisor = gcd(*program.worths) or 1
    scale = divisor * max(1.0, max(program.worths) / divisor / _LARGEST)
    solver, lp = _HIGHS.Highs(), _HIGHS.HighsLp()
    for name, value in (
        ("output_flag", False),
        ("threads", threads),
        ("random_seed", 0),
        ("time_limit", seconds),
        ("mip_rel_gap", relative_gap),
    ):
        solver.setOptionValue(name, value)
    lp.sense_ = _HIGHS.ObjSense.kMaximize
    lp.num_col_ = len(program.worths)
    lp.num_row_ = len(program.rows)
    lp.col_cost_ = [worth / scale for worth in program.worths]
    lp.col_lower_ = [0.0] * len(program.worths)
    lp.col_upper_ = [float(most) for most in program.most]
    kinds = _HIGHS.HighsVarType
    lp.integrality_ = [kinds.kInteger if whole else kinds.kContinuous for whole in program.whole]
    lp.row_lower_ = [-_HIGHS.kHighsInf] * len(program.rows)
    lp.row_upper_ = [float(most) for most, _ in program.rows]
    starts, index, factors = [0], list[int](), list[float]()
    for _, row in program.rows:
        index += [at for at, _ in row]
        factors += [float(factor) for _, factor in row]
        starts.append(len(index))
    lp.a_matrix_.format_ = _HIGHS.MatrixFormat.kRowwise
    lp.a_matrix_.start_ = starts
    lp.a_matrix_.index_ = index
    lp.a_matrix_.value_ = factors
    solver.passModel(lp)
    # It is not told where to begin: HiGHS 1.16 then may call a problem solved with numbers that are
    # worth less than it says, and no more than those that it was given.
    solver.run()
    values = [round(value) for value in solver.getSolution().col_value]
    feasible = values if len(values) == lp.num_col_ and program.is_allowed(values) else None
    is_best = solver.getModelStatus() == _HIGHS.HighsModelStatus.kOptimal
    proved = float(solver.getInfo().mip_dual_bound)
    bound = None
    if is_best and feasible is not None and not relative_gap and scale == divisor:
        bound = program.worth(feasible)
    elif isfinite(proved):
        bound = floor(proved * scale / divisor + abs(proved) * 1e-9 + 1e-6) * divisor
    return Solved(feasible, bound, float(solver.getRunTime()))


def reset() -> None:
    """Forget how many threads were used before: the solver refuses to change its mind on that."""
    _HIGHS.Highs.resetGlobalScheduler(True)  # noqa: FBT003 - it takes no name
