"""A made-up day of orders and its stock, as plain data: the same seed gives the same day.

The data is tuples and dicts of str, int, Decimal and datetime. The bare loop reads it as it is;
`library_orders` and `library_inventory` make the library's values out of the very same data.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TypeAlias

from fulfill_core import (
    Address,
    Customer,
    Inventory,
    Item,
    Location,
    Order,
    OrderLine,
    Payment,
    PaymentStatus,
    Reservation,
    Ship,
    Stock,
    Supply,
)

NOW = datetime(2026, 3, 31, 6, 0, tzinfo=UTC)
TIERS = ("gold", "silver", "bronze")
"""In the shop's sequence; the fourth tier, "standard", is not named and comes last."""

LineRow: TypeAlias = tuple[str, str, int, Decimal, bool]
"""Line id, SKU, quantity, unit price, whether it ships."""
PaymentRow: TypeAlias = tuple[str, Decimal, str, datetime | None]
"""Payment id, amount, status, when an authorization expires."""
AddressRow: TypeAlias = tuple[str, tuple[str, ...], str, str, str]
"""Name, street lines, city, postal code, country."""
OrderRow: TypeAlias = tuple[
    str,  # id
    datetime,  # placed at
    str,  # customer's id
    str,  # e-mail
    str,  # phone
    str,  # tier
    tuple[LineRow, ...],  # by line id
    str,  # currency
    AddressRow | None,  # ship to
    tuple[PaymentRow, ...],  # by payment id
    Decimal,  # shipping
    Decimal,  # discount
    Decimal,  # total, ready-made
    datetime | None,  # deliver by
    datetime | None,  # ship after
    str,  # how it ships: partial, lines, complete
    str,  # locale
]
CellRow: TypeAlias = tuple[str, int, int, int]
"""Location, on hand, safety, reserved (expired reservations included)."""
SupplyRow: TypeAlias = tuple[str, int, datetime]
"""Supply id, quantity, when it is expected."""
HeldRow: TypeAlias = tuple[str, str, str, int]
"""Line id, SKU, location, quantity."""
BatchRow: TypeAlias = tuple[datetime | None, datetime | None, tuple[HeldRow, ...]]
"""When it was made, when it expires, and what is held: one run's reservations for one order."""


@dataclass(slots=True)
class Workload:
    """The orders of a day, and the stock that meets them."""

    orders: list[OrderRow]
    locations: dict[str, int]  # id -> rank, in the sequence of (rank, id)
    stock: dict[str, tuple[CellRow, ...]]  # by SKU, the locations in rank order
    backorderable: dict[str, bool]  # by SKU
    supplies: dict[str, tuple[SupplyRow, ...]]  # by SKU, the earliest first
    reservations: dict[str, tuple[BatchRow, ...]]  # by order id


LOCATIONS = {"DE-BER-01": 0, "DE-HAM-02": 1, "FR-PAR-01": 1, "PL-WAW-01": 2, "IT-MIL-01": 3}

_LINES = (1, 2, 3, 4, 5, 6)
_LINES_WEIGHTS = (40, 27, 16, 9, 5, 3)  # 2.21 on average
_QUANTITIES = (1, 2, 3, 4, 6, 10)
_QUANTITIES_WEIGHTS = (62, 20, 8, 5, 3, 2)
_TIERS_WEIGHTS = (5, 15, 30, 50)
_SHIPS = ("complete", "lines", "partial")
_SHIPS_WEIGHTS = (30, 10, 60)
_BAD = 0.07
_BAD_KINDS = (
    "unreachable",
    "no address",
    "half an address",
    "underpaid",
    "expired authorization",
    "declined",
    "no lines",
    "discount above the rest",
    "exact repeat",
    "another order under the id",
    "unknown SKU",
)
_STOCK_SHARE = 0.85
_CITIES = (("Berlin", "DE"), ("Hamburg", "DE"), ("Lyon", "FR"), ("Torino", "IT"), ("Gdansk", "PL"))
_LOCALES = ("de-DE", "de-DE", "fr-FR", "it-IT", "pl-PL")
_CENT = Decimal("0.01")
_NOTHING = Decimal(0)


