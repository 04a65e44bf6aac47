"""Dates are told in the days of the customer, else of the destination, else of the place."""

from __future__ import annotations

import pickle
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import pytest
from builders import NOW, line, mugs, order
from some_stock import DAY, HOUR

from fulfill_core import (
    Context,
    Decision,
    InvalidValueError,
    Inventory,
    Item,
    Location,
    Notification,
    Order,
    Outcome,
    Promise,
    Result,
    Shipment,
    Stock,
    Supply,
    explain,
    process,
)
from fulfill_core.calendars import BusinessCalendar, Shift
from fulfill_core.promises import Origin, from_calendars

TOKYO = timezone(9 * HOUR, "JST")
NEW_YORK = ZoneInfo("America/New_York")
LATE = datetime(2026, 3, 4, 23, 30, tzinfo=UTC)


@attrs.frozen
class Says:
    """A promise policy that says one date of everything."""

    date: datetime
    timezone: tzinfo | None = None

    def __call__(self, decision: Decision, /, *, context: Context) -> Promise | None:
        leaves = Shipment(
            location="berlin",
            lines=[("1", "mug", 1)],
            ready_at=NOW,
            ships_at=NOW,
            delivered_at=self.date,
        )
        return Promise(shipments=[leaves], timezone=self.timezone)


def run(
    subject: Order, promise: Any = None, places: Iterable[Location] = (), **stock: Any
) -> Result:
    """A run with one order, and a mug in Berlin unless something else is said."""
    content: dict[str, Any] = {"stock": [Stock(sku="mug", location="berlin", on_hand=1)], **stock}
    inventory = Inventory(locations=places, **content)
    return process([subject], inventory, now=NOW, promise=promise)


def message_of(result: Result) -> Notification:
    """The first message of a run."""
    return result.notifications[0]


@pytest.mark.parametrize(
    ("of_order", "of_promise", "of_place", "told"),
    [
        (None, None, UTC, "2026-03-04T23:30:00+00:00"),
        (None, None, TOKYO, "2026-03-05T08:30:00+09:00"),
        (None, NEW_YORK, TOKYO, "2026-03-04T18:30:00-05:00"),
        (TOKYO, NEW_YORK, UTC, "2026-03-05T08:30:00+09:00"),
        (UTC, NEW_YORK, TOKYO, "2026-03-04T23:30:00+00:00"),
    ],
)
def test_half_past_eleven_at_night_is_the_next_day_in_tokyo(
    of_order: tzinfo | None, of_promise: tzinfo | None, of_place: tzinfo, told: str
) -> None:
    """What the order says counts, then what the promise says, then where the goods leave."""
    places = [Location(id="berlin", timezone=of_place)]
    subject = order(lines=[line()], timezone=of_order)
    result = run(subject, Says(LATE, of_promise), places)
    assert message_of(result).data["delivered_at"] == told
    assert message_of(result).delivered_at == LATE
    day, clock = told[:10], told[11:16]
    assert f"arrives at {day} {clock} " in str(explain(result, subject))


def test_the_destinations_days_are_those_of_its_calendar() -> None:
    """Ordered on Wednesday at 20:00 in New York, two working days: Friday, and not Saturday."""
    wednesday = datetime(2026, 8, 26, 20, tzinfo=NEW_YORK)
    here = BusinessCalendar(timezone=NEW_YORK, shifts=[Shift(start=time(8), end=time(22))])
    doors = BusinessCalendar(timezone=NEW_YORK, shifts=[Shift(start=time(8), end=time(21))])
    policy = from_calendars({"berlin": Origin(calendar=here)}, {"berlin": 2}, destination=doors)
    subject = order(lines=[line()], placed_at=wednesday)
    stock = Inventory.of({("mug", "berlin"): 1})
    result = process([subject], stock, now=wednesday, promise=policy)
    assert message_of(result).data["delivered_at"] == "2026-08-28T21:00:00-04:00"
    assert "arrives at 2026-08-28 21:00 EDT" in str(explain(result, subject))


def test_without_a_destination_they_are_those_of_the_origin() -> None:
    """Where the last of it leaves; if nobody knows that either, of UTC."""
    office = BusinessCalendar(timezone=TOKYO, shifts=[Shift(start=time(8), end=time(22))])
    policy = from_calendars({"berlin": Origin(calendar=office)}, {"berlin": DAY, "oslo": DAY})
    for place, zone in (("berlin", TOKYO), ("oslo", UTC)):
        stock = Inventory.of({("mug", place): 1})
        result = process([order(lines=[line()])], stock, now=NOW, promise=policy)
        assert result["A-1"].timezone == zone


@pytest.mark.parametrize(
    ("zone", "day"), [(TOKYO, "2026-03-07"), (NEW_YORK, "2026-03-07"), (UTC, "2026-03-07")]
)
def test_what_waits_is_told_the_day_of_the_place(zone: tzinfo, day: str) -> None:
    """A supply of the 7th is expected on the 7th, whatever the clocks there show."""
    supply = Supply(id="PO", sku="mug", quantity=1, expected_at=date(2026, 3, 7), location="berlin")
    subject = order(lines=[line()])
    result = run(
        subject,
        None,
        [Location(id="berlin", timezone=zone), Location(id="oslo", timezone=TOKYO)],
        stock=[],
        items=[Item(sku="mug", backorderable=True)],
        supplies=[supply],
    )
    assert message_of(result).data["lines"][0]["expected_at"][:10] == day
    assert f"expected on {day} with PO" in str(explain(result, subject))


