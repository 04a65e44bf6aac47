"""Rows that are kept in the sequence of their keys: some of many are changed without a walk.

A SKU may have thousands of lots, or of reservations that expire. What one call changes of them is
found by bisection, and the rest is copied at the speed of C.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any, TypeAlias, TypeVar

Row = TypeVar("Row")
Sortable = TypeVar("Sortable", bound=tuple[Any, ...])
Key = TypeVar("Key", bound=tuple[Any, ...])

_FEW_OF = 16
"""Where one row in so many changes, or more, to look at all is faster than to look for each."""


def with_rows_changed(
    rows: tuple[Row, ...],
    keys: Collection[Key],
    key: Callable[[Row], Key],
    change: Callable[[Key, Row | None], Row | None],
) -> tuple[Row, ...] | None:
    """The rows in which those of some keys are others; None if none is left.

    Args:
        rows: rows in the sequence of their keys, of which no two are the same.
        keys: the keys of those that change.
        key: the key of a row.
        change: the new row of a key, by the key and the row that it has; None for no row.

    >>> rows = ((1, "a"), (3, "c"))
    >>> with_rows_changed(rows, [(2,)], lambda row: row[:1], lambda key, row: (*key, "b"))
    ((1, 'a'), (2, 'b'), (3, 'c'))
    """
    if len(keys) * _FEW_OF > len(rows):  # as `is_row_by_row` says, without a call
        by_key: dict[Key, Row | None] = {key(row): row for row in rows}
        for each in keys:
            by_key[each] = change(each, by_key.get(each))
        return tuple([row for each in sorted(by_key) if (row := by_key[each]) is not None]) or None
    changed = list(rows)
    for each in keys:
        place = bisect_left(changed, each, key=key)
        is_there = place < len(changed) and key(changed[place]) == each
        row = change(each, changed[place] if is_there else None)
        changed[place : place + is_there] = [] if row is None else [row]
    return tuple(changed) or None


def with_exchanged(
    rows: tuple[Sortable, ...], less: Collection[Sortable], more: Collection[Sortable]
) -> tuple[Sortable, ...]:
    """Sorted rows, of which no two are the same, without some of them and with others.

    >>> with_exchanged(((1,), (2,), (4,)), less=[(2,)], more=[(3,)])
    ((1,), (3,), (4,))
    """
    if not is_row_by_row((*less, *more), rows):
        return tuple(sorted({*rows}.difference(less).union(more)))
    changed: list[Any] = list(rows)
    for row in less:
        del changed[bisect_left(changed, row)]
    for row in more:
        insort(changed, row)
    return tuple(changed)


def is_row_by_row(keys: Collection[object], rows: Collection[object]) -> bool:
    """Whether so few of the rows change that each is looked for, and not all are looked at."""
    return len(keys) * _FEW_OF <= len(rows)


# -- Rows of what expires ------------------------------------------------------------------------

Expiring: TypeAlias = tuple[datetime, str, int, str]
"""When it expires, location id, quantity, lot: units that expire together, whoever has them."""


def expiring_key(row: Expiring) -> tuple[datetime, str, str]:
    """By what units that expire together are found: when and where, and of which lot."""
    expires_at, location, _, lot = row
    return expires_at, location, lot


def expiring_after(
    units: Mapping[tuple[datetime, str, str], int],
    key: tuple[datetime, str, str],
    row: Expiring | None,
) -> Expiring | None:
    """What expires then and there, by so many units more."""
    expires_at, location, lot = key
    quantity = units[key] + (0 if row is None else row[2])
    return (expires_at, location, quantity, lot) if quantity else None
