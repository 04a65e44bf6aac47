"""Messages to the customer and to the staff: parts for notification policies."""

from __future__ import annotations

from datetime import datetime
from hashlib import blake2b

from fulfill_core.decisions.decision import Decision
from fulfill_core.decisions.notification import (
    Audience,
    NewsRow,
    Notification,
    ReasonRow,
    trusted_notification,
)
from fulfill_core.orders.order import Order

_CUSTOMER = Audience.CUSTOMER


def to_customer(
    decision: Decision,
    kind: str,
    lines: tuple[NewsRow, ...] = (),
    reasons: tuple[ReasonRow, ...] = (),
    *,
    news_key: str = "",
) -> Notification:
    """A message to the customer of a decision, in the order's own language.

    It says when the order is promised to arrive; its id does not depend on that.

    Args:
        decision: what was decided.
        kind: a `Kind`, or a word of the host's own.
        lines: the lines concerned, such as rows of `news`.
        reasons: rows of (code, detail).
        news_key: what makes this other news than before, if lines and reasons don't say it.

    >>> from datetime import datetime, timezone
    >>> from fulfill_core import Customer, Kind, Order, OrderLine, Outcome
    >>> order = Order(id="A-17", placed_at=datetime(2026, 3, 2, tzinfo=timezone.utc),
    ...               customer=Customer(id="C-7", phone="+49 30 1234"), currency="EUR",
    ...               lines=[OrderLine(id="1", sku="mug", quantity=2)])
    >>> to_customer(Decision(order=order, outcome=Outcome.HELD), Kind.ON_HOLD).recipient
    '+49 30 1234'
    """
    order = decision.order
    customer = order.customer
    recipient = customer.email.strip() or customer.phone.strip()
    arrives = None if decision.promise is None else decision.promise.delivered_at
    return _message(order, kind, _CUSTOMER, recipient, lines, reasons, news_key, arrives)


def to_staff(
    decision: Decision,
    kind: str,
    lines: tuple[NewsRow, ...] = (),
    reasons: tuple[ReasonRow, ...] = (),
    *,
    news_key: str = "",
) -> Notification:
    """A message to the shop's own staff about a decision. Arguments as for `to_customer`.

    >>> from datetime import datetime, timezone
    >>> from fulfill_core import Customer, Kind, Order, OrderLine, Outcome
    >>> order = Order(id="A-17", placed_at=datetime(2026, 3, 2, tzinfo=timezone.utc),
    ...               customer=Customer(id="C-7"), currency="EUR",
    ...               lines=[OrderLine(id="1", sku="mug", quantity=2)])
    >>> to_staff(Decision(order=order, outcome=Outcome.HELD), Kind.REVIEW_NEEDED).recipient
    ''
    """
    # The same content for the customer is another message, so the id is another one.
    return _message(decision.order, kind, Audience.STAFF, "", lines, reasons, f"staff:{news_key}")


def _message(
    order: Order,
    kind: str,
    audience: Audience,
    recipient: str,
    lines: tuple[NewsRow, ...],
    reasons: tuple[ReasonRow, ...],
    news_key: str,
    delivered_at: datetime | None = None,
) -> Notification:
    # ascii() of strings, ints and UTC datetimes is the same in every process and Python version.
    digest = blake2b(ascii((lines, reasons, news_key)).encode(), digest_size=8).hexdigest()
    return trusted_notification(
        ":".join([order.id, kind, digest]),  # noqa: FLY002 - half the cost, for a StrEnum
        kind,
        order,
        audience,
        recipient,
        lines,
        reasons,
        delivered_at,
    )
