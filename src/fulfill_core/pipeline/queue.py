"""The queue: the orders that are served, in the sequence in which they are."""

from __future__ import annotations

from typing import NamedTuple

from fulfill_core.decisions.finding import Finding
from fulfill_core.orders.order import Order
from fulfill_core.pipeline.ranking import sort_entries, with_batch_keys
from fulfill_core.pipeline.verification import Assessed
from fulfill_core.protocols import PriorityPolicy
from fulfill_core.reallocation.reallocation import Reallocation
from fulfill_core.reallocation.strategies import ConfirmationStrategy
from fulfill_core.records.facts import Context


class Queue(NamedTuple):
    """The orders that are served, in the sequence in which they are.

    Args:
        orders: the first to be served first; the place of an order is its rank.
        findings: what was noticed about each of them.
        priority: the policy that gave the ranks, made for this run if it looks at the batch.
        strategies: what a re-allocation may do to each order, by id; empty without one.
    """

    orders: tuple[Order, ...]
    findings: list[tuple[Finding, ...]]
    priority: PriorityPolicy
    strategies: dict[str, ConfirmationStrategy]


def line_up(
    assessed: Assessed,
    *,
    priority: PriorityPolicy,
    reallocation: Reallocation | None,
    context: Context,
) -> Queue:
    """The queue of a batch: sorted by rank; with a re-allocation, by turn and then by rank.

    Raises:
        PluginError: the policy of the ranks broke its contract, or that of the strategies did.
    """
    orders, entries = assessed.orders, assessed.queue.copy()  # what was assessed stays as it is
    priority = with_batch_keys(priority, entries, orders, context)
    sort_entries(entries, priority)
    strategies: dict[str, ConfirmationStrategy] = {}
    if reallocation is not None:
        strategies = {
            order_id: reallocation.strategy_of(orders[index], context)
            for _, _, order_id, index in entries
        }
        # Within a turn the sequence stays what it is, that of the ranks: sorting is stable.
        entries.sort(key=lambda entry: strategies[entry[2]].turn)
    return Queue(
        orders=tuple([orders[index] for _, _, _, index in entries]),
        findings=[assessed.findings[index] for _, _, _, index in entries],
        priority=priority,
        strategies=strategies,
    )
