"""Authorizations that expire before the goods can leave."""

from __future__ import annotations

import pickle
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from builders import CONTEXT, NOW, line, order, refusal, run
from hypothesis import given
from hypothesis import strategies as st

from fulfill_core import (
    Approval,
    Backorder,
    Context,
    Decision,
    Finding,
    Inventory,
    Item,
    Order,
    Outcome,
    Payment,
    PaymentStatus,
    Severity,
    Stock,
    Supply,
    hold,
    note,
)
from fulfill_core.verifiers.authorization import authorization_lasts
from fulfill_core.verifiers.payment import covers_total

AUTHORIZED, CAPTURED = PaymentStatus.AUTHORIZED, PaymentStatus.CAPTURED
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LASTS = authorization_lasts()
CODE = "payment.expires_before_shipping"

STRICT = covers_total()


def paid(*payments: Payment, total: str = "20", **changes: Any) -> Order:
    """An order over 20 EUR with these payments."""
    return order(lines=[line(unit_price=Decimal(total))], payments=payments, **changes)


def payment(
    amount: str = "20",
    expires_at: datetime | None = NOW + 7 * DAY,
    status: PaymentStatus = AUTHORIZED,
    payment_id: str = "p1",
    **changes: Any,
) -> Payment:
    """A payment in euros; by default an authorization of a week."""
    return Payment(
        id=payment_id, amount=Decimal(amount), status=status, expires_at=expires_at, **changes
    )


def findings(subject: Order, verifier: Any = LASTS) -> list[Finding]:
    """What the rule notices about an order."""
    return list(verifier(subject, context=CONTEXT))


def too_early(
    expires_at: str, leaves_at: str, amount: str = "20", payment_id: str = "p1"
) -> Finding:
    """The finding that an authorization expires before the order can leave."""
    return hold(
        CODE,
        field=f"payments[{payment_id}].expires_at",
        detail=f"The authorization of {amount} EUR expires at {expires_at} UTC; the order leaves"
        f" {leaves_at if 'now' in leaves_at else f'at {leaves_at} UTC'} at the earliest.",
        evidence=f"{payment_id} until {expires_at.replace(' ', 'T')}:00+00:00",
        measure=Decimal(amount),
    )


# -- Before the stock is given out -----------------------------------------------------------------


def test_the_same_finding_reads_the_same_at_any_time() -> None:
    """What moves with now is told as a period: else staff would have other news in each run."""
    slow = authorization_lasts(2 * DAY)
    subject = paid(payment(expires_at=NOW + DAY), ship_after=NOW)
    later = Context(now=NOW + HOUR)
    assert findings(subject, slow) == list(slow(subject, context=later))


@pytest.mark.parametrize(
    ("expires_in", "ship_in", "expected"),
    [
        (7, None, [7, 5]),
        (7, 4, [7, 5]),
        (7, 5, [7, 5]),  # it can't leave in time already; from then on it says so in other words
        (2, None, [2]),
    ],
)
def test_when_time_changes_what_it_says(
    expires_in: int, ship_in: int | None, expected: list[int]
) -> None:
    """When an authorization ends, and when handling takes longer than that; of others never."""
    several = [
        payment(expires_at=NOW + expires_in * DAY),
        payment(payment_id="p2", expires_at=None),
        payment(payment_id="p3", expires_at=NOW + DAY, status=PaymentStatus.CAPTURED),
    ]
    subject = paid(*several, ship_after=None if ship_in is None else NOW + ship_in * DAY)
    found = authorization_lasts(2 * DAY).turning_points(subject, context=CONTEXT)
    assert list(found) == [NOW + days * DAY for days in expected]


def test_an_order_that_may_leave_now_has_nothing_to_fear() -> None:
    """Without handling, and without a day before which it must not leave, now is early enough."""
    assert findings(paid(payment())) == []
    assert findings(paid(payment(expires_at=NOW + timedelta(microseconds=1)))) == []


@pytest.mark.parametrize(
    ("ship_after", "is_late"),
    [
        (NOW + 7 * DAY - timedelta(microseconds=1), False),
        (NOW + 7 * DAY, True),
        (NOW + 8 * DAY, True),
        (NOW - 8 * DAY, False),
    ],
)
def test_until_it_may_leave_it_has_to_last(ship_after: datetime, is_late: bool) -> None:
    """An authorization is worth nothing from the instant at which it expires; a day in the past on
    which it might have left is none.
    """
    assert bool(findings(paid(payment(), ship_after=ship_after))) == is_late


def test_both_dates_are_told() -> None:
    """When it expires and when the order leaves, both in UTC, so that they compare."""
    tokyo = timezone(9 * HOUR)
    subject = paid(
        payment(expires_at=(NOW + 7 * DAY).astimezone(tokyo)),
        ship_after=(NOW + 8 * DAY).astimezone(timezone(-5 * HOUR)),
    )
    assert findings(subject) == [too_early("2026-03-09 12:00", "2026-03-10 12:00")]


