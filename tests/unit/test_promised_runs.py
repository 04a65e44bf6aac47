"""Runs that promise: what they add to a result, and when they wake."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import attrs
import pytest
from builders import NOW, decide, line, mugs, order, refusal, run
from effort import FEWER
from hypothesis import given
from some_promises import (
    ANYWHERE,
    DAY,
    HOUR,
    LEAVES_AT_TWO,
    OFFICE,
    at,
    stock,
    supply,
)

from fulfill_core import (
    Audience,
    Backorder,
    Context,
    Decision,
    Inventory,
    Item,
    Order,
    OrderRecord,
    Outcome,
    Payment,
    Promise,
    Result,
    Ship,
    Shipment,
    Told,
    explain,
    process,
)
from fulfill_core.decisions import PromiseGap
from fulfill_core.promises import from_calendars
from fulfill_core.protocols import PromisePolicy
from fulfill_core.testing import Batch, batches
from fulfill_core.verifiers import authorization_lasts, covers_total


def promised(subject: Order, inventory: Inventory, **options: Any) -> Promise:
    """What is promised to an order that is alone."""
    promise = decide(subject, inventory, **{"promise": ANYWHERE, **options}).promise
    assert promise is not None
    return promise


# -- What a run adds -------------------------------------------------------------------------------


def test_without_a_policy_nothing_is_promised() -> None:
    """And a result keeps no column for it."""
    result = run(order("A-1", 1), stock=mugs(berlin=1))
    assert (result["A-1"].promise, result.decisions.promises) == (None, ())


def test_a_decision_carries_its_promise() -> None:
    """However one comes to the decision; orders outside the queue have none."""
    result = run(
        order("A-1", 1),
        order("A-2", 1, ship_after=NOW + DAY),
        order("A-3", 9),
        stock=mugs(berlin=1),
        promise=ANYWHERE,
    )
    promise = result["A-1"].promise
    assert promise is not None
    assert promise.delivered_at == at(3, 14)
    assert [each.promise for each in result.decisions] == [promise, None, None]
    assert [result.decisions[index].promise for index in range(3)] == [promise, None, None]
    assert pickle.loads(pickle.dumps(result)) == result  # noqa: S301 - our own bytes


def test_goods_on_order_are_promised_from_where_they_come_in() -> None:
    """A backorder names the location of its supply, and so does its shipment."""
    inventory = stock(0, supply(at(10, 9), location="oslo"))
    decision = decide(order("A-1", 2), inventory, promise=ANYWHERE)
    expected = Backorder(
        line_id="1",
        sku="mug",
        quantity=2,
        supply_id="PO-1",
        expected_at=at(10, 9),
        location="oslo",
    )
    assert decision.backorders == (expected,)
    assert decision.promise is not None
    assert decision.promise.delivered_at == at(13, 14)


def test_an_overdue_supply_has_no_date() -> None:
    """It still comes, nobody knows when."""
    promise = promised(order("A-1", 9), stock(5, supply(NOW - DAY)))
    assert [(each.supply_id, each.gap) for each in promise.shipments] == [
        ("", None),
        ("PO-1", PromiseGap.NO_SUPPLY_DATE),
    ]


def test_a_complete_order_is_promised_with_the_last_that_it_waits_for() -> None:
    """What is on hand is not kept for it, and needs no supply: it leaves with what is missing."""
    inventory = stock(
        5,
        supply(at(10, 9), sku="cup"),
        items=[Item(sku="cup", backorderable=True)],
    )
    subject = order(lines=[line("1", "mug", 2), line("2", "cup", 1)], ship=Ship.COMPLETE)
    result = run(subject, stock=inventory, promise=ANYWHERE)
    assert [(row.sku, row.quantity, row.on_hand) for row in result["A-1"].backorders] == [
        ("mug", 2, 2),
        ("cup", 1, 0),
    ]
    promise = result["A-1"].promise
    assert promise is not None
    assert (promise.ships_at, promise.delivered_at) == (at(10, 14), at(11, 14))
    assert promised(attrs.evolve(subject, lines=[line("1", "mug", 2)]), inventory).ships_at == at(
        2, 14
    )


def test_of_one_item_only_what_is_missing_waits() -> None:
    """5 on hand and 3 to come are enough for 7: the order waits for the supply, and for no more."""
    inventory = stock(5, supply(at(10, 9), quantity=3))
    decision = decide(order("A-1", 7, ship=Ship.COMPLETE), inventory, promise=ANYWHERE)
    assert [(row.quantity, row.supply_id, row.on_hand) for row in decision.backorders] == [
        (7, "PO-1", 5),
    ]
    assert decision.promise is not None
    assert decision.promise.ships_at == at(10, 14)


def anywhere(made: Order, location: str) -> timedelta:
    """A day and a half, wherever it is."""
    return 36 * HOUR


POLICY = from_calendars({}, anywhere, otherwise=LEAVES_AT_TWO, destination=OFFICE)


def stands(decision: Decision) -> list[tuple[int, int, int]]:
    """What each line of it has, waits for and lacks."""
    return [(each.confirmed, each.backordered, each.short) for each in decision.lines]


def process_again(batch: Batch, result: Result, **options: Any) -> Result:
    """The same orders at the same time, on what the run left."""
    return process(batch.orders, result.inventory, now=batch.now, facts=batch.facts, **options)


def without_ends(inventory: Inventory) -> Inventory:
    """The same stock, of which no lot ends."""
    rows = [
        attrs.evolve(row, lots=[attrs.evolve(each, expires_at=None) for each in row.lots])
        for row in inventory.stock()
    ]
    return Inventory(
        stock=rows,
        supplies=inventory.supplies(),
        items=inventory.items(),
        locations=inventory.locations(),
        reservations=inventory.reservations(),
    )


@FEWER
@given(batches())
def test_a_promise_changes_nothing_else(batch: Batch) -> None:
    """Where no lot ends, decisions, stock and the ids of messages are those of a run that promises
    nothing.
    """
    stock = without_ends(batch.inventory)
    plain = process(batch.orders, stock, now=batch.now, facts=batch.facts)
    result = process(batch.orders, stock, now=batch.now, facts=batch.facts, promise=POLICY)
    assert [attrs.evolve(each, promise=None) for each in result.decisions] == list(plain.decisions)
    assert result.inventory == plain.inventory
    assert [each.id for each in result.notifications] == [each.id for each in plain.notifications]
    with_rank = [each for each in result.decisions if each.promise is not None]
    assert all(each.rank is not None for each in with_rank)
    for decision in with_rank:
        assert decision.promise is not None
        units = sum(row[2] for each in decision.promise.shipments for row in each.lines)
        most = sum(row.quantity for row in (*decision.allocations, *decision.backorders))
        assert units <= most + sum(row.quantity for row in decision.reserved)


@FEWER
@given(batches())
def test_a_second_run_promises_the_same(batch: Batch) -> None:
    """On its own result, at the same time, all are promised and told the same."""
    told = Told(audience=Audience.CUSTOMER, id="a", delivered_at=NOW, at=NOW)
    records = [
        entry if isinstance(entry, OrderRecord) else OrderRecord(order=entry)
        for entry in batch.orders
    ]
    orders = [
        attrs.evolve(record, told=[told]) if record.id < "A-4" else record for record in records
    ]
    batch = attrs.evolve(batch, orders=tuple(orders))
    first = process(batch.orders, batch.inventory, now=batch.now, facts=batch.facts, promise=POLICY)
    second = process_again(batch, first, promise=POLICY)
    for before, after in zip(first.decisions, second.decisions, strict=True):
        assert stands(before) == stands(after)
        assert after.promise == before.promise
    assert [each.id for each in second.notifications] == [each.id for each in first.notifications]


# -- Plug-ins that break ---------------------------------------------------------------------------


def raises(decision: Decision, /, *, context: Context) -> Promise | None:
    """It breaks."""
    raise KeyError(decision.id)


def gives_text(decision: Decision, /, *, context: Context) -> Any:
    """No promise."""
    return "on Friday"


@attrs.frozen(repr=False)
class Fixed:
    """A policy that promises NOW, and knows turning points of its own."""

    points: Any = None

    def __call__(self, decision: Decision, /, *, context: Context) -> Promise | None:
        leaves = Shipment(
            location="berlin", lines=[("1", "mug", 1)], ships_at=NOW, delivered_at=NOW
        )
        return Promise(shipments=[leaves])

    def turning_points(self, decision: Decision, /, *, context: Context) -> Iterator[datetime]:
        if isinstance(self.points, Exception):
            raise self.points
        return iter(self.points)


@pytest.mark.parametrize(
    ("policy", "message"),
    [
        (
            raises,
            "raises, asked about order 'A-1': raised KeyError('A-1'); a policy must not raise",
        ),
        (
            gives_text,
            "gives_text, asked about order 'A-1': returned a str; return a Promise or None",
        ),
        ("friday", "promise: 'friday' can't be called; pass a function or another callable"),
        (
            from_calendars({}, lambda order, location: "soon", otherwise=LEAVES_AT_TWO),  # type: ignore[arg-type, return-value]
            (
                "<lambda>, asked about order 'A-1': returned 'soon'; return a timedelta, an int of"
                " working days, or None: it is no length of time; pass a timedelta, or an int of"
                " working days"
            ),
        ),
    ],
)
def test_a_policy_that_breaks_is_named(policy: Any, message: str) -> None:
    """With the order that it was asked about: there is no promise that would be safe."""
    assert refusal(run, order("A-1", 1), stock=mugs(berlin=1), promise=policy) == message


def wake_at(policy: PromisePolicy | None, *subjects: Order, **options: Any) -> datetime | None:
    """When to run again."""
    return run(
        *subjects or [order("A-1", 1)], stock=mugs(berlin=1), promise=policy, **options
    ).wake_at


def test_a_result_wakes_when_a_departure_is_missed() -> None:
    """The departure that was promised is over: a run then promises anew. Until then what is
    reserved is being handled, and handling does not begin anew in each run.
    """
    assert wake_at(ANYWHERE) == at(2, 14)
    slow = from_calendars({}, {"": DAY}, otherwise=attrs.evolve(LEAVES_AT_TWO, handling=HOUR))
    assert wake_at(slow) == at(2, 14)
    assert promised(order("A-1", 1), mugs(berlin=1), now=at(2, 14)).ships_at == at(3, 14)
    assert wake_at(None) is None


def test_a_policy_of_ones_own_may_say_when_it_changes() -> None:
    """Or not: it is asked only where it promised something, and what it says is checked."""
    assert wake_at(Fixed([NOW + HOUR, NOW + DAY])) == NOW + HOUR
    assert wake_at(lambda decision, context: None) is None
    assert wake_at(ANYWHERE, order("A-1", 1, discount=Decimal(9))) is None
    for points, problem in (
        (KeyError("x"), "KeyError: 'x'"),
        (["noon"], "InvalidValueError: "),
    ):
        told = refusal(lambda: wake_at(Fixed(points)))  # noqa: B023 - called at once
        said = "could not say when time changes what it says"
        assert told.startswith(f"Fixed, asked about order 'A-1': {said}: {problem}")


def test_a_function_that_breaks_later_is_named_too() -> None:
    """Also when the result is asked when to wake."""
    answers = iter(["ups"])
    policy = from_calendars(
        {}, anywhere, otherwise=LEAVES_AT_TWO, carrier=lambda order, location: next(answers)
    )
    result = run(order("A-1", 1), stock=mugs(berlin=1), promise=policy)
    assert refusal(lambda: result.wake_at).startswith(
        "<lambda>, asked about order 'A-1': raised StopIteration()"
    )


# -- The reservation window ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("window", "outcome", "wake"),
    [
        (timedelta(0), Outcome.SCHEDULED, NOW + 30 * DAY),
        (7 * DAY, Outcome.SCHEDULED, NOW + 23 * DAY),
        (30 * DAY - timedelta.resolution, Outcome.SCHEDULED, NOW + timedelta.resolution),
        (30 * DAY, Outcome.ALLOCATED, None),
        (36_525 * DAY, Outcome.ALLOCATED, None),
    ],
)
def test_far_future_orders_do_not_hoard(
    window: timedelta, outcome: Outcome, wake: datetime | None
) -> None:
    """An order takes stock so long before it may be shipped, and not earlier; the result says when
    that is.
    """
    future = order("A-1", 1, ship_after=NOW + 30 * DAY)
    result = run(future, stock=mugs(berlin=1), reservation_window=window)
    assert (result["A-1"].outcome, result.wake_at) == (outcome, wake)


def test_it_joins_the_queue_at_the_wake_up_time() -> None:
    """A run at `wake_at` serves it; until then others take what is scarce."""
    future, other = order("A-1", 1, ship_after=NOW + 30 * DAY), order("A-2", 1)
    early = run(future, other, stock=mugs(berlin=1), reservation_window=7 * DAY)
    assert [each.outcome for each in early.decisions] == [Outcome.ALLOCATED, Outcome.SCHEDULED]
    assert early.wake_at is not None
    for before, outcome in (
        (timedelta.resolution, Outcome.SCHEDULED),
        (timedelta(0), Outcome.ALLOCATED),
    ):
        then = early.wake_at - before
        again = decide(future, mugs(berlin=1), now=then, reservation_window=7 * DAY)
        assert again.outcome is outcome


def test_when_it_joins_the_queue_is_told() -> None:
    """Where there is a window, `explain` says when the order takes stock."""
    future = order("A-1", 1, ship_after=NOW + 30 * DAY)
    opening = "Order A-1 is scheduled: it is not due before 2026-04-01 12:00 UTC."
    for window, more in (
        (timedelta(0), ""),
        (7 * DAY, " It takes stock from 2026-03-25 12:00 UTC on."),
    ):
        result = run(future, stock=mugs(berlin=1), reservation_window=window)
        assert explain(result, "A-1").sentences[0] == opening + more


def test_a_window_does_not_send_anything_earlier() -> None:
    """What is set aside in the window is promised for when it may leave."""
    future = order("A-1", 1, ship_after=at(12, 15))
    promise = promised(future, mugs(berlin=1), reservation_window=30 * DAY)
    assert promise.ships_at == at(13, 14)


def test_a_window_that_leads_off_the_calendar_is_always_open() -> None:
    """Time begins in the year 1."""
    ancient = order("A-1", 1, ship_after=datetime(3, 1, 1, tzinfo=UTC))
    early = datetime(2, 1, 1, tzinfo=UTC)
    made = decide(ancient, mugs(berlin=1), now=early, reservation_window=36_500 * DAY)
    assert made.outcome is not Outcome.SCHEDULED


@pytest.mark.parametrize(
    ("window", "problem"),
    [
        (-DAY, "datetime.timedelta(days=-1) is below zero; pass a timedelta of zero or more"),
        (7, "7 is not a timedelta; pass one, such as timedelta(days=30)"),
        (None, "None is not a timedelta; pass one, such as timedelta(days=30)"),
    ],
)
def test_a_bad_window_is_refused(window: Any, problem: str) -> None:
    """By name and value."""
    assert refusal(run, reservation_window=window) == f"reservation_window: {problem}"


# -- The authorization -----------------------------------------------------------------------------


def test_an_authorization_has_to_last_until_the_promised_departure() -> None:
    """The goods are there and the cut-off has passed: it expires before the next one, and that is
    noted with both dates. Without a date, the supply is what is known.
    """
    payment = Payment(id="p1", amount=Decimal(20), expires_at=at(3, 12))
    subject = order(lines=[line(quantity=2, unit_price=Decimal(10))], payments=[payment])
    rules = [covers_total(), authorization_lasts()]

    def noted(inventory: Inventory, **options: Any) -> list[str]:
        findings = decide(subject, inventory, verifiers=rules, **options).findings
        return [each.detail for each in findings]

    late = at(2, 15)
    expires = "The authorization of 20 EUR expires at 2026-03-03 12:00 UTC"
    assert noted(stock(5), now=late) == []
    assert noted(stock(5), now=late, promise=ANYWHERE) == [
        f"{expires}; the last of it leaves at 2026-03-03 14:00 UTC, as promised."
    ]
    assert noted(stock(5), promise=ANYWHERE) == []
    nowhere = from_calendars({}, {})
    assert noted(stock(0, supply(at(9, 9))), promise=nowhere) == [
        f"{expires}; what is backordered leaves at 2026-03-09 09:00 UTC at the earliest."
    ]
