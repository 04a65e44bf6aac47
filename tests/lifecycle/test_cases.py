"""Cases that really happened, from the trackers of some thirty order systems: all of them hold.

So do some that were made up beside them, each worked out by hand first.
"""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import Any

import pytest

from fulfill_core import lifecycle as ours

from .cases import (
    ACTIONS,
    FURTHER,
    KINDS,
    Raw,
    cases,
    counters_of,
    money_of,
    money_then,
    steps_of,
    stock_rows,
)


def is_asked(action: ours.Action, raw: Raw, because: str) -> bool:
    """Whether an action of a step is the one that a case lists."""
    if because != raw["because"] or type(action) is not ACTIONS[raw["do"]]:
        return False
    is_payment = raw["payment"] in ("", getattr(action, "payment", ""))
    amount = getattr(action, "amount", None)
    return is_payment and (raw["amount"] == "" or amount == Decimal(raw["amount"]))


def missing_actions(listed: list[Raw], asked: list[tuple[str, ours.Action]]) -> list[Raw]:
    """Those of the listed actions that were not asked for, in their sequence."""
    missing, place = [], 0
    for raw in listed:
        places = [
            number
            for number in range(place, len(asked))
            if is_asked(asked[number][1], raw, asked[number][0])
        ]
        if places:
            place = places[0] + 1
        else:
            missing.append(raw)
    return missing


@pytest.mark.parametrize("case", [*cases(), *cases(FURTHER)], ids=lambda case: case["id"])
def test_a_case_that_happened(case: dict[str, Any]) -> None:
    """Effects, counters, stock, money by payment, messages and actions are those of the case."""
    then = case["then"]
    steps = list(steps_of(case))
    effects = [str(step.effect) for _, step in steps]
    assert effects == [raw["expect"] for raw in case["events"]]
    last = steps[-1][1]
    lines = {line_id: counters_of(last.record, line_id) for line_id in then["lines"]}
    assert lines == then["lines"]
    assert stock_rows(last.inventory, list(then["stock"])) == then["stock"]
    assert money_of(last.record) == money_then(then)
    told = Counter(
        (str(message.kind), str(message.audience))
        for _, step in steps
        for message in step.notifications
    )
    listed = {(raw["kind"], raw["to"]): raw["times"] for raw in then["messages"]}
    forbidden = {(raw["kind"], raw["to"]): 0 for raw in then["no_messages"]}
    expected = {**forbidden, **listed}
    times = {(kind, to): sum(told[each, to] for each in KINDS[kind]) for kind, to in expected}
    assert times == expected
    asked = [(raw["id"], action) for raw, step in steps for action in step.actions]
    assert missing_actions(then["actions"], asked) == []
