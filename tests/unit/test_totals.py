"""Totals that the customer saw, discounts and tax of a line, and what they make of what is due."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from builders import CONTEXT, line, mugs, order, refusal, run

from fulfill_core import Finding, Order, OrderRecord, Outcome, Payment
from fulfill_core.verifiers import totals_sane


def priced(price: str, quantity: int = 1, line_id: str = "1", **amounts: str) -> Any:
    """A line with a price and other amounts."""
    content = {name: Decimal(amount) for name, amount in amounts.items()}
    return line(line_id, "mug", quantity, unit_price=Decimal(price), **content)


def ordered(*lines: Any, **amounts: Any) -> Order:
    """An order of these lines, with charges written as text."""
    money = {
        name: Decimal(amounts.pop(name))
        for name in ("shipping", "tax", "discount", "agreed_total")
        if name in amounts
    }
    return order(lines=lines, **money, **amounts)


def findings(subject: Order) -> list[Finding]:
    """What is wrong with the totals."""
    return list(totals_sane(subject, context=CONTEXT))


# -- What counts -----------------------------------------------------------------------------------


def test_a_line_costs_its_price_less_its_discount_and_its_tax() -> None:
    """3 x 10.00 - 3.00 + 5.13; the order adds up its lines and its charges."""
    subject = ordered(
        priced("10", 3, discount="3", tax="5.13"),
        priced("2", 1, "2"),
        shipping="4.90",
        tax="0.93",
        discount="1",
    )
    assert [each.total for each in subject.lines] == [Decimal("32.13"), Decimal(2)]
    assert subject.total == subject.calculated_total == Decimal("38.96")


def test_what_the_customer_saw_counts() -> None:
    """The agreed total of a line is its total, and that of an order is the order's."""
    subject = ordered(priced("3.333", 3, agreed_total="9.99"), shipping="1", agreed_total="10.99")
    assert (subject.lines[0].total, subject.lines[0].calculated_total) == (
        Decimal("9.99"),
        Decimal("9.999"),
    )
    assert (subject.total, subject.calculated_total) == (Decimal("10.99"), Decimal("10.99"))
    assert ordered(priced("5"), agreed_total="4").total == 4


@pytest.mark.parametrize("name", ["discount", "tax", "agreed_total"])
def test_amounts_of_a_line_are_money(name: str) -> None:
    """A float, or less than nothing, is refused."""
    assert refusal(line, **{name: Decimal(-1)}) == (
        f"OrderLine.{name}: Decimal('-1') is not an amount; pass a finite Decimal of zero or more"
    )
    assert "is not a Decimal" in refusal(line, **{name: 9.9})
    assert "is not a Decimal" in refusal(order, "A-1", 1, agreed_total=9.9)


# -- Differences -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("agreed", "code", "measure", "side"),
    [
        ("14.90", None, None, None),
        ("14.901", None, None, None),
        ("14.92", "order.total_rounded", "0.02", "more than the sum"),
        ("14.88", "order.total_rounded", "0.02", "less than the sum"),
        ("14.93", "order.total_differs", "0.03", "more than the sum"),
        ("1490", "order.total_differs", "1475.10", "more than the sum"),
        ("0", "order.total_differs", "14.90", "less than the sum"),
    ],
)
def test_a_total_that_is_not_the_sum_is_told_with_both(
    agreed: str, code: str | None, measure: str | None, side: str | None
) -> None:
    """What rounding explains, half a cent for a unit or a charge, is a note; more is a hold."""
    found = findings(ordered(priced("10"), shipping="4.90", agreed_total=agreed))
    assert [each.code for each in found] == ([code] if code else [])
    for each in found:
        assert (each.measure, each.evidence) == (Decimal(measure or 0), side)
        assert f"{Decimal(agreed).normalize():f}"[:4] in each.detail
        assert "14.90 EUR" in each.detail


@pytest.mark.parametrize(
    ("currency", "price", "quantity", "agreed", "codes"),
    [
        ("EUR", "3.333", 3, "9.99", ["line.total_rounded"]),
        ("EUR", "3.333", 3, "10.01", ["line.total_rounded"]),
        ("EUR", "3.333", 3, "10.02", ["line.total_differs"]),
        ("EUR", "1", 1000, "995.00", ["line.total_rounded"]),
        ("EUR", "1", 1000, "994.99", ["line.total_differs"]),
        ("JPY", "100", 1, "101", ["line.total_rounded"]),
        ("JPY", "100", 1, "102", ["line.total_differs"]),
        ("KWD", "1.234", 1, "1.236", ["line.total_differs"]),
        ("BTC", "0.1", 1, "0.10000001", ["line.total_differs"]),
        ("BTC", "0.1", 1, "0.10", []),
    ],
)
def test_a_line_total_is_compared_too(
    currency: str, price: str, quantity: int, agreed: str, codes: list[str]
) -> None:
    """Per unit half a smallest unit, and one for the line; in a currency of which nobody knows the
    digits to the last digit.
    """
    found = findings(ordered(priced(price, quantity, agreed_total=agreed), currency=currency))
    assert [each.code for each in found] == codes
    assert all(each.line_id == "1" and each.field == "lines[1].agreed_total" for each in found)


