"""What is due of an order, what of it is paid, what is on its way, and what is missing.

What was asked for is remembered, as is what of it failed and is settled; what is on its way follows
of that and of what was reported.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from fulfill_core.lifecycle.places import units_out
from fulfill_core.orders.due import Bill, Charges
from fulfill_core.orders.money import at_precision, less, plus
from fulfill_core.orders.payment import Payment
from fulfill_core.orders.progress import NO_PROGRESS
from fulfill_core.records.collecting import own_payments
from fulfill_core.records.history import History
from fulfill_core.records.movements import (
    OPENING,
    MovementKind,
    amount_let_go,
    amount_of,
    amount_since_failure,
    is_failing,
    kinds_failed,
    movements_of,
    opening_amount,
    opening_failed,
    refs_of,
)
from fulfill_core.records.order_record import OrderRecord

_NOTHING = Decimal(0)
CAPTURE, REFUND, VOID = "capture", "refund", "void"
SETTLED = {CAPTURE: "capture_settled", REFUND: "refund_settled"}
"""What of that failed, and was made good, is tried again, or is owed no more: rows of their own."""
COLLECT = "asked_to_collect"
"""What the staff was asked to collect since the customer was asked to pay: a row of no payment."""
UNTOLD = "refund_untold"
"""What of a payment went back and is told with the rest of it: a row until that is settled."""
_CAPTURE_FAILED, _REFUND_FAILED = MovementKind.CAPTURE_FAILED, MovementKind.REFUND_FAILED
_CAPTURED, _REFUNDED = MovementKind.CAPTURED, MovementKind.REFUNDED
_CHARGED_BACK = MovementKind.CHARGED_BACK
_DONE_BY = {
    CAPTURE: (_CAPTURED, _CAPTURE_FAILED),
    REFUND: (_REFUNDED, _REFUND_FAILED),
    VOID: (MovementKind.VOIDED, None),
}
"""What each thing that is asked for becomes, and what takes that back."""
_NONE: Sequence[str] = ()


class Balance:
    """How an order stands with its money, by one record of it.

    Args:
        record: the record, of which neither units nor movements of money change any more.
        now: what has run out by then covers nothing.
        bill: what the order costs; None if it is to be worked out.
        covering: the payment that covers what it did though it has run out; empty if none does.

    Attributes:
        payments: those in the order's currency.
        bill: what the order costs, line by line.
        due: what the order costs: see `OrderRecord.due`.
        owed: what the shop may have of it: what is due; of one turned down, what has left.
        paid: what of that the shop has.
        failed: `CAPTURE` if anything that was to be captured failed, and `REFUND`; of most neither.
    """

    # Attributes, and not properties: a step asks for what is due and paid a dozen times, and a
    # property takes ten times as long to read.
    __slots__ = (
        *("_covering", "_failing", "_missing", "bill", "due", "failed", "now", "owed", "paid"),
        *("payments", "record"),
    )

    def __init__(
        self, record: OrderRecord, now: datetime, bill: Bill | None = None, covering: str = ""
    ) -> None:
        self.record = record
        self._covering = covering
        self.now = now
        payments = self.payments = own_payments(record.order)
        self.paid: Decimal = payments[0].paid if len(payments) == 1 else paid_of(payments)
        self.bill = bill or Bill(record.order, record.progress, record.adjustment)
        self.due: Decimal = self.bill.due()
        self.owed: Decimal = self._money_kept() if record.rejections else self.bill.payable()
        kinds = kinds_failed(record.history.movements)
        self.failed = [what for what in SETTLED if _DONE_BY[what][1] in kinds] if kinds else _NONE
        self._missing: Decimal | None = None
        self._failing: Mapping[str, Decimal] | None = None

    def _money_kept(self) -> Decimal:
        """What the shop may have of an order that somebody turned down, if it is still that one."""
        if is_turned_down(self.record):
            return at_precision(self.bill.money_left(), self.record.order.currency)
        return self.bill.payable()

    @property
    def missing(self) -> Decimal:
        """What of what is due can be paid and is neither paid nor authorised; never below zero.

        Less than half of the smallest coin is nothing.
        """
        if self._missing is None:
            is_paid = self.paid >= self.due  # as most: then nobody looks at what is usable
            missing = _NOTHING if is_paid else self._less_usable(less(self.due, self.paid))
            if missing:  # as of few
                missing = at_precision(missing, self.record.order.currency)
            self._missing = missing
        return self._missing

    @property
    def leaving(self) -> Decimal:
        """What of what was paid is on its way back: it pays for nothing any more."""
        leaving, history = _NOTHING, self.record.history
        for kind, payment_id, in_all in history.asked_amounts:
            if kind == REFUND:  # as of few
                for payment in self.payments:
                    if payment.id == payment_id and payment.paid:
                        pending = _not_done(history, REFUND, payment, in_all, payment.paid)
                        if pending:  # as of none that is there
                            amount = _under_way(history, REFUND, payment, pending)
                            leaving = plus(leaving, amount)
        return leaving

    @property
    def to_be_captured(self) -> Decimal:
        """What is owed to the shop, and not on its way; what failed is not."""
        amount = plus(less(self.owed, self.paid), self.leaving)
        for payment in self.payments:
            amount = less(amount, capture_under_way(self.record.history, payment))
        return max(_NOTHING, amount)

    @property
    def to_be_refunded(self) -> Decimal:
        """What the shop owes, and is not on its way back; what failed is not."""
        return max(_NOTHING, less(less(self.paid, self.owed), self.leaving))

    @property
    def uncovered(self) -> Decimal:
        """What is missing once all that is on its way back, or to be let go, has gone."""
        kinds = [row[0] for row in self.record.history.asked_amounts]
        if REFUND not in kinds and VOID not in kinds:  # as nearly always
            return self.missing
        return self._missing_beyond(_NOTHING)

    def to_be_agreed(self, replaced: Mapping[str, int] | None = None) -> Decimal:
        """What of that the customer has to agree to.

        Once those units are back in whose place others were ordered, they cost nothing.

        Args:
            replaced: those units, by line id; None for `units_replaced`.
        """
        units = units_replaced(self.record) if replaced is None else replaced
        if not any(units.values()):  # as nearly always
            return self.uncovered
        return self._missing_beyond(self._worth_if_back(units))

    def _missing_beyond(self, credit: Decimal) -> Decimal:
        """What is uncovered once so much is credited."""
        going = less(self.leaving, credit)
        for payment in self.payments:
            void = pending_void(self.record.history, payment)
            going = plus(going, min(void, self.usable(payment))) if void else going
        amount = self._less_usable(plus(less(self.due, self.paid), going))
        return at_precision(amount, self.record.order.currency)

    def money_left(self, charges: Charges) -> Decimal:
        """What of it costs that has left."""
        return self.bill.money_left(charges)

    def uncollectable(self, charges: Charges) -> Decimal:
        """What of that nobody has paid, was asked to pay, or can be made to; never below zero.

        It is what can be paid, as what is asked for: a third of a cent more is no news.
        """
        currency = self.record.order.currency
        cost = at_precision(self.money_left(charges), currency)
        amount = plus(less(min(cost, self.owed), self.paid), self.leaving)
        history = self.record.history
        for payment in self.payments:
            usable = less(self.usable(payment), pending_void(history, payment))
            amount = less(amount, max(pending_capture(history, payment), usable))
        return max(_NOTHING, at_precision(amount, currency))

    def capturable(self, payment: Payment) -> Decimal:
        """What of a payment a person may have captured, as far as it is owed."""
        history = self.record.history
        if payment.expires_at is not None and payment.expires_at <= self.now:
            return _NOTHING
        on_its_way = plus(capture_under_way(history, payment), pending_void(history, payment))
        return max(_NOTHING, less(payment.authorized, on_its_way))

    def cost_of(self, leaving: Mapping[str, int], charges: Charges) -> Decimal:
        """What costs that has left, and what so many units of lines cost that may leave."""
        record = self.record
        bill = Bill(record.order, record.progress, record.adjustment, leaving)
        return at_precision(bill.money_left(charges), record.order.currency)

    def covers(self, cost: Decimal) -> bool:
        """Whether what has left, and may leave, is paid, or can be, if it costs so much."""
        amount = self._less_usable(less(min(cost, self.owed), self.paid))
        return not at_precision(amount, self.record.order.currency)

    def usable(self, payment: Payment) -> Decimal:
        """What can be captured of a payment, as far as is known."""
        ends_at = payment.expires_at
        if ends_at is not None and ends_at <= self.now and payment.id != self._covering:
            return _NOTHING
        if CAPTURE in self.failed:
            if self._failing is None:
                self._failing = self._agreed_since_failures()
            return min(self._failing.get(payment.id, payment.authorized), payment.authorized)
        return payment.authorized

    @property
    def is_put_off(self) -> bool:
        """Whether a payment covers what it did though it has run out."""
        ends = [each.expires_at for each in self.payments if each.id == self._covering]
        return any([ends_at is not None and ends_at <= self.now for ends_at in ends])

    def _agreed_since_failures(self) -> Mapping[str, Decimal]:
        """What was agreed to since, by payment, of those that failed when they were tried last."""
        movements, amounts = self.record.history.movements, dict[str, Decimal]()
        for payment in self.payments:
            failures = movements_of(movements, _CAPTURE_FAILED, payment.id)
            if failures and is_failing(movements, failures):
                amounts[payment.id] = amount_since_failure(movements, failures)
        return amounts

    def _worth_if_back(self, units_by_line: Mapping[str, int]) -> Decimal:
        """What so many units of lines cost, as far as they are out, if they come back."""
        record = self.record
        after = [
            each.added({"returned": min(units_by_line.get(each.line_id, 0), units_out(each))})
            for each in record.progress
        ]
        bill = Bill(record.order, after, record.adjustment)
        return less(self.bill.payable(), bill.payable())

    def _less_usable(self, amount: Decimal) -> Decimal:
        """What of an amount can't be captured."""
        for payment in self.payments:
            if payment.authorized and amount > _NOTHING:
                amount = less(amount, self.usable(payment))
        return amount if amount > 0 else _NOTHING


