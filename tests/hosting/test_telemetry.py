"""Logs and counters: what an observer is told, and the lines and numbers that are made of it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, get_args

import attrs
import pytest
from some_hosting import NOON, SETTINGS, Clock, Sender, Shop, captured, order, shipped, stock

from fulfill_core import (
    Customer,
    Decision,
    InvalidValueError,
    Notification,
    OrderLine,
    hold,
    note,
    process,
)
from fulfill_core.hosting import (
    Act,
    Attempt,
    Backlog,
    Commit,
    CommitPlan,
    Committed,
    Conflict,
    Gather,
    InMemoryStorage,
    JobReport,
    JobStatus,
    Later,
    Load,
    LoopReport,
    Mark,
    Never,
    Observation,
    OutboxRow,
    Pause,
    Request,
    Run,
    Scope,
    Send,
    Sent,
    StockUpdate,
    Unknown,
    Unsent,
    WhatWasDecided,
    run_loop,
    run_loop_async,
)
from fulfill_core.hosting.telemetry import (
    INSTRUMENTS,
    Instrument,
    Level,
    LogLine,
    Measurement,
    log_lines,
    measurements,
    outbox_measurements,
)
from fulfill_core.hosting.telemetry.measuring import held_codes
from fulfill_core.hosting.telemetry.naming import job_word, request_word
from fulfill_core.lifecycle import Void

PLAN = CommitPlan(id="p1", at=NOON)


def row(row_id: str = "m1", **changes: Any) -> OutboxRow:
    """A message that is due."""
    content = Notification(
        kind="order.confirmed",
        order_id="A-1",
        audience="customer",
        recipient="ada@example.com",
        medium="email",
        locale="en",
    )
    return OutboxRow(
        **{"id": row_id, "order_id": "A-1", "content": content, "due_at": NOON, **changes}
    )


def action() -> OutboxRow:
    """An action that is due."""
    return row("v1", content=Void(payment="card", amount=Decimal(2)))


def observed(subject: Any, answer: object = None, seconds: float = 2) -> Observation:
    """Something that took two seconds."""
    return Observation(
        subject=subject, answer=answer, began_at=NOON, ended_at=NOON + timedelta(seconds=seconds)
    )


def numbers(measured: Iterable[Measurement]) -> dict[str, dict[tuple[str, ...], float]]:
    """Points by the name of their instrument."""
    return {each.instrument.name: dict(each.points) for each in measured}


def texts(observation: Observation) -> list[str]:
    """Lines as a log has them."""
    return [f"{line.level.name} {line}" for line in log_lines(observation)]


def observations(shop: Shop, *jobs: Any, **options: Any) -> list[Observation]:
    """All that an observer of a loop is told."""
    told_of: list[Observation] = []
    shop.loop(*jobs, observer=told_of.append, **options)
    return told_of


# -- What an observer is told ----------------------------------------------------------------------


def test_an_observer_is_told_each_request_and_the_end() -> None:
    """With its answer, in sequence; and how long it took."""
    shop = Shop()

    def slow(outbox_row: OutboxRow) -> Sent:
        shop.clock.sleep(3)
        return Sent()

    shop.notifier = Sender(slow)
    parts = observations(shop, Run(orders=[order()]))
    assert [type(each.subject).__name__ for each in parts] == [
        "Load",
        "Commit",
        "Unsent",
        "Send",
        "Mark",
        "LoopReport",
    ]
    assert [each.seconds for each in parts] == [0, 0, 0, 3, 0, 3]
    assert (parts[1].answer, parts[3].answer) == (Committed(), Sent())
    end = parts[-1].subject
    assert isinstance(end, LoopReport)
    assert (end.sent, parts[-1].answer) == (1, None)


def test_what_is_raised_is_told_too() -> None:
    """A notifier's error, after which the loop goes on; a storage's, which ends it."""
    shop = Shop()
    shop.notifier = Sender(OSError("gone"))
    parts = observations(shop, Run(orders=[order()]))
    assert repr(parts[3].answer) == repr(OSError("gone"))

    class Gone(InMemoryStorage):
        def load(self, scope: Scope, /) -> Any:
            raise ConnectionError(str(scope))

    told_of: list[Observation] = []
    with pytest.raises(ConnectionError):
        Shop(Gone()).loop(Run(), observer=told_of.append)
    assert [type(each.answer) for each in told_of] == [ConnectionError]


def test_an_asynchronous_loop_tells_the_same() -> None:
    """Both drivers ask for the same, and tell the same."""
    parts: list[list[Observation]] = [[], []]
    clock = Clock()

    async def fails(outbox_row: OutboxRow) -> Sent:
        raise OSError("gone")

    async def sleep(seconds: float) -> None:
        clock.sleep(seconds)

    options: dict[str, Any] = {"clock": clock, "settings": SETTINGS, "actor": captured}
    run_loop(
        [Run(orders=[order()])],
        storage=InMemoryStorage(stock()),
        notifier=Sender(OSError("gone")),
        sleep=clock.sleep,
        observer=parts[0].append,
        **options,
    )
    asyncio.run(
        run_loop_async(
            [Run(orders=[order()])],
            storage=InMemoryStorage(stock()),
            notifier=fails,
            sleep=sleep,
            observer=parts[1].append,
            **options,
        )
    )
    one, other = ([(each.subject, repr(each.answer)) for each in part] for part in parts)
    assert one == other


def test_an_observer_that_raises_fails_no_order() -> None:
    """All is done as it would be; the report says what was raised first."""
    shop = Shop()
    problems = iter([KeyError("a label"), ValueError("another")])

    def fails(observation: Observation) -> None:
        raise next(problems, OSError("and more"))

    report = shop.loop(Run(orders=[order()]), observer=fails)
    assert (report.sent, report.is_done) == (1, True)
    assert report.observer_problem == "KeyError: 'a label'"
    assert list(shop.storage.sent) == shop.notifier.ids


def test_an_observer_hears_of_its_own_problem() -> None:
    """At the end, so that it stands in the log."""
    parts: list[Observation] = []

    def fails_once(observation: Observation) -> None:
        parts.append(observation)
        if len(parts) == 1:
            raise KeyError("a label")

    Shop().loop(Run(), observer=fails_once)
    assert texts(parts[-1])[-1] == """ERROR observer.failed reason="KeyError: 'a label'\""""


