"""When an order leaves and arrives, by the calendars of both ends."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import attrs
import pytest
from builders import line, order, refusal, reserved
from some_promises import (
    BERLIN,
    DAY,
    HOUR,
    NOW,
    OFFICE,
    OSLO,
    POLICY,
    TRANSIT,
    at,
    dates,
    decision,
    promised,
    taken,
    waits,
)

from fulfill_core import Address, Context, Order, Outcome, Ship, hold
from fulfill_core.calendars import BusinessCalendar, CutOff, Shift
from fulfill_core.decisions import PromiseGap
from fulfill_core.promises import Origin, from_calendars

# -- One shipment ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "ships_at"),
    [
        (at(2, 8), at(2, 14)),
        (at(2, 12, 59), at(2, 14)),
        (at(2, 13), at(3, 14)),  # handled at the cut-off it is too late
        (at(2, 22), at(3, 14)),
        (at(6, 12), at(6, 14)),
        (at(6, 13), at(9, 14)),  # on a Friday
        (at(7, 12), at(9, 14)),
    ],
)
def test_what_is_on_hand_leaves_with_the_next_cut_off(now: datetime, ships_at: datetime) -> None:
    """It is handled in working time; at the cut-off it is too late."""
    promise = promised(taken(), now=now)
    assert dates(promise) == [("berlin", ships_at, ships_at + 2 * DAY)]
    assert (promise.ships_at, promise.delivered_at) == (ships_at, ships_at + 2 * DAY)
    assert promise.gaps == ()


def test_without_a_cut_off_it_leaves_when_the_place_closes() -> None:
    """So that a promise changes a few times a day, and not with every minute."""
    policy = from_calendars({"berlin": Origin(calendar=OFFICE, handling=HOUR)}, TRANSIT)
    assert promised(taken(), policy=policy, now=at(2, 15, 59)).ships_at == at(2, 17)
    assert promised(taken(), policy=policy, now=at(2, 16)).ships_at == at(3, 17)


def test_what_was_reserved_before_is_sent_like_the_rest() -> None:
    """As far as the order asks for it; of each line and SKU one row, whatever the lots."""
    held = [reserved(quantity=2, lot="L-1"), reserved(quantity=9, lot="L-2")]
    other = [reserved(line_id="7", quantity=4), reserved(quantity=1, sku="cup")]
    promise = promised(subject=order("A-1", 5), reserved=[*held, *other])
    assert [each.lines for each in promise.shipments] == [(("1", "mug", 5),)]


@pytest.mark.parametrize("location", ["berlin", ""])
def test_what_waits_is_handled_when_its_supply_is_there(location: str) -> None:
    """At the location where it comes in; where that is not known, at any other."""
    policy = from_calendars({"berlin": BERLIN}, {"": DAY, "berlin": DAY}, otherwise=BERLIN)
    promise = promised(waits(at(10, 13), location=location), policy=policy)
    assert dates(promise) == [(location, at(11, 14), at(12, 14))]
    assert (promise.shipments[0].supply_id, promise.shipments[0].expected_at) == (
        "PO-1",
        at(10, 13),
    )


@pytest.mark.parametrize(
    ("ship_after", "ships_at"),
    [(NOW - DAY, at(2, 14)), (NOW, at(2, 14)), (at(4, 16), at(5, 14))],
)
def test_nothing_leaves_before_it_may(ship_after: datetime, ships_at: datetime) -> None:
    """`Order.ship_after` is when it is ready, if that is later than now."""
    assert promised(taken(), subject=order("A-1", 1, ship_after=ship_after)).ships_at == ships_at
    late = promised(waits(at(3, 12)), subject=order("A-1", 1, ship_after=ship_after))
    assert late.ships_at == max(ships_at, at(3, 14))


def test_a_carrier_has_a_cut_off_of_its_own() -> None:
    """The host says who takes the order; those without a cut-off of their own go by the usual."""
    pallets = CutOff(calendar=OFFICE, at=time(11))
    berlin = attrs.evolve(BERLIN, by_carrier={"pallet": pallets})
    policy = from_calendars(
        {"berlin": berlin}, TRANSIT, carrier=lambda order, location: order.channel or location
    )
    pallet = order("A-1", 1, channel="pallet")
    assert promised(taken(), policy=policy, subject=pallet).ships_at == at(3, 11)
    assert promised(taken(), policy=policy).ships_at == at(2, 14)


# -- Transit ---------------------------------------------------------------------------------------

SHOP = BusinessCalendar(
    timezone=UTC, shifts=[Shift(start=time(8), end=time(18))], holidays=[date(2026, 3, 4)]
)


@pytest.mark.parametrize(
    ("transit", "delivered_at"),
    [
        (HOUR, at(2, 15)),
        (5 * HOUR, at(3, 8)),
        (2 * DAY, at(5, 8)),  # the 4th is a holiday there
        (0, at(2, 18)),
        (1, at(3, 18)),
        (2, at(5, 18)),
        (4, at(9, 18)),
    ],
)
def test_the_destination_has_its_own_working_days(
    transit: timedelta | int, delivered_at: datetime
) -> None:
    """Time on the clock ends with the next opening, working days with the closing of the last."""
    for destination in (SHOP, lambda order: SHOP):
        policy = from_calendars({"berlin": BERLIN}, {"berlin": transit}, destination=destination)
        assert promised(taken(), policy=policy).delivered_at == delivered_at


def test_a_day_that_is_over_counts_no_more() -> None:
    """What leaves at the closing of the destination, to be there today, is there on the next."""
    for closes, day in ((14, 3), (15, 2)):
        shop = BusinessCalendar(timezone=UTC, shifts=[Shift(start=time(8), end=time(closes))])
        policy = from_calendars({"berlin": BERLIN}, {"berlin": 0}, destination=shop)
        assert promised(taken(), policy=policy).delivered_at == at(day, closes)


def test_transit_goes_by_country_then_by_location() -> None:
    """The table is asked for the pair first, then for the location; orders that go nowhere have no
    country.
    """
    policy = from_calendars(
        {"berlin": BERLIN}, {("berlin", "GB"): 3 * DAY, ("berlin", ""): HOUR, "berlin": DAY}
    )
    abroad = Address(name="Ada", street=["1 Main St"], city="Oslo", country="NO")
    for ship_to, days in ((order().ship_to, 3 * DAY), (abroad, DAY), (None, HOUR)):
        subject = order("A-1", 1, ship_to=ship_to)
        assert promised(taken(), policy=policy, subject=subject).delivered_at == at(2, 14) + days


def test_transit_is_the_hosts_own_function() -> None:
    """Of the order and the location."""

    def transit(order: Order, location: str) -> timedelta | None:
        return DAY if (order.id, location) == ("A-1", "berlin") else None

    policy = from_calendars({"berlin": BERLIN, "oslo": OSLO}, transit)
    assert dates(promised(taken(), taken("oslo"), policy=policy)) == [
        ("berlin", at(2, 14), at(3, 14)),
        ("oslo", at(3, 14), None),
    ]


# -- No date, said so ------------------------------------------------------------------------------

RARE = BusinessCalendar(
    timezone=UTC, extra_days={date(2038, 1, 1): [Shift(start=time(9), end=time(17))]}
)
NEVER_CLOSES = BusinessCalendar(
    timezone=UTC, shifts=[Shift(start=time(0), end=time(0), weekdays=range(7))]
)


@pytest.mark.parametrize(
    ("row", "policy", "gap"),
    [
        (waits(None, supply_id="", location=""), POLICY, PromiseGap.NO_SUPPLY_DATE),
        (waits(None), POLICY, PromiseGap.NO_SUPPLY_DATE),
        (taken("paris"), POLICY, PromiseGap.UNKNOWN_ORIGIN),
        (taken(), from_calendars({"berlin": BERLIN}, {}), PromiseGap.UNKNOWN_TRANSIT),
        (
            taken(),
            from_calendars({"berlin": BERLIN}, {"berlin": 2}, destination=lambda order: None),
            PromiseGap.UNKNOWN_TRANSIT,
        ),
        (
            taken(),
            from_calendars({"berlin": Origin(calendar=RARE)}, TRANSIT),
            PromiseGap.BEYOND_CALENDAR,
        ),
        (
            taken(),
            from_calendars({"berlin": Origin(calendar=NEVER_CLOSES)}, TRANSIT),
            PromiseGap.BEYOND_CALENDAR,
        ),
        (
            taken(),
            from_calendars({"berlin": BERLIN}, {"berlin": DAY}, destination=RARE),
            PromiseGap.BEYOND_CALENDAR,
        ),
        (
            taken(),
            from_calendars({"berlin": BERLIN}, {"berlin": 4_000}, destination=OFFICE),
            PromiseGap.BEYOND_CALENDAR,
        ),
    ],
)
def test_what_nobody_knows_is_no_date(row: Any, policy: Any, gap: PromiseGap) -> None:
    """Never a guess and never a crash: no date, and the reason; what else leaves has its dates."""
    alone = promised(row, policy=policy)
    assert (alone.delivered_at, alone.gaps, alone.is_late, alone.last) == (
        None,
        (gap,),
        False,
        None,
    )
    assert len(list(policy.turning_points(decision(row), context=Context(now=NOW)))) <= 1
    if policy is POLICY:
        both = promised(taken("oslo"), row)
        assert dates(both)[0] == ("oslo", at(3, 14), at(4, 14))
        assert (both.ships_at, both.delivered_at, both.gaps) == (None, None, (gap,))


def test_a_departure_without_an_arrival_is_kept() -> None:
    """When it leaves is known, although nobody knows how long it is under way."""
    promise = promised(taken(), policy=from_calendars({"berlin": BERLIN}, {}))
    assert (promise.ships_at, promise.delivered_at) == (at(2, 14), None)


def test_two_searches_do_not_look_farther_than_one() -> None:
    """Handling and cut-off together look ten years ahead, and no farther."""
    slow = BusinessCalendar(
        timezone=UTC,
        extra_days={
            date(year, 1, 1): [Shift(start=time(9), end=time(17))] for year in (2032, 2040)
        },
    )
    origin = Origin(calendar=slow, cut_off=CutOff(calendar=slow, at=time(10)), handling=2 * HOUR)
    policy = from_calendars({"berlin": origin}, TRANSIT)
    assert promised(taken(), policy=policy).gaps == (PromiseGap.BEYOND_CALENDAR,)
    assert refusal(origin.leaves, NOW).endswith("has no departure within ten years after it")


@pytest.mark.parametrize(
    "changes",
    [
        {"rank": None, "outcome": Outcome.HELD},
        {"rank": None, "outcome": Outcome.SCHEDULED, "reserved": [reserved()]},
        {"outcome": Outcome.UNFULFILLABLE},
        {"untracked": ["1"], "outcome": Outcome.ALLOCATED, "reserved": [reserved()]},
        {"order": order(lines=[line(ships=False)]), "reserved": [reserved()]},
        {
            "order": order("A-1", 1, 1),
            "findings": [hold("a.b", line_id="1")],
            "reserved": [reserved()],
        },
    ],
)
def test_where_nothing_leaves_nothing_is_promised(changes: dict[str, Any]) -> None:
    """Held, rejected, scheduled, short, without stock, not sent, or waiting for a person."""
    assert POLICY(decision(**changes), context=Context(now=NOW)) is None
    assert list(POLICY.turning_points(decision(**changes), context=Context(now=NOW))) == []


def test_lines_that_are_not_sent_are_no_shipment() -> None:
    """A voucher that is mailed by the system leaves no warehouse, allocated or backordered."""
    subject = order(lines=[line("1"), line("2", ships=False)])
    rows = [taken(), taken("oslo", line_id="2"), waits(None, line_id="2")]
    assert [each.location for each in promised(*rows, subject=subject).shipments] == ["berlin"]


# -- Several shipments -----------------------------------------------------------------------------


def test_an_order_that_ships_in_part_shows_each_part() -> None:
    """One shipment per location, and one per supply that is waited for; the order is there with
    the last of them.
    """
    promise = promised(
        taken("oslo", 2),
        taken("berlin", 3),
        waits(at(10, 9)),
        waits(at(20, 9), supply_id="PO-2", quantity=4),
    )
    assert [(each.location, each.supply_id, each.lines) for each in promise.shipments] == [
        ("berlin", "", (("1", "mug", 3),)),
        ("oslo", "", (("1", "mug", 2),)),
        ("berlin", "PO-1", (("1", "mug", 1),)),
        ("berlin", "PO-2", (("1", "mug", 4),)),
    ]
    assert [each.ships_at for each in promise.shipments] == [
        at(2, 14),
        at(3, 14),
        at(10, 14),
        at(20, 14),
    ]
    assert (promise.ships_at, promise.delivered_at) == (at(20, 14), at(22, 14))


def test_an_order_that_ships_complete_leaves_with_the_last() -> None:
    """Every shipment leaves when the last is ready; the transit is each one's own."""
    subject = order("A-1", 9, ship=Ship.COMPLETE)
    promise = promised(taken("oslo"), waits(at(10, 9)), subject=subject)
    assert dates(promise) == [
        ("berlin", at(10, 14), at(12, 14)),
        ("oslo", at(10, 14), at(11, 14)),
    ]
    assert [each.ready_at for each in promise.shipments] == [at(10, 14), at(3, 14)]


