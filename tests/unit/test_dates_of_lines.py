"""Lines with dates of their own: when each may leave, and by when it has to be there."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import attrs
import pytest
from builders import ADA, NOW, line, order
from some_promises import ANYWHERE, LEAVES_AT_TWO, at
from some_stock import DAY, HOUR

from fulfill_core import (
    Context,
    Decision,
    InvalidValueError,
    Inventory,
    Item,
    Kind,
    Lot,
    Order,
    OrderRecord,
    Outcome,
    Payment,
    PaymentStatus,
    Progress,
    Promise,
    Result,
    Ship,
    Shipment,
    Stock,
    Supply,
    explain,
    hold,
    process,
    review_queue,
)
from fulfill_core.optimal import best_value
from fulfill_core.orders.dates import (
    departures,
    first_deadline,
    first_departure,
    last_departure,
)
from fulfill_core.priorities import deadline, slack
from fulfill_core.priorities.times import describe
from fulfill_core.promises import from_calendars
from fulfill_core.reallocation import Reallocation
from fulfill_core.verifiers import authorization_lasts, plausible_dates

LATER, LAST = NOW + 3 * DAY, NOW + 6 * DAY
TWELVE = Inventory.of({("mug", "berlin"): 12})


def subject(*dates: datetime | None, **changes: Any) -> Order:
    """An order with a line of one mug for each date before which that does not leave."""
    lines = [line(str(number), ship_after=after) for number, after in enumerate(dates, 1)]
    return order("A", lines=lines, **changes)


def due(*dates: datetime | None, **changes: Any) -> Order:
    """An order with a line of one mug for each deadline."""
    lines = [line(str(number), deliver_by=by) for number, by in enumerate(dates, 1)]
    return order("A", lines=lines, **changes)


def run(entry: Order | OrderRecord, stock: Inventory = TWELVE, **options: Any) -> Result:
    """A run with one order."""
    return process([entry], stock, **{"now": NOW, **options})


def units(made: Decision) -> list[tuple[int, int, int, int]]:
    """Of each line what is confirmed, backordered, scheduled and held."""
    return [(row.confirmed, row.backordered, row.scheduled, row.held) for row in made.lines]


# -- Served ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("ship", [Ship.PARTIAL, Ship.LINES])
def test_a_line_waits_alone(ship: Ship) -> None:
    """What is not due takes nothing; the others go on. When its time comes, it joins them."""
    result = run(subject(None, LATER, ship=ship))
    made = result["A"]
    assert made.outcome is Outcome.PARTIALLY_ALLOCATED
    assert made.scheduled_lines == {"2"}
    assert units(made) == [(1, 0, 0, 0), (0, 0, 1, 0)]
    assert result.wake_at == LATER
    assert [(each.kind, [row[0] for row in each.lines]) for each in result.notifications] == [
        (Kind.CONFIRMED, ["1"]),
        (Kind.SCHEDULED, ["2"]),
    ]
    assert "Line 2 (1 x mug): 1 not looked at yet: it is not due before 2026-03-05 12:00 UTC." in (
        explain(result, "A").sentences
    )
    again = process(result.records, result.inventory, now=NOW)
    assert (again.notifications, again.inventory) == ((), result.inventory)
    then = process(result.records, result.inventory, now=LATER)
    assert then["A"].outcome is Outcome.ALLOCATED


def test_what_ships_complete_waits_for_its_last_line() -> None:
    """Nothing of it leaves before, so nothing of it takes stock before."""
    entry = subject(None, LATER, LAST, ship=Ship.COMPLETE)
    result = run(entry)
    assert result["A"].outcome is Outcome.SCHEDULED
    assert units(result["A"]) == [(0, 0, 1, 0)] * 3
    assert result.wake_at == LAST
    assert "not due before 2026-03-08 12:00 UTC" in str(explain(result, "A"))
    assert run(entry, now=LATER)["A"].outcome is Outcome.SCHEDULED
    assert run(entry, now=LAST)["A"].outcome is Outcome.ALLOCATED


def test_an_order_is_scheduled_until_its_first_line_is_due() -> None:
    """If no line is due, the order is not in the queue."""
    entry = subject(LATER, LAST)
    result = run(entry)
    assert (result["A"].outcome, result["A"].rank) == (Outcome.SCHEDULED, None)
    assert result.wake_at == LATER
    assert "not due before 2026-03-05 12:00 UTC" in str(explain(result, "A"))
    assert units(run(entry, now=LATER)["A"]) == [(1, 0, 0, 0), (0, 0, 1, 0)]


def test_a_line_goes_by_its_own_date_where_the_order_has_one() -> None:
    """Earlier or later: None is the order's."""
    result = run(subject(None, NOW, LAST, ship_after=LATER))
    assert units(result["A"]) == [(0, 0, 1, 0), (1, 0, 0, 0), (0, 0, 1, 0)]
    assert result.wake_at == LATER


