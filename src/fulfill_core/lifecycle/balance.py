"""What is due of an order, what of it is paid, and what is missing: each worked out once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal

from fulfill_core.orders.due import Bill, Charges
from fulfill_core.orders.money import at_precision, less, plus
from fulfill_core.orders.payment import Payment
from fulfill_core.records.collecting import own_payments
from fulfill_core.records.movements import MovementKind, is_failing, movements_of
from fulfill_core.records.order_record import OrderRecord

_NOTHING = Decimal(0)
_FAILED = MovementKind.CAPTURE_FAILED


class Balance:
    """How an order stands with its money, by one record of it.

    Args:
        record: the record, of which neither units nor movements of money change any more.
        now: what has run out by then covers nothing.
        bill: what the order costs; None if it is to be worked out.

    Attributes:
        payments: those in the order's currency.
        bill: what the order costs, line by line.
        due: what the order costs: see `OrderRecord.due`.
        owed: what the shop may have of it: what is due; of one turned down, what has left.
        paid: what of that the shop has.
    """

    # Attributes, and not properties: a step asks for what is due and paid a dozen times, and a
    # property takes ten times as long to read.
    __slots__ = ("_missing", "bill", "due", "now", "owed", "paid", "payments", "record")

    def __init__(self, record: OrderRecord, now: datetime, bill: Bill | None = None) -> None:
        self.record = record
        self.now = now
        self.payments: Sequence[Payment] = own_payments(record.order)
        self.paid: Decimal = paid_of(self.payments)
        self.bill = bill or Bill(record.order, record.progress, record.adjustment)
        self.due: Decimal = self.bill.due()
        owed = self._money_kept() if record.rejections else self.due
        self.owed: Decimal = at_precision(owed, record.order.currency)
        self._missing: Decimal | None = None

    def _money_kept(self) -> Decimal:
        """What the shop may have of an order that somebody turned down, to the last digit."""
        order, rejections = self.record.order, self.record.rejections
        if any([each.fingerprint == order.fingerprint for each in rejections]):
            return self.bill.money_left()
        return self.due

    @property
    def missing(self) -> Decimal:
        """What of what is due is neither paid nor authorised; never below zero."""
        if self._missing is None:
            is_paid = self.paid >= self.due  # as most: then nobody looks at what is usable
            self._missing = _NOTHING if is_paid else self._less_usable(less(self.due, self.paid))
        return self._missing

    def missing_without(self, amount: Decimal) -> Decimal:
        """What is missing once so much of what was paid has gone back; never below zero."""
        return self._less_usable(plus(less(self.due, self.paid), amount))

    def money_left(self, charges: Charges) -> Decimal:
        """What of it costs that has left."""
        return self.bill.money_left(charges)

    def uncollectable(self, charges: Charges, amount: Decimal) -> Decimal:
        """What of that nobody has paid, or can be made to pay; never below zero.

        Args:
            charges: with which parcel shipping and other charges are paid.
            amount: what of what was paid is on its way back.
        """
        return self._less_usable(plus(less(self.money_left(charges), self.paid), amount))

    def usable(self, payment: Payment) -> Decimal:
        """What can be captured of a payment, as far as is known."""
        if payment.expires_at is not None and payment.expires_at <= self.now:
            return _NOTHING
        movements, payment_id = self.record.history.movements, payment.id
        if movements_of(movements, _FAILED, payment_id):
            own = [each for each in movements if each.payment_id == payment_id]
            return _NOTHING if is_failing(own) else payment.authorized
        return payment.authorized

    def _less_usable(self, amount: Decimal) -> Decimal:
        """What of an amount can't be captured."""
        for payment in self.payments:
            if payment.authorized and amount > 0:
                amount = less(amount, self.usable(payment))
        return amount if amount > 0 else _NOTHING


def paid_of(payments: Iterable[Payment]) -> Decimal:
    """What the shop has of payments: captured less refunded less charged back."""
    paid: Decimal | None = None
    for payment in payments:
        paid = payment.paid if paid is None else plus(paid, payment.paid)
    return _NOTHING if paid is None else paid
