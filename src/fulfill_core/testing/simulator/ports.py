"""The adapters under test, each call of which is counted, noted, and compared with the books."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any, cast, get_args

from fulfill_core import _checks
from fulfill_core.exceptions import by_number
from fulfill_core.hosting import (
    Attempt,
    CommitAnswer,
    CommitPlan,
    Committed,
    Later,
    Loaded,
    OutboxRow,
    Scope,
    SendAnswer,
    Sent,
    Unknown,
)
from fulfill_core.testing.contracts import (
    ActionsContract,
    NotifierContract,
    Side,
    StorageContract,
)
from fulfill_core.testing.simulator.books import Books, BrokenRuleError, Rule
from fulfill_core.testing.simulator.moves import Fault
from fulfill_core.testing.simulator.outside import Outside

ASKED_AGAIN = 5
"""So often a storage that can't say whether something is written is asked, at most."""


class Trace:
    """What happened, step by step: lines, their digest, and how often what went wrong."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.steps = self.calls = 0
        self.faults: Counter[Fault] = Counter()

    def step(self, line: str) -> None:
        """Something that happens, or a process that begins."""
        self.steps += 1
        self.lines.append(line)

    def call(self, line: str) -> None:
        """One call of a port."""
        self.calls += 1
        self.step(line)

    def fault(self, fault: Fault, detail: str = "") -> None:
        """Something goes wrong."""
        self.faults[fault] += 1
        self.step(f"! {fault} {detail}".rstrip())

    @property
    def digest(self) -> str:
        """Of all lines: two runs with the same digest went the same way."""
        return sha256("\n".join(self.lines).encode()).hexdigest()


class Ports:
    """A storage, a notifier and an actor under test.

    Args:
        adapter: the storage, and how it is opened and looked into.
        notifier: the notifier; None for one that always sends.
        actor: the actor; None for one that always acts.
        books: what was committed.
        outside: where messages and actions arrive.
        trace: where each call is noted.
    """

    def __init__(
        self,
        adapter: StorageContract,
        notifier: NotifierContract | None,
        actor: ActionsContract | None,
        books: Books,
        outside: Outside,
        trace: Trace,
    ) -> None:
        self._adapter, self._books, self._outside, self._trace = adapter, books, outside, trace
        self._senders = (notifier, actor)
        self._connections = [_connected(sender) for sender in self._senders]

    def _ask(self, line: str, member: Callable[..., Any], *args: Any, **options: Any) -> Any:
        """What a member of the storage answers."""
        self._trace.call(line)
        try:
            return self._adapter.resolve(member(*args, **options))
        except Exception as error:
            problem = f"{line}: it raised {_checks.message_of(error)}"
            raise BrokenRuleError(Rule.ANSWERS, problem) from error

    def load(self, storage: Any, scope: Scope) -> Loaded:
        """What a storage loads."""
        ids = "all" if scope.order_ids is None else ",".join(scope.order_ids)
        loaded: Loaded = self._ask(f"load {ids} {','.join(scope.skus)}", storage.load, scope)
        return loaded

    def commit(self, storage: Any, plan: CommitPlan) -> CommitAnswer:
        """What a storage says of a plan, at last: a process may hear something else."""
        answer: CommitAnswer = self._ask(f"commit {plan.id}", storage.commit, plan)
        for _ in range(ASKED_AGAIN):
            if not isinstance(answer, Unknown):
                break
            answer = self.decided(storage, plan.id)
        if isinstance(answer, Committed):
            self._books.commit(plan)
        self._trace.lines.append(f"= {type(answer).__name__}")
        return answer

    def decided(self, storage: Any, plan_id: str) -> CommitAnswer:
        """What a storage says of a plan afterwards."""
        answer: CommitAnswer = self._ask(f"decided {plan_id}", storage.decided, plan_id)
        self._trace.lines.append(f"= {type(answer).__name__}")
        return answer

    def unsent(
        self, storage: Any, limit: int, now: datetime, until: datetime
    ) -> Sequence[OutboxRow]:
        """What a storage hands out."""
        line = f"unsent {limit} {now.isoformat()}"
        rows: Sequence[OutboxRow] = self._ask(line, storage.unsent, limit, now=now, until=until)
        self._books.hand_out(rows, limit, now, until)
        return rows

    def mark(self, storage: Any, attempts: Sequence[Attempt]) -> None:
        """Note what became of rows."""
        names = ",".join([f"{each.row_id}={type(each.result).__name__}" for each in attempts])
        self._ask(f"mark {names}", storage.mark, attempts)
        self._books.mark(attempts)

    def put_back(self, storage: Any, now: datetime, until: datetime) -> None:
        """Put back all rows that are parked."""
        ids = self._books.parked_ids()
        rows: Sequence[OutboxRow] = self._ask(
            "parked", storage.unsent, len(ids) + 1, now=now, until=until, parked=True
        )
        if {row.id for row in rows} != ids:
            names = ", ".join(sorted({row.id for row in rows} ^ ids))
            raise BrokenRuleError(Rule.OUTBOX, f"not listed as parked, or wrongly: {names}")
        if ids:
            back = Later(retry_at=now)
            self.mark(storage, [Attempt(row_id=key, at=now, result=back) for key in sorted(ids)])

    def send(self, row: OutboxRow) -> SendAnswer | Exception:
        """What a notifier, or an actor, says of a row."""
        which = 0 if row.is_message else 1
        self._trace.call(f"{'send' if row.is_message else 'act'} {row.id}")
        sender, connection = self._senders[which], self._connections[which]
        if sender is None:
            return self._outside.do(row)
        try:
            answer: object = sender.resolve(connection(row))
        except Exception as error:  # noqa: BLE001 - whatever it raises is later, for the loop
            return error
        if not isinstance(answer, get_args(SendAnswer)):
            problem = f"it said {_checks.repr_of(answer)} of {row.id}"
            raise BrokenRuleError(Rule.ANSWERS, problem)
        if isinstance(answer, Sent):
            self._outside.do(row, answer)
        return cast("SendAnswer", answer)

    def check_arrivals(self) -> None:
        """What arrived at the other side of one's own senders is one for each id."""
        for sender, is_message in zip(self._senders, (True, False), strict=True):
            rows = [row for row in self._outside.rows.values() if row.is_message == is_message]
            if sender is not None and len(set(sender.arrivals())) != len(rows):
                verb = by_number(len(rows), "was", "were")
                problem = f"{len(rows)} {verb} sent, and {len(set(sender.arrivals()))} arrived"
                raise BrokenRuleError(Rule.EFFECTS, problem)


def _connected(sender: NotifierContract | ActionsContract | None) -> Any:
    """A sender, as at the beginning of a check of its contract."""
    if sender is None:
        return None
    set_up: Any = getattr(sender, "setup_method", None)
    if set_up is not None:
        set_up()
    return sender.connect(Side.WELL)
