"""What rules leave of the stock for an order: lots, packs, fences, caps, capacity."""

from __future__ import annotations

from datetime import timedelta, timezone
from typing import Any

import pytest
from builders import NOW, allocations_of, decide, line, order, pool_of, reserved, run
from some_stock import (
    BOB,
    DAY,
    HOUR,
    VIP,
    asking_life,
    codes,
    got,
    kit,
    lot,
    lots_of,
    places,
    remarks,
    row,
    shelf_of,
    shorts,
)

from fulfill_core import (
    Fence,
    Inventory,
    Item,
    Location,
    Lot,
    LotOrder,
    OrderRecord,
    Outcome,
    Pack,
    Ship,
)
from fulfill_core.sourcing import by_rank

TEA = kit("tea-set", of={"pot": 1, "cup": 4})


def tea(pots: int, cups: int, *more: Item, **changes: Any) -> Inventory:
    """What tea sets are made of, in Berlin."""
    return Inventory([row(pots, "pot"), row(cups, "cup")], items=[TEA, *more], **changes)


def sets(units: int, **changes: Any) -> Any:
    """An order of tea sets."""
    return order(lines=[line("1", "tea-set", units)], **changes)


# -- Lots ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (LotOrder.FEFO, [("old", 2), ("new", 3), ("", 1)]),
        (LotOrder.FIFO, [("new", 4), ("old", 2)]),
    ],
)
def test_lots_leave_in_the_items_sequence(rule: LotOrder, expected: list[tuple[str, int]]) -> None:
    """First expired, or first received; units without a lot come last."""
    lots = [lot("old", 2, days=3), lot("new", 4 if rule is LotOrder.FIFO else 3, days=90)]
    lots[1] = Lot(
        id="new",
        quantity=lots[1].quantity,
        expires_at=lots[1].expires_at,
        received_at=NOW - DAY,
    )
    stock = Inventory([shelf_of(*lots, loose=5)], items=[Item(sku="mug", lot_order=rule)])
    assert lots_of(decide(order("A-1", 6), stock)) == expected


def test_a_lot_that_expires_before_delivery_is_not_sold() -> None:
    """What is too old when it arrives is not there: not in the shop window, not for the order."""
    stock = Inventory(
        [shelf_of(lot("old", 4, days=2), lot("new", 1, days=30))],
        locations=[Location(id="berlin", lead_time=2 * DAY)],
    )
    decision = decide(order("A-1", 3), stock)
    assert (lots_of(decision), shorts(decision)) == ([("new", 1)], [("1", 2, 1, "out_of_stock")])
    assert stock.available("mug", now=NOW) == 1


def test_a_customer_gets_the_life_that_they_ask_for() -> None:
    """Whose customer asks for 30 days gets no lot that has 20, and the next gets it."""
    stock = Inventory([shelf_of(lot("old", 4, days=20), lot("new", 2, days=40))])
    picky = order("A-1", 3, customer=asking_life(30))
    result = run(picky, order("A-2", 3, placed_at=NOW + HOUR, customer=BOB), stock=stock)
    assert lots_of(result["A-1"]) == [("new", 2)]
    assert lots_of(result["A-2"]) == [("old", 3)]


def test_a_lot_is_never_given_out_twice() -> None:
    """Two orders share a lot's units; afterwards each unit is reserved once."""
    stock = Inventory([shelf_of(lot("a", 3, days=5), lot("b", 3, days=9))])
    result = run(order("A-1", 2), order("A-2", 3, placed_at=NOW + HOUR), stock=stock)
    assert [lots_of(each) for each in result.decisions] == [[("a", 2)], [("a", 1), ("b", 2)]]
    assert pool_of(result.inventory, "mug") == {"berlin": 1}


def test_what_is_held_behind_is_not_missing_for_a_complete_order() -> None:
    """COMPLETE: units of a lot that an order behind it holds are not gone for good: it waits for
    what is, and hears the same in each run.
    """
    stock = Inventory(
        [shelf_of(lot("a", 1, days=9)), row(0, "cup")],
        items=[Item(sku="cup", backorderable=True)],
    )
    senior = order(lines=[line("1", "mug"), line("2", "cup")], ship=Ship.COMPLETE)
    junior = order("A-2", 1, placed_at=NOW + HOUR)
    first = run(senior, junior, stock=stock)
    again = run(senior, junior, stock=first.inventory)
    assert lots_of(first["A-2"]) == [("a", 1)]
    assert first["A-1"].outcome is again["A-1"].outcome is Outcome.BACKORDERED
    assert first["A-1"].backorders == again["A-1"].backorders


