"""What an inventory consists of: one frozen record, and what can be looked up in it.

Functions take a `State` and derive new ones from it (`evolved`), which share all that did not
change. Hosts never see one: they ask their `Inventory`, whose members are these functions.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, tzinfo
from typing import TypeAlias

import attrs

from fulfill_core import _checks, _values
from fulfill_core.inventory.overlay import Overlay
from fulfill_core.inventory.stock import Item, Location, Lot, Stock, Supply, undescribed
from fulfill_core.inventory.storing.batches import Batches
from fulfill_core.inventory.storing.lot_rows import LotCell, LotRows, from_lot_cell
from fulfill_core.inventory.storing.sequences import Expiring
from fulfill_core.orders.altering import altered, copier_of
from fulfill_core.orders.rows import travels_by_field

# The inner records are plain tuples of atoms: small, quick to make, and the garbage collector
# does not have to follow them.
Cell: TypeAlias = tuple[str, int, int, int]
"""A location's id, on hand, safety, reserved."""
ClaimRow: TypeAlias = tuple[str, str, str, int, datetime | None]
"""Line id, SKU, supply id, quantity, when it was made: what an order has claimed."""
AgedClaim: TypeAlias = tuple[datetime, str, str, str, bool, ClaimRow]
"""When it was made, order id, line id, supply id, whether it is known when, and the row: claims are
as old as these are in sequence."""
ClaimsOn: TypeAlias = Overlay[str, tuple[AgedClaim, ...]]
"""The claims on supplies of a SKU by the supply's id, the oldest first."""
OrdersPerDay: TypeAlias = Overlay[tuple[str, date], int]
"""How many orders a location took on, on a day of its own: those that have reservations which were
made then, and those with an intake. Only for locations that have a capacity."""
Intakes: TypeAlias = tuple[date, Overlay[str, bool]]
"""A day, and the orders with an intake of it at a location: of each location, the newest day."""

Parts: TypeAlias = tuple[tuple[str, int], ...]
"""What a kit is made of: pairs of a SKU and its units in one kit."""

# No reservation of the SKU has expired.
_NOTHING: Mapping[str, int] = {}
_FEW_CELLS = 16  # to walk over so many takes less than to look for one by its rank
_USUAL = Item(sku="usual")
copier_of(Item)  # now: a run compiles nothing


@attrs.frozen(eq=False, repr=False, weakref_slot=False)
class State:
    """The content of an inventory."""

    stock_rows: Overlay[str, tuple[Cell, ...]]  # by SKU, in the sequence of (rank, location)
    reservations: Overlay[str, Batches]  # by order
    made_last: datetime | None  # the latest instant at which something was reserved, if known
    expiring: Overlay[str, tuple[Expiring, ...]]  # by SKU, the earliest first
    lots: Overlay[str, LotRows]  # by SKU
    orders_per_day: OrdersPerDay
    intakes: Overlay[str, Intakes]  # by location
    limited: frozenset[str]  # the locations that have a capacity
    items: Mapping[str, Item]
    supplies: Overlay[str, tuple[Supply, ...]]  # by SKU, the earliest first
    claims: Overlay[str, tuple[ClaimRow, ...]]  # by order
    claims_on: Overlay[str, ClaimsOn]  # by SKU
    locations: Mapping[str, Location]  # in the sequence of (rank, id)


travels_by_field(State)  # so what another version has written is refused
_Twin = _values.twin(State)


def evolved(
    state: State,
    *,
    stock_rows: Overlay[str, tuple[Cell, ...]] | None = None,
    reservations: Overlay[str, Batches] | None = None,
    made_last: datetime | None = None,
    expiring: Overlay[str, tuple[Expiring, ...]] | None = None,
    lots: Overlay[str, LotRows] | None = None,
    orders_per_day: OrdersPerDay | None = None,
    intakes: Overlay[str, Intakes] | None = None,
    limited: frozenset[str] | None = None,
    items: Mapping[str, Item] | None = None,
    supplies: Overlay[str, tuple[Supply, ...]] | None = None,
    claims: Overlay[str, tuple[ClaimRow, ...]] | None = None,
    claims_on: Overlay[str, ClaimsOn] | None = None,
    locations: Mapping[str, Location] | None = None,
) -> State:
    """The state with these contents in place of its own; nothing is checked again.

    Each change of the stock makes one: written out it takes half the time of `altered`.
    """
    twin = _Twin()
    twin.stock_rows = state.stock_rows if stock_rows is None else stock_rows
    twin.reservations = state.reservations if reservations is None else reservations
    twin.made_last = state.made_last if made_last is None else made_last
    twin.expiring = state.expiring if expiring is None else expiring
    twin.lots = state.lots if lots is None else lots
    twin.orders_per_day = state.orders_per_day if orders_per_day is None else orders_per_day
    twin.intakes = state.intakes if intakes is None else intakes
    twin.limited = state.limited if limited is None else limited
    twin.items = state.items if items is None else items
    twin.supplies = state.supplies if supplies is None else supplies
    twin.claims = state.claims if claims is None else claims
    twin.claims_on = state.claims_on if claims_on is None else claims_on
    twin.locations = state.locations if locations is None else locations
    twin.__class__ = State
    changed: State = twin
    return changed


