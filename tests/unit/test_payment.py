"""Is the order paid for: what counts, what does not and why, and what is left to collect."""

from __future__ import annotations

import itertools
import pickle
from datetime import UTC, datetime, timedelta
from decimal import ROUND_UP, Decimal, localcontext
from typing import Any

import attrs
import pytest
from builders import CONTEXT, NOW, line, order, refusal

from fulfill_core import Finding, Order, Payment, PaymentStatus, hold, note, reject
from fulfill_core.records.collecting import amount_due, to_capture
from fulfill_core.verifiers.payment import covers_total

AUTHORIZED, CAPTURED = PaymentStatus.AUTHORIZED, PaymentStatus.CAPTURED
PENDING, ERROR, DECLINED = PaymentStatus.PENDING, PaymentStatus.ERROR, PaymentStatus.DECLINED
VOIDED, REFUNDED = PaymentStatus.VOIDED, PaymentStatus.REFUNDED
HOUR = timedelta(hours=1)

NO_DECIMAL = "is not a Decimal; pass money as Decimal('9.90'), never a float"
MINUS_2_CENTS = "Decimal('-0.02') is not an amount; pass a finite Decimal of zero or more"
NO_CODE = "is not a code of 3 letters, such as 'EUR'"
TWICE = "was given before; each currency comes once"
NO_TUPLE = "is no collection of rows; pass a list of (key, value)"
NO_WORDS = "is not a collection of words; pass a set or a list of str"

STRICT = covers_total()
SAID_IN_A_WORD = [status for status in PaymentStatus if not status.startswith("partially_")]


def findings(subject: Order, verifier: Any = STRICT) -> list[Finding]:
    """What a verifier notices about an order."""
    return list(verifier(subject, context=CONTEXT))


def codes(subject: Order, verifier: Any = STRICT) -> list[str]:
    """The codes of what a verifier notices about an order."""
    return [each.code for each in findings(subject, verifier)]


def paid(*payments: Payment, total: str = "20", **changes: Any) -> Order:
    """An order over 20 EUR with these payments."""
    return order(lines=[line(unit_price=Decimal(total))], payments=payments, **changes)


def payment(
    amount: str, status: PaymentStatus = AUTHORIZED, payment_id: str = "p1", **changes: Any
) -> Payment:
    """A payment in euros."""
    return Payment(id=payment_id, amount=Decimal(amount), status=status, **changes)


def missing(paid_: str, missing_: str, total: str = "20", currency: str = "EUR") -> Finding:
    """The finding that something is missing."""
    return hold(
        "payment.insufficient",
        field="payments",
        detail=f"{paid_} of {total} {currency} is paid or authorised;"
        f" {missing_} {currency} is missing.",
        measure=Decimal(missing_),
    )


DECLINED_20 = reject(
    "payment.declined",
    field="payments[p1].status",
    detail="The payment of 20 EUR was declined.",
    evidence="p1",
    measure=Decimal(20),
)
PENDING_20 = hold(
    "payment.pending",
    field="payments[p1].status",
    detail="The payment of 20 EUR is pending: it may still come.",
    evidence="p1",
    measure=Decimal(20),
)
ERROR_20 = hold(
    "payment.error",
    field="payments[p1].status",
    detail="The gateway could not be asked for the payment of 20 EUR, which is no refusal:"
    " ask again.",
    evidence="p1",
    measure=Decimal(20),
)
EXPIRED_20 = hold(
    "payment.expired",
    field="payments[p1].expires_at",
    detail="The authorization of 20 EUR expired at 2026-03-02 12:00 UTC.",
    evidence="p1 until 2026-03-02T12:00:00+00:00",
    measure=Decimal(20),
)
VOIDED_20 = hold(
    "payment.voided",
    field="payments[p1].status",
    detail="The payment of 20 EUR was voided, so it covers nothing.",
    evidence="p1",
    measure=Decimal(20),
)
REFUNDED_20 = hold(
    "payment.refunded",
    field="payments[p1].status",
    detail="The payment of 20 EUR was refunded, so it covers nothing.",
    evidence="p1",
    measure=Decimal(20),
)


# -- Covered ---------------------------------------------------------------------------------------


def test_an_underpayment_of_two_cents_is_held_with_the_numbers() -> None:
    """To the last digit: the tolerance is zero."""
    assert findings(paid(payment("19.78"), total="19.80")) == [missing("19.78", "0.02", "19.80")]


