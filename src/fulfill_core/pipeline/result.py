"""What a run returns: decisions, the stock afterwards, messages; and what can be asked of it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import chain

import attrs

from fulfill_core import _checks, _values
from fulfill_core import inventory as inventory_wing
from fulfill_core import reallocation as reallocation_wing
from fulfill_core import records as records_wing
from fulfill_core.allocation.unusable import with_expired
from fulfill_core.decisions.decision import Decision
from fulfill_core.decisions.notification import Notification
from fulfill_core.decisions.outcome import IN_QUEUE
from fulfill_core.decisions.rows import as_reserved, lots_of
from fulfill_core.decisions.scarcity import Scarcity
from fulfill_core.exceptions import UnknownOrderError
from fulfill_core.inventory.availability import turning_points
from fulfill_core.inventory.capacity import (
    capacity_left,
    counts_today,
    intakes_between,
    limited_locations,
    next_day,
)
from fulfill_core.inventory.differing import claims_between
from fulfill_core.inventory.inventory import Inventory, state_of
from fulfill_core.inventory.overdrafts import ends_of_lots
from fulfill_core.inventory.reservations import batches_of, has_expired, to_reservations
from fulfill_core.inventory.state import components_of
from fulfill_core.inventory.state import location as location_of
from fulfill_core.inventory.stock import Reservation, sequence
from fulfill_core.orders.altering import altered
from fulfill_core.orders.dates import departures
from fulfill_core.orders.order import Order
from fulfill_core.orders.progress import has_left, is_settled
from fulfill_core.pipeline.ledger import Decisions
from fulfill_core.pipeline.notifying import NO_MESSAGES, Messages
from fulfill_core.pipeline.promising import due_at
from fulfill_core.protocols import (
    NotificationPolicy,
    Plan,
    PriorityPolicy,
    PromisePolicy,
    Verifier,
)
from fulfill_core.protocols.plugins import (
    looks_at_time,
    looks_at_time_of_queue,
    turning_points_of,
)
from fulfill_core.records.facts import Context

_FIRST_FEW = 10
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_LATEST = timedelta.max
"""More than lies between any two instants."""


@attrs.frozen(kw_only=True, weakref_slot=False)
class Result:
    """What a run decided: hand the parts to your storage and your mail, or throw them away.

    Iterating over it gives the decisions; ``result["A-1"]`` is that for one order.

    Args:
        decisions: one per distinct order id: those in the queue by rank, then the others by id. A
            sequence like a tuple, whose members are made when they are asked for.
        inventory: the stock afterwards.
        before: the stock that the run started from.
        context: what the plug-ins were told, the time among it.
        priority: the policy that made the ranks; `explain` asks it for words.
        verifiers: those that say when time changes what they say: `wake_at` asks them.
        plan: what the planner decided, with its value, bound and gap; None if there was none.
        reallocation: who was allowed to take from whom; None if nobody was.
        losses: who lost what to whom, and why; empty unless there was a re-allocation.
        promising: the policy that made the promises; None if there was none.
        attempts: what orders would have got if lots lived until it arrives, as if it came now.
        telling: the policy that made the messages, if it says when time changes what it says.
        messages: what there is to tell, news or not; see `notifications`.
        reservation_window: how long before their ``ship_after`` orders are served.
        batch_priority: the priority as it was passed, if it looks at the batch: `merged` makes it
            anew, with all orders in view.
        batch: the orders as they came, as far as that is known. It makes no other result.

    It pickles if the policies in it do: functions of a module, no lambdas.

    >>> from datetime import timezone
    >>> from fulfill_core import process
    >>> list(process([], Inventory(), now=datetime(2026, 3, 2, tzinfo=timezone.utc)))
    []
    """

    decisions: Decisions
    inventory: Inventory
    before: Inventory
    context: Context
    priority: PriorityPolicy
    verifiers: tuple[Verifier, ...] = ()
    plan: Plan | None = None
    reallocation: reallocation_wing.Reallocation | None = None
    losses: tuple[reallocation_wing.Loss, ...] = ()
    promising: PromisePolicy | None = None
    attempts: tuple[Decision, ...] = attrs.field(default=(), repr=False)
    reservation_window: timedelta = timedelta(0)
    batch_priority: PriorityPolicy | None = attrs.field(default=None, repr=False)
    telling: NotificationPolicy | None = None
    messages: Messages = NO_MESSAGES
    batch: tuple[Order, ...] = attrs.field(default=(), eq=False, repr=False)
    _index: dict[str, int] = attrs.field(init=False, factory=dict[str, int], eq=False, repr=False)
    _scarcity: Scarcity = attrs.field(init=False, factory=Scarcity, eq=False, repr=False)

    __eq__, __hash__, __repr__ = _values.BY_FIELDS

    def __iter__(self) -> Iterator[Decision]:
        return iter(self.decisions)

    # By the decisions, no id would ever be in it; by the ids, no decision: ask one of the parts.
    __contains__ = None

    def __getitem__(self, order_id: str) -> Decision:
        """The decision for one order; an `UnknownOrderError` if it was not in the batch."""
        if not self._index:
            orders = self.decisions.orders
            self._index.update((order.id, index) for index, order in enumerate(orders))
        _checks.check_text("order_id", order_id)
        index = self._index.get(order_id)
        if index is None:
            raise UnknownOrderError(order_id)
        return self.decisions[index]

    def _repr_html_(self) -> str:
        """What a notebook shows: how many orders came out how, and the first few of them."""
        from fulfill_core.decisions import html  # noqa: PLC0415 - only notebooks ask for it

        counts = Counter([decision.outcome.value for decision in self.decisions])
        parts = [f"{count} {outcome}" for outcome, count in sorted(counts.items())]
        rows = [
            (
                decision.id,
                decision.outcome.value,
                decision.rank,
                sum([line.confirmed for line in decision.lines]),
                sum([line.ordered for line in decision.lines]),
                ", ".join(dict.fromkeys([finding.code for finding in decision.findings])),
            )
            for decision in self.decisions[:_FIRST_FEW]
        ]
        heads = ("order", "outcome", "rank", "confirmed", "ordered", "findings")
        caption = f"{len(self.decisions)} decisions: {', '.join(parts) or 'none'}"
        return html.table(caption, heads, rows)

    @property
    def notifications(self) -> tuple[Notification, ...]:
        """The messages that are news, in the sequence of the decisions.

        They are made when they are first asked for, and kept; those of a policy of your own are
        made in the run, unless it says that it can wait (`DeferrablePolicy`).
        """
        return self.messages.news

    @property
    def records(self) -> tuple[records_wing.OrderRecord, ...]:
        """One record per decision, as it is once the notifications are sent: for the next run.

        It has what was told, what is reserved, what became of the order and since when. There is
        none of ids under which there were different orders: which of them is meant is not known.
        """
        messages = self.messages.by_order
        is_new = self.context.duplicates | messages.keys()
        fresh: dict[str, list[Notification]] = {}
        for message in self.notifications:
            if message.order_id not in is_new:
                fresh.setdefault(message.order_id, []).append(message)
        return tuple(
            [
                self._record(decision, messages.get(decision.id) or fresh.get(decision.id) or ())
                for decision in self.decisions
                if decision.id not in self.context.duplicates
            ]
        )

    @property
    def changed_records(self) -> tuple[records_wing.OrderRecord, ...]:
        """Those of the records that differ from what the run was given: the ones to store."""
        record_of = self.context.record_of
        return tuple([record for record in self.records if record != record_of(record.id)])

    @property
    def superseded_ids(self) -> tuple[str, ...]:
        """The ids of messages that were told before and do not hold any more, as the records know.

        What of them was not sent yet need not be sent any more: other news took its place, its
        reason is gone, or nothing of the order is open. A host with an outbox drops them by id.
        """
        if not self.context.records:
            return ()
        # Not at once: who keeps no records needs nothing of them.
        from fulfill_core.records.told import superseded_ids  # noqa: PLC0415 - as said

        ids: list[str] = []
        for record in self.context.records:
            messages = self.messages.by_order.get(record.id, ())
            ids += superseded_ids(
                messages,
                record.told,
                is_settled=record.is_settled,
                has_left=has_left(record.progress),
            )
        return tuple(sorted(ids))

    def _record(
        self, decision: Decision, messages: Sequence[Notification]
    ) -> records_wing.OrderRecord:
        """The record of an order after the run."""
        # Not at once: who keeps no records needs nothing of them.
        from fulfill_core.records.told import told_after, told_before  # noqa: PLC0415 - as said

        record = self.context.record_of(decision.id) or records_wing.OrderRecord(
            order=decision.order
        )
        now, since = self.context.now, record.since
        if record.outcome is None:  # no run before this one is known: so it was all the time
            since = min(decision.order.placed_at, now)
        elif record.outcome is not decision.outcome and not (
            record.outcome in IN_QUEUE and decision.outcome in IN_QUEUE
        ):
            since = now
        reserved = self.inventory.reservations_of(decision.id)
        reserved = with_expired(reserved, record, state_of(self.before), now)
        entries = told_after(messages, record.told, now, is_settled=record.is_settled)
        return altered(
            record,
            told=entries,
            told_before=told_before(entries, record.told, record.told_before),
            reserved=tuple(sorted(reserved, key=sequence)),
            outcome=decision.outcome,
            since=since or now,
        )

    @property
    def reservations(self) -> tuple[Reservation, ...]:
        """What this run reserved.

        ``inventory.without_reservations(these)`` is ``before``; if somebody waits for a supply, or
        lost something, ``inventory.with_changes(result.changes.inverted())`` is.
        """
        now = self.context.now
        return tuple(
            reservation
            for decision in self.decisions
            for reservation in as_reserved(decision.id, decision.allocation_rows, now)
        )

    @property
    def changes(self) -> inventory_wing.Changes:
        """What this run reserved and took away, for hosts that write no more than what changed.

        It equals ``inventory.changes_since(before)`` and asks only what the run gave out, claimed
        and took.
        """
        # Not at once: a run needs no changes.
        from fulfill_core.inventory.changes import trusted_changes  # noqa: PLC0415 - as said

        now = self.context.now
        decisions = self.decisions
        losers = {loss.order_id for loss in self.losses}
        before = {loser: Counter(self.before.reservations_of(loser)) for loser in losers}
        after = {loser: Counter(self.inventory.reservations_of(loser)) for loser in losers}
        states = state_of(self.before), state_of(self.inventory)
        claims_added, claims_removed = claims_between(*states)
        intakes_added, intakes_removed = intakes_between(*states)
        return trusted_changes(
            claims_added=claims_added,
            claims_removed=claims_removed,
            intakes_added=intakes_added,
            intakes_removed=intakes_removed,
            reservations_added=chain(
                chain.from_iterable(
                    to_reservations(order.id, ((now, None, rows),))
                    for order, rows in zip(decisions.orders, decisions.allocations, strict=True)
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
        """What is reserved for these orders and can't be used, in the sequence of the decisions.

        Its lot ends before it can leave, or is in quarantine; or it is not there: more is reserved
        than is on hand, such as after a count, and nothing moves by itself. Of what is not there as
        many units are named as are missing, and no more: the reservations that were made last,
        then those of the higher order id, whoever is in this run. To let an order have others in
        their place, re-allocate (`Reallocation`); or release what is named here and run again.
        """
        return tuple(chain.from_iterable(self.decisions.unusable))

    @property
    def of_absent_orders(self) -> tuple[Reservation, ...]:
        """What is reserved for orders that are not in this run, by order; nothing that has expired.

        Nobody decides about them, and nobody else can have them: an order that left the batch, or
        was deleted, keeps what it had. A run that sees all orders (``process(..., whole=True)``)
        tells the staff. This walks all reservations, each time that it is asked.
        """
        ids = {order.id for order in self.decisions.orders}
        return tuple(
            [
                reservation
                for reservation in self.inventory.reservations()
                if reservation.order_id not in ids
                and not has_expired(reservation.expires_at, self.context.now)
            ]
        )

    @property
    def wake_at(self) -> datetime | None:
        """The first instant after now at which time alone could change a decision; None if never.

        Between now and then a run on this result's inventory, with the same orders and settings,
        changes nothing, so a host need not poll. The instant may be one at which nothing changes
        after all; it is never too late.

        That is: an order joins the queue, an authorization runs out, or something changes of a SKU
        that one of the orders asks for: a reservation expires, a lot becomes too old for its
        customer, or ends while units of it are reserved, a fence falls, a supply becomes overdue;
        or a location that has no capacity left, or rejected a pick list today, begins its next
        day; an order misses the departure
        that it was promised; units freeze before a deadline; two orders swap ranks, such as by
        `normalised` or `buckets`; or a verifier changes its mind. (Verifiers, priorities and
        promises of your own say when they do in a method ``turning_points``.)

        What time brings after the decision, such as that nobody pays, is by rules that a run does
        not know: `fulfill_core.lifecycle.wake_at` is the earlier of both.

        Raises:
            PluginError: one of them could not say.
        """
        # Differences: within one zone, the clocks on the wall would be compared.
        start, first = self.context.now - _EPOCH, _LATEST
        wake_at: datetime | None = None
        for instant in self._turning_points():
            since_epoch = instant - _EPOCH
            if start < since_epoch < first:
                wake_at, first = instant, since_epoch
        return wake_at

    def _turning_points(self) -> Iterator[datetime]:
        """What `wake_at` is among; past instants included."""
        # As they came, orders mostly lie beside each other in memory; by rank they never do.
        open_orders: Iterable[Order] = self.batch or self.decisions.orders
        if self.decisions.progress:
            open_orders = [
                order
                for order, progress in zip(
                    self.decisions.orders, self.decisions.progress, strict=True
                )
                if not is_settled(order, progress)  # else time changes nothing
            ]
        skus_by_life: defaultdict[timedelta, set[str]] = defaultdict(set)
        yield from self._turning_points_of_orders(open_orders, skus_by_life)
        for units in filter(None, chain(self.decisions.reserved, self.decisions.unusable)):
            yield from [each.expires_at for each in units if each.expires_at is not None]
        yield from self._ends_of_reserved_lots()
        yield from self._turning_points_of_stock(skus_by_life)
        yield from self._next_days_after_rejections()
        departures: set[datetime] = set()  # many orders leave at the same instant
        for decision in self._decisions_promised():
            departures.update(turning_points_of(self.promising, decision, self.context))
        yield from departures
        for decision in self._decisions_told_in_time():
            yield from turning_points_of(self.telling, decision, self.context)
        if looks_at_time(self.priority):
            queue = self.decisions.orders[: self.decisions.queue_length]
            yield from turning_points_of(self.priority, queue, self.context)

    def _turning_points_of_orders(
        self, orders: Iterable[Order], skus_by_life: defaultdict[timedelta, set[str]]
    ) -> Iterator[datetime]:
        """Those that orders have of themselves, whatever the stock.

        Args:
            orders: the orders of which something is open.
            skus_by_life: where it is noted what they ask for: a million orders fit into no cache,
                so each is looked at once.
        """
        for order in orders:
            skus_by_life[order.customer.minimum_life].update([line.sku for line in order.lines])
            for payment in order.payments:
                if payment.expires_at is not None and payment.authorized:
                    yield payment.expires_at
            if order.ship_after is not None or order.has_line_dates:
                for after in departures(order):
                    yield due_at(after, self.reservation_window)
            for verifier in self.verifiers:
                yield from turning_points_of(verifier, order, self.context)
            if self.reallocation is not None:
                freezes_at = self.reallocation.freezes_at(order)
                if freezes_at is not None:
                    yield freezes_at

    def _turning_points_of_stock(
        self, skus_by_life: Mapping[timedelta, set[str]]
    ) -> Iterator[datetime]:
        """Those of the SKUs that orders ask for, and of locations with a capacity.

        Args:
            skus_by_life: what orders ask for, by the life that they ask of it.
        """
        now, stock = self.context.now, state_of(self.before)
        lives_by_sku: dict[str, frozenset[timedelta]] = {}
        for life, skus in skus_by_life.items():
            alone = frozenset([life])  # one for all: of most SKUs all who ask for them ask the same
            for sku in skus:
                for part, _ in components_of(stock, sku) or ((sku, 1),):
                    lives = lives_by_sku.setdefault(part, alone)
                    if life not in lives:
                        lives_by_sku[part] = lives | alone
        for sku in {reservation.sku for reservation in self.at_risk}:
            # What others give up when it expires may be there for these.
            lives_by_sku[sku] = lives_by_sku.get(sku, frozenset()) | {timedelta(0)}
        for sku, lives in lives_by_sku.items():
            yield from turning_points(stock, sku, lives, is_promised=self.promising is not None)
        for place in limited_locations(stock):
            if capacity_left(state_of(self.inventory), place.id, now) == 0 and (
                place.capacity  # if it has none at all, today is special for who has units there
                or any(
                    [counts_today(stock, each.id, place.id, now) for each in self.decisions.orders]
                )
            ):
                yield next_day(stock, place.id, now)

    def _next_days_after_rejections(self) -> Iterator[datetime]:
        """When a location that rejected a pick list today may be asked again."""
        now, stock = self.context.now, state_of(self.before)
        for record in self.context.records:
            for each in record.history.fulfilments:
                if each.rejected_at is not None and not record.is_settled:
                    day_of = location_of(stock, each.location).day_of
                    if day_of(each.rejected_at) == day_of(now):
                        yield next_day(stock, each.location, now)

    def _decisions_told_in_time(self) -> Iterable[Decision]:
        """Those of which time alone may change what is told: nearly all are in the queue."""
        if self.telling is None:
            return ()
        if looks_at_time_of_queue(self.telling):
            return self.decisions
        return self.decisions[self.decisions.queue_length :]

    def _decisions_promised(self) -> Iterator[Decision]:
        """What something was promised for, or would have been if lots lived until it arrives."""
        for attempt in self.attempts:
            decision = self[attempt.id]
            if decision.backorder_rows or decision.short_rows:  # else it got all elsewhere
                yield attempt
        if self.promising is not None:
            for decision in self.decisions:  # each is made here and dropped: none is kept
                if decision.promise is not None:
                    yield decision

    def _ends_of_reserved_lots(self) -> Iterator[datetime]:
        """When lots end of which units are reserved for these orders: then they can't be used."""
        stock = state_of(self.inventory)
        ends: dict[str, dict[tuple[str, str], datetime | None]] = {}
        if next(stock.lots.items(), None) is None:
            return
        lots: set[tuple[str, str, str]] = set()
        for order in self.decisions.orders:
            for _, _, entries in batches_of(stock, order.id):
                lots.update(lots_of(entries))
        for sku, location, lot in lots:
            if sku not in ends:
                ends[sku] = ends_of_lots(stock, sku)
            ends_at = ends[sku][location, lot]
            if ends_at is not None:
                yield ends_at


def scarcity_in(result: Result) -> Scarcity:
    """Who has what orders of a run lack: worked out once, for whatever order it is asked first."""
    scarcity = result._scarcity  # noqa: SLF001 - not for users: explanations read it
    if not scarcity.is_known:
        decisions = result.decisions
        order_ids = [order.id for order in decisions.orders]
        scarcity.look_at(order_ids, decisions.served, result.inventory, result.context.now)
    return scarcity
