"""What can be asked of the stock at one moment.

`Inventory` is a snapshot that can also say what it would be like after a change. There is one
function that says what is available, `pool`: the allocator asks the same one that a shop window
asks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import TypeAlias

import attrs

from fulfill_core import _fields
from fulfill_core._holds import Batch, Timed, to_reservations
from fulfill_core._order import Order
from fulfill_core._overlay import Overlay
from fulfill_core._stock import Item, Location, Reservation, Stock, Supply

# The inner records are plain tuples of atoms: small, quick to make, and the garbage collector
# does not have to follow them.
Cell: TypeAlias = tuple[str, int, int, int]
"""A location's id, on hand, safety, reserved."""

# No reservation of the SKU has expired.
_NOTHING: Mapping[str, int] = {}


@attrs.frozen(kw_only=True, weakref_slot=False)
class Overdraft:
    """A location that has fewer units of a SKU than are reserved there.

    A count does that, or goods that were damaged or lost, or a host that reserved without asking.

    Args:
        sku: the stock keeping unit.
        location: the location's id.
        on_hand: units physically there; below zero where some system keeps it so.
        reserved: units set aside there.

    >>> Overdraft(sku="mug", location="berlin", on_hand=2, reserved=3).missing
    1
    """

    sku: str
    location: str
    on_hand: int
    reserved: int

    @property
    def missing(self) -> int:
        """How many units are reserved, or owed, beyond what is there: 1 or more."""
        return self.reserved - self.on_hand


