"""Is the order still paid for when the goods can leave?"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import cast

import attrs

from fulfill_core import _checks
from fulfill_core._checks import money_text
from fulfill_core.decisions.decision import Decision
from fulfill_core.decisions.finding import Finding, hold, note
from fulfill_core.decisions.rows import BackorderView
from fulfill_core.orders.dates import departures, first_departure
from fulfill_core.orders.order import Order
from fulfill_core.orders.payment import Payment
from fulfill_core.orders.terms import Terms
from fulfill_core.records.collecting import is_own
from fulfill_core.records.facts import Context
from fulfill_core.verifiers.payment import (
    CoversTotal,
    authorization_text,
    covers_total,
    total_due,
)
from fulfill_core.verifiers.timeline import period_text

_NO_TIME = timedelta(0)
_END_OF_TIME = datetime.max.replace(tzinfo=UTC)


@attrs.frozen(weakref_slot=False)
class authorization_lasts:  # noqa: N801 - it is used as the function that it makes
    """The total is still covered when the goods can leave: no authorization expires before.

    The earliest instant that is known before the stock is given out is now, or the order's
    ``ship_after`` (of its lines, the first) if that is later, and the handling on top. Once the
    stock has been given out it
    looks again: what is backordered leaves when the last supply that has a date is there, and the
    handling on top; or, if a departure is promised (`Decision.promise`), all of it leaves then.
    What then expires too early is a note, because that stops nothing any more.

    If the total is not covered now it says nothing: that is for `covers_total` to say.

    Args:
        handling: from the moment that the goods are there until they leave, a timedelta of zero or
            more.
        covers: the rule by which the total is covered, as it is used beside this one; how long
            authorizations last that name no end is a setting of it.

    Codes: ``payment.expires_before_shipping`` (HOLD; NOTE at the second look; one for each
    authorization that expires at that instant or before it).

    Raises:
        InvalidValueError: a setting of the wrong type, a negative handling.

    >>> from datetime import datetime, timezone
    >>> from decimal import Decimal
    >>> from fulfill_core import Customer, OrderLine, Payment
    >>> now = datetime(2026, 3, 2, tzinfo=timezone.utc)
    >>> order = Order(id="A-1", placed_at=now, customer=Customer(id="C-7"), currency="EUR",
    ...     lines=[OrderLine(id="1", sku="mug", quantity=2, unit_price=Decimal("9.90"))],
    ...     ship_after=now + timedelta(days=9),
    ...     payments=[Payment(id="p1", amount=Decimal("19.80"), expires_at=now + timedelta(7))])
    >>> for finding in authorization_lasts()(order, context=Context(now=now)):
    ...     for part in finding.detail.split("; "):
    ...         print(part)
    The authorization of 19.80 EUR expires at 2026-03-09 00:00 UTC
    the order leaves at 2026-03-11 00:00 UTC at the earliest.
    """

    handling: timedelta = _NO_TIME
    covers: CoversTotal = attrs.field(default=covers_total(), kw_only=True)

    def __attrs_post_init__(self) -> None:
        _checks.check_member("authorization_lasts.handling", self.handling, timedelta)
        if self.handling < _NO_TIME:
            raise _checks.refuse(
                "authorization_lasts.handling", self.handling, "is below zero; pass zero or more"
            )
        if not isinstance(cast("object", self.covers), CoversTotal):
            raise _checks.refuse(
                "authorization_lasts.covers", self.covers, "is not of type covers_total; pass one"
            )

    def __call__(self, order: Order, /, *, context: Context) -> Iterable[Finding]:
        now = context.now.astimezone(UTC)
        leaves_at = self._leaves_at(order, now)
        leaves = f"at {_utc(leaves_at)} at the earliest"
        after = first_departure(order)
        if after is None or after <= now:
            # Not the instant, which moves with now: that would be other news in every run.
            leaves = f"{period_text(self.handling)} from now at the earliest"
        return [
            hold(
                "payment.expires_before_shipping",
                field=f"payments[{payment.id}].expires_at",
                detail=f"{_expires(payment, order, self.covers.terms)}; the order leaves {leaves}.",
                evidence=authorization_text(payment, self.covers.terms),
                measure=payment.authorized,
            )
            for payment in _expiring(order, self.covers, context, leaves_at)
        ]

    def second_look(self, decision: Decision, /, *, context: Context) -> Iterable[Finding]:
        """The same, now that it is known when the last of it leaves, or when the rest comes."""
        order, promise = decision.order, decision.promise
        now = context.now.astimezone(UTC)
        is_whole = not decision.scheduled_lines  # those are not promised yet
        if is_whole and promise is not None and promise.ships_at is not None:
            leaves = f"the last of it leaves at {_utc(promise.ships_at)}, as promised"
            return self._noted(order, context, promise.ships_at, leaves)
        rows = map(BackorderView._make, decision.backorder_rows)
        dates = [row.expected_at for row in rows if row.expected_at is not None]
        if decision.scheduled_lines:
            dates += departures(order)
        if not dates:
            return ()
        leaves_at = self._leaves_at(order, max(now, *dates))
        what = "what is scheduled" if decision.scheduled_lines else "what is backordered"
        leaves = f"{what} leaves at {_utc(leaves_at)} at the earliest"
        return self._noted(order, context, leaves_at, leaves)

    def _noted(
        self, order: Order, context: Context, leaves_at: datetime, leaves: str
    ) -> Iterable[Finding]:
        return [
            note(
                "payment.expires_before_shipping",
                field=f"payments[{payment.id}].expires_at",
                detail=f"{_expires(payment, order, self.covers.terms)}; {leaves}.",
                evidence=authorization_text(payment, self.covers.terms),
                measure=payment.authorized,
            )
            for payment in _expiring(order, self.covers, context, leaves_at)
        ]

    def turning_points(self, order: Order, /, *, context: Context) -> Iterable[datetime]:
        """When an authorization has less life left than handling takes, and when it has none."""
        leaves_at = self._leaves_at(order, context.now.astimezone(UTC))
        for payment in order.payments:
            expires_at = self.covers.terms.ends_at(payment) if payment.authorized else None
            if expires_at is not None:
                yield expires_at
                if leaves_at < expires_at:
                    yield expires_at - self.handling
                else:  # an order that waits for them may be served before
                    yield from departures(order)

    def _leaves_at(self, order: Order, there_at: datetime) -> datetime:
        """The earliest instant, in UTC: there a day has 24 hours."""
        begun = there_at
        after = first_departure(order)
        if after is not None:
            begun = max(begun, after)
        try:
            return begun + self.handling
        except OverflowError:
            return _END_OF_TIME


def _expiring(
    order: Order, covers: CoversTotal, context: Context, leaves_at: datetime
) -> list[Payment]:
    """The authorizations that are good now, expire until then, and are needed for the total."""
    now = context.now
    expiring: list[Payment] = []
    for payment in order.payments:
        if not payment.authorized or not is_own(payment, order):
            continue
        ends_at = covers.terms.ends_at(payment)
        if ends_at is not None and now < ends_at <= leaves_at:
            expiring.append(payment)
    if not expiring:  # the usual case
        return expiring
    due = total_due(order, context)
    is_needed = covers.is_covered(order, at=now, due=due) and not covers.is_covered(
        order, at=leaves_at, due=due
    )
    return expiring if is_needed else []


def _expires(payment: Payment, order: Order, terms: Terms) -> str:
    """The beginning of a sentence on an authorization that expires."""
    amount = f"{money_text(payment.authorized)} {order.currency}"
    ends_at = cast("datetime", terms.ends_at(payment))
    return f"The authorization of {amount} expires at {_utc(ends_at)}"


def _utc(instant: datetime) -> str:
    """Both dates of a sentence are in one zone, so that they compare."""
    return f"{instant.astimezone(UTC):%Y-%m-%d %H:%M %Z}"
