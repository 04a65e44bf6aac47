"""When, by which medium and together with what a message goes out: values, made of messages.

Nothing is lost on the way: what does not go out is there with its reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from contextlib import suppress
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

import attrs

from fulfill_core import _checks
from fulfill_core.calendars.business_calendar import BusinessCalendar
from fulfill_core.decisions.notification import (
    Audience,
    Kind,
    Medium,
    Notification,
    digest_of,
)
from fulfill_core.protocols.spelling import check_spelling

MAY_WAIT: frozenset[str] = frozenset(
    {
        *(Kind.SCHEDULED, Kind.EARLIER, Kind.PAYMENT_RECEIVED, Kind.RETURN_RECEIVED),
        *(Kind.SHIPPED, Kind.NOT_SHIPPED, Kind.TRACKING_CHANGED, Kind.OUT_FOR_DELIVERY),
        *(Kind.READY_FOR_PICK_UP, Kind.DELIVERED, Kind.PICKED_UP),
    }
)
"""The kinds that inform, and are neither owed by law nor an answer to anything: they may wait for
the morning, and who does not want them need not get them. All others go at once, those of a host's
own as well."""
_CONFIRMATIONS: frozenset[str] = frozenset(
    {
        *(Kind.CONFIRMED, Kind.PARTLY_CONFIRMED, Kind.BACK_IN_STOCK),
        *(Kind.PARTLY_BACKORDERED, Kind.BACKORDERED, Kind.RECEIVED, Kind.AMENDED),
    }
)
ON_PAPER: frozenset[str] = _CONFIRMATIONS | {
    *(Kind.WITHDRAWAL_ACKNOWLEDGED, Kind.DELAY_CHOICE, Kind.PRODUCT_RECALLED)
}
"""The kinds that are owed by law, and that a customer is to be able to keep: by e-mail wherever
there is an address (on a durable medium: 2011/83/EU, articles 8(7) and 11a(4); 2000/31/EC, article
11), at once, and no two of them as one delivery."""
PRESSING: frozenset[str] = frozenset(
    {
        *(Kind.PAYMENT_NEEDED, Kind.PAYMENT_FAILED, Kind.DELIVERY_FAILED),
        *(Kind.DELAYED, Kind.LOST, Kind.UNFULFILLABLE, Kind.REJECTED, Kind.RETURN_DECLINED),
        Kind.ON_HOLD,
        *(Kind.CANCELLED, Kind.PARTLY_CANCELLED, Kind.CANCEL_DECLINED),
    }
)
"""The kinds that need an answer, or say that less comes, or later, than a customer counts on, or
that nobody knows yet: who reads no more than the subject of a mail must not take it for a mere
confirmation."""
_HEADLINES = (ON_PAPER - _CONFIRMATIONS, PRESSING, _CONFIRMATIONS)
"""The kinds that give several news their subject, the weightiest first."""
_OF_TODAY: frozenset[str] = frozenset({Kind.OUT_FOR_DELIVERY})
_ENDS = {"answer_by", "waits_until"}
"""Codes beside the lines whose details are until when something can be done about it."""


class Omission(StrEnum):
    """Why a message does not go out.

    >>> Omission("muted")
    <Omission.MUTED: 'muted'>
    """

    SUPERSEDED = "superseded"
    """A newer one takes its place."""
    MUTED = "muted"
    """Its recipient does not want this kind."""
    NO_CONSENT = "no_consent"
    """They did not agree to be informed by any medium."""
    NO_MAILBOX = "no_mailbox"
    """Nobody knows where to."""


@attrs.frozen(kw_only=True, weakref_slot=False)
class Contact:
    """Where a customer can be told something.

    Args:
        medium: what the recipient is: a `Medium` or its text.
        recipient: one mailbox, phone number, or address of a webhook.
        informs: whether they agreed to be informed by it. What is owed to them, or what they asked
            for, goes there in any case.

    >>> Contact(medium="phone", recipient="+49 30 1234").informs
    True
    """

    medium: Medium
    recipient: str
    informs: bool = True

    def __attrs_post_init__(self) -> None:
        _checks.keep_word(self, "medium", Medium)
        _checks.check_id("Contact.recipient", self.recipient)
        _checks.check_bool("Contact.informs", self.informs)


def _to_contacts(members: Iterable[Contact]) -> tuple[Contact, ...]:
    return _checks.to_tuple(members)


@attrs.frozen(kw_only=True, weakref_slot=False)
class Preferences:
    """How a customer wants to be told.

    Args:
        contacts: where, the one they like best first; none for where the message goes by itself.
        muted: the kinds that they do not want. Only those that may wait can be left out.
        hours: when they may be disturbed, by their own clock; None for always.

    Raises:
        InvalidValueError: a kind that is a `Kind` but for a slip of the finger, and the like.

    >>> Preferences(muted=["parcel.out_for_delivery"]).hours
    """

    contacts: tuple[Contact, ...] = attrs.field(default=(), converter=_to_contacts)
    muted: frozenset[str] = attrs.field(default=frozenset(), converter=_checks.to_frozenset)
    hours: BusinessCalendar | None = None

    def __attrs_post_init__(self) -> None:
        _checks.check_members("Preferences.contacts", self.contacts, Contact)
        _checks.check_words("Preferences.muted", self.muted)
        check_spelling("Preferences.muted", self.muted, Kind)
        if self.hours is not None:
            _checks.check_member("Preferences.hours", self.hours, BusinessCalendar)


NO_PREFERENCES = Preferences()
"""Of who said nothing: at once, to where the message goes by itself."""


def _to_messages(members: Iterable[Notification]) -> tuple[Notification, ...]:
    return _checks.to_tuple(members)


@attrs.frozen(kw_only=True, weakref_slot=False)
class Delivery:
    """What goes out together.

    Args:
        messages: one message, or several news on one order: the weightiest first, those that may
            wait last.
        recipient: where it goes, whatever the messages say; empty for the staff.
        medium: what the recipient is: a `Medium`, or empty.
        send_at: when, aware, kept in UTC: not before.

    >>> message = Notification(kind=Kind.REVIEW_NEEDED, order_id="A-17", audience=Audience.STAFF,
    ...                        recipient="", locale="en")
    >>> delivery = Delivery(messages=[message], send_at=datetime.fromisoformat("2026-03-02T00:00Z"))
    >>> delivery.id == message.id
    True
    """

    messages: tuple[Notification, ...] = attrs.field(converter=_to_messages)
    recipient: str = ""
    medium: str = ""
    send_at: datetime

    def __attrs_post_init__(self) -> None:
        _checks.check_members("Delivery.messages", self.messages, Notification)
        if not self.messages:
            raise _checks.refuse("Delivery.messages", self.messages, "is empty; pass one at least")
        _checks.check_text("Delivery.recipient", self.recipient)
        _checks.check_text("Delivery.medium", self.medium)
        _checks.keep_in_utc(self, "send_at")

    @property
    def order_id(self) -> str:
        """The order that it is about."""
        return self.messages[0].order_id

    @property
    def audience(self) -> Audience:
        """Who is told: what goes out together is for one of them."""
        return self.messages[0].audience

    @property
    def id(self) -> str:
        """That of its message, or one made of those of all; the same for the same."""
        ids = tuple([message.id for message in self.messages])
        return ids[0] if len(ids) == 1 else f"{self.order_id}:digest:{digest_of(ids)}"


class Mailing(NamedTuple):
    """What goes out of some messages, and what does not.

    Args:
        deliveries: what goes out, the first one first.
        omissions: the messages that do not, each with the reason.

    >>> deliveries([], now=datetime.fromisoformat("2026-03-02T00:00Z"))
    Mailing(deliveries=(), omissions=())
    """

    deliveries: tuple[Delivery, ...]
    omissions: tuple[tuple[Notification, Omission], ...]


class _Group(NamedTuple):
    """What messages that go out together have in common.

    Args:
        send_at: when.
        order_id: about which order.
        medium: by what.
        recipient: where.
        locale: in which language.
        alone: zero for those that may be together; else a number of its own.
    """

    send_at: datetime
    order_id: str
    medium: str
    recipient: str
    locale: str
    alone: int


def deliveries(
    messages: Iterable[Notification],
    preferences: Mapping[str, Preferences] | None = None,
    *,
    now: datetime,
    usual: Preferences = NO_PREFERENCES,
    may_wait: frozenset[str] = MAY_WAIT,
) -> Mailing:
    """When, where and together with what messages go out.

    What is owed by law, or was asked for, goes at once. What informs waits until its recipient may
    be disturbed, never past its own date: a parcel that comes today is told today, and one that
    waits somewhere before it goes back. Several news on one order that go to one place at one time
    are one delivery, the weightiest first (see `combined`); no two of what is owed by law
    (`ON_PAPER`) are together. Messages to the staff and to locations go by themselves, at once.

    Ask again in the next run, with what has not gone out yet among the messages: what is superseded
    by then does not go out at all.

    Args:
        messages: those of a run or step, and those that wait, the oldest first.
        preferences: how customers want to be told, by order id.
        now: the caller's time, aware.
        usual: the preferences of orders that are not among them.
        may_wait: the kinds that may wait.

    Raises:
        InvalidValueError: something else than messages or preferences by order id, a naive
            ``now``; a kind that is owed by law, or misspelt, among those that may wait.

    >>> from datetime import time, timezone
    >>> from fulfill_core.calendars import Shift
    >>> day = BusinessCalendar(timezone=timezone.utc,
    ...                        shifts=[Shift(start=time(8), end=time(20), weekdays=range(7))])
    >>> about = {"order_id": "A-17", "audience": "customer", "recipient": "ada@example.com",
    ...          "medium": "email", "locale": "en"}
    >>> night = datetime(2026, 3, 2, 23, tzinfo=timezone.utc)
    >>> mailing = deliveries([Notification(kind=Kind.SHIPPED, **about),
    ...                       Notification(kind=Kind.CANCELLED, **about)],
    ...                      now=night, usual=Preferences(hours=day))
    >>> [(f"{each.send_at:%H:%M}", str(each.messages[0].kind)) for each in mailing.deliveries]
    [('23:00', 'order.cancelled'), ('08:00', 'parcel.shipped')]
    """
    messages = _checks.to_tuple(messages)
    _checks.check_members("messages", messages, Notification)
    _checks.check_member("usual", usual, Preferences)
    now = _checks.in_utc("now", now)
    _check_kinds(may_wait)
    owed = sorted(may_wait & ON_PAPER)
    if owed:
        raise _checks.refuse("may_wait", owed[0], "is owed by law, and at once; leave it out")
    by_order: Mapping[str, Preferences] = {} if preferences is None else preferences
    _checks.check_mapping("preferences", by_order, "those of each order by its id, or usual=")
    for order_id, each in by_order.items():
        _checks.check_id("preferences (key)", order_id)
        _checks.check_member(f"preferences[{order_id!r}]", each, Preferences)
    stale_ids = {each_id for message in messages for each_id in message.supersedes}
    parts: list[Delivery] = []
    omissions: list[tuple[Notification, Omission]] = []
    for message in messages:
        wishes = by_order.get(message.order_id, usual)
        place = _place_of(message, wishes, stale_ids, may_wait)
        if isinstance(place, Omission):
            omissions.append((message, place))
            continue
        medium, recipient = place
        send_at = _send_at(message, wishes, now, may_wait)
        parts.append(
            Delivery(messages=[message], medium=medium, recipient=recipient, send_at=send_at)
        )
    return Mailing(combined(parts, may_wait=may_wait), tuple(omissions))


def combined(
    parts: Iterable[Delivery], *, may_wait: frozenset[str] = MAY_WAIT
) -> tuple[Delivery, ...]:
    """Deliveries of which those that may go out together are one, the first one first.

    Several news to a customer on one order, in one language, that go to one place at one time, are
    one. First stands what is owed by law (`ON_PAPER`) and is no confirmation, then what needs an
    answer or takes something back (`PRESSING`), then confirmations; the first of these gives all of
    it its subject. No two of what is owed are together. What a location or the staff gets is a
    paper of its own each time.

    Args:
        parts: deliveries, such as those of several runs.
        may_wait: the kinds that may wait: they come after the others.

    Raises:
        InvalidValueError: something else than deliveries, or than a set of kinds.

    >>> def part(kind):
    ...     message = Notification(kind=kind, order_id="A-17", audience=Audience.CUSTOMER,
    ...                            recipient="ada@example.com", medium="email", locale="en")
    ...     return Delivery(messages=[message], recipient="ada@example.com", medium="email",
    ...                     send_at=datetime.fromisoformat("2026-03-02T08:00Z"))
    >>> [digest] = combined([part(Kind.SHIPPED), part(Kind.CONFIRMED)])
    >>> [str(each.kind) for each in digest.messages]
    ['order.confirmed', 'parcel.shipped']
    """
    parts = _checks.to_tuple(parts)
    _checks.check_members("parts", parts, Delivery)
    _check_kinds(may_wait)
    groups: dict[_Group, list[Delivery]] = {}
    for position, part in enumerate(parts):
        first = part.messages[0]
        alone = 0 if first.audience is Audience.CUSTOMER else position + 1
        group = _Group(
            part.send_at, part.order_id, part.medium, part.recipient, first.locale, alone
        )
        if _is_on_paper(part) and any(map(_is_on_paper, groups.get(group, ()))):
            group = group._replace(alone=position + 1)
        groups.setdefault(group, []).append(part)
    deliveries_in_groups = [_one_of(members, may_wait) for members in groups.values()]
    return tuple(sorted(deliveries_in_groups, key=lambda each: each.send_at))


def _check_kinds(may_wait: frozenset[str]) -> None:
    """A set of kinds: of a text any part would be one."""
    if may_wait is MAY_WAIT:
        return
    if not isinstance(may_wait, AbstractSet):
        raise _checks.refuse("may_wait", may_wait, "is no set of kinds; pass a frozenset")
    for kind in may_wait:
        _checks.check_id("may_wait", kind)
    check_spelling("may_wait", may_wait, Kind)


def _one_of(parts: list[Delivery], may_wait: frozenset[str]) -> Delivery:
    """Deliveries that go out together, as one."""
    messages = [message for part in parts for message in part.messages]
    return attrs.evolve(
        parts[0], messages=sorted(messages, key=lambda each: rank_of(each.kind, may_wait))
    )


def _is_on_paper(part: Delivery) -> bool:
    """Whether something of it is owed by law."""
    return any([message.kind in ON_PAPER for message in part.messages])


def rank_of(kind: str, may_wait: frozenset[str] = MAY_WAIT) -> int:
    """Where a kind stands among several news: the weightiest at 0, what only informs last.

    >>> sorted([Kind.SHIPPED, Kind.CONFIRMED, Kind.DELAYED], key=rank_of)[0]
    <Kind.DELAYED: 'order.delayed'>
    """
    for rank, kinds in enumerate(_HEADLINES):
        if kind in kinds:
            return rank
    return len(_HEADLINES) + (kind in may_wait)


def is_headline(kind: str) -> bool:
    """Whether a kind gives several news, of which it is the weightiest, their subject.

    >>> is_headline(Kind.DELAYED), is_headline(Kind.SHIPPED)
    (True, False)
    """
    return rank_of(kind) < len(_HEADLINES)


def _place_of(
    message: Notification, wishes: Preferences, stale_ids: set[str], may_wait: frozenset[str]
) -> tuple[str, str] | Omission:
    """By which medium a message goes where; or why it does not go out."""
    if message.id in stale_ids:
        return Omission.SUPERSEDED
    own_place = message.medium, message.recipient
    if message.audience is not Audience.CUSTOMER:
        return own_place
    informs = message.kind in may_wait
    if informs and message.kind in wishes.muted:
        return Omission.MUTED
    if not wishes.contacts:
        return own_place if message.recipient else Omission.NO_MAILBOX
    contacts = [each for each in wishes.contacts if each.informs or not informs]
    if not contacts:
        return Omission.NO_CONSENT
    contact = contacts[0]
    if message.kind in ON_PAPER:
        contact = next((each for each in contacts if each.medium is Medium.EMAIL), contact)
    return contact.medium, contact.recipient


def _send_at(
    message: Notification, wishes: Preferences, now: datetime, may_wait: frozenset[str]
) -> datetime:
    """When a message may go out."""
    hours = wishes.hours
    is_free = message.audience is Audience.CUSTOMER and message.kind in may_wait
    if hours is None or not is_free or hours.is_open(now):
        return now
    opening = hours.next_opening(now)
    dates = [message.delivered_at, *[row[-1] for row in message.lines], *_ends_in_words(message)]
    ends = [each for each in dates if each is not None and each > now]
    if message.kind in _OF_TODAY:
        ends.append(hours.end_of_day(hours.day_of(now)) - timedelta(microseconds=1))
    return now if any([opening > end for end in ends]) else opening


def _ends_in_words(message: Notification) -> Iterator[datetime]:
    """Until when something can be done about it, as far as the message says so beside its lines."""
    for code, detail in message.reasons:
        if code in _ENDS:
            with suppress(ValueError):  # a host's own may say something else
                end = datetime.fromisoformat(detail)
                if end.utcoffset() is not None:
                    yield end
