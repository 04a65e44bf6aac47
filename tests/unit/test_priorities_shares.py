"""Ready-made priority policies that look at the batch: customers and channels take turns."""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import attrs
import pytest
from builders import CONTEXT, NOW, mugs, order, refusal, run, served

from fulfill_core import Context, Customer, Finding, Order, PriorityPolicy, explain, hold
from fulfill_core.priorities import (
    customer_tier,
    deadline,
    descending,
    fair_share,
    lexicographic,
    normalised,
    oldest_first,
)
from fulfill_core.priorities.times import describe

TURNS = fair_share("customer")
TICK = timedelta.resolution


def of(customer: str, *minutes: int, **changes: Any) -> list[Order]:
    """Orders of a customer, placed so many minutes from now: A-1, A-2 and so on."""
    tier = changes.pop("tier", "standard")
    return [
        order(
            f"{customer}-{number}",
            customer=Customer(id=customer, tier=tier),
            placed_at=NOW + timedelta(minutes=minute),
            **changes,
        )
        for number, minute in enumerate(minutes, 1)
    ]


def tenant(subject: Order) -> str:
    """The group of an order, by a rule of the shop's own."""
    return subject.attributes.get("tenant", "")


# -- Turns -----------------------------------------------------------------------------------------


def test_customers_take_turns() -> None:
    """The oldest order of each, by age; then the second of each, and so on."""
    orders = [*of("A", 0, 1, 2, 3), *of("B", 9), *of("C", 5, 6)]
    assert served(TURNS, *orders) == ["A-1", "C-1", "B-1", "A-2", "C-2", "A-3", "A-4"]


def test_a_weight_of_two_has_two_turns() -> None:
    """While the others have one; a group without a weight has 1."""
    orders = [*of("A", 0, 1, 2, 3), *of("B", 10, 11, 12, 13)]
    weighty = fair_share("customer", weights={"B": 2})
    assert served(weighty, *orders) == ["B-1", "A-1", "B-2", "B-3", "A-2", "B-4", "A-3", "A-4"]


@pytest.mark.parametrize("scale", [1, Decimal("0.1"), Fraction(1, 7)])
def test_only_the_ratio_of_weights_counts(scale: Any) -> None:
    """Weights are exact: halves and thirds tie where they should."""
    orders = [*of("A", 0, 1, 2), *of("B", 10, 11)]
    weighty = fair_share("customer", weights={"A": 3 * scale, "B": 2 * scale})
    assert served(weighty, *orders) == ["A-1", "B-1", "A-2", "A-3", "B-2"]


def test_turns_by_channel_and_by_tenant() -> None:
    """Whatever a shop shares by."""
    web = of("A", 0, 1, channel="web", attributes={"tenant": "x"})
    fax = of("B", 5, 6, channel="fax", attributes={"tenant": "y"})
    for by in ("channel", tenant):
        assert served(fair_share(by), *web, *fax) == ["A-1", "B-1", "A-2", "B-2"]


def test_who_is_not_in_the_queue_takes_no_turn() -> None:
    """Orders that are held, or not due yet, do not count: without them all is the same."""

    def no_fax(subject: Order, /, *, context: Context) -> Sequence[Finding]:
        return (hold("test.fax"),) if subject.channel == "fax" else ()

    held = order("H", customer=Customer(id="A"), placed_at=NOW - timedelta(1), channel="fax")
    later = order(
        "L",
        customer=Customer(id="A"),
        placed_at=NOW - timedelta(1),
        ship_after=NOW + timedelta(1),
    )
    orders = [*of("A", 1, 2), *of("B", 3)]
    assert served(TURNS, *orders, held, later, verifiers=[no_fax]) == ["A-1", "B-1", "A-2"]
    assert served(TURNS, held, verifiers=[no_fax]) == []


