"""What of what is reserved others may take; and what its own order can't use.

Such as half a kit, or half a complete order.

See docs/how-to/reallocate-after-a-count.md.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

import attrs

from fulfill_core.allocation.allocator import kits_of, reserved_for
from fulfill_core.allocation.demand import LotTerms, RuledDemand
from fulfill_core.allocation.late_lots import PromiseOf
from fulfill_core.allocation.taking.piles import LotPlace, ReservedUnits, Takeable
from fulfill_core.allocation.unusable import arrivals_of
from fulfill_core.decisions.rows import (
    AllocationRow,
    AllocationView,
    Served,
    locations_of,
    units_by_place,
)
from fulfill_core.inventory.overdrafts import NO_ARRIVALS, Unusable, Usability
from fulfill_core.inventory.reservations import batches_of
from fulfill_core.inventory.shelves.shelf import Shelf
from fulfill_core.inventory.state import State
from fulfill_core.inventory.stock import Reservation
from fulfill_core.orders.order import Order, OrderLine, Ship
from fulfill_core.protocols.plug_points import Pool
from fulfill_core.reallocation.reallocation import Reallocation
from fulfill_core.reallocation.strategies import ConfirmationStrategy
from fulfill_core.records.facts import Context


class Offer(NamedTuple):
    """Units that were made free for one order.

    Args:
        units: how many of which SKU, by location and lot.
        free_before: how many the order could have had of each SKU before, by location.
    """

    units: dict[str, dict[LotPlace, int]]
    free_before: dict[str, dict[str, int]]


class Obtainable(NamedTuple):
    """What an order could have of one SKU.

    Args:
        pool: units by location.
        limit: what a fence or a cap lets it have; None if there is none.
    """

    pool: Pool
    limit: int | None = None

    def at(self, places: Iterable[str]) -> int:
        """Units that it could have from these locations."""
        return self.within_limit(sum([self.pool.get(place, 0) for place in places]))

    def within_limit(self, units: int) -> int:
        """How many of so many units it may have."""
        return units if self.limit is None else min(units, self.limit)


def gains_by_line(demand: RuledDemand, rows: Iterable[AllocationRow]) -> dict[str, int]:
    """How many units (of a kit line: kits) each line gets with these."""
    rows_of: dict[str, Counter[str]] = {}
    for row in map(AllocationView._make, rows):
        rows_of.setdefault(row.line_id, Counter())[row.sku] += row.units
    gains: dict[str, int] = {}
    for line, _ in demand.lines:
        units, kit = rows_of.get(line.id, Counter()), demand.kits.get(line.id)
        gains[line.id] = units[line.sku] if kit is None else kit.kits_from(units)
    return gains


def gains_of_lots(
    demand: RuledDemand, rows: Iterable[AllocationRow], sku: str, places: Collection[str]
) -> Counter[str]:
    """How many units of the lots that lines ask for they get with these, by lot.

    Args:
        demand: what the order needs.
        rows: what it would get.
        sku: of which SKU.
        places: at which locations.
    """
    lines_of_lots = {line.id for line, _ in demand.lines if line.lot}
    gains: Counter[str] = Counter()
    for row in map(AllocationView._make, rows):
        if row.line_id in lines_of_lots and row.sku == sku and row.location in places:
            gains[row.lot] += row.units
    return gains


class WantedLots(NamedTuple):
    """Of which lots an order wants one of its SKUs.

    Args:
        order: the order.
        sku: the SKU.
        terms: which of the lots are of use to it.
        shelf: where the SKU lies; None if no rule is on it: of one without lots nobody has the one
            that is asked for.
    """

    order: Order
    sku: str
    terms: LotTerms
    shelf: Shelf | None

    def lacking(
        self, units: int, at: Collection[str], gains: Mapping[str, int]
    ) -> Iterable[tuple[str, int]]:
        """Of which lots so many units are lacking, and how many; "" is any.

        Args:
            units: how many are lacking at these locations.
            at: the locations.
            gains: what the order is to get there of the lots that its lines ask for: of one that
                nobody has nothing is lacking.
        """
        needs = self.terms.needs.get(self.sku)
        if needs is None or self.shelf is None:
            yield "", units
            return
        deliveries = self.terms.deliveries.get(self.sku, {})
        for lot, gain in gains.items():
            of_lot = self.shelf.pool(self.order, {}, deliveries, {lot: needs[lot]})
            free = sum([free for location, free in of_lot.items() if location in at])
            lacking = min(units, max(0, gain - free))
            units -= lacking
            yield lot, lacking
        yield "", min(units, needs[""])


def missing_by_sku(
    order: Order,
    rows: Iterable[AllocationRow],
    free: Mapping[str, Obtainable],
    shelves: Mapping[str, Shelf],
) -> dict[str, list[tuple[frozenset[str], int]]]:
    """How many units of each SKU others have to give up at which locations, 1 or more.

    Of whichever of these locations, so that those ranked last lose theirs; but units that leave
    in boxes or packs have to lie in one.

    Args:
        order: the order.
        rows: what it would get.
        free: what it could have of what is free, by SKU.
        shelves: where its SKUs with rules lie, by SKU.
    """
    places = frozenset(locations_of(rows))
    units_at: dict[str, dict[str, int]] = {}
    for (sku, at), units in units_by_place(rows).items():
        units_at.setdefault(sku, {})[at] = units
    skus_in_boxes = {line.sku for line in order.lines if line.units_each > 1}
    missing_of: dict[str, list[tuple[frozenset[str], int]]] = {}
    for sku, of_sku in units_at.items():
        shelf, pool = shelves.get(sku), free[sku].pool
        if sku in skus_in_boxes or (shelf is not None and shelf.has_packs):
            missing = [(frozenset([at]), n - pool.get(at, 0)) for at, n in of_sku.items()]
        else:
            missing = [(places, sum(of_sku.values()) - free[sku].at(places))]
        missing_of[sku] = [(at, units) for at, units in missing if units > 0]
    return missing_of


def takeable_of(
    stock: State,
    context: Context,
    queue: Sequence[Order],
    reallocation: Reallocation,
    strategies: Mapping[str, ConfirmationStrategy],
) -> list[Takeable]:
    """What is reserved for orders of the queue and may be taken from them, in rank order."""
    entries: list[Takeable] = []
    for rank, order in enumerate(queue):
        strategy = strategies[order.id]
        if strategy.may_lose:
            movable = movable_of(order, stock, context, reallocation)
            entries += [Takeable(reservation, rank, strategy) for reservation in movable]
    return entries


def unusable_of(
    stock: State,
    context: Context,
    queue: Sequence[Order],
    reallocation: Reallocation,
    strategies: Mapping[str, ConfirmationStrategy],
    promise_of: PromiseOf | None,
) -> list[Unusable]:
    """What is reserved for orders of the queue, can't be used, and may move."""
    usability = Usability(stock, context.now)
    unusable: list[Unusable] = []
    for order in queue:
        if strategies[order.id] is not ConfirmationStrategy.SKIP:
            # Frozen is a reservation as it is, and not a part of it.
            movable = movable_of(order, stock, context, reallocation)
            arrivals = NO_ARRIVALS
            if promise_of is not None and usability.has_ends(movable):
                served = Served(reserved=tuple(movable), kits=kits_of(stock, order.lines))
                arrivals = arrivals_of(promise_of(order, served))
            unusable += usability.unusable(movable, order, arrivals) if movable else ()
    return unusable


