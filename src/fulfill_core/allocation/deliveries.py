"""When what an order gets arrives: by this its lots are judged."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import TypeAlias

from fulfill_core.decisions.decision import Served
from fulfill_core.decisions.promise import Promise
from fulfill_core.decisions.rows import AllocationRow, AllocationView
from fulfill_core.inventory.shelf import delivered_at
from fulfill_core.inventory.state import State
from fulfill_core.inventory.state import location as location_of
from fulfill_core.orders.dates import departure_by_line
from fulfill_core.orders.order import Order

PromiseOf: TypeAlias = Callable[[Order, Served], Promise | None]
"""What is promised for an order if it gets so much; lots and what waits are not known yet."""


def deliveries_by_sku(
    state: State,
    order: Order,
    promise: Promise | None,
    rows: Iterable[AllocationRow],
    now: datetime,
) -> dict[str, dict[str, datetime]]:
    """When what an order gets of each SKU from each location arrives, the last of it.

    Where the promise does not say, the lead time of the location does: what leaves now, or when
    the order may be shipped, arrives so much later.

    Args:
        state: the stock.
        order: the order.
        promise: what is promised for it; None if nothing is.
        rows: what it gets.
        now: the caller's time.
    """
    dates: dict[tuple[str, str, str], list[datetime | None]] = {}
    for shipment in () if promise is None else promise.shipments:
        for line_id, sku, _ in shipment.lines:
            key = shipment.location, line_id, sku
            dates.setdefault(key, []).append(shipment.delivered_at)
    departure_of = departure_by_line(order)
    deliveries: dict[str, dict[str, datetime]] = {}
    for row in map(AllocationView._make, rows):
        after = departure_of(row.line_id)
        leaves = now if after is None else max(now.astimezone(UTC), after)
        by_lead_time = delivered_at(leaves, location_of(state, row.location).lead_time)
        of_row = dates.get((row.location, row.line_id, row.sku), [None])
        by_location = deliveries.setdefault(row.sku, {})
        by_location[row.location] = max(
            [by_location.get(row.location, now), *[date or by_lead_time for date in of_row]]
        )
    return deliveries
