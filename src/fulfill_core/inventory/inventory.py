"""The stock at one moment: what lies where, for whom it is set aside, and what is to come.

An `Inventory` is an immutable snapshot. Every change returns a new one, which shares with the old
all that did not change. It is made of the questions that can be asked (`Snapshot`), of what can
change (`OnHand`, `Releasing`, `Reserving`) and of the difference of two (`Differing`); here is how
one is built.

Two rules hold by construction: what is reserved is the sum of the reservations (all changes of
reservations pass through `_with_holds`), and there is one function that says what is available
(`pool`): the allocator asks the same one that a shop window asks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

import attrs

from fulfill_core import _checks
from fulfill_core.inventory.differing import Differing
from fulfill_core.inventory.kits import check_kits
from fulfill_core.inventory.lots import cells_in_rank, lots_in_order, to_cell
from fulfill_core.inventory.overlay import Overlay
from fulfill_core.inventory.reservations import Batch, Timed
from fulfill_core.inventory.snapshot import Cell, LotCell
from fulfill_core.inventory.stock import Item, Location, Reservation, Stock, Supply, by_sku, in_rank

_PAIR = 2


@attrs.frozen(init=False, eq=False, repr=False, weakref_slot=False)
class Inventory(Differing):
    """An immutable snapshot of the stock.

    Args:
        stock: `Stock` rows, one per SKU and location.
        supplies: `Supply` values with distinct ids.
        items: `Item` values, at most one per SKU.
        locations: `Location` values. One that only a stock row names has rank 0.
        reservations: `Reservation` values for SKUs and locations that have a stock row.

    Raises:
        InvalidValueError: a member of the wrong type, a repeated row, item, supply or location, a
            reservation without a stock row or of a lot that its row does not have, a stock row or
            a supply for a kit; by position. Or a kit that is a part of itself.

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
        stock = _checks.to_tuple(stock)
        supplies = _checks.to_tuple(supplies)
        items = _checks.to_tuple(items)
        locations = _checks.to_tuple(locations)
        reservations = _checks.to_tuple(reservations)
        _checks.check_members("Inventory.stock", stock, Stock)
        _checks.check_members("Inventory.supplies", supplies, Supply)
        _checks.check_members("Inventory.items", items, Item)
        _checks.check_members("Inventory.locations", locations, Location)
        _checks.check_members("Inventory.reservations", reservations, Reservation)
        _checks.check_unique("Inventory.supplies", (supply.id for supply in supplies), "supply")
        _checks.check_unique("Inventory.items", (item.sku for item in items), "SKU")
        _checks.check_unique("Inventory.locations", (place.id for place in locations), "location")
        places = {row.location: Location(id=row.location) for row in stock}
        places.update((place.id, place) for place in locations)
        described = {item.sku: item for item in items}
        check_kits("Inventory.items", described, items)
        cells: dict[str, list[Cell]] = {}
        in_lots: dict[str, list[LotCell]] = {}
        seen_lots: set[tuple[str, str, str]] = set()
        seen: set[tuple[str, str]] = set()
        for position, row in enumerate(stock):
            where = row.sku, row.location
            if where in seen:
                raise _checks.refuse(
                    f"Inventory.stock[{position}]", row, "is a second row for its SKU and location"
                )
            seen.add(where)
            if row.sku in described and described[row.sku].is_kit:
                raise _checks.refuse(
                    f"Inventory.stock[{position}]",
                    row,
                    "is for a kit, which has no stock of its own; give rows for its components",
                )
            cells.setdefault(row.sku, []).append((row.location, row.on_hand, row.safety, 0))
            for lot in row.lots:
                seen_lots.add((*where, lot.id))
                in_lots.setdefault(row.sku, []).append(to_cell(row.location, lot))
        for position, supply in enumerate(supplies):
            if supply.sku in described and described[supply.sku].is_kit:
                raise _checks.refuse(
                    f"Inventory.supplies[{position}]",
                    supply,
                    "is for a kit, which has no stock of its own; give supplies of its components",
                )
        for position, held in enumerate(reservations):
            if (held.sku, held.location) not in seen:
                raise _checks.refuse(
                    f"Inventory.reservations[{position}]",
                    held,
                    "is for a SKU and location without a stock row; add one, with on_hand=0 if"
                    " nothing is there",
                )
            if held.lot and (held.sku, held.location, held.lot) not in seen_lots:
                raise _checks.refuse(
                    f"Inventory.reservations[{position}]",
                    held,
                    "names a lot that its stock row does not have; add it, with quantity=0 if"
                    " nothing is there",
                )
        places = in_rank(places.values())
        self._fill(
            rows=Overlay({sku: cells_in_rank(row, places) for sku, row in cells.items()}),
            holds=Overlay[str, tuple[Batch, ...]]({}),
            timed=Overlay[str, tuple[Timed, ...]]({}),
            lots=Overlay({sku: lots_in_order(lots) for sku, lots in in_lots.items()}),
            loads=Overlay[tuple[str, date], int]({}),
            limited=frozenset(place.id for place in places.values() if place.capacity is not None),
            items=described,
            supplies=Overlay(by_sku(supplies)),
            locations=places,
        )
        filled = self.with_reserved(*reservations)
        self._fill(
            rows=filled._rows,
            holds=filled._holds,
            timed=filled._timed,
            lots=filled._lots,
            loads=filled._loads,
        )

    @classmethod
    def of(cls, on_hand: Mapping[tuple[str, str], int]) -> Inventory:
        """The short form: units on hand by SKU and location.

        >>> Inventory.of({("mug", "berlin"): 12, ("mug", "paris"): 3}).available("mug")
        15
        """
        stock: list[Stock] = []
        for where, units in on_hand.items():
            _checks.check_rows("Inventory.of", (where,), _PAIR)
            stock.append(Stock(sku=where[0], location=where[1], on_hand=units))
        return cls(stock=stock)
