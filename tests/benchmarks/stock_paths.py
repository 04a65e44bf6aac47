"""What hosts do with a stock, call by call, where it has many of one thing: makers of paths.

See `paths.PATHS`, in whose table they stand.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from workload import NOW

from fulfill_core import (
    Claim,
    Customer,
    Inventory,
    Item,
    Lot,
    Order,
    OrderLine,
    Reservation,
    Stock,
    Supply,
    process,
)

DAY = timedelta(days=1)
_MUG, _BERLIN = "mug", "berlin"


def _lots(size: int, units: int = 1) -> list[Lot]:
    return [Lot(id=f"lot-{number:06}", quantity=units) for number in range(size)]


def _stock_of(lots: list[Lot], item: Item | None = None) -> Inventory:
    on_hand = sum([lot.quantity for lot in lots])
    row = Stock(sku=_MUG, location=_BERLIN, on_hand=on_hand, lots=lots)
    return Inventory(stock=[row], items=[] if item is None else [item])


def _order(number: int, quantity: int = 1, lot: str = "") -> Order:
    return Order(
        id=f"order-{number:06}",
        placed_at=NOW - DAY,
        customer=Customer(id="C-1"),
        currency="EUR",
        lines=[OrderLine(id="1", sku=_MUG, quantity=quantity, lot=lot)],
    )


# -- Lots --------------------------------------------------------------------------------------


def reserve_lots(size: int) -> Callable[[], int]:
    """Carts each take one of as many lots."""
    stock = _stock_of(_lots(size))

    def run() -> int:
        after = stock
        for number in range(size):
            after = after.with_available_reserved(f"A-{number:06}", "1", _MUG, 1, now=NOW)
        return after.reserved(_MUG)

    return run


def transfer_lots(size: int) -> Callable[[], int]:
    """Lots are brought to another location."""
    lots = _lots(size)
    stock = _stock_of(lots)

    def run() -> int:
        after = stock
        for lot in lots:
            after = after.with_transferred(
                _MUG, 1, source=_BERLIN, target="paris", lot=lot.id, now=NOW
            )
        return after.on_hand(_MUG, "paris")

    return run


def allocate_named_lots(size: int) -> Callable[[], int]:
    """Each order asks for a lot of its own."""
    orders = [_order(number, lot=f"lot-{number:06}") for number in range(size)]
    stock = _stock_of(_lots(size))
    return lambda: len(process(orders, stock, now=NOW, verifiers=()).reservations)


def allocate_single_lots(size: int) -> Callable[[], int]:
    """Each order gets its units of one lot."""
    orders = [_order(number, quantity=2) for number in range(size)]
    stock = _stock_of(_lots(size, units=2), Item(sku=_MUG, single_lot=True))
    return lambda: len(process(orders, stock, now=NOW, verifiers=()).reservations)


# -- Supplies and claims -----------------------------------------------------------------------


def _supply(number: int, quantity: int) -> Supply:
    expected_at = NOW + DAY + number * timedelta(minutes=1)
    return Supply(
        id=f"PO-{number:06}", sku=_MUG, quantity=quantity, expected_at=expected_at, location=_BERLIN
    )


def _to_come(*supplies: Supply) -> Inventory:
    row = Stock(sku=_MUG, location=_BERLIN, on_hand=0)
    return Inventory(stock=[row], supplies=supplies)


def _claim(number: int, supply: int = 0) -> Claim:
    return Claim(
        order_id=f"A-{number:06}",
        line_id="1",
        sku=_MUG,
        supply_id=f"PO-{supply:06}",
        quantity=1,
        made_at=NOW + number * timedelta(seconds=1),
    )


def claim_by_order(size: int) -> Callable[[], int]:
    """Orders claim of one supply, and give that up again."""
    stock = _to_come(_supply(0, size))

    def run() -> int:
        after = stock
        for number in range(size):
            after = after.with_claimed(_claim(number))
        units = after.claimed(_MUG)
        for number in range(size):
            after = after.without_claims_of(f"A-{number:06}")
        return units - after.claimed(_MUG)

    return run


def claim_by_line(size: int) -> Callable[[], int]:
    """The lines of one order claim, and give that up again."""
    stock = _to_come(_supply(0, size))
    claims = [
        Claim(order_id="A", line_id=f"{line:06}", sku=_MUG, supply_id="PO-000000", quantity=1)
        for line in range(size)
    ]

    def run() -> int:
        after = stock
        for claim in claims:
            after = after.with_claimed(claim)
        units = after.claimed(_MUG)
        for claim in claims:
            after = after.without_claims_of("A", line_id=claim.line_id)
        return units - after.claimed(_MUG)

    return run


def receive_by_unit(size: int) -> Callable[[], int]:
    """One supply comes in unit by unit, each a lot, for orders that have claimed it."""
    stock = _to_come(_supply(0, size)).with_claimed(*map(_claim, range(size)))

    def run() -> int:
        after = stock
        for number in range(size):
            after = after.with_received(
                _MUG, _BERLIN, 1, supply_id="PO-000000", lot=f"lot-{number:06}"
            )
        return after.reserved(_MUG)

    return run


def receive_supplies(size: int) -> Callable[[], int]:
    """As many supplies come in, each for an order that has claimed it."""
    stock = _to_come(*[_supply(number, 1) for number in range(size)]).with_claimed(
        *[_claim(number, number) for number in range(size)]
    )

    def run() -> int:
        after = stock
        for number in range(size):
            after = after.with_received(_MUG, _BERLIN, 1, supply_id=f"PO-{number:06}")
        return after.reserved(_MUG)

    return run


# -- Locations ---------------------------------------------------------------------------------


def serve_by_location(size: int) -> Callable[[], int]:
    """Units come in, are counted, are reserved and leave at one location after the other."""

    def run() -> int:
        stock, units = Inventory(), 0
        for number in range(size):
            place, order_id = f"place-{number:06}", f"A-{number:06}"
            stock = stock.with_received(_MUG, place, 3).with_counted(_MUG, place, 2)
            stock = stock.with_reserved(
                Reservation(order_id=order_id, line_id="1", sku=_MUG, location=place, quantity=2)
            )
            stock = stock.with_shipped(order_id, "1", 1, location=place)
            units += stock.on_hand(_MUG, place) - stock.available(_MUG, place)
        return units

    return run
