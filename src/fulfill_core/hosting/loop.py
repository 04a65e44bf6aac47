"""The loop: one generator, which does nothing itself.

It yields requests (load this, commit that, send this message, wait) and gets the answers. A driver
of a page carries them out, and there is one for synchronous and one for asynchronous hosts
(`fulfill_core.hosting.drivers`). A test can carry them out, too, and answer what it likes.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeAlias, TypeVar, cast, get_args

import attrs

from fulfill_core import _checks
from fulfill_core.exceptions import PluginError, by_number
from fulfill_core.hosting.batches import Loaded
from fulfill_core.hosting.handing_out import split, together
from fulfill_core.hosting.jobs import Job, Run, StockUpdate, check_job, scope_of
from fulfill_core.hosting.limits import Limits
from fulfill_core.hosting.planning import Draft, PreferencesOf, draft_of, records_of
from fulfill_core.hosting.plans import (
    CommitAnswer,
    CommitPlan,
    Committed,
    Conflict,
    OutboxRow,
    Unknown,
)
from fulfill_core.hosting.reports import JobReport, JobStatus, LoopReport
from fulfill_core.hosting.requests import (
    Act,
    Commit,
    Gather,
    Load,
    Mark,
    Pause,
    Request,
    Send,
    Unsent,
    WhatWasDecided,
)
from fulfill_core.hosting.sending import Attempt, Later, Never, SendAnswer, Sent
from fulfill_core.lifecycle import USUAL_RULES, Rules
from fulfill_core.pipeline import Settings
from fulfill_core.protocols import ProgressFunction
from fulfill_core.protocols.reporting import check_progress
from fulfill_core.protocols.roles import check_function
from fulfill_core.records.facts import Facts

T = TypeVar("T")

Reply: TypeAlias = (
    Loaded | Facts | CommitAnswer | Sequence[OutboxRow] | SendAnswer | Exception | None
)
"""What a driver answers; an exception if what was to send or to act raised it."""
Loop: TypeAlias = Generator[Request, Reply, LoopReport]
"""A loop: it yields requests, gets answers, and returns what it did."""
_Part: TypeAlias = Generator[Request, Any, T]
_NO_JOBS: tuple[Job, ...] = ()
_STATUS = {
    Committed: JobStatus.DONE,
    Conflict: JobStatus.CONFLICT,
    Unknown: JobStatus.UNKNOWN,
}


def loop(
    jobs: Iterable[Job] = _NO_JOBS,
    *,
    clock: Callable[[], datetime],
    settings: Settings | None = None,
    rules: Rules = USUAL_RULES,
    limits: Limits | None = None,
    gathers: bool = False,
    relays: bool = True,
    is_stopping: Callable[[], bool] | None = None,
    preferences: PreferencesOf | None = None,
    progress: ProgressFunction | None = None,
) -> Loop:
    """Do all jobs, each in a transaction of its own; then send and do what waits in the outbox.

    It stops by itself: a job is tried so often and no more, a row of the outbox is handed out once.

    Args:
        jobs: what is to be done: `Run`, `StockUpdate` and events, in this sequence.
        clock: gives the time, aware.
        settings: the policies of runs; None for the usual ones.
        rules: the shop's choices, for events.
        limits: how often and how long; None for the usual ones.
        gathers: whether facts are asked for before each run; else those of the settings count.
        relays: whether the outbox is seen to.
        is_stopping: whether to stop, asked before each message and action: what is not sent then is
            left to whoever comes next. None to see to all of them.
        preferences: how the customer of an order wants to be told: then the outbox has a `Delivery`
            for each message, and they go out at their time, several at once as one. None for each
            message at once, by itself.
        progress: is told how far each run has come, as by `process`; None for nobody.

    Raises:
        InvalidValueError: something among the jobs that is none, settings, rules or limits that are
            none, a naive time.
        PluginError: the host answered what its port does not allow.

    >>> from datetime import timezone
    >>> from fulfill_core.hosting import Run
    >>> steps = loop([Run()], clock=lambda: datetime(2026, 3, 2, 12, tzinfo=timezone.utc))
    >>> next(steps)
    Load(scope=Scope(order_ids=None, skus=()))
    """
    _checks.check_collection("jobs", jobs)
    jobs = _checks.to_tuple(jobs)
    for position, job in enumerate(jobs):
        check_job(f"jobs[{position}]", job)
    settings = Settings() if settings is None else settings
    limits = Limits() if limits is None else limits
    _checks.check_callable("clock", clock)
    _checks.check_member("settings", settings, Settings)
    _checks.check_member("rules", rules, Rules)
    _checks.check_member("limits", limits, Limits)
    _checks.check_bool("gathers", gathers)
    _checks.check_bool("relays", relays)
    if is_stopping is not None:
        _checks.check_callable("is_stopping", is_stopping)
    if preferences is not None:
        check_function("preferences", preferences, "order")
    if progress is not None:
        check_progress(progress)
    worker = _Worker(
        clock, settings, rules, limits, gathers, is_stopping or _goes_on, preferences, progress
    )
    return worker.work(jobs, relays=relays)


@attrs.frozen
class _Worker:
    """What all parts of a loop share.

    Args:
        clock: gives the time.
        settings: the policies of runs.
        rules: the shop's choices.
        limits: how often and how long.
        gathers: whether facts are asked for before each run.
        is_stopping: whether to stop.
        preferences: how customers want to be told.
        progress: is told how far a run has come.
    """

    clock: Callable[[], datetime]
    settings: Settings
    rules: Rules
    limits: Limits
    gathers: bool
    is_stopping: Callable[[], bool]
    preferences: PreferencesOf | None
    progress: ProgressFunction | None

    def time(self) -> datetime:
        """The host's time."""
        return _checks.in_utc("clock()", self.clock())

    def work(self, jobs: Sequence[Job], *, relays: bool) -> Loop:
        """All jobs, then the outbox."""
        reports: list[JobReport] = []
        for job in jobs:
            report = yield from self.do(job)
            reports.append(report)
        tally = LoopReport()
        if relays:
            tally = yield from self.relay()
        return attrs.evolve(tally, jobs=tuple(reports), rules=self.rules)

    # -- Jobs ------------------------------------------------------------------------------------

    def do(self, job: Job) -> _Part[JobReport]:
        """One job: load, decide, commit; on conflict again, with what is there now."""
        attempt = 1
        while True:
            status, draft = yield from self._attempted(job)
            if status is not JobStatus.CONFLICT or attempt == self.limits.commits:
                break
            yield Pause(self.limits.wait(attempt, "" if draft.plan is None else draft.plan.id))
            attempt += 1
        is_done = status is JobStatus.DONE
        changed = draft.plan.records if is_done and draft.plan is not None else ()
        return JobReport(
            job=job,
            status=status,
            outcome=draft.outcome if is_done else None,
            attempts=attempt,
            left_out=draft.left_out,
            steps_of_time=draft.steps_of_time if is_done else (),
            sends_at=_first_that_waits(draft.plan) if is_done else None,
            changed_ids=tuple([record.id for record in changed]),
        )

    def _attempted(self, job: Job) -> _Part[tuple[JobStatus, Draft]]:
        """What becomes of a job at once, and what it comes to."""
        loaded = _as("storage.load", (yield Load(scope_of(job))), Loaded)
        if isinstance(job, StockUpdate):
            # It may not be possible a second time. Asked after loading: if nobody has done it by
            # now, nobody had done it to what is loaded.
            answer = yield from self._last_word(job.plan_id)
            if not isinstance(answer, Conflict):
                is_done = isinstance(answer, Committed)
                return JobStatus.REPEATED if is_done else JobStatus.UNKNOWN, Draft(None, None)
        settings = self.settings
        if self.gathers and isinstance(job, Run):
            facts = _as("gather", (yield Gather(records_of(job, loaded))), Facts)
            settings = attrs.evolve(settings, facts=facts)
        draft = draft_of(
            job,
            loaded,
            now=self.time(),
            settings=settings,
            rules=self.rules,
            preferences=self.preferences,
            progress=self.progress,
        )
        if draft.outcome is None:
            return JobStatus.NO_ORDER, draft
        if draft.plan is None:
            return JobStatus.DONE, draft
        answer = yield from self._committed(draft.plan)
        return _STATUS[type(answer)], draft

    def _committed(self, plan: CommitPlan) -> _Part[CommitAnswer]:
        """Whether a plan is written: if that is not known at once, it is asked for."""
        answer: CommitAnswer = _as("storage.commit", (yield Commit(plan)), CommitAnswer)
        if isinstance(answer, Unknown):
            yield Pause(self.limits.wait(1, plan.id))
            answer = yield from self._last_word(plan.id)
        return answer

    def _last_word(self, plan_id: str) -> _Part[CommitAnswer]:
        """Whether a plan is written, as far as it can be said at last."""
        attempt = 1
        while True:
            answer: CommitAnswer = _as(
                "storage.decided", (yield WhatWasDecided(plan_id)), CommitAnswer
            )
            if not isinstance(answer, Unknown) or attempt == self.limits.commits:
                return answer
            yield Pause(self.limits.wait(attempt, plan_id))
            attempt += 1

    # -- The outbox ------------------------------------------------------------------------------

    def relay(self) -> _Part[LoopReport]:
        """Send and do what is due now: each row once, whatever its answer."""
        counts: dict[type[SendAnswer], int] = {Sent: 0, Later: 0, Never: 0}
        instants: list[datetime] = []
        begin = deadline = self.time()
        remainder: tuple[OutboxRow, ...] = ()
        while True:
            # A clock that is set back meanwhile hands no row out twice.
            until = max(begin, self.time()) + self.limits.hidden_for
            rows = _rows((yield Unsent(self.limits.rows, begin, until)))
            is_full = len(rows) >= self.limits.rows
            deadline = min(deadline, until) if remainder else until
            batch, remainder = split((*remainder, *rows), is_full=is_full)
            groups, events = together(batch), 0
            for position, group in enumerate(groups):
                if self.is_stopping():
                    rest = [row for each in groups[position:] for row in each.parts]
                    yield Mark(self._given_back([*rest, *remainder]))
                    return self._tally(counts, [*instants, self.time()])
                if self.time() >= deadline:  # too slow: somebody else may be at the others by now
                    instants.append(deadline)
                    remainder = ()
                    break
                result = yield from self._tried(group.row)
                at = self.time()
                yield Mark(
                    tuple([Attempt(row_id=row.id, at=at, result=result) for row in group.parts])
                )
                counts[type(result)] += len(group.parts)
                if isinstance(result, Later) and result.retry_at is not None:
                    instants.append(result.retry_at)
                events += isinstance(result, Sent) and result.event is not None
            if events:  # they have left rows of their own
                begin = max(begin, self.time())
            elif not is_full:
                break
        return self._tally(counts, instants)

    def _given_back(self, rows: Sequence[OutboxRow]) -> tuple[Attempt, ...]:
        """Rows that were handed out and not tried: they are due at once, for whoever comes next."""
        now = self.time()
        return tuple(
            [
                Attempt(
                    row_id=row.id,
                    at=now,
                    result=Later(retry_at=now, reason=row.reason, is_unsent=True),
                )
                for row in rows
            ]
        )

    @staticmethod
    def _tally(counts: Mapping[type[SendAnswer], int], instants: Iterable[datetime]) -> LoopReport:
        """What became of rows, and when there is something to do again."""
        return LoopReport(
            sent=counts[Sent],
            postponed=counts[Later],
            parked=counts[Never],
            retry_at=min(instants, default=None),
        )

    def _tried(self, row: OutboxRow) -> _Part[SendAnswer]:
        """What became of a row: sent, later with a time, or parked with a reason."""
        if row.attempts > self.limits.sends:  # whoever had it before has died of it each time
            return Never(reason=f"handed out {_times(row)}, and no answer came back")
        answer: object = yield (Send(row) if row.is_message else Act(row))
        match answer:
            case Sent(event=None) | Never():
                return answer
            case Sent(event=event):
                report = yield from self.do(cast("Job", event))
                if report.is_done:
                    return answer
                return self._later(row, Later(reason=f"its event: {report.status}"))
            case Later():
                return self._later(row, answer)
            case Exception():
                return self._later(row, Later(reason=_checks.message_of(answer)))
            case _:
                # Was it sent or not? Nobody knows: so it is not sent again by itself.
                problem = f"the answer {_checks.repr_of(answer)} is not Sent, Later or Never"
                return Never(reason=problem)

    def _later(self, row: OutboxRow, answer: Later) -> SendAnswer:
        """Later, at a time after now; or parked, if that was tried often enough."""
        if row.attempts >= self.limits.sends:
            reason = f"tried {_times(row)}; {answer.reason or 'later, it said'}"
            return Never(reason=reason)
        now = self.time()
        retry_at = answer.retry_at
        if retry_at is None or retry_at <= now:
            retry_at = now + self.limits.retry(row.attempts)
        return attrs.evolve(answer, retry_at=retry_at)


def _first_that_waits(plan: CommitPlan | None) -> datetime | None:
    """When the first of what a plan has to send goes out, of what does not go out at once."""
    if plan is None:
        return None
    instants = [row.due_at for row in plan.rows if row.due_at is not None]
    return min([each for each in instants if each > plan.at], default=None)


def _times(row: OutboxRow) -> str:
    """How often a row was handed out, in words."""
    return f"{row.attempts} {by_number(row.attempts, 'time', 'times')}"


def _goes_on() -> bool:
    """Nobody asks it to stop."""
    return False


def _as(name: str, answer: object, kind: Any) -> Any:
    """An answer of the host, if it is what its port allows."""
    if isinstance(answer, get_args(kind) or kind):
        return answer
    names = " or ".join([each.__name__ for each in get_args(kind) or (kind,)])
    problem = f"returned {_checks.repr_of(answer)}; return {names}"
    raise PluginError(name, "", problem, 0)


def _rows(answer: object) -> tuple[OutboxRow, ...]:
    """Rows that a storage handed out."""
    _as("storage.unsent", answer, Sequence)
    return tuple(
        [_as("storage.unsent", row, OutboxRow) for row in cast("Sequence[object]", answer)]
    )
