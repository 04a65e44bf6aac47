"""What services and records say of an order and of a customer: values that are checked."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from builders import NOW, refusal

from fulfill_core import CustomerFacts, PastOrder, Screening

HOUR = timedelta(hours=1)
NAIVE = datetime(2026, 3, 2)  # noqa: DTZ001 - it is there to be refused


def past(order_id: str = "B-1", **changes: Any) -> PastOrder:
    """A past order of 5 euros."""
    content: dict[str, Any] = {
        "id": order_id,
        "placed_at": NOW - HOUR,
        "total": Decimal(5),
        "currency": "EUR",
    }
    return PastOrder(**{**content, **changes})


# -- Screenings ------------------------------------------------------------------------------------


def test_an_answer_that_was_not_given_is_empty() -> None:
    """Only the order has to be named: gateways answer what they like."""
    seen = Screening(order_id="A-1")
    assert (seen.fingerprint, seen.score, seen.avs, seen.cvv, seen.ip) == ("", None, "", "", "")
    assert seen.flags == seen.cards == frozenset()
    assert seen.same_card_at == seen.same_address_at == ()


@pytest.mark.parametrize("score", [0, 91, -7, Decimal("0.35"), Decimal(-1)])
def test_a_score_is_on_the_services_own_scale(score: int | Decimal) -> None:
    """An int or a Decimal, below zero as well."""
    assert Screening(order_id="A-1", score=score).score == score


def test_flags_and_cards_are_sets_and_instants_are_kept() -> None:
    """What comes as lists is kept so that it cannot be changed."""
    seen = Screening(
        order_id="A-1",
        flags=["proxy", "proxy"],
        cards={"4f1c"},
        same_card_at=[NOW, NOW - HOUR],
        same_address_at=(NOW,),
    )
    assert (seen.flags, seen.cards) == (frozenset({"proxy"}), frozenset({"4f1c"}))
    assert (seen.same_card_at, seen.same_address_at) == ((NOW, NOW - HOUR), (NOW,))
    assert {seen: "found"}[seen] == "found"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"order_id": " "},
            "Screening.order_id: ' ' is empty; pass at least one visible character",
        ),
        (
            {"fingerprint": None},
            "Screening.fingerprint: None is not text; pass '' if there is none",
        ),
        (
            {"score": 0.5},
            "Screening.score: 0.5 is not a number; pass an int or a Decimal, never a float",
        ),
        (
            {"score": True},
            "Screening.score: True is not a number; pass an int or a Decimal, never a float",
        ),
        (
            {"score": Decimal("NaN")},
            (
                "Screening.score: Decimal('NaN') is not a number; pass an int or a Decimal, never a"
                " float"
            ),
        ),
        ({"avs": None}, "Screening.avs: None is not text; pass '' if there is none"),
        ({"cvv": 7}, "Screening.cvv: 7 is not text; pass a str"),
        (
            {"flags": "proxy"},
            "Screening.flags: 'proxy' is not a collection of words; pass a set or a list of str",
        ),
        ({"flags": [7]}, "Screening.flags: 7 is not text; pass a str"),
        ({"ip": 7}, "Screening.ip: 7 is not text; pass a str"),
        ({"cards": [None]}, "Screening.cards: None is not text; pass '' if there is none"),
        (
            {"same_card_at": NOW},
            (
                "Screening.same_card_at: datetime.datetime(2026, 3, 2, 12, 0,"
                " tzinfo=datetime.timezone.utc) is not a collection of datetime; pass a list or"
                " tuple"
            ),
        ),
        (
            {"same_card_at": [NOW, "today"]},
            "Screening.same_card_at[1]: 'today' is not of type datetime; pass one",
        ),
        (
            {"same_address_at": [NOW, NAIVE]},
            (
                "Screening.same_address_at[1]: datetime.datetime(2026, 3, 2, 0, 0) is naive; pass"
                " it with a tzinfo, such as timezone.utc"
            ),
        ),
    ],
    ids=lambda each: str(each)[:40],
)
def test_a_malformed_screening_is_refused(changes: dict[str, Any], message: str) -> None:
    """The error names the field, the value and what to pass."""
    assert refusal(Screening, **{"order_id": "A-1", **changes}) == message


# -- Customers -------------------------------------------------------------------------------------


def test_units_are_kept_by_sku() -> None:
    """As a mapping or as pairs, in any sequence."""
    for units in ({"pot": 1, "mug": 2}, [("pot", 1), ("mug", 2)], (("mug", 2), ("pot", 1))):
        assert past(units=units).units == (("mug", 2), ("pot", 1))
    assert past().units == ()


def test_a_currency_is_kept_in_upper_case() -> None:
    """As in an order, so that they can be compared."""
    assert past(currency="eur").currency == "EUR"
    granted = CustomerFacts(customer_id="C", credit_limit=Decimal(0), currency="usd")
    assert granted.currency == "USD"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"id": ""},
            "PastOrder.id: '' is empty; pass at least one visible character",
        ),
        (
            {"placed_at": NAIVE},
            (
                "PastOrder.placed_at: datetime.datetime(2026, 3, 2, 0, 0) is naive; pass it with a"
                " tzinfo, such as timezone.utc"
            ),
        ),
        (
            {"total": 5},
            (
                "PastOrder.total: 5 is an int; pass Decimal(5), or from_minor_units(5, 2) if it"
                " counts cents"
            ),
        ),
        (
            {"currency": "euro"},
            "PastOrder.currency: 'euro' is not a code of 3 letters, such as 'EUR'",
        ),
        (
            {"units": "mug"},
            "PastOrder.units: 'mug' is no collection of rows; pass a list of (SKU, units)",
        ),
        (
            {"units": ["mug"]},
            "PastOrder.units[0]: 'mug' is not a row of 2 members; pass (SKU, units)",
        ),
        (
            {"units": [("mug",)]},
            "PastOrder.units[0]: ('mug',) is not a row of 2 members; pass (SKU, units)",
        ),
        (
            {"units": {7: 1}},
            "PastOrder.units (SKU): 7 is not an id; pass a str, such as 'A-17'",
        ),
        (
            {"units": {"mug": 1.5}},
            "PastOrder.units['mug']: 1.5 is not an int; pass a whole number",
        ),
        (
            {"units": {"mug": 0}},
            "PastOrder.units['mug']: 0 is below 1; pass 1 or more",
        ),
        (
            {"units": [("mug", 1), ("mug", 2)]},
            "PastOrder.units[1]: 'mug' was given before; each SKU comes once",
        ),
    ],
    ids=lambda each: str(each)[:40],
)
def test_a_malformed_past_order_is_refused(changes: dict[str, Any], message: str) -> None:
    """The error names the field, the value and what to pass."""
    assert refusal(past, **changes) == message


def test_past_orders_are_kept_by_time() -> None:
    """Then by id, in whatever sequence they are listed."""
    orders = [
        past("B-9", placed_at=NOW - 3 * HOUR),
        past("B-1"),
        past("B-2"),
        past("B-0", placed_at=NOW),
    ]
    assert CustomerFacts(customer_id="C", orders=orders[::-1]).orders == tuple(orders)


def test_a_new_customer_has_facts_too() -> None:
    """Without orders, without credit: that is known, and not the same as not looked up."""
    known = CustomerFacts(customer_id="C")
    assert (known.orders, known.credit_limit, known.credit_used, known.currency) == (
        (),
        None,
        Decimal(0),
        "",
    )


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"customer_id": None},
            "CustomerFacts.customer_id: None is not an id; pass a str, such as 'A-17'",
        ),
        ({"orders": [7]}, "CustomerFacts.orders[0]: 7 is not of type PastOrder; pass one"),
        (
            {"orders": 7},
            "CustomerFacts.orders: 7 is not a collection of PastOrder; pass a list or tuple",
        ),
        (
            {"orders": [past(), past("B-2"), past()]},
            "CustomerFacts.orders[2]: 'B-1' was given before; each order comes once",
        ),
        (
            {"credit_limit": 5.0, "currency": "EUR"},
            (
                "CustomerFacts.credit_limit: 5.0 is not a Decimal; pass money as Decimal('9.90'),"
                " never a float"
            ),
        ),
        (
            {"credit_used": Decimal(-1)},
            (
                "CustomerFacts.credit_used: Decimal('-1') is not an amount; pass a finite Decimal"
                " of zero or more"
            ),
        ),
        (
            {"credit_limit": Decimal(5)},
            "CustomerFacts.currency: '' is not a code of 3 letters, such as 'EUR'",
        ),
        (
            {"currency": "E"},
            "CustomerFacts.currency: 'E' is not a code of 3 letters, such as 'EUR'",
        ),
        (
            {"units_bought": {"mug": -1}},
            "CustomerFacts.units_bought['mug']: -1 is below 0; pass 0 or more",
        ),
        (
            {"units_bought": {"mug": 1.0}},
            "CustomerFacts.units_bought['mug']: 1.0 is not an int; pass a whole number",
        ),
        (
            {"units_bought": {7: 1}},
            "CustomerFacts.units_bought (SKU): 7 is not an id; pass a str, such as 'A-17'",
        ),
        (
            {"units_bought": [("mug", 1), ("mug", 2)]},
            "CustomerFacts.units_bought[1]: 'mug' was given before; each SKU comes once",
        ),
        (
            {"units_bought": ["mug"]},
            "CustomerFacts.units_bought[0]: 'mug' is not a row of 2 members; pass (SKU, units)",
        ),
        (
            {"currency": None},
            "CustomerFacts.currency: None is not a code of 3 letters, such as 'EUR'",
        ),
    ],
    ids=lambda each: str(each)[:40],
)
def test_malformed_facts_of_a_customer_are_refused(changes: dict[str, Any], message: str) -> None:
    """The error names the field, the value and what to pass. A credit has a currency."""
    assert refusal(CustomerFacts, **{"customer_id": "C", **changes}) == message
