"""Promises that were given stand: what a later run promises, and what of it is told."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import attrs
from builders import NOW, mugs, order
from some_promises import DAY, HOUR, LEAVES_AT_TWO, at

from fulfill_core import (
    Hold,
    Inventory,
    Item,
    Kind,
    Promise,
    Reservation,
    Result,
    Stock,
    Supply,
    process,
)
from fulfill_core.decisions import PromiseGap
from fulfill_core.notifications import CustomerAndStaff, better_promise, together
from fulfill_core.promises import from_calendars

TRANSIT = {"berlin": DAY, "": DAY}


def at_a_later_run(first: Result, now: datetime, **options: Any) -> Promise:
    """What the next run of the records promises."""
    result = process(first.records, first.inventory, now=now, **options)
    assert result["A-1"].promise is not None
    return result["A-1"].promise


def test_handling_does_not_begin_anew_in_each_run() -> None:
    """Reserved at nine and packed by eleven: a run at half past ten promises the same departure,
    although goods that come in then would be too late for it. Missed, it is told once.
    """
    policy = from_calendars({}, TRANSIT, otherwise=attrs.evolve(LEAVES_AT_TWO, handling=3 * HOUR))
    options: dict[str, Any] = {"promise": policy, "verifiers": []}
    first = process([order("A-1", 1)], mugs(berlin=1), now=at(2, 10), **options)
    (confirmed,) = first.notifications
    assert confirmed.delivered_at == at(3, 14)
    for now in (at(2, 12), at(2, 13, 59)):
        assert at_a_later_run(first, now, **options).delivered_at == at(3, 14)
    second = process(first.records, first.inventory, now=at(2, 14), **options)
    assert [each.kind for each in second.notifications] == [Kind.DELAYED]
    assert second.notifications[0].delivered_at == at(4, 14)
    for now in (at(2, 15), at(3, 13)):
        third = process(second.records, second.inventory, now=now, **options)
        assert third.notifications == ()


def test_a_date_stands_although_nobody_knows_when_units_were_reserved() -> None:
    """A host that keeps no such instants has the date that was told, until its departure is missed.
    Units that came since begin now, and so do those of which nobody was told.
    """
    policy = from_calendars({}, TRANSIT, otherwise=attrs.evolve(LEAVES_AT_TWO, handling=3 * HOUR))
    options: dict[str, Any] = {"promise": policy, "verifiers": []}
    stock = Inventory(
        [Stock(sku="mug", location="berlin", on_hand=1)],
        reservations=[
            Reservation(order_id="A-1", line_id="1", sku="mug", location="berlin", quantity=1)
        ],
    )
    first = process([order("A-1", 1)], stock, now=at(2, 10), **options)
    assert first.notifications[0].delivered_at == at(3, 14)
    assert at_a_later_run(first, at(2, 13, 59), **options).delivered_at == at(3, 14)
    assert first.wake_at == at(2, 11)
    later = process(first.records, first.inventory, now=at(2, 12), **options)
    assert (later.notifications, later.wake_at) == ((), at(2, 14))
    missed = process(first.records, first.inventory, now=at(2, 14), **options)
    assert [each.delivered_at for each in missed.notifications] == [at(4, 14)]
    assert process(missed.records, stock, now=at(3, 13), **options).notifications == ()
    # What is told of a parcel, or of a payment, says nothing of when units were reserved.
    [told] = [each for each in first.records[0].told if each.subject == "decision"]
    beside = attrs.evolve(told, subject="parcel:P-1", at=at(2, 13))
    record = attrs.evolve(first.records[0], told=[told, beside])
    stands = process([record], stock, now=at(2, 13, 30), **options)
    assert stands.notifications == ()
    for record in (
        attrs.evolve(first.records[0], told=()),
        attrs.evolve(first.records[0], reserved=()),
    ):
        unknown = process([record], stock, now=at(2, 13), **options)["A-1"].promise
        assert unknown is not None
        assert unknown.delivered_at == at(4, 14)


def test_what_was_on_hold_is_handled_when_it_goes_on() -> None:
    """Nobody packs what is on hold: its time begins with the run that lets it go."""
    policy = from_calendars({}, TRANSIT, otherwise=attrs.evolve(LEAVES_AT_TWO, handling=3 * HOUR))
    options: dict[str, Any] = {"promise": policy, "verifiers": []}
    first = process([order("A-1", 1)], mugs(berlin=1), now=at(2, 10), **options)
    stop = Hold(order_id="A-1", source="fraud team", code="shop.check", at=NOW)
    held = process([first.records[0].with_hold(stop)], first.inventory, now=at(2, 11), **options)
    lifted = [held.records[0].without_hold("fraud team", "shop.check")]
    after = process(lifted, held.inventory, now=at(2, 13), **options)
    assert after["A-1"].promise is not None
    assert after["A-1"].promise.ships_at == at(3, 14)
    later = process(after.records, after.inventory, now=at(3, 13), **options)
    assert later["A-1"].promise is not None
    assert later["A-1"].promise.ships_at == at(3, 14)


def test_what_was_reserved_apart_and_leaves_together_is_one_shipment() -> None:
    """Reservations of different times at one place are one shipment if they leave at one time."""
    policy = from_calendars({}, TRANSIT, otherwise=LEAVES_AT_TWO)
    stock = Inventory(
        stock=[Stock(sku="mug", location="berlin", on_hand=3)],
        items=[Item(sku="mug", backorderable=True)],
    )
    options: dict[str, Any] = {"promise": policy, "verifiers": []}
    first = process([order("A-1", 5)], stock, now=at(2, 10), **options)
    more = first.inventory.with_received("mug", "berlin", 1)
    second = process(first.records, more, now=at(2, 11), **options)
    promise = at_a_later_run(second, at(2, 12), **options)
    assert [sum(units for _, _, units in each.lines) for each in promise.shipments] == [4, 1]


def test_a_delay_of_less_than_a_step_is_no_news() -> None:
    """A date that moves by less than the host's step is not told."""
    policy = from_calendars({}, TRANSIT, otherwise=LEAVES_AT_TWO)
    for step, kinds in ((DAY, [Kind.DELAYED]), (2 * DAY, [])):
        options: dict[str, Any] = {
            "promise": policy,
            "verifiers": [],
            "notifications": CustomerAndStaff(date_step=step),
        }
        first = process([order("A-1", 1)], mugs(berlin=1), now=at(2, 10), **options)
        second = process(first.records, first.inventory, now=at(2, 14), **options)
        assert [each.kind for each in second.notifications] == kinds


