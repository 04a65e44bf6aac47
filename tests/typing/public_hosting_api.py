"""Typed uses of the ports and the loop, as a host would write them.

As in `public_api.py`: where a use is wrong, the ignore comment is the assertion.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from typing import assert_type

import attrs

from fulfill_core import Facts, Inventory, Notification, Order, OrderRecord, Result
from fulfill_core.hosting import (
    AsyncSender,
    AsyncStorage,
    Attempt,
    Backlog,
    CommitAnswer,
    CommitPlan,
    Committed,
    Conflict,
    InMemoryStorage,
    Job,
    JobReport,
    Later,
    Loaded,
    LoopReport,
    Never,
    Notifier,
    Observation,
    OutboxRow,
    Pace,
    Run,
    Scope,
    SendAnswer,
    Sent,
    StockUpdate,
    Storage,
    Unknown,
    run_loop,
    run_loop_async,
    run_worker,
)
from fulfill_core.hosting.mail import (
    AsyncMailNotifier,
    Mail,
    MailAnswer,
    MailNotifier,
    MailServer,
    Security,
)
from fulfill_core.hosting.sqlalchemy import AsyncSqlAlchemyStorage
from fulfill_core.hosting.telemetry import (
    Measurement,
    log_lines,
    measurements,
    outbox_measurements,
)
from fulfill_core.hosting.webhook import (
    AsyncWebhookNotifier,
    Webhook,
    WebhookNotifier,
    payload,
)
from fulfill_core.lifecycle import Step
from fulfill_core.notifications import Preferences
from fulfill_core.testing import (
    Checkout,
    Contents,
    Failure,
    Fault,
    Move,
    Simulation,
    StorageContract,
    Work,
    simulate,
)


class Shelf:
    """A storage is any class with these members."""

    def load(self, scope: Scope, /) -> Loaded:
        return Loaded(inventory=Inventory(), versions={"sku:mug": 1})

    def commit(self, plan: CommitPlan, /) -> CommitAnswer:
        return Committed() if plan.expected else Conflict(keys=["sku:mug"])

    def decided(self, plan_id: str, /) -> CommitAnswer:
        return Unknown(reason=plan_id)

    def unsent(
        self, limit: int, /, *, now: datetime, until: datetime, parked: bool = False
    ) -> Sequence[OutboxRow]:
        return []

    def mark(self, attempts: Sequence[Attempt], /) -> None: ...


class RemoteShelf(Shelf):
    """Some of them may be coroutines."""

    async def load(self, scope: Scope, /) -> Loaded:  # type: ignore[override]
        return Loaded(inventory=Inventory())


def notify(row: OutboxRow, /) -> SendAnswer:
    """A plain function will do."""
    if not row.is_message:
        return Never(reason="no message")
    return Later(retry_at=row.due_at) if row.attempts else Sent()


async def notify_later(row: OutboxRow, /) -> SendAnswer:
    """So will a coroutine function, for an asynchronous host."""
    return notify(row)


def gather(records: tuple[OrderRecord, ...]) -> Facts:
    """What the world knows."""
    return Facts(screenings=[]) if records else Facts()


def clock() -> datetime:
    """The host's time."""
    return datetime(2026, 3, 2, 12, tzinfo=UTC)


def sleep(seconds: float) -> None:
    """The host's patience."""


async def sleep_async(seconds: float) -> None:
    """That of an asynchronous one."""


in_memory: Storage = InMemoryStorage()
shelf: Storage = Shelf()
remote: AsyncStorage = RemoteShelf()
both_kinds: AsyncStorage = InMemoryStorage()
notifier: Notifier = notify


def work(order: Order) -> LoopReport:
    """All kinds of jobs."""
    jobs: list[Job] = [
        Run(orders=[order, "A-9"], update=as_exported),
        StockUpdate(id="GR-1", skus=["mug"], update=lambda stock: stock),
    ]
    return run_loop(
        jobs,
        storage=in_memory,
        notifier=notify,
        actor=notify,
        gather=gather,
        clock=clock,
        sleep=sleep,
        preferences=prefers,
    )


def prefers(order: Order) -> Preferences:
    """Who orders for themselves wants no more than is owed."""
    kinds = ["parcel.out_for_delivery"] if order.channel == "web" else []
    return Preferences(muted=kinds)


