"""The storage in memory: what only it can be asked; all else is in its contract."""

from __future__ import annotations

from datetime import date

import pytest
from builders import steps
from some_hosting import NOON, Shop, order, shipped, stock

from fulfill_core import Changes, Claim, Inventory, Location, OrderRecord, Reservation, Stock
from fulfill_core.hosting import CommitPlan, Conflict, InMemoryStorage, Run, Scope
from fulfill_core.hosting.slices import part_of, skus_touched
from fulfill_core.inventory import Intake, StockChange


def test_it_is_empty_at_first() -> None:
    """Without anything there is nothing."""
    storage = InMemoryStorage()
    assert storage.inventory == Inventory()
    assert (storage.records, storage.decisions, storage.outbox, storage.sent) == ({}, {}, {}, {})


def test_what_is_in_it_can_be_looked_at() -> None:
    """Stock, records, decisions, what is to be sent, and what was sent."""
    shop = Shop()
    shop.loop(Run(orders=[order()]), notifier=None, actor=None)
    assert (list(shop.storage.records), list(shop.storage.decisions)) == (["A-1"], ["A-1"])
    [row_id] = shop.storage.outbox
    shop.loop()
    assert (shop.storage.outbox, list(shop.storage.sent)) == ({}, [row_id])


def test_what_others_have_of_the_same_goods_is_loaded() -> None:
    """A slice has all reservations and claims on its SKUs, and none of others."""

    def reservation(sku: str) -> Reservation:
        return Reservation(
            order_id="A-9", line_id="1", sku=sku, location="berlin", quantity=2, made_at=NOON
        )

    claim = Claim(order_id="A-8", line_id="1", sku="mug", supply_id="PO-1", quantity=3)
    whole = stock().with_reserved(reservation("mug"), reservation("cup")).with_claimed(claim)
    loaded = InMemoryStorage(whole).load(Scope(skus=["mug"]))
    assert list(loaded.inventory.reservations()) == [reservation("mug")]
    assert list(loaded.inventory.claims()) == [claim]
    assert loaded.inventory.available("mug") == 4
    assert [row.sku for row in loaded.inventory.stock()] == ["mug"]


def test_a_slice_counts_what_a_place_took_on() -> None:
    """Orders for other goods, and orders that have left, count for the capacity of a place."""
    whole = Inventory(
        stock=[Stock(sku=sku, location="store", on_hand=9) for sku in ("mug", "cup")],
        locations=[Location(id="store", capacity=3)],
        reservations=[
            Reservation(
                order_id="A-1", line_id="1", sku="cup", location="store", quantity=1, made_at=NOON
            )
        ],
        intakes=[Intake(location="store", order_id="A-2", day=date(2026, 3, 2))],
    )
    part = part_of(whole, {"mug"}, [])
    assert part.capacity_left("store", NOON) == 1


def test_a_run_on_a_slice_is_a_run_on_all() -> None:
    """What orders touch is all that they depend on."""
    orders = [order("A-1", 4), order("A-2", 4), order("A-3", 2, "cup")]
    records = [OrderRecord(order=each) for each in orders]
    whole, apart = InMemoryStorage(stock()), InMemoryStorage(stock())
    Shop(whole).loop(Run(orders=orders))
    for each in orders:
        Shop(apart).loop(Run(orders=[each]))
    assert whole.inventory == apart.inventory
    assert skus_touched(stock(), records) == {"cup", "mug"}


def test_orders_that_are_done_are_not_loaded() -> None:
    """All that are open, or have units; others by their id."""
    shop = Shop()
    shop.loop(Run(orders=[order(), order("A-2")]), shipped())
    assert [each.id for each in shop.storage.load(Scope()).records] == ["A-2"]
    assert [each.id for each in shop.storage.load(Scope(order_ids=["A-1"])).records] == ["A-1"]


def test_what_a_plan_takes_away_has_to_be_there() -> None:
    """A stock that was changed by hand is a conflict, and nothing is written."""
    gone = Reservation(
        order_id="A-1", line_id="1", sku="mug", location="berlin", quantity=2, made_at=NOON
    )
    storage = InMemoryStorage(stock())
    plan = CommitPlan(
        id="p1",
        at=NOON,
        expected={"sku:mug": 1},
        changes=Changes(
            on_hand=[StockChange(sku="mug", location="berlin", quantity=-2)],
            reservations_removed=[gone],
        ),
    )
    assert storage.commit(plan) == Conflict()
    assert storage.inventory == stock()
    assert storage.decided("p1") == Conflict()


def test_goods_that_are_there_from_the_beginning_are_known() -> None:
    """Orders that had units before the storage was made have them."""
    shop = Shop()
    shop.loop(Run(orders=[order()]))
    again = InMemoryStorage(shop.storage.inventory, shop.storage.records.values())
    loaded = again.load(Scope())
    assert [each.id for each in loaded.records] == ["A-1"]
    assert loaded.inventory.reserved("mug") == 2
    report = Shop(again).loop(Run())
    assert report.sent == 0


@pytest.mark.untraced
def test_a_checkout_costs_what_its_lines_cost() -> None:
    """However many SKUs the shop has, and however many orders."""

    def of_shop(count: int) -> int:
        rows = [Stock(sku=f"sku-{number}", location="berlin", on_hand=9) for number in range(count)]
        orders = [order(f"B-{number}", 1, f"sku-{number}") for number in range(count)]
        shop = Shop(InMemoryStorage(Inventory(stock=[*rows, *stock().stock()])))
        shop.loop(Run(orders=orders), notifier=None, actor=None)
        shop.loop(Run(orders=[order("A-0")]), notifier=None, actor=None)  # what is done once
        job = Run(orders=[order()])
        return steps(lambda: shop.loop(job, notifier=None, actor=None))

    few, many = of_shop(30), of_shop(900)
    assert many < 1.05 * few
