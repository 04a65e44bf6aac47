"""Northwind's open orders: real input, and what must come out of it, worked out by hand.

The 21 orders that were never shipped compete for the units in stock. The deadline is the end of
the required date, so the queue goes by required date, then by order date, then by order id:

==== ===== ======== ======== ==== ===== ======== ========
rank order required ordered  rank order required ordered
==== ===== ======== ======== ==== ===== ======== ========
0    11008 05-06    04-08    11   11070 06-02    05-05
1    11019 05-11    04-13    12   11071 06-02    05-05
2    11039 05-19    04-21    13   11072 06-02    05-05
3    11040 05-20    04-22    14   11073 06-02    05-05
4    11045 05-21    04-23    15   11074 06-03    05-06
5    11051 05-25    04-27    16   11075 06-03    05-06
6    11054 05-26    04-28    17   11076 06-03    05-06
7    11058 05-27    04-29    18   11077 06-03    05-06
8    11062 05-28    04-30    19   11059 06-10    04-29
9    11065 05-29    05-01    20   11061 06-11    04-30
10   11068 06-01    05-04
==== ===== ======== ======== ==== ===== ======== ========

Eight orders tie with others on both dates: there the id decides. And 11059, ordered long before
11070, stands behind it, because it was promised for later.

Discontinued products may not be backordered, all others may. Nothing is known of when more comes.
"""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from fulfill_core import (
    Address,
    Customer,
    Inventory,
    Item,
    Order,
    OrderLine,
    Outcome,
    Payment,
    PaymentStatus,
    Result,
    Stock,
    process,
)

FOLDER = Path(__file__).parent / "data" / "northwind"
NOW = datetime(1998, 5, 6, 18, tzinfo=UTC)
HOUSE = "warehouse"
COUNTRIES = {
    "Argentina": "AR",
    "Austria": "AT",
    "Brazil": "BR",
    "Canada": "CA",
    "Denmark": "DK",
    "France": "FR",
    "Germany": "DE",
    "Italy": "IT",
    "Mexico": "MX",
    "Switzerland": "CH",
    "USA": "US",
    "Venezuela": "VE",
}
QUEUE = (
    *("11008", "11019", "11039", "11040", "11045", "11051", "11054", "11058", "11062", "11065"),
    *("11068", "11070", "11071", "11072", "11073", "11074", "11075", "11076", "11077"),
    *("11059", "11061"),
)


# -- From the tables to orders and stock -----------------------------------------------------------


def table(name: str) -> list[dict[str, str]]:
    """The rows of one table."""
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def day(text: str) -> datetime:
    """A date as the tables have it, as the beginning of that day."""
    month, day_of_month, year = map(int, text.split("/"))
    return datetime(year, month, day_of_month, tzinfo=UTC)


def end_of_day(text: str) -> datetime:
    """The last instant of that day."""
    return datetime.combine(day(text), time.max, tzinfo=UTC)


def open_orders() -> list[Order]:
    """The orders without a ShippedDate, each paid in full."""
    customers = {row["CustomerID"]: row for row in table("customers")}
    details: defaultdict[str, list[dict[str, str]]] = defaultdict(list)
    for row in table("order_details"):
        details[row["OrderID"]].append(row)
    return [
        order_of(row, details[row["OrderID"]], customers[row["CustomerID"]])
        for row in table("orders")
        if not row["ShippedDate"]
    ]


def order_of(row: dict[str, str], details: list[dict[str, str]], customer: dict[str, str]) -> Order:
    """One order; what the discounts take off is exact, and so is the payment."""
    gross = sum(Decimal(each["UnitPrice"]) * int(each["Quantity"]) for each in details)
    net = sum(
        Decimal(each["UnitPrice"]) * int(each["Quantity"]) * (1 - Decimal(each["Discount"]))
        for each in details
    )
    freight = Decimal(row["Freight"])
    return Order(
        id=row["OrderID"],
        placed_at=day(row["OrderDate"]),
        customer=Customer(
            id=customer["CustomerID"], name=customer["ContactName"], phone=customer["Phone"]
        ),
        lines=[
            OrderLine(
                id=each["ProductID"],
                sku=each["ProductID"],
                quantity=int(each["Quantity"]),
                unit_price=Decimal(each["UnitPrice"]),
            )
            for each in details
        ],
        currency="USD",
        ship_to=Address(
            name=row["ShipName"],
            street=[row["ShipAddress"]],
            city=row["ShipCity"],
            postal_code=row["ShipPostalCode"],
            region=row["ShipRegion"],
            country=COUNTRIES[row["ShipCountry"]],
        ),
        payments=[Payment(id="p1", amount=Decimal(net + freight), status=PaymentStatus.CAPTURED)],
        shipping=freight,
        discount=Decimal(gross - net),
        deliver_by=end_of_day(row["RequiredDate"]),
    )


