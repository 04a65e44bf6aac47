"""A message as data: to whom, about what, in which language, and under which id.

The host sends it, or not; the id lets it send each piece of news once, and again when it is news
again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, tzinfo
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Any, TypeAlias

import attrs

from fulfill_core import _checks, _values
from fulfill_core.orders.order import Order
from fulfill_core.orders.rows import travels_by_field

if TYPE_CHECKING:
    from hashlib import blake2b


class Audience(StrEnum):
    """Whom a message is for.

    >>> Audience("customer")
    <Audience.CUSTOMER: 'customer'>
    """

    CUSTOMER = "customer"
    STAFF = "staff"
    LOCATION = "location"


class Medium(StrEnum):
    """What a recipient is.

    >>> Medium("email")
    <Medium.EMAIL: 'email'>
    """

    EMAIL = "email"
    PHONE = "phone"
    WEBHOOK = "webhook"


DECISION = "decision"
"""The subject of messages about what a run decided."""
NOT_IN_STOCK = "reason", "not_in_stock"
"""What there is to say of why nobody knows a date, where the shop says nothing else."""


class Kind(StrEnum):
    """What a message is about. Hosts may use their own kinds beside these.

    >>> Kind("order.confirmed")
    <Kind.CONFIRMED: 'order.confirmed'>
    """

    RECEIVED = "order.received"
    CONFIRMED = "order.confirmed"
    PARTLY_CONFIRMED = "order.partly_confirmed"
    PARTLY_BACKORDERED = "order.partly_backordered"
    BACKORDERED = "order.backordered"
    UNFULFILLABLE = "order.unfulfillable"
    SCHEDULED = "order.scheduled"
    ON_HOLD = "order.on_hold"
    REJECTED = "order.rejected"
    REVIEW_NEEDED = "order.review_needed"
    DELAYED = "order.delayed"
    EARLIER = "order.earlier"
    BACK_IN_STOCK = "order.back_in_stock"
    SURPLUS = "order.surplus"
    AT_RISK = "order.at_risk"
    ABSENT = "order.absent"
    AUTHORIZATION_ENDS = "order.authorization_ends"
    NEW_ORDER = "order.new"
    SHORTAGE = "order.shortage"
    LATE = "order.late"

    # What happened after the decision.
    AMENDED = "order.amended"
    CANCELLED = "order.cancelled"
    PARTLY_CANCELLED = "order.partly_cancelled"
    CANCEL_DECLINED = "order.cancel_declined"
    DELAY_CHOICE = "order.delay_choice"
    WITHDRAWAL_ACKNOWLEDGED = "order.withdrawal_acknowledged"
    ESCALATED = "order.escalated"
    WITHDRAWN = "order.withdrawn"
    SHIPPED = "parcel.shipped"
    PROVIDED = "parcel.provided"
    NOT_SHIPPED = "parcel.not_shipped"
    TRACKING_CHANGED = "parcel.tracking_changed"
    OUT_FOR_DELIVERY = "parcel.out_for_delivery"
    READY_FOR_PICK_UP = "parcel.ready_for_pick_up"
    DELIVERED = "parcel.delivered"
    PICKED_UP = "parcel.picked_up"
    DELIVERY_FAILED = "parcel.delivery_failed"
    LOST = "parcel.lost"
    RETURN_REQUESTED = "return.requested"
    RETURN_APPROVED = "return.approved"
    RETURN_DECLINED = "return.declined"
    RETURN_RECEIVED = "return.received"
    PRODUCT_RECALLED = "product.recalled"
    PAYMENT_RECEIVED = "payment.received"
    PAYMENT_NEEDED = "payment.needed"
    PAYMENT_FAILED = "payment.failed"
    REFUNDED = "payment.refunded"
    PARTLY_REFUNDED = "payment.partly_refunded"
    PAYMENT_PROBLEM = "payment.problem"
    PICK_LIST = "fulfilment.pick_list"
    CALL_BACK = "fulfilment.call_back"
    FULFILMENT_CHANGED = "fulfilment.changed"


NewsRow: TypeAlias = tuple[str, str, int, int, int, int, datetime | None]
"""Line id, SKU, and in stock units: ordered, confirmed, backordered, short; when expected."""
ReasonRow: TypeAlias = tuple[str, str]
"""A finding's code and its detail."""

