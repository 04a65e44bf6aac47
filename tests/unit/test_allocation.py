"""How stock is given out: named cases, most of which some shop system got wrong once."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from builders import NOW, allocations_of, decide, line, mugs, order, reserved, run

from fulfill_core import (
    Backorder,
    Inventory,
    Item,
    LineStatus,
    Location,
    Order,
    Outcome,
    Ship,
    Short,
    ShortReason,
    Stock,
    Supply,
)
from fulfill_core.sourcing import by_rank

LATER = NOW + timedelta(hours=1)


def backorderable(
    on_hand: int, *supplies: tuple[str, int, int], sku: str = "mug", **changes: Any
) -> Inventory:
    """Mugs in Berlin that may be backordered, and supplies as (id, quantity, days from now)."""
    return Inventory(
        [Stock(sku=sku, location="berlin", on_hand=on_hand)],
        [
            Supply(id=name, sku=sku, quantity=units, expected_at=NOW + timedelta(days=days))
            for name, units, days in supplies
        ],
        [Item(sku=sku, backorderable=True)],
        **changes,
    )


def shorts(
    subject: Order, stock: Inventory, **options: Any
) -> list[tuple[str, int, int, ShortReason]]:
    """What is short, as (line id, units, available, reason)."""
    return [
        (short.line_id, short.quantity, short.available, short.reason)
        for short in decide(subject, stock, **options).shorts
    ]


def pegs(subject: Order, stock: Inventory, **options: Any) -> list[tuple[str, int, str]]:
    """What waits, as (line id, units, supply id)."""
    return [
        (waits.line_id, waits.quantity, waits.supply_id)
        for waits in decide(subject, stock, **options).backorders
    ]


# -- One pool -------------------------------------------------------------------------------------


def test_two_lines_of_three_on_a_stock_of_five_never_allocate_six() -> None:
    """Lines of the same SKU draw on one pool."""
    decision = decide(order("A-1", 3, 3), mugs(berlin=5))
    assert allocations_of(decision) == [("1", "berlin", 3), ("2", "berlin", 2)]
    assert decision.shorts == (
        Short(
            line_id="2",
            sku="mug",
            quantity=1,
            requested=3,
            available=2,
            reason=ShortReason.OUT_OF_STOCK,
        ),
    )


def test_two_lines_of_one_sku_are_covered_together_or_not() -> None:
    """An order that ships complete needs the sum of its lines."""
    both = order("A-1", 3, 3, ship=Ship.COMPLETE)
    assert allocations_of(decide(both, mugs(berlin=5))) == []
    assert allocations_of(decide(both, mugs(berlin=6))) == [("1", "berlin", 3), ("2", "berlin", 3)]


def test_the_whole_order_location_must_have_the_sum_of_the_lines() -> None:
    """A location that has either line but not both does not serve the order alone."""
    stock = mugs(berlin=4, paris=6)
    assert allocations_of(decide(order("A-1", 3, 3), stock)) == [
        ("1", "paris", 3),
        ("2", "paris", 3),
    ]


def test_a_split_takes_what_remains() -> None:
    """13 over (10, 15) is 10 + 3: the second location gives the rest, not the whole."""
    stock = mugs(a=10, b=15)
    assert allocations_of(decide(order("A-1", 13), stock, sourcing=by_rank)) == [
        ("1", "a", 10),
        ("1", "b", 3),
    ]


def test_a_location_that_is_used_up_is_not_asked_again() -> None:
    """What one line took whole is not there for the next."""
    stock = mugs(a=2, b=2)
    assert allocations_of(decide(order("A-1", 2, 1), stock, sourcing=by_rank)) == [
        ("1", "a", 2),
        ("2", "b", 1),
    ]


def test_a_line_skips_locations_that_have_none_of_it() -> None:
    """Each line takes from those of the order's locations that have its SKU."""
    stock = Inventory.of({("mug", "a"): 1, ("cup", "b"): 1, ("mug", "c"): 1})
    both = order(lines=[line("1", "mug", 2), line("2", "cup", 1)])
    assert allocations_of(decide(both, stock)) == [("1", "a", 1), ("1", "c", 1), ("2", "b", 1)]