def is_turned_down(record: OrderRecord) -> bool:
    """Whether somebody turned down an order as it is now."""
    order, rejections = record.order, record.rejections
    return any([each.fingerprint == order.fingerprint for each in rejections])


def was_said_to_end(record: OrderRecord, payment_id: str, ref: str) -> bool:
    """Whether a payment was said to cover less, by that number, or at its end or after it."""
    voids = movements_of(record.history.movements, MovementKind.VOIDED, payment_id)
    if not voids:  # as of most
        return False
    ends_at = [each.expires_at for each in record.order.payments if each.id == payment_id]
    end = ends_at[0] if ends_at else None
    for each in voids:  # there may be many, and a comprehension with a condition in it calls each
        if each.ref == ref or (end is not None and end <= each.at):
            return True
    return False


def units_replaced(record: OrderRecord) -> dict[str, int]:
    """Units by line in whose place others were ordered, and that are not back yet."""
    progress = {each.line_id: each for each in record.progress}
    replaced: dict[str, int] = {}
    for line in record.order.lines:
        if line.replaces:
            units = line.units - progress.get(line.id, NO_PROGRESS).not_sent(line)
            replaced[line.replaces] = replaced.get(line.replaces, 0) + units
    for line_id in replaced.keys() & progress.keys():
        replaced[line_id] = max(0, replaced[line_id] - progress[line_id].returned)
    return replaced


