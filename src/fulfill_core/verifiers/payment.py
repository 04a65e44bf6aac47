"""Is the order paid for, or will it be?

`covers_total()` is the strict rule: money that is there or authorised, to the last digit that the
currency has. Its settings make it lenient, or stricter.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import cast

import attrs

from fulfill_core import _checks, _values
from fulfill_core._checks import EXACT, money_text
from fulfill_core.decisions.finding import Finding, hold, note, reject
from fulfill_core.orders.order import Order
from fulfill_core.orders.payment import Payment, PaymentStatus
from fulfill_core.orders.terms import Exponents, Lives, Terms, pairs_of, terms_of
from fulfill_core.protocols.plugins import TurningPoints
from fulfill_core.records.collecting import is_own
from fulfill_core.records.facts import Context

_NOTHING = Decimal(0)
_MOST = 10**6
_PENDING = PaymentStatus.PENDING
_DECLINED = PaymentStatus.DECLINED
_UNDECIDED = (PaymentStatus.PENDING, PaymentStatus.ERROR)


@attrs.frozen(weakref_slot=False, repr=False)
class CoversTotal:
    """A rule by which payments add up to the total, as `covers_total` makes it."""

    tolerance: tuple[tuple[str, Decimal], ...]
    pay_later: frozenset[str]
    terms: Terms
    overpaid_limit: int | Decimal | None

    __eq__, __hash__ = _values.EQUALITY

    def __call__(self, order: Order, /, *, context: Context) -> Iterable[Finding]:
        # What `counted` does, in place: every order of every run comes through here, and a call
        # for each payment would take as long as all the rest.
        now, pay_later, terms, currency = context.now, self.pay_later, self.terms, order.currency
        is_strange = False
        counted = _NOTHING
        for payment in order.payments:
            if payment.currency and payment.currency != currency:
                is_strange = True  # it covers nothing, and that has to be said
                continue
            part = payment.paid
            authorized = payment.authorized
            if authorized:
                ends_at = terms.ends_at(payment) if terms.lives else payment.expires_at
                if ends_at is None or now < ends_at:
                    part = EXACT.add(part, authorized) if part else authorized
            elif payment.status is _PENDING and payment.method in pay_later:
                part = payment.amount
            if part:
                counted = EXACT.add(counted, part) if counted else part
        is_new = order.id not in context.progress_by_id
        due = order.total if is_new else total_due(order, context)
        if counted == due and not is_strange:
            return ()
        return self._compare(order, due, counted, now)

    def counted(self, order: Order, /, *, at: datetime) -> Decimal:
        """What counts towards the total at an instant, if no payment changes until then."""
        counted = _NOTHING
        for payment in order.payments:
            if is_own(payment, order):
                counted = EXACT.add(counted, self.worth(payment, at=at))
        return counted

    def worth(self, payment: Payment, *, at: datetime) -> Decimal:
        """What of a payment counts at an instant, if it stays as it is."""
        if payment.authorized and self.terms.is_good(payment, at):
            return EXACT.add(payment.paid, payment.authorized)
        is_to_come = payment.status is _PENDING and payment.method in self.pay_later
        return payment.amount if is_to_come else payment.paid

    def is_covered(self, order: Order, /, *, at: datetime, due: Decimal) -> bool:
        """Whether what counts at an instant is enough for what is due."""
        return self._is_enough(order, due, self.counted(order, at=at))

    def tolerated(self, currency: str) -> Decimal:
        """How much may be missing."""
        return dict(self.tolerance).get(currency, _NOTHING)

    @property
    def turning_points(self) -> TurningPoints | None:
        """When authorizations run out whose end only the host's table knows; None without one."""
        return self._ends if self.terms.lives else None

    def _ends(self, order: Order, /, *, context: Context) -> Iterable[datetime]:
        ends = [self.terms.ends_at(payment) for payment in order.payments if payment.authorized]
        return [ends_at for ends_at in ends if ends_at is not None]

    def _is_enough(self, order: Order, due: Decimal, amount: Decimal) -> bool:
        covered = self.terms.rounded(amount, order.currency)
        due = self.terms.rounded(due, order.currency)
        return EXACT.add(covered, self.tolerated(order.currency)) >= due

    def _compare(
        self, order: Order, total: Decimal, counted: Decimal, now: datetime
    ) -> Iterable[Finding]:
        """The findings on an amount that is not the total to the last digit."""
        if total < 0:
            return ()
        currency = order.currency
        covered, due = self.terms.rounded(counted, currency), self.terms.rounded(total, currency)
        if covered < due:
            return self._not_covered(order, total, now, counted)
        strange = _in_other_currencies(order, is_covered=True)
        return [*strange, *self._overpaid(order, covered, due)] or ()

    def _overpaid(self, order: Order, covered: Decimal, due: Decimal) -> Iterable[Finding]:
        """What is more than the total: a note, unless it is so many times what was ordered."""
        if covered == due:
            return
        excess = EXACT.subtract(covered, due)
        detail = (
            f"{money_text(covered)} {order.currency} is {self._how},"
            f" {money_text(excess)} more than the total"
        )
        # What was ordered, not what is left of it: a refund that is on its way is no slip.
        limit = self.overpaid_limit
        if limit is not None and order.total > 0:
            bound = EXACT.multiply(order.total, Decimal(limit))
            if covered >= bound:
                yield hold(
                    "payment.overpaid_by_far",
                    field="payments",
                    detail=f"{detail}: that is {limit} times {money_text(order.total)}"
                    f" {order.currency}, or more.",
                    measure=excess,
                )
                return
        yield note("payment.overpaid", field="payments", detail=f"{detail}.", measure=excess)

    @property
    def _how(self) -> str:
        # "or authorised" would be untrue of what is still to be paid.
        return "paid, authorised or to be paid later" if self.pay_later else "paid or authorised"

    def _not_covered(
        self, order: Order, total: Decimal, now: datetime, counted: Decimal
    ) -> list[Finding]:
        """Why the total is not covered: the payments that cover nothing, and what they lack.

        The shortfall is no news where those that may still come would be enough.
        """
        currency = order.currency
        missing = EXACT.subtract(
            self.terms.rounded(total, currency), self.terms.rounded(counted, currency)
        )
        sentence = (
            f"{money_text(self.terms.rounded(counted, currency))} of"
            f" {money_text(self.terms.rounded(total, currency))} {currency} is {self._how};"
            f" {money_text(missing)} {currency} is missing"
        )
        tolerated = self.tolerated(currency)
        if missing <= tolerated:
            within = note(
                "payment.within_tolerance",
                field="payments",
                detail=f"{sentence}, which is within the tolerance of {money_text(tolerated)}"
                f" {currency}.",
                measure=missing,
            )
            return [*_in_other_currencies(order, is_covered=True), within]
        own = [payment for payment in order.payments if is_own(payment, order)]
        uncounted = [payment for payment in own if self._can_come(payment, now)]
        is_undecided = any([payment.status in _UNDECIDED for payment in uncounted])
        possible = counted
        for payment in uncounted:
            possible = EXACT.add(possible, payment.authorized or payment.amount)
        findings = _in_other_currencies(order, is_covered=False)
        for payment in own:
            if payment.status is not _DECLINED or not is_undecided:
                findings += self._findings_on(payment, currency, now)
        if not self._is_enough(order, total, possible):
            findings.append(
                hold(
                    "payment.insufficient",
                    field="payments",
                    detail=f"{sentence}.",
                    measure=missing,
                )
            )
        return findings

    def _can_come(self, payment: Payment, now: datetime) -> bool:
        """Whether what does not count may count yet: an authorization can be renewed."""
        if payment.authorized:
            return not self.terms.is_good(payment, now)
        return payment.status in _UNDECIDED and self.worth(payment, at=now) != payment.amount

    def _findings_on(self, payment: Payment, currency: str, now: datetime) -> Iterable[Finding]:
        """The findings on a payment that covers nothing, or not all that it did."""
        if payment.refunded:
            yield _refunded(payment, currency)
        if payment.charged_back:
            yield _charged_back(payment, currency)
        if payment.authorized and not self.terms.is_good(payment, now):
            ends_at = cast("datetime", self.terms.ends_at(payment))
            yield hold(
                "payment.expired",
                field=f"payments[{payment.id}].expires_at",
                detail=f"The authorization of {money_text(payment.authorized)} {currency}"
                f" expired at {ends_at:%Y-%m-%d %H:%M %Z}.",
                evidence=authorization_text(payment, self.terms),
                measure=payment.authorized,
            )
        if payment.amount and self.worth(payment, at=now) != payment.amount:
            yield from _of_no_money(payment, currency)

    def __repr__(self) -> str:
        settings: list[str] = []
        if self.tolerance:
            settings.append(f"tolerance={dict(self.tolerance)!r}")
        if self.pay_later:  # sorted: a set of words shows in another sequence in every process
            settings.append(f"pay_later={sorted(self.pay_later)!r}")
        settings += self.terms.settings
        if self.overpaid_limit is not None:
            settings.append(f"overpaid_limit={self.overpaid_limit!r}")
        return f"covers_total({', '.join(settings)})"


