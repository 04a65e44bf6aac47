"""The units of orders whose turn is still to come, on piles: whoever ranks last is on top.

See docs/how-to/reallocate-after-a-count.md.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from heapq import heapify, heappop, heappush
from typing import NamedTuple, TypeAlias

import attrs

from fulfill_core.inventory.stock import Reservation
from fulfill_core.protocols.plug_points import Pool
from fulfill_core.reallocation.strategies import ConfirmationStrategy

LotPlace: TypeAlias = tuple[str, str]
"""A location's id and a lot."""
ReservedUnits: TypeAlias = tuple[Reservation, int]
"""A reservation and a number of its units."""

InRankOrder: TypeAlias = Callable[[Pool], Pool]
"""What puts the locations of a pool in rank order."""
_Turn: TypeAlias = tuple[int, LotPlace, int]
"""When an entry is taken, as a sort key: the last in rank first, of a place the last recorded."""

_IMPROVE = ConfirmationStrategy.IMPROVE
_TAKE_FROM_IMPROVE = (ConfirmationStrategy.WIN, ConfirmationStrategy.GAIN)


class Takeable:
    """Units of one reservation that others may take.

    Args:
        reservation: the reservation.
        rank: its order's place in the queue, 0 served first.
        strategy: its order's.
    """

    __slots__ = ("rank", "reservation", "strategy", "turn", "units")

    def __init__(self, reservation: Reservation, rank: int, strategy: ConfirmationStrategy) -> None:
        self.reservation = reservation
        self.rank = rank
        self.strategy = strategy
        self.units = reservation.quantity
        self.turn: _Turn = (-rank, self.place, 0)

    @property
    def place(self) -> LotPlace:
        """Where the units lie, and their lot."""
        return self.reservation.location, self.reservation.lot


class Transfer(NamedTuple):
    """Units that went from one order to another.

    Args:
        source: what they were taken from.
        units: how many.
        order_id: the order that has them now.
    """

    source: Takeable
    units: int
    order_id: str


_Pile: TypeAlias = tuple[str, str, str | None]
"""A SKU, a location's id, and a lot; None for all lots there together."""


class _Piles:
    """Entries by SKU and location, with the lot and without, the last in rank on top; and units.

    There may be thousands of lots, such as serial numbers: who takes of any lot is shown the pile
    of all of them, and looks at what is on top of it only.
    """

    def __init__(self, in_rank_order: InRankOrder) -> None:
        self.units: dict[str, Counter[LotPlace]] = {}
        """Units by SKU, location and lot."""
        self._in_rank_order = in_rank_order
        # Units by SKU and location, and the SKUs of which they may not be in rank order.
        self._pools: dict[str, Pool] = {}
        self._skus_unsorted: set[str] = set()
        self._piles: dict[_Pile, list[tuple[_Turn, Takeable]]] = {}

    def add(self, entry: Takeable, units: int) -> None:
        """So many more units of an entry; it is on its piles, or comes where it was."""
        reservation = entry.reservation
        if not entry.units and units:
            for lot in (reservation.lot, None):
                pile = reservation.sku, reservation.location, lot
                heappush(self._piles.setdefault(pile, []), (entry.turn, entry))
        self._count(entry, units)

    def remove(self, entry: Takeable, units: int) -> None:
        """So many fewer units of an entry."""
        self._count(entry, -units)

    def _count(self, entry: Takeable, units: int) -> None:
        entry.units += units
        sku, location, place = entry.reservation.sku, entry.reservation.location, entry.place
        by_place = self.units.setdefault(sku, Counter())
        pool = self._pools.setdefault(sku, {})
        if location not in pool:
            self._skus_unsorted.add(sku)
        by_place[place] += units
        pool[location] = pool.get(location, 0) + units
        if not by_place[place]:  # else whoever asks would walk over what is gone
            del by_place[place]
        if not pool[location]:
            del pool[location]

    def pool(self, sku: str) -> Pool:
        """Units of a SKU by location, in rank order; kept up to date, as there may be thousands."""
        pool = self._pools.get(sku, {})
        if sku in self._skus_unsorted:
            self._skus_unsorted.discard(sku)
            pool = self._pools[sku] = self._in_rank_order(pool)
        return pool

    def top(self, pile: _Pile) -> list[tuple[_Turn, _Pile]]:
        """When the last in rank of a pile is taken, and of which pile; empty if it has no units."""
        entries = self._piles.get(pile, [])
        # An entry that lost all its units, or whose order had its turn, may be anywhere in the
        # pile; it is thrown out when it comes on top. So is one that is there twice.
        while entries and not entries[0][1].units:
            heappop(entries)
        return [(entries[0][0], pile)] if entries else []

    def pop(self, pile: _Pile) -> Takeable:
        """Take the entry on top off its pile."""
        _, entry = heappop(self._piles[pile])
        return entry

    def push(self, pile: _Pile, entry: Takeable) -> None:
        """Put an entry back on the pile that it was taken off."""
        heappush(self._piles[pile], (entry.turn, entry))


