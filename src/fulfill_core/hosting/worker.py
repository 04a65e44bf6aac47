"""A worker: one loop after the other, until it is asked to stop."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator
from datetime import datetime, timedelta
from typing import NoReturn, TypeAlias

import attrs

from fulfill_core import _checks
from fulfill_core.exceptions import FulfillError
from fulfill_core.hosting.limits import Limits
from fulfill_core.hosting.reports import LoopReport

_Pauses: TypeAlias = Generator[float, LoopReport | Exception, NoReturn]


@attrs.frozen(kw_only=True, weakref_slot=False)
class Pace:
    """How long a worker pauses between two turns.

    After a turn that failed the pauses double, up to the longest.

    Args:
        poll: after how long it looks again: others may have written to the outbox. Sooner, if there
            is something to do sooner.
        first_pause: how long it waits after a turn that failed.
        longest_pause: at most so long.
        failures: after so many turns that failed, one after the other, it gives up.

    >>> Pace().poll.total_seconds(), Pace().failures
    (5.0, 10)
    """

    poll: timedelta = timedelta(seconds=5)
    first_pause: timedelta = timedelta(seconds=1)
    longest_pause: timedelta = timedelta(minutes=1)
    failures: int = 10

    def __attrs_post_init__(self) -> None:
        for name in ("poll", "first_pause", "longest_pause"):
            duration = getattr(self, name)
            _checks.check_duration(f"Pace.{name}", duration)
            if not duration:
                raise _checks.refuse(f"Pace.{name}", duration, "is no time; pass some")
        _checks.check_int("Pace.failures", self.failures, at_least=1)


def run_worker(
    turn: Callable[[], LoopReport],
    *,
    clock: Callable[[], datetime],
    sleep: Callable[[float], object],
    is_stopping: Callable[[], bool],
    pace: Pace | None = None,
) -> None:
    """Make one turn after the other, until it is time to stop.

    Args:
        turn: one turn, such as a `functools.partial` of `run_loop`. Pass *is_stopping* there as
            well: then it stops between two messages.
        clock: gives the time, aware.
        sleep: lets so many seconds pass; less, if it is time to stop meanwhile. The ``wait`` of a
            `threading.Event` does.
        is_stopping: whether to stop, such as the ``is_set`` of that event.
        pace: how long to pause; None for the usual one.

    Raises:
        InvalidValueError: something that can't be called, before the first turn.
        FulfillError: what a turn raises of these goes through at once: no retry repairs it.
        Exception: what the last of `Pace.failures` turns raised that failed one after the other.
            Let whatever starts the worker start it again.

    >>> from datetime import timezone
    >>> from functools import partial
    >>> from fulfill_core.hosting import InMemoryStorage, run_loop
    >>> noon = datetime(2026, 3, 2, 12, tzinfo=timezone.utc)
    >>> pauses = []
    >>> turn = partial(run_loop, storage=InMemoryStorage(), clock=lambda: noon, sleep=print)
    >>> run_worker(turn, clock=lambda: noon, sleep=pauses.append,
    ...            is_stopping=lambda: len(pauses) == 3)
    >>> pauses
    [5.0, 5.0, 5.0]
    """
    _check_functions(turn=turn, clock=clock, sleep=sleep, is_stopping=is_stopping)
    pauses = _pauses(_pace_of(pace), clock)
    next(pauses)
    while not is_stopping():
        try:
            outcome: LoopReport | Exception = turn()
        except Exception as error:  # noqa: BLE001 - whatever a database raises
            outcome = error
        pause = pauses.send(outcome)
        if not is_stopping():
            sleep(pause)


async def run_worker_async(
    turn: Callable[[], Awaitable[LoopReport]],
    *,
    clock: Callable[[], datetime],
    sleep: Callable[[float], Awaitable[object]],
    is_stopping: Callable[[], bool],
    pace: Pace | None = None,
) -> None:
    """`run_worker` for an asynchronous host.

    Args:
        turn: one turn, such as a `functools.partial` of `run_loop_async`.
        clock: gives the time, aware.
        sleep: lets so many seconds pass; less, if it is time to stop meanwhile.
        is_stopping: whether to stop.
        pace: how long to pause; None for the usual one.

    Raises:
        FulfillError: as `run_worker`.
        Exception: as `run_worker`.

    >>> import asyncio
    >>> from datetime import timezone
    >>> from functools import partial
    >>> from fulfill_core.hosting import InMemoryStorage, run_loop_async
    >>> noon = datetime(2026, 3, 2, 12, tzinfo=timezone.utc)
    >>> pauses = []
    >>> async def sleep(seconds):
    ...     pauses.append(seconds)
    >>> turn = partial(run_loop_async, storage=InMemoryStorage(), clock=lambda: noon, sleep=sleep)
    >>> asyncio.run(run_worker_async(turn, clock=lambda: noon, sleep=sleep,
    ...                              is_stopping=lambda: len(pauses) == 2))
    >>> pauses
    [5.0, 5.0]
    """
    _check_functions(turn=turn, clock=clock, sleep=sleep, is_stopping=is_stopping)
    pauses = _pauses(_pace_of(pace), clock)
    next(pauses)
    while not is_stopping():
        try:
            outcome: LoopReport | Exception = await turn()
        except Exception as error:  # noqa: BLE001 - whatever a database raises
            outcome = error
        pause = pauses.send(outcome)
        if not is_stopping():
            await sleep(pause)


def _check_functions(**functions: object) -> None:
    """Before the first turn: what a turn raises is retried, and this would be, too."""
    for name, function in functions.items():
        _checks.check_callable(name, function)


def _pace_of(pace: Pace | None) -> Pace:
    if pace is None:
        return Pace()
    _checks.check_member("pace", pace, Pace)
    return pace


def _pauses(pace: Pace, clock: Callable[[], datetime]) -> _Pauses:
    """How many seconds to pause after each turn: it is told what the turn did, or raised."""
    doubling = Limits(first_retry=pace.first_pause, longest_retry=pace.longest_pause)
    failures, pause = 0, pace.poll
    while True:
        outcome = yield pause.total_seconds()
        if isinstance(outcome, Exception):
            failures += 1
            if isinstance(outcome, FulfillError) or failures == pace.failures:
                raise outcome
            pause = doubling.retry(failures)
        else:
            failures, pause = 0, pace.poll
            if outcome.wake_at is not None:
                until_due = outcome.wake_at - _checks.in_utc("clock()", clock())
                pause = max(min(pause, until_due), timedelta())
