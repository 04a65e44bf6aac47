"""What the customer is told of money that is asked for, came, or did not."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from fulfill_core.decisions.notification import Audience, Kind, Notification
from fulfill_core.lifecycle.balance import is_turned_down
from fulfill_core.lifecycle.draft import Draft
from fulfill_core.lifecycle.events import AuthorizationFailed, Captured, CaptureFailed
from fulfill_core.lifecycle.telling.making import amount_row, to_customer
from fulfill_core.lifecycle.telling.refunds import of_refunds
from fulfill_core.orders.altering import altered
from fulfill_core.orders.money import less

_NOTHING = Decimal(0)


def payment_needed(draft: Draft, amount: Decimal) -> Notification:
    """What the customer is asked for."""
    details = [amount_row(amount), ("currency", draft.order.currency)]
    return to_customer(draft, Kind.PAYMENT_NEEDED, "payment", (), details)


def capture_failed(draft: Draft, event: CaptureFailed) -> Iterator[Notification]:
    """What did not come, in place of its receipt; and what went back, as far as it was of that."""
    for message in payment_failed(draft, event):
        receipt_ids = _receipt_ids(draft, event)
        yield altered(message, supersedes=receipt_ids) if receipt_ids else message
    yield from of_refunds(draft, event)


def _receipt_ids(draft: Draft, event: CaptureFailed) -> tuple[str, ...]:
    """What said that this money came, if that was told last: who has not read it need not."""
    before, after = draft.payment_pair or (None, None)
    last = draft.record.told_to(Audience.CUSTOMER, "payment")
    if before is None or after is None or last is None:
        return ()
    id_of = dict(last.contents)
    # What was there of it then is not, if a bank took it since; or before it was heard of.
    amounts = {less(before.captured, after.captured), less(before.paid, after.paid)}
    digests = [_receipt(draft, event, amount).content_digest for amount in amounts]
    return tuple([id_of[digest] for digest in digests if digest in id_of])


def payment_failed(
    draft: Draft, event: AuthorizationFailed | CaptureFailed
) -> Iterator[Notification]:
    """A payment was refused, or did not come, and something is missing by that.

    Whoever was turned down is asked to pay nothing.
    """
    is_asked = draft.is_news and not is_turned_down(draft.record)
    if is_asked and draft.balance.to_be_agreed():
        details = [amount_row(event.amount), ("currency", _currency_of(draft, event.payment))]
        yield to_customer(draft, Kind.PAYMENT_FAILED, "payment", (), details)


def captured(draft: Draft, event: Captured) -> Iterator[Notification]:
    """Money that came before the goods leave; what is taken with a parcel is told with it."""
    amount = _amount_come(draft)
    if amount > _NOTHING and not any([each.shipped for each in draft.record.progress]):
        balance = draft.balance
        if balance.paid <= balance.due:
            yield _receipt(draft, event, amount)
    yield from of_refunds(draft, event)


def _receipt(draft: Draft, event: Captured | CaptureFailed, amount: Decimal) -> Notification:
    """So much came of a payment, by a number: what fails under that number knows it by it."""
    details = [amount_row(amount), ("currency", _currency_of(draft, event.payment))]
    message = to_customer(draft, Kind.PAYMENT_RECEIVED, "payment", (), details)
    return altered(message, news_key=f"{event.payment}:{event.ref or event.id}")


def _amount_come(draft: Draft) -> Decimal:
    """What the shop has more of a payment than before: nothing if it has it for longer.

    What its bank took back meanwhile, or went back, has not come.
    """
    pair = draft.payment_pair or (None, None)
    before, after = [_NOTHING if each is None else each.paid for each in pair]
    return less(after, before)


def _currency_of(draft: Draft, payment_id: str) -> str:
    """In which currency a payment is: the order's, if it does not say."""
    payment = draft.payment(payment_id)
    return draft.order.currency if payment is None else payment.currency or draft.order.currency
