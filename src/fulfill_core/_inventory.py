"""The stock at one moment: what lies where, for whom it is set aside, and what is to come.

An `Inventory` is an immutable snapshot. Every change returns a new one, which shares with the old
all that did not change. Two rules hold by construction: what is reserved is the sum of the
reservations (all changes of reservations pass through `_with_holds`), and there is one function
that says what is available (`pool`): the allocator asks the same one that a shop window asks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import TypeAlias

import attrs

from fulfill_core import _fields
from fulfill_core._overlay import Overlay
from fulfill_core._stock import Item, Location, Reservation, Stock, Supply
from fulfill_core.exceptions import StockError

# The inner records are plain tuples of atoms: small, quick to make, and the garbage collector
# does not have to follow them.
Cell: TypeAlias = tuple[str, int, int, int]
"""A location's id, on hand, safety, reserved."""
Entry: TypeAlias = tuple[str, str, str, int, str]
"""Line id, SKU, location id, quantity, lot: an allocation, and a reservation once it is held."""
Batch: TypeAlias = tuple[datetime | None, datetime | None, tuple[Entry, ...]]
"""When it was made, when it expires, and the entries: what one run reserved for one order."""
Timed: TypeAlias = tuple[datetime, str, int]
"""When it expires, location id, quantity."""

_NOTHING: Mapping[str, int] = {}


