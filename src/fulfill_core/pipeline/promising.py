"""What a run asks of time: when an order joins the queue, and what its policy promises."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from fulfill_core import _checks
from fulfill_core.decisions.decision import Decision
from fulfill_core.decisions.promise import Promise
from fulfill_core.exceptions import PluginError
from fulfill_core.protocols import PromisePolicy
from fulfill_core.protocols.plugins import name_of
from fulfill_core.records.facts import Context

_ALWAYS = datetime.min.replace(tzinfo=UTC)


def due_at(ship_after: datetime, window: timedelta) -> datetime:
    """From when on an order takes stock that is not to be shipped before *ship_after*, in UTC."""
    instant = ship_after.astimezone(UTC)
    return instant - window if instant - _ALWAYS > window else _ALWAYS


def promised(policy: PromisePolicy, decision: Decision, context: Context) -> Promise | None:
    """What the policy promises."""
    try:
        promise = policy(decision, context=context)
    except PluginError:
        raise  # a policy of ours that says itself what is wrong
    except Exception as error:
        raise _raised(policy, decision, error) from error
    if promise is not None and not isinstance(promise, Promise):
        raise PluginError(
            name_of(policy),
            decision.id,
            f"returned a {type(promise).__name__}; return a Promise or None",
        )
    return promise


def _raised(policy: object, decision: Decision, error: Exception) -> PluginError:
    return PluginError(
        name_of(policy),
        decision.id,
        f"raised {_checks.shown(error)}; a policy must not raise",
    )
