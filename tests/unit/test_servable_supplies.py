"""What a supply brings for orders that wait: what will be there for them, and no more."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import attrs
import pytest
from builders import NOW, line, order, reserved, run
from some_stock import DAY, pegs, row, supply

from fulfill_core import (
    Claim,
    Component,
    Fence,
    Inventory,
    Item,
    Location,
    Lot,
    Order,
    Outcome,
    Pack,
    Ship,
    Stock,
    Supply,
)
from fulfill_core.sourcing import at_most_shipments, only_where, pick_up_at, whole_order_first

WEB = {"channel": "web"}


def waiting(
    on_hand: int = 0,
    units: int = 10,
    *,
    safety: int = 0,
    reservations: Any = (),
    locations: Any = (),
    at: str = "berlin",
    **rules: Any,
) -> Inventory:
    """Mugs at one place, which may be backordered, and a supply in two days."""
    return Inventory(
        [row(on_hand, location="berlin", safety=safety)],
        [attrs.evolve(supply("PO-1", units, 2), location=at)],
        [Item(sku="mug", backorderable=True, **rules)],
        locations,
        reservations,
    )


def dated(subject: Order, stock: Inventory, **options: Any) -> int:
    """How many units of an order are pegged to a supply."""
    result = run(subject, stock=stock, **options)
    return sum(units for _, _, units, supply_id in pegs(result[subject.id]) if supply_id)


def comes_true(subject: Order, stock: Inventory, **options: Any) -> bool:
    """Whether an order gets what it was promised of the supply, once all of that is there."""
    first = run(subject, stock=stock, **options)
    came = first.inventory.with_received(
        "mug",
        "berlin",
        stock.supplies_of("mug")[0].quantity,
        supply_id="PO-1",
        received_at=NOW + 2 * DAY,
    )
    after = run(subject, stock=came, now=NOW + 2 * DAY, **options)
    units = sum(each.quantity for each in after.inventory.reservations_of(subject.id))
    promised = sum(units for _, _, units, supply_id in pegs(first[subject.id]) if supply_id)
    return units >= promised


@pytest.mark.parametrize(
    ("stock", "units"),
    [
        (waiting(safety=4), 6),
        (waiting(2, safety=4), 8),
        (waiting(-4), 6),
        (waiting(1, reservations=[reserved("Z", quantity=5)]), 6),
        (waiting(1, reservations=[reserved("Z", quantity=5, expires_at=NOW)]), 9),
        (waiting(-4, at=""), 6),
        (waiting(-40, at="berlin"), 0),
    ],
)
def test_what_is_missing_is_filled_up_first(stock: Inventory, units: int) -> None:
    """Safety stock, units that are owed, and reservations of which the units are not there come
    before all orders that wait: as far as they are missing where the supply comes in, or anywhere
    if it does not say where.
    """
    subject = order("A-1", 10)
    assert dated(subject, stock) == units
    if stock.supplies_of("mug")[0].location:
        assert comes_true(subject, stock)


def test_what_is_missing_elsewhere_takes_nothing() -> None:
    """Safety stock that is missing in Paris is not filled up by what comes to Berlin."""
    stock = Inventory(
        [row(0), row(0, location="paris", safety=9)],
        [attrs.evolve(supply("PO-1", 10, 2), location="berlin")],
        [Item(sku="mug", backorderable=True)],
    )
    assert dated(order("A-1", 10), stock) == 10


def test_no_more_may_be_ordered_than_is_left_of_a_receipt() -> None:
    """Of 100 that come, 40 are owed already: 60 may wait, and 40 will not come."""
    stock = waiting(-40, 100, backorder_cap=0)
    result = run(order("A-1", 100), stock=stock)
    assert pegs(result["A-1"]) == [("1", "mug", 60, "PO-1")]
    assert result["A-1"].lines[0].short == 40


def test_a_fence_counts_for_what_is_to_come() -> None:
    """The last units are kept for a channel, also of those that are to come: what the fence lacks
    is not promised to others, whoever waits first.
    """
    stock = waiting(5, 50, fences=[Fence(quantity=40, channels=["shop"])])
    web = order("A-1", 30, **WEB)
    assert dated(web, stock) == 15
    assert comes_true(web, stock)
    assert dated(order("A-1", 50, channel="shop"), stock) == 45
    both = run(web, order("A-2", 40, channel="shop"), stock=stock)
    assert sum(units for _, _, units, supply_id in pegs(both["A-2"]) if supply_id) == 35


def test_a_fence_keeps_nothing_of_what_was_bought_for_an_order() -> None:
    """A supply of its own is the order's, whatever fences lack."""
    own = Supply(
        id="PO-9",
        sku="mug",
        quantity=3,
        expected_at=NOW + 9 * DAY,
        location="berlin",
        order_id="A-1",
    )
    base = waiting(0, 10, fences=[Fence(quantity=8, channels=["shop"])])
    stock = Inventory(base.stock(), [*base.supplies(), own], base.items())
    result = run(order("A-1", 9, **WEB), stock=stock)
    assert pegs(result["A-1"]) == [
        ("1", "mug", 2, "PO-1"),
        ("1", "mug", 3, "PO-9"),
        ("1", "mug", 4, ""),
    ]


