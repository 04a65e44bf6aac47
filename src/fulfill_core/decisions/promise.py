"""The promise: when an order leaves and arrives, shipment by shipment, and why if nobody knows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from enum import StrEnum
from typing import TypeAlias

import attrs

from fulfill_core import _checks, _values

ShippedRow: TypeAlias = tuple[str, str, int]
"""Line id, SKU and stock units."""

_NEVER = datetime.max.replace(tzinfo=UTC)


class PromiseGap(StrEnum):
    """Why a shipment has no date.

    >>> PromiseGap("unknown_transit")
    <PromiseGap.UNKNOWN_TRANSIT: 'unknown_transit'>
    """

    NO_SUPPLY_DATE = "no_supply_date"
    """What it waits for has no date: no supply brings it, or the supply is overdue."""
    UNKNOWN_ORIGIN = "unknown_origin"
    """Nobody said when its location works."""
    UNKNOWN_TRANSIT = "unknown_transit"
    """Nobody said how long it is under way."""
    BEYOND_CALENDAR = "beyond_calendar"
    """The date is farther away than the calendars look: ten years."""
    SHIPS_WITH_OTHERS = "ships_with_others"
    """It leaves together with something that has no date."""


class LateReason(StrEnum):
    """What makes an order late.

    >>> LateReason("transit")
    <LateReason.TRANSIT: 'transit'>
    """

    SUPPLY = "supply"
    """It waits for a supply."""
    DEPARTURE = "departure"
    """It leaves after the deadline: handling, working time and cut-off allow nothing earlier."""
    TRANSIT = "transit"
    """It leaves by the deadline, and is under way for too long."""


def _to_shipped(rows: Iterable[ShippedRow]) -> tuple[ShippedRow, ...]:
    return _checks.to_tuple(rows)


def _utc(value: object, path: str, name: str) -> None:
    """Check an instant, if there is one, and keep it in UTC: there instants compare."""
    instant = getattr(value, name)
    if isinstance(instant, datetime) and instant.tzinfo is UTC and not instant.fold:
        return  # the usual case
    if instant is not None:
        _checks.check_aware(f"{path}.{name}", instant)
        _checks.set_field(value, name, instant.astimezone(UTC).replace(fold=0))


@attrs.frozen(kw_only=True, weakref_slot=False)
class Shipment:
    """What leaves one location at one time.

    Args:
        location: where it leaves; empty if that is not known.
        lines: rows of (line id, SKU, stock units), one at least; kept sorted.
        ready_at: with which cut-off, or closing, it could leave if it were alone; None if that is
            not known.
        ships_at: when it leaves, together with what it has to wait for; None if that is not known.
        delivered_at: when it is there; None if that is not known.
        supply_id: the supply that it waits for; empty if its units are there.
        expected_at: when that supply is expected; None if that is not known, or there is none.
        gap: why a date is missing; None if there are both.
        deliver_by: the earliest deadline of its lines, where lines have their own; None for that of
            the promise.

    All instants are aware, and kept in UTC.

    >>> from datetime import timezone
    >>> friday = datetime(2026, 3, 6, 14, tzinfo=timezone.utc)
    >>> Shipment(location="berlin", lines=[("1", "mug", 2)], ready_at=friday, ships_at=friday,
    ...          delivered_at=friday + timedelta(days=3)).delivered_at.day
    9
    """

    location: str
    lines: tuple[ShippedRow, ...] = attrs.field(converter=_to_shipped)
    ready_at: datetime | None = None
    ships_at: datetime | None = None
    delivered_at: datetime | None = None
    supply_id: str = ""
    expected_at: datetime | None = None
    gap: PromiseGap | None = None
    deliver_by: datetime | None = None

    __eq__, __hash__, __repr__ = _values.BY_FIELDS

    def __attrs_post_init__(self) -> None:
        _checks.check_text("Shipment.location", self.location)
        _checks.check_rows("Shipment.lines", self.lines, "line", "SKU", "units")
        for position, (line_id, sku, units) in enumerate(self.lines):
            _checks.check_id(f"Shipment.lines[{position}][0]", line_id)
            _checks.check_id(f"Shipment.lines[{position}][1]", sku)
            _checks.check_int(f"Shipment.lines[{position}][2]", units, at_least=1)
        if not self.lines:
            raise _checks.refuse("Shipment.lines", self.lines, "is empty; pass a row for each line")
        _checks.set_field(self, "lines", tuple(sorted(self.lines)))
        for name in ("ready_at", "ships_at", "delivered_at", "expected_at", "deliver_by"):
            _utc(self, "Shipment", name)
        _checks.check_text("Shipment.supply_id", self.supply_id)
        _checks.keep_word(self, "gap", PromiseGap, is_optional=True)
        is_whole = self.ships_at is not None and self.delivered_at is not None
        if is_whole and self.gap is not None:
            raise _checks.refuse("Shipment.gap", self.gap, "is for a date that is missing")
        if not is_whole and self.gap is None:
            raise _checks.refuse("Shipment.gap", self.gap, "does not say why a date is missing")
        if self.ships_at and self.delivered_at and self.delivered_at < self.ships_at:
            raise _checks.refuse(
                "Shipment.delivered_at", self.delivered_at, f"is before it leaves, {self.ships_at}"
            )


_ShipmentTwin = _values.twin(Shipment)


def trusted_shipment(
    location: str,
    lines: Sequence[ShippedRow],
    ready_at: datetime | None,
    ships_at: datetime | None,
    delivered_at: datetime | None,
    supply_id: str,
    expected_at: datetime | None,
    gap: PromiseGap | None,
    deliver_by: datetime | None,
) -> Shipment:
    """A shipment of parts that were checked, its instants in UTC: the fast way, see `_values.twin`.

    Each order of a run has one at least; called by position, as a call by keyword costs more.
    """
    twin = _ShipmentTwin()
    twin.location = location
    twin.lines = tuple(sorted(lines) if len(lines) > 1 else lines)
    twin.ready_at = ready_at
    twin.ships_at = ships_at
    twin.delivered_at = delivered_at
    twin.supply_id = supply_id
    twin.expected_at = expected_at
    twin.gap = gap
    twin.deliver_by = deliver_by
    twin.__class__ = Shipment
    shipment: Shipment = twin
    return shipment


def _to_shipments(shipments: Iterable[Shipment]) -> tuple[Shipment, ...]:
    return _checks.to_tuple(shipments)


@attrs.frozen(kw_only=True, weakref_slot=False)
class Promise:
    """When an order leaves and arrives, as far as it was given stock or pegged to supplies.

    What is short is no part of it, nor is what is not sent or waits for a person.

    Args:
        shipments: `Shipment` values, one at least, in any sequence: they are kept by when they
            leave, those without a date last.
        deliver_by: the order's deadline, aware, kept in UTC; None if there is none.
        timezone: in whose days its dates are told, if the order does not say: those of where it is
            delivered, or of where it leaves; None if nobody knows.

    >>> from datetime import timezone
    >>> friday = datetime(2026, 3, 6, 14, tzinfo=timezone.utc)
    >>> promise = Promise(deliver_by=friday + timedelta(days=1), shipments=[
    ...     Shipment(location="berlin", lines=[("1", "mug", 2)], ready_at=friday, ships_at=friday,
    ...              delivered_at=friday + timedelta(days=3))])
    >>> promise.late_by, promise.late_reason
    (datetime.timedelta(days=2), <LateReason.TRANSIT: 'transit'>)
    """

    shipments: tuple[Shipment, ...] = attrs.field(converter=_to_shipments)
    deliver_by: datetime | None = None
    timezone: tzinfo | None = attrs.field(default=None, hash=False)

    __eq__, __hash__, __repr__ = _values.BY_FIELDS

    def __attrs_post_init__(self) -> None:
        if self.timezone is not None:
            _checks.check_timezone("Promise.timezone", self.timezone)
        _checks.check_members("Promise.shipments", self.shipments, Shipment)
        if not self.shipments:
            raise _checks.refuse(
                "Promise.shipments", self.shipments, "is empty; where nothing leaves, give None"
            )
        _utc(self, "Promise", "deliver_by")
        _checks.set_field(self, "shipments", in_sequence(self.shipments))

    @property
    def ships_at(self) -> datetime | None:
        """When the last part of it leaves, in UTC; None if a part has no date."""
        return _last([each.ships_at for each in self.shipments])

    @property
    def delivered_at(self) -> datetime | None:
        """When the last part of it is there, in UTC; None if a part has no date."""
        return _last([each.delivered_at for each in self.shipments])

    @property
    def gaps(self) -> tuple[PromiseGap, ...]:
        """Why there is no date for the whole, each reason once; empty if there is one."""
        gaps = {each.gap for each in self.shipments if each.gap is not None}
        return tuple(sorted(gaps))

    @property
    def late_by(self) -> timedelta | None:
        """How long after its deadline it is there; None if it is in time, or nobody knows.

        At the deadline it is in time. Where lines have deadlines of their own, that of the shipment
        which is late by most.
        """
        late, due = self._latest, self.missed_deadline
        return late.delivered_at - due if late and late.delivered_at and due else None

    @property
    def missed_deadline(self) -> datetime | None:
        """The deadline that it misses, of several by most, in UTC; None if it is in time."""
        return None if self._latest is None else self._latest.deliver_by or self.deliver_by

    @property
    def _latest(self) -> Shipment | None:
        """The shipment that is late by most; None if none is, or nobody knows."""
        if self.delivered_at is None:
            return None
        late: dict[Shipment, timedelta] = {}
        for each in self.shipments:
            due = each.deliver_by or self.deliver_by
            if each.delivered_at and due and each.delivered_at > due:
                late[each] = each.delivered_at - due
        return max(late, key=lambda each: (late[each], _in_sequence(each)), default=None)

    @property
    def is_late(self) -> bool:
        """Whether it is known that it is there after the deadline."""
        return self.late_by is not None

    @property
    def last(self) -> Shipment | None:
        """The shipment that makes the order as late as it is; None if a part has no date.

        That is the one which is late by most, else the last to arrive; if it waits for others, the
        one that it waits for.
        """
        if self.delivered_at is None:
            return None
        latest = self._latest or max(
            self.shipments, key=lambda each: (each.delivered_at or _NEVER, _in_sequence(each))
        )
        if latest.ready_at in {None, latest.ships_at}:
            return latest
        together = [each for each in self.shipments if each.ships_at == latest.ships_at]
        return max(together, key=lambda each: (each.ready_at or _NEVER, _in_sequence(each)))

    @property
    def late_reason(self) -> LateReason | None:
        """What makes it late, by its `last` shipment; None if it is not."""
        last, due = self.last, self.missed_deadline
        if last is None or last.ships_at is None or due is None:
            return None
        if last.supply_id:
            return LateReason.SUPPLY
        return LateReason.DEPARTURE if last.ships_at > due else LateReason.TRANSIT


_PromiseTwin = _values.twin(Promise)


def trusted_promise(
    shipments: tuple[Shipment, ...], deliver_by: datetime | None, timezone: tzinfo | None
) -> Promise:
    """A promise of parts that were checked, one shipment at least, in sequence: the fast way."""
    twin = _PromiseTwin()
    twin.shipments = shipments
    twin.deliver_by = deliver_by
    twin.timezone = timezone
    twin.__class__ = Promise
    promise: Promise = twin
    return promise


def in_sequence(shipments: Sequence[Shipment]) -> tuple[Shipment, ...]:
    """The shipments as a promise keeps them: by when they leave, those without a date last."""
    return tuple(sorted(shipments, key=_in_sequence) if len(shipments) > 1 else shipments)


def _in_sequence(shipment: Shipment) -> tuple[object, ...]:
    """A sort key: when it leaves, as far as that is known; then what tells it apart."""
    leaves = shipment.ships_at or _NEVER
    return leaves, shipment.location, shipment.supply_id, shipment.lines


def _last(instants: list[datetime | None]) -> datetime | None:
    if len(instants) == 1:  # as for most
        return instants[0]
    dates = [instant for instant in instants if instant is not None]
    return max(dates) if len(dates) == len(instants) else None
