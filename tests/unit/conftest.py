"""Tests of stock are tests of its invariants too: after each change by any of its methods."""

from __future__ import annotations

from collections.abc import Iterator
from functools import wraps
from typing import Any

import pytest
from invariants import broken_invariants

from fulfill_core import Inventory

CHANGES = [name for name in vars(Inventory) if name.startswith("with")]
CHECKED = {
    "test_changes",
    "test_changes_of_lots",
    "test_instants_in_stock",
    "test_inventory",
    "test_kits_in_stock",
    "test_loads",
    "test_lots",
    "test_reservations_over_time",
    "test_reserving_for_an_order",
}


@pytest.fixture(scope="module", autouse=True)
def _invariants(request: pytest.FixtureRequest) -> Iterator[None]:
    """Look at every inventory that a method returns, in the tests of stock."""
    with pytest.MonkeyPatch.context() as patch:
        for name in CHANGES if request.path.stem in CHECKED else ():
            patch.setattr(Inventory, name, _looked_at(getattr(Inventory, name)))
        yield


def _looked_at(real: Any) -> Any:
    @wraps(real)
    def method(*args: Any, **options: Any) -> Inventory:
        after: Inventory = real(*args, **options)
        assert broken_invariants(after) == []
        return after

    return method