def test_a_fence_and_a_cap_on_waiting() -> None:
    """Beyond what supplies bring for the order, the cap says how many may wait."""
    stock = waiting(0, 50, fences=[Fence(quantity=40, channels=["shop"])], backorder_cap=0)
    result = run(order("A-1", 30, **WEB), stock=stock)
    assert (pegs(result["A-1"]), result["A-1"].lines[0].short) == ([("1", "mug", 10, "PO-1")], 20)


def test_a_place_that_takes_on_no_orders_promises_none() -> None:
    """What comes in where the capacity is 0 is for nobody."""
    shut = waiting(locations=[Location(id="berlin", capacity=0)])
    assert pegs(run(order("A-1", 1), stock=shut)["A-1"]) == [("1", "mug", 1, "")]
    full = waiting(locations=[Location(id="berlin", capacity=1)])
    assert dated(order("A-1", 1), full) == 1


def two_places() -> Inventory:
    """Supplies for a depot, soon, and for a shop, later."""
    return Inventory(
        [row(0, location="depot"), row(0, location="shop")],
        [
            attrs.evolve(supply("PO-DEPOT", 24, 2), location="depot"),
            attrs.evolve(supply("PO-SHOP", 4, 9), location="shop"),
        ],
        [Item(sku="mug", backorderable=True)],
    )


@pytest.mark.parametrize(
    "sourcing", [pick_up_at("pick_up"), only_where(lambda place, _: place.id == "shop")]
)
def test_an_order_waits_for_places_that_may_serve_it(sourcing: Any) -> None:
    """Who picks up in a shop waits for what comes to the shop, and has no date for the rest."""
    subject = order("A-1", 5, attributes={"pick_up": "shop"})
    result = run(subject, stock=two_places(), sourcing=sourcing)
    assert pegs(result["A-1"]) == [("1", "mug", 4, "PO-SHOP"), ("1", "mug", 1, "")]
    other = order("A-2", 5)
    assert dated(other, two_places(), sourcing=whole_order_first()) == 5


def test_a_claim_does_not_move_where_its_order_may_not_be_served() -> None:
    """In the next run, what was promised of a later supply stays there if the order may not be
    served from the earlier one, if a fence keeps that for others, or whole packs do not fit.
    """
    picked_up = order("A-1", 4, attributes={"pick_up": "shop"})
    fence = Fence(quantity=8, channels=["shop"])
    cases: list[tuple[Order, Inventory, Any]] = [
        (picked_up, two_places(), pick_up_at("pick_up")),
        (order("A-1", 9, **WEB), and_later(waiting(0, 10, fences=[fence])), whole_order_first()),
        (order("A-1", 16), and_later(waiting(0, 10, packs=[DOZENS])), whole_order_first()),
    ]
    for subject, stock, sourcing in cases:
        first = run(subject, stock=stock, sourcing=sourcing)
        again = run(subject, stock=first.inventory, sourcing=sourcing)
        assert again["A-1"].backorders == first["A-1"].backorders
        assert again.inventory == first.inventory


