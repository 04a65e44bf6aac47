"""Runs that promise: what they add to a result, when they wake, and what customers are told."""

from __future__ import annotations

import pickle
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import attrs
import pytest
from builders import CONTEXT, NOW, decide, line, mugs, order, refusal, run
from hypothesis import given

from fulfill_core import (
    Backorder,
    BusinessCalendar,
    Context,
    CutOff,
    Decision,
    Facts,
    Inventory,
    Item,
    Kind,
    Notification,
    Order,
    Origin,
    Outcome,
    PastPromise,
    Payment,
    Promise,
    PromiseGap,
    PromisePolicy,
    Result,
    Shift,
    Ship,
    Shipment,
    Stock,
    Supply,
    authorization_lasts,
    better_promise,
    customer_and_staff,
    explain,
    from_calendars,
    hold,
    payment_covers,
    process,
    to_staff,
    together,
)
from fulfill_core.testing import Batch, batches

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
OFFICE = BusinessCalendar(timezone=UTC, shifts=[Shift(start=time(9), end=time(17))])
AT_TWO = Origin(calendar=OFFICE, cut_off=CutOff(calendar=OFFICE, at=time(14)))
ANYWHERE = from_calendars({}, {"berlin": DAY, "oslo": 3 * DAY, "": DAY}, otherwise=AT_TWO)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """An instant of March 2026; the 2nd, which is NOW, is a Monday."""
    return datetime(2026, 3, day, hour, minute, tzinfo=UTC)


def stock(on_hand: int = 5, *supplies: Supply, **changes: Any) -> Inventory:
    """Mugs in Berlin that may be backordered."""
    rows = [Stock(sku="mug", location="berlin", on_hand=on_hand)]
    item = Item(sku="mug", backorderable=True)
    return Inventory(rows, supplies, [item, *changes.pop("items", ())], **changes)


def supply(expected_at: datetime, supply_id: str = "PO-1", **changes: Any) -> Supply:
    """Mugs to come in, in Berlin."""
    content: dict[str, Any] = {"sku": "mug", "quantity": 9, "location": "berlin", **changes}
    return Supply(id=supply_id, expected_at=expected_at, **content)


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
        (3, "PO-1", 1),
        (4, "", 4),
    ]
    assert decision.promise is not None
    assert decision.promise.ships_at == at(10, 14)


def anywhere(made: Order, location: str) -> timedelta:
    """A day and a half, wherever it is."""
    return 36 * HOUR


POLICY = from_calendars({}, anywhere, otherwise=AT_TWO, destination=OFFICE)


def process_again(batch: Batch, result: Result, **options: Any) -> Result:
    """The same orders at the same time, on what the run left."""
    return process(batch.orders, result.inventory, now=batch.now, facts=batch.facts, **options)


@given(batches())
def test_a_promise_changes_nothing_else(batch: Batch) -> None:
    """Decisions, stock and the ids of messages are those of a run that promises nothing."""
    plain = process(batch.orders, batch.inventory, now=batch.now, facts=batch.facts)
    result = process(
        batch.orders, batch.inventory, now=batch.now, facts=batch.facts, promise=POLICY
    )
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


@given(batches())
def test_a_second_run_promises_the_same(batch: Batch) -> None:
    """On its own result, at the same time, every order is promised what it was, and told so."""
    facts = attrs.evolve(
        batch.facts,
        promises=[PastPromise(order_id=name, delivered_at=NOW) for name in ("A-1", "A-2", "A-3")],
    )
    batch = attrs.evolve(batch, facts=facts)
    first = process(batch.orders, batch.inventory, now=batch.now, facts=facts, promise=POLICY)
    second = process_again(batch, first, promise=POLICY)
    assert [each.promise for each in second.decisions] == [each.promise for each in first.decisions]
    assert second.notifications == first.notifications


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
            from_calendars({}, lambda order, location: "soon", otherwise=AT_TWO),  # type: ignore[arg-type, return-value]
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
    """The last moment at which the promise can be kept is over: a run then promises anew."""
    assert wake_at(ANYWHERE) == at(2, 14)
    slow = from_calendars({}, {"": DAY}, otherwise=attrs.evolve(AT_TWO, handling=HOUR))
    assert wake_at(slow) == at(2, 13)
    assert promised(order("A-1", 1), mugs(berlin=1), now=at(2, 14)).ships_at == at(3, 14)
    assert wake_at(None) is None


