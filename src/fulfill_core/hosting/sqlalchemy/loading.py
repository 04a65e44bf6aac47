"""Load a scope: the records of its orders, and the stock of what they touch.

The statements are built once. Nothing of the library walks a whole table: each statement asks for
orders or SKUs by an index, but for the locations, of which there are few.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Table,
    and_,
    bindparam,
    false,
    func,
    literal_column,
    null,
    or_,
    select,
    union,
    union_all,
)
from sqlalchemy.sql import Executable

from fulfill_core.exceptions import InvalidValueError
from fulfill_core.hosting.batches import (
    Loaded,
    Scope,
    key_of_location,
    key_of_order,
    key_of_sku,
)
from fulfill_core.hosting.sqlalchemy.rows import read, supply_of
from fulfill_core.hosting.sqlalchemy.tables import Tables
from fulfill_core.inventory import Claim, Intake, Inventory, Item, Location, Lot, Reservation, Stock
from fulfill_core.records import OrderRecord
from fulfill_core.wire import Reading

T = TypeVar("T")

MOST = 10_000
"""So many values in one statement at most: drivers have limits."""
_MORE_THAN_A_DAY = timedelta(days=2)


def chunks(values: Iterable[T], size: int = MOST) -> Iterator[Sequence[T]]:
    """The values in sequence, so many at once.

    >>> list(chunks("abc", 2))
    [['a', 'b'], ['c']]
    """
    rows = list(values)
    for begin in range(0, len(rows), size):
        yield rows[begin : begin + size]


class Loader:
    """What loads a scope.

    Args:
        tables: from where.
        reading: how documents are read.
    """

    def __init__(self, tables: Tables, reading: Reading) -> None:
        self._tables, self._reading = tables, reading
        records, reservations, claims = tables.records, tables.reservations, tables.claims
        is_there = records.c.document.is_not(None)
        self._active = union(
            select(records.c.order_id).where(records.c.is_open, is_there),
            *[
                select(units.c.order_id).join(records, records.c.order_id == units.c.order_id)
                for units in (reservations, claims)
            ],
        )
        names: BindParameter[Any] = bindparam("names", expanding=True)
        number: ColumnElement[int] = literal_column("0")
        self._orders = union_all(
            select(
                records.c.order_id, records.c.version, records.c.document, null().label("sku")
            ).where(records.c.order_id.in_(names)),
            *[
                select(units.c.order_id, number, null(), units.c.sku)
                .where(units.c.order_id.in_(names))
                .distinct()
                for units in (reservations, claims)
            ],
        )
        self._skus = select(tables.skus).where(tables.skus.c.sku.in_(names))
        self._locations = select(tables.locations)
        stock, lots = tables.stock, tables.lots
        self._stock = (
            select(
                stock.sku.label("sku"),
                stock.place.label("location"),
                stock.on_hand.label("on_hand"),
                stock.kept_back.label("safety"),
                *[lots.c[name] for name in ("lot", "quantity", "expires_at", "received_at")],
                lots.c.quarantined,
            )
            .select_from(
                stock.table.outerjoin(
                    lots, and_(lots.c.sku == stock.sku, lots.c.location == stock.place)
                )
            )
            .where(stock.sku.in_(names))
        )
        self._supplies = select(tables.supplies).where(tables.supplies.c.sku.in_(names))
        self._units = union_all(
            select(*_columns_of_units(reservations, "location", "expires_at", "lot")).where(
                reservations.c.sku.in_(names)
            ),
            select(*_columns_of_units(claims, "supply_id", "", "")).where(claims.c.sku.in_(names)),
        )
        self._intakes = select(tables.intakes).where(tables.intakes.c.location.in_(names))
        self._newest = (
            select(reservations.c.location, func.max(reservations.c.made_at))
            .where(reservations.c.location.in_(names))
            .group_by(reservations.c.location)
        )

    def load(self, connection: Connection, scope: Scope) -> Loaded:
        """See `fulfill_core.hosting.Storage.load`."""
        slice_ = _Slice(connection)
        order_ids: Iterable[str] | None = scope.order_ids
        if order_ids is None:
            order_ids = connection.execute(self._active).scalars()
        skus = {*scope.skus}
        records, unreadable = list[OrderRecord](), list[tuple[str, str]]()
        for order_id, version, document, sku in slice_.rows(self._orders, order_ids):
            if sku is not None:
                skus.add(sku)
                continue
            slice_.versions[key_of_order(order_id)] = version
            try:
                if document is not None:
                    records.append(
                        self._read(self._tables.records, document, OrderRecord, order_id)
                    )
            except InvalidValueError as error:
                unreadable.append((order_id, str(error)))
        for record in records:
            skus.update([line.sku for line in record.order.lines])
        return Loaded(
            records=sorted(records, key=lambda record: record.id),
            inventory=self._inventory(slice_, skus),
            versions=slice_.versions,
            unreadable=sorted(unreadable),
        )

    def _read(self, table: Table, document: str, kind: Any, key: str) -> Any:
        return read(document, kind, self._reading, f"{table.name}[{key!r}]")

    # -- Stock ---------------------------------------------------------------------------------

    def _inventory(self, slice_: _Slice, skus: set[str]) -> Inventory:
        """The stock of these SKUs, and of the parts of those that are kits."""
        items = self._items(slice_, skus)
        reservations, claims = self._units_of(slice_, skus)
        locations = self._places(slice_)
        return Inventory(
            stock=self._shelves(slice_, skus, reservations),
            items=items,
            locations=locations,
            supplies=[supply_of(row) for row in slice_.rows(self._supplies, skus)],
            reservations=reservations,
            claims=claims,
            intakes=self._intakes_of(slice_, skus, locations, reservations),
        )

    def _items(self, slice_: _Slice, skus: set[str]) -> list[Item]:
        """What is said of each, and their versions; *skus* has the parts of kits afterwards."""
        items: list[Item] = []
        front: AbstractSet[str] = skus
        while front:  # kits may have kits in them
            parts: set[str] = set()
            for sku, version, document in slice_.rows(self._skus, front):
                slice_.versions[key_of_sku(sku)] = version
                if document is not None:
                    item: Item = self._read(self._tables.skus, document, Item, sku)
                    items.append(item)
                    parts.update([part.sku for part in item.components])
            front = parts - skus
            skus |= front
        return items

    def _places(self, slice_: _Slice) -> list[Location]:
        """All locations, and their versions."""
        places: list[Location] = []
        for location, version, document in slice_.connection.execute(self._locations):
            slice_.versions[key_of_location(location)] = version
            if document is not None:
                places.append(self._read(self._tables.locations, document, Location, location))
        return places

    def _shelves(
        self, slice_: _Slice, skus: AbstractSet[str], reservations: Iterable[Reservation]
    ) -> list[Stock]:
        """The stock rows with their lots.

        One that was deleted by hand, while units of it are reserved, has nothing on hand; and so
        has a lot.
        """
        rows: dict[tuple[str, str], tuple[int, int]] = {}
        lots: dict[tuple[str, str], dict[str, Lot]] = defaultdict(dict)
        for sku, location, on_hand, safety, *of_lot in slice_.rows(self._stock, skus):
            place = sku, location
            rows[place] = on_hand, safety
            if of_lot[0] is not None:
                lot, quantity, expires_at, received_at, quarantined = of_lot
                lots[place][lot] = Lot(
                    id=lot,
                    quantity=quantity,
                    expires_at=expires_at,
                    received_at=received_at,
                    quarantined=quarantined,
                )
        for each in reservations:
            place = each.sku, each.location
            rows.setdefault(place, (0, 0))
            if each.lot:
                lots[place].setdefault(each.lot, Lot(id=each.lot, quantity=0))
        return [
            Stock(
                sku=place[0],
                location=place[1],
                on_hand=on_hand,
                safety=safety,
                lots=lots[place].values() if place in lots else (),
            )
            for place, (on_hand, safety) in rows.items()
        ]

    def _units_of(
        self, slice_: _Slice, skus: AbstractSet[str]
    ) -> tuple[list[Reservation], list[Claim]]:
        """What all orders have of these SKUs: of the stock, and of supplies."""
        reservations, claims = list[Reservation](), list[Claim]()
        for order_id, line_id, sku, quantity, made_at, place, ends, lot in slice_.rows(
            self._units, skus
        ):
            whose = {"order_id": order_id, "line_id": line_id}
            what = {"sku": sku, "quantity": quantity, "made_at": made_at}
            if lot is None:
                claims.append(Claim(supply_id=place, **whose, **what))
            else:
                reservations.append(
                    Reservation(location=place, expires_at=ends, lot=lot, **whose, **what)
                )
        return reservations, claims

    # -- What places took on -------------------------------------------------------------------

    def _intakes_of(
        self,
        slice_: _Slice,
        skus: AbstractSet[str],
        locations: Iterable[Location],
        reservations: Iterable[Reservation],
    ) -> list[Intake]:
        """What counts for the capacity of places, and is not loaded with the stock.

        That is what has left, and what is reserved of other SKUs.
        """
        limited = {place.id: place for place in locations if place.capacity is not None}
        if not limited:
            return []
        days = {
            (row.location, row.order_id): row.day for row in slice_.rows(self._intakes, limited)
        }
        counted = {
            (each.location, each.order_id, limited[each.location].day_of(each.made_at))
            for each in reservations
            if each.location in limited and each.made_at is not None
        }
        newest = {row[0]: row[1] for row in slice_.rows(self._newest, limited) if row[1]}
        for location, order_id, made_at in self._elsewhere(slice_, newest, skus):
            day = limited[location].day_of(made_at)
            if (location, order_id, day) not in counted:
                days[location, order_id] = max(day, days.get((location, order_id), day))
        return [
            Intake(location=location, order_id=order_id, day=day)
            for (location, order_id), day in days.items()
        ]

    def _elsewhere(
        self, slice_: _Slice, newest: Mapping[str, datetime], skus: AbstractSet[str]
    ) -> Iterator[tuple[str, str, datetime]]:
        """Which orders have something else reserved at places, not long before the last."""
        columns = self._tables.reservations.c
        is_recent = or_(
            false(),
            *[
                and_(columns.location == location, columns.made_at >= made_at - _MORE_THAN_A_DAY)
                for location, made_at in newest.items()
            ],
        )
        rows = slice_.connection.execute(
            select(columns.location, columns.order_id, columns.made_at, columns.sku)
            .where(is_recent)
            .distinct()
        )
        yield from [(row[0], row[1], row[2]) for row in rows if row[3] not in skus]


class _Slice:
    """A load under way.

    Args:
        connection: where it reads.
    """

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.versions: dict[str, int] = {}

    def rows(self, statement: Executable, names: Iterable[str]) -> list[Any]:
        """The rows of a statement about these names."""
        execute = self.connection.execute
        rows: list[Any] = []
        for chunk in chunks(sorted(names)):
            rows += execute(statement, {"names": chunk}).all()
        return rows


def _columns_of_units(units: Any, place: str, ends: str, lot: str) -> list[Any]:
    """Reservations and claims with the same columns; a claim has no lot, not even an empty one."""
    return [
        *[units.c[name] for name in ("order_id", "line_id", "sku", "quantity", "made_at")],
        units.c[place].label("place"),
        (units.c[ends] if ends else null()).label("ends"),
        (units.c[lot] if lot else null()).label("lot"),
    ]