def test_a_clock_that_is_set_back_makes_no_time_below_zero() -> None:
    """A duration is zero then."""
    assert observed(Mark(()), seconds=-5).seconds == 0


# -- Lines -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("observation", "lines"),
    [
        (
            observed(Load(Scope()), ()),
            ["DEBUG request.done request='load' answer='ok' seconds=2.0"],
        ),
        (
            observed(Commit(PLAN), Committed()),
            ["DEBUG request.done request='commit' answer='committed' seconds=2.0"],
        ),
        (
            observed(Commit(PLAN), Conflict(keys=["sku:mug", "order:A-1"])),
            ["WARNING commit.conflict plan='p1' seconds=2.0 reason='sku:mug, order:A-1'"],
        ),
        (
            observed(Commit(PLAN), Unknown(reason="connection\nreset")),
            [r"WARNING commit.unknown plan='p1' seconds=2.0 reason='connection\\nreset'"],
        ),
        (
            observed(Commit(PLAN), OSError("disk full")),
            ["ERROR request.failed request='commit' seconds=2.0 reason='OSError: disk full'"],
        ),
        (
            observed(Send(row(attempts=1)), Sent()),
            [
                (
                    "INFO message.sent order='A-1' row='m1' content='order.confirmed' "
                    "medium='email' attempt=1 seconds=2.0"
                )
            ],
        ),
        (
            observed(Send(row(attempts=2)), Later(reason="SMTP 451")),
            [
                (
                    "WARNING message.later order='A-1' row='m1' content='order.confirmed' "
                    "medium='email' attempt=2 seconds=2.0 reason='SMTP 451'"
                )
            ],
        ),
        (
            observed(Send(row()), OSError("gone")),
            [
                (
                    "WARNING message.error order='A-1' row='m1' content='order.confirmed' "
                    "medium='email' attempt=0 seconds=2.0 reason='OSError: gone'"
                )
            ],
        ),
        (
            observed(Act(action()), 250),
            [
                (
                    "WARNING action.nonsense order='A-1' row='v1' content='void' "
                    "medium='' attempt=0 seconds=2.0"
                )
            ],
        ),
        (
            observed(
                Mark(
                    (
                        Attempt(row_id="m1", at=NOON, result=Sent()),
                        Attempt(row_id="m2", at=NOON, result=Later(retry_at=NOON)),
                        Attempt(row_id="m3", at=NOON, result=Never(reason="no mailbox")),
                    )
                )
            ),
            [
                "INFO outbox.postponed row='m2' retry_at='2026-03-02T12:00:00+00:00'",
                "ERROR outbox.parked row='m3' reason='no mailbox'",
            ],
        ),
    ],
)
def test_a_request_is_worth_a_line_if_somebody_may_look_for_it(
    observation: Observation, lines: list[str]
) -> None:
    """With a level, and with what tells which order and which message; with no address."""
    assert texts(observation) == lines
    assert "ada@" not in str(lines)


