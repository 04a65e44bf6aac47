"""Small cases of stock with rules: few orders, two SKUs at two locations, a kit of both."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from fulfill_core import (
    Component,
    Customer,
    Fence,
    Inventory,
    Item,
    KitShips,
    Location,
    Lot,
    LotOrder,
    Order,
    OrderLine,
    Pack,
    Ship,
    Stock,
    Supply,
)

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
DAY = timedelta(days=1)

SKUS = ("cup", "mug")
PLACES = ("berlin", "lyon")
_LINE = st.tuples(st.sampled_from((*SKUS, "set", "cup", "mug")), st.integers(1, 3))
_ORDER = st.tuples(
    st.lists(_LINE, min_size=1, max_size=3),
    st.sampled_from(Ship),
    st.sampled_from(("", "", "web")),
    st.sampled_from(("C-1", "C-1", "C-2")),
)
_LOT = st.sampled_from(
    (
        (1, 3, 2, False),
        (2, 2, 1, False),
        (1, None, 3, False),
        (1, 1, None, False),
        (1, -1, 4, False),
        (2, 5, 1, True),
    )
)
"""Units, days until it expires, days since it came, whether it is locked up."""
_ROW = st.tuples(st.integers(0, 5), st.sampled_from((0, 0, 1)), st.lists(_LOT, max_size=3))
_RULES: st.SearchStrategy[dict[str, Any]] = st.sampled_from(
    (
        {},
        {},
        {"customer_cap": 2},
        {"customer_cap": 3, "fences": [Fence(quantity=1, channels=["web"])]},
        {"fences": [Fence(quantity=2, channels=["web"])]},
        {"fences": [Fence(quantity=2, channels=["web"], location="berlin")]},
        {"backorderable_at": ["lyon"]},
        {"minimum_life": 2 * DAY},
        {"lot_order": LotOrder.FIFO},
        {"lot_order": LotOrder.LIFO},
    )
)
_SOME_PACKS = st.sampled_from(
    ((), (Pack(location="berlin", multiple=2),), (Pack(location="lyon", multiple=3, minimum=2),))
)
_SUPPLIES = st.lists(st.tuples(st.integers(1, 3), st.sampled_from((-1, 1, 2))), max_size=2)


@st.composite
def cases(draw: st.DrawFn) -> tuple[list[Order], Inventory]:
    """At most 4 orders of at most 3 lines, two SKUs with rules at two locations, and a kit of both.

    Packs are drawn where nothing else binds the units of a line together: else there is more than
    one way to give less, and none is the right one.
    """
    has_packs = draw(st.booleans())
    stock: list[Stock] = []
    supplies: list[Supply] = []
    items: list[Item] = []
    for sku in SKUS:
        rules = dict(draw(_RULES))
        if has_packs:
            rules["packs"] = draw(_SOME_PACKS)
            rules["backorder_cap"] = draw(st.sampled_from((None, 0, 2)))
        items.append(Item(sku=sku, backorderable=draw(st.booleans()), **rules))
        for place in PLACES:
            on_hand, safety, some = draw(_ROW)
            lots: list[Lot] = []
            for number, (most, days_left, days_ago, is_locked) in enumerate(some):
                units = min(most, on_hand - sum(lot.quantity for lot in lots))
                lots.append(
                    Lot(
                        id=f"L-{number}",
                        quantity=units,
                        expires_at=None if days_left is None else NOW + days_left * DAY,
                        received_at=None if days_ago is None else NOW - days_ago * DAY,
                        quarantined=is_locked,
                    )
                )
            stock.append(Stock(sku=sku, location=place, on_hand=on_hand, safety=safety, lots=lots))
        supplies += [
            Supply(
                id=f"{sku}-{number}",
                sku=sku,
                quantity=units,
                expected_at=NOW + days * DAY,
                location=PLACES[number] if "backorderable_at" in rules else "",
            )
            for number, (units, days) in enumerate(draw(_SUPPLIES))
        ]
    parts = [Component(sku=sku, quantity=draw(st.integers(1, 2))) for sku in SKUS]
    ships = draw(st.sampled_from(KitShips))
    items.append(
        Item(sku="set", components=parts, kit_ships=ships, backorderable=draw(st.booleans()))
    )
    places = [
        Location(
            id="berlin", rank=draw(st.integers(0, 1)), lead_time=draw(st.integers(0, 1)) * DAY
        ),
        Location(id="lyon"),
    ]
    orders = [
        Order(
            id=f"A-{number}",
            placed_at=NOW - (9 - number) * timedelta(hours=1),
            customer=Customer(id=customer, minimum_life=(2 if customer == "C-2" else 0) * DAY),
            currency="EUR",
            lines=[
                OrderLine(
                    id=str(at), sku="cup" if has_packs and sku == "set" else sku, quantity=some
                )
                for at, (sku, some) in enumerate(lines)
            ],
            ship=Ship.PARTIAL if has_packs and ship is Ship.LINES else ship,
            channel=channel,
        )
        for number, (lines, ship, channel, customer) in enumerate(
            draw(st.lists(_ORDER, min_size=1, max_size=4))
        )
    ]
    return orders, Inventory(stock, supplies, items, places)
