"""The values of the ports: what they hold, and what they refuse."""

from __future__ import annotations

from datetime import timedelta, timezone
from typing import Any

import pytest
from some_hosting import NOON, order

from fulfill_core import InvalidValueError, Inventory, OrderRecord
from fulfill_core.hosting import (
    Attempt,
    CommitPlan,
    Conflict,
    Later,
    Limits,
    Loaded,
    Never,
    OutboxRow,
    Scope,
    Sent,
    Unknown,
)
from fulfill_core.lifecycle import Ask

ASK = Ask(code="shop.look", detail="Look.")
RECORD = OrderRecord(order=order())


def message(**changes: Any) -> OutboxRow:
    """A row of the outbox."""
    return OutboxRow(id="1", order_id="A-1", content=ASK, **changes)


@pytest.mark.parametrize(
    ("make", "problem"),
    [
        (lambda: Scope(order_ids="A-1"), r"Scope\.order_ids"),
        (lambda: Scope(order_ids=[1]), r"Scope\.order_ids\[0\]"),
        (lambda: Scope(skus=["mug", "mug"]), r"Scope\.skus\[1\].*each of them comes once"),
        (lambda: Loaded(inventory=None), r"Loaded\.inventory"),
        (lambda: Loaded(inventory=Inventory(), records=[order()]), r"Loaded\.records\[0\]"),
        (lambda: Loaded(inventory=Inventory(), records=[RECORD, RECORD]), r"Loaded\.records\[1\]"),
        (lambda: Loaded(inventory=Inventory(), versions={"": 1}), r"Loaded\.versions \(key\)"),
        (lambda: Loaded(inventory=Inventory(), versions={"a": -1}), r"Loaded\.versions\['a'\]"),
        (lambda: Loaded(inventory=Inventory(), versions=3), r"Loaded\.versions"),
        (lambda: Loaded(inventory=Inventory(), unreadable=["A-1"]), r"Loaded\.unreadable"),
        (lambda: OutboxRow(id="", order_id="A-1", content=ASK), r"OutboxRow\.id"),
        (lambda: OutboxRow(id="1", order_id="A-1", content="hello"), r"neither a Notification"),
        (lambda: OutboxRow(id="1", order_id="A-1", content=ASK, attempts=-1), r"attempts"),
        (lambda: message(due_at=NOON.replace(tzinfo=None)), r"OutboxRow\.due_at"),
        (lambda: CommitPlan(id="", at=NOON), r"CommitPlan\.id"),
        (lambda: CommitPlan(id="p", at=NOON.replace(tzinfo=None)), r"CommitPlan\.at"),
        (
            lambda: CommitPlan(id="p", at=NOON, expected=[("a", 1), ("a", 1)]),
            r"CommitPlan\.expected\[1\]",
        ),
        (lambda: CommitPlan(id="p", at=NOON, changes=None), r"CommitPlan\.changes"),
        (lambda: CommitPlan(id="p", at=NOON, records=[order()]), r"CommitPlan\.records\[0\]"),
        (lambda: CommitPlan(id="p", at=NOON, decisions=[1]), r"CommitPlan\.decisions\[0\]"),
        (lambda: CommitPlan(id="p", at=NOON, rows=[ASK]), r"CommitPlan\.rows\[0\]"),
        (lambda: CommitPlan(id="p", at=NOON, withdrawn="m1"), r"CommitPlan\.withdrawn"),
        (lambda: Conflict(keys="sku:mug"), r"Conflict\.keys"),
        (lambda: Unknown(reason=None), r"Unknown\.reason"),
        (lambda: Sent(event="captured"), r"Sent\.event.*is no event"),
        (lambda: Later(retry_at=NOON.replace(tzinfo=None)), r"Later\.retry_at"),
        (lambda: Never(reason=""), r"Never\.reason"),
        (lambda: Attempt(row_id="m", at=NOON, result=True), r"is not Sent, Later or Never"),
        (lambda: Attempt(row_id="m", at=NOON, result=Later()), r"does not say when"),
        (lambda: Limits(commits=0), r"Limits\.commits"),
        (lambda: Limits(first_wait=timedelta(-1)), r"Limits\.first_wait"),
        (lambda: Limits(hidden_for=timedelta(0)), r"Limits\.hidden_for.*is no time"),
    ],
)
def test_what_is_malformed_is_refused(make: Any, problem: str) -> None:
    """The error names the field and what is wrong with it."""
    with pytest.raises(InvalidValueError, match=problem):
        make()


def test_a_row_is_due_in_utc() -> None:
    """Wherever it was written: texts of instants sort as the instants do."""
    tokyo = timezone(timedelta(hours=9))
    assert str(message(due_at=NOON.astimezone(tokyo)).due_at) == "2026-03-02 12:00:00+00:00"


def test_versions_are_in_sequence() -> None:
    """In whatever sequence they are given: so locks that are taken by them are taken in one."""
    one = CommitPlan(id="p", at=NOON, expected={"sku:mug": 1, "order:A-1": 2})
    other = CommitPlan(id="p", at=NOON, expected=[("order:A-1", 2), ("sku:mug", 1)])
    assert one == other
    assert one.expected == (("order:A-1", 2), ("sku:mug", 1))


def test_versions_of_a_plan_out_of_sequence_are_sorted() -> None:
    """Pairs are sorted as a mapping is."""
    plan = CommitPlan(id="p", at=NOON, expected=[("sku:mug", 1), ("order:A-1", 2)])
    assert plan.expected == (("order:A-1", 2), ("sku:mug", 1))


def test_what_is_not_there_has_version_0() -> None:
    """Whoever inserts it first is first."""
    assert Loaded(inventory=Inventory()).version_of("sku:mug") == 0
