"""The storage of the page "Connect any storage" holds the contract, as it says."""

from __future__ import annotations

import contextlib
import io
import re
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest

from fulfill_core import Inventory, OrderRecord
from fulfill_core.testing import Capability, Contents, StorageContract
from fulfill_core.wire import loads

PAGE = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "connect-any-storage.md"


def names_of_page() -> dict[str, Any]:
    """What the page defines, up to the day that it plays."""
    code = PAGE.read_text("utf-8").partition("\n## A day\n")[0]
    names: dict[str, Any] = {}
    for fence in re.findall(r"^```python\n(.*?)^```$", code, re.DOTALL | re.MULTILINE):
        exec(compile(fence, PAGE.name, "exec"), names)  # noqa: S102 - the page's own code
    return names


NAMES = names_of_page()


class TestDocumentStorage(StorageContract):
    """A storage of a page keeps all but capacities."""

    capabilities = frozenset(Capability) - {
        *(Capability.LOCATIONS, Capability.DECISIONS, Capability.DRAFTS)
    }
    loops = 20

    @pytest.fixture(autouse=True)
    def folder(self, tmp_path: Path) -> None:
        """Where its databases are."""
        self.path = tmp_path / "shop.db"

    def open(self, inventory: Inventory, records: Sequence[OrderRecord]) -> Any:
        self.opened = [self.connected()]
        self.connection = self.opened[0]
        self.connection.executescript(NAMES["SCHEMA"])
        storage = NAMES["DocumentStorage"](self.connection)
        storage.commit(self.filling(inventory, records))
        return storage

    def connected(self) -> sqlite3.Connection:
        """A connection to the database of this check."""
        connection = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False)
        connection.execute("PRAGMA synchronous = OFF")
        return connection

    def reopen(self, storage: Any) -> Any:
        self.opened.append(self.connected())
        return NAMES["DocumentStorage"](self.opened[-1])

    def spoil(self, storage: Any, order_id: str) -> bool:
        statement = "UPDATE record SET document = replace(document, ?, ?) WHERE id = ?"
        values = ['"schema_version":1', '"schema_version":9', order_id]
        self.connection.execute(statement, values)
        return True

    def close(self, storage: Any) -> None:
        while self.opened:
            self.opened.pop().close()

    def connections(self, storage: Any) -> int | None:
        return len(self.opened)

    def contents(self, storage: Any) -> Contents:
        def texts(statement: str) -> list[str]:
            return [text for [text] in self.connection.execute(statement)]

        parts = {
            sku: loads(text, Inventory)
            for sku, text in self.connection.execute("SELECT sku, document FROM goods")
        }
        whole = {NAMES["PLACES"]: Inventory(), **parts}
        return Contents(
            inventory=NAMES["joined"](whole),
            records=[loads(text, OrderRecord) for text in texts("SELECT document FROM record")],
            unsent=texts("SELECT id FROM outbox WHERE sent_at IS NULL"),
            sent=texts("SELECT id FROM outbox WHERE sent_at IS NOT NULL"),
        )


def test_a_storage_that_locks_late_is_caught(tmp_path: Path) -> None:
    """Two that read, and then both want to write, stop each other: the contract notices."""
    everybody = Barrier(4, timeout=60)

    class Late(NAMES["DocumentStorage"]):  # type: ignore[misc]
        @contextlib.contextmanager
        def transaction(self) -> Iterator[None]:
            self.query("BEGIN")
            self.number("sku:mug")  # so it reads, as all others do, before any of them writes
            everybody.wait()
            try:
                yield
            except BaseException:
                self.query("ROLLBACK")
                raise
            self.query("COMMIT")

    class Contract(TestDocumentStorage):
        def reopen(self, storage: Any) -> Any:
            self.opened.append(self.connected())
            return Late(self.opened[-1])

    contract = Contract()
    contract.path = tmp_path / "shop.db"
    contract.setup_method()
    with pytest.raises((sqlite3.OperationalError, AssertionError)):
        contract.test_of_several_at_once_one_is_first()
    contract.teardown_method()


def test_the_page_is_read_up_to_its_day() -> None:
    """What it plays there is run with the page, and prints nothing here."""
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        names_of_page()
    assert printed.getvalue() == ""
