"""The readers of the sample shop: what they make of good files, and of everything else."""

import copy
import csv
import io
import json
import shutil
import tempfile
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from effort import FEWER
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from shop import database, northwind, report, runs, sending, shopify, stock
from shop.loop import work
from shop.records import OrderList, Record, StockList
from shop_desk import SHOP, Desk, change_orders

from fulfill_core import Order, Outcome, PaymentStatus, Ship

SHOPIFY = SHOP / "sample" / "shopify"
NORTHWIND = SHOP / "sample" / "northwind"


def by_name(read: OrderList) -> dict[str, Order]:
    """The orders by the name that customers know."""
    return {order.attributes["name"]: order for order in read.orders}


# -- Shopify -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def sample() -> dict[str, Order]:
    """The sample's orders, by name."""
    return by_name(shopify.read_orders(SHOPIFY))


def test_an_order_is_read_whole(sample: dict[str, Order]) -> None:
    """Every field of an order that the library knows is taken over, exactly."""
    order = sample["#1012"]
    assert order.id == "881012"
    assert order.placed_at == datetime(2026, 2, 23, 11, 52, tzinfo=UTC)
    assert (order.customer.name, order.customer.email) == ("Luc Moreau", "luc.moreau@example.net")
    assert [(line.sku, line.quantity, line.unit_price) for line in order.lines] == [
        ("MUG-RED", 1, Decimal("15.90"))
    ]
    assert (order.total, order.currency, order.locale) == (Decimal("20.80"), "EUR", "fr")
    assert order.ship_to is not None
    assert (order.ship_to.postal_code, order.ship_to.country) == ("69002", "FR")
    assert [(one.amount, one.status) for one in order.payments] == [
        (Decimal("20.80"), PaymentStatus.CAPTURED)
    ]


def test_a_deadline_without_a_time_ends_with_its_day(sample: dict[str, Order]) -> None:
    """``deliver_by`` as a bare date means the end of that day in UTC."""
    assert sample["#1012"].deliver_by == datetime(2026, 3, 5, 23, 59, 59, 999999, tzinfo=UTC)


def test_note_attributes_say_when_and_how_to_ship(sample: dict[str, Order]) -> None:
    """``ship_after`` and ``ship`` come from note attributes."""
    assert sample["#1025"].ship_after == datetime(2026, 4, 1, tzinfo=UTC)
    assert (sample["#1021"].ship, sample["#1024"].ship) == (Ship.COMPLETE, Ship.LINES)


def test_customer_tags_make_the_tier(sample: dict[str, Order]) -> None:
    """The first tag that names a tier is the tier; any other tag is not one."""
    assert sample["#1009"].customer.tier == "gold"
    assert sample["#1007"].customer.tier == "silver"
    assert sample["#1001"].customer.tier == "standard"


def test_a_guest_is_a_customer(sample: dict[str, Order]) -> None:
    """An order without an account has a guest, known by its contact and its bill-to."""
    guest = sample["#1046"].customer
    assert (guest.id, guest.name, guest.phone) == (
        "guest of 881046",
        "Sofia Rossi",
        "+39 02 5550 1234",
    )


def test_refunded_units_are_not_ordered_any_more(sample: dict[str, Order]) -> None:
    """What was refunded is taken off the quantity, the total and the payment."""
    order = sample["#1035"]
    assert [line.quantity for line in order.lines] == [1, 2]
    assert order.total == order.payments[0].amount == Decimal("33.60")


def test_older_bodies_tell_refunds_apart(tmp_path: Path) -> None:
    """Without ``current_quantity``, the refunded units are subtracted from the ordered ones."""
    (tmp_path / "orders.json").write_text((SHOPIFY / "orders.json").read_text("utf-8"), "utf-8")
    change_orders(tmp_path, lambda by: by["#1035"]["line_items"][0].pop("current_quantity"))
    read = by_name(shopify.read_orders(tmp_path))
    assert [line.quantity for line in read["#1035"].lines] == [1, 2]


def test_the_amount_presented_counts(sample: dict[str, Order]) -> None:
    """An order in the customer's currency is compared with what the customer was shown and paid,
    not with the shop's books.
    """
    order = sample["#1036"]
    assert (order.currency, order.total) == ("GBP", Decimal("20.89"))
    assert order.payments[0].amount == order.total


