"""Two checkouts and one unit: what Oscar makes of it by itself, and with the app."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import postgres
import pytest

HERE = Path(__file__).parent
OSCAR, APP = "plain.settings", "teashop.settings"

Tell = Callable[[str], dict[str, Any]]


def _run(settings: str, environment: dict[str, str], *command: str) -> str:
    paths = os.pathsep.join([str(HERE.parent), str(HERE)])
    return subprocess.run(
        [sys.executable, *command],
        cwd=HERE,
        env={**os.environ, "PYTHONPATH": paths, "DJANGO_SETTINGS_MODULE": settings, **environment},
        check=True,
        text=True,
        capture_output=True,
    ).stdout


def _story(settings: str, environment: dict[str, str]) -> dict[str, Any]:
    story: dict[str, Any] = json.loads(_run(settings, environment, "two_checkouts.py"))
    return story


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def tell(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Tell]:
    """Tells the story with some settings, each time on a database that is empty."""
    folder = tmp_path_factory.mktemp(request.param)
    if request.param == "sqlite":
        empty = folder / "empty.db"
        _run(APP, {"SHOP_DATABASE": str(empty)}, "-m", "django", "migrate", "-v0")

        def tell_on_sqlite(settings: str) -> dict[str, Any]:
            database = folder / f"{settings}.db"
            shutil.copy(empty, database)
            return _story(settings, {"SHOP_DATABASE": str(database)})

        yield tell_on_sqlite
        return
    if postgres.program("initdb") is None:
        pytest.skip("There is no PostgreSQL server here: initdb was not found.")
    import psycopg  # noqa: PLC0415 - only where there is a server

    with postgres.server() as port:
        address = {"SHOP_POSTGRES_PORT": str(port)}

        def make(name: str, template: str) -> dict[str, str]:
            where = {"host": "127.0.0.1", "port": port, "user": "postgres", "autocommit": True}
            with psycopg.connect(**where) as connection:
                connection.execute(f'CREATE DATABASE "{name}" TEMPLATE {template}')
            return {**address, "SHOP_DATABASE": name}

        _run(APP, make("empty", "template0"), "-m", "django", "migrate", "-v0")
        yield lambda settings: _story(settings, make(settings, "empty"))


def test_oscar_sells_one_unit_twice(tell: Tell) -> None:
    """Both baskets are valid, both customers pay, both orders are placed: one unit is missing."""
    assert tell(OSCAR) == {
        "orders": 2,
        "units": 1,
        "allocated": 2,
        "voided": 0,
        "pages": [302, 302],
    }


def test_with_the_app_the_unit_is_sold_once(tell: Tell) -> None:
    """Whoever comes second is told on the page, has no order, and no money is set aside."""
    assert tell(APP) == {
        "orders": 1,
        "units": 1,
        "allocated": 1,
        "voided": 1,
        "pages": [200, 302],
    }
