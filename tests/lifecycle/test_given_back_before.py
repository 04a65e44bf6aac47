"""What a payment had given back before its first event is no part of what was asked for since."""

from __future__ import annotations

from decimal import Decimal

from story import Story, line

from fulfill_core import Payment
from fulfill_core.lifecycle import Cancelled, Refunded
from fulfill_core.lifecycle.balance import pending_refund

FIVE = Decimal(5)


def pending(story: Story) -> Decimal:
    """What is on its way back to the card, as far as it was asked for."""
    record = story.record
    return pending_refund(record.history, record.order.payments[0])


def test_what_had_gone_back_before_does_not_count_for_what_is_asked_for() -> None:
    """Neither while nothing was reported of the payment, nor when a part of it has gone back."""
    paid = Payment(id="card", amount=Decimal(30), captured=Decimal(30), refunded=Decimal(15))
    story = Story(line(quantity=3), payments=[paid])
    step = story.happened(Cancelled, lines={"1": 1})
    assert [(each.payment, each.amount) for each in step.actions] == [("card", FIVE)]
    assert pending(story) == FIVE
    story.happened(Refunded, payment="card", amount=Decimal(2))
    assert pending(story) == Decimal(3)
    story.happened(Refunded, payment="card", amount=Decimal(3))
    assert pending(story) == Decimal(0)
