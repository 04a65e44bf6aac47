"""Is the order paid for, or will it be?"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from fulfill_core._facts import Context
from fulfill_core._fields import EXACT, money_text
from fulfill_core._finding import Finding, hold, note, reject
from fulfill_core._order import Order, Payment, PaymentStatus

_NOTHING = Decimal(0)
_CAPTURED = PaymentStatus.CAPTURED
_AUTHORIZED = PaymentStatus.AUTHORIZED
_UNDECIDED = (PaymentStatus.PENDING, PaymentStatus.ERROR)


def payment_covers(order: Order, /, *, context: Context) -> Iterable[Finding]:
    """The usable payments add up to the total: captured, or authorised and not expired.

    All payments count, whatever the method, and to the last digit. A total of zero needs none.

    Codes, if the total is not covered: ``payment.expired`` (HOLD, one per authorization that ran
    out), ``payment.insufficient`` (HOLD, if it would not be covered with those either),
    ``payment.declined`` (REJECT, if a payment was declined and none is still undecided: to decline
    and to fail to ask are different things). If it is more than covered: ``payment.overpaid``
    (NOTE).

    >>> from datetime import datetime, timezone
    >>> from fulfill_core import Customer, OrderLine
    >>> now = datetime(2026, 3, 2, tzinfo=timezone.utc)
    >>> order = Order(id="A-1", placed_at=now, customer=Customer(id="C-7"), currency="EUR",
    ...     lines=[OrderLine(id="1", sku="mug", quantity=2, unit_price=Decimal("9.90"))],
    ...     payments=[Payment(id="p1", amount=Decimal("19.78"))])
    >>> for finding in payment_covers(order, context=Context(now=now)):
    ...     print(finding.code, "-", finding.detail)
    payment.insufficient - 19.78 of 19.80 EUR is paid or authorised; 0.02 EUR is missing.
    """
    now = context.now
    usable = _NOTHING
    for payment in order.payments:
        if payment.status is _CAPTURED or (
            payment.status is _AUTHORIZED
            and (payment.expires_at is None or now < payment.expires_at)
        ):
            usable = EXACT.add(usable, payment.amount) if usable else payment.amount
    total = order.total
    if usable == total:
        return ()
    if usable > total:
        return (_overpaid(order, usable),) if total >= 0 else ()
    return _not_covered(order, usable, context)


def _overpaid(order: Order, usable: Decimal) -> Finding:
    more = EXACT.subtract(usable, order.total)
    return note(
        "payment.overpaid",
        field="payments",
        detail=f"{money_text(usable)} {order.currency} is paid or authorised,"
        f" {money_text(more)} more than the total.",
    )


def _not_covered(order: Order, usable: Decimal, context: Context) -> Iterable[Finding]:
    reachable = usable
    for payment in order.payments:
        if payment.status is _AUTHORIZED and _has_expired(payment, context):
            reachable = EXACT.add(reachable, payment.amount)
            yield hold(
                "payment.expired",
                field=f"payments[{payment.id}].expires_at",
                detail=f"The authorization of {money_text(payment.amount)} {order.currency} expired"
                f" at {payment.expires_at:%Y-%m-%d %H:%M %Z}.",
            )
    if reachable < order.total:
        missing = EXACT.subtract(order.total, usable)
        yield hold(
            "payment.insufficient",
            field="payments",
            detail=f"{money_text(usable)} of {money_text(order.total)} {order.currency} is paid or"
            f" authorised; {money_text(missing)} {order.currency} is missing.",
        )
    declined = [pay for pay in order.payments if pay.status is PaymentStatus.DECLINED]
    if declined and not any(pay.status in _UNDECIDED for pay in order.payments):
        yield reject(
            "payment.declined",
            field=f"payments[{declined[0].id}].status",
            detail=f"The payment of {money_text(declined[0].amount)} {order.currency} was"
            " declined.",
        )


def _has_expired(payment: Payment, context: Context) -> bool:
    return payment.expires_at is not None and payment.expires_at <= context.now
