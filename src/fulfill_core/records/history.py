"""What was reported of an order since its decision: parcels, pick lists, returns, money.

Nothing that was heard is lost, and what is shown of it is worked out (`Progress`, the payments,
what is at a location): so it makes no difference in which sequence it was reported.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from operator import attrgetter
from typing import TypeAlias

import attrs

from fulfill_core import _checks, _values
from fulfill_core.orders.progress import Progress, keep_units, to_units
from fulfill_core.orders.sequences import member_of
from fulfill_core.records.delays import DelayChoice
from fulfill_core.records.movements import Movement
from fulfill_core.records.report_rows import (
    HoldEndRow,
    PartRow,
    WaitRow,
    added,
    keep_hold_ends,
    keep_part_rows,
    keep_wait_rows,
    last_wait,
    to_part_rows,
    united,
)

Units: TypeAlias = tuple[tuple[str, int], ...]
"""Units by line id."""


class Stage(StrEnum):
    """How far a parcel has come, as its carrier says: it only rises.

    >>> Stage("in_transit").is_before(Stage.DELIVERED)
    True
    """

    HANDED_OVER = "handed_over"
    IN_TRANSIT = "in_transit"
    OUT_FOR_DELIVERY = "out_for_delivery"
    READY_FOR_PICK_UP = "ready_for_pick_up"
    DELIVERED = "delivered"

    def is_before(self, other: Stage) -> bool:
        """Whether another stage comes later."""
        return _PLACES[self] < _PLACES[other]


class PickStage(StrEnum):
    """How far a location has come with a pick list: it only rises.

    >>> PickStage("picked")
    <PickStage.PICKED: 'picked'>
    """

    HANDED_OVER = "handed_over"
    ACCEPTED = "accepted"
    PRINTED = "printed"
    PICKED = "picked"
    PACKED = "packed"
    LABELLED = "labelled"

    def is_before(self, other: PickStage) -> bool:
        """Whether another stage comes later."""
        return _PICK_PLACES[self] < _PICK_PLACES[other]


_PLACES = {stage: place for place, stage in enumerate(Stage)}
_PICK_PLACES = {stage: place for place, stage in enumerate(PickStage)}


@attrs.frozen(kw_only=True, weakref_slot=False)
class Parcel:
    """What left for a customer together, as far as it was reported.

    Args:
        id: its number, of whoever sent it.
        at: when it left, or else the first time that was said of it: aware, kept in UTC.
        location: where it left; empty if nobody knows.
        fulfilment_id: the pick list that it is of, if that was said.
        shipped: what it was said to hold, in units by line id; empty if nobody said so yet.
        parts: components in it that left beside whole kits: rows of (line id, SKU, units).
        delivered: what of it was said to have arrived.
        lost: what of it was said to be lost.
        reopened: what of that is sent again.
        credited: what of that costs nothing any more.
        is_delivered: whether all of it was said to have arrived, whatever it holds.
        is_voided: whether it was said that it never left.
        stage: how far it was said to have come.
        carrier: who has it.
        tracking: its number there.
        carrier_at: when it was last said who has it, aware, kept in UTC; None if nobody did.
        tracking_at: when it was last said under which number, likewise.
        waits: where its customer can pick it up, and until when: rows of when it was said, place
            and date; of each place the first row, the last one, and the last one with a date.
        delivered_at: when it was last said to have arrived, aware, kept in UTC; None if it was not.
        out_at: when it was last said to be out for delivery, likewise.
        failed_at: when its customer last had to act as it could not be delivered, likewise.
        ready_at: when it was last said to wait for its customer, likewise.
        first_delivered_at: when it was first said to have arrived, likewise.
        lost_at: when something of it was first said to be lost, likewise.

    >>> from datetime import timezone
    >>> noon = datetime(2026, 3, 2, 12, tzinfo=timezone.utc)
    >>> Parcel(id="p1", at=noon, delivered={"1": 2}).units_left()
    {'1': 2}
    """

    id: str
    at: datetime
    location: str = ""
    fulfilment_id: str = ""
    shipped: Units = attrs.field(default=(), converter=to_units)
    parts: tuple[PartRow, ...] = attrs.field(default=(), converter=to_part_rows)
    delivered: Units = attrs.field(default=(), converter=to_units)
    lost: Units = attrs.field(default=(), converter=to_units)
    reopened: Units = attrs.field(default=(), converter=to_units)
    credited: Units = attrs.field(default=(), converter=to_units)
    is_delivered: bool = False
    is_voided: bool = False
    stage: Stage = Stage.HANDED_OVER
    carrier: str = ""
    tracking: str = ""
    carrier_at: datetime | None = None
    tracking_at: datetime | None = None
    waits: tuple[WaitRow, ...] = attrs.field(default=(), converter=_checks.to_tuple)
    delivered_at: datetime | None = None
    out_at: datetime | None = None
    failed_at: datetime | None = None
    ready_at: datetime | None = None
    first_delivered_at: datetime | None = None
    lost_at: datetime | None = None

    def __attrs_post_init__(self) -> None:
        _checks.check_id("Parcel.id", self.id)
        _checks.keep_in_utc(self, "at")
        instants = ("carrier_at", "tracking_at", "delivered_at", "out_at", "failed_at", "ready_at")
        for name in (*instants, "first_delivered_at", "lost_at"):
            _checks.keep_in_utc(self, name, is_optional=True)
        for name in ("shipped", "delivered", "lost", "reopened", "credited"):
            keep_units(self, name, "line")
        keep_part_rows(self, "parts")
        keep_wait_rows(self, "waits")
        for name in ("is_delivered", "is_voided"):
            _checks.check_bool(f"Parcel.{name}", getattr(self, name))
        _checks.keep_word(self, "stage", Stage)
        for name in ("location", "fulfilment_id", "carrier", "tracking"):
            _checks.check_text(f"Parcel.{name}", getattr(self, name))

    @property
    def is_announced(self) -> bool:
        """Whether somebody said what it holds, as it left."""
        return bool(self.shipped or self.parts)

    @property
    def has_left(self) -> bool:
        """Whether it left: one that was voided has not, unless somebody saw it on its way."""
        return not self.is_voided or bool(
            self.delivered or self.lost or self.is_delivered or self.stage is not Stage.HANDED_OVER
        )

    @property
    def waits_at(self) -> str:
        """Where its customer can pick it up, as was said last; empty if nobody did."""
        return last_wait(self.waits)[0]

    @property
    def waits_until(self) -> datetime | None:
        """Until when it is kept there; None if that is not known of this place."""
        return last_wait(self.waits)[1]

    def units_left(self) -> dict[str, int]:
        """What of which line has left in it, whole kits of kits: see `rows_left`."""
        return dict(self.rows_left())

    def rows_left(self) -> Units:
        """What of which line has left in it, whole kits of kits.

        What arrived, or was lost, has left, whether or not somebody said so.
        """
        if self.is_voided and not self.has_left:
            return ()
        if not self.delivered and not self.lost:  # as of nearly all
            return self.shipped
        reports = added(self.delivered, self.lost)
        if self.is_announced:
            reports = united(self.delivered, self.lost)
        if self.parts:  # they may make kits of what is in another parcel
            with_parts = {line_id for line_id, _, _ in self.parts}
            reports = tuple([row for row in reports if row[0] not in with_parts])
        return united(self.shipped, reports)

    def parts_left(self) -> tuple[PartRow, ...]:
        """The components that have left in it beside whole kits."""
        return () if self.is_voided and not self.has_left else self.parts

    def units_delivered(self) -> dict[str, int]:
        """What of which line has arrived; of a parcel of which some is lost, what is not.

        Unless all of it was said to be lost: then all of that has arrived after all.
        """
        if not self.is_delivered:
            return dict(self.delivered)
        units_left = self.units_left()
        if not self.lost:  # as of nearly all
            return units_left
        losses = dict(self.lost)
        rest = {each: units - losses.get(each, 0) for each, units in units_left.items()}
        rows = tuple([row for row in rest.items() if row[1] > 0])
        return dict(united(self.delivered, rows)) if rows else units_left


@attrs.frozen(kw_only=True, weakref_slot=False)
class Fulfilment:
    """What was handed over to one location for an order: a pick list.

    Args:
        id: the number of the pick list.
        location: the location's id.
        at: when it was handed over, aware, kept in UTC.
        units: what is on it, in units by line id.
        given_back: what the location will not send after all, as far as it said of which lines.
        not_found: what of that it did not find.
        called_back: what it was asked not to send, and what it gave back unasked.
        declined: what of that it sends all the same.
        stage: how far the location has come.
        rejected_at: when it rejected some of it last, aware, kept in UTC; None if it did not.
        closed_at: when it first gave back all that it still had, likewise.

    >>> from datetime import timezone
    >>> Fulfilment(id="f1", location="x", at=datetime(2026, 3, 2, tzinfo=timezone.utc),
    ...            units={"1": 2}).units
    (('1', 2),)
    """

    id: str
    location: str
    at: datetime
    units: Units = attrs.field(converter=to_units)
    given_back: Units = attrs.field(default=(), converter=to_units)
    not_found: Units = attrs.field(default=(), converter=to_units)
    called_back: Units = attrs.field(default=(), converter=to_units)
    declined: Units = attrs.field(default=(), converter=to_units)
    stage: PickStage = PickStage.HANDED_OVER
    rejected_at: datetime | None = None
    closed_at: datetime | None = None

    def __attrs_post_init__(self) -> None:
        _checks.check_id("Fulfilment.id", self.id)
        for name in ("rejected_at", "closed_at"):
            _checks.keep_in_utc(self, name, is_optional=True)
        _checks.check_id("Fulfilment.location", self.location)
        _checks.keep_in_utc(self, "at")
        for name in ("units", "given_back", "not_found", "called_back", "declined"):
            keep_units(self, name, "line")
        _checks.keep_word(self, "stage", PickStage)


@attrs.frozen(kw_only=True, weakref_slot=False)
class Return:
    """What comes back, or is to come back, together.

    Args:
        id: its number, of whoever announced or received it.
        at: when it came back, or was announced: aware, kept in UTC.
        requested: what is to come back, in units by line id.
        cancelled: what of that will not come back, as was said; what came back all the same, has.
        received: what came back.
        location: where it came back; empty if it has not.
        restocked: what of that lies on a shelf again; of what has not come back, what is said to.
        credited: what of that costs nothing any more.
        reopened: what of that is sent again.
        is_approved: whether it may come back.

    >>> from datetime import timezone
    >>> Return(id="r1", at=datetime(2026, 3, 2, tzinfo=timezone.utc), requested={"1": 1}).received
    ()
    """

    id: str
    at: datetime
    requested: Units = attrs.field(default=(), converter=to_units)
    cancelled: Units = attrs.field(default=(), converter=to_units)
    received: Units = attrs.field(default=(), converter=to_units)
    location: str = ""
    restocked: Units = attrs.field(default=(), converter=to_units)
    credited: Units = attrs.field(default=(), converter=to_units)
    reopened: Units = attrs.field(default=(), converter=to_units)
    is_approved: bool = False

    def __attrs_post_init__(self) -> None:
        _checks.check_id("Return.id", self.id)
        _checks.keep_in_utc(self, "at")
        for name in ("requested", "cancelled", "received", "restocked", "credited", "reopened"):
            keep_units(self, name, "line")
        _checks.check_text("Return.location", self.location)
        _checks.check_bool("Return.is_approved", self.is_approved)

    def units_given_up(self) -> dict[str, int]:
        """What of which line was to come back, was given up, and has not come all the same.

        >>> from datetime import timezone
        >>> Return(id="r1", at=datetime(2026, 3, 2, tzinfo=timezone.utc), requested={"1": 3},
        ...        cancelled={"1": 3}, received={"1": 1}).units_given_up()
        {'1': 2}
        """
        received = dict(self.received)
        awaited = {key: units - received.get(key, 0) for key, units in self.requested}
        given_up = {key: min(units, awaited.get(key, units)) for key, units in self.cancelled}
        return {key: units for key, units in given_up.items() if units > 0}


def accepted_returns(
    returns: Collection[Return], progress: Sequence[Progress], *, is_counted: bool = False
) -> list[tuple[Return, bool]]:
    """The returns in the sequence in which they happened, and whether what came back counts.

    It does if all of it was out: what left and was not lost. More than that can't come back.

    Args:
        returns: all of the order's.
        progress: how far its lines have come.
        is_counted: whether what counts is among what came back of the lines already: then what only
            got room by what a host itself recorded since does not count yet.
    """
    in_turn = sorted(returns, key=_turn_of) if len(returns) > 1 else returns
    if not any([each.received for each in returns]):
        return [(each, False) for each in in_turn]
    rest = {each.line_id: each.shipped - each.lost for each in progress}
    if is_counted:
        rest = {each.line_id: min(rest[each.line_id], each.returned) for each in progress}
    result: list[tuple[Return, bool]] = []
    for each in in_turn:
        has_room = bool(each.received)
        for line_id, units in each.received:
            has_room = has_room and rest.get(line_id, 0) >= units
        if has_room:
            for line_id, units in each.received:
                rest[line_id] -= units
        result.append((each, has_room))
    return result


_turn_of = attrgetter("at", "id")


def _to_parcels(members: Iterable[Parcel]) -> tuple[Parcel, ...]:
    return _checks.to_tuple(members)


def _to_fulfilments(members: Iterable[Fulfilment]) -> tuple[Fulfilment, ...]:
    return _checks.to_tuple(members)


def _to_returns(members: Iterable[Return]) -> tuple[Return, ...]:
    return _checks.to_tuple(members)


def _to_movements(members: Iterable[Movement]) -> tuple[Movement, ...]:
    return _checks.to_tuple(members)


def _to_applied(pairs: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    return _checks.to_tuple(pairs)


def _to_delays(members: Iterable[DelayChoice]) -> tuple[DelayChoice, ...]:
    return _checks.to_tuple(members)


_AskedRow: TypeAlias = tuple[str, str, Decimal]
"""What was asked for, of which payment, and how much in all."""


def _to_asked(rows: Iterable[_AskedRow]) -> tuple[_AskedRow, ...]:
    return _checks.to_tuple(rows)


@attrs.frozen(kw_only=True, weakref_slot=False)
class History:
    """All that was reported of an order since its decision.

    Args:
        parcels: what left, by id.
        fulfilments: what was handed over to locations, by id.
        returns: what comes back, by id.
        movements: the money that moved, by kind, payment and reference.
        requests: what somebody wants cancelled, and nobody has answered, in units by line id.
        requested_at: when the last such wish was heard of, aware, kept in UTC; None if none was.
        asked_amounts: what the host was asked for in all: rows of what (``"capture"``,
            ``"refund"``, ``"void"``), payment and amount; what of its failures is settled (such as
            ``"refund_settled"``), and what went back and is told later (``"refund_untold"``); of no
            payment, what the staff is to collect (``"asked_to_collect"``).
        applied: the ids of the events that are in it, each with a digest of its content.
        delays: what the customer was asked about waiting, the last question last.
        hold_ends: when holds were lifted last: rows of source, code, line id and instant.

    Raises:
        InvalidValueError: a parcel, pick list, return or movement twice, and the like.

    >>> History().parcels
    ()
    """

    parcels: tuple[Parcel, ...] = attrs.field(default=(), converter=_to_parcels)
    fulfilments: tuple[Fulfilment, ...] = attrs.field(default=(), converter=_to_fulfilments)
    returns: tuple[Return, ...] = attrs.field(default=(), converter=_to_returns)
    movements: tuple[Movement, ...] = attrs.field(default=(), converter=_to_movements)
    requests: Units = attrs.field(default=(), converter=to_units)
    asked_amounts: tuple[_AskedRow, ...] = attrs.field(default=(), converter=_to_asked)
    applied: tuple[tuple[str, str], ...] = attrs.field(default=(), converter=_to_applied)
    delays: tuple[DelayChoice, ...] = attrs.field(default=(), converter=_to_delays)
    hold_ends: tuple[HoldEndRow, ...] = attrs.field(default=(), converter=_checks.to_tuple)
    requested_at: datetime | None = None

    def __attrs_post_init__(self) -> None:
        for name, kind in _MEMBERS:
            members = getattr(self, name)
            if members == ():
                continue
            _checks.check_members(f"History.{name}", members, kind)
            _checks.check_unique(f"History.{name}", map(_key_of, members), "one")
            _checks.set_field(self, name, tuple(sorted(members, key=_key_of)))
        keep_units(self, "requests", "line")
        _checks.keep_in_utc(self, "requested_at", is_optional=True)
        _checks.check_rows("History.asked_amounts", self.asked_amounts, "what", "payment", "amount")
        _checks.check_unique(
            "History.asked_amounts", [row[:2] for row in self.asked_amounts], "sum"
        )
        _checks.check_rows("History.applied", self.applied, "event", "digest")
        _checks.check_unique("History.applied", (pair[0] for pair in self.applied), "event")
        _checks.check_members("History.delays", self.delays, DelayChoice)
        _checks.check_unique("History.delays", (each.id for each in self.delays), "question")
        keep_hold_ends(self, "hold_ends")

    def parcel(self, parcel_id: str) -> Parcel | None:
        """The parcel of this number; None if nobody reported of it."""
        return member_of(self.parcels, parcel_id)

    def fulfilment(self, fulfilment_id: str) -> Fulfilment | None:
        """The pick list of this number; None if there is none."""
        return member_of(self.fulfilments, fulfilment_id)

    def return_of(self, return_id: str) -> Return | None:
        """The return of this number; None if nobody reported of it."""
        return member_of(self.returns, return_id)

    def delay(self, choice_id: str) -> DelayChoice | None:
        """The question of this number; None if there is none."""
        in_turn = [each for each in self.delays if each.id == choice_id]  # as they were asked
        return in_turn[0] if in_turn else None


def _key_of(member: Parcel | Fulfilment | Return | Movement) -> tuple[str, ...]:
    return member.key if isinstance(member, Movement) else (member.id,)


_MEMBERS: tuple[tuple[str, type[Parcel | Fulfilment | Return | Movement]], ...] = (
    ("parcels", Parcel),
    ("fulfilments", Fulfilment),
    ("returns", Return),
    ("movements", Movement),
)
_HistoryTwin = _values.twin(History)


def history_copy(history: History) -> History:
    """A copy to put other contents into before anybody else sees it: see `_values.twin`."""
    twin = _HistoryTwin()
    twin.parcels, twin.fulfilments = history.parcels, history.fulfilments
    twin.returns, twin.movements = history.returns, history.movements
    twin.requests, twin.delays = history.requests, history.delays
    twin.asked_amounts, twin.applied = history.asked_amounts, history.applied
    twin.hold_ends, twin.requested_at = history.hold_ends, history.requested_at
    twin.__class__ = History
    copy: History = twin
    return copy


NO_HISTORY = History()

# How these values are pickled, whichever of them is imported first.
import fulfill_core.records.order_record  # noqa: E402, F401 # pyright: ignore[reportUnusedImport]
