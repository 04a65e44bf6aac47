"""What a re-allocation costs: orders that come late and rank first, among many that hold units."""

from __future__ import annotations

import gc
import random
import time
from datetime import timedelta
from typing import NamedTuple

from workload import NOW

from fulfill_core import Customer, Inventory, Order, OrderLine, Result, process
from fulfill_core.reallocation import Reallocation

DAY = timedelta(days=1)
PLACES = ("berlin", "lyon", "turin")
_CUSTOMER = Customer(id="C-1")


class Day(NamedTuple):
    """Orders that hold units, orders that rank before them, and the stock that they hold."""

    orders: list[Order]
    inventory: Inventory
    held: int


class Costs(NamedTuple):
    """Seconds per reservation of whole runs, in turn, and how many losses each made."""

    alone: list[float]
    taking: list[float]
    held: int
    losses: int


def make(reservations: int, *, seed: int) -> Day:
    """About so many reservations, of two lines each, and half as many lines that want the same."""
    rng = random.Random(seed)
    skus = [f"sku-{number}" for number in range(max(1, reservations // 20))]

    def order(name: str, minutes: int, due: int) -> Order:
        return Order(
            id=f"{name}-{minutes}",
            placed_at=NOW - timedelta(minutes=minutes),
            customer=_CUSTOMER,
            currency="EUR",
            lines=[
                OrderLine(id=str(line), sku=rng.choice(skus), quantity=rng.randint(1, 5))
                for line in (1, 2)
            ],
            deliver_by=NOW + due * DAY,
        )

    late = [order("late", minutes, 10) for minutes in range(reservations // 2)]
    early = [order("early", minutes, 2) for minutes in range(reservations // 4)]
    stock = Inventory.of({(sku, place): 30 for sku in skus for place in PLACES})
    inventory = process(late, stock, now=NOW - DAY, verifiers=()).inventory
    return Day([*late, *early], inventory, sum(1 for _ in inventory.reservations()))


def run(day: Day, reallocation: Reallocation | None) -> Result:
    """A run of the day in which those behind may lose, or not."""
    return process(day.orders, day.inventory, now=NOW, verifiers=(), reallocation=reallocation)


def costs(reservations: int, repeats: int, seed: int) -> Costs:
    """Runs without a re-allocation and with one, in turn."""
    day = make(reservations, seed=seed)
    alone: list[float] = []
    taking: list[float] = []
    losses = 0
    for _ in range(repeats):
        for figures, reallocation in ((alone, None), (taking, Reallocation())):
            gc.collect()
            start = time.process_time()
            result = run(day, reallocation)
            figures.append((time.process_time() - start) / day.held)
            losses = len(result.losses)
    return Costs(alone, taking, day.held, losses)
