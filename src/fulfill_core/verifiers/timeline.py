"""When orders were placed: periods of time, what lies within one before an order, and sane dates.

An order comes *before* another one if its (placed_at, id) is lower: so of two orders one is always
the earlier, and what is added to a batch later changes nothing for those that were there.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from operator import itemgetter
from typing import TypeAlias

import attrs

from fulfill_core import _checks
from fulfill_core.decisions.finding import Finding, hold
from fulfill_core.orders.dates import deliver_by_of, ship_after_of
from fulfill_core.orders.order import Order
from fulfill_core.records.customer_facts import PastOrder
from fulfill_core.records.facts import Context, FactKind, Facts, KindOfFact, fact_missing
from fulfill_core.records.ip_addresses import ip_reading
from fulfill_core.records.likeness import Likeness
from fulfill_core.verifiers.lists import ip_unreadable

Key: TypeAlias = tuple[datetime, str]
"""When an order was placed, in UTC, and its id."""
Placed: TypeAlias = Order | PastOrder
Weights: TypeAlias = Callable[[Placed], Iterable[tuple[Hashable, int]]]
"""Under what an order is filed, and how much it counts there."""

CUSTOMER = Likeness("customer")
_NO_KINDS: frozenset[KindOfFact] = frozenset()
_OF_CUSTOMER: frozenset[KindOfFact] = frozenset({FactKind.CUSTOMER})
_SCREENING: frozenset[KindOfFact] = frozenset({FactKind.SCREENING})
_NO_TIME = timedelta(0)
_YEAR = timedelta(days=366)
_MINUTES = timedelta(minutes=5)
_SECOND = timedelta(seconds=1)
_UNITS = (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))


def check_period(path: str, value: object) -> None:
    """A timedelta of more than nothing."""
    if not isinstance(value, timedelta):
        raise _checks.refuse(path, value, "is not a period; pass a timedelta(days=...)")
    if value <= _NO_TIME:
        raise _checks.refuse(path, value, "is no time at all; pass a timedelta above zero")


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


_AFTER = "after deliver_by"


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


def customer_key(order: Order) -> tuple[str, str]:
    """What all orders of a customer share: their history."""
    return "customer", order.customer.id


def grouped(orders: Iterable[Order], likeness: Likeness, facts: Facts) -> dict[str, list[Order]]:
    """The orders by what they have in common, an exact repeat once."""
    placed: dict[str, dict[str, Order]] = {}
    for order in orders:
        for key in facts.keys_of(likeness, order):
            placed.setdefault(key, {})[order.id] = order
    return {key: list(orders_by_id.values()) for key, orders_by_id in placed.items()}


def cancelled_ids(context: Context) -> frozenset[str]:
    """The ids of the orders of a batch that were cancelled, as their records say."""
    return frozenset([record.id for record in context.records if record.is_cancelled])


def past_orders(facts: Facts, key: str) -> tuple[PastOrder, ...]:
    """The past orders of a customer, or of all with a key, as far as they are known."""
    customer = facts.customer(key)
    return () if customer is None else customer.orders


def histories_of(
    orders: Iterable[Order], likeness: Likeness, facts: Facts, weights: Weights
) -> Mapping[str, History]:
    """The histories of those with several orders in a batch, by key.

    Who has one order has no other one in the batch to look at: what is known of the past is enough.
    Leaving those out keeps small what travels to other processes.
    """
    return {
        key: history_of(group, past_orders(facts, key), weights)
        for key, group in grouped(orders, likeness, facts).items()
        if len(group) > 1
    }


def histories_for(
    order: Order,
    likeness: Likeness,
    facts: Facts,
    batch: Mapping[str, History],
    weights: Weights,
) -> list[History]:
    """The histories that an order belongs to: one for each of its keys, in a batch or alone."""
    histories: list[History] = []
    for key in facts.keys_of(likeness, order):
        history = batch.get(key)
        if history is None:
            history = history_of((order,), past_orders(facts, key), weights)
        histories.append(history)
    return histories


def kinds_for(order: Order, likeness: Likeness, facts: Facts) -> frozenset[KindOfFact]:
    """What has to be known next, to know what came before an order: its keys, then their facts."""
    if likeness == CUSTOMER:
        return _OF_CUSTOMER
    if likeness.is_screened and facts.screening_of(order) is None:
        return _SCREENING
    return frozenset({likeness}) if facts.keys_of(likeness, order) else _NO_KINDS


def lack_of(order: Order, likeness: Likeness, facts: Facts) -> Finding | None:
    """Why nobody can tell what came before an order: something is not known, or can't be read."""
    if likeness.per == "ip" and (unreadable := unreadable_ip_of(order, facts)) is not None:
        return unreadable
    for kind in kinds_for(order, likeness, facts):
        if not facts.has(kind, order):
            return fact_missing(kind, order)
    return None


def unreadable_ip_of(order: Order, facts: Facts) -> Finding | None:
    """That the screening of an order says where it came from, and that can't be read."""
    screening = facts.screening_of(order)
    text = "" if screening is None else screening.ip
    return None if ip_reading(text).is_whole else ip_unreadable(text)


