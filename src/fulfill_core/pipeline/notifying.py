"""The messages of a run: what a policy has to tell of each decision, and what of it is news."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import NamedTuple, TypeAlias, cast

import attrs

from fulfill_core import _values, protocols, records
from fulfill_core.decisions.decision import Decision
from fulfill_core.decisions.notification import Notification, Rows, keep_rows_once
from fulfill_core.exceptions import PluginError
from fulfill_core.inventory.stock import Reservation
from fulfill_core.pipeline.ledger import Decisions
from fulfill_core.protocols import NotificationPolicy
from fulfill_core.protocols.plugins import (
    MOST_ANSWERS,
    Endless,
    callee,
    counts_messages,
    is_deferrable,
    is_iterable,
    name_of,
    raised_by,
    returned_by,
    tells_of_absent_orders,
    within,
)
from fulfill_core.records.facts import Context

_NewsOf: TypeAlias = Callable[
    [Sequence[Notification], "Iterable[records.Told]"], tuple[Notification, ...]
]
_REMEDY = "return Notification values"


class _Content(NamedTuple):
    news: tuple[Notification, ...] = ()
    by_order: Mapping[str, tuple[Notification, ...]] = {}


class Messages:
    """What a run has to tell. It is made at once, or when somebody reads it.

    >>> from fulfill_core.pipeline import Messages
    >>> Messages.of((), {}).news
    ()
    """

    __slots__ = ("_content", "_source")

    def __init__(
        self, content: _Content, source: tuple[Decisions, NotificationPolicy, Context] | None = None
    ) -> None:
        self._content = content
        self._source = source

    @classmethod
    def of(
        cls, news: Iterable[Notification], by_order: Mapping[str, tuple[Notification, ...]]
    ) -> Messages:
        """Messages that are made already: what is news; and all there is, of the orders with it."""
        return cls(_Content(tuple(news), by_order))

    @property
    def news(self) -> tuple[Notification, ...]:
        """What nobody was told yet, in the sequence of the decisions."""
        return self._contents().news

    @property
    def by_order(self) -> Mapping[str, tuple[Notification, ...]]:
        """Of the orders of which something was told before: all there is to tell, by order id."""
        return self._contents().by_order

    def _contents(self) -> _Content:
        source = self._source
        if source is not None:
            self._content = _tell(*source)
            self._source = None
        return self._content

    def __eq__(self, other: object) -> bool:
        return (
            self._contents() == other._contents() if isinstance(other, Messages) else NotImplemented
        )

    def __hash__(self) -> int:
        return hash(self.news)

    def __reduce__(self) -> tuple[type[Messages], tuple[object, ...]]:
        return Messages, (self._content, self._source)

    def __repr__(self) -> str:
        return f"Messages({', '.join(map(repr, self.news))})"


def count_of(messages: Messages) -> MessageCount | None:
    """What counts the messages of a run without making them; None if that can't be done.

    They are made already, or their policy does not say how many they are (`CountingPolicy`).
    """
    source = messages._source  # noqa: SLF001 - what they are made of is nobody else's affair
    if source is None or not counts_messages(source[1]):
        return None
    _, policy, context = source
    return MessageCount(cast("protocols.CountingPolicy", policy), context, _told_by_id(context))


@attrs.frozen(weakref_slot=False, eq=False)
class MessageCount:
    """How many messages about a decision are news, by a policy that counts without making them.

    Args:
        policy: the policy of the run.
        context: that of the run.
        told_by_id: what was told before, by the id of the order.
    """

    policy: protocols.CountingPolicy
    context: Context
    told_by_id: Mapping[str, tuple[records.Told, ...]]

    __repr__ = _values.repr_of

    def of(self, decision: Decision) -> int:
        """How many there are.

        Raises:
            PluginError: the policy raised, or gave something else.
        """
        policy = self.policy
        entries = self.told_by_id.get(decision.order.id) if self.told_by_id else None
        if entries is not None:  # which of them are news, only they themselves say
            messages: list[Notification] = []
            _add_messages(messages, decision, policy, callee(policy), self.context)
            return len(_news_of()(messages, entries))
        try:
            count: object = policy.message_count(decision, context=self.context)
        except PluginError:
            raise
        except Exception as error:
            raise raised_by(policy, decision.id, error, "a policy") from error
        if not isinstance(count, int) or isinstance(count, bool) or count < 0:
            raise returned_by(policy, decision.id, count, "return how many messages there are")
        return count

    def is_like(self, other: MessageCount | None) -> bool:
        """Whether both count the same of decisions that are the same but for the rank."""
        if other is None:
            return False
        return self.policy is other.policy and self.context == other.context


NO_MESSAGES = Messages(_Content())
"""Where nothing is told."""


def notify(decisions: Decisions, policy: NotificationPolicy, context: Context) -> Messages:
    """The messages about all decisions, in their sequence.

    A policy that may be asked later is asked when somebody reads them: to make them takes as long
    as to verify the orders, and who tries a setting, or looks at the stock, does not read them.

    Raises:
        PluginError: the policy raised, or returned something else.
    """
    if is_deferrable(policy):
        return Messages(_Content(), (decisions, policy, context))
    return Messages(_tell(decisions, policy, context))


def _tell(decisions: Decisions, policy: NotificationPolicy, context: Context) -> _Content:
    news: list[Notification] = []
    by_order: dict[str, tuple[Notification, ...]] = {}
    call = callee(policy)
    told_by_id = _told_by_id(context)
    rows: Rows | None = {} if is_deferrable(policy) else None
    for decision in decisions:  # made here, told and dropped: none of them is kept
        entries = told_by_id.get(decision.order.id) if told_by_id else None
        if entries is None:
            _add_messages(news, decision, policy, call, context, rows)
            continue
        messages: list[Notification] = []
        _add_messages(messages, decision, policy, call, context, rows)
        by_order[decision.id] = tuple(messages)
        news += _news_of()(messages, entries)
    return _Content(tuple(news), by_order)


@cache
def _news_of() -> _NewsOf:
    """What says which messages are news; not at once: to new orders nobody was told anything."""
    from fulfill_core.records.told import news_of  # noqa: PLC0415 - as said

    return news_of


def _told_by_id(context: Context) -> dict[str, tuple[records.Told, ...]]:
    """What was told before, by the id of the order."""
    return {record.id: record.told for record in context.records if record.told}


def notify_of_absent(
    reservations: Iterable[Reservation], policy: NotificationPolicy, context: Context
) -> tuple[Notification, ...]:
    """The messages about orders that are not in a run of all orders, and have units reserved.

    What expires is left out: a checkout has that, and it ends by itself. A policy without a word
    for it says nothing.

    Raises:
        PluginError: the policy raised, or returned something else.
    """
    if not tells_of_absent_orders(policy):
        return ()
    by_order: dict[str, list[Reservation]] = {}
    for reservation in reservations:
        if reservation.expires_at is None:
            by_order.setdefault(reservation.order_id, []).append(reservation)
    messages: list[Notification] = []
    call = cast("protocols.AbsentOrderPolicy", policy).of_absent_order
    for group in by_order.values():
        _add_messages(messages, tuple(group), policy, call, context)
    return tuple(messages)


def _add_messages(
    messages: list[Notification],
    subject: Decision | tuple[Reservation, ...],
    policy: NotificationPolicy,
    call: Callable[..., Iterable[Notification]],
    context: Context,
    rows: Rows | None = None,
) -> None:
    """Add what the policy has to tell of a decision, or of what an absent order has reserved.

    Args:
        messages: where the messages go.
        subject: what they are about.
        policy: the policy, for errors.
        call: what to ask: the `callee` of the policy, or a part of it.
        context: that of the run.
        rows: those of the messages so far, which are kept once; None if each keeps its own. Of a
            policy that says nothing of when it is asked they are as it made them.
    """
    answer: object = ()
    try:
        answer = call(subject, context=context)
        # A tuple has an end, and nearly all answers are one.
        has_end = answer.__class__ is tuple
        for message in answer if has_end else within(answer, MOST_ANSWERS, "messages"):
            if not isinstance(message, Notification):
                raise returned_by(policy, _order_id(subject), message, _REMEDY)
            if rows is not None:
                keep_rows_once(message, rows)
            messages.append(message)
    except PluginError:
        raise  # a policy that says itself what is wrong
    except Endless as error:
        raise PluginError(name_of(policy), _order_id(subject), str(error)) from error
    except Exception as error:
        if not is_iterable(answer):
            raise returned_by(policy, _order_id(subject), answer, _REMEDY) from error
        raise raised_by(policy, _order_id(subject), error, "a policy") from error


def _order_id(subject: Decision | tuple[Reservation, ...]) -> str:
    """The order that something is told about."""
    return subject.id if isinstance(subject, Decision) else subject[0].order_id
