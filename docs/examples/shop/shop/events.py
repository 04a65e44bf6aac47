"""What happens after the decision: events of warehouse, carrier, payment service and people.

A file holds one event a line, as `fulfill_core.wire` reads it: its ``type`` and its fields. Each
is a job of the loop: one transaction with what it changes and whom it tells. One that was there
before changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import cast

from sqlalchemy import Engine

from fulfill_core import InvalidValueError, Settings
from fulfill_core.hosting import StepOfEvent
from fulfill_core.lifecycle import Event, Step
from fulfill_core.wire import Reading, loads
from shop.database import stored_orders
from shop.loop import RULES, work
from shop.records import Fault, read_text

REPORTED = Reading(is_lax=True, longest=100_000)  # lines of a file need no schema_version


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


def play(
    engine: Engine,
    events: Sequence[Event],
    settings: Settings,
    run: Callable[[datetime], Iterable[StepOfEvent]],
) -> Iterator[StepOfEvent]:
    """Each event as it happened; before one that is new, a run, and what time brought by then.

    Args:
        engine: the shop's database.
        events: what was reported, the oldest first.
        settings: by which is promised when goods leave.
        run: decides all orders as of a time, and gives what time brought to them.
    """
    with engine.connect() as connection:
        stored = stored_orders(connection)
    known_ids = {event_id for each in stored for event_id, _ in each.record.history.applied}
    known_until = max([each.at for each in events if each.id in known_ids], default=None)
    for event in events:
        if event.id not in known_ids and (known_until is None or event.at >= known_until):
            yield from run(event.at)
        report = work(engine, [event], event.at, settings=settings, rules=RULES)
        yield StepOfEvent(event, cast("Step", report.jobs[0].outcome))