def test_within_a_tier() -> None:
    """In a lexicographic, turns are taken among those that the policies before see no difference
    between: gold before all others, and among gold each customer in turn.
    """
    orders = [
        *of("G", 0, 1, 2, tier="gold"),
        *of("H", 9, tier="gold"),
        *of("S", 3, 4),
        *of("T", 5),
    ]
    expected = ["G-1", "H-1", "G-2", "G-3", "S-1", "T-1", "S-2"]
    gold = customer_tier("gold")
    assert served(lexicographic(gold, TURNS), *orders) == expected
    assert served(lexicographic(gold, lexicographic(TURNS, deadline)), *orders) == expected
    assert served(lexicographic(lexicographic(gold), TURNS, oldest_first), *orders) == expected
    last = served(lexicographic(descending(gold), TURNS), *orders)
    assert last == ["S-1", "T-1", "S-2", "G-1", "H-1", "G-2", "G-3"]


def test_turns_in_another_tier_do_not_count() -> None:
    """A customer's older order in a lower tier takes no turn in the higher one."""
    gold, late = of("A", 5, 6, tags=["gold"])
    old = order("A-0", customer=gold.customer, placed_at=NOW)
    other = of("B", 5, tags=["gold"])[0]

    def by_tag(subject: Order, /, *, context: Context) -> int:
        return 0 if "gold" in subject.tags else 1

    policy = lexicographic(by_tag, TURNS)
    assert served(policy, old, late, gold, other) == ["A-1", "B-1", "A-2", "A-0"]


def test_many_threads_give_the_same_turns() -> None:
    """What a policy sees of a batch is all of it, however it is chunked and spread."""
    orders = [*of("A", *range(30)), *of("B", *range(50, 60))]
    alone = served(TURNS, *orders)
    with ThreadPoolExecutor(2) as pool:
        assert served(TURNS, *orders, map=pool.map) == alone


# -- In words --------------------------------------------------------------------------------------


def test_a_turn_in_words() -> None:
    """Which turn it is, of whom, and with what weight."""
    orders = [*of("A", 0, 1), *of("B", 2)]
    result = run(*orders, verifiers=(), priority=TURNS, stock=mugs(berlin=1))
    assert explain(result, "A-2").ranked_by == "turn 2 of customer 'A'"
    weighty = fair_share(tenant, weights={"": Fraction(3, 2)})
    result = run(*orders, verifiers=(), priority=lexicographic(deadline, weighty))
    assert explain(result, "B-1").ranked_by == (
        "no deadline, then turn 3 of tenant '', which has a weight of 3/2"
    )


def test_outside_of_a_run_an_order_is_alone() -> None:
    """It is the first of its group."""
    alone = order("A-1")
    assert describe(TURNS, alone, context=CONTEXT) == "turn 1 of customer 'C-1'"
    assert TURNS(alone, context=CONTEXT) == 1
    bound = lexicographic(deadline, TURNS).for_batch
    assert bound is not None
    assert bound([], context=CONTEXT)(alone, context=CONTEXT) == (
        deadline(alone, context=CONTEXT),
        1,
    )
    made = bound(of("A", 0, 1), context=CONTEXT)
    assert repr(made) == "lexicographic(deadline, fair_share(by='customer', weights=()))"
    assert describe(made, alone, context=CONTEXT) == "no deadline, then turn 1 of customer 'C-1'"


def test_policies_and_their_results_are_values() -> None:
    """They pickle and compare by content, also with a batch in view."""
    for policy in (
        TURNS,
        fair_share(tenant, weights={"b": 2, "a": Decimal("0.5")}),
        lexicographic(customer_tier("gold"), TURNS),
    ):
        result = run(*of("A", 0, 1), verifiers=(), priority=policy)
        for each in (policy, result.priority):
            again = pickle.loads(pickle.dumps(each))  # noqa: S301 - our own
            assert (again, hash(again), repr(again)) == (each, hash(each), repr(each))
        assert result.priority != policy
        turned = run(*of("A", 0, 1)[::-1], verifiers=(), priority=policy)
        assert turned.priority == result.priority
    assert lexicographic(deadline).for_batch is None


