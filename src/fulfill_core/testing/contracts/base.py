"""What a contract of storages asks of the class that is held to it, and what its checks share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta
from typing import Any, ClassVar

import attrs
import pytest

from fulfill_core.decisions import Decision
from fulfill_core.hosting import (
    Attempt,
    CommitAnswer,
    CommitPlan,
    Committed,
    Loaded,
    OutboxRow,
    Scope,
    SendAnswer,
    key_of_order,
)
from fulfill_core.hosting.planning import keys_in, versions_of
from fulfill_core.inventory import Changes, Inventory
from fulfill_core.records import OrderRecord
from fulfill_core.testing.contracts.suite import ALL_CAPABILITIES, SUITE_VERSION, Capability
from fulfill_core.testing.contracts.worlds import NOON

MINUTE = timedelta(minutes=1)
ALL_SKUS = Scope(skus=["box", "cup", "mug", "pair", "rare", "tea"])
_NOBODY: tuple[OrderRecord, ...] = ()


def _to_ids(ids: Iterable[str]) -> frozenset[str]:
    return frozenset(ids)


def _to_records(records: Iterable[OrderRecord]) -> dict[str, OrderRecord]:
    return {record.id: record for record in records}


@attrs.frozen(kw_only=True)
class Contents:
    """All that is in a storage, read past it: by statements of your own, not by its members.

    Args:
        inventory: all of the stock.
        records: all records.
        unsent: the ids of the rows that are neither sent nor withdrawn, those that are parked too.
        sent: the ids of the rows that were sent.
        decided: the ids of the orders of which a decision is stored.

    >>> Contents(inventory=Inventory(), records=[], unsent=["m1"], sent=[]).unsent
    frozenset({'m1'})
    """

    inventory: Inventory
    records: dict[str, OrderRecord] = attrs.field(converter=_to_records)
    unsent: AbstractSet[str] = attrs.field(converter=_to_ids)
    sent: AbstractSet[str] = attrs.field(converter=_to_ids)
    decided: AbstractSet[str] = attrs.field(default=frozenset(), converter=_to_ids)


class StorageAdapter:
    """What the checks need to know of a storage: override `open` and `contents`, and what differs.

    Each check opens a storage of its own; what it opened is closed at its end.
    """

    suite_version: ClassVar[int] = SUITE_VERSION
    """Checks that are newer than this one warn. Pin it, and look at the warnings in your time."""
    capabilities: ClassVar[frozenset[Capability]] = ALL_CAPABILITIES
    """What the storage can keep. It has to refuse all else: no check is skipped in silence."""
    loops: ClassVar[int] = 1000
    """So many loops are run while connections are counted."""

    _opened: list[Any]

    # -- Yours ---------------------------------------------------------------------------------

    def open(self, inventory: Inventory, records: Sequence[OrderRecord]) -> Any:
        """A storage with this content and no other; all versions of what is there are 1 or more.

        ``storage.commit(self.filling(inventory, records))`` fills one that is empty.
        """
        raise NotImplementedError("open(inventory, records): return a storage with this content")

    def contents(self, storage: Any) -> Contents:
        """All that is in it, read past it."""
        raise NotImplementedError("contents(storage): read its tables, and return Contents")

    def spoil(self, storage: Any, order_id: str) -> bool:
        """Make the record of an order one that can't be read; False if that can't happen."""
        return False

    def reopen(self, storage: Any) -> Any:
        """Another storage on the same database, as another process or thread has it."""
        return storage

    def close(self, storage: Any) -> None:
        """Let go of a storage that was opened, and of its database."""

    def resolve(self, answer: Any) -> Any:
        """What a member answered; of an asynchronous storage, what the coroutine gives."""
        return answer

    def connections(self, storage: Any) -> int | None:
        """How many connections it has open now; None if there is nothing to count."""
        return None

    # -- What yours may use --------------------------------------------------------------------

    def filling(self, inventory: Inventory, records: Sequence[OrderRecord] = ()) -> CommitPlan:
        """The plan that fills an empty storage, for an `open` that goes by its own `commit`.

        Args:
            inventory: all of the stock that is to be in it.
            records: all of the orders.

        >>> StorageAdapter().filling(Inventory.of({("mug", "berlin"): 12})).expected
        (('location:berlin', 0), ('sku:mug', 0))
        """
        changes = inventory.changes_since(Inventory())
        keys = [*[key_of_order(record.id) for record in records], *keys_in(changes)]
        return CommitPlan(
            id="filling",
            at=NOON,
            expected=dict.fromkeys(keys, 0),
            changes=changes,
            records=records,
        )

    # -- The checks' ---------------------------------------------------------------------------

    def setup_method(self) -> None:
        """Nothing is open before a check."""
        self._opened = []

    def teardown_method(self) -> None:
        """What a check opened is closed."""
        while self._opened:
            self.close(self._opened.pop())

    def begin(
        self, inventory: Inventory | None = None, records: Iterable[OrderRecord] = _NOBODY
    ) -> Any:
        """A storage with this content, which is closed after the check."""
        storage = self.open(Inventory() if inventory is None else inventory, tuple(records))
        self._opened.append(storage)
        return storage

    def load(self, storage: Any, scope: Scope = ALL_SKUS) -> Loaded:
        """What it loads."""
        loaded: Loaded = self.resolve(storage.load(scope))
        return loaded

    def commit(self, storage: Any, plan: CommitPlan) -> CommitAnswer:
        """What it says of a plan."""
        answer: CommitAnswer = self.resolve(storage.commit(plan))
        return answer

    def decided(self, storage: Any, plan_id: str) -> CommitAnswer:
        """What it says when it is asked."""
        answer: CommitAnswer = self.resolve(storage.decided(plan_id))
        return answer

    def hand_out(
        self, storage: Any, now: datetime = NOON, limit: int = 100, **options: Any
    ) -> list[OutboxRow]:
        """What it hands out, until five minutes later."""
        options = {"until": now + 5 * MINUTE, **options}
        return list(self.resolve(storage.unsent(limit, now=now, **options)))

    def mark(self, storage: Any, result: SendAnswer, *row_ids: str, at: datetime = NOON) -> None:
        """Say what became of rows."""
        attempts = [Attempt(row_id=row_id, at=at, result=result) for row_id in row_ids]
        self.resolve(storage.mark(attempts))

    def plan(
        self,
        loaded: Loaded,
        plan_id: str = "p1",
        *,
        after: Inventory | None = None,
        changes: Changes | None = None,
        records: Iterable[OrderRecord] = _NOBODY,
        decisions: Iterable[Decision] = (),
        rows: Iterable[OutboxRow] = (),
        withdrawn: Iterable[str] = (),
        drafts: Iterable[str] = (),
    ) -> CommitPlan:
        """A plan that goes from what was loaded to this, or that changes this of it."""
        if changes is None:
            inventory = loaded.inventory if after is None else after
            changes = inventory.changes_since(loaded.inventory)
        records = tuple(records)
        return CommitPlan(
            id=plan_id,
            at=NOON,
            expected=versions_of(loaded, changes, [record.id for record in records]),
            changes=changes,
            records=records,
            decisions=decisions,
            rows=rows,
            withdrawn=withdrawn,
            drafts=drafts,
        )

    def write(self, storage: Any, plan_id: str = "p1", **content: Any) -> None:
        """Write rows and the like, which has to be possible."""
        answer = self.commit(storage, self.plan(self.load(storage), plan_id, **content))
        assert answer == Committed()

    def needs(self, *capabilities: Capability) -> None:
        """Skip a check of something that the storage says it can't keep: aloud, with the reason."""
        for capability in capabilities:
            if capability not in self.capabilities:
                pytest.skip(f"{type(self).__name__} does not declare the capability {capability}")
