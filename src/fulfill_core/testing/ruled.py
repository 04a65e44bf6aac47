"""Strategies for the rules of the stock: kits, lots, packs, fences, caps, places to wait for.

Each is drawn for itself and is left out most of the time, so that an example shrinks to the one
rule, or the two, that it takes.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeAlias

from hypothesis import strategies as st

from fulfill_core.inventory.item_rules import Component, Fence, KitShips, LotOrder, Pack
from fulfill_core.inventory.stock import Item, Location, Lot
from fulfill_core.testing.world import CHANNEL, DAY, HOUR, TAG, TIER, UNTRACKED, kits_of

LotHabit: TypeAlias = tuple[LotOrder, int] | None
"""Which lot of an item leaves first, and how many days it has to live; None if there are none."""

_BACKORDER_CAPS = (None, None, None, None, None, None, 0, 1, 3)
_CAPS = (None, None, None, None, None, None, None, 1, 2, 4)
"""What one customer gets at most."""
_PACKS = (
    *((),) * 8,
    ((0, 2, 1),),
    ((0, 1, 3),),
    ((1, 3, 1),),
    ((0, 2, 4), (1, 3, 1)),
    ((0, 3, 1), (1, 2, 1)),
)
"""Number of the location, multiple, minimum."""
_FENCES = (
    *((),) * 9,
    ((2, "channels", CHANNEL, (None, None)),),
    ((1, "tiers", TIER, (2, None)),),
    ((3, "tags", TAG, (None, None)),),
    ((3, "channels", CHANNEL, (0, None)),),
    ((1, "tags", TAG, (2, None)), (1, "tiers", TIER, (None, None))),
    ((2, "channels", CHANNEL, (None, 0)),),
    ((1, "tags", TAG, (None, 1)), (2, "tiers", TIER, (2, None))),
)
"""How many units, for whom, until when, in hours from now (with 0 it has just ended), and the
number of the location that they are the last of; None for the last of all."""
_LOT_HABITS_OR_NOT: tuple[LotHabit, ...] = (
    None,
    (LotOrder.FEFO, 0),
    (LotOrder.FEFO, 0),
    (LotOrder.FEFO, 0),
    (LotOrder.FEFO, 3),
    (LotOrder.FIFO, 0),
    (LotOrder.LIFO, 1),
)
"""Which lot leaves first, and how many days it has to live."""
_LOTS = (
    (2, 4, 1, False),
    (1, 2, 2, False),
    (3, 9, 3, False),
    (2, None, 2, False),
    (1, 2, None, False),
    (2, 1, 3, False),
    (2, -1, 4, False),
    (1, 0, 2, False),
    (3, 9, 1, True),
    (4, 1, 1, False),
    (0, 4, 1, False),
)
"""Units, in how many days it expires, how many days ago it came in, whether it is locked up."""
_PLACES_TO_WAIT_FOR = (*((),) * 6, (0,), (1,), (0, 2))
"""The numbers of the locations whose supplies may be waited for; none for all."""
_KIT_UNITS = (None, (1, 1), (1, 2), (1, 1), (2, 1), *((1, 1),) * 4)
"""How many of the first SKU and of the second are in a set; None if it is not known."""

_BACKORDER_CAP = st.sampled_from(_BACKORDER_CAPS)
_CAP = st.sampled_from(_CAPS)
_PACK = st.sampled_from(_PACKS)
_FENCE = st.sampled_from(_FENCES)
_LOT_HABITS = st.sampled_from(_LOT_HABITS_OR_NOT)
_SINGLE_LOT = st.sampled_from((False, False, True))
_PLACE_TO_WAIT_FOR = st.sampled_from(_PLACES_TO_WAIT_FOR)
_EACH_LOTS = st.lists(st.sampled_from(_LOTS), max_size=3)
_BY_ORDER_OR_NOT = st.sampled_from((KitShips.BY_KIT, KitShips.BY_ORDER, KitShips.BY_ORDER))
_MAY_WAIT = st.sampled_from((False, True, True, True))
_KIT = st.tuples(st.sampled_from(_KIT_UNITS), _MAY_WAIT, _BY_ORDER_OR_NOT, _BACKORDER_CAP)


def draw_rules(
    draw: st.DrawFn, where: Sequence[Location], now: datetime
) -> tuple[dict[str, Any], LotHabit]:
    """The rules of an item, as it takes them, and how it is kept by lot."""
    rules: dict[str, Any] = {}
    lot_habit = draw(_LOT_HABITS)
    if lot_habit is not None:
        rules.update(lot_order=lot_habit[0], minimum_life=lot_habit[1] * DAY)
        rules["single_lot"] = draw(_SINGLE_LOT)
    rules["backorderable_at"] = [where[at].id for at in draw(_PLACE_TO_WAIT_FOR) if at < len(where)]
    rules["backorder_cap"] = draw(_BACKORDER_CAP)
    cap = draw(_CAP)
    if cap is not None:
        rules["customer_cap"] = cap
    rules["packs"] = [
        Pack(location=where[at].id, multiple=multiple, minimum=minimum)
        for at, multiple, minimum in draw(_PACK)
        if at < len(where)
    ]
    rules["fences"] = [
        Fence(
            quantity=quantity,
            until=None if hours is None else now + hours * HOUR,
            location="" if at is None else where[at].id,
            **dict[str, Any]({kind: [word]}),
        )
        for quantity, kind, word, (hours, at) in draw(_FENCE)
        if at is None or at < len(where)
    ]
    return rules, lot_habit


def draw_lots(draw: st.DrawFn, on_hand: int, now: datetime) -> list[Lot]:
    """Lots that hold no more together than is on hand."""
    lots: list[Lot] = []
    unused = on_hand
    for number, (units, days_left, days_ago, is_locked) in enumerate(draw(_EACH_LOTS)):
        quantity = max(0, min(units, unused))
        unused -= quantity
        lots.append(
            Lot(
                id=f"L-{number}",
                quantity=quantity,
                expires_at=None if days_left is None else now + days_left * DAY,
                received_at=None if days_ago is None else now - days_ago * DAY,
                quarantined=is_locked,
            )
        )
    return lots if on_hand >= 0 else []


def draw_kits(draw: st.DrawFn, skus: Sequence[str]) -> list[Item]:
    """A set of the first two SKUs, and a box with a set in it, something else and a wrapping."""
    kits: list[Item] = []
    content = list(dict.fromkeys((skus[0], skus[min(1, len(skus) - 1)]))) if skus else []
    for kit in kits_of(skus):
        units, is_backorderable, ships, cap = draw(_KIT)
        if units is None:
            continue
        kits.append(
            Item(
                sku=kit,
                backorderable=is_backorderable,
                backorder_cap=cap,
                kit_ships=ships,
                components=[
                    Component(sku=sku, quantity=quantity)
                    for sku, quantity in zip(content, units, strict=False)
                ],
            )
        )
        content = [kit, skus[-1], UNTRACKED]
    return kits
