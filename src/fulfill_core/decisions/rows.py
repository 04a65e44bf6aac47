"""The rows of a run: what it decided, as plain tuples, and the one place that reads them.

A run makes hundreds of thousands of rows and keeps them. Plain tuples of atoms are the only
records that the garbage collector does not follow (it follows every instance of a NamedTuple), so
rows are these, in the sequence of the fields of the values that callers see. Nobody else counts
their positions: the functions here add them up, and a view reads a single one by name. See
docs/explanation/speed.md.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from operator import itemgetter
from typing import Any, NamedTuple, TypeAlias, cast

import attrs

from fulfill_core import _checks
from fulfill_core.decisions.finding import Finding
from fulfill_core.decisions.lines import Allocation, Backorder, Short, ShortReason
from fulfill_core.inventory.shelves.shelf import Deliveries, Shelf
from fulfill_core.inventory.stock import Reservation
from fulfill_core.orders.order import Order, OrderLine
from fulfill_core.orders.progress import Progress

AllocationRow: TypeAlias = tuple[str, str, str, int, str]
"""An `Allocation`; `AllocationView` names its members."""
BackorderRow: TypeAlias = tuple[str, str, int, str, datetime | None, str, int]
"""A `Backorder`; `BackorderView` names its members."""
ShortRow: TypeAlias = tuple[str, str, int, int, int, str]
"""A `Short`, its reason as text."""
KitRow: TypeAlias = tuple[str, tuple[tuple[str, int], ...]]
"""A line that asks for kits, and what one is made of: SKUs and units."""
LineRow: TypeAlias = tuple[
    str, str, int, int, int, int, int, int, int, int, datetime | None, int, int, int
]
"""A `LineStatus`; `LineView` names its members."""


LineCounts: TypeAlias = tuple[
    Mapping[str, int], Mapping[str, int], Mapping[str, int], Mapping[str, datetime | None]
]
"""By line id: units that the run allocated, that wait, and that are short; and when the last unit
of what waits is expected."""


class AllocationView(NamedTuple):
    """An allocation's row, read by name: ``AllocationView._make(row)``.

    It is made to be read and thrown away; what is kept is the row.
    """

    line_id: str
    sku: str
    location: str
    units: int
    lot: str = ""


class BackorderView(NamedTuple):
    """A backorder's row, read by name: ``BackorderView._make(row)``."""

    line_id: str
    sku: str
    units: int
    supply_id: str = ""
    expected_at: datetime | None = None
    location: str = ""
    on_hand: int = 0


class LineView(NamedTuple):
    """A line's row, read by name: ``LineView._make(row)``."""

    line_id: str
    sku: str
    ordered: int
    reserved: int
    allocated: int
    backordered: int
    short: int
    untracked: int
    scheduled: int
    held: int
    expected_at: datetime | None
    cancelled: int
    shipped: int
    reopened: int


# -- From values to rows ---------------------------------------------------------------------------
# Rows go through as they are, so that `attrs.evolve` works on a decision.


def allocation_rows(values: Iterable[Allocation | AllocationRow]) -> tuple[AllocationRow, ...]:
    """Allocations as rows."""
    _checks.check_collection("Decision.allocations", values)
    return tuple(
        (value.line_id, value.sku, value.location, value.quantity, value.lot)
        if isinstance(value, Allocation)
        else value
        for value in values
    )


def backorder_rows(values: Iterable[Backorder | BackorderRow]) -> tuple[BackorderRow, ...]:
    """Backorders as rows."""
    _checks.check_collection("Decision.backorders", values)
    return tuple(
        (
            value.line_id,
            value.sku,
            value.quantity,
            value.supply_id,
            value.expected_at,
            value.location,
            value.on_hand,
        )
        if isinstance(value, Backorder)
        else value
        for value in values
    )


def short_rows(values: Iterable[Short | ShortRow]) -> tuple[ShortRow, ...]:
    """Shorts as rows."""
    _checks.check_collection("Decision.shorts", values)
    return tuple(
        (
            value.line_id,
            value.sku,
            value.quantity,
            value.requested,
            value.available,
            value.reason.value,
        )
        if isinstance(value, Short)
        else value
        for value in values
    )


