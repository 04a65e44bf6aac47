"""`process`: verify, rank, allocate in rank order, promise, decide, derive messages.

Each step takes values and returns values; the only state is the allocator's, which lives as long
as the call. The steps are modules of this folder, in the sequence in which they run: `batch`,
`verification`, `queue` (by `ranking`), `planning`, `serving` (with `promising`), `notifying`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from operator import is_
from typing import NamedTuple

import attrs

from fulfill_core import _checks, records
from fulfill_core import reallocation as reallocation_wing
from fulfill_core.allocation.allocator import Allocator
from fulfill_core.allocation.taking.rounds import Round
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
from fulfill_core.pipeline.settings import Settings
from fulfill_core.pipeline.verification import Assessed, assess, ranked_by, rejected
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
from fulfill_core.records.facts import Context, Facts
from fulfill_core.records.purchases import with_purchases
from fulfill_core.sourcing import DEFAULT_SOURCING
from fulfill_core.verifiers import DEFAULT_VERIFIERS
from fulfill_core.verifiers.combining import flat, in_batch

_VERIFY, _RANK, _TELL = RunStage.VERIFY, RunStage.RANK, RunStage.TELL


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
    settings = Settings(
        verifiers=verifiers,
        priority=priority,
        sourcing=sourcing,
        notifications=notifications,
        facts=facts,
        planner=planner,
        reallocation=reallocation,
        promise=promise,
        reservation_window=reservation_window,
        whole=whole,
        map=map,
    )
    return Runs(orders, inventory, now).run(settings, progress)


class _Verified(NamedTuple):
    """A batch that was verified and ranked by some settings.

    Args:
        settings: by which.
        verifiers: the verifiers that were asked, each for itself.
        context: what the plug-ins are told from here on.
        assessed: what came of it.
    """

    settings: Settings
    verifiers: tuple[Verifier, ...]
    context: Context
    assessed: Assessed


class Runs:
    """Runs of the same orders on the same stock: what their settings have in common is done once.

    The orders are put together once. They are verified anew only by other verifiers, with other
    facts, another window or another map, and ranked anew only by another priority. So a second run
    costs what it decides otherwise; what comes of each is what `process` returns.

    Args:
        orders: as for `process`, and so on.
        inventory: the stock before each run.
        now: the caller's time, aware.

    Raises:
        InvalidValueError: what `process` refuses of these.

    >>> from datetime import timezone
    >>> runs = Runs([], Inventory(), datetime(2026, 3, 2, tzinfo=timezone.utc))
    >>> runs.run(Settings(verifiers=[])) == runs.run(Settings(verifiers=[]))
    True
    """

    def __init__(
        self, orders: Iterable[Order | records.OrderRecord], inventory: Inventory, now: datetime
    ) -> None:
        _checks.check_member("inventory", inventory, Inventory)
        self._inventory = inventory
        self._now = now
        self._batch = batch_of(orders, inventory)
        self._verified: list[_Verified] = []

    def run(self, settings: Settings, progress: ProgressFunction | None = None) -> Result:
        """The run by these settings.

        Raises:
            PluginError: a policy raised or broke its contract; it names the policy and the order.
        """
        reporter = SILENT if progress is None else Reporter(progress)
        verified = self._verified_by(settings, reporter)
        return _decide(verified, settings, self._inventory, reporter)

    def _verified_by(self, settings: Settings, reporter: Reporter) -> _Verified:
        """The batch as these settings verify and rank it."""
        reporter.begin(_VERIFY)
        alike = [each for each in self._verified if _verify_alike(settings, each.settings)]
        for verified in alike:
            if verified.settings.priority is settings.priority:
                return verified
        if alike:
            context, assessed = alike[0].context, alike[0].assessed
            assessed = ranked_by(assessed, settings.priority, context, settings.map)
            verified = alike[0]._replace(settings=settings, assessed=assessed)
        else:
            verified = self._verify(settings, reporter)
        self._verified.append(verified)
        return verified

    def _verify(self, settings: Settings, reporter: Reporter) -> _Verified:
        batch, map_function = self._batch, settings.map
        context = Context(
            now=self._now,
            facts=settings.facts,
            duplicates=batch.duplicates,
            records=batch.records,
        )
        # What looks at the batch sees all of it: who is stopped is not known before it is asked.
        verifiers = _verifiers_of_run(settings.verifiers, batch.orders, context, map_function)
        assessed = assess(
            batch.orders,
            verifiers,
            settings.priority,
            context,
            settings.reservation_window,
            map_function,
            reporter,
        )
        if assessed.failures:
            context = attrs.evolve(context, failures=assessed.failures)
        return _Verified(settings, verifiers, context, assessed)


def _verify_alike(settings: Settings, other: Settings) -> bool:
    """Whether the same is found about each order by both, and the same orders join the queue.

    The very same verifiers, that is: what equality means of a host's own is not known.
    """
    return (
        len(settings.verifiers) == len(other.verifiers)
        and all(map(is_, settings.verifiers, other.verifiers))
        and settings.facts is other.facts
        and settings.map is other.map
        and settings.reservation_window == other.reservation_window
    )


def _decide(
    verified: _Verified, settings: Settings, inventory: Inventory, reporter: Reporter
) -> Result:
    """What is decided on a batch that was verified and ranked."""
    context, verifiers, priority = verified.context, verified.verifiers, settings.priority
    reallocation, window = settings.reallocation, settings.reservation_window
    reporter.begin(_RANK)
    # From here on the sequence is that of the ranks; orders outside the queue come after it.
    queue = line_up(verified.assessed, priority, reallocation, context, window)
    outside = verified.assessed.left_out()
    # For the caps of items, what these have was bought elsewhere: they have no turn.
    stock_context = with_purchases(context, outside.orders, state_of(inventory))
    promise = settings.promise
    promises = None if promise is None else PromisesInTurn(promise, queue, context)
    trials = Trials(queue, settings.sourcing, promises, stock_context)
    planned = plan_of(settings.planner, trials, inventory, reporter)
    of_stock = settings.sourcing, planned, reallocation, promises, stock_context
    zones = zones_of(inventory)
    stock = inventory if planned.stock is None else planned.stock
    current = Round(stock, planned.start)
    while True:
        allocator = _allocator(queue, current, *of_stock)
        decisions = serve_all(
            queue, outside, allocator, verifiers, promise, context, zones, reporter
        )
        following = allocator.following(current)
        if following is None:
            break
        current = following
    reporter.begin(_TELL)
    notifications = settings.notifications
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
        reservation_window=window,
        batch=verified.assessed.orders,
    )
    allocator.close()
    if settings.whole:
        result = _with_absent(result, notifications, context)
    reporter.finish()
    return result


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
    current: Round,
    sourcing: SourcingPolicy,
    planned: Planned,
    reallocation: reallocation_wing.Reallocation | None,
    promises: PromisesInTurn | None,
    context: Context,
) -> Allocator:
    """What gives out the stock of this run: where nobody may take from others, the plain one."""
    if reallocation is None:
        return Allocator(
            current.stock,
            sourcing,
            context,
            queue.orders,
            planned.by_line,
            has_planner=planned.plan is not None,
            start=current.start,
            promise_of=promises,
        )
    # Not at once: most runs take nothing from anybody, and it is 2 % of the library's import.
    from fulfill_core.allocation.taking.reallocator import (  # noqa: PLC0415 - as said
        ReallocatingAllocator,
    )

    return ReallocatingAllocator(
        current,
        sourcing,
        context,
        queue.orders,
        reallocation,
        queue.strategies,
        promise_of=promises,
        lines_on_hold=queue.lines_beside_by_order,
    )
