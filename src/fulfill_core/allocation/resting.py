"""Dates that also rest on units which are there: each unit counts for one order.

An order that ships complete, and a kit, wait for what is to come while the rest of what they need
lies on its shelf, where anybody may take it. Their date counts on that rest. Once all have had
their turn it is known what lies there still, and in rank order each unit is counted once: who
counts on units that others have taken, or count on, claims as many of supplies that nobody needs;
where there are none it has no date. See
docs/explanation/how-stock-is-given-out.md, "What is missing".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import TypeAlias

from fulfill_core.allocation.waiting.pegging import MayServe, Pegging
from fulfill_core.decisions.rows import BackorderRow, without_dates
from fulfill_core.inventory.shelves.shelf import Shelf
from fulfill_core.orders.order import Order, Ship
from fulfill_core.protocols.plug_points import Pools

RestingUnits: TypeAlias = list[tuple[str, str, int]]
"""Line id, SKU, units that are there and that the line counts on."""
_NO_ROWS: list[BackorderRow] = []


class UnitsThere:
    """What lies on the shelves after the turns of a run.

    Args:
        pools: what is left of each SKU without rules.
        shelves: where SKUs with rules lie, by SKU.
        may_serve: whether a location may serve an order; None if all may serve all.
        pegging: the supplies of the run, and what was pegged to them.
    """

    def __init__(
        self,
        pools: Pools,
        shelves: Mapping[str, Shelf],
        may_serve: MayServe | None,
        pegging: Pegging,
    ) -> None:
        self._pools = pools
        self._shelves = shelves
        self._may_serve = may_serve
        self._pegging = pegging
        self._units_counted = Counter[str]()

    def dated(
        self,
        queue: Sequence[Order],
        backorders: Sequence[tuple[BackorderRow, ...]],
        resting: Mapping[str, RestingUnits],
    ) -> Sequence[tuple[BackorderRow, ...]]:
        """What the orders of a queue wait for; what they counted on in vain is claimed, or undated.

        Args:
            queue: the orders, in rank order.
            backorders: what each waits for; what comes after them stays as it is.
            resting: what those count on that wait, by order id.
        """
        dated = list(backorders)
        for rank in [rank for rank, rows in enumerate(backorders[: len(queue)]) if rows]:
            order = queue[rank]
            if order.id in resting:
                dated[rank] = self._dated(order, backorders[rank], resting[order.id])
        return dated

    def _dated(
        self, order: Order, rows: Sequence[BackorderRow], resting: RestingUnits
    ) -> tuple[BackorderRow, ...]:
        """The backorders of an order: what it counts on in vain is claimed, or has no date.

        Args:
            order: the next of those that wait, in rank order.
            rows: its backorders.
            resting: what it counts on.
        """
        in_vain: set[tuple[str, str]] = set()
        rows_by_part: dict[tuple[str, str], list[BackorderRow]] = {}
        for row in rows:  # to look for those of each in all of them is quadratic
            rows_by_part.setdefault(row[:2], []).append(row)
        for line_id, sku, units in self._lacking(order, resting):
            lacking = units
            of_part = rows_by_part.get((line_id, sku), _NO_ROWS) if lacking else _NO_ROWS
            if of_part and of_part[-1][-1]:  # of a kit that waits there may be no such rows
                pegged, lacking = self._pegging.peg_in_vain(order, self._shelves, of_part, lacking)
                rows_by_part[line_id, sku] = list(pegged)
            if lacking:
                in_vain.add((line_id, sku))
        return without_dates(list(chain.from_iterable(rows_by_part.values())), in_vain)

    def _lacking(self, order: Order, resting: RestingUnits) -> RestingUnits:
        """How many of the units that the lines of an order count on are not there.

        An order that ships complete hears of what is missing with its first lines, in its turn as
        well as here: what is there counts for the last ones. Lines that ship by themselves are
        served in sequence.
        """
        lines_last_first = order.ship is Ship.COMPLETE
        lacking = [
            (line_id, sku, units - self._count(order, sku, units))
            for line_id, sku, units in (reversed(resting) if lines_last_first else resting)
        ]
        return lacking[::-1] if lines_last_first else lacking

    def _count(self, order: Order, sku: str, units: int) -> int:
        """How many of so many units are there for the order; they are so for no other."""
        counted = self._units_counted[sku]
        units_there = min(units, max(0, self._free(order, sku, counted) - counted))
        self._units_counted[sku] += units_there
        return units_there

    def _free(self, order: Order, sku: str, counted: int) -> int:
        """Units that the order could take now, with so many that others count on."""
        shelf = self._shelves.get(sku)
        if shelf is None:
            by_location = self._pools[sku] or {}
        else:
            by_location = {
                location: shelf.leaving(location, units)
                for location, units in shelf.pool(order).items()
            }
        may_serve = self._may_serve
        if may_serve is not None:
            by_location = {
                location: units
                for location, units in by_location.items()
                if may_serve(order, sku, location)
            }
        units = sum(by_location.values())
        # A cap is its customer's own: what others count on uses nothing of it up.
        limit = None if shelf is None else shelf.limit(order, customer_units=-counted)
        return units if limit is None else min(units, limit.units)
