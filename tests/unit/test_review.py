"""The review desk: who waits for a person, in which sequence, and for what."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import attrs
import pytest
from builders import NOW, line, mugs, order, refusal, run
from some_verifiers import fails, holds, quiet, rejects

from fulfill_core import (
    DEFAULT_VERIFIERS,
    Approval,
    Context,
    Customer,
    Finding,
    Hold,
    Order,
    Outcome,
    Payment,
    PaymentStatus,
    PluginError,
    Rejection,
    Result,
    Review,
    hold,
    note,
    reject,
    review_queue,
)
from fulfill_core.records import FactKind
from fulfill_core.verifiers import needing

DAY = timedelta(days=1)


def queue(result: Result, **options: Any) -> list[str]:
    """The ids, in sequence."""
    return [review.order.id for review in review_queue(result, **options)]


def unpaid(order_id: str, price: int, **changes: Any) -> Order:
    """An order that is held because it is not paid."""
    return order(order_id, lines=[line(unit_price=Decimal(price))], **changes)


# -- Who is in it ----------------------------------------------------------------------------------


def test_who_waits_for_a_person() -> None:
    """Those that are held; not those that go on, are not due, or are turned down."""
    orders = [
        order("A-1", 1),
        unpaid("A-2", 5),
        order("A-3", 1, ship_after=NOW + DAY),
        order("A-4", 1, discount=Decimal(5)),
        order("A-5", 1, customer=Customer(id="C")),
    ]
    result = run(*orders, stock=mugs(berlin=5))
    outcomes = [result[each.id].outcome for each in orders]
    assert outcomes == ["allocated", "held", "scheduled", "rejected", "held"]
    assert queue(result) == ["A-2", "A-5"]


def test_what_stops_it_and_what_does_not() -> None:
    """A review lists the holds that nobody waived: no notes, nothing that was approved."""
    subject = unpaid("A-1", 5, customer=Customer(id="C"))
    approval = Approval(
        order_id="A-1",
        fingerprint=subject.fingerprint,
        any_later=["contact.missing"],
        by="Grace",
        at=NOW,
    )

    def remarks(order: Order, /, *, context: Context) -> Iterable[Finding]:
        return [note("test.noted"), hold("test.held")]

    result = run(subject, verifiers=[remarks, *DEFAULT_VERIFIERS], approvals=[approval])
    [review] = review_queue(result)
    assert review.order is subject
    assert [each.code for each in review.findings] == ["payment.insufficient", "test.held"]
    assert (review.to_approve, review.held_lines) == (
        ("payment.insufficient", "test.held"),
        frozenset(),
    )


def test_nobody_waits() -> None:
    """Then the queue is empty, whatever the currencies are."""
    assert review_queue(run()) == ()
    result = run(order("A-1", 1), order("A-2", 1, currency="USD"), stock=mugs(berlin=5))
    assert review_queue(result) == ()


def test_a_rejection_beside_a_hold_needs_nobody() -> None:
    """The order is turned down: to look at it is to no avail."""
    assert queue(run(order("A-1", 1), verifiers=[holds, rejects])) == []


# -- In which sequence -----------------------------------------------------------------------------


def test_the_most_urgent_first() -> None:
    """The earliest deadline and none last; then the largest total; then the oldest; then by id."""
    orders = [
        unpaid("A-1", 5),
        unpaid("A-2", 5, placed_at=NOW - DAY),
        unpaid("A-3", 9),
        unpaid("A-4", 5, deliver_by=NOW + 2 * DAY),
        unpaid("A-5", 1, deliver_by=NOW + DAY),
        unpaid("A-0", 5),
    ]
    assert queue(run(*orders)) == ["A-5", "A-4", "A-3", "A-2", "A-0", "A-1"]


def test_totals_in_several_currencies_need_rates() -> None:
    """9 dollars are less than 8.50 euros at 1.10, and more than 8."""
    orders = [
        unpaid("A-1", 9, currency="USD"),
        order("A-2", lines=[line(unit_price=Decimal("8.50"))]),
        unpaid("A-3", 8),
    ]
    result = run(*orders)
    rates = {"EUR": Decimal("1.10"), "USD": Decimal(1)}
    assert queue(result, rates=rates) == ["A-2", "A-1", "A-3"]
    assert refusal(review_queue, result) == (
        "rates: None does not say what EUR, USD are worth; pass a dict"
    )
    with pytest.raises(PluginError) as caught:
        review_queue(result, rates={"EUR": Decimal(1)})
    assert caught.value.order_id == "A-1"


def test_one_currency_needs_no_rates() -> None:
    """Not even if orders that do not wait are in others."""
    result = run(unpaid("A-1", 5, currency="JPY"), order("A-2", 1), stock=mugs(berlin=5))
    assert queue(result) == ["A-1"]
    assert queue(result, rates={"JPY": Decimal("0.01")}) == ["A-1"]


def test_a_total_below_zero_comes_last() -> None:
    """Among those without a deadline the larger one comes first, down to the smallest."""
    credit = order("A-1", 1, discount=Decimal(5))
    result = run(credit, unpaid("A-2", 0), verifiers=[holds])
    assert queue(result) == ["A-2", "A-1"]


# -- What each needs -------------------------------------------------------------------------------


def every_kind(order: Order, /, *, context: Context) -> Iterable[Finding]:
    """What a person may waive, and what not."""
    return [hold("test.b"), hold("test.a"), hold("test.a", line_id="1"), hold("order.test")]


def test_each_hold_is_one_thing_to_do() -> None:
    """To judge, to fetch, to ask for, or to correct: each code is in one of these."""
    stops = [
        Hold(order_id="A-1", source="fraud team", code="test.a", at=NOW),
        Hold(order_id="A-1", source="fraud team", code="test.c", line_id="1", at=NOW),
    ]
    needs = needing(quiet, *FactKind)
    [review] = review_queue(run(order("A-1", 1), verifiers=[every_kind, needs], holds=stops))
    assert review.to_approve == ("test.a", "test.b")
    assert review.to_gather == ("customer_facts.missing", "screening.missing")
    assert review.to_release == (
        ("fraud team", "test.a", ""),
        ("fraud team", "test.c", "1"),
    )
    assert review.to_correct == ("order.test",)


def test_a_conflict_is_to_be_corrected() -> None:
    """Nobody can approve two orders at once."""
    [review] = review_queue(run(order("A-1", 1), order("A-1", 2)))
    assert review.to_correct == ("order.conflicting_duplicate",)
    assert (review.to_approve, review.to_gather, review.to_release) == ((), (), ())


def test_a_verifier_that_failed_is_not_approved_along_with_the_rest() -> None:
    """A check that did not run found nothing that one could judge. Who knows better says so by
    name.
    """
    result = run(order("A-1", 1), verifiers=[fails])
    [review] = review_queue(result)
    assert (review.to_approve, review.to_gather) == ((), ("verifier.failed",))
    assert review.approval(by="Grace", at=NOW).findings == ()
    named = review.approval(by="Grace", at=NOW, findings=review.findings)
    passed = run(order("A-1", 1), verifiers=[fails], approvals=[named])
    assert passed["A-1"].outcome is not Outcome.HELD


# -- What comes of it ------------------------------------------------------------------------------


def test_an_approval_is_for_this_version_and_for_all_that_was_shown() -> None:
    """Or for some of it, or for codes whatever comes, if so named. With it the order goes on."""
    subject = unpaid("A-1", 5, customer=Customer(id="C"))
    [review] = review_queue(run(subject))
    approval = review.approval(by="Grace", at=NOW)
    assert approval == Approval(
        order_id="A-1",
        fingerprint=subject.fingerprint,
        findings=review.findings,
        by="Grace",
        at=NOW,
    )
    after = run(subject, stock=mugs(berlin=5), approvals=[approval])
    assert after["A-1"].outcome is Outcome.ALLOCATED
    assert review_queue(after) == ()
    assert [each.code for each in approval.findings] == ["contact.missing", "payment.insufficient"]
    some = review.approval(by="Grace", at=NOW, findings=review.findings[:1])
    left = run(subject, stock=mugs(berlin=5), approvals=[some])
    [review] = review_queue(left)
    assert review.to_approve == ("payment.insufficient",)
    nothing = review.approval(by="Grace", at=NOW, findings=())
    assert (nothing.findings, nothing.any_later) == ((), frozenset())
    codes = review.approval(by="Grace", at=NOW, findings=(), any_later=["payment.insufficient"])
    assert (codes.findings, codes.any_later) == ((), frozenset({"payment.insufficient"}))


def test_a_rejection_is_for_this_version() -> None:
    """With it the order is turned down, and leaves the queue."""
    subject = unpaid("A-1", 5)
    [review] = review_queue(run(subject))
    rejection = review.rejection(by="Grace", at=NOW, reason="Never paid.")
    assert rejection == Rejection(
        order_id="A-1", fingerprint=subject.fingerprint, by="Grace", at=NOW, reason="Never paid."
    )
    assert review.rejection(by="Grace", at=NOW).reason == ""
    after = run(subject, rejections=[rejection])
    assert (after["A-1"].outcome, review_queue(after)) == (Outcome.REJECTED, ())


def test_a_corrected_order_is_in_the_queue_for_what_is_left() -> None:
    """What was said of the version before counts no longer."""
    subject = unpaid("A-1", 5, customer=Customer(id="C"))
    [review] = review_queue(run(subject))
    paid = Payment(id="p1", amount=Decimal(6), status=PaymentStatus.CAPTURED)
    changed = attrs.evolve(subject, payments=[paid], shipping=Decimal(1))
    result = run(
        changed,
        stock=mugs(berlin=5),
        approvals=[review.approval(by="Grace", at=NOW)],
        rejections=[review.rejection(by="Grace", at=NOW)],
    )
    [again] = review_queue(result)
    assert again.to_approve == ("contact.missing",)


def test_a_review_is_a_value() -> None:
    """Equal if it says the same, and a key."""
    one, other = (
        Review(order=order("A-1", 1), findings=iter([hold("a.b")]), held_lines=["1"])
        for _ in range(2)
    )
    assert {one: "found"}[other] == "found"
    assert one != Review(order=order("A-1", 1), findings=[reject("a.b")])


@pytest.mark.parametrize("decisions", [None, 3, "A-1", [None]])
def test_what_are_no_decisions_is_named(decisions: Any) -> None:
    """Such as the ids of orders."""
    assert refusal(review_queue, decisions).startswith("decisions")
