"""What happened in a simulated shop, as those outside know it: placed, left, came in, was paid."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from fulfill_core.exceptions import by_number
from fulfill_core.hosting import Job, JobReport, Run, StockUpdate
from fulfill_core.inventory import Inventory
from fulfill_core.lifecycle import Cancelled, Shipped, Step
from fulfill_core.orders import Order
from fulfill_core.orders.progress import Parts
from fulfill_core.records import OrderRecord
from fulfill_core.testing.simulator.books import Books, BrokenRuleError, Rule
from fulfill_core.testing.simulator.moves import Receipt
from fulfill_core.testing.simulator.shop import PARTS, parts_of


class Facts:
    """What a shop was told, and said that it has done: it must be so from then on.

    Args:
        inventory: the stock at the beginning.
    """

    def __init__(self, inventory: Inventory) -> None:
        self.receipts: dict[str, Receipt] = {}
        self._on_hand = Counter({(row.sku, row.location): row.on_hand for row in inventory.stock()})
        self._orders: dict[str, Order] = {}
        self._parcels: dict[str, Shipped] = {}
        self._update_ids: set[str] = set()
        self._cancelled_ids: set[str] = set()

    # -- What is done --------------------------------------------------------------------------

    def accept(self, job: Job, report: JobReport) -> None:
        """A loop has said that a job is done."""
        match job:
            case Run():
                refused_ids = {order_id for order_id, _ in report.left_out}
                for order in job.new_orders:
                    if order.id not in refused_ids:
                        self._accept_order(order)
            case StockUpdate():
                self._update_ids.add(job.id)
            case Shipped() if isinstance(report.outcome, Step):
                refusal = report.outcome.refusal
                if refusal is None or refusal.is_kept:
                    self._accept_parcel(job)
            case Cancelled():
                self._cancelled_ids.add(job.order_id)
            case _:
                pass

    def _accept_order(self, order: Order) -> None:
        before = self._orders.setdefault(order.id, order)
        if before != order:
            raise BrokenRuleError(Rule.LOST, f"two orders with the id {order.id} were accepted")

    def _accept_parcel(self, event: Shipped) -> None:
        before = self._parcels.setdefault(event.parcel, event)
        if before != event:
            problem = f"two reports of parcel {event.parcel} were accepted, with other units"
            raise BrokenRuleError(Rule.STOCK, problem)

    # -- What has to be so ---------------------------------------------------------------------

    def check(
        self,
        inventory: Inventory,
        records: Mapping[str, OrderRecord],
        money: Mapping[str, Decimal],
        books: Books,
        now: datetime,
    ) -> None:
        """Raise if a storage, or somebody outside, has something else.

        Args:
            inventory: the stock of the storage.
            records: its records.
            money: what was captured, by order.
            books: what was committed.
            now: the time.
        """
        self._check_stock(inventory)
        for order_id, order in self._orders.items():
            if order_id not in records:
                raise BrokenRuleError(Rule.LOST, f"order {order_id} was accepted, and is not there")
            record = records[order_id]
            if _as_placed(record.order) != _as_placed(order):
                problem = f"order {order_id} is not the one that was accepted"
                raise BrokenRuleError(Rule.LOST, problem)
            self._check_progress(record)
            self._check_money(order, money.get(order_id, Decimal(0)), books)
            self._check_waiting(order, books, now)

    def _check_stock(self, inventory: Inventory) -> None:
        """Units on hand are those at first, and what came in, without what left: each once."""
        units = Counter(self._on_hand)
        for key in self.receipts.keys() & self._update_ids:
            receipt = self.receipts[key]
            units[receipt.sku, receipt.location] += receipt.quantity
        for parcel in self._parcels.values():
            for sku, quantity in parts_of(self._lines_of(parcel)):
                units[sku, parcel.location] -= quantity
        on_hand = {(row.sku, row.location): row.on_hand for row in inventory.stock()}
        for where in {**units, **on_hand}:
            if units[where] != on_hand.get(where, 0):
                sku, location = where
                present = on_hand.get(where, 0)
                verb = by_number(present, "is", "are")
                problem = f"{present} of {sku} {verb} in {location}, not {units[where]}"
                raise BrokenRuleError(Rule.STOCK, problem)

    def _check_progress(self, record: OrderRecord) -> None:
        """What left of an order is the sum of its parcels."""
        units = self._units_sent(record.id)
        shipped = Counter({each.line_id: each.shipped for each in record.progress})
        if +shipped != units:
            problem = f"of {record.id} left {dict(units)}, and its record says {dict(+shipped)}"
            raise BrokenRuleError(Rule.STOCK, problem)

    def _units_sent(self, order_id: str) -> Counter[str]:
        units: Counter[str] = Counter()
        for parcel in self._parcels.values():
            if parcel.order_id == order_id:
                units.update(dict(self._lines_of(parcel)))
        return units

    def _lines_of(self, parcel: Shipped) -> Parts:
        """What is in a parcel, of lines that its order has: of others nobody knows the SKU."""
        order = self._orders.get(parcel.order_id)
        if order is None:
            problem = f"{parcel.order_id} has a parcel, and was never accepted"
            raise BrokenRuleError(Rule.LOST, problem)
        ids = {line.id for line in order.lines}
        return tuple([(line_id, units) for line_id, units in parcel.lines if line_id in ids])

    def _check_money(self, order: Order, captured: Decimal, books: Books) -> None:
        """What left is captured, as far as it was ordered: once, and no less."""
        units = self._units_sent(order.id)
        amounts = [line.unit_price * min(line.quantity, units[line.id]) for line in order.lines]
        due = sum(amounts, Decimal(0))
        # What left after it was cancelled, and the money let go, somebody has to ask for.
        is_parked = any([row_id.startswith(f"{order.id}:") for row_id in books.parked_ids()])
        is_exact = order.id not in self._cancelled_ids and not is_parked
        if captured > due or (captured < due and is_exact):
            problem = f"{captured} were captured of order {order.id}, and {due} are due"
            raise BrokenRuleError(Rule.EFFECTS, problem)

    def _check_waiting(self, order: Order, books: Books, now: datetime) -> None:
        """Nobody waits for what lies there for nobody."""
        if order.id in self._cancelled_ids:
            return
        units = self._units_sent(order.id)
        for line in order.lines:
            parts = PARTS.get(line.sku, (line.sku,))
            reserved = max([books.units_for(order.id, line.id, part, now) for part in parts])
            missing = line.quantity - units[line.id] - reserved
            free = max(
                [
                    min([books.free(part, location, now) for part in parts])
                    for location in {location for _, location in books.on_hand}
                ]
            )
            if missing > 0 and free > 0:
                waits = f"{order.id} waits for {missing} of {line.sku}"
                problem = f"{waits}, and {free} {by_number(free, 'is', 'are')} free"
                raise BrokenRuleError(Rule.LOST, problem)


def _as_placed(order: Order) -> tuple[object, ...]:
    """What of an order stays as it was placed, whatever happens to it."""
    return order.id, order.placed_at, order.customer, order.currency, order.lines
