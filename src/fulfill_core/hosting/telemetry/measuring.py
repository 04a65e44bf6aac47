"""From what an observer is told to numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import timedelta

from fulfill_core import _checks
from fulfill_core.decisions.decision import Decision
from fulfill_core.decisions.finding import Severity
from fulfill_core.decisions.outcome import Outcome
from fulfill_core.hosting.backlog import Backlog
from fulfill_core.hosting.jobs import Run
from fulfill_core.hosting.observation import Observation
from fulfill_core.hosting.reports import LoopReport
from fulfill_core.hosting.requests import Act, Mark, Send
from fulfill_core.hosting.sending import Later, Never
from fulfill_core.hosting.telemetry.instruments import (
    BACKLOG,
    BACKLOG_LONGEST,
    HELD_LONGEST,
    JOBS,
    ORDERS,
    ORDERS_HELD,
    OUTBOX_LAG,
    OUTBOX_LONGEST,
    OUTBOX_ROWS,
    PARKED,
    POSTPONED,
    REQUESTS,
    SENDS,
    Instrument,
    Measurement,
)
from fulfill_core.hosting.telemetry.naming import (
    answer_word,
    content_words,
    job_word,
    request_word,
)
from fulfill_core.pipeline import Result

_ALL_ORDERS = Run()
_BACKORDERED, _SHORT = "backordered", "short"


def measurements(observation: Observation) -> tuple[Measurement, ...]:
    """The numbers of what a loop asked for, or did.

    Those of orders (how many are held, why and since when; how much waits) are made of runs of all
    orders: a run of some says nothing of the others.

    Args:
        observation: what the observer was told.

    >>> from fulfill_core.hosting import Mark
    >>> from datetime import datetime
    >>> noon = datetime.fromisoformat("2026-03-02T12:00Z")
    >>> [duration] = measurements(Observation(subject=Mark(()), began_at=noon, ended_at=noon))
    >>> duration.instrument.name, duration.points
    ('fulfill.requests', ((('mark', 'ok'), 0.0),))
    """
    _checks.check_member("observation", observation, Observation)
    subject = observation.subject
    if isinstance(subject, LoopReport):
        return tuple(_of_report(subject))
    answer = answer_word(subject, observation.answer)
    duration = _one(REQUESTS, observation.seconds, request_word(subject), answer)
    match subject:
        case Send(row) | Act(row):
            return duration, _one(SENDS, 1, *content_words(row), answer)
        case Mark(attempts):
            results = Counter([type(attempt.result) for attempt in attempts])
            rows = ((POSTPONED, results[Later]), (PARKED, results[Never]))
            return duration, *[_one(instrument, number) for instrument, number in rows if number]
        case _:
            return (duration,)


def outbox_measurements(backlog: Backlog) -> tuple[Measurement, ...]:
    """How many rows of an outbox are due, wait for their time, or are parked; and since when.

    Args:
        backlog: what ``storage.backlog(now)`` says, or a query of yours.

    >>> from datetime import datetime
    >>> noon = datetime.fromisoformat("2026-03-02T12:00Z")
    >>> rows, lag, longest = outbox_measurements(Backlog(at=noon))
    >>> rows.points
    ((('due',), 0), (('parked',), 0), (('waiting',), 0))
    """
    _checks.check_member("backlog", backlog, Backlog)
    states = {"due": backlog.due, "waiting": backlog.later, "parked": backlog.parked}
    lag, longest = [
        (backlog.at - (instant or backlog.at)).total_seconds()
        for instant in (backlog.due_at, backlog.written_at)
    ]
    return (
        _by_label(OUTBOX_ROWS, states),
        _one(OUTBOX_LAG, lag),
        _one(OUTBOX_LONGEST, longest),
    )


def _one(instrument: Instrument, number: float, *labels: str) -> Measurement:
    return Measurement(instrument=instrument, points=[(labels, number)])


def _by_label(instrument: Instrument, numbers: Mapping[str, float]) -> Measurement:
    """All points of an instrument with one label, by its value."""
    points = [((label,), number) for label, number in sorted(numbers.items())]
    return Measurement(instrument=instrument, points=points)


def _of_report(report: LoopReport) -> Iterator[Measurement]:
    jobs = Counter([(job_word(each.job), str(each.status)) for each in report.jobs])
    if jobs:
        yield Measurement(instrument=JOBS, points=sorted(jobs.items()))
    # Of several runs of all orders the last: its points are the newest.
    results = [
        each.outcome
        for each in report.jobs
        if each.job == _ALL_ORDERS and isinstance(each.outcome, Result)
    ]
    for result in results[-1:]:
        yield from _of_result(result)


def _of_result(result: Result) -> Iterator[Measurement]:
    """The orders after a run of all: how they stand, what is held, what waits."""
    outcomes = Counter(dict.fromkeys(map(str, Outcome), 0))
    outcomes.update([str(decision.outcome) for decision in result.decisions])
    yield _by_label(ORDERS, outcomes)
    since = {record.id: record.since for record in result.records}
    now = result.context.now
    orders, waits = Counter[str](), dict[str, timedelta]()
    units, ages = Counter({_BACKORDERED: 0, _SHORT: 0}), dict[str, timedelta]()
    for decision in result.decisions:
        begin = since[decision.id] or now
        for code in held_codes(decision):
            orders[code] += 1
            waits[code] = max(waits.get(code, timedelta()), now - begin)
        for state, quantity in _open_units(decision):
            units[state] += quantity
            ages[state] = max(ages.get(state, timedelta()), now - decision.order.placed_at)
    yield _by_label(ORDERS_HELD, orders)
    yield _by_label(HELD_LONGEST, {code: wait.total_seconds() for code, wait in waits.items()})
    yield _by_label(BACKLOG, units)
    yield _by_label(BACKLOG_LONGEST, {state: age.total_seconds() for state, age in ages.items()})


def held_codes(decision: Decision) -> frozenset[str]:
    """Why a person has to look at an order: the codes of the holds that nobody waived.

    Args:
        decision: what was decided about it.
    """
    return frozenset(
        [
            finding.code
            for finding in decision.findings
            if finding.severity is Severity.HOLD and not finding.is_waived
        ]
    )


def _open_units(decision: Decision) -> Iterator[tuple[str, int]]:
    """The units of an order that wait, by what they wait for."""
    for backorder in decision.backorders:
        yield _BACKORDERED, backorder.quantity
    for short in decision.shorts:
        yield _SHORT, short.quantity