def test_several_tenders_add_up() -> None:
    """A gift card, a voucher and a card cover together what none does alone."""
    subject = paid(
        payment("5", CAPTURED, "p1", method="gift_card"),
        payment("0.00", CAPTURED, "p2", method="voucher"),
        payment("14.99", AUTHORIZED, "p3"),
        payment("0.01", CAPTURED, "p4", method="store_credit"),
    )
    assert findings(subject) == []


def test_vouchers_of_nothing_say_nothing() -> None:
    """29 vouchers of which two are 0.00: whatever became of those two, they are no reason."""
    vouchers = [payment("0.10", CAPTURED, f"v{number:02}") for number in range(27)]
    for status in SAID_IN_A_WORD:
        empty = [payment("0.00", status, f"w{number}", expires_at=NOW) for number in range(2)]
        assert findings(paid(*vouchers, *empty, total="2.70")) == []
        assert findings(paid(*vouchers, *empty, total="2.71")) == [missing("2.70", "0.01", "2.71")]


def test_a_pending_payment_of_nothing_stops_no_refusal() -> None:
    """A payment of 0.00 that is undecided decides nothing for the others."""
    subject = paid(payment("20", DECLINED), payment("0.00", PENDING, "p2"))
    assert findings(subject) == [DECLINED_20, missing("0", "20")]


def test_overpaid_is_a_note() -> None:
    """More than enough stops nothing and is told with the numbers."""
    assert findings(paid(payment("20"), payment("0.50", CAPTURED, "p2"))) == [
        note(
            "payment.overpaid",
            field="payments",
            detail="20.50 EUR is paid or authorised, 0.50 more than the total.",
            measure=Decimal("0.50"),
        )
    ]


@pytest.mark.parametrize("payments", [[], [payment("0")], [payment("20", DECLINED)]], ids=repr)
def test_a_total_of_zero_needs_no_payment(payments: list[Payment]) -> None:
    """What costs nothing is paid for."""
    assert findings(paid(*payments, total="0")) == []


@pytest.mark.parametrize("payments", [[], [payment("1")], [payment("1", DECLINED)]], ids=repr)
def test_a_negative_total_is_not_overpaid(payments: list[Payment]) -> None:
    """Of a total below zero only that is told: it is not a matter of payment."""
    subject = order("A-1", 1, discount=Decimal(5), payments=payments)
    assert findings(subject) == []


def test_nothing_paid_is_insufficient() -> None:
    """An order that costs something and has no payment is held."""
    assert findings(paid()) == [missing("0", "20")]


@pytest.mark.parametrize(("avs", "cvv"), list(itertools.product(["", "N", "Y"], repeat=2)))
def test_unknown_is_not_bad(avs: str, cvv: str) -> None:
    """The gateway's answers on address and security code, or their lack, say nothing of whether
    the total is covered.
    """
    assert findings(paid(payment("20", avs=avs, cvv=cvv))) == []


# -- Precision -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("total", "amount", "currency", "expected"),
    [
        ("19.805", "19.81", "EUR", []),
        ("19.804", "19.80", "EUR", []),
        ("0.004", "0", "EUR", []),
        ("19.805", "19.80", "EUR", [missing("19.80", "0.01", "19.81")]),
        ("1000.4", "1000", "JPY", []),
        ("1000.5", "1000", "JPY", [missing("1000", "1", "1001", "JPY")]),
        ("1.005", "1", "KWD", [missing("1", "0.005", "1.005", "KWD")]),
        ("1.0005", "1.001", "KWD", []),
        ("0.004", "0.003", "BTC", [missing("0.003", "0.001", "0.004", "BTC")]),
        ("0.004", "0.004", "XAU", []),
    ],
)
def test_amounts_are_compared_at_the_precision_of_the_currency(
    total: str, amount: str, currency: str, expected: list[Finding]
) -> None:
    """Nobody can pay half a cent, and a yen has no cents; where ISO 4217 knows no digits, every one
    counts.
    """
    subject = paid(payment(amount, CAPTURED), total=total, currency=currency)
    assert findings(subject) == expected
    assert findings(subject, covers_total()) == expected


def test_what_is_too_much_is_told_as_it_was_paid() -> None:
    """The surplus is the one that can be refunded: whole cents."""
    assert findings(paid(payment("19.90"), total="19.805")) == [
        note(
            "payment.overpaid",
            field="payments",
            detail="19.90 EUR is paid or authorised, 0.09 more than the total.",
            measure=Decimal("0.09"),
        )
    ]


