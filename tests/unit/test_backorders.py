"""What waits for more stock: which supply it is pegged to, how much may wait, what never comes."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from builders import NOW, allocations_of, decide, line, order, reserved, run
from some_stock import (
    BOB,
    DAY,
    HOUR,
    VIP,
    codes,
    due,
    got,
    kit,
    lot,
    pegs,
    remarks,
    row,
    shelf_of,
    shorts,
    supply,
)

from fulfill_core import (
    Fence,
    Inventory,
    Item,
    KitShips,
    Outcome,
    Ship,
    ShortReason,
    Supply,
    explain,
)


def coming(on_hand: int, *supplies: Supply, **rules: Any) -> Inventory:
    """Mugs in Berlin that may be backordered, and what is to come."""
    return Inventory([row(on_hand)], supplies, [Item(sku="mug", backorderable=True, **rules)])


OVERDUE = (
    "Supply PO-1 of mug was expected on 2026-03-01 and has not come: what waits for it has no date."
)

# -- Pegs ------------------------------------------------------------------------------------------


def test_the_earliest_supply_is_promised_first() -> None:
    """Whatever the sequence of the input; of one date the lowest id; the rest is open."""
    stock = coming(1, supply("PO-3", 2, 9), supply("PO-2", 2, 5), supply("PO-1", 2, 9))
    decision = decide(order("A-1", 9), stock)
    assert pegs(decision) == [
        ("1", "mug", 2, "PO-2"),
        ("1", "mug", 2, "PO-1"),
        ("1", "mug", 2, "PO-3"),
        ("1", "mug", 2, ""),
    ]
    assert due(decision) == [NOW + 5 * DAY, NOW + 9 * DAY, NOW + 9 * DAY, None]


def test_no_supply_is_promised_beyond_what_it_brings() -> None:
    """Over all orders and lines of a run, with rules or without."""
    lots = Inventory(
        [shelf_of(lot("a", 1))], [supply("PO-1", 5, 7)], [Item(sku="mug", backorderable=True)]
    )
    for stock in (coming(1, supply("PO-1", 5, 7)), lots):
        result = run(order("A-1", 3, 1), order("A-2", 4, placed_at=NOW + HOUR), stock=stock)
        assert [pegs(each) for each in result.decisions] == [
            [("1", "mug", 2, "PO-1"), ("2", "mug", 1, "PO-1")],
            [("1", "mug", 2, "PO-1"), ("1", "mug", 2, "")],
        ]


def test_a_supply_that_is_overdue_has_no_date() -> None:
    """It still brings what it brings; when, nobody knows, and it is said once per order."""
    stock = coming(0, supply("PO-1", 2, -1), supply("PO-2", 9, 5))
    result = run(order("A-1", 1, 2), order("A-2", 1, placed_at=NOW + HOUR), stock=stock)
    decision = result["A-1"]
    assert pegs(decision) == [
        ("1", "mug", 1, "PO-1"),
        ("2", "mug", 1, "PO-1"),
        ("2", "mug", 1, "PO-2"),
    ]
    assert due(decision) == [None, None, NOW + 5 * DAY]
    assert remarks(decision) == [
        ("supply.overdue", OVERDUE),
    ]
    assert codes(result["A-2"]) == []


def test_a_supply_that_is_overdue_is_told_of_by_rule_too() -> None:
    """Also where what an order may have of the SKU depends on rules."""
    stock = Inventory(
        [shelf_of(lot("a", 1))], [supply("PO-1", 2, -1)], [Item(sku="mug", backorderable=True)]
    )
    decision = decide(order("A-1", 3), stock)
    assert (pegs(decision), remarks(decision)) == (
        [("1", "mug", 2, "PO-1")],
        [("supply.overdue", OVERDUE)],
    )


def test_a_supply_is_overdue_after_the_instant_at_which_it_is_expected() -> None:
    """At that instant it may still come; one moment later a run says otherwise."""
    stock = coming(0, supply("PO-1", 2, 0))
    first = run(order("A-1", 1), stock=stock)
    assert due(first["A-1"]) == [NOW]
    assert first.wake_at == NOW + timedelta.resolution
    later = run(order("A-1", 1), stock=stock, now=NOW + timedelta.resolution)
    assert (due(later["A-1"]), later.wake_at) == ([None], None)


def test_overdue_supplies_are_told_by_id() -> None:
    """Each that the order waits for, once."""
    stock = coming(0, supply("PO-2", 1, -2), supply("PO-1", 1, -1), supply("PO-0", 1, -9))
    decision = decide(order("A-1", 2), stock)
    assert [detail.split()[1] for _, detail in remarks(decision)] == ["PO-0", "PO-2"]


# -- Orders that change, or go ---------------------------------------------------------------------


def test_who_asks_for_less_waits_for_less_first() -> None:
    """A smaller quantity gives up what waits, then what lies at the lowest-ranked location; what
    it keeps is not moved.
    """
    stock = Inventory(
        [row(2), row(2, location="paris")],
        [supply("PO-1", 9, 5)],
        [Item(sku="mug", backorderable=True)],
    )
    first = run(order("A-1", 7), stock=stock)
    assert pegs(first["A-1"]) == [("1", "mug", 3, "PO-1")]
    fewer = run(order("A-1", 5), stock=first.inventory)
    assert (pegs(fewer["A-1"]), allocations_of(fewer["A-1"])) == ([("1", "mug", 1, "PO-1")], [])
    assert fewer.inventory.without_claims_of("A-1") == first.inventory.without_claims_of("A-1")
    assert [each.quantity for each in fewer.inventory.claims_of("A-1")] == [1]
    few = run(order("A-1", 3), stock=first.inventory)["A-1"]
    assert (pegs(few), [(each.location, each.quantity) for each in few.surplus]) == (
        [],
        [("paris", 1)],
    )
    left = first.inventory.with_released("A-1", "1", 1)
    assert [each.location for each in left.reservations_of("A-1")] == ["berlin", "paris"]
    assert left.available("mug", "paris") == 1


def test_what_a_cancelled_order_held_goes_to_others() -> None:
    """All its units are free at once, those behind it are served, and it gets nothing back."""
    both = order("A-1", 3), order("A-2", 4, placed_at=NOW + HOUR)
    first = run(*both, stock=coming(4, supply("PO-1", 9, 5)))
    assert pegs(first["A-2"]) == [("1", "mug", 3, "PO-1")]
    free = first.inventory.without_reservations_of("A-1")
    again = run(both[1], stock=free)
    assert (allocations_of(again["A-2"]), pegs(again["A-2"])) == ([("1", "berlin", 3)], [])
    assert again.inventory.reservations_of("A-1") == ()


def test_an_order_for_later_hoards_nothing() -> None:
    """Before its time it takes no stock, no supply and none of a cap; others get them."""
    later = order("A-1", 9, ship_after=NOW + DAY)
    stock = coming(2, supply("PO-1", 2, 5), backorder_cap=1, customer_cap=9)
    result = run(later, order("A-2", 5, placed_at=NOW + HOUR), stock=stock)
    assert (result["A-1"].outcome, pegs(result["A-1"])) == (Outcome.SCHEDULED, [])
    assert allocations_of(result["A-2"]) == [("1", "berlin", 2)]
    assert pegs(result["A-2"]) == [("1", "mug", 2, "PO-1"), ("1", "mug", 1, "")]


# -- Caps ------------------------------------------------------------------------------------------


def test_no_more_may_wait_than_the_cap() -> None:
    """Beyond it units are short, over all orders of a run, and it says why."""
    stock = coming(1, backorder_cap=3)
    result = run(order("A-1", 3), order("A-2", 2, placed_at=NOW + HOUR), stock=stock)
    assert [pegs(each) for each in result.decisions] == [
        [("1", "mug", 2, "")],
        [("1", "mug", 1, "")],
    ]
    assert shorts(result["A-2"]) == [("1", 1, 0, "backorder_cap")]
    assert result["A-2"].outcome is Outcome.BACKORDERED


def test_what_a_supply_brings_does_not_count_for_the_cap() -> None:
    """The cap is for what waits without a supply; with a cap of 0 nothing else waits."""
    stock = coming(0, supply("PO-1", 4, 5), backorder_cap=0)
    decision = decide(order("A-1", 5), stock)
    assert pegs(decision) == [("1", "mug", 4, "PO-1")]
    assert shorts(decision) == [("1", 1, 0, "backorder_cap")]
    assert shorts(decide(order("A-1", 5), coming(0, backorder_cap=0))) == [
        ("1", 5, 0, "backorder_cap")
    ]


def test_a_cap_without_leave_to_wait_is_no_leave() -> None:
    """An item that may not be backordered is out of stock, whatever its cap."""
    stock = Inventory([row(0)], items=[Item(sku="mug", backorder_cap=9)])
    assert shorts(decide(order("A-1", 2), stock)) == [("1", 2, 0, "out_of_stock")]


def test_a_line_that_ships_whole_waits_whole_or_not_at_all() -> None:
    """LINES: if not all of it may wait, none of it does, and the next may use what is left."""
    stock = coming(2, backorder_cap=3)
    whole = order("A-1", 4, ship=Ship.LINES)
    result = run(whole, order("A-2", 5, placed_at=NOW + HOUR), stock=stock)
    assert (pegs(result["A-1"]), allocations_of(result["A-1"])) == ([], [])
    assert shorts(result["A-1"]) == [("1", 4, 2, "backorder_cap")]
    assert pegs(result["A-2"]) == [("1", "mug", 3, "")]


def test_boxes_wait_whole() -> None:
    """Of two boxes of 4 that are missing, a cap of 7 lets one wait."""
    stock = coming(5, backorder_cap=7)
    decision = decide(order(lines=[line(quantity=3, units_each=4)]), stock)
    assert allocations_of(decision) == [("1", "berlin", 4)]
    assert pegs(decision) == [("1", "mug", 4, "")]
    assert shorts(decision) == [("1", 4, 5, "backorder_cap")]


def test_a_complete_order_waits_whole_or_not_at_all() -> None:
    """COMPLETE: all its units wait together, so there has to be room for all that are missing; the
    one that is there needs none.
    """
    both = order("A-1", 2, 2, ship=Ship.COMPLETE)
    assert pegs(decide(both, coming(1, backorder_cap=3))) == [
        ("1", "mug", 2, ""),
        ("2", "mug", 2, ""),
    ]
    decision = decide(both, coming(1, backorder_cap=2))
    assert decision.outcome is Outcome.UNFULFILLABLE
    assert shorts(decision) == [("1", 2, 1, "backorder_cap"), ("2", 2, 1, "backorder_cap")]


def test_one_customer_waits_for_no_more_than_the_cap() -> None:
    """What waits counts with what is taken, over the lines of an order and the orders of a run:
    what would never be given is not promised.
    """
    stock = coming(1, customer_cap=4)
    result = run(
        order("A-1", 2, 1),
        order("A-2", 2, placed_at=NOW + HOUR),
        order("B-1", 5, placed_at=NOW + 2 * HOUR, customer=BOB),
        stock=stock,
    )
    assert pegs(result["A-1"]) == [("1", "mug", 1, ""), ("2", "mug", 1, "")]
    assert pegs(result["A-2"]) == [("1", "mug", 1, "")]
    assert shorts(result["A-2"]) == [("1", 1, 0, "customer_cap")]
    assert codes(result["A-2"]) == ["allocation.customer_cap"]
    assert pegs(result["B-1"]) == [("1", "mug", 4, "")]


def test_two_lines_wait_for_no_more_than_the_cap_together() -> None:
    """The cap is the customer's, not the line's, for what waits as for what is taken."""
    decision = decide(order("A-1", 2, 2), coming(0, customer_cap=3))
    assert pegs(decision) == [("1", "mug", 2, ""), ("2", "mug", 1, "")]
    assert shorts(decision) == [("2", 1, 0, "customer_cap")]


def test_what_a_customer_waits_for_is_the_same_in_every_run() -> None:
    """Another run on the result promises neither more nor less."""
    orders = order("A-1", 2, 1), order("A-2", 2, placed_at=NOW + HOUR)
    first = run(*orders, stock=coming(1, customer_cap=4))
    again = run(*orders, stock=first.inventory)
    assert [pegs(each) for each in again.decisions] == [pegs(each) for each in first.decisions]
    assert [shorts(each) for each in again.decisions] == [
        [],
        [("1", 1, 0, "customer_cap")],
    ]


def test_a_complete_order_beyond_the_customers_cap_never_waits() -> None:
    """COMPLETE: an order that asks for more than one customer may have never gets it."""
    decision = decide(order("A-1", 2, 2, ship=Ship.COMPLETE), coming(9, customer_cap=3))
    assert decision.outcome is Outcome.UNFULFILLABLE
    assert [each.reason.value for each in decision.shorts] == ["customer_cap", "customer_cap"]
    assert codes(decision) == ["allocation.customer_cap"]
    enough = decide(order("A-1", 2, 1, ship=Ship.COMPLETE), coming(2, customer_cap=3))
    assert enough.outcome is Outcome.BACKORDERED


def test_what_a_fence_keeps_back_may_be_waited_for() -> None:
    """Who is outside waits for more, like anybody; no unit of the fence is promised."""
    stock = coming(5, supply("PO-1", 9, 5), fences=[Fence(quantity=3, tiers=["vip"])])
    result = run(order("A-1", 4), order("A-2", 3, customer=VIP, placed_at=NOW + HOUR), stock=stock)
    assert (allocations_of(result["A-1"]), pegs(result["A-1"])) == (
        [("1", "berlin", 2)],
        [("1", "mug", 2, "PO-1")],
    )
    assert codes(result["A-1"]) == ["allocation.ring_fenced"]
    assert allocations_of(result["A-2"]) == [("1", "berlin", 3)]


# -- Kits ------------------------------------------------------------------------------------------


def tea(pots: int, cups: int, *more: Any, items: Any = (), **changes: Any) -> Inventory:
    """What tea sets are made of; they may be backordered."""
    return Inventory(
        [row(pots, "pot"), row(cups, "cup")],
        more,
        [kit("tea-set", of={"pot": 1, "cup": 4}, backorderable=True, **changes), *items],
    )


def sets(units: int, order_id: str = "A-1", **changes: Any) -> Any:
    """An order of tea sets."""
    return order(order_id, lines=[line("1", "tea-set", units)], **changes)


def test_kits_wait_for_the_components_that_they_lack() -> None:
    """What is there waits on its shelf, for anybody; the line counts kits and knows the date."""
    stock = tea(9, 6, supply("PO-1", 3, 5, "cup"), supply("PO-2", 9, 8, "cup"))
    decision = decide(sets(3), stock)
    assert got(decision) == [("1", "cup", "berlin", 4), ("1", "pot", "berlin", 1)]
    assert pegs(decision) == [("1", "cup", 3, "PO-1"), ("1", "cup", 3, "PO-2")]
    [status] = decision.lines
    assert (status.allocated, status.backordered, status.short) == (1, 2, 0)
    assert status.expected_at == NOW + 8 * DAY


def test_what_an_order_takes_of_a_component_is_not_lacking_twice() -> None:
    """Components that lie in lots are counted once: as taken, or as there, or as lacking."""
    stock = Inventory(
        [row(6, "cup", lots=[lot("a", 3, days=9)])], items=[kit(of={"cup": 2}, backorderable=True)]
    )
    subject = order(lines=[line("1", "cup", 3), line("2", "set", 4)])
    first = run(subject, stock=stock)
    assert got(first["A-1"]) == [
        ("1", "cup", "berlin", 3),
        ("2", "cup", "berlin", 2),
    ]
    assert pegs(first["A-1"]) == [("2", "cup", 5, "")]
    assert pegs(run(subject, stock=first.inventory)["A-1"]) == [("2", "cup", 5, "")]


def test_kits_of_which_a_component_has_no_date_have_none() -> None:
    """A kit comes when the last of its components does."""
    stock = tea(0, 0, supply("PO-1", 9, 5, "cup"))
    decision = decide(sets(1), stock)
    assert pegs(decision) == [("1", "cup", 4, "PO-1"), ("1", "pot", 1, "")]
    assert decision.lines[0].expected_at is None


def test_the_leave_to_wait_is_the_kits_own() -> None:
    """A kit that may not be backordered does not wait for components that may."""
    stock = Inventory(
        [row(0, "cup")], items=[kit(of={"cup": 1}), Item(sku="cup", backorderable=True)]
    )
    lines = [line("1", "set"), line("2", "cup")]
    decision = decide(order(lines=lines), stock)
    assert pegs(decision) == [("2", "cup", 1, "")]
    assert shorts(decision) == [("1", 1, 0, "out_of_stock")]


def test_no_more_kits_may_wait_than_their_cap() -> None:
    """Kits without a supply for all they lack, over all orders of a run; never part of one."""
    stock = tea(9, 1, supply("PO-1", 8, 5, "cup"), backorder_cap=2)
    result = run(sets(3), sets(9, "A-2", placed_at=NOW + HOUR), stock=stock)
    assert pegs(result["A-1"]) == [("1", "cup", 8, "PO-1"), ("1", "cup", 3, "")]
    [status] = result["A-2"].lines
    assert (status.backordered, status.short) == (1, 8)
    assert shorts(result["A-2"]) == [("1", 8, 0, "backorder_cap")]


def test_the_cap_of_a_component_holds_for_kits() -> None:
    """Cups of which 10 may wait make 2 sets wait, and single cups the rest."""
    stock = tea(9, 0, items=[Item(sku="cup", backorderable=True, backorder_cap=10)])
    cups = order("A-2", lines=[line("1", "cup", 5)], placed_at=NOW + HOUR)
    result = run(sets(3), cups, stock=stock)
    assert pegs(result["A-1"]) == [("1", "cup", 8, "")]
    assert shorts(result["A-1"]) == [("1", 1, 0, "backorder_cap")]
    assert pegs(result["A-2"]) == [("1", "cup", 2, "")]
    assert shorts(result["A-2"]) == [("1", 3, 0, "backorder_cap")]


def test_the_lower_of_both_caps_counts() -> None:
    """What the kit's cap would let wait, its component's may not."""
    capped_cup = Item(sku="cup", backorder_cap=7)
    assert pegs(decide(sets(3), tea(9, 0, items=[capped_cup], backorder_cap=2))) == [
        ("1", "cup", 4, "")
    ]
    assert pegs(decide(sets(3), tea(9, 0, items=[Item(sku="cup", backorder_cap=99)]))) == [
        ("1", "cup", 12, "")
    ]


@pytest.mark.parametrize("subject", [sets(3, ship=Ship.LINES), sets(3)])
def test_kits_that_ship_together_wait_together(subject: Any) -> None:
    """If not all of them may wait, none does."""
    ships = KitShips.BY_KIT if subject.ship is Ship.LINES else KitShips.BY_ORDER
    decision = decide(subject, tea(9, 4, kit_ships=ships, backorder_cap=1))
    assert (got(decision), pegs(decision)) == ([], [])
    assert shorts(decision) == [("1", 3, 1, "backorder_cap")]


def test_components_that_a_line_holds_are_not_waited_for() -> None:
    """Loose cups count for the kits that are to come."""
    stock = tea(9, 6, items=[Item(sku="cup", backorder_cap=2)]).with_reserved(
        reserved(sku="cup", quantity=6)
    )
    decision = decide(sets(2), stock)
    assert got(decision) == [("1", "pot", "berlin", 1)]
    assert pegs(decision) == [("1", "cup", 2, "")]
    [status] = decision.lines
    assert (status.allocated, status.backordered) == (1, 1)


def test_one_customers_kits_wait_within_the_cap_of_a_component() -> None:
    """The cap is in units of the component: 11 cups are 2 sets and some."""
    stock = tea(9, 5, items=[Item(sku="cup", customer_cap=11)])
    decision = decide(sets(4), stock)
    [status] = decision.lines
    assert (status.allocated, status.backordered, status.short) == (1, 1, 2)
    assert pegs(decision) == [("1", "cup", 3, "")]
    assert shorts(decision) == [("1", 2, 1, "customer_cap")]


@pytest.mark.parametrize(
    ("rules", "reason"),
    [
        ({}, None),
        ({"backorder_cap": 2}, None),
        ({"backorder_cap": 1}, "backorder_cap"),
        ({"items": [Item(sku="cup", backorder_cap=6)]}, "backorder_cap"),
        ({"items": [Item(sku="cup", backorder_cap=7)]}, None),
        ({"items": [Item(sku="cup", customer_cap=11)]}, "customer_cap"),
    ],
)
def test_a_complete_order_of_kits_waits_whole_or_not_at_all(
    rules: dict[str, Any], reason: str | None
) -> None:
    """COMPLETE: all kits wait, and for all components that are missing there has to be room: for
    those that are there, none is needed.
    """
    decision = decide(sets(3, ship=Ship.COMPLETE), tea(9, 5, **rules))
    assert got(decision) == []
    if reason is None:
        assert pegs(decision) == [("1", "cup", 12, ""), ("1", "pot", 3, "")]
        assert decision.lines[0].backordered == 3
    else:
        assert [short[3] for short in shorts(decision)] == [reason]


def test_a_complete_order_of_kits_waits_for_what_it_does_not_hold() -> None:
    """COMPLETE: a component that it holds enough of needs no room."""
    cup = Item(sku="cup", backorder_cap=0)
    stock = tea(0, 4, items=[cup]).with_reserved(reserved(sku="cup", quantity=4))
    decision = decide(sets(1, ship=Ship.COMPLETE), stock)
    assert pegs(decision) == [("1", "pot", 1, "")]
    assert (decision.outcome, decision.lines[0].backordered) == (Outcome.BACKORDERED, 1)


def test_a_complete_order_waits_for_kits_and_single_components_together() -> None:
    """COMPLETE: lines of one component have room together or not."""
    lines = [line("1", "tea-set", 1), line("2", "cup", 2)]
    subject = order(lines=lines, ship=Ship.COMPLETE)
    for cap, outcome in ((6, Outcome.BACKORDERED), (5, Outcome.UNFULFILLABLE)):
        cup = Item(sku="cup", backorderable=True, backorder_cap=cap)
        assert decide(subject, tea(9, 0, items=[cup])).outcome is outcome


def test_kits_that_a_policy_leaves_out_wait_for_all_their_components() -> None:
    """If all is there and may not be used, no supply is spared for the lack of a reason."""

    def nowhere(demand: object, candidates: Any, /, *, context: object) -> Any:
        return ()

    decision = decide(sets(1), tea(1, 4), sourcing=nowhere)
    assert pegs(decision) == [("1", "cup", 4, ""), ("1", "pot", 1, "")]
    capped = tea(1, 4, items=[Item(sku="cup", backorder_cap=3)])
    assert shorts(decide(sets(1), capped, sourcing=nowhere)) == [("1", 1, 0, "backorder_cap")]


def test_what_waits_is_explained_with_its_supply() -> None:
    """Somebody who asks why hears of the component, the date and the supply."""
    result = run(sets(1), stock=tea(1, 0, supply("PO-1", 4, 5, "cup")), verifiers=())
    assert explain(result, "A-1").sentences[2] == (
        "Line 1 (1 x tea-set): 4 of cup on backorder, expected on 2026-03-07 with PO-1."
    )


@pytest.mark.parametrize("made_at", [NOW, NOW - timedelta(seconds=1)])
def test_what_another_checkout_got_at_this_instant_lifts_no_cap(made_at: datetime) -> None:
    """An order that ships complete waits for no more than may wait, whenever somebody outside of
    the run reserved what it lacks.
    """
    stock = Inventory(
        [row(3, location="oslo"), row(4, location="paris")],
        items=[Item(sku="mug", backorderable=True, backorder_cap=0)],
        reservations=[reserved("Z", "1", 4, location="paris", made_at=made_at)],
    )
    decision = decide(order("A-1", 4, ship=Ship.COMPLETE), stock)
    assert decision.outcome is Outcome.UNFULFILLABLE
    assert [short.reason for short in decision.shorts] == [ShortReason.BACKORDER_CAP]
