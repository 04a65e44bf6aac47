"""Strategies for the stock."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from hypothesis import strategies as st

from fulfill_core._inventory import Inventory
from fulfill_core._order import (
    Order,
)
from fulfill_core._stock import Item, Location, Reservation, Stock, Supply
from fulfill_core.testing._world import (
    DAY,
    HOUR,
    LOCATIONS,
    NOW,
    SKUS,
    STRANGER,
    UNTRACKED,
)


def locations() -> st.SearchStrategy[tuple[Location, ...]]:
    """One to three locations; some share a rank, then the id decides.

    >>> from hypothesis import find
    >>> len(find(locations(), lambda places: len(places) > 1))
    2
    """
    ranks = st.lists(st.sampled_from((0, 0, 1, 2)), min_size=1, max_size=len(LOCATIONS))
    return ranks.map(
        lambda drawn: tuple(
            Location(id=name, rank=rank) for name, rank in zip(LOCATIONS, drawn, strict=False)
        )
    )


_ROWS: tuple[tuple[int, int] | None, ...] = (
    (3, 0),
    (1, 0),
    (2, 0),
    (4, 0),
    (5, 0),
    (8, 0),
    (12, 0),
    (4, 1),
    (5, 2),
    (1, 3),
    (0, 0),
    (-2, 0),
    None,
    None,
    None,
)
"""On hand and safety of one SKU at one location; None is no row."""
_ITEMS: tuple[tuple[bool, bool] | None, ...] = (
    None,
    (True, True),
    (True, True),
    (True, False),
    (True, True),
    (True, True),
    (False, False),
)
"""Tracked and backorderable; None is no item."""
_EXPIRIES = (None, None, 2, 0, -1)
"""When a reservation expires, in hours from now; with 0 it has just expired."""

_ROW = st.sampled_from(_ROWS)
_ITEM = st.sampled_from(_ITEMS)
_SUPPLY_COUNT = st.sampled_from((0, 0, 1, 2))
_SUPPLY = st.tuples(st.integers(1, 5), st.sampled_from((1, 1, 2)))  # units, in days
_HELD_COUNT = st.integers(0, 3)
_HELD = st.tuples(st.integers(1, 4), st.booleans(), st.sampled_from(_EXPIRIES))


def inventories(
    *,
    skus: Sequence[str] = SKUS,
    places: st.SearchStrategy[tuple[Location, ...]] | None = None,
    orders: Iterable[Order] = (),
    now: datetime = NOW,
) -> st.SearchStrategy[Inventory]:
    """Inventories of a few SKUs at a few locations, a few units each.

    Some rows have safety stock, some are empty or below zero; some SKUs may be backordered, with
    or without supplies to come, some are not tracked. Reservations are active, expired, or expire
    at this very instant; they are held by the lines of the given orders and by an order that is
    not among them. All were made before now.

    Args:
        skus: the SKUs to make stock of. ``"wrap"`` is known as not tracked in any case, and
            ``"ghost"`` is never known.
        places: where stock may lie; `locations` if left out.
        orders: orders whose lines may hold reservations.
        now: the time that expiries and supplies lie around.

    >>> from hypothesis import find
    >>> find(inventories(), lambda inventory: inventory.available("mug") > 1).available("mug")
    3
    """
    return _inventories(skus, locations() if places is None else places, tuple(orders), now)


def draw_inventory(
    draw: st.DrawFn,
    skus: Sequence[str],
    places: st.SearchStrategy[tuple[Location, ...]],
    orders: Sequence[Order],
    now: datetime,
) -> Inventory:
    where = draw(places)
    stock: list[Stock] = []
    items = [Item(sku=UNTRACKED, tracked=False)]
    supplies: list[Supply] = []
    for sku in skus:
        for place in where:
            row = draw(_ROW)
            if row is not None:
                stock.append(Stock(sku=sku, location=place.id, on_hand=row[0], safety=row[1]))
        nature = draw(_ITEM)
        if nature is not None:
            items.append(Item(sku=sku, tracked=nature[0], backorderable=nature[1]))
        for number in range(draw(_SUPPLY_COUNT)):
            quantity, days = draw(_SUPPLY)
            supplies.append(
                Supply(
                    id=f"PO-{sku}-{number}",
                    sku=sku,
                    quantity=quantity,
                    expected_at=now + days * DAY,
                )
            )
    return Inventory(
        stock=stock,
        supplies=supplies,
        items=items,
        locations=where,
        reservations=_draw_reservations(draw, stock, orders, now),
    )


_inventories = st.composite(draw_inventory)


def _draw_reservations(
    draw: st.DrawFn, stock: Sequence[Stock], orders: Sequence[Order], now: datetime
) -> list[Reservation]:
    holders = [
        (order.id, line.id, row)
        for row in stock
        for order in orders
        for line in order.lines
        if line.sku == row.sku
    ]
    if holders:  # left over from a line that is no more
        order_id, _, row = holders[0]
        holders.append((order_id, "0", row))
    holders += [(STRANGER, "1", row) for row in stock]
    if not holders:
        return []
    reservations: list[Reservation] = []
    holder = st.sampled_from(holders)
    for _ in range(draw(_HELD_COUNT)):
        order_id, line_id, row = draw(holder)
        quantity, is_dated, expiry = draw(_HELD)
        reservations.append(
            Reservation(
                order_id=order_id,
                line_id=line_id,
                sku=row.sku,
                location=row.location,
                quantity=quantity,
                made_at=now - HOUR if is_dated else None,
                expires_at=None if expiry is None else now + expiry * HOUR,
            )
        )
    return reservations
