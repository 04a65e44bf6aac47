"""What an order costs in all, once parts of it were cancelled or came back."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import attrs
import pytest
from builders import NOW, line, mugs, order, run_record

from fulfill_core import (
    Audience,
    Order,
    OrderRecord,
    Outcome,
    Payment,
)
from fulfill_core.orders.due import Adjustment, Bill, Charges
from fulfill_core.records import Progress
from fulfill_core.verifiers import amount_due, authorization_lasts, covers_total, to_capture

CUSTOMER, STAFF = Audience.CUSTOMER, Audience.STAFF


# -- What is due -----------------------------------------------------------------------------------


def paid(amount: str, **changes: Any) -> Order:
    """Two lines of which each unit has a price, and a payment."""
    lines = [
        line("1", "mug", 4, unit_price=Decimal("2.50")),
        line("2", "mug", 1, unit_price=Decimal(6), units_each=2),
    ]
    payments = [Payment(id="p", amount=Decimal(amount))]
    return order("A-1", lines=lines, payments=payments, **changes)


@pytest.mark.parametrize(
    ("progress", "due"),
    [
        ({}, "21"),
        ({"1": {"shipped": 4}}, "21"),
        ({"1": {"cancelled": 1}}, "18.50"),
        ({"1": {"cancelled": 1}, "2": {"shipped": 2}}, "18.50"),
        ({"1": {"cancelled": 1, "shipped": 3}, "2": {"cancelled": 1}}, "15.50"),
        ({"1": {"shipped": 4, "returned": 2}}, "16"),
        ({"1": {"cancelled": 9}}, "11"),
        ({"2": {"lost": 2, "reopened": 2}}, "21"),
    ],
)
def test_what_was_cancelled_or_came_back_costs_nothing(
    progress: dict[str, dict[str, int]], due: str
) -> None:
    """Due is the total less what was cancelled or returned; what has left stays in."""
    known = OrderRecord(order=paid("21", shipping=Decimal(5)))
    for line_id, units in progress.items():
        known = known.with_progress(line_id, **units)
    assert known.due == Decimal(due)
    assert amount_due(known, now=NOW) == 0
    assert sum(amount for _, amount in to_capture(known, now=NOW)) == Decimal(due)


def test_a_line_takes_its_share_of_the_discount_along() -> None:
    """A discount is shared by value, rounded half up; the last line has the rest."""
    known = OrderRecord(order=paid("15", discount=Decimal(1)))  # 0.63 of 10, 0.37 of 6
    assert known.with_progress("1", cancelled=4).due == Decimal("5.63")
    assert known.with_progress("2", cancelled=2).due == Decimal("9.37")
    assert known.with_progress("1", cancelled=2).due == Decimal("10.31")
    agreed = OrderRecord(order=paid("15", agreed_total=Decimal(15)))  # one less than the sum
    assert agreed.with_progress("1", cancelled=4).due == Decimal("5.63")
    free = OrderRecord(order=order("A-1", 2, discount=Decimal(1)))
    assert free.with_progress("1", cancelled=1).due == -1


def test_what_is_cancelled_of_a_lowered_line_is_a_part_of_the_rest() -> None:
    """4 for 0.05: lowered by 1 it costs 0.04, of which a third goes, and not half of 0.05."""
    subject = order("A-1", lines=[line("1", "mug", 4, agreed_total=Decimal("0.05"))])
    lowered = Progress(line_id="1", cancelled=1, reduced=1)
    assert OrderRecord(order=subject, progress=[lowered]).due == Decimal("0.04")
    cancelled = attrs.evolve(lowered, cancelled=2)
    assert OrderRecord(order=subject, progress=[cancelled]).due == Decimal("0.03")


@pytest.mark.parametrize(
    ("lowered", "cancelled", "due"),
    [
        (0, 0, "47"),
        (1, 0, "37"),
        (2, 0, "27"),
        (3, 0, "18"),
        (5, 0, "0"),
        (2, 1, "18"),
        (1, 1, "27.75"),
    ],
)
def test_what_a_line_was_raised_by_comes_off_at_its_list_price(
    lowered: int, cancelled: int, due: str
) -> None:
    """Three for 27.00, raised by two at 10.00; what else goes takes its part of the rest along."""
    subject = order("A-1", lines=[line("1", "mug", 5, unit_price=Decimal(10), discount=Decimal(3))])
    raised = Progress(line_id="1", cancelled=lowered + cancelled, reduced=lowered, raised=2)
    assert OrderRecord(order=subject, progress=[raised]).due == Decimal(due)


def test_no_more_comes_off_a_line_than_it_is_worth() -> None:
    """A discount of the order took more off than the units cost that were there before."""
    subject = order(
        "A-1", lines=[line("1", "mug", 2, unit_price=Decimal(10))], discount=Decimal(15)
    )
    raised = Progress(line_id="1", cancelled=1, reduced=1, raised=1)
    assert OrderRecord(order=subject, progress=[raised]).due == 0


@pytest.mark.parametrize(
    ("charges", "amounts"), [("first", (4, 4)), ("last", (0, 4)), ("share", (0, 4))]
)
def test_a_discount_beyond_free_lines_is_taken_off_the_charges(
    charges: str, amounts: tuple[int, int]
) -> None:
    """Lines that cost nothing have no share of it, and bring none of the charges."""
    payments = [Payment(id="p", amount=Decimal(4))]
    subject = order("A-1", 1, 2, shipping=Decimal(5), discount=Decimal(1), payments=payments)
    for leaving, amount in zip(({"1": 1}, {"1": 1, "2": 2}), amounts, strict=True):
        asked = to_capture(subject, now=NOW, leaving=leaving, charges=charges)
        assert sum(part for _, part in asked) == amount


def test_a_payment_has_to_cover_what_is_due() -> None:
    """An order of which a part was cancelled is covered by what the rest costs."""
    short_of_money = OrderRecord(order=paid("11"))
    held = run_record(short_of_money, mugs(berlin=9))["A-1"]
    assert [each.code for each in held.findings] == ["payment.insufficient"]
    covered = short_of_money.with_progress("1", cancelled=2)
    assert run_record(covered, mugs(berlin=9))["A-1"].outcome is Outcome.ALLOCATED


def test_an_authorization_is_needed_for_what_is_due() -> None:
    """What expires before the goods leave is told only if what is due needs it."""
    expiring = Payment(
        id="q", amount=Decimal(5), authorized_at=NOW, expires_at=NOW + timedelta(days=2)
    )
    subject = paid("11", ship_after=NOW + timedelta(days=3))
    known = OrderRecord(order=attrs.evolve(subject, payments=[*subject.payments, expiring]))
    rules = [authorization_lasts(), covers_total()]
    codes = [
        [each.code for each in run_record(one, mugs(berlin=9), verifiers=rules)["A-1"].findings]
        for one in (known, known.with_progress("1", cancelled=2))
    ]
    assert codes == [["payment.expires_before_shipping"], ["payment.overpaid"]]


@pytest.mark.parametrize("lines", [1, 2])
@pytest.mark.parametrize("charges", Charges)
def test_what_has_left_costs_what_is_due_once_nothing_is_to_leave(
    charges: Charges, lines: int
) -> None:
    """Also where nothing is kept: what sending costs then is not for a parcel to come."""
    subject = order("A-1", lines=[line(str(number)) for number in range(lines)])
    all_back = [
        Progress(line_id=each.id, shipped=each.units, returned=each.units) for each in subject.lines
    ]
    adjustment = Adjustment(final_charge=Decimal(5))
    moves = {each.line_id: (None, each) for each in all_back}
    added_up = Bill(subject, ()).after(subject, all_back, moves, adjustment)
    for bill in (Bill(subject, all_back, adjustment), added_up):
        assert (bill.due(), bill.money_left(charges)) == (5, 5)
