"""The queue: the orders that are served, in the sequence in which they are."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import NamedTuple

from fulfill_core import reallocation as reallocation_wing
from fulfill_core.decisions.decision import held_lines
from fulfill_core.decisions.finding import Finding
from fulfill_core.orders.order import Order
from fulfill_core.pipeline.promising import lines_not_due
from fulfill_core.pipeline.ranking import sort_places, with_batch_keys
from fulfill_core.pipeline.verification import Assessed
from fulfill_core.protocols import PriorityPolicy
from fulfill_core.records.facts import Context

_NO_LINES: frozenset[str] = frozenset()


class Queue(NamedTuple):
    """The orders that are served, in the sequence in which they are.

    Args:
        orders: the first to be served first; the place of an order is its rank.
        findings: what was noticed about each of them.
        priority: the policy that gave the ranks, made for this run if it looks at the batch.
        strategies: what a re-allocation may do to each order, by id; empty without one.
        scheduled_lines: the lines that are not due while others of their order are, by order id.
        has_timezones: whether some orders of the batch tell days by a time zone of their own.
    """

    orders: tuple[Order, ...]
    findings: list[tuple[Finding, ...]]
    priority: PriorityPolicy
    strategies: dict[str, reallocation_wing.ConfirmationStrategy]
    scheduled_lines: dict[str, frozenset[str]]
    has_timezones: bool

    def lines_beside(self, rank: int) -> frozenset[str]:
        """The lines of an order that get nothing: they wait for a person, or for their time."""
        order, findings = self.orders[rank], self.findings[rank]
        on_hold = held_lines(order, findings) if findings else _NO_LINES
        if not self.scheduled_lines:  # nearly always
            return on_hold
        return on_hold | self.scheduled_lines.get(order.id, _NO_LINES)

    @property
    def lines_beside_by_order(self) -> dict[str, frozenset[str]]:
        """The same by order id, of the orders that have some."""
        lines = {order.id: self.lines_beside(rank) for rank, order in enumerate(self.orders)}
        return {order_id: of_order for order_id, of_order in lines.items() if of_order}


def line_up(
    assessed: Assessed,
    priority: PriorityPolicy,
    reallocation: reallocation_wing.Reallocation | None,
    context: Context,
    window: timedelta,
) -> Queue:
    """The queue of a batch: sorted by rank; with a re-allocation, by turn and then by rank.

    Raises:
        PluginError: the policy of the ranks broke its contract, or that of the strategies did.
    """
    orders = assessed.orders
    keys, places = assessed.keys.copy(), assessed.queue()  # what was assessed stays as it is
    priority = with_batch_keys(priority, keys, places, orders, context)
    sort_places(places, keys, orders, priority)
    strategies: dict[str, reallocation_wing.ConfirmationStrategy] = {}
    if reallocation is not None:
        strategies = {
            orders[place].id: reallocation.strategy_of(orders[place], context) for place in places
        }
        # Within a turn the sequence stays what it is, that of the ranks: sorting is stable.
        places.sort(key=lambda place: strategies[orders[place].id].turn)
    queue = tuple([orders[place] for place in places])
    return Queue(
        orders=queue,
        findings=[assessed.findings[place] for place in places],
        priority=priority,
        strategies=strategies,
        scheduled_lines=_scheduled_lines(orders, queue, context, window),
        has_timezones=any([order.timezone for order in orders]),
    )


def _scheduled_lines(
    orders: Iterable[Order], queue: Iterable[Order], context: Context, window: timedelta
) -> dict[str, frozenset[str]]:
    """The lines of orders of the queue that are not due while others of their order are."""
    # Asked of the batch: as it was made, its orders mostly lie beside each other in memory.
    if not any([order.has_line_dates for order in orders]):
        return {}
    scheduled_lines: dict[str, frozenset[str]] = {}
    for order in queue:
        if order.has_line_dates:
            progress = context.progress_of(order.id)
            if lines := lines_not_due(order, context.now, window, progress):
                scheduled_lines[order.id] = lines
    return scheduled_lines
