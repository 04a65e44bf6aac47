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
from heapq import heappop, heappush
from typing import TypeAlias

from fulfill_core.inventory.item_rules import Limit, Packs, Place, admits, is_fit
from fulfill_core.inventory.stock import Item
from fulfill_core.orders.dates import last_departure
from fulfill_core.orders.order import Order

FreeAsIf: TypeAlias = Mapping[tuple[str, str], int]
"""Units to count as if they were free, by location id and lot."""
LotUnits: TypeAlias = list[tuple[str, int]]
"""Lots and how many units of each; the lot is empty for units without one."""
UnitsByLot: TypeAlias = Mapping[str, int]
"""Units that are wanted of each lot; those of which any lot will do have none."""
Deliveries: TypeAlias = Mapping[str, datetime]
"""When what leaves a location for an order arrives, by location id."""

_NONE_FREE: FreeAsIf = {}
_NO_DELIVERIES: Deliveries = {}
_KEPT_NOWHERE: Mapping[str, int] = {}
_NO_TIME = timedelta(0)
_PLACE_WITHOUT_LOTS: Mapping[str, int] = {"": 0}  # one for all bays that have no lots


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
        *("_fit", "_overdrawn", "_owed", "_place_of", "_places_free"),
        *("delivery", "free", "lots", "place", "safety", "total"),
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
        # Serial numbers are lots of one: a lot is found by its id, those that are used up are not
        # looked at again, and what all of them come to is kept.
        self._place_of: Mapping[str, int] = _PLACE_WITHOUT_LOTS
        # A heap, the first lot on top; lots of which nothing is free any more may be in it.
        self._places_free: list[int] = []
        self._fit = self._overdrawn = self._owed = 0
        if len(lots) > 1:
            self._place_of = {lot: at for at, (lot, _, _) in enumerate(lots)}
        for at, (lot, free, _) in enumerate(lots):
            if free > 0:
                self._places_free.append(at)
                self._fit += free
            elif free < 0:
                self._overdrawn += 1
                self._owed += 0 if lot else free
        self.free = self._free_for_all()
        """Units that somebody may have: what `usable` says for an order that asks for no life."""

    def usable(
        self,
        minimum_life: timedelta | None = None,
        as_free: FreeAsIf = _NONE_FREE,
        lot_needs: UnitsByLot | None = None,
    ) -> int:
        """Units that an order may have that asks for so much life of them.

        Safety stock, and reservations that name no lot, are taken off what all orders may have.

        Args:
            minimum_life: the life that it asks for; None if it asks for none.
            as_free: units to count as if they were free.
            lot_needs: the lots that its lines ask for, of which no others count; None if none does.
        """
        if minimum_life is None and not as_free and lot_needs is None:
            return self.free
        anyone = fit = units_of_lots = 0
        total = self.total
        for lot, free, expires_at in self.lots:
            more = as_free.get((self.place, lot), 0)
            units = free + more
            total += more
            anyone += units if units > 0 or not lot else 0
            if units > 0 and self._lives(expires_at, minimum_life):
                fit += units
                if lot_needs is not None and lot:
                    units_of_lots += min(units, lot_needs.get(lot, 0))
        if lot_needs is not None:
            fit = units_of_lots + min(fit - units_of_lots, lot_needs.get("", 0))
        return max(0, min(fit, anyone - self.safety, total))

    def _lives(self, expires_at: datetime | None, minimum_life: timedelta | None) -> bool:
        """Whether a lot lives as long as an order asks; what nobody may have is not among them."""
        return minimum_life is None or is_fit(expires_at, delivery=self.delivery, life=minimum_life)

    def free_lots(self, minimum_life: timedelta | None) -> LotUnits:
        """The lots of which an order may have units, and how many, in their sequence."""
        return [
            (lot, free)
            for lot, free, expires_at in self.lots
            if lot and free > 0 and self._lives(expires_at, minimum_life)
        ]

    def draw(self, units: int, minimum_life: timedelta | None, lot_asked: str = "") -> LotUnits:
        """Take so many units away, the first lots first, or of one lot; there are as many."""
        self.total -= units
        self._fit -= units
        # Both are less by as much, and so is what is free for all.
        self.free = max(0, self.free - units)
        lots, places = self.lots, self._places_free
        if places and minimum_life is None and not lot_asked:
            lot, free, expires_at = lots[places[0]]
            if free > units:  # as nearly always: the first lot has more than that
                lots[places[0]] = lot, free - units, expires_at
                return [(lot, units)]
        if lot_asked:
            places = [self._place_of[lot_asked]] if lot_asked in self._place_of else []
        by_lot: LotUnits = []
        places_passed: list[int] = []
        while units and places:
            place = places[0]
            lot, free, expires_at = lots[place]
            if minimum_life is not None and free > 0 and not self._lives(expires_at, minimum_life):
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
        if units:  # there were not as many
            self._fit += units
            self.free = self._free_for_all()
        for place in places_passed:
            heappush(places, place)
        return by_lot

    def is_of_use(self, lot: str, minimum_life: timedelta | None) -> bool:
        """Whether units of the lot would be of use to an order if they came free.

        Not where more is reserved already than may be promised, be it of one lot.
        """
        place = self._place_of.get(lot)
        if place is None or self.total < 0 or self._overdrawn:
            return False
        return self._lives(self.lots[place][2], minimum_life)

    def put(self, lot: str, units: int) -> None:
        """So many more units of a lot are free; below 0, so many fewer."""
        self.total += units
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
        place = self._place_of.get(lot)
        return 0 if place is None else self.lots[place][1]

    def _set(self, place: int, free: int) -> None:
        """So many units of a lot are free now."""
        lot, before, expires_at = self.lots[place]
        self.lots[place] = lot, free, expires_at
        self._fit += max(0, free) - max(0, before)
        self._overdrawn += (free < 0) - (before < 0)
        if not lot:
            self._owed = min(0, free)

    def _free_for_all(self) -> int:
        return max(0, min(self._fit + self._owed - self.safety, self.total))


