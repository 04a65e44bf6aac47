"""The barest loop: tuples and whole cents, one set of shelves, and nothing but the decisions.

It says for each order what becomes of it and which units it gets, and no more: no findings, no
messages, no reasons, no stock afterwards. It is what the machine costs, not what a shop can use.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from workload import OrderRow, Workload

NEVER = datetime.max.replace(tzinfo=UTC)
TIERS = {"gold": 0, "silver": 1, "bronze": 2}


def in_cents(orders: Iterable[OrderRow]) -> list[tuple[Any, ...]]:
    """The orders with amounts in cents, lines without a price, and no address but whether it is
    whole: what is made before.
    """
    rows: list[tuple[Any, ...]] = []
    for row in orders:
        order_id, placed_at, _, email, phone, tier, lines, _, address = row[:9]
        payments, _, _, total, deliver_by, ship_after, ship, _ = row[9:]
        has_address = address is not None and all([*address[1], address[0], address[2], address[4]])
        rows.append(
            (
                order_id,
                placed_at,
                bool(email.strip() or phone.strip()),
                tier,
                tuple([(line[0], line[1], line[2]) for line in lines]),
                has_address or not any([line[4] for line in lines]),
                tuple([(int(amount * 100), status, end) for _, amount, status, end in payments]),
                int(total * 100),
                deliver_by,
                ship_after,
                ship,
                row,
            )
        )
    return rows


def run(orders: list[tuple[Any, ...]], data: Workload, now: datetime) -> list[tuple[Any, ...]]:  # noqa: C901, PLR0912, PLR0915 - one loop
    """Rows of (order id, what becomes of it, the units that it gets)."""
    by_id: dict[str, Any] = {}
    conflicting: set[str] = set()
    for order in orders:
        known = by_id.setdefault(order[0], order)
        if known is not order and known[-1] != order[-1]:
            conflicting.add(order[0])
    queue: list[Any] = []
    decisions: list[tuple[Any, ...]] = []
    for order in by_id.values():
        (order_id, placed_at, is_reachable, tier, lines, has_address, payments, total, *rest) = (
            order
        )
        deliver_by, ship_after, _, _ = rest
        if order_id in conflicting:
            decisions.append((order_id, "held", ()))
            continue
        paid = reach = 0
        is_declined = is_open = False
        for amount, status, end in payments:
            if status == "captured" or (status == "authorized" and (end is None or now < end)):
                paid += amount
            elif status == "authorized":
                reach += amount
            elif status == "declined":
                is_declined = True
            else:
                is_open = True
        if total < 0 or (paid < total and is_declined and not is_open):
            decisions.append((order_id, "rejected", ()))
        elif paid < total or not is_reachable or not lines or not has_address:
            decisions.append((order_id, "held", ()))
        elif ship_after is not None and ship_after > now:
            decisions.append((order_id, "scheduled", ()))
        else:
            queue.append((deliver_by or NEVER, TIERS.get(tier, 3), placed_at, order_id, order))
    queue.sort()
    expired, behind = _reserved(data, now)
    pools: dict[str, dict[str, int]] = {}
    stock, backorderable = data.stock, data.backorderable
    for _, _, _, order_id, order in queue:
        lines, ship = order[4], order[10]
        owned: dict[tuple[str, str], int] = {}
        for _, end, entries in data.reservations.get(order_id, ()):
            if end is None or end > now:
                for line_id, sku, _, units in entries:
                    owned[line_id, sku] = owned.get((line_id, sku), 0) + units
                    behind[sku] -= units
        wants: list[tuple[str, str, int, dict[str, int]]] = []
        needs: dict[str, int] = {}
        for line_id, sku, quantity in lines:
            units = quantity - owned.get((line_id, sku), 0) if owned else quantity
            if units <= 0:
                continue
            pool = pools.get(sku)
            if pool is None:
                pool = pools[sku] = {}
                for place, on_hand, safety, reserved in stock.get(sku, ()):
                    free = on_hand - safety - reserved + expired.get((sku, place), 0)
                    if free > 0:
                        pool[place] = free
            wants.append((line_id, sku, units, pool))
            needs[sku] = needs.get(sku, 0) + units
        taken: list[tuple[str, str, str, int]] = []
        waits = lacks = False
        for place in wants[0][3] if wants else ():
            for sku, units in needs.items():
                if pools[sku].get(place, 0) < units:
                    break
            else:
                for line_id, sku, units, pool in wants:
                    taken.append((line_id, sku, place, units))
                    pool[place] -= units
                    if not pool[place]:
                        del pool[place]
                break
        else:
            there = {sku: sum(pools[sku].values()) for sku in needs}
            missing = [sku for sku, units in needs.items() if there[sku] < units]
            if ship == "complete" and missing:
                missing = [
                    sku for sku in missing if there[sku] + behind.get(sku, 0) < needs[sku]
                ] or missing
                waits = all([backorderable.get(sku, False) for sku in missing])
                lacks = not waits
            else:
                for line_id, sku, units, pool in wants:
                    left = units
                    if ship != "lines" or sum(pool.values()) >= units:
                        for place in list(pool):
                            count = min(left, pool[place])
                            taken.append((line_id, sku, place, count))
                            pool[place] -= count
                            left -= count
                            if not pool[place]:
                                del pool[place]
                            if not left:
                                break
                    if left:
                        if backorderable.get(sku, False):
                            waits = True
                        else:
                            lacks = True
        if not waits and not lacks:
            outcome = "allocated"
        elif taken or owned:
            outcome = "partially_allocated"
        else:
            outcome = "backordered" if waits else "unfulfillable"
        decisions.append((order_id, outcome, tuple(taken)))
    return decisions


def _reserved(data: Workload, now: datetime) -> tuple[dict[tuple[str, str], int], dict[str, int]]:
    """What has expired, by SKU and place; and what is reserved and has not, by SKU."""
    expired: dict[tuple[str, str], int] = {}
    behind: dict[str, int] = {}
    for batches in data.reservations.values():
        for _, end, entries in batches:
            for _, sku, place, units in entries:
                if end is not None and end <= now:
                    expired[sku, place] = expired.get((sku, place), 0) + units
                else:
                    behind[sku] = behind.get(sku, 0) + units
    return expired, behind
