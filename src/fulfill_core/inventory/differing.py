"""The difference of two inventories: it is found, and applied to the same or to a third."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from functools import partial
from typing import TypeVar

import attrs

from fulfill_core import _checks
from fulfill_core import inventory as wing
from fulfill_core.exceptions import StockError, by_number
from fulfill_core.inventory.availability import shelf_of
from fulfill_core.inventory.capacity import intakes_between, with_intakes_changed, with_locations
from fulfill_core.inventory.claiming import with_claims_changed
from fulfill_core.inventory.claims import Claim, claims_of
from fulfill_core.inventory.lots import (
    at,
    is_fit_to_leave,
    lot_at,
    lots_at,
    of_lot,
)
from fulfill_core.inventory.overlay import Overlay
from fulfill_core.inventory.reservations import (
    batches_of,
    has_expired,
    reservations,
    reservations_of,
    with_batches_of_orders,
    without_these,
)
from fulfill_core.inventory.reserving import with_reserved
from fulfill_core.inventory.state import (
    Cell,
    State,
    cells_in_rank,
    cells_of,
    evolved,
    expired_by_lot,
    in_rank,
    item,
    on_hand,
    reserved,
    supplies_of,
)
from fulfill_core.inventory.stock import Item, Location, Reservation, check_kits, undescribed
from fulfill_core.inventory.storing.lot_rows import (
    NO_LOTS,
    LotCell,
    LotFacts,
    LotKey,
    LotRows,
    from_lot_cell,
    lot_key,
)

T = TypeVar("T", Item, Location)


# -- Found -------------------------------------------------------------------------------------


def is_same(state: State, other: State) -> bool:
    """Whether both have the same content, however it was arrived at."""
    return (
        state.stock_rows == other.stock_rows
        and state.lots == other.lots
        and state.items == other.items
        and state.supplies == other.supplies
        and state.claims == other.claims
        and state.intakes == other.intakes
        and state.locations == other.locations
        and _is_reserved_alike(state, other)
    )


def _is_reserved_alike(state: State, other: State) -> bool:
    """Whether every order has the same reservations in both, however they are batched."""
    if state.reservations == other.reservations:
        return True
    return Counter(reservations(state)) == Counter(reservations(other))


def hash_of(state: State) -> int:
    """The same for states of the same content: this walks the whole inventory."""
    return hash((state.stock_rows, frozenset(Counter(reservations(state)).items())))


def changes_between(before: State, after: State) -> wing.Changes:
    """What changed from *before* to *after*."""
    from fulfill_core.inventory.changes import trusted_changes  # noqa: PLC0415 - not at once

    rows: list[wing.StockChange] = []
    for sku in after.stock_rows.differing(before.stock_rows):
        rows += _row_changes(sku, before.stock_rows.get(sku) or (), after.stock_rows.get(sku) or ())
    lots: list[wing.LotChange] = []
    for sku in after.lots.differing(before.lots):
        rows_of_lots = before.lots.get(sku) or NO_LOTS, after.lots.get(sku) or NO_LOTS
        lots += _lot_changes(sku, *rows_of_lots)
    added: list[Reservation] = []
    removed: list[Reservation] = []
    for order_id in after.reservations.differing(before.reservations):
        new = Counter(reservations_of(after, order_id))
        old = Counter(reservations_of(before, order_id))
        added += (new - old).elements()
        removed += (old - new).elements()
    claims_added, claims_removed = claims_between(before, after)
    intakes_added, intakes_removed = intakes_between(before, after)
    skus = list(after.supplies.differing(before.supplies))
    new_supplies = {supply for sku in skus for supply in supplies_of(after, sku)}
    old_supplies = {supply for sku in skus for supply in supplies_of(before, sku)}
    return trusted_changes(
        on_hand=rows,
        lots=lots,
        reservations_added=added,
        reservations_removed=removed,
        claims_added=claims_added,
        claims_removed=claims_removed,
        intakes_added=intakes_added,
        intakes_removed=intakes_removed,
        supplies_added=new_supplies - old_supplies,
        supplies_removed=old_supplies - new_supplies,
        locations_added=_only_in(after.locations, before.locations),
        locations_removed=_only_in(before.locations, after.locations),
        items_added=_only_in(after.items, before.items),
        items_removed=_only_in(before.items, after.items),
    )


def claims_between(before: State, after: State) -> tuple[set[Claim], set[Claim]]:
    """The claims that are there afterwards only, and those that were there before only."""
    orders = list(after.claims.differing(before.claims))
    new = {claim for order_id in orders for claim in claims_of(after, order_id)}
    old = {claim for order_id in orders for claim in claims_of(before, order_id)}
    return new - old, old - new


def _row_changes(
    sku: str, before: tuple[Cell, ...], after: tuple[Cell, ...]
) -> Iterator[wing.StockChange]:
    old = {cell[0]: cell for cell in before}
    new = {cell[0]: cell for cell in after}
    for place in old.keys() | new.keys():
        _, units, safety, _ = new.get(place, (place, 0, 0, 0))
        _, units_before, safety_before, _ = old.get(place, (place, 0, 0, 0))
        quantity, row = units - units_before, (place in new) - (place in old)
        if quantity or row or safety != safety_before:
            yield wing.StockChange(
                sku=sku,
                location=place,
                quantity=quantity,
                safety=safety - safety_before,
                row=row,
            )


def _lot_changes(sku: str, before: LotRows, after: LotRows) -> Iterator[wing.LotChange]:
    # At the speed of C: of thousands of lots mostly one has changed.
    rows_differing = set(before.cells) ^ set(after.cells)
    for key in {lot_key(cell) for cell in rows_differing}:
        was, now_is = before.cell(*key), after.cell(*key)
        if _without_reserved(was) != _without_reserved(now_is):
            yield wing.LotChange(
                sku=sku,
                location=key[0],
                before=None if was is None else from_lot_cell(was),
                after=None if now_is is None else from_lot_cell(now_is),
            )


def _without_reserved(cell: LotCell | None) -> tuple[int, LotFacts] | None:
    """A lot's quantity and facts: what is reserved of it is told with the reservations."""
    if cell is None:
        return None
    (_, _, quantity, _), facts = cell
    return quantity, facts


