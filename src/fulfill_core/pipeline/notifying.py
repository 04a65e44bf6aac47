"""The messages of a run: what a policy has to tell of each decision."""

from __future__ import annotations

from fulfill_core.decisions.notification import Notification
from fulfill_core.exceptions import PluginError
from fulfill_core.pipeline.ledger import Decisions
from fulfill_core.protocols import NotificationPolicy
from fulfill_core.protocols.plugins import is_iterable, raised_by, returned_by
from fulfill_core.records.facts import Context

_REMEDY = "return Notification values"


def notify(
    decisions: Decisions, policy: NotificationPolicy, context: Context
) -> tuple[Notification, ...]:
    """The messages about all decisions, in their sequence.

    Raises:
        PluginError: the policy raised, or returned something else.
    """
    messages: list[Notification] = []
    for decision in decisions:  # made here, told and dropped: none of them is kept
        answer: object = ()
        try:
            answer = policy(decision, context=context)
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
    return tuple(messages)
