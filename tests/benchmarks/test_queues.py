"""What the benchmark of priority policies compares are runs that differ in nothing else."""

from __future__ import annotations

import queues


def test_each_policy_ranks_the_same_orders() -> None:
    """Every policy is timed as often, the default one among them."""
    figures = queues.costs(10, 2, 1)
    assert list(figures) == list(queues.POLICIES)
    assert {len(times) for times in figures.values()} == {2}
    assert min(min(times) for times in figures.values()) > 0
