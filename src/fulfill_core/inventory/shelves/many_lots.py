"""The units of a shelf's SKU at a location where it has many lots, such as serial numbers.

Who reserves one of thousands asks what is free and takes what leaves first. Both are known without
a walk (`LotsInTurn`), so no list of the lots is made; only who asks for more than that gets one.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from datetime import datetime, timedelta

from fulfill_core.inventory.item_rules import LOT_ORDERS, is_fit
from fulfill_core.inventory.shelves.bays import (
    NONE_FREE,
    Bay,
    FreeAsIf,
    LotsFor,
    LotUnits,
    UnitsByLot,
    units_for,
)
from fulfill_core.inventory.stock import Item
from fulfill_core.inventory.storing.lot_rows import LotsInTurn


class BayOfMany:
    """It answers what a `Bay` does, which is made when somebody asks for more than the first lots.

    Args:
        item: the rules.
        lots: what the lots come to.
        place: the location's id.
        units: units there that nobody has reserved, in lots or not; below 0, more is reserved.
        safety: units that are never promised.
        delivery: when units that leave now arrive; None if that is not to be judged.
        opened: makes the bay.
    """

    __slots__ = (
        *("_bay", "_by_lot", "_first", "_life", "_lots", "_loose", "_opened", "_safety", "_turns"),
        *("delivery", "free", "has_ends", "place"),
    )

    def __init__(
        self,
        item: Item,
        lots: LotsInTurn,
        place: str,
        units: int,
        safety: int,
        delivery: datetime | None,
        opened: Callable[[], Bay],
    ) -> None:
        self.place = place
        self.delivery = delivery
        self._lots = lots
        self._loose = loose = units - (lots.units - lots.reserved)
        self._safety = safety
        self._life = item.minimum_life
        self._opened = opened
        self._bay: Bay | None = None
        self._by_lot: dict[str, int] = {}  # what was drawn
        self._first = 0  # all lots before this one are used up, or for nobody
        self._turns = lots.turns
        if loose > 0:
            row = LOT_ORDERS[item.lot_order](("", loose, None, None)), "", loose, None
            place_in_turn = bisect_left(self._turns, row)
            self._turns = (*self._turns[:place_in_turn], row, *self._turns[place_in_turn:])
        self.has_ends = lots.has_ends(delivery, self._life)
        self.free = self._free_for(self._life)

    def _free_for(self, life: timedelta) -> int:
        """Units that anybody may have who asks for so much life of them; nothing is drawn yet."""
        lots, loose = self._lots, self._loose
        fit_for_all = lots.fit(self.delivery, self._life) + max(0, loose)
        fit = fit_for_all
        if life is not self._life:
            fit = min(fit, lots.fit(self.delivery, life) + max(0, loose))
        total = lots.units - lots.reserved + loose - self._safety
        return units_for(fit, fit_for_all + min(0, loose), self._safety, total)

    def usable(
        self,
        minimum_life: timedelta | None = None,
        as_free: FreeAsIf = NONE_FREE,
        lot_needs: UnitsByLot | None = None,
    ) -> int:
        """Units that an order may have that asks for so much life of them (`Bay.usable`)."""
        if self._bay is None and not as_free and lot_needs is None:
            if minimum_life is None:
                return self.free
            if not self._by_lot:
                return self._free_for(minimum_life)
        return self._as_bay().usable(minimum_life, as_free, lot_needs)

    def draw(self, units: int, minimum_life: timedelta | None, lot_asked: str = "") -> LotUnits:
        """Take so many units away, the first lots first, or of one lot; there are as many."""
        if self._bay is not None or minimum_life is not None or lot_asked:
            bay = self._as_bay()
            by_lot = bay.draw(units, minimum_life, lot_asked)
            self.free = bay.free
            return by_lot
        self.free = max(0, self.free - units)
        by_lot = list[tuple[str, int]]()
        while units:
            _, lot, free, ends_at = self._turns[self._first]
            rest = free - self._by_lot.get(lot, 0)
            if not rest or not is_fit(ends_at, delivery=self.delivery, life=self._life):
                self._first += 1
                continue
            part = min(units, rest)
            self._by_lot[lot] = self._by_lot.get(lot, 0) + part
            by_lot.append((lot, part))
            units -= part
        return by_lot

    def _as_bay(self) -> Bay:
        """The same units, each lot to be looked at."""
        if self._bay is None:
            self._bay = self._opened()
            for lot, units in self._by_lot.items():
                self._bay.put(lot, -units)
        return self._bay

    def free_lots(self, minimum_life: timedelta | None) -> LotUnits:
        """The lots of which an order may have units, and how many, in their sequence."""
        return self._as_bay().free_lots(minimum_life)

    def lots_for(self, minimum_life: timedelta | None) -> LotsFor:
        """The same, to be looked at as far as they are asked for."""
        return self._as_bay().lots_for(minimum_life)

    def is_of_use(self, lot: str, minimum_life: timedelta | None) -> bool:
        """Whether units of the lot would be of use to an order if they came free."""
        return self._as_bay().is_of_use(lot, minimum_life)

    def put(self, lot: str, units: int) -> None:
        """So many more units of a lot are free; below 0, so many fewer."""
        bay = self._as_bay()
        bay.put(lot, units)
        self.free = bay.free

    def has(self, lot: str) -> bool:
        """Whether a lot is one of those that some order may take."""
        return self._as_bay().has(lot)

    def copy(self) -> Bay:
        """The same units, to be given out apart from these."""
        return self._as_bay().copy()

    def units_of(self, lot: str) -> int:
        """How many units of a lot are free, whoever may have them."""
        return self._as_bay().units_of(lot)
