"""One event after the other: what an order and the stock are then, and what there is to do."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping
from datetime import datetime
from typing import Any, TypeAlias

from fulfill_core import _checks
from fulfill_core.decisions.notification import digest_of_text
from fulfill_core.decisions.promise import Promise
from fulfill_core.exceptions import by_number
from fulfill_core.inventory.inventory import Inventory
from fulfill_core.lifecycle.asking import ask_for_money
from fulfill_core.lifecycle.counting import (
    count_plain_parcel,
    count_units,
    find_moves,
    other_parcels,
)
from fulfill_core.lifecycle.draft import Draft
from fulfill_core.lifecycle.events import (
    EVENTS,
    Captured,
    Counted,
    Event,
    Provided,
    Refunded,
    Released,
    ReturnReceived,
    ReturnRequested,
    Shipped,
    StockReceived,
)
from fulfill_core.lifecycle.events.checking import content_of
from fulfill_core.lifecycle.events.stock import PlaceRow, check_place_rows, to_place_rows
from fulfill_core.lifecycle.leaving.calling_back import ask_of_wishes, call_back
from fulfill_core.lifecycle.leaving.releasing import let_go
from fulfill_core.lifecycle.recording.departures import departures_of, moves_between
from fulfill_core.lifecycle.recording.losses import ask_what_becomes, doubt_what_is_not_out
from fulfill_core.lifecycle.recording.pick_lists import units_to_pick
from fulfill_core.lifecycle.rules import USUAL_RULES, Rules
from fulfill_core.lifecycle.shelving import (
    NOT_THERE,
    free_excess,
    free_what_was_rejected,
    give_up,
    is_counted,
    move_units,
    put_back,
    set_aside,
)
from fulfill_core.lifecycle.shelving import counted as with_counted
from fulfill_core.lifecycle.status import status
from fulfill_core.lifecycle.step import Effect, Step, trusted_step
from fulfill_core.lifecycle.table import TRANSITIONS, Nature
from fulfill_core.lifecycle.telling.news import tell
from fulfill_core.orders.order import OrderLine
from fulfill_core.orders.progress import NO_PROGRESS, Progress
from fulfill_core.orders.sequences import by_id
from fulfill_core.records.history import History
from fulfill_core.records.movements import MovementKind
from fulfill_core.records.noting import digest_in
from fulfill_core.records.order_record import OrderRecord, notes_by

_Contents: TypeAlias = tuple[tuple[object, ...] | None, tuple[object, ...]]
"""As it is on record, or nothing, and as it is said now."""
_DIGITS = 8
"""Of a digest: enough to tell two contents under one id apart."""
_NO_ROWS: tuple[PlaceRow, ...] = ()
# A member of an enum takes ten times as long to look up as a name of the module (Python 3.11).
_APPLIED, _DUPLICATE = Effect.APPLIED, Effect.DUPLICATE
_NO_CHANGE, _REFUSED = Effect.NO_CHANGE, Effect.REFUSED


def advance(
    record: OrderRecord,
    event: Event,
    inventory: Inventory,
    *,
    now: datetime,
    counted: Mapping[tuple[str, str], int] | Iterable[PlaceRow] = _NO_ROWS,
    reserved: Mapping[tuple[str, str], int] | Iterable[PlaceRow] = _NO_ROWS,
    promise: Promise | None = None,
    rules: Rules = USUAL_RULES,
) -> Step:
    """What an order, and the stock, are after something happened; and what there is to do and tell.

    Facts are never refused: what left, arrived, came back, was paid or given back is recorded
    however the order stands, and what it contradicts is told to the staff. What there is no room
    for is kept, and counts when there is. Intentions are refused with a reason where they come too
    late. The same event twice is once. Money follows units: see `Capture`, `Refund` and `Void`.

    Args:
        record: the order's record.
        event: what happened, one of `EVENTS`.
        inventory: the stock.
        now: the caller's time, aware: not when it happened, but when it is heard of.
        counted: what else was found in the stock with it, by SKU and location: units more on hand,
            or fewer. Of more than were there the staff is told.
        reserved: what else is set aside for the order with it, by SKU and location: units more, or
            fewer, for the lines that are open, in their sequence. Of more than these lack, or have,
            the staff is told.
        promise: what the last run promised (`Decision.promise`): what may be handed over is split
            as it is, by location and shipment. None splits by location.
        rules: the shop's choices.

    Raises:
        InvalidValueError: no event, one of another order, and the like. All that can happen to a
            good event is in the step.

    >>> from datetime import timezone
    >>> from fulfill_core import Customer, Order, OrderLine, process
    >>> noon = datetime(2026, 3, 2, 12, tzinfo=timezone.utc)
    >>> order = Order(id="A-17", placed_at=noon, customer=Customer(id="C-7"), currency="EUR",
    ...               lines=[OrderLine(id="1", sku="mug", quantity=5)])
    >>> result = process([order], Inventory.of({("mug", "x"): 8}), now=noon, verifiers=[])
    >>> parcel = Shipped(id="e1", order_id="A-17", at=noon, parcel="p1", location="x",
    ...                  lines={"1": 3})
    >>> step = advance(result.records[0], parcel, result.inventory, now=noon)
    >>> step.record.open("1"), step.inventory.on_hand("mug"), step.inventory.reserved("mug")
    (2, 5, 2)
    >>> advance(step.record, parcel, step.inventory, now=noon).effect
    <Effect.DUPLICATE: 'duplicate'>
    """
    if type(record) is not OrderRecord or type(inventory) is not Inventory:
        _checks.check_member("record", record, OrderRecord)
        _checks.check_member("inventory", inventory, Inventory)
    if rules is not USUAL_RULES:
        _checks.check_member("rules", rules, Rules)
    if promise is not None:
        _checks.check_member("promise", promise, Promise)
    now = _checks.in_utc("now", now)
    count_rows = check_place_rows("counted", to_place_rows(counted)) if counted != () else ()
    reserve_rows = check_place_rows("reserved", to_place_rows(reserved)) if reserved != () else ()
    if type(event) not in TRANSITIONS or event.order_id != record.order.id:
        _check_event("event", event, record)
    draft = Draft(event, record, inventory, now, rules, promise)
    digest = digest_of_text(content_of(event))[:_DIGITS]
    is_repeat = _is_repeat(record, event, digest)
    is_known = _is_known(draft) if is_repeat is None else None
    if is_repeat or (is_known and not _says_more(draft)):
        return Step(record=record, inventory=inventory, before=inventory, effect=_DUPLICATE)
    if is_known:
        _follow(draft, (), ())
    elif is_repeat is None and is_known is None:
        _apply(draft, count_rows, reserve_rows)
    else:
        text = f"{event.id}, or what it names, is known with another content."
        draft.refuse("event.conflict", text)
        draft.doubt("event.conflict", text)
    return _step(draft, digest, _DUPLICATE if is_known else _NO_CHANGE)


def replay(
    record: OrderRecord,
    events: Iterable[Event],
    inventory: Inventory | None = None,
    *,
    rules: Rules = USUAL_RULES,
) -> OrderRecord:
    """The record after all of these events, each heard of when it happened.

    Args:
        record: the record that the first of them met.
        events: what happened, in the sequence in which it was heard of, without what was refused:
            here each is heard of when it happened, so what came too late would be in time, and
            what an amendment is to be paid for was asked then.
        inventory: the stock that the first of them met, where kits are taken apart; or None.
        rules: the shop's choices.

    Raises:
        InvalidValueError: an argument of the wrong type; the error of an event has its position.

    >>> from datetime import timezone
    >>> from fulfill_core import Customer, Order, OrderLine
    >>> noon = datetime(2026, 3, 2, 12, tzinfo=timezone.utc)
    >>> order = Order(id="A-17", placed_at=noon, customer=Customer(id="C-7"), currency="EUR",
    ...               lines=[OrderLine(id="1", sku="mug", quantity=5)])
    >>> parcel = Shipped(id="e1", order_id="A-17", at=noon, parcel="p1", location="x",
    ...                  lines={"1": 3})
    >>> replay(OrderRecord(order=order), [parcel, parcel]).open("1")
    2
    """
    _checks.check_member("record", record, OrderRecord)
    _checks.check_collection("events", events)
    stock = Inventory() if inventory is None else inventory
    for position, event in enumerate(events):
        _check_event(f"events[{position}]", event, record)
        step = advance(record, event, stock, now=event.at, rules=rules)
        record, stock = step.record, step.inventory
    return record


def _check_event(path: str, event: Event, record: OrderRecord) -> None:
    """One that `advance` knows, of the order of the record."""
    if type(event) not in TRANSITIONS:
        names = ", ".join([kind.__name__ for kind in EVENTS])
        raise _checks.refuse(path, event, f"is no event; pass one of {names}")
    if event.order_id != record.order.id:
        problem = f"is another order than {record.id}; pass its record"
        raise _checks.refuse(f"{path}.order_id", event.order_id, problem)


def _apply(
    draft: Draft, count_rows: tuple[PlaceRow, ...], reserve_rows: tuple[PlaceRow, ...]
) -> None:
    """What was reported, the counters, the stock, and what there is to do about it."""
    event = draft.event
    row = TRANSITIONS[type(event)]
    code = None
    if row.refusals and draft.before.is_settled:  # nothing is refused of one that is open
        code = row.refusals.get(status(draft.before))
    if code is not None and not _has_left_since(draft):
        draft.refuse(code, f"The order is {status(draft.before)}.")
    else:
        row.apply(draft, event)
    if draft.refusal is not None and not draft.refusal.is_kept:
        draft.record = draft.before
        return
    if isinstance(event, (Counted, StockReceived)):
        count_rows = (*count_rows, *event.units)
    _follow(draft, count_rows, reserve_rows)


def _has_left_since(draft: Draft) -> bool:
    """Whether an event is a pick list of which all has left since, and was heard of before it."""
    event = draft.event
    return isinstance(event, Released) and not any(units_to_pick(draft, event).values())


def _follow(
    draft: Draft, count_rows: tuple[PlaceRow, ...], reserve_rows: tuple[PlaceRow, ...]
) -> None:
    """What follows of what was reported: the counters, the stock, and what there is to do."""
    if count_rows:
        draft.stock = with_counted(draft.stock, count_rows)
    if _is_about_units(draft):
        _count(draft)
    free_what_was_rejected(draft)
    if reserve_rows:
        draft.is_set_aside = True
        give_up(draft, reserve_rows)
    if draft.moves_units:
        free_excess(draft)
    if reserve_rows:
        set_aside(draft, reserve_rows)
    if count_rows or reserve_rows:
        _find_overdrafts(draft, count_rows, reserve_rows)
    if draft.moves_units:
        _find_surplus(draft)
    call_back(draft)
    ask_of_wishes(draft)
    ask_for_money(draft)
    let_go(draft)


def _is_about_units(draft: Draft) -> bool:
    """Whether something was reported that counters may follow of, or was cancelled."""
    before, record = draft.before, draft.record
    return (
        record.history.parcels is not before.history.parcels
        or record.history.returns is not before.history.returns
        or record.progress is not before.progress
        or record.order.lines is not before.order.lines
    )


def _count(draft: Draft) -> None:
    """The counters that follow of what was reported, and the stock that follows of both."""
    draft.parcels = parcels = other_parcels(draft)
    moves = count_plain_parcel(draft, parcels)
    if moves is not None:  # as after nearly all parcels
        move_units(draft, moves)
        return
    count_units(draft, parcels)
    departures = departures_of(draft, parcels)
    find_moves(draft, departures)
    move_units(draft, moves_between(draft, departures))
    put_back(draft)
    doubt_what_is_not_out(draft)
    ask_what_becomes(draft)


def _step(draft: Draft, digest: str, usual_effect: Effect) -> Step:
    """The step, with what is told of it.

    Args:
        draft: all that is known of it.
        digest: of what the event says.
        usual_effect: what it comes to where nothing that anybody looks at is other than before.
    """
    refusal = draft.refusal
    news = tell(draft)
    if refusal is None or refusal.is_kept:
        applied = draft.record.history.applied
        draft.keep("applied", applied + ((draft.event.id, digest),))  # noqa: RUF005 - copied by C
        draft.hand_on()
    effect = _REFUSED
    if refusal is None:
        effect = _APPLIED if _is_change(draft, usual_effect) else usual_effect
    actions = (*draft.actions, *draft.questions)
    return trusted_step(
        draft.record, draft.stock, draft.stock_before, effect, news, actions, refusal
    )


def _is_change(draft: Draft, usual_effect: Effect) -> bool:
    """Whether anything is other than before that somebody looks at.

    When a payment was agreed, and how, is nothing that another report of it changes: amounts are,
    and until when it covers anything.
    """
    before, record = draft.before, draft.record
    if (
        draft.is_news
        or draft.moves_money
        or _ends_otherwise(draft)
        or draft.stock is not draft.stock_before
        or record.progress != before.progress
        or (
            usual_effect is not _DUPLICATE
            and draft.payment_pair is None
            and record.order is not before.order
            and record.order != before.order
        )
    ):
        return True
    old, new = before.history, record.history
    return record.adjustment != before.adjustment or (
        # What a location gets, or gives back, is news already.
        new.parcels is not old.parcels
        and draft.pick_lists.units_open != draft.lists_before.units_open
    )


def _ends_otherwise(draft: Draft) -> bool:
    """Whether what is authorised of a payment runs out at another time than before."""
    before, after = draft.payment_pair or (None, None)
    if before is None or after is None:
        return False
    return after.authorized > 0 and after.expires_at != before.expires_at


def _is_repeat(record: OrderRecord, event: Event, digest: str) -> bool | None:
    """Whether an event is there already, by its id.

    None if it is new; False if it is there with another content.
    """
    known_digest = digest_in(record.history.applied, notes_by(record), event.id)
    return None if known_digest is None else known_digest == digest


def _is_known(draft: Draft) -> bool | None:
    """Whether what an event creates is there already.

    None if it is new, or the event creates nothing; False if it is there with another content.
    """
    creation = _CREATIONS.get(draft.event.__class__)
    if creation is None:
        return None
    on_record, content = creation(draft, draft.event)
    return on_record == content if on_record else None


def _says_more(draft: Draft) -> bool:
    """Whether another report of what is known says more of it, such as that it happened earlier.

    Then that is on record. What somebody wanted is wanted once, and says no more.
    """
    row = TRANSITIONS[type(draft.event)]
    if row.nature is Nature.FACT:
        row.apply(draft, draft.event)
    return draft.record is not draft.before


# What an event creates, as it is on record, and as the event says it: nothing is on record of what
# is new.


def _amount_of(kind: MovementKind) -> Callable[[Draft, Any], _Contents]:
    """The contents of an event that creates a movement of a kind."""

    def contents(draft: Draft, event: Captured | Refunded) -> _Contents:
        _, movement = draft.movement_place(kind)
        return None if movement is None else (movement.amount,), (event.amount,)

    return contents


def _shipment_of(draft: Draft, event: Shipped) -> _Contents:
    return _parcel_of(draft.history, event.parcel), (event.location, event.lines, event.parts)


def _provision_of(draft: Draft, event: Provided) -> _Contents:
    # It leaves no place.
    return _parcel_of(draft.history, event.ref or event.id), ("", event.lines, ())


def _parcel_of(history: History, parcel_id: str) -> tuple[object, ...] | None:
    parcel = history.parcel(parcel_id)
    if parcel is None or not parcel.is_announced:
        return None
    return parcel.location, parcel.shipped, parcel.parts


def _pick_list_of(draft: Draft, event: Released) -> _Contents:
    fulfilment = draft.history.fulfilment(event.ref)
    on_record = None if fulfilment is None else (fulfilment.location, fulfilment.units)
    return on_record, (event.location, event.lines)


def _receipt_of(draft: Draft, event: ReturnReceived) -> _Contents:
    entry = draft.history.return_of(event.ref or event.id)
    on_record = None
    if entry is not None and entry.received:
        on_record = entry.location, entry.received
    return on_record, (event.location, event.lines)


def _request_of(draft: Draft, event: ReturnRequested) -> _Contents:
    entry = draft.history.return_of(event.ref or event.id)
    return None if entry is None else entry.requested, event.lines


_CREATIONS: Mapping[type[Event], Callable[[Draft, Any], _Contents]] = {
    Captured: _amount_of(MovementKind.CAPTURED),
    Refunded: _amount_of(MovementKind.REFUNDED),
    Shipped: _shipment_of,
    Provided: _provision_of,
    Released: _pick_list_of,
    ReturnReceived: _receipt_of,
    ReturnRequested: _request_of,
}
"""The events that create something with a number of its own; others only report of something."""


def _find_overdrafts(
    draft: Draft, count_rows: Iterable[PlaceRow], reserve_rows: Iterable[PlaceRow]
) -> None:
    """Where less is there than is reserved, by a count or by who reserved, somebody has to look."""
    stock, before = draft.stock, draft.stock_before
    own: dict[tuple[str, str], int] = {}
    for each in stock.reservations_of(draft.order.id):
        own[each.sku, each.location] = own.get((each.sku, each.location), 0) + each.quantity
    for sku, location, units in count_rows:
        earlier = max(0, before.on_hand(sku, location))
        if earlier < -units and is_counted(before, sku):
            text = (
                f"{-units} of {sku} fewer {by_number(-units, 'was', 'were')} counted at {location},"
                f" and {earlier} {by_number(earlier, 'was', 'were')} there."
            )
            draft.doubts.append((NOT_THERE, text))
    for sku, location in dict.fromkeys([row[:2] for row in (*count_rows, *reserve_rows)]):
        reserved, present = own.get((sku, location), 0), stock.on_hand(sku, location)
        # It is news once: when it comes to be so, and not with each count below that.
        was_so = before.on_hand(sku, location) < before.reserved(sku, location)
        if reserved and present < stock.reserved(sku, location) and not was_so:
            text = (
                f"{reserved} of {sku} {by_number(reserved, 'is', 'are')} reserved at"
                f" {location} for it, {present} {by_number(present, 'is', 'are')} there."
            )
            draft.doubts.append(("units.overdrawn", text))


def _find_surplus(draft: Draft) -> None:
    """What left that was not to leave: more than was ordered, or what was cancelled."""
    lines = draft.lines_by_id()
    suspects: list[str] = []
    for line_id, (_, each) in draft.line_moves.items():
        if each is not None and (
            each.cancelled or each.shipped > lines[line_id].units + each.reopened
        ):
            suspects.append(line_id)
    if not suspects:  # as after nearly all parcels
        return
    is_same = draft.before.order.lines is draft.order.lines
    old_ids: Container[str] = lines if is_same else by_id(draft.before.order.lines)
    for line_id in sorted(suspects):
        before, progress = draft.line_moves[line_id]
        if progress is None or line_id not in old_ids:
            continue
        line, earlier = lines[line_id], before or NO_PROGRESS
        beyond = _beyond(progress, line)
        if beyond and beyond > _beyond(earlier, line):
            text = f"{beyond} of line {line.id} left beyond what was ordered."
            draft.doubts.append(("units.surplus", text))
            draft.ask("units.surplus", text)
        if progress.cancelled and progress.shipped > earlier.shipped:
            in_spite = earlier.not_sent(line) - progress.not_sent(line)
            if in_spite > 0:
                were = by_number(in_spite, "it was", "they were")
                text = f"{in_spite} of line {line.id} left although {were} cancelled."
                draft.doubts.append(("units.cancelled_left", text))


def _beyond(progress: Progress, line: OrderLine) -> int:
    """Units of a line that left beyond what is ordered of it."""
    return max(0, progress.shipped - progress.reopened - (line.units - progress.reduced))
