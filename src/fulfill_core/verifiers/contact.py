"""Can the customer be reached?"""

from __future__ import annotations

from collections.abc import Iterable

from fulfill_core._facts import Context
from fulfill_core._finding import Finding, hold
from fulfill_core._order import Order


def reachable(order: Order, /, *, context: Context) -> Iterable[Finding]:
    """There is an e-mail address or a phone number.

    Codes: ``contact.missing`` (HOLD).

    >>> from datetime import datetime, timezone
    >>> from fulfill_core import Customer
    >>> now = datetime(2026, 3, 2, tzinfo=timezone.utc)
    >>> order = Order(id="A-1", placed_at=now, customer=Customer(id="C-7"), lines=[],
    ...               currency="EUR")
    >>> [finding.code for finding in reachable(order, context=Context(now=now))]
    ['contact.missing']
    """
    customer = order.customer
    if customer.email.strip() or customer.phone.strip():
        return ()
    return (
        hold(
            "contact.missing",
            field="customer.email",
            detail="The customer left neither an e-mail address nor a phone number.",
        ),
    )
