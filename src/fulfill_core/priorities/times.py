"""Policies that go by time, and how a policy is put into words."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TypeAlias, cast

import attrs

from fulfill_core import _checks, _values
from fulfill_core.exceptions import InvalidValueError, PluginError
from fulfill_core.orders.dates import first_deadline
from fulfill_core.orders.order import Order
from fulfill_core.orders.progress import settled_lines
from fulfill_core.protocols import PriorityPolicy
from fulfill_core.protocols.plugins import name_of, setting_compared, setting_shown
from fulfill_core.records.facts import Context

LeadTime: TypeAlias = Callable[[Order], timedelta]
WorkingTime: TypeAlias = Callable[[datetime, timedelta], datetime]

_NEVER = datetime.max.replace(tzinfo=UTC)
_ALWAYS = datetime.min.replace(tzinfo=UTC)
_DAY = timedelta(days=1)
_NO_TIME = timedelta(0)


def deadline(order: Order, /, *, context: Context) -> datetime:
    """Earliest deadline first, so overdue orders lead; no deadline last.

    Where lines have deadlines of their own, the earliest of those that are open counts. A deadline
    is an instant. Where only a day was promised, the end of that day at the place in question is
    meant: `BusinessCalendar.end_of_day`.

    >>> from datetime import datetime, timezone
    >>> from fulfill_core import Customer
    >>> now = datetime(2026, 3, 2, tzinfo=timezone.utc)
    >>> order = Order(id="A-1", placed_at=now, customer=Customer(id="C-7"), lines=[],
    ...               currency="EUR", deliver_by=datetime(2026, 3, 9, tzinfo=timezone.utc))
    >>> deadline(order, context=Context(now=now)).day
    9
    """
    due = order.deliver_by if not order.has_line_dates else _deadline_of(order, context)
    if due is None:
        return _NEVER
    return due if due.tzinfo is UTC else due.astimezone(UTC)


def _deadline_of(order: Order, context: Context) -> datetime | None:
    """The earliest deadline of what is open; None if there is none."""
    if not order.has_line_dates:
        return order.deliver_by
    return first_deadline(order, settled_lines(order, context.progress_of(order.id)))


def oldest_first(order: Order, /, *, context: Context) -> datetime:
    """The order that was placed first is served first.

    >>> from datetime import datetime, timezone
    >>> from fulfill_core import Customer
    >>> now = datetime(2026, 3, 2, tzinfo=timezone.utc)
    >>> order = Order(id="A-1", placed_at=now, customer=Customer(id="C-7"), lines=[],
    ...               currency="EUR")
    >>> oldest_first(order, context=Context(now=now)) == now
    True
    """
    placed = order.placed_at
    return placed if placed.tzinfo is UTC else placed.astimezone(UTC)


@attrs.frozen(weakref_slot=False)
class slack:  # noqa: N801 - it is used as the function that it makes
    """First the order that must be started first, to be there in time; no deadline last.

    That is its deadline minus the time that handling and transit still need.

    Args:
        lead_time: that time: a timedelta of zero or more for all orders, or a function of an order
            that returns one.
        working_time: a function of the deadline and the lead time, which returns the instant, an
            aware datetime, at which the order must be started: such as ``calendar.subtract`` of a
            `BusinessCalendar`. None: the time runs day and night.

    A function that returns anything else stops the run with a `PluginError`.

    >>> from datetime import timezone
    >>> from fulfill_core import Customer
    >>> now = datetime(2026, 3, 2, tzinfo=timezone.utc)
    >>> order = Order(id="A-1", placed_at=now, customer=Customer(id="C-7"), lines=[],
    ...               currency="EUR", deliver_by=datetime(2026, 3, 9, tzinfo=timezone.utc))
    >>> slack(timedelta(days=3))(order, context=Context(now=now)).day
    6
    """

    lead_time: timedelta | LeadTime = attrs.field(
        default=_NO_TIME, repr=setting_shown, eq=setting_compared
    )
    working_time: WorkingTime | None = attrs.field(
        default=None, repr=setting_shown, eq=setting_compared
    )

    __repr__ = _values.repr_of

    def __attrs_post_init__(self) -> None:
        if not callable(self.lead_time):
            _checks.check_duration("slack.lead_time", self.lead_time)
        if self.working_time is not None:
            _checks.check_callable("slack.working_time", self.working_time)

    def __call__(self, order: Order, /, *, context: Context) -> datetime:
        due = _deadline_of(order, context)
        if due is None:
            return _NEVER
        due = due.astimezone(UTC)
        lead_time = self.lead_time
        if not isinstance(lead_time, timedelta):
            lead_time = lead_time(order)
            try:
                _checks.check_duration("lead_time", lead_time)
            except InvalidValueError as error:
                raise self._refused(order, self.lead_time, error) from None
        if self.working_time is None:
            # What is that early is earlier than anything else, and that is all that counts.
            return due - lead_time if due - _ALWAYS >= lead_time else _ALWAYS
        start = self.working_time(due, lead_time)
        try:
            _checks.check_aware("working_time", start)
        except InvalidValueError as error:
            raise self._refused(order, self.working_time, error) from None
        return start.astimezone(UTC)

    def _refused(self, order: Order, function: object, error: InvalidValueError) -> PluginError:
        return PluginError(
            repr(self),
            order.id,
            f"{name_of(function)} returned {error.value}, which {error.problem}",
        )

    def describe(self, order: Order, /, *, context: Context) -> str:
        """In words, for an explanation."""
        due = _deadline_of(order, context)
        if due is None:
            return "no deadline"
        start = self(order, context=context)
        late = " (too late already)" if start < context.now else f"{_ahead(start, context)}"
        return f"{_due(due)}, so to be started by {_instant(start)}{late}"


# -- In words --------------------------------------------------------------------------------------


def describe(policy: PriorityPolicy, order: Order, /, *, context: Context) -> str:
    """What a policy went by, in words, for one order.

    A policy can say it itself with a method ``describe(order, /, *, context) -> str``; of any other
    one its name and the key are told.

    >>> from datetime import datetime, timezone
    >>> from fulfill_core import DEFAULT_PRIORITY, Customer
    >>> now = datetime(2026, 3, 2, tzinfo=timezone.utc)
    >>> order = Order(id="A-1", placed_at=now, customer=Customer(id="C-7"), lines=[],
    ...               currency="EUR")
    >>> describe(DEFAULT_PRIORITY, order, context=Context(now=now))
    'no deadline, then placed at 2026-03-02 00:00 UTC'
    """
    if policy is deadline:
        due = _deadline_of(order, context)
        return "no deadline" if due is None else f"{_due(due)}{_ahead(due, context)}"
    if policy is oldest_first:
        waited = (context.now.astimezone(UTC) - order.placed_at.astimezone(UTC)) // _DAY
        ago = f" ({waited} days ago)" if waited > 1 else ""
        return f"placed at {_instant(order.placed_at)}{ago}"
    own = getattr(policy, "describe", None)
    if own is not None:
        return cast("str", own(order, context=context))
    return f"{name_of(policy)} = {_words(policy(order, context=context))}"


def _words(key: object) -> str:
    """A key of somebody's own policy, as people write it: amounts and times without their class."""
    if type(key) is tuple:
        parts = cast("tuple[object, ...]", key)
        return f"({', '.join(map(_words, parts))})"
    return str(key) if isinstance(key, Decimal | date | timedelta) else repr(key)


def _due(due: datetime) -> str:
    return f"due by {_instant(due)}"


def _instant(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%M %Z}"


def _ahead(instant: datetime, context: Context) -> str:
    """How far ahead an instant is, in the days of UTC, as it is told; or that it is past."""
    if instant < context.now:
        late = (context.now - instant) // _DAY
        return f" (overdue by {late} days)" if late > 1 else " (overdue)"
    days = (instant.date() - context.now.date()).days
    return (" (today)", " (tomorrow)")[days] if days in {0, 1} else f" (in {days} days)"
