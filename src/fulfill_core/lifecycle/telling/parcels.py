"""What the customer is told of parcels: what left, where it is, what arrived, what did not."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator
from collections.abc import Set as AbstractSet
from operator import itemgetter
from typing import Any

from fulfill_core.decisions.notification import DECISION, Audience, Kind, Notification, ReasonRow
from fulfill_core.lifecycle.draft import Draft
from fulfill_core.lifecycle.events import DeliveryFailed, Provided, Tracked
from fulfill_core.lifecycle.places import is_waiting, some_of, whereabouts
from fulfill_core.lifecycle.recording.losses import counted_losses
from fulfill_core.lifecycle.telling.making import (
    details_of,
    instant_text,
    news_rows,
    to_customer,
)
from fulfill_core.orders.progress import NO_PROGRESS, has_left
from fulfill_core.records.history import Parcel, Units

# A member of an enum takes ten times as long to look up as a name of the module (Python 3.11).
_CUSTOMER, _SHIPPED, _DELIVERED = Audience.CUSTOMER, Kind.SHIPPED, Kind.DELIVERED


def of_parcels(draft: Draft) -> Iterator[Notification]:
    """What left, and was not said to; what did not leave after all; what arrived.

    What is in a parcel of a line that is added later is told when it is.
    """
    before, record = draft.before, draft.record
    if not has_left(before.progress) and has_left(record.progress):
        yield from _confirmed(draft)
    line_ids = draft.lines_by_id().keys()
    for parcel_before, parcel in draft.parcels:
        if parcel_before is not parcel:
            yield from _of_parcel(draft, parcel_before, parcel, line_ids)
        else:  # there are new lines
            new_ids = line_ids - {line.id for line in before.order.lines}
            yield from _of_parcel(draft, None, parcel, new_ids)


def _confirmed(draft: Draft) -> Iterator[Notification]:
    """What was never confirmed is, with the goods at the latest (2011/83/EU, article 8(7)).

    That is what is ordered by now: not what was cancelled, or lowered, and has not left. Who heard
    that all was cancelled has no order that a parcel would confirm.
    """
    cancellation = draft.record.told_to(_CUSTOMER, "cancellation")
    if cancellation is not None and Kind.CANCELLED in cancellation.kinds:
        return
    last = draft.record.told_to(_CUSTOMER, DECISION)
    # Of an order that is open nothing lapses but what may be unread: it was withdrawn in doubt.
    if last is None or not (last.contents or draft.before.is_settled):
        progress = draft.progress_by_line()
        units = {
            line.id: line.units - progress.get(line.id, NO_PROGRESS).not_sent(line)
            for line in draft.order.lines
        }
        rows = news_rows(draft, some_of(units))
        yield to_customer(draft, Kind.CONFIRMED, DECISION, rows)


def _of_parcel(
    draft: Draft, before: Parcel | None, parcel: Parcel, line_ids: AbstractSet[str]
) -> Iterator[Notification]:
    """What is news of a parcel, if it has some of these lines, or nobody knows what it has.

    What is said of lines that the order has not is no news before it has them.
    """
    lines = draft.lines_by_id()
    content = _content(parcel)
    rows, arrived, lost_rows = [_rows_among(each, lines) for each in content]
    # Of a parcel of which no line is known there is nothing to tell yet.
    if rows and line_ids.isdisjoint(map(_line_id_of, rows)):
        return
    rows_before, arrived_before, lost_before = _NOTHING
    if before is not None:
        rows_before, arrived_before, lost_before = [
            _rows_among(each, lines) for each in _content(before)
        ]
    subject, details = f"parcel:{parcel.id}", _details_of(parcel)
    is_lost_now = lost_before != lost_rows
    is_less_now = is_lost_now and before is not None
    if (arrived and not rows_before) or (arrived != arrived_before and not is_less_now):
        kind = Kind.PICKED_UP if is_waiting(before) else _DELIVERED
        yield to_customer(draft, kind, subject, news_rows(draft, content[1]), details)
    elif rows and not rows_before and not lost_rows:
        kind = Kind.PROVIDED if isinstance(draft.event, Provided) else _SHIPPED
        yield to_customer(draft, kind, subject, news_rows(draft, content[0]), details)
    elif rows_before and not rows:
        yield to_customer(draft, Kind.NOT_SHIPPED, subject, (), details)
    if lost_rows and is_lost_now and draft.refusal is None:
        losses = counted_losses(draft.record, parcel)
        if _rows_among(losses, lines):  # or all of it had come back before
            lost_news = news_rows(draft, losses, dict(parcel.credited))
            yield to_customer(draft, Kind.LOST, subject, lost_news, details)


_line_id_of: Callable[[Any], str] = itemgetter(0)


def _content(parcel: Parcel) -> tuple[Units, Units, Units]:
    """What has left in a parcel, what of that has arrived, and what is lost, by line.

    Units, or components of a line where no whole unit is.
    """
    rows = parcel.rows_left() or tuple([(each, units) for each, _, units in parcel.parts_left()])
    if not rows:
        return _NOTHING
    arrived = rows if parcel.is_delivered else parcel.delivered
    if parcel.is_delivered and parcel.lost:
        arrived = some_of(parcel.units_delivered()) or rows
    return rows, arrived, parcel.lost


def _rows_among(rows: Units, lines: Container[str]) -> Units:
    """Those of rows that are of these lines: all of nearly all."""
    for row in rows:
        if row[0] not in lines:
            return tuple([each for each in rows if each[0] in lines])
    return rows


_NOTHING: tuple[Units, Units, Units] = (), (), ()


def tracked(draft: Draft, event: Tracked) -> Iterator[Notification]:
    """What a scan says of where a parcel is, or of its number."""
    parcel = draft.history.parcel(event.parcel)
    if parcel is None or not draft.is_news:
        return
    kind = _kind_of_scan(draft, draft.before.history.parcel(event.parcel), parcel)
    if kind is None:
        return
    details = _details_of(parcel)
    if kind is Kind.READY_FOR_PICK_UP:
        details += _details_of_waiting(draft, parcel)
    yield to_customer(draft, kind, f"parcel:{parcel.id}", (), details)


def _kind_of_scan(draft: Draft, before: Parcel | None, parcel: Parcel) -> Kind | None:
    """What is news of a parcel that was scanned; None if nothing is."""
    kind = whereabouts(parcel)
    if kind is not None and kind is not whereabouts(before):
        last = draft.before.told_to(_CUSTOMER, f"parcel:{parcel.id}")
        if last is None or kind not in last.kinds:  # it may have been elsewhere, and nobody said so
            return kind
    if is_waiting(parcel) and _waits(parcel) != _waits(before):
        return Kind.READY_FOR_PICK_UP
    if before is not None and before.tracking not in ("", parcel.tracking):
        return Kind.TRACKING_CHANGED
    return None


def _waits(parcel: Parcel | None) -> tuple[object, ...]:
    """Where and until when a parcel can be picked up."""
    return () if parcel is None else (parcel.waits_at, parcel.waits_until)


def _details_of_waiting(draft: Draft, parcel: Parcel) -> list[ReasonRow]:
    """Where and until when it can be picked up, as far as somebody said so."""
    until = "" if parcel.waits_until is None else instant_text(draft, parcel.waits_until)
    return details_of(("waits_at", parcel.waits_at), ("waits_until", until))


def _details_of(parcel: Parcel) -> list[ReasonRow]:
    """Which parcel it is, who has it, and under which number."""
    details = [("parcel", parcel.id)]
    if parcel.carrier:
        details.append(("carrier", parcel.carrier))
    if parcel.tracking:
        details.append(("tracking", parcel.tracking))
    return details


def delivery_failed(draft: Draft, event: DeliveryFailed) -> Iterator[Notification]:
    """That its customer has to do something about a parcel: who has it, why, and what to do."""
    if event.asks_customer and draft.is_news:
        parcel = draft.history.parcel(event.parcel)
        details = [("parcel", event.parcel)] if parcel is None else _details_of(parcel)
        details += details_of(("reason", event.reason), ("advice", event.advice))
        yield to_customer(draft, Kind.DELIVERY_FAILED, f"parcel:{event.parcel}", (), details)
