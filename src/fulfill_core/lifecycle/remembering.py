"""What the host was asked for is remembered, so that it is asked for once.

A second parcel that leaves before the first capture is reported asks for its own part only.
"""

from __future__ import annotations

from bisect import insort
from decimal import Decimal

from fulfill_core.lifecycle.actions import Capture, Refund, Void, trusted_action
from fulfill_core.lifecycle.balance import (
    CAPTURE,
    REFUND,
    SETTLED,
    VOID,
    done_of,
    failed_of,
    failures_of,
    pending_capture,
    pending_refund,
    waited_for,
)
from fulfill_core.lifecycle.draft import Draft
from fulfill_core.lifecycle.events import ShipmentVoided
from fulfill_core.orders.money import at_precision, less, plus
from fulfill_core.orders.payment import Payment

_NOTHING = Decimal(0)
_PENDING = {CAPTURE: pending_capture, REFUND: pending_refund}
_ACTIONS: dict[str, type[Capture | Refund | Void]] = {
    CAPTURE: Capture,
    REFUND: Refund,
    VOID: Void,
}


def ask_for_amount(
    draft: Draft, what: str, payment: Payment, amount: Decimal, pending: Decimal
) -> Decimal:
    """Ask for an amount, beside what is pending, and remember it; how much that is: see `_act`."""
    failed = failed_of(draft.record.history, what, payment, pending)
    remember(draft, what, payment, plus(pending, amount) if pending else amount, failed)
    return _act(draft, what, payment, amount)


def _act(draft: Draft, what: str, payment: Payment, amount: Decimal) -> Decimal:
    """An amount as it can be paid, to be seen to by the host: less than half a cent is nothing."""
    amount = at_precision(amount, payment.currency or draft.record.order.currency)
    if amount:
        draft.actions.append(trusted_action(_ACTIONS[what], payment.id, amount))
    return amount


def remember(draft: Draft, what: str, payment: Payment, pending: Decimal, failed: Decimal) -> None:
    """That so much is waited for, and so much of it failed."""
    done = done_of(draft.record.history, what, payment)
    keep_amount(draft, what, plus(pending, done) if done else pending, payment.id)
    _settle(draft, what, payment, failed)


def _settle(draft: Draft, what: str, payment: Payment, failed: Decimal) -> None:
    """That no more of what failed than so much is to be seen to."""
    if what not in draft.balance.failed:  # as nearly always
        return
    failures = failures_of(draft.history, what, payment)
    if failures:
        keep_amount(draft, SETTLED[what], less(failures, failed), payment.id)


def keep_amount(draft: Draft, what: str, amount: Decimal, payment_id: str) -> None:
    """Remember an amount in place of the one that was: see `amount_kept`.

    Args:
        draft: the step.
        what: of what it is.
        amount: how much; of nothing there is no row.
        payment_id: of which payment.
    """
    rows = list(draft.record.history.asked_amounts)
    for row in rows:
        if row[0] == what and row[1] == payment_id:
            rows.remove(row)
            break
    if amount:
        insort(rows, (what, payment_id, amount))
    draft.keep("asked_amounts", tuple(rows))


def ask_again(draft: Draft, what: str, payment: Payment, amount: Decimal) -> None:
    """Ask for an amount because a person wants it: what of it failed is tried once more.

    Args:
        draft: the step.
        what: what is asked for.
        payment: of which payment.
        amount: how much, no more than is owed and not on its way.
    """
    pending = _PENDING[what](draft.history, payment)
    failed = failed_of(draft.history, what, payment, pending)
    again = min(amount, failed)
    if again < amount:
        remember(draft, what, payment, plus(pending, less(amount, again)), less(failed, again))
    else:
        rest = less(waited_for(draft.history, what, payment), pending)
        _settle(draft, what, payment, plus(rest, less(failed, again)))
    _act(draft, what, payment, amount)


def forget_failures(draft: Draft) -> None:
    """What failed, and is owed no more, nobody waits for: it is asked for if it is owed again.

    What it was for never left, or came back.
    """
    for what in draft.balance.failed:
        _forget_failures(draft, what)


def _forget_failures(draft: Draft, what: str) -> None:
    owed: Decimal | None = None
    for payment in draft.balance.payments:
        pending = _PENDING[what](draft.history, payment)
        failed = failed_of(draft.history, what, payment, pending)
        if failed <= _NOTHING:  # as of most
            continue
        owed = _still_owed(draft, what) if owed is None else owed
        if failed > owed:
            remember(draft, what, payment, less(pending, less(failed, owed)), owed)
        owed = max(_NOTHING, less(owed, failed))


def _still_owed(draft: Draft, what: str) -> Decimal:
    """What is owed either way, and not on its way."""
    balance = draft.balance
    if what == REFUND:
        return balance.to_be_refunded
    owed = balance.to_be_captured
    if isinstance(draft.event, ShipmentVoided):  # asked for with the parcel that it leaves in
        unpaid = less(balance.money_left(draft.rules.charges), balance.paid)
        owed = max(_NOTHING, min(owed, unpaid))
    return owed
