"""What has come in since the last count, and whose it is.

A stock file says what is there, not where it came from. If fewer units of a supply are expected
than before, and more of its SKU are there, it has come in: those who claimed it get it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from fulfill_core import Inventory, Stock
from shop.records import StockList


def with_arrivals(before: Inventory, stock_list: StockList, now: datetime) -> Inventory:
    """The stock after the receipts that lie between it and a new count."""
    after = before
    expected = {(supply.sku, supply.id): supply.quantity for supply in stock_list.supplies}
    ends = {
        (row.sku, row.location, lot.id): lot.expires_at
        for row in stock_list.stock
        for lot in row.lots
    }
    units_before = _units(before.stock())
    rises = _units(stock_list.stock) - units_before
    for supply in before.supplies():
        due = supply.quantity - expected.get((supply.sku, supply.id), 0)
        for key, risen in sorted(rises.items()):
            sku, location, lot = key
            units = min(due, risen)
            if sku != supply.sku or units <= 0:
                continue
            if after.on_hand(sku, location) < 0:
                after = after.with_counted(sku, location, 0)
            after = after.with_received(
                sku,
                location,
                units,
                supply_id=supply.id,
                lot=lot,
                expires_at=None if key in units_before else ends.get(key),
                received_at=now,
            )
            due -= units
            rises[key] -= units
    return after


def _units(rows: Iterable[Stock]) -> Counter[tuple[str, str, str]]:
    """How many units there are, by SKU, location and lot; the last is empty for those without."""
    units: Counter[tuple[str, str, str]] = Counter()
    for row in rows:
        in_lots = {lot.id: lot.quantity for lot in row.lots}
        for lot, quantity in in_lots.items():
            units[row.sku, row.location, lot] = quantity
        units[row.sku, row.location, ""] = max(0, row.on_hand) - sum(in_lots.values())
    return units
