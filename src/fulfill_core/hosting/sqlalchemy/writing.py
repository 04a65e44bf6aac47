"""Write a plan: every statement that changes orders and stock.

What a plan expects is held to first, by one statement for each kind of key: it counts the versions
up that are as they were loaded, and locks them in the sequence of their keys. So of two plans that
touch the same, the second waits for the first, and then it is a conflict. None waits for one that
waits for it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import (
    BindParameter,
    Column,
    Connection,
    Table,
    and_,
    bindparam,
    case,
    delete,
    func,
    insert,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from fulfill_core import _checks
from fulfill_core.hosting.batches import key_of_location, key_of_order, key_of_sku
from fulfill_core.hosting.plans import CommitPlan
from fulfill_core.hosting.sqlalchemy.loading import chunks
from fulfill_core.hosting.sqlalchemy.rows import (
    Fields,
    claim_fields,
    intake_fields,
    lot_fields,
    record_fields,
    reservation_fields,
    supply_fields,
    units_reserved_more,
)
from fulfill_core.hosting.sqlalchemy.tables import Tables
from fulfill_core.inventory import Changes, LotChange, StockChange
from fulfill_core.wire import dumps

INSERTS: Mapping[str, Callable[[Table], Any]] = {
    "postgresql": postgresql.insert,
    "sqlite": sqlite.insert,
}
"""What inserts, and says what to do where something is already, by the name of the dialect."""
_ORDER, _SKU, _LOCATION = key_of_order(""), key_of_sku(""), key_of_location("")


class OutdatedError(Exception):
    """Something is not as the plan expects it: all of it is to be rolled back.

    Args:
        keys: what it is, where that is known.
    """

    def __init__(self, keys: Iterable[str] = ()) -> None:
        self.keys = sorted(keys)
        super().__init__(self.keys)


class Writer:
    """What writes the orders and the stock of a plan.

    Args:
        tables: whereto.
        dialect: the name of the database's.
    """

    def __init__(self, tables: Tables, dialect: str) -> None:
        self._tables = tables
        self._insert = INSERTS[dialect]
        stock, lots, supplies = tables.stock, tables.lots, tables.supplies
        self._plan = (
            self._insert(tables.plans).on_conflict_do_nothing().returning(tables.plans.c.id)
        )
        self._orders = self._count(tables.records, "order_id")
        self._skus = self._count(tables.skus, "sku")
        self._locations = self._count(tables.locations, "id")
        self._item = _description(tables.skus, "sku", "item")
        self._location = _description(tables.locations, "id", "document")
        self._lot = _difference(lots, "sku", "location", "lot")
        self._supply = _difference(supplies, "sku", "id")
        self._new_lot = self._addition(lots, "sku", "location", "lot")
        self._new_supply = self._addition(supplies, "sku", "id")
        self._intake = self._insert(tables.intakes).on_conflict_do_nothing()
        names: BindParameter[Any] = bindparam("names", expanding=True)
        reservations = tables.reservations.c
        in_force = or_(
            reservations.expires_at.is_(None), reservations.expires_at > bindparam("now")
        )
        reserved = (
            select(func.coalesce(func.sum(reservations.quantity), 0))
            .where(reservations.sku == stock.sku, reservations.location == stock.place, in_force)
            .scalar_subquery()
        )
        self._shelves = (
            select(stock.sku, stock.place, stock.on_hand, reserved)
            .where(stock.sku.in_(names))
            .order_by(stock.sku, stock.place)
            .with_for_update(of=stock.table)
        )

    def _count(self, table: Table, key: str) -> Any:
        """What writes rows whose version is one more than it was, and returns their keys.

        Number 0 leaves the version as it is.
        """
        statement = self._insert(table)
        new = statement.excluded
        content = {
            column.name: func.coalesce(new[column.name], column)
            for column in table.columns
            if column.name not in (key, "version")
        }
        return statement.on_conflict_do_update(
            index_elements=[table.c[key]],
            set_={
                "version": case((new.version == 0, table.c.version), else_=new.version),
                **content,
            },
            where=or_(new.version == 0, table.c.version == new.version - 1),
        ).returning(table.c[key])

    def _addition(self, table: Table, *keys: str) -> Any:
        """What writes new rows; their quantity is added to what is there against expectation."""
        statement = self._insert(table)
        return statement.on_conflict_do_update(
            index_elements=[table.c[key] for key in keys],
            set_={"quantity": table.c.quantity + statement.excluded.quantity},
        )

    def write(self, connection: Connection, plan: CommitPlan) -> bool:
        """Write a plan; False if it is written already.

        Raises:
            OutdatedError: something is not as it expects.
        """
        if connection.execute(self._plan, {"id": plan.id, "at": plan.at}).first() is None:
            return False
        self._count_up(connection, plan)
        changes = plan.changes
        if changes:
            self._write_descriptions(connection, changes)
            self._write_on_hand(connection, changes.on_hand)
            self._write_lots(connection, changes.lots)
            self._write_supplies(connection, changes)
            self._write_intakes(connection, changes)
            reservations, claims = self._tables.reservations, self._tables.claims
            removed = [reservation_fields(each) for each in changes.reservations_removed]
            added = [reservation_fields(each) for each in changes.reservations_added]
            _exchange(connection, reservations, removed, added)
            removed = [claim_fields(each) for each in changes.claims_removed]
            added = [claim_fields(each) for each in changes.claims_added]
            _exchange(connection, claims, removed, added)
            if plan.records or plan.decisions:  # else it is an update of stock: the host's own word
                self._check_places(connection, plan)
        return True

    # -- What is expected ----------------------------------------------------------------------

    def _count_up(self, connection: Connection, plan: CommitPlan) -> None:
        """Count up all that the plan touches, and write what it says of orders.

        Orders that have other units now, and are as they were, have a decision and no version: they
        are written with the others, so that all rows are locked in one sequence.
        """
        records = {record.id: record for record in plan.records}
        decisions = {decision.id: decision for decision in plan.decisions}
        unexpected = records.keys() - {key.removeprefix(_ORDER) for key, _ in plan.expected}
        if unexpected:
            problem = "have no version that is expected; add them to CommitPlan.expected"
            raise _checks.refuse("CommitPlan.records", sorted(unexpected), problem)
        for statement, prefix, name in (
            (self._locations, _LOCATION, "id"),
            (self._orders, _ORDER, "order_id"),
            (self._skus, _SKU, "sku"),
        ):
            numbers = {
                key.removeprefix(prefix): number + 1
                for key, number in plan.expected
                if key.startswith(prefix)
            }
            rows: list[Fields] = [{name: key, "version": numbers[key]} for key in numbers]
            if prefix == _ORDER:
                rows = [
                    {"order_id": order_id, "version": numbers.get(order_id, 0)}
                    | record_fields(records.get(order_id), decisions.get(order_id))
                    for order_id in sorted(numbers.keys() | decisions.keys())
                ]
            if rows:
                keys = {*connection.execute(statement, rows).scalars()}
                stale = [prefix + row[name] for row in rows if row[name] not in keys]
                if stale:
                    raise OutdatedError(stale)

    # -- Stock ---------------------------------------------------------------------------------

    def _write_descriptions(self, connection: Connection, changes: Changes) -> None:
        """What is said of items and locations."""
        items = dict.fromkeys([each.sku for each in changes.items_removed])
        places = dict.fromkeys([each.id for each in changes.locations_removed])
        items |= {each.sku: dumps(each) for each in changes.items_added}
        places |= {each.id: dumps(each) for each in changes.locations_added}
        if items:
            rows = [{"key": sku, "item": document} for sku, document in items.items()]
            connection.execute(self._item, rows)
        if places:
            rows = [{"key": place, "document": document} for place, document in places.items()]
            connection.execute(self._location, rows)

    def _write_on_hand(self, connection: Connection, rows: Iterable[StockChange]) -> None:
        """By a difference: what somebody else changed meanwhile, by hand, is not lost."""
        stock = self._tables.stock
        for change in rows:
            here = and_(stock.sku == change.sku, stock.place == change.location)
            content: dict[Any, Any] = {stock.on_hand: stock.on_hand + change.quantity}
            new: dict[Any, Any] = {stock.sku: change.sku, stock.on_hand: change.quantity}
            if isinstance(stock.safety, Column):
                content[stock.safety] = stock.safety + change.safety
                new[stock.safety] = change.safety
            elif change.safety != (stock.safety * change.row):
                problem = "can't be stored: the table has no column for it; map one"
                raise _checks.refuse("StockChange.safety", change.safety, problem)
            if isinstance(stock.location, Column):
                new[stock.location] = change.location
            elif change.location != stock.location:
                problem = f"is not {stock.location!r}, the one place that the table is of"
                raise _checks.refuse("StockChange.location", change.location, problem)
            count = connection.execute(update(stock.table).where(here).values(content)).rowcount
            if change.row < 0 and self._tables.has_own_stock:
                is_empty = and_(here, stock.on_hand == 0)
                connection.execute(delete(stock.table).where(is_empty))
            if (
                change.row >= 0 and not count
            ):  # it is new, or somebody deleted it: then nothing was in it
                connection.execute(insert(stock.table).values(new))

    def _write_lots(self, connection: Connection, lots: Iterable[LotChange]) -> None:
        """Lots by a difference, too; none gets fewer units than none."""
        new = [lot_fields(change) for change in lots if change.before is None]
        if new:
            connection.execute(self._new_lot, new)
        for change in lots:
            if change.before is not None:
                self._move(connection, self._lot, lot_fields(change))
            if change.after is None:
                table = self._tables.lots
                row = tuple_(table.c.sku, table.c.location, table.c.lot)
                key = change.sku, change.location, change.lot
                connection.execute(delete(table).where(row == key, table.c.quantity == 0))

    def _write_supplies(self, connection: Connection, changes: Changes) -> None:
        """Supplies by a difference; one that has brought all is gone."""
        table = self._tables.supplies
        before = {(each.sku, each.id): each for each in changes.supplies_removed}
        after = {(each.sku, each.id): each for each in changes.supplies_added}
        for key in sorted(before.keys() | after.keys()):
            fields = supply_fields(after.get(key) or before[key])
            if key not in before:
                connection.execute(self._new_supply, fields)
                continue
            units = after[key].quantity if key in after else 0
            self._move(
                connection, self._supply, {**fields, "quantity": units - before[key].quantity}
            )
            if key not in after:
                row = tuple_(table.c.sku, table.c.id)
                connection.execute(delete(table).where(row == key, table.c.quantity == 0))

    def _move(self, connection: Connection, statement: Any, fields: Fields) -> None:
        """Change a row that has to be there, with as many units as are taken off it."""
        row = {f"new_{name}": value for name, value in fields.items()}
        if not connection.execute(statement, row).rowcount:
            raise OutdatedError([key_of_sku(fields["sku"])])

    def _write_intakes(self, connection: Connection, changes: Changes) -> None:
        """What places took on."""
        table = self._tables.intakes
        for each in changes.intakes_removed:
            row = tuple_(table.c.location, table.c.order_id)
            connection.execute(delete(table).where(row == (each.location, each.order_id)))
        newest: dict[str, date] = {}
        for each in changes.intakes_added:
            newest[each.location] = max(each.day, newest.get(each.location, each.day))
        for location, day in newest.items():  # those of earlier days are of no use any more
            is_older = and_(table.c.location == location, table.c.day < day)
            connection.execute(delete(table).where(is_older))
        if changes.intakes_added:
            rows = [intake_fields(each) for each in changes.intakes_added]
            connection.execute(self._intake, rows)

    def _check_places(self, connection: Connection, plan: CommitPlan) -> None:
        """What is reserved anew is there.

        A stock row that somebody changed by hand meanwhile has no version that would tell.
        """
        units = units_reserved_more(plan)
        free: dict[tuple[str, str], int] = {}
        for skus in chunks(sorted({sku for sku, _ in units})):
            rows = connection.execute(self._shelves, {"names": skus, "now": plan.at})
            free.update(
                {(sku, place): on_hand - taken_up for sku, place, on_hand, taken_up in rows}
            )
        stale = {key_of_sku(place[0]) for place in units if free.get(place, -1) < 0}
        if stale:
            raise OutdatedError(stale)


def _description(table: Table, key: str, *names: str) -> Any:
    """What changes some columns of one row."""
    content: dict[str, Any] = {name: bindparam(name) for name in names}
    return update(table).where(table.c[key] == bindparam("key")).values(content)


def _difference(table: Table, *keys: str) -> Any:
    """What changes a row by a difference of its quantity, and all else to what it is now."""
    row = {
        column.name: bindparam(f"new_{column.name}", type_=column.type) for column in table.columns
    }
    here = [table.c[key] == row[key] for key in keys]
    quantity = table.c.quantity + row["quantity"]
    content = {name: value for name, value in row.items() if name not in keys}
    return update(table).where(*here, quantity >= 0).values({**content, "quantity": quantity})


def _exchange(
    connection: Connection, table: Table, removed: Sequence[Fields], added: Sequence[Fields]
) -> None:
    """Delete a row for each reservation or claim that is gone, of two that are equal one; add new.

    Fields are in the sequence of the columns.

    Raises:
        OutdatedError: one is not there.
    """
    numbers: dict[tuple[Any, ...], list[int]] = defaultdict(list)
    for order_ids in chunks(sorted({fields["order_id"] for fields in removed})):
        rows = connection.execute(select(table).where(table.c.order_id.in_(order_ids)))
        for number, *content in rows:
            numbers[tuple(content)].append(number)
    try:
        rows_gone = [numbers[tuple(fields.values())].pop() for fields in removed]
    except IndexError:
        raise OutdatedError from None
    for chunk in chunks(rows_gone):
        count = connection.execute(delete(table).where(table.c.number.in_(chunk))).rowcount
        if count < len(chunk):
            raise OutdatedError
    if added:
        connection.execute(insert(table), added)
