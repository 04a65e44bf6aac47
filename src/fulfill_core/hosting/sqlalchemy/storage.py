"""The storages: members of the port, each in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Concatenate, ParamSpec, TypeVar

import attrs
from sqlalchemy import Connection, Engine, bindparam, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from fulfill_core import _checks
from fulfill_core.hosting.backlog import Backlog
from fulfill_core.hosting.batches import Loaded, Scope
from fulfill_core.hosting.plans import (
    CommitAnswer,
    CommitPlan,
    Committed,
    Conflict,
    OutboxRow,
    Unknown,
)
from fulfill_core.hosting.sending import Attempt
from fulfill_core.hosting.sqlalchemy.loading import Loader
from fulfill_core.hosting.sqlalchemy.outbox import Outbox
from fulfill_core.hosting.sqlalchemy.tables import Tables
from fulfill_core.hosting.sqlalchemy.writing import INSERTS, OutdatedError, Writer
from fulfill_core.wire import Reading

P = ParamSpec("P")
T = TypeVar("T")

_ISOLATION = {"postgresql": ("REPEATABLE READ", "READ COMMITTED")}
"""What is loaded is of one moment; and what is written, is written on what there is by then."""
_BEGIN = {"sqlite": ("BEGIN", "BEGIN IMMEDIATE")}
"""SQLite's driver begins no transaction to read, and asks for the lock to write too late."""
_BUSY = {5, 6}  # SQLITE_BUSY, SQLITE_LOCKED
_GONE = (DBAPIError, OSError)
_OVERTAKEN = {"40001", "40P01", "55P03"}  # serialization failure, deadlock, lock not available


