"""What the loop asks its driver for: values, one for each thing that reaches outside."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TypeAlias

import attrs

from fulfill_core.hosting.batches import Scope
from fulfill_core.hosting.plans import CommitPlan, OutboxRow
from fulfill_core.hosting.sending import Attempt
from fulfill_core.records.order_record import OrderRecord


@attrs.frozen(weakref_slot=False)
class Load:
    """Load a scope: `Storage.load`.

    Args:
        scope: which orders, and which SKUs.

    >>> Load(Scope()).scope.order_ids
    """

    scope: Scope


@attrs.frozen(weakref_slot=False)
class Gather:
    """Say what the world knows of orders that are about to be decided, such as screenings.

    Args:
        records: the orders.

    >>> Gather(()).records
    ()
    """

    records: tuple[OrderRecord, ...]


@attrs.frozen(weakref_slot=False)
class Commit:
    """Write a plan, or say why not: `Storage.commit`.

    Args:
        plan: what is to be written.

    >>> Commit(CommitPlan(id="p1", at=datetime.fromisoformat("2026-03-02T12:00Z"))).plan.id
    'p1'
    """

    plan: CommitPlan


@attrs.frozen(weakref_slot=False)
class WhatWasDecided:
    """Say whether a plan is written: `Storage.decided`.

    Args:
        plan_id: which plan.

    >>> WhatWasDecided("p1").plan_id
    'p1'
    """

    plan_id: str


@attrs.frozen(weakref_slot=False)
class Unsent:
    """Hand out what is to be sent and done: `Storage.unsent`.

    Args:
        limit: so many rows at most.
        now: those that are due by then.
        until: nobody else gets them before.

    >>> now = datetime.fromisoformat("2026-03-02T12:00Z")
    >>> Unsent(100, now, now + timedelta(minutes=5)).limit
    100
    """

    limit: int
    now: datetime
    until: datetime


@attrs.frozen(weakref_slot=False)
class Mark:
    """Note what became of rows that were handed out: `Storage.mark`.

    Args:
        attempts: what became of each.

    >>> Mark(()).attempts
    ()
    """

    attempts: tuple[Attempt, ...]


@attrs.frozen(weakref_slot=False)
class Send:
    """Send a message, by the host's notifier.

    Args:
        row: the outbox row that has it.

    >>> from fulfill_core.lifecycle import Ask
    >>> Send(OutboxRow(id="m1", order_id="A-1", content=Ask(code="a.b", detail=""))).row.id
    'm1'
    """

    row: OutboxRow


@attrs.frozen(weakref_slot=False)
class Act:
    """Carry out an action, by the host.

    Args:
        row: the outbox row that has it.

    >>> from fulfill_core.lifecycle import Ask
    >>> Act(OutboxRow(id="m1", order_id="A-1", content=Ask(code="a.b", detail=""))).row.id
    'm1'
    """

    row: OutboxRow


@attrs.frozen(weakref_slot=False)
class Pause:
    """Let time pass before the next attempt.

    Args:
        delay: how long.

    >>> Pause(timedelta(seconds=1)).delay.total_seconds()
    1.0
    """

    delay: timedelta


Request: TypeAlias = Load | Gather | Commit | WhatWasDecided | Unsent | Mark | Send | Act | Pause
"""All that the loop asks for."""