def _only_in(things: Mapping[str, T], other_things: Mapping[str, T]) -> Iterable[T]:
    if things is other_things:  # apart: there may be a million items
        return ()
    return [thing for key, thing in things.items() if other_things.get(key) != thing]


# -- Applied -----------------------------------------------------------------------------------


def with_changes(state: State, changes: wing.Changes, *, now: datetime | None = None) -> State:
    """The inventory after these changes: all of them, or none and an error.

    They may come from another inventory than this one, such as from a run on a stock that has moved
    on since. Units move by as much as they did there. A new location that is known here already
    stays as it is here; and a row or a location that goes, stays while others use it.

    Changes that are applied twice move twice as many units, so what they remove has to be there. To
    release what may be gone already is what `without_reservations` is for.

    An intake is there or is not: one that comes twice is one, and one that goes may be gone.

    Of a lot that changed, what changed is changed here: its units by as many, a date, whether it is
    in quarantine. A lot that is new there and known here gets the units.

    Args:
        state: the stock.
        changes: what `changes_since` or ``result.changes`` gave, or its inverse.
        now: asks that there be enough: units that the changes reserve have to be available, and
            what has expired by then does not count. None records what was decided, as
            `with_reserved` does.

    Raises:
        StockError: a reservation or a claim that goes is not there, or a reservation that comes
            has no stock row or, by *now*, not enough units; a supply, a lot or a safety stock would
            fall below 0; a lot is known here with another end; lots would hold more than is on
            hand.
        InvalidValueError: a kit would be a part of itself, or have stock or a supply of its own.

    >>> from fulfill_core import Inventory
    >>> before = Inventory.of({("mug", "berlin"): 12})
    >>> changes = before.with_received("mug", "berlin", 8).changes_since(before)
    >>> before.with_counted("mug", "berlin", 3).with_changes(changes).on_hand("mug")
    11
    """
    _checks.check_member("changes", changes, wing.Changes)
    if now is not None:
        _checks.check_aware("now", now)
    if not changes:
        return state
    changed = _with_rows_changed(_with_places_changed(state, changes), changes)
    changed = _with_reservations_changed(_with_lots_changed(changed, changes), changes)
    changed = _with_claims_changed(changed, changes)
    changed = with_intakes_changed(changed, changes.intakes_added, changes.intakes_removed)
    if now is not None:
        _check_enough(changed, changes, now)
    items = dict(state.items)
    for gone_item in changes.items_removed:
        items.pop(gone_item.sku, None)
    items.update((new_item.sku, new_item) for new_item in changes.items_added)
    # Not at once: not every run is stored by its changes.
    from fulfill_core.inventory.changes import supplies_after  # noqa: PLC0415 - as said

    supplies = supplies_after(changed.supplies, changes, changed.locations)
    check_kits("changes.items_added", items, changes.items_added)
    changed = _without_what_goes(evolved(changed, items=items, supplies=supplies), changes)
    _check_lots_fit(changed, changes)
    _check_no_kit_has_stock(changed, changes)
    return changed


