"""The outbox: what is to be sent and done is written with the rest, and handed out until it is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BindParameter,
    Connection,
    and_,
    bindparam,
    case,
    delete,
    func,
    select,
    update,
)

from fulfill_core.decisions import Notification
from fulfill_core.exceptions import InvalidValueError
from fulfill_core.hosting.backlog import Backlog
from fulfill_core.hosting.batches import ids_told
from fulfill_core.hosting.plans import CommitPlan, OutboxContent, OutboxRow
from fulfill_core.hosting.sending import Attempt, Later, Sent
from fulfill_core.hosting.sqlalchemy.loading import chunks
from fulfill_core.hosting.sqlalchemy.rows import Fields, read, written
from fulfill_core.hosting.sqlalchemy.tables import Tables
from fulfill_core.hosting.sqlalchemy.writing import INSERTS, OutdatedError
from fulfill_core.records import OrderRecord
from fulfill_core.wire import Reading


class Outbox:
    """What writes rows of the outbox, hands them out, and notes what became of them.

    Args:
        tables: where they are.
        dialect: the name of the database's.
        reading: how documents are read.
    """

    def __init__(self, tables: Tables, dialect: str, reading: Reading) -> None:
        self._table, self._reading = tables.outbox, reading
        columns = self._table.c
        is_unsent = columns.sent_at.is_(None)
        rows = select(self._table).where(is_unsent)
        rows = rows.order_by(columns.due_at, columns.order_id, columns.number)
        rows = rows.limit(bindparam("limit"))
        self._new = INSERTS[dialect](self._table).on_conflict_do_nothing(index_elements=["id"])
        self._due = rows.where(columns.due_at <= bindparam("now")).with_for_update(skip_locked=True)
        self._parked = rows.where(columns.due_at.is_(None))
        is_due = columns.due_at <= bindparam("now")
        self._backlog = select(
            func.count().label("unsent"),
            func.count(columns.due_at).label("timed"),
            func.count(case((is_due, columns.due_at))).label("due"),
            func.min(case((is_due, columns.due_at))).label("due_at"),
            func.min(columns.written_at).label("written_at"),
        ).where(is_unsent)
        is_row = columns.id == bindparam("row")
        doubts = func.coalesce(columns.doubts, columns.attempts)  # of rows that version 1 wrote
        is_draft = and_(is_unsent, columns.doubts == 0, columns.due_at.is_not(None))
        names: BindParameter[Any] = bindparam("names", expanding=True)
        unsent = select(self._table, is_draft.label("is_draft"))
        self._unsent = unsent.where(columns.id.in_(names), is_unsent)
        self._overtaken = delete(self._table).where(is_row, is_draft)
        self._withdrawn = delete(self._table).where(is_row, is_unsent)
        one = update(self._table).where(is_row, is_unsent)
        self._handed_out = one.values(
            due_at=bindparam("until"), attempts=columns.attempts + 1, doubts=doubts + 1
        )
        self._sent = one.values(sent_at=bindparam("at"))
        surely: BindParameter[Any] = bindparam("surely")
        self._later = one.values(
            due_at=bindparam("until"),
            reason=bindparam("why"),
            attempts=case((columns.due_at.is_(None), 0), else_=columns.attempts),
            doubts=doubts - case((doubts > 0, surely), else_=0),
        )
        self._never = one.values(due_at=None, reason=bindparam("why"))

    def write(self, connection: Connection, plan: CommitPlan) -> None:
        """What a plan has to send, and what does not hold any more.

        Raises:
            OutdatedError: what the plan takes for a draft is none any more.
        """
        rows: list[Fields]
        for row_id in sorted(plan.drafts):
            if not connection.execute(self._overtaken, {"row": row_id}).rowcount:
                raise OutdatedError([])
        if plan.withdrawn:  # one by one: whoever locks several does so in the sequence of their ids
            rows = [{"row": row_id} for row_id in sorted(plan.withdrawn)]
            connection.execute(self._withdrawn, rows)
        if plan.rows:
            rows = [
                {
                    "id": row.id,
                    "order_id": row.order_id,
                    "content": written(row.content, self._reading),
                    "due_at": row.due_at,
                    "attempts": row.attempts,
                    "reason": row.reason,
                    "doubts": row.doubts,
                    "written_at": plan.at,
                }
                for row in plan.rows
            ]
            connection.execute(self._new, rows)

    def drafts(
        self, connection: Connection, records: Iterable[OrderRecord]
    ) -> tuple[list[Notification], list[str]]:
        """What these orders were told and is not sent: drafts, and the ids of all else."""
        drafts: list[Notification] = []
        doubtful_ids: list[str] = []
        for names in chunks(ids_told(records)):
            for row in connection.execute(self._unsent, {"names": names}):
                if not row.is_draft:
                    doubtful_ids.append(row.id)
                    continue
                with suppress(InvalidValueError):  # it will be parked
                    drafts += self._row_of(row, due_at=None, tries=0).messages
        return drafts, doubtful_ids

    def hand_out(
        self, connection: Connection, limit: int, *, now: datetime, until: datetime
    ) -> list[OutboxRow]:
        """Rows that are due; one that can't be read is parked."""
        rows: list[OutboxRow] = []
        changes: list[Fields] = []
        for row in connection.execute(self._due, {"limit": limit, "now": now}):
            try:
                rows.append(self._row_of(row, due_at=until, tries=1))
            except InvalidValueError as error:
                connection.execute(self._never, {"row": row.id, "why": str(error)})
            else:
                changes.append({"row": row.id, "until": until})
        if changes:
            connection.execute(self._handed_out, changes)
        return rows

    def parked(self, connection: Connection, limit: int) -> list[OutboxRow]:
        """Rows that are parked; one that can't be read is left out, the table has it."""
        rows: list[OutboxRow] = []
        for row in connection.execute(self._parked, {"limit": limit}):
            try:
                rows.append(self._row_of(row, due_at=None, tries=0))
            except InvalidValueError:
                continue
        return rows

    def backlog(self, connection: Connection, now: datetime) -> Backlog:
        """What waits, by one statement over what is not sent."""
        row = connection.execute(self._backlog, {"now": now}).one()
        return Backlog(
            at=now,
            due=row.due,
            later=row.timed - row.due,
            parked=row.unsent - row.timed,
            due_at=row.due_at,
            written_at=row.written_at,
        )

    def mark(self, connection: Connection, attempts: Sequence[Attempt]) -> None:
        """What became of rows, in the sequence of their ids: whoever locks them does so in one."""
        for attempt in sorted(attempts, key=lambda attempt: attempt.row_id):
            row = {"row": attempt.row_id}
            match attempt.result:
                case Sent():
                    connection.execute(self._sent, {**row, "at": attempt.at})
                case Later(retry_at=until, reason=why, is_unsent=is_unsent):
                    fields = {"until": until, "why": why, "surely": int(is_unsent)}
                    connection.execute(self._later, {**row, **fields})
                case _:
                    connection.execute(self._never, {**row, "why": attempt.result.reason})

    def _row_of(self, row: Any, *, due_at: datetime | None, tries: int) -> OutboxRow:
        place = f"{self._table.name}[{row.id!r}]"
        return OutboxRow(
            id=row.id,
            order_id=row.order_id,
            content=read(row.content, OutboxContent, self._reading, place),
            due_at=due_at,
            attempts=row.attempts + tries,
            reason=row.reason,
            doubts=(row.attempts if row.doubts is None else row.doubts) + tries,
        )
