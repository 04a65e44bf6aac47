"""What the commands print: tables with rich, one line per fault."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from sqlalchemy import Row

from fulfill_core import Decision, Inventory, Outcome, Result, Severity
from shop.desk import QueueEntry
from shop.records import Fault, OrderList

DAY = len("2026-03-02")
LISTED = 5  # names of skipped orders, before it says "..."
COLOURS = {
    Outcome.ALLOCATED: "green",
    Outcome.PARTIALLY_ALLOCATED: "cyan",
    Outcome.BACKORDERED: "blue",
    Outcome.SCHEDULED: "blue",
    Outcome.UNFULFILLABLE: "magenta",
    Outcome.HELD: "yellow",
    Outcome.REJECTED: "red",
    Outcome.COMPLETED: "green",
    Outcome.CANCELLED: "red",
}


def plain(console: Console, line: str) -> None:
    """One line of text as it is: no mark-up, no wrapping, so that it can be searched and piped."""
    console.print(line, markup=False, highlight=False, soft_wrap=True)


def _table(title: str) -> Table:
    """An empty table that leaves room for words on 80 columns."""
    return Table(
        title=title, box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold"
    )


def decisions_table(result: Result) -> Table:
    """One row per order: its place in the queue, its outcome, its units, and why."""
    table = _table("Decisions")
    table.add_column("Rank", justify="right")
    table.add_column("Order", no_wrap=True)
    table.add_column("Customer", no_wrap=True, max_width=11)
    table.add_column("Outcome", min_width=13, max_width=13)
    for name in ("Got", "Later"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("Why", overflow="fold")
    for decision in result.decisions:
        order, lines = decision.order, decision.lines
        is_served = decision.rank is not None
        sums = (
            sum(line.confirmed for line in lines),
            sum(line.backordered for line in lines),
        )
        colour = COLOURS[decision.outcome]
        table.add_row(
            str(decision.rank) if is_served else "",
            escape(order.attributes.get("name", order.id)),
            escape(order.customer.name or order.customer.id),
            f"[{colour}]{decision.outcome.replace('_', ' ')}[/]",
            *(str(units) if is_served and units else "" for units in sums),
            escape(_why(decision)),
        )
    return table


def _why(decision: Decision) -> str:
    """The codes that stopped the order or, if none did, what is short and why."""
    codes = [
        finding.code
        for finding in decision.findings
        if finding.severity > Severity.NOTE and not finding.is_waived
    ]
    reasons = [
        f"{short.sku}: {short.quantity} {short.reason.replace('_', ' ')}"
        for short in decision.shorts
    ]
    return ", ".join(dict.fromkeys(codes + reasons))


def summary(
    console: Console, order_list: OrderList, faults: Sequence[Fault], result: Result
) -> None:
    """How many orders came out how, and everything that was not decided, one by one."""
    counts = Counter(decision.outcome for decision in result.decisions)
    outcomes = (
        f"{counts[outcome]} {outcome.replace('_', ' ')}" for outcome in Outcome if counts[outcome]
    )
    repeats = len(order_list.orders) - len(result.decisions)
    tally = ", ".join(outcomes) or "none"
    plain(
        console,
        f"{order_list.records} records read, {len(result.decisions)} orders decided: {tally}.",
    )
    if repeats:
        plain(console, f"{repeats} further records came under the id of another one.")
    if result.wake_at is not None:
        plain(console, f"Time alone changes something at {result.wake_at.isoformat()}.")
    reasons: dict[str, list[str]] = {}
    for outcome in order_list.skipped:
        reasons.setdefault(outcome.reason, []).append(outcome.name)
    for reason, names in reasons.items():
        listing = ", ".join(names[:LISTED]) + (", ..." if len(names) > LISTED else "")
        plain(console, f"{len(names)} skipped, {reason}: {listing}")
    if faults:
        plain(console, f"{len(faults)} faults; what they are in was set aside:")
    for fault in faults:
        plain(console, f"  {fault}")


def promise_lines(result: Result) -> Iterator[str]:
    """How many orders have a date, and each that is late or has none, and why."""
    promised = [decision for decision in result.decisions if decision.promise is not None]
    dated = [
        decision
        for decision in promised
        if decision.promise and decision.promise.delivered_at is not None
    ]
    if promised:
        yield f"{len(promised)} orders are promised, {len(dated)} of them with a date."
    for decision in promised:
        promise, name = decision.promise, decision.order.attributes.get("name", decision.id)
        if promise is None:
            continue
        if promise.late_by is not None:
            reason = "" if promise.late_reason is None else f", by its {promise.late_reason}"
            yield f"  {name} is late by {promise.late_by}{reason}."
        for gap in promise.gaps:
            yield f"  {name} has no date: {gap.replace('_', ' ')}."


def queue_table(queue: Sequence[QueueEntry]) -> Table:
    """One row per order that waits, the one to look at first on top, and all that it needs."""
    table = _table("Review")
    table.add_column("Order", no_wrap=True)
    table.add_column("Deadline", min_width=10, max_width=10)
    table.add_column("Value", justify="right", no_wrap=True)
    table.add_column("Waits since", min_width=10, max_width=10)
    table.add_column("Needs", overflow="fold")
    for entry in queue:
        order = entry.order
        needs = [str(need) for need in entry.needs]
        if entry.rejected is not None:
            needs.insert(0, f"{entry.rejected.by} turned it down: {entry.rejected.reason}")
        table.add_row(
            escape(order.name),
            (order.deliver_by or "")[:DAY],
            f"{order.total} {order.currency}",
            f"{order.waiting_since[:DAY]} {order.waiting_since[DAY + 1 : DAY + 6]}",
            escape("\n".join(needs)),
        )
    return table


def queue_summary(
    console: Console, queue: Sequence[QueueEntry], unseen: Sequence[Row[Any]]
) -> None:
    """How many orders wait, and what the last run could not know."""
    for row in unseen:
        line = f", line {row.line_id}" if row.line_id else ""
        plain(console, f"Stopped since the last run: {row.name}{line}, by {row.source}: {row.code}")
    waits = "order waits" if len(queue) == 1 else "orders wait"
    plain(console, f"{len(queue) or 'No'} {waits} for a person.")


def stock_table(inventory: Inventory, titles: Mapping[str, str]) -> Table:
    """One row per SKU and location: on hand, reserved, available."""
    table = _table("Stock")
    for name in ("SKU", "Title", "Location"):
        table.add_column(name, overflow="fold")
    for name in ("On hand", "Reserved", "Available"):
        table.add_column(name, justify="right")
    for row in inventory.stock():
        location = inventory.location(row.location)
        table.add_row(
            escape(row.sku),
            escape(titles.get(row.sku, "")),
            escape(location.name or location.id),
            str(row.on_hand),
            str(inventory.reserved(row.sku, row.location)),
            str(inventory.available(row.sku, row.location)),
        )
    return table


def warehouse_lines(inventory: Inventory) -> Iterator[str]:
    """Lots, kits and what is on order, a line each."""
    for row in inventory.stock():
        where = inventory.location(row.location)
        for lot in row.lots:
            end = "" if lot.expires_at is None else f", until {lot.expires_at:%Y-%m-%d}"
            yield f"{row.sku}, {where.name or where.id}: lot {lot.id}, {lot.quantity} on hand{end}"
    for item in inventory.items():
        if item.is_kit:
            parts = " + ".join([f"{part.quantity} {part.sku}" for part in item.components])
            yield f"{item.sku} is made of {parts}: {inventory.available(item.sku)} can be made up"
    for supply in inventory.supplies():
        yield (
            f"{supply.id}: {supply.quantity} of {supply.sku} expected on"
            f" {supply.expected_at:%Y-%m-%d}, {inventory.claimed(supply.sku, supply.id)} claimed"
        )


def order_page(
    console: Console,
    order: Row[Any],
    findings: Sequence[Row[Any]],
    statements: Sequence[str],
    messages: Sequence[Row[Any]],
) -> None:
    """The stored decision of one order, with its reasons and its messages."""
    paid = f"{order.total} {order.currency}"
    plain(console, f"Order {order.name} of {order.customer}, {paid}, placed {order.placed_at}")
    plain(console, f"Decided {order.decided_at}: {order.outcome.replace('_', ' ')}")
    plain(console, "")
    plain(console, order.explanation)
    if findings:
        plain(console, "\nFindings:")
    for finding in findings:
        plain(console, f"  {finding.severity} {finding.code} ({finding.field}): {finding.detail}")
    if statements:
        plain(console, "\nAt the desk:")
    for line in statements:
        plain(console, f"  {line}")
    if messages:
        plain(console, "\nMessages:")
    for message in messages:
        state = f"sent {message.sent_at}" if message.sent_at else "waits for delivery"
        if message.last_error:
            state += f" ({message.last_error})"
        to = "staff" if message.audience == "staff" else message.recipient or "nobody known"
        plain(console, f"  {message.kind} to {to}: {state}")
