"""The review desk: what waits for a person, and what people said about it.

A run leaves here which orders wait (`save_queue`), and reads what was said since (`statements`). In
between, the commands approve, reject, hold and release. None of them decides anything: the next
run does, and goes by all that was ever said. An approval and a rejection are for the version of the
order that the last run saw; a hold is for any, until it is released.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select

from fulfill_core import (
    Approval,
    Decision,
    Finding,
    Hold,
    OrderRecord,
    Outcome,
    Rejection,
    Result,
    Review,
    Severity,
    review_queue,
)
from shop.rules import RATES
from shop.tables import (
    approvals,
    findings,
    holds,
    needs,
    order_lines,
    orders,
    placed,
    rejections,
    replace_rows,
    reviews,
)

APPROVE, GATHER, RELEASE, CORRECT = "approve", "gather", "release", "correct"


class RefusedError(Exception):
    """A command that cannot be carried out, told in one line."""


# -- A run leaves and takes ------------------------------------------------------------------------


@dataclass(frozen=True)
class Statements:
    """All that people said, as the library takes it."""

    approvals: list[Approval]
    rejections: list[Rejection]
    holds: list[Hold]


def statements(connection: Connection) -> Statements:
    """What people said about orders. What is about others, or other versions, does no harm."""
    return Statements(
        approvals=[_approval_of(row) for row in connection.execute(select(approvals))],
        rejections=[_rejection_from(row) for row in connection.execute(select(rejections))],
        holds=[
            Hold(
                order_id=row.order_id,
                source=row.source,
                code=row.code,
                line_id=row.line_id,
                detail=row.detail,
                at=datetime.fromisoformat(row.at),
            )
            for row in connection.execute(select(holds))
        ],
    )


def _approval_of(row: Row[Any]) -> Approval:
    return Approval(
        order_id=row.order_id,
        fingerprint=row.version,
        findings=[_finding_of(row)],
        by=row.by,
        at=datetime.fromisoformat(row.at),
    )


def _rejection_from(row: Row[Any]) -> Rejection:
    return Rejection(
        order_id=row.order_id,
        fingerprint=row.version,
        by=row.by,
        at=datetime.fromisoformat(row.at),
        reason=row.reason,
    )


def _finding_row(finding: Finding) -> dict[str, Any]:
    """A finding as it is stored: all by which an approval knows it again."""
    return {
        "code": finding.code,
        "severity": finding.severity.name,
        "field": finding.field,
        "detail": finding.detail,
        "line_id": finding.line_id,
        "source": finding.source,
        "evidence": finding.evidence,
        "measure": None if finding.measure is None else str(finding.measure),
    }


def _finding_of(row: Row[Any]) -> Finding:
    return Finding(
        code=row.code,
        severity=Severity[row.severity],
        field=row.field,
        detail=row.detail,
        line_id=row.line_id,
        source=row.source,
        evidence=row.evidence,
        measure=None if row.measure is None else Decimal(row.measure),
    )


def save_queue(connection: Connection, result: Result, now: datetime) -> None:
    """Store which orders wait for a person, in the sequence in which one should look at them.

    What stops a rejected order is stored as well: nobody has to look at it, but somebody may.
    """
    since = {row.order_id: row.waiting_since for row in connection.execute(select(reviews))}
    currencies = {decision.order.currency for decision in result.decisions}
    rates = dict.fromkeys(currencies, Decimal(1)) | RATES
    reviews_by_urgency = review_queue(result, rates=rates)
    rejected = [
        Review(order=decision.order, findings=_stopping(decision))
        for decision in result.decisions
        if decision.outcome is Outcome.REJECTED
    ]
    rows = (
        {
            "order_id": review.order.id,
            "position": position,
            "deliver_by": review.order.deliver_by and review.order.deliver_by.isoformat(),
            "waiting_since": since.get(review.order.id, now.isoformat()),
        }
        for position, review in enumerate(reviews_by_urgency)
    )
    replace_rows(connection, reviews, rows)
    replace_rows(
        connection,
        needs,
        (row for review in (*reviews_by_urgency, *rejected) for row in _need_rows(review)),
    )


def _stopping(decision: Decision) -> list[Finding]:
    return [
        finding
        for finding in decision.findings
        if finding.severity is not Severity.NOTE and not finding.is_waived
    ]


def _need_rows(review: Review) -> Iterator[dict[str, Any]]:
    for position, finding in enumerate(review.findings):
        need = CORRECT
        if finding.source:
            need = RELEASE
        elif finding.code in review.to_gather:
            need = GATHER
        elif finding.code in review.to_approve:
            need = APPROVE
        yield {
            "order_id": review.order.id,
            "position": position,
            "need": need,
            **_finding_row(finding),
        }


# -- What waits ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Need:
    """One thing that an order waits for.

    Args:
        row: what the last run found, a row of the table `needs`.
        answer: what a person has said of it since; empty if nobody has.
    """

    row: Row[Any]
    answer: str

    def __str__(self) -> str:
        """As it is printed: what to do about which code, and the finding in words."""
        subject = ", ".join(
            words
            for words in (self.row.source, self.row.line_id and f"line {self.row.line_id}")
            if words
        )
        what = f"{self.answer or self.row.need} {self.row.code}"
        return f"{what}{f' ({subject})' if subject else ''}: {self.row.detail}"


@dataclass(frozen=True)
class QueueEntry:
    """An order that waits for a person."""

    order: Row[Any]
    needs: list[Need]
    rejected: Row[Any] | None  # by whom, unless somebody let that pass


def queue(connection: Connection) -> list[QueueEntry]:
    """What waited after the last run, and what was said about it since.

    Raises:
        RefusedError: that run was made by a version of the shop that had no desk.
    """
    counts = [
        connection.scalar(select(func.count()).select_from(table)) for table in (orders, placed)
    ]
    if counts[0] and not counts[1]:
        raise RefusedError("the last run left nothing for the desk; run again")
    query = select(orders, reviews.c.deliver_by, reviews.c.waiting_since).join(
        reviews, reviews.c.order_id == orders.c.id
    )
    entries = []
    for order in connection.execute(query.order_by(reviews.c.position)).all():
        rejected = _rejection_of(connection, order)
        if rejected and _approver_of(_rejection_from(rejected).finding(), connection, order):
            rejected = None
        entries.append(QueueEntry(order, list(_needs_of(connection, order)), rejected))
    return entries


def _needs_of(connection: Connection, order: Row[Any]) -> Iterator[Need]:
    hold_keys = {(row.source, row.code, row.line_id) for row in holds_of(connection, order.id)}
    query = select(needs).where(needs.c.order_id == order.id).order_by(needs.c.position)
    for row in connection.execute(query):
        answer = ""
        if row.need == RELEASE and (row.source, row.code, row.line_id) not in hold_keys:
            answer = "released"
        elif row.need != RELEASE and (by := _approver_of(_finding_of(row), connection, order)):
            answer = f"{by} approved"
        yield Need(row, answer)


def _approver_of(finding: Finding, connection: Connection, order: Row[Any]) -> str:
    """Who let this finding pass, on the version that the last run saw; empty if nobody did."""
    query = select(approvals).where(
        approvals.c.order_id == order.id,
        approvals.c.version == order.version,
        approvals.c.code == finding.code,
    )
    rows = connection.execute(query.order_by(approvals.c.at, approvals.c.by)).all()
    return next((row.by for row in rows if _approval_of(row).can_waive(finding)), "")


def _rejection_of(connection: Connection, order: Row[Any]) -> Row[Any] | None:
    """Who turned down the version that the last run saw; None if nobody did."""
    query = select(rejections).where(
        rejections.c.order_id == order.id, rejections.c.version == order.version
    )
    return connection.execute(query).first()


def holds_of(connection: Connection, order_id: str) -> list[Row[Any]]:
    """The holds in force on an order and on its lines."""
    query = select(holds).where(holds.c.order_id == order_id)
    return list(connection.execute(query.order_by(holds.c.source, holds.c.code, holds.c.line_id)))


def unseen_holds(connection: Connection) -> list[Row[Any]]:
    """The holds that no run has gone by yet."""
    query = (
        select(holds, orders.c.name)
        .join(orders, orders.c.id == holds.c.order_id)
        .outerjoin(
            findings,
            (findings.c.order_id == holds.c.order_id)
            & (findings.c.code == holds.c.code)
            & (findings.c.detail == holds.c.detail),
        )
        .where(findings.c.order_id.is_(None))
    )
    return list(connection.execute(query.order_by(holds.c.at, holds.c.order_id)))


def statements_of(connection: Connection, order: Row[Any]) -> Iterator[str]:
    """All that people said about an order, a line for each."""
    for table, words in ((approvals, "approved"), (rejections, "turned down")):
        query = select(table).where(table.c.order_id == order.id).order_by(table.c.at)
        for row in connection.execute(query):
            content = row.reason if table is rejections else row.code
            version = "" if row.version == order.version else " (another version of the order)"
            yield f"{words} by {row.by}, {row.at}: {content}{version}"
    for row in holds_of(connection, order.id):
        line = f" (line {row.line_id})" if row.line_id else ""
        yield f"stopped by {row.source}, {row.at}: {row.code}{line}. {row.detail}"


def save_statements(connection: Connection, record: OrderRecord) -> None:
    """Store what people said of an order, as its record has it."""
    for table in (approvals, rejections, holds):
        connection.execute(delete(table).where(table.c.order_id == record.id))
    for approval in record.approvals:
        for finding in approval.findings:
            values = {**_finding_row(finding), "by": approval.by, "at": approval.at.isoformat()}
            version = approval.fingerprint
            row = insert(approvals).values(order_id=record.id, version=version, **values)
            connection.execute(row)
    for rejection in record.rejections:
        _insert_rejection(connection, rejection)
    for each in record.holds:
        _insert_hold(connection, each)


# -- What people say -------------------------------------------------------------------------------


def approve(
    connection: Connection, order: Row[Any], *, by: str, at: datetime, codes: Iterable[str] = ()
) -> list[str]:
    """Waive what the last run found on this version of the order; returns the codes.

    Just that is waived: what is new or worse in a later run stops the order again. Without *codes*,
    all that a person can judge. Two things have to be asked for by name: to go on
    although a fact is missing, and to let an order pass that was turned down.

    Raises:
        RefusedError: there is nothing to approve, or not this.
    """
    needs_of_order = list(_needs_of(connection, order))
    judgeable = [need for need in needs_of_order if need.row.need in {APPROVE, GATHER}]
    unanswered = [need for need in judgeable if not need.answer]
    approvers = {
        need.row.code: _approver_of(_finding_of(need.row), connection, order)
        for need in judgeable
        if need.answer
    }
    approvable = {need.row.code for need in unanswered}
    codes_to_waive = sorted(set(codes))
    problem = ""
    if not codes_to_waive and order.outcome == Outcome.REJECTED:
        problem = f"order {order.name} was turned down, so name what may pass all the same"
    elif not codes_to_waive:
        codes_to_waive = sorted({need.row.code for need in unanswered if need.row.need == APPROVE})
        problem = "" if codes_to_waive else f"order {order.name} has nothing to approve"
    for code in codes_to_waive:
        if code not in approvable:
            problem = f"{code} is nothing to approve of order {order.name}"
            if code in approvers:
                problem = f"{code} of order {order.name} was approved before, by {approvers[code]}"
    if problem:
        raise RefusedError(f"{problem}; {_hint(approvable, needs_of_order)}")
    rows = [
        {
            "order_id": order.id,
            "version": order.version,
            **_finding_row(_finding_of(need.row)),
            "by": by,
            "at": at.isoformat(),
        }
        for need in unanswered
        if need.row.code in codes_to_waive
    ]
    connection.execute(insert(approvals), rows)
    return codes_to_waive


def _hint(codes: set[str], needs_of_order: list[Need]) -> str:
    """What there is to do instead."""
    if codes:
        return f"there is: --code {' '.join(sorted(codes))}"
    for need in needs_of_order:
        if need.row.need == RELEASE and not need.answer:
            return f"{need.row.source} has to release {need.row.code}"
        if need.row.need == CORRECT:
            return f"no approval helps against {need.row.code}: correct the order"
    return (
        "the next run goes by what was said"
        if needs_of_order
        else "nothing stopped it in the last run"
    )


def reject(connection: Connection, order: Row[Any], *, by: str, at: datetime, reason: str) -> None:
    """Turn down this version of the order.

    Raises:
        RefusedError: somebody did so before.
    """
    earlier = _rejection_of(connection, order)
    if earlier is not None:
        raise RefusedError(f"order {order.name} was turned down before, by {earlier.by}")
    rejection = Rejection(
        order_id=order.id, fingerprint=order.version, by=by, at=at, reason=_sentence(reason)
    )
    _insert_rejection(connection, rejection)


def _insert_rejection(connection: Connection, rejection: Rejection) -> None:
    connection.execute(
        insert(rejections).values(
            order_id=rejection.order_id,
            version=rejection.fingerprint,
            by=rejection.by,
            at=rejection.at.isoformat(),
            reason=rejection.reason,
        )
    )


def stop(
    connection: Connection,
    order: Row[Any],
    *,
    by: str,
    code: str,
    line: str | None,
    detail: str | None,
    at: datetime,
) -> None:
    """Hold an order, or one line of it, until it is released.

    Raises:
        RefusedError: there is no such line, or the same hold is there.
    """
    new_hold = Hold(
        order_id=order.id,
        source=by,
        code=code,
        line_id=line_id(connection, order, line),
        detail=_sentence(detail or f"The {'line' if line else 'order'} was stopped by {by}"),
        at=at,
    )
    for row in holds_of(connection, order.id):
        if (row.source, row.code, row.line_id) == new_hold.key:
            raise RefusedError(f"{by} stopped order {order.name} for {code} before, {row.at}")
    _insert_hold(connection, new_hold)


def _insert_hold(connection: Connection, new_hold: Hold) -> None:
    connection.execute(
        insert(holds).values(
            order_id=new_hold.order_id,
            source=new_hold.source,
            code=new_hold.code,
            line_id=new_hold.line_id,
            detail=new_hold.detail,
            at=new_hold.at.isoformat(),
        )
    )


def release(
    connection: Connection, order: Row[Any], *, by: str, code: str, line: str | None
) -> None:
    """Take back one hold; the others stay.

    Raises:
        RefusedError: there is no such line, or no such hold.
    """
    in_force = holds_of(connection, order.id)
    if line in {row.line_id for row in in_force}:  # the order may not have that line any more
        named_line = line
    else:
        named_line = line_id(connection, order, line)
    deletion = delete(holds).where(
        holds.c.order_id == order.id,
        holds.c.source == by,
        holds.c.code == code,
        holds.c.line_id == named_line,
    )
    if connection.execute(deletion).rowcount:
        return
    alternatives = [
        f"{row.code} of {row.source}{f', line {row.line_id}' if row.line_id else ''}"
        for row in in_force
    ]
    part = "that line" if named_line else "all"
    what = f"{by} does not hold {part} of order {order.name} for {code}"
    instead = f"there is: {'; '.join(alternatives)}" if alternatives else "nobody holds it"
    raise RefusedError(f"{what}; {instead}")


def line_id(connection: Connection, order: Row[Any], written: str | None) -> str:
    """The line that is meant, by its id or, where only one line has it, by its SKU."""
    if not written:
        return ""
    query = select(order_lines).where(order_lines.c.order_id == order.id)
    lines = list(connection.execute(query.order_by(order_lines.c.line_id)))
    for matches in (
        [row.line_id for row in lines if row.line_id == written],
        [row.line_id for row in lines if row.sku == written],
    ):
        if len(matches) == 1:
            line_id: str = matches[0]
            return line_id
    listed = ", ".join(f"{row.line_id} ({row.sku})" for row in lines) or "none"
    raise RefusedError(f"order {order.name} has no one line {written!r}; its lines: {listed}")


def _sentence(written: str) -> str:
    """What somebody typed, with a full stop."""
    return written if written.endswith((".", "!", "?")) else f"{written}."