# -- Units -------------------------------------------------------------------------------------


def on_hand(state: State, sku: str, location: str | None = None) -> int:
    """Units physically there, at one location or at all of them.

    >>> from fulfill_core import Inventory
    >>> Inventory.of({("mug", "berlin"): 12}).on_hand("mug")
    12
    """
    return sum([units for _, units, _, _ in cells_of(state, sku, location)])


def reserved(
    state: State, sku: str, location: str | None = None, *, now: datetime | None = None
) -> int:
    """Units set aside: the sum of the reservations, at one location or at all of them.

    Args:
        state: the stock.
        sku: the stock keeping unit.
        location: one location's id; None for the sum over all.
        now: reservations that have expired by then do not count; None counts them all.

    >>> from fulfill_core import Inventory
    >>> Inventory.of({("mug", "berlin"): 12}).reserved("mug")
    0
    """
    if now is not None:
        _checks.check_aware("now", now)
    expired = expired_units(state, sku, now)
    return sum([units - expired.get(at, 0) for at, _, _, units in cells_of(state, sku, location)])


def cells_of(state: State, sku: str, location: str | None) -> tuple[Cell, ...]:
    """The cells of a SKU, at one location or at all of them."""
    cells = state.stock_rows.get(sku) or ()
    if location is None:
        return cells
    if len(cells) <= _FEW_CELLS:  # apart, as nearly always: each change of the stock asks
        for cell in cells:
            if cell[0] == location:
                return (cell,)
        return ()
    place = place_among(cells, location, state.locations)
    return () if place is None else (cells[place],)


def expired_units(state: State, sku: str, now: datetime | None) -> Mapping[str, int]:
    """The units, by location, of reservations of *sku* that have expired by *now*."""
    if now is None:
        return _NOTHING
    expiring = state.expiring.get(sku)
    if expiring is None:
        return _NOTHING
    units: Counter[str] = Counter()
    for expires_at, location, quantity, _ in expiring:
        if expires_at > now:  # the earliest come first
            break
        units[location] += quantity
    return units


def expired_by_lot(state: State, sku: str, now: datetime | None) -> Counter[tuple[str, str]]:
    """The units, by location and lot, of reservations of *sku* that have expired by *now*."""
    units: Counter[tuple[str, str]] = Counter()
    if now is not None:
        for expires_at, location, quantity, lot in state.expiring.get(sku) or ():
            if expires_at > now:
                break
            units[location, lot] += quantity
    return units


def expiries_of(state: State, sku: str) -> tuple[datetime, ...]:
    """When reservations of *sku* expire, those that already have included."""
    return tuple([expires_at for expires_at, _, _, _ in state.expiring.get(sku) or ()])


# -- What things are ---------------------------------------------------------------------------


def is_known(state: State, sku: str) -> bool:
    """Whether a stock row, an item or a supply names *sku*.

    >>> from fulfill_core import Inventory
    >>> Inventory.of({("mug", "berlin"): 0}).is_known("mug")
    True
    """
    return (
        state.stock_rows.get(sku) is not None
        or sku in state.items
        or state.supplies.get(sku) is not None
    )


def item(state: State, sku: str) -> Item:
    """What the host says about *sku*: tracked and not backorderable, unless it said so.

    >>> from fulfill_core import Inventory
    >>> Inventory().item("mug").backorderable
    False
    """
    described = state.items.get(sku)
    if described is not None:
        return described
    _checks.check_id("Item.sku", sku)
    return altered(_USUAL, sku=sku)


def is_backorderable(state: State, sku: str) -> bool:
    """Whether demand for *sku* may wait for more: not unless its item says so.

    >>> from fulfill_core import Inventory
    >>> Inventory(items=[Item(sku="mug", backorderable=True)]).is_backorderable("mug")
    True
    """
    described = state.items.get(sku)
    return described is not None and described.backorderable


def location(state: State, location_id: str) -> Location:
    """The location of that id: the last in rank and without a capacity, unless the host said so.

    So is one where no stock lies yet, such as one that only a supply names.

    >>> from fulfill_core import Inventory
    >>> Inventory.of({("mug", "berlin"): 12}).location("berlin").is_described
    False
    """
    return state.locations.get(location_id) or undescribed(location_id)


