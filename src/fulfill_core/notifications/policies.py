"""Ready-made policies from decision to messages."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from hashlib import blake2b
from itertools import chain

import attrs

from fulfill_core import _checks
from fulfill_core.decisions.decision import Decision, Outcome
from fulfill_core.decisions.finding import CONFLICTING_DUPLICATE, Severity
from fulfill_core.decisions.notification import (
    Audience,
    Kind,
    NewsRow,
    Notification,
    ReasonRow,
    trusted_notification,
)
from fulfill_core.decisions.promise import Promise
from fulfill_core.orders.order import Order
from fulfill_core.protocols import Notifications
from fulfill_core.protocols.plugins import name_of
from fulfill_core.records.customer_facts import PastPromise
from fulfill_core.records.facts import Context

_ALLOCATED = Outcome.ALLOCATED
_CONFIRMED = Kind.CONFIRMED
_CUSTOMER = Audience.CUSTOMER
_BACKORDERED = Outcome.BACKORDERED
_PARTIAL = Outcome.PARTIALLY_ALLOCATED


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
        return (*_of_outcome(decision), *_delayed(decision, decision.promise, context))
    if outcome is _ALLOCATED:  # at once: by far the usual case
        order = decision.order
        recipient = order.customer.email.strip() or order.customer.phone.strip()
        return (_message(order, _CONFIRMED, _CUSTOMER, recipient, news(decision), (), ""),)
    return _of_outcome(decision)


def _of_outcome(decision: Decision) -> Iterable[Notification]:
    outcome = decision.outcome
    if outcome is _ALLOCATED:
        return (to_customer(decision, _CONFIRMED, news(decision)),)
    if outcome is _PARTIAL or outcome is _BACKORDERED:
        return _incomplete(decision)
    if outcome is Outcome.HELD:
        return _held(decision)
    if outcome is Outcome.REJECTED:
        return (to_customer(decision, Kind.REJECTED),)
    if outcome is Outcome.SCHEDULED:
        return _scheduled(decision)
    return _incomplete(decision)


_OF_ITS_TURN = ("allocation.", "sourcing.")
"""Notes on how the lines that go on were served: nothing to review, and gone in the next run."""


def _held(decision: Decision, rows: tuple[NewsRow, ...] = ()) -> Iterable[Notification]:
    reasons = tuple(
        (finding.code, finding.detail)
        for finding in decision.findings
        if not finding.is_waived and not finding.code.startswith(_OF_ITS_TURN)
    )
    yield to_staff(decision, Kind.REVIEW_NEEDED, rows, reasons)
    if all(code != CONFLICTING_DUPLICATE for code, _ in reasons):
        # The customer is not told why, but a hold for another reason is other news.
        version = " ".join(
            finding.code
            for finding in decision.findings
            if finding.severity is not Severity.NOTE and not finding.is_waived
        )
        yield to_customer(decision, Kind.ON_HOLD, rows, version=version)


def _scheduled(decision: Decision) -> Iterable[Notification]:
    waiting = decision.held_lines
    rows = news(decision)
    yield to_customer(
        decision, Kind.SCHEDULED, tuple([row for row in rows if row[0] not in waiting])
    )
    if waiting:
        yield from _held(decision, tuple([row for row in rows if row[0] in waiting]))


def _incomplete(decision: Decision) -> Iterable[Notification]:
    waiting = decision.held_lines
    rows = news(decision)
    coming = tuple([row for row in rows if (row[3] or row[4]) and row[0] not in waiting])
    short = tuple([row for row in rows if row[5]])
    if decision.backorder_rows:
        is_all = decision.outcome is _BACKORDERED
        yield to_customer(decision, Kind.BACKORDERED if is_all else Kind.PARTLY_BACKORDERED, coming)
    elif coming and decision.outcome is not Outcome.UNFULFILLABLE:
        yield to_customer(decision, _CONFIRMED, coming)
    if short:
        yield to_customer(decision, Kind.UNFULFILLABLE, short)
    if waiting:
        yield from _held(decision, tuple([row for row in rows if row[0] in waiting]))


def _delayed(decision: Decision, promise: Promise, context: Context) -> Iterable[Notification]:
    told = context.facts.promised(decision.id)
    if told is None or told.delivered_at is None:
        return
    arrives = promise.delivered_at
    if arrives is None or arrives > told.delivered_at:
        yield _told_anew(decision, promise, Kind.DELAYED, told)


def _told_anew(decision: Decision, promise: Promise, kind: Kind, told: PastPromise) -> Notification:
    """Another date than the customer was told. That is the news: the lines make no other one."""
    waiting = decision.held_lines
    rows = tuple([row for row in news(decision) if (row[3] or row[4]) and row[0] not in waiting])
    made = to_customer(decision, kind, version=f"{promise.delivered_at} {told.delivered_at}")
    return attrs.evolve(made, lines=rows, told=told.delivered_at)


DEFAULT_NOTIFICATIONS: Notifications = customer_and_staff


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
        promise, told = decision.promise, context.facts.promised(decision.id)
        arrives = None if promise is None else promise.delivered_at
        if promise is None or told is None or arrives is None:
            return
        before = told.delivered_at
        if before is None or (arrives < before and before - arrives >= self.at_least):
            yield _told_anew(decision, promise, Kind.EARLIER, told)


@attrs.frozen(weakref_slot=False, init=False, repr=False)
class together:  # noqa: N801 - it is used as the function that it makes
    """What several policies have to tell, one after the other.

    Args:
        policies: notification policies, one at least.

    >>> together(customer_and_staff, better_promise())
    together(customer_and_staff, better_promise(at_least=datetime.timedelta(0)))
    """

    policies: tuple[Notifications, ...]

    def __init__(self, *policies: Notifications) -> None:
        if not policies:
            raise _checks.refuse("together.policies", policies, "is empty; pass one at least")
        for position, policy in enumerate(policies):
            _checks.check_callable(f"together.policies[{position}]", policy)
        _checks.set_field(self, "policies", policies)

    def __call__(self, decision: Decision, /, *, context: Context) -> Iterable[Notification]:
        return chain.from_iterable([each(decision, context=context) for each in self.policies])

    def __repr__(self) -> str:
        return f"together({', '.join(map(name_of, self.policies))})"


# -- Parts for policies of your own ---------------------------------------------------------------


def news(decision: Decision) -> tuple[NewsRow, ...]:
    """Every line of a decision as a row for a message.

    >>> from datetime import datetime, timezone
    >>> from fulfill_core import Customer, Order, OrderLine
    >>> order = Order(id="A-17", placed_at=datetime(2026, 3, 2, tzinfo=timezone.utc),
    ...               customer=Customer(id="C-7"), currency="EUR",
    ...               lines=[OrderLine(id="1", sku="mug", quantity=2)])
    >>> news(Decision(order=order, outcome=Outcome.ALLOCATED))
    (('1', 'mug', 2, 2, 0, 0, None),)
    """
    if decision.outcome is _ALLOCATED:  # by far the usual case: no need to add up
        return tuple(
            [
                (line.id, line.sku, line.units, line.units, 0, 0, None)
                for line in decision.order.lines
            ]
        )
    return tuple(
        [
            (line_id, sku, ordered, held + allocated + untracked, backordered, short, expected_at)
            for (
                line_id,
                sku,
                ordered,
                held,
                allocated,
                backordered,
                short,
                untracked,
                _,
                _,
                expected_at,
            ) in decision.line_rows
        ]
    )


def to_customer(
    decision: Decision,
    kind: str,
    lines: tuple[NewsRow, ...] = (),
    reasons: tuple[ReasonRow, ...] = (),
    *,
    version: str = "",
) -> Notification:
    """A message to the customer of a decision, in the order's own language.

    It says when the order is promised to arrive; its id does not depend on that.

    Args:
        decision: what was decided.
        kind: a `Kind`, or a word of the host's own.
        lines: the lines concerned, such as rows of `news`.
        reasons: rows of (code, detail).
        version: what makes this other news than before, if lines and reasons don't say it.

    >>> from datetime import datetime, timezone
    >>> from fulfill_core import Customer, Order, OrderLine
    >>> order = Order(id="A-17", placed_at=datetime(2026, 3, 2, tzinfo=timezone.utc),
    ...               customer=Customer(id="C-7", phone="+49 30 1234"), currency="EUR",
    ...               lines=[OrderLine(id="1", sku="mug", quantity=2)])
    >>> to_customer(Decision(order=order, outcome=Outcome.HELD), Kind.ON_HOLD).recipient
    '+49 30 1234'
    """
    order = decision.order
    customer = order.customer
    recipient = customer.email.strip() or customer.phone.strip()
    arrives = None if decision.promise is None else decision.promise.delivered_at
    return _message(order, kind, _CUSTOMER, recipient, lines, reasons, version, arrives)


def to_staff(
    decision: Decision,
    kind: str,
    lines: tuple[NewsRow, ...] = (),
    reasons: tuple[ReasonRow, ...] = (),
    *,
    version: str = "",
) -> Notification:
    """A message to the shop's own staff about a decision. Arguments as for `to_customer`.

    >>> from datetime import datetime, timezone
    >>> from fulfill_core import Customer, Order, OrderLine
    >>> order = Order(id="A-17", placed_at=datetime(2026, 3, 2, tzinfo=timezone.utc),
    ...               customer=Customer(id="C-7"), currency="EUR",
    ...               lines=[OrderLine(id="1", sku="mug", quantity=2)])
    >>> to_staff(Decision(order=order, outcome=Outcome.HELD), Kind.REVIEW_NEEDED).recipient
    ''
    """
    # The same content for the customer is another message, so the id is another one.
    return _message(decision.order, kind, Audience.STAFF, "", lines, reasons, f"staff:{version}")


def _message(
    order: Order,
    kind: str,
    audience: Audience,
    recipient: str,
    lines: tuple[NewsRow, ...],
    reasons: tuple[ReasonRow, ...],
    version: str,
    delivered_at: datetime | None = None,
) -> Notification:
    # ascii() of strings, ints and UTC datetimes is the same in every process and Python version.
    digest = blake2b(ascii((lines, reasons, version)).encode(), digest_size=8).hexdigest()
    return trusted_notification(
        ":".join([order.id, kind, digest]),  # noqa: FLY002 - half the cost, for a StrEnum
        kind,
        order,
        audience,
        recipient,
        lines,
        reasons,
        delivered_at,
    )
