"""Fixtures for the tests of the sample shop, which is an application beside the library."""

import os
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, event

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1] / "docs" / "examples" / "shop")]

from shop_desk import REAL, Desk  # noqa: E402, found by the line above


@pytest.fixture
def real() -> Path:
    """The folder of real samples."""
    return REAL


@pytest.fixture(scope="session", autouse=True)
def nothing_is_synced() -> Iterator[None]:
    """No test cuts the power: to wait for the disk, at each message, takes longer than all else."""

    def relax(connection: object, _record: object) -> None:
        if isinstance(connection, sqlite3.Connection):  # others' tests run in this process, too
            connection.execute("PRAGMA synchronous = OFF")

    event.listen(Engine, "connect", relax)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda _: None)
        yield
    event.remove(Engine, "connect", relax)


@pytest.fixture(scope="session")
def first_day(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the first run over the sample is kept."""
    return tmp_path_factory.mktemp("sample") / "shop"


@pytest.fixture
def desk(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    first_day: Path,
) -> Desk:
    """An empty shop, in an empty current folder, on a terminal of 80 columns."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    return Desk(tmp_path, capsys, first_day)
