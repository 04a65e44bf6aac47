"""A simulated shop: several processes, of which each is a loop that is driven request by request.

A loop only asks (`fulfill_core.hosting.loop`): so a process can be stopped between any two requests
and another one go on, without threads, and each time in the same sequence.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from fulfill_core.hosting import Job, Loaded, LoopReport, PreferencesOf, Run, Scope
from fulfill_core.testing.contracts import ActionsContract, NotifierContract, StorageContract
from fulfill_core.testing.simulator.books import Books, BrokenRuleError, Rule
from fulfill_core.testing.simulator.facts import Facts
from fulfill_core.testing.simulator.moves import (
    Checkout,
    ClockJump,
    Dispatch,
    Fault,
    Move,
    Nightly,
    OtherBody,
    Overtaking,
    Receipt,
    Redelivery,
    Work,
)
from fulfill_core.testing.simulator.outside import Outside
from fulfill_core.testing.simulator.ports import Ports, Trace
from fulfill_core.testing.simulator.processes import CrashError, NamedJob, Process
from fulfill_core.testing.simulator.shop import START, JobMove, job_of, stock

SECOND = timedelta(seconds=1)
ROUNDS = 15
"""So often all that is open is done, once nothing goes wrong any more: more is no end."""
PUT_BACK = 3
"""In the first rounds, what is parked is put back: what is parked again can't be sent at all."""
CALM = Work(worker=1)
"""Nothing goes wrong."""


