"""What a run asks of time: when an order joins the queue, and what its policy promises."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta, tzinfo

from fulfill_core.decisions.decision import Decision
from fulfill_core.decisions.promise import Promise
from fulfill_core.decisions.rows import BackorderRow, BackorderView
from fulfill_core.exceptions import PluginError
from fulfill_core.inventory.inventory import Inventory
from fulfill_core.orders.dates import ship_after_of
from fulfill_core.orders.order import Order, Ship
from fulfill_core.orders.progress import Progress, settled_lines
from fulfill_core.protocols import PromisePolicy
from fulfill_core.protocols.plugins import raised_by, returned_by
from fulfill_core.records.facts import Context

_EARLIEST = datetime.min.replace(tzinfo=UTC)
_NO_LINES: frozenset[str] = frozenset()


def due_at(ship_after: datetime, window: timedelta) -> datetime:
    """From when on an order takes stock that is not to be shipped before *ship_after*, in UTC."""
    # A window may be longer than the calendar is old.
    return ship_after - window if ship_after - _EARLIEST > window else _EARLIEST


def lines_not_due(
    order: Order, now: datetime, window: timedelta, progress: Iterable[Progress]
) -> frozenset[str]:
    """The lines of an order that take nothing yet, by id: they have dates of their own."""
    if order.ship is Ship.COMPLETE:
        return _NO_LINES
    lines_settled = settled_lines(order, progress)
    return frozenset(
        [
            line.id
            for line in order.lines
            if line.id not in lines_settled
            and (after := ship_after_of(order, line)) is not None
            and due_at(after, window) > now
        ]
    )


def zones_of(inventory: Inventory) -> dict[str, tzinfo]:
    """The time zones of locations, by id; those that are not there have UTC."""
    return {at.id: at.timezone for at in inventory.locations() if at.timezone is not UTC}


def timezone_of(
    order: Order,
    promise: Promise | None,
    backorders: Iterable[BackorderRow],
    zones: Mapping[str, tzinfo],
) -> tzinfo:
    """In whose days the dates of an order are told; see `Decision.timezone`.

    Args:
        order: the order.
        promise: what is promised for it.
        backorders: what it waits for.
        zones: see `zones_of`.
    """
    if order.timezone is not None:
        return order.timezone
    if promise is not None and promise.timezone is not None:
        return promise.timezone
    if not zones:
        return UTC
    if promise is not None:
        return zones.get(promise.shipments[-1].location, UTC)
    rows = [row for row in map(BackorderView._make, backorders) if row.expected_at is not None]
    if not rows:
        return UTC
    last = max(rows, key=lambda row: (row.expected_at or _EARLIEST, row.location))
    return zones.get(last.location, UTC)


def promise_of(policy: PromisePolicy, decision: Decision, context: Context) -> Promise | None:
    """What the policy promises for an order of the queue.

    Raises:
        PluginError: it raised, or returned something else.
    """
    try:
        promise = policy(decision, context=context)
    except PluginError:
        raise  # a policy of ours that says itself what is wrong
    except Exception as error:
        raise raised_by(policy, decision.id, error, "a policy") from error
    if promise is not None and not isinstance(promise, Promise):
        raise returned_by(policy, decision.id, promise, "return a Promise or None")
    return promise
