"""`process`: verify, rank, allocate in rank order, promise, decide, derive messages.

Each step takes values and returns values; the only state is the allocator's, which lives as long
as the call. The steps are modules of this folder, in the sequence in which they run: `batch`,
`verification`, `queue` (by `ranking`), `planning`, `serving` (with `promising`), `notifying`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

import attrs

from fulfill_core import _checks, records
from fulfill_core import reallocation as reallocation_wing
from fulfill_core.allocation.allocator import Allocator
from fulfill_core.inventory.inventory import Inventory, state_of
from fulfill_core.notifications import DEFAULT_NOTIFICATIONS
from fulfill_core.orders.order import Order
from fulfill_core.pipeline.batch import batch_of
from fulfill_core.pipeline.chunks import MapFunction
from fulfill_core.pipeline.notifying import Messages, notify, notify_of_absent
from fulfill_core.pipeline.planning import Planned, Trials, plan_of
from fulfill_core.pipeline.promising import zones_of
from fulfill_core.pipeline.queue import Queue, line_up
from fulfill_core.pipeline.result import Result
from fulfill_core.pipeline.serving import PromisesInTurn, serve_all
from fulfill_core.pipeline.verification import assess, rejected
from fulfill_core.priorities import DEFAULT_PRIORITY
from fulfill_core.protocols import (
    NotificationPolicy,
    Planner,
    PriorityPolicy,
    ProgressFunction,
    PromisePolicy,
    RunStage,
    SourcingPolicy,
    Verifier,
)
from fulfill_core.protocols.plugins import alike, looks_at_batch, looks_at_time, skips_rejected
from fulfill_core.protocols.reporting import SILENT, Reporter
from fulfill_core.protocols.roles import (
    NOTIFICATIONS,
    PLANNER,
    PRIORITY,
    PROMISE,
    SOURCING,
    VERIFIER,
    check_plugin,
)
from fulfill_core.records.facts import Context, Facts
from fulfill_core.records.purchases import with_purchases
from fulfill_core.sourcing import DEFAULT_SOURCING
from fulfill_core.verifiers import DEFAULT_VERIFIERS
from fulfill_core.verifiers.combining import flat, in_batch

_RANK, _TELL = RunStage.RANK, RunStage.TELL


def process(
    orders: Iterable[Order | records.OrderRecord],
    inventory: Inventory,
    *,
    now: datetime,
    verifiers: Iterable[Verifier] = DEFAULT_VERIFIERS,
    priority: PriorityPolicy = DEFAULT_PRIORITY,
    sourcing: SourcingPolicy = DEFAULT_SOURCING,
    notifications: NotificationPolicy = DEFAULT_NOTIFICATIONS,
    facts: Facts = Facts(),
    planner: Planner | None = None,
    reallocation: reallocation_wing.Reallocation | None = None,
    promise: PromisePolicy | None = None,
    reservation_window: timedelta = timedelta(0),
    whole: bool = False,
    map: MapFunction = map,
    progress: ProgressFunction | None = None,
) -> Result:
    """Decide what to do with each order, given the stock.

    Nothing is read and nothing is written: orders and stock come in as values, decisions, the stock
    afterwards and the messages go out as values. The same input gives the same output, in whatever
    sequence the orders come.

    It is a reconciliation: an order that already holds reservations keeps them and is topped up by
    what it still needs, so a run on its own result changes nothing.

    Args:
        orders: `Order` and `OrderRecord` values, mixed: a record says what happened to its order
            before this run. An exact repeat counts once. Different orders under one id are held.
        inventory: the stock before the run.
        now: the caller's time, aware.
        verifiers: what looks at each order first; all findings are collected. A verifier that
            raises holds that order and no other.
        priority: who is served first; equal keys go by (placed_at, id).
        sourcing: which locations serve an order.
        notifications: from decision to messages.
        facts: what the host knows and an order does not say, such as screenings.
        planner: decides for all orders together how much each line may get, such as
            `fulfill_core.optimal.best_value`. None: who is ranked first is served first, and nobody
            is hurt by who comes after.
        reallocation: whether orders may take what those ranked behind them have reserved, and which
            (`Reallocation`). None: nobody loses what is reserved. Not together with a planner.
        promise: when an order leaves and arrives, such as `from_calendars`. None: no promises are
            made.
        reservation_window: an order with a ``ship_after`` joins the queue so long before it: a
            timedelta of zero or more. Until then it is scheduled, and takes nothing.
        whole: whether these are all orders that there are. Then the staff is told of units that
            are reserved for any other (`Result.of_absent_orders`), unless they expire.
        map: how chunks of orders are verified and ranked: the built-in, or the ``map`` of any
            executor. It must keep the sequence; for one that uses processes, verifiers, priority
            and facts must pickle.
        progress: is told the stage and how much of the run is done, less than a hundred times; what
            it raises ends the run (`fulfill_core.protocols.ProgressFunction`). None: nobody is.

    Returns:
        A `Result`: decisions, inventory, notifications.

    Raises:
        InvalidValueError: a naive ``now``, something among the orders that is neither an `Order`
            nor an `OrderRecord`, a planner and a reallocation.
        PluginError: a policy raised or broke its contract; it names the policy and the order.

    >>> from datetime import datetime, timezone
    >>> from fulfill_core import Address, Customer, OrderLine
    >>> now = datetime(2026, 3, 2, tzinfo=timezone.utc)
    >>> order = Order(
    ...     id="A-17", placed_at=now, currency="EUR",
    ...     customer=Customer(id="C-7", email="ada@example.com"),
    ...     lines=[OrderLine(id="1", sku="mug", quantity=2)],
    ...     ship_to=Address(name="Ada", street=["1 Main St"], city="Leeds",
    ...                     postal_code="LS1 4AP", country="GB"),
    ... )
    >>> result = process([order], Inventory.of({("mug", "berlin"): 12}), now=now)
    >>> result["A-17"].outcome, result.inventory.available("mug")
    (<Outcome.ALLOCATED: 'allocated'>, 10)
    """
    _checks.check_member("inventory", inventory, Inventory)
    _checks.check_callable("map", map)
    verifiers = to_verifiers(verifiers)
    check_policies(priority, sourcing, notifications, planner, promise)
    check_options(planner, reallocation, reservation_window, whole=whole)
    reporter = SILENT if progress is None else Reporter(progress)
    batch = batch_of(orders, inventory)
    context = Context(now=now, facts=facts, duplicates=batch.duplicates, records=batch.records)
    # What looks at the batch sees all of it: who is stopped is not known before it is asked.
    verifiers = _verifiers_of_run(verifiers, batch.orders, context, map)
    assessed = assess(batch.orders, verifiers, priority, context, reservation_window, map, reporter)
    if assessed.failures:
        context = attrs.evolve(context, failures=assessed.failures)
    reporter.begin(_RANK)
    # From here on the sequence is that of the ranks; orders outside the queue come after it.
    queue = line_up(assessed, priority, reallocation, context, reservation_window)
    outside = list(assessed.left_out())
    # For the caps of items, what these have was bought elsewhere: they have no turn.
    stock_context = with_purchases(context, [order for order, _ in outside], state_of(inventory))
    promises = None if promise is None else PromisesInTurn(promise, queue, context)
    trials = Trials(queue, sourcing, promises, stock_context)
    planned = plan_of(planner, trials, inventory, reporter)
    settings = sourcing, planned, reallocation, promises, stock_context
    stock = inventory if planned.stock is None else planned.stock
    while True:
        allocator = _allocator(queue, stock, *settings)
        zones = zones_of(inventory)
        decisions = serve_all(
            queue, outside, allocator, verifiers, promise, context, zones, reporter
        )
        # Orders gave up claims that some who had their turn before them could use: once more, as
        # if those units had been free. Else the next run would say otherwise than this one (law 8).
        unneeded = allocator.unneeded_claims()
        if not unneeded:
            break
        stock = stock.without_claims(unneeded)
    reporter.begin(_TELL)
    result = Result(
        decisions=decisions,
        inventory=allocator.after(),
        messages=notify(decisions, notifications, context),
        telling=notifications if looks_at_time(notifications) else None,
        before=inventory,
        context=context,
        priority=queue.priority,
        batch_priority=priority if looks_at_batch(priority) else None,
        # Only those that `wake_at` asks: the others need not pickle with the result.
        verifiers=tuple([verifier for verifier in verifiers if looks_at_time(verifier)]),
        plan=planned.plan,
        reallocation=reallocation,
        losses=allocator.losses(),
        promising=promise,
        attempts=promises.decisions(allocator.attempts) if promises else (),
        reservation_window=reservation_window,
    )
    if whole:
        result = _with_absent(result, notifications, context)
    reporter.finish()
    return result


def check_policies(
    priority: PriorityPolicy,
    sourcing: SourcingPolicy,
    notifications: NotificationPolicy,
    planner: Planner | None,
    promise: PromisePolicy | None,
) -> None:
    """Each of them can be asked in its role, before anything is asked of one."""
    check_plugin("priority", priority, PRIORITY)
    check_plugin("sourcing", sourcing, SOURCING)
    check_plugin("notifications", notifications, NOTIFICATIONS)
    if planner is not None:
        check_plugin("planner", planner, PLANNER)
    if promise is not None:
        check_plugin("promise", promise, PROMISE)


def check_options(
    planner: Planner | None,
    reallocation: reallocation_wing.Reallocation | None,
    reservation_window: timedelta,
    *,
    whole: bool,
) -> None:
    """What `process` can do without is either None or as it should be."""
    _checks.check_bool("whole", whole)
    if reallocation is not None:
        _checks.check_member("reallocation", reallocation, reallocation_wing.Reallocation)
        if planner is not None:
            raise _checks.refuse(
                "planner", planner, "can't be combined with a reallocation; pass one of them"
            )
    _checks.check_duration("reservation_window", reservation_window)


def to_verifiers(verifiers: Iterable[Verifier]) -> tuple[Verifier, ...]:
    """The verifiers that were passed; a generator of them can be gone through only once."""
    _checks.check_collection("verifiers", verifiers)
    members = tuple(verifiers)
    for position, verifier in enumerate(members):
        check_plugin(f"verifiers[{position}]", verifier, VERIFIER)
    return members


def _verifiers_of_run(
    verifiers: tuple[Verifier, ...],
    orders: tuple[Order, ...],
    context: Context,
    map_function: MapFunction,
) -> tuple[Verifier, ...]:
    """The verifiers to ask in this run, each for itself; those that look at the batch made for it.

    Members of an `all_of` are asked one by one, so that one which fails does not silence the
    others; what a batch makes of a verifier may be an `all_of` again.
    """
    members = flat(verifiers)
    bound = flat([in_batch(each, orders, context) for each in members if not skips_rejected(each)])
    selective = [verifier for verifier in members if skips_rejected(verifier)]
    if not selective:
        return bound
    # They leave out what the others reject, so those come first; of orders that have nothing in
    # common with others there is nothing to leave out.
    beside = alike(orders, selective, context.facts)
    rejected_ids = rejected(beside, bound, context, map_function) if beside else ()
    context = attrs.evolve(context, rejected_ids=rejected_ids)
    return (*bound, *flat([in_batch(verifier, orders, context) for verifier in selective]))


def _with_absent(result: Result, policy: NotificationPolicy, context: Context) -> Result:
    """The result of a run of all orders: what is reserved for any other is told as well."""
    absent = notify_of_absent(result.of_absent_orders, policy, context)
    messages = Messages.of((*result.notifications, *absent), result.messages.by_order)
    return attrs.evolve(result, messages=messages)


def _allocator(
    queue: Queue,
    inventory: Inventory,
    sourcing: SourcingPolicy,
    planned: Planned,
    reallocation: reallocation_wing.Reallocation | None,
    promises: PromisesInTurn | None,
    context: Context,
) -> Allocator:
    """What gives out the stock of this run: where nobody may take from others, the plain one."""
    if reallocation is None:
        return Allocator(
            inventory,
            sourcing,
            context,
            queue.orders,
            planned.by_line,
            has_planner=planned.plan is not None,
            start=planned.start,
            promise_of=promises,
        )
    # Not at once: most runs take nothing from anybody, and it is 2 % of the library's import.
    from fulfill_core.allocation.taking.reallocator import (  # noqa: PLC0415 - as said
        ReallocatingAllocator,
    )

    return ReallocatingAllocator(
        inventory,
        sourcing,
        context,
        queue.orders,
        reallocation,
        queue.strategies,
        promise_of=promises,
    )