def test_a_job_has_a_line() -> None:
    """What it was, what became of it, and the orders that were left out."""
    update = StockUpdate(id="GR-1", skus=["mug"], update=lambda each: each)
    jobs = [
        JobReport(job=Run(), status="done", outcome=None, left_out=[("A-9", "no such order")]),
        JobReport(job=shipped(), status="conflict", outcome=None, attempts=10),
        JobReport(job=update, status="repeated", outcome=None),
    ]
    assert texts(observed(LoopReport(jobs=tuple(jobs)))) == [
        "INFO job.done job='run' attempts=1",
        "ERROR order.left_out order='A-9' reason='no such order'",
        "WARNING job.conflict job='shipped' id='e1' order='A-1' attempts=10",
        "INFO job.repeated job='stock_update' id='GR-1' attempts=1",
    ]


def test_an_order_that_is_held_has_a_line_once() -> None:
    """When it begins to wait for a person, not in each run after that."""
    shop = Shop()
    strict = attrs.evolve(SETTINGS, verifiers=[suspicious])
    told_of: list[Observation] = []
    placed_at = NOON - timedelta(hours=3)
    orders = [order("A-1", placed_at=placed_at), order("A-2", sku="cup", placed_at=placed_at)]

    def run() -> list[str]:
        told_of.clear()
        run_loop(
            [Run(orders=orders)],
            storage=shop.storage,
            clock=shop.clock,
            sleep=shop.clock.sleep,
            settings=strict,
            observer=told_of.append,
        )
        return texts(told_of[-1])

    decided = "INFO orders.decided orders=2 allocated=1 held=1"
    assert run() == [
        "INFO job.done job='run' attempts=1",
        decided,
        "WARNING order.held order='A-1' codes='risk.late risk.mugs'",
    ]
    shop.clock.sleep(60)
    assert run()[1:] == [decided]


def suspicious(each: Any, /, *, context: Any) -> Any:
    """Mugs are suspicious."""
    if each.lines[0].sku == "mug":
        yield hold("risk.mugs")
        yield hold("risk.late")


def held_in(records: Any, *verifiers: Any, at: datetime = NOON) -> tuple[list[str], Any]:
    """The lines of what is held in a run of these orders, and their records after it."""
    result = process(records, stock(), now=at, verifiers=verifiers)
    report = JobReport(job=Run(), status="done", outcome=result)
    lines = log_lines(observed(LoopReport(jobs=(report,))))
    return [str(line) for line in lines if line.name == "order.held"], result.records


def test_who_is_held_still_has_no_line_whatever_else_is_news() -> None:
    """Its customer moved to another language: the record is another one, the hold is the same."""
    lines, [record] = held_in([order()], suspicious)
    assert len(lines) == 1
    moved = attrs.evolve(record, order=attrs.evolve(record.order, locale="de"))
    lines, [after] = held_in([moved], suspicious, at=NOON + timedelta(hours=1))
    assert (lines, after == moved) == ([], False)


