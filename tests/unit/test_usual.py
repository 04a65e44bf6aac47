"""What is usual for a customer: the median of what they ordered before."""

from __future__ import annotations

import pickle
import statistics
from datetime import timedelta
from decimal import Decimal
from typing import Any

import attrs
import pytest
from builders import CONTEXT, NOW, line, order, refusal
from hypothesis import given
from hypothesis import strategies as st
from verifying import knowing, past

from fulfill_core import Context, Finding, Order, PastOrder, hold
from fulfill_core.records import FactKind, fact_missing
from fulfill_core.verifiers.history import usual_for_customer

DAY = timedelta(days=1)
CUSTOMER = frozenset({FactKind.CUSTOMER})


def findings(verifier: Any, subject: Order, context: Context) -> list[Finding]:
    """What a verifier notices about an order, whether it was made for a batch or not."""
    found = list(verifier(subject, context=context))
    batch = [subject, attrs.evolve(subject, id="A-0", placed_at=NOW - DAY)]
    bound = verifier.for_batch(batch, context=context)
    assert list(bound(subject, context=context)) == found
    return found


def details(verifier: Any, subject: Order, context: Context) -> list[str]:
    """The details of that."""
    return [finding.detail for finding in findings(verifier, subject, context)]


# -- What is usual ---------------------------------------------------------------------------------


def over(total: str, *lines: Any, currency: str = "EUR") -> Order:
    """An order that comes to so much."""
    return order(lines=lines, shipping=Decimal(total), currency=currency)


def test_many_times_the_usual_total_is_held() -> None:
    """More than the factor times the median; exactly so many times passes. Means are exact."""
    context = knowing(
        *[
            past(f"P-{days}", days * DAY, total)
            for days, total in enumerate(["1", "10", "10.01", "500"], 1)
        ]
    )
    verifier = usual_for_customer(value_factor=Decimal("2.5"))
    assert findings(verifier, over("25.0125"), context) == []
    assert findings(verifier, over("25.0126"), context) == [
        hold(
            "customer.unusual_value",
            field="lines",
            detail="The total is 25.0126 EUR, more than 2.5 times the 10.005 EUR that the"
            " customer's orders usually cost.",
            measure=Decimal("15.0076"),
        )
    ]


def test_many_times_the_usual_number_of_units_is_held() -> None:
    """All units of an order count, of whatever SKU; past orders of unknown units do not."""
    context = knowing(
        past("P-1", DAY, mug=1),
        past("P-2", DAY, mug=1, cup=1),
        past("P-3", DAY, mug=9),
        past("P-4", DAY),
    )
    verifier = usual_for_customer(quantity_factor=3)
    assert findings(verifier, order("A-1", 4, 2), context) == []
    assert findings(verifier, order("A-1", 4, 3), context) == [
        hold(
            "customer.unusual_quantity",
            field="lines",
            detail="The order asks for 7 units, more than 3 times the 2 that the customer's"
            " orders usually ask for.",
            measure=Decimal(5),
        )
    ]


def test_the_median_of_an_even_number_of_units_may_be_a_half() -> None:
    """It lies between the two in the middle, and is written without an exponent."""
    context = knowing(*[past(f"P-{n}", DAY, mug=n) for n in (1, 2, 3, 4)])
    assert details(usual_for_customer(quantity_factor=1), order("A-1", 3), context) == [
        (
            "The order asks for 3 units, more than 1 times the 2.5 that the customer's orders"
            " usually ask for."
        )
    ]
    tens = knowing(*[past(f"P-{n}", DAY, mug=n) for n in (100, 101, 99)])
    assert "times the 100 that" in details(usual_for_customer(), order("A-1", 501), tens)[0]


def test_what_says_nothing_of_what_is_usual_is_left_out() -> None:
    """Other currencies, orders for nothing, the order itself, later ones: with fewer than asked for
    nothing is found.
    """
    before = [past("P-1", DAY), past("P-2", DAY)]
    others = [
        past("P-3", DAY, total="0.00"),
        attrs.evolve(past("P-4", DAY), currency="USD"),
        past("A-1", DAY),
        past("P-6", -DAY),
    ]
    huge = over("1000000", line(quantity=10**6))
    assert findings(usual_for_customer(), huge, knowing(*before, *others)) == []
    assert findings(usual_for_customer(), huge, knowing(*before)) == []
    lenient = usual_for_customer(at_least_orders=2)
    found = findings(lenient, huge, knowing(*before, *others))
    assert [each.code for each in found] == ["customer.unusual_value"]


