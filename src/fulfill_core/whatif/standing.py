"""How each order of a run stands, in numbers: what figures, differences and rows are made of."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from fulfill_core._checks import EXACT
from fulfill_core.decisions.decision import Decision
from fulfill_core.decisions.outcome import Outcome
from fulfill_core.decisions.rows import (
    LineView,
    backordered_by_line,
    backordered_by_sku,
    expected_dates,
    locations_of,
    short_by_line,
)
from fulfill_core.orders.order import Order
from fulfill_core.pipeline.result import Result

_NOTHING = Decimal(0)
_NO_TIME = timedelta(0)
_ALLOCATED = Outcome.ALLOCATED
_add = EXACT.add


class Standing(NamedTuple):
    """How an order stands after a run.

    What is asked for is what was ordered and not cancelled; filled is what the customer can count
    on or has got: it is reserved, has left, or needs no stock.

    Args:
        order: the order.
        outcome: what became of it.
        rank: its place in the queue; None if it is not in it.
        codes: of its findings, each once.
        lines: how many lines ask for something.
        lines_filled: how many of them get all of it.
        units: how many units it asks for, over all lines.
        units_filled: how many of those are filled,
        units_waiting: wait,
        units_short: and will not come.
        value: what the units that it asks for cost, in its currency.
        value_filled: what those that are filled cost.
        late_by: how long after its deadline it is there; zero if it is in time, or nobody knows.
        expected_at: when the last of it is there, or of what it waits for; None if nobody knows.
        parcels: how many locations send something that is reserved for it.
    """

    order: Order
    outcome: Outcome
    rank: int | None
    codes: tuple[str, ...]
    lines: int
    lines_filled: int
    units: int
    units_filled: int
    units_waiting: int
    units_short: int
    value: Decimal
    value_filled: Decimal
    late_by: timedelta
    expected_at: datetime | None
    parcels: int


class _Amounts(NamedTuple):
    """Of an order's lines, units and value: how much is asked for, and how much of it is filled."""

    lines: int
    lines_filled: int
    units: int
    units_filled: int
    value: Decimal
    value_filled: Decimal


def standings_of(result: Result) -> Iterator[Standing]:
    """How each order stands, in the sequence of the decisions."""
    return map(standing_of, result.decisions)


def standing_of(decision: Decision) -> Standing:
    """How an order stands after a decision."""
    order = decision.order
    if decision.outcome is _ALLOCATED and _is_from_shelf(decision):  # as most: all of it, now
        lines = len(order.lines)
        units, value = _wish_of(order)
        parcels = len(locations_of(decision.allocation_rows))
        return Standing(
            *(order, _ALLOCATED, decision.rank, (), lines, lines, units, units, 0, 0),
            *(value, value, _NO_TIME, None, parcels),
        )
    amounts = _sums(decision)
    expected_at = _expected_at(decision)
    return Standing(
        decision.order,
        decision.outcome,
        decision.rank,
        tuple(dict.fromkeys([finding.code for finding in decision.findings])),
        amounts.lines,
        amounts.lines_filled,
        amounts.units,
        amounts.units_filled,
        _units_waiting(decision) if decision.backorder_rows else 0,
        sum(short_by_line(decision.short_rows).values()) if decision.short_rows else 0,
        amounts.value,
        amounts.value_filled,
        _late_by(decision, expected_at),
        expected_at,
        _parcels(decision),
    )


def _units_waiting(decision: Decision) -> int:
    """Units that wait; of a line that asks for kits, kits."""
    if decision.kits:
        return sum([view.backordered for view in map(LineView._make, decision.line_rows)])
    return sum(backordered_by_sku(decision.backorder_rows).values())


def _is_from_shelf(decision: Decision) -> bool:
    """Whether what this run reserved is all that there is to say of an order that gets all."""
    return not (
        decision.findings
        or decision.progress
        or decision.reserved
        or decision.unusable
        or decision.kits
        or decision.promise is not None
    )


def _wish_of(order: Order) -> tuple[int, Decimal]:
    """How many units an order asks for, and what they cost."""
    units, total = 0, _NOTHING
    for line in order.lines:
        units += line.units
        total = _add(total, line.total)
    return units, total


def _sums(decision: Decision) -> _Amounts:
    """How much it asks for, and how much of that is filled."""
    lines = decision.order.lines
    if decision.progress or decision.scheduled_lines or decision.kits or decision.unusable:
        return _sums_by_line(decision)
    units, total = _wish_of(decision.order)
    if decision.outcome is _ALLOCATED:  # as most: all of it
        return _Amounts(len(lines), len(lines), units, units, total, total)
    if decision.rank is None and not decision.reserved:
        return _Amounts(len(lines), 0, units, 0, total, _NOTHING)
    if decision.rank is None or decision.held_lines:
        return _sums_by_line(decision)
    # What neither waits nor is short is filled (law 2): no line has to be added up.
    waiting_units = backordered_by_line(decision.backorder_rows)
    short_units = short_by_line(decision.short_rows)
    lines_filled, units_filled, value_filled = 0, units, total
    for line in lines:
        lack = waiting_units.get(line.id, 0) + short_units.get(line.id, 0)
        lines_filled += not lack
        if lack:
            units_filled -= lack
            missing_value = _share(line.total, lack, line.units)
            value_filled = EXACT.subtract(value_filled, missing_value)
    return _Amounts(len(lines), lines_filled, units, units_filled, total, value_filled)


def _sums_by_line(decision: Decision) -> _Amounts:
    lines = lines_filled = units = units_filled = 0
    value = value_filled = _NOTHING
    views = map(LineView._make, decision.line_rows)
    for line, view in zip(decision.order.lines, views, strict=True):
        wish = max(0, view.ordered - view.cancelled + view.reopened)
        if not wish:
            continue
        confirmed = view.shipped + view.reserved + view.allocated + view.untracked
        confirmed = min(wish, confirmed)
        lines += 1
        lines_filled += confirmed == wish
        units += wish
        units_filled += confirmed
        value = _add(value, _share(line.total, wish, line.units))
        value_filled = _add(value_filled, _share(line.total, confirmed, line.units))
    return _Amounts(lines, lines_filled, units, units_filled, value, value_filled)


def _share(total: Decimal, units: int, units_of_line: int) -> Decimal:
    """What some units of a line cost."""
    if units == units_of_line:
        return total
    if not units:
        return _NOTHING
    return EXACT.divide(EXACT.multiply(total, units), units_of_line)


def _expected_at(decision: Decision) -> datetime | None:
    """When all of it is there, as promised; without a promise, when what it waits for comes in."""
    if decision.promise is not None:
        return decision.promise.delivered_at
    if not decision.backorder_rows:
        return None
    dates = expected_dates(decision.backorder_rows)
    known_dates = [date for date in dates if date is not None]
    return max(known_dates) if len(known_dates) == len(dates) else None


def _late_by(decision: Decision, expected_at: datetime | None) -> timedelta:
    if decision.promise is not None:
        return decision.promise.late_by or _NO_TIME
    deadline = decision.order.deliver_by
    if expected_at is None or deadline is None:
        return _NO_TIME
    return max(_NO_TIME, expected_at - deadline)


def _parcels(decision: Decision) -> int:
    if not decision.reserved:
        return len(locations_of(decision.allocation_rows))
    locations = {reservation.location for reservation in decision.reserved}
    return len(locations | locations_of(decision.allocation_rows))
