"""What is told of a decision: how many messages, by which policy, and from which date on."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import attrs
import pytest
from builders import NOW, line, mugs, order, record, reserved, run, run_record
from effort import FEWER
from hypothesis import given
from some_promises import ANYWHERE, DAY, HOUR, at, stock

from fulfill_core import (
    Audience,
    Component,
    Context,
    Finding,
    InvalidValueError,
    Inventory,
    Item,
    Kind,
    OrderRecord,
    Result,
    Severity,
    Stock,
    Supply,
    Told,
    hold,
    note,
    process,
    reject,
)
from fulfill_core.notifications import (
    CustomerAndStaff,
    better_promise,
    customer_and_staff,
    receipt,
    staff_news,
)
from fulfill_core.testing import Batch, batches, inventories

POLICIES: list[Any] = [
    customer_and_staff,
    CustomerAndStaff(failures_together=True),
    receipt(),
    staff_news(),
    better_promise(),
]
"""All that are ready made."""
SET = Item(sku="set", components=[Component(sku="mug", quantity=2)])


def says(finding: Finding) -> Any:
    """A verifier that has this to say of every order."""
    return lambda order, /, *, context: [finding]


def worlds() -> dict[str, Result]:
    """A run for each reason why there may be more to tell than what an order gets, or less."""
    later = Supply(id="PO-1", sku="mug", quantity=9, expected_at=NOW + DAY)
    waiting = Inventory(supplies=[later], items=[Item(sku="mug", backorderable=True)])
    two = [line("1", "mug", 2), line("2", "cup", 1)]
    cups = Inventory.of({("mug", "berlin"): 1, ("cup", "berlin"): 0})
    sets = Inventory([Stock(sku="mug", location="berlin", on_hand=9)], items=[SET])
    kept = mugs(berlin=9).with_reserved(reserved(quantity=2, expires_at=NOW + HOUR, made_at=NOW))
    verify: dict[str, Any] = {"verifiers": []}
    return {
        "allocated": run(order("A-1", 2), stock=mugs(berlin=9), **verify),
        "in part": run(order("A-1", 2), stock=mugs(berlin=1), **verify),
        "in part and later": run(
            order("A-1", 2, lines=two), stock=attrs_with(waiting, berlin=1), **verify
        ),
        "later": run(order("A-1", 2), stock=waiting, **verify),
        "never": run(order("A-1", 2), stock=mugs(berlin=0), **verify),
        "some of each": run(order(lines=two), stock=cups, **verify),
        "of sets": run(order(lines=[line("1", "set", 1)]), stock=sets, **verify),
        "scheduled": run(order("A-1", 2, ship_after=NOW + DAY), stock=mugs(berlin=9), **verify),
        "held": run(order("A-1", 2), verifiers=[says(hold("shop.check"))]),
        "rejected": run(order("A-1", 2), verifiers=[says(reject("shop.no"))]),
        "with a note": run(order("A-1", 2), stock=mugs(b=9), verifiers=[says(note("shop.note"))]),
        "reserved": run_record(record(2), kept, **verify),
        "expired": run_record(record(2), kept, now=NOW + DAY, **verify),
        "sent in part": run_record(record(2).with_progress("1", shipped=1), mugs(b=9), **verify),
        "sent": run_record(record(2).with_progress("1", shipped=2), mugs(b=9), **verify),
        "too much": run_record(record(2).with_progress("1", shipped=3), mugs(b=9), **verify),
        "cancelled": run_record(record(2).with_progress("1", cancelled=2), mugs(b=9), **verify),
    }


def attrs_with(waiting: Inventory, **on_hand: int) -> Inventory:
    """The same stock with mugs on hand."""
    return waiting.with_counted("mug", "berlin", on_hand["berlin"])


@pytest.mark.parametrize("policy", POLICIES, ids=repr)
def test_as_many_messages_are_counted_as_there_are(policy: Any) -> None:
    """Whatever there is to say of an order beside what it gets, with records and without."""
    for name, result in worlds().items():
        for context in (result.context, Context(now=result.context.now)):
            counts = {
                decision.id: policy.message_count(decision, context=context)
                for decision in result.decisions
            }
            messages = {
                decision.id: len([*policy(decision, context=context)])
                for decision in result.decisions
            }
            assert (name, counts) == (name, messages)


@given(batches(), inventories())
@FEWER
def test_as_many_are_counted_as_there_are_in_any_batch(batch: Batch, inventory: Inventory) -> None:
    """Of random orders, in random stock."""
    result = process(batch.orders, inventory, now=batch.now)
    for policy in POLICIES:
        for decision in result.decisions:
            count = policy.message_count(decision, context=result.context)
            assert count == len([*policy(decision, context=result.context)])


@pytest.mark.parametrize("policy", POLICIES, ids=repr)
def test_what_is_ready_made_may_be_asked_later(policy: Any) -> None:
    """It says the same whenever it is asked; so a run whose messages nobody reads makes none."""
    assert policy.is_deferrable is True


def test_whether_failures_are_told_together_is_yes_or_no() -> None:
    """Nothing else is taken for one of them."""
    wrong: Any = 1
    with pytest.raises(InvalidValueError, match=r"^CustomerAndStaff\.failures_together: "):
        CustomerAndStaff(failures_together=wrong)


@pytest.mark.parametrize(
    ("step", "messages"),
    [(0, [Kind.DELAYED]), (23, [Kind.DELAYED]), (24, [Kind.DELAYED]), (25, [])],
)
def test_a_date_is_news_from_the_step_on_that_a_shop_says(step: int, messages: list[Kind]) -> None:
    """A delay of just so much is told, one of less is not."""
    told = Told(audience=Audience.CUSTOMER, id="a", delivered_at=at(2, 14), at=NOW - DAY)
    known = OrderRecord(order=order("A-1", 2), told=[told])
    first = run_record(known, stock(5), promise=ANYWHERE, verifiers=[])
    promise = first["A-1"].promise
    assert promise is not None
    assert promise.delivered_at is not None
    before = attrs.evolve(told, delivered_at=promise.delivered_at - DAY)
    result = run_record(
        attrs.evolve(known, told=[before]),
        stock(5),
        promise=ANYWHERE,
        verifiers=[],
        notifications=CustomerAndStaff(date_step=timedelta(hours=step)),
    )
    kinds = [each.kind for each in result.notifications if each.kind == Kind.DELAYED]
    assert kinds == messages


@pytest.mark.parametrize(
    ("finding", "is_told"),
    [
        (Finding(code="payment.expires_before_shipping", severity=Severity.NOTE), True),
        (Finding(code="payment.other", severity=Severity.NOTE), False),
    ],
)
def test_only_an_authorization_that_ends_is_to_be_renewed(finding: Finding, is_told: bool) -> None:
    """The staff hears of it though the order goes on."""
    result = run(order("A-1", 2), stock=mugs(berlin=9), verifiers=[says(finding)])
    kinds = [each.kind for each in result.notifications]
    assert (Kind.AUTHORIZATION_ENDS in kinds) == is_told
