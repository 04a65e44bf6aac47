"""The content of an inventory, and what can be looked up in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import TypeAlias

import attrs

from fulfill_core import _checks
from fulfill_core.inventory.overlay import Overlay
from fulfill_core.inventory.reservations import Batch, Timed, to_reservations
from fulfill_core.inventory.stock import Item, Location, Lot, Reservation, Stock, Supply
from fulfill_core.orders.order import Order

# The inner records are plain tuples of atoms: small, quick to make, and the garbage collector
# does not have to follow them.
Cell: TypeAlias = tuple[str, int, int, int]
"""A location's id, on hand, safety, reserved."""
LotCell: TypeAlias = tuple[str, str, int, int, datetime | None, datetime | None, bool]
"""A location's id, the lot's id, its quantity, how many of them are reserved, when it expires, when
it was received, whether it is quarantined."""
Loads: TypeAlias = Overlay[tuple[str, date], int]
"""How many orders have reservations that were made at a location on a day of its own; only for
locations that have a capacity."""

Parts: TypeAlias = tuple[tuple[str, int], ...]
"""What a kit is made of: pairs of a SKU and its units in one kit."""

# No reservation of the SKU has expired.
_NOTHING: Mapping[str, int] = {}


@attrs.frozen(init=False, eq=False, repr=False, weakref_slot=False)
class Snapshot:
    """The content of an inventory, and the questions to it."""

    _rows: Overlay[str, tuple[Cell, ...]]
    _holds: Overlay[str, tuple[Batch, ...]]
    _timed: Overlay[str, tuple[Timed, ...]]
    _lots: Overlay[str, tuple[LotCell, ...]]  # by SKU, in the sequence of (location, lot)
    _loads: Loads
    _limited: frozenset[str]  # the locations that have a capacity
    _items: Mapping[str, Item]
    _supplies: Overlay[str, tuple[Supply, ...]]
    _locations: Mapping[str, Location]  # in the sequence of (rank, id)

    # -- Questions ---------------------------------------------------------------------------

    def _expired(self, sku: str, now: datetime | None) -> Mapping[str, int]:
        """The units, by location, of reservations of *sku* that have expired by *now*."""
        timed = self._timed.get(sku)
        if timed is None or now is None:
            return _NOTHING
        units: Counter[str] = Counter()
        for expires_at, location, quantity, _ in timed:
            if expires_at <= now:
                units[location] += quantity
        return units

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
            _checks.check_aware("now", now)
        expired = self._expired(sku, now)
        return sum(cell[3] - expired.get(cell[0], 0) for cell in self._cells(sku, location))

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

        A kit of which no component is tracked is not tracked either.

        >>> from fulfill_core import Inventory
        >>> Inventory(items=[Item(sku="gift-wrap", tracked=False)]).is_tracked("gift-wrap")
        False
        """
        item = self._items.get(sku)
        if item is None:
            return True
        return bool(self.components_of(sku)) if item.is_kit else item.tracked

    def components_of(self, sku: str) -> Parts:
        """What a kit is made of in the end, kits in kits taken apart; empty for what is no kit.

        Pairs of a SKU and its units in one kit, by SKU. Components that are not tracked are left
        out: they are always there.

        >>> from fulfill_core import Component, Inventory
        >>> pair = Item(sku="pair", components=[Component(sku="cup", quantity=2)])
        >>> box = Item(sku="box", components=[Component(sku="pair", quantity=3)])
        >>> Inventory(items=[pair, box]).components_of("box")
        (('cup', 6),)
        """
        item = self._items.get(sku)
        if item is None or not item.components:
            return ()
        units: Counter[str] = Counter()
        level = {sku: 1}
        while level:  # kits may be nested deeply, and have kits in common
            inside: Counter[str] = Counter()
            for name, each in level.items():
                inner = self._items.get(name)
                if inner is not None and inner.components:
                    for part in inner.components:
                        inside[part.sku] += each * part.quantity
                elif inner is None or inner.tracked:
                    units[name] += each
            level = dict(inside)
        return tuple(sorted(units.items()))

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

    def lots_of(self, sku: str) -> dict[str, tuple[Lot, ...]]:
        """The lots of *sku*, by location.

        >>> from fulfill_core import Inventory
        >>> Inventory.of({("mug", "berlin"): 12}).lots_of("mug")
        {}
        """
        found: dict[str, tuple[Lot, ...]] = {}
        for location, lot_id, quantity, _, expires_at, received_at, quarantined in (
            self._lots.get(sku) or ()
        ):
            lot = Lot(
                id=lot_id,
                quantity=quantity,
                expires_at=expires_at,
                received_at=received_at,
                quarantined=quarantined,
            )
            found[location] = (*found.get(location, ()), lot)
        return found

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
        return tuple(expires_at for expires_at, _, _, _ in self._timed.get(sku) or ())

    def stock(self) -> Iterator[Stock]:
        """Every stock row, by SKU: this walks the whole inventory.

        >>> from fulfill_core import Inventory
        >>> [row.on_hand for row in Inventory.of({("mug", "berlin"): 12}).stock()]
        [12]
        """
        for sku, row in sorted(self._rows.items()):
            lots = self.lots_of(sku)
            for location, on_hand, safety, _ in row:
                yield Stock(
                    sku=sku,
                    location=location,
                    on_hand=on_hand,
                    safety=safety,
                    lots=lots.get(location, ()),
                )

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
            and self._lots == other._lots
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
