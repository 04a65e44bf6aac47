"""The laws of re-allocation, held to `process` on random orders, stock, policies and strategies."""

from __future__ import annotations

import pytest
from hypothesis import given

from fulfill_core import process

from . import reallocating
from .runs import Law


@pytest.mark.parametrize("law", reallocating.LAWS, ids=lambda law: law.__name__)
@given(reallocating.worlds())
def test_reallocation(law: Law, world: reallocating.World) -> None:
    """Who may not lose does not; nothing is lost for nothing; no more is confirmed than there is;
    it can be undone; and the same again changes nothing.
    """
    law(process, world)
