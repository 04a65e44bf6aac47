"""Lots are judged by what is promised for their own order."""

from __future__ import annotations

from datetime import UTC, time, timedelta
from typing import Any

import attrs
import pytest
from builders import NOW, line, order, reserved, run
from some_stock import DAY, asking_life, lot, lots_of, row, shelf_of

from fulfill_core import (
    Component,
    Hold,
    Inventory,
    Item,
    Location,
    Order,
    Outcome,
    Promise,
    Result,
    Ship,
    Shipment,
    ShortReason,
    Supply,
    explain,
    lacking,
    process,
)
from fulfill_core.calendars import BusinessCalendar, Shift
from fulfill_core.decisions import PromiseGap
from fulfill_core.promises import Origin, from_calendars
from fulfill_core.reallocation import Reallocation

OFFICE = BusinessCalendar(
    timezone=UTC, shifts=[Shift(start=time(0), end=time(23), weekdays=range(7))]
)
HOUR = timedelta(hours=1)
SLOW = Origin(calendar=OFFICE, handling=9 * 23 * HOUR)  # nine days
POLICY = from_calendars(
    {"berlin": Origin(calendar=OFFICE), "paris": SLOW}, {"berlin": DAY, "paris": DAY}
)
LOTS = [lot("short", 4, days=3), lot("long", 5, days=60)]
STOCK = Inventory([shelf_of(*LOTS), row(9, "cup", "paris")])


def basket(units: int, **changes: Any) -> Order:
    """Mugs by lot from Berlin, and a cup that takes nine days in Paris."""
    return order("A-1", lines=[line("1", "mug", units), line("2", "cup", 1)], **changes)


def of_mugs(result: Result) -> list[tuple[str, int]]:
    """The lots of the mugs."""
    return [made for made in lots_of(result["A-1"]) if made[0]]


def test_what_leaves_together_lives_until_then() -> None:
    """An order that ships complete leaves with the last of it, and takes lots that live so long;
    one that ships in parts takes what is to leave first.
    """
    apart = run(basket(4), stock=STOCK, promise=POLICY)
    together = run(basket(4, ship=Ship.COMPLETE), stock=STOCK, promise=POLICY)
    assert (of_mugs(apart), of_mugs(together)) == ([("short", 4)], [("long", 4)])


def test_what_ends_before_it_arrives_is_short() -> None:
    """If too few live until then the units are short, for the sake of their life; and lacking."""
    wish = basket(6, ship=Ship.COMPLETE)
    result = run(wish, stock=STOCK, promise=POLICY)
    reasons = {short.line_id: (short.available, short.reason) for short in result["A-1"].shorts}
    assert reasons == {
        "1": (5, ShortReason.LOT_LIFE),
        "2": (9, ShortReason.ORDER_SHIPS_COMPLETE),
    }
    assert "there were 5 that would last until it arrives" in str(explain(result, "A-1"))
    # In parts there would be enough of each: so all of it is lacking.
    assert lacking(wish, STOCK, now=NOW, promise=POLICY) == {"cup": 1, "mug": 6}
    assert lacking(wish, STOCK, now=NOW) == {}
    again = run(wish, stock=result.inventory, promise=POLICY)
    assert again["A-1"].shorts == result["A-1"].shorts


def test_a_run_wakes_when_it_would_be_later_still() -> None:
    """What the order would have got has a departure, too: once it is missed, more lots may end."""
    result = run(basket(6, ship=Ship.COMPLETE), stock=STOCK, promise=POLICY)
    assert result["A-1"].promise is None
    assert result.wake_at is not None
    assert [attempt.id for attempt in result.attempts] == ["A-1"]
    assert result.wake_at < attrs.evolve(result, attempts=()).wake_at  # type: ignore[operator]
    served = run(basket(4, ship=Ship.COMPLETE), stock=STOCK, promise=POLICY)
    assert served.attempts
    assert served.wake_at == attrs.evolve(served, attempts=()).wake_at  # it got all of it


