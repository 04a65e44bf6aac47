"""A process of a simulated shop: a loop, driven request by request, while something goes wrong."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from fulfill_core import _checks
from fulfill_core.hosting import (
    Act,
    Commit,
    CommitAnswer,
    CommitPlan,
    Committed,
    Job,
    Limits,
    Load,
    Loaded,
    LoopReport,
    Mark,
    Pause,
    Request,
    Scope,
    Send,
    Unknown,
    Unsent,
    WhatWasDecided,
    loop,
)
from fulfill_core.pipeline import Settings
from fulfill_core.testing.simulator.books import BrokenRuleError, Rule
from fulfill_core.testing.simulator.moves import Fault, Work

if TYPE_CHECKING:
    from fulfill_core.testing.simulator.engine import Engine

SETTINGS = Settings(verifiers=())
LIMITS = Limits(commits=5, sends=3, rows=6)
NamedJob = tuple[str, Job]
"""A job, and the name of what has to be done for it."""


class CrashError(Exception):
    """The process ends here."""


class Process:
    """A loop, and where it stands.

    Args:
        shop: what all processes share.
        name: who it is.
        jobs: what it is to do.
        relays: whether it sees to the outbox.
    """

    def __init__(
        self, shop: Engine, name: str, jobs: Sequence[NamedJob], *, relays: bool = True
    ) -> None:
        self.name, self.jobs, self.is_paused = name, tuple(jobs), False
        self._shop, self._ports = shop, shop.ports
        self._storage: Any = shop.connection(name)
        self._work = Work(worker=1)
        self._fault: Fault | None = None
        self._occasion = 1
        self._has_written = False
        self._steps = loop(
            [job for _, job in jobs],
            clock=shop.clock,
            settings=SETTINGS,
            limits=LIMITS,
            relays=relays,
            preferences=shop.preferences,
        )
        names = ",".join([key for key, _ in jobs])
        shop.trace.step(f"{name} begins {names}".rstrip())
        self.request: Request | LoopReport = self._next(None)

    def go_on(self, work: Work) -> LoopReport | None:
        """Go on to the end, or to where the process pauses; None if it paused.

        Raises:
            CrashError: it has ended before.
        """
        self._work, self._fault, self._occasion = work, work.fault, work.occasion
        while not isinstance(self.request, LoopReport):
            if work.pauses and isinstance(self.request, Commit) and not self.is_paused:
                self.is_paused = True
                return None
            self.is_paused = False
            self.request = self._next(self._answer_to(self.request))
        return self.request

    def _next(self, answer: Any) -> Request | LoopReport:
        try:
            return self._steps.send(answer)
        except StopIteration as end:
            report: LoopReport = end.value
            return report
        except Exception as error:
            problem = f"the loop can't go on with it: {_checks.message_of(error)}"
            raise BrokenRuleError(Rule.ANSWERS, problem) from error

    def _has(self, fault: Fault) -> bool:
        """Whether this goes wrong here; once in a move."""
        if self._fault is not fault:
            return False
        self._occasion -= 1
        if self._occasion:
            return False
        self._fault = None
        self._shop.trace.fault(fault, self.name)
        return True

    def _answer_to(self, request: Request) -> Any:
        match request:
            case Load(scope):
                self._end_within_batch()
                return self._load(scope)
            case Commit(plan):
                return self._commit(plan)
            case WhatWasDecided(plan_id):
                self._end_within_batch()
                return self._ports.decided(self._storage, plan_id)
            case Unsent(limit, now, until):
                return self._ports.unsent(self._storage, limit, now, until)
            case Mark(attempts):
                if self._has(Fault.RELAY_CRASH):
                    raise CrashError
                self._ports.mark(self._storage, attempts)
                return None
            case Send(row) | Act(row):
                if self._has(Fault.NOTIFIER_ERROR):
                    return ConnectionError("connection refused")
                answer = self._ports.send(row)
                return TimeoutError("no answer") if self._has(Fault.TIMEOUT) else answer
            case Pause(delay):
                self._shop.now += delay
                return None
            case _:  # pragma: no cover - facts are asked for only where somebody gathers them
                return None

    def _end_within_batch(self) -> None:
        if self._has_written and len(self.jobs) > 1 and self._has(Fault.PARTIAL_BATCH):
            raise CrashError

    def _load(self, scope: Scope) -> Loaded:
        before = self._shop.loaded.get(scope)
        loaded = self._ports.load(self._storage, scope)
        self._shop.loaded[scope] = loaded
        is_stale = before is not None and before.versions != loaded.versions
        if before is not None and is_stale and self._has(Fault.STALE_READ):
            return before
        return loaded

    def _commit(self, plan: CommitPlan) -> CommitAnswer:
        if self._has(Fault.CRASH_BEFORE_COMMIT):
            raise CrashError
        if self._has(Fault.CONFLICT):
            self._shop.overtake(self.jobs)
        ends = [
            each.expires_at
            for each in plan.changes.reservations_removed
            if each.expires_at is not None and each.expires_at > self._shop.now
        ]
        if ends and self._has(Fault.EXPIRY_RACE):
            self._shop.now = max(ends)
            self._shop.overtake(None)
        if not self._work.is_written and self._has(Fault.COMMIT_UNKNOWN):
            return Unknown(reason="no answer")
        answer = self._ports.commit(self._storage, plan)
        if isinstance(answer, Committed):
            self._has_written = True
            if self._has(Fault.CRASH_AFTER_COMMIT):
                raise CrashError
        return Unknown(reason="no answer") if self._has(Fault.COMMIT_UNKNOWN) else answer
