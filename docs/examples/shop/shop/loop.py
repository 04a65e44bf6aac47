"""The loop as this shop runs it: its rules, its hours, and what its customers agreed to."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from time import sleep
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Engine

from fulfill_core import Order
from fulfill_core.calendars import BusinessCalendar, Shift
from fulfill_core.decisions import Medium
from fulfill_core.hosting import Job, LoopReport, OutboxRow, Sent, run_loop
from fulfill_core.lifecycle import Rules
from fulfill_core.notifications import Contact, Preferences
from shop.database import RefusedError, storage_of

RULES = Rules(
    unpaid=timedelta(days=7),
    review=timedelta(days=2),
    acceptance=timedelta(days=2),
    withdrawal_days=14,
)
DAY = BusinessCalendar(
    timezone=ZoneInfo("Europe/London"),
    shifts=[Shift(start=time(8), end=time(20), weekdays=range(7))],
)
ONLY_WHAT_IS_OWED = "few-mails"  # a tag of orders whose customer agreed to nothing else


def work(
    bind: Engine | Connection, jobs: Iterable[Job], now: datetime, **options: Any
) -> LoopReport:
    """Do jobs at a time, and send what is due if there is a ``notifier``.

    Args:
        bind: an engine: each job is a transaction. Or a connection: all are in its transaction.
        jobs: what is to be done.
        now: the time.
        options: what else `run_loop` takes.

    Raises:
        RefusedError: somebody else was faster, each time; or an event is of an order that can't be
            read.
    """
    if "notifier" in options:
        options["actor"] = carry_out
    report = run_loop(
        jobs,
        storage=storage_of(bind),
        clock=lambda: now,
        sleep=sleep,
        preferences=preferences_of,
        **options,
    )
    for each in report.jobs:
        if not each.is_done:
            reasons = [f"order {order_id}: {reason}" for order_id, reason in each.left_out]
            raise RefusedError("; ".join(reasons) or "others were faster each time; try again")
    return report


def preferences_of(order: Order) -> Preferences:
    """How the customer of an order is told: by day, and of no more than they agreed to."""
    mailbox = order.customer.mailbox
    if ONLY_WHAT_IS_OWED in order.tags and mailbox:
        contact = Contact(medium=Medium.EMAIL, recipient=mailbox, informs=False)
        return Preferences(contacts=[contact], hours=DAY)
    return Preferences(hours=DAY)


def carry_out(_: OutboxRow) -> Sent:
    """What there is to do beside mails: events say what payment service and locations made of it.

    A shop of your own calls them here.
    """
    return Sent()
