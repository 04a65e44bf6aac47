"""What if: the shop's orders under other policies, before a customer sees any of it.

It works on a copy of the database that is thrown away: nothing is decided, stored or mailed.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import attrs

from fulfill_core import Comparison, Order, OrderRecord, Screening, Settings, compare
from fulfill_core.hosting import Scope
from fulfill_core.priorities import deadline, lexicographic, oldest_first
from fulfill_core.protocols import ProgressFunction
from shop import gathering, rules, runs
from shop.database import copy_of, storage_of, transaction
from shop.loop import work
from shop.records import OrderList, StockList
from shop.stock import update_from_files


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
    orders, conflicting_ids = runs.distinct(order_list.orders)
    verifiers = rules.verifiers_for(source, stock_list.items, order_list.doubts, conflicting_ids)
    with copy_of(database) as engine:
        gathering.screen(engine, order_list, verifiers, now, ask)
        with transaction(engine) as connection:
            work(connection, update_from_files(connection, order_list, stock_list, now), now)
            facts = gathering.gather(connection, order_list, verifiers, now)
            skus = {line.sku for order in orders for line in order.lines}
            ids = [order.id for order in orders]
            loaded = storage_of(connection).load(Scope(order_ids=ids, skus=skus))
    stored = {record.id: record for record in loaded.records}
    records = [
        runs.as_exported(stored[order.id], order)
        if order.id in stored
        else OrderRecord(order=order)
        for order in orders
    ]
    today = attrs.evolve(rules.settings(verifiers, stock_list.promise), facts=facts)
    return compare(records, loaded.inventory, policies(today), now=now, progress=progress)