def lots_of(state: State, sku: str) -> dict[str, tuple[Lot, ...]]:
    """The lots of *sku*, by location.

    >>> from fulfill_core import Inventory
    >>> Inventory.of({("mug", "berlin"): 12}).lots_of("mug")
    {}
    """
    by_location: dict[str, list[Lot]] = {}
    for cell in lot_cells(state, sku):
        by_location.setdefault(cell[0][0], []).append(from_lot_cell(cell))
    return {at: tuple(lots) for at, lots in by_location.items()}


def lot_cells(state: State, sku: str) -> tuple[LotCell, ...]:
    """The lots of *sku* as they are stored, by location, then by lot."""
    rows = state.lots.get(sku)
    return () if rows is None else rows.cells


def supplies_of(state: State, sku: str) -> tuple[Supply, ...]:
    """The supplies of *sku*, the earliest first.

    >>> from fulfill_core import Inventory
    >>> Inventory().supplies_of("mug")
    ()
    """
    return state.supplies.get(sku) or ()


def due_until(state: State, supply: Supply) -> datetime:
    """The last instant, in UTC, at which a supply is due; from then on it is overdue.

    That is when it is expected; of one that is dated by a day, the end of that day in the time zone
    of its location, and in UTC if that has none or is not known.

    Args:
        state: the stock.
        supply: a supply.

    >>> from datetime import timedelta, timezone
    >>> from fulfill_core import Inventory
    >>> tokyo = Location(id="tokyo", timezone=timezone(timedelta(hours=9)))
    >>> coming = Supply(id="PO-1", sku="mug", quantity=5, expected_at=date(2026, 4, 1),
    ...                 location="tokyo")
    >>> print(Inventory(supplies=[coming], locations=[tokyo]).due_until(coming))
    2026-04-01 14:59:59.999999+00:00
    """
    _checks.check_member("supply", supply, Supply)
    return end_of(supply, state.locations)


def due_on(state: State, supply: Supply) -> date:
    """The day on which a supply is due, as its location counts days."""
    expected_at = supply.expected_at
    if not isinstance(expected_at, datetime):
        return expected_at
    place = state.locations.get(supply.location)
    return expected_at.date() if place is None else place.day_of(expected_at)


def is_intake(state: State, order_id: str, location_id: str, day: date) -> bool:
    """Whether units of the order have left there that were reserved on that day."""
    intakes = state.intakes.get(location_id)
    return intakes is not None and intakes[0] == day and intakes[1].get(order_id) is not None


# -- All there is ------------------------------------------------------------------------------


def stock(state: State) -> Iterator[Stock]:
    """Every stock row, by SKU: this walks the whole inventory.

    >>> from fulfill_core import Inventory
    >>> [row.on_hand for row in Inventory.of({("mug", "berlin"): 12}).stock()]
    [12]
    """
    for sku, cells in sorted(state.stock_rows.items()):
        lots = lots_of(state, sku)
        for at, units, safety, _ in cells:
            yield Stock(sku=sku, location=at, on_hand=units, safety=safety, lots=lots.get(at, ()))


def supplies(state: State) -> Iterator[Supply]:
    """Every supply, by SKU, the earliest first.

    >>> from fulfill_core import Inventory
    >>> list(Inventory().supplies())
    []
    """
    for _, of_sku in sorted(state.supplies.items()):
        yield from of_sku


def items(state: State) -> Iterator[Item]:
    """Every item that the host described, by SKU.

    >>> from fulfill_core import Inventory
    >>> [item.sku for item in Inventory(items=[Item(sku="mug")]).items()]
    ['mug']
    """
    for sku in sorted(state.items):
        yield state.items[sku]


def locations(state: State) -> Iterator[Location]:
    """Every location, in the sequence of (rank, id).

    >>> from fulfill_core import Inventory
    >>> [place.id for place in Inventory.of({("mug", "berlin"): 12}).locations()]
    ['berlin']
    """
    yield from state.locations.values()


# -- Rows --------------------------------------------------------------------------------------


def place_among(cells: Sequence[Cell], location: str, places: Mapping[str, Location]) -> int | None:
    """Where the cell of a location is among those of a SKU, which are in rank; None if it has none.

    >>> place_among([("berlin", 12, 0, 0), ("paris", 3, 0, 0)], "paris", {})
    1
    """
    if len(cells) <= _FEW_CELLS:
        for cell in cells:
            if cell[0] == location:  # mostly the first: to number all takes twice as long
                return cells.index(cell)
        return None
    place = places.get(location)
    if place is None:
        return None
    index = bisect_left(cells, (place.rank, location), key=rank_in(places))
    return index if index < len(cells) and cells[index][0] == location else None


