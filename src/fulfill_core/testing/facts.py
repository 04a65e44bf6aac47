"""Strategies for what the host knows of orders: screenings, and what their customers did before."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple, TypeAlias

from hypothesis import strategies as st

from fulfill_core.orders.order import Order, Ship
from fulfill_core.records.customer_facts import CustomerFacts, PastOrder, Screening
from fulfill_core.records.facts import Facts
from fulfill_core.testing.world import (
    ANOTHER,
    CUSTOMER_IDS,
    DAY,
    HOUR,
    NOW,
    ORDER_IDS,
    PROXY,
    SKUS,
)


class Subject(NamedTuple):
    """An order, as far as facts and people speak of it."""

    order_id: str
    fingerprint: str
    customer_id: str
    line_ids: tuple[str, ...] = ("1", "2")
    has_parts: bool = True


_ANYBODY = tuple(
    Subject(order_id, ANOTHER, customer_id)
    for order_id, customer_id in zip(ORDER_IDS, CUSTOMER_IDS * 3, strict=True)
)
"""What is spoken of if no orders are given."""


def subjects(orders: Iterable[Order]) -> tuple[Subject, ...]:
    """The orders, as far as facts and people speak of them."""
    members = [
        Subject(
            order.id,
            order.fingerprint,
            order.customer.id,
            tuple([line.id for line in order.lines]),
            order.ship is not Ship.COMPLETE and len(order.lines) > 1,
        )
        for order in orders
    ]
    return tuple(members) or _ANYBODY


# -- Screenings ------------------------------------------------------------------------------------


class Answers(NamedTuple):
    """What a screening says.

    Args:
        version: the version of the order that was screened: any, this, or another.
        score: the score, if there is one.
        avs: the answer on the address.
        is_by_proxy: whether the order came by a proxy.
        hours_ago: how many hours ago other orders were paid with the same card.
    """

    version: str
    score: int | Decimal | None
    avs: str = ""
    is_by_proxy: bool = False
    hours_ago: tuple[int, ...] = ()


_ANSWERS = (
    Answers("any", 12),
    Answers("this", 12, "Y"),
    Answers("any", None),
    Answers("this", 72, "N", is_by_proxy=True, hours_ago=(1, 2)),
    Answers("any", Decimal("91.5"), "Z", is_by_proxy=True, hours_ago=(3,)),
    Answers("another", 12, "Y"),
)
_EACH_ANSWERS = st.sampled_from(_ANSWERS)
_ANSWERS_OR_NONE = st.sampled_from((None, None, None, *_ANSWERS))


def screenings(
    *, orders: Iterable[Order] = (), now: datetime = NOW
) -> st.SearchStrategy[Screening]:
    """Screenings of the given orders: of any version, of this one, or of one that is no more.

    Scores are low, high, or not given; some orders came by a proxy, or were paid with a card that
    paid other orders some hours ago.

    Args:
        orders: the orders that were screened; ``"A-1"`` to ``"A-6"`` if left out.
        now: the time of the run.

    >>> from hypothesis import find
    >>> find(screenings(), lambda screening: "proxy" in screening.flags).score
    72
    """
    return st.tuples(st.sampled_from(subjects(orders)), _EACH_ANSWERS).map(
        lambda row: _screening(*row, now)
    )


def _screening(subject: Subject, answers: Answers, now: datetime) -> Screening:
    instants = [now - hours * HOUR for hours in answers.hours_ago]
    is_by_proxy = answers.is_by_proxy
    return Screening(
        order_id=subject.order_id,
        fingerprint={"any": "", "this": subject.fingerprint, "another": ANOTHER}[answers.version],
        score=answers.score,
        avs=answers.avs,
        flags=[PROXY] if is_by_proxy else [],
        ip="192.0.2.7" if is_by_proxy else "",
        cards=["4f1c"] if instants else [],
        same_card_at=instants,
        same_address_at=instants[:1],
    )


# -- Customers -------------------------------------------------------------------------------------

Past: TypeAlias = tuple[tuple[int, ...], int | None, int]
"""How many days ago each past order was placed, the credit in euros, and how much of it is used."""

_PASTS: tuple[Past, ...] = (
    ((), None, 0),
    ((1,), None, 0),
    ((1, 30, 400), 500, 0),
    ((0, 2), 20, 19),
)
_EACH_PAST = st.sampled_from(_PASTS)
_PAST_OR_NOT = st.sampled_from((None, None, *_PASTS))


def customer_facts(
    *, ids: st.SearchStrategy[str] | None = None, now: datetime = NOW
) -> st.SearchStrategy[CustomerFacts]:
    """What is known of customers: new ones and regular ones, with credit and without.

    Args:
        ids: the customer ids to choose from; those of `customers` if left out.
        now: the time before which the past orders were placed.

    >>> from hypothesis import find
    >>> len(find(customer_facts(), lambda customer: customer.credit_limit is not None).orders)
    3
    """
    return st.tuples(st.sampled_from(CUSTOMER_IDS) if ids is None else ids, _EACH_PAST).map(
        lambda row: _customer(*row, now)
    )


def _customer(
    customer_id: str, past: Past, now: datetime, order_ids: Sequence[str] = ()
) -> CustomerFacts:
    """What is known of a customer; the last past orders may be those that are looked at now."""
    days_ago, limit, debt = past
    names = [*order_ids[:1], "B-1", "B-2", "B-3"]
    return CustomerFacts(
        customer_id=customer_id,
        orders=[
            PastOrder(
                id=name,
                placed_at=now - days * DAY - HOUR,
                total=Decimal("9.90"),
                currency="EUR",
                units={sku: number for number, sku in enumerate(SKUS, start=1)},
            )
            for name, days in zip(names, days_ago, strict=False)
        ],
        credit_limit=None if limit is None else Decimal(limit),
        credit_used=Decimal(debt),
        currency="" if limit is None else "EUR",
        # Who ordered before has one of each, and who ordered often a kit, too.
        units_bought={sku: min(1, len(days_ago)) for sku in SKUS} | {"cup-set": len(days_ago) // 3},
    )


# -- Facts -----------------------------------------------------------------------------------------


def facts(*, orders: Iterable[Order] = (), now: datetime = NOW) -> st.SearchStrategy[Facts]:
    """Facts about the given orders: some have been screened, some customers were looked up.

    Screenings are of this version of the order, of any, or of one that is no more.

    Args:
        orders: the orders; ``"A-1"`` to ``"A-6"`` if left out.
        now: the time of the run.

    >>> from hypothesis import find
    >>> len(find(facts(), lambda known: bool(known.screenings)).screenings)
    1
    """
    return _facts(subjects(orders), now)


def draw_facts(draw: st.DrawFn, about: Sequence[Subject], now: datetime) -> Facts:
    """What `facts` draws."""
    orders_of: dict[str, list[str]] = {}
    for subject in about:
        orders_of.setdefault(subject.customer_id, []).append(subject.order_id)
    return Facts(
        screenings=[
            _screening(subject, answers, now)
            for subject in about
            if (answers := draw(_ANSWERS_OR_NONE)) is not None
        ],
        customers=[
            _customer(customer_id, past, now, order_ids)
            for customer_id, order_ids in sorted(orders_of.items())
            if (past := draw(_PAST_OR_NOT)) is not None
        ],
    )


_facts = st.composite(draw_facts)
