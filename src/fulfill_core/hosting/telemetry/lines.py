"""From what an observer is told to lines of a log."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from datetime import datetime
from enum import IntEnum
from typing import TypeAlias

import attrs

from fulfill_core import _checks
from fulfill_core.decisions.decision import Decision
from fulfill_core.decisions.notification import Audience, Kind, Notification
from fulfill_core.decisions.outcome import Outcome
from fulfill_core.hosting.jobs import Run, StockUpdate
from fulfill_core.hosting.observation import Observation
from fulfill_core.hosting.plans import Conflict, OutboxRow, Unknown
from fulfill_core.hosting.reports import JobReport, JobStatus, LoopReport
from fulfill_core.hosting.requests import Act, Commit, Mark, Request, Send
from fulfill_core.hosting.sending import Attempt, Later, Never
from fulfill_core.hosting.telemetry.measuring import held_codes
from fulfill_core.hosting.telemetry.naming import (
    answer_word,
    content_words,
    job_word,
    request_word,
)
from fulfill_core.pipeline import Result

FieldValue: TypeAlias = str | int | float
FieldPair: TypeAlias = tuple[str, FieldValue]
"""A name and a value, as a log keeps them."""


class Level(IntEnum):
    """How much somebody should look at a line: the numbers are those of ``logging``.

    >>> Level.WARNING > Level.INFO, int(Level.ERROR)
    (True, 40)
    """

    DEBUG = 10
    """For whoever looks for something."""
    INFO = 20
    """As it should be."""
    WARNING = 30
    """It is tried again by itself; look if there are many."""
    ERROR = 40
    """A person has to see to it."""


def _to_fields(fields: Iterable[FieldPair]) -> tuple[FieldPair, ...]:
    return _checks.to_tuple(fields)


@attrs.frozen(kw_only=True, weakref_slot=False)
class LogLine:
    """One line of a log, as a value.

    No line has a recipient, a name or an address of a customer: orders and messages are told by
    their ids.

    Args:
        at: when it happened, aware, kept in UTC.
        level: how much somebody should look at it.
        name: what happened, in lower case with dots, never renamed.
        fields: pairs of a name and a text or number.

    >>> line = LogLine(at=datetime.fromisoformat("2026-03-02T12:00Z"), level=Level.WARNING,
    ...                name="outbox.postponed", fields=[("row", "A-17:order.confirmed:5d0f")])
    >>> print(line)
    outbox.postponed row='A-17:order.confirmed:5d0f'
    """

    at: datetime
    level: Level
    name: str
    fields: tuple[FieldPair, ...] = attrs.field(default=(), converter=_to_fields)

    def __attrs_post_init__(self) -> None:
        _checks.keep_in_utc(self, "at")
        _checks.check_member("LogLine.level", self.level, Level)
        _checks.check_id("LogLine.name", self.name)
        _checks.check_rows("LogLine.fields", self.fields, "name", "value")

    def __str__(self) -> str:
        return " ".join([self.name, *[f"{name}={value!r}" for name, value in self.fields]])


def log_lines(observation: Observation) -> tuple[LogLine, ...]:
    """What a log should have of what a loop asked for, or did.

    Args:
        observation: what the observer was told.

    >>> from fulfill_core.hosting import Load, Scope
    >>> noon = datetime.fromisoformat("2026-03-02T12:00Z")
    >>> [line] = log_lines(Observation(subject=Load(Scope()), answer=OSError("gone"),
    ...                                began_at=noon, ended_at=noon))
    >>> print(line.level.name, line)
    ERROR request.failed request='load' seconds=0.0 reason='OSError: gone'
    """
    _checks.check_member("observation", observation, Observation)
    subject = observation.subject
    if isinstance(subject, LoopReport):
        lines = _of_report(subject)
    else:
        lines = _of_request(subject, observation)
    return tuple(
        [
            LogLine(at=observation.ended_at, level=level, name=name, fields=fields)
            for level, name, fields in lines
        ]
    )


_Line: TypeAlias = tuple[Level, str, list[FieldPair]]


def _of_request(request: Request, observation: Observation) -> Iterator[_Line]:
    """What there is to say of a request: most are worth a number, and no line."""
    answer = observation.answer
    seconds: FieldPair = ("seconds", observation.seconds)
    match request:
        case Send(row) | Act(row):
            yield _of_attempt(row, request, answer, seconds)
        case Mark(attempts):
            yield from [_of_mark(each) for each in attempts if not _is_sent(each)]
        case _ if isinstance(answer, Exception):
            fields: list[FieldPair] = [("request", request_word(request)), seconds]
            yield Level.ERROR, "request.failed", [*fields, ("reason", _checks.message_of(answer))]
        case Commit(plan) if isinstance(answer, Conflict | Unknown):
            reason = ", ".join(answer.keys) if isinstance(answer, Conflict) else answer.reason
            fields = [("plan", plan.id), seconds, ("reason", _checks.in_one_line(reason))]
            yield Level.WARNING, f"commit.{answer_word(request, answer)}", fields
        case _:
            fields = [
                ("request", request_word(request)),
                ("answer", answer_word(request, answer)),
                seconds,
            ]
            yield Level.DEBUG, "request.done", fields


def _of_attempt(row: OutboxRow, request: Send | Act, answer: object, seconds: FieldPair) -> _Line:
    """A message that was sent or not, an action that was carried out or not."""
    word = answer_word(request, answer)
    content, medium = content_words(row)
    fields: list[FieldPair] = [
        ("order", row.order_id),
        ("row", row.id),
        ("content", content),
        ("medium", medium),
        ("attempt", row.attempts),
        seconds,
    ]
    if isinstance(answer, Later | Never):
        fields.append(("reason", answer.reason))
    elif isinstance(answer, Exception):
        fields.append(("reason", _checks.message_of(answer)))
    subject = "message" if row.is_message else "action"
    return Level.INFO if word == "sent" else Level.WARNING, f"{subject}.{word}", fields


def _is_sent(attempt: Attempt) -> bool:
    return not isinstance(attempt.result, Later | Never)


def _of_mark(attempt: Attempt) -> _Line:
    """A row that is tried again, or that a person has to see to."""
    result, row = attempt.result, ("row", attempt.row_id)
    if isinstance(result, Later) and result.retry_at is not None:
        instant = result.retry_at.isoformat()
        return Level.INFO, "outbox.postponed", [row, ("retry_at", instant)]
    return Level.ERROR, "outbox.parked", [row, ("reason", getattr(result, "reason", ""))]


_OF_STATUS = {
    JobStatus.DONE: Level.INFO,
    JobStatus.REPEATED: Level.INFO,
    JobStatus.NO_ORDER: Level.WARNING,
    JobStatus.CONFLICT: Level.WARNING,
    JobStatus.UNKNOWN: Level.WARNING,
}


def _of_report(report: LoopReport) -> Iterator[_Line]:
    """What became of jobs and orders."""
    for each in report.jobs:
        yield from _of_job(each)
    if report.observer_problem:
        yield Level.ERROR, "observer.failed", [("reason", report.observer_problem)]


def _of_job(report: JobReport) -> Iterator[_Line]:
    job = report.job
    fields: list[FieldPair] = [("job", job_word(job))]
    if isinstance(job, StockUpdate):
        fields.append(("id", job.id))
    elif not isinstance(job, Run):
        fields += [("id", job.id), ("order", job.order_id)]
    fields.append(("attempts", report.attempts))
    yield _OF_STATUS[report.status], f"job.{report.status}", fields
    for order_id, reason in report.left_out:
        yield Level.ERROR, "order.left_out", [("order", order_id), ("reason", reason)]
    if isinstance(report.outcome, Result):
        yield from _of_result(report.outcome, report.changed_ids)


def _of_result(result: Result, written_ids: Iterable[str] | None) -> Iterator[_Line]:
    """How many orders came to what; and those that a person has to look at, as news."""
    outcomes = Counter([str(decision.outcome) for decision in result.decisions])
    counts: list[FieldPair] = [
        (outcome, outcomes[outcome]) for outcome in Outcome if outcomes[outcome]
    ]
    yield Level.INFO, "orders.decided", [("orders", len(result.decisions)), *counts]
    changed_ids = frozenset(
        [record.id for record in result.changed_records] if written_ids is None else written_ids
    )
    reviewed_ids = {message.order_id for message in result.notifications if _is_review(message)}
    for decision in result.decisions:
        codes = held_codes(decision)
        if codes and decision.id in changed_ids and _is_new_hold(result, decision, reviewed_ids):
            fields: list[FieldPair] = [("order", decision.id), ("codes", " ".join(sorted(codes)))]
            yield Level.WARNING, "order.held", fields


def _is_review(message: Notification) -> bool:
    return message.kind == Kind.REVIEW_NEEDED and message.audience is Audience.STAFF


def _is_new_hold(result: Result, decision: Decision, reviewed_ids: AbstractSet[str]) -> bool:
    """Whether it begins to wait for a person now, or for another reason than the staff was told.

    An order that is held as a whole says so in its record. Of one that goes on without some of its
    lines, no more is known than what the staff is told.
    """
    is_told = decision.id in reviewed_ids
    if decision.outcome is not Outcome.HELD:
        return is_told
    before = result.context.record_of(decision.id)
    if before is None or before.outcome is not Outcome.HELD:
        return True
    return is_told and any(
        last.audience is Audience.STAFF and Kind.REVIEW_NEEDED in last.kinds for last in before.told
    )
