"""What a run returns: decisions, the stock afterwards, messages.

A run keeps its decisions by column, and in the columns plain tuples of atoms, which the garbage
collector does not follow. `Decision` values are made out of them when somebody asks. (Kept as
values, a run's decisions set off full collections that cost a tenth of the whole run.)
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import chain, repeat
from typing import overload

import attrs

from fulfill_core.decisions.decision import Decision, Outcome, Served, make_decision
from fulfill_core.decisions.finding import Finding
from fulfill_core.decisions.notification import Notification
from fulfill_core.decisions.promise import Promise
from fulfill_core.decisions.rows import AllocationRow, BackorderRow, KitRow, ShortRow
from fulfill_core.exceptions import UnknownOrderError
from fulfill_core.inventory.at_risk import at_risk
from fulfill_core.inventory.changes import Changes
from fulfill_core.inventory.inventory import Inventory
from fulfill_core.inventory.reservations import has_expired, sequence, to_reservations
from fulfill_core.inventory.stock import Reservation
from fulfill_core.orders.order import Order, PaymentStatus
from fulfill_core.pipeline.promising import due_at
from fulfill_core.protocols import Plan, PriorityPolicy, PromisePolicy, Verifier
from fulfill_core.protocols.plugins import turning_points_of
from fulfill_core.reallocation.losses import Loss
from fulfill_core.reallocation.reallocation import Reallocation
from fulfill_core.records.facts import Context

_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_OUTSIDE = (Outcome.SCHEDULED, Outcome.HELD, Outcome.REJECTED)


@attrs.frozen(weakref_slot=False, repr=False)
class Decisions(Sequence[Decision]):
    """The decisions of a run: an immutable sequence, whose members are made when asked for.

    It is kept by column: the first decision is made of the first member of each.

    Args:
        orders: the orders, in the sequence of the decisions.
        queue_length: so many of them, the first ones, were in the queue; their place is the rank.
        findings: what the verifiers noticed, by order; and so on, as in `Decision`.

    >>> list(Decisions())
    []
    """

    orders: tuple[Order, ...] = ()
    queue_length: int = 0
    findings: tuple[tuple[Finding, ...], ...] = ()
    allocation_rows: tuple[tuple[AllocationRow, ...], ...] = ()
    backorder_rows: tuple[tuple[BackorderRow, ...], ...] = ()
    short_rows: tuple[tuple[ShortRow, ...], ...] = ()
    reserved: tuple[tuple[Reservation, ...], ...] = ()
    untracked: tuple[tuple[str, ...], ...] = ()
    kits: tuple[tuple[KitRow, ...], ...] = ()
    promises: tuple[Promise | None, ...] = ()
    """Empty if nothing was promised."""

    @overload
    def __getitem__(self, index: int) -> Decision: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Decision, ...]: ...
    def __getitem__(self, index: int | slice) -> Decision | tuple[Decision, ...]:
        if isinstance(index, slice):
            return tuple(self[each] for each in range(len(self))[index])
        index = range(len(self))[index]
        return make_decision(
            self.orders[index],
            self.findings[index],
            index if index < self.queue_length else None,
            Served(
                self.allocation_rows[index],
                self.backorder_rows[index],
                self.short_rows[index],
                self.reserved[index],
                self.untracked[index],
                self.kits[index],
            ),
            self.promises[index] if self.promises else None,
        )

    def __iter__(self) -> Iterator[Decision]:
        return map(
            make_decision,
            self.orders,
            self.findings,
            chain(range(self.queue_length), repeat(None)),
            zip(
                self.allocation_rows,
                self.backorder_rows,
                self.short_rows,
                self.reserved,
                self.untracked,
                self.kits,
                repeat(()),
            ),
            self.promises or repeat(None),
        )

    def __len__(self) -> int:
        return len(self.orders)

    def __repr__(self) -> str:
        return f"Decisions({', '.join(map(repr, self))})"


class Ledger:
    """Where a run enters its decisions, one after the other, those in the queue first."""

    def __init__(self) -> None:
        self._queue_length = 0
        self._orders: list[Order] = []
        self._findings: list[tuple[Finding, ...]] = []
        self._allocations: list[tuple[AllocationRow, ...]] = []
        self._backorders: list[tuple[BackorderRow, ...]] = []
        self._shorts: list[tuple[ShortRow, ...]] = []
        self._reserved: list[tuple[Reservation, ...]] = []
        self._untracked: list[tuple[str, ...]] = []
        self._kits: list[tuple[KitRow, ...]] = []
        self._promises: dict[int, Promise] = {}

    def enter(
        self,
        order: Order,
        findings: tuple[Finding, ...],
        rank: int | None,
        served: Served,
        promise: Promise | None = None,
    ) -> Decision:
        """Keep what was decided for an order, by column, and return it as a value."""
        if rank is not None:
            self._queue_length += 1
        if promise is not None:
            self._promises[len(self._orders)] = promise
        self._orders.append(order)
        self._findings.append(findings)
        self._allocations.append(served.allocations)
        self._backorders.append(served.backorders)
        self._shorts.append(served.shorts)
        self._reserved.append(served.reserved)
        self._untracked.append(served.untracked)
        self._kits.append(served.kits)
        return make_decision(order, findings, rank, served, promise)

    def decisions(self) -> Decisions:
        """All that was entered."""
        return Decisions(
            tuple(self._orders),
            self._queue_length,
            tuple(self._findings),
            tuple(self._allocations),
            tuple(self._backorders),
            tuple(self._shorts),
            tuple(self._reserved),
            tuple(self._untracked),
            tuple(self._kits),
            tuple(map(self._promises.get, range(len(self._orders)))) if self._promises else (),
        )


@attrs.frozen(kw_only=True, weakref_slot=False)
class Result:
    """What a run decided: hand the parts to your storage and your mail, or throw them away.

    Iterating over it gives the decisions; ``result["A-1"]`` is that for one order.

    Args:
        decisions: one per distinct order id: those in the queue by rank, then the others by id. A
            sequence like a tuple, whose members are made when they are asked for.
        inventory: the stock afterwards.
        notifications: the messages, in the sequence of the decisions.
        before: the stock that the run started from.
        context: what the plug-ins were told, the time among it.
        priority: the policy that made the ranks; `explain` asks it for words.
        verifiers: those that say when time changes what they say: `wake_at` asks them.
        plan: what the planner decided, with its value, bound and gap; None if there was none.
        reallocation: who was allowed to take from whom; None if nobody was.
        losses: who lost what to whom, and why; empty unless there was a re-allocation.
        promising: the policy that made the promises; None if there was none.
        reservation_window: so long before their ``ship_after`` orders are served.

    It pickles if the policies in it do: functions of a module, no lambdas.

    >>> from datetime import timezone
    >>> from fulfill_core import process
    >>> list(process([], Inventory(), now=datetime(2026, 3, 2, tzinfo=timezone.utc)))
    []
    """

    decisions: Decisions
    inventory: Inventory
    notifications: tuple[Notification, ...]
    before: Inventory
    context: Context
    priority: PriorityPolicy
    verifiers: tuple[Verifier, ...] = ()
    plan: Plan | None = None
    reallocation: Reallocation | None = None
    losses: tuple[Loss, ...] = ()
    promising: PromisePolicy | None = None
    reservation_window: timedelta = timedelta(0)
    _index: dict[str, int] = attrs.field(init=False, factory=dict[str, int], eq=False, repr=False)

    def __iter__(self) -> Iterator[Decision]:
        return iter(self.decisions)

    # By the decisions, no id would ever be in it; by the ids, no decision: ask one of the parts.
    __contains__ = None

    def __getitem__(self, order_id: str) -> Decision:
        """The decision for one order; an `UnknownOrderError` if it was not in the batch."""
        if not self._index:
            orders = self.decisions.orders
            self._index.update((order.id, index) for index, order in enumerate(orders))
        index = self._index.get(order_id)
        if index is None:
            raise UnknownOrderError(order_id)
        return self.decisions[index]

    @property
    def reservations(self) -> tuple[Reservation, ...]:
        """What this run reserved.

        ``inventory.without_reservations(these)`` is ``before``; if somebody lost something,
        ``inventory.with_changes(result.changes.inverted())`` is.
        """
        now = self.context.now
        return tuple(
            Reservation(
                order_id=decision.order.id,
                line_id=line_id,
                sku=sku,
                location=location,
                quantity=quantity,
                made_at=now,
                lot=lot,
            )
            for decision in self.decisions
            for line_id, sku, location, quantity, lot in decision.allocation_rows
        )

    @property
    def changes(self) -> Changes:
        """The same as `Changes`, for hosts that write no more than what changed.

        It equals ``inventory.changes_since(before)`` and asks only what the run gave out and took.
        """
        now = self.context.now
        decisions = self.decisions
        losers = {loss.order_id for loss in self.losses}
        held = {each: Counter(self.before.reservations_of(each)) for each in losers}
        left = {each: Counter(self.inventory.reservations_of(each)) for each in losers}
        return Changes(
            reservations_added=chain(
                chain.from_iterable(
                    to_reservations(order.id, ((now, None, rows),))
                    for order, rows in zip(decisions.orders, decisions.allocation_rows, strict=True)
                    if order.id not in losers
                ),
                *[(left[each] - held[each]).elements() for each in sorted(losers)],
            ),
            reservations_removed=chain.from_iterable(
                (held[each] - left[each]).elements() for each in sorted(losers)
            ),
        )

    @property
    def at_risk(self) -> tuple[Reservation, ...]:
        """What these orders hold that is not there: reservations at locations that are overdrawn.

        More is reserved there, or of a lot there, than is on hand, such as after a count, and
        nothing moves by itself.
        Who would have to go without is named, as many units as are missing there and no more: the
        orders outside the queue first (rejected, held, then those that are not due), then those in
        it, the lowest rank first. To let somebody go without, release what is named here and run
        again. Reservations that have expired count for nothing, and those of orders that are not in
        this run are not named.
        """
        now = self.context.now
        held: list[tuple[int, list[Reservation]]] = []
        for index, order in enumerate(self.decisions.orders):
            mine = [
                each
                for each in to_reservations(order.id, self.inventory.batches_of(order.id))
                if not has_expired(each.expires_at, now)
            ]
            if mine:
                held.append((index, mine))
        held.sort(key=lambda entry: self._last_to_lose(entry[0]), reverse=True)
        several = [each for _, mine in held for each in sorted(mine, key=sequence, reverse=True)]
        return at_risk(self.inventory, several, now)

    def _last_to_lose(self, index: int) -> tuple[int, int]:
        """A sort key for decisions: the later, the sooner they go without."""
        outcome = self.decisions[index].outcome
        return (_OUTSIDE.index(outcome) if outcome in _OUTSIDE else -1, index)

    @property
    def wake_at(self) -> datetime | None:
        """The first instant after now at which time alone could change a decision; None if never.

        Between now and then a run on this result's inventory, with the same orders and settings,
        changes nothing, so a host need not poll. The instant may be one at which nothing changes
        after all; it is never too late.

        That is: an order joins the queue, an authorization runs out, or something changes of a SKU
        that one of the orders asks for: a reservation expires, a lot becomes too old for its
        customer, a fence falls, a supply becomes overdue; or a location that has no capacity left
        begins its next day; an order misses the departure that it was promised; units freeze before
        a deadline; two orders swap ranks, such as by `normalised` or `buckets`; or a verifier
        changes its mind. (Verifiers, priorities and promises of your own say when they do in a
        method ``turning_points``.)

        Raises:
            PluginError: one of them could not say.
        """
        start = self.context.now - _EPOCH  # differences: within one zone, clocks would be compared
        later = [instant for instant in self._turning_points() if instant - _EPOCH > start]
        return min(later, key=lambda instant: instant - _EPOCH, default=None)

    def _turning_points(self) -> Iterator[datetime]:
        """What `wake_at` is among; past instants included."""
        now = self.context.now
        before = self.before
        asked: set[tuple[str, timedelta]] = set()
        for order in self.decisions.orders:
            life = order.customer.minimum_life
            for line in order.lines:
                for sku, _ in before.components_of(line.sku) or ((line.sku, 1),):
                    asked.add((sku, life))
            yield from self._turning_points_of(order)
        for held in self.decisions.reserved:
            yield from [each.expires_at for each in held if each.expires_at is not None]
        for sku, life in asked:
            yield from before.turning_points(sku, life)
        for made in self.decisions if self.promising is not None else ():
            if made.promise is not None:
                yield from turning_points_of(self.promising, made, self.context)
        for place in before.limited_locations:
            if self.inventory.capacity_left(place.id, now) == 0 and (
                place.capacity  # if it has none at all, today is special for who has units there
                or any([before.counts_today(each, place.id, now) for each in self.decisions.orders])
            ):
                yield before.next_day(place.id, now)
        queue = self.decisions.orders[: self.decisions.queue_length]
        yield from turning_points_of(self.priority, queue, self.context)

    def _turning_points_of(self, order: Order) -> Iterator[datetime]:
        """Those that an order has of itself, whatever the stock."""
        if order.ship_after is not None:
            yield due_at(order.ship_after, self.reservation_window)
        for payment in order.payments:
            if payment.status is PaymentStatus.AUTHORIZED and payment.expires_at is not None:
                yield payment.expires_at
        for verifier in self.verifiers:
            yield from turning_points_of(verifier, order, self.context)
        if self.reallocation is not None:
            freezes_at = self.reallocation.freezes_at(order)
            if freezes_at is not None:
                yield freezes_at
