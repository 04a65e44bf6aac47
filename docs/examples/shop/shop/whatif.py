"""What if: the shop's orders under other policies, before a customer sees any of it.

It works on a copy of the database that is thrown away: nothing is decided, stored or mailed.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import attrs

from fulfill_core import Comparison, Order, Screening, Settings, compare
from fulfill_core.priorities import deadline, lexicographic, oldest_first
from fulfill_core.protocols import ProgressFunction
from shop import gathering, rules, shelves, storage
from shop.records import OrderList, StockList


def policies(today: Settings) -> dict[str, Settings]:
    """What the shop has, and what it might have instead."""
    return {
        "today": today,
        "oldest first": attrs.evolve(today, priority=oldest_first),
        "by deadline": attrs.evolve(today, priority=lexicographic(deadline, oldest_first)),
    }


def compare_policies(
    database: Path,
    source: str,
    order_list: OrderList,
    stock_list: StockList,
    now: datetime,
    ask: Callable[[Order, str], Screening | None],
    progress: ProgressFunction | None,
) -> Comparison:
    """Run the orders under each policy, as the next run would find them."""
    verifiers = rules.verifiers_for(source, stock_list.items, order_list.doubts)
    with TemporaryDirectory() as folder:
        copy = Path(folder) / "copy.db"
        if database.exists():
            shutil.copyfile(database, copy)
        with storage.database(copy) as engine:
            gathering.screen(engine, order_list, verifiers, now, ask)
            with engine.begin() as connection:
                shelves.release(connection, [skipped.order_id for skipped in order_list.skipped])
                shelves.save_stock(connection, stock_list, now)
                facts = gathering.gather(connection, order_list, verifiers, now)
                inventory = shelves.load_inventory(connection)
                records = gathering.records(connection, order_list, inventory)
            today = rules.settings(verifiers, facts, stock_list.promise)
            return compare(records, inventory, policies(today), now=now, progress=progress)
