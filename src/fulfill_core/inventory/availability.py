"""What is available: to anybody, to one order, now.

There is one function that says what is available where, `pool`: the allocator asks the same one
that a shop window asks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TypeAlias

from fulfill_core import _checks
from fulfill_core.inventory.capacity import where_capacity_is_left
from fulfill_core.inventory.item_rules import DatedLot, delivered_at, in_lot_order, is_fit
from fulfill_core.inventory.reservations import (
    batches_of,
    has_expired,
    to_reservations,
    units_by_line,
    units_of_sku,
)
from fulfill_core.inventory.shelves.bays import Bay, LooseUnits, UnitsByLot
from fulfill_core.inventory.shelves.many_lots import BayOfMany
from fulfill_core.inventory.shelves.shelf import AnyBay, Shelf
from fulfill_core.inventory.state import (
    Parts,
    State,
    cells_of,
    components_of,
    due_until,
    expired_by_lot,
    expired_units,
    expiries_of,
    item,
    lot_cells,
    supplies_of,
)
from fulfill_core.inventory.stock import Item, Reservation
from fulfill_core.inventory.storing.lot_rows import LotCell, LotRows, are_many, lot_reserved
from fulfill_core.orders.order import Order

ReservedAt: TypeAlias = tuple[str, int, int]
"""A location id, units reserved there, and how many of them are not there beyond safety stock."""

_NO_RULES = Item(sku="any")
_EARLIEST = datetime.min.replace(tzinfo=UTC)
_LATEST = datetime.max.replace(tzinfo=UTC)
_LONGEST = timedelta(days=80_000)  # a lead time and a life, and some days to spare


# -- What hosts ask ----------------------------------------------------------------------------


def available(
    state: State,
    sku: str,
    location: str | None = None,
    *,
    now: datetime | None = None,
    order: Order | None = None,
) -> int:
    """Units that can be promised: ``max(0, on hand - reserved - safety)`` per location.

    Of a SKU with rules, it is what they let anybody have, or this order: without the units of
    lots that are quarantined or do not live long enough, within fences and caps, and without
    locations that have no capacity left. Of a kit, it is the number of whole kits.

    Args:
        state: the stock.
        sku: the stock keeping unit; 0 for an unknown one.
        location: one location's id; None for the sum over all.
        now: reservations that have expired by then do not count; None counts them all, and judges
            no lot, fence or capacity by time.
        order: for whom; None for anybody. Where a line of it asks for a lot of the SKU, or of a kit
            that has it, no more than its lines can use.

    >>> from fulfill_core import Inventory
    >>> Inventory.of({("mug", "berlin"): 12, ("mug", "paris"): 3}).available("mug", "paris")
    3
    """
    if now is not None:
        _checks.check_aware("now", now)
    if order is not None:
        _checks.check_member("order", order, Order)
    described = state.items.get(sku)
    if described is not None:  # of most SKUs a host says nothing
        parts = components_of(state, sku)
        if parts:
            return min(
                [
                    available(state, leaf, location, now=now, order=order) // units
                    for leaf, units in parts
                ]
            )
    by_location = pool_at(state, sku, location, now, order)
    if now is not None:
        order_id = None if order is None else order.id
        by_location = where_capacity_is_left(state, by_location, now, order_id)
    units = sum(by_location.values()) if location is None else by_location.get(location, 0)
    if order is not None and _asks_for_a_lot(state, sku, order):
        units = _units_of_lots(
            state, sku, by_location if location is None else [location], now, order
        )
    if described is None or not described.has_rules:
        return units
    reserved = 0 if order is None else units_of_sku(batches_of(state, order.id), sku, now)
    limit = shelf_of(state, sku, now).limit(order, reserved=reserved)
    return units if limit is None else min(units, limit.units)


def _asks_for_a_lot(state: State, sku: str, order: Order) -> bool:
    """Whether a line of an order asks for a lot of a SKU, or of a kit that is made of it."""
    return any(
        [
            line.lot and (line.sku == sku or sku in dict(components_of(state, line.sku)))
            for line in order.lines
        ]
    )


def _units_of_lots(
    state: State, sku: str, places: Collection[str], now: datetime | None, order: Order
) -> int:
    """Units at places that lines of an order can use, some of which ask for a lot: none beside.

    Of a lot that a line asks for no more count than it asks for: others are of no use to it.
    """
    reserved = units_by_line(batches_of(state, order.id), now)
    needs: dict[str, int] = {"": 0}
    for line in order.lines:
        parts = dict(components_of(state, line.sku)) or {line.sku: 1}
        units = max(0, line.units * parts.get(sku, 0) - reserved.get((line.id, sku), 0))
        if sku == line.sku or not line.lot:  # of a kit there are no lots
            needs[line.lot] = needs.get(line.lot, 0) + units
    shelf = shelf_of(state, sku, now)

    def usable(lot_needs: UnitsByLot | None) -> int:
        pool = shelf.pool(order, lot_needs=lot_needs)
        return sum([pool.get(place, 0) for place in places])

    lot_needs = {lot: units for lot, units in needs.items() if lot and units}
    units_of_lots = sum([min(units, usable({lot: units})) for lot, units in lot_needs.items()])
    # At one place several lots have together no more than is free there, whatever keeps the rest.
    units_of_lots = min(units_of_lots, usable(lot_needs))
    return units_of_lots + min(needs[""], usable(None) - units_of_lots)


# -- What the allocator asks -------------------------------------------------------------------


def reserved_by_location(state: State, sku: str, now: datetime) -> tuple[ReservedAt, ...]:
    """What is reserved of *sku* and has not expired, where there is some."""
    expired = expired_units(state, sku, now)
    cells = [
        (location, max(0, on_hand - safety), reserved - expired.get(location, 0))
        for location, on_hand, safety, reserved in state.stock_rows.get(sku) or ()
    ]
    return tuple([(at, units, max(0, units - usable)) for at, usable, units in cells if units])


def pool(
    state: State,
    sku: str,
    now: datetime | None = None,
    order: Order | None = None,
    *,
    within_fences: bool = True,
) -> dict[str, int]:
    """What is available of *sku*, by location, in rank order: the one availability function.

    Locations where nothing is available are left out. Each location counts for itself: one that is
    overdrawn takes nothing from the others. Of a kit, it is how many can be made up of what is
    there.

    Args:
        state: the stock.
        sku: the stock keeping unit; an unknown one has an empty pool.
        now: reservations that have expired by then do not count, and lots that are past their life
            then do not either; None counts them all.
        order: for whom: units of a lot have to live as long as its customer asks. (What is the
            same for all locations, fences and caps, `available` knows.)
        within_fences: whether what fences keep at one location is left out there.
    """
    if not is_plain(state, sku):
        parts = components_of(state, sku)
        if parts:
            return _kits_by_location(state, parts, now, order)
        if is_ruled(state, sku):
            shelf = shelf_of(state, sku, now)
            units = shelf.pool(order, within_fences=within_fences)
            if shelf.has_packs:
                packed = {at: shelf.leaving(at, free) for at, free in units.items()}
                units = {at: free for at, free in packed.items() if free}
            return units
    if expired_units(state, sku, now):
        return dict(free_in_rank(state, sku, now))
    return {  # apart from the rest: this is asked for each SKU of a run
        location: free
        for location, on_hand, safety, reserved in state.stock_rows.get(sku) or ()
        if (free := on_hand - safety - reserved) > 0
    }


def pool_at(
    state: State,
    sku: str,
    location: str | None,
    now: datetime | None = None,
    order: Order | None = None,
) -> dict[str, int]:
    """The same, and of a SKU without rules no more than what is at the location, if one is named.

    It may lie at thousands.
    """
    if location is None or not is_plain(state, sku):
        return pool(state, sku, now, order)
    expired = expired_units(state, sku, now).get(location, 0)
    return {
        at: free
        for at, on_hand, safety, reserved in cells_of(state, sku, location)
        if (free := on_hand - safety - reserved + expired) > 0
    }


def free_in_rank(state: State, sku: str, now: datetime | None) -> Iterator[tuple[str, int]]:
    """The same of a SKU without rules, location by location, for who may not need all of them."""
    expired = expired_units(state, sku, now)
    for location, on_hand, safety, reserved in state.stock_rows.get(sku) or ():
        free = on_hand - safety - reserved + expired.get(location, 0)
        if free > 0:
            yield location, free


def overpromised(state: State, sku: str, now: datetime) -> frozenset[str]:
    """The locations that have less of *sku* than is reserved and kept as safety stock there."""
    expired = expired_units(state, sku, now)
    return frozenset(
        [
            location
            for location, on_hand, safety, reserved in state.stock_rows.get(sku) or ()
            if on_hand - safety - reserved + expired.get(location, 0) < 0
        ]
    )


def _kits_by_location(
    state: State, parts: Parts, now: datetime | None, order: Order | None
) -> dict[str, int]:
    """How many kits can be made up at each location alone."""
    pools = [(pool(state, leaf, now, order), units) for leaf, units in parts]
    kits = {
        location: min([by_location.get(location, 0) // units for by_location, units in pools])
        for location in pools[0][0]
    }
    return {location: whole for location, whole in kits.items() if whole}


def is_plain(state: State, sku: str) -> bool:
    """Whether *sku* is tracked, is no kit and has no rules: an order may take what is there."""
    described = state.items.get(sku)
    return (described is None or described.is_plain) and state.lots.get(sku) is None


def is_ruled(state: State, sku: str) -> bool:
    """Whether what an order may take of *sku* depends on more than what is there."""
    if state.lots.get(sku) is not None:
        return True
    described = state.items.get(sku)
    return described is not None and described.has_rules


def reserved_by_lot(state: State, sku: str, now: datetime) -> Counter[tuple[str, str]]:
    """Units that are reserved of *sku*, by location and lot; not those that have expired."""
    reserved: Counter[tuple[str, str]] = Counter()
    for location, _, _, units in state.stock_rows.get(sku) or ():
        if units:
            reserved[location, ""] = units
    for (location, lot, _, units), _ in lot_cells(state, sku):
        if units:
            reserved[location, lot] = units
            reserved[location, ""] -= units
    for key, units in expired_by_lot(state, sku, now).items():
        reserved[key] -= units
    return reserved


def balances_of(
    state: State, sku: str, now: datetime | None
) -> tuple[dict[str, int], list[tuple[datetime, str, int]]]:
    """Units of a SKU beyond safety stock and what is reserved, by location; and lots that end.

    Below zero, so many are missing. Lots that are locked up have none. Of lots that end, the
    earliest first: when, where, and how many units of them are not reserved.
    """
    expired = expired_units(state, sku, now)
    balances = {
        location: on_hand - safety - reserved + expired.get(location, 0)
        for location, on_hand, safety, reserved in state.stock_rows.get(sku) or ()
    }
    ends: list[tuple[datetime, str, int]] = []
    rows_of_lots = _lots_less_expired(state, sku, now)
    if rows_of_lots is not None:
        lot_order = (state.items.get(sku) or _NO_RULES).lot_order
        for location in balances:
            lots = rows_of_lots.come_to(location, lot_order)
            balances[location] -= lots.locked
            ends += [(ends_at, location, units) for ends_at, _, units in lots.ends]
    return balances, sorted(ends)


def shelf_of(state: State, sku: str, now: datetime | None, *, by_lead_time: bool = True) -> Shelf:
    """The units of *sku* with its rules, to be given out: a private copy.

    Args:
        state: the stock.
        sku: the SKU.
        now: the caller's time; None if nothing is judged by it.
        by_lead_time: whether lots have to live until the lead time of their location is over. If
            not, until now: who takes them knows when they arrive (`Shelf.pool`).
    """
    expired = expired_units(state, sku, now)
    described = state.items.get(sku) or _NO_RULES
    rows_of_lots = _lots_less_expired(state, sku, now)
    bays: list[AnyBay] = []
    for location, on_hand, safety, reserved in state.stock_rows.get(sku) or ():
        units = on_hand - reserved + expired.get(location, 0)
        lots = () if rows_of_lots is None else rows_of_lots.at(location)
        if rows_of_lots is None or not lots:  # what has no lots does not end
            bays.append(LooseUnits(location, units, safety))
            continue
        delivery = None
        if now is not None:
            lead_time = state.locations[location].lead_time if by_lead_time else timedelta(0)
            delivery = delivered_at(now, lead_time)
        opened = partial(_bay_of, described, lots, location, units, safety, delivery)
        if are_many(lots):
            in_turn = rows_of_lots.come_to(location, described.lot_order)
            bays.append(BayOfMany(described, in_turn, location, units, safety, delivery, opened))
        else:
            bays.append(opened())
    return Shelf(described, bays, now)


def _lots_less_expired(state: State, sku: str, now: datetime | None) -> LotRows | None:
    """The lots of a SKU, of which nothing is reserved that has expired."""
    rows = state.lots.get(sku)
    if rows is None:  # as of most SKUs
        return None
    expired = expired_by_lot(state, sku, now)
    less = {key: -units for key, units in expired.items() if key[1]}
    return rows.with_changed(less, partial(lot_reserved, less)) if less else rows


def _bay_of(
    described: Item,
    lots: Iterable[LotCell],
    place: str,
    units: int,
    safety: int,
    delivery: datetime | None,
) -> Bay:
    """The units of a stock row that nobody has reserved, lot by lot."""
    loose = units
    in_bay: list[DatedLot] = []
    for (_, lot, quantity, reserved), (expires_at, received_at, is_locked) in lots:
        loose -= quantity - reserved
        if not is_locked and is_fit(expires_at, delivery=delivery, life=described.minimum_life):
            in_bay.append((lot, quantity - reserved, expires_at, received_at))
    in_bay.append(("", loose, None, None))
    in_order = in_lot_order(in_bay, described.lot_order)
    return Bay(place, in_order, safety, units - safety, delivery)


def turning_points(
    state: State, sku: str, lives: Iterable[timedelta], *, is_promised: bool = False
) -> Iterator[datetime]:
    """When time alone changes what can be had of *sku*, past instants included.

    Reservations expire, lots become too old for a customer who asks for so much life of them,
    fences fall, supplies become overdue.

    Args:
        state: the stock.
        sku: the SKU.
        lives: how much life of a lot the customers who want it ask for.
        is_promised: whether lots are judged by what is promised; where that does not say when they
            arrive, by the lead time all the same.
    """
    yield from expiries_of(state, sku)
    for supply in supplies_of(state, sku):
        due = due_until(state, supply)
        if due < _LATEST:  # at the end of the calendar none is ever overdue
            yield due + timedelta.resolution
    described = item(state, sku)
    for fence in described.fences:
        if fence.until is not None:
            yield fence.until
    for (location, _, _, _), (expires_at, _, _) in lot_cells(state, sku):
        if expires_at is not None and expires_at - _EARLIEST > _LONGEST:
            lead_times = [state.locations[location].lead_time]
            if is_promised:
                lead_times.append(timedelta(0))
            # Too old for one of these customers, and later for anybody.
            of_anybody = described.minimum_life
            for minimum in {of_anybody, *[max(life, of_anybody) for life in lives]}:
                # With its last instant a lot has just the life that is asked for, but one of which
                # none is asked for has none.
                after = timedelta.resolution if minimum else timedelta(0)
                yield from [expires_at - time - minimum + after for time in lead_times]


# -- Who has reservations ----------------------------------------------------------------------


def reservations_of_skus(state: State, skus: Collection[str]) -> Iterator[Reservation]:
    """Every reservation of these SKUs, whoever's it is: this walks all of them."""
    skus = frozenset(skus)  # an order may lack thousands
    for order_id, batches in state.reservations.items():
        of_skus = [
            (made_at, expires_at, tuple([entry for entry in entries if entry[1] in skus]))
            for made_at, expires_at, entries in batches
        ]
        yield from to_reservations(order_id, of_skus)


def reservations_made_at(state: State, instant: datetime) -> Iterator[Reservation]:
    """Every reservation that was made then and counts, whoever's it is: this walks all of them."""
    instant = instant.astimezone(UTC)  # in the hour that comes twice two zones are never equal
    for order_id, batches in state.reservations.items():
        made_then = [
            batch for batch in batches if batch[0] == instant and not has_expired(batch[1], instant)
        ]
        if made_then:
            yield from to_reservations(order_id, made_then)


def orders_with_reservations(state: State, orders: Iterable[Order]) -> list[Order]:
    """Those of the orders that have reservations, expired ones included."""
    batches = state.reservations.getter()
    return [order for order in orders if batches(order.id) is not None]
