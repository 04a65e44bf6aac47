"""What limits the columns together: the stock, lives of lots, fences and caps.

A `Total` limits a sum. A `Turns` limits what has been taken when an order's turn comes, in rank
order: a fence asks how much is left then.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple, TypeAlias

from fulfill_core.inventory.availability import is_ruled, pool, shelf_of
from fulfill_core.inventory.capacity import capacity_left, counts_today, limited_locations
from fulfill_core.inventory.inventory import Inventory, state_of
from fulfill_core.inventory.item_rules import admits
from fulfill_core.inventory.state import State
from fulfill_core.inventory.stock import Item
from fulfill_core.optimal.columns import Column
from fulfill_core.protocols import OrderDemand
from fulfill_core.records.facts import Context
from fulfill_core.records.purchases import purchases_of, units_owned

ByColumn: TypeAlias = Mapping[int, int]
"""What a step of a column takes, by the column's number, in rank order."""


class Total(NamedTuple):
    """The columns together may take so much.

    Args:
        most: the limit, zero or more.
        uses: what a step of each takes.
    """

    most: int
    uses: ByColumn


class Turns(NamedTuple):
    """An order may take something as long as no more than so much is taken, its own included.

    Args:
        uses: what a step of each takes.
        limits: the limit by rank, for those orders that have one; below zero, they get nothing.
    """

    uses: ByColumn
    limits: Mapping[int, int]


def limits_of(
    queue: Sequence[OrderDemand], columns: Sequence[Column], inventory: Inventory, context: Context
) -> tuple[list[Total], list[Turns]]:
    """What limits these columns; a limit that can't be reached is left out."""
    now = context.now
    by_sku: dict[str, dict[int, int]] = defaultdict(dict)
    for number, column in enumerate(columns):
        for sku, units in column.uses:
            by_sku[sku][number] = units
    totals: list[Total] = []
    turns: list[Turns] = []
    state = state_of(inventory)
    shut = _shut(queue, state, now)
    purchases = {
        facts.customer_id: purchases_of(facts, state)
        for facts in context.facts.customers
        if facts.units_bought
    }
    for sku, uses in by_sku.items():
        totals.append(Total(_open(pool(state, sku, now, within_fences=False), shut), uses))
        if is_ruled(state, sku):
            item = inventory.item(sku)
            for life in sorted({_life(queue, columns, number) for number in uses}):
                if life > item.minimum_life:
                    asks = {n: u for n, u in uses.items() if _life(queue, columns, n) >= life}
                    first = next(n for n in asks if _life(queue, columns, n) == life)
                    picky = queue[columns[first].rank].order
                    fit = pool(state, sku, now, picky, within_fences=False)
                    totals.append(Total(_open(fit, shut), asks))
            everything = shelf_of(state, sku, now).pool(None, within_fences=False)
            turns.append(_fenced(queue, columns, item, uses, everything, now))
            if item.customer_cap is not None:
                totals += _capped(queue, columns, item, uses, state, context, purchases)
    totals += _of_lots(queue, columns, state, now)
    limited: list[Turns] = []
    for each in turns:
        totals += _as_totals(each, columns)
        ranks = {columns[number].rank for number in each.uses}
        if len(set(each.limits.values())) > 1 or ranks != each.limits.keys():
            limited.append(each)
    totals = [each for each in totals if _most_units(each.uses, columns) > each.most]
    limited = [
        each
        for each in limited
        if _most_units(each.uses, columns) > min(each.limits.values(), default=0)
    ]
    return totals, [each for each in limited if each.limits]


def _shut(queue: Sequence[OrderDemand], state: State, now: datetime) -> set[str]:
    """The locations that take on no order today, and took on none of the queue already."""
    return {
        place.id
        for place in limited_locations(state)
        if capacity_left(state, place.id, now) == 0
        and not any(counts_today(state, each.order.id, place.id, now) for each in queue)
    }


def _open(by_place: Mapping[str, int], shut: set[str]) -> int:
    return sum([units for place, units in by_place.items() if place not in shut])


def _life(queue: Sequence[OrderDemand], columns: Sequence[Column], number: int) -> timedelta:
    return queue[columns[number].rank].order.customer.minimum_life


def _most_units(uses: ByColumn, columns: Sequence[Column]) -> int:
    return sum([units * columns[number].most for number, units in uses.items()])


def _of_lots(
    queue: Sequence[OrderDemand], columns: Sequence[Column], state: State, now: datetime
) -> Iterator[Total]:
    """Lines that ask for a lot have, together, no more than there is of it."""
    uses_of: dict[tuple[str, str], dict[int, int]] = defaultdict(dict)
    for number, column in enumerate(columns):
        lines = {line.id: line for line in queue[column.rank].order.lines if line.lot}
        for line_id, units in column.parts if lines else ():
            if line_id in lines:
                uses = uses_of[lines[line_id].sku, lines[line_id].lot]
                uses[number] = uses.get(number, 0) + units
    for (sku, lot), uses in uses_of.items():
        most = 0
        if is_ruled(state, sku):
            lot_needs = {lot: _most_units(uses, columns)}
            shelf = shelf_of(state, sku, now)
            most = sum(shelf.pool(None, lot_needs=lot_needs, within_fences=False).values())
        yield Total(most, uses)


def _fenced(
    queue: Sequence[OrderDemand],
    columns: Sequence[Column],
    item: Item,
    uses: ByColumn,
    everything: Mapping[str, int],
    now: datetime,
) -> Turns:
    """The orders that a fence keeps out are served as long as more is left than it keeps."""
    fences = [fence for fence in item.fences if fence.until is None or now < fence.until]
    limits: dict[int, int] = {}
    for number in uses:
        rank = columns[number].rank
        fenced_units = sum(
            [
                min(fence.quantity, everything.get(fence.location, 0))
                if fence.location
                else fence.quantity
                for fence in fences
                if not admits(fence, queue[rank].order)
            ]
        )
        if fenced_units:
            limits[rank] = sum(everything.values()) - fenced_units
    return Turns(uses, limits)


def _capped(
    queue: Sequence[OrderDemand],
    columns: Sequence[Column],
    item: Item,
    uses: ByColumn,
    state: State,
    context: Context,
    purchases: Mapping[str, Mapping[str, int]],
) -> Iterator[Total]:
    """A customer's orders together have no more than the cap, with what they have and bought."""
    by_customer: dict[str, dict[int, int]] = defaultdict(dict)
    for number, units in uses.items():
        by_customer[queue[columns[number].rank].order.customer.id][number] = units
    owned = Counter[str]()
    for order in [demand.order for demand in queue]:
        if order.customer.id in by_customer:
            record = context.record_of(order.id)
            owned[order.customer.id] += units_owned(order, record, state, context.now)[item.sku]
    for customer, uses_of_customer in by_customer.items():
        most = (item.customer_cap or 0) - owned[customer]
        if customer in purchases:
            most -= purchases[customer][item.sku]
        yield Total(max(0, most), uses_of_customer)


def _as_totals(turns: Turns, columns: Sequence[Column]) -> Iterator[Total]:
    """What follows from the turns for sums: orders of a limit have, all together, no more than it.

    The last one of them to take something says so. Where all have the same limit, that is all that
    there is to say.
    """
    for limit in sorted(set(turns.limits.values())):
        uses = {
            number: units
            for number, units in turns.uses.items()
            if turns.limits.get(columns[number].rank, limit + 1) <= limit
        }
        yield Total(max(0, limit), uses)
