"""A head start: what a plan gives to orders before the queue is served with what is left.

See docs/explanation/how-stock-is-given-out.md, "SKUs with rules".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple, TypeAlias

from fulfill_core.decisions.lines import ShortReason
from fulfill_core.decisions.rows import (
    AllocationRow,
    AllocationView,
    Served,
    added_up,
    lines_short_of,
    with_reason,
)
from fulfill_core.inventory.stock import Reservation
from fulfill_core.orders.order import Order

RowsByOrder: TypeAlias = Mapping[str, tuple[AllocationRow, ...]]
"""What orders get, by their ids."""

_NO_ROWS: RowsByOrder = {}
_GIVEN_TO_OTHERS = ShortReason.GIVEN_TO_OTHERS


class HeadStart(NamedTuple):
    """What a plan gives to orders before their turns, and who lost by it.

    Args:
        rows: what they get, by order id; it is reserved for them when their turns come.
        lines_cut: the lines from which the plan kept units that were there, by order id.
    """

    rows: RowsByOrder = _NO_ROWS
    lines_cut: Mapping[str, frozenset[str]] = {}

    def added_to(self, order_id: str, served: Served, now: datetime) -> Served:
        """What an order got in its turn and before it."""
        if order_id in self.rows:
            rows = self.rows[order_id]
            reserved = _without(rows, served.reserved, now)
            allocations = added_up([*rows, *served.allocations])
            served = served._replace(allocations=allocations, reserved=reserved)
        if order_id in self.lines_cut:
            shorts = with_reason(served.shorts, self.lines_cut[order_id], _GIVEN_TO_OTHERS)
            served = served._replace(shorts=shorts)
        return served


_view = AllocationView._make
NO_HEAD_START = HeadStart()


def head_start(orders: Iterable[Order], served: Iterable[Served]) -> HeadStart:
    """The head start of a run in which orders get what a plan gives to them, and no more."""
    by_id = {order.id: each for order, each in zip(orders, served, strict=True)}
    lines_cut = {
        order_id: lines
        for order_id, each in by_id.items()
        if (lines := lines_short_of(each.shorts, _GIVEN_TO_OTHERS))
    }
    rows = {order_id: each.allocations for order_id, each in by_id.items() if each.allocations}
    return HeadStart(rows, lines_cut)


def _without(
    rows: Iterable[AllocationRow], reserved: Iterable[Reservation], now: datetime
) -> tuple[Reservation, ...]:
    """What was reserved for an order before these units were."""
    # Each row was reserved as it is, at this instant; what was made then before it is alike.
    units = Counter(
        [(row.line_id, row.sku, row.location, row.lot, row.units) for row in map(_view, rows)]
    )
    before: list[Reservation] = []
    for each in reserved:
        content = each.line_id, each.sku, each.location, each.lot, each.quantity
        if each.made_at == now and each.expires_at is None and units[content]:
            units[content] -= 1
        else:
            before.append(each)
    return tuple(before)
