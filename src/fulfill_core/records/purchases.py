"""What customers have already, as the caps of items count it.

A cap counts what a customer's orders have, whichever of them ask for more now. The orders of a run
that have no turn in it (they are on hold, or scheduled, or all of them has left) count like what
was bought outside of the run: nobody ranks behind them. In a run with a planner, which serves some
before those ahead of them, those count as well whose turn is still to come.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

import attrs

from fulfill_core import records
from fulfill_core.inventory.claims import claims_of
from fulfill_core.inventory.reservations import batches_of, units_by_line
from fulfill_core.inventory.state import State, components_of, item
from fulfill_core.orders.order import Order
from fulfill_core.orders.progress import shipped_by_line
from fulfill_core.records.facts import Context


def units_owned(
    order: Order, record: records.OrderRecord | None, stock: State, now: datetime
) -> Counter[str]:
    """What is reserved for an order, and what of it has left, by SKU, kits taken apart.

    Args:
        order: the order.
        record: what happened to it; None if nothing did.
        stock: where its reservations are.
        now: the caller's time; what expired before does not count.
    """
    units = Counter[str]()
    for (_, sku), units_reserved in units_by_line(batches_of(stock, order.id), now).items():
        units[sku] += units_reserved
    if record is not None and record.progress:
        recipes = {line.id: components_of(stock, line.sku) for line in order.lines}
        shipped = shipped_by_line(order.lines, record.progress, recipes)
        for (_, sku), units_shipped in shipped.items():
            units[sku] += units_shipped
    return units


def units_counted(
    order: Order, record: records.OrderRecord | None, stock: State, now: datetime
) -> Counter[str]:
    """What an order has whose turn is not now, by SKU: beside what it owns, what it waits for.

    Args:
        order: the order.
        record: what happened to it; None if nothing did.
        stock: where its reservations and its claims are.
        now: the caller's time; what expired before does not count.
    """
    claims = claims_of(stock, order.id)
    if record is None and not claims and not batches_of(stock, order.id):
        return Counter()  # it has nothing, as most that have no turn
    units = units_owned(order, record, stock, now)
    for claim in claims:
        units[claim.sku] += claim.quantity
    return units


def with_purchases(context: Context, orders: Iterable[Order], stock: State) -> Context:
    """The context in which what these orders have was bought outside of the run.

    Args:
        context: that of the run.
        orders: those of its orders that have no turn.
        stock: the stock before the run.
    """
    units_by_customer: dict[str, Counter[str]] = {}
    for order in {each.id: each for each in orders}.values():
        units = units_counted(order, context.record_of(order.id), stock, context.now)
        capped = {sku: n for sku, n in units.items() if item(stock, sku).customer_cap is not None}
        if capped:
            units_by_customer.setdefault(order.customer.id, Counter()).update(capped)
    if not units_by_customer:  # as nearly always
        return context
    customers = {each.customer_id: each for each in context.facts.customers}
    for customer_id, units in units_by_customer.items():
        facts = customers.get(customer_id) or records.CustomerFacts(customer_id=customer_id)
        units.update(dict(facts.units_bought))
        customers[customer_id] = attrs.evolve(facts, units_bought=units)
    facts_of_run = attrs.evolve(context.facts, customers=customers.values())
    return attrs.evolve(context, facts=facts_of_run)


def purchases_of(customer: records.CustomerFacts, stock: State) -> Counter[str]:
    """What a customer bought by orders that are not in this run, kits taken apart."""
    units: Counter[str] = Counter()
    for sku, quantity in customer.units_bought:
        for leaf, each in components_of(stock, sku) or ((sku, 1),):
            units[leaf] += quantity * each
    return units