def test_the_customers_life_counts_from_the_delivery() -> None:
    """Sixty days are too few for who wants fifty-five when it arrives on the tenth."""
    picky = asking_life(55)
    wish = basket(2, customer=picky, ship=Ship.COMPLETE)
    assert run(wish, stock=STOCK, promise=POLICY)["A-1"].outcome is Outcome.UNFULFILLABLE
    assert run(basket(2, customer=picky), stock=STOCK, promise=POLICY)["A-1"].outcome is (
        Outcome.ALLOCATED
    )


def test_another_place_serves_what_does_not_live_here() -> None:
    """Where lots are left out, the policy is asked anew: Rome has some that live."""
    by_post = from_calendars(
        {}, {"berlin": 5 * DAY, "rome": DAY}, otherwise=Origin(calendar=OFFICE)
    )
    stock = Inventory(
        [shelf_of(lot("short", 9, days=3)), shelf_of(lot("r", 9, days=3), location="rome")],
        locations=[Location(id="berlin"), Location(id="rome", rank=1)],
    )
    result = run(order("A-1", 4), stock=stock, promise=by_post)
    assert [(made.location, made.lot) for made in result["A-1"].allocations] == [("rome", "r")]


@pytest.mark.parametrize(("days", "lots"), [(2, [("short", 4)]), (4, [("long", 4)])])
def test_where_nothing_is_promised_the_lead_time_counts(
    days: int, lots: list[tuple[str, int]]
) -> None:
    """As for everybody: what leaves now, or when the order may be shipped, arrives later."""
    stock = Inventory([shelf_of(*LOTS)], locations=[Location(id="berlin", lead_time=days * DAY)])

    def nobody_knows(decision: Any, /, *, context: Any) -> Promise:
        rows = [(made.line_id, made.sku, made.quantity) for made in decision.allocations]
        gap = PromiseGap.UNKNOWN_TRANSIT
        return Promise(shipments=[Shipment(location="berlin", lines=rows, gap=gap)])

    assert lots_of(run(order("A-1", 4), stock=stock, promise=nobody_knows)["A-1"]) == lots
    assert lots_of(run(order("A-1", 4), stock=stock)["A-1"]) == lots
    late = order("A-1", 4, ship_after=NOW + (3 - days) * DAY if days < 3 else None)
    window = {"promise": nobody_knows, "reservation_window": 9 * DAY}
    assert lots_of(run(late, stock=stock, **window)["A-1"]) == [("long", 4)]


def test_a_lead_time_that_contradicts_the_promise_counts_for_nothing() -> None:
    """The promise says tomorrow: a lot of three days will do, whatever is usual from there."""
    stock = Inventory(
        [shelf_of(*LOTS)],
        items=[Item(sku="mug")],
        locations=[Location(id="berlin", lead_time=9 * DAY)],
    )
    assert lots_of(run(order("A-1", 4), stock=stock, promise=POLICY)["A-1"]) == [("short", 4)]


@pytest.mark.parametrize("lines_on_hold", [(), ("2",)])
def test_free_units_that_end_too_early_do_not_keep_it_from_those_behind(
    lines_on_hold: tuple[str, ...],
) -> None:
    """Units that are free and don't live until they arrive are of no use: who is ahead takes what
    it lacks from those behind, whoever else takes up the capacity of the place that has them.
    """
    by_post = from_calendars(
        {}, {"berlin": 5 * DAY, "rome": DAY}, otherwise=Origin(calendar=OFFICE)
    )
    stock = Inventory(
        [shelf_of(lot("short", 2, days=3)), shelf_of(lot("r", 2, days=3), location="rome")],
        locations=[Location(id="berlin", capacity=1), Location(id="rome", rank=1)],
    ).with_reserved(reserved("A-2", "1", 2, location="rome", lot="r"))
    later = attrs.evolve(line("2", "mug", 1), ship_after=NOW + DAY)
    first = order("A-1", lines=[line("1", "mug", 2), *([later] if lines_on_hold else [])])
    settings: dict[str, Any] = {"promise": by_post, "reallocation": Reallocation()}
    if lines_on_hold:
        settings["holds"] = [
            Hold(order_id="A-1", source="qa", code="shop.recall", line_id="2", at=NOW)
        ]
    result = run(first, order("A-2", 2), stock=stock, **settings)
    assert lots_of(result["A-1"]) == [("r", 2)]
    losses = [(loss.order_id, loss.to, loss.quantity) for loss in result.losses]
    assert losses == [("A-2", "A-1", 2)]
    assert not run(first, order("A-2", 2), stock=result.inventory, **settings).changes