def as_exported(record: OrderRecord, order: Order) -> OrderRecord:
    """The order as a platform has it by now."""
    return attrs.evolve(record, order=order)


async def work_async() -> LoopReport:
    """The same, awaited."""
    return await run_loop_async(
        storage=remote, notifier=notify_later, actor=notify, clock=clock, sleep=sleep_async
    )


def compose(row: OutboxRow) -> MailAnswer:
    """A mail for a message, and nothing for an action."""
    if isinstance(row.content, Notification):
        return Mail(to=row.content.recipient, subject="Your order", text="Thank you.")
    return Never(reason="no message")


def compose_hook(row: OutboxRow) -> Webhook:
    """A webhook for whatever it is."""
    return Webhook(url="https://erp.example", body=payload(row, {"a": 1}), secrets=[SECRET])


SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # noqa: S105 - that of an example
SERVER = MailServer(host="mail.mugs.example", security=Security.TLS)
SENDER = "orders@mugs.example"
mails: Notifier = MailNotifier(compose, server=SERVER, sender=SENDER, clock=clock)
mails_async: AsyncSender = AsyncMailNotifier(compose, server=SERVER, sender=SENDER, clock=clock)
hooks_async: AsyncSender = AsyncWebhookNotifier(compose_hook, clock=clock)


def sends_hooks(row: OutboxRow) -> SendAnswer:
    """By a blocking notifier."""
    with WebhookNotifier(compose_hook, clock=clock) as hooks:
        notifier_of_hooks: Notifier = hooks
        return notifier_of_hooks(row)


def observe(observation: Observation) -> None:
    """An observer: any function of an observation, whatever it returns."""
    names: list[str] = [line.name for line in log_lines(observation)]
    numbers: list[float] = [
        number for each in measurements(observation) for _, number in each.points
    ]
    assert names or numbers


def work_on() -> None:
    """A worker: a turn that is a partial of the loop."""
    turn = partial(
        run_loop,
        storage=in_memory,
        notifier=mails,
        actor=notify,
        clock=clock,
        sleep=sleep,
        observer=observe,
    )
    run_worker(turn, clock=clock, sleep=sleep, is_stopping=lambda: True, pace=Pace())


def wrong_observer() -> LoopReport:
    """An observer is told observations, not texts."""
    return run_loop(storage=shelf, clock=clock, sleep=sleep, observer=str.upper)  # type: ignore[arg-type]


def outcome(report: JobReport) -> str:
    """What a job came to is of its kind."""
    came_to = report.outcome
    assert_type(came_to, Result | Step | Inventory | None)
    return type(came_to).__name__


def wrong_storage() -> LoopReport:
    """A storage that has to be awaited is none for a host that does not await."""
    return run_loop(storage=remote, clock=clock, sleep=sleep)  # type: ignore[arg-type]


def wrong_job() -> LoopReport:
    """An order is no job: a run of it is."""
    return run_loop(["A-17"], storage=shelf, clock=clock, sleep=sleep)  # type: ignore[list-item]


# -- Simulated -------------------------------------------------------------------------------------


class InMemory(StorageContract):
    """How the simulator opens a storage."""

    def open(self, inventory: Inventory, records: Sequence[OrderRecord]) -> InMemoryStorage:
        """One with this content."""
        return InMemoryStorage(inventory, records)

    def contents(self, storage: InMemoryStorage) -> Contents:
        """What is in it."""
        return Contents(
            inventory=storage.inventory,
            records=storage.records.values(),
            unsent=storage.outbox,
            sent=storage.sent,
        )


def simulated() -> Simulation:
    """A script with a fault, by its name or its member."""
    moves: list[Move] = [
        Checkout(order="A-1", units={"mug": 1}),
        Work(worker=1, fault="relay_crash"),
        Work(worker=1, fault=Fault.TIMEOUT),
    ]
    simulation = simulate(InMemory(), moves=moves)
    assert_type(simulation.failure, Failure | None)
    return simulation


def measure(storage: InMemoryStorage) -> tuple[Measurement, ...]:
    """What waits in an outbox."""
    backlog: Backlog = storage.backlog(clock())
    return outbox_measurements(backlog)


async def measure_later(storage: AsyncSqlAlchemyStorage) -> int:
    """The same, awaited."""
    return (await storage.backlog(clock())).rows
