"""When orders were placed: periods of time, and what lies within one before an order.

An order comes *before* another one if its (placed_at, id) is lower: so of two orders one is always
the earlier, and what is added to a batch later changes nothing for those that were there.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Hashable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from operator import itemgetter
from typing import TypeAlias

import attrs

from fulfill_core import _checks
from fulfill_core.orders.order import Order
from fulfill_core.records.customer_facts import PastOrder
from fulfill_core.records.facts import Context, Facts

Key: TypeAlias = tuple[datetime, str]
"""When an order was placed, in UTC, and its id."""
Placed: TypeAlias = Order | PastOrder
Weights: TypeAlias = Callable[[Placed], Iterable[tuple[Hashable, int]]]
"""Under what an order is filed, and how much it counts there."""

_NO_TIME = timedelta(0)
_SECOND = timedelta(seconds=1)
_UNITS = (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))


def check_period(path: str, value: object) -> None:
    """A timedelta of more than nothing."""
    if not isinstance(value, timedelta):
        raise _checks.refuse(path, value, "is not a period; pass a timedelta(days=...)")
    if value <= _NO_TIME:
        raise _checks.refuse(path, value, "is no time at all; pass a timedelta above zero")


def check_choice(path: str, value: object, choices: tuple[str, ...]) -> None:
    """One of a few words."""
    if value not in choices:
        raise _checks.refuse(path, value, f"is none of {', '.join(map(repr, choices))}; pass one")


def period_text(period: timedelta) -> str:
    """A period for a sentence, in the largest unit of which it is a whole number.

    >>> period_text(timedelta(hours=36)), period_text(timedelta(minutes=1440))
    ('36 hours', '1 day')
    """
    seconds = period // _SECOND
    for unit, size in _UNITS:
        if period == (seconds // size) * size * _SECOND:
            number = seconds // size
            return f"{number} {unit}" if number == 1 else f"{number} {unit}s"
    return str(period)


def instant_text(instant: datetime) -> str:
    """An instant for a sentence."""
    return f"{instant:%Y-%m-%d %H:%M %Z}"


def key_of(placed: Placed) -> Key:
    """By what an order is earlier or later than another. In UTC: zones compare by the clock."""
    return placed.placed_at.astimezone(UTC), placed.id


def start_of(key: Key, within: timedelta | None) -> datetime | None:
    """The instant up to which orders are too old to count; None if none is."""
    if within is None:
        return None
    try:
        return key[0] - within
    except OverflowError:  # before the year 1
        return None


def units_of(placed: Placed) -> tuple[tuple[str, int], ...]:
    """What an order asks for: stock units by SKU, sorted, however they are parted into lines."""
    if isinstance(placed, PastOrder):
        return placed.units
    units: dict[str, int] = {}
    for line in placed.lines:
        units[line.sku] = units.get(line.sku, 0) + line.units
    return tuple(sorted(units.items()))


@attrs.frozen(weakref_slot=False)
class Timeline:
    """Orders in their sequence.

    Args:
        keys: their keys, sorted.
        sums: how much the first none, one, two, ... of them count together.
    """

    keys: tuple[Key, ...] = ()
    sums: tuple[int, ...] = (0,)

    def before(self, key: Key, start: datetime | None) -> tuple[int, int]:
        """Those placed after *start* and before the order with this key: ``keys[low:high]``."""
        low = 0 if start is None else bisect_right(self.keys, start, key=itemgetter(0))
        return low, bisect_left(self.keys, key)


History: TypeAlias = Mapping[Hashable, Timeline]
NO_TIMELINE = Timeline()


def history_of(orders: Iterable[Order], past: Iterable[PastOrder], weights: Weights) -> History:
    """Timelines of the orders and the past ones; an order that is both counts as an order."""
    own = {order.id: order for order in orders}
    rows: dict[Hashable, list[tuple[Key, int]]] = {}
    before: list[Placed] = [each for each in past if each.id not in own]
    for placed in [*own.values(), *before]:
        key = key_of(placed)
        for group, weight in weights(placed):
            rows.setdefault(group, []).append((key, weight))
    return {group: _timeline(members) for group, members in rows.items()}


def _timeline(members: list[tuple[Key, int]]) -> Timeline:
    members.sort()
    return Timeline(
        tuple([key for key, _ in members]),
        tuple(accumulate([weight for _, weight in members], initial=0)),
    )


def by_customer(orders: Iterable[Order]) -> dict[str, list[Order]]:
    """The orders of each customer, an exact repeat once."""
    placed: dict[str, dict[str, Order]] = {}
    for order in orders:
        placed.setdefault(order.customer.id, {})[order.id] = order
    return {
        customer_id: list(orders_by_id.values()) for customer_id, orders_by_id in placed.items()
    }


def cancelled_ids(context: Context) -> frozenset[str]:
    """The ids of the orders of a batch that were cancelled, as their records say."""
    return frozenset([record.id for record in context.records if record.is_cancelled])


def past_orders(facts: Facts, customer_id: str) -> tuple[PastOrder, ...]:
    """The customer's past orders, as far as they are known."""
    customer = facts.customer(customer_id)
    return () if customer is None else customer.orders


def histories_of(orders: Iterable[Order], facts: Facts, weights: Weights) -> Mapping[str, History]:
    """The histories of the customers with several orders in a batch, by customer.

    A customer with one order has no other one in the batch to look at: what is known of the past is
    enough. Leaving those out keeps small what travels to other processes.
    """
    return {
        customer_id: history_of(group, past_orders(facts, customer_id), weights)
        for customer_id, group in by_customer(orders).items()
        if len(group) > 1
    }
