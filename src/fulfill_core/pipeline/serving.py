"""Serving: each order in its turn gets its units, its promise, and a second look.

See docs/explanation/how-stock-is-given-out.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, tzinfo
from functools import partial
from itertools import chain, islice
from typing import TypeVar

import attrs

from fulfill_core.allocation.allocator import Allocator
from fulfill_core.decisions.decision import Decision, make_decision
from fulfill_core.decisions.promise import Promise
from fulfill_core.decisions.rows import Served
from fulfill_core.orders.order import Order
from fulfill_core.pipeline.ledger import Decisions, DeferredColumn, columns_of
from fulfill_core.pipeline.promising import promise_of, timezone_of
from fulfill_core.pipeline.queue import Queue
from fulfill_core.pipeline.verification import Outside, second_look, with_notes
from fulfill_core.protocols import PromisePolicy, RunStage, Verifier
from fulfill_core.protocols.plugins import is_deferrable, looks_again
from fulfill_core.protocols.reporting import SILENT, Reporter
from fulfill_core.records.facts import Context

T = TypeVar("T")

_NO_LINES: frozenset[str] = frozenset()
_ALLOCATE, _PROMISE = RunStage.ALLOCATE, RunStage.PROMISE


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
        self._ranks: dict[str, int] = {}

    def __call__(self, order: Order, served: Served) -> Promise | None:
        """What is promised for it if it gets so much; lots and what waits are not known yet."""
        return promise_of(self._policy, self._decision(order, served), self._context)

    def decisions(self, attempts: Iterable[tuple[Order, Served]]) -> tuple[Decision, ...]:
        """The decisions on orders of the queue if they get so much, without a promise."""
        return tuple([self._decision(order, served) for order, served in attempts])

    def _decision(self, order: Order, served: Served) -> Decision:
        if not self._ranks:  # in most runs no turn asks
            self._ranks = {order.id: rank for rank, order in enumerate(self._queue.orders)}
        rank = self._ranks[order.id]
        progress = self._context.progress_of(order.id)
        lines = self._queue.scheduled_lines.get(order.id, _NO_LINES)
        findings = self._queue.findings[rank]
        return make_decision(order, findings, rank, served, None, progress, lines)


def serve_all(
    queue: Queue,
    outside: Outside,
    allocator: Allocator,
    verifiers: Sequence[Verifier],
    promise_policy: PromisePolicy | None,
    context: Context,
    zones: Mapping[str, tzinfo],
    reporter: Reporter,
) -> Decisions:
    """The decisions: on those in the queue, in rank order, then on those outside of it.

    Args:
        queue: the orders to serve.
        outside: the other orders, which keep what is reserved for them.
        allocator: gives out the stock. Afterwards it knows the inventory that is left.
        verifiers: those of the run; some of them look again, at the decision.
        promise_policy: says when an order leaves; None if nothing is promised.
        context: that of the run.
        zones: the time zones of locations that are not in UTC, by id.
        reporter: is told of each turn.
    """
    second_lookers = [verifier for verifier in verifiers if looks_again(verifier)]
    has_lines_beside = bool(queue.scheduled_lines)
    pairs = zip(queue.orders, queue.findings, strict=True)
    entries = reporter.through(_ALLOCATE, pairs, len(queue.orders))
    turns = (
        allocator.serve(order, queue.lines_beside(rank))
        if findings or has_lines_beside
        else allocator.serve(order)
        for rank, (order, findings) in enumerate(entries)
    )
    # After the queue, but it makes no difference: they take nothing and lose nothing.
    served = columns_of(chain(turns, map(allocator.leave_out, outside.orders)))
    orders = queue.orders + tuple(outside.orders)
    # Only now it is known what is left of what those who wait count on.
    backorders = tuple(allocator.dated(queue.orders, served.backorders))
    findings = tuple(
        [
            with_notes(findings, remarks) if remarks else findings
            for findings, remarks in zip(
                chain(queue.findings, outside.findings),
                allocator.remarks(served.remarks, backorders),
                strict=True,
            )
        ]
    )
    progress = _column(orders, context.progress_by_id, ())
    scheduled_lines = _column(orders, queue.scheduled_lines, _NO_LINES)
    decisions = Decisions(
        orders,
        len(queue.orders),
        findings,
        tuple(served.allocations),
        backorders,
        tuple(served.shorts),
        _unless_empty(served.reserved),
        _unless_empty(served.untracked),
        _unless_empty(served.kits),
        _unless_empty(served.unusable),
        progress=progress,
        scheduled_lines=scheduled_lines,
    )
    # A promise is made of what the order gets, so there has to be a decision before it.
    if promise_policy is not None:
        decisions = _with_promises(decisions, promise_policy, context, zones, reporter)
    elif (zones or queue.has_timezones) and (timezones := _timezones(decisions, zones)):
        decisions = attrs.evolve(decisions, timezones=timezones)
    if second_lookers:
        looked = [second_look(second_lookers, each, context) for each in _in_queue(decisions)]
        findings = (*looked, *findings[len(looked) :])
        decisions = attrs.evolve(decisions, findings=findings)
    return decisions


def _in_queue(decisions: Decisions) -> Iterator[Decision]:
    """The decisions on the orders that were in the queue."""
    return islice(decisions, decisions.queue_length)


def _with_promises(
    decisions: Decisions,
    policy: PromisePolicy,
    context: Context,
    zones: Mapping[str, tzinfo],
    reporter: Reporter,
) -> Decisions:
    """The decisions with what is promised for each, and in whose days their dates are told.

    A policy that may be asked later is asked when somebody looks at a decision: the dates take as
    long as two thirds of a run, and who tries a setting, or looks at the stock, reads none. But
    who watches the run sees them made.
    """
    make_promises = partial(_promises, decisions, policy, context, reporter)
    if not is_deferrable(policy) or reporter is not SILENT:
        decisions = attrs.evolve(decisions, promises=make_promises())
        return attrs.evolve(decisions, timezones=_timezones(decisions, zones))
    decisions = attrs.evolve(decisions, promises=DeferredColumn(make_promises))
    timezones = DeferredColumn(partial(_timezones, decisions, zones))
    return attrs.evolve(decisions, timezones=timezones)


def _promises(
    decisions: Decisions, policy: PromisePolicy, context: Context, reporter: Reporter
) -> tuple[Promise | None, ...]:
    """What is promised for each order; empty if nothing is for any."""
    entries = reporter.through(_PROMISE, _in_queue(decisions), decisions.queue_length)
    promises = [promise_of(policy, each, context) for each in entries]
    if not any(promises):
        return ()
    return (*promises, *[None] * (len(decisions) - len(promises)))


def _timezones(decisions: Decisions, zones: Mapping[str, tzinfo]) -> tuple[tzinfo, ...]:
    """In which zone the days of each order are told; empty if that is UTC for all."""
    promises = decisions.promises or (None,) * len(decisions)
    orders = decisions.orders
    if not zones and not decisions.promises and not any([each.timezone for each in orders]):
        return ()
    timezones = [
        timezone_of(order, promise, backorders, zones)
        for order, promise, backorders in zip(orders, promises, decisions.backorders, strict=True)
    ]
    return tuple(timezones) if any([zone is not UTC for zone in timezones]) else ()


def _unless_empty(column: list[T]) -> tuple[T, ...]:
    """A column; empty if nothing is in it of any order."""
    return tuple(column) if any(column) else ()


def _column(orders: Sequence[Order], content_by_id: Mapping[str, T], empty: T) -> tuple[T, ...]:
    """What there is of each order; empty if there is nothing of any."""
    if not content_by_id:
        return ()
    return tuple([content_by_id.get(order.id, empty) for order in orders])