def test_a_complete_order_without_one_date_has_none() -> None:
    """What it waits for has no date, so nothing of it has; each shipment says why."""
    subject = order("A-1", 9, ship=Ship.COMPLETE)
    promise = promised(taken("oslo"), waits(None), subject=subject)
    assert dates(promise) == [("berlin", None, None), ("oslo", None, None)]
    assert [each.gap for each in promise.shipments] == [
        PromiseGap.NO_SUPPLY_DATE,
        PromiseGap.SHIPS_WITH_OTHERS,
    ]
    assert promise.gaps == (PromiseGap.NO_SUPPLY_DATE, PromiseGap.SHIPS_WITH_OTHERS)


def test_what_is_there_for_a_complete_order_has_no_wait_of_its_own() -> None:
    """It is not kept for the order, and leaves with what is waited for, the last of it."""
    subject = order(lines=[line("1", quantity=2), line("2"), line("3")], ship=Ship.COMPLETE)
    there = waits(None, supply_id="", location="", quantity=2, on_hand=2)
    soon, later = (
        waits(at(5, 9), line_id="2"),
        waits(at(10, 9), line_id="3", supply_id="PO-2", location="oslo"),
    )
    promise = promised(there, soon, later, subject=subject)
    assert [(each.supply_id, each.lines) for each in promise.shipments] == [
        ("PO-1", (("2", "mug", 1),)),
        ("PO-2", (("1", "mug", 2), ("3", "mug", 1))),
    ]
    assert promise.ships_at == at(10, 14)
    assert promised(there, subject=subject).gaps == (PromiseGap.NO_SUPPLY_DATE,)