# -- Packs -----------------------------------------------------------------------------------------

CASES = Item(sku="mug", packs=[Pack(location="depot", multiple=12)])


def test_only_whole_packs_leave_a_depot() -> None:
    """Of 30 mugs a depot of cases of 12 sends 24, and the store the rest."""
    stock = Inventory([row(99, location="depot"), row(7, location="store")], items=[CASES])
    decision = decide(order("A-1", 30), stock)
    assert got(decision) == [("1", "mug", "depot", 24), ("1", "mug", "store", 6)]


def test_what_is_no_whole_pack_stays_there() -> None:
    """Packs are counted for the order as a whole: two lines of 6 are one case of 12."""
    stock = Inventory([row(99, location="depot")], items=[CASES])
    assert allocations_of(decide(order("A-1", 6, 6), stock)) == [
        ("1", "depot", 6),
        ("2", "depot", 6),
    ]
    assert allocations_of(decide(order("A-1", 6), stock)) == []
    assert shorts(decide(order("A-1", 6), stock)) == [("1", 6, 0, "out_of_stock")]


def test_a_place_that_gives_all_is_asked_before_packs_are_broken_up() -> None:
    """13 mugs come from the store that has 13, not 12 from the depot and one more parcel."""
    stock = Inventory(
        [row(99, location="depot"), row(13, location="store")],
        items=[CASES],
        locations=places(depot=0, store=1),
    )
    assert allocations_of(decide(order("A-1", 13), stock, sourcing=by_rank)) == [("1", "store", 13)]


def test_a_pack_that_a_line_cannot_use_is_left() -> None:
    """LINES: a case of 12 for two lines of 8 serves one line whole, which makes it no case: nothing
    leaves, and other SKUs are taken as they would have been.
    """
    stock = Inventory([row(12, location="depot"), row(2, "cup", "depot")], items=[CASES])
    lines = [line("1", "mug", 8), line("2", "mug", 8), line("3", "cup", 2)]
    decision = decide(order(lines=lines, ship=Ship.LINES), stock)
    assert got(decision) == [("3", "cup", "depot", 2)]
    assert [each.reason.value for each in decision.shorts] == ["out_of_stock", "out_of_stock"]


def test_a_kit_takes_whole_packs_of_its_components() -> None:
    """Kits whose cups leave by the dozen: 3 sets of 4 are a dozen, and a pot is missing for the
    third, so it is none.
    """
    dozen = Item(sku="cup", packs=[Pack(location="berlin", multiple=12)])
    assert got(decide(sets(3), tea(3, 99, dozen))) == [
        ("1", "cup", "berlin", 12),
        ("1", "pot", "berlin", 3),
    ]
    assert got(decide(sets(3), tea(2, 99, dozen))) == []


# -- Fences ----------------------------------------------------------------------------------------


def fenced(units: int, **changes: Any) -> Inventory:
    """Mugs of which the last 3 are for very important persons."""
    return Inventory(
        [row(units)], items=[Item(sku="mug", fences=[Fence(quantity=3, tiers=["vip"], **changes)])]
    )


def test_the_last_units_are_kept_for_some() -> None:
    """Who is outside gets what is beyond the fence, and it is said why; who is inside gets all."""
    decision = decide(order("A-1", 5), fenced(5))
    assert allocations_of(decision) == [("1", "berlin", 2)]
    assert shorts(decision) == [("1", 3, 2, "ring_fenced")]
    assert remarks(decision) == [
        (
            "allocation.ring_fenced",
            "Of mug, the last 3 are kept for tier vip: 2 were left for this order.",
        )
    ]
    assert allocations_of(decide(order("A-1", 5, customer=VIP), fenced(5))) == [("1", "berlin", 5)]


