"""What some shops tell beside the rest: receipts, new orders, shortages, lateness."""

from __future__ import annotations

from datetime import timedelta

import attrs
import pytest
from builders import NOW, mugs, order, run

from fulfill_core import Decision, InvalidValueError, Kind, Outcome, Promise, Shipment
from fulfill_core.notifications import customer_and_staff, receipt, staff_news, together
from fulfill_core.records import Context

CONTEXT = Context(now=NOW)


def kinds(decision: Decision, locale: str = "en") -> list[str]:
    """What both tell of a decision."""
    policy = together(receipt(), staff_news(locale=locale))
    return [str(each.kind) for each in policy(decision, context=CONTEXT)]


def test_an_order_is_received_once_whatever_is_decided() -> None:
    """With records; the confirmation is another message, and a later run has nothing to add."""
    policy = together(receipt(), staff_news(), customer_and_staff)
    first = run(order("A-1", 3), stock=mugs(berlin=5), notifications=policy)
    told = [(str(each.kind), each.subject) for each in first.notifications]
    assert told == [
        ("order.received", "receipt"),
        ("order.new", "new_order"),
        ("order.confirmed", "decision"),
    ]
    assert run(*first.records, stock=first.inventory, notifications=policy).notifications == ()


def test_whose_confirmation_nobody_can_have_read_waits_for_the_staff() -> None:
    """What was reserved turned out to be gone: nothing is promised until it is looked at.

    A shop that tells what it received has told it; the confirmation comes with what is there.
    """
    policy = together(receipt(), customer_and_staff)
    first = run(order("A-1", 3), stock=mugs(berlin=5), notifications=policy)
    drafts = [each.id for each in first.notifications if each.kind == Kind.CONFIRMED]
    record = first.records[0].without_told(drafts)
    counted = first.inventory.with_counted("mug", "berlin", 1)
    at_risk = run(record, stock=counted, notifications=policy)
    assert [str(each.kind) for each in at_risk.notifications] == ["order.at_risk"]
    mended = at_risk.inventory.with_counted("mug", "berlin", 5)
    again = run(*at_risk.records, stock=mended, notifications=policy)
    assert [str(each.kind) for each in again.notifications] == ["order.confirmed"]


@pytest.mark.parametrize("outcome", [Outcome.COMPLETED, Outcome.CANCELLED])
def test_of_what_is_over_there_is_nothing_to_tell(outcome: Outcome) -> None:
    """Neither to the customer nor to the staff."""
    assert kinds(Decision(order=order("A-1"), outcome=outcome)) == []


def test_the_staff_hears_of_what_is_short_and_of_what_is_late() -> None:
    """With the lines, and with the dates."""
    result = run(order("A-1", 9), stock=mugs(berlin=5))
    messages = list(staff_news(locale="de")(result["A-1"], context=CONTEXT))
    assert [(str(each.kind), each.locale) for each in messages] == [
        ("order.new", "de"),
        ("order.shortage", "de"),
    ]
    assert messages[1].lines[0][5] == 4
    leaves = NOW + timedelta(days=2)
    shipment = Shipment(
        location="x", lines=[("1", "mug", 1)], ready_at=leaves, ships_at=leaves, delivered_at=leaves
    )
    promise = Promise(shipments=[shipment], deliver_by=NOW)
    late = Decision(order=order("A-1"), outcome=Outcome.ALLOCATED, rank=0, promise=promise)
    [_, message] = staff_news()(late, context=CONTEXT)
    assert message.kind == Kind.LATE
    assert message.reasons == (
        ("deliver_by", NOW.isoformat()),
        ("delivered_at", leaves.isoformat()),
    )
    in_time = attrs.evolve(late, promise=attrs.evolve(promise, deliver_by=leaves))
    assert kinds(in_time) == ["order.received", "order.new"]


def test_a_language_that_is_none_is_refused() -> None:
    """By name."""
    with pytest.raises(InvalidValueError, match=r"^staff_news\.locale: "):
        staff_news(locale="")
