"""Serving: each order in its turn gets its units, its promise, and a second look.

See docs/explanation/how-stock-is-given-out.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, tzinfo

from fulfill_core.allocation.allocator import Allocator
from fulfill_core.decisions.decision import Decision, Served, make_decision
from fulfill_core.decisions.finding import Finding
from fulfill_core.decisions.promise import Promise
from fulfill_core.orders.order import Order
from fulfill_core.pipeline.ledger import Decisions, Ledger
from fulfill_core.pipeline.promising import promise_of, timezone_of
from fulfill_core.pipeline.queue import Queue
from fulfill_core.pipeline.verification import second_look, with_notes
from fulfill_core.protocols import PromisePolicy, Verifier
from fulfill_core.protocols.plugins import looks_again
from fulfill_core.records.facts import Context

_NO_LINES: frozenset[str] = frozenset()


class PromisesInTurn:
    """What a policy would promise for an order of the queue while it has its turn.

    Args:
        policy: the policy of the run.
        queue: the orders to serve.
        context: that of the run.
    """

    def __init__(self, policy: PromisePolicy, queue: Queue, context: Context) -> None:
        self._policy = policy
        self._queue = queue
        self._context = context
        self._ranks = {order.id: rank for rank, order in enumerate(queue.orders)}

    def __call__(self, order: Order, served: Served) -> Promise | None:
        """What is promised for it if it gets so much; lots and what waits are not known yet."""
        return promise_of(self._policy, self._decision(order, served), self._context)

    def decisions(self, attempts: Iterable[tuple[Order, Served]]) -> tuple[Decision, ...]:
        """The decisions on orders of the queue if they get so much, without a promise."""
        return tuple([self._decision(order, served) for order, served in attempts])

    def _decision(self, order: Order, served: Served) -> Decision:
        rank = self._ranks[order.id]
        record = self._context.record_of(order.id)
        progress = () if record is None else record.progress
        lines = self._queue.scheduled_lines.get(order.id, _NO_LINES)
        findings = self._queue.findings[rank]
        return make_decision(order, findings, rank, served, None, progress, lines)


def serve_all(
    queue: Queue,
    outside: Iterable[tuple[Order, tuple[Finding, ...]]],
    allocator: Allocator,
    verifiers: Sequence[Verifier],
    promise_policy: PromisePolicy | None,
    context: Context,
    zones: Mapping[str, tzinfo],
) -> Decisions:
    """The decisions: on those in the queue, in rank order, then on those outside of it.

    Args:
        queue: the orders to serve.
        outside: the other orders, with their findings; they keep what is reserved for them.
        allocator: gives out the stock. Afterwards it knows the inventory that is left.
        verifiers: those of the run; some of them look again, at the decision.
        promise_policy: says when an order leaves; None if nothing is promised.
        context: that of the run.
        zones: the time zones of locations that are not in UTC, by id.
    """
    ledger = Ledger()
    progress_by_order = {each.id: each.progress for each in context.records if each.progress}
    second_lookers = [verifier for verifier in verifiers if looks_again(verifier)]
    turns = [
        allocator.serve(order, queue.lines_beside(rank)) for rank, order in enumerate(queue.orders)
    ]
    # Only now it is known what is left of what those who wait count on.
    for rank, served in enumerate(allocator.dated(queue.orders, turns)):
        order, findings = queue.orders[rank], queue.findings[rank]
        if served.remarks:
            findings = with_notes(findings, served.remarks)
        promise = None
        progress = progress_by_order.get(order.id, ()) if progress_by_order else ()
        # A promise is made of what the order gets, so there has to be a decision before it.
        lines = (
            queue.scheduled_lines.get(order.id, _NO_LINES) if queue.scheduled_lines else _NO_LINES
        )
        if promise_policy is not None:
            decision = make_decision(order, findings, rank, served, None, progress, lines)
            promise = promise_of(promise_policy, decision, context)
        timezone: tzinfo = UTC
        if zones or promise is not None or order.timezone is not None:
            timezone = timezone_of(order, promise, served.backorders, zones)
        if second_lookers:
            decision = make_decision(
                order, findings, rank, served, promise, progress, lines, timezone
            )
            findings = second_look(second_lookers, decision, context)
        ledger.add(order, findings, served, promise, progress, lines, timezone, is_in_queue=True)
    # After the queue, but it makes no difference: they take nothing and lose nothing.
    for order, findings in outside:
        progress = progress_by_order.get(order.id, ())
        served = allocator.leave_out(order)
        notes = with_notes(findings, served.remarks) if served.remarks else findings
        zone = order.timezone or UTC
        ledger.add(order, notes, served, None, progress, _NO_LINES, zone, is_in_queue=False)
    return ledger.decisions()