def _check_lots_fit(state: State, changes: wing.Changes) -> None:
    """Where something changed, lots hold no more than is on hand."""
    touched = {(row.sku, row.location) for row in changes.on_hand}
    touched.update((change.sku, change.location) for change in changes.lots)
    for sku, location in sorted(touched):
        lots = lots_at(state, sku, location)
        if not lots:
            continue
        units = sum([quantity for (_, _, quantity, _), _ in lots.values()])
        has_row = bool(cells_of(state, sku, location))
        # More may have left than was there: then the lots that somebody has units of are empty.
        present = on_hand(state, sku, location)
        if not has_row or units > max(present, 0):
            raise StockError(
                "",
                "",
                f"cannot keep {units} of {_checks.repr_of(sku)} in lots{at(location)}:"
                f" {present} {by_number(present, 'is', 'are')} on hand",
            )


def _check_no_kit_has_stock(state: State, changes: wing.Changes) -> None:
    touched = {row.sku for row in changes.on_hand}
    touched.update(new_item.sku for new_item in changes.items_added)
    touched.update(supply.sku for supply in changes.supplies_added)
    for sku in sorted(touched):
        if not item(state, sku).is_kit:
            continue
        for content, name in ((state.stock_rows, "stock"), (state.supplies, "a supply")):
            if content.get(sku) is not None:
                raise _checks.refuse(
                    "changes", sku, f"would be a kit and have {name} of its own; take one away"
                )


def _with_places_changed(state: State, changes: wing.Changes) -> State:
    """Locations that are new, or that have changed: then the rows have another sequence."""
    places = dict(state.locations)
    removed = {place.id for place in changes.locations_removed}
    is_changed = False
    for place in changes.locations_added:
        if place.id in removed:
            is_changed = True
            places[place.id] = place
        else:
            places.setdefault(place.id, place)
    for change in changes.on_hand:
        places.setdefault(change.location, undescribed(change.location))
    if places == state.locations:
        return state
    places = in_rank(places.values())
    changed = with_locations(state, places)
    if not is_changed:
        return changed
    rows = {sku: cells_in_rank(cells, places) for sku, cells in state.stock_rows.items()}
    return evolved(changed, stock_rows=Overlay(rows))


