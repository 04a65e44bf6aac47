"""One order and its stock, to which things happen one after the other."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from fulfill_core import Customer, Inventory, Order, OrderLine, OrderRecord, Payment, Reservation
from fulfill_core.lifecycle import Event, Rules, Step, advance

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
FIVE = Decimal(5)


def line(line_id: str = "1", quantity: int = 2, **content: Any) -> OrderLine:
    """A line of mugs at 5.00."""
    return OrderLine(
        **{"id": line_id, "sku": "mug", "quantity": quantity, "unit_price": FIVE, **content}
    )


class Story:
    """An order of mugs, all of it reserved at x, and paid by an authorization."""

    def __init__(
        self,
        *lines: OrderLine,
        stock: Inventory | None = None,
        rules: Rules | None = None,
        **content: Any,
    ) -> None:
        lines = lines or (line(),)
        fields: dict[str, Any] = {
            "id": "A-1",
            "placed_at": NOON,
            "customer": Customer(id="C-1", email="ada@example.com"),
            "lines": lines,
            "currency": "EUR",
        }
        order = Order(**{**fields, **content})
        if "payments" not in content:
            card = Payment(id="card", amount=order.total, authorized_at=NOON)
            order = Order(**{**fields, **content, "payments": [card]})
        self.record = OrderRecord(order=order)
        if stock is None:
            stock = Inventory.of({("mug", "x"): 9, ("mug", "y"): 9}).with_reserved(
                *[
                    Reservation(
                        order_id="A-1",
                        line_id=each.id,
                        sku="mug",
                        location="x",
                        quantity=each.units,
                    )
                    for each in lines
                ]
            )
        self.stock = stock
        self.rules = rules or Rules()
        self.hours = 0
        self.told: Counter[str] = Counter()

    def make(self, kind: type[Event], **content: Any) -> Event:
        """The next event."""
        self.hours += 1
        about = {"id": f"e{self.hours}", "order_id": "A-1", "at": NOON + self.hours * _HOUR}
        event: Event = kind(**{**about, **content})
        return event

    def happened(self, kind: type[Event], **content: Any) -> Step:
        """What the next event comes to."""
        return self.heard(self.make(kind, **content))

    def heard(self, event: Event, **beside: Any) -> Step:
        """What an event comes to."""
        now = NOON + self.hours * _HOUR
        step = advance(self.record, event, self.stock, now=now, rules=self.rules, **beside)
        self.record, self.stock = step.record, step.inventory
        self.told.update(f"{each.audience}:{each.kind}" for each in step.notifications)
        return step

    def units(self, line_id: str = "1") -> dict[str, int]:
        """The counters of a line that are not zero."""
        progress = self.record.progress_of(line_id)
        names = (
            *("cancelled", "reduced", "shipped", "delivered", "lost", "return_requested"),
            *("return_cancelled", "returned", "restocked", "reopened"),
        )
        return {name: getattr(progress, name) for name in names if getattr(progress, name)}


_HOUR = timedelta(hours=1)


def code_of(step: Step) -> str:
    """Why a step was refused."""
    assert step.refusal is not None
    return step.refusal.code


def asked_of(step: Step) -> list[tuple[str, str]]:
    """What a step asks for, and how much or why."""
    return [
        (type(each).__name__, str(getattr(each, "amount", getattr(each, "code", ""))))
        for each in step.actions
    ]
