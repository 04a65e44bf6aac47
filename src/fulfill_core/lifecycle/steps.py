"""What a host itself does with an order: its record and the stock change together, or neither.

What has left is gone from the stock and counted in the record, so that the next run neither serves
it again nor loses it. What may not leave is refused here; what a location or a carrier reports has
happened, and is recorded whatever the stock says: see `advance`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from operator import attrgetter
from typing import NamedTuple, TypeAlias

import attrs

from fulfill_core import _checks
from fulfill_core.decisions.decision import reserved_by_line
from fulfill_core.exceptions import StockError, by_number
from fulfill_core.inventory.inventory import Inventory
from fulfill_core.inventory.releasing import ParcelLine
from fulfill_core.inventory.reservations import has_expired
from fulfill_core.lifecycle.freeing import without_excess
from fulfill_core.orders.altering import altered
from fulfill_core.orders.order import OrderLine
from fulfill_core.orders.progress import Parts, Progress
from fulfill_core.records.order_record import OrderRecord

UnitsByLine: TypeAlias = (
    Mapping[str, int] | Mapping[tuple[str, str], int] | Mapping[str | tuple[str, str], int]
)
"""Stock units by line id; of a line that asks for kits, kits. By line id and component, units of a
component alone."""


class Position(NamedTuple):
    """Where an order stands: its record, and the stock.

    Args:
        record: the order's record.
        inventory: the stock.
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
) -> Position:
    """Units of an order left the house: of several lines at once, all of them or none.

    They leave what is on hand and what is reserved, and the record counts them. The rest of the
    order stays open; its approvals, and what was paid, stay as they are. A line that needs no
    stock, such as one for gift wrap, goes when it is named, or with the last of what needs some.

    Args:
        record: the order.
        inventory: the stock.
        units: how many units of which lines, by line id, in stock units; of a line that asks for
            kits, kits; by line id and SKU, a component of kits that leaves before the others. None
            for all that is reserved for the order there; and for the lines that need no stock, if
            nothing else is open then.
        location: where they left.
        reserved_at: where they were reserved, if that is elsewhere.
        now: reservations that have expired by then do not count; None counts them all.

    Raises:
        InvalidValueError: an unknown line, less than one unit, and the like.
        StockError: what may not leave: so many are not reserved for the line there, and the like;
            see `Inventory.with_shipped`. Or all that is reserved there is to leave, and nothing is.

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
    _checks.check_id("location", location)
    lines = {line.id: line for line in record.order.lines}
    if units is None:
        place = location if reserved_at is None else reserved_at
        reserved = _reserved_at(record, inventory, place, now)
        units = {**reserved, **_untracked_to_go(record, inventory, reserved)}
        if not units:
            problem = f"cannot ship: nothing is reserved at {_checks.repr_of(place)}"
            raise StockError(record.id, "", problem)
    progress = {each.line_id: each for each in record.progress}
    parts_by_line = _parts_by_line(record, inventory, lines, units)
    parcel = [
        ParcelLine(line_id=line_id, quantity=amount, sku=sku)
        for line_id, parts in parts_by_line.items()
        for sku, amount in parts.items()
        if inventory.is_tracked(lines[line_id].sku)
    ]
    after = inventory.with_parcel_shipped(
        record.id, parcel, location=location, reserved_at=reserved_at, now=now
    )
    for line_id, parts in parts_by_line.items():
        before = progress.get(line_id) or Progress(line_id=line_id)
        if not inventory.is_tracked(lines[line_id].sku):
            progress[line_id] = _without_stock(record, lines[line_id], before, parts)
            continue
        recipe = inventory.components_of(lines[line_id].sku)
        progress[line_id] = _with_parts(before, recipe, parts)
    return Position(_with_progress(record, progress.values()), after)


def cancel(
    record: OrderRecord, inventory: Inventory, units: Mapping[str, int] | None = None
) -> Position:
    """Units of an order will not be sent any more: what is reserved for them is free again.

    So is what they have claimed of supplies, the latest first, beyond what is still wanted.

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
    lines = {line.id: line for line in record.order.lines}
    progress = {each.line_id: each for each in record.progress}
    progress = {line_id: progress.get(line_id) or Progress(line_id=line_id) for line_id in lines}
    open_units = {line_id: each.open(lines[line_id]) for line_id, each in progress.items()}
    if units is None:
        units = {line_id: amount for line_id, amount in open_units.items() if amount}
    _checks.check_mapping("units", units, "units by line id")
    for line_id, amount in units.items():
        _line(record, lines, line_id)
        _checks.check_int(f"units[{line_id!r}]", amount, at_least=1)
        if amount > open_units[line_id]:
            verb = by_number(open_units[line_id], "is", "are")
            raise _checks.refuse(
                f"units[{line_id!r}]",
                amount,
                f"is more than the {open_units[line_id]} that {verb} open; what has left can't be"
                " cancelled",
            )
        progress[line_id] = progress[line_id].added({"cancelled": amount})
    affected = [(lines[line_id], progress[line_id]) for line_id in units]
    inventory = without_excess(inventory, record.id, affected)
    changed = [each for each in progress.values() if each != Progress(line_id=each.line_id)]
    return Position(_with_progress(record, changed), inventory)