def check_parts(decision: Any) -> None:
    """What a host made a decision of: it is as it should be, and values have become rows."""
    for name, kind in (("allocation", Allocation), ("backorder", Backorder), ("short", Short)):
        _check_rows(f"Decision.{name}s", getattr(decision, f"{name}_rows"), kind)
    _checks.check_members("Decision.findings", decision.findings, Finding)
    _checks.check_members("Decision.reserved", decision.reserved, Reservation)
    _checks.check_members("Decision.unusable", decision.unusable, Reservation)
    _checks.check_members("Decision.progress", decision.progress, Progress)
    _checks.check_members("Decision.untracked", decision.untracked, str)
    _checks.check_rows("Decision.kits", decision.kits, "line", "components")
    _checks.check_words("Decision.scheduled_lines", decision.scheduled_lines)
    _checks.check_timezone("Decision.timezone", decision.timezone)


def _check_rows(path: str, rows: Any, kind: type[Allocation | Backorder | Short]) -> None:
    names = [field.name for field in attrs.fields(kind)]
    for position, row in enumerate(rows):
        if row.__class__ is not tuple or len(row) != len(names):
            _checks.check_member(f"{path}[{position}]", row, kind)
        kind(**dict(zip(names, row, strict=True)))  # its fields are checked as it is made


# -- Allocations, added up -------------------------------------------------------------------------


# To read one member of each row so takes a third of what a comprehension does.
_location_in: Callable[[AllocationRow], str] = itemgetter(2)
_lot_in: Callable[[AllocationRow], str] = itemgetter(4)


def as_if_to_come(rows: Iterable[AllocationRow], now: datetime) -> tuple[BackorderRow, ...]:
    """Allocated units as if they were to come now, each to where it lies."""
    return tuple(
        [
            (line_id, sku, quantity, "", now, location, 0)
            for line_id, sku, location, quantity, _ in rows
        ]
    )


def added_up(rows: Iterable[AllocationRow]) -> tuple[AllocationRow, ...]:
    """These rows, those of one line, SKU, location and lot as one, where the first of them is."""
    units: dict[tuple[str, str, str, str], int] = {}
    for line_id, sku, location, quantity, lot in rows:
        place = line_id, sku, location, lot
        units[place] = units.get(place, 0) + quantity
    return tuple([(*place[:3], quantity, place[3]) for place, quantity in units.items()])


def in_lots(
    rows: Sequence[AllocationRow],
    order: Order,
    shelves: Mapping[str, Shelf],
    deliveries: Mapping[str, Deliveries],
) -> tuple[AllocationRow, ...]:
    """These rows, drawn from their shelves: each as one row for every lot that its units are of.

    Args:
        rows: the rows.
        order: the order that takes them.
        shelves: where they are drawn from, by SKU; rows of other SKUs stay as they are.
        deliveries: when they arrive, by SKU and location, as far as that was asked.
    """
    # Units of which the lot is known come first: any other lot will do for the rest.
    for _, sku, location, quantity, lot in filter(_lot_in, rows):
        shelves[sku].draw(location, quantity, order, _delivery(deliveries, sku, location), lot)
    of_lots: list[AllocationRow] = []
    for row in rows:
        line_id, sku, location, quantity, lot = row
        if lot or sku not in shelves:
            of_lots.append(row)
        else:
            until = _delivery(deliveries, sku, location) if deliveries else None
            for lot_id, units in shelves[sku].draw(location, quantity, order, until):
                of_lots.append((line_id, sku, location, units, lot_id))
    return tuple(of_lots)


def _delivery(deliveries: Mapping[str, Deliveries], sku: str, location: str) -> datetime | None:
    return deliveries[sku].get(location) if sku in deliveries else None


def lots_of(rows: Iterable[AllocationRow]) -> list[tuple[str, str, str]]:
    """SKU, location id and lot of those of these rows that are of a lot."""
    return [(sku, location, lot) for _, sku, location, _, lot in filter(_lot_in, rows)]


def units_by_sku(rows: Iterable[AllocationRow]) -> dict[str, int]:
    """Allocated units, by SKU."""
    units: dict[str, int] = {}
    for _, sku, _, quantity, _ in rows:
        units[sku] = units.get(sku, 0) + quantity
    return units


def units_by_line(rows: Iterable[AllocationRow]) -> dict[str, int]:
    """Allocated units, by line id."""
    units: dict[str, int] = {}
    for line_id, _, _, quantity, _ in rows:
        units[line_id] = units.get(line_id, 0) + quantity
    return units


def units_by_line_and_sku(rows: Iterable[AllocationRow]) -> dict[tuple[str, str], int]:
    """Allocated units, by line id and SKU: a line that asks for kits has several SKUs."""
    units: dict[tuple[str, str], int] = {}
    for line_id, sku, _, quantity, _ in rows:
        units[line_id, sku] = units.get((line_id, sku), 0) + quantity
    return units