def _with_rows_changed(state: State, changes: wing.Changes) -> State:
    by_sku_and_place: dict[str, dict[str, Cell]] = {}
    for change in changes.on_hand:
        cells = by_sku_and_place.get(change.sku)
        if cells is None:
            cells = {cell[0]: cell for cell in state.stock_rows.get(change.sku) or ()}
            by_sku_and_place[change.sku] = cells
        place = change.location
        _, units, safety, units_reserved = cells.get(place, (place, 0, 0, 0))
        if safety + change.safety < 0:
            raise StockError(
                "",
                "",
                f"cannot take {-change.safety} off the safety stock of"
                f" {_checks.repr_of(change.sku)}{at(place)}: it is {safety}",
            )
        cells[place] = (place, units + change.quantity, safety + change.safety, units_reserved)
    rows = {
        sku: cells_in_rank(cells.values(), state.locations)
        for sku, cells in by_sku_and_place.items()
    }
    return evolved(state, stock_rows=state.stock_rows.with_changes(rows))


def _with_lots_changed(state: State, changes: wing.Changes) -> State:
    from fulfill_core.inventory.changes import lot_after  # noqa: PLC0415 - not at once, as above

    by_sku: dict[str, dict[LotKey, wing.LotChange]] = {}
    for change in changes.lots:
        by_sku.setdefault(change.sku, {})[change.location, change.lot] = change
    rows: dict[str, LotRows | None] = {}
    for sku, of_sku in by_sku.items():
        before = state.lots.get(sku) or NO_LOTS
        after = {key: lot_after(change, before.cell(*key)) for key, change in of_sku.items()}
        rows[sku] = before.with_changed(after, partial(_row_in, after))
    return evolved(state, lots=state.lots.with_changes(rows))


def _with_reservations_changed(state: State, changes: wing.Changes) -> State:
    unwanted: dict[str, Counter[Reservation]] = {}
    for reservation in changes.reservations_removed:
        unwanted.setdefault(reservation.order_id, Counter())[reservation] += 1
    rest = {
        order_id: without_these(order_id, batches_of(state, order_id), of_order) or None
        for order_id, of_order in unwanted.items()
    }
    for of_order in unwanted.values():  # what was there is crossed off
        for reservation in of_order.elements():
            raise _refused("take back", reservation, "no such reservation is there")
    for reservation in changes.reservations_added:
        if not cells_of(state, reservation.sku, reservation.location):
            raise _refused("reserve", reservation, "there is no stock row")
        sku, place, lot = reservation.sku, reservation.location, reservation.lot
        if lot and lot_at(state, sku, place, lot) is None:
            raise _refused("reserve", reservation, "there is no such lot")
    return with_reserved(with_batches_of_orders(state, rest), *changes.reservations_added)


def _with_claims_changed(state: State, changes: wing.Changes) -> State:
    changed, missing = with_claims_changed(state, changes.claims_added, changes.claims_removed)
    if missing is not None:
        raise StockError(
            missing.order_id,
            missing.line_id,
            f"cannot take back a claim of {missing.quantity} of"
            f" {_checks.repr_of(missing.sku)} on supply {_checks.repr_of(missing.supply_id)}: no"
            " such claim is there",
        )
    return changed


# -- Is there enough? --------------------------------------------------------------------------


def _check_enough(state: State, changes: wing.Changes, now: datetime) -> None:
    """What these changes have reserved was there, beyond what they gave up."""
    more: Counter[tuple[str, str]] = Counter()
    by_lot: defaultdict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
    for rows, sign in ((changes.reservations_added, 1), (changes.reservations_removed, -1)):
        for each in rows:
            if not has_expired(each.expires_at, now):
                more[each.sku, each.location] += sign * each.quantity
                by_lot[each.sku][each.location, each.lot] += sign * each.quantity
    free_by_lot = {sku: _free_by_lot(state, sku, units, now) for sku, units in by_lot.items()}
    free_at: dict[tuple[str, str], int] = {}  # of SKUs without lots; each is asked once
    for each in changes.reservations_added:
        row = each.sku, each.location
        units, at_row = more[row], attrs.evolve(each, lot="")
        free = free_by_lot.get(each.sku)
        if free is None:
            if row not in free_at:
                [(_, present, safety, _)] = cells_of(state, *row)
                free_at[row] = present - safety - reserved(state, *row, now=now) + units
            _check_free(at_row, units, free_at[row])
            continue
        _check_free(at_row, units, free.get((each.location, None), 0))
        if each.lot:
            key = each.location, each.lot
            _check_free(each, by_lot[each.sku][key], free.get(key, 0))