DOZENS = Pack(location="berlin", multiple=4, minimum=4)


def and_later(stock: Inventory) -> Inventory:
    """The same, with ten more in nine days."""
    later = attrs.evolve(supply("PO-2", 10, 9), location="berlin")
    return Inventory(stock.stock(), [*stock.supplies(), later], stock.items(), stock.locations())


def test_a_claim_moves_where_its_order_may_be_served() -> None:
    """In whole packs, and beyond what fences lack; never so that the rest is a broken pack."""
    for rules, moved in (
        ({"packs": [DOZENS]}, [("1", "mug", 8, "PO-1")]),
        (
            {"fences": [Fence(quantity=4, channels=["shop"])]},
            [("1", "mug", 6, "PO-1"), ("1", "mug", 2, "PO-2")],
        ),
        ({"packs": [Pack(location="berlin", multiple=4, minimum=8)]}, [("1", "mug", 8, "PO-1")]),
    ):
        claim = Claim(order_id="A-1", line_id="1", sku="mug", supply_id="PO-2", quantity=8)
        stock = and_later(waiting(0, 10, **rules)).with_claimed(claim)
        assert pegs(run(order("A-1", 8, **WEB), stock=stock)["A-1"]) == moved
    claim = Claim(order_id="A-1", line_id="1", sku="mug", supply_id="PO-2", quantity=8)
    few = Pack(location="berlin", multiple=2, minimum=6)
    stock = and_later(waiting(0, 6, packs=[few])).with_claimed(claim)
    assert pegs(run(order("A-1", 8), stock=stock)["A-1"]) == [("1", "mug", 8, "PO-2")]


def test_what_may_come_anywhere_may_serve_anybody() -> None:
    """A supply that names no place is promised to all."""
    stock = waiting(at="")
    subject = order("A-1", 5, attributes={"pick_up": "shop"})
    assert dated(subject, stock, sourcing=pick_up_at("pick_up")) == 5


def test_packs_leave_whole_where_they_come_in() -> None:
    """Of what comes to a depot that ships by the dozen, dozens are promised."""
    stock = waiting(0, 40, packs=[Pack(location="berlin", multiple=12)])
    assert dated(order("A-1", 30), stock) == 24
    assert dated(order("A-1", 11), stock) == 0
    assert dated(order("A-1", 36), stock) == 36


def test_claims_give_way_to_what_is_missing() -> None:
    """A count leaves fewer than are reserved: what was claimed beyond the rest is named."""
    claim = Claim(order_id="A-1", line_id="1", sku="mug", supply_id="PO-1", quantity=8)
    stock = waiting(-4).with_claimed(claim)
    result = run(order("A-1", 8), stock=stock)
    assert stock.claimed("mug") == 6
    assert pegs(result["A-1"]) == [("1", "mug", 6, "PO-1"), ("1", "mug", 2, "")]
    assert "supply.claim_lost" in [finding.code for finding in result["A-1"].findings]


def test_what_others_bought_has_no_place_in_the_reach_of_an_order() -> None:
    """Packs, and a supply that is another's: the order waits for what is for anybody."""
    theirs = Supply(
        id="PO-9", sku="mug", quantity=12, expected_at=NOW + DAY, location="berlin", order_id="Z"
    )
    base = waiting(0, 12, packs=[Pack(location="berlin", multiple=12)])
    stock = Inventory(base.stock(), [*base.supplies(), theirs], base.items())
    assert pegs(run(order("A-1", 24), stock=stock)["A-1"]) == [
        ("1", "mug", 12, "PO-1"),
        ("1", "mug", 12, ""),
    ]


