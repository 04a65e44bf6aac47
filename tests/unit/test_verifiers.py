"""Ready-made verifiers: what they notice, how heavily, and in which words."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import attrs
import pytest
from builders import CONTEXT, HOME, NOW, line, order

from fulfill_core import (
    DEFAULT_VERIFIERS,
    Context,
    Customer,
    Finding,
    Order,
    OrderLine,
    Payment,
    PaymentStatus,
    hold,
    note,
    reject,
)
from fulfill_core.verifiers import (
    has_lines,
    no_conflicting_duplicate,
    prices_sane,
    reachable,
    ship_to_complete,
    totals_sane,
)

AUTHORIZED = PaymentStatus.AUTHORIZED


def findings(verifier: Any, subject: Order) -> list[Finding]:
    """What a verifier notices about an order."""
    return list(verifier(subject, context=CONTEXT))


def paid(*payments: Payment, total: str = "20") -> Order:
    """An order over 20 EUR with these payments."""
    return order(lines=[line(unit_price=Decimal(total))], payments=payments)


def payment(
    amount: str, status: PaymentStatus = AUTHORIZED, payment_id: str = "p1", **changes: Any
) -> Payment:
    """A payment in euros."""
    return Payment(id=payment_id, amount=Decimal(amount), status=status, **changes)


def test_a_good_order_is_passed_by_all() -> None:
    """About a good order the defaults have nothing to say, apart from prices of zero."""
    good = paid(payment("20"))
    assert [findings(verifier, good) for verifier in DEFAULT_VERIFIERS] == [[]] * 6


# -- Contact --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("email", "phone", "is_reachable"),
    [
        ("ada@example.com", "", True),
        ("", "+49 30 1234", True),
        ("", "", False),
        (" ", "\t", False),
    ],
)
def test_a_customer_can_be_reached_by_mail_or_phone(
    email: str, phone: str, is_reachable: bool
) -> None:
    """One of the two is enough; blanks are none."""
    subject = order(customer=Customer(id="C", email=email, phone=phone))
    expected = hold(
        "contact.missing",
        field="customer.email",
        detail="The customer left neither an e-mail address nor a phone number.",
    )
    assert findings(reachable, subject) == [] if is_reachable else [expected]


# -- Address --------------------------------------------------------------------------------------


def test_what_ships_needs_an_address() -> None:
    """An order with something to ship and no address is held."""
    assert findings(ship_to_complete, order("A-1", 1, ship_to=None)) == [
        hold(
            "address.missing",
            field="ship_to",
            detail="The order has something to ship and no address to ship it to.",
        )
    ]


@pytest.mark.parametrize("lines", [[], [line(ships=False)]], ids=["no lines", "a download"])
def test_what_is_not_shipped_needs_no_address(lines: list[OrderLine]) -> None:
    """Without anything to ship an address is not asked for."""
    assert findings(ship_to_complete, order(lines=lines, ship_to=None)) == []


def test_one_line_that_ships_is_enough() -> None:
    """An address is needed as soon as any line ships."""
    mixed = order(lines=[line("1", ships=False), line("2")], ship_to=None)
    assert [each.code for each in findings(ship_to_complete, mixed)] == ["address.missing"]


@pytest.mark.parametrize(
    ("field", "empty"),
    [("name", " "), ("street", []), ("street", ["", " "]), ("city", ""), ("country", "")],
)
def test_each_gap_in_an_address_is_told(field: str, empty: object) -> None:
    """An empty part of the address is named; white space is empty."""
    subject = order("A-1", 1, ship_to=attrs.evolve(HOME, **{field: empty}))
    assert findings(ship_to_complete, subject) == [
        hold(
            "address.incomplete",
            field=f"ship_to.{field}",
            detail=f"The address to ship to has no {field}.",
        )
    ]


def test_all_gaps_of_an_address_are_told() -> None:
    """All findings, not the first; a postal code is not needed everywhere."""
    empty = attrs.evolve(HOME, name="", street=[], city="", country="", postal_code="")
    assert [each.field for each in findings(ship_to_complete, order("A-1", 1, ship_to=empty))] == [
        "ship_to.name",
        "ship_to.street",
        "ship_to.city",
        "ship_to.country",
    ]


# -- Integrity ------------------------------------------------------------------------------------


def test_an_order_asks_for_something() -> None:
    """An order without lines is held."""
    assert findings(has_lines, order()) == [
        hold("order.no_lines", field="lines", detail="The order asks for nothing.")
    ]
    assert findings(has_lines, order("A-1", 1)) == []


def test_a_total_below_zero_is_rejected() -> None:
    """A discount larger than all the rest is a mistake; one that is just as large is a gift."""
    assert findings(totals_sane, order("A-1", 1, discount=Decimal("5.50"))) == [
        reject(
            "order.negative_total",
            field="discount",
            detail="The total is -5.50 EUR: the discount of 5.50 EUR is more than all the rest.",
            measure=Decimal("5.50"),
        )
    ]
    assert findings(totals_sane, paid()) == []
    assert findings(totals_sane, attrs.evolve(paid(), discount=Decimal(20))) == []


def test_free_lines_are_pointed_out() -> None:
    """Every line that costs nothing is noted, and stops nothing."""
    lines = [
        line("1", unit_price=Decimal("0.00")),
        line("2", unit_price=Decimal(1)),
        line("3", "cup", 4),
    ]
    assert findings(prices_sane, order(lines=lines)) == [
        note("line.free", field="lines[1].unit_price", detail="Line 1 (1 x mug) costs nothing."),
        note("line.free", field="lines[3].unit_price", detail="Line 3 (4 x cup) costs nothing."),
    ]


def test_a_conflicting_duplicate_is_held() -> None:
    """An id that stands for two different orders of the batch holds what goes by it."""
    context = Context(now=NOW, duplicates=["A-1"])
    assert list(no_conflicting_duplicate(order(), context=context)) == [
        hold(
            "order.conflicting_duplicate",
            field="id",
            detail="The batch holds different orders under the id 'A-1'.",
        )
    ]
    assert list(no_conflicting_duplicate(order("A-2"), context=context)) == []
