"""What was agreed, asked and paid: what is said of it, and when nothing is."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import attrs
import pytest
from story import FIVE, NOON, Story, asked_of, code_of, line

from fulfill_core import Address, InvalidValueError, Inventory, Reservation
from fulfill_core.lifecycle import (
    Amended,
    CallBack,
    Cancelled,
    CancelRequested,
    Captured,
    DisputeOpened,
    Effect,
    NotFulfilled,
    PaymentState,
    Refunded,
    Released,
    ReturnReceived,
    Rules,
    Shipped,
    Voided,
    payment_state,
    timed_wake_at,
)

TEN = Decimal(10)
HOME = Address(name="Ada", street=["1 Main St"], city="Leeds")


def test_a_person_grants_what_no_location_can_give_back() -> None:
    """As soon as one unit of one line is at no location, whatever else is at one."""
    story = Story(line(), line("2", 1))
    story.happened(Released, ref="f1", location="x", lines={"1": 2})
    assert asked_of(story.happened(CancelRequested)) == [
        ("CallBack", ""),
        ("Ask", "cancel.requested"),
    ]
    other = Story(line(), line("2", 1))
    other.happened(Released, ref="f1", location="x", lines={"1": 2, "2": 1})
    assert asked_of(other.happened(CancelRequested)) == [("CallBack", "")]


def test_what_is_refused_is_not_worked_out() -> None:
    """A change that can't be leads to a refusal, though the order would be none with it."""
    story = Story(line(quantity=2), agreed_total=FIVE)
    step = story.happened(Amended, added=[line(quantity=2, unit_price=Decimal(0))])
    assert (code_of(step), step.record.order) == ("line.known", story.record.order)


def test_who_has_another_address_is_told_that_it_was_changed() -> None:
    """And nobody else: another quantity changes no address."""
    for content, changed in (({"ship_to": HOME}, ["ship_to"]), ({"ordered": {"1": 1}}, [])):
        [message] = [
            each
            for each in Story().happened(Amended, **content).notifications
            if str(each.kind) == "order.amended"
        ]
        assert [text for name, text in message.reasons if name == "changed"] == changed


def test_each_dispute_is_news() -> None:
    """Though it moves no money: somebody has to answer the bank."""
    step = Story().happened(DisputeOpened, payment="card", amount=FIVE)
    assert (step.effect, asked_of(step)) == (Effect.APPLIED, [("Ask", "payment.disputed")])


@pytest.mark.parametrize(
    ("price", "state"), [("0", PaymentState.PAID), ("0.5", PaymentState.UNPAID)]
)
def test_the_least_amount_is_due(price: str, state: PaymentState) -> None:
    """Paid is only an order of which nothing is due."""
    story = Story(line(quantity=1, unit_price=Decimal(price)), payments=[])
    assert payment_state(story.record) is state


@pytest.mark.parametrize(
    ("back", "state"),
    [("4.5", PaymentState.PARTLY_PAID), ("5", PaymentState.REFUNDED)],
)
def test_the_least_amount_that_is_kept_was_paid(back: str, state: PaymentState) -> None:
    """Refunded is only an order of which the shop has nothing."""
    story = Story(line(quantity=1))
    story.happened(Captured, payment="card", amount=FIVE)
    story.happened(Refunded, payment="card", amount=Decimal(back))
    assert payment_state(story.record) is state


def test_the_least_amount_that_is_missing_is_waited_for() -> None:
    """An order of which a part of a euro is unpaid is cancelled like any other."""
    rules = Rules(unpaid=timedelta(days=3))
    story = Story(line(quantity=1, unit_price=Decimal("0.5")), rules=rules, payments=[])
    assert timed_wake_at(story.record, rules, now=NOON) == NOON + timedelta(days=3)


def test_an_amendment_leaves_alone_what_it_does_not_name() -> None:
    """An order keeps the address that it has."""
    story = Story(ship_to=HOME)
    story.happened(Amended, ordered={"1": 1})
    assert story.record.order.ship_to == HOME


def test_what_is_ordered_again_has_not_left() -> None:
    """A line that goes down and up again is no reason to look at the goods."""
    story = Story()
    story.happened(Amended, ordered={"1": 1})
    story.happened(Amended, ordered={"1": 2})
    assert story.told["staff:order.review_needed"] == 0


