"""Ready-made policies from decision to messages.

See docs/reference/outcomes-and-messages.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta
from itertools import chain

import attrs

from fulfill_core import _checks
from fulfill_core.decisions.decision import Decision, Outcome
from fulfill_core.decisions.finding import CONFLICTING_DUPLICATE, Severity
from fulfill_core.decisions.notification import Kind, NewsRow, Notification
from fulfill_core.decisions.promise import Promise
from fulfill_core.notifications.messages import to_customer, to_staff
from fulfill_core.notifications.rows import news, rows_beside, rows_of, rows_to_come, short_rows
from fulfill_core.protocols import NotificationPolicy
from fulfill_core.protocols.plugins import name_of
from fulfill_core.records.customer_facts import PastPromise
from fulfill_core.records.facts import Context

_ALLOCATED = Outcome.ALLOCATED
_CONFIRMED = Kind.CONFIRMED
_BACKORDERED = Outcome.BACKORDERED


def customer_and_staff(decision: Decision, /, *, context: Context) -> Iterable[Notification]:
    """What a customer needs to hear about a decision, and what the staff has to look at.

    To the customer: confirmed, partly backordered, backordered, scheduled, on hold (without the
    reasons), rejected; and, whatever else is said, that lines cannot be fulfilled, and that it is
    delayed: it arrives later than the customer was told (`Facts.promised`), or nobody knows when
    any more. To the staff: review needed, with the reasons. Of two different orders under one id
    only the staff is told: whose order it is has to be found out first.

    >>> from datetime import datetime, timezone
    >>> from fulfill_core import Customer, Order, OrderLine
    >>> now = datetime(2026, 3, 2, tzinfo=timezone.utc)
    >>> order = Order(id="A-17", placed_at=now, currency="EUR",
    ...               customer=Customer(id="C-7", email="ada@example.com"),
    ...               lines=[OrderLine(id="1", sku="mug", quantity=2)])
    >>> decision = Decision(order=order, outcome=Outcome.ALLOCATED, rank=0)
    >>> [str(message.kind) for message in customer_and_staff(decision, context=Context(now=now))]
    ['order.confirmed']
    """
    outcome = decision.outcome
    if decision.promise is not None:
        messages = _MESSAGES_OF[outcome](decision)
        return (*messages, *_delayed(decision, decision.promise, context))
    if outcome is _ALLOCATED:  # most orders: no need for a generator
        return (to_customer(decision, _CONFIRMED, news(decision)),)
    return _MESSAGES_OF[outcome](decision)


_OF_ITS_TURN = ("allocation.", "sourcing.")
"""Notes on how the lines that go on were served: nothing to review, and gone in the next run."""


def _confirmed(decision: Decision) -> Iterable[Notification]:
    yield to_customer(decision, _CONFIRMED, news(decision))


def _rejected(decision: Decision) -> Iterable[Notification]:
    yield to_customer(decision, Kind.REJECTED)


def _on_hold(decision: Decision, rows: tuple[NewsRow, ...] = ()) -> Iterable[Notification]:
    reasons = tuple(
        (finding.code, finding.detail)
        for finding in decision.findings
        if not finding.is_waived and not finding.code.startswith(_OF_ITS_TURN)
    )
    yield to_staff(decision, Kind.REVIEW_NEEDED, rows, reasons)
    if all(code != CONFLICTING_DUPLICATE for code, _ in reasons):
        # The customer is not told why, but a hold for another reason is other news.
        codes = " ".join(
            finding.code
            for finding in decision.findings
            if finding.severity is not Severity.NOTE and not finding.is_waived
        )
        yield to_customer(decision, Kind.ON_HOLD, rows, news_key=codes)


def _scheduled(decision: Decision) -> Iterable[Notification]:
    lines_on_hold = decision.held_lines
    rows = news(decision)
    yield to_customer(decision, Kind.SCHEDULED, rows_beside(rows, lines_on_hold))
    if lines_on_hold:
        yield from _on_hold(decision, rows_of(rows, lines_on_hold))


def _incomplete(decision: Decision) -> Iterable[Notification]:
    rows = news(decision)
    lines_on_hold = decision.held_lines
    to_come = rows_to_come(rows_beside(rows, lines_on_hold))
    short = short_rows(rows)
    if decision.backorder_rows:
        is_all = decision.outcome is _BACKORDERED
        kind = Kind.BACKORDERED if is_all else Kind.PARTLY_BACKORDERED
        yield to_customer(decision, kind, to_come)
    elif to_come and decision.outcome is not Outcome.UNFULFILLABLE:
        yield to_customer(decision, _CONFIRMED, to_come)
    if short:
        yield to_customer(decision, Kind.UNFULFILLABLE, short)
    if lines_on_hold:
        yield from _on_hold(decision, rows_of(rows, lines_on_hold))


_MESSAGES_OF: dict[Outcome, Callable[[Decision], Iterable[Notification]]] = {
    Outcome.ALLOCATED: _confirmed,
    Outcome.PARTIALLY_ALLOCATED: _incomplete,
    Outcome.BACKORDERED: _incomplete,
    Outcome.UNFULFILLABLE: _incomplete,
    Outcome.SCHEDULED: _scheduled,
    Outcome.HELD: _on_hold,
    Outcome.REJECTED: _rejected,
}


def _rows_to_come(decision: Decision) -> tuple[NewsRow, ...]:
    """The rows of the lines of which something comes, and that wait for nobody's look."""
    return rows_to_come(rows_beside(news(decision), decision.held_lines))