class SqlAlchemyStorage:
    """Orders, stock and the outbox in SQLite or PostgreSQL.

    Args:
        bind: an engine: each member takes a connection of it, for a transaction of its own. Or a
            connection of the host: all is done in the host's transaction, which the host commits;
            a conflict rolls back to where its commit began.
        tables: where; None for tables of its own.
        reading: how documents are read, such as with ``zone_of=ZoneInfo`` where orders, locations
            or calendars have time zones with names; without it what names one is not written.

    Raises:
        InvalidValueError: the bind is neither, or of another database.

    >>> from sqlalchemy import create_engine
    >>> from sqlalchemy.pool import StaticPool
    >>> engine = create_engine("sqlite://", poolclass=StaticPool)
    >>> storage = SqlAlchemyStorage(engine)
    >>> storage.tables.metadata.create_all(engine)
    >>> storage.load(Scope()).records
    ()
    >>> engine.dispose()
    """

    def __init__(
        self,
        bind: Engine | Connection,
        tables: Tables | None = None,
        *,
        reading: Reading | None = None,
    ) -> None:
        _check_bind(bind, Engine, Connection)
        self._bind = bind
        self.tables = Tables() if tables is None else tables
        self._work = _Work(self.tables, bind.dialect.name, reading or Reading())

    def load(self, scope: Scope, /) -> Loaded:
        """See `fulfill_core.hosting.Storage.load`."""
        return self._run(self._work.load, scope)

    def commit(self, plan: CommitPlan, /) -> CommitAnswer:
        """See `fulfill_core.hosting.Storage.commit`."""
        return self._run(self._work.commit, plan)

    def decided(self, plan_id: str, /) -> CommitAnswer:
        """See `fulfill_core.hosting.Storage.decided`."""
        try:
            return self._run(self._work.decided, plan_id)
        except _GONE as error:
            return Unknown(reason=_checks.message_of(error))

    def unsent(
        self, limit: int, /, *, now: datetime, until: datetime, parked: bool = False
    ) -> Sequence[OutboxRow]:
        """See `fulfill_core.hosting.Storage.unsent`."""
        return self._run(self._work.unsent, limit, now=now, until=until, parked=parked)

    def mark(self, attempts: Sequence[Attempt], /) -> None:
        """See `fulfill_core.hosting.Storage.mark`."""
        self._run(self._work.mark, attempts)

    def backlog(self, now: datetime) -> Backlog:
        """What waits in the outbox, by one statement. It is no member of the port.

        Args:
            now: the time, aware.
        """
        return self._run(self._work.backlog, now)

    def _run(
        self,
        member: Callable[Concatenate[_Session, P], T],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        if isinstance(self._bind, Connection):
            return member(_Session(self._bind, is_own=False), *args, **kwargs)
        with self._bind.connect() as connection:
            return member(_Session(connection, is_own=True), *args, **kwargs)


class AsyncSqlAlchemyStorage:
    """`SqlAlchemyStorage` for an asynchronous host: the same, awaited.

    Args:
        bind: an asynchronous engine, or a connection of the host with its transaction.
        tables: where; None for tables of its own.
        reading: how documents are read.

    Raises:
        InvalidValueError: the bind is neither, or of another database.

    >>> import asyncio
    >>> from sqlalchemy.ext.asyncio import create_async_engine
    >>> async def orders() -> int:
    ...     engine = create_async_engine("sqlite+aiosqlite://")
    ...     storage = AsyncSqlAlchemyStorage(engine)
    ...     async with engine.begin() as connection:
    ...         await connection.run_sync(storage.tables.metadata.create_all)
    ...     loaded = await storage.load(Scope())
    ...     await engine.dispose()
    ...     return len(loaded.records)
    >>> asyncio.run(orders())
    0
    """

    def __init__(
        self,
        bind: AsyncEngine | AsyncConnection,
        tables: Tables | None = None,
        *,
        reading: Reading | None = None,
    ) -> None:
        _check_bind(bind, AsyncEngine, AsyncConnection)
        self._bind = bind
        self.tables = Tables() if tables is None else tables
        self._work = _Work(self.tables, bind.dialect.name, reading or Reading())

    async def load(self, scope: Scope, /) -> Loaded:
        """See `fulfill_core.hosting.Storage.load`."""
        return await self._run(self._work.load, scope)

    async def commit(self, plan: CommitPlan, /) -> CommitAnswer:
        """See `fulfill_core.hosting.Storage.commit`."""
        return await self._run(self._work.commit, plan)

    async def decided(self, plan_id: str, /) -> CommitAnswer:
        """See `fulfill_core.hosting.Storage.decided`."""
        try:
            return await self._run(self._work.decided, plan_id)
        except _GONE as error:
            return Unknown(reason=_checks.message_of(error))

    async def unsent(
        self, limit: int, /, *, now: datetime, until: datetime, parked: bool = False
    ) -> Sequence[OutboxRow]:
        """See `fulfill_core.hosting.Storage.unsent`."""
        return await self._run(self._work.unsent, limit, now=now, until=until, parked=parked)

    async def mark(self, attempts: Sequence[Attempt], /) -> None:
        """See `fulfill_core.hosting.Storage.mark`."""
        await self._run(self._work.mark, attempts)

    async def backlog(self, now: datetime) -> Backlog:
        """See `SqlAlchemyStorage.backlog`."""
        return await self._run(self._work.backlog, now)

    async def _run(
        self,
        member: Callable[Concatenate[_Session, P], T],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        is_own = isinstance(self._bind, AsyncEngine)

        def run(connection: Connection) -> T:
            return member(_Session(connection, is_own=is_own), *args, **kwargs)

        if isinstance(self._bind, AsyncConnection):
            return await self._bind.run_sync(run)
        async with self._bind.connect() as connection:
            return await connection.run_sync(run)


def _check_bind(bind: Any, *kinds: type[Any]) -> None:
    if not any(isinstance(bind, kind) for kind in kinds):
        names = " nor ".join([kind.__name__ for kind in kinds])
        raise _checks.refuse("bind", bind, f"is neither {names}; pass one of them")
    name: str = bind.dialect.name
    if name not in INSERTS:
        problem = "is a database of which no storage knows; pass one of SQLite or PostgreSQL"
        raise _checks.refuse("bind", name, problem)


class _Session:
    """A connection, and whose its transaction is.

    Args:
        connection: where to.
        is_own: whether a transaction is begun and ended; else it is the host's.
    """

    def __init__(self, connection: Connection, *, is_own: bool) -> None:
        self.connection, self.is_own = connection, is_own

    def begin(self, *, writes: bool) -> None:
        """Begin a transaction, unless the host has."""
        connection, dialect = self.connection, self.connection.dialect.name
        if not connection.in_transaction():
            if self.is_own and dialect in _ISOLATION:
                connection.execution_options(isolation_level=_ISOLATION[dialect][writes])
            connection.begin()
        # Only now: the host may have taught its engine to begin.
        driver: Any = connection.connection.driver_connection
        if dialect in _BEGIN and not driver.in_transaction:
            connection.exec_driver_sql(_BEGIN[dialect][writes])

    def end(self) -> None:
        """Commit, unless that is the host's affair."""
        if not self.is_own:
            return
        try:
            self.connection.commit()
        except DBAPIError:
            # It may be in the middle of it, with all its locks: nobody is to get it again.
            self.connection.invalidate()
            raise


class _Work:
    """What both storages do with a connection.

    Args:
        tables: where.
        dialect: the name of the database's.
        reading: how documents are read.
    """

    def __init__(self, tables: Tables, dialect: str, reading: Reading) -> None:
        self._loader = Loader(tables, reading)
        self._writer = Writer(tables, dialect, reading)
        self._outbox = Outbox(tables, dialect, reading)
        plans = tables.plans.c
        self._plan = select(plans.id).where(plans.id == bindparam("id"))

    def load(self, session: _Session, scope: Scope) -> Loaded:
        if session.is_own:  # a snapshot in the host's transaction could not write any more
            session.begin(writes=False)
        loaded = self._loader.load(session.connection, scope)
        drafts, doubtful_ids = self._outbox.drafts(session.connection, loaded.records)
        if not drafts and not doubtful_ids:
            return loaded
        return attrs.evolve(loaded, drafts=drafts, doubtful_ids=doubtful_ids)

    def commit(self, session: _Session, plan: CommitPlan) -> CommitAnswer:
        try:
            session.begin(writes=True)
            if not session.is_own:
                with session.connection.begin_nested():
                    self._write(session.connection, plan)
                return Committed()
            self._write(session.connection, plan)
        except OutdatedError as error:
            return Conflict(keys=error.keys)
        except DBAPIError as error:  # nothing is written: it was not told to commit
            if session.is_own and _is_overtaken(error):
                return Conflict()
            raise
        try:
            session.end()
        except DBAPIError as error:
            if _is_overtaken(error):
                return Conflict()
            return Unknown(reason=_checks.message_of(error))
        return Committed()

    def _write(self, connection: Connection, plan: CommitPlan) -> None:
        if self._writer.write(connection, plan):
            self._outbox.write(connection, plan)

    def decided(self, session: _Session, plan_id: str) -> CommitAnswer:
        row = session.connection.execute(self._plan, {"id": plan_id}).first()
        return Conflict() if row is None else Committed()

    def unsent(
        self, session: _Session, limit: int, *, now: datetime, until: datetime, parked: bool
    ) -> list[OutboxRow]:
        if parked:
            return self._outbox.parked(session.connection, limit)
        session.begin(writes=True)
        rows = self._outbox.hand_out(session.connection, limit, now=now, until=until)
        session.end()
        return rows

    def backlog(self, session: _Session, now: datetime) -> Backlog:
        return self._outbox.backlog(session.connection, _checks.in_utc("now", now))

    def mark(self, session: _Session, attempts: Sequence[Attempt]) -> None:
        session.begin(writes=True)
        self._outbox.mark(session.connection, attempts)
        session.end()


def _is_overtaken(error: DBAPIError) -> bool:
    """Whether somebody else had the rows, or the whole database, for too long."""
    code = getattr(error.orig, "sqlite_errorcode", 0)
    return code & 0xFF in _BUSY or getattr(error.orig, "sqlstate", "") in _OVERTAKEN
