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


class ForgettingWhatWasDecided(InMemoryStorage):
    def decided(self, plan_id: str, /) -> CommitAnswer:
        return Committed()


class LoadingOwnUnitsOnly(InMemoryStorage):
    def load(self, scope: Scope, /) -> Loaded:
        loaded = super().load(scope)
        ids = {record.id for record in loaded.records}
        foreign = [each for each in loaded.inventory.reservations() if each.order_id not in ids]
        return attrs.evolve(loaded, inventory=loaded.inventory.without_reservations(foreign))
