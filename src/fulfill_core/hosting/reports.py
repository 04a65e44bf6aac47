"""What a loop did, as values for its host."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import cast

import attrs

from fulfill_core import _checks
from fulfill_core.hosting.jobs import Job
from fulfill_core.hosting.planning import JobOutcome, StepOfEvent
from fulfill_core.lifecycle import USUAL_RULES, Event, Rules, Step, timed_wake_at
from fulfill_core.pipeline import Result


class JobStatus(StrEnum):
    """What became of a job.

    >>> JobStatus("done")
    <JobStatus.DONE: 'done'>
    """

    DONE = "done"
    """It is written, or there was nothing to write: its outcome says what it came to."""
    REPEATED = "repeated"
    """An update of the stock that was done before."""
    NO_ORDER = "no_order"
    """An event of an order that is not there, or can't be read: deliver it again later."""
    CONFLICT = "conflict"
    """Others were faster, each time: nothing is written. Do it again later."""
    UNKNOWN = "unknown"
    """Nobody can say whether it is written. Do it again later: what was done is not done twice."""


@attrs.frozen(kw_only=True, weakref_slot=False)
class JobReport:
    """What became of one job.

    Args:
        job: which one.
        status: what became of it.
        outcome: what it came to: a `Result` of a run, a `Step` of an event, the `Inventory` after
            an update of the stock; None if there was no order for it, or it was done before.
        attempts: how often it was tried.
        left_out: orders about which nothing was decided, and why: pairs.
        steps_of_time: what time brought to the orders of a run, before they were decided: events,
            each with its step.
        sends_at: when the first of its messages goes out that wait; None if none does.
        changed_ids: the orders whose record was written anew; None for those that the result names.

    >>> from fulfill_core.hosting.jobs import Run
    >>> JobReport(job=Run(), status="done", outcome=None).is_done
    True
    """

    job: Job
    status: JobStatus
    outcome: JobOutcome | None
    attempts: int = 1
    left_out: tuple[tuple[str, str], ...] = ()
    steps_of_time: tuple[StepOfEvent, ...] = ()
    sends_at: datetime | None = None
    changed_ids: tuple[str, ...] | None = None

    def __attrs_post_init__(self) -> None:
        _checks.keep_word(self, "status", JobStatus)

    @property
    def is_done(self) -> bool:
        """Whether it need not be done again."""
        return self.status in {JobStatus.DONE, JobStatus.REPEATED}


@attrs.frozen(kw_only=True, weakref_slot=False)
class LoopReport:
    """What a loop did.

    Args:
        jobs: what became of each job, in their sequence.
        sent: how many messages and actions were sent and done.
        postponed: how many are to be tried again.
        parked: how many were parked, for a person to see to.
        retry_at: when the first of what was postponed is to be tried again; None if nothing is.
        rules: the shop's choices, by which time brings events.
        observer_problem: what the observer raised first; empty if nothing. It changed nothing else.

    >>> LoopReport().is_done
    True
    """

    jobs: tuple[JobReport, ...] = ()
    sent: int = 0
    postponed: int = 0
    parked: int = 0
    retry_at: datetime | None = None
    rules: Rules = attrs.field(default=USUAL_RULES, repr=False)
    observer_problem: str = ""

    @property
    def is_done(self) -> bool:
        """Whether no job need be done again."""
        return all(report.is_done for report in self.jobs)

    @property
    def wake_at(self) -> datetime | None:
        """When there is something to do again, as far as time alone can tell; None if never.

        That is a retry, a message that waits for its time, what changes a decision of one of its
        runs, or what time brings to one of the orders of its runs, or of its events, such as the
        end of the time for an answer, as the last of its jobs left them. It is worked out when it
        is asked for.
        """
        instants = [self.retry_at, *[report.sends_at for report in self.jobs]]
        by_order: dict[str, datetime | None] = {}
        for report in self.jobs:
            if isinstance(report.outcome, Result):
                now, records = report.outcome.context.now, report.outcome.records
                instants.append(report.outcome.wake_at)
            elif isinstance(report.outcome, Step):
                now, records = cast("Event", report.job).at, (report.outcome.record,)
            else:
                continue
            for record in records:
                by_order[record.id] = timed_wake_at(record, self.rules, now=now)
        instants += by_order.values()
        return min([each for each in instants if each is not None], default=None)
