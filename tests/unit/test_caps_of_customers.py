"""A customer's cap counts what the customer's orders have, whichever of them ask for more now."""

from __future__ import annotations

from typing import Any

import attrs
import pytest
from builders import NOW, line, order, run
from some_stock import BOB, DAY, HOUR, got, kit, pegs, remarks, row, shorts, supply

from fulfill_core import (
    Claim,
    Hold,
    Inventory,
    Item,
    Order,
    OrderLine,
    OrderRecord,
    Progress,
    Result,
    Ship,
)
from fulfill_core.allocation.demand import units_claimed
from fulfill_core.optimal import best_value
from fulfill_core.reallocation import ConfirmationStrategy, Reallocation

CAP = 3
STOPPED = Hold(order_id="A-1", source="quality", code="shop.check", at=NOW)
CUP = line("2", "cup")
BOTH = order("A-1", lines=[line("1", "mug", 2), CUP])


def capped(*more: Item, **changes: Any) -> Inventory:
    """Nine mugs of which one customer gets three, and nine cups."""
    mug = Item(sku="mug", customer_cap=CAP, **changes)
    return Inventory([row(9), row(9, "cup")], items=[mug, *more])


def on_line(stop: Hold, line_id: str) -> Hold:
    """The same, of one line."""
    return attrs.evolve(stop, line_id=line_id)


def later(*lines: OrderLine, units: int = CAP) -> OrderRecord:
    """What the same customer, or one of the same name, orders an hour later."""
    wanted = lines or (line("1", "mug", units),)
    return OrderRecord(order=order("A-2", lines=wanted, placed_at=NOW + HOUR))


def after(first: OrderRecord, *, served: OrderRecord | None = None, **options: Any) -> Result:
    """The next day: the order as it is then, and the later one, on what it got at first."""
    stock = run(served or OrderRecord(order=first.order), stock=capped()).inventory
    return run(first, later(), stock=stock, now=NOW + DAY, **options)


@pytest.mark.parametrize(
    "first",
    [
        OrderRecord(order=BOTH, holds=[STOPPED]),
        OrderRecord(order=BOTH, holds=[on_line(STOPPED, "1")]),
        OrderRecord(order=attrs.evolve(BOTH, ship_after=NOW + 30 * DAY)),
        OrderRecord(
            order=attrs.evolve(BOTH, lines=[line("1", "mug", 2, ship_after=NOW + 30 * DAY), CUP])
        ),
        OrderRecord(order=attrs.evolve(BOTH, lines=[CUP])),
        OrderRecord(order=BOTH, progress=[Progress(line_id="1", cancelled=2)]),
    ],
    ids=["held", "line held", "scheduled", "line scheduled", "changed", "line cancelled"],
)
@pytest.mark.parametrize("planner", [None, best_value()], ids=["by rank", "best value"])
def test_what_is_reserved_counts_whoever_asks(first: OrderRecord, planner: Any) -> None:
    """Two that are reserved leave one of three, if their line, or their order, goes on or not."""
    result = after(first, served=OrderRecord(order=BOTH), planner=planner)
    assert shorts(result["A-2"]) == [("1", 2, 1, "customer_cap")]
    if planner is not None:
        assert result.plan is not None
        assert dict(result.plan.by_line)["A-2", "1"] == 1


@pytest.mark.parametrize("planner", [None, best_value()], ids=["by rank", "best value"])
@pytest.mark.parametrize("stops", [(), (STOPPED,), (on_line(STOPPED, "1"),)])
@pytest.mark.parametrize("asked", [2, 5])
def test_what_has_left_counts_if_its_order_is_done_or_not(
    asked: int, stops: tuple[Hold, ...], planner: Any
) -> None:
    """Two that have left leave one of three, also if nothing of their order is open any more."""
    wanted = order("A-1", lines=[line("1", "mug", asked), CUP])
    stock = run(wanted, stock=capped()).inventory
    stock = stock.with_shipped("A-1", "1", 2, location="berlin").without_reservations_of("A-1")
    left = OrderRecord(order=wanted, holds=stops).with_progress("1", shipped=2)
    if asked > 2:
        left = left.with_progress("1", cancelled=asked - 2)
    result = run(left, later(), stock=stock, now=NOW + DAY, planner=planner)
    assert shorts(result["A-2"]) == [("1", 2, 1, "customer_cap")]


