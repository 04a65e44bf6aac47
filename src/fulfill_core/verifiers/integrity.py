"""Does the order make sense in itself, and within its batch?"""

from __future__ import annotations

from collections.abc import Iterable

from fulfill_core._facts import Context
from fulfill_core._fields import money_text
from fulfill_core._finding import CONFLICTING_DUPLICATE, Finding, hold, note, reject
from fulfill_core._order import Order, OrderLine


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
    """The total is not below zero.

    Codes: ``order.negative_total`` (REJECT).

    >>> from datetime import datetime, timezone
    >>> from decimal import Decimal
    >>> from fulfill_core import Customer
    >>> now = datetime(2026, 3, 2, tzinfo=timezone.utc)
    >>> order = Order(id="A-1", placed_at=now, customer=Customer(id="C-7"), lines=[],
    ...               currency="EUR", discount=Decimal(5))
    >>> [finding.detail for finding in totals_sane(order, context=Context(now=now))]
    ['The total is -5 EUR: the discount of 5 EUR is more than all the rest.']
    """
    if order.total >= 0:
        return ()
    return (
        reject(
            "order.negative_total",
            field="discount",
            detail=f"The total is {money_text(order.total)} {order.currency}: the discount of"
            f" {money_text(order.discount)} {order.currency} is more than all the rest.",
        ),
    )


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
