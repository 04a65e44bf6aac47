"""A year of a shop by the profile ``thorough``: 300 days, 100 orders a day; else three weeks."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable
from functools import partial
from typing import Any

import attrs
import pytest
from builders import calls

from fulfill_core import Inventory, OrderRecord, Result, process
from fulfill_core.pipeline.notifying import NO_MESSAGES

from .year import PLACES, Shop

IS_THOROUGH = os.environ.get("HYPOTHESIS_PROFILE") == "thorough"
DAYS, ORDERS, SOME = (300, 100, 30) if IS_THOROUGH else (21, 12, 7)
"""So many days, orders a day, and days at the beginning and at the end that are compared."""


def sizes(shop: Shop) -> Counter[str]:
    """What a run has to look at, and what is in the value that it looks at."""
    stock, records = shop.stock, shop.records.values()
    return Counter({
        "records": len(shop.records),
        "reservations": sum(1 for _ in stock.reservations()),
        "claims": sum(1 for _ in stock.claims()),
        "supplies": len(list(stock.supplies())),
        "lots": sum(len(row.lots) for row in stock.stock()),
        "parts of records": sum(
            len(getattr(record, name))
            for record in records
            for name in ("progress", "told", "approvals", "rejections", "holds", "reserved")
        ),
        "contents": sum(len(told.contents) for record in records for told in record.told),
    })  # fmt: skip


def run_of_all(shop: Shop) -> Result:
    """A run of all orders, of which nothing is stored."""
    return process(shop.records.values(), shop.stock, now=shop.now)


def test_a_year_of_a_shop() -> None:
    """Every day what is on hand is what came in, less what left, as it was counted; nothing is
    reserved that is not there, nor for orders that are over; every unit ordered has left, was
    cancelled or is open, once; and everybody is told what is news to them, once. At the end the
    money is right, all that was ordered is accounted for, and a day is no more work than in the
    first weeks.
    """
    shop = Shop.opened(process, 1, ORDERS)
    first, last = Counter[str](), Counter[str]()
    first_calls = 0
    for day in range(DAYS):
        shop.day(day)
        if SOME <= day < 2 * SOME:  # by then as many orders leave as come
            first += sizes(shop)
            first_calls = calls(partial(run_of_all, shop))
        elif day >= DAYS - SOME:
            last += sizes(shop)
    for name, size in last.items():
        assert size <= 2 * first[name] + 20, f"{name}: {first[name]} at first, {size} at last"
    assert calls(partial(run_of_all, shop)) <= 2 * first_calls
    check_the_end(shop)
    happened = {name for name, times in shop.events.items() if times}
    assert happened >= {
        "parcel",
        "in full",
        "in part",
        "short",
        "over",
        "count",
        "lost",
        "given up",
    }


def check_the_end(shop: Shop) -> None:
    """All orders there ever were: loaded once more, and held against the account."""
    ledger, tables = shop.ledger, shop.tables
    shop.reload()
    assert not tables.outbox
    assert set(ledger.orders) == set(tables.orders)
    records = tables.load_records(shop.stock, ledger.orders)
    for order_id, record in records.items():
        account = ledger.orders[order_id]
        told_ids = {message_id for told in record.told for _, message_id in told.contents}
        assert told_ids <= shop.sent, f"{order_id}: what was told was not sent"
        ledger.check_money(record)
        for line in record.order.lines:
            entry = account.lines[line.id]
            units = entry.ordered + entry.reopened
            assert units == entry.shipped + entry.cancelled + record.open(line.id)
        assert record.is_settled == account.is_settled
        if account.is_settled and any(entry.shipped for entry in account.lines.values()):
            # What was given back, as something was cancelled, can't be captured once more.
            paid = sum(payment.amount - payment.refunded for payment in record.order.payments)
            assert account.captured == min(account.due, paid), f"{order_id} was paid"
    ledger.check_reserved(shop.stock, records)
    for each in (*shop.stock.reservations(), *shop.stock.claims()):
        order_id = each.order_id
        assert order_id.startswith("cart") or not ledger.orders[order_id].is_settled
    assert {row.location for row in shop.stock.stock()} <= {place.id for place in PLACES}


# -- A shop that forgets something is found out ----------------------------------------------------


def serves_again(records: Iterable[OrderRecord], stock: Inventory, **rules: Any) -> Result:
    """What has left is served once more."""
    return process([attrs.evolve(each, progress=()) for each in records], stock, **rules)


def tells_again(records: Iterable[OrderRecord], stock: Inventory, **rules: Any) -> Result:
    """What was told is told once more."""
    return process([attrs.evolve(each, told=()) for each in records], stock, **rules)


def sells_safety_stock(records: Iterable[OrderRecord], stock: Inventory, **rules: Any) -> Result:
    """Units that are kept back are given out."""
    rows = [attrs.evolve(row, safety=0) for row in stock.stock()]
    bare = Inventory(
        rows, stock.supplies(), stock.items(), stock.locations(), stock.reservations(),
        stock.claims(),
    )  # fmt: skip
    result = process(records, bare, **rules)
    return attrs.evolve(
        result, before=stock, inventory=stock.with_changes(result.inventory.changes_since(bare))
    )


def says_nothing(records: Iterable[OrderRecord], stock: Inventory, **rules: Any) -> Result:
    """Nobody is told anything."""
    return attrs.evolve(process(records, stock, **rules), messages=NO_MESSAGES)


def loses_an_order(records: Iterable[OrderRecord], stock: Inventory, **rules: Any) -> Result:
    """The last order is not looked at."""
    batch = sorted(records, key=lambda record: record.id)
    return process(batch[:-1] if len(batch) > 1 else batch, stock, **rules)


@pytest.mark.parametrize(
    "mutant",
    [serves_again, tells_again, sells_safety_stock, says_nothing, loses_an_order],
    ids=lambda mutant: mutant.__name__,
)
def test_a_shop_that_forgets_is_found_out(mutant: Any) -> None:
    """Each of these breaks the account within days."""
    shop = Shop.opened(mutant, 1, ORDERS)
    with pytest.raises(AssertionError):
        some_days(shop)


def some_days(shop: Shop) -> None:
    """What the first days bring."""
    for day in range(10):
        shop.day(day)
