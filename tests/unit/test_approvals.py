"""An approval covers what was seen: the same thing, weighing no more, and no worse."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import attrs
import pytest
from builders import NOW, line, mugs, order, record, refusal, run, run_record

from fulfill_core import (
    Approval,
    Context,
    CustomerFacts,
    Facts,
    Finding,
    Hold,
    Order,
    Outcome,
    PastOrder,
    Payment,
    PaymentStatus,
    Result,
    Screening,
    Severity,
    Verifier,
    hold,
    note,
    reject,
    review_queue,
)
from fulfill_core.verifiers import (
    AccessList,
    authorization_lasts,
    covers_total,
    credit_covers,
    downgrade,
    gateway_answers,
    listed,
    price_drift,
    quantity_limits,
    repeated_order,
    risk_flags,
    risk_score,
    usual_for_customer,
    velocity,
)

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
HOLD = Severity.HOLD
SUBJECT = order("A-1", 1)


def approval(*findings: Finding, **changes: Any) -> Approval:
    """Grace has seen these findings on the order, and lets them pass."""
    content: dict[str, Any] = {"by": "Grace", "at": NOW, "findings": findings, **changes}
    return Approval(order_id="A-1", fingerprint=SUBJECT.fingerprint, **content)


def saying(*findings: Finding) -> Verifier:
    """A verifier with these findings on every order."""

    def verifier(order: Order, /, *, context: Context) -> Iterable[Finding]:
        return findings

    return verifier


def waived_in_run(seen: Finding, now: Finding) -> bool:
    """Whether the approval of one finding waives another one in a run."""
    result = run(SUBJECT, stock=mugs(berlin=5), verifiers=[saying(now)], approvals=[approval(seen)])
    [finding] = result["A-1"].findings
    return finding.is_waived


# -- What is the same, and what is worse -----------------------------------------------------------


@pytest.mark.parametrize(
    ("seen", "now", "is_waived"),
    [
        (hold("a.b", measure=61), hold("a.b", measure=61), True),
        (hold("a.b", measure=61), hold("a.b", measure=58), True),
        (hold("a.b", measure=61), hold("a.b", measure=62), False),
        (hold("a.b", measure=Decimal("61.0")), hold("a.b", measure=61), True),
        (hold("a.b", measure=61), hold("a.b", measure=Decimal("61.01")), False),
        (hold("a.b", measure=-5), hold("a.b", measure=-5), True),
        (hold("a.b", measure=0), hold("a.b", measure=0), True),
        (hold("a.b", measure=0), hold("a.b"), False),
        (hold("a.b"), hold("a.b", measure=0), False),
        (hold("a.b", evidence="p1"), hold("a.b", evidence="p1"), True),
        (hold("a.b", evidence="p1"), hold("a.b", evidence="p2"), False),
        (hold("a.b", evidence="p1", measure=3), hold("a.b", evidence="p2", measure=1), False),
        (hold("a.b", evidence="p1", measure=3), hold("a.b", evidence="p1", measure=1), True),
        (hold("a.b", evidence="p1", measure=3), hold("a.b", evidence="p1"), False),
        (hold("a.b", evidence="p1"), hold("a.b", evidence="p1", measure=0), False),
        (hold("a.b", detail="One."), hold("a.b", detail="One."), True),
        (hold("a.b", detail="One."), hold("a.b", detail="Two."), False),
        (hold("a.b", detail="One.", evidence="e"), hold("a.b", detail="2", evidence="e"), True),
        (hold("a.b", detail="One.", measure=1), hold("a.b", detail="2", measure=1), True),
        (hold("a.b"), hold("a.c"), False),
        (hold("a.b", field="lines"), hold("a.b", field="ship_to"), False),
        (hold("a.b", line_id="1"), hold("a.b", line_id="1"), True),
        (hold("a.b", line_id="2"), hold("a.b", line_id="1"), False),
        (hold("a.b"), hold("a.b", line_id="1"), False),
        (hold("a.b"), reject("a.b"), False),
        (reject("a.b"), hold("a.b"), True),
        (note("a.b"), hold("a.b"), False),
        (reject("a.b", measure=1), hold("a.b", measure=2), False),
        (hold("a.b", measure=9), reject("a.b", measure=1), False),
    ],
)
def test_what_was_seen_and_is_no_worse_is_waived(
    seen: Finding, now: Finding, is_waived: bool
) -> None:
    """The same code, field, line, source and evidence (or, of a finding with neither evidence nor
    measure, the same detail), weighing no more, with a measure that is no higher.
    """
    assert approval(seen).can_waive(now) is is_waived
    assert waived_in_run(seen, now) is is_waived


def test_the_hold_of_the_warehouse_is_not_that_of_the_fraud_team() -> None:
    """They have the same code and the same words; who said it counts."""
    holds = [
        Hold(order_id="A-1", source=source, code="shop.check", detail="Look closer.", at=NOW)
        for source in ("warehouse", "fraud team")
    ]
    approvals = [approval(holds[0].finding())]
    result = run(SUBJECT, stock=mugs(berlin=5), verifiers=(), holds=holds, approvals=approvals)
    assert {each.source: each.is_waived for each in result["A-1"].findings} == {
        "warehouse": True,
        "fraud team": False,
    }
    assert result["A-1"].outcome is Outcome.HELD


def test_a_hold_for_another_reason_was_not_seen() -> None:
    """Who put it there says something else now."""
    first, second = (
        Hold(order_id="A-1", source="x", code="a.b", detail=text, at=NOW)
        for text in ("One.", "Two.")
    )
    assert approval(first.finding()).can_waive(first.finding())
    assert not approval(first.finding()).can_waive(second.finding())


def test_a_hold_that_is_put_on_again_stops_the_order_again() -> None:
    """An approval waives this very hold, in each run; the same one put on later is a new one."""
    first = Hold(order_id="A-1", source="fraud team", code="shop.check", at=NOW)
    known = record(1).with_hold(first)
    seen = run_record(known, mugs(berlin=9))["A-1"].findings
    approved = known.approved(seen, by="Grace", at=NOW)
    for _ in range(2):
        result = run_record(approved, mugs(berlin=9))
        assert result["A-1"].outcome is Outcome.ALLOCATED
        [approved] = result.records
    lifted = approved.without_hold(*first.key)
    again = lifted.with_hold(attrs.evolve(first, at=NOW + HOUR))
    assert run_record(again, mugs(berlin=9))["A-1"].outcome is Outcome.HELD
    assert run_record(lifted.with_hold(first), mugs(berlin=9))["A-1"].outcome is Outcome.ALLOCATED


def test_a_finding_that_was_waived_before_is_approved_as_any_other() -> None:
    """Whether somebody had waived it when it was seen makes no difference."""
    seen = attrs.evolve(hold("a.b"), waived_by="Eve", waived_at=NOW)
    assert approval(seen).can_waive(hold("a.b"))


def test_codes_may_be_waived_whatever_comes() -> None:
    """Heavier, worse, about another thing, and by whom it may be."""
    lenient = approval(any_later=["a.b"])
    for finding in (hold("a.b"), reject("a.b", evidence="new", measure=10**9), note("a.b")):
        assert lenient.can_waive(finding)
    assert lenient.can_waive(Hold(order_id="A-1", source="x", code="a.b", at=NOW).finding())
    assert not lenient.can_waive(hold("a.c"))


@pytest.mark.parametrize("code", ["order.conflicting_duplicate", "order.test"])
def test_some_findings_no_approval_waives(code: str) -> None:
    """Seen or named."""
    assert not approval(hold(code), any_later=[code]).can_waive(hold(code))


def test_an_approval_of_what_is_not_there_waives_nothing() -> None:
    """It is no mistake either: what was seen may have gone by itself."""
    approvals = [approval(hold("a.b"), any_later=["a.c"])]
    result = run(SUBJECT, stock=mugs(berlin=5), verifiers=(), approvals=approvals)
    assert (result["A-1"].outcome, result["A-1"].findings) == (Outcome.ALLOCATED, ())


@pytest.mark.parametrize("sequence", list(itertools.permutations(range(4))))
def test_the_oldest_approval_that_covers_it_counts(sequence: Sequence[int]) -> None:
    """Whether it covers it by what was seen or by its code; those that do not cover it, whatever
    their age, do not count.
    """
    approvals = [
        approval(hold("a.b", measure=1), by="too little", at=NOW - 9 * HOUR),
        approval(hold("a.b", measure=9), by="enough", at=NOW - 7 * HOUR),
        approval(any_later=["a.b"], by="by code", at=NOW - 6 * HOUR),
        approval(hold("a.b", measure=10), by="late", at=NOW - 5 * HOUR),
    ]
    for length, expected in ((4, "enough"), (0, "")):
        some = [approvals[place] for place in sequence[:length]]
        result = run(SUBJECT, verifiers=[saying(hold("a.b", measure=5))], approvals=some)
        assert [each.waived_by for each in result["A-1"].findings] == [expected]
    without = [approvals[place] for place in sequence if place != 1]
    result = run(SUBJECT, verifiers=[saying(hold("a.b", measure=5))], approvals=without)
    assert [each.waived_by for each in result["A-1"].findings] == ["by code"]


def test_what_its_verifier_waived_stays_waived_by_whom_it_was() -> None:
    """An approval does not overwrite it."""
    own = attrs.evolve(hold("a.b"), waived_by="a rule", waived_at=NOW - DAY)
    result = run(SUBJECT, verifiers=[saying(own)], approvals=[approval(hold("a.b"))])
    assert result["A-1"].findings == (own,)


def test_approvals_are_values() -> None:
    """Equal if they say the same, and keys; members are checked, by position."""
    one, other = (approval(hold("a.b", measure=1), any_later=["a.c"]) for _ in range(2))
    assert {one: "seen"}[other] == "seen"
    content: dict[str, Any] = {"order_id": "A", "fingerprint": "f", "by": "Grace", "at": NOW}
    assert Approval(**content).findings == ()
    assert refusal(Approval, **content, findings=[hold("a.b"), "a.b"]) == (
        "Approval.findings[1]: 'a.b' is not of type Finding; pass one"
    )
    assert refusal(Approval, **content, findings="a.b") == (
        "Approval.findings: 'a.b' is not a collection of Finding; pass a list or tuple"
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"evidence": 1}, "Finding.evidence: 1 is not text; pass a str"),
        (
            {"measure": 0.5},
            "Finding.measure: 0.5 is not a number; pass an int or a Decimal, never a float",
        ),
        (
            {"measure": Decimal("NaN")},
            (
                "Finding.measure: Decimal('NaN') is not a number; pass an int or a Decimal, never"
                " a float"
            ),
        ),
        (
            {"measure": True},
            "Finding.measure: True is not a number; pass an int or a Decimal, never a float",
        ),
    ],
)
def test_evidence_is_text_and_a_measure_is_a_number(content: dict[str, Any], message: str) -> None:
    """However the finding is made."""
    for make in (note, hold, reject):
        assert refusal(make, "a.b", **content) == message
    assert refusal(Finding, code="a.b", severity=HOLD, **content) == message


def test_findings_that_differ_by_their_measure_are_two() -> None:
    """They are told in a sequence that does not depend on who noticed them first."""
    findings = [
        hold("a.b"),
        hold("a.b", measure=-1),
        hold("a.b", measure=Decimal("0.5")),
        hold("a.b", measure=7),
        hold("a.b", evidence="x"),
        hold("a.b", evidence="x", measure=0),
    ]
    for sequence in (findings, findings[::-1], findings[3:] + findings[:3]):
        result = run(SUBJECT, verifiers=[saying(*sequence)])
        assert list(result["A-1"].findings) == findings


# -- The ready-made verifiers ----------------------------------------------------------------------

PROXY = {"proxy": HOLD, "stolen": HOLD, "early_fraud_warning": HOLD}
ON_TERMS = Payment(id="p", amount=Decimal(20), method="invoice", status=PaymentStatus.PENDING)
MUGS = {"lines": [line(quantity=2, unit_price=Decimal(10))]}


def screened(**content: Any) -> Facts:
    """What the fraud service said of the order."""
    return Facts(screenings=[Screening(order_id="A-1", **content)])


def credit(used: int, limit: int = 500) -> Facts:
    """How much credit the customer has used up."""
    known = CustomerFacts(
        customer_id="C-1", credit_limit=Decimal(limit), credit_used=Decimal(used), currency="EUR"
    )
    return Facts(customers=[known])


def history(*totals: int) -> Facts:
    """What the customer ordered before, an order an hour, and how much of it."""
    past = [
        PastOrder(
            id=f"B-{number}",
            placed_at=NOW - number * HOUR,
            total=Decimal(total),
            currency="EUR",
            units={"mug": total},
        )
        for number, total in enumerate(totals, start=1)
    ]
    return Facts(customers=[CustomerFacts(customer_id="C-1", orders=past)])


def authorized(until: datetime, payment_id: str = "p1", amount: int = 20) -> dict[str, Any]:
    """An order over 20 EUR with an authorization until then."""
    payment = Payment(id=payment_id, amount=Decimal(amount), expires_at=until)
    return {**MUGS, "payments": [payment]}


def paid(amount: str, **changes: Any) -> dict[str, Any]:
    """An order over 20 EUR with a payment."""
    payment = Payment(id="p1", amount=Decimal(amount), **changes)
    return {**MUGS, "payments": [payment]}


Case = tuple[Verifier, tuple[dict[str, Any], Facts], tuple[dict[str, Any], Facts]]
"""A verifier; an order with what is known of it, as it was seen; and as it is now."""
NO_FACTS = Facts()
DECLINED, ERROR, PENDING = PaymentStatus.DECLINED, PaymentStatus.ERROR, PaymentStatus.PENDING
CLICK = repeated_order(within=DAY)
NO_WORSE: dict[str, Case] = {
    "a lower score": (
        risk_score(hold_at=50),
        ({}, screened(score=61)),
        ({}, screened(score=58)),
    ),
    "one flag less": (
        risk_flags(PROXY),
        ({}, screened(flags=["proxy", "stolen"])),
        ({}, screened(flags=["stolen"])),
    ),
    "less credit used": (
        credit_covers(),
        ({"payments": [ON_TERMS]}, credit(490)),
        ({"payments": [ON_TERMS]}, credit(485)),
    ),
    "less is missing": (covers_total(), (paid("9"), NO_FACTS), (paid("12"), NO_FACTS)),
    "the same failure to ask": (
        covers_total(),
        (paid("20", status=ERROR), NO_FACTS),
        (paid("20", status=ERROR, avs="Y"), NO_FACTS),
    ),
    "the same entry, another address of it": (
        listed(deny=AccessList(ips=["203.0.113.0/24"])),
        ({}, screened(ip="203.0.113.7")),
        ({}, screened(ip="203.0.113.9")),
    ),
    "fewer orders": (
        velocity(at_most=1, within=DAY, per="card"),
        ({}, screened(same_card_at=[NOW - HOUR, NOW - 2 * HOUR])),
        ({}, screened(same_card_at=[NOW - HOUR])),
    ),
    "less beyond the limit": (
        quantity_limits({"mug": 4}, per="customer"),
        (MUGS, history(3)),
        (MUGS, history(2, 1)),
    ),
    "a higher usual": (
        usual_for_customer(value_factor=2, quantity_factor=99),
        (MUGS, history(4, 4, 4)),
        (MUGS, history(5, 5, 5)),
    ),
    "the same answer": (
        gateway_answers(),
        (paid("20", avs="N"), NO_FACTS),
        (paid("20", avs=" n "), NO_FACTS),
    ),
}
WORSE: dict[str, Case] = {
    "a higher score": (
        risk_score(hold_at=50),
        ({}, screened(score=61)),
        ({}, screened(score=99)),
    ),
    "a score that turns it down": (
        risk_score(hold_at=50, reject_at=90),
        ({}, screened(score=61)),
        ({}, screened(score=90)),
    ),
    "another flag": (
        risk_flags(PROXY),
        ({}, screened(flags=["proxy"])),
        ({}, screened(flags=["stolen"])),
    ),
    "a flag more": (
        risk_flags(PROXY),
        ({}, screened(flags=["proxy"])),
        ({}, screened(flags=["proxy", "early_fraud_warning"])),
    ),
    "more credit used": (
        credit_covers(),
        ({"payments": [ON_TERMS]}, credit(490)),
        ({"payments": [ON_TERMS]}, credit(10_500)),
    ),
    "less credit granted": (
        credit_covers(),
        ({"payments": [ON_TERMS]}, credit(490)),
        ({"payments": [ON_TERMS]}, credit(490, 400)),
    ),
    "more is missing": (covers_total(), (paid("9"), NO_FACTS), (paid("8.99"), NO_FACTS)),
    "the next authorization": (
        covers_total(),
        (authorized(NOW - DAY), NO_FACTS),
        (authorized(NOW - HOUR), NO_FACTS),
    ),
    "an authorization of another payment": (
        covers_total(),
        (authorized(NOW - DAY), NO_FACTS),
        (authorized(NOW - DAY, "p2"), NO_FACTS),
    ),
    "an authorization that ends later and too early as well": (
        authorization_lasts(2 * DAY),
        (authorized(NOW + HOUR), NO_FACTS),
        (authorized(NOW + DAY), NO_FACTS),
    ),
    "declined, not failed": (
        covers_total(),
        (paid("20", status=ERROR), NO_FACTS),
        (paid("20", status=DECLINED), NO_FACTS),
    ),
    "more that is not there yet": (
        covers_total(),
        (
            {
                **MUGS,
                "payments": [
                    Payment(id="p1", amount=Decimal(5), status=PENDING),
                    Payment(id="p2", amount=Decimal(15)),
                ],
            },
            NO_FACTS,
        ),
        ({**MUGS, "payments": [Payment(id="p1", amount=Decimal(20), status=PENDING)]}, NO_FACTS),
    ),
    "another entry": (
        listed(deny=AccessList(ips=["203.0.113.0/24", "198.51.100.7"])),
        ({}, screened(ip="203.0.113.7")),
        ({}, screened(ip="198.51.100.7")),
    ),
    "another card": (
        listed(deny=AccessList(cards=["one", "other"])),
        ({}, screened(cards=["one"])),
        ({}, screened(cards=["one", "other"])),
    ),
    "more orders": (
        velocity(at_most=1, within=DAY, per="card"),
        ({}, screened(same_card_at=[NOW - HOUR])),
        ({}, screened(same_card_at=[NOW - HOUR, NOW - 2 * HOUR])),
    ),
    "more beyond the limit": (
        quantity_limits({"mug": 4}, per="customer"),
        (MUGS, history(3)),
        (MUGS, history(3, 1)),
    ),
    "a lower usual": (
        usual_for_customer(value_factor=2, quantity_factor=99),
        (MUGS, history(4, 4, 4)),
        (MUGS, history(3, 3, 3)),
    ),
    "fewer units are usual": (
        usual_for_customer(value_factor=99, quantity_factor=1, at_least_orders=1),
        ({"lines": [line(quantity=9)]}, history(4)),
        ({"lines": [line(quantity=9)]}, history(3)),
    ),
    "another order before": (CLICK, (MUGS, history(1, 2)), (MUGS, history(2))),
    "another answer": (
        downgrade(gateway_answers(), to=HOLD),
        (paid("20", avs="N"), NO_FACTS),
        (paid("20", avs="N", cvv="N"), NO_FACTS),
    ),
}


def approved_then(case: Case) -> Result:
    """All that was found on the order is approved; then the order is run as it is now."""
    verifier, (content, facts), (content_now, facts_now) = case
    first = run(order("A-1", **content), stock=mugs(berlin=99), verifiers=[verifier], facts=facts)
    assert first["A-1"].outcome in {Outcome.HELD, Outcome.REJECTED}
    seen = Approval(
        order_id="A-1",
        fingerprint=first["A-1"].order.fingerprint,
        findings=first["A-1"].findings,
        by="Grace",
        at=NOW,
    )
    again = order("A-1", **content_now)
    assert again.fingerprint == seen.fingerprint
    stock = mugs(berlin=99)
    return run(again, stock=stock, verifiers=[verifier], facts=facts_now, approvals=[seen])


@pytest.mark.parametrize("case", NO_WORSE.values(), ids=NO_WORSE)
def test_what_is_no_worse_passes(case: Case) -> None:
    """The person has seen as much, or more."""
    result = approved_then(case)
    assert result["A-1"].findings
    assert all(each.is_waived for each in result["A-1"].findings)
    assert result["A-1"].outcome is Outcome.ALLOCATED


@pytest.mark.parametrize("case", WORSE.values(), ids=WORSE)
def test_what_is_new_or_worse_stops_the_order_again(case: Case) -> None:
    """Whatever code it has: nobody has seen that."""
    assert approved_then(case)["A-1"].outcome in {Outcome.HELD, Outcome.REJECTED}


def test_a_list_price_that_moved_away_is_worse() -> None:
    """By how much a price is off was approved, and in which direction."""
    subject = order("A-1", lines=[line(unit_price=Decimal(9))])

    def outcome(listed_: int, *approvals: Approval) -> Result:
        verifier = price_drift({("mug", "EUR"): Decimal(listed_)})
        stock = mugs(berlin=9)
        return run(subject, stock=stock, verifiers=[verifier], approvals=approvals)

    [review] = review_queue(outcome(10))
    seen = review.approval(by="Grace", at=NOW)
    held = {price: outcome(price, seen)["A-1"].outcome is Outcome.HELD for price in (8, 9, 10, 11)}
    assert held == {8: True, 9: False, 10: False, 11: True}


def test_time_alone_makes_nothing_worse() -> None:
    """What was approved stays so while the order waits, though what was found gets older."""
    subject = order("A-1", **authorized(NOW - DAY))
    [review] = review_queue(run(subject))
    approvals = [review.approval(by="Grace", at=NOW)]
    for days in (0, 1, 30, 400):
        later = run(subject, stock=mugs(berlin=9), now=NOW + days * DAY, approvals=approvals)
        assert later["A-1"].outcome is Outcome.ALLOCATED


def test_a_verifier_that_fails_in_another_way_was_not_approved() -> None:
    """What it is called and what it raised is known; in which words is not."""

    def failing(error: Exception) -> Verifier:
        def look_up(order: Order, /, *, context: Context) -> Iterable[Finding]:
            raise error

        return look_up

    [review] = review_queue(run(SUBJECT, verifiers=[failing(LookupError("no row 1"))]))
    seen = review.approval(by="Grace", at=NOW, findings=review.findings)
    for error, expected in (
        (LookupError("no row 2"), Outcome.ALLOCATED),
        (TimeoutError("no row 1"), Outcome.HELD),
    ):
        verifiers = [failing(error)]
        result = run(SUBJECT, stock=mugs(berlin=9), verifiers=verifiers, approvals=[seen])
        assert result["A-1"].outcome is expected


def test_one_flag_of_two_may_be_approved() -> None:
    """A finding speaks of one thing: the other flag still stops the order."""
    facts = screened(flags=["proxy", "stolen"])
    [review] = review_queue(run(SUBJECT, verifiers=[risk_flags(PROXY)], facts=facts))
    [proxy, stolen] = review.findings
    assert (proxy.evidence, stolen.evidence) == ("proxy", "stolen")
    approvals = [review.approval(by="G", at=NOW, findings=[proxy])]
    result = run(SUBJECT, verifiers=[risk_flags(PROXY)], facts=facts, approvals=approvals)
    [review] = review_queue(result)
    assert review.findings == (stolen,)


def test_an_approved_order_goes_on_when_it_is_captured() -> None:
    """Taking the money is progress: nobody has to look again."""
    subject = order("A-1", **paid("9.50"))
    [review] = review_queue(run(subject))
    approvals = [review.approval(by="Grace", at=NOW)]
    captured = order("A-1", **paid("9.50", status=PaymentStatus.CAPTURED))
    result = run(captured, stock=mugs(berlin=9), approvals=approvals)
    assert result["A-1"].outcome is Outcome.ALLOCATED


def test_thousands_of_approvals_meet_thousands_of_findings() -> None:
    """Each of a thousand lines was approved by itself, a thousand times."""
    findings = [hold("a.b", line_id=f"{number}", measure=number) for number in range(1_000)]
    approvals = [approval(each) for each in findings]
    result = run(SUBJECT, stock=mugs(berlin=5), verifiers=[saying(*findings)], approvals=approvals)
    assert result["A-1"].outcome is Outcome.ALLOCATED