def test_who_is_held_for_another_reason_has_another_line() -> None:
    """A person has to look at that, too; and again when it is held anew."""

    def late(each: Any, /, *, context: Any) -> Any:
        yield hold("risk.late")

    _, records = held_in([order()], suspicious)
    lines, records = held_in(records, late)
    assert lines == ["order.held order='A-1' codes='risk.late'"]
    lines, records = held_in(records)
    assert lines == []
    lines, records = held_in(records, late)
    assert lines == ["order.held order='A-1' codes='risk.late'"]
    lines, _ = held_in(records, late)
    assert lines == []


def test_an_order_that_goes_on_without_a_line_is_held_once() -> None:
    """The one line waits for a person, the other is served."""

    def large(each: Any, /, *, context: Any) -> Any:
        yield hold("risk.large", line_id="2")

    lines = [OrderLine(id="1", sku="cup", quantity=1), OrderLine(id="2", sku="mug", quantity=1)]
    texts_held, records = held_in([order(lines=lines)], large)
    assert texts_held == ["order.held order='A-1' codes='risk.large'"]
    moved = [attrs.evolve(each, order=attrs.evolve(each.order, locale="de")) for each in records]
    assert held_in(moved, large)[0] == []


def test_levels_are_those_of_logging() -> None:
    """So a line is handed over as it is."""
    import logging  # noqa: PLC0415 - it is what is compared with

    assert {level: logging.getLevelName(level) for level in Level} == {
        level: level.name for level in Level
    }


# -- Numbers ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("observation", "points"),
    [
        (observed(Load(Scope()), ()), {"fulfill.requests": {("load", "ok"): 2}}),
        (
            observed(Commit(PLAN), Conflict()),
            {"fulfill.requests": {("commit", "conflict"): 2}},
        ),
        (
            observed(Load(Scope()), OSError()),
            {"fulfill.requests": {("load", "error"): 2}},
        ),
        (
            observed(Send(row()), Never(reason="no")),
            {
                "fulfill.requests": {("send", "never"): 2},
                "fulfill.sends": {("order.confirmed", "email", "never"): 1},
            },
        ),
        (
            observed(Act(action()), Sent()),
            {
                "fulfill.requests": {("act", "sent"): 2},
                "fulfill.sends": {("void", "", "sent"): 1},
            },
        ),
        (
            observed(
                Mark(
                    (
                        Attempt(row_id="m1", at=NOON, result=Later(retry_at=NOON)),
                        Attempt(row_id="m2", at=NOON, result=Later(retry_at=NOON)),
                        Attempt(row_id="m3", at=NOON, result=Never(reason="no")),
                    )
                )
            ),
            {
                "fulfill.requests": {("mark", "ok"): 2},
                "fulfill.outbox.postponed": {(): 2},
                "fulfill.outbox.parked": {(): 1},
            },
        ),
        (observed(LoopReport()), {}),
    ],
)
def test_a_request_is_counted(observation: Observation, points: Any) -> None:
    """How long it took, and by what it was answered."""
    assert numbers(measurements(observation)) == points


def test_jobs_are_counted_by_what_became_of_them() -> None:
    """Each kind of event for itself."""
    jobs = [
        JobReport(job=shipped(), status="done", outcome=None),
        JobReport(job=shipped("A-2"), status="done", outcome=None),
        JobReport(job=shipped("A-3"), status="no_order", outcome=None),
    ]
    assert numbers(measurements(observed(LoopReport(jobs=tuple(jobs))))) == {
        "fulfill.jobs": {("shipped", "done"): 2, ("shipped", "no_order"): 1}
    }


