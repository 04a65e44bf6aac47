"""Rules that only show with a single unit, with none at all, or with what overtook its line."""

from __future__ import annotations

from decimal import Decimal

from story import NOON, Story, line

from fulfill_core import Inventory, Payment
from fulfill_core.lifecycle import (
    Amended,
    Cancelled,
    Counted,
    Delivered,
    Effect,
    Escalated,
    Refunded,
    Released,
    Shipped,
)

TEN = Decimal(10)


def test_the_last_unit_that_is_cancelled_is_free() -> None:
    """As every other one."""
    story = Story(line(quantity=1))
    story.happened(Cancelled, lines={"1": 1})
    assert story.stock.reserved("mug") == 0


def test_where_nothing_is_nothing_can_be_counted_as_gone() -> None:
    """A count never leaves fewer than none."""
    story = Story(stock=Inventory.of({("mug", "x"): 1}))
    for _ in range(2):
        story.happened(Counted, units={("mug", "x"): -1})
        assert story.stock.on_hand("mug", "x") == 0


def test_a_parcel_left_where_any_of_its_lines_was() -> None:
    """A pick list need not have all of them."""
    story = Story(line(), line("2"))
    story.happened(Released, ref="f1", location="y", lines={"1": 2})
    story.happened(Delivered, parcel="p1", lines={"1": 1, "2": 1})
    assert [story.stock.on_hand("mug", place) for place in "xy"] == [9, 7]


def test_what_overtook_its_line_was_told_as_it_came() -> None:
    """Nobody is asked a second time when the line is added, for fewer than have left."""
    story = Story()
    step = story.happened(Shipped, parcel="p1", location="x", lines={"2": 3})
    assert [str(each.kind) for each in step.notifications] == ["order.review_needed"]
    step = story.happened(Amended, added=[line("2", 1)])
    assert story.record.surplus("2") == 2
    assert [each for each in step.notifications if each.audience == "staff"] == []


def test_money_that_all_went_back_is_told_as_all_of_it() -> None:
    """What is kept of it makes it a part."""
    card = Payment(id="card", amount=TEN, status="captured", authorized_at=NOON)
    for amount, kind in ((TEN, "payment.refunded"), (TEN - 1, "payment.partly_refunded")):
        story = Story(payments=[card])
        story.happened(Cancelled)
        step = story.happened(Refunded, payment="card", ref="r1", amount=amount)
        assert [str(each.kind) for each in step.notifications] == [kind]


def test_a_reminder_is_a_change_each_time() -> None:
    """Somebody else has to look, though nothing of the order is other than before."""
    story = Story()
    for _ in range(2):
        step = story.happened(Escalated, code="review.late", detail="It waits.")
        assert step.effect is Effect.APPLIED
