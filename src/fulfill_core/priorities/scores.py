"""Policies that work with numbers: weighted scores, buckets, ageing. No number is ever rounded."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from functools import partial
from math import lcm
from typing import Any, cast

import attrs

from fulfill_core import _checks
from fulfill_core.orders.order import Order
from fulfill_core.priorities.combining import check_policy
from fulfill_core.priorities.courses import (
    TICK,
    Course,
    Segment,
    added,
    bounded,
    course_of,
    is_moving,
    partings,
    scaled,
    stepped,
)
from fulfill_core.priorities.numbers import (
    Number,
    above_zero,
    as_number,
    denominator_of,
    exact,
    not_a_number,
    number_text,
    plus,
    times,
)
from fulfill_core.priorities.times import describe, oldest_first
from fulfill_core.protocols import PriorityPolicy
from fulfill_core.protocols.plugins import TurningPoints, name_of
from fulfill_core.records.facts import Context

_NO_TIME = timedelta(0)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@attrs.frozen(weakref_slot=False, repr=False)
class Normalised:
    """A policy on a scale from 0 to 1, as `normalised` makes it."""

    policy: PriorityPolicy
    first: Number | timedelta
    last: Number | timedelta
    denominator: int = attrs.field(eq=False)
    """What its keys, whole numbers, are to be divided by."""
    _factor: int = attrs.field(alias="factor", eq=False)
    _offset: int = attrs.field(alias="offset", eq=False)

    def __call__(self, order: Order, /, *, context: Context) -> Number:
        key: Any = self.policy(order, context=context)
        if isinstance(self.first, timedelta):
            if not isinstance(key, datetime):
                raise not_a_number(self.policy, order, key)
            key = (key - context.now.astimezone(UTC)) // TICK
        if type(key) is int:
            share: Number = key * self._factor - self._offset
        else:
            share = plus(times(as_number(self.policy, order, key), self._factor), -self._offset)
        return 0 if share < 0 else min(share, self.denominator)

    @property
    def members(self) -> tuple[PriorityPolicy, ...]:
        """The policies that it asks."""
        return (self.policy,)

    @property
    def is_moving(self) -> bool:
        """Whether time alone moves its keys: a scale of instants moves with now."""
        return isinstance(self.first, timedelta) or is_moving(self.policy)

    @property
    def turning_points(self) -> TurningPoints | None:
        """When time alone may bring two neighbours out of sequence; None if never."""
        return partial(partings, self) if self.is_moving else None

    def course(self, order: Order, context: Context) -> Course:
        """How the key of an order moves: where it is on the scale, and then no further."""
        inner: Course
        if isinstance(self.first, timedelta):
            key: Any = self.policy(order, context=context)
            inner = iter((Segment(0, (key - context.now.astimezone(UTC)) // TICK, -1),))
        else:
            inner = course_of(self.policy, order, context)
        return bounded(scaled(inner, self._factor, plus=-self._offset), self.denominator)

    def __repr__(self) -> str:
        return f"normalised({name_of(self.policy)}, first={self.first!r}, last={self.last!r})"

    def describe(self, order: Order, /, *, context: Context) -> str:
        """In words, for an explanation."""
        return describe(self.policy, order, context=context)


def normalised(
    policy: PriorityPolicy, *, first: Number | timedelta, last: Number | timedelta
) -> Normalised:
    """A policy's keys on a scale from 0, served first, to 1, served last: to be `weighted`.

    Args:
        policy: a policy whose keys are numbers (int, Decimal or Fraction), or instants.
        first: the key that is 0. What lies beyond it is 0 as well.
        last: the key that is 1, and all that lies beyond it. It may be below *first*: then it is
            the largest key that is served first.

    For a policy whose keys are instants, such as `deadline`, `slack` and `oldest_first`, pass both
    as timedeltas from the ``now`` of the run.

    >>> from datetime import timezone
    >>> from fulfill_core import Customer
    >>> from fulfill_core.priorities import deadline
    >>> now = datetime(2026, 3, 2, tzinfo=timezone.utc)
    >>> order = Order(id="A-1", placed_at=now, customer=Customer(id="C-7"), lines=[],
    ...               currency="EUR", deliver_by=now + timedelta(days=1))
    >>> urgency = normalised(deadline, first=timedelta(0), last=timedelta(days=4))
    >>> Fraction(urgency(order, context=Context(now=now)), urgency.denominator)
    Fraction(1, 4)
    """
    check_policy("normalised", policy)
    if isinstance(first, timedelta) and isinstance(last, timedelta):
        start, end = Fraction(first // TICK), Fraction(last // TICK)
    else:
        start, end = exact("normalised.first", first), exact("normalised.last", last)
    if start == end:
        raise _checks.refuse("normalised.last", last, "is equal to first; pass another one")
    # (key / denominator - start) / (end - start), with one divisor for both terms
    factor = 1 / ((end - start) * denominator_of(policy))
    offset = start / (end - start)
    denominator = lcm(factor.denominator, offset.denominator)
    return Normalised(
        policy,
        first,
        last,
        denominator=denominator,
        factor=int(factor * denominator),
        offset=int(offset * denominator),
    )


@attrs.frozen(weakref_slot=False, repr=False)
class Weighted:
    """A score of several criteria, as `weighted` makes it."""

    criteria: tuple[tuple[PriorityPolicy, Number], ...] = attrs.field(eq=frozenset)
    denominator: int = attrs.field(eq=False)
    """What its keys, whole numbers, are to be divided by."""
    _terms: tuple[tuple[PriorityPolicy, int], ...] = attrs.field(alias="terms", eq=False)

    def __call__(self, order: Order, /, *, context: Context) -> Number:
        whole = 0
        rest: Number | None = None
        for policy, factor in self._terms:
            key: Any = policy(order, context=context)
            if type(key) is int:
                whole += key * factor
            else:
                term = times(as_number(policy, order, key), factor)
                rest = term if rest is None else plus(rest, term)
        return whole if rest is None else plus(rest, whole)

    def contributions(
        self, order: Order, /, *, context: Context
    ) -> tuple[tuple[str, Fraction], ...]:
        """What each criterion adds to the score of an order: pairs of its name and a fraction."""
        return tuple([
            (name_of(policy), Fraction(key) * factor / self.denominator)
            for policy, factor in self._terms
            for key in (as_number(policy, order, policy(order, context=context)),)
        ])  # fmt: skip

    @property
    def members(self) -> tuple[PriorityPolicy, ...]:
        """The policies that it asks."""
        return tuple([policy for policy, _ in self.criteria])

    @property
    def is_moving(self) -> bool:
        """Whether time alone moves its keys."""
        return any(map(is_moving, self.members))

    @property
    def turning_points(self) -> TurningPoints | None:
        """When time alone may bring two neighbours out of sequence; None if never."""
        return partial(partings, self) if self.is_moving else None

    def course(self, order: Order, context: Context) -> Course:
        """How the key of an order moves: as all criteria together."""
        return added([
            scaled(course_of(policy, order, context), factor) for policy, factor in self._terms
        ])  # fmt: skip

    def __repr__(self) -> str:
        criteria = ", ".join(f"{name_of(policy)}: {weight!r}" for policy, weight in self.criteria)
        return f"weighted({{{criteria}}})"

    def describe(self, order: Order, /, *, context: Context) -> str:
        """In words, for an explanation: the score, and what each criterion adds to it."""
        added = self.contributions(order, context=context)
        score = sum([share for _, share in added], Fraction(0))
        shares = ", ".join(
            f"{number_text(share)} for {describe(policy, order, context=context)}"
            for (policy, _), (_, share) in zip(self.criteria, added, strict=True)
        )
        return f"a score of {number_text(score)}: {shares}"


def weighted(criteria: Mapping[PriorityPolicy, Number]) -> Weighted:
    """A score of several criteria, each times its weight: the lowest score is served first.

    A criterion is usually a `normalised` policy: then none can be worth more than its weight, and a
    weight of 3 beside one of 1 means what it says. Any other policy whose keys are numbers will do.
    The sum is exact: ints, Decimals and Fractions, never a float.

    Args:
        criteria: weights above zero, by policy.

    A criterion that returns anything but an exact number stops the run with a `PluginError`.

    >>> from datetime import timezone
    >>> from fulfill_core import Customer
    >>> from fulfill_core.priorities import customer_tier, deadline
    >>> now = datetime(2026, 3, 2, tzinfo=timezone.utc)
    >>> order = Order(id="A-1", placed_at=now, customer=Customer(id="C-7", tier="silver"),
    ...               lines=[], currency="EUR", deliver_by=now + timedelta(days=1))
    >>> score = weighted({
    ...     normalised(customer_tier("gold", "silver"), first=0, last=2): 3,
    ...     normalised(deadline, first=timedelta(0), last=timedelta(days=4)): 1,
    ... })
    >>> print(score.describe(order, context=Context(now=now)))
    a score of 1.75: 1.5 for customer tier 'silver', 0.25 for due by 2026-03-03 00:00 UTC (tomorrow)
    """
    if not (isinstance(cast("object", criteria), Mapping) and criteria):
        raise _checks.refuse(
            "weighted", criteria, "names no criteria; pass a dict of policies and weights"
        )
    factors: list[tuple[PriorityPolicy, Fraction]] = []
    for policy, weight in criteria.items():
        check_policy("weighted (key)", policy)
        number = above_zero(f"weighted[{name_of(policy)}]", weight)
        factors.append((policy, number / denominator_of(policy)))
    denominator = lcm(*[factor.denominator for _, factor in factors])
    terms = tuple([(policy, int(factor * denominator)) for policy, factor in factors])
    return Weighted(tuple(criteria.items()), denominator=denominator, terms=terms)


@attrs.frozen(weakref_slot=False, repr=False)
class Buckets:
    """A policy with its keys in buckets, as `buckets` makes it."""

    policy: PriorityPolicy
    size: Number | timedelta
    _factor: int = attrs.field(alias="factor", eq=False)
    _divisor: int = attrs.field(alias="divisor", eq=False)

    def __call__(self, order: Order, /, *, context: Context) -> int:
        key: Any = self.policy(order, context=context)
        if isinstance(self.size, timedelta):
            if not isinstance(key, datetime):
                raise not_a_number(self.policy, order, key)
            key = (key - _EPOCH) // TICK
        elif type(key) is not int:
            key = Fraction(as_number(self.policy, order, key))
        return int(key * self._factor // self._divisor)

    @property
    def members(self) -> tuple[PriorityPolicy, ...]:
        """The policies that it asks."""
        return (self.policy,)

    @property
    def is_moving(self) -> bool:
        """Whether time alone moves its keys."""
        return is_moving(self.policy)

    @property
    def turning_points(self) -> TurningPoints | None:
        """When time alone may bring two neighbours out of sequence; None if never."""
        return partial(partings, self) if self.is_moving else None

    def course(self, order: Order, context: Context) -> Course:
        """How the key of an order moves: from bucket to bucket."""
        if isinstance(self.size, timedelta):  # instants stand still
            return iter((Segment(0, self(order, context=context), 0),))
        return stepped(course_of(self.policy, order, context), self._factor, self._divisor)

    def __repr__(self) -> str:
        return f"buckets({name_of(self.policy)}, {self.size!r})"

    def describe(self, order: Order, /, *, context: Context) -> str:
        """In words, for an explanation."""
        return f"{describe(self.policy, order, context=context)} (in steps of {self.size})"


def buckets(policy: PriorityPolicy, size: Number | timedelta) -> Buckets:
    """A policy with its keys in buckets, so that small differences tie and the next one decides.

    Args:
        policy: a policy whose keys are numbers (int, Decimal or Fraction), or instants.
        size: how wide a bucket is: a number above zero; for instants a timedelta, from midnight
            in UTC.

    >>> from datetime import timezone
    >>> from fulfill_core import Customer
    >>> from fulfill_core.priorities import deadline, lexicographic
    >>> now = datetime(2026, 3, 2, 9, tzinfo=timezone.utc)
    >>> by_day = buckets(deadline, timedelta(days=1))
    >>> keys = [
    ...     by_day(Order(id="A-1", placed_at=now, customer=Customer(id="C-7"), lines=[],
    ...                  currency="EUR", deliver_by=now + timedelta(hours=hours)),
    ...            context=Context(now=now))
    ...     for hours in (0, 14, 15)
    ... ]
    >>> [key - keys[0] for key in keys]
    [0, 0, 1]
    """
    check_policy("buckets.policy", policy)
    if isinstance(size, timedelta):
        _check_period("buckets.size", size)
        step = Fraction(size // TICK)
    else:
        step = above_zero("buckets.size", size) * denominator_of(policy)
    return Buckets(policy, size, factor=step.denominator, divisor=step.numerator)


@attrs.frozen(weakref_slot=False, repr=False)
class Ageing:
    """A policy under which an order that waits rises, as `ageing` makes it."""

    policy: PriorityPolicy
    rises_every: timedelta
    denominator: int = attrs.field(eq=False)
    """What its keys, whole numbers, are to be divided by."""
    _factor: int = attrs.field(alias="factor", eq=False)
    _step: int = attrs.field(alias="step", eq=False)

    def __call__(self, order: Order, /, *, context: Context) -> Number:
        waited = context.now.astimezone(UTC) - oldest_first(order, context=context)
        risen = waited // TICK * self._step
        key: Any = self.policy(order, context=context)
        if type(key) is int:
            return key * self._factor - risen
        return plus(times(as_number(self.policy, order, key), self._factor), -risen)

    @property
    def members(self) -> tuple[PriorityPolicy, ...]:
        """The policies that it asks."""
        return (self.policy,)

    @property
    def is_moving(self) -> bool:
        """True: all keys fall, at the same rate."""
        return True

    @property
    def turning_points(self) -> TurningPoints | None:
        """Those of the policy: what falls at the same rate does not meet."""
        return partial(partings, self) if is_moving(self.policy) else None

    def course(self, order: Order, context: Context) -> Course:
        """How the key of an order moves."""
        waited = context.now.astimezone(UTC) - oldest_first(order, context=context)
        risen = waited // TICK * self._step
        inner = course_of(self.policy, order, context)
        return scaled(inner, self._factor, plus=-risen, rise=-self._step)

    def __repr__(self) -> str:
        return f"ageing({name_of(self.policy)}, rises_every={self.rises_every!r})"

    def describe(self, order: Order, /, *, context: Context) -> str:
        """In words, for an explanation."""
        waited = context.now.astimezone(UTC) - oldest_first(order, context=context)
        risen = number_text(Fraction(waited // TICK, self._factor))
        return (
            f"{describe(self.policy, order, context=context)}, up by {risen} for waiting:"
            f" {describe(oldest_first, order, context=context)}"
        )


def ageing(policy: PriorityPolicy, *, rises_every: timedelta) -> Ageing:
    """A policy under which an order that waits rises, at a steady rate, and is served at last.

    An order's key falls by one for each such period since it was placed, in proportion and without
    steps. All orders rise at the same rate, so time alone lets none overtake another: what counts
    is who comes later. If the policy's keys lie between 0 and 2, an order that is placed more than
    two periods after another ranks behind it, whatever it is. So only so many orders can come
    before it, and as long as stock comes in, its turn comes.

    Args:
        policy: a policy whose keys are numbers (int, Decimal or Fraction), such as `customer_tier`
            or `weighted`. What is promised above needs keys within bounds.
        rises_every: the time in which a waiting order rises by one: for `customer_tier`, by a tier.

    >>> from datetime import timezone
    >>> from fulfill_core import Customer
    >>> from fulfill_core.priorities import customer_tier
    >>> now = datetime(2026, 3, 8, tzinfo=timezone.utc)
    >>> policy = ageing(customer_tier("gold", "silver"), rises_every=timedelta(days=3))
    >>> def key(tier, day):
    ...     order = Order(id="A-1", placed_at=datetime(2026, 3, day, tzinfo=timezone.utc),
    ...                   customer=Customer(id="C-7", tier=tier), lines=[], currency="EUR")
    ...     return policy(order, context=Context(now=now))
    >>> key("gold", 3) < key("silver", 1), key("gold", 5) < key("silver", 1)
    (True, False)
    """
    check_policy("ageing.policy", policy)
    _check_period("ageing.rises_every", rises_every)
    ticks, step = rises_every // TICK, denominator_of(policy)
    return Ageing(policy, rises_every, denominator=ticks * step, factor=ticks, step=step)


def _check_period(path: str, period: object) -> None:
    _checks.check_duration(path, period)
    if period == _NO_TIME:
        raise _checks.refuse(path, period, "is no time at all; pass a timedelta above zero")
