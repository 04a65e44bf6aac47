"""What a storage loads: all that a batch touches, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

import pytest

from fulfill_core.hosting import Scope, key_of_location, key_of_order, key_of_sku
from fulfill_core.inventory import Component, Intake, Inventory, Item, Location, Stock
from fulfill_core.orders import OrderLine
from fulfill_core.records import OrderRecord
from fulfill_core.testing.contracts.base import StorageAdapter
from fulfill_core.testing.contracts.suite import Capability
from fulfill_core.testing.contracts.worlds import (
    NOON,
    ODD,
    claim,
    full_record,
    items,
    order,
    record,
    reservation,
    stock,
    supply,
)

_MANY = 120
"""More than a page has, wherever somebody has set one."""


def _ids(records: Iterable[OrderRecord]) -> list[str]:
    return sorted([each.id for each in records])


class LoadChecks(StorageAdapter):
    """Which orders are loaded, with the stock of which SKUs."""

    def test_an_empty_storage_loads_nothing(self) -> None:
        """Nothing is there, and every version is 0."""
        loaded = self.load(self.begin())
        assert (loaded.records, loaded.unreadable) == ((), ())
        assert list(loaded.inventory.stock()) == []
        assert loaded.version_of(key_of_sku("mug")) == 0

    def test_a_record_is_loaded_as_it_was_stored(self) -> None:
        """With all that has happened to it, to the microsecond and to the last sign."""
        records = [full_record("A-1"), full_record(ODD)]
        loaded = self.load(self.begin(stock(), records))
        assert {each.id: each for each in loaded.records} == {each.id: each for each in records}

    def test_money_is_loaded_to_the_last_digit(self) -> None:
        """A price is what was agreed, not what a float makes of it."""
        prices = [Decimal(price) for price in ("4.95", "0.07", "1.005", "123456789012345.67")]
        lines = [
            OrderLine(id=f"{number}", sku="mug", quantity=1, unit_price=price)
            for number, price in enumerate(prices)
        ]
        records = [OrderRecord(order=order(lines=lines, payments=[]))]
        loaded = self.load(self.begin(stock(), records))
        assert [line.unit_price for line in loaded.records[0].order.lines] == prices

    def test_orders_that_are_open_are_loaded(self) -> None:
        """Those of which nothing is open any more are not, unless they are named."""
        cancelled_record = record("A-2").with_progress("1", cancelled=2)
        storage = self.begin(stock(), [record("A-1"), cancelled_record])
        assert _ids(self.load(storage, Scope()).records) == ["A-1"]
        assert _ids(self.load(storage, Scope(order_ids=["A-2"])).records) == ["A-2"]

    def test_all_that_are_open_are_loaded(self) -> None:
        """However many they are: there is no page of them, and no most."""
        ids = [f"A-{number:03}" for number in range(_MANY)]
        storage = self.begin(stock(), [record(order_id) for order_id in ids])
        assert _ids(self.load(storage, Scope()).records) == ids
        assert _ids(self.load(storage, Scope(order_ids=ids)).records) == ids

    def test_orders_that_have_units_are_loaded(self) -> None:
        """Whatever became of them: units of an order that nobody looks at are nobody's."""
        cancelled_record = record("A-2").with_progress("1", cancelled=2)
        storage = self.begin(stock().with_reserved(reservation("A-2")), [cancelled_record])
        assert _ids(self.load(storage, Scope()).records) == ["A-2"]

    def test_orders_that_have_claims_are_loaded(self) -> None:
        """What is claimed of a supply is units, too."""
        self.needs(Capability.SUPPLIES)
        inventory = Inventory(supplies=[supply()], claims=[claim("A-2")])
        cancelled_record = record("A-2").with_progress("1", cancelled=2)
        storage = self.begin(inventory, [cancelled_record])
        assert _ids(self.load(storage, Scope()).records) == ["A-2"]

    def test_an_order_that_is_not_there_is_left_out(self) -> None:
        """An id of which nothing is stored is no error; its version is 0."""
        loaded = self.load(self.begin(stock(), [record()]), Scope(order_ids=["A-1", "A-9"]))
        assert _ids(loaded.records) == ["A-1"]
        assert loaded.version_of(key_of_order("A-1")) > 0
        assert loaded.version_of(key_of_order("A-9")) == 0

    def test_no_order_is_loaded_if_none_is_asked_for(self) -> None:
        """A scope without orders has none; that is not the same as all of them."""
        assert self.load(self.begin(stock(), [record()]), Scope(order_ids=[])).records == ()

    def test_the_goods_of_an_order_are_loaded(self) -> None:
        """The stock of what its lines ask for, as it is; and no other."""
        loaded = self.load(self.begin(stock(), [record()]), Scope())
        assert list(loaded.inventory.stock()) == [
            Stock(sku="mug", location="berlin", on_hand=9, safety=1)
        ]
        assert loaded.version_of(key_of_sku("mug")) > 0

    def test_goods_that_are_named_are_loaded(self) -> None:
        """Such as those of an order that is new."""
        loaded = self.load(self.begin(stock()), Scope(order_ids=[], skus=["cup"]))
        assert [row.sku for row in loaded.inventory.stock()] == ["cup"]
        assert loaded.version_of(key_of_sku("cup")) > 0

    def test_goods_that_an_order_has_are_loaded(self) -> None:
        """What is reserved for it, though its lines do not ask for it any more."""
        inventory = stock().with_reserved(reservation("A-1", sku="cup"))
        loaded = self.load(self.begin(inventory, [record()]), Scope())
        assert loaded.inventory.reservations_of("A-1") == (reservation("A-1", sku="cup"),)

    def test_the_parts_of_a_kit_are_loaded(self) -> None:
        """Down to the last: a kit has no stock of its own."""
        self.needs(Capability.ITEMS)
        cups = [Stock(sku="cup", location="berlin", on_hand=9)]
        inventory = Inventory(stock=cups, items=items().items())
        loaded = self.load(self.begin(inventory, [record(sku="box")]), Scope())
        assert loaded.inventory.components_of("box") == (("cup", 6),)
        assert loaded.inventory.on_hand("cup") == 9
        assert loaded.inventory.item("box") == Item(
            sku="box", components=[Component(sku="pair", quantity=3)]
        )

    def test_what_others_have_of_the_same_goods_is_loaded(self) -> None:
        """Else it would be given out twice: their reservations on these goods, and no others."""
        inventory = stock().with_reserved(
            reservation("A-2", 3), reservation("A-2", 1, sku="cup"), reservation("A-3", 1)
        )
        storage = self.begin(inventory, [record(), record("A-2"), record("A-3")])
        loaded = self.load(storage, Scope(order_ids=["A-1"]))
        assert list(loaded.inventory.reservations()) == [
            reservation("A-2", 3),
            reservation("A-3", 1),
        ]
        assert loaded.inventory.available("mug") == 4

    def test_what_others_claim_of_the_same_supplies_is_loaded(self) -> None:
        """A date that counts units which somebody else has claimed would not come true."""
        self.needs(Capability.SUPPLIES)
        inventory = Inventory(supplies=[supply()], claims=[claim("A-2", 3)])
        loaded = self.load(self.begin(inventory, [record()]), Scope(order_ids=["A-1"]))
        assert list(loaded.inventory.supplies()) == [supply()]
        assert list(loaded.inventory.claims()) == [claim("A-2", 3)]

    def test_all_locations_are_loaded(self) -> None:
        """With their rank and capacity: who is asked first depends on all of them."""
        self.needs(Capability.LOCATIONS)
        inventory = self.begin(stock())
        loaded = self.load(inventory, Scope(order_ids=[]))
        assert [place.rank for place in loaded.inventory.locations()] == [1]
        assert loaded.version_of(key_of_location("berlin")) > 0

    def test_what_a_place_took_on_is_loaded(self) -> None:
        """Orders for other goods count for its capacity, those that are there and those that left.

        Units of goods that are not loaded can't be: an intake stands for each of their orders.
        """
        self.needs(Capability.LOCATIONS)
        inventory = Inventory(
            stock=[Stock(sku=sku, location="store", on_hand=9) for sku in ("mug", "cup")],
            locations=[Location(id="store", capacity=3)],
            reservations=[reservation("A-1", sku="cup", location="store")],
            intakes=[Intake(location="store", order_id="A-9", day=NOON.date())],
        )
        storage = self.begin(inventory, [record("A-1", sku="cup")])
        loaded = self.load(storage, Scope(order_ids=[], skus=["mug"]))
        assert loaded.inventory.capacity_left("store", NOON) == 1

    def test_an_order_that_cannot_be_read_stops_no_other(self) -> None:
        """A record of a newer schema is left out and named; what the order has stays its own."""
        inventory = stock().with_reserved(reservation("A-2"))
        storage = self.begin(inventory, [record("A-1"), record("A-2")])
        if not self.spoil(storage, "A-2"):
            pytest.skip(f"{type(self).__name__} has no record that can't be read: no spoil()")
        loaded = self.load(storage, Scope())
        assert _ids(loaded.records) == ["A-1"]
        assert [order_id for order_id, _ in loaded.unreadable] == ["A-2"]
        assert loaded.inventory.reserved("mug") == 2

    def test_to_load_changes_nothing(self) -> None:
        """Nor does it wait for anybody: twice the same is the same."""
        storage = self.begin(stock(), [record()])
        before = self.contents(storage)
        first = self.load(storage)
        assert self.load(self.reopen(storage)) == first
        assert self.contents(storage) == before

    def test_what_is_loaded_is_of_one_moment(self) -> None:
        """What was loaded before a commit stays as it was."""
        storage = self.begin(stock(), [record()])
        loaded = self.load(storage)
        after = loaded.inventory.with_received("mug", "berlin", 3)
        self.commit(storage, self.plan(loaded, after=after))
        assert loaded.inventory.on_hand("mug") == 9
        assert self.load(storage).inventory.on_hand("mug") == 12
