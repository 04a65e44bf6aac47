"""Which locations to take so that they are few: an exact search for small cases, and a greedy way.

A location is a row of numbers, the units that it has of each SKU that is needed; a cover is a set
of rows whose sums reach the needs. Of covers with equally few members that of the highest
preference is taken, and every row has a preference of its own: two sets never tie.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Sequence
from itertools import accumulate
from operator import ge
from typing import TypeAlias

Row: TypeAlias = Sequence[int]

_FEW = 6  # rows: all sets of them are tried sooner than it is known which need not be


def least_size(needs: Row, rows: Sequence[Row]) -> int:
    """A number of rows below which the needs can't be covered: each SKU taken for itself.

    All rows together cover the needs, here and below, and each of these is above 0.

    >>> least_size((4, 1), [(2, 0), (3, 0), (0, 9)])
    2
    """
    bound = 0
    for units, column in zip(needs, zip(*rows, strict=True), strict=True):
        sums = accumulate(sorted(column, reverse=True))
        bound = max(bound, 1 + sum([total < units for total in sums]))
    return bound


def alone(needs: Row, rows: Sequence[Row]) -> list[int]:
    """The indices of the rows that cover the needs by themselves.

    >>> alone((2, 1), [(2, 0), (3, 1), (2, 1)])
    [1, 2]
    """
    return [index for index, row in enumerate(rows) if all(map(ge, row, needs))]


def smallest_cover(needs: Row, rows: Sequence[Row], preferences: Row) -> tuple[int, ...]:
    """The indices of the smallest cover, of several the one whose preferences have the highest sum.

    No row covers the needs alone: `alone` says so at less cost.

    Args:
        needs: units by SKU.
        rows: what the locations have, in the sequence of *needs*.
        preferences: a number for each row, such that no two sets of equal size have the same sum.

    >>> smallest_cover((2, 2), [(1, 2), (1, 0), (1, 1)], (4, 2, 1))
    (0, 1)
    """
    places = sorted(range(len(rows)), key=preferences.__getitem__, reverse=True)
    ordered = [rows[place] for place in places]
    sums = [0, *accumulate([preferences[place] for place in places])]
    packed, missing, full = _packed(needs, ordered)
    most = _most(needs, ordered) if len(rows) > _FEW else None
    best: tuple[int, ...] = ()
    best_preference = -1

    def search(first: int, more: int, have: int, preference: int, members: tuple[int, ...]) -> None:
        """Try all sets of these and *more* others, from *first* on, that may still be the best."""
        nonlocal best, best_preference
        more -= 1
        for at in range(first, len(places) - more):
            # Neither this nor a later one can do it: the later, the less it is preferred and has.
            if preference + sums[at + more + 1] - sums[at] <= best_preference:
                return
            if most is not None and (have + most[at][more]) & full != full:
                return
            total = have + packed[at]
            if more:
                total_preference = preference + sums[at + 1] - sums[at]
                search(at + 1, more, total, total_preference, (*members, places[at]))
            elif total & full == full:
                best = (*members, places[at])
                best_preference = preference + sums[at + 1] - sums[at]
                return

    size = 2
    while not best:
        search(0, size, missing, 0, ())
        size += 1
    return tuple(sorted(best))


def _width(needs: Row, rows: Sequence[Row]) -> int:
    """Bits of a field in which the sum of all rows has room, each no more than what is needed."""
    return (max(needs) * len(rows)).bit_length() + 1


def _packed(needs: Row, rows: Sequence[Row]) -> tuple[list[int], int, int]:
    """Rows as one int each, so that one sum and one mask say whether all needs are covered.

    Each SKU has a field of bits. Its top bit is set in ``missing + row + row ...`` if the rows
    have what is needed; *full* are the top bits.
    """
    width = _width(needs, rows)
    top = 1 << width - 1
    missing = full = field = 0
    for units in needs:
        full |= top << field
        missing |= top - units << field
        field += width
    packed: list[int] = []
    for row in rows:
        field = whole = 0
        for units, have in zip(needs, row, strict=True):
            if have:
                whole |= min(units, have) << field
            field += width
        packed.append(whole)
    return packed, missing, full


def _most(needs: Row, rows: Sequence[Row]) -> list[list[int]]:
    """In ``[at][size]`` what the rows from *at* on can have at most, packed as they are.

    It is what *size* and one of them have, each SKU taken for itself, and no more than needed.
    """
    width = _width(needs, rows)
    count = len(rows)
    enough = 0
    lacking = [[0] * (count - at) for at in range(count)]
    for shift, (units, column) in enumerate(zip(needs, zip(*rows, strict=True), strict=True)):
        field = shift * width
        enough |= units << field
        largest: list[int] = []  # of the rows from `at` on, and negative: the most first
        for at in range(count - 1, -1, -1):
            insort(largest, -column[at])
            lacks = units
            row = lacking[at]
            for size, less in enumerate(largest):
                lacks += less
                if lacks <= 0:
                    break
                row[size] |= lacks << field
    return [[enough - lacks for lacks in row] for row in lacking]


def greedy_cover(needs: Row, rows: Sequence[Row], preferences: Row) -> tuple[int, ...]:
    """The indices of a cover: the row that covers most of what is left, again and again.

    Of those that cover equally much the one that is preferred most is taken. In the end those that
    the others make needless are left out.

    >>> greedy_cover((4, 4), [(2, 2), (3, 1), (1, 3)], (4, 2, 1))
    (1, 2)
    """
    missing = list(needs)
    unused = list(range(len(rows)))
    cover: list[int] = []
    while any(missing):
        best = max(
            unused, key=lambda place: (sum(map(min, rows[place], missing)), preferences[place])
        )
        unused.remove(best)
        cover.append(best)
        missing = [max(0, units - have) for units, have in zip(missing, rows[best], strict=True)]
    have = [sum(column) for column in zip(*[rows[place] for place in cover], strict=True)]
    for place in reversed(cover):
        without = [total - units for total, units in zip(have, rows[place], strict=True)]
        if all([total >= units for total, units in zip(without, needs, strict=True)]):
            cover.remove(place)
            have = without
    return tuple(sorted(cover))
