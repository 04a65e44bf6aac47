"""Ready-made policies from decision to messages.

See docs/reference/outcomes-and-messages.md.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable
from datetime import UTC, datetime, timedelta

import attrs

from fulfill_core import _checks, _values, records
from fulfill_core.decisions.decision import Decision
from fulfill_core.decisions.finding import (
    CONFLICTING_DUPLICATE,
    EXPIRES_BEFORE_SHIPPING,
    OF_ITS_TURN,
    Severity,
)
from fulfill_core.decisions.lines import ShortReason
from fulfill_core.decisions.notification import (
    NOT_IN_STOCK,
    Audience,
    Kind,
    NewsRow,
    Notification,
    ReasonRow,
)
from fulfill_core.decisions.outcome import Outcome
from fulfill_core.decisions.promise import Promise, PromiseGap
from fulfill_core.exceptions import by_number
from fulfill_core.inventory.stock import Reservation
from fulfill_core.notifications.counting import count_of_plain
from fulfill_core.notifications.messages import to_customer, to_staff
from fulfill_core.notifications.reserved import reserved_for
from fulfill_core.notifications.rows import (
    news,
    rows_beside,
    rows_of,
    rows_of_both,
    rows_to_come,
    short_rows,
)
from fulfill_core.protocols import NotificationPolicy
from fulfill_core.protocols.plugins import (
    one_key_for_all,
)
from fulfill_core.records.facts import FACT_CODES, Context

_ALLOCATED = Outcome.ALLOCATED
_CONFIRMED = Kind.CONFIRMED
_BACKORDERED = Outcome.BACKORDERED
_SAID_TO_BE_MISSING = {
    Kind.PARTLY_CONFIRMED,
    Kind.PARTLY_BACKORDERED,
    Kind.BACKORDERED,
    Kind.UNFULFILLABLE,
    Kind.BACK_IN_STOCK,
}
_LATEST = datetime.max.replace(tzinfo=UTC)


WAITS_FOR_MACHINE = FACT_CODES | {"payment.error", "payment.pending", "verifier.failed"}
"""The codes of findings that a machine will lift: an answer that has not come yet, or did not come.
They are no reason to write to a customer."""


@attrs.frozen(kw_only=True, weakref_slot=False, repr=False)
class CustomerAndStaff:
    """What a customer needs to hear about a decision, and what the staff has to look at.

    To the customer: confirmed, partly confirmed (something will not come), partly backordered,
    backordered, cannot be fulfilled, scheduled, on hold (without the reasons), rejected; back in
    stock, where all of it is there of which they were told last that something is missing; and,
    whatever else is said, that it is delayed: it arrives later than the customer was told
    (`OrderRecord.told`), or nobody knows when any more. To the staff: review needed, with the
    reasons, and that more left, or was cancelled, than was ordered, that units which are reserved
    can't be used, that an authorization ends before the goods leave (`authorization_lasts`), and
    that a run of all orders does not know one that has units reserved. Of two different orders
    under one id only the staff is told: whose order it is has to be found out first. Of orders that
    are completed or cancelled there is nothing to tell. While all that an order lacks is reserved
    for it and can't be used, the customer hears nothing: it may have others in the next minute.

    An order that waits for a machine only, such as for a screening or for a bank's answer, is no
    news to the customer; the staff is told if that lasts.

    Args:
        staff_locale: the language of messages to the staff.
        date_step: by how much an order has to arrive later than the customer was told to be
            delayed: a timedelta of zero or more.
        patience: how long an order may wait for a machine before the staff is told: a timedelta of
            zero or more, since the first run that found it so (`OrderRecord.since`); where no run
            before is known, since it was placed.
        failures_together: whether the staff is told of a verifier that failed for many orders once,
            with the oldest of them. Such a message depends on what else is in the run.

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

    staff_locale: str = "en"
    date_step: timedelta = timedelta(0)
    patience: timedelta = timedelta(hours=1)
    failures_together: bool = False

    is_deferrable = True
    """It says the same whenever it is asked."""
    is_timeless_in_queue = True
    """Time passes for who is held by a failure alone: see `turning_points`."""

    __eq__, __hash__ = _values.EQUALITY

    def __attrs_post_init__(self) -> None:
        _checks.check_id("CustomerAndStaff.staff_locale", self.staff_locale, *_checks.LOCALE)
        _checks.check_duration("CustomerAndStaff.date_step", self.date_step)
        _checks.check_duration("CustomerAndStaff.patience", self.patience)
        _checks.check_bool("CustomerAndStaff.failures_together", self.failures_together)

    def __call__(self, decision: Decision, /, *, context: Context) -> Iterable[Notification]:
        outcome = decision.outcome
        if (
            outcome is _ALLOCATED
            and not decision.progress
            and not decision.unusable
            and not decision.findings
            and (decision.promise is None or not context.records)
        ):
            # Most orders: no generator is needed. Nobody is told of a later date who was told none.
            return (to_customer(decision, _confirmation(decision, context), news(decision)),)
        # A tuple: of what has an end by itself nobody counts how much comes.
        messages = tuple(_MESSAGES_OF[outcome](decision, self, context))
        if decision.promise is not None and context.records:
            delays = _delayed(decision, decision.promise, self.date_step, context)
            messages = (*messages, *delays)
        if decision.unusable or (decision.findings and _has_lost_units(decision)):
            messages = (*messages, _at_risk(decision, self))
        if decision.findings:
            messages = (*messages, *_authorizations_that_end(decision, self))
        return (*messages, *_surplus(decision, self)) if decision.progress else messages

    def message_count(self, decision: Decision, /, *, context: Context) -> int:
        """How many messages there are."""
        count = None if context.records else count_of_plain(decision)
        return len(tuple(self(decision, context=context))) if count is None else count

    def turning_points(self, decision: Decision, /, *, context: Context) -> Iterable[datetime]:
        """When the staff is told of an order that waits for a machine."""
        if (
            decision.outcome is Outcome.HELD
            and _waits_for_machine(decision)
            and not _is_told_with_another(decision, self, context)
        ):
            yield _told_at(decision, self, context)

    @property
    def shared_keys(self) -> Callable[..., Iterable[Hashable]] | None:
        """One for all orders, if a failure is told with one of them; None if there are none."""
        return one_key_for_all if self.failures_together else None

    def of_absent_order(
        self, reservations: tuple[Reservation, ...], /, *, context: Context
    ) -> Iterable[Notification]:
        """To the staff: that units are reserved for an order that is not in a run of all orders."""
        reasons = [("reservation.order_absent", reserved_for(each)) for each in reservations]
        yield Notification(
            kind=Kind.ABSENT,
            order_id=reservations[0].order_id,
            audience=Audience.STAFF,
            recipient="",
            locale=self.staff_locale,
            reasons=sorted(reasons),
        )

    def __repr__(self) -> str:
        settings = [
            f"{field.name}={getattr(self, field.name)!r}"
            for field in attrs.fields(CustomerAndStaff)
            if getattr(self, field.name) != field.default
        ]
        return f"CustomerAndStaff({', '.join(settings)})"


