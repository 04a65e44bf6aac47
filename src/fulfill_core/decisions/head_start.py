"""A head start: what a plan, or an earlier round of turns, gives to orders before their turns.

See docs/explanation/how-stock-is-given-out.md, "SKUs with rules".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple, TypeAlias

import attrs

from fulfill_core.decisions.lines import ShortReason
from fulfill_core.decisions.rows import (
    AllocationRow,
    AllocationView,
    Served,
    added_up,
    as_reserved,
    lines_short_of,
    with_reason,
)
from fulfill_core.inventory.releasing import with_given_up
from fulfill_core.inventory.state import State
from fulfill_core.inventory.stock import Reservation
from fulfill_core.orders.order import Order

RowsByOrder: TypeAlias = Mapping[str, tuple[AllocationRow, ...]]
"""What orders get, by their ids."""
ReservedByOrder: TypeAlias = Mapping[str, Iterable[Reservation]]
"""What is reserved for orders, by their ids."""

_NO_ROWS: RowsByOrder = {}
_GIVEN_TO_OTHERS = ShortReason.GIVEN_TO_OTHERS


class HeadStart(NamedTuple):
    """What orders get before their turns, and who lost by it.

    Args:
        rows: what they get, by order id; it is reserved for them when their turns come.
        lines_cut: the lines from which a plan kept units that were there, by order id.
    """

    rows: RowsByOrder = _NO_ROWS
    lines_cut: Mapping[str, frozenset[str]] = {}

    def added_to(self, order_id: str, served: Served, now: datetime) -> Served:
        """What an order got in its turn and before it."""
        if order_id in self.rows:
            rows, reserved = _apart(self.rows[order_id], served.reserved, now)
            allocations = added_up([*rows, *served.allocations])
            served = served._replace(allocations=allocations, reserved=reserved)
        if order_id in self.lines_cut:
            shorts = with_reason(served.shorts, self.lines_cut[order_id], _GIVEN_TO_OTHERS)
            served = served._replace(shorts=shorts)
        return served

    def rows_there(self, reserved: ReservedByOrder, now: datetime) -> RowsByOrder:
        """What orders have still of it: in a re-allocation they may lose some.

        Args:
            reserved: what is reserved for them now.
            now: the caller's time, at which it was reserved.
        """
        return {
            order_id: tuple(_apart(rows, reserved.get(order_id, ()), now)[0])
            for order_id, rows in self.rows.items()
        }

    def in_one(
        self, stock: State, allocated: RowsByOrder, reserved: ReservedByOrder, now: datetime
    ) -> tuple[State, RowsByOrder]:
        """The stock without it, and all that orders got, in their turns and before: to be reserved.

        So what a decision says of a line and a place is one reservation.
        """
        rows_there = self.rows_there(reserved, now)
        parts = [
            part
            for order_id, rows in rows_there.items()
            for part in as_reserved(order_id, rows, now)
        ]
        gains = {
            order_id: added_up([*rows, *allocated.get(order_id, ())])
            for order_id, rows in rows_there.items()
        }
        return with_given_up(stock, parts), {**allocated, **gains}


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


def _apart(
    rows: Iterable[AllocationRow], reserved: Iterable[Reservation], now: datetime
) -> tuple[list[AllocationRow], tuple[Reservation, ...]]:
    """What an order has still of these units; and what was reserved for it before they were."""
    # Each row was reserved as it is, at this instant; what was made then before it is alike.
    rows_left = Counter(rows)
    before: list[Reservation] = []
    for each in reserved:
        row = each.line_id, each.sku, each.location, each.quantity, each.lot
        if _is_made_at(now, each) and rows_left[row]:
            rows_left[row] -= 1
        else:
            before.append(each)
    lost_rows = list((+rows_left).elements())
    if not lost_rows:
        return list(rows), tuple(before)
    # In a re-allocation the order may have lost some of them: then a part of one is there.
    rows_there = list((Counter(rows) - rows_left).elements())
    units: Counter[tuple[str, str, str, str]] = Counter()
    for row in map(_view, lost_rows):
        units[row.line_id, row.sku, row.location, row.lot] += row.units
    rest: list[Reservation] = []
    for each in before:
        key = each.line_id, each.sku, each.location, each.lot
        piece = min(each.quantity, units[key]) if _is_made_at(now, each) else 0
        if piece:
            units[key] -= piece
            rows_there.append((each.line_id, each.sku, each.location, piece, each.lot))
        if piece < each.quantity:
            rest.append(attrs.evolve(each, quantity=each.quantity - piece) if piece else each)
    return rows_there, tuple(rest)


def _is_made_at(now: datetime, reservation: Reservation) -> bool:
    """Whether a run at this instant may have made the reservation."""
    return reservation.made_at == now and reservation.expires_at is None
