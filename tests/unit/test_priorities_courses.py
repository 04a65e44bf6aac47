"""How keys move with time: held to what the policies themselves say at each tick."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from itertools import count, islice, pairwise
from typing import Any

import pytest
from builders import CONTEXT, NOW, order
from effort import FEWER
from hypothesis import given
from hypothesis import strategies as st

from fulfill_core import Context, Customer
from fulfill_core.priorities import (
    ageing,
    buckets,
    courses,
    customer_tier,
    deadline,
    normalised,
    weighted,
)
from fulfill_core.priorities.courses import Course, Segment, added, bounded, scaled, stepped

TICK = timedelta.resolution
FEW = 40
NUMBERS = st.integers(-9, 9) | st.fractions(-9, 9, max_denominator=4)


@st.composite
def pieces(draw: st.DrawFn) -> tuple[Segment, ...]:
    """A course of up to three pieces, which need not join."""
    starts = [0, *sorted(draw(st.sets(st.integers(1, 20), max_size=2)))]
    return tuple(Segment(start, draw(NUMBERS), draw(NUMBERS)) for start in starts)


def at_each_tick(course: Course) -> list[int | Fraction]:
    """The key at the first few ticks; the pieces begin one after the other."""
    some = list(islice(course, FEW + 1))
    assert some[0].start == 0
    assert all(one.start < other.start for one, other in pairwise(some))
    keys: list[int | Fraction] = []
    for tick in range(FEW):
        piece = [piece for piece in some if piece.start <= tick][-1]
        keys.append(piece.key + piece.rise * (tick - piece.start))
    return keys


@FEWER
@given(pieces(), pieces(), NUMBERS)
def test_a_sum_is_the_sum_at_each_tick(
    one: tuple[Segment, ...], other: tuple[Segment, ...], factor: int | Fraction
) -> None:
    """However the pieces overlap."""
    expected = [
        here + there * factor
        for here, there in zip(at_each_tick(iter(one)), at_each_tick(iter(other)), strict=True)
    ]
    assert at_each_tick(added([iter(one), scaled(iter(other), factor)])) == expected


@FEWER
@given(pieces(), NUMBERS, NUMBERS)
def test_what_is_put_on_top_rises_from_the_first_tick_on(
    some: tuple[Segment, ...], plus: int | Fraction, rise: int | Fraction
) -> None:
    """Whenever a piece begins."""
    keys = at_each_tick(iter(some))
    expected = [key + plus + rise * tick for tick, key in enumerate(keys)]
    assert at_each_tick(scaled(iter(some), 1, plus=plus, rise=rise)) == expected


@FEWER
@given(pieces(), st.integers(1, 9))
def test_a_scale_ends_at_both_ends(some: tuple[Segment, ...], most: int) -> None:
    """At each tick what lies beyond an end is at that end."""
    expected = [min(max(key, 0), most) for key in at_each_tick(iter(some))]
    assert at_each_tick(bounded(iter(some), most)) == expected


def test_a_key_rises_from_below_a_scale_to_its_upper_end() -> None:
    """It is at the lower end until it is within, and at the upper one from then on."""
    rising = [Segment(0, -4, 2), Segment(9, 1, -3)]
    keys = [0, 0, 0, 2, 4, 5, 5, 5, 5, 1, 0, 0]
    assert at_each_tick(bounded(iter(rising), 5))[: len(keys)] == keys


def test_steps_go_on_in_the_next_piece() -> None:
    """A course of two pieces steps in both."""
    some = [Segment(0, 0, 1), Segment(4, 10, 0)]
    assert at_each_tick(stepped(iter(some), 1, 2))[:6] == [0, 0, 1, 1, 5, 5]


@FEWER
@given(pieces(), st.integers(1, 3), st.integers(1, 5))
def test_steps_are_rounded_down(some: tuple[Segment, ...], times: int, by: int) -> None:
    """At each tick."""
    expected = [key * times // by for key in at_each_tick(iter(some))]
    assert at_each_tick(stepped(iter(some), times, by)) == expected


@FEWER
@given(pieces(), pieces())
def test_keys_are_out_of_sequence_at_the_first_tick_at_which_they_are(
    one: tuple[Segment, ...], other: tuple[Segment, ...]
) -> None:
    """Neither before nor after. Equal ones may part in the sequence in which they come."""
    apart = [
        there - here
        for here, there in zip(at_each_tick(iter(one)), at_each_tick(iter(other)), strict=True)
    ]
    if apart[0] == 0:
        ticks = [tick for tick, by in enumerate(apart) if by < 0]
    else:
        ticks = [tick for tick, by in enumerate(apart) if by * apart[0] <= 0]
    expected = next(iter(ticks), None)
    found = courses._parting(iter(one), iter(other))
    assert found == expected or (expected is None and found is not None and found >= FEW)


def test_keys_that_step_for_ever_are_looked_at_for_a_while() -> None:
    """If they have not met by then, what is told is too early, and not nothing."""

    def steps(first: int) -> Iterator[Segment]:
        return (Segment(start, first - start, 0) for start in count())

    assert courses._parting(steps(0), steps(9)) == courses._PATIENCE


# -- The policies ----------------------------------------------------------------------------------

HOUR = timedelta(hours=1)
TIER = customer_tier("gold", "silver")
SOON = normalised(deadline, first=timedelta(0), last=7 * TICK)
POLICIES: list[Any] = [
    TIER,
    SOON,
    normalised(deadline, first=9 * TICK, last=2 * TICK),
    ageing(TIER, rises_every=5 * TICK),
    ageing(SOON, rises_every=3 * TICK),
    buckets(ageing(TIER, rises_every=5 * TICK), Fraction(2, 3)),
    buckets(TIER, 2),
    buckets(deadline, HOUR),
    normalised(ageing(TIER, rises_every=5 * TICK), first=-2, last=1),
    weighted({SOON: Fraction(5, 3), buckets(ageing(TIER, rises_every=4 * TICK), 1): 2}),
    weighted({buckets(SOON, Fraction(1, 4)): 1, lambda order, /, *, context: Fraction(1, 3): 2}),
]


@pytest.mark.parametrize("policy", POLICIES)
@FEWER
@given(st.integers(0, 20), st.none() | st.integers(-5, 30), st.sampled_from(("gold", "silver", "")))
def test_a_course_is_what_the_policy_says_later(
    policy: Any, ago: int, due: int | None, tier: str
) -> None:
    """At each tick, while nothing but time changes."""
    subject = order(
        "A",
        placed_at=NOW - ago * TICK,
        customer=Customer(id="C", tier=tier),
        deliver_by=None if due is None else NOW + due * TICK,
    )
    course = courses.course_of(policy, subject, CONTEXT)
    later = [Context(now=NOW + tick * TICK) for tick in range(FEW)]
    assert at_each_tick(course) == [policy(subject, context=each) for each in later]


def test_what_lies_beyond_the_calendar_never_comes() -> None:
    """Orders that meet in ten thousand years do not break a run."""
    apart = normalised(deadline, first=timedelta(0), last=timedelta(days=1))
    last = datetime(9999, 12, 31, tzinfo=UTC)
    orders = [order("A", deliver_by=last), order("B")]
    context = Context(now=last - HOUR)
    [falls] = apart.turning_points(orders[::-1], context=Context(now=NOW))
    assert falls == last - timedelta(days=1) + TICK
    slow = weighted({apart: 1, ageing(TIER, rises_every=HOUR): 1})
    assert list(slow.turning_points(orders[:1], context=context)) == []
    late = normalised(ageing(TIER, rises_every=timedelta(days=36_000)), first=-200, last=-100)
    old = [order("A", placed_at=NOW - HOUR), order("B", placed_at=NOW)]
    assert list(late.turning_points(old, context=CONTEXT)) == []


def test_buckets_of_instants_stand_still() -> None:
    """In which bucket a deadline is does not depend on what time it is."""
    due = order("A-1", deliver_by=NOW + timedelta(days=3))
    days = buckets(deadline, timedelta(days=1))
    assert list(days.course(due, CONTEXT)) == [Segment(0, days(due, context=CONTEXT), 0)]
