"""What a run asks of time: when an order joins the queue, and what its policy promises."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from fulfill_core.decisions.decision import Decision
from fulfill_core.decisions.promise import Promise
from fulfill_core.exceptions import PluginError
from fulfill_core.protocols import PromisePolicy
from fulfill_core.protocols.plugins import raised_by, returned_by
from fulfill_core.records.facts import Context

_EARLIEST = datetime.min.replace(tzinfo=UTC)


def due_at(ship_after: datetime, window: timedelta) -> datetime:
    """From when on an order takes stock that is not to be shipped before *ship_after*, in UTC."""
    # A window may be longer than the calendar is old.
    return ship_after - window if ship_after - _EARLIEST > window else _EARLIEST


def promise_of(policy: PromisePolicy, decision: Decision, context: Context) -> Promise | None:
    """What the policy promises for an order of the queue.

    Raises:
        PluginError: it raised, or returned something else.
    """
    try:
        promise = policy(decision, context=context)
    except PluginError:
        raise  # a policy of ours that says itself what is wrong
    except Exception as error:
        raise raised_by(policy, decision.id, error, "a policy") from error
    if promise is not None and not isinstance(promise, Promise):
        raise returned_by(policy, decision.id, promise, "return a Promise or None")
    return promise
