"""Calendars, policies, decisions and stock for tests of promises."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any

from builders import order

from fulfill_core import (
    Allocation,
    Backorder,
    Context,
    Decision,
    Inventory,
    Item,
    Order,
    Outcome,
    Promise,
    Stock,
    Supply,
)
from fulfill_core.calendars import BusinessCalendar, CutOff, Shift
from fulfill_core.promises import Origin, from_calendars

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MONDAY = datetime(2026, 3, 2, 0, 0, tzinfo=UTC)
NOW = MONDAY + 12 * HOUR
OFFICE = BusinessCalendar(timezone=UTC, shifts=[Shift(start=time(9), end=time(17))])
AT_TWO = CutOff(calendar=OFFICE, at=time(14))
BERLIN = Origin(calendar=OFFICE, cut_off=AT_TWO, handling=HOUR)
OSLO = Origin(calendar=OFFICE, cut_off=AT_TWO, handling=4 * HOUR)
TRANSIT: dict[Any, Any] = {("berlin", "GB"): 2 * DAY, ("oslo", "GB"): DAY}
POLICY = from_calendars({"berlin": BERLIN, "oslo": OSLO}, TRANSIT)
LEAVES_AT_TWO = Origin(calendar=OFFICE, cut_off=AT_TWO)
ANYWHERE = from_calendars({}, {"berlin": DAY, "oslo": 3 * DAY, "": DAY}, otherwise=LEAVES_AT_TWO)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """An instant of March 2026; the 2nd is a Monday."""
    return datetime(2026, 3, day, hour, minute, tzinfo=UTC)


def decision(
    *rows: Allocation | Backorder, subject: Order | None = None, **changes: Any
) -> Decision:
    """A decision of the queue that gives an order these rows."""
    allocations = [row for row in rows if isinstance(row, Allocation)]
    backorders = [row for row in rows if isinstance(row, Backorder)]
    content: dict[str, Any] = {
        "order": order("A-1", 9) if subject is None else subject,
        "outcome": Outcome.PARTIALLY_ALLOCATED,
        "rank": 0,
        "allocations": allocations,
        "backorders": backorders,
    }
    return Decision(**{**content, **changes})


def taken(location: str = "berlin", quantity: int = 1, line_id: str = "1") -> Allocation:
    """Mugs that lie there."""
    return Allocation(line_id=line_id, sku="mug", location=location, quantity=quantity)


def waits(expected_at: datetime | None, **changes: Any) -> Backorder:
    """Mugs that come in, in Berlin if nothing else is said."""
    content: dict[str, Any] = {
        "line_id": "1",
        "sku": "mug",
        "quantity": 1,
        "supply_id": "PO-1",
        "expected_at": expected_at,
        "location": "berlin",
    }
    return Backorder(**{**content, **changes})


def promised(
    *rows: Allocation | Backorder, policy: Any = POLICY, now: datetime = NOW, **changes: Any
) -> Promise:
    """What is promised for such a decision."""
    promise = policy(decision(*rows, **changes), context=Context(now=now))
    assert isinstance(promise, Promise)
    return promise


def dates(promise: Promise) -> list[tuple[str, datetime | None, datetime | None]]:
    """Where each shipment leaves, and when, and when it arrives."""
    return [(each.location, each.ships_at, each.delivered_at) for each in promise.shipments]


def stock(on_hand: int = 5, *supplies: Supply, **changes: Any) -> Inventory:
    """Mugs in Berlin that may be backordered."""
    rows = [Stock(sku="mug", location="berlin", on_hand=on_hand)]
    item = Item(sku="mug", backorderable=True)
    return Inventory(rows, supplies, [item, *changes.pop("items", ())], **changes)


def supply(expected_at: datetime, supply_id: str = "PO-1", **changes: Any) -> Supply:
    """Mugs to come in, in Berlin."""
    content: dict[str, Any] = {"sku": "mug", "quantity": 9, "location": "berlin", **changes}
    return Supply(id=supply_id, expected_at=expected_at, **content)
