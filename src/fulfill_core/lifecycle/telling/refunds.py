"""What the customer is told of money that went back, once for all payments it was split over."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import TypeAlias

from fulfill_core.decisions.notification import Kind, Notification
from fulfill_core.lifecycle.balance import UNTOLD, Balance, amount_kept, refund_under_way
from fulfill_core.lifecycle.draft import Draft
from fulfill_core.lifecycle.events import (
    Captured,
    CaptureFailed,
    ChargedBack,
    Refunded,
    RefundFailed,
)
from fulfill_core.lifecycle.remembering import keep_amount
from fulfill_core.lifecycle.telling.making import amount_row, to_customer
from fulfill_core.orders.money import less, plus
from fulfill_core.orders.payment import Payment
from fulfill_core.records.collecting import is_own

_NOTHING = Decimal(0)
_Moving: TypeAlias = Captured | CaptureFailed | ChargedBack | Refunded | RefundFailed
"""What moves money that came, one way or the other."""
# A member of an enum takes ten times as long to look up as a name of the module (Python 3.11).
_REFUNDED, _PARTLY_REFUNDED = Kind.REFUNDED, Kind.PARTLY_REFUNDED


def of_refunds(draft: Draft, event: _Moving) -> Sequence[Notification]:
    """Money went back, by this event or by one that had no room before.

    It is told once for all payments that it was split over: with the last of them, or when what was
    under way of it has failed or was charged back.
    """
    if draft.payment_pair is None:  # it says nothing new
        before = payment = draft.payment(event.payment)
    else:
        before, payment = draft.payment_pair
    backlog = _backlog_of(draft)
    if payment is None or not (payment.refunded or backlog):  # as of most
        return ()
    more = payment.refunded
    if before is not None and before.refunded:
        more = less(more, before.refunded)
    is_of_order = is_own(payment, draft.record.order)
    untold = amount_kept(draft.record.history, UNTOLD, payment.id) if backlog else _NOTHING
    if untold and more < 0 and is_of_order:  # what came again did not go back
        untold = max(_NOTHING, plus(untold, more))
        keep_amount(draft, UNTOLD, untold, payment.id)
        backlog = _backlog_of(draft)
    if not event.tell:
        return ()
    more = max(_NOTHING, more)
    if not is_of_order:
        return [_refund_beside(draft, payment, more)] if more else ()
    amount = plus(backlog, more) if backlog else more
    if not amount:
        return ()
    balance = draft.balance
    # What goes back to one payment bit by bit is told bit by bit.
    if _is_under_way(balance, event.payment if isinstance(event, Refunded) else ""):
        keep_amount(draft, UNTOLD, plus(untold, more), payment.id)
        return ()
    if backlog:
        _forget_backlog(draft)
    return [_refund_of_all(draft, balance, amount)]


def of_backlog(draft: Draft) -> Sequence[Notification]:
    """What went back, and was left to be told by a last part that its customer did not hear of.

    It is told with the next step that they hear of, whatever that is about.
    """
    backlog = _backlog_of(draft)
    if not backlog or not draft.event.tell or _is_under_way(draft.balance, ""):
        return ()
    _forget_backlog(draft)
    return [_refund_of_all(draft, draft.balance, backlog)]


def _backlog_of(draft: Draft) -> Decimal:
    """What went back, of all payments, and is not told yet."""
    amount = _NOTHING
    for kind, _, untold in draft.record.history.asked_amounts:
        if kind == UNTOLD:  # as of nearly none
            amount = plus(amount, untold)
    return amount


def _forget_backlog(draft: Draft) -> None:
    """All of it is told now."""
    rows = draft.record.history.asked_amounts
    draft.keep("asked_amounts", tuple([row for row in rows if row[0] != UNTOLD]))


def _is_under_way(balance: Balance, but_to: str) -> bool:
    """Whether more is to go back, and is owed, of which nobody has said what came of it."""
    if balance.paid <= balance.owed:
        return False  # it went back another way than was asked for
    history = balance.record.history
    for payment in balance.payments:
        if payment.id != but_to and refund_under_way(history, payment):
            return True
    return False


def _refund_of_all(draft: Draft, balance: Balance, amount: Decimal) -> Notification:
    """So much more of the order's own money went back."""
    details = [amount_row(amount), ("currency", draft.record.order.currency)]
    for each in balance.payments:
        if each.refunded:
            # A comprehension is a call of its own (Python 3.11): there is one payment most often.
            details.append(amount_row(each.refunded, f"refunded:{each.id}"))  # noqa: PERF401
    kind = _REFUNDED if balance.paid <= _NOTHING else _PARTLY_REFUNDED
    return to_customer(draft, kind, "refund", (), details)


def _refund_beside(draft: Draft, payment: Payment, amount: Decimal) -> Notification:
    """Money of another currency than the order's went back: it is told in that currency."""
    details = [amount_row(amount), ("currency", payment.currency)]
    details.append(amount_row(payment.refunded, f"refunded:{payment.id}"))
    kind = _REFUNDED if payment.paid <= 0 else _PARTLY_REFUNDED
    return to_customer(draft, kind, "refund", (), details)
