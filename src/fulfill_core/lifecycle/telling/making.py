"""How a message about a step is made: to whom, in which language, with which rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC
from decimal import Decimal

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
        Audience.CUSTOMER,
        mailbox_for(order.customer),
        order.locale,
        tuple(lines),
        tuple(reasons),
        "" if subject == DECISION else draft.event.id,
        None,
        subject,
    )


def message_of(
    draft: Draft,
    kind: Kind,
    audience: Audience,
    mailbox: tuple[str, str],
    locale: str,
    lines: Iterable[NewsRow],
    reasons: Iterable[ReasonRow],
    subject: str,
    *,
    news_key: str,
) -> Notification:
    """A message about the order, in whose rows is nothing that was not checked."""
    return trusted_notification(
        kind,
        draft.order,
        UTC,
        audience,
        mailbox,
        locale,
        tuple(lines),
        tuple(reasons),
        news_key,
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
        sku, ordered, open_units = "-", 0, 0  # of a line that nobody knows
        if line is not None:
            progress = progress_by_line.get(line_id, NO_PROGRESS)
            sku, ordered, open_units = line.sku, line.units - progress.reduced, progress.open(line)
        cancelled_units = cancelled.get(line_id, 0)
        rows.append((line_id, sku, ordered, amount, open_units, cancelled_units, None))
    return rows


def amount_row(amount: Decimal, name: str = "amount") -> ReasonRow:
    """An amount, with two digits at least."""
    return name, f"{amount:.2f}" if amount == amount.quantize(_CENT) else money_text(amount)


_CENT = Decimal("0.01")


def to_location(
    draft: Draft, kind: Kind, location: str, fulfilment_id: str, units: Units
) -> Notification:
    """A message to a location about a pick list."""
    return message_of(
        draft,
        kind,
        Audience.LOCATION,
        (location, ""),
        draft.rules.staff_locale,
        news_rows(draft, units),
        [("fulfilment", fulfilment_id)],
        f"fulfilment:{fulfilment_id}",
        news_key=draft.event.id,
    )
