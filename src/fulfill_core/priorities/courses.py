"""How keys move with time, and when time alone lets one order pass another.

While nothing but time changes, the keys that policies with numbers give to an order move in
straight pieces: they stand still, fall at a steady rate, or step. So the instant at which two of
them meet can be worked out. Time is counted in ticks from the ``now`` of the run, the smallest step
of a datetime; no number is ever rounded.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple, Protocol, TypeAlias, cast

from fulfill_core.orders.order import Order
from fulfill_core.priorities.numbers import as_number
from fulfill_core.protocols import PriorityPolicy, SortKey
from fulfill_core.protocols.plugins import looks_at_time, turning_points_of
from fulfill_core.records.facts import Context

TICK = timedelta(microseconds=1)
_PATIENCE = 64
"""So many segments of two keys are compared; if they have not met by then, the last one counts."""

Exact: TypeAlias = int | Fraction


class Segment(NamedTuple):
    """A straight piece of a key's course. It lasts until the next one begins, the last for ever.

    Args:
        start: the tick at which it begins.
        key: the key at that tick.
        rise: by how much it rises with each tick.
    """

    start: int
    key: Exact
    rise: Exact


Course: TypeAlias = Iterator[Segment]
"""The segments of a key's course, the first one from tick 0 on. There may be no end of them."""


class Moving(Protocol):
    """A policy of ours whose keys are numbers that time may move."""

    def __call__(self, order: Order, /, *, context: Context) -> SortKey: ...

    @property
    @abstractmethod
    def members(self) -> tuple[PriorityPolicy, ...]:
        """The policies that it asks."""

    @property
    @abstractmethod
    def is_moving(self) -> bool:
        """Whether time alone moves its keys."""

    @abstractmethod
    def course(self, order: Order, context: Context) -> Course:
        """How the key of an order moves from the ``now`` of the run on."""


_END = datetime.max.replace(tzinfo=UTC)


def as_moving(policy: PriorityPolicy) -> Moving | None:
    """The policy, if it is one of ours whose keys time may move."""
    kind = type(policy)
    is_ours = all([hasattr(kind, name) for name in ("course", "is_moving", "members")])
    return cast("Moving", policy) if is_ours else None


def is_moving(policy: PriorityPolicy) -> bool:
    """Whether time alone moves the keys of a policy, as far as that is known."""
    moving = as_moving(policy)
    return looks_at_time(policy) if moving is None else moving.is_moving


def partings(policy: Moving, orders: Sequence[Order], /, *, context: Context) -> Iterator[datetime]:
    """When time alone may bring two neighbours out of sequence: the turning points of a policy."""
    yield from _of_members(policy, orders, context)
    now = context.now.astimezone(UTC)
    for one, other in pairwise(orders):
        tick = _parting(policy.course(one, context), policy.course(other, context))
        if tick is not None and tick * TICK <= _END - now:
            yield now + tick * TICK


def _of_members(policy: Moving, orders: Sequence[Order], context: Context) -> Iterator[datetime]:
    """What policies that are none of ours say of themselves."""
    for member in policy.members:
        moving = as_moving(member)
        if moving is None:
            yield from turning_points_of(member, orders, context)
        else:
            yield from _of_members(moving, orders, context)


# -- Courses ---------------------------------------------------------------------------------------


def course_of(policy: PriorityPolicy, order: Order, context: Context) -> Course:
    """How the key moves. That of a policy which is none of ours stands still, till it says so."""
    moving = as_moving(policy)
    if moving is not None:
        return moving.course(order, context)
    key = as_number(policy, order, policy(order, context=context))
    return iter((Segment(0, key if isinstance(key, int) else Fraction(key), 0),))


def added(courses: Sequence[Course]) -> Course:
    """The sum of several."""
    for start, _, segments in _together(courses):
        yield Segment(
            start,
            sum([segment.key + segment.rise * (start - segment.start) for segment in segments]),
            sum([segment.rise for segment in segments]),
        )


def scaled(course: Course, factor: Exact, *, plus: Exact = 0, rise: Exact = 0) -> Course:
    """Times a factor, and on top of it something that starts so and rises so with each tick."""
    for segment in course:
        yield Segment(
            segment.start,
            segment.key * factor + plus + rise * segment.start,
            segment.rise * factor + rise,
        )


def bounded(course: Course, most: int) -> Course:
    """Never below 0, and never above *most*."""
    for start, end, (segment,) in _together([course]):
        key, rise = segment.key, segment.rise
        if not rise:
            yield Segment(start, min(max(key, 0), most), 0)
            continue
        if rise < 0:  # so many ticks until it is below the upper end, and until it is at the lower
            enters = max(0, (key - most) // -rise + 1)
            leaves = max(0, -(-key // -rise))
        else:
            enters = max(0, -key // rise + 1)
            leaves = max(0, -((key - most) // rise))
        first, last = (most, 0) if rise < 0 else (0, most)
        marks = (0, enters, leaves, None)
        values = ((first, 0), (key + rise * enters, rise), (last, 0))
        for (mark, after), (value, slope) in zip(pairwise(marks), values, strict=True):
            if mark is None or mark == after or (end is not None and start + mark >= end):
                continue
            yield Segment(start + mark, value, slope)


def stepped(course: Course, times: int, by: int) -> Course:
    """Times a factor, divided and rounded down: it stands still, and steps."""
    for start, end, (segment,) in _together([course]):
        rise = segment.rise * times
        tick = start
        while end is None or tick < end:
            key = (segment.key + segment.rise * (tick - start)) * times
            step = int(key // by)
            yield Segment(tick, step, 0)
            if not rise:
                break
            above = key - step * by  # by how much it is above its step
            tick += int(above // -rise + 1 if rise < 0 else -((above - by) // rise))


def _together(courses: Sequence[Course]) -> Iterator[tuple[int, int | None, list[Segment]]]:
    """The segments that last at once, from when until when; None: for ever."""
    segments = [next(course) for course in courses]
    later = [next(course, None) for course in courses]
    start = 0
    while True:
        end = min([segment.start for segment in later if segment is not None], default=None)
        yield start, end, list(segments)
        if end is None:
            return
        for at, segment in enumerate(later):
            if segment is not None and segment.start == end:
                segments[at], later[at] = segment, next(courses[at], None)
        start = end


# -- Two of them -----------------------------------------------------------------------------------


def _parting(one: Course, other: Course) -> int | None:
    """The first tick at which two keys do not compare as at 0; None if never.

    Equal keys may part in the sequence in which they come: nobody passes anybody then.
    """
    sign = 0
    for number, (start, end, segments) in enumerate(_together([one, other])):
        if number == _PATIENCE:
            return start
        key, other_key = [
            segment.key + segment.rise * (start - segment.start) for segment in segments
        ]
        apart, rise = other_key - key, segments[1].rise - segments[0].rise
        if not start:
            sign = _sign(apart)
        ticks = _ticks_until_other(sign, apart, rise)
        if ticks is not None and (end is None or start + ticks < end):
            return start + ticks
    return None


def _ticks_until_other(sign: int, apart: Exact, rise: Exact) -> int | None:
    """After how many ticks a difference is not of that sign; None if it stays so. 0 may grow."""
    nearer = -rise if sign >= 0 else rise  # so much with each tick
    apart = apart if sign >= 0 else -apart
    if apart < 0 or (sign and not apart):
        return 0
    if nearer <= 0:
        return None
    return int(-(-apart // nearer)) if sign else int(apart // nearer + 1)


def _sign(number: Exact) -> int:
    return (number > 0) - (number < 0)