# -- Not covered -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (PENDING, [PENDING_20]),
        (ERROR, [ERROR_20]),
        (VOIDED, [VOIDED_20, missing("0", "20")]),
        (REFUNDED, [REFUNDED_20, missing("0", "20")]),
        (DECLINED, [DECLINED_20, missing("0", "20")]),
    ],
)
def test_what_became_of_a_payment_is_told_apart(
    status: PaymentStatus, expected: list[Finding]
) -> None:
    """A decline rejects. What is pending or could not be asked for may still come, so nothing else
    is missing; what was taken back or given back will not.
    """
    assert findings(paid(payment("20", status))) == expected


@pytest.mark.parametrize("status", [PENDING, ERROR, DECLINED, VOIDED, REFUNDED])
def test_what_is_not_needed_is_history(status: PaymentStatus) -> None:
    """If the rest covers the total, it does not matter what became of a payment."""
    assert findings(paid(payment("20", status), payment("20", CAPTURED, "p2"))) == []


def test_each_payment_is_told() -> None:
    """All findings, not the first: one for each payment that covers nothing."""
    subject = paid(
        payment("1", PENDING, "p1"),
        payment("2", PENDING, "p2"),
        payment("3", ERROR, "p3"),
        payment("4", VOIDED, "p4"),
        payment("5", REFUNDED, "p5"),
        payment("6", CAPTURED, "p6"),
        payment("7", AUTHORIZED, "p7", expires_at=NOW),
        payment("8", DECLINED, "p8"),
    )
    assert [(each.code, each.field) for each in findings(subject)] == [
        ("payment.pending", "payments[p1].status"),
        ("payment.pending", "payments[p2].status"),
        ("payment.error", "payments[p3].status"),
        ("payment.voided", "payments[p4].status"),
        ("payment.refunded", "payments[p5].status"),
        ("payment.expired", "payments[p7].expires_at"),
        ("payment.insufficient", "payments"),
    ]


def test_each_refusal_is_told() -> None:
    """Two cards that were declined are two findings."""
    subject = paid(payment("20", DECLINED), payment("19.99", DECLINED, "p2"))
    assert [(each.code, each.field) for each in findings(subject)] == [
        ("payment.declined", "payments[p1].status"),
        ("payment.declined", "payments[p2].status"),
        ("payment.insufficient", "payments"),
    ]


@pytest.mark.parametrize("undecided", [PENDING, ERROR])
def test_a_declined_payment_beside_an_undecided_one_only_holds(undecided: PaymentStatus) -> None:
    """As long as another payment may still come, to decline one is not the end."""
    subject = paid(payment("20", DECLINED), payment("20", undecided, "p2"))
    assert codes(subject) == [f"payment.{undecided.value}"]


@pytest.mark.parametrize("status", [PENDING, ERROR, AUTHORIZED])
def test_what_would_not_do_either_is_insufficient_too(status: PaymentStatus) -> None:
    """If even with what is undecided or expired something is missing, that is told as well."""
    subject = paid(payment("5", status, expires_at=NOW), payment("6", CAPTURED, "p2"))
    assert len(findings(subject)) == 2
    assert findings(subject)[1] == missing("6", "14")


def test_what_is_undecided_or_expired_adds_up() -> None:
    """Nothing else is missing if all of them together would do."""
    subject = paid(
        payment("5", PENDING),
        payment("5", ERROR, "p2"),
        payment("10", AUTHORIZED, "p3", expires_at=NOW),
    )
    assert codes(subject) == ["payment.pending", "payment.error", "payment.expired"]


def test_an_expired_authorization_is_told_with_its_date() -> None:
    """An authorization is worth nothing from the instant at which it expires."""
    assert findings(paid(payment("20", expires_at=NOW))) == [EXPIRED_20]


def test_an_authorization_is_good_until_it_expires() -> None:
    """Just before, it still counts."""
    assert findings(paid(payment("20", expires_at=NOW + timedelta(microseconds=1)))) == []


def test_captured_money_never_expires() -> None:
    """What was captured is there, whatever became of the authorization."""
    assert findings(paid(payment("20", CAPTURED, expires_at=NOW))) == []


# -- Settings --------------------------------------------------------------------------------------