customer_and_staff = CustomerAndStaff()
"""`CustomerAndStaff` as most shops need it."""


_NOT_FOR_REVIEW = (*OF_ITS_TURN, "reallocation.", "reservation.", "supply.")
"""Notes that are nothing to review: of a turn, of what waits, or with a message of their own."""


def _confirmed(
    decision: Decision, policy: CustomerAndStaff, context: Context
) -> Iterable[Notification]:
    yield to_customer(decision, _confirmation(decision, context), news(decision))


def _confirmation(decision: Decision, context: Context) -> Kind:
    """The kind of the message that all of an order is there: it is back, or was never missing.

    Once it was said to be back, that is what holds: it is no news that it is still there.
    """
    record = context.record_of(decision.id) if context.records else None
    last = None if record is None else record.told_to(Audience.CUSTOMER)
    if record is None or last is None or last.kinds.isdisjoint(_SAID_TO_BE_MISSING):
        return _CONFIRMED
    is_back = Kind.BACK_IN_STOCK in last.kinds or not _is_cancelled(decision, record)
    return Kind.BACK_IN_STOCK if is_back else _CONFIRMED


def _is_cancelled(decision: Decision, record: records.OrderRecord) -> bool:
    """Whether what was said to be missing was cancelled: nothing has come since the last run."""
    if decision.allocation_rows or not any([each.cancelled for each in record.progress]):
        return False
    return _units_by_line(decision.reserved) <= _units_by_line(record.reserved)