def units_by_place(rows: Iterable[AllocationRow]) -> dict[tuple[str, str], int]:
    """Allocated units, by SKU and location."""
    units: dict[tuple[str, str], int] = {}
    for _, sku, location, quantity, _ in rows:
        units[sku, location] = units.get((sku, location), 0) + quantity
    return units


def with_locations(rows: Iterable[AllocationRow]) -> list[tuple[tuple[str, str, int], str]]:
    """Line id, SKU and units of each row, and where they were allocated."""
    return [((line_id, sku, quantity), location) for line_id, sku, location, quantity, _ in rows]


def rows_by_location(rows: Iterable[AllocationRow]) -> dict[str, list[tuple[str, str, int]]]:
    """Line id, SKU and units of each row, by the location where they were allocated."""
    by_location: dict[str, list[tuple[str, str, int]]] = {}
    for line_id, sku, location, quantity, _ in rows:
        by_location.setdefault(location, []).append((line_id, sku, quantity))
    return by_location


def locations_of(rows: Iterable[AllocationRow]) -> set[str]:
    """The ids of the locations that units were allocated at."""
    return set(map(_location_in, rows))


def as_reserved(
    order_id: str, rows: Iterable[AllocationRow], now: datetime
) -> tuple[Reservation, ...]:
    """What was allocated for an order by a run at this instant, as reservations."""
    return tuple(
        [
            Reservation(
                order_id=order_id,
                line_id=line_id,
                sku=sku,
                location=location,
                quantity=quantity,
                made_at=now,
                lot=lot,
            )
            for line_id, sku, location, quantity, lot in rows
        ]
    )


# -- Backorders and shorts, added up ---------------------------------------------------------------


def backordered_by_sku(rows: Iterable[BackorderRow]) -> dict[str, int]:
    """Units that wait for more stock, by SKU."""
    units: dict[str, int] = {}
    for _, sku, quantity, _, _, _, _ in rows:
        units[sku] = units.get(sku, 0) + quantity
    return units


def open_by_sku(rows: Iterable[BackorderRow]) -> dict[str, int]:
    """Units that wait and are pegged to no supply, by SKU."""
    units: dict[str, int] = {}
    for _, sku, quantity, supply_id, _, _, on_hand in rows:
        units[sku] = units.get(sku, 0) + (0 if supply_id else quantity - on_hand)
    return units


def backordered_by_line(rows: Iterable[BackorderRow]) -> dict[str, int]:
    """Units that wait for more stock, by line id."""
    units: dict[str, int] = {}
    for line_id, _, quantity, _, _, _, _ in rows:
        units[line_id] = units.get(line_id, 0) + quantity
    return units


def expected_by_line(rows: Iterable[BackorderRow]) -> dict[str, datetime | None]:
    """When the last unit of each line is expected; None if some unit of it has no date.

    A line of which all is there waits for the last of the other lines.
    """
    expected: dict[str, datetime | None] = {}
    on_shelf: set[str] = set()
    for line_id, _, units, _, expected_at, _, on_hand in rows:
        if units == on_hand:
            on_shelf.add(line_id)
        else:
            last = expected.get(line_id, expected_at)
            if last is None or expected_at is None:
                expected[line_id] = None
            else:
                expected[line_id] = max(last, expected_at)
    if on_shelf:
        dates = [date for date in expected.values() if date is not None]
        last = max(dates, default=None) if len(dates) == len(expected) else None
        expected.update((line_id, last) for line_id in on_shelf - expected.keys())
    return expected


def expected_dates(rows: Iterable[BackorderRow]) -> list[datetime | None]:
    """When the units of each row are expected; None where nobody knows."""
    return [expected_at for _, _, _, _, expected_at, _, _ in rows]


def supply_ids_of(rows: Iterable[BackorderRow]) -> set[str]:
    """The ids of the supplies that units are pegged to."""
    return {supply_id for _, _, _, supply_id, _, _, _ in rows if supply_id}


def short_by_line(rows: Iterable[ShortRow]) -> dict[str, int]:
    """Units that will not come, by line id; a line may have a row for each of two reasons."""
    by_line: dict[str, int] = {}
    for line_id, _, units, _, _, _ in rows:
        by_line[line_id] = by_line.get(line_id, 0) + units
    return by_line


def skus_lacking(backorders: Iterable[BackorderRow], shorts: Iterable[ShortRow]) -> set[str]:
    """The SKUs of which an order did not get all."""
    return {sku for _, sku, *_ in backorders} | {sku for _, sku, *_ in shorts}


def lines_short_of(rows: Iterable[ShortRow], reason: ShortReason) -> frozenset[str]:
    """The ids of the lines that are short for such a reason."""
    return frozenset([line_id for line_id, *_, why in rows if why == reason.value])


