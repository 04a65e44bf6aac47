"""What shops get wrong between a decision and a database, each played through a storage.

The rules are those that real reports taught: what has left has left, news is told once, a unit is
promised once, a mail that fails undoes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from some_databases import contents_of
from some_hosting import NOON, Sender, Shop, captured, order, shipped, stock
from some_shops import BOTH, shop_on
from some_storages import contents_of as contents_in_memory

from fulfill_core import Inventory, OrderRecord, Payment, Settings
from fulfill_core.hosting import InMemoryStorage, Later, Run, StockUpdate
from fulfill_core.lifecycle import Authorized, Cancelled
from fulfill_core.testing import Contents

ABOUT: dict[str, Any] = {"order_id": "A-1", "at": NOON}


@pytest.fixture(params=["memory", *BOTH])
def shop_with(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ShopWith]:
    """Makes a shop with this stock and these orders: in memory, and on both databases."""
    with ExitStack() as stack:

        def make(inventory: Inventory | None = None, *records: OrderRecord) -> Shop:
            content = stock() if inventory is None else inventory
            if request.param == "memory":
                return Shop(InMemoryStorage(content, records))
            context = shop_on(request.param, tmp_path, content, records)
            return Shop(stack.enter_context(context).storage)

        yield make


ShopWith = Callable[..., Shop]


def seen(shop: Shop) -> Contents:
    """What is in its storage, past it."""
    storage = shop.storage
    if isinstance(storage, InMemoryStorage):
        return contents_in_memory(storage)
    return contents_of(storage._bind, storage.tables)


def kinds(shop: Shop) -> list[str]:
    """What was told, in sequence."""
    return [str(row.content.kind) for row in shop.notifier.rows]


def test_two_checkouts_and_one_unit(shop_with: ShopWith) -> None:
    """Whoever is second sees what is left: one gets the unit, the other waits, and both know."""
    shop = shop_with(stock(mugs=1))
    shop.loop(Run(orders=[order("A-1", 1)]), Run(orders=[order("A-2", 1)]))
    assert seen(shop).inventory.reserved("mug") == 1
    assert seen(shop).inventory.claimed("mug") == 1
    assert kinds(shop) == ["order.confirmed", "order.backordered"]


def test_one_supply_is_promised_once(shop_with: ShopWith) -> None:
    """By two runs, of which each sees one order only: what one has claimed the other respects."""
    shop = shop_with(stock(mugs=0))
    shop.loop(Run(orders=[order("A-1", 6)]), Run(orders=[order("A-2", 6)]))
    claims = {each.order_id: each.quantity for each in seen(shop).inventory.claims()}
    assert claims == {"A-1": 6, "A-2": 3}


def test_authorised_and_captured_reserves_once(shop_with: ShopWith) -> None:
    """What an order has it keeps, whatever its payments come to."""
    shop = shop_with()
    shop.loop(Run(orders=[order(payments=[])]))
    paid = Authorized(id="e1", payment="card", amount=Decimal(10), **ABOUT)
    shop.loop(paid, Run(), Run())
    assert seen(shop).inventory.reserved("mug") == 2
    assert kinds(shop).count("order.confirmed") == 1


def test_what_has_left_is_not_served_again(shop_with: ShopWith) -> None:
    """A run after the parcel reserves nothing, and tells nothing."""
    shop = shop_with()
    shop.actor = Sender(captured)
    shop.loop(Run(orders=[order(quantity=4)]), shipped(quantity=3))
    told = kinds(shop)
    shop.loop(Run(), Run(orders=["A-1"]))
    assert (seen(shop).inventory.on_hand("mug"), seen(shop).inventory.reserved("mug")) == (3, 1)
    assert kinds(shop) == told


def test_a_mail_that_fails_undoes_nothing(shop_with: ShopWith) -> None:
    """The order stands, its units are reserved, and the mail goes out when it can."""
    shop = shop_with()
    shop.notifier = Sender(OSError("connection refused"))
    report = shop.loop(Run(orders=[order()]))
    assert (report.is_done, report.postponed) == (True, 1)
    assert seen(shop).inventory.reserved("mug") == 2
    shop.clock.instant += timedelta(minutes=1)
    assert shop.loop().sent == 1


def test_the_same_news_has_the_same_id_after_a_crash(shop_with: ShopWith) -> None:
    """A run whose commit was lost with its process is made again, and tells under the same ids."""
    ids: list[list[str]] = []
    for _ in range(2):
        shop = shop_with()
        shop.loop(Run(orders=[order()]))
        ids.append(shop.notifier.ids)
    assert ids[0] == ids[1]


def test_there_and_back_is_three_news(shop_with: ShopWith) -> None:
    """Confirmed, waiting, back in stock: each differs from what was told last, so each is told."""
    shop = shop_with(stock(mugs=2))
    shop.loop(Run(orders=[order()]))
    lost = StockUpdate(
        id="C-1", skus=["mug"], update=lambda each: each.with_counted("mug", "berlin", 0)
    )
    freed = StockUpdate(
        id="C-2", skus=["mug"], update=lambda each: each.without_reservations_of("A-1")
    )
    back = StockUpdate(
        id="C-3", skus=["mug"], update=lambda each: each.with_counted("mug", "berlin", 2)
    )
    shop.loop(lost, freed, Run())
    shop.loop(back, Run())
    to_customer = [
        str(row.content.kind) for row in shop.notifier.rows if row.content.audience == "customer"
    ]
    assert to_customer == ["order.confirmed", "order.backordered", "order.back_in_stock"]
    assert len(set(shop.notifier.ids)) == len(shop.notifier.ids)


def test_what_is_cancelled_goes_to_who_waits(shop_with: ShopWith) -> None:
    """In the next run, and both hear of it."""
    shop = shop_with(Inventory.of({("mug", "berlin"): 2}))
    shop.loop(Run(orders=[order("A-1", 2), order("A-2", 2)]))
    shop.loop(Cancelled(id="e1", by="customer", **ABOUT), Run())
    reserved = {each.order_id for each in seen(shop).inventory.reservations()}
    assert reserved == {"A-2"}
    assert kinds(shop)[-1] == "order.back_in_stock"


@pytest.mark.parametrize("whole", [True, False])
def test_units_of_orders_that_are_gone_are_named(shop_with: ShopWith, *, whole: bool) -> None:
    """A run that sees all orders, and says so, tells the staff of units that are nobody's."""
    full = shop_with()
    full.loop(Run(orders=[order()]))
    orphaned = shop_with(seen(full).inventory, OrderRecord(order=order("A-2", 1)))
    orphaned.loop(Run(), settings=Settings(verifiers=[], whole=whole))
    told = {(row.content.order_id, str(row.content.kind)) for row in orphaned.notifier.rows}
    assert (("A-1", "order.absent") in told) == whole


def test_a_payment_service_that_is_asked_twice_captures_once(shop_with: ShopWith) -> None:
    """A timeout after the money was taken: it is asked again under the same id, and taken once."""
    shop = shop_with()
    shop.actor = Sender(Later(reason="timeout, and it had arrived"), captured)
    shop.loop(Run(orders=[order()]), shipped())
    shop.clock.instant += timedelta(minutes=1)
    shop.loop()
    assert len(set(shop.actor.ids)) == 1
    assert len(shop.actor.ids) == 2
    payments = seen(shop).records["A-1"].order.payments
    assert [(each.id, each.captured) for each in payments] == [("card", Decimal(10))]
    assert isinstance(payments[0], Payment)
