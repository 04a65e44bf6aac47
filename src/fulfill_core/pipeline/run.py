"""`process`: verify, rank, allocate in rank order, decide, derive messages.

Each step takes values and returns values; the only state is the allocator's, which lives as long
as the call.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial

from fulfill_core import _checks
from fulfill_core._checks import shown
from fulfill_core.allocation.allocator import Allocator
from fulfill_core.allocation.reallocator import ReallocatingAllocator
from fulfill_core.decisions.decision import Decision, held_lines, make_decision
from fulfill_core.decisions.finding import Finding
from fulfill_core.decisions.notification import Notification
from fulfill_core.exceptions import PluginError
from fulfill_core.inventory.inventory import Inventory
from fulfill_core.notifications import DEFAULT_NOTIFICATIONS
from fulfill_core.orders.order import Order
from fulfill_core.pipeline.promising import promised
from fulfill_core.pipeline.ranking import all_alike, asked_later, in_turns, sort_queue
from fulfill_core.pipeline.result import Ledger, Result
from fulfill_core.pipeline.verification import (
    MapFunction,
    assess_chunk,
    assessed,
    second_look,
    with_notes,
)
from fulfill_core.priorities import DEFAULT_PRIORITY
from fulfill_core.protocols import (
    Notifications,
    Plan,
    Planner,
    PriorityPolicy,
    PromisePolicy,
    SourcingPolicy,
    Verifier,
    Wanted,
)
from fulfill_core.protocols.plugins import looks_at_batch, looks_at_time, name_of
from fulfill_core.reallocation.reallocation import Reallocation
from fulfill_core.reallocation.strategies import ConfirmationStrategy
from fulfill_core.records.facts import Context, Facts
from fulfill_core.sourcing import DEFAULT_SOURCING
from fulfill_core.verifiers import DEFAULT_VERIFIERS
from fulfill_core.verifiers.combining import flat, in_batch

_NO_LINES: frozenset[str] = frozenset()


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
    promise: PromisePolicy | None = None,
    reservation_window: timedelta = timedelta(0),
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
        promise: when an order leaves and arrives, such as `from_calendars`. None: no promises are
            made.
        reservation_window: an order with a ``ship_after`` joins the queue so long before it: a
            timedelta of zero or more. Until then it is scheduled, and takes nothing.
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
        **({} if promise is None else {"promise": promise}),
    )
    _checks.check_duration("reservation_window", reservation_window)
    distinct, duplicates = _distinct(orders)
    context = Context(now=now, facts=facts, duplicates=duplicates)
    verifiers = flat([in_batch(verifier, distinct, context) for verifier in flat(verifiers)])
    asked = all_alike if looks_at_batch(priority) else priority
    assess = partial(
        assess_chunk,
        verifiers=verifiers,
        priority=asked,
        context=context,
        window=reservation_window,
    )
    queue, settled, found = assessed(distinct, assess, map)
    priority = asked_later(priority, queue, distinct, context)
    sort_queue(queue, priority)

    strategies: dict[str, ConfirmationStrategy] = {}
    if reallocation is not None:
        strategies = in_turns(queue, distinct, reallocation, context)
    waiting = [distinct[index] for _, _, _, index in queue]
    judged = [found[entry[3]] for entry in queue]
    plan = _planned(planner, waiting, judged, inventory, sourcing, context)
    by_line = None if plan is None else plan.by_line
    taking: ReallocatingAllocator | None = None
    if reallocation is None:
        allocator = Allocator(inventory, sourcing, context, waiting, by_line)
    else:
        allocator = taking = ReallocatingAllocator(
            inventory, sourcing, context, waiting, reallocation, strategies
        )
    ledger = Ledger()
    messages: list[Notification] = []
    look_again = [verifier for verifier in verifiers if hasattr(verifier, "second_look")]
    for rank, order in enumerate(waiting):
        findings = judged[rank]
        served = allocator.serve(order, held_lines(order, findings) if findings else _NO_LINES)
        if served.remarks:
            findings = with_notes(findings, served.remarks)
        told = (
            None
            if promise is None
            else promised(promise, make_decision(order, findings, rank, served), context)
        )
        if look_again:
            decision = make_decision(order, findings, rank, served, told)
            findings = second_look(look_again, decision, context)
        decision = ledger.enter(order, findings, rank, served, told)
        _tell(messages, decision, notifications, context)
    for _, index in settled:
        order = distinct[index]
        decision = ledger.enter(order, found[index], None, allocator.leave_out(order))
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
        promising=promise,
        reservation_window=reservation_window,
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
    _checks.check_member("inventory", inventory, Inventory)
    for name, several in (("orders", orders), ("verifiers", verifiers)):
        if not isinstance(several, Iterable):
            raise _checks.refuse(name, several, "is not a collection; pass a list, even of one")
    several = tuple(verifiers)
    for position, verifier in enumerate(several):
        _checks.check_callable(f"verifiers[{position}]", verifier)
    for name, plugin in plugins.items():
        _checks.check_callable(name, plugin)
    if planner is not None:
        _checks.check_callable("planner", planner)
    if reallocation is not None:
        _checks.check_member("reallocation", reallocation, Reallocation)
        if planner is not None:
            raise _checks.refuse(
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
            raise _checks.refuse(f"orders[{position}]", order, "is not an Order; pass one")
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
        for line in make_decision(order, findings, rank, served).lines:
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
