"""A supply that is dated by a day is due until the end of that day at its location."""

from __future__ import annotations

import pickle
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import pytest
from builders import NOW, line, order
from some_stock import DAY, HOUR

from fulfill_core import (
    Changes,
    InvalidValueError,
    Inventory,
    Item,
    Location,
    Result,
    Stock,
    Supply,
    process,
)
from fulfill_core.inventory.inventory import state_of
from fulfill_core.inventory.state import due_on

THE_7TH = date(2026, 3, 7)
TICK = timedelta.resolution
TOKYO = Location(id="tokyo", timezone=timezone(9 * HOUR))
NEW_YORK = Location(id="new york", timezone=ZoneInfo("America/New_York"))


def coming(at: str = "", day: date = THE_7TH, **changes: Any) -> Supply:
    """Nine mugs that come on a day."""
    content: dict[str, Any] = {"id": "PO", "sku": "mug", "quantity": 9, "location": at, **changes}
    return Supply(**{"expected_at": day, **content})


def sold_out(*supplies: Supply) -> Inventory:
    """No mugs, but some to come."""
    return Inventory(
        stock=[Stock(sku="mug", location="tokyo", on_hand=0)],
        items=[Item(sku="mug", backorderable=True)],
        supplies=supplies,
        locations=[TOKYO, NEW_YORK],
    )


def run(stock: Inventory, now: datetime) -> Result:
    """A run with an order of one mug."""
    return process([order("A", lines=[line()], placed_at=NOW)], stock, now=now)


@pytest.mark.parametrize(
    ("at", "end"),
    [
        ("", datetime(2026, 3, 8, tzinfo=UTC)),
        ("nowhere", datetime(2026, 3, 8, tzinfo=UTC)),
        ("tokyo", datetime(2026, 3, 7, 15, tzinfo=UTC)),
        ("new york", datetime(2026, 3, 8, 5, tzinfo=UTC)),
    ],
)
def test_it_is_due_until_the_end_of_the_day_there(at: str, end: datetime) -> None:
    """A day ends by the clock of the location; in UTC if nobody says where, or what clock."""
    supply = coming(at)
    stock = sold_out(supply)
    assert stock.due_until(supply) == end - TICK
    on_time, overdue = (run(stock, now)["A"] for now in (end - TICK, end))
    assert [row.expected_at for row in on_time.backorders] == [end - TICK]
    assert [row.expected_at for row in overdue.backorders] == [None]
    assert [each.code for each in overdue.findings if each.code.startswith("supply.")] == [
        "supply.overdue"
    ]
    assert "was expected on 2026-03-07 and" in str([each.detail for each in overdue.findings])


def test_it_is_not_overdue_at_six_in_the_morning() -> None:
    """A receipt of today has its date all day long, and that is when time turns it."""
    morning = datetime(2026, 3, 7, 6, tzinfo=UTC)
    result = run(sold_out(coming()), morning)
    assert result["A"].backorders[0].expected_at is not None
    assert result.wake_at == datetime(2026, 3, 8, tzinfo=UTC)


def test_a_day_on_which_clocks_change_ends_with_its_last_hour() -> None:
    """The 8th of March has 23 hours in New York, the 1st of November 25."""
    for day, end in (
        (date(2026, 3, 8), datetime(2026, 3, 9, 4, tzinfo=UTC)),
        (date(2026, 11, 1), datetime(2026, 11, 2, 5, tzinfo=UTC)),
    ):
        supply = coming("new york", day)
        assert sold_out(supply).due_until(supply) == end - TICK


def test_an_instant_stays_an_instant() -> None:
    """Who knows the hour says it, and then it is overdue a moment later."""
    supply = coming(expected_at=NOW)
    stock = sold_out(supply)
    assert stock.due_until(supply) == NOW
    assert run(stock, NOW)["A"].backorders[0].expected_at == NOW
    assert run(stock, NOW + TICK)["A"].backorders[0].expected_at is None
    assert due_on(state_of(stock), supply) == NOW.date()


def test_the_day_of_an_instant_is_that_of_the_place() -> None:
    """What was to come at 23:30 in London was to come on the next day in Tokyo."""
    late = datetime(2026, 3, 7, 23, 30, tzinfo=UTC)
    supply = coming("tokyo", expected_at=late)
    detail = str([each.detail for each in run(sold_out(supply), late + DAY)["A"].findings])
    assert "was expected on 2026-03-08" in detail


def test_the_earliest_supply_is_the_one_whose_day_ends_first() -> None:
    """Days and instants, of places in different zones, are in one sequence."""
    east = coming("tokyo", id="east")
    west = coming("new york", id="west")
    between = coming(expected_at=datetime(2026, 3, 7, 20, tzinfo=UTC), id="between")
    stock = sold_out(west, between, east)
    assert [each.id for each in stock.supplies_of("mug")] == ["east", "between", "west"]
    assert run(stock, NOW)["A"].backorders[0].supply_id == "east"


def test_supplies_are_in_sequence_again_when_a_place_moves_to_another_zone() -> None:
    """A location that is described otherwise, or no more, has other days."""
    here, there = coming("tokyo", id="a"), coming("new york", id="b")
    stock = sold_out(here, there)
    moved = attrs.evolve(TOKYO, timezone=timezone(-11 * HOUR))
    changes = Changes(locations_removed=[TOKYO], locations_added=[moved])
    after = stock.with_changes(changes)
    assert [each.id for each in after.supplies_of("mug")] == ["b", "a"]
    assert after.with_changes(changes.inverted()) == stock
    gone = stock.with_changes(Changes(locations_removed=[NEW_YORK]))
    assert gone.due_until(there) == datetime(2026, 3, 8, tzinfo=UTC) - TICK


def test_changes_carry_the_day() -> None:
    """What was dated by a day is stored as one, and put off by a day."""
    before = sold_out(coming("tokyo"))
    after = sold_out(coming("tokyo", date(2026, 3, 9)))
    changes = after.changes_since(before)
    assert [each.expected_at for each in changes.supplies_added] == [date(2026, 3, 9)]
    assert before.with_changes(changes) == after
    assert after.with_changes(changes.inverted()) == before
    assert pickle.loads(pickle.dumps(after)) == after  # noqa: S301 - our own bytes
    received = after.with_received("mug", "tokyo", 4, supply_id="PO")
    assert [(each.quantity, each.expected_at) for each in received.supplies()] == [
        (5, date(2026, 3, 9))
    ]


@pytest.mark.parametrize("value", [date(1, 1, 1), date(9999, 1, 1), "2026-03-07", None])
def test_no_day(value: object) -> None:
    """A day at the very end of the calendar has no end everywhere; a text is no day."""
    with pytest.raises(InvalidValueError, match=r"Supply\.expected_at"):
        coming(expected_at=value)
