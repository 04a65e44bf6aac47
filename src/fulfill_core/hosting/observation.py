"""What an observer is told: each request of a loop with its answer, and what the loop did."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

import attrs

from fulfill_core import _checks
from fulfill_core.hosting.reports import LoopReport
from fulfill_core.hosting.requests import Request


@attrs.frozen(kw_only=True, weakref_slot=False)
class Observation:
    """Something that a loop asked for, and what came of it; or, at its end, what it did.

    ``fulfill_core.hosting.telemetry`` makes lines of a log and numbers of it.

    Args:
        subject: the request; a `LoopReport` at the end of the loop.
        answer: what was answered; the exception, if one was raised.
        began_at: when it was asked for, by the host's clock; the loop's beginning for a report.
        ended_at: when there was an answer.

    >>> from fulfill_core.hosting import Mark
    >>> noon = datetime.fromisoformat("2026-03-02T12:00Z")
    >>> Observation(subject=Mark(()), began_at=noon, ended_at=noon + timedelta(seconds=2)).seconds
    2.0
    """

    subject: Request | LoopReport
    answer: object = None
    began_at: datetime
    ended_at: datetime

    def __attrs_post_init__(self) -> None:
        _checks.keep_in_utc(self, "began_at")
        _checks.keep_in_utc(self, "ended_at")

    @property
    def seconds(self) -> float:
        """How long it took; 0 if the clock was set back meanwhile."""
        return max(self.ended_at - self.began_at, timedelta()).total_seconds()


_NEVER = datetime.min.replace(tzinfo=UTC)
Observer: TypeAlias = Callable[[Observation], object]
"""Whatever is told what a loop does: any function."""


class Watch:
    """Tells an observer what a loop does.

    One that raises fails no order: what it raised first is kept for the report.

    Args:
        observer: who is told; None for nobody.
        clock: gives the time. It is not asked if nobody is told.
    """

    def __init__(self, observer: Observer | None, clock: Callable[[], datetime]) -> None:
        self._observer, self._clock = observer, clock
        self._began_at = self._asked_at = self._time()
        self._problem = ""

    def begin(self) -> None:
        """Something is asked for now."""
        self._asked_at = self._time()

    def end(self, subject: Request, answer: object) -> None:
        """There is an answer."""
        self._tell(subject, answer, self._asked_at)

    def report(self, report: LoopReport) -> LoopReport:
        """The loop is at its end: the report, with what the observer raised."""
        self._tell(self._with_problem(report), None, self._began_at)
        return self._with_problem(report)

    def _with_problem(self, report: LoopReport) -> LoopReport:
        return attrs.evolve(report, observer_problem=self._problem) if self._problem else report

    def _tell(self, subject: Request | LoopReport, answer: object, began_at: datetime) -> None:
        if self._observer is None:
            return
        try:
            observation = Observation(
                subject=subject, answer=answer, began_at=began_at, ended_at=self._time()
            )
            self._observer(observation)
        except Exception as error:  # noqa: BLE001 - whatever a host's own function raises
            self._problem = self._problem or _checks.message_of(error)

    def _time(self) -> datetime:
        return _NEVER if self._observer is None else self._clock()