@pytest.mark.parametrize("what", ["mug", "box"])
@pytest.mark.parametrize("is_cup_reserved", [False, True])
def test_a_kit_takes_what_lives_until_it_arrives_as_its_component_does(
    what: str, is_cup_reserved: bool
) -> None:
    """What is tried before anything is taken is the turn that follows, kits and what is reserved
    for the order included: whether it waits for the mug far off or takes the near one.
    """
    stock = Inventory(
        [shelf_of(lot("short", 1, days=10), location="paris"), row(1, "mug"), row(1, "cup")],
        items=[Item(sku="box", components=[Component(sku="mug", quantity=1)])],
        locations=[Location(id="paris"), Location(id="berlin", rank=1)],
    ).with_reserved(reserved("A-2", "1", 1))
    if is_cup_reserved:
        stock = stock.with_reserved(reserved("A-1", "2", 1, sku="cup"))
    first = order("A-1", lines=[line("1", what), line("2", "cup")], ship=Ship.COMPLETE)
    promise = from_calendars(
        {}, {"berlin": DAY, "paris": 30 * DAY}, otherwise=Origin(calendar=OFFICE)
    )
    settings: dict[str, Any] = {"promise": promise, "reallocation": Reallocation()}
    result = run(first, order("A-2", 1), stock=stock, **settings)
    assert result["A-1"].outcome is Outcome.ALLOCATED
    assert ("1", "mug", "berlin", 1, "") in result["A-1"].allocation_rows
    assert [(loss.order_id, loss.to) for loss in result.losses] == [("A-2", "A-1")]


def test_who_takes_takes_lots_that_live_until_they_arrive() -> None:
    """Of lots of others that end before they would arrive nothing is taken, whoever ranks last; and
    who has them gives them up, since nobody can use them.
    """
    by_post = from_calendars({}, {"berlin": 5 * DAY}, otherwise=Origin(calendar=OFFICE))
    stock = Inventory([shelf_of(lot("short", 2, days=3), lot("long", 2, days=60))]).with_reserved(
        reserved("A-2", "1", 2, lot="long")
    )
    stock = stock.with_reserved(reserved("A-3", "1", 2, lot="short"))
    orders = [order("A-1", 2), order("A-2", 2), order("A-3", 2)]
    settings: dict[str, Any] = {"promise": by_post, "reallocation": Reallocation()}
    result = run(*orders, stock=stock, **settings)
    assert lots_of(result["A-1"]) == [("long", 2)]
    losses = [(loss.order_id, loss.lot, loss.to) for loss in result.losses]
    assert losses == [("A-2", "long", "A-1"), ("A-3", "short", "")]
    assert not run(*orders, stock=result.inventory, **settings).changes


def test_the_staff_is_told_once_of_units_that_would_arrive_too_late() -> None:
    """They would arrive a day later with each day that they lie there: that is no news."""
    stock = Inventory([shelf_of(lot("short", 4, days=6))])
    by_post = from_calendars({"berlin": Origin(calendar=OFFICE)}, {"berlin": 5 * DAY})
    settings: dict[str, Any] = {"verifiers": (), "promise": by_post}
    result = process([order("A-1", 4)], stock, now=NOW, **settings)
    assert result["A-1"].outcome is Outcome.ALLOCATED
    kinds: list[list[str]] = []
    for days in (2, 3, 4):
        result = process(result.records, result.inventory, now=NOW + days * DAY, **settings)
        assert [each.code for each in result["A-1"].findings] == ["reservation.lot_ended"]
        kinds.append([str(each.kind) for each in result.notifications])
    assert kinds == [["order.at_risk"], [], []]


