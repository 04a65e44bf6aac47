"""What an event says, whenever it is heard of: what is there already, and what has no room."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest
from story import FIVE, NOON, Story, asked_of, code_of, line

from fulfill_core import (
    Address,
    Component,
    Inventory,
    Item,
    Location,
    Promise,
    Reservation,
    Shipment,
    Stock,
)
from fulfill_core.calendars import BusinessCalendar, Shift
from fulfill_core.lifecycle import (
    Amended,
    AuthorizationExpired,
    Authorized,
    CallBack,
    CancelDeclined,
    Cancelled,
    CancelRequested,
    DelayAnswered,
    DelayAsked,
    Delivered,
    DeliveryFailed,
    Effect,
    HoldLifted,
    HoldPlaced,
    Lost,
    NotFulfilled,
    Provided,
    Rejected,
    Release,
    Released,
    RemorseEnded,
    ReturnApproved,
    ReturnReceived,
    ReturnRequested,
    Rules,
    Shipped,
    Step,
    StockReceived,
    Tracked,
    Voided,
    timed_events,
    timed_wake_at,
    withdrawal_ends,
)

ONE = {"1": 1}
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
STOP = {"source": "qa", "code": "qa.look"}
HOME = Address(name="Ada", street=["Lange Str. 1"], city="Kiel", country="DE")


def reserved(sku: str, quantity: int, location: str = "x", line_id: str = "1") -> Reservation:
    """Units that are reserved for a line."""
    about = {"order_id": "A-1", "line_id": line_id, "sku": sku, "location": location}
    return Reservation(quantity=quantity, **about)


def sent(units: int = 2, **content: Any) -> dict[str, Any]:
    """A parcel of line 1."""
    return {"parcel": "p1", "location": "x", "lines": {"1": units}, **content}


def handed_over(*lines: int, **content: Any) -> Story:
    """An order of lines of so many mugs, all of it on one pick list at x."""
    story = Story(*[line(str(number), units) for number, units in enumerate(lines, 1)], **content)
    units = {str(number): each for number, each in enumerate(lines, 1)}
    story.happened(Released, ref="f1", location="x", lines=units)
    return story


def called_back(step: Step) -> list[dict[str, int]]:
    """What locations are asked not to send."""
    return [dict(each.units) for each in step.actions if isinstance(each, CallBack)]


def kept_code(step: Step) -> tuple[str, bool]:
    """Why an event has no room yet; and whether it is kept."""
    assert step.refusal is not None
    return step.refusal.code, step.refusal.is_kept


# -- Parcels ---------------------------------------------------------------------------------------


def test_a_scan_after_the_arrival_is_no_news() -> None:
    """Carriers are late with them: what has arrived, has."""
    for arrival in ({}, {"lines": {"1": 1}}):
        story = Story()
        story.happened(Shipped, **sent(tracking="T1"))
        story.happened(Delivered, parcel="p1", **arrival)
        units = story.units()
        for content in ({"stage": "out_for_delivery"}, {"tracking": "T2"}):
            step = story.happened(Tracked, parcel="p1", **content)
            assert (step.effect, step.notifications) == (Effect.NO_CHANGE, ())
        assert story.units() == units
        step = story.happened(DeliveryFailed, parcel="p1", asks_customer=True, reason="absent")
        assert (step.effect, step.notifications) == (Effect.NO_CHANGE, ())


@pytest.mark.parametrize(
    ("kind", "content"),
    [(Provided, {}), (Delivered, {"parcel": "p1"}), (Lost, {"parcel": "p1", "credited": {}})],
)
def test_a_fact_about_a_line_that_nobody_knows_is_kept(kind: Any, content: dict[str, Any]) -> None:
    """The staff hears of it; a recall is of what an order has, and of nothing else."""
    story = Story()
    step = story.happened(kind, lines={"9": 1}, **content)
    assert kept_code(step) == ("line.unknown", True)
    assert story.told["staff:order.review_needed"] == 1
    assert len(step.record.history.parcels) == 1


def test_what_is_lost_may_change_what_sending_costs() -> None:
    """Whoever says what becomes of it says that as well."""
    story = Story(shipping=FIVE)
    story.happened(Shipped, **sent())
    assert story.record.due == 3 * FIVE
    story.happened(Lost, parcel="p1", lines=ONE, credited=ONE, shipping=Decimal(0))
    assert story.record.due == FIVE


def test_a_parcel_of_which_only_the_arrival_is_known_left_the_best_place() -> None:
    """Of those that have something reserved for its lines: the one of the lowest rank."""
    rows = [Stock(sku="mug", location=place, on_hand=9) for place in "xy"]
    for ranks, place in (((1, 2), "x"), ((2, 1), "y"), ((1, 1), "x")):
        stock = Inventory(
            rows,
            locations=[
                Location(id=name, rank=rank) for name, rank in zip("xy", ranks, strict=True)
            ],
            reservations=[reserved("mug", 1, each) for each in "xy"],
        )
        story = Story(stock=stock)
        story.happened(Delivered, parcel="p1", lines=ONE)
        assert [each.location for each in story.record.history.parcels] == [place]


# -- Pick lists ------------------------------------------------------------------------------------


def test_remorse_ends_on_the_instant() -> None:
    """What takes an hour is over when that hour is."""
    story = Story(rules=Rules(remorse=HOUR))
    step = story.happened(Released, ref="f1", location="x", lines=ONE)
    assert step.effect is Effect.APPLIED


def test_a_location_gives_back_what_is_on_its_list() -> None:
    """No unit of another line of the order; of a line that the order has not it is refused."""
    story = Story(line("1", 2), line("2", 2))
    story.happened(Released, ref="f1", location="x", lines={"1": 2})
    step = story.happened(NotFulfilled, ref="f1", lines={"1": 1, "2": 1}, reason="rejected")
    assert step.effect is Effect.APPLIED
    assert [dict(each.given_back) for each in story.record.history.fulfilments] == [ONE]
    assert story.stock.reserved("mug", "x") == 3
    step = story.happened(NotFulfilled, ref="f1", lines={"9": 1}, reason="rejected")
    assert kept_code(step) == ("line.unknown", False)


def test_what_a_location_does_not_find_is_what_is_on_its_list() -> None:
    """It is news though another line is named as well, of which it had nothing."""
    story = Story(line("1", 2), line("2", 2))
    story.happened(Released, ref="f1", location="x", lines={"1": 2})
    step = story.happened(NotFulfilled, ref="f1", lines={"1": 1, "2": 1}, reason="short")
    assert (step.effect, story.told["staff:order.at_risk"]) == (Effect.APPLIED, 1)


def test_the_last_rejection_of_a_location_counts() -> None:
    """By when it happened, whichever was heard of last."""
    story = handed_over(4)
    for hours in (5, 3):
        story.happened(NotFulfilled, ref="f1", lines=ONE, reason="rejected", at=NOON + hours * HOUR)
    assert [each.rejected_at for each in story.record.history.fulfilments] == [NOON + 5 * HOUR]


def test_what_was_asked_back_and_is_not_found_is_to_be_granted() -> None:
    """It is at no location: somebody says yes or no to who wanted it cancelled; it is told once."""
    story = handed_over(4)
    story.happened(CancelRequested, lines=ONE)
    content: dict[str, Any] = {"ref": "f1", "reason": "short"}
    assert asked_of(story.happened(NotFulfilled, **content)) == [("Ask", "cancel.requested")]
    assert story.told["staff:order.at_risk"] == 1
    assert story.happened(NotFulfilled, lines=ONE, **content).effect is Effect.NO_CHANGE
    assert story.told["staff:order.at_risk"] == 1


def test_a_request_waits_until_all_of_it_is_granted() -> None:
    """Of each line by itself."""
    story = handed_over(4, 4)
    story.happened(CancelRequested, lines={"1": 2, "2": 1})
    story.happened(Cancelled, lines={"1": 1})
    assert story.record.history.requests == (("1", 1), ("2", 1))
    story.happened(Cancelled, lines={"1": 2})
    assert story.record.history.requests == (("2", 1),)
    story.happened(Cancelled)
    assert story.record.history.requests == ()


def test_only_what_is_not_wanted_is_called_back() -> None:
    """Of the lines that it is about; and each unit once, however often it is stopped."""
    story = handed_over(2, 2)
    assert called_back(story.happened(CancelRequested, lines=ONE)) == [{"1": 1}]
    story = handed_over(2, 2)
    assert called_back(story.happened(Cancelled, lines=ONE)) == [{"1": 1}]
    assert called_back(story.happened(HoldPlaced, **STOP)) == [{"1": 1, "2": 2}]
    assert called_back(story.happened(HoldPlaced, source="qa", code="qa.other")) == []


def test_a_location_that_gives_back_unasked_is_asked_for_that_much() -> None:
    """So that its paper and ours say the same."""
    step = handed_over(2).happened(NotFulfilled, ref="f1", lines=ONE, reason="called_back")
    assert called_back(step) == [ONE]


def test_more_money_calls_nothing_back() -> None:
    """Nor does missing more of what was missing already: a location has said that it sends it."""
    assert handed_over(2).happened(Authorized, payment="b", amount=FIVE).actions == ()
    story = handed_over(2)
    assert called_back(story.happened(AuthorizationExpired, payment="card")) == [{"1": 2}]
    story.happened(CancelDeclined, ref="f1")
    story.happened(Authorized, payment="b", amount=FIVE)
    assert called_back(story.happened(Voided, payment="b")) == []


# -- Handed over -----------------------------------------------------------------------------------


def test_only_what_could_not_leave_before_is_handed_over() -> None:
    """What was reserved already was said to be."""
    stock = Inventory.of({("mug", "x"): 9}).with_reserved(reserved("mug", 2))
    story = Story(line(quantity=4), stock=stock)
    event = story.make(StockReceived, units={("mug", "x"): 1})
    step = story.heard(event, reserved={("mug", "x"): 1})
    assert step.actions == (Release(location="x", units=ONE),)


def test_the_rest_of_a_shipment_leaves_with_it() -> None:
    """One of its two units is at the location, and one was said to be handed over."""
    at = NOON + DAY
    shipments = [
        Shipment(
            location="x",
            lines=[("1", "mug", 3)],
            ready_at=at + day * DAY,
            ships_at=at + day * DAY,
            delivered_at=at + (day + 1) * DAY,
        )
        for day in (0, 1)
    ]
    stock = Inventory.of({("mug", "x"): 9}).with_reserved(reserved("mug", 2))
    story = Story(line(quantity=6), stock=stock)
    story.happened(Released, ref="f1", location="x", lines=ONE)
    event = story.make(StockReceived, units={("mug", "x"): 1})
    promise = Promise(shipments=shipments)
    step = story.heard(event, reserved={("mug", "x"): 3}, promise=promise)
    assert step.actions == (
        Release(location="x", units={"1": 1}, ships_at=at),
        Release(location="x", units={"1": 2}, ships_at=at + DAY),
    )


def test_as_many_kits_leave_as_a_shipment_has_of_each_part() -> None:
    """What is not promised with them leaves by itself; without one part there is no kit."""
    kit = Item(sku="set", components=[Component(sku="cup", quantity=2), Component(sku="pot")])
    rows = [Stock(sku=sku, location="x", on_hand=9) for sku in ("cup", "pot")]
    for pots, cups, promised_pots, expected in (
        (3, 6, 1, [1, 2]),
        (3, 2, 3, [1, 2]),
        (3, 6, 0, [3]),
        (1, 6, 9, [1]),
        (0, 6, 9, []),
    ):
        parts = [reserved("cup", 6), *([reserved("pot", pots)] if pots else [])]
        stock = Inventory(rows, items=[kit], reservations=parts)
        story = Story(line(sku="set", quantity=3), stock=stock)
        story.happened(HoldPlaced, **STOP)
        shipped = [("1", "cup", cups), *([("1", "pot", promised_pots)] if promised_pots else [])]
        at = NOON + DAY
        about = {"ready_at": at, "ships_at": at, "delivered_at": at}
        promise = Promise(shipments=[Shipment(location="x", lines=shipped, **about)])
        step = story.heard(story.make(HoldLifted, **STOP), promise=promise)
        releases = [each for each in step.actions if isinstance(each, Release)]
        assert [dict(each.units)["1"] for each in releases] == expected


def test_where_all_pay_later_what_was_stopped_goes_on_unpaid() -> None:
    """By default it waits for its money."""
    for rules, actions in ((Rules(), []), (Rules(unpaid_leaves=True), [("Release", "")])):
        story = Story(payments=[], rules=rules)
        story.happened(HoldPlaced, **STOP)
        assert asked_of(story.happened(HoldLifted, **STOP)) == actions


# -- What was agreed -------------------------------------------------------------------------------


def test_one_of_two_lines_may_be_other_than_before() -> None:
    """What an amendment says that is so already changes nothing, of an order that is done too."""
    story = Story(line("1", 2), line("2", 2))
    step = story.happened(Amended, ordered={"1": 2, "2": 1})
    assert (step.effect, story.record.open("2")) == (Effect.APPLIED, 1)
    story.happened(Shipped, **sent(lines={"1": 2, "2": 1}))
    assert story.happened(Amended, ordered={"1": 2, "2": 1}).effect is Effect.NO_CHANGE


def test_the_address_that_it_has_is_no_other_one() -> None:
    """Of an order that is done that is no change either."""
    story = Story(ship_to=HOME)
    story.happened(Shipped, **sent())
    step = story.happened(Amended, ship_to=HOME)
    assert (step.effect, step.notifications) == (Effect.NO_CHANGE, ())


def test_what_is_off_an_order_already_is_not_taken_off_again() -> None:
    """What came back, and what was cancelled: so many are ordered, as the customer says."""
    story = Story(line(quantity=4))
    story.happened(Shipped, **sent(4))
    story.happened(ReturnReceived, lines=ONE, location="x")
    assert story.happened(Amended, ordered={"1": 3}).effect is Effect.NO_CHANGE
    story = Story(line(quantity=4))
    story.happened(Shipped, **sent(1))
    story.happened(Cancelled, lines={"1": 1})
    story.happened(Shipped, **sent(2, parcel="p2"))
    assert story.happened(Amended, ordered={"1": 3}).effect is Effect.NO_CHANGE
    step = story.happened(Amended, ordered={"1": 2})
    assert step.refusal is not None
    assert step.refusal.detail == "4 of line 1 can't be taken off any more, not 2."


def test_a_line_goes_down_to_what_is_not_open_at_most() -> None:
    """And whoever wants it lower reads how far it goes."""
    story = Story(line(quantity=4))
    story.happened(Shipped, **sent(3))
    step = story.happened(Amended, ordered={"1": 1})
    assert step.refusal is not None
    assert step.refusal.detail == "3 of line 1 can't be taken off any more, not 1."
    assert story.happened(Amended, ordered={"1": 3}).effect is Effect.APPLIED


def test_what_is_raised_by_whole_boxes_has_come_no_way_by_that() -> None:
    """A line to which nothing has happened is none of those that have come a way."""
    story = Story()
    story.happened(Amended, ordered={"1": 3})
    assert (story.record.open("1"), story.record.progress) == (3, ())


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        (Lost, {"parcel": "p1", "lines": {"1": 2}, "credited": {"1": 2}}),
        (ReturnReceived, {"lines": {"1": 2}, "location": "x"}),
    ],
)
def test_an_order_of_which_nothing_is_out_can_be_called_off_again(
    kind: Any, content: dict[str, Any]
) -> None:
    """Whoever cancels what is lost, or back, is not told that it has left."""
    story = Story()
    story.happened(Shipped, **sent())
    story.happened(kind, **content)
    assert story.happened(Cancelled, by="customer").effect is Effect.NO_CHANGE


# -- People and time -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        (Rejected, {"by": "Grace"}),
        (DelayAsked, {"new_date": NOON + DAY, "tell": False}),
        (RemorseEnded, {}),
    ],
)
def test_what_is_said_of_an_order_is_a_change(kind: Any, content: dict[str, Any]) -> None:
    """Though no unit moves, and no money."""
    story = Story(payments=[], stock=Inventory())
    assert story.happened(kind, **content).effect is Effect.APPLIED


def test_until_when_a_customer_may_answer() -> None:
    """30 days from the date that they were told; who waits by silence, until that date."""
    for silence, new, previous, expected in (
        ("cancel", NOON + 9 * DAY, NOON + 2 * DAY, NOON + 32 * DAY),
        ("cancel", NOON + 9 * DAY, None, NOON + HOUR + 30 * DAY),
        ("consent", NOON + 9 * DAY, NOON + 2 * DAY, NOON + 9 * DAY),
        ("consent", None, NOON + 2 * DAY, NOON + 32 * DAY),
    ):
        story = Story()
        story.happened(DelayAsked, silence=silence, new_date=new, previous_date=previous)
        assert [each.answer_by for each in story.record.history.delays] == [expected]


def test_an_answer_that_is_not_possible_says_why() -> None:
    """By the number of the question, if it names one; to decline twice is to decline."""
    story = Story()
    for ref, detail in (
        ("d9", "Nobody was asked d9."),
        ("", "Nobody was asked whether they wait."),
    ):
        step = story.happened(DelayAnswered, is_accepted=True, ref=ref)
        assert step.refusal is not None
        assert step.refusal.detail == detail
    story.happened(DelayAsked, new_date=NOON + DAY, ref="d1")
    story.happened(DelayAnswered, is_accepted=False)
    assert story.happened(DelayAnswered, is_accepted=False).effect is Effect.NO_CHANGE


def test_the_last_question_is_the_one_that_silence_answers() -> None:
    """What was asked before it is overtaken."""
    story = Story()
    for ref in ("d1", "d2"):
        story.happened(DelayAsked, new_date=NOON + DAY, silence="consent", ref=ref)
    later = NOON + 60 * DAY
    events = timed_events(story.record, now=later)
    assert [each.ref for each in events if isinstance(each, DelayAnswered)] == ["d2"]


def test_a_clock_is_set_to_the_next_event_that_time_brings() -> None:
    """To the first of those that are still to come: at its instant it has come."""
    story = Story(payments=[])
    rules = Rules(unpaid=2 * DAY, acceptance=DAY, unpaid_leaves=False)
    assert timed_wake_at(story.record, rules, now=NOON) == NOON + 2 * DAY
    story = handed_over(2, rules=Rules(unpaid_leaves=True), payments=[])
    for now, expected in ((0, 25), (24, 25), (25, 48), (48, None)):
        instant = None if expected is None else NOON + expected * HOUR
        assert timed_wake_at(story.record, rules, now=NOON + now * HOUR) == instant


def test_a_list_that_has_nothing_more_is_not_waited_for() -> None:
    """A location that has sent all of it has accepted it; one that has sent a line has not."""
    rules = Rules(acceptance=DAY)
    story = handed_over(1, 1, 1)
    for parcel, line_id in (("p1", "1"), ("p2", "2")):
        assert timed_wake_at(story.record, rules, now=NOON) == NOON + HOUR + DAY
        story.happened(Shipped, parcel=parcel, location="x", lines={line_id: 1})


def test_a_list_that_was_sent_is_not_taken_back_while_more_is_open() -> None:
    """The rest of the order waits for other goods."""
    rules = Rules(acceptance=DAY)
    story = Story()
    story.happened(Released, ref="f1", location="x", lines=ONE)
    story.happened(Shipped, **sent(1))
    assert timed_wake_at(story.record, rules, now=NOON) is None


def test_the_time_to_change_ones_mind_runs_when_all_is_there() -> None:
    """Of an order that came in parts; of one of which somebody does not know when, never."""
    story = Story(line("1", 1), line("2", 1))
    story.happened(Shipped, parcel="p1", location="x", lines={"2": 1})
    story.happened(Delivered, parcel="p1")
    assert withdrawal_ends(story.record) == {"2": None}
    story.record = story.record.with_progress("1", shipped=1, delivered=1)
    assert withdrawal_ends(story.record) == {"1": None, "2": None}
    with pytest.raises(ValueError, match=r"^record: "):
        withdrawal_ends(story.record.order)  # type: ignore[arg-type]


def test_a_period_that_ends_on_a_sunday_ends_on_monday() -> None:
    """And on no later day; where an order names no zone, by UTC."""
    days = [Shift(start=time(9), end=time(17), weekdays=range(5))]
    week = BusinessCalendar(timezone=UTC, shifts=days)
    story = Story(line(quantity=1))
    story.happened(Shipped, **sent(1))
    story.happened(Delivered, parcel="p1", at=datetime(2026, 3, 1, 23, tzinfo=UTC))
    end = withdrawal_ends(story.record, calendar=week)["1"]
    assert end == datetime(2026, 3, 16, 23, 59, 59, 999999, tzinfo=UTC)


def test_what_has_not_arrived_may_be_sent_back_at_any_time() -> None:
    """The time to change one's mind has not begun."""
    story = Story(rules=Rules(withdrawal_days=14))
    story.happened(Shipped, **sent())
    content = {"lines": ONE, "ground": "withdrawal", "at": NOON + 90 * DAY}
    assert story.happened(ReturnRequested, **content).effect is Effect.APPLIED


def test_a_return_is_approved_once() -> None:
    """The customer hears of it, and who says so again says nothing new."""
    story = Story()
    story.happened(Shipped, **sent())
    story.happened(ReturnRequested, ref="r1", lines=ONE, ground="claim")
    for effect in (Effect.APPLIED, Effect.NO_CHANGE):
        assert story.happened(ReturnApproved, ref="r1").effect is effect
        assert story.told["customer:return.approved"] == 1


def test_a_return_without_a_number_that_another_source_numbered() -> None:
    """It is announced once."""
    story = Story()
    story.happened(Shipped, **sent())
    story.happened(ReturnRequested, ref="e9", lines=ONE)
    step = story.happened(ReturnRequested, id="e9", lines=ONE)
    assert (step.effect, story.units()["return_requested"]) == (Effect.DUPLICATE, 1)
    assert code_of(story.happened(ReturnRequested, id="e8", ref="e9", lines={"1": 2})) == (
        "event.conflict"
    )
