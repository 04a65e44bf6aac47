"""The plan of a run: what a planner makes of the queue as a whole, tried before it is carried out.

A planner does not see all that an allocator keeps to: where a sourcing policy sends an order, or
which day's capacity is used up on the way. So what it decides is tried on runs that are thrown
away, and of these the one that serves what is worth most is carried out; rank order is one of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import NamedTuple

from fulfill_core._checks import repr_of
from fulfill_core.allocation.allocator import Allocator
from fulfill_core.allocation.customer_units import PlanByLine
from fulfill_core.allocation.late_lots import PromiseOf
from fulfill_core.decisions.decision import make_decision
from fulfill_core.decisions.head_start import NO_HEAD_START, HeadStart, head_start
from fulfill_core.decisions.lines import LineStatus
from fulfill_core.decisions.rows import Served
from fulfill_core.exceptions import PluginError
from fulfill_core.inventory.inventory import Inventory
from fulfill_core.orders.order import Order
from fulfill_core.pipeline.queue import Queue
from fulfill_core.protocols import OrderDemand, Plan, Planner, RunStage, SourcingPolicy
from fulfill_core.protocols.plugins import kind_of, name_of
from fulfill_core.protocols.reporting import Reporter
from fulfill_core.records.facts import Context


class Planned(NamedTuple):
    """What a planner makes of a run.

    Args:
        plan: its plan; None if there is no planner, or nothing to plan.
        by_line: how much each line may have; None leaves it to rank.
        start: what is given out before the queue is served in rank order with what is left.
        stock: the stock in which that is reserved; None if nothing is given out before.
    """

    plan: Plan | None = None
    by_line: PlanByLine | None = None
    start: HeadStart = NO_HEAD_START
    stock: Inventory | None = None


class _Trial(NamedTuple):
    """What was served on a trial.

    Args:
        value: what it is worth.
        units: what each line got.
        start: what of it the plan gave; the rest went by rank.
        stock: the stock in which that is reserved; None if all of it went by rank.
    """

    value: Decimal
    units: Mapping[tuple[str, str], int]
    start: HeadStart = NO_HEAD_START
    stock: Inventory | None = None

    @property
    def merit(self) -> tuple[Decimal, int]:
        """The more the better: what is worth nothing is not left lying either."""
        return self.value, sum(self.units.values())


class Trials:
    """Runs that are thrown away: who would get what of the queue, and what would be left.

    Args:
        queue: the orders to serve.
        sourcing: the policy of the run.
        promise_of: what the run promises for an order that gets so much; None if nothing.
        context: that of the run.
    """

    def __init__(
        self,
        queue: Queue,
        sourcing: SourcingPolicy,
        promise_of: PromiseOf | None,
        context: Context,
    ) -> None:
        self.queue = queue
        self._sourcing = sourcing
        self._promise_of = promise_of
        self.context = context

    def lines(self, inventory: Inventory) -> list[tuple[LineStatus, ...]]:
        """How the lines of each order stand after a run in rank order."""
        served, _ = self._serve(inventory, None)
        return [self._lines(rank, each) for rank, each in enumerate(served)]

    def by_plan(self, inventory: Inventory, by_line: PlanByLine) -> tuple[HeadStart, Inventory]:
        """What orders get by a plan, none more than that, and the stock in which it is reserved."""
        served, allocator = self._serve(inventory, by_line)
        return head_start(self.queue.orders, served), allocator.with_allocations()

    def units(self, inventory: Inventory, start: HeadStart) -> dict[tuple[str, str], int]:
        """The units that each line gets after a head start: by order and line id."""
        served, _ = self._serve(inventory, None, start)
        lines = [self._lines(rank, each) for rank, each in enumerate(served)]
        return {
            (order.id, line.line_id): line.allocated
            for order, of_order in zip(self.queue.orders, lines, strict=True)
            for line in of_order
            if line.allocated
        }

    def _serve(
        self,
        inventory: Inventory,
        by_line: PlanByLine | None,
        start: HeadStart = NO_HEAD_START,
    ) -> tuple[list[Served], Allocator]:
        while True:
            allocator = Allocator(
                inventory,
                self._sourcing,
                self.context,
                self.queue.orders,
                by_line,
                has_planner=True,
                start=start,
                promise_of=self._promise_of,
            )
            served = [
                allocator.serve(order, self.queue.lines_beside(rank))
                for rank, order in enumerate(self.queue.orders)
            ]
            unneeded = allocator.unneeded_claims()
            if not unneeded:
                return served, allocator
            inventory = inventory.without_claims(unneeded)

    def _lines(self, rank: int, served: Served) -> tuple[LineStatus, ...]:
        order, findings = self.queue.orders[rank], self.queue.findings[rank]
        progress = self.context.progress_of(order.id)
        return make_decision(order, findings, rank, served, None, progress).lines


def plan_of(
    planner: Planner | None, trials: Trials, inventory: Inventory, reporter: Reporter
) -> Planned:
    """What the planner makes of the queue; it is told what serving it in rank order gives.

    Raises:
        PluginError: it raised, or returned something else.
    """
    queue = trials.queue
    if planner is None or not queue.orders:
        return Planned()
    reporter.begin(RunStage.PLAN)
    # What rank gives is what a plan has to beat, and what is served if a planner finds no better.
    lines = trials.lines(inventory)
    demands = tuple([_demand(*pair) for pair in zip(queue.orders, lines, strict=True)])
    plan: object = _answer(
        planner, queue, lambda: planner(demands, inventory, context=trials.context)
    )
    if not isinstance(plan, Plan):
        raise _fault(planner, queue, f"returned {kind_of(plan)}; return a Plan")
    worth_of = getattr(planner, "worth_of", None)
    if worth_of is None:
        return Planned(plan, plan.by_line)

    def worth(units: Mapping[tuple[str, str], int]) -> Decimal:
        answer: object = _answer(planner, queue, lambda: worth_of(units, queue=demands))
        if not (isinstance(answer, Decimal) and answer.is_finite()):
            problem = f"gave {kind_of(answer)} as what units are worth; give a finite Decimal"
            raise _fault(planner, queue, problem)
        return answer

    return _best_of(plan, demands, trials, inventory, worth)


def _demand(order: Order, lines: tuple[LineStatus, ...]) -> OrderDemand:
    """What an order needs, and gets without a plan."""
    # Not what is on hold or reserved already: a plan can do nothing about that.
    needs = [line for line in lines if line.allocated + line.backordered + line.short]
    return OrderDemand(
        order=order,
        lines=tuple(
            [(line.line_id, line.allocated + line.backordered + line.short) for line in needs]
        ),
        greedy=tuple([(line.line_id, line.allocated) for line in needs]),
    )


def _best_of(
    plan: Plan,
    demands: tuple[OrderDemand, ...],
    trials: Trials,
    inventory: Inventory,
    worth: Callable[[Mapping[tuple[str, str], int]], Decimal],
) -> Planned:
    """The best that is served: by the plan, by what it leaves over as well, or by rank."""
    units = {
        (demand.order.id, line_id): units
        for demand in demands
        for line_id, units in demand.greedy
        if units
    }
    greedy_value = worth(units)
    best = _Trial(greedy_value, units)
    if plan.by_line != units:  # else it is rank order
        start, stock = trials.by_plan(inventory, plan.by_line)
        units = trials.units(stock, start)
        best = max(best, _Trial(worth(units), units, start, stock), key=lambda trial: trial.merit)
    value = best.value
    bound = None if plan.bound is None else max(plan.bound, value)
    rows = [(order_id, line_id, n) for (order_id, line_id), n in best.units.items()]
    plan = Plan(units=rows, value=value, greedy_value=greedy_value, bound=bound)
    return Planned(plan, start=best.start, stock=best.stock)


def _answer(planner: Planner, queue: Queue, question: Callable[[], object]) -> object:
    """What a planner answers."""
    try:
        return question()
    except PluginError:
        raise  # a planner of ours that says itself what is wrong
    except Exception as error:
        problem = f"raised {repr_of(error)}; a planner must not raise"
        raise _fault(planner, queue, problem) from error


def _fault(planner: Planner, queue: Queue, problem: str) -> PluginError:
    """Its fault, about all orders of the queue: it is not known which one it was."""
    return PluginError(name_of(planner), queue.orders[0].id, problem, len(queue.orders))
