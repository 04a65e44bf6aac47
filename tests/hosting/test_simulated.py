"""The storages over SQLAlchemy in a shop in which everything goes wrong: processes crash between
any two calls, answers are lost, reads are old, jobs come twice, late or with another body.

The simulator's rules are the laws between runs (8, 16, 18, 20, 21), by sums of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from some_databases import contents_of, fill, make_tables
from some_shops import BOTH, shop_on

from fulfill_core import Inventory, OrderRecord
from fulfill_core.hosting.sqlalchemy import SqlAlchemyStorage
from fulfill_core.testing import Contents, StorageContract, simulate

STEPS = 2_500


class OnDatabase(StorageContract):
    """Episodes one after the other in one database, which is emptied in between.

    Args:
        engine: the database.
    """

    def __init__(self, engine: Any) -> None:
        self.engine = engine

    def open(self, inventory: Inventory, records: Sequence[OrderRecord]) -> Any:
        storage = SqlAlchemyStorage(self.engine)
        make_tables(self.engine, storage.tables.metadata)
        fill(self.engine, storage.tables, inventory, records)
        return storage

    def reopen(self, storage: Any) -> Any:
        return SqlAlchemyStorage(self.engine)

    def contents(self, storage: Any) -> Contents:
        return contents_of(self.engine, storage.tables)


@pytest.fixture(params=BOTH)
def contract(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[OnDatabase]:
    """How a simulation opens each database."""
    with shop_on(request.param, tmp_path) as shop:
        yield OnDatabase(shop.engine)


@pytest.mark.untraced
def test_whatever_goes_wrong_nothing_is_lost(contract: OnDatabase) -> None:
    """No unit is sold twice, no order is lost, one message per news, one effect per id; each fault
    was there.
    """
    simulate(contract, steps=STEPS).check(at_least=1)
