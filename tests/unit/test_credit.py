"""Invoices on terms: who was granted credit, how much of it is used, and by which orders."""

from __future__ import annotations

import pickle
from datetime import timedelta
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any

import pytest
from builders import NOW, line, mugs, order, refusal, run
from hypothesis import given
from hypothesis import strategies as st

from fulfill_core import (
    Context,
    Customer,
    CustomerFacts,
    Facts,
    Finding,
    Order,
    Payment,
    PaymentStatus,
    Verifier,
    hold,
)
from fulfill_core.records import FactKind
from fulfill_core.verifiers import all_of, missing_facts, only_if
from fulfill_core.verifiers.credit import credit_covers
from fulfill_core.verifiers.payment import covers_total

PENDING = PaymentStatus.PENDING
HOUR = timedelta(hours=1)
BOB = Customer(id="C-9", name="Bob", email="bob@example.com")
INVOICES = credit_covers()
RULES: tuple[Verifier, ...] = (covers_total(pay_later={"invoice"}), INVOICES)


def invoice(amount: str, order_id: str = "A-1", **changes: Any) -> Order:
    """An order of Bob's that is to be paid by invoice, over so much."""
    content: dict[str, Any] = {
        "customer": BOB,
        "lines": [line(unit_price=Decimal(amount))],
        "payments": [payment(amount)],
    }
    return order(order_id, **{**content, **changes})


def payment(
    amount: str, status: PaymentStatus = PENDING, payment_id: str = "p1", **changes: Any
) -> Payment:
    """A payment by invoice."""
    content: dict[str, Any] = {"method": "invoice", **changes}
    return Payment(id=payment_id, amount=Decimal(amount), status=status, **content)


def credit(limit: str | None, used: str = "0", currency: str = "EUR") -> Facts:
    """What is known about Bob's credit."""
    known = CustomerFacts(
        customer_id="C-9",
        credit_limit=None if limit is None else Decimal(limit),
        credit_used=Decimal(used),
        currency=currency,
    )
    return Facts(customers=[known])


def findings(subject: Order, facts: Facts, verifier: Any = INVOICES) -> list[Finding]:
    """What the rule notices about an order."""
    return list(verifier(subject, context=Context(now=NOW, facts=facts)))


def exceeded(detail: str) -> list[Finding]:
    """The finding that the credit is not enough."""
    excess = Decimal(detail.split()[-4])
    return [
        hold(
            "payment.credit_exceeded",
            field="payments",
            detail=detail,
            evidence="invoice",
            measure=excess,
        )
    ]


# -- One order -------------------------------------------------------------------------------------


@pytest.mark.parametrize("used", ["0", "99", "100"])
def test_within_the_limit_nothing_is_said(used: str) -> None:
    """Up to the limit, and the limit itself, is granted."""
    assert findings(invoice("50"), credit("150", used)) == []


def test_beyond_the_limit_is_held_with_the_numbers() -> None:
    """One cent too much is too much."""
    assert findings(invoice("50"), credit("150", "100.01")) == exceeded(
        "Of a credit of 150 EUR 100.01 EUR is used; this order asks for 50 EUR, 0.01 EUR too much."
    )
    assert findings(invoice("50"), credit("0")) == exceeded(
        "Of a credit of 0 EUR 0 EUR is used; this order asks for 50 EUR, 50 EUR too much."
    )


def test_facts_that_are_not_there_hold_the_order() -> None:
    """What is not known is not granted; facts about others do not help."""
    missing = hold(
        "customer_facts.missing",
        field="customer.id",
        detail="What is known about customer 'C-9' was not looked up.",
        evidence="customer_facts",
    )
    assert findings(invoice("50"), Facts()) == [missing]
    other = Facts(customers=[CustomerFacts(customer_id="C-1")])
    assert findings(invoice("50"), other) == [missing]


def test_no_credit_is_held() -> None:
    """A customer who is known, and was granted none, has to pay in another way."""
    assert findings(invoice("50"), credit(None, currency="")) == [
        hold(
            "payment.no_credit",
            field="customer.id",
            detail="50 EUR is to be paid by 'invoice', and customer 'C-9' was granted no credit.",
            evidence="invoice",
            measure=Decimal(50),
        )
    ]


