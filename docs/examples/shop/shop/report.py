"""What the commands print: tables with rich, one line per fault.

A run prints a summary that fits a screen of 24 lines of 80 columns, unless all of it is asked for.
What somebody else wrote is never mark-up, and never a line of its own.
"""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from fulfill_core import Decision, Hold, Inventory, Outcome, Result, Severity
from fulfill_core.lifecycle import (
    Action,
    Ask,
    Authorize,
    CallBack,
    Capture,
    Effect,
    Event,
    Refund,
    Release,
    Step,
    Void,
)
from shop.database import StoredOrder
from shop.desk import QueueEntry
from shop.records import Fault, OrderList
from shop.sending import StoredMessage
from shop.words import counted, shown

DAY = len("2026-03-02")
LISTED = 3  # names of skipped orders, before it says "..."
FEW = 3  # faults, on the first screen
NARROWEST = 40  # columns that a line of words needs
WIDEST = 34  # columns that a code may ask for, of 80
ROOM = 42  # columns for reasons in the table of outcomes, of 80
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
    """One line of text as it is: no mark-up, no wrapping, so that it can be searched and piped.

    Whatever a text of an order holds, it is one line (`shop.words.shown`).
    """
    console.print(shown(line), markup=False, emoji=False, highlight=False, soft_wrap=True)


def _wrapped(console: Console, line: str) -> None:
    """A line of the summary, continued further right where the console ends: no word is broken."""
    width = max(console.width, NARROWEST)
    for part in textwrap.wrap(
        shown(line), width, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False
    ):
        plain(console, part)


def _cell(text: str) -> Text:
    """What somebody wrote, for a cell of a table: no mark-up, on one line."""
    return Text(shown(text))


def _table(title: str = "") -> Table:
    """An empty table that leaves room for words on 80 columns."""
    return Table(
        title=title or None,
        box=SIMPLE_HEAD,
        pad_edge=False,
        padding=0,
        collapse_padding=True,
        header_style="bold",
    )


