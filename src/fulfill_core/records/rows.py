"""How a record travels: its order, and rows of all that has happened to it; see `orders.rows`.

The order is in the row as a value: of a result, in which the decisions have it as well, it travels
once. So it is with the instants, of which a run makes few.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from operator import attrgetter
from typing import TypeVar, cast

import attrs

from fulfill_core import _values
from fulfill_core.decisions.finding import Finding, finding_of, finding_row
from fulfill_core.inventory.stock import Reservation, reservation_of, reservation_row
from fulfill_core.orders.progress import Progress
from fulfill_core.orders.rows import (
    Row,
    progress_of,
    progress_row,
    travels_as,
)
from fulfill_core.records.history import NO_HISTORY, Fulfilment, History, Parcel, Return
from fulfill_core.records.movements import Movement
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

T = TypeVar("T")

_ApprovalTwin = _values.twin(Approval)
_RecordTwin = _values.twin(OrderRecord)
_HistoryTwin = _values.twin(History)
_REPORTED = frozenset({Parcel, Fulfilment, Return, Movement})
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
    history = None if record.history is NO_HISTORY else history_row(record.history)
    has_own = history is None and record.history is not NO_HISTORY
    if has_own or None in approvals or not _PLAIN.issuperset(_kinds_in(record)):
        return None
    return (
        record.order,
        tuple(map(progress_row, record.progress)),
        approvals,
        tuple(map(rejection_row, record.rejections)),
        tuple(map(hold_row, record.holds)),
        tuple(map(told_row, record.told)),
        tuple(map(told_row, record.told_before)),
        tuple(map(reservation_row, record.reserved)),
        record.outcome,
        record.since,
        history,
    )


def _kinds_in(record: OrderRecord) -> Iterable[type[object]]:
    """The classes of the members of a record."""
    rulings = *record.approvals, *record.rejections, *record.holds
    entries = *record.told, *record.told_before
    return map(type, (*record.progress, *rulings, *entries, *record.reserved))


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
        before_rows,
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
    twin.told_before = tuple(map(told_of, before_rows))
    twin.reserved = tuple(map(reservation_of, reserved))
    twin.history = NO_HISTORY if history is None else history_of(history)
    twin._notes = None  # noqa: SLF001 - no part of the record
    twin.__class__ = OrderRecord
    record: OrderRecord = twin
    return record


# -- What was reported -----------------------------------------------------------------------------
# A record of many events is mostly this. Most fields of a parcel are never touched, so only those
# that differ from a new one's are in its row: pairs of a field's place and its content. Who has it,
# and under which number, is mostly said as it leaves; that it arrived, once.


def _travels_sparsely(kind: type[T], **likes: str) -> tuple[Callable[[T], Row], Callable[[Row], T]]:
    """Values of exactly this class are pickled as rows of the fields that are not as usual.

    Usual is a field's default; of those that are named here it is what another field holds.
    """
    twin_of = _values.twin(kind)
    fields = attrs.fields(cast("type[attrs.AttrsInstance]", kind))
    names = tuple([field.name for field in fields])
    usual = tuple([() if field.default is attrs.NOTHING else field.default for field in fields])
    read = attrgetter(*names)
    like_of = {names.index(name): names.index(other) for name, other in likes.items()}

    def row_of(value: T) -> Row:
        contents = read(value)
        row: list[object] = []
        for place, (content, usual_content) in enumerate(zip(contents, usual, strict=True)):
            like = like_of.get(place)
            if content != (usual_content if like is None else contents[like]):
                row += place, content
        return tuple(row)

    def value_of(row: Row) -> T:
        contents = {**dict(enumerate(usual)), **dict(zip(row[::2], row[1::2], strict=True))}
        for place in like_of.keys() - row[::2]:
            contents[place] = contents[like_of[place]]
        twin = twin_of()
        for place, content in contents.items():
            setattr(twin, names[place], content)
        twin.__class__ = kind
        value: T = twin
        return value

    travels_as(kind, row_of, value_of)
    return row_of, value_of


_parcel_row, _parcel_of = _travels_sparsely(
    Parcel, carrier_at="at", tracking_at="at", first_delivered_at="delivered_at"
)
_fulfilment_row, _fulfilment_of = _travels_sparsely(Fulfilment)
_return_row, _return_of = _travels_sparsely(Return)
_movement_row, _movement_of = _travels_sparsely(Movement)


def history_row(history: History) -> Row | None:
    """A history as one row, the rows of its members in it; None if one of them is no plain one."""
    members = *history.parcels, *history.fulfilments, *history.returns, *history.movements
    if not _REPORTED.issuperset(map(type, members)):
        return None
    return (
        tuple(map(_parcel_row, history.parcels)),
        tuple(map(_fulfilment_row, history.fulfilments)),
        tuple(map(_return_row, history.returns)),
        tuple(map(_movement_row, history.movements)),
        history.requests,
        history.asked_amounts,
        history.applied,
        history.delays,
        history.hold_ends,
        history.requested_at,
    )


def history_of(row: Row) -> History:
    """The history of a row."""
    twin = _HistoryTwin()
    parcels, fulfilments, returns, movements, *rest = row
    twin.parcels = tuple(map(_parcel_of, parcels))
    twin.fulfilments = tuple(map(_fulfilment_of, fulfilments))
    twin.returns = tuple(map(_return_of, returns))
    twin.movements = tuple(map(_movement_of, movements))
    twin.requests, twin.asked_amounts, twin.applied, twin.delays, *rest = rest
    twin.hold_ends, twin.requested_at = rest
    twin.__class__ = History
    history: History = twin
    return history


travels_as(History, history_row, history_of)
travels_as(Approval, _approval_row, _approval_of)
travels_as(OrderRecord, record_row, record_of)
