"""The storages over SQLAlchemy hold the contract of storages, on both databases."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from postgres import why_no_server
from some_databases import (
    contents_of,
    database,
    fill,
    make_tables,
    postgres_engine,
    spoil,
    sqlite_engine,
    use_wal,
)
from sqlalchemy import Engine, event
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from fulfill_core import Inventory, OrderRecord
from fulfill_core.hosting.sqlalchemy import AsyncSqlAlchemyStorage, SqlAlchemyStorage
from fulfill_core.testing import Contents, StorageContract

needs_server = pytest.mark.skipif(bool(why_no_server()), reason=why_no_server())


class OnDatabase(StorageContract):
    """A storage with an engine of its own, beside one that looks past it."""

    folder: Path
    engine: Engine

    @pytest.fixture(autouse=True)
    def database(self, tmp_path: Path) -> Any:
        self.folder = tmp_path
        self.engine = self.new_engine()
        yield
        self.engine.dispose()

    def new_engine(self) -> Engine:
        return sqlite_engine(self.folder / "shop.db")

    def open(self, inventory: Inventory, records: Sequence[OrderRecord]) -> Any:
        storage = self.new_storage()
        make_tables(self.engine, storage.tables.metadata)
        fill(self.engine, storage.tables, inventory, records)
        return storage

    def new_storage(self) -> Any:
        return SqlAlchemyStorage(self.new_engine())

    def reopen(self, storage: Any) -> Any:
        other = self.new_storage()
        self._opened.append(other)
        return other

    def contents(self, storage: Any) -> Contents:
        return contents_of(self.engine, storage.tables)

    def spoil(self, storage: Any, order_id: str) -> bool:
        spoil(self.engine, storage.tables, order_id)
        return True

    def close(self, storage: Any) -> None:
        storage._bind.dispose()

    def connections(self, storage: Any) -> int | None:
        pool: Any = storage._bind.pool
        return int(pool.checkedin() + pool.checkedout())


class TestOnSqlite(OnDatabase):
    """SQLite, in a file."""


@needs_server
class TestOnPostgres(OnDatabase):
    """PostgreSQL, by psycopg."""

    def new_engine(self) -> Engine:
        return postgres_engine("contract")


class Awaited(OnDatabase):
    """The asynchronous storage: whichever thread asks, all is awaited in one loop."""

    def setup_method(self) -> None:
        super().setup_method()
        self.loop = asyncio.new_event_loop()
        self.thread = Thread(target=self.loop.run_forever)
        self.thread.start()

    def teardown_method(self) -> None:
        super().teardown_method()
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()

    def resolve(self, answer: Any) -> Any:
        async def awaited() -> Any:
            return await answer

        return asyncio.run_coroutine_threadsafe(awaited(), self.loop).result()

    def new_async_engine(self) -> AsyncEngine:
        engine = create_async_engine(f"sqlite+aiosqlite:///{self.folder / 'shop.db'}")
        event.listen(engine.sync_engine, "connect", _use_wal)
        return engine

    def new_storage(self) -> Any:
        return AsyncSqlAlchemyStorage(self.new_async_engine())

    def close(self, storage: Any) -> None:
        self.resolve(storage._bind.dispose())


def _use_wal(connection: Any, _: object) -> None:
    cursor = connection.cursor()
    use_wal(cursor)
    cursor.close()


class TestAwaitedOnSqlite(Awaited):
    """SQLite, by aiosqlite."""


@needs_server
class TestAwaitedOnPostgres(Awaited):
    """PostgreSQL, by asyncpg."""

    def new_engine(self) -> Engine:
        return postgres_engine("awaited")

    def new_async_engine(self) -> AsyncEngine:
        return create_async_engine(f"postgresql+asyncpg://{database('awaited')}")