def test_a_message_says_what_is_ordered_now() -> None:
    """Without what an amendment took off it."""
    step = Story().happened(Amended, ordered={"1": 1})
    [message] = [each for each in step.notifications if each.kind == "order.amended"]
    assert [(each["line_id"], each["ordered"]) for each in message.data["lines"]] == [("1", 1)]


def test_each_unit_is_called_back_once() -> None:
    """Of what its customer wants cancelled, from the newest list first."""
    story = Story(line(quantity=4))
    for ref in ("f1", "f2"):
        story.happened(Released, ref=ref, location="x", lines={"1": 2})
    step = story.happened(CancelRequested, lines={"1": 3})
    assert step.actions == (
        CallBack(fulfilment="f2", location="x", units={"1": 2}),
        CallBack(fulfilment="f1", location="x", units={"1": 1}),
    )


def test_an_order_of_which_all_has_left_takes_no_new_line() -> None:
    """But one in the place of another: an exchange is part of what was agreed, more is an order."""
    story = Story(line("1", 1))
    story.happened(Shipped, parcel="p1", location="x", lines={"1": 1})
    assert code_of(story.happened(Amended, added=[line("9", 1)])) == "order.settled"
    beside = [line("8", 1, replaces="1"), line("9", 1)]
    assert code_of(story.happened(Amended, added=beside)) == "order.settled"
    exchanged = story.happened(Amended, added=[line("9", 1, replaces="1")])
    assert exchanged.effect is Effect.APPLIED


def test_an_amendment_names_each_line_once_in_any_sequence() -> None:
    """Two that say the same are equal; one that says two things of a line is refused."""
    story = Story(line("1"), line("2"))
    said = [("1", 3), ("2", 1)]
    first, second = (story.make(Amended, id="e1", ordered=rows) for rows in (said, said[::-1]))
    assert attrs.evolve(second, at=first.at) == first
    with pytest.raises(InvalidValueError, match=r"^Amended\.ordered\[1\]: '1' was given before"):
        story.make(Amended, ordered=[("1", 3), ("1", 4)])


def test_what_is_open_is_cancelled_though_the_rest_has_left() -> None:
    """An order is cancelled without a word of its lines: of what has left nothing, else all."""
    story = Story(line("1"), line("2"))
    story.happened(Shipped, parcel="p1", location="x", lines={"1": 2})
    assert story.happened(Cancelled).effect is Effect.APPLIED
    assert (story.units("1"), story.units("2")) == ({"shipped": 2}, {"cancelled": 2})
    assert code_of(story.happened(Cancelled)) == "units.left"


def test_what_is_agreed_already_is_told_once() -> None:
    """Sending that costs what it costs is no change, whether it cost so from the start or not."""
    two = Decimal(2)
    for story, times in ((Story(), 1), (Story(shipping=two), 0)):
        story.happened(Amended, shipping=two)
        assert story.told["customer:order.amended"] == times
        step = story.happened(Amended, shipping=two)
        assert (step.effect, step.notifications) == (Effect.NO_CHANGE, ())


@pytest.mark.parametrize(("credited", "asked"), [({}, [("Authorize", "5.00")]), (None, [])])
def test_what_comes_back_of_an_exchange_and_costs_as_before_is_to_be_agreed_to(
    credited: dict[str, int] | None, asked: list[tuple[str, str]]
) -> None:
    """It was to pay for what was ordered in its place, and does not: another one is still out."""
    story = Story()
    story.happened(Shipped, parcel="p1", location="x", lines={"1": 2})
    story.happened(Captured, payment="card", amount=2 * FIVE)
    exchange = story.happened(Amended, added=[line("2", 1, replaces="1")])
    assert asked_of(exchange) == []
    about = {"ref": "r1", "location": "x", "lines": {"1": 1}}
    step = story.happened(ReturnReceived, credited=credited, **about)
    assert asked_of(step) == asked
    assert story.told["customer:payment.needed"] == len(asked)


