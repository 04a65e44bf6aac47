"""A shop over a database, be it SQLite or PostgreSQL, whose rows somebody may change by hand."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from postgres import why_no_server
from some_databases import (
    contents_of,
    database,
    fill,
    make_tables,
    postgres_engine,
    sqlite_engine,
)
from some_hosting import NOON, SETTINGS, Clock, stock
from sqlalchemy import Engine
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from fulfill_core import Inventory
from fulfill_core.hosting import CommitPlan, Job, LoopReport, Scope, run_loop
from fulfill_core.hosting.planning import versions_of
from fulfill_core.hosting.sqlalchemy import SqlAlchemyStorage
from fulfill_core.inventory import Changes

needs_server = pytest.mark.skipif(bool(why_no_server()), reason=why_no_server())
BOTH = ["sqlite", pytest.param("postgresql", marks=needs_server)]
"""For tests of what both databases do."""


class DatabaseShop:
    """A storage over a database with nothing else in it, with the usual stock.

    Args:
        engine: the database.
        inventory: its stock.
        records: its orders.
    """

    def __init__(
        self, engine: Engine, inventory: Inventory | None = None, records: Any = ()
    ) -> None:
        self.engine = engine
        self.storage = SqlAlchemyStorage(self.engine)
        self.tables = self.storage.tables
        make_tables(self.engine, self.tables.metadata)
        fill(self.engine, self.tables, stock() if inventory is None else inventory, records)
        self.clock = Clock()

    def loop(self, *jobs: Job, **options: Any) -> LoopReport:
        """Do jobs."""
        options = {"storage": self.storage, "settings": SETTINGS, **options}
        return run_loop(jobs, clock=self.clock, sleep=self.clock.sleep, **options)

    def by_hand(self, statement: str) -> None:
        """Somebody changes the database, past the storage."""
        with self.engine.begin() as connection:
            connection.exec_driver_sql(statement)

    @property
    def inventory(self) -> Inventory:
        """All of the stock."""
        return contents_of(self.engine, self.tables).inventory

    def plan(self, scope: Scope, **changes: Any) -> CommitPlan:
        """A plan that changes this of the stock."""
        loaded = self.storage.load(scope)
        content = Changes(**changes)
        return CommitPlan(
            id="p1", at=NOON, expected=versions_of(loaded, content, []), changes=content
        )


@contextmanager
def shop_on(
    name: str, folder: Path, inventory: Inventory | None = None, records: Any = ()
) -> Iterator[DatabaseShop]:
    """A shop on a database of this name."""
    engine = sqlite_engine(folder / "shop.db") if name == "sqlite" else postgres_engine("by_hand")
    try:
        yield DatabaseShop(engine, inventory, records)
    finally:
        engine.dispose()


def async_engine_on(name: str, folder: Path) -> AsyncEngine:
    """An engine that is awaited, on the same database."""
    if name == "sqlite":
        return create_async_engine(f"sqlite+aiosqlite:///{folder / 'shop.db'}")
    return create_async_engine(f"postgresql+asyncpg://{database('by_hand')}")
