"""What changes the units on hand, whoever they are for: receipts, counts, transfers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Self

import attrs

from fulfill_core import _fields
from fulfill_core._availability import Availability
from fulfill_core._snapshot import Cell, Snapshot
from fulfill_core._stock import Location, in_rank
from fulfill_core.exceptions import StockError


@attrs.frozen(init=False, eq=False, repr=False, weakref_slot=False)
class OnHand(Availability):
    """A snapshot that can also say what it would be like with other units on hand."""

    def _fill(self, **fields: object) -> None:
        for name, content in fields.items():
            _fields.set_field(self, f"_{name}", content)

    def _with(self, **fields: object) -> Self:
        """A copy with these inner fields in place of its own; nothing is checked again."""
        copy = object.__new__(type(self))
        for name in _FIELDS:
            _fields.set_field(copy, name, getattr(self, name))
        copy._fill(**fields)
        return copy

    def with_received(self, sku: str, location: str, quantity: int, *, supply_id: str = "") -> Self:
        """The inventory after *quantity* units came in.

        Args:
            sku: what came in.
            location: where it lies now.
            quantity: how many stock units, 1 or more.
            supply_id: the supply that they belong to, if it was announced: it still brings so many
                less, and is gone when it has brought all.

        Raises:
            InvalidValueError: there is no such supply of this SKU.

        >>> from fulfill_core import Inventory
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

    def with_counted(self, sku: str, location: str, on_hand: int) -> Self:
        """The inventory after a count found *on_hand* units, 0 or more, whatever was reserved.

        No reservation moves by itself: `overdrawn` says where too many are reserved now.

        >>> from fulfill_core import Inventory
        >>> Inventory.of({("mug", "berlin"): 12}).with_counted("mug", "berlin", 9).on_hand("mug")
        9
        """
        _fields.check_int("on_hand", on_hand, at_least=0)
        return self._with_on_hand(sku, location, on_hand)

    def with_transferred(
        self,
        sku: str,
        quantity: int,
        *,
        source: str,
        target: str,
        now: datetime | None = None,
    ) -> Self:
        """The inventory after *quantity* free units were brought from one location to another.

        In one step: both change or none does, and there are as many in all as before. Only what is
        available may go. Units that are reserved move with their reservation
        (`with_reservation_moved`), and safety stock is the location's own.

        Args:
            sku: what.
            quantity: how many stock units, 1 or more.
            source: where they were.
            target: where they are now; a SKU that it never had gets a stock row there.
            now: reservations that have expired by then do not count; None counts them all.

        Raises:
            StockError: so many are not available at the source.

        >>> from fulfill_core import Inventory
        >>> stock = Inventory.of({("mug", "berlin"): 12, ("mug", "paris"): 3})
        >>> stock.with_transferred("mug", 5, source="berlin", target="paris").pool("mug")
        {'berlin': 7, 'paris': 8}
        """
        _fields.check_int("quantity", quantity, at_least=1)
        if now is not None:
            _fields.check_aware("now", now)
        check_route(source, target)
        free = self.pool(sku, now).get(source, 0)
        if free < quantity:
            shown = _fields.shown
            raise StockError(
                "",
                "",
                f"cannot transfer {quantity} units of {shown(sku)} from {shown(source)}:"
                f" {free} are available",
            )
        return self._with_carried(sku, quantity, source, target)

    def _with_carried(self, sku: str, quantity: int, source: str, target: str) -> Self:
        """Units are carried from one place to the other; nobody is asked whose they are."""
        left = self._with_on_hand(sku, source, self.on_hand(sku, source) - quantity)
        return left._with_on_hand(sku, target, left.on_hand(sku, target) + quantity)

    def _with_on_hand(self, sku: str, location: str, on_hand: int) -> Self:
        _fields.check_id("sku", sku)
        _fields.check_id("location", location)
        places = self._locations
        if location not in places:
            places = in_rank((*places.values(), Location(id=location)))
        row = self._rows.get(sku) or ()
        rest = [cell for cell in row if cell[0] != location]
        _, _, safety, reserved = next(iter(self._cells(sku, location)), (location, 0, 0, 0))
        rest.append((location, on_hand, safety, reserved))
        rows = self._rows.with_changes({sku: cells_in_rank(rest, places)})
        return self._with(rows=rows, locations=places)


_FIELDS = tuple(field.name for field in attrs.fields(Snapshot))


def cells_in_rank(cells: Iterable[Cell], places: Mapping[str, Location]) -> tuple[Cell, ...]:
    """The cells of a row in the sequence in which their locations are asked."""
    return tuple(sorted(cells, key=lambda cell: (places[cell[0]].rank, cell[0])))


def check_route(source: object, target: object) -> None:
    """Two locations, from one to the other."""
    _fields.check_id("source", source)
    _fields.check_id("target", target)
    if source == target:
        raise _fields.refuse("target", target, "is the source; pass another location")
