"""What it costs to write and to read records as JSON, beside `json` with the same plain dicts.

Reading a record makes all of its checks, as whoever makes one of anything else does; `json` makes
none.
"""

from __future__ import annotations

import gc
import json
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any, TypeAlias

import workload

from fulfill_core import OrderRecord, process
from fulfill_core.lifecycle import Captured, Delivered, Released, Shipped, replay
from fulfill_core.wire import dumps, loads, to_json

Cost: TypeAlias = tuple[str, str, list[tuple[float, float]]]
"""Which way, which kind of record, and pairs of seconds per record."""
KINDS = ("after a run", "shipped and paid")


def make(size: int, seed: int) -> dict[str, list[OrderRecord]]:
    """The records of a day after its run, and those of which a parcel has left, as well."""
    day = workload.make(size, seed=seed)
    result = process(
        workload.library_orders(day), workload.library_inventory(day), now=workload.NOW
    )
    records, inventory = list(result.records), result.inventory
    shipped: list[OrderRecord] = []
    for record in records:
        units_by_line: dict[str, int] = {}
        for each in record.reserved:
            units_by_line[each.line_id] = units_by_line.get(each.line_id, 0) + each.quantity
        if not units_by_line or not record.order.payments:
            continue
        location = record.reserved[0].location
        about: dict[str, Any] = {"order_id": record.id, "at": workload.NOW + timedelta(hours=1)}
        payment = record.order.payments[0].id
        events = (
            Released(id="e1", ref="f1", location=location, lines=units_by_line, **about),
            Shipped(id="e2", parcel="p1", location=location, lines=units_by_line, **about),
            Captured(id="e3", payment=payment, amount=Decimal("0.01"), **about),
            Delivered(id="e4", parcel="p1", **about),
        )
        shipped.append(replay(record, events, inventory))
    return dict(zip(KINDS, (records, shipped), strict=True))


def costs(size: int, repeats: int, seed: int) -> Iterator[Cost]:
    """Seconds per record, of the library and of `json`, turn by turn; what is read is compared."""
    for kind, records in make(size, seed).items():
        documents = [to_json(record) for record in records]
        texts = [dumps(record) for record in records]
        if [loads(text, OrderRecord) for text in texts] != records:
            message = "a record is read otherwise than it was written"
            raise RuntimeError(message)
        ways: dict[str, tuple[Callable[[Any], object], Callable[[Any], object], list[Any]]] = {
            "dumps": (dumps, json.dumps, records),
            "loads": (_loads, json.loads, texts),
        }
        for name, (mine, theirs, inputs) in ways.items():
            others = documents if name == "dumps" else texts
            pairs = [(_seconds(mine, inputs), _seconds(theirs, others)) for _ in range(repeats)]
            yield name, kind, pairs


def _loads(text: str) -> OrderRecord:
    return loads(text, OrderRecord)


def _seconds(convert: Callable[[Any], object], inputs: Iterable[Any]) -> float:
    """CPU time for one of them; results are dropped at once."""
    inputs = list(inputs)
    gc.collect()
    start = time.process_time()
    for each in inputs:
        convert(each)
    return (time.process_time() - start) / len(inputs)


def all_costs(size: int, repeats: int, seed: int) -> list[Cost]:
    """What `costs` finds, as a list: it is made in a process of its own."""
    return list(costs(size, repeats, seed))
