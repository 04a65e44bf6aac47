"""A worker: one loop after the other, until it is asked to stop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from some_hosting import NOON, SETTINGS, Clock, Sender, Shop, order

from fulfill_core import InvalidValueError, PluginError
from fulfill_core.hosting import (
    Later,
    Limits,
    LoopReport,
    OutboxRow,
    Pace,
    Run,
    Sent,
    run_loop,
    run_loop_async,
    run_worker,
    run_worker_async,
)

PACE = Pace(failures=4, first_pause=timedelta(seconds=1), longest_pause=timedelta(seconds=3))
Turn = Callable[[], LoopReport]


def worked(is_async: bool, turns: list[Any], pace: Pace = PACE) -> list[float]:
    """How a worker pauses whose turns return or raise this, one after the other; then it stops."""
    clock = Clock()
    remaining = list(turns)

    def turn() -> LoopReport:
        outcome = remaining.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def is_stopping() -> bool:
        return not remaining and len(clock.naps) == len(turns)

    options: dict[str, Any] = {"clock": clock, "is_stopping": is_stopping, "pace": pace}
    if not is_async:
        run_worker(turn, sleep=clock.sleep, **options)
        return clock.naps

    async def async_turn() -> LoopReport:
        return turn()

    async def sleep(seconds: float) -> None:
        clock.sleep(seconds)

    asyncio.run(run_worker_async(async_turn, sleep=sleep, **options))
    return clock.naps


both = pytest.mark.parametrize("is_async", [False, True], ids=["waits", "awaits"])


@both
def test_it_looks_again_after_a_while(is_async: bool) -> None:
    """Others may have written. Sooner, if there is something to do; at once, if it is late."""
    turns = [
        LoopReport(),
        LoopReport(retry_at=NOON + timedelta(seconds=7)),  # it is five past noon by now
        LoopReport(retry_at=NOON + timedelta(days=1)),
        LoopReport(retry_at=NOON),
    ]
    assert worked(is_async, turns) == [5, 2, 5, 0]


@both
def test_after_a_failure_it_pauses_longer_and_longer(is_async: bool) -> None:
    """A database that is gone comes back; then it counts from the beginning."""
    gone = ConnectionError("gone")
    assert worked(is_async, [gone, gone, gone, LoopReport(), gone]) == [1, 2, 3, 5, 1]


@both
def test_it_gives_up_after_so_many_failures(is_async: bool) -> None:
    """Whoever started it sees the error, and starts it again."""
    with pytest.raises(ConnectionError, match="gone"):
        worked(is_async, [ConnectionError("gone")] * 4)


@both
def test_what_no_retry_repairs_goes_through_at_once(is_async: bool) -> None:
    """A storage that answers nonsense will do so the next time."""
    with pytest.raises(PluginError):
        worked(is_async, [PluginError("storage.load", "", "returned None", 0), LoopReport()])


@both
def test_it_does_not_pause_when_it_is_to_stop(is_async: bool) -> None:
    """A signal that came during a turn ends it after that turn."""
    clock, turns = Clock(), list[int]()

    def turn() -> LoopReport:
        turns.append(1)
        return LoopReport()

    async def async_turn() -> LoopReport:
        return turn()

    options: dict[str, Any] = {"clock": clock, "is_stopping": lambda: bool(turns)}
    if is_async:
        asyncio.run(run_worker_async(async_turn, sleep=asyncio.sleep, **options))
    else:
        run_worker(turn, sleep=clock.sleep, **options)
    assert (len(turns), clock.naps) == (1, [])


def test_an_outbox_is_worked_off() -> None:
    """A message that could not be sent is sent when its time has come."""
    shop = Shop()
    shop.loop(Run(orders=[order()]), notifier=None, actor=None)
    shop.notifier = Sender(Later(retry_at=NOON + timedelta(seconds=12)))
    turn = partial(
        run_loop,
        storage=shop.storage,
        notifier=shop.notifier,
        actor=shop.actor,
        clock=shop.clock,
        sleep=shop.clock.sleep,
    )
    run_worker(
        turn,
        clock=shop.clock,
        sleep=shop.clock.sleep,
        is_stopping=lambda: bool(shop.storage.sent),
    )
    assert shop.clock.naps == [5, 5, 5]
    assert len(shop.notifier.rows) == 2


# -- To stop between two messages ------------------------------------------------------------------


def test_it_stops_between_two_messages() -> None:
    """What was not sent is left to whoever comes next, at once; nothing is sent twice."""
    shop = Shop()
    orders = [order(f"A-{number}", 1) for number in range(5)]
    shop.loop(Run(orders=orders), notifier=None, actor=None)
    report = shop.loop(is_stopping=lambda: len(shop.notifier.rows) == 2)
    assert (report.sent, report.wake_at) == (2, NOON)
    report = shop.loop()
    assert report.sent == 3
    assert len(set(shop.notifier.ids)) == 5


def test_who_stops_keeps_why_something_was_not_sent() -> None:
    """What was noted of an earlier attempt is still there."""
    shop = Shop()
    shop.loop(Run(orders=[order()]), notifier=None, actor=None)
    shop.notifier = Sender(Later(retry_at=NOON, reason="busy"))
    shop.loop()
    shop.clock.sleep(60)
    shop.loop(is_stopping=lambda: True)
    [row] = shop.storage.outbox.values()
    assert (row.reason, row.due_at) == ("busy", NOON + timedelta(seconds=60))
    assert shop.loop().sent == 1


def test_who_stops_does_its_jobs() -> None:
    """They were asked for; only the outbox can wait."""
    shop = Shop()
    report = shop.loop(Run(orders=[order()]), is_stopping=lambda: True)
    assert report.is_done
    assert (report.sent, len(shop.storage.outbox)) == (0, 1)


def test_an_asynchronous_loop_stops_as_well() -> None:
    """Between two messages."""
    shop = Shop()
    shop.loop(Run(orders=[order(), order("A-2")]), notifier=None, actor=None)

    async def notify(row: OutboxRow) -> Sent:
        return shop.notifier(row)  # type: ignore[return-value]

    report = asyncio.run(
        run_loop_async(
            storage=shop.storage,
            notifier=notify,
            actor=notify,
            clock=shop.clock,
            sleep=asyncio.sleep,
            settings=SETTINGS,
            limits=Limits(rows=1),
            is_stopping=lambda: bool(shop.notifier.rows),
        )
    )
    assert report.sent == 1


@both
def test_it_may_give_up_at_once(is_async: bool) -> None:
    """Where whatever starts it has a pace of its own."""
    with pytest.raises(ConnectionError):
        worked(is_async, [ConnectionError("gone"), LoopReport()], pace=Pace(failures=1))


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"poll": 5}, r"Pace\.poll"),
        ({"poll": timedelta()}, r"Pace\.poll.*is no time"),
        ({"first_pause": timedelta()}, r"Pace\.first_pause"),
        ({"longest_pause": timedelta(-1)}, r"Pace\.longest_pause"),
        ({"failures": 0}, r"Pace\.failures"),
    ],
)
def test_a_pace_that_makes_no_sense_is_refused(changes: Any, problem: str) -> None:
    """By its path."""
    with pytest.raises(InvalidValueError, match=problem):
        Pace(**changes)
