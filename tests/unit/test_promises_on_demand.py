"""Promises are made when somebody looks at a decision, if their policy may be asked later."""

from __future__ import annotations

import pickle
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import pytest
from builders import mugs, order, run
from some_promises import ANYWHERE, HOUR, NOW, OFFICE

from fulfill_core import Context, Decision, PluginError, Promise
from fulfill_core.calendars import BusinessCalendar
from fulfill_core.pipeline.ledger import DeferredColumn
from fulfill_core.promises import from_calendars


class Tally:
    """Calendars, with a count of how often they are asked."""

    def __init__(self, *, is_deferrable: bool) -> None:
        self.is_deferrable = is_deferrable
        self.decisions: list[str] = []

    def __call__(self, decision: Decision, /, *, context: Context) -> Promise | None:
        """What the calendars say."""
        self.decisions.append(decision.id)
        return ANYWHERE(decision, context=context)


def breaks(decision: Decision, /, *, context: Context) -> Promise | None:
    """A policy with a fault."""
    raise RuntimeError("no calendar")


NEW_YORK = ZoneInfo("America/New_York")
ORDERS = [order("A-1", 2), order("A-2", 9)]


def result_of(policy: Any, **changes: Any) -> Any:
    """A run of two orders, of which one gets too little."""
    settings = {"stock": mugs(berlin=5), "verifiers": (), "now": NOW, **changes}
    return run(*ORDERS, promise=policy, **settings)


def test_a_policy_that_may_be_asked_later_is_asked_when_somebody_looks() -> None:
    """Once, however often decisions are looked at; for a run of which only the stock is, never."""
    policy = Tally(is_deferrable=True)
    result = result_of(policy)
    assert result.inventory.reserved("mug") == 5
    assert policy.decisions == []
    assert [each.promise is None for each in result.decisions] == [False, False]
    assert result["A-1"].promise is result.decisions[0].promise
    assert policy.decisions == ["A-1", "A-2"]


def test_any_other_policy_is_asked_in_the_run() -> None:
    """It may have a fault, and then nothing must have been stored."""
    policy = Tally(is_deferrable=False)
    result_of(policy)
    assert policy.decisions == ["A-1", "A-2"]
    with pytest.raises(PluginError, match="no calendar"):
        result_of(breaks)


def test_who_watches_a_run_sees_its_promises_made() -> None:
    """They are a stage of it, and nobody is told of it once it is over."""
    policy = Tally(is_deferrable=True)
    stages: list[str] = []
    result_of(policy, progress=lambda stage, share: stages.append(stage.value))
    assert policy.decisions == ["A-1", "A-2"]
    assert "promise" in stages


@pytest.mark.parametrize(
    ("functions", "is_deferrable"),
    [
        ({}, True),
        ({"destination": OFFICE}, True),
        ({"destination": lambda order: OFFICE}, False),
        ({"transit": lambda order, location: HOUR}, False),
        ({"carrier": lambda order, location: "post"}, False),
    ],
)
def test_calendars_may_be_asked_later_and_functions_may_not(
    functions: dict[str, Any], is_deferrable: bool
) -> None:
    """A function of the host's may fail; tables and calendars say what they say."""
    policy = from_calendars(**{"origins": {}, "transit": {"berlin": HOUR}, **functions})
    assert policy.is_deferrable is is_deferrable
    changed = attrs.evolve(from_calendars({}, {"berlin": HOUR}), **functions)
    assert changed.is_deferrable is is_deferrable


def test_when_they_are_made_makes_no_difference() -> None:
    """Decisions, messages, their days and `wake_at` are the same, and so is what travels."""
    new_york = BusinessCalendar(timezone=NEW_YORK, shifts=OFFICE.shifts)
    policy = attrs.evolve(ANYWHERE, destination=new_york)
    later, at_once = result_of(policy), result_of(policy, progress=lambda stage, share: None)
    assert later.decisions == at_once.decisions
    assert at_once.decisions == later.decisions
    assert hash(later.decisions) == hash(at_once.decisions)
    assert {each.timezone for each in later.decisions} == {NEW_YORK}
    assert later.notifications == at_once.notifications
    assert later.wake_at == at_once.wake_at
    assert pickle.loads(pickle.dumps(later)) == at_once  # noqa: S301 - our own


def test_a_column_that_waits_is_a_sequence() -> None:
    """Of its members, as any other column of a run."""
    columns = [DeferredColumn(lambda: (3, None, 5)) for _ in range(2)]
    assert columns[0] == columns[1]
    assert columns[0] == (3, None, 5)
    assert (columns[0][:2], columns[0][-1], len(columns[0])) == ((3, None), 5, 3)
    assert list(columns[0]) == [3, None, 5]
    assert columns[0] != [3, None, 5]
