"""Wrong storages and senders: each is a few lines over the right one.

Each of them is a mistake that somebody makes: the docstrings say how it looks in real code.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import attrs
from right_adapters import Gateway, Mailer, Session

from fulfill_core import OrderRecord
from fulfill_core.hosting import (
    Attempt,
    CommitAnswer,
    CommitPlan,
    Committed,
    Conflict,
    InMemoryStorage,
    Later,
    Loaded,
    Never,
    OutboxRow,
    Scope,
    SendAnswer,
    Sent,
)
from fulfill_core.hosting.batches import ids_told
from fulfill_core.hosting.slices import part_of

HOUR = timedelta(hours=1)


# -- Commits -----------------------------------------------------------------------------------


class IgnoresVersions(Session):
    """UPDATE without WHERE version = ?."""

    def commit(self, plan: CommitPlan, /) -> CommitAnswer:
        return self.database.commit(self.current(plan))


class GuardsOrdersOnly(Session):
    """Orders have a version column, stock has none."""

    def commit(self, plan: CommitPlan, /) -> CommitAnswer:
        return self.database.commit(self.current(plan, "sku:"))


class LastWriterWins(Session):
    """Stock is guarded, and records are upserted."""

    def commit(self, plan: CommitPlan, /) -> CommitAnswer:
        return self.database.commit(self.current(plan, "order:"))


class SumsInPython(Session):
    """Reads the units on hand, adds in Python, and writes the sum."""

    sums: dict[tuple[str, str], int]

    def load(self, scope: Scope, /) -> Loaded:
        loaded = self.database.load(scope)
        self.sums = {(row.sku, row.location): row.on_hand for row in loaded.inventory.stock()}
        return loaded

    def commit(self, plan: CommitPlan, /) -> CommitAnswer:
        stock = self.database.inventory
        changes = [
            attrs.evolve(each, quantity=quantity)
            for each in plan.changes.on_hand
            if (where := (each.sku, each.location)) in self.sums
            and (quantity := each.quantity + self.sums[where] - stock.on_hand(*where))
        ]
        plan = attrs.evolve(plan, changes=attrs.evolve(plan.changes, on_hand=changes))
        return self.database.commit(self.current(plan))


class WritesOutboxAfterCommit(Session):
    """session.commit(), and then the rows in another transaction."""

    rows: tuple[OutboxRow, ...] = ()

    def commit(self, plan: CommitPlan, /) -> CommitAnswer:
        answer = self.database.commit(attrs.evolve(plan, rows=()))
        self.rows += plan.rows
        return answer

    def unsent(self, limit: int, /, **options: Any) -> Sequence[OutboxRow]:
        self.database._outbox.update({row.id: row for row in self.rows})
        self.rows = ()
        return self.database.unsent(limit, **options)


class WritesOutboxBeforeCommit(Session):
    """Messages are queued while the transaction is open, and it is rolled back."""

    def commit(self, plan: CommitPlan, /) -> CommitAnswer:
        self.database._outbox.update({row.id: row for row in plan.rows})
        return self.database.commit(plan)


class ReusesConnectionAfterError(Session):
    """What a transaction that failed has written goes out with the next one."""

    rows: tuple[OutboxRow, ...] = ()

    def commit(self, plan: CommitPlan, /) -> CommitAnswer:
        rows = {row.id: row for row in (*self.rows, *plan.rows)}
        answer = self.database.commit(attrs.evolve(plan, rows=rows.values()))
        self.rows = () if answer == Committed() else tuple(rows.values())
        return answer


class WritesHalf(Session):
    """Each table in a transaction of its own: records are written, then stock is in conflict."""

    def commit(self, plan: CommitPlan, /) -> CommitAnswer:
        answer = self.database.commit(plan)
        if answer != Committed():
            self.database._records.update({record.id: record for record in plan.records})
        return answer


class SwallowsConflicts(Session):
    """except IntegrityError: pass."""

    def commit(self, plan: CommitPlan, /) -> CommitAnswer:
        self.database.commit(plan)
        return Committed()


class RaisesOnConflict(Session):
    """The error of the database goes through, where the port wants an answer."""

    def commit(self, plan: CommitPlan, /) -> CommitAnswer:
        answer = self.database.commit(plan)
        if answer != Committed():
            raise RuntimeError("could not serialize access")
        return answer


class CommitsTwice(Session):
    """There is no UNIQUE on the id of a plan: a repeat is written again."""

    def commit(self, plan: CommitPlan, /) -> CommitAnswer:
        if self.database.decided(plan.id) == Committed():
            plan = attrs.evolve(self.current(plan), id=f"{plan.id}!")
        return self.database.commit(plan)


class LocksWholeTable(Session):
    """One version for all goods: whoever changes some is in conflict with everybody."""

    def commit(self, plan: CommitPlan, /) -> CommitAnswer:
        answer = self.database.commit(plan)
        touched = {key for key, _ in plan.expected}
        if answer == Committed() and touched:
            numbers = self.database._numbers
            numbers.update({key: numbers[key] + 1 for key in numbers.keys() - touched})
        return answer


class SendsNewsAgain(Session):
    """ON CONFLICT DO UPDATE: a row that was sent is due again."""

    def commit(self, plan: CommitPlan, /) -> CommitAnswer:
        answer = self.database.commit(plan)
        if answer == Committed():
            self.database._outbox.update({row.id: row for row in plan.rows})
        return answer


# -- What is asked afterwards ------------------------------------------------------------------


class TakesUnknownForNo(Session):
    """What was decided is written nowhere: so it was not."""

    def decided(self, plan_id: str, /) -> CommitAnswer:
        return Conflict()

    def commit(self, plan: CommitPlan, /) -> CommitAnswer:
        self.database._plan_ids.discard(plan.id)
        return self.database.commit(plan)


class TakesUnknownForYes(Session):
    """There was no error: so it was written."""

    def decided(self, plan_id: str, /) -> CommitAnswer:
        return Conflict() if plan_id.startswith("stock:") else Committed()


class RemembersInProcess(Session):
    """What was decided is in a dictionary of the process."""

    def __init__(self, database: InMemoryStorage) -> None:
        super().__init__(database)
        self.plan_ids: set[str] = set()

    def decided(self, plan_id: str, /) -> CommitAnswer:
        return Committed() if plan_id in self.plan_ids else Conflict()

    def commit(self, plan: CommitPlan, /) -> CommitAnswer:
        self.database._plan_ids = set(self.plan_ids)
        answer = self.database.commit(plan)
        if answer == Committed():
            self.plan_ids.add(plan.id)
        return answer


# -- Columns -----------------------------------------------------------------------------------


class ForgetsDeletions(Session):
    """New reservations are inserted, and those that are gone stay."""

    def commit(self, plan: CommitPlan, /) -> CommitAnswer:
        changes = attrs.evolve(plan.changes, reservations_removed=())
        return self.database.commit(attrs.evolve(plan, changes=changes))


class ForgetsClaims(Session):
    """There is a table of reservations, and none of claims."""

    def commit(self, plan: CommitPlan, /) -> CommitAnswer:
        changes = attrs.evolve(plan.changes, claims_added=(), claims_removed=())
        return self.database.commit(attrs.evolve(plan, changes=changes))


class DropsLots(Session):
    """The reservation has no column for its lot."""

    def commit(self, plan: CommitPlan, /) -> CommitAnswer:
        added = [attrs.evolve(each, lot="") for each in plan.changes.reservations_added]
        removed = [attrs.evolve(each, lot="") for each in plan.changes.reservations_removed]
        changes = attrs.evolve(plan.changes, reservations_added=added, reservations_removed=removed)
        return self.database.commit(attrs.evolve(plan, changes=changes))


class StoresLocalTime(Session):
    """Noon in Berlin is stored as 13:00, and read as UTC."""

    def commit(self, plan: CommitPlan, /) -> CommitAnswer:
        rows = [attrs.evolve(row, due_at=row.due_at + HOUR) for row in plan.rows if row.due_at]
        return self.database.commit(attrs.evolve(plan, rows=rows))


class StoresMoneyAsFloat(Session):
    """FLOAT(3): 4.95 is 5.0."""

    def load(self, scope: Scope, /) -> Loaded:
        loaded = self.database.load(scope)
        return attrs.evolve(loaded, records=[_rounded(record) for record in loaded.records])


def _rounded(record: OrderRecord) -> OrderRecord:
    lines = [
        attrs.evolve(line, unit_price=line.unit_price.quantize(Decimal("0.1")))
        for line in record.order.lines
    ]
    return attrs.evolve(record, order=attrs.evolve(record.order, lines=lines))


class KeepsClaims(Session):
    """Reservations that are gone are deleted; claims and supplies stay."""

    def commit(self, plan: CommitPlan, /) -> CommitAnswer:
        changes = attrs.evolve(plan.changes, claims_removed=(), supplies_removed=())
        return self.database.commit(attrs.evolve(plan, changes=changes))


class DropsExpiries(Session):
    """The reservation has no column for its end: it lasts."""

    def commit(self, plan: CommitPlan, /) -> CommitAnswer:
        added = [attrs.evolve(each, expires_at=None) for each in plan.changes.reservations_added]
        changes = attrs.evolve(plan.changes, reservations_added=added)
        return self.database.commit(attrs.evolve(plan, changes=changes))


class CutsMicroseconds(Session):
    """DATETIME of MySQL, which counts seconds."""

    def commit(self, plan: CommitPlan, /) -> CommitAnswer:
        added = [
            attrs.evolve(each, made_at=each.made_at and each.made_at.replace(microsecond=0))
            for each in plan.changes.reservations_added
        ]
        changes = attrs.evolve(plan.changes, reservations_added=added)
        return self.database.commit(attrs.evolve(plan, changes=changes))


class JoinsEqualReservations(Session):
    """INSERT OR IGNORE: two equal reservations are one."""

    def commit(self, plan: CommitPlan, /) -> CommitAnswer:
        added = tuple(dict.fromkeys(plan.changes.reservations_added))
        changes = attrs.evolve(plan.changes, reservations_added=added)
        return self.database.commit(attrs.evolve(plan, changes=changes))


# -- What is loaded ----------------------------------------------------------------------------


class LoadsFirstPage(Session):
    """Of the orders that are open, the first two: LIMIT, and no second page."""

    def load(self, scope: Scope, /) -> Loaded:
        loaded = self.database.load(scope)
        if scope.order_ids is not None:
            return loaded
        return attrs.evolve(loaded, records=loaded.records[:2])


class LoadsOwnReservations(Session):
    """WHERE order_id IN (...): what others have reserved of the SKU looks free."""

    def load(self, scope: Scope, /) -> Loaded:
        loaded = self.database.load(scope)
        stock = loaded.inventory
        ids = {record.id for record in loaded.records}
        for each in list(stock.reservations()):
            if each.order_id not in ids:
                stock = stock.without_reservations_of(each.order_id)
        return attrs.evolve(loaded, inventory=stock)


class ForgetsComponents(Session):
    """Loads the SKUs of the lines, and not what kits are made of."""

    def load(self, scope: Scope, /) -> Loaded:
        loaded = self.database.load(scope)
        lines = [line.sku for record in loaded.records for line in record.order.lines]
        part = part_of(
            loaded.inventory, {*lines, *scope.skus}, [each.id for each in loaded.records]
        )
        return attrs.evolve(loaded, inventory=part)


class KeepsOldRows(Session):
    """The session's identity map: fresh versions, and the rows of the first time."""

    def __init__(self, database: InMemoryStorage) -> None:
        super().__init__(database)
        self.__dict__["rows"] = database.__dict__.setdefault("rows", {})

    def load(self, scope: Scope, /) -> Loaded:
        loaded = self.database.load(scope)
        rows = self.__dict__["rows"].setdefault(scope, loaded)
        return attrs.evolve(rows, versions=loaded.versions)


