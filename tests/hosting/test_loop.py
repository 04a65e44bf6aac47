"""The loop: it asks, and others do. What happens when they are slow, wrong, or do not answer."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from some_hosting import (
    NOON,
    SETTINGS,
    Clock,
    Sender,
    Shop,
    answered,
    captured,
    names,
    order,
    shipped,
    stock,
)
from some_storages import Remote

from fulfill_core import InvalidValueError, Inventory, PluginError
from fulfill_core.hosting import (
    Attempt,
    Commit,
    CommitAnswer,
    CommitPlan,
    Committed,
    Conflict,
    InMemoryStorage,
    JobStatus,
    Later,
    Limits,
    Load,
    Loaded,
    LoopReport,
    Mark,
    Never,
    OutboxRow,
    Run,
    Scope,
    Sent,
    StockUpdate,
    Unknown,
    Unsent,
    WhatWasDecided,
    loop,
    run_loop,
    run_loop_async,
)
from fulfill_core.lifecycle import (
    Cancelled,
    CaptureFailed,
    DelayAnswered,
    DelayAsked,
    Event,
)

NOTHING = Loaded(inventory=stock())


class Unsure(InMemoryStorage):
    """A storage that loses the answers to commits, before or after it has written.

    Args:
        answers: what it says of one commit after the other; None for the truth.
        writes: whether it has written what it says nothing about.
        words: what it says when it is asked; None for the truth.
    """

    def __init__(
        self, *answers: CommitAnswer | None, writes: bool, words: Sequence[CommitAnswer] = ()
    ) -> None:
        super().__init__(stock())
        self._answers, self._writes, self._words = list(answers), writes, list(words)
        self.calls: Counter[str] = Counter()

    def commit(self, plan: CommitPlan, /) -> CommitAnswer:
        """Write, or do not, and say what is to be said."""
        self.calls["commit"] += 1
        answer = self._answers.pop(0) if self._answers else None
        if answer is None:
            return super().commit(plan)
        if self._writes:
            super().commit(plan)
        return answer

    def decided(self, plan_id: str, /) -> CommitAnswer:
        """What is to be said, else the truth."""
        self.calls["decided"] += 1
        return self._words.pop(0) if self._words else super().decided(plan_id)


# -- Conflicts -------------------------------------------------------------------------------------


class Busy(InMemoryStorage):
    """A storage in which somebody else is faster, so many times.

    Args:
        times: how often.
    """

    def __init__(self, times: int) -> None:
        super().__init__(stock())
        self._times = times

    def commit(self, plan: CommitPlan, /) -> CommitAnswer:
        """Let somebody else take a mug first; nobody is faster than they are."""
        if self._times:
            self._times, times = 0, self._times
            rival = Shop(self)
            rival.loop(Run(orders=[order(f"R-{times}", 1)]), notifier=None, actor=None)
            self._times = times - 1
        return super().commit(plan)


def test_after_a_conflict_it_is_decided_again() -> None:
    """Who was too late decides with what is there now, and nothing is given out twice."""
    shop = Shop(Busy(2))
    [report] = shop.loop(Run(orders=[order(quantity=5)])).jobs
    assert (report.status, report.attempts) == (JobStatus.DONE, 3)
    assert shop.storage.inventory.reserved("mug") == 6
    assert shop.storage.inventory.claimed("mug") == 1
    first, second = shop.clock.naps
    assert 0.005 <= first <= 0.01 <= second <= 0.02


def test_conflicts_come_to_an_end() -> None:
    """Where others are always faster the job is given up, and the report says so."""
    storage = Unsure(*[Conflict()] * 9, writes=False)
    shop = Shop(storage)
    [report] = shop.loop(Run(orders=[order()]), limits=Limits(commits=4)).jobs
    assert (report.status, report.attempts, report.outcome) == (JobStatus.CONFLICT, 4, None)
    assert storage.records == {}
    assert sum(shop.clock.naps) < 1


# -- Lost answers ----------------------------------------------------------------------------------


def test_a_lost_answer_is_asked_for() -> None:
    """A commit that was written, of which nobody heard, is not done a second time."""
    storage = Unsure(Unknown(), writes=True)
    [report] = Shop(storage).loop(Run(orders=[order()])).jobs
    assert (report.status, report.attempts) == (JobStatus.DONE, 1)
    assert storage.calls == {"commit": 1, "decided": 1}
    assert storage.inventory.reserved("mug") == 2


def test_a_commit_that_was_not_written_is_done_again() -> None:
    """What was lost before it was written is loaded and decided anew."""
    storage = Unsure(Unknown(), writes=False)
    [report] = Shop(storage).loop(Run(orders=[order()])).jobs
    assert (report.status, report.attempts) == (JobStatus.DONE, 2)
    assert storage.inventory.reserved("mug") == 2


def test_who_can_say_nothing_is_asked_again() -> None:
    """Until somebody knows."""
    storage = Unsure(Unknown(), writes=True, words=[Unknown(), Unknown()])
    [report] = Shop(storage).loop(Run(orders=[order()])).jobs
    assert (report.status, storage.calls["decided"]) == (JobStatus.DONE, 3)


def test_not_to_know_comes_to_an_end() -> None:
    """If nobody ever knows, the report says so; to do the job again does no harm."""
    storage = Unsure(Unknown(), writes=True, words=[Unknown()] * 4)
    shop = Shop(storage)
    [report] = shop.loop(Run(orders=[order()]), limits=Limits(commits=4)).jobs
    assert (report.status, report.is_done) == (JobStatus.UNKNOWN, False)
    [report] = shop.loop(Run(orders=[order()])).jobs
    assert report.status is JobStatus.DONE
    assert storage.inventory.reserved("mug") == 2
    assert len(shop.notifier.rows) == 1


def test_an_update_is_not_made_twice_by_a_lost_answer() -> None:
    """Goods that came in come in once, whatever is said of their commit."""
    storage = Unsure(Unknown(), writes=True, words=[Conflict(), Unknown()])
    job = StockUpdate(
        id="GR-1", skus=["mug"], update=lambda each: each.with_received("mug", "berlin", 4)
    )
    [report] = Shop(storage).loop(job).jobs
    assert (report.status, storage.inventory.on_hand("mug")) == (JobStatus.DONE, 10)


def test_an_update_of_which_nobody_knows_is_not_made() -> None:
    """It may have been done: what can't be done twice is not done before that is known."""
    storage = Unsure(writes=True, words=[Unknown()] * 3)
    job = StockUpdate(
        id="GR-1", skus=["mug"], update=lambda each: each.with_received("mug", "berlin", 4)
    )
    [report] = Shop(storage).loop(job, limits=Limits(commits=3)).jobs
    assert (report.status, report.outcome) == (JobStatus.UNKNOWN, None)
    assert storage.inventory.on_hand("mug") == 6


