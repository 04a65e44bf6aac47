"""Several notification policies as one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from itertools import chain
from typing import cast

import attrs

from fulfill_core import _checks
from fulfill_core.decisions.decision import Decision
from fulfill_core.decisions.notification import Notification
from fulfill_core.inventory.stock import Reservation
from fulfill_core.protocols import AbsentOrderPolicy, CountingPolicy, NotificationPolicy
from fulfill_core.protocols.plugins import (
    KeysOfAll,
    counts_messages,
    is_deferrable,
    looks_at_time_of_queue,
    name_of,
    tells_of_absent_orders,
    turning_points_of,
)
from fulfill_core.protocols.roles import NOTIFICATIONS, check_plugin
from fulfill_core.records.facts import Context


@attrs.frozen(weakref_slot=False, repr=False)
class Together:
    """Several notification policies as one: `together` makes it.

    Args:
        policies: the policies, one at least.
    """

    policies: tuple[NotificationPolicy, ...]

    def __call__(self, decision: Decision, /, *, context: Context) -> Iterable[Notification]:
        return chain.from_iterable([policy(decision, context=context) for policy in self.policies])

    @property
    def is_deferrable(self) -> bool:
        """Whether all of the policies may be asked later."""
        return all(map(is_deferrable, self.policies))

    @property
    def message_count(self) -> Callable[..., int] | None:
        """The messages of all policies together; None if one of them does not count its own."""
        return self._message_count if all(map(counts_messages, self.policies)) else None

    def _message_count(self, decision: Decision, /, *, context: Context) -> int:
        policies = cast("tuple[CountingPolicy, ...]", self.policies)
        return sum([policy.message_count(decision, context=context) for policy in policies])

    def turning_points(self, decision: Decision, /, *, context: Context) -> Iterable[datetime]:
        """Those of the policies."""
        for policy in self.policies:
            yield from turning_points_of(policy, decision, context)

    @property
    def is_timeless_in_queue(self) -> bool:
        """Whether none of the policies looks at the time for an order in the queue."""
        return not any(map(looks_at_time_of_queue, self.policies))

    @property
    def shared_keys(self) -> KeysOfAll:
        """Those of the policies."""
        return KeysOfAll(self.policies)

    def of_absent_order(
        self, reservations: tuple[Reservation, ...], /, *, context: Context
    ) -> Iterable[Notification]:
        """What the policies have to tell of an order that is not in the run."""
        for policy in self.policies:
            if tells_of_absent_orders(policy):
                part = cast("AbsentOrderPolicy", policy).of_absent_order
                yield from part(reservations, context=context)

    def __repr__(self) -> str:
        return f"together({', '.join(map(name_of, self.policies))})"


def together(*policies: NotificationPolicy) -> Together:
    """What several policies have to tell, one after the other.

    Args:
        policies: notification policies, one at least.

    >>> from fulfill_core.notifications import better_promise, customer_and_staff
    >>> together(customer_and_staff, better_promise())
    together(CustomerAndStaff(), better_promise(at_least=datetime.timedelta(0)))
    """
    if not policies:
        raise _checks.refuse("together.policies", policies, "is empty; pass one at least")
    for position, policy in enumerate(policies):
        check_plugin(f"together.policies[{position}]", policy, NOTIFICATIONS)
    return Together(policies)
