"""What is heard after something else has made it void changes nothing, whatever it says."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from story import NOON, Story, code_of, line

from fulfill_core import Inventory, Payment, Reservation
from fulfill_core.lifecycle import (
    Authorized,
    CallBack,
    CancelDeclined,
    Cancelled,
    CancelRequested,
    Captured,
    ChargedBack,
    Counted,
    DelayAsked,
    Delivered,
    Effect,
    NotFulfilled,
    PaymentState,
    Progressed,
    Provided,
    Refund,
    Refunded,
    RefundFailed,
    Rejected,
    Released,
    Shipped,
    Step,
    Tracked,
    Voided,
    advance,
    payment_state,
    released_by_line,
)

TWO = {"1": 2}
HOUR = timedelta(hours=1)


def test_of_what_has_left_nothing_is_called_back_or_freed() -> None:
    """A location rejects two units that left: the two of its other pick list stay reserved."""
    stock = Inventory.of({("mug", "x"): 9}).with_reserved(
        Reservation(order_id="A-1", line_id="1", sku="mug", location="x", quantity=4)
    )
    story = Story(line(quantity=4), stock=stock)
    story.happened(Released, ref="f1", location="x", lines=TWO)
    story.happened(Released, ref="f2", location="x", lines=TWO)
    story.happened(Shipped, parcel="p1", location="x", lines=TWO, fulfilment="f1")
    step = story.happened(NotFulfilled, ref="f1", lines=TWO, reason="rejected")
    assert (step.effect, step.inventory.reserved("mug", "x")) == (Effect.NO_CHANGE, 2)
    assert [each for each in step.actions if isinstance(each, CallBack)] == []
    assert story.told["staff:order.review_needed"] == 1


def test_of_what_has_left_in_part_the_rest_is_given_back() -> None:
    """It is asked for by name, and said to be short, as far as it was there."""
    story = Story(line(quantity=3))
    story.happened(Released, ref="f1", location="x", lines={"1": 3})
    story.happened(Shipped, parcel="p1", location="x", lines=TWO)
    step = story.happened(NotFulfilled, ref="f1", lines={"1": 3}, reason="short")
    assert step.effect is Effect.APPLIED
    reasons = [row for message in step.notifications for row in message.reasons]
    assert ("units.short_pick", "x did not find 1 of line 1.") in reasons


def test_a_pick_list_that_is_heard_of_after_its_parcels_is_on_record_and_no_news() -> None:
    """Whether or not anything else is open: the location is not to pick it once more."""
    for quantity in (2, 4):
        late, early = Story(line(quantity=quantity)), Story(line(quantity=quantity))
        about = {"location": "x", "lines": TWO}
        facts = [
            (Released, {"id": "r", "ref": "f1", "at": NOON + HOUR, **about}),
            (Shipped, {"id": "s", "parcel": "p1", "at": NOON + 2 * HOUR, **about}),
        ]
        for kind, content in facts:
            early.happened(kind, **content)
        effects = [late.happened(kind, **content).effect for kind, content in reversed(facts)]
        assert effects == [Effect.APPLIED, Effect.NO_CHANGE]
        assert late.told["location:fulfilment.pick_list"] == 0
        assert late.record.history.fulfilments == early.record.history.fulfilments
        assert released_by_line(late.record).get("1", 0) == 0


def test_of_a_pick_list_that_is_heard_of_late_the_rest_is_to_be_picked() -> None:
    """What has left of it since is not, and is none of what has to be open."""
    story = Story(line(quantity=3))
    story.happened(Shipped, parcel="p1", location="x", lines=TWO)
    step = story.happened(Released, ref="f1", location="x", lines={"1": 3}, at=NOON)
    assert (step.effect, released_by_line(step.record)) == (Effect.APPLIED, {"1": 1})
    [message] = step.notifications
    assert [(row[0], row[3]) for row in message.lines] == [("1", 1)]


@pytest.mark.parametrize("quantity", [2, 4])
def test_a_pick_list_of_the_instant_of_its_parcel_has_been_picked(quantity: int) -> None:
    """They belong together, also where the parcel is heard of first: no location is told."""
    story = Story(line(quantity=quantity))
    story.happened(Shipped, parcel="p1", location="x", lines=TWO, at=NOON)
    step = story.happened(Released, ref="f1", location="x", lines=TWO, at=NOON)
    assert (step.effect, step.notifications) == (Effect.NO_CHANGE, ())
    assert [each.id for each in step.record.history.fulfilments] == ["f1"]
    assert released_by_line(step.record).get("1", 0) == 0


def test_a_pick_list_of_what_left_before_comes_too_late() -> None:
    """One that is made after the parcel, or at another place, is of other units."""
    for quantity, code in ((2, "order.settled"), (3, "units.not_open")):
        story = Story(line(quantity=quantity))
        story.happened(Shipped, parcel="p1", location="x", lines=TWO)
        again = {"ref": "f1", "lines": TWO}
        assert code_of(story.happened(Released, location="x", **again)) == code
        assert code_of(story.happened(Released, location="y", at=NOON, **again)) == code


def test_how_far_a_pick_list_is_counts_while_something_of_it_is_there() -> None:
    """It is on record all the same: in any sequence the pick list ends as it does."""
    story = Story()
    story.happened(Released, ref="f1", location="x", lines=TWO)
    story.happened(Shipped, parcel="p1", location="x", lines={"1": 1})
    assert story.happened(Progressed, ref="f1", stage="picked").effect is Effect.APPLIED
    story.happened(Shipped, parcel="p2", location="x", lines={"1": 1})
    assert story.happened(Progressed, ref="f1", stage="packed").effect is Effect.NO_CHANGE
    assert [str(each.stage) for each in story.record.history.fulfilments] == ["packed"]


def test_what_was_provided_is_known_by_its_number() -> None:
    """Once more is a duplicate; another content, or the number of a parcel, is refused and told."""
    story = Story(line(quantity=2), line("2", 2, sku="song", ships=False))
    story.happened(Shipped, parcel="p1", location="x", lines={"1": 1})
    story.happened(Provided, ref="w1", lines={"2": 1})
    effects = [
        story.happened(Provided, ref=ref, lines={"2": units}).effect
        for ref, units in (("w1", 1), ("w1", 2), ("p1", 1))
    ]
    assert effects == [Effect.DUPLICATE, Effect.REFUSED, Effect.REFUSED]
    assert story.told["staff:order.review_needed"] == 2
    assert (story.units("1"), story.units("2")) == ({"shipped": 1}, {"shipped": 1})


def test_what_arrived_before_it_was_provided_has_arrived() -> None:
    """Whichever is heard first."""
    for first, second in ((Provided, Delivered), (Delivered, Provided)):
        story = Story(line("1", 2, sku="song", ships=False))
        for kind in (first, second):
            name = "ref" if kind is Provided else "parcel"
            story.happened(kind, lines=TWO, **{name: "w1"})
        assert story.units() == {"shipped": 2, "delivered": 2}


def scans(number: str, place: str, hour: int) -> dict[str, Any]:
    """What a scan says of a parcel, and when."""
    return {
        "parcel": "p1",
        "stage": "ready_for_pick_up",
        "carrier": f"carrier {number}",
        "tracking": number,
        "waits_at": place,
        "waits_until": NOON + timedelta(days=hour),
        "at": NOON + timedelta(hours=hour),
    }


@pytest.mark.parametrize("hours", [(2, 3), (3, 2)])
def test_the_latest_scan_says_where_a_parcel_is(hours: tuple[int, int]) -> None:
    """Who has it, under which number, where and until when it waits: whichever is heard first."""
    story = Story()
    story.happened(Shipped, parcel="p1", location="x", lines=TWO, tracking="T1")
    for hour in hours:
        story.happened(Tracked, **scans(f"T{hour}", f"Kiosk {hour}", hour))
    [parcel] = story.record.history.parcels
    assert (parcel.carrier, parcel.tracking) == ("carrier T3", "T3")
    assert (parcel.waits_at, parcel.waits_until) == ("Kiosk 3", NOON + timedelta(days=3))


def test_a_scan_from_before_a_parcel_was_announced_is_older() -> None:
    """What its location says when it leaves counts, whichever is heard first."""
    for is_first in (True, False):
        story = Story()
        leaving = story.make(
            Shipped, parcel="p1", location="x", lines=TWO, tracking="T-new", at=NOON + HOUR
        )
        scan = story.make(Tracked, parcel="p1", carrier="UPS", tracking="T-old", at=NOON)
        for event in (scan, leaving) if is_first else (leaving, scan):
            story.heard(event)
        [parcel] = story.record.history.parcels
        assert (parcel.carrier, parcel.tracking) == ("UPS", "T-new")


def test_a_report_that_is_so_once_more_is_told_once_more() -> None:
    """Units that were found, and are missing again, are news, though the words are the same."""
    story = Story(
        line(quantity=3),
        stock=Inventory.of({("mug", "x"): 5}).with_reserved(
            Reservation(order_id="A-1", line_id="1", sku="mug", location="x", quantity=3)
        ),
    )
    codes = [
        [code for each in step.notifications for code, _ in each.reasons]
        for units in (-4, 4, -4)
        for step in [story.happened(Counted, units={("mug", "x"): units})]
    ]
    assert codes == [["units.overdrawn"], [], ["units.overdrawn"]]


def test_units_set_aside_twice_are_two() -> None:
    """Each that the lines do not lack is told, though the words are the same: somebody has them."""
    story = Story()
    for _ in range(2):
        story.heard(story.make(Counted, units={}), reserved={("mug", "y"): 9})
    assert story.told["staff:order.review_needed"] == 2


def test_a_second_wish_has_an_answer_of_its_own() -> None:
    """One line is asked for and declined, then the other; both leave, and that is declined, too."""
    story = Story(line("1"), line("2", sku="cup"))
    for number in ("1", "2"):
        story.happened(Released, ref=f"f{number}", location="x", lines={number: 1})
    story.happened(CancelRequested, lines={"1": 1}, by="customer")
    story.happened(CancelDeclined, ref="f1")
    story.happened(CancelRequested, lines={"2": 1}, by="customer")
    for number in ("1", "2"):
        story.happened(Shipped, parcel=f"p{number}", location="x", lines={number: 1})
    story.happened(CancelDeclined, ref="f2")
    assert story.told["customer:order.cancel_declined"] == 2


def test_a_second_wish_has_an_answer_though_all_had_left_before_the_first() -> None:
    """That was not known when it came: nobody can have answered it by saying no to the first."""
    story = Story(line("1", 1), line("2", 1, sku="cup"))
    for number in ("1", "2"):
        story.happened(Released, ref=f"f{number}", location="x", lines={number: 1})
    story.happened(CancelRequested, lines={"1": 1}, by="customer")
    story.happened(CancelDeclined, ref="f1")
    story.happened(CancelRequested, lines={"2": 1}, by="customer")
    for number in ("1", "2"):
        story.happened(Shipped, parcel=f"p{number}", location="x", lines={number: 1}, at=NOON)
    story.happened(CancelDeclined, ref="f2")
    assert story.told["customer:order.cancel_declined"] == 2


def test_where_a_parcel_waits_is_one_thing_and_its_number_another() -> None:
    """A later scan of the number says nothing of an older one of the place, nor the other way."""
    story = Story()
    story.happened(Shipped, parcel="p1", location="x", lines=TWO, at=NOON - HOUR)
    of_place = {"stage": "ready_for_pick_up", "parcel": "p1"}
    for hour, about in (
        (1, {"waits_at": "shop", "waits_until": NOON + 60 * HOUR}),
        (3, {"carrier": "UPS", "tracking": "T3"}),
        (2, {"waits_at": "kiosk"}),
        (0, {"waits_at": "bank"}),
    ):
        story.happened(Tracked, at=NOON + hour * HOUR, **of_place, **about)
    [parcel] = story.record.history.parcels
    assert (parcel.tracking, parcel.waits_at, parcel.waits_until) == ("T3", "kiosk", None)


def test_a_date_that_was_known_before_the_place_is_of_that_place() -> None:
    """Nobody has said since that it is kept until another one."""
    story = Story()
    story.happened(Shipped, parcel="p1", location="x", lines=TWO)
    until = NOON + 60 * HOUR
    for about in ({"waits_until": until}, {"waits_at": "shop"}):
        story.happened(Tracked, parcel="p1", stage="ready_for_pick_up", **about)
    [parcel] = story.record.history.parcels
    assert (parcel.waits_at, parcel.waits_until) == ("shop", until)


def test_an_older_scan_of_another_place_says_nothing_of_this_one() -> None:
    """Its date is of that place, and not of the one where the parcel waits now."""
    story = Story()
    story.happened(Shipped, parcel="p1", location="x", lines=TWO, at=NOON - HOUR)
    of_shop = {"waits_at": "shop", "waits_until": NOON + 60 * HOUR}
    for hour, about in ((2, {"waits_at": "kiosk"}), (1, of_shop)):
        at = NOON + hour * HOUR
        story.happened(Tracked, parcel="p1", stage="in_transit", at=at, **about)
    [parcel] = story.record.history.parcels
    assert (parcel.waits_at, parcel.waits_until) == ("kiosk", None)


def test_an_older_scan_of_the_same_place_says_until_when() -> None:
    """What is not known yet is filled in: nobody has said since that it waits elsewhere."""
    story = Story()
    story.happened(Shipped, parcel="p1", location="x", lines=TWO, at=NOON - HOUR)
    for hour, about in ((2, {}), (1, {"waits_until": NOON + 60 * HOUR})):
        at = NOON + hour * HOUR
        story.happened(
            Tracked, parcel="p1", stage="ready_for_pick_up", waits_at="shop", at=at, **about
        )
    [parcel] = story.record.history.parcels
    assert (parcel.waits_at, parcel.waits_until) == ("shop", NOON + 60 * HOUR)


def test_two_equal_amounts_of_money_are_two() -> None:
    """Each that nobody expected is told, though the words are the same."""
    story = paid()
    for ref in ("c1", "c2"):
        story.happened(Captured, payment="card", amount=Decimal(1), ref=ref)
    assert story.told["staff:payment.problem"] == 2


def test_an_older_scan_is_no_news() -> None:
    """Its customer is not sent to where the parcel was, nor to the number that it had."""
    story = Story()
    story.happened(Shipped, parcel="p1", location="x", lines=TWO)
    story.happened(Tracked, **scans("T3", "Kiosk 3", 3))
    step = story.happened(Tracked, **scans("T2", "Kiosk 2", 2))
    assert (step.effect, step.notifications) == (Effect.NO_CHANGE, ())
    again = {**scans("T3", "Kiosk 3", 3), "at": NOON + timedelta(hours=9)}
    step = story.happened(Tracked, **again)
    assert (step.effect, step.notifications) == (Effect.NO_CHANGE, ())


def test_an_older_word_says_what_is_not_known_yet() -> None:
    """A number, and a place, of which no later scan said anything; so does the parcel itself."""
    story = Story()
    late = scans("", "", 3)
    story.happened(Tracked, **{**late, "carrier": "DHL", "waits_until": None})
    story.happened(Tracked, **{**scans("T2", "Kiosk 2", 2), "carrier": "UPS"})
    story.happened(
        Shipped, parcel="p1", location="x", lines=TWO, carrier="GLS", tracking="T1", at=NOON
    )
    [parcel] = story.record.history.parcels
    assert (parcel.carrier, parcel.tracking) == ("DHL", "T2")
    assert (parcel.waits_at, parcel.waits_until) == ("Kiosk 2", NOON + timedelta(days=2))


def test_a_parcel_that_is_heard_of_late_has_the_number_of_its_scan() -> None:
    """That it left under another one is overtaken."""
    story = Story()
    story.happened(Tracked, parcel="p1", tracking="T2")
    story.happened(Shipped, parcel="p1", location="x", lines=TWO, tracking="T1", at=NOON)
    assert [each.tracking for each in story.record.history.parcels] == ["T2"]


# -- Money ---------------------------------------------------------------------------------------


def refunds_of(step: Step) -> list[Decimal]:
    """What a step asks to give back."""
    return [each.amount for each in step.actions if isinstance(each, Refund)]


def paid(**content: Any) -> Story:
    """Two mugs, for which ten came."""
    card = Payment(id="card", amount=Decimal(10), captured=Decimal(10), **content)
    return Story(payments=[card])


def test_what_went_back_beyond_what_came_is_not_asked_for_again() -> None:
    """It is kept, and told: the customer has it. What comes beyond it is to go back."""
    story = paid()
    assert refunds_of(story.happened(Cancelled)) == [10]
    step = story.happened(Refunded, payment="card", amount=Decimal(14), ref="r1")
    assert (step.effect, refunds_of(step)) == (Effect.REFUSED, [])
    story.happened(Captured, payment="card", amount=Decimal(4), ref="c2")
    assert story.record.order.payments[0].paid == 0
    step = story.happened(Captured, payment="card", amount=Decimal(3), ref="c3")
    assert refunds_of(step) == [3]


@pytest.mark.parametrize("kind", [Refunded, ChargedBack])
def test_what_went_back_too_early_counts_when_it_is_owed(kind: Any) -> None:
    """Nobody asks for it a second time; of another currency no more than of the order's own."""
    story = paid()
    story.happened(kind, payment="card", amount=Decimal(14), ref="r1")
    assert refunds_of(story.happened(Cancelled)) == []
    step = story.happened(Captured, payment="card", amount=Decimal(7), ref="c2")
    assert refunds_of(step) == [3]
    dollars = Payment(id="usd", amount=Decimal(6), currency="USD", captured=Decimal(6))
    story = Story(payments=[dollars])
    story.happened(kind, payment="usd", amount=Decimal(8), ref="r1")
    assert refunds_of(story.happened(Cancelled)) == []


