"""What customers are told of promises, and what `explain` says of them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import attrs
import pytest
from builders import CONTEXT, NOW, decide, mugs, order, refusal, run, run_record
from some_promises import ANYWHERE, DAY, HOUR, LEAVES_AT_TWO, at, stock, supply

from fulfill_core import (
    Audience,
    Context,
    Inventory,
    Kind,
    Notification,
    Order,
    OrderRecord,
    Result,
    Told,
    explain,
    hold,
)
from fulfill_core.notifications import better_promise, customer_and_staff, to_staff, together
from fulfill_core.promises import from_calendars

# -- News ------------------------------------------------------------------------------------------


def told(before: datetime | None) -> list[Told]:
    """The customer was told so."""
    return [Told(audience=Audience.CUSTOMER, id="a", delivered_at=before, at=NOW - DAY)]


def run_told(subject: Order, before: Iterable[Told], stock: Inventory, **options: Any) -> Result:
    """A run of an order of which something was told before."""
    return run_record(OrderRecord(order=subject, told=before), stock, **options)


def messages(
    before: Iterable[Told], inventory: Inventory | None = None, **options: Any
) -> list[Notification]:
    """What the customer of an order for 7 mugs hears, who was told something before."""
    inventory = stock(5, supply(at(10, 9))) if inventory is None else inventory
    content: dict[str, Any] = {"promise": ANYWHERE, "verifiers": (), **options}
    return list(run_told(order("A-1", 7), before, inventory, **content).notifications)


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
        assert (delay.delivered_at, delay.previous_date) == (at(11, 14), before)
        assert delay.lines == (("1", "mug", 7, 5, 2, 0, at(10, 9)),)
        assert delay.data["delivered_at"] == "2026-03-11T14:00:00+00:00"
        assert delay.data["previous_date"] == before.isoformat()
        assert delay.recipient == "ada@example.com"
        assert delay.reasons == ()


def test_a_date_that_is_lost_is_a_delay() -> None:
    """There was one, and nobody knows any more; where the customer knows that, it is no news."""
    (_, delay) = messages(told(at(11, 14)), stock(5))
    assert (delay.kind, delay.delivered_at, delay.previous_date) == (Kind.DELAYED, None, at(11, 14))
    assert delay.reasons == (("reason", "not_in_stock"),)
    assert kinds(messages(told(None), stock(5))) == [Kind.PARTLY_BACKORDERED]
    assert kinds(messages([], stock(5))) == [Kind.PARTLY_BACKORDERED]
    assert kinds(messages(told(NOW), promise=None)) == [Kind.PARTLY_BACKORDERED]


def test_a_date_that_is_lost_for_another_reason_is_not_said_to_be_out_of_stock() -> None:
    """All of it is there, and nobody knows how long it takes to its customer."""
    promise = from_calendars({}, {}, otherwise=LEAVES_AT_TWO)
    [*_, delay] = messages(told(at(11, 14)), stock(9), promise=promise)
    assert (delay.kind, delay.delivered_at, delay.reasons) == (Kind.DELAYED, None, ())


def test_the_same_delay_is_the_same_news() -> None:
    """Another date is other news, and the same date is the same, whatever else has changed."""
    first = messages(told(at(4, 14)))[-1]
    again = messages(told(at(4, 14)), stock(6, supply(at(10, 9))))[-1]
    assert (first.kind, again.id) == (Kind.DELAYED, first.id)
    assert again.lines != first.lines
    assert messages(told(at(4, 14)), stock(5, supply(at(12, 9))))[-1].id != first.id
    assert messages(told(at(5, 14)))[-1].id != first.id
    assert first.id == "A-1:order.delayed:0acc7be68fa8bb72"


def test_a_delay_holds_until_another_date_is_told() -> None:
    """The run after it has nothing to say and changes no record; and the next delay takes its
    place, if it was not sent yet.
    """
    record = OrderRecord(order=order("A-1", 7))
    results: list[Result] = []
    for day in (10, 12, 12, 17):
        inventory = stock(5, supply(at(day, 9)))
        result = run_record(record, inventory, promise=ANYWHERE, verifiers=())
        results.append(result)
        [record] = result.records
    first, second = [
        message for result in results for message in result.notifications if message.is_about_date
    ]
    assert results[2].changed_records == ()
    assert first.id in second.supersedes


def test_of_an_order_that_is_stopped_no_delay_is_told() -> None:
    """It is held, or scheduled, and that is what its customer hears."""
    later = order("A-1", 1, ship_after=NOW + DAY)
    some = run_told(later, told(NOW), stock(), promise=ANYWHERE).notifications
    assert kinds(some) == [Kind.SCHEDULED]


def test_lines_that_wait_for_a_person_are_not_delayed() -> None:
    """They are on hold; the delay concerns those that come."""
    subject = order("A-1", 1, 1)

    def stop(made: Order, /, *, context: Context) -> Any:
        return [hold("a.b", line_id="2")]

    result = run_told(subject, told(NOW), stock(), promise=ANYWHERE, verifiers=[stop])
    (delay,) = [each for each in result.notifications if each.kind == Kind.DELAYED]
    assert [row[0] for row in delay.lines] == ["1"]


def test_a_confirmation_says_when_it_arrives() -> None:
    """The date is in what the customer reads, and not in the id: another one is told as such."""
    plain = messages([], mugs(berlin=7), promise=None)
    dated = messages([], mugs(berlin=7))
    assert [each.id for each in dated] == [each.id for each in plain]
    assert [each.delivered_at for each in plain + dated] == [None, at(3, 14)]
    assert messages([], mugs(berlin=7), now=at(3, 15))[0].delivered_at == at(5, 14)
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
    assert [(each.delivered_at, each.previous_date) for each in some] == [
        (at(11, 14), before)
    ] * is_news
    assert messages(told(before), stock(5), notifications=policy) == []
    assert messages([], notifications=policy) == []
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
        "together(CustomerAndStaff(), better_promise(at_least=datetime.timedelta(0)))"
    )
    assert refusal(together) == "together.policies: () is empty; pass one at least"
    assert refusal(together, customer_and_staff, 3).startswith("together.policies[1]: 3 can't be")
    assert refusal(better_promise, -HOUR).startswith("better_promise.at_least: ")


@pytest.mark.parametrize("name", ["delivered_at", "previous_date"])
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
