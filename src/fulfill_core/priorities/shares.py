"""Fair shares: customers, channels or tenants take turns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from fractions import Fraction
from math import lcm
from typing import Literal, TypeAlias, cast

import attrs

from fulfill_core import _checks
from fulfill_core.exceptions import PluginError
from fulfill_core.orders.order import Order
from fulfill_core.priorities.numbers import Number, above_zero
from fulfill_core.protocols.plugins import name_of, setting_shown
from fulfill_core.records.facts import Context, Facts

Group: TypeAlias = Callable[[Order], str]

_WORDS = ("channel", "customer")
_ONE = Fraction(1)


@attrs.frozen(weakref_slot=False, repr=False)
class FairShare:
    """A policy by which groups of orders take turns, as `fair_share` makes it."""

    by: Literal["channel", "customer"] | Group
    weights: tuple[tuple[str, Number], ...]
    _steps: Mapping[str, int] = attrs.field(alias="steps", eq=False)
    """By how much a turn of a group with a weight of its own raises the key."""
    _step: int = attrs.field(alias="step", eq=False)
    _turns: Mapping[str, int] = attrs.field(alias="turns", factory=dict[str, int], hash=False)
    """Which turn of its group an order is, by its id."""

    def for_batch(self, orders: Sequence[Order], /, *, context: Context) -> FairShare:
        """The policy with the turns of these orders, which come as they would be served without."""
        count: Counter[str] = Counter()
        turns: dict[str, int] = {}
        for order in orders:
            group = self.group_of(order)
            count[group] += 1
            turns[order.id] = count[group]
        return FairShare(self.by, self.weights, steps=self._steps, step=self._step, turns=turns)

    def shared_keys(self, order: Order, /, *, facts: Facts) -> Iterable[Hashable]:
        """The group: orders are counted within it only."""
        return ((self.by if isinstance(self.by, str) else "", self.group_of(order)),)

    def __call__(self, order: Order, /, *, context: Context) -> int:
        step = self._step
        if self._steps:
            step = self._steps.get(self.group_of(order), step)
        return self._turns.get(order.id, 1) * step  # outside of a run it is alone, and first

    def group_of(self, order: Order) -> str:
        """The group that takes turns with others. Orders are counted within their group only."""
        if self.by == "customer":
            return order.customer.id
        if self.by == "channel":
            return order.channel
        group = self.by(order)
        if not isinstance(cast("object", group), str):
            raise PluginError(
                repr(self),
                order.id,
                f"{name_of(self.by)} returned {_checks.repr_of(group)}; return a str",
            )
        return group

    def describe(self, order: Order, /, *, context: Context) -> str:
        """In words, for an explanation."""
        group = self.group_of(order)
        what = self.by if isinstance(self.by, str) else name_of(self.by)
        weight = dict(self.weights).get(group, 1)
        clause = f", which has a weight of {weight}" if self.weights else ""
        return f"turn {self._turns.get(order.id, 1)} of {what} {_checks.repr_of(group)}{clause}"

    def __repr__(self) -> str:
        return f"fair_share(by={setting_shown(self.by)}, weights={self.weights!r})"


def fair_share(
    by: Literal["channel", "customer"] | Group, *, weights: Mapping[str, Number] | None = None
) -> FairShare:
    """Groups of orders take turns: the oldest order of each, then the second oldest, and so on.

    By weight: a group of weight 2 has two turns while one of weight 1 has one. In a run it looks at
    all orders of the queue, so a customer with a hundred orders does not keep the others waiting.
    Within its group an order is counted in the sequence in which it would be served without turns:
    by what follows in a `lexicographic`, then the oldest first. So its key depends only on orders
    that rank before it, and still nobody is hurt by orders that rank behind.

    What a run decides by it holds for that batch: two halves of a batch, each run by itself, give
    other turns than the whole (`shards` keeps the orders of a group together). Within a class of
    orders, such as a tier, use it as ``lexicographic(customer_tier(...), fair_share(...))``.

    Args:
        by: ``"customer"`` (by id), ``"channel"``, or a function of an order that returns the name
            of its group, such as the tenant.
        weights: ints, Decimals or Fractions above zero, by group; a group that is not named has 1.

    A function that returns anything but a str stops the run with a `PluginError`.

    >>> from datetime import datetime, timezone
    >>> from fulfill_core import Customer, Inventory, process
    >>> now = datetime(2026, 3, 2, tzinfo=timezone.utc)
    >>> orders = [Order(id=name, placed_at=now, customer=Customer(id=name[0]), lines=[],
    ...                 currency="EUR") for name in ("A-1", "A-2", "A-3", "B-9")]
    >>> result = process(orders, Inventory(), now=now, verifiers=[],
    ...                  priority=fair_share("customer"))
    >>> [decision.id for decision in result.decisions]
    ['A-1', 'B-9', 'A-2', 'A-3']
    """
    if by not in _WORDS and not callable(by):
        raise _checks.refuse(
            "fair_share.by", by, "is not 'customer' or 'channel'; or pass a function"
        )
    if weights is not None:
        _checks.check_mapping("fair_share.weights", weights, "numbers by group")
    turns: dict[str, Fraction] = {}
    for group, weight in (weights or {}).items():
        _checks.check_text("fair_share.weights (key)", group)
        turns[group] = _ONE / above_zero(f"fair_share.weights[{group!r}]", weight)
    step = lcm(*[turn.denominator for turn in turns.values()])
    return FairShare(
        by,
        tuple(sorted((weights or {}).items())),
        steps={group: int(turn * step) for group, turn in turns.items()},
        step=step,
    )
