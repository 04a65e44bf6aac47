"""The tables of one version become those of the next, there and back, and keep what is in them."""

from __future__ import annotations

import contextlib
import io
import json
import re
from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.operations import Operations
from postgres import why_no_server
from schema_files import DIALECTS, FOLDER, VERSION, schema_now, schema_of
from some_databases import contents_of, postgres_engine, sqlite_engine
from some_hosting import NOON, SETTINGS, Clock, Sender, order, shipped
from sqlalchemy import (
    Boolean,
    Date,
    DateTime,
    Engine,
    MetaData,
    Table,
    delete,
    insert,
    select,
)
from sqlalchemy.exc import DBAPIError

from fulfill_core.hosting import Run, run_loop
from fulfill_core.hosting.sqlalchemy import SqlAlchemyStorage, Tables

PAGE = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "migrate-the-tables.md"
Step = Callable[[Operations], None]
ROWS: dict[str, list[dict[str, Any]]] = json.loads((FOLDER / "1.rows.json").read_text("utf-8"))
"""What version 1 had written on a day: an order that has left, two that wait, all kinds of rows."""
STEPS = re.findall(r"^def (upgrade|downgrade)\(op\):$", PAGE.read_text("utf-8"), re.MULTILINE)


@pytest.fixture(
    params=[
        "sqlite",
        pytest.param(
            "postgresql", marks=pytest.mark.skipif(bool(why_no_server()), reason=why_no_server())
        ),
    ]
)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A database of version 1, with a day in it."""
    is_file = request.param == "sqlite"
    engine = sqlite_engine(tmp_path / "old.db") if is_file else postgres_engine("migrated")
    metadata = MetaData()
    with engine.begin() as connection:
        Tables(metadata).metadata.drop_all(connection)
        for statement in schema_of(1, request.param).split(";\n"):
            if statement:
                connection.exec_driver_sql(statement)
        for name, rows in ROWS.items():
            table = Table(name, MetaData(), autoload_with=connection)
            connection.execute(insert(table), [_typed(table, row) for row in rows])
    yield engine
    engine.dispose()


def _typed(table: Table, row: dict[str, Any]) -> dict[str, Any]:
    kinds = {DateTime: datetime.fromisoformat, Date: date.fromisoformat, Boolean: bool}
    values = dict(row)
    for name, value in row.items():
        for kind, read in kinds.items():
            if isinstance(table.c[name].type, kind) and value is not None:
                values[name] = read(value)
    return values


@pytest.fixture
def steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Step]:
    """The steps of the page."""
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    with contextlib.redirect_stdout(io.StringIO()):
        for fence in re.findall(
            r"^```python\n(.*?)^```$", PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE
        ):
            exec(compile(fence, PAGE.name, "exec"), names)  # noqa: S102 - the page's own code
    return {name: names[name] for name in STEPS}


def take(engine: Engine, step: Step) -> None:
    """Take a step, in one transaction."""
    with engine.begin() as connection:
        step(Operations(MigrationContext.configure(connection)))


def differences(engine: Engine) -> list[Any]:
    """What a database has otherwise than the library."""
    with engine.begin() as connection:
        return compare_metadata(MigrationContext.configure(connection), Tables().metadata)


def rows_of(engine: Engine) -> dict[str, list[str]]:
    """What is in a database of what version 1 had, as JSON."""
    rows: dict[str, list[dict[str, Any]]] = {}
    with engine.connect() as connection:
        for name, [first, *_] in ROWS.items():
            columns = Tables().metadata.tables[name].c
            result = connection.execute(select(*[columns[each] for each in first]))
            rows[name] = [dict(row._mapping) for row in result]
    return as_texts(rows)


def as_texts(rows: dict[str, list[dict[str, Any]]]) -> dict[str, list[str]]:
    """Rows that can be compared, in whichever sequence they are."""
    return {
        name: sorted([json.dumps(row, sort_keys=True, default=_as_text) for row in content])
        for name, content in rows.items()
    }


def _as_text(value: date) -> str:
    return value.isoformat()


def loop(engine: Engine, *jobs: Any) -> Any:
    """Do jobs, and send what is due."""
    clock = Clock(NOON.replace(hour=13))
    return run_loop(
        jobs,
        storage=SqlAlchemyStorage(engine),
        clock=clock,
        sleep=clock.sleep,
        settings=SETTINGS,
        notifier=Sender(),
        actor=Sender(),
    )


def test_up_and_down_keeps_what_is_there(engine: Engine, steps: dict[str, Step]) -> None:
    """Each row of each table, to the microsecond; and the tables are those of each version."""
    for _ in range(2):
        take(engine, steps["upgrade"])
        assert differences(engine) == []
        assert rows_of(engine) == as_texts(ROWS)
        take(engine, steps["downgrade"])
        kinds = sorted([each[0] for each in differences(engine)])
        assert kinds == ["add_column", "add_column", "add_index", "remove_index"]
        assert rows_of(engine) == as_texts(ROWS)


def test_after_a_step_the_shop_goes_on(engine: Engine, steps: dict[str, Step]) -> None:
    """What waited is sent, who had units has them, what is written from now on is complete."""
    take(engine, steps["upgrade"])
    storage = SqlAlchemyStorage(engine)
    backlog = storage.backlog(NOON.replace(hour=13))
    assert (backlog.due, backlog.later, backlog.parked) == (3, 0, 1)
    assert backlog.written_at == datetime.fromisoformat("2026-03-02T12:01:30Z")
    report = loop(engine, Run(orders=[order("A-5", 1, "cup")]), shipped("A-3", 2, "e9"), Run())
    assert [str(job.status) for job in report.jobs] == ["done"] * 3
    assert report.sent == 6
    contents = contents_of(engine, storage.tables)
    assert set(contents.records) == {"A-1", "A-2", "A-3", "A-5"}
    assert [each.quantity for each in contents.inventory.claims_of("A-2")] == [2]


def test_a_worker_of_the_version_before_goes_on(engine: Engine, steps: dict[str, Step]) -> None:
    """What it writes has nothing of what is new, and is handed out as all else is."""
    take(engine, steps["upgrade"])
    [row, *_] = [row for row in ROWS["fulfill_outbox"] if row["due_at"] and not row["sent_at"]]
    with engine.begin() as connection:
        table = Table("fulfill_outbox", MetaData(), autoload_with=connection)
        connection.execute(delete(table))
        connection.execute(insert(table), _typed(table, row))
    assert loop(engine).sent == 1


def test_a_worker_of_the_version_after_writes_nothing(engine: Engine) -> None:
    """On the tables of the version before: it raises, and all is as it was."""
    with pytest.raises(DBAPIError, match="written_at"):
        loop(engine, Run(orders=[order("A-5", 1, "cup")]))
    assert rows_of(engine) == as_texts(ROWS)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_change_of_the_tables_is_a_version(dialect: str) -> None:
    """Whoever changes them writes the step: `schema_files.py` says how."""
    assert schema_now(dialect) == schema_of(VERSION, dialect)


def test_each_version_has_its_steps_on_the_page() -> None:
    """A row of the table, and the way there and back."""
    versions = re.findall(r"^\| (\d+) \|", PAGE.read_text("utf-8"), re.MULTILINE)
    assert versions == [str(number) for number in range(1, VERSION + 1)]
    assert STEPS == ["upgrade", "downgrade"] * (VERSION - 1)