class TakeableStock:
    """What is reserved for orders whose turn is still to come, as far as others may take it.

    Units are taken from whoever ranks last. An order that loses units takes what it lacks from
    those ranked after it, in its turn, so the last go without in any case: taken from them at once,
    nobody else is disturbed. Each unit is put on its piles once and taken once.

    Args:
        entries: what others may take, in rank order.
        in_rank_order: what puts the locations of a pool in rank order.
    """

    def __init__(self, entries: Iterable[Takeable], in_rank_order: InRankOrder) -> None:
        self._in_rank_order = in_rank_order
        self._ordinary = _Piles(in_rank_order)
        # Orders that improve lose to few, and only what nobody else has: piles of their own.
        self._protected = _Piles(in_rank_order)
        self._entries_of: dict[str, list[Takeable]] = {}
        self._transfers: list[Transfer] = []
        for number, entry in enumerate(entries):
            entry.turn = -entry.rank, entry.place, -number
            units, entry.units = entry.units, 0
            self._piles_of(entry).add(entry, units)
            self._entries_of.setdefault(entry.reservation.order_id, []).append(entry)

    def _piles_of(self, entry: Takeable) -> _Piles:
        return self._protected if entry.strategy is _IMPROVE else self._ordinary

    def _open_to(self, strategy: ConfirmationStrategy) -> tuple[_Piles, ...]:
        if strategy in _TAKE_FROM_IMPROVE:
            return self._ordinary, self._protected
        return (self._ordinary,)

    def begin_turn_of(self, order_id: str) -> list[ReservedUnits]:
        """The order has its turn: nobody takes from it any more.

        Returns:
            What it lost: its reservations, and the units that each still has. Those that are whole
            are not among them.
        """
        reduced: list[ReservedUnits] = []
        # Its units leave the piles; what it lacks now it may take from those still on them.
        for entry in self._entries_of.pop(order_id, ()):
            if entry.units < entry.reservation.quantity:
                reduced.append((entry.reservation, entry.units))
            if entry.units:
                self._piles_of(entry).remove(entry, entry.units)
        return reduced

    def units(self, sku: str, strategy: ConfirmationStrategy) -> dict[LotPlace, int]:
        """What an order with this strategy could take of a SKU, by location and lot."""
        return _sum([piles.units.get(sku) for piles in self._open_to(strategy)])

    def pool(self, sku: str, strategy: ConfirmationStrategy) -> Pool:
        """The same by location, whatever the lot, in rank order."""
        ordinary = self._ordinary.pool(sku)
        if strategy not in _TAKE_FROM_IMPROVE:
            return ordinary.copy()
        return joined(ordinary, self._protected.pool(sku), self._in_rank_order)

    def take(
        self,
        sku: str,
        locations: Iterable[str],
        lot: str,
        units: int,
        taker: tuple[str, ConfirmationStrategy],
        is_of_use: Callable[[LotPlace], bool],
    ) -> list[ReservedUnits]:
        """Take up to so many units for an order, from whoever ranks last.

        Args:
            sku: of which SKU.
            locations: from which locations.
            lot: of which lot; empty for any.
            units: how many, 1 or more.
            taker: the order's id and its strategy.
            is_of_use: whether units from a location, of a lot, are of use to it.

        Returns:
            The reservations that they were taken from, and how many of each.
        """
        pieces: list[ReservedUnits] = []
        order_id, strategy = taker
        names = [(sku, location, lot or None) for location in locations]
        for piles in self._open_to(strategy):
            tops = [top for name in names for top in piles.top(name)]
            # The last in rank of all places; an entry that was used up makes room for the next one
            # of its own pile.
            heapify(tops)
            passed_over: list[tuple[_Pile, Takeable]] = []
            while tops and units:
                _, name = heappop(tops)
                entry = piles.pop(name)
                piece = min(entry.units, units) if is_of_use(entry.place) else 0
                if piece:
                    piles.remove(entry, piece)
                    self._transfers.append(Transfer(entry, piece, order_id))
                    pieces.append((entry.reservation, piece))
                    units -= piece
                if entry.units:
                    passed_over.append((name, entry))
                for top in piles.top(name):
                    heappush(tops, top)
            for name, entry in passed_over:
                piles.push(name, entry)
        return pieces

    def give_back(self, sku: str, spare: Mapping[LotPlace, int]) -> list[ReservedUnits]:
        """Of what was taken last, these units were not needed: whoever lost last has them again.

        Returns:
            The reservations that they are of, and how many of each.
        """
        # Backwards through the transfers: who lost last ranks before the other losers of this
        # turn, and is the first to have its units again.
        spare_units, rest = dict(spare), sum(spare.values())
        unchanged: list[Transfer] = []
        pieces: list[ReservedUnits] = []
        while rest:
            transfer = self._transfers.pop()
            entry, units, _ = transfer
            is_of_sku = entry.reservation.sku == sku
            piece = min(units, spare_units.get(entry.place, 0)) if is_of_sku else 0
            if piece:
                spare_units[entry.place] -= piece
                rest -= piece
                self._piles_of(entry).add(entry, piece)
                pieces.append((entry.reservation, piece))
            if units > piece:
                unchanged.append(transfer._replace(units=units - piece))
        self._transfers += reversed(unchanged)
        return pieces

    @property
    def reservations_taken(self) -> Iterable[Reservation]:
        """What went from one order to another, as the parts of reservations that it was."""
        return [
            attrs.evolve(source.reservation, quantity=units) for source, units, _ in self._transfers
        ]

    @property
    def transfers(self) -> Iterable[Transfer]:
        """Who lost what to whom, in the sequence of the turns."""
        return tuple(self._transfers)


