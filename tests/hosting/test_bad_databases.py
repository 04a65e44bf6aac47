"""Databases that are read-only, full, gone, slow, or break while they commit: what comes of it."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from shutil import which
from typing import Any

import pytest
from postgres import bound_files, stop, why_no_own_server
from some_databases import contents_of, database, doomed_database
from some_hosting import NOON, order
from some_shops import BOTH, DatabaseShop, needs_server, shop_on
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.ext.asyncio import create_async_engine

from fulfill_core import Order
from fulfill_core.hosting import CommitPlan, Limits, Run, Scope, Unknown
from fulfill_core.hosting.sqlalchemy import AsyncSqlAlchemyStorage, SqlAlchemyStorage

MUGS = Scope(skus=["mug"])
needs_own_server = pytest.mark.skipif(bool(why_no_own_server()), reason=why_no_own_server())
_SEGMENT = 16 * 2**20
"""Bytes of a file of PostgreSQL's log: they are written whatever happens."""


@pytest.fixture(params=BOTH)
def name(request: pytest.FixtureRequest) -> Any:
    """Which database it is."""
    return request.param


@pytest.fixture
def shop(name: str, tmp_path: Path) -> Iterator[DatabaseShop]:
    """A shop with mugs and cups."""
    with shop_on(name, tmp_path) as shop:
        yield shop


@pytest.fixture
def engine_with(name: str, tmp_path: Path) -> Iterator[Callable[[str, str], Engine]]:
    """Makes another engine on the database of the shop, with options of each database's own."""
    engines: list[Engine] = []

    def make(sqlite: str, postgres: str) -> Engine:
        if name == "sqlite":
            url, options = f"sqlite:///file:{tmp_path / 'shop.db'}?uri=true&{sqlite}", {}
        else:
            url, options = f"postgresql+psycopg://{database('by_hand')}", {"options": postgres}
        engines.append(create_engine(url, connect_args=options))
        return engines[-1]

    yield make
    for engine in engines:
        engine.dispose()


def orders(count: int) -> list[Order]:
    """Orders of two mugs."""
    return [order(f"A-{number:03}") for number in range(count)]


def tries(report: Any) -> list[tuple[str, int]]:
    """What became of jobs, and how often each was tried."""
    return [(str(job.status), job.attempts) for job in report.jobs]


# -- Read-only -------------------------------------------------------------------------------------


def test_a_database_that_is_read_only_raises(shop: DatabaseShop, engine_with: Any) -> None:
    """It can be read; nothing can be written, and it says so."""
    storage = SqlAlchemyStorage(engine_with("mode=ro", "-c default_transaction_read_only=on"))
    assert shop.loop(Run(orders=[order("A-1")])).is_done
    assert storage.load(MUGS).inventory.reserved("mug") == 2
    with pytest.raises(DBAPIError, match=r"readonly|read-only"):
        shop.loop(Run(orders=[order("A-2")]), storage=storage)
    with pytest.raises(DBAPIError, match=r"readonly|read-only"):
        storage.unsent(9, now=NOON, until=NOON)
    assert set(contents_of(shop.engine, shop.tables).records) == {"A-1"}