def test_credit_in_another_currency_is_held() -> None:
    """Nothing is converted: nobody said at which rate."""
    assert findings(invoice("50"), credit("1000000", currency="USD")) == [
        hold(
            "payment.credit_currency",
            field="currency",
            detail="The credit of customer 'C-9' is in USD, the order in EUR.",
            evidence="invoice: USD",
            measure=Decimal(50),
        )
    ]


def test_only_what_is_owed_counts() -> None:
    """Pending invoices and those agreed to; not what is settled, taken back, expired, or paid in
    another way.
    """
    payments = [
        payment("1", PENDING, "p1"),
        payment("2", PaymentStatus.AUTHORIZED, "p2", expires_at=NOW + HOUR),
        payment("4", PaymentStatus.AUTHORIZED, "p3", expires_at=NOW),
        payment("8", PaymentStatus.CAPTURED, "p4"),
        payment("16", PaymentStatus.DECLINED, "p5"),
        payment("32", PaymentStatus.ERROR, "p6"),
        payment("64", PaymentStatus.VOIDED, "p7"),
        payment("128", PaymentStatus.REFUNDED, "p8"),
        payment("256", PENDING, "p9", method="card"),
    ]
    assert findings(invoice("511", payments=payments), credit("2")) == exceeded(
        "Of a credit of 2 EUR 0 EUR is used; this order asks for 3 EUR, 1 EUR too much."
    )


@pytest.mark.parametrize(
    "payments",
    [
        [],
        [payment("50", method="card")],
        [payment("50", PaymentStatus.CAPTURED)],
        [payment("0.00")],
    ],
    ids=repr,
)
def test_who_owes_nothing_is_not_looked_up(payments: list[Payment]) -> None:
    """An order without such a payment needs no facts, and nothing is said of it."""
    subject = invoice("50", payments=payments)
    assert findings(subject, Facts()) == []
    assert credit_covers().facts_needed(subject, context=Context(now=NOW)) == frozenset()


def test_who_owes_is_looked_up() -> None:
    """Which customers to look up can be asked beforehand."""
    needed = credit_covers().facts_needed(invoice("50"), context=Context(now=NOW))
    assert needed == {FactKind.CUSTOMER}
    orders = [invoice("50"), order("A-2", 1)]
    assert missing_facts(orders, RULES, now=NOW).customers == ("C-9",)
    assert not missing_facts(orders, RULES, now=NOW, facts=credit("1"))


def test_the_method_is_the_shops_word() -> None:
    """Another method than the one it was made for is none of its business."""
    terms = credit_covers("30 days")
    assert findings(invoice("50"), Facts(), terms) == []
    subject = invoice("50", payments=[payment("50", method="30 days")])
    assert [each.code for each in findings(subject, Facts(), terms)] == ["customer_facts.missing"]
    assert findings(subject, Facts()) == []


@pytest.mark.parametrize(
    ("method", "message"),
    [
        ("", "'' is empty; pass at least one visible character"),
        (None, "None is not an id; pass a str, such as 'A-17'"),
    ],
)
def test_a_bad_method_is_refused(method: Any, message: str) -> None:
    """The error names the setting."""
    assert refusal(credit_covers, method) == f"credit_covers.method: {message}"


def test_long_texts_are_cut() -> None:
    """A sentence for staff stays one, whatever the ids and methods are."""
    text = "\u202e\ud800" * 5000
    subject = invoice("50", customer=Customer(id=text), payments=[payment("50", method=text)])
    known = CustomerFacts(customer_id=text)
    (found,) = findings(subject, Facts(customers=[known]), credit_covers(text))
    assert found.code == "payment.no_credit"
    assert len(found.detail) < 600


# -- With the rest of the rules, and the rest of the batch ----------------------------------------


def test_an_invoice_counts_and_is_judged() -> None:
    """The two rules go together: one counts the invoice towards the total, the other judges it."""
    good = run(invoice("50"), stock=mugs(berlin=5), verifiers=RULES, facts=credit("50"))
    assert good["A-1"].outcome == "allocated"
    bad = run(invoice("50"), stock=mugs(berlin=5), verifiers=RULES, facts=credit("49"))
    assert [each.code for each in bad["A-1"].findings] == ["payment.credit_exceeded"]


def held(*orders: Order, facts: Facts, verifiers: Any = RULES) -> dict[str, str]:
    """The details of what is held in a run, by order id."""
    result = run(*orders, stock=mugs(berlin=99), verifiers=verifiers, facts=facts)
    return {
        decision.id: decision.findings[0].detail
        for decision in result.decisions
        if decision.findings
    }


