"""`process`: verify, rank, allocate in rank order, decide, derive messages.

Each step takes values and returns values; the only state is the allocator's, which lives as long
as the call.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import partial
from typing import Any, TypeAlias, cast

import attrs

from fulfill_core import _fields
from fulfill_core._allocation import Allocator
from fulfill_core._decision import Decision, held_lines
from fulfill_core._facts import Context, Facts, Said
from fulfill_core._fields import said as said_by
from fulfill_core._fields import shown
from fulfill_core._finding import (
    NEVER_WAIVED,
    Finding,
    Severity,
    Verdict,
    hold,
    note,
    verdict_of,
)
from fulfill_core._inventory import Inventory
from fulfill_core._notification import Notification
from fulfill_core._order import Order
from fulfill_core._people import Approval
from fulfill_core._ranking import Queued, all_alike, asked_later, key_of, placed, sort_queue
from fulfill_core._reallocation import ConfirmationStrategy, Reallocation
from fulfill_core._result import Ledger, Result, decided
from fulfill_core._taking import TakingAllocator, in_turns
from fulfill_core.exceptions import PluginError
from fulfill_core.notifications import DEFAULT_NOTIFICATIONS
from fulfill_core.priorities import DEFAULT_PRIORITY
from fulfill_core.protocols import (
    Notifications,
    Plan,
    Planner,
    PriorityPolicy,
    SourcingPolicy,
    Verifier,
    Wanted,
    looks_at_batch,
    looks_at_time,
    name_of,
)
from fulfill_core.sourcing import DEFAULT_SOURCING
from fulfill_core.verifiers import DEFAULT_VERIFIERS
from fulfill_core.verifiers.combining import flat, in_batch
from fulfill_core.verifiers.integrity import no_conflicting_duplicate

Assessment: TypeAlias = tuple[tuple[Finding, ...], Any]
"""Findings, and the sort key; None for an order that does not join the queue."""
Assessed: TypeAlias = tuple[str, list[Assessment]]
"""The id of the first order of a chunk, by which it is known again, and the assessments."""
MapFunction: TypeAlias = Callable[..., Iterable[Any]]

_NOTHING: tuple[Finding, ...] = ()
_NOTE = Severity.NOTE
_NO_LINES: frozenset[str] = frozenset()
_CHUNK = 2_000  # orders: some 20 ms of work, so that shipping them to another process pays


def process(
    orders: Iterable[Order],
    inventory: Inventory,
    *,
    now: datetime,
    verifiers: Iterable[Verifier] = DEFAULT_VERIFIERS,
    priority: PriorityPolicy = DEFAULT_PRIORITY,
    sourcing: SourcingPolicy = DEFAULT_SOURCING,
    notifications: Notifications = DEFAULT_NOTIFICATIONS,
    facts: Facts = Facts(),
    planner: Planner | None = None,
    reallocation: Reallocation | None = None,
    map: MapFunction = map,
) -> Result:
    """Decide what to do with each order, given the stock.

    Nothing is read and nothing is written: orders and stock come in as values, decisions, the stock
    afterwards and the messages go out as values. The same input gives the same output, in whatever
    sequence the orders come.

    It is a reconciliation: an order that already holds reservations keeps them and is topped up by
    what it still needs, so a run on its own result changes nothing.

    Args:
        orders: `Order` values. An exact repeat counts once. Different orders under one id are held.
        inventory: the stock before the run.
        now: the caller's time, aware.
        verifiers: what looks at each order first; all findings are collected. A verifier that
            raises holds that order and no other.
        priority: who is served first; equal keys go by (placed_at, id).
        sourcing: which locations serve an order.
        notifications: from decision to messages.
        facts: what the host knows, such as approvals.
        planner: decides for all orders together how much each line may get, such as
            `fulfill_core.optimal.best_value`. None: who is ranked first is served first, and nobody
            is hurt by who comes after.
        reallocation: whether orders may take what those ranked behind them have reserved, and which
            (`Reallocation`). None: nobody loses what is reserved. Not together with a planner.
        map: how chunks of orders are verified and ranked: the built-in, or the ``map`` of any
            executor. It must keep the sequence; for one that uses processes, verifiers, priority
            and facts must pickle.

    Returns:
        A `Result`: decisions, inventory, notifications.

    Raises:
        InvalidValueError: a naive ``now``, something among the orders that is no `Order`, a planner
            and a reallocation.
        PluginError: a policy raised or broke its contract; it names the policy and the order.

    >>> from datetime import datetime, timezone
    >>> from fulfill_core import Address, Customer, OrderLine
    >>> now = datetime(2026, 3, 2, tzinfo=timezone.utc)
    >>> order = Order(
    ...     id="A-17", placed_at=now, currency="EUR",
    ...     customer=Customer(id="C-7", email="ada@example.com"),
    ...     lines=[OrderLine(id="1", sku="mug", quantity=2)],
    ...     ship_to=Address(name="Ada", street=["1 Main St"], city="Leeds", country="GB"),
    ... )
    >>> result = process([order], Inventory.of({("mug", "berlin"): 12}), now=now)
    >>> result["A-17"].outcome, result.inventory.available("mug")
    (<Outcome.ALLOCATED: 'allocated'>, 10)
    """
    verifiers = _checked(
        orders,
        inventory,
        verifiers,
        reallocation,
        planner,
        priority=priority,
        sourcing=sourcing,
        notifications=notifications,
        map=map,
    )
    distinct, duplicates = _distinct(orders)
    context = Context(now=now, facts=facts, duplicates=duplicates)
    verifiers = flat([in_batch(verifier, distinct, context) for verifier in flat(verifiers)])
    asked = all_alike if looks_at_batch(priority) else priority
    assess = partial(_assess_chunk, verifiers=verifiers, priority=asked, context=context)
    queue, settled, found = _assessed(distinct, assess, map)
    priority = asked_later(priority, queue, distinct, context)
    sort_queue(queue, priority)

    strategies: dict[str, ConfirmationStrategy] = {}
    if reallocation is not None:
        strategies = in_turns(queue, distinct, reallocation, context)
    waiting = [distinct[index] for _, _, _, index in queue]
    judged = [found[entry[3]] for entry in queue]
    plan = _planned(planner, waiting, judged, inventory, sourcing, context)
    by_line = None if plan is None else plan.by_line
    taking: TakingAllocator | None = None
    if reallocation is None:
        allocator = Allocator(inventory, sourcing, context, waiting, by_line)
    else:
        allocator = taking = TakingAllocator(
            inventory, sourcing, context, waiting, reallocation, strategies
        )
    ledger = Ledger()
    messages: list[Notification] = []
    look_again = [verifier for verifier in verifiers if hasattr(verifier, "second_look")]
    for rank, order in enumerate(waiting):
        findings = judged[rank]
        served = allocator.serve(order, held_lines(order, findings) if findings else _NO_LINES)
        if allocator.remarks:
            findings = _with_notes(findings, allocator.remarks)
        if look_again:
            findings = _second_look(look_again, context, (order, findings, rank, *served))
        decision = ledger.enter(order, findings, rank, served)
        _tell(messages, decision, notifications, context)
    for _, index in settled:
        order = distinct[index]
        decision = ledger.enter(order, found[index], None, allocator.pass_over(order))
        _tell(messages, decision, notifications, context)
    return Result(
        decisions=ledger.decisions(),
        inventory=allocator.after(),
        notifications=tuple(messages),
        before=inventory,
        context=context,
        priority=priority,
        verifiers=tuple([verifier for verifier in verifiers if looks_at_time(verifier)]),
        plan=plan,
        reallocation=reallocation,
        losses=() if taking is None else taking.losses(),
    )


def _checked(
    orders: Iterable[Order],
    inventory: Inventory,
    verifiers: Iterable[Verifier],
    reallocation: Reallocation | None,
    planner: Planner | None,
    **plugins: object,
) -> tuple[Verifier, ...]:
    """The verifiers, after a look at what `process` was given."""
    _fields.check_member("inventory", inventory, Inventory)
    for name, several in (("orders", orders), ("verifiers", verifiers)):
        if not isinstance(several, Iterable):
            raise _fields.refuse(name, several, "is not a collection; pass a list, even of one")
    several = tuple(verifiers)
    for position, verifier in enumerate(several):
        _fields.check_callable(f"verifiers[{position}]", verifier)
    for name, plugin in plugins.items():
        _fields.check_callable(name, plugin)
    if planner is not None:
        _fields.check_callable("planner", planner)
    if reallocation is not None:
        _fields.check_member("reallocation", reallocation, Reallocation)
        if planner is not None:
            raise _fields.refuse(
                "planner", planner, "can't be combined with a reallocation; pass one of them"
            )
    return several


def _distinct(orders: Iterable[Order]) -> tuple[list[Order], frozenset[str]]:
    """Each order id once, and the ids under which there were different orders.

    Of different orders under one id, the one with the lowest fingerprint stands for all of them:
    any fixed choice will do, as long as the sequence of the input does not make it.
    """
    batch = list(orders)
    is_plain = set(map(type, batch)) <= {Order}  # no need to look at each
    for position, order in enumerate(() if is_plain else batch):
        if not isinstance(order, Order):
            raise _fields.refuse(f"orders[{position}]", order, "is not an Order; pass one")
    by_id = {order.id: order for order in batch}
    versions: dict[str, list[Order]] = {}
    if len(by_id) < len(batch):
        for order in batch:
            known = by_id[order.id]
            if known is not order and known != order:
                versions.setdefault(order.id, [known]).append(order)
    for order_id, different in versions.items():
        by_id[order_id] = min(different, key=lambda order: order.fingerprint)
    return list(by_id.values()), frozenset(versions)


# -- Verify and rank -----------------------------------------------------------------------------


def _assessed(
    distinct: list[Order], assess: Callable[[Sequence[Order]], Assessed], map: MapFunction
) -> tuple[list[Queued], list[tuple[str, int]], list[tuple[Finding, ...]]]:
    """Who is in the queue, who is not (by id, with its place), and the findings of each order."""
    chunks = [distinct[start : start + _CHUNK] for start in range(0, len(distinct), _CHUNK)]
    queue: list[Queued] = []
    settled: list[tuple[str, int]] = []
    found: list[tuple[Finding, ...]] = []
    for chunk, (first_id, assessments) in zip(chunks, map(assess, chunks), strict=True):
        if first_id != chunk[0].id:
            raise PluginError(
                name_of(map), chunk[0].id, "returned the chunks in another sequence; keep it"
            )
        for order, (findings, key) in zip(chunk, assessments, strict=True):
            if key is None:
                settled.append((order.id, len(found)))
            else:
                queue.append((key, placed(order), order.id, len(found)))
            found.append(findings)
    settled.sort()
    return queue, settled, found


def _assess_chunk(
    orders: Sequence[Order],
    *,
    verifiers: tuple[Verifier, ...],
    priority: PriorityPolicy,
    context: Context,
) -> Assessed:
    """Verify and rank some orders. It is a function of its arguments, so it can run elsewhere."""
    now, duplicates, said_of = context.now, context.duplicates, context.facts.said_of
    assessments: list[Assessment] = []
    first = tuple([each for each in verifiers if not getattr(each, "is_asked_last", False)])
    last = tuple([each for each in verifiers if getattr(each, "is_asked_last", False)])
    for order in orders:
        if order.id in duplicates:  # which is meant is not known: nothing else is said
            assessments.append((tuple(no_conflicting_duplicate(order, context=context)), None))
            continue
        found = _asked(order, first, context)
        said = said_of(order.id)
        findings = _NOTHING
        if found or said or last:
            findings = _findings(order, found, said, last, context)
            is_stopped = verdict_of(findings) is not Verdict.ACCEPT
            if is_stopped and not held_lines(order, findings):
                assessments.append((findings, None))
                continue
        if order.ship_after is not None and order.ship_after > now:
            assessments.append((findings, None))
            continue
        assessments.append((findings, key_of(priority, order, context)))
    return orders[0].id, assessments


def _asked(order: Order, verifiers: tuple[Verifier, ...], context: Context) -> list[Finding] | None:
    """What these verifiers notice about an order. One that breaks holds this order only."""
    found: list[Finding] | None = None
    for verifier in verifiers:
        try:
            noticed = verifier(order, context=context)
            if noticed is _NOTHING:  # the usual case
                continue
            for finding in noticed:
                if not isinstance(finding, Finding):
                    raise TypeError(f"it gave a {type(finding).__name__}, not a Finding")
                if found is None:
                    found = []
                found.append(finding)
        except Exception as error:  # noqa: BLE001 - whatever it raises
            failed = hold(
                "verifier.failed",
                detail=f"The verifier {name_of(verifier)} failed: {said_by(error)}",
            )
            found = [*(found or ()), failed]
    return found


def _findings(
    order: Order,
    noticed: list[Finding] | None,
    said: Said | None,
    last: tuple[Verifier, ...],
    context: Context,
) -> tuple[Finding, ...]:
    """All findings on an order: what was noticed, what people said, and what those asked last say.

    What several verifiers say in the same words is said once. The sequence is that of the weight,
    whatever the sequence of the verifiers.
    """
    found = noticed or []
    if said is not None:
        found += [no.finding() for no in said.rejections if no.fingerprint == order.fingerprint]
        found += [put.finding() for put in said.holds]
    if last:
        if verdict_of(_waived(order, found, said)) is Verdict.REJECT:
            found += [_skipped(verifier) for verifier in last]
        else:
            found += _asked(order, last, context) or ()
    if len(found) == 1 and said is None:
        return (found[0],)
    return tuple(sorted(set(_waived(order, found, said)), key=_in_sequence_of_weight))


def _skipped(verifier: Verifier) -> Finding:
    return note(
        "verifier.skipped",
        detail=f"{name_of(verifier)} was not needed: the order is rejected without it.",
    )


def _in_sequence_of_weight(made: Finding) -> tuple[object, ...]:
    waived = made.waived_by, str(made.waived_at)
    return -made.severity, made.code, made.field, made.detail, made.line_id, made.source, waived


def _waived(order: Order, found: list[Finding], said: Said | None) -> list[Finding]:
    """The findings as the approvals for this version of the order leave them."""
    if said is None or not said.approvals:
        return found
    fingerprint = order.fingerprint
    waivers: dict[str, Approval] = {}
    for approval in said.approvals:  # the oldest first: it is the one that counts
        if approval.fingerprint == fingerprint:
            for code in approval.codes - NEVER_WAIVED:
                waivers.setdefault(code, approval)
    return [
        attrs.evolve(finding, waived_by=waiver.by, waived_at=waiver.at)
        if (waiver := waivers.get(finding.code)) is not None and not finding.is_waived
        else finding
        for finding in found
    ]


def _second_look(
    verifiers: list[Verifier], context: Context, entry: tuple[Any, ...]
) -> tuple[Finding, ...]:
    """The findings of an order, with what is noticed now that it has been served.

    That can stop nothing any more, so it is kept as notes, whatever the verifier makes of it.
    """
    decision = decided(*entry)
    found: list[Finding] = []
    for verifier in verifiers:
        try:
            for finding in cast("Any", verifier).second_look(decision, context=context):
                if not isinstance(finding, Finding):
                    raise TypeError(f"it gave a {type(finding).__name__}, not a Finding")
                found.append(finding)
        except Exception as error:  # noqa: BLE001 - whatever it raises
            found.append(
                note(
                    "verifier.second_look_failed",
                    detail=f"The second look of {name_of(verifier)} failed: {said_by(error)}",
                )
            )
    return _with_notes(decision.findings, found)


def _with_notes(findings: Iterable[Finding], added: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings with these among them. They come too late to stop anything: they are notes."""
    notes = [
        finding if finding.severity is _NOTE else attrs.evolve(finding, severity=Severity.NOTE)
        for finding in added
    ]
    if not findings and len(notes) == 1:  # nothing to put in sequence
        return (notes[0],)
    return tuple(sorted({*findings, *notes}, key=_in_sequence_of_weight))


