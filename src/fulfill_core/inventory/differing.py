"""The difference of two inventories: it is found, and applied to the same or to a third."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, Self, TypeVar

import attrs

from fulfill_core import _checks
from fulfill_core.exceptions import StockError
from fulfill_core.inventory.changes import Changes, LotChange, StockChange
from fulfill_core.inventory.kits import check_kits
from fulfill_core.inventory.lots import cells_in_rank, from_cell, lots_in_order, of_lot, to_cell
from fulfill_core.inventory.overlay import Overlay
from fulfill_core.inventory.releasing import at
from fulfill_core.inventory.reservations import has_expired, without
from fulfill_core.inventory.reserving import Reserving
from fulfill_core.inventory.snapshot import Cell, LotCell
from fulfill_core.inventory.stock import Item, Location, Reservation, Supply, by_sku, in_rank

T = TypeVar("T", Item, Location)


@attrs.frozen(init=False, eq=False, repr=False, weakref_slot=False)
class Differing(Reserving):
    """A snapshot that can be compared with another, and changed by what that says."""

    def changes_since(self, before: Self) -> Changes:
        """What changed from *before* to here: ``before.with_changes(these)`` equals this inventory.

        If this one came from *before*, or both from a third, by few changes, only what was changed
        is looked at. Of two that have nothing in common, and after many changes, all of both is.

        >>> from fulfill_core import Inventory
        >>> before = Inventory.of({("mug", "berlin"): 12})
        >>> after = before.with_received("mug", "berlin", 8).with_counted("mug", "paris", 3)
        >>> [(row.location, row.quantity) for row in after.changes_since(before).on_hand]
        [('berlin', 8), ('paris', 3)]
        """
        if not isinstance(before, Differing):
            raise _checks.refuse("before", before, "is not an Inventory; pass one")
        on_hand: list[StockChange] = []
        for sku in self._rows.differing(before._rows):
            on_hand += _row_changes(sku, before._rows.get(sku) or (), self._rows.get(sku) or ())
        lots: list[LotChange] = []
        for sku in self._lots.differing(before._lots):
            lots += _lot_changes(sku, before._lots.get(sku) or (), self._lots.get(sku) or ())
        added: list[Reservation] = []
        removed: list[Reservation] = []
        for order_id in self._holds.differing(before._holds):
            mine = Counter(self.reservations_of(order_id))
            theirs = Counter(before.reservations_of(order_id))
            added += (mine - theirs).elements()
            removed += (theirs - mine).elements()
        skus = list(self._supplies.differing(before._supplies))
        coming = {supply for sku in skus for supply in self.supplies_of(sku)}
        awaited = {supply for sku in skus for supply in before.supplies_of(sku)}
        return Changes(
            on_hand=on_hand,
            lots=lots,
            reservations_added=added,
            reservations_removed=removed,
            supplies_added=coming - awaited,
            supplies_removed=awaited - coming,
            locations_added=_only_in(self._locations, before._locations),
            locations_removed=_only_in(before._locations, self._locations),
            items_added=_only_in(self._items, before._items),
            items_removed=_only_in(before._items, self._items),
        )

    def with_changes(self, changes: Changes, *, now: datetime | None = None) -> Self:
        """The inventory after these changes: all of them, or none and an error.

        They may come from another inventory than this one, such as from a run on a stock that has
        moved on since. Units move by as much as they did there. A new location that is known here
        already stays as it is here; and a row or a location that goes, stays while others use it.

        Changes that are applied twice move twice as many units, so what they remove has to be
        there. To release what may be gone already is what `without_reservations` is for.

        Of a lot that changed, what changed is changed here: its units by as many, a date, whether
        it is in quarantine. A lot that is new there and known here gets the units.

        Args:
            changes: what `changes_since` or ``result.changes`` gave, or its inverse.
            now: asks that there be enough: units that the changes reserve have to be available, and
                what has expired by then does not count. None records what was decided, as
                `with_reserved` does.

        Raises:
            StockError: a reservation that goes is not there, or one that comes has no stock row or,
                by *now*, not enough units; a supply, a lot or a safety stock would fall below 0; a
                lot is known here with another end; lots would hold more than is on hand.
            InvalidValueError: a kit would be a part of itself, or have stock or a supply of its
                own.

        >>> from fulfill_core import Inventory
        >>> before = Inventory.of({("mug", "berlin"): 12})
        >>> changes = before.with_received("mug", "berlin", 8).changes_since(before)
        >>> before.with_counted("mug", "berlin", 3).with_changes(changes).on_hand("mug")
        11
        """
        _checks.check_member("changes", changes, Changes)
        if now is not None:
            _checks.check_aware("now", now)
        if not changes:
            return self
        changed = self._with_places_changed(changes)._with_rows_changed(changes)
        changed = changed._with_lots_changed(changes)._with_reservations_changed(changes)
        if now is not None:
            changed._check_enough(changes, now)
        items = dict(self._items)
        for item in changes.items_removed:
            items.pop(item.sku, None)
        items.update((item.sku, item) for item in changes.items_added)
        supplies = _supplies_changed(self._supplies, changes)
        check_kits("changes.items_added", items, changes.items_added)
        changed = changed._with(items=items, supplies=supplies)._without_what_goes(changes)
        changed._check_lots_fit(changes)
        changed._check_no_kit_has_stock(changes)
        return changed

    def _check_lots_fit(self, changes: Changes) -> None:
        """Where something changed, lots hold no more than is on hand."""
        touched = {(row.sku, row.location) for row in changes.on_hand}
        touched.update((change.sku, change.location) for change in changes.lots)
        for sku, location in sorted(touched):
            in_lots = self._lots_at(sku, location)
            if in_lots and (not self._cells(sku, location) or self._in_lot(sku, location, "") < 0):
                units = sum([cell[2] for cell in in_lots.values()])
                raise StockError(
                    "",
                    "",
                    f"cannot keep {units} units of {_checks.shown(sku)} in lots{at(location)}:"
                    f" {self.on_hand(sku, location)} are on hand",
                )

    def _check_no_kit_has_stock(self, changes: Changes) -> None:
        touched = {row.sku for row in changes.on_hand} | {item.sku for item in changes.items_added}
        touched.update(supply.sku for supply in changes.supplies_added)
        for sku in sorted(touched):
            if not self.item(sku).is_kit:
                continue
            for content, name in ((self._rows, "stock"), (self._supplies, "a supply")):
                if content.get(sku) is not None:
                    raise _checks.refuse(
                        "changes", sku, f"would be a kit and have {name} of its own; take one away"
                    )

    def _with_places_changed(self, changes: Changes) -> Self:
        """Locations that are new, or that have changed: then the rows have another sequence."""
        places = dict(self._locations)
        known_before = {place.id for place in changes.locations_removed}
        is_changed = False
        for place in changes.locations_added:
            if place.id in known_before:
                is_changed = True
                places[place.id] = place
            else:
                places.setdefault(place.id, place)
        for change in changes.on_hand:
            places.setdefault(change.location, Location(id=change.location))
        if places == self._locations:
            return self
        places = in_rank(places.values())
        if not is_changed:
            return self._with_places(places)
        rows = {sku: cells_in_rank(row, places) for sku, row in self._rows.items()}
        return self._with_places(places)._with(rows=Overlay(rows))

    def _with_rows_changed(self, changes: Changes) -> Self:
        rows: dict[str, dict[str, Cell]] = {}
        for change in changes.on_hand:
            row = rows.get(change.sku)
            if row is None:
                cells = self._rows.get(change.sku) or ()
                row = rows[change.sku] = {cell[0]: cell for cell in cells}
            place = change.location
            _, on_hand, safety, reserved = row.get(place, (place, 0, 0, 0))
            if safety + change.safety < 0:
                raise StockError(
                    "",
                    "",
                    f"cannot take {-change.safety} units off the safety stock of"
                    f" {_checks.shown(change.sku)}{at(place)}: it is {safety}",
                )
            row[place] = (place, on_hand + change.quantity, safety + change.safety, reserved)
        return self._with(
            rows=self._rows.with_changes(
                {sku: cells_in_rank(row.values(), self._locations) for sku, row in rows.items()}
            )
        )

    def _with_lots_changed(self, changes: Changes) -> Self:
        lots: dict[str, dict[tuple[str, str], LotCell]] = {}
        for change in changes.lots:
            here = lots.get(change.sku)
            if here is None:
                here = lots[change.sku] = {
                    (cell[0], cell[1]): cell for cell in self._lots.get(change.sku) or ()
                }
            key = change.location, change.lot
            cell = _lot_changed(change, here.get(key))
            if cell is not None:
                here[key] = cell
        return self._with(
            lots=self._lots.with_changes(
                {sku: lots_in_order(cells.values()) or None for sku, cells in lots.items()}
            )
        )

    def _with_reservations_changed(self, changes: Changes) -> Self:
        gone: dict[str, Counter[Reservation]] = {}
        for held in changes.reservations_removed:
            gone.setdefault(held.order_id, Counter())[held] += 1
        left = {
            order_id: without(order_id, self.batches_of(order_id), some) or None
            for order_id, some in gone.items()
        }
        for some in gone.values():  # what was found was crossed off
            for held in some.elements():
                raise _refused("take back", held, "no such reservation is there")
        lots = self._named(changes.reservations_added)
        for held in changes.reservations_added:
            if not self._cells(held.sku, held.location):
                raise _refused("reserve", held, "there is no stock row")
            if held.lot and (held.sku, held.location, held.lot) not in lots:
                raise _refused("reserve", held, "there is no such lot")
        return self._with_holds(left).with_reserved(*changes.reservations_added)

    def _check_enough(self, changes: Changes, now: datetime) -> None:
        """What these changes have reserved was there, beyond what they gave up."""
        more: Counter[tuple[str, str]] = Counter()
        by_lot: defaultdict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
        for some, sign in ((changes.reservations_added, 1), (changes.reservations_removed, -1)):
            for held in some:
                if not has_expired(held.expires_at, now):
                    more[held.sku, held.location] += sign * held.quantity
                    by_lot[held.sku][held.location, held.lot] += sign * held.quantity
        by_rules = {sku: self._left_by_lot(sku, by_lot[sku], now) for sku in by_lot}
        for held in changes.reservations_added:
            units, at_row = more[held.sku, held.location], attrs.evolve(held, lot="")
            left = by_rules.get(held.sku)
            if left is None:
                [(_, on_hand, safety, _)] = self._cells(held.sku, held.location)
                reserved = self.reserved(held.sku, held.location, now=now)
                _check_left(at_row, units, on_hand - safety - reserved + units)
                continue
            _check_left(at_row, units, left.get((held.location, None), 0))
            if held.lot:
                key = held.location, held.lot
                _check_left(held, by_lot[held.sku][key], left.get(key, 0))

    def _left_by_lot(
        self, sku: str, more: Counter[tuple[str, str]], now: datetime
    ) -> dict[tuple[str, str | None], int] | None:
        """What was available before so many more were reserved, by location and lot.

        The lot is None for all that is at the location. None for a SKU without lots.
        """
        cells = self._lots.get(sku)
        if cells is None:
            return None
        expired: Counter[tuple[str, str]] = Counter()
        for end, place, units, lot in self._timed.get(sku) or ():
            if end <= now:
                expired[place, lot] += units
        left: dict[tuple[str, str | None], int] = {
            (place, lot): quantity - reserved + expired[place, lot] + more[place, lot]
            for place, lot, quantity, reserved, expires_at, _, locked in cells
            if not locked and self._is_fit(sku, place, expires_at, now)
        }
        pool = self.shelf(sku, now).pool(None, more)
        left.update(((place, None), units) for place, units in pool.items())
        return left

    def _without_what_goes(self, changes: Changes) -> Self:
        """Lots, rows and locations that go, unless somebody else uses them by now."""
        lots: dict[str, tuple[LotCell, ...]] = {}
        for gone in changes.lots:
            if gone.after is None:
                of_sku = lots.get(gone.sku) or self._lots.get(gone.sku) or ()
                empty = gone.location, gone.lot, 0, 0
                lots[gone.sku] = tuple([cell for cell in of_sku if cell[:4] != empty])
        kept = self._lots.with_changes({sku: some or None for sku, some in lots.items()})
        rows: dict[str, tuple[Cell, ...] | None] = {}
        for change in changes.on_hand:
            if change.row < 0:
                row = rows.get(change.sku) or self._rows.get(change.sku) or ()
                nothing = (change.location, 0, 0, 0)
                if any(cell[0] == change.location for cell in kept.get(change.sku) or ()):
                    continue
                rows[change.sku] = tuple([cell for cell in row if cell != nothing])
        left = self._rows.with_changes({sku: row or None for sku, row in rows.items()})
        added = {place.id for place in changes.locations_added}
        going = {place.id for place in changes.locations_removed} - added
        if going:  # this walks the whole inventory; it is rare
            going -= {cell[0] for _, row in left.items() for cell in row}
        places = {name: place for name, place in self._locations.items() if name not in going}
        changed = self._with(rows=left, lots=kept)
        return changed._with_places(places) if going else changed


def _row_changes(
    sku: str, before: tuple[Cell, ...], after: tuple[Cell, ...]
) -> Iterator[StockChange]:
    old = {cell[0]: cell for cell in before}
    new = {cell[0]: cell for cell in after}
    for place in old.keys() | new.keys():
        _, on_hand, safety, _ = new.get(place, (place, 0, 0, 0))
        _, on_hand_before, safety_before, _ = old.get(place, (place, 0, 0, 0))
        quantity, row = on_hand - on_hand_before, (place in new) - (place in old)
        if quantity or row or safety != safety_before:
            yield StockChange(
                sku=sku,
                location=place,
                quantity=quantity,
                safety=safety - safety_before,
                row=row,
            )


def _lot_changes(
    sku: str, before: tuple[LotCell, ...], after: tuple[LotCell, ...]
) -> Iterator[LotChange]:
    old = {(cell[0], cell[1]): cell for cell in before}
    new = {(cell[0], cell[1]): cell for cell in after}
    for key in old.keys() | new.keys():
        was, now_is = old.get(key), new.get(key)
        # What is reserved of it is told with the reservations.
        if was is None or now_is is None or was[2] != now_is[2] or was[4:] != now_is[4:]:
            yield LotChange(
                sku=sku,
                location=key[0],
                before=None if was is None else from_cell(was),
                after=None if now_is is None else from_cell(now_is),
            )


def _lot_changed(change: LotChange, here: LotCell | None) -> LotCell | None:
    """The lot that is here, changed by as much as it was changed there; None if there is none."""
    before, after, more = change.before, change.after, change.quantity
    known = after or before
    if here is None:
        if known is None or (before is not None and not more):
            return None
        here = to_cell(change.location, attrs.evolve(known, quantity=0))
    location, lot, quantity, reserved, expires_at, received_at, locked = here
    of_what = f"{_checks.shown(change.sku)}{of_lot(lot)}{at(location)}"
    if quantity + more < 0:
        raise StockError("", "", f"cannot take {-more} units of {of_what}: {quantity} are there")
    if before is None and after is not None and after.expires_at != expires_at:
        raise StockError(
            "", "", f"cannot bring {more} units of {of_what}: it is there with another end"
        )
    if before is not None and after is not None:
        if before.expires_at != after.expires_at:
            expires_at = after.expires_at
        if before.received_at != after.received_at:
            received_at = after.received_at
        if before.quarantined != after.quarantined:
            locked = after.quarantined
    return (location, lot, quantity + more, reserved, expires_at, received_at, locked)


def _only_in(some: Mapping[str, T], others: Mapping[str, T]) -> Iterable[T]:
    if some is others:  # the usual case: there may be a million items
        return ()
    return [thing for key, thing in some.items() if others.get(key) != thing]


def _supplies_changed(
    known: Overlay[str, tuple[Supply, ...]], changes: Changes
) -> Overlay[str, tuple[Supply, ...]]:
    old = {(supply.sku, supply.id): supply for supply in changes.supplies_removed}
    new = {(supply.sku, supply.id): supply for supply in changes.supplies_added}
    coming: dict[str, dict[str, Supply]] = {}
    for key in old.keys() | new.keys():
        sku, supply_id = key
        here = coming.get(sku)
        if here is None:
            here = coming[sku] = {supply.id: supply for supply in known.get(sku) or ()}
        supply = _supply_changed(here.pop(supply_id, None), old.get(key), new.get(key))
        if supply is not None:
            here[supply_id] = supply
    return known.with_changes({sku: by_sku(here.values()).get(sku) for sku, here in coming.items()})


def _supply_changed(
    here: Supply | None, before: Supply | None, after: Supply | None
) -> Supply | None:
    """The supply that is here, changed by as much as it was changed there; None if it is gone."""
    more = _quantity(after) - _quantity(before)
    quantity = _quantity(here) + more
    known = here or after or before
    if known is None or not quantity:
        return None
    if quantity < 0:
        raise StockError(
            "",
            "",
            f"cannot take {-more} units off supply {_checks.shown(known.id)} of"
            f" {_checks.shown(known.sku)}: {_quantity(here)} are expected",
        )
    other: dict[str, Any] = {}
    if before and after:
        if before.expected_at != after.expected_at:
            other["expected_at"] = after.expected_at
        if before.location != after.location:
            other["location"] = after.location
    return attrs.evolve(known, quantity=quantity, **other)


def _quantity(supply: Supply | None) -> int:
    return 0 if supply is None else supply.quantity


def _check_left(held: Reservation, units: int, left: int) -> None:
    """So many units more of what is reserved: there have to be as many left."""
    if units > max(0, left):
        wanted = attrs.evolve(held, quantity=units)
        raise _refused("reserve", wanted, f"{max(0, left)} are available")


def _refused(verb: str, held: Reservation, problem: str) -> StockError:
    units = f"{held.quantity} units of {_checks.shown(held.sku)}{of_lot(held.lot)}"
    units += at(held.location)
    return StockError(held.order_id, held.line_id, f"cannot {verb} {units}: {problem}")
