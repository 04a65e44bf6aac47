"""Ready-made priority policies that work with numbers: weighted scores, buckets, ageing."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any

import pytest
from builders import CONTEXT, NOW, line, order, refusal, run, served

from fulfill_core import Context, Customer, Order, PriorityPolicy
from fulfill_core.priorities import (
    ageing,
    buckets,
    customer_tier,
    deadline,
    expedited,
    fair_share,
    lexicographic,
    normalised,
    oldest_first,
    order_value,
    slack,
    weighted,
)
from fulfill_core.priorities.times import describe
from fulfill_core.protocols.plugins import name_of

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
VALUE = order_value({"EUR": Decimal(1)})
TIER = customer_tier("gold", "silver")


def worth(order_id: str, amount: str, tier: str = "standard", **changes: Any) -> Order:
    """An order over this amount, by a customer of this tier."""
    lines = [line(unit_price=Decimal(amount))]
    return order(order_id, lines=lines, customer=Customer(id="C", tier=tier), **changes)


def value(policy: Any, subject: Order, context: Context = CONTEXT) -> Fraction:
    """What a key means: it counts in parts."""
    key = policy(subject, context=context)
    assert type(key) in {int, Decimal, Fraction}
    return Fraction(key) / policy.denominator


def lines_of(subject: Order, /, *, context: Context) -> int:
    """A policy of one's own with whole numbers: few lines first."""
    return len(subject.lines)


def half_lines(subject: Order, /, *, context: Context) -> Fraction:
    """A policy of one's own with fractions."""
    return Fraction(len(subject.lines), 2)


def is_gift(subject: Order, /, *, context: Context) -> bool:
    """A policy of one's own that says yes or no."""
    return "gift" in subject.tags


def says(key: Any) -> PriorityPolicy:
    """A policy that has this key for all."""

    def always(subject: Order, /, *, context: Context) -> Any:
        return key

    return always


# -- Normalised ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("amount", "share"),
    [("0", 0), ("10", 0), ("30", Fraction(1, 4)), ("90", 1), ("1000", 1)],
)
def test_a_scale_from_nought_to_one(amount: str, share: Fraction) -> None:
    """What is served first is 0, last 1, in between in proportion; beyond either end is the end."""
    policy = normalised(VALUE, first=10, last=90)
    assert value(policy, worth("A-1", amount)) == share
    turned = normalised(VALUE, first=90, last=Decimal(10))
    assert value(turned, worth("A-1", amount)) == 1 - share


def test_a_scale_for_keys_of_any_exact_kind() -> None:
    """Whole numbers, yes and no, fractions, and keys that are in parts themselves."""
    two = order("A-1", 1, 1, tags=["gift"])
    assert value(normalised(lines_of, first=0, last=3), two) == Fraction(2, 3)
    assert value(normalised(half_lines, first=0, last=3), two) == Fraction(1, 3)
    assert value(normalised(is_gift, first=0, last=Fraction(5, 2)), two) == Fraction(2, 5)
    once = normalised(lines_of, first=0, last=3)
    assert value(normalised(once, first=Fraction(1, 3), last=1), two) == Fraction(1, 2)


def test_a_scale_for_instants() -> None:
    """Deadlines count from the run's own time; without one an order is last."""
    policy = normalised(deadline, first=timedelta(0), last=4 * DAY)
    shares = [
        value(policy, order(deliver_by=by))
        for by in (NOW - DAY, NOW, NOW + DAY, NOW + 5 * DAY, None)
    ]
    assert shares == [0, 0, Fraction(1, 4), 1, 1]
    age = normalised(oldest_first, first=-10 * DAY, last=timedelta(0))
    assert value(age, order(placed_at=NOW - 3 * DAY)) == Fraction(7, 10)
    assert value(normalised(slack(DAY), first=timedelta(0), last=DAY), order(deliver_by=NOW)) == 0


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            {"first": 1, "last": 1},
            "normalised.last: 1 is equal to first; pass another one",
        ),
        (
            {"first": 0.5, "last": 1},
            (
                "normalised.first: 0.5 is not a number; pass an int, a Decimal or a Fraction, never"
                " a float"
            ),
        ),
        (
            {"first": 0, "last": DAY},
            (
                "normalised.last: datetime.timedelta(days=1) is not a number; pass an int, a"
                " Decimal or a Fraction, never a float"
            ),
        ),
        (
            {"first": True, "last": 2},
            (
                "normalised.first: True is not a number; pass an int, a Decimal or a Fraction,"
                " never a float"
            ),
        ),
        (
            {"first": 0, "last": Decimal("NaN")},
            (
                "normalised.last: Decimal('NaN') is not a number; pass an int, a Decimal or a"
                " Fraction, never a float"
            ),
        ),
        (
            {"first": 0, "last": Decimal("1e99")},
            (
                "normalised.last: Decimal('1E+99') is not a number; pass an int, a Decimal or a"
                " Fraction, never a float"
            ),
        ),
        (
            {"first": 0, "last": 10**16},
            "normalised.last: 10000000000000000 has more than 15 digits on a side of the point",
        ),
        (
            {"first": Fraction(1, 10**16), "last": 1},
            (
                "normalised.first: Fraction(1, 10000000000000000) has more than 15 digits on a side"
                " of the point"
            ),
        ),
    ],
)
def test_the_ends_of_a_scale_are_checked(settings: dict[str, Any], message: str) -> None:
    """They are two different exact numbers, or two lengths of time."""
    assert refusal(normalised, lines_of, **settings) == message