def test_an_update_that_somebody_else_makes_meanwhile_is_made_once() -> None:
    """Two get the same delivery note: the second one finds it done, and no error."""
    storage = InMemoryStorage(stock())
    job = StockUpdate(id="GR-1", skus=["mug"], update=receive)
    options: Any = {"clock": lambda: NOON, "relays": False}
    first, second = loop([job], **options), loop([job], **options)
    request: Any = second.send(None)
    answered(first, answer_of(storage))  # in between, before the second one loads
    requests, report = answered(second, answer_of(storage), request)
    assert names(requests) == ["Load", "WhatWasDecided"]
    assert report.jobs[0].status is JobStatus.REPEATED


def test_an_update_of_the_stock_brings_nothing_with_time() -> None:
    """Its report says nothing of when there is something to do again."""
    job = StockUpdate(id="GR-1", skus=["mug"], update=receive)
    report = Shop(InMemoryStorage(stock())).loop(job)
    assert (report.jobs[0].status, report.wake_at) == (JobStatus.DONE, None)


def receive(inventory: Inventory) -> Inventory:
    """What was expected comes in: that is possible once."""
    return inventory.with_received("mug", "berlin", 9, supply_id="PO-1")


def answer_of(storage: InMemoryStorage) -> Any:
    """What a storage answers, and a world in which all is sent."""

    def answer(request: Any) -> object:
        match request:
            case Load(scope):
                return storage.load(scope)
            case Commit(plan):
                return storage.commit(plan)
            case WhatWasDecided(plan_id):
                return storage.decided(plan_id)
            case Unsent(limit, now, until):
                return storage.unsent(limit, now=now, until=until)
            case Mark(attempts):
                return storage.mark(attempts)
            case _:
                return Sent()

    return answer


