"""The first look at a turn with rules: whether they keep no more than can be said at once.

Of ten such orders four or five get all that they ask for: no fence, cap or pack stops them. Of two
more a fence or a cap keeps some units, and all else is there. They are served here without a
`RuledTurn`, in which all that a rule may come to is noted: that spares two fifths of the steps of
their turns.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import TypeAlias

from fulfill_core.allocation.demand import RuledDemand, Sources, units_at
from fulfill_core.allocation.drawing import draw, offers_of
from fulfill_core.allocation.places import Candidates, Places
from fulfill_core.allocation.rules import Rules
from fulfill_core.allocation.shorts import reason_of_place
from fulfill_core.allocation.turn import reason_of
from fulfill_core.decisions.finding import Finding
from fulfill_core.decisions.lines import ShortReason
from fulfill_core.decisions.rows import AllocationRow, AllocationView, ShortRow
from fulfill_core.inventory.item_rules import Limit
from fulfill_core.inventory.shelves.shelf import Shelf
from fulfill_core.orders.order import Order, OrderLine, Ship
from fulfill_core.protocols import Candidate
from fulfill_core.protocols.plug_points import Pools

_COMPLETE = Ship.COMPLETE
_LINES = Ship.LINES

RemarkOn: TypeAlias = Callable[[str, Limit, int | None, int], Finding]
"""What says that a fence or a cap was the limit (`limit_remark`)."""
FirstAnswer: TypeAlias = tuple[tuple[AllocationRow, ...], tuple[ShortRow, ...], tuple[Finding, ...]]
"""What an order gets, what fences and caps keep from its lines, and remarks."""
_Shortage: TypeAlias = tuple[OrderLine, int]
"""A line, and how many units it lacks."""


class FirstLook:
    """What serves orders of which no rule keeps more than can be said at once.

    Args:
        pools: what is left of each SKU, at any moment of the run.
        rules: the shelves, and what was taken off them.
        places: where units may come from.
        candidates: the locations as a sourcing policy sees them, by id.
        remark_on: what says that a fence or a cap was the limit.
        is_promised: whether lots are judged by what is promised, which is known too late for this.
    """

    def __init__(
        self,
        pools: Pools,
        rules: Rules,
        places: Places,
        candidates: Candidates,
        remark_on: RemarkOn,
        *,
        is_promised: bool,
    ) -> None:
        self._pools = pools
        self._rules = rules
        self._places = places
        self._candidates = candidates
        self._remark_on = remark_on
        self._is_promised = is_promised

    def serve(self, order: Order, demand: RuledDemand, *, has_claims: bool) -> FirstAnswer | None:
        """What the order gets, and what is said of it; None if more has to be looked at.

        Then all is as it was.

        Args:
            order: an order that has nothing yet.
            demand: what its lines need.
            has_claims: whether it has claimed something of what is to come.
        """
        quotas = needs = demand.by_sku
        if not needs or demand.is_particular:
            return None
        limits: dict[str, Limit] = {}
        shelves = self._shelves_with_enough(order, needs, limits)
        if shelves is None:
            return None
        if limits:
            quotas = _within(limits, needs)
            if not quotas or has_claims or not self._are_final(demand, shelves, limits):
                return None
        for sku, shelf in shelves.items():
            offer = shelf.pool(order)
            if shelf.has_packs:
                offer = shelf.leaving_at(offer, quotas.get(sku, 0))
            self._pools[sku] = self._candidates.pool(offer)
        sources = self._places.sources(order, quotas)
        serve = self._refuse if limits and order.ship is _COMPLETE else self._give
        answer = serve(order, demand, sources, shelves, limits, quotas)
        for sku in shelves:  # what an order may have of a shelf depends on the order
            self._pools[sku] = {}
        return answer

    def _shelves_with_enough(
        self, order: Order, needs: Mapping[str, int], limits: dict[str, Limit]
    ) -> Mapping[str, Shelf] | None:
        """The shelves that it needs something of; None if too few are there.

        Of lots that end a customer may have fewer than all: that shows when they are taken.

        Args:
            order: the order.
            needs: units by SKU.
            limits: where a fence or a cap is noted that leaves less than the order needs.
        """
        pools, rules = self._pools, self._rules
        shelves: dict[str, Shelf] = {}
        for sku, units in needs.items():
            shelf = rules.shelves.get(sku)
            if shelf is None:
                if sum((pools[sku] or {}).values()) < units:
                    return None
                continue
            if shelf.units_free < units or shelf.is_of_single_lots:
                return None
            if shelf.has_ends and self._is_promised:
                return None
            if shelf.is_limited and shelf.is_limited_to_less(units):
                limit = rules.limit_below(order, shelf, units)
                if limit is not None:
                    if order.ship is _LINES:
                        return None
                    limits[sku] = limit
            shelves[sku] = shelf
        return shelves

    def _are_final(
        self, demand: RuledDemand, shelves: Mapping[str, Shelf], limits: Mapping[str, Limit]
    ) -> bool:
        """Whether what these limits keep is short, and nothing else has to be looked at.

        Not where it may wait, where kits lack it, where lots that end may be the reason, or where
        an earlier run at this very instant counts.
        """
        if self._rules.same_instant.may_have_given:
            return False
        if any([not limits.keys().isdisjoint(kit.skus) for kit in demand.kits.values()]):
            return False
        limited = [shelves[sku] for sku in limits]
        return not any([shelf.has_ends or shelf.item.backorderable for shelf in limited])

    def _give(
        self,
        order: Order,
        demand: RuledDemand,
        sources: Sources,
        shelves: Mapping[str, Shelf],
        limits: Mapping[str, Limit],
        quotas: Mapping[str, int],
    ) -> FirstAnswer | None:
        """All that an order needs, but for what these limits keep; None if it does not get that."""
        needs, pools = demand.by_sku, self._pools
        places, _, remarks = sources
        for sku, shelf in shelves.items():
            if shelf.has_packs or sku in limits:
                offers = offers_of(pools[sku] or {}, places)
                pools[sku] = shelf.split(quotas.get(sku, 0), offers)
        rows, shortages = self._draw(demand, places)
        missing = sum([units for _, units in shortages])
        if missing != sum([needs[sku] - limit.units for sku, limit in limits.items()]):
            self._put_back(rows, shelves)
            return None
        rows = self._rules.settle(order, shelves, rows)
        self._places.count_used(order, rows)
        if not limits:
            return rows, (), remarks
        shorts = tuple(
            [
                _short_row(line, units, line.units - units, reason_of(limits[line.sku]))
                for line, units in shortages
            ]
        )
        return rows, shorts, remarks + self._remarks_on(order, shelves, limits)

    def _refuse(
        self,
        order: Order,
        demand: RuledDemand,
        sources: Sources,
        shelves: Mapping[str, Shelf],
        limits: Mapping[str, Limit],
        quotas: Mapping[str, int],
    ) -> FirstAnswer | None:
        """That an order which ships complete gets nothing since these limits keep a part of it.

        None if something else may be missing.
        """
        if not self._places.serves_anywhere or not self._have_enough(demand, shelves, limits):
            return None
        pools = self._pools
        places, _, remarks = sources
        shorts: list[ShortRow] = []
        for line, units in demand.lines:
            sku, kit, shelf = line.sku, demand.kits.get(line.id), shelves.get(line.sku)
            there = units_at(pools[sku] or {}, places)
            if shelf is not None:
                quota = quotas.get(sku, 0)
                there = min(there, quota)
                if shelf.has_packs:
                    offers = offers_of(pools[sku] or {}, places)
                    there = sum(shelf.split(quota, offers).values())
            reason = ShortReason.ORDER_SHIPS_COMPLETE if there else ShortReason.OUT_OF_STOCK
            if sku in limits:
                reason = reason_of(limits[sku])
            else:
                skus = (sku,) if kit is None else kit.skus
                locations = [place for each in skus for place in pools[each] or ()]
                reason = reason_of_place(locations, sources) or reason
            shorts.append(_short_row(line, units, line.units - units + there, reason))
        return (), tuple(shorts), remarks + self._remarks_on(order, shelves, limits)

    def _have_enough(
        self, demand: RuledDemand, shelves: Mapping[str, Shelf], limits: Mapping[str, Limit]
    ) -> bool:
        """Whether nothing but these limits keeps something, be it packs or lots that end.

        Nor may anything be reserved for orders behind: what those have counts as if it were free.
        """
        pools = self._pools
        for sku, shelf in shelves.items():
            if self._rules.shelf_if_let_go(sku) is not shelf:
                return False
            if sku not in limits and (shelf.has_packs or shelf.has_ends):
                pool, units = pools[sku] or {}, demand.by_sku[sku]
                if sum(shelf.split(units, offers_of(pool, pool)).values()) < units:
                    return False
        return True

    def _draw(
        self, demand: RuledDemand, places: Sequence[Candidate]
    ) -> tuple[tuple[AllocationRow, ...], list[_Shortage]]:
        """What the lines get from these places in sequence, and which of them lack something."""
        pools = self._pools
        rows: list[AllocationRow] = []
        shortages: list[_Shortage] = []
        for line, sku, units in demand.parts:
            missing = draw(rows, line.id, sku, units, pools[sku] or {}, places)
            if missing:
                shortages.append((line, missing))
        return tuple(rows), shortages

    def _put_back(self, rows: Iterable[AllocationRow], shelves: Collection[str]) -> None:
        """What was taken of SKUs that lie on no shelf is in their pools again."""
        # Few first looks are in vain: so no pool is copied before it is known that this one is.
        for row in map(AllocationView._make, rows):
            pool = self._pools[row.sku]
            if row.sku not in shelves and pool is not None:
                place = self._candidates[row.location]
                pool[place] = pool.get(place, 0) + row.units
                in_rank = sorted(pool.items(), key=lambda each: each[0].in_rank)
                pool.clear()
                pool.update(in_rank)

    def _remarks_on(
        self, order: Order, shelves: Mapping[str, Shelf], limits: Mapping[str, Limit]
    ) -> tuple[Finding, ...]:
        """What is said of these limits."""
        customer, customers = order.customer.id, self._rules.customers
        remarks: list[Finding] = []
        for sku, limit in sorted(limits.items()):
            cap = shelves[sku].item.customer_cap
            purchases = 0 if cap is None else customers.purchases(customer, sku)
            remarks.append(self._remark_on(sku, limit, cap, purchases))
        return tuple(remarks)


def _within(limits: Mapping[str, Limit], needs: Mapping[str, int]) -> dict[str, int]:
    """What an order may have of what it needs: units by SKU."""
    quotas = {**needs, **{sku: limit.units for sku, limit in limits.items()}}
    return {sku: units for sku, units in quotas.items() if units}


def _short_row(line: OrderLine, units: int, available: int, reason: ShortReason) -> ShortRow:
    return line.id, line.sku, units, line.units, available, reason._value_
