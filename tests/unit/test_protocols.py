"""What sourcing policies are shown, and what plug-ins are called."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from builders import CONTEXT, order, refusal

from fulfill_core import Candidate, Demand, Location
from fulfill_core.priorities import deadline, descending, lexicographic
from fulfill_core.protocols import OrderDemand, Plan, optional_parts
from fulfill_core.protocols.plugins import name_of


class Rule:
    def __call__(self, order: object, /, *, context: object) -> int:
        return 0


class ShownRule(Rule):
    def __repr__(self) -> str:
        return "rule 7"


def demand(**needs: int) -> Demand:
    """What an order needs, by SKU."""
    return Demand(order(), tuple(needs.items()))


def test_a_candidate_shows_what_it_can_give() -> None:
    """A location has what it was given of a SKU, and nothing of any other."""
    berlin = Candidate(Location(id="berlin"), {"mug": 3})
    assert (berlin.id, berlin.available("mug"), berlin.available("cup")) == ("berlin", 3, 0)


@pytest.mark.parametrize(
    ("needs", "covers"),
    [
        ({"mug": 3}, True),
        ({"mug": 4}, False),
        ({"mug": 1, "cup": 1}, False),
        ({"mug": 3, "jar": 2}, True),
        ({}, True),
    ],
)
def test_a_candidate_covers_what_it_can_give_alone(needs: dict[str, int], covers: bool) -> None:
    """A location covers a demand when it has all of every SKU."""
    assert Candidate(Location(id="berlin"), {"mug": 3, "jar": 2}).covers(demand(**needs)) == covers


def test_a_candidate_shows_itself() -> None:
    """A candidate goes by its location."""
    assert repr(Candidate(Location(id="berlin"), {"mug": 3})) == "<Candidate berlin>"


def test_a_demand_shows_what_is_needed() -> None:
    """A sourcing policy that is being debugged sees what it was asked."""
    assert repr(demand(mug=2)) == "<Demand of A-1: {'mug': 2}>"


def test_a_demand_is_a_value() -> None:
    """Demands of the same content are equal."""
    assert demand(mug=2) == demand(mug=2)


@pytest.mark.parametrize(
    ("plugin", "name"),
    [
        (deadline, "deadline"),
        (lambda order, /, *, context: 0, "<lambda>"),
        (Rule(), "Rule"),
        (ShownRule(), "rule 7"),
        (partial(deadline, context=CONTEXT), "deadline"),
        (partial(Rule(), context=CONTEXT), "Rule"),
        (
            lexicographic(deadline, Rule(), descending(Rule())),
            "lexicographic(deadline, Rule, descending(Rule))",
        ),
        (None, "None"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_name_of_a_plug_in_is_the_same_in_every_process(
    plugin: Callable[..., Any], name: str
) -> None:
    """A plug-in goes by its own name, its class's or its repr, never by where in memory it lies."""
    assert name_of(plugin) == name


# -- Plans -----------------------------------------------------------------------------------------


def plan(**content: Any) -> Plan:
    """A plan for two lines."""
    usual: dict[str, Any] = {
        "units": [("A-2", "1", 3), ("A-1", "2", 1)],
        "value": Decimal(90),
        "greedy_value": Decimal(75),
        "bound": Decimal(100),
    }
    return Plan(**{**usual, **content})


def test_a_plan_is_kept_sorted() -> None:
    """How a planner lists the lines changes nothing."""
    assert plan().units == (("A-1", "2", 1), ("A-2", "1", 3))
    assert plan().by_line == {("A-1", "2"): 1, ("A-2", "1"): 3}


@pytest.mark.parametrize(
    ("value", "bound", "gap", "is_optimal"),
    [
        ("90", "100", "0.1", False),
        ("100", "100", "0", True),
        ("100.00", "100", "0", True),
        ("0", "0", "0", True),
        ("0", "3", "1", False),
        ("2", "3", "0.333333", False),
        ("-2", "-1", "1", False),
    ],
)
def test_the_gap_is_a_share_of_the_bound(
    value: str, bound: str, gap: str, is_optimal: bool
) -> None:
    """It is what the best plan can be worth more, and 0 exactly if the plan is the best."""
    some = plan(value=Decimal(value), bound=Decimal(bound))
    assert (some.gap, some.is_optimal) == (Decimal(gap), is_optimal)


def test_without_a_bound_there_is_no_gap() -> None:
    """A planner that proves nothing claims nothing."""
    assert (plan(bound=None).gap, plan(bound=None).is_optimal) == (None, False)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (
            {"units": "A"},
            "Plan.units: 'A' is no collection of rows; pass a list of (order, line, units)",
        ),
        (
            {"units": [("A-1", 2)]},
            "Plan.units[0]: ('A-1', 2) is not a row of 3 members; pass (order, line, units)",
        ),
        (
            {"units": [("", "1", 2)]},
            "Plan.units[0][0]: '' is empty; pass at least one visible character",
        ),
        (
            {"units": [("A-1", 1, 2)]},
            "Plan.units[0][1]: 1 is not an id; pass a str, such as 'A-17'",
        ),
        ({"units": [("A-1", "1", 0)]}, "Plan.units[0][2]: 0 is below 1; pass 1 or more"),
        (
            {"units": [("A-1", "1", 2), ("A-1", "1", 3)]},
            "Plan.units[1]: ('A-1', '1') was given before; each line comes once",
        ),
        ({"value": 90.0}, "Plan.value: 90.0 is not a finite Decimal; pass one"),
        ({"value": None}, "Plan.value: None is not a finite Decimal; pass one"),
        (
            {"greedy_value": Decimal("NaN")},
            "Plan.greedy_value: Decimal('NaN') is not a finite Decimal; pass one",
        ),
        ({"bound": 100}, "Plan.bound: 100 is not a finite Decimal; pass one"),
        ({"bound": Decimal(89)}, "Plan.bound: Decimal('89') is below the value of the plan, 90"),
    ],
)
def test_a_plan_is_checked(content: dict[str, Any], problem: str) -> None:
    """What a planner gets wrong is named before anybody is served by it."""
    assert refusal(plan, **content) == problem


def test_the_demand_of_an_order_shows_what_it_needs() -> None:
    """A planner that is being debugged sees whose lines it is about."""
    demand = OrderDemand(order=order("A-1", 2), lines=(("1", 2),), greedy=(("1", 1),))
    assert repr(demand) == "<OrderDemand of A-1: {'1': 2}>"


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ({"order": "A-1", "lines": ()}, "OrderDemand.order: 'A-1' is not"),
        ({"order": order(), "lines": []}, "OrderDemand.lines: [] is no collection"),
        ({"order": order(), "lines": (), "greedy": (1,)}, "OrderDemand.greedy[0]: 1"),
    ],
)
def test_the_demand_of_an_order_is_checked(content: dict[str, Any], problem: str) -> None:
    """It is about an order; lines are pairs."""
    assert refusal(OrderDemand, **content).startswith(problem)


# -- What a plug-in may also have ------------------------------------------------------------------


def test_the_table_of_optional_parts_is_complete() -> None:
    """Each row names a protocol of the module and the part that this protocol has."""
    rows = re.findall(r"^``(\w+)`` +`(\w+)`", optional_parts.__doc__ or "", re.MULTILINE)
    parts = {
        (part, name)
        for name, kind in vars(optional_parts).items()
        if isinstance(kind, type) and kind.__module__ == optional_parts.__name__
        for part in vars(kind)
        if not part.startswith("_")
    }
    assert sorted(rows) == sorted(parts)
