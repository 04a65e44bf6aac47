"""Is the order like the customer's others, and does it not ask for too much?

These verifiers look at what came before an order, by (placed_at, id): at what the host knows of the
past, and in a run also at the other orders of the batch. An order that is both is taken as it is in
the batch. Whether an earlier order was held or rejected makes no difference, but for
`repeated_order`; one that was cancelled as a whole asks for nothing any more: its record says so,
or a `PastOrder` without units.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Hashable, Iterable, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from operator import itemgetter
from typing import Literal, TypeAlias

import attrs

from fulfill_core import _checks
from fulfill_core._checks import EXACT, money_text, repr_of
from fulfill_core.decisions.finding import Finding, hold
from fulfill_core.exceptions import by_number
from fulfill_core.orders.order import Order
from fulfill_core.records.customer_facts import PastOrder
from fulfill_core.records.facts import Context, FactKind, Facts, KindOfFact, fact_missing
from fulfill_core.records.likeness import WORDS, Likeness, Per, to_likeness
from fulfill_core.verifiers.timeline import (
    CUSTOMER,
    NO_TIMELINE,
    History,
    Key,
    Placed,
    Weights,
    cancelled_ids,
    check_period,
    customer_key,
    grouped,
    histories_for,
    histories_of,
    instant_text,
    key_of,
    keys_shared,
    kinds_for,
    lack_of,
    past_orders,
    per_text,
    period_text,
    start_of,
    units_of,
)

_CUSTOMER = frozenset({FactKind.CUSTOMER})
_NO_KINDS: frozenset[KindOfFact] = frozenset()
_FIVE = Decimal(5)
_TWO = Decimal(2)
_MOST = 10**6


# -- How much of one thing -------------------------------------------------------------------------

_Histories: TypeAlias = Mapping[str, History]
_Usual: TypeAlias = tuple[Decimal | None, Decimal | None]
"""The usual total and the usual number of units; None if it is not known."""


@attrs.frozen(weakref_slot=False, repr=False)
class QuantityLimits:
    """The most that an order or a customer gets, as `quantity_limits` makes it."""

    limits: tuple[tuple[str, int], ...]
    likeness: Likeness | None
    """None per order."""
    within: timedelta | None
    _by_sku: Mapping[str, int] = attrs.field(alias="by_sku", eq=False)
    _batch: _Histories = attrs.field(alias="batch", factory=dict[str, History], hash=False)

    def _limited(self, placed: Placed) -> list[tuple[str, int]]:
        """What an order asks for of SKUs that have a limit."""
        by_sku = self._by_sku
        return [(sku, units) for sku, units in units_of(placed) if sku in by_sku]

    def facts_needed(self, order: Order, /, *, context: Context) -> frozenset[KindOfFact]:
        """The facts about the customer, if the limits are theirs and the order meets one."""
        if self.likeness is None or not self._limited(order):
            return _NO_KINDS
        return kinds_for(order, self.likeness, context.facts)

    def shared_keys(self, order: Order, /, *, facts: Facts) -> Iterable[Hashable]:
        """The customer, whoever asks for what: a past order may be in the batch as well."""
        return () if self.likeness is None else keys_shared(order, self.likeness, facts)

    def for_batch(self, orders: Sequence[Order], /, *, context: Context) -> QuantityLimits:
        """The verifier with the other orders of a batch in view."""
        if self.likeness is None:
            return self
        standing = _unless_in(cancelled_ids(context), self._limited)
        batch = histories_of(orders, self.likeness, context.facts, standing)
        return attrs.evolve(self, batch=batch)

    def __call__(self, order: Order, /, *, context: Context) -> Iterable[Finding]:
        demand = self._limited(order)
        if not demand:
            return ()
        likeness, facts = self.likeness, context.facts
        if likeness is None:
            return self._of_order(order, demand)
        lack = lack_of(order, likeness, facts)
        if lack is not None:
            return (lack,)
        histories = histories_for(order, likeness, facts, self._batch, self._limited)
        key = key_of(order)
        start = start_of(key, self.within)
        findings: list[Finding] = []
        for sku, units in demand:
            before = -1
            for history in histories:  # of several cards, the one with the most
                timeline = history.get(sku, NO_TIMELINE)
                low, high = timeline.before(key, start)
                before = max(before, timeline.sums[high] - timeline.sums[low])
            if before >= 0 and before + units > self._by_sku[sku]:
                findings.append(self._too_much(order, sku, units, before))
        return findings

    def _of_order(self, order: Order, demand: Iterable[tuple[str, int]]) -> list[Finding]:
        return [
            hold(
                "order.quantity_limit",
                field=_quantity_of(order, sku),
                detail=f"The order asks for {units} of {repr_of(sku)}; at most"
                f" {self._by_sku[sku]} go to one order.",
                evidence=sku,
                measure=units - self._by_sku[sku],
            )
            for sku, units in demand
            if units > self._by_sku[sku]
        ]

    def _too_much(self, order: Order, sku: str, units: int, before: int) -> Finding:
        likeness = self.likeness or CUSTOMER
        within = "" if self.within is None else f" within {period_text(self.within)}"
        ordered = f"were ordered {likeness.clause}"
        per = f" per {likeness.noun}"
        if likeness.per == "customer":
            ordered, per = "the customer ordered", ""
        return hold(
            "customer.quantity_limit",
            field=_quantity_of(order, sku),
            detail=f"The order asks for {units} of {repr_of(sku)}, after {before} that"
            f" {ordered}{within}; at most {self._by_sku[sku]} go to one {likeness.noun}.",
            evidence=f"{sku}{within}{per}",
            measure=before + units - self._by_sku[sku],
        )

    def __repr__(self) -> str:
        per = repr("order") if self.likeness is None else per_text(self.likeness)
        period = "" if self.within is None else f", within={self.within!r}"
        return f"quantity_limits(<{len(self.limits)} limits>, per={per}{period})"


def quantity_limits(
    limits: Mapping[str, int],
    *,
    per: Literal["order"] | Per | Likeness = "order",
    within: timedelta | None = None,
) -> QuantityLimits:
    """No order, or no customer, gets more of a SKU than the shop gives.

    All lines of a SKU count together, in stock units: a box of 12 is 12. Per customer, what the
    customer's earlier orders asked for counts as well: those of `CustomerFacts` and those of the
    batch of a run, but for those that were cancelled as a whole. That needs `CustomerFacts`, for
    orders with a SKU that has a limit. Guests can be told apart by other words than ``"customer"``:
    then their past is `CustomerFacts` under the key of a `Likeness`, and per card or IP address a
    `Screening` says which. An order without a key is not judged.

    Args:
        limits: how many stock units at most, 1 or more, by SKU.
        per: ``"order"``; or ``"customer"``, ``"email"``, ``"phone"``, ``"card"``, ``"address"``,
            ``"ip"``, or a `Likeness`. Use several for several.
        within: how far back earlier orders count, a timedelta; None for however long ago. Not per
            order.

    Codes, one per SKU: ``order.quantity_limit`` (HOLD, per order), ``customer.quantity_limit``
    (HOLD, else), and ``customer_facts.missing`` (HOLD, not per order), ``screening.missing`` and
    ``screening.ip_unreadable`` (HOLD, per card or IP address).

    Raises:
        InvalidValueError: a limit below 1, no limit at all, a period that is none or that goes
            with ``per="order"``, another word for ``per``.

    >>> from datetime import datetime, timezone
    >>> from fulfill_core import Customer, OrderLine
    >>> now = datetime(2026, 3, 2, tzinfo=timezone.utc)
    >>> order = Order(id="A-1", placed_at=now, customer=Customer(id="C-7"), currency="EUR",
    ...               lines=[OrderLine(id="1", sku="mug", quantity=2, units_each=12)])
    >>> verifier = quantity_limits({"mug": 20})
    >>> [finding.detail for finding in verifier(order, context=Context(now=now))]
    ["The order asks for 24 of 'mug'; at most 20 go to one order."]
    """
    path = "quantity_limits.limits"
    _checks.check_mapping(path, limits, "a dict of units by SKU")
    if not limits:
        raise _checks.refuse(path, limits, "limits nothing; pass a dict of units by SKU")
    for sku, units in limits.items():
        _checks.check_id(f"{path} (SKU)", sku)
        _checks.check_int(f"{path}[{repr_of(sku)}]", units, at_least=1)
    words = ("order", *WORDS)
    likeness = None if per == "order" else to_likeness("quantity_limits.per", per, words)
    if within is not None:
        check_period("quantity_limits.within", within)
        if likeness is None:
            raise _checks.refuse(
                "quantity_limits.within", within, "is for customers; pass per='customer' too"
            )
    pairs = tuple(sorted(limits.items()))
    return QuantityLimits(pairs, likeness=likeness, within=within, by_sku=dict(limits))


def _quantity_of(order: Order, sku: str) -> str:
    """The path of the first line that asks for the SKU."""
    return next(f"lines[{line.id}].quantity" for line in order.lines if line.sku == sku)


# -- The same once more ----------------------------------------------------------------------------


@attrs.frozen(weakref_slot=False, repr=False)
class RepeatedOrder:
    """Whether an order is the one before it once more, as `repeated_order` makes it."""

    within: timedelta
    likeness: Likeness = CUSTOMER
    _batch: _Histories = attrs.field(alias="batch", factory=dict[str, History], hash=False)

    @property
    def skips_rejected(self) -> bool:
        """True: what was turned down may be ordered again, such as with another card."""
        return True

    def facts_needed(self, order: Order, /, *, context: Context) -> frozenset[KindOfFact]:
        """The facts about the customer, if the order asks for anything."""
        return kinds_for(order, self.likeness, context.facts) if order.lines else _NO_KINDS

    def shared_keys(self, order: Order, /, *, facts: Facts) -> Iterable[Hashable]:
        """The customer, or what else the orders have in common."""
        return keys_shared(order, self.likeness, facts)

    def for_batch(self, orders: Sequence[Order], /, *, context: Context) -> RepeatedOrder:
        """The verifier with the other orders of a batch in view."""
        standing = _unless_in(cancelled_ids(context) | context.rejected_ids, _as_a_whole)
        batch = histories_of(orders, self.likeness, context.facts, standing)
        return attrs.evolve(self, batch=batch)

    def __call__(self, order: Order, /, *, context: Context) -> Iterable[Finding]:
        if not order.lines:
            return ()
        likeness, facts = self.likeness, context.facts
        lack = lack_of(order, likeness, facts)
        if lack is not None:
            return (lack,)
        key, units = key_of(order), units_of(order)
        start = start_of(key, self.within)
        earlier: list[Key] = []
        for history in histories_for(order, likeness, facts, self._batch, _as_a_whole):
            timeline = history.get(units, NO_TIMELINE)
            low, high = timeline.before(key, start)
            earlier += timeline.keys[max(low, high - 1) : high]
        if not earlier:
            return ()
        instant, other_id = max(earlier)
        when = f"{repr_of(other_id)}, at {instant_text(instant)}"
        detail = f"The same as {when}, was ordered {likeness.clause}."
        if likeness.per == "customer":
            detail = f"The customer ordered the same as {when}."
        return (hold("order.repeated", field="lines", detail=detail, evidence=other_id),)

    def __repr__(self) -> str:
        per = "" if self.likeness == CUSTOMER else f", per={per_text(self.likeness)}"
        return f"repeated_order(within={self.within!r}{per})"


def repeated_order(*, within: timedelta, per: Per | Likeness = "customer") -> RepeatedOrder:
    """The customer did not order the very same a moment before: a second click is no second order.

    The same is: as many stock units of the same SKUs, however they are parted into lines. It looks
    at `CustomerFacts`, which it needs for an order with lines, and in a run at the batch. An order
    that was cancelled and is placed anew is not repeated, nor is one that this run rejects: the
    good second try after a declined card passes.

    Args:
        within: how long before the other order was placed at most, a timedelta.
        per: who counts as the same customer: ``"customer"``; or, for guests, ``"email"``,
            ``"phone"``, ``"card"``, ``"address"``, ``"ip"``, or a `Likeness`. Then their past is
            `CustomerFacts` under its key; per card and IP address, a `Screening` says which. An
            order without a key is not judged.

    Codes: ``order.repeated`` (HOLD), ``customer_facts.missing`` (HOLD), and per card or IP address
    ``screening.missing`` (HOLD) and ``screening.ip_unreadable`` (HOLD).

    Raises:
        InvalidValueError: a period that is none, another word for ``per``.

    >>> from datetime import datetime, timezone
    >>> from fulfill_core import Customer, CustomerFacts, Facts, OrderLine, PastOrder
    >>> now = datetime(2026, 3, 2, 12, tzinfo=timezone.utc)
    >>> guest = Customer(id="G-2", email="Ada@example.com")
    >>> order = Order(id="A-2", placed_at=now, customer=guest, currency="EUR",
    ...               lines=[OrderLine(id="1", sku="mug", quantity=2)])
    >>> past = PastOrder(id="A-1", placed_at=now - timedelta(minutes=2), total=Decimal("19.80"),
    ...                  currency="EUR", units={"mug": 2})
    >>> facts = Facts(customers=[CustomerFacts(customer_id="email:ada@example.com", orders=[past])])
    >>> verifier = repeated_order(within=timedelta(minutes=30), per="email")
    >>> [finding.detail for finding in verifier(order, context=Context(now=now, facts=facts))]
    ["The same as 'A-1', at 2026-03-02 11:58 UTC, was ordered with the same e-mail address."]
    """
    check_period("repeated_order.within", within)
    return RepeatedOrder(within, to_likeness("repeated_order.per", per))


def _as_a_whole(placed: Placed) -> Iterable[tuple[Hashable, int]]:
    """All that an order asks for; nothing is known of a past one without units."""
    units = units_of(placed)
    return ((units, 1),) if units else ()


def _unless_in(ids: frozenset[str], weights: Weights) -> Weights:
    """The weights; of the orders with these ids, none."""
    if not ids:
        return weights
    return lambda placed: () if placed.id in ids else weights(placed)


# -- Unlike the others -----------------------------------------------------------------------------


@attrs.frozen(weakref_slot=False, repr=False)
class UsualForCustomer:
    """Whether an order is like the others of its customer, as `usual_for_customer` makes it."""

    value_factor: int | Decimal
    quantity_factor: int | Decimal
    at_least_orders: int
    _batch: Mapping[str, _Usual] = attrs.field(alias="batch", factory=dict[str, _Usual], hash=False)
    """Of customers with several orders in a batch: what was usual, by the id of the order."""

    def facts_needed(self, order: Order, /, *, context: Context) -> frozenset[FactKind]:
        """The facts about the customer."""
        return _CUSTOMER

    def shared_keys(self, order: Order, /, *, facts: Facts) -> Iterable[Hashable]:
        """The customer."""
        return (customer_key(order),)

    def for_batch(self, orders: Sequence[Order], /, *, context: Context) -> UsualForCustomer:
        """The verifier with what it looks up for several orders of a customer looked up once."""
        usual: dict[str, _Usual] = {}
        for customer_id, group in grouped(orders, CUSTOMER, context.facts).items():
            if len(group) > 1:
                usual |= self._usual(group, past_orders(context.facts, customer_id))
        return attrs.evolve(self, batch=usual)

    def __call__(self, order: Order, /, *, context: Context) -> Iterable[Finding]:
        facts = context.facts.customer(order.customer.id)
        if facts is None:
            return (fact_missing(FactKind.CUSTOMER, order),)
        usual = self._batch.get(order.id) or self._usual((order,), facts.orders)[order.id]
        usual_total, usual_units = usual
        findings: list[Finding] = []
        value_factor, quantity_factor = Decimal(self.value_factor), Decimal(self.quantity_factor)
        if usual_total is not None and order.total > EXACT.multiply(usual_total, value_factor):
            findings.append(
                hold(
                    "customer.unusual_value",
                    field="lines",
                    detail=f"The total is {money_text(order.total)} {order.currency}, more than"
                    f" {self.value_factor} times the {money_text(usual_total)} {order.currency}"
                    " that the customer's orders usually cost.",
                    measure=EXACT.subtract(order.total, usual_total),
                )
            )
        units = sum(line.units for line in order.lines)
        if usual_units is not None and units > EXACT.multiply(usual_units, quantity_factor):
            findings.append(
                hold(
                    "customer.unusual_quantity",
                    field="lines",
                    detail=f"The order asks for {units} {by_number(units, 'unit', 'units')},"
                    f" more than {self.quantity_factor} times the {usual_units.normalize(EXACT):f}"
                    " that the customer's orders usually ask for.",
                    measure=EXACT.subtract(Decimal(units), usual_units),
                )
            )
        return findings or ()

    def _usual(self, orders: Iterable[Order], past: Iterable[PastOrder]) -> dict[str, _Usual]:
        """What was usual for a customer when they placed each of their orders, by its id.

        One pass through time: the numbers of the past orders are kept sorted as they come in.
        """
        rows = sorted([(key_of(each), each) for each in past], key=itemgetter(0))
        records = {each.id: (key, each) for key, each in rows}
        totals: dict[str, list[Decimal]] = {}
        units: list[Decimal] = []
        usual: dict[str, _Usual] = {}
        position = 0
        for key, order in sorted([(key_of(order), order) for order in orders], key=itemgetter(0)):
            while position < len(rows) and rows[position][0] < key:
                each = rows[position][1]
                insort(totals.setdefault(each.currency, []), each.total)
                insort(units, _number_of_units(each))
                position += 1
            numbers = totals.get(order.currency, []), units
            record_key, record = records.get(order.id, (key, None))
            if record is not None and record_key < key:  # it is no other order
                numbers = (
                    _without(numbers[0], record.total)
                    if record.currency == order.currency
                    else numbers[0],
                    _without(units, _number_of_units(record)),
                )
            usual[order.id] = self._median(numbers[0]), self._median(numbers[1])
        return usual

    def _median(self, numbers: list[Decimal]) -> Decimal | None:
        """The median of those above zero; None if there are too few."""
        zeros = bisect_right(numbers, 0)
        count = len(numbers) - zeros
        if count < self.at_least_orders:
            return None
        middle = zeros + count // 2
        if count % 2:
            return numbers[middle]
        return EXACT.divide(EXACT.add(numbers[middle - 1], numbers[middle]), _TWO)

    def __repr__(self) -> str:
        return (
            f"usual_for_customer(value_factor={self.value_factor!r},"
            f" quantity_factor={self.quantity_factor!r}, at_least_orders={self.at_least_orders!r})"
        )


def usual_for_customer(
    *,
    value_factor: int | Decimal = _FIVE,
    quantity_factor: int | Decimal = _FIVE,
    at_least_orders: int = 3,
) -> UsualForCustomer:
    """The order is not many times what the customer's orders usually are.

    What is usual is the median of the orders that the customer placed before, by `CustomerFacts`,
    which it needs: half of them were larger, and one that was out of the way does not shift it.
    Totals are compared with those in the same currency; past orders that cost nothing, or of which
    the units are not known, say nothing of what is usual.

    Args:
        value_factor: up to how many times the usual total an order passes: an int or a Decimal from
            1 to 1,000,000.
        quantity_factor: the same for the number of stock units.
        at_least_orders: with fewer past orders, nothing is known of what is usual, and nothing is
            found.

    Codes: ``customer.unusual_value`` (HOLD), ``customer.unusual_quantity`` (HOLD),
    ``customer_facts.missing`` (HOLD).

    Raises:
        InvalidValueError: a factor or a number out of its range.

    >>> from datetime import datetime, timezone
    >>> from fulfill_core import Customer, CustomerFacts, Facts, PastOrder
    >>> now = datetime(2026, 3, 2, tzinfo=timezone.utc)
    >>> order = Order(id="A-9", placed_at=now, customer=Customer(id="C-7"), lines=[],
    ...               currency="EUR", shipping=Decimal(900))
    >>> past = [PastOrder(id=f"A-{days}", placed_at=now - timedelta(days=days), currency="EUR",
    ...                   total=Decimal(20 + days)) for days in (1, 2, 3)]
    >>> facts = Facts(customers=[CustomerFacts(customer_id="C-7", orders=past)])
    >>> verifier = usual_for_customer(value_factor=10)
    >>> [finding.detail for finding in verifier(order, context=Context(now=now, facts=facts))]
    ["The total is 900 EUR, more than 10 times the 22 EUR that the customer's orders usually cost."]
    """
    for name, factor in (("value_factor", value_factor), ("quantity_factor", quantity_factor)):
        path = f"usual_for_customer.{name}"
        _checks.check_number(path, factor)
        if not 1 <= factor <= _MOST:
            raise _checks.refuse(path, factor, f"is not a factor from 1 to {_MOST}; pass one")
    _checks.check_int("usual_for_customer.at_least_orders", at_least_orders, at_least=1)
    return UsualForCustomer(value_factor, quantity_factor, at_least_orders)


def _number_of_units(placed: PastOrder) -> Decimal:
    return Decimal(sum(units for _, units in placed.units))


def _without(numbers: list[Decimal], number: Decimal) -> list[Decimal]:
    """Sorted numbers, one of them left out once."""
    position = bisect_left(numbers, number)
    return numbers[:position] + numbers[position + 1 :]
