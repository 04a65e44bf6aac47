"""All that has happened to one order, as one value: what lasts from run to run beside the stock."""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

import attrs

from fulfill_core import _checks, _values
from fulfill_core.decisions.finding import Finding
from fulfill_core.decisions.outcome import Outcome
from fulfill_core.inventory.stock import Reservation, sequence
from fulfill_core.orders.due import NO_ADJUSTMENT, Adjustment, money_due
from fulfill_core.orders.order import Order, OrderLine
from fulfill_core.orders.progress import Progress, has_left, is_settled, untouched
from fulfill_core.orders.sequences import line_id_of, member_of
from fulfill_core.records.history import NO_HISTORY, History
from fulfill_core.records.movements import adjustment_of
from fulfill_core.records.noting import Notes
from fulfill_core.records.people import Approval, Hold, Rejection
from fulfill_core.records.told import Told, key_of, taken_back


def _by_age(ruling: Approval | Rejection) -> tuple[datetime, str]:
    """A sort key: the oldest first."""
    return ruling.at, ruling.by


def _to_progress(members: Iterable[Progress]) -> tuple[Progress, ...]:
    return _checks.to_tuple(members)


def _to_approvals(members: Iterable[Approval]) -> tuple[Approval, ...]:
    return _checks.to_tuple(members)


def _to_rejections(members: Iterable[Rejection]) -> tuple[Rejection, ...]:
    return _checks.to_tuple(members)


def _to_holds(members: Iterable[Hold]) -> tuple[Hold, ...]:
    return _checks.to_tuple(members)


def _to_told(members: Iterable[Told]) -> tuple[Told, ...]:
    return _checks.to_tuple(members)


def _to_reserved(members: Iterable[Reservation]) -> tuple[Reservation, ...]:
    return _checks.to_tuple(members)


