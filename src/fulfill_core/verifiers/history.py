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
from fulfill_core.orders.order import Order
from fulfill_core.records.customer_facts import PastOrder
from fulfill_core.records.facts import Context, FactKind, Facts, fact_missing
from fulfill_core.verifiers.timeline import (
    NO_TIMELINE,
    History,
    Placed,
    Weights,
    by_customer,
    cancelled_ids,
    check_choice,
    check_period,
    customer_key,
    histories_of,
    history_of,
    instant_text,
    key_of,
    past_orders,
    period_text,
    start_of,
    units_of,
)

_CUSTOMER = frozenset({FactKind.CUSTOMER})
_NO_KINDS: frozenset[FactKind] = frozenset()
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
    per: Literal["order", "customer"]
    within: timedelta | None
    _by_sku: Mapping[str, int] = attrs.field(alias="by_sku", eq=False)
    _batch: _Histories = attrs.field(alias="batch", factory=dict[str, History], hash=False)

    def _limited(self, placed: Placed) -> list[tuple[str, int]]:
        """What an order asks for of SKUs that have a limit."""
        by_sku = self._by_sku
        return [(sku, units) for sku, units in units_of(placed) if sku in by_sku]

    def facts_needed(self, order: Order, /, *, context: Context) -> frozenset[FactKind]:
        """The facts about the customer, if the limits are theirs and the order meets one."""
        return _CUSTOMER if self.per == "customer" and self._limited(order) else _NO_KINDS

    def shared_keys(self, order: Order, /, *, facts: Facts) -> Iterable[Hashable]:
        """The customer, whoever asks for what: a past order may be in the batch as well."""
        return () if self.per == "order" else (customer_key(order),)

    def for_batch(self, orders: Sequence[Order], /, *, context: Context) -> QuantityLimits:
        """The verifier with the other orders of a batch in view."""
        if self.per == "order":
            return self
        standing = _unless_in(cancelled_ids(context), self._limited)
        return attrs.evolve(self, batch=histories_of(orders, context.facts, standing))

    def __call__(self, order: Order, /, *, context: Context) -> Iterable[Finding]:
        demand = self._limited(order)
        if not demand:
            return ()
        if self.per == "order":
            return [
                hold(
                    "order.quantity_limit",
                    field=_quantity_of(order, sku),
                    detail=f"The order asks for {units} units of {repr_of(sku)}; at most"
                    f" {self._by_sku[sku]} go to one order.",
                    evidence=sku,
                    measure=units - self._by_sku[sku],
                )
                for sku, units in demand
                if units > self._by_sku[sku]
            ]
        facts = context.facts.customer(order.customer.id)
        if facts is None:
            return (fact_missing(FactKind.CUSTOMER, order),)
        history = self._batch.get(order.customer.id)
        if history is None:
            history = history_of((order,), facts.orders, self._limited)
        key = key_of(order)
        start = start_of(key, self.within)
        findings: list[Finding] = []
        for sku, units in demand:
            timeline = history.get(sku, NO_TIMELINE)
            low, high = timeline.before(key, start)
            before = timeline.sums[high] - timeline.sums[low]
            if before + units > self._by_sku[sku]:
                findings.append(self._too_much(order, sku, units, before))
        return findings

    def _too_much(self, order: Order, sku: str, units: int, before: int) -> Finding:
        within = "" if self.within is None else f" within {period_text(self.within)}"
        return hold(
            "customer.quantity_limit",
            field=_quantity_of(order, sku),
            detail=f"The order asks for {units} units of {repr_of(sku)}, after {before} that the"
            f" customer ordered{within}; at most {self._by_sku[sku]} go to one customer.",
            evidence=f"{sku}{within}",
            measure=before + units - self._by_sku[sku],
        )

    def __repr__(self) -> str:
        period = "" if self.within is None else f", within={self.within!r}"
        return f"quantity_limits(<{len(self.limits)} limits>, per={self.per!r}{period})"


def quantity_limits(
    limits: Mapping[str, int],
    *,
    per: Literal["order", "customer"] = "order",
    within: timedelta | None = None,
) -> QuantityLimits:
    """No order, or no customer, gets more of a SKU than the shop gives.

    All lines of a SKU count together, in stock units: a box of 12 is 12. Per customer, what the
    customer's earlier orders asked for counts as well: those of `CustomerFacts` and those of the
    batch of a run, but for those that were cancelled as a whole. That needs `CustomerFacts`, for
    orders with a SKU that has a limit.

    Args:
        limits: how many stock units at most, 1 or more, by SKU.
        per: ``"order"`` or ``"customer"``. Use both for both.
        within: how far back earlier orders count, a timedelta; None for however long ago. Only per
            customer.

    Codes, one per SKU: ``order.quantity_limit`` (HOLD, per order), ``customer.quantity_limit``
    (HOLD, per customer), and ``customer_facts.missing`` (HOLD, per customer).

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
    ["The order asks for 24 units of 'mug'; at most 20 go to one order."]
    """
    path = "quantity_limits.limits"
    if not isinstance(limits, Mapping):
        raise _checks.refuse(path, limits, "is not a mapping; pass a dict of units by SKU")
    if not limits:
        raise _checks.refuse(path, limits, "limits nothing; pass a dict of units by SKU")
    for sku, units in limits.items():
        _checks.check_id(f"{path} (SKU)", sku)
        _checks.check_int(f"{path}[{repr_of(sku)}]", units, at_least=1)
    check_choice("quantity_limits.per", per, ("order", "customer"))
    if within is not None:
        check_period("quantity_limits.within", within)
        if per == "order":
            raise _checks.refuse(
                "quantity_limits.within", within, "is for customers; pass per='customer' too"
            )
    pairs = tuple(sorted(limits.items()))
    return QuantityLimits(pairs, per=per, within=within, by_sku=dict(limits))


