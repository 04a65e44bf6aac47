"""Promises by an independent account, and the instants at which time alone changes them."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import attrs
from builders import order
from effort import FEWER
from hypothesis import given
from hypothesis import strategies as st
from some_promises import DAY, HOUR, MONDAY, dates, decision, promised, taken, waits

from fulfill_core import Allocation, Backorder, Context, Decision, Reservation, Ship
from fulfill_core.calendars import BusinessCalendar, CutOff, Shift
from fulfill_core.promises import Origin, from_calendars

BERLIN_TIME = ZoneInfo("Europe/Berlin")

# -- An independent account: a quarter of an hour at a time ----------------------------------------

QUARTER = timedelta(minutes=15)
PER_DAY = 96


@attrs.frozen
class Place:
    """Hours of a place in quarters of an hour: those of each weekday, and days without any."""

    hours: tuple[tuple[int, int], ...]
    weekdays: frozenset[int]
    closed: frozenset[int]

    def works(self, day: int) -> bool:
        return day % 7 in self.weekdays and day not in self.closed

    def is_open(self, quarter: int) -> bool:
        day, within = divmod(quarter, PER_DAY)
        return self.works(day) and any(start <= within < end for start, end in self.hours)

    def calendar(self) -> BusinessCalendar:
        return BusinessCalendar(
            timezone=UTC,
            shifts=[
                Shift(start=clock(start), end=clock(end), weekdays=self.weekdays)
                for start, end in self.hours
            ],
            holidays=[(MONDAY + day * DAY).date() for day in self.closed],
        )


def clock(quarter: int) -> time:
    """The time of the day; the last quarter of a day ends with the next."""
    return (MONDAY + quarter * QUARTER).time()


def handled(place: Place, quarter: int, work: int) -> int:
    """When so many quarters of work are done."""
    while work or not place.is_open(quarter):
        work -= place.is_open(quarter)
        quarter += 1
        if not work and place.is_open(quarter - 1):
            break
    return quarter


def departs(place: Place, quarter: int, work: int, cut_off: int | None) -> int:
    """The first closing, or cut-off of a working day, after it has been handled."""
    leaves = handled(place, quarter, work) + 1
    while True:
        day, within = divmod(leaves, PER_DAY)
        if cut_off is None:
            if place.is_open(leaves - 1) and not place.is_open(leaves):
                return leaves
        elif within == cut_off and place.works(day):
            return leaves
        leaves += 1


def arrives(place: Place | None, quarter: int, transit: timedelta | int) -> int:
    """The next opening after that time, or the closing of the last working day of so many."""
    if isinstance(transit, timedelta):
        quarter += transit // QUARTER
        while place is not None and not place.is_open(quarter):
            quarter += 1
        return quarter
    assert place is not None
    day = quarter // PER_DAY
    days = [each for each in range(day, day + 60) if place.works(each)]
    days = days if transit == 0 else [each for each in days if each > day][transit - 1 :]
    closings = (each * PER_DAY + max(end for _, end in place.hours) for each in days)
    return next(closing for closing in closings if closing > quarter)


HOURS = st.sampled_from(
    [((36, 68),), ((32, 48), (52, 72)), ((0, 96),), ((40, 41),), ((36, 52), (52, 68)), ((80, 96),)]
)
DAYS_OFF = st.frozensets(st.integers(0, 12), max_size=4)
PLACES = st.builds(
    Place,
    hours=HOURS,
    weekdays=st.sampled_from([frozenset(range(5)), frozenset({0, 3}), frozenset(range(7))]),
    closed=DAYS_OFF,
).filter(lambda place: not (place.hours == ((0, 96),) and len(place.weekdays) == 7))
WORK = st.sampled_from([0, 0, 1, 4, 16, 32, 33, 60])
CUT_OFFS = st.sampled_from([None, 0, 36, 56, 68, 90])
AT = st.integers(0, 7 * PER_DAY)


@FEWER
@given(PLACES, PLACES | st.none(), WORK, CUT_OFFS, AT, AT | st.none(), AT | st.none(), st.data())
def test_a_promise_is_what_a_patient_clerk_would_find(
    origin: Place,
    customer: Place | None,
    work: int,
    cut_off: int | None,
    now: int,
    after: int | None,
    supply: int | None,
    data: st.DataObject,
) -> None:
    """Ready, handled, departed, arrived: a quarter of an hour at a time, without a calendar."""
    transits: list[timedelta | int] = [timedelta(0), 5 * HOUR, 2 * DAY]
    transits += [] if customer is None else [0, 1, 3]
    transit = data.draw(st.sampled_from(transits))
    ready = max([now, *(each for each in (after, supply) if each is not None)])
    leaves = departs(origin, ready, work, cut_off)
    there = arrives(customer, leaves, transit)
    calendar = origin.calendar()
    policy = from_calendars(
        {
            "berlin": Origin(
                calendar=calendar,
                handling=work * QUARTER,
                cut_off=None if cut_off is None else CutOff(calendar=calendar, at=clock(cut_off)),
            )
        },
        {"berlin": transit},
        destination=None if customer is None else customer.calendar(),
    )
    ship_after = None if after is None else MONDAY + after * QUARTER
    row = taken() if supply is None else waits(MONDAY + supply * QUARTER)
    promise = promised(
        row,
        policy=policy,
        now=MONDAY + now * QUARTER,
        subject=order("A-1", 1, ship_after=ship_after),
    )
    assert dates(promise) == [("berlin", MONDAY + leaves * QUARTER, MONDAY + there * QUARTER)]


def in_later_runs(made: Decision, now: datetime) -> Decision:
    """The decision of a later run: what was allocated now has been reserved since."""
    reserved = [
        Reservation(
            order_id=made.id,
            line_id=row.line_id,
            sku=row.sku,
            location=row.location,
            quantity=row.quantity,
            made_at=now,
        )
        for row in made.allocations
    ]
    return attrs.evolve(made, allocations=(), reserved=reserved)


# -- When time alone changes it --------------------------------------------------------------------


@FEWER
@given(
    st.lists(st.tuples(PLACES, WORK, CUT_OFFS), min_size=1, max_size=3),
    AT,
    AT | st.none(),
    st.sampled_from([None, 100, 600]),
    st.sampled_from(Ship),
    st.data(),
)
def test_until_its_turning_point_a_promise_stands(
    places: list[tuple[Place, int, int | None]],
    now: int,
    after: int | None,
    supply: int | None,
    ship: Ship,
    data: st.DataObject,
) -> None:
    """From now to the instant before the first turning point the promise of what is reserved since
    now is the same, to the microsecond; at that instant it is another one.
    """
    origins: dict[str, Origin] = {}
    for number, (place, work, cut_off) in enumerate(places):
        calendar = place.calendar()
        leaves = None if cut_off is None else CutOff(calendar=calendar, at=clock(cut_off))
        origins[str(number)] = Origin(calendar=calendar, handling=work * QUARTER, cut_off=leaves)
    policy = from_calendars(origins, dict.fromkeys(origins, DAY))
    rows: list[Allocation | Backorder] = [taken(name) for name in origins]
    begin = MONDAY + now * QUARTER
    if supply is not None:
        rows.append(waits(begin + supply * QUARTER, location="0"))
    ship_after = None if after is None else MONDAY + after * QUARTER
    made = decision(*rows, subject=order("A-1", 9, ship=ship, ship_after=ship_after))
    promise = policy(made, context=Context(now=begin))
    turning = min(policy.turning_points(made, context=Context(now=begin)))
    assert turning > begin
    made = in_later_runs(made, begin)
    last = turning - begin - timedelta.resolution
    for time_to_pass in (last, data.draw(st.timedeltas(timedelta(0), last))):
        assert policy(made, context=Context(now=begin + time_to_pass)) == promise
    assert policy(made, context=Context(now=turning)) != promise


NIGHT = Shift(start=time(22), end=time(6), weekdays=range(7))


@FEWER
@given(
    st.sampled_from([date(2026, 3, 29), date(2026, 10, 25)]),
    st.timedeltas(-3 * DAY, 3 * DAY),
    st.sampled_from([timedelta(0), HOUR, 8 * HOUR, timedelta(hours=7, minutes=30)]),
    st.sampled_from([None, time(2, 30), time(3), time(6), time(14)]),
    st.sampled_from([[NIGHT], [Shift(start=time(9), end=time(17), weekdays=range(7))]]),
)
def test_clocks_that_change_move_no_turning_point(
    change: date,
    since: timedelta,
    handling: timedelta,
    cut_off: time | None,
    shifts: list[Shift],
) -> None:
    """In the nights in which clocks are put forward or back the same holds, to the microsecond."""
    calendar = BusinessCalendar(timezone=BERLIN_TIME, shifts=shifts)
    leaves = None if cut_off is None else CutOff(calendar=calendar, at=cut_off)
    origin = Origin(calendar=calendar, handling=handling, cut_off=leaves)
    ready = datetime(change.year, change.month, change.day, 1, tzinfo=UTC) + since
    departure = origin.leaves(ready)
    late = origin.too_late_at(departure)
    assert ready < late
    assert origin.leaves(late - timedelta.resolution) == departure
    assert origin.leaves(late) > departure
