"""The verifiers that strategies draw: what each makes of what is known."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from fulfill_core import Context, Customer, CustomerFacts, Facts, Order, PastOrder, Screening
from fulfill_core.testing import policies
from fulfill_core.testing.world import PROXY

NOW = datetime(2026, 3, 2, tzinfo=UTC)
PAST = PastOrder(id="A-0", placed_at=NOW, total=Decimal(9), currency="EUR")


def order(tier: str = "gold") -> Order:
    """An order of a customer of this tier."""
    return Order(
        id="A-1",
        placed_at=NOW,
        customer=Customer(id="C-1", tier=tier),
        lines=[],
        currency="EUR",
    )


def codes(verifier: object, facts: Facts) -> list[str]:
    """What a verifier finds about it."""
    assert callable(verifier)
    return [found.code for found in verifier(order(), context=Context(now=NOW, facts=facts))]


@pytest.mark.parametrize(
    ("facts", "found"),
    [
        (Facts(), ["screening.missing"]),
        (Facts(screenings=[Screening(order_id="A-1")]), []),
        (Facts(screenings=[Screening(order_id="A-1", flags=[PROXY])]), ["test.proxy"]),
    ],
)
def test_one_turns_down_what_came_by_proxy(facts: Facts, found: list[str]) -> None:
    """Without a screening it holds, and it rejects what the screening says came by proxy."""
    assert codes(policies._no_proxies, facts) == found


@pytest.mark.parametrize(
    ("facts", "found"),
    [
        (Facts(), ["customer_facts.missing"]),
        (Facts(customers=[CustomerFacts(customer_id="C-1")]), ["test.first_order"]),
        (
            Facts(
                customers=[
                    CustomerFacts(
                        customer_id="C-1",
                        orders=[
                            PastOrder(
                                id="A-0", placed_at=NOW, total=0 * order().total, currency="EUR"
                            )
                        ],
                    )
                ]
            ),
            [],
        ),
    ],
)
def test_one_welcomes_a_first_order(facts: Facts, found: list[str]) -> None:
    """Without the customer's past it holds, and it notes an order that is the first."""
    assert codes(policies._welcomes, facts) == found


def test_a_condition_may_fail() -> None:
    """What combinations ask is small, large, or not to be had."""
    assert not policies._is_large(order(), context=Context(now=NOW))
    with pytest.raises(LookupError):
        policies._is_large(order("silver"), context=Context(now=NOW))
