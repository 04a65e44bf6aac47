"""Is the order paid for, or will it be? And what is left to collect?

`covers_total()` is the strict rule: money that is there or authorised, to the last digit that the
currency has. Its settings make it lenient.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import cast

import attrs

from fulfill_core import _checks
from fulfill_core._checks import EXACT, money_text
from fulfill_core.decisions.finding import Finding, hold, note, reject
from fulfill_core.orders.money import at_precision
from fulfill_core.orders.order import Order, Payment, PaymentStatus
from fulfill_core.records.facts import Context
from fulfill_core.records.order_record import OrderRecord

_NOTHING = Decimal(0)
_PAIR = 2
_END_OF_TIME = datetime.max.replace(tzinfo=UTC)
_CAPTURED = PaymentStatus.CAPTURED
_AUTHORIZED = PaymentStatus.AUTHORIZED
_PENDING = PaymentStatus.PENDING
_UNDECIDED = (PaymentStatus.PENDING, PaymentStatus.ERROR)
_NOT_YET = (PaymentStatus.AUTHORIZED, *_UNDECIDED)  # an authorization that ran out can be renewed


def _to_pairs(
    amounts: Mapping[str, Decimal] | Iterable[tuple[str, Decimal]],
) -> tuple[tuple[str, Decimal], ...]:
    if isinstance(amounts, Mapping):
        return tuple(cast("Mapping[str, Decimal]", amounts).items())
    return _checks.to_tuple(amounts)


def counts(payment: Payment, at: datetime, pay_later: frozenset[str]) -> bool:
    """Whether a payment counts towards the total at an instant, if it stays as it is.

    >>> counts(Payment(id="p1", amount=Decimal(5), status=PaymentStatus.PENDING), at=None,
    ...        pay_later=frozenset())
    False
    """
    status = payment.status
    if status is _AUTHORIZED:
        return payment.expires_at is None or at.astimezone(UTC) < payment.expires_at
    return status is _CAPTURED or (status is _PENDING and payment.method in pay_later)


# -- The total -------------------------------------------------------------------------------------


@attrs.frozen(kw_only=True, weakref_slot=False, repr=False)
class CoversTotal:
    """A rule by which payments add up to the total, as `covers_total` makes it."""

    tolerance: tuple[tuple[str, Decimal], ...]
    pay_later: frozenset[str]

    def __call__(self, order: Order, /, *, context: Context) -> Iterable[Finding]:
        # What `counted` does, in place: every order of every run comes through here, and a call
        # for each payment would take as long as all the rest.
        now, pay_later = context.now, self.pay_later
        counted = _NOTHING
        for payment in order.payments:
            status = payment.status
            if (
                status is _CAPTURED
                or (
                    status is _AUTHORIZED
                    and (payment.expires_at is None or now.astimezone(UTC) < payment.expires_at)
                )
                or (status is _PENDING and payment.method in pay_later)
            ):
                counted = EXACT.add(counted, payment.amount) if counted else payment.amount
        due = order.total if not context.records else total_due(order, context)
        return () if counted == due else self._compare(order, due, counted, now)

    def counted(self, order: Order, /, *, at: datetime) -> Decimal:
        """What counts towards the total at an instant, if no payment changes until then."""
        counted = _NOTHING
        for payment in order.payments:
            if counts(payment, at, self.pay_later):
                counted = EXACT.add(counted, payment.amount)
        return counted

    def is_covered(self, order: Order, /, *, at: datetime, due: Decimal) -> bool:
        """Whether what counts at an instant is enough for what is due."""
        return self._is_enough(order, due, self.counted(order, at=at))

    def tolerated(self, currency: str) -> Decimal:
        """How much may be missing."""
        return dict(self.tolerance).get(currency, _NOTHING)

    def _is_enough(self, order: Order, due: Decimal, amount: Decimal) -> bool:
        covered = at_precision(amount, order.currency)
        due = at_precision(due, order.currency)
        return EXACT.add(covered, self.tolerated(order.currency)) >= due

    def _compare(
        self, order: Order, total: Decimal, counted: Decimal, now: datetime
    ) -> Iterable[Finding]:
        """The findings on an amount that is not the total to the last digit."""
        if total < 0:
            return ()
        currency = order.currency
        covered, due = at_precision(counted, currency), at_precision(total, currency)
        if covered == due:
            return ()
        # "or authorised" would be untrue of what is still to be paid.
        how = "paid, authorised or to be paid later" if self.pay_later else "paid or authorised"
        if covered > due:
            return (
                note(
                    "payment.overpaid",
                    field="payments",
                    detail=f"{money_text(covered)} {currency} is {how},"
                    f" {money_text(EXACT.subtract(covered, due))} more than the total.",
                    measure=EXACT.subtract(covered, due),
                ),
            )
        missing = EXACT.subtract(due, covered)
        sentence = (
            f"{money_text(covered)} of {money_text(due)} {currency} is {how};"
            f" {money_text(missing)} {currency} is missing"
        )
        tolerated = self.tolerated(currency)
        if missing <= tolerated:
            return (
                note(
                    "payment.within_tolerance",
                    field="payments",
                    detail=f"{sentence}, which is within the tolerance of {money_text(tolerated)}"
                    f" {currency}.",
                    measure=missing,
                ),
            )
        shortfall = hold(
            "payment.insufficient", field="payments", detail=f"{sentence}.", measure=missing
        )
        return self._not_covered(order, total, now, counted, shortfall)

    def _not_covered(
        self, order: Order, total: Decimal, now: datetime, counted: Decimal, shortfall: Finding
    ) -> list[Finding]:
        """Why the total is not covered: the payments that cover nothing, and what they lack.

        The shortfall is no news where those that may still come would be enough.
        """
        uncounted = [
            payment
            for payment in order.payments
            if payment.amount and not counts(payment, now, self.pay_later)
        ]
        is_undecided = any([payment.status in _UNDECIDED for payment in uncounted])
        possible = counted
        findings: list[Finding] = []
        for payment in uncounted:
            if payment.status in _NOT_YET:
                possible = EXACT.add(possible, payment.amount)
            if payment.status is not PaymentStatus.DECLINED or not is_undecided:
                findings.append(_finding_on(payment, order.currency))
        if not self._is_enough(order, total, possible):
            findings.append(shortfall)
        return findings

    def __repr__(self) -> str:
        settings: list[str] = []
        if self.tolerance:
            settings.append(f"tolerance={dict(self.tolerance)!r}")
        if self.pay_later:  # sorted: a set of words shows in another sequence in every process
            settings.append(f"pay_later={sorted(self.pay_later)!r}")
        return f"covers_total({', '.join(settings)})"


def covers_total(
    *,
    tolerance: Mapping[str, Decimal] | Iterable[tuple[str, Decimal]] = (),
    pay_later: Iterable[str] = frozenset(),
) -> CoversTotal:
    """The payments that count add up to the total, within what the shop tolerates.

    A payment counts if it is captured; if it is authorised and has not expired; or if its method is
    one that is settled later, and it is pending. Cards, gift cards and store credit count alike.
    The sum and the total are compared as they are and, if they differ, rounded half up to the
    digits that ISO 4217 gives the currency: nobody can pay half a cent. In a currency that it does
    not know they are compared to the last digit. A total of zero or less needs no payment.

    Args:
        tolerance: how much may be missing, a Decimal by currency (ISO 4217). Zero where it names
            none, which is everywhere by default.
        pay_later: the methods (`Payment.method`) that are settled after the goods have left, such
            as ``"cash_on_delivery"``. None by default: what leaves unpaid is for the shop to say.
            For invoices on terms name their method here and add `credit_covers`: the two go
            together.

    Codes, if the total is not covered, one for each payment of more than zero that does not count:
    ``payment.declined`` (REJECT, unless another one is still undecided: to decline and to fail to
    ask are different things), ``payment.error`` (HOLD, it failed to ask), ``payment.expired``
    (HOLD), ``payment.pending`` (HOLD), ``payment.refunded`` (HOLD), ``payment.voided`` (HOLD).
    Beside them ``payment.insufficient`` (HOLD), if the expired, pending and failed ones would not
    cover the total either. If it is covered: ``payment.overpaid`` (NOTE) or
    ``payment.within_tolerance`` (NOTE).

    Raises:
        InvalidValueError: a setting of the wrong type, a negative tolerance, a currency twice.

    >>> from datetime import datetime, timezone
    >>> from decimal import Decimal
    >>> from fulfill_core import Customer, OrderLine, Payment
    >>> now = datetime(2026, 3, 2, tzinfo=timezone.utc)
    >>> order = Order(id="A-1", placed_at=now, customer=Customer(id="C-7"), currency="EUR",
    ...     lines=[OrderLine(id="1", sku="mug", quantity=2, unit_price=Decimal("9.90"))],
    ...     payments=[Payment(id="p1", amount=Decimal("19.78"))])
    >>> lenient = covers_total(tolerance={"EUR": Decimal("0.02")})
    >>> [finding.code for finding in lenient(order, context=Context(now=now))]
    ['payment.within_tolerance']
    """
    pairs = _to_pairs(tolerance)
    _checks.check_rows("covers_total.tolerance", pairs, _PAIR)
    by_code: list[tuple[str, Decimal]] = []
    for currency, amount in pairs:
        code = _checks.check_code("covers_total.tolerance (key)", currency, 3, "EUR")
        _checks.check_money(f"covers_total.tolerance[{code!r}]", amount)
        by_code.append((code, amount))
    _checks.check_unique("covers_total.tolerance", (code for code, _ in by_code), "currency")
    methods = _checks.to_frozenset(pay_later)
    _checks.check_words("covers_total.pay_later", methods)
    return CoversTotal(tolerance=tuple(sorted(by_code)), pay_later=methods)


_STRICT = covers_total()


def authorization_text(payment: Payment) -> str:
    """Which authorization it is: one that was renewed is another one, and may expire as well.

    >>> authorization_text(Payment(id="p1", amount=Decimal(5)))
    'p1'
    """
    expires_at = payment.expires_at
    return payment.id if expires_at is None else f"{payment.id} until {expires_at.isoformat()}"


def _finding_on(payment: Payment, currency: str) -> Finding:
    """The finding on a payment that covers nothing, by what became of it."""
    amount = f"{money_text(payment.amount)} {currency}"
    field = f"payments[{payment.id}].status"
    match payment.status:
        case PaymentStatus.PENDING:
            return hold(
                "payment.pending",
                field=field,
                detail=f"The payment of {amount} is pending: it may still come.",
                evidence=payment.id,
                measure=payment.amount,
            )
        case PaymentStatus.ERROR:
            return hold(
                "payment.error",
                field=field,
                detail=f"The gateway could not be asked for the payment of {amount}, which is no"
                " refusal: ask again.",
                evidence=payment.id,
                measure=payment.amount,
            )
        case PaymentStatus.DECLINED:
            return reject(
                "payment.declined",
                field=field,
                detail=f"The payment of {amount} was declined.",
                evidence=payment.id,
                measure=payment.amount,
            )
        case PaymentStatus.VOIDED:
            return hold(
                "payment.voided",
                field=field,
                detail=f"The payment of {amount} was voided, so it covers nothing.",
                evidence=payment.id,
                measure=payment.amount,
            )
        case PaymentStatus.REFUNDED:
            return hold(
                "payment.refunded",
                field=field,
                detail=f"The payment of {amount} was refunded, so it covers nothing.",
                evidence=payment.id,
                measure=payment.amount,
            )
        case _:  # what is authorised and covers nothing has expired
            return hold(
                "payment.expired",
                field=f"payments[{payment.id}].expires_at",
                detail=f"The authorization of {amount} expired at"
                f" {payment.expires_at:%Y-%m-%d %H:%M %Z}.",
                evidence=authorization_text(payment),
                measure=payment.amount,
            )


def total_due(order: Order, context: Context) -> Decimal:
    """What the order costs in all, as far as its record knows: without what was cancelled."""
    record = context.record_of(order.id)
    return order.total if record is None or not record.progress else record.due


# -- What to collect -------------------------------------------------------------------------------


def amount_due(order: Order | OrderRecord, *, now: datetime) -> Decimal:
    """What is still to be paid: the total without what is captured or authorised, never below 0.

    Of a record, the total is what is due: what was cancelled, or came back, costs nothing.

    It is told at the precision of the currency. What is to be paid later is due as well: that is
    what the driver has to collect, or the invoice has to say.

    Args:
        order: the order, or its record.
        now: the caller's time, aware.

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
    order, total = _checked(order, now)
    counted = _STRICT.counted(order, at=now)
    due = EXACT.subtract(total, at_precision(counted, order.currency))
    return max(due, _NOTHING)