def test_payments_one_by_one(sample: dict[str, Order]) -> None:
    """Transactions make payments: tenders add up, a capture replaces its authorization, declined
    and failed-to-ask differ, and an expiry is kept.
    """

    def told(name: str) -> list[tuple[str, str]]:
        return sorted((str(one.amount), one.status.value) for one in sample[name].payments)

    assert told("#1030") == [("14.70", "authorized"), ("20.00", "captured")]
    assert told("#1034") == [("0.00", "captured"), ("29.90", "captured")]
    assert told("#1031") == [("29.90", "declined")]
    assert told("#1032") == [("29.90", "error")]
    assert sample["#1033"].payments[0].expires_at == datetime(2026, 3, 1, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "left"),
    [("void", ("29.90", "voided")), ("refund", ("19.90", "captured"))],
)
def test_a_payment_can_be_taken_back(tmp_path: Path, kind: str, left: tuple[str, str]) -> None:
    """A void ends a payment; a refund lowers it."""
    shutil.copy(SHOPIFY / "orders.json", tmp_path)
    paid = {"id": 1, "order_id": 881001, "kind": "sale", "status": "success", "amount": "29.90"}
    back = {**paid, "id": 2, "kind": kind, "parent_id": 1, "amount": "10.00"}
    content = json.dumps({"transactions": [paid, back]})
    (tmp_path / "transactions.json").write_text(content, "utf-8")
    payment = by_name(shopify.read_orders(tmp_path))["#1001"].payments[0]
    assert (str(payment.amount), payment.status.value) == left


def test_a_transaction_that_cannot_be_read_is_not_guessed(sample: dict[str, Order]) -> None:
    """If an order's only transaction is malformed, it has no payment, whatever its status says."""
    assert sample["#1007"].payments == ()


def test_one_order_alone(tmp_path: Path) -> None:
    """The body of a single order is read as a batch of one."""
    orders = json.loads((SHOPIFY / "orders.json").read_text("utf-8"))["orders"]
    path = tmp_path / "one.json"
    path.write_text(json.dumps({"order": orders[0]}), "utf-8")
    assert [order.id for order in shopify.read_orders(path).orders] == ["881001"]


ORDER_FAULTS: list[tuple[str, Any, str]] = [
    ("id", None, "orders[0].id: is missing"),
    ("id", 17850.0, "orders[0].id: 17850.0 is an id that went through a float"),
    ("created_at", None, "orders[0].created_at: is missing"),
    ("created_at", "yesterday", 'orders[0].created_at: "yesterday" is not a time (ISO 8601)'),
    (
        "presentment_currency",
        "EURO",
        "orders[0]: Order.currency: 'EURO' is not a code of 3 letters",
    ),
    ("line_items", None, "orders[0].line_items: is missing"),
    ("line_items", {}, "orders[0].line_items: {} is not a list"),
    ("line_items", [7], "orders[0].line_items[0]: 7 is not an object"),
    ("line_items.0.sku", "", "orders[0].line_items[0].sku: is empty"),
    ("line_items.0.sku", None, "orders[0].line_items[0].sku: is missing"),
    ("line_items.0.sku", "NULL", 'orders[0].line_items[0].sku: "NULL" is what an export wrote'),
    ("line_items.0.price", None, "orders[0].line_items[0].price: is missing"),
    ("line_items.0.price", "NaN", 'orders[0].line_items[0].price: "NaN" is not an amount'),
    ("line_items.0.price", "1e99", 'orders[0].line_items[0].price: "1e99" is not an amount'),
    ("line_items.0.quantity", 10**30, "orders[0].line_items[0].quantity: 1000000000000000000"),
    ("customer.first_name", "\x1b[2J", "orders[0].customer.first_name: '\\x1b[2J' has characters"),
    ("name", "\ud800", "orders[0].name: '\\ud800' has characters that are no text"),
    (
        "line_items.0.quantity",
        "two",
        'orders[0].line_items[0].quantity: "two" is not a whole number',
    ),
    ("line_items.0.quantity", True, "orders[0].line_items[0].quantity: true is not a whole number"),
    ("line_items.0.quantity", None, "orders[0].line_items[0].quantity: is missing"),
    ("shipping_address.zip", 1067, "orders[0].shipping_address.zip: 1067 is a number, not text"),
    ("shipping_address", "Dresden", 'orders[0].shipping_address: "Dresden" is not an object'),
    ("email", "NULL", 'orders[0].email: "NULL" is what an export wrote'),
    ("note_attributes", [{"name": "ship", "value": "soon"}], "orders[0].note_attributes.ship"),
    (
        "note_attributes",
        [{"name": "timezone", "value": "Nowhere/Else"}],
        'orders[0].note_attributes.timezone: "Nowhere/Else" is no time zone',
    ),
    (
        "note_attributes",
        [{"name": "timezone", "value": "../../etc/passwd"}],
        "orders[0].note_attributes.timezone",
    ),
    (
        "note_attributes",
        [{"name": "deliver_by", "value": "x"}],
        "orders[0].note_attributes.deliver",
    ),
]


