"""Whether an order that ships complete may wait for what it lacks.

All of it has to be allowed to wait: by the item, by the customer's cap, and by what caps on waiting
and supplies leave. What was claimed was sold, and may wait whatever caps say now.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable
from typing import NamedTuple

from fulfill_core.allocation.demand import LineDemand, PartToCome
from fulfill_core.allocation.kit_line import KitLine
from fulfill_core.allocation.turn import PlainTurn
from fulfill_core.allocation.waiting.pegging import Pegging
from fulfill_core.decisions.lines import ShortReason
from fulfill_core.inventory.state import State, is_backorderable
from fulfill_core.orders.order import OrderLine


class _Totals(NamedTuple):
    """What an order that ships complete waits for, by SKU.

    Args:
        demand: units, or kits, that its lines need.
        unclaimed: units to come that it has not claimed yet, kits taken apart.
        on_hand: units that it needs and that are there, kits taken apart.
    """

    demand: Counter[str]
    unclaimed: Counter[str]
    on_hand: Counter[str]


def reasons_against_waiting(
    state: State,
    pegging: Pegging,
    demands: Iterable[LineDemand],
    parts: Callable[[], Iterable[PartToCome]],
    lines_lacking: Iterable[OrderLine],
    turn: PlainTurn,
) -> dict[str, ShortReason]:
    """Why an order that lacks these lines can't wait for them, by SKU; empty if it can.

    Args:
        state: the stock before the run.
        pegging: the supplies of the run.
        demands: what the order needs.
        parts: the same, kits taken apart, and how much of it is to come; asked for only where
            something may wait.
        lines_lacking: the lines of which something is missing.
        turn: the order's turn.
    """
    reasons: dict[str, ShortReason] = {}
    lines_claimed = _lines_claimed(pegging, parts)
    totals: _Totals | None = None
    for line in lines_lacking:
        sku = line.sku
        kit = turn.kits.get(line.id)
        if kit is None and line.id in lines_claimed:
            continue
        if line.lot or not is_backorderable(state, sku):
            reasons[sku] = ShortReason.OUT_OF_STOCK
        elif turn.is_over_cap(line):
            reasons[sku] = ShortReason.CUSTOMER_CAP
        elif _is_capped(pegging, line, kit):
            totals = totals or _totals(pegging, demands, parts())
            if not _may_all_wait(pegging, line, kit, totals):
                reasons[sku] = ShortReason.BACKORDER_CAP
    return reasons


def _is_capped(pegging: Pegging, line: OrderLine, kit: KitLine | None) -> bool:
    """Whether there is a cap on how many units of a line may wait."""
    skus = (line.sku,) if kit is None else (line.sku, *kit.skus)
    return any([pegging.allowance(sku) is not None for sku in skus])


def _lines_claimed(pegging: Pegging, parts: Callable[[], Iterable[PartToCome]]) -> Collection[str]:
    """Lines that wait for what they have claimed, and for nothing else: by id.

    That was sold to them, whatever caps say now.
    """
    if not pegging.has_claims:
        return ()
    return {
        line_id
        for line_id, sku, _, units_to_come in parts()
        if 0 < units_to_come <= pegging.claimed(line_id, sku)
    }


def _totals(
    pegging: Pegging, demands: Iterable[LineDemand], parts: Iterable[PartToCome]
) -> _Totals:
    """What an order that ships complete waits for, added up.

    What its lines have claimed may wait whatever caps say now.
    """
    totals = _Totals(Counter(), Counter(), Counter())
    for line, units, _ in demands:
        totals.demand[line.sku] += units
    for line_id, sku, units, units_to_come in parts:
        totals.unclaimed[sku] += max(0, units_to_come - pegging.claimed(line_id, sku))
        totals.on_hand[sku] += units - units_to_come
    return totals


def _may_all_wait(pegging: Pegging, line: OrderLine, kit: KitLine | None, totals: _Totals) -> bool:
    """Whether all that an order lacks of a SKU may wait.

    Args:
        pegging: the supplies of the run.
        line: one of the lines that ask for it.
        kit: if the line asks for kits, what it needs; otherwise None.
        totals: what the order waits for.
    """
    for leaf in (line.sku,) if kit is None else kit.skus:
        allowance = pegging.allowance(leaf)
        if allowance is None:
            continue
        if (
            max(0, allowance) + pegging.units_free(leaf, totals.unclaimed[leaf])
            < totals.unclaimed[leaf]
        ):
            return False
    # A kit may have a cap on waiting of its own, beside those of its components.
    allowance = None if kit is None else pegging.allowance(line.sku)
    if kit is None or allowance is None:
        return True
    return all(
        [
            totals.demand[line.sku]
            <= kit.kits_from_part(
                part,
                0,
                allowance * part.units_each
                + pegging.units_to_come(
                    line.id, part.sku, totals.demand[line.sku] * part.units_each
                )
                + totals.on_hand[part.sku],
            )
            for part in kit.parts
        ]
    )
