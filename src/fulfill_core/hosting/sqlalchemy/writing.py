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
    Connection,
    Table,
    bindparam,
    case,
    delete,
    func,
    insert,
    or_,
    select,
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
    written,
)
from fulfill_core.hosting.sqlalchemy.shelves import Shelves
from fulfill_core.hosting.sqlalchemy.tables import Tables
from fulfill_core.inventory import Changes, LotChange
from fulfill_core.wire import Reading

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
        reading: how documents are read later.
    """

    def __init__(self, tables: Tables, dialect: str, reading: Reading) -> None:
        self._insert, self._reading = INSERTS[dialect], reading
        lots, supplies = tables.lots, tables.supplies
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
        self._no_lot = _removal(lots, "sku", "location", "lot", is_empty=True)
        self._no_supply = _removal(supplies, "sku", "id", is_empty=True)
        self._intake = self._insert(tables.intakes).on_conflict_do_nothing()
        self._no_intake = _removal(tables.intakes, "location", "order_id")
        intakes, new = tables.intakes.c, _in_row(tables.intakes)
        is_older = [intakes.location == new["location"], intakes.day < new["day"]]
        self._no_older_intakes = delete(tables.intakes).where(*is_older)
        self._shelves = Shelves(tables)
        self._reservations, self._claims = _Units(tables.reservations), _Units(tables.claims)

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
            self._shelves.write(connection, changes.on_hand)
            self._write_lots(connection, changes.lots)
            self._write_supplies(connection, changes)
            self._write_intakes(connection, changes)
            removed = [reservation_fields(each) for each in changes.reservations_removed]
            added = [reservation_fields(each) for each in changes.reservations_added]
            self._reservations.exchange(connection, removed, added)
            removed = [claim_fields(each) for each in changes.claims_removed]
            added = [claim_fields(each) for each in changes.claims_added]
            self._claims.exchange(connection, removed, added)
            if plan.records or plan.decisions:  # else it is an update of stock: the host's own word
                stale = self._shelves.short_of(connection, plan)
                if stale:
                    raise OutdatedError(stale)
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
                    | record_fields(records.get(order_id), decisions.get(order_id), self._reading)
                    for order_id in sorted(numbers.keys() | decisions.keys())
                ]
            if rows:
                keys = {key for (key,) in connection.execute(statement, rows).all()}
                stale = [prefix + row[name] for row in rows if row[name] not in keys]
                if stale:
                    raise OutdatedError(stale)

    # -- Stock ---------------------------------------------------------------------------------

    def _write_descriptions(self, connection: Connection, changes: Changes) -> None:
        """What is said of items and locations."""
        items = dict.fromkeys([each.sku for each in changes.items_removed])
        places = dict.fromkeys([each.id for each in changes.locations_removed])
        items |= {each.sku: written(each, self._reading) for each in changes.items_added}
        places |= {each.id: written(each, self._reading) for each in changes.locations_added}
        if items:
            rows = [{"key": sku, "item": document} for sku, document in items.items()]
            connection.execute(self._item, rows)
        if places:
            rows = [{"key": place, "document": document} for place, document in places.items()]
            connection.execute(self._location, rows)

    def _write_lots(self, connection: Connection, lots: Iterable[LotChange]) -> None:
        """Lots by a difference, too; none gets fewer units than none."""
        new = [lot_fields(change) for change in lots if change.before is None]
        if new:
            connection.execute(self._new_lot, new)
        for change in lots:
            if change.before is not None:
                self._move(connection, self._lot, lot_fields(change))
            if change.after is None:
                key = {"sku": change.sku, "location": change.location, "lot": change.lot}
                connection.execute(self._no_lot, _of_row(key))

    def _write_supplies(self, connection: Connection, changes: Changes) -> None:
        """Supplies by a difference; one that has brought all is gone."""
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
                sku, supply_id = key
                connection.execute(self._no_supply, _of_row({"sku": sku, "id": supply_id}))

    def _move(self, connection: Connection, statement: Any, fields: Fields) -> None:
        """Change a row that has to be there, with as many units as are taken off it."""
        if not connection.execute(statement, _of_row(fields)).rowcount:
            raise OutdatedError([key_of_sku(fields["sku"])])

    def _write_intakes(self, connection: Connection, changes: Changes) -> None:
        """What places took on."""
        for each in changes.intakes_removed:
            key = {"location": each.location, "order_id": each.order_id}
            connection.execute(self._no_intake, _of_row(key))
        newest: dict[str, date] = {}
        for each in changes.intakes_added:
            newest[each.location] = max(each.day, newest.get(each.location, each.day))
        for location, day in newest.items():  # those of earlier days are of no use any more
            older: Fields = {"location": location, "day": day}
            connection.execute(self._no_older_intakes, _of_row(older))
        if changes.intakes_added:
            rows = [intake_fields(each) for each in changes.intakes_added]
            connection.execute(self._intake, rows)


def _description(table: Table, key: str, *names: str) -> Any:
    """What changes some columns of one row."""
    content: dict[str, Any] = {name: bindparam(name) for name in names}
    return update(table).where(table.c[key] == bindparam("key")).values(content)


def _of_row(fields: Fields) -> Fields:
    """The fields of a row by the names that they have in a statement about it."""
    return {f"row_{name}": value for name, value in fields.items()}


def _in_row(table: Table) -> dict[str, BindParameter[Any]]:
    """What a statement about one row is given: see `_of_row`."""
    return {
        column.name: bindparam(f"row_{column.name}", type_=column.type) for column in table.columns
    }


def _difference(table: Table, *keys: str) -> Any:
    """What changes a row by a difference of its quantity, and all else to what it is now."""
    row = _in_row(table)
    here = [table.c[key] == row[key] for key in keys]
    quantity = table.c.quantity + row["quantity"]
    content = {name: value for name, value in row.items() if name not in keys}
    return update(table).where(*here, quantity >= 0).values({**content, "quantity": quantity})


def _removal(table: Table, *keys: str, is_empty: bool = False) -> Any:
    """What deletes a row; or only if there is nothing in it."""
    row = _in_row(table)
    here = [table.c[key] == row[key] for key in keys]
    return delete(table).where(*here, *([table.c.quantity == 0] if is_empty else []))


class _Units:
    """What exchanges rows of reservations, or of claims.

    Args:
        table: their table.
    """

    def __init__(self, table: Table) -> None:
        names: BindParameter[Any] = bindparam("names", expanding=True)
        self._of_orders = select(table).where(table.c.order_id.in_(names))
        self._removal = delete(table).where(table.c.number.in_(names))
        self._new = insert(table)

    def exchange(
        self, connection: Connection, removed: Sequence[Fields], added: Sequence[Fields]
    ) -> None:
        """Delete a row for each that is gone, of two that are equal one; add new.

        Fields are in the sequence of the columns.

        Raises:
            OutdatedError: one is not there.
        """
        if removed:
            self._remove(connection, removed)
        if added:
            connection.execute(self._new, added)

    def _remove(self, connection: Connection, rows: Sequence[Fields]) -> None:
        numbers: dict[tuple[Any, ...], list[int]] = defaultdict(list)
        for order_ids in chunks(sorted({fields["order_id"] for fields in rows})):
            for number, *content in connection.execute(self._of_orders, {"names": order_ids}):
                numbers[tuple(content)].append(number)
        try:
            rows_gone = [numbers[tuple(fields.values())].pop() for fields in rows]
        except IndexError:
            raise OutdatedError from None
        for chunk in chunks(rows_gone):
            if connection.execute(self._removal, {"names": chunk}).rowcount < len(chunk):
                raise OutdatedError