def _free_by_lot(
    state: State, sku: str, more: Counter[tuple[str, str]], now: datetime
) -> dict[tuple[str, str | None], int] | None:
    """What was available before so many more were reserved, by location and lot.

    The lot is None for all that is at the location. None for a SKU without lots.
    """
    rows = state.lots.get(sku)
    if rows is None:
        return None
    expired = expired_by_lot(state, sku, now)
    free: dict[tuple[str, str | None], int] = {
        (place, lot): quantity - units + expired[place, lot] + more[place, lot]
        for (place, lot, quantity, units), (expires_at, _, is_locked) in rows.cells
        if not is_locked and is_fit_to_leave(state, sku, place, expires_at, now)
    }
    of_all = shelf_of(state, sku, now).pool(None, more)
    free.update(((place, None), units) for place, units in of_all.items())
    return free


def _check_free(reservation: Reservation, units: int, free: int) -> None:
    """So many units more of what is reserved: there have to be as many free."""
    if units > max(0, free):
        all_of_it = attrs.evolve(reservation, quantity=units)
        free = max(0, free)
        problem = f"{free} {by_number(free, 'is', 'are')} available"
        raise _refused("reserve", all_of_it, problem)


def _refused(verb: str, reservation: Reservation, problem: str) -> StockError:
    units = f"{reservation.quantity} of {_checks.repr_of(reservation.sku)}"
    units += f"{of_lot(reservation.lot)}{at(reservation.location)}"
    return StockError(
        reservation.order_id, reservation.line_id, f"cannot {verb} {units}: {problem}"
    )


# -- What goes ---------------------------------------------------------------------------------


def _without_what_goes(state: State, changes: wing.Changes) -> State:
    """Lots, rows and locations that go, unless somebody else uses them by now."""
    lots_going: dict[str, list[LotKey]] = {}
    for change in changes.lots:
        if change.after is None:
            lots_going.setdefault(change.sku, []).append((change.location, change.lot))
    lots = state.lots.with_changes(
        {
            sku: (state.lots.get(sku) or NO_LOTS).with_changed(keys, _unless_empty)
            for sku, keys in lots_going.items()
        }
    )
    empty_rows: dict[str, set[Cell]] = {}
    for change_of_row in changes.on_hand:
        if change_of_row.row < 0:
            empty_row = change_of_row.location, 0, 0, 0
            empty_rows.setdefault(change_of_row.sku, set()).add(empty_row)
    rows: dict[str, tuple[Cell, ...] | None] = {}
    for sku, empty in empty_rows.items():
        cells, of_lots = state.stock_rows.get(sku) or (), lots.get(sku) or NO_LOTS
        rows[sku] = tuple([row for row in cells if row not in empty or of_lots.has(row[0])]) or None
    stock_rows = state.stock_rows.with_changes(rows)
    changed = evolved(state, stock_rows=stock_rows, lots=lots)
    added = {place.id for place in changes.locations_added}
    going = {place.id for place in changes.locations_removed} - added
    if going:  # this walks the whole inventory; it is rare
        going -= {cell[0] for _, row in stock_rows.items() for cell in row}
    if not going:
        return changed
    places = {name: place for name, place in state.locations.items() if name not in going}
    return with_locations(changed, places)


def _row_in(
    cells: Mapping[LotKey, LotCell | None], key: LotKey, _: LotCell | None
) -> LotCell | None:
    """The row of a lot among others."""
    return cells[key]


def _unless_empty(_: LotKey, cell: LotCell | None) -> LotCell | None:
    """A lot that is to go: it stays if units of it are there, or are reserved."""
    return cell if cell is not None and any(cell[0][2:]) else None