def keys_shared(order: Order, likeness: Likeness, facts: Facts) -> list[tuple[str, str]]:
    """What an order has in common with others, for the shards of a batch."""
    return [(likeness.per, key) for key in facts.keys_of(likeness, order)]


def per_text(likeness: Likeness) -> str:
    """A likeness as the argument of a verifier: its word, if that is all."""
    return repr(likeness) if likeness.providers else repr(likeness.per)


# -- The dates of one order ------------------------------------------------------------------------


@attrs.frozen(kw_only=True, weakref_slot=False)
class plausible_dates:  # noqa: N801 - it is used as the function that it makes
    """The dates of the order go together.

    It was not placed after now. Its deadline comes after it was placed, but not years after. The
    date before which it is not shipped is not years off either, nor after the deadline.

    Args:
        at_most: how long after the order was placed the deadline and the date to ship after may
            be, a timedelta.
        tolerance: how far the clocks of the shop's systems may be apart, a timedelta.

    Codes: ``order.date_implausible`` (HOLD, one per fault).

    Raises:
        InvalidValueError: a period that is none, or a tolerance below zero.

    >>> from datetime import datetime, timedelta, timezone
    >>> from fulfill_core import Customer
    >>> now = datetime(2026, 3, 2, tzinfo=timezone.utc)
    >>> order = Order(id="A-1", placed_at=now, customer=Customer(id="C-7"), lines=[],
    ...               currency="EUR", deliver_by=datetime(2029, 3, 2, tzinfo=timezone.utc))
    >>> [finding.detail for finding in plausible_dates()(order, context=Context(now=now))]
    ['The deadline (2029-03-02 00:00 UTC) is more than 366 days after the order was placed.']
    """

    at_most: timedelta = _YEAR
    tolerance: timedelta = _MINUTES

    def __attrs_post_init__(self) -> None:
        check_period("plausible_dates.at_most", self.at_most)
        if self.tolerance != _NO_TIME:
            check_period("plausible_dates.tolerance", self.tolerance)

    def __call__(self, order: Order, /, *, context: Context) -> Iterable[Finding]:
        # All in UTC: two instants of one time zone would be compared by the clock on the wall.
        now = context.now.astimezone(UTC)
        placed_at = order.placed_at.astimezone(UTC)
        findings: list[Finding] = []
        if placed_at - now > self.tolerance:
            # Not what time it is now: the same fault would be other news in every run.
            when = f"The order was placed at {instant_text(order.placed_at)}"
            findings.append(_implausible("placed_at", f"{when}, which is still to come", "to come"))
        findings += self._of_dates(order, order.deliver_by, order.ship_after)
        if order.has_line_dates:
            findings += self._of_lines(order)
        return findings or ()

    def turning_points(self, order: Order, /, *, context: Context) -> Iterable[datetime]:
        """When the order is no longer placed after now."""
        placed_at = order.placed_at.astimezone(UTC)
        if placed_at - context.now > self.tolerance:
            yield placed_at - self.tolerance

    def _of_lines(self, order: Order) -> Iterator[Finding]:
        """What is wrong with the dates that lines have of their own."""
        for line in order.lines:
            due, after = deliver_by_of(order, line), ship_after_of(order, line)
            own_dates = {"deliver_by": line.deliver_by, "ship_after": line.ship_after}
            for finding in self._of_dates(order, due, after):
                # That the one is after the other is told of both; else the order's are told once.
                is_of_both = finding.evidence == _AFTER and line.deliver_by is not None
                if is_of_both or own_dates[finding.field] is not None:
                    path = f"lines[{line.id}].{finding.field}"
                    yield attrs.evolve(finding, field=path, line_id=line.id)

    def _of_dates(
        self, order: Order, due: datetime | None, ship_after: datetime | None
    ) -> Iterator[Finding]:
        """What is wrong with the dates of an order, or of a line of it."""
        placed_at = order.placed_at.astimezone(UTC)
        if due is not None:
            when = f"The deadline ({instant_text(due)})"
            if due < placed_at:
                before = f"is before the order was placed ({instant_text(placed_at)})"
                yield _implausible("deliver_by", f"{when} {before}", "before placed_at")
            elif due - placed_at > self.at_most:
                yield _implausible("deliver_by", f"{when} {self._too_late}", "too late")
        if ship_after is not None:
            when = f"The date before which it is not shipped ({instant_text(ship_after)})"
            if ship_after - placed_at > self.at_most:
                yield _implausible("ship_after", f"{when} {self._too_late}", "too late")
            if due is not None and ship_after > due:
                after = f"is after the deadline ({instant_text(due)})"
                yield _implausible("ship_after", f"{when} {after}", _AFTER)

    @property
    def _too_late(self) -> str:
        return f"is more than {period_text(self.at_most)} after the order was placed"


def _implausible(field: str, sentence: str, fault: str) -> Finding:
    # The dates themselves are part of the order's version: what is wrong with them is enough.
    return hold("order.date_implausible", field=field, detail=f"{sentence}.", evidence=fault)