@pytest.mark.parametrize(("path", "value", "expected"), ORDER_FAULTS)
def test_faults_of_orders(tmp_path: Path, path: str, value: object, expected: str) -> None:
    """A malformed field is named by file, position and field; the next order is read."""
    orders = json.loads((SHOPIFY / "orders.json").read_text("utf-8"))["orders"][:2]
    put(orders[0], path, value)
    (tmp_path / "orders.json").write_text(json.dumps({"orders": orders}), "utf-8")
    read = shopify.read_orders(tmp_path)
    assert [
        str(fault) for fault in read.faults if str(fault).startswith(f"orders.json: {expected}")
    ]
    assert [order.id for order in read.orders] == ["881002"]


def test_all_faults_of_a_record_at_once(tmp_path: Path) -> None:
    """A record with several faults names all of them in one run."""
    orders = json.loads((SHOPIFY / "orders.json").read_text("utf-8"))["orders"][:1]
    put(orders[0], "created_at", "soon")
    put(orders[0], "line_items.0.quantity", 0)
    put(orders[0], "shipping_address.city", "NULL")
    (tmp_path / "orders.json").write_text(json.dumps({"orders": orders}), "utf-8")
    fields = [fault.position for fault in shopify.read_orders(tmp_path).faults]
    assert sorted(fields) == [
        "orders[0].created_at",
        "orders[0].line_items[0].quantity",
        "orders[0].shipping_address.city",
    ]


STOCK_FAULTS = [
    ("inventory_levels", "0.available", 1.5, "inventory_levels[0].available: 1.5 is not a whole"),
    ("inventory_levels", "0.location_id", 5, "inventory_levels[0].location_id: 5 is not in loc"),
    ("inventory_levels", "1.location_id", 70001, "inventory_levels[1]: item 610000 was counted"),
    ("products", "0.variants.0.sku", "MUG-RED", 'products[1].variants[0].sku: "MUG-RED" is anoth'),
    ("products", "0.variants.0.inventory_policy", "maybe", "products[0].variants[0].inventory_pol"),
    ("locations", "0.active", "TRUE", 'locations[0].active: "TRUE" is not true or false'),
]


@pytest.mark.parametrize(("name", "path", "value", "expected"), STOCK_FAULTS)
def test_faults_of_stock(
    tmp_path: Path, name: str, path: str, value: object, expected: str
) -> None:
    """A malformed stock record is named, too, and the rest of the stock is read."""
    shutil.copytree(SHOPIFY, tmp_path, dirs_exist_ok=True)
    file = tmp_path / f"{name}.json"
    content = json.loads(file.read_text("utf-8"))
    put(content[name], path, value)
    file.write_text(json.dumps(content), "utf-8")
    read = shopify.read_stock(tmp_path)
    assert any(str(fault).startswith(f"{name}.json: {expected}") for fault in read.faults)
    assert read.inventory().available("STRAINER", "70002") == 10


def put(content: Any, path: str, value: object) -> None:
    """Put *value* at a dotted *path*."""
    *way, last = path.split(".")
    for step in way:
        content = content[int(step) if step.isdigit() else step]
    content[int(last) if last.isdigit() else last] = value


