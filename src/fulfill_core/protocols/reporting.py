"""How far a run has come: the stages of a run, and whom it tells.

A run that takes seconds may be watched: by a bar, by a log, by a request that wants to give up.
Nothing is decided here; see docs/how-to/show-progress.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import Protocol, TypeVar

from fulfill_core.protocols.roles import check_function

T = TypeVar("T")

_STEP = 1 / 80
"""With the first word of each stage and the last one, this makes fewer than a hundred calls."""


class RunStage(StrEnum):
    """What a run is at. A run without a planner, or without promises, leaves that stage out.

    >>> RunStage("verify")
    <RunStage.VERIFY: 'verify'>
    """

    VERIFY = "verify"
    """The verifiers are asked, and the priority."""
    RANK = "rank"
    """The queue is put in sequence."""
    PLAN = "plan"
    """A planner looks at all orders, and its plan is tried."""
    ALLOCATE = "allocate"
    """Each order has its turn."""
    PROMISE = "promise"
    """The dates are worked out: at once, as somebody watches."""
    TELL = "tell"
    """The messages are made, as far as they can't wait until somebody reads them."""


_ENDS = {
    RunStage.VERIFY: 0.35,
    RunStage.RANK: 0.4,
    RunStage.PLAN: 0.5,
    RunStage.ALLOCATE: 0.8,
    RunStage.PROMISE: 0.95,
    RunStage.TELL: 1.0,
}
"""Which share of a run is done with a stage, about: as measured with the rules of a usual shop."""
_STARTS = dict(zip(_ENDS, (0.0, *_ENDS.values()), strict=False))


class ProgressFunction(Protocol):
    """Is told how far a run has come, less than a hundred times in a run.

    It is called in the process and thread of the run, which goes on when it returns. What it raises
    ends the run, and goes through as it is: nothing has changed, as a run changes nothing. What it
    returns is not looked at.

    >>> from datetime import datetime, timezone
    >>> from fulfill_core import Inventory, process
    >>> def show(stage, share, /):
    ...     print(f"{stage.value} {share:.0%}")
    >>> now = datetime(2026, 3, 2, tzinfo=timezone.utc)
    >>> _ = process([], Inventory(), now=now, progress=show)
    verify 0%
    rank 35%
    allocate 50%
    tell 95%
    tell 100%
    """

    def __call__(self, stage: RunStage, share: float, /) -> object:
        """Hear of it.

        Args:
            stage: what the run is at.
            share: how much of the run is done, from 0 to 1: it never falls, and is 1 once, at the
                end. How the stages share it is an estimate.
        """
        ...


def check_progress(progress: object) -> None:
    """A function that can be told how far a run has come.

    Raises:
        InvalidValueError: it can't be called with a stage and a share, or would have to be awaited.

    >>> check_progress(lambda stage, share: None)
    """
    check_function("progress", progress, "stage", "share")


class Reporter:
    """Tells a function how far a run has come, and no more often than it should.

    Args:
        progress: the function; None if nobody is to be told.

    Raises:
        InvalidValueError: it can't be told.

    >>> told = []
    >>> reporter = Reporter(lambda stage, share: told.append((stage.value, round(share, 2))))
    >>> list(reporter.through(RunStage.VERIFY, ["A-1", "A-2"], 2))
    ['A-1', 'A-2']
    >>> reporter.finish()
    >>> told
    [('verify', 0.0), ('verify', 0.17), ('verify', 0.35), ('tell', 1.0)]
    """

    def __init__(self, progress: ProgressFunction | None) -> None:
        if progress is not None:
            check_progress(progress)
        self._progress = progress
        self._share = 0.0
        self._stages: set[RunStage] = set()

    def begin(self, stage: RunStage) -> None:
        """Say that a stage begins; what is begun again is not."""
        if self._progress is not None and stage not in self._stages:
            self._stages.add(stage)
            self._tell(self._progress, stage, _STARTS[stage])

    def through(self, stage: RunStage, items: Iterable[T], count: int) -> Iterable[T]:
        """The same items: when the next one is asked for, the one before it is done."""
        if self._progress is None:  # as nearly always: nothing stands between
            return items
        return self._through(self._progress, stage, items, count)

    def _through(
        self, progress: ProgressFunction, stage: RunStage, items: Iterable[T], count: int
    ) -> Iterator[T]:
        self.begin(stage)
        start, end = _STARTS[stage], _ENDS[stage]
        for number, item in enumerate(items, 1):
            yield item
            share = start + (end - start) * number / count
            # A turn that is taken once more has nothing new to tell before it gets further.
            if share >= self._share + _STEP:
                self._tell(progress, stage, share)

    def finish(self) -> None:
        """Say that all is done."""
        if self._progress is not None:
            self._progress(RunStage.TELL, 1.0)

    def _tell(self, progress: ProgressFunction, stage: RunStage, share: float) -> None:
        self._share = max(self._share, share)
        progress(stage, self._share)


SILENT = Reporter(None)
"""Tells nobody, and so is the same in every run."""
