"""What the benchmark compares is the same batch, and both ways are carried out."""

from __future__ import annotations

import planning
import pytest

from fulfill_core import Ship


def test_the_batch_is_contended_and_mixed() -> None:
    """All ways to ship are there, and less stock than is wanted."""
    orders, stock = planning.make(100, 1)
    assert {order.ship for order in orders} == set(Ship)
    wanted = sum(line.units for order in orders for line in order.lines)
    assert sum(row.on_hand for row in stock.stock()) < wanted


def test_the_plan_fills_more() -> None:
    """By each weight, what is filled is worth more by plan, and nothing could be worth more; and it
    is all carried out. An hour is no limit: it takes a part of a second.
    """
    pytest.importorskip("highspy", reason="needs the extra: optimize")
    figures = planning.compare(60, 1, 1, 3_600)
    assert list(figures) == ["price", "price and tier"]
    for each in figures.values():
        assert each.best > each.greedy
        assert each.gap == 0
