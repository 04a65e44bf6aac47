"""What of an order leaves, and what of it leaves together."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import NamedTuple, TypeAlias

from fulfill_core.decisions.decision import Decision, open_by_line
from fulfill_core.decisions.notification import Audience
from fulfill_core.decisions.promise import PromiseGap, ShippedRow
from fulfill_core.decisions.rows import BackorderView, rows_by_location
from fulfill_core.orders.dates import departure_by_line
from fulfill_core.orders.order import Ship
from fulfill_core.records.order_record import OrderRecord

Dated: TypeAlias = tuple[datetime | None, PromiseGap | None]
"""An instant, or why there is none."""

_NEVER = datetime.max.replace(tzinfo=UTC)


class Source(NamedTuple):
    """Where units come from: a shelf, or a supply (no date: nobody knows when)."""

    location: str
    supply_id: str = ""
    expected_at: datetime | None = None
    waits: bool = False
    reserved_at: datetime | None = None
    """When the units were reserved; None if they are reserved in this run, or nobody knows."""
    begins_now: bool = False
    """Whether nobody knows when the units were reserved: handling is taken to begin now."""
    ship_after: datetime | None = None
    """Before when they do not leave, whatever they wait for; None if they may at once."""


_OPEN = Source("", waits=True)
Goods: TypeAlias = tuple[Source, list[ShippedRow]]
"""What of an order is to be sent, and comes from one source."""
DatedGoods: TypeAlias = tuple[Source, list[ShippedRow], Dated]
"""The same, with when it could leave if it were alone."""
_RowsBySource: TypeAlias = dict[Source, list[ShippedRow]]


def goods_of(decision: Decision) -> list[Goods]:
    """What of an order is to be sent, for each source that it comes from.

    What is on hand for an order that ships complete, but not kept for it, leaves with what it waits
    for: it has no source of its own.
    """
    if decision.rank is None:
        return []
    order = decision.order
    stays = {line.id for line in order.lines if not line.ships}
    stays.update(decision.scheduled_lines, decision.untracked)
    if decision.findings:
        stays |= decision.held_lines
    # Of most orders all that is allocated leaves, and nothing else: there is nothing to look up.
    is_plain = not (stays or decision.reserved or decision.backorder_rows)
    by_location, has_line_dates = rows_by_location(decision.allocation_rows), order.has_line_dates
    if is_plain and not has_line_dates:
        after = order.ship_after
        return [(_shelf(location, after), rows) for location, rows in by_location.items()]
    unsent = open_by_line(decision)
    if stays:
        unsent = {key: units for key, units in unsent.items() if key[0] not in stays}
    after_of = departure_by_line(order)
    rows_by_source: _RowsBySource = {}
    for reservation in decision.reserved:
        key = reservation.line_id, reservation.sku
        counted = min(unsent.get(key, 0), reservation.quantity)
        if counted:
            unsent[key] -= counted
            source = Source(
                reservation.location,
                reserved_at=reservation.made_at,
                begins_now=reservation.made_at is None,
                ship_after=after_of(reservation.line_id),
            )
            rows_by_source.setdefault(source, []).append((*key, counted))
    for location, rows in by_location.items():
        for row in rows:
            line_id, sku, _ = row
            if is_plain or (line_id, sku) in unsent:
                source = _shelf(location, after_of(line_id))
                rows_by_source.setdefault(source, []).append(row)
    if decision.backorder_rows:
        _add_rows_to_come(rows_by_source, decision, unsent, after_of)
    return list(rows_by_source.items())


@lru_cache(maxsize=1_000)  # many orders of a run take from one place
def _shelf(location: str, ship_after: datetime | None) -> Source:
    """Where units lie that this run allocated."""
    return Source(location, ship_after=ship_after)


def _add_rows_to_come(
    rows_by_source: _RowsBySource,
    decision: Decision,
    unsent: Container[tuple[str, str]],
    after_of: Callable[[str], datetime | None],
) -> None:
    """Add what waits for more stock, and what is there and leaves with it."""
    on_shelf: list[ShippedRow] = []
    to_come: list[Source] = []  # a line that is not sent is waited for all the same
    for pegged in map(BackorderView._make, decision.backorder_rows):
        source = Source(
            pegged.location,
            pegged.supply_id,
            pegged.expected_at,
            waits=True,
            ship_after=after_of(pegged.line_id),
        )
        units_to_come = pegged.units - pegged.on_hand
        if units_to_come > 0:
            to_come.append(source)
        if (pegged.line_id, pegged.sku) in unsent:
            if units_to_come > 0:
                row = pegged.line_id, pegged.sku, units_to_come
                rows_by_source.setdefault(source, []).append(row)
            if pegged.on_hand:
                on_shelf.append((pegged.line_id, pegged.sku, pegged.on_hand))
    if on_shelf:
        last = max(to_come, key=_in_sequence, default=_OPEN)
        rows_by_source.setdefault(last, []).extend(on_shelf)


def _in_sequence(source: Source) -> tuple[object, ...]:
    """A sort key: when it comes, what has no date last; then what tells it apart."""
    return source.expected_at or _NEVER, source.location, source.supply_id


def lines_whole(decision: Decision) -> set[str]:
    """The lines of which what waits leaves together, by id: whole packs and kits."""
    whole = {line.id for line in decision.order.lines if line.units_each > 1}
    whole.update([line_id for line_id, _ in decision.kits])
    return whole


def are_apart(decision: Decision) -> bool:
    """Whether what comes from each source leaves for itself, and at a time of its own."""
    order = decision.order
    if order.ship is not Ship.PARTIAL or order.ship_after is not None or order.has_line_dates:
        return False
    return not decision.reserved and not lines_whole(decision)


def with_departures(
    decision: Decision, goods: Iterable[DatedGoods]
) -> Iterator[tuple[DatedGoods, Dated]]:
    """The goods with when they leave, which is with the last of what they have to wait for."""
    for group in _groups(decision, goods):
        instants = [date for _, _, (date, _) in group if date is not None]
        is_known = len(instants) == len(group)
        for part in group:
            gap = part[2][1] or PromiseGap.SHIPS_WITH_OTHERS
            yield part, (max(instants), None) if is_known else (None, gap)


def _groups(decision: Decision, goods: Iterable[DatedGoods]) -> Iterable[list[DatedGoods]]:
    """The goods in groups: what is in one leaves together. What others wait for may be a part."""
    ship = decision.order.ship
    if ship is Ship.COMPLETE:
        return [list(goods)]
    whole = lines_whole(decision) if ship is Ship.PARTIAL else ()
    groups: dict[object, list[DatedGoods]] = {}
    for source, rows, own in goods:
        rows_by_group: dict[object, list[ShippedRow]] = {}
        for row in rows:
            is_of_line = ship is Ship.LINES or (source.waits and row[0] in whole)
            rows_by_group.setdefault(row[0] if is_of_line else source, []).append(row)
        for group, of_group in rows_by_group.items():
            groups.setdefault(group, []).append((source, of_group, own))
    return groups.values()


def added_up(rows: Sequence[ShippedRow]) -> Sequence[ShippedRow]:
    """What leaves together: one row for each line and SKU, of whichever lots they are."""
    if len(rows) == 1:
        return rows
    units: dict[tuple[str, str], int] = {}
    for line_id, sku, quantity in rows:
        units[line_id, sku] = units.get((line_id, sku), 0) + quantity
    if len(units) == len(rows):  # as nearly always
        return rows
    return [(line_id, sku, quantity) for (line_id, sku), quantity in units.items()]


def as_told(source: Source, record: OrderRecord) -> Source:
    """The source; of units of which nobody knows when they were reserved, by what was told of them.

    What the record has was there when its customer was told of it, at the latest: so a date stands
    that was told, and does not slide from run to run.
    """
    if not source.begins_now:
        return source
    if source.location not in {each.location for each in record.reserved if not each.made_at}:
        return source
    last = record.told_to(Audience.CUSTOMER)
    return source if last is None else source._replace(reserved_at=last.at, begins_now=False)