def test_for_whom_it_is_kept_is_said_in_words() -> None:
    """Channels, tiers and tags by name, and until when."""
    stock = Inventory(
        [row(5)],
        items=[
            Item(
                sku="mug",
                fences=[
                    Fence(
                        quantity=5,
                        channels=["web", "app"],
                        tiers=["vip"],
                        tags=["launch"],
                        until=NOW + DAY,
                    )
                ],
            )
        ],
    )
    assert remarks(decide(order("A-1", 1), stock))[0][1] == (
        "Of mug, the last 5 are kept for channel app, web and tier vip and tag launch, until"
        " 2026-03-03 12:00 UTC: 0 were left for this order."
    )
    last = Inventory([row(2)], items=[Item(sku="mug", fences=[Fence(quantity=1, tiers=["vip"])])])
    assert remarks(decide(order("A-1", 2), last))[0][1] == (
        "Of mug, the last 1 is kept for tier vip: 1 was left for this order."
    )


def test_a_fence_that_keeps_nothing_from_an_order_is_not_mentioned() -> None:
    """Where the stock is the limit, or nothing is missing, the fence is none of its business."""
    assert codes(decide(order("A-1", 2), fenced(5))) == []
    empty = decide(order("A-1", 2), fenced(0))
    assert (codes(empty), shorts(empty)) == ([], [("1", 2, 0, "out_of_stock")])


def test_a_fence_is_not_used_up_by_its_own() -> None:
    """It keeps the last 3 units of what is left, whoever took some before."""
    inside = order("A-1", 1, customer=VIP)
    outside = order("A-2", 9, placed_at=NOW + HOUR)
    result = run(inside, outside, stock=fenced(6))
    assert allocations_of(result["A-2"]) == [("1", "berlin", 2)]


def test_a_run_that_is_done_again_says_the_same_of_a_fence() -> None:
    """What the first run gave at this instant counts as free for who got it, and for nobody that
    ranks after them.
    """
    orders = order("A-1", 2), order("A-2", 2, placed_at=NOW + HOUR)
    first = run(*orders, stock=fenced(5))
    assert shorts(first["A-2"]) == [("1", 2, 0, "ring_fenced")]
    again = run(*orders, stock=first.inventory)
    assert [remarks(each) for each in again.decisions] == [
        remarks(each) for each in first.decisions
    ]
    assert [shorts(each) for each in again.decisions] == [shorts(each) for each in first.decisions]


def test_after_its_release_a_fence_keeps_nothing() -> None:
    """The instant at which it falls belongs to all."""
    assert allocations_of(decide(order("A-1", 5), fenced(5, until=NOW))) == [("1", "berlin", 5)]
    result = run(order("A-1", 5), stock=fenced(5, until=NOW + DAY))
    assert (allocations_of(result["A-1"]), result.wake_at) == ([("1", "berlin", 2)], NOW + DAY)


def test_the_fence_of_a_component_holds_for_kits() -> None:
    """Cups that are kept for some are in nobody else's sets."""
    keep = Item(sku="cup", fences=[Fence(quantity=5, channels=["web"])])
    decision = decide(sets(2), tea(9, 10, keep))
    assert got(decision) == [("1", "cup", "berlin", 4), ("1", "pot", "berlin", 1)]
    assert shorts(decision) == [("1", 1, 1, "ring_fenced")]


# -- Caps ------------------------------------------------------------------------------------------


def capped(units: int, cap: int, **changes: Any) -> Inventory:
    """Mugs of which one customer gets so many."""
    return Inventory([row(units)], items=[Item(sku="mug", customer_cap=cap, **changes)])


def test_one_customer_gets_no_more_than_the_cap() -> None:
    """Over all orders of the run, in rank order, and it is said why."""
    result = run(
        order("A-1", 2),
        order("A-2", 2, placed_at=NOW + HOUR),
        order("A-3", 2, placed_at=NOW + 2 * HOUR),
        order("B-1", 3, placed_at=NOW + 3 * HOUR, customer=BOB),
        stock=capped(99, 3),
    )
    assert [units for each in result.decisions for _, _, units in allocations_of(each)] == [2, 1, 3]
    assert shorts(result["A-2"]) == [("1", 1, 1, "customer_cap")]
    assert shorts(result["A-3"]) == [("1", 2, 0, "customer_cap")]
    assert remarks(result["A-2"]) == [
        (
            "allocation.customer_cap",
            "Of mug, one customer gets 3 at most: 1 more for this order.",
        )
    ]


def test_two_lines_are_capped_together() -> None:
    """The cap is the customer's, not the line's."""
    decision = decide(order("A-1", 2, 2), capped(9, 3))
    assert allocations_of(decision) == [("1", "berlin", 2), ("2", "berlin", 1)]