# -- Plan ------------------------------------------------------------------------------------------


def _planned(
    planner: Planner | None,
    queue: list[Order],
    found: list[tuple[Finding, ...]],
    inventory: Inventory,
    sourcing: SourcingPolicy,
    context: Context,
) -> Plan | None:
    """What the planner makes of the queue; it is told what serving it in rank order gives."""
    if planner is None or not queue:
        return None
    allocator = Allocator(inventory, sourcing, context, queue)
    wanted: list[Wanted] = []
    for rank, (order, findings) in enumerate(zip(queue, found, strict=True)):
        served = allocator.serve(order, held_lines(order, findings))
        lines: list[tuple[str, int]] = []
        greedy: list[tuple[str, int]] = []
        for line in decided(order, findings, rank, *served).lines:
            units = line.allocated + line.backordered + line.short
            if units:
                lines.append((line.line_id, units))
                greedy.append((line.line_id, line.allocated))
        wanted.append(Wanted(order=order, lines=tuple(lines), greedy=tuple(greedy)))
    first = queue[0].id
    try:
        plan = planner(wanted, inventory, context=context)
    except PluginError:
        raise  # a planner of ours that says itself what is wrong
    except Exception as error:
        raise PluginError(
            name_of(planner), first, f"raised {shown(error)}; a planner must not raise"
        ) from error
    if not isinstance(plan, Plan):
        raise PluginError(
            name_of(planner), first, f"returned a {type(plan).__name__}; return a Plan"
        )
    return plan


# -- Tell -----------------------------------------------------------------------------------------


def _tell(
    messages: list[Notification],
    decision: Decision,
    notifications: Notifications,
    context: Context,
) -> None:
    """Add the messages about one decision."""
    try:
        for message in notifications(decision, context=context):
            if not isinstance(message, Notification):
                raise TypeError(f"it gave a {type(message).__name__}, not a Notification")
            messages.append(message)
    except Exception as error:
        raise PluginError(
            name_of(notifications),
            decision.id,
            f"raised {shown(error)}; return Notification values, and do not raise",
        ) from error
