"""May the customer pay on terms, and this much?"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

import attrs

from fulfill_core import _checks
from fulfill_core._checks import EXACT, money_text, repr_of
from fulfill_core.decisions.finding import Finding, hold
from fulfill_core.orders.order import Order
from fulfill_core.orders.payment import Payment, PaymentStatus
from fulfill_core.orders.terms import NO_TERMS
from fulfill_core.records.collecting import own_payments
from fulfill_core.records.facts import Context, FactKind, Facts, fact_missing
from fulfill_core.verifiers.timeline import cancelled_ids, customer_key

_NOTHING = Decimal(0)
_NO_KINDS: frozenset[FactKind] = frozenset()


@attrs.frozen(weakref_slot=False, repr=False)
class CreditCovers:
    """What is paid on terms, as `credit_covers` makes it."""

    method: str
    _ahead: Mapping[str, Decimal] = attrs.field(alias="ahead", eq=False)
    """What earlier orders of a batch owe, by the id of the order that comes after them."""

    @property
    def skips_rejected(self) -> bool:
        """True: an order that is rejected owes nothing."""
        return True

    def facts_needed(self, order: Order, /, *, context: Context) -> frozenset[FactKind]:
        """The facts about the customer, if the order owes something by that method."""
        return frozenset({FactKind.CUSTOMER}) if self._owed(order, context.now) else _NO_KINDS

    def shared_keys(self, order: Order, /, *, facts: Facts) -> Iterable[Hashable]:
        """The customer, if the order may owe something at any time."""
        is_on_terms = any([payment.method == self.method for payment in order.payments])
        return (customer_key(order),) if is_on_terms else ()

    def for_batch(self, orders: Sequence[Order], /, *, context: Context) -> CreditCovers:
        """The verifier with what the other orders of a batch owe in view."""
        owes_nothing = context.rejected_ids | cancelled_ids(context)
        owing: dict[tuple[str, str], list[Order]] = {}
        for order in orders:
            if self._owed(order, context.now):
                owing.setdefault((order.customer.id, order.currency), []).append(order)
        ahead: dict[str, Decimal] = {}
        for group in owing.values():
            owed = _NOTHING
            for order in sorted(group, key=lambda order: (order.placed_at, order.id)):
                ahead[order.id] = owed
                if order.id not in owes_nothing:
                    owed = EXACT.add(owed, self._owed(order, context.now))
        ahead = {order_id: owed for order_id, owed in ahead.items() if owed}
        return CreditCovers(self.method, ahead=ahead)

    def __call__(self, order: Order, /, *, context: Context) -> Iterable[Finding]:
        owed = self._owed(order, context.now)
        if not owed:
            return ()
        facts = context.facts.customer(order.customer.id)
        if facts is None:
            return (fact_missing(FactKind.CUSTOMER, order),)
        currency = order.currency
        if facts.credit_limit is None:
            return (
                hold(
                    "payment.no_credit",
                    field="customer.id",
                    detail=f"{money_text(owed)} {currency} is to be paid by {repr_of(self.method)},"
                    f" and customer {repr_of(order.customer.id)} was granted no credit.",
                    evidence=self.method,
                    measure=owed,
                ),
            )
        if facts.currency != currency:
            return (
                hold(
                    "payment.credit_currency",
                    field="currency",
                    detail=f"The credit of customer {repr_of(order.customer.id)} is in"
                    f" {facts.currency}, the order in {currency}.",
                    evidence=f"{self.method}: {facts.currency}",
                    measure=owed,
                ),
            )
        ahead = self._ahead.get(order.id, _NOTHING)
        total = EXACT.add(EXACT.add(facts.credit_used, ahead), owed)
        if total <= facts.credit_limit:
            return ()
        excess = EXACT.subtract(total, facts.credit_limit)
        before = f" and earlier orders ask for {money_text(ahead)} {currency}" if ahead else ""
        return (
            hold(
                "payment.credit_exceeded",
                field="payments",
                detail=f"Of a credit of {money_text(facts.credit_limit)} {currency}"
                f" {money_text(facts.credit_used)} {currency} is used{before}; this order asks for"
                f" {money_text(owed)} {currency},"
                f" {money_text(excess)} {currency} too much.",
                evidence=self.method,
                measure=excess,
            ),
        )

    def _owed(self, order: Order, now: datetime) -> Decimal:
        owed = _NOTHING
        for payment in own_payments(order):
            if payment.method == self.method:
                owed = EXACT.add(owed, _to_come(payment, now))
        return owed

    def __repr__(self) -> str:
        return f"credit_covers(method={self.method!r})"


def _to_come(payment: Payment, now: datetime) -> Decimal:
    """What is still to come of a payment: all of a pending one, or what is authorised."""
    if payment.status is PaymentStatus.PENDING:
        return payment.amount
    return payment.authorized if NO_TERMS.is_good(payment, now) else _NOTHING


def credit_covers(method: str = "invoice") -> CreditCovers:
    """What is to be paid on terms stays within the credit that the customer was granted.

    It goes together with ``covers_total(pay_later={"invoice"})``: that one counts the invoice
    towards the total, this one says whether the customer may have it. What the order owes are its
    payments by that method that are pending, or authorised and not expired; captured ones are
    settled. In a run the orders of a customer share the credit, in the sequence of (placed_at, id):
    what the earlier ones owe is not there for the later ones, unless they are cancelled or this run
    rejects them.

    Needs `CustomerFacts` for orders that owe something by that method, for no others.

    Args:
        method: the method of invoices on terms (`Payment.method`).

    Codes: ``customer_facts.missing`` (HOLD), ``payment.no_credit`` (HOLD, none was granted),
    ``payment.credit_currency`` (HOLD, it is in another currency than the order),
    ``payment.credit_exceeded`` (HOLD).

    Raises:
        InvalidValueError: a method that is not text, or empty.

    >>> from datetime import datetime, timezone
    >>> from fulfill_core import Customer, CustomerFacts, Facts, Payment
    >>> now = datetime(2026, 3, 2, tzinfo=timezone.utc)
    >>> order = Order(id="A-1", placed_at=now, customer=Customer(id="C-7"), lines=[],
    ...     currency="EUR", payments=[Payment(id="p1", amount=Decimal(50), method="invoice",
    ...                                       status=PaymentStatus.PENDING)])
    >>> known = CustomerFacts(customer_id="C-7", credit_limit=Decimal(150), currency="EUR",
    ...                       credit_used=Decimal(120))
    >>> context = Context(now=now, facts=Facts(customers=[known]))
    >>> for finding in credit_covers()(order, context=context):
    ...     print(finding.detail)
    Of a credit of 150 EUR 120 EUR is used; this order asks for 50 EUR, 20 EUR too much.
    """
    _checks.check_id("credit_covers.method", method)
    return CreditCovers(method, ahead={})
