"""The first look at a turn with rules: whether they keep no more than can be said at once.

Of ten such orders four or five get all that they ask for: no fence, cap or pack stops them. Of two
more a fence or a cap keeps some units, and all else is there. They are served here without a
`RuledTurn`, in which all that a rule may come to is noted: that spares two fifths of the steps of
their turns.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import NamedTuple, TypeAlias

from fulfill_core.allocation.demand import RuledDemand, units_at
from fulfill_core.allocation.drawing import draw, draw_off, offers_of
from fulfill_core.allocation.places import Places
from fulfill_core.allocation.rules import Rules
from fulfill_core.allocation.shorts import reason_of_place
from fulfill_core.allocation.turn import reason_of
from fulfill_core.allocation.waiting.pegging import Pegging
from fulfill_core.decisions.finding import Finding
from fulfill_core.decisions.lines import ShortReason
from fulfill_core.decisions.rows import AllocationRow, AllocationView, ShortRow
from fulfill_core.inventory.item_rules import Limit
from fulfill_core.inventory.shelves.shelf import Shelf
from fulfill_core.orders.order import Order, OrderLine, Ship
from fulfill_core.protocols.plug_points import Pool, Pools

_COMPLETE = Ship.COMPLETE
_LINES = Ship.LINES

RemarkOn: TypeAlias = Callable[[str, Limit, int | None, int], Finding]
"""What says that a fence or a cap was the limit (`limit_remark`)."""
FirstAnswer: TypeAlias = tuple[tuple[AllocationRow, ...], tuple[ShortRow, ...], tuple[Finding, ...]]
"""What an order gets, what fences and caps keep from its lines, and remarks."""
_Shortage: TypeAlias = tuple[OrderLine, int]
"""A line, and how many units it lacks."""


class _Terms(NamedTuple):
    """What the rules leave an order.

    Args:
        shelves: those that it needs something of, by SKU.
        limits: the fences and caps that leave less than it needs, by SKU.
        quotas: what it may have of what it needs, units by SKU.
    """

    shelves: Mapping[str, Shelf]
    limits: Mapping[str, Limit]
    quotas: Mapping[str, int]

    def units_for(self, sku: str, pool: Pool, places: Collection[str]) -> int:
        """How many units of a SKU these locations give the order."""
        shelf, quota = self.shelves.get(sku), self.quotas.get(sku, 0)
        if shelf is None:
            return units_at(pool, places)
        if shelf.has_packs:
            return sum(shelf.split(quota, offers_of(pool, places)).values())
        return min(quota, units_at(pool, places))


class FirstLook:
    """What serves orders of which no rule keeps more than can be said at once.

    Args:
        pools: what is left of each SKU, at any moment of the run.
        rules: the shelves, and what was taken off them.
        places: where units may come from.
        pegging: what orders have claimed of what is to come.
        remark_on: what says that a fence or a cap was the limit.
        is_promised: whether lots are judged by what is promised, which is known too late for this.
    """

    def __init__(
        self,
        pools: Pools,
        rules: Rules,
        places: Places,
        pegging: Pegging,
        remark_on: RemarkOn,
        *,
        is_promised: bool,
    ) -> None:
        self._pools = pools
        self._rules = rules
        self._places = places
        self._pegging = pegging
        self._remark_on = remark_on
        self._is_promised = is_promised

    def serve(self, order: Order, demand: RuledDemand) -> FirstAnswer | None:
        """What the order gets, and what is said of it; None if more has to be looked at.

        Then all is as it was.

        Args:
            order: an order that has nothing yet.
            demand: what its lines need.
        """
        if not demand.by_sku or demand.is_particular:
            return None
        terms = self._terms(order, demand.by_sku)
        if terms is None:
            return None
        limits, pools = terms.limits, self._pools
        if limits and not self._are_final(demand, terms):
            return None
        for sku, shelf in terms.shelves.items():
            offer = shelf.pool(order)
            if shelf.has_packs:
                offer = shelf.leaving_at(offer, terms.quotas.get(sku, 0))
            pools[sku] = offer
        serve = self._refuse if limits and order.ship is _COMPLETE else self._give
        answer = serve(order, demand, terms)
        for sku in terms.shelves:  # what an order may have of a shelf depends on the order
            pools[sku] = {}
        return answer

    def _terms(self, order: Order, needs: Mapping[str, int]) -> _Terms | None:
        """What the rules leave the order; None if too few units are there.

        Of lots that end a customer may have fewer than all: that shows when they are taken.
        """
        pools, rules = self._pools, self._rules
        shelves: dict[str, Shelf] = {}
        limits: dict[str, Limit] = {}
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
        if not limits:
            return _Terms(shelves, limits, needs)
        quotas = dict(needs)
        for sku, limit in limits.items():
            if limit.units:
                quotas[sku] = limit.units
            else:
                del quotas[sku]
        return _Terms(shelves, limits, quotas)

    def _are_final(self, demand: RuledDemand, terms: _Terms) -> bool:
        """Whether what the limits keep is short, and nothing else has to be looked at.

        Not where it may wait or was claimed, where kits lack it, where lots that end may be the
        reason, or where an earlier run at this very instant counts.
        """
        limits = terms.limits
        if not terms.quotas or self._pegging.has_claims:
            return False
        if self._rules.same_instant.may_have_given:
            return False
        for kit in demand.kits.values():
            if not limits.keys().isdisjoint(kit.skus):
                return False
        for sku in limits:
            shelf = terms.shelves[sku]
            if shelf.has_ends or shelf.item.backorderable:
                return False
        return True

    def _give(self, order: Order, demand: RuledDemand, terms: _Terms) -> FirstAnswer | None:
        """All that an order needs, but for what limits keep; None if it does not get that."""
        needs, pools = demand.by_sku, self._pools
        shelves, limits, quotas = terms
        places, _, remarks = self._places.sources(order, quotas)
        for sku, shelf in shelves.items():
            if shelf.has_packs or sku in limits:
                offers = offers_of(pools[sku] or {}, places)
                pools[sku] = shelf.split(quotas.get(sku, 0), offers)
        rows, shortages = self._draw(order, demand, shelves, places)
        if limits or shortages:
            missing = sum([units for _, units in shortages])
            if missing != sum([needs[sku] - limit.units for sku, limit in limits.items()]):
                self._put_back(rows, shelves)
                return None
        self._rules.customers.count_taken(order.customer.id, shelves, quotas)
        self._places.count_used(order, rows)
        if not limits:
            return rows, (), remarks
        shorts = [
            _short_row(line, units, line.units - units, reason_of(limits[line.sku]))
            for line, units in shortages
        ]
        return rows, tuple(shorts), remarks + self._remarks_on(order, terms)

    def _refuse(self, order: Order, demand: RuledDemand, terms: _Terms) -> FirstAnswer | None:
        """That an order which ships complete gets nothing, since limits keep a part of it.

        None if something else may be missing.
        """
        if not self._places.serves_anywhere or not self._is_rest_there(demand, terms):
            return None
        pools, limits = self._pools, terms.limits
        sources = self._places.sources(order, terms.quotas)
        places, _, remarks = sources
        shorts: list[ShortRow] = []
        for line, units in demand.lines:
            sku, kit = line.sku, demand.kits.get(line.id)
            available = terms.units_for(sku, pools[sku] or {}, places)
            if sku in limits:
                reason = reason_of(limits[sku])
            else:
                skus = (sku,) if kit is None else kit.skus
                locations = [place for each in skus for place in pools[each] or ()]
                reason = reason_of_place(locations, sources) or (
                    ShortReason.ORDER_SHIPS_COMPLETE if available else ShortReason.OUT_OF_STOCK
                )
            shorts.append(_short_row(line, units, line.units - units + available, reason))
        return (), tuple(shorts), remarks + self._remarks_on(order, terms)

    def _is_rest_there(self, demand: RuledDemand, terms: _Terms) -> bool:
        """Whether nothing but the limits keeps something, be it packs or lots that end.

        Nor may anything be reserved for orders behind: what those have counts as if it were free.
        """
        for sku in terms.shelves:
            if self._rules.is_reserved_behind(sku):
                return False
            pool = self._pools[sku] or {}
            if sku not in terms.limits and terms.units_for(sku, pool, pool) < demand.by_sku[sku]:
                return False
        return True

    def _draw(
        self,
        order: Order,
        demand: RuledDemand,
        shelves: Mapping[str, Shelf],
        places: Sequence[str],
    ) -> tuple[tuple[AllocationRow, ...], list[_Shortage]]:
        """What the lines get from these places in sequence, and which of them lack something."""
        pools = self._pools
        rows: list[AllocationRow] = []
        shortages: list[_Shortage] = []
        for line, sku, units in demand.parts:
            pool = pools[sku] or {}
            if sku in shelves:
                missing = draw_off(rows, order, line.id, sku, units, pool, places, shelves[sku])
            else:
                missing = draw(rows, line.id, sku, units, pool, places)
            if missing:
                shortages.append((line, missing))
        return tuple(rows), shortages

    def _put_back(self, rows: Iterable[AllocationRow], shelves: Mapping[str, Shelf]) -> None:
        """What was taken is on its shelves and in its pools again."""
        # Few first looks are in vain: so no pool is copied before it is known that this one is.
        for row in map(AllocationView._make, rows):
            if row.sku in shelves:
                shelves[row.sku].put(row.location, row.lot, row.units)
            else:
                pool = self._pools[row.sku] or {}
                pool[row.location] = pool.get(row.location, 0) + row.units
                self._pools[row.sku] = self._places.candidates.in_rank_order(pool)

    def _remarks_on(self, order: Order, terms: _Terms) -> tuple[Finding, ...]:
        """What is said of the limits."""
        customer, customers = order.customer.id, self._rules.customers
        remarks: list[Finding] = []
        for sku, limit in sorted(terms.limits.items()):
            cap = terms.shelves[sku].item.customer_cap
            purchases = 0 if cap is None else customers.purchases(customer, sku)
            remarks.append(self._remark_on(sku, limit, cap, purchases))
        return tuple(remarks)


def _short_row(line: OrderLine, units: int, available: int, reason: ShortReason) -> ShortRow:
    return line.id, line.sku, units, line.units, available, reason._value_