def to_capture(order: Order | OrderRecord, *, now: datetime) -> tuple[tuple[str, Decimal], ...]:
    """What to capture from which authorization, so that the total is captured and no more.

    Of a record, the total is what is due: what was cancelled, or came back, costs nothing.

    What is captured already is taken off first, and never asked for again. Those that expire first
    come first, those that never expire last, and equal ones by id.

    Args:
        order: the order, or its record.
        now: the caller's time, aware.

    Returns:
        Pairs of a payment's id and an amount above zero, at most what was authorised; in sum the
        total at the precision of the currency less what is captured, as far as it is authorised.

    Raises:
        InvalidValueError: a naive ``now``, or something that is neither an `Order` nor
            an `OrderRecord`.

    >>> from datetime import timezone
    >>> from fulfill_core import Customer
    >>> now = datetime(2026, 3, 2, tzinfo=timezone.utc)
    >>> order = Order(id="A-1", placed_at=now, customer=Customer(id="C-7"), lines=[],
    ...     currency="EUR", shipping=Decimal("4.90"),
    ...     payments=[Payment(id="p1", amount=Decimal(1), status=PaymentStatus.CAPTURED),
    ...               Payment(id="p2", amount=Decimal(5))])
    >>> to_capture(order, now=now)
    (('p2', Decimal('3.90')),)
    """
    order, due = _checked(order, now)
    usable: list[Payment] = []
    for payment in order.payments:
        if payment.status is _CAPTURED:
            due = EXACT.subtract(due, payment.amount)
        elif counts(payment, now, _STRICT.pay_later):  # authorised, and not expired
            usable.append(payment)
    usable.sort(key=lambda payment: (payment.expires_at or _END_OF_TIME, payment.id))
    captures: list[tuple[str, Decimal]] = []
    for payment in usable:
        amount = min(payment.amount, due)
        if amount > 0:
            captures.append((payment.id, amount))
            due = EXACT.subtract(due, amount)
    return tuple(captures)


def _checked(order: Order | OrderRecord, now: datetime) -> tuple[Order, Decimal]:
    """The order, and what it costs in all at the precision of its currency."""
    _checks.check_aware("now", now)
    if isinstance(order, OrderRecord):
        return order.order, at_precision(order.due, order.order.currency)
    _checks.check_member("order", order, Order)
    return order, at_precision(order.total, order.currency)
