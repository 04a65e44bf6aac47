"""Orders and stock from the JSON of Shopify's Admin REST API.

A folder holds ``orders.json``; where payments are to be seen one by one, ``transactions.json``;
where the platform has screened orders, ``risks.json``. The stock is ``products.json``,
``inventory_levels.json`` and ``locations.json``. Orders have no
field for a deadline, a start or a way to ship there: note attributes ``deliver_by``, ``ship_after``
and ``ship`` (partial, lines, complete) stand for them, as delivery-date apps do it.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, time, tzinfo
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from fulfill_core import (
    Address,
    Customer,
    InvalidValueError,
    Item,
    Location,
    Order,
    OrderLine,
    Payment,
    Screening,
    Ship,
    Stock,
)
from shop.payments import Settlement, Transaction, read_transactions, settlement
from shop.records import Doubt, OrderList, Record, Skipped, StockList, excerpt, json_records
from shop.warehouse import read_warehouse

LEFT = ("fulfilled", "restocked")  # then nothing is left to decide
TIERS = ("gold", "silver")  # customer tags that are tiers
FLAGS = {"cancel": "cancelling is recommended", "investigate": "a closer look is recommended"}
UNREADABLE = "a risk that could not be read"
STATUS_UNCLEAR = "platform.status_unclear"
NOTES = ("deliver_by", "ship_after", "ship", "timezone")  # any other note is no business of ours
TAGS_AT_MOST = 20_000  # characters: the platform takes 250 tags


def read_orders(folder: Path) -> OrderList:
    """The orders of *folder*, or of one JSON file."""
    path = folder / "orders.json" if folder.is_dir() else folder
    order_list = OrderList()
    transactions = read_transactions(path.with_name("transactions.json"), order_list.faults)
    for record in json_records(path, "orders", "order"):
        order_list.records += 1
        order_id = record.identity("id")
        reason = _reason_to_skip(record)
        settled = Settlement() if reason else _settlement(record, transactions.get(order_id))
        order = None if reason else _order(record, order_id, settled.payments())
        name = record.text("name", order_id)
        ip = _ip(record)
        if record.faults:
            order_list.add_faulty(order_id, name, record.faults)
        elif order is not None:
            order_list.orders.append(order)
            order_list.doubts.setdefault(order_id, []).extend(
                (*settled.doubts(), *_status_doubts(record))
            )
            if ip:
                order_list.ips[order_id] = ip
        else:
            order_list.skipped.append(Skipped(order_id, name, reason or "nothing is left to ship"))
    order_list.screenings = _read_risks(path.with_name("risks.json"), order_list)
    return order_list


def _reason_to_skip(record: Record) -> str:
    """Why there is nothing to decide about this order; empty if there is."""
    fulfilled = record.text("fulfillment_status", "")
    if record.flag("test", default=False):
        return "a test order"
    if record.moment_if_any("cancelled_at"):
        return "cancelled"
    if record.text("financial_status", "") in {"refunded", "voided"}:
        return record.text("financial_status", "")
    if fulfilled == "partial":
        return "partly shipped: this sample decides only what nothing has left of"
    return fulfilled if fulfilled in LEFT else ""


def _status_doubts(record: Record) -> list[Doubt]:
    """What is not known of how far the order has come: it keeps its units, and waits."""
    fulfilled = record.text("fulfillment_status", "")
    if not fulfilled:
        return []
    detail = f"The platform says {excerpt(fulfilled)} of what has left: not known to this shop."
    return [Doubt(STATUS_UNCLEAR, "lines", detail)]


def _currency(record: Record) -> str:
    """The customer's: what they saw, and pay in."""
    return (record.text("presentment_currency", "") or record.text("currency")).upper()


def _settlement(record: Record, transactions: list[Transaction] | None) -> Settlement:
    total = _amount(record, "total_price")
    return settlement(record, transactions, total, _currency(record))


def _order(record: Record, order_id: str, payments: list[Payment]) -> Order | None:
    """The order of one record; None if no unit is left, or if the record has faults."""
    notes = _notes(record)
    lines = _lines(record)
    shipping = record.children("shipping_lines")
    total = _amount(record, "current_total_price", "total_price")
    tax_included = record.flag("taxes_included", default=False)
    tax = Decimal(0) if tax_included else _amount(record, "current_total_tax", "total_tax")
    fields: dict[str, Any] = {
        "placed_at": record.moment("created_at"),
        "customer": _customer(record, order_id),
        "currency": _currency(record),
        "ship_to": _address(record.child("shipping_address")),
        "bill_to": _address(record.child("billing_address")),
        "payments": payments,
        "shipping": sum((_amount(one, "price") for one in shipping), Decimal(0)),
        "tax": tax,
        "discount": _amount(record, "current_total_discounts", "total_discounts"),
        "deliver_by": _note_moment(record, notes, "deliver_by", end_of_day=True),
        "ship_after": _note_moment(record, notes, "ship_after"),
        "ship": _ship(record, notes),
        "channel": record.text("source_name", ""),
        "tags": _tags(record),
        "locale": record.text("customer_locale", "en"),
        "timezone": _note_timezone(record, notes),
    }
    attributes = {"name": record.text("name", order_id), "total_price": str(total)}
    if record.faults or (record.children("line_items") and not lines):
        return None
    try:
        return Order(id=order_id, lines=lines, attributes=attributes, **fields)
    except InvalidValueError as error:  # the library's own checks see what these do not
        record.fault("", str(error))
        return None