def make(orders: int, *, seed: int = 1) -> Workload:
    """A day of so many orders, repeats and conflicting ones included."""
    rng = random.Random(seed)
    skus = [f"{'ABCDEFGH'[k % 8]}{k % 97:02d}-{k:07d}" for k in range(max(200, orders // 5))]
    zipf: list[float] = []
    sum_ = 0.0
    for k in range(len(skus)):
        sum_ += 1 / (k + 1)
        zipf.append(sum_)
    prices = [Decimal(rng.randint(199, 19900)) * _CENT for _ in skus]
    rows: list[OrderRow] = []
    good: list[OrderRow] = []
    for number in range(orders):
        bad = rng.choice(_BAD_KINDS) if rng.random() < _BAD and number else ""
        if bad == "exact repeat":
            rows.append((*rng.choice(rows),))  # equal, and not the same object
            continue
        if bad == "another order under the id" and good:
            known = rng.choice(good)
            rows.append((*known[:3], f"corrected.{known[3]}", *known[4:]))
            continue
        rows.append(_order(rng, number, bad, skus, zipf, prices))
        if not bad:
            good.append(rows[-1])
    stock = _stock(rng, rows, skus)
    backorderable = {sku: rng.random() < 0.5 for sku in skus}
    supplies = _supplies(rng, rows, backorderable)
    reservations = _reservations(rng, rows, stock)
    return Workload(rows, dict(LOCATIONS), stock, backorderable, supplies, reservations)


def _order(
    rng: random.Random,
    number: int,
    bad: str,
    skus: list[str],
    zipf: list[float],
    prices: list[Decimal],
) -> OrderRow:
    placed_at = NOW - timedelta(seconds=rng.randint(600, 30 * 86_400))
    count = 0 if bad == "no lines" else rng.choices(_LINES, _LINES_WEIGHTS)[0]
    lines: list[LineRow] = []
    total = shipping = Decimal("4.90") if rng.random() < 0.7 else _NOTHING
    for position, k in enumerate(rng.choices(range(len(skus)), cum_weights=zipf, k=count)):
        quantity = rng.choices(_QUANTITIES, _QUANTITIES_WEIGHTS)[0]
        price = _NOTHING if rng.random() < 0.01 else prices[k]
        lines.append((str(position + 1), skus[k], quantity, price, rng.random() >= 0.01))
        total += price * quantity
    if bad == "unknown SKU":
        lines[0] = (lines[0][0], f"Z99-{number:07d}", *lines[0][2:])
    discount = _NOTHING
    if bad == "discount above the rest":
        discount = total + Decimal(5)
    elif rng.random() < 0.2:
        discount = (total / 10).quantize(_CENT)
    total -= discount
    customer = rng.randint(1, 1_000_000)
    email = "" if bad == "unreachable" else f"customer.{customer}@mail.example"
    phone = "" if bad == "unreachable" or rng.random() < 0.4 else f"+4930{customer:08d}"
    place = rng.randrange(len(_CITIES))
    city, country = _CITIES[place]
    address: AddressRow | None = (
        f"Customer {customer}",
        (f"Example Street {customer % 200}",),
        "" if bad == "half an address" else city,
        f"{customer % 90_000 + 10_000}",
        country,
    )
    if bad == "no address":
        address = None
    return (
        f"SO-2026-{number:08d}",
        placed_at,
        f"CUST-{customer:07d}",
        email,
        phone,
        rng.choices((*TIERS, "standard"), _TIERS_WEIGHTS)[0],
        tuple(lines),
        "EUR",
        address,
        _payments(rng, number, bad, total, placed_at),
        shipping,
        discount,
        total,
        placed_at + timedelta(days=rng.randint(2, 14)) if rng.random() < 0.6 else None,
        NOW + timedelta(days=rng.randint(1, 20)) if rng.random() < 0.01 else None,
        rng.choices(_SHIPS, _SHIPS_WEIGHTS)[0],
        _LOCALES[place],
    )


def _payments(
    rng: random.Random, number: int, bad: str, total: Decimal, placed_at: datetime
) -> tuple[PaymentRow, ...]:
    name = f"pay-{number:08d}"
    later = NOW + timedelta(days=7)
    if total <= 0:
        return ()
    if bad == "underpaid":
        return ((f"{name}-1", (total / 2).quantize(_CENT), "authorized", later),)
    if bad == "expired authorization":
        return ((f"{name}-1", total, "authorized", placed_at + timedelta(minutes=5)),)
    if bad == "declined":
        return ((f"{name}-1", total, "declined", None),)
    kind = rng.random()
    if kind < 0.10:  # a gift card and the rest by card
        gift = (total / 4).quantize(_CENT)
        return (
            (f"{name}-1", gift, "captured", None),
            (f"{name}-2", total - gift, "authorized", later),
        )
    if kind < 0.14:  # a first try failed
        return (
            (f"{name}-1", total, "declined", None),
            (f"{name}-2", total, "captured", None),
        )
    if kind < 0.16:
        return ((f"{name}-1", total + _CENT, "captured", None),)
    if kind < 0.40:
        return ((f"{name}-1", total, "captured", None),)
    return ((f"{name}-1", total, "authorized", later),)


def _stock(
    rng: random.Random, orders: Iterable[OrderRow], skus: list[str]
) -> dict[str, tuple[CellRow, ...]]:
    """85 % of the demand, each SKU spread unevenly over one to five locations."""
    demand: Counter[str] = Counter()
    for order in orders:
        for line in order[6]:
            demand[line[1]] += line[2]
    stock: dict[str, tuple[CellRow, ...]] = {}
    for sku in skus:
        units = round(demand[sku] * _STOCK_SHARE * rng.uniform(0.7, 1.3))
        places = sorted(rng.sample(range(len(LOCATIONS)), rng.randint(1, len(LOCATIONS))))
        weights = [rng.random() ** 2 for _ in places]
        names = list(LOCATIONS)
        cells: list[CellRow] = []
        for place, weight in zip(places, weights, strict=True):
            on_hand = round(units * weight / sum(weights))
            safety = rng.randint(1, 2) if rng.random() < 0.1 else 0
            cells.append((names[place], on_hand + safety, safety, 0))
        stock[sku] = tuple(cells)
    return stock


def _supplies(
    rng: random.Random, orders: Iterable[OrderRow], backorderable: dict[str, bool]
) -> dict[str, tuple[SupplyRow, ...]]:
    """Half of the SKUs that may be backordered have one to three supplies to come."""
    demand: Counter[str] = Counter()
    for order in orders:
        for line in order[6]:
            demand[line[1]] += line[2]
    supplies: dict[str, tuple[SupplyRow, ...]] = {}
    for number, (sku, may_wait) in enumerate(backorderable.items()):
        if may_wait and rng.random() < 0.5:
            coming = [
                (
                    f"PO-{number:06d}-{k}",
                    max(1, demand[sku] // 15),
                    NOW + timedelta(days=rng.randint(1, 40)),
                )
                for k in range(rng.randint(1, 3))
            ]
            supplies[sku] = tuple(sorted(coming, key=lambda supply: (supply[2], supply[0])))
    return supplies


def _reservations(
    rng: random.Random, orders: Iterable[OrderRow], stock: dict[str, tuple[CellRow, ...]]
) -> dict[str, tuple[BatchRow, ...]]:
    """2 % of the orders hold something already, a quarter of it expired; notes it in *stock*."""
    reservations: dict[str, tuple[BatchRow, ...]] = {}
    for order in orders:
        if rng.random() >= 0.02 or order[0] in reservations:
            continue
        held: list[HeldRow] = []
        made_at = NOW - timedelta(days=rng.randint(1, 5))
        expires_at = rng.choice((None, None, NOW + timedelta(days=2), NOW - timedelta(hours=3)))
        for line_id, sku, quantity, _, _ in order[6]:
            cells = stock.get(sku)
            if cells is None or rng.random() < 0.3:
                continue
            which = rng.randrange(len(cells))
            location, on_hand, safety, reserved = cells[which]
            units = min(rng.randint(1, quantity), on_hand - safety - reserved)
            if units > 0:
                held.append((line_id, sku, location, units))
                cell = (location, on_hand, safety, reserved + units)
                stock[sku] = (*cells[:which], cell, *cells[which + 1 :])
        if held:
            reservations[order[0]] = ((made_at, expires_at, tuple(held)),)
    return reservations


def library_orders(workload: Workload) -> list[Order]:
    """The orders as the library's values."""
    orders: list[Order] = []
    for (
        order_id,
        placed_at,
        customer_id,
        email,
        phone,
        tier,
        lines,
        currency,
        address,
        payments,
        shipping,
        discount,
        total,
        deliver_by,
        ship_after,
        ship,
        locale,
    ) in workload.orders:
        ship_to = None
        if address is not None:
            name, street, city, postal_code, country = address
            ship_to = Address(
                name=name, street=street, city=city, postal_code=postal_code, country=country
            )
        order = Order(
            id=order_id,
            placed_at=placed_at,
            customer=Customer(id=customer_id, email=email, phone=phone, tier=tier),
            lines=[
                OrderLine(id=line_id, sku=sku, quantity=quantity, unit_price=price, ships=ships)
                for line_id, sku, quantity, price, ships in lines
            ],
            currency=currency,
            ship_to=ship_to,
            payments=[
                Payment(
                    id=payment_id,
                    amount=amount,
                    status=PaymentStatus(status),
                    expires_at=expires_at,
                )
                for payment_id, amount, status, expires_at in payments
            ],
            shipping=shipping,
            discount=discount,
            deliver_by=deliver_by,
            ship_after=ship_after,
            ship=Ship(ship),
            locale=locale,
        )
        assert order.total == total
        orders.append(order)
    return orders


def library_inventory(workload: Workload) -> Inventory:
    """The stock as the library's value."""
    return Inventory(
        stock=[
            Stock(sku=sku, location=location, on_hand=on_hand, safety=safety)
            for sku, cells in workload.stock.items()
            for location, on_hand, safety, _ in cells
        ],
        supplies=[
            Supply(id=supply_id, sku=sku, quantity=quantity, expected_at=expected_at)
            for sku, coming in workload.supplies.items()
            for supply_id, quantity, expected_at in coming
        ],
        items=[
            Item(sku=sku, backorderable=may_wait)
            for sku, may_wait in workload.backorderable.items()
        ],
        locations=[Location(id=place, rank=rank) for place, rank in workload.locations.items()],
        reservations=[
            Reservation(
                order_id=order_id,
                line_id=line_id,
                sku=sku,
                location=location,
                quantity=quantity,
                made_at=made_at,
                expires_at=expires_at,
            )
            for order_id, batches in workload.reservations.items()
            for made_at, expires_at, held in batches
            for line_id, sku, location, quantity in held
        ],
    )
