"""By how much what is reserved changes: the rows of stock, of lots and of what expires."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from functools import partial

from fulfill_core.inventory.state import Cell, State, place_among
from fulfill_core.inventory.storing.batches import Batch
from fulfill_core.inventory.storing.lot_rows import NO_LOTS, LotRows, lot_reserved, lot_shipped
from fulfill_core.inventory.storing.sequences import (
    Expiring,
    expiring_after,
    expiring_key,
    with_rows_changed,
)


class Difference:
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
        is_of_stock, locations = self._is_of_stock, self._state.locations
        stock_rows = self._state.stock_rows
        rows: dict[str, tuple[Cell, ...]] = {}
        for sku, units in self.by_location.items():
            cells = list(stock_rows.get(sku) or ())
            for at, more in units.items():
                place = place_among(cells, at, locations)
                if place is not None:
                    _, on_hand, safety, reserved = cells[place]
                    units_left = more if is_of_stock else 0
                    cells[place] = at, on_hand + units_left, safety, reserved + more
            rows[sku] = tuple(cells)
        return rows

    def lots(self) -> dict[str, LotRows | None]:
        """The lots of the SKUs of which lots change; one of which the last unit left is gone."""
        lots = self._state.lots
        lot_after = lot_shipped if self._is_of_stock else lot_reserved
        return {
            sku: (lots.get(sku) or NO_LOTS).with_changed(units, partial(lot_after, units))
            for sku, units in self.by_lot.items()
        }

    def expiring(self) -> dict[str, tuple[Expiring, ...] | None]:
        """What expires of the SKUs of which that changes."""
        rows: dict[str, tuple[Expiring, ...] | None] = {}
        for sku, difference in self._expiring.items():
            before = self._state.expiring.get(sku) or ()
            rows[sku] = with_rows_changed(
                before, difference, expiring_key, partial(expiring_after, difference)
            )
        return rows