def _ip(record: Record) -> str:
    client = record.child("client_details")
    return record.text("browser_ip", "") or (client.text("browser_ip", "") if client else "")


def _tags(record: Record) -> set[str]:
    return {tag.strip() for tag in record.text("tags", "", most=TAGS_AT_MOST).split(",")} - {""}


def _amount(record: Record, *names: str) -> Decimal:
    """The first of these amounts that is there, as the customer was shown it.

    A shop that sells in several currencies gives every amount in its own and, under
    ``..._set.presentment_money``, in the customer's. The payment is in the customer's.
    """
    for name in names:
        if (prices := record.child(f"{name}_set")) and (
            presented := prices.child("presentment_money")
        ):
            return presented.money("amount")
        if record.content.get(name) is not None:
            return record.money(name)
    return Decimal(0)


def _lines(record: Record) -> list[OrderLine]:
    """The lines that still have units: ordered less removed, or less refunded in older bodies."""
    refunded: defaultdict[str, int] = defaultdict(int)
    for refund in record.children("refunds"):
        for line in refund.children("refund_line_items"):
            refunded[line.identity("line_item_id")] += line.count("quantity")
    lines = []
    if record.content.get("line_items") is None:  # none at all is another thing than an empty list
        record.fault("line_items", "is missing")
    for line in record.children("line_items"):
        line_id = line.identity("id")
        ordered = line.count("quantity")
        units = line.count("current_quantity", at_least=0, default=ordered - refunded[line_id])
        sku = line.text("sku")
        price = _amount(line, "price")
        if line.content.get("price") is None:
            line.fault("price", "is missing")
        ships = line.flag("requires_shipping", default=True)
        if units > 0 and not record.faults:
            lines.append(
                OrderLine(id=line_id, sku=sku, quantity=units, unit_price=price, ships=ships)
            )
    return lines


def _customer(record: Record, order_id: str) -> Customer:
    """The account or, without one, a guest who is known by this order's contact details."""
    account = record.child("customer")
    email = record.text("email", "") or record.text("contact_email", "")
    phone = record.text("phone", "")
    if account is None:
        payer = record.child("billing_address") or record.child("shipping_address")
        guest = email or f"guest of {order_id or 'an unreadable order'}"
        return Customer(
            id=guest, name=payer.text("name", "") if payer else "", email=email, phone=phone
        )
    names = (account.text("first_name", ""), account.text("last_name", ""))
    tags = _tags(account)
    return Customer(
        id=account.identity("id") or "unreadable",
        name=" ".join(name for name in names if name),
        email=email or account.text("email", ""),
        phone=phone or account.text("phone", ""),
        tier=next((tier for tier in TIERS if tier in tags), "standard"),
    )


def _address(record: Record | None) -> Address | None:
    if record is None:
        return None
    street = (record.text("address1", ""), record.text("address2", ""))
    try:
        return Address(
            name=record.text("name", ""),
            street=tuple(line for line in street if line),
            city=record.text("city", ""),
            postal_code=record.text("zip", ""),
            region=record.text("province_code", ""),
            country=record.text("country_code", ""),
        )
    except InvalidValueError as error:
        record.fault("", str(error))
        return None


def _notes(record: Record) -> dict[str, str]:
    """The notes that are for this shop. Others may be as long, and as odd, as customers like."""
    return {
        str(note.content["name"]): note.text("value", "")
        for note in record.children("note_attributes")
        if note.content.get("name") in NOTES
    }


def _note_moment(
    record: Record, notes: dict[str, str], name: str, *, end_of_day: bool = False
) -> datetime | None:
    """A note attribute as a time; a bare date means that day in UTC, its end for a deadline."""
    written = notes.get(name, "")
    if not written:
        return None
    try:
        moment = datetime.fromisoformat(written)
    except ValueError:
        record.fault(f"note_attributes.{name}", f"{excerpt(written)} is not a date (ISO 8601)")
        return None
    if len(written) == len("2026-03-02"):
        hour = time.max if end_of_day else time.min
        return datetime.combine(moment, hour, tzinfo=UTC)
    if moment.utcoffset() is None:
        record.fault(f"note_attributes.{name}", f"{excerpt(written)} has no offset from UTC")
        return None
    return moment


