"""What the shop's own warehouse knows and its platform does not: lots, kits, goods on order, hours.

It lies beside the stock in a file of the shop's own, ``warehouse.json``; without it there are none.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import attrs

from fulfill_core import Component, Item, Lot, Stock, Supply
from shop.departures import read_departures
from shop.records import Record, StockList, read_json, set_aside

FILE = "warehouse.json"


def read_warehouse(folder: Path, read: StockList) -> None:
    """Add the lots, kits and supplies of *folder* to what was read of the stock."""
    path = folder / FILE
    if not path.exists():
        return
    whole = Record(read_json(path), path.name, "the file")
    read.faults += whole.faults
    lots: dict[tuple[str, str], list[Lot]] = {}
    for record in whole.children("lots"):
        where = _sku(record, read), record.text("location")
        lot_id = record.text("lot")
        lot = (lot_id or "?", record.count("quantity"), record.moment_if_any("expires_at"))
        if any(known.id == lot_id for known in lots.get(where, ())):
            record.fault("lot", f"{lot_id} is there twice")
        if not set_aside(record, read):
            name, units, end = lot
            lots.setdefault(where, []).append(Lot(id=name, quantity=units, expires_at=end))
    read.stock = [
        _with_lots(row, lots.pop((row.sku, row.location), []), read) for row in read.stock
    ]
    for sku, location in lots:
        read.add_fault(path.name, "lots", f"{sku} is not kept at {location}")
    for record in whole.children("supplies"):
        supply_id, sku = record.text("id"), _sku(record, read)
        units, date = record.count("quantity"), record.moment("expected_at")
        if any(known.id == supply_id for known in read.supplies):
            record.fault("id", f"{supply_id} is there twice")
        if not set_aside(record, read):
            read.supplies.append(Supply(id=supply_id, sku=sku, quantity=units, expected_at=date))
    for record in whole.children("kits"):
        _read_kit(record, read)
    for record in whole.children("items"):
        sku, days = _sku(record, read), record.count("minimum_life_days", at_least=0)
        if not set_aside(record, read):
            read.items[sku] = attrs.evolve(read.items[sku], minimum_life=timedelta(days=days))
    read.promise = read_departures(whole, read)
    set_aside(whole, read)  # such as a list that is none


def _sku(record: Record, read: StockList) -> str:
    sku = record.text("sku")
    if sku and sku not in read.items:
        record.fault("sku", f"{sku} is of no variant in products.json")
    return sku


def _with_lots(row: Stock, lots: list[Lot], read: StockList) -> Stock:
    units = sum(lot.quantity for lot in lots)
    if units <= max(0, row.on_hand):
        return attrs.evolve(row, lots=lots)
    read.add_fault(
        FILE, "lots", f"{units} of {row.sku} are in lots at {row.location}, and {row.on_hand} there"
    )
    return row


def _read_kit(record: Record, read: StockList) -> None:
    sku = _sku(record, read)
    parts = [
        Component(sku=_sku(part, read) or "?", quantity=part.count("quantity"))
        for part in record.children("components")
    ]
    if any(row.sku == sku for row in read.stock):
        record.fault("sku", f"{sku} has stock of its own; a kit is made up of its components")
    if any(supply.sku == sku for supply in read.supplies):
        record.fault("sku", f"{sku} is on order; a kit is made up of its components")
    if not parts:
        record.fault("components", "are missing")
    if any(part.sku == sku for part in parts):
        record.fault("components", f"{sku} is made of itself")
    if not set_aside(record, read):
        item: Item = read.items[sku]
        read.items[sku] = attrs.evolve(item, components=parts)