def test_a_negative_location_is_not_asked() -> None:
    """What one location is overdrawn by is there at another."""
    assert allocations_of(decide(order("A-1", 3), mugs(a=-5, b=3))) == [("1", "b", 3)]


def test_safety_stock_is_never_promised() -> None:
    """The units of the safety stock stay where they are."""
    stock = Inventory([Stock(sku="mug", location="berlin", on_hand=5, safety=3)])
    assert allocations_of(decide(order("A-1", 5), stock)) == [("1", "berlin", 2)]


def test_skus_in_two_cases_are_not_mixed_up() -> None:
    """An order for "Mug" gets no "mug"."""
    assert shorts(order(lines=[line(sku="Mug")]), mugs(berlin=5)) == [
        ("1", 1, 0, ShortReason.UNKNOWN_SKU)
    ]


def test_an_unknown_sku_is_short() -> None:
    """A SKU that the inventory does not know is a shortage with that reason, not an error."""
    decision = decide(order(lines=[line("1", "mug"), line("2", "unheard-of", 2)]), mugs(berlin=5))
    assert decision.outcome is Outcome.PARTIALLY_ALLOCATED
    assert decision.shorts == (
        Short(
            line_id="2",
            sku="unheard-of",
            quantity=2,
            requested=2,
            available=0,
            reason=ShortReason.UNKNOWN_SKU,
        ),
    )


def test_a_known_sku_without_stock_is_out_of_stock() -> None:
    """A SKU that an item names is known, even if it lies nowhere."""
    assert shorts(order("A-1", 1), Inventory(items=[Item(sku="mug")])) == [
        ("1", 1, 0, ShortReason.OUT_OF_STOCK)
    ]


def test_what_a_sourcing_policy_leaves_out_is_not_sourced() -> None:
    """Units that are there, but where the order may not be served from, are told apart."""

    def not_berlin(demand: object, candidates: Any, /, *, context: object) -> Any:
        return [each for each in candidates if each.id != "berlin"]

    stock = mugs(berlin=9, paris=1)
    assert shorts(order("A-1", 3), stock, sourcing=not_berlin) == [
        ("1", 2, 1, ShortReason.NOT_SOURCED)
    ]


# -- Own reservations -----------------------------------------------------------------------------


def test_an_own_reservation_never_blocks_its_owner() -> None:
    """An order that holds all the units is complete, although none is available."""
    stock = mugs(berlin=5).with_reserved(reserved(quantity=5))
    decision = decide(order("A-1", 5), stock)
    assert (decision.outcome, allocations_of(decision)) == (Outcome.ALLOCATED, [])
    assert decision.lines == (LineStatus(line_id="1", sku="mug", ordered=5, reserved=5),)


def test_an_order_is_topped_up_by_what_it_still_needs() -> None:
    """What it holds counts, the difference is taken, and nothing is taken twice."""
    stock = mugs(berlin=5).with_reserved(reserved(quantity=2))
    result = run(order("A-1", 4), stock=stock)
    assert allocations_of(result["A-1"]) == [("1", "berlin", 2)]
    assert result.inventory.reserved("mug") == 4


def test_a_reservation_of_others_is_not_there() -> None:
    """Units that another order holds are not given out, whoever ranks first."""
    stock = mugs(berlin=5).with_reserved(reserved("Z-9", quantity=4))
    result = run(order("A-1", 3), order("Z-9", 4, placed_at=LATER), stock=stock)
    assert allocations_of(result["A-1"]) == [("1", "berlin", 1)]
    assert result["Z-9"].outcome is Outcome.ALLOCATED


@pytest.mark.parametrize(
    ("expires_at", "expected"),
    [(NOW, 5), (NOW + timedelta(microseconds=1), 1), (None, 1)],
)
def test_a_reservation_counts_until_it_expires_judged_by_now(
    expires_at: datetime | None, expected: int
) -> None:
    """From its expiry on, a reservation of another order's is there for all, with no sweeper."""
    stock = mugs(berlin=5).with_reserved(reserved("Z-9", quantity=4, expires_at=expires_at))
    assert allocations_of(decide(order("A-1", 9), stock)) == [("1", "berlin", expected)]


