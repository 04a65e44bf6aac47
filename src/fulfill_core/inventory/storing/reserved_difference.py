"""By how much what is reserved changes, and what stock rows, lots and expiries are then."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import partial

from fulfill_core.inventory.state import Cell, Expiring, LotCell, State, lot_key
from fulfill_core.inventory.storing.batches import Batch
from fulfill_core.inventory.storing.sequences import with_rows_changed


class ReservedDifference:
    """By how much what is reserved changes, while it is being counted.

    Args:
        state: the state before the change.
        is_of_stock: whether what is on hand changes by as much: the units come, or leave.
    """

    __slots__ = ("_expiring", "_is_of_stock", "_state", "by_location", "by_lot")

    def __init__(self, state: State, *, is_of_stock: bool = False) -> None:
        self._state = state
        self._is_of_stock = is_of_stock
        self.by_location: dict[str, dict[str, int]] = {}
        """Units by SKU and location id."""
        self.by_lot: dict[str, dict[tuple[str, str], int]] = {}
        """Units of lots by SKU, and location id and lot."""
        self._expiring: dict[str, Counter[tuple[datetime, str, str]]] = {}

    def add(self, batches: Iterable[Batch], sign: int) -> None:
        """Add what these batches reserve, or (sign -1) take it away."""
        by_location, by_lot = self.by_location, self.by_lot
        for _, expires_at, entries in batches:
            for _, sku, location, quantity, lot in entries:
                units = by_location.get(sku)
                if units is None:
                    units = by_location[sku] = {}
                units[location] = units.get(location, 0) + sign * quantity
                if lot:
                    of_lots = by_lot.setdefault(sku, {})
                    of_lots[location, lot] = of_lots.get((location, lot), 0) + sign * quantity
                if expires_at is not None:
                    expiring = self._expiring.setdefault(sku, Counter())
                    expiring[expires_at, location, lot] += sign * quantity

    def stock_rows(self) -> dict[str, tuple[Cell, ...]]:
        """The stock rows of the SKUs that change."""
        stock_rows = self._state.stock_rows
        rows: dict[str, tuple[Cell, ...]] = {}
        for sku, units in self.by_location.items():
            cells: list[Cell] = []
            for cell in stock_rows.get(sku) or ():
                at, on_hand, safety, reserved = cell
                more = units.get(at, 0)
                if more:
                    units_left = more if self._is_of_stock else 0
                    cells.append((at, on_hand + units_left, safety, reserved + more))
                else:
                    cells.append(cell)
            rows[sku] = tuple(cells)
        return rows

    def lots(self) -> dict[str, tuple[LotCell, ...] | None]:
        """The lots of the SKUs of which lots change; one of which the last unit left is gone."""
        lots = self._state.lots
        lot_after = _lot_less if self._is_of_stock else _lot_reserved
        return {
            sku: with_rows_changed(lots.get(sku) or (), units, lot_key, partial(lot_after, units))
            for sku, units in self.by_lot.items()
        }

    def expiring(self) -> dict[str, tuple[Expiring, ...] | None]:
        """What expires of the SKUs of which that changes."""
        rows: dict[str, tuple[Expiring, ...] | None] = {}
        for sku, difference in self._expiring.items():
            before = self._state.expiring.get(sku) or ()
            rows[sku] = with_rows_changed(
                before, difference, _expiring_key, partial(_expiring_after, difference)
            )
        return rows


def _lot_reserved(
    units: Mapping[tuple[str, str], int], key: tuple[str, str], cell: LotCell | None
) -> LotCell | None:
    """A lot of which so many units more are reserved."""
    if cell is None:
        return None
    (at, lot, present, reserved), facts = cell
    return (at, lot, present, reserved + units[key]), facts


def _lot_less(
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


def _expiring_key(row: Expiring) -> tuple[datetime, str, str]:
    expires_at, location, _, lot = row
    return expires_at, location, lot


def _expiring_after(
    units: Mapping[tuple[datetime, str, str], int],
    key: tuple[datetime, str, str],
    row: Expiring | None,
) -> Expiring | None:
    """What expires then and there, by so many units more."""
    expires_at, location, lot = key
    quantity = units[key] + (0 if row is None else row[2])
    return (expires_at, location, quantity, lot) if quantity else None
