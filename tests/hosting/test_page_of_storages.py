"""The storage of the page "Connect any storage" holds the contract, as it says."""

from __future__ import annotations

import contextlib
import io
import re
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from fulfill_core import Inventory, OrderRecord
from fulfill_core.hosting import CommitPlan, key_of_location, key_of_order
from fulfill_core.hosting.planning import keys_in
from fulfill_core.testing import Capability, Contents, StorageContract
from fulfill_core.testing.contracts.worlds import NOON
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

    capabilities = frozenset(Capability) - {Capability.LOCATIONS, Capability.DECISIONS}
    loops = 20

    def open(self, inventory: Inventory, records: Sequence[OrderRecord]) -> Any:
        connection = sqlite3.connect(":memory:", isolation_level=None)
        connection.executescript(NAMES["SCHEMA"])
        storage = NAMES["DocumentStorage"](connection)
        changes = inventory.changes_since(Inventory())
        keys = [key_of_order(record.id) for record in records]
        keys += [key_of_location(place.id) for place in inventory.locations()]
        plan = CommitPlan(
            id="begin",
            at=NOON,
            expected=dict.fromkeys([*keys, *keys_in(changes)], 0),
            changes=changes,
            records=records,
        )
        storage.commit(plan)
        self.connection = connection
        return storage

    def reopen(self, storage: Any) -> Any:
        return NAMES["DocumentStorage"](self.connection)

    def spoil(self, storage: Any, order_id: str) -> bool:
        statement = "UPDATE record SET document = replace(document, ?, ?) WHERE id = ?"
        values = ['"schema_version":1', '"schema_version":9', order_id]
        self.connection.execute(statement, values)
        return True

    def close(self, storage: Any) -> None:
        self.connection.close()

    def connections(self, storage: Any) -> int | None:
        return 1

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


def test_the_page_is_read_up_to_its_day() -> None:
    """What it plays there is run with the page, and prints nothing here."""
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        names_of_page()
    assert printed.getvalue() == ""
