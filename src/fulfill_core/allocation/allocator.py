"""The one allocator: orders in rank order, each against what those before it left.

It works on a private copy of what is available for the SKUs that the batch asks for (and of no
others), and is thrown away when the run is over. What it returns are plain rows.

Of most SKUs an order may take whatever is there, and their pools are what it takes from. SKUs with
rules (kits, lots, packs, fences, caps) have an empty pool there, which is filled for the turn of
one order with what that order may take; when it has taken it, the units are settled: into lots, and
off the shelf.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from operator import attrgetter

from fulfill_core import _checks
from fulfill_core.allocation.rules import PlanByLine, Rules, Turn
from fulfill_core.allocation.shortfall import Lack, Shortfall, Want, whole_packs
from fulfill_core.decisions.decision import Served, held_by_line
from fulfill_core.decisions.finding import Finding, note
from fulfill_core.decisions.lines import AllocationRow, KitRow
from fulfill_core.exceptions import PluginError
from fulfill_core.inventory.inventory import Inventory
from fulfill_core.inventory.reservations import sequence, to_reservations
from fulfill_core.inventory.stock import Reservation
from fulfill_core.orders.order import Order, OrderLine, Ship
from fulfill_core.protocols import Candidate, Demand, SourcingPlan, SourcingPolicy
from fulfill_core.protocols.plug_points import Pool, Pools
from fulfill_core.protocols.plugins import is_iterable, name_of, raised_by, returned_by
from fulfill_core.reallocation.reallocation import Loss
from fulfill_core.records.facts import Context

_COMPLETE = Ship.COMPLETE
_LINES = Ship.LINES
_IN_RANK = attrgetter("in_rank")
_SKU = attrgetter("sku")
_DemandTwin = _checks.twin(Demand)


class Allocator:
    """The stock of one run while it is being given out.

    Args:
        inventory: the stock before the run.
        sourcing: the policy that chooses locations.
        context: what the policy is told.
        queue: the orders that will be served, in any sequence.
        plan: how much each line may have, if that was decided beforehand; None leaves it to rank.
    """

    def __init__(
        self,
        inventory: Inventory,
        sourcing: SourcingPolicy,
        context: Context,
        queue: Iterable[Order],
        plan: PlanByLine | None = None,
    ) -> None:
        self._inventory = inventory
        self._sourcing = sourcing
        self._context = context
        self._now = context.now
        self._pools: Pools = {}
        self._rules = Rules(inventory, context.now)
        self._plan = plan
        self._shortfall = Shortfall(inventory, context.now, self._pools, self._rules.fresh)
        self._candidates: dict[str, Candidate] = {}
        self._held = {
            order.id: kept_by(order.id, inventory, self._now) for order in inventory.holding(queue)
        }
        for reserved in self._held.values():
            self._rules.expect(reserved)
        self._taken: dict[str, tuple[AllocationRow, ...]] = {}

    def after(self) -> Inventory:
        """The inventory in which all that was given out is reserved."""
        return self._inventory.with_batches(self._now, self._taken)

    def _pass(self, reserved: Iterable[Reservation]) -> None:
        """An order that holds these has its turn."""
        for reservation in reserved:
            self._shortfall.ahead[reservation.sku] += reservation.quantity
        self._rules.pass_by(reserved)

    def losses(self) -> tuple[Loss, ...]:
        """Who lost reserved units to whom, and why: nobody, where orders take what is free."""
        return ()

    def leave_out(self, order: Order) -> Served:
        """Give the order nothing: it is not in the queue. It keeps what is reserved for it."""
        is_tracked = self._inventory.is_tracked
        untracked = tuple([line.id for line in order.lines if not is_tracked(line.sku)])
        reserved = kept_by(order.id, self._inventory, self._now)
        kits = self._kits_of(order.lines)
        return Served(reserved=reserved, untracked=untracked, kits=kits)

    def _kits_of(self, lines: Iterable[OrderLine]) -> tuple[KitRow, ...]:
        """Which lines ask for kits, and what those are made of."""
        components_of = self._inventory.components_of
        return tuple([(line.id, parts) for line in lines if (parts := components_of(line.sku))])

    def _without(
        self, lines_on_hold: frozenset[str], order: Order
    ) -> tuple[tuple[OrderLine, ...], tuple[KitRow, ...]]:
        """The lines that go on; and which of the others ask for kits: some may be reserved."""
        lines = order.lines
        kits = self._kits_of([line for line in lines if line.id in lines_on_hold])
        return tuple([line for line in lines if line.id not in lines_on_hold]), kits

    def serve(self, order: Order, lines_on_hold: frozenset[str] = frozenset()) -> Served:
        """Give the order what it still needs, as far as it is there; say what it did not get.

        Lines on hold wait for a person: they get nothing, and keep what is reserved for them.

        Args:
            order: an order of the queue.
            lines_on_hold: the ids of its lines that get nothing.
        """
        held = None
        reserved = self._held.get(order.id, ())
        if reserved:
            self._pass(reserved)
            held = held_by_line(reserved)
        untracked: tuple[str, ...] = ()
        pools = self._pools
        wants: list[Want] = []
        needs: dict[str, int] = {}
        lines, kits = (
            (order.lines, ()) if not lines_on_hold else self._without(lines_on_hold, order)
        )
        rules = self._rules
        if (rules.skus or self._plan is not None) and self._is_by_rule(lines):
            return self._serve_by_rule(order, lines, reserved, kits)
        for line in lines:
            sku = line.sku
            pool = pools[sku] if sku in pools else self._open(sku)
            if pool is None:
                untracked += (line.id,)
                continue
            units = line.units
            if held is not None:
                units -= held.get((line.id, sku), 0)
                if units <= 0:
                    continue
            wants.append((line, units, pool))
            needs[sku] = needs.get(sku, 0) + units
        if rules.skus and self._is_by_rule(lines):  # this order is the first to ask for one
            return self._serve_by_rule(order, lines, reserved, kits)
        if not wants:
            return Served((), (), (), reserved, untracked, kits)
        places, remarks = self._sources(order, needs, wants)
        if order.ship is _COMPLETE and not self._covers(needs, places):
            backorders, shorts = self._shortfall.of_order(wants, places, needs)
            remarks += self._shortfall.remarks()
            return Served((), backorders, shorts, reserved, untracked, kits, remarks)
        taken, lacks = self._take(order, wants, places)
        if taken:
            self._keep(order, taken)
        if not lacks:
            return Served(taken, (), (), reserved, untracked, kits, remarks)
        backorders, shorts = self._shortfall.of_lines(order, lacks, places)
        remarks += self._shortfall.remarks()
        return Served(taken, backorders, shorts, reserved, untracked, kits, remarks)

    def _keep(self, order: Order, rows: tuple[AllocationRow, ...]) -> None:
        """These units are the order's."""
        self._taken[order.id] = rows
        if self._rules.capacities:
            self._rules.count(order, rows)

    def _open(self, sku: str) -> Pool | None:
        """What is available of *sku*, asked of the inventory when the run first needs it."""
        inventory = self._inventory
        pool: Pool | None = None
        if inventory.is_plain(sku):  # the usual case
            pool = self._viewed(inventory.pool(sku, self._now))
        elif self._rules.open(sku):
            pool = {}  # what an order may take of it depends on the order
            for leaf in self._rules.leaves_of(sku):
                if leaf not in self._pools:
                    self._open(leaf)
        self._pools[sku] = pool
        return pool

    def _viewed(self, pool: Mapping[str, int]) -> Pool:
        known = self._candidates.get
        return {known(place) or self._view(place): units for place, units in pool.items()}

    def _view(self, place: str) -> Candidate:
        """The one view onto a location, made when the run first needs it."""
        candidate = Candidate.on(self._inventory.location(place), self._pools)
        self._candidates[place] = candidate
        return candidate

    def _sources(
        self, order: Order, needs: Mapping[str, int], wants: Sequence[tuple[object, int, Pool]]
    ) -> tuple[tuple[Candidate, ...], tuple[Finding, ...]]:
        """The locations that serve the order, as the policy puts them in sequence; and remarks."""
        first = places = wants[0][2]
        if len(wants) > 1:
            for _, _, pool in wants:
                if pool is not first and not pool.keys() <= places.keys():
                    places = places | pool
        if not places:
            return (), ()
        remarks: tuple[Finding, ...] = ()
        offered = tuple(places) if places is first else tuple(sorted(places, key=_IN_RANK))
        if self._rules.capacities:
            offered, remarks = self._open_today(order, offered)
            if not offered:
                return (), remarks
        sourcing = self._sourcing
        demand = _DemandTwin()
        demand.order = order
        demand.needs = tuple(needs.items())
        demand.__class__ = Demand
        plan: Iterable[Candidate] = ()
        try:
            plan = sourcing(demand, offered, context=self._context)
            chosen = tuple(plan)
        except Exception as error:
            if not is_iterable(plan):
                remedy = "return some of the candidates"
                raise returned_by(sourcing, order.id, plan, remedy) from error
            raise raised_by(sourcing, order.id, error, "a policy") from error
        if chosen is not plan and isinstance(plan, SourcingPlan):
            remarks += plan.remarks
        if chosen is not offered and not (len(chosen) == 1 and chosen[0] in offered):
            self._check(order, offered, chosen)
        return chosen, remarks

    def _open_today(
        self, order: Order, places: tuple[Candidate, ...]
    ) -> tuple[tuple[Candidate, ...], tuple[Finding, ...]]:
        """Those of the locations that can take on the order today; and a remark on the others."""
        takes_on = self._rules.takes_on
        left = tuple([place for place in places if takes_on(order, place.id)])
        if len(left) == len(places):  # the usual case
            self._shortfall.shut = ()
            return places, ()
        shut = [place for place in places if place not in left]
        self._shortfall.shut = shut
        names = ", ".join([place.id for place in shut])
        detail = f"There is no capacity left today for further orders at: {names}."
        return left, (note("sourcing.at_capacity", detail=detail),)

    def _check(
        self, order: Order, offered: tuple[Candidate, ...], chosen: tuple[Candidate, ...]
    ) -> None:
        """Whatever the policy returned was offered to it, and none of it twice."""
        allowed = frozenset(map(id, offered))  # by identity: a stranger need not be hashable
        for candidate in chosen:
            if id(candidate) not in allowed:
                raise PluginError(
                    name_of(self._sourcing),
                    order.id,
                    f"returned {_checks.repr_of(candidate)}, which was not offered;"
                    " return some of the candidates",
                )
        if len(frozenset(map(id, chosen))) != len(chosen):
            raise PluginError(
                name_of(self._sourcing),
                order.id,
                "returned a candidate twice; return each at most once",
            )

    def _covers(self, needs: Mapping[str, int], places: Sequence[Candidate]) -> bool:
        """Whether these locations have, together, all that is needed."""
        for sku, units in needs.items():
            pool = self._pools[sku] or {}
            left = units
            for place in places:
                if left <= 0:
                    break
                left -= pool.get(place, 0)
            if left > 0:
                return False
        return True

    def _take(
        self,
        order: Order,
        wants: list[Want],
        places: Sequence[Candidate],
        turn: Turn | None = None,
    ) -> tuple[tuple[AllocationRow, ...], list[Lack]]:
        """Line by line, from each location in sequence, what it has of what is still missing.

        Returns:
            What was taken, and what the lines lack that did not get all.
        """
        taken: list[AllocationRow] = []
        lacks: list[Lack] = []
        kits = None if turn is None else turn.kits
        is_bound = order.ship is _LINES or (turn is not None and bool(turn.most))
        for want in wants:
            line, units, pool = want
            left = units
            kept_back = over = 0  # units that are not taken although they are there
            if kits and turn is not None and line.id in kits:
                self._take_kits(taken, lacks, want, places, turn)
                continue
            if is_bound or line.units_each > 1:
                left, over = _as_whole(order, want, places, turn)
                kept_back = units - left
            if left:
                line_id, sku = line.id, line.sku
                for place in places:
                    have = pool.get(place)
                    if have is None:
                        continue
                    if have > left:
                        pool[place] = have - left
                        taken.append((line_id, sku, place.id, left, ""))
                        left = 0
                        break
                    del pool[place]
                    taken.append((line_id, sku, place.id, have, ""))
                    left -= have
                    if not left:
                        break
            missing = left + kept_back
            if missing:
                lacks.append((want, missing, over))
        return tuple(taken), lacks

    def _take_kits(
        self,
        taken: list[AllocationRow],
        lacks: list[Lack],
        want: Want,
        places: Sequence[Candidate],
        turn: Turn,
    ) -> None:
        """Whole kits only: as many as there are components for, from wherever they are."""
        line, units, _ = want
        kit = turn.kits[line.id]
        pools = {sku: self._pools[sku] or {} for sku, _, _ in kit.parts}
        whole = min([(held + _sum(pools[sku], places)) // each for sku, each, held in kit.parts])
        there = min(units, whole - kit.held, turn.most.get(line.id, units))
        kits = there
        if there < units:
            by_line = kit.together or turn.order.ship is _LINES
            kits = 0 if by_line else whole_packs(line, units, there)
        for sku, some in kit.more(kits):
            _draw(taken, (line.id, sku, some), pools[sku], places)
        if kits < units:
            lacks.append((want, units - kits, there - kits))

    # -- By rule -----------------------------------------------------------------------------

    def _is_by_rule(self, lines: Iterable[OrderLine]) -> bool:
        """Whether what these lines get is a matter of rules, or of a plan."""
        return self._plan is not None or not self._rules.skus.isdisjoint(map(_SKU, lines))

    def _serve_by_rule(
        self,
        order: Order,
        lines: Sequence[OrderLine],
        reserved: tuple[Reservation, ...],
        kits: tuple[KitRow, ...],
    ) -> Served:
        """The same for an order whose SKUs have rules, or that is in a plan."""
        pools = self._pools
        for line in lines:
            if line.sku not in pools:
                self._open(line.sku)
        untracked = tuple([line.id for line in lines if pools[line.sku] is None])
        turn = self._rules.turn(order, lines, untracked, reserved, self._plan)
        kits = turn.composition + kits
        served = Served(reserved=reserved, untracked=untracked, kits=kits)
        return self._give_by_rule(order, turn, served)

    def _give_by_rule(self, order: Order, turn: Turn, served: Served) -> Served:
        """What the order gets; the pools of SKUs with rules are filled for its turn."""
        for sku, offer in turn.offers.items():
            self._pools[sku] = turn.pools[sku] = self._viewed(offer)
        if turn.wants:
            served = self._give(order, turn, served)
            if served.backorders and not self._plan:  # a plan has counted what each customer takes
                self._rules.promise(order, served.backorders)
        for sku in turn.offers:
            self._pools[sku] = {}
        remarks = served.remarks
        if turn.limits:
            remarks += turn.remarks()
        return served._replace(remarks=remarks + self._shortfall.remarks())

    def _give(self, order: Order, turn: Turn, served: Served) -> Served:
        pools = self._pools
        asked = turn.asked
        for sku in turn.needs:
            if sku not in turn.offers:  # a plain one; it may have to be put back
                turn.pools[sku] = dict(pools[sku] or {})
        places: tuple[Candidate, ...] = ()
        remarks: tuple[Finding, ...] = ()
        if asked:
            pools_asked = [(sku, 0, pools[sku] or {}) for sku in asked]
            places, remarks = self._sources(order, asked, pools_asked)
        self._grant(turn, asked, places)
        if order.ship is _COMPLETE and (turn.cut or not self._covers(turn.needs, places)):
            wants = self._wants(turn)
            backorders, shorts = self._shortfall.of_order(wants, places, turn.needs, turn)
            return served._replace(backorders=backorders, shorts=shorts, remarks=remarks)
        while True:
            taken, lacks = self._take(order, self._wants(turn), places, turn)
            turn.taken = taken
            torn = turn.torn()
            if not torn:  # the usual case
                break
            # Some units that were to leave in whole packs are not taken: the line ships whole, or
            # its kits lack something else. Again, with no more of them than can be taken.
            for sku in turn.needs:
                if sku not in turn.offers:
                    pools[sku] = dict(turn.pools[sku])
            asked = {**asked, **torn}
            self._grant(turn, asked, places)
        # First what is missing, as long as the shelves are as they were when the turn began.
        backorders, shorts = self._shortfall.of_lines(order, lacks, places, turn)
        rows = self._rules.settle(order, turn.offers, taken)
        if rows:
            self._keep(order, rows)
        return served._replace(
            allocations=rows, backorders=backorders, shorts=shorts, remarks=remarks
        )

    def _grant(self, turn: Turn, asked: Mapping[str, int], places: Sequence[Candidate]) -> None:
        """Of what lies on shelves, exactly what these locations give the order."""
        for sku, shelf in turn.shelves.items():
            offer = turn.pools[sku]
            offers = [(place, place.id, offer[place]) for place in places if place in offer]
            granted = shelf.split(asked.get(sku, 0), offers)
            turn.granted[sku] = sum(granted.values())
            self._pools[sku] = granted

    def _wants(self, turn: Turn) -> list[Want]:
        """What the lines want, with the pools as they are now."""
        return [(line, units, self._pools[line.sku] or {}) for line, units in turn.wants]


def kept_by(order_id: str, inventory: Inventory, now: datetime) -> tuple[Reservation, ...]:
    """What the order holds already and keeps: reservations that have not expired."""
    held = [
        reservation
        for reservation in to_reservations(order_id, inventory.batches_of(order_id))
        if reservation.expires_at is None or now < reservation.expires_at
    ]
    return tuple(sorted(held, key=sequence))


def _sum(pool: Pool, places: Iterable[Candidate]) -> int:
    return sum([pool.get(place, 0) for place in places])


def _draw(
    taken: list[AllocationRow],
    wanted: tuple[str, str, int],
    pool: Pool,
    places: Sequence[Candidate],
) -> None:
    """Take what is wanted (line, SKU, units) from each location in sequence; there is enough."""
    line_id, sku, left = wanted
    for place in places:
        have = min(left, pool.get(place, 0))
        if have:
            taken.append((line_id, sku, place.id, have, ""))
            left -= have
            pool[place] -= have
            if not pool[place]:
                del pool[place]


def _as_whole(
    order: Order, want: Want, places: Sequence[Candidate], turn: Turn | None
) -> tuple[int, int]:
    """How many units a line is to take, and how many are left there because it takes no more.

    That is all it wants if they are there, or if it is not asked that it gets all at once.
    """
    line, units, pool = want
    there = _sum(pool, places)
    most = there if turn is None else min(there, turn.most.get(line.id, there))
    if most >= units:
        return units, 0
    takes = 0 if order.ship is _LINES else whole_packs(line, units, most)
    return takes, there - takes
