"""The laws of priority policies, held to every ready-made one and to random combinations of them.

A law is a function of the policy under test, so that it can be fed with a broken one too: the last
part of this file does that.
"""

from __future__ import annotations

import pickle
import random
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import attrs
import pytest
from effort import FEWER
from hypothesis import given
from hypothesis import strategies as st

from fulfill_core import (
    DEFAULT_PRIORITY,
    DEFAULT_SOURCING,
    Context,
    Customer,
    Facts,
    Inventory,
    Order,
    PriorityPolicy,
    process,
)
from fulfill_core.orders.dates import first_departure
from fulfill_core.priorities import (
    ageing,
    buckets,
    customer_tier,
    deadline,
    descending,
    fair_share,
    lexicographic,
    normalised,
    oldest_first,
    order_value,
    weighted,
)
from fulfill_core.priorities.times import describe
from fulfill_core.protocols.plugins import looks_at_batch, name_of
from fulfill_core.testing import Batch, batches, check_priority_policy, orders, priority_policies

from . import laws, runs

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
CONTEXT = Context(now=NOW)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
VALUE = order_value({"EUR": Decimal(1)})
TIER = customer_tier("gold", "silver")
NOTHING = Inventory()


def tier_of(order: Order) -> str:
    """The group of an order: its customer's tier."""
    return order.customer.tier


SHARES: list[PriorityPolicy] = [
    fair_share("customer"),
    fair_share("channel", weights={"web": 3}),
    fair_share(tier_of, weights={"gold": Fraction(5, 2), "silver": 1}),
]
NUMERIC: list[PriorityPolicy] = [TIER, VALUE, normalised(deadline, first=-DAY, last=3 * DAY)]


def numeric(inner: st.SearchStrategy[PriorityPolicy]) -> st.SearchStrategy[PriorityPolicy]:
    """Policies with numbers for keys, made of such."""
    ends = st.tuples(st.integers(-5, 50), st.integers(-5, 50)).filter(lambda two: two[0] != two[1])
    weights = st.sampled_from((1, 2, Decimal("0.3"), Fraction(2, 7)))
    periods = st.sampled_from((HOUR, DAY, 7 * DAY + timedelta(microseconds=1)))
    return st.one_of(
        st.builds(lambda one, two: normalised(one, first=two[0], last=two[1]), inner, ends),
        st.dictionaries(inner, weights, min_size=1, max_size=3).map(weighted),
        st.builds(buckets, inner, weights),
        st.builds(lambda one, period: ageing(one, rises_every=period), inner, periods),
    )


NUMBERS = st.recursive(st.sampled_from(NUMERIC), numeric, max_leaves=4)
SIMPLE = st.one_of(priority_policies(), NUMBERS, NUMBERS.map(descending))
LOOKING = st.builds(
    lambda before, share, after: lexicographic(*before, share, *after) if before else share,
    st.lists(SIMPLE, max_size=2),
    st.sampled_from(SHARES),
    st.lists(SIMPLE, max_size=1),
)
ANY = SIMPLE | LOOKING
FEW = st.lists(orders(currencies=["EUR"]), max_size=5, unique_by=lambda order: order.id)


def queue(policy: PriorityPolicy, some: Sequence[Order], facts: Facts = Facts()) -> list[str]:  # noqa: B008
    """The ids of the orders in the queue, in the sequence in which they are served."""
    result = process(some, NOTHING, now=NOW, verifiers=(), priority=policy, facts=facts)
    return [decision.id for decision in result.decisions if decision.rank is not None]


# -- The laws --------------------------------------------------------------------------------------


def law_pure_and_total(policy: PriorityPolicy, some: Sequence[Order]) -> None:
    """A key for every order, the same whenever it is asked; any two can be compared."""

    def alone(order: Order, /, *, context: Context) -> Any:
        return policy(order, context=context)

    turning_points = getattr(policy, "turning_points", None)
    if turning_points is not None:
        alone.turning_points = turning_points  # type: ignore[attr-defined]
    for each in (policy, alone):
        check_priority_policy(each, some, context=CONTEXT)


def law_permutation(policy: PriorityPolicy, some: Sequence[Order], seed: int) -> None:
    """The sequence in which the orders come makes no difference."""
    mixed = random.Random(seed).sample(some, len(some))
    runs.same("the queue, mixed", queue(policy, some), queue(policy, mixed))


