"""Typed uses of events and what they come to: mypy and pyright read them in their strict modes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from fulfill_core import Inventory, Notification, OrderRecord
from fulfill_core.decisions import Medium
from fulfill_core.lifecycle import (
    Ask,
    Authorize,
    CallBack,
    Capture,
    Captured,
    DelayRule,
    Effect,
    Event,
    Refund,
    Release,
    Rules,
    Shipped,
    Status,
    Step,
    Void,
    advance,
    replay,
    status,
    timed_events,
)
from fulfill_core.notifications import Contact, Delivery, Preferences, deliveries
from fulfill_core.orders import Charges


def parcel_left(record: OrderRecord, stock: Inventory, now: datetime) -> Step:
    """Lines are a mapping or pairs; what else was found is a mapping by SKU and location."""
    event = Shipped(id="e1", order_id=record.id, at=now, parcel="p1", location="x", lines={"1": 2})
    pairs = Shipped(
        id="e2",
        order_id=record.id,
        at=now,
        parcel="p2",
        location="x",
        lines=[("1", 2)],
        parts={("2", "cup"): 1},
    )
    step = advance(record, event, stock, now=now, counted={("mug", "x"): -1})
    return advance(step.record, pairs, step.inventory, now=now, rules=Rules(charges=Charges.LAST))


def to_do(step: Step) -> list[tuple[str, Decimal]]:
    """Actions are a union that a match takes apart."""
    payments: list[tuple[str, Decimal]] = []
    for action in step.actions:
        match action:
            case Capture(payment=payment, amount=amount) | Refund(payment=payment, amount=amount):
                payments.append((payment, amount))
            case Void(payment=payment):
                payments.append((payment, action.amount))
            case Authorize(amount=amount):
                payments.append(("", amount))
            case Release() | CallBack() | Ask():
                pass
    return payments


def history_of(record: OrderRecord, events: Sequence[Event]) -> tuple[OrderRecord, Status]:
    """Events are a union, too."""
    after = replay(record, [each for each in events if isinstance(each, Captured | Shipped)])
    return after, status(after)


def news(step: Step) -> Iterable[Notification]:
    """What there is to tell, unless it was there before."""
    return () if step.effect is Effect.DUPLICATE else step.notifications


def after_a_week(record: OrderRecord, stock: Inventory, now: datetime) -> Sequence[Delivery]:
    """What time brings are events; what is told of them goes where customers prefer."""
    rules = Rules(unpaid=timedelta(days=3), delays=DelayRule.US)
    messages: list[Notification] = []
    for event in timed_events(record, rules, now=now + timedelta(days=7)):
        step = advance(record, event, stock, now=now, rules=rules)
        record, stock = step.record, step.inventory
        messages += step.notifications
    contacts = [Contact(medium=Medium.EMAIL, recipient="ada@example.com")]
    return deliveries(messages, {record.id: Preferences(contacts=contacts)}, now=now).deliveries
