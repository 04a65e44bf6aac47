"""The laws of re-allocation, held to `process` on random orders, stock, policies and strategies."""

from __future__ import annotations

from effort import FEWER
from hypothesis import given

from fulfill_core import process

from . import reallocating


@FEWER
@given(reallocating.worlds())
def test_reallocation(world: reallocating.World) -> None:
    """Who may not lose does not; nothing is lost for nothing; no more is confirmed than there is;
    it can be undone; and the same again changes nothing.
    """
    case = reallocating.Case.of(process, world)
    for law in reallocating.LAWS:
        law(case)
