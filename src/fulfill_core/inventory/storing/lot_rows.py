"""How the lots of a SKU are stored: in sequence, and, of many at a place, as they leave.

A serial number is a lot of one, so a SKU may have thousands. To reserve, to move or to ship one of
them must not sort all of them: what is free of many lots at a place, in the sequence in which they
leave, is found out once, when somebody first asks, and goes along with what is changed from then
on. It says no more than the rows do, so it is not compared, and does not travel.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, TypeAlias

import attrs

from fulfill_core import _values
from fulfill_core.inventory.item_rules import LOT_ORDERS, LotOrder, is_fit
from fulfill_core.inventory.stock import Lot
from fulfill_core.inventory.storing.sequences import (
    is_row_by_row,
    with_exchanged,
    with_rows_changed,
)

# Plain tuples of atoms: small, quick to make, and the garbage collector does not follow them.
LotUnits: TypeAlias = tuple[str, str, int, int]
"""A location's id, the lot's id, its quantity, how many of them are reserved."""
LotFacts: TypeAlias = tuple[datetime | None, datetime | None, bool]
"""When a lot expires, when it was received, whether it is quarantined."""
LotCell: TypeAlias = tuple[LotUnits, LotFacts]
LotKey: TypeAlias = tuple[str, str]
"""Location and lot."""
LotChange: TypeAlias = Callable[[LotKey, LotCell | None], LotCell | None]
"""The new row of a lot, by its key and the row that it has; None for no row."""

FreeLot: TypeAlias = tuple[tuple[object, ...], str, int, datetime | None]
"""When a lot has its turn to leave, its id, units that nobody has reserved, when it ends."""
LotEnd: TypeAlias = tuple[datetime, str, int]
"""When a lot ends, its id, units that nobody has reserved: below 0, so many too many are."""


_FEW = 32  # to walk over so many takes less than to keep in which sequence they leave


def are_many(lots: Collection[LotCell]) -> bool:
    """Whether there are so many lots at a location that nobody should walk over them."""
    return len(lots) > _FEW


class LotRows:
    """The lots of a SKU: an immutable sequence of rows by location, then by lot.

    Args:
        cells: the rows, in their sequence.

    >>> rows = LotRows(((("berlin", "L-7", 3, 1), (None, None, False)),))
    >>> rows.cell("berlin", "L-7")[0], rows.cell("berlin", "L-8"), rows.has("paris")
    (('berlin', 'L-7', 3, 1), None, False)
    >>> rows.come_to("berlin", LotOrder.FEFO).free
    2
    """

    __slots__ = ("_in_turn", "cells")

    def __init__(self, cells: tuple[LotCell, ...]) -> None:
        self.cells = cells
        self._in_turn: dict[tuple[str, LotOrder], LotsInTurn] = {}

    def __iter__(self) -> Iterator[LotCell]:
        return iter(self.cells)

    def cell(self, location: str, lot: str) -> LotCell | None:
        """One of the lots there, looked up without a walk; None if there is none of that id."""
        cells: tuple[Any, ...] = self.cells
        # At the speed of C: what it is found by is what a cell begins with, so it comes just before
        # it.
        place = bisect_left(cells, ((location, lot),))
        cell: LotCell | None = cells[place] if place < len(cells) else None
        return cell if cell is not None and cell[0][:2] == (location, lot) else None

    def has(self, location: str) -> bool:
        """Whether there are lots at a location."""
        cells: tuple[Any, ...] = self.cells
        place = bisect_left(cells, ((location,),))
        return place < len(cells) and cells[place][0][0] == location

    def at(self, location: str) -> tuple[LotCell, ...]:
        """The lots at a location."""
        cells: tuple[Any, ...] = self.cells
        first = bisect_left(cells, ((location,),))
        # No id comes between this one and the next.
        return self.cells[first : bisect_left(cells, ((location + "\0",),), first)]

    def come_to(self, location: str, order: LotOrder) -> LotsInTurn:
        """What the lots at a location come to, those that leave first in front."""
        lots = self._in_turn.get((location, order))
        if lots is None:
            cells = self.at(location)
            lots = lots_in_turn(cells, order)
            if are_many(cells):
                self._in_turn[location, order] = lots
        return lots

    def with_changed(self, keys: Collection[LotKey], change: LotChange) -> LotRows | None:
        """The rows in which those of some keys are others; None if none is left."""
        cells = with_rows_changed(self.cells, keys, lot_key, change)
        if cells is None:
            return None
        changed = LotRows(cells)
        if self._in_turn and is_row_by_row(keys, self.cells):
            places = {location for location, _ in keys}
            changed._in_turn.update(
                {
                    (at, order): lots.with_change(
                        lots_in_turn(
                            filter(None, [self.cell(*key) for key in keys if key[0] == at]), order
                        ),
                        lots_in_turn(
                            filter(None, [changed.cell(*key) for key in keys if key[0] == at]),
                            order,
                        ),
                    )
                    if at in places
                    else lots
                    for (at, order), lots in list(self._in_turn.items())  # others may read beside
                }
            )
        return changed

    def __eq__(self, other: object) -> bool:
        return self.cells == other.cells if isinstance(other, LotRows) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.cells)

    def __repr__(self) -> str:
        return f"LotRows({self.cells!r})"

    def __reduce__(self) -> tuple[type[LotRows], tuple[tuple[LotCell, ...]]]:
        return LotRows, (self.cells,)


NO_LOTS = LotRows(())
"""Those of a SKU without any; it is not stored."""


@attrs.frozen(weakref_slot=False)
class LotsInTurn:
    """What lots of a SKU at one location come to.

    Args:
        units: so many are in them, those that are locked up included.
        reserved: so many of these are reserved.
        locked: so many that nobody has reserved are in lots that are locked up.
        free: so many are free, of lots that are not locked up.
        turns: the lots of which these are, in the sequence in which they leave.
        ends: all lots that end and are not locked up, the earliest end first.
    """

    units: int
    reserved: int
    locked: int
    free: int
    turns: tuple[FreeLot, ...]
    ends: tuple[LotEnd, ...]

    __eq__, __hash__, __repr__ = _values.BY_FIELDS

    def has_ends(self, delivery: datetime | None, life: timedelta) -> bool:
        """Whether one ends that has so much life left when it is delivered."""
        return bool(self.ends) and is_fit(self.ends[-1][0], delivery=delivery, life=life)

    def fit(self, delivery: datetime | None, life: timedelta) -> int:
        """Units that are free of lots that have so much life left when they are delivered."""
        ends = self.ends
        first = bisect_left(
            ends,
            True,  # noqa: FBT003 - the first of those for which it holds
            key=lambda row: is_fit(row[0], delivery=delivery, life=life),
        )
        return self.free - sum([units for _, _, units in ends[:first] if units > 0])

    def with_change(self, less: LotsInTurn, more: LotsInTurn) -> LotsInTurn:
        """What they come to without those of one summary, and with those of another."""
        return LotsInTurn(
            self.units + more.units - less.units,
            self.reserved + more.reserved - less.reserved,
            self.locked + more.locked - less.locked,
            self.free + more.free - less.free,
            with_exchanged(self.turns, less.turns, more.turns),
            with_exchanged(self.ends, less.ends, more.ends),
        )


def lots_in_turn(cells: Iterable[LotCell], order: LotOrder) -> LotsInTurn:
    """What these lots of a location come to, if they leave in this order."""
    units = reserved = locked = free = 0
    turns: list[FreeLot] = []
    ends: list[LotEnd] = []
    turn_of = LOT_ORDERS[order]
    for (_, lot, units_of_lot, reserved_of_lot), (ends_at, received_at, is_locked) in cells:
        units += units_of_lot
        reserved += reserved_of_lot
        rest = units_of_lot - reserved_of_lot
        if is_locked:
            locked += rest
            continue
        if rest > 0:
            free += rest
            turns.append((turn_of((lot, rest, ends_at, received_at)), lot, rest, ends_at))
        if ends_at is not None:
            ends.append((ends_at, lot, rest))
    return LotsInTurn(units, reserved, locked, free, tuple(sorted(turns)), tuple(sorted(ends)))


# -- Rows --------------------------------------------------------------------------------------


def lot_key(cell: LotCell) -> LotKey:
    """By what a lot is found among those of its SKU: location and lot."""
    (at, lot, _, _), _ = cell
    return at, lot


def to_lot_rows(cells: Iterable[LotCell]) -> LotRows:
    """The lots of a SKU as they are stored, whatever their sequence."""
    return LotRows(tuple(sorted(cells, key=lot_key)))


def to_lot_cell(location: str, lot: Lot) -> LotCell:
    """A lot at a location, as it is stored; nothing is reserved of it."""
    return (location, lot.id, lot.quantity, 0), (lot.expires_at, lot.received_at, lot.quarantined)


def from_lot_cell(cell: LotCell) -> Lot:
    """The lot as the value that hosts see."""
    (_, lot, quantity, _), (expires_at, received_at, quarantined) = cell
    return Lot(
        id=lot,
        quantity=quantity,
        expires_at=expires_at,
        received_at=received_at,
        quarantined=quarantined,
    )


def lot_reserved(units: Mapping[LotKey, int], key: LotKey, cell: LotCell | None) -> LotCell | None:
    """A lot of which so many units more are reserved."""
    if cell is None:
        return None
    (at, lot, present, reserved), facts = cell
    return (at, lot, present, reserved + units[key]), facts


def lot_shipped(units: Mapping[LotKey, int], key: LotKey, cell: LotCell | None) -> LotCell | None:
    """A lot of which units that were reserved have left; it is gone if none is left."""
    if cell is None:
        return None
    (at, lot, present, reserved), facts = cell
    more = units[key]
    if more and present == reserved == -more:
        return None
    return (at, lot, present + more, reserved + more), facts
