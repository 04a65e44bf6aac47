"""Until when a promise can be kept: what it says itself is what the calendars say."""

from __future__ import annotations

from typing import Any

import attrs
import pytest
from builders import order
from some_promises import ANYWHERE, DAY, HOUR, MONDAY, NOW, POLICY, at, decision, taken, waits

from fulfill_core import Context, Decision, Ship

MORNING = MONDAY + 10 * HOUR


def turning_points(made: Decision, policy: Any) -> set[Any]:
    """The instants at which it is too late for what a decision promises."""
    return set(policy.turning_points(made, context=Context(now=NOW)))


@pytest.mark.parametrize(
    ("rows", "changes"),
    [
        ((taken(),), {}),
        ((taken("oslo"), taken()), {}),
        ((taken(), waits(MORNING + 3 * DAY)), {}),
        ((taken(), waits(MORNING + 3 * DAY), waits(None, supply_id="")), {}),
        ((waits(MORNING + 3 * DAY), waits(MORNING + 8 * DAY, supply_id="PO-2")), {}),
        ((taken(), waits(MORNING + 3 * DAY, line_id="2")), {"ship": Ship.COMPLETE}),
        ((taken("oslo"), taken(line_id="2"), waits(MORNING + 3 * DAY)), {"ship": Ship.LINES}),
        ((taken(), waits(MORNING + 3 * DAY)), {"ship_after": MORNING + 9 * DAY}),
    ],
)
@pytest.mark.parametrize("policy", [POLICY, ANYWHERE])
def test_a_promise_says_itself_until_when_it_can_be_kept(
    rows: Any, changes: dict[str, Any], policy: Any
) -> None:
    """By tables and calendars: to ask them anew comes to the same instants."""
    subject = attrs.evolve(order("A-1", 9, 9), **changes)
    bare = decision(*rows, subject=subject)
    promise = policy(bare, context=Context(now=NOW))
    made = decision(*rows, subject=subject, promise=promise)
    assert turning_points(made, policy) == turning_points(bare, policy)
    assert len(turning_points(made, policy)) > 0


def test_what_waits_is_too_late_when_its_handling_would_begin_too_late() -> None:
    """What is handled now is in time until its departure."""
    rows = taken(), waits(MORNING + 3 * DAY)
    made = decision(*rows, promise=POLICY(decision(*rows), context=Context(now=NOW)))
    assert turning_points(made, POLICY) == {at(2, 14), at(5, 13)}
