"""What an order would take, and what it can't use then: half a kit, half a complete order.

See docs/how-to/reallocate-after-a-count.md.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from fulfill_core.allocation.demand import RuledDemand, whole_packs
from fulfill_core.allocation.takeable import ReservedUnits
from fulfill_core.inventory.stock import Reservation
from fulfill_core.orders.order import Order, OrderLine, Ship


def would_take(order: Order, demand: RuledDemand, obtainable: Mapping[str, int]) -> dict[str, int]:
    """How many units (of a kit line: kits) each line would take if so many units were there.

    All or nothing where it ships so: units that would be left over are nobody's loss.
    """
    # The arithmetic of `drawing.take`, by SKU and without locations: those were chosen already.
    ships_lines = order.ship is Ship.LINES
    remaining = dict(obtainable)
    by_line: dict[str, int] = {}
    for line, units in demand.lines:
        kit = demand.kits.get(line.id)
        available = remaining[line.sku] if kit is None else kit.kits_from(remaining)
        takes = min(units, available)
        if takes < units:
            is_whole = ships_lines or (kit is not None and kit.ships_together)
            takes = 0 if is_whole else whole_packs(line, units, takes)
        for sku, part in ((line.sku, takes),) if kit is None else kit.components_of(takes):
            remaining[sku] -= part
        by_line[line.id] = takes
    # To take a part of what a complete order needs would help nobody.
    if order.ship is Ship.COMPLETE and by_line != {line.id: units for line, units in demand.lines}:
        return {}
    return by_line


def units_by_sku(demand: RuledDemand, by_line: Mapping[str, int]) -> dict[str, int]:
    """What lines take as units by SKU, kits taken apart."""
    units_of: Counter[str] = Counter()
    for line, _ in demand.lines:
        kit, takes = demand.kits.get(line.id), by_line.get(line.id, 0)
        for sku, part in ((line.sku, takes),) if kit is None else kit.components_of(takes):
            units_of[sku] += part
    return units_of


def left_over(
    order: Order,
    demand: RuledDemand,
    supplement: Mapping[str, int],
    reserved: Iterable[Reservation],
) -> list[ReservedUnits]:
    """The reservations that an order can't use, and how many units of each.

    Args:
        order: the order.
        demand: what it needs beside what is reserved for it.
        supplement: how much of that it would get: units (of a kit line: kits) by line id.
        reserved: what is reserved for the lines that have their turn.
    """
    lines_lacking = [
        (line, units) for line, units in demand.lines if supplement.get(line.id, 0) < units
    ]
    if not lines_lacking:
        return []
    if order.ship is Ship.COMPLETE:
        return [(reservation, reservation.quantity) for reservation in reserved]
    spare: Counter[tuple[str, str]] = Counter()
    for line, units in lines_lacking:
        for sku, excess in _excess(order, line, units, demand, supplement.get(line.id, 0)):
            spare[line.id, sku] = excess
    pieces: list[ReservedUnits] = []
    for reservation in reversed(list(reserved)):
        key = reservation.line_id, reservation.sku
        units = min(reservation.quantity, spare[key])
        if units:
            spare[key] -= units
            pieces.append((reservation, units))
    return pieces


def _excess(
    order: Order, line: OrderLine, needs: int, demand: RuledDemand, gets: int
) -> Iterable[tuple[str, int]]:
    """What a line that stays incomplete has beyond what may leave: units by SKU.

    Args:
        order: the order.
        line: the line.
        needs: what it needs, in units or kits.
        demand: the order's demand.
        gets: what it would get of that.
    """
    kit = demand.kits.get(line.id)
    is_whole = order.ship is Ship.LINES
    if kit is not None:
        kits = 0 if is_whole or kit.ships_together else kit.reserved + gets
        for part in kit.parts:
            yield part.sku, max(0, part.reserved - kits * part.units_each)
    else:
        owned = line.units - needs
        yield line.sku, owned if is_whole else (owned + gets) % line.units_each