def test_what_waits_counts_if_its_order_has_a_turn_or_not() -> None:
    """Two that an order on hold, or a line on hold, has claimed leave one of three."""
    mug = Item(sku="mug", customer_cap=CAP, backorderable=True)
    stock = Inventory(
        [row(0), row(0, "cup")],
        items=[mug, Item(sku="cup", backorderable=True)],
        supplies=[supply("PO-1", 9, 5), supply("PO-2", 9, 5, "cup")],
    )
    first = run(BOTH, stock=stock)
    assert len(pegs(first["A-1"])) == 2
    for stop in (STOPPED, on_line(STOPPED, "1")):
        held = OrderRecord(order=BOTH, holds=[stop])
        result = run(held, later(), stock=first.inventory, now=NOW + DAY)
        assert sum(each.quantity for each in result["A-2"].backorders) == 1
        assert shorts(result["A-2"]) == [("1", 2, 0, "customer_cap")]


def test_kits_that_an_order_on_hold_has_count_as_their_components() -> None:
    """Two sets of one mug each leave one mug; and a set that has left is no other."""
    sets = kit(of={"mug": 1, "cup": 1})
    wanted = order("A-1", lines=[line("1", "set", 2)])
    first = run(wanted, stock=capped(sets))
    held = OrderRecord(order=wanted, holds=[STOPPED])
    result = run(held, later(), stock=first.inventory, now=NOW + DAY)
    assert shorts(result["A-2"]) == [("1", 2, 1, "customer_cap")]
    stock = first.inventory
    for sku in ("mug", "cup"):
        stock = stock.with_shipped("A-1", "1", 2, location="berlin", sku=sku)
    done = OrderRecord(order=wanted).with_progress("1", shipped=2)
    result = run(done, later(), stock=stock, now=NOW + DAY)
    assert shorts(result["A-2"]) == [("1", 2, 1, "customer_cap")]


def test_others_are_of_no_concern() -> None:
    """Neither another customer, nor another item, nor what has expired, nor what gave up."""
    held = OrderRecord(order=BOTH, holds=[STOPPED])
    first = run(BOTH, stock=capped())
    bob = OrderRecord(order=attrs.evolve(later().order, customer=BOB))
    assert shorts(run(held, bob, stock=first.inventory, now=NOW + DAY)["A-2"]) == []
    cups = order("A-1", lines=[line("1", "cup", 2)])
    stock = run(cups, stock=capped()).inventory
    held = OrderRecord(order=cups, holds=[STOPPED])
    assert shorts(run(held, later(), stock=stock, now=NOW + DAY)["A-2"]) == []


def test_it_is_said_why() -> None:
    """The note has what the customer has by orders that have no turn."""
    result = after(OrderRecord(order=BOTH, holds=[STOPPED]))
    detail = (
        "Of mug, one customer gets 3 at most, and has 2 by orders that have no turn in this run:"
        " 1 more for this order."
    )
    assert remarks(result["A-2"]) == [("allocation.customer_cap", detail)]


def test_a_reallocation_gives_no_more_either() -> None:
    """Who has two on hold takes one of another, and not three."""
    held = OrderRecord(order=BOTH, holds=[STOPPED])
    behind = order("B-1", 7, placed_at=NOW + 2 * HOUR, customer=BOB)
    mug = Item(sku="mug")
    free = Inventory([row(9), row(9, "cup")], items=[mug])
    stock = run(BOTH, behind, stock=free).inventory
    stock = Inventory(
        list(stock.stock()),
        items=[Item(sku="mug", customer_cap=CAP)],
        reservations=list(stock.reservations()),
    )
    result = run(
        *(held, later(), behind),
        stock=stock,
        now=NOW + DAY,
        reallocation=Reallocation(strategy=ConfirmationStrategy.REDISTRIBUTE),
    )
    assert sum(each.quantity for each in result.inventory.reservations_of("A-2")) == 1


def test_a_run_on_its_own_result_says_the_same() -> None:
    """What the later order got is its own; nothing counts twice (law 8)."""
    first = after(OrderRecord(order=BOTH, holds=[STOPPED]))
    again = run(*first.records, stock=first.inventory, now=NOW + DAY)
    assert shorts(again["A-2"]) == shorts(first["A-2"])
    assert again.inventory == first.inventory


def test_two_orders_under_one_id_count_once() -> None:
    """Which of them is meant is not known; what is reserved under it is the customer's."""
    first = run(BOTH, stock=capped())
    other = attrs.evolve(BOTH, ship=Ship.COMPLETE)
    result = run(BOTH, other, later(), stock=first.inventory, now=NOW + DAY)
    assert shorts(result["A-2"]) == [("1", 2, 1, "customer_cap")]


# -- What it takes and what it claimed -------------------------------------------------------------


