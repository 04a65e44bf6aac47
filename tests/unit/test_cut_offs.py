"""Cut-offs of single dates, several departures a day, and days with shorter hours."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from some_calendars import BERLIN, NINE_TO_FIVE, office, refusal
from some_calendars import berlin as at

from fulfill_core.calendars import BusinessCalendar, CutOff, DayRule, Shift
from fulfill_core.promises import Origin

EVE = date(2026, 12, 24)
UNTIL_NOON = Shift(start=time(8), end=time(12))


def christmas(**changes: Any) -> BusinessCalendar:
    """An office that closes at noon on the 24th, and works again on Monday, the 28th."""
    content: dict[str, Any] = {"holidays": [date(2026, 12, 25)], "extra_days": {EVE: [UNTIL_NOON]}}
    return office(**{**content, **changes})


@pytest.mark.parametrize(
    ("hour", "minute", "leaves"),
    [(10, 59, at(12, 24, 11)), (11, 0, at(12, 28, 16)), (11, 30, at(12, 28, 16))],
)
def test_a_date_has_a_cut_off_of_its_own(hour: int, minute: int, leaves: datetime) -> None:
    """What is said of a date counts, not what is said of its weekday or of all days."""
    cut_off = CutOff(calendar=christmas(), at=time(16), on={EVE: time(11), 3: time(14)})
    assert cut_off.leaves(at(12, 24, hour, minute)) == leaves
    assert cut_off.leaves(at(12, 17, 13)) == at(12, 17, 14)  # a Thursday, as the 24th is


def test_nothing_leaves_on_a_date() -> None:
    """None, or no time at all, for a date: the next working day it is."""
    for nothing in (None, []):
        cut_off = CutOff(calendar=office(), at=time(14), on={date(2026, 3, 3): nothing})
        assert cut_off.leaves(at(3, 2, 15)) == at(3, 4, 14)


def test_a_date_may_have_a_cut_off_where_its_weekday_has_none() -> None:
    """It leaves on no Thursday but this one; on a holiday it does not, whatever is said."""
    on: dict[Any, Any] = {3: None, EVE: time(9), date(2026, 12, 25): time(9)}
    cut_off = CutOff(calendar=christmas(), at=time(14), on=on)
    assert cut_off.leaves(at(12, 23, 15)) == at(12, 24, 9)
    assert cut_off.leaves(at(12, 24, 9)) == at(12, 28, 14)


@pytest.mark.parametrize(
    ("ready", "leaves"),
    [
        (at(3, 2, 9), at(3, 2, 10)),
        (at(3, 2, 10), at(3, 2, 16)),
        (at(3, 2, 16), at(3, 3, 10)),
        (at(3, 6, 9), at(3, 6, 9, 30)),  # a Friday
        (at(3, 6, 10), at(3, 6, 12)),
        (at(3, 6, 12), at(3, 9, 10)),
    ],
)
def test_several_departures_a_day(ready: datetime, leaves: datetime) -> None:
    """The first for which it is not too late, of the times that the day has."""
    on = {4: [time(12), time(9, 30)]}
    assert CutOff(calendar=office(), at=[time(16), time(10)], on=on).leaves(ready) == leaves


@pytest.mark.parametrize(
    ("ready", "leaves"),
    [
        (at(12, 24, 9), at(12, 24, 10)),
        (at(12, 24, 10), at(12, 24, 12)),
        (at(12, 24, 12), at(12, 28, 10)),
        (at(12, 23, 12), at(12, 23, 18)),  # on a usual day it leaves after closing, as was said
    ],
)
def test_with_shorter_hours_nothing_leaves_after_closing(ready: datetime, leaves: datetime) -> None:
    """A later cut-off is the closing of that day: an extra day's, or that of a rule."""
    by_rule = DayRule(rule="FREQ=YEARLY", dtstart=date(2020, 12, 24), shifts=[UNTIL_NOON])
    for calendar in (christmas(), christmas(extra_days={}, rules=[by_rule])):
        cut_off = CutOff(calendar=calendar, at=[time(10), time(18)])
        assert cut_off.leaves(ready) == leaves


def test_nothing_leaves_a_place_that_has_closed() -> None:
    """The carrier comes as ever, but the location has shorter hours, or is on holiday."""
    carrier = CutOff(calendar=office(), at=time(16))
    origin = Origin(calendar=christmas(), cut_off=carrier, handling=timedelta(hours=1))
    assert origin.leaves(at(12, 24, 8)) == at(12, 24, 12)
    assert origin.too_late_at(at(12, 24, 12)) == at(12, 24, 11)
    assert origin.leaves(at(12, 24, 11)) == at(12, 28, 16)
    assert origin.leaves(at(12, 24, 10), now=at(12, 24, 13)) == at(12, 28, 16)
    assert carrier.leaves(at(12, 24, 13)) == at(12, 24, 16)


def test_what_leaves_after_closing_is_handled_by_then() -> None:
    """Work that ends with the closing is in time for whatever leaves later that day."""
    origin = Origin(
        calendar=office(),
        cut_off=CutOff(calendar=office(), at=time(18)),
        handling=timedelta(hours=2),
    )
    assert origin.leaves(at(3, 6, 15)) == at(3, 6, 18)
    assert origin.too_late_at(at(3, 6, 18)) == at(3, 6, 15) + timedelta.resolution


