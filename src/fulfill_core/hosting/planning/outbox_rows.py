"""What there is to send and to do, as rows of the outbox."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

import attrs

from fulfill_core import _checks
from fulfill_core.decisions.notification import Notification, digest_of
from fulfill_core.hosting.planning.drafts import PreferencesOf, StepOfEvent
from fulfill_core.hosting.plans import OutboxRow
from fulfill_core.lifecycle import Action
from fulfill_core.notifications.sending import Delivery, Omission, Preferences, deliveries
from fulfill_core.orders.order import Order


def superseded(messages: Iterable[Notification]) -> set[str]:
    """The ids of the messages whose place these take.

    >>> superseded([])
    set()
    """
    return {message_id for message in messages for message_id in message.supersedes}


def rows_of_messages(
    messages: Iterable[Notification],
    withdrawn: Iterable[str],
    now: datetime,
    orders: Mapping[str, Order],
    preferences: PreferencesOf | None,
) -> list[OutboxRow]:
    """The messages that are still true at the end of all steps, and when each goes out.

    >>> rows_of_messages([], (), datetime(2026, 3, 2), {}, None)
    []
    """
    messages = [each for each in messages if each.id not in withdrawn]
    if preferences is None:
        return [
            OutboxRow(id=each.id, order_id=each.order_id, content=each, due_at=now)
            for each in messages
        ]
    ids = {each.order_id for each in messages} & orders.keys()
    wishes = {order_id: _preferences_of(orders[order_id], preferences) for order_id in ids}
    mailing = deliveries(messages, wishes, now=now)
    by_id = {
        message.id: attrs.evolve(delivery, messages=[message])
        for delivery in mailing.deliveries
        for message in delivery.messages
    }
    for message, reason in mailing.omissions:
        if reason is Omission.NO_MAILBOX:  # a person has to pass it on: the notifier says so
            by_id[message.id] = Delivery(messages=[message], send_at=now)
    # A row for each message: so each is withdrawn by itself. What goes out together is found when
    # it is handed out.
    return [
        OutboxRow(id=each.id, order_id=each.order_id, content=part, due_at=part.send_at)
        for each in messages
        if (part := by_id.get(each.id)) is not None
    ]


def _preferences_of(order: Order, preferences: PreferencesOf) -> Preferences:
    """How the customer of an order wants to be told, as the host says."""
    try:
        wishes = preferences(order)
    except Exception as error:
        error.add_note(f"While it was asked how the customer of {order.id!r} wants to be told.")
        raise
    _checks.check_member(f"preferences({order.id!r})", wishes, Preferences)
    return wishes


def rows_of_actions(steps: Iterable[StepOfEvent], now: datetime) -> list[OutboxRow]:
    """The actions: an event is applied once, so its id and the position make an id of each.

    >>> rows_of_actions([], datetime(2026, 3, 2))
    []
    """
    return [
        OutboxRow(
            id=f"{event.order_id}:{_word_for(action)}:{digest_of((event.id, position))}",
            order_id=event.order_id,
            content=action,
            due_at=now,
        )
        for event, step in steps
        for position, action in enumerate(step.actions)
    ]


def _word_for(action: Action) -> str:
    return type(action).__name__.lower()