def waiting_for(*units: int) -> Order:
    """The order for so many mugs on each line, which all wait for a supply."""
    return order("A-1", lines=[line(str(at), "mug", n) for at, n in enumerate(units, 1)])


def some_came(wanted: Order, came: int, *, cap: int = CAP) -> Result:
    """A run after others sent so many mugs than were waited for, of which one customer may have
    as many as the cap says by then.
    """
    mug = Item(sku="mug", customer_cap=CAP, backorderable=True)
    first = run(wanted, stock=Inventory([row(0)], [supply("PO-1", 9, 2)], [mug])).inventory
    stock = Inventory(
        [row(came)],
        first.supplies(),
        [attrs.evolve(mug, customer_cap=cap)],
        claims=first.claims(),
    )
    return run(wanted, stock=stock)


@pytest.mark.parametrize(
    ("units", "came", "taken", "waits"),
    [
        ([5], 0, [], [("1", 3)]),
        ([5], 1, [("1", 1)], [("1", 2)]),
        ([5], 9, [("1", 3)], []),
        ([2, 4], 1, [("1", 1)], [("1", 1), ("2", 1)]),
        ([2, 4], 2, [("1", 2)], [("2", 1)]),
        ([1, 1, 4], 2, [("1", 1), ("2", 1)], [("3", 1)]),
    ],
)
def test_what_an_order_takes_is_in_place_of_what_it_claimed(
    units: list[int], came: int, taken: list[tuple[str, int]], waits: list[tuple[str, int]]
) -> None:
    """It claimed all that its customer may have. What it gets on hand is no unit more."""
    result = some_came(waiting_for(*units), came)
    assert [(line_id, n) for line_id, _, _, n in got(result["A-1"])] == taken
    assert [(line_id, n) for line_id, _, n, _ in pegs(result["A-1"])] == waits
    again = run(waiting_for(*units), stock=result.inventory)
    assert again.inventory == result.inventory


def test_a_lower_cap_takes_nothing_that_was_claimed() -> None:
    """All three go on waiting of which two may be had now; once one is taken, the cap holds."""
    lowered = some_came(waiting_for(2, 2), 0, cap=2)
    assert [(line_id, n) for line_id, _, n, _ in pegs(lowered["A-1"])] == [("1", 2), ("2", 1)]
    lowered = some_came(waiting_for(2, 2), 1, cap=2)
    assert [(line_id, n) for line_id, _, n, _ in pegs(lowered["A-1"])] == [("1", 1)]


def test_a_line_that_claimed_nothing_waits_behind_those_that_did() -> None:
    """One more may wait beside two that were claimed: not the first line's two."""
    mug = Item(sku="mug", customer_cap=CAP, backorderable=True)
    claims = [Claim(order_id="A-1", line_id="2", sku="mug", supply_id="PO-1", quantity=2)]
    stock = Inventory([row(0)], [supply("PO-1", 9, 2)], [mug], claims=claims)
    assert pegs(run(waiting_for(2, 2), stock=stock)["A-1"]) == [
        ("1", "mug", 1, "PO-1"),
        ("2", "mug", 2, "PO-1"),
    ]


def test_what_kits_have_claimed_is_no_claim_of_lines() -> None:
    """A line's claims are counted by SKU, with what it lacks of them after what it took."""
    lines = [(line("1", "mug", 3), 3), (line("2", "mug", 2), 2)]
    claims = {("1", "mug"): 2, ("2", "mug"): 2, ("kit", "cup"): 4}
    assert units_claimed(lines, claims, {("1", "mug"): 2}) == {"mug": (4, 3)}


def test_a_cap_counts_what_a_kit_that_waits_takes_from_the_shelf() -> None:
    """A set of two mugs, of which one is there, waits: of seven five are left, which is two boxes.

    The same run once more says the same: else it found that too many are claimed for the set.
    """
    wish = order("A-1", lines=[line("1", "set", 1), line("2", "mug", 3, units_each=2)])
    goods = [
        kit(of={"mug": 2, "cup": 1}, backorderable=True),
        Item(sku="mug", customer_cap=7, backorderable=True),
        Item(sku="cup", backorderable=True),
    ]
    first = run(wish, stock=Inventory([row(1)], items=goods, supplies=[supply("PO-1", 9, 2)]))
    again = run(*first.records, stock=first.inventory)
    assert pegs(first["A-1"]) == [
        ("1", "cup", 1, ""),
        ("1", "mug", 1, "PO-1"),
        ("2", "mug", 4, "PO-1"),
    ]
    assert (again.inventory, again.notifications) == (first.inventory, ())
    assert pegs(again["A-1"]) == pegs(first["A-1"])