def test_what_the_customer_holds_counts() -> None:
    """A run on its own result gives nobody more than the cap."""
    orders = order("A-1", 2), order("A-2", 2, placed_at=NOW + HOUR)
    first = run(*orders, stock=capped(99, 3))
    again = run(*orders, stock=first.inventory)
    assert [allocations_of(each) for each in again.decisions] == [[], []]
    assert shorts(again["A-2"]) == shorts(first["A-2"]) == [("1", 1, 1, "customer_cap")]


def test_what_is_held_of_another_line_counts() -> None:
    """Units that the order no longer asks for are the customer's all the same."""
    stock = capped(99, 3).with_reserved(reserved(line_id="9", quantity=2))
    assert allocations_of(decide(order("A-1", 3), stock)) == [("1", "berlin", 1)]


def test_a_cap_of_nothing() -> None:
    """With a cap of 0 nobody gets any, and it says so."""
    decision = decide(order("A-1", 1), capped(9, 0))
    assert shorts(decision) == [("1", 1, 0, "customer_cap")]


def test_where_the_stock_is_the_limit_the_cap_is_not_the_reason() -> None:
    """An order that would get no more without the cap is out of stock."""
    decision = decide(order("A-1", 9), capped(2, 3))
    assert (shorts(decision), codes(decision)) == ([("1", 7, 2, "out_of_stock")], [])


def test_the_cap_of_a_component_holds_for_kits() -> None:
    """Whole kits of what one customer may have."""
    decision = decide(sets(3), tea(9, 99, Item(sku="cup", customer_cap=9)))
    assert got(decision) == [("1", "cup", "berlin", 8), ("1", "pot", "berlin", 2)]
    assert shorts(decision) == [("1", 1, 2, "customer_cap")]


def test_a_complete_order_beyond_the_cap_is_told_so() -> None:
    """COMPLETE: it takes nothing, and the line that is over the cap says why."""
    stock = Inventory([row(9), row(1, "cup")], items=[Item(sku="mug", customer_cap=3)])
    subject = order(lines=[line("1", "mug", 4), line("2", "cup")], ship=Ship.COMPLETE)
    decision = decide(subject, stock)
    assert got(decision) == []
    assert shorts(decision) == [
        ("1", 4, 3, "customer_cap"),
        ("2", 1, 1, "order_ships_complete"),
    ]


# -- Capacity --------------------------------------------------------------------------------------


def store(capacity: int, **changes: Any) -> Inventory:
    """9 mugs in a store that takes on so many orders a day, and 1 in a depot."""
    return Inventory(
        [row(9, location="store"), row(1, location="depot")],
        locations=[
            Location(id="store", capacity=capacity, **changes),
            Location(id="depot", rank=9),
        ],
    )


def test_a_place_takes_on_so_many_orders_a_day() -> None:
    """Further orders are served from elsewhere, or hear that there is no capacity."""
    orders = [order(f"A-{n}", 2, placed_at=NOW + n * HOUR) for n in range(1, 5)]
    result = run(*orders, stock=store(2))
    assert [allocations_of(each) for each in result.decisions] == [
        [("1", "store", 2)],
        [("1", "store", 2)],
        [("1", "depot", 1)],
        [],
    ]
    assert shorts(result["A-3"]) == [("1", 1, 1, "at_capacity")]
    assert shorts(result["A-4"]) == [("1", 2, 0, "at_capacity")]
    assert remarks(result["A-3"]) == [
        (
            "sourcing.at_capacity",
            "There is no capacity left today for further orders at: store.",
        )
    ]


def test_the_next_day_there_is_capacity_again() -> None:
    """A day begins where the location is, and the result says when."""
    orders = [order(f"A-{n}", 2, placed_at=NOW + n * HOUR) for n in range(1, 3)]
    west = timezone(timedelta(hours=-8))
    first = run(*orders, stock=store(1, timezone=west))
    assert first.wake_at == NOW + 20 * HOUR
    again = run(*orders, stock=first.inventory, now=NOW + 20 * HOUR - timedelta.resolution)
    assert allocations_of(again["A-2"]) == []
    assert allocations_of(run(*orders, stock=again.inventory, now=NOW + 20 * HOUR)["A-2"]) == [
        ("1", "store", 1)
    ]