@attrs.frozen(kw_only=True, weakref_slot=False)
class OrderRecord:
    """An order, and all that has happened to it. `process` takes records and gives records.

    A host stores one per order, or builds it out of its own tables. An `Order` alone will do where
    nothing has happened yet.

    Args:
        order: the order as agreed. What has left, or was cancelled, is part of it still.
        progress: how far its lines have come, at most one per line.
        approvals: what people waived, each for one version of the order.
        rejections: who turned it down.
        holds: who stopped it, or a line of it, with distinct keys.
        told: what each audience was told last, kept by audience and subject.
        told_before: what they were told before that, of what runs decide: see `without_told`.
        reserved: what was reserved for it after the last run; and what had expired by then, of
            lines that are open still, and was not reserved anew.
        outcome: what became of it in the last run; None if there was none.
        since: since when it is served, or out of the queue for this reason: aware, kept in UTC;
            after its first run, since it was placed; None if there was no run.
        history: what was reported of it since: parcels, pick lists, returns, money, and the ids of
            the events that said so. See `fulfill_core.lifecycle.advance`.

    Raises:
        InvalidValueError: progress of a line that the order does not have, a ruling about another
            order, a member given twice; by path.

    >>> from datetime import timezone
    >>> from fulfill_core import Customer, OrderLine
    >>> order = Order(id="A-17", placed_at=datetime(2026, 3, 2, tzinfo=timezone.utc),
    ...               customer=Customer(id="C-7"), currency="EUR",
    ...               lines=[OrderLine(id="1", sku="mug", quantity=5)])
    >>> record = OrderRecord(order=order).with_progress("1", shipped=3)
    >>> record.open("1"), record.with_progress("1", cancelled=2).is_settled
    (2, True)
    """

    order: Order
    progress: tuple[Progress, ...] = attrs.field(default=(), converter=_to_progress)
    approvals: tuple[Approval, ...] = attrs.field(default=(), converter=_to_approvals)
    rejections: tuple[Rejection, ...] = attrs.field(default=(), converter=_to_rejections)
    holds: tuple[Hold, ...] = attrs.field(default=(), converter=_to_holds)
    told: tuple[Told, ...] = attrs.field(default=(), converter=_to_told)
    told_before: tuple[Told, ...] = attrs.field(default=(), converter=_to_told)
    reserved: tuple[Reservation, ...] = attrs.field(default=(), converter=_to_reserved)
    outcome: Outcome | None = None
    since: datetime | None = None
    history: History = NO_HISTORY
    _notes: Notes | None = attrs.field(init=False, default=None, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        _checks.check_member("OrderRecord.order", self.order, Order)
        # Most records of a first run hold an order and nothing else.
        if self.progress != ():
            self._check_progress()
        if (self.approvals, self.rejections, self.holds) != ((), (), ()):
            self._check_rulings()
        if self.told != ():
            self._check_told("told")
        if self.told_before != ():
            self._check_told("told_before")
        if self.reserved != ():
            _checks.check_members("OrderRecord.reserved", self.reserved, Reservation)
            self._check_order_ids("reserved", self.reserved)
            _checks.set_field(self, "reserved", tuple(sorted(self.reserved, key=sequence)))
        _checks.keep_word(self, "outcome", Outcome, is_optional=True)
        _checks.keep_in_utc(self, "since", is_optional=True)
        if self.history is not NO_HISTORY:
            _checks.check_member("OrderRecord.history", self.history, History)

    def _check_progress(self) -> None:
        _checks.check_members("OrderRecord.progress", self.progress, Progress)
        line_ids = {line.id for line in self.order.lines}
        _checks.refuse_all(
            [
                _checks.refuse(
                    f"OrderRecord.progress[{position}].line_id",
                    progress.line_id,
                    f"is no line of order {self.order.id}; pass one of {sorted(line_ids)}",
                )
                for position, progress in enumerate(self.progress)
                if progress.line_id not in line_ids
            ]
        )
        _checks.check_unique("OrderRecord.progress", (p.line_id for p in self.progress), "line")
        in_sequence = tuple(sorted(self.progress, key=lambda progress: progress.line_id))
        _checks.set_field(self, "progress", in_sequence)

    def _check_told(self, name: str) -> None:
        entries: tuple[Told, ...] = getattr(self, name)
        _checks.check_members(f"OrderRecord.{name}", entries, Told)
        _checks.check_unique(f"OrderRecord.{name}", map(key_of, entries), "audience and subject")
        _checks.set_field(self, name, tuple(sorted(entries, key=key_of)))

    def _check_rulings(self) -> None:
        _checks.check_members("OrderRecord.approvals", self.approvals, Approval)
        _checks.check_members("OrderRecord.rejections", self.rejections, Rejection)
        _checks.check_members("OrderRecord.holds", self.holds, Hold)
        for name in ("approvals", "rejections", "holds"):
            self._check_order_ids(name, getattr(self, name))
        _checks.check_unique("OrderRecord.holds", (stop.key for stop in self.holds), "hold")
        # The oldest first, however the host lists them: the oldest approval is the one that counts.
        for name in ("approvals", "rejections"):
            _checks.set_field(self, name, tuple(sorted(getattr(self, name), key=_by_age)))
        holds = tuple(sorted(self.holds, key=lambda stop: stop.key))
        _checks.set_field(self, "holds", holds)

    def _check_order_ids(
        self, name: str, members: Iterable[Approval | Rejection | Hold | Reservation]
    ) -> None:
        _checks.refuse_all(
            [
                _checks.refuse(
                    f"OrderRecord.{name}[{position}].order_id",
                    member.order_id,
                    f"is another order than {self.order.id}; keep it in the record of that order",
                )
                for position, member in enumerate(members)
                if member.order_id != self.order.id
            ]
        )

    @property
    def id(self) -> str:
        """The order's id."""
        return self.order.id

    def progress_of(self, line_id: str) -> Progress:
        """How far a line has come; all zero if nothing has happened to it."""
        progress = member_of(self.progress, line_id, line_id_of)
        return untouched(self._line(line_id).id) if progress is None else progress

    def open(self, line_id: str) -> int:
        """Units of a line still to be served: ordered - cancelled - shipped + reopened."""
        return self.progress_of(line_id).open(self._line(line_id))

    def surplus(self, line_id: str) -> int:
        """Units of a line that left, or were cancelled, beyond what it asks for."""
        return self.progress_of(line_id).surplus(self._line(line_id))

    @property
    def is_settled(self) -> bool:
        """Whether nothing of the order is open any more: all has left, or was cancelled."""
        return is_settled(self.order, self.progress)

    @property
    def is_cancelled(self) -> bool:
        """Whether the order was cancelled as a whole: nothing is open, and nothing has left."""
        return self.is_settled and not has_left(self.progress)

    @property
    def due(self) -> Decimal:
        """What the order costs in all: its total less what was cancelled or came back.

        Nothing, if nothing of it is left to be paid for: then its shipping costs nothing, too, but
        for what was said of that with the last units that came back, or were lost.
        """
        return money_due(self.order, self.progress, self.adjustment)

    @property
    def adjustment(self) -> Adjustment:
        """What was agreed of its money since it was placed: another charge, a credit."""
        movements = self.history.movements
        return adjustment_of(movements) if movements else NO_ADJUSTMENT

    def with_progress(
        self,
        line_id: str,
        *,
        cancelled: int = 0,
        shipped: int = 0,
        delivered: int = 0,
        lost: int = 0,
        return_requested: int = 0,
        return_cancelled: int = 0,
        returned: int = 0,
        restocked: int = 0,
        reopened: int = 0,
    ) -> OrderRecord:
        """The record after so many units more of a line, in stock units, zero or more each.

        Args:
            line_id: the line.
            cancelled: so many more will not be sent.
            shipped: so many more have left.
            delivered: so many more have arrived.
            lost: so many more have left and will not arrive.
            return_requested: so many more are to come back.
            return_cancelled: so many more of those will not.
            returned: so many more came back.
            restocked: so many more of those lie on a shelf again.
            reopened: so many more are to be sent again.
        """
        units = {
            "cancelled": cancelled,
            "shipped": shipped,
            "delivered": delivered,
            "lost": lost,
            "return_requested": return_requested,
            "return_cancelled": return_cancelled,
            "returned": returned,
            "restocked": restocked,
            "reopened": reopened,
        }
        for name, amount in units.items():
            _checks.check_int(f"OrderRecord.with_progress.{name}", amount, at_least=0)
        after = self.progress_of(line_id).added(units)
        progress_beside = [progress for progress in self.progress if progress.line_id != line_id]
        return attrs.evolve(self, progress=[*progress_beside, after])

    def approved(self, findings: Iterable[Finding], *, by: str, at: datetime) -> OrderRecord:
        """The record with an approval of these findings, for this version of the order.

        Args:
            findings: what the person saw and lets pass, such as those of a decision.
            by: who approved.
            at: when, aware.
        """
        approval = Approval(
            order_id=self.id,
            fingerprint=self.order.fingerprint,
            findings=_checks.to_tuple(findings),
            by=by,
            at=at,
        )
        # All others are checked and in sequence already: there may be thousands.
        approvals = list(self.approvals)
        insort(approvals, approval, key=_by_age)
        record = record_copy(self)
        _checks.set_field(record, "approvals", tuple(approvals))
        return record

    def with_hold(self, hold: Hold) -> OrderRecord:
        """The record with a hold; one of the same key is replaced."""
        _checks.check_member("OrderRecord.with_hold.hold", hold, Hold)
        holds_beside = [stop for stop in self.holds if stop.key != hold.key]
        return attrs.evolve(self, holds=[*holds_beside, hold])

    def without_hold(self, source: str, code: str, line_id: str = "") -> OrderRecord:
        """The record with a hold lifted; nothing changes if there is none of this key."""
        for name, word in (("source", source), ("code", code), ("line_id", line_id)):
            _checks.check_text(name, word)
        key = source, code, line_id
        return attrs.evolve(self, holds=[stop for stop in self.holds if stop.key != key])

    def told_to(self, audience: str, subject: str = "decision") -> Told | None:
        """What an audience was told last about a subject; None if nothing."""
        return member_of(self.told, (audience, subject), key_of)

    def without_told(self, message_ids: Iterable[str]) -> OrderRecord:
        """The record if these messages never went out: for the next run, which tells them anew.

        What is still in an outbox is a draft: nobody can have read it, so it is no news that was
        told. Ask before each run, with the ids of the messages that were not tried yet, and take
        those out of the outbox with what the run writes. Else the next message may say that
        something is back of which nobody heard that it was missing. Only what runs decide is taken
        back: what happened is told once.

        Args:
            message_ids: the ids of messages that were never handed to anybody who sends them.

        Raises:
            InvalidValueError: something else than ids, such as the messages themselves.
        """
        _checks.check_members("message_ids", message_ids := _checks.to_tuple(message_ids), str)
        entries, entries_before = taken_back(self.told, self.told_before, frozenset(message_ids))
        if tuple(entries) == self.told:
            return self
        return attrs.evolve(self, told=entries, told_before=entries_before)

    def _line(self, line_id: str) -> OrderLine:
        line = member_of(self.order.lines, line_id)
        if line is None:
            raise _checks.refuse(
                "line_id", line_id, f"is no line of order {self.order.id}; pass the id of one"
            )
        return line


_RecordTwin = _values.twin(OrderRecord)


def record_copy(record: OrderRecord, history: History | None = None) -> OrderRecord:
    """A copy to put other contents into before anybody else sees it: see `_values.twin`.

    Args:
        record: the record.
        history: what was reported, if that is to be another one.
    """
    twin = _RecordTwin()
    twin.order, twin.progress = record.order, record.progress
    twin.history = record.history if history is None else history
    twin.approvals, twin.rejections, twin.holds = record.approvals, record.rejections, record.holds
    twin.told, twin.told_before, twin.reserved = record.told, record.told_before, record.reserved
    twin.outcome, twin.since = record.outcome, record.since
    twin._notes = record._notes  # noqa: SLF001 - as said
    twin.__class__ = OrderRecord
    copy: OrderRecord = twin
    return copy


def notes_by(record: OrderRecord) -> Notes | None:
    """What the step that made a record handed on: no part of it, and None of most."""
    return record._notes  # noqa: SLF001 - see `records.noting`


# How these values are pickled, whichever of them is imported first.
import fulfill_core.records.rows  # noqa: E402, F401 # pyright: ignore[reportUnusedImport]
