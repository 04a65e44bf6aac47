"""Claims: what a run pegs of a supply is kept, between runs, for the order that waits for it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import attrs
import pytest
from builders import NOW, line, next_run, order, refusal, reserved, run
from some_stock import (
    DAY,
    HOUR,
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
    Changes,
    Claim,
    Hold,
    Inventory,
    Item,
    Order,
    OrderRecord,
    Outcome,
    Pack,
    Result,
    Ship,
    StockError,
    Supply,
    hold,
)
from fulfill_core.lifecycle import cancel
from fulfill_core.reallocation import ConfirmationStrategy, Reallocation

LATER = NOW + HOUR


def coming(on_hand: int, *supplies: Supply, **rules: Any) -> Inventory:
    """Mugs in Berlin that may be backordered, and what is to come."""
    return Inventory([row(on_hand)], supplies, [Item(sku="mug", backorderable=True, **rules)])


def claim(units: int, order_id: str = "A-1", supply_id: str = "PO-1", **changes: Any) -> Claim:
    """So many mugs, of the first line of the order."""
    fields = {"line_id": "1", "sku": "mug", **changes}
    return Claim(order_id=order_id, supply_id=supply_id, quantity=units, **fields)


def claims(stock: Inventory, *order_ids: str) -> list[tuple[str, int, str]]:
    """What these orders, or all, have claimed, as (order, units, supply)."""
    return [
        (each.order_id, each.quantity, each.supply_id)
        for each in stock.claims()
        if each.order_id in order_ids or not order_ids
    ]


def second(*quantities: int, **changes: Any) -> Order:
    """An order that ranks after `order("A-1")`."""
    return order("A-2", *quantities, placed_at=NOW + HOUR, **changes)


def again(*orders: Order, stock: Inventory, **options: Any) -> Result:
    """A run an hour later."""
    return run(*orders, stock=stock, now=LATER, **options)


# -- Kept ------------------------------------------------------------------------------------------


def test_what_a_run_pegs_is_claimed() -> None:
    """What waits for a supply is claimed of it, from now on; what waits without one is not."""
    result = run(order("A-1", 5), stock=coming(1, supply("PO-1", 3, 5)))
    assert pegs(result["A-1"]) == [("1", "mug", 3, "PO-1"), ("1", "mug", 1, "")]
    assert result.inventory.claims_of("A-1") == (claim(3, made_at=NOW),)
    assert result.inventory.claimed("mug") == result.inventory.claimed("mug", "PO-1") == 3
    assert result.inventory.claimed("mug", "PO-2") == 0


def test_a_run_keeps_the_claims_that_it_finds() -> None:
    """Whichever orders it sees: one alone is promised what others have not claimed."""
    stock = run(order("A-1", 3), stock=coming(0, supply("PO-1", 5, 5))).inventory
    first_alone = again(order("A-0", 4, placed_at=NOW - DAY), stock=stock)
    assert pegs(first_alone["A-0"]) == [("1", "mug", 2, "PO-1"), ("1", "mug", 2, "")]
    both = again(order("A-0", 4, placed_at=NOW - DAY), order("A-1", 3), stock=first_alone.inventory)
    assert pegs(both["A-1"]) == [("1", "mug", 3, "PO-1")]
    assert both.inventory == first_alone.inventory
    assert claims(both.inventory) == [("A-0", 2, "PO-1"), ("A-1", 3, "PO-1")]


def test_a_claim_is_as_old_as_it_was() -> None:
    """What is kept keeps its age, what comes new is new, and another run changes nothing."""
    stock = run(order("A-1", 2), stock=coming(0, supply("PO-1", 5, 5))).inventory
    more = again(order("A-1", 4), stock=stock)
    assert more.inventory.claims_of("A-1") == (claim(2, made_at=NOW), claim(2, made_at=LATER))
    assert again(order("A-1", 4), stock=more.inventory).inventory == more.inventory
    fewer = again(order("A-1", 1), stock=more.inventory)
    assert fewer.inventory.claims_of("A-1") == (claim(1, made_at=NOW),)


def test_who_is_not_in_the_queue_keeps_its_claims() -> None:
    """An order that is held, and a line on hold, keep what they claimed."""
    two = order(lines=[line("1", quantity=2), line("2", quantity=1)])
    stock = run(two, stock=coming(0, supply("PO-1", 5, 5))).inventory

    def stop_line(subject: Order, /, *, context: object) -> Any:
        yield hold("line.stopped", detail="No.", line_id="1")

    def stop(subject: Order, /, *, context: object) -> Any:
        yield hold("order.stopped", detail="No.")

    for verifier in (stop_line, stop):
        result = again(two, stock=stock, verifiers=[verifier])
        assert result.inventory == stock


# -- Moved -----------------------------------------------------------------------------------------


def test_a_claim_moves_to_an_earlier_supply() -> None:
    """One that has free units, before anybody new is promised these; it stays as old as it was."""
    stock = run(order("A-1", 2), stock=coming(0, supply("PO-2", 2, 9))).inventory
    better = stock.with_changes(Changes(supplies_added=[supply("PO-1", 1, 3)]))
    result = again(order("A-0", 1, placed_at=NOW - DAY), order("A-1", 2), stock=better)
    assert pegs(result["A-1"]) == [("1", "mug", 1, "PO-1"), ("1", "mug", 1, "PO-2")]
    assert pegs(result["A-0"]) == [("1", "mug", 1, "PO-2")]
    assert {each.made_at for each in result.inventory.claims_of("A-1")} == {NOW}
    assert result.changes == result.inventory.changes_since(better)


def test_what_a_claim_leaves_the_next_may_have() -> None:
    """The earliest claims move first, and what they leave is there for those behind them."""
    stock = coming(
        0, supply("PO-1", 1, 1), supply("PO-2", 1, 2), supply("PO-3", 1, 3)
    ).with_claimed(claim(1, "A-1", "PO-3"), claim(1, "A-2", "PO-2"))
    result = again(order("A-1", 1), second(1), stock=stock)
    assert claims(result.inventory) == [("A-1", 1, "PO-2"), ("A-2", 1, "PO-1")]


def test_no_claim_moves_to_a_supply_without_a_date() -> None:
    """An overdue supply is earlier by the calendar only."""
    stock = coming(0, supply("PO-0", 5, -1), supply("PO-1", 2, 3)).with_claimed(claim(2))
    result = again(order("A-1", 3), stock=stock)
    assert pegs(result["A-1"]) == [("1", "mug", 1, "PO-0"), ("1", "mug", 2, "PO-1")]
    assert again(order("A-1", 3), stock=result.inventory).inventory == result.inventory


def test_what_an_order_gives_up_goes_to_those_ahead_in_the_same_run() -> None:
    """Who had its turn before hears the same in this run as in the next."""
    ahead = order(lines=[line("1"), line("2", "cup")], ship=Ship.COMPLETE)
    stock = Inventory(
        [row(1), row(0, "cup")],
        [supply("PO-1", 1, 2), supply("PO-2", 1, 8)],
        [Item(sku="mug", backorderable=True), Item(sku="cup", backorderable=True)],
        claims=[claim(1, "A-1", "PO-2"), claim(1, "A-2", "PO-1")],
    )
    result = again(ahead, second(1), stock=stock)
    assert got(result["A-2"]) == [("1", "mug", "berlin", 1)]
    assert pegs(result["A-1"]) == [("1", "mug", 1, "PO-1"), ("2", "cup", 1, "")]
    assert claims(result.inventory) == [("A-1", 1, "PO-1")]
    assert again(ahead, second(1), stock=result.inventory).inventory == result.inventory


def test_a_line_that_goes_leaves_its_claims_to_the_order() -> None:
    """What it claimed another line may have, and nobody before it; the rest is free."""
    stock = coming(0, supply("PO-1", 3, 2)).with_claimed(claim(3))
    changed = order(lines=[line("9", quantity=2)])
    result = again(order("A-0", 1, placed_at=NOW - DAY), changed, stock=stock)
    assert pegs(result["A-1"]) == [("9", "mug", 2, "PO-1")]
    assert pegs(result["A-0"]) == [("1", "mug", 1, "PO-1")]


# -- Less than was claimed -------------------------------------------------------------------------


def test_where_a_supply_brings_less_the_latest_claim_gives_way() -> None:
    """Then the higher order id; the decision says so, and the units wait for something else."""
    old = claim(2, "A-2", made_at=NOW - DAY)
    stock = coming(0, supply("PO-1", 3, 2), supply("PO-2", 1, 8)).with_claimed(
        old, claim(2, "A-1", made_at=NOW)
    )
    result = again(order("A-1", 2), second(2), stock=stock)
    assert pegs(result["A-2"]) == [("1", "mug", 2, "PO-1")]
    assert pegs(result["A-1"]) == [("1", "mug", 1, "PO-1"), ("1", "mug", 1, "PO-2")]
    assert codes(result["A-2"]) == []
    assert remarks(result["A-1"]) == [
        (
            "supply.claim_lost",
            "Supply PO-1 of mug no longer brings 1 unit that this order had claimed of it.",
        )
    ]
    assert codes(again(order("A-1", 2), second(2), stock=result.inventory)["A-1"]) == []
    same_age = coming(0, supply("PO-1", 3, 2)).with_claimed(claim(2, "A-2"), claim(2, "A-1"))
    assert claims(again(order("A-1", 2), second(2), stock=same_age).inventory) == [
        ("A-1", 2, "PO-1"),
        ("A-2", 1, "PO-1"),
    ]


def test_a_claim_on_a_supply_that_is_gone_comes_to_nothing() -> None:
    """It is no error, since supplies go; the next run with its order says so and pegs anew."""
    stock = coming(0, supply("PO-2", 5, 8)).with_claimed(claim(2), claim(1, "A-9"))
    assert stock.claimed("mug") == 0
    result = again(order("A-1", 2), stock=stock)
    assert (pegs(result["A-1"]), codes(result["A-1"])) == (
        [("1", "mug", 2, "PO-2")],
        ["supply.claim_lost"],
    )
    assert claims(result.inventory) == [("A-1", 2, "PO-2"), ("A-9", 1, "PO-1")]


def test_a_claim_on_a_supply_of_another_sku_comes_to_nothing() -> None:
    """A host's id came back for other goods: the supply that was claimed is gone, and the claim is
    on nothing; whoever gets the other goods, nobody is promised them for it.
    """
    cups = supply("PO-1", 5, 2, "cup")
    before = coming(0, supply("PO-1", 5, 2)).with_claimed(claim(2))
    after = Inventory(
        stock=before.stock(), items=before.items(), supplies=[cups], claims=before.claims()
    )
    assert (after.claimed("mug"), after.claimed("cup"), claims(after)) == (
        0,
        0,
        [("A-1", 2, "PO-1")],
    )
    result = again(order("A-1", 2), stock=after)
    assert (pegs(result["A-1"]), codes(result["A-1"])) == (
        [("1", "mug", 2, "")],
        ["supply.claim_lost"],
    )
    assert claims(result.inventory) == []
    received = after.with_received("cup", "berlin", 5, supply_id="PO-1")
    assert (received.reserved("cup"), claims(received)) == (0, [("A-1", 2, "PO-1")])
    changes = after.changes_since(before)
    assert (changes.supplies_removed, changes.supplies_added) == ((supply("PO-1", 5, 2),), (cups,))
    assert before.with_changes(changes) == after
    assert after.with_changes(changes.inverted()) == before


def test_a_supply_is_for_the_order_that_it_was_bought_for() -> None:
    """Nobody else is promised any of it, whoever waits since long; and it is what that order
    waits for, before all others.
    """
    bought = Supply(id="PO-9", sku="mug", quantity=4, expected_at=NOW + 9 * DAY, order_id="A-2")
    stock = coming(0, supply("PO-1", 2, 2), bought)
    result = run(order("A-1", 3), second(5), stock=stock)
    assert pegs(result["A-1"]) == [("1", "mug", 2, "PO-1"), ("1", "mug", 1, "")]
    assert pegs(result["A-2"]) == [("1", "mug", 4, "PO-9"), ("1", "mug", 1, "")]
    free = result.inventory.with_changes(Changes(supplies_added=[supply("PO-0", 9, 1)]))
    moved = again(order("A-1", 3), second(5), stock=free)
    assert pegs(moved["A-2"]) == [("1", "mug", 1, "PO-0"), ("1", "mug", 4, "PO-9")]
    stranger = coming(0, bought).with_claimed(claim(1, "A-1", "PO-9"))
    assert codes(again(order("A-1", 1), stock=stranger)["A-1"]) == ["supply.claim_lost"]


# -- Caps ------------------------------------------------------------------------------------------


def test_what_others_have_claimed_leaves_no_room_under_a_cap() -> None:
    """Claims of orders outside the batch count: their units are not to come for anybody else."""
    stock = coming(0, supply("PO-1", 4, 5), backorder_cap=0).with_claimed(claim(3, "A-9"))
    decision = run(order("A-1", 3), stock=stock)["A-1"]
    assert pegs(decision) == [("1", "mug", 1, "PO-1")]
    assert shorts(decision) == [("1", 2, 0, "backorder_cap")]


@pytest.mark.parametrize("ship", [Ship.PARTIAL, Ship.LINES, Ship.COMPLETE])
@pytest.mark.parametrize(
    "rules", [{"backorder_cap": 0}, {"customer_cap": 1}, {"backorderable": False}]
)
def test_a_stricter_rule_takes_nothing_that_was_sold(rules: dict[str, Any], ship: Ship) -> None:
    """What is claimed waits on, whatever a cap is now, and whether more of it may wait or not."""
    sold = Item(sku="mug", **{"backorderable": True, **rules})
    stock = Inventory([row(0)], [supply("PO-1", 9, 5)], [sold], claims=[claim(3)])
    decision = run(order("A-1", 3, ship=ship), stock=stock)["A-1"]
    assert (pegs(decision), shorts(decision)) == ([("1", "mug", 3, "PO-1")], [])


def test_beyond_what_was_sold_a_stricter_rule_holds() -> None:
    """Of a line that grew, the rest is short."""
    sold = Item(sku="mug")
    stock = Inventory([row(0)], [supply("PO-1", 9, 5)], [sold], claims=[claim(3)])
    decision = run(order("A-1", 5), stock=stock)["A-1"]
    assert (pegs(decision), shorts(decision)) == (
        [("1", "mug", 3, "PO-1")],
        [("1", 2, 0, "out_of_stock")],
    )
    complete = run(order("A-1", 5, ship=Ship.COMPLETE), stock=stock)
    assert complete["A-1"].outcome is Outcome.UNFULFILLABLE
    assert claims(complete.inventory) == []


# -- On arrival ------------------------------------------------------------------------------------


def test_what_was_claimed_is_reserved_when_it_comes() -> None:
    """The oldest claim first, then the lower order id; the rest goes on waiting."""
    stock = coming(0, supply("PO-1", 5, 2)).with_claimed(
        claim(2, "A-1", made_at=LATER), claim(1, "A-3", made_at=NOW), claim(1, "A-2", made_at=NOW)
    )
    came = stock.with_received("mug", "berlin", 3, supply_id="PO-1", received_at=LATER)
    assert sorted((each.order_id, each.quantity) for each in came.reservations()) == [
        ("A-1", 1),
        ("A-2", 1),
        ("A-3", 1),
    ]
    assert {each.made_at for each in came.reservations()} == {LATER}
    assert claims(came) == [("A-1", 1, "PO-1")]
    assert came.changes_since(stock).claims_added == (claim(1, made_at=LATER),)
    assert stock.with_changes(came.changes_since(stock)) == came


def test_no_more_is_reserved_than_is_free_there() -> None:
    """Units that are owed, and safety stock, come first; what is claimed then waits on."""
    stock = Inventory(
        [row(-1, safety=1)], [supply("PO-1", 4, 2)], [Item(sku="mug")], claims=[claim(4)]
    )
    came = stock.with_received("mug", "berlin", 4, supply_id="PO-1")
    assert (came.reserved("mug"), came.available("mug")) == (2, 0)
    assert came.claims_of("A-1") == (claim(2),)
    assert came.claimed("mug") == 0


def test_what_comes_in_a_lot_is_reserved_of_it() -> None:
    """And of a lot in quarantine nothing is."""
    stock = Inventory([shelf_of(lot("a", 1))], [supply("PO-1", 2, 2)], claims=[claim(1)])
    came = stock.with_received("mug", "berlin", 2, supply_id="PO-1", lot="b")
    assert [(each.lot, each.quantity) for each in came.reservations()] == [("b", 1)]
    locked = Inventory(
        [shelf_of(lot("a", 1, quarantined=True))], [supply("PO-1", 2, 2)], claims=[claim(1)]
    )
    assert locked.with_received("mug", "berlin", 2, supply_id="PO-1", lot="a").reserved("mug") == 0


@pytest.mark.parametrize("units", [1, 3])
def test_orders_that_ship_complete_and_kits_keep_what_came_for_them(units: int) -> None:
    """Nobody ahead of them takes it: not to freeze stock concerns what nobody had claimed."""
    both = order(lines=[line("1"), line("2", "cup")], ship=Ship.COMPLETE)
    sets = order("A-2", lines=[line("1", "set")], placed_at=NOW + HOUR)
    stock = Inventory(
        [row(0), row(0, "cup")],
        [supply("PO-1", 2, 2), supply("PO-2", 2, 8, "cup")],
        [kit(of={"mug": 1, "cup": 1}, backorderable=True)]
        + [Item(sku=sku, backorderable=True) for sku in ("mug", "cup")],
    )
    first = run(both, sets, stock=stock)
    came = first.inventory.with_received("mug", "berlin", 2, supply_id="PO-1")
    urgent = order("A-0", units, placed_at=NOW - DAY)
    result = again(urgent, both, sets, stock=came)
    assert got(result["A-0"]) == []
    assert pegs(result["A-1"]) == [("2", "cup", 1, "PO-2")]
    assert pegs(result["A-2"]) == [("1", "cup", 1, "PO-2")]
    rest = result.inventory.with_received("cup", "berlin", 2, supply_id="PO-2")
    done = again(urgent, both, sets, stock=rest)
    assert [done[each].outcome for each in ("A-1", "A-2")] == [Outcome.ALLOCATED] * 2


def test_when_units_came_can_be_said_of_a_supply() -> None:
    """Of units that belong to neither lot nor supply it would be kept nowhere."""
    assert refusal(coming(0).with_received, "mug", "berlin", 1, received_at=NOW).startswith(
        "received_at"
    )


# -- Given up --------------------------------------------------------------------------------------


def test_a_cancelled_order_claims_nothing() -> None:
    """With what is reserved for it, what it claimed is free; twice is once."""
    stock = coming(1, supply("PO-1", 5, 2)).with_claimed(claim(2)).with_reserved(reserved())
    free = stock.without_reservations_of("A-1")
    assert free == coming(1, supply("PO-1", 5, 2)) == free.without_reservations_of("A-1")


def test_claims_are_given_up_by_order_by_line_and_one_by_one() -> None:
    """As far as they are there, so twice is once."""
    two = claim(2), claim(1, line_id="2")
    stock = coming(0, supply("PO-1", 5, 2)).with_claimed(*two)
    assert stock.without_claims_of("A-1", line_id="2").claims_of("A-1") == two[:1]
    assert stock.without_claims_of("A-1").without_claims_of("A-1") == coming(
        0, supply("PO-1", 5, 2)
    )
    one = stock.without_claims([claim(1)])
    assert one.claims_of("A-1") == (claim(1), two[1])
    assert one.without_claims([*two, *two]).claims_of("A-1") == ()


def test_a_run_with_claims_can_be_undone() -> None:
    """By the inverse of what it changed; and what changed can be written."""
    stock = coming(1, supply("PO-1", 5, 2)).with_claimed(claim(2, made_at=NOW))
    result = again(order("A-1", 1), second(3), stock=stock)
    assert result.changes.claims_removed == (claim(2, made_at=NOW),)
    assert result.changes.claims_added == (claim(3, "A-2", made_at=LATER),)
    assert result.inventory.with_changes(result.changes.inverted()) == stock


def test_a_claim_that_is_not_there_cannot_be_taken_back() -> None:
    """Changes that are applied twice would move twice as many units."""
    stock = coming(0, supply("PO-1", 5, 2)).with_claimed(claim(1))
    with pytest.raises(StockError) as caught:
        stock.with_changes(Changes(claims_removed=[claim(2)]))
    assert str(caught.value) == (
        "order 'A-1', line '1': cannot take back a claim of 2 of 'mug' on supply 'PO-1':"
        " no such claim is there"
    )
    both = stock.with_changes(Changes(claims_removed=[claim(1)], claims_added=[claim(3)]))
    assert both.claims_of("A-1") == (claim(3),)


# -- Re-allocation ---------------------------------------------------------------------------------


def test_only_a_reallocation_takes_claims_away() -> None:
    """There, whoever ranks first is promised the earliest units, of those that may lose."""
    stock = run(second(2), stock=coming(0, supply("PO-1", 2, 2), supply("PO-2", 2, 8))).inventory
    orders = order("A-1", 2), second(2)
    assert pegs(again(*orders, stock=stock)["A-1"]) == [("1", "mug", 2, "PO-2")]
    taking = again(*orders, stock=stock, reallocation=Reallocation())
    assert (pegs(taking["A-1"]), pegs(taking["A-2"])) == (
        [("1", "mug", 2, "PO-1")],
        [("1", "mug", 2, "PO-2")],
    )
    for keeping in (
        Reallocation(frozen_orders=["A-2"]),
        Reallocation(strategy=ConfirmationStrategy.GAIN),
    ):
        kept = again(*orders, stock=stock, reallocation=keeping)
        assert pegs(kept["A-2"]) == [("1", "mug", 2, "PO-1")]
        once_more = again(*orders, stock=kept.inventory, reallocation=keeping)
        assert once_more.inventory == kept.inventory


# -- Values ----------------------------------------------------------------------------------------


def test_claims_are_values() -> None:
    """Checked, in UTC, and the same in whatever sequence and parts they come."""
    assert refusal(claim, 0).startswith("Claim.quantity")
    assert refusal(claim, 1, made_at=NOW.replace(tzinfo=None)).startswith("Claim.made_at")
    parts = Inventory(claims=[claim(1), claim(2, "A-0"), claim(1)])
    assert parts == Inventory(claims=[claim(2, "A-0"), claim(2)])
    assert list(parts.claims()) == [claim(2, "A-0"), claim(2)]
    assert parts != Inventory() != Inventory(claims=[claim(1)])


def test_a_kit_that_waits_for_parts_keeps_its_claims() -> None:
    """Also if a part that it claimed is there by now: others may take that one."""
    stock = Inventory(
        [row(0), row(0, "cup")],
        [supply("PO-1", 1, 2), supply("PO-2", 1, 8, "cup")],
        [kit(of={"mug": 1, "cup": 1}, backorderable=True)],
    )
    sets = order(lines=[line("1", "set")])
    first = run(sets, stock=stock)
    found = first.inventory.with_counted("mug", "berlin", 1)
    result = again(sets, stock=found)
    assert pegs(result["A-1"]) == [("1", "cup", 1, "PO-2"), ("1", "mug", 1, "PO-1")]
    assert due(result["A-1"]) == [NOW + 8 * DAY, NOW + 2 * DAY]
    assert result.inventory == found


def test_time_alone_takes_no_claim() -> None:
    """A supply that becomes overdue is waited for; it has no date then."""
    stock = coming(0, supply("PO-1", 2, 2), supply("PO-2", 2, 8)).with_claimed(claim(2))
    late = run(order("A-1", 2), stock=stock, now=NOW + 2 * DAY + timedelta(hours=1))
    assert (pegs(late["A-1"]), due(late["A-1"])) == ([("1", "mug", 2, "PO-1")], [None])


def test_an_order_that_needs_less_gives_up_the_latest() -> None:
    """Of claims on several supplies, the earliest stay, where nobody else asks; and others that had
    their turn before get what is given up.
    """
    stock = coming(0, supply("PO-1", 1, 2), supply("PO-2", 2, 8)).with_claimed(
        claim(1), claim(2, "A-1", "PO-2"), claim(1, line_id="2", supply_id="PO-9")
    )
    alone = again(order("A-1", 1, 1), stock=stock)
    assert claims(alone.inventory) == [("A-1", 1, "PO-1"), ("A-1", 1, "PO-2")]
    ahead = again(order("A-0", 1, placed_at=NOW - DAY), order("A-1", 2), stock=stock)
    assert claims(ahead.inventory) == [
        ("A-0", 1, "PO-2"),
        ("A-1", 1, "PO-1"),
        ("A-1", 1, "PO-2"),
    ]


def test_claims_that_go_are_taken_off_one_by_one() -> None:
    """Several of one order, in one change."""
    stock = coming(0).with_claimed(claim(1), claim(2, line_id="2"))
    both = Changes(claims_removed=[claim(1), claim(1, line_id="2")])
    assert stock.with_changes(both).claims_of("A-1") == (claim(1, line_id="2"),)


def test_a_kit_of_which_nothing_is_lacking_keeps_saying_so() -> None:
    """All its parts are there, and packs forbid to take them: it waits for all of them, in the next
    run too, in which it has claimed one.
    """
    stock = Inventory(
        [row(1), row(3, "cup")],
        [supply("PO-1", 1, 2)],
        [
            Item(sku="mug", packs=[Pack(location="berlin", multiple=2)]),
            kit(of={"mug": 1, "cup": 1}, backorderable=True),
        ],
    )
    sets = order(lines=[line("1", "set")])
    first = run(sets, stock=stock)
    assert pegs(first["A-1"]) == [("1", "cup", 1, ""), ("1", "mug", 1, "PO-1")]
    result = again(sets, stock=first.inventory)
    assert (result["A-1"].backorders, result.inventory) == (
        first["A-1"].backorders,
        first.inventory,
    )


def test_units_that_are_cancelled_claim_nothing() -> None:
    """What waits and is not wanted any more frees its part of the supply that comes last, whatever
    their ids; what is on hand goes last of all.
    """
    stock = coming(1, supply("PO-2", 2, 2), supply("PO-1", 2, 8))
    first = run(order("A-1", 5), stock=stock)
    assert claims(first.inventory) == [("A-1", 2, "PO-1"), ("A-1", 2, "PO-2")]
    step = cancel(first.records[0], first.inventory, {"1": 3})
    assert claims(step.inventory) == [("A-1", 1, "PO-2")]
    step = cancel(step.record, step.inventory, {"1": 1})
    assert (claims(step.inventory), step.inventory.reserved("mug")) == ([], 1)
    assert cancel(step.record, step.inventory).inventory.reserved("mug") == 0
    gone = first.inventory.with_changes(Changes(supplies_removed=[supply("PO-2", 2, 2)]))
    assert claims(cancel(first.records[0], gone, {"1": 2}).inventory) == [("A-1", 2, "PO-1")]
    assert claims(cancel(first.records[0], first.inventory).inventory) == []


def test_a_claim_is_of_a_supply() -> None:
    """A claim without the id of its supply is none: it would never be served."""
    assert "Claim.supply_id" in refusal(
        lambda: Claim(order_id="A-1", line_id="1", sku="mug", supply_id=" ", quantity=1)
    )


def test_who_waits_goes_on_waiting_though_others_have_what_it_let_go() -> None:
    """A complete order that waits for cups lets others have the pot, of which no more will come. In
    the next run both are reserved behind it: it waits for its cups as before, and has its claim.
    """
    stock = Inventory(
        stock=[row(1, "pot"), row(1, "cup")],
        items=[Item(sku="pot"), Item(sku="cup", backorderable=True)],
        supplies=[supply("PO-1", 1, 2, "cup")],
        reservations=[reserved("A-3", sku="cup")],
    )
    orders = [
        order("A-1", lines=[line("1", "cup"), line("2", "pot")], ship=Ship.COMPLETE),
        order("A-2", lines=[line("1", "pot")], placed_at=NOW + HOUR),
        order("A-3", lines=[line("1", "cup")], placed_at=NOW + HOUR),
    ]
    first = run(*orders, stock=stock)
    assert first["A-1"].outcome is Outcome.BACKORDERED
    assert first["A-2"].outcome is Outcome.ALLOCATED
    later = next_run(first, now=LATER)
    assert later["A-1"].outcome is Outcome.BACKORDERED
    assert later.inventory.claims_of("A-1") == first.inventory.claims_of("A-1")
    assert later.notifications == ()
    without = first.inventory.without_claims_of("A-1")
    assert again(*orders, stock=without)["A-1"].outcome is Outcome.UNFULFILLABLE


def test_a_line_on_hold_keeps_in_a_reallocation_what_it_claimed() -> None:
    """Nobody asks for it in its place, and it has no turn in which it could claim anew."""
    wish = order("A-1", lines=[line("1"), line("2", "cup")])
    record = OrderRecord(order=wish).with_hold(
        Hold(order_id="A-1", source="staff", code="shop.check", line_id="1", at=NOW)
    )
    item = Item(sku="mug", backorderable=True)
    supply = Supply(id="PO-1", sku="mug", quantity=1, expected_at=NOW + DAY)
    claim = Claim(order_id="A-1", line_id="1", sku="mug", supply_id="PO-1", quantity=1)
    stock = Inventory(items=[item], supplies=[supply], claims=[claim])
    behind = order("A-2", 1, placed_at=NOW + HOUR)
    result = run(record, behind, stock=stock, now=LATER, reallocation=Reallocation())
    assert result.inventory.claims_of("A-1") == (claim,)
    assert [each.supply_id for each in result["A-2"].backorders] == [""]


@pytest.mark.parametrize("reallocation", [None, Reallocation()])
def test_single_units_that_come_first_are_claimed_beside_boxes_that_come_later(
    reallocation: Reallocation | None,
) -> None:
    """Three come to no place that is known: two of them, and a box of two in Berlin, not both boxes
    of Berlin. The next run says the same.
    """
    wish = order(lines=[line(quantity=2, units_each=2)])
    supplies = [
        Supply(id="PO-1", sku="mug", quantity=3, expected_at=NOW + DAY),
        Supply(id="PO-2", sku="mug", quantity=6, expected_at=NOW + 9 * DAY, location="berlin"),
    ]
    stock = Inventory(items=[Item(sku="mug", backorderable=True)], supplies=supplies)
    result = run(wish, stock=stock, reallocation=reallocation)
    assert pegs(result["A-1"]) == [("1", "mug", 2, "PO-1"), ("1", "mug", 2, "PO-2")]
    assert next_run(result).inventory == result.inventory


def test_what_was_bought_for_an_order_is_given_up_last_whoever_else_claims() -> None:
    """It keeps the claim that nobody else could have, as it does where it is alone."""
    stock = coming(0, supply("PO-1", 2, 2), attrs.evolve(supply("PO-2", 1, 2), order_id="A-1"))
    stock = stock.with_claimed(claim(1), claim(1, "A-1", "PO-2"), claim(1, "A-2"))
    alone = run(order("A-1", 1), stock=stock)
    both = run(order("A-1", 1), order("A-2", 1, placed_at=LATER), stock=stock)
    for result in (alone, both):
        assert claims(result.inventory) == [("A-1", 1, "PO-2"), ("A-2", 1, "PO-1")]


def test_a_claim_that_gave_way_counts_again_where_an_older_one_is_given_up() -> None:
    """Two units are to come, and three were claimed: what the first one needs no more is for the
    third, which is not in this run, and for nobody who claims today.
    """
    stock = coming(0, supply("PO-1", 2, 2)).with_claimed(
        claim(2, made_at=NOW - 2 * DAY), claim(1, "A-9", made_at=NOW - DAY)
    )
    first = run(order("A-1", 1), order("A-2", 1, placed_at=LATER), stock=stock)
    assert pegs(first["A-2"]) == [("1", "mug", 1, "")]
    assert claims(first.inventory) == [("A-1", 1, "PO-1"), ("A-9", 1, "PO-1")]
    assert next_run(first).inventory == first.inventory
