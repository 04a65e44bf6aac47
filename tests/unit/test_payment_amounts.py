"""What a payment is made of: its amounts, the status that follows, its currency."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import attrs
import pytest
from builders import CONTEXT, line, mugs, order, refusal, run
from hypothesis import given
from hypothesis import strategies as st

from fulfill_core import Finding, Order, Outcome, Payment, PaymentStatus, Severity
from fulfill_core.verifiers import amount_due, covers_total, to_capture, to_refund

AMOUNTS = ("authorized", "captured", "refunded", "charged_back")


def payment(amount: str = "20", **content: Any) -> Payment:
    """A payment, with its amounts written as text."""
    amounts = {name: Decimal(content.pop(name)) for name in AMOUNTS if name in content}
    return Payment(**{"id": "p1", "amount": Decimal(amount), **content, **amounts})


def amounts_of(subject: Payment) -> tuple[str, ...]:
    """Authorised, captured, refunded, charged back."""
    return tuple([str(getattr(subject, name)) for name in AMOUNTS])


def paid(*payments: Payment, total: str = "20", **changes: Any) -> Order:
    """An order over 20 EUR with these payments."""
    return order(lines=[line(unit_price=Decimal(total))], payments=payments, **changes)


def findings(subject: Order, rule: Any = covers_total()) -> list[Finding]:  # noqa: B008 - frozen
    """What a rule finds."""
    return list(rule(subject, context=CONTEXT))


def told(subject: Order, rule: Any = covers_total()) -> list[tuple[str, str]]:  # noqa: B008
    """Severity and code of what a rule finds."""
    return [(each.severity.name, each.code) for each in findings(subject, rule)]


# -- Words and amounts -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "amounts"),
    [
        ("authorized", ("20", "0", "0", "0")),
        ("captured", ("0", "20", "0", "0")),
        ("refunded", ("0", "20", "20", "0")),
        ("charged_back", ("0", "20", "0", "20")),
        *[(word, ("0", "0", "0", "0")) for word in ("pending", "declined", "error", "voided")],
    ],
)
def test_a_status_says_the_amounts(word: str, amounts: tuple[str, ...]) -> None:
    """As text or as a member, it stands for the amounts, and is what they say."""
    by_text, by_member = payment(status=word), payment(status=PaymentStatus(word))
    assert by_text == by_member
    assert amounts_of(by_text) == amounts
    assert by_text.status is PaymentStatus(word)
    assert payment(status=word, amount="0").status is PaymentStatus(word)


def test_without_a_word_it_is_authorised() -> None:
    """Neither status nor amounts: the whole amount is authorised."""
    assert payment() == payment(status="authorized") == payment(authorized="20")


@pytest.mark.parametrize(
    ("amounts", "status", "worth"),
    [
        ({"authorized": "8", "captured": "12"}, "partially_captured", "12"),
        ({"captured": "12"}, "partially_captured", "12"),
        ({"captured": "20"}, "captured", "20"),
        ({"captured": "20", "refunded": "5"}, "partially_refunded", "15"),
        ({"captured": "12", "refunded": "12", "authorized": "8"}, "partially_refunded", "0"),
        ({"captured": "12", "refunded": "12"}, "refunded", "0"),
        ({"captured": "20", "charged_back": "20"}, "charged_back", "0"),
        ({"captured": "20", "refunded": "5", "charged_back": "3"}, "charged_back", "12"),
        ({"authorized": "3"}, "authorized", "0"),
        ({"authorized": "0"}, "voided", "0"),
    ],
)
def test_the_status_follows_from_the_amounts(
    amounts: dict[str, str], status: str, worth: str
) -> None:
    """What is authorised, captured and given back says what it is called."""
    subject = payment(**amounts)
    assert (subject.status.value, subject.paid) == (status, Decimal(worth))


@pytest.mark.parametrize(
    ("word", "amounts", "status"),
    [
        ("captured", {"refunded": "5"}, "partially_refunded"),
        ("captured", {"refunded": "20"}, "refunded"),
        ("captured", {"charged_back": "20"}, "charged_back"),
        ("captured", {"authorized": "8"}, "partially_captured"),
        ("authorized", {"captured": "12"}, "partially_captured"),
        ("partially_captured", {"captured": "12"}, "partially_captured"),
        ("partially_refunded", {"refunded": "5"}, "partially_refunded"),
        ("refunded", {"charged_back": "5", "refunded": "15"}, "charged_back"),
        ("charged_back", {"refunded": "5"}, "charged_back"),
        ("pending", {"captured": "0"}, "pending"),
    ],
)
def test_a_coarse_word_and_a_fine_amount_go_together(
    word: str, amounts: dict[str, str], status: str
) -> None:
    """A gateway says "captured" of what was given back in part, and how much: both are true."""
    assert payment(status=word, **amounts).status.value == status


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"status": "captured"}, "20 authorized of 20; pass status=None, and the amounts as they"),
        ({"status": "voided"}, "20 authorized of 20; pass status=None"),
        ({"status": "pending"}, "20 authorized of 20; pass status=None"),
        ({"status": "captured", "authorized": Decimal(0)}, "nothing of 20; pass status=None"),
    ],
)
def test_a_word_against_the_amounts_is_refused(changes: dict[str, Any], message: str) -> None:
    """Else one of them would be a guess, and a payment that was voided would count."""
    assert message in refusal(attrs.evolve, payment(), **changes)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            {"status": "partially_captured"},
            (
                "Payment.status: 'partially_captured' is not what the amounts say, 20 authorized"
                " of 20; pass captured as well"
            ),
        ),
        (
            {"status": "partially_refunded"},
            (
                "Payment.status: 'partially_refunded' is not what the amounts say, 20 captured"
                " of 20; pass refunded as well"
            ),
        ),
        (
            {"captured": "15", "authorized": "6"},
            (
                "Payment.amount: Decimal('20') is less than the 21 that are authorised and"
                " captured; pass what the gateway was asked for in all"
            ),
        ),
        (
            {"status": "authorized", "captured": "30"},
            (
                "Payment.amount: Decimal('20') is less than the 30 that are authorised and"
                " captured; pass what the gateway was asked for in all"
            ),
        ),
        (
            {"captured": "5", "refunded": "500"},
            (
                "Payment.refunded: Decimal('500') makes 500 given back of 5 captured; pass what was"
                " captured in all, and what of it was given back"
            ),
        ),
        (
            {"captured": "5", "refunded": "3", "charged_back": "3"},
            (
                "Payment.charged_back: Decimal('3') makes 6 given back of 5 captured; pass what was"
                " captured in all, and what of it was given back"
            ),
        ),
        (
            {"captured": "-1"},
            (
                "Payment.captured: Decimal('-1') is not an amount; pass a finite Decimal of zero or"
                " more"
            ),
        ),
        (
            {"status": None},
            ("Payment.status: None says nothing, and no amount does; pass a status, or amounts"),
        ),
        ({"currency": "EU"}, "Payment.currency: 'EU' is not a code of 3 letters, such as 'EUR'"),
        ({"currency": None}, "Payment.currency: None is not a code of 3 letters, such as 'EUR'"),
    ],
)
def test_what_cannot_be_is_refused(content: dict[str, Any], message: str) -> None:
    """Each amount is money, no more is there than was asked for, no more goes back than came."""
    assert refusal(payment, **content) == message


@pytest.mark.parametrize("name", AMOUNTS)
def test_an_empty_column_is_no_amount(name: str) -> None:
    """None is refused, and not taken for nothing."""
    assert refusal(Payment, id="p1", amount=Decimal(5), **{name: None}) == (
        f"Payment.{name}: None is not a Decimal; pass Decimal(0) if there is none"
    )


cents = st.integers(0, 2_000).map(lambda number: Decimal(number).scaleb(-2))


@given(cents, cents, cents, cents)
def test_amounts_survive_a_change(
    authorized: Decimal, captured: Decimal, refunded: Decimal, charged_back: Decimal
) -> None:
    """A payment made of the amounts of another is that payment, and its status a true word for
    them; what is paid is what came less what went.
    """
    refunded = min(refunded, captured)
    charged_back = min(charged_back, captured - refunded)
    subject = Payment(
        id="p1",
        amount=authorized + captured,
        authorized=authorized,
        captured=captured,
        refunded=refunded,
        charged_back=charged_back,
    )
    assert attrs.evolve(subject) == subject
    assert subject.paid == captured - refunded - charged_back
    if authorized or captured:
        again = attrs.evolve(subject, status=subject.status)
        assert (again, again.status) == (subject, subject.status)
    assert bool(subject.paid) <= subject.status.endswith(("captured", "refunded", "back"))


# -- What counts -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("amounts", "codes"),
    [
        ({"authorized": "8", "captured": "12"}, []),
        ({"captured": "12"}, [("HOLD", "payment.insufficient")]),
        (
            {"captured": "20", "refunded": "5"},
            [("HOLD", "payment.refunded"), ("HOLD", "payment.insufficient")],
        ),
        (
            {"captured": "20", "charged_back": "20"},
            [("HOLD", "payment.charged_back"), ("HOLD", "payment.insufficient")],
        ),
        ({"captured": "12", "authorized": "8", "expires_at": CONTEXT.now}, "expired"),
    ],
)
def test_each_part_of_a_payment_counts_for_itself(
    amounts: dict[str, Any], codes: list[tuple[str, str]] | str
) -> None:
    """What is captured counts for good, what is authorised until it ends, what went back never."""
    expected = [("HOLD", "payment.expired")] if codes == "expired" else codes
    assert told(paid(payment(**amounts))) == expected


def test_what_went_back_is_said_with_the_amount() -> None:
    """A part is told as a part, the whole as the whole."""
    part, whole = payment(captured="20", refunded="5"), payment(status="charged_back")
    assert [findings(paid(one))[0].detail for one in (part, whole)] == [
        "5 EUR of the payment of 20 EUR was refunded.",
        "The payment of 20 EUR was charged back, so it covers nothing.",
    ]
    assert [findings(paid(one))[0].measure for one in (part, whole)] == [Decimal(5), Decimal(20)]


@pytest.mark.parametrize(
    ("currency", "word"),
    [("JPY", "captured"), ("USD", "authorized"), ("HUF", "pending"), ("XAU", "captured")],
)
def test_money_in_another_currency_covers_nothing(currency: str, word: str) -> None:
    """It holds the order that needs it, and is noted where others are enough."""
    other = payment("100", id="x", status=word, currency=currency.lower())
    expected = [("HOLD", "payment.currency_differs"), ("HOLD", "payment.insufficient")]
    assert told(paid(other)) == expected
    assert findings(paid(other))[0].detail == (
        f"The payment of 100 {currency} covers nothing: the order is in EUR."
    )
    assert told(paid(other, payment())) == [("NOTE", "payment.currency_differs")]
    lenient = covers_total(tolerance={"EUR": Decimal(30)})
    assert {severity for severity, _ in told(paid(other), lenient)} == {"NOTE"}
    assert amount_due(paid(other), now=CONTEXT.now) == Decimal(20)
    assert to_capture(paid(other), now=CONTEXT.now) == ()
    assert to_refund(paid(other)) == ()
    assert covers_total().counted(paid(other, payment("3")), at=CONTEXT.now) == Decimal(3)
    held = run(paid(other), stock=mugs(berlin=5))["A-1"]
    assert held.outcome is Outcome.HELD


def test_the_orders_own_currency_may_be_said() -> None:
    """In any case; a payment of nothing in another one says nothing."""
    assert told(paid(payment(currency="eur"), payment("0", id="x", currency="JPY"))) == []


# -- Far too much ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("amount", "severity"),
    [("20.01", "NOTE"), ("199.99", "NOTE"), ("200", "HOLD"), ("2000", "HOLD"), ("1E+9", "HOLD")],
)
def test_an_overpayment_by_a_factor_stops_the_order(amount: str, severity: str) -> None:
    """From the bound on that the host sets; without one it is a note, however much it is."""
    subject = paid(payment(amount, status="captured"))
    code = "payment.overpaid_by_far" if severity == "HOLD" else "payment.overpaid"
    assert told(subject, covers_total(overpaid_limit=10)) == [(severity, code)]
    assert told(subject) == [("NOTE", "payment.overpaid")]


def test_what_is_free_is_overpaid_by_no_factor() -> None:
    """Every payment is more than ten times nothing."""
    subject = paid(payment("5", status="captured"), total="0")
    assert told(subject, covers_total(overpaid_limit=10)) == [("NOTE", "payment.overpaid")]


@pytest.mark.parametrize("limit", [1, 0, Decimal("0.5"), 10**7])
def test_a_bound_is_a_factor_above_one(limit: Any) -> None:
    """One, or less, would stop every order that is paid."""
    assert refusal(covers_total, overpaid_limit=limit) == (
        f"covers_total.overpaid_limit: {limit!r} is not a factor above 1, up to 1000000; pass one"
    )
    assert "is not a number" in refusal(covers_total, overpaid_limit=1.5)


# -- Gateways with other digits --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("currency", "total", "amount"),
    [
        ("TWD", "1234.40", "1234"),
        ("HUF", "1999.30", "1999"),
        ("HUF", "1999.50", "2000"),
        ("ISK", "1234.40", "1234"),
        ("COP", "50000.49", "50000"),
        ("KWD", "1.2344", "1.234"),
    ],
)
def test_what_a_gateway_cannot_collect_is_not_missing(
    currency: str, total: str, amount: str
) -> None:
    """A gateway without minor units rounds: by the host's table, or where ISO 4217 has none."""
    exponents = {"twd": 0, "HUF": 0, "COP": 0}
    subject = paid(payment(amount, status="captured"), total=total, currency=currency)
    assert told(subject, covers_total(exponents=exponents)) == []
    now = CONTEXT.now
    assert amount_due(subject, now=now, exponents=exponents) == 0
    authorized = paid(payment(total), total=total, currency=currency)
    if Decimal(amount) <= Decimal(total):
        captured = to_capture(authorized, now=now, exponents=exponents)
        assert captured == (("p1", Decimal(amount)),)


def test_terms_are_checked() -> None:
    """A table that can't be is refused by its entry; what is set is shown."""
    assert refusal(covers_total, exponents={"HUF": 9}) == (
        "covers_total.exponents['HUF']: 9 is not an exponent; pass an int from 0 to 8"
    )
    assert refusal(covers_total, exponents=[("HUF", 0), ("huf", 0)]).endswith(
        "was given before; each currency comes once"
    )
    assert repr(covers_total(exponents={"huf": 0}, overpaid_limit=10)) == (
        "covers_total(exponents={'HUF': 0}, overpaid_limit=10)"
    )
    assert Severity.NOTE < Severity.HOLD