def covers_total(
    *,
    tolerance: Mapping[str, Decimal] | Iterable[tuple[str, Decimal]] = (),
    pay_later: Iterable[str] = frozenset(),
    lives: Lives = (),
    exponents: Exponents = (),
    overpaid_limit: int | Decimal | None = None,
) -> CoversTotal:
    """The payments that count add up to the total, within what the shop tolerates.

    What counts of a payment is what is captured and was not given back or charged back; what is
    authorised and has not run out; and all of it if its method is one that is settled later, and it
    is pending. Cards, gift cards and store credit count alike; a payment in another currency than
    the order's counts nothing. The sum and the total are compared as they are and, if they differ,
    rounded half up to the digits that ISO 4217 gives the currency: nobody can pay half a cent. In a
    currency that it does not know they are compared to the last digit. A total of zero or less
    needs no payment.

    Args:
        tolerance: how much may be missing, a Decimal by currency (ISO 4217). Zero where it names
            none, which is everywhere by default.
        pay_later: the methods (`Payment.method`) that are settled after the goods have left, such
            as ``"cash_on_delivery"``. None by default: what leaves unpaid is for the shop to say.
            For invoices on terms name their method here and add `credit_covers`: the two go
            together.
        lives: how long an authorization lasts from `Payment.authorized_at` on, a timedelta by
            method, such as ``{"card": timedelta(days=7)}``. Where the payment has an end as well,
            the earlier counts.
        exponents: how many digits behind the point are paid, an int from 0 to 8 by currency, where
            that is not what ISO 4217 says: ``{"HUF": 0, "TWD": 0}`` for a gateway that takes
            whole forints and dollars only.
        overpaid_limit: from how many times the total on an overpayment stops the order, an int or
            a Decimal above 1: 10 finds what was counted in other units. None for never.

    Codes, if the total is not covered, one for each payment that counts nothing, or of which
    something was given back: ``payment.declined`` (REJECT, unless another one is still undecided:
    to decline and to fail to ask are different things), ``payment.error`` (HOLD, it failed to ask),
    ``payment.expired`` (HOLD), ``payment.pending`` (HOLD), ``payment.refunded`` (HOLD),
    ``payment.charged_back`` (HOLD), ``payment.voided`` (HOLD), ``payment.currency_differs`` (HOLD).
    Beside them ``payment.insufficient`` (HOLD), if the expired, pending and failed ones would not
    cover the total either. If it is covered: ``payment.currency_differs`` (NOTE),
    ``payment.overpaid`` (NOTE), ``payment.overpaid_by_far`` (HOLD, beyond the limit) or
    ``payment.within_tolerance`` (NOTE).

    Raises:
        InvalidValueError: a setting of the wrong type, a negative tolerance, a limit of 1 or less,
            a currency or a method twice.

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
    by_code: list[tuple[str, Decimal]] = []
    for currency, amount in pairs_of("covers_total.tolerance", tolerance):
        code = _checks.check_code("covers_total.tolerance (key)", currency, 3, "EUR")
        _checks.check_money(f"covers_total.tolerance[{code!r}]", amount)
        by_code.append((code, cast("Decimal", amount)))
    _checks.check_unique("covers_total.tolerance", (code for code, _ in by_code), "currency")
    methods = _checks.to_frozenset(pay_later)
    _checks.check_words("covers_total.pay_later", methods)
    if overpaid_limit is not None:
        path = "covers_total.overpaid_limit"
        _checks.check_number(path, overpaid_limit)
        if not 1 < overpaid_limit <= _MOST:
            raise _checks.refuse(
                path, overpaid_limit, f"is not a factor above 1, up to {_MOST}; pass one"
            )
    return CoversTotal(
        tolerance=tuple(sorted(by_code)),
        pay_later=methods,
        terms=terms_of("covers_total", lives, exponents),
        overpaid_limit=overpaid_limit,
    )


def authorization_text(payment: Payment, terms: Terms) -> str:
    """Which authorization it is: one that was renewed is another one, and may expire as well.

    >>> authorization_text(Payment(id="p1", amount=Decimal(5)), Terms())
    'p1'
    """
    ends_at = terms.ends_at(payment)
    return payment.id if ends_at is None else f"{payment.id} until {ends_at.isoformat()}"


def _in_other_currencies(order: Order, *, is_covered: bool) -> list[Finding]:
    """The findings on payments of more than zero that are not in the order's currency."""
    findings: list[Finding] = []
    for payment in order.payments:
        if not payment.amount or is_own(payment, order):
            continue
        field = f"payments[{payment.id}].currency"
        detail = (
            f"The payment of {money_text(payment.amount)} {payment.currency} covers nothing:"
            f" the order is in {order.currency}."
        )
        findings.append(
            note(
                "payment.currency_differs",
                field=field,
                detail=detail,
                evidence=payment.id,
                measure=payment.amount,
            )
            if is_covered
            else hold(
                "payment.currency_differs",
                field=field,
                detail=detail,
                evidence=payment.id,
                measure=payment.amount,
            )
        )
    return findings


