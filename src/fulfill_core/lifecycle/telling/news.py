"""What is told of a step: to the customer, to the staff, to locations.

The customer is told in the order's own language, at the order's own address, whoever took the step.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any

from fulfill_core.decisions.notification import (
    NOT_IN_STOCK,
    Audience,
    Kind,
    NewsRow,
    Notification,
    ReasonRow,
)
from fulfill_core.lifecycle.actions import Authorize, CallBack
from fulfill_core.lifecycle.draft import Draft
from fulfill_core.lifecycle.events import (
    Amended,
    AuthorizationFailed,
    CancelDeclined,
    Cancelled,
    CancelRequested,
    Captured,
    CaptureFailed,
    ChargedBack,
    DelayAnswered,
    DelayAsked,
    DeliveryFailed,
    Escalated,
    Event,
    ProductRecalled,
    Refunded,
    RefundFailed,
    Released,
    ReturnApproved,
    ReturnClosed,
    ReturnRequested,
    Tracked,
)
from fulfill_core.lifecycle.events.returns import Ground
from fulfill_core.lifecycle.leaving.releasing import is_releasable
from fulfill_core.lifecycle.places import (
    some_of,
    sum_by_line,
    units_out,
)
from fulfill_core.lifecycle.recording.contradictions import returns_without_room
from fulfill_core.lifecycle.recording.pick_lists import units_to_pick
from fulfill_core.lifecycle.telling.making import (
    amount_row,
    details_of,
    instant_text,
    news_rows,
    to_customer,
    to_location,
    to_staff,
)
from fulfill_core.lifecycle.telling.parcels import delivery_failed, of_parcels, tracked
from fulfill_core.lifecycle.telling.payments import (
    capture_failed,
    captured,
    payment_failed,
    payment_needed,
)
from fulfill_core.lifecycle.telling.refunds import of_backlog, of_refunds
from fulfill_core.orders.altering import altered
from fulfill_core.orders.progress import NO_PROGRESS
from fulfill_core.records.history import Return, Units
from fulfill_core.records.report_rows import added
from fulfill_core.records.told import Told, told_with

_NOTHING = Decimal(0)
# A member of an enum takes ten times as long to look up as a name of the module (Python 3.11).
_REVIEW_NEEDED, _PAYMENT_PROBLEM = Kind.REVIEW_NEEDED, Kind.PAYMENT_PROBLEM
_AT_RISK = Kind.AT_RISK
_WAITS_FOR_STOCK = {Kind.BACKORDERED, Kind.PARTLY_BACKORDERED}
_LAST_NEWS = {
    Kind.DELIVERED,
    Kind.PICKED_UP,
    Kind.WITHDRAWAL_ACKNOWLEDGED,
    Kind.RETURN_RECEIVED,
    Kind.RETURN_DECLINED,
}
"""After these nothing more is told of a parcel or a return: a record of many stays small."""
_NONE_CLOSES: frozenset[str] = frozenset()
_ON_ITS_WAY = frozenset(
    {
        *(Kind.TRACKING_CHANGED, Kind.OUT_FOR_DELIVERY),
        *(Kind.READY_FOR_PICK_UP, Kind.DELIVERY_FAILED),
    }
)
_OVERTAKEN: dict[str, frozenset[str]] = {
    Kind.TRACKING_CHANGED: frozenset({Kind.TRACKING_CHANGED}),
    Kind.OUT_FOR_DELIVERY: _ON_ITS_WAY,
    Kind.READY_FOR_PICK_UP: _ON_ITS_WAY,
    Kind.DELIVERY_FAILED: _ON_ITS_WAY,
    Kind.DELIVERED: _ON_ITS_WAY | {Kind.DELIVERED},
    Kind.PICKED_UP: _ON_ITS_WAY,
    Kind.LOST: _ON_ITS_WAY | {Kind.LOST},
    Kind.SHIPPED: frozenset({Kind.NOT_SHIPPED}),
    Kind.NOT_SHIPPED: _ON_ITS_WAY | {Kind.SHIPPED},
    Kind.CANCELLED: frozenset({Kind.PARTLY_CANCELLED, Kind.CANCEL_DECLINED}),
    Kind.DELAY_CHOICE: frozenset({Kind.DELAY_CHOICE}),
}
"""What a message takes the place of. A step says what has happened, not all that is so: most of
what was said before is to be read as well, such as a pick list of which one unit is called back."""


def tell(draft: Draft) -> tuple[Notification, ...]:
    """The news of a step, and the record that knows that it was told."""
    messages = _messages(draft)
    if draft.record.history.asked_amounts and draft.refusal is None:
        messages += of_backlog(draft)
    if not draft.event.tell:
        messages = [each for each in messages if each.audience is not Audience.CUSTOMER]
    if not messages:
        return ()
    news, entries = told_with(messages, draft.record.told, draft.now, _OVERTAKEN, _LAST_NEWS)
    if news:
        if len(draft.doubts) > 1:  # as few have
            entries = _reason_by_reason(news, entries)
        # The staff is told of these: if one of them counts again, that is no news.
        for each in returns_without_room(draft) if draft.doubts else ():
            message = _return_received(draft, each)
            _, entries = told_with([message], entries, draft.now, _OVERTAKEN, _NONE_CLOSES)
        draft.put("told", entries)
    return news


def _reason_by_reason(news: Iterable[Notification], entries: tuple[Told, ...]) -> tuple[Told, ...]:
    """What was told, with each reason of the staff's messages by itself: see `_untold`."""
    rows_by_key: dict[tuple[Audience, str], set[tuple[str, str]]] = {}
    for message in news:
        if message.kind in _DOUBTFUL and len(message.reasons) > 1:
            rows = [
                (_digest_of(message, row, message.subject), message.id) for row in message.reasons
            ]
            rows_by_key.setdefault((message.audience, message.subject), set()).update(rows)
    result: list[Told] = []
    for each in entries:
        more = rows_by_key.get(each.key, set())
        contents = tuple(sorted(more.union(each.contents)))
        result.append(altered(each, contents=contents) if more else each)
    return tuple(result)


