"""What the shop's own warehouse knows and its platform does not: lots, kits, goods on order, hours.

It lies beside the stock in a file of the shop's own, ``warehouse.json``; without it there are none.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import attrs

from fulfill_core import Component, Item, Lot, Stock, Supply
from shop.departures import location_of, read_departures
from shop.records import Record, StockList, read_json, set_aside

FILE = "warehouse.json"


def read_warehouse(folder: Path, stock_list: StockList) -> None:
    """Add the lots, kits and supplies of *folder* to what was read of the stock."""
    path = folder / FILE
    if not path.exists():
        return
    whole = Record(read_json(path), path.name, "the file")
    stock_list.faults += whole.faults
    lots: dict[tuple[str, str], list[Lot]] = {}
    for record in whole.children("lots"):
        where = _sku(record, stock_list), record.text("location")
        lot_id = record.text("lot")
        lot = (lot_id or "?", record.count("quantity"), record.moment_if_any("expires_at"))
        if any(earlier.id == lot_id for earlier in lots.get(where, ())):
            record.fault("lot", f"{lot_id} is there twice")
        if not set_aside(record, stock_list):
            name, units, end = lot
            lots.setdefault(where, []).append(Lot(id=name, quantity=units, expires_at=end))
    stock_list.stock = [
        _with_lots(row, lots.pop((row.sku, row.location), []), stock_list)
        for row in stock_list.stock
    ]
    for sku, location in lots:
        stock_list.add_fault(path.name, "lots", f"{sku} is not kept at {location}")
    for record in whole.children("supplies"):
        supply_id, sku = record.text("id"), _sku(record, stock_list)
        units, date = record.count("quantity"), record.day_or_moment("expected_at")
        if any(earlier.id == supply_id for earlier in stock_list.supplies):
            record.fault("id", f"{supply_id} is there twice")
        if not set_aside(record, stock_list):
            stock_list.supplies.append(
                Supply(id=supply_id, sku=sku, quantity=units, expected_at=date)
            )
    for record in whole.children("kits"):
        _read_kit(record, stock_list)
    for record in whole.children("items"):
        _read_life(record, stock_list)
    for record in whole.children("capacities"):
        _read_capacity(record, stock_list)
    stock_list.promise = read_departures(whole, stock_list)
    set_aside(whole, stock_list)  # such as a list that is none


def _sku(record: Record, stock_list: StockList) -> str:
    sku = record.text("sku")
    if sku and sku not in stock_list.items:
        record.fault("sku", f"{sku} is of no variant in products.json")
    return sku


def _with_lots(row: Stock, lots: list[Lot], stock_list: StockList) -> Stock:
    units = sum(lot.quantity for lot in lots)
    if units <= max(0, row.on_hand):
        return attrs.evolve(row, lots=lots)
    stock_list.add_fault(
        FILE, "lots", f"{units} of {row.sku} are in lots at {row.location}, and {row.on_hand} there"
    )
    return row


def _read_life(record: Record, stock_list: StockList) -> None:
    sku, days = _sku(record, stock_list), record.count("minimum_life_days", at_least=0)
    if not set_aside(record, stock_list):
        item = stock_list.items[sku]
        stock_list.items[sku] = attrs.evolve(item, minimum_life=timedelta(days=days))


def _read_kit(record: Record, stock_list: StockList) -> None:
    sku = _sku(record, stock_list)
    parts = [
        Component(sku=_sku(part, stock_list) or "?", quantity=part.count("quantity"))
        for part in record.children("components")
    ]
    if any(row.sku == sku for row in stock_list.stock):
        record.fault("sku", f"{sku} has stock of its own; a kit is made up of its components")
    if any(supply.sku == sku for supply in stock_list.supplies):
        record.fault("sku", f"{sku} is on order; a kit is made up of its components")
    if not parts:
        record.fault("components", "are missing")
    if any(part.sku == sku for part in parts):
        record.fault("components", f"{sku} is made of itself")
    if not set_aside(record, stock_list):
        item: Item = stock_list.items[sku]
        stock_list.items[sku] = attrs.evolve(item, components=parts)


def _read_capacity(record: Record, stock_list: StockList) -> None:
    location, orders = location_of(record, stock_list), record.count("orders_a_day", at_least=0)
    if not set_aside(record, stock_list):
        stock_list.locations = [
            attrs.evolve(place, capacity=orders) if place.id == location else place
            for place in stock_list.locations
        ]