def _note_timezone(record: Record, notes: dict[str, str]) -> tzinfo | None:
    """The time zone whose days the customer is told, by its name in the IANA data base."""
    name = notes.get("timezone", "")
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):  # no such file, no path of one, a folder
        record.fault("note_attributes.timezone", f"{excerpt(name)} is no time zone")
        return None


def _ship(record: Record, notes: dict[str, str]) -> Ship:
    written = notes.get("ship", "partial")
    try:
        return Ship(written)
    except ValueError:
        record.fault("note_attributes.ship", f"{excerpt(written)} is not one of {', '.join(Ship)}")
        return Ship.PARTIAL


def _read_risks(path: Path, order_list: OrderList) -> list[Screening]:
    """The platform's screenings: of several risks of an order the worst score, and every flag.

    They count for any version of the order: the platform screens it when it is placed, not when it
    is changed. A risk that cannot be read is a flag as well, or the order would seem to be clean.
    """
    scores: defaultdict[str, list[Decimal]] = defaultdict(list)
    flags: defaultdict[str, set[str]] = defaultdict(set)
    if not path.exists():
        return []
    for record in json_records(path, "risks", "risk"):
        order_id = record.identity("order_id")
        score = None if record.content.get("score") is None else record.money("score")
        advice = record.text("recommendation", "accept")
        order_list.faults += record.faults
        if not order_id:
            continue
        if score is not None and not record.faults:
            scores[order_id].append(score)
        flags[order_id] |= {UNREADABLE} if record.faults else {FLAGS.get(advice, advice)}
    return [
        Screening(
            order_id=order_id,
            score=max(scores[order_id], default=None),
            flags=order_flags - {"accept"},
            ip=order_list.ips.get(order_id, ""),
        )
        for order_id, order_flags in flags.items()
    ]


def read_stock(folder: Path) -> StockList:
    """The stock of *folder*: levels are keyed by inventory item, which the variants name."""
    stock_list = StockList()
    skus = _read_variants(folder / "products.json", stock_list)
    closed = _read_locations(folder / "locations.json", stock_list)
    location_ids = {location.id for location in stock_list.locations}
    counted_pairs: set[tuple[str, str]] = set()
    for record in json_records(
        folder / "inventory_levels.json", "inventory_levels", "inventory_level"
    ):
        item, location = record.identity("inventory_item_id"), record.identity("location_id")
        if record.content.get("available") is None or location in closed:
            continue  # not tracked there, or nothing is shipped from there any more
        units = record.count("available", at_least=None)
        if item and item not in skus:
            record.fault("inventory_item_id", f"{item} is of no variant in products.json")
        if location and location not in location_ids:
            record.fault("location_id", f"{location} is not in locations.json")
        if (item, location) in counted_pairs:
            record.fault("", f"item {item} was counted at {location} before")
        counted_pairs.add((item, location))
        if record.faults:
            stock_list.faults += record.faults
        elif stock_list.items[skus[item]].tracked:
            stock_list.stock.append(Stock(sku=skus[item], location=location, on_hand=units))
    read_warehouse(folder, stock_list)
    return stock_list


def _read_variants(path: Path, stock_list: StockList) -> dict[str, str]:
    """SKU by inventory item; fills the items and their titles."""
    skus: dict[str, str] = {}
    for product in json_records(path, "products", "product"):
        title = product.text("title", "")
        for variant in product.children("variants"):
            sku, item = variant.text("sku"), variant.identity("inventory_item_id")
            policy = variant.text("inventory_policy", "deny")
            tracked = variant.text("inventory_management", "") != ""
            if policy not in {"deny", "continue"}:
                variant.fault("inventory_policy", f"{excerpt(policy)} is not deny or continue")
            if sku and sku in stock_list.items:
                variant.fault("sku", f"{excerpt(sku)} is another variant's as well")
            if item and item in skus:
                variant.fault("inventory_item_id", f"{item} is another variant's as well")
            if not product.faults:
                skus[item] = sku
                stock_list.titles[sku] = title
                stock_list.items[sku] = Item(
                    sku=sku, tracked=tracked, backorderable=policy == "continue"
                )
            stock_list.faults += product.faults
            product.faults.clear()
    return skus


def _read_locations(path: Path, stock_list: StockList) -> set[str]:
    """Fills the locations, ranked as they are listed; returns those that are closed."""
    closed: set[str] = set()
    for rank, record in enumerate(json_records(path, "locations", "location")):
        location_id, name = record.identity("id"), record.text("name", "")
        active = record.flag("active", default=True) and not record.text("deleted_at", "")
        if location_id and location_id in closed | {
            location.id for location in stock_list.locations
        }:
            record.fault("id", f"{location_id} was listed before")
        if record.faults:
            stock_list.faults += record.faults
        elif active:
            stock_list.locations.append(Location(id=location_id, rank=rank, name=name))
        else:
            closed.add(location_id)
    return closed