def leaves(content: Any, path: str = "") -> list[str]:
    """The dotted paths of everything inside *content*."""
    pairs = content.items() if isinstance(content, dict) else enumerate(content)
    found = []
    for key, value in pairs:
        found.append(f"{path}{key}")
        if isinstance(value, (dict, list)):
            found += leaves(value, f"{path}{key}.")
    return found


WEIRD = st.sampled_from(
    [
        *(None, "", " ", "NULL", "FALSE", 0, -1, 1.5, 1e300, 10**30, True, [], {}, [[]], "1e400"),
        *("-0.01", "NaN", "Infinity", "12", "٣", "x" * 5000, "a\nb", "\x00", "\ud800", "\x1b[31m"),
        *("[red]", "{order}", "2026-02-30", "2026-03-01T00:00:00", "9999-12-31T23:59:59-23:59"),
        *("0001-01-01T00:00:00+14:00", "2026-03-01T00:00:00+01:00"),
    ]
)


@pytest.fixture(scope="module")
def counted() -> StockList:
    """The sample's stock."""
    return shopify.read_stock(SHOPIFY)


@pytest.fixture(scope="module")
def bodies() -> list[Any]:
    """The sample's orders, as they arrive."""
    bodies: list[Any] = json.loads((SHOPIFY / "orders.json").read_text("utf-8"))["orders"][:62]
    return bodies


@FEWER
@given(data=st.data())
def test_no_order_file_crashes_the_shop(
    bodies: list[Any], counted: StockList, data: st.DataObject
) -> None:
    """Whatever stands in whatever field: each record is decided, skipped or set aside by name,
    nothing is dropped, and what was read can be processed and its messages written.
    """
    orders = copy.deepcopy(data.draw(st.lists(st.sampled_from(bodies), min_size=1, max_size=3)))
    for order in orders:
        for path in data.draw(st.lists(st.sampled_from(leaves(order)), max_size=2)):
            try:
                put(order, path, data.draw(WEIRD))
            except (KeyError, IndexError, TypeError):
                continue  # an earlier change took the place away
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "orders.json")
        path.write_text(json.dumps({"orders": orders}), "utf-8")
        read = shopify.read_orders(path)
        faulty = {fault.position.split(".")[0] for fault in read.faults}
        assert len(read.orders) + len(read.skipped) + len(faulty) == read.records == len(orders)
        now = datetime(2026, 3, 2, tzinfo=UTC)
        quiet = Console(file=io.StringIO())
        with database.database(Path(folder, "shop.db")) as engine:
            decided = runs.decide(engine, "shopify", read, counted, now)
            result = decided.result
            with engine.connect() as connection:
                news = sending.unsent_mails(connection)
            delivered, errors = sending.deliver(engine, Path(folder, "mail"), now)
            with engine.connect() as connection:
                waiting = len(sending.unsent_mails(connection))
        for table in (report.decisions_table, report.outcomes_table):
            quiet.print(table(result))
        report.summary(quiet, read, result, "")
        report.remarks(quiet, read, result, everything=True)
    assert sum([len(mail.messages) for mail in news]) == len(result.notifications)
    assert delivered + waiting == decided.new_mails == len(news)
    assert len(errors) <= waiting
    codes = {finding.code for decision in result.decisions for finding in decision.findings}
    assert "verifier.failed" not in codes


