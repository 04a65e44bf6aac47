"""Lots that would be too old only because the order waits for a slow place."""

from __future__ import annotations

from datetime import UTC, time, timedelta
from typing import Any

import pytest
from builders import line, order, run
from some_stock import DAY, got, lot, lots_of, row, shelf_of, shorts

from fulfill_core import Inventory, Item, Location, Result, Ship
from fulfill_core.calendars import BusinessCalendar, Shift
from fulfill_core.promises import Origin, from_calendars

HOUR = timedelta(hours=1)
OFFICE = BusinessCalendar(
    timezone=UTC, shifts=[Shift(start=time(0), end=time(23), weekdays=range(7))]
)
FAST, SLOW = Origin(calendar=OFFICE), Origin(calendar=OFFICE, handling=9 * 23 * HOUR)
POLICY = from_calendars(
    {"berlin": SLOW, "lyon": FAST, "paris": FAST},
    {"berlin": DAY, "lyon": 2 * DAY, "paris": 2 * DAY},
)
PLACES = [
    Location(id="berlin", rank=0),
    Location(id="lyon", rank=1),
    Location(id="paris", rank=2),
]
STOCK = Inventory(
    [
        row(1),
        shelf_of(lot("short", 2, days=6), location="lyon"),
        shelf_of(lot("long", 1, days=60), location="paris"),
    ],
    locations=PLACES,
)


def served(units: int, stock: Inventory = STOCK, **changes: Any) -> Result:
    """A run of one order of so many mugs, with promises."""
    wish = order("A-1", lines=[line("1", "mug", units)], **changes)
    return run(wish, stock=stock, promise=POLICY, verifiers=())


@pytest.mark.parametrize("ship", [Ship.LINES, Ship.COMPLETE])
def test_what_waits_for_nobody_is_not_too_late(ship: Ship) -> None:
    """Berlin takes nine days, and by then the lot in Lyon has ended: without Berlin all is there.
    A run that is done again gives nothing new.
    """
    result = served(3, ship=ship)
    assert got(result["A-1"]) == [
        ("1", "mug", "lyon", 2),
        ("1", "mug", "paris", 1),
    ]
    assert lots_of(result["A-1"]) == [("short", 2), ("long", 1)]
    again = run(*result.records, stock=result.inventory, promise=POLICY, verifiers=())
    assert not again.changes
    assert again.notifications == ()


@pytest.mark.parametrize("ship", [Ship.LINES, Ship.COMPLETE])
def test_what_is_too_late_all_the_same_is_short(ship: Ship) -> None:
    """Four are not there without Berlin, and with it the lot in Lyon has ended: it hears so."""
    result = served(4, ship=ship)
    assert got(result["A-1"]) == []
    assert shorts(result["A-1"]) == [("1", 4, 2, "lot_life")]
    assert len(result.attempts) == len({(each.id, each.backorders) for each in result.attempts})


def test_a_line_gets_its_single_lot_without_the_slow_place() -> None:
    """A line that was to have one lot, and more of another, begins anew without Berlin."""
    stock = Inventory(
        [
            row(1),
            shelf_of(lot("short", 2, days=6), location="lyon"),
            shelf_of(lot("other", 1, days=6), lot("long", 2, days=60), location="paris"),
        ],
        items=[Item(sku="mug", single_lot=True)],
        locations=PLACES,
    )
    result = served(4, stock, ship=Ship.COMPLETE)
    units = sum([row[3] for row in got(result["A-1"])])
    assert units == 4
    assert "berlin" not in {row[2] for row in got(result["A-1"])}
