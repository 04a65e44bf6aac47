"""What a step costs: the life of an order of three lines, one event after the other.

Then what may go wrong in it. Goods and money apart, messages made and not read, nothing rendered.
The record is of a usual size: an order that is sent in two parcels, of which one unit comes back,
has some fifteen events.
"""

from __future__ import annotations

import gc
import json
import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

import attrs

from fulfill_core import (
    Address,
    Customer,
    Inventory,
    Order,
    OrderLine,
    OrderRecord,
    Payment,
    process,
)
from fulfill_core.lifecycle import (
    AuthorizationExpired,
    Authorized,
    Cancelled,
    CancelRequested,
    Captured,
    CaptureFailed,
    ChargedBack,
    Delivered,
    DisputeOpened,
    Event,
    Lost,
    Progressed,
    Refunded,
    RefundFailed,
    Released,
    ReturnReceived,
    ReturnRequested,
    ShipmentVoided,
    Shipped,
    Tracked,
    advance,
)
from fulfill_core.orders.rows import order_row
from fulfill_core.records.rows import record_row

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
GOODS, MONEY = "goods", "money"


class Position(NamedTuple):
    """A step to take: what an order and the stock are before an event, and the event."""

    kind: str
    record: OrderRecord
    event: Event
    inventory: Inventory
    now: datetime

    def take(self) -> Any:
        """What the event comes to."""
        return advance(self.record, self.event, self.inventory, now=self.now)


def order(lines: int = 3) -> Order:
    """An order of so many lines, of four each, paid by card."""
    rows = [
        OrderLine(id=f"{k}", sku=f"A{k:03d}", quantity=4, unit_price=Decimal("12.90") + k)
        for k in range(1, lines + 1)
    ]
    total = sum((row.total for row in rows), Decimal("4.90"))
    return Order(
        id="SO-2026-1",
        placed_at=NOON,
        customer=Customer(id="C-7", name="Ada", email="ada@example.com"),
        lines=rows,
        currency="EUR",
        shipping=Decimal("4.90"),
        ship_to=Address(name="Ada", street=["1 Main St"], city="Leeds", country="GB"),
        payments=[Payment(id="card", amount=total, authorized_at=NOON)],
    )


def events(lines: int = 3) -> list[tuple[str, type[Event], dict[str, Any]]]:
    """What happens to it: two parcels, each captured as it was asked for; one unit comes back.

    At last what few see: a refund that nobody asked for, and another payment.
    """
    ids = [f"{k}" for k in range(1, lines + 1)]
    half = sum([2 * (Decimal("12.90") + k) for k in range(1, lines + 1)], Decimal(0))
    all_units = dict.fromkeys(ids, 4)
    halves = dict.fromkeys(ids, 2)
    return [
        (GOODS, Released, {"ref": "f1", "location": "berlin", "lines": all_units}),
        (GOODS, Progressed, {"ref": "f1", "stage": "accepted"}),
        (GOODS, Progressed, {"ref": "f1", "stage": "picked"}),
        (GOODS, Shipped, {"parcel": "p1", "location": "berlin", "lines": halves, "tracking": "T1"}),
        (MONEY, Captured, {"payment": "card", "amount": half + Decimal("4.90"), "ref": "c1"}),
        (GOODS, Tracked, {"parcel": "p1", "stage": "in_transit"}),
        (GOODS, Shipped, {"parcel": "p2", "location": "berlin", "lines": halves, "tracking": "T2"}),
        (MONEY, Captured, {"payment": "card", "amount": half, "ref": "c2"}),
        (GOODS, Tracked, {"parcel": "p1", "stage": "out_for_delivery"}),
        (GOODS, Delivered, {"parcel": "p1"}),
        (GOODS, Delivered, {"parcel": "p2"}),
        (GOODS, ReturnRequested, {"ref": "r1", "lines": {"1": 1}, "ground": "withdrawal"}),
        (GOODS, ReturnReceived, {"ref": "r1", "lines": {"1": 1}, "location": "berlin"}),
        (MONEY, Refunded, {"payment": "card", "amount": Decimal("13.90"), "ref": "b1"}),
        (MONEY, Refunded, {"payment": "card", "amount": Decimal(5), "ref": "b2"}),
        (MONEY, Authorized, {"payment": "gift", "amount": Decimal(5), "ref": "a1"}),
    ]