def _messages(draft: Draft) -> list[Notification]:
    """All that there is to say of a step, whether or not it was said before.

    Of a part of the record that is the same as before there is no news, and nobody looks at it.
    """
    event, record = draft.event, draft.record
    messages: list[Notification] = []
    if draft.parcels:
        messages += of_parcels(draft)
    for action in draft.actions:  # what is refused and kept may have cost more, such as to send
        if isinstance(action, Authorize) and not isinstance(event, AuthorizationFailed):
            messages.append(payment_needed(draft, action.amount))
    if draft.refusal is None:
        # What came back counts or not by how far the lines have come.
        if record.history.returns and record.progress is not draft.before.progress:
            messages += _of_returns(draft)
        news = _OF_EVENT.get(event.__class__)
        if news is not None:
            messages += news(draft, event)
    elif (
        isinstance(event, (Cancelled, CancelRequested, DelayAnswered))
        and event.by == "customer"
        and draft.refusal.code == "units.left"
    ):
        messages.append(to_customer(draft, Kind.CANCEL_DECLINED, "cancellation"))
    for action in draft.actions:
        if isinstance(action, CallBack):
            where = action.location, action.fulfilment, action.units
            messages.append(to_location(draft, Kind.CALL_BACK, *where))
    if isinstance(event, Amended):
        messages += _of_address(draft)
    if draft.doubts or draft.faults:
        messages += _of_doubts(draft)
    return messages


# -- What was agreed ---------------------------------------------------------------------------