def test_an_order_that_is_topped_up_takes_up_no_more_capacity() -> None:
    """It has had its share of the day; another day it takes one of that day's."""
    first = run(order("A-1", 2), stock=store(1))
    more = order("A-1", 5)
    again = run(more, order("A-2", 1, placed_at=NOW + HOUR), stock=first.inventory)
    assert allocations_of(again["A-1"]) == [("1", "store", 3)]
    assert shorts(again["A-2"]) == []
    next_day = run(
        more, order("A-2", 2, placed_at=NOW + HOUR), stock=first.inventory, now=NOW + DAY
    )
    assert allocations_of(next_day["A-1"]) == [("1", "store", 3)]
    assert allocations_of(next_day["A-2"]) == [("1", "depot", 1)]


def test_an_order_that_has_left_keeps_its_share_of_the_day() -> None:
    """A run at a later hour takes on no order in the place of one that was shipped; the next day
    it does. An order of which a part has left gets more there.
    """
    first = run(order("A-1", 2), stock=store(1))
    gone = first.inventory.with_shipped("A-1", "1", 2, location="store")
    orders = [order("A-1", 5), order("A-2", 1, placed_at=NOW + HOUR)]
    records = [OrderRecord(order=orders[0]).with_progress("1", shipped=2), orders[1]]
    again = run(*records, stock=gone, now=NOW + HOUR)
    assert allocations_of(again["A-1"]) == [("1", "store", 3)]
    assert allocations_of(again["A-2"]) == [("1", "depot", 1)]
    third = order("A-3", 2, placed_at=NOW + 2 * HOUR)
    full = run(third, stock=again.inventory, now=NOW + 2 * HOUR)
    assert shorts(full["A-3"]) == [("1", 2, 0, "at_capacity")]
    assert full.wake_at == NOW + 12 * HOUR
    next_day = run(third, stock=full.inventory, now=full.wake_at)
    assert allocations_of(next_day["A-3"]) == [("1", "store", 2)]


def test_a_place_of_no_capacity_serves_nobody() -> None:
    """With a capacity of 0 nothing leaves, today or another day."""
    alone = Inventory([row(9)], locations=[Location(id="berlin", capacity=0)])
    decision = decide(order("A-1", 1), alone)
    assert shorts(decision) == [("1", 1, 0, "at_capacity")]


def test_what_a_policy_leaves_out_and_what_is_shut_are_told_apart() -> None:
    """If more than capacity keeps units from an order, the sourcing policy is named."""

    def nowhere(demand: object, candidates: Any, /, *, context: object) -> Any:
        return ()

    decision = decide(order("A-1", 1), store(0), sourcing=nowhere)
    assert shorts(decision) == [("1", 1, 0, "not_sourced")]


def test_capacity_counts_for_orders_by_rule_as_well() -> None:
    """Kits and lots take up capacity like anything else."""
    stock = tea(9, 99, locations=[Location(id="berlin", capacity=1)])
    result = run(sets(1), order("A-2", lines=[line("1", "cup")]), stock=stock)
    assert shorts(result["A-2"]) == [("1", 1, 0, "at_capacity")]


# -- Plain SKUs beside ruled ones ------------------------------------------------------------------


def test_plain_skus_are_served_as_ever_beside_those_with_rules() -> None:
    """An order of both takes both; what it holds of either counts."""
    stock = Inventory(
        [shelf_of(lot("a", 4)), row(5, "cup")],
        items=[Item(sku="wrap", tracked=False)],
        reservations=[
            reserved(line_id="1", quantity=1, lot="a"),
            reserved(line_id="2", sku="cup", quantity=2),
        ],
    )
    lines = [line("1", "mug", 3), line("2", "cup", 2), line("3", "wrap", 1), line("4", "cup", 9)]
    decision = decide(order(lines=lines), stock)
    assert got(decision) == [("1", "mug", "berlin", 2), ("4", "cup", "berlin", 3)]
    assert [(each.reserved, each.untracked) for each in decision.lines] == [
        (1, 0),
        (2, 0),
        (0, 1),
        (0, 0),
    ]


def test_an_order_of_rules_that_holds_all_wants_nothing() -> None:
    """What is complete is not asked for again."""
    stock = Inventory([shelf_of(lot("a", 4))], reservations=[reserved(quantity=3, lot="a")])
    decision = decide(order("A-1", 3), stock)
    assert (decision.outcome, got(decision)) == (Outcome.ALLOCATED, [])
