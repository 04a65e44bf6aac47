"""The review desk: what waits for a person, and what people said about it.

What waits is read from the decisions of the last run; what was said since is in the records. The
commands approve, reject, hold and release are events of the library's loop. None of them decides
anything: the next run does, and goes by all that was ever said. An approval and a rejection are for
the version of the order that the last run saw; a hold is for any, until it is released.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, select

from fulfill_core import (
    Decision,
    Finding,
    Hold,
    Outcome,
    Rejection,
    Result,
    Review,
    Severity,
    review_queue,
)
from fulfill_core.lifecycle import Approved, Event, HoldLifted, HoldPlaced, Rejected, Step
from shop.database import RefusedError, StoredOrder, replace, stored_orders, waiting
from shop.loop import work
from shop.rules import RATES

APPROVE, GATHER, RELEASE, CORRECT = "approve", "gather", "release", "correct"
OWN = "shop:"  # how the ids of events begin that the shop's own commands make


# -- What waits ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Need:
    """One thing that an order waits for.

    Args:
        finding: what the last run found.
        need: what to do about it: approve, gather, release, correct.
        answer: what a person has said of it since; empty if nobody has.
    """

    finding: Finding
    need: str
    answer: str

    def __str__(self) -> str:
        """As it is printed: what to do about which code, and the finding in words."""
        source, line_id = self.finding.source, self.finding.line_id
        subject = ", ".join(words for words in (source, line_id and f"line {line_id}") if words)
        what = f"{self.answer or self.need} {self.finding.code}"
        return f"{what}{f' ({subject})' if subject else ''}: {self.finding.detail}"


@dataclass(frozen=True)
class QueueEntry:
    """An order that waits for a person."""

    order: StoredOrder
    since: str
    needs: list[Need]
    rejection: Rejection | None  # by whom, unless somebody let that pass


def keep_queue(connection: Connection, result: Result, now: datetime) -> None:
    """Note which orders wait after a run, and since when they do."""
    since = {row.order_id: row.since for row in connection.execute(select(waiting))}
    reviews = review_queue(result, rates=_rates(result))
    ids = [review.order.id for review in reviews]
    rows = [{"order_id": each, "since": since.get(each, now.isoformat())} for each in ids]
    replace(connection, waiting, rows)


def _rates(decisions: Iterable[Decision]) -> dict[str, Decimal]:
    """What currencies are worth; one that nobody knows counts like the euro."""
    return dict.fromkeys({each.order.currency for each in decisions}, Decimal(1)) | RATES


def queue(connection: Connection) -> list[QueueEntry]:
    """The orders that waited after the last run, the one to look at first on top."""
    since = {row.order_id: row.since for row in connection.execute(select(waiting))}
    by_id = {each.record.id: each for each in stored_orders(connection, since)}
    decisions = [each.decision for each in by_id.values()]
    entries = []
    for review in review_queue(decisions, rates=_rates(decisions)):
        order = by_id[review.order.id]
        rejection = _rejection_of(order)
        if rejection and _approver_of(rejection.finding(), order):
            rejection = None
        needs = list(_needs_of(order, review))
        entries.append(QueueEntry(order, since[review.order.id], needs, rejection))
    return entries


def needs_of(order: StoredOrder) -> list[Need]:
    """What an order waits for, also if it was turned down: nobody has to look, but somebody may."""
    findings = [
        finding
        for finding in order.decision.findings
        if finding.severity is not Severity.NOTE and not finding.is_waived
    ]
    if order.decision.outcome is not Outcome.REJECTED:
        findings = [finding for finding in findings if finding.severity is Severity.HOLD]
    return list(_needs_of(order, Review(order=order.decision.order, findings=findings)))


def _needs_of(order: StoredOrder, review: Review) -> Iterator[Need]:
    hold_keys = {hold.key for hold in order.record.holds}
    for finding in review.findings:
        need = CORRECT
        if finding.source:
            need = RELEASE
        elif finding.code in review.to_gather:
            need = GATHER
        elif finding.code in review.to_approve:
            need = APPROVE
        answer = ""
        if need == RELEASE and (finding.source, finding.code, finding.line_id) not in hold_keys:
            answer = "released"
        elif need != RELEASE and (by := _approver_of(finding, order)):
            answer = f"{by} approved"
        yield Need(finding, need, answer)


def _approver_of(finding: Finding, order: StoredOrder) -> str:
    """Who let this finding pass, on the version that the last run saw; empty if nobody did."""
    version = order.decision.order.fingerprint
    return next(
        (
            approval.by
            for approval in order.record.approvals
            if approval.fingerprint == version and approval.can_waive(finding)
        ),
        "",
    )


def _rejection_of(order: StoredOrder) -> Rejection | None:
    """Who turned down the version that the last run saw; None if nobody did."""
    version = order.decision.order.fingerprint
    return next((each for each in order.record.rejections if each.fingerprint == version), None)


def unseen_holds(connection: Connection) -> list[tuple[str, Hold]]:
    """The holds that no run has gone by yet, each with the name of its order."""
    holds: list[tuple[str, Hold]] = []
    for each in stored_orders(connection):
        seen = {(found.source, found.code, found.line_id) for found in each.decision.findings}
        holds += [(each.name, hold) for hold in each.record.holds if hold.key not in seen]
    return sorted(holds, key=lambda pair: (pair[1].at, pair[1].order_id))


def statements_of(order: StoredOrder) -> Iterator[str]:
    """All that people said about an order, a line for each."""
    record, version = order.record, order.record.order.fingerprint
    said = [
        (f"approved by {each.by}", each.at, finding.code, each.fingerprint)
        for each in record.approvals
        for finding in each.findings
    ]
    said += [
        (f"turned down by {each.by}", each.at, each.reason, each.fingerprint)
        for each in record.rejections
    ]
    for words, at, content, fingerprint in said:
        other = "" if fingerprint == version else " (another version of the order)"
        yield f"{words}, {at.isoformat()}: {content}{other}"
    for hold in record.holds:
        line = f" (line {hold.line_id})" if hold.line_id else ""
        yield f"stopped by {hold.source}, {hold.at.isoformat()}: {hold.code}{line}. {hold.detail}"


# -- What people say -------------------------------------------------------------------------------


def approve(
    connection: Connection, order: StoredOrder, *, by: str, at: datetime, codes: Iterable[str] = ()
) -> list[str]:
    """Waive what the last run found on this version of the order; returns the codes.

    Just that is waived: what is new or worse in a later run stops the order again. Without *codes*,
    all that a person can judge. Two things have to be asked for by name: to go on
    although a fact is missing, and to let an order pass that was turned down.

    Raises:
        RefusedError: there is nothing to approve, or not this.
    """
    needs_of_order = needs_of(order)
    judgeable = [need for need in needs_of_order if need.need in {APPROVE, GATHER}]
    unanswered = [need for need in judgeable if not need.answer]
    answers = {need.finding.code: need.answer for need in judgeable if need.answer}
    approvable = {need.finding.code for need in unanswered}
    codes_to_waive = sorted(set(codes))
    problem = ""
    if not codes_to_waive and order.decision.outcome is Outcome.REJECTED:
        problem = f"order {order.name} was turned down, so name what may pass all the same"
    elif not codes_to_waive:
        codes_to_waive = sorted({need.finding.code for need in unanswered if need.need == APPROVE})
        problem = "" if codes_to_waive else f"order {order.name} has nothing to approve"
    for code in codes_to_waive:
        if code not in approvable:
            problem = f"{code} is nothing to approve of order {order.name}"
            if code in answers:
                by_whom = answers[code].removesuffix(" approved")
                problem = f"{code} of order {order.name} was approved before, by {by_whom}"
    if problem:
        raise RefusedError(f"{problem}; {_hint(approvable, needs_of_order)}")
    findings = [need.finding for need in unanswered if need.finding.code in codes_to_waive]
    _say(connection, Approved(**_about(order, at), by=by, findings=findings))
    return codes_to_waive


def _hint(codes: set[str], needs_of_order: list[Need]) -> str:
    """What there is to do instead."""
    if codes:
        return f"there is: --code {' '.join(sorted(codes))}"
    for need in needs_of_order:
        if need.need == RELEASE and not need.answer:
            return f"{need.finding.source} has to release {need.finding.code}"
        if need.need == CORRECT:
            return f"no approval helps against {need.finding.code}: correct the order"
    return (
        "the next run goes by what was said"
        if needs_of_order
        else "nothing stopped it in the last run"
    )


def reject(
    connection: Connection, order: StoredOrder, *, by: str, at: datetime, reason: str
) -> None:
    """Turn down this version of the order.

    Raises:
        RefusedError: somebody did so before.
    """
    earlier = _rejection_of(order)
    if earlier is not None:
        raise RefusedError(f"order {order.name} was turned down before, by {earlier.by}")
    _say(connection, Rejected(**_about(order, at), by=by, reason=_sentence(reason)))


def stop(
    connection: Connection,
    order: StoredOrder,
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
        order_id=order.record.id,
        source=by,
        code=code,
        line_id=line_id(order, line),
        detail=_sentence(detail or f"The {'line' if line else 'order'} was stopped by {by}"),
        at=at,
    )
    for hold in order.record.holds:
        if hold.key == new_hold.key:
            when = hold.at.isoformat()
            raise RefusedError(f"{by} stopped order {order.name} for {code} before, {when}")
    _say(
        connection,
        HoldPlaced(
            **_about(order, at),
            source=by,
            code=code,
            line_id=new_hold.line_id,
            detail=new_hold.detail,
        ),
    )


def release(
    connection: Connection,
    order: StoredOrder,
    *,
    by: str,
    code: str,
    line: str | None,
    at: datetime,
) -> None:
    """Take back one hold; the others stay.

    Raises:
        RefusedError: there is no such line, or no such hold.
    """
    in_force = order.record.holds
    # The order may not have that line any more.
    is_held = line in {hold.line_id for hold in in_force}
    named_line = line or "" if is_held else line_id(order, line)
    if (by, code, named_line) in {hold.key for hold in in_force}:
        lifted = HoldLifted(**_about(order, at), source=by, code=code, line_id=named_line)
        _say(connection, lifted)
        return
    alternatives = [
        f"{hold.code} of {hold.source}{f', line {hold.line_id}' if hold.line_id else ''}"
        for hold in in_force
    ]
    part = "that line" if named_line else "all"
    what = f"{by} does not hold {part} of order {order.name} for {code}"
    instead = f"there is: {'; '.join(alternatives)}" if alternatives else "nobody holds it"
    raise RefusedError(f"{what}; {instead}")


def _say(connection: Connection, event: Event) -> None:
    """Put it on record.

    Raises:
        RefusedError: it comes too late.
    """
    step = work(connection, [event], event.at).jobs[0].outcome
    if isinstance(step, Step) and step.refusal is not None:
        raise RefusedError(f"{step.refusal.code}: {step.refusal.detail}")


def _about(order: StoredOrder, at: datetime) -> dict[str, Any]:
    """What every event has: an id of its own, by how many there were before."""
    number = len(order.record.history.applied)
    return {"id": f"{OWN}{number}", "order_id": order.record.id, "at": at}


def line_id(order: StoredOrder, written: str | None) -> str:
    """The line that is meant, by its id or, where only one line has it, by its SKU."""
    if not written:
        return ""
    lines = sorted(order.record.order.lines, key=lambda line: line.id)
    for matches in (
        [line.id for line in lines if line.id == written],
        [line.id for line in lines if line.sku == written],
    ):
        if len(matches) == 1:
            return matches[0]
    listed = ", ".join(f"{line.id} ({line.sku})" for line in lines) or "none"
    raise RefusedError(f"order {order.name} has no one line {written!r}; its lines: {listed}")


def _sentence(written: str) -> str:
    """What somebody typed, with a full stop."""
    return written if written.endswith((".", "!", "?")) else f"{written}."