def test_an_expired_reservation_of_ones_own_is_taken_anew() -> None:
    """An order whose reservation ran out asks for its units again, like any other."""
    stock = mugs(berlin=5).with_reserved(reserved(quantity=3, expires_at=NOW))
    decision = decide(order("A-1", 3), stock)
    assert (allocations_of(decision), decision.reserved) == ([("1", "berlin", 3)], ())


def test_a_held_order_keeps_what_it_has() -> None:
    """An order that is not served takes nothing and loses nothing."""
    stock = mugs(berlin=5).with_reserved(reserved(quantity=2))
    result = run(order("A-1", 4, ship_to=None), stock=stock)
    decision = result["A-1"]
    assert (decision.outcome, decision.reserved) == (Outcome.HELD, (reserved(quantity=2),))
    assert result.inventory == stock


def test_what_is_held_for_a_changed_line_is_surplus() -> None:
    """Units of a SKU that the line no longer asks for stay held, are told, and don't count."""
    stock = Inventory.of({("mug", "berlin"): 5, ("cup", "berlin"): 5}).with_reserved(
        reserved(sku="cup", quantity=2)
    )
    decision = decide(order("A-1", 2), stock)
    assert allocations_of(decision) == [("1", "berlin", 2)]
    assert decision.surplus == (reserved(sku="cup", quantity=2),)


def test_a_leftover_reservation_makes_no_order_partly_allocated() -> None:
    """An order that holds nothing of what it asks for got nothing."""
    stock = Inventory.of({("mug", "berlin"): 0, ("cup", "berlin"): 5}).with_reserved(
        reserved(sku="cup", quantity=2)
    )
    assert decide(order("A-1", 2), stock).outcome is Outcome.UNFULFILLABLE


def test_an_order_that_asks_for_less_keeps_the_rest_as_surplus() -> None:
    """A run never gives up what is reserved; what is too much is told."""
    stock = mugs(berlin=5).with_reserved(reserved(quantity=4))
    decision = decide(order("A-1", 1), stock)
    assert (decision.outcome, decision.surplus) == (Outcome.ALLOCATED, (reserved(quantity=3),))


# -- Packs ----------------------------------------------------------------------------------------


def test_a_box_of_twelve_is_never_oversold() -> None:
    """Two boxes of 12 on a stock of 15: one box, and 12 units short; never 16 of 15."""
    box = order(lines=[line(quantity=2, units_each=12)])
    decision = decide(box, mugs(berlin=15))
    assert allocations_of(decision) == [("1", "berlin", 12)]
    assert decision.shorts == (
        Short(
            line_id="1",
            sku="mug",
            quantity=12,
            requested=24,
            available=15,
            reason=ShortReason.LINE_SHIPS_WHOLE,
        ),
    )


def test_a_box_of_twelve_is_never_split() -> None:
    """Eleven units are no box."""
    box = order(lines=[line(units_each=12)])
    decision = decide(box, mugs(berlin=11))
    assert (decision.outcome, allocations_of(decision)) == (Outcome.UNFULFILLABLE, [])
    assert shorts(box, mugs(berlin=11)) == [("1", 12, 11, ShortReason.LINE_SHIPS_WHOLE)]


def test_a_box_that_was_begun_is_filled() -> None:
    """What a line holds already counts towards whole boxes."""
    stock = mugs(berlin=30).with_reserved(reserved(quantity=5))
    box = order(lines=[line(quantity=2, units_each=12)])
    assert allocations_of(decide(box, stock.with_counted("mug", "berlin", 12))) == [
        ("1", "berlin", 7)
    ]
    assert allocations_of(decide(box, stock)) == [("1", "berlin", 19)]
    assert allocations_of(decide(box, stock.with_counted("mug", "berlin", 8))) == []


def test_boxes_and_single_units_draw_on_one_pool() -> None:
    """A box takes its units from those that single mugs are sold from."""
    mixed = order(lines=[line("1", quantity=1, units_each=12), line("2", quantity=5)])
    assert allocations_of(decide(mixed, mugs(berlin=15))) == [
        ("1", "berlin", 12),
        ("2", "berlin", 3),
    ]


