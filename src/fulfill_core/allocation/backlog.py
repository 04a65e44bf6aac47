"""What waits for more stock: which supply each backordered unit is pegged to, within the caps."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from fulfill_core.decisions.finding import Finding, note
from fulfill_core.decisions.lines import BackorderRow
from fulfill_core.inventory.inventory import Inventory
from fulfill_core.inventory.stock import Supply


class Backlog:
    """The supplies of one run while units to come are being promised, the earliest first.

    Args:
        inventory: the stock before the run.
        now: the caller's time.
    """

    def __init__(self, inventory: Inventory, now: datetime) -> None:
        self._inventory = inventory
        self._now = now
        self._supplies: dict[str, list[tuple[Supply, int]]] = {}
        # Units that may still wait without a supply, for items that have a cap.
        self._open: dict[str, int] = {}
        self._overdue: dict[str, Supply] = {}

    def left(self, sku: str) -> int | None:
        """How many units may still wait without a supply; None for any number."""
        cap = self._inventory.item(sku).backorder_cap
        return None if cap is None else self._open.setdefault(sku, cap)

    def use(self, sku: str, units: int) -> None:
        """So many units wait without a supply."""
        if self.left(sku) is not None:
            self._open[sku] -= units

    def to_come(self, sku: str) -> int:
        """Units that supplies bring and that nothing is pegged to."""
        return sum([left for _, left in self._coming(sku)])

    def room(self, sku: str, units: int) -> int:
        """How many of so many units may wait: what supplies bring, and what the cap leaves."""
        left = self.left(sku)
        return units if left is None else max(0, min(units, left + self.to_come(sku)))

    def pegged(self, line_id: str, sku: str, units: int) -> Iterator[BackorderRow]:
        """The units as backorders on the earliest supplies that have some left; the rest open.

        A supply that is overdue still comes, nobody knows when: its backorders have no date.
        """
        supplies = self._coming(sku)
        while units and supplies:
            supply, left = supplies.pop()
            pegged = min(units, left)
            if left > pegged:
                supplies.append((supply, left - pegged))
            units -= pegged
            if supply.expected_at < self._now:
                self._overdue[supply.id] = supply
                yield line_id, sku, pegged, supply.id, None, supply.location, 0
            else:
                due = supply.expected_at
                yield line_id, sku, pegged, supply.id, due, supply.location, 0
        if units:
            self.use(sku, units)
            yield line_id, sku, units, "", None, "", 0

    def _coming(self, sku: str) -> list[tuple[Supply, int]]:
        """The supplies and what is left of each, the earliest last, where it can be popped."""
        supplies = self._supplies.get(sku)
        if supplies is None:
            coming = self._inventory.supplies_of(sku)
            supplies = [(supply, supply.quantity) for supply in reversed(coming)]
            self._supplies[sku] = supplies
        return supplies

    def remarks(self) -> tuple[Finding, ...]:
        """What there is to say on what was pegged since this was last asked."""
        if not self._overdue:  # the usual case
            return ()
        overdue = sorted(self._overdue.values(), key=lambda supply: supply.id)
        self._overdue = {}
        return tuple(
            [
                note(
                    "supply.overdue",
                    detail=f"Supply {supply.id} of {supply.sku} was expected on"
                    f" {supply.expected_at:%Y-%m-%d} and has not come: what waits for it has no"
                    " date.",
                )
                for supply in overdue
            ]
        )
