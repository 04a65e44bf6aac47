"""The tables of a host: plain dicts of rows, written and read as "Connect a database" says."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, TypeAlias

import attrs

from fulfill_core import (
    Approval,
    Changes,
    Claim,
    Hold,
    Inventory,
    Item,
    Location,
    Lot,
    Notification,
    Order,
    OrderRecord,
    Progress,
    Rejection,
    Reservation,
    Stock,
    Supply,
    Told,
)
from fulfill_core.inventory import Intake

Row: TypeAlias = dict[str, Any]
Key: TypeAlias = tuple[str, ...]
KINDS: dict[str, type[Any]] = {
    "lot": Lot,
    "supply": Supply,
    "reservation": Reservation,
    "claim": Claim,
    "intake": Intake,
    "progress": Progress,
    "approvals": Approval,
    "rejections": Rejection,
    "holds": Hold,
    "told": Told,
    "told_before": Told,
}
OF_RECORDS = ("progress", "approvals", "rejections", "holds", "told", "told_before")


@attrs.define
class Tables:
    """What a host stores: rows by table and key. Nothing in it is a value of the library but what
    stands in one column: a date, a finding, a word of an enumeration.
    """

    items: tuple[Item, ...] = ()
    locations: tuple[Location, ...] = ()
    orders: dict[str, Order] = attrs.field(factory=dict[str, Order])
    """The host's own tables of orders and customers."""
    stock: dict[tuple[str, str], tuple[int, int]] = attrs.field(
        factory=dict[tuple[str, str], tuple[int, int]]
    )
    """On hand and safety, by SKU and location."""
    rows: dict[str, dict[Key, list[Row]]] = attrs.field(
        factory=lambda: defaultdict[str, dict[Key, list[Row]]](dict)
    )
    states: dict[str, Row] = attrs.field(factory=dict[str, Row])
    """Outcome and since when, by order."""
    outbox: dict[str, Notification] = attrs.field(factory=dict[str, Notification])
    """Messages that were not sent yet, by id."""

    # -- Save ------------------------------------------------------------------------------------

    def save(
        self,
        changes: Changes,
        stock: Inventory,
        records: Iterable[OrderRecord] = (),
        messages: Iterable[Notification] = (),
    ) -> None:
        """What changed: on hand by a difference; all else is written as it is now."""
        for row in changes.on_hand:
            on_hand, safety = self.stock.get((row.sku, row.location), (0, 0))
            at = row.sku, row.location
            self.stock[at] = on_hand + row.quantity, safety + row.safety
        for change in changes.lots:
            key = change.sku, change.location, change.lot
            self._replace("lot", key, [change.after] if change.after else [])
        for supply in changes.supplies_removed:
            self._replace("supply", (supply.id,), [])
        for supply in changes.supplies_added:
            self._replace("supply", (supply.id,), [supply])
        for reservation in (*changes.reservations_removed, *changes.reservations_added):
            order_id = reservation.order_id
            self._replace("reservation", (order_id,), stock.reservations_of(order_id))
        for claim in (*changes.claims_removed, *changes.claims_added):
            self._replace("claim", (claim.order_id,), stock.claims_of(claim.order_id))
        for intake in changes.intakes_removed:
            self._replace("intake", (intake.location, intake.order_id), [])
        for intake in changes.intakes_added:
            self._replace("intake", (intake.location, intake.order_id), [intake])
        for record in records:
            self._save_record(record)
        for message in messages:
            for message_id in message.supersedes:
                self.outbox.pop(message_id, None)
            self.outbox.setdefault(message.id, message)

    def _save_record(self, record: OrderRecord) -> None:
        self.orders[record.id] = record.order
        if record.outcome is not None:
            self.states[record.id] = {"outcome": record.outcome, "since": record.since}
        for table in OF_RECORDS:
            self._replace(table, (record.id,), getattr(record, table))

    def _replace(self, table: str, key: Key, values: Iterable[Any]) -> None:
        """Put these values in place of what the table has under a key."""
        rows = [attrs.asdict(value, recurse=False) for value in values]
        self.rows[table].pop(key, None)
        if rows:
            self.rows[table][key] = rows

    # -- Load ------------------------------------------------------------------------------------

    def load_stock(self) -> Inventory:
        """The stock, out of the rows."""
        return Inventory(
            stock=[
                Stock(
                    sku=sku,
                    location=place,
                    on_hand=on_hand,
                    safety=safety,
                    lots=[
                        lot
                        for key in self.rows["lot"]
                        if key[:2] == (sku, place)
                        for lot in self._values("lot", key)
                    ],
                )
                for (sku, place), (on_hand, safety) in self.stock.items()
            ],
            items=self.items,
            locations=self.locations,
            supplies=self._all("supply"),
            reservations=self._all("reservation"),
            claims=self._all("claim"),
            intakes=self._all("intake"),
        )

    def load_records(self, stock: Inventory, order_ids: Iterable[str]) -> dict[str, OrderRecord]:
        """The records of some orders, out of the rows."""
        return {
            order_id: OrderRecord(
                order=self.orders[order_id],
                reserved=stock.reservations_of(order_id),
                **{table: self._values(table, (order_id,)) for table in OF_RECORDS},
                **self.states.get(order_id, {}),
            )
            for order_id in order_ids
        }

    def _values(self, table: str, key: Key) -> list[Any]:
        return [KINDS[table](**row) for row in self.rows[table].get(key, ())]

    def _all(self, table: str) -> list[Any]:
        return [value for key in self.rows[table] for value in self._values(table, key)]