def test_what_bounced_on_its_way_back_is_asked_for() -> None:
    """It has not gone back."""
    story = paid()
    story.happened(Refunded, payment="card", amount=Decimal(14), ref="r1")
    story.happened(RefundFailed, payment="card", amount=Decimal(14), ref="r1")
    assert refunds_of(story.happened(Cancelled)) == [10]


def test_what_is_let_go_of_an_unknown_payment_is_kept_until_that_is_known() -> None:
    """It is told, since it may be an error, and leaves nothing of the payment to be captured."""
    story = Story(payments=[])
    about = {"payment": "card", "amount": Decimal(10)}
    step = story.happened(Voided, **about)
    assert (step.effect, code_of(step)) == (Effect.REFUSED, "void.no_room")
    assert story.told["staff:payment.problem"] == 1
    story.happened(Authorized, **about)
    assert [each.authorized for each in story.record.order.payments] == [0]


@pytest.mark.parametrize("currency", ["EUR", "USD"])
def test_money_for_an_order_that_was_turned_down_is_to_go_back(currency: str) -> None:
    """Nothing is due of it, so it is not paid, nor unpaid, whatever the currency."""
    story = paid(currency=currency)
    assert refunds_of(story.happened(Rejected, by="Grace", reason="fraud")) == [10]
    assert payment_state(story.record) is PaymentState.TO_REFUND
    story.happened(Refunded, payment="card", amount=Decimal(10))
    assert payment_state(story.record) is PaymentState.REFUNDED


