"""The orders on which checks of form are measured are good ones, and the values are distinct."""

from __future__ import annotations

import formats
from workload import NOW

from fulfill_core import Inventory, Severity, process


def test_the_orders_are_good_ones() -> None:
    """What is measured is the way of a good order: nothing is held, by any of the checks."""
    orders = formats.make(80, 80)
    verifiers = formats.checks("contact", "address")
    decisions = process(orders, Inventory(), now=NOW, verifiers=verifiers).decisions
    worst = [
        finding.detail
        for decision in decisions
        for finding in decision.findings
        if finding.severity > Severity.NOTE
    ]
    assert worst == []


def test_each_customer_has_values_of_its_own() -> None:
    """A value comes as often as it is said to: no more is reused than the table says."""
    apart, repeated = formats.make(80, 80), formats.make(80, 8)
    for orders, distinct in ((apart, 80), (repeated, 8)):
        assert len({order.customer.email for order in orders}) == distinct
        assert len({order.customer.phone for order in orders}) == distinct
        assert len({order.ship_to for order in orders}) == distinct