def test_nothing_is_paid_later_unless_the_shop_says_so() -> None:
    """What leaves the house unpaid is not for a library to decide."""
    subject = paid(payment("20", PENDING, method="cash_on_delivery"))
    assert findings(subject) == [PENDING_20]
    assert findings(subject, covers_total()) == [PENDING_20]
    assert findings(subject, covers_total(pay_later={"cash_on_delivery"})) == []


@pytest.mark.parametrize("status", [ERROR, DECLINED, VOIDED, REFUNDED])
def test_paid_later_is_only_what_is_pending(status: PaymentStatus) -> None:
    """An invoice that was refused or taken back covers nothing, however invoices are settled."""
    invoices = covers_total(pay_later={"invoice"})
    subject = paid(payment("20", status, method="invoice"))
    assert codes(subject, invoices) == codes(subject) != []


def test_what_is_paid_later_is_part_of_the_sum_and_of_the_sentence() -> None:
    """It is not told as pending, and counted once."""
    later = covers_total(pay_later=["invoice"])
    invoice = payment("15", PENDING, method="invoice")
    assert findings(paid(invoice, payment("2", PENDING, "p2")), later) == [
        hold(
            "payment.pending",
            field="payments[p2].status",
            detail="The payment of 2 EUR is pending: it may still come.",
            evidence="p2",
            measure=Decimal(2),
        ),
        hold(
            "payment.insufficient",
            field="payments",
            detail="15 of 20 EUR is paid, authorised or to be paid later; 5 EUR is missing.",
            measure=Decimal("5.00"),
        ),
    ]
    assert findings(paid(invoice, payment("6", CAPTURED, "p2")), later) == [
        note(
            "payment.overpaid",
            field="payments",
            detail="21 EUR is paid, authorised or to be paid later, 1 more than the total.",
            measure=Decimal("1.00"),
        )
    ]


def test_a_refusal_beside_what_is_paid_later_is_one() -> None:
    """What counts is not undecided: the other half was declined for good."""
    subject = paid(payment("10", DECLINED), payment("10", PENDING, "p2", method="invoice"))
    assert codes(subject, covers_total(pay_later={"invoice"})) == [
        "payment.declined",
        "payment.insufficient",
    ]


def test_within_the_tolerance_is_told() -> None:
    """What the shop tolerates lets the order go, and not in silence."""
    lenient = covers_total(tolerance={"EUR": Decimal("0.02")})
    assert findings(paid(payment("19.98")), lenient) == [
        note(
            "payment.within_tolerance",
            field="payments",
            detail="19.98 of 20 EUR is paid or authorised; 0.02 EUR is missing, which is within the"
            " tolerance of 0.02 EUR.",
            measure=Decimal("0.02"),
        )
    ]
    assert findings(paid(payment("19.97")), lenient) == [missing("19.97", "0.03")]


def test_a_tolerance_is_for_one_currency() -> None:
    """Two cents tolerated in euros are not two yen; nor do they make an overpayment silent."""
    lenient = covers_total(tolerance={"eur": Decimal("0.02"), "KWD": Decimal("0.005")})
    subject = paid(payment("19.98"), currency="USD")
    assert findings(subject, lenient) == [missing("19.98", "0.02", currency="USD")]
    assert codes(paid(payment("20.01")), lenient) == ["payment.overpaid"]


def test_the_tolerance_counts_for_what_may_still_come() -> None:
    """If the pending payment came, what is missing would be tolerated: so nothing is."""
    lenient = covers_total(tolerance={"EUR": Decimal("0.02")})
    subject = paid(payment("19.98", PENDING))
    assert codes(subject, lenient) == ["payment.pending"]
    assert codes(subject) == ["payment.pending", "payment.insufficient"]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            {"tolerance": {"EUR": 0.02}},
            f".tolerance['EUR']: 0.02 {NO_DECIMAL}",
        ),
        ({"tolerance": {"EUR": Decimal("-0.02")}}, f".tolerance['EUR']: {MINUS_2_CENTS}"),
        ({"tolerance": {"EURO": Decimal(1)}}, f".tolerance (key): 'EURO' {NO_CODE}"),
        ({"tolerance": {"EUR": Decimal(1), "eur": Decimal(2)}}, f".tolerance[1]: 'EUR' {TWICE}"),
        ({"tolerance": Decimal(1)}, f".tolerance: Decimal('1') {NO_TUPLE}"),
        (
            {"tolerance": [("EUR",)]},
            ".tolerance[0]: ('EUR',) is not a row of 2 members; pass (key, value)",
        ),
        ({"pay_later": "invoice"}, f".pay_later: 'invoice' {NO_WORDS}"),
        ({"pay_later": [5]}, ".pay_later: 5 is not text; pass a str"),
    ],
)
def test_a_bad_setting_is_refused(settings: dict[str, Any], message: str) -> None:
    """The error names the setting, the value, and what to pass instead."""
    assert refusal(covers_total, **settings) == f"covers_total{message}"


