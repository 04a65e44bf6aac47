"""What carries out the requests of a loop: for hosts that wait, and for hosts that await."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime
from typing import Any, cast

from fulfill_core import _checks
from fulfill_core.hosting.jobs import Job
from fulfill_core.hosting.limits import Limits
from fulfill_core.hosting.loop import Loop, loop
from fulfill_core.hosting.observation import Observer, Watch
from fulfill_core.hosting.planning import PreferencesOf
from fulfill_core.hosting.ports import Actor, AsyncSender, AsyncStorage, Notifier, Storage
from fulfill_core.hosting.reports import LoopReport
from fulfill_core.hosting.requests import (
    Act,
    Commit,
    Gather,
    Load,
    Mark,
    Request,
    Send,
    Unsent,
    WhatWasDecided,
)
from fulfill_core.lifecycle import USUAL_RULES, Rules
from fulfill_core.pipeline import Settings
from fulfill_core.protocols import ProgressFunction
from fulfill_core.records.facts import Facts
from fulfill_core.records.order_record import OrderRecord

_NO_JOBS: tuple[Job, ...] = ()


def run_loop(
    jobs: Iterable[Job] = _NO_JOBS,
    *,
    storage: Storage,
    notifier: Notifier | None = None,
    actor: Actor | None = None,
    gather: Callable[[tuple[OrderRecord, ...]], Facts] | None = None,
    clock: Callable[[], datetime],
    sleep: Callable[[float], object],
    settings: Settings | None = None,
    rules: Rules = USUAL_RULES,
    limits: Limits | None = None,
    is_stopping: Callable[[], bool] | None = None,
    observer: Observer | None = None,
    preferences: PreferencesOf | None = None,
    progress: ProgressFunction | None = None,
) -> LoopReport:
    """Do all jobs, then send and do what is due; see `loop`.

    Args:
        jobs: what is to be done, in this sequence.
        storage: where orders and stock are kept.
        notifier: sends messages; None, together with the actor, leaves the outbox alone.
        actor: carries out actions.
        gather: gives what the world knows of the orders of a run; None for the settings' facts.
        clock: gives the time, aware.
        sleep: lets so many seconds pass, as ``time.sleep`` does.
        settings: the policies of runs; None for the usual ones.
        rules: the shop's choices, for events.
        limits: how often and how long; None for the usual ones.
        is_stopping: whether to stop, asked before each message and action: what is not sent then is
            left to whoever comes next.
        observer: is told each request with its answer, and the report: any function of an
            `Observation`, for logs and counters. What it raises changes nothing but
            `LoopReport.observer_problem`.
        preferences: how the customer of an order wants to be told: any function of the order, which
            does nothing else. With it the content of each message's row is a `Delivery`, handed out
            when it may go out; several that go out together are one. None for each message at once.
        progress: is told how far each run has come, as by `process`; None for nobody.

    Raises:
        InvalidValueError: something among the jobs that is none, a naive time, a notifier without
            an actor or the other way round.
        PluginError: the storage answered what its port does not allow.

    What the storage raises goes through. Then do the jobs again: what was done is not done twice.

    >>> from datetime import timezone
    >>> from fulfill_core import Customer, Inventory, Order, OrderLine
    >>> from fulfill_core.hosting import InMemoryStorage, Run
    >>> noon = datetime(2026, 3, 2, 12, tzinfo=timezone.utc)
    >>> order = Order(id="A-17", placed_at=noon, customer=Customer(id="C-7"), currency="EUR",
    ...               lines=[OrderLine(id="1", sku="mug", quantity=5)])
    >>> storage = InMemoryStorage(Inventory.of({("mug", "berlin"): 8}))
    >>> report = run_loop([Run(orders=[order])], storage=storage, clock=lambda: noon,
    ...                   sleep=lambda seconds: None, settings=Settings(verifiers=[]))
    >>> str(report.jobs[0].outcome["A-17"].outcome), storage.inventory.reserved("mug")
    ('allocated', 5)
    """
    relays = _check_ports(storage, notifier, actor, sleep)
    _check_if_given(gather=gather, observer=observer)
    steps = loop(
        jobs,
        clock=clock,
        settings=settings,
        rules=rules,
        limits=limits,
        gathers=gather is not None,
        relays=relays,
        is_stopping=is_stopping,
        preferences=preferences,
        progress=progress,
    )
    watch = Watch(observer, clock)
    carry_out = _carrier(storage, notifier, actor, gather, sleep)
    answer: Any = None
    while True:
        request = _next(steps, answer)
        if isinstance(request, LoopReport):
            return watch.report(request)
        watch.begin()
        try:
            answer = carry_out(request)
        except Exception as error:  # noqa: BLE001 - whatever a host's own function raises
            watch.end(request, error)
            answer = _as_answer(request, error)
        else:
            watch.end(request, answer)


async def run_loop_async(
    jobs: Iterable[Job] = _NO_JOBS,
    *,
    storage: AsyncStorage,
    notifier: AsyncSender | None = None,
    actor: AsyncSender | None = None,
    gather: Callable[[tuple[OrderRecord, ...]], Facts | Awaitable[Facts]] | None = None,
    clock: Callable[[], datetime],
    sleep: Callable[[float], Awaitable[object]],
    settings: Settings | None = None,
    rules: Rules = USUAL_RULES,
    limits: Limits | None = None,
    is_stopping: Callable[[], bool] | None = None,
    observer: Observer | None = None,
    preferences: PreferencesOf | None = None,
    progress: ProgressFunction | None = None,
) -> LoopReport:
    """`run_loop` for an asynchronous host: what is awaitable is awaited.

    Args:
        jobs: what is to be done, in this sequence.
        storage: where orders and stock are kept; its members may be coroutines.
        notifier: sends messages; None, together with the actor, leaves the outbox alone.
        actor: carries out actions.
        gather: gives what the world knows of the orders of a run; None for the settings' facts.
        clock: gives the time, aware.
        sleep: lets so many seconds pass, as ``asyncio.sleep`` does.
        settings: the policies of runs; None for the usual ones.
        rules: the shop's choices, for events.
        limits: how often and how long; None for the usual ones.
        is_stopping: whether to stop, asked before each message and action: what is not sent then is
            left to whoever comes next.
        observer: is told each request with its answer, and the report: any function of an
            `Observation`, for logs and counters. What it raises changes nothing but
            `LoopReport.observer_problem`.
        preferences: how the customer of an order wants to be told: any function of the order, which
            does nothing else. With it the content of each message's row is a `Delivery`, handed out
            when it may go out; several that go out together are one. None for each message at once.
        progress: is told how far each run has come, as by `process`; None for nobody.

    Raises:
        InvalidValueError: as `run_loop`.
        PluginError: as `run_loop`.

    >>> import asyncio
    >>> from datetime import timezone
    >>> from fulfill_core.hosting import InMemoryStorage, Run
    >>> noon = datetime(2026, 3, 2, 12, tzinfo=timezone.utc)
    >>> asyncio.run(run_loop_async([Run()], storage=InMemoryStorage(), clock=lambda: noon,
    ...                            sleep=asyncio.sleep)).is_done
    True
    """
    relays = _check_ports(storage, notifier, actor, sleep)
    _check_if_given(gather=gather, observer=observer)
    steps = loop(
        jobs,
        clock=clock,
        settings=settings,
        rules=rules,
        limits=limits,
        gathers=gather is not None,
        relays=relays,
        is_stopping=is_stopping,
        preferences=preferences,
        progress=progress,
    )
    watch = Watch(observer, clock)
    carry_out = _carrier(storage, notifier, actor, gather, sleep)
    answer: Any = None
    while True:
        request = _next(steps, answer)
        if isinstance(request, LoopReport):
            return watch.report(request)
        watch.begin()
        try:
            answer = await _awaited(carry_out(request))
        except Exception as error:  # noqa: BLE001 - whatever a host's own function raises
            watch.end(request, error)
            answer = _as_answer(request, error)
        else:
            watch.end(request, answer)


async def _awaited(answer: Any) -> Any:
    """What an awaitable gives; anything else as it is."""
    awaitable = cast("Awaitable[Any]", answer)
    return await awaitable if isinstance(answer, Awaitable) else answer


def _check_ports(storage: object, notifier: object, actor: object, sleep: object) -> bool:
    """Whether there is somebody for the rows of the outbox: for both kinds, or for none."""
    of_outbox = () if notifier is None else ("unsent", "mark")
    for name in ("load", "commit", "decided", *of_outbox):
        if not callable(getattr(storage, name, None)):
            raise _checks.refuse("storage", storage, f"has no {name}(); pass a Storage")
    _checks.check_callable("sleep", sleep)
    if (notifier is None) != (actor is None):
        name = "notifier" if notifier is None else "actor"
        problem = "is missing: an outbox has messages and actions; pass both, or neither"
        raise _checks.refuse(name, None, problem)
    _check_if_given(notifier=notifier, actor=actor)
    return notifier is not None


def _check_if_given(**functions: object) -> None:
    """Each of them is None, or can be called."""
    for name, function in functions.items():
        if function is not None:
            _checks.check_callable(name, function)


def _next(steps: Loop, answer: Any) -> Request | LoopReport:
    """What the loop asks for next; what it did, at its end."""
    try:
        return steps.send(answer)
    except StopIteration as end:
        report: LoopReport = end.value
        return report


def _as_answer(request: Request, error: Exception) -> Exception:
    """What was raised, as an answer: a message that can't be sent stops nothing, all else does."""
    if not isinstance(request, Send | Act):
        raise error
    return error


def _carrier(
    storage: AsyncStorage,
    notifier: Any,
    actor: Any,
    gather: Any,
    sleep: Callable[[float], object],
) -> Callable[[Request], Any]:
    """What carries a request out; its answer may be awaitable."""

    def carry_out(request: Request) -> Any:
        match request:
            case Load(scope):
                return storage.load(scope)
            case Gather(records):
                return gather(records)
            case Commit(plan):
                return storage.commit(plan)
            case WhatWasDecided(plan_id):
                return storage.decided(plan_id)
            case Unsent(limit, now, until):
                return storage.unsent(limit, now=now, until=until)
            case Mark(attempts):
                return storage.mark(attempts)
            case Send(row):
                return notifier(row)
            case Act(row):
                return actor(row)
            case _:
                return sleep(request.delay.total_seconds())

    return carry_out