def _cancelled(draft: Draft, event: Cancelled | DelayAnswered) -> Iterator[Notification]:
    lines = draft.lines_by_id()
    moves = [
        (line_id, before or NO_PROGRESS, after or NO_PROGRESS)
        for line_id, (before, after) in sorted(draft.line_moves.items())
    ]
    cancelled = {
        line_id: progress.not_sent(lines[line_id]) - progress.reduced
        for line_id, earlier, progress in moves
        if progress.cancelled != earlier.cancelled
    }
    if cancelled:
        rows = news_rows(draft, dict.fromkeys(cancelled, 0).items(), cancelled)
        kind = Kind.CANCELLED if draft.record.is_cancelled else Kind.PARTLY_CANCELLED
        yield to_customer(draft, kind, "cancellation", rows, _why_cancelled(event))
        if event.by != "shop":
            yield _withdrawn(draft, rows, event.by)


def _why_cancelled(event: Cancelled | DelayAnswered) -> list[ReasonRow]:
    """In the words of whoever cancelled it, or a word of the library, which has texts for it."""
    if isinstance(event, Cancelled):
        return details_of(("reason", event.reason))
    return [("reason", "no_answer")] if event.by == "silence" else []


def _withdrawn(draft: Draft, rows: Iterable[NewsRow], by: str) -> Notification:
    """To the staff: not the shop, but somebody else, or time, has taken something back."""
    return to_staff(draft, Kind.WITHDRAWN, rows, [("by", by)])


def _delay_asked(draft: Draft, _: DelayAsked) -> Iterator[Notification]:
    """Old and new date, why, until when to answer, and what silence means (16 CFR 435.2(b)).

    Without a reason of the shop's own the customer hears again what they were told last: where
    nobody knows a date, one is owed to them.
    """
    choice = draft.history.delays[-1]
    rows = news_rows(draft, [(line.id, 0) for line in draft.order.lines])
    details = [
        ("delay", choice.id),
        ("answer_by", instant_text(draft, choice.answer_by)),
        ("silence", str(choice.silence)),
    ]
    if choice.reason:
        details.insert(0, ("reason", choice.reason))
    elif choice.new_date is None:
        last = draft.record.told_to(Audience.CUSTOMER)
        if last is not None and not last.kinds.isdisjoint(_WAITS_FOR_STOCK):
            details.insert(0, NOT_IN_STOCK)
    message = to_customer(draft, Kind.DELAY_CHOICE, "delay", rows, details)
    timezone = draft.order.timezone or message.timezone
    yield altered(
        message,
        delivered_at=choice.new_date,
        previous_date=choice.previous_date,
        timezone=timezone,
    )


def _product_recalled(draft: Draft, event: ProductRecalled) -> Iterator[Notification]:
    """Of what has left and is not back; what is to be done (regulation 2023/988, article 36)."""
    units: dict[str, int] = {}
    progress_by_line = draft.progress_by_line()
    for line_id, amount in event.lines:
        progress = progress_by_line.get(line_id, NO_PROGRESS)
        units[line_id] = min(amount, units_out(progress))
    if any(units.values()):
        details = details_of(("reason", event.reason), ("advice", event.advice))
        subject = f"recall:{event.ref or event.id}"
        rows = news_rows(draft, some_of(units))
        message = to_customer(draft, Kind.PRODUCT_RECALLED, subject, rows, details)
        yield altered(message, news_key=event.ref or event.id)  # one recall, whoever reports it


def _escalated(draft: Draft, event: Escalated) -> Iterator[Notification]:
    yield to_staff(draft, Kind.ESCALATED, (), [(event.code, event.detail)])


def _cancel_declined(draft: Draft, _: CancelDeclined) -> Iterator[Notification]:
    """To whoever wanted less. What was called back since all of it is stopped was no such wish."""
    if draft.is_news and _is_of_a_wish(draft):
        yield to_customer(draft, Kind.CANCEL_DECLINED, "cancellation")


def _is_of_a_wish(draft: Draft) -> bool:
    """Whether somebody wanted less of the order than is sent, as far as the record knows."""
    if draft.before.history.requests or is_releasable(draft.balance, draft.rules):
        return True
    return _is_sent_all_the_same(draft)


