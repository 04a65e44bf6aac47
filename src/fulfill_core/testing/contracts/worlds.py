"""The orders and the stock that contracts try an adapter with: small, and odd where data are."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from fulfill_core.decisions import Audience, Finding, Kind, Notification, Severity
from fulfill_core.hosting import OutboxRow
from fulfill_core.inventory import (
    Claim,
    Component,
    Fence,
    Intake,
    Inventory,
    Item,
    Location,
    Lot,
    Pack,
    Reservation,
    Stock,
    Supply,
)
from fulfill_core.lifecycle import (
    Action,
    Ask,
    Authorize,
    CallBack,
    Capture,
    Captured,
    Event,
    Refund,
    Release,
    Released,
    Shipped,
    Void,
    advance,
)
from fulfill_core.notifications import Delivery
from fulfill_core.orders import Customer, Order, OrderLine, Payment
from fulfill_core.pipeline import process
from fulfill_core.records import Hold, OrderRecord

NOON = datetime(2026, 3, 2, 12, 0, 0, 123456, tzinfo=UTC)
ODD = "A 'ß\"; --\N{SNOWMAN}%_\\"
"""An id that is no harm to whoever passes values as values."""

_FINDING = Finding(code="shop.odd", severity=Severity.HOLD, evidence=ODD)


def order(order_id: str = "A-1", quantity: int = 2, sku: str = "mug", **changes: Any) -> Order:
    """An order of two mugs, authorised."""
    content: dict[str, Any] = {
        "id": order_id,
        "placed_at": NOON,
        "customer": Customer(id="C-1", name=ODD, email="ada@example.com"),
        "lines": [OrderLine(id="1", sku=sku, quantity=quantity, unit_price=Decimal("5.00"))],
        "currency": "EUR",
        "payments": [Payment(id="card", amount=Decimal(5 * quantity))],
    }
    return Order(**{**content, **changes})


def record(order_id: str = "A-1", quantity: int = 2, sku: str = "mug") -> OrderRecord:
    """A record to which nothing has happened."""
    return OrderRecord(order=order(order_id, quantity, sku))


def stock() -> Inventory:
    """Mugs and cups in Berlin."""
    return Inventory(
        stock=[
            Stock(sku="mug", location="berlin", on_hand=9, safety=1),
            Stock(sku="cup", location="berlin", on_hand=9),
        ],
        locations=[Location(id="berlin", rank=1)],
    )


def reservation(order_id: str = "A-1", quantity: int = 2, **changes: Any) -> Reservation:
    """Mugs that are reserved for an order in Berlin."""
    content: dict[str, Any] = {
        "order_id": order_id,
        "line_id": "1",
        "sku": "mug",
        "location": "berlin",
        "quantity": quantity,
        "made_at": NOON,
    }
    return Reservation(**{**content, **changes})


def supply(supply_id: str = "PO-1", sku: str = "mug", **changes: Any) -> Supply:
    """Nine mugs that are expected in two days."""
    content: dict[str, Any] = {
        "id": supply_id,
        "sku": sku,
        "quantity": 9,
        "expected_at": NOON + timedelta(days=2),
    }
    return Supply(**{**content, **changes})


def claim(order_id: str = "A-1", quantity: int = 2, **changes: Any) -> Claim:
    """Mugs of that supply that an order has claimed."""
    content: dict[str, Any] = {
        "order_id": order_id,
        "line_id": "1",
        "sku": "mug",
        "supply_id": "PO-1",
        "quantity": quantity,
        "made_at": NOON,
    }
    return Claim(**{**content, **changes})


def lots() -> Inventory:
    """Tea in two lots, of which one is locked, and some in none."""
    rows = [
        Lot(id="L-1", quantity=3, expires_at=NOON + timedelta(days=9), received_at=NOON),
        Lot(id=ODD, quantity=2, quarantined=True),
    ]
    return Inventory(stock=[Stock(sku="tea", location="berlin", on_hand=8, lots=rows)])


def supplies() -> Inventory:
    """A supply of an instant, and one of a day that is for a place and an order."""
    day = supply("PO-2", expected_at=date(2026, 3, 9), location="berlin", order_id="A-1")
    return Inventory(
        supplies=[supply(), day], claims=[claim(), claim("A-2", 1, made_at=None)], stock=[]
    )


def items() -> Inventory:
    """A kit in a kit, and an item with each of the rules."""
    return Inventory(
        items=[
            Item(sku="pair", components=[Component(sku="cup", quantity=2)]),
            Item(sku="box", components=[Component(sku="pair", quantity=3)]),
            Item(
                sku="rare",
                backorderable=True,
                backorder_cap=5,
                customer_cap=2,
                minimum_life=timedelta(days=3),
                packs=[Pack(location="berlin", multiple=6)],
                fences=[Fence(quantity=2, channels=["web"], until=NOON)],
            ),
        ]
    )


def locations() -> Inventory:
    """A place that takes on so many orders a day, of which one has left."""
    return Inventory(
        locations=[Location(id="store", rank=3, capacity=2)],
        intakes=[Intake(location="store", order_id="A-9", day=NOON.date())],
    )


def full_record(order_id: str = "A-1") -> OrderRecord:
    """A record to which much has happened: an approval, a hold, a pick list, a parcel, money."""
    about: dict[str, Any] = {"order_id": order_id, "at": NOON}
    result = process([record(order_id, 4)], stock(), now=NOON, verifiers=())
    current, inventory = result.records[0], result.inventory
    events: list[Event] = [
        Released(id="e1", ref="f1", location="berlin", lines={"1": 4}, **about),
        Shipped(id="e2", parcel=ODD, location="berlin", lines={"1": 3}, **about),
        Captured(id="e3", payment="card", amount=Decimal("15.00"), ref="c1", **about),
    ]
    for event in events:
        step = advance(current, event, inventory, now=NOON)
        current, inventory = step.record, step.inventory
    current = current.approved([_FINDING], by="Grace", at=NOON)
    return current.with_hold(Hold(source="desk", code="shop.look", at=NOON, order_id=order_id))


def message(name: str = "m1", order_id: str = "A-1", **changes: Any) -> OutboxRow:
    """A row with a message, due at noon."""
    content = Notification(
        kind=Kind.SHIPPED,
        order_id=order_id,
        audience=Audience.CUSTOMER,
        recipient="ada@example.com",
        medium="email",
        locale="en",
        subject=name,
    )
    row: dict[str, Any] = {"id": name, "order_id": order_id, "content": content, "due_at": NOON}
    return OutboxRow(**{**row, **changes})


def delivery(name: str = "d1", order_id: str = "A-1", **changes: Any) -> OutboxRow:
    """A row with a message that goes somewhere else than it says by itself, due at noon."""
    news: Any = message(name, order_id).content
    part = Delivery(messages=[news], recipient=ODD, medium="phone", send_at=NOON)
    return message(name, order_id, content=part, **changes)


def decided(recipient: str) -> Notification:
    """A message about what a run decided."""
    return Notification(
        kind=Kind.CONFIRMED,
        order_id="A-1",
        audience=Audience.CUSTOMER,
        recipient=recipient,
        locale="en",
    )


def actions() -> list[Action]:
    """One of each."""
    five = Decimal("5.00")
    return [
        Release(location="berlin", units={"1": 2}, ships_at=NOON),
        CallBack(fulfilment="f1", location="berlin", units={"1": 1}),
        Authorize(amount=five),
        Capture(payment="card", amount=five),
        Void(payment="card", amount=five),
        Refund(payment="card", amount=five),
        Ask(code="units.surplus", detail=ODD),
    ]


def action_rows() -> list[OutboxRow]:
    """A row for each action, all due at noon."""
    return [
        OutboxRow(id=f"a{number}", order_id="A-1", content=action, due_at=NOON)
        for number, action in enumerate(actions(), start=1)
    ]
