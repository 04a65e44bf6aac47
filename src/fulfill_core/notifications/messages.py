"""Messages to the customer and to the staff: parts for notification policies."""

from __future__ import annotations

from fulfill_core import _checks
from fulfill_core.decisions.decision import Decision
from fulfill_core.decisions.notification import (
    Audience,
    Medium,
    NewsRow,
    Notification,
    ReasonRow,
    trusted_notification,
)
from fulfill_core.orders.contacts import phone_of
from fulfill_core.orders.order import Customer

_CUSTOMER, _STAFF = Audience.CUSTOMER, Audience.STAFF
_EMAIL, _PHONE = Medium.EMAIL, Medium.PHONE
_NO_MAILBOX = "", ""


def to_customer(
    decision: Decision,
    kind: str,
    lines: tuple[NewsRow, ...] = (),
    reasons: tuple[ReasonRow, ...] = (),
    *,
    news_key: str = "",
) -> Notification:
    """A message to the customer of a decision, in the order's own language.

    It goes to the e-mail address if that can be one (``n/a`` can't, nor can two of them), else to
    the phone number. It says when the order is promised to arrive; its id does not depend on that.

    Args:
        decision: what was decided.
        kind: a `Kind`, or a word of the host's own.
        lines: the lines concerned, such as rows of `news`.
        reasons: rows of (code, detail).
        news_key: what makes this other news than before, if lines and reasons don't say it.

    Raises:
        InvalidValueError: something else than a decision, or a kind that is no text.

    >>> from datetime import datetime, timezone
    >>> from fulfill_core import Customer, Kind, Order, OrderLine, Outcome
    >>> order = Order(id="A-17", placed_at=datetime(2026, 3, 2, tzinfo=timezone.utc),
    ...               customer=Customer(id="C-7", phone="+49 30 1234"), currency="EUR",
    ...               lines=[OrderLine(id="1", sku="mug", quantity=2)])
    >>> to_customer(Decision(order=order, outcome=Outcome.HELD), Kind.ON_HOLD).recipient
    '+49 30 1234'
    """
    if type(decision) is not Decision or not isinstance(kind, str):
        _refuse_news(decision, kind)
    order = decision.order
    arrives = None if decision.promise is None else decision.promise.delivered_at
    mailbox = mailbox_for(order.customer)
    return trusted_notification(
        kind,
        order,
        decision.timezone,
        _CUSTOMER,
        mailbox,
        order.locale,
        lines,
        reasons,
        news_key,
        arrives,
    )


def to_staff(
    decision: Decision,
    kind: str,
    lines: tuple[NewsRow, ...] = (),
    reasons: tuple[ReasonRow, ...] = (),
    *,
    news_key: str = "",
    locale: str = "en",
) -> Notification:
    """A message to the shop's own staff about a decision.

    Args:
        decision: what was decided.
        kind: a `Kind`, or a word of the host's own.
        lines: the lines concerned, such as rows of `news`.
        reasons: rows of (code, detail).
        news_key: what makes this other news than before, if lines and reasons don't say it.
        locale: the staff's language, whatever that of the order is.

    Raises:
        InvalidValueError: something else than a decision, or a kind that is no text.

    >>> from datetime import datetime, timezone
    >>> from fulfill_core import Customer, Kind, Order, OrderLine, Outcome
    >>> order = Order(id="A-17", placed_at=datetime(2026, 3, 2, tzinfo=timezone.utc),
    ...               customer=Customer(id="C-7"), currency="EUR",
    ...               lines=[OrderLine(id="1", sku="mug", quantity=2)])
    >>> to_staff(Decision(order=order, outcome=Outcome.HELD), Kind.REVIEW_NEEDED).recipient
    ''
    """
    if type(decision) is not Decision or not isinstance(kind, str):
        _refuse_news(decision, kind)
    order = decision.order
    return trusted_notification(
        kind,
        order,
        decision.timezone,
        _STAFF,
        _NO_MAILBOX,
        locale,
        lines,
        reasons,
        news_key,
        None,
    )


def _refuse_news(decision: object, kind: object) -> None:
    """What is wrong with the news that a policy has: a run asks for some for each order."""
    _checks.check_member("decision", decision, Decision)
    _checks.check_text("kind", kind)


def mailbox_for(customer: Customer) -> tuple[str, str]:
    """Where the customer can be written to, and what that is; nothing if there is no such thing.

    >>> mailbox_for(Customer(id="C-7", email="ada@example.com"))
    ('ada@example.com', <Medium.EMAIL: 'email'>)
    """
    if customer.mailbox:
        return customer.mailbox, _EMAIL
    if phone := phone_of(customer.phone):
        return phone, _PHONE
    return _NO_MAILBOX
