"""What if: the same orders under several settings, side by side, before a customer sees it."""

from __future__ import annotations

from fulfill_core.whatif.comparison import Comparison, Trial, compare
from fulfill_core.whatif.days import Course, DailyComparison, Day, Wait, compare_days
from fulfill_core.whatif.differences import Difference, UnitShift
from fulfill_core.whatif.figures import Figures, GroupFigures

__all__ = [
    "Comparison",
    "Course",
    "DailyComparison",
    "Day",
    "Difference",
    "Figures",
    "GroupFigures",
    "Trial",
    "UnitShift",
    "Wait",
    "compare",
    "compare_days",
]
