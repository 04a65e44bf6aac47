"""Components that left beside whole kits: rows of line, SKU and units."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias, cast

from fulfill_core import _checks

PartRow: TypeAlias = tuple[str, str, int]
"""Line id, component, units of it that left beside whole kits."""


def rows_by_pair(by_pair: Mapping[Any, int]) -> tuple[tuple[Any, ...], ...]:
    """Units by pairs, as rows of three; what is no pair stays for the check: a text has letters.

    >>> rows_by_pair({("mug", "x"): -3, "ab": 1})
    (('mug', 'x', -3), ('ab', 1))
    """
    return tuple([(*_members_of(key), units) for key, units in by_pair.items()])


def _members_of(key: object) -> tuple[object, ...]:
    return tuple(cast("Iterable[object]", key)) if isinstance(key, tuple) else (key,)


def to_part_rows(
    rows: Mapping[tuple[str, str], int] | Iterable[PartRow],
) -> tuple[PartRow, ...]:
    """Components that left beside whole kits, as rows; what is none stays for the check.

    >>> to_part_rows({("2", "cup"): 3})
    (('2', 'cup', 3),)
    """
    if isinstance(rows, Mapping):
        return cast("tuple[PartRow, ...]", rows_by_pair(cast("Mapping[Any, int]", rows)))
    return _checks.to_tuple(rows)


def keep_part_rows(value: object, name: str) -> None:
    """Check rows of a frozen value that is being made, and keep them in sequence."""
    rows = getattr(value, name)
    if rows == ():
        return
    path = f"{type(value).__name__}.{name}"
    _checks.check_rows(path, rows, 3)
    for line_id, sku, units in rows:
        _checks.check_id(f"{path} (line)", line_id)
        _checks.check_id(f"{path} (SKU)", sku)
        _checks.check_int(f"{path}[{line_id!r}, {sku!r}]", units, at_least=1)
    _checks.check_unique(path, (row[:2] for row in rows), "component")
    _checks.set_field(value, name, tuple(sorted(rows)))
