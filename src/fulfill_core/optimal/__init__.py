"""The best use of scarce stock for all orders together, as a choice: a planner for `process`.

Needs the extra ``fulfill_core[optimize]``, so nothing else of the library imports it:
``from fulfill_core.optimal import best_value``.
"""

from __future__ import annotations

from fulfill_core.optimal.planner import best_value

__all__ = ["best_value"]
