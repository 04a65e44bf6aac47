"""What planning for all orders together fills beside serving them in rank order, and what it costs.

The planner comes with an extra of its own, so this is the only module here that imports it, and
only when it is asked to.
"""

from __future__ import annotations

import gc
import random
import time
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from itertools import accumulate
from typing import Any, NamedTuple

from workload import NOW

from fulfill_core import Customer, Inventory, Order, OrderLine, Result, Ship, process

TIERS = {"gold": 3, "silver": 2, "standard": 1}
"""By what the price counts for whom, where tiers count."""
_LOCATIONS = ("berlin", "hamburg", "paris")


class Planned(NamedTuple):
    """Both ways for one batch: what they fill, what was proved, and how long each took.

    Args:
        best: what was filled by plan.
        greedy: what was filled in rank order.
        gap: how far the plan is from what was proved, as a share.
        seconds: by plan, each time.
        greedy_seconds: in rank order, each time.
    """

    best: Decimal
    greedy: Decimal
    gap: Decimal
    seconds: list[float]
    greedy_seconds: list[float]


def make(size: int, seed: int) -> tuple[list[Order], Inventory]:
    """A day on which stock is scarce: between 40 and 110 % of what is wanted of each SKU."""
    rng = random.Random(seed)
    skus = [f"sku-{number:05d}" for number in range(max(20, size // 5))]
    popular = list(accumulate((number + 1) ** -0.7 for number in range(len(skus))))
    prices = {sku: Decimal(rng.randint(199, 19_900)) / 100 for sku in skus}
    wanted: Counter[str] = Counter()
    orders: list[Order] = []
    for number in range(size):
        lines: list[OrderLine] = []
        for sku in rng.choices(skus, cum_weights=popular, k=rng.choice((1, 1, 2, 2, 3, 4))):
            quantity = rng.choice((1, 1, 1, 2, 3, 5))
            share = rng.choice((80, 90, 100, 100, 110))  # prices change, and some have a discount
            wanted[sku] += quantity
            lines.append(
                OrderLine(
                    id=str(len(lines) + 1),
                    sku=sku,
                    quantity=quantity,
                    unit_price=prices[sku] * share / 100,
                )
            )
        orders.append(
            Order(
                id=f"A-{number:06d}",
                placed_at=NOW,
                customer=Customer(id=f"C-{number}", tier=rng.choices(list(TIERS), (1, 3, 6))[0]),
                lines=lines,
                currency="EUR",
                ship=rng.choices(list(Ship), (4, 3, 3))[0],
            )
        )
    stock: dict[tuple[str, str], int] = {}
    for sku, units in wanted.items():
        there = int(units * rng.uniform(0.4, 1.1))
        first, second, _ = _LOCATIONS
        stock[sku, first] = there // 2
        stock[sku, second] = there - there // 2
    return orders, Inventory.of(stock)


def by_tier(order: Order) -> int:
    """Gold counts three times, silver twice."""
    return TIERS[order.customer.tier]


def alike(order: Order) -> int:
    """Everybody counts once."""
    return 1


def filled(result: Result, weight: Callable[[Order], int]) -> Decimal:
    """What the run gave out, by price and weight: counted in the decisions, not in the plan."""
    worth = Decimal(0)
    for decision in result.decisions:
        prices = {line.id: line.unit_price for line in decision.order.lines}
        for made in decision.allocations:
            worth += prices[made.line_id] * made.quantity * weight(decision.order)
    return worth


def compare(size: int, repeats: int, seed: int, time_limit: float) -> dict[str, Planned]:
    """Both ways by both weights, each run in turn."""
    from fulfill_core.optimal import best_value  # noqa: PLC0415 - only where it is measured

    orders, stock = make(size, seed)
    found: dict[str, Planned] = {}
    process(orders[:50], stock, now=NOW, verifiers=(), planner=best_value())  # what starts once
    for name, weight in (("price", alike), ("price and tier", by_tier)):
        planner = best_value(order_weight=weight, time_limit=time_limit)
        times: tuple[list[float], list[float]] = [], []
        for _ in range(repeats):
            greedy, seconds = _timed(orders, stock)
            times[1].append(seconds)
            result, seconds = _timed(orders, stock, planner=planner)
            times[0].append(seconds)
        assert result.plan is not None
        worths = filled(result, weight), filled(greedy, weight)
        assert worths == (result.plan.value, result.plan.greedy_value)  # all of it was carried out
        found[name] = Planned(*worths, result.plan.gap or Decimal(0), *times)
    return found


def _timed(orders: list[Order], stock: Inventory, **options: Any) -> tuple[Result, float]:
    gc.collect()
    begin = time.process_time()
    result = process(orders, stock, now=NOW, verifiers=(), **options)
    return result, time.process_time() - begin