def law_others(policy: PriorityPolicy, some: Sequence[Order], seed: int) -> None:
    """Without some of the orders, the others keep their sequence. With a policy that looks at the
    batch, those do that rank before all that are gone.
    """
    chance = random.Random(seed)
    gone = {order.id for order in some if chance.random() < 0.3}
    full = queue(policy, some)
    fewer = queue(policy, [order for order in some if order.id not in gone])
    if looks_at_batch(policy):
        first = min((full.index(order_id) for order_id in gone if order_id in full), default=None)
        runs.same(f"those before {sorted(gone)}", full[:first], fewer[:first])
    else:
        runs.same(f"without {sorted(gone)}", [one for one in full if one not in gone], fewer)


def law_pickling(policy: PriorityPolicy, some: Sequence[Order]) -> None:
    """A pickled policy is equal, reads the same, and ranks the same."""
    again = pickle.loads(pickle.dumps(policy))  # noqa: S301 - our own
    runs.same("the policy", (policy, hash(policy)), (again, hash(again)))
    runs.same("its repr", repr(policy), repr(again))
    runs.same("the queue", queue(policy, some), queue(again, some))


def law_words(policy: PriorityPolicy, some: Sequence[Order]) -> None:
    """It has a name, and says something about every order; nothing of where in memory it lies."""
    said = [name_of(policy), *(describe(policy, order, context=CONTEXT) for order in some)]
    for text in said:
        runs.holds(f"{text!r} is readable", true=bool(text) and not re.search(r"\bat 0x", text))


@FEWER
@given(ANY, FEW)
def test_policies_are_pure_and_total(policy: PriorityPolicy, some: list[Order]) -> None:
    """A policy has a key for every order, and any two can be compared."""
    law_pure_and_total(policy, some)


@FEWER
@given(ANY, FEW, runs.SEEDS)
def test_permutation(policy: PriorityPolicy, some: list[Order], seed: int) -> None:
    """In whatever sequence the orders come, the queue is the same."""
    law_permutation(policy, some, seed)


@FEWER
@given(ANY, FEW, runs.SEEDS)
def test_adding_others(policy: PriorityPolicy, some: list[Order], seed: int) -> None:
    """Other orders don't swap two; and if turns are taken, nobody is hurt from behind."""
    law_others(policy, some, seed)


@FEWER
@given(ANY, FEW)
def test_pickling(policy: PriorityPolicy, some: list[Order]) -> None:
    """In another process a policy is the same."""
    law_pickling(policy, some)


@FEWER
@given(ANY, FEW)
def test_words(policy: PriorityPolicy, some: list[Order]) -> None:
    """Every policy can be read, and says what it went by."""
    law_words(policy, some)


@FEWER
@given(batches(), st.sampled_from([*SHARES, *(lexicographic(TIER, share) for share in SHARES)]),
       runs.SEEDS)  # fmt: skip
def test_turns_keep_the_laws_of_a_run(batch: Batch, priority: PriorityPolicy, seed: int) -> None:
    """With a fair share: totality, determinism, nobody is hurt from behind, idempotence."""
    rules = runs.Policies((), priority, DEFAULT_SOURCING)
    laws.law_01_totality(process, batch, rules)
    laws.law_06_determinism(process, batch, rules, seed)
    laws.law_07_nobody_is_hurt_from_behind(process, batch, rules, seed)
    laws.law_08_idempotence(process, batch, rules)


# -- What they say they do -------------------------------------------------------------------------


@FEWER
@given(FEW, st.lists(st.tuples(st.sampled_from(NUMERIC), st.integers(1, 9)), min_size=1))
def test_a_weighted_score_is_the_sum(some: list[Order], terms: list[tuple[Any, int]]) -> None:
    """The score is the sum of weight times criterion; in words, of what each contributes."""
    criteria = dict(terms)
    policy = weighted(criteria)
    for order in some:
        expected = sum(
            weight * Fraction(one(order, context=CONTEXT)) / getattr(one, "denominator", 1)
            for one, weight in criteria.items()
        )
        runs.same("score", expected, Fraction(policy(order, context=CONTEXT)) / policy.denominator)
        added = policy.contributions(order, context=CONTEXT)
        runs.same("contributions", expected, sum(share for _, share in added))


