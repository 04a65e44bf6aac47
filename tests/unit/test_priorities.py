"""Ready-made priority policies: who is served first."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any, cast

import pytest
from builders import CONTEXT, NOW, line, order, refusal, run, served

from fulfill_core import DEFAULT_PRIORITY, Context, Customer, Order, PriorityPolicy
from fulfill_core.priorities import (
    customer_tier,
    deadline,
    descending,
    lexicographic,
    oldest_first,
    order_value,
)
from fulfill_core.priorities.times import describe
from fulfill_core.protocols.plugins import name_of


def due(order_id: str, hours: int | None, placed: int = 0) -> Order:
    """An order with a deadline some hours from now, placed some minutes from now."""
    return order(
        order_id,
        deliver_by=None if hours is None else NOW + timedelta(hours=hours),
        placed_at=NOW + timedelta(minutes=placed),
    )


def of_tier(order_id: str, tier: str) -> Order:
    """An order of a customer of this tier."""
    return order(order_id, customer=Customer(id="C", tier=tier))


def worth(order_id: str, amount: str, currency: str = "EUR") -> Order:
    """An order over this amount."""
    return order(order_id, lines=[line(unit_price=Decimal(amount))], currency=currency)


def test_overdue_first_and_no_deadline_last() -> None:
    """The earliest deadline leads, even one long past; without a deadline an order comes last."""
    orders = [due("none", None), due("late", 5), due("overdue", -99), due("soon", 1)]
    assert served(deadline, *orders) == ["overdue", "soon", "late", "none"]


def test_a_default_for_everyone() -> None:
    """By default: deadline, then the oldest, then the lowest id."""
    orders = [due("d", None, 0), due("b", 1, 5), due("c", 1, 5), due("a", 1, 9)]
    assert served(DEFAULT_PRIORITY, *orders) == ["b", "c", "a", "d"]


def test_the_oldest_first() -> None:
    """Who ordered first is served first."""
    assert served(oldest_first, due("a", 1, 2), due("b", 2, 1)) == ["b", "a"]


def test_tiers_in_the_shops_own_sequence() -> None:
    """The tier that is named first leads; a tier that is not named comes last."""
    orders = [of_tier("a", "new"), of_tier("b", "silver"), of_tier("c", "gold")]
    assert served(customer_tier("gold", "silver"), *orders) == ["c", "b", "a"]


@pytest.mark.parametrize(
    ("tiers", "message"),
    [
        (("gold", 3), "customer_tier(1): 3 is not text; pass a str"),
        (
            ("gold", "new", "gold"),
            "customer_tier[2]: 'gold' was given before; each tier comes once",
        ),
    ],
)
def test_tiers_are_names_and_each_comes_once(tiers: tuple[Any, ...], message: str) -> None:
    """What could only be a mistake is refused."""
    assert refusal(customer_tier, *tiers) == message


def test_the_smallest_value_first() -> None:
    """Order value goes up; reversed, the largest is first."""
    orders = [worth("a", "9.50"), worth("b", "100"), worth("c", "9.4")]
    by_value = order_value({"EUR": Decimal(1)})
    assert served(by_value, *orders) == ["c", "a", "b"]
    assert served(descending(by_value), *orders) == ["b", "a", "c"]


def test_values_in_two_currencies_go_by_their_rates() -> None:
    """Amounts are compared in the shop's own currency; a rate's code may be in lower case."""
    by_value = order_value({"EUR": Decimal(1), "usd": Decimal("0.5")})
    assert served(by_value, worth("a", "10"), worth("b", "15", "USD")) == ["b", "a"]


def test_an_order_in_a_currency_without_a_rate_stops_the_run() -> None:
    """Nothing is guessed about what an amount is worth."""
    assert refusal(
        run, worth("A-1", "10", "CHF"), verifiers=(), priority=order_value({"EUR": Decimal(1)})
    ) == (
        "order_value(rates=(('EUR', Decimal('1')),)), asked about order 'A-1': there is no rate for"
        " CHF; add one"
    )


@pytest.mark.parametrize(
    ("rates", "message"),
    [
        (
            {"EURO": Decimal(1)},
            "order_value.rates (key): 'EURO' is not a code of 3 letters, such as 'EUR'",
        ),
        (
            {"EUR": 1.0},
            (
                "order_value.rates['EUR']: 1.0 is not a Decimal; pass money as Decimal('9.90'),"
                " never a float"
            ),
        ),
    ],
)
def test_rates_are_checked(rates: dict[Any, Any], message: str) -> None:
    """A rate is a Decimal under a currency's code."""
    assert refusal(order_value, rates) == message


