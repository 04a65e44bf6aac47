"""Ready-made priority policies: who is served first when there is not enough for all.

A policy returns a sort key; the lowest is served first. `lexicographic` combines several: where
the first says that two orders are equal, the second decides, and so on.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, cast

import attrs

from fulfill_core import _fields
from fulfill_core._facts import Context
from fulfill_core._order import Order
from fulfill_core.exceptions import PluginError
from fulfill_core.protocols import PriorityPolicy, SortKey, name_of

__all__ = [
    "DEFAULT_PRIORITY",
    "customer_tier",
    "deadline",
    "descending",
    "describe",
    "lexicographic",
    "oldest_first",
    "order_value",
]

_NEVER = datetime.max.replace(tzinfo=UTC)


def deadline(order: Order, /, *, context: Context) -> datetime:
    """Earliest deadline first, so overdue orders lead; no deadline last.

    >>> from datetime import datetime, timezone
    >>> from fulfill_core import Customer
    >>> now = datetime(2026, 3, 2, tzinfo=timezone.utc)
    >>> order = Order(id="A-1", placed_at=now, customer=Customer(id="C-7"), lines=[],
    ...               currency="EUR", deliver_by=datetime(2026, 3, 9, tzinfo=timezone.utc))
    >>> deadline(order, context=Context(now=now)).day
    9
    """
    return order.deliver_by or _NEVER


def oldest_first(order: Order, /, *, context: Context) -> datetime:
    """The order that was placed first is served first.

    >>> from datetime import datetime, timezone
    >>> from fulfill_core import Customer
    >>> now = datetime(2026, 3, 2, tzinfo=timezone.utc)
    >>> order = Order(id="A-1", placed_at=now, customer=Customer(id="C-7"), lines=[],
    ...               currency="EUR")
    >>> oldest_first(order, context=Context(now=now)) == now
    True
    """
    return order.placed_at


@attrs.frozen(init=False, weakref_slot=False)
class customer_tier:  # noqa: N801 - it is used as the function that it makes
    """The customer's tier, in the shop's own sequence; tiers that it does not name come last.

    Args:
        tiers: the names, the first served first.

    >>> from datetime import datetime, timezone
    >>> from fulfill_core import Customer
    >>> now = datetime(2026, 3, 2, tzinfo=timezone.utc)
    >>> order = Order(id="A-1", placed_at=now, customer=Customer(id="C-7", tier="silver"),
    ...               lines=[], currency="EUR")
    >>> customer_tier("gold", "silver")(order, context=Context(now=now))
    1
    """

    tiers: tuple[str, ...]
    _place: Mapping[str, int] = attrs.field(eq=False, repr=False)
    _last: int = attrs.field(eq=False, repr=False)

    def __init__(self, *tiers: str) -> None:
        for position, tier in enumerate(tiers):
            _fields.check_text(f"customer_tier({position})", tier)
        _fields.check_unique("customer_tier", tiers, "tier")
        _fields.set_field(self, "tiers", tiers)
        _fields.set_field(self, "_place", {tier: place for place, tier in enumerate(tiers)})
        _fields.set_field(self, "_last", len(tiers))

    def __call__(self, order: Order, /, *, context: Context) -> int:
        return self._place.get(order.customer.tier, self._last)

    def describe(self, order: Order, /, *, context: Context) -> str:
        """In words, for an explanation."""
        return f"customer tier {order.customer.tier!r}"


@attrs.frozen(init=False, weakref_slot=False)
class order_value:  # noqa: N801 - it is used as the function that it makes
    """The order's total, the smallest first; ``descending(order_value(...))`` for the largest.

    Args:
        rates: what one unit of each currency is worth in the shop's own, by ISO 4217 code. Amounts
            in different currencies can't be compared without; one currency is simply 1.

    An order in a currency without a rate stops the run with a `PluginError`.

    >>> from datetime import datetime, timezone
    >>> from fulfill_core import Customer
    >>> now = datetime(2026, 3, 2, tzinfo=timezone.utc)
    >>> order = Order(id="A-1", placed_at=now, customer=Customer(id="C-7"), lines=[],
    ...               currency="USD", shipping=Decimal(10))
    >>> by_value = order_value({"EUR": Decimal(1), "USD": Decimal("0.92")})
    >>> by_value(order, context=Context(now=now))
    Decimal('9.20')
    """

    rates: tuple[tuple[str, Decimal], ...]
    _by_code: Mapping[str, Decimal] = attrs.field(eq=False, repr=False)

    def __init__(self, rates: Mapping[str, Decimal]) -> None:
        by_code: dict[str, Decimal] = {}
        for currency, rate in rates.items():
            code = _fields.check_code("order_value.rates (key)", currency, 3, "EUR")
            _fields.check_money(f"order_value.rates[{currency!r}]", rate)
            by_code[code] = rate
        _fields.set_field(self, "rates", tuple(sorted(by_code.items())))
        _fields.set_field(self, "_by_code", by_code)

    def __call__(self, order: Order, /, *, context: Context) -> Decimal:
        rate = self._by_code.get(order.currency)
        if rate is None:
            raise PluginError(
                repr(self), order.id, f"there is no rate for {order.currency}; add one"
            )
        return _fields.EXACT.multiply(order.total, rate)

    def describe(self, order: Order, /, *, context: Context) -> str:
        """In words, for an explanation."""
        return f"an order value of {_fields.money_text(order.total)} {order.currency}"


@attrs.frozen(init=False, weakref_slot=False)
class lexicographic:  # noqa: N801 - it is used as the function that it makes
    """Several policies in sequence: the next one decides where the ones before see no difference.

    Args:
        policies: the policies, the weightiest first.

    >>> lexicographic(deadline, oldest_first)
    lexicographic(deadline, oldest_first)
    """

    policies: tuple[PriorityPolicy, ...]

    def __init__(self, *policies: PriorityPolicy) -> None:
        for position, policy in enumerate(policies):
            _fields.check_callable(f"lexicographic({position})", policy)
        _fields.set_field(self, "policies", policies)

    def __call__(self, order: Order, /, *, context: Context) -> tuple[Any, ...]:
        return tuple([policy(order, context=context) for policy in self.policies])

    def __repr__(self) -> str:
        return f"lexicographic({', '.join(map(name_of, self.policies))})"

    def describe(self, order: Order, /, *, context: Context) -> str:
        """In words, for an explanation."""
        return ", then ".join(describe(policy, order, context=context) for policy in self.policies)


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
        _fields.check_callable("descending", policy)
        _fields.set_field(self, "policy", policy)

    def __call__(self, order: Order, /, *, context: Context) -> _Turned:
        return _Turned(self.policy(order, context=context))

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


def describe(policy: PriorityPolicy, order: Order, /, *, context: Context) -> str:
    """What a policy went by, in words, for one order.

    A policy can say it itself with a method ``describe(order, /, *, context) -> str``; of any other
    one its name and the key are told.

    >>> from datetime import datetime, timezone
    >>> from fulfill_core import Customer
    >>> now = datetime(2026, 3, 2, tzinfo=timezone.utc)
    >>> order = Order(id="A-1", placed_at=now, customer=Customer(id="C-7"), lines=[],
    ...               currency="EUR")
    >>> describe(DEFAULT_PRIORITY, order, context=Context(now=now))
    'no deadline, then placed at 2026-03-02 00:00 UTC'
    """
    if policy is deadline:
        if order.deliver_by is None:
            return "no deadline"
        return f"due by {order.deliver_by:%Y-%m-%d %H:%M %Z}"
    if policy is oldest_first:
        return f"placed at {order.placed_at:%Y-%m-%d %H:%M %Z}"
    own = getattr(policy, "describe", None)
    if own is not None:
        return cast("str", own(order, context=context))
    return f"{name_of(policy)} = {policy(order, context=context)!r}"
