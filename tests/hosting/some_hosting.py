"""A small shop with a storage in memory, and recorded fakes of what lies outside."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from fulfill_core import (
    Customer,
    Inventory,
    Item,
    Order,
    OrderLine,
    Payment,
    Settings,
    Stock,
    Supply,
)
from fulfill_core.hosting import (
    InMemoryStorage,
    Job,
    LoopReport,
    OutboxRow,
    Request,
    Scope,
    SendAnswer,
    Sent,
    run_loop,
)
from fulfill_core.lifecycle import Captured, Shipped

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
SETTINGS = Settings(verifiers=[])


def order(order_id: str = "A-1", quantity: int = 2, sku: str = "mug", **changes: Any) -> Order:
    """An order of mugs at five euros, authorised."""
    content: dict[str, Any] = {
        "id": order_id,
        "placed_at": NOON,
        "customer": Customer(id=f"C-{order_id}", email="ada@example.com"),
        "lines": [OrderLine(id="1", sku=sku, quantity=quantity, unit_price=Decimal(5))],
        "currency": "EUR",
        "payments": [Payment(id="card", amount=Decimal(5 * quantity))],
    }
    return Order(**{**content, **changes})


def stock(mugs: int = 6) -> Inventory:
    """Mugs, of which more come in two days, and cups."""
    return Inventory(
        stock=[
            Stock(sku="mug", location="berlin", on_hand=mugs),
            Stock(sku="cup", location="berlin", on_hand=6),
        ],
        items=[Item(sku="mug", backorderable=True)],
        supplies=[Supply(id="PO-1", sku="mug", quantity=9, expected_at=NOON + timedelta(days=2))],
    )


def shipped(order_id: str = "A-1", quantity: int = 2, event_id: str = "e1") -> Shipped:
    """A parcel left."""
    return Shipped(
        id=event_id,
        order_id=order_id,
        at=NOON,
        parcel=f"p-{event_id}",
        location="berlin",
        lines={"1": quantity},
    )


def captured(row: OutboxRow) -> SendAnswer:
    """A payment service that does all that it is asked for, and says so at once."""
    content: Any = row.content
    return Sent(
        event=Captured(
            id=row.id,
            order_id=row.order_id,
            at=NOON,
            payment=content.payment,
            amount=content.amount,
            ref=row.id,
        )
    )


class Clock:
    """A clock that stands still until somebody sleeps, or sets it.

    Args:
        instant: what it shows.
    """

    def __init__(self, instant: datetime = NOON) -> None:
        self.instant = instant
        self.naps: list[float] = []

    def __call__(self) -> datetime:
        """The time that it shows."""
        return self.instant

    def sleep(self, seconds: float) -> None:
        """Let time pass, and note it."""
        self.naps.append(seconds)
        self.instant += timedelta(seconds=seconds)


class Sender:
    """A notifier, or an actor: it notes what it is asked, and answers as it was told to.

    Args:
        answers: one after the other; exceptions are raised. After the last, all is sent.
    """

    def __init__(self, *answers: object) -> None:
        self.rows: list[OutboxRow] = []
        self._answers = list(answers)

    def __call__(self, row: OutboxRow, /) -> SendAnswer:
        """Note the row, and answer."""
        self.rows.append(row)
        answer: Any = self._answers.pop(0) if self._answers else Sent()
        if isinstance(answer, Exception):
            raise answer
        return answer(row) if callable(answer) else answer

    @property
    def ids(self) -> list[str]:
        """The ids of what it was asked to send."""
        return [row.id for row in self.rows]


class Shop:
    """A storage, a clock, a notifier and an actor, with what drives them.

    Args:
        storage: the storage; None for one in memory, with the usual stock.
    """

    def __init__(self, storage: Any = None) -> None:
        self.storage: Any = InMemoryStorage(stock()) if storage is None else storage
        self.clock, self.notifier, self.actor = Clock(), Sender(), Sender()

    def loop(self, *jobs: Job, **options: Any) -> LoopReport:
        """Do jobs, and see to the outbox."""
        options = {
            "notifier": self.notifier,
            "actor": self.actor,
            "settings": SETTINGS,
            **options,
        }
        return run_loop(
            jobs, storage=self.storage, clock=self.clock, sleep=self.clock.sleep, **options
        )


def answered(
    steps: Any, answer: Callable[[Request], object], request: Request | None = None
) -> tuple[list[Request], LoopReport]:
    """What a loop asks for, and what it did, if each request is answered by a function.

    Args:
        steps: the loop.
        answer: the function.
        request: what it has asked for already, and got no answer to.
    """
    requests: list[Request] = [] if request is None else [request]
    reply = None if request is None else answer(request)
    while True:
        try:
            requests.append(steps.send(reply))
        except StopIteration as end:
            return requests, end.value
        reply = answer(requests[-1])


def names(requests: Iterable[Request]) -> list[str]:
    """The kinds of requests."""
    return [type(request).__name__ for request in requests]


EVERYTHING = Scope(skus=["cup", "mug"])
