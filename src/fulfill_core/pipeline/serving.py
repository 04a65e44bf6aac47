"""Serving: each order in its turn gets its units, its promise, and a second look.

See docs/explanation/how-stock-is-given-out.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from itertools import chain

from fulfill_core.allocation.allocator import Allocator
from fulfill_core.decisions.decision import Decision, Served, held_lines, make_decision
from fulfill_core.decisions.finding import Finding
from fulfill_core.decisions.promise import Promise
from fulfill_core.orders.order import Order
from fulfill_core.pipeline.ledger import Decisions
from fulfill_core.pipeline.promising import promise_of
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
        return make_decision(order, self._queue.findings[rank], rank, served, None, progress)


def serve_all(
    queue: Queue,
    outside: Iterable[tuple[Order, tuple[Finding, ...]]],
    allocator: Allocator,
    verifiers: Sequence[Verifier],
    promise_policy: PromisePolicy | None,
    context: Context,
) -> Decisions:
    """The decisions: on those in the queue, in rank order, then on those outside of it.

    Args:
        queue: the orders to serve.
        outside: the other orders, with their findings; they keep what is reserved for them.
        allocator: gives out the stock. Afterwards it knows the inventory that is left.
        verifiers: those of the run; some of them look again, at the decision.
        promise_policy: says when an order leaves; None if nothing is promised.
        context: that of the run.
    """
    second_lookers = [verifier for verifier in verifiers if looks_again(verifier)]
    turns = [
        allocator.serve(order, held_lines(order, findings) if findings else _NO_LINES)
        for order, findings in zip(queue.orders, queue.findings, strict=True)
    ]
    # Only now it is known what is left of what those who wait count on.
    turns = allocator.dated(queue.orders, turns)
    # After the queue, but it makes no difference: they take nothing and lose nothing.
    left_out = list(outside)
    served = (*turns, *[allocator.leave_out(order) for order, _ in left_out])
    orders = (*queue.orders, *[order for order, _ in left_out])
    findings = [
        with_notes(findings, each.remarks) if each.remarks else findings
        for findings, each in zip(
            chain(queue.findings, [findings for _, findings in left_out]), served, strict=True
        )
    ]
    progress_by_order = {each.id: each.progress for each in context.records if each.progress}
    progress = (
        [progress_by_order.get(order.id, ()) for order in orders] if progress_by_order else []
    )
    promises: list[Promise | None] = []
    if promise_policy is not None or second_lookers:
        for rank, order in enumerate(queue.orders):
            decide = partial(
                make_decision,
                order,
                rank=rank,
                served=served[rank],
                progress=progress[rank] if progress else (),
            )
            # A promise is made of what the order gets, so there has to be a decision before it.
            promise = None
            if promise_policy is not None:
                promise = promise_of(promise_policy, decide(findings[rank]), context)
            promises.append(promise)
            if second_lookers:
                decision = decide(findings[rank], promise=promise)
                findings[rank] = second_look(second_lookers, decision, context)
        promises += [None] * len(left_out)
    return Decisions(
        orders,
        len(queue.orders),
        tuple(findings),
        served,
        tuple(promises) if any(promises) else (),
        tuple(progress),
    )