def _quantity_of(order: Order, sku: str) -> str:
    """The path of the first line that asks for the SKU."""
    return next(f"lines[{line.id}].quantity" for line in order.lines if line.sku == sku)


# -- The same once more ----------------------------------------------------------------------------


@attrs.frozen(weakref_slot=False, repr=False)
class RepeatedOrder:
    """Whether an order is the one before it once more, as `repeated_order` makes it."""

    within: timedelta
    _batch: _Histories = attrs.field(alias="batch", factory=dict[str, History], hash=False)

    @property
    def skips_rejected(self) -> bool:
        """True: what was turned down may be ordered again, such as with another card."""
        return True

    def facts_needed(self, order: Order, /, *, context: Context) -> frozenset[FactKind]:
        """The facts about the customer, if the order asks for anything."""
        return _CUSTOMER if order.lines else _NO_KINDS

    def shared_keys(self, order: Order, /, *, facts: Facts) -> Iterable[Hashable]:
        """The customer."""
        return (customer_key(order),)

    def for_batch(self, orders: Sequence[Order], /, *, context: Context) -> RepeatedOrder:
        """The verifier with the other orders of a batch in view."""
        standing = _unless_in(cancelled_ids(context) | context.rejected_ids, _as_a_whole)
        return attrs.evolve(self, batch=histories_of(orders, context.facts, standing))

    def __call__(self, order: Order, /, *, context: Context) -> Iterable[Finding]:
        if not order.lines:
            return ()
        facts = context.facts.customer(order.customer.id)
        if facts is None:
            return (fact_missing(FactKind.CUSTOMER, order),)
        history = self._batch.get(order.customer.id)
        if history is None:
            history = history_of((order,), facts.orders, _as_a_whole)
        timeline = history.get(units_of(order), NO_TIMELINE)
        key = key_of(order)
        low, high = timeline.before(key, start_of(key, self.within))
        if low == high:
            return ()
        instant, other_id = timeline.keys[high - 1]
        return (
            hold(
                "order.repeated",
                field="lines",
                detail=f"The customer ordered the same as {repr_of(other_id)}, at"
                f" {instant_text(instant)}.",
                evidence=other_id,
            ),
        )

    def __repr__(self) -> str:
        return f"repeated_order(within={self.within!r})"


def repeated_order(*, within: timedelta) -> RepeatedOrder:
    """The customer did not order the very same a moment before: a second click is no second order.

    The same is: as many stock units of the same SKUs, however they are parted into lines. It looks
    at `CustomerFacts`, which it needs for an order with lines, and in a run at the batch. An order
    that was cancelled and is placed anew is not repeated, nor is one that this run rejects: the
    good second try after a declined card passes.

    Args:
        within: how long before the other order was placed at most, a timedelta.

    Codes: ``order.repeated`` (HOLD), ``customer_facts.missing`` (HOLD).

    Raises:
        InvalidValueError: a period that is none.

    >>> from datetime import datetime, timezone
    >>> from fulfill_core import Customer, CustomerFacts, Facts, OrderLine, PastOrder
    >>> now = datetime(2026, 3, 2, 12, tzinfo=timezone.utc)
    >>> order = Order(id="A-2", placed_at=now, customer=Customer(id="C-7"), currency="EUR",
    ...               lines=[OrderLine(id="1", sku="mug", quantity=2)])
    >>> past = PastOrder(id="A-1", placed_at=now - timedelta(minutes=2), total=Decimal("19.80"),
    ...                  currency="EUR", units={"mug": 2})
    >>> facts = Facts(customers=[CustomerFacts(customer_id="C-7", orders=[past])])
    >>> verifier = repeated_order(within=timedelta(minutes=30))
    >>> [finding.detail for finding in verifier(order, context=Context(now=now, facts=facts))]
    ["The customer ordered the same as 'A-1', at 2026-03-02 11:58 UTC."]
    """
    check_period("repeated_order.within", within)
    return RepeatedOrder(within)


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
        for customer_id, group in by_customer(orders).items():
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
                    detail=f"The order asks for {units} units, more than {self.quantity_factor}"
                    f" times the {usual_units.normalize(EXACT):f} that the customer's orders"
                    " usually ask for.",
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