def paid_of(payments: Iterable[Payment]) -> Decimal:
    """What the shop has of payments: captured less refunded less charged back."""
    paid = _NOTHING
    for payment in payments:
        if payment.paid:
            paid = plus(paid, payment.paid) if paid else payment.paid
    return paid


# -- What is on its way ------------------------------------------------------------------------


def pending_refund(history: History, payment: Payment) -> Decimal:
    """What was asked to go back to a payment and has not yet."""
    return _pending(history, REFUND, payment, payment.paid)


def on_the_way_back(history: History, payment: Payment) -> Decimal:
    """What is on its way back to a payment, by us or its bank: nobody asks for that once more.

    That is what was asked for, and what went back beyond what came: it is kept until there is room.
    """
    pending, movements = pending_refund(history, payment), history.movements
    refunds = movements_of(movements, _REFUNDED, payment.id)
    losses = movements_of(movements, _CHARGED_BACK, payment.id)
    if not refunds and not losses:  # as nearly always
        return pending
    failures = refs_of(movements_of(movements, _REFUND_FAILED, payment.id), _REFUND_FAILED)
    in_all = plus(amount_of(refunds, _REFUNDED, failures), amount_of(losses, _CHARGED_BACK))
    beyond = less(in_all, plus(payment.refunded, payment.charged_back))
    return min(plus(pending, beyond), payment.paid) if beyond > _NOTHING else pending


def refund_under_way(history: History, payment: Payment) -> Decimal:
    """What was asked to go back to a payment, and nobody has said what came of it."""
    return _under_way(history, REFUND, payment, pending_refund(history, payment))


def pending_capture(history: History, payment: Payment) -> Decimal:
    """What was asked to be captured of a payment and has not been yet; what failed is among it."""
    return _pending(history, CAPTURE, payment, payment.authorized)


def capture_under_way(history: History, payment: Payment) -> Decimal:
    """What was asked to be captured of a payment, and nobody has said what came of it."""
    return _under_way(history, CAPTURE, payment, pending_capture(history, payment))


def pending_void(history: History, payment: Payment) -> Decimal:
    """What of a payment was asked to be let go and has not been yet."""
    return _pending(history, VOID, payment, payment.authorized)


def _pending(history: History, what: str, payment: Payment, most: Decimal) -> Decimal:
    """What was asked for of a payment and has not happened yet; what failed is waited for still."""
    if not most:  # nothing of it can happen any more
        return _NOTHING
    for kind, each_id, in_all in history.asked_amounts:
        if kind == what and each_id == payment.id:
            return _not_done(history, what, payment, in_all, most)
    return _NOTHING