def decisions_table(result: Result) -> Table:
    """One row per order: its place in the queue, its outcome, its units, and why."""
    table = _table("Decisions")
    why = [_why(decision) for decision in result.decisions]
    table.add_column("Rank", justify="right")
    table.add_column("Order", no_wrap=True, max_width=12)
    table.add_column("Customer", no_wrap=True, max_width=11)
    table.add_column("Outcome", min_width=9, max_width=13)
    for name in ("Got", "Later"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("Why", min_width=min(WIDEST, max(map(_widest, why), default=1)))
    for decision, reasons in zip(result.decisions, why, strict=True):
        order, lines = decision.order, decision.lines
        is_served = decision.rank is not None
        sums = (
            sum(line.confirmed for line in lines),
            sum(line.backordered for line in lines),
        )
        table.add_row(
            str(decision.rank) if is_served else "",
            _cell(order.attributes.get("name", order.id)),
            _cell(order.customer.name or order.customer.id),
            _outcome(decision.outcome),
            *(str(units) if is_served and units else "" for units in sums),
            _cell(", ".join(reasons)),
        )
    return table


def _widest(reasons: Iterable[str]) -> int:
    """How wide a column has to be so that no word of these is broken."""
    return max((len(word) + 1 for reason in reasons for word in reason.split()), default=1)


def _outcome(outcome: Outcome) -> Text:
    return Text(outcome.replace("_", " "), style=COLOURS[outcome])


def _codes(decision: Decision) -> Iterable[str]:
    """The codes that stopped the order, each once."""
    return dict.fromkeys(
        finding.code
        for finding in decision.findings
        if finding.severity > Severity.NOTE and not finding.is_waived
    )


def _why(decision: Decision) -> list[str]:
    """The codes that stopped the order or, if none did, what is short and why."""
    reasons = [
        f"{short.sku}: {short.quantity} {short.reason.replace('_', ' ')}"
        for short in decision.shorts
    ]
    return list(dict.fromkeys((*_codes(decision), *reasons)))


def outcomes_table(result: Result) -> Table:
    """One row per outcome: how many orders, which for instance, and why most of them."""
    table = _table()
    table.show_edge = False  # no lines to spare
    table.add_column("Outcome", no_wrap=True)
    table.add_column("Orders", justify="right", no_wrap=True)
    table.add_column("Such as", no_wrap=True, max_width=12)
    table.add_column("Most often because of", no_wrap=True)
    for outcome in Outcome:
        decisions = [each for each in result.decisions if each.outcome is outcome]
        if not decisions:
            continue
        reasons = Counter[str]()
        for decision in decisions:
            shorts = {short.reason.replace("_", " ") for short in decision.shorts}
            reasons.update(sorted({*_codes(decision), *shorts}))
        first = decisions[0].order
        table.add_row(
            _outcome(outcome),
            str(len(decisions)),
            _cell(first.attributes.get("name", first.id)),
            _cell(", ".join(_fitting(f"{count} {code}" for code, count in reasons.most_common()))),
        )
    return table


def _fitting(reasons: Iterable[str]) -> Iterator[str]:
    """As many of these as stand side by side in the table, none of them cut."""
    room = ROOM
    for reason in reasons:
        room -= len(reason) + len(", ")
        if room < 0:
            return
        yield reason


def summary(console: Console, order_list: OrderList, result: Result, tally: str) -> None:
    """The first lines of a run: what was read and decided, and what became of the messages."""
    _wrapped(
        console,
        f"{counted(order_list.records, 'record')} read,"
        f" {counted(len(result.decisions), 'order')} decided as of"
        f" {result.context.now:%Y-%m-%d %H:%M %Z}.",
    )
    plain(console, tally)


def remarks(console: Console, order_list: OrderList, result: Result, *, everything: bool) -> None:
    """What else there is to know: promises, what was not decided, when something changes."""
    for line in _promise_lines(result, everything=everything):
        plain(console, line) if everything else _wrapped(console, line)
    repeats = len(order_list.orders) - len(result.decisions)
    if repeats:
        plain(console, f"{repeats} more records have the id of one that came before.")
    if result.wake_at is not None:
        plain(console, f"Time alone changes something at {result.wake_at.isoformat()}.")
    by_reason: dict[str, list[str]] = {}
    for left_out in order_list.skipped:
        by_reason.setdefault(left_out.reason, []).append(left_out.name)
    skipped = []
    for reason, names in by_reason.items():
        listing = ", ".join(names if everything else names[:LISTED])
        more = "" if everything or len(names) <= LISTED else ", ..."
        skipped.append(f"{len(names)} {reason} ({listing}{more})")
    if skipped:
        line = f"{len(order_list.skipped)} skipped: {', '.join(skipped)}."
        plain(console, line if everything else _cut(console, line))


def fault_lines(console: Console, faults: Sequence[Fault], *, everything: bool) -> None:
    """What could not be read: all of it, or the first few, each cut to a line."""
    if not faults:
        return
    listed = faults if everything else faults[:FEW]
    more = "" if len(listed) == len(faults) else f" The first {len(listed)}:"
    plain(console, f"{counted(len(faults), 'fault')}; what has some was set aside.{more}")
    for fault in listed:
        line = f"  {fault}"
        plain(console, line if everything else _cut(console, line))


def error_lines(console: Console, errors: Sequence[str], *, everything: bool) -> None:
    """What could not be delivered: all of it, or the first few."""
    listed = errors if everything else errors[:FEW]
    for error in listed:
        plain(console, f"shop: not delivered, will be tried again: {error}")
    if len(listed) < len(errors):
        plain(console, f"shop: {len(errors) - len(listed)} more could not be delivered.")


def problem_lines(console: Console, problems: Iterable[str]) -> None:
    """The orders that are stored and can't be read: nothing was decided about them."""
    for problem in problems:
        plain(console, f"shop: not decided: {problem}")


def step_line(console: Console, name: str, event: Event, step: Step) -> None:
    """What happened to an order, what there is to do about it, and who hears of it."""
    words = [f"{event.at:%m-%d %H:%M} {name} {type(event).__name__}"]
    if step.effect is not Effect.APPLIED:
        words.append(f"({step.effect.replace('_', ' ')})")
    if step.refusal is not None:
        words.append(f"{step.refusal.code}: {step.refusal.detail}")
    todo = [_action_words(action) for action in step.actions]
    news = [f"{message.kind} to the {message.audience}" for message in step.notifications]
    parts = [*(f"to do: {action}" for action in todo), *(f"tell: {each}" for each in news)]
    _wrapped(console, f"{' '.join(words)}{'. ' if parts else ''}{'; '.join(parts)}")


def _action_words(action: Action) -> str:
    """What the host has to do, in a few words."""
    match action:
        case Release(location=location, units=units):
            return f"release {_units_of(units)} to {location}"
        case CallBack(fulfilment=fulfilment, location=location):
            return f"call {fulfilment} back from {location}"
        case Authorize(amount=amount):
            return f"authorize {amount}"
        case Capture(payment=payment, amount=amount):
            return f"capture {amount} of {payment}"
        case Void(payment=payment, amount=amount):
            return f"void {amount} of {payment}"
        case Refund(payment=payment, amount=amount):
            return f"refund {amount} to {payment}"
        case Ask(detail=detail):
            return f"ask: {detail}"


def _units_of(units: Iterable[tuple[str, int]]) -> str:
    return ", ".join([f"{count} of line {line_id}" for line_id, count in units])


def _cut(console: Console, line: str) -> str:
    line, width = shown(line), max(console.width, NARROWEST)
    return line if len(line) <= width else f"{line[: width - 3]}..."


def _promise_lines(result: Result, *, everything: bool) -> Iterator[str]:
    """How many orders have a date, and those that are late or have none; one by one, and why."""
    promises = [
        (decision.order.attributes.get("name", decision.id), decision.promise)
        for decision in result.decisions
        if decision.promise is not None
    ]
    if not promises:
        return
    late = [name for name, promise in promises if promise.late_by is not None]
    dated = sum(promise.delivered_at is not None for _, promise in promises)
    promised = f"{counted(len(promises), 'order')} promised"
    yield f"{promised}, {dated} of them with a date, {len(late)} of those late."
    if not everything:
        return
    for name, promise in promises:
        if promise.late_by is not None:
            reason = "" if promise.late_reason is None else f", by its {promise.late_reason}"
            yield f"  {name} is late by {promise.late_by}{reason}."
        for gap in promise.gaps:
            yield f"  {name} has no date: {gap.replace('_', ' ')}."


def queue_table(queue: Sequence[QueueEntry]) -> Table:
    """One row per order that waits, the one to look at first on top, and all that it needs."""
    table = _table("Review")
    table.add_column("Order", no_wrap=True, max_width=12)
    table.add_column("Deadline", min_width=10, max_width=10)
    table.add_column("Value", justify="right", no_wrap=True)
    table.add_column("Waits since", min_width=10, max_width=10)
    widest = _widest(str(need) for entry in queue for need in entry.needs)
    table.add_column("Needs", min_width=min(WIDEST, widest))
    for entry in queue:
        order, since = entry.order.record.order, entry.since
        deadline = order.deliver_by.isoformat() if order.deliver_by else ""
        needs = [shown(str(need)) for need in entry.needs]
        if entry.rejection is not None:
            needs.insert(0, shown(f"{entry.rejection.by} turned it down: {entry.rejection.reason}"))
        table.add_row(
            _cell(entry.order.name),
            deadline[:DAY],
            f"{order.total} {order.currency}",
            f"{since[:DAY]} {since[DAY + 1 : DAY + 6]}",
            Text("\n".join(needs)),
        )
    return table


def queue_summary(
    console: Console, queue: Sequence[QueueEntry], unseen: Sequence[tuple[str, Hold]]
) -> None:
    """How many orders wait, and what the last run could not know."""
    for name, hold in unseen:
        line = f", line {hold.line_id}" if hold.line_id else ""
        plain(console, f"Stopped since the last run: {name}{line}, by {hold.source}: {hold.code}")
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
            _cell(row.sku),
            _cell(titles.get(row.sku, "")),
            _cell(location.name or location.id),
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


def _heading(console: Console, words: str) -> None:
    plain(console, "")
    plain(console, f"{words}:")


def order_page(
    console: Console,
    stored: StoredOrder,
    explanation: tuple[str, str],
    statements: Sequence[str],
    messages: Sequence[StoredMessage],
) -> None:
    """The stored decision of one order, with its reasons and its messages."""
    order, decision = stored.record.order, stored.decision
    decided_at, reasons = explanation
    customer, paid = order.customer.name or order.customer.id, f"{order.total} {order.currency}"
    placed = f"placed {order.placed_at.isoformat()}"
    # The reasons below call it, and those before it, by their ids.
    name = "" if stored.name == order.id else f", id {order.id}"
    plain(console, f"Order {stored.name} of {customer}, {paid}, {placed}{name}")
    plain(console, f"Decided {decided_at}: {decision.outcome.replace('_', ' ')}")
    plain(console, "")
    for sentence in reasons.split("\n"):
        plain(console, sentence)
    if decision.findings:
        _heading(console, "Findings")
    for finding in decision.findings:
        code = f"{finding.severity.name} {finding.code} ({finding.field})"
        plain(console, f"  {code}: {finding.detail}")
    if statements:
        _heading(console, "At the desk")
    for line in statements:
        plain(console, f"  {line}")
    if messages:
        _heading(console, "Messages")
    for message in messages:
        [news], row = message.content.messages, message.row
        state = f"sent {row.sent_at.isoformat()}" if row.sent_at else "waits for delivery"
        if row.reason and not row.sent_at:
            state += f" ({row.reason})"
        to = "staff" if news.audience == "staff" else message.content.recipient or "nobody known"
        plain(console, f"  {news.kind} to {to}: {state}")
