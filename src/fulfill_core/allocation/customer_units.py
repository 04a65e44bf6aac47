"""What counts for the caps on what one customer may have: what it has, buys, and will get.

Of a SKU with a cap units count that its orders ahead have, that wait for them, and that it bought
outside of the queue; with a planner, also what orders have whose turn is still to come.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import TypeAlias

from fulfill_core.decisions.rows import (
    BackorderRow,
    backordered_by_sku,
)
from fulfill_core.inventory.availability import is_ruled
from fulfill_core.inventory.shelves.shelf import Shelf
from fulfill_core.inventory.state import State, components_of
from fulfill_core.inventory.state import item as item_of
from fulfill_core.orders.order import Order
from fulfill_core.records.facts import Context
from fulfill_core.records.purchases import purchases_of, units_counted

PlanByLine: TypeAlias = Mapping[tuple[str, str], int]
"""What a plan lets a line have, in its own stock units, by (order id, line id)."""
_NO_PURCHASES: Mapping[str, int] = {}


class CustomerUnits:
    """What customers have of SKUs with a cap, at any moment of a run.

    Args:
        stock: the stock before the run.
        context: the time, and what is known of customers.
    """

    def __init__(self, stock: State, context: Context) -> None:
        self._stock = stock
        self._context = context
        self._now = context.now
        # What was bought outside of the queue; and of capped SKUs, what orders have up to now.
        self._purchases: dict[str, Mapping[str, int]] = {}
        self._units: defaultdict[tuple[str, str], int] = defaultdict(int)
        # With a planner: what orders have whose turn is to come, and what a plan gives to them.
        self._units_behind: Counter[tuple[str, str]] = Counter()
        self._planned_behind: Counter[tuple[str, str]] = Counter()

    def of(self, customer: str, sku: str) -> int:
        """What a customer has of a SKU: what counts for its cap."""
        key = customer, sku
        units = self._units.get(key, 0) + self.purchases(customer, sku)
        return units + self._units_behind[key] if self._units_behind else units

    def purchases(self, customer: str, sku: str) -> int:
        """What a customer bought of a SKU outside of the queue."""
        units = self._purchases.get(customer)
        if units is None:
            facts = self._context.facts.customer(customer)
            units = _NO_PURCHASES if facts is None else purchases_of(facts, self._stock)
            self._purchases[customer] = units
        return units.get(sku, 0)

    def planned_behind(self, customer: str, sku: str) -> int:
        """What a plan gives to orders of the customer that have their turn later."""
        return self._planned_behind.get((customer, sku), 0)

    def count_owned(self, customer: str, owned: Mapping[tuple[str, str], int]) -> None:
        """Count for the caps what an order has whose turn is now, whichever lines of it go on.

        Args:
            customer: the order's customer, by id.
            owned: what is reserved for the order or has left, by line and SKU.
        """
        stock = self._stock
        for (_, sku), units in owned.items():
            if is_ruled(stock, sku) and item_of(stock, sku).customer_cap is not None:
                self._units[customer, sku] += units

    def count_behind(self, order: Order, plan: PlanByLine, sign: int = 1) -> None:
        """Count for the caps what an order has, and gets by a plan; with sign -1, its turn is now.

        A plan serves some before those ahead of them. So what an order gets has its place beside
        what others of its customer have, and what waits beside what they will get, too.
        """
        stock, record = self._stock, self._context.record_of(order.id)
        for sku, units in units_counted(order, record, stock, self._now).items():
            self._units_behind[order.customer.id, sku] += sign * units
        for line in order.lines:
            units = plan.get((order.id, line.id), 0)
            for sku, each in components_of(stock, line.sku) or ((line.sku, 1),) if units else ():
                if is_ruled(stock, sku) and item_of(stock, sku).customer_cap is not None:
                    self._planned_behind[order.customer.id, sku] += sign * units * each

    def count_taken(
        self, customer: str, shelves: Mapping[str, Shelf], units: Mapping[str, int]
    ) -> None:
        """Count what an order of the customer takes of these SKUs, units by SKU."""
        for sku, shelf in shelves.items():
            if shelf.is_capped:
                self._units[customer, sku] += units.get(sku, 0)

    def count_waiting(self, customer: str, rows: Iterable[BackorderRow]) -> None:
        """Count what waits for a customer's cap, like what was taken."""
        for sku, units in backordered_by_sku(rows).items():
            if is_ruled(self._stock, sku) and item_of(self._stock, sku).customer_cap is not None:
                self._units[customer, sku] += units
