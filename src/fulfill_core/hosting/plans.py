"""What a storage is to write in one transaction, and what it says of that."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TypeAlias, get_args

import attrs

from fulfill_core import _checks
from fulfill_core.decisions.decision import Decision
from fulfill_core.decisions.notification import Notification
from fulfill_core.hosting.batches import Versions, keep_versions, to_versions
from fulfill_core.inventory.changes import Changes
from fulfill_core.lifecycle import Action
from fulfill_core.notifications.sending import Delivery
from fulfill_core.records.order_record import OrderRecord

OutboxContent: TypeAlias = Notification | Delivery | Action
"""What there is to send or to do: what a storage reads back of a row."""


@attrs.frozen(kw_only=True, weakref_slot=False)
class OutboxRow:
    """Something that is to be sent or done, once: a message or an action.

    Args:
        id: by which a repeat is recognised.
        order_id: the order that it is about.
        content: a `Notification`; a `Delivery`, where customers have preferences; or one of the
            actions of the lifecycle.
        due_at: not to be handed out before, aware, kept in UTC; None if it is parked.
        attempts: how often it has been handed out, this time included.
        reason: why it was not sent the last time; empty if it was not tried.
        doubts: of how many attempts nobody knows whether it went out: each one until it is said to
            be `Later` and unsent.

    >>> from fulfill_core.lifecycle import Void
    >>> from decimal import Decimal
    >>> row = OutboxRow(id="v1", order_id="A-1", content=Void(payment="card", amount=Decimal(2)))
    >>> row.is_message, row.is_parked
    (False, True)
    """

    id: str
    order_id: str
    content: OutboxContent
    due_at: datetime | None = None
    attempts: int = 0
    reason: str = ""
    doubts: int = 0

    def __attrs_post_init__(self) -> None:
        _checks.check_id("OutboxRow.id", self.id)
        _checks.check_text("OutboxRow.order_id", self.order_id)
        if not isinstance(self.content, get_args(OutboxContent)):
            problem = "is neither a Notification nor a Delivery nor an action; pass one"
            raise _checks.refuse("OutboxRow.content", self.content, problem)
        _checks.keep_in_utc(self, "due_at", is_optional=True)
        _checks.check_int("OutboxRow.attempts", self.attempts, at_least=0)
        _checks.check_text("OutboxRow.reason", self.reason)
        _checks.check_int("OutboxRow.doubts", self.doubts, at_least=0)

    @property
    def is_message(self) -> bool:
        """Whether it is to be sent to somebody; else it is to be done."""
        return isinstance(self.content, Notification | Delivery)

    @property
    def messages(self) -> tuple[Notification, ...]:
        """The messages in it; an action has none."""
        if isinstance(self.content, Delivery):
            return self.content.messages
        return (self.content,) if isinstance(self.content, Notification) else ()

    @property
    def is_draft(self) -> bool:
        """Whether nobody can have read it, and somebody will: it surely did not go out yet."""
        return not self.doubts and not self.is_parked

    @property
    def is_parked(self) -> bool:
        """Whether it is not handed out until somebody puts it back."""
        return self.due_at is None


def _to_records(members: Iterable[OrderRecord]) -> tuple[OrderRecord, ...]:
    return _checks.to_tuple(members)


def _to_decisions(members: Iterable[Decision]) -> tuple[Decision, ...]:
    return _checks.to_tuple(members)


def _to_rows(members: Iterable[OutboxRow]) -> tuple[OutboxRow, ...]:
    return _checks.to_tuple(members)


@attrs.frozen(kw_only=True, weakref_slot=False)
class CommitPlan:
    """What is to be written in one transaction: all of it, or nothing.

    Args:
        id: by which a storage says later whether it was written.
        at: when it was made, aware, kept in UTC.
        expected: what it touches, with the version that was loaded, as a mapping by key: each is to
            be as it was, and is counted up by one.
        changes: what changes of the stock.
        records: the records that are new or other than before.
        decisions: what was decided anew; a host that shows decisions stores them.
        rows: what there is to send and to do; a row whose id is there already is not written.
        withdrawn: the ids of rows that do not hold any more: those that were not sent are deleted.
        drafts: the ids of rows that were drafts when they were loaded (`Loaded.drafts`), and are
            told otherwise now, or not at all: they are deleted before rows are written. If one is
            no draft any more, the plan is in conflict: somebody may have read it.

    >>> noon = datetime.fromisoformat("2026-03-02T12:00Z")
    >>> CommitPlan(id="p1", at=noon, expected={"sku:mug": 3}).rows
    ()
    """

    id: str
    at: datetime
    expected: Versions = attrs.field(default=(), converter=to_versions)
    changes: Changes = attrs.field(factory=Changes)
    records: tuple[OrderRecord, ...] = attrs.field(default=(), converter=_to_records)
    decisions: tuple[Decision, ...] = attrs.field(default=(), converter=_to_decisions)
    rows: tuple[OutboxRow, ...] = attrs.field(default=(), converter=_to_rows)
    withdrawn: tuple[str, ...] = attrs.field(default=(), converter=_checks.to_texts)
    drafts: tuple[str, ...] = attrs.field(default=(), converter=_checks.to_texts)

    def __attrs_post_init__(self) -> None:
        _checks.check_id("CommitPlan.id", self.id)
        _checks.keep_in_utc(self, "at")
        keep_versions(self, "expected")
        _checks.check_member("CommitPlan.changes", self.changes, Changes)
        _checks.check_members("CommitPlan.records", self.records, OrderRecord)
        _checks.check_members("CommitPlan.decisions", self.decisions, Decision)
        _checks.check_members("CommitPlan.rows", self.rows, OutboxRow)
        _checks.check_unique("CommitPlan.rows", (row.id for row in self.rows), "row")
        _checks.check_members("CommitPlan.withdrawn", self.withdrawn, str)
        _checks.check_members("CommitPlan.drafts", self.drafts, str)


@attrs.frozen(kw_only=True, weakref_slot=False)
class Committed:
    """The plan is written, now or before.

    >>> Committed() == Committed()
    True
    """


@attrs.frozen(kw_only=True, weakref_slot=False)
class Conflict:
    """The plan is not written: somebody else was faster. Load again, and decide again.

    Args:
        keys: what is not as it was loaded, where the storage can say so.

    >>> Conflict(keys=["sku:mug"]).keys
    ('sku:mug',)
    """

    keys: tuple[str, ...] = attrs.field(default=(), converter=_checks.to_texts)

    def __attrs_post_init__(self) -> None:
        _checks.check_members("Conflict.keys", self.keys, str)


@attrs.frozen(kw_only=True, weakref_slot=False)
class Unknown:
    """Nobody can say whether the plan is written, such as when the connection broke.

    Args:
        reason: why, for a log.

    >>> Unknown(reason="connection reset").reason
    'connection reset'
    """

    reason: str = ""

    def __attrs_post_init__(self) -> None:
        _checks.check_text("Unknown.reason", self.reason)


CommitAnswer: TypeAlias = Committed | Conflict | Unknown
"""What a storage says of a plan."""
