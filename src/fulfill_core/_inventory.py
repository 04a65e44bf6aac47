"""The stock at one moment: what lies where, for whom it is set aside, and what is to come.

An `Inventory` is an immutable snapshot. Every change returns a new one, which shares with the old
all that did not change. Two rules hold by construction: what is reserved is the sum of the
reservations (all changes of reservations pass through `_with_holds`), and there is one function
that says what is available (`pool`): the allocator asks the same one that a shop window asks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import chain

import attrs

from fulfill_core import _fields
from fulfill_core._holds import (
    Batch,
    Entry,
    Moved,
    Timed,
    Withdrawal,
    withdrawal,
    without,
)
from fulfill_core._overlay import Overlay
from fulfill_core._snapshot import Cell, Snapshot
from fulfill_core._stock import Item, Location, Reservation, Stock, Supply, by_sku, in_rank
from fulfill_core.exceptions import StockError

_PAIR = 2


@attrs.frozen(init=False, eq=False, repr=False, weakref_slot=False)
class Inventory(Snapshot):
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
        places = in_rank(places.values())
        self._fill(
            rows=Overlay({sku: _sorted(row, places) for sku, row in cells.items()}),
            holds=Overlay[str, tuple[Batch, ...]]({}),
            timed=Overlay[str, tuple[Timed, ...]]({}),
            items={item.sku: item for item in items},
            supplies=Overlay(by_sku(supplies)),
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
        stock: list[Stock] = []
        for where, units in on_hand.items():
            _fields.check_rows("Inventory.of", (where,), _PAIR)
            stock.append(Stock(sku=where[0], location=where[1], on_hand=units))
        return cls(stock=stock)

    # -- Changes: each returns a new inventory -----------------------------------------------

    def with_received(
        self, sku: str, location: str, quantity: int, *, supply_id: str = ""
    ) -> Inventory:
        """The inventory after *quantity* units came in.

        Args:
            sku: what came in.
            location: where it lies now.
            quantity: how many stock units, 1 or more.
            supply_id: the supply that they belong to, if it was announced: it still brings so many
                less, and is gone when it has brought all.

        Raises:
            InvalidValueError: there is no such supply of this SKU.

        >>> Inventory.of({("mug", "berlin"): 12}).with_received("mug", "berlin", 8).on_hand("mug")
        20
        """
        _fields.check_int("quantity", quantity, at_least=1)
        received = self._with_on_hand(sku, location, self.on_hand(sku, location) + quantity)
        if not supply_id:
            return received
        coming = self.supplies_of(sku)
        if all(supply.id != supply_id for supply in coming):
            known = ", ".join(supply.id for supply in coming) or "none"
            raise _fields.refuse(
                "supply_id", supply_id, f"is no supply of {sku!r}; these are: {known}"
            )
        left = tuple(
            attrs.evolve(supply, quantity=supply.quantity - quantity)
            if supply.id == supply_id
            else supply
            for supply in coming
            if supply.id != supply_id or supply.quantity > quantity
        )
        return received._with(supplies=self._supplies.with_changes({sku: left or None}))

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
            places = in_rank((*places.values(), Location(id=location)))
        row = self._rows.get(sku) or ()
        rest = [cell for cell in row if cell[0] != location]
        _, _, safety, reserved = next(iter(self._cells(sku, location)), (location, 0, 0, 0))
        rest.append((location, on_hand, safety, reserved))
        rows = self._rows.with_changes({sku: _sorted(rest, places)})
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
        return self._with_holds({order_id: None}) if self.batches_of(order_id) else self

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
        return self._with_holds(
            {
                order_id: without(order_id, self.batches_of(order_id), gone) or None
                for order_id, gone in unwanted.items()
            }
        )

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
        taken = self._withdrawal(order_id, line_id, quantity, location, "release")
        return self._with_holds({order_id: taken.left or None})

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
        taken = self._withdrawal(order_id, line_id, quantity, location, "ship")
        changed = self._with_holds({order_id: taken.left or None})
        for sku, units in taken.units.items():
            changed = changed._with_on_hand(sku, location, changed.on_hand(sku, location) - units)
        return changed

    def _withdrawal(
        self, order_id: str, line_id: str, quantity: int, location: str | None, verb: str
    ) -> Withdrawal:
        """Take *quantity* units out of what a line holds, the lowest-ranked location first."""
        _fields.check_int("quantity", quantity, at_least=1)
        batches = self.batches_of(order_id)
        taken = withdrawal(batches, line_id, quantity, location, self._locations)
        if taken.missing:
            place = "" if location is None else f" at {location!r}"
            held = quantity - taken.missing
            raise StockError(
                order_id, line_id, f"cannot {verb} {quantity} units: {held} are reserved{place}"
            )
        return taken

    def _with_holds(self, holds: Mapping[str, tuple[Batch, ...] | None]) -> Inventory:
        """The inventory in which these orders hold these batches (None: nothing), as of now.

        The one place where reservations change: what is reserved per SKU and location is moved by
        exactly the difference.
        """
        moved: Moved = {}
        timed: dict[str, Counter[Timed]] = {}
        before = self._holds.get
        old = [batches for order_id in holds if (batches := before(order_id)) is not None]
        new = [batches for batches in holds.values() if batches is not None]
        self._move(moved, timed, chain.from_iterable(old), -1)
        self._move(moved, timed, chain.from_iterable(new), 1)
        rows = {
            sku: tuple(
                [
                    (location, on_hand, safety, reserved + places.get(location, 0))
                    for location, on_hand, safety, reserved in self._rows.get(sku) or ()
                ]
            )
            for sku, places in moved.items()
        }
        return self._with(
            rows=self._rows.with_changes(rows),
            holds=self._holds.with_changes(holds),
            timed=self._timed.with_changes(
                {sku: tuple(sorted(known.elements())) or None for sku, known in timed.items()}
            ),
        )

    def _move(
        self,
        moved: Moved,
        timed: dict[str, Counter[Timed]],
        batches: Iterable[Batch],
        sign: int,
    ) -> None:
        """Add what these batches reserve to what is moved, or (sign -1) take it away."""
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


_FIELDS = tuple(field.name for field in attrs.fields(Inventory))


def _sorted(cells: Iterable[Cell], places: Mapping[str, Location]) -> tuple[Cell, ...]:
    return tuple(sorted(cells, key=lambda cell: (places[cell[0]].rank, cell[0])))