def test_what_is_not_there_does_not_arrive_too_late() -> None:
    """Two of four are not there: nobody promises when they would arrive, so the staff is not told
    of their lot as time goes on. Of the two that are there it is.
    """
    by_post = from_calendars({"berlin": Origin(calendar=OFFICE)}, {"berlin": DAY})
    settings: dict[str, Any] = {"verifiers": (), "promise": by_post}
    wish = order("A-1", 4)
    first = process([wish], Inventory([shelf_of(lot("short", 4, days=3))]), now=NOW, **settings)
    counted = first.inventory.with_counted("mug", "berlin", 2, lot="short")
    codes: list[list[str]] = []
    for passed in (DAY, 2 * DAY + 12 * HOUR):
        result = process(first.records, counted, now=NOW + passed, **settings)
        codes.append([each.code for each in result["A-1"].findings])
    assert codes == [
        ["reservation.not_there"],
        ["reservation.lot_ended", "reservation.not_there"],
    ]
    none_left = first.inventory.with_counted("mug", "berlin", 0, lot="short")
    late = process(first.records, none_left, now=NOW + 2 * DAY + 12 * HOUR, **settings)
    assert [each.code for each in late["A-1"].findings] == ["reservation.not_there"]


def test_what_was_reserved_and_would_arrive_too_late_is_named() -> None:
    """Nobody packed it in time: its departure is a later one, and its lot does not live so long.
    The order is not confirmed, the staff is told, and a re-allocation gives it what does.
    """
    wish = order("A-1", 4)
    stock = Inventory([shelf_of(lot("short", 4, days=3), lot("long", 5, days=60))])
    by_post = from_calendars({"berlin": Origin(calendar=OFFICE)}, {"berlin": DAY})
    first = process([wish], stock, now=NOW, verifiers=(), promise=by_post)
    assert lots_of(first["A-1"]) == [("short", 4)]
    settings: dict[str, Any] = {"verifiers": (), "promise": by_post}
    in_time = process(first.records, first.inventory, now=NOW + DAY, **settings)
    assert in_time["A-1"].outcome is Outcome.ALLOCATED
    later = NOW + 2 * DAY + 12 * HOUR
    missed = process(in_time.records, in_time.inventory, now=later, **settings)
    made = missed["A-1"]
    assert made.outcome is Outcome.UNFULFILLABLE
    assert [(short.quantity, short.reason) for short in made.shorts] == [
        (4, ShortReason.RESERVED_UNUSABLE)
    ]
    (finding,) = made.findings
    assert finding.code == "reservation.lot_ended"
    assert finding.detail == (
        "Of mug, 4 that are reserved at berlin, lot short, can't be used: that lot ends on"
        " 2026-03-05 12:00 UTC, too soon for when they would arrive."
    )
    assert "order.at_risk" in {str(each.kind) for each in missed.notifications}
    again = process(missed.records, missed.inventory, now=later, **settings)
    assert (again.notifications, again.inventory) == ((), missed.inventory)
    moved = process(
        missed.records, missed.inventory, now=later, reallocation=Reallocation(), **settings
    )
    assert lots_of(moved["A-1"]) == [("long", 4)]


def test_what_was_reserved_keeps_the_life_that_its_customer_asked_for() -> None:
    """Two days of life at the door were agreed: a departure that is missed takes one of them."""
    wish = order("A-1", 4, customer=asking_life(2))
    stock = Inventory([shelf_of(lot("short", 4, days=4))])
    by_post = from_calendars({"berlin": Origin(calendar=OFFICE)}, {"berlin": DAY})
    settings: dict[str, Any] = {"verifiers": (), "promise": by_post}
    first = process([wish], stock, now=NOW, **settings)
    assert first["A-1"].outcome is Outcome.ALLOCATED
    missed = process(first.records, first.inventory, now=NOW + DAY + 12 * HOUR, **settings)
    assert [short.reason for short in missed["A-1"].shorts] == [ShortReason.RESERVED_UNUSABLE]