def movable_of(
    order: Order, stock: State, context: Context, reallocation: Reallocation
) -> list[Reservation]:
    """What is reserved for an order and may move; most have nothing reserved."""
    if not batches_of(stock, order.id):
        return []
    return [
        reservation
        for reservation in reserved_for(order.id, stock, context.now)
        if reallocation.may_move(order, reservation, context)
    ]


def at_stake(reserved: Sequence[Reservation], before: Iterable[Reservation]) -> list[ReservedUnits]:
    """What an order may give up, as it can't leave: what this run gave to it, if that is all.

    If it lost something that it had before the run, it may give up the rest as well: else what it
    got in one round and lost in another one would cost it what it came with.

    Args:
        reserved: what is reserved for it now.
        before: what was before the run.
    """
    gains: Counter[tuple[str, ...]] = Counter()
    for each in reserved:
        gains[_place_of(each)] += each.quantity
    for each in before:
        gains[_place_of(each)] -= each.quantity
    if min(gains.values(), default=0) < 0:
        return [(each, each.quantity) for each in reserved]
    pieces: list[ReservedUnits] = []
    for each in reversed(reserved):
        units = min(each.quantity, gains[_place_of(each)])
        if units:
            gains[_place_of(each)] -= units
            pieces.append((each, units))
    return pieces[::-1]


