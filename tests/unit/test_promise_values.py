"""Shipments and promises as values: dates of the whole, how late, and why."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from builders import NOW, refusal

from fulfill_core import Audience, Promise, Shipment, Told
from fulfill_core.decisions import LateReason, PromiseGap

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LINES = (("1", "mug", 2),)


def shipment(leaves: int | None = 1, arrives: int | None = 3, **changes: Any) -> Shipment:
    """What leaves and arrives so many days from now."""
    ships_at = None if leaves is None else NOW + leaves * DAY
    delivered_at = None if arrives is None else NOW + arrives * DAY
    is_whole = leaves is not None and arrives is not None
    content: dict[str, Any] = {
        "location": "berlin",
        "lines": LINES,
        "ready_at": ships_at,
        "ships_at": ships_at,
        "delivered_at": delivered_at,
        "gap": None if is_whole else PromiseGap.UNKNOWN_TRANSIT,
    }
    return Shipment(**{**content, **changes})


def promise(*shipments: Shipment, due: float | None = None) -> Promise:
    """A promise for an order that is due so many days from now."""
    return Promise(shipments=shipments, deliver_by=None if due is None else NOW + due * DAY)


def test_the_whole_is_there_with_the_last_of_it() -> None:
    """The last departure and the last arrival, which may be those of two shipments."""
    made = promise(shipment(1, 9), shipment(2, 3))
    assert (made.ships_at, made.delivered_at) == (NOW + 2 * DAY, NOW + 9 * DAY)


@pytest.mark.parametrize(
    ("other", "ships_at"), [(shipment(2, None), NOW + 2 * DAY), (shipment(None, None), None)]
)
def test_without_a_date_for_each_part_there_is_none_for_the_whole(
    other: Shipment, ships_at: datetime | None
) -> None:
    """Departures and arrivals each for themselves."""
    made = promise(shipment(), other, due=-9)
    assert (made.ships_at, made.delivered_at, made.late_by, made.last) == (
        ships_at,
        None,
        None,
        None,
    )
    assert (made.gaps, made.is_late, made.late_reason) == (
        (PromiseGap.UNKNOWN_TRANSIT,),
        False,
        None,
    )


@pytest.mark.parametrize(
    ("due", "late_by"), [(None, None), (4, None), (3, None), (2.5, DAY / 2), (-1, 4 * DAY)]
)
def test_late_is_what_is_there_after_the_deadline(
    due: float | None, late_by: timedelta | None
) -> None:
    """At the deadline it is in time; without one it is never late."""
    made = promise(shipment(), due=due)
    assert (made.late_by, made.is_late) == (late_by, late_by is not None)
    assert (made.late_reason is None) == (late_by is None)


PO = {"supply_id": "PO-1", "expected_at": NOW + DAY}


@pytest.mark.parametrize(
    ("shipments", "due", "reason", "last"),
    [
        ([shipment(1, 3)], 2, LateReason.TRANSIT, 0),
        ([shipment(1, 3)], 1, LateReason.TRANSIT, 0),
        ([shipment(1, 3)], 0, LateReason.DEPARTURE, 0),
        ([shipment(1, 3, **PO)], 2, LateReason.SUPPLY, 0),
        ([shipment(1, 4), shipment(2, 3, **PO)], 2, LateReason.TRANSIT, 0),
        ([shipment(1, 3), shipment(2, 4, **PO)], 2, LateReason.SUPPLY, 1),
        # The first waits for the second, which waits for its supply.
        ([shipment(2, 9, ready_at=NOW), shipment(2, 3, **PO)], 2, LateReason.SUPPLY, 1),
        # A host that does not say when it could leave says that it waits for nothing.
        ([shipment(2, 9, ready_at=None), shipment(2, 3, **PO)], 2, LateReason.TRANSIT, 0),
    ],
)
def test_why_it_is_late(shipments: list[Shipment], due: int, reason: LateReason, last: int) -> None:
    """By the shipment that comes last, or the one that it waits for: a supply, a departure that is
    too late already, or else the way.
    """
    made = promise(*shipments, due=due)
    assert (made.late_reason, made.last) == (reason, shipments[last])
    assert promise(*shipments).late_reason is None


def test_shipments_are_kept_by_when_they_leave() -> None:
    """Those without a date come last; how a host lists them makes no difference."""
    first, second, third = shipment(1, 9), shipment(2, 3), shipment(None, None)
    assert promise(third, second, first).shipments == (first, second, third)
    assert promise(third, second, first) == promise(first, second, third)


def test_instants_are_kept_in_utc() -> None:
    """Equal instants make equal values, and the same news, whatever the zone."""
    tokyo = timezone(9 * HOUR)
    there = (NOW + DAY).astimezone(tokyo).replace(fold=1)
    made = shipment(1, 1, ships_at=there, ready_at=there, delivered_at=there)
    assert repr(made) == repr(shipment(1, 1))
    due = Promise(shipments=[made], deliver_by=there).deliver_by
    assert repr(due) == repr(NOW + DAY)


NAIVE = datetime(2026, 3, 2)  # noqa: DTZ001 - that is what is refused


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"location": None}, "location: None is not text; pass '' if there is none"),
        ({"lines": []}, "lines: () is empty; pass a row for each line"),
        ({"lines": [("1", "mug")]}, "lines[0]: ('1', 'mug') is not a row of 3 members"),
        ({"lines": [("", "mug", 1)]}, "lines[0][0]: '' is empty"),
        ({"lines": [("1", 2, 1)]}, "lines[0][1]: 2 is not an id"),
        ({"lines": [("1", "mug", 0)]}, "lines[0][2]: 0 is below 1"),
        ({"ready_at": NAIVE}, "ready_at: datetime.datetime(2026, 3, 2, 0, 0) is naive"),
        ({"ships_at": "today"}, "ships_at: 'today' is not a datetime"),
        ({"delivered_at": NAIVE}, "delivered_at: datetime.datetime(2026, 3, 2, 0, 0) is naive"),
        ({"expected_at": NAIVE}, "expected_at: datetime.datetime(2026, 3, 2, 0, 0) is naive"),
        ({"supply_id": None}, "supply_id: None is not text; pass '' if there is none"),
        ({"gap": "nobody_knows"}, "gap: 'nobody_knows' is no PromiseGap; pass one, or its word: "),
        (
            {"gap": PromiseGap.UNKNOWN_TRANSIT},
            "gap: <PromiseGap.UNKNOWN_TRANSIT: 'unknown_transit'> is for a date that is missing",
        ),
        ({"delivered_at": None}, "gap: None does not say why a date is missing"),
        ({"delivered_at": NOW}, "delivered_at: datetime.datetime(2026, 3, 2, 12, 0, tzinfo="),
    ],
)
def test_a_malformed_shipment_is_refused(changes: dict[str, Any], message: str) -> None:
    """By field and value; a date that is missing has a reason, and one that is there has none."""
    assert refusal(shipment, **changes).startswith(f"Shipment.{message}")


def test_a_malformed_promise_is_refused() -> None:
    """A promise has a shipment, and a deadline is an instant."""
    assert refusal(Promise, shipments=[]) == (
        "Promise.shipments: () is empty; where nothing leaves, give None"
    )
    assert refusal(Promise, shipments=[None]) == (
        "Promise.shipments[0]: None is not of type Shipment; pass one"
    )
    assert "is naive" in refusal(Promise, shipments=[shipment()], deliver_by=NAIVE)


def test_a_date_that_was_told_is_checked() -> None:
    """It is an instant, or None: that nobody knows was told, too."""
    content: dict[str, Any] = {"audience": Audience.CUSTOMER, "id": "a", "at": NOW}
    assert Told(**content, delivered_at=None).delivered_at is None
    assert Told(**content, delivered_at=NOW + DAY).delivered_at == NOW + DAY
    assert refusal(Told, **content, delivered_at=NAIVE).startswith("Told.delivered_at")


def test_a_time_zone_is_a_tzinfo() -> None:
    """A promise is told in days of a zone, not of the name of one."""
    assert Promise(shipments=[shipment()], timezone=NOW.tzinfo).timezone is NOW.tzinfo
    said = refusal(Promise, shipments=[shipment()], timezone="Asia/Tokyo")
    assert said == "Promise.timezone: 'Asia/Tokyo' is not a tzinfo; pass a zoneinfo.ZoneInfo"
