"""Rows of stock, supplies and locations: how they are kept and put in sequence."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from builders import NOW, refusal

from fulfill_core import (
    Component,
    Customer,
    Fence,
    Inventory,
    Item,
    KitShips,
    Location,
    Lot,
    LotOrder,
    Pack,
    Reservation,
    Stock,
    Supply,
)
from fulfill_core.inventory.state import by_sku, in_rank


def test_a_negative_stock_is_taken_as_it_is() -> None:
    """Some systems keep oversold stock as a negative number: that is no error."""
    assert Stock(sku="mug", location="berlin", on_hand=-2).on_hand == -2


def test_supplies_are_kept_in_utc() -> None:
    """When a supply is expected reads the same wherever it was written down."""
    tokyo = timezone(timedelta(hours=9))
    supply = Supply(id="PO", sku="mug", quantity=1, expected_at=datetime(2026, 3, 3, tzinfo=tokyo))
    assert supply.expected_at.tzinfo is UTC
    assert supply.expected_at == datetime(2026, 3, 2, 15, tzinfo=UTC)


def test_locations_are_asked_by_rank_then_id() -> None:
    """The lower rank comes first; equal ranks go by id; a rank may be negative."""
    places = [
        Location(id="b"),
        Location(id="a"),
        Location(id="c", rank=-1),
        Location(id="d", rank=2),
    ]
    assert list(in_rank(places)) == ["c", "a", "b", "d"]


def test_supplies_come_by_date_then_id() -> None:
    """Of a SKU's supplies the earliest is first; those of one date go by id."""

    def supply(supply_id: str, days: int, sku: str = "mug") -> Supply:
        return Supply(id=supply_id, sku=sku, quantity=1, expected_at=NOW + timedelta(days=days))

    grouped = by_sku([supply("c", 2), supply("b", 1), supply("x", 0, "cup"), supply("a", 1)], {})
    assert {sku: [each.id for each in coming] for sku, coming in grouped.items()} == {
        "mug": ["a", "b", "c"],
        "cup": ["x"],
    }


def test_a_reservation_need_not_expire() -> None:
    """Without dates a reservation counts for ever."""
    made = Reservation(order_id="A", line_id="1", sku="mug", location="x", quantity=1)
    assert (made.made_at, made.expires_at) == (None, None)


# -- Checks ----------------------------------------------------------------------------------------

NAIVE = datetime(2026, 3, 2)  # noqa: DTZ001 - that is what is refused
ZONE_NEEDED = "is naive; pass it with a tzinfo, such as timezone.utc"
DAY, CENTURY = timedelta(days=1), timedelta(days=40_000)
PART = Component(sku="cup")
ID_NEEDED = "is empty; pass at least one visible character"
KIT_RULES = (
    "are those of an item with packs, fences or a customer's cap; a kit has no stock of its own, so"
    " give these rules to its components"
)