# -- What is wrong ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("by", "weights", "message"),
    [
        (
            "tier",
            None,
            "fair_share.by: 'tier' is not 'customer' or 'channel'; or pass a function",
        ),
        (
            ["channel"],
            None,
            "fair_share.by: ['channel'] is not 'customer' or 'channel'; or pass a function",
        ),
        (
            "channel",
            {"web": 0},
            "fair_share.weights['web']: 0 is not above zero; pass a number above zero",
        ),
        (
            "channel",
            {"web": 0.5},
            (
                "fair_share.weights['web']: 0.5 is not a number; pass an int, a Decimal or a"
                " Fraction, never a float"
            ),
        ),
        ("channel", {3: 1}, "fair_share.weights (key): 3 is not text; pass a str"),
    ],
)
def test_settings_are_checked(by: Any, weights: Any, message: str) -> None:
    """A word or a function, and exact weights above zero by name."""
    assert refusal(fair_share, by, weights=weights) == message


def test_a_group_is_a_name() -> None:
    """What a function returns for one order can be compared with what it returns for another."""

    def nothing(subject: Order) -> Any:
        return None

    assert refusal(run, order("A-1"), verifiers=(), priority=fair_share(nothing)) == (
        "fair_share(by=nothing, weights=()), asked about order 'A-1': nothing returned None;"
        " return a str"
    )


def test_one_policy_may_look_at_the_batch() -> None:
    """With two, an order could lose its turn to one that ranks behind it."""
    assert refusal(lexicographic, lexicographic(TURNS), fair_share("channel")) == (
        "lexicographic(1): fair_share(by='channel', weights=()) is the second one that looks at the"
        " batch; one policy may"
    )
    assert refusal(descending, TURNS) == (
        "descending: fair_share(by='customer', weights=()) looks at the whole batch; it can stand"
        " alone or in a lexicographic"
    )


class Breaks:
    """A policy that can't look at a batch, or makes nonsense of it."""

    def __init__(self, made: Any) -> None:
        self.made = made

    def __call__(self, subject: Order, /, *, context: Context) -> int:
        return 0

    def for_batch(self, orders: Sequence[Order], /, *, context: Context) -> Any:
        if isinstance(self.made, Exception):
            raise self.made
        return self.made


@pytest.mark.parametrize(
    ("made", "message"),
    [
        (
            LookupError("too many"),
            "Breaks, asked about order 'A-1': could not look at the batch: LookupError: too many",
        ),
        (
            3,
            (
                "Breaks, asked about order 'A-1': its for_batch returned an int; return a priority"
                " policy"
            ),
        ),
        (
            lambda subject, /, *, context: None,
            "<lambda>, asked about order 'A-1': returned None; return a sort key",
        ),
    ],
)
def test_a_policy_that_breaks_on_the_batch_stops_the_run(made: Any, message: str) -> None:
    """There is no safe default for who is first."""
    assert refusal(run, *of("A", 0), verifiers=(), priority=Breaks(made)) == message


def test_a_policy_of_ones_own_may_look_at_the_batch() -> None:
    """What `for_batch` makes is asked, with all orders of the queue in view."""

    class Counts:
        def __call__(self, subject: Order, /, *, context: Context) -> int:
            raise AssertionError

        def for_batch(self, orders: Sequence[Order], /, *, context: Context) -> PriorityPolicy:
            total = len(orders)
            return lambda subject, /, *, context: (total, subject.id)

    result = run(*of("A", 1, 0), verifiers=(), priority=Counts())
    assert [decision.id for decision in result.decisions] == ["A-1", "A-2"]
    assert result.priority(order("A-1"), context=CONTEXT) == (2, "A-1")


# -- In the sequence of what follows ---------------------------------------------------------------


def test_nobody_behind_gives_another_order_an_earlier_turn() -> None:
    """Turns are counted in the sequence that the policies after them make. By age alone, A-1 would
    take the first turn of its customer and rank behind with it; without it, A-3 would have the
    first turn, and pass A-2, which was ahead of both.
    """
    ada, bob = Customer(id="C-ada"), Customer(id="C-bob")
    first = order("A-1", customer=ada, placed_at=NOW)
    second = order("A-2", customer=bob, placed_at=NOW - timedelta(hours=1))
    urgent = order("A-3", customer=ada, placed_at=NOW, deliver_by=NOW + timedelta(days=1))
    last = order("A-4", customer=ada, placed_at=NOW)
    for policy in (
        lexicographic(TURNS, deadline),
        lexicographic(lexicographic(TURNS), deadline),
        lexicographic(customer_tier("gold"), lexicographic(TURNS, deadline), oldest_first),
        lexicographic(lexicographic(TURNS, lexicographic(deadline))),
    ):
        assert served(policy, first, second, urgent, last) == ["A-3", "A-2", "A-1", "A-4"]
        assert served(policy, second, urgent, last) == ["A-3", "A-2", "A-4"]
    assert served(TURNS, first, second, urgent, last) == ["A-2", "A-1", "A-3", "A-4"]