def test_handling_comes_on_top() -> None:
    """From the moment that the goods are there until they leave."""
    slow = authorization_lasts(timedelta(days=2))
    soon = payment(expires_at=NOW + DAY)
    assert findings(paid(soon), slow) == [too_early("2026-03-03 12:00", "2 days from now")]
    assert findings(paid(payment(), ship_after=NOW + 4 * DAY), slow) == []
    assert findings(paid(payment(), ship_after=NOW + 5 * DAY), slow) == [
        too_early("2026-03-09 12:00", "2026-03-09 12:00")
    ]


def test_each_authorization_is_told() -> None:
    """One finding for each that expires too early; those that last, or are void, are not told."""
    subject = paid(
        payment("5", NOW + DAY, payment_id="p1"),
        payment("5", NOW + 2 * DAY, payment_id="p2"),
        payment("5", NOW + 9 * DAY, payment_id="p3"),
        payment("5", None, payment_id="p4"),
        payment("0", NOW + DAY, payment_id="p5"),
        payment("5", NOW + DAY, CAPTURED, payment_id="p6"),
        payment("5", NOW + DAY, PaymentStatus.VOIDED, payment_id="p7"),
        payment("5", NOW - DAY, payment_id="p8"),
        total="25",
        ship_after=NOW + 3 * DAY,
    )
    assert findings(subject) == [
        too_early("2026-03-03 12:00", "2026-03-05 12:00", "5", "p1"),
        too_early("2026-03-04 12:00", "2026-03-05 12:00", "5", "p2"),
    ]


def test_what_is_not_needed_may_expire() -> None:
    """If the rest covers the total on that day, nothing is said."""
    later = NOW + 8 * DAY
    assert findings(paid(payment(), payment("20", None, CAPTURED, "p2"), ship_after=later)) == []
    assert findings(paid(payment(), total="0", ship_after=later)) == []
    assert findings(paid(payment(), discount=Decimal(30), ship_after=later)) == []


def test_what_is_not_covered_now_is_for_another_rule_to_say() -> None:
    """It tells only that what is enough today will not be: everything else would be said twice."""
    short = paid(payment("19"), ship_after=NOW + 8 * DAY)
    assert findings(short) == []
    assert [each.code for each in STRICT(short, context=CONTEXT)] == ["payment.insufficient"]


def test_it_goes_by_the_rule_that_is_used_beside_it() -> None:
    """What the shop tolerates, or lets be paid later, counts here as well."""
    later = NOW + 8 * DAY
    half = payment("10", None, PaymentStatus.PENDING, "p2", method="invoice")
    subject = paid(payment("10"), half, ship_after=later)
    assert findings(subject) == []
    lax = authorization_lasts(covers=covers_total(pay_later={"invoice"}))
    assert findings(subject, lax) == [too_early("2026-03-09 12:00", "2026-03-10 12:00", "10")]
    nearly = paid(payment("0.02"), payment("19.98", None, CAPTURED, "p2"), ship_after=later)
    assert [each.detail[:28] for each in findings(nearly)] == ["The authorization of 0.02 EU"]
    lenient = authorization_lasts(covers=covers_total(tolerance={"EUR": Decimal("0.02")}))
    assert findings(nearly, lenient) == []


# -- After the stock was given out -----------------------------------------------------------------


def backordered(subject: Order, *dates: datetime | None) -> Decision:
    """A decision by which something of the order waits, for supplies of these dates."""
    return Decision(
        order=subject,
        outcome=Outcome.BACKORDERED,
        rank=0,
        backorders=[
            Backorder(line_id="1", sku="mug", quantity=1, expected_at=date) for date in dates
        ],
    )


def second_look(decision: Decision, verifier: Any = LASTS) -> list[Finding]:
    """What the rule notices then."""
    return list(verifier.second_look(decision, context=CONTEXT))


def noted(leaves_at: str) -> list[Finding]:
    """What is noted of an authorization of 20 EUR for a week."""
    return [
        note(
            CODE,
            field="payments[p1].expires_at",
            detail="The authorization of 20 EUR expires at 2026-03-09 12:00 UTC; what is"
            f" backordered leaves at {leaves_at} UTC at the earliest.",
            evidence="p1 until 2026-03-09T12:00:00+00:00",
            measure=Decimal(20),
        )
    ]


@pytest.mark.parametrize(
    ("dates", "expected"),
    [
        ([], []),
        ([None], []),
        ([NOW + DAY], []),
        ([NOW - 9 * DAY], []),
        ([NOW + 7 * DAY], noted("2026-03-09 12:00")),
        ([NOW + DAY, NOW + 9 * DAY, NOW + 8 * DAY, None], noted("2026-03-11 12:00")),
    ],
)
def test_what_is_backordered_leaves_with_its_last_supply(
    dates: list[datetime | None], expected: list[Finding]
) -> None:
    """The latest date counts; what has no date says nothing of when."""
    assert second_look(backordered(paid(payment()), *dates)) == expected