def _is_sent_all_the_same(draft: Draft) -> bool:
    """Whether units that were cancelled have left, or are at a location that sends them."""
    lines, open_units = draft.lines_by_id(), draft.open_units()
    at_locations = sum_by_line(draft.pick_lists.units)
    return any([units > open_units.get(line_id, 0) for line_id, units in at_locations.items()]) or (
        any([each.cancelled > each.not_sent(lines[each.line_id]) for each in draft.record.progress])
    )


def _amended(draft: Draft, _: Amended) -> Iterator[Notification]:
    """What was agreed anew: nothing where it was so already, such as what sending costs."""
    record, before = draft.record, draft.before
    if (
        record.order is before.order
        and record.progress == before.progress
        and record.adjustment == before.adjustment
    ):
        return
    rows = news_rows(draft, [(line.id, 0) for line in draft.order.lines])
    details = [amount_row(draft.record.due, "due")]
    if draft.order.ship_to != draft.before.order.ship_to:
        details.append(("changed", "ship_to"))
    yield to_customer(draft, Kind.AMENDED, "amendment", rows, details)


# -- Returns -----------------------------------------------------------------------------------


def _of_returns(draft: Draft) -> Iterator[Notification]:
    """What came back, and was not told: by this event, or by one that had no room before."""
    returns_before, returns = draft.other_returns()
    accepted_before = {each.id for each, has_room in returns_before if has_room}
    received_before = {each.id for each, _ in returns_before if each.received}
    for each, has_room in returns:
        if not has_room or each.id in accepted_before:
            continue
        if each.id not in received_before or not _is_told_of(draft, each):
            yield _return_received(draft, each)


def _return_received(draft: Draft, entry: Return) -> Notification:
    rows, subject = news_rows(draft, entry.received), f"return:{entry.id}"
    return to_customer(draft, Kind.RETURN_RECEIVED, subject, rows, [("return", entry.id)])


def _is_told_of(draft: Draft, entry: Return) -> bool:
    """Whether its customer heard that it came back: it counted before, and did not since."""
    last = draft.before.told_to(Audience.CUSTOMER, f"return:{entry.id}")
    return last is not None and Kind.RETURN_RECEIVED in last.kinds


def _return_requested(draft: Draft, event: ReturnRequested) -> Iterator[Notification]:
    ref = event.ref or event.id
    rows, details = news_rows(draft, event.lines), [("return", ref), ("ground", str(event.ground))]
    if event.ground is Ground.WITHDRAWAL:
        # With its content, and the date and time of its submission (2011/83/EU, article 11a(4)).
        receipt = [("return", ref), ("submitted_at", instant_text(draft, event.at))]
        kind = Kind.WITHDRAWAL_ACKNOWLEDGED
        yield to_customer(draft, kind, f"withdrawal:{ref}", rows, receipt)
        yield _withdrawn(draft, rows, "customer")
    yield to_customer(draft, Kind.RETURN_REQUESTED, f"return:{ref}", rows, details)


def _return_approved(draft: Draft, event: ReturnApproved) -> Iterator[Notification]:
    if draft.is_news:
        details = details_of(("return", event.ref), ("advice", event.advice))
        rows = news_rows(draft, _still_to_return(draft, event.ref))
        yield to_customer(draft, Kind.RETURN_APPROVED, f"return:{event.ref}", rows, details)


def _still_to_return(draft: Draft, ref: str) -> Units:
    """What of a return was asked for, was not given up, and has not come back."""
    expected = next(each for each in draft.history.returns if each.id == ref)
    rest = dict(expected.requested)
    for line_id, units in added(expected.cancelled, expected.received):
        rest[line_id] = max(0, rest.get(line_id, 0) - units)
    return some_of(rest)