def with_reason(
    rows: Iterable[ShortRow], line_ids: Collection[str], reason: ShortReason
) -> tuple[ShortRow, ...]:
    """These rows; of these lines, what is out of stock has another reason."""
    out_of_stock = ShortReason.OUT_OF_STOCK.value
    return tuple(
        [
            (*row[:-1], reason.value) if row[0] in line_ids and row[-1] == out_of_stock else row
            for row in rows
        ]
    )


def with_fewer_available(row: ShortRow, units_of: Mapping[str, int]) -> ShortRow:
    """The row, for whose line so many units fewer were there, by line id."""
    line_id, sku, units, requested, available, reason = row
    return line_id, sku, units, requested, available - units_of.get(line_id, 0), reason


def with_on_hand_units(row: BackorderRow, on_hand: int) -> BackorderRow:
    """The row with so many more units, which are there and wait for the rest only."""
    line_id, sku, units, supply_id, expected_at, location, _ = row
    return line_id, sku, units + on_hand, supply_id, expected_at, location, on_hand


def without_dates(
    rows: Sequence[BackorderRow], keys: Collection[tuple[str, str]]
) -> tuple[BackorderRow, ...]:
    """The rows, in which the units that were to be there for these lines and SKUs are not.

    Those units wait for nothing that is known, apart from what is pegged. A kit that waits has rows
    of what it lacks, and none of what lies there: so all of its rows lose their dates.
    """
    on_shelf = {(line_id, sku) for line_id, sku, _, _, _, _, on_hand in rows if on_hand}
    line_ids = {line_id for line_id, sku in keys if (line_id, sku) not in on_shelf}
    after: list[BackorderRow] = []
    for row in rows:
        line_id, sku, units, supply_id, expected_at, location, on_hand = row
        if line_id in line_ids:
            after.append((line_id, sku, units, supply_id, None, location, 0))
        elif on_hand and (line_id, sku) in keys:
            if supply_id:
                pegged = units - on_hand
                after.append((line_id, sku, pegged, supply_id, expected_at, location, 0))
                units = on_hand
            after.append((line_id, sku, units, "", None, "", 0))
        else:
            after.append(row)
    return tuple(after)


# -- Lines -----------------------------------------------------------------------------------------


def rows_of_new_lines(
    lines: Iterable[OrderLine],
    untracked: Collection[str],
    counts: LineCounts,
) -> list[LineRow]:
    """The rows of lines that had nothing before the run, and wait for nothing but stock.

    Most are; of them there is nothing to weigh, in a third of the time.

    Args:
        lines: the lines.
        untracked: the ids of those that need no stock.
        counts: what the run gave them, and did not give.
    """
    allocated, backordered, short, expected = counts
    rows: list[LineRow] = []
    for line in lines:
        key, units = line.id, line.units
        of_run = allocated.get(key, 0), backordered.get(key, 0), short.get(key, 0)
        free = units if key in untracked else 0
        rows.append((key, line.sku, units, 0, *of_run, free, 0, 0, expected.get(key), 0, 0, 0))
    return rows


# -- What one order got in its turn --------------------------------------------------------------


class Served(NamedTuple):
    """What one order got in its turn, as the decision keeps it.

    Args:
        allocations: what the run reserved for it.
        backorders: what waits for more stock.
        shorts: what will not come.
        reserved: what was reserved for it before the run, and still is.
        untracked: the ids of its lines that need no stock.
        kits: its lines that ask for kits, and what those are made of.
        remarks: notes on how it was served, which join its findings.
        unusable: what is reserved for it and can't be used.
    """

    allocations: tuple[AllocationRow, ...] = ()
    backorders: tuple[BackorderRow, ...] = ()
    shorts: tuple[ShortRow, ...] = ()
    reserved: tuple[Reservation, ...] = ()
    untracked: tuple[str, ...] = ()
    kits: tuple[KitRow, ...] = ()
    remarks: tuple[Finding, ...] = ()
    unusable: tuple[Reservation, ...] = ()


ServedMembers: TypeAlias = tuple[
    tuple[AllocationRow, ...],
    tuple[BackorderRow, ...],
    tuple[ShortRow, ...],
    tuple[Reservation, ...],
    tuple[str, ...],
    tuple[KitRow, ...],
    tuple[Finding, ...],
    tuple[Reservation, ...],
]
served_of: Callable[[ServedMembers], Served] = partial(cast("Any", tuple).__new__, Served)
"""A `Served` of all its members, in their sequence. Calling the class costs four times as much, and
every order of a run makes one."""