_NEWS_FIELDS = ("line_id", "sku", "ordered", "confirmed", "backordered", "short", "expected_at")
_NEWS_WIDTH = len(_NEWS_FIELDS)
_HEAD_WIDTH = 6
"""So many texts are digested of a message beside its rows."""
_REASON_FIELDS = ("code", "detail")


def _to_news(rows: Iterable[NewsRow]) -> tuple[NewsRow, ...]:
    return _checks.to_tuple(rows)


def _to_reasons(rows: Iterable[ReasonRow]) -> tuple[ReasonRow, ...]:
    return _checks.to_tuple(rows)


@attrs.frozen(kw_only=True, weakref_slot=False)
class Notification:
    """A message as data.

    Args:
        kind: what it is about: a `Kind`, or a word of the host's own.
        order_id: the order.
        audience: for the customer, for the staff or for a location.
        recipient: one mailbox: the customer's e-mail address if it can be one, else the phone
            number, as the order has it; empty if there is neither, and for staff: then the host
            knows whom to ask.
        medium: what the recipient is: a `Medium`, or empty.
        locale: the order's own; for staff, the shop's.
        lines: the lines concerned, as rows of (line id, SKU, ordered, confirmed, backordered,
            short, expected at). Rows are plain tuples: a run makes one for every order line.
        reasons: rows of (code, detail): for staff why, for others what there is to say beside the
            lines, such as ``("tracking", "T1")`` or ``("amount", "20.00")``.
        delivered_at: when the order is promised to arrive, aware, kept in UTC; None if nothing was
            promised, or nobody knows any more.
        previous_date: when the customer was last told that it arrives, where that is other news
            now; aware, kept in UTC.
        subject: what it is news about: of one subject the newest message counts.
        news_key: what makes it other news than before, if the rows don't say it.
        is_about_date: whether a new date is the news: then other rows make it no other one.
        previous_id: the id of what this audience was told last about the subject (`Told.id`); empty
            if nothing was, or if nothing is known of it.
        supersedes: the ids of messages that this one takes the place of: what of them was not sent
            yet need not be sent any more.
        timezone: in whose days its dates are given: that of the decision. It makes no other news.

    >>> message = Notification(
    ...     kind=Kind.CONFIRMED, order_id="A-17", audience=Audience.CUSTOMER,
    ...     recipient="ada@example.com", medium=Medium.EMAIL, locale="en",
    ...     lines=[("1", "mug", 2, 2, 0, 0, None)])
    >>> message.data["lines"][0]["confirmed"], message.id[:21]
    (2, 'A-17:order.confirmed:')
    """

    kind: str
    order_id: str
    audience: Audience
    recipient: str
    locale: str
    medium: str = ""
    lines: tuple[NewsRow, ...] = attrs.field(default=(), converter=_to_news)
    reasons: tuple[ReasonRow, ...] = attrs.field(default=(), converter=_to_reasons)
    delivered_at: datetime | None = None
    previous_date: datetime | None = None
    subject: str = DECISION
    news_key: str = ""
    is_about_date: bool = False
    previous_id: str = ""
    supersedes: tuple[str, ...] = attrs.field(default=(), converter=_checks.to_texts)
    timezone: tzinfo = attrs.field(default=UTC, hash=False)

    __eq__, __hash__, __repr__ = _values.BY_FIELDS

    def __attrs_post_init__(self) -> None:
        kind: Any = self.kind
        # A member of an enum of the host's own will do: ids are made of the text that it is.
        _checks.check_id("Notification.kind", str.__str__(kind) if isinstance(kind, str) else kind)
        _checks.check_id("Notification.order_id", self.order_id)
        _checks.keep_word(self, "audience", Audience)
        _checks.check_text("Notification.recipient", self.recipient)
        _checks.check_text("Notification.locale", self.locale)
        _checks.check_text("Notification.medium", self.medium)
        _checks.check_rows("Notification.lines", self.lines, *_NEWS_FIELDS)
        _checks.check_rows("Notification.reasons", self.reasons, *_REASON_FIELDS)
        for name in ("delivered_at", "previous_date"):
            instant = getattr(self, name)
            if instant is not None:
                _checks.check_aware(f"Notification.{name}", instant)
                _checks.set_field(self, name, instant.astimezone(UTC))
        _checks.check_id("Notification.subject", self.subject)
        _checks.check_text("Notification.news_key", self.news_key)
        _checks.check_bool("Notification.is_about_date", self.is_about_date)
        _checks.check_text("Notification.previous_id", self.previous_id)
        _checks.check_members("Notification.supersedes", self.supersedes, str)
        _checks.check_timezone("Notification.timezone", self.timezone)

    @property
    def content_digest(self) -> str:
        """16 hex digits that tell it from other news of an order, in any process.

        Kind, audience, subject, recipient, locale, ``news_key`` and rows count. A date does not,
        unless the message is about it: then the dates count, and the rows do not.
        """
        texts = [self.kind, self.audience, self.subject, self.recipient, self.locale, self.news_key]
        content: tuple[Any, Any]
        if self.is_about_date:
            content = str(self.delivered_at), str(self.previous_date)
            separators = _HEAD_WIDTH + 1
            text = BETWEEN.join([*texts, *content])
        else:
            content = lines, reasons = self.lines, self.reasons
            separators = _HEAD_WIDTH + len(lines) * _NEWS_WIDTH + len(reasons) * 2
            texts.append(f"{len(lines)}")  # so that none of them can pass for reasons
            try:
                if lines:
                    texts += _texts_of(lines)
                for reason in reasons:
                    texts += reason
                text = BETWEEN.join(texts)
            except TypeError:  # a policy of a host may put in anything
                text = ""
        if text.count(BETWEEN) != separators:  # rows of another width, or a text that has one
            return digest_of((*map(str, texts[:_HEAD_WIDTH]), *content))
        return digest_of_text(text)

    @property
    def id(self) -> str:
        """The same for the same news, another one for other news; made when asked for.

        It is made of the order, the content and the id before, if there is one. So a host that
        keeps the ids it has sent sends each piece of news once, also when a run is done again after
        a crash. What was news, and then was not, is news again: with a record, which knows what was
        told last, A, B, A are three ids. Without one they are two.
        """
        return self.id_of(self.content_digest)

    def id_of(self, content_digest: str) -> str:
        """Its id, for whoever has its `content_digest` already: to make that is most of the work.

        Args:
            content_digest: its own.
        """
        digest = content_digest
        if self.previous_id:
            digest = digest_of_text(f"{digest}{BETWEEN}{self.previous_id}")
        # To format a member of an enum takes three times as long.
        return ":".join((self.order_id, self.kind, digest))  # noqa: FLY002

    @property
    def data(self) -> dict[str, Any]:
        """The content as plain dicts and lists, for a template or for JSON; made when asked for.

        Instants are text, as ``isoformat`` has it, or None: by the clock of ``timezone``, so that
        the first ten characters are the day that the recipient is told.
        """
        lines: list[dict[str, Any]] = [
            dict(zip(_NEWS_FIELDS, row, strict=True)) for row in self.lines
        ]
        for line in lines:
            line["expected_at"] = self._text(line["expected_at"])
        return {
            "lines": lines,
            "reasons": [dict(zip(_REASON_FIELDS, row, strict=True)) for row in self.reasons],
            "delivered_at": self._text(self.delivered_at),
            "previous_date": self._text(self.previous_date),
        }

    def _text(self, instant: datetime | None) -> str | None:
        return None if instant is None else _checks.in_zone(instant, self.timezone).isoformat()