def test_what_is_overdue_lacks_what_fences_lack_and_fills_nothing() -> None:
    """It may come after all others: what it brings for a fence, those bring once more."""
    late = attrs.evolve(supply("PO-0", 6, -1), location="berlin")
    base = waiting(0, 10, fences=[Fence(quantity=4, channels=["shop"])])
    stock = Inventory(base.stock(), [late, *base.supplies()], base.items())
    assert pegs(run(order("A-1", 12, **WEB), stock=stock)["A-1"]) == [
        ("1", "mug", 2, "PO-0"),
        ("1", "mug", 6, "PO-1"),
        ("1", "mug", 4, ""),
    ]


def test_the_same_again_says_the_same() -> None:
    """What was promised within a fence, in packs and for one place is kept in the next run."""
    stock = waiting(
        5,
        50,
        fences=[Fence(quantity=30, channels=["shop"])],
        packs=[Pack(location="berlin", multiple=5)],
    )
    web = order("A-1", 30, **WEB)
    first = run(web, stock=stock)
    again = run(web, stock=first.inventory, now=NOW + timedelta(hours=1))
    assert again["A-1"].backorders == first["A-1"].backorders
    assert again.inventory == first.inventory


def test_stock_rows_of_other_skus_do_not_matter() -> None:
    """What is owed of cups is not filled up with mugs."""
    stock = Inventory(
        [row(0), Stock(sku="cup", location="berlin", on_hand=-9)],
        [attrs.evolve(supply("PO-1", 10, 2), location="berlin")],
        [Item(sku="mug", backorderable=True)],
    )
    assert dated(order("A-1", 10), stock) == 10


@pytest.mark.parametrize(("days", "units"), [(1, 6), (2, 6), (3, 10)])
def test_a_lot_that_lasts_longer_is_there(days: int, units: int) -> None:
    """Safety stock of a lot that ends by the day of the supply is missing then; of one that lasts
    longer it is not.
    """
    lots = [Lot(id="L-1", quantity=4, expires_at=NOW + days * DAY)]
    stock = Inventory(
        [Stock(sku="mug", location="berlin", on_hand=4, safety=4, lots=lots)],
        [attrs.evolve(supply("PO-1", 10, 2), location="berlin")],
        [Item(sku="mug", backorderable=True)],
    )
    assert dated(order("A-1", 10), stock) == units


def test_a_fence_counts_what_comes_to_places_that_may_not_serve() -> None:
    """Its units may lie anywhere: what comes to the depot fills it up, and who may be served from
    the shop alone waits for all that comes there.
    """
    base = two_places()
    fence = Item(sku="mug", backorderable=True, fences=[Fence(quantity=24, channels=["shop"])])
    stock = Inventory(base.stock(), base.supplies(), [fence])
    here = only_where(lambda place, _: place.id == "shop")
    assert pegs(run(order("A-1", 5, **WEB), stock=stock, sourcing=here)["A-1"]) == [
        ("1", "mug", 4, "PO-SHOP"),
        ("1", "mug", 1, ""),
    ]


def test_what_an_order_gives_up_is_there_for_the_next() -> None:
    """Also of a supply of which nothing was free any more."""
    claim = Claim(order_id="A-2", line_id="1", sku="mug", supply_id="PO-1", quantity=2)
    stock = waiting(0, 3).with_claimed(claim)
    orders = [
        order(name, units, placed_at=NOW + timedelta(minutes=minute))
        for minute, (name, units) in enumerate((("A-1", 1), ("A-2", 1), ("A-3", 2)))
    ]
    result = run(*orders, stock=stock)
    assert [pegs(result[name]) for name in ("A-1", "A-2", "A-3")] == [
        [("1", "mug", 1, "PO-1")],
        [("1", "mug", 1, "PO-1")],
        [("1", "mug", 1, "PO-1"), ("1", "mug", 1, "")],
    ]