def test_a_line_joins_the_queue_a_window_before() -> None:
    """As an order does: then it has its units, and leaves at its time."""
    policy = from_calendars({"berlin": LEAVES_AT_TWO}, {"berlin": DAY})
    result = run(subject(None, LATER), reservation_window=3 * DAY, promise=policy)
    promise = result["A"].promise
    assert result["A"].outcome is Outcome.ALLOCATED
    assert promise is not None
    assert [(each.lines, each.ships_at) for each in promise.shipments] == [
        ((("1", "mug", 1),), at(2, 14)),
        ((("2", "mug", 1),), at(5, 14)),
    ]
    whole = run(
        subject(None, LATER, ship=Ship.COMPLETE), reservation_window=3 * DAY, promise=policy
    )
    assert whole["A"].promise is not None
    assert [each.ships_at for each in whole["A"].promise.shipments] == [at(5, 14)]


def test_lines_that_leave_together_are_one_shipment() -> None:
    """Whatever their dates are, if the departure is the same; what is scheduled is in none."""
    lines = [line("1"), line("2", ship_after=NOW + HOUR), line("3", ship_after=LAST)]
    result = run(order("A", lines=lines), reservation_window=DAY, promise=ANYWHERE)
    promise = result["A"].promise
    assert promise is not None
    assert [each.lines for each in promise.shipments] == [(("1", "mug", 1), ("2", "mug", 1))]


def test_a_line_that_waits_for_a_supply_waits_for_its_date_too() -> None:
    """The later of the two."""
    supply = Supply(id="PO", sku="mug", quantity=9, expected_at=NOW + DAY, location="berlin")
    stock = Inventory(supplies=[supply], items=[Item(sku="mug", backorderable=True)])
    result = run(subject(None, LATER), stock, reservation_window=3 * DAY, promise=ANYWHERE)
    promise = result["A"].promise
    assert promise is not None
    assert [each.ships_at for each in promise.shipments] == [at(3, 14), at(5, 14)]


def test_what_is_reserved_for_a_line_that_is_not_due_stays() -> None:
    """It takes nothing, and gives up nothing."""
    first = run(subject(None, None))
    again = run(subject(None, LATER), first.inventory)
    assert again.inventory == first.inventory
    assert units(again["A"]) == [(1, 0, 0, 0), (1, 0, 0, 0)]


def test_a_line_that_lacks_stock_and_one_that_is_not_due() -> None:
    """Something waits, so the order does; it is not unfulfillable."""
    nothing = Inventory.of({("mug", "berlin"): 0})
    result = run(subject(None, LATER), nothing)
    assert result["A"].outcome is Outcome.BACKORDERED
    assert [each.kind for each in result.notifications] == [Kind.UNFULFILLABLE, Kind.SCHEDULED]