@attrs.frozen(init=False, eq=False, repr=False, weakref_slot=False)
class Inventory:
    """An immutable snapshot of the stock.

    Args:
        stock: `Stock` rows, one per SKU and location.
        supplies: `Supply` values with distinct ids.
        items: `Item` values, at most one per SKU.
        locations: `Location` values. One that only a stock row names has rank 0.
        reservations: `Reservation` values for SKUs and locations that have a stock row.

    Raises:
        InvalidValueError: a member of the wrong type, a repeated row, item, supply or location, a
            reservation without a stock row; by position.

    Two inventories are equal when their content is, however it was arrived at.

    >>> inventory = Inventory(
    ...     stock=[Stock(sku="mug", location="berlin", on_hand=12, safety=2)],
    ...     items=[Item(sku="mug", backorderable=True)],
    ... )
    >>> inventory.available("mug")
    10
    """

    _rows: Overlay[str, tuple[Cell, ...]]
    _holds: Overlay[str, tuple[Batch, ...]]
    _timed: Overlay[str, tuple[Timed, ...]]
    _items: Mapping[str, Item]
    _supplies: Mapping[str, tuple[Supply, ...]]
    _locations: Mapping[str, Location]  # in the sequence of (rank, id)

    def __init__(
        self,
        stock: Iterable[Stock] = (),
        supplies: Iterable[Supply] = (),
        items: Iterable[Item] = (),
        locations: Iterable[Location] = (),
        reservations: Iterable[Reservation] = (),
    ) -> None:
        stock = _fields.to_tuple(stock)
        supplies = _fields.to_tuple(supplies)
        items = _fields.to_tuple(items)
        locations = _fields.to_tuple(locations)
        reservations = _fields.to_tuple(reservations)
        _fields.check_members("Inventory.stock", stock, Stock)
        _fields.check_members("Inventory.supplies", supplies, Supply)
        _fields.check_members("Inventory.items", items, Item)
        _fields.check_members("Inventory.locations", locations, Location)
        _fields.check_members("Inventory.reservations", reservations, Reservation)
        _fields.check_unique("Inventory.supplies", (supply.id for supply in supplies), "supply")
        _fields.check_unique("Inventory.items", (item.sku for item in items), "SKU")
        _fields.check_unique("Inventory.locations", (place.id for place in locations), "location")
        places = {row.location: Location(id=row.location) for row in stock}
        places.update((place.id, place) for place in locations)
        cells: dict[str, list[Cell]] = {}
        seen: set[tuple[str, str]] = set()
        for position, row in enumerate(stock):
            where = row.sku, row.location
            if where in seen:
                raise _fields.refuse(
                    f"Inventory.stock[{position}]", row, "is a second row for its SKU and location"
                )
            seen.add(where)
            cells.setdefault(row.sku, []).append((row.location, row.on_hand, row.safety, 0))
        for position, held in enumerate(reservations):
            if (held.sku, held.location) not in seen:
                raise _fields.refuse(
                    f"Inventory.reservations[{position}]",
                    held,
                    "is for a SKU and location without a stock row; add one, with on_hand=0 if"
                    " nothing is there",
                )
        places = _ranked(places.values())
        self._fill(
            rows=Overlay({sku: _in_rank(row, places) for sku, row in cells.items()}),
            holds=Overlay[str, tuple[Batch, ...]]({}),
            timed=Overlay[str, tuple[Timed, ...]]({}),
            items={item.sku: item for item in items},
            supplies=_by_sku(supplies),
            locations=places,
        )
        filled = self.with_reserved(*reservations)
        self._fill(rows=filled._rows, holds=filled._holds, timed=filled._timed)

    def _fill(self, **fields: object) -> None:
        for name, content in fields.items():
            _fields.set_field(self, f"_{name}", content)

    def _with(self, **fields: object) -> Inventory:
        """A copy with these inner fields in place of its own; nothing is checked again."""
        copy = object.__new__(Inventory)
        for name in _FIELDS:
            _fields.set_field(copy, name, getattr(self, name))
        copy._fill(**fields)
        return copy

    @classmethod
    def of(cls, on_hand: Mapping[tuple[str, str], int]) -> Inventory:
        """The short form: units on hand by SKU and location.

        >>> Inventory.of({("mug", "berlin"): 12, ("mug", "paris"): 3}).available("mug")
        15
        """
        return cls(
            stock=[
                Stock(sku=sku, location=location, on_hand=units)
                for (sku, location), units in on_hand.items()
            ]
        )

    # -- Questions ---------------------------------------------------------------------------

    def pool(self, sku: str, now: datetime | None = None) -> dict[str, int]:
        """What is available of *sku*, by location, in rank order: the one availability function.

        Locations where nothing is available are left out. Each location counts for itself: one
        that is overdrawn takes nothing from the others.

        Args:
            sku: the stock keeping unit; an unknown one has an empty pool.
            now: reservations that have expired by then do not count; None counts them all.

        >>> Inventory.of({("mug", "berlin"): -2, ("mug", "paris"): 3}).pool("mug")
        {'paris': 3}
        """
        expired = self._expired(sku, now)
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

        >>> Inventory.of({("mug", "berlin"): 12, ("mug", "paris"): 3}).available("mug", "paris")
        3
        """
        pool = self.pool(sku, now)
        return sum(pool.values()) if location is None else pool.get(location, 0)

    def on_hand(self, sku: str, location: str | None = None) -> int:
        """Units physically there, at one location or at all of them.

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

        >>> Inventory.of({("mug", "berlin"): 12}).reserved("mug")
        0
        """
        expired = self._expired(sku, now)
        return sum(cell[3] - expired.get(cell[0], 0) for cell in self._cells(sku, location))

    def _cells(self, sku: str, location: str | None) -> tuple[Cell, ...]:
        row = self._rows.get(sku) or ()
        return row if location is None else tuple(cell for cell in row if cell[0] == location)

    def is_known(self, sku: str) -> bool:
        """Whether a stock row, an item or a supply names *sku*.

        >>> Inventory.of({("mug", "berlin"): 0}).is_known("mug")
        True
        """
        return self._rows.get(sku) is not None or sku in self._items or sku in self._supplies

    def item(self, sku: str) -> Item:
        """What the host says about *sku*: tracked and not backorderable, unless it said so.

        >>> Inventory().item("mug").backorderable
        False
        """
        return self._items.get(sku) or Item(sku=sku)

    @property
    def locations(self) -> tuple[Location, ...]:
        """All locations, in the sequence of (rank, id)."""
        return tuple(self._locations.values())

    def location(self, location_id: str) -> Location:
        """The location of that id; a KeyError if there is none.

        >>> Inventory.of({("mug", "berlin"): 12}).location("berlin").rank
        0
        """
        return self._locations[location_id]

    def supplies_of(self, sku: str) -> tuple[Supply, ...]:
        """The supplies of *sku*, the earliest first.

        >>> Inventory().supplies_of("mug")
        ()
        """
        return self._supplies.get(sku, ())

    def reservations_of(self, order_id: str) -> tuple[Reservation, ...]:
        """The reservations that the order holds, expired ones included.

        >>> Inventory().reservations_of("A-1")
        ()
        """
        return tuple(to_reservations(order_id, self.batches_of(order_id)))

    def batches_of(self, order_id: str) -> tuple[Batch, ...]:
        """The same, as the plain tuples that they are kept as.

        >>> Inventory().batches_of("A-1")
        ()
        """
        return self._holds.get(order_id) or ()

    def expiries_of(self, sku: str) -> tuple[datetime, ...]:
        """When reservations of *sku* expire, those that already have included.

        >>> Inventory().expiries_of("mug")
        ()
        """
        return tuple(expires_at for expires_at, _, _ in self._timed.get(sku) or ())

    def stock(self) -> Iterator[Stock]:
        """Every stock row, by SKU: this walks the whole inventory.

        >>> [row.on_hand for row in Inventory.of({("mug", "berlin"): 12}).stock()]
        [12]
        """
        for sku, row in sorted(self._rows.items()):
            for location, on_hand, safety, _ in row:
                yield Stock(sku=sku, location=location, on_hand=on_hand, safety=safety)

    def reservations(self) -> Iterator[Reservation]:
        """Every reservation, by order: this walks all of them.

        >>> list(Inventory.of({("mug", "berlin"): 12}).reservations())
        []
        """
        for order_id, batches in sorted(self._holds.items(), key=lambda held: held[0]):
            yield from to_reservations(order_id, batches)

    def supplies(self) -> Iterator[Supply]:
        """Every supply, by SKU, the earliest first.

        >>> list(Inventory().supplies())
        []
        """
        for sku in sorted(self._supplies):
            yield from self._supplies[sku]

    def items(self) -> Iterator[Item]:
        """Every item that the host described, by SKU.

        >>> [item.sku for item in Inventory(items=[Item(sku="mug")]).items()]
        ['mug']
        """
        for sku in sorted(self._items):
            yield self._items[sku]

    # -- Changes: each returns a new inventory -----------------------------------------------

    def with_received(self, sku: str, location: str, quantity: int) -> Inventory:
        """The inventory after *quantity* units came in.

        >>> Inventory.of({("mug", "berlin"): 12}).with_received("mug", "berlin", 8).on_hand("mug")
        20
        """
        _fields.check_int("quantity", quantity, at_least=1)
        return self._with_on_hand(sku, location, self.on_hand(sku, location) + quantity)

    def with_counted(self, sku: str, location: str, on_hand: int) -> Inventory:
        """The inventory after a count found *on_hand* units, 0 or more, whatever was reserved.

        >>> Inventory.of({("mug", "berlin"): 12}).with_counted("mug", "berlin", 9).on_hand("mug")
        9
        """
        _fields.check_int("on_hand", on_hand, at_least=0)
        return self._with_on_hand(sku, location, on_hand)

    def _with_on_hand(self, sku: str, location: str, on_hand: int) -> Inventory:
        _fields.check_id("sku", sku)
        _fields.check_id("location", location)
        places = self._locations
        if location not in places:
            places = _ranked((*places.values(), Location(id=location)))
        row = self._rows.get(sku) or ()
        rest = [cell for cell in row if cell[0] != location]
        _, _, safety, reserved = next(iter(self._cells(sku, location)), (location, 0, 0, 0))
        rest.append((location, on_hand, safety, reserved))
        rows = self._rows.with_changes({sku: _in_rank(rest, places)})
        return self._with(rows=rows, locations=places)

    def with_reserved(self, *reservations: Reservation) -> Inventory:
        """The inventory with these reservations held as well.

        It records what the host decided; it does not ask whether there is enough.

        Raises:
            InvalidValueError: one is for a SKU and location without a stock row.

        >>> mine = Reservation(order_id="A", line_id="1", sku="mug", location="x", quantity=2)
        >>> Inventory.of({("mug", "x"): 12}).with_reserved(mine).available("mug")
        10
        """
        _fields.check_members("reservations", reservations, Reservation)
        added: dict[str, dict[tuple[datetime | None, datetime | None], list[Entry]]] = {}
        for position, held in enumerate(reservations):
            if not self._cells(held.sku, held.location):
                raise _fields.refuse(
                    f"reservations[{position}]",
                    held,
                    "is for a SKU and location without a stock row; receive or count it first",
                )
            batches = added.setdefault(held.order_id, {})
            entries = batches.setdefault((held.made_at, held.expires_at), [])
            entries.append((held.line_id, held.sku, held.location, held.quantity, held.lot))
        return self._with_holds(
            {
                order_id: (
                    *self.batches_of(order_id),
                    *((*times, tuple(entries)) for times, entries in batches.items()),
                )
                for order_id, batches in added.items()
            }
        )

    def with_batches(self, made_at: datetime, added: Mapping[str, tuple[Entry, ...]]) -> Inventory:
        """The inventory with these entries held as well, by order: what a run reserved.

        The entries are the allocator's own and are not checked again.

        >>> stock = Inventory.of({("mug", "x"): 12})
        >>> stock.with_batches(None, {"A": (("1", "mug", "x", 2, ""),)}).available("mug")
        10
        """
        held = self._holds.get
        return self._with_holds(
            {
                order_id: (*(held(order_id) or ()), (made_at, None, entries))
                for order_id, entries in added.items()
            }
        )

    def without_reservations_of(self, order_id: str) -> Inventory:
        """The inventory with all units of the order released. Twice is once.

        >>> mine = Reservation(order_id="A", line_id="1", sku="mug", location="x", quantity=2)
        >>> held = Inventory.of({("mug", "x"): 12}).with_reserved(mine)
        >>> held.without_reservations_of("A").available("mug")
        12
        """
        return self._with_holds({order_id: ()}) if self.batches_of(order_id) else self

    def without_reservations(self, reservations: Iterable[Reservation]) -> Inventory:
        """The inventory without these reservations, such as all that one run made.

        One that it does not hold (any more) changes nothing, so twice is once.

        >>> mine = Reservation(order_id="A", line_id="1", sku="mug", location="x", quantity=2)
        >>> held = Inventory.of({("mug", "x"): 12}).with_reserved(mine)
        >>> held.without_reservations([mine]).without_reservations([mine]).available("mug")
        12
        """
        unwanted: dict[str, Counter[Reservation]] = {}
        for reservation in reservations:
            unwanted.setdefault(reservation.order_id, Counter())[reservation] += 1
        holds: dict[str, tuple[Batch, ...]] = {}
        for order_id, gone in unwanted.items():
            kept: list[Batch] = []
            for made_at, expires_at, entries in self.batches_of(order_id):
                left: list[Entry] = []
                for entry in entries:
                    held = _reservation(order_id, made_at, expires_at, entry)
                    if gone[held] > 0:
                        gone[held] -= 1
                    else:
                        left.append(entry)
                if left:
                    kept.append((made_at, expires_at, tuple(left)))
            holds[order_id] = tuple(kept)
        return self._with_holds(holds)

    def with_released(
        self, order_id: str, line_id: str, quantity: int, *, location: str | None = None
    ) -> Inventory:
        """The inventory after *quantity* units of an order's line were released.

        Units at the lowest-ranked location are given up first.

        Args:
            order_id: whose units.
            line_id: of which line.
            quantity: how many, 1 or more.
            location: only from there; None for anywhere.

        Raises:
            StockError: so many are not reserved. What was never reserved can't be released.

        >>> mine = Reservation(order_id="A", line_id="1", sku="mug", location="x", quantity=2)
        >>> held = Inventory.of({("mug", "x"): 12}).with_reserved(mine)
        >>> held.with_released("A", "1", 1).available("mug")
        11
        """
        holds, _ = self._withdrawn(order_id, line_id, quantity, location, "release")
        return self._with_holds(holds)

    def with_shipped(
        self, order_id: str, line_id: str, quantity: int, *, location: str
    ) -> Inventory:
        """The inventory after *quantity* reserved units left the house from *location*.

        On hand and reserved go down together, so what is available stays as it was.

        Args:
            order_id: whose units.
            line_id: of which line.
            quantity: how many, 1 or more.
            location: where they left.

        Raises:
            StockError: so many are not reserved for the line at that location. Units that are
                reserved elsewhere don't count: release those, reserve here, then ship.

        >>> mine = Reservation(order_id="A", line_id="1", sku="mug", location="x", quantity=2)
        >>> held = Inventory.of({("mug", "x"): 12}).with_reserved(mine)
        >>> shipped = held.with_shipped("A", "1", 2, location="x")
        >>> shipped.on_hand("mug"), shipped.reserved("mug"), shipped.available("mug")
        (10, 0, 10)
        """
        holds, skus = self._withdrawn(order_id, line_id, quantity, location, "ship")
        changed = self._with_holds(holds)
        for sku, units in skus.items():
            changed = changed._with_on_hand(
                sku, location, changed.on_hand(sku, location) - units
            )
        return changed

    def _withdrawn(
        self, order_id: str, line_id: str, quantity: int, location: str | None, verb: str
    ) -> tuple[dict[str, tuple[Batch, ...]], Counter[str]]:
        """The order's batches with *quantity* units of a line taken out, and those units by SKU."""
        _fields.check_int("quantity", quantity, at_least=1)
        batches = self.batches_of(order_id)
        position = {place: rank for rank, place in enumerate(self._locations)}
        mine = [
            (position[entry[2]], which, index)
            for which, (_, _, entries) in enumerate(batches)
            for index, entry in enumerate(entries)
            if entry[0] == line_id and location in (None, entry[2])
        ]
        held = sum(batches[which][2][index][3] for _, which, index in mine)
        if held < quantity:
            place = "" if location is None else f" at {location!r}"
            raise StockError(
                order_id, line_id, f"cannot {verb} {quantity} units: {held} are reserved{place}"
            )
        changed = [list(entries) for _, _, entries in batches]
        skus: Counter[str] = Counter()
        for _, which, index in sorted(mine, reverse=True):
            line, sku, place, units, lot = changed[which][index]
            taken = min(units, quantity)
            changed[which][index] = (line, sku, place, units - taken, lot)
            skus[sku] += taken
            quantity -= taken
        after: list[Batch] = []
        for (made_at, expires_at, _), entries in zip(batches, changed, strict=True):
            left = tuple(entry for entry in entries if entry[3])
            if left:
                after.append((made_at, expires_at, left))
        return {order_id: tuple(after)}, skus

    def _with_holds(self, holds: Mapping[str, tuple[Batch, ...]]) -> Inventory:
        """The inventory in which these orders hold these batches, in place of what they held.

        The one place where reservations change: what is reserved per SKU and location is moved by
        exactly the difference.
        """
        moved: dict[str, dict[str, int]] = {}
        timed: dict[str, Counter[Timed]] = {}
        kept: dict[str, tuple[Batch, ...] | None] = {}
        held = self._holds.get
        for order_id, batches in holds.items():
            self._move(moved, timed, held(order_id) or (), -1)
            self._move(moved, timed, batches, 1)
            kept[order_id] = batches or None
        rows = {
            sku: tuple(
                (location, on_hand, safety, reserved + places.get(location, 0))
                for location, on_hand, safety, reserved in self._rows.get(sku) or ()
            )
            for sku, places in moved.items()
        }
        return self._with(
            rows=self._rows.with_changes(rows),
            holds=self._holds.with_changes(kept),
            timed=self._timed.with_changes(
                {sku: tuple(sorted(known.elements())) or None for sku, known in timed.items()}
            ),
        )

    def _move(
        self,
        moved: dict[str, dict[str, int]],
        timed: dict[str, Counter[Timed]],
        batches: tuple[Batch, ...],
        sign: int,
    ) -> None:
        """Add what these batches reserve to what has been moved, or (sign -1) take it away."""
        for _, expires_at, entries in batches:
            for _, sku, location, quantity, _ in entries:
                places = moved.get(sku)
                if places is None:
                    places = moved[sku] = {}
                places[location] = places.get(location, 0) + sign * quantity
                if expires_at is not None:
                    known = timed.get(sku)
                    if known is None:
                        known = timed[sku] = Counter(self._timed.get(sku) or ())
                    known[expires_at, location, quantity] += sign

    # -- Value ---------------------------------------------------------------------------------

    def _same_holds(self, other: Inventory) -> bool:
        """Whether every order holds the same reservations, however they are batched."""
        if self._holds == other._holds:
            return True
        return Counter(self.reservations()) == Counter(other.reservations())

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Inventory):
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


