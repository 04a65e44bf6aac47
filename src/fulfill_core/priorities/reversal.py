"""Another policy turned round."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

import attrs

from fulfill_core.orders.order import Order
from fulfill_core.priorities.combining import check_policy
from fulfill_core.priorities.times import describe
from fulfill_core.protocols import PriorityPolicy, SortKey
from fulfill_core.protocols.plugins import TurningPoints, looks_at_time, name_of, turning_points_of
from fulfill_core.records.facts import Context


@attrs.frozen(weakref_slot=False, repr=False)
class Descending:
    """A policy turned round, as `descending` makes it."""

    policy: PriorityPolicy

    def __call__(self, order: Order, /, *, context: Context) -> _Reversed:
        return _Reversed(self.policy(order, context=context))

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


def descending(policy: PriorityPolicy) -> Descending:
    """Another policy turned round: what it would serve last comes first.

    Args:
        policy: any policy, whatever its keys are.

    >>> from fulfill_core.priorities import oldest_first
    >>> descending(oldest_first)
    descending(oldest_first)
    """
    check_policy("descending", policy)
    return Descending(policy)


@attrs.frozen(order=False, weakref_slot=False)
class _Reversed:
    """A sort key that compares the other way round."""

    key: SortKey

    def __lt__(self, other: _Reversed) -> bool:
        return other.key < self.key