def test_nobody_is_asked_to_wait_until_a_time_that_is_past_when_they_are() -> None:
    """The question goes out when it is heard of, not when it was decided."""
    story = Story()
    event = story.make(DelayAsked, new_date=NOON + timedelta(hours=2))
    about = {"rules": story.rules}
    late = advance(story.record, event, story.stock, now=NOON + timedelta(hours=3), **about)
    assert code_of(late) == "delay.past"
    in_time = advance(story.record, event, story.stock, now=NOON + timedelta(hours=2), **about)
    assert in_time.effect is Effect.APPLIED


def test_a_payment_is_written_alike_however_many_captures_it_has() -> None:
    """Nothing is 0, not 0.00: the same amounts are the same text."""
    amount = Decimal("1.00")
    few, many = [Story(payments=[Payment(id="card", amount=count * amount)]) for count in (2, 40)]
    for story, count in ((few, 2), (many, 40)):
        for _ in range(count):
            story.happened(Captured, payment="card", amount=amount)
    texts = [str(story.record.order.payments[0].authorized) for story in (few, many)]
    assert texts == ["0", "0"]


@pytest.mark.parametrize("kinds", [(Refunded, ChargedBack), (ChargedBack, Refunded)])
@pytest.mark.parametrize("is_late", [False, True])
def test_of_what_went_back_twice_the_first_counts(kinds: tuple[Any, Any], is_late: bool) -> None:
    """By when it happened, whichever was heard first: no counter sinks that has no reason to."""
    story = paid()
    events = [story.make(kind, payment="card", amount=Decimal(10), ref="r1") for kind in kinds]
    for event in reversed(events) if is_late else events:
        story.heard(event)
    [payment] = story.record.order.payments
    first = payment.refunded if kinds[0] is Refunded else payment.charged_back
    assert (first, payment.paid) == (10, 0)
