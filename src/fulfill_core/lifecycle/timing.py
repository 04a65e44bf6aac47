"""What time alone brings to an order: events, each at its time, for `advance` like all others.

They are made of the record and the shop's rules, and carry the same id each time that they are
asked for: an event that was applied is not there any more.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from fulfill_core import _checks
from fulfill_core._checks import money_text
from fulfill_core.calendars.wall_clock import END_OF_TIME, later
from fulfill_core.decisions.outcome import Outcome
from fulfill_core.inventory.reservations import has_expired
from fulfill_core.lifecycle.balance import Balance
from fulfill_core.lifecycle.events import (
    Cancelled,
    DelayAnswered,
    Escalated,
    Event,
    NotFulfilled,
    RemorseEnded,
)
from fulfill_core.lifecycle.events.goods import GivenBackReason
from fulfill_core.lifecycle.places import released_units
from fulfill_core.lifecycle.rules import USUAL_RULES, Rules
from fulfill_core.lifecycle.status import is_on_hold
from fulfill_core.orders.money import less
from fulfill_core.orders.progress import has_left
from fulfill_core.pipeline.result import Result
from fulfill_core.records.delays import Answer, Silence
from fulfill_core.records.history import PickStage
from fulfill_core.records.movements import OPENING, UNMOVED, MovementKind, movements_of
from fulfill_core.records.order_record import OrderRecord

_NOTHING = Decimal(0)


def timed_events(
    record: OrderRecord, rules: Rules = USUAL_RULES, *, now: datetime
) -> tuple[Event, ...]:
    """The events that time has brought to an order by now, the first one first.

    Pass each to `advance`, then ask again: one may make another needless.

    Args:
        record: the order's record.
        rules: the shop's choices: after how long what happens.
        now: the caller's time, aware.

    >>> from datetime import timezone
    >>> from decimal import Decimal
    >>> from fulfill_core import Customer, Order, OrderLine
    >>> noon = datetime(2026, 3, 2, 12, tzinfo=timezone.utc)
    >>> order = Order(id="A-1", placed_at=noon, customer=Customer(id="C-7"), currency="EUR",
    ...     lines=[OrderLine(id="1", sku="mug", quantity=2, unit_price=Decimal(5))])
    >>> rules = Rules(unpaid=timedelta(days=3))
    >>> [event] = timed_events(OrderRecord(order=order), rules, now=noon + timedelta(days=3))
    >>> type(event).__name__, event.reason
    ('Cancelled', 'unpaid')
    """
    now = _checks.in_utc("now", now)
    return tuple([each for each in _in_time(record, rules) if each.at <= now])


def timed_wake_at(
    record: OrderRecord, rules: Rules = USUAL_RULES, *, now: datetime
) -> datetime | None:
    """When time alone brings the next event after now; None if it brings none.

    Args:
        record: the order's record.
        rules: the shop's choices.
        now: the caller's time, aware.

    >>> from datetime import timezone
    >>> from decimal import Decimal
    >>> from fulfill_core import Customer, Order, OrderLine
    >>> noon = datetime(2026, 3, 2, 12, tzinfo=timezone.utc)
    >>> order = Order(id="A-1", placed_at=noon, customer=Customer(id="C-7"), currency="EUR",
    ...     lines=[OrderLine(id="1", sku="mug", quantity=2, unit_price=Decimal(5))])
    >>> print(timed_wake_at(OrderRecord(order=order), Rules(unpaid=timedelta(days=3)), now=noon))
    2026-03-05 12:00:00+00:00
    """
    now = _checks.in_utc("now", now)
    return min([each.at for each in _in_time(record, rules) if each.at > now], default=None)


def wake_at(result: Result, rules: Rules = USUAL_RULES) -> datetime | None:
    """When time alone changes something of the orders of a run; None if it never does.

    It changes a decision (`Result.wake_at`), or brings an event (`timed_wake_at`): the earlier of
    the two, for a host that sets one clock.

    Args:
        result: the run.
        rules: the shop's choices.

    Raises:
        InvalidValueError: no result, or no rules.
        PluginError: a policy could not say when it changes its mind.

    >>> from datetime import timezone
    >>> from decimal import Decimal
    >>> from fulfill_core import Customer, Inventory, Order, OrderLine, process
    >>> noon = datetime(2026, 3, 2, 12, tzinfo=timezone.utc)
    >>> order = Order(id="A-1", placed_at=noon, customer=Customer(id="C-7"), currency="EUR",
    ...     lines=[OrderLine(id="1", sku="mug", quantity=2, unit_price=Decimal(5))])
    >>> result = process([order], Inventory.of({("mug", "x"): 8}), now=noon, verifiers=[])
    >>> print(result.wake_at, wake_at(result, Rules(unpaid=timedelta(days=3))))
    None 2026-03-05 12:00:00+00:00
    """
    _checks.check_member("result", result, Result)
    now = result.context.now
    instants = [timed_wake_at(record, rules, now=now) for record in result.records]
    return min([each for each in (result.wake_at, *instants) if each is not None], default=None)


def _in_time(record: OrderRecord, rules: Rules) -> list[Event]:
    """All that time will bring if nothing else happens, by when it does."""
    _checks.check_member("record", record, OrderRecord)
    _checks.check_member("rules", rules, Rules)
    if record.is_settled:
        return []
    events = [
        *_remorse(record, rules),
        *_unpaid(record, rules),
        *_late_reviews(record, rules),
        *_late_acceptances(record, rules),
        *_silences(record),
    ]
    applied = {event_id for event_id, _ in record.history.applied}
    # What is beyond the calendar never comes.
    to_come = [each for each in events if each.id not in applied and each.at < END_OF_TIME]
    return sorted(to_come, key=_by_time)


def _by_time(event: Event) -> tuple[datetime, str]:
    return event.at, event.id


def _about(record: OrderRecord, what: str, since: datetime, period: timedelta) -> dict[str, Any]:
    """What an event of time has: an id of its own, the same each time."""
    event_id = f"time:{what}:{since.isoformat()}"
    return {"id": event_id, "order_id": record.id, "at": later(since, period)}


# -- Each of them ----------------------------------------------------------------------------------


def _remorse(record: OrderRecord, rules: Rules) -> Iterator[Event]:
    """What was reserved while its customer might still change their mind may be handed over."""
    ends_at = later(record.order.placed_at, rules.remorse)
    # What has expired by then is in the record still: it was not reserved anew.
    if rules.remorse and any([not has_expired(e.expires_at, ends_at) for e in record.reserved]):
        about = _about(record, "remorse", record.order.placed_at, rules.remorse)
        yield RemorseEnded(**about)


def _unpaid(record: OrderRecord, rules: Rules) -> Iterator[Event]:
    """An order that nobody pays is cancelled: one of which nothing has left, and that is free.

    While what it cost before it was changed is paid, a person decides about the rest.
    """
    if rules.unpaid is None or rules.unpaid_leaves:
        return
    if has_left(record.progress) or is_on_hold(record):
        return
    questions = movements_of(record.history.movements, MovementKind.ASKED)
    costs_before = [each.amount for each in questions]
    missing_before = _NOTHING
    for since in _times_to_pay(record):
        balance = Balance(record, since)
        missing = balance.missing
        if missing <= missing_before:
            continue
        missing_before = missing
        about = _about(record, "unpaid", since, rules.unpaid)
        covered = less(balance.bill.payable(), missing)
        if not costs_before or covered < min(costs_before):
            yield Cancelled(by="time", reason="unpaid", **about)
            return
        amount = f"{money_text(missing)} {record.order.currency}"
        detail = (
            f"{amount} are not paid; what it cost before it was changed is: "
            "take that back, or cancel."
        )
        yield Escalated(code="payment.unanswered", detail=detail, **about)


def _times_to_pay(record: OrderRecord) -> Iterator[datetime]:
    """From when on money may be missing, if nothing happens.

    That is since the last word of a gateway, since a change was to be paid, or from when what
    was authorised runs out.
    """
    movements = [
        each.at
        for each in record.history.movements
        if each.ref != OPENING and each.kind not in UNMOVED
    ]
    first = max([record.order.placed_at, *movements])
    yield first
    ends = {each.expires_at for each in record.order.payments if each.expires_at is not None}
    yield from sorted([each for each in ends if each > first])


def _late_reviews(record: OrderRecord, rules: Rules) -> Iterator[Event]:
    """Who has to look at an order, and does not, is reminded: once for each hold."""
    if rules.review is None:
        return
    holds: list[tuple[str, datetime | None]] = [
        (f"{stop.source}:{stop.code}:{stop.line_id}", stop.at) for stop in record.holds
    ]
    if record.outcome is Outcome.HELD:
        holds.append(("run", record.since))
    for name, since in holds:
        if since is not None:
            about = _about(record, f"review:{name}", since, rules.review)
            detail = f"It has been on hold since {since:%Y-%m-%d %H:%M %Z}: {name}."
            yield Escalated(code="review.late", detail=detail, **about)


def _late_acceptances(record: OrderRecord, rules: Rules) -> Iterator[Event]:
    """What a location does not accept is free, for other places; it is asked not to send it."""
    if rules.acceptance is None:
        return
    released = released_units(record)
    for each in record.history.fulfilments:
        if each.stage is PickStage.HANDED_OVER and any(released[each.id].values()):
            about = _about(record, f"acceptance:{each.id}", each.at, rules.acceptance)
            reason = GivenBackReason.UNANSWERED
            yield NotFulfilled(ref=each.id, reason=reason, **about)


def _silences(record: OrderRecord) -> Iterator[Event]:
    """Whoever does not answer has answered, or somebody of the shop has to."""
    for each in record.history.delays[-1:]:
        if each.answer is not Answer.OPEN:
            continue
        about = _about(record, f"silence:{each.id}", each.answer_by, timedelta(0))
        if each.silence is Silence.ASK:
            detail = f"The customer has not said whether they wait: question {each.id}."
            yield Escalated(code="delay.unanswered", detail=detail, **about)
        else:
            accepts = each.silence is Silence.CONSENT
            yield DelayAnswered(ref=each.id, is_accepted=accepts, by="silence", **about)
