"""The allocator of a run in which orders may take what others have reserved.

It serves like any other; but before an order has its turn, units that it lacks and that those
behind it hold reservations for are made free, exactly as many as it can use. What it did not take
in the end, they have again. So there is one place where units are given out, with all its rules.
See docs/how-to/reallocate-after-a-count.md.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from itertools import chain

import attrs

from fulfill_core.allocation.allocator import Allocator, kits_of, reserved_for
from fulfill_core.allocation.customer_units import PlanByLine
from fulfill_core.allocation.demand import LotTerms, RuledDemand
from fulfill_core.allocation.drawing import Prospect
from fulfill_core.allocation.late_lots import PromiseOf
from fulfill_core.allocation.taking.losses import LossCount, Settlement, settlement_of
from fulfill_core.allocation.taking.piles import (
    LotPlace,
    ReservedUnits,
    TakeableStock,
    TakeableUnits,
    changed,
    joined,
)
from fulfill_core.allocation.taking.rounds import MOST_ROUNDS, Round, as_heard_before
from fulfill_core.allocation.taking.takeable import (
    Obtainable,
    Offer,
    WantedLots,
    at_stake,
    by_lot_place,
    gains_by_line,
    gains_of_lots,
    left_over,
    missing_by_sku,
    movable_of,
    parts_among,
    takeable_of,
    unusable_of,
    with_units,
)
from fulfill_core.decisions.finding import note
from fulfill_core.decisions.rows import (
    AllocationRow,
    Served,
    skus_lacking,
    units_by_place,
    units_by_sku,
)
from fulfill_core.inventory.availability import overpromised
from fulfill_core.inventory.inventory import Inventory, inventory_of, state_of
from fulfill_core.inventory.overdrafts import NO_ARRIVALS, Arrivals, Fault, at_risk
from fulfill_core.inventory.releasing import with_losses
from fulfill_core.inventory.shelves.shelf import Deliveries
from fulfill_core.inventory.stock import Reservation
from fulfill_core.orders.order import Order, OrderLine
from fulfill_core.protocols import SourcingPolicy
from fulfill_core.reallocation.losses import Loss, LossReason
from fulfill_core.reallocation.reallocation import Reallocation
from fulfill_core.reallocation.strategies import ConfirmationStrategy
from fulfill_core.records.facts import Context

_LOSE = ConfirmationStrategy.LOSE
_SKIP = ConfirmationStrategy.SKIP
_WIN = ConfirmationStrategy.WIN
_IMPROVE = ConfirmationStrategy.IMPROVE
_NO_LINES: frozenset[str] = frozenset()
_NO_DELIVERIES: Deliveries = {}
_NONE_ON_HOLD: Mapping[str, frozenset[str]] = {}
_NOTHING_TAKEABLE: Mapping[str, TakeableUnits] = {}
_NOTHING_PLANNED: PlanByLine = {}
"""The plan of an order that gains nothing: no line of it gets anything."""


class ReallocatingAllocator(Allocator):
    """The stock of one run while it is being given out, and taken back.

    Args:
        current: the round of turns that begins.
        sourcing: the policy that chooses locations.
        context: what the policy is told.
        queue: the orders that will be served, in this sequence.
        reallocation: who may take and who may lose.
        strategies: the strategy of each order of the queue, by id.
        promise_of: what is promised for an order that gets so much; None if nothing is.
        lines_on_hold: the lines that get nothing and keep what they have, by order id.
    """

    def __init__(
        self,
        current: Round,
        sourcing: SourcingPolicy,
        context: Context,
        queue: Sequence[Order],
        reallocation: Reallocation,
        strategies: Mapping[str, ConfirmationStrategy],
        promise_of: PromiseOf | None = None,
        lines_on_hold: Mapping[str, frozenset[str]] = _NONE_ON_HOLD,
    ) -> None:
        self._strategies = strategies
        self._queue = queue
        self._before = current
        self._late_units: list[Reservation] = []
        self._gains: dict[str, Served] = {}
        self._is_unfinished = False  # whether one that got a part may take the rest from others
        self._reallocation = reallocation
        self._losses = LossCount(strategies)  # those that no order behind another made
        self._left_over: list[Reservation] = []
        # By SKU: where a unit that is given up is nobody's; and whether all are of use.
        self._closed: dict[str, Collection[str]] = {}
        self._is_each_of_use: dict[str, bool] = {}
        settings = context, queue, reallocation, strategies
        stock = state_of(current.stock)
        entries = takeable_of(stock, *settings)
        losers = [entry.reservation for entry in entries if entry.strategy is _LOSE]
        remaining = with_losses(stock, losers, context.now) if losers else stock
        entries = [entry for entry in entries if entry.strategy is not _LOSE]
        # Where more is reserved than there is, whoever ranks last goes without; orders that
        # improve only if nobody else is there.
        last_first = sorted(entries, key=lambda each: (each.strategy is _IMPROVE, -each.rank))
        not_there = at_risk(remaining, [each.reservation for each in last_first], context.now)
        remaining = with_losses(remaining, not_there, context.now) if not_there else remaining
        # What can't be used is no loss, also for those that never lose; and then they may have
        # others in its place.
        unusable = unusable_of(remaining, *settings, promise_of)
        given_up = [*[each.reservation for each in unusable], *current.late_units]
        if given_up:
            remaining = with_losses(remaining, given_up, context.now)
        if given_up or not_there:
            entries = takeable_of(remaining, *settings)
        for reason, reservations in (
            (LossReason.GIVEN_UP, losers),
            (LossReason.NOT_THERE, not_there),
            (LossReason.UNUSABLE, current.late_units),
        ):
            for reservation in reservations:
                self._losses.count(reservation, reservation.quantity, reason)
        for reservation, fault, _, _ in unusable:
            is_there = fault is not Fault.NOT_THERE
            reason = LossReason.UNUSABLE if is_there else LossReason.NOT_THERE
            self._losses.count(reservation, reservation.quantity, reason)
        self._loser_ids = self._losses.order_ids()
        super().__init__(
            inventory_of(remaining),
            sourcing,
            context,
            queue,
            start=current.start,
            is_reallocation=True,
            # Claims of who may lose are given out by rank once more: nobody's turn has begun.
            losers={
                order.id: lines_on_hold.get(order.id, _NO_LINES)
                for order in queue
                if strategies[order.id].may_lose
                and not reallocation.is_order_frozen(order, context)
            },
            promise_of=promise_of,
        )
        self._takeable = TakeableStock(entries, self._places.candidates.in_rank_order)

    def losses(self) -> tuple[Loss, ...]:
        """Who lost what to whom, and why; what one line lost to one order, in one value."""
        return self._settlement().losses

    def _settlement(self) -> Settlement:
        losses = self._before.losses + self._losses.with_transfers(self._takeable.transfers)
        rows_there = self._start.rows_there(self._reserved, self._now)
        return settlement_of(losses, self._start.rows, rows_there, self._allocated, self._queue)

    def following(self, current: Round) -> Round | None:
        """The round after this one; None once all is where it would be in the next run.

        Units that orders can't use, as they got others beside which leave later, are given up: this
        round once more. And what is lost, or given up without it, is of use to orders ahead.
        """
        again = super().following(current)
        if again is not None or self._late_units:
            return (again or current)._replace(late_units=(*current.late_units, *self._late_units))
        rounds = self._settlement()
        losses = self._losses.with_transfers(self._takeable.transfers)
        is_over = current.number >= MOST_ROUNDS or not (losses or self._is_unfinished)
        if is_over and not rounds.units_back:  # else they were to be told as lost and got
            return None
        return current.following(self.with_allocations(), self._gains, rounds, self._now)

    def with_allocations(self) -> Inventory:
        """The inventory in which all that was given out is reserved, for those who have it now."""
        given_up = [*self._takeable.reservations_taken, *self._left_over]
        stock = state_of(super().with_allocations())
        return inventory_of(with_losses(stock, given_up, self._now))

    def serve(self, order: Order, lines_on_hold: frozenset[str] = _NO_LINES) -> Served:
        """Serve the order after it took what it lacks from those behind it."""
        # First what it lost: its demand is that much larger, and it may take in turn.
        reduced = self._takeable.begin_turn_of(order.id)
        if reduced:
            self._reserved[order.id] = with_units(self._reserved[order.id], reduced)
        strategy = self._strategies[order.id]
        if reduced or order.id in self._loser_ids:
            self._give_up_left_over(order, lines_on_hold, strategy)
        # The base serves it all the same, so that it hears why it gets nothing.
        if not strategy.may_gain:
            served = self._serve(order, lines_on_hold, _NOTHING_PLANNED)
            return self._with_losses(order, served, lines_on_hold)
        offer = self._make_offer(order, lines_on_hold, strategy)
        served = super().serve(order, lines_on_hold)
        if offer is not None:
            self._withdraw(offer, self._allocated.get(order.id, ()))
        if strategy is _WIN and (served.backorders or served.shorts):
            detail = "It was to be confirmed whole and is not: nobody behind it has what it lacks."
            remark = note("reallocation.not_whole", detail=detail)
            served = served._replace(remarks=(*served.remarks, remark))
        if self._allocated.get(order.id):
            skus = skus_lacking(served.backorders, served.shorts)
            leaves = [self._rules.leaves_of(sku) or (sku,) for sku in skus]
            units_behind = [self._takeable.pool(sku, strategy) for sku in chain(*leaves)]
            self._is_unfinished |= any(units_behind)
        if served.allocations:
            # Who gets nothing more hears what it heard when it was asked for all that it lacked.
            served = as_heard_before(served, self._before.gains.get(order.id))
            self._gains[order.id] = served
        return served

    def _usable(
        self,
        order: Order,
        served: Served,
        lines_beside: frozenset[str],
        arrivals: Arrivals = NO_ARRIVALS,
    ) -> Served:
        usable = super()._usable(order, served, lines_beside, arrivals)
        if usable.unusable and self._strategies.get(order.id, _SKIP) is not _SKIP:
            movable = movable_of(order, self._stock, self._context, self._reallocation)
            self._late_units += parts_among(usable.unusable, movable)
        return usable

    # -- Take from those behind ----------------------------------------------------------------

    def _make_offer(
        self, order: Order, lines_on_hold: frozenset[str], strategy: ConfirmationStrategy
    ) -> Offer | None:
        """Make free what the order can use of what those behind it have; None if it is nothing.

        Its turn is tried twice, with what is free and with what could be: only units that it would
        get are of use to it.
        """
        demand = self._demand(order, lines_on_hold)
        needs = demand.by_sku
        takeable = self._takeable_by(order, demand, strategy)
        if not any(map(any, takeable.values())):  # nobody behind it has anything that it needs
            return None
        # What is free is used first: who needs nothing from others disturbs nobody.
        without = units_by_sku(self._prospect(order, lines_on_hold).rows)
        if all([without.get(sku, 0) >= units for sku, units in needs.items()]):
            return None
        rows, deliveries = self._prospect(order, lines_on_hold, takeable)
        units_then = units_by_sku(rows)
        if units_then == without:
            return None
        terms = LotTerms(demand.lot_needs, deliveries)
        free = {sku: self._obtainable(order, sku, terms) for sku in needs}
        missing_of = missing_by_sku(order, rows, free, self._rules.shelves)
        taker = order.id, strategy
        pieces_of: dict[str, list[ReservedUnits]] = {}
        for sku in units_then:
            pool, of_lots = takeable[sku]
            locations = {location for location, _ in of_lots}
            is_of_use = self._test_of_use(order, sku, deliveries.get(sku, {}))
            lots = WantedLots(order, sku, terms, self._rules.shelves.get(sku))
            pieces_of[sku] = [
                piece
                for places, missing in missing_of[sku]
                for lot, units_lacking in lots.lacking(
                    missing, places, gains_of_lots(demand, rows, sku, places)
                )
                for piece in self._takeable.take(
                    sku,
                    places if pool else locations & places,
                    lot,
                    units_lacking,
                    taker,
                    is_of_use,
                )
            ]
        # Only now: until all is taken, what is free must be what it was when it was counted.
        for sku, pieces in pieces_of.items():
            self._hand_over(sku, pieces, 1)
        return Offer(
            {sku: by_lot_place(pieces) for sku, pieces in pieces_of.items()},
            {sku: dict(free[sku].pool) for sku in pieces_of},
        )

    def _prospect(
        self,
        order: Order,
        lines_on_hold: frozenset[str],
        takeable: Mapping[str, TakeableUnits] = _NOTHING_TAKEABLE,
    ) -> Prospect:
        """What the order would get if these units of others were free."""
        pools, shelves = self._pools, self._rules.shelves
        in_rank_order = self._places.candidates.in_rank_order
        before = {sku: pools[sku] for sku in takeable if sku not in shelves}
        for sku, pool in before.items():
            more = [(location, units) for (location, _), units in takeable[sku].of_lots.items()]
            more_there = joined(pool or {}, takeable[sku].pool, in_rank_order)
            pools[sku] = changed(more_there, more, in_rank_order) if more else more_there
        ruled = [
            (shelves[sku], tuple(takeable[sku].by_lot_place()))
            for sku in takeable
            if sku in shelves
        ]
        for shelf, units_at in ruled:
            for (location, lot), units in units_at:
                shelf.put(location, lot, units)
        lines = self._tracked_lines(order, lines_on_hold)
        # Its reservations are told apart by what its kits are made of, those on hold among them.
        kits = kits_of(self._stock, order.lines)
        served = Served(reserved=self._reserved.get(order.id, ()), kits=kits)
        subject = order
        if lines_on_hold and order.has_line_dates:
            subject = attrs.evolve(order, lines=lines)
        prospect = self._by_rule.prospect(subject, lines, served, self._units_shipped(order))
        for shelf, units_at in ruled:
            for (location, lot), units in units_at:
                shelf.put(location, lot, -units)
        pools.update(before)
        return prospect

    def _demand(self, order: Order, lines_on_hold: frozenset[str]) -> RuledDemand:
        """What the order still needs, kits taken apart."""
        tracked = self._tracked_lines(order, lines_on_hold)
        return self._rules.demand_of(order, tracked, self._owned_units(order))

    def _tracked_lines(self, order: Order, lines_on_hold: frozenset[str]) -> list[OrderLine]:
        """Those of its lines that go on and need stock, as they are due."""
        pools = self._pools
        return [
            line
            for line in self._lines_due(order)
            if line.id not in lines_on_hold
            and (pools[line.sku] if line.sku in pools else self._open(line.sku)) is not None
        ]

    def _give_up_left_over(
        self, order: Order, lines_on_hold: frozenset[str], strategy: ConfirmationStrategy
    ) -> None:
        """Make free what the order can't use without what it lost: those behind it may have it.

        Orders that improve keep it: who is ahead of them might not take it from them, and would in
        the next run.
        """
        if not strategy.may_lose or strategy is _IMPROVE:
            return
        demand = self._demand(order, lines_on_hold)
        supplement: dict[str, int] = {}
        if strategy.may_gain:
            takeable = self._takeable_by(order, demand, strategy)
            rows = self._prospect(order, lines_on_hold, takeable).rows
            supplement = gains_by_line(demand, rows)
        of_lines = {
            (line.id, sku)
            for line in order.lines
            if line.id not in lines_on_hold
            for sku in self._rules.leaves_of(line.sku) or (line.sku,)
        }
        reserved = self._reserved.get(order.id, ())
        before = reserved_for(order.id, state_of(self._before.first_stock), self._now)
        stake = [
            (reservation, units)
            for reservation, units in at_stake(reserved, before)
            if (reservation.line_id, reservation.sku) in of_lines
            and self._test_of_use(order, reservation.sku)((reservation.location, reservation.lot))
            and self._reallocation.may_move(order, reservation, self._context)
        ]
        pieces = left_over(order, demand, supplement, stake)
        for reservation, units in pieces:
            self._left_over.append(attrs.evolve(reservation, quantity=units))
            self._losses.count(reservation, units, LossReason.LEFT_OVER)
            self._hand_over(reservation.sku, [(reservation, units)], 1)
        remainders = [(reservation, reservation.quantity - units) for reservation, units in pieces]
        self._reserved[order.id] = with_units(reserved, remainders)

    def _test_of_use(
        self, order: Order, sku: str, deliveries: Deliveries = _NO_DELIVERIES
    ) -> Callable[[LotPlace], bool]:
        """Whether units of a SKU, by location and lot, would be of use to the order."""
        return lambda place: place in self._of_use(order, sku, (place,), deliveries)

    def _of_use(
        self,
        order: Order,
        sku: str,
        places: Collection[LotPlace],
        deliveries: Deliveries = _NO_DELIVERIES,
    ) -> Collection[LotPlace]:
        """Those of these locations and lots of which units would be of use if they came free."""
        shelf = self._rules.shelves.get(sku)
        if shelf is not None:
            return shelf.of_use(order, places, deliveries)
        # Where more is reserved than there is, a unit that is given up is nobody's.
        closed = self._closed.get(sku)
        if closed is None:
            closed = self._closed[sku] = overpromised(self._stock, sku, self._now)
        return {(at, lot) for at, lot in places if at not in closed and not lot}

    def _takeable_by(
        self, order: Order, demand: RuledDemand, strategy: ConfirmationStrategy
    ) -> dict[str, TakeableUnits]:
        """What the order could take from those behind it, by SKU."""
        takeable: dict[str, TakeableUnits] = {}
        lot_needs = demand.lot_needs
        for sku in demand.by_sku:
            lots = lot_needs.get(sku)
            if lots is None and self._are_lots_alike(order, sku):
                takeable[sku] = TakeableUnits(self._takeable.pool(sku, strategy), {})
                continue
            by_place = self._takeable.units(sku, strategy)
            lot_places = [at for at in by_place if lots is None or lots[""] or at[1] in lots]
            of_use = self._of_use(order, sku, lot_places) if lot_places else ()
            units_of_use = {place: by_place[place] for place in by_place if place in of_use}
            takeable[sku] = TakeableUnits({}, units_of_use)
        return takeable

    def _are_lots_alike(self, order: Order, sku: str) -> bool:
        """Whether any unit of the SKU that others have is of the same use to the order."""
        shelf = self._rules.shelves.get(sku)
        if shelf is not None and not (
            shelf.are_lots_alike(order) and (self._promise_of is None or not shelf.has_ends)
        ):
            return False
        is_each_of_use = self._is_each_of_use.get(sku)
        if is_each_of_use is None:  # asked once: what others may take later is a part of it
            places = self._takeable.units(sku, _WIN).keys()
            is_each_of_use = len(self._of_use(order, sku, places)) == len(places)
            self._is_each_of_use[sku] = is_each_of_use
        return is_each_of_use

    def _obtainable(self, order: Order, sku: str, terms: LotTerms) -> Obtainable:
        """What the order could have of a SKU of what is free."""
        if sku not in self._rules.shelves:
            return Obtainable(self._pools[sku] or {})
        reserved = self._reserved.get(order.id, ())
        units_at, limit = self._rules.obtainable(order, sku, reserved, terms)
        return Obtainable(units_at, limit)

    def _units_free(self, sku: str, place: LotPlace) -> int:
        """How many units lie free there now."""
        shelf = self._rules.shelves.get(sku)
        if shelf is not None:
            return shelf.free(*place)
        return (self._pools[sku] or {}).get(place[0], 0)

    def _hand_over(self, sku: str, pieces: Iterable[ReservedUnits], sign: int) -> None:
        """These units are free now; or (sign -1) reserved again."""
        is_on_shelf = sku in self._rules.shelves
        changes: list[tuple[str, int]] = []
        for reservation, piece in pieces:
            units = sign * piece
            self._shortfall.hand_over(sku, reservation.location, units)
            if is_on_shelf:
                self._rules.hand_over(reservation, units)
            else:
                changes.append((reservation.location, units))
        if changes:
            in_rank_order = self._places.candidates.in_rank_order
            self._pools[sku] = changed(self._pools[sku] or {}, changes, in_rank_order)

    def _withdraw(self, offer: Offer, rows: Iterable[AllocationRow]) -> None:
        """What the order did not take in the end, those who lost it have again."""
        allocated = units_by_place(rows)
        for sku, units_at in offer.units.items():
            unused: Counter[str] = Counter()
            for (location, _), units in units_at.items():
                unused[location] += units
            for location in unused:  # what was free there before was used first
                free = offer.free_before[sku].get(location, 0)
                unused[location] -= max(0, allocated.get((sku, location), 0) - free)
            spare: dict[LotPlace, int] = {}
            for place, units in units_at.items():
                location, _ = place
                # No more than lies free there: rules may have settled units of another lot.
                back = min(units, unused[location], self._units_free(sku, place))
                if back:
                    unused[location] -= back
                    spare[place] = back
            if spare:
                self._hand_over(sku, self._takeable.give_back(sku, spare), -1)
