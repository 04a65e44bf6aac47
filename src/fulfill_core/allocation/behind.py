"""What orders hold that others may take: the units of those whose turn is still to come."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from heapq import heapify, heappop, heappush
from typing import TypeAlias

from fulfill_core.inventory.stock import Reservation
from fulfill_core.reallocation.reallocation import ConfirmationStrategy

Where: TypeAlias = tuple[str, str]
"""A location's id and a lot."""
Piece: TypeAlias = tuple[Reservation, int]
"""A reservation and a number of its units."""

_FIRM = ConfirmationStrategy.IMPROVE
_TAKE_FROM_FIRM = (ConfirmationStrategy.WIN, ConfirmationStrategy.GAIN)


class Entry:
    """Units of one reservation that others may take.

    Args:
        held: the reservation.
        rank: its order's.
        strategy: its order's.
    """

    __slots__ = ("held", "rank", "strategy", "units")

    def __init__(self, held: Reservation, rank: int, strategy: ConfirmationStrategy) -> None:
        self.held = held
        self.rank = rank
        self.strategy = strategy
        self.units = held.quantity


class _Stacks:
    """Entries by SKU, location and lot, the last in rank on top; and their units."""

    def __init__(self) -> None:
        self.units: dict[str, Counter[Where]] = {}
        self._stacks: dict[tuple[str, Where], list[Entry]] = {}

    def put(self, entry: Entry, units: int) -> None:
        """So many more units of an entry; it is on its stack, or comes on top."""
        held = entry.held
        where = held.location, held.lot
        stack = self._stacks.setdefault((held.sku, where), [])
        if not entry.units and units:
            stack.append(entry)
        entry.units += units
        self.units.setdefault(held.sku, Counter())[where] += units

    def top(self, sku: str, where: Where) -> Entry | None:
        """The last in rank that has units there."""
        stack = self._stacks.get((sku, where), [])
        while stack and not stack[-1].units:
            stack.pop()
        return stack[-1] if stack else None

    def take(self, entry: Entry, units: int) -> None:
        """So many units of an entry are gone."""
        entry.units -= units
        held = entry.held
        where = held.location, held.lot
        self.units[held.sku][where] -= units
        stack = self._stacks[held.sku, where]
        if not entry.units and stack[-1] is entry:
            stack.pop()


class Behind:
    """What the orders hold whose turn is still to come, as far as others may take it.

    Units are taken from whoever ranks last. Whoever loses takes what it lacks from those behind it
    in its turn, so the last go without in any case: taken from them at once, nobody else is
    disturbed. Each unit is put on a stack once and taken once.

    Args:
        entries: what others may take, in rank order.
    """

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._soft = _Stacks()
        self._firm = _Stacks()
        self._of: dict[str, list[Entry]] = {}
        self._taken: list[tuple[Entry, int, str]] = []
        for entry in entries:
            units, entry.units = entry.units, 0
            self._stacks_of(entry).put(entry, units)
            self._of.setdefault(entry.held.order_id, []).append(entry)

    def _stacks_of(self, entry: Entry) -> _Stacks:
        return self._firm if entry.strategy is _FIRM else self._soft

    def _open_to(self, strategy: ConfirmationStrategy) -> tuple[_Stacks, ...]:
        return (self._soft, self._firm) if strategy in _TAKE_FROM_FIRM else (self._soft,)

    def leave(self, order_id: str) -> list[Piece]:
        """The order has its turn: nobody takes from it any more.

        Returns:
            What it lost: its reservations, and the units that are left of each. Those that are
            whole are not among them.
        """
        less: list[Piece] = []
        for entry in self._of.pop(order_id, ()):
            if entry.units < entry.held.quantity:
                less.append((entry.held, entry.units))
            if entry.units:
                self._stacks_of(entry).take(entry, entry.units)
        return less

    def units(self, sku: str, strategy: ConfirmationStrategy) -> dict[Where, int]:
        """What an order with this strategy could take of a SKU, by location and lot."""
        units: Counter[Where] = Counter()
        for stacks in self._open_to(strategy):
            units.update(stacks.units.get(sku, {}))
        return {where: some for where, some in units.items() if some}

    def take(
        self, sku: str, places: Collection[Where], units: int, to: tuple[str, ConfirmationStrategy]
    ) -> list[Piece]:
        """Take up to so many units for an order, from whoever ranks last.

        Args:
            sku: of which SKU.
            places: from which locations and lots.
            units: how many, 1 or more.
            to: the order's id and its strategy.

        Returns:
            The reservations that they were taken from, and how many of each.
        """
        taken: list[Piece] = []
        order_id, strategy = to
        for stacks in self._open_to(strategy):
            tops = [
                (-entry.rank, where, entry)
                for where in places
                if (entry := stacks.top(sku, where)) is not None
            ]
            heapify(tops)
            while tops and units:
                _, where, entry = heappop(tops)
                some = min(entry.units, units)
                stacks.take(entry, some)
                self._taken.append((entry, some, order_id))
                taken.append((entry.held, some))
                units -= some
                following = stacks.top(sku, where)
                if following is not None:
                    heappush(tops, (-following.rank, where, following))
        return taken

    def give_back(self, sku: str, spare: Mapping[Where, int]) -> list[Piece]:
        """Of what was taken last, these units were not needed: whoever lost last has them again.

        Returns:
            The reservations that they are of, and how many of each.
        """
        left = dict(spare)
        kept: list[tuple[Entry, int, str]] = []
        given: list[Piece] = []
        while any(left.values()):
            entry, units, to = self._taken.pop()
            where = entry.held.location, entry.held.lot
            back = min(units, left.get(where, 0)) if entry.held.sku == sku else 0
            if back:
                left[where] -= back
                self._stacks_of(entry).put(entry, back)
                given.append((entry.held, back))
            if units > back:
                kept.append((entry, units - back, to))
        self._taken += reversed(kept)
        return given

    def taken(self) -> Iterable[tuple[Reservation, ConfirmationStrategy, int, str]]:
        """The reservations that units were taken from, whose they were, how many, who has them."""
        for entry, units, to in self._taken:
            yield entry.held, entry.strategy, units, to