def test_one_line_on_hold_and_one_not_due() -> None:
    """One waits for a person, the other for its time: the order is scheduled."""

    def looks_at_the_first(entry: Order, /, *, context: Context) -> Any:
        yield hold("mine.first", line_id="1", field="lines", detail="Look at it.")

    entry = subject(None, LATER)
    result = run(entry, verifiers=[looks_at_the_first])
    assert result["A"].outcome is Outcome.SCHEDULED
    assert units(result["A"]) == [(0, 0, 0, 1), (0, 0, 1, 0)]
    then = run(entry, now=LATER, verifiers=[looks_at_the_first])
    assert units(then["A"]) == [(0, 0, 0, 1), (1, 0, 0, 0)]
    three = run(subject(None, LATER, None), verifiers=[looks_at_the_first])
    assert units(three["A"]) == [(0, 0, 0, 1), (0, 0, 1, 0), (1, 0, 0, 0)]


def test_a_line_that_has_left_does_not_count() -> None:
    """What is open of the order is not due, or all of it is due: as if the line were not there."""
    gone = [Progress(line_id="1", shipped=1)]
    record = OrderRecord(order=subject(None, LATER), progress=gone)
    assert run(record)["A"].outcome is Outcome.SCHEDULED
    early = OrderRecord(order=subject(LATER, None), progress=gone)
    assert run(early)["A"].scheduled_lines == frozenset()
    assert run(early)["A"].outcome is Outcome.ALLOCATED


def test_a_planner_plans_for_what_is_due() -> None:
    """Lines that are not due are no demand."""
    result = run(subject(None, LATER), planner=best_value())
    assert units(result["A"]) == [(1, 0, 0, 0), (0, 0, 1, 0)]


def test_a_lot_has_to_live_until_its_own_line_leaves() -> None:
    """A yoghurt that is sent today may be of a lot that the one for next week may not be of. If
    both are given out in one turn, the lots are fit for both.
    """
    kept = [Lot(id="L1", quantity=4, expires_at=NOW + 2 * DAY), Lot(id="L2", quantity=4)]
    stock = Inventory(stock=[Stock(sku="mug", location="berlin", on_hand=8, lots=kept)])

    def lots(
        after: datetime | None, window: timedelta, ship: Ship = Ship.PARTIAL
    ) -> dict[str, str]:
        entry = subject(None, after, ship=ship)
        result = run(entry, stock, reservation_window=window)
        return {row.line_id: row.lot for row in result["A"].allocations}

    assert lots(None, 7 * DAY) == {"1": "L1", "2": "L1"}
    assert lots(LATER, 0 * DAY) == {"1": "L1"}
    assert lots(LATER, 7 * DAY) == {"1": "L2", "2": "L2"}
    assert lots(LATER, 7 * DAY, Ship.COMPLETE) == {"1": "L2", "2": "L2"}


def test_what_is_reserved_has_to_live_until_its_line_leaves() -> None:
    """A lot that ends before is of no use to that line, and of use to the other."""
    kept = [Lot(id="L1", quantity=4, expires_at=NOW + 2 * DAY)]
    stock = Inventory(stock=[Stock(sku="mug", location="berlin", on_hand=4, lots=kept)])
    first = run(subject(None, None), stock)
    again = run(subject(None, LATER), first.inventory)
    assert [each.line_id for each in again["A"].unusable] == ["2"]


# -- Deadlines -------------------------------------------------------------------------------------


def test_the_earliest_deadline_that_is_open_gives_the_rank() -> None:
    """Of the lines, each with its own or the order's; what has left is not urgent any more."""
    entry = due(LATER, None, NOW + DAY, deliver_by=LAST)
    assert deadline(entry, context=Context(now=NOW)) == NOW + DAY
    assert slack(HOUR)(entry, context=Context(now=NOW)) == NOW + DAY - HOUR
    record = OrderRecord(order=entry, progress=[Progress(line_id="3", shipped=1)])
    context = Context(now=NOW, records=[record])
    assert deadline(entry, context=context) == LATER
    assert "due by 2026-03-05 12:00 UTC" in describe(deadline, entry, context=context)
    assert "due by 2026-03-05 12:00 UTC" in describe(slack(HOUR), entry, context=context)
    assert deadline(due(None, LATER), context=Context(now=NOW)) == LATER