@pytest.mark.parametrize(
    ("kind", "content", "problem"),
    [
        (Component, {"sku": ""}, f"Component.sku: '' {ID_NEEDED}"),
        (
            Component,
            {"sku": "cup", "quantity": 0},
            "Component.quantity: 0 is below 1; pass 1 or more",
        ),
        (
            Component,
            {"sku": "cup", "quantity": 1.5},
            "Component.quantity: 1.5 is not an int; pass a whole number",
        ),
        (Pack, {"location": " "}, f"Pack.location: ' ' {ID_NEEDED}"),
        (
            Pack,
            {"location": "depot", "multiple": 0},
            "Pack.multiple: 0 is below 1; pass 1 or more",
        ),
        (
            Pack,
            {"location": "depot", "minimum": 0},
            "Pack.minimum: 0 is below 1; pass 1 or more",
        ),
        (
            Fence,
            {"quantity": 0, "tiers": ["vip"]},
            "Fence.quantity: 0 is below 1; pass 1 or more",
        ),
        (
            Fence,
            {"quantity": 1},
            "Fence.channels: frozenset() names nobody, nor do tiers and tags; name one",
        ),
        (
            Fence,
            {"quantity": 1, "channels": "web"},
            "Fence.channels: 'web' is not a collection of words; pass a set or a list of str",
        ),
        (
            Fence,
            {"quantity": 1, "tiers": [1]},
            "Fence.tiers: 1 is not text; pass a str",
        ),
        (
            Fence,
            {"quantity": 1, "tags": "vip"},
            "Fence.tags: 'vip' is not a collection of words; pass a set or a list of str",
        ),
        (
            Fence,
            {"quantity": 1, "tiers": ["vip"], "until": NAIVE},
            f"Fence.until: {NAIVE!r} {ZONE_NEEDED}",
        ),
        (Lot, {"id": "", "quantity": 1}, f"Lot.id: '' {ID_NEEDED}"),
        (Lot, {"id": "L", "quantity": -1}, "Lot.quantity: -1 is below 0; pass 0 or more"),
        (
            Lot,
            {"id": "L", "quantity": 1, "expires_at": "2026-03-02"},
            "Lot.expires_at: '2026-03-02' is not a datetime; pass an aware datetime",
        ),
        (
            Lot,
            {"id": "L", "quantity": 1, "received_at": NAIVE},
            f"Lot.received_at: {NAIVE!r} {ZONE_NEEDED}",
        ),
        (
            Lot,
            {"id": "L", "quantity": 1, "quarantined": "no"},
            "Lot.quarantined: 'no' is not a bool; pass True or False",
        ),
        (
            Item,
            {"backorder_cap": -1},
            "Item.backorder_cap: -1 is below 0; pass 0 or more",
        ),
        (Item, {"customer_cap": -1}, "Item.customer_cap: -1 is below 0; pass 0 or more"),
        (
            Item,
            {"components": ["cup"]},
            "Item.components[0]: 'cup' is not of type Component; pass one",
        ),
        (
            Item,
            {"components": PART},
            f"Item.components: {PART!r} is not a collection of Component; pass a list or tuple",
        ),
        (
            Item,
            {"components": [PART, PART]},
            "Item.components[1]: 'cup' was given before; each SKU comes once",
        ),
        (
            Item,
            {"kit_ships": "by_kit "},
            "Item.kit_ships: 'by_kit ' is no KitShips; pass one, or its word: 'by_kit', 'by_order'",
        ),
        (
            Item,
            {"lot_order": "feto"},
            "Item.lot_order: 'feto' is no LotOrder; pass one, or its word: 'fefo', 'fifo', 'lifo'",
        ),
        (
            Item,
            {"minimum_life": 30},
            "Item.minimum_life: 30 is not a timedelta; pass one, such as timedelta(days=30)",
        ),
        (
            Item,
            {"minimum_life": -DAY},
            f"Item.minimum_life: {-DAY!r} is below zero; pass a timedelta of zero or more",
        ),
        (Item, {"packs": ["depot"]}, "Item.packs[0]: 'depot' is not of type Pack; pass one"),
        (
            Item,
            {"packs": [Pack(location="depot"), Pack(location="depot", multiple=6)]},
            "Item.packs[1]: 'depot' was given before; each location comes once",
        ),
        (Item, {"fences": [3]}, "Item.fences[0]: 3 is not of type Fence; pass one"),
        (
            Item,
            {"components": [PART], "tracked": False},
            "Item.tracked: False is for what has no stock; a kit's components have",
        ),
        (
            Item,
            {"components": [PART], "packs": [Pack(location="depot")]},
            f"Item.components: {(PART,)!r} {KIT_RULES}",
        ),
        (
            Item,
            {"components": [PART], "fences": [Fence(quantity=1, tiers=["vip"])]},
            f"Item.components: {(PART,)!r} {KIT_RULES}",
        ),
        (
            Item,
            {"components": [PART], "customer_cap": 1},
            f"Item.components: {(PART,)!r} {KIT_RULES}",
        ),
        (
            Location,
            {"lead_time": CENTURY},
            f"Location.lead_time: {CENTURY!r} is more than 100 years; pass a shorter timedelta",
        ),
        (Location, {"capacity": -1}, "Location.capacity: -1 is below 0; pass 0 or more"),
        (
            Location,
            {"timezone": "Europe/Berlin"},
            "Location.timezone: 'Europe/Berlin' is not a tzinfo; pass a zoneinfo.ZoneInfo",
        ),
        (
            Customer,
            {"minimum_life": 30},
            "Customer.minimum_life: 30 is not a timedelta; pass one, such as timedelta(days=30)",
        ),
    ],
)
def test_what_makes_no_sense_is_refused(
    kind: type[Any], content: dict[str, Any], problem: str
) -> None:
    """The error names the field, the value and what to do."""
    needed = {Item: {"sku": "mug"}, Location: {"id": "berlin"}, Customer: {"id": "C"}}
    assert refusal(kind, **{**needed.get(kind, {}), **content}) == problem


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ({"lots": ["L"]}, "Stock.lots[0]: 'L' is not of type Lot; pass one"),
        (
            {"lots": [Lot(id="L", quantity=1), Lot(id="L", quantity=2)]},
            "Stock.lots[1]: 'L' was given before; each lot comes once",
        ),
        (
            {"lots": [Lot(id="L", quantity=4), Lot(id="M", quantity=2)]},
            "Stock.on_hand: 5 is less than what its lots hold together, 6",
        ),
    ],
)
def test_a_row_and_its_lots_agree(content: dict[str, Any], problem: str) -> None:
    """A row has its lots once each, and is no less than they are together."""
    assert refusal(Stock, sku="mug", location="berlin", on_hand=5, **content) == problem


