"""Days that are odd as a whole: all orders repeated, all held, all of one SKU; and how each grows.

Each is run with the default rules, and asked for everything: decisions, ids of messages, records
and when to run again. What is counted is known beforehand.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal

from paths import DAY, Path, doubled, grown
from workload import NOW

from fulfill_core import (
    Address,
    Customer,
    Inventory,
    Item,
    Location,
    Order,
    OrderLine,
    Outcome,
    Payment,
    Result,
    Stock,
    process,
)

_PRICE = Decimal("9.90")
_HOME = Address(name="Ada", street=["1 Main St"], city="Leeds", postal_code="LS1 4AP", country="GB")


def _order(
    name: str,
    skus: Sequence[str] = ("mug",),
    quantity: int = 1,
    customer: str = "",
    share_paid: Decimal = Decimal(1),
) -> Order:
    """A good order of these SKUs, a line for each; paid, or so much of it."""
    paid = _PRICE * quantity * len(skus) * share_paid
    return Order(
        id=name,
        placed_at=NOW - DAY,
        customer=Customer(id=customer or f"C-{name}", email="ada@mail.example"),
        lines=[
            OrderLine(id=f"{number:06}", sku=sku, quantity=quantity, unit_price=_PRICE)
            for number, sku in enumerate(skus)
        ],
        currency="EUR",
        ship_to=_HOME,
        payments=[Payment(id="p1", amount=paid)],
    )


def _orders(size: int, share_paid: Decimal = Decimal(1), customer: str = "") -> list[Order]:
    return [
        _order(f"order-{number:06}", share_paid=share_paid, customer=customer)
        for number in range(size)
    ]


def _asked(
    orders: Sequence[Order], stock: Inventory, count: Callable[[Result], int]
) -> Callable[[], int]:
    """A run, asked for everything: decisions, ids of messages, records, when to run again."""

    def run() -> int:
        result = process(orders, stock, now=NOW)
        ids = {message.id for message in result.notifications}
        wake_at = result.wake_at
        if len(ids) < len(result.notifications) or (wake_at is not None and wake_at <= NOW):
            raise AssertionError(f"{len(ids)} ids, and to be run again at {wake_at}")
        if len(result.records) > len(result.decisions):
            raise AssertionError(f"{len(result.records)} records")
        return count(result)

    return run


def _units(result: Result) -> int:
    return sum([row.quantity for decision in result for row in decision.allocations])


def _held(result: Result) -> int:
    return sum([decision.outcome is Outcome.HELD for decision in result])


def _enough(size: int) -> Inventory:
    return Inventory.of({("mug", "berlin"): size})


def _repeats(size: int) -> Callable[[], int]:
    repeats = [_order("order") for _ in range(size)]
    return _asked(repeats, _enough(size), lambda result: len(result.decisions) * size)


def _versions(size: int) -> Callable[[], int]:
    versions = [_order("order", quantity=number + 1) for number in range(size)]
    return _asked(versions, _enough(size), lambda result: _held(result) * size)


def _all_held(size: int) -> Callable[[], int]:
    return _asked(_orders(size, share_paid=Decimal("0.5")), _enough(size), _held)


def _one_sku(size: int) -> Callable[[], int]:
    return _asked(_orders(size), _enough(size // 2), lambda result: 2 * _units(result))


def _one_long_order(size: int) -> Callable[[], int]:
    skus = [f"sku-{number:06}" for number in range(size)]
    stock = Inventory.of({(sku, "berlin"): 1 for sku in skus})
    return _asked([_order("order", skus)], stock, _units)


def _one_customer(size: int) -> Callable[[], int]:
    item = Item(sku="mug", customer_cap=size // 2, backorderable=True)
    stock = Inventory(items=[item], stock=[Stock(sku="mug", location="berlin", on_hand=size)])
    orders = _orders(size, customer="C-1")
    return _asked(orders, stock, lambda result: 2 * _units(result))


def _one_location(size: int) -> Callable[[], int]:
    skus = [f"sku-{number:06}" for number in range(size)]
    stock = Inventory.of({(sku, "berlin"): 1 for sku in skus})
    orders = [_order(f"order-{start:06}", skus[start : start + 10]) for start in range(0, size, 10)]
    return _asked(orders, stock, _units)


def _a_unit_each(size: int) -> Callable[[], int]:
    places = [Location(id=f"place-{number:06}", rank=number) for number in range(size)]
    rows = [Stock(sku="mug", location=place.id, on_hand=1) for place in places]
    orders = [_order(f"order-{number:06}", quantity=10) for number in range(size // 10)]
    return _asked(orders, Inventory(stock=rows, locations=places), _units)


def _tens(size: int) -> int:
    return size // 10 * 10


DAYS = (
    Path("all are repeats of one", _repeats, doubled(10_000)),
    Path("all are versions of one", _versions, doubled(10_000)),
    Path("all are held", _all_held, doubled(10_000)),
    Path("all want one SKU", _one_sku, doubled(10_000)),
    Path("one has n lines", _one_long_order, doubled(10_000)),
    Path("one customer has all", _one_customer, doubled(10_000)),
    Path("one location has n SKUs", _one_location, doubled(100_000)),
    Path("n locations have a unit", _a_unit_each, doubled(1_000), answer=_tens),
)
"""The days, at three sizes each; what is counted is the size."""


def growth_of(number: int, repeats: int) -> tuple[list[float], float]:
    """The seconds and the exponent of the day of that number, at its own sizes."""
    day = DAYS[number]
    _, times, exponent = grown(day, day.sizes, repeats)
    return times, exponent