def test_a_line_whose_total_differs_waits_alone() -> None:
    """The others go on; by default, without a setting."""
    subject = ordered(priced("5", agreed_total="4"), priced("5", 1, "2"))
    paid = [Payment(id="p1", amount=Decimal(9))]
    decision = run(ordered(*subject.lines, payments=paid), stock=mugs(berlin=5))["A-1"]
    assert [each.code for each in decision.findings] == ["line.total_differs"]
    assert decision.outcome is Outcome.PARTIALLY_ALLOCATED


def test_a_discount_larger_than_its_line_holds_the_line() -> None:
    """Below zero nothing is sold; the order as a whole may still be above it."""
    found = findings(ordered(priced("5", discount="6"), priced("5", 1, "2")))
    assert [(each.code, each.measure, each.line_id) for each in found] == [
        ("line.negative_total", Decimal(1), "1")
    ]
    whole = findings(ordered(priced("5", discount="6")))
    assert [each.code for each in whole] == ["order.negative_total", "line.negative_total"]


def test_an_agreed_total_is_what_has_to_be_paid() -> None:
    """A cent of rounding holds nobody: what the customer saw is what they paid."""
    subject = ordered(
        priced("3.335", 2), agreed_total="6.68", payments=[Payment(id="p", amount=Decimal("6.68"))]
    )
    decision = run(subject, stock=mugs(berlin=5))["A-1"]
    assert [each.code for each in decision.findings] == ["order.total_rounded"]
    assert decision.outcome is Outcome.ALLOCATED


# -- Parts -----------------------------------------------------------------------------------------


def test_a_part_takes_its_discount_and_tax_along() -> None:
    """3 x 100.00 at 10 percent off, 2 come back: 180.00, not 200.00; so with tax."""
    subject = ordered(priced("100", 3, discount="30"))
    returned = OrderRecord(order=subject).with_progress("1", shipped=3, returned=2)
    assert returned.due == Decimal(90)
    taxed = ordered(priced("10", 2, tax="4.20"), shipping="5")
    assert OrderRecord(order=taxed).with_progress("1", cancelled=1).due == Decimal("17.10")


def test_what_was_agreed_beside_the_sum_is_shared_as_a_discount() -> None:
    """Both units of a line that was agreed at 1.00 less cost half a euro less."""
    subject = ordered(priced("5", 2), shipping="2", agreed_total="11")
    assert OrderRecord(order=subject).with_progress("1", cancelled=1).due == Decimal("6.50")
    dearer = ordered(priced("5", 2), shipping="2", agreed_total="13")
    assert OrderRecord(order=dearer).with_progress("1", cancelled=1).due == Decimal("7.50")


def test_parts_add_up_to_the_whole() -> None:
    """Three returns of a line over 10.00: the running total is rounded, not each part."""
    subject = ordered(priced("3.50", 3, discount="0.50"))
    record = OrderRecord(order=subject).with_progress("1", shipped=3)
    dues = [record.with_progress("1", returned=units).due for units in range(4)]
    assert dues == [Decimal(10), Decimal("6.67"), Decimal("3.33"), Decimal(0)]


@pytest.mark.parametrize(
    ("progress", "due"),
    [
        ({"cancelled": 2}, "0"),
        ({"shipped": 2, "returned": 2}, "0"),
        ({"shipped": 2, "cancelled": 2}, "26.05"),
        ({"shipped": 1, "cancelled": 2}, "16.05"),
        ({"shipped": 2, "returned": 1, "reopened": 1}, "26.05"),
        ({"shipped": 2, "lost": 1, "returned": 1, "reopened": 1}, "16.05"),
    ],
)
def test_what_is_due_after_all(progress: dict[str, int], due: str) -> None:
    """Nothing where nothing is kept, shipping neither; what has left although it was cancelled is
    due, and what came back and goes again as well.
    """
    subject = ordered(priced("10", 2), shipping="6.05")
    assert OrderRecord(order=subject).with_progress("1", **progress).due == Decimal(due)