def test_a_delay_that_comes_back_is_told_again() -> None:
    """In five days, in nine, in five, in nine: each change is told, and the last is what holds."""
    policy = from_calendars({}, TRANSIT, otherwise=LEAVES_AT_TWO)
    options: dict[str, Any] = {
        "promise": policy,
        "verifiers": [],
        "notifications": together(CustomerAndStaff(), better_promise()),
    }
    records: tuple[Any, ...] = (order("A-1", 1),)
    kinds: list[str] = []
    ids: set[str] = set()
    for days in (5, 9, 5, 9, 9):
        stock = Inventory(
            stock=[Stock(sku="mug", location="berlin", on_hand=0)],
            items=[Item(sku="mug", backorderable=True)],
            supplies=[Supply(id="PO", sku="mug", quantity=9, expected_at=at(2, 9) + days * DAY)],
        )
        result = process(records, stock, now=at(2, 9), **options)
        records = result.records
        kinds += [str(each.kind) for each in result.notifications if "backordered" not in each.kind]
        ids |= {each.id for each in result.notifications}
        assert records[0].told[0].delivered_at == result["A-1"].promise.delivered_at
    assert kinds == ["order.delayed", "order.earlier", "order.delayed"]


def test_where_nobody_knows_when_units_were_reserved_the_run_wakes_in_time() -> None:
    """Their handling is taken to begin now: the run wakes as long as it can still be done, and not
    only when the departure itself is missed.
    """
    policy = from_calendars({}, TRANSIT, otherwise=attrs.evolve(LEAVES_AT_TWO, handling=3 * HOUR))
    stock = mugs(berlin=1).with_reserved(
        Reservation(order_id="A-1", line_id="1", sku="mug", location="berlin", quantity=1)
    )
    result = process([order("A-1", 1)], stock, now=at(2, 10), promise=policy, verifiers=[])
    assert result["A-1"].promise is not None
    assert result["A-1"].promise.ships_at == at(2, 14)
    assert result.wake_at is not None
    before, then = [
        process([order("A-1", 1)], stock, now=now, promise=policy, verifiers=[])["A-1"].promise
        for now in (result.wake_at - timedelta(microseconds=1), result.wake_at)
    ]
    assert before is not None
    assert then is not None
    assert (before.ships_at, then.ships_at) == (at(2, 14), at(3, 14))


def test_a_missed_departure_is_one_delay_though_nobody_wrote_down_when_units_came() -> None:
    """What came in without an instant, and takes eleven hours, is handled once: each departure that
    it misses is told once, and what is told between, of which it was begun before, moves nothing.
    """
    handling = attrs.evolve(LEAVES_AT_TWO, handling=11 * HOUR)
    options: dict[str, Any] = {
        "promise": from_calendars({}, TRANSIT, otherwise=handling),
        "verifiers": [],
    }
    stock = Inventory(
        [Stock(sku="mug", location="berlin", on_hand=0)],
        [Supply(id="PO", sku="mug", quantity=2, expected_at=at(2, 10), location="berlin")],
        [Item(sku="mug", backorderable=True)],
    )
    result = process([order("A-1", 2)], stock, now=at(2, 9), **options)
    dates: list[tuple[datetime, datetime | None]] = []
    for now in [at(day, hour) for day in range(2, 7) for hour in (10, 13, 16)]:
        stock = result.inventory
        if now in (at(2, 10), at(2, 16)):
            stock = stock.with_received("mug", "berlin", 1, supply_id="PO")
        result = process(result.records, stock, now=now, **options)
        delays = [each for each in result.notifications if each.kind is Kind.DELAYED]
        dates += [(now, each.delivered_at) for each in delays]
    assert dates == [
        (at(2, 13), None),
        (at(4, 16), at(6, 14)),
        (at(5, 16), at(7, 14)),
        (at(6, 16), at(10, 14)),
    ]


def test_a_date_that_was_told_is_no_date_of_a_place_that_nobody_knows_any_more() -> None:
    """Units without an instant, of a place whose calendar is gone since: nothing is promised."""
    options: dict[str, Any] = {"verifiers": []}
    policy = from_calendars({}, TRANSIT, otherwise=LEAVES_AT_TWO)
    stock = mugs(berlin=1).with_reserved(
        Reservation(order_id="A-1", line_id="1", sku="mug", location="berlin", quantity=1)
    )
    first = process([order("A-1", 1)], stock, now=at(2, 9), promise=policy, **options)
    assert first.records[0].told[0].delivered_at == at(3, 14)
    later = at_a_later_run(first, at(2, 10), promise=from_calendars({}, TRANSIT), **options)
    assert later.shipments[0].gap is PromiseGap.UNKNOWN_ORIGIN
