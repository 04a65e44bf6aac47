"""What sourcing policies are shown, and what plug-ins are called."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from builders import CONTEXT, order

from fulfill_core import Candidate, Demand, Location, deadline, descending, lexicographic
from fulfill_core.protocols import name_of


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