def test_boxes_that_are_missing_are_backordered_whole() -> None:
    """The backorder of a box that could not be filled is for all of it."""
    box = order(lines=[line(quantity=2, units_each=12)])
    stock = backorderable(15, ("PO-1", 100, 7))
    assert (allocations_of(decide(box, stock)), pegs(box, stock)) == (
        [("1", "berlin", 12)],
        [("1", 12, "PO-1")],
    )


# -- Untracked ------------------------------------------------------------------------------------


def test_untracked_items_never_enter_the_arithmetic() -> None:
    """A service or a fee needs no stock: it never waits, is never short and takes nothing."""
    stock = Inventory(
        [Stock(sku="wrap", location="berlin", on_hand=-3)], items=[Item(sku="wrap", tracked=False)]
    )
    result = run(order(lines=[line("1", "wrap", 7)]), stock=stock)
    decision = result["A-1"]
    assert (decision.outcome, allocations_of(decision), decision.untracked) == (
        Outcome.ALLOCATED,
        [],
        ("1",),
    )
    assert decision.lines == (LineStatus(line_id="1", sku="wrap", ordered=7, untracked=7),)
    assert result.inventory == stock


def test_an_untracked_item_has_no_rules() -> None:
    """What needs no stock is not on a shelf: no cap, and no other rule, keeps any of it."""
    stock = Inventory(items=[Item(sku="wrap", tracked=False, customer_cap=1)])
    decision = decide(order(lines=[line("1", "wrap", 7)]), stock)
    assert (decision.outcome, decision.untracked) == (Outcome.ALLOCATED, ("1",))


def test_an_untracked_line_does_not_hold_up_a_complete_order() -> None:
    """An order that ships complete is complete when its tracked lines are."""
    stock = Inventory(
        [Stock(sku="mug", location="berlin", on_hand=1)], items=[Item(sku="wrap", tracked=False)]
    )
    both = order(lines=[line("1", "mug"), line("2", "wrap")], ship=Ship.COMPLETE)
    assert decide(both, stock).outcome is Outcome.ALLOCATED


def test_an_untracked_line_of_a_held_order_is_known_as_such() -> None:
    """Whether a line needs stock does not depend on whether its order is served."""
    stock = Inventory(items=[Item(sku="wrap", tracked=False)])
    held = order(lines=[line("1", "wrap"), line("2", "mug")], ship_to=None)
    assert decide(held, stock).untracked == ("1",)


# -- Backorders -----------------------------------------------------------------------------------


def test_a_backorder_never_promises_more_than_a_supply_brings() -> None:
    """Demand is pegged to the earliest supply as far as that goes, then to the next; what no supply
    brings is open.
    """
    stock = backorderable(0, ("PO-2", 3, 9), ("PO-1", 2, 7))
    assert decide(order("A-1", 6), stock).backorders == (
        Backorder(
            line_id="1",
            sku="mug",
            quantity=2,
            supply_id="PO-1",
            expected_at=NOW + timedelta(days=7),
        ),
        Backorder(
            line_id="1",
            sku="mug",
            quantity=3,
            supply_id="PO-2",
            expected_at=NOW + timedelta(days=9),
        ),
        Backorder(line_id="1", sku="mug", quantity=1),
    )


def test_a_supply_is_shared_by_all_orders() -> None:
    """What is pegged for the first is not promised to the second."""
    stock = backorderable(0, ("PO-1", 5, 7), ("PO-2", 5, 9))
    result = run(order("A-1", 4), order("A-2", 4), order("A-3", 9), stock=stock)
    assert [
        [(waits.quantity, waits.supply_id) for waits in decision.backorders]
        for decision in result.decisions
    ] == [[(4, "PO-1")], [(1, "PO-1"), (3, "PO-2")], [(2, "PO-2"), (7, "")]]


def test_what_is_on_hand_goes_first() -> None:
    """An order takes what is there, and waits for the rest."""
    stock = backorderable(2, ("PO-1", 5, 7))
    decision = decide(order("A-1", 3), stock)
    assert decision.outcome is Outcome.PARTIALLY_ALLOCATED
    assert (allocations_of(decision), pegs(order("A-1", 3), stock)) == (
        [("1", "berlin", 2)],
        [("1", 1, "PO-1")],
    )


