"""Several policies as one, or one turned round."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

import attrs

from fulfill_core import _checks
from fulfill_core.orders.order import Order
from fulfill_core.priorities.courses import TurningPoints
from fulfill_core.priorities.times import deadline, describe, oldest_first
from fulfill_core.protocols import PriorityPolicy, SortKey
from fulfill_core.protocols.plugins import (
    in_batch,
    looks_at_batch,
    looks_at_time,
    name_of,
    turning_points_of,
)
from fulfill_core.records.facts import Context


def check_policy(path: str, policy: object) -> None:
    """A policy that gives an order its key by itself."""
    _checks.check_callable(path, policy)
    if looks_at_batch(policy):
        raise _checks.refuse(
            path, policy, "looks at the whole batch; it can stand alone or in a lexicographic"
        )


@attrs.frozen(init=False, weakref_slot=False)
class lexicographic:  # noqa: N801 - it is used as the function that it makes
    """Several policies in sequence: the next one decides where the ones before see no difference.

    Args:
        policies: the policies, the weightiest first. At most one of them may look at the batch, as
            `fair_share` does: it is then asked about those orders together that the ones before it
            see no difference between.

    >>> lexicographic(deadline, oldest_first)
    lexicographic(deadline, oldest_first)
    """

    policies: tuple[PriorityPolicy, ...]

    def __init__(self, *policies: PriorityPolicy) -> None:
        looking = 0
        for position, policy in enumerate(policies):
            _checks.check_callable(f"lexicographic({position})", policy)
            looking += looks_at_batch(policy)
            if looking > 1:  # an order's place would depend on orders behind it
                raise _checks.refuse(
                    f"lexicographic({position})",
                    policy,
                    "is the second one that looks at the batch; one policy may",
                )
        _checks.set_field(self, "policies", policies)

    def __call__(self, order: Order, /, *, context: Context) -> tuple[Any, ...]:
        return tuple([policy(order, context=context) for policy in self.policies])

    @property
    def for_batch(self) -> Callable[..., PriorityPolicy] | None:
        """How it is made for a batch; None if none of its policies looks at one."""
        return self._for_batch if any(map(looks_at_batch, self.policies)) else None

    def _for_batch(self, orders: Sequence[Order], /, *, context: Context) -> lexicographic:
        at = next(at for at, policy in enumerate(self.policies) if looks_at_batch(policy))
        looking, before = self.policies[at], lexicographic(*self.policies[:at])
        keyed = [(before(order, context=context), order) for order in orders]
        keyed.sort(key=itemgetter(0))
        made: dict[str, PriorityPolicy] = {}
        for alike in _classes(keyed):
            bound = in_batch(looking, alike, context, "a policy")
            made.update(dict.fromkeys([order.id for order in alike], bound))
        return lexicographic(*self.policies[:at], _ByOrder(looking, made), *self.policies[at + 1 :])

    @property
    def turning_points(self) -> TurningPoints | None:
        """When time alone may change how neighbours compare; None if no policy knows of time."""
        return self._turning_points if any(map(looks_at_time, self.policies)) else None

    def _turning_points(
        self, orders: Sequence[Order], /, *, context: Context
    ) -> Iterable[datetime]:
        # A policy matters to neighbours between whom those before it see no difference; and that
        # they come to see one, or none, is a turning point of theirs.
        runs = [list(orders)]
        last = max(at for at, policy in enumerate(self.policies) if looks_at_time(policy))
        has_classes = any(isinstance(policy, _ByOrder) for policy in self.policies)
        for policy in self.policies[: last + 1]:
            for run in runs:
                yield from turning_points_of(policy, run, context)
                if has_classes:  # these change as well when equal keys part in sequence
                    yield from turning_points_of(policy, run[::-1], context)
            runs = [few for run in runs for few in _alike(policy, run, context) if few[1:]]

    def __repr__(self) -> str:
        return f"lexicographic({', '.join(map(name_of, self.policies))})"

    def describe(self, order: Order, /, *, context: Context) -> str:
        """In words, for an explanation."""
        policies = self.policies or (oldest_first,)  # which is what decides if nothing else does
        return ", then ".join(describe(policy, order, context=context) for policy in policies)


def _classes(keyed: Sequence[tuple[tuple[Any, ...], Order]]) -> Iterable[list[Order]]:
    """The orders with equal keys together; keys need no more than a <, and are in sequence."""
    alike: list[Order] = []
    last: tuple[Any, ...] = ()
    for key, order in keyed:
        if alike and last < key:
            yield alike
            alike = []
        alike.append(order)
        last = key
    if alike:
        yield alike


def _alike(
    policy: PriorityPolicy, orders: Sequence[Order], context: Context
) -> Iterable[list[Order]]:
    """The orders in the same sequence, parted where a policy sees a difference."""
    alike: list[Order] = []
    last: Any = None
    for order in orders:
        key = policy(order, context=context)
        if alike and (last < key or key < last):
            yield alike
            alike = []
        alike.append(order)
        last = key
    yield alike


@attrs.frozen(weakref_slot=False, repr=False)
class _ByOrder:
    """A policy that was made for several parts of a batch, each order by that of its part."""

    policy: PriorityPolicy
    made: dict[str, PriorityPolicy] = attrs.field(hash=False)

    def __call__(self, order: Order, /, *, context: Context) -> SortKey:
        return self.made.get(order.id, self.policy)(order, context=context)

    @property
    def turning_points(self) -> TurningPoints | None:
        """Those of what was made; None if nothing of it knows of time."""
        return self._turning_points if any(map(looks_at_time, self.made.values())) else None

    def _turning_points(
        self, orders: Sequence[Order], /, *, context: Context
    ) -> Iterable[datetime]:
        for _, several in groupby(orders, key=lambda order: id(self.made.get(order.id))):
            few = list(several)
            yield from turning_points_of(self.made.get(few[0].id), few, context)

    def __repr__(self) -> str:
        return name_of(self.policy)

    def describe(self, order: Order, /, *, context: Context) -> str:
        """In words, for an explanation."""
        return describe(self.made.get(order.id, self.policy), order, context=context)


@attrs.frozen(init=False, weakref_slot=False)
class descending:  # noqa: N801 - it is used as the function that it makes
    """Another policy turned round: what it would serve last comes first.

    Args:
        policy: any policy, whatever its keys are.

    >>> descending(oldest_first)
    descending(oldest_first)
    """

    policy: PriorityPolicy

    def __init__(self, policy: PriorityPolicy) -> None:
        check_policy("descending", policy)
        _checks.set_field(self, "policy", policy)

    def __call__(self, order: Order, /, *, context: Context) -> _Turned:
        return _Turned(self.policy(order, context=context))

    @property
    def turning_points(self) -> TurningPoints | None:
        """Those of the policy, for the orders the other way round."""
        return self._turning_points if looks_at_time(self.policy) else None

    def _turning_points(
        self, orders: Sequence[Order], /, *, context: Context
    ) -> Iterable[datetime]:
        return turning_points_of(self.policy, orders[::-1], context)

    def __repr__(self) -> str:
        return f"descending({name_of(self.policy)})"

    def describe(self, order: Order, /, *, context: Context) -> str:
        """In words, for an explanation."""
        return f"{describe(self.policy, order, context=context)} (reversed)"


@attrs.frozen(order=False, weakref_slot=False)
class _Turned:
    """A sort key that compares the other way round."""

    key: SortKey

    def __lt__(self, other: _Turned) -> bool:
        return other.key < self.key


DEFAULT_PRIORITY: PriorityPolicy = lexicographic(deadline, oldest_first)
