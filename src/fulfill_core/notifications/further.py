"""What some shops tell beside the rest: receipts, earlier dates, and what their staff wants to see.

Use these `together` with the policy that says the rest.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

import attrs

from fulfill_core import _checks, _values
from fulfill_core.decisions.decision import Decision
from fulfill_core.decisions.notification import Kind, Notification, ReasonRow
from fulfill_core.decisions.outcome import Outcome
from fulfill_core.notifications.messages import to_customer, to_staff
from fulfill_core.notifications.policies import told_last, with_new_date
from fulfill_core.notifications.rows import news, short_rows
from fulfill_core.orders.altering import altered
from fulfill_core.protocols import NotificationPolicy
from fulfill_core.records.facts import Context

_OVER = {Outcome.COMPLETED, Outcome.CANCELLED}


def _message_count(self: NotificationPolicy, decision: Decision, /, *, context: Context) -> int:
    """The ``message_count`` of policies that make few messages: they make them."""
    return len(tuple(self(decision, context=context)))


@attrs.frozen(weakref_slot=False)
class receipt:  # noqa: N801 - it is used as the function that it makes
    """Tells the customer that their order was received, whatever is decided of it.

    A shop in the European Union has to do so without delay, by electronic means (2000/31/EC,
    article 11(1)). It is no confirmation: the order may wait, or be turned down. With records it is
    told once.

    >>> from fulfill_core.notifications import customer_and_staff, together
    >>> together(receipt(), customer_and_staff)
    together(receipt(), CustomerAndStaff())
    """

    is_deferrable = True
    """It says the same whenever it is asked."""

    def message_count(self, decision: Decision, /, *, context: Context) -> int:
        """One, unless the order is over."""
        return int(decision.outcome not in _OVER)

    def __call__(self, decision: Decision, /, *, context: Context) -> Iterable[Notification]:
        if decision.outcome not in _OVER:
            message = to_customer(decision, Kind.RECEIVED)
            yield altered(message, subject="receipt", delivered_at=None)


@attrs.frozen(weakref_slot=False)
class better_promise:  # noqa: N801 - it is used as the function that it makes
    """Tells the customer that an order arrives earlier than they were told, and nothing else.

    Use it `together` with the policy that says the rest. It is news that there is a date at last,
    however late.

    Args:
        at_least: how much earlier it has to be, a timedelta of zero or more.

    >>> from fulfill_core.notifications import customer_and_staff, together
    >>> together(customer_and_staff, better_promise(timedelta(days=2)))
    together(CustomerAndStaff(), better_promise(at_least=datetime.timedelta(days=2)))
    """

    at_least: timedelta = timedelta(0)

    __eq__, __hash__, __repr__ = _values.BY_FIELDS

    def __attrs_post_init__(self) -> None:
        _checks.check_duration("better_promise.at_least", self.at_least)

    is_deferrable = True
    """It says the same whenever it is asked."""
    message_count = _message_count

    def __call__(self, decision: Decision, /, *, context: Context) -> Iterable[Notification]:
        promise, last = decision.promise, told_last(decision, context)
        arrives = None if promise is None else promise.delivered_at
        if promise is None or last is None or arrives is None:
            return
        before = last.delivered_at
        if before is None or (arrives < before and before - arrives >= self.at_least):
            yield with_new_date(decision, Kind.EARLIER, before)


@attrs.frozen(kw_only=True, weakref_slot=False)
class staff_news:  # noqa: N801 - it is used as the function that it makes
    """Tells the staff of each new order, of what is short, and of what arrives too late.

    Args:
        locale: the language of these messages.

    >>> staff_news(locale="de").locale
    'de'
    """

    locale: str = "en"

    def __attrs_post_init__(self) -> None:
        _checks.check_id("staff_news.locale", self.locale, *_checks.LOCALE)

    is_deferrable = True
    """It says the same whenever it is asked."""
    message_count = _message_count

    def __call__(self, decision: Decision, /, *, context: Context) -> Iterable[Notification]:
        if decision.outcome in _OVER:
            return
        message = to_staff(decision, Kind.NEW_ORDER, locale=self.locale)
        yield altered(message, subject="new_order")
        rows = short_rows(news(decision))
        if rows:
            yield to_staff(decision, Kind.SHORTAGE, rows, locale=self.locale)
        promise = decision.promise
        if promise is not None and promise.late_by is not None:
            dates = (promise.missed_deadline, promise.delivered_at)
            reasons: list[ReasonRow] = [
                (name, instant.isoformat())
                for name, instant in zip(("deliver_by", "delivered_at"), dates, strict=True)
                if instant is not None
            ]
            yield to_staff(decision, Kind.LATE, (), tuple(reasons), locale=self.locale)