def test_what_is_usual_needs_the_facts() -> None:
    """Without the facts about the customer the order is held."""
    subject = order("A-1", 1)
    assert usual_for_customer().facts_needed(subject, context=CONTEXT) == CUSTOMER
    found = findings(usual_for_customer(), subject, CONTEXT)
    assert found == [fact_missing(FactKind.CUSTOMER, subject)]


_ORDERS = st.lists(
    st.tuples(
        st.sampled_from([f"A-{number}" for number in range(1, 7)]),
        st.integers(-1, 3),  # days ago
        st.sampled_from(("EUR", "EUR", "USD")),
        st.integers(0, 30),
    ),
    unique_by=lambda row: row[0],
)


@given(_ORDERS, _ORDERS, st.integers(1, 3))
def test_what_is_usual_agrees_with_the_median_of_all(
    placed: list[tuple[str, int, str, int]], before: list[tuple[str, int, str, int]], at_least: int
) -> None:
    """It is the median of the records of all other orders before, taken one by one."""
    batch = [
        order(order_id, quantity + 1, placed_at=NOW - ago * DAY, currency=currency)
        for order_id, ago, currency, quantity in placed
    ]
    batch = [attrs.evolve(each, shipping=Decimal(each.lines[0].quantity)) for each in batch]
    records = [
        PastOrder(
            id=order_id,
            placed_at=NOW - ago * DAY,
            total=Decimal(number),
            currency=currency,
            units={"mug": number} if number else {},
        )
        for order_id, ago, currency, number in before
    ]
    context = knowing(*records)
    verifier = usual_for_customer(value_factor=2, quantity_factor=3, at_least_orders=at_least)
    bound = verifier.for_batch(batch, context=context)
    for subject in batch:
        known = [
            (int(each.total), each.currency)
            for each in records
            if each.id != subject.id
            and (each.placed_at, each.id) < (subject.placed_at, subject.id)
            and each.total
        ]
        totals = [number for number, currency in known if currency == subject.currency]
        units = [number for number, _ in known]
        quantity = subject.lines[0].quantity
        expected: list[str] = []
        if len(totals) >= at_least and quantity > 2 * statistics.median(totals):
            expected.append("customer.unusual_value")
        if len(units) >= at_least and quantity > 3 * statistics.median(units):
            expected.append("customer.unusual_quantity")
        assert [each.code for each in bound(subject, context=context)] == expected
        assert [each.code for each in verifier(subject, context=context)] == expected


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            {"value_factor": 0.5},
            (
                "usual_for_customer.value_factor: 0.5 is not a number; pass an int or a Decimal,"
                " never a float"
            ),
        ),
        (
            {"quantity_factor": Decimal("0.9")},
            (
                "usual_for_customer.quantity_factor: Decimal('0.9') is not a factor from 1 to"
                " 1000000; pass one"
            ),
        ),
        (
            {"value_factor": 10**6 + 1},
            "usual_for_customer.value_factor: 1000001 is not a factor from 1 to 1000000; pass one",
        ),
        (
            {"at_least_orders": 0},
            "usual_for_customer.at_least_orders: 0 is below 1; pass 1 or more",
        ),
    ],
)
def test_bad_settings_are_refused(settings: dict[str, Any], message: str) -> None:
    """The error names the setting, the value and what to pass."""
    assert refusal(usual_for_customer, **settings) == message


def test_a_verifier_travels() -> None:
    """A copy is equal, has the same hash and repr, and finds the same."""
    subject, context = order("A-1", 3), knowing(past("P-1", DAY, mug=1))
    verifier = usual_for_customer(quantity_factor=2, at_least_orders=1)
    bound = verifier.for_batch([subject, order("A-2", 1)], context=context)
    travelled = pickle.loads(pickle.dumps(bound))  # noqa: S301 - our own bytes
    assert travelled == bound != verifier
    assert hash(travelled) == hash(bound) == hash(verifier)
    assert repr(travelled) == repr(verifier)
    assert findings(travelled, subject, context) == findings(verifier, subject, context) != []