def troubles() -> list[tuple[str, type[Event], dict[str, Any]]]:
    """What may go wrong once the first parcel has left and is paid: each of them by itself."""
    card: dict[str, Any] = {"payment": "card", "amount": Decimal(5)}
    one: dict[str, Any] = {"lines": {"1": 1}}
    return [
        (MONEY, CaptureFailed, {**card, "ref": "c9"}),
        (MONEY, RefundFailed, {**card, "ref": "b9"}),
        (MONEY, AuthorizationExpired, {"payment": "card", "ref": "a9"}),
        (MONEY, ChargedBack, {**card, "ref": "d9"}),
        (MONEY, DisputeOpened, {**card, "ref": "d8"}),
        (GOODS, Lost, {"parcel": "p1", **one, "credited": {"1": 1}}),
        (GOODS, ShipmentVoided, {"parcel": "p1"}),
        (GOODS, CancelRequested, one),
        (GOODS, Cancelled, {**one, "by": "customer"}),
    ]


def life_gone_wrong() -> list[Position]:
    """The same order after its first parcel, and each of the troubles, none after another."""
    start = life()[5]
    positions: list[Position] = []
    for number, (kind, cls, content) in enumerate(troubles()):
        event = cls(id=f"bad-{number:05d}", order_id=start.record.id, at=start.now, **content)
        positions.append(Position(kind, start.record, event, start.inventory, start.now))
    return positions


def life(lines: int = 3, skus: int = 1_000) -> list[Position]:
    """All steps of that order, in a stock of so many SKUs."""
    stock = Inventory.of(
        {(f"A{k:03d}", place): 50 for k in range(skus) for place in ("berlin", "y")}
    )
    result = process([order(lines)], stock, now=NOON, verifiers=[])
    record, stock = result.records[0], result.inventory
    positions: list[Position] = []
    for number, (kind, cls, content) in enumerate(events(lines)):
        now = NOON + timedelta(hours=number + 1)
        event = cls(id=f"evt-{number:05d}", order_id=record.id, at=now, **content)
        positions.append(Position(kind, record, event, stock, now))
        step = positions[-1].take()
        record, stock = step.record, step.inventory
    return positions


def long_life(count: int) -> OrderRecord:
    """The record after so many events: parcel by parcel, each tracked, delivered and paid."""
    units = count // 5 + 1
    lines = [OrderLine(id="1", sku="A001", quantity=units, unit_price=Decimal("12.90"))]
    payments = [Payment(id="card", amount=Decimal("12.90") * units, authorized_at=NOON)]
    placed = attrs.evolve(order(), lines=lines, payments=payments, shipping=Decimal(0))
    stock = Inventory.of({("A001", "berlin"): units})
    result = process([placed], stock, now=NOON, verifiers=[])
    record, stock = result.records[0], result.inventory
    for number in range(count):
        now = NOON + timedelta(minutes=number + 1)
        about = {"id": f"evt-{number:032d}", "order_id": record.id, "at": now}
        parcel = f"1Z{number // 5:016d}"
        shipped: dict[str, Any] = {"location": "berlin", "lines": {"1": 1}, "carrier": "UPS"}
        event: Event = (
            Shipped(parcel=parcel, tracking=parcel, **shipped, **about),
            Captured(payment="card", amount=Decimal("12.90"), ref=f"ch_{parcel}", **about),
            Tracked(parcel=parcel, stage="in_transit", **about),
            Tracked(parcel=parcel, stage="out_for_delivery", **about),
            Delivered(parcel=parcel, **about),
        )[number % 5]
        step = advance(record, event, stock, now=now)
        record, stock = step.record, step.inventory
    return record


def as_json(record: OrderRecord) -> str:
    """A record as JSON: the row that it travels as, its instants as text."""
    row = record_row(record)
    assert row is not None
    return json.dumps([order_row(record.order), row[1:]], default=_text, separators=(",", ":"))


def _text(value: object) -> str:
    return value.hex() if isinstance(value, bytes) else str(value)


def seconds(repeats: int, loops: int = 200) -> dict[tuple[str, str], list[float]]:
    """Seconds of each step, by what it is about and its event; the median of many, per repeat."""
    rows: dict[tuple[str, str], list[float]] = {}
    positions = [*life(), *life_gone_wrong()]
    for _ in range(repeats):
        gc.collect()
        for number, position in enumerate(positions):
            start = time.process_time()
            for _ in range(loops):
                position.take()
            spent = (time.process_time() - start) / loops
            name = f"{number + 1}. {type(position.event).__name__}"
            rows.setdefault((position.kind, name), []).append(spent)
    return rows
