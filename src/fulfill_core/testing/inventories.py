"""Strategies for the stock."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st

from fulfill_core.inventory.inventory import Inventory
from fulfill_core.inventory.stock import Item, Location, Reservation, Stock, Supply
from fulfill_core.orders.order import (
    Order,
)
from fulfill_core.testing.ruled import LotHabit, draw_kits, draw_lots, draw_rules
from fulfill_core.testing.world import (
    CEST,
    DAY,
    HOUR,
    LOCATIONS,
    NOW,
    SKUS,
    STRANGER,
    UNTRACKED,
)

_PLACES = (
    (0, None, UTC),
    (0, None, UTC),
    (0, None, UTC),
    (1, None, UTC),
    (2, None, UTC),
    (0, 2, UTC),
    (0, 1, CEST),
    (1, 0, UTC),
)
"""Lead time in days, capacity, timezone."""

_RANK = st.sampled_from((0, 0, 1, 2))
_PLAIN_PLACE = st.tuples(_RANK, st.just(_PLACES[0]))
_PLACE = st.tuples(_RANK, st.sampled_from(_PLACES))


def locations(*, rules: bool = True) -> st.SearchStrategy[tuple[Location, ...]]:
    """One to three locations; some share a rank, then the id decides.

    Some are a day or two away from the customer, some take on no more than a few orders a day.

    Args:
        rules: False for locations without lead time and capacity.

    >>> from hypothesis import find
    >>> len(find(locations(), lambda places: len(places) > 1))
    2
    """
    natures = st.lists(_PLACE if rules else _PLAIN_PLACE, min_size=1, max_size=len(LOCATIONS))
    return natures.map(
        lambda rows: tuple(
            Location(id=name, rank=rank, lead_time=days * DAY, capacity=capacity, timezone=timezone)
            for name, (rank, (days, capacity, timezone)) in zip(LOCATIONS, rows, strict=False)
        )
    )


_ANYWHERE = locations(rules=False), locations()
"""Without rules, and with them."""
HAS_RULES = {None: st.booleans(), False: st.just(value=False), True: st.just(value=True)}

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
_SUPPLY = st.tuples(st.integers(1, 5), st.sampled_from(((1, False), (1, False), (2, True))))
"""Units; in days, and whether it is known by the day alone."""
_LATE_OR_NOT = st.tuples(
    st.integers(1, 5),
    st.sampled_from(((1, False), (2, True), *((-1, False), (-1, True)) * 3, (0, False))),
)
_PLACE_TO_COME_TO = st.sampled_from((None, None, None, 0, 1))
"""The number of the location that a supply comes to; None if that is not known."""
_HELD_COUNT = st.sampled_from((0, 1, 2, 3, 3, 4))
_HELD = st.tuples(st.integers(1, 4), st.booleans(), st.sampled_from(_EXPIRIES))


def inventories(
    *,
    skus: Sequence[str] = SKUS,
    places: st.SearchStrategy[tuple[Location, ...]] | None = None,
    orders: Iterable[Order] = (),
    now: datetime = NOW,
    rules: bool | None = None,
) -> st.SearchStrategy[Inventory]:
    """Inventories of a few SKUs at a few locations, a few units each.

    Some rows have safety stock, some are empty or below zero; some SKUs may be backordered, with
    or without supplies to come, some are not tracked. Reservations are active, expired, or expire
    at this very instant; they are held by the lines of the given orders and by an order that is
    not among them. All were made before now.

    Half of them have rules as well: kits (of the SKUs ``"cup"``, ``"mug"``, ``"pot"`` they are
    ``"cup-set"`` and ``"cup-box"``), lots, packs, fences for the channel ``"web"``, the tier
    ``"gold"`` or the tag ``"press"``, some at one location; items of which a line gets a single
    lot; caps, supplies that are overdue or come to one location, places whose supplies may not be
    waited for, locations with a capacity.

    Args:
        skus: the SKUs to make stock of. ``"wrap"`` is known as not tracked in any case, and
            ``"ghost"`` is never known.
        places: where stock may lie; `locations` if left out.
        orders: orders whose lines may hold reservations.
        now: the time that expiries and supplies lie around.
        rules: False to leave the rules out, for shops that use none of them; True for inventories
            that all have some; None for both.

    >>> from hypothesis import find
    >>> find(inventories(), lambda inventory: inventory.available("mug") > 1).available("mug")
    3
    """
    return _inventories(skus, places, tuple(orders), now, rules=rules)


@st.composite
def _inventories(
    draw: st.DrawFn,
    skus: Sequence[str],
    places: st.SearchStrategy[tuple[Location, ...]] | None,
    orders: Sequence[Order],
    now: datetime,
    *,
    rules: bool | None,
) -> Inventory:
    has_rules = draw(HAS_RULES[rules])
    return draw_inventory(draw, skus, places, orders, now, rules=has_rules)


def draw_inventory(
    draw: st.DrawFn,
    skus: Sequence[str],
    places: st.SearchStrategy[tuple[Location, ...]] | None,
    orders: Sequence[Order],
    now: datetime,
    *,
    rules: bool,
) -> Inventory:
    """An inventory for these orders, drawn within a strategy; see `inventories`."""
    where = draw(_ANYWHERE[rules] if places is None else places)
    stock: list[Stock] = []
    items = [Item(sku=UNTRACKED, tracked=False)]
    supplies: list[Supply] = []
    for sku in skus:
        nature = draw(_ITEM)
        content: dict[str, Any] = {}
        lot_habit: LotHabit = None
        if rules:
            content, lot_habit = draw_rules(draw, where, now)
        if nature is not None:
            content.update(tracked=nature[0], backorderable=nature[1])
        if content:
            items.append(Item(sku=sku, **content))
        for place in where:
            row = draw(_ROW)
            if row is not None:
                lots = draw_lots(draw, row[0], now) if lot_habit else ()
                stock.append(
                    Stock(sku=sku, location=place.id, on_hand=row[0], safety=row[1], lots=lots)
                )
        for number in range(draw(_SUPPLY_COUNT)):
            quantity, (days, is_by_day) = draw(_LATE_OR_NOT if rules else _SUPPLY)
            date = now + days * DAY
            at = draw(_PLACE_TO_COME_TO) if rules else None
            supplies.append(
                Supply(
                    id=f"PO-{sku}-{number}",
                    sku=sku,
                    quantity=quantity,
                    expected_at=date.date() if is_by_day else date,
                    location="" if at is None or at >= len(where) else where[at].id,
                )
            )
    if rules:
        items += draw_kits(draw, skus)
    return Inventory(
        stock=stock,
        supplies=supplies,
        items=items,
        locations=where,
        reservations=_draw_reservations(draw, stock, items, orders, now),
    )


def _draw_reservations(
    draw: st.DrawFn,
    stock: Sequence[Stock],
    items: Sequence[Item],
    orders: Sequence[Order],
    now: datetime,
) -> list[Reservation]:
    parts = {
        item.sku: {leaf for leaf, _ in Inventory(items=items).components_of(item.sku)}
        for item in items
        if item.is_kit
    }
    holders = [
        (order.id, line.id, row)
        for row in stock
        for order in orders
        for line in order.lines
        if line.sku == row.sku or row.sku in parts.get(line.sku, ())
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
        lot = ""
        if row.lots:
            lot = draw(st.sampled_from(["", *(lot.id for lot in row.lots)]))
        reservations.append(
            Reservation(
                order_id=order_id,
                line_id=line_id,
                sku=row.sku,
                location=row.location,
                quantity=quantity,
                made_at=now - HOUR if is_dated else None,
                expires_at=None if expiry is None else now + expiry * HOUR,
                lot=lot,
            )
        )
    return reservations