def rank_in(places: Mapping[str, Location]) -> Callable[[Cell], tuple[int, str]]:
    """By what the cells of a SKU are sorted: the sequence in which their locations are asked."""
    return lambda cell: (places[cell[0]].rank, cell[0])


def cells_in_rank(cells: Iterable[Cell], places: Mapping[str, Location]) -> tuple[Cell, ...]:
    """The cells of a SKU in the sequence in which their locations are asked."""
    return tuple(sorted(cells, key=rank_in(places)))


def with_place(places: Mapping[str, Location], location: str) -> Mapping[str, Location]:
    """The locations, in rank, and one more of which nothing is known."""
    changed, place = dict(places), undescribed(location)
    last = next(reversed(changed.values()), place)
    changed[location] = place
    is_last = (last.rank, last.id) <= (place.rank, location)
    return changed if is_last else in_rank(changed.values())


def in_rank(places: Iterable[Location]) -> dict[str, Location]:
    """The locations by id, in the sequence in which they are asked."""
    return {place.id: place for place in sorted(places, key=lambda at: (at.rank, at.id))}


def by_sku(
    supplies: Iterable[Supply], places: Mapping[str, Location]
) -> dict[str, tuple[Supply, ...]]:
    """The supplies by SKU, the earliest first: of those of a day, by when it ends at the place."""
    grouped: dict[str, list[Supply]] = {}
    for supply in sorted(supplies, key=lambda each: (end_of(each, places), each.id)):
        grouped.setdefault(supply.sku, []).append(supply)
    return {sku: tuple(of_sku) for sku, of_sku in grouped.items()}


def end_of(supply: Supply, places: Mapping[str, Location]) -> datetime:
    """Until when it is due, if the locations are these."""
    expected_at = supply.expected_at
    if isinstance(expected_at, datetime):
        return expected_at
    from fulfill_core.calendars.wall_clock import last_instant_of  # noqa: PLC0415 - few have a day alone

    return last_instant_of(expected_at, _zone_of(supply.location, places))


def _zone_of(location_id: str, places: Mapping[str, Location]) -> tzinfo:
    place = places.get(location_id)
    return UTC if place is None else place.timezone


def with_zones(state: State, before: Mapping[str, Location]) -> State:
    """The state whose supplies are in sequence again, after locations have other time zones.

    Args:
        state: the state with its locations.
        before: the locations by which the supplies were put in sequence.
    """
    after = state.locations
    places_moved = {
        at for at in before.keys() | after.keys() if _zone_of(at, before) != _zone_of(at, after)
    }
    if not places_moved:
        return state
    changed = {
        sku: by_sku(supplies, after)[sku]
        for sku, supplies in state.supplies.items()
        if any(each.location in places_moved for each in supplies)
    }
    return evolved(state, supplies=state.supplies.with_changes(changed))


# -- Kits --------------------------------------------------------------------------------------


def is_tracked(state: State, sku: str) -> bool:
    """Whether the stock of *sku* is counted: so it is unless its item says otherwise.

    A kit of which no component is tracked is not tracked either.

    >>> from fulfill_core import Inventory
    >>> Inventory(items=[Item(sku="gift-wrap", tracked=False)]).is_tracked("gift-wrap")
    False
    """
    item = state.items.get(sku)
    if item is None:
        return True
    return bool(components_of(state, sku)) if item.is_kit else item.tracked


def components_of(state: State, sku: str) -> tuple[tuple[str, int], ...]:
    """What a kit is made of in the end, kits in kits taken apart; empty for what is no kit.

    Pairs of a SKU and its units in one kit, by SKU. Components that are not tracked are left out:
    they are always there.

    >>> from fulfill_core import Component, Inventory
    >>> pair = Item(sku="pair", components=[Component(sku="cup", quantity=2)])
    >>> box = Item(sku="box", components=[Component(sku="pair", quantity=3)])
    >>> Inventory(items=[pair, box]).components_of("box")
    (('cup', 6),)
    """
    kit = state.items.get(sku)
    if kit is None or not kit.components:
        return ()
    units: dict[str, int] = {}
    level = {sku: 1}
    while level:  # kits may be nested deeply, and have kits in common
        next_level: dict[str, int] = {}
        for name, quantity in level.items():
            item = state.items.get(name)
            if item is not None and item.components:
                for part in item.components:
                    each = quantity * part.quantity
                    next_level[part.sku] = next_level.get(part.sku, 0) + each
            elif item is None or item.tracked:
                units[name] = units.get(name, 0) + quantity
        level = next_level
    return tuple(sorted(units.items()))
