"""The allocator of a run in which orders may take what others have reserved.

It serves like any other; but before an order has its turn, units that it lacks and that those
behind it hold are made free, exactly as many as it can use. What it did not take in the end, they
have again. So there is one place where units are given out, with all its rules.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import attrs

from fulfill_core.allocation.allocator import Allocator, kept_by
from fulfill_core.allocation.behind import Behind, Entry, Piece, Where
from fulfill_core.allocation.rules import Needs, PlanByLine
from fulfill_core.allocation.shortfall import whole_packs
from fulfill_core.decisions.decision import Served, held_by_line
from fulfill_core.decisions.finding import note
from fulfill_core.decisions.lines import AllocationRow
from fulfill_core.inventory.availability import overpromised
from fulfill_core.inventory.inventory import Inventory, inventory_of, state_of
from fulfill_core.inventory.overdrafts import at_risk
from fulfill_core.inventory.releasing import with_given_up
from fulfill_core.inventory.stock import Reservation
from fulfill_core.orders.order import Order, OrderLine, Ship
from fulfill_core.protocols import Candidate, SourcingPolicy
from fulfill_core.protocols.plug_points import Pool
from fulfill_core.reallocation.reallocation import (
    ConfirmationStrategy,
    Loss,
    LossReason,
    Reallocation,
)
from fulfill_core.records.facts import Context

_LOSE = ConfirmationStrategy.LOSE
_WIN = ConfirmationStrategy.WIN
_FIRM = ConfirmationStrategy.IMPROVE
_GIVEN_UP = LossReason.GIVEN_UP
_NOT_THERE = LossReason.NOT_THERE
_NOTHING: PlanByLine = {}
_WHOSE = ("order_id", "line_id", "sku", "location", "lot", "reason", "strategy", "to")


class _Stock(NamedTuple):
    """What an order could have of one SKU.

    Args:
        pool: units by location.
        most: what a fence or a cap lets it have; None if there is none.
    """

    pool: Pool
    most: int | None = None

    def at(self, places: Iterable[Candidate]) -> int:
        """Units that it could have from these locations."""
        return self.allowed(sum([self.pool.get(place, 0) for place in places]))

    def allowed(self, units: int) -> int:
        """How many of so many units it may have."""
        return units if self.most is None else min(units, self.most)


class _Offer(NamedTuple):
    """Units that were made free for one order.

    Args:
        taken: how many of which SKU, by location and lot.
        free: how many the order could have had of each SKU before, by location.
    """

    taken: dict[str, dict[Where, int]]
    free: dict[str, dict[str, int]]


class TakingAllocator(Allocator):
    """The stock of one run while it is being given out, and taken back.

    Args:
        inventory: the stock before the run.
        sourcing: the policy that chooses locations.
        context: what the policy is told.
        queue: the orders that will be served, in this sequence.
        reallocation: who may take and who may lose.
        strategies: the strategy of each order of the queue, by id.
    """

    def __init__(
        self,
        inventory: Inventory,
        sourcing: SourcingPolicy,
        context: Context,
        queue: Sequence[Order],
        reallocation: Reallocation,
        strategies: Mapping[str, ConfirmationStrategy],
    ) -> None:
        self._strategies = strategies
        loose = _loose(inventory, context, queue, reallocation, strategies)
        given_up = [each.held for each in loose if each.strategy is _LOSE]
        left = _without(inventory, given_up)
        may_lose = [each for each in loose if each.strategy is not _LOSE]
        first = sorted(may_lose, key=lambda each: (each.strategy is _FIRM, -each.rank))
        missing = at_risk(state_of(left), [each.held for each in first], context.now)
        if missing:
            left = _without(left, missing)
            may_lose = _loose(left, context, queue, reallocation, strategies)
        super().__init__(left, sourcing, context, queue)
        self._shortfall.may_move = True
        self._behind = Behind(may_lose)
        self._lost = [
            (each, strategies[each.order_id], each.quantity, reason)
            for several, reason in ((given_up, _GIVEN_UP), (missing, _NOT_THERE))
            for each in several
        ]

    def losses(self) -> tuple[Loss, ...]:
        """Who lost what to whom, and why; what one line lost to one order, in one row."""
        lost = [(*row, "") for row in self._lost]
        lost += [
            (held, strategy, units, LossReason.TAKEN, to)
            for held, strategy, units, to in self._behind.taken()
        ]
        units_of: Counter[tuple[Any, ...]] = Counter()
        for held, strategy, units, reason, to in lost:
            whose = held.order_id, held.line_id, held.sku, held.location, held.lot
            units_of[*whose, reason, strategy, to] += units
        return tuple(
            [
                Loss(quantity=units, **dict(zip(_WHOSE, row, strict=True)))
                for row, units in units_of.items()
            ]
        )

    def after(self) -> Inventory:
        """The inventory in which all that was given out is reserved, for those who have it now."""
        after = super().after()
        taken = [attrs.evolve(held, quantity=units) for held, _, units, _ in self._behind.taken()]
        return _without(after, taken)

    def serve(self, order: Order, waiting: frozenset[str] = frozenset()) -> Served:
        """The same, after the order took what it lacks from those behind it."""
        less = self._behind.leave(order.id)
        if less:
            self._held[order.id] = _reduced(self._held[order.id], less)
        strategy = self._strategies[order.id]
        if not strategy.may_gain:
            self._plan = _NOTHING
            served = super().serve(order, waiting)
            self._plan = None
            return served
        offer = self._offer(order, waiting, strategy)
        served = super().serve(order, waiting)
        if offer is not None:
            self._withdraw(offer, served[0])
        if strategy is _WIN and (served[1] or served[2]):
            detail = "It was to be confirmed whole and is not: nobody behind it has what it lacks."
            self.remarks += (note("reallocation.not_whole", detail=detail),)
        return served

    # -- Take from those behind ----------------------------------------------------------------

    def _offer(
        self, order: Order, waiting: frozenset[str], strategy: ConfirmationStrategy
    ) -> _Offer | None:
        """Make free what the order can use of what those behind it hold; None if it is nothing."""
        wanted = self._wanted(order, [line for line in order.lines if line.id not in waiting])
        needs = wanted.needs
        loose = {sku: self._loose(order, sku, strategy) for sku in needs}
        if not any(loose.values()):  # the usual case
            return None
        free = {sku: self._stock(order, sku, {}) for sku in needs}
        places = self._chosen(order, needs, free)
        if all([free[sku].at(places) >= units for sku, units in needs.items()]):
            return None
        more = {sku: self._stock(order, sku, loose[sku]) for sku in needs}
        places = self._chosen(order, needs, more)
        usable = _usable(order, wanted, {sku: stock.at(places) for sku, stock in more.items()})
        taken: dict[str, list[Piece]] = {}
        chosen = {place.id for place in places}
        for sku, units in usable.items():
            missing = units - free[sku].at(places)
            if missing > 0:
                where = [each for each in loose[sku] if each[0] in chosen]
                taken[sku] = self._behind.take(sku, where, missing, (order.id, strategy))
        for sku, pieces in taken.items():
            self._hand_over(sku, pieces, 1)
        return _Offer(
            {sku: _by_place(pieces) for sku, pieces in taken.items()},
            {sku: {place.id: units for place, units in free[sku].pool.items()} for sku in taken},
        )

    def _wanted(self, order: Order, lines: Sequence[OrderLine]) -> Needs:
        """What the order still wants, kits taken apart."""
        pools = self._pools
        tracked = [
            line
            for line in lines
            if (pools[line.sku] if line.sku in pools else self._open(line.sku)) is not None
        ]
        return self._rules.wanted(order, tracked, held_by_line(self._held.get(order.id, ())))

    def _loose(self, order: Order, sku: str, strategy: ConfirmationStrategy) -> dict[Where, int]:
        """What the order could take from those behind it, by location and lot."""
        units = self._behind.units(sku, strategy)
        if not units:  # the usual case
            return units
        shelf = self._rules.shelves.get(sku)
        if shelf is not None:
            of_use = shelf.of_use(order, {at[0] for at in units})
            return {at: some for at, some in units.items() if at in of_use}
        closed = overpromised(self._state, sku, self._now)
        return {at: some for at, some in units.items() if at[0] not in closed and not at[1]}

    def _stock(self, order: Order, sku: str, loose: Mapping[Where, int]) -> _Stock:
        """What the order could have of a SKU, with these units of others."""
        if sku in self._rules.shelves:
            reserved = self._held.get(order.id, ())
            units, most = self._rules.could_have(order, sku, reserved, loose)
            return _Stock(self._viewed(units), most)
        pool = self._pools[sku] or {}
        if loose:
            pool = self._with(pool, [(at[0], units) for at, units in loose.items()])
        return _Stock(pool)

    def _with(self, pool: Pool, more: Iterable[tuple[str, int]]) -> Pool:
        """The pool with so many more units at these locations, or fewer; in rank order."""
        units = Counter({place.id: some for place, some in pool.items()})
        for location, some in more:
            units[location] += some
        viewed = self._viewed({location: some for location, some in units.items() if some})
        return dict(sorted(viewed.items(), key=lambda entry: entry[0].in_rank))

    def _chosen(
        self, order: Order, needs: Mapping[str, int], stock: Mapping[str, _Stock]
    ) -> tuple[Candidate, ...]:
        """The locations that the sourcing policy would choose if this were there."""
        pools = self._pools
        asked = {sku: some for sku, units in needs.items() if (some := stock[sku].allowed(units))}
        if not asked:
            return ()
        before = {sku: pools[sku] for sku in asked}
        pools.update({sku: stock[sku].pool for sku in asked})
        chosen = self._sources(order, asked, [(sku, 0, stock[sku].pool) for sku in asked])
        pools.update(before)
        return chosen

    def _is_free(self, sku: str, where: Where) -> int:
        """How many units lie free there now."""
        shelf = self._rules.shelves.get(sku)
        if shelf is not None:
            return shelf.free(*where)
        return (self._pools[sku] or {}).get(self._candidates[where[0]], 0)

    def _hand_over(self, sku: str, pieces: Iterable[Piece], sign: int) -> None:
        """These units are free now; or (sign -1) reserved again."""
        is_plain = sku not in self._rules.shelves
        plain: list[tuple[str, int]] = []
        for held, units in pieces:
            self._shortfall.ahead[sku] += sign * units
            if is_plain:
                plain.append((held.location, sign * units))
            else:
                self._rules.hand_over(held, sign * units)
        if plain:
            self._pools[sku] = self._with(self._pools[sku] or {}, plain)

    def _withdraw(self, offer: _Offer, rows: Iterable[AllocationRow]) -> None:
        """What the order did not take in the end, those who lost it have again."""
        used: Counter[tuple[str, str]] = Counter()
        for _, sku, location, units, _ in rows:
            used[sku, location] += units
        for sku, several in offer.taken.items():
            left: Counter[str] = Counter()
            for (location, _), units in several.items():
                left[location] += units
            for location in left:  # what was free there before was used first
                free = offer.free[sku].get(location, 0)
                left[location] -= max(0, used[sku, location] - free)
            spare: dict[Where, int] = {}
            for where, units in several.items():
                some = min(units, left[where[0]], self._is_free(sku, where))
                if some:
                    left[where[0]] -= some
                    spare[where] = some
            if spare:
                self._hand_over(sku, self._behind.give_back(sku, spare), -1)


def _loose(
    inventory: Inventory,
    context: Context,
    queue: Sequence[Order],
    reallocation: Reallocation,
    strategies: Mapping[str, ConfirmationStrategy],
) -> list[Entry]:
    """What orders of the queue hold that may be taken from them, in rank order."""
    loose: list[Entry] = []
    for rank, order in enumerate(queue):
        strategy = strategies[order.id]
        if strategy.may_lose and inventory.reservations_of(order.id):
            loose += [
                Entry(held, rank, strategy)
                for held in kept_by(order.id, inventory, context.now)
                if reallocation.may_move(order, held, context)
            ]
    return loose


def _usable(order: Order, wanted: Needs, there: Mapping[str, int]) -> dict[str, int]:
    """How many units of each SKU the order would take if so many were there.

    All or nothing where it ships so: units that would be left over are nobody's loss.
    """
    by_line = order.ship is Ship.LINES
    left = dict(there)
    usable: Counter[str] = Counter()
    for line, units in wanted.lines:
        kit = wanted.kits.get(line.id)
        if kit is None:
            most = min(units, left[line.sku])
            together = by_line
        else:
            most = (
                min([(held + left.get(sku, 0)) // each for sku, each, held in kit.parts]) - kit.held
            )
            most = min(units, most)
            together = by_line or kit.together
        if most < units:
            most = 0 if together else whole_packs(line, units, most)
        for sku, some in ((line.sku, most),) if kit is None else kit.more(most):
            left[sku] -= some
            usable[sku] += some
    if order.ship is Ship.COMPLETE and dict(usable) != wanted.needs:
        return {}
    return usable


def _without(inventory: Inventory, losses: Sequence[Reservation]) -> Inventory:
    """The inventory without these units, each of them a reservation in it or a part of one."""
    return inventory_of(with_given_up(state_of(inventory), losses)) if losses else inventory


def _by_place(pieces: Iterable[Piece]) -> dict[Where, int]:
    """How many units lie where, of which lot."""
    units: Counter[Where] = Counter()
    for held, some in pieces:
        units[held.location, held.lot] += some
    return dict(units)


def _reduced(held: tuple[Reservation, ...], less: Iterable[Piece]) -> tuple[Reservation, ...]:
    """The reservations with so many units left of some of them."""
    left = list(held)
    for reservation, units in less:
        index = left.index(reservation)
        left[index : index + 1] = [attrs.evolve(reservation, quantity=units)] if units else []
    return tuple(left)
