"""What an order may take of a SKU that has rules: lots, whole packs, fences, caps.

Of most SKUs an order may take whatever is there. Where it may not, a `Shelf` says how much of it
this order may take, and from which lot each unit comes. The inventory asks it for a shop window,
the allocator while it gives units out: there is one place where a lot's life is judged, one where
a fence is, one where units are split into whole packs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

from fulfill_core.inventory.item_rules import Limit, Packs, admits
from fulfill_core.inventory.shelves.bays import (
    Bay,
    FreeAsIf,
    LooseUnits,
    LotsFor,
    LotUnits,
    UnitsByLot,
)
from fulfill_core.inventory.shelves.many_lots import BayOfMany
from fulfill_core.inventory.stock import Item
from fulfill_core.orders.dates import last_departure
from fulfill_core.orders.order import Order

AnyBay: TypeAlias = Bay | BayOfMany | LooseUnits
"""The units at one location."""
Deliveries: TypeAlias = Mapping[str, datetime]
"""When what leaves a location for an order arrives, by location id."""

_NONE_FREE: FreeAsIf = {}
_NO_DELIVERIES: Deliveries = {}
_KEPT_NOWHERE: Mapping[str, int] = {}
_NO_TIME = timedelta(0)
_NO_PACKS = Packs(())


class Shelf:
    """The units of one SKU that has rules, while they are being given out.

    Args:
        item: the rules.
        bays: the units by location, in the sequence in which locations are asked.
        now: the caller's time; None if nothing is judged by it.
    """

    __slots__ = (
        *("_bays", "_fences", "_free_at", "_is_fenced_at", "_mirrors", "_now", "_packs"),
        *("_units_fenced", "has_ends", "has_packs", "is_capped", "is_fenced", "is_limited"),
        *("is_of_single_lots", "item", "units_free"),
    )

    def __init__(self, item: Item, bays: Iterable[AnyBay], now: datetime | None) -> None:
        self.item = item
        self._now = None if now is None else now.astimezone(UTC)
        self._bays = {bay.place: bay for bay in bays}
        self._packs = Packs(item.packs) if item.packs else _NO_PACKS
        self._fences = tuple(
            [each for each in item.fences if each.until is None or now is None or now < each.until]
        )
        self._is_fenced_at = any([fence.location for fence in self._fences])
        self._units_fenced = sum([fence.quantity for fence in self._fences])
        self.has_ends = any([bay.has_ends for bay in self._bays.values()])
        """Whether the life of some of its lots ends."""
        self.has_packs = bool(item.packs)
        """Whether there is a location from which only whole packs leave."""
        self.is_of_single_lots = item.single_lot
        """Whether a line gets units of a single lot, where one has as many."""
        self.is_fenced = bool(self._fences)
        """Whether some of it is kept for certain orders."""
        self.is_capped = item.customer_cap is not None
        """Whether there is a cap on what one customer may have."""
        self.is_limited = self.is_fenced or self.is_capped
        """Whether a fence or a cap may leave an order less than what is there."""
        # What all orders may have, by location in rank order, kept up to date: most ask for that.
        self._free_at = self._free_by_location()
        self.units_free = sum(self._free_at.values())
        """How many units somebody may have who asks for nothing."""
        self._mirrors: tuple[Shelf, ...] = ()

    def mirror(self, as_free: FreeAsIf) -> Shelf:
        """A shelf on which these units are free as well; what moves here moves there from now on.

        To look at it costs no more than at this one, whatever is free as well: `as_free` is walked
        through each time that it is passed.

        Args:
            as_free: units by location and lot; those of lots that nobody may take stay out of it.
        """
        mirror = Shelf(self.item, [bay.copy() for bay in self._bays.values()], self._now)
        for (location, lot), units in as_free.items():
            mirror.put_if_fit(location, lot, units)
        self._mirrors += (mirror,)
        return mirror

    def _free_by_location(self) -> dict[str, int]:
        return {place: bay.free for place, bay in self._bays.items() if bay.free}

    def _count(self, bay: AnyBay, before: int) -> None:
        """Count what is free in a bay, in which so much was free before."""
        free = bay.free
        self.units_free += free - before
        if before and free:
            self._free_at[bay.place] = free
            return
        self._free_at.pop(bay.place, None)
        if free:  # its place is that of its rank
            self._free_at = self._free_by_location()

    def _life_for(self, order: Order | None) -> timedelta | None:
        """The life that an order asks for, if it is more than what everybody gets.

        It counts from the delivery. What is not to leave before a day, arrives so much later.
        """
        if order is None or not self.has_ends:
            return None
        minimum = self.item.minimum_life
        life = max(minimum, order.customer.minimum_life)
        after = order.ship_after
        if order.has_line_dates:
            # Which of the lines that ask for it gets which lot is not known: the last of them.
            after = last_departure(order, self.item.sku)
        if after is not None and self._now is not None:
            wait = after.astimezone(UTC) - self._now
            if wait > _NO_TIME:
                # Of what lives until that very instant nothing is left, so one more is asked.
                return wait + (life or timedelta.resolution)
        return life if life > minimum else None

    def _life_until(
        self,
        delivery: datetime | None,
        bay: AnyBay,
        order: Order | None,
        life: timedelta | None,
    ) -> timedelta | None:
        """The life that is asked of a bay's lots if what leaves there arrives only then."""
        if delivery is None or bay.delivery is None or order is None:
            return life
        least = max(self.item.minimum_life, order.customer.minimum_life)
        life_then = delivery - bay.delivery + (least or timedelta.resolution)
        return life_then if life is None else max(life, life_then)

    def pool(
        self,
        order: Order | None,
        as_free: FreeAsIf = _NONE_FREE,
        deliveries: Deliveries = _NO_DELIVERIES,
        lot_needs: UnitsByLot | None = None,
        *,
        within_fences: bool = True,
    ) -> dict[str, int]:
        """What the order may have at each location, in rank order; the others are left out.

        Args:
            order: the order; None for anybody.
            as_free: units to count as if they were free.
            deliveries: when what leaves a location for it arrives; where it is not said, that is
                judged as for everybody.
            lot_needs: the lots that its lines ask for; None if none does.
            within_fences: whether what fences keep at their location is left out; what they keep
                over all locations, `limit` says.
        """
        life = self._life_for(order) if self.has_ends else None
        kept_at = self._kept_at(order) if self._is_fenced_at and within_fences else _KEPT_NOWHERE
        if life is None and lot_needs is None and not (as_free or deliveries or kept_at):
            # It asks for nothing: what all may have is known.
            return self._free_at.copy()
        pool: dict[str, int] = {}
        for place, bay in self._bays.items():
            life_then = self._life_until(deliveries.get(place), bay, order, life)
            units = bay.usable(life_then, as_free, lot_needs)
            if place in kept_at:
                units = min(units, bay.usable(as_free=as_free) - kept_at[place])
            if units > 0:
                pool[place] = units
        return pool

    def _kept_at(self, order: Order | None) -> Mapping[str, int]:
        """Units that fences keep from the order at their own locations."""
        kept_at: Counter[str] = Counter()
        for fence in self._fences:
            if fence.location and not admits(fence, order):
                kept_at[fence.location] += fence.quantity
        return kept_at

    def free_lots(
        self, order: Order | None, deliveries: Deliveries = _NO_DELIVERIES
    ) -> dict[str, LotUnits]:
        """The lots at each location of which the order may have units, in their sequence."""
        life = self._life_for(order)
        return {
            place: bay.free_lots(self._life_until(deliveries.get(place), bay, order, life))
            for place, bay in self._bays.items()
        }

    def lots_for(
        self, order: Order | None, deliveries: Deliveries = _NO_DELIVERIES
    ) -> dict[str, LotsFor]:
        """The same, of locations with lots, to be looked at as far as they are asked for."""
        life = self._life_for(order)
        return {
            place: bay.lots_for(self._life_until(deliveries.get(place), bay, order, life))
            for place, bay in self._bays.items()
            if not isinstance(bay, LooseUnits)
        }

    def limit(
        self,
        order: Order | None,
        *,
        reserved: int = 0,
        customer_units: int = 0,
        as_free: FreeAsIf = _NONE_FREE,
    ) -> Limit | None:
        """What a fence or a cap leaves for the order; None if nothing does.

        Args:
            order: the order; None for anybody.
            reserved: units that are reserved for it already.
            customer_units: units that its customer's orders ahead of it have.
            as_free: units to count as if they were free.
        """
        if not self.is_limited:
            return None
        most = self.item.customer_cap
        cap = None if most is None else max(0, most - reserved - customer_units)
        fences = self._fences and [each for each in self._fences if not admits(each, order)]
        if not fences:
            return None if cap is None else Limit(cap, None, cap)
        units = self.units_free
        if as_free:
            units = sum([bay.usable(as_free=as_free) for bay in self._bays.values()])
        units = max(0, units - sum([fence.quantity for fence in fences if not fence.location]))
        kept_at = self._kept_at(order) if self._is_fenced_at else _KEPT_NOWHERE
        if kept_at:
            at_places = [
                max(0, bay.usable(as_free=as_free) - kept_at.get(place, 0))
                for place, bay in self._bays.items()
            ]
            units = min(units, sum(at_places))
        if cap is not None and cap < units:
            return Limit(cap, None, cap)
        return Limit(units, fences[0], cap)

    def is_limited_to_less(self, units: int) -> bool:
        """Whether fences and caps, of which there are some, may leave somebody less than so much.

        As long as much is there no fence has to be asked for whom it is.
        """
        if self.item.customer_cap is not None or self._is_fenced_at:
            return True
        return self.units_free - self._units_fenced < units

    def kept_from(self, order: Order) -> int:
        """Units to come that fences keep from the order: those of which they lack so many."""
        units = sum(
            [
                fence.quantity
                for fence in self._fences
                if not fence.location and not admits(fence, order)
            ]
        )
        return max(0, units - max(0, self.units_free))

    def kept_from_at(self, order: Order) -> dict[str, int]:
        """The same, of fences at one location: units to come to each that has one."""
        if not self._is_fenced_at:
            return {}
        bays = self._bays
        return {
            at: lacking
            for at, units in self._kept_at(order).items()
            if (lacking := units - (bays[at].free if at in bays else 0)) > 0
        }

    def leaving(self, location: str, units: int) -> int:
        """How many of so many units may leave a location: whole packs."""
        return self._packs.leaving(location, units)

    def leaving_at(self, units_at: Mapping[str, int], most: int) -> dict[str, int]:
        """The same of what lies at each location, if no more than so many units are asked for."""
        return self._packs.leaving_at(units_at, most)

    def split(self, units: int, offers: Sequence[tuple[str, int]]) -> dict[str, int]:
        """How many units come from where (`Packs.split`)."""
        return self._packs.split(units, offers)

    def usable(self, location: str, order: Order | None = None) -> int:
        """What the order may have at one location, before packs and limits."""
        bay = self._bays.get(location)
        return 0 if bay is None else bay.usable(self._life_for(order))

    def of_use(
        self,
        order: Order,
        places: Collection[tuple[str, str]],
        deliveries: Deliveries = _NO_DELIVERIES,
    ) -> set[tuple[str, str]]:
        """Those of these locations and lots of which units would be of use if they came free.

        None of a SKU that leaves in whole packs somewhere, or that has fences: what an order may
        have of it depends on what else is there, and the same run again would find more.
        """
        if self.has_packs or self._fences:
            return set()
        life, bays, until = self._life_for(order), self._bays, self._life_until
        lot_places = [place for place in places if place[0] in bays]
        life_at = {at: until(deliveries.get(at), bays[at], order, life) for at, _ in lot_places}
        return {(at, lot) for at, lot in lot_places if bays[at].is_of_use(lot, life_at[at])}

    def are_lots_alike(self, order: Order) -> bool:
        """Whether any lot that all may have will do for the order, and no rule looks at lots.

        What is to be judged by deliveries is not: whoever gives them looks at each lot.
        """
        item = self.item
        if self.has_packs or self._fences or item.customer_cap is not None or item.single_lot:
            return False
        return self._life_for(order) is None

    def put(self, location: str, lot: str, units: int) -> None:
        """So many more units are free there; below 0, so many fewer."""
        bay = self._bays[location]
        before = bay.free
        bay.put(lot, units)
        self._count(bay, before)
        for mirror in self._mirrors:
            mirror.put(location, lot, units)

    def put_if_fit(self, location: str, lot: str, units: int) -> None:
        """The same, of a lot that some order may take; units of others are not looked at."""
        bay = self._bays.get(location)
        if bay is not None and bay.has(lot):
            self.put(location, lot, units)

    def free(self, location: str, lot: str) -> int:
        """How many units of a lot are free there, whoever may have them."""
        return self._bays[location].units_of(lot)

    def draw(
        self,
        location: str,
        units: int,
        order: Order | None = None,
        until: datetime | None = None,
        lot: str = "",
    ) -> LotUnits:
        """Take units away for an order: the lots that they come from, and how many of each.

        Args:
            location: from where.
            units: how many; there are as many.
            order: for whom; None for anybody.
            until: when they arrive; None if that is judged as for everybody.
            lot: of which lot; any if it is empty.
        """
        bay = self._bays[location]
        before = bay.free
        life: timedelta | None = None
        if self.has_ends:
            life = self._life_for(order)
            if until is not None:
                life = self._life_until(until, bay, order, life)
        by_lot = bay.draw(units, life, lot)
        free = bay.free  # not more than before, so it keeps its place
        self.units_free += free - before
        if free:
            self._free_at[location] = free
        else:
            self._free_at.pop(location, None)
        for mirror in self._mirrors:
            for lot_id, of_lot in by_lot:
                mirror.put(location, lot_id, -of_lot)
        return by_lot