def test_keys_that_tie_leave_the_oldest_first() -> None:
    """Whatever the policies after it can't tell apart, and wherever the orders come from."""
    orders = [*of("A", 2, 1, 0), *of("B", 3)]
    by_tier = lexicographic(TURNS, descending(customer_tier("gold")))
    assert served(by_tier, *orders) == ["A-3", "B-1", "A-2", "A-1"]


class InSequence:
    """A policy of the shop's own that serves in the sequence in which it is shown the orders."""

    def __init__(self, ids: tuple[str, ...] = ()) -> None:
        self.ids = ids

    def __call__(self, subject: Order, /, *, context: Context) -> int:
        return self.ids.index(subject.id)

    def for_batch(self, orders: Sequence[Order], /, *, context: Context) -> InSequence:
        assert isinstance(orders, tuple)
        return InSequence(tuple([subject.id for subject in orders]))


def test_orders_are_shown_in_the_sequence_in_which_they_would_be_served() -> None:
    """If the policy saw no difference between them: alone, the oldest first."""
    orders = [
        *of("A", 2, 1, deliver_by=NOW + timedelta(days=2)),
        *of("B", 0, 3, deliver_by=NOW + timedelta(days=1)),
    ]
    assert served(InSequence(), *orders) == ["B-1", "A-2", "A-1", "B-2"]
    by_deadline = lexicographic(InSequence(), deadline)
    assert served(by_deadline, *orders) == ["B-1", "B-2", "A-2", "A-1"]


# -- And with time ---------------------------------------------------------------------------------


OVERDUE = normalised(deadline, first=timedelta(0), last=timedelta(hours=1))
"""Falls from 1 to 0 in the last hour before the deadline."""
FALLS_AT = NOW + timedelta(hours=1, microseconds=1)
"""When a deadline in two hours first makes a difference to it."""


def due(name: str, *hours: int) -> list[Order]:
    """Orders of a customer, each placed an hour before the one before it, due in so many hours."""
    return [
        attrs.evolve(each, deliver_by=NOW + timedelta(hours=hour))
        for each, hour in zip(of(name, *range(-60, -60 * len(hours) - 1, -60)), hours, strict=True)
    ]


@pytest.mark.parametrize("turns", [TURNS, lexicographic(TURNS), InSequence()])
def test_two_of_a_group_that_change_places_are_a_turning_point(turns: PriorityPolicy) -> None:
    """Also if they are no neighbours in the queue: with their places their turns change."""
    orders = [*due("A", 2, 3), *due("B", 0, 0)]
    policy = lexicographic(turns, OVERDUE)
    assert run(*orders, verifiers=(), priority=policy).wake_at == FALLS_AT
    assert served(policy, *orders) == served(policy, *orders, now=FALLS_AT - TICK)
    assert served(policy, *orders) != served(policy, *orders, now=FALLS_AT)


@pytest.mark.parametrize(
    ("turns", "wake_at"), [(TURNS, NOW + timedelta(hours=2)), (InSequence(), FALLS_AT)]
)
def test_two_of_different_groups_take_no_turn_from_each_other(
    turns: PriorityPolicy, wake_at: datetime
) -> None:
    """That they change places wakes nobody, unless a policy of the shop's own may look at it. In
    two hours B-1 and B-2 are level.
    """
    orders = [*of("A", -180), *due("B", 2, 0)]
    assert run(*orders, verifiers=(), priority=lexicographic(turns, OVERDUE)).wake_at == wake_at
