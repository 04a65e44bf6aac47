"""Is the order one of too many in a short time?"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from operator import itemgetter
from typing import Literal

import attrs

from fulfill_core import _checks
from fulfill_core.decisions.finding import Finding, hold
from fulfill_core.orders.order import Order
from fulfill_core.records.customer_facts import Screening
from fulfill_core.records.facts import Context, FactKind, Facts, fact_missing
from fulfill_core.verifiers.lists import address_key
from fulfill_core.verifiers.timeline import (
    NO_TIMELINE,
    Placed,
    Timeline,
    check_choice,
    check_period,
    customer_key,
    histories_of,
    history_of,
    key_of,
    period_text,
    start_of,
)

_SCREENING = frozenset({FactKind.SCREENING})
_CUSTOMER = frozenset({FactKind.CUSTOMER})
_NO_KINDS: frozenset[FactKind] = frozenset()


@attrs.frozen(weakref_slot=False, repr=False)
class Velocity:
    """How many orders come in a short time, as `velocity` makes it."""

    at_most: int
    within: timedelta
    per: Literal["customer", "card", "address"]
    _batch: Mapping[Hashable, Timeline] = attrs.field(
        alias="batch", factory=dict[Hashable, Timeline], hash=False
    )

    def facts_needed(self, order: Order, /, *, context: Context) -> frozenset[FactKind]:
        """The facts about the customer, or a screening."""
        if self.per == "customer":
            return _CUSTOMER
        return _NO_KINDS if self.per == "address" and order.ship_to is None else _SCREENING

    def shared_keys(self, order: Order, /, *, facts: Facts) -> Iterable[Hashable]:
        """The customer, the cards or the address: whose orders are counted."""
        if self.per == "customer":
            return (customer_key(order),)
        return [(self.per, group) for group in self._groups(order, facts.screening_of(order))]

    def for_batch(self, orders: Sequence[Order], /, *, context: Context) -> Velocity:
        """The verifier with the other orders of a batch in view."""
        facts = context.facts
        batch: Mapping[Hashable, Timeline]
        if self.per == "customer":
            histories = histories_of(orders, facts, _once)
            batch = {customer_id: history[None] for customer_id, history in histories.items()}
        else:
            filed: dict[Hashable, dict[str, Order]] = {}
            for order in orders:
                for group in self._groups(order, facts.screening_of(order)):
                    filed.setdefault(group, {})[order.id] = order
            batch = {
                group: history_of(members.values(), (), _once)[None]
                for group, members in filed.items()
                if len(members) > 1
            }
        return attrs.evolve(self, batch=batch)

    def _groups(self, order: Order, screening: Screening | None) -> Iterable[Hashable]:
        """By what an order is the like of another one: its cards, or its address."""
        if self.per == "card":
            return () if screening is None else screening.cards
        place = None if order.ship_to is None else address_key(order.ship_to)
        return () if place is None else (place,)

    def __call__(self, order: Order, /, *, context: Context) -> Iterable[Finding]:
        facts = context.facts
        if self.per == "customer":
            customer = facts.customer(order.customer.id)
            if customer is None:
                return (fact_missing(FactKind.CUSTOMER, order),)
            timeline = self._batch.get(order.customer.id)
            if timeline is None:
                timeline = history_of((order,), customer.orders, _once)[None]
            number = self._number(order, timeline, ())
        else:
            if self.per == "address" and order.ship_to is None:
                return ()
            screening = facts.screening_of(order)
            if screening is None:
                return (fact_missing(FactKind.SCREENING, order),)
            instants = screening.same_card_at if self.per == "card" else screening.same_address_at
            number = max(
                self._number(order, self._batch.get(group, NO_TIMELINE), instants)
                for group in (None, *self._groups(order, screening))
            )
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
        clause = f"Within {period_text(self.within)} this is order number {number}"
        usual = f"{self.at_most} {'is' if self.at_most == 1 else 'are'} usual at most."
        within = f"within {period_text(self.within)}"
        if self.per == "customer":
            detail = f"{clause} of the customer; {usual}"
            return hold(
                "risk.velocity_customer",
                field="customer.id",
                detail=detail,
                evidence=within,
                measure=number,
            )
        if self.per == "card":
            detail = f"{clause} with the same card; {usual}"
            return hold(
                "risk.velocity_card",
                field="payments",
                detail=detail,
                evidence=within,
                measure=number,
            )
        detail = f"{clause} to the same address; {usual}"
        return hold(
            "risk.velocity_address",
            field="ship_to",
            detail=detail,
            evidence=within,
            measure=number,
        )

    def __repr__(self) -> str:
        return f"velocity(at_most={self.at_most!r}, within={self.within!r}, per={self.per!r})"


def velocity(
    *, at_most: int, within: timedelta, per: Literal["customer", "card", "address"] = "customer"
) -> Velocity:
    """Not too many orders in a short time: of one customer, with one card, or to one address.

    The order itself counts, and those before it, by (placed_at, id), so that later ones change
    nothing. They are found among the facts and in the batch of a run:

    - per customer: `CustomerFacts.orders`, and the customer's orders of the batch;
    - per card: `Screening.same_card_at`, and orders of the batch whose screening names the same
      card. Of several cards of an order the one with the most orders counts;
    - per address: `Screening.same_address_at`, and orders of the batch with the same address to
      ship to. An order without an address is not judged.

    The instants of a screening have no id. One at which an order of the batch was placed, or this
    one, is taken to be that order's and does not count again.

    Args:
        at_most: so many orders are usual, 1 or more.
        within: the length of the window, a timedelta. It ends when the order was placed; an order
            that was placed exactly so long before is out of it.
        per: ``"customer"``, ``"card"`` or ``"address"``. Use several for several.

    Codes: ``risk.velocity_customer`` (HOLD), ``risk.velocity_card`` (HOLD),
    ``risk.velocity_address`` (HOLD), ``customer_facts.missing`` (HOLD, per customer),
    ``screening.missing`` (HOLD, per card and per address).

    Raises:
        InvalidValueError: a number below 1, a period that is none, another word for ``per``.

    >>> from datetime import datetime, timezone
    >>> from fulfill_core import Customer, Facts
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
    check_choice("velocity.per", per, ("customer", "card", "address"))
    return Velocity(at_most, within, per)


def _once(placed: Placed) -> Iterable[tuple[Hashable, int]]:
    return ((None, 1),)
