"""Free units of supplies, one after the other, in which a place is found by halving.

A fence keeps the earliest units for others. Who may not have them would go through all of their
supplies once more for each order that waits.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable


class FreeUnits:
    """The free units of some supplies: their sums, and the most of one, by halves of halves.

    Args:
        places: the places of the supplies, the earliest first.
        free: how many units are free at a place.
        first_due: the first place of a supply that is not overdue. Only from there on units count
            in a sum: what is overdue comes nobody knows when, and keeps nothing for anybody.
    """

    __slots__ = ("_first_due", "_most", "_places", "_size", "_sums")

    def __init__(self, places: Iterable[int], free: Callable[[int], int], first_due: int) -> None:
        self._places = tuple(places)
        self._first_due = first_due
        self._size = size = 1 << len(self._places).bit_length()  # there is one after the last
        self._sums = [0] * (2 * size)
        self._most = [0] * (2 * size)
        for at, place in enumerate(self._places, size):
            self._most[at] = units = free(place)
            self._sums[at] = units if place >= first_due else 0
        for at in reversed(range(1, size)):
            self._add_up(at)

    def _add_up(self, at: int) -> None:
        self._sums[at] = self._sums[2 * at] + self._sums[2 * at + 1]
        self._most[at] = max(self._most[2 * at], self._most[2 * at + 1])

    def change(self, place: int, units: int) -> None:
        """So many units are free at a place now."""
        at = self._size + bisect_left(self._places, place)
        self._most[at] = units
        self._sums[at] = units if place >= self._first_due else 0
        while at > 1:
            at //= 2
            self._add_up(at)

    def before(self, place: int) -> int:
        """Units of supplies that come before a place and are not overdue."""
        at, units = self._size + bisect_left(self._places, place), 0
        while at > 1:
            if at % 2:
                units += self._sums[at - 1]
            at //= 2
        return units

    def beyond(self, units: int) -> int | None:
        """The first place with units beyond the first so many that are not overdue, if any."""
        if self._sums[1] <= units:
            return None
        at = 1
        while at < self._size:
            at *= 2
            if self._sums[at] <= units:
                units -= self._sums[at]
                at += 1
        return self._places[at - self._size]

    def with_more(self, units: int, place: int) -> int | None:
        """The first place, from one on, at which more than so many units are free, if any."""
        at = self._size + bisect_left(self._places, place)
        while self._most[at] <= units:
            while at % 2:  # nothing at the right of it is left under what is above
                at //= 2
            if not at:
                return None
            at += 1
        while at < self._size:
            at *= 2
            if self._most[at] <= units:
                at += 1
        return self._places[at - self._size]