def test_a_complete_order_that_no_pack_serves_hears_the_same_again() -> None:
    """Packs of two lie where it may be served, a single unit where it may not: it is turned down
    in each run, also after an order behind it took the pack.
    """
    item = Item(
        sku="mug", backorderable=True, backorder_cap=0, packs=[Pack(location="berlin", multiple=2)]
    )
    stock = Inventory([row(2), row(1, location="lyon")], items=[item])
    here = only_where(lambda place, _: place.id == "berlin")
    orders = [
        order("A-1", 1, ship=Ship.COMPLETE),
        order("A-2", 1, 1, placed_at=NOW + timedelta(minutes=1)),
    ]
    first = run(*orders, stock=stock, sourcing=here)
    again = run(*orders, stock=first.inventory, sourcing=here)
    assert first["A-2"].outcome is again["A-2"].outcome is Outcome.ALLOCATED
    assert first["A-1"].outcome is again["A-1"].outcome is Outcome.UNFULFILLABLE


def test_packs_and_a_cap_say_the_same_again() -> None:
    """A line for one unit may not wait for a pack of two: it is short, in each run, and the line
    for two has the pack.
    """
    stock = waiting(0, 2, packs=[Pack(location="berlin", multiple=2)], backorder_cap=0)
    first = run(order("A-1", 1, 2), stock=stock)
    again = run(order("A-1", 1, 2), stock=first.inventory)
    for result in (first, again):
        assert pegs(result["A-1"]) == [("2", "mug", 2, "PO-1")]
        assert result["A-1"].lines[0].short == 1


def test_orders_for_one_place_share_what_comes_there() -> None:
    """One after the other, supply by supply."""
    picked_up = [
        order(f"A-{n}", 4, attributes={"pick_up": "shop"}, placed_at=NOW + timedelta(minutes=n))
        for n in range(3)
    ]
    base = two_places()
    more = attrs.evolve(supply("PO-MORE", 2, 12), location="shop")
    stock = Inventory(base.stock(), [*base.supplies(), more], base.items())
    result = run(*picked_up, stock=stock, sourcing=pick_up_at("pick_up"))
    assert [pegs(made) for made in result.decisions] == [
        [("1", "mug", 4, "PO-SHOP")],
        [("1", "mug", 2, "PO-MORE"), ("1", "mug", 2, "")],
        [("1", "mug", 4, "")],
    ]


def test_a_complete_order_hears_the_same_when_those_behind_have_what_it_saw() -> None:
    """With one shipment at most it waits for a mug in Berlin. The run that is done again says so,
    too, though the cup in Berlin is somebody else's by then (law 8): with a rule on the cup or not.
    """
    rules: dict[str, Any]
    for rules in ({}, {"customer_cap": 9}):
        stock = Inventory(
            [row(1, "cup", "berlin"), row(3, "mug", "berlin"), row(3, "mug", "arles")],
            items=[Item(sku="mug", backorderable=True), Item(sku="cup", **rules)],
        )
        whole = order("A-1", lines=[line("1", "cup", 1), line("2", "mug", 4)], ship=Ship.COMPLETE)
        behind = order("A-2", lines=[line("1", "cup", 1)], placed_at=NOW)
        first = run(whole, behind, stock=stock, sourcing=at_most_shipments(1))
        again = run(whole, behind, stock=first.inventory, sourcing=at_most_shipments(1))
        assert first["A-1"].outcome is again["A-1"].outcome is Outcome.BACKORDERED
        assert first["A-2"].outcome is again["A-2"].outcome is Outcome.ALLOCATED


HERE = only_where(lambda place, order, /: place.id == "berlin")


@pytest.mark.parametrize(
    "rules",
    [
        {},
        {"fences": [Fence(quantity=1, channels={"shop"})]},
        {"single_lot": True},
    ],
)
def test_a_complete_order_waits_for_what_comes_where_it_is_served(rules: dict[str, Any]) -> None:
    """Units at a place that the policy never serves it from are not there for it, with rules and
    without: it waits for those that come elsewhere, and they come true.
    """
    stock = Inventory(
        [row(5, location="oslo"), row(3, "cup", "berlin")],
        [supply("PO-1", 4, 2)],
        [Item(sku="mug", backorderable=True, **rules), Item(sku="cup", backorderable=True)],
    )
    lines = [line("1", "mug", 2), line("2", "cup", 1)]
    wish = order("A-1", lines=lines, ship=Ship.COMPLETE, **WEB)
    assert dated(wish, stock, sourcing=HERE) == 2
    came = stock.with_received("mug", "berlin", 4, supply_id="PO-1", received_at=NOW + 2 * DAY)
    later = run(wish, stock=came, sourcing=HERE, now=NOW + 2 * DAY)
    assert later["A-1"].outcome is Outcome.ALLOCATED