# -- What is asked for -----------------------------------------------------------------------------


def test_the_requests_of_a_run() -> None:
    """Load, commit; then the outbox, row by row."""
    storage = InMemoryStorage(stock())
    requests, report = answered(
        loop([Run(orders=[order()])], clock=lambda: NOON, settings=SETTINGS), answer_of(storage)
    )
    assert names(requests) == ["Load", "Commit", "Unsent", "Send", "Mark"]
    assert (report.sent, report.is_done) == (1, True)


def test_the_outbox_may_be_left_alone() -> None:
    """A web request does its job and leaves what there is to send to a worker."""
    shop = Shop()
    report = shop.loop(Run(orders=[order()]), notifier=None, actor=None)
    assert (report.sent, len(shop.storage.outbox)) == (0, 1)


def test_nothing_to_do_is_nothing_done() -> None:
    """Without jobs, and with an empty outbox, it looks once and ends."""
    requests, report = answered(loop(clock=lambda: NOON), lambda request: ())
    assert requests == [Unsent(50, NOON, NOON + timedelta(minutes=5))]
    assert report == LoopReport()


@pytest.mark.parametrize(
    ("kind", "answer", "problem"),
    [
        ("Load", None, r"storage\.load.* returned None; return Loaded"),
        (
            "Commit",
            True,
            r"storage\.commit.* returned True; return Committed or Conflict or Unknown",
        ),
        ("WhatWasDecided", False, r"storage\.decided.* returned False; return Committed or"),
        ("Unsent", None, r"storage\.unsent.* returned None; return Sequence"),
        ("Unsent", [3], r"storage\.unsent.* returned 3; return OutboxRow"),
    ],
)
def test_a_storage_that_answers_nonsense_is_named(kind: str, answer: object, problem: str) -> None:
    """It is a programmer's error, and ends the loop: which member, and what it said."""
    storage = InMemoryStorage(stock())
    answers: dict[str, Any] = {"Commit": Unknown(), "WhatWasDecided": Committed(), "Unsent": ()}
    answers[kind] = answer

    def reply(request: Any) -> object:
        if isinstance(request, Load) and kind != "Load":
            return storage.load(request.scope)
        return answers.get(type(request).__name__)

    with pytest.raises(PluginError, match=problem):
        answered(loop([Run(orders=[order()])], clock=lambda: NOON, settings=SETTINGS), reply)


def test_what_a_storage_raises_goes_through() -> None:
    """A database that is gone, full or read-only ends the loop, and nothing is written."""

    class Gone(InMemoryStorage):
        def commit(self, plan: CommitPlan, /) -> CommitAnswer:
            raise ConnectionError(plan.id)

    storage = Gone(stock())
    with pytest.raises(ConnectionError):
        Shop(storage).loop(Run(orders=[order()]))
    assert (storage.records, storage.outbox) == ({}, {})


