"""What may be taken of the stock, judged from the raw rows of an inventory and from nothing else.

The laws, and the oracle of the rules, ask this and never the library: it knows no shortcut, and
works everything out anew whenever it is asked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

from fulfill_core import (
    Fence,
    Inventory,
    Item,
    Lot,
    LotOrder,
    Order,
    Pack,
    Reservation,
    Stock,
    Supply,
)

NO_LOT = Lot(id="none", quantity=0)
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


def parts_of(items: Mapping[str, Item], sku: str) -> Counter[str]:
    """What a kit is made of in the end, but for what is not tracked; nothing if it is no kit."""
    parts: Counter[str] = Counter()
    item = items.get(sku)
    for part in item.components if item else ():
        of_part = items.get(part.sku)
        if of_part is not None and of_part.components:
            for leaf, units in parts_of(items, part.sku).items():
                parts[leaf] += units * part.quantity
        elif of_part is None or of_part.tracked:
            parts[part.sku] += part.quantity
    return parts


def is_tracked(items: Mapping[str, Item], sku: str) -> bool:
    """Whether units of it, or of something in it, have to be there."""
    item = items.get(sku)
    if item is None:
        return True
    return bool(parts_of(items, sku)) if item.components else item.tracked


def admits(fence: Fence, order: Order | None) -> bool:
    """Whether the order is one of those for whom the fence is there."""
    if order is None:
        return False
    names = {("channel", order.channel), ("tier", order.customer.tier)}
    names |= {("tag", tag) for tag in order.tags}
    kept_for = {("channel", word) for word in fence.channels}
    kept_for |= {("tier", word) for word in fence.tiers} | {("tag", word) for word in fence.tags}
    return bool(names & kept_for)


def is_whole(pack: Pack | None, units: int) -> bool:
    """Whether so many units may leave together."""
    return pack is None or units == 0 or (units >= pack.minimum and units % pack.multiple == 0)


class Stockroom:
    """The units on hand while they are being given out.

    Args:
        inventory: the stock before.
        now: reservations that have expired by then do not count; None if nothing is judged by time.
    """

    def __init__(self, inventory: Inventory, now: datetime | None) -> None:
        self.now = now
        self.items = {item.sku: item for item in inventory.items()}
        self.places = {
            place.id: place
            for place in sorted(inventory.locations(), key=lambda place: (place.rank, place.id))
        }
        self.rows: dict[tuple[str, str], Stock] = {
            (row.sku, row.location): row for row in inventory.stock()
        }
        self.reserved: Counter[tuple[str, str, str]] = Counter()
        """Units by SKU, location and lot."""
        for held in inventory.reservations():
            if now is None or held.expires_at is None or now < held.expires_at:
                self.reserved[held.sku, held.location, held.lot] += held.quantity
        self.orders_today: dict[str, set[str]] = {place: set() for place in self.places}
        """The orders that got something at a location today."""
        for held in inventory.reservations():
            if held.made_at is not None and now is not None:
                zone = self.places[held.location].timezone
                if held.made_at.astimezone(zone).date() == now.astimezone(zone).date():
                    self.orders_today[held.location].add(held.order_id)
        for intake in () if now is None else inventory.intakes():  # what has left already
            place = self.places.get(intake.location)
            if place is not None and intake.day == now.astimezone(place.timezone).date():
                self.orders_today[place.id].add(intake.order_id)

    def item(self, sku: str) -> Item:
        """What is said of it, or nothing special."""
        return self.items.get(sku) or Item(sku=sku)

    def pack(self, sku: str, place: str) -> Pack | None:
        """In what quantities it leaves from there."""
        return next((pack for pack in self.item(sku).packs if pack.location == place), None)

    # -- Lots --------------------------------------------------------------------------------

    def free(self, sku: str, place: str, lot: Lot) -> int:
        """Units of a lot, or of what is in none, less those that are reserved of it."""
        row = self.rows[sku, place]
        if lot is NO_LOT:
            there = row.on_hand - sum(each.quantity for each in row.lots)
            return there - self.reserved[sku, place, ""]
        return lot.quantity - self.reserved[sku, place, lot.id]

    def is_fit(self, sku: str, place: str, lot: Lot, life: timedelta) -> bool:
        """Whether it is not locked up, and has so much life left when it is with the customer."""
        if lot.quarantined:
            return False
        if lot.expires_at is None or self.now is None:
            return True
        arrives = self.now + self.places[place].lead_time
        return arrives < lot.expires_at and arrives + life <= lot.expires_at

    def usable(self, sku: str, place: str, order: Order | None = None) -> int:
        """Units that the order may have there: what `there` says, less what fences keep of it."""
        units = self.there(sku, place, order)
        kept = self.fenced_at(sku, place, order)
        return max(0, min(units, self.there(sku, place) - kept)) if kept else units

    def there(self, sku: str, place: str, order: Order | None = None) -> int:
        """Units that may be had there: fit ones, that are not needed as safety stock, and not for
        reservations that name no lot.
        """
        row = self.rows.get((sku, place))
        if row is None:
            return 0
        usual = self.item(sku).minimum_life
        life = usual if order is None else max(usual, order.customer.minimum_life)
        lots = [*row.lots, NO_LOT]
        fit = [lot for lot in lots if self.is_fit(sku, place, lot, life)]
        fit_for_all = [lot for lot in lots if self.is_fit(sku, place, lot, usual)]
        for_order = sum(max(0, self.free(sku, place, lot)) for lot in fit)
        for_all = sum(max(0, self.free(sku, place, lot)) for lot in fit_for_all)
        lacking = min(0, self.free(sku, place, NO_LOT))  # reserved, and to be taken from some lot
        reserved = sum(units for at, units in self.reserved.items() if at[:2] == (sku, place))
        most = min(for_order, for_all + lacking - row.safety, row.on_hand - reserved - row.safety)
        return max(0, most)

    def lots_in_turn(self, sku: str, place: str, order: Order | None) -> list[Lot]:
        """The lots that the order may have something of, those that leave first first."""
        item = self.item(sku)
        life = item.minimum_life
        if order is not None:
            life = max(life, order.customer.minimum_life)
        fit = [
            lot
            for lot in [*self.rows[sku, place].lots, NO_LOT]
            if self.is_fit(sku, place, lot, life)
        ]
        return sorted(fit, key=lambda lot: self.turn_of(item.lot_order, lot))

    def turn_of(self, order: LotOrder, lot: Lot) -> tuple[object, ...]:
        """The lower, the sooner it leaves: by the date that counts, the other date, the id."""
        end = (1, 0.0) if lot.expires_at is None else (0, (lot.expires_at - EPOCH).total_seconds())
        start = (1, 0.0)
        if lot.received_at is not None:
            seconds = (lot.received_at - EPOCH).total_seconds()
            start = 0, -seconds if order is LotOrder.LIFO else seconds
        lot_id = "" if lot is NO_LOT else lot.id
        return (end, start, lot_id) if order is LotOrder.FEFO else (start, end, lot_id)

    # -- Limits ------------------------------------------------------------------------------

    def everywhere(self, sku: str) -> int:
        """Units that somebody may have, wherever they are."""
        return sum(self.there(sku, place) for place in self.places)

    def fenced(self, sku: str, order: Order | None) -> int:
        """Units that are kept for others than the order, wherever they are."""
        return self.fenced_at(sku, "", order)

    def fenced_at(self, sku: str, place: str, order: Order | None) -> int:
        """Units that are kept for others than the order at one location."""
        return sum(
            fence.quantity
            for fence in self.item(sku).fences
            if fence.location == place
            and (fence.until is None or self.now is None or self.now < fence.until)
            and not admits(fence, order)
        )

    def cap(self, sku: str) -> int | None:
        """What one customer may have; None for any number."""
        return self.item(sku).customer_cap

    def takes_on(self, place: str, order: Order | None) -> bool:
        """Whether the location has capacity for the order; None is a new one."""
        capacity = self.places[place].capacity
        if capacity is None or self.now is None:
            return True
        today = self.orders_today[place]
        return len(today) < capacity or (order is not None and order.id in today)

    def available(self, sku: str, place: str | None = None) -> int:
        """What a shop window shows: units, at one location or at all of them; of a kit, kits."""
        parts = parts_of(self.items, sku)
        if self.item(sku).components:
            whole = [self.available(leaf, place) // units for leaf, units in parts.items()]
            return min(whole, default=0)
        units = 0
        for at in self.places if place is None else [place]:
            if self.takes_on(at, None):
                pack = self.pack(sku, at)
                usable = self.usable(sku, at)
                units += max(some for some in range(usable + 1) if is_whole(pack, some))
        there = self.everywhere(sku)
        fenced = self.fenced(sku, None)
        if fenced:
            units = min(units, max(0, there - fenced))
        cap = self.cap(sku)
        return units if cap is None else min(units, cap)

    # -- Giving ------------------------------------------------------------------------------

    def take(self, order_id: str, sku: str, place: str, lot: str, units: int) -> None:
        """These units are reserved now."""
        self.reserved[sku, place, lot] += units
        self.orders_today[place].add(order_id)


def held_of(reservations: Iterable[Reservation], now: datetime) -> Counter[tuple[str, str]]:
    """Units that are held and have not expired, by line and SKU."""
    held: Counter[tuple[str, str]] = Counter()
    for mine in reservations:
        if mine.expires_at is None or now < mine.expires_at:
            held[mine.line_id, mine.sku] += mine.quantity
    return held


def what_comes(inventory: Inventory, now: datetime) -> dict[Supply, int]:
    """What each supply brings for those who wait, the earliest first, unit by unit.

    A unit that comes in goes to what is missing there, or anywhere if the supply names no place:
    to safety stock, and to what is reserved and not there, once lots that end by then have. One
    that is overdue may come after all others: what it fills up, they fill up again.
    """
    filled: Counter[tuple[str, str]] = Counter()
    comes: dict[Supply, int] = {}
    for supply in sorted(inventory.supplies(), key=lambda one: (inventory.due_until(one), one.id)):
        due = inventory.due_until(supply)
        comes[supply] = 0
        missing = {
            row.location: units_missing(row, inventory, now, due) - filled[row.sku, row.location]
            for row in inventory.stock()
            if row.sku == supply.sku and supply.location in ("", row.location)
        }
        for _ in range(supply.quantity):
            location = next((at for at, units in missing.items() if units > 0), None)
            if location is None:
                comes[supply] += 1
            else:
                missing[location] -= 1
                filled[supply.sku, location] += due >= now
    return comes


def units_missing(row: Stock, inventory: Inventory, now: datetime, then: datetime) -> int:
    """Units that a row lacks to have its safety stock, and what is reserved of it."""
    useless = {
        lot.id
        for lot in row.lots
        if lot.quarantined or (lot.expires_at is not None and lot.expires_at <= then)
    }
    active = sum(
        mine.quantity
        for mine in inventory.reservations()
        if (mine.sku, mine.location) == (row.sku, row.location)
        and mine.lot not in useless
        and (mine.expires_at is None or now < mine.expires_at)
    )
    there = row.on_hand - sum(lot.quantity for lot in row.lots if lot.id in useless)
    return row.safety + active - there