class Engine:
    """A shop with adapters under test, in which moves are made one after the other.

    Args:
        adapter: the storage, and how it is opened and looked into.
        notifier: the notifier; None for one that always sends.
        actor: the actor; None for one that always acts.
        preferences: how customers want to be told; None for at once.
    """

    def __init__(
        self,
        adapter: StorageContract,
        notifier: NotifierContract | None = None,
        actor: ActionsContract | None = None,
        preferences: PreferencesOf | None = None,
    ) -> None:
        self.now, self.trace, self.preferences = START, Trace(), preferences
        self.capabilities = adapter.capabilities
        inventory = stock(self.capabilities)
        self.books, self.facts = Books(inventory), Facts(inventory)
        self.loaded: dict[Scope, Loaded] = {}
        self.pending: list[NamedJob] = []
        self.jobs: dict[str, tuple[JobMove, Job]] = {}
        self.processes: dict[int, Process] = {}
        self._outside = Outside(self.clock)
        self.ports = Ports(adapter, notifier, actor, self.books, self._outside, self.trace)
        self._adapter = adapter
        adapter.setup_method()
        self._storage: Any = adapter.begin(inventory)
        self._connections: dict[str, Any] = {}

    def clock(self) -> datetime:
        """The time."""
        return self.now

    def connection(self, name: str) -> Any:
        """A storage for a process of its own, on the same database; until it crashes."""
        if name not in self._connections:
            self._connections[name] = self._adapter.reopen(self._storage)
        return self._connections[name]

    def close(self) -> None:
        """Let go of what was opened, as after a check of its contract."""
        self._adapter.teardown_method()

    # -- Moves ---------------------------------------------------------------------------------

    def make(self, move: Move) -> None:
        """Make a move; one that is about nothing that is there does nothing."""
        match move:
            case Work():
                self._work(move)
            case ClockJump():
                self._set_clock(move.seconds)
            case Redelivery():
                if move.job in self.jobs:
                    self.trace.fault(Fault.DUPLICATE, move.job)
                    self.pending.append((move.job, self.jobs[move.job][1]))
            case OtherBody():
                cause = self.jobs.get(move.job, (None, None))[0]
                if isinstance(cause, Checkout | Dispatch):
                    self.trace.fault(Fault.OTHER_BODY, move.job)
                    self.pending.append(job_of(cause, self.clock, more=1))
            case Overtaking():
                if len(self.pending) > 1:
                    self.trace.fault(Fault.REORDERED)
                    self.pending.insert(0, self.pending.pop())
            case _:
                self._deliver(move)

    def _deliver(self, move: JobMove) -> None:
        """Something happens: it waits to be done."""
        key, job = job_of(move, self.clock)
        if key in self.jobs:  # an id is given once
            return
        self.trace.step(f"{key} at {self.now.isoformat()}")
        if not isinstance(move, Nightly):
            self.jobs[key] = move, job
        if isinstance(move, Receipt):
            self.facts.receipts[f"receipt:{move.note}"] = move
        self.pending.append((key, job))

    def _set_clock(self, seconds: int) -> None:
        before = self.now
        self.now += timedelta(seconds=seconds)
        ends = [row.expires_at for row, units in self.books.reserved.items() if units]
        if seconds < 0:
            self.trace.fault(Fault.CLOCK_BACK, str(seconds))
        elif any([end is not None and before < end <= self.now for end in ends]):
            self.trace.fault(Fault.CLOCK_PAST_EXPIRY, str(seconds))

    def _work(self, work: Work) -> None:
        self.now += SECOND
        process = self.processes.pop(work.worker, None)
        if process is None:
            jobs, self.pending = self.pending[: work.jobs], self.pending[work.jobs :]
            process = Process(self, f"worker {work.worker}", jobs)
        if self._drive(process, work):
            self.processes[work.worker] = process

    def _drive(self, process: Process, work: Work = CALM) -> bool:
        """Let a process go on; whether it paused."""
        try:
            report = process.go_on(work)
        except CrashError:
            self.pending += process.jobs
            del self._connections[process.name]
            return False
        if report is None:
            return True
        self._finish(process.jobs, report)
        return False

    def overtake(self, jobs: Sequence[NamedJob] | None) -> None:
        """Another process does jobs, or decides about all orders, in the middle of one."""
        self.now += SECOND
        jobs = [("nightly", Run())] if jobs is None else jobs
        self._drive(Process(self, "rival", jobs, relays=False))

    def _finish(self, jobs: Iterable[NamedJob], report: LoopReport) -> None:
        """What is done is done; all else is delivered again."""
        for (key, job), job_report in zip(jobs, report.jobs, strict=True):
            if job_report.is_done:
                self.facts.accept(job, job_report)
            else:
                self.pending.append((key, job))
        for event in self._outside.webhooks:
            key = f"webhook:{event.id}"
            self.pending += [(key, event), (key, event)]
        self._outside.webhooks.clear()

    # -- The end -------------------------------------------------------------------------------

    def settle(self) -> None:
        """Nothing goes wrong any more: all is done in the end, and adds up."""
        for process in self.processes.values():
            self._drive(process)
        self.processes.clear()
        for position in range(ROUNDS):
            count = len(self.books.plan_ids)
            if position < PUT_BACK:
                self.ports.put_back(self.connection("last"), self.now, self.now)
            jobs, self.pending = self.pending, []
            for job in [*jobs, ("nightly", Run())]:
                self.now += SECOND
                self._drive(Process(self, "last", [job]))
            if self._is_at_rest() and count == len(self.books.plan_ids):
                return self._check()
            dues = [each.due_at for each in self.books.entries.values() if each.is_open]
            self.now = max([self.now, *[due for due in dues if due is not None]])
        names = ", ".join([key for key, _ in self.pending]) or "the outbox"
        raise BrokenRuleError(Rule.REST, f"not done in {ROUNDS} rounds: {names}")

    def _is_at_rest(self) -> bool:
        """Whether nothing waits, but for events of orders that never came."""
        orders = [getattr(job, "order_id", None) for _, job in self.pending]
        is_due = any([each.is_open and each.due_at for each in self.books.entries.values()])
        return not is_due and all([key and key not in self.books.records for key in orders])

    def _check(self) -> None:
        """What is there is what was committed, and what happened."""
        contents = self._adapter.contents(self._storage)
        inventory, records = contents.inventory, contents.records
        self.facts.check(inventory, records, self._outside.money, self.books, self.now)
        self.books.check(inventory, records)
        self.books.check_outbox(contents.unsent)
        self.ports.check_arrivals()