def test_a_time_without_a_zone_is_refused() -> None:
    """The clock of the host gives aware times."""
    naive = datetime(2026, 3, 2, tzinfo=UTC).replace(tzinfo=None)
    with pytest.raises(InvalidValueError, match=r"clock\(\)"):
        answered(loop(clock=lambda: naive), lambda request: ())


# -- Sent, later, never ----------------------------------------------------------------------------


def placed(*answers: object) -> Shop:
    """A shop with a message to send, and a notifier that answers like this."""
    shop = Shop()
    shop.loop(Run(orders=[order()]), notifier=None, actor=None)
    shop.notifier = Sender(*answers)
    return shop


def test_what_is_sent_is_sent_once() -> None:
    """And it is noted when."""
    shop = placed()
    report = shop.loop()
    shop.loop()
    assert (report.sent, len(shop.notifier.rows)) == (1, 1)
    assert list(shop.storage.sent) == shop.notifier.ids


def test_what_can_not_be_sent_now_is_sent_later() -> None:
    """Not before the time that was given; and the report says when that is."""
    retry_at = NOON + timedelta(minutes=7)
    shop = placed(Later(retry_at=retry_at, reason="too many"))
    report = shop.loop()
    assert (report.postponed, report.wake_at) == (1, retry_at)
    [row] = shop.storage.outbox.values()
    assert (row.reason, row.attempts) == ("too many", 1)
    shop.clock.instant = retry_at - timedelta(microseconds=1)
    assert shop.loop().sent == 0
    shop.clock.instant = retry_at
    assert shop.loop().sent == 1
    assert len(set(shop.notifier.ids)) == 1


@pytest.mark.parametrize("retry_at", [None, NOON, NOON - timedelta(days=1)])
def test_later_is_after_now(retry_at: datetime | None) -> None:
    """Without a time, or with one that has passed, it is tried after a while; then after longer."""
    shop = placed(Later(retry_at=retry_at), Later())
    assert shop.loop().wake_at == NOON + timedelta(minutes=1)
    shop.clock.instant = NOON + timedelta(minutes=1)
    assert shop.loop().wake_at == NOON + timedelta(minutes=3)


def test_what_can_never_be_sent_is_parked() -> None:
    """It is not tried again, and is there for a person to see, with the reason."""
    shop = placed(Never(reason="no such mailbox"))
    assert shop.loop().parked == 1
    shop.clock.instant += timedelta(days=99)
    assert shop.loop().sent == 0
    [row] = shop.storage.unsent(10, now=NOON, until=NOON, parked=True)
    assert (row.reason, row.is_parked) == ("no such mailbox", True)


def test_what_is_put_back_is_sent() -> None:
    """A person marks it as due again; it counts as not tried."""
    shop = placed(Never(reason="no such mailbox"))
    shop.loop()
    [row] = shop.storage.unsent(10, now=NOON, until=NOON, parked=True)
    shop.storage.mark([Attempt(row_id=row.id, at=NOON, result=Later(retry_at=NOON))])
    assert shop.loop().sent == 1
    assert shop.notifier.rows[-1].attempts == 1


def test_an_outage_longer_than_all_retries_loses_nothing() -> None:
    """After so many attempts it is parked, with the last reason; put back, it is sent."""
    shop = placed(*[OSError("connection refused")] * 3)
    limits = Limits(sends=3)
    while not (report := shop.loop(limits=limits)).parked:
        assert report.wake_at is not None
        shop.clock.instant = report.wake_at
    [row] = shop.storage.outbox.values()
    assert row.reason == "tried 3 times; OSError: connection refused"
    later = shop.clock.instant + timedelta(days=9)
    shop.clock.instant = later
    shop.storage.mark([Attempt(row_id=row.id, at=later, result=Later(retry_at=later))])
    assert shop.loop().sent == 1


def test_the_last_attempt_may_give_no_reason() -> None:
    """Then the reason is that it was tried often enough."""
    shop = placed(Later())
    shop.loop(limits=Limits(sends=1))
    [row] = shop.storage.outbox.values()
    assert row.reason == "tried 1 time; later, it said"