# -- Weighted --------------------------------------------------------------------------------------

SCORE = weighted(
    {
        normalised(TIER, first=0, last=2): 3,
        normalised(VALUE, first=100, last=0): Decimal("1.5"),
        normalised(deadline, first=timedelta(0), last=3 * DAY): Fraction(1, 3),
    }
)


def test_a_weighted_score_is_exact() -> None:
    """Each criterion times its weight, added up, whatever the host's decimal context."""
    subject = worth("A-1", "25", "silver", deliver_by=NOW + DAY)
    expected = Fraction(3, 2) + Fraction(9, 8) + Fraction(1, 9)
    assert value(SCORE, subject) == expected
    with localcontext() as rough:
        rough.prec = 1
        assert value(SCORE, subject) == expected


def test_the_lowest_score_is_served_first() -> None:
    """Two small advantages can outweigh a large one."""
    orders = [
        worth("gold", "0", "gold"),
        worth("rich", "100", "silver", deliver_by=NOW),
        worth("none", "0"),
    ]
    assert served(SCORE, *orders) == ["rich", "gold", "none"]


def test_each_criterions_contribution_is_visible() -> None:
    """What each adds to the score: as values, and in words."""
    subject = worth("A-1", "25", "silver", deliver_by=NOW + DAY)
    assert SCORE.contributions(subject, context=CONTEXT) == (
        (
            "normalised(customer_tier(tiers=('gold', 'silver')), first=0, last=2)",
            Fraction(3, 2),
        ),
        (
            "normalised(order_value(rates=(('EUR', Decimal('1')),)), first=100, last=0)",
            Fraction(9, 8),
        ),
        (
            "normalised(deadline, first=datetime.timedelta(0), last=datetime.timedelta(days=3))",
            Fraction(1, 9),
        ),
    )
    assert describe(SCORE, subject, context=CONTEXT) == (
        "a score of 2.736: 1.5 for customer tier 'silver', 1.125 for an order value of 25 EUR,"
        " 0.111 for due by 2026-03-03 12:00 UTC (tomorrow)"
    )


def test_criteria_of_all_kinds_add_up() -> None:
    """Whole numbers, fractions and Decimals in any mixture make one number."""
    two = worth("A-1", "1.25", tags=["gift"])
    for criteria, expected in (
        ({lines_of: 2}, 2),
        ({lines_of: 2, half_lines: 3}, Fraction(7, 2)),
        ({half_lines: 3, lines_of: 2}, Fraction(7, 2)),
        ({VALUE: 2, lines_of: 1}, Fraction(7, 2)),
        ({VALUE: 2, half_lines: 1}, 3),
        ({half_lines: 1, VALUE: 2, is_gift: 5}, 8),
        ({VALUE: 2, normalised(VALUE, first=0, last=5): 4}, Fraction(7, 2)),
    ):
        assert value(weighted(criteria), two) == expected


def test_a_score_below_nought_in_words() -> None:
    """Rounded to nothing it is 0."""
    policy = weighted({says(-1): Fraction(1, 10_000)})
    assert describe(policy, order(), context=CONTEXT) == "a score of 0: 0 for always = -1"


def test_the_sequence_of_criteria_is_no_difference() -> None:
    """Two policies with the same weights are equal, whichever was named first."""
    one, other = weighted({TIER: 1, VALUE: 2}), weighted({VALUE: Decimal(2), TIER: 1})
    assert (one, hash(one)) == (other, hash(other))
    assert repr(one) == (
        "weighted({customer_tier(tiers=('gold', 'silver')): 1,"
        " order_value(rates=(('EUR', Decimal('1')),)): 2})"
    )


@pytest.mark.parametrize("weight", [0, -1, Decimal(0), Decimal(-1), Fraction(-1, 2)])
def test_a_weight_is_above_nought(weight: Any) -> None:
    """Nothing is gained by a criterion that counts nothing; to turn one round, turn its scale."""
    assert refusal(weighted, {lines_of: weight}) == (
        f"weighted[lines_of]: {weight!r} is not above zero; pass a number above zero"
    )