class LoadsWholeShop(Session):
    """SELECT * FROM stock: it is right, until the shop is large."""

    def load(self, scope: Scope, /) -> Loaded:
        return attrs.evolve(self.database.load(scope), inventory=self.database.inventory)


class LoadsDoneOrders(Session):
    """There is no WHERE open: each order that ever was is loaded."""

    def load(self, scope: Scope, /) -> Loaded:
        if scope.order_ids is None:
            scope = attrs.evolve(scope, order_ids=sorted(self.database.records))
        return self.database.load(scope)


# -- The outbox --------------------------------------------------------------------------------


class MarksBeforeSending(Session):
    """A row is deleted when it is handed out."""

    def unsent(self, limit: int, /, *, now: datetime, **options: Any) -> Sequence[OutboxRow]:
        rows = self.database.unsent(limit, now=now, **options)
        self.database.mark([Attempt(row_id=row.id, at=now, result=Sent()) for row in rows])
        return rows


class ReadsAfterCursor(Session):
    """WHERE id > the last one: a row that is tried again comes before it."""

    def unsent(self, limit: int, /, **options: Any) -> Sequence[OutboxRow]:
        rows = self.database.unsent(limit, **options)
        return [row for row in rows if row.attempts < 2]


class HidesNothing(Session):
    """Two relays get the same row."""

    def unsent(self, limit: int, /, *, now: datetime, **options: Any) -> Sequence[OutboxRow]:
        rows = self.database.unsent(limit, now=now, **options)
        self.database._outbox.update({row.id: attrs.evolve(row, due_at=now) for row in rows})
        return rows


