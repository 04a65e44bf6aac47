"""The first look at a turn with rules: whether they keep no more than can be said at once.

Of ten such orders four or five get all that they ask for: no fence, cap or pack stops them. Of two
more a fence or a cap keeps some units, and all else is there. They are served here without a
`RuledTurn`, in which all that a rule may come to is noted: that spares two fifths of the steps of
their turns.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import TypeAlias

from fulfill_core.allocation.demand import RuledDemand
from fulfill_core.allocation.drawing import draw, offers_of
from fulfill_core.allocation.places import Candidates, Places
from fulfill_core.allocation.rules import Rules
from fulfill_core.allocation.turn import reason_of
from fulfill_core.decisions.finding import Finding
from fulfill_core.decisions.rows import AllocationRow, AllocationView, ShortRow
from fulfill_core.inventory.item_rules import Limit
from fulfill_core.inventory.shelves.shelf import Shelf
from fulfill_core.orders.order import Order, OrderLine, Ship
from fulfill_core.protocols import Candidate
from fulfill_core.protocols.plug_points import Pools

_PARTIAL = Ship.PARTIAL

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
            if has_claims or not self._are_final(demand, shelves, limits):
                return None
            quotas = _within(limits, needs)
            if not quotas:
                return None
        places, remarks = self._fill_pools(order, shelves, quotas, limits)
        rows, shortages = self._draw(demand, places)
        for sku in shelves:  # what an order may have of a shelf depends on the order
            self._pools[sku] = {}
        missing = sum([units for _, units in shortages])
        if missing != sum([needs[sku] - limit.units for sku, limit in limits.items()]):
            self._put_back(rows, shelves)
            return None
        rows = self._rules.settle(order, shelves, rows)
        self._places.count_used(order, rows)
        shorts = tuple([_short_row(line, units, limits[line.sku]) for line, units in shortages])
        if limits:
            remarks += self._remarks_on(order, shelves, limits)
        return rows, shorts, remarks

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
                    if order.ship is not _PARTIAL:
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

    def _fill_pools(
        self,
        order: Order,
        shelves: Mapping[str, Shelf],
        quotas: Mapping[str, int],
        limited: Collection[str],
    ) -> tuple[tuple[Candidate, ...], tuple[Finding, ...]]:
        """Fill the pools of what lies on shelves; the places that serve the order, and remarks.

        Of what packs, fences or caps limit, these places give no more than it may have.
        """
        pools, skus_to_split = self._pools, list[str]()
        for sku, shelf in shelves.items():
            offer = shelf.pool(order)
            if shelf.has_packs:
                offer = shelf.leaving_at(offer, quotas.get(sku, 0))
            if shelf.has_packs or sku in limited:
                skus_to_split.append(sku)
            pools[sku] = self._candidates.pool(offer)
        places, _, remarks = self._places.sources(order, quotas)
        for sku in skus_to_split:
            offers = offers_of(pools[sku] or {}, places)
            pools[sku] = shelves[sku].split(quotas.get(sku, 0), offers)
        return places, remarks

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


def _short_row(line: OrderLine, units: int, limit: Limit) -> ShortRow:
    """Units that a limit keeps from a line."""
    return line.id, line.sku, units, line.units, line.units - units, reason_of(limit)._value_