@FEWER
@given(data=st.data())
def test_no_stock_file_crashes_the_shop(data: st.DataObject) -> None:
    """Whatever stands in whatever field of the stock: it is taken or named, and can be stored."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copytree(SHOPIFY, folder, dirs_exist_ok=True)
        kind = data.draw(st.sampled_from(["products", "inventory_levels", "locations"]))
        content = json.loads((folder / f"{kind}.json").read_text("utf-8"))
        paths = leaves(content[kind])
        put(content[kind], data.draw(st.sampled_from(paths)), data.draw(WEIRD | st.just(70001)))
        (folder / f"{kind}.json").write_text(json.dumps(content), "utf-8")
        counted = shopify.read_stock(folder)
        now = datetime(2026, 3, 2, tzinfo=UTC)
        with (
            database.database(folder / "shop.db") as engine,
            database.transaction(engine) as connection,
        ):
            jobs = stock.update_from_files(connection, OrderList(), counted, now)
            work(connection, jobs, now)
            assert database.whole_stock(connection) == counted.inventory()


# -- Northwind ---------------------------------------------------------------------------------


def test_northwind_reads_open_orders() -> None:
    """Open orders are those without a ShippedDate; the required day ends at its last instant; the
    discounts of the lines, each rounded to the cent, are taken off.
    """
    read = northwind.read_orders(NORTHWIND)
    orders = by_name(read)
    assert sorted(orders) == ["502", "503", "504"]
    assert orders["502"].deliver_by == datetime(1998, 5, 18, 23, 59, 59, 999999, tzinfo=UTC)
    assert orders["504"].deliver_by is None
    assert orders["504"].total == Decimal("20.25") + 6 * Decimal("4.5") - Decimal("6.75") + 42
    assert [one.order_id for one in read.skipped] == ["501"]


def test_northwind_stock() -> None:
    """A discontinued product may not be backordered, any other may."""
    inventory = northwind.read_stock(NORTHWIND).inventory()
    assert [inventory.item(sku).backorderable for sku in ("1", "2", "3")] == [True, False, True]
    assert inventory.available("1") == 12
    assert not inventory.is_known("4")


def test_northwind_faults_are_named(desk: Desk) -> None:
    """A malformed row is reported by file, line and field, and stops no other."""
    assert desk("run", "--source", "northwind", "--all") == 0
    assert (
        """\
  orders.csv: line 6, OrderDate: "13/45/1998" is not a date (month/day/year)
  orders.csv: line 7, CustomerID: "GHOST" is not a customer that could be read
  orders.csv: line 7, ShipCountry: "Atlantis" is not a country that this reader knows
  orders.csv: line 8, ShippedDate: "NULL" is what an export wrote for an absent value; leave it out
  order_details.csv: line 11, Quantity: "1.5" is not a whole number
  order_details.csv: line 12, Quantity: 0 is below 1
  order_details.csv: line 12, Discount: 1.2 is more than the whole price
"""
        in desk.out
    )
    assert "orders.csv: line 10: Order.lines[1]" in desk.out
    assert 'order_details.csv: line 15, OrderID: "999" is not in orders.csv' in desk.out
    assert 'products.csv: line 5, UnitsInStock: "NULL"' in desk.out


def test_northwind_orders_compete(desk: Desk) -> None:
    """503 is due first and gets its 8 of 12; 502 gets the other 4 and waits for 6. Of the 8 rusks
    502 gets 6 and 504, without a deadline, the last 2: the product is discontinued.
    """
    desk("run", "--source", "northwind")
    rows = desk.rows("select id, outcome, rank from orders order by rank")
    assert rows == [
        ("503", "allocated", 0),
        ("502", "partially_allocated", 1),
        ("504", "partially_allocated", 2),
    ]
    held = desk.rows("select order_id, sku, quantity from reservations order by order_id, sku")
    assert held == [("502", "1", 4), ("502", "2", 6), ("503", "1", 8), ("504", "2", 2)]


@FEWER
@given(data=st.data())
def test_no_csv_cell_crashes_the_reader(data: st.DataObject) -> None:
    """Whatever stands in whatever cell: open orders are read or named, none is dropped."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copytree(NORTHWIND, folder, dirs_exist_ok=True)
        file = folder / data.draw(st.sampled_from(["orders.csv", "order_details.csv"]))
        rows = list(csv.reader(file.read_text("utf-8").splitlines()))
        row = data.draw(st.sampled_from(rows[1:]))
        cell = data.draw(st.integers(0, len(row) - 1))
        weird = ["", "NULL", "1.5", "-1", "0", "1/1/0001", "2/29/1999", "1e9", "x,y", "a\nb", "٣"]
        row[cell] = data.draw(st.sampled_from(weird))
        with file.open("w", encoding="utf-8", newline="") as out:
            csv.writer(out).writerows(rows)
        read = northwind.read_orders(folder)
    known = {order.id for order in read.orders} | {one.order_id for one in read.skipped}
    named = len(read.orders) + len(read.skipped) + len(read.set_aside)
    unnamed = sum(fault.position.endswith("OrderID") for fault in read.faults)
    assert known
    assert named <= read.records <= named + unnamed


