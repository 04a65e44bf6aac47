"""The units on hand, lot by lot: how many, which of them are free, which are locked up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Self

import attrs

from fulfill_core import _checks
from fulfill_core.exceptions import StockError
from fulfill_core.inventory.availability import Availability
from fulfill_core.inventory.shelf import delivered_at, is_fit
from fulfill_core.inventory.snapshot import Cell, LotCell, Snapshot
from fulfill_core.inventory.stock import Location, Lot, Reservation, in_rank


@attrs.frozen(init=False, eq=False, repr=False, weakref_slot=False)
class ByLot(Availability):
    """A snapshot that can also say what it would be like with other units in its lots."""

    def _fill(self, **fields: object) -> None:
        for name, content in fields.items():
            _checks.set_field(self, f"_{name}", content)

    def _with(self, **fields: object) -> Self:
        """A copy with these inner fields in place of its own; nothing is checked again."""
        copy = object.__new__(type(self))
        for name in _FIELDS:
            _checks.set_field(copy, name, getattr(self, name))
        copy._fill(**fields)
        return copy

    def with_quarantined(
        self, sku: str, location: str, lot: str, *, quarantined: bool = True
    ) -> Self:
        """The inventory with a lot locked up: it is there, and not available. Or unlocked again.

        No reservation moves by itself; what is reserved of the lot cannot leave until it is
        unlocked. Twice is once.

        Args:
            sku: the stock keeping unit.
            location: where the lot lies.
            lot: which.
            quarantined: False to unlock it.

        Raises:
            InvalidValueError: there is no such lot.

        >>> from fulfill_core import Inventory
        >>> stock = Inventory().with_received("mug", "berlin", 8, lot="L-7")
        >>> stock.with_quarantined("mug", "berlin", "L-7").available("mug")
        0
        """
        _checks.check_bool("quarantined", quarantined)
        cell = self._lot(sku, location, lot)
        return self._with_lot(sku, (*cell[:6], quarantined))

    # -- Lots at a location ------------------------------------------------------------------

    def _lots_at(self, sku: str, location: str) -> Mapping[str, LotCell]:
        """The lots there, by id."""
        return {cell[1]: cell for cell in self._lots.get(sku) or () if cell[0] == location}

    def _named(self, reservations: Iterable[Reservation]) -> set[tuple[str, str, str]]:
        """Of the SKUs whose lots these reservations name, all lots: SKU, location, lot."""
        skus = {held.sku for held in reservations if held.lot}
        return {(sku, cell[0], cell[1]) for sku in skus for cell in self._lots.get(sku) or ()}

    def _lot(self, sku: str, location: str, lot: str) -> LotCell:
        """That lot; it is refused if there is none."""
        _checks.check_id("lot", lot)
        lots = self._lots_at(sku, location)
        if lot not in lots:
            raise _checks.refuse(
                "lot", lot, f"is no lot of {_where(sku, location)}; these are: {_names(lots)}"
            )
        return lots[lot]

    def _meant(self, sku: str, location: str, lot: str | None) -> str:
        """Which lot is meant: where there are lots, it has to be said."""
        if lot:
            return self._lot(sku, location, lot)[1]
        if lot is None:
            lots = self._lots_at(sku, location)
            if lots:
                raise _checks.refuse(
                    "lot",
                    lot,
                    f"does not say which lot of {_where(sku, location)}; these are: {_names(lots)},"
                    " and '' for the units without a lot",
                )
        else:
            _checks.check_text("lot", lot)
        return ""

    def _in_lot(self, sku: str, location: str, lot: str) -> int:
        """Units physically there of a lot, or without one."""
        lots = self._lots_at(sku, location)
        if lot:
            return lots[lot][2]
        return self.on_hand(sku, location) - sum([cell[2] for cell in lots.values()])

    def _free_of_lot(self, sku: str, location: str, lot: str, now: datetime | None) -> int:
        """Units of a lot, or without one, beyond those that are reserved of it: may be below 0."""
        lots = self._lots_at(sku, location)
        if lot:
            reserved = lots[lot][3]
        else:
            reserved = self.reserved(sku, location) - sum([cell[3] for cell in lots.values()])
        if now is not None:
            for end, place, units, of_lot in self._timed.get(sku) or ():
                if end <= now and (place, of_lot) == (location, lot):
                    reserved -= units
        return self._in_lot(sku, location, lot) - reserved

    def _free(self, sku: str, location: str, lot: str, now: datetime | None) -> int:
        """Units of a lot, or without one, that may be taken for something else.

        They are not locked up, nobody has reserved them, and they are not more than what is
        available there. What is too old to be available can be taken all the same: then it is
        what is left beyond reservations and safety stock.
        """
        if not self.is_ruled(sku):
            return self.pool(sku, now).get(location, 0)
        most = self.shelf(sku, now).usable(location)
        lots = self._lots_at(sku, location)
        if not lots:
            return most
        if lot:
            _, _, _, _, expires_at, _, locked = lots[lot]
            if locked:
                return 0
            if not self._is_fit(sku, location, expires_at, now):
                [(_, on_hand, safety, _)] = self._cells(sku, location)
                most = on_hand - safety - self.reserved(sku, location, now=now)
        return max(0, min(self._free_of_lot(sku, location, lot, now), most))

    def _is_fit(
        self, sku: str, location: str, expires_at: datetime | None, now: datetime | None
    ) -> bool:
        """Whether units that expire then can still be given to somebody."""
        if now is None:
            return True
        delivery = delivered_at(now, self._locations[location].lead_time)
        return is_fit(expires_at, delivery=delivery, life=self.item(sku).minimum_life)

    def _check_leaving(
        self, line: tuple[str, str], verb: str, sku: str, location: str, units: Mapping[str, int]
    ) -> None:
        """So many units of these lots are there, and may leave; of a row without lots, any may."""
        if not self._lots_at(sku, location):
            return
        for lot, leaving in units.items():
            self._check_unlocked(line, verb, sku, location, (lot, leaving))
            there = self._in_lot(sku, location, lot)
            if there < leaving:
                without = "" if lot else " without a lot"
                raise StockError(
                    *line,
                    f"cannot {verb} {leaving} units of {_checks.shown(sku)}{of_lot(lot)} at"
                    f" {_checks.shown(location)}: {there}{without} are there"
                    f"{self._say_which(sku, location) if verb == 'ship' else ''}",
                )

    def _check_unlocked(
        self, line: tuple[str, str], verb: str, sku: str, location: str, leaving: tuple[str, int]
    ) -> None:
        lot, units = leaving
        if lot and self._lot(sku, location, lot)[6]:
            raise StockError(
                *line,
                f"cannot {verb} {units} units of {_checks.shown(sku)}{of_lot(lot)} at"
                f" {_checks.shown(location)}: it is in quarantine; unlock it first",
            )

    def _say_which(self, sku: str, location: str) -> str:
        """How units can leave all the same, for a message; nothing where there are no lots."""
        lots = self._lots_at(sku, location)
        return f"; say which lot left: {_names(lots)}" if lots else ""

    # -- The places where units change ---------------------------------------------------------

    def _with_units(
        self,
        sku: str,
        location: str,
        units: int,
        lot: str,
        dates: tuple[datetime | None, datetime | None] = (None, None),
    ) -> Self:
        """So many units more, or fewer, of a lot or without one.

        A lot that is new gets these dates. One whose last unit leaves is gone, unless somebody has
        reserved of it. Where a system keeps a number below 0, it is counted first: lots hold no
        more than is on hand.
        """
        on_hand = self.on_hand(sku, location)
        changed = self._with_on_hand(sku, location, on_hand + units)
        if not lot:
            return changed
        if on_hand < 0:
            raise _checks.refuse(
                "lot",
                lot,
                f"can't come to {_where(sku, location)} while {on_hand} are on hand; count them"
                " first",
            )
        known = self._lots_at(sku, location).get(lot)
        _, _, there, reserved, *facts = known or (location, lot, 0, 0, *dates, False)
        if units < 0 and not reserved and there + units == 0:
            key = location, lot
            kept = [cell for cell in self._lots.get(sku) or () if cell[:2] != key]
            return changed._with(lots=self._lots.with_changes({sku: tuple(kept) or None}))
        cell: LotCell = (location, lot, there + units, reserved, *facts)  # type: ignore[assignment]
        return changed._with_lot(sku, cell)

    def _with_lot(self, sku: str, cell: LotCell) -> Self:
        """This lot in place of the one of its id, or as a new one."""
        others = [each for each in self._lots.get(sku) or () if each[:2] != cell[:2]]
        return self._with(lots=self._lots.with_changes({sku: lots_in_order([*others, cell])}))

    def _with_on_hand(self, sku: str, location: str, on_hand: int) -> Self:
        _checks.check_id("sku", sku)
        _checks.check_id("location", location)
        item = self._items.get(sku)
        if item is not None and item.is_kit:
            raise _checks.refuse(
                "sku", sku, "is a kit, which has no stock of its own; name one of its components"
            )
        places = self._locations
        if location not in places:
            places = in_rank((*places.values(), Location(id=location)))
        row = self._rows.get(sku) or ()
        rest = [cell for cell in row if cell[0] != location]
        _, _, safety, reserved = next(iter(self._cells(sku, location)), (location, 0, 0, 0))
        rest.append((location, on_hand, safety, reserved))
        rows = self._rows.with_changes({sku: cells_in_rank(rest, places)})
        return self._with(rows=rows, locations=places)


_FIELDS = tuple(field.name for field in attrs.fields(Snapshot))


def cells_in_rank(cells: Iterable[Cell], places: Mapping[str, Location]) -> tuple[Cell, ...]:
    """The cells of a row in the sequence in which their locations are asked."""
    return tuple(sorted(cells, key=lambda cell: (places[cell[0]].rank, cell[0])))


def lots_in_order(cells: Iterable[LotCell]) -> tuple[LotCell, ...]:
    """The lots of a SKU in the sequence in which they are kept: by location, then by lot."""
    return tuple(sorted(cells, key=lambda cell: cell[:2]))


def to_cell(location: str, lot: Lot, reserved: int = 0) -> LotCell:
    """A lot at a location, as it is kept."""
    return (
        location,
        lot.id,
        lot.quantity,
        reserved,
        lot.expires_at,
        lot.received_at,
        lot.quarantined,
    )


def from_cell(cell: LotCell) -> Lot:
    """The lot as the value that hosts see."""
    _, lot, quantity, _, expires_at, received_at, quarantined = cell
    return Lot(
        id=lot,
        quantity=quantity,
        expires_at=expires_at,
        received_at=received_at,
        quarantined=quarantined,
    )


def of_lot(lot: str) -> str:
    """Of which lot, for a message; nothing for units without one."""
    return f" of lot {_checks.shown(lot)}" if lot else ""


def _where(sku: str, location: str) -> str:
    return f"{_checks.shown(sku)} at {_checks.shown(location)}"


def _names(lots: Iterable[str]) -> str:
    return _checks.shown(", ".join(sorted(lots)))[1:-1] or "none"
