"""Stock with rules in few words, and what a decision says of it as plain rows."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from builders import ADA, NOW

from fulfill_core import (
    Component,
    Customer,
    Decision,
    Inventory,
    Item,
    Location,
    Lot,
    Stock,
    Supply,
)

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
BOB = Customer(id="C-2", name="Bob", email="bob@example.com")
VIP = Customer(id="C-3", name="Eve", email="eve@example.com", tier="vip")


def row(units: int, sku: str = "mug", location: str = "berlin", **changes: Any) -> Stock:
    """So many mugs in Berlin."""
    return Stock(sku=sku, location=location, on_hand=units, **changes)


def lot(lot_id: str, units: int, days: int | None = None, **changes: Any) -> Lot:
    """So many units that expire so many days from now; without a date if no days are given."""
    expires_at = None if days is None else NOW + days * DAY
    return Lot(id=lot_id, quantity=units, expires_at=expires_at, **changes)


def shelf_of(*lots: Lot, location: str = "berlin", loose: int = 0, **changes: Any) -> Stock:
    """Mugs in Berlin that are kept by lot, and some that have none."""
    units = sum(each.quantity for each in lots) + loose
    return row(units, location=location, lots=lots, **changes)


def kit(sku: str = "set", *, of: dict[str, int], **changes: Any) -> Item:
    """A kit of these components."""
    parts = [Component(sku=part, quantity=units) for part, units in of.items()]
    return Item(sku=sku, components=parts, **changes)


def supply(supply_id: str, units: int, days: int, sku: str = "mug") -> Supply:
    """So many units that are expected so many days from now."""
    return Supply(id=supply_id, sku=sku, quantity=units, expected_at=NOW + days * DAY)


def places(**ranks: int) -> list[Location]:
    """Locations by rank."""
    return [Location(id=place, rank=rank) for place, rank in ranks.items()]


def asking_life(days: int) -> Customer:
    """A customer who asks for so many days of life."""
    return Customer(id=ADA.id, name=ADA.name, email=ADA.email, minimum_life=timedelta(days=days))


def got(decision: Decision) -> list[tuple[str, str, str, int]]:
    """What is allocated, as (line id, SKU, location, units)."""
    return [(made.line_id, made.sku, made.location, made.quantity) for made in decision.allocations]


def lots_of(decision: Decision) -> list[tuple[str, int]]:
    """The lots that are allocated, and how many units of each."""
    return [(made.lot, made.quantity) for made in decision.allocations]


def shorts(decision: Decision) -> list[tuple[str, int, int, str]]:
    """What is short, as (line id, units, available, reason)."""
    return [
        (short.line_id, short.quantity, short.available, short.reason.value)
        for short in decision.shorts
    ]


def pegs(decision: Decision) -> list[tuple[str, str, int, str]]:
    """What waits, as (line id, SKU, units, supply id)."""
    return [
        (waits.line_id, waits.sku, waits.quantity, waits.supply_id) for waits in decision.backorders
    ]


def due(decision: Decision) -> list[datetime | None]:
    """When what waits is expected."""
    return [waits.expected_at for waits in decision.backorders]


def remarks(decision: Decision) -> list[tuple[str, str]]:
    """The codes and sentences of what was found, but for lines that cost nothing."""
    return [(found.code, found.detail) for found in decision.findings if found.code != "line.free"]


def codes(decision: Decision) -> list[str]:
    """The codes alone."""
    return [code for code, _ in remarks(decision)]


def mugs_by_lot(
    *lots: Lot, loose: int = 0, safety: int = 0, reservations: Any = (), **more: Any
) -> Inventory:
    """Mugs in Berlin in these lots, some units without a lot, and a row in Paris."""
    units = sum(lot.quantity for lot in lots) + loose
    rows = [
        Stock(sku="mug", location="berlin", on_hand=units, safety=safety, lots=lots),
        Stock(sku="mug", location="paris", on_hand=0),
    ]
    return Inventory(rows, reservations=reservations, **more)


def lots_at(stock: Inventory, location: str = "berlin") -> dict[str, int]:
    """Units by lot."""
    return {lot.id: lot.quantity for lot in stock.lots_of("mug").get(location, ())}