# -- Files that cannot be read at all -----------------------------------------------------------

BROKEN = {
    "orders.json": [
        (None, "there is no such file"),
        ("", "is empty"),
        (" \n", "is empty"),
        ('{"orders": [', "is not JSON: Expecting value (line 1, column 13)"),
        ("[1, 2]", "holds [1, 2], not a JSON object"),
        ('{"orders": [NaN]}', "is not JSON: NaN is not JSON"),
        ('{"products": []}', 'holds neither a list "orders" nor an object "order"'),
        ("[" * 100_000, "is not JSON"),
        ("\udcff", "is not UTF-8 text (byte 0)"),
    ],
    "products.json": [(None, "there is no such file"), ("{}", 'holds neither a list "products"')],
    "transactions.json": [("{}", 'holds neither a list "transactions"')],
    "orders.csv": [
        (None, "there is no such file"),
        ("OrderID,CustomerID\n1,A\n", "lacks the column OrderDate, RequiredDate, ShippedDate"),
        ('OrderID\n"unclosed', "lacks the column"),
    ],
    "order_details.csv": [("OrderID\n", "lacks the column ProductID")],
    "products.csv": [('ProductID,ProductName,UnitsInStock,Discontinued\n1,"a', "is not CSV: ")],
}


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [(name, *case) for name, cases in BROKEN.items() for case in cases],
)
def test_broken_files_are_one_line(
    desk: Desk, name: str, content: str | None, problem: str
) -> None:
    """A file that cannot be read at all is one clear line and exit code 2; nothing is stored."""
    source = "shopify" if name.endswith("json") else "northwind"
    folder = desk.folder / "files"
    shutil.copytree(SHOP / "sample" / source, folder)
    file = folder / name
    file.unlink()
    if content is not None:
        file.write_text(content, "utf-8", errors="surrogateescape")
    assert desk("run", "--source", source, "--orders", folder) == 2
    assert desk.err.startswith(f"shop: {file}: {problem}")
    assert desk.err.count("\n") == 1
    assert not desk.db.exists()


def test_a_folder_that_is_not_there(desk: Desk) -> None:
    """A missing folder is one clear line and exit code 2."""
    assert desk("run", "--orders", desk.folder / "nowhere") == 2
    assert desk.err.count("\n") == 1
    assert "nowhere" in desk.err


def test_a_database_that_is_none(desk: Desk) -> None:
    """A file that is not a database is one clear line and exit code 2."""
    desk.db.write_text("this is not a database, it is a letter" * 100)
    assert desk("run") == 2
    assert desk.err == f"shop: {desk.db}: file is not a database\n"


def test_a_database_that_cannot_be_made(desk: Desk) -> None:
    """A folder that cannot be made is one clear line and exit code 2."""
    (desk.folder / "file").write_text("")
    desk.db = desk.folder / "file" / "shop.db"
    assert desk("run") == 2
    assert desk.err.count("\n") == 1


@pytest.mark.parametrize("written", ["2026-03-02T09:00:00", "today"])
def test_now_needs_an_offset(desk: Desk, written: str) -> None:
    """A naive or unreadable ``--now`` is refused by name, with exit code 2."""
    with pytest.raises(SystemExit) as stopped:
        desk("run", "--now", written)
    assert stopped.value.code == 2
    assert f"--now: '{written}'" in desk.capsys.readouterr().err


# -- Records -----------------------------------------------------------------------------------


def test_null_is_refused_and_null_is_a_surname() -> None:
    """The text "NULL" is an export's absent value and is refused; Mrs Null is a customer."""
    record = Record({"a": "NULL", "b": "Null"}, "f.json", "x")
    assert record.text("b") == "Null"
    record.text("a")
    assert [fault.position for fault in record.faults] == ["x.a"]


def test_decisions_of_the_sample_in_full(desk: Desk) -> None:
    """Every outcome of a first run happens in the sample."""
    desk.first_run()
    outcomes = {outcome for (outcome,) in desk.rows("select distinct outcome from orders")}
    assert outcomes == set(Outcome) - {Outcome.COMPLETED, Outcome.CANCELLED}