@needs_server
def test_a_role_that_may_only_read_raises(tmp_path: Path) -> None:
    """The same by what the database lets somebody do."""
    with shop_on("postgresql", tmp_path) as shop:
        clerk = f"clerk_{shop.engine.url.database}"
        shop.by_hand(f"CREATE ROLE {clerk} LOGIN")
        shop.by_hand(f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {clerk}")
        engine = create_engine(shop.engine.url.set(username=clerk))
        storage = SqlAlchemyStorage(engine)
        assert storage.load(MUGS).inventory.on_hand("mug") == 6
        with pytest.raises(DBAPIError, match="permission denied"):
            shop.loop(Run(orders=[order()]), storage=storage)
        assert contents_of(shop.engine, shop.tables).records == {}
        engine.dispose()


# -- Full ------------------------------------------------------------------------------------------


def test_a_file_that_is_full_raises(tmp_path: Path) -> None:
    """Nothing is written; when there is room, the same can be done."""

    def limit(connection: Any, _: object, pages: int = 1) -> None:
        connection.execute(f"PRAGMA max_page_count={pages}")

    with shop_on("sqlite", tmp_path) as shop:
        shop.engine.dispose()
        event.listen(shop.engine, "connect", limit)
        with pytest.raises(DBAPIError, match="full"):
            shop.loop(Run(orders=orders(40)))
        event.remove(shop.engine, "connect", limit)
        shop.engine.dispose()
        assert contents_of(shop.engine, shop.tables).records == {}
        assert shop.loop(Run(orders=orders(40))).is_done


@needs_own_server
@pytest.mark.skipif(not which("prlimit"), reason="no prlimit, to bound the files of a server")
def test_a_server_that_is_full_raises() -> None:
    """What was placed by then is there, and nothing of the rest; with room again it goes on.

    A disk that is full needs a disk; a server whose files may not grow says the same.
    """
    with doomed_database() as (place, process):
        shop = DatabaseShop(create_engine(f"postgresql+psycopg://{place}"))
        shop.by_hand(
            "INSERT INTO fulfill_plan SELECT repeat(md5(n::text), 8) || n, now()"
            " FROM generate_series(1, 70000) AS n"
        )
        shop.engine.dispose()
        bound_files(process, _SEGMENT)
        placed_ids: set[str] = set()

        def place_all() -> None:
            for each in orders(400):
                assert shop.loop(Run(orders=[each])).is_done
                placed_ids.add(each.id)

        with pytest.raises(DBAPIError, match="could not extend file"):
            place_all()
        shop.engine.dispose()
        bound_files(process, None)
        contents = contents_of(shop.engine, shop.tables)
        assert set(contents.records) == placed_ids
        assert {message_id.partition(":")[0] for message_id in contents.unsent} == placed_ids
        assert shop.loop(Run(orders=orders(400))).is_done
        shop.engine.dispose()


# -- Slow ------------------------------------------------------------------------------------------


def test_a_database_that_is_slow_is_tried_again_and_not_for_ever(
    shop: DatabaseShop, name: str, engine_with: Any
) -> None:
    """Whoever waits too long for the lock gets a conflict; the loop ends, and says so."""
    engine = engine_with("timeout=0", "-c lock_timeout=20")
    storage = SqlAlchemyStorage(engine)
    lock = "BEGIN IMMEDIATE" if name == "sqlite" else "LOCK TABLE fulfill_sku, fulfill_outbox"
    with shop.engine.connect() as connection:
        connection.exec_driver_sql(lock)
        if name == "postgresql":  # to load waits, too, for a table that is locked as a whole
            with pytest.raises(DBAPIError, match="lock timeout"):
                storage.load(MUGS)
            connection.rollback()
            connection.exec_driver_sql("LOCK TABLE fulfill_sku, fulfill_outbox IN EXCLUSIVE MODE")
        report = shop.loop(Run(orders=[order()]), storage=storage, limits=Limits(commits=3))
        assert tries(report) == [("conflict", 3)]
        with pytest.raises(DBAPIError, match=r"locked|lock timeout"):
            storage.unsent(9, now=NOON, until=NOON)
    assert shop.loop(Run(orders=[order()]), storage=storage).is_done
    assert len(contents_of(shop.engine, shop.tables).unsent) == 1


def test_in_the_hosts_transaction_what_is_slow_raises(
    shop: DatabaseShop, name: str, engine_with: Any
) -> None:
    """It is the host's to do again."""
    lock = "BEGIN IMMEDIATE" if name == "sqlite" else "LOCK TABLE fulfill_plan"
    engine = engine_with("timeout=0", "-c lock_timeout=20")
    with shop.engine.connect() as connection, engine.connect() as other:
        connection.exec_driver_sql(lock)
        with pytest.raises(DBAPIError, match=r"locked|lock timeout"):
            SqlAlchemyStorage(other).commit(CommitPlan(id="p1", at=NOON))


@needs_server
def test_a_statement_that_takes_too_long_raises(tmp_path: Path) -> None:
    """And nothing is written: a bound of the host's on statements is no answer to a commit."""
    with shop_on("postgresql", tmp_path) as shop:
        options = {"options": "-c statement_timeout=50"}
        engine = create_engine(shop.engine.url, connect_args=options)
        storage = SqlAlchemyStorage(engine)
        with shop.engine.connect() as connection:
            connection.exec_driver_sql("LOCK TABLE fulfill_sku IN SHARE MODE")
            with pytest.raises(DBAPIError, match="statement timeout"):
                shop.loop(Run(orders=[order()]), storage=storage)
        assert contents_of(shop.engine, shop.tables).records == {}
        assert shop.loop(Run(orders=[order()]), storage=storage).is_done
        engine.dispose()


# -- Gone ------------------------------------------------------------------------------------------


def test_a_file_that_is_gone_raises_and_says_nothing_of_plans(tmp_path: Path) -> None:
    """To load raises; of what was decided nobody can say."""
    path = tmp_path / "no" / "shop.db"
    engine = create_engine(f"sqlite:///{path}")
    storage = SqlAlchemyStorage(engine)
    with pytest.raises(DBAPIError, match="unable to open"):
        storage.load(MUGS)
    answer = storage.decided("p1")
    assert isinstance(answer, Unknown)
    assert "unable to open database file" in answer.reason
    engine.dispose()


def test_a_server_that_was_never_there_says_nothing_of_plans() -> None:
    """By asyncpg the error is no error of a database: it is one all the same."""

    async def ask() -> object:
        engine = create_async_engine("postgresql+asyncpg://shop@127.0.0.1:1/shop")
        return await AsyncSqlAlchemyStorage(engine).decided("p1")

    assert isinstance(asyncio.run(ask()), Unknown)


@needs_own_server
def test_a_server_that_is_stopped_raises_and_says_nothing_of_plans() -> None:
    """Be it between two loops, or when the loop has loaded: the error reaches the host."""
    with doomed_database() as (place, process):
        shop = DatabaseShop(create_engine(f"postgresql+psycopg://{place}"))
        assert shop.loop(Run(orders=[order("A-1")])).is_done

        class Stopping(SqlAlchemyStorage):
            def load(self, scope: Scope, /) -> Any:
                loaded = super().load(scope)
                stop(process)
                return loaded

        with pytest.raises(DBAPIError, match=r"terminat|closed|connection"):
            shop.loop(Run(orders=[order("A-2")]), storage=Stopping(shop.engine))
        with pytest.raises(DBAPIError, match="refused"):
            shop.loop(Run())
        assert isinstance(shop.storage.decided("p1"), Unknown)
        shop.engine.dispose()


# -- Gone while it commits -------------------------------------------------------------------------


class _Unreliable(sqlite3.Connection):
    """A connection that breaks when it is to commit: before, or after that."""

    errors: list[tuple[str, bool]] = []  # noqa: RUF012 - one list for all, on purpose

    def commit(self) -> None:
        word, is_written = self.errors.pop() if self.errors else ("", True)
        if is_written:
            super().commit()
        if word:
            error = sqlite3.OperationalError(word)
            if word == "locked":
                error.sqlite_errorcode = sqlite3.SQLITE_BUSY
            raise error


def check_is_there_once(shop: DatabaseShop) -> None:
    """The order, its units and its message are."""
    contents = contents_of(shop.engine, shop.tables)
    assert (contents.inventory.reserved("mug"), len(contents.unsent)) == (2, 1)


@pytest.mark.parametrize(
    ("word", "is_written", "attempts"),
    [("answer lost", True, 1), ("connection lost", False, 2), ("locked", False, 2)],
)
def test_a_commit_whose_answer_is_lost_is_asked_for(
    tmp_path: Path, word: str, is_written: bool, attempts: int
) -> None:
    """Was it written? Then it is done; else it is decided again. It is there once in any case."""
    with shop_on("sqlite", tmp_path) as shop:
        engine = create_engine(shop.engine.url, connect_args={"factory": _Unreliable})
        _Unreliable.errors[:] = [(word, is_written)]
        report = shop.loop(Run(orders=[order()]), storage=SqlAlchemyStorage(engine))
        assert tries(report) == [("done", attempts)]
        check_is_there_once(shop)
        engine.dispose()


def pid_of(connection: Connection) -> int:
    """The process of the server that serves a connection."""
    driver: Any = connection.connection.driver_connection
    return int(driver.info.backend_pid)


def end_session(shop: DatabaseShop, pid: int) -> None:
    """The server ends a session, and it has ended."""
    with shop.engine.connect() as connection:
        connection.exec_driver_sql("SELECT pg_terminate_backend(%s)", (pid,))
        for _ in range(1000):
            connection.rollback()  # what is seen of sessions stays the same in a transaction
            query = "SELECT pid FROM pg_stat_activity WHERE pid = %s"
            if not connection.exec_driver_sql(query, (pid,)).all():
                return
            time.sleep(0.01)
    raise AssertionError("it has not ended")


@needs_server
@pytest.mark.parametrize(("is_written", "attempts"), [(True, 1), (False, 2)])
def test_a_connection_that_is_killed_while_it_commits_is_asked_for(
    tmp_path: Path, is_written: bool, attempts: int
) -> None:
    """The same where the server ends a session: just before COMMIT, or before it has answered."""
    with shop_on("postgresql", tmp_path) as shop:
        engine = create_engine(shop.engine.url)
        victims = [is_written]

        def kill(connection: Connection) -> None:
            driver: Any = connection.connection.driver_connection
            if driver.execute("SELECT txid_current_if_assigned()").fetchone() == (None,):
                return  # it has written nothing yet
            for written in [victims.pop()] if victims else []:
                if written:
                    driver.commit()
                    driver.execute("SELECT 1")  # so that there is something to commit
                end_session(shop, pid_of(connection))

        event.listen(engine, "commit", kill)
        report = shop.loop(Run(orders=[order()]), storage=SqlAlchemyStorage(engine))
        assert victims == []
        assert tries(report) == [("done", attempts)]
        check_is_there_once(shop)
        engine.dispose()


@needs_server
def test_a_connection_that_was_killed_in_the_pool_costs_one_loop(tmp_path: Path) -> None:
    """It raises once, before anything is written, and is thrown away with all others of its age."""
    with shop_on("postgresql", tmp_path) as shop:
        engine = create_engine(shop.engine.url)
        storage = SqlAlchemyStorage(engine)
        with engine.connect() as connection:
            pid = pid_of(connection)
        end_session(shop, pid)
        with pytest.raises(OperationalError):
            shop.loop(Run(orders=[order()]), storage=storage)
        assert contents_of(shop.engine, shop.tables).records == {}
        assert tries(shop.loop(Run(orders=[order()]), storage=storage)) == [("done", 1)]
        engine.dispose()