def test_what_comes_is_handled_too() -> None:
    """Handling begins when the goods are there, and not before the order may leave."""
    slow = authorization_lasts(timedelta(days=2))
    decision = backordered(paid(payment()), NOW + 5 * DAY)
    assert second_look(decision, slow) == noted("2026-03-09 12:00")
    later = backordered(paid(payment(), ship_after=NOW + 6 * DAY), NOW + DAY)
    assert second_look(later, slow) == noted("2026-03-10 12:00")


def test_a_run_notes_it() -> None:
    """The supply that the order waits for comes after the authorization has expired: that is seen
    once the stock has been given out, stops nothing, and is told with both dates.
    """
    stock = Inventory(
        stock=[Stock(sku="mug", location="berlin", on_hand=1)],
        items=[Item(sku="mug", backorderable=True)],
        supplies=[Supply(id="S", sku="mug", quantity=9, expected_at=NOW + 10 * DAY)],
    )
    subject = order(lines=[line(quantity=2, unit_price=Decimal(10))], payments=[payment()])
    result = run(subject, stock=stock, verifiers=[STRICT, authorization_lasts()])
    assert result["A-1"].outcome == "partially_allocated"
    assert list(result["A-1"].findings) == noted("2026-03-12 12:00")


def test_a_person_may_waive_it() -> None:
    """Whoever is sure to get a new authorization lets the order go."""
    subject = paid(payment(expires_at=NOW + HOUR))
    rules = [STRICT, authorization_lasts(DAY)]
    assert run(subject, verifiers=rules)["A-1"].outcome == "held"
    approval = Approval(
        order_id="A-1", fingerprint=subject.fingerprint, any_later=[CODE], by="Eve", at=NOW
    )
    decision = run(subject, verifiers=rules, approvals=[approval])["A-1"]
    assert decision.outcome == "unfulfillable"
    assert [each.waived_by for each in decision.findings] == ["Eve"]


# -- Laws, settings and bad input ------------------------------------------------------------------


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["5", "10", "20"]),
            st.sampled_from([None, *(NOW + days * DAY for days in range(-1, 6))]),
            st.sampled_from([AUTHORIZED, CAPTURED, PaymentStatus.PENDING]),
        ),
        max_size=4,
    ),
    st.integers(0, 4),
)
def test_it_foretells_what_the_other_rule_will_say(
    content: list[tuple[str, datetime | None, PaymentStatus]], days: int
) -> None:
    """It speaks exactly if `covers_total` is content today, and would not be on the day that the
    order can leave if no payment changed until then.
    """
    payments = [
        payment(amount, expires_at, status, f"p{number}")
        for number, (amount, expires_at, status) in enumerate(content)
    ]
    subject = paid(*payments)
    then = context_at(NOW + days * DAY)
    today = all(each.severity is Severity.NOTE for each in STRICT(subject, context=CONTEXT))
    later = all(each.severity is Severity.NOTE for each in STRICT(subject, context=then))
    assert bool(findings(subject, authorization_lasts(days * DAY))) == (today and not later)


def context_at(now: datetime) -> Any:
    """The context of another time."""
    return type(CONTEXT)(now=now)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"handling": 2}, "handling: 2 is not of type timedelta; pass one"),
        (
            {"handling": -DAY},
            "handling: datetime.timedelta(days=-1) is below zero; pass zero or more",
        ),
        ({"covers": None}, "covers: None is not of type covers_total; pass one"),
    ],
)
def test_a_bad_setting_is_refused(settings: dict[str, Any], message: str) -> None:
    """The error names the setting, the value, and what to pass instead."""
    assert refusal(authorization_lasts, **settings) == f"authorization_lasts.{message}"


def test_a_rule_is_a_value() -> None:
    """Rules with the same settings are equal, can be keys, travel, and say what they are."""
    rule = authorization_lasts(DAY, covers=covers_total(pay_later={"invoice"}))
    assert rule == pickle.loads(pickle.dumps(rule))  # noqa: S301 - our own bytes
    assert len({rule, authorization_lasts(DAY), authorization_lasts()}) == 3
    assert repr(rule) == (
        "authorization_lasts(handling=datetime.timedelta(days=1),"
        " covers=covers_total(pay_later=['invoice']))"
    )


def test_handling_without_end_is_the_end_of_the_calendar() -> None:
    """A handling that leads off the calendar breaks nothing."""
    endless = authorization_lasts(timedelta.max)
    [found] = findings(paid(payment(), total="20"), endless)
    assert found.detail.endswith(f"the order leaves {timedelta.max} from now at the earliest.")
    late = datetime(9999, 12, 31, tzinfo=UTC)
    assert findings(paid(payment(expires_at=late), ship_after=late), endless) == [
        too_early("9999-12-31 00:00", "9999-12-31 23:59")
    ]


def test_a_thousand_authorizations_are_told() -> None:
    """Each of them, and the order is walked a few times only."""
    many = paid(
        *[payment("0.02", payment_id=f"p{number}") for number in range(1000)],
        ship_after=NOW + 8 * DAY,
    )
    assert len(findings(many)) == 1000
