"""The comparison is worth something only if both sides do the same job."""

from __future__ import annotations

import pytest
import sides
import workload


@pytest.mark.parametrize(("orders", "seed"), [(300, 1), (400, 2), (500, 3), (500, 5), (2_000, 4)])
def test_same_answer(orders: int, seed: int) -> None:
    """The bare loop and `process` give the same decisions, messages, stock and reservations."""
    assert sides.differences(workload.make(orders, seed=seed)) == []


def test_workload_is_seeded() -> None:
    """The same seed makes the same day, another seed another one."""
    assert workload.make(300, seed=7) == workload.make(300, seed=7)
    assert workload.make(300, seed=7) != workload.make(300, seed=8)


def test_workload_has_everything() -> None:
    """A day has every outcome, every rule's findings, waiting and missing units, and repeats."""
    data = workload.make(2000, seed=1)
    result = sides.Library.of(data).run()
    assert len(result.decisions) < len(data.orders)
    assert {str(decision.outcome) for decision in result.decisions} == {
        "allocated",
        "partially_allocated",
        "backordered",
        "unfulfillable",
        "scheduled",
        "held",
        "rejected",
    }
    assert {finding.code for each in result.decisions for finding in each.findings} == {
        "address.incomplete",
        "address.missing",
        "contact.missing",
        "line.free",
        "order.conflicting_duplicate",
        "order.negative_total",
        "order.no_lines",
        "payment.declined",
        "payment.expired",
        "payment.insufficient",
        "payment.overpaid",
    }
    assert {str(short.reason) for each in result.decisions for short in each.shorts} >= {
        "line_ships_whole",
        "order_ships_complete",
        "out_of_stock",
        "unknown_sku",
    }
    backorders = [backorder for each in result.decisions for backorder in each.backorders]
    assert {bool(backorder.supply_id) for backorder in backorders} == {True, False}
    assert any(each.reserved and each.allocations for each in result.decisions)