@FEWER
@given(FEW, st.sampled_from(("channel", "customer")), st.integers(1, 3))
def test_the_kth_oldest_of_its_group(some: list[Order], by: Any, weight: int) -> None:
    """An order's turn is how many of its own group were placed before it, by the weight of it."""
    due = [order for order in some if (first_departure(order) or NOW) <= NOW]

    def group(order: Order) -> str:
        return order.channel if by == "channel" else order.customer.id

    def turn(order: Order) -> tuple[Any, ...]:
        before = [
            other
            for other in due
            if group(other) == group(order)
            and (other.placed_at, other.id) <= (order.placed_at, order.id)
        ]
        of_weight = group(order) in {"web", "C-ada"}
        return Fraction(len(before), weight if of_weight else 1), order.placed_at, order.id

    expected = [order.id for order in sorted(due, key=turn)]
    policy = fair_share(by, weights={"web": weight, "C-ada": weight})
    runs.same("turns", expected, queue(policy, some))


@FEWER
@given(FEW, st.timedeltas(timedelta(0), 400 * DAY))
def test_time_alone_swaps_nobody_who_ages(some: list[Order], later: timedelta) -> None:
    """Orders that age at one rate keep their sequence, unless what they age from changes it."""
    for inner in (TIER, VALUE, weighted({TIER: 2, VALUE: 1})):
        aged = ageing(inner, rises_every=DAY)

        def key(order: Order, now: datetime, aged: PriorityPolicy = aged) -> Any:
            return aged(order, context=Context(now=now))

        first = sorted(some, key=lambda order: (key(order, NOW), order.id))
        then = sorted(some, key=lambda order: (key(order, NOW + later), order.id))
        runs.same("the sequence", first, then)


# -- Nobody starves --------------------------------------------------------------------------------

Arrival = tuple[int, str]
"""Minutes since the arrival before, and the customer's tier."""
ARRIVALS = st.lists(
    st.tuples(st.integers(0, 90), st.sampled_from(("gold", "silver", "new"))), max_size=40
)


def simulate(
    policy: PriorityPolicy, stream: Sequence[Arrival], turns: Sequence[int]
) -> list[Order]:
    """The orders of a stream in the sequence in which they are served: at each instant all that
    have come are in the queue, and some of them are served.
    """
    waiting: list[Order] = []
    served: list[Order] = []
    now = NOW
    for number, (minutes, tier) in enumerate(stream):
        now += timedelta(minutes=minutes)
        order = Order(id=f"{number:03d}", placed_at=now, customer=Customer(id="C", tier=tier),
                      lines=[], currency="EUR")  # fmt: skip
        waiting.append(order)
        context = Context(now=now)
        waiting.sort(key=lambda one: (policy(one, context=context), one.placed_at, one.id))
        units = turns[number % len(turns)]
        served += waiting[:units]
        del waiting[:units]
    return served + waiting


def law_served_at_last(
    policy: PriorityPolicy, stream: Sequence[Arrival], turns: Sequence[int], bound: timedelta
) -> None:
    """Nobody is overtaken by an order that was placed later by more than a stated time."""
    latest: datetime | None = None
    for order in reversed(simulate(policy, stream, turns)):
        runs.holds(
            f"{order.id} overtakes nobody placed before it by more than {bound}",
            true=latest is None or order.placed_at - latest <= bound,
        )
        latest = order.placed_at if latest is None else min(latest, order.placed_at)


@FEWER
@given(ARRIVALS, st.lists(st.integers(0, 2), min_size=1, max_size=4), st.integers(1, 5))
def test_who_waits_is_served_at_last(stream: list[Arrival], turns: list[int], hours: int) -> None:
    """Whatever comes, and however little is served at a time: keys lie two tiers apart, so who
    comes later by more than two periods ranks behind. Only those who come sooner can be served
    before, and of those there are so many and no more.
    """
    policy = ageing(TIER, rises_every=hours * HOUR)
    law_served_at_last(policy, stream, turns, 2 * hours * HOUR)


