"""The batch of a run: each order id once, and what is known of the orders."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple, cast

import attrs

from fulfill_core import _checks
from fulfill_core import records as records_wing
from fulfill_core.inventory.inventory import Inventory
from fulfill_core.orders.order import Order
from fulfill_core.orders.version import content_of


class Batch(NamedTuple):
    """The orders of a run, each id once.

    Args:
        orders: the orders.
        records: the records of those of them that came with one, in the sequence of the orders.
        duplicates: the ids under which there were different orders, or different records.
    """

    orders: tuple[Order, ...]
    records: tuple[records_wing.OrderRecord, ...]
    duplicates: frozenset[str]


def batch_of(members: Iterable[Order | records_wing.OrderRecord], inventory: Inventory) -> Batch:
    """The orders and their records, an exact repeat left out.

    Of different orders under one id, the one whose content comes first stands for all of them:
    any fixed choice will do, as long as the sequence of the input does not make it. An order that
    comes both alone and in a record is that of the record. Where parts of kits make whole kits
    they are counted as such: only the inventory knows what a kit is made of.

    Raises:
        InvalidValueError: they are no collection, or something among them is neither an `Order` nor
            an `OrderRecord`.
    """
    _checks.check_collection("orders", members)
    entries = list(members)
    kinds = set(map(type, entries))
    if kinds <= {Order}:  # no need to look at each
        orders, duplicates = _distinct(cast("list[Order]", entries))
        return Batch(orders, (), duplicates)
    if not kinds <= {Order, records_wing.OrderRecord}:
        _check_kinds(entries)
    is_mixed = kinds != {records_wing.OrderRecord}
    if not is_mixed:  # nor here: each order comes in a record
        records = cast("list[records_wing.OrderRecord]", entries)
        orders, duplicates = _distinct([record.order for record in records])
    else:
        records = [entry for entry in entries if isinstance(entry, records_wing.OrderRecord)]
        orders, duplicates = _distinct(
            [
                entry.order if isinstance(entry, records_wing.OrderRecord) else entry
                for entry in entries
            ]
        )
    record_by_id = {record.order.id: record for record in records}
    if len(record_by_id) < len(records):
        # Which of the records is right is not known, as it is not of which of two orders.
        pairs = [(record_by_id[record.order.id], record) for record in records]
        duplicates |= {  # equal in all fields is a repeat
            last.id
            for last, record in pairs
            if last is not record and last.id not in duplicates and last != record
        }
    if is_mixed:  # else they are in this sequence already
        ids = [order.id for order in orders]
        record_by_id = {key: record_by_id[key] for key in ids if key in record_by_id}
    usable_records = [
        _in_whole_kits(record, inventory) if record.progress else record
        for order_id, record in record_by_id.items()
        if order_id not in duplicates
    ]
    return Batch(orders, tuple(usable_records), duplicates)


def _check_kinds(entries: list[Order | records_wing.OrderRecord]) -> None:
    for position, entry in enumerate(cast("list[object]", entries)):
        if not isinstance(entry, Order | records_wing.OrderRecord):
            raise _checks.refuse(
                f"orders[{position}]", entry, "is neither an Order nor an OrderRecord; pass one"
            )


def _in_whole_kits(
    record: records_wing.OrderRecord, inventory: Inventory
) -> records_wing.OrderRecord:
    """The record with no whole kit among the parts that left."""
    if not any([progress.parts for progress in record.progress]):
        return record
    sku_of = {line.id: line.sku for line in record.order.lines}
    return attrs.evolve(
        record,
        progress=[
            progress.in_whole_kits(inventory.components_of(sku_of[progress.line_id]))
            for progress in record.progress
        ],
    )


def _distinct(entries: list[Order]) -> tuple[tuple[Order, ...], frozenset[str]]:
    """The orders, each id once; and the ids under which there were different ones."""
    # The first one of each id for now; where different ones have it, the loop below decides.
    by_id: dict[str, Order] = {}
    versions: dict[str, list[Order]] = {}
    put = by_id.setdefault
    for order in entries:
        version = put(order.id, order)
        if version is not order and version != order:  # equal in all fields is a repeat
            versions.setdefault(order.id, [version]).append(order)
    for order_id, different in versions.items():
        by_id[order_id] = min(different, key=content_of)
    return tuple(by_id.values()), frozenset(versions)
