"""What a run returns: decisions, the stock afterwards, messages; and what can be asked of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import chain

import attrs

from fulfill_core.decisions.decision import Decision, Outcome
from fulfill_core.decisions.notification import Notification
from fulfill_core.decisions.rows import AllocationView
from fulfill_core.exceptions import UnknownOrderError
from fulfill_core.inventory.availability import turning_points
from fulfill_core.inventory.capacity import capacity_left, counts_today, limited_locations, next_day
from fulfill_core.inventory.changes import Changes
from fulfill_core.inventory.differing import claims_between
from fulfill_core.inventory.inventory import Inventory, state_of
from fulfill_core.inventory.overdrafts import at_risk
from fulfill_core.inventory.reservations import has_expired, sequence, to_reservations
from fulfill_core.inventory.stock import Reservation
from fulfill_core.orders.order import Order, PaymentStatus
from fulfill_core.pipeline.ledger import Decisions
from fulfill_core.pipeline.promising import due_at
from fulfill_core.protocols import Plan, PriorityPolicy, PromisePolicy, Verifier
from fulfill_core.protocols.plugins import turning_points_of
from fulfill_core.reallocation.losses import Loss
from fulfill_core.reallocation.reallocation import Reallocation
from fulfill_core.records.facts import Context

_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_OUTSIDE = (Outcome.SCHEDULED, Outcome.HELD, Outcome.REJECTED)


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
        reservation_window: how long before their ``ship_after`` orders are served.

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

        ``inventory.without_reservations(these)`` is ``before``; if somebody waits for a supply, or
        lost something, ``inventory.with_changes(result.changes.inverted())`` is.
        """
        now = self.context.now
        return tuple(
            Reservation(
                order_id=decision.order.id,
                line_id=row.line_id,
                sku=row.sku,
                location=row.location,
                quantity=row.units,
                made_at=now,
                lot=row.lot,
            )
            for decision in self.decisions
            for row in map(AllocationView._make, decision.allocation_rows)
        )

    @property
    def changes(self) -> Changes:
        """What this run reserved and took away, for hosts that write no more than what changed.

        It equals ``inventory.changes_since(before)`` and asks only what the run gave out, claimed
        and took.
        """
        now = self.context.now
        decisions = self.decisions
        losers = {loss.order_id for loss in self.losses}
        before = {loser: Counter(self.before.reservations_of(loser)) for loser in losers}
        after = {loser: Counter(self.inventory.reservations_of(loser)) for loser in losers}
        claims_added, claims_removed = claims_between(
            state_of(self.before), state_of(self.inventory)
        )
        return Changes(
            claims_added=claims_added,
            claims_removed=claims_removed,
            reservations_added=chain(
                chain.from_iterable(
                    to_reservations(order.id, ((now, None, rows),))
                    for order, rows in zip(decisions.orders, decisions.allocation_rows, strict=True)
                    if order.id not in losers
                ),
                *[(after[loser] - before[loser]).elements() for loser in sorted(losers)],
            ),
            reservations_removed=chain.from_iterable(
                (before[loser] - after[loser]).elements() for loser in sorted(losers)
            ),
        )

    @property
    def at_risk(self) -> tuple[Reservation, ...]:
        """What is reserved for these orders and is not there, where stock is overdrawn.

        More is reserved there, or of a lot there, than is on hand, such as after a count, and
        nothing moves by itself.
        Who would have to go without is named, as many units as are missing there and no more: the
        orders outside the queue first (rejected, held, then those that are not due), then those in
        it, the lowest rank first. To let somebody go without, release what is named here and run
        again. Reservations that have expired count for nothing, and those of orders that are not in
        this run are not named.
        """
        now = self.context.now
        by_order: list[tuple[int, list[Reservation]]] = []
        for index, order in enumerate(self.decisions.orders):
            reservations = [
                reservation
                for reservation in self.inventory.reservations_of(order.id)
                if not has_expired(reservation.expires_at, now)
            ]
            if reservations:
                reservations.sort(key=sequence, reverse=True)
                by_order.append((index, reservations))
        by_order.sort(key=lambda entry: self._loss_sequence(entry[0]))
        in_sequence = chain.from_iterable([reservations for _, reservations in by_order])
        return at_risk(state_of(self.inventory), list(in_sequence), now)

    def _loss_sequence(self, index: int) -> tuple[int, int]:
        """A sort key for decisions: who goes without first is first."""
        outcome = self.decisions[index].outcome
        return (-_OUTSIDE.index(outcome) if outcome in _OUTSIDE else 1, -index)

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
        # Differences: within one zone, the clocks on the wall would be compared.
        start = self.context.now - _EPOCH
        later = [instant for instant in self._turning_points() if instant - _EPOCH > start]
        return min(later, key=lambda instant: instant - _EPOCH, default=None)

    def _turning_points(self) -> Iterator[datetime]:
        """What `wake_at` is among; past instants included."""
        now = self.context.now
        before = self.before
        stock = state_of(before)
        skus_and_lives: set[tuple[str, timedelta]] = set()
        for order in self.decisions.orders:
            life = order.customer.minimum_life
            for line in order.lines:
                for sku, _ in before.components_of(line.sku) or ((line.sku, 1),):
                    skus_and_lives.add((sku, life))
            yield from self._turning_points_of(order)
        for reservations in self.decisions.reserved:
            yield from [each.expires_at for each in reservations if each.expires_at is not None]
        for sku, life in skus_and_lives:
            yield from turning_points(stock, sku, life)
        for decision in self.decisions if self.promising is not None else ():
            if decision.promise is not None:
                yield from turning_points_of(self.promising, decision, self.context)
        for place in limited_locations(stock):
            if capacity_left(state_of(self.inventory), place.id, now) == 0 and (
                place.capacity  # if it has none at all, today is special for who has units there
                or any(
                    [counts_today(stock, each.id, place.id, now) for each in self.decisions.orders]
                )
            ):
                yield next_day(stock, place.id, now)
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