def _with_progress(record: OrderRecord, progress: Iterable[Progress]) -> OrderRecord:
    """The record with this progress of its lines: nothing else of it is checked again."""
    return altered(record, progress=tuple(sorted(progress, key=attrgetter("line_id"))))


def _check(record: OrderRecord, inventory: Inventory) -> None:
    _checks.check_member("record", record, OrderRecord)
    _checks.check_member("inventory", inventory, Inventory)


def _line(record: OrderRecord, lines: Mapping[str, OrderLine], line_id: str) -> OrderLine:
    if line_id not in lines:
        raise _checks.refuse(
            "units", line_id, f"is no line of order {record.id}; pass some of {sorted(lines)}"
        )
    return lines[line_id]


def _reserved_at(
    record: OrderRecord, inventory: Inventory, place: str, now: datetime | None
) -> Mapping[tuple[str, str], int]:
    """What is reserved there for lines of the order, by line and SKU.

    Not what is no part of its line any more, since that asks for another SKU: it stays a surplus.
    """
    parts_of = {
        line.id: {sku for sku, _ in inventory.components_of(line.sku)} or {line.sku}
        for line in record.order.lines
    }
    return reserved_by_line(
        [
            reservation
            for reservation in inventory.reservations_of(record.id)
            if reservation.location == place
            and reservation.sku in parts_of.get(reservation.line_id, ())
            and not has_expired(reservation.expires_at, now)
        ]
    )


def _untracked_to_go(
    record: OrderRecord, inventory: Inventory, units: Mapping[tuple[str, str], int]
) -> dict[tuple[str, str], int]:
    """What is open of lines that need no stock; nothing, if more is open of others than these."""
    progress = {each.line_id: each for each in record.progress}
    untracked: dict[tuple[str, str], int] = {}
    for line in record.order.lines:
        before = progress.get(line.id) or Progress(line_id=line.id)
        if not inventory.is_tracked(line.sku):
            untracked[line.id, line.sku] = before.open(line)
            continue
        recipe = inventory.components_of(line.sku)
        skus = [sku for sku, _ in recipe or ((line.sku, 1),)]
        parts = {sku: units[line.id, sku] for sku in skus if (line.id, sku) in units}
        if _with_parts(before, recipe, parts).open(line):
            return {}
    return {key: amount for key, amount in untracked.items() if amount}


def _without_stock(
    record: OrderRecord, line: OrderLine, before: Progress, parts: Mapping[str, int]
) -> Progress:
    """The progress of a line that needs no stock after so much of it went; what is open, at most.

    Raises:
        StockError: less is open.
    """
    amount = sum(parts.values())
    open_units = before.open(line)
    if amount > open_units:
        raise StockError(
            record.id,
            line.id,
            f"cannot ship {amount} of {line.sku!r}: {open_units}"
            f" {by_number(open_units, 'is', 'are')} open",
        )
    return before.added({"shipped": amount})


def _parts_by_line(
    record: OrderRecord,
    inventory: Inventory,
    lines: Mapping[str, OrderLine],
    units: UnitsByLine,
) -> dict[str, dict[str, int]]:
    """What is to leave of each line, by SKU, kits taken apart."""
    _checks.check_mapping("units", units, "units by line id")
    parts_by_line: dict[str, dict[str, int]] = {}
    for key, amount in units.items():
        line_id, component = _checked_key(key)
        line = _line(record, lines, line_id)
        _checks.check_int(f"units[{key!r}]", amount, at_least=1)
        recipe = inventory.components_of(line.sku) or ((line.sku, 1),)
        if component and component not in dict(recipe):
            raise _checks.refuse(f"units[{key!r}]", component, f"is no part of {line.sku}")
        parts = parts_by_line.setdefault(line_id, {})
        for sku, each in ((component, 1),) if component else recipe:
            parts[sku] = parts.get(sku, 0) + amount * each
    return parts_by_line


def _checked_key(key: object) -> tuple[str, str]:
    """The line id, and the component if one is named."""
    match key:
        case str():
            return key, ""
        case (str() as line_id, str() as component):
            return line_id, component
        case _:
            raise _checks.refuse(
                "units (key)", key, "is neither a line id nor a pair of line id and SKU"
            )


def _with_parts(before: Progress, recipe: Parts, parts: Mapping[str, int]) -> Progress:
    """The progress of a line after these units left, by SKU; *recipe* is empty for no kit."""
    if not recipe:
        return before.added({"shipped": sum(parts.values())})
    in_all = dict(before.parts)
    for sku, amount in parts.items():
        in_all[sku] = in_all.get(sku, 0) + amount
    return attrs.evolve(before, parts=in_all).in_whole_kits(recipe)
