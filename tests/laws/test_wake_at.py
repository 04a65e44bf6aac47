"""Between now and `Result.wake_at` time alone changes nothing, so a host need not poll.

A world is run, then its result is run again at a random instant before it says that it has to be.
The laws are functions of the `process` under test, so that they can be fed with a broken one too.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import attrs
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from fulfill_core import (
    DEFAULT_VERIFIERS,
    Context,
    Customer,
    Inventory,
    Order,
    Payment,
    PriorityPolicy,
    Result,
    Severity,
    Verifier,
    process,
)
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
    slack,
    weighted,
)
from fulfill_core.testing import Batch, batches, priority_policies, verifiers
from fulfill_core.verifiers import (
    all_of,
    asked_last,
    authorization_lasts,
    covers_total,
    credit_covers,
    downgrade,
    only_if,
    plausible_dates,
    unless,
)

from . import reallocating
from .ruled import SMALL
from .runs import SEEDS, Entry, Process, active, order_of, same, with_order

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
TICK = timedelta(microseconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
TIER = customer_tier("gold", "silver")
SOON = normalised(deadline, first=timedelta(0), last=2 * DAY)
LATE = normalised(slack(5 * HOUR), first=DAY, last=-DAY)


@attrs.frozen
class after_an_hour:  # noqa: N801 - it is used as the function that it makes
    """A condition of the host's own, that says when it changes its mind."""

    def __call__(self, order: Order, /, *, context: Context) -> bool:
        return context.now - order.placed_at >= HOUR + 30 * MINUTE

    def turning_points(self, order: Order, /, *, context: Context) -> list[Any]:
        """When the order is as old as that."""
        return [order.placed_at + HOUR + 30 * MINUTE]


LOOKING: tuple[Verifier, ...] = (
    plausible_dates(),
    plausible_dates(tolerance=timedelta(0)),
    authorization_lasts(),
    authorization_lasts(5 * HOUR),
    covers_total(pay_later={"invoice"}),
    credit_covers(),
    all_of(credit_covers("card"), authorization_lasts(DAY)),
    asked_last(all_of(plausible_dates(), authorization_lasts(DAY))),
    downgrade(authorization_lasts(DAY), to=Severity.NOTE),
    only_if(after_an_hour(), plausible_dates()),
    unless(after_an_hour(), authorization_lasts(10 * DAY)),
)
"""Verifiers that look at the time."""


def numeric(inner: st.SearchStrategy[PriorityPolicy]) -> st.SearchStrategy[PriorityPolicy]:
    """Policies with numbers for keys, made of such."""
    ends = st.tuples(st.integers(-5, 9), st.integers(-5, 9)).filter(lambda two: two[0] != two[1])
    weights = st.sampled_from((1, 2, Decimal("0.3"), Fraction(2, 7)))
    periods = st.sampled_from((HOUR, DAY, 7 * DAY + TICK))
    return st.one_of(
        st.builds(lambda one, two: normalised(one, first=two[0], last=two[1]), inner, ends),
        st.dictionaries(inner, weights, min_size=1, max_size=3).map(weighted),
        st.builds(buckets, inner, weights),
        st.builds(lambda one, period: ageing(one, rises_every=period), inner, periods),
    )


NUMBERS = st.recursive(
    st.sampled_from([TIER, order_value({"EUR": Decimal(1)}), SOON, LATE]), numeric, max_leaves=4
)
ALONE = st.one_of(NUMBERS, NUMBERS.map(descending), priority_policies())
SHARES: list[PriorityPolicy] = [fair_share("customer"), fair_share("channel", weights={"web": 3})]
PRIORITIES = st.one_of(
    ALONE,
    st.lists(ALONE, max_size=3).map(lambda few: lexicographic(*few)),
    st.builds(
        lambda before, share, after: lexicographic(*before, share, *after),
        st.lists(ALONE, max_size=2),
        st.sampled_from(SHARES),
        st.lists(ALONE, max_size=1),
    ),
)
MINUTES = st.integers(-3000, 3000)


@st.composite
def dated(draw: st.DrawFn, batch: Batch) -> Batch:
    """The same orders, some with other dates: instants that few others fall on."""
    entries: list[Entry] = []
    for entry in batch.orders:
        order = order_of(entry)
        changes: dict[str, Any] = {}
        if draw(st.booleans()):
            changes["placed_at"] = order.placed_at + draw(st.integers(0, 200)) * MINUTE
        if draw(st.booleans()):
            changes["deliver_by"] = batch.now + draw(MINUTES) * MINUTE
        if draw(st.integers(0, 3)) == 0:
            changes["ship_after"] = batch.now + draw(MINUTES) * MINUTE
        if draw(st.integers(0, 3)) == 0:
            ends = batch.now + draw(MINUTES) * MINUTE
            payment = Payment(id="p", amount=max(order.total, Decimal(0)), expires_at=ends)
            method = draw(st.sampled_from(("card", "invoice")))
            changes["payments"] = [attrs.evolve(payment, method=method)]
        entries.append(with_order(entry, attrs.evolve(order, **changes)) if changes else entry)
    return attrs.evolve(batch, orders=tuple(entries))


WORLDS = (batches() | batches(rules=True) | SMALL).flatmap(dated)
VERIFIERS = st.tuples(
    st.lists(st.sampled_from(LOOKING), max_size=3), st.lists(verifiers(), max_size=1)
).map(lambda two: (*two[0], *two[1]))
RULES = st.fixed_dictionaries(
    {
        "verifiers": VERIFIERS | VERIFIERS.map(lambda more: (*DEFAULT_VERIFIERS, *more)),
        "priority": PRIORITIES,
    }
)