def test_policies_with_the_same_content_are_equal() -> None:
    """Ready-made policies are values, and pickle."""
    for policy, same in (
        (order_value({"EUR": Decimal(1)}), order_value({"eur": Decimal(1)})),
        (customer_tier("gold"), customer_tier("gold")),
        (lexicographic(deadline), lexicographic(deadline)),
        (descending(deadline), descending(deadline)),
    ):
        assert (policy, hash(policy)) == (same, hash(same))
        assert pickle.loads(pickle.dumps(policy)) == policy  # noqa: S301 - our own


def test_the_next_policy_decides_where_those_before_see_no_difference() -> None:
    """Lexicographic: tier, then value from the top, then the deadline."""
    policy = lexicographic(customer_tier("vip"), descending(order_value({"EUR": Decimal(1)})))
    orders = [
        worth("a", "1"),
        worth("b", "3"),
        order("c", customer=Customer(id="C", tier="vip")),
        worth("d", "3"),
    ]
    assert served(policy, *orders) == ["c", "b", "d", "a"]


def test_without_any_policy_the_oldest_is_first() -> None:
    """Ties end with (placed_at, id), so no policy at all is a total order too."""
    assert served(lexicographic(), due("a", 1, 1), due("b", None, 1), due("c", 2, 0)) == [
        "c",
        "a",
        "b",
    ]


@pytest.mark.parametrize("first", range(6))
def test_equal_keys_go_by_age_and_id_wherever_they_stand(first: int) -> None:
    """Several orders share a key, others have one of their own: within a key the oldest is first,
    then the lowest id, in whatever sequence they come.
    """
    orders = [
        due("lone", 1, 9),
        due("b", 2, 1),
        due("c", 2, 1),
        due("a", 2, 5),
        due("e", 3, 0),
        due("d", 3, 0),
    ]
    turned = [*orders[first:], *orders[:first]]
    expected = ["lone", "b", "c", "a", "d", "e"]
    assert served(deadline, *turned) == expected
    assert served(deadline, *reversed(turned)) == expected


def test_descending_turns_any_key_round() -> None:
    """Reversed twice is as before, whatever the keys are."""
    orders = [due("a", 1), due("b", 2), due("c", None)]
    assert served(descending(deadline), *orders) == ["c", "b", "a"]
    assert served(descending(descending(deadline)), *orders) == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: lexicographic(deadline, "oldest"),
            "lexicographic(1): 'oldest' can't be called; pass a function or another callable",
        ),
        (
            lambda: descending(None),
            "descending: None can't be called; pass a function or another callable",
        ),
    ],
)
def test_what_is_no_policy_is_refused(make: Callable[[], object], message: str) -> None:
    """A combination is made of policies: anything that can be called."""
    assert refusal(make) == message


# -- In words -------------------------------------------------------------------------------------


def loudest(order: Order, /, *, context: object) -> int:
    """A policy of the shop's own."""
    return 7


@pytest.mark.parametrize(
    ("policy", "words"),
    [
        (deadline, "due by 2026-03-02 13:00 UTC (today)"),
        (oldest_first, "placed at 2026-03-02 12:02 UTC"),
        (customer_tier("gold"), "customer tier 'standard' (not in the sequence: last)"),
        (customer_tier("standard"), "customer tier 'standard'"),
        (order_value({"EUR": Decimal(1)}), "an order value of 0 EUR"),
        (descending(oldest_first), "placed at 2026-03-02 12:02 UTC (reversed)"),
        (loudest, "loudest = 7"),
        (lexicographic(), "placed at 2026-03-02 12:02 UTC"),
        (
            lexicographic(deadline, loudest),
            "due by 2026-03-02 13:00 UTC (today), then loudest = 7",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else name_of(value),
)
def test_what_a_policy_went_by(policy: PriorityPolicy, words: str) -> None:
    """Each policy can say in words what it went by for an order; of a function its key is told."""
    assert describe(policy, due("A-1", 1, 2), context=CONTEXT) == words


@pytest.mark.parametrize(
    ("key", "words"),
    [
        (Decimal("-156.90"), "-156.90"),
        ((Decimal(5), NOW), "(5, 2026-03-02 12:00:00+00:00)"),
        ((NOW.date(), (timedelta(hours=2), "web")), "(2026-03-02, (2:00:00, 'web'))"),
        ([Decimal(5)], "[Decimal('5')]"),
    ],
    ids=["an amount", "several", "several in several", "anything else"],
)
def test_a_key_in_words(key: object, words: str) -> None:
    """Amounts and times of a key are told as people write them, alone or in tuples."""

    def own(order: Order, /, *, context: Context) -> object:
        return key

    assert describe(cast("PriorityPolicy", own), order(), context=CONTEXT) == f"own = {words}"


def test_no_deadline_in_words() -> None:
    """An order without a deadline is said to have none."""
    assert describe(deadline, order(), context=CONTEXT) == "no deadline"
