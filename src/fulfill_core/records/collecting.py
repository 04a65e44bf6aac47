"""What to collect of an order, what to capture from which payment, and what to give back.

The library moves no money. What it says here is an amount for each payment of the order, in the
words of the host's own gateways: see `Payment`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import TypeAlias

from fulfill_core import _checks, records
from fulfill_core._checks import EXACT
from fulfill_core.decisions.decision import Decision
from fulfill_core.decisions.outcome import Outcome
from fulfill_core.orders.due import NO_ADJUSTMENT, Adjustment, Charges, money_due, money_left
from fulfill_core.orders.order import Order
from fulfill_core.orders.payment import Payment
from fulfill_core.orders.progress import Progress
from fulfill_core.orders.terms import Exponents, Lives, Terms, terms_of

Amounts: TypeAlias = tuple[tuple[str, Decimal], ...]
"""Ids of payments, each with an amount above zero."""

_NOTHING = Decimal(0)
_NO_UNITS: Mapping[str, int] = {}
_FIRST_OF_TIME = datetime.min.replace(tzinfo=UTC)
_END_OF_TIME = datetime.max.replace(tzinfo=UTC)


def amount_due(
    order: Order | records.OrderRecord,
    *,
    now: datetime,
    lives: Lives = (),
    exponents: Exponents = (),
) -> Decimal:
    """What is still to be paid: the total without what is captured or authorised, never below 0.

    Of a record, the total is what is due: what was cancelled, or came back, costs nothing.

    It is told at the precision of the currency. What is to be paid later is due as well: that is
    what the driver has to collect, or the invoice has to say.

    Args:
        order: the order, or its record.
        now: the caller's time, aware.
        lives: how long authorizations last, as in `covers_total`.
        exponents: how many digits are paid, as in `covers_total`.

    Raises:
        InvalidValueError: a naive ``now``, or something that is neither an `Order` nor
            an `OrderRecord`.

    >>> from datetime import timezone
    >>> from fulfill_core import Customer
    >>> now = datetime(2026, 3, 2, tzinfo=timezone.utc)
    >>> order = Order(id="A-1", placed_at=now, customer=Customer(id="C-7"), lines=[],
    ...     currency="EUR", shipping=Decimal("4.90"),
    ...     payments=[Payment(id="p1", amount=Decimal("1.50"))])
    >>> amount_due(order, now=now)
    Decimal('3.40')
    """
    now = _checks.in_utc("now", now)
    order, progress, adjustment = _parts_of(order)
    terms = terms_of("amount_due", lives, exponents)
    currency = order.currency
    counted = _NOTHING
    for payment in own_payments(order):
        counted = EXACT.add(counted, payment.paid)
        if payment.authorized and terms.is_good(payment, now):
            counted = EXACT.add(counted, payment.authorized)
    total = terms.rounded(money_due(order, progress, adjustment), currency)
    return max(EXACT.subtract(total, terms.rounded(counted, currency)), _NOTHING)


def to_capture(
    order: Order | records.OrderRecord,
    *,
    now: datetime,
    leaving: Mapping[str, int] | None = None,
    charges: Charges | str = Charges.FIRST,
    lives: Lives = (),
    exponents: Exponents = (),
) -> Amounts:
    """What to capture from which authorization, so that what is owed is captured and no more.

    Owed is the total or, of a record, what is due: what was cancelled, or came back, costs nothing.
    If it is said what leaves now, only what has left and what leaves now is owed: a line's price
    by its units, and shipping and other charges once. What was captured is taken off, and never
    asked for again; so a capture that was left out, or failed, is asked for with the next parcel.

    Those that end first come first, those that never do last, and equal ones by id.

    Args:
        order: the order, or its record as it was before the parcel leaves.
        now: the caller's time, aware.
        leaving: stock units that leave now, by line id, such as ``{"1": 2}``; None for all that is
            owed. What is not sent anywhere, such as a download, leaves when it is handed over.
        charges: with which parcel shipping and other charges are captured, or its text.
        lives: how long authorizations last, as in `covers_total`.
        exponents: how many digits are paid, as in `covers_total`.

    Returns:
        Pairs of a payment's id and an amount above zero, at most what is authorised.

    Raises:
        InvalidValueError: a naive ``now``, units of a line that the order does not have, or
            something that is neither an `Order` nor an `OrderRecord`.

    >>> from datetime import timezone
    >>> from fulfill_core import Customer, OrderLine
    >>> now = datetime(2026, 3, 2, tzinfo=timezone.utc)
    >>> order = Order(id="A-1", placed_at=now, customer=Customer(id="C-7"), currency="EUR",
    ...     lines=[OrderLine(id="1", sku="mug", quantity=3, unit_price=Decimal(5))],
    ...     shipping=Decimal("4.90"),
    ...     payments=[Payment(id="p1", amount=Decimal(1), status="captured"),
    ...               Payment(id="p2", amount=Decimal(25))])
    >>> to_capture(order, now=now), to_capture(order, now=now, leaving={"1": 2}, charges="last")
    ((('p2', Decimal('18.90')),), (('p2', Decimal('9.00')),))
    """
    now = _checks.in_utc("now", now)
    order, progress, adjustment = _parts_of(order)
    terms = terms_of("to_capture", lives, exponents)
    manner = _checks.to_word("to_capture.charges", charges, Charges)
    if leaving is None:
        owed = money_due(order, progress, adjustment)
    else:
        _check_leaving(order, leaving)
        owed = money_left(order, progress, leaving, manner, adjustment)
    owed = terms.rounded(owed, order.currency)
    usable: list[Payment] = []
    for payment in own_payments(order):
        owed = EXACT.subtract(owed, payment.paid)
        if payment.authorized and terms.is_good(payment, now):
            usable.append(payment)
    usable.sort(key=lambda payment: (terms.ends_at(payment) or _END_OF_TIME, payment.id))
    return _shares_of([(payment.id, payment.authorized) for payment in usable], owed)


def to_refund(
    order: Order | records.OrderRecord | Decision, *, exponents: Exponents = ()
) -> Amounts:
    """What to give back from which payment: what the shop has beyond what is owed.

    All of it, gift cards and other currencies included, of an order that is rejected, or of which
    nothing is left to be paid for; of others, what was paid beyond what is due. What has left is
    owed in any case. Of a rejected order pass the decision, or the record of that run.

    The last payment comes first, by `Payment.authorized_at` and id, those without a time last; none
    gives back more than the shop has of it. What is only authorised is to be voided, and no part of
    this.

    Args:
        order: the order, its record, or what was decided for it.
        exponents: how many digits are paid, as in `covers_total`.

    Returns:
        Pairs of a payment's id and an amount above zero, in the currency of that payment.

    Raises:
        InvalidValueError: something else than an order, a record or a decision.

    >>> from datetime import timezone
    >>> from fulfill_core import Customer, Rejection
    >>> now = datetime(2026, 3, 2, tzinfo=timezone.utc)
    >>> order = Order(id="A-1", placed_at=now, customer=Customer(id="C-7"), lines=[],
    ...     currency="EUR", shipping=Decimal("4.90"),
    ...     payments=[Payment(id="gift", amount=Decimal(5), status="captured", method="gift_card")])
    >>> to_refund(order), to_refund(Decision(order=order, outcome=Outcome.REJECTED))
    ((('gift', Decimal('0.10')),), (('gift', Decimal('5')),))
    """
    terms = terms_of("to_refund", (), exponents)
    outcome = order.outcome if isinstance(order, records.OrderRecord | Decision) else None
    if isinstance(order, Decision):
        subject, progress, adjustment = order.order, order.progress, NO_ADJUSTMENT
    else:
        subject, progress, adjustment = _parts_of(order)
    if outcome is Outcome.REJECTED:
        owed = money_left(subject, progress, _NO_UNITS, adjustment=adjustment)
    else:
        owed = money_due(subject, progress, adjustment)
    return refunds(subject, terms.rounded(owed, subject.currency), terms)


def refunds(order: Order, owed: Decimal, terms: Terms) -> Amounts:
    """What to give back of an order for which so much is owed.

    Args:
        order: the order.
        owed: what the shop may keep, at the precision of the currency.
        terms: what is known of the gateways.

    >>> from datetime import timezone
    >>> from fulfill_core import Customer
    >>> order = Order(id="A-1", placed_at=datetime(2026, 3, 2, tzinfo=timezone.utc), lines=[],
    ...               customer=Customer(id="C-7"), currency="EUR")
    >>> refunds(order, Decimal(0), Terms())
    ()
    """
    # What is in another currency covered nothing: it goes back with the last of the rest only,
    # since of an order that goes on somebody has to look at it.
    usable = order.payments if owed <= 0 else own_payments(order)
    in_turn = sorted(
        usable, key=lambda payment: (payment.authorized_at or _FIRST_OF_TIME, payment.id)
    )
    paid = _NOTHING
    for payment in own_payments(order):
        paid = EXACT.add(paid, payment.paid)
    excess = EXACT.subtract(terms.rounded(paid, order.currency), max(owed, _NOTHING))
    amounts: list[tuple[str, Decimal]] = []
    for payment in reversed(in_turn):
        amount = payment.paid
        if is_own(payment, order):
            amount = min(amount, excess)
            excess = EXACT.subtract(excess, max(amount, _NOTHING))
        if amount > 0:
            amounts.append((payment.id, amount))
    return tuple(amounts)


def own_payments(order: Order) -> Sequence[Payment]:
    """The payments that are in the order's currency: others cover nothing.

    >>> from datetime import timezone
    >>> from fulfill_core import Customer
    >>> order = Order(id="A-1", placed_at=datetime(2026, 3, 2, tzinfo=timezone.utc), lines=[],
    ...               customer=Customer(id="C-7"), currency="EUR",
    ...               payments=[Payment(id="p1", amount=Decimal(5), currency="JPY")])
    >>> own_payments(order)
    []
    """
    currency = order.currency
    for each in order.payments:
        if each.currency and each.currency != currency:
            return [each for each in order.payments if is_own(each, order)]
    return order.payments  # as nearly always


def is_own(payment: Payment, order: Order) -> bool:
    """Whether a payment is in the order's currency.

    >>> from datetime import timezone
    >>> from fulfill_core import Customer
    >>> order = Order(id="A-1", placed_at=datetime(2026, 3, 2, tzinfo=timezone.utc), lines=[],
    ...               customer=Customer(id="C-7"), currency="EUR")
    >>> is_own(Payment(id="p1", amount=Decimal(5)), order)
    True
    """
    return not payment.currency or payment.currency == order.currency


def _shares_of(available: Iterable[tuple[str, Decimal]], owed: Decimal) -> Amounts:
    """What to take from which, one after the other, until it is enough."""
    amounts: list[tuple[str, Decimal]] = []
    for payment_id, most in available:
        amount = min(most, owed)
        if amount > 0:
            amounts.append((payment_id, amount))
            owed = EXACT.subtract(owed, amount)
    return tuple(amounts)


def _parts_of(
    order: Order | records.OrderRecord,
) -> tuple[Order, tuple[Progress, ...], Adjustment]:
    """The order, how far its lines have come, and what was agreed of its money since."""
    if isinstance(order, records.OrderRecord):
        return order.order, order.progress, order.adjustment
    _checks.check_member("order", order, Order)
    return order, (), NO_ADJUSTMENT


def _check_leaving(order: Order, leaving: Mapping[str, int]) -> None:
    _checks.check_mapping("to_capture.leaving", leaving, "units by line id")
    line_ids = {line.id for line in order.lines}
    for line_id, units in leaving.items():
        if line_id not in line_ids:
            raise _checks.refuse(
                "to_capture.leaving",
                line_id,
                f"is no line of order {order.id}; pass some of {sorted(line_ids)}",
            )
        _checks.check_int(f"to_capture.leaving[{line_id!r}]", units, at_least=0)
