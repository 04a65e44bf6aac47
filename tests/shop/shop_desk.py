"""What the tests of the sample shop share: a shop in a folder of its own."""

from __future__ import annotations

import email
import io
import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing, redirect_stderr, redirect_stdout
from email.message import EmailMessage
from email.policy import default
from mailbox import Maildir
from pathlib import Path
from typing import Any

import pytest
from shop import database, sending
from shop.cli import main
from shop.database import STORED
from sqlalchemy import true

from fulfill_core import OrderRecord
from fulfill_core.wire import loads

ROOT = Path(__file__).resolve().parents[2]
SHOP = ROOT / "docs" / "examples" / "shop"
REAL = ROOT / "tests" / "data"

# What the library keeps as documents, and under names of its own, as tables to query.
VIEWS = """
    create temp view orders as select order_id as id, outcome,
        coalesce(json_extract(document, '$.order.attributes.name'), order_id) as name,
        json_extract(decision, '$.rank') as rank
        from fulfill_record where decision is not null;
    create temp view findings as select order_id,
        json_extract(value, '$.code') as code, upper(json_extract(value, '$.severity')) as severity,
        json_extract(value, '$.field') as field, json_extract(value, '$.detail') as detail
        from fulfill_record, json_each(decision, '$.findings');
    create temp view progress as select order_id,
        json_extract(value, '$.shipped') as shipped
        from fulfill_record, json_each(document, '$.progress');
    create temp view rejections as select order_id, json_extract(value, '$.reason') as reason
        from fulfill_record, json_each(document, '$.rejections');
    create temp view histories as select order_id,
        json_extract(document, '$.order'), json_extract(document, '$.history')
        from fulfill_record;
    create temp view reviews as select order_id, since as waiting_since, rowid as position
        from waiting;
    create temp view reservations as select * from fulfill_reservation;
    create temp view claims as select * from fulfill_claim;
    create temp view intakes as select * from fulfill_intake;
    create temp view stock as select sku, location, on_hand from fulfill_stock;
    create temp view supplies as select id, sku, coalesce(expected_on, expected_at) as expected_at
        from fulfill_supply;
    create temp table outbox (
        number, message_id, order_id, order_name, kind, audience, data, created_at, sent_at,
        last_error);
"""


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
        """What a query finds in the database: in its tables, and in `VIEWS` of them."""
        with closing(sqlite3.connect(self.db)) as connection:
            connection.executescript(VIEWS)
            connection.executemany(
                "insert into outbox values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", self._outbox()
            )
            return connection.execute(query).fetchall()

    def _outbox(self) -> list[tuple[object, ...]]:
        """The messages in the outbox, in the sequence in which they were written."""
        with database.database(self.db) as engine, engine.connect() as connection:
            names = {each.record.id: each.name for each in database.stored_orders(connection)}
            messages = sending.stored_messages(connection, true())
        return [
            (
                row.number,
                row.id,
                row.order_id,
                names.get(row.order_id),
                str(content.messages[0].kind),
                str(content.messages[0].audience),
                json.dumps(content.messages[0].data),
                content.send_at.isoformat(),
                row.sent_at and row.sent_at.isoformat(),
                "" if row.sent_at else row.reason,
            )
            for content, row in messages
        ]

    def change(self, statement: str) -> None:
        """Change the database by hand."""
        with closing(sqlite3.connect(self.db)) as connection, connection:
            connection.execute(statement)

    def records(self) -> dict[str, OrderRecord]:
        """The records of all orders, by id."""
        rows = self.rows("select order_id, document from fulfill_record")
        return {order_id: loads(document, OrderRecord, STORED) for order_id, document in rows}

    def mails(self) -> dict[str, str]:
        """The delivered messages: file name and content."""
        box = Maildir(self.maildir)
        return {key: box.get_string(key) for key in box.keys()}  # noqa: SIM118, a mailbox

    def sample_mails(self) -> dict[str, str]:
        """What the first run over the sample delivers."""
        once = Desk(self.folder / "once", self.capsys, self.sample)
        once.folder.mkdir()
        once.first_run()
        return once.mails()

    def parsed_mails(self) -> list[EmailMessage]:
        """The delivered messages, as a mail program reads them."""
        return [email.message_from_string(text, policy=default) for text in self.mails().values()]

    def files(self) -> Path:
        """A copy of the sample's files, to be changed."""
        folder = self.folder / "files"
        folder.mkdir(exist_ok=True)
        for file in (SHOP / "sample" / "shopify").iterdir():
            (folder / file.name).write_bytes(file.read_bytes())
        return folder


def text_of(mail: EmailMessage) -> str:
    """What the plain text of a mail says."""
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


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