@pytest.mark.parametrize(
    ("criteria", "message"),
    [
        ({}, "weighted: {} names no criteria; pass a dict of policies and weights"),
        ([], "weighted: [] names no criteria; pass a dict of policies and weights"),
        (
            {lines_of: Decimal("NaN")},
            (
                "weighted[lines_of]: Decimal('NaN') is not a number; pass an int, a Decimal or a"
                " Fraction, never a float"
            ),
        ),
        (
            {lines_of: float("inf")},
            (
                "weighted[lines_of]: inf is not a number; pass an int, a Decimal or a Fraction,"
                " never a float"
            ),
        ),
        (
            {"tier": 1},
            "weighted (key): 'tier' can't be called; pass a function or another callable",
        ),
    ],
)
def test_criteria_are_checked(criteria: Any, message: str) -> None:
    """Policies, with exact numbers above zero."""
    assert refusal(weighted, criteria) == message


# -- Buckets ---------------------------------------------------------------------------------------


def test_small_differences_tie() -> None:
    """Within one bucket the next policy decides."""
    orders = [worth("a", "19.99"), worth("b", "10"), worth("c", "9.99"), worth("d", "20")]
    assert served(buckets(VALUE, 10), *orders) == ["c", "a", "b", "d"]
    assert served(lexicographic(buckets(VALUE, Decimal(10)), VALUE), *orders) == [
        "c",
        "b",
        "a",
        "d",
    ]


@pytest.mark.parametrize(
    ("policy", "size", "key"),
    [
        (says(-1), 10, -1),
        (says(-10), 10, -1),
        (says(9), 10, 0),
        (says(7), Decimal("2.5"), 2),
        (says(Decimal("-0.1")), 10, -1),
        (says(Fraction(7, 2)), Fraction(1, 2), 7),
        (normalised(says(1), first=0, last=3), Fraction(1, 6), 2),
        (says(NOW), DAY, 20_514),
        (says(NOW - 13 * HOUR), DAY, 20_513),
    ],
)
def test_the_number_of_a_bucket(policy: PriorityPolicy, size: Any, key: int) -> None:
    """A bucket begins at a multiple of its size, and at midnight in UTC; below nought as well."""
    made = buckets(policy, size)(order(), context=CONTEXT)
    assert (type(made), made) == (int, key)


@pytest.mark.parametrize(
    ("size", "message"),
    [
        (0, "buckets.size: 0 is not above zero; pass a number above zero"),
        (
            timedelta(0),
            ("buckets.size: datetime.timedelta(0) is no time at all; pass a timedelta above zero"),
        ),
        (
            -DAY,
            (
                "buckets.size: datetime.timedelta(days=-1) is below zero; pass a timedelta of zero"
                " or more"
            ),
        ),
    ],
)
def test_a_bucket_has_a_size(size: Any, message: str) -> None:
    """It is above zero."""
    assert refusal(buckets, lines_of, size) == message


# -- Ageing ----------------------------------------------------------------------------------------


def test_a_waiting_order_rises_by_the_stated_rate() -> None:
    """By one for each period, in proportion, whatever kind of number the policy has."""
    waited = order(placed_at=NOW - 36 * HOUR)
    for inner, expected in (
        (lines_of, Fraction(-3, 2)),
        (says(2), Fraction(1, 2)),
        (says(Fraction(1, 3)), Fraction(1, 3) - Fraction(3, 2)),
        (says(Decimal("0.1")), Fraction(1, 10) - Fraction(3, 2)),
        (normalised(says(1), first=0, last=3), Fraction(1, 3) - Fraction(3, 2)),
    ):
        assert value(ageing(inner, rises_every=DAY), waited) == expected


def test_age_outweighs_the_tier_in_the_end() -> None:
    """A tier is worth two days here: after more than that, the older order is first."""
    policy = ageing(TIER, rises_every=2 * DAY)
    silver = worth("silver", "1", "silver", placed_at=NOW - 2 * DAY)
    gold = worth("gold", "1", "gold", placed_at=NOW)
    later = worth("later", "1", "gold", placed_at=NOW + timedelta(microseconds=1))
    assert served(policy, later, silver, now=NOW + HOUR) == ["silver", "later"]
    earlier = worth("earlier", "1", "gold", placed_at=NOW - timedelta(microseconds=1))
    assert served(policy, silver, gold, earlier) == ["earlier", "silver", "gold"]


def test_time_alone_swaps_nobody() -> None:
    """All rise at one rate: whenever a run is, the sequence of the same orders is the same."""
    policy = ageing(TIER, rises_every=timedelta(days=1, seconds=1))
    orders = [
        worth(f"{tier}-{hours}", "1", tier, placed_at=NOW - hours * HOUR)
        for tier in ("gold", "silver", "new")
        for hours in (0, 24, 25, 48, 49)
    ]
    first = served(policy, *orders)
    for later in (timedelta(microseconds=1), HOUR, 1_000 * DAY):
        assert served(policy, *orders, now=NOW + later) == first


