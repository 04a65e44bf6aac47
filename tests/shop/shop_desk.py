"""What the tests of the sample shop share: a shop in a folder of its own."""

from __future__ import annotations

import io
import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing, redirect_stderr, redirect_stdout
from mailbox import Maildir
from pathlib import Path
from typing import Any

import pytest
from shop.cli import main

ROOT = Path(__file__).resolve().parents[2]
SHOP = ROOT / "docs" / "examples" / "shop"
REAL = ROOT / "tests" / "data"


class Desk:
    """A shop in a folder of its own: its commands, and what they leave behind."""

    def __init__(
        self, folder: Path, capsys: pytest.CaptureFixture[str], sample: Path | None = None
    ) -> None:
        """Nothing is there before the first command. In *sample* is what `first_run` comes to."""
        self.sample = sample or folder / "sample"
        self.folder = folder
        self.capsys = capsys
        self.db = folder / "shop.db"
        self.maildir = folder / "mail"
        self.out = self.err = ""

    def __call__(self, command: str, *more: object) -> int:
        """Run one command; its output is in ``out`` and ``err``."""
        options = [command, "--db", str(self.db)]
        if command in {"run", "life"}:
            options += ["--maildir", str(self.maildir)]
        code = main([*options, *map(str, more)])
        self.out, self.err = self.capsys.readouterr()
        return code

    def first_run(self) -> None:
        """The first run over the sample. It is the same in every empty shop: one is made, and
        copied from there.
        """
        if not self.sample.is_dir():
            out, err = io.StringIO(), io.StringIO()
            options = ["--db", str(self.sample / "shop.db"), "--maildir", str(self.sample / "mail")]
            with redirect_stdout(out), redirect_stderr(err):
                assert main(["run", "--all", *options]) == 0
            (self.sample / "out").write_text(out.getvalue(), "utf-8")
            (self.sample / "err").write_text(err.getvalue(), "utf-8")
        shutil.copy(self.sample / "shop.db", self.db)
        shutil.copytree(self.sample / "mail", self.maildir)
        self.out, self.err = [(self.sample / name).read_text("utf-8") for name in ("out", "err")]

    @property
    def tally(self) -> str:
        """The second line of a run's output: what became of the messages."""
        return self.out.splitlines()[1]

    def dump(self) -> str:
        """The whole database, as SQL."""
        with closing(sqlite3.connect(self.db)) as connection:
            return "\n".join(connection.iterdump())

    def rows(self, query: str) -> list[Any]:
        """What a query finds in the database."""
        with closing(sqlite3.connect(self.db)) as connection:
            return connection.execute(query).fetchall()

    def mails(self) -> dict[str, str]:
        """The delivered messages: file name and content."""
        box = Maildir(self.maildir)
        return {key: box.get_string(key) for key in box.keys()}  # noqa: SIM118, a mailbox

    def files(self) -> Path:
        """A copy of the sample's files, to be changed."""
        folder = self.folder / "files"
        folder.mkdir(exist_ok=True)
        for file in (SHOP / "sample" / "shopify").iterdir():
            (folder / file.name).write_bytes(file.read_bytes())
        return folder


def change_orders(folder: Path, change: Callable[[dict[str, dict[str, Any]]], object]) -> None:
    """Change orders of ``orders.json``, by name."""
    path = folder / "orders.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    change({one["name"]: one for one in content["orders"] if isinstance(one, dict)})
    path.write_text(json.dumps(content), encoding="utf-8")


def keep_orders(folder: Path, *names: str) -> Path:
    """Leave only these orders in ``orders.json``."""
    path = folder / "orders.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    kept = [one for one in content["orders"] if isinstance(one, dict) and one["name"] in names]
    path.write_text(json.dumps({"orders": kept}), encoding="utf-8")
    return folder