OF_ITS_TURN = {"allocation.customer_cap", "allocation.ring_fenced", "sourcing.at_capacity"}
"""Notes on what limited an order when it was its turn to take. In the next run what it got is its
own, and what others behind it got is theirs: the note may be gone at once, whatever time does."""


def seen(result: Result) -> list[Any]:
    """What must not change: who has what, why, in which sequence, and what is told."""
    now = result.context.now
    return [
        *(
            (
                made.id,
                made.outcome,
                made.rank,
                [found.code for found in made.findings if found.code not in OF_ITS_TURN],
                sorted(map(repr, active(result.inventory.reservations_of(made.id), now))),
            )
            for made in result.decisions
        ),
        [message.id for message in result.notifications],
    ]


def law_nothing_before(process: Process, batch: Batch, rules: dict[str, Any], seed: int) -> None:
    """A run on a result, at any instant between its now and its wake_at, changes nothing."""
    chance = random.Random(seed)
    result: Any = process(batch.orders, batch.inventory, now=batch.now, facts=batch.facts, **rules)
    wake_at = result.wake_at
    if wake_at is None:
        later = batch.now + chance.choice((TICK, MINUTE, DAY, 900 * DAY))
    else:
        ticks = (wake_at - batch.now) // TICK
        later = batch.now + chance.choice((ticks - 1, chance.randrange(ticks), 0)) * TICK
    again: Any = process(batch.orders, result.inventory, now=later, facts=batch.facts, **rules)
    same("allocated later", [], [row for made in again.decisions for row in made.allocations])
    same(f"seen at {later}, to be woken at {wake_at}", seen(result), seen(again))


@given(WORLDS, RULES, SEEDS)
def test_nothing_changes_before(batch: Batch, rules: dict[str, Any], seed: int) -> None:
    """Whatever the verifiers and the priority are."""
    law_nothing_before(process, batch, rules, seed)


@given(WORLDS, RULES, st.data(), SEEDS)
def test_nothing_changes_before_where_orders_take_from_others(
    batch: Batch, rules: dict[str, Any], data: st.DataObject, seed: int
) -> None:
    """The same, with any re-allocation: with time, units freeze."""
    ids = sorted({order.id for order in batch.orders})
    reallocation = data.draw(reallocating.reallocations(ids))
    if data.draw(st.booleans()):
        reallocation = attrs.evolve(reallocation, frozen_within=DAY)
    law_nothing_before(process, batch, {**rules, "reallocation": reallocation}, seed)


# -- Ranks alone -----------------------------------------------------------------------------------


def law_ranks_before(
    process: Process, orders: Sequence[Order], priority: PriorityPolicy, seed: int
) -> None:
    """The queue stays as it is until wake_at, whenever it is looked at."""
    chance = random.Random(seed)

    def ids_at(now: datetime) -> list[str]:
        found = process(orders, Inventory(), now=now, verifiers=(), priority=priority)
        return [made.id for made in found.decisions]

    first: Any = process(orders, Inventory(), now=NOW, verifiers=(), priority=priority)
    wake_at = first.wake_at
    ticks = (9 * DAY if wake_at is None else wake_at - NOW) // TICK
    for tick in (ticks - 1, *[chance.randrange(ticks) for _ in range(5)]):
        expected = [made.id for made in first.decisions]
        same(f"the queue at +{tick}, woken at {wake_at}", expected, ids_at(NOW + tick * TICK))


@st.composite
def queues(draw: st.DrawFn) -> list[Order]:
    """Orders that are placed and due around now."""
    rows = draw(
        st.lists(
            st.tuples(
                st.integers(0, 400),
                st.none() | MINUTES,
                st.sampled_from(("gold", "silver", "standard")),
                st.integers(0, 3),
                st.sampled_from("abc"),
            ),
            min_size=2,
            max_size=8,
        )
    )
    return [
        Order(
            id=f"A-{number}",
            placed_at=NOW - ago * MINUTE,
            customer=Customer(id=f"C-{name}", tier=tier),
            lines=[],
            currency="EUR",
            shipping=Decimal(cost),
            deliver_by=None if due is None else NOW + due * MINUTE,
        )
        for number, (ago, due, tier, cost, name) in enumerate(rows)
    ]


@given(queues(), PRIORITIES, SEEDS)
def test_no_rank_changes_before(orders: list[Order], priority: PriorityPolicy, seed: int) -> None:
    """Whatever the policy is made of: time swaps no two orders before wake_at."""
    law_ranks_before(process, orders, priority, seed)


# -- The laws bite ---------------------------------------------------------------------------------


def sees_no_verifiers(*args: Any, **settings: Any) -> Result:
    """A run that forgets which verifiers look at the time."""
    return attrs.evolve(process(*args, **settings), verifiers=())


def sees_no_priority(*args: Any, **settings: Any) -> Result:
    """A run that forgets that time swaps ranks."""
    return attrs.evolve(process(*args, **settings), priority=oldest_first)


def caught(law: Callable[..., None], suspect: Process, *cases: st.SearchStrategy[Any]) -> bool:
    """Whether the law is broken by one of so many cases."""

    @settings(
        max_examples=1_000,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.tuples(*cases))
    def hold_to_it(case: tuple[Any, ...]) -> None:
        law(suspect, *case)

    try:
        hold_to_it()
    except AssertionError:
        return True
    return False


def test_a_run_that_forgets_is_caught() -> None:
    """The laws fail for a result that does not ask its verifiers, or its priority."""
    assert caught(law_nothing_before, sees_no_verifiers, WORLDS, RULES, SEEDS)
    assert caught(law_ranks_before, sees_no_priority, queues(), PRIORITIES, SEEDS)
