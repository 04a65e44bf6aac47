"""The benchmark of storages compares the same work, and all ways are carried out."""

from __future__ import annotations

import pytest
import storing


def test_a_checkout_is_measured_beside_its_own_statements() -> None:
    """By hand they place another order, each time: a pair of times for each round."""
    figures = storing.checkouts(400, 2)
    assert {what: len(pairs) for what, pairs in figures.items()} == {
        storing.BY_HAND: 2,
        "loop, to SQLAlchemy": 2,
        "storage, to the driver": 2,
    }


@pytest.mark.parametrize("name", storing.databases())
def test_batches_are_measured_beside_plain_sql(name: str) -> None:
    """Both reserve as many units, also where goods are scarce; else there is nothing to compare."""
    assert [len(storing.batches(name, size, 2, skus=20)) for size in (1, 30)] == [2, 2]