class Shelf:
    """The units of one SKU that has rules, while they are being given out.

    Args:
        item: the rules.
        bays: the units by location, in the sequence in which locations are asked.
        now: the caller's time; None if nothing is judged by it.
    """

    __slots__ = (
        *("_bays", "_fences", "_free", "_free_at", "_is_fenced_at", "_mirrors", "_now", "_packs"),
        *("has_ends", "has_packs", "is_limited", "is_of_single_lots", "item"),
    )

    def __init__(self, item: Item, bays: Iterable[Bay], now: datetime | None) -> None:
        self.item = item
        self._now = None if now is None else now.astimezone(UTC)
        self._bays = {bay.place: bay for bay in bays}
        self._packs = Packs(item.packs)
        self._fences = tuple(
            [each for each in item.fences if each.until is None or now is None or now < each.until]
        )
        self._is_fenced_at = any([fence.location for fence in self._fences])
        self.has_ends = any([end for bay in self._bays.values() for _, _, end in bay.lots])
        """Whether the life of some of its lots ends."""
        self.has_packs = bool(item.packs)
        """Whether there is a location from which only whole packs leave."""
        self.is_of_single_lots = item.single_lot
        """Whether a line gets units of a single lot, where one has as many."""
        self.is_limited = bool(self._fences) or item.customer_cap is not None
        """Whether a fence or a cap may leave an order less than what is there."""
        # What all orders may have, by location in rank order, kept up to date: most ask for that.
        self._free_at = self._free_by_location()
        self._free = sum(self._free_at.values())
        self._mirrors: list[Shelf] = []

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
        self._mirrors.append(mirror)
        return mirror

    def _free_by_location(self) -> dict[str, int]:
        return {place: bay.free for place, bay in self._bays.items() if bay.free}

    def _count(self, bay: Bay, before: int) -> None:
        """Count what is free in a bay, in which so much was free before."""
        free = bay.free
        self._free += free - before
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
        self, delivery: datetime | None, bay: Bay, order: Order | None, life: timedelta | None
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
        fences = [fence for fence in self._fences if not admits(fence, order)]
        if not fences:
            return None if cap is None else Limit(cap, None, cap)
        units = self._free
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

    @property
    def units_free(self) -> int:
        """How many units somebody may have who asks for nothing."""
        return self._free

    def kept_from(self, order: Order) -> int:
        """Units to come that fences keep from the order: those of which they lack so many."""
        units = sum(
            [
                fence.quantity
                for fence in self._fences
                if not fence.location and not admits(fence, order)
            ]
        )
        return max(0, units - max(0, self._free))

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

    def split(self, units: int, offers: Sequence[tuple[Place, str, int]]) -> dict[Place, int]:
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
            life = self._life_until(until, bay, order, self._life_for(order))
        by_lot = bay.draw(units, life, lot)
        self._count(bay, before)
        for mirror in self._mirrors:
            for lot_id, of_lot in by_lot:
                mirror.put(location, lot_id, -of_lot)
        return by_lot