class RetriesAtOnce(Session):
    """When to try again is in no column."""

    def mark(self, attempts: Sequence[Attempt], /) -> None:
        self.database.mark(
            [
                attrs.evolve(each, result=Later(retry_at=each.at))
                if isinstance(each.result, Later)
                else each
                for each in attempts
            ]
        )


class CountsNoAttempts(Session):
    """A message that nobody can deliver is tried for ever."""

    def unsent(self, limit: int, /, **options: Any) -> Sequence[OutboxRow]:
        rows = self.database.unsent(limit, **options)
        rows = [attrs.evolve(row, attempts=1) for row in rows]
        self.database._outbox.update({row.id: row for row in rows})
        return rows


class DeletesParked(Session):
    """What can't be sent is deleted."""

    def mark(self, attempts: Sequence[Attempt], /) -> None:
        self.database.mark(attempts)
        for each in attempts:
            if isinstance(each.result, Never):
                self.database._outbox.pop(each.row_id, None)


class NeverWithdraws(Session):
    """Messages that are overtaken go out all the same."""

    def commit(self, plan: CommitPlan, /) -> CommitAnswer:
        return self.database.commit(attrs.evolve(plan, withdrawn=()))


class TakesTriedForDrafts(Session):
    """What is not marked as sent was read by nobody: so it is written anew, tried or not."""

    def load(self, scope: Scope, /) -> Loaded:
        loaded = self.database.load(scope)
        rows = [self.database.outbox.get(row_id) for row_id in ids_told(loaded.records)]
        drafts = [message for row in rows if row is not None for message in row.messages]
        return attrs.evolve(loaded, drafts=drafts)

    def commit(self, plan: CommitPlan, /) -> CommitAnswer:
        withdrawn = [*plan.withdrawn, *plan.drafts]
        return self.database.commit(attrs.evolve(plan, drafts=(), withdrawn=withdrawn))


