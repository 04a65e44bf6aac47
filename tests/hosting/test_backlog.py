"""What waits in an outbox: the storages that come with the library say the same of it."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from some_hosting import NOON, stock
from some_shops import BOTH, async_engine_on, shop_on

from fulfill_core import InvalidValueError
from fulfill_core.hosting import (
    Attempt,
    Backlog,
    CommitPlan,
    InMemoryStorage,
    Later,
    Never,
    OutboxRow,
    Sent,
)
from fulfill_core.hosting.sqlalchemy import AsyncSqlAlchemyStorage
from fulfill_core.lifecycle import Ask

MINUTE = timedelta(minutes=1)
EMPTY = Backlog(at=NOON)
HALF_PAST = NOON + 30 * MINUTE
AFTERWARDS = Backlog(
    at=HALF_PAST,
    due=1,
    later=1,
    parked=1,
    due_at=NOON + 5 * MINUTE,
    written_at=NOON,
)


def plan(minutes: int, *names: str, **changes: Any) -> CommitPlan:
    """Rows that are written so long after noon."""
    at = NOON + minutes * MINUTE
    rows = [
        OutboxRow(id=name, order_id="A-1", content=Ask(code="a.b", detail=name), due_at=at)
        for name in names
    ]
    return CommitPlan(id=f"p{minutes}", at=at, rows=rows, **changes)


def play(storage: Any) -> None:
    """One row is sent, one withdrawn, one parked, one tried later; one was written late."""
    storage.commit(plan(-9, "sent", "withdrawn"))
    storage.commit(plan(0, "parked", "later"))
    storage.commit(plan(5, "due"))
    storage.unsent(4, now=NOON, until=HALF_PAST)
    results = {"sent": Sent(), "parked": Never(reason="no"), "later": Later(retry_at=NOON + HOUR)}
    storage.mark([Attempt(row_id=name, at=NOON, result=each) for name, each in results.items()])
    storage.commit(plan(6, withdrawn=["withdrawn"]))


def write_anew(storage: Any) -> None:
    """A row is withdrawn, and written again: it waits since then."""
    storage.commit(plan(-20, "again"))
    storage.commit(plan(-15, withdrawn=["again"]))
    storage.commit(plan(-10, "again"))


HOUR = 60 * MINUTE


def test_a_storage_in_memory_counts_its_rows() -> None:
    """Those that are neither sent nor withdrawn; a row that is tried again is as old as it is."""
    storage = InMemoryStorage(stock())
    assert storage.backlog(NOON) == EMPTY
    play(storage)
    assert storage.backlog(HALF_PAST) == AFTERWARDS
    write_anew(storage)
    assert storage.backlog(HALF_PAST).written_at == NOON - 10 * MINUTE


@pytest.mark.parametrize("name", BOTH)
def test_a_database_counts_its_rows(name: str, tmp_path: Path) -> None:
    """The same, awaited or not; of a row that an older version wrote nobody knows when."""

    async def ask() -> Backlog:
        engine = async_engine_on(name, tmp_path)
        backlog = await AsyncSqlAlchemyStorage(engine).backlog(HALF_PAST)
        await engine.dispose()
        return backlog

    with shop_on(name, tmp_path) as shop:
        assert shop.storage.backlog(NOON) == EMPTY
        play(shop.storage)
        assert shop.storage.backlog(HALF_PAST) == AFTERWARDS
        assert asyncio.run(ask()) == AFTERWARDS
        write_anew(shop.storage)
        assert shop.storage.backlog(HALF_PAST).written_at == NOON - 10 * MINUTE
        shop.by_hand("UPDATE fulfill_outbox SET written_at = NULL")
        assert shop.storage.backlog(HALF_PAST).written_at is None


@pytest.mark.parametrize("now", [None, NOON.replace(tzinfo=None), "noon"])
def test_what_is_no_time_is_named(now: Any) -> None:
    """In memory as in a database, with rows and without."""
    storage = InMemoryStorage(stock())
    play(storage)
    with pytest.raises(InvalidValueError, match="now: "):
        storage.backlog(now)
