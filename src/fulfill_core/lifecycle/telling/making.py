"""How a message about a step is made: to whom, in which language, with which rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal

from fulfill_core import _checks
from fulfill_core._checks import money_text
from fulfill_core.decisions.notification import (
    DECISION,
    Audience,
    Kind,
    NewsRow,
    Notification,
    ReasonRow,
    trusted_notification,
)
from fulfill_core.lifecycle.draft import Draft
from fulfill_core.notifications.messages import mailbox_for
from fulfill_core.orders.progress import NO_PROGRESS
from fulfill_core.records.history import Units

_NOT_CANCELLED: Mapping[str, int] = {}
_NO_MAILBOX = "", ""
_CUSTOMER, _STAFF = Audience.CUSTOMER, Audience.STAFF


def to_customer(
    draft: Draft,
    kind: Kind,
    subject: str,
    lines: Iterable[NewsRow] = (),
    reasons: Iterable[ReasonRow] = (),
) -> Notification:
    """A message to the customer, in the order's own language, at the order's own address."""
    order = draft.record.order
    return trusted_notification(
        kind,
        order,
        UTC,
        _CUSTOMER,
        mailbox_for(order.customer),
        order.locale,
        tuple(lines),
        tuple(reasons),
        "" if subject == DECISION else draft.event.id,
        None,
        subject,
    )


def news_rows(
    draft: Draft, units: Iterable[tuple[str, int]], cancelled: Mapping[str, int] = _NOT_CANCELLED
) -> list[NewsRow]:
    """Lines as rows: of what is ordered, the units that it is about, what is open, cancelled.

    Args:
        draft: the step.
        units: what it is about, by line.
        cancelled: how many of which lines, where it is about that.
    """
    lines, progress_by_line = draft.lines_by_id(), draft.progress_by_line()
    rows: list[NewsRow] = []
    for line_id, amount in units:
        line = lines.get(line_id)
        cancelled_units = cancelled.get(line_id, 0) if cancelled else 0
        if line is None:
            rows.append((line_id, "-", 0, amount, 0, cancelled_units, None))
            continue
        progress = progress_by_line.get(line_id, NO_PROGRESS)
        ordered, open_units = line.units - progress.reduced, progress.open(line)
        rows.append((line_id, line.sku, ordered, amount, open_units, cancelled_units, None))
    return rows


def amount_row(amount: Decimal, name: str = "amount") -> ReasonRow:
    """An amount, with two digits at least."""
    text = str(amount)
    if text[-3:-2] != ".":  # as of few: to format it takes three times as long
        text = f"{amount:.2f}" if amount == amount.quantize(_CENT) else money_text(amount)
    return name, text


_CENT = Decimal("0.01")


def details_of(*rows: ReasonRow) -> list[ReasonRow]:
    """What there is to say beside the lines: without what nobody said."""
    return [row for row in rows if row[1]]


def instant_text(draft: Draft, at: datetime) -> str:
    """An instant by the customer's clock, with its offset."""
    timezone = draft.order.timezone
    return (at if timezone is None else _checks.in_zone(at, timezone)).isoformat()


def to_location(
    draft: Draft, kind: Kind, location: str, fulfilment_id: str, units: Units
) -> Notification:
    """A message to a location about a pick list."""
    return trusted_notification(
        kind,
        draft.record.order,
        UTC,
        Audience.LOCATION,
        (location, ""),
        draft.rules.staff_locale,
        tuple(news_rows(draft, units)),
        (("fulfilment", fulfilment_id),),
        draft.event.id,
        None,
        f"fulfilment:{fulfilment_id}",
    )


def to_staff(
    draft: Draft, kind: Kind, lines: Iterable[NewsRow], reasons: Iterable[ReasonRow]
) -> Notification:
    """A message to the shop's staff about what the event has brought."""
    return trusted_notification(
        kind,
        draft.record.order,
        UTC,
        _STAFF,
        _NO_MAILBOX,
        draft.rules.staff_locale,
        tuple(lines),
        tuple(reasons),
        "",
        None,
        f"event:{draft.event.id}",
    )