def test_what_waits_in_two_zones_is_told_the_days_of_the_last() -> None:
    """One message is in one zone; what has no place has UTC."""
    comes = [
        Supply(id="a", sku="mug", quantity=1, expected_at=NOW + DAY, location="tokyo"),
        Supply(id="b", sku="mug", quantity=1, expected_at=NOW + 2 * DAY, location="new york"),
        Supply(id="c", sku="mug", quantity=1, expected_at=NOW + 3 * DAY),
    ]
    places = [Location(id="tokyo", timezone=TOKYO), Location(id="new york", timezone=NEW_YORK)]
    for units, zone in ((1, TOKYO), (2, NEW_YORK), (3, UTC), (4, UTC)):
        items = [Item(sku="mug", backorderable=True)]
        subject = order(lines=[line(quantity=units)])
        result = run(subject, None, places, stock=[], items=items, supplies=comes)
        assert result["A-1"].timezone == zone
    nothing = run(order(lines=[line()]), None, places, stock=[], items=items)
    assert nothing["A-1"].timezone is UTC


def test_the_zone_of_an_order_that_is_scheduled_counts_as_well() -> None:
    """So do those of orders that are not in the queue."""
    subject = order(lines=[line()], ship_after=LATE, timezone=TOKYO)
    result = run(subject)
    assert result["A-1"].outcome is Outcome.SCHEDULED
    assert "not due before 2026-03-05 08:30 JST" in str(explain(result, subject))
    windowed = attrs.evolve(result, reservation_window=HOUR)
    assert "takes stock from 2026-03-05 07:30 JST on" in str(explain(windowed, subject))


def test_another_zone_is_no_other_news() -> None:
    """It changes how a date is written, and neither the date, nor the version of the order."""
    here, there = (order(lines=[line()], timezone=zone) for zone in (None, TOKYO))
    assert here.fingerprint == there.fingerprint
    results = [run(each, Says(LATE)) for each in (here, there)]
    first, second = map(message_of, results)
    assert first.id == second.id
    assert first.data != second.data
    again = process(results[0].records, results[0].inventory, now=NOW, promise=Says(LATE, TOKYO))
    assert again.notifications == ()
    assert results[0]["A-1"].digest == results[1]["A-1"].digest
    assert again["A-1"].timezone == TOKYO
    assert pickle.loads(pickle.dumps(results[1])).decisions == results[1].decisions  # noqa: S301 - our own bytes


def test_at_the_end_of_the_calendar_it_is_told_in_utc() -> None:
    """An instant that no clock of the customer's shows is written as it is kept."""
    last = datetime.max.replace(tzinfo=UTC)
    message = Notification(
        kind="mine",
        order_id="A-1",
        audience="customer",  # type: ignore[arg-type]
        recipient="",
        locale="en",
        delivered_at=last,
        timezone=TOKYO,
    )
    assert message.data["delivered_at"] == last.isoformat()


@pytest.mark.parametrize(
    ("make", "path"),
    [
        (lambda: order(timezone="Asia/Tokyo"), "Order.timezone"),
        (lambda: Says(LATE, 9)(None, context=None), "Promise.timezone"),  # type: ignore[arg-type]
        (
            lambda: attrs.evolve(message_of(run(order(lines=[line()]))), timezone=None),
            "Notification.timezone",
        ),
    ],
)
def test_what_is_no_zone_is_refused(make: Any, path: str) -> None:
    """A name is no zone: the host makes one of it."""
    with pytest.raises(InvalidValueError, match="is not a tzinfo; pass a zoneinfo") as caught:
        make()
    assert caught.value.path == path


def test_a_zone_that_cannot_be_hashed() -> None:
    """It may be anybody's class; orders, promises and decisions can be hashed all the same."""

    class Mine(tzinfo):
        __hash__ = None  # type: ignore[assignment]

        def utcoffset(self, instant: datetime | None, /) -> timedelta:
            return HOUR

        def dst(self, instant: datetime | None, /) -> timedelta:
            return timedelta(0)

        def tzname(self, instant: datetime | None, /) -> str:
            return "mine"

    result = run(order(lines=[line()], timezone=Mine()), Says(LATE, Mine()))
    assert isinstance(hash(result["A-1"]), int)
    assert isinstance(hash(message_of(result)), int)
    assert "2026-03-05 00:30 mine" in str(explain(result, "A-1"))


def test_two_orders_that_differ_in_their_zone_alone_are_two() -> None:
    """Nobody guesses which was meant, and the sequence of the input makes no difference."""
    first, second = [order("A-1", 1, timezone=timezone(hours * HOUR)) for hours in (1, 2)]
    batches = (first, second), (second, first)
    results = [process(batch, mugs(berlin=3), now=NOW) for batch in batches]
    assert results[0] == results[1]
    assert results[0]["A-1"].outcome is Outcome.HELD
    assert first.fingerprint == second.fingerprint
