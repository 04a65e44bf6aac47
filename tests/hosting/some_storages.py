"""Storages that are right in other ways than the one in memory, and wrong ones."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import attrs

from fulfill_core.hosting import (
    Attempt,
    CommitAnswer,
    CommitPlan,
    Committed,
    InMemoryStorage,
    Later,
    Loaded,
    OutboxRow,
    Scope,
)
from fulfill_core.testing import Contents


def contents_of(storage: Any) -> Contents:
    """All that is in a storage in memory."""
    return Contents(
        inventory=storage.inventory,
        records=storage.records.values(),
        unsent=storage.outbox,
        sent=storage.sent,
        decided=storage.decisions,
    )


class Remote:
    """A storage whose members are coroutines.

    Args:
        storage: where it keeps things.
    """

    def __init__(self, storage: InMemoryStorage) -> None:
        self.storage = storage

    async def load(self, scope: Scope, /) -> Loaded:
        return self.storage.load(scope)

    async def commit(self, plan: CommitPlan, /) -> CommitAnswer:
        return self.storage.commit(plan)

    async def decided(self, plan_id: str, /) -> CommitAnswer:
        return self.storage.decided(plan_id)

    async def unsent(
        self, limit: int, /, *, now: datetime, until: datetime, parked: bool = False
    ) -> Sequence[OutboxRow]:
        return self.storage.unsent(limit, now=now, until=until, parked=parked)

    async def mark(self, attempts: Sequence[Attempt], /) -> None:
        self.storage.mark(attempts)


class Plain(InMemoryStorage):
    """A storage for a shop with neither lots nor supplies, and all the rest: it refuses them."""

    def commit(self, plan: CommitPlan, /) -> CommitAnswer:
        changes = plan.changes
        units = (*changes.reservations_added, *changes.reservations_removed)
        unknown = [
            *(*changes.lots, *changes.supplies_added, *changes.claims_added),
            *(*changes.items_added, *changes.locations_added, *changes.intakes_added),
            *[each for each in units if each.lot or each.expires_at],
        ]
        if unknown:
            raise NotImplementedError(repr(unknown))
        return super().commit(plan)


class Torn(InMemoryStorage):
    """A storage with records that a newer version of the library may have written."""

    newer_ids: frozenset[str] = frozenset()

    def load(self, scope: Scope, /) -> Loaded:
        loaded = super().load(scope)
        return attrs.evolve(
            loaded,
            records=[each for each in loaded.records if each.id not in self.newer_ids],
            unreadable=[
                (each.id, "schema_version is 9")
                for each in loaded.records
                if each.id in self.newer_ids
            ],
        )


# -- Wrong, each in one way ------------------------------------------------------------------------


class IgnoringVersions(InMemoryStorage):
    def commit(self, plan: CommitPlan, /) -> CommitAnswer:
        return super().commit(attrs.evolve(plan, expected=()))


class CommittingTwice(InMemoryStorage):
    def commit(self, plan: CommitPlan, /) -> CommitAnswer:
        again = self.decided(plan.id) == Committed()
        current = {key: self._numbers.get(key, 0) for key, _ in plan.expected}
        twin = attrs.evolve(plan, id=f"{plan.id}!", expected=current)
        return super().commit(twin if again else plan)


class WritingTheOutboxAnyway(InMemoryStorage):
    def commit(self, plan: CommitPlan, /) -> CommitAnswer:
        answer = super().commit(plan)
        self._outbox.update((row.id, row) for row in plan.rows if row.id not in self._sent)
        return answer


class SendingNewsAgain(InMemoryStorage):
    def commit(self, plan: CommitPlan, /) -> CommitAnswer:
        answer = super().commit(plan)
        if answer == Committed():
            self._outbox.update((row.id, row) for row in plan.rows)
        return answer


class NeverWithdrawing(InMemoryStorage):
    def commit(self, plan: CommitPlan, /) -> CommitAnswer:
        return super().commit(attrs.evolve(plan, withdrawn=()))


class ForgettingWhatWasDecided(InMemoryStorage):
    def decided(self, plan_id: str, /) -> CommitAnswer:
        return Committed()


class LoadingTheWholeShop(InMemoryStorage):
    def load(self, scope: Scope, /) -> Loaded:
        return attrs.evolve(super().load(scope), inventory=self.inventory)


class LoadingOwnUnitsOnly(InMemoryStorage):
    def load(self, scope: Scope, /) -> Loaded:
        loaded = super().load(scope)
        ids = {record.id for record in loaded.records}
        foreign = [each for each in loaded.inventory.reservations() if each.order_id not in ids]
        return attrs.evolve(loaded, inventory=loaded.inventory.without_reservations(foreign))


class LoadingDoneOrders(InMemoryStorage):
    def load(self, scope: Scope, /) -> Loaded:
        everything = sorted(self.records)
        ids = everything if scope.order_ids is None else scope.order_ids
        return super().load(attrs.evolve(scope, order_ids=ids))


class HandingOutAgain(InMemoryStorage):
    def unsent(
        self, limit: int, /, *, now: datetime, until: datetime, parked: bool = False
    ) -> Sequence[OutboxRow]:
        return super().unsent(limit, now=now, until=now, parked=parked)


class PassingBy(InMemoryStorage):
    """It remembers the last row that it handed out, and hands out those that come after."""

    _last = ""

    def unsent(
        self, limit: int, /, *, now: datetime, until: datetime, parked: bool = False
    ) -> Sequence[OutboxRow]:
        rows = super().unsent(limit, now=now, until=until, parked=parked)
        rows = [row for row in rows if row.id > self._last]
        self._last = max([row.id for row in rows], default=self._last)
        return rows


class MarkingWhatWasSent(InMemoryStorage):
    def mark(self, attempts: Sequence[Attempt], /) -> None:
        for attempt in attempts:
            if isinstance(attempt.result, Later) and attempt.row_id in self._sent:
                self._outbox[attempt.row_id] = self._sent.pop(attempt.row_id)
        super().mark(attempts)


class KeepingAttempts(InMemoryStorage):
    def mark(self, attempts: Sequence[Attempt], /) -> None:
        before = {row.id: row.attempts for row in self._outbox.values()}
        super().mark(attempts)
        for row in list(self._outbox.values()):
            self._outbox[row.id] = attrs.evolve(row, attempts=before[row.id])


class DroppingLots(InMemoryStorage):
    def commit(self, plan: CommitPlan, /) -> CommitAnswer:
        return super().commit(attrs.evolve(plan, changes=attrs.evolve(plan.changes, lots=())))


class DroppingExpiries(InMemoryStorage):
    def commit(self, plan: CommitPlan, /) -> CommitAnswer:
        lasting = [attrs.evolve(each, expires_at=None) for each in plan.changes.reservations_added]
        changes = attrs.evolve(plan.changes, reservations_added=lasting)
        return super().commit(attrs.evolve(plan, changes=changes))


class CuttingMicroseconds(InMemoryStorage):
    def commit(self, plan: CommitPlan, /) -> CommitAnswer:
        cut = [
            attrs.evolve(each, made_at=each.made_at and each.made_at.replace(microsecond=0))
            for each in plan.changes.reservations_added
        ]
        changes = attrs.evolve(plan.changes, reservations_added=cut)
        return super().commit(attrs.evolve(plan, changes=changes))


class JoiningEqualReservations(InMemoryStorage):
    def commit(self, plan: CommitPlan, /) -> CommitAnswer:
        once = dict.fromkeys(plan.changes.reservations_added)
        changes = attrs.evolve(plan.changes, reservations_added=once)
        return super().commit(attrs.evolve(plan, changes=changes))


class ForgettingDeletions(InMemoryStorage):
    def commit(self, plan: CommitPlan, /) -> CommitAnswer:
        changes = attrs.evolve(plan.changes, claims_removed=(), supplies_removed=())
        return super().commit(attrs.evolve(plan, changes=changes))


class LockingTheWholeTable(InMemoryStorage):
    """One version for everything, as a table has that is locked as a whole."""

    def commit(self, plan: CommitPlan, /) -> CommitAnswer:
        answer = super().commit(plan)
        if answer == Committed():
            touched = {key for key, _ in plan.expected}
            self._numbers.update(
                (key, number + 1) for key, number in self._numbers.items() if key not in touched
            )
        return answer


WRONG: list[type[InMemoryStorage]] = [
    IgnoringVersions,
    CommittingTwice,
    WritingTheOutboxAnyway,
    SendingNewsAgain,
    NeverWithdrawing,
    ForgettingWhatWasDecided,
    LoadingTheWholeShop,
    LoadingOwnUnitsOnly,
    LoadingDoneOrders,
    HandingOutAgain,
    PassingBy,
    MarkingWhatWasSent,
    KeepingAttempts,
    DroppingLots,
    DroppingExpiries,
    CuttingMicroseconds,
    JoiningEqualReservations,
    ForgettingDeletions,
    LockingTheWholeTable,
]
