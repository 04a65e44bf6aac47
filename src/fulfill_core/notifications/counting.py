"""How many messages there are of a decision, where that can be said without making them."""

from __future__ import annotations

from fulfill_core.decisions.decision import Decision
from fulfill_core.decisions.outcome import Outcome

_ALLOCATED, _IN_PART = Outcome.ALLOCATED, Outcome.PARTIALLY_ALLOCATED
_SERVED = {_ALLOCATED, _IN_PART, Outcome.BACKORDERED, Outcome.UNFULFILLABLE}


def count_of_plain(decision: Decision) -> int | None:
    """How many messages `CustomerAndStaff` makes of a decision to a customer who was told nothing.

    None if it has to be asked: there is more to say of the order than what it gets.

    >>> from datetime import datetime, timezone
    >>> from fulfill_core import Customer, Order, OrderLine
    >>> order = Order(id="A-17", placed_at=datetime(2026, 3, 2, tzinfo=timezone.utc),
    ...               customer=Customer(id="C-7"), currency="EUR",
    ...               lines=[OrderLine(id="1", sku="mug", quantity=2)])
    >>> count_of_plain(Decision(order=order, outcome=Outcome.ALLOCATED, rank=0))
    1
    """
    outcome = decision.outcome
    if outcome not in _SERVED or (
        decision.findings
        or decision.progress
        or decision.reserved
        or decision.unusable
        or decision.kits
        or decision.scheduled_lines
    ):
        return None
    if outcome is _ALLOCATED:
        return 1
    # What comes, now or later, and what does not are one.
    return int(bool(decision.backorder_rows or decision.short_rows or outcome is _IN_PART))
