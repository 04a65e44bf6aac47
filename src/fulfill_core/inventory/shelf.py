"""What an order may take of a SKU that has rules: lots, whole packs, fences, caps.

Of most SKUs an order may take whatever is there. Where it may not, a `Shelf` says how much of it
this order may take, and from which lot each unit comes. The inventory asks it for a shop window,
the allocator while it gives units out: there is one place where a lot's life is judged, one where
a fence is, one where units are split into whole packs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, TypeAlias, TypeVar

from fulfill_core.inventory.stock import Fence, Item, LotOrder, Pack, Reservation
from fulfill_core.orders.order import Order

Place = TypeVar("Place", bound=Hashable)
"""A location, in whatever form the caller keeps it."""

Extra: TypeAlias = Mapping[tuple[str, str], int]
"""Units to count as if they were free, by location id and lot."""
Drawn: TypeAlias = list[tuple[str, int]]
"""Lots and how many units of each; the lot is empty for units without one."""

_NO_EXTRA: Extra = {}
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_LATEST = datetime.max.replace(tzinfo=UTC)


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

    __slots__ = ("delivery", "free", "lots", "place", "safety", "total")

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
        self.free = self.usable()
        """Units that somebody may have: what `usable` says for an order that asks for no life."""

    def usable(self, life: timedelta | None = None, extra: Extra = _NO_EXTRA) -> int:
        """Units that an order may have that asks for so much life of them.

        Safety stock, and reservations that name no lot, are taken off what all orders may have.
        """
        anyone = fit = 0
        total = self.total
        for lot, free, expires_at in self.lots:
            more = extra.get((self.place, lot), 0)
            units = free + more
            total += more
            anyone += units if units > 0 or not lot else 0
            if units > 0 and (
                life is None or is_fit(expires_at, delivery=self.delivery, life=life)
            ):
                fit += units
        return max(0, min(fit, anyone - self.safety, total))

    def draw(self, units: int, life: timedelta | None) -> Drawn:
        """Take so many units away, the first lots first; there are as many."""
        drawn: Drawn = []
        self.total -= units
        self.free -= units
        for index, (lot, free, expires_at) in enumerate(self.lots):
            taken = min(free, units)
            if taken > 0 and (
                life is None or is_fit(expires_at, delivery=self.delivery, life=life)
            ):
                self.lots[index] = lot, free - taken, expires_at
                drawn.append((lot, taken))
                units -= taken
        return drawn

    def of_use(self, life: timedelta | None) -> Iterable[str]:
        """The lots of which units would be of use to an order if they came free.

        None where more is reserved already than may be promised, be it of one lot.
        """
        if self.total < 0 or any([free < 0 for _, free, _ in self.lots]):
            return ()
        return [
            lot
            for lot, _, expires_at in self.lots
            if life is None or is_fit(expires_at, delivery=self.delivery, life=life)
        ]

    def put(self, lot: str, units: int) -> None:
        """So many more units of a lot are free; below 0, so many fewer."""
        self.total += units
        self.lots = [
            (known, free + units if known == lot else free, expires_at)
            for known, free, expires_at in self.lots
        ]
        self.free = self.usable()


class Limit(NamedTuple):
    """How many units of a SKU an order may have, if that is not a question of what is there.

    Args:
        units: so many at most.
        fence: the fence, or one of several, that is the reason; None if it is the customer's cap.
        cap: how many the customer's cap leaves; None if there is no cap.
    """

    units: int
    fence: Fence | None
    cap: int | None


class Shelf:
    """The units of one SKU that has rules, while they are being given out.

    Args:
        item: the rules.
        bays: the units by location, in the sequence in which locations are asked.
        now: the caller's time; None if nothing is judged by it.
    """

    __slots__ = ("_bays", "_fences", "_free", "_life", "_packs", "item")

    def __init__(self, item: Item, bays: Iterable[Bay], now: datetime | None) -> None:
        self.item = item
        self._bays = {bay.place: bay for bay in bays}
        self._packs: Mapping[str, Pack] = {pack.location: pack for pack in item.packs}
        self._fences = tuple(
            [each for each in item.fences if each.until is None or now is None or now < each.until]
        )
        self._life = item.minimum_life
        self._free = sum([bay.free for bay in self._bays.values()])

    def _life_for(self, order: Order | None) -> timedelta | None:
        """The life that an order asks for, if it is more than what everybody gets."""
        if order is None:
            return None
        life = order.customer.minimum_life
        return life if life > self._life else None

    def pool(self, order: Order | None, extra: Extra = _NO_EXTRA) -> dict[str, int]:
        """What the order may have at each location, in rank order; the others are left out."""
        life = self._life_for(order)
        if life is None and not extra:  # the usual case
            return {place: bay.free for place, bay in self._bays.items() if bay.free}
        return {
            place: units
            for place, bay in self._bays.items()
            if (units := bay.usable(life, extra)) > 0
        }

    def limit(
        self,
        order: Order | None,
        *,
        held: int = 0,
        others: int = 0,
        extra: Extra = _NO_EXTRA,
    ) -> Limit | None:
        """What a fence or a cap leaves for the order; None if nothing does.

        Args:
            order: the order; None for anybody.
            held: units that it holds already.
            others: units that its customer's orders ahead of it have.
            extra: units to count as if they were free.
        """
        item = self.item
        if not self._fences and item.customer_cap is None:  # the usual case
            return None
        everything = self._free
        if extra:
            everything = sum([bay.usable(extra=extra) for bay in self._bays.values()])
        fence: Fence | None = None
        units = everything
        for each in self._fences:
            if not admits(each, order):
                fence = fence or each
                units -= each.quantity
        units = max(0, units)
        cap: int | None = None
        most = item.customer_cap
        if most is not None:
            cap = max(0, most - held - others)
            if fence is None or cap < units:
                return Limit(cap, None, cap)
        return None if fence is None else Limit(units, fence, cap)

    def leaving(self, location: str, units: int) -> int:
        """How many of so many units may leave a location: whole packs."""
        pack = self._packs.get(location)
        return units if pack is None else pack.whole(units)

    @property
    def has_packs(self) -> bool:
        """Whether there is a location from which only whole packs leave."""
        return bool(self._packs)

    def split(self, units: int, offers: Sequence[tuple[Place, str, int]]) -> dict[Place, int]:
        """How many units come from where: in sequence, from each what it has of what is missing.

        Where only whole packs leave, the first location that can give all of it does. If none can,
        the packs come first, in sequence, by size and the other way round, wherever that gives
        more: single units can fill up what packs leave, and not the other way round.

        Args:
            units: how many are wanted.
            offers: the locations in sequence, their ids, and what each has.
        """
        if not units:
            return {}
        if not self._packs:  # the usual case
            return self._in_sequence(units, offers)
        for place, location, have in offers:
            if have >= units and self.leaving(location, units) == units:
                return {place: units}
        packs = self._packs
        small_first = sorted(offers, key=lambda at: packs[at[1]].multiple if at[1] in packs else 1)
        packs_first = sorted(offers, key=lambda at: at[1] not in packs)
        small_packs_first = sorted(small_first, key=lambda at: at[1] not in packs)
        ways = [
            self._in_sequence(units, several)
            for several in (offers, packs_first, small_first[::-1], small_packs_first)
        ]
        return max(ways, key=lambda given: sum(given.values()))

    def _in_sequence(
        self, units: int, offers: Iterable[tuple[Place, str, int]]
    ) -> dict[Place, int]:
        """From each what it has of what is still missing."""
        given: dict[Place, int] = {}
        for place, location, have in offers:
            leaves = min(units, have)
            if self._packs:
                leaves = self.leaving(location, leaves)
            if leaves:
                given[place] = leaves
                units -= leaves
                if not units:
                    break
        return given

    def usable(self, location: str, order: Order | None = None) -> int:
        """What the order may have at one location, before packs and limits."""
        bay = self._bays.get(location)
        return 0 if bay is None else bay.usable(self._life_for(order))

    def of_use(self, order: Order, locations: Iterable[str]) -> set[tuple[str, str]]:
        """The locations and lots of which units would be of use to the order if they came free.

        None of a SKU that leaves in whole packs somewhere, or that has fences: what an order may
        have of it depends on what else is there, and the same run again would find more.
        """
        if self._packs or self._fences:
            return set()
        life = self._life_for(order)
        bays = [(at, self._bays[at]) for at in locations if at in self._bays]
        return {(at, lot) for at, bay in bays for lot in bay.of_use(life)}

    def put(self, location: str, lot: str, units: int) -> None:
        """So many more units are free there; below 0, so many fewer."""
        bay = self._bays[location]
        before = bay.free
        bay.put(lot, units)
        self._free += bay.free - before

    def free(self, location: str, lot: str) -> int:
        """How many units of a lot are free there, whoever may have them."""
        return sum([units for known, units, _ in self._bays[location].lots if known == lot])

    def draw(self, location: str, units: int, order: Order | None = None) -> Drawn:
        """Take units away for an order: the lots that they come from."""
        self._free -= units
        return self._bays[location].draw(units, self._life_for(order))


class Fresh:
    """What an earlier run at this very instant gave to orders that are not ahead.

    A run that is done again says the same: what a fence or a cap leaves for an order is told, and
    whether a cap counts is judged, as if these units were still free.

    Args:
        now: the caller's time.
    """

    __slots__ = ("_now", "_units")

    def __init__(self, now: datetime) -> None:
        self._now = now
        self._units: dict[str, Counter[tuple[str, str]]] = {}

    def count(self, reserved: Iterable[Reservation], sign: int) -> None:
        """Reservations of an order whose turn is still to come, or (sign -1) is now."""
        for held in reserved:
            if held.made_at == self._now:
                units = self._units.setdefault(held.sku, Counter())
                units[held.location, held.lot] += sign * held.quantity

    def behind(self, sku: str) -> Extra:
        """Units of the SKU that it gave to orders whose turn is still to come."""
        return self._units.get(sku, _NO_EXTRA)

    def of(self, sku: str, reserved: Iterable[Reservation]) -> tuple[int, Extra]:
        """Units that the order has of the SKU, given what it holds; and all, by place and lot."""
        if sku not in self._units:  # the usual case
            return 0, _NO_EXTRA
        units = Counter(self._units[sku])
        others = units.total()
        for held in reserved:
            if held.sku == sku and held.made_at == self._now:
                units[held.location, held.lot] += held.quantity
        return units.total() - others, units


def is_fit(expires_at: datetime | None, *, delivery: datetime | None, life: timedelta) -> bool:
    """The one expiry predicate: whether a lot has so much life left when it is delivered.

    A lot without a date does not expire; without a delivery nothing is judged.

    >>> from datetime import UTC
    >>> day = timedelta(days=1)
    >>> delivery = datetime(2026, 3, 2, tzinfo=UTC)
    >>> [is_fit(delivery + days * day, delivery=delivery, life=2 * day) for days in (0, 1, 2, 3)]
    [False, False, True, True]
    """
    if expires_at is None or delivery is None:
        return True
    return expires_at > delivery and expires_at - delivery >= life


def delivered_at(now: datetime, lead_time: timedelta) -> datetime:
    """When units that leave now arrive; at the end of the calendar if that is beyond it."""
    try:
        return now.astimezone(UTC) + lead_time  # there a day has 24 hours
    except OverflowError:
        return _LATEST


def in_lot_order(
    lots: Iterable[tuple[str, int, datetime | None, datetime | None]], order: LotOrder
) -> list[tuple[str, int, datetime | None]]:
    """Lots (id, free, end of life, receipt) in the sequence in which they leave.

    What the sequence goes by and a lot does not have puts it last; ties go by the other date, then
    by id.
    """
    by_end = order is LotOrder.FEFO
    sign = -1 if order is LotOrder.LIFO else 1

    def key(lot: tuple[str, int, datetime | None, datetime | None]) -> tuple[object, ...]:
        lot_id, _, expires_at, received_at = lot
        end = expires_at is None, (expires_at or _EPOCH) - _EPOCH
        start = received_at is None, sign * ((received_at or _EPOCH) - _EPOCH)
        return (*end, *start, lot_id) if by_end else (*start, *end, lot_id)

    return [(lot_id, free, end) for lot_id, free, end, _ in sorted(lots, key=key)]


def admits(fence: Fence, order: Order | None) -> bool:
    """Whether the fence is there for this order; any of its words will do."""
    return order is not None and (
        order.channel in fence.channels
        or order.customer.tier in fence.tiers
        or not fence.tags.isdisjoint(order.tags)
    )
