"""The plan of a run: what a planner makes of the queue as a whole."""

from __future__ import annotations

from fulfill_core._checks import repr_of
from fulfill_core.allocation.allocator import Allocator
from fulfill_core.decisions.decision import make_decision
from fulfill_core.exceptions import PluginError
from fulfill_core.inventory.inventory import Inventory
from fulfill_core.pipeline.queue import Queue
from fulfill_core.protocols import OrderDemand, Plan, Planner, SourcingPolicy
from fulfill_core.protocols.plugins import kind_of, name_of
from fulfill_core.records.facts import Context


def plan_of(
    planner: Planner | None,
    queue: Queue,
    inventory: Inventory,
    sourcing: SourcingPolicy,
    context: Context,
) -> Plan | None:
    """What the planner makes of the queue; it is told what serving it in rank order gives.

    Raises:
        PluginError: it raised, or returned something else.
    """
    if planner is None or not queue.orders:
        return None
    demands = _demands(queue, inventory, sourcing, context)
    try:
        plan = planner(demands, inventory, context=context)
    except PluginError:
        raise  # a planner of ours that says itself what is wrong
    except Exception as error:
        problem = f"raised {repr_of(error)}; a planner must not raise"
        raise _fault(planner, queue, problem) from error
    if not isinstance(plan, Plan):
        raise _fault(planner, queue, f"returned {kind_of(plan)}; return a Plan")
    return plan


def _demands(
    queue: Queue, inventory: Inventory, sourcing: SourcingPolicy, context: Context
) -> tuple[OrderDemand, ...]:
    """What each order needs, and gets without a plan, on a run of its own that is thrown away."""
    # What rank gives is what a plan has to beat, and what is served if a planner finds no better.
    allocator = Allocator(inventory, sourcing, context, queue.orders)
    demands: list[OrderDemand] = []
    for rank, (order, findings) in enumerate(zip(queue.orders, queue.findings, strict=True)):
        served = allocator.serve(order, queue.lines_beside(rank))
        lines: list[tuple[str, int]] = []
        greedy: list[tuple[str, int]] = []
        record = context.record_of(order.id)
        progress = () if record is None else record.progress
        for line in make_decision(order, findings, rank, served, None, progress).lines:
            # Not what is on hold or reserved already: a plan can do nothing about that.
            units = line.allocated + line.backordered + line.short
            if units:
                lines.append((line.line_id, units))
                greedy.append((line.line_id, line.allocated))
        demands.append(OrderDemand(order=order, lines=tuple(lines), greedy=tuple(greedy)))
    return tuple(demands)


def _fault(planner: Planner, queue: Queue, problem: str) -> PluginError:
    """Its fault, about all orders of the queue: it is not known which one it was."""
    return PluginError(name_of(planner), queue.orders[0].id, problem, len(queue.orders))