_FIELDS = tuple(field.name for field in attrs.fields(Inventory))


def _ranked(places: Iterable[Location]) -> dict[str, Location]:
    """The locations by id, in the sequence in which they are asked."""
    return {place.id: place for place in sorted(places, key=lambda at: (at.rank, at.id))}


def _in_rank(cells: Iterable[Cell], places: Mapping[str, Location]) -> tuple[Cell, ...]:
    return tuple(sorted(cells, key=lambda cell: (places[cell[0]].rank, cell[0])))


def _by_sku(supplies: Iterable[Supply]) -> dict[str, tuple[Supply, ...]]:
    grouped: dict[str, list[Supply]] = {}
    for supply in sorted(supplies, key=lambda coming: (coming.expected_at, coming.id)):
        grouped.setdefault(supply.sku, []).append(supply)
    return {sku: tuple(coming) for sku, coming in grouped.items()}


_new_reservation = _fields.unchecked(Reservation)


def _reservation(
    order_id: str, made_at: datetime | None, expires_at: datetime | None, entry: Entry
) -> Reservation:
    line_id, sku, location, quantity, lot = entry
    return _new_reservation(order_id, line_id, sku, location, quantity, made_at, expires_at, lot)


def to_reservations(order_id: str, batches: Iterable[Batch]) -> Iterator[Reservation]:
    """The entries of *batches* as the values that hosts see."""
    for made_at, expires_at, entries in batches:
        for entry in entries:
            yield _reservation(order_id, made_at, expires_at, entry)