def _delayed(decision: Decision, promise: Promise, context: Context) -> Iterable[Notification]:
    last_promise = context.facts.promised(decision.id)
    if last_promise is None or last_promise.delivered_at is None:
        return
    arrives = promise.delivered_at
    if arrives is None or arrives > last_promise.delivered_at:
        yield _with_new_date(decision, promise, Kind.DELAYED, last_promise)


def _with_new_date(
    decision: Decision, promise: Promise, kind: Kind, last_promise: PastPromise
) -> Notification:
    """Another date than the customer was told. That is the news: the lines make no other one."""
    before = last_promise.delivered_at
    message = to_customer(decision, kind, news_key=f"{promise.delivered_at} {before}")
    return attrs.evolve(message, lines=_rows_to_come(decision), told=before)


DEFAULT_NOTIFICATIONS: NotificationPolicy = customer_and_staff


@attrs.frozen(weakref_slot=False)
class better_promise:  # noqa: N801 - it is used as the function that it makes
    """Tells the customer that an order arrives earlier than they were told, and nothing else.

    Use it `together` with the policy that says the rest. It is news that there is a date at last,
    however late.

    Args:
        at_least: how much earlier it has to be, a timedelta of zero or more.

    >>> together(customer_and_staff, better_promise(timedelta(days=2)))
    together(customer_and_staff, better_promise(at_least=datetime.timedelta(days=2)))
    """

    at_least: timedelta = timedelta(0)

    def __attrs_post_init__(self) -> None:
        _checks.check_duration("better_promise.at_least", self.at_least)

    def __call__(self, decision: Decision, /, *, context: Context) -> Iterable[Notification]:
        promise, last_promise = decision.promise, context.facts.promised(decision.id)
        arrives = None if promise is None else promise.delivered_at
        if promise is None or last_promise is None or arrives is None:
            return
        before = last_promise.delivered_at
        if before is None or (arrives < before and before - arrives >= self.at_least):
            yield _with_new_date(decision, promise, Kind.EARLIER, last_promise)


@attrs.frozen(weakref_slot=False, repr=False)
class Together:
    """Several notification policies as one: `together` makes it.

    Args:
        policies: the policies, one at least.
    """

    policies: tuple[NotificationPolicy, ...]

    def __call__(self, decision: Decision, /, *, context: Context) -> Iterable[Notification]:
        return chain.from_iterable([policy(decision, context=context) for policy in self.policies])

    def __repr__(self) -> str:
        return f"together({', '.join(map(name_of, self.policies))})"


def together(*policies: NotificationPolicy) -> Together:
    """What several policies have to tell, one after the other.

    Args:
        policies: notification policies, one at least.

    >>> together(customer_and_staff, better_promise())
    together(customer_and_staff, better_promise(at_least=datetime.timedelta(0)))
    """
    if not policies:
        raise _checks.refuse("together.policies", policies, "is empty; pass one at least")
    for position, policy in enumerate(policies):
        _checks.check_callable(f"together.policies[{position}]", policy)
    return Together(policies)