def test_nothing_there_and_all_to_come_is_backordered() -> None:
    """An order that got nothing and waits for some is backordered."""
    assert decide(order("A-1", 3), backorderable(0)).outcome is Outcome.BACKORDERED


def test_without_leave_there_is_no_backorder() -> None:
    """An item that may not be backordered is short, whatever is to come."""
    supply = Supply(id="PO-1", sku="mug", quantity=9, expected_at=NOW)
    assert shorts(order("A-1", 3), Inventory(supplies=[supply])) == [
        ("1", 3, 0, ShortReason.OUT_OF_STOCK)
    ]


# -- How it ships ---------------------------------------------------------------------------------


def test_a_line_that_ships_whole_takes_all_or_nothing() -> None:
    """LINES: a line that is not covered takes nothing; the others take theirs."""
    both = order(lines=[line("1", "mug", 6), line("2", "cup", 2)], ship=Ship.LINES)
    stock = Inventory.of({("mug", "berlin"): 5, ("cup", "berlin"): 2})
    assert allocations_of(decide(both, stock)) == [("2", "berlin", 2)]
    assert shorts(both, stock) == [("1", 6, 5, ShortReason.LINE_SHIPS_WHOLE)]


def test_a_line_that_ships_whole_may_come_from_several_places() -> None:
    """LINES: all of a line may be there at two locations together."""
    assert allocations_of(decide(order("A-1", 4, ship=Ship.LINES), mugs(a=3, b=1))) == [
        ("1", "a", 3),
        ("1", "b", 1),
    ]


def test_a_line_that_ships_whole_is_backordered_whole() -> None:
    """LINES: a line that is not covered waits as a whole, and leaves what is there to others."""
    stock = backorderable(5, ("PO-1", 9, 7))
    whole = order("A-1", 6, ship=Ship.LINES)
    result = run(whole, order("A-2", 5), stock=stock)
    assert pegs(whole, stock) == [("1", 6, "PO-1")]
    assert allocations_of(result["A-2"]) == [("1", "berlin", 5)]


def test_a_line_that_was_let_down_leaves_it_to_the_next_line() -> None:
    """LINES: what a line could not use whole is there for the next one of its SKU."""
    assert allocations_of(decide(order("A-1", 6, 4, ship=Ship.LINES), mugs(berlin=5))) == [
        ("2", "berlin", 4)
    ]


def test_a_complete_order_that_cannot_ship_does_not_freeze_what_others_can() -> None:
    """COMPLETE: senior demand that cannot ship takes nothing on hand and starves nobody."""
    senior = order("A-1", lines=[line("1", "mug", 5), line("2", "cup", 1)], ship=Ship.COMPLETE)
    junior = order("A-2", 5, placed_at=LATER)
    result = run(senior, junior, stock=mugs(berlin=5))
    assert (result["A-1"].rank, allocations_of(result["A-1"])) == (0, [])
    assert allocations_of(result["A-2"]) == [("1", "berlin", 5)]


def test_a_complete_order_says_what_it_fails_for() -> None:
    """COMPLETE: the line that is missing is out of stock; the others would have been there."""
    both = order(lines=[line("1", "mug", 5), line("2", "cup", 1)], ship=Ship.COMPLETE)
    stock = Inventory.of({("mug", "berlin"): 5, ("cup", "berlin"): 0})
    assert shorts(both, stock) == [
        ("1", 5, 5, ShortReason.ORDER_SHIPS_COMPLETE),
        ("2", 1, 0, ShortReason.OUT_OF_STOCK),
    ]
    assert decide(both, stock).outcome is Outcome.UNFULFILLABLE


def test_a_complete_order_waits_for_all_if_what_is_missing_will_come() -> None:
    """COMPLETE: if all that is missing may be backordered, the whole order waits."""
    both = order(lines=[line("1", "cup", 5), line("2", "mug", 1)], ship=Ship.COMPLETE)
    stock = backorderable(0, ("PO-1", 9, 7)).with_received("cup", "berlin", 5)
    assert pegs(both, stock) == [("1", 5, ""), ("2", 1, "PO-1")]
    assert decide(both, stock).outcome is Outcome.BACKORDERED


