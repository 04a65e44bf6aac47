"""Covered or not, against sums in fractions; what is due, and what to capture from where."""

from __future__ import annotations

import math
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from typing import Any

import attrs
import pytest
from builders import CONTEXT, NOW, line, order, refusal, steps
from effort import FEWER
from hypothesis import given
from hypothesis import strategies as st

from fulfill_core import Finding, Order, Payment, PaymentStatus, Severity
from fulfill_core.records.collecting import amount_due, to_capture
from fulfill_core.verifiers.payment import covers_total

AUTHORIZED, CAPTURED = PaymentStatus.AUTHORIZED, PaymentStatus.CAPTURED
PENDING, DECLINED, VOIDED = PaymentStatus.PENDING, PaymentStatus.DECLINED, PaymentStatus.VOIDED
HOUR = timedelta(hours=1)
STRICT = covers_total()
SAID_IN_A_WORD = [status for status in PaymentStatus if not status.startswith("partially_")]


def findings(subject: Order, verifier: Any = STRICT) -> list[Finding]:
    """What a verifier notices about an order."""
    return list(verifier(subject, context=CONTEXT))


def paid(*payments: Payment, total: str = "20", **changes: Any) -> Order:
    """An order over 20 EUR with these payments."""
    return order(lines=[line(unit_price=Decimal(total))], payments=payments, **changes)


def payment(
    amount: str, status: PaymentStatus = AUTHORIZED, payment_id: str = "p1", **changes: Any
) -> Payment:
    """A payment in euros."""
    return Payment(id=payment_id, amount=Decimal(amount), status=status, **changes)


# -- An oracle -------------------------------------------------------------------------------------

DIGITS = {"EUR": 2, "JPY": 0, "KWD": 3, "BTC": None}
amounts = st.sampled_from(
    ["0", "0.00", "0.004", "0.005", "0.01", "0.02", "0.5", "1", "2.50", "9.995", "10", "1E+2"]
)
instants = st.sampled_from([None, NOW - HOUR, NOW, NOW + HOUR, NOW + 2 * HOUR])


@st.composite
def paid_orders(draw: st.DrawFn) -> Order:
    """Orders with a few payments of all kinds, in sums that nearly fit."""
    payments = [
        payment(
            draw(amounts),
            draw(st.sampled_from(SAID_IN_A_WORD)),
            f"p{number}",
            method=draw(st.sampled_from(["card", "gift_card", "invoice"])),
            expires_at=draw(instants),
        )
        for number in range(draw(st.integers(0, 5)))
    ]
    return order(
        lines=[
            line(str(number), unit_price=Decimal(draw(amounts)), quantity=draw(st.integers(1, 3)))
            for number in range(draw(st.integers(0, 3)))
        ],
        payments=payments,
        discount=Decimal(draw(amounts)),
        currency=draw(st.sampled_from(sorted(DIGITS))),
    )


def rounded(amount: Fraction, currency: str) -> Fraction:
    """Half up, in whole units of the last digit."""
    digits = DIGITS[currency]
    if digits is None:
        return amount
    return Fraction(math.floor(amount * 10**digits + Fraction(1, 2)), 10**digits)


def worth(subject: Order, at: datetime, *, later: bool) -> Fraction:
    """What counts towards the total, added up in fractions."""
    counting: list[Fraction] = []
    for each in subject.payments:
        is_good = each.expires_at is None or each.expires_at > at
        if (
            each.status == "captured"
            or (each.status == "authorized" and is_good)
            or (later and each.status == "pending" and each.method == "invoice")
        ):
            counting.append(Fraction(each.amount))
    return sum(counting, Fraction(0))


@FEWER
@given(paid_orders(), st.booleans(), st.sampled_from(["0", "0.01", "1"]))
def test_covered_is_what_fractions_say(subject: Order, later: bool, tolerated: str) -> None:
    """An order goes on exactly if what counts, and what is tolerated, reaches the total at the
    precision of the currency; if it is not equal, that is told.
    """
    rule = covers_total(
        tolerance={subject.currency: Decimal(tolerated)}, pay_later={"invoice"} if later else ()
    )
    total = Fraction(subject.total)
    have = rounded(worth(subject, NOW, later=later), subject.currency)
    due = rounded(total, subject.currency)
    is_covered = total <= 0 or have + Fraction(tolerated) >= due
    found = findings(subject, rule)
    assert is_covered == all(each.severity is Severity.NOTE for each in found)
    assert is_covered == rule.is_covered(subject, at=NOW, due=subject.total)
    assert bool(found) == (total >= 0 and have != due)
    assert rule.counted(subject, at=NOW) == worth(subject, NOW, later=later)


@FEWER
@given(paid_orders())
def test_the_strict_rule_is_the_one_without_settings(subject: Order) -> None:
    """A rule that names a currency and tolerates nothing in it says the same, word for word."""
    nothing = covers_total(tolerance={"EUR": Decimal(0)})
    assert findings(subject) == findings(subject, nothing)
    assert nothing != covers_total()


@FEWER
@given(paid_orders())
def test_a_looser_rule_is_never_harsher(subject: Order) -> None:
    """Who tolerates more, or lets more be paid later, lets more orders go."""
    loose = covers_total(tolerance={"EUR": Decimal(1)}, pay_later={"invoice"})
    if STRICT(subject, context=CONTEXT) == ():
        assert all(each.severity is Severity.NOTE for each in findings(subject, loose))
    if not loose.is_covered(subject, at=NOW, due=subject.total):
        assert not covers_total().is_covered(subject, at=NOW, due=subject.total)


# -- What is left to collect -----------------------------------------------------------------------


