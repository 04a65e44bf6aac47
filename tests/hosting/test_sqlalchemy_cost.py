"""What a checkout costs a database: it does not depend on what else is in it."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pytest
from postgres import why_no_server
from some_databases import database, engine_of, make_tables
from some_hosting import SETTINGS, Clock, order
from sqlalchemy import Engine, event

from fulfill_core.hosting import LoopReport, Run, run_loop
from fulfill_core.hosting.sqlalchemy import SqlAlchemyStorage

# A million of them takes a while to make; `.ci/run` asks for it.
SKUS = int(os.environ.get("FULFILL_SKUS", "100000"))
LAST = f"sku-{SKUS}"
NUMBERS = {
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {})",
    "postgresql": "WITH n(i) AS (SELECT generate_series(1, {}))",
}


def large_shop(place: str) -> tuple[Engine, SqlAlchemyStorage]:
    """A million SKUs, each of which lies in Berlin."""
    engine = engine_of(place)
    storage = SqlAlchemyStorage(engine)
    make_tables(engine, storage.tables.metadata)
    numbers = NUMBERS[engine.dialect.name].format(SKUS)
    is_sqlite = engine.dialect.name == "sqlite"
    with engine.begin() as connection:
        for insertion, query in (
            (
                "INSERT INTO fulfill_stock (sku, location, on_hand, safety)",
                "SELECT 'sku-' || i, 'berlin', 9, 0 FROM n",
            ),
            ("INSERT INTO fulfill_sku (sku, version)", "SELECT 'sku-' || i, 1 FROM n"),
        ):
            words = [numbers, insertion, query] if is_sqlite else [insertion, numbers, query]
            connection.exec_driver_sql(" ".join(words))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")
    return engine, storage


def checkout(storage: SqlAlchemyStorage) -> LoopReport:
    """One order of one line is placed."""
    clock = Clock()
    job = Run(orders=[order(sku=LAST)])
    return run_loop([job], storage=storage, clock=clock, sleep=clock.sleep, settings=SETTINGS)


def statements_of(engine: Engine, storage: SqlAlchemyStorage) -> list[tuple[str, Any]]:
    """What a checkout sends, beside begin and commit."""
    statements: list[tuple[str, Any]] = []

    def note(_: Any, __: Any, statement: str, values: Any, *rest: object) -> None:
        if not statement.startswith("BEGIN"):
            statements.append((statement, values))

    event.listen(engine, "before_cursor_execute", note)
    report = checkout(storage)
    event.remove(engine, "before_cursor_execute", note)
    assert str(report.jobs[0].outcome["A-1"].outcome) == "allocated"
    return statements


def test_a_checkout_takes_twelve_statements_and_reads_by_index(tmp_path: Path) -> None:
    """Be there a million SKUs: no statement walks a table of goods, orders or units."""
    engine, storage = large_shop(str(tmp_path / "shop.db"))
    statements = statements_of(engine, storage)
    assert len(statements) <= 12
    with engine.connect() as connection:
        plans = [
            row.detail
            for statement, values in statements
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
        ]
        assert [row for row in plans if row.startswith("SCAN") and "location" not in row] == []
        counts = [
            connection.exec_driver_sql(query).scalar()
            for query in (
                "SELECT count(*) FROM fulfill_sku WHERE version > 1",
                "SELECT count(*) FROM fulfill_stock WHERE on_hand <> 9",
            )
        ]
    assert counts == [1, 0]
    engine.dispose()


@pytest.mark.skipif(bool(why_no_server()), reason=why_no_server())
def test_on_a_server_a_checkout_takes_twelve_statements_too() -> None:
    """And the large tables are read by their indices."""
    place = database("large")
    engine, storage = large_shop(place)
    engine.dispose()
    engine = engine_of(place)
    before = rows_walked(place)
    statements = statements_of(engine, SqlAlchemyStorage(engine, storage.tables))
    engine.dispose()
    time.sleep(0.5)  # counters are written when a connection ends
    assert len(statements) <= 12
    assert rows_walked(place) == before


def rows_walked(place: str) -> list[Any]:
    """How many rows of the large tables were read without an index, ever."""
    engine = engine_of(place)
    query = (
        "SELECT seq_tup_read FROM pg_stat_user_tables"
        " WHERE relname IN ('fulfill_stock', 'fulfill_sku')"
    )
    with engine.connect() as connection:
        counts = list(connection.exec_driver_sql(query).scalars())
    engine.dispose()
    return counts