def _not_done(
    history: History, what: str, payment: Payment, in_all: Decimal, most: Decimal
) -> Decimal:
    """What of all that was asked for of a payment has not happened yet, and still can."""
    # All of it went back, as most often: unless that was before the first event.
    went_back = what == REFUND and payment.refunded >= in_all
    if went_back:
        opening = opening_amount(history.movements, _REFUNDED, payment.id)
        if opening is not None and not opening:
            return _NOTHING
    done = done_of(history, what, payment)
    if not done:
        return min(in_all, most)
    return _NOTHING if done >= in_all else min(less(in_all, done), most)


def _under_way(history: History, what: str, payment: Payment, pending: Decimal) -> Decimal:
    """What of what is pending has not failed, or is tried once more."""
    failed = failed_of(history, what, payment, pending) if pending else pending
    return less(pending, failed) if failed else pending


def failed_of(history: History, what: str, payment: Payment, pending: Decimal) -> Decimal:
    """What of what is pending failed, and nobody tries again: a person has to see to it.

    It is kept as a bookkeeper does: all that failed, less what of that is settled. So what failed
    and was made good, by whoever it was, does not count for what is asked for later. Where less can
    happen than is waited for, that is what is under way.
    """
    failures = failures_of(history, what, payment) if pending else _NOTHING
    if not failures:  # as nearly always
        return _NOTHING
    rest = waited_for(history, what, payment)
    under_way = less(rest, less(failures, amount_kept(history, SETTLED[what], payment.id)))
    return less(pending, min(max(_NOTHING, under_way), pending))


def has_failed(history: History, payment: Payment) -> bool:
    """Whether a try to capture a payment has failed."""
    return bool(movements_of(history.movements, _CAPTURE_FAILED, payment.id))


def agreed_anew(history: History, payment: Payment) -> Decimal:
    """What a payment was agreed to since a try to capture it failed last: for another try."""
    failures = movements_of(history.movements, _CAPTURE_FAILED, payment.id)
    return amount_since_failure(history.movements, failures)


def tried_anew(history: History, payment: Payment) -> Decimal:
    """What of what is under way is tried once more, after it failed."""
    under_way = capture_under_way(history, payment)
    return min(amount_kept(history, SETTLED[CAPTURE], payment.id), under_way)


def waited_for(history: History, what: str, payment: Payment) -> Decimal:
    """What was asked for and has not happened, whether or not it still can."""
    return less(amount_kept(history, what, payment.id), done_of(history, what, payment))


def amount_kept(history: History, what: str, payment_id: str) -> Decimal:
    """What is remembered: of what was asked for, of what is settled, of what is to be told."""
    for kind, each_id, amount in history.asked_amounts:
        if kind == what and each_id == payment_id:
            return amount
    return _NOTHING


def failures_of(history: History, what: str, payment: Payment) -> Decimal:
    """What of all that was asked for of a payment failed, whatever became of it since.

    What happened and failed under one number failed as a whole. What the payment had brought before
    its first event was not asked for.
    """
    kind, failure = _DONE_BY[what]
    movements = history.movements
    failures = () if failure is None else movements_of(movements, failure, payment.id)
    if not failures:  # as nearly always
        return _NOTHING
    successes = {each.ref: each.amount for each in movements_of(movements, kind, payment.id)}
    amount = _NOTHING
    for each in failures:
        success = successes.get(each.ref)
        most = each.amount if success is None else max(each.amount, success)
        amount = plus(amount, most)
    return less(amount, _opening_failed(history, payment)) if what == CAPTURE else amount


def done_of(history: History, what: str, payment: Payment) -> Decimal:
    """What happened of what could be asked for, since the first event of the payment."""
    movements, payment_id = history.movements, payment.id
    if what == CAPTURE:  # the payment has them added up
        opening = opening_amount(movements, _CAPTURED, payment_id) if payment.captured else None
        if opening is None:
            return _NOTHING
        if not opening:
            return payment.captured
        return less(payment.captured, less(opening, _opening_failed(history, payment)))
    if what == VOID:
        return amount_let_go([each for each in movements if each.payment_id == payment_id])
    # The payment has only those for which there was room.
    refunds = movements_of(movements, _REFUNDED, payment_id)
    if not refunds:
        return _NOTHING
    failures = refs_of(movements_of(movements, _REFUND_FAILED, payment_id), _REFUND_FAILED)
    return amount_of(refunds, _REFUNDED, failures | {OPENING})


def _opening_failed(history: History, payment: Payment) -> Decimal:
    """What failed of what a payment had brought before its first event."""
    if not has_failed(history, payment):  # as nearly always
        return _NOTHING
    return opening_failed([each for each in history.movements if each.payment_id == payment.id])