def test_what_is_due_is_what_nobody_paid_or_authorised() -> None:
    """Pending, declined and expired payments are still to be paid, whatever their method."""
    subject = paid(
        payment("5", CAPTURED),
        payment("6", AUTHORIZED, "p2"),
        payment("7", AUTHORIZED, "p3", expires_at=NOW),
        payment("8", PENDING, "p4", method="cash_on_delivery"),
        payment("9", DECLINED, "p5"),
    )
    assert amount_due(subject, now=NOW) == Decimal(9)
    assert amount_due(subject, now=NOW - HOUR) == Decimal(2)


@pytest.mark.parametrize(
    ("total", "amount", "currency", "due"),
    [
        ("20", "25", "EUR", "0"),
        ("19.805", "0", "EUR", "19.81"),
        ("19.805", "19.81", "EUR", "0"),
        ("1000.5", "1000", "JPY", "1"),
        ("0.00005", "0", "BTC", "0.00005"),
    ],
)
def test_what_is_due_is_at_the_precision_of_the_currency(
    total: str, amount: str, currency: str, due: str
) -> None:
    """Nobody is asked for half a cent, and nothing is ever due back."""
    subject = paid(payment(amount, CAPTURED), total=total, currency=currency)
    assert amount_due(subject, now=NOW) == Decimal(due)
    assert amount_due(attrs.evolve(subject, discount=Decimal(10**6)), now=NOW) == 0


def test_to_capture_is_what_the_captured_leaves_over() -> None:
    """Captured money is taken off first and never asked for again; the last one gives the rest."""
    subject = paid(
        payment("5", CAPTURED),
        payment("10", AUTHORIZED, "p2"),
        payment("10", AUTHORIZED, "p3"),
        payment("10", AUTHORIZED, "p4"),
    )
    assert to_capture(subject, now=NOW) == (("p2", Decimal(10)), ("p3", Decimal(5)))


def test_what_expires_first_is_captured_first() -> None:
    """Those that never expire come last; equal ones go by id."""
    subject = paid(
        payment("1", AUTHORIZED, "p1"),
        payment("1", AUTHORIZED, "p2", expires_at=NOW + 2 * HOUR),
        payment("1", AUTHORIZED, "p3", expires_at=NOW + HOUR),
        payment("1", AUTHORIZED, "p4", expires_at=NOW),
        payment("1", AUTHORIZED, "p5", expires_at=(NOW + HOUR).astimezone(timezone(9 * HOUR))),
        payment("0", AUTHORIZED, "p6"),
        payment("1", VOIDED, "p7"),
        payment("1", PENDING, "p8", method="invoice"),
    )
    assert [payment_id for payment_id, _ in to_capture(subject, now=NOW)] == [
        "p3",
        "p5",
        "p2",
        "p1",
    ]


def test_what_is_captured_already_is_enough() -> None:
    """Nothing is asked for beyond the total, nor for an order that costs nothing or less."""
    subject = paid(payment("20", CAPTURED), payment("20", AUTHORIZED, "p2"))
    assert to_capture(subject, now=NOW) == ()
    assert to_capture(paid(payment("20"), total="0"), now=NOW) == ()
    assert to_capture(paid(payment("20"), discount=Decimal(30)), now=NOW) == ()
    assert to_capture(paid(payment("25", CAPTURED), payment("5", AUTHORIZED, "p2")), now=NOW) == ()


@FEWER
@given(paid_orders())
def test_what_is_captured_never_exceeds_the_total_and_reaches_it_if_covered(subject: Order) -> None:
    """Each is asked once, for more than nothing and no more than it authorises; all in all no more
    than the total, and the whole of it if it is covered.
    """
    by_id = {each.id: each for each in subject.payments}
    asked = to_capture(subject, now=NOW)
    assert len({payment_id for payment_id, _ in asked}) == len(asked)
    for payment_id, amount in asked:
        assert by_id[payment_id].status is AUTHORIZED
        assert 0 < amount <= by_id[payment_id].amount
        expires_at = by_id[payment_id].expires_at
        assert expires_at is None or expires_at > NOW
    captured = sum((Fraction(p.amount) for p in subject.payments if p.status is CAPTURED), 0)
    total = rounded(Fraction(subject.total), subject.currency)
    in_all = captured + sum((Fraction(amount) for _, amount in asked), Fraction(0))
    if asked:
        assert in_all <= total
    if total > 0 and covers_total().is_covered(subject, at=NOW, due=subject.total):
        assert rounded(in_all, subject.currency) >= total
        assert amount_due(subject, now=NOW) == 0
    else:
        due = total - rounded(worth(subject, NOW, later=False), subject.currency)
        assert amount_due(subject, now=NOW) == max(due, 0)


@pytest.mark.parametrize("function", [amount_due, to_capture])
def test_what_is_asked_about_is_an_order_at_a_time(function: Any) -> None:
    """Something else than an order, or a naive time, is refused."""
    naive = datetime(2026, 3, 2)  # noqa: DTZ001 - it is naive on purpose
    assert refusal(function, None, now=NOW) == "order: None is not of type Order; pass one"
    assert refusal(function, paid(), now=naive) == (
        "now: datetime.datetime(2026, 3, 2, 0, 0) is naive; pass it with a tzinfo, such as"
        " timezone.utc"
    )


@pytest.mark.untraced  # the steps are counted in its place
def test_a_thousand_payments_are_no_burden() -> None:
    """It is linear: each of them is told, and ten times as many take ten times the steps, not a
    hundred times.
    """

    def steps_for(count: int) -> int:
        many = paid(
            *[payment("0.01", PENDING, f"p{number}") for number in range(count)],
            total="1000000",
        )
        assert len(findings(many)) == count + 1
        return steps(lambda: findings(many)) + steps(lambda: to_capture(many, now=NOW))

    assert steps_for(1_000) < 12 * steps_for(100)
