"""Where the units of an order may come from: what the sourcing policy says, and capacities.

See docs/how-to/write-a-sourcing-policy.md.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import islice
from operator import attrgetter
from typing import Any

from fulfill_core import _checks
from fulfill_core.allocation.demand import (
    NO_ATTEMPTS,
    NO_SOURCES,
    Attempts,
    LineDemand,
    LineShortage,
    Sources,
)
from fulfill_core.allocation.drawing import take
from fulfill_core.allocation.ruled_turn import RuledTurn
from fulfill_core.allocation.rules import Rules
from fulfill_core.decisions.finding import Finding, note
from fulfill_core.decisions.rows import AllocationRow, AllocationView, Served, locations_of
from fulfill_core.exceptions import PluginError
from fulfill_core.inventory.shelves.bays import FreeAsIf
from fulfill_core.inventory.state import State
from fulfill_core.inventory.state import location as location_of
from fulfill_core.inventory.stock import Reservation
from fulfill_core.orders.order import Order
from fulfill_core.protocols import Candidate, SourcingPlan, SourcingPolicy
from fulfill_core.protocols.plug_points import Pool, Pools, trusted_demand
from fulfill_core.protocols.plugins import (
    is_iterable,
    name_of,
    raised_by,
    returned_by,
    serves_anywhere,
)
from fulfill_core.records.facts import Context
from fulfill_core.sourcing.whole_order import by_rank, whole_order_first

_IN_RANK = attrgetter("in_rank")
_NO_PLACES: frozenset[str] = frozenset()
_MOST_SETS = 64
"""So many sets of locations are kept in rank order: of few locations there are no more."""


class Candidates(dict[str, Candidate]):
    """The one view onto each location, made when the run first needs it."""

    def __init__(self, stock: State, pools: Pools) -> None:
        super().__init__()
        self._stock = stock
        self._pools = pools

    def __missing__(self, location: str) -> Candidate:
        candidate = Candidate.on(location_of(self._stock, location), self._pools)
        self[location] = candidate
        return candidate

    def in_rank(self, locations: Iterable[str]) -> list[str]:
        """These locations in rank order."""
        return [each.id for each in sorted(map(self.__getitem__, locations), key=_IN_RANK)]

    def in_rank_order(self, pool: Pool) -> Pool:
        """The same pool, its locations in rank order."""
        return {at: pool[at] for at in self.in_rank(pool)}


class Places:
    """The locations of one run, as its sourcing policy sees them.

    Args:
        stock: the stock before the run.
        policy: the sourcing policy.
        context: what it is told.
        pools: what is left of each SKU, at any moment of the run.
        rules: what knows which locations take on an order today.
        reserved: what is reserved for orders of the run, by their ids.
    """

    def __init__(
        self,
        stock: State,
        policy: SourcingPolicy,
        context: Context,
        pools: Pools,
        rules: Rules,
        reserved: Mapping[str, Iterable[Reservation]],
    ) -> None:
        self._stock = stock
        self.candidates = Candidates(stock, pools)
        """The locations as the policy sees them, by id."""
        self._policy = policy
        self._locations = ids = tuple(stock.locations)  # in rank order
        described = [stock.locations[at].is_described for at in (*ids[:1], *ids[-1:])]
        self.has_strays = described == [True, False]
        """Whether somebody described locations, and not all of them."""
        self._is_whole_first = isinstance(policy, whole_order_first) and policy.otherwise is by_rank
        self._context = context
        self._pools = pools
        self._rules = rules
        self._reserved = reserved
        self._places_by_order: dict[str, frozenset[str]] = {}  # in this run, by order
        self.serves_anywhere = serves_anywhere(policy)
        """Whether the policy leaves no location out for good."""
        # Some of them in rank order: those that had something of what orders needed.
        self._in_rank: dict[frozenset[str], tuple[str, ...]] = {}

    def with_strays_named(self, served: Served) -> Served:
        """What an order got, with a remark on what comes from where nobody described a location."""
        rows = map(AllocationView._make, served.allocations)
        strays = {
            row.location for row in rows if not self._stock.locations[row.location].is_described
        }
        if not strays:
            return served
        return served._replace(remarks=(*served.remarks, _stray_remark(sorted(strays))))

    def sources(
        self,
        order: Order,
        needs: Mapping[str, int],
        attempts: Attempts = NO_ATTEMPTS,
        *,
        is_then: bool = False,
    ) -> Sources:
        """The locations that serve the order, as the policy puts them in sequence.

        Args:
            order: the order.
            needs: units by SKU.
            attempts: what it was served from already, in its turn.
            is_then: whether it is asked what would serve it, had those behind it got nothing at
                this very instant; else what serves it now.
        """
        knows_answer = self._is_whole_first
        if knows_answer and not self._rules.full and not attempts.in_vain:
            location = self._first_with_all(needs)
            return self._locations_with(needs) if location is None else (location,), (), ()
        locations = self._locations_with(needs)
        if not locations:
            return NO_SOURCES
        shut: tuple[str, ...] = ()
        remarks: tuple[Finding, ...] = ()
        if self._rules.capacities:
            locations, shut = self._open_today(order, locations, is_then=is_then)
            if shut:
                remarks = (_capacity_remark(shut),)
            if not locations:
                return (), shut, remarks
        if attempts.in_vain:
            locations = tuple([at for at in locations if at not in attempts.in_vain])
            if not locations:
                return (), shut, remarks
        if knows_answer:
            location = self._first_with_all(needs, locations)
            return locations if location is None else (location,), shut, remarks
        candidates = tuple([self.candidates[at] for at in locations])
        plan, choice = self._ask(order, needs, candidates, attempts.locations)
        # A policy returns a plain tuple or a plan with remarks; `tuple` of a tuple is the same one.
        if choice is not plan and isinstance(plan, SourcingPlan):
            remarks += plan.remarks
        if choice is candidates:
            return locations, shut, remarks
        if not (len(choice) == 1 and choice[0] in candidates):
            self._check_choice(order, candidates, choice)
        return tuple([each.id for each in choice]), shut, remarks

    def _locations_with(self, needs: Mapping[str, int]) -> tuple[str, ...]:
        """The locations that have something of what is needed, in rank order."""
        pools, all_locations = self._pools, self._locations
        if len(needs) == 1:
            (sku,) = needs
            return tuple(pools[sku] or ())  # a pool is in rank order
        # One SKU after the other: of every second order the first few lie at all of them.
        locations_met: set[str] = set()
        for sku in needs:
            locations_met.update(pools[sku] or ())
            if len(locations_met) == len(all_locations):
                return all_locations
        locations = frozenset(locations_met)
        in_rank = self._in_rank.get(locations)
        if in_rank is None:
            if len(self._in_rank) == _MOST_SETS:
                self._in_rank.clear()
            in_rank = self._in_rank[locations] = tuple(self.candidates.in_rank(locations))
        return in_rank

    def _first_with_all(
        self, needs: Mapping[str, int], locations_open: Collection[str] | None = None
    ) -> str | None:
        """The location that the default policy names, if one has everything; None if none has.

        To know its answer without asking it, for which a demand has to be made and the answer to be
        checked, spares 5 % of a run.

        Args:
            needs: units by SKU.
            locations_open: those that it is asked about; None for all.
        """
        pools, first_sku = self._pools, next(iter(needs))
        most = needs[first_sku]
        for at, units_there in (pools[first_sku] or {}).items():  # in rank order
            if units_there < most:  # so it is passed over fast: there may be thousands
                continue
            for sku, units in needs.items():
                pool = pools[sku]
                if not pool or at not in pool or pool[at] < units:
                    break
            else:
                if locations_open is None or at in locations_open:
                    return at
        return None

    def sources_in_boxes(
        self, order: Order, turn: RuledTurn, attempts: Attempts, *, is_then: bool
    ) -> Sources:
        """The same; but of what the order wants in boxes, the policy sees whole ones."""
        if not turn.boxes:
            return self.sources(order, turn.quotas, attempts, is_then=is_then)
        pools = self._pools
        # What lies on shelves is offered in boxes already.
        loose_too = {sku: pools[sku] for sku in turn.boxes if sku not in turn.offers}
        for sku, units_at in loose_too.items():
            pools[sku] = turn.in_boxes(sku, units_at or {})
        sources = self.sources(order, turn.quotas, attempts, is_then=is_then)
        pools.update(loose_too)
        return sources

    def then(
        self,
        order: Order,
        needs: Mapping[str, int],
        sources: Sources,
        demands: Sequence[LineDemand],
    ) -> tuple[Sources, Sequence[LineDemand]]:
        """Where an order that gets nothing would be served from, had those behind it got nothing.

        That is, nothing at this very instant. What such an order hears depends on it, and a run
        that is done again has to say the same (law 8).

        Args:
            order: the order, of whose SKUs none has rules.
            needs: units by SKU.
            sources: where it is served from now.
            demands: what its lines need, and what is there for them now.

        Returns:
            Where it would be served from, and what its lines need with what was there for them.
        """
        rules, pools = self._rules, self._pools
        if not rules.same_instant.may_have_given:
            return sources, demands
        gifts = rules.same_instant.gifts_behind(needs)
        if not gifts and not rules.capacities:
            return sources, demands
        pools_now = {sku: pools[sku] for sku in gifts}
        self.let_go(gifts)
        sources = self.sources(order, needs, is_then=True)
        demands = [(line, units, pools[line.sku] or {}) for line, units, _ in demands]
        pools.update(pools_now)
        return sources, demands

    def lacking_then(
        self,
        order: Order,
        needs: Mapping[str, int],
        answer: tuple[list[LineShortage], Sources],
        demands: Sequence[LineDemand],
    ) -> tuple[list[LineShortage], Sources]:
        """What lines that get nothing would lack, and where, had those behind it got nothing.

        As they are now, if they would get something: somebody who had their turn before this run
        has that.

        Args:
            order: the order, of whose SKUs none has rules.
            needs: units by SKU.
            answer: what its lines lack now, and where it is served from.
            demands: what its lines need, and what is there for them now.
        """
        _, sources = answer
        sources_then, demands_then = self.then(order, needs, sources, demands)
        if sources_then is sources:
            return answer
        pools: Pools = {line.sku: dict(pool) for line, _, pool in demands_then}
        demands_then = [(line, units, pools[line.sku] or {}) for line, units, _ in demands_then]
        rows, shortages = take(order, demands_then, sources_then[0], pools)
        return answer if rows else (shortages, sources_then)

    def let_go(self, gifts: Mapping[str, FreeAsIf]) -> None:
        """These units are in their pools, as far as they have no rules; who asks restores those."""
        for sku, units_behind in gifts.items():
            units_at = Counter(self._pools[sku] or {})
            for (location, _), units in units_behind.items():
                units_at[location] += units
            self._pools[sku] = self.candidates.in_rank_order(units_at)

    def _ask(
        self,
        order: Order,
        needs: Mapping[str, int],
        candidates: tuple[Candidate, ...],
        places_used: frozenset[str] = _NO_PLACES,
    ) -> tuple[Iterable[Candidate], tuple[Candidate, ...]]:
        """What the sourcing policy returns, and that as a tuple."""
        sourcing = self._policy
        places = places_used
        if order.id in self._reserved:
            places |= frozenset([each.location for each in self._reserved[order.id]])
        demand = trusted_demand(order, tuple(needs.items()), places)
        plan: Any = ()
        try:
            plan = sourcing(demand, candidates, context=self._context)
            if plan.__class__ is tuple:  # as that of most policies
                return plan, plan
            # One that gives more than it was offered gives one twice, or never comes to an end.
            return plan, tuple(islice(plan, len(candidates) + 1))
        except Exception as error:
            raise _broken(sourcing, order, plan, error) from error

    def count_used(self, order: Order, rows: Iterable[AllocationRow]) -> None:
        """From these places the order gets something: for a policy they are used (law 8)."""
        if not self.serves_anywhere:  # else nobody asks
            self._places_by_order[order.id] = frozenset(locations_of(rows))

    def may_serve(self, order: Order, sku: str, location: str) -> bool:
        """Whether the policy would serve the order from a location once units are there."""
        candidate = Candidate(location_of(self._stock, location), {sku: 1})
        places_used = self._places_by_order.get(order.id, _NO_PLACES)
        _, choice = self._ask(order, {sku: 1}, (candidate,), places_used)
        return bool(choice)

    def _open_today(
        self, order: Order, locations: tuple[str, ...], *, is_then: bool
    ) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Those of the locations that take on the order today, and those that it hears do not.

        Of those that only orders behind it filled up, at this very instant, it hears nothing: they
        took it on before that, and a run that is done again says the same (law 8).
        """
        full, takes_on = self._rules.full, self._rules.takes_on
        shut_now = [at for at in locations if at in full and not takes_on(order, at)]
        if not shut_now:
            return locations, ()
        orders_behind = self._rules.same_instant.orders_behind
        shut = tuple([at for at in shut_now if not orders_behind(at)])
        closed = shut if is_then else shut_now
        return tuple([at for at in locations if at not in closed]), shut

    def _check_choice(
        self, order: Order, candidates: tuple[Candidate, ...], choice: tuple[Candidate, ...]
    ) -> None:
        """Whatever the policy returned was offered to it, and none of it twice."""
        ids = frozenset(map(id, candidates))  # by identity: a stranger need not be hashable
        for candidate in choice:
            if id(candidate) not in ids:
                raise PluginError(
                    name_of(self._policy),
                    order.id,
                    f"returned {_checks.repr_of(candidate)}, which was not offered;"
                    " return some of the candidates",
                )
        if len(frozenset(map(id, choice))) != len(choice):
            raise PluginError(
                name_of(self._policy),
                order.id,
                "returned a candidate twice; return each at most once",
            )


def _broken(sourcing: SourcingPolicy, order: Order, plan: object, error: Exception) -> PluginError:
    """What a policy is told that raised, or returned what is no collection."""
    if is_iterable(plan):
        return raised_by(sourcing, order.id, error, "a policy")
    return returned_by(sourcing, order.id, plan, "return some of the candidates")


def _stray_remark(location_ids: Iterable[str]) -> Finding:
    names = ", ".join(map(_checks.repr_of, location_ids))
    detail = f"Units come from locations that nobody described, which are asked last: {names}."
    return note("sourcing.location_undescribed", detail=detail)


def _capacity_remark(shut: Iterable[str]) -> Finding:
    detail = f"There is no capacity left today for further orders at: {', '.join(shut)}."
    return note("sourcing.at_capacity", detail=detail)
