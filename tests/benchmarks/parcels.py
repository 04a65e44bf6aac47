"""How many parcels a sourcing policy makes of a day on which stock is short, and how many must be.

The orders ship in part, so what each of them gets does not depend on the policy, only from where.
HiGHS, a solver of the extra ``optimize``, knows all orders at once. For the same units per order
it finds few parcels, and proves a number below which none can be. A policy sees one order at a
time; what it lacks to that number is the price of not knowing who comes next, and of its rule.
"""

from __future__ import annotations

import gc
import random
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from importlib.util import find_spec
from typing import Any

from workload import NOW

from fulfill_core import (
    DEFAULT_SOURCING,
    Address,
    Candidate,
    Context,
    Customer,
    Demand,
    Inventory,
    Location,
    Order,
    OrderLine,
    Result,
    SourcingPolicy,
    process,
)
from fulfill_core.sourcing import fewest_shipments

SOURCING: dict[str, SourcingPolicy] = {
    "whole_order_first": DEFAULT_SOURCING,
    "fewest_shipments": fewest_shipments(),
    "... leaving_most": fewest_shipments(leaving_most=True),
}
PLACES = tuple(f"place-{number}" for number in range(5))
_SKUS = tuple(f"sku-{number:02}" for number in range(40))
_POPULAR = tuple((number + 3) ** -0.5 for number in range(len(_SKUS)))


@dataclass(slots=True)
class Day:
    """Orders of two to four lines, and stock that is not enough for them."""

    orders: list[Order]
    stock: dict[tuple[str, str], int]  # by SKU and place

    def inventory(self) -> Inventory:
        """The stock as the library's value: a place's rank is its number."""
        return Inventory.of(self.stock)


def make(size: int, *, everywhere: bool, seed: int = 1) -> Day:
    """A day of so many orders; each SKU lies in all five places, or in one to five of them."""
    rng = random.Random(seed)
    orders: list[Order] = []
    asked: Counter[str] = Counter()
    for number in range(size):
        wanted: dict[str, int] = {}
        lines = rng.randint(2, 4)
        while len(wanted) < lines:
            [sku] = rng.choices(_SKUS, _POPULAR)
            wanted[sku] = rng.choices((1, 2, 3), (6, 3, 1))[0]
        asked.update(wanted)
        orders.append(_order(f"A-{number:06}", number, wanted))
    stock: dict[tuple[str, str], int] = {}
    for sku in _SKUS:
        units = asked[sku] * rng.uniform(0.64, 0.96)
        places = sorted(rng.sample(PLACES, len(PLACES) if everywhere else rng.randint(1, 5)))
        shares = [rng.random() if everywhere else rng.random() ** 2 + 0.02 for _ in places]
        for place, share in zip(places, shares, strict=True):
            stock[sku, place] = round(units * share / sum(shares))
    return Day(orders, stock)


def _order(order_id: str, number: int, wanted: Mapping[str, int]) -> Order:
    return Order(
        id=order_id,
        placed_at=NOW - timedelta(days=1) + timedelta(seconds=number),
        customer=Customer(id=f"C-{number}", email=f"customer.{number}@mail.example"),
        lines=[OrderLine(id=sku, sku=sku, quantity=units) for sku, units in wanted.items()],
        currency="EUR",
        ship_to=Address(
            name="Ada", street=["1 Main St"], city="Leeds", postal_code="LS1 4AP", country="GB"
        ),
    )


# -- What a policy makes of it ---------------------------------------------------------------------


def run(day: Day, inventory: Inventory, sourcing: SourcingPolicy, *, bare: bool = False) -> Result:
    """A run with the default checks and messages; a bare one is allocation and little else."""
    if not bare:
        return process(day.orders, inventory, now=NOW, sourcing=sourcing)
    return process(
        day.orders, inventory, now=NOW, sourcing=sourcing, verifiers=(), notifications=_silent
    )


def _silent(decision: object, /, *, context: object) -> tuple[()]:
    return ()


def parcels(result: Result) -> int:
    """An order and a place from which something of it leaves are one parcel."""
    return sum(len({row.location for row in decision.allocations}) for decision in result.decisions)


def filled(result: Result) -> dict[str, dict[str, int]]:
    """The units that each order gets, by SKU."""
    units: dict[str, dict[str, int]] = {}
    for decision in result.decisions:
        got: Counter[str] = Counter()
        for row in decision.allocations:
            got[row.sku] += row.quantity
        units[decision.order.id] = dict(got)
    return units


