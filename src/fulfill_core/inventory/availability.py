"""What is available: to anybody, to one order, now.

There is one function that says what is available where, `pool`: the allocator asks the same one
that a shop window asks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, time, timedelta

import attrs

from fulfill_core import _checks
from fulfill_core.inventory.reservations import has_expired, to_reservations
from fulfill_core.inventory.shelf import Bay, Shelf, delivered_at, in_lot_order, is_fit
from fulfill_core.inventory.snapshot import LotCell, Parts, Snapshot
from fulfill_core.inventory.stock import Item, Location
from fulfill_core.orders.order import Order

_NO_RULES = Item(sku="any")
_EARLIEST = datetime.min.replace(tzinfo=UTC)
_LATEST = datetime.max.replace(tzinfo=UTC)
_LONGEST = timedelta(days=80_000)  # a lead time and a life, and some days to spare


@attrs.frozen(kw_only=True, weakref_slot=False)
class Overdraft:
    """A location that has fewer units of a SKU than are reserved there.

    A count does that, or goods that were damaged or lost, or a host that reserved without asking.

    Args:
        sku: the stock keeping unit.
        location: the location's id.
        on_hand: units physically there; below zero where some system keeps it so.
        reserved: units set aside there.
        lot: the lot, if it is one lot that has fewer units than are reserved of it; then on hand
            and reserved are the lot's.

    >>> Overdraft(sku="mug", location="berlin", on_hand=2, reserved=3).missing
    1
    """

    sku: str
    location: str
    on_hand: int
    reserved: int
    lot: str = ""

    @property
    def missing(self) -> int:
        """How many units are reserved, or owed, beyond what is there: 1 or more."""
        return self.reserved - self.on_hand


@attrs.frozen(init=False, eq=False, repr=False, weakref_slot=False)
class Availability(Snapshot):
    """A snapshot that can also say what of it is available."""

    def pool(
        self, sku: str, now: datetime | None = None, order: Order | None = None
    ) -> dict[str, int]:
        """What is available of *sku*, by location, in rank order: the one availability function.

        Locations where nothing is available are left out. Each location counts for itself: one
        that is overdrawn takes nothing from the others. Of a kit, it is how many can be made up of
        what is there.

        Args:
            sku: the stock keeping unit; an unknown one has an empty pool.
            now: reservations that have expired by then do not count, and lots that are past their
                life then do not either; None counts them all.
            order: for whom: units of a lot have to live as long as its customer asks. (What is the
                same for all locations, fences and caps, `available` knows.)

        >>> from fulfill_core import Inventory
        >>> Inventory.of({("mug", "berlin"): -2, ("mug", "paris"): 3}).pool("mug")
        {'paris': 3}
        """
        if not self.is_plain(sku):
            parts = self.components_of(sku)
            if parts:
                return self._kits_by_place(parts, now, order)
            if self.is_ruled(sku):
                shelf = self.shelf(sku, now)
                pool = shelf.pool(order)
                if shelf.has_packs:
                    pool = {at: shelf.leaving(at, units) for at, units in pool.items()}
                    pool = {at: units for at, units in pool.items() if units}
                return pool
        expired = self._expired(sku, now)
        if not expired:  # the usual case
            return {
                location: free
                for location, on_hand, safety, reserved in self._rows.get(sku) or ()
                if (free := on_hand - safety - reserved) > 0
            }
        return {
            location: free
            for location, on_hand, safety, reserved in self._rows.get(sku) or ()
            if (free := on_hand - safety - reserved + expired.get(location, 0)) > 0
        }

    def overpromised(self, sku: str, now: datetime) -> frozenset[str]:
        """The locations that have less of *sku* than is reserved and kept as safety stock there.

        >>> from datetime import UTC
        >>> from fulfill_core import Inventory
        >>> stock = Inventory.of({("mug", "berlin"): -2, ("mug", "paris"): 3})
        >>> stock.overpromised("mug", datetime(2026, 3, 2, tzinfo=UTC))
        frozenset({'berlin'})
        """
        expired = self._expired(sku, now)
        return frozenset(
            [
                location
                for location, on_hand, safety, reserved in self._rows.get(sku) or ()
                if on_hand - safety - reserved + expired.get(location, 0) < 0
            ]
        )

    def _kits_by_place(
        self, parts: Parts, now: datetime | None, order: Order | None
    ) -> dict[str, int]:
        """How many kits can be made up at each location alone."""
        pools = [(self.pool(leaf, now, order), units) for leaf, units in parts]
        whole = {
            location: min([pool.get(location, 0) // units for pool, units in pools])
            for location in pools[0][0]
        }
        return {location: kits for location, kits in whole.items() if kits}

    def is_plain(self, sku: str) -> bool:
        """Whether *sku* is tracked, is no kit and has no rules: an order may take what is there.

        >>> from fulfill_core import Inventory
        >>> Inventory.of({("mug", "berlin"): 12}).is_plain("mug")
        True
        """
        item = self._items.get(sku)
        return (item is None or item.is_plain) and self._lots.get(sku) is None

    def is_ruled(self, sku: str) -> bool:
        """Whether what an order may take of *sku* depends on more than what is there.

        >>> from fulfill_core import Inventory
        >>> Inventory.of({("mug", "berlin"): 12}).is_ruled("mug")
        False
        """
        if self._lots.get(sku) is not None:
            return True
        item = self._items.get(sku)
        return item is not None and item.has_rules

    def reserved_by_lot(self, sku: str, now: datetime) -> Counter[tuple[str, str]]:
        """Units that are reserved of *sku*, by location and lot; not those that have expired."""
        reserved: Counter[tuple[str, str]] = Counter()
        for location, _, _, units in self._rows.get(sku) or ():
            reserved[location, ""] = units
        for location, lot, _, units, _, _, _ in self._lots.get(sku) or ():
            reserved[location, lot] = units
            reserved[location, ""] -= units
        for end, location, units, lot in self._timed.get(sku) or ():
            if end <= now:
                reserved[location, lot] -= units
        return reserved

    def shelf(self, sku: str, now: datetime | None) -> Shelf:
        """The units of *sku* with its rules, to be given out: a private copy."""
        expired: Counter[tuple[str, str]] = Counter()
        if now is not None:
            for end, location, quantity, lot in self._timed.get(sku) or ():
                if end <= now:
                    expired[location, lot] += quantity
        item = self._items.get(sku) or _NO_RULES
        in_lots: dict[str, list[LotCell]] = {}
        for cell in self._lots.get(sku) or ():
            in_lots.setdefault(cell[0], []).append(cell)
        bays: list[Bay] = []
        for location, on_hand, safety, reserved in self._rows.get(sku) or ():
            delivery = None
            if now is not None:
                delivery = delivered_at(now, self._locations[location].lead_time)
            loose, loose_reserved, back = on_hand, reserved, expired[location, ""]
            some: list[tuple[str, int, datetime | None, datetime | None]] = []
            for _, lot, quantity, of_lot, expires_at, received_at, locked in in_lots.get(
                location, ()
            ):
                loose -= quantity
                loose_reserved -= of_lot
                freed = expired[location, lot]
                back += freed
                if not locked and is_fit(expires_at, delivery=delivery, life=item.minimum_life):
                    some.append((lot, quantity - of_lot + freed, expires_at, received_at))
            some.append(("", loose - loose_reserved + expired[location, ""], None, None))
            lots = in_lot_order(some, item.lot_order) if len(some) > 1 else [some[0][:3]]
            total = on_hand - safety - reserved + back
            bays.append(Bay(location, lots, safety, total, delivery))
        return Shelf(item, bays, now)

    def available(
        self,
        sku: str,
        location: str | None = None,
        *,
        now: datetime | None = None,
        order: Order | None = None,
    ) -> int:
        """Units that can be promised: ``max(0, on hand - reserved - safety)`` per location.

        Of a SKU with rules, it is what they let anybody have, or this order: without the units of
        lots that are quarantined or do not live long enough, within fences and caps, and without
        locations that have no capacity left. Of a kit, it is the number of whole kits.

        Args:
            sku: the stock keeping unit; 0 for an unknown one.
            location: one location's id; None for the sum over all.
            now: reservations that have expired by then do not count; None counts them all, and
                judges no lot, fence or capacity by time.
            order: for whom; None for anybody.

        >>> from fulfill_core import Inventory
        >>> Inventory.of({("mug", "berlin"): 12, ("mug", "paris"): 3}).available("mug", "paris")
        3
        """
        if now is not None:
            _checks.check_aware("now", now)
        if order is not None:
            _checks.check_member("order", order, Order)
        parts = self.components_of(sku)
        if parts:
            return min(
                [
                    self.available(leaf, location, now=now, order=order) // units
                    for leaf, units in parts
                ]
            )
        pool = self.pool(sku, now, order)
        if now is not None and self._limited:
            pool = self._where_capacity_is_left(pool, now, order)
        units = sum(pool.values()) if location is None else pool.get(location, 0)
        item = self._items.get(sku)
        if item is not None and item.has_rules:
            held = 0 if order is None else self._held(order.id, sku, now)
            limit = self.shelf(sku, now).limit(order, held=held)
            return units if limit is None else min(units, limit.units)
        return units

    def _held(self, order_id: str, sku: str, now: datetime | None) -> int:
        """Units of the SKU that the order holds, expired ones not counted."""
        return sum(
            [
                entry[3]
                for _, expires_at, entries in self.batches_of(order_id)
                if not has_expired(expires_at, now)
                for entry in entries
                if entry[1] == sku
            ]
        )

    def lacking(self, order: Order, *, now: datetime) -> dict[str, int]:
        """What the order would lack if it were served now and alone: units by SKU.

        This is what a shop asks before the customer pays: nothing is lacking exactly when a run
        with this order alone gives it everything. What it holds already is not asked for again;
        kits are taken apart. (A sourcing policy of your own may leave locations out that have
        units; no inventory knows of that.)

        Args:
            order: the order, or a cart in the form of one.
            now: the caller's time, aware.

        >>> from datetime import UTC
        >>> from fulfill_core import Customer, Inventory, OrderLine
        >>> now = datetime(2026, 3, 2, tzinfo=UTC)
        >>> cart = Order(id="cart-9", placed_at=now, customer=Customer(id="C-7"), currency="EUR",
        ...              lines=[OrderLine(id="1", sku="mug", quantity=5)])
        >>> Inventory.of({("mug", "berlin"): 3}).lacking(cart, now=now)
        {'mug': 2}
        """
        _checks.check_member("order", order, Order)
        _checks.check_aware("now", now)
        needs: Counter[str] = Counter()
        held = Counter[tuple[str, str]]()
        for mine in to_reservations(order.id, self.batches_of(order.id)):
            if not has_expired(mine.expires_at, now):
                held[mine.line_id, mine.sku] += mine.quantity
        for line in order.lines:
            if self.is_tracked(line.sku):
                for leaf, units in self.components_of(line.sku) or ((line.sku, 1),):
                    needs[leaf] += max(0, line.units * units - held[line.id, leaf])
        lacking: dict[str, int] = {}
        for sku, units in sorted(needs.items()):
            given = self._given(order, sku, units, now)
            if given < units:
                lacking[sku] = units - given
        return lacking

    def _given(self, order: Order, sku: str, units: int, now: datetime) -> int:
        """How many of so many units the order would get."""
        if not self.is_ruled(sku):
            pool = self.pool(sku, now)
            if self._limited:
                pool = self._where_capacity_is_left(pool, now, order)
            return min(units, sum(pool.values()))
        shelf = self.shelf(sku, now)
        limit = shelf.limit(order, held=self._held(order.id, sku, now))
        pool = shelf.pool(order)
        if self._limited:
            pool = self._where_capacity_is_left(pool, now, order)
        if limit is not None:
            units = min(units, limit.units)
        return sum(shelf.split(units, [(at, at, have) for at, have in pool.items()]).values())

    def capacity_left(self, location: str, now: datetime) -> int | None:
        """How many orders can still get new reservations at a location today; None for any number.

        >>> from datetime import UTC
        >>> from fulfill_core import Inventory
        >>> store = Location(id="store", capacity=5)
        >>> Inventory(locations=[store]).capacity_left("store", datetime(2026, 3, 2, tzinfo=UTC))
        5
        """
        place = self._locations[location]
        if place.capacity is None:
            return None
        today = place.day_of(now)
        return max(0, place.capacity - (self._loads.get((location, today)) or 0))

    def turning_points(self, sku: str, life: timedelta) -> Iterator[datetime]:
        """When time alone changes what can be had of *sku*, past instants included.

        Reservations expire, lots become too old for a customer who asks for so much life of them,
        fences fall, supplies become overdue.
        """
        yield from self.expiries_of(sku)
        for supply in self.supplies_of(sku):
            if supply.expected_at < _LATEST:  # at the end of the calendar none is ever overdue
                yield supply.expected_at + timedelta.resolution
        item = self.item(sku)
        for fence in item.fences:
            if fence.until is not None:
                yield fence.until
        for location, _, _, _, expires_at, _, _ in self._lots.get(sku) or ():
            if expires_at is not None and expires_at - _EARLIEST > _LONGEST:
                # Too old for this customer, and later for anybody.
                for needed in (max(life, item.minimum_life), item.minimum_life):
                    # With its last instant a lot has just the life that is needed, but one of
                    # which none is needed has none.
                    after = timedelta.resolution if needed else timedelta(0)
                    yield expires_at - self._locations[location].lead_time - needed + after

    def next_day(self, location: str, now: datetime) -> datetime:
        """When the next day begins at a location."""
        place = self._locations[location]
        try:
            tomorrow = place.day_of(now) + timedelta(days=1)
        except OverflowError:  # there is none
            return now
        return datetime.combine(tomorrow, time.min, place.timezone)

    @property
    def limited_locations(self) -> tuple[Location, ...]:
        """The locations that have a capacity."""
        return tuple([self._locations[location] for location in sorted(self._limited)])

    def counts_today(self, order: Order, location: str, now: datetime) -> bool:
        """Whether the order has a reservation of today there: it takes up no more capacity."""
        day_of = self._locations[location].day_of
        today = day_of(now)
        return any(
            made_at is not None
            and day_of(made_at) == today
            and any(entry[2] == location for entry in entries)
            for made_at, _, entries in self.batches_of(order.id)
        )

    def _where_capacity_is_left(
        self, pool: dict[str, int], now: datetime, order: Order | None
    ) -> dict[str, int]:
        return {
            location: units
            for location, units in pool.items()
            if self.capacity_left(location, now) != 0
            or (order is not None and self.counts_today(order, location, now))
        }

    def overdrawn(
        self, skus: Iterable[str] | None = None, *, now: datetime | None = None
    ) -> tuple[Overdraft, ...]:
        """Where more is reserved than is on hand, by SKU, in rank order: nothing moves by itself.

        A lot of which more is reserved than is there is told after its location, and counts for
        itself: there may be enough at the location, of other lots.

        Args:
            skus: the SKUs to look at; None walks the whole inventory.
            now: reservations that have expired by then do not count; None counts them all.

        >>> from fulfill_core import Inventory, Reservation
        >>> mine = Reservation(order_id="A", line_id="1", sku="mug", location="x", quantity=3)
        >>> stock = Inventory.of({("mug", "x"): 5}).with_reserved(mine).with_counted("mug", "x", 2)
        >>> [(row.location, row.missing) for row in stock.overdrawn(["mug"])]
        [('x', 1)]
        """
        if now is not None:
            _checks.check_aware("now", now)
        if skus is None:
            some = {sku for sku, row in self._rows.items() if any(on[3] > on[1] for on in row)}
            some |= {
                sku for sku, lots in self._lots.items() if any(lot[3] > lot[2] for lot in lots)
            }
        else:
            wanted = _checks.to_frozenset(skus)
            _checks.check_words("skus", wanted)
            some = set(wanted)
        found: list[Overdraft] = []
        for sku in sorted(some):
            expired = self._expired(sku, now)
            short = self._lots_overdrawn(sku, now)
            for location, on_hand, _, held in self._rows.get(sku) or ():
                reserved = held - expired.get(location, 0)
                if reserved > on_hand:
                    found.append(
                        Overdraft(sku=sku, location=location, on_hand=on_hand, reserved=reserved)
                    )
                found += short.get(location, ())
        return tuple(found)

    def _lots_overdrawn(self, sku: str, now: datetime | None) -> dict[str, list[Overdraft]]:
        """The lots of which more is reserved than is there, by location."""
        found: dict[str, list[Overdraft]] = {}
        for location, lot, quantity, held, _, _, _ in self._lots.get(sku) or ():
            reserved = held
            if held > quantity and now is not None:
                for end, place, units, of_lot in self._timed.get(sku) or ():
                    if end <= now and (place, of_lot) == (location, lot):
                        reserved -= units
            if reserved > quantity:
                row = Overdraft(
                    sku=sku, location=location, on_hand=quantity, reserved=reserved, lot=lot
                )
                found.setdefault(location, []).append(row)
        return found
