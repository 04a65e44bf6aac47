"""A message as data: to whom, about what, in which language, and under which id.

The host sends it, or not; the id lets it send each piece of news once.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TypeAlias

import attrs

from fulfill_core import _checks
from fulfill_core.orders.order import Order


class Audience(StrEnum):
    """Whom a message is for.

    >>> Audience("customer")
    <Audience.CUSTOMER: 'customer'>
    """

    CUSTOMER = "customer"
    STAFF = "staff"


class Kind(StrEnum):
    """What a message is about. Hosts may use their own kinds beside these.

    >>> Kind("order.confirmed")
    <Kind.CONFIRMED: 'order.confirmed'>
    """

    CONFIRMED = "order.confirmed"
    PARTLY_BACKORDERED = "order.partly_backordered"
    BACKORDERED = "order.backordered"
    UNFULFILLABLE = "order.unfulfillable"
    SCHEDULED = "order.scheduled"
    ON_HOLD = "order.on_hold"
    REJECTED = "order.rejected"
    REVIEW_NEEDED = "order.review_needed"
    DELAYED = "order.delayed"
    EARLIER = "order.earlier"


NewsRow: TypeAlias = tuple[str, str, int, int, int, int, datetime | None]
"""Line id, SKU, and in stock units: ordered, confirmed, backordered, short; when expected."""
ReasonRow: TypeAlias = tuple[str, str]
"""A finding's code and its detail."""

_NEWS_FIELDS = ("line_id", "sku", "ordered", "confirmed", "backordered", "short", "expected_at")
_REASON_FIELDS = ("code", "detail")


def _to_news(rows: Iterable[NewsRow]) -> tuple[NewsRow, ...]:
    return _checks.to_tuple(rows)


def _to_reasons(rows: Iterable[ReasonRow]) -> tuple[ReasonRow, ...]:
    return _checks.to_tuple(rows)


@attrs.frozen(kw_only=True, weakref_slot=False)
class Notification:
    """A message as data.

    Args:
        id: the same for the same news, another one for other news: order, kind and a digest of the
            content. A host that keeps the ids it has sent sends each piece of news once.
        kind: what it is about: a `Kind`, or a word of the host's own.
        order_id: the order.
        audience: for the customer or for the staff.
        recipient: the customer's e-mail address or phone number as the order has it; empty if it
            has none, and for staff: then the host knows whom to ask.
        locale: the order's own.
        lines: the lines concerned, as rows of (line id, SKU, ordered, confirmed, backordered,
            short, expected at). Rows are plain tuples: a run makes one for every order line.
        reasons: for staff, rows of (code, detail).
        delivered_at: when the order is promised to arrive, aware, kept in UTC; None if nothing was
            promised, or nobody knows any more.
        told: when the customer was last told that it arrives, where that is other news now; aware,
            kept in UTC.

    >>> message = Notification(
    ...     id="A-17:order.confirmed:1f", kind=Kind.CONFIRMED, order_id="A-17",
    ...     audience=Audience.CUSTOMER, recipient="ada@example.com", locale="en",
    ...     lines=[("1", "mug", 2, 2, 0, 0, None)])
    >>> message.data["lines"][0]["confirmed"]
    2
    """

    id: str
    kind: str
    order_id: str
    audience: Audience
    recipient: str
    locale: str
    lines: tuple[NewsRow, ...] = attrs.field(default=(), converter=_to_news)
    reasons: tuple[ReasonRow, ...] = attrs.field(default=(), converter=_to_reasons)
    delivered_at: datetime | None = None
    told: datetime | None = None

    def __attrs_post_init__(self) -> None:
        _checks.check_id("Notification.id", self.id)
        _checks.check_id("Notification.kind", self.kind)
        _checks.check_id("Notification.order_id", self.order_id)
        _checks.check_member("Notification.audience", self.audience, Audience)
        _checks.check_text("Notification.recipient", self.recipient)
        _checks.check_text("Notification.locale", self.locale)
        _checks.check_rows("Notification.lines", self.lines, len(_NEWS_FIELDS))
        _checks.check_rows("Notification.reasons", self.reasons, len(_REASON_FIELDS))
        for name in ("delivered_at", "told"):
            instant = getattr(self, name)
            if instant is not None:
                _checks.check_aware(f"Notification.{name}", instant)
                _checks.set_field(self, name, instant.astimezone(UTC))

    @property
    def data(self) -> dict[str, Any]:
        """The content as plain dicts and lists, for a template or for JSON; made when asked for.

        Instants are text, as ``isoformat`` has it, or None.
        """
        lines: list[dict[str, Any]] = [
            dict(zip(_NEWS_FIELDS, row, strict=True)) for row in self.lines
        ]
        for line in lines:
            line["expected_at"] = _text(line["expected_at"])
        return {
            "lines": lines,
            "reasons": [dict(zip(_REASON_FIELDS, row, strict=True)) for row in self.reasons],
            "delivered_at": _text(self.delivered_at),
            "told": _text(self.told),
        }


_NotificationTwin = _checks.twin(Notification)


def trusted_notification(
    message_id: str,
    kind: str,
    order: Order,
    audience: Audience,
    recipient: str,
    lines: tuple[NewsRow, ...],
    reasons: tuple[ReasonRow, ...],
    delivered_at: datetime | None,
) -> Notification:
    """A message about an order, of parts that were checked: the fast way, see `_checks.twin`.

    It is called by position: a call by keyword costs half as much again.
    """
    twin = _NotificationTwin()
    twin.id = message_id
    twin.kind = kind
    twin.order_id = order.id
    twin.audience = audience
    twin.recipient = recipient
    twin.locale = order.locale
    twin.lines = lines
    twin.reasons = reasons
    twin.delivered_at = delivered_at
    twin.told = None
    twin.__class__ = Notification
    message: Notification = twin
    return message


def _text(instant: datetime | None) -> str | None:
    return None if instant is None else instant.isoformat()