def _units_by_line(reserved: Iterable[Reservation]) -> Counter[tuple[str, str, datetime | None]]:
    """Units by line and SKU, and by when they were reserved: others may have taken their place."""
    units: Counter[tuple[str, str, datetime | None]] = Counter()
    for each in reserved:
        units[each.line_id, each.sku, each.made_at] += each.quantity
    return units


def _rejected(
    decision: Decision, policy: CustomerAndStaff, context: Context
) -> Iterable[Notification]:
    yield to_customer(decision, Kind.REJECTED)


def _nothing(
    decision: Decision, policy: CustomerAndStaff, context: Context
) -> Iterable[Notification]:
    return ()


def _stopped(
    decision: Decision, policy: CustomerAndStaff, context: Context
) -> Iterable[Notification]:
    if not _waits_for_machine(decision):
        yield from _on_hold(decision, policy)
    elif not _is_told_with_another(decision, policy, context) and context.now >= _told_at(
        decision, policy, context
    ):
        message = _review_needed(decision, policy)
        yield _with_failures(message, context) if policy.failures_together else message


def _surplus(decision: Decision, policy: CustomerAndStaff) -> Iterable[Notification]:
    """More has left, or was cancelled, than was ordered: it happened, and somebody has to know."""
    reasons: list[ReasonRow] = []
    for line in decision.lines:
        if line.surplus:
            verb = by_number(line.surplus, "was", "were")
            subject = f"{line.surplus} of {line.sku} left, or {verb} cancelled"
            detail = f"{subject}, beyond the {line.ordered} that it asks for."
            reasons.append(("progress.surplus", f"Line {line.line_id}: {detail}"))
    if reasons:
        yield to_staff(decision, Kind.SURPLUS, reasons=tuple(reasons), locale=policy.staff_locale)


def _has_lost_units(decision: Decision) -> bool:
    """Whether a reservation of it has expired, and it lacks what that kept for it."""
    return decision.outcome is not Outcome.REJECTED and any(
        [each.code == "reservation.expired" for each in decision.findings]
    )


def _at_risk(decision: Decision, policy: CustomerAndStaff) -> Notification:
    """Units that are, or were, reserved can't be used: somebody has to look for others, or them."""
    reasons = tuple(
        [
            (each.code, each.detail)
            for each in decision.findings
            if each.code.startswith("reservation.")
        ]
    )
    return to_staff(decision, Kind.AT_RISK, reasons=reasons, locale=policy.staff_locale)


def _authorizations_that_end(
    decision: Decision, policy: CustomerAndStaff
) -> Iterable[Notification]:
    """An authorization ends before the goods leave, as it turned out: somebody has to renew it."""
    reasons = tuple(
        [
            (each.code, each.detail)
            for each in decision.findings
            if each.code == EXPIRES_BEFORE_SHIPPING and each.severity is Severity.NOTE
        ]
    )
    if reasons:
        yield to_staff(
            decision, Kind.AUTHORIZATION_ENDS, reasons=reasons, locale=policy.staff_locale
        )


