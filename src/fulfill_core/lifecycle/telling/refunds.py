"""What the customer is told of money that went back, once for all payments it was split over."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import TypeAlias

from fulfill_core.decisions.notification import Kind, Notification
from fulfill_core.lifecycle.asking import keep_amount
from fulfill_core.lifecycle.balance import UNTOLD, amount_kept, refund_under_way
from fulfill_core.lifecycle.draft import Draft
from fulfill_core.lifecycle.events import (
    Captured,
    CaptureFailed,
    ChargedBack,
    Refunded,
    RefundFailed,
)
from fulfill_core.lifecycle.telling.making import amount_row, to_customer
from fulfill_core.orders.money import less, plus
from fulfill_core.orders.payment import Payment
from fulfill_core.records.collecting import is_own

_NOTHING = Decimal(0)
_Moving: TypeAlias = Captured | CaptureFailed | ChargedBack | Refunded | RefundFailed
"""What moves money that came, one way or the other."""
# A member of an enum takes ten times as long to look up as a name of the module (Python 3.11).
_REFUNDED, _PARTLY_REFUNDED = Kind.REFUNDED, Kind.PARTLY_REFUNDED


def of_refunds(draft: Draft, event: _Moving) -> Iterator[Notification]:
    """Money went back, by this event or by one that had no room before.

    It is told once for all payments that it was split over: with the last of them, or when what was
    under way of it has failed or was charged back.
    """
    payment, waiting = draft.payment(event.payment), amount_kept(draft.history, UNTOLD)
    if payment is None or not (payment.refunded or waiting) or not event.tell:  # as of most
        return
    more = max(_NOTHING, less(payment.refunded, _refunded_before(draft, event.payment)))
    if not is_own(payment, draft.order):
        if more:
            yield _refund_beside(draft, payment, more)
        return
    untold = plus(waiting, more) if waiting else more
    if untold and _is_under_way(draft, event):
        keep_amount(draft, UNTOLD, untold)
    elif untold:
        if waiting:
            keep_amount(draft, UNTOLD, _NOTHING)
        yield from _refund_in_all(draft, untold)


def _refunded_before(draft: Draft, payment_id: str) -> Decimal:
    """What had gone back to a payment before the step."""
    for each in draft.before.order.payments:
        if each.id == payment_id:
            return each.refunded
    return _NOTHING


def _is_under_way(draft: Draft, event: _Moving) -> bool:
    """Whether more is to go back, of which nobody has said what came of it.

    What goes back to one payment bit by bit is told bit by bit.
    """
    for payment in draft.balance.payments:
        is_of_another = payment.id != event.payment or not isinstance(event, Refunded)
        if is_of_another and refund_under_way(draft.history, payment):
            return True
    return False


def _refund_in_all(draft: Draft, amount: Decimal) -> Iterator[Notification]:
    """What of the order's own money went back so far."""
    details = [amount_row(amount), ("currency", draft.order.currency)]
    refunds = [each for each in draft.balance.payments if each.refunded]
    details += [amount_row(each.refunded, f"refunded:{each.id}") for each in refunds]
    kind = _REFUNDED if draft.balance.paid <= 0 else _PARTLY_REFUNDED
    if refunds:  # what went back unsaid may have come again since
        yield to_customer(draft, kind, "refund", (), details)


def _refund_beside(draft: Draft, payment: Payment, amount: Decimal) -> Notification:
    """Money of another currency than the order's went back: it is told in that currency."""
    details = [amount_row(amount), ("currency", payment.currency)]
    details.append(amount_row(payment.refunded, f"refunded:{payment.id}"))
    kind = _REFUNDED if payment.paid <= 0 else _PARTLY_REFUNDED
    return to_customer(draft, kind, "refund", (), details)
