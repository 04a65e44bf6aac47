"""What the host knows: by order and by customer, and what plug-ins are told."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import attrs
import pytest
from builders import NOW, order, refusal

from fulfill_core import (
    Approval,
    Context,
    CustomerFacts,
    Facts,
    Hold,
    OrderRecord,
    Rejection,
    Screening,
    hold,
)
from fulfill_core.records import FactKind, fact_missing

GOOD = order("A-1", 1)


# -- By order and by customer ----------------------------------------------------------------------


def test_a_customer_is_found_by_id() -> None:
    """What is known of a customer; None if nobody asked, which is not the same as a new one."""
    known = CustomerFacts(customer_id="C-1")
    facts = Facts(customers=[CustomerFacts(customer_id="C-2"), known])
    assert facts.customer("C-1") is known
    assert facts.customer("C-3") is None
    assert facts.has(FactKind.CUSTOMER, GOOD)
    assert not Facts().has(FactKind.CUSTOMER, GOOD)


@pytest.mark.parametrize(
    ("screening", "is_there"),
    [
        (Screening(order_id="A-1"), True),
        (Screening(order_id="A-1", fingerprint=GOOD.fingerprint), True),
        (Screening(order_id="A-1", fingerprint=order("A-1", 2).fingerprint), False),
        (Screening(order_id="A-2"), False),
        (Screening(order_id="A-2", fingerprint=GOOD.fingerprint), False),
    ],
)
def test_a_screening_is_of_an_order_and_may_be_of_a_version(
    screening: Screening, is_there: bool
) -> None:
    """One that names a version counts for that version only: a changed order is not screened."""
    facts = Facts(screenings=[screening])
    assert facts.screening_of(GOOD) == (screening if is_there else None)
    assert facts.has(FactKind.SCREENING, GOOD) is is_there


# -- As values -------------------------------------------------------------------------------------


def test_facts_are_values() -> None:
    """Facts of the same content are equal and one key."""
    one, other = (
        Facts(
            screenings=[Screening(order_id="A", flags=["b", "a"])],
            customers=[CustomerFacts(customer_id="C")],
        )
        for _ in range(2)
    )
    assert {one: "found"}[other] == "found"
    assert one != Facts()


def test_facts_may_be_changed_into_others() -> None:
    """A copy with something more finds it; the original does not."""
    facts = Facts(screenings=[Screening(order_id="A-2")])
    more = attrs.evolve(facts, screenings=[*facts.screenings, Screening(order_id="A-1")])
    assert (more.screening_of(GOOD), facts.screening_of(GOOD)) == (more.screenings[1], None)


def test_facts_show_what_they_were_given_and_no_more() -> None:
    """The repr is the call; indexes are the library's own affair."""
    assert repr(Facts()) == "Facts(screenings=(), customers=(), of_shop=())"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"screenings": [None]}, "Facts.screenings[0]: None is not of type Screening; pass one"),
        (
            {"customers": 7},
            "Facts.customers: 7 is not a collection of CustomerFacts; pass a list or tuple",
        ),
        (
            {"customers": [CustomerFacts(customer_id="C"), 7]},
            "Facts.customers[1]: 7 is not of type CustomerFacts; pass one",
        ),
        (
            {"screenings": [Screening(order_id="A"), Screening(order_id="A", fingerprint="f")]},
            "Facts.screenings[1]: 'A' was given before; each order comes once",
        ),
        (
            {"customers": [CustomerFacts(customer_id="C")] * 2},
            "Facts.customers[1]: 'C' was given before; each customer comes once",
        ),
    ],
    ids=lambda each: str(each)[:40],
)
def test_malformed_facts_are_refused(changes: dict[str, Any], message: str) -> None:
    """The error names the field, the position and the value."""
    assert refusal(Facts, **changes) == message


# -- A fact that is missing ------------------------------------------------------------------------


def test_a_missing_fact_is_a_finding_that_holds() -> None:
    """Each kind has a code of its own, and a sentence for the staff."""
    assert [fact_missing(kind, GOOD) for kind in FactKind] == [
        hold(
            "screening.missing",
            field="id",
            detail="The order has not been screened yet, or was changed since.",
            evidence="screening",
        ),
        hold(
            "customer_facts.missing",
            field="customer.id",
            detail="What is known about customer 'C-1' was not looked up.",
            evidence="customer_facts",
        ),
    ]


# -- The context -----------------------------------------------------------------------------------


def test_a_context_keeps_what_it_was_given_as_a_set() -> None:
    """Duplicates may be given as any collection of ids."""
    assert Context(now=NOW, duplicates=["A", "A"]).duplicates == frozenset("A")


def test_the_context_says_what_people_decided() -> None:
    """Of an order about which nobody decided anything, or that came alone, there is nothing."""
    no = Rejection(order_id="A-1", fingerprint="f", by="Eve", at=NOW)
    yes = Approval(order_id="A-1", fingerprint="f", by="Ada", at=NOW)
    stop = Hold(order_id="A-1", source="x", code="a.b", at=NOW)
    for content in (
        {"approvals": (yes,)},
        {"rejections": (no,)},
        {"holds": (stop,)},
        {"approvals": (yes,), "rejections": (no,), "holds": (stop,)},
    ):
        record = OrderRecord(order=GOOD, **content)
        context = Context(now=NOW, records=[record, OrderRecord(order=order("A-2", 1))])
        rulings = context.rulings_of("A-1")
        assert rulings == (record.approvals, record.rejections, record.holds)
        assert (context.rulings_of("A-2"), context.rulings_of("A-3")) == (None, None)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"now": datetime(2026, 3, 2)},  # noqa: DTZ001 - that is what is refused
            (
                "now: datetime.datetime(2026, 3, 2, 0, 0) is naive; pass it with a tzinfo, such as"
                " timezone.utc"
            ),
        ),
        ({"facts": None}, "facts: None is not of type Facts; pass one"),
        (
            {"duplicates": "A"},
            "duplicates: 'A' is not a collection of words; pass a set or a list of str",
        ),
    ],
)
def test_a_malformed_context_is_refused(changes: dict[str, Any], message: str) -> None:
    """The error names the field and the value."""
    assert refusal(Context, **{"now": NOW, **changes}) == message
