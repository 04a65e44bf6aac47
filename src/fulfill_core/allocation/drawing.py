"""Drawing units from pools: what an order takes, line by line, and what its lines lack then.

See docs/explanation/how-stock-is-given-out.md, "How it may ship".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from math import inf
from typing import NamedTuple

from fulfill_core.allocation.customer_units import PlanByLine
from fulfill_core.allocation.demand import (
    FreeLots,
    LineDemand,
    LineShortage,
    Portion,
    Sources,
    units_at,
    units_there,
    whole_packs,
)
from fulfill_core.allocation.ruled_turn import RuledTurn
from fulfill_core.allocation.turn import PLAIN_TURN, PlainTurn
from fulfill_core.decisions.promise import Promise
from fulfill_core.decisions.rows import AllocationRow, AllocationView, units_by_place
from fulfill_core.inventory.item_rules import delivered_at
from fulfill_core.inventory.shelves.shelf import Deliveries, Shelf
from fulfill_core.inventory.state import State
from fulfill_core.inventory.state import location as location_of
from fulfill_core.inventory.stock import Reservation, trusted_reservation
from fulfill_core.orders.dates import departure_by_line
from fulfill_core.orders.order import Order, Ship
from fulfill_core.protocols.plug_points import Pool, Pools

_LINES = Ship.LINES


class Draft(NamedTuple):
    """What an order takes, before its units are settled into lots.

    Args:
        rows: what it takes; None if it ships complete and cannot.
        shortages: what its lines lack then.
        sources: where it is served from.
    """

    rows: tuple[AllocationRow, ...] | None
    shortages: Sequence[LineShortage]
    sources: Sources

    @property
    def lacks(self) -> float:
        """Units that it lacks: without end if it ships complete and cannot."""
        return inf if self.rows is None else sum([units for _, units, _ in self.shortages])


class Prospect(NamedTuple):
    """What an order would get.

    Args:
        rows: its units, not settled into lots.
        deliveries: when they arrive, by SKU and location, as far as lots end.
    """

    rows: tuple[AllocationRow, ...]
    deliveries: Mapping[str, Deliveries]


def covers(needs: Mapping[str, int], places: Sequence[str], pools: Pools) -> bool:
    """Whether these locations have, together, all that is needed."""
    for sku, units in needs.items():
        pool = pools[sku] or {}  # a component that needs no stock has no pool
        missing = units
        for place in places:
            if missing <= 0:
                break
            missing -= pool.get(place, 0)
        if missing > 0:
            return False
    return True


def rows_in_boxes(
    order: Order, turn: RuledTurn, places: Sequence[str], pools: Pools
) -> tuple[AllocationRow, ...] | None:
    """What an order that ships complete takes; None if these places have not all in its boxes."""
    # Of kits all components, needed or not: what a kit has already it may lack nothing more of.
    skus = {sku for line, _ in turn.lines for sku in turn.skus_of(line)}
    copies: Pools = {sku: dict(pools[sku] or {}) for sku in skus}
    demands = [(line, units, copies.get(line.sku) or {}) for line, units in turn.lines]
    rows, shortages = take(order, demands, places, copies, turn)
    return None if shortages else rows


def take(
    order: Order,
    demands: Iterable[LineDemand],
    places: Sequence[str],
    pools: Pools,
    turn: PlainTurn = PLAIN_TURN,
) -> tuple[tuple[AllocationRow, ...], list[LineShortage]]:
    """Line by line, from each location in sequence, what it has of what is still missing.

    Args:
        order: the order.
        demands: what its lines need.
        places: the locations that serve it.
        pools: what is left of each SKU; what is taken is gone from them.
        turn: the order's turn.

    Returns:
        What is taken, and what the lines lack that do not get all.
    """
    rows: list[AllocationRow] = []
    shortages: list[LineShortage] = []
    # A line may be bound to take less than there is: it ships whole, it has a quota, or packs.
    # All others, nearly every line of a run, take what they find.
    is_bound = order.ship is _LINES or bool(turn.quota_by_line) or turn.has_boxes
    is_particular = turn.is_particular
    if turn.has_boxes:  # the large ones first: single units would break them
        demands = sorted(demands, key=lambda demand: -demand[0].units_each)
    kits = turn.kits
    free_lots = turn.free_lots() if turn.asks_for_lots else None
    if free_lots is not None:
        demands = sorted(demands, key=free_lots.turn_of)
    for demand in demands:
        line, units, pool = demand
        left_on_shelf = 0
        if free_lots is not None and (line.lot or line.id not in kits):
            missing, left_on_shelf = _take_of_lots(rows, order, demand, places, turn, free_lots)
        elif kits and line.id in kits:
            missing, left_on_shelf = _take_kits(rows, order, demand, places, pools, turn)
        elif is_bound:
            missing, left_on_shelf = _take_bound(rows, order, demand, places, turn)
        else:
            missing = draw(rows, line.id, line.sku, units, pool, places)
        if missing:
            shortages.append(LineShortage(demand, missing, left_on_shelf))
    if is_particular:
        places_of_lines = {line.id: at for at, line in enumerate(order.lines)}
        rows.sort(key=lambda row: places_of_lines[AllocationView._make(row).line_id])
        shortages.sort(key=lambda shortage: places_of_lines[shortage.demand[0].id])
    return tuple(rows), shortages


def _take_of_lots(
    rows: list[AllocationRow],
    order: Order,
    demand: LineDemand,
    places: Sequence[str],
    turn: PlainTurn,
    free_lots: FreeLots,
) -> tuple[int, int]:
    """Units of the lot that a line asks for, or of a single one if there is one; else of any.

    Returns:
        How many units are missing then, and how many are left there as it takes no part of them.
    """
    line, units, pool = demand
    lot, pool_of_lot = free_lots.lot_for(demand, places)
    first = len(rows)
    shortage = _take_bound(rows, order, (line, units, pool_of_lot), places, turn)
    if lot:
        free_lots.settle(rows, first, lot, pool)
    return shortage


def _take_bound(
    rows: list[AllocationRow],
    order: Order,
    demand: LineDemand,
    places: Sequence[str],
    turn: PlainTurn,
) -> tuple[int, int]:
    """Whole boxes, or a whole line, or what a quota leaves.

    Returns:
        How many units are missing then, and how many are left there as it takes no part of them.
    """
    line, units, pool = demand
    if line.units_each > 1:
        split, left_on_shelf = _boxes_taken(order, demand, places, turn)
        for place, part in split.items():
            draw(rows, line.id, line.sku, part, pool, (place,))
        return units - sum(split.values()), left_on_shelf
    whole, left_on_shelf = _whole_units(order, demand, places, turn)
    missing = units - whole
    if whole:
        missing += draw(rows, line.id, line.sku, whole, pool, places)
    return missing, left_on_shelf


def _take_kits(
    rows: list[AllocationRow],
    order: Order,
    demand: LineDemand,
    places: Sequence[str],
    pools: Pools,
    turn: PlainTurn,
) -> tuple[int, int]:
    """Whole kits only: as many as there are components for, from wherever they are.

    Args:
        rows: where the rows of the components go.
        order: the order.
        demand: what its line needs, in kits.
        places: the locations that serve the order.
        pools: what is left of each SKU.
        turn: the order's turn.

    Returns:
        How many kits are missing then, and how many of those there are components for.
    """
    line, units, _ = demand
    kit = turn.kits[line.id]
    # The pools as they are now, not as they were for the lines before: two lines may ask for kits
    # that share a component.
    parts: dict[str, Pool] = {}
    units_of_parts: dict[str, int] = {}
    for sku, _ in kit.recipe:
        pool = parts[sku] = pools[sku] or {}
        units_of_parts[sku] = units_at(pool, places)
    whole = kit.kits_from(units_of_parts)
    available = min(units, whole, turn.quota_by_line.get(line.id, units))
    kits = available
    if available < units:
        is_whole = kit.ships_together or order.ship is _LINES
        kits = 0 if is_whole else whole_packs(line, units, available)
    for sku, components in kit.components_of(kits):
        draw(rows, line.id, sku, components, parts[sku], places)
    return units - kits, available - kits


def _whole_units(
    order: Order, demand: LineDemand, places: Sequence[str], turn: PlainTurn
) -> tuple[int, int]:
    """How many units a line is to take, and how many it leaves there because it takes no part.

    That is all it needs if they are there, or if it is not asked that it gets all at once.
    """
    line, units, pool = demand
    available = units_at(pool, places)
    # The quota of a planner bounds what it takes; what it leaves is still there for others.
    within_quota = min(available, turn.quota_by_line.get(line.id, available))
    if within_quota >= units:
        return units, 0
    whole = 0 if order.ship is _LINES else within_quota
    return whole, available - whole


def _boxes_taken(
    order: Order, demand: LineDemand, places: Sequence[str], turn: PlainTurn
) -> tuple[dict[str, int], int]:
    """What a line of boxes takes from where; and how many units it leaves as they make no box.

    A box comes from one place, and so does what fills up one that was begun.
    """
    line, units, pool = demand
    split: dict[str, int] = {}
    available = units_there(demand, places)
    quota = min(units, turn.quota_by_line.get(line.id, units))
    rest = units % line.units_each
    # What fills up a box comes first, from the place that leaves the most for further boxes.
    places_for_rest = [at for at in places if pool.get(at, 0) >= rest] if 0 < rest <= quota else []
    splits = [
        _split_in_boxes(line.units_each, quota, pool, places, at, rest) for at in places_for_rest
    ] or [_split_in_boxes(line.units_each, quota, pool, places)]
    split = max(splits, key=lambda each: (sum(each.values()), [each.get(at, 0) for at in places]))
    whole = sum(split.values())
    if whole < units and order.ship is _LINES:
        return {}, available
    return split, available - whole


def _split_in_boxes(
    units_each: int,
    quota: int,
    pool: Pool,
    places: Iterable[str],
    place_for_rest: str | None = None,
    rest: int = 0,
) -> dict[str, int]:
    """Whole boxes from each place in sequence; and from one of them what a box lacks."""
    split: dict[str, int] = {}
    missing = (quota - rest) // units_each * units_each
    for place in places:
        filling = rest if place == place_for_rest else 0
        free = max(0, pool.get(place, 0) - filling)
        boxes = min(missing, free - free % units_each)
        if boxes or filling:
            split[place] = boxes + filling
            missing -= boxes
    return split


def draw(
    rows: list[AllocationRow],
    line_id: str,
    sku: str,
    units: int,
    pool: Pool,
    places: Sequence[str],
) -> int:
    """Take units out of a pool, from each location in sequence what it has, and write the rows.

    Args:
        rows: where the rows go.
        line_id: for which line.
        sku: of which SKU.
        units: how many.
        pool: what they are taken from.
        places: the locations, in sequence.

    Returns:
        How many units are missing then.
    """
    for place in places:
        if place not in pool:
            continue
        available = pool[place]
        if available > units:
            pool[place] = available - units
            rows.append((line_id, sku, place, units, ""))
            return 0
        # What is empty leaves the pool: a pool has only locations that have something.
        del pool[place]
        rows.append((line_id, sku, place, available, ""))
        units -= available
        if not units:
            return 0
    return units


def draw_off(
    rows: list[AllocationRow],
    order: Order,
    line_id: str,
    sku: str,
    units: int,
    pool: Pool,
    places: Sequence[str],
    shelf: Shelf,
) -> int:
    """The same off a shelf: every unit with the lot that it is of.

    Args:
        rows: where the rows go.
        order: for which order.
        line_id: for which line.
        sku: of which SKU: of one that nobody described the shelf does not know it.
        units: how many.
        pool: what the order may have of the shelf.
        places: the locations, in sequence.
        shelf: where the units lie.

    Returns:
        How many units are missing then.
    """
    for place in places:
        if place not in pool:
            continue
        part = pool[place]
        if part > units:
            pool[place] = part - units
            part = units
        else:
            del pool[place]
        for lot, units_of_lot in shelf.draw(place, part, order):
            rows.append((line_id, sku, place, units_of_lot, lot))
        units -= part
        if not units:
            return 0
    return units


def offers_of(pool: Pool, places: Iterable[str]) -> list[tuple[str, int]]:
    """What each of these locations has of a pool, in sequence, as it is split over them."""
    return [(place, pool[place]) for place in places if place in pool]


def packs_in_boxes(order: Order, turn: RuledTurn, places: Sequence[str], pools: Pools) -> Pools:
    """The whole packs that make up an order's boxes, of SKUs in packs; none if none do.

    Args:
        order: the order.
        turn: its turn.
        places: the locations that serve it.
        pools: what is left of each SKU that needs no packs.
    """
    packed = {sku: shelf for sku, shelf in turn.shelves.items() if shelf.has_packs}
    offers = {
        sku: {place: units for place, units in turn.pools[sku].items() if place in places}
        for sku in packed
    }
    rows = rows_in_boxes(order, turn, places, {**pools, **offers})
    units_at = units_by_place(rows or ())
    if rows is None or any(
        [packed[sku].leaving(at, n) != n for (sku, at), n in units_at.items() if sku in packed]
    ):
        return {}
    return {
        sku: {place: units_at[sku, place] for place in offer if (sku, place) in units_at}
        for sku, offer in offers.items()
    }


def deliveries_by_sku(
    state: State,
    order: Order,
    promise: Promise | None,
    rows: Iterable[AllocationRow],
    now: datetime,
) -> dict[str, dict[str, datetime]]:
    """When what an order gets of each SKU from each location arrives, the last of it.

    Where the promise does not say, the lead time of the location does: what leaves now, or when
    the order may be shipped, arrives so much later.

    Args:
        state: the stock.
        order: the order.
        promise: what is promised for it; None if nothing is.
        rows: what it gets.
        now: the caller's time.
    """
    dates: dict[tuple[str, str, str], list[datetime | None]] = {}
    for shipment in () if promise is None else promise.shipments:
        for line_id, sku, _ in shipment.lines:
            key = shipment.location, line_id, sku
            dates.setdefault(key, []).append(shipment.delivered_at)
    departure_of = departure_by_line(order)
    deliveries: dict[str, dict[str, datetime]] = {}
    for row in map(AllocationView._make, rows):
        after = departure_of(row.line_id)
        leaves = now if after is None else max(now.astimezone(UTC), after)
        by_lead_time = delivered_at(leaves, location_of(state, row.location).lead_time)
        of_row = dates.get((row.location, row.line_id, row.sku), [None])
        by_location = deliveries.setdefault(row.sku, {})
        by_location[row.location] = max(
            [by_location.get(row.location, now), *[date or by_lead_time for date in of_row]]
        )
    return deliveries


def rest_of_plan(order: Order, turn: RuledTurn, portion: Portion) -> PlanByLine | None:
    """What the lines of a portion may have: what a plan still lets them, and what is asked for."""
    quota_by_line, most = turn.quota_by_line, portion.most
    if not quota_by_line and most is None:
        return None
    return {
        (order.id, line.id): min(
            quota_by_line.get(line.id, units) - (units - missing),
            missing if most is None else most,
        )
        for (line, units, _), missing, _ in portion.shortages
    }


def as_reserved(
    order: Order, rows: Iterable[AllocationRow], now: datetime
) -> Iterable[Reservation]:
    """What a turn gave the order, as the next run finds it."""
    made_at = now.astimezone(UTC)
    for row in map(AllocationView._make, rows):
        yield trusted_reservation(
            order.id, row.line_id, row.sku, row.location, row.units, made_at, None, row.lot
        )