def _sum(parts: Iterable[Counter[LotPlace] | None]) -> dict[LotPlace, int]:
    """Units by location and lot, in all of these together."""
    units: Counter[LotPlace] = Counter()
    for part in parts:
        units.update(part or {})
    return dict(units)


def joined(pool: Pool, more: Pool, in_rank_order: InRankOrder) -> Pool:
    """The units of two pools, in rank order.

    What is copied is the larger one, at the speed of C: there may be thousands of locations.
    """
    smaller, larger = sorted((pool, more), key=len)
    units = larger.copy()
    for location, units_there in smaller.items():
        units[location] = units.get(location, 0) + units_there
    return units if len(units) == len(larger) else in_rank_order(units)


def changed(pool: Pool, more: Iterable[tuple[str, int]], in_rank_order: InRankOrder) -> Pool:
    """The pool with so many more units at these locations, or fewer; in rank order."""
    units, is_in_rank = dict(pool), True
    for location, units_more in more:
        units_there = units.get(location)
        if units_there is None:
            units[location], is_in_rank = units_more, False
        elif units_there + units_more:
            units[location] = units_there + units_more
        else:
            del units[location]
    # As it is where nothing comes to a place that had nothing.
    return units if is_in_rank else in_rank_order(units)


class TakeableUnits(NamedTuple):
    """What an order could take of a SKU from those behind it.

    Args:
        pool: units by location, in rank order, where all lots are the same to the order: there may
            be thousands, such as serial numbers.
        of_lots: units by location and lot, where they are not.
    """

    pool: Pool
    of_lots: Mapping[LotPlace, int]

    def by_lot_place(self) -> Iterable[tuple[LotPlace, int]]:
        """Units by location and lot; of whichever lots, as units without one."""
        yield from [((location, ""), units) for location, units in self.pool.items()]
        yield from self.of_lots.items()
