"""What lies outside a shop: who gets messages, and who carries out actions, once for each id."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

from fulfill_core.hosting import OutboxRow, SendAnswer, Sent
from fulfill_core.lifecycle import Capture, Captured, Event, Void, Voided
from fulfill_core.testing.simulator.shop import BANK


class Outside:
    """Mailboxes, a warehouse, a payment service: each recognises a repeat by its id.

    Args:
        clock: gives the time.
    """

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.rows: dict[str, OutboxRow] = {}
        self.webhooks: list[Event] = []
        self._clock = clock
        self._answers: dict[str, SendAnswer] = {}
        self.money: dict[str, Decimal] = {}

    def do(self, row: OutboxRow, answer: SendAnswer | None = None) -> SendAnswer:
        """Take a message or an action, the first time that its id comes; and answer.

        Args:
            row: what comes.
            answer: what somebody else, who takes it, has answered; None if nobody else does.
        """
        if row.id not in self.rows:
            self.rows[row.id] = row
            self._answers[row.id] = answer or self._answer_of(row)
            if isinstance(row.content, Capture):
                amount = self.money.get(row.order_id, Decimal(0)) + row.content.amount
                self.money[row.order_id] = amount
        return answer or self._answers[row.id]

    def _answer_of(self, row: OutboxRow) -> SendAnswer:
        about: dict[str, Any] = {
            "id": f"done:{row.id}",
            "order_id": row.order_id,
            "at": self._clock(),
            "ref": row.id,
        }
        match row.content:
            case Capture(payment=payment, amount=amount):
                event: Event = Captured(payment=payment, amount=amount, **about)
                if payment == BANK:  # which sends word of it later, and not only once
                    self.webhooks.append(event)
                    return Sent()
                return Sent(event=event)
            case Void(payment=payment, amount=amount):
                return Sent(event=Voided(payment=payment, amount=amount, **about))
            case _:
                return Sent()