def test_how_many_are_held_why_and_how_long_and_what_waits() -> None:
    """Of a run of all orders: by outcome and code, in seconds; the backlog in units."""
    clock = Clock()
    storage = InMemoryStorage(stock(mugs=0))
    strict = attrs.evolve(SETTINGS, verifiers=[foreign])
    orders = [
        order("A-1", 4, placed_at=NOON - timedelta(hours=1)),
        order("A-2", 12, placed_at=NOON - timedelta(hours=3)),
        order("A-3", 9, "cup", placed_at=NOON - timedelta(hours=5)),
        order("A-4", customer=Customer(id="foreign"), placed_at=NOON - timedelta(hours=7)),
    ]

    def run(*jobs: Run) -> dict[str, dict[tuple[str, ...], float]]:
        told_of: list[Observation] = []
        run_loop(
            jobs,
            storage=storage,
            clock=clock,
            sleep=clock.sleep,
            settings=strict,
            observer=told_of.append,
        )
        return numbers(measurements(told_of[-1]))

    assert run(Run(orders=orders)) == {"fulfill.jobs": {("run", "done"): 1}}
    clock.sleep(600)
    counts = run(Run(orders=["A-1"]), Run())
    assert counts["fulfill.jobs"] == {("run", "done"): 2}
    assert {key: number for key, number in counts["fulfill.orders"].items() if number} == {
        ("backordered",): 2,
        ("held",): 1,
        ("partially_allocated",): 1,
    }
    assert counts["fulfill.orders"]["rejected",] == 0
    assert counts["fulfill.orders.held"] == {("risk.foreign",): 1}
    # It was placed seven hours before it was decided for the first time.
    assert counts["fulfill.orders.held.longest"] == {("risk.foreign",): 7 * 3600 + 600}
    assert counts["fulfill.backlog.units"] == {("backordered",): 16, ("short",): 3}
    assert counts["fulfill.backlog.longest"] == {
        ("backordered",): 3 * 3600 + 600,
        ("short",): 5 * 3600 + 600,
    }


def test_what_somebody_waived_holds_nobody() -> None:
    """Nor does what is only noted."""
    findings = [
        attrs.evolve(hold("risk.waived"), waived_by="Grace"),
        note("risk.none"),
        hold("risk.late"),
        hold("risk.late", line_id="1"),
    ]
    decision = Decision(order=order(), outcome="held", findings=findings)
    assert held_codes(decision) == {"risk.late"}


def foreign(each: Any, /, *, context: Any) -> Any:
    """Orders from elsewhere are looked at; of others it is noted that they are not."""
    yield hold("risk.foreign") if each.customer.id == "foreign" else note("risk.none")


def test_a_run_that_came_to_nothing_has_no_orders() -> None:
    """A conflict at the end says nothing of any order."""
    report = JobReport(job=Run(), status="conflict", outcome=None)
    assert set(numbers(measurements(observed(LoopReport(jobs=(report,)))))) == {"fulfill.jobs"}


def test_the_backlog_of_an_outbox() -> None:
    """What is due, what waits for its time, what is parked; and how late the latest is."""
    minute = timedelta(minutes=1)
    backlog = Backlog(
        at=NOON,
        due=2,
        later=1,
        parked=1,
        due_at=NOON - 3 * minute,
        written_at=NOON - 60 * minute,
    )
    assert backlog.rows == 4
    assert numbers(outbox_measurements(backlog)) == {
        "fulfill.outbox.rows": {("due",): 2, ("parked",): 1, ("waiting",): 1},
        "fulfill.outbox.lag": {(): 180},
        "fulfill.outbox.longest": {(): 3600},
    }
    with pytest.raises(InvalidValueError, match=r"Backlog\.at"):
        Backlog(at=datetime(2026, 3, 2))  # noqa: DTZ001 - that is the point
    with pytest.raises(InvalidValueError, match=r"Backlog\.parked"):
        Backlog(at=NOON, parked=-1)