def test_a_deadline_of_a_line_counts_for_people_and_for_freezing() -> None:
    """Reviews come by it, and a re-allocation leaves alone what is due soon."""
    entry = due(None, LATER)
    assert Reallocation(frozen_within=DAY).freezes_at(entry) == LATER - DAY
    held = attrs.evolve(entry, customer=attrs.evolve(ADA, email="", phone=""))
    other = attrs.evolve(held, id="B", lines=[line(deliver_by=NOW + DAY)])
    result = process([held, other], TWELVE, now=NOW)
    assert [review.order.id for review in review_queue(result)] == ["B", "A"]


def test_a_promise_is_late_for_the_line_that_is_late() -> None:
    """A part with a deadline of its own is late by that, and in time by that."""
    policy = from_calendars(
        {"berlin": LEAVES_AT_TWO, "oslo": LEAVES_AT_TWO}, {"berlin": DAY, "oslo": 4 * DAY}
    )
    stock = Inventory.of({("mug", "berlin"): 1, ("cup", "oslo"): 1})
    lines = [line("1"), line("2", "cup", deliver_by=at(7, 0))]
    for first, late_by, last in (
        (at(4, 0), None, "oslo"),
        (at(3, 13), HOUR, "berlin"),
    ):
        result = run(order("A", lines=lines, deliver_by=first), stock, promise=policy)
        promise = result["A"].promise
        assert promise is not None
        assert promise.late_by == late_by
        assert promise.last is not None
        assert promise.last.location == last
    assert promise.missed_deadline == at(3, 13)
    assert "late (it is due by 2026-03-03 13:00 UTC)" in str(explain(result, "A"))


def test_a_shipment_has_the_earliest_deadline_of_its_lines() -> None:
    """Without dates of lines it has none, and that of the order counts."""
    for entry, deadlines in (
        (due(LATER, NOW + DAY, deliver_by=LAST), [NOW + DAY]),
        (due(None, LAST, deliver_by=LATER), [LATER]),
        (due(None, None, deliver_by=LATER), [None]),
    ):
        promise = run(entry, promise=ANYWHERE)["A"].promise
        assert promise is not None
        assert [each.deliver_by for each in promise.shipments] == deadlines


def test_the_worst_of_several_counts() -> None:
    """Two parts are late: the promise is as late as the one that is late by most."""

    def part(sku: str, hours: int, by: datetime | None) -> Shipment:
        arrives = NOW + hours * HOUR
        rows = [("1", sku, 1)]
        return Shipment(
            location="berlin", lines=rows, ships_at=NOW, delivered_at=arrives, deliver_by=by
        )

    parts = [part("mug", 5, NOW), part("cup", 9, NOW + 8 * HOUR), part("pot", 3, None)]
    promise = Promise(shipments=parts, deliver_by=NOW + 2 * HOUR)
    assert promise.late_by == 5 * HOUR
    assert promise.missed_deadline == NOW
    assert Promise(shipments=parts[2:]).missed_deadline is None


# -- Verified --------------------------------------------------------------------------------------


def test_an_authorization_lasts_until_the_first_of_it_leaves() -> None:
    """If not even that: a hold. What is scheduled for later is a note once the rest was served."""
    payment = Payment(
        id="p",
        amount=Decimal(2),
        status=PaymentStatus.AUTHORIZED,
        expires_at=NOW + 4 * DAY,
    )
    rule = authorization_lasts()
    severities = {}
    for first in (None, LAST):
        lines = [
            line("1", ship_after=first, unit_price=Decimal(1)),
            line("2", ship_after=LAST, unit_price=Decimal(1)),
        ]
        entry = order("A", lines=lines, payments=[payment])
        result = run(entry, verifiers=[rule])
        [finding] = result["A"].findings
        promised = run(entry, verifiers=[rule], promise=ANYWHERE)["A"].findings
        assert [each.detail for each in promised] == [finding.detail]
        severities[first] = (finding.severity.name, "what is scheduled leaves" in finding.detail)
    assert severities == {None: ("NOTE", True), LAST: ("HOLD", False)}