def test_ageing_in_words() -> None:
    """What it started from, and how much it has gained by waiting."""
    policy = ageing(TIER, rises_every=2 * DAY)
    subject = worth("A-1", "1", "silver", placed_at=NOW - 3 * DAY)
    assert describe(policy, subject, context=CONTEXT) == (
        "customer tier 'silver', up by 1.5 for waiting: placed at 2026-02-27 12:00 UTC (3 days ago)"
    )


@pytest.mark.parametrize(
    ("period", "message"),
    [
        (
            2,
            ("ageing.rises_every: 2 is not a timedelta; pass one, such as timedelta(days=30)"),
        ),
        (
            timedelta(0),
            (
                "ageing.rises_every: datetime.timedelta(0) is no time at all; pass a timedelta"
                " above zero"
            ),
        ),
    ],
)
def test_a_rate_is_a_time(period: Any, message: str) -> None:
    """An order rises in some time, not at once."""
    assert refusal(ageing, TIER, rises_every=period) == message


# -- All of them -----------------------------------------------------------------------------------

NUMERIC: list[Callable[[PriorityPolicy], PriorityPolicy]] = [
    lambda policy: normalised(policy, first=0, last=1),
    lambda policy: weighted({policy: 1}),
    lambda policy: buckets(policy, 2),
    lambda policy: ageing(policy, rises_every=DAY),
]


@pytest.mark.parametrize("make", NUMERIC)
@pytest.mark.parametrize("key", ["gold", 0.5, None, Decimal("NaN"), Decimal("Infinity"), NOW])
def test_what_is_no_exact_number_stops_the_run(
    make: Callable[[PriorityPolicy], PriorityPolicy], key: Any
) -> None:
    """The policy is named, and the order, and what to return."""
    assert refusal(run, order("A-1"), verifiers=(), priority=make(says(key))) == (
        f"always, asked about order 'A-1': returned {key!r}, with which nothing can be worked out;"
        " return an int, a Decimal or a Fraction"
    )


@pytest.mark.parametrize(
    "make",
    [
        lambda policy: normalised(policy, first=timedelta(0), last=DAY),
        lambda policy: buckets(policy, DAY),
    ],
)
def test_a_number_where_an_instant_is_needed_stops_the_run(
    make: Callable[[PriorityPolicy], PriorityPolicy],
) -> None:
    """A scale or a bucket in time is for instants."""
    assert refusal(run, order("A-1"), verifiers=(), priority=make(says(3))).startswith(
        "always, asked about order 'A-1': returned 3, with which nothing"
    )


@pytest.mark.parametrize("make", NUMERIC)
def test_what_looks_at_the_batch_is_no_number(
    make: Callable[[PriorityPolicy], PriorityPolicy],
) -> None:
    """A place in a round depends on the others: it is no criterion, no scale, and does not age."""
    assert refusal(make, fair_share("customer")).endswith(
        "looks at the whole batch; it can stand alone or in a lexicographic"
    )


@pytest.mark.parametrize(
    ("policy", "shown", "words"),
    [
        (
            normalised(expedited(tag="x"), first=0, last=1),
            "normalised(expedited(tag='x'), first=0, last=1)",
            "not expedited",
        ),
        (
            buckets(VALUE, 50),
            "buckets(order_value(rates=(('EUR', Decimal('1')),)), 50)",
            "an order value of 0 EUR (in steps of 50)",
        ),
        (
            buckets(deadline, DAY),
            "buckets(deadline, datetime.timedelta(days=1))",
            "no deadline (in steps of 1 day, 0:00:00)",
        ),
        (
            ageing(TIER, rises_every=DAY),
            (
                "ageing(customer_tier(tiers=('gold', 'silver')),"
                " rises_every=datetime.timedelta(days=1))"
            ),
            (
                "customer tier 'standard' (not in the sequence: last), up by 0 for waiting: placed"
                " at 2026-03-02 12:00 UTC"
            ),
        ),
    ],
    ids=name_of,
)
def test_policies_are_values_with_words(policy: PriorityPolicy, shown: str, words: str) -> None:
    """They pickle, compare and hash by content, and can be read."""
    assert repr(policy) == shown
    again = pickle.loads(pickle.dumps(policy))  # noqa: S301 - our own
    assert (again, hash(again), repr(again)) == (policy, hash(policy), shown)
    assert describe(policy, order(), context=CONTEXT) == words
    assert again(order(), context=CONTEXT) == policy(order(), context=CONTEXT)
