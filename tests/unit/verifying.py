"""What is known of a customer or an order, and what one verifier says of it."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from builders import NOW

from fulfill_core import Context, CustomerFacts, Facts, Finding, Order, PastOrder, Screening


def screened(order_id: str = "A-1", **content: Any) -> Context:
    """A context in which this was found out about an order."""
    return Context(now=NOW, facts=Facts(screenings=[Screening(order_id=order_id, **content)]))


def past(order_id: str, ago: timedelta, total: str = "10", **units: int) -> PastOrder:
    """An order in euros of before NOW."""
    return PastOrder(
        id=order_id, placed_at=NOW - ago, total=Decimal(total), currency="EUR", units=units
    )


def knowing(*before: PastOrder, customer_id: str = "C-1") -> Context:
    """A context in which these are the customer's past orders."""
    return Context(
        now=NOW, facts=Facts(customers=[CustomerFacts(customer_id=customer_id, orders=before)])
    )


def findings(verifier: Any, subject: Order, context: Context) -> list[Finding]:
    """What a verifier notices about an order that is alone in its batch, bound or not."""
    answer = list(verifier(subject, context=context))
    if hasattr(verifier, "for_batch"):
        bound = verifier.for_batch([subject], context=context)
        assert list(bound(subject, context=context)) == answer
    return answer


def check_later_orders(verifier: Any, batch: list[Order], context: Context, chance: Any) -> None:
    """What is found about an order is the same without those placed later, and in any sequence."""
    shuffled = chance.sample(batch, len(batch))
    bound = verifier.for_batch(batch, context=context)
    assert verifier.for_batch(shuffled, context=context) == bound
    for subject in batch:
        earlier = [
            order
            for order in shuffled
            if (order.placed_at, order.id) <= (subject.placed_at, subject.id)
        ]
        alone = verifier.for_batch(earlier, context=context)
        assert list(alone(subject, context=context)) == list(bound(subject, context=context))