def test_what_a_notifier_raises_fails_no_order() -> None:
    """A mail server that is gone is tried again later, and the order stands."""
    shop = placed(TimeoutError("no answer in 10 s"))
    report = shop.loop()
    assert (report.postponed, report.is_done) == (1, True)
    [row] = shop.storage.outbox.values()
    assert row.reason == "TimeoutError: no answer in 10 s"


@pytest.mark.parametrize("answer", [True, "sent", 250, Sent])
def test_a_notifier_that_answers_nonsense_parks_the_message(answer: object) -> None:
    """Nobody knows whether it was sent: so it is not sent again before a person has looked."""
    shop = placed(lambda row: answer)
    assert shop.loop().parked == 1
    [row] = shop.storage.outbox.values()
    assert "is not Sent, Later or Never" in row.reason


def test_one_message_that_fails_stops_no_other() -> None:
    """Each is tried for itself."""
    shop = Shop()
    shop.loop(Run(orders=[order(), order("A-2")]), notifier=None, actor=None)
    shop.notifier = Sender(OSError("gone"))
    report = shop.loop()
    assert (report.sent, report.postponed) == (1, 1)


def test_a_relay_that_dies_sends_twice_under_one_id() -> None:
    """What was sent and not marked is handed out again, when whoever had it had time enough."""
    shop = placed()
    [row] = shop.storage.unsent(10, now=NOON, until=NOON + timedelta(minutes=5))
    shop.notifier(row)
    assert shop.loop().sent == 0
    shop.clock.instant += timedelta(minutes=5)
    assert shop.loop().sent == 1
    assert len(shop.notifier.ids) == 2
    assert len(set(shop.notifier.ids)) == 1


def test_a_message_that_kills_whoever_sends_it_is_parked() -> None:
    """What is handed out again and again, and never answered, is not tried for ever."""
    shop = placed()
    for _ in range(3):
        shop.storage.unsent(10, now=shop.clock.instant, until=shop.clock.instant)
    report = shop.loop(limits=Limits(sends=3))
    assert (report.parked, shop.notifier.rows) == (1, [])
    [row] = shop.storage.outbox.values()
    assert row.reason == "handed out 4 times, and no answer came back"


def test_more_rows_than_are_handed_out_at_once() -> None:
    """All that is due goes out, so many at a time."""
    shop = Shop()
    shop.loop(
        Run(orders=[order(f"A-{number}", 1) for number in range(5)]), notifier=None, actor=None
    )
    assert shop.loop(limits=Limits(rows=2)).sent == 5


def test_who_is_too_slow_leaves_the_rest() -> None:
    """What somebody else may be sending by now is not sent; and there is a time to come back."""
    shop = Shop()
    shop.loop(Run(orders=[order(), order("A-2")]), notifier=None, actor=None)

    def slow(row: OutboxRow) -> Sent:
        shop.clock.sleep(300)  # to the second: who comes then gets it
        return Sent()

    shop.notifier = Sender(slow)
    report = shop.loop()
    assert (report.sent, report.wake_at) == (1, NOON + timedelta(minutes=5))
    assert shop.loop().sent == 1


def test_a_clock_that_is_set_back_sends_nothing_twice() -> None:
    """A row is handed out once in a loop, whatever the time."""
    shop = Shop()
    shop.loop(Run(orders=[order(), order("A-2")]), notifier=None, actor=None)

    def winter(row: OutboxRow) -> Sent:
        shop.clock.instant -= timedelta(days=1)
        return Sent()

    shop.notifier = Sender(winter, winter)
    assert shop.loop(limits=Limits(rows=1)).sent == 2
    assert len(set(shop.notifier.ids)) == 2


# -- Actions ---------------------------------------------------------------------------------------


