"""What the customer is told of parcels: what left, where it is, what arrived, what did not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from collections.abc import Set as AbstractSet
from operator import itemgetter
from typing import Any

from fulfill_core.decisions.notification import DECISION, Audience, Kind, Notification, ReasonRow
from fulfill_core.lifecycle.draft import Draft
from fulfill_core.lifecycle.events import DeliveryFailed, Provided, Tracked
from fulfill_core.lifecycle.places import is_waiting, some_of, whereabouts
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

    That is what is ordered by now: not what was cancelled, or lowered, and has not left.
    """
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
    """What is news of a parcel, if it has some of these lines, or nobody knows what it has."""
    rows_left, parts_left = parcel.rows_left(), parcel.parts_left()
    has_left_now = bool(rows_left or parts_left)
    # Of a parcel of which no line is known there is nothing to tell yet.
    if has_left_now and line_ids.isdisjoint(map(_line_id_of, (*rows_left, *parts_left))):
        return
    rows = _rows_of(parcel, rows_left)
    arrived = _arrived(parcel, rows) if has_left_now else ()
    had_left = False
    arrived_before: Units = ()
    if before is not None:
        rows_before = before.rows_left()
        had_left = bool(rows_before or before.parts_left())
        arrived_before = _arrived(before, _rows_of(before, rows_before))
    subject = f"parcel:{parcel.id}"
    details = _details_of(parcel)
    is_lost_now = before is not None and before.lost != parcel.lost
    if (arrived and not had_left) or (arrived != arrived_before and not is_lost_now):
        kind = Kind.PICKED_UP if is_waiting(before) else _DELIVERED
        yield to_customer(draft, kind, subject, news_rows(draft, arrived), details)
    elif has_left_now and not had_left and not parcel.lost:
        kind = Kind.PROVIDED if isinstance(draft.event, Provided) else _SHIPPED
        yield to_customer(draft, kind, subject, news_rows(draft, rows), details)
    elif had_left and not has_left_now:
        yield to_customer(draft, Kind.NOT_SHIPPED, subject, (), details)
    if parcel.lost and (before is None or is_lost_now):
        lost_rows = news_rows(draft, parcel.lost, dict(parcel.credited))
        yield to_customer(draft, Kind.LOST, subject, lost_rows, details)


_line_id_of: Callable[[Any], str] = itemgetter(0)


def _rows_of(parcel: Parcel, rows_left: Units) -> Units:
    """What is in a parcel, by line: units, or components of one where no whole unit is."""
    if rows_left:  # as in nearly all
        return rows_left
    return tuple([(line_id, amount) for line_id, _, amount in parcel.parts_left()])


def _arrived(parcel: Parcel, rows: Units) -> Units:
    """What of a parcel has arrived, by line: nothing of most, as long as they are on their way."""
    if parcel.is_delivered and parcel.lost:
        return some_of(parcel.units_delivered()) or rows
    return rows if parcel.is_delivered else parcel.delivered


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
