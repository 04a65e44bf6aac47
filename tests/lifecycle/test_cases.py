"""Cases that really happened, from the trackers of some thirty order systems: all of them hold.

So do some that were made up beside them, each worked out by hand first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, time
from decimal import Decimal
from typing import Any

import pytest

from fulfill_core import lifecycle as ours
from fulfill_core.calendars import BusinessCalendar, Shift
from fulfill_core.notifications import Contact, Delivery, Preferences, deliveries

from .cases import (
    ACTIONS,
    FURTHER,
    HOUR,
    KINDS,
    START,
    Raw,
    cases,
    counters_of,
    money_of,
    money_then,
    steps_of,
    stock_rows,
)

STATES = {
    "status": ours.status,
    "payment": ours.payment_state,
    "shipment": ours.shipment_state,
    "return": ours.return_state,
}
"""The axes of an order, as cases of our own name them."""


DAY = Preferences(
    hours=BusinessCalendar(
        timezone=UTC, shifts=[Shift(start=time(7), end=time(21), weekdays=range(7))]
    ),
    muted=["parcel.out_for_delivery"],
)
"""When customers of cases may be disturbed, and what they do not want to hear."""


def wishes_of(given: Raw) -> Preferences:
    """How the customer of a case wants to be told: media with consent or without, muted kinds."""
    if "preferences" not in given:
        return DAY
    contacts = [
        Contact(medium=medium, recipient=f"my {medium}", informs=informs)
        for medium, informs in given["preferences"].get("contacts", ())
    ]
    muted = given["preferences"].get("muted", ())
    return Preferences(hours=DAY.hours, contacts=contacts, muted=muted)


def mail_of(steps: Iterable[tuple[Raw, ours.Step]], wishes: Preferences = DAY) -> list[list[Any]]:
    """What goes out to the customer, as the hour and the kinds: what waits may be overtaken.

    And by which medium, where they said which they like.
    """
    mail: list[list[Any]] = []
    waiting: list[Delivery] = []
    for number, (raw, step) in enumerate(steps):
        now = START + raw.get("now", number) * HOUR
        mail += due_rows(each for each in waiting if each.send_at <= now)
        unsent = [each for part in waiting if part.send_at > now for each in part.messages]
        news = [each for each in step.notifications if each.audience == "customer"]
        parts = deliveries([*unsent, *news], usual=wishes, now=now).deliveries
        mail += due_rows(each for each in parts if each.send_at <= now)
        waiting = [each for each in parts if each.send_at > now]
    return [*mail, *due_rows(waiting)]


def due_rows(parts: Iterable[Delivery]) -> list[list[Any]]:
    """Deliveries, as the hour and the kinds."""
    return [
        [
            (each.send_at - START) / HOUR,
            [str(message.kind) for message in each.messages],
            *([str(each.medium)] if each.recipient.startswith("my ") else []),
        ]
        for each in parts
    ]


def is_asked(action: ours.Action, raw: Raw, because: str) -> bool:
    """Whether an action of a step is the one that a case lists."""
    if because != raw["because"] or type(action) is not ACTIONS[raw["do"]]:
        return False
    if "units" in raw and dict(getattr(action, "units", ())) != raw["units"]:
        return False
    if raw.get("fulfilment", "") not in ("", getattr(action, "fulfilment", "")):
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


@pytest.mark.parametrize("case", cases(FURTHER), ids=lambda case: case["id"])
def test_what_our_own_cases_want_to_know_beside(case: dict[str, Any]) -> None:
    """Reasons of refusals, states, deadlines, words of messages, and that nothing else is asked.

    Each only where a case says it: an event its `refusal`, `then` its `states`, `withdrawal` (by
    line), `mail` (when what goes out to a customer who sleeps at night) and `no_other` (kinds of
    actions of which all are listed), a message its last `rows` (of a line: what it is about, what
    is open, what is cancelled) and what it `says`.
    """
    then = case["then"]
    steps = list(steps_of(case))
    refusals = [(raw["refusal"], step.refusal) for raw, step in steps if "refusal" in raw]
    assert [refusal and refusal.code for _, refusal in refusals] == [code for code, _ in refusals]
    record = steps[-1][1].record
    states = {axis: str(STATES[axis](record)) for axis in then.get("states", {})}
    assert states == then.get("states", {})
    if "withdrawal" in then:
        ends = ours.withdrawal_ends(record)
        dates = {line_id: at and at.isoformat() for line_id, at in ends.items()}
        assert dates == then["withdrawal"]
    classes = tuple(ACTIONS[kind] for kind in then.get("no_other", ()))
    number = sum(isinstance(action, classes) for _, step in steps for action in step.actions)
    assert number == sum(raw["do"] in then.get("no_other", ()) for raw in then["actions"])
    mail = mail_of(steps, wishes_of(case["given"]))
    assert mail == then.get("mail", mail)
    for raw in then["messages"]:
        message = [
            each
            for _, step in steps
            for each in step.notifications
            if (str(each.kind), str(each.audience)) in [(k, raw["to"]) for k in KINDS[raw["kind"]]]
        ][-1]
        rows = {line_id: list(units) for line_id, _, _, *units, _ in message.lines}
        assert raw.get("rows", rows) == rows
        assert raw.get("says", {}).items() <= dict(message.reasons).items()