def kind_in(message_id: str) -> str:
    """The kind of a message, of its id; nothing if it is no id of one.

    >>> kind_in("A-17:order.confirmed:3f"), kind_in("3f")
    ('order.confirmed', '')
    """
    parts = message_id.rsplit(":", 2)
    return parts[1] if len(parts) == 3 else ""  # noqa: PLR2004 - order, kind and digest


BETWEEN = "\0"
"""Stands between two texts that are digested as one: few have it inside. To write them as a tuple
takes ten times as long."""
DIGITS = 16
"""So many has a digest, with which an id ends."""
_ROW_TEXT = BETWEEN.join(["%s"] * len(_NEWS_FIELDS))
_TEXT_OF = {number: str(number) for number in range(100)}
"""What nearly all counts of a message are: to look one up takes a third of writing it."""


def _texts_of(rows: Sequence[NewsRow]) -> list[str]:
    """The members of rows as texts, of which some may be joined already."""
    if any([len(row) != _NEWS_WIDTH for row in rows]):  # of a policy of a host
        return [_ROW_TEXT % row for row in rows]
    texts: list[str] = []
    try:
        for line_id, sku, *counts, expected_at in rows:
            date = "None" if expected_at is None else str(expected_at)
            texts += (line_id, sku, *map(_TEXT_OF.__getitem__, counts), date)
    except (KeyError, TypeError):  # a large number
        return [_ROW_TEXT % row for row in rows]
    return texts