def stock() -> Inventory:
    """The units in stock, all at one place."""
    products = table("products")
    return Inventory(
        stock=[
            Stock(sku=row["ProductID"], location=HOUSE, on_hand=int(row["UnitsInStock"]))
            for row in products
        ],
        items=[
            Item(sku=row["ProductID"], backorderable=row["Discontinued"] == "0") for row in products
        ],
    )


@pytest.fixture(scope="module")
def result() -> Result:
    """One run over the open orders, with the rules as they come."""
    return process(open_orders(), stock(), now=NOW)


def of(result: Result, product: str) -> list[tuple[str, int, int, int]]:
    """Who gets a product, in the queue's sequence: order, allocated, backordered, short."""
    return [
        (decision.id, status.allocated, status.backordered, status.short)
        for decision in result.decisions
        for status in decision.lines
        if status.sku == product
    ]


# -- The queue and the money -----------------------------------------------------------------------


def test_queue(result: Result) -> None:
    """All 21 orders are good, and stand in the sequence of deadline, order date and id."""
    assert tuple(decision.id for decision in result.decisions) == QUEUE
    assert [decision.rank for decision in result.decisions] == list(range(21))


def test_paid_to_the_last_digit(result: Result) -> None:
    """Payments equal totals exactly, discounts of 5 % on 45.6 included: no order has a finding.

    11008: 70 x 45.6 + 90 x 14 + 21 x 21.5 = 3192 + 1260 + 451.5 = 4903.5; 5 % off the first two
    is 159.6 + 63 = 222.6; with 79.46 freight that makes 4760.36.
    """
    order = result["11008"].order
    assert (order.discount, order.total) == (Decimal("222.60"), Decimal("4760.36"))
    assert [decision.findings for decision in result.decisions] == [()] * 21


# -- Where orders compete --------------------------------------------------------------------------


def test_product_28(result: Result) -> None:
    """Sauerkraut: 26 in stock, discontinued; 98 are asked for.

    11008 (rank 0) wants 70 and takes all 26; 44 are short. Nothing is left for 11039 (20) and
    11068 (8). None of it can be backordered.
    """
    assert of(result, "28") == [("11008", 26, 0, 44), ("11039", 0, 0, 20), ("11068", 0, 0, 8)]


def test_product_24(result: Result) -> None:
    """Guaraná: 20 in stock, discontinued; 30 are asked for.

    11051 (rank 5) gets its 10. 11073 (rank 14) gets the other 10 of its 20; 10 are short.
    """
    assert of(result, "24") == [("11051", 10, 0, 0), ("11073", 10, 0, 10)]


def test_product_64(result: Result) -> None:
    """Semmelknödel: 22 in stock; 132 are asked for.

    11072 (rank 13) wants 130, takes all 22 and waits for 108. 11077 (rank 18) waits for its 2: that
    so little would do for it changes nothing.
    """
    assert of(result, "64") == [("11072", 22, 108, 0), ("11077", 0, 2, 0)]


def test_product_60(result: Result) -> None:
    """Camembert: 19 in stock; 73 are asked for.

    11058 (rank 7) wants 21, takes all 19 and waits for 2. The others wait in the sequence of the
    queue: 11077 (2) before 11059 (35) and 11061 (15), which are due a week later.
    """
    assert of(result, "60") == [
        ("11058", 19, 2, 0),
        ("11077", 0, 2, 0),
        ("11059", 0, 35, 0),
        ("11061", 0, 15, 0),
    ]


def test_product_13(result: Result) -> None:
    """Konbu: 24 in stock; 44 are asked for.

    11071 (rank 12) gets 10, 11077 (rank 18) gets 4; that leaves 10 of 30 for 11059 (rank 19), which
    was ordered a week before both but is due a week after; 20 wait.
    """
    assert of(result, "13") == [("11071", 10, 0, 0), ("11077", 4, 0, 0), ("11059", 10, 20, 0)]


def test_product_2(result: Result) -> None:
    """Chang: 17 in stock; 62 are asked for.

    11070 (rank 11) wants 20, takes all 17 and waits for 3. 11072, of the same two dates, comes
    after it by its id, and waits for 8; 11075 waits for 10 and 11077 for 24.
    """
    assert of(result, "2") == [
        ("11070", 17, 3, 0),
        ("11072", 0, 8, 0),
        ("11075", 0, 10, 0),
        ("11077", 0, 24, 0),
    ]


def test_product_16(result: Result) -> None:
    """Pavlova: 29 in stock; 46 are asked for.

    11070 (rank 11) wants 30, takes all 29 and waits for 1; 11074 waits for 14, 11077 for 2.
    """
    assert of(result, "16") == [("11070", 29, 1, 0), ("11074", 0, 14, 0), ("11077", 0, 2, 0)]


def test_product_7(result: Result) -> None:
    """Pears: 15 in stock; 16 are asked for. 11071 gets exactly what there is; 11077 waits for 1."""
    assert of(result, "7") == [("11071", 15, 0, 0), ("11077", 0, 1, 0)]


