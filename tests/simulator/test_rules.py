"""The rules that no adapter alone can break: they are there for the library."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import attrs
import pytest

from fulfill_core import Audience, Inventory, Kind, Notification, Order, OrderRecord, process
from fulfill_core.hosting import CommitPlan, JobReport, OutboxRow, Run
from fulfill_core.inventory import Changes, Reservation
from fulfill_core.lifecycle import Shipped, advance
from fulfill_core.testing import ALL_CAPABILITIES, Checkout, Dispatch
from fulfill_core.testing.simulator.books import Books, BrokenRuleError, Rule
from fulfill_core.testing.simulator.facts import Facts
from fulfill_core.testing.simulator.shop import START, job_of, stock

STOCK = stock(ALL_CAPABILITIES)


def clock() -> Any:
    """It stands still."""
    return START


def new_order(units: int = 2) -> Order:
    """An order of mugs."""
    job: Any = job_of(Checkout(order="A-1", units={"mug": units}), clock)[1]
    return job.new_orders[0]


def parcel(units: int = 2) -> Shipped:
    """A parcel of it."""
    move = Dispatch(parcel="p1", order="A-1", location="berlin", units={"mug": units})
    event: Any = job_of(move, clock)[1]
    return event


def record() -> OrderRecord:
    """Its record, when all of it is reserved."""
    return process([new_order()], STOCK, now=START, verifiers=[]).records[0]


def accepted(facts: Facts, *parcels: Shipped) -> OrderRecord:
    """The order and parcels are accepted; the record after the last."""
    job = Run(orders=[new_order()])
    facts.accept(job, JobReport(job=job, status="done", outcome=None))
    before = record()
    for event in parcels:
        step = advance(before, event, STOCK, now=START)
        facts.accept(event, JobReport(job=event, status="done", outcome=step))
    return advance(before, parcels[0], STOCK, now=START).record if parcels else before


def message(name: str, **changes: Any) -> OutboxRow:
    """A row with a message."""
    content: dict[str, Any] = {
        "kind": Kind.CONFIRMED,
        "order_id": "A-1",
        "audience": Audience.CUSTOMER,
        "recipient": "ada@example.com",
        "locale": "en",
    }
    news = Notification(**{**content, **changes})
    return OutboxRow(id=name, order_id="A-1", content=news, due_at=START)


def plan(name: str, *rows: OutboxRow, **content: Any) -> CommitPlan:
    """A plan with rows."""
    return CommitPlan(id=name, at=START, rows=rows, **content)


def broken(act: Callable[[], object]) -> tuple[Rule, str]:
    """The rule that it breaks, and by what."""
    with pytest.raises(BrokenRuleError) as caught:
        act()
    return caught.value.rule, caught.value.detail


# -- The books ---------------------------------------------------------------------------------


def test_the_same_news_twice_is_no_news() -> None:
    """To one customer, with nothing in between."""
    books = Books(STOCK)
    books.commit(plan("1", message("m1")))
    again = plan("2", message("m2", previous_id="m1"))
    assert broken(lambda: books.commit(again)) == (Rule.NEWS, "m2 says what m1 said")


@pytest.mark.parametrize(
    "rows",
    [
        [message("m2", kind=Kind.CANCELLED), message("m3", previous_id="m2")],
        [message("m2", recipient="grace@example.com")],
        [message("m2", subject="parcel:p1")],
    ],
)
def test_other_news_is_news(rows: list[OutboxRow]) -> None:
    """Of something else, to somebody else, or as it was before something else was told."""
    books = Books(STOCK)
    books.commit(plan("1", message("m1")))
    books.commit(plan("2", *rows))
    assert [*books.entries] == ["m1", *[row.id for row in rows]]


def test_what_was_withdrawn_may_be_said() -> None:
    """It has never been told."""
    books = Books(STOCK)
    books.commit(plan("1", message("m1")))
    books.commit(plan("2", message("m2"), withdrawn=["m1", "m0"]))
    assert broken(lambda: books.hand_out([message("m1", previous_id="x")], 9, START, START)) == (
        Rule.OUTBOX,
        "m1 is handed out: it was withdrawn",
    )


def test_what_was_handed_out_is_no_draft() -> None:
    """Somebody may have read it."""
    books = Books(STOCK)
    row = message("m1")
    books.commit(plan("1", row))
    until = START + timedelta(hours=1)
    handed_out = attrs.evolve(row, due_at=until, attempts=1, doubts=1)
    books.hand_out([handed_out], 9, START, until)
    assert broken(lambda: books.commit(plan("2", drafts=["m1"]))) == (
        Rule.NEWS,
        "m1 is no draft: it was handed out",
    )


def test_a_draft_is_overtaken() -> None:
    """Nobody has read it: it is out of the outbox."""
    books = Books(STOCK)
    books.commit(plan("1", message("m1"), message("m2", subject="parcel:p1")))
    books.commit(plan("2", drafts=["m1", "m2"]))
    assert [entry.is_open for entry in books.entries.values()] == [False, False]


def test_a_row_is_written_once() -> None:
    """Under its id; and a plan is."""
    books = Books(STOCK)
    first = plan("1", message("m1"))
    for each in (first, plan("2", message("m1")), first):
        books.commit(each)
    assert books.entries["m1"].row == message("m1")
    assert books.plan_ids == {"1", "2"}


def test_a_row_of_which_nobody_knows_is_not_handed_out() -> None:
    """Nor is one gone that has not been sent."""
    books = Books(STOCK)
    assert broken(lambda: books.hand_out([message("m1")], 9, START, START)) == (
        Rule.OUTBOX,
        "m1 is handed out: nobody committed it",
    )
    assert broken(lambda: books.check_outbox({"m1"})) == (Rule.OUTBOX, "m1: not sent, or gone")


def test_units_that_are_not_there_can_not_be_promised() -> None:
    """Neither at once, nor bit by bit."""
    units = Reservation(order_id="A-1", line_id="mug", sku="mug", location="lyon", quantity=2)
    other = attrs.evolve(units, order_id="A-2")
    books = Books(STOCK)
    books.commit(plan("1", changes=Changes(reservations_added=[units])))
    assert broken(lambda: books.commit(plan("2", changes=Changes(reservations_added=[other])))) == (
        Rule.OVERSOLD,
        "4 of mug in lyon are reserved, and 3 are there",
    )


# -- The facts ---------------------------------------------------------------------------------


def test_an_id_is_of_one_order_and_of_one_parcel() -> None:
    """The second one is not accepted."""
    facts = Facts(STOCK)
    accepted(facts)
    job = Run(orders=[new_order(3)])
    report = JobReport(job=job, status="done", outcome=None)
    assert broken(lambda: facts.accept(job, report)) == (
        Rule.LOST,
        "two orders with the id A-1 were accepted",
    )
    assert broken(lambda: accepted(facts, parcel(), parcel(1))) == (
        Rule.STOCK,
        "two reports of parcel p1 were accepted, with other units",
    )


def test_a_parcel_has_an_order() -> None:
    """One that was accepted."""
    facts = Facts(STOCK)
    step = advance(record(), parcel(), STOCK, now=START)
    facts.accept(parcel(), JobReport(job=parcel(), status="done", outcome=step))
    assert broken(lambda: facts.check(STOCK, {}, {}, Books(STOCK), START)) == (
        Rule.LOST,
        "A-1 has a parcel, and was never accepted",
    )


AFTER = Inventory(
    stock=[
        attrs.evolve(row, on_hand=row.on_hand - 2 * (row.location == "berlin" and row.sku == "mug"))
        for row in STOCK.stock()
    ]
)


@pytest.mark.parametrize(
    ("inventory", "is_shipped", "captured", "expected"),
    [
        (STOCK, True, "9.90", (Rule.STOCK, "4 of mug are in berlin, not 2")),
        (AFTER, False, "9.90", (Rule.STOCK, "of A-1 left {'mug': 2}, and its record says {}")),
        (
            AFTER,
            True,
            "4.95",
            (Rule.EFFECTS, "4.95 were captured of order A-1, and 9.90 are due"),
        ),
        (
            AFTER,
            True,
            "19.80",
            (Rule.EFFECTS, "19.80 were captured of order A-1, and 9.90 are due"),
        ),
    ],
)
def test_what_left_is_gone_and_paid(
    inventory: Inventory, is_shipped: bool, captured: str, expected: object
) -> None:
    """From the shelf, in the record, and once."""
    facts = Facts(STOCK)
    after = accepted(facts, parcel())
    records = {"A-1": after if is_shipped else record()}
    money = {"A-1": Decimal(captured)}
    checked = broken(lambda: facts.check(inventory, records, money, Books(STOCK), START))
    assert checked == expected


def test_what_left_and_is_paid_is_fine() -> None:
    """Then nothing is to be said."""
    facts = Facts(STOCK)
    after = accepted(facts, parcel())
    money = {"A-1": Decimal("9.90")}
    facts.check(AFTER, {"A-1": after}, money, Books(STOCK), START + timedelta(days=1))
