"""The turns of orders of whose SKUs some have rules, or that are in a plan: what each gets.

The pools of SKUs with rules are filled for one turn, and empty again afterwards. A turn goes on
until a further one would find nothing more: so a run that is done again, on its own result, gives
nothing new (law 8). See docs/explanation/how-stock-is-given-out.md, "SKUs with rules".
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from functools import cache, partial

from fulfill_core.allocation.customer_units import PlanByLine
from fulfill_core.allocation.demand import (
    NO_ATTEMPTS,
    NO_SOURCES,
    Answer,
    Attempts,
    LineDemand,
    LineShortage,
    Portion,
    Sources,
    further_units,
)
from fulfill_core.allocation.drawing import (
    Draft,
    Prospect,
    as_reserved,
    covers,
    offers_of,
    packs_in_boxes,
    rest_of_plan,
    rows_in_boxes,
    take,
)
from fulfill_core.allocation.first_look import FirstLook
from fulfill_core.allocation.late_lots import LateLots, PromiseOf
from fulfill_core.allocation.places import Places
from fulfill_core.allocation.ruled_turn import RuledTurn
from fulfill_core.allocation.rules import Rules
from fulfill_core.allocation.shortfall import Shortfall
from fulfill_core.allocation.shorts import with_nothing
from fulfill_core.allocation.turn import limit_remark
from fulfill_core.decisions.rows import AllocationRow, Served, served_of
from fulfill_core.inventory.shelves.bays import FreeAsIf
from fulfill_core.inventory.state import State
from fulfill_core.inventory.stock import Reservation
from fulfill_core.orders.order import Order, OrderLine, Ship
from fulfill_core.protocols.plug_points import Pools

_COMPLETE = Ship.COMPLETE

_NONE_OWNED: Mapping[tuple[str, str], int] = {}
_MOST_SLOW_PLACES = 8
"""So often a turn is tried without a place for which its other units would wait too long."""


class RuledTurns:
    """The ruled turns of a run.

    Args:
        stock: the stock before the run.
        now: the caller's time.
        pools: what is left of each SKU, at any moment of the run.
        rules: the shelves, and what was taken off them.
        places: where units may come from.
        shortfall: what becomes of what is missing.
        promise_of: what is promised for an order that gets so much; None if nothing is.
    """

    def __init__(
        self,
        stock: State,
        now: datetime,
        pools: Pools,
        rules: Rules,
        places: Places,
        shortfall: Shortfall,
        promise_of: PromiseOf | None,
    ) -> None:
        self._now = now
        self._pools = pools
        self._rules = rules
        self._places = places
        self._shortfall = shortfall
        self._late_lots = LateLots(stock, now, promise_of)
        # What a cap or a fence leaves is the same for many orders: it is put into words once.
        self._remark_on = cache(limit_remark)
        self._first_look = FirstLook(
            *(pools, rules, places, shortfall.pegging, self._remark_on),
            is_promised=promise_of is not None,
        )
        self.attempts = self._late_lots.attempts
        """What orders would have got if lots lived until it arrives, as if it came now."""

    def serve(
        self,
        order: Order,
        lines: Sequence[OrderLine],
        plan: PlanByLine | None,
        served: Served,
        shipped: Mapping[tuple[str, str], int],
    ) -> Served:
        """Serve an order of whose SKUs some have rules, or that is in a plan.

        Args:
            order: the order.
            lines: those that go on, as they are due; their pools are open.
            plan: how much each line may have; None leaves it to rank.
            served: what is said of it already.
            shipped: what has left of its lines, by line and SKU.
        """
        rules = self._rules
        reserved = served.reserved
        owned = rules.owned_units(reserved, shipped) if reserved or shipped else _NONE_OWNED
        demand = rules.demand_of(order, lines, owned, plan)
        untracked, kits = demand.untracked, demand.composition + served.kits
        if plan is None and not owned:
            answer = self._first_look.serve(order, demand)
            if answer is not None:
                rows, shorts, remarks = answer
                return served_of((rows, (), shorts, reserved, untracked, kits, remarks, ()))
        renew = partial(rules.turn_with, order, lines, demand, reserved, owned)
        turn = renew()
        served = served_of(((), (), (), reserved, untracked, kits, (), ()))
        # The sourcing policy sees what this order may have of them, and no more: so a fence or a
        # lot that is too old for its customer can't make it choose a location in vain.
        self._offer(turn)
        if turn.lines:
            turn, served = self._serve_turn(order, turn, served, shipped, renew)
            if served.backorders:
                rules.customers.count_waiting(order.customer.id, served.backorders)
        for sku in turn.offers:  # what the next order may have depends on the next order
            self._pools[sku] = {}
        remarks = served.remarks + tuple([self._remark_on(*each) for each in turn.limits_met()])
        return served._replace(remarks=remarks) if remarks else served

    def prospect(
        self,
        order: Order,
        lines: Sequence[OrderLine],
        served: Served,
        shipped: Mapping[tuple[str, str], int],
    ) -> Prospect:
        """What the order would get now. Nothing is given out: all is afterwards as it was.

        Args:
            order: the order.
            lines: those of its lines that go on, as they are due.
            served: what is reserved for it, and what its kits are made of.
            shipped: what has left of its lines, by line and SKU.
        """
        attempts = len(self.attempts)
        turn = self._rules.turn_of(order, lines, served.reserved, None, shipped)
        self._offer(turn)
        rows, *_ = self._draft(order, turn, served)
        self._put_back(turn)
        for sku in turn.offers:
            self._pools[sku] = {}
        del self.attempts[attempts:]
        return Prospect(rows or (), {sku: turn.deliveries_of(sku) for sku in turn.shelves})

    def _serve_turn(
        self,
        order: Order,
        turn: RuledTurn,
        served: Served,
        shipped: Mapping[tuple[str, str], int],
        renew: Callable[[], RuledTurn],
    ) -> tuple[RuledTurn, Served]:
        """What the order gets in a ruled turn, added to what is said of it already."""
        if self._shortfall.pegging.has_claims:
            turn.claims = self._shortfall.pegging.units_claimed
        rows, shortages, sources = draft = self._draft(order, turn, served)
        _, _, remarks = sources
        if rows is None or (shortages and not rows):
            then, sources, answer = self._answer_then(order, turn, served, renew, sources)
            if answer is not None:
                return then, answer
        if rows is None:
            return turn, self._of_order(order, turn, served, sources)
        if shortages and self._may_be_more(turn, shortages, sources[0]):
            rows, shortages = self._further(order, turn, served, shipped, draft)
            self._places.count_used(order, rows)
            # First what is missing, as long as the shelves are as they were when the turn began.
            self._rules.put_back(turn, rows)
            backorders, shorts = self._shortfall.of_lines(order, shortages, sources, turn)
            self._rules.put_back(turn, rows, -1)
        else:
            self._places.count_used(order, rows)
            backorders, shorts = self._shortfall.of_lines(order, shortages, sources, turn)
            rows = self._rules.settle(order, turn.shelves, rows, turn.deliveries)
        parts_before = served.reserved, served.untracked, served.kits
        return turn, served_of((rows, backorders, shorts, *parts_before, remarks, ()))

    def _answer_then(
        self,
        order: Order,
        turn: RuledTurn,
        served: Served,
        renew: Callable[[], RuledTurn],
        sources: Sources,
    ) -> tuple[RuledTurn, Sources, Served | None]:
        """What becomes of an order that gets nothing, if those behind it had got nothing yet.

        Nothing at this very instant, that is: so the same run done again says the same (law 8).

        Returns:
            The turn that it has then, from where it is served, and what it hears; None if all of
            it would be there: somebody who had his turn before this run had it.
        """
        rules, pools = self._rules, self._pools
        if not rules.same_instant.may_have_given:
            return turn, sources, None
        on_shelves = turn.needs.keys() & rules.shelves.keys()
        gifts = rules.same_instant.gifts_behind(turn.needs.keys() - on_shelves)
        pools_now = {sku: pool and dict(pool) for sku in turn.needs for pool in [pools[sku]]}
        answer: Served | None = None
        if rules.undo(on_shelves) or gifts or rules.capacities:
            self._let_go(gifts)
            then = renew()
            then.claims, turn = turn.claims, then
            self._offer(turn)
            rows, shortages, sources_then = self._draft(order, turn, served, is_then=True)
            if rows is None:
                answer = self._of_order(order, turn, served, sources_then)
            elif not rows:
                answer = self._of_lines(order, turn, served, sources_then, shortages)
            # A place that strangers filled then is left out: what lies there has to wait.
            is_open = all([rules.is_open_to_run(order, at) for at in sources_then[0]])
            sources = sources_then if is_open and order.ship is _COMPLETE else sources
            self._let_go(gifts, -1)
            pools.update(pools_now)
        rules.redo()
        return turn, sources, answer

    def _of_lines(
        self,
        order: Order,
        turn: RuledTurn,
        served: Served,
        sources: Sources,
        shortages: Sequence[LineShortage],
    ) -> Served:
        """What becomes of lines that get nothing."""
        return with_nothing(
            served, self._shortfall.of_lines(order, shortages, sources, turn), sources
        )

    def _of_order(self, order: Order, turn: RuledTurn, served: Served, sources: Sources) -> Served:
        """What becomes of an order that ships complete and can't."""
        demands = self._demands(turn)
        unserved = self._shortfall.of_order(order, demands, turn.needs, sources, turn)
        return with_nothing(served, unserved, sources)

    def _let_go(self, gifts: Mapping[str, FreeAsIf], sign: int = 1) -> None:
        """These units of SKUs without rules are free; with sign -1, they are not any more.

        Who asks restores the pools.
        """
        if sign > 0:
            self._places.let_go(gifts)
        for sku, units_at in gifts.items():
            for (location, _), units in units_at.items():
                self._shortfall.hand_over(sku, location, sign * units)

    def _draft(
        self,
        order: Order,
        turn: RuledTurn,
        served: Served,
        attempts: Attempts = NO_ATTEMPTS,
        *,
        is_then: bool = False,
    ) -> Draft:
        """What the order takes in a turn, and where.

        If lots end before they arrive since a slow place keeps the rest of it back, it may get
        more without that place: then it is served without.
        """
        draft = self._draft_from(order, turn, served, attempts, is_then=is_then)
        in_vain = attempts.in_vain
        for _ in range(_MOST_SLOW_PLACES if draft.lacks else 0):
            slow = self._late_lots.slow_places(turn, served)
            if not slow:
                break
            in_vain |= slow
            self._begin_anew(turn)
            again = Attempts(attempts.locations, in_vain)
            other = self._draft_from(order, turn, served, again, is_then=is_then)
            if other.lacks < draft.lacks:
                return other
        if in_vain != attempts.in_vain:
            self._begin_anew(turn)
            count = len(self.attempts)
            draft = self._draft_from(order, turn, served, attempts, is_then=is_then)
            del self.attempts[count:]  # they are there already
        return draft

    def _begin_anew(self, turn: RuledTurn) -> None:
        """The turn is as if no draft of it had been made."""
        self._put_back(turn)
        turn.forget_deliveries()
        self._offer(turn)

    def _draft_from(
        self,
        order: Order,
        turn: RuledTurn,
        served: Served,
        attempts: Attempts,
        *,
        is_then: bool,
    ) -> Draft:
        """The same, from wherever the policy serves it."""
        pools = self._pools
        for sku in turn.needs:
            if sku not in turn.offers:  # no rule is on it; it may have to be put back
                turn.pools[sku] = dict(pools[sku] or {})
        missing_of_single_lots: int | None = None  # before it took units of several
        while True:
            sources = NO_SOURCES
            if turn.quotas:
                sources = self._places.sources_in_boxes(order, turn, attempts, is_then=is_then)
            places, _, _ = sources
            self._fill_pools(turn, turn.quotas, places)
            if order.ship is _COMPLETE and not self._is_covered(order, turn, places):
                if not turn.relax_lots():
                    return Draft(None, (), sources)
                self._offer(turn)
                continue
            rows, shortages = self._take(order, turn, places)
            # Some lots don't live until what it gets arrives. Where they are left out other places
            # may serve it, from which it arrives at another time: once more. And once more if a
            # line would get less since it was to have one lot; if it would not, with that lot.
            if not self._late_lots.matter(order, turn, served, rows):
                missing = sum([units for _, units, _ in shortages])
                if missing_of_single_lots is None:
                    if not missing or not turn.relax_lots():
                        return Draft(rows, shortages, sources)
                    missing_of_single_lots = missing
                elif missing < missing_of_single_lots or not turn.relax_lots(is_relaxed=False):
                    return Draft(rows, shortages, sources)
            self._put_back(turn)
            self._offer(turn)

    # -- Further turns -----------------------------------------------------------------------------

    def _may_be_more(
        self, turn: RuledTurn, shortages: Sequence[LineShortage], places: Collection[str]
    ) -> bool:
        """Whether a further turn may find something: there, in whole packs, or at other places."""
        for (line, _, _), _, _ in shortages:
            for sku in turn.skus_of(line):
                shelf = turn.shelves.get(sku)
                # What a rule or a plan leaves of it the order has, as four of five such have.
                if turn.has_its_quota(line, sku):
                    continue
                pool = self._pools[sku] if shelf is None else turn.pools[sku]
                if any([place not in places for place in pool or ()]):
                    return True
                # Packs, and boxes of several sizes, may not add up to what was granted.
                if pool and shelf is not None:
                    is_left = turn.units_taken(sku) < sum(pool.values())
                    if line.units_each > 1 or (shelf.has_packs and is_left):
                        return True
                # Another line may have the lots that would be too old when this one leaves.
                if turn.ends_early(sku):
                    return True
        return False

    def _further(
        self,
        order: Order,
        turn: RuledTurn,
        served: Served,
        shipped: Mapping[tuple[str, str], int],
        draft: Draft,
    ) -> tuple[tuple[AllocationRow, ...], Sequence[LineShortage]]:
        """What the order gets in all, settled, if it has one turn after the other; what it lacks.

        In each it has what those before gave it, as in a run on the result of this one: a pack that
        was taken is whole, whatever another line takes.
        """
        rows, shortages, (places, _, _) = draft
        reserved = list(served.reserved)
        reserved_of: dict[str, list[Reservation]] = {}
        for each in reserved:
            reserved_of.setdefault(each.sku, []).append(each)

        def settle(turn: RuledTurn, rows: tuple[AllocationRow, ...]) -> tuple[AllocationRow, ...]:
            rows = self._rules.settle(order, turn.shelves, rows, turn.deliveries)
            for each in as_reserved(order, rows, self._now):
                reserved.append(each)
                reserved_of.setdefault(each.sku, []).append(each)
            return rows

        def ask(portion: Portion, attempts: Attempts) -> Answer:
            lines = [line for (line, _, _), _, _ in portion.shortages]
            # What it has of other SKUs does not matter to these lines, and there may be many.
            skus = dict.fromkeys([sku for line in lines for sku in turn.skus_of(line)])
            if not any([self._is_left(turn, line) for line in lines]):
                return (), (), ()
            of_lines = [each for sku in skus for each in reserved_of.get(sku, ())]
            shipped_of = {key: units for key, units in shipped.items() if key[1] in skus}
            rest = rest_of_plan(order, turn, portion)
            again = self._rules.turn_of(order, lines, tuple(of_lines), rest, shipped_of)
            self._offer(again)
            with_rows = served._replace(reserved=tuple(reserved))
            more, shortages_then, (places, _, _) = self._draft(order, again, with_rows, attempts)
            return settle(again, more or ()), shortages_then, places

        answer = settle(turn, rows or ()), shortages, places
        rows, shortages = further_units(order, turn.kits, answer, ask)
        turn.take(rows)
        return rows, shortages

    def _is_left(self, turn: RuledTurn, line: OrderLine) -> bool:
        """Whether an order could have more units for a line now: there are some, for somebody."""
        pools, shelves = self._pools, self._rules.shelves
        return not turn.has_its_quota(line, line.sku) and any(
            [
                shelves[sku].units_free if sku in shelves else pools[sku]
                for sku in turn.skus_of(line)
            ]
        )

    def _is_covered(self, order: Order, turn: RuledTurn, places: Sequence[str]) -> bool:
        """Whether these locations have all that the order needs, in boxes where it wants them."""
        needs, pools = turn.needs, self._pools
        # A fence, a cap or a plan that leaves too little is seen without looking at any place.
        if turn.lines_cut or turn.quotas != needs or not covers(needs, places, pools):
            return False
        if not turn.is_particular or rows_in_boxes(order, turn, places, pools) is not None:
            return True
        # To split units over the locations beforehand may have broken boxes that are there.
        grants = packs_in_boxes(order, turn, places, pools) if turn.has_boxes else {}
        pools.update(grants)
        turn.granted.update({sku: sum((grant or {}).values()) for sku, grant in grants.items()})
        return bool(grants)

    def _take(
        self, order: Order, turn: RuledTurn, places: Sequence[str]
    ) -> tuple[tuple[AllocationRow, ...], Sequence[LineShortage]]:
        """What the order takes at these locations, and what it lacks then."""
        quotas = turn.quotas
        while True:
            rows, shortages = take(order, self._demands(turn), places, self._pools, turn)
            turn.take(rows)
            packs_cut = turn.packs_cut()
            if not packs_cut:
                return rows, shortages
            # Some units that were to leave in whole packs are not taken: the line ships whole, or
            # its kits lack something else. Once more, with no more of them than can be taken.
            self._put_back(turn)
            quotas = {**quotas, **packs_cut}
            self._fill_pools(turn, quotas, places)

    def _offer(self, turn: RuledTurn) -> None:
        """What its shelves can give the order, as pools."""
        for sku, offer in turn.offers.items():
            self._pools[sku] = turn.pools[sku] = offer

    def _put_back(self, turn: RuledTurn) -> None:
        """What the order took of SKUs without rules."""
        for sku in turn.needs:
            if sku not in turn.offers:
                self._pools[sku] = dict(turn.pools[sku])

    def _fill_pools(
        self, turn: RuledTurn, quotas: Mapping[str, int], places: Collection[str]
    ) -> None:
        """Of what lies on shelves, exactly what these locations give the order.

        Where nothing but its needs is the limit that is what its lines find there, and to split it
        beforehand costs 1.5 % of a run. But one that ships complete and gets nothing hears it.
        """
        takes_at_will = turn.order.ship is not _COMPLETE and not turn.has_boxes
        for sku, shelf in turn.shelves.items():
            offer = turn.pools[sku] or {}
            quota = quotas.get(sku, 0)
            if takes_at_will and not shelf.has_packs and quota >= turn.needs.get(sku, 0):
                self._pools[sku] = offer.copy()
                continue
            offers = offers_of(offer, places)
            if turn.has_boxes and turn.chooses_boxes(sku) and quota >= turn.needs.get(sku, 0):
                granted = dict(offers)
            else:
                granted = shelf.split(quota, offers)
            turn.granted[sku] = sum(granted.values())
            self._pools[sku] = granted

    def _demands(self, turn: RuledTurn) -> Sequence[LineDemand]:
        """What the lines need, with the pools as they are now."""
        pools = self._pools
        return [(line, units, pools[line.sku] or {}) for line, units in turn.lines]
