"""The lots of a bay by how long they live: how many units live so long, and which leave first.

Thousands of serial numbers may each end on another day, and each order may ask for another life.
So neither is walked over: units are kept in a tree of sums by life, lives in a tree of maxima by
the sequence in which lots leave.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from datetime import timedelta

_NONE_FREE = timedelta.min
"""The life of a lot of which nothing is free: no order asks for so little."""
_LEAST = timedelta.resolution


class LotLives:
    """What is free of lots, while it is being given out, by their lives.

    Args:
        lives: how long each lot lives from its delivery, in the sequence in which lots leave.
        units: how many units of each are free; below 0 counts as none.

    >>> day = timedelta(days=1)
    >>> lots = LotLives([30 * day, 90 * day, 60 * day], [1, 2, 4])
    >>> lots.units(60 * day), lots.first(60 * day)
    (6, 1)
    >>> lots.set_units(1, 0)
    >>> lots.units(60 * day), lots.first(60 * day), lots.first(90 * day)
    (4, 2, None)
    """

    __slots__ = (
        "_longest",
        "_place_in_lives",
        "_size",
        "_sorted_lives",
        "_sums",
        "_total",
        "_units",
    )

    def __init__(self, lives: Sequence[timedelta], units: Iterable[int]) -> None:
        by_life = sorted(range(len(lives)), key=lives.__getitem__)
        self._sorted_lives = [lives[lot] for lot in by_life]
        self._place_in_lives = {lot: place for place, lot in enumerate(by_life, 1)}
        self._units = [0] * len(lives)
        self._total = 0
        # Place i holds the sum of the last (i & -i) places up to it (Fenwick 1994).
        self._sums = [0] * (len(lives) + 1)
        # The longest life below each node of a binary tree; the children of i are 2 i and 2 i + 1.
        self._size = 1 << len(lives).bit_length()
        self._longest = [_NONE_FREE] * (2 * self._size)
        for lot, free in enumerate(units):
            self.set_units(lot, free)

    def units(self, life: timedelta) -> int:
        """How many units live so long; what has ended when it is delivered does not live."""
        units, place = self._total, bisect_left(self._sorted_lives, max(life, _LEAST))
        while place:
            units -= self._sums[place]
            place -= place & -place
        return units

    def first(self, life: timedelta) -> int | None:
        """The lot that leaves first of those that live so long and are free; None if none does."""
        longest, node, life = self._longest, 1, max(life, _LEAST)
        if longest[node] < life:
            return None
        while node < self._size:
            node *= 2
            if longest[node] < life:
                node += 1
        return node - self._size

    def set_units(self, lot: int, free: int) -> None:
        """So many units of a lot are free now."""
        place = self._place_in_lives[lot]
        units = max(0, free)
        more, self._units[lot] = units - self._units[lot], units
        if not more:
            return
        self._total += more
        life = self._sorted_lives[place - 1] if units else _NONE_FREE
        while place < len(self._sums):
            self._sums[place] += more
            place += place & -place
        longest, node = self._longest, self._size + lot
        longest[node] = life
        while node > 1:
            node //= 2
            longest[node] = max(longest[2 * node], longest[2 * node + 1])