class RevivesSent(Session):
    """UPDATE ... WHERE id = ?, be it sent or not: a slow worker says later, and it is due again."""

    def mark(self, attempts: Sequence[Attempt], /) -> None:
        for each in attempts:
            if isinstance(each.result, Later) and each.row_id in self.database._sent:
                self.database._outbox[each.row_id] = self.database._sent.pop(each.row_id)
        self.database.mark(attempts)


class KeepsAttempts(Session):
    """What is put back has no attempt left."""

    def mark(self, attempts: Sequence[Attempt], /) -> None:
        before = {row_id: row.attempts for row_id, row in self.database._outbox.items()}
        self.database.mark(attempts)
        for row_id, row in list(self.database._outbox.items()):
            self.database._outbox[row_id] = attrs.evolve(row, attempts=before[row_id])


# -- Senders -----------------------------------------------------------------------------------


class NumbersEachMail(Mailer):
    """A message id for each attempt: whoever gets it can't know that it is a repeat."""

    def send_mail(self, row: OutboxRow) -> SendAnswer:
        self.mails.append(f"{row.id}:{len(self.mails)}")
        return Sent()


class SendsFromMemory(Mailer):
    """Puts it into a list, for a thread that is not there any more after the ninth."""

    def send_mail(self, row: OutboxRow) -> SendAnswer:
        if len(self.mails) < 9:
            self.mails.append(row.id)
        return Sent()


class PaysEachTime(Gateway):
    """A new idempotency key for each request."""

    def act(self, row: OutboxRow) -> SendAnswer:
        self.payments.append(f"{row.id}:{row.attempts}")
        return Sent()