def digest_of_text(text: str) -> str:
    """16 hex digits of a text, the same in every process.

    >>> digest_of_text("mug")
    'dbcfc51625a33801'
    """
    digest = _empty_digest().copy()
    digest.update(text.encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def digest_of(content: object) -> str:
    """16 hex digits of nested tuples of str, int and UTC datetimes.

    >>> digest_of(("mug", 2))
    '1063c552a8b6e2c2'
    """
    # ascii() of these is the same in every process and Python version.
    return digest_of_text(ascii(content))


@cache
def _empty_digest() -> blake2b:
    """BLAKE2b of nothing, to be copied: to make one of its parameters takes a third of a digest.

    It is imported when something is digested first: OpenSSL is 2 % of the library's import.
    """
    from hashlib import blake2b  # noqa: PLC0415 - as said

    return blake2b(digest_size=DIGITS // 2)


travels_by_field(Notification)
_NotificationTwin = _values.twin(Notification)


def trusted_notification(
    kind: str,
    order: Order,
    timezone: tzinfo,
    audience: Audience,
    mailbox: tuple[str, str],
    locale: str,
    lines: tuple[NewsRow, ...],
    reasons: tuple[ReasonRow, ...],
    news_key: str,
    delivered_at: datetime | None,
    subject: str = DECISION,
) -> Notification:
    """A message about an order, of parts that were checked: the fast way, see `_values.twin`.

    It is called by position: a call by keyword costs half as much again.
    """
    twin = _NotificationTwin()
    twin.kind = kind
    twin.order_id = order.id
    twin.audience = audience
    twin.recipient, twin.medium = mailbox
    twin.locale = locale
    twin.lines = lines
    twin.reasons = reasons
    twin.delivered_at = delivered_at
    twin.previous_date = None
    twin.subject = subject
    twin.news_key = news_key
    twin.is_about_date = False
    twin.previous_id = ""
    twin.supersedes = ()
    twin.timezone = timezone
    twin.__class__ = Notification
    message: Notification = twin
    return message


Rows: TypeAlias = dict[tuple[Any, ...], tuple[Any, ...]]
"""Rows of messages, and tuples of rows, by what they are equal to."""
_MOST_ROWS = 50_000
"""Of a million orders all rows would fit into no cache, and most come only once."""
_FEW_ROWS = 3
"""With more than these, hardly another message has the very same; but single rows it may."""


def keep_rows_once(message: Notification, rows: Rows) -> None:
    """Keep the rows of a message only once, if another one has the same: the value is what it was.

    Many orders ask for one of a SKU that is wanted often, as their first line. On a day on which
    that is so it is an eighth of what a result keeps.

    Args:
        message: the message.
        rows: those of the messages so far.
    """
    are_few = len(message.lines) <= _FEW_ROWS
    try:
        lines = rows.get(message.lines) if are_few else None
        if lines is None:
            if len(rows) > _MOST_ROWS:  # what is wanted often is soon in it again
                rows.clear()
            lines = tuple(map(rows.setdefault, message.lines, message.lines))
            if are_few:
                rows[lines] = lines
    except TypeError:  # a policy of a host may put anything into its rows
        return
    _checks.set_field(message, "lines", lines)