@pytest.mark.parametrize(
    ("changes", "of_order", "fields"),
    [
        ({"deliver_by": NOW - DAY}, {}, ["deliver_by"]),
        ({"deliver_by": NOW + 400 * DAY}, {}, ["deliver_by"]),
        ({"ship_after": NOW + 400 * DAY}, {}, ["ship_after"]),
        ({"ship_after": LAST, "deliver_by": LATER}, {}, ["ship_after"]),
        ({"ship_after": LAST}, {"deliver_by": LATER}, ["ship_after"]),
        ({"deliver_by": LATER}, {"ship_after": LAST}, ["ship_after"]),
        ({}, {"ship_after": LAST, "deliver_by": LATER}, []),
        ({"ship_after": LATER}, {"deliver_by": NOW - DAY}, ["ship_after"]),
        ({"ship_after": LATER, "deliver_by": LAST}, {}, []),
    ],
)
def test_dates_of_a_line_are_plausible(
    changes: dict[str, Any], of_order: dict[str, Any], fields: list[str]
) -> None:
    """As those of the order are, each fault with its line; what is the order's is told once."""
    entry = order("A", lines=[line("1"), line("2", **changes)], **of_order)
    findings = plausible_dates()(entry, context=Context(now=NOW))
    of_lines = [(each.field, each.line_id) for each in findings if each.line_id]
    assert of_lines == [(f"lines[2].{field}", "2") for field in fields]


# -- Values ----------------------------------------------------------------------------------------


def test_dates_of_lines_are_part_of_the_version() -> None:
    """Who approved an order approved when its lines leave; without any it is what it was."""
    plain, later, by = subject(None), subject(LATER), due(LATER)
    assert len({each.fingerprint for each in (plain, later, by)}) == 3
    moved = attrs.evolve(plain, ship_after=LATER)
    assert moved.fingerprint != later.fingerprint
    assert (plain.has_line_dates, later.has_line_dates, by.has_line_dates) == (False, True, True)


@pytest.mark.parametrize("name", ["ship_after", "deliver_by"])
def test_a_date_of_a_line_is_an_aware_instant(name: str) -> None:
    """It is kept in UTC; a naive one, and a day for a deadline, are refused."""
    there = datetime(2026, 3, 5, 14, tzinfo=timezone(HOUR))
    assert getattr(line(**{name: there}), name) == there
    for value in (datetime(2026, 3, 5), date(2026, 3, 5), "2026-03-05"):  # noqa: DTZ001
        with pytest.raises(InvalidValueError, match=rf"OrderLine\.{name}"):
            line(**{name: value})


def test_what_is_asked_of_dates() -> None:
    """One module answers for the order and for its lines."""
    entry = subject(LATER, LAST, None, ship_after=NOW)
    assert departures(entry) == {NOW, LATER, LAST}
    assert departures(attrs.evolve(entry, ship=Ship.COMPLETE)) == {LAST}
    assert departures(due(NOW, ship=Ship.COMPLETE)) == frozenset()
    assert departures(order("A", 1)) == frozenset()
    assert departures(order("A", 1, ship_after=NOW)) == {NOW}
    assert first_departure(entry) == NOW
    assert first_departure(entry, ["3"]) == LATER
    assert first_departure(entry, ["1", "2", "3"]) is None
    assert last_departure(entry) == LAST
    assert last_departure(order("A", 1, ship_after=NOW)) == NOW
    assert first_deadline(due(LATER, LAST), ["1"]) == LAST
    assert first_deadline(due(LATER, LAST), ["1", "2"]) is None
