"""Laws for policies that are asked in the middle of a run: each is tried in a run of a batch."""

from __future__ import annotations

import pickle
from collections.abc import Iterable
from typing import Any, cast

from fulfill_core.exceptions import PluginError
from fulfill_core.pipeline.run import process
from fulfill_core.protocols import (
    NotificationPolicy,
    Planner,
    PromisePolicy,
    SourcingPolicy,
)
from fulfill_core.protocols.plugins import name_of
from fulfill_core.reallocation.reallocation import Reallocation
from fulfill_core.reallocation.strategies import StrategyPolicy
from fulfill_core.testing.strategies import Batch


def check_sourcing_policy(
    policy: SourcingPolicy, batch: Batch, /, *, pickles: bool = False
) -> None:
    """Hold a sourcing policy to its contract in a run of this batch.

    - *total*: it raises for no demand, and returns some of the candidates, each at most once.
    - *pure*: asked again about the same demand it makes the same choice.
    - *pickles*: so does its copy, if you say that it has to.

    Args:
        policy: the policy.
        batch: orders and stock that fit together, as `batches` makes them.
        pickles: whether it has to survive pickling.

    Raises:
        AssertionError: a law is broken; the message names the law and an order.

    >>> from hypothesis import given, settings
    >>> from fulfill_core.testing import batches
    >>> def far_first(demand, candidates, /, *, context):
    ...     return candidates[::-1]
    >>> @settings(max_examples=5, database=None)
    ... @given(batches())
    ... def test_far_first(batch):
    ...     check_sourcing_policy(far_first, batch)
    >>> test_far_first()
    """
    _check_in_run(policy, batch, pickles=pickles, setting="sourcing")


def check_notification_policy(
    policy: NotificationPolicy, batch: Batch, /, *, pickles: bool = False
) -> None:
    """Hold a notification policy to its contract in a run of this batch.

    It raises for no decision, returns messages only, and the same ones when asked again.

    Raises:
        AssertionError: a law is broken; the message names the law and an order.

    >>> from hypothesis import Phase, find, settings
    >>> from fulfill_core.testing import batches
    >>> batch = find(batches(), bool, settings=settings(phases=[Phase.generate], database=None))
    >>> check_notification_policy(lambda decision, /, *, context: (), batch)
    """
    _check_in_run(policy, batch, pickles=pickles, setting="notifications")


def check_promise_policy(policy: PromisePolicy, batch: Batch, /, *, pickles: bool = False) -> None:
    """Hold a promise policy to its contract in a run of this batch, as `check_sourcing_policy`.

    It raises for no decision, returns a `Promise` or None, and the same when asked again.

    Raises:
        AssertionError: a law is broken; the message names the law and an order.

    >>> from hypothesis import Phase, find, settings
    >>> from fulfill_core.testing import batches
    >>> batch = find(batches(), bool, settings=settings(phases=[Phase.generate], database=None))
    >>> check_promise_policy(lambda decision, /, *, context: None, batch)
    """
    _check_in_run(policy, batch, pickles=pickles, setting="promise")


def check_planner(planner: Planner, batch: Batch, /, *, pickles: bool = False) -> None:
    """Hold a planner to its contract in a run of this batch, as `check_sourcing_policy`.

    It raises for no queue, returns a `Plan`, and the same one when asked again.

    Raises:
        AssertionError: a law is broken; the message names the law and an order.

    >>> from hypothesis import Phase, find, settings
    >>> from fulfill_core.testing import batches
    >>> from decimal import Decimal
    >>> from fulfill_core.protocols import Plan
    >>> nothing = Plan(units=[], value=Decimal(0), greedy_value=Decimal(0))
    >>> batch = find(batches(), bool, settings=settings(phases=[Phase.generate], database=None))
    >>> check_planner(lambda queue, stock, /, *, context: nothing, batch)
    """
    _check_in_run(planner, batch, pickles=pickles, setting="planner")


def check_strategy_policy(
    policy: StrategyPolicy, batch: Batch, /, *, pickles: bool = False
) -> None:
    """Hold a strategy policy to its contract in a re-allocation, as `check_sourcing_policy`.

    It raises for no order, returns a `ConfirmationStrategy`, and the same when asked again.

    Raises:
        AssertionError: a law is broken; the message names the law and an order.

    >>> from hypothesis import Phase, find, settings
    >>> from fulfill_core.testing import batches
    >>> from fulfill_core.reallocation import ConfirmationStrategy
    >>> gains = ConfirmationStrategy.GAIN
    >>> batch = find(batches(), bool, settings=settings(phases=[Phase.generate], database=None))
    >>> check_strategy_policy(lambda order, /, *, context: gains, batch)
    """
    _check_in_run(policy, batch, pickles=pickles, setting="reallocation")


class _Twice:
    """A policy that is asked everything twice, and must answer the same."""

    def __init__(self, policy: Any, copy: Any, law: str) -> None:
        self.policy = policy
        self.copy = copy
        self.law = law

    def __call__(self, *subjects: object, context: object) -> Any:
        answer = _lasting(self.policy(*subjects, context=context))
        again = _lasting(self.copy(*subjects, context=context))
        if answer != again:
            raise AssertionError(f"{self.law}: asked twice, it returned {answer!r} and {again!r}")
        return answer

    def __getattr__(self, part: str) -> Any:
        if part.startswith("__") or part in ("policy", "copy", "law"):
            raise AttributeError(part)
        return getattr(self.policy, part)

    def __repr__(self) -> str:
        return name_of(self.policy)


def _lasting(answer: object) -> object:
    """An answer that can be gone through twice."""
    is_generator = hasattr(answer, "__next__")
    return tuple(cast("Iterable[object]", answer)) if is_generator else answer


def _check_in_run(policy: Any, batch: Batch, *, pickles: bool, setting: str) -> None:
    """The policy keeps its contract in a run of the batch, in the place of this setting."""
    copy, law = policy, "pure"
    if pickles:
        law = "pickles"
        try:
            copy = pickle.loads(pickle.dumps(policy))  # noqa: S301 - made here
        except Exception as error:
            raise AssertionError(f"pickles: {name_of(policy)} can't be pickled: {error}") from error
    plugin: Any = _Twice(policy, copy, law)
    if setting == "reallocation":
        plugin = Reallocation(strategy=plugin)
    settings = {setting: plugin}
    try:
        result = process(
            batch.orders, batch.inventory, now=batch.now, facts=batch.facts, **settings
        )
        _ = result.notifications, tuple(result.decisions)  # some policies are not asked before
    except PluginError as error:
        problem = f"total: {error}"
        if isinstance(error.__cause__, AssertionError):
            law, _, difference = str(error.__cause__).partition(": ")
            problem = f"{law}: asked about order {error.order_id!r}, {difference}"
        raise AssertionError(problem) from error
