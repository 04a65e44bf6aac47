"""The units of a shelf's SKU at one location: by lot, or loose.

A `Bay` and `LooseUnits` answer the same questions, and so does a `BayOfMany`. Most shelves have no
lots, and of loose units there is one number to keep, where a bay has a list, a heap and an index of
its lots.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from heapq import heappop, heappush
from typing import TypeAlias

from fulfill_core.inventory.item_rules import is_fit, life_left
from fulfill_core.inventory.shelves.lives import LotLives

FreeAsIf: TypeAlias = Mapping[tuple[str, str], int]
"""Units to count as if they were free, by location id and lot."""
LotUnits: TypeAlias = list[tuple[str, int]]
"""Lots and how many units of each; the lot is empty for units without one."""
UnitsByLot: TypeAlias = Mapping[str, int]
"""Units that are wanted of each lot; those of which any lot will do have none."""

NONE_FREE: FreeAsIf = {}
_FEW_LOTS = 32  # to walk over so many takes less than to keep trees of them


def units_for(fit: int, for_all: int, safety: int, total: int) -> int:
    """Units of lots that an order may have.

    Safety stock, and reservations that name no lot, are taken off what all orders may have: of any
    lots, be they fit for this one or not.

    Args:
        fit: units of lots that live as long as it asks.
        for_all: units of all lots, less those that are reserved beyond what is there of no lot.
        safety: units that are never promised.
        total: on hand less safety less reserved, whatever the lots.
    """
    return max(0, min(fit, for_all - safety, total))


class Bay:
    """The units of a shelf's SKU at one location.

    Args:
        place: the location's id.
        lots: lot id, units that nobody has reserved, end of life; in the sequence in which they
            leave. Only those that some order may take; units without a lot are one of them.
        safety: units that are never promised.
        total: on hand less safety less reserved, whatever the lots.
        delivery: when units that leave now arrive; None if that is not to be judged.
    """

    __slots__ = (
        *("_fit", "_free_by_life", "_lot_lives", "_overdrawn", "_owed", "_place_of"),
        *("_places_free",),
        *("delivery", "free", "has_ends", "lots", "place", "safety", "total"),
    )

    def __init__(
        self,
        place: str,
        lots: list[tuple[str, int, datetime | None]],
        safety: int,
        total: int,
        delivery: datetime | None,
    ) -> None:
        self.place = place
        self.lots = lots
        self.safety = safety
        self.total = total
        self.delivery = delivery
        self.has_ends = any([end for _, _, end in lots])
        """Whether the life of some of its lots ends."""
        # Serial numbers are lots of one: a lot is found by its id, those that are used up are not
        # looked at again, and what all of them come to is kept.
        self._place_of: dict[str, int] = {}
        # A heap, the first lot on top; lots of which nothing is free any more may be in it.
        self._places_free: list[int] = []
        self._fit = self._overdrawn = self._owed = 0
        for at, (lot, free, _) in enumerate(lots):
            self._place_of[lot] = at
            if free > 0:
                self._places_free.append(at)
                self._fit += free
            elif free < 0:
                self._overdrawn += 1
                self._owed += 0 if lot else free
        self.free = self._free_for_all()
        """Units that somebody may have: what `usable` says for an order that asks for no life."""
        # What it says for those that ask for some, by life, until units move: a few lives are
        # asked for again and again.
        self._free_by_life: dict[timedelta, int] = {}
        # Of many lots, from when an order first asks for life.
        self._lot_lives: LotLives | None = None

    def usable(
        self,
        minimum_life: timedelta | None = None,
        as_free: FreeAsIf = NONE_FREE,
        lot_needs: UnitsByLot | None = None,
    ) -> int:
        """Units that an order may have that asks for so much life of them.

        Args:
            minimum_life: the life that it asks for; None if it asks for none.
            as_free: units to count as if they were free.
            lot_needs: the lots that its lines ask for, of which no others count; None if none does.
        """
        if lot_needs is None and not as_free:
            if minimum_life is None:
                return self.free
            free_for_life = self._free_by_life.get(minimum_life)
            if free_for_life is None:
                free_for_life = self._free_for_all(minimum_life)
                self._free_by_life[minimum_life] = free_for_life
            return free_for_life
        if len(self.lots) > _FEW_LOTS:
            return self._usable_of_many(minimum_life, as_free, lot_needs)
        anyone = fit = units_of_lots = 0
        total = self.total
        for lot, free, expires_at in self.lots:
            more = as_free.get((self.place, lot), 0)
            units = free + more
            total += more
            anyone += units if units > 0 or not lot else 0
            if units > 0 and self.lives(expires_at, minimum_life):
                fit += units
                if lot_needs is not None and lot:
                    units_of_lots += min(units, lot_needs.get(lot, 0))
        if lot_needs is not None:
            fit = units_of_lots + min(fit - units_of_lots, lot_needs.get("", 0))
        return units_for(fit, anyone, self.safety, total)

    def _usable_of_many(
        self, minimum_life: timedelta | None, as_free: FreeAsIf, lot_needs: UnitsByLot | None
    ) -> int:
        """The same, without a look at lots of which nothing is asked or counted otherwise."""
        fit = self._fit if minimum_life is None else self._by_life().units(minimum_life)
        anyone, total = self._fit + self._owed, self.total
        more_of = {
            lot: more
            for (place, lot), more in as_free.items()
            if place == self.place and lot in self._place_of
        }
        for lot, more in more_of.items():
            _, free, expires_at = self.lots[self._place_of[lot]]
            more_fit = max(0, free + more) - max(0, free)
            total += more
            anyone += more_fit if lot else more
            if self.lives(expires_at, minimum_life):
                fit += more_fit
        if lot_needs is not None:
            units_of_lots = 0
            for lot, units in lot_needs.items():
                if lot in self._place_of and lot:
                    _, free, expires_at = self.lots[self._place_of[lot]]
                    if self.lives(expires_at, minimum_life):
                        units_of_lots += max(0, min(units, free + more_of.get(lot, 0)))
            fit = units_of_lots + min(fit - units_of_lots, lot_needs.get("", 0))
        return units_for(fit, anyone, self.safety, total)

    def lives(self, expires_at: datetime | None, minimum_life: timedelta | None) -> bool:
        """Whether a lot lives as long as an order asks; what nobody may have is not among them."""
        return minimum_life is None or is_fit(expires_at, delivery=self.delivery, life=minimum_life)

    def free_lots(self, minimum_life: timedelta | None) -> LotUnits:
        """The lots of which an order may have units, and how many, in their sequence."""
        return list(self.lots_for(minimum_life))

    def lots_for(self, minimum_life: timedelta | None) -> LotsFor:
        """The same, to be looked at as far as they are asked for."""
        return LotsFor(self, minimum_life)

    def first_free(self) -> int:
        """The place in their sequence of the first lot that is free; before it there is none."""
        places = self._places_free
        while places and self.lots[places[0]][1] <= 0:
            heappop(places)
        return places[0] if places else len(self.lots)

    def draw(self, units: int, minimum_life: timedelta | None, lot_asked: str = "") -> LotUnits:
        """Take so many units away, the first lots first, or of one lot; there are as many."""
        self.total -= units
        self._fit -= units
        self._free_by_life.clear()
        # Both are less by as much, and so is what is free for all.
        self.free = max(0, self.free - units)
        lots, places = self.lots, self._places_free
        if places and minimum_life is None and not lot_asked:
            lot, free, expires_at = lots[places[0]]
            if 0 < units < free and self._lot_lives is None:
                # As nearly always: the first lot has more than that.
                lots[places[0]] = lot, free - units, expires_at
                return [(lot, units)]
        if lot_asked:
            places = [self._place_of[lot_asked]] if lot_asked in self._place_of else []
        elif minimum_life is not None and len(lots) > _FEW_LOTS:
            return self._draw_of_many(units, minimum_life)
        by_lot: LotUnits = []
        places_passed: list[int] = []
        while units and places:
            place = places[0]
            lot, free, expires_at = lots[place]
            if minimum_life is not None and free > 0 and not self.lives(expires_at, minimum_life):
                places_passed.append(heappop(places))
            elif free > units:
                lots[place] = lot, free - units, expires_at
                by_lot.append((lot, units))
                units = 0
            else:
                heappop(places)
                if free > 0:
                    lots[place] = lot, 0, expires_at
                    by_lot.append((lot, free))
                    units -= free
        for place in places_passed:
            heappush(places, place)
        if self._lot_lives is not None:
            for lot, _ in by_lot:
                self._lot_lives.set_units(self._place_of[lot], self.units_of(lot))
        return by_lot

    def _draw_of_many(self, units: int, minimum_life: timedelta) -> LotUnits:
        """Take so many units of lots that live so long, without a look at the others."""
        lives, by_lot = self._by_life(), list[tuple[str, int]]()
        while units and (place := lives.first(minimum_life)) is not None:
            lot, free, expires_at = self.lots[place]
            part = min(units, free)
            self.lots[place] = lot, free - part, expires_at
            lives.set_units(place, free - part)
            by_lot.append((lot, part))
            units -= part
        return by_lot

    def _by_life(self) -> LotLives:
        """The lots by their lives."""
        if self._lot_lives is None:
            delivery = self.delivery
            lives = [life_left(end, delivery=delivery) for _, _, end in self.lots]
            self._lot_lives = LotLives(lives, [free for _, free, _ in self.lots])
        return self._lot_lives

    def is_of_use(self, lot: str, minimum_life: timedelta | None) -> bool:
        """Whether units of the lot would be of use to an order if they came free.

        Not where more is reserved already than may be promised, be it of one lot, or of those that
        have not ended.
        """
        place = self._place_of.get(lot)
        if place is None or self._overdrawn:
            return False
        if min(self._fit - self.safety, self.total) < 0:
            return False
        return self.lives(self.lots[place][2], minimum_life)

    def put(self, lot: str, units: int) -> None:
        """So many more units of a lot are free; below 0, so many fewer."""
        self.total += units
        self._free_by_life.clear()
        place = self._place_of.get(lot)
        if place is not None:
            if self.lots[place][1] <= 0 < self.lots[place][1] + units:
                heappush(self._places_free, place)
            self._set(place, self.lots[place][1] + units)
        self.free = self._free_for_all()

    def has(self, lot: str) -> bool:
        """Whether a lot is one of those that some order may take."""
        return lot in self._place_of

    def copy(self) -> Bay:
        """The same units, to be given out apart from these."""
        return Bay(self.place, self.lots.copy(), self.safety, self.total, self.delivery)

    def units_of(self, lot: str) -> int:
        """How many units of a lot are free, whoever may have them."""
        return self.lot(lot)[1]

    def lot(self, lot: str) -> tuple[str, int, datetime | None]:
        """A lot, how much of it is free, when it ends; nothing of one that nobody may take."""
        place = self._place_of.get(lot)
        return (lot, 0, None) if place is None else self.lots[place]

    def _set(self, place: int, free: int) -> None:
        """So many units of a lot are free now."""
        lot, before, expires_at = self.lots[place]
        self.lots[place] = lot, free, expires_at
        if self._lot_lives is not None:
            self._lot_lives.set_units(place, free)
        self._fit += max(0, free) - max(0, before)
        self._overdrawn += (free < 0) - (before < 0)
        if not lot:
            self._owed = min(0, free)

    def _free_for_all(self, minimum_life: timedelta | None = None) -> int:
        """Units that anybody may have who asks for so much life of them."""
        fit = self._fit
        if minimum_life is not None and len(self.lots) > _FEW_LOTS:
            fit = self._by_life().units(minimum_life)
        elif minimum_life is not None:
            lives = self.lives
            fit = sum([free for _, free, end in self.lots if free > 0 and lives(end, minimum_life)])
        return units_for(fit, self._fit + self._owed, self.safety, self.total)


class LotsFor:
    """The lots of a bay of which an order may have units, as they are while it is its turn.

    Args:
        bay: the bay.
        minimum_life: the life that the order asks for; None if it asks for none.
    """

    __slots__ = ("_bay", "_minimum_life")

    def __init__(self, bay: Bay, minimum_life: timedelta | None) -> None:
        self._bay = bay
        self._minimum_life = minimum_life

    def __iter__(self) -> Iterator[tuple[str, int]]:
        lots, lives = self._bay.lots, self._bay.lives
        for place in range(self._bay.first_free(), len(lots)):
            lot, free, expires_at = lots[place]
            if lot and free > 0 and lives(expires_at, self._minimum_life):
                yield lot, free

    def units_of(self, lot: str) -> int:
        """How many units of a lot it may have."""
        _, free, expires_at = self._bay.lot(lot)
        return max(0, free) if self._bay.lives(expires_at, self._minimum_life) else 0


class LooseUnits:
    """The same, of a location at which the SKU has no lots: any unit is as good as another.

    Args:
        place: the location's id.
        units: units that nobody has reserved; below 0, more is reserved than there is.
        safety: units that are never promised.
    """

    __slots__ = ("_safety", "_units", "free", "place")

    has_ends: bool = False
    delivery: datetime | None = None

    def __init__(self, place: str, units: int, safety: int) -> None:
        self.place = place
        self._units = units
        self._safety = safety
        self.free = max(0, units - safety)
        """Units that somebody may have."""

    def usable(
        self,
        minimum_life: timedelta | None = None,  # noqa: ARG002 - what has no lots does not end
        as_free: FreeAsIf = NONE_FREE,
        lot_needs: UnitsByLot | None = None,
    ) -> int:
        """Units that an order may have."""
        units = self._units + (as_free.get((self.place, ""), 0) if as_free else 0)
        fit = max(0, units - self._safety)
        return fit if lot_needs is None else min(fit, lot_needs.get("", 0))

    def free_lots(self, minimum_life: timedelta | None) -> LotUnits:  # noqa: ARG002
        """The lots of which an order may have units: none."""
        return []

    def draw(
        self,
        units: int,
        minimum_life: timedelta | None,  # noqa: ARG002
        lot_asked: str = "",  # noqa: ARG002
    ) -> LotUnits:
        """Take so many units away; there are as many."""
        self._units -= units
        free = self._units - self._safety
        self.free = free if free > 0 else 0  # noqa: FURB136 - `max` takes twice as long
        return [("", units)]

    def is_of_use(self, lot: str, minimum_life: timedelta | None) -> bool:  # noqa: ARG002
        """Whether units would be of use to an order if they came free."""
        return not lot and self._units >= self._safety

    def put(self, lot: str, units: int) -> None:  # noqa: ARG002
        """So many more units are free; below 0, so many fewer."""
        self._units += units
        self.free = max(0, self._units - self._safety)

    def has(self, lot: str) -> bool:
        """Whether a lot is one of those that some order may take: units without one are."""
        return not lot

    def copy(self) -> LooseUnits:
        """The same units, to be given out apart from these."""
        return LooseUnits(self.place, self._units, self._safety)

    def units_of(self, lot: str) -> int:
        """How many units of a lot are free, whoever may have them."""
        return 0 if lot else self._units
