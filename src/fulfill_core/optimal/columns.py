"""What can be decided about the lines of a queue: so many steps of so many units each.

A line may grow by a unit, by a whole pack, by all that it wants, or together with the other lines
of its order. Each way is a `Column`: a number of equal steps, what a step is worth, and what it
takes from the stock.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import NamedTuple, TypeAlias

from fulfill_core.inventory.inventory import Inventory, state_of
from fulfill_core.inventory.item_rules import KitShips
from fulfill_core.inventory.reservations import batches_of, units_by_line
from fulfill_core.orders.order import Order, OrderLine, Ship
from fulfill_core.protocols import OrderDemand

Uses: TypeAlias = tuple[tuple[str, int], ...]
"""Pairs of a SKU that is no kit, and units of it."""


class Column(NamedTuple):
    """Something that can be done up to so many times.

    Args:
        rank: the order's place in the queue.
        parts: pairs of a line's id and the units that it gets with each step.
        most: so many steps at most.
        worth: what a step is worth, in the smallest unit of worth.
        uses: what a step takes from the stock.
        after: it takes that the column so many places before it, which has one step, is done; 0 if
            it depends on none.
    """

    rank: int
    parts: tuple[tuple[str, int], ...]
    most: int
    worth: int
    uses: Uses
    after: int = 0


class _Part(NamedTuple):
    """What a line's units are made of: a SKU, its units in one, units that are there already."""

    sku: str
    each: int
    spare: int

    def uses(self, units: int) -> int:
        return max(0, self.each * units - self.spare)


def columns_of(
    queue: Sequence[OrderDemand],
    worths: Mapping[tuple[str, str], int],
    inventory: Inventory,
    now: datetime,
) -> Iterator[Column]:
    """The columns of a queue, in rank order.

    Args:
        queue: what is wanted, in rank order.
        worths: what one unit is worth, by order id and line id, in the smallest unit of worth.
        inventory: the stock before the run.
        now: the caller's time.
    """
    for rank, demand in enumerate(queue):
        order = demand.order
        lines = {line.id: line for line in order.lines}
        reserved = reserved_by_part(inventory, order, now)
        together: list[tuple[str, int]] = []
        total_uses: Counter[str] = Counter()
        worth = 0
        for line_id, units in demand.lines:
            line = lines[line_id]
            each = worths[order.id, line_id]
            parts = _parts(inventory, line, units, reserved)
            if order.ship is Ship.COMPLETE:
                together.append((line_id, units))
                worth += each * units
                for part in parts:
                    total_uses[part.sku] += part.uses(units)
            else:
                is_whole = (
                    order.ship is Ship.LINES
                    or inventory.item(line.sku).kit_ships is KitShips.BY_ORDER
                )
                yield from _of_line(rank, line, units, each, parts, is_whole=is_whole)
        if together:
            uses = tuple([(sku, units) for sku, units in sorted(total_uses.items()) if units])
            yield Column(rank, tuple(together), 1, worth, uses)


def reserved_by_part(
    inventory: Inventory, order: Order, now: datetime
) -> Mapping[tuple[str, str], int]:
    """Units that are reserved for the order, by line id and SKU."""
    return units_by_line(batches_of(state_of(inventory), order.id), now)


def _parts(
    inventory: Inventory, line: OrderLine, units: int, reserved: Mapping[tuple[str, str], int]
) -> list[_Part]:
    """What a line is made of. Parts of kits that are not complete yet may be there already."""
    if not inventory.item(line.sku).is_kit:
        return [_Part(line.sku, 1, 0)]
    done = line.units - units
    return [
        _Part(leaf, each, max(0, reserved.get((line.id, leaf), 0) - done * each))
        for leaf, each in inventory.components_of(line.sku)
    ]


def _of_line(
    rank: int, line: OrderLine, units: int, each: int, parts: list[_Part], *, is_whole: bool
) -> Iterator[Column]:
    """The columns of a line that does not depend on others."""
    pack = line.units_each
    first = units if is_whole else pack - (line.units - units) % pack
    first = min(first, units)
    amounts = [0, first]  # units after the steps at which something changes
    step = units if is_whole else pack
    for part in parts:
        if part.spare and not is_whole:  # what is there already makes the first kits cheaper
            free = (part.spare // part.each - first) // step * step + first
            amounts += [free, free + step]
    if first == step:
        amounts.remove(first)
    amounts = sorted({amount for amount in amounts if 0 <= amount < units} | {units})
    for number, (low, high) in enumerate(pairwise(amounts)):
        size = first if low == 0 and high == first else step
        uses = [(part.sku, part.uses(low + size) - part.uses(low)) for part in parts]
        yield Column(
            rank,
            ((line.id, size),),
            (high - low) // size,
            each * size,
            tuple([(sku, units) for sku, units in uses if units]),
            0 if first == step else number,  # what lacks for a whole pack comes first
        )
