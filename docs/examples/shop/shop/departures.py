"""When goods leave each location, and how long they are under way: what the shop promises by."""

from __future__ import annotations

from datetime import UTC, date, time, timedelta

from fulfill_core import (
    BusinessCalendar,
    CutOff,
    InvalidValueError,
    Origin,
    PromisePolicy,
    Shift,
    from_calendars,
)
from shop.records import Record, StockList, set_aside, shown

DOORS = Shift(start=time(8), end=time(18), weekdays=range(6))  # carriers deliver on Saturdays, too


def read_departures(whole: Record, read: StockList) -> PromisePolicy | None:
    """What *whole* says of places, transit and holidays; None if it says nothing of any place.

    All times are in UTC: a shop with warehouses in other zones would name each one's own.
    """
    holidays = _holidays(whole)
    origins: dict[str, Origin] = {}
    for record in whole.children("places"):
        location = _location(record, read)
        origin = _origin(record, holidays)
        if not set_aside(record, read) and origin is not None:
            origins[location] = origin
    transit: dict[tuple[str, str], timedelta | int] = {}
    for record in whole.children("transit"):
        route = _location(record, read), record.text("country")
        days = record.count("working_days")
        if not set_aside(record, read) and days is not None:
            transit[route] = days
    if not origins:
        return None
    doors = BusinessCalendar(timezone=UTC, shifts=[DOORS], holidays=holidays)
    first = next(iter(origins))  # where goods on order come in
    transit |= {("", to): days for (place, to), days in transit.items() if place == first}
    return from_calendars(origins, transit, otherwise=origins[first], destination=doors)


def _origin(record: Record, holidays: list[date]) -> Origin | None:
    opens, closes, cut_off = (_time(record, name) for name in ("opens", "closes", "cut_off"))
    hours = record.count("handling_hours", at_least=0)
    if record.faults or opens is None or closes is None or cut_off is None or hours is None:
        return None
    try:
        shift = Shift(start=opens, end=closes)
        calendar = BusinessCalendar(timezone=UTC, shifts=[shift], holidays=holidays)
    except InvalidValueError as error:
        record.fault("opens", f"{error.value} {error.problem}")
        return None
    return Origin(
        calendar=calendar,
        cut_off=CutOff(calendar=calendar, at=cut_off),
        handling=timedelta(hours=hours),
    )


def _time(record: Record, name: str) -> time | None:
    written = record.text(name)
    try:
        moment = time.fromisoformat(written)
    except ValueError:
        moment = None
    if written and (moment is None or moment.tzinfo is not None):
        record.fault(name, f"{shown(written)} is not a time of the day, such as 14:00")
        return None
    return moment


def _holidays(whole: Record) -> list[date]:
    written = whole.content.get("holidays", [])
    days: list[date] = []
    if not isinstance(written, list):
        whole.fault("holidays", f"{shown(written)} is not a list")
        return days
    for position, text in enumerate(written):
        try:
            days.append(date.fromisoformat(str(text)))
        except ValueError:
            whole.fault(f"holidays[{position}]", f"{shown(text)} is not a date, such as 2026-12-25")
    return days


def _location(record: Record, read: StockList) -> str:
    location = record.text("location")
    if location and location not in {place.id for place in read.locations}:
        record.fault("location", f"{location} is no location in locations.json")
    return location