def test_a_unit_that_is_exchanged_twice_comes_back_once() -> None:
    """What it brought beyond the first article pays for the second, and nothing else does."""
    story = Story(line("1", 1))
    story.happened(Shipped, parcel="p1", location="x", lines={"1": 1})
    story.happened(Captured, payment="card", amount=FIVE, ref="c1")
    first = line("2", 1, replaces="1", unit_price=Decimal(4))
    assert asked_of(story.happened(Amended, added=[first])) == []
    second = line("3", 1, replaces="1", unit_price=Decimal(7))
    assert asked_of(story.happened(Amended, added=[second])) == [("Authorize", "6.00")]
    third = line("4", 1, replaces="1", unit_price=Decimal(3))
    assert asked_of(story.happened(Amended, added=[third])) == [("Authorize", "3.00")]


def test_what_came_back_for_one_article_is_not_to_come_back_for_the_next() -> None:
    """Each unit that is out is taken off once, whatever came back before."""
    story = Story(line("1", 2))
    story.happened(Shipped, parcel="p1", location="x", lines={"1": 2})
    story.happened(Captured, payment="card", amount=TEN, ref="c1")
    story.happened(Amended, added=[line("2", 1, replaces="1")])
    story.happened(ReturnReceived, ref="r1", location="x", lines={"1": 1})
    dearer = line("3", 1, replaces="1", unit_price=Decimal(8))
    assert asked_of(story.happened(Amended, added=[dearer])) == [("Authorize", "3.00")]


def test_what_is_given_up_with_a_change_is_what_has_to_go() -> None:
    """The host says where: nothing more is freed, and of the line that has too much."""
    stock = Inventory.of({("mug", "x"): 9, ("mug", "y"): 9}).with_reserved(
        *[
            Reservation(order_id="A-1", line_id=line_id, sku="mug", location=place, quantity=1)
            for line_id in "12"
            for place in "xy"
        ]
    )
    story = Story(line("1"), line("2"), stock=stock)
    event = story.make(Cancelled, lines={"1": 1})
    step = story.heard(event, reserved={("mug", "x"): -1})
    assert [(each.line_id, each.location) for each in story.stock.reservations_of("A-1")] == [
        ("1", "y"),
        ("2", "x"),
        ("2", "y"),
    ]
    assert [each.audience for each in step.notifications] == ["customer"]
    story.heard(story.make(Amended, ordered={"2": 0}), reserved={("mug", "y"): -2})
    assert [(each.line_id, each.location) for each in story.stock.reservations_of("A-1")] == []


def test_what_is_paid_for_stays_at_its_location_whatever_is_added() -> None:
    """It is called back when its own money is gone, though the addition was not paid for either."""
    story = Story()
    story.happened(Released, ref="f1", location="x", lines={"1": 2})
    added = story.make(Amended, added=[line("2", 1)])
    assert asked_of(story.heard(added, reserved={("mug", "x"): 1})) == [("Authorize", "5.00")]
    step = story.happened(Voided, payment="card", amount=FIVE, ref="v1")
    assert step.actions[0] == CallBack(fulfilment="f1", location="x", units={"1": 2})


def test_what_no_place_packs_goes_before_what_one_packs() -> None:
    """Unit by unit: a place that packs one has another one that nobody packs."""
    stock = Inventory.of({("mug", "x"): 9, ("mug", "y"): 9}).with_reserved(
        *[
            Reservation(order_id="A-1", line_id="1", sku="mug", location=place, quantity=units)
            for place, units in (("x", 2), ("y", 1))
        ]
    )
    story = Story(line("1", 3), stock=stock)
    for ref, place in (("f1", "x"), ("f2", "y")):
        story.happened(Released, ref=ref, location=place, lines={"1": 1})
    for units, places in ((1, ["x", "y"]), (1, ["x"])):
        story.happened(Cancelled, lines={"1": units})
        assert [each.location for each in story.stock.reservations_of("A-1")] == places


def test_what_a_place_gave_back_is_in_question_there() -> None:
    """What another place has may leave as before, and nothing is said of it again."""
    stock = Inventory.of({("mug", "x"): 9, ("mug", "y"): 9}).with_reserved(
        *[
            Reservation(order_id="A-1", line_id="1", sku="mug", location=place, quantity=units)
            for place, units in (("x", 2), ("y", 1))
        ]
    )
    story = Story(line("1", 3), stock=stock)
    story.happened(Released, ref="f1", location="x", lines={"1": 2})
    story.happened(CancelRequested, lines={"1": 1})
    step = story.happened(NotFulfilled, ref="f1", lines={"1": 1}, reason="called_back")
    assert asked_of(step) == [("Ask", "cancel.requested")]