def test_the_result_of_an_action_comes_back_as_an_event() -> None:
    """What was captured is on record before the action counts as done; its news goes out, too."""
    shop = Shop()
    shop.actor = Sender(captured)
    report = shop.loop(Run(orders=[order()]), shipped())
    assert report.sent == 3
    [payment] = shop.storage.records["A-1"].order.payments
    assert payment.captured == 10


def test_what_an_event_leaves_goes_out_in_the_same_loop() -> None:
    """The news of an action that failed, a moment after the loop began to send."""
    shop = Shop()

    def failed(row: OutboxRow) -> Sent:
        shop.clock.sleep(1)
        content: Any = row.content
        event = CaptureFailed(
            id=row.id,
            order_id=row.order_id,
            at=shop.clock.instant,
            payment=content.payment,
            amount=content.amount,
            ref=row.id,
        )
        return Sent(event=event)

    shop.actor = Sender(failed)
    shop.loop(Run(orders=[order()]), shipped())
    to_staff = [row.content for row in shop.notifier.rows if row.content.audience == "staff"]
    assert to_staff != []
    assert {row for row in shop.storage.outbox.values() if row.is_message} == set()


def test_an_event_that_is_not_stored_leaves_its_action_undone() -> None:
    """The action is asked for again, under the same id, and its event is the same."""
    storage = Unsure(None, None, *[Conflict()] * 2, writes=False)
    shop = Shop(storage)
    shop.actor = Sender(captured, captured)
    report = shop.loop(Run(orders=[order()]), shipped(), limits=Limits(commits=2))
    assert report.postponed == 1
    [row] = storage.outbox.values()
    assert row.reason == "its event: conflict"
    assert report.wake_at is not None
    shop.clock.instant = report.wake_at
    assert shop.loop().sent == 1
    assert len(set(shop.actor.ids)) == 1
    assert storage.records["A-1"].order.payments[0].captured == 10


# -- Drivers ---------------------------------------------------------------------------------------


def story(storage: InMemoryStorage, *, is_async: bool) -> LoopReport:
    """An order that is placed and shipped, with a notifier that fails at first."""
    clock, notifier, actor = Clock(), Sender(OSError("gone")), Sender(captured)
    jobs = [Run(orders=[order()]), shipped()]
    if not is_async:
        return run_loop(
            jobs,
            storage=storage,
            notifier=notifier,
            actor=actor,
            clock=clock,
            sleep=clock.sleep,
            settings=SETTINGS,
        )

    async def notify(row: OutboxRow) -> Any:
        return notifier(row)

    async def sleep(seconds: float) -> None:
        clock.sleep(seconds)

    return asyncio.run(
        run_loop_async(
            jobs,
            storage=Remote(storage),
            notifier=notify,
            actor=actor,
            clock=clock,
            sleep=sleep,
            settings=SETTINGS,
        )
    )


def test_both_drivers_come_to_the_same() -> None:
    """The steps are the same, whoever carries them out; coroutines and functions may be mixed."""
    one, other = InMemoryStorage(stock()), InMemoryStorage(stock())
    reports = [story(one, is_async=False), story(other, is_async=True)]
    assert reports[0] == reports[1]
    assert one.records == other.records
    assert one.inventory == other.inventory
    assert one.outbox == other.outbox


def test_what_an_asynchronous_storage_raises_goes_through() -> None:
    """As in the other driver."""

    class Gone(Remote):
        async def load(self, scope: Scope, /) -> Loaded:
            raise ConnectionError(str(scope))

    with pytest.raises(ConnectionError):
        asyncio.run(
            run_loop_async(
                [Run()],
                storage=Gone(InMemoryStorage()),
                clock=lambda: NOON,
                sleep=asyncio.sleep,
            )
        )


