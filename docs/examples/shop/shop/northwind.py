"""Orders and stock from the CSV tables of the Northwind sample database.

Open orders are those without a ShippedDate. RequiredDate is the deadline: the end of that day in
UTC. A discontinued product may not be backordered. Northwind sells on account, in US dollars.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, time
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

from fulfill_core import (
    Address,
    Customer,
    InvalidValueError,
    Item,
    Location,
    Order,
    OrderLine,
    Stock,
)
from shop.records import OrderList, Record, Skipped, StockList, csv_records, excerpt

WAREHOUSE = Location(id="warehouse", name="Warehouse")
CENT = Decimal("0.01")

_ORDERS = (
    "OrderID", "CustomerID", "OrderDate", "RequiredDate", "ShippedDate", "Freight", "ShipName",
    "ShipAddress", "ShipCity", "ShipRegion", "ShipPostalCode", "ShipCountry",
)  # fmt: skip
_COUNTRIES = {
    "Argentina": "AR", "Austria": "AT", "Belgium": "BE", "Brazil": "BR", "Canada": "CA",
    "Denmark": "DK", "Finland": "FI", "France": "FR", "Germany": "DE", "Ireland": "IE",
    "Italy": "IT", "Mexico": "MX", "Norway": "NO", "Poland": "PL", "Portugal": "PT",
    "Spain": "ES", "Sweden": "SE", "Switzerland": "CH", "UK": "GB", "USA": "US",
    "Venezuela": "VE",
}  # fmt: skip


def read_orders(folder: Path) -> OrderList:
    """The open orders of *folder*; the shipped ones are only counted."""
    order_list = OrderList()
    lines = _read_lines(folder / "order_details.csv")
    customers = _read_customers(folder / "customers.csv", order_list)
    for record in csv_records(folder / "orders.csv", _ORDERS):
        order_list.records += 1
        order_id = record.text("OrderID")
        shipped = not record.faults and bool(record.text("ShippedDate", ""))
        details = lines.pop(order_id, [])
        if shipped:
            order_list.skipped.append(Skipped(order_id, order_id, "shipped"))
            continue
        order = _order(record, order_id, details, customers)
        faults = record.faults + [fault for line in details for fault in line.faults]
        if faults or order is None:
            order_list.add_faulty(order_id, order_id, faults)
        else:
            order_list.orders.append(order)
    for order_id, orphans in lines.items():
        for line in orphans:
            if order_id:  # if it is missing or unreadable, that is noted already
                line.fault("OrderID", f"{excerpt(order_id)} is not in orders.csv")
            order_list.faults += line.faults
    return order_list


def _order(
    record: Record, order_id: str, details: list[Record], customers: dict[str, Customer]
) -> Order | None:
    """The order of one row and its details; None if any of them has faults."""
    lines, discount = [], Decimal(0)
    for detail in details:
        sku = detail.text("ProductID")
        quantity, price = detail.count("Quantity"), detail.money("UnitPrice")
        share = detail.money("Discount", Decimal(0))
        if share > 1:
            detail.fault("Discount", f"{share} is more than the whole price")
        discount += (quantity * price * share).quantize(CENT, ROUND_HALF_UP)
        if not detail.faults:
            lines.append(OrderLine(id=sku, sku=sku, quantity=quantity, unit_price=price))
    customer = record.text("CustomerID")
    if customer and customer not in customers:
        record.fault("CustomerID", f"{excerpt(customer)} is not a customer that could be read")
    country = record.text("ShipCountry", "")
    if country and country not in _COUNTRIES:
        record.fault("ShipCountry", f"{excerpt(country)} is not a country that this reader knows")
    placed = _day(record, "OrderDate")
    required = _day(record, "RequiredDate") if record.text("RequiredDate", "") else None
    freight = record.money("Freight", Decimal(0))
    address = {
        "name": record.text("ShipName", ""),
        "city": record.text("ShipCity", ""),
        "region": record.text("ShipRegion", ""),
        "postal_code": record.text("ShipPostalCode", ""),
        "country": _COUNTRIES.get(country, ""),
    }
    street = record.text("ShipAddress", "")
    if record.faults or any(detail.faults for detail in details):
        return None
    try:
        return Order(
            id=order_id,
            placed_at=placed,
            customer=customers[customer],
            lines=lines,
            currency="USD",
            ship_to=Address(street=(street,) if street else (), **address),
            shipping=freight,
            discount=discount,
            deliver_by=required and datetime.combine(required, time.max, tzinfo=UTC),
            channel="northwind",
            attributes={"name": order_id},
        )
    except InvalidValueError as error:  # two details of one product, say
        record.fault("", str(error))
        return None


def _day(record: Record, name: str) -> datetime:
    """The start, in UTC, of a day that is written month/day/year."""
    written = record.text(name)
    try:
        return datetime.strptime(written, "%m/%d/%Y").replace(tzinfo=UTC)
    except ValueError:
        if written:
            record.fault(name, f"{excerpt(written)} is not a date (month/day/year)")
        return datetime(1970, 1, 1, tzinfo=UTC)


def _read_lines(path: Path) -> dict[str, list[Record]]:
    lines: defaultdict[str, list[Record]] = defaultdict(list)
    columns = ("OrderID", "ProductID", "UnitPrice", "Quantity", "Discount")
    for record in csv_records(path, columns):
        lines[record.text("OrderID")].append(record)
    return lines


def _read_customers(path: Path, order_list: OrderList) -> dict[str, Customer]:
    customers = {}
    for record in csv_records(path, ("CustomerID", "CompanyName", "Phone")):
        customer_id, name = record.text("CustomerID"), record.text("CompanyName", "")
        phone = record.text("Phone", "")
        if record.faults:
            order_list.faults += record.faults
        else:
            customers[customer_id] = Customer(id=customer_id, name=name, phone=phone)
    return customers


def read_stock(folder: Path) -> StockList:
    """The units in stock, in the one warehouse that Northwind has.

    Units on order are left out: the table has no date for them.
    """
    stock_list = StockList(locations=[WAREHOUSE])
    columns = ("ProductID", "ProductName", "UnitsInStock", "Discontinued")
    for record in csv_records(folder / "products.csv", columns):
        sku, title = record.text("ProductID"), record.text("ProductName", "")
        on_hand = record.count("UnitsInStock", at_least=None)
        discontinued = record.text("Discontinued")
        if discontinued and discontinued not in {"0", "1"}:
            record.fault("Discontinued", f"{excerpt(discontinued)} is not 0 or 1")
        if sku and sku in stock_list.items:
            record.fault("ProductID", f"{excerpt(sku)} was listed before")
        if record.faults:
            stock_list.faults += record.faults
            continue
        stock_list.items[sku] = Item(sku=sku, backorderable=discontinued == "0")
        stock_list.titles[sku] = title
        stock_list.stock.append(Stock(sku=sku, location=WAREHOUSE.id, on_hand=on_hand))
    return stock_list
