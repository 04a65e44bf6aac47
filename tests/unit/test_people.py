"""What people say of orders: this may pass, this is turned down, this has to wait."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import attrs
import pytest
from builders import NOW, decide, line, mugs, order, recorded, refusal, reserved, run

from fulfill_core import (
    Approval,
    Context,
    Customer,
    Finding,
    Hold,
    Kind,
    Order,
    Outcome,
    Payment,
    Rejection,
    Severity,
    explain,
    hold,
    process,
    reject,
)

HOUR = timedelta(hours=1)
NAIVE = datetime(2026, 3, 2)  # noqa: DTZ001 - it is there to be refused
UNPAID = order(
    "A-1",
    lines=[line(quantity=2, unit_price=Decimal(5))],
    payments=[Payment(id="p1", amount=Decimal(9))],
)


def approved(*codes: str, of: Order = UNPAID, by: str = "Grace") -> Approval:
    """An approval of these codes, for the order as it is."""
    return Approval(order_id=of.id, fingerprint=of.fingerprint, any_later=codes, by=by, at=NOW)


def turned_down(of: Order = UNPAID, **changes: Any) -> Rejection:
    """A rejection of the order as it is."""
    content: dict[str, Any] = {"by": "Grace", "at": NOW, **changes}
    return Rejection(order_id=of.id, fingerprint=of.fingerprint, **content)


def stop(source: str = "fraud team", code: str = "shop.look_closer", **changes: Any) -> Hold:
    """A hold on A-1."""
    return Hold(order_id="A-1", source=source, code=code, **{"at": NOW, **changes})


def rulings(*said: Approval | Rejection | Hold) -> dict[str, Any]:
    """What people said, as `run` takes it."""
    return {
        "approvals": [each for each in said if isinstance(each, Approval)],
        "rejections": [each for each in said if isinstance(each, Rejection)],
        "holds": [each for each in said if isinstance(each, Hold)],
    }


# -- Approvals -------------------------------------------------------------------------------------


def test_approving_is_not_capturing() -> None:
    """An approval says that a finding need not stop the order. Its payments are what they were, and
    so is what is still missing.
    """
    decision = decide(UNPAID, mugs(berlin=5), **rulings(approved("payment.insufficient")))
    assert decision.outcome is Outcome.ALLOCATED
    assert decision.order is UNPAID
    assert decision.order.payments == (Payment(id="p1", amount=Decimal(9)),)
    [finding] = decision.findings
    assert finding.detail == "9 of 10 EUR is paid or authorised; 1 EUR is missing."


def test_what_is_waived_is_still_shown() -> None:
    """With its own severity, and with who waived it and when; `explain` says it too."""
    result = run(UNPAID, stock=mugs(berlin=5), **rulings(approved("payment.insufficient")))
    [finding] = result["A-1"].findings
    assert (finding.code, finding.severity) == ("payment.insufficient", Severity.HOLD)
    assert (finding.waived_by, finding.waived_at) == ("Grace", NOW)
    assert explain(result, "A-1").sentences[-1] == (
        "Grace approved it in spite of this, at 2026-03-02 12:00 UTC: 9 of 10 EUR is paid or"
        " authorised; 1 EUR is missing."
    )


@pytest.mark.parametrize(
    "change",
    [
        {"customer": Customer(id="C-1", name="Eve", email="ada@example.com")},
        {"lines": [line(quantity=3, unit_price=Decimal(5))]},
        {"ship_to": None},
        {"shipping": Decimal("0.01")},
    ],
    ids=lambda change: next(iter(change)),
)
def test_an_approval_is_of_one_version(change: dict[str, Any]) -> None:
    """An order in which anything was changed that one judges is judged anew: nobody has seen it."""
    changed = attrs.evolve(UNPAID, **change)
    known = rulings(approved("payment.insufficient"))
    assert decide(changed, mugs(berlin=5), **known).outcome is Outcome.HELD
    assert decide(UNPAID, mugs(berlin=5), **known).outcome is Outcome.ALLOCATED


def test_an_order_that_is_changed_back_is_the_version_that_was_seen() -> None:
    """What counts is what the order says, not how often it was edited."""
    there = attrs.evolve(UNPAID, shipping=Decimal(1))
    back = attrs.evolve(there, shipping=Decimal("0.00"))
    known = rulings(approved("payment.insufficient"))
    assert decide(back, mugs(berlin=5), **known).outcome is Outcome.ALLOCATED


PRINTS_FINGERPRINT = """
from datetime import UTC, datetime
from decimal import Decimal
from fulfill_core import Customer, Order, OrderLine
print(Order(
    id="A-1", placed_at=datetime(2026, 3, 2, tzinfo=UTC), currency="EUR",
    customer=Customer(id="C-1"),
    lines=[OrderLine(id=str(at), sku=f"s{at}", quantity=at) for at in range(1, 9)],
    tags={"gift", "express", "fragile", "b2b"},
    attributes={"wrap": "yes", "note": "ring twice", "source": "web"},
).fingerprint)
"""


def test_a_fingerprint_is_the_same_whatever_the_hash_seed() -> None:
    """Sets have another sequence in every process; the version of an order has not."""
    seen = {
        subprocess.run(
            [sys.executable, "-c", PRINTS_FINGERPRINT],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "4242")
    }
    assert len(seen) == 1
    assert len(seen.pop().strip()) == 64


def test_an_order_placed_to_try_something_out_is_never_waived() -> None:
    """No approval lets a test order pass, whatever else it lets pass."""

    def trial(order: Order, /, *, context: Context) -> Iterable[Finding]:
        return [hold("order.test"), hold("test.other")]

    decision = decide(
        UNPAID,
        mugs(berlin=5),
        verifiers=[trial],
        **rulings(approved("order.test", "test.other")),
    )
    assert decision.outcome is Outcome.HELD
    assert [(each.code, each.is_waived) for each in decision.findings] == [
        ("order.test", False),
        ("test.other", True),
    ]


def test_an_approval_waives_what_a_verifier_rejects() -> None:
    """Also what is harsher than a hold, and what a person said, if it is named."""
    never: Any = lambda order, context: [reject("shop.not_here")]  # noqa: E731
    said = [turned_down(), stop()]
    codes = "shop.not_here", "review.rejected", "shop.look_closer"
    for missing in range(4):
        known = rulings(*said, approved(*codes[missing:]))
        decision = decide(UNPAID, mugs(berlin=5), verifiers=[never], **known)
        assert (decision.outcome is Outcome.ALLOCATED) is (missing == 0)


# -- Rejections ------------------------------------------------------------------------------------


def test_a_person_may_turn_an_order_down() -> None:
    """It is a finding of its own, with who, when and why; the customer hears that it is so."""
    result = run(
        order("A-1", 1),
        stock=mugs(berlin=5),
        verifiers=(),
        **rulings(turned_down(order("A-1", 1), reason="A stolen card.")),
    )
    assert result["A-1"].outcome is Outcome.REJECTED
    assert result["A-1"].findings == (
        reject(
            "review.rejected",
            field="id",
            detail="Grace turned this order down at 2026-03-02 12:00 UTC: A stolen card.",
            evidence="Grace 2026-03-02T12:00:00+00:00",
        ),
    )
    assert [message.kind for message in result.notifications] == [Kind.REJECTED]


def test_a_rejection_needs_no_reason() -> None:
    """Then the sentence ends without one; the time is told in UTC, whatever zone it came in."""
    at = NOW.astimezone(timezone(2 * HOUR))
    assert turned_down(at=at).finding().detail == (
        "Grace turned this order down at 2026-03-02 12:00 UTC."
    )


def test_a_rejection_is_of_one_version() -> None:
    """A changed order is judged anew, and is not turned down by what was said of the old one."""
    changed = attrs.evolve(UNPAID, discount=Decimal(1))
    known = rulings(turned_down())
    assert decide(UNPAID, mugs(berlin=5), **known).outcome is Outcome.REJECTED
    assert decide(changed, mugs(berlin=5), **known).outcome is Outcome.ALLOCATED


def test_several_rejections_are_told_one_by_one() -> None:
    """The same person, two reasons: two findings."""
    known = rulings(
        turned_down(reason="One."), turned_down(reason="Two."), turned_down(reason="Two.")
    )
    decision = decide(UNPAID, verifiers=(), **known)
    assert [each.detail.rpartition(" ")[2] for each in decision.findings] == ["One.", "Two."]


# -- Holds -----------------------------------------------------------------------------------------


def test_a_hold_is_a_finding_with_its_source() -> None:
    """Without a sentence it says who stopped the order; its evidence says when."""
    assert stop().finding() == Finding(
        code="shop.look_closer",
        severity=Severity.HOLD,
        field="id",
        detail="It was stopped by fraud team.",
        source="fraud team",
        evidence="2026-03-02T12:00:00+00:00 It was stopped by fraud team.",
    )
    on_line = stop(line_id="2", detail="The lid may break.").finding()
    assert (on_line.field, on_line.line_id, on_line.detail) == (
        "lines[2]",
        "2",
        "The lid may break.",
    )


def test_holds_are_many_and_released_one_by_one() -> None:
    """The order goes on when none is left, and not before."""
    stops = [
        stop("fraud team"),
        stop("fraud team", "shop.other"),
        stop("warehouse"),
        stop("warehouse", line_id="1"),
    ]
    assert len({put.key for put in stops}) == 4
    good = order("A-1", 1)
    for left in range(4, 0, -1):
        decision = decide(good, mugs(berlin=5), verifiers=(), **rulings(*stops[:left]))
        assert decision.outcome is Outcome.HELD
        assert {(each.source, each.code, each.line_id) for each in decision.findings} == {
            put.key for put in stops[:left]
        }
    assert decide(good, mugs(berlin=5), verifiers=()).outcome is Outcome.ALLOCATED


def test_an_order_goes_on_from_where_it_was() -> None:
    """What it had reserved before somebody stopped it, it keeps while it waits; when it goes on, it
    still has it and is topped up.
    """
    good = order("A-1", 3)
    stock = mugs(berlin=2)
    before = process([good], stock, now=NOW, verifiers=())
    records = recorded(good, holds=[stop()])
    held = process(records, before.inventory, now=NOW + HOUR, verifiers=())
    assert (held["A-1"].outcome, held["A-1"].allocations) == (Outcome.HELD, ())
    assert held.inventory == before.inventory
    assert [each.quantity for each in held["A-1"].reserved] == [2]
    more = held.inventory.with_received("mug", "berlin", 5)
    after = process([good], more, now=NOW + 2 * HOUR, verifiers=())["A-1"]
    assert after.outcome is Outcome.ALLOCATED
    assert [(status.reserved, status.allocated) for status in after.lines] == [(2, 1)]


def test_others_do_not_get_what_a_held_order_has() -> None:
    """It is reserved, whatever comes behind."""
    stock = mugs(berlin=2).with_reserved(reserved(quantity=2))
    result = run(order("A-1", 2), order("A-2", 1), stock=stock, verifiers=(), **rulings(stop()))
    assert result["A-2"].outcome is Outcome.UNFULFILLABLE


def test_a_hold_is_for_any_version() -> None:
    """Whoever stopped the order does not want it to go because its address was changed."""
    known = rulings(stop())
    for subject in (order("A-1", 1), order("A-1", 2), order("A-1", 1, channel="web")):
        decision = decide(subject, mugs(berlin=5), verifiers=(), **known)
        assert decision.outcome is Outcome.HELD


def test_an_approval_of_a_held_code_is_for_one_version() -> None:
    """A hold that was waived counts again once the order is changed."""
    good = order("A-1", 1)
    known = rulings(stop(), approved("shop.look_closer", of=good))
    assert decide(good, mugs(berlin=5), verifiers=(), **known).outcome is Outcome.ALLOCATED
    changed = order("A-1", 2)
    assert decide(changed, mugs(berlin=5), verifiers=(), **known).outcome is Outcome.HELD


def test_people_speak_of_one_order() -> None:
    """What they say of one does not touch the others of its batch."""
    good, other = order("A-1", 1), order("A-9", 1)
    known = rulings(Hold(order_id="A-9", source="x", code="a.b", at=NOW), turned_down(other))
    result = run(good, other, stock=mugs(berlin=5), **known)
    assert [result[each.id].outcome for each in (good, other)] == [
        Outcome.ALLOCATED,
        Outcome.REJECTED,
    ]


def test_of_a_conflicting_duplicate_nothing_else_is_said() -> None:
    """Which of them people meant is not known."""
    known = rulings(stop(), turned_down())
    result = run(UNPAID, attrs.evolve(UNPAID, channel="x"), **known)
    assert [each.code for each in result["A-1"].findings] == ["order.conflicting_duplicate"]


# -- As values -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: approved(of=attrs.evolve(UNPAID, id=" x"), by=" "),
            "Approval.by: ' ' is empty; pass at least one visible character",
        ),
        (
            lambda: Approval(order_id="", fingerprint="f", any_later=[], by="x", at=NOW),
            "Approval.order_id: '' is empty; pass at least one visible character",
        ),
        (
            lambda: Approval(order_id="A", fingerprint="", any_later=[], by="x", at=NOW),
            "Approval.fingerprint: '' is empty; pass at least one visible character",
        ),
        (
            lambda: Approval(order_id="A", fingerprint="f", any_later="a.b", by="x", at=NOW),
            "Approval.any_later: 'a.b' is not a collection of words; pass a set or a list of str",
        ),
        (
            lambda: Rejection(order_id="A", fingerprint="", by="x", at=NOW),
            "Rejection.fingerprint: '' is empty; pass at least one visible character",
        ),
        (
            lambda: turned_down(by=None),
            "Rejection.by: None is not an id; pass a str, such as 'A-17'",
        ),
        (
            lambda: turned_down(at="today"),
            "Rejection.at: 'today' is not a datetime; pass an aware datetime",
        ),
        (
            lambda: turned_down(reason=None),
            "Rejection.reason: None is not text; pass '' if there is none",
        ),
        (
            lambda: stop(source=""),
            "Hold.source: '' is empty; pass at least one visible character",
        ),
        (
            lambda: stop(code="Recall"),
            "Hold.code: 'Recall' is not dotted lower case, such as 'address.po_box'",
        ),
        (
            lambda: stop(code="order.test"),
            "Hold.code: 'order.test' is the run's own; take another one",
        ),
        (lambda: stop(line_id=2), "Hold.line_id: 2 is not text; pass a str"),
        (lambda: stop(detail=None), "Hold.detail: None is not text; pass '' if there is none"),
        (
            lambda: Hold(order_id="", source="x", code="a.b", at=NOW),
            "Hold.order_id: '' is empty; pass at least one visible character",
        ),
    ],
    ids=range(14),
)
def test_what_is_malformed_is_refused(make: Any, message: str) -> None:
    """The error names the field, the value and what to pass."""
    assert refusal(make) == message


def test_a_naive_time_is_refused() -> None:
    """Nobody can say when that was."""
    expected = (
        "{}.at: datetime.datetime(2026, 3, 2, 0, 0) is naive; pass it with a tzinfo, such as"
        " timezone.utc"
    )
    assert refusal(turned_down, at=NAIVE) == expected.format("Rejection")
    assert refusal(attrs.evolve, approved(), at=NAIVE) == expected.format("Approval")
