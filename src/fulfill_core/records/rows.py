"""How a record travels: its order, and rows of all that has happened to it; see `orders.rows`.

The order is in the row as a value: of a result, in which the decisions have it as well, it travels
once. So it is with the instants, of which a run makes few.
"""

from __future__ import annotations

from collections.abc import Iterable

from fulfill_core import _checks
from fulfill_core.decisions.finding import Finding, finding_of, finding_row
from fulfill_core.inventory.stock import Reservation, reservation_of, reservation_row
from fulfill_core.orders.progress import Progress
from fulfill_core.orders.rows import (
    Row,
    progress_of,
    progress_row,
    travels_as,
)
from fulfill_core.records.history import NO_HISTORY
from fulfill_core.records.order_record import OrderRecord
from fulfill_core.records.people import (
    Approval,
    Hold,
    Rejection,
    hold_of,
    hold_row,
    rejection_of,
    rejection_row,
)
from fulfill_core.records.told import Told, told_of, told_row

_ApprovalTwin = _checks.twin(Approval)
_RecordTwin = _checks.twin(OrderRecord)
_PLAIN = frozenset({Progress, Approval, Rejection, Hold, Told, Reservation})


def _approval_row(approval: Approval) -> Row | None:
    """An approval as a row, the rows of its findings in it."""
    if not {Finding}.issuperset(map(type, approval.findings)):
        return None
    return (
        approval.order_id,
        approval.fingerprint,
        tuple(map(finding_row, approval.findings)),
        approval.any_later or None,
        approval.by,
        approval.at,
    )


def _approval_of(row: Row) -> Approval:
    """The approval of a row."""
    twin = _ApprovalTwin()
    twin.order_id, twin.fingerprint, findings, any_later, twin.by, twin.at = row
    twin.findings = tuple(map(finding_of, findings))
    twin.any_later = any_later or frozenset()
    twin.__class__ = Approval
    approval: Approval = twin
    return approval


def record_row(record: OrderRecord) -> Row | None:
    """A record as one row, the rows of its members in it; None if one of them is no plain one."""
    approvals = tuple(map(_approval_row, record.approvals))
    if None in approvals or not _PLAIN.issuperset(_kinds_in(record)):
        return None
    return (
        record.order,
        tuple(map(progress_row, record.progress)),
        approvals,
        tuple(map(rejection_row, record.rejections)),
        tuple(map(hold_row, record.holds)),
        tuple(map(told_row, record.told)),
        tuple(map(reservation_row, record.reserved)),
        record.outcome,
        record.since,
        None if record.history is NO_HISTORY else record.history,
    )


def _kinds_in(record: OrderRecord) -> Iterable[type[object]]:
    """The classes of the members of a record."""
    rulings = *record.approvals, *record.rejections, *record.holds
    return map(type, (*record.progress, *rulings, *record.told, *record.reserved))


def record_of(row: Row) -> OrderRecord:
    """The record of a row."""
    twin = _RecordTwin()
    (
        twin.order,
        progress,
        approvals,
        rejections,
        holds,
        told_rows,
        reserved,
        twin.outcome,
        twin.since,
        history,
    ) = row
    twin.progress = tuple(map(progress_of, progress))
    twin.approvals = tuple(map(_approval_of, approvals))
    twin.rejections = tuple(map(rejection_of, rejections))
    twin.holds = tuple(map(hold_of, holds))
    twin.told = tuple(map(told_of, told_rows))
    twin.reserved = tuple(map(reservation_of, reserved))
    twin.history = NO_HISTORY if history is None else history
    twin.__class__ = OrderRecord
    record: OrderRecord = twin
    return record


travels_as(Approval, _approval_row, _approval_of)
travels_as(OrderRecord, record_row, record_of)
