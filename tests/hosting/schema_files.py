"""The tables of each version of the library as they were made: `tests/data/schemas` has them.

A change of the tables is a version: count ``VERSION`` up, write its files, and the step from the
version before to `docs/how-to/migrate-the-tables.md`::

    python tests/hosting/schema_files.py
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Dialect
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import CreateIndex, CreateTable

from fulfill_core.hosting.sqlalchemy import Tables

VERSION = 2
"""The version of the tables, as the library has them now."""
FOLDER = Path(__file__).parents[1] / "data" / "schemas"
DIALECTS: dict[str, Dialect] = {"sqlite": sqlite.dialect(), "postgresql": postgresql.dialect()}


def schema_now(dialect: str) -> str:
    """The statements that make the tables of the library as it is."""
    statements = [
        element.compile(dialect=DIALECTS[dialect])
        for table in Tables().metadata.sorted_tables
        for element in (
            CreateTable(table),
            *map(CreateIndex, sorted(table.indexes, key=lambda index: str(index.name))),
        )
    ]
    lines = [line.rstrip() for each in statements for line in f"{str(each).strip()};".splitlines()]
    return "\n".join([*lines, ""])


def schema_of(version: int, dialect: str) -> str:
    """The statements that made the tables of a version."""
    return (FOLDER / f"{version}.{dialect}.sql").read_text("utf-8")


def main() -> None:
    """Write the files of the version that is."""
    for dialect in DIALECTS:
        (FOLDER / f"{VERSION}.{dialect}.sql").write_text(schema_now(dialect), "utf-8")


if __name__ == "__main__":
    main()
