"""A wrong argument is named where it is passed: with its path, what it is, and what to pass.

Every public callable is tried: functions, the classes of values, and their methods (`calls`). In
the place of each of its arguments stand values that a host may have by mistake: a null, a row, a
list of one, a text for a number. What comes back is a value or an error of the library. And what
is nothing at all is never taken for something.
"""

from __future__ import annotations

import inspect
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from calls import Call, awaited, calls

from fulfill_core import FulfillError


class Nothing:
    """What no argument is, nor a member of any."""

    def __repr__(self) -> str:
        return "<Nothing>"


class Hidden:
    """What can't be shown."""

    def __repr__(self) -> str:
        raise RuntimeError


NOTHING = Nothing()
WRONG: dict[str, Any] = {
    "None": None,
    "number": 3,
    "text": "x",
    "NaN": float("nan"),
    "Decimal NaN": Decimal("NaN"),
    "list": [],
    "list of nothing": [NOTHING],
    "dict": {},
    "dict of nothing": {NOTHING: NOTHING},
    "dict of text to nothing": {"x": NOTHING},
    "nothing": NOTHING,
    "naive": datetime(2026, 3, 2),  # noqa: DTZ001 - that is what is wrong with it
    "class": Nothing,
    "bytes": b"x",
    "True": True,
    "half a character": "\ud800",
    "signaling NaN": Decimal("sNaN"),
    "dict of a signaling NaN": {"x": Decimal("sNaN")},
    "huge": 10**400,
    "hidden": Hidden(),
}
NEVER_RIGHT = ("nothing", "list of nothing", "dict of nothing")

ONE_VALUE: dict[str, Any] = {
    "text": "x",
    "empty text": "",
    "bytes": b"x",
    "empty bytes": b"",
    "mapping": {"x": "x"},
    "empty mapping": {},
}
COLLECTIONS = "Iterable[", "Collection[", "Sequence[", "tuple[", "frozenset[", "Set["

MADE_BY_THE_LIBRARY = {
    # What comes of a run, a step, a loop or a comparison. Hosts read it.
    *("Comparison", "Course", "DailyComparison", "Day", "Difference", "Figures", "GroupFigures"),
    *("Trial", "UnitShift", "Wait"),
    *("Ahead", "Explanation", "Remedy", "Review"),
    *("Decisions", "LineStatus", "Loss", "MissingFacts", "Overdraft", "Refusal", "Shards", "Step"),
    *("JobReport", "LoopReport", "Observation"),
    # What a loop asks for.
    *("Act", "Commit", "Gather", "Load", "Mark", "Pause", "Send", "Unsent", "WhatWasDecided"),
    # What a policy is asked with, and may answer: a run looks at the answer.
    *("Demand", "SourcingPlan"),
    # Policies: the function of the same name makes them, and checks.
    *("CalendarPromise", "CoversTotal", "Weighted"),
}
"""Values that are made of parts that were checked, and not checked again (DESIGN, cost)."""
ASKED_TOO_OFTEN = {
    # For each line of each order, or each message: a check would be seen in the price of a run.
    *("Progress.due", "Progress.open", "Progress.surplus", "Progress.balance"),
    *("Progress.not_sent", "Progress.added", "Progress.in_whole_kits"),
    *("Pack.whole", "Supply.is_for", "Notification.id_of", "OrderRecord.told_to"),
    *("History.parcel", "History.fulfilment", "History.return_of", "History.delay"),
    *("Likeness.keys_of", "ShopFactKind.subjects_of", "Decisions.places_differing"),
    # The rows of a message, which the policies of a run make of a decision's own.
    *("to_customer", "to_staff"),
    # What a verifier or a policy is made of: it is asked by it.
    *("AccessList.matches", "Destination.lacks", "Reallocation.freezes_at"),
}
"""Questions that a run asks with what it has checked, so often that they don't look again."""

LOOKED_UP = {("Renderer.render", "titles")}
"""Tables of a host that may have a million rows: only those that are looked up are looked at."""

CALLS = list(calls())
CHECKED = [
    call
    for call in CALLS
    if call.name not in ASKED_TOO_OFTEN | MADE_BY_THE_LIBRARY
    # A run asks plug-ins, and their parts, with the orders and the context that it has made.
    and "context" not in call.parameters
    and not (inspect.ismethod(call.function) and "__call__" in vars(call.owner))
]


def ids(call: Call) -> str:
    """A call by its name."""
    return call.name


def answer(call: Call, name: str, wrong: object) -> str:
    """What comes of a wrong argument: ``taken``, ``refused``, or another error."""
    try:
        awaited(call(**{name: wrong}))
    except FulfillError:
        return "refused"
    except Exception as error:  # noqa: BLE001 - that is what is looked for
        return f"{type(error).__name__}: {error}"
    return "taken"


@pytest.mark.parametrize("call", CALLS, ids=ids)
def test_right_arguments_are_right(call: Call) -> None:
    """Each callable has an example: a new one gets its arguments in ``calls.py``."""
    awaited(call())


@pytest.mark.parametrize("call", CHECKED, ids=ids)
def test_a_wrong_argument_is_named(call: Call) -> None:
    """Nothing comes back but a value or an error of the library: no bare error from within."""
    faults = {
        (name, word): comes_back
        for name in call.parameters
        for word, wrong in WRONG.items()
        if (comes_back := answer(call, name, wrong)) not in {"taken", "refused"}
    }
    assert faults == {}


@pytest.mark.parametrize("call", CHECKED, ids=ids)
def test_what_is_nothing_is_not_taken(call: Call) -> None:
    """What no argument can be is refused by each of them, and so is a collection of it."""
    faults = [
        (name, word)
        for name in call.parameters
        for word in NEVER_RIGHT[: 2 if (call.name, name) in LOOKED_UP else None]
        if answer(call, name, WRONG[word]) == "taken"
    ]
    assert faults == []


@pytest.mark.parametrize("call", CHECKED, ids=ids)
def test_one_value_is_no_collection_of_values(call: Call) -> None:
    """Where many values are wanted, no text, no bytes and no mapping is taken, empty or not.

    To go through a text gives letters, and an empty one passed for no orders at all. A mapping will
    do where one of pairs is as good as the pairs.
    """
    annotations = {
        name: str(parameter.annotation)
        for name, parameter in inspect.signature(call.function).parameters.items()
        if name in call.parameters
    }
    faults = [
        (name, word)
        for name, annotation in annotations.items()
        if any(each in annotation for each in COLLECTIONS)
        for word, wrong in ONE_VALUE.items()
        if not (isinstance(wrong, dict) and "Mapping[" in annotation)
        if answer(call, name, wrong) == "taken"
    ]
    assert faults == []


@pytest.mark.parametrize("name", sorted(MADE_BY_THE_LIBRARY | ASKED_TOO_OFTEN))
def test_an_exception_is_one(name: str) -> None:
    """What is left out is there, and would not pass: an exception that is none any more goes."""
    [call] = [call for call in CALLS if call.name == name]
    comes_back = {answer(call, each, wrong) for each in call.parameters for wrong in WRONG.values()}
    assert comes_back != {"refused"}


def test_a_bare_error_is_noticed() -> None:
    """And so is what takes anything: the test that looks for both can find them."""
    order = {"order": inspect.Parameter.KEYWORD_ONLY}
    careless = Call("careless", lambda order: order.id, order, {}, None)
    assert answer(careless, "order", None).startswith("AttributeError: 'NoneType' object has no")
    assert answer(careless._replace(function=lambda order: order), "order", NOTHING) == "taken"
