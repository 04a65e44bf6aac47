"""What a priority policy costs: whole runs by each, beside the same run by the default one."""

from __future__ import annotations

import gc
import time
from datetime import timedelta
from decimal import Decimal

import workload
from workload import NOW

from fulfill_core import DEFAULT_PRIORITY, PriorityPolicy, process
from fulfill_core.priorities import (
    ageing,
    customer_tier,
    deadline,
    descending,
    fair_share,
    lexicographic,
    normalised,
    oldest_first,
    order_value,
    weighted,
)

DAY = timedelta(days=1)
_TIER = customer_tier("gold", "silver")
_VALUE = order_value({"EUR": Decimal(1), "USD": Decimal("0.92"), "GBP": Decimal("1.17")})
_SCORE = weighted(
    {
        normalised(_TIER, first=0, last=2): 3,
        normalised(deadline, first=timedelta(0), last=7 * DAY): 2,
        normalised(oldest_first, first=-7 * DAY, last=timedelta(0)): 1,
    }
)
POLICIES: dict[str, PriorityPolicy] = {
    "default": DEFAULT_PRIORITY,
    "three in sequence": lexicographic(_TIER, deadline, oldest_first),
    "weighted, of three": _SCORE,
    "weighted, of money": weighted({normalised(_VALUE, first=1_000, last=0): 1, _TIER: 2}),
    "ageing tiers": ageing(_TIER, rises_every=2 * DAY),
    "ageing score": ageing(_SCORE, rises_every=DAY),
    "fair share": fair_share("customer"),
    "... within tiers": lexicographic(_TIER, fair_share("customer", weights={"C-1": 2})),
    "largest first": descending(_VALUE),
}


def costs(size: int, repeats: int, seed: int) -> dict[str, list[float]]:
    """Seconds per order of whole runs, by policy, in turn."""
    data = workload.make(size, seed=seed)
    orders, inventory = workload.library_orders(data), workload.library_inventory(data)
    figures: dict[str, list[float]] = {name: [] for name in POLICIES}
    for turn in range(repeats + 1):
        for name, policy in POLICIES.items():
            gc.collect()
            start = time.process_time()
            result = process(orders, inventory, now=NOW, priority=policy)
            seconds = time.process_time() - start
            del result
            if turn:  # the first is warm-up
                figures[name].append(seconds / size)
    return figures
