"""What a recipient was told last, and what of a run's messages is news beside it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from operator import attrgetter
from typing import TypeAlias

import attrs

from fulfill_core import _checks, _values
from fulfill_core.decisions.notification import (
    BETWEEN,
    DECISION,
    DIGITS,
    Audience,
    Kind,
    Notification,
    digest_of_text,
    kind_in,
)
from fulfill_core.orders.altering import altered, setters_of
from fulfill_core.orders.rows import travels_by_field
from fulfill_core.orders.sequences import place_in


def _to_contents(contents: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    return _checks.to_tuple(contents)


@attrs.frozen(kw_only=True, weakref_slot=False)
class Told:
    """What one audience was told last about one subject of an order.

    Args:
        audience: who was told.
        subject: about what: ``"decision"`` for what runs decide.
        recipient: the mailbox; empty for staff.
        locale: the language.
        id: stands for all that was told so far; the ids of what is told next are made of it.
        contents: what holds: pairs of a message's content (`Notification.content_digest`) and its
            id. Each of them is no news as long as it is among what a run has to tell.
        delivered_at: when the order was said to arrive, aware, kept in UTC; None if no date was
            given, or that nobody knows.
        at: when it was told: the time of the run, aware, kept in UTC.

    >>> from datetime import timezone
    >>> Told(audience=Audience.STAFF, id="3f", at=datetime(2026, 3, 2, tzinfo=timezone.utc)).subject
    'decision'
    """

    audience: Audience
    subject: str = DECISION
    recipient: str = ""
    locale: str = ""
    id: str
    contents: tuple[tuple[str, str], ...] = attrs.field(default=(), converter=_to_contents)
    delivered_at: datetime | None = None
    at: datetime

    def __attrs_post_init__(self) -> None:
        _checks.keep_word(self, "audience", Audience)
        _checks.check_id("Told.subject", self.subject)
        _checks.check_text("Told.recipient", self.recipient)
        _checks.check_text("Told.locale", self.locale)
        _checks.check_id("Told.id", self.id)
        _checks.check_rows("Told.contents", self.contents, "content", "id")
        _checks.keep_in_utc(self, "delivered_at", is_optional=True)
        _checks.keep_in_utc(self, "at")

    @property
    def key(self) -> tuple[Audience, str]:
        """What tells it from the others of an order: audience and subject."""
        return self.audience, self.subject

    @property
    def kinds(self) -> frozenset[str]:
        """The kinds of the messages that hold.

        >>> from datetime import timezone
        >>> Told(audience=Audience.CUSTOMER, id="3f", at=datetime(2026, 3, 2, tzinfo=timezone.utc),
        ...      contents=[("c1", "A-17:order.backordered:c1")]).kinds
        frozenset({'order.backordered'})
        """
        return frozenset([kind_in(message_id) for _, message_id in self.contents])


told_row, told_of = travels_by_field(Told)
_ToldTwin = _values.twin(Told)
key_of = attrgetter("audience", "subject")
"""`Told.key` of what was told, or of a message, without a call of Python."""
CONFIRMATIONS: frozenset[str] = frozenset(
    [Kind.CONFIRMED, Kind.PARTLY_CONFIRMED, Kind.BACK_IN_STOCK]
)
"""What tells a customer that their order stands, as is owed with the goods at the latest."""
_Key: TypeAlias = tuple[Audience, str]
_Read: TypeAlias = tuple[Notification, str]
"""A message and its digest, which is made once."""
_NOT_READ = ""
"""In place of a digest that nobody needs."""
_subject_of = attrgetter("subject")
_set_previous_id = setters_of(Notification)["previous_id"]
_set_supersedes = setters_of(Notification)["supersedes"]
_FEW = 16
"""So many are read one after the other in less time."""


def news_of(messages: Sequence[Notification], entries: Iterable[Told]) -> tuple[Notification, ...]:
    """Those of the messages that are news beside what was told; each knows what came before it.

    Args:
        messages: all that a run has to tell about one order.
        entries: what was told about it before, at most one per audience and subject.
    """
    last_by_key = {key_of(each): each for each in entries}
    return tuple([message for message, _ in _news_of(_read(messages), last_by_key)])


def told_with(
    messages: Sequence[Notification],
    entries: tuple[Told, ...],
    now: datetime,
    overtaken: Mapping[str, AbstractSet[str]],
    closing: AbstractSet[str],
) -> tuple[tuple[Notification, ...], tuple[Told, ...]]:
    """What of these messages is news, and what was told once it is: of an order that goes on.

    It is what `news_of` and `told_after` say, for half of what they cost together, but for one
    thing: a step says what has happened, and not all that is so, so what was told of a subject of
    which it says nothing new stands as a whole.

    Args:
        messages: what there is to tell about one order. Nobody else has seen them yet: those that
            are news learn what came before them.
        entries: what was told about it before.
        now: when.
        overtaken: by kind, the kinds that a message takes the place of: of which it says all that
            they say. Else the one before is sent as well.
        closing: the kinds after which nothing more is told of their subject: it is forgotten.
    """
    if len(messages) > 1 and _is_any_beside(messages):
        return _told_in_groups(messages, entries, now, overtaken, closing)
    after = list(entries)
    news: list[Notification] = []
    for message in messages:  # of its subject it is the only one, as nearly always
        place, last = _place_of(message.audience, message.subject, after)
        if message.kind in closing:
            if last is not None:
                # Of a kind of which nothing was told last all is news, and needs no digest.
                if message.kind in last.kinds and _has(last, message.content_digest):
                    continue
                _continue(message, last, overtaken)
                del after[place]
            news.append(message)
            continue
        digest, date = message.content_digest, message.delivered_at
        if last is not None:
            if _has(last, digest):
                continue
            _continue(message, last, overtaken)
            if date is None and message.previous_date is None:
                date = last.delivered_at
            del after[place]
        message_id = message.id_of(digest)
        contents = ((digest, message_id),)
        after.insert(place, _entry(message, message_id[-DIGITS:], contents, date, now))
        news.append(message)
    return (tuple(news), tuple(after)) if news else ((), entries)


def _is_any_beside(messages: Sequence[Notification]) -> bool:
    """Whether some of these messages are to one audience and about one subject."""
    if len(messages) == 2 and messages[0].audience is not messages[1].audience:  # noqa: PLR2004
        return False  # as most often: one to the customer, one to the staff
    return len(set(map(_subject_of, messages))) < len(messages)


def _told_in_groups(
    messages: Sequence[Notification],
    entries: tuple[Told, ...],
    now: datetime,
    overtaken: Mapping[str, AbstractSet[str]],
    closing: AbstractSet[str],
) -> tuple[tuple[Notification, ...], tuple[Told, ...]]:
    """What `told_with` says, where several of the messages are about one subject."""
    after = list(entries)
    news_ids: set[int] = set()
    for (audience, subject), group in _by_key(messages).items():
        place, last = _place_of(audience, subject, after)
        contents = {} if last is None else dict(last.contents)
        news = [each for each in group if each[1] not in contents]
        if not news:
            continue
        news_ids.update([id(message) for message, _ in news])
        if last is not None:
            digests = {digest for _, digest in group}
            for message, _ in news:
                _continue(message, last, overtaken, digests)
            del after[place]
        if not any([message.kind in closing for message, _ in news]):
            after.insert(place, _told_next(group, news, last, now))
    in_turn = tuple([message for message in messages if id(message) in news_ids])
    return (in_turn, tuple(after)) if in_turn else ((), entries)


def _place_of(audience: Audience, subject: str, entries: Sequence[Told]) -> tuple[int, Told | None]:
    """Where the entry of an audience and a subject is, and that; or where it would come.

    They are by key: it is found by halving, however many parcels there were. Few are read one after
    the other: to make the key of one and to compare it takes as long as to read three.
    """
    if len(entries) >= _FEW:
        return place_in(entries, (audience, subject), key_of)
    place = 0
    for each in entries:
        if each.audience is audience:
            if each.subject >= subject:
                return place, each if each.subject == subject else None
        elif each.audience > audience:
            break
        place += 1
    return place, None


def _has(last: Told, digest: str) -> bool:
    """Whether a message of this content is among what holds."""
    for known_digest, _ in last.contents:
        if known_digest == digest:
            return True
    return False


def _continue(
    message: Notification,
    last: Told,
    overtaken: Mapping[str, AbstractSet[str]],
    current: Collection[str] = (),
) -> None:
    """Let news know what was told before it, and what of that it takes the place of.

    Args:
        message: what is news.
        last: what was told last.
        overtaken: by kind, the kinds that a message takes the place of.
        current: the digests of all that there is to tell: what was told and is so still stands.
    """
    _set_previous_id(message, last.id)
    kinds = overtaken.get(message.kind)
    if not kinds:  # as of most
        return
    superseded = [
        message_id
        for digest, message_id in last.contents
        if kind_in(message_id) in kinds and digest not in current
    ]
    if superseded:
        _set_supersedes(message, tuple(superseded))


def _news_of(group: Sequence[_Read], last_by_key: Mapping[_Key, Told]) -> list[_Read]:
    """Those of a run's messages that are news; each knows what came before it.

    What was told and does not hold any more need not be sent, if it was not sent yet.
    """
    news: list[_Read] = []
    for message, digest in group:
        last = last_by_key.get(key_of(message))
        if last is None:
            news.append((message, digest))
        elif digest not in dict(last.contents):
            digests = {each for _, each in group}
            superseded = [each_id for each, each_id in last.contents if each not in digests]
            about = altered(message, previous_id=last.id, supersedes=tuple(superseded))
            news.append((about, digest))
    return news


def taken_back(
    entries: Iterable[Told], before: Iterable[Told], ids: Collection[str]
) -> tuple[list[Told], list[Told]]:
    """What was told if these messages never were: the entries, and those before them.

    Only what runs decide is taken back, since each run says all of it again. What was told of an
    event is told once.

    Args:
        entries: what was told, at most one per audience and subject.
        before: what was told before the news in those.
        ids: the messages that nobody can have read.
    """
    before_by_key = {each.key: each for each in before}
    after: list[Told] = []
    for last in entries:
        standing = tuple([each for each in last.contents if each[1] not in ids])
        if standing == last.contents or last.subject != DECISION:
            after.append(last)
            continue
        previous = before_by_key.pop(last.key, None)
        if set(standing) <= set(() if previous is None else previous.contents):  # none of the news
            after += [] if previous is None else [previous]
        else:
            after.append(attrs.evolve(last, contents=standing))
    return after, list(before_by_key.values())


def told_before(
    entries: Iterable[Told], earlier: Iterable[Told], earlier_before: Iterable[Told]
) -> tuple[Told, ...]:
    """What was told before the news in these: what counts if they are taken back.

    Args:
        entries: what was told after a run.
        earlier: what was told before it.
        earlier_before: what was told before the news in those.
    """
    last_by_key = {each.key: each for each in earlier}
    if not last_by_key:  # as of all orders that are new
        return ()
    before_by_key = {each.key: each for each in earlier_before}
    before: list[Told] = []
    for each in entries:
        last = last_by_key.get(each.key)
        if last is not None and each.subject == DECISION:
            previous = before_by_key.get(each.key) if last.id == each.id else last
            before += [] if previous is None else [previous]
    return tuple(before)


def superseded_ids(
    messages: Sequence[Notification], entries: Iterable[Told], *, is_settled: bool, has_left: bool
) -> list[str]:
    """The ids of what was told and does not hold any more, news or no news in its place.

    A confirmation is owed with the goods at the latest (2011/83/EU, article 8(7)): that all has
    left since is no reason to keep it back.

    Args:
        messages: all that a run has to tell about one order.
        entries: what was told about it before.
        is_settled: whether nothing of the order is open any more.
        has_left: whether something of it has left.
    """
    by_key = _by_key(messages)
    ids: list[str] = []
    for last in entries:
        standing = set(_standing(by_key.get(last.key, []), last, is_settled=is_settled))
        is_owed = is_settled and has_left and last.key not in by_key
        ids += [
            message_id
            for digest, message_id in last.contents
            if (digest, message_id) not in standing
            and not (is_owed and kind_in(message_id) in CONFIRMATIONS)
        ]
    return ids


def told_after(
    messages: Sequence[Notification], entries: Iterable[Told], now: datetime, *, is_settled: bool
) -> tuple[Told, ...]:
    """What was told once the news among these messages is.

    Args:
        messages: all that a run has to tell about one order.
        entries: what was told about it before.
        now: the time of the run.
        is_settled: whether nothing of the order is open any more.
    """
    by_key = _by_key(messages)
    after: dict[_Key, Told] = {}
    for last in entries:
        group = by_key.pop(last.key, [])
        news = _news_of(group, {last.key: last})
        after[last.key] = _told_next(group, news, last, now, is_settled=is_settled)
    for key, group in by_key.items():
        after[key] = _told_next(group, group, None, now)
    return tuple(sorted(after.values(), key=key_of))


def _by_key(messages: Iterable[Notification]) -> dict[_Key, list[_Read]]:
    """The messages to each audience about each subject."""
    by_key: dict[_Key, list[_Read]] = {}
    for each in _read(messages):
        by_key.setdefault(key_of(each[0]), []).append(each)
    return by_key


def _read(messages: Iterable[Notification]) -> list[_Read]:
    return [(message, message.content_digest) for message in messages]


def _standing(
    group: Sequence[_Read], last: Told, *, is_settled: bool
) -> tuple[tuple[str, str], ...]:
    """What an audience was told of a subject and holds still.

    What the customer was told stands until they are told something else, or nothing of the order is
    open any more: a delay is said once, and the run after it has nothing to say of it. What the
    staff was told lapses with its reason, so that a second hold is told like the first. What was
    told of an event stands until something else is told of the same thing: a run does not know it.
    """
    if not group and last.subject != DECISION:
        return last.contents
    current = {digest for _, digest in group}
    if last.audience is Audience.CUSTOMER and current <= dict(last.contents).keys():  # no news
        is_over = not group and is_settled and last.subject == DECISION
        return () if is_over else last.contents
    return tuple([each for each in last.contents if each[0] in current])


def _id_after(message_ids: Sequence[str]) -> str:
    """What stands for all that was told once these messages were: of one, the digest in its id.

    The ids of news are made of what was told before it, so nothing else is needed.
    """
    if len(message_ids) == 1:
        return message_ids[0][-DIGITS:]
    return digest_of_text(BETWEEN.join(sorted(message_ids)))


def _told_next(
    group: Sequence[_Read],
    news: Sequence[_Read],
    last: Told | None,
    now: datetime,
    *,
    is_settled: bool = False,
) -> Told:
    """What an audience was told last of a subject, once it is told the news.

    Args:
        group: all that there is to tell of it.
        news: what of that is news.
        last: what was told before; None if nothing was: then all of it is news.
        now: when.
        is_settled: whether nothing of the order is open any more.
    """
    last_date: datetime | None = None
    contents: list[tuple[str, str]] = []
    if last is not None:
        if not news:
            standing = _standing(group, last, is_settled=is_settled)
            return last if standing == last.contents else attrs.evolve(last, contents=standing)
        if len(news) < len(group):
            current = {digest for _, digest in group}
            contents = [each for each in last.contents if each[0] in current]
        last_date = last.delivered_at
    ids: list[str] = []
    dates: list[datetime] = []
    for message, digest in news:
        message_id = message.id_of(digest)
        ids.append(message_id)
        contents.append((digest, message_id))
        if message.delivered_at is not None:
            dates.append(message.delivered_at)
        if message.previous_date is not None:  # what was said of the day holds no more
            last_date = None
    # Of most subjects one message holds: there is nothing to put in sequence.
    rows = tuple(contents if len(contents) == 1 else sorted(set(contents)))
    return _entry(group[0][0], _id_after(ids), rows, max(dates) if dates else last_date, now)


def _entry(
    message: Notification,
    entry_id: str,
    contents: tuple[tuple[str, str], ...],
    delivered_at: datetime | None,
    now: datetime,
) -> Told:
    """What was told about the subject of a message: the fast way, see `_values.twin`."""
    twin = _ToldTwin()
    twin.audience, twin.subject = message.audience, message.subject
    twin.recipient, twin.locale = message.recipient, message.locale
    twin.id, twin.contents = entry_id, contents
    twin.delivered_at, twin.at = delivered_at, now
    twin.__class__ = Told
    entry: Told = twin
    return entry
