"""The one allocator: orders in rank order, each against what those before it left.

It works on a private copy of what is available for the SKUs that the batch asks for (and of no
others), and is thrown away when the run is over. What it returns are plain rows. The rules, one by
one: docs/explanation/how-stock-is-given-out.md.

The turn of an order is one of these. Units are always given out by `drawing.take`, from pools:

=========== ============================== ============================== =======================
turn        when                           who fills the pools            who settles the units
=========== ============================== ============================== =======================
plain       no SKU of it has rules         `_open`, once in a run; what   nobody: a unit is a unit
                                           is taken is gone from them
ruled       a SKU is a kit, or has lots,   `_open` leaves them empty;     into lots, off the shelf:
            packs, fences or a cap         `FirstLook`, if no rule keeps  `FirstLook` as it draws;
                                           anything; else `_fill_pools`:  else `Rules.settle`
                                           for this turn only
planned     a planner decided how much     as in a ruled turn; no line    as in a ruled turn
            each line may have             takes more than its plan
reallocated others may lose to it: see     `ReallocatingAllocator` frees  it has what was not
            `ReallocatingAllocator`        units before any of the above  needed reserved again
=========== ============================== ============================== =======================
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

import attrs

from fulfill_core import reallocation
from fulfill_core.allocation.by_rule import RuledTurns
from fulfill_core.allocation.customer_units import PlanByLine
from fulfill_core.allocation.demand import (
    Answer,
    Attempts,
    LineDemand,
    LineShortage,
    Portion,
    further_units,
    is_left_elsewhere,
)
from fulfill_core.allocation.drawing import covers, take
from fulfill_core.allocation.late_lots import PromiseOf
from fulfill_core.allocation.places import Places
from fulfill_core.allocation.resting import UnitsThere
from fulfill_core.allocation.rules import Rules
from fulfill_core.allocation.shortfall import Shortfall
from fulfill_core.allocation.taking.rounds import Round
from fulfill_core.allocation.unusable import (
    arrivals_of,
    expired_losses,
    expired_remarks,
    has_expired_units,
    with_unusable,
)
from fulfill_core.allocation.waiting.pegging import Claimants
from fulfill_core.decisions.decision import reserved_by_line
from fulfill_core.decisions.finding import Finding
from fulfill_core.decisions.head_start import NO_HEAD_START, HeadStart
from fulfill_core.decisions.rows import (
    AllocationRow,
    BackorderRow,
    KitRow,
    Served,
    as_reserved,
    served_of,
)
from fulfill_core.inventory.availability import is_plain, orders_with_reservations, pool
from fulfill_core.inventory.claiming import with_claims_of_orders
from fulfill_core.inventory.claims import Claim, claims_of, ranks_of_claimants
from fulfill_core.inventory.inventory import Inventory, inventory_of, state_of
from fulfill_core.inventory.overdrafts import NO_ARRIVALS, Arrivals, Usability
from fulfill_core.inventory.reservations import has_expired, reservations_of, with_entries
from fulfill_core.inventory.state import State, components_of, is_tracked
from fulfill_core.inventory.stock import Reservation, sequence
from fulfill_core.orders.order import Order, OrderLine, Ship
from fulfill_core.orders.progress import lines_due, shipped_by_line
from fulfill_core.protocols import SourcingPolicy
from fulfill_core.protocols.plug_points import Pool, Pools
from fulfill_core.protocols.plugins import serves_anywhere
from fulfill_core.records.facts import Context

_COMPLETE = Ship.COMPLETE
_NO_LINES: frozenset[str] = frozenset()
_NO_KITS: tuple[KitRow, ...] = ()
_NO_LOSERS: Mapping[str, Collection[str]] = {}
_NO_UNITS: Mapping[tuple[str, str], int] = {}


class Allocator:
    """The stock of one run while it is being given out.

    Args:
        inventory: the stock before the run.
        sourcing: the policy that chooses locations.
        context: what the policy is told.
        queue: the orders that will be served, in rank order.
        plan: how much each line may have, if that was decided beforehand; None leaves it to rank.
        has_planner: whether a planner was asked, even if rank order was found to be no worse: then
            caps count what orders have whose turn is still to come.
        start: what a plan gave to orders before their turns; the inventory has it reserved.
        is_reallocation: whether orders take from each other in this run.
        losers: the orders whose claims on supplies others may take, by id; and which lines of each
            keep theirs.
        promise_of: what is promised for an order that gets so much; None if nothing is. Lots are
            judged by it where it says when they arrive, else by the lead time of their location.
    """

    def __init__(
        self,
        inventory: Inventory,
        sourcing: SourcingPolicy,
        context: Context,
        queue: Sequence[Order],
        plan: PlanByLine | None = None,
        *,
        has_planner: bool = False,
        start: HeadStart = NO_HEAD_START,
        is_reallocation: bool = False,
        losers: Mapping[str, Collection[str]] = _NO_LOSERS,
        promise_of: PromiseOf | None = None,
    ) -> None:
        self._stock = stock = state_of(inventory)
        self._context = context
        self._now = context.now
        self._plan = plan
        self._start = start
        # What is left of each SKU that was asked for; None if the SKU needs no stock.
        self._pools: Pools = {}
        self._reserved = {
            order.id: reserved_for(order.id, stock, self._now)
            for order in orders_with_reservations(stock, queue)
        }
        self._rules = Rules(stock, context, self._reserved, by_lead_time=promise_of is None)
        self._places = Places(stock, sourcing, context, self._pools, self._rules, self._reserved)
        self._may_serve = None if serves_anywhere(sourcing) else self._places.may_serve
        self._counts_places = bool(self._rules.capacities) or self._may_serve is not None
        self._ranks = ranks_of_claimants(stock, queue)
        claimants = [order for order in queue if order.id in self._ranks] if self._ranks else []
        self._shortfall = Shortfall(
            stock,
            context.now,
            self._pools,
            self._rules.same_instant,
            Claimants(
                self._ranks,
                {order.id: order for order in claimants},
                losers,
                is_in_rank=not is_reallocation,
            ),
            self._may_serve,
            is_reallocation=is_reallocation,
        )
        parts = self._pools, self._rules, self._places, self._shortfall
        self._by_rule = RuledTurns(stock, context.now, *parts, promise_of)
        self.attempts = self._by_rule.attempts
        """What orders would have got if lots lived until it arrives, as if it came now."""
        self._has_planner = has_planner
        for order in queue if has_planner else ():
            self._rules.customers.count_behind(order, plan or {})
        # How far orders have come that have come some way; in a run of new orders, none.
        self._progress = context.progress_by_id
        # Orders of which something has expired that they had after the last run, or before.
        self._expired = {
            each.id: each
            for each in context.records
            if each.reserved and has_expired_units(each, context.now)
        }
        self._allocated: dict[str, tuple[AllocationRow, ...]] = {}
        self._usability = Usability(stock, context.now)
        self._promise_of = promise_of

    def close(self) -> None:
        """Let go of what the turns looked at: the run is over.

        A pool knows its candidates, and each of them the pools: what points at itself would wait
        for the garbage collector, and have it look at all orders of the host once more.
        """
        self._pools.clear()

    def after(self) -> Inventory:
        """The inventory in which all that was given out is reserved, and what is pegged claimed."""
        reserved = state_of(self.with_allocations())
        return inventory_of(with_claims_of_orders(reserved, self._shortfall.pegging.claims_after()))

    def with_allocations(self) -> Inventory:
        """The inventory in which all that was given out is reserved; claims are as they were."""
        now, start = self._now, self._start
        if not start.rows:
            return inventory_of(with_entries(self._stock, now, self._allocated))
        stock, rows = start.in_one(self._stock, self._allocated, self._reserved, now)
        return inventory_of(with_entries(stock, now, rows))

    def unneeded_claims(self) -> tuple[Claim, ...]:
        """Claims that were given up and that orders which had their turn before could use."""
        return self._shortfall.pegging.unneeded_claims()

    def following(self, current: Round) -> Round | None:
        """The round after this one, once all have had their turns; None if there is none.

        Orders may have given up claims that some who had their turn before them could use: once
        more, as if those had been free. Else the next run would say otherwise than this one (law
        8).
        """
        unneeded = self.unneeded_claims()
        return current.without_claims(unneeded) if unneeded else None

    def dated(
        self, queue: Sequence[Order], backorders: Sequence[tuple[BackorderRow, ...]]
    ) -> Sequence[tuple[BackorderRow, ...]]:
        """What the orders of a queue wait for, after all of them have had their turn.

        What rests on units which others have taken, or count on as well, is claimed or undated.

        Args:
            queue: the orders, in rank order.
            backorders: what each waits for; what comes after them stays as it is.
        """
        resting = self._shortfall.resting
        if not resting:
            return backorders
        parts = self._pools, self._rules.shelves, self._may_serve, self._shortfall.pegging
        units_there = UnitsThere(*parts)
        return units_there.dated(queue, backorders, resting)

    def remarks(
        self, remarks: Sequence[tuple[Finding, ...]], backorders: Sequence[tuple[BackorderRow, ...]]
    ) -> Sequence[tuple[Finding, ...]]:
        """What there is to say of each, with what is overdue of what it waits for."""
        return self._shortfall.pegging.with_overdue_named(remarks, backorders)

    def losses(self) -> tuple[reallocation.Loss, ...]:
        """Who lost reserved units to whom, and why: nobody, where orders take what is free."""
        return ()

    def leave_out(self, order: Order) -> Served:
        """Give the order nothing: it is not in the queue. It keeps what is reserved for it."""
        stock = self._stock
        reserved = reserved_for(order.id, stock, self._now)
        served = Served(
            reserved=reserved,
            untracked=tuple([line.id for line in order.lines if not is_tracked(stock, line.sku)]),
            kits=kits_of(stock, order.lines),
        )
        lines_beside = frozenset([line.id for line in order.lines])
        if order.id in self._expired:
            served = self._with_expired(order, served)
        return self._usable(order, served, lines_beside) if reserved else served

    def serve(self, order: Order, lines_on_hold: frozenset[str] = _NO_LINES) -> Served:
        """Give the order what it still needs, as far as it is there; say what it did not get.

        Lines on hold wait for a person: they get nothing, and keep what is reserved for them.

        Args:
            order: an order of the queue.
            lines_on_hold: the ids of its lines that get nothing.
        """
        served = self._serve(order, lines_on_hold, self._plan)
        if self._start.rows or self._start.lines_cut:
            served = self._start.added_to(order.id, served, self._now)
        if self._places.has_strays and served.allocations:
            served = self._places.with_strays_named(served)
        if served.reserved or self._expired:
            served = self._with_losses(order, served, lines_on_hold)
        return served

    def _with_losses(self, order: Order, served: Served, lines_on_hold: frozenset[str]) -> Served:
        """What is said of an order that had its turn, with what it had and lost, or can't use."""
        if order.id in self._expired and (served.backorders or served.shorts):
            served = self._with_expired(order, served)
        if not served.reserved:
            return served
        arrivals = NO_ARRIVALS
        if self._promise_of is not None and self._usability.has_ends(served.reserved):
            arrivals = arrivals_of(self._promise_of(order, served))
        return self._usable(order, served, lines_on_hold, arrivals)

    def _with_expired(self, order: Order, served: Served) -> Served:
        """What is said of an order, with what it had reserved and has no more."""
        # The next run finds that what it gets now was reserved anew.
        active = (*served.reserved, *as_reserved(order.id, served.allocations, self._now))
        losses = expired_losses(self._expired[order.id], active, self._stock, self._now)
        return served._replace(remarks=(*served.remarks, *expired_remarks(losses)))

    def _usable(
        self,
        order: Order,
        served: Served,
        lines_beside: frozenset[str],
        arrivals: Arrivals = NO_ARRIVALS,
    ) -> Served:
        """What is said of an order, with what of its reservations can't be used left out."""
        unusable = self._usability.unusable(served.reserved, order, arrivals)
        if not unusable:
            return served
        progress = self._progress.get(order.id, ())
        return with_unusable(order, served, unusable, progress, lines_beside)

    def _serve(
        self, order: Order, lines_on_hold: frozenset[str], plan: PlanByLine | None
    ) -> Served:
        if self._has_planner:
            self._rules.customers.count_behind(order, plan or {}, -1)
        if order.id not in self._ranks:
            return self._serve_demand(order, lines_on_hold, plan)
        self._shortfall.pegging.begin_turn(order, lines_on_hold)
        served = self._serve_demand(order, lines_on_hold, plan)
        remarks = self._shortfall.pegging.end_turn()
        return served._replace(remarks=served.remarks + remarks) if remarks else served

    def _serve_demand(
        self, order: Order, lines_on_hold: frozenset[str], plan: PlanByLine | None
    ) -> Served:
        # What is reserved for it counts first, whatever becomes of the rest: from now on it is
        # behind nobody, and its lines need that much less.
        reserved = self._reserved.get(order.id, ())
        owned_units = self._begin_turn(order, reserved) if reserved or self._progress else _NO_UNITS
        lines = self._lines_due(order) if self._progress else order.lines
        kits = _NO_KITS
        if lines_on_hold:
            order, lines, kits = self._without(lines_on_hold, order, lines)
        rules = self._rules
        if plan is not None or (rules.skus and rules.apply_to(lines)):
            return self._serve_by_rule(order, lines, plan, kits)
        # As far as the run has met them, all its SKUs are plain: this is the hot path of a run.
        pools = self._pools
        untracked: tuple[str, ...] = ()
        demands: list[LineDemand] = []
        needs: dict[str, int] = {}
        is_particular = False
        for line in lines:
            sku = line.sku
            pool = pools[sku] if sku in pools else self._open(sku)
            if pool is None:
                untracked += (line.id,)
                continue
            units = line.units
            if owned_units:
                units -= owned_units.get((line.id, sku), 0)
                if units <= 0:  # more may be reserved than it asks for now: that is its surplus
                    continue
            demands.append((line, units, pool))
            needs[sku] = needs.get(sku, 0) + units
            is_particular |= line.is_particular
        # The first order that asks for a SKU with rules; or one that asks for boxes, or for a lot.
        if is_particular or (rules.skus and rules.apply_to(lines)):
            return self._serve_by_rule(order, lines, plan, kits)
        if not demands:
            return served_of(((), (), (), reserved, untracked, kits, (), ()))
        sources = self._places.sources(order, needs)
        places, _, remarks = sources
        if order.ship is _COMPLETE and not covers(needs, places, pools):
            # It takes nothing: units would lie on a shelf for weeks that orders behind it could
            # ship today.
            sources, demands_then = self._places.then(order, needs, sources, demands)
            _, _, remarks = sources
            backorders, shorts = self._shortfall.of_order(order, demands_then, needs, sources)
            return served_of(((), backorders, shorts, reserved, untracked, kits, remarks, ()))
        rows, shortages = take(order, demands, places, pools)
        if not shortages:  # as nearly always
            self._record(order, rows)
            return served_of((rows, (), (), reserved, untracked, kits, remarks, ()))
        rows, shortages = self._with_more(order, rows, shortages, places)
        if rows:
            self._record(order, rows)
        else:
            answer = shortages, sources
            shortages, sources = self._places.lacking_then(order, needs, answer, demands)
        backorders, shorts = self._shortfall.of_lines(order, shortages, sources)
        return served_of((rows, backorders, shorts, reserved, untracked, kits, remarks, ()))

    def _with_more(
        self,
        order: Order,
        rows: tuple[AllocationRow, ...],
        shortages: list[LineShortage],
        places: Sequence[str],
    ) -> tuple[tuple[AllocationRow, ...], list[LineShortage]]:
        """What the order gets, until nothing more is found for it; and what its lines lack then."""
        # Where no place was left out that has something, as nearly always, nobody is asked again.
        if not is_left_elsewhere(shortages, places):
            return rows, shortages

        def ask(portion: Portion, attempts: Attempts) -> Answer:
            needs: Counter[str] = Counter()
            for (line, _, _), missing, _ in portion.shortages:
                needs[line.sku] += missing
            choice, _, _ = self._places.sources(order, needs, attempts)
            demands = [(line, units, pool) for (line, _, pool), units, _ in portion.shortages]
            return *take(order, demands, choice, self._pools), choice

        return further_units(order, {}, (rows, shortages, places), ask)

    def _begin_turn(
        self, order: Order, reserved: Sequence[Reservation]
    ) -> Mapping[tuple[str, str], int]:
        """Count what is reserved for the order as ahead; say what counts towards its lines."""
        if reserved:
            self._shortfall.count_ahead(reserved)
            self._rules.count_ahead(reserved)
        owned_units = self._owned_units(order)
        self._rules.customers.count_owned(order.customer.id, owned_units)
        return owned_units

    def _without(
        self, lines_on_hold: frozenset[str], order: Order, lines: Sequence[OrderLine]
    ) -> tuple[Order, tuple[OrderLine, ...], tuple[KitRow, ...]]:
        """The lines that go on; and which of the others ask for kits: some may be reserved."""
        kits = kits_of(self._stock, [line for line in lines if line.id in lines_on_hold])
        units_claimed = Counter[tuple[str, str]]()
        for claim in claims_of(self._stock, order.id):
            if claim.line_id in lines_on_hold:  # it goes on waiting: a cap counts that as well
                units_claimed[claim.line_id, claim.sku] += claim.quantity
        self._rules.customers.count_owned(order.customer.id, units_claimed)
        lines = tuple([line for line in lines if line.id not in lines_on_hold])
        if order.has_line_dates:  # lots are judged by when these lines leave, not the others
            order = attrs.evolve(order, lines=lines)
        return order, lines, kits

    def _lines_due(self, order: Order) -> tuple[OrderLine, ...]:
        """The lines as they are to be sent in all, whether something of them has left or not."""
        progress = self._progress.get(order.id)
        return order.lines if progress is None else lines_due(order.lines, progress)

    def _owned_units(self, order: Order) -> Mapping[tuple[str, str], int]:
        """What counts towards its lines already, by line and SKU: what is reserved or has left."""
        units = reserved_by_line(self._reserved.get(order.id, ()))
        for key, units_shipped in self._units_shipped(order).items():
            units[key] = units.get(key, 0) + units_shipped
        return units

    def _units_shipped(self, order: Order) -> Mapping[tuple[str, str], int]:
        """What has left of its lines, by line and SKU, kits taken apart."""
        progress = self._progress.get(order.id)
        if progress is None:
            return _NO_UNITS
        return shipped_by_line(order.lines, progress, dict(kits_of(self._stock, order.lines)))

    def _record(self, order: Order, rows: tuple[AllocationRow, ...]) -> None:
        """These units are the order's."""
        self._allocated[order.id] = rows
        if self._counts_places:
            self._rules.count_order(order, rows)
            self._places.count_used(order, rows)

    # -- Pools -------------------------------------------------------------------------------------

    def _open(self, sku: str) -> Pool | None:
        """What is available of *sku*, asked of the inventory when the run first needs it."""
        units_at: Pool | None = None
        if is_plain(self._stock, sku):
            units_at = pool(self._stock, sku, self._now)
        elif self._rules.open(sku):
            units_at = {}  # what an order may take of it depends on the order
            # The components of a kit are taken from their own pools, so they are opened with it.
            for leaf in self._rules.leaves_of(sku):
                if leaf not in self._pools:
                    self._open(leaf)
        self._pools[sku] = units_at
        return units_at

    def _serve_by_rule(
        self,
        order: Order,
        lines: Sequence[OrderLine],
        plan: PlanByLine | None,
        kits_on_hold: tuple[KitRow, ...],
    ) -> Served:
        """Serve an order of whose SKUs some have rules, or that is in a plan."""
        pools = self._pools
        for line in lines:
            if line.sku not in pools:
                self._open(line.sku)
        shipped = self._units_shipped(order) if self._progress else _NO_UNITS
        reserved = self._reserved.get(order.id, ())
        nothing_yet = served_of(((), (), (), reserved, (), kits_on_hold, (), ()))
        served = self._by_rule.serve(order, lines, plan, nothing_yet, shipped)
        if served.allocations:
            self._record(order, tuple(served.allocations))
        return served


def reserved_for(order_id: str, stock: State, now: datetime) -> tuple[Reservation, ...]:
    """What is reserved for an order and has not expired."""
    reserved = [
        reservation
        for reservation in reservations_of(stock, order_id)
        if not has_expired(reservation.expires_at, now)
    ]
    return tuple(sorted(reserved, key=sequence))


def kits_of(stock: State, lines: Iterable[OrderLine]) -> tuple[KitRow, ...]:
    """Which lines ask for kits, and what those are made of."""
    return tuple([(line.id, parts) for line in lines if (parts := components_of(stock, line.sku))])