def test_tiers_alone_let_somebody_starve() -> None:
    """Without ageing, gold that keeps coming keeps all others waiting."""
    stream = [(0, "gold"), (0, "new"), *[(60, "gold")] * 30]
    turns = [0, *[1] * 40]  # there is one more than can be served, all the time
    with pytest.raises(AssertionError, match="overtakes nobody"):
        law_served_at_last(TIER, stream, turns, 4 * HOUR)
    assert simulate(TIER, stream, turns)[-1].id == "001"
    served = [order.id for order in simulate(ageing(TIER, rises_every=2 * HOUR), stream, turns)]
    assert served[:6] == ["000", "002", "003", "004", "001", "005"]


def test_express_for_gold_without_starving_the_rest() -> None:
    """One order a day is served: gold at once, and the old one when it has waited three days."""
    policy = ageing(customer_tier("gold"), rises_every=3 * DAY)
    old = Order(id="old", placed_at=NOW, customer=Customer(id="C"), lines=[], currency="EUR")
    first: list[str] = []
    waiting = [old]
    for day in range(6):
        now = NOW + day * DAY
        gold = Customer(id="G", tier="gold")
        waiting.append(attrs.evolve(old, id=f"gold-{day}", placed_at=now, customer=gold))
        result = process(waiting, NOTHING, now=now, verifiers=(), priority=policy)
        first.append(result.decisions[0].id)
        waiting = [order for order in waiting if order.id != first[-1]]
    assert first == ["gold-0", "gold-1", "gold-2", "old", "gold-3", "gold-4"]


# -- The laws bite ---------------------------------------------------------------------------------


def order_of(name: str, minutes: int, **changes: Any) -> Order:
    """An order, placed so many minutes after the first."""
    content = {"customer": Customer(id="C"), "lines": [], "currency": "EUR", **changes}
    return Order(id=name, placed_at=NOW + timedelta(minutes=minutes), **content)


SOME = [order_of(name, minutes) for minutes, name in enumerate("abcdefgh")]


class Remembers:
    """Ranks orders by how often it was asked about any."""

    def __init__(self) -> None:
        self.seen = 0

    def __call__(self, order: Order, /, *, context: Context) -> int:
        self.seen += 1
        return self.seen % 5


class LooksBehind:
    """Turns the queue round when there is one order more."""

    def __call__(self, order: Order, /, *, context: Context) -> int:
        return 0

    def for_batch(self, some: Sequence[Order], /, *, context: Context) -> PriorityPolicy:
        return descending(oldest_first) if len(some) % 2 else oldest_first


class Forgets:
    """Comes out of a pickle with another setting."""

    def __init__(self) -> None:
        self.turned = False

    def __call__(self, order: Order, /, *, context: Context) -> Any:
        return (order.id < "d") is self.turned

    def __reduce__(self) -> Any:
        return _forgotten, ()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Forgets)

    def __hash__(self) -> int:
        return 1


def _forgotten() -> Forgets:
    made = Forgets()
    made.turned = True
    return made


class Addressed:
    """Shows where it lies."""

    def __call__(self, order: Order, /, *, context: Context) -> int:
        return 0

    def __repr__(self) -> str:
        return object.__repr__(self)


def by_tier_or_nothing(order: Order, /, *, context: Context) -> Any:
    """A key for some orders only."""
    return None if order.id == "c" else 0


def mixed_keys(order: Order, /, *, context: Context) -> Any:
    """Numbers for some, words for others."""
    return order.id if order.id == "c" else 0


def law_permutation_by_any_seed(policy: PriorityPolicy, some: Sequence[Order]) -> None:
    """As above."""
    for seed in range(9):
        law_permutation(policy, some, seed)


def law_others_by_any_seed(policy: PriorityPolicy, some: Sequence[Order]) -> None:
    """As above."""
    for seed in range(9):
        law_others(policy, some, seed)


@pytest.mark.parametrize(
    ("law", "policy"),
    [
        (law_pure_and_total, Remembers()),
        (law_pure_and_total, by_tier_or_nothing),
        (law_pure_and_total, mixed_keys),
        (law_permutation_by_any_seed, Remembers()),
        (law_others_by_any_seed, LooksBehind()),
        (law_others_by_any_seed, Remembers()),
        (law_pickling, Forgets()),
        (law_words, Addressed()),
    ],
)
def test_a_broken_policy_is_noticed(
    law: Callable[[PriorityPolicy, Sequence[Order]], None], policy: PriorityPolicy
) -> None:
    """Each law notices what it is there for."""
    law(DEFAULT_PRIORITY, SOME)
    with pytest.raises(AssertionError):
        law(policy, SOME)
