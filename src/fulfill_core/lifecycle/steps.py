"""Steps of an order after the decision: each changes its record and the stock together.

What has left is gone from the stock and counted in the record, so that the next run neither serves
it again nor loses it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple, TypeAlias

import attrs

from fulfill_core import _checks
from fulfill_core.inventory.inventory import Inventory
from fulfill_core.inventory.reservations import has_expired
from fulfill_core.orders.order import OrderLine
from fulfill_core.records.order_record import OrderRecord

UnitsByLine: TypeAlias = Mapping[str | tuple[str, str], int]
"""Stock units by line id; of a line that asks for kits, kits. By line id and component, units of a
component alone."""


class Step(NamedTuple):
    """What a step comes to.

    Args:
        record: the order's record after it.
        inventory: the stock after it.
    """

    record: OrderRecord
    inventory: Inventory


def ship(
    record: OrderRecord,
    inventory: Inventory,
    units: UnitsByLine | None = None,
    *,
    location: str,
    reserved_at: str | None = None,
    now: datetime | None = None,
) -> Step:
    """Units of an order left the house: of several lines at once, all of them or none.

    They leave what is on hand and what is reserved, and the record counts them. The rest of the
    order stays open; its approvals, and what was paid, stay as they are.

    Args:
        record: the order.
        inventory: the stock.
        units: how many units of which lines, by line id, in stock units; of a line that asks for
            kits, kits; by line id and SKU, a component of kits that leaves before the others. None
            for all that is reserved for the order there.
        location: where they left.
        reserved_at: where they were reserved, if that is elsewhere.
        now: reservations that have expired by then do not count; None counts them all.

    Raises:
        InvalidValueError: an unknown line, or less than one unit.
        StockError: what may not leave: so many are not reserved for the line there, and the like;
            see `Inventory.with_shipped`.

    >>> from datetime import timezone
    >>> from fulfill_core import Customer, Order, OrderLine, process
    >>> noon = datetime(2026, 3, 2, 12, tzinfo=timezone.utc)
    >>> order = Order(id="A-17", placed_at=noon, customer=Customer(id="C-7"), currency="EUR",
    ...               lines=[OrderLine(id="1", sku="mug", quantity=5)])
    >>> result = process([order], Inventory.of({("mug", "x"): 8}), now=noon, verifiers=[])
    >>> step = ship(result.records[0], result.inventory, {"1": 3}, location="x")
    >>> step.record.open("1"), step.inventory.on_hand("mug"), step.inventory.reserved("mug")
    (2, 5, 2)
    """
    _check(record, inventory)
    place = location if reserved_at is None else reserved_at
    if units is None:
        units = _reserved_at(record, inventory, place, now)
    shipped_by_line: dict[str, dict[str, int]] = {}
    for key, amount in units.items():
        line_id, component = (key, None) if isinstance(key, str) else key
        line = _line(record, line_id)
        _checks.check_int(f"units[{key!r}]", amount, at_least=1)
        recipe = inventory.components_of(line.sku)
        parts = shipped_by_line.setdefault(line_id, {})
        for sku, each in recipe or ((line.sku, 1),):
            if component in (None, sku):
                parts[sku] = parts.get(sku, 0) + amount * (each if component is None else 1)
        if component is not None and component not in parts:
            raise _checks.refuse(f"units[{key!r}]", component, f"is no part of {line.sku}")
    for line_id, parts in shipped_by_line.items():
        for sku, amount in parts.items():
            inventory = inventory.with_shipped(
                record.id,
                line_id,
                amount,
                location=location,
                reserved_at=reserved_at,
                sku=sku,
                now=now,
            )
        record = _with_shipped(record, inventory, _line(record, line_id), parts)
    return Step(record, inventory)


def cancel(
    record: OrderRecord, inventory: Inventory, units: Mapping[str, int] | None = None
) -> Step:
    """Units of an order will not be sent any more: what is reserved for them is free again.

    Args:
        record: the order.
        inventory: the stock.
        units: how many units of which lines, by line id, in stock units; of a line that asks for
            kits, kits. None for all that is open.

    Raises:
        InvalidValueError: an unknown line, less than one unit, or more than is open: what has left
            can't be cancelled.

    >>> from datetime import datetime, timezone
    >>> from fulfill_core import Customer, Order, OrderLine, process
    >>> noon = datetime(2026, 3, 2, 12, tzinfo=timezone.utc)
    >>> order = Order(id="A-17", placed_at=noon, customer=Customer(id="C-7"), currency="EUR",
    ...               lines=[OrderLine(id="1", sku="mug", quantity=5)])
    >>> result = process([order], Inventory.of({("mug", "x"): 8}), now=noon, verifiers=[])
    >>> step = cancel(result.records[0], result.inventory, {"1": 4})
    >>> step.record.open("1"), step.inventory.available("mug")
    (1, 7)
    """
    _check(record, inventory)
    if units is None:
        lines = record.order.lines
        units = {line.id: amount for line in lines if (amount := record.open(line.id))}
    for line_id, amount in units.items():
        line = _line(record, line_id)
        _checks.check_int(f"units[{line_id!r}]", amount, at_least=1)
        if amount > record.open(line_id):
            raise _checks.refuse(
                f"units[{line_id!r}]",
                amount,
                f"is more than the {record.open(line_id)} that are open; what has left can't be"
                " cancelled",
            )
        record = record.with_progress(line_id, cancelled=amount)
        inventory = _without_surplus(record, inventory, line)
    return Step(record, inventory)


def _check(record: OrderRecord, inventory: Inventory) -> None:
    _checks.check_member("record", record, OrderRecord)
    _checks.check_member("inventory", inventory, Inventory)


def _line(record: OrderRecord, line_id: str) -> OrderLine:
    lines = {line.id: line for line in record.order.lines}
    if line_id not in lines:
        raise _checks.refuse(
            "units", line_id, f"is no line of order {record.id}; pass some of {sorted(lines)}"
        )
    return lines[line_id]


def _reserved_at(
    record: OrderRecord, inventory: Inventory, place: str, now: datetime | None
) -> UnitsByLine:
    """What is reserved there for lines of the order, by line and SKU."""
    units: dict[str | tuple[str, str], int] = {}
    for reservation in inventory.reservations_of(record.id):
        if reservation.location == place and (
            now is None or not has_expired(reservation.expires_at, now)
        ):
            key = reservation.line_id, reservation.sku
            units[key] = units.get(key, 0) + reservation.quantity
    return units


def _with_shipped(
    record: OrderRecord, inventory: Inventory, line: OrderLine, parts: Mapping[str, int]
) -> OrderRecord:
    """The record after these units left for one of its lines, by SKU."""
    recipe = inventory.components_of(line.sku)
    if not recipe:
        return record.with_progress(line.id, shipped=parts[line.sku])
    progress = record.progress_of(line.id)
    in_all = dict(progress.parts)
    for sku, amount in parts.items():
        in_all[sku] = in_all.get(sku, 0) + amount
    after = attrs.evolve(progress, parts=in_all).in_whole_kits(recipe)
    progress_beside = [each for each in record.progress if each.line_id != line.id]
    return attrs.evolve(record, progress=[*progress_beside, after])


def _without_surplus(record: OrderRecord, inventory: Inventory, line: OrderLine) -> Inventory:
    """The stock without what is reserved for a line beyond what is open of it."""
    open_units = record.open(line.id)
    parts = dict(record.progress_of(line.id).parts)
    reserved: dict[str, int] = {}
    for reservation in inventory.reservations_of(record.id):
        if reservation.line_id == line.id:
            reserved[reservation.sku] = reserved.get(reservation.sku, 0) + reservation.quantity
    for sku, each in inventory.components_of(line.sku) or ((line.sku, 1),):
        surplus = reserved.get(sku, 0) - max(0, open_units * each - parts.get(sku, 0))
        if surplus > 0:
            inventory = inventory.with_released(record.id, line.id, surplus, sku=sku)
    return inventory