def _return_closed(draft: Draft, event: ReturnClosed) -> Iterator[Notification]:
    if draft.is_news and event.is_declined:
        details = details_of(("return", event.ref), ("reason", event.reason))
        yield to_customer(draft, Kind.RETURN_DECLINED, f"return:{event.ref}", (), details)


# -- Locations and staff -----------------------------------------------------------------------


def _released(draft: Draft, event: Released) -> Iterator[Notification]:
    if draft.is_news:  # not all of it has left since
        units = some_of(units_to_pick(draft, event))
        yield to_location(draft, Kind.PICK_LIST, event.location, event.ref, units)


def _of_address(draft: Draft) -> Iterator[Notification]:
    """To locations that have something of an order: it goes elsewhere."""
    if draft.order.ship_to != draft.before.order.ship_to:
        released = draft.pick_lists.units_open
        for each in draft.history.fulfilments:
            units = some_of(released[each.id])
            if units:
                yield to_location(draft, Kind.FULFILMENT_CHANGED, each.location, each.id, units)


def _of_doubts(draft: Draft) -> Sequence[Notification]:
    """What somebody has to look at: goods, money, the stock."""
    if not draft.doubts:  # as nearly always where it is about money
        return [to_staff(draft, _PAYMENT_PROBLEM, (), draft.faults)]
    messages: list[Notification] = []
    stock = [each for each in draft.doubts if each[0] in _OF_THE_STOCK]
    goods = [each for each in draft.doubts if each[0] not in _OF_THE_STOCK]
    for kind, reasons in (
        (_REVIEW_NEEDED, goods),
        (_PAYMENT_PROBLEM, draft.faults),
        (_AT_RISK, stock),
    ):
        if not reasons:
            continue
        # Two equal amounts of money are two, and so are units set aside twice: each is told.
        is_amount = kind is _PAYMENT_PROBLEM or any([row[0] in _AMOUNTS for row in reasons])
        rows = reasons if is_amount else _untold(draft, kind, reasons)
        if rows:
            messages.append(to_staff(draft, kind, (), rows))
    return messages


def _untold(draft: Draft, kind: Kind, reasons: list[ReasonRow]) -> list[ReasonRow]:
    """Those of the reasons that the staff has not heard of another report, if nothing is other.

    A report that comes again under another id is nothing to look at once more, though the first
    one had another reason as well.
    """
    if draft.stock is not draft.stock_before or draft.record != draft.before:
        return reasons
    entries = [each for each in draft.record.told if each.audience is Audience.STAFF]
    message = to_staff(draft, kind, (), ())
    return [
        row
        for row in reasons
        if not any(
            [_digest_of(message, row, each.subject) in dict(each.contents) for each in entries]
        )
    ]


def _digest_of(message: Notification, reason: ReasonRow, subject: str) -> str:
    """Of a message with this reason alone, of another subject."""
    return altered(message, reasons=(reason,), subject=subject).content_digest


_DOUBTFUL = {_REVIEW_NEEDED, _AT_RISK}
_AMOUNTS = {"units.not_reserved"}
_OF_THE_STOCK = {"units.short_pick", "units.overdrawn", "units.not_there"}
_OF_EVENT: dict[type[Event], Callable[[Draft, Any], Iterable[Notification]]] = {
    Amended: _amended,
    AuthorizationFailed: payment_failed,
    CancelDeclined: _cancel_declined,
    Cancelled: _cancelled,
    CaptureFailed: capture_failed,
    Captured: captured,
    ChargedBack: of_refunds,
    DelayAnswered: _cancelled,
    DelayAsked: _delay_asked,
    DeliveryFailed: delivery_failed,
    Escalated: _escalated,
    ProductRecalled: _product_recalled,
    Refunded: of_refunds,
    RefundFailed: of_refunds,
    Released: _released,
    ReturnApproved: _return_approved,
    ReturnClosed: _return_closed,
    ReturnRequested: _return_requested,
    Tracked: tracked,
}