def _place_of(reservation: Reservation) -> tuple[str, ...]:
    """For which line units are reserved, and where they lie."""
    return reservation.line_id, reservation.sku, reservation.location, reservation.lot


def left_over(
    order: Order,
    demand: RuledDemand,
    supplement: Mapping[str, int],
    stake: Sequence[ReservedUnits],
) -> list[ReservedUnits]:
    """The reservations that an order can't use, and how many units of each.

    Args:
        order: the order.
        demand: what it needs beside what is reserved for it.
        supplement: how much of that it would get: units (of a kit line: kits) by line id.
        stake: what it may give up of what is reserved for the lines that have their turn.
    """
    lines_lacking = [
        (line, units) for line, units in demand.lines if supplement.get(line.id, 0) < units
    ]
    if not lines_lacking:
        return []
    if order.ship is Ship.COMPLETE:
        return list(stake)
    spare: Counter[tuple[str, str]] = Counter()
    for line, units in lines_lacking:
        for sku, excess in _excess(order, line, units, demand, supplement.get(line.id, 0)):
            spare[line.id, sku] = excess
    pieces: list[ReservedUnits] = []
    for reservation, units_at_stake in reversed(stake):
        key = reservation.line_id, reservation.sku
        units = min(units_at_stake, spare[key])
        if units:
            spare[key] -= units
            pieces.append((reservation, units))
    return pieces


def _excess(
    order: Order, line: OrderLine, needs: int, demand: RuledDemand, gets: int
) -> Iterable[tuple[str, int]]:
    """What a line that stays incomplete has beyond what may leave: units by SKU.

    Args:
        order: the order.
        line: the line.
        needs: what it needs, in units or kits.
        demand: the order's demand.
        gets: what it would get of that.
    """
    kit = demand.kits.get(line.id)
    is_whole = order.ship is Ship.LINES
    if kit is not None:
        kits = 0 if is_whole or kit.ships_together else kit.reserved + gets
        for part in kit.parts:
            yield part.sku, max(0, part.reserved - kits * part.units_each)
    else:
        owned = line.units - needs
        yield line.sku, owned if is_whole else (owned + gets) % line.units_each


# -- Pieces of reservations --------------------------------------------------------------------


def by_lot_place(pieces: Iterable[ReservedUnits]) -> dict[LotPlace, int]:
    """How many units lie where, of which lot."""
    units_at: Counter[LotPlace] = Counter()
    for reservation, units in pieces:
        units_at[reservation.location, reservation.lot] += units
    return dict(units_at)


def parts_among(
    parts: Iterable[Reservation], reservations: Iterable[Reservation]
) -> list[Reservation]:
    """Those of the parts that are parts of these reservations, or all of one."""
    ones = {attrs.evolve(each, quantity=1) for each in reservations}
    return [part for part in parts if attrs.evolve(part, quantity=1) in ones]


def with_units(
    reserved: tuple[Reservation, ...], reduced: Iterable[ReservedUnits]
) -> tuple[Reservation, ...]:
    """The reservations, some of them with so many units only; without those that have none."""
    rests: dict[Reservation, list[int]] = {}
    for reservation, units in reduced:
        rests.setdefault(reservation, []).append(units)
    remaining: list[Reservation] = []
    for reservation in reserved:
        units_of = rests.get(reservation)
        if not units_of:
            remaining.append(reservation)
            continue
        units = units_of.pop(0)
        if units:
            remaining.append(attrs.evolve(reservation, quantity=units))
    return tuple(remaining)