def seconds(
    day: Day, policies: Iterable[SourcingPolicy], repeats: int, *, bare: bool
) -> list[list[float]]:
    """CPU seconds per order of runs with each of these, which take turns: a list for each turn."""
    inventory = day.inventory()
    turns: list[list[float]] = []
    for turn in range(repeats + 1):
        taken: list[float] = []
        for policy in policies:
            gc.collect()
            start = time.process_time()
            run(day, inventory, policy, bare=bare)
            taken.append((time.process_time() - start) / len(day.orders))
        if turn:  # the first is to warm up
            turns.append(taken)
    return turns


# -- What cannot be beaten -------------------------------------------------------------------------


@dataclass(slots=True)
class Bound:
    """What the solver found, and what it proved, in how many seconds."""

    found: float
    proven: float
    seconds: float


def is_there() -> bool:
    """Whether the solver is installed."""
    return find_spec("highspy") is not None


class _Model:
    """Columns and rows of a mixed-integer programme, as the solver takes them."""

    def __init__(self) -> None:
        self.costs: list[float] = []
        self.uppers: list[float] = []
        self.whole: list[bool] = []
        self.rows: list[tuple[float, float, list[int], list[float]]] = []

    def column(self, cost: float, upper: float, *, whole: bool) -> int:
        self.costs.append(cost)
        self.uppers.append(upper)
        self.whole.append(whole)
        return len(self.costs) - 1

    def row(self, low: float, high: float, columns: Iterable[int], by: Iterable[float]) -> None:
        self.rows.append((low, high, list(columns), list(by)))


def bound(day: Day, units: Mapping[str, Mapping[str, int]], limit: float) -> Bound:
    """The fewest parcels in which each order gets these units, as far as can be proven in time.

    For each order and place, whether it sends a parcel; for each order, place and SKU, how many
    units, which need not be said to be whole: once it is known who sends, they can be.
    """
    model = _Model()
    from_stock: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for got in units.values():
        if not got:
            continue
        sends = {
            place: model.column(1, 1, whole=True)
            for place in PLACES
            if any(day.stock.get((sku, place)) for sku in got)
        }
        model.row(1, len(PLACES), sends.values(), [1] * len(sends))
        for sku, quantity in got.items():
            parts: list[int] = []
            for place, parcel in sends.items():
                most = min(quantity, day.stock.get((sku, place), 0))
                if most:
                    part = model.column(0, most, whole=False)
                    parts.append(part)
                    from_stock[sku, place].append(part)
                    model.row(-quantity, 0, (part, parcel), (1, -most))
            model.row(quantity, quantity, parts, [1] * len(parts))
    for cell, parts in from_stock.items():
        model.row(0, day.stock[cell], parts, [1] * len(parts))
    return _solved(model, limit)


def _solved(model: _Model, limit: float) -> Bound:
    import highspy  # noqa: PLC0415 - an extra, and only this needs it
    import numpy as np  # noqa: PLC0415 - it comes with it

    kinds = highspy.HighsVarType
    lp: Any = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = len(model.costs), len(model.rows)
    lp.col_cost_ = np.array(model.costs, dtype=float)
    lp.col_lower_ = np.zeros(len(model.costs))
    lp.col_upper_ = np.array(model.uppers, dtype=float)
    lp.integrality_ = [kinds.kInteger if whole else kinds.kContinuous for whole in model.whole]
    lp.row_lower_ = np.array([low for low, _, _, _ in model.rows], dtype=float)
    lp.row_upper_ = np.array([high for _, high, _, _ in model.rows], dtype=float)
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_ = np.cumsum([0, *(len(columns) for _, _, columns, _ in model.rows)])
    lp.a_matrix_.index_ = np.array([each for row in model.rows for each in row[2]])
    lp.a_matrix_.value_ = np.array([each for row in model.rows for each in row[3]], dtype=float)
    solver: Any = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("time_limit", limit)
    solver.passModel(lp)
    start = time.perf_counter()
    solver.run()
    info = solver.getInfo()
    taken = time.perf_counter() - start
    return Bound(info.objective_function_value, info.mip_dual_bound, taken)


# -- One call --------------------------------------------------------------------------------------


def calls(
    policy: SourcingPolicy, places: int, lines: int, share: float, orders: int
) -> list[float]:
    """Seconds of calls for orders of so many lines; each place has each SKU with chance *share*."""
    rng = random.Random(places)
    context = Context(now=NOW)
    skus = [f"sku-{number:02}" for number in range(lines)]
    figures: list[float] = []
    for number in range(orders):
        needs = {sku: rng.randint(1, 4) for sku in skus}
        demand = Demand(order=_order("A-1", number, needs), needs=tuple(needs.items()))
        offered = [
            Candidate(
                Location(id=f"place-{place:02}"),
                {sku: rng.randint(1, 6) for sku in skus if rng.random() < share},
            )
            for place in range(places)
        ]
        start = time.perf_counter()
        tuple(policy(demand, offered, context=context))
        figures.append(time.perf_counter() - start)
    return figures
