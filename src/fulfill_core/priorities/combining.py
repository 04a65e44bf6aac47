"""Several policies as one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any, TypeAlias

import attrs

from fulfill_core import _checks, _values
from fulfill_core.orders.order import Order
from fulfill_core.priorities.times import deadline, describe, oldest_first
from fulfill_core.protocols import PriorityPolicy, SortKey
from fulfill_core.protocols.plugins import (
    KeysOfAll,
    TurningPoints,
    looks_at_batch,
    looks_at_time,
    name_of,
    shared_keys_by,
    turning_points_of,
)
from fulfill_core.protocols.roles import PRIORITY, check_plugin, in_batch
from fulfill_core.records.facts import Context


def check_policy(path: str, policy: object) -> None:
    """A policy that gives an order its key by itself."""
    check_plugin(path, policy, PRIORITY)
    if looks_at_batch(policy):
        raise _checks.refuse(
            path, policy, "looks at the whole batch; it can stand alone or in a lexicographic"
        )


@attrs.frozen(weakref_slot=False, repr=False)
class Lexicographic:
    """Several policies in sequence, as `lexicographic` makes it."""

    policies: tuple[PriorityPolicy, ...]

    __eq__, __hash__ = _values.EQUALITY

    def __call__(self, order: Order, /, *, context: Context) -> tuple[Any, ...]:
        return tuple([policy(order, context=context) for policy in self.policies])

    @property
    def for_batch(self) -> Callable[..., PriorityPolicy] | None:
        """How it is made for a batch; None if none of its policies looks at one."""
        return self._for_batch if any(map(looks_at_batch, self.policies)) else None

    def _for_batch(self, orders: Sequence[Order], /, *, context: Context) -> Lexicographic:
        policies = _flat(self.policies)
        place = next(place for place, policy in enumerate(policies) if looks_at_batch(policy))
        looking = policies[place]
        before, after = Lexicographic(policies[:place]), Lexicographic(policies[place + 1 :])
        # Sorts are stable: within a class the orders come in the sequence in which those policies
        # would serve them that follow. Were turns counted otherwise, an order that ranks behind
        # could keep another one of its group from an earlier turn.
        in_sequence = [order for _, order in _keyed(after, orders, context)]
        by_order: dict[str, PriorityPolicy] = {}
        for alike in _classes(_keyed(before, in_sequence, context)):
            bound = in_batch(looking, tuple(alike), context, PRIORITY)
            by_order.update(dict.fromkeys([order.id for order in alike], bound))
        return Lexicographic((*before.policies, _ByClass(looking, by_order), *after.policies))

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
        last = max(place for place, policy in enumerate(self.policies) if looks_at_time(policy))
        has_classes = any(isinstance(policy, _ByClass) for policy in self.policies)
        for place, policy in enumerate(self.policies[: last + 1]):
            for run in runs:
                yield from turning_points_of(policy, run, context)
                if has_classes:  # these change as well when equal keys part in sequence
                    yield from turning_points_of(policy, run[::-1], context)
                if isinstance(policy, _ByClass):
                    after = Lexicographic(self.policies[place + 1 :])
                    yield from policy.changes_of_sequence(run, after, context)
            runs = [few for run in runs for few in _alike(policy, run, context) if few[1:]]

    @property
    def shared_keys(self) -> KeysOfAll | None:
        """Those of its policies; None if none looks at the batch, or one does and does not say."""
        return shared_keys_by(*self.policies) if self.for_batch is not None else None

    def __repr__(self) -> str:
        return f"lexicographic({', '.join(map(name_of, self.policies))})"

    def describe(self, order: Order, /, *, context: Context) -> str:
        """In words, for an explanation."""
        policies = self.policies or (oldest_first,)  # which is what decides if nothing else does
        return ", then ".join(describe(policy, order, context=context) for policy in policies)


def lexicographic(*policies: PriorityPolicy) -> Lexicographic:
    """Several policies in sequence: the next one decides where the ones before see no difference.

    Args:
        policies: the policies, the weightiest first. At most one of them may look at the batch, as
            `fair_share` does. It is then asked about those orders together that the ones before it
            see no difference between, and gets them in the sequence that the ones after it make.

    >>> lexicographic(deadline, oldest_first)
    lexicographic(deadline, oldest_first)
    """
    looking = 0
    for position, policy in enumerate(policies):
        check_plugin(f"lexicographic({position})", policy, PRIORITY)
        looking += looks_at_batch(policy)
        if looking > 1:  # an order's place would depend on orders behind it
            raise _checks.refuse(
                f"lexicographic({position})",
                policy,
                "is the second one that looks at the batch; one policy may",
            )
    return Lexicographic(policies)


def _flat(policies: Iterable[PriorityPolicy]) -> tuple[PriorityPolicy, ...]:
    """The policies, those of a lexicographic among them in its place: it ranks the same."""
    flat: list[PriorityPolicy] = []
    for policy in policies:
        flat += _flat(policy.policies) if isinstance(policy, Lexicographic) else (policy,)
    return tuple(flat)


_Keyed: TypeAlias = tuple[tuple[Any, ...], Order]


def _keyed(policy: Lexicographic, orders: Iterable[Order], context: Context) -> list[_Keyed]:
    """The orders in the sequence of a policy, with their keys; equal ones stay as they come."""
    keyed = [(policy(order, context=context), order) for order in orders]
    keyed.sort(key=itemgetter(0))
    return keyed


def _classes(keyed: Sequence[_Keyed]) -> Iterable[list[Order]]:
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
class _ByClass:
    """A policy that was made for each class of a batch, every order by that of its class."""

    policy: PriorityPolicy
    by_order: dict[str, PriorityPolicy] = attrs.field(hash=False)

    __eq__, __hash__ = _values.EQUALITY

    def __call__(self, order: Order, /, *, context: Context) -> SortKey:
        return self.by_order.get(order.id, self.policy)(order, context=context)

    @property
    def turning_points(self) -> TurningPoints | None:
        """Those of what was made; None if nothing of it knows of time."""
        return self._turning_points if any(map(looks_at_time, self.by_order.values())) else None

    def _turning_points(
        self, orders: Sequence[Order], /, *, context: Context
    ) -> Iterable[datetime]:
        for _, alike in groupby(orders, key=lambda order: id(self.by_order.get(order.id))):
            few = list(alike)
            yield from turning_points_of(self.by_order.get(few[0].id), few, context)

    def changes_of_sequence(
        self, orders: Sequence[Order], after: Lexicographic, context: Context
    ) -> Iterable[datetime]:
        """When time alone changes the sequence in which the orders of a class are counted.

        A fair share counts within its groups only. Another policy may look at the sequence of all.

        Args:
            orders: those of a class.
            after: the policies that follow, which make the sequence.
            context: that of the run.
        """
        if not looks_at_time(after):
            return
        # Not at once: the module of a policy that few shops use takes 1 % of the library's import.
        from fulfill_core.priorities.shares import FairShare  # noqa: PLC0415 - as said

        share = self.policy if isinstance(self.policy, FairShare) else None
        groups: dict[str, list[Order]] = {}
        by_age = [(oldest_first(order, context=context), order.id, order) for order in orders]
        for _, _, order in sorted(by_age, key=itemgetter(0, 1)):
            group = "" if share is None else share.group_of(order)
            groups.setdefault(group, []).append(order)
        for members in groups.values():
            in_sequence = [order for _, order in _keyed(after, members, context)]
            yield from turning_points_of(after, in_sequence, context)

    def __repr__(self) -> str:
        return name_of(self.policy)

    def describe(self, order: Order, /, *, context: Context) -> str:
        """In words, for an explanation."""
        return describe(self.by_order.get(order.id, self.policy), order, context=context)


DEFAULT_PRIORITY: PriorityPolicy = lexicographic(deadline, oldest_first)
