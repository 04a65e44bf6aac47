"""The one allocator: orders in rank order, each against what those before it left.

It works on a private copy of what is available for the SKUs that the batch asks for (and of no
others), and is thrown away when the run is over. What it returns are plain rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple, TypeAlias

from fulfill_core import _fields
from fulfill_core._decision import (
    AllocationRow,
    BackorderRow,
    ShortReason,
    ShortRow,
    held_by_line,
)
from fulfill_core._facts import Context
from fulfill_core._inventory import Inventory, to_reservations
from fulfill_core._order import Order, OrderLine, Ship
from fulfill_core._stock import Location, Reservation, Supply
from fulfill_core.exceptions import PluginError
from fulfill_core.protocols import Candidate, Demand, SourcingPolicy, name_of

Pool: TypeAlias = dict[str, int]
"""What is left of one SKU, by location id, in rank order; locations with nothing are left out."""

_COMPLETE = Ship.COMPLETE
_LINES = Ship.LINES
_new_demand = _fields.unchecked(Demand)


class Served(NamedTuple):
    """What one order got: the rows of its decision."""

    allocations: tuple[AllocationRow, ...] = ()
    backorders: tuple[BackorderRow, ...] = ()
    shorts: tuple[ShortRow, ...] = ()
    reserved: tuple[Reservation, ...] = ()
    untracked: frozenset[str] = frozenset()


_Want: TypeAlias = tuple[OrderLine, int, Pool]
"""A line that still needs units, how many, and the pool that they come from."""


class Allocator:
    """The stock of one run while it is being given out.

    Args:
        inventory: the stock before the run.
        sourcing: the policy that chooses locations.
        context: what the policy is told.
    """

    def __init__(self, inventory: Inventory, sourcing: SourcingPolicy, context: Context) -> None:
        self._inventory = inventory
        self._sourcing = sourcing
        self._context = context
        self._now = context.now
        self._pools: dict[str, Pool | None] = {}  # None: the item is not tracked
        self._supplies: dict[str, list[tuple[Supply, int]]] = {}
        places = inventory.locations
        self._position = {place.id: position for position, place in enumerate(places)}
        self._candidates = {place.id: self._candidate(place) for place in places}
        self.taken: dict[str, tuple[AllocationRow, ...]] = {}

    def _candidate(self, place: Location) -> Candidate:
        return Candidate(place, self._pools)

    def after(self) -> Inventory:
        """The inventory in which all that was given out is reserved."""
        return self._inventory.with_batches(self._now, self.taken)

    def held(self, order: Order) -> tuple[Reservation, ...]:
        """What the order holds already and keeps: reservations that have not expired."""
        now = self._now
        return tuple(
            held
            for held in to_reservations(order.id, self._inventory.batches_of(order.id))
            if held.expires_at is None or now < held.expires_at
        )

    def untracked(self, order: Order) -> frozenset[str]:
        """The ids of the order's lines that need no stock."""
        return frozenset(line.id for line in order.lines if self._pool(line.sku) is None)

    def serve(self, order: Order) -> Served:
        """Give the order what it still needs, as far as it is there, and say what it did not get."""
        reserved: tuple[Reservation, ...] = ()
        wants: list[_Want] = []
        needs: dict[str, int] = {}
        has_untracked = False
        held = None
        if self._inventory.batches_of(order.id):
            reserved = self.held(order)
            held = held_by_line(reserved)
        for line in order.lines:
            sku = line.sku
            pool = self._pool(sku)
            if pool is None:
                has_untracked = True
                continue
            units = line.units
            if held is not None:
                units -= held.get((line.id, sku), 0)
                if units <= 0:
                    continue
            wants.append((line, units, pool))
            needs[sku] = needs.get(sku, 0) + units
        untracked = self.untracked(order) if has_untracked else frozenset[str]()
        if not wants:
            return Served(reserved=reserved, untracked=untracked)
        places = self._sources(order, needs, wants)
        if order.ship is _COMPLETE and not self._covers(places, needs):
            backorders, shorts = self._wait(order, wants, places, needs)
            return Served((), backorders, shorts, reserved, untracked)
        allocations, backorders, shorts = self._take(order, wants, places)
        if allocations:
            self.taken[order.id] = allocations
        return Served(allocations, backorders, shorts, reserved, untracked)

    def _pool(self, sku: str) -> Pool | None:
        """What is left of *sku*; asked of the inventory when the run first needs it."""
        try:
            return self._pools[sku]
        except KeyError:
            inventory = self._inventory
            pool = inventory.pool(sku, self._now) if inventory.item(sku).tracked else None
            self._pools[sku] = pool
            return pool

    def _sources(self, order: Order, needs: dict[str, int], wants: list[_Want]) -> Sequence[str]:
        """The ids of the locations that serve the order, as the policy puts them in sequence."""
        if len(wants) == 1:
            ids: Iterable[str] = wants[0][2]
        else:
            found: dict[str, None] = {}
            for _, _, pool in wants:
                found.update(dict.fromkeys(pool))
            ids = sorted(found, key=self._position.__getitem__)
        candidates = self._candidates
        offered = tuple([candidates[place] for place in ids])
        if not offered:
            return ()
        sourcing = self._sourcing
        demand = _new_demand(order, tuple(needs.items()))
        try:
            chosen = tuple(sourcing(demand, offered, context=self._context))
        except Exception as error:
            raise PluginError(
                name_of(sourcing), order.id, f"raised {error!r}; a policy must not raise"
            ) from error
        allowed: Iterable[Candidate] = offered if len(offered) <= 8 else frozenset(offered)
        for candidate in chosen:
            if candidate not in allowed:
                raise PluginError(
                    name_of(sourcing),
                    order.id,
                    f"returned {candidate!r}, which was not offered; return some of the candidates",
                )
        if len(set(chosen)) != len(chosen):
            raise PluginError(
                name_of(sourcing), order.id, "returned a candidate twice; return each at most once"
            )
        return [candidate.id for candidate in chosen]

    def _covers(self, places: Sequence[str], needs: dict[str, int]) -> bool:
        """Whether these locations have, together, all that is needed."""
        for sku, units in needs.items():
            if _sum(self._pools[sku] or {}, places) < units:
                return False
        return True

    def _take(
        self, order: Order, wants: list[_Want], places: Sequence[str]
    ) -> tuple[tuple[AllocationRow, ...], tuple[BackorderRow, ...], tuple[ShortRow, ...]]:
        """Line by line, from each location in sequence, what it has of what is still missing."""
        taken: list[AllocationRow] = []
        backorders: list[BackorderRow] = []
        shorts: list[ShortRow] = []
        by_line = order.ship is _LINES
        for line, units, pool in wants:
            left = units
            kept_back = 0  # units that are not taken although they are there
            if by_line or line.units_each > 1:
                there = _sum(pool, places)
                if there < units:
                    kept_back = units if by_line else units - _whole_packs(line, units, there)
                    left -= kept_back
            if left:
                line_id, sku = line.id, line.sku
                for place in places:
                    have = pool.get(place)
                    if have is None:
                        continue
                    if have > left:
                        pool[place] = have - left
                        taken.append((line_id, sku, place, left, ""))
                        left = 0
                        break
                    del pool[place]
                    taken.append((line_id, sku, place, have, ""))
                    left -= have
                    if not left:
                        break
            missing = left + kept_back
            if missing:
                got = units - missing
                if self._inventory.item(line.sku).backorderable:
                    backorders += self._pegged(line, missing)
                else:
                    shorts.append(self._short(line, missing, got, pool, places))
        return tuple(taken), tuple(backorders), tuple(shorts)

    def _wait(
        self, order: Order, wants: list[_Want], places: Sequence[str], needs: dict[str, int]
    ) -> tuple[tuple[BackorderRow, ...], tuple[ShortRow, ...]]:
        """What an order that ships complete and cannot is told: it takes nothing on hand.

        If all that is missing may be backordered, the whole order is; otherwise it will never be
        complete, so all of it is short and no supply is kept for it.
        """
        inventory = self._inventory
        missing = {sku for sku, units in needs.items() if _sum(self._pools[sku] or {}, places) < units}
        if all(inventory.item(sku).backorderable for sku in missing):
            backorders: list[BackorderRow] = []
            for line, units, _ in wants:
                backorders += self._pegged(line, units)
            return tuple(backorders), ()
        shorts: list[ShortRow] = []
        for line, units, pool in wants:
            row = self._short(line, units, 0, pool, places)
            if line.sku not in missing:
                row = (*row[:5], ShortReason.ORDER_SHIPS_COMPLETE)
            shorts.append(row)
        return (), tuple(shorts)

    def _short(
        self, line: OrderLine, missing: int, got: int, pool: Pool, places: Sequence[str]
    ) -> ShortRow:
        """The missing units of a line, with how many there were for it and why it did not get them."""
        inventory = self._inventory
        there = got + _sum(pool, places)
        if not inventory.is_known(line.sku):
            reason = ShortReason.UNKNOWN_SKU
        elif got + sum(pool.values()) >= got + missing:
            reason = ShortReason.NOT_SOURCED
        elif there > got:
            reason = ShortReason.LINE_SHIPS_WHOLE
        else:
            reason = ShortReason.OUT_OF_STOCK
        return line.id, line.sku, missing, line.units, there, reason

    def _pegged(self, line: OrderLine, units: int) -> Iterable[BackorderRow]:
        """The units as backorders on the earliest supplies that have some left; the rest open."""
        supplies = self._supplies.get(line.sku)
        if supplies is None:
            supplies = [(supply, supply.quantity) for supply in self._inventory.supplies_of(line.sku)]
            supplies.reverse()  # the earliest last, where it can be popped
            self._supplies[line.sku] = supplies
        while units and supplies:
            supply, left = supplies.pop()
            pegged = min(units, left)
            if left > pegged:
                supplies.append((supply, left - pegged))
            units -= pegged
            yield line.id, line.sku, pegged, supply.id, supply.expected_at
        if units:
            yield line.id, line.sku, units, "", None


def _sum(pool: Pool, places: Iterable[str]) -> int:
    return sum([pool.get(place, 0) for place in places])


def _whole_packs(line: OrderLine, units: int, there: int) -> int:
    """How many units to take so that the line has whole packs, given what it holds already."""
    held = line.units - units
    return max(0, (held + there) // line.units_each * line.units_each - held)


def is_due(order: Order, now: datetime) -> bool:
    """Whether the order may claim stock yet."""
    return order.ship_after is None or order.ship_after <= now
