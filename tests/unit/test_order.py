"""What an order is made of: what is normalised, what is refused, what a version is."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from decimal import Decimal, localcontext
from typing import Any

import attrs
import pytest
from builders import HOME, NOW, line, order, refusal

from fulfill_core import (
    Address,
    Approval,
    Context,
    Customer,
    FrozenMap,
    Inventory,
    Item,
    Location,
    Order,
    OrderLine,
    Payment,
    Reservation,
    Stock,
    Supply,
)

NAIVE = datetime(2026, 3, 2)  # noqa: DTZ001 - naive is the point
NAIVE_TEXT = (
    "datetime.datetime(2026, 3, 2, 0, 0) is naive; pass it with a tzinfo, such as timezone.utc"
)
NO_AMOUNT = "is not an amount; pass a finite Decimal of zero or more"
AN_INT = "is an int; pass Decimal(#), or from_minor_units(#, 2) if it counts cents"
NO_DECIMAL = "is not a Decimal; pass money as Decimal('9.90'), never a float"
NO_INT = "is not an int; pass a whole number"
NO_ID = "is not an id; pass a str, such as 'A-17'"
EMPTY = "is empty; pass at least one visible character"


def _payment(**changes: Any) -> Payment:
    return Payment(**{"id": "p1", "amount": Decimal(5), **changes})


def _address(**changes: Any) -> Address:
    return Address(**{"name": "Ada", "street": ["1 Main St"], "city": "Leeds", **changes})


def _line(**changes: Any) -> OrderLine:
    return OrderLine(**{"id": "1", "sku": "mug", "quantity": 1, **changes})


def _customer(**changes: Any) -> Customer:
    return Customer(**{"id": "C-1", **changes})


def _order(**changes: Any) -> Order:
    return order(**{"lines": [line()], **changes})


def _approval(**changes: Any) -> Approval:
    content = {"order_id": "A", "fingerprint": "f", "any_later": ["a.b"], "by": "Grace", "at": NOW}
    return Approval(**{**content, **changes})


def _stock(**changes: Any) -> Stock:
    return Stock(**{"sku": "mug", "location": "berlin", "on_hand": 1, **changes})


def _supply(**changes: Any) -> Supply:
    return Supply(**{"id": "PO", "sku": "mug", "quantity": 1, "expected_at": NOW, **changes})


def _reservation(**changes: Any) -> Reservation:
    content = {"order_id": "A", "line_id": "1", "sku": "mug", "location": "x", "quantity": 1}
    return Reservation(**{**content, **changes})


# Every field of every value that enters, with one thing that it refuses.
REFUSED: list[tuple[Callable[..., object], str, object, str]] = [
    (_customer, "id", "", f"Customer.id: '' {EMPTY}"),
    (_customer, "id", 7, f"Customer.id: 7 {NO_ID}"),
    (_customer, "name", None, "Customer.name: None is not text; pass '' if there is none"),
    (_customer, "email", None, "Customer.email: None is not text; pass '' if there is none"),
    (_customer, "phone", 4930, "Customer.phone: 4930 is not text; pass a str"),
    (_customer, "tier", None, "Customer.tier: None is not text; pass '' if there is none"),
    (_address, "name", None, "Address.name: None is not text; pass '' if there is none"),
    (
        _address,
        "street",
        "1 Main St",
        "Address.street: '1 Main St' is not a collection of str; pass a list or tuple",
    ),
    (_address, "street", [None], "Address.street[0]: None is not of type str; pass one"),
    (_address, "city", None, "Address.city: None is not text; pass '' if there is none"),
    (_address, "postal_code", 1067, "Address.postal_code: 1067 is not text; pass a str"),
    (_address, "region", None, "Address.region: None is not text; pass '' if there is none"),
    (
        _address,
        "country",
        "DEU",
        "Address.country: 'DEU' is not a code of 2 letters, such as 'DE'",
    ),
    (_address, "country", None, "Address.country: None is not text; pass '' if there is none"),
    (_address, "country", " ", "Address.country: ' ' is not a code of 2 letters, such as 'DE'"),
    (_payment, "id", "", f"Payment.id: '' {EMPTY}"),
    (_payment, "amount", 9.9, f"Payment.amount: 9.9 {NO_DECIMAL}"),
    (_payment, "amount", 9, f"Payment.amount: 9 {AN_INT}".replace("#", "9")),
    (
        _payment,
        "amount",
        None,
        "Payment.amount: None is not a Decimal; pass Decimal(0) if there is none",
    ),
    (_payment, "amount", Decimal(-1), f"Payment.amount: Decimal('-1') {NO_AMOUNT}"),
    (_payment, "amount", Decimal("NaN"), f"Payment.amount: Decimal('NaN') {NO_AMOUNT}"),
    (_payment, "amount", Decimal("Inf"), f"Payment.amount: Decimal('Infinity') {NO_AMOUNT}"),
    (
        _payment,
        "status",
        "taken",
        (
            "Payment.status: 'taken' is no PaymentStatus; pass one, or its word: 'authorized',"
            " 'partially_captured', 'captured', 'pending', 'declined', 'error', 'voided',"
            " 'partially_refunded', 'refunded', 'charged_back'"
        ),
    ),
    (_payment, "method", None, "Payment.method: None is not text; pass '' if there is none"),
    (_payment, "authorized_at", NAIVE, f"Payment.authorized_at: {NAIVE_TEXT}"),
    (_payment, "expires_at", NAIVE, f"Payment.expires_at: {NAIVE_TEXT}"),
    (_payment, "avs", None, "Payment.avs: None is not text; pass '' if there is none"),
    (_payment, "cvv", None, "Payment.cvv: None is not text; pass '' if there is none"),
    (_line, "id", 1, f"OrderLine.id: 1 {NO_ID}"),
    (_line, "sku", 4711, f"OrderLine.sku: 4711 {NO_ID}"),
    (_line, "sku", " ", f"OrderLine.sku: ' ' {EMPTY}"),
    (_line, "quantity", 0, "OrderLine.quantity: 0 is below 1; pass 1 or more"),
    (_line, "quantity", -1, "OrderLine.quantity: -1 is below 1; pass 1 or more"),
    (_line, "quantity", 1.5, f"OrderLine.quantity: 1.5 {NO_INT}"),
    (_line, "quantity", True, f"OrderLine.quantity: True {NO_INT}"),
    (_line, "quantity", "2", f"OrderLine.quantity: '2' {NO_INT}"),
    (_line, "quantity", None, f"OrderLine.quantity: None {NO_INT}"),
    (_line, "unit_price", 9.9, f"OrderLine.unit_price: 9.9 {NO_DECIMAL}"),
    (_line, "unit_price", Decimal(-1), f"OrderLine.unit_price: Decimal('-1') {NO_AMOUNT}"),
    (_line, "units_each", 0, "OrderLine.units_each: 0 is below 1; pass 1 or more"),
    (_line, "units_each", 0.5, f"OrderLine.units_each: 0.5 {NO_INT}"),
    (_line, "ships", "FALSE", "OrderLine.ships: 'FALSE' is not a bool; pass True or False"),
    (_order, "order_id", "", f"Order.id: '' {EMPTY}"),
    (_order, "order_id", 17850.0, f"Order.id: 17850.0 {NO_ID}"),
    (_order, "order_id", None, f"Order.id: None {NO_ID}"),
    (_order, "placed_at", NAIVE, f"Order.placed_at: {NAIVE_TEXT}"),
    (
        _order,
        "placed_at",
        None,
        "Order.placed_at: None is not a datetime; pass an aware datetime",
    ),
    (_order, "customer", "Ada", "Order.customer: 'Ada' is not of type Customer; pass one"),
    (_order, "customer", None, "Order.customer: None is not of type Customer; pass one"),
    (
        _order,
        "lines",
        "mug",
        "Order.lines: 'mug' is not a collection of OrderLine; pass a list or tuple",
    ),
    (
        _order,
        "lines",
        None,
        "Order.lines: None is not a collection of OrderLine; pass [] if there is none",
    ),
    (_order, "lines", ["mug"], "Order.lines[0]: 'mug' is not of type OrderLine; pass one"),
    (
        _order,
        "lines",
        [line("1"), line("2"), line("1")],
        "Order.lines[2]: '1' was given before; each id comes once",
    ),
    (
        _order,
        "currency",
        "EURO",
        "Order.currency: 'EURO' is not a code of 3 letters, such as 'EUR'",
    ),
    (
        _order,
        "currency",
        "€€€",
        "Order.currency: '€€€' is not a code of 3 letters, such as 'EUR'",
    ),
    (_order, "currency", 12, "Order.currency: 12 is not a code of 3 letters, such as 'EUR'"),
    (_order, "currency", "", "Order.currency: '' is not a code of 3 letters, such as 'EUR'"),
    (_order, "ship_to", "Leeds", "Order.ship_to: 'Leeds' is not of type Address; pass one"),
    (_order, "bill_to", "Leeds", "Order.bill_to: 'Leeds' is not of type Address; pass one"),
    (_order, "payments", [5], "Order.payments[0]: 5 is not of type Payment; pass one"),
    (
        _order,
        "payments",
        [_payment(), _payment(amount=Decimal(6))],
        "Order.payments[1]: 'p1' was given before; each id comes once",
    ),
    (_order, "shipping", 4.9, f"Order.shipping: 4.9 {NO_DECIMAL}"),
    (_order, "tax", 0, f"Order.tax: 0 {AN_INT}".replace("#", "0")),
    (_order, "discount", Decimal(-5), f"Order.discount: Decimal('-5') {NO_AMOUNT}"),
    (_order, "deliver_by", NAIVE, f"Order.deliver_by: {NAIVE_TEXT}"),
    (
        _order,
        "deliver_by",
        NOW.date(),
        (
            "Order.deliver_by: datetime.date(2026, 3, 2) is a date; pass the instant at which that"
            " day is over where it was promised, such as calendar.end_of_day(day)"
        ),
    ),
    (_order, "ship_after", NAIVE, f"Order.ship_after: {NAIVE_TEXT}"),
    (
        _order,
        "ship",
        "all",
        "Order.ship: 'all' is no Ship; pass one, or its word: 'partial', 'lines', 'complete'",
    ),
    (_order, "channel", None, "Order.channel: None is not text; pass '' if there is none"),
    (_order, "locale", "", f"Order.locale: '' {EMPTY}"),
    (_order, "locale", None, "Order.locale: None is not a locale; pass a str, such as 'de-AT'"),
    (
        _order,
        "tags",
        "gift",
        "Order.tags: 'gift' is not a collection of words; pass a set or a list of str",
    ),
    (_order, "tags", [7], "Order.tags: 7 is not text; pass a str"),
    (
        _order,
        "tags",
        [["gift"]],
        "Order.tags: [['gift']] is not a collection of words; pass a set or a list of str",
    ),
    (
        _order,
        "attributes",
        None,
        "Order.attributes: None is not a mapping; pass {} if there is none",
    ),
    (
        _order,
        "attributes",
        {"wrap": True},
        "Order.attributes['wrap']: True is not text; pass a str",
    ),
    (_approval, "order_id", "", f"Approval.order_id: '' {EMPTY}"),
    (_approval, "fingerprint", "", f"Approval.fingerprint: '' {EMPTY}"),
    (
        _approval,
        "any_later",
        "payment.insufficient",
        (
            "Approval.any_later: 'payment.insufficient' is not a collection of words; pass a set or"
            " a list of str"
        ),
    ),
    (_approval, "by", "", f"Approval.by: '' {EMPTY}"),
    (_approval, "at", NAIVE, f"Approval.at: {NAIVE_TEXT}"),
    (Context, "now", NAIVE, f"now: {NAIVE_TEXT}"),
    (Context, "facts", None, "facts: None is not of type Facts; pass one"),
    (
        Context,
        "duplicates",
        "A-1",
        "duplicates: 'A-1' is not a collection of words; pass a set or a list of str",
    ),
    (Item, "sku", "", f"Item.sku: '' {EMPTY}"),
    (Item, "tracked", 0, "Item.tracked: 0 is not a bool; pass True or False"),
    (Item, "backorderable", None, "Item.backorderable: None is not a bool; pass True or False"),
    (Location, "id", "", f"Location.id: '' {EMPTY}"),
    (Location, "rank", 1.0, f"Location.rank: 1.0 {NO_INT}"),
    (Location, "name", None, "Location.name: None is not text; pass '' if there is none"),
    (_stock, "sku", "", f"Stock.sku: '' {EMPTY}"),
    (_stock, "location", None, f"Stock.location: None {NO_ID}"),
    (_stock, "on_hand", 1.5, f"Stock.on_hand: 1.5 {NO_INT}"),
    (_stock, "safety", -1, "Stock.safety: -1 is below 0; pass 0 or more"),
    (_supply, "id", "", f"Supply.id: '' {EMPTY}"),
    (_supply, "sku", "", f"Supply.sku: '' {EMPTY}"),
    (_supply, "quantity", 0, "Supply.quantity: 0 is below 1; pass 1 or more"),
    (_supply, "expected_at", NAIVE, f"Supply.expected_at: {NAIVE_TEXT}"),
    (_supply, "location", None, "Supply.location: None is not text; pass '' if there is none"),
    (_reservation, "order_id", "", f"Reservation.order_id: '' {EMPTY}"),
    (_reservation, "line_id", "", f"Reservation.line_id: '' {EMPTY}"),
    (_reservation, "sku", "", f"Reservation.sku: '' {EMPTY}"),
    (_reservation, "location", "", f"Reservation.location: '' {EMPTY}"),
    (_reservation, "quantity", 0, "Reservation.quantity: 0 is below 1; pass 1 or more"),
    (_reservation, "made_at", NAIVE, f"Reservation.made_at: {NAIVE_TEXT}"),
    (_reservation, "expires_at", NAIVE, f"Reservation.expires_at: {NAIVE_TEXT}"),
    (_reservation, "lot", None, "Reservation.lot: None is not text; pass '' if there is none"),
    (
        Inventory,
        "stock",
        "mug",
        "Inventory.stock: 'mug' is not a collection of Stock; pass a list or tuple",
    ),
]
_NEEDED: dict[object, dict[str, object]] = {
    Context: {"now": NOW},
    Item: {"sku": "mug"},
    Location: {"id": "berlin"},
}


@pytest.mark.parametrize(
    ("make", "field", "value", "message"), REFUSED, ids=[message for *_, message in REFUSED]
)
def test_refused(make: Callable[..., object], field: str, value: object, message: str) -> None:
    """A malformed value is refused where it enters, by class and field, value and fix."""
    assert refusal(make, **{**_NEEDED.get(make, {}), field: value}) == message


def test_codes_are_kept_in_upper_case() -> None:
    """Currency and country may come in lower case."""
    made = order(currency="eur", ship_to=_address(country="de"))
    assert (made.currency, made.ship_to and made.ship_to.country) == ("EUR", "DE")


def test_a_country_need_not_be_known() -> None:
    """An empty country is unknown, not malformed."""
    assert _address(country="").country == ""


def test_a_postal_code_keeps_its_zero() -> None:
    """A postal code is text."""
    assert _address(postal_code="01067").postal_code == "01067"


@pytest.mark.parametrize("sequence", list(itertools.permutations("123")))
def test_lines_are_kept_by_id(sequence: tuple[str, ...]) -> None:
    """The sequence in which a host lists the lines makes no other order."""
    made = order(lines=[line(line_id) for line_id in sequence])
    assert made == order(lines=[line("1"), line("2"), line("3")])


def test_payments_are_kept_by_id() -> None:
    """The sequence in which a host lists the payments makes no other order."""
    made = order(payments=[_payment(id="p2"), _payment(id="p1")])
    assert [payment.id for payment in made.payments] == ["p1", "p2"]


def test_any_collection_of_lines_will_do() -> None:
    """A generator is read once and kept as a tuple."""
    assert order(lines=(line(each) for each in "12")).lines == (line("1"), line("2"))


def test_units_of_a_line() -> None:
    """Two boxes of 12 ask for 24 units of the stock."""
    assert line(quantity=2, units_each=12).units == 24


def test_the_total_is_what_the_customer_pays() -> None:
    """The total is lines + shipping + tax - discount; a box is charged as one, not by its units."""
    made = order(
        lines=[
            line("1", quantity=2, unit_price=Decimal("9.90"), units_each=12),
            line("2", unit_price=Decimal("0.10")),
        ],
        shipping=Decimal("4.90"),
        tax=Decimal("1.05"),
        discount=Decimal("0.85"),
    )
    assert made.total == Decimal("25.00")


def test_the_total_is_exact_whatever_the_hosts_context() -> None:
    """No digit is lost where the host calculates with three of them."""
    with localcontext(prec=3):
        made = order(lines=[line(quantity=7, unit_price=Decimal("12345.67"))])
    assert made.total == Decimal("86419.69")


def test_three_thirds_of_a_cent_are_a_cent() -> None:
    """A sum of money is not rounded on the way."""
    made = order(lines=[line(quantity=3, unit_price=Decimal("0.003333333333333"))])
    assert made.total == Decimal("0.009999999999999")


def test_an_order_without_lines_is_an_order() -> None:
    """What is merely wrong is for a verifier to say."""
    assert order(lines=[]).total == Decimal(0)


def test_an_order_is_frozen_and_a_key() -> None:
    """Equal orders are one key, and none can be changed."""
    made = order("A-1", 2, tags=["gift"], attributes={"wrap": "yes"})
    assert {made: "found"}[order("A-1", 2, tags={"gift"}, attributes=FrozenMap({"wrap": "yes"}))]
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        made.id = "A-2"


# -- Versions -------------------------------------------------------------------------------------

FULL = order(
    "A-1",
    2,
    bill_to=HOME,
    payments=[_payment(authorized_at=NOW, expires_at=NOW)],
    deliver_by=NOW,
    ship_after=NOW,
    tags=["b", "a"],
    attributes={"b": "2", "a": "1"},
)


def test_a_fingerprint_is_the_same_in_every_process() -> None:
    """The fingerprint is a fixed function of the order: approvals are kept for weeks."""
    assert FULL.fingerprint == "5b883628b43ccd836194e3beb12c538f43b08c016e1fcfa53277adba3558bd5c"


def test_a_fingerprint_of_text_from_all_over_the_world() -> None:
    """The fingerprint does not depend on which characters this Python knows how to print."""
    assert (
        order("\U0001fae8 \u202e \ud800 \x00").fingerprint
        == "06ef705e4211baa258c5b0166f308a2869d3eb6435b7c62b2d9cc78bda618758"
    )


@pytest.mark.parametrize(
    "equal",
    [
        order("A-1", 2, shipping=Decimal("0.00")),
        order("A-1", 2, shipping=Decimal("-0")),
        order("A-1", 2, placed_at=NOW.astimezone(timezone(timedelta(hours=9)))),
        order("A-1", 2, currency="eur"),
    ],
)
def test_equal_orders_are_one_version(equal: Order) -> None:
    """However an order is written down, equal orders have one fingerprint."""
    assert (equal, equal.fingerprint) == (order("A-1", 2), order("A-1", 2).fingerprint)


# -- Hostile text --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "🫖" * 100,
        "\u202e\u05e9\u05dc\u05d5\u05dd\u202c",
        "x" * 10_000,
        "\x00\x1b[31m",
        "'; DROP TABLE orders; --",
        "\ud800",
    ],
    ids=["emoji", "right-to-left", "long", "control", "quoted", "surrogate"],
)
def test_text_is_taken_as_it_is(text: str) -> None:
    """Whatever a customer typed is kept to the character, as an id too."""
    made = order(
        text,
        lines=[line(text, text)],
        customer=Customer(id=text, name=text, email=text, phone=text, tier=text),
        ship_to=Address(name=text, street=[text], city=text, postal_code=text, region=text),
        channel=text,
        locale=text,
        tags=[text],
        attributes={text: text},
    )
    assert (made.id, made.lines[0].sku, made.attributes[text], len(made.fingerprint)) == (
        text,
        text,
        text,
        64,
    )


def test_a_sku_in_two_cases_is_two_skus() -> None:
    """Nothing is guessed: "mug" and "Mug" are told apart."""
    assert line(sku="mug") != line(sku="Mug")
