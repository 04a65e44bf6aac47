"""Lots that don't live until the shipment arrives which they would leave with.

Which lots are of use depends on when the order's shipments arrive, and that on where its units come
from: it is known when a draft of its turn has been made. See
docs/explanation/how-stock-is-given-out.md, "SKUs with rules".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TypeAlias

from fulfill_core.allocation.drawing import deliveries_by_sku
from fulfill_core.allocation.ruled_turn import RuledTurn
from fulfill_core.decisions.promise import Promise
from fulfill_core.decisions.rows import (
    AllocationRow,
    Served,
    as_if_to_come,
    locations_of,
    units_by_sku,
    with_locations,
)
from fulfill_core.inventory.shelves.shelf import Deliveries
from fulfill_core.inventory.state import State
from fulfill_core.orders.order import Order

PromiseOf: TypeAlias = Callable[[Order, Served], Promise | None]
"""What is promised for an order if it gets so much; lots and what waits are not known yet."""


class LateLots:
    """What judges the lots of a turn by what is promised.

    Args:
        stock: the stock before the run.
        now: the caller's time.
        promise_of: what is promised for an order that gets so much; None if nothing is, and then
            nothing is judged.
    """

    def __init__(self, stock: State, now: datetime, promise_of: PromiseOf | None) -> None:
        self._stock = stock
        self._now = now
        self._promise_of = promise_of
        self.attempts: list[tuple[Order, Served]] = []
        """What orders would have got if lots lived until it arrives, as if it came now."""

    def matter(
        self, order: Order, turn: RuledTurn, served: Served, rows: tuple[AllocationRow, ...]
    ) -> bool:
        """Leave out the lots that end before their own shipment arrives; whether that matters."""
        if self._promise_of is None:
            return False
        skus = {sku for sku, shelf in turn.shelves.items() if shelf.has_ends}
        if skus.isdisjoint(units_by_sku(rows)):
            return False
        deliveries = self._deliveries(order, served, rows)
        is_late = any([turn.judge_lots(sku, deliveries[sku]) for sku in skus & deliveries.keys()])
        if is_late:
            turn.late_rows.append(rows)
            # Nobody begins to handle units that it does not get: they are like those that come now.
            to_come = as_if_to_come(rows, self._now)
            self.attempts.append((order, served._replace(backorders=to_come)))
        return is_late

    def slow_places(self, turn: RuledTurn, served: Served) -> frozenset[str]:
        """The locations for which others waited too long in the turn: none if none did."""
        for rows in reversed(turn.late_rows):
            places = self._slow_places(turn.order, served, rows)
            if places:
                return places
        return frozenset()

    def _slow_places(
        self, order: Order, served: Served, rows: tuple[AllocationRow, ...]
    ) -> frozenset[str]:
        """The locations that the others wait for, if an order gets these units.

        What ships together leaves with the last of it. So a location is slow if what comes from
        there arrives no earlier without the rest, and others would.
        """
        places = locations_of(rows)
        together = self._arrivals(order, served, rows) if len(places) > 1 else {}
        alone = {place: self._arrivals(order, served, _at(place, rows)) for place in together}
        slow = [place for place in together if alone[place][place] >= together[place]]
        return frozenset(slow if len(slow) < len(places) else ())

    def _arrivals(
        self, order: Order, served: Served, rows: tuple[AllocationRow, ...]
    ) -> dict[str, datetime]:
        """When the last of what an order gets from each location arrives."""
        deliveries = self._deliveries(order, served, rows)
        arrivals: dict[str, datetime] = {}
        for by_location in deliveries.values():
            for place, date in by_location.items():
                arrivals[place] = max(date, arrivals.get(place, date))
        return arrivals

    def _deliveries(
        self, order: Order, served: Served, rows: tuple[AllocationRow, ...]
    ) -> Mapping[str, Deliveries]:
        promise_of = self._promise_of
        promise = promise_of and promise_of(order, served._replace(allocations=rows))
        return deliveries_by_sku(self._stock, order, promise, rows, self._now)


def _at(place: str, rows: tuple[AllocationRow, ...]) -> tuple[AllocationRow, ...]:
    """Those of these units that come from one location."""
    pairs = zip(rows, with_locations(rows), strict=True)
    return tuple([row for row, (_, location) in pairs if location == place])