def test_a_complete_order_waits_for_what_is_not_sent_as_well() -> None:
    """It takes nothing until it has everything, whatever of it is sent."""
    subject = order(lines=[line("1"), line("2", ships=False)], ship=Ship.COMPLETE)
    there = waits(None, supply_id="", location="", on_hand=1)
    promise = promised(there, waits(at(10, 9), line_id="2"), subject=subject)
    assert [(each.lines, each.ships_at) for each in promise.shipments] == [
        ((("1", "mug", 1),), at(10, 14))
    ]


def test_of_a_supply_some_units_may_be_there() -> None:
    """Only what is missing waits; the rest of the row leaves with it."""
    subject = order("A-1", 5, ship=Ship.COMPLETE)
    (shipment,) = promised(waits(at(10, 9), quantity=5, on_hand=3), subject=subject).shipments
    assert (shipment.lines, shipment.ships_at) == ((("1", "mug", 5),), at(10, 14))


def test_a_line_that_ships_whole_waits_for_its_last_unit() -> None:
    """By lines: each leaves with the last of it, whatever the others do."""
    subject = order(lines=[line("1", quantity=2), line("2")], ship=Ship.LINES)
    promise = promised(taken(), waits(at(10, 9)), taken(line_id="2"), subject=subject)
    assert [(each.supply_id, each.lines, each.ships_at) for each in promise.shipments] == [
        ("", (("2", "mug", 1),), at(2, 14)),
        ("", (("1", "mug", 1),), at(10, 14)),
        ("PO-1", (("1", "mug", 1),), at(10, 14)),
    ]


