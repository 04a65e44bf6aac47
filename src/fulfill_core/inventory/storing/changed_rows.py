"""What rows of lots, and of what expires, are like after more is reserved, or less."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from fulfill_core.inventory.state import Expiring, LotCell


def lot_reserved(
    units: Mapping[tuple[str, str], int], key: tuple[str, str], cell: LotCell | None
) -> LotCell | None:
    """A lot of which so many units more are reserved."""
    if cell is None:
        return None
    (at, lot, present, reserved), facts = cell
    return (at, lot, present, reserved + units[key]), facts


def lot_shipped(
    units: Mapping[tuple[str, str], int], key: tuple[str, str], cell: LotCell | None
) -> LotCell | None:
    """A lot of which units that were reserved have left; it is gone if none is left."""
    if cell is None:
        return None
    (at, lot, present, reserved), facts = cell
    more = units[key]
    if more and present == reserved == -more:
        return None
    return (at, lot, present + more, reserved + more), facts


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