def test_a_rule_is_a_value() -> None:
    """Rules with the same settings are equal, can be keys, travel, and say what they are."""
    rule = covers_total(
        tolerance={"USD": Decimal("0.05"), "EUR": Decimal("0.02")}, pay_later=["b", "a"]
    )
    same = covers_total(
        tolerance=[("EUR", Decimal("0.02")), ("USD", Decimal("0.05"))], pay_later={"a", "b"}
    )
    assert rule == same == pickle.loads(pickle.dumps(rule))  # noqa: S301 - our own bytes
    assert len({rule, same, covers_total()}) == 2
    assert rule == attrs.evolve(covers_total(), tolerance=rule.tolerance, pay_later=rule.pay_later)
    assert repr(rule) == (
        "covers_total(tolerance={'EUR': Decimal('0.02'), 'USD': Decimal('0.05')},"
        " pay_later=['a', 'b'])"
    )
    assert repr(covers_total()) == "covers_total()"
    assert rule.tolerated("EUR") == Decimal("0.02")
    assert rule.tolerated("JPY") == 0


# -- Bad input -------------------------------------------------------------------------------------


def test_the_hosts_decimal_context_changes_nothing() -> None:
    """Three digits of precision and another rounding are the host's own affair."""
    lenient = covers_total(tolerance={"EUR": Decimal("0.01")})
    subject = paid(
        payment("123456.78"), payment("0.005", CAPTURED, "p2"), total="123456.795"
    )  # 123456.785 of 123456.795, so 123456.79 of 123456.80
    usual = findings(subject), findings(subject, lenient), amount_due(subject, now=NOW)
    with localcontext(prec=3, rounding=ROUND_UP):
        assert (
            findings(subject),
            findings(subject, lenient),
            amount_due(subject, now=NOW),
        ) == usual
        assert to_capture(subject, now=NOW) == (("p1", Decimal("123456.78")),)
    assert usual[0] == [missing("123456.79", "0.01", "123456.80")]
    assert usual[1][0].code == "payment.within_tolerance"
    assert usual[2] == Decimal("0.01")


def test_amounts_at_the_ends_of_what_can_be_given() -> None:
    """15 digits before the point and 15 behind it, times as many units, are still exact."""
    least, most = Decimal("1E-15"), Decimal("999999999999999.999999999999999")
    for currency in ("EUR", "JPY", "KWD", "BTC"):
        huge = order(
            lines=[line(str(number), quantity=10**15, unit_price=most) for number in range(3)],
            payments=[payment(str(most), CAPTURED), payment(str(least), CAPTURED, "p2")],
            currency=currency,
        )
        assert codes(huge) == ["payment.insufficient"]
        assert amount_due(huge, now=NOW) > 10**30
    assert findings(paid(payment(str(least), CAPTURED), total="2E-15", currency="BTC")) == [
        missing("0.000000000000001", "0.000000000000001", "0.000000000000002", "BTC")
    ]


@pytest.mark.parametrize("text", ["x" * 10_000, "\x00\x1b", "\u202eabc", "\U0001f600", "\ud800"])
def test_any_text_may_stand_in_a_payment(text: str) -> None:
    """Long, unprintable, right to left, emoji, half a pair: an id and a method are only texts."""
    strange = payment("20", PENDING, text, method=text)
    assert findings(paid(strange))[0].field == f"payments[{text}].status"
    assert findings(paid(strange), covers_total(pay_later={text})) == []
    assert to_capture(paid(payment("20", AUTHORIZED, text, method=text)), now=NOW) == (
        (text, Decimal(20)),
    )


@pytest.mark.parametrize("year", [2, 9998])
def test_the_ends_of_the_calendar(year: int) -> None:
    """An authorization may expire in any year that there is."""
    at = datetime(year, 1, 1, tzinfo=UTC)
    assert codes(paid(payment("20", expires_at=at))) == (["payment.expired"] if year == 2 else [])
