"""When goods leave each location, and how long they are under way: what the shop promises by."""

from __future__ import annotations

from datetime import UTC, date, time, timedelta

from fulfill_core.calendars import BusinessCalendar, CutOff, Shift
from fulfill_core.promises import Origin, from_calendars
from fulfill_core.protocols import PromisePolicy
from shop.records import Record, StockList, excerpt, set_aside

DOORS = Shift(start=time(8), end=time(18), weekdays=range(6))  # carriers deliver on Saturdays, too

LONGEST_HANDLING = 24 * 30  # hours
LONGEST_WAY = 60  # working days


def read_departures(whole: Record, stock_list: StockList) -> PromisePolicy | None:
    """What *whole* says of places, transit and holidays; None if it says nothing of any place.

    All times are in UTC: a shop with warehouses in other zones would name each one's own.
    """
    holidays = _holidays(whole)
    origins: dict[str, Origin] = {}
    for record in whole.children("places"):
        location = location_of(record, stock_list)
        origin = _origin(record, holidays)
        if location in origins:
            record.fault("location", f"{location} is there twice")
        if not set_aside(record, stock_list) and origin is not None:
            origins[location] = origin
    routes: list[tuple[str, str, int]] = []
    for record in whole.children("transit"):
        place, country = location_of(record, stock_list), record.text("country")
        route = place, country, _up_to(record, "working_days", LONGEST_WAY, at_least=1)
        if country and not (len(country) == len("DE") and country.isupper()):
            record.fault("country", f"{country} is not a code of two letters, such as DE")
        if (place, country) in {earlier[:2] for earlier in routes}:
            record.fault("country", f"the way from {place} to {country} is there twice")
        if not set_aside(record, stock_list):
            routes.append(route)
    if not origins:
        return None
    first = next(iter(origins))  # where goods on order come in
    transit: dict[str | tuple[str, str], timedelta | int]
    transit = {(place, to): days for place, to, days in routes}
    transit |= {("", to): days for place, to, days in routes if place == first}
    doors = BusinessCalendar(timezone=UTC, shifts=[DOORS], holidays=holidays)
    return from_calendars(origins, transit, otherwise=origins[first], destination=doors)


def _origin(record: Record, holidays: list[date]) -> Origin | None:
    opens, closes, cut_off = (_time(record, name) for name in ("opens", "closes", "cut_off"))
    hours = _up_to(record, "handling_hours", LONGEST_HANDLING, at_least=0)
    if record.faults or opens is None or closes is None or cut_off is None:
        return None
    shift = Shift(start=opens, end=closes)
    calendar = BusinessCalendar(timezone=UTC, shifts=[shift], holidays=holidays)
    return Origin(
        calendar=calendar,
        cut_off=CutOff(calendar=calendar, at=cut_off),
        handling=timedelta(hours=hours),
    )


def _up_to(record: Record, name: str, most: int, *, at_least: int) -> int:
    number = record.count(name, at_least=at_least)
    if number > most:
        record.fault(name, f"{number} is more than {most}")
    return number


def _time(record: Record, name: str) -> time | None:
    written = record.text(name)
    try:
        moment = time.fromisoformat(written)
    except ValueError:
        moment = None
    if written and (moment is None or moment.tzinfo is not None):
        record.fault(name, f"{excerpt(written)} is not a time of the day, such as 14:00")
        return None
    return moment


def _holidays(whole: Record) -> list[date]:
    written = whole.content.get("holidays", [])
    days: list[date] = []
    if not isinstance(written, list):
        whole.fault("holidays", f"{excerpt(written)} is not a list")
        return days
    for position, text in enumerate(written):
        try:
            days.append(date.fromisoformat(str(text)))
        except ValueError:
            whole.fault(
                f"holidays[{position}]", f"{excerpt(text)} is not a date, such as 2026-12-25"
            )
    return days


def location_of(record: Record, stock_list: StockList) -> str:
    location = record.text("location")
    if location and location not in {place.id for place in stock_list.locations}:
        record.fault("location", f"{location} is no location in locations.json")
    return location
