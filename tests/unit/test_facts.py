"""What the host knows: by order and by customer, and what plug-ins are told."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import attrs
import pytest
from builders import NOW, order, refusal

from fulfill_core import Approval, Context, CustomerFacts, Facts, Hold, Rejection, Screening, hold
from fulfill_core.records import FactKind, fact_missing

GOOD = order("A-1", 1)


def approval(order_id: str, by: str, hours: int = 0) -> Approval:
    """An approval of one code, some hours from now."""
    return Approval(
        order_id=order_id,
        fingerprint="f",
        any_later=["a.b"],
        by=by,
        at=NOW + timedelta(hours=hours),
    )


def rejection(order_id: str, by: str, hours: int = 0) -> Rejection:
    """A rejection, some hours from now."""
    return Rejection(order_id=order_id, fingerprint="f", by=by, at=NOW + timedelta(hours=hours))


def stop(order_id: str, source: str, code: str = "a.b", line_id: str = "") -> Hold:
    """A hold."""
    return Hold(order_id=order_id, source=source, code=code, line_id=line_id)


# -- By order and by customer ----------------------------------------------------------------------


def test_approvals_are_found_by_order_the_oldest_first() -> None:
    """However they are listed, an order's approvals come by time, then by person."""
    late, early, same = approval("A", "Ada", 2), approval("A", "Eve", 1), approval("A", "Bob", 1)
    facts = Facts(approvals=[late, early, approval("B", "Ada"), same])
    assert facts.approvals_of("A") == (same, early, late)


def test_rejections_are_found_by_order_the_oldest_first() -> None:
    """However they are listed, an order's rejections come by time, then by person."""
    late, early, same = rejection("A", "Ada", 2), rejection("A", "Eve", 1), rejection("A", "Bob", 1)
    facts = Facts(rejections=[late, early, rejection("B", "Ada"), same])
    assert facts.rejections_of("A") == (same, early, late)


def test_holds_are_found_by_order_in_the_sequence_of_their_keys() -> None:
    """An order may have many: each source, code and line is another one."""
    holds = [
        stop("A", "fraud", "a.b"),
        stop("A", "fraud", "a.b", "1"),
        stop("A", "fraud", "a.b", "2"),
        stop("A", "fraud", "c.d"),
        stop("A", "quality", "a.b"),
    ]
    facts = Facts(holds=[*holds[::-1], stop("B", "fraud")])
    assert facts.holds_of("A") == tuple(holds)


def test_all_rulings_on_an_order() -> None:
    """Together in one value; of an order about which nobody decided anything there is none."""
    facts = Facts(
        approvals=[approval("A", "Ada")], rejections=[rejection("A", "Eve")], holds=[stop("A", "x")]
    )
    rulings = facts.rulings_of("A")
    assert rulings is not None
    assert (rulings.approvals, rulings.rejections, rulings.holds) == (
        facts.approvals,
        facts.rejections,
        facts.holds,
    )
    assert facts.rulings_of("B") is None


def test_an_order_of_which_nothing_is_known() -> None:
    """An unknown order has no approvals, rejections and holds: that is no error."""
    facts = Facts()
    assert facts.approvals_of("A") == ()
    assert facts.rejections_of("A") == ()
    assert facts.holds_of("A") == ()


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
            approvals=[approval("A", "Ada")],
            rejections=[rejection("A", "Ada")],
            holds=[stop("A", "x")],
            screenings=[Screening(order_id="A", flags=["b", "a"])],
            customers=[CustomerFacts(customer_id="C")],
        )
        for _ in range(2)
    )
    assert {one: "found"}[other] == "found"
    assert one != Facts()


def test_facts_may_be_changed_into_others() -> None:
    """A copy with something more finds it; the original does not."""
    facts = Facts(holds=[stop("A", "x")])
    more = attrs.evolve(facts, holds=[*facts.holds, stop("B", "x")])
    assert (len(more.holds_of("B")), len(facts.holds_of("B"))) == (1, 0)


def test_facts_show_what_they_were_given_and_no_more() -> None:
    """The repr is the call; indexes are the library's own affair."""
    assert repr(Facts()) == (
        "Facts(approvals=(), rejections=(), holds=(), screenings=(), customers=(), promises=())"
    )


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"approvals": [1]},
            "Facts.approvals[0]: 1 is not of type Approval; pass one",
        ),
        (
            {"rejections": [stop("A", "x")]},
            (
                "Facts.rejections[0]: Hold(order_id='A', source='x', code='a.b', line_id='',"
                " detail='') is not of type Rejection; pass one"
            ),
        ),
        ({"holds": ["x"]}, "Facts.holds[0]: 'x' is not of type Hold; pass one"),
        ({"holds": "x"}, "Facts.holds: 'x' is not a collection of Hold; pass a list or tuple"),
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
            {"holds": [stop("A", "x"), stop("A", "y"), stop("A", "x")]},
            (
                "Facts.holds[2]: ('A', 'x', 'a.b', '') was given before; each hold of an order"
                " comes once"
            ),
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
