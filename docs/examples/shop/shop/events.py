"""What happens after the decision: events of warehouse, carrier, payment service and people.

A file holds one event a line, as `fulfill_core.wire` reads it: its ``type`` and its fields. Each
goes through `advance` in a transaction of its own, with what it changes and whom it tells; one that
was there before changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, Engine

from fulfill_core import InvalidValueError, Order, OrderRecord
from fulfill_core.lifecycle import Event, Rules, Step, advance, timed_events
from fulfill_core.wire import Reading, loads
from shop import desk, history, sending, shelves, storage
from shop.records import Fault, read_text

REPORTED = Reading(is_lax=True, longest=100_000)  # lines of a file need no schema_version
RULES = Rules(
    unpaid=timedelta(days=7),
    review=timedelta(days=2),
    acceptance=timedelta(days=2),
    withdrawal_days=14,
)


def read_events(path: Path, order_ids: Iterable[str]) -> tuple[list[Event], list[Fault]]:
    """The events of a file, in the sequence in which they happened; and what can't be read of it.

    Args:
        path: the file.
        order_ids: the orders that there are.
    """
    known_ids = set(order_ids)
    events: list[Event] = []
    faults: list[Fault] = []
    for number, line in enumerate(read_text(path).splitlines(), start=1):
        try:
            event: Event = loads(line, Event, REPORTED)
        except InvalidValueError as error:
            faults.append(Fault(path.name, f"line {number}", " ".join(str(error).split())))
            continue
        if event.order_id in known_ids:
            events.append(event)
        else:
            problem = f"there is no order {event.order_id}"
            faults.append(Fault(path.name, f"line {number}", problem))
    return sorted(events, key=lambda event: event.at), faults


def take(connection: Connection, order: Order, event: Event) -> Step:
    """One event: record, stock and messages as they are after it."""
    inventory = shelves.load_inventory(connection)
    statements = desk.statements(connection)
    (record,) = history.records_of(connection, [order], statements, inventory)
    step = advance(record, event, inventory, now=event.at, rules=RULES)
    if step.record is not record:
        history.save_reported(connection, step.record)
        _save_statements(connection, record, step.record)
    shelves.save_changes(connection, step.changes, step.inventory)
    orders = {step.record.id: step.record.order}
    sending.enqueue(connection, step.notifications, orders, storage.titles(connection), event.at)
    return step


def _save_statements(connection: Connection, before: OrderRecord, after: OrderRecord) -> None:
    if (after.approvals, after.rejections, after.holds) != (
        before.approvals,
        before.rejections,
        before.holds,
    ):
        desk.save_statements(connection, after)


def play(
    engine: Engine,
    orders: Sequence[Order],
    events: Sequence[Event],
    run: Callable[[datetime], object],
) -> Iterator[tuple[Event, Step]]:
    """Each event as it happened: before one that is new, what time brought by then, and a run.

    Args:
        engine: the shop's database.
        orders: the orders, as the platform has them.
        events: what was reported, the oldest first.
        run: decides all orders as of a time.
    """
    by_id = {order.id: order for order in orders}
    with engine.begin() as connection:
        known_ids = history.reported_ids(connection)
    known_until = max([each.at for each in events if each.id in known_ids], default=None)
    for event in events:
        if event.id not in known_ids and (known_until is None or event.at >= known_until):
            tried: set[str] = set()  # an event of time may be refused: it is not tried for ever
            while brought := _first_brought_by_time(engine, orders, event.at, but=tried):
                tried.add(brought.id)
                yield brought, _taken(engine, by_id[brought.order_id], brought)
            run(event.at)
        yield event, _taken(engine, by_id[event.order_id], event)


def _taken(engine: Engine, order: Order, event: Event) -> Step:
    with engine.begin() as connection:
        return take(connection, order, event)


def _first_brought_by_time(
    engine: Engine, orders: Iterable[Order], now: datetime, *, but: AbstractSet[str]
) -> Event | None:
    """What time alone has brought to these orders by now, such as that nobody has paid."""
    with engine.begin() as connection:
        inventory = shelves.load_inventory(connection)
        statements = desk.statements(connection)
        records = history.records_of(connection, orders, statements, inventory)
    brought = [event for record in records for event in timed_events(record, RULES, now=now)]
    new_events = [event for event in brought if event.id not in but]
    return min(new_events, key=lambda event: event.at, default=None)
