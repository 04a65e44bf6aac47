"""Does the order make sense in itself, and within its batch?"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from fulfill_core._checks import EXACT, money_text
from fulfill_core.decisions.finding import (
    CONFLICTING_DUPLICATE,
    Finding,
    hold,
    note,
    reject,
)
from fulfill_core.orders.money import at_precision, smallest_unit
from fulfill_core.orders.order import Order, OrderLine
from fulfill_core.records.facts import Context

_CHARGES = 3  # shipping, tax, discount: each may have been rounded


def has_lines(order: Order, /, *, context: Context) -> Iterable[Finding]:
    """The order asks for something.

    Codes: ``order.no_lines`` (HOLD).

    >>> from datetime import datetime, timezone
    >>> from fulfill_core import Customer
    >>> now = datetime(2026, 3, 2, tzinfo=timezone.utc)
    >>> order = Order(id="A-1", placed_at=now, customer=Customer(id="C-7"), lines=[],
    ...               currency="EUR")
    >>> [finding.code for finding in has_lines(order, context=Context(now=now))]
    ['order.no_lines']
    """
    if order.lines:
        return ()
    return (hold("order.no_lines", field="lines", detail="The order asks for nothing."),)


def totals_sane(order: Order, /, *, context: Context) -> Iterable[Finding]:
    """The totals are not below zero, and what the customer saw is what the parts add up to.

    What the customer saw counts (`Order.agreed_total`, `OrderLine.agreed_total`), and where it is
    given it is compared with the sum. What rounding can explain is a note: half a smallest unit for
    each unit ordered and each charge, and a whole one for a line.

    Codes: ``order.negative_total`` (REJECT), ``line.negative_total`` (HOLD, one per line),
    ``order.total_differs`` and ``line.total_differs`` (HOLD), ``order.total_rounded`` and
    ``line.total_rounded`` (NOTE).

    >>> from datetime import datetime, timezone
    >>> from decimal import Decimal
    >>> from fulfill_core import Customer
    >>> now = datetime(2026, 3, 2, tzinfo=timezone.utc)
    >>> order = Order(id="A-1", placed_at=now, customer=Customer(id="C-7"), lines=[],
    ...               currency="EUR", discount=Decimal(5))
    >>> [finding.detail for finding in totals_sane(order, context=Context(now=now))]
    ['The total is -5 EUR: the discount of 5 EUR is more than all the rest.']
    """
    findings: list[Finding] = []
    if order.total < 0:
        findings.append(_negative_total(order))
    if order.agreed_total is not None:
        findings += _difference(order)
    for line in order.lines:
        if line.discount and line.total < 0:
            findings.append(_negative_line(line, order.currency))
        if line.agreed_total is not None:
            findings += _difference_of_line(line, order.currency)
    return findings or ()


def _negative_total(order: Order) -> Finding:
    return reject(
        "order.negative_total",
        field="discount",
        detail=f"The total is {money_text(order.total)} {order.currency}: the discount of"
        f" {money_text(order.discount)} {order.currency} is more than all the rest.",
        measure=-order.total,
    )


def _negative_line(line: OrderLine, currency: str) -> Finding:
    return hold(
        "line.negative_total",
        field=f"lines[{line.id}].discount",
        line_id=line.id,
        detail=f"Line {line.id} costs {money_text(line.total)} {currency}: its discount of"
        f" {money_text(line.discount)} {currency} is more than all the rest.",
        measure=-line.total,
    )


def _difference(order: Order) -> Iterable[Finding]:
    """What is to be said of an order whose total was agreed, and is not the sum of its parts."""
    agreed, sum_of_parts = order.total, order.calculated_total
    if at_precision(agreed, order.currency) == at_precision(sum_of_parts, order.currency):
        return
    difference = abs(EXACT.subtract(agreed, sum_of_parts))
    parts = sum([line.quantity for line in order.lines]) + _CHARGES
    sentence = (
        f"The customer saw a total of {money_text(agreed)} {order.currency}; lines, shipping, tax"
        f" and discount come to {money_text(sum_of_parts)} {order.currency}"
    )
    if difference <= EXACT.multiply(smallest_unit(order.currency), Decimal(parts) / 2):
        yield note(
            "order.total_rounded",
            field="agreed_total",
            detail=f"{sentence}, as rounding may do.",
            evidence=_side(agreed, sum_of_parts),
            measure=difference,
        )
        return
    yield hold(
        "order.total_differs",
        field="agreed_total",
        detail=f"{sentence}.",
        evidence=_side(agreed, sum_of_parts),
        measure=difference,
    )


def _difference_of_line(line: OrderLine, currency: str) -> Iterable[Finding]:
    """The same of a line."""
    agreed, sum_of_parts = line.total, line.calculated_total
    if at_precision(agreed, currency) == at_precision(sum_of_parts, currency):
        return
    difference = abs(EXACT.subtract(agreed, sum_of_parts))
    sentence = (
        f"The customer saw {money_text(agreed)} {currency} for line {line.id}; its price, discount"
        f" and tax come to {money_text(sum_of_parts)} {currency}"
    )
    if difference <= EXACT.multiply(smallest_unit(currency), Decimal(line.quantity + 1) / 2):
        yield note(
            "line.total_rounded",
            field=f"lines[{line.id}].agreed_total",
            line_id=line.id,
            detail=f"{sentence}, as rounding may do.",
            evidence=_side(agreed, sum_of_parts),
            measure=difference,
        )
        return
    yield hold(
        "line.total_differs",
        field=f"lines[{line.id}].agreed_total",
        line_id=line.id,
        detail=f"{sentence}.",
        evidence=_side(agreed, sum_of_parts),
        measure=difference,
    )


def _side(agreed: Decimal, sum_of_parts: Decimal) -> str:
    return "less than the sum" if agreed < sum_of_parts else "more than the sum"


def prices_sane(order: Order, /, *, context: Context) -> Iterable[Finding]:
    """Lines that cost nothing are pointed out: a gift, or a price that got lost.

    Codes: ``line.free`` (NOTE, one per line).

    >>> from datetime import datetime, timezone
    >>> from fulfill_core import Customer, OrderLine
    >>> now = datetime(2026, 3, 2, tzinfo=timezone.utc)
    >>> order = Order(id="A-1", placed_at=now, customer=Customer(id="C-7"), currency="EUR",
    ...               lines=[OrderLine(id="1", sku="sample", quantity=1)])
    >>> [finding.field for finding in prices_sane(order, context=Context(now=now))]
    ['lines[1].unit_price']
    """
    for line in order.lines:
        if not line.unit_price:
            return [_free(line) for line in order.lines if not line.unit_price]
    return ()


def _free(line: OrderLine) -> Finding:
    return note(
        "line.free",
        field=f"lines[{line.id}].unit_price",
        detail=f"Line {line.id} ({line.quantity} x {line.sku}) costs nothing.",
    )


def no_conflicting_duplicate(order: Order, /, *, context: Context) -> Iterable[Finding]:
    """No two different orders of the batch have the same id.

    `process` always asks this one, whatever its ``verifiers`` are, and no approval waives it: which
    of the two is meant is not for a library to guess.

    Codes: ``order.conflicting_duplicate`` (HOLD).

    >>> from datetime import datetime, timezone
    >>> from fulfill_core import Customer
    >>> now = datetime(2026, 3, 2, tzinfo=timezone.utc)
    >>> order = Order(id="A-1", placed_at=now, customer=Customer(id="C-7"), lines=[],
    ...               currency="EUR")
    >>> context = Context(now=now, duplicates={"A-1"})
    >>> [finding.code for finding in no_conflicting_duplicate(order, context=context)]
    ['order.conflicting_duplicate']
    """
    if order.id not in context.duplicates:
        return ()
    return (
        hold(
            CONFLICTING_DUPLICATE,
            field="id",
            detail=f"The batch holds different orders under the id {order.id!r}.",
        ),
    )
