"""The small shop of a simulation: what it has, and what its moves come to as jobs of a loop."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from fulfill_core.hosting import Job, Run, StockUpdate
from fulfill_core.inventory import Component, Inventory, Item, Location, Lot, Stock, Supply
from fulfill_core.lifecycle import Cancelled, Shipped
from fulfill_core.orders import Customer, Order, OrderLine, Payment
from fulfill_core.orders.progress import Parts
from fulfill_core.testing.contracts import Capability
from fulfill_core.testing.simulator.moves import (
    Basket,
    Cancellation,
    Checkout,
    Dispatch,
    Nightly,
    Receipt,
)

START = datetime(2026, 3, 2, 12, tzinfo=UTC)
DAY = timedelta(days=1)
PRICES = {"mug": Decimal("4.95"), "cup": Decimal(3), "tea": Decimal("2.50"), "set": Decimal(7)}
PARTS = {"set": ("mug", "cup")}
"""Of kits, one of each of these."""
CARD, BANK = "card", "bank"

JobMove = Basket | Checkout | Dispatch | Receipt | Cancellation | Nightly


def stock(capabilities: Collection[str]) -> Inventory:
    """Few of each: two places, two lots, a kit, and cups that are on their way.

    Args:
        capabilities: what the storage can keep.
    """
    lots = [
        Lot(id="L-1", quantity=3, expires_at=START + 90 * DAY, received_at=START - DAY),
        Lot(id="L-2", quantity=2, expires_at=START + 120 * DAY),
    ]
    parts = [Component(sku=sku, quantity=1) for sku in PARTS["set"]]
    items = [Item(sku="cup", backorderable=True), Item(sku="set", components=parts)]
    places = [Location(id="berlin", rank=1), Location(id="lyon", rank=2)]
    supplies = [Supply(id="PO-1", sku="cup", quantity=4, expected_at=START + 2 * DAY)]
    return Inventory(
        stock=[
            Stock(sku="mug", location="berlin", on_hand=4),
            Stock(sku="mug", location="lyon", on_hand=3),
            Stock(sku="cup", location="berlin", on_hand=3),
            Stock(
                sku="tea",
                location="lyon",
                on_hand=5,
                lots=lots if Capability.LOTS in capabilities else (),
            ),
        ],
        items=items if Capability.ITEMS in capabilities else (),
        locations=places if Capability.LOCATIONS in capabilities else (),
        supplies=supplies if Capability.SUPPLIES in capabilities else (),
    )


def parts_of(units: Parts) -> list[tuple[str, int]]:
    """Of units by SKU what lies on a shelf: kits are made of parts."""
    return [(part, count) for sku, count in units for part in PARTS.get(sku, (sku,))]


def job_of(move: JobMove, clock: Callable[[], datetime], more: int = 0) -> tuple[str, Job]:
    """What a move has to be done for, and by which name it is known.

    Args:
        move: what happens.
        clock: gives the time; what happens, happens now.
        more: so many units of each line more: another body under the same id.
    """
    now = clock()
    match move:
        case Basket():
            return f"basket:{move.order}", _basket(move, clock)
        case Checkout():
            return f"checkout:{move.order}", Run(orders=[_order(move, now, more)])
        case Dispatch():
            event = Shipped(
                id=f"shipped:{move.parcel}",
                order_id=move.order,
                at=now,
                parcel=move.parcel,
                location=move.location,
                lines=[(line_id, units + more) for line_id, units in move.units],
            )
            return f"parcel:{move.parcel}", event
        case Receipt():
            return f"receipt:{move.note}", _receipt(move, now)
        case Cancellation():
            event_id = f"cancelled:{move.order}"
            cancelled = Cancelled(id=event_id, order_id=move.order, at=now, by="customer")
            return f"cancel:{move.order}", cancelled
        case _:
            return "nightly", Run(orders=move.orders or None)


def _order(move: Checkout, now: datetime, more: int) -> Order:
    """The order: each line is named by its SKU."""
    lines = [
        OrderLine(id=sku, sku=sku, quantity=units + more, unit_price=PRICES.get(sku, Decimal(1)))
        for sku, units in move.units
    ]
    due = sum([line.quantity * line.unit_price for line in lines], Decimal(0))
    payment = Payment(id=BANK if move.by_bank else CARD, amount=due)
    return Order(
        id=move.order,
        placed_at=now,
        customer=Customer(id=f"C-{move.order}", name="Ada", email="ada@example.com"),
        currency="EUR",
        lines=lines,
        payments=[payment] if due else [],
    )


def _basket(move: Basket, clock: Callable[[], datetime]) -> StockUpdate:
    """Units on hand are reserved for a time, as far as there are some."""
    expires_at = clock() + timedelta(minutes=move.minutes)

    def set_aside(inventory: Inventory) -> Inventory:
        now = clock()
        units = min(move.quantity, inventory.available(move.sku, now=now))
        if now >= expires_at or not units:
            return inventory
        return inventory.with_available_reserved(
            move.order, move.sku, move.sku, units, now=now, expires_at=expires_at
        )

    return StockUpdate(id=f"basket:{move.order}", skus=[move.sku], update=set_aside)


def _receipt(move: Receipt, now: datetime) -> StockUpdate:
    """Goods are put on the shelf; of a supply that is due still, they are of that."""

    def receive(inventory: Inventory) -> Inventory:
        is_due = any([supply.id == move.supply for supply in inventory.supplies_of(move.sku)])
        is_counted = inventory.on_hand(move.sku, move.location) >= 0
        return inventory.with_received(
            move.sku,
            move.location,
            move.quantity,
            supply_id=move.supply if is_due else "",
            lot=move.lot if is_counted else "",  # what is owed is made up for first
            received_at=now if move.lot and is_counted else None,
        )

    return StockUpdate(id=f"receipt:{move.note}", skus=[move.sku], update=receive)
