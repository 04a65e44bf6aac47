"""The messages of a run: what a policy has to tell of each decision, and what of it is news."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple, cast

from fulfill_core.decisions.decision import Decision
from fulfill_core.decisions.notification import Notification
from fulfill_core.exceptions import PluginError
from fulfill_core.inventory.stock import Reservation
from fulfill_core.pipeline.ledger import Decisions
from fulfill_core.protocols import AbsentOrderPolicy, NotificationPolicy
from fulfill_core.protocols.plugins import (
    MOST_ANSWERS,
    Endless,
    callee,
    is_iterable,
    name_of,
    raised_by,
    returned_by,
    tells_of_absent_orders,
    within,
)
from fulfill_core.records.facts import Context
from fulfill_core.records.told import news_of

_REMEDY = "return Notification values"


class Messages(NamedTuple):
    """What a run has to tell.

    Args:
        news: what nobody was told yet, in the sequence of the decisions.
        by_order: of the orders of which something was told before that still holds: all that$
            to tell, by order id.
    """

    news: tuple[Notification, ...]
    by_order: dict[str, tuple[Notification, ...]]


def notify(decisions: Decisions, policy: NotificationPolicy, context: Context) -> Messages:
    """The messages about all decisions, in their sequence.

    Raises:
        PluginError: the policy raised, or returned something else.
    """
    news: list[Notification] = []
    by_order: dict[str, tuple[Notification, ...]] = {}
    call = callee(policy)
    told_by_id = {record.id: record.told for record in context.records if record.told}
    for decision in decisions:  # made here, told and dropped: none of them is kept
        entries = told_by_id.get(decision.order.id) if told_by_id else None
        if entries is None:
            _add_messages(news, decision, policy, call, context)
            continue
        messages: list[Notification] = []
        _add_messages(messages, decision, policy, call, context)
        by_order[decision.id] = tuple(messages)
        news += news_of(messages, entries)
    return Messages(tuple(news), by_order)


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
    call = cast("AbsentOrderPolicy", policy).of_absent_order
    for group in by_order.values():
        _add_messages(messages, tuple(group), policy, call, context)
    return tuple(messages)


def _add_messages(
    messages: list[Notification],
    subject: Decision | tuple[Reservation, ...],
    policy: NotificationPolicy,
    call: Callable[..., Iterable[Notification]],
    context: Context,
) -> None:
    """Add what the policy has to tell of a decision, or of what an absent order has reserved.

    Args:
        messages: where the messages go.
        subject: what they are about.
        policy: the policy, for errors.
        call: what to ask: the `callee` of the policy, or a part of it.
        context: that of the run.
    """
    answer: object = ()
    try:
        answer = call(subject, context=context)
        # A tuple has an end, and nearly all answers are one.
        has_end = answer.__class__ is tuple
        for message in answer if has_end else within(answer, MOST_ANSWERS, "messages"):
            if not isinstance(message, Notification):
                raise returned_by(policy, _order_id(subject), message, _REMEDY)
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