def test_lots_are_kept_by_id() -> None:
    """How they are listed changes nothing; units beyond theirs have no lot."""
    one, two = Lot(id="1", quantity=2), Lot(id="2", quantity=2)
    row = Stock(sku="mug", location="berlin", on_hand=5, lots=[two, one])
    assert row == Stock(sku="mug", location="berlin", on_hand=5, lots=(one, two))
    assert row.lots == (one, two)


def test_dates_of_lots_and_fences_are_kept_in_utc() -> None:
    """The same instant reads the same, wherever it was written down."""
    tokyo = timezone(timedelta(hours=9))
    day = datetime(2026, 3, 3, tzinfo=tokyo)
    made = Lot(id="L", quantity=1, expires_at=day, received_at=day)
    fence = Fence(quantity=1, tiers=["vip"], until=day)
    expected = datetime(2026, 3, 2, 15, tzinfo=UTC)
    for instant in (made.expires_at, made.received_at, fence.until):
        assert (instant, instant.tzinfo if instant else None) == (expected, UTC)


def test_words_of_a_fence_are_sets() -> None:
    """However the channels, tiers and tags are listed, a fence is for the same orders."""
    listed = Fence(quantity=1, channels=["web", "app"], tiers=("vip",), tags={"gift"})
    assert listed == Fence(quantity=1, channels={"app", "web"}, tiers={"vip"}, tags=["gift"])


def test_an_item_has_no_rules_unless_it_is_told() -> None:
    """What nobody said anything about is taken from wherever it is."""
    plain = Item(sku="mug")
    assert (plain.is_kit, plain.has_rules) == (False, False)
    assert (plain.lot_order, plain.kit_ships) == (LotOrder.FEFO, KitShips.BY_KIT)
    assert (plain.minimum_life, plain.backorder_cap) == (timedelta(0), None)
    for rules in (
        {"customer_cap": 0},
        {"packs": [Pack(location="depot")]},
        {"fences": [Fence(quantity=1, tags=["gift"])]},
    ):
        content: dict[str, Any] = rules
        assert Item(sku="mug", **content).has_rules


@pytest.mark.parametrize(
    ("multiple", "minimum", "units", "whole"),
    [
        (1, 1, 7, 7),
        (12, 1, 30, 24),
        (12, 24, 23, 0),
        (12, 30, 35, 0),
        (12, 30, 36, 36),
        (5, 1, 0, 0),
    ],
)
def test_a_pack_is_whole(multiple: int, minimum: int, units: int, whole: int) -> None:
    """Whole multiples, and none below the minimum."""
    assert Pack(location="depot", multiple=multiple, minimum=minimum).whole(units) == whole


def test_a_kit_is_no_part_of_itself() -> None:
    """A circle of kits is refused, with the way around it; the same kit in two others is none."""
    items = [
        Item(sku="a", components=[Component(sku="b")]),
        Item(sku="b", components=[Component(sku="cup"), Component(sku="c")]),
        Item(sku="c", components=[Component(sku="a")]),
    ]
    assert refusal(Inventory, items=items) == (
        "Inventory.items: 'a -> b -> c -> a' is a kit that is a part of itself; take it out of its"
        " components"
    )
    alone = Item(sku="a", components=[Component(sku="a")])
    assert "'a -> a'" in refusal(Inventory, items=[alone])
    twice = [
        Item(sku="a", components=[Component(sku="b"), Component(sku="c")]),
        Item(sku="b", components=[Component(sku="c")]),
        Item(sku="c", components=[Component(sku="cup")]),
    ]
    assert Inventory(items=twice).components_of("a") == (("cup", 2),)


def test_a_kit_has_no_row() -> None:
    """What is made of components has no stock of its own."""
    row = Stock(sku="set", location="berlin", on_hand=1)
    item = Item(sku="set", components=[PART])
    assert refusal(Inventory, [row], items=[item]) == (
        f"Inventory.stock[0]: {row!r} is for a kit, which has no stock of its own; give rows for"
        " its components"
    )