def table_on_the_page(head: str) -> list[list[str]]:
    """The rows of the table of the how-to that begins with this head."""
    page = (Path(__file__).parents[2] / "docs" / "how-to" / "logs-and-counters.md").read_text(
        "utf-8"
    )
    lines = page.split(f"| {head} |")[1].split("\n\n")[0].splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_the_page_has_every_instrument() -> None:
    """As it is: name, kind, unit, labels, and what it is."""
    assert table_on_the_page("instrument") == [
        [
            f"`{each.name}`",
            f"{each.kind}, {each.unit.strip('{}')}",
            ", ".join([f"`{label}`" for label in each.labels]),
            each.description,
        ]
        for each in INSTRUMENTS
    ]


def test_the_page_has_every_line() -> None:
    """By name, with its level."""
    rows = table_on_the_page("line")
    levels = {name: level for names, level, _ in rows for name in re.findall(r"`([^`]+)`", names)}
    assert levels == {
        "action.sent": "info",
        **{f"commit.{answer}": "warning" for answer in ("conflict", "unknown")},
        **{f"job.{status}": "info" for status in ("done", "repeated")},
        **{f"job.{status}": "warning" for status in ("conflict", "no_order", "unknown")},
        **{f"message.{word}": "warning" for word in ("error", "later", "never", "nonsense")},
        "message.sent": "info",
        "observer.failed": "error",
        "order.held": "warning",
        "order.left_out": "error",
        "orders.decided": "info",
        "outbox.parked": "error",
        "outbox.postponed": "info",
        "request.done": "debug",
        "request.failed": "error",
    }


@pytest.mark.parametrize("status", JobStatus)
def test_a_job_that_is_done_is_as_it_should_be(status: JobStatus) -> None:
    """Whatever is not done is to be done again: that is a warning."""
    report = JobReport(job=Run(), status=status, outcome=None)
    [line] = log_lines(observed(LoopReport(jobs=(report,))))
    assert line.name == f"job.{status}"
    assert line.level is (Level.INFO if report.is_done else Level.WARNING)


# -- Instruments -----------------------------------------------------------------------------------


def test_instruments_are_known_beforehand() -> None:
    """By name, each once; none has an id among its labels."""
    names = [each.name for each in INSTRUMENTS]
    assert names == sorted(set(names))
    labels = {label for each in INSTRUMENTS for label in each.labels}
    assert labels == {
        "answer",
        "code",
        "content",
        "job",
        "medium",
        "outcome",
        "request",
        "state",
        "status",
    }


def test_every_request_has_a_word() -> None:
    """And each another one."""
    requests: list[Request] = [
        Act(row()),
        Commit(PLAN),
        Gather(()),
        Load(Scope()),
        Mark(()),
        Pause(timedelta()),
        Send(row()),
        Unsent(1, NOON, NOON),
        WhatWasDecided("p1"),
    ]
    assert {type(each) for each in requests} == set(get_args(Request))
    assert len({request_word(each) for each in requests}) == len(requests)
    assert job_word(shipped()) == "shipped"


@pytest.mark.parametrize(
    ("make", "problem"),
    [
        (lambda: Measurement(instrument=7, points=[]), "instrument"),  # type: ignore[arg-type]
        (lambda: Measurement(instrument=INSTRUMENTS[0], points=[7]), "points"),  # type: ignore[list-item]
        (lambda: Measurement(instrument=INSTRUMENTS[0], points=[((), 1)]), "other labels"),
        (lambda: Measurement(instrument=INSTRUMENTS[0], points=[((7,), 1)]), "points"),  # type: ignore[list-item]
        (lambda: Measurement(instrument=INSTRUMENTS[0], points=[(("a",), "1")]), "is no number"),  # type: ignore[list-item]
        (lambda: Instrument(name="", kind="gauge", unit="s", description="x"), "name"),  # type: ignore[arg-type]
        (lambda: LogLine(at=NOON, level=20, name="x"), "level"),  # type: ignore[arg-type]
        (lambda: LogLine(at=NOON, level=Level.INFO, name="x", fields=[7]), "fields"),  # type: ignore[list-item]
    ],
)
def test_what_makes_no_sense_is_refused(make: Any, problem: str) -> None:
    """By its path."""
    with pytest.raises(InvalidValueError, match=problem):
        make()