def _lines_at_risk(decision: Decision) -> frozenset[str]:
    """The lines that are short only of what is reserved for them and can't be used.

    Until somebody has seen to it, what the customer was told last stands: in the next minute they
    may have other units.
    """
    reasons = {(short.line_id, short.reason) for short in decision.shorts}
    lacking = {line for line, reason in reasons if reason is not ShortReason.RESERVED_UNUSABLE}
    return frozenset([line for line, _ in reasons if line not in lacking])


def _is_staff_matter(decision: Decision) -> bool:
    """Whether all that an order lacks is reserved for it and can't be used."""
    if not decision.unusable or decision.backorder_rows:
        return False
    return len(_lines_at_risk(decision)) == len({short.line_id for short in decision.shorts})


def _waits_for_machine(decision: Decision) -> bool:
    """Whether all that stops an order is what a machine will lift."""
    return all(
        finding.code in WAITS_FOR_MACHINE
        for finding in decision.findings
        if finding.severity is not Severity.NOTE and not finding.is_waived
    )


def _is_told_with_another(decision: Decision, policy: CustomerAndStaff, context: Context) -> bool:
    """Whether all that stops an order are verifiers whose failure another order is told with."""
    if not policy.failures_together or not context.failures:
        return False
    elsewhere = {each.verifier for each in context.failures if each.order_id != decision.id}
    here = {each.verifier for each in context.failures if each.order_id == decision.id}
    reasons = {
        finding.evidence.rpartition(": ")[0] if finding.code == "verifier.failed" else ""
        for finding in decision.findings
        if finding.severity is not Severity.NOTE and not finding.is_waived
    }
    return reasons <= elsewhere and not reasons & here


def _with_failures(message: Notification, context: Context) -> Notification:
    """The message, if it stands for other orders as well. Not for how many: each would be news."""
    names = [each.verifier for each in context.failures if each.order_id == message.order_id]
    if not names:
        return message
    rows = [
        (
            "verifier.failed",
            f"The verifier {name} failed for other orders as well.",
        )
        for name in names
    ]
    return attrs.evolve(message, reasons=(*message.reasons, *rows))


def _told_at(decision: Decision, policy: CustomerAndStaff, context: Context) -> datetime:
    """When the staff is told of an order that waits for a machine."""
    record = context.record_of(decision.id)
    since: datetime | None = decision.order.placed_at
    if record is not None and record.outcome is not None:
        since = record.since if record.outcome is Outcome.HELD else context.now
    since = since or context.now
    return since + min(policy.patience, _LATEST - since)


def _on_hold(
    decision: Decision, policy: CustomerAndStaff, rows: tuple[NewsRow, ...] = ()
) -> Iterable[Notification]:
    review = _review_needed(decision, policy, rows)
    yield review
    if all(code != CONFLICTING_DUPLICATE for code, _ in review.reasons):
        # The customer is not told why, but a hold for another reason is other news.
        codes = " ".join(
            finding.code
            for finding in decision.findings
            if finding.severity is not Severity.NOTE and not finding.is_waived
        )
        yield to_customer(decision, Kind.ON_HOLD, rows, news_key=codes)


def _review_needed(
    decision: Decision, policy: CustomerAndStaff, rows: tuple[NewsRow, ...] = ()
) -> Notification:
    reasons = tuple(
        (finding.code, finding.detail)
        for finding in decision.findings
        if not finding.is_waived and not finding.code.startswith(_NOT_FOR_REVIEW)
    )
    return to_staff(decision, Kind.REVIEW_NEEDED, rows, reasons, locale=policy.staff_locale)


def _scheduled(
    decision: Decision, policy: CustomerAndStaff, context: Context
) -> Iterable[Notification]:
    lines_on_hold = decision.held_lines
    rows = news(decision)
    yield to_customer(decision, Kind.SCHEDULED, rows_beside(rows, lines_on_hold))
    if lines_on_hold:
        yield from _on_hold(decision, policy, rows_of(rows, lines_on_hold))


