"""What is due of an order, what of it is paid, and what is missing: each worked out once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from fulfill_core.orders.due import Bill, Charges
from fulfill_core.orders.money import at_precision, less, plus
from fulfill_core.orders.payment import Payment
from fulfill_core.records.collecting import own_payments
from fulfill_core.records.movements import MovementKind, is_failing
from fulfill_core.records.order_record import OrderRecord

_NOTHING = Decimal(0)
_FAILED = MovementKind.CAPTURE_FAILED


class Balance:
    """How an order stands with its money, by one record of it.

    Args:
        record: the record, of which neither units nor movements of money change any more.
        now: what has run out by then covers nothing.
        as_due: another balance of which as much is due; None if it is to be worked out.
        bill: what the order costs; None if it is to be worked out.
    """

    __slots__ = (
        *("_as_due", "_bill", "_due", "_missing", "_owed", "_paid"),
        *("now", "payments", "record"),
    )

    def __init__(
        self,
        record: OrderRecord,
        now: datetime,
        as_due: Balance | None = None,
        bill: Bill | None = None,
    ) -> None:
        self.record = record
        self.now = now
        self.payments = own_payments(record.order)
        self._as_due = as_due
        self._bill = bill
        self._due: Decimal | None = None
        self._paid: Decimal | None = None
        self._missing: Decimal | None = None
        self._owed: Decimal | None = None

    @property
    def bill(self) -> Bill:
        """What the order costs, line by line; made when first it is asked for."""
        if self._bill is None:
            record = self.record
            if self._as_due is None:
                self._bill = Bill(record.order, record.progress, record.adjustment)
            else:
                self._bill = self._as_due.bill
        return self._bill

    @property
    def due(self) -> Decimal:
        """What the order costs: see `OrderRecord.due`."""
        if self._due is None:
            as_due = self._as_due
            self._due = self.bill.due() if as_due is None else as_due.due
        return self._due

    @property
    def owed(self) -> Decimal:
        """What the shop may have of it: what is due; of one turned down, what has left."""
        if self._owed is None:
            order, rejections = self.record.order, self.record.rejections
            owed = self.due
            if rejections and any([each.fingerprint == order.fingerprint for each in rejections]):
                owed = self.bill.money_left()
            self._owed = at_precision(owed, order.currency)
        return self._owed

    @property
    def paid(self) -> Decimal:
        """What of that the shop has."""
        if self._paid is None:
            self._paid = _paid_of(self.payments)
        return self._paid

    @property
    def missing(self) -> Decimal:
        """What of what is due is neither paid nor authorised; never below zero."""
        if self._missing is None:
            self._missing = self._less_usable(less(self.due, self.paid))
        return self._missing

    def money_left(self, charges: Charges) -> Decimal:
        """What of it costs that has left."""
        return self.bill.money_left(charges)

    def uncollectable(self, charges: Charges) -> Decimal:
        """What of that nobody has paid, or can be made to pay; never below zero."""
        return self._less_usable(less(self.money_left(charges), self.paid))

    def usable(self, payment: Payment) -> Decimal:
        """What can be captured of a payment, as far as is known."""
        if payment.expires_at is not None and payment.expires_at <= self.now:
            return _NOTHING
        movements, payment_id = self.record.history.movements, payment.id
        for each in movements:
            if each.kind is _FAILED and each.payment_id == payment_id:
                own = [each for each in movements if each.payment_id == payment_id]
                return _NOTHING if is_failing(own) else payment.authorized
        return payment.authorized

    def _less_usable(self, amount: Decimal) -> Decimal:
        """What of an amount can't be captured."""
        for payment in self.payments:
            if payment.authorized and amount > 0:
                amount = less(amount, self.usable(payment))
        return amount if amount > 0 else _NOTHING


def paid_for(record: OrderRecord) -> Decimal:
    """What the shop has of an order's money: captured less refunded less charged back."""
    return _paid_of(own_payments(record.order))


def _paid_of(payments: Iterable[Payment]) -> Decimal:
    paid = _NOTHING
    for payment in payments:
        paid = plus(paid, payment.paid)
    return paid
