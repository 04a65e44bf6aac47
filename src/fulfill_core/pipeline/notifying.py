"""The messages of a run: what a policy has to tell of each decision, and what of it is news."""

from __future__ import annotations

from typing import NamedTuple

from fulfill_core.decisions.decision import Decision
from fulfill_core.decisions.notification import Notification
from fulfill_core.exceptions import PluginError
from fulfill_core.pipeline.ledger import Decisions
from fulfill_core.protocols import NotificationPolicy
from fulfill_core.protocols.plugins import callee, is_iterable, raised_by, returned_by
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


def _add_messages(
    messages: list[Notification],
    decision: Decision,
    policy: NotificationPolicy,
    call: NotificationPolicy,
    context: Context,
) -> None:
    """Add what the policy has to tell of a decision; *call* is the `callee` of the policy."""
    answer: object = ()
    try:
        answer = call(decision, context=context)
        for message in answer:
            if not isinstance(message, Notification):
                raise returned_by(policy, decision.id, message, _REMEDY)
            messages.append(message)
    except PluginError:
        raise  # a policy that says itself what is wrong
    except Exception as error:
        if not is_iterable(answer):
            raise returned_by(policy, decision.id, answer, _REMEDY) from error
        raise raised_by(policy, decision.id, error, "a policy") from error