def test_a_saturday_of_the_carrier_is_a_usual_day() -> None:
    """On a day on which a place never works it is as the host said: the carrier has a key."""
    saturdays = BusinessCalendar(
        timezone=BERLIN, shifts=[Shift(start=time(8), end=time(12), weekdays=[5])]
    )
    origin = Origin(calendar=office(), cut_off=CutOff(calendar=saturdays, at=time(11)))
    assert origin.leaves(at(3, 6, 16)) == at(3, 7, 11)


def test_carriers_differ() -> None:
    """Each has departures, and dates, of its own."""
    parcels = CutOff(calendar=christmas(), at=[time(10), time(16)], on={EVE: time(10)})
    pallets = CutOff(calendar=christmas(), at=time(11))
    origin = Origin(calendar=christmas(), cut_off=parcels, by_carrier={"pallet": pallets})
    assert origin.leaves(at(12, 24, 10, 30)) == at(12, 28, 10)
    assert origin.leaves(at(12, 24, 10, 30), "pallet") == at(12, 24, 11)


def test_the_same_times_are_the_same_value() -> None:
    """However they were given: one or a list, in any sequence, None or nothing."""
    first = CutOff(calendar=office(), at=time(14), on={EVE: [time(9), time(8)], 4: None})
    again = CutOff(calendar=office(), at=[time(14)], on=((4, ()), (EVE, [time(8), time(9)])))
    assert first == again
    assert hash(first) == hash(again)
    assert first.at == (time(14),)
    assert first.on == ((4, ()), (EVE, (time(8), time(9))))


@pytest.mark.parametrize(
    ("settings_", "path", "problem"),
    [
        ({"at": []}, "CutOff.at", "names no time"),
        ({"at": None}, "CutOff.at", "names no time"),
        ({"at": [time(9), "10:00"]}, "CutOff.at[1]", "is not a time of the day"),
        ({"at": [time(9), time(9)]}, "CutOff.at[1]", "was given before"),
        ({"on": {EVE: [time(9), 10]}}, "CutOff.on[2026-12-24][1]", "is not a time of the day"),
        ({"on": {EVE: "10:00"}}, "CutOff.on[2026-12-24]", "is not a time of the day"),
        ({"on": {datetime(2026, 12, 24, tzinfo=BERLIN): None}}, "CutOff.on", "is not a date"),
        ({"on": {date(1, 1, 1): None}}, "CutOff.on", "is off the calendar"),
        ({"on": {"EVE": None}}, "CutOff.on", "is not a weekday"),
        ({"on": 4}, "CutOff.on", "is no collection"),
        ({"on": [(4,)]}, "CutOff.on[0]", "is not a row of 2 members"),
    ],
)
def test_what_is_no_cut_off(settings_: dict[str, Any], path: str, problem: str) -> None:
    """It is refused with the day and the place of the time."""
    error = refusal(lambda: CutOff(**{"calendar": office(), "at": time(14), **settings_}))
    assert error.path == path
    assert problem in error.problem


HOURS = st.integers(0, 23).map(time)


@settings(max_examples=50)
@given(
    times=st.sets(HOURS, min_size=1, max_size=3),
    on_eve=st.none() | st.sets(HOURS, max_size=2),
    closes=st.integers(9, 17),
    minutes=st.integers(0, 3 * 24 * 60),
)
def test_a_departure_is_possible(
    times: set[time], on_eve: set[time] | None, closes: int, minutes: int
) -> None:
    """It is later than what is ready, on a working day, at one of its times, or, on a day with
    hours of its own, at its closing if that is earlier. Nothing possible lies in between.
    """
    calendar = christmas(extra_days={EVE: [Shift(start=time(8), end=time(closes))]})
    on = {} if on_eve is None else {EVE: on_eve}
    ready = at(12, 23) + timedelta(minutes=minutes)
    possible = sorted(
        min(leaves, at(12, 24, closes)) if day == EVE.day else leaves
        for day in (22, 23, 24, 28, 29)
        for hour in (on_eve if day == EVE.day and on_eve is not None else times)
        for leaves in [at(12, day, hour.hour)]
    )
    expected = next(leaves for leaves in possible if leaves > ready)
    assert CutOff(calendar=calendar, at=times, on=on).leaves(ready) == expected


def test_a_calendar_knows_days_of_their_own() -> None:
    """Extra days, holidays and days of rules have hours of their own, or none."""
    rule = DayRule(rule="FREQ=WEEKLY;BYDAY=WE", dtstart=date(2026, 1, 1))
    calendar = christmas(rules=[rule], shifts=[NINE_TO_FIVE])
    days = [date(2026, 12, day) for day in (22, 23, 24, 25, 26)]
    assert [calendar.has_own_hours(day) for day in days] == [False, True, True, True, False]
    closings = [calendar.last_closing(day) for day in days]
    assert closings == [at(12, 22, 17), None, at(12, 24, 12), None, None]