def _refunded(payment: Payment, currency: str) -> Finding:
    """The finding on a payment of which something was given back."""
    return hold(
        "payment.refunded",
        field=f"payments[{payment.id}].status",
        detail=_went_back(payment, payment.refunded, currency, "refunded"),
        evidence=payment.id,
        measure=payment.refunded,
    )


def _charged_back(payment: Payment, currency: str) -> Finding:
    """The finding on a payment of which the bank took something back."""
    return hold(
        "payment.charged_back",
        field=f"payments[{payment.id}].status",
        detail=_went_back(payment, payment.charged_back, currency, "charged back"),
        evidence=payment.id,
        measure=payment.charged_back,
    )


def _went_back(payment: Payment, amount: Decimal, currency: str, how: str) -> str:
    """A sentence on what was taken off a payment."""
    whole = f"{money_text(payment.amount)} {currency}"
    if amount == payment.amount:
        return f"The payment of {whole} was {how}, so it covers nothing."
    return f"{money_text(amount)} {currency} of the payment of {whole} was {how}."


def _of_no_money(payment: Payment, currency: str) -> Iterable[Finding]:
    """The finding on a payment of which nothing moved, by what became of it; none if it did."""
    amount = f"{money_text(payment.amount)} {currency}"
    field = f"payments[{payment.id}].status"
    match payment.status:
        case PaymentStatus.PENDING:
            yield hold(
                "payment.pending",
                field=field,
                detail=f"The payment of {amount} is pending: it may still come.",
                evidence=payment.id,
                measure=payment.amount,
            )
        case PaymentStatus.ERROR:
            yield hold(
                "payment.error",
                field=field,
                detail=f"The gateway could not be asked for the payment of {amount}, which is no"
                " refusal: ask again.",
                evidence=payment.id,
                measure=payment.amount,
            )
        case PaymentStatus.DECLINED:
            yield reject(
                "payment.declined",
                field=field,
                detail=f"The payment of {amount} was declined.",
                evidence=payment.id,
                measure=payment.amount,
            )
        case PaymentStatus.VOIDED:
            yield hold(
                "payment.voided",
                field=field,
                detail=f"The payment of {amount} was voided, so it covers nothing.",
                evidence=payment.id,
                measure=payment.amount,
            )
        case _:  # some of it is there, or was
            return


def total_due(order: Order, context: Context) -> Decimal:
    """What the order costs in all, as far as its record knows: without what was cancelled."""
    record = context.record_of(order.id)
    if record is None or not (record.progress or record.history.movements):
        return order.total
    return record.due