@pytest.mark.parametrize(
    ("senders", "problem"),
    [
        ({"notifier": None}, r"notifier.*is missing: an outbox has messages and actions"),
        ({"actor": None}, r"actor.*is missing"),
        ({"actor": 3}, r"actor"),
    ],
)
def test_messages_and_actions_go_together(senders: Any, problem: str) -> None:
    """An outbox has both: what nobody takes would be handed out in vain, again and again."""
    with pytest.raises(InvalidValueError, match=problem):
        Shop().loop(**senders)


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        ({"storage": None}, r"storage.*None has no load\(\); pass a Storage"),
        ({"storage": {}}, r"storage.*\{\} has no load"),
        ({"sleep": 3}, "sleep"),
        ({"clock": NOON}, "clock"),
        ({"settings": {"whole": True}}, "settings.*Settings"),
        ({"settings": {}}, "settings.*Settings"),
        ({"rules": None}, "rules.*Rules"),
        ({"limits": 5}, "limits.*Limits"),
    ],
)
def test_what_is_no_port_and_no_setting_is_named(wrong: Any, problem: str) -> None:
    """Before anything is loaded: whoever passes it reads what to pass instead."""
    right = {"storage": InMemoryStorage(), "clock": lambda: NOON, "sleep": lambda seconds: None}
    with pytest.raises(InvalidValueError, match=problem):
        run_loop([Run()], **{**right, **wrong})


# -- When to come back -----------------------------------------------------------------------------


def test_the_report_says_when_to_come_back() -> None:
    """The first instant at which time alone changes something: a supply that becomes overdue."""
    shop = Shop(InMemoryStorage(stock(mugs=0)))
    report = shop.loop(Run(orders=[order()]))
    assert report.wake_at is not None
    assert NOON + timedelta(days=2) <= report.wake_at < NOON + timedelta(days=2, seconds=1)


def test_a_loop_waits_no_longer_than_its_limits() -> None:
    """Waits double, up to the longest."""
    limits = Limits(first_retry=timedelta(seconds=1), longest_retry=timedelta(seconds=5))
    assert [limits.retry(attempt).total_seconds() for attempt in (1, 2, 3, 4, 99)] == [
        1,
        2,
        4,
        5,
        5,
    ]
    waits = {Limits().wait(1, f"plan:{number}") for number in range(20)}
    assert len(waits) > 10  # those who met once do not meet again
    assert min(waits) >= timedelta(milliseconds=5)
    assert max(waits) <= timedelta(milliseconds=10)
    assert {Limits().wait(99, f"plan:{number}") <= timedelta(seconds=1) for number in range(9)} == {
        True
    }
    assert WhatWasDecided("p1").plan_id == "p1"


ASKED = DelayAsked(
    id="d1",
    order_id="A-1",
    at=NOON,
    previous_date=NOON + timedelta(days=9),
    new_date=None,
    silence="cancel",
    answer_by=NOON + timedelta(days=5),
)


def test_the_report_of_an_event_says_when_its_order_is_to_be_looked_at() -> None:
    """The answer to a question is awaited until then; somebody who waits for it hears of no run."""
    shop = Shop(InMemoryStorage(stock()))
    shop.loop(Run(orders=[order()]))
    assert shop.loop(ASKED).wake_at == NOON + timedelta(days=5)
    assert shop.loop(ASKED).wake_at == NOON + timedelta(days=5)  # heard again


@pytest.mark.parametrize(
    "answer",
    [
        DelayAnswered(id="d2", order_id="A-1", at=NOON, is_accepted=True),
        Cancelled(id="d2", order_id="A-1", at=NOON),
    ],
    ids=["answered", "cancelled"],
)
def test_what_a_later_job_has_ended_wakes_nobody(answer: Event) -> None:
    """A question that is answered in the same loop is not waited for: nothing would happen then."""
    shop = Shop(InMemoryStorage(stock()))
    shop.loop(Run(orders=[order()]))
    report = shop.loop(ASKED, answer)
    assert report.is_done
    assert report.wake_at is None