def test_a_policy_of_ones_own_may_say_when_it_changes() -> None:
    """Or not: it is asked only where it promised something, and what it says is checked."""
    assert wake_at(Fixed([NOW + HOUR, NOW + DAY])) == NOW + HOUR
    assert wake_at(lambda decision, context: None) is None
    assert wake_at(ANYWHERE, order("A-1", 1, discount=Decimal(9))) is None
    for points, problem in (
        (KeyError("x"), "raised KeyError('x')"),
        (["noon"], "raised InvalidValueError("),
    ):
        told = refusal(lambda: wake_at(Fixed(points)))  # noqa: B023 - called at once
        assert told.startswith(f"Fixed, asked about order 'A-1': {problem}")


def test_a_function_that_breaks_later_is_named_too() -> None:
    """Also when the result is asked when to wake."""
    answers = iter(["ups"])
    policy = from_calendars(
        {}, anywhere, otherwise=AT_TWO, carrier=lambda order, location: next(answers)
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
    rules = [payment_covers, authorization_lasts()]

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


# -- News ------------------------------------------------------------------------------------------


def told(before: datetime | None) -> Facts:
    """The customer was told so."""
    return Facts(promises=[PastPromise(order_id="A-1", delivered_at=before)])


def messages(
    facts: Facts, inventory: Inventory | None = None, **options: Any
) -> list[Notification]:
    """What the customer of an order for 7 mugs hears, who was told something before."""
    inventory = stock(5, supply(at(10, 9))) if inventory is None else inventory
    content: dict[str, Any] = {"promise": ANYWHERE, "verifiers": (), **options}
    return list(run(order("A-1", 7), stock=inventory, facts=facts, **content).notifications)


def kinds(some: Iterable[Notification]) -> list[str]:
    """What they are about."""
    return [each.kind for each in some]


@pytest.mark.parametrize(
    ("before", "is_news"),
    [(at(11, 14), False), (at(11, 15), False), (at(11, 13, 59), True), (at(2, 14), True)],
)
def test_a_delay_is_told_with_the_lines_and_the_new_date(before: datetime, is_news: bool) -> None:
    """If it arrives later than the customer was told; the same date, or an earlier one, is none."""
    some = messages(told(before))
    delays = [each for each in some if each.kind == Kind.DELAYED]
    assert bool(delays) is is_news
    for delay in delays:
        assert (delay.delivered_at, delay.told) == (at(11, 14), before)
        assert delay.lines == (("1", "mug", 7, 5, 2, 0, at(10, 9)),)
        assert delay.data["delivered_at"] == "2026-03-11T14:00:00+00:00"
        assert delay.data["told"] == before.isoformat()
        assert delay.recipient == "ada@example.com"


def test_a_date_that_is_lost_is_a_delay() -> None:
    """There was one, and nobody knows any more; where the customer knows that, it is no news."""
    (_, delay) = messages(told(at(11, 14)), stock(5))
    assert (delay.kind, delay.delivered_at, delay.told) == (Kind.DELAYED, None, at(11, 14))
    assert kinds(messages(told(None), stock(5))) == [Kind.PARTLY_BACKORDERED]
    assert kinds(messages(Facts(), stock(5))) == [Kind.PARTLY_BACKORDERED]
    assert kinds(messages(told(NOW), promise=None)) == [Kind.PARTLY_BACKORDERED]


def test_the_same_delay_is_the_same_news() -> None:
    """Another date is other news, and the same date is the same, whatever else has changed."""
    first = messages(told(at(4, 14)))[-1]
    again = messages(told(at(4, 14)), stock(6, supply(at(10, 9))))[-1]
    assert (first.kind, again.id) == (Kind.DELAYED, first.id)
    assert again.lines != first.lines
    assert messages(told(at(4, 14)), stock(5, supply(at(12, 9))))[-1].id != first.id
    assert messages(told(at(5, 14)))[-1].id != first.id
    assert first.id == "A-1:order.delayed:0ab4743c4273eecb"


def test_of_an_order_that_is_stopped_no_delay_is_told() -> None:
    """It is held, or scheduled, and that is what its customer hears."""
    later = order("A-1", 1, ship_after=NOW + DAY)
    some = run(later, stock=stock(), facts=told(NOW), promise=ANYWHERE).notifications
    assert kinds(some) == [Kind.SCHEDULED]


def test_lines_that_wait_for_a_person_are_not_delayed() -> None:
    """They are on hold; the delay concerns those that come."""
    held = Facts(promises=told(NOW).promises)
    subject = order("A-1", 1, 1)

    def stop(made: Order, /, *, context: Context) -> Any:
        return [hold("a.b", line_id="2")]

    some = run(subject, stock=stock(), facts=held, promise=ANYWHERE, verifiers=[stop]).notifications
    (delay,) = [each for each in some if each.kind == Kind.DELAYED]
    assert [row[0] for row in delay.lines] == ["1"]


def test_a_confirmation_says_when_it_arrives() -> None:
    """The date is in what the customer reads, and not in the id: another one is told as such."""
    plain = messages(Facts(), mugs(berlin=7), promise=None)
    dated = messages(Facts(), mugs(berlin=7))
    assert [each.id for each in dated] == [each.id for each in plain]
    assert [each.delivered_at for each in plain + dated] == [None, at(3, 14)]
    assert messages(Facts(), mugs(berlin=7), now=at(3, 15))[0].delivered_at == at(5, 14)
    decision = decide(order("A-1", 7), mugs(berlin=7), promise=ANYWHERE)
    assert to_staff(decision, Kind.REVIEW_NEEDED).delivered_at is None


@pytest.mark.parametrize(
    ("before", "at_least", "is_news"),
    [
        (at(11, 14), timedelta(0), False),
        (at(11, 15), timedelta(0), True),
        (at(11, 15), HOUR, True),
        (at(11, 15), 2 * HOUR, False),
        (None, 9 * DAY, True),
        (at(2, 14), timedelta(0), False),
    ],
)
def test_better_news_is_told_if_the_policy_says_so(
    before: datetime | None, at_least: timedelta, is_news: bool
) -> None:
    """A date earlier by so much, or a date at last."""
    policy = better_promise(at_least)
    some = messages(told(before), notifications=policy)
    assert kinds(some) == [Kind.EARLIER] * is_news
    assert [(each.delivered_at, each.told) for each in some] == [(at(11, 14), before)] * is_news
    assert messages(told(before), stock(5), notifications=policy) == []
    assert messages(Facts(), notifications=policy) == []
    assert messages(told(before), notifications=policy, promise=None) == []


def test_policies_tell_together() -> None:
    """One after the other; each may be one of the host's own."""
    policy = together(customer_and_staff, better_promise())
    assert kinds(messages(told(at(12, 14)), notifications=policy)) == [
        Kind.PARTLY_BACKORDERED,
        Kind.EARLIER,
    ]
    assert policy == together(customer_and_staff, better_promise())
    assert repr(policy) == (
        "together(customer_and_staff, better_promise(at_least=datetime.timedelta(0)))"
    )
    assert refusal(together) == "together.policies: () is empty; pass one at least"
    assert refusal(together, customer_and_staff, 3).startswith("together.policies[1]: 3 can't be")
    assert refusal(better_promise, -HOUR).startswith("better_promise.at_least: ")


def test_what_was_told_is_a_fact() -> None:
    """At most once per order, and of type `PastPromise`."""
    once = PastPromise(order_id="A-1", delivered_at=NOW)
    assert Facts(promises=[once]).promised("A-1") == once
    assert Facts(promises=[once]).promised("A-2") is None
    assert refusal(Facts, promises=[once, once]) == (
        "Facts.promises[1]: 'A-1' was given before; each order comes once"
    )
    assert refusal(Facts, promises=[NOW]).startswith("Facts.promises[0]: ")


@pytest.mark.parametrize("name", ["delivered_at", "told"])
def test_instants_of_messages_are_checked(name: str) -> None:
    """They are aware, and kept in UTC."""
    (message,) = customer_and_staff(decide(order("A-1", 1), mugs(berlin=1)), context=CONTEXT)
    made = attrs.evolve(message, **{name: NOW})
    assert getattr(made, name) == NOW
    assert made.data[name] == NOW.isoformat()
    naive = NOW.replace(tzinfo=None)
    assert refusal(attrs.evolve, message, **{name: naive}).startswith(f"Notification.{name}: ")


# -- In words --------------------------------------------------------------------------------------


def said(subject: Order, inventory: Inventory, **options: Any) -> list[str]:
    """What `explain` says of the promise."""
    result = run(subject, stock=inventory, **{"promise": ANYWHERE, "verifiers": (), **options})
    lines = str(explain(result, subject.id)).splitlines()
    starts = ("Shipment ", "All of it", "That is ", "So there is")
    return [each for each in lines if each.startswith(starts)]


def test_each_shipment_is_told() -> None:
    """Where it leaves and when, what it waits for, and when all of it is there."""
    assert said(order("A-1", 1), mugs(berlin=1)) == [
        (
            "Shipment of 1 x mug from berlin: leaves at 2026-03-02 14:00 UTC, arrives at"
            " 2026-03-03 14:00 UTC."
        )
    ]
    assert said(order("A-1", 4, 3), stock(5, supply(at(10, 9)))) == [
        (
            "Shipment of 5 x mug from berlin: leaves at 2026-03-02 14:00 UTC, arrives at"
            " 2026-03-03 14:00 UTC."
        ),
        (
            "Shipment of 2 x mug from berlin, with PO-1 (expected at 2026-03-10 09:00 UTC): leaves"
            " at 2026-03-10 14:00 UTC, arrives at 2026-03-11 14:00 UTC."
        ),
        "All of it is there at 2026-03-11 14:00 UTC.",
    ]
    assert said(order("A-1", 4), stock(5), promise=None) == []


@pytest.mark.parametrize(
    ("due", "inventory", "late"),
    [
        (at(11, 14), stock(0, supply(at(10, 9))), None),
        (
            at(10, 12),
            stock(0, supply(at(10, 9))),
            (
                "1 day 2 hours late (it is due by 2026-03-10 12:00 UTC): what comes last waits for"
                " PO-1 (expected at 2026-03-10 09:00 UTC)."
            ),
        ),
        (
            at(3, 13, 30),
            stock(1),
            (
                "30 minutes late (it is due by 2026-03-03 13:30 UTC): it leaves in time from"
                " berlin, and is under way for too long."
            ),
        ),
        (
            at(2, 13),
            stock(1),
            (
                "1 day 1 hour late (it is due by 2026-03-02 13:00 UTC): there is no earlier"
                " departure from berlin."
            ),
        ),
        (
            at(2, 13, 59),
            stock(0, supply(at(2, 13), location="")),
            (
                "1 day 1 minute late (it is due by 2026-03-02 13:59 UTC): what comes last waits for"
                " PO-1 (expected at 2026-03-02 13:00 UTC)."
            ),
        ),
    ],
)
def test_how_late_and_why_is_told(due: datetime, inventory: Inventory, late: str | None) -> None:
    """By the deadline, and by what comes last."""
    lines = said(order("A-1", 1, deliver_by=due), inventory)
    assert lines[1:] == ([] if late is None else [f"That is {late}"])


def test_why_there_is_no_date_is_told() -> None:
    """For each shipment that has none; then the whole has none."""
    end = "So there is no promise of when all of it is there."
    assert said(order("A-1", 2), stock(1)) == [
        (
            "Shipment of 1 x mug from berlin: leaves at 2026-03-02 14:00 UTC, arrives at"
            " 2026-03-03 14:00 UTC."
        ),
        "Shipment of 1 x mug: no date to leave, because nobody knows when it comes in.",
        end,
    ]
    assert said(order("A-1", 1), mugs(paris=1)) == [
        (
            "Shipment of 1 x mug from paris: leaves at 2026-03-02 14:00 UTC, no date to arrive,"
            " because it is not known how long it is under way."
        ),
        end,
    ]
    assert said(order("A-1", 1), stock(0, supply(NOW - DAY)))[0] == (
        "Shipment of 1 x mug from berlin, with PO-1, which is overdue: no date to leave, because"
        " nobody knows when it comes in."
    )
