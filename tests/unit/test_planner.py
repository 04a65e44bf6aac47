"""The plan for all orders together: what it may change, and what a broken planner is told."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest
from builders import NOW, allocations_of, line, mugs, order, refusal, reserved, run
from some_stock import HOUR, codes, got, kit, lot, lots_of, pegs, row, shelf_of, shorts, supply

from fulfill_core import Claim, Context, Inventory, Item, Outcome, Pack, Ship, hold
from fulfill_core.protocols import OrderDemand, Plan, Planner


def planned(*rows: tuple[str, str, int]) -> Planner:
    """A planner that has decided on these rows."""

    def planner(queue: Sequence[OrderDemand], inventory: Inventory, /, *, context: Context) -> Plan:
        return Plan(units=rows, value=Decimal(0), greedy_value=Decimal(0))

    return planner


class Listening:
    """A planner that keeps what it was told, and changes nothing."""

    def __init__(self) -> None:
        self.queue: list[OrderDemand] = []
        self.inventory = Inventory()

    def __call__(
        self, queue: Sequence[OrderDemand], inventory: Inventory, /, *, context: Context
    ) -> Plan:
        self.queue = list(queue)
        self.inventory = inventory
        rows = [
            (wanted.order.id, line_id, units)
            for wanted in queue
            for line_id, units in wanted.greedy
            if units
        ]
        return Plan(units=rows, value=Decimal(len(rows)), greedy_value=Decimal(len(rows)))


LATER = NOW + HOUR


# -- What a planner is told ------------------------------------------------------------------------


def test_a_planner_is_told_what_is_wanted_and_what_rank_gives() -> None:
    """The queue in rank order; of each line what it still wants, and what it gets without a plan.
    Lines that are complete, untracked or on hold are left out, and so are orders that are.
    """

    def held(subject: Any, /, *, context: object) -> Any:
        if subject.id == "A-2":
            yield hold("quality.recall", line_id="2", detail="Look at it.")
        if subject.id == "A-9":
            yield hold("quality.recall", detail="Look at it.")

    stock = Inventory(
        [row(5), row(9, "cup")],
        items=[Item(sku="wrap", tracked=False), kit(of={"cup": 4})],
        reservations=[reserved("A-1", quantity=2)],
    )
    listening = Listening()
    result = run(
        order("A-9", 1),
        order("A-2", 4, 1, placed_at=LATER),
        order(lines=[line("1", "mug", 2), line("2", "set", 3), line("3", "wrap"), line("4")]),
        stock=stock,
        verifiers=[held],
        planner=listening,
    )
    assert [(each.order.id, each.lines, each.greedy) for each in listening.queue] == [
        ("A-1", (("2", 3), ("4", 1)), (("2", 2), ("4", 1))),
        ("A-2", (("1", 4),), (("1", 2),)),
    ]
    assert listening.inventory is stock
    assert result.plan == Plan(
        units=[("A-1", "2", 2), ("A-1", "4", 1), ("A-2", "1", 2)],
        value=Decimal(3),
        greedy_value=Decimal(3),
    )


def test_the_plan_of_what_rank_gives_changes_nothing() -> None:
    """Who gets what without a plan gets the same with the plan that says so."""
    orders = order("A-1", 2, 2), order("A-2", 3, placed_at=LATER)
    with_plan = run(*orders, stock=mugs(a=3, b=3), planner=Listening())
    without = run(*orders, stock=mugs(a=3, b=3))
    assert [allocations_of(each) for each in with_plan.decisions] == [
        allocations_of(each) for each in without.decisions
    ]
    assert with_plan.inventory == without.inventory
    assert (without.plan, with_plan.plan is None) == (None, False)


def test_without_a_queue_no_planner_is_asked() -> None:
    """There is nothing to plan."""
    listening = Listening()
    result = run(order("A-1", 1, ship_to=None), planner=listening, stock=mugs(a=1))
    assert (result.plan, listening.queue) == (None, [])
    assert run(planner=listening).plan is None


def test_claims_that_others_give_up_are_found_for_a_planner_as_well() -> None:
    """What rank gives counts them, as a run without a planner does: one waits for what the other,
    behind it, needs no more.
    """
    stock = Inventory(
        [row(0)],
        supplies=[supply("PO-1", 1, 2), supply("PO-2", 2, 8)],
        items=[Item(sku="mug", backorderable=True)],
        claims=[
            Claim(order_id="A-2", line_id="1", sku="mug", supply_id=supply_id, quantity=units)
            for supply_id, units in (("PO-1", 1), ("PO-2", 2))
        ],
    )
    orders = order("A-1", 1), order("A-2", 2, placed_at=LATER)
    without = run(*orders, stock=stock)
    assert run(*orders, stock=stock, planner=Listening()).inventory == without.inventory
    assert pegs(without["A-1"]) == [("1", "mug", 1, "PO-2")]


# -- What a plan does ------------------------------------------------------------------------------


def test_each_line_gets_no_more_than_its_plan() -> None:
    """Who ranks first can go without; the units are there, and given to others."""
    result = run(
        order("A-1", 3, 2),
        order("A-2", 4, placed_at=LATER),
        stock=mugs(berlin=5),
        planner=planned(("A-1", "1", 1), ("A-2", "1", 4)),
    )
    assert allocations_of(result["A-1"]) == [("1", "berlin", 1)]
    assert shorts(result["A-1"]) == [("1", 2, 5, "given_to_others"), ("2", 2, 4, "given_to_others")]
    assert allocations_of(result["A-2"]) == [("1", "berlin", 4)]
    assert result.inventory.available("mug") == 0


def test_a_plan_of_more_than_there_is_sells_nothing_twice() -> None:
    """Whatever a planner says, an order gets what it wants and what is left, no more."""
    result = run(
        order("A-1", 3),
        order("A-2", 4, placed_at=LATER),
        stock=mugs(berlin=5),
        planner=planned(("A-1", "1", 99), ("A-2", "1", 4), ("Z-9", "1", 9), ("A-1", "7", 1)),
    )
    assert [allocations_of(each) for each in result.decisions] == [
        [("1", "berlin", 3)],
        [("1", "berlin", 2)],
    ]
    assert shorts(result["A-2"]) == [("1", 2, 2, "out_of_stock")]


def test_what_is_not_there_was_given_to_nobody() -> None:
    """A line that the plan leaves out, of which there is nothing, is out of stock."""
    result = run(order("A-1", 1), stock=mugs(berlin=0), planner=planned())
    assert shorts(result["A-1"]) == [("1", 1, 0, "out_of_stock")]


def test_a_line_that_ships_whole_does_with_a_plan() -> None:
    """LINES: a line whose plan is less than all of it gets nothing."""
    result = run(
        order("A-1", 3, 2, ship=Ship.LINES),
        stock=mugs(berlin=9),
        planner=planned(("A-1", "1", 2), ("A-1", "2", 2)),
    )
    assert allocations_of(result["A-1"]) == [("2", "berlin", 2)]
    assert shorts(result["A-1"]) == [("1", 3, 9, "given_to_others")]


def test_boxes_stay_whole_with_a_plan() -> None:
    """Of 11 planned units a line of boxes of 6 takes 6."""
    boxes = order(lines=[line(quantity=2, units_each=6)])
    result = run(boxes, stock=mugs(berlin=99), planner=planned(("A-1", "1", 11)))
    assert allocations_of(result["A-1"]) == [("1", "berlin", 6)]
    assert shorts(result["A-1"]) == [("1", 6, 99, "given_to_others")]


def test_a_complete_order_that_a_plan_cuts_gets_nothing() -> None:
    """COMPLETE: the line that is cut was given to others; the others would have been there."""
    both = order(lines=[line("1", "mug", 2), line("2", "cup")], ship=Ship.COMPLETE)
    stock = Inventory([row(9), row(9, "cup")])
    result = run(both, stock=stock, planner=planned(("A-1", "1", 1), ("A-1", "2", 1)))
    assert got(result["A-1"]) == []
    assert shorts(result["A-1"]) == [
        ("1", 2, 9, "given_to_others"),
        ("2", 1, 9, "order_ships_complete"),
    ]
    whole = run(both, stock=stock, planner=planned(("A-1", "1", 2), ("A-1", "2", 1)))
    assert whole["A-1"].outcome is Outcome.ALLOCATED


def test_what_a_plan_gives_to_others_may_wait() -> None:
    """An item that may be backordered waits for more, as it does for want of stock."""
    stock = Inventory([row(5)], items=[Item(sku="mug", backorderable=True)])
    result = run(order("A-1", 3), stock=stock, planner=planned(("A-1", "1", 1)))
    assert (allocations_of(result["A-1"]), pegs(result["A-1"])) == (
        [("1", "berlin", 1)],
        [("1", "mug", 2, "")],
    )
    complete = run(order("A-1", 3, ship=Ship.COMPLETE), stock=stock, planner=planned())
    assert pegs(complete["A-1"]) == [("1", "mug", 3, "")]


def test_a_plan_counts_for_kits_and_lots() -> None:
    """In kits for a line of kits, whose components and lots are found as ever."""
    stock = Inventory(
        [row(99, "cup"), shelf_of(lot("old", 2, days=3), lot("new", 9, days=30))],
        items=[kit(of={"cup": 4})],
    )
    subject = order(lines=[line("1", "set", 3), line("2", "mug", 5)])
    result = run(subject, stock=stock, planner=planned(("A-1", "1", 2), ("A-1", "2", 3)))
    assert got(result["A-1"])[0] == ("1", "cup", "berlin", 8)
    assert lots_of(result["A-1"])[1:] == [("old", 2), ("new", 1)]
    assert [short[3] for short in shorts(result["A-1"])] == ["given_to_others"] * 2
    nothing = run(subject, stock=stock, planner=planned(("A-1", "2", 5)))
    assert lots_of(nothing["A-1"]) == [("old", 2), ("new", 3)]


def test_packs_stay_whole_with_a_plan() -> None:
    """A plan of 13 from where only dozens leave is a dozen; of 11, nothing."""
    dozens = Item(sku="mug", packs=[Pack(location="berlin", multiple=12)])
    stock = Inventory([row(99)], items=[dozens])
    for units, expected in ((13, [("1", "berlin", 12)]), (11, [])):
        result = run(order("A-1", 24), stock=stock, planner=planned(("A-1", "1", units)))
        assert allocations_of(result["A-1"]) == expected


def test_a_customers_cap_is_kept_with_a_plan() -> None:
    """A plan cannot give one customer more than the cap; what waits counts beside what it gives."""
    stock = Inventory([row(9)], items=[Item(sku="mug", backorderable=True, customer_cap=3)])
    result = run(
        order("A-1", 3),
        order("A-2", 4, placed_at=LATER),
        stock=stock,
        planner=planned(("A-2", "1", 4)),
    )
    assert (allocations_of(result["A-1"]), pegs(result["A-1"])) == ([], [])
    assert shorts(result["A-1"]) == [("1", 3, 0, "customer_cap")]
    assert allocations_of(result["A-2"]) == [("1", "berlin", 3)]
    assert codes(result["A-2"]) == ["allocation.customer_cap"]


def test_what_is_held_stays_whatever_the_plan() -> None:
    """A plan is of what comes new; nobody loses what is reserved."""
    stock = mugs(berlin=5).with_reserved(reserved(quantity=2))
    result = run(order("A-1", 4), stock=stock, planner=planned())
    assert (allocations_of(result["A-1"]), result["A-1"].lines[0].reserved) == ([], 2)
    assert result["A-1"].outcome is Outcome.PARTIALLY_ALLOCATED


# -- Broken planners -------------------------------------------------------------------------------


def breaks(queue: object, inventory: object, /, *, context: object) -> Any:
    """A planner that raises."""
    raise KeyError("x")


def says_nothing(queue: object, inventory: object, /, *, context: object) -> Any:
    """A planner that returns no plan."""


@pytest.mark.parametrize(
    ("planner", "message"),
    [
        (breaks, "breaks, asked about 2 orders: raised KeyError('x'); a planner must not raise"),
        (says_nothing, "says_nothing, asked about 2 orders: returned None; return a Plan"),
    ],
)
def test_a_broken_planner_is_named(planner: Any, message: str) -> None:
    """There is no safe default for a plan: the run ends with an error that names who broke it, and
    how many orders it was asked about: which one it was is not known.
    """
    orders = order("A-2", 1, placed_at=LATER), order("A-1", 1)
    assert refusal(run, *orders, stock=mugs(a=1), planner=planner) == message


def test_what_cannot_be_called_is_no_planner() -> None:
    """That is refused before anything is looked at."""
    assert refusal(run, planner="best") == (
        "planner: 'best' can't be called; pass a function or another callable"
    )
