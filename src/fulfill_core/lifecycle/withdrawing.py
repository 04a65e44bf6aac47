"""Until when a customer may change their mind about goods that arrived."""

from __future__ import annotations

from collections.abc import Container, Iterable
from datetime import UTC, datetime, timedelta

from fulfill_core import _checks
from fulfill_core.calendars.business_calendar import BusinessCalendar
from fulfill_core.calendars.wall_clock import END_OF_TIME, last_instant_of
from fulfill_core.lifecycle.places import units_under_way
from fulfill_core.orders.progress import NO_PROGRESS
from fulfill_core.records.history import Parcel
from fulfill_core.records.order_record import OrderRecord

WITHDRAWAL_DAYS = 14
"""2011/83/EU, article 9(1)."""


def withdrawal_ends(
    record: OrderRecord,
    *,
    days: int = WITHDRAWAL_DAYS,
    by_line: bool = False,
    calendar: BusinessCalendar | None = None,
) -> dict[str, datetime | None]:
    """Until when each line may be sent back because its customer has changed their mind.

    In the European Union that is the end of the 14th day after the customer got the goods, and of
    goods that arrive separately the last of them (2011/83/EU, article 9(2)(b)); if that is no
    working day, of the next one (Regulation 1182/71, article 3(4)). It counts by the order's own
    time zone.

    Args:
        record: the order's record.
        days: how many days.
        by_line: whether each line counts by itself, as one that was ordered separately does.
        calendar: the working days of the customer's country; None if all days are.

    Returns:
        By line id, of the lines of which something arrived, the last instant, in UTC; None where
        something has not arrived yet, or nobody knows when it did.

    >>> from datetime import timezone
    >>> from fulfill_core import Customer, Order, OrderLine
    >>> from fulfill_core.records import History, Parcel
    >>> noon = datetime(2026, 3, 2, 12, tzinfo=timezone.utc)
    >>> order = Order(id="A-1", placed_at=noon, customer=Customer(id="C-7"), currency="EUR",
    ...               lines=[OrderLine(id="1", sku="mug", quantity=2)])
    >>> parcel = Parcel(id="p1", at=noon, shipped={"1": 2}, is_delivered=True, delivered_at=noon)
    >>> record = OrderRecord(order=order, history=History(parcels=[parcel]))
    >>> record = record.with_progress("1", shipped=2, delivered=2)
    >>> print(withdrawal_ends(record)["1"])
    2026-03-16 23:59:59.999999+00:00
    """
    _checks.check_member("record", record, OrderRecord)
    _checks.check_int("days", days, at_least=0)
    _checks.check_bool("by_line", by_line)
    if calendar is not None:
        _checks.check_member("calendar", calendar, BusinessCalendar)
    arrivals: dict[str, datetime | None] = {}
    is_complete = True
    progress_by_line = {each.line_id: each for each in record.progress}
    under_way = units_under_way(record)
    deliveries = [(each.delivered_at, _lines_arrived(each)) for each in record.history.parcels]
    for line in record.order.lines:
        progress = progress_by_line.get(line.id, NO_PROGRESS)
        is_there = line.id not in under_way and not progress.open(line)
        is_complete = is_complete and is_there
        if progress.delivered:
            arrivals[line.id] = _arrived_at(deliveries, line.id) if is_there else None
    if not by_line:
        instants = list(arrivals.values())
        dates = [each for each in instants if each is not None]
        last = max(dates, default=None) if is_complete and len(dates) == len(instants) else None
        arrivals = dict.fromkeys(arrivals, last)
    return {
        line_id: None if arrived is None else _end_of(record, arrived, days, calendar)
        for line_id, arrived in arrivals.items()
    }


def _lines_arrived(parcel: Parcel) -> set[str]:
    """The lines of which something arrived in a parcel, be it a part of a kit."""
    line_ids = {line_id for line_id, units in parcel.units_delivered().items() if units}
    return line_ids.union(row[0] for row in parcel.parts_left() if parcel.is_delivered)


def _arrived_at(
    deliveries: Iterable[tuple[datetime | None, Container[str]]], line_id: str
) -> datetime | None:
    """When the last unit of a line did; None if nobody knows."""
    instants = [at for at, line_ids in deliveries if line_id in line_ids]
    dates = [each for each in instants if each is not None]
    return max(dates, default=None) if len(dates) == len(instants) else None


def _end_of(
    record: OrderRecord, arrived: datetime, days: int, calendar: BusinessCalendar | None
) -> datetime:
    """The last instant of so many days after a day; of the calendar, if that is beyond it."""
    timezone = record.order.timezone or UTC
    try:
        day = _checks.in_zone(arrived, timezone).date() + timedelta(days=days)
        while calendar is not None and not calendar.is_working_day(day):
            day += timedelta(days=1)
        return last_instant_of(day, timezone)
    except OverflowError:
        return END_OF_TIME
