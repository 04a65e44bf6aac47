"""Is the order one of too many in a short time?"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from operator import itemgetter
from typing import TypeAlias

import attrs

from fulfill_core import _checks
from fulfill_core.decisions.finding import Finding, hold
from fulfill_core.exceptions import by_number
from fulfill_core.orders.order import Order
from fulfill_core.records.facts import Context, FactKind, Facts, KindOfFact, fact_missing
from fulfill_core.records.likeness import Likeness, Per, to_likeness
from fulfill_core.verifiers.timeline import (
    NO_TIMELINE,
    Placed,
    Timeline,
    check_period,
    grouped,
    history_of,
    key_of,
    keys_shared,
    kinds_for,
    lack_of,
    past_orders,
    per_text,
    period_text,
    start_of,
    unreadable_ip_of,
)

Instants: TypeAlias = tuple[datetime, ...]

_SCREENING: frozenset[KindOfFact] = frozenset({FactKind.SCREENING})
_NO_KINDS: frozenset[KindOfFact] = frozenset()
_TOO_MANY = {
    "customer": hold("risk.velocity_customer", evidence="", measure=0),
    "email": hold("risk.velocity_email", evidence="", measure=0),
    "phone": hold("risk.velocity_phone", evidence="", measure=0),
    "card": hold("risk.velocity_card", evidence="", measure=0),
    "address": hold("risk.velocity_address", evidence="", measure=0),
    "ip": hold("risk.velocity_ip", evidence="", measure=0),
}
"""What is found, without the words, the period and the number."""


@attrs.frozen(weakref_slot=False, repr=False)
class Velocity:
    """How many orders come in a short time, as `velocity` makes it."""

    at_most: int
    within: timedelta
    likeness: Likeness
    _batch: Mapping[str, Timeline] = attrs.field(
        alias="batch", factory=dict[str, Timeline], hash=False
    )

    @property
    def _is_screened(self) -> bool:
        """Whether a screening says when the past orders were placed."""
        return self.likeness.per in ("card", "address", "ip")

    def _is_asked(self, order: Order) -> bool:
        return self.likeness.per != "address" or order.ship_to is not None

    def facts_needed(self, order: Order, /, *, context: Context) -> frozenset[KindOfFact]:
        """What is known of the customer or under the key, or a screening."""
        if not self._is_screened:
            return kinds_for(order, self.likeness, context.facts)
        return _SCREENING if self._is_asked(order) else _NO_KINDS

    def shared_keys(self, order: Order, /, *, facts: Facts) -> Iterable[Hashable]:
        """What the orders that are counted have in common: the customer, the card, ..."""
        return keys_shared(order, self.likeness, facts)

    def for_batch(self, orders: Sequence[Order], /, *, context: Context) -> Velocity:
        """The verifier with the other orders of a batch in view."""
        facts = context.facts
        batch = {
            key: self._timeline(group, key, facts)
            for key, group in grouped(orders, self.likeness, facts).items()
            if len(group) > 1
        }
        return attrs.evolve(self, batch=batch)

    def _timeline(self, orders: Iterable[Order], key: str, facts: Facts) -> Timeline:
        past = () if self._is_screened else past_orders(facts, key)
        return history_of(orders, past, _once)[None]

    def __call__(self, order: Order, /, *, context: Context) -> Iterable[Finding]:
        if not self._is_asked(order):
            return ()
        facts, likeness, batch = context.facts, self.likeness, self._batch
        keys = facts.keys_of(likeness, order)
        if self._is_screened:
            screening = facts.screening_of(order)
            if screening is None:
                return (fact_missing(FactKind.SCREENING, order),)
            unreadable = unreadable_ip_of(order, facts) if likeness.per == "ip" else None
            if unreadable is not None:
                return (unreadable,)
            instants: Instants = getattr(screening, f"same_{likeness.per}_at")
            # Also without a key: a service may say how often it saw a card, and not which.
            numbers = [
                self._number(order, batch.get(key, NO_TIMELINE), instants) for key in ("", *keys)
            ]
        else:
            lack = lack_of(order, likeness, facts)
            if lack is not None:
                return (lack,)
            numbers = [
                self._number(order, batch.get(key) or self._timeline((order,), key, facts), ())
                for key in keys
            ]
        number = max(numbers, default=0)
        return () if number <= self.at_most else (self._too_many(number),)

    def _number(self, order: Order, timeline: Timeline, instants: tuple[datetime, ...]) -> int:
        """How many orders the window holds: of the timeline, others at these instants, this one."""
        key = key_of(order)
        start = start_of(key, self.within)
        low, high = timeline.before(key, start)
        number = high - low + 1
        screened = Counter(instant.astimezone(UTC) for instant in instants)
        for instant, times in screened.items():
            if instant > key[0] or (start is not None and instant <= start):
                continue
            counted = bisect_right(timeline.keys, instant, low, high, key=itemgetter(0))
            counted -= bisect_left(timeline.keys, instant, low, high, key=itemgetter(0))
            number += max(0, times - counted - (instant == key[0]))
        return number

    def _too_many(self, number: int) -> Finding:
        within = f"within {period_text(self.within)}"
        finding = _TOO_MANY[self.likeness.per]
        usual = f"{self.at_most} {by_number(self.at_most, 'is', 'are')} usual at most."
        clause = f"this is order number {number} {self.likeness.clause}"
        return attrs.evolve(
            finding,
            field=self.likeness.field,
            detail=f"{within.capitalize()} {clause}; {usual}",
            evidence=within,
            measure=number,
        )

    def __repr__(self) -> str:
        per = per_text(self.likeness)
        return f"velocity(at_most={self.at_most!r}, within={self.within!r}, per={per})"


def velocity(*, at_most: int, within: timedelta, per: Per | Likeness = "customer") -> Velocity:
    """Not too many orders in a short time: of one customer, with one card, to one address ...

    The order itself counts, and those before it, by (placed_at, id), so that later ones change
    nothing. They are found among the facts and in the batch of a run:

    - per customer: `CustomerFacts.orders`, and the customer's orders of the batch;
    - per e-mail and per phone, for guests: the orders of `CustomerFacts` under the key of a
      `Likeness`, such as ``"email:ada@example.com"``, and orders of the batch with this key;
    - per card: `Screening.same_card_at`, and orders of the batch whose screening names the same
      card. Of several cards of an order the one with the most orders counts;
    - per address: `Screening.same_address_at`, and orders of the batch with the same address to
      ship to;
    - per IP address: `Screening.same_ip_at`, and orders of the batch whose screening names the same
      one; of several, as with cards. An office or a mobile carrier may have one for very many.

    An order without an e-mail address, a phone number or an address is not judged by it.

    The instants of a screening have no id. One at which an order of the batch was placed, or this
    one, is taken to be that order's and does not count again.

    Args:
        at_most: so many orders are usual, 1 or more.
        within: the length of the window, a timedelta. It ends when the order was placed; an order
            that was placed exactly so long before is out of it.
        per: ``"customer"``, ``"email"``, ``"phone"``, ``"card"``, ``"address"`` or ``"ip"``; or a
            `Likeness`, which can fold the aliases of a mailbox. Use several for several.

    Codes: ``risk.velocity_customer`` (HOLD), ``risk.velocity_email`` (HOLD),
    ``risk.velocity_phone`` (HOLD), ``risk.velocity_card`` (HOLD), ``risk.velocity_address`` (HOLD),
    ``risk.velocity_ip`` (HOLD), ``customer_facts.missing`` (HOLD, per customer, e-mail and phone),
    ``screening.missing`` (HOLD, the others), ``screening.ip_unreadable`` (HOLD, per IP address).

    Raises:
        InvalidValueError: a number below 1, a period that is none, another word for ``per``.

    >>> from datetime import datetime, timezone
    >>> from fulfill_core import Customer, Facts, Screening
    >>> now = datetime(2026, 3, 2, 12, tzinfo=timezone.utc)
    >>> order = Order(id="A-1", placed_at=now, customer=Customer(id="C-7"), lines=[],
    ...               currency="EUR")
    >>> hours_ago = [now - timedelta(hours=hours) for hours in (1, 2, 30)]
    >>> facts = Facts(screenings=[Screening(order_id="A-1", same_card_at=hours_ago)])
    >>> verifier = velocity(at_most=2, within=timedelta(days=1), per="card")
    >>> [finding.detail for finding in verifier(order, context=Context(now=now, facts=facts))]
    ['Within 1 day this is order number 3 with the same card; 2 are usual at most.']
    """
    _checks.check_int("velocity.at_most", at_most, at_least=1)
    check_period("velocity.within", within)
    return Velocity(at_most, within, to_likeness("velocity.per", per))


def _once(placed: Placed) -> Iterable[tuple[Hashable, int]]:
    return ((None, 1),)
