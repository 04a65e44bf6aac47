"""A storage that lives in memory: for tests, for trying things out, and to be read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

import attrs

from fulfill_core import _checks
from fulfill_core.decisions.decision import Decision
from fulfill_core.exceptions import StockError
from fulfill_core.hosting.backlog import Backlog
from fulfill_core.hosting.batches import (
    Loaded,
    Scope,
    ids_told,
    key_of_location,
    key_of_order,
    key_of_sku,
)
from fulfill_core.hosting.planning import keys_in, units_in
from fulfill_core.hosting.plans import CommitAnswer, CommitPlan, Committed, Conflict, OutboxRow
from fulfill_core.hosting.sending import Attempt, Later, Sent
from fulfill_core.hosting.slices import part_of, skus_touched, skus_with_units
from fulfill_core.inventory.changes import Changes
from fulfill_core.inventory.inventory import Inventory
from fulfill_core.records.order_record import OrderRecord


class InMemoryStorage:
    """Orders, stock and an outbox in memory, with the conditional commits of a database.

    It is for one thread at a time.

    Args:
        inventory: the stock to begin with.
        records: the orders to begin with.

    >>> storage = InMemoryStorage(Inventory.of({("mug", "berlin"): 12}))
    >>> storage.load(Scope(skus=["mug"])).inventory.available("mug")
    12
    """

    def __init__(
        self, inventory: Inventory | None = None, records: Iterable[OrderRecord] = ()
    ) -> None:
        self._inventory = Inventory() if inventory is None else inventory
        self._records = {record.id: record for record in records}
        content = self._inventory.changes_since(Inventory())
        self._numbers = dict.fromkeys([*map(key_of_order, self._records), *keys_in(content)], 1)
        self._decisions: dict[str, Decision] = {}
        self._outbox: dict[str, OutboxRow] = {}
        self._sent: dict[str, OutboxRow] = {}
        self._written_at: dict[str, datetime] = {}
        self._plan_ids: set[str] = set()
        self._orders_of_sku: dict[str, set[str]] = {}
        self._active_ids: set[str] = set()
        self._note(content, self._records)

    # -- The port ------------------------------------------------------------------------------

    def load(self, scope: Scope, /) -> Loaded:
        """See `Storage.load`."""
        ids = sorted(self._active_ids) if scope.order_ids is None else scope.order_ids
        records = [self._records[order_id] for order_id in ids if order_id in self._records]
        skus = skus_touched(self._inventory, records, scope.skus)
        order_ids = {each for sku in skus for each in self._orders_of_sku.get(sku, ())}
        keys = [
            *map(key_of_order, ids),
            *map(key_of_sku, skus),
            *[key_of_location(place.id) for place in self._inventory.locations()],
        ]
        rows = [self._outbox[each] for each in ids_told(records) if each in self._outbox]
        return Loaded(
            records=records,
            inventory=part_of(self._inventory, skus, order_ids),
            versions={key: self._numbers[key] for key in keys if key in self._numbers},
            drafts=[message for row in rows if row.is_draft for message in row.messages],
            doubtful_ids=[row.id for row in rows if not row.is_draft],
        )

    def commit(self, plan: CommitPlan, /) -> CommitAnswer:
        """See `Storage.commit`."""
        if plan.id in self._plan_ids:
            return Committed()
        stale = [key for key, number in plan.expected if self._numbers.get(key, 0) != number]
        rows = [self._outbox.get(row_id) for row_id in plan.drafts]
        if stale or not all([row is not None and row.is_draft for row in rows]):
            return Conflict(keys=stale)
        try:
            self._inventory = self._inventory.with_changes(plan.changes)
        except StockError:  # what the plan takes away is not there: the stock was changed by hand
            return Conflict()
        self._plan_ids.add(plan.id)
        self._numbers.update({key: number + 1 for key, number in plan.expected})
        self._records.update({record.id: record for record in plan.records})
        self._decisions.update({decision.id: decision for decision in plan.decisions})
        self._note(plan.changes, [record.id for record in plan.records])
        for row_id in (*plan.withdrawn, *plan.drafts):
            self._outbox.pop(row_id, None)
            self._written_at.pop(row_id, None)
        for row in plan.rows:
            if row.id not in self._sent:
                self._outbox.setdefault(row.id, row)
                self._written_at.setdefault(row.id, plan.at)
        return Committed()

    def decided(self, plan_id: str, /) -> CommitAnswer:
        """See `Storage.decided`."""
        return Committed() if plan_id in self._plan_ids else Conflict()

    def unsent(
        self, limit: int, /, *, now: datetime, until: datetime, parked: bool = False
    ) -> Sequence[OutboxRow]:
        """See `Storage.unsent`."""
        rows = self._outbox.values()
        if parked:
            return [row for row in rows if row.is_parked][:limit]
        due = [(row.due_at, row) for row in rows if row.due_at is not None and row.due_at <= now]
        # Of one time and order, the one that was written first.
        due.sort(key=lambda pair: (pair[0], pair[1].order_id))
        handed_out = [
            attrs.evolve(row, attempts=row.attempts + 1, doubts=row.doubts + 1, due_at=until)
            for _, row in due[:limit]
        ]
        self._outbox.update({row.id: row for row in handed_out})
        return handed_out

    def mark(self, attempts: Sequence[Attempt], /) -> None:
        """See `Storage.mark`."""
        for attempt in attempts:
            row = self._outbox.get(attempt.row_id)
            if row is None:
                continue
            match attempt.result:
                case Sent():
                    self._sent[row.id] = self._outbox.pop(row.id)
                    self._written_at.pop(row.id, None)
                case Later(retry_at=retry_at, reason=reason, is_unsent=is_unsent):
                    self._outbox[row.id] = attrs.evolve(
                        row,
                        due_at=retry_at,
                        reason=reason,
                        attempts=0 if row.is_parked else row.attempts,
                        doubts=max(0, row.doubts - is_unsent),
                    )
                case _:
                    reason = attempt.result.reason
                    self._outbox[row.id] = attrs.evolve(row, due_at=None, reason=reason)

    # -- What is in it -------------------------------------------------------------------------

    @property
    def inventory(self) -> Inventory:
        """All of the stock."""
        return self._inventory

    @property
    def records(self) -> Mapping[str, OrderRecord]:
        """All records, by order id."""
        return MappingProxyType(self._records)

    @property
    def decisions(self) -> Mapping[str, Decision]:
        """What was decided last, by order id."""
        return MappingProxyType(self._decisions)

    @property
    def outbox(self) -> Mapping[str, OutboxRow]:
        """The rows that are not sent, by id."""
        return MappingProxyType(self._outbox)

    @property
    def sent(self) -> Mapping[str, OutboxRow]:
        """The rows that were sent, by id."""
        return MappingProxyType(self._sent)

    def backlog(self, now: datetime) -> Backlog:
        """What waits in the outbox.

        Args:
            now: the time, aware.
        """
        now = _checks.in_utc("now", now)
        instants = [row.due_at for row in self._outbox.values() if row.due_at is not None]
        due = [instant for instant in instants if instant <= now]
        return Backlog(
            at=now,
            due=len(due),
            later=len(instants) - len(due),
            parked=len(self._outbox) - len(instants),
            due_at=min(due, default=None),
            written_at=min([self._written_at[row_id] for row_id in self._outbox], default=None),
        )

    # -- Looked up -----------------------------------------------------------------------------

    def _note(self, changes: Changes, order_ids: Iterable[str]) -> None:
        """Keep up what is looked up: who has something of a SKU, and which orders are active."""
        rows = units_in(changes)
        skus_of = {
            order_id: skus_with_units(self._inventory, order_id)
            for order_id in {*order_ids, *[row.order_id for row in rows]}
        }
        for row in rows:
            orders = self._orders_of_sku.setdefault(row.sku, set())
            if row.sku in skus_of[row.order_id]:
                orders.add(row.order_id)
            else:
                orders.discard(row.order_id)
        for order_id, skus in skus_of.items():
            record = self._records.get(order_id)
            if record is not None and (skus or not record.is_settled):
                self._active_ids.add(order_id)
            else:
                self._active_ids.discard(order_id)
