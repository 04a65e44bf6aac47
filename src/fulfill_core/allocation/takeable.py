"""What others may take of what is reserved: the units of orders whose turn is still to come.

And what an order would take, and can't use then: half a kit, half a complete order.

See docs/how-to/reallocate-after-a-count.md.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from heapq import heapify, heappop, heappush
from typing import NamedTuple, TypeAlias, TypeVar

import attrs

from fulfill_core.allocation.allocator import kits_of, reserved_for
from fulfill_core.allocation.by_rule import PromiseOf
from fulfill_core.allocation.demand import RuledDemand
from fulfill_core.allocation.unusable import arrivals_of
from fulfill_core.decisions.decision import Served
from fulfill_core.decisions.rows import AllocationRow, AllocationView
from fulfill_core.inventory.overdrafts import NO_ARRIVALS, Unusable, Usability
from fulfill_core.inventory.reservations import batches_of
from fulfill_core.inventory.state import State
from fulfill_core.inventory.stock import Reservation
from fulfill_core.orders.order import Order, OrderLine, Ship
from fulfill_core.protocols import Candidate
from fulfill_core.protocols.plug_points import Pool
from fulfill_core.reallocation.reallocation import Reallocation
from fulfill_core.reallocation.strategies import ConfirmationStrategy
from fulfill_core.records.facts import Context

LotPlace: TypeAlias = tuple[str, str]
"""A location's id and a lot."""
ReservedUnits: TypeAlias = tuple[Reservation, int]
"""A reservation and a number of its units."""

_Turn: TypeAlias = tuple[int, LotPlace, int]
"""When an entry is taken, as a sort key: the last in rank first, of a place the last recorded."""

K = TypeVar("K")

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

    def __init__(self) -> None:
        self.units: dict[str, Counter[LotPlace]] = {}
        """Units by SKU, location and lot."""
        self.units_at: dict[str, Counter[str]] = {}
        """Units by SKU and location."""
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
        location, lot = entry.place
        by_place = self.units.setdefault(entry.reservation.sku, Counter())
        by_location = self.units_at.setdefault(entry.reservation.sku, Counter())
        by_place[location, lot] += units
        by_location[location] += units
        if not by_place[location, lot]:  # else whoever asks would walk over what is gone
            del by_place[location, lot]
        if not by_location[location]:
            del by_location[location]

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
    """

    def __init__(self, entries: Iterable[Takeable]) -> None:
        self._ordinary = _Piles()
        # Orders that improve lose to few, and only what nobody else has: piles of their own.
        self._protected = _Piles()
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

    def units_at(self, sku: str, strategy: ConfirmationStrategy) -> dict[str, int]:
        """The same by location, whatever the lot."""
        return _sum([piles.units_at.get(sku) for piles in self._open_to(strategy)])

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
    def transfers(self) -> Iterable[Transfer]:
        """Who lost what to whom, in the sequence of the turns."""
        return tuple(self._transfers)


def _sum(parts: Iterable[Counter[K] | None]) -> dict[K, int]:
    """Units by whatever they are counted by, in all of these together."""
    counters = [part for part in parts if part]
    if len(counters) == 1:
        return dict(counters[0])
    units: Counter[K] = Counter()
    for part in counters:
        units.update(part)
    return dict(units)


# -- What an order can use ---------------------------------------------------------------------


class Obtainable(NamedTuple):
    """What an order could have of one SKU.

    Args:
        pool: units by location.
        limit: what a fence or a cap lets it have; None if there is none.
    """

    pool: Pool
    limit: int | None = None

    def at(self, places: Iterable[Candidate]) -> int:
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
            movable = _movable(order, stock, context, reallocation)
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
            movable = _movable(order, stock, context, reallocation)
            arrivals = NO_ARRIVALS
            if promise_of is not None and usability.has_ends(movable):
                served = Served(reserved=tuple(movable), kits=kits_of(stock, order.lines))
                arrivals = arrivals_of(promise_of(order, served))
            unusable += usability.unusable(movable, order, arrivals) if movable else ()
    return unusable


def _movable(
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


def left_over(
    order: Order,
    demand: RuledDemand,
    supplement: Mapping[str, int],
    reserved: Iterable[Reservation],
) -> list[ReservedUnits]:
    """The reservations that an order can't use, and how many units of each.

    Args:
        order: the order.
        demand: what it needs beside what is reserved for it.
        supplement: how much of that it would get: units (of a kit line: kits) by line id.
        reserved: what is reserved for the lines that have their turn.
    """
    lines_lacking = [
        (line, units) for line, units in demand.lines if supplement.get(line.id, 0) < units
    ]
    if not lines_lacking:
        return []
    if order.ship is Ship.COMPLETE:
        return [(reservation, reservation.quantity) for reservation in reserved]
    spare: Counter[tuple[str, str]] = Counter()
    for line, units in lines_lacking:
        for sku, excess in _excess(order, line, units, demand, supplement.get(line.id, 0)):
            spare[line.id, sku] = excess
    pieces: list[ReservedUnits] = []
    for reservation in reversed(list(reserved)):
        key = reservation.line_id, reservation.sku
        units = min(reservation.quantity, spare[key])
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
