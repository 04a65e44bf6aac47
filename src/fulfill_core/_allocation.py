"""The one allocator: orders in rank order, each against what those before it left.

It works on a private copy of what is available for the SKUs that the batch asks for (and of no
others), and is thrown away when the run is over. What it returns are plain rows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import TypeAlias

from fulfill_core import _fields
from fulfill_core._decision import (
    AllocationRow,
    BackorderRow,
    Served,
    ShortReason,
    ShortRow,
    held_by_line,
)
from fulfill_core._facts import Context
from fulfill_core._finding import Finding
from fulfill_core._holds import sequence, to_reservations
from fulfill_core._inventory import Inventory
from fulfill_core._order import Order, OrderLine, Ship
from fulfill_core._stock import Reservation, Supply
from fulfill_core.exceptions import PluginError
from fulfill_core.protocols import (
    Candidate,
    Demand,
    Pool,
    Pools,
    SourcingPlan,
    SourcingPolicy,
    name_of,
)

_COMPLETE = Ship.COMPLETE
_LINES = Ship.LINES
_IN_RANK = attrgetter("in_rank")
_DemandTwin = _fields.twin(Demand)


_Want: TypeAlias = tuple[OrderLine, int, Pool]
"""A line that still needs units, how many, and the pool that they come from."""


class Allocator:
    """The stock of one run while it is being given out.

    Args:
        inventory: the stock before the run.
        sourcing: the policy that chooses locations.
        context: what the policy is told.
        queue: the orders that will be served, in any sequence.
    """

    def __init__(
        self,
        inventory: Inventory,
        sourcing: SourcingPolicy,
        context: Context,
        queue: Iterable[Order],
    ) -> None:
        self._inventory = inventory
        self._sourcing = sourcing
        self._context = context
        self._now = context.now
        self._pools: Pools = {}
        self._supplies: dict[str, list[tuple[Supply, int]]] = {}
        self._candidates: dict[str, Candidate] = {}
        self._held = {order.id: self.held(order) for order in inventory.holding(queue)}
        # Units that are reserved for orders of the queue whose turn is still to come, by SKU.
        self._behind: Counter[str] = Counter()
        for reserved in self._held.values():
            self._pass(reserved, 1)
        self._taken: dict[str, tuple[AllocationRow, ...]] = {}
        self.remarks: tuple[Finding, ...] = ()
        """What the sourcing policy had to say on the order that was served last."""

    def after(self) -> Inventory:
        """The inventory in which all that was given out is reserved."""
        return self._inventory.with_batches(self._now, self._taken)

    def held(self, order: Order) -> tuple[Reservation, ...]:
        """What the order holds already and keeps: reservations that have not expired."""
        now = self._now
        held = [
            reservation
            for reservation in to_reservations(order.id, self._inventory.batches_of(order.id))
            if reservation.expires_at is None or now < reservation.expires_at
        ]
        return tuple(sorted(held, key=sequence))

    def _pass(self, reserved: Iterable[Reservation], sign: int) -> None:
        for reservation in reserved:
            self._behind[reservation.sku] += sign * reservation.quantity

    def pass_over(self, order: Order) -> Served:
        """Give the order nothing: it is not in the queue. It keeps what it holds."""
        is_tracked = self._inventory.is_tracked
        untracked = tuple([line.id for line in order.lines if not is_tracked(line.sku)])
        return (), (), (), self.held(order), untracked

    def serve(self, order: Order, waiting: frozenset[str] = frozenset()) -> Served:
        """Give the order what it still needs, as far as it is there; say what it did not get.

        Lines that are *waiting* for a person are passed over. They keep what they hold.
        """
        self.remarks = ()
        held = None
        reserved = self._held.get(order.id, ())
        if reserved:
            self._pass(reserved, -1)
            held = held_by_line(reserved)
        untracked: tuple[str, ...] = ()
        pools = self._pools
        wants: list[_Want] = []
        needs: dict[str, int] = {}
        lines = order.lines
        if waiting:
            lines = tuple([line for line in lines if line.id not in waiting])
        for line in lines:
            sku = line.sku
            try:
                pool = pools[sku]
            except KeyError:
                pool = self._open(sku)
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
        if not wants:
            return (), (), (), reserved, untracked
        places = self._sources(order, needs, wants)
        if order.ship is _COMPLETE and not self._covers(needs, places):
            backorders, shorts = self._wait(wants, places, needs)
            return (), backorders, shorts, reserved, untracked
        allocations, backorders, shorts = self._take(order, wants, places)
        if allocations:
            self._taken[order.id] = allocations
        return allocations, backorders, shorts, reserved, untracked

    def _open(self, sku: str) -> Pool | None:
        """What is available of *sku*, asked of the inventory when the run first needs it."""
        inventory = self._inventory
        pool = None
        if inventory.is_tracked(sku):
            known = self._candidates.get
            free = inventory.pool(sku, self._now)
            pool = {known(place) or self._view(place): units for place, units in free.items()}
        self._pools[sku] = pool
        return pool

    def _view(self, place: str) -> Candidate:
        """The one view onto a location, made when the run first needs it."""
        candidate = Candidate.on(self._inventory.location(place), self._pools)
        self._candidates[place] = candidate
        return candidate

    def _sources(
        self, order: Order, needs: dict[str, int], wants: list[_Want]
    ) -> tuple[Candidate, ...]:
        """The locations that serve the order, as the policy puts them in sequence."""
        first = places = wants[0][2]
        if len(wants) > 1:
            for _, _, pool in wants:
                if pool is not first and not pool.keys() <= places.keys():
                    places = places | pool
        if not places:
            return ()
        offered = tuple(places) if places is first else tuple(sorted(places, key=_IN_RANK))
        sourcing = self._sourcing
        demand = _DemandTwin()
        demand.order = order
        demand.needs = tuple(needs.items())
        demand.__class__ = Demand
        try:
            plan = sourcing(demand, offered, context=self._context)
            chosen = tuple(plan)
        except Exception as error:
            raise PluginError(
                name_of(sourcing),
                order.id,
                f"raised {_fields.shown(error)}; a policy must not raise",
            ) from error
        if chosen is not plan and isinstance(plan, SourcingPlan):
            self.remarks = plan.remarks
        if chosen is not offered and not (len(chosen) == 1 and chosen[0] in offered):
            self._check(order, offered, chosen)
        return chosen

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
                    f"returned {candidate!r}, which was not offered; return some of the candidates",
                )
        if len(frozenset(map(id, chosen))) != len(chosen):
            raise PluginError(
                name_of(self._sourcing),
                order.id,
                "returned a candidate twice; return each at most once",
            )

    def _covers(self, needs: dict[str, int], places: Sequence[Candidate]) -> bool:
        """Whether these locations have, together, all that is needed."""
        for sku, units in needs.items():
            pool = self._pools[sku] or {}
            left = units
            for place in places:
                left -= pool.get(place, 0)
                if left <= 0:
                    break
            else:
                return False
        return True

    def _lacking(self, needs: dict[str, int], places: Sequence[Candidate]) -> set[str]:
        """The SKUs of which these locations do not have, together, all that is needed."""
        return {sku for sku, units in needs.items() if _sum(self._pools[sku] or {}, places) < units}

    def _take(
        self, order: Order, wants: list[_Want], places: Sequence[Candidate]
    ) -> tuple[tuple[AllocationRow, ...], tuple[BackorderRow, ...], tuple[ShortRow, ...]]:
        """Line by line, from each location in sequence, what it has of what is still missing."""
        taken: list[AllocationRow] = []
        backorders: list[BackorderRow] = []
        shorts: list[ShortRow] = []
        by_line = order.ship is _LINES
        for want in wants:
            line, units, pool = want
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
                if self._inventory.is_backorderable(line.sku):
                    backorders += self._pegged(line, missing)
                else:
                    reason = ShortReason.LINE_SHIPS_WHOLE
                    shorts.append(self._short(want, missing, places, reason))
        return tuple(taken), tuple(backorders), tuple(shorts)

    def _wait(
        self, wants: list[_Want], places: Sequence[Candidate], needs: dict[str, int]
    ) -> tuple[tuple[BackorderRow, ...], tuple[ShortRow, ...]]:
        """What an order that ships complete and cannot is told: it takes nothing on hand.

        If all that is missing may be backordered, the whole order is; otherwise it will never be
        complete, so all of it is short and no supply is kept for it. Units that are reserved for
        orders behind it are not missing: it let them go itself, in this run or an earlier one, and
        must hear the same in each.
        """
        inventory = self._inventory
        behind = self._behind
        missing = {
            sku
            for sku, units in needs.items()
            if sum((self._pools[sku] or {}).values()) + behind[sku] < units
        } or self._lacking(needs, places)  # all is there: the sourcing policy left it out
        if all(map(inventory.is_backorderable, missing)):
            backorders: list[BackorderRow] = []
            for line, units, _ in wants:
                backorders += self._pegged(line, units)
            return tuple(backorders), ()
        shorts: list[ShortRow] = []
        for want in wants:
            line, units, _ = want
            lacks = line.sku in missing
            reason = ShortReason.OUT_OF_STOCK if lacks else ShortReason.ORDER_SHIPS_COMPLETE
            shorts.append(self._short(want, units, places, reason))
        return (), tuple(shorts)

    def _short(
        self, want: _Want, missing: int, places: Sequence[Candidate], left_there: ShortReason
    ) -> ShortRow:
        """The missing units of a line, how many there were for it, and why it did not get them.

        *left_there* is the reason if some are there and were not taken.
        """
        line, units, pool = want
        left = _sum(pool, places)
        if not self._inventory.is_known(line.sku):
            reason = ShortReason.UNKNOWN_SKU
        elif sum(pool.values()) > left:
            reason = ShortReason.NOT_SOURCED
        else:
            reason = left_there if left else ShortReason.OUT_OF_STOCK
        return line.id, line.sku, missing, line.units, units - missing + left, reason.value

    def _pegged(self, line: OrderLine, units: int) -> Iterable[BackorderRow]:
        """The units as backorders on the earliest supplies that have some left; the rest open."""
        supplies = self._supplies.get(line.sku)
        if supplies is None:
            supplies = [
                (supply, supply.quantity) for supply in self._inventory.supplies_of(line.sku)
            ]
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


def _sum(pool: Pool, places: Iterable[Candidate]) -> int:
    return sum([pool.get(place, 0) for place in places])


def _whole_packs(line: OrderLine, units: int, there: int) -> int:
    """How many units to take so that the line has whole packs, given what it holds already."""
    held = line.units - units
    return max(0, (held + there) // line.units_each * line.units_each - held)