def test_packs_and_kits_that_wait_leave_together() -> None:
    """Half a pack, or half a kit, is not sent: what waits leaves with the last supply of its line.
    What is there leaves now.
    """
    two = (waits(at(5, 9)), waits(at(10, 9), supply_id="PO-2"))
    pack = order(lines=[line(quantity=2, units_each=2)])
    expected = [at(2, 14), at(10, 14), at(10, 14)]
    promise = promised(taken(quantity=2), *two, subject=pack)
    assert [each.ships_at for each in promise.shipments] == expected
    kit = order(lines=[line(sku="set", quantity=2)])
    content: dict[str, Any] = {"kits": [("1", (("mug", 1), ("pot", 1)))]}
    promise = promised(taken(), *two, subject=kit, **content)
    assert [each.ships_at for each in promise.shipments] == expected


@pytest.mark.parametrize("hours", [(10, -12), (-12, 10)])
def test_what_is_kept_since_several_times_is_ready_with_the_last_of_it(
    hours: tuple[int, int],
) -> None:
    """Whichever of the reservations is named last: four hours of handling begin with each."""
    tuesday = at(3, 0)
    held = [reserved(location="oslo", made_at=tuesday + each * HOUR) for each in hours]
    subject = order("A-1", 2, ship=Ship.COMPLETE)
    [shipment] = promised(subject=subject, reserved=held, now=at(3, 10)).shipments
    assert (shipment.ready_at, shipment.ships_at) == (at(4, 14), at(4, 14))