def test_a_complete_order_may_come_from_several_places() -> None:
    """COMPLETE means together, not from one location."""
    assert allocations_of(decide(order("A-1", 4, ship=Ship.COMPLETE), mugs(a=3, b=1))) == [
        ("1", "a", 3),
        ("1", "b", 1),
    ]


def test_a_complete_order_finds_each_of_its_skus_where_it_is() -> None:
    """COMPLETE: what is there at the first location is not looked for at the next."""
    stock = Inventory.of({("mug", "a"): 2, ("mug", "b"): 2, ("cup", "b"): 1, ("jar", "c"): 1})
    lines = [line("1", "mug", 2), line("2", "cup"), line("3", "jar")]
    assert allocations_of(decide(order(lines=lines, ship=Ship.COMPLETE), stock)) == [
        ("1", "a", 2),
        ("2", "b", 1),
        ("3", "c", 1),
    ]


def test_a_complete_order_keeps_what_it_holds() -> None:
    """COMPLETE: what was reserved before stays, and counts."""
    stock = mugs(berlin=5).with_reserved(reserved(quantity=2))
    waiting = decide(order("A-1", 9, ship=Ship.COMPLETE), stock)
    assert (allocations_of(waiting), waiting.reserved) == ([], (reserved(quantity=2),))
    assert allocations_of(decide(order("A-1", 5, ship=Ship.COMPLETE), stock)) == [
        ("1", "berlin", 3)
    ]


def test_a_complete_order_that_sourcing_lets_down_is_not_sourced() -> None:
    """COMPLETE: if all is there but not where the order may be served from, it says so."""

    def nowhere(demand: object, candidates: Any, /, *, context: object) -> Any:
        return ()

    assert shorts(order("A-1", 2, ship=Ship.COMPLETE), mugs(berlin=5), sourcing=nowhere) == [
        ("1", 2, 0, ShortReason.NOT_SOURCED)
    ]


def test_a_complete_order_hears_the_same_in_every_run() -> None:
    """COMPLETE: what an order let go to one behind it is not missing for good, in the second run
    any more than in the first.
    """
    senior = order("A-1", lines=[line("1", "mug", 5), line("2", "cup", 1)], ship=Ship.COMPLETE)
    junior = order("A-2", lines=[line("1", "cup", 1)], placed_at=LATER)
    stock = backorderable(0).with_received("cup", "berlin", 1)
    first = run(senior, junior, stock=stock)
    again = run(senior, junior, stock=first.inventory)
    assert first["A-1"].backorders == again["A-1"].backorders
    assert [each.id for each in first.notifications] == [each.id for each in again.notifications]


# -- Rank -----------------------------------------------------------------------------------------


def test_scarce_stock_goes_by_rank() -> None:
    """Who ranks first is served first, whatever the sequence of the input."""
    first, second, third = (
        order(name, 3, placed_at=NOW + timedelta(minutes=minutes))
        for name, minutes in (("C", 0), ("B", 1), ("A", 2))
    )
    result = run(third, first, second, stock=mugs(berlin=4))
    assert [(each.id, each.rank, allocations_of(each)) for each in result.decisions] == [
        ("C", 0, [("1", "berlin", 3)]),
        ("B", 1, [("1", "berlin", 1)]),
        ("A", 2, []),
    ]


def test_locations_are_asked_by_rank_whatever_the_first_line_found() -> None:
    """Each line is served in the rank order of all the order's locations."""
    stock = Inventory(
        [
            Stock(sku="mug", location="z", on_hand=1),
            Stock(sku="cup", location="a", on_hand=1),
            Stock(sku="cup", location="z", on_hand=1),
        ],
        locations=[Location(id="a", rank=-1)],
    )
    both = order(lines=[line("1", "mug"), line("2", "cup", 2)])
    assert allocations_of(decide(both, stock)) == [("1", "z", 1), ("2", "a", 1), ("2", "z", 1)]
