"""A day on which every order uses every rule once: what a line costs whose SKU has one.

The orders of a plain day get seven lines each, of seven families of SKUs: kept by lot, made up as
a kit, leaving in packs, fenced, capped, on order, not tracked; and the locations have a capacity.
The bare loop gets the very same lines, of SKUs without rules.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import attrs
import workload
from workload import NOW, LineRow, OrderRow, Workload

from fulfill_core import Component, Fence, Inventory, Item, Location, Lot, Order, Pack, Stock

FAMILIES = ("lot", "kit", "pack", "fence", "cap", "order", "fee")
_PRICE = Decimal("9.90")


def made_of(plain: Workload, *, seed: int = 1) -> Workload:
    """The same day with seven lines for every order, one of each family."""
    rng = random.Random(seed)
    several = max(20, len(plain.orders) // 20)
    rows = [_with_every_family(rng, row, several) for row in plain.orders]
    skus = [f"{family}-{k:05d}" for family in FAMILIES for k in range(several)]
    stock = workload._stock(rng, rows, skus)
    backorderable = {sku: sku.startswith("order") for sku in skus}
    supplies = {
        sku: ((f"PO-{sku}", 10, NOW + timedelta(days=rng.randint(1, 40))),)
        for sku in skus
        if backorderable[sku]
    }
    return replace(
        plain,
        orders=rows,
        stock=stock,
        backorderable=backorderable,
        supplies=supplies,
        reservations={},
    )


def _with_every_family(rng: random.Random, row: OrderRow, several: int) -> OrderRow:
    lines: tuple[LineRow, ...] = tuple(
        (str(number + 1), f"{family}-{rng.randrange(several):05d}", rng.randint(1, 3), _PRICE, True)
        for number, family in enumerate(FAMILIES)
    )
    total = sum([_PRICE * quantity for _, _, quantity, _, _ in lines], start=row[10])
    paid = ((f"pay-{row[0]}", total, "captured", None),)
    return (*row[:6], lines, *row[7:9], paid, row[10], Decimal(0), total, *row[13:])


def library_orders(data: Workload) -> list[Order]:
    """The orders as the library's values; some customers ask for fresh goods."""
    return [
        attrs.evolve(order, customer=attrs.evolve(order.customer, minimum_life=timedelta(days=20)))
        if number % 4 == 0
        else order
        for number, order in enumerate(workload.library_orders(data))
    ]


def library_inventory(data: Workload) -> Inventory:
    """The stock as the library's value, with a rule for every family."""
    plain = workload.library_inventory(data)
    stock: list[Stock] = []
    for row in plain.stock():
        stock += _kept(row)
    items = [_item(sku, data) for sku in data.stock]
    locations = [
        Location(
            id=place, rank=rank, lead_time=timedelta(days=2), capacity=len(data.orders) * 3 // 5
        )
        for place, rank in data.locations.items()
    ]
    return Inventory(stock=stock, supplies=plain.supplies(), items=items, locations=locations)


def _kept(row: Stock) -> Iterator[Stock]:
    """A stock row as its family keeps it: by lot, as components, or as it is."""
    if row.sku.startswith("lot"):
        third = row.on_hand // 3
        ages: list[tuple[str, int, int]] = [
            ("L-1", 10, third),
            ("L-2", 40, third),
            ("L-3", 400, third),
        ]
        lots = [
            Lot(id=name, quantity=units, expires_at=NOW + timedelta(days=days))
            for name, days, units in ages
        ]
        yield attrs.evolve(row, lots=lots)
    elif row.sku.startswith("kit"):
        for part, units in (("cup", 2), ("pot", 1)):
            yield attrs.evolve(row, sku=f"{part}-{row.sku}", on_hand=row.on_hand * units)
    elif not row.sku.startswith("fee"):
        yield row


def _item(sku: str, data: Workload) -> Item:
    family = sku.partition("-")[0]
    rules: dict[str, Any] = {
        "lot": {},
        "kit": {
            "components": [
                Component(sku=f"cup-{sku}", quantity=2),
                Component(sku=f"pot-{sku}"),
            ]
        },
        "pack": {"packs": [Pack(location=next(iter(data.locations)), multiple=2)]},
        "fence": {"fences": [Fence(quantity=5, tiers=["gold"])]},
        "cap": {"customer_cap": 2},
        "order": {"backorderable": True, "backorder_cap": 30},
        "fee": {"tracked": False},
    }
    return Item(sku=sku, **rules[family])
