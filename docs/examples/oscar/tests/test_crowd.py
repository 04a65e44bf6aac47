"""Checkouts at the same time, and too few units: Oscar by itself, and with the app."""

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

Tell = Callable[[str, int, int], dict[str, Any]]


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


def _story(settings: str, environment: dict[str, str], *numbers: int) -> dict[str, Any]:
    printed = _run(settings, environment, "crowd.py", *map(str, numbers))
    story: dict[str, Any] = json.loads(printed)
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

        def tell_on_sqlite(settings: str, *numbers: int) -> dict[str, Any]:
            database = folder / f"{settings}-{numbers}.db"
            shutil.copy(empty, database)
            return _story(settings, {"SHOP_DATABASE": str(database)}, *numbers)

        yield tell_on_sqlite
        return
    if postgres.program("initdb") is None and os.environ.get("FULFILL_SERVER") != "required":
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

        def tell_on_postgresql(settings: str, *numbers: int) -> dict[str, Any]:
            return _story(settings, make(f"{settings}-{numbers}", "empty"), *numbers)

        yield tell_on_postgresql


@pytest.mark.parametrize(("customers", "units"), [(2, 1), (8, 3)])
def test_oscar_sells_what_it_does_not_have(tell: Tell, customers: int, units: int) -> None:
    """All baskets are valid, all customers pay, all orders are placed: units are missing."""
    assert tell(OSCAR, customers, units) == {
        "orders": customers,
        "in_stock": [units, units],
        "allocated": [customers, customers],
        "voided": 0,
        "pages": [302] * customers,
    }


@pytest.mark.parametrize(("customers", "units"), [(2, 1), (8, 3)])
def test_with_the_app_each_unit_is_sold_once(tell: Tell, customers: int, units: int) -> None:
    """Whoever comes too late is told on the page, has no order, and no money is set aside.

    Nobody waits for ever, though a run of all orders goes on meanwhile.
    """
    late = customers - units
    assert tell(APP, customers, units) == {
        "orders": units,
        "in_stock": [units, units],
        "allocated": [units, units],
        "voided": late,
        "pages": [200] * late + [302] * units,
    }
