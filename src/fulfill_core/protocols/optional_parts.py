"""What a plug-in may also have: parts that a run uses if they are there, each a small Protocol.

======================== ==================== ======================================================
part                     protocol             what it is for
======================== ==================== ======================================================
``facts_needed``         `FactBasedVerifier`  what a verifier has to know about an order
``for_batch``            `BatchVerifier`      the verifier of this run, made with all orders in view
``skips_rejected``       `SelectiveVerifier`  its ``for_batch`` is told which orders are rejected
``second_look``          `SecondLook`         what it notices once the stock has been given out
``is_asked_last``        `LastVerifier`       it need not be asked about what is rejected already
``turning_points``       `TimedVerifier`      when time alone may change what it says
``for_batch``            `BatchPolicy`        the priority of this run, made with the queue in view
``turning_points``       `TimedPolicy`        when time alone may change how keys compare
``describe``             `DescribedPolicy`    what it went by, in words, for `explain`
``turning_points``       `TimedPromisePolicy` when time alone may change a promise
``is_deferrable``        `DeferrablePromise`  it need not be asked before somebody sees a decision
``turning_points``       `TimedMessagePolicy` when time alone may change what is told
``is_timeless_in_queue`` `SteadyPolicy`       it looks at the time only for orders not in the queue
``of_absent_order``      `AbsentOrderPolicy`  what to tell of orders that are not in the run
``is_deferrable``        `DeferrablePolicy`   it need not be asked before somebody reads messages
``message_count``        `CountingPolicy`     how many messages there are, without making them
``serves_anywhere``      `OpenSourcing`       it need not be asked where supplies may come in
``worth_of``             `WeighingPlanner`    what is served is held against what it planned
``shared_keys``          `SharingPlugin`      under which keys orders hang together, for `shards`
======================== ==================== ======================================================

Nothing has to be declared: a run looks for the part by its name. The protocols are there for type
checkers, and for whoever wants to know what a part is given and what it gives. Every sequence that
a plug-in gets is a tuple. What is put around a plug-in of ours (`only_if`, `lexicographic`, ...)
passes the parts on.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from fulfill_core.decisions.decision import Decision
from fulfill_core.decisions.finding import Finding
from fulfill_core.decisions.notification import Notification
from fulfill_core.inventory.stock import Reservation
from fulfill_core.orders.order import Order
from fulfill_core.protocols.plug_points import (
    NotificationPolicy,
    OrderDemand,
    Planner,
    PriorityPolicy,
    PromisePolicy,
    SourcingPolicy,
    Verifier,
)
from fulfill_core.records.facts import Context, Facts, KindOfFact

# -- Of a verifier ---------------------------------------------------------------------------------


class FactBasedVerifier(Verifier, Protocol):
    """A verifier that says what it has to know about an order: `missing_facts` asks it.

    Contract: it names the facts for which it would hold the order if they were not there. One that
    raises makes `missing_facts` stop with a `PluginError`; a run does not ask.

    >>> from fulfill_core.verifiers import risk_score
    >>> verifier: FactBasedVerifier = risk_score(hold_at=60, reject_at=90)
    """

    def facts_needed(self, order: Order, /, *, context: Context) -> frozenset[KindOfFact]:
        """What it has to know about this order."""
        ...


class BatchVerifier(Verifier, Protocol):
    """A verifier that is made anew for each run, with all orders of the batch in view.

    Contract: what it makes depends on the orders, not on their sequence. If orders are compared,
    only earlier ones count: else a new order changes what was decided about an old one. One that
    raises, or makes what can't be called, holds every order (``verifier.failed``).

    >>> from datetime import timedelta
    >>> from fulfill_core.verifiers import repeated_order
    >>> verifier: BatchVerifier = repeated_order(within=timedelta(hours=1))
    """

    def for_batch(self, orders: Sequence[Order], /, *, context: Context) -> Verifier:
        """The verifier to ask in this run. Each order id comes once, in any sequence."""
        ...


class SelectiveVerifier(BatchVerifier, Protocol):
    """A verifier that does not count orders of the batch which the other verifiers reject.

    Contract: those are asked first, about the orders that have the customer or a key of its
    ``shared_keys`` in common with another one of the batch; ``for_batch`` finds the ids of those
    that are rejected in ``context.rejected_ids``.

    >>> from datetime import timedelta
    >>> from fulfill_core.verifiers import repeated_order
    >>> verifier: SelectiveVerifier = repeated_order(within=timedelta(hours=1))
    """

    @property
    def skips_rejected(self) -> bool:
        """True if the others are to be asked before the batch is looked at."""
        ...


class SecondLook(Verifier, Protocol):
    """A verifier that looks again, at the decision, once the stock has been given out.

    Contract: that can stop nothing any more, so whatever it finds is kept as a NOTE. One that
    raises leaves a note (``verifier.second_look_failed``).

    >>> from fulfill_core import note
    >>> class Split:
    ...     def __call__(self, order, /, *, context):
    ...         return ()
    ...     def second_look(self, decision, /, *, context):
    ...         if len({each.location for each in decision.allocations}) > 2:
    ...             yield note("shop.split", detail="It leaves from three places.")
    >>> verifier: SecondLook = Split()
    """

    def second_look(self, decision: Decision, /, *, context: Context) -> Iterable[Finding]:
        """What it notices about an order of the queue, its promise included."""
        ...


class LastVerifier(Verifier, Protocol):
    """A verifier that takes long, and need not be asked about what is rejected already.

    >>> from fulfill_core.verifiers import asked_last, reachable
    >>> asked_last(reachable).is_asked_last
    True
    """

    @property
    def is_asked_last(self) -> bool:
        """True if the others are to be asked first."""
        ...


class TimedVerifier(Verifier, Protocol):
    """A verifier that looks at ``context.now``: `Result.wake_at` asks it when it may say otherwise.

    A condition of `only_if` may have the part, too. Contract: one instant too many, or a past one,
    does no harm; without the part it is taken to say the same at any time. One that raises, or
    gives anything but aware datetimes, makes `Result.wake_at` stop with a `PluginError`.

    >>> from datetime import UTC
    >>> from fulfill_core import hold
    >>> class NotBefore:
    ...     def __init__(self, instant):
    ...         self.instant = instant
    ...     def __call__(self, order, /, *, context):
    ...         return () if context.now >= self.instant else (hold("shop.early"),)
    ...     def turning_points(self, order, /, *, context):
    ...         return (self.instant,)
    >>> verifier: TimedVerifier = NotBefore(datetime(2026, 3, 9, tzinfo=UTC))
    """

    def turning_points(self, order: Order, /, *, context: Context) -> Iterable[datetime]:
        """The instants after now at which time alone may change what it says of the order."""
        ...


# -- Of a priority ---------------------------------------------------------------------------------


class BatchPolicy(PriorityPolicy, Protocol):
    """A priority that is made anew for each run, with all orders in view that joined the queue.

    Contract: it gets them in the sequence in which they would be served if it saw no difference
    between them. Its keys may depend on orders that rank before; if they depend on others, orders
    are hurt from behind. One that raises, or makes what can't be called, stops the run with a
    `PluginError`.

    >>> from fulfill_core.priorities import fair_share
    >>> policy: BatchPolicy = fair_share("customer")
    """

    def for_batch(self, orders: Sequence[Order], /, *, context: Context) -> PriorityPolicy:
        """The policy of this run."""
        ...


class TimedPolicy(PriorityPolicy, Protocol):
    """A priority that looks at ``context.now``: `Result.wake_at` asks it when ranks may change.

    Contract: keys that all move at the same rate have no such instants. Within a score, a scale,
    buckets or ageing it is asked the same, and means the instants at which a key changes at all.

    >>> from datetime import timedelta
    >>> class LateFirst:
    ...     def __call__(self, order, /, *, context):
    ...         return 0 if order.deliver_by and order.deliver_by < context.now else 1
    ...     def turning_points(self, orders, /, *, context):
    ...         return [order.deliver_by + timedelta.resolution for order in orders
    ...                 if order.deliver_by]
    >>> policy: TimedPolicy = LateFirst()
    """

    def turning_points(self, orders: Sequence[Order], /, *, context: Context) -> Iterable[datetime]:
        """The instants after now at which the keys of two neighbours may compare otherwise.

        Args:
            orders: the queue, or a part of it, in rank order.
            context: that of the run.
        """
        ...


class DescribedPolicy(PriorityPolicy, Protocol):
    """A priority that says in words what an order's rank came from; else its name and key do.

    >>> class ByName:
    ...     def __call__(self, order, /, *, context):
    ...         return order.customer.name
    ...     def describe(self, order, /, *, context):
    ...         return f"the name {order.customer.name!r}"
    >>> policy: DescribedPolicy = ByName()
    """

    def describe(self, order: Order, /, *, context: Context) -> str:
        """Such as ``"customer tier 'gold'"``: a part of a sentence."""
        ...


# -- Of a promise ----------------------------------------------------------------------------------


class TimedPromisePolicy(PromisePolicy, Protocol):
    """A promise policy that says when time alone changes a promise: `Result.wake_at` asks it.

    >>> from fulfill_core.promises import from_calendars
    >>> policy: TimedPromisePolicy = from_calendars({}, {})
    """

    def turning_points(self, decision: Decision, /, *, context: Context) -> Iterable[datetime]:
        """The instants after now at which the promise of this decision may become another one."""
        ...


class DeferrablePromise(PromisePolicy, Protocol):
    """A promise policy that may be asked after the run, when somebody looks at a decision.

    Contract: as for `DeferrablePolicy`. In a run that is watched (``progress``), or of which a
    plug-in looks at decisions, it is asked in the run all the same.

    >>> from fulfill_core.promises import from_calendars
    >>> policy: DeferrablePromise = from_calendars({}, {})
    """

    @property
    def is_deferrable(self) -> bool:
        """Whether it may be asked later."""
        ...


class OpenSourcing(SourcingPolicy, Protocol):
    """A sourcing policy that leaves out no location for good, whatever the order.

    Contract: if it is True, what comes in anywhere may serve any order. Of other policies a run
    asks, for each order that waits, whether it would be served from where a supply comes in.

    >>> from fulfill_core.sourcing import whole_order_first
    >>> policy: OpenSourcing = whole_order_first()
    """

    @property
    def serves_anywhere(self) -> bool:
        """Whether it leaves out no location for good."""
        ...


class DeferrablePolicy(NotificationPolicy, Protocol):
    """A notification policy that may be asked after the run, when somebody reads the messages.

    Contract: if it is True, it says the same whenever it is asked, and it never raises: a host has
    stored the stock by then. What nobody reads is not made. Other policies are asked in the run.

    >>> from fulfill_core.notifications import customer_and_staff
    >>> policy: DeferrablePolicy = customer_and_staff
    """

    @property
    def is_deferrable(self) -> bool:
        """Whether it may be asked later."""
        ...


class CountingPolicy(NotificationPolicy, Protocol):
    """A notification policy that says how many messages there are, without making them.

    Contract: as many as it would make, and the same for two decisions that differ in the rank only.
    The figures of `fulfill_core.compare` ask it; without the part all messages are made to be
    counted. A policy that has to be asked in the run (see `DeferrablePolicy`) has made them anyway.

    >>> from fulfill_core.notifications import customer_and_staff
    >>> policy: CountingPolicy = customer_and_staff
    """

    def message_count(self, decision: Decision, /, *, context: Context) -> int:
        """How many messages it would make of this decision."""
        ...


class TimedMessagePolicy(NotificationPolicy, Protocol):
    """A notification policy that looks at ``context.now``: `Result.wake_at` asks it when it does.

    Contract: as for `TimedVerifier`.

    >>> from fulfill_core.notifications import customer_and_staff
    >>> policy: TimedMessagePolicy = customer_and_staff
    """

    def turning_points(self, decision: Decision, /, *, context: Context) -> Iterable[datetime]:
        """The instants after now at which time alone may change what there is to tell."""
        ...


class SteadyPolicy(TimedMessagePolicy, Protocol):
    """A notification policy that looks at the time only for orders that are not in the queue.

    Contract: if it is True, time alone changes nothing of what there is to tell of an order with a
    rank, and `Result.wake_at` need not make those decisions to ask: they are nearly all.

    >>> from fulfill_core.notifications import customer_and_staff
    >>> policy: SteadyPolicy = customer_and_staff
    """

    @property
    def is_timeless_in_queue(self) -> bool:
        """Whether time alone changes nothing of what it says of an order in the queue."""
        ...


class AbsentOrderPolicy(NotificationPolicy, Protocol):
    """A notification policy that also tells of orders which a run of all orders does not know.

    Contract: as for `NotificationPolicy`. It is asked once for each order that has units reserved
    which do not expire, and only if the run is ``whole``.

    >>> from fulfill_core.notifications import customer_and_staff
    >>> policy: AbsentOrderPolicy = customer_and_staff
    """

    def of_absent_order(
        self, reservations: tuple[Reservation, ...], /, *, context: Context
    ) -> Iterable[Notification]:
        """What to tell of an order that is not in the run, and has these units reserved."""
        ...


# -- Of a planner ----------------------------------------------------------------------------------


class WeighingPlanner(Planner, Protocol):
    """A planner that says what units are worth to it, so that its plan can be tried beforehand.

    A planner does not see all that an allocator keeps to, and what it gives to a line that can't
    take it is lost to others. With this part a run tries what the plan serves, what it leaves over
    included, and carries it out only if that is worth more than rank order: `Plan.units` and
    `Plan.value` are what is served then. Without it, the plan is carried out as it is.

    Contract: it gets units by order id and line id, and the queue that the planner got, in which
    these lines are; it returns a Decimal. One that raises, or returns anything else, stops the run
    with a `PluginError`.

    >>> from fulfill_core.protocols import Plan
    >>> class Counting:
    ...     def __call__(self, queue, inventory, /, *, context):
    ...         rows = [(each.order.id, line_id, units)
    ...                 for each in queue for line_id, units in each.lines]
    ...         units = Decimal(sum(row[2] for row in rows))
    ...         return Plan(units=rows, value=units, greedy_value=units)
    ...     def worth_of(self, units, /, *, queue):
    ...         return Decimal(sum(units.values()))
    >>> planner: WeighingPlanner = Counting()
    """

    def worth_of(
        self, units: Mapping[tuple[str, str], int], /, *, queue: Sequence[OrderDemand]
    ) -> Decimal:
        """What so many units of these lines are worth, in what its plans are worth."""
        ...


# -- Of what looks at the batch --------------------------------------------------------------------


class SharingPlugin(Protocol):
    """A plug-in that says which orders hang together for it: `shards` asks it.

    A verifier, a priority, a planner or a notification policy may have the part. One that looks at
    the batch without it puts all orders in one group: what it would make of a part of them is not
    known. One that looks at one order only needs no such part.

    Contract: what it makes of an order depends on other orders only if they have a key in common
    with it, whatever becomes of them. It is not told the time, nor the other orders, so that an
    order has the same keys in each run. A verifier with ``skips_rejected`` finds among
    ``context.rejected_ids`` orders that share a key or the customer: `shards` keeps them together.
    One that raises, or gives what can't be hashed, stops `shards` with a `PluginError`.

    >>> class OncePerPhone:
    ...     def __call__(self, order, /, *, context):
    ...         return ()
    ...     def for_batch(self, orders, /, *, context):
    ...         return self  # in truth one that knows how often each number comes
    ...     def shared_keys(self, order, /, *, facts):
    ...         return [("phone", order.customer.phone)] if order.customer.phone else []
    >>> plugin: SharingPlugin = OncePerPhone()
    """

    def shared_keys(self, order: Order, /, *, facts: Facts) -> Iterable[Hashable]:
        """The keys of the order: any hashable values, such as ``("customer", "C-7")``."""
        ...