def test_what_is_to_come_later_does_not_make_old_what_is_there() -> None:
    """A line that ships in parts: what is reserved for it leaves first, and is judged by that; one
    that ships whole leaves with the last of it.
    """
    stock = Inventory(
        [shelf_of(lot("short", 4, days=5))],
        items=[Item(sku="mug", backorderable=True)],
        supplies=[
            Supply(id="PO-1", sku="mug", quantity=9, expected_at=NOW + 7 * DAY, location="berlin")
        ],
    ).with_reserved(reserved("A-1", "1", 4, lot="short"))
    by_post = from_calendars({"berlin": Origin(calendar=OFFICE)}, {"berlin": DAY})
    apart = run(order("A-1", 6), stock=stock, promise=by_post)["A-1"]
    assert (apart.outcome, apart.unusable) == (Outcome.PARTIALLY_ALLOCATED, ())
    together = run(order("A-1", 6, ship=Ship.COMPLETE), stock=stock, promise=by_post)["A-1"]
    assert [each.quantity for each in together.unusable] == [4]


def test_a_line_may_have_the_lots_that_are_too_old_for_another() -> None:
    """A line that ships whole, partly from far away, leaves too late for a lot that is there; the
    next line, which leaves at once, gets it in the same run.
    """
    from_far = Origin(calendar=OFFICE, handling=5 * 23 * HOUR)
    policy = from_calendars({"berlin": Origin(calendar=OFFICE), "rome": from_far}, {"berlin": DAY})
    stock = Inventory(
        [shelf_of(lot("short", 1, days=3)), shelf_of(lot("r", 2, days=60), location="rome")]
    )
    lines = [line("1", "mug", 2), line("2", "mug", 1)]
    wish = order("A-1", lines=lines, ship=Ship.LINES)
    result = run(wish, stock=stock, promise=policy)
    assert {made.line_id: made.lot for made in result["A-1"].allocations} == {
        "1": "r",
        "2": "short",
    }
    assert not run(wish, stock=result.inventory, promise=policy).changes


@pytest.mark.parametrize("capacity", [None, 1])
def test_lots_that_were_too_old_once_are_so_again(capacity: int | None) -> None:
    """Mugs that are there would end before the cup from far away arrives: the order gets neither,
    and one behind it gets the cup. Done again, when the cup is gone, the run says the same.
    """
    paris = Location(id="paris", rank=1, capacity=capacity)
    stock = Inventory(
        [shelf_of(lot("short", 4, days=3)), row(1, "cup", "paris")],
        locations=[Location(id="berlin", rank=0), paris],
    )
    orders = [basket(1, ship=Ship.COMPLETE), order("A-2", lines=[line("1", "cup", 1)])]
    first = run(*orders, stock=stock, promise=POLICY)
    assert [short.reason for short in first["A-1"].shorts][:1] == [ShortReason.LOT_LIFE]
    assert first["A-2"].outcome is Outcome.ALLOCATED
    again = run(*orders, stock=first.inventory, promise=POLICY)
    assert again["A-1"] == first["A-1"]
    assert not again.changes


def test_the_single_lot_of_a_line_lives_until_it_arrives() -> None:
    """A line that has its units of one lot chooses another one, if that would end before it
    arrives, although as many units are there for it as before.
    """
    lots = [lot("short", 2, days=3), lot("long", 2, days=60)]
    places = [shelf_of(*lots, safety=2, location="paris")]
    stock = Inventory(places, items=[Item(sku="mug", single_lot=True)])
    result = run(order("A-1", 2), stock=stock, promise=POLICY)
    assert lots_of(result["A-1"]) == [("long", 2)]