def test_product_21(result: Result) -> None:
    """Scones: 3 in stock; 23 are asked for.

    11040 (rank 3) wants 20, takes all 3 and waits for 17. 11058 (rank 7) wants just the 3 that
    there were, and waits: who is served first may ship in part.
    """
    assert of(result, "21") == [("11040", 3, 17, 0), ("11058", 0, 3, 0)]


def test_product_49(result: Result) -> None:
    """Maxilaku: 10 in stock; 62 are asked for.

    11019 (rank 1) gets its 2; the other 8 go to 11039 (rank 2), which waits for 52 of its 60.
    """
    assert of(result, "49") == [("11019", 2, 0, 0), ("11039", 8, 52, 0)]


def test_alone_and_not_enough(result: Result) -> None:
    """Where one order asks for more than there is, it gets what there is; the rest waits, or is
    short if the product is discontinued (17 and 53, of which nothing is left).

    1: 40 of 39. 31: 20 of 0. 35: 24 of 20. 43: 36 of 17. 51: 24 of 20. 17: 12 of 0. 53: 10 of 0.
    """
    assert {product: of(result, product) for product in ("1", "31", "35", "43", "51")} == {
        "1": [("11070", 39, 1, 0)],
        "31": [("11070", 0, 20, 0)],
        "35": [("11039", 20, 4, 0)],
        "43": [("11068", 17, 19, 0)],
        "51": [("11045", 20, 4, 0)],
    }
    assert {product: of(result, product) for product in ("17", "53")} == {
        "17": [("11059", 0, 0, 12)],
        "53": [("11062", 0, 0, 10)],
    }


def test_enough_for_all(result: Result) -> None:
    """Of every other product there is enough: whoever asks for it gets all.

    Closest is 77: 28 for 11068 and 2 for 11077 make 30 of 32.
    """
    scarce = {"28", "24", "64", "60", "13", "2", "16", "7", "21", "49"}
    scarce |= {"1", "31", "35", "43", "51", "17", "53"}
    lacking = [
        status
        for decision in result.decisions
        for status in decision.lines
        if status.sku not in scarce and status.allocated != status.ordered
    ]
    assert lacking == []
    assert of(result, "77") == [("11068", 28, 0, 0), ("11077", 2, 0, 0)]


def test_outcomes(result: Result) -> None:
    """Six orders get everything: 11019, 11051, 11054, 11065, 11071 and 11076. 11061 and 11074 ask
    for one product each, of which nothing is left: they wait. All others get a part.
    """
    outcomes: defaultdict[Outcome, list[str]] = defaultdict(list)
    for decision in result.decisions:
        outcomes[decision.outcome].append(decision.id)
    full = ["11019", "11051", "11054", "11065", "11071", "11076"]
    waiting = ["11074", "11061"]
    assert outcomes == {
        Outcome.ALLOCATED: full,
        Outcome.BACKORDERED: waiting,
        Outcome.PARTIALLY_ALLOCATED: [name for name in QUEUE if name not in (*full, *waiting)],
    }


# -- The whole -------------------------------------------------------------------------------------


def units(pairs: Iterable[tuple[str, int]]) -> Counter[str]:
    """Units by product."""
    sums: Counter[str] = Counter()
    for product, quantity in pairs:
        sums[product] += quantity
    return sums


def test_every_unit_is_accounted_for(result: Result) -> None:
    """Of every product, what was given is the smaller of what was asked for and what was there, and
    with what waits and what is short it makes what was asked for.
    """
    before, after = result.before, result.inventory
    asked = units(
        (line.sku, line.quantity) for decision in result.decisions for line in decision.order.lines
    )
    given = units((row.sku, row.quantity) for made in result.decisions for row in made.allocations)
    missing = units((row.sku, row.quantity) for made in result.decisions for row in made.shorts)
    missing += units(
        (row.sku, row.quantity) for made in result.decisions for row in made.backorders
    )
    for product, wanted in asked.items():
        assert given[product] == min(wanted, before.on_hand(product))
        assert given[product] + missing[product] == wanted
        assert after.reserved(product) == given[product]
        assert after.available(product) == before.on_hand(product) - given[product]
    assert list(after.stock()) == list(before.stock())


def test_twice_changes_nothing(result: Result) -> None:
    """A second run on the result allocates nothing, and has no news."""
    again = process(open_orders(), result.inventory, now=NOW)
    assert again.inventory == result.inventory
    assert [message.id for message in again.notifications] == [
        message.id for message in result.notifications
    ]


def test_a_day_later_the_late_one_still_leads(result: Result) -> None:
    """A deadline that has passed does not lose its place: at the end of its day 11008 is overdue,
    and still first.
    """
    late = end_of_day("5/6/1998") + timedelta(microseconds=1)
    again = process(open_orders(), stock(), now=late)
    assert again.decisions == result.decisions