def _incomplete(
    decision: Decision, policy: CustomerAndStaff, context: Context
) -> Iterable[Notification]:
    rows = news(decision)
    lines_on_hold = decision.held_lines
    if not _is_staff_matter(decision):
        lines_beside = lines_on_hold | decision.scheduled_lines
        yield from _served_in_part(decision, rows, rows_beside(rows, lines_beside))
        if lines_scheduled := decision.scheduled_lines - lines_on_hold:
            yield to_customer(decision, Kind.SCHEDULED, rows_of(rows, lines_scheduled))
    if lines_on_hold:
        yield from _on_hold(decision, policy, rows_of(rows, lines_on_hold))


def _served_in_part(
    decision: Decision, rows: tuple[NewsRow, ...], rows_served: tuple[NewsRow, ...]
) -> Iterable[Notification]:
    """What comes, at once or later, and what does not: one piece of news, so one message."""
    to_come = rows_to_come(rows_served)
    if decision.outcome is Outcome.UNFULFILLABLE:
        to_come = rows_of(to_come, frozenset(decision.untracked))  # all else turned out unusable
    short = short_rows(rows_beside(rows, _lines_at_risk(decision)) if decision.unusable else rows)
    if short and to_come:
        yield to_customer(decision, Kind.PARTLY_CONFIRMED, rows_of_both(rows, to_come, short))
    elif short:
        yield to_customer(decision, Kind.UNFULFILLABLE, short)
    elif decision.backorder_rows:
        is_all = decision.outcome is _BACKORDERED
        kind = Kind.BACKORDERED if is_all else Kind.PARTLY_BACKORDERED
        yield to_customer(decision, kind, to_come)
    elif to_come:  # the rest is held, or not to leave yet
        yield to_customer(decision, _CONFIRMED, to_come)


_MESSAGES_OF: dict[
    Outcome, Callable[[Decision, CustomerAndStaff, Context], Iterable[Notification]]
] = {
    Outcome.ALLOCATED: _confirmed,
    Outcome.PARTIALLY_ALLOCATED: _incomplete,
    Outcome.BACKORDERED: _incomplete,
    Outcome.UNFULFILLABLE: _incomplete,
    Outcome.SCHEDULED: _scheduled,
    Outcome.HELD: _stopped,
    Outcome.REJECTED: _rejected,
    Outcome.COMPLETED: _nothing,
    Outcome.CANCELLED: _nothing,
}


def _rows_to_come(decision: Decision) -> tuple[NewsRow, ...]:
    """The rows of lines of which something comes, and that wait for nobody, nor for their time."""
    lines_beside = decision.held_lines | decision.scheduled_lines
    return rows_to_come(rows_beside(news(decision), lines_beside))


def told_last(decision: Decision, context: Context) -> records.Told | None:
    """What the customer was told last; None if nothing."""
    record = context.record_of(decision.id)
    return None if record is None else record.told_to(Audience.CUSTOMER)


def _delayed(
    decision: Decision, promise: Promise, step: timedelta, context: Context
) -> Iterable[Notification]:
    last = told_last(decision, context)
    if last is None or last.delivered_at is None:
        return
    arrives, before = promise.delivered_at, last.delivered_at
    if arrives is None or (arrives > before and arrives - before >= step):
        yield with_new_date(decision, Kind.DELAYED, before)


def with_new_date(decision: Decision, kind: Kind, before: datetime | None) -> Notification:
    """Another date than the customer was told. That is the news: the lines make no other one.

    Where nobody knows a date any more, it says why, as far as that is known: it is not in stock.
    """
    promise = decision.promise
    is_undated = promise is not None and PromiseGap.NO_SUPPLY_DATE in promise.gaps
    reasons = (NOT_IN_STOCK,) if is_undated else ()
    message = to_customer(decision, kind, _rows_to_come(decision), reasons)
    return attrs.evolve(message, previous_date=before, is_about_date=True)


DEFAULT_NOTIFICATIONS: NotificationPolicy = customer_and_staff