def test_a_kit_waits_for_the_component_that_comes_where_it_is_served() -> None:
    """So it is with kits of which a component lies where the policy never serves them from."""
    stock = Inventory(
        [row(5, location="oslo"), row(3, "cup", "berlin")],
        [supply("PO-1", 4, 2)],
        [
            Item(sku="mug", backorderable=True),
            Item(sku="cup", backorderable=True),
            Item(
                sku="set",
                backorderable=True,
                components=[Component(sku="mug", quantity=1), Component(sku="cup", quantity=1)],
            ),
        ],
    )
    wish = order("A-1", lines=[line("1", "set", 1)])
    assert pegs(run(wish, stock=stock, sourcing=HERE)["A-1"]) == [("1", "mug", 1, "PO-1")]


def test_what_is_claimed_now_fills_a_pack_with_what_was_claimed_before() -> None:
    """A line that lacks more than it has claimed moves with all of it to an earlier supply that
    brings whole packs: so the next run finds nothing to move.
    """
    stock = Inventory(
        [row(0, location="lyon"), row(0, location="berlin")],
        [
            attrs.evolve(supply("PO-L", 9, 2), location="lyon"),
            attrs.evolve(supply("PO-B", 9, 3), location="berlin"),
        ],
        [Item(sku="mug", backorderable=True, packs=[Pack(location="lyon", multiple=3)])],
        claims=[Claim(order_id="A-1", line_id="1", sku="mug", supply_id="PO-B", quantity=1)],
    )
    wish = order("A-1", 3)
    first = run(wish, stock=stock)
    assert pegs(first["A-1"]) == [("1", "mug", 3, "PO-L")]
    assert not run(wish, stock=first.inventory).changes


def test_packs_come_before_single_units_where_that_brings_more() -> None:
    """Three are to wait whole: of a single unit that comes first and a pack of three, the pack."""
    stock = Inventory(
        [row(0, location="berlin")],
        [
            attrs.evolve(supply("PO-1", 1, 1), location=""),
            attrs.evolve(supply("PO-B", 4, 9), location="berlin"),
        ],
        [
            Item(
                sku="mug",
                backorderable=True,
                backorder_cap=0,
                packs=[Pack(location="berlin", multiple=3)],
            )
        ],
    )
    assert pegs(run(order("A-1", 3, ship=Ship.LINES), stock=stock)["A-1"]) == [
        ("1", "mug", 3, "PO-B")
    ]
    assert pegs(run(order("A-1", 4, ship=Ship.LINES), stock=stock)["A-1"]) == [
        ("1", "mug", 1, "PO-1"),
        ("1", "mug", 3, "PO-B"),
    ]


def test_the_boxes_of_a_claim_are_those_of_the_lines_that_wait() -> None:
    """A box of two waits for what comes to one place. That its order also asks for single mugs,
    which it has, moves no half box to another place.
    """
    stock = Inventory(
        [row(1, location="lyon"), row(0, location="berlin")],
        [
            attrs.evolve(supply("PO-1", 1, 2), location="lyon"),
            attrs.evolve(supply("PO-2", 2, 2), location="berlin"),
        ],
        [Item(sku="mug", backorderable=True)],
    )
    wish = order("A-1", lines=[line("1", "mug", 1), line("2", "mug", 1, units_each=2)])
    first = run(wish, stock=stock)
    again = run(*first.records, stock=first.inventory)
    assert pegs(first["A-1"]) == pegs(again["A-1"]) == [("2", "mug", 2, "PO-2")]
    assert not again.changes
