"""What of an order leaves, and what of it leaves together."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any, NamedTuple, TypeAlias, cast

from fulfill_core.decisions.decision import Decision, open_by_line
from fulfill_core.decisions.promise import PromiseGap, ShippedRow
from fulfill_core.decisions.rows import BackorderView, with_locations
from fulfill_core.orders.dates import departure_by_line
from fulfill_core.orders.order import Ship

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
_source_of: Callable[[tuple[Any, ...]], Source] = partial(cast("Any", tuple).__new__, Source)
"""A `Source` of all its members, in their sequence, at a quarter of the cost: each order of a run
has some."""
Row: TypeAlias = tuple[ShippedRow, Source]


def rows_of(decision: Decision) -> list[Row]:
    """What of an order is to be sent, line by line and source by source.

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
    unsent = {} if is_plain else open_by_line(decision)
    if stays:
        unsent = {key: units for key, units in unsent.items() if key[0] not in stays}
    after, has_line_dates = departure_by_line(order), order.has_line_dates
    ship_after = None if has_line_dates else after("")
    rows: list[Row] = []
    for reservation in decision.reserved:
        key = reservation.line_id, reservation.sku
        counted = min(unsent.get(key, 0), reservation.quantity)
        if counted:
            unsent[key] -= counted
            source = Source(
                reservation.location,
                reserved_at=reservation.made_at,
                begins_now=reservation.made_at is None,
                ship_after=after(reservation.line_id),
            )
            rows.append(((*key, counted), source))
    source_by_place: dict[tuple[str, datetime | None], Source] = {}
    for row, location in with_locations(decision.allocation_rows):
        line_id, sku, _ = row
        if is_plain or (line_id, sku) in unsent:
            place = location, after(line_id) if has_line_dates else ship_after
            shelf = source_by_place.get(place)
            if shelf is None:
                shelf = _source_of((location, "", None, False, None, False, place[1]))
                source_by_place[place] = shelf
            rows.append((row, shelf))
    if decision.backorder_rows:
        rows += _rows_to_come(decision, unsent, after)
    return rows


def _rows_to_come(
    decision: Decision,
    unsent: Container[tuple[str, str]],
    after: Callable[[str], datetime | None],
) -> list[Row]:
    """What waits for more stock, and what is there and leaves with it."""
    rows: list[Row] = []
    on_shelf: list[ShippedRow] = []
    to_come: list[Source] = []  # a line that is not sent is waited for all the same
    for pegged in map(BackorderView._make, decision.backorder_rows):
        source = Source(
            pegged.location,
            pegged.supply_id,
            pegged.expected_at,
            waits=True,
            ship_after=after(pegged.line_id),
        )
        units_to_come = pegged.units - pegged.on_hand
        if units_to_come > 0:
            to_come.append(source)
        if (pegged.line_id, pegged.sku) in unsent:
            if units_to_come > 0:
                rows.append(((pegged.line_id, pegged.sku, units_to_come), source))
            if pegged.on_hand:
                on_shelf.append((pegged.line_id, pegged.sku, pegged.on_hand))
    if on_shelf:
        last = max(to_come, key=_in_sequence, default=_OPEN)
        rows += [(row, last) for row in on_shelf]
    return rows


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
    decision: Decision, rows: Iterable[Row], departures: Mapping[Source, Dated]
) -> Iterator[tuple[ShippedRow, Source, Dated]]:
    """The rows with when they leave, which is with the last of what they have to wait for."""
    order = decision.order
    whole = lines_whole(decision)
    if order.ship is Ship.PARTIAL and not whole:  # nothing waits for anything else
        for row, source in rows:
            yield row, source, departures[source]
        return
    grouped: dict[object, list[Row]] = {}
    for row, source in rows:
        group: object = source
        if order.ship is Ship.COMPLETE:
            group = order.id
        elif order.ship is Ship.LINES or (source.waits and row[0] in whole):
            group = row[0]
        grouped.setdefault(group, []).append((row, source))
    for members in grouped.values():
        dates = [departures[source] for _, source in members]
        instants = [date for date, _ in dates if date is not None]
        is_known = len(instants) == len(dates)
        for row, source in members:
            gap = departures[source][1] or PromiseGap.SHIPS_WITH_OTHERS
            yield row, source, (max(instants), None) if is_known else (None, gap)