def test_the_orders_of_a_batch_share_the_credit() -> None:
    """Two orders of 60 never pass on a credit of 100: the one that was placed first is served."""
    first = invoice("60", "A-2", placed_at=NOW - HOUR)
    second = invoice("60", "A-1")
    expected = {
        "A-1": "Of a credit of 100 EUR 0 EUR is used and earlier orders ask for 60 EUR; this order"
        " asks for 60 EUR, 20 EUR too much."
    }
    assert held(first, second, facts=credit("100")) == expected
    assert held(second, first, facts=credit("100")) == expected
    assert held(second, facts=credit("100")) == {}
    assert held(first, second, facts=credit("120")) == {}


def test_of_two_at_the_same_instant_the_id_decides() -> None:
    """A total order: the same for any sequence of the input."""
    orders = [invoice("60", "A-2"), invoice("60", "A-1"), invoice("60", "A-1")]
    assert list(held(*orders, facts=credit("100"))) == ["A-2"]


def test_other_customers_and_other_currencies_are_apart() -> None:
    """Only what the same customer owes in the same currency is in the way."""
    facts = Facts(
        customers=[
            *credit("100").customers,
            CustomerFacts(customer_id="C-1", credit_limit=Decimal(100), currency="EUR"),
        ]
    )
    orders = [
        invoice("60", "A-1"),
        invoice("60", "A-2", customer=Customer(id="C-1", email="ada@example.com")),
        invoice("60", "A-0", currency="USD"),
        invoice("60", "A-3", payments=[payment("60", PaymentStatus.CAPTURED)]),
    ]
    assert held(*orders, facts=facts) == {
        "A-0": "The credit of customer 'C-9' is in EUR, the order in USD."
    }


@pytest.mark.parametrize(
    "verifier",
    [all_of(*RULES), only_if(lambda order, /, *, context: True, credit_covers())],
    ids=repr,
)
def test_within_a_combination_it_sees_the_batch_as_well(verifier: Verifier) -> None:
    """A combination passes the batch on."""
    orders = [invoice("60", "A-1"), invoice("60", "A-2")]
    assert list(held(*orders, facts=credit("100"), verifiers=[verifier])) == ["A-2"]


def test_it_travels_with_what_it_saw() -> None:
    """Bound to a batch it is equal to what it was made of, and goes to other processes."""
    orders = [invoice("60", "A-1"), invoice("60", "A-2")]
    bound = credit_covers().for_batch(orders, context=Context(now=NOW))
    copy = pickle.loads(pickle.dumps(bound))  # noqa: S301 - our own bytes
    assert bound == copy == credit_covers()
    assert hash(bound) == hash(credit_covers())
    assert repr(bound) == "credit_covers(method='invoice')"
    assert [findings(each, credit("100"), copy) == [] for each in orders] == [True, False]


@given(
    st.lists(st.integers(1, 100), max_size=6),
    st.integers(0, 200),
    st.integers(0, 50),
)
def test_what_passes_never_exceeds_the_limit(amounts: list[int], limit: int, used: int) -> None:
    """However many orders of a customer there are: what is used, and all that pass, is within the
    limit; and an order for which there is room ahead of all others passes.
    """
    orders = [
        invoice(str(Decimal(amount) / 8), f"A-{number}", placed_at=NOW + number * HOUR)
        for number, amount in enumerate(amounts)
    ]
    facts = credit(str(limit), str(used))
    bound = credit_covers().for_batch(orders, context=Context(now=NOW, facts=facts))
    passing = [each for each in orders if not findings(each, facts, bound)]
    owed = sum((Fraction(each.total) for each in passing), Fraction(used))
    assert not passing or owed <= limit
    if orders:
        assert (orders[0] in passing) == (used + Fraction(orders[0].total) <= limit)


def test_the_hosts_decimal_context_changes_nothing() -> None:
    """Three digits of precision are the host's own affair."""
    with localcontext(prec=3):
        assert findings(invoice("50.01"), credit("123456.78", "123406.78")) == exceeded(
            "Of a credit of 123456.78 EUR 123406.78 EUR is used; this order asks for 50.01 EUR,"
            " 0.01 EUR too much."
        )
