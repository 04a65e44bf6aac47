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
from fulfill_core.allocation.by_rule import PromiseOf
from fulfill_core.allocation.rules import PlanByLine
from fulfill_core.decisions.decision import make_decision
from fulfill_core.decisions.lines import LineStatus
from fulfill_core.exceptions import PluginError
from fulfill_core.inventory.inventory import Inventory
from fulfill_core.orders.order import Order
from fulfill_core.pipeline.queue import Queue
from fulfill_core.protocols import OrderDemand, Plan, Planner, RunStage, SourcingPolicy
from fulfill_core.protocols.plugins import kind_of, name_of
from fulfill_core.protocols.reporting import Reporter
from fulfill_core.records.facts import Context

_MOST_TRIALS = 4
"""So often what a plan gave is tried again, with what it left over."""


class Planned(NamedTuple):
    """What a planner makes of a run.

    Args:
        plan: its plan; None if there is no planner, or nothing to plan.
        by_line: how much each line may have; None leaves it to rank.
    """

    plan: Plan | None = None
    by_line: PlanByLine | None = None


class _Trial(NamedTuple):
    """What was served on a trial.

    Args:
        value: what it is worth.
        units: what each line got.
        by_line: what each line might have; None if that was left to rank.
    """

    value: Decimal
    units: Mapping[tuple[str, str], int]
    by_line: PlanByLine | None

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

    def run(
        self, inventory: Inventory, by_line: PlanByLine | None = None
    ) -> tuple[list[tuple[LineStatus, ...]], Inventory]:
        """How the lines of each order stand after a run, and its stock afterwards."""
        orders = self.queue.orders
        while True:
            allocator = Allocator(
                inventory,
                self._sourcing,
                self.context,
                orders,
                by_line,
                has_planner=True,
                promise_of=self._promise_of,
            )
            lines = [self._lines(allocator, rank) for rank in range(len(orders))]
            unneeded = allocator.unneeded_claims()
            if not unneeded:
                return lines, allocator.after()
            inventory = inventory.without_claims(unneeded)

    def _lines(self, allocator: Allocator, rank: int) -> tuple[LineStatus, ...]:
        order, findings = self.queue.orders[rank], self.queue.findings[rank]
        served = allocator.serve(order, self.queue.lines_beside(rank))
        progress = self.context.progress_of(order.id)
        return make_decision(order, findings, rank, served, None, progress).lines

    def units(
        self, inventory: Inventory, by_line: PlanByLine | None = None
    ) -> tuple[dict[tuple[str, str], int], Inventory]:
        """The units that each line would get, and the stock afterwards."""
        lines, after = self.run(inventory, by_line)
        return self._units_of(lines), after

    def _units_of(self, lines: list[tuple[LineStatus, ...]]) -> dict[tuple[str, str], int]:
        return {
            (order.id, line.line_id): line.allocated
            for order, of_order in zip(self.queue.orders, lines, strict=True)
            for line in of_order
            if line.allocated
        }


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
    lines, _ = trials.run(inventory)
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
    best = _Trial(greedy_value, units, None)
    by_line: PlanByLine = plan.by_line
    for _ in range(_MOST_TRIALS):
        # What was given in vain is tried without: it has no place in a cap (law 8).
        if by_line == (best.units if best.by_line is None else best.by_line):
            break
        units, after = trials.units(inventory, by_line)
        trial = _Trial(worth(units), units, by_line)
        # Of two plans that serve as much the later one: it knew what the other one serves.
        is_later = best.by_line is not None and trial.merit == best.merit
        if trial.merit > best.merit or is_later:
            best = trial
        # What the plan gave to lines that could not take it goes to others, in rank order.
        rest, _ = trials.units(after)
        by_line = {row: units.get(row, 0) + rest.get(row, 0) for row in {*units, *rest}}
    value = best.value
    bound = None if plan.bound is None else max(plan.bound, value)
    rows = [(order_id, line_id, n) for (order_id, line_id), n in best.units.items()]
    plan = Plan(units=rows, value=value, greedy_value=greedy_value, bound=bound)
    return Planned(plan, best.by_line)


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