@attrs.frozen(init=False, eq=False, repr=False, weakref_slot=False)
class Snapshot:
    """The content of an inventory, and the questions to it."""

    _rows: Overlay[str, tuple[Cell, ...]]
    _holds: Overlay[str, tuple[Batch, ...]]
    _timed: Overlay[str, tuple[Timed, ...]]
    _items: Mapping[str, Item]
    _supplies: Overlay[str, tuple[Supply, ...]]
    _locations: Mapping[str, Location]  # in the sequence of (rank, id)

    # -- Questions ---------------------------------------------------------------------------

    def pool(self, sku: str, now: datetime | None = None) -> dict[str, int]:
        """What is available of *sku*, by location, in rank order: the one availability function.

        Locations where nothing is available are left out. Each location counts for itself: one
        that is overdrawn takes nothing from the others.

        Args:
            sku: the stock keeping unit; an unknown one has an empty pool.
            now: reservations that have expired by then do not count; None counts them all.

        >>> from fulfill_core import Inventory
        >>> Inventory.of({("mug", "berlin"): -2, ("mug", "paris"): 3}).pool("mug")
        {'paris': 3}
        """
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

    def _expired(self, sku: str, now: datetime | None) -> Mapping[str, int]:
        """The units, by location, of reservations of *sku* that have expired by *now*."""
        timed = self._timed.get(sku)
        if timed is None or now is None:
            return _NOTHING
        units: Counter[str] = Counter()
        for expires_at, location, quantity in timed:
            if expires_at <= now:
                units[location] += quantity
        return units

    def available(
        self, sku: str, location: str | None = None, *, now: datetime | None = None
    ) -> int:
        """Units that can be promised: ``max(0, on hand - reserved - safety)`` per location.

        Args:
            sku: the stock keeping unit; 0 for an unknown one.
            location: one location's id; None for the sum over all.
            now: reservations that have expired by then do not count; None counts them all.

        >>> from fulfill_core import Inventory
        >>> Inventory.of({("mug", "berlin"): 12, ("mug", "paris"): 3}).available("mug", "paris")
        3
        """
        if now is not None:
            _fields.check_aware("now", now)
        pool = self.pool(sku, now)
        return sum(pool.values()) if location is None else pool.get(location, 0)

    def on_hand(self, sku: str, location: str | None = None) -> int:
        """Units physically there, at one location or at all of them.

        >>> from fulfill_core import Inventory
        >>> Inventory.of({("mug", "berlin"): 12}).on_hand("mug")
        12
        """
        return sum(cell[1] for cell in self._cells(sku, location))

    def reserved(
        self, sku: str, location: str | None = None, *, now: datetime | None = None
    ) -> int:
        """Units set aside: the sum of the reservations, at one location or at all of them.

        Args:
            sku: the stock keeping unit.
            location: one location's id; None for the sum over all.
            now: reservations that have expired by then do not count; None counts them all.

        >>> from fulfill_core import Inventory
        >>> Inventory.of({("mug", "berlin"): 12}).reserved("mug")
        0
        """
        if now is not None:
            _fields.check_aware("now", now)
        expired = self._expired(sku, now)
        return sum(cell[3] - expired.get(cell[0], 0) for cell in self._cells(sku, location))

    def overdrawn(
        self, skus: Iterable[str] | None = None, *, now: datetime | None = None
    ) -> tuple[Overdraft, ...]:
        """Where more is reserved than is on hand, by SKU, in rank order: nothing moves by itself.

        Args:
            skus: the SKUs to look at; None walks the whole inventory.
            now: reservations that have expired by then do not count; None counts them all.

        >>> from fulfill_core import Inventory
        >>> mine = Reservation(order_id="A", line_id="1", sku="mug", location="x", quantity=3)
        >>> stock = Inventory.of({("mug", "x"): 5}).with_reserved(mine).with_counted("mug", "x", 2)
        >>> [(row.location, row.missing) for row in stock.overdrawn(["mug"])]
        [('x', 1)]
        """
        if now is not None:
            _fields.check_aware("now", now)
        if skus is None:
            some = [sku for sku, row in self._rows.items() if any(on[3] > on[1] for on in row)]
        else:
            wanted = _fields.to_frozenset(skus)
            _fields.check_words("skus", wanted)
            some = list(wanted)
        found: list[Overdraft] = []
        for sku in sorted(some):
            expired = self._expired(sku, now)
            for location, on_hand, _, held in self._rows.get(sku) or ():
                reserved = held - expired.get(location, 0)
                if reserved > on_hand:
                    found.append(
                        Overdraft(sku=sku, location=location, on_hand=on_hand, reserved=reserved)
                    )
        return tuple(found)

    def _cells(self, sku: str, location: str | None) -> tuple[Cell, ...]:
        row = self._rows.get(sku) or ()
        return row if location is None else tuple(cell for cell in row if cell[0] == location)

    def is_known(self, sku: str) -> bool:
        """Whether a stock row, an item or a supply names *sku*.

        >>> from fulfill_core import Inventory
        >>> Inventory.of({("mug", "berlin"): 0}).is_known("mug")
        True
        """
        return (
            self._rows.get(sku) is not None
            or sku in self._items
            or self._supplies.get(sku) is not None
        )

    def item(self, sku: str) -> Item:
        """What the host says about *sku*: tracked and not backorderable, unless it said so.

        >>> from fulfill_core import Inventory
        >>> Inventory().item("mug").backorderable
        False
        """
        return self._items.get(sku) or Item(sku=sku)

    def is_tracked(self, sku: str) -> bool:
        """Whether the stock of *sku* is counted: so it is unless its item says otherwise.

        >>> from fulfill_core import Inventory
        >>> Inventory(items=[Item(sku="gift-wrap", tracked=False)]).is_tracked("gift-wrap")
        False
        """
        item = self._items.get(sku)
        return item is None or item.tracked

    def is_backorderable(self, sku: str) -> bool:
        """Whether demand for *sku* may wait for more: not unless its item says so.

        >>> from fulfill_core import Inventory
        >>> Inventory(items=[Item(sku="mug", backorderable=True)]).is_backorderable("mug")
        True
        """
        item = self._items.get(sku)
        return item is not None and item.backorderable

    @property
    def locations(self) -> tuple[Location, ...]:
        """All locations, in the sequence of (rank, id)."""
        return tuple(self._locations.values())

    def location(self, location_id: str) -> Location:
        """The location of that id; a KeyError if there is none.

        >>> from fulfill_core import Inventory
        >>> Inventory.of({("mug", "berlin"): 12}).location("berlin").rank
        0
        """
        return self._locations[location_id]

    def supplies_of(self, sku: str) -> tuple[Supply, ...]:
        """The supplies of *sku*, the earliest first.

        >>> from fulfill_core import Inventory
        >>> Inventory().supplies_of("mug")
        ()
        """
        return self._supplies.get(sku) or ()

    def reservations_of(self, order_id: str) -> tuple[Reservation, ...]:
        """The reservations that the order holds, expired ones included.

        >>> from fulfill_core import Inventory
        >>> Inventory().reservations_of("A-1")
        ()
        """
        return tuple(to_reservations(order_id, self.batches_of(order_id)))

    def holding(self, orders: Iterable[Order]) -> list[Order]:
        """Those of the orders that hold reservations, expired ones included.

        >>> from fulfill_core import Inventory
        >>> Inventory().holding([])
        []
        """
        held = self._holds.getter()
        return [order for order in orders if held(order.id) is not None]

    def batches_of(self, order_id: str) -> tuple[Batch, ...]:
        """The same, as the plain tuples that they are kept as.

        >>> from fulfill_core import Inventory
        >>> Inventory().batches_of("A-1")
        ()
        """
        return self._holds.get(order_id) or ()

    def expiries_of(self, sku: str) -> tuple[datetime, ...]:
        """When reservations of *sku* expire, those that already have included.

        >>> from fulfill_core import Inventory
        >>> Inventory().expiries_of("mug")
        ()
        """
        return tuple(expires_at for expires_at, _, _ in self._timed.get(sku) or ())

    def stock(self) -> Iterator[Stock]:
        """Every stock row, by SKU: this walks the whole inventory.

        >>> from fulfill_core import Inventory
        >>> [row.on_hand for row in Inventory.of({("mug", "berlin"): 12}).stock()]
        [12]
        """
        for sku, row in sorted(self._rows.items()):
            for location, on_hand, safety, _ in row:
                yield Stock(sku=sku, location=location, on_hand=on_hand, safety=safety)

    def reservations(self) -> Iterator[Reservation]:
        """Every reservation, by order: this walks all of them.

        >>> from fulfill_core import Inventory
        >>> list(Inventory.of({("mug", "berlin"): 12}).reservations())
        []
        """
        for order_id, batches in sorted(self._holds.items(), key=lambda held: held[0]):
            yield from to_reservations(order_id, batches)

    def supplies(self) -> Iterator[Supply]:
        """Every supply, by SKU, the earliest first.

        >>> from fulfill_core import Inventory
        >>> list(Inventory().supplies())
        []
        """
        for _, coming in sorted(self._supplies.items()):
            yield from coming

    def items(self) -> Iterator[Item]:
        """Every item that the host described, by SKU.

        >>> from fulfill_core import Inventory
        >>> [item.sku for item in Inventory(items=[Item(sku="mug")]).items()]
        ['mug']
        """
        for sku in sorted(self._items):
            yield self._items[sku]

    # -- Value ---------------------------------------------------------------------------------

    def _same_holds(self, other: Snapshot) -> bool:
        """Whether every order holds the same reservations, however they are batched."""
        if self._holds == other._holds:
            return True
        return Counter(self.reservations()) == Counter(other.reservations())

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Snapshot):
            return NotImplemented
        return (
            self._rows == other._rows
            and self._items == other._items
            and self._supplies == other._supplies
            and self._locations == other._locations
            and self._same_holds(other)
        )

    def __hash__(self) -> int:
        return hash((self._rows, frozenset(Counter(self.reservations()).items())))

    def __repr__(self) -> str:
        skus = sum(1 for _ in self._rows.items())
        orders = sum(1 for _ in self._holds.items())
        return f"<Inventory of {skus} SKUs, with reservations of {orders} orders>"
