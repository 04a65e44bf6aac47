"""Pegging: which supply each backordered unit waits for, within what the caps on waiting allow.

See docs/explanation/how-stock-is-given-out.md, "What is missing".
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from fulfill_core.decisions.finding import Finding, note
from fulfill_core.decisions.rows import BackorderRow, supply_ids_of
from fulfill_core.inventory.state import State, supplies_of
from fulfill_core.inventory.state import item as item_of
from fulfill_core.inventory.stock import Supply


class Pegging:
    """The supplies of one run while units to come are being promised, the earliest first.

    An item may have a cap on the units that wait without a supply. What the cap leaves is the
    *allowance*; it is used up by what is pegged to no supply.

    Args:
        stock: the stock before the run.
        now: the caller's time.
    """

    def __init__(self, stock: State, now: datetime) -> None:
        self._stock = stock
        self._now = now
        # The supplies of each SKU that was asked for, and the units of each that nothing is pegged
        # to; the earliest last, where it can be popped.
        self._supplies: dict[str, list[tuple[Supply, int]]] = {}
        self._allowances: dict[str, int] = {}
        self._overdue: dict[str, Supply] = {}  # those that something is pegged to, by id

    def allowance(self, sku: str) -> int | None:
        """How many units may still wait without a supply; None for any number."""
        cap = item_of(self._stock, sku).backorder_cap
        return None if cap is None else self._allowances.get(sku, cap)

    def use_allowance(self, sku: str, units: int) -> None:
        """So many more units wait without a supply."""
        allowance = self.allowance(sku)
        if allowance is not None:
            self._allowances[sku] = allowance - units

    def units_to_come(self, sku: str) -> int:
        """Units that supplies bring and that nothing is pegged to."""
        return sum([units for _, units in self._supplies_of(sku)])

    def room(self, sku: str, units: int) -> int:
        """How many of so many units may wait: what supplies bring, and what the cap leaves."""
        allowance = self.allowance(sku)
        if allowance is None:
            return units
        return max(0, min(units, allowance + self.units_to_come(sku)))

    def peg(self, line_id: str, sku: str, units: int) -> list[BackorderRow]:
        """The units as backorders on the earliest supplies that have units; the rest open.

        A supply that is overdue still comes, nobody knows when: its backorders have no date.
        """
        rows: list[BackorderRow] = []
        supplies = self._supplies_of(sku)
        while units and supplies:
            supply, unpegged = supplies.pop()
            pegged = min(units, unpegged)
            # A supply of which nothing is left is gone for good: pegging meets each once in a run,
            # however many orders wait.
            if unpegged > pegged:
                supplies.append((supply, unpegged - pegged))
            units -= pegged
            expected_at: datetime | None = supply.expected_at
            # To promise a date that has passed would be to promise nothing.
            if supply.expected_at < self._now:
                self._overdue[supply.id] = supply
                expected_at = None
            rows.append((line_id, sku, pegged, supply.id, expected_at, supply.location, 0))
        if units:
            self.use_allowance(sku, units)
            rows.append((line_id, sku, units, "", None, "", 0))
        return rows

    def _supplies_of(self, sku: str) -> list[tuple[Supply, int]]:
        supplies = self._supplies.get(sku)
        if supplies is None:
            expected = supplies_of(self._stock, sku)
            supplies = [(supply, supply.quantity) for supply in reversed(expected)]
            self._supplies[sku] = supplies
        return supplies

    def remarks_on(self, rows: Iterable[BackorderRow]) -> tuple[Finding, ...]:
        """What there is to say on backorders that were pegged here: which supplies are overdue."""
        if not self._overdue:
            return ()
        overdue = supply_ids_of(rows) & self._overdue.keys()
        return tuple([_overdue_remark(self._overdue[supply_id]) for supply_id in sorted(overdue)])


def _overdue_remark(supply: Supply) -> Finding:
    return note(
        "supply.overdue",
        detail=f"Supply {supply.id} of {supply.sku} was expected on"
        f" {supply.expected_at:%Y-%m-%d} and has not come: what waits for it has no date.",
    )
