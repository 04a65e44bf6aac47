"""What a message about an event says, and what it does not: rows, numbers, and who hears of it."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import pytest
from story import FIVE, NOON, Story, line

from fulfill_core import Address, Component, Inventory, Item, Notification, Payment, Stock
from fulfill_core.lifecycle import (
    Amended,
    AuthorizationFailed,
    Cancelled,
    CancelRequested,
    Captured,
    CaptureFailed,
    DelayAnswered,
    DelayAsked,
    Delivered,
    DeliveryFailed,
    Lost,
    ProductRecalled,
    Released,
    ReturnApproved,
    ReturnClosed,
    ReturnReceived,
    ReturnRequested,
    Shipped,
    Step,
    Tracked,
)
from fulfill_core.records import Told

TEN = Decimal(10)
CARD: dict[str, Any] = {"payment": "card"}
ONE = {"1": 1}
HOME = Address(name="Ada", street=["Lange Str. 1"], city="Kiel", country="DE")


def sent(units: int = 2, **content: Any) -> dict[str, Any]:
    """A parcel of line 1."""
    return {"parcel": "p1", "location": "x", "lines": {"1": units}, **content}


def kinds_of(step: Step) -> list[str]:
    """The kinds of the messages of a step."""
    return [str(each.kind) for each in step.notifications]


def message_in(step: Step, kind: str) -> Notification:
    """The one message of a kind."""
    [message] = [each for each in step.notifications if each.kind == kind]
    return message


# -- Parcels ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("carrier", "tracking"), [("", ""), ("UPS", ""), ("", "T1"), ("UPS", "T1")]
)
def test_a_parcel_is_told_with_all_that_is_known_of_it(carrier: str, tracking: str) -> None:
    """Its own number, who brings it, and the number to follow it by; and what is in it."""
    step = Story().happened(Shipped, **sent(1, carrier=carrier, tracking=tracking))
    message = message_in(step, "parcel.shipped")
    details = (("parcel", "p1"), ("carrier", carrier), ("tracking", tracking))
    assert message.reasons == tuple([pair for pair in details if pair[1]])
    assert message.lines == (("1", "mug", 2, 1, 1, 0, None),)


def test_a_parcel_that_was_scanned_before_it_was_packed_is_told_when_it_is() -> None:
    """A carrier that is quick takes no news away."""
    story = Story()
    story.happened(Tracked, parcel="p1", tracking="T1")
    assert "parcel.shipped" in kinds_of(story.happened(Shipped, **sent()))


def test_parts_of_a_kit_are_told_as_a_parcel_of_their_line() -> None:
    """Once: a scan of it is another piece of news."""
    kit = Item(sku="set", components=[Component(sku="cup"), Component(sku="pot")])
    rows = [Stock(sku=sku, location="x", on_hand=9) for sku in ("cup", "pot")]
    story = Story(line(sku="set"), stock=Inventory(rows, items=[kit]))
    step = story.happened(Shipped, **sent(lines={}, parts=[("1", "cup", 2)]))
    assert message_in(step, "parcel.shipped").lines == (("1", "set", 2, 2, 2, 0, None),)
    step = story.happened(Tracked, parcel="p1", stage="out_for_delivery")
    assert kinds_of(step) == ["parcel.out_for_delivery"]


def test_a_parcel_of_which_only_the_loss_is_known_was_not_on_its_way() -> None:
    """Who hears that it is lost need not hear that it was sent."""
    step = Story().happened(Lost, parcel="p1", lines=ONE, credited=ONE)
    assert [each for each in kinds_of(step) if each.startswith("parcel")] == ["parcel.lost"]


def parcel_sent(**content: Any) -> Story:
    """A parcel with both mugs is on its way, with a carrier and a number."""
    story = Story(**content)
    story.happened(Shipped, **sent(), carrier="Express", tracking="T1")
    return story


CARRIED = (("parcel", "p1"), ("carrier", "Express"), ("tracking", "T1"))


def test_a_parcel_that_waits_says_where_and_until_when() -> None:
    """By the customer's clock; and again if either is another, but not if that is said again."""
    story = parcel_sent(timezone=ZoneInfo("Europe/Berlin"))
    about: dict[str, Any] = {"parcel": "p1", "stage": "ready_for_pick_up"}
    [message] = story.happened(Tracked, **about).notifications
    assert (message.kind, message.reasons) == ("parcel.ready_for_pick_up", CARRIED)
    place = {"waits_at": "Kiosk, Main St 3", "waits_until": NOON + timedelta(days=7)}
    [message] = story.happened(Tracked, **about, **place).notifications
    assert message.kind == "parcel.ready_for_pick_up"
    assert message.reasons == (
        *CARRIED,
        ("waits_at", "Kiosk, Main St 3"),
        ("waits_until", "2026-03-09T13:00:00+01:00"),
    )
    assert story.happened(Tracked, **about, **place).notifications == ()
    assert story.happened(Tracked, **about).notifications == ()
    [message] = story.happened(Tracked, **about, waits_until=NOON + timedelta(days=9)).notifications
    assert dict(message.reasons)["waits_at"] == "Kiosk, Main St 3"


def test_a_parcel_that_waits_elsewhere_does_not_wait_until_the_date_of_before() -> None:
    """Until when is said of a place: of the next one it is not known before somebody says so."""
    story = parcel_sent()
    about: dict[str, Any] = {"parcel": "p1", "stage": "ready_for_pick_up"}
    story.happened(Tracked, **about, waits_at="Kiosk A", waits_until=NOON + timedelta(days=3))
    [message] = story.happened(Tracked, **about, waits_at="Kiosk B").notifications
    assert message.reasons == (*CARRIED, ("waits_at", "Kiosk B"))
    [message] = story.happened(Tracked, **about, waits_until=NOON + timedelta(days=9)).notifications
    assert dict(message.reasons)["waits_at"] == "Kiosk B"


def test_where_a_parcel_will_wait_may_be_known_before_it_does() -> None:
    """It is told once it is there; a parcel that nobody reported of has a place as well."""
    story = parcel_sent()
    assert story.happened(Tracked, parcel="p1", waits_at="Kiosk").notifications == ()
    step = story.happened(Tracked, parcel="p1", stage="ready_for_pick_up")
    assert dict(step.notifications[0].reasons)["waits_at"] == "Kiosk"
    story = Story()
    step = story.happened(Tracked, parcel="p9", stage="ready_for_pick_up", waits_at="Kiosk")
    assert step.notifications[0].reasons == (("parcel", "p9"), ("waits_at", "Kiosk"))


@pytest.mark.parametrize(
    ("content", "details"),
    [
        ({}, ()),
        ({"reason": "absent"}, (("reason", "absent"),)),
        (
            {"reason": "absent", "advice": "Choose another day."},
            (("reason", "absent"), ("advice", "Choose another day.")),
        ),
    ],
)
def test_who_has_to_help_a_carrier_hears_which_one_and_what_to_do(
    content: dict[str, str], details: tuple[tuple[str, str], ...]
) -> None:
    """With the number there; of a parcel that nobody reported of only its own is known."""
    unheard = (("parcel", "p9"),)
    for story, parcel, known in ((parcel_sent(), "p1", CARRIED), (Story(), "p9", unheard)):
        step = story.happened(DeliveryFailed, parcel=parcel, asks_customer=True, **content)
        assert message_in(step, "parcel.delivery_failed").reasons == (*known, *details)


def test_a_loss_says_what_comes_again_and_what_costs_nothing() -> None:
    """So the customer knows what becomes of it."""
    story = parcel_sent()
    step = story.happened(Lost, parcel="p1", lines={"1": 2}, reopened=ONE, credited=ONE)
    assert message_in(step, "parcel.lost").lines == (("1", "mug", 2, 2, 1, 1, None),)


# -- Confirmed at the latest with the goods --------------------------------------------------------


def decided(*contents: tuple[str, str]) -> Told:
    """What the customer was told of a decision, of which this holds."""
    about: dict[str, Any] = {"audience": "customer", "recipient": "ada@example.com"}
    return Told(id="3f", at=NOON, contents=contents, locale="en", **about)


@pytest.mark.parametrize(
    ("told", "is_cancelled", "is_confirmed"),
    [
        ([], False, True),
        ([], True, True),
        ([decided(("c1", "A-1:order.confirmed:c1"))], False, False),
        ([decided(("c1", "A-1:order.cancelled:c1"))], True, False),
        ([decided()], False, True),
        ([decided()], True, False),
    ],
)
def test_what_was_never_confirmed_is_with_the_first_parcel(
    told: list[Told], is_cancelled: bool, is_confirmed: bool
) -> None:
    """Who was told something that holds was told. What lapsed of an order that was open was taken
    back before anybody read it; of one of which nothing was open it has lapsed with that.
    """
    story = Story()
    if is_cancelled:
        story.record = story.record.with_progress("1", cancelled=2)
    story.record = attrs.evolve(story.record, told=told)
    step = story.happened(Shipped, **sent(1))
    assert ("order.confirmed" in kinds_of(step)) == is_confirmed


def test_what_leaves_though_it_was_cancelled_confirms_nothing() -> None:
    """Who heard of the cancel would read that the order stands; who heard nothing has a parcel."""
    for tell in (True, False):
        story = Story()
        story.happened(Cancelled, lines={"1": 2}, tell=tell)
        step = story.happened(Shipped, **sent(1))
        assert ("order.confirmed" in kinds_of(step)) == (not tell)


def test_the_second_parcel_confirms_nothing() -> None:
    """Whoever sent the first one, before anybody reported events."""
    story = Story()
    story.record = story.record.with_progress("1", shipped=1)
    assert kinds_of(story.happened(Shipped, **sent(1))) == ["parcel.shipped"]


# -- What was agreed -------------------------------------------------------------------------------


def test_a_cancellation_says_how_many_units_it_took() -> None:
    """Not those that an amendment took off before; and what is open still."""
    story = Story(line("1", 4), line("2", 1))
    story.happened(Amended, ordered={"1": 3})
    step = story.happened(Cancelled, lines=ONE, by="shop")
    message = message_in(step, "order.partly_cancelled")
    assert message.lines == (("1", "mug", 3, 0, 2, 1, None),)


@pytest.mark.parametrize("kind", [Cancelled, CancelRequested])
@pytest.mark.parametrize(
    ("by", "lines", "messages"),
    [("customer", {}, 1), ("shop", {}, 0), ("customer", {"9": 1}, 0)],
)
def test_a_customer_who_comes_too_late_hears_of_it(
    kind: Any, by: str, lines: dict[str, int], messages: int
) -> None:
    """Nobody else does: the shop knows, and what is not possible anyway was not declined."""
    story = Story()
    story.happened(Shipped, **sent())
    story.happened(kind, by=by, lines=lines)
    assert story.told["customer:order.cancel_declined"] == messages


def test_an_amendment_says_all_lines_and_what_is_due() -> None:
    """A location hears of another address only, and only where something is on its list."""
    story = Story(line("1", 2), line("2", 2))
    story.happened(Released, ref="f1", location="x", lines=ONE)
    story.happened(Released, ref="f2", location="y", lines={"2": 1})
    story.happened(Shipped, parcel="p2", location="y", lines={"2": 1}, fulfilment="f2")
    step = story.happened(Amended, ordered={"1": 1})
    message = message_in(step, "order.amended")
    assert message.lines == (("1", "mug", 1, 0, 1, 0, None), ("2", "mug", 2, 0, 1, 0, None))
    assert message.reasons == (("due", "15.00"),)
    assert "fulfilment.changed" not in kinds_of(step)
    step = story.happened(Amended, ship_to=HOME)
    changed = message_in(step, "fulfilment.changed")
    assert (changed.recipient, dict(changed.reasons)) == ("x", {"fulfilment": "f1"})


def test_a_question_about_a_delay_is_about_all_lines() -> None:
    """With what is open of each."""
    step = Story(line("1", 2)).happened(DelayAsked, new_date=NOON + timedelta(days=9))
    message = message_in(step, "order.delay_choice")
    assert message.lines == (("1", "mug", 2, 0, 2, 0, None),)


WHY = "not_in_stock"


@pytest.mark.parametrize(
    ("kinds", "content", "expected"),
    [
        ([], {"new_date": None}, None),
        (["order.confirmed"], {"new_date": None}, None),
        (["order.backordered"], {"new_date": None}, WHY),
        (["order.partly_backordered"], {"new_date": None}, WHY),
        (["order.backordered"], {"new_date": NOON + timedelta(days=9)}, None),
        (
            ["order.backordered"],
            {"new_date": None, "reason": "strike"},
            "strike",
        ),
        ([], {"new_date": NOON + timedelta(days=9), "reason": "strike"}, "strike"),
    ],
)
def test_a_question_about_a_delay_says_why(
    kinds: list[str], content: dict[str, Any], expected: str | None
) -> None:
    """As the shop says it; if it does not, and nobody knows a date, what the customer was told last
    (16 CFR 435.2(b)(1)). The record keeps what the shop said.
    """
    story = Story()
    told = [decided(*[(f"c{kind}", f"A-1:{kind}:c") for kind in kinds])]
    story.record = attrs.evolve(story.record, told=told)
    message = message_in(story.happened(DelayAsked, **content), "order.delay_choice")
    assert dict(message.reasons).get("reason") == expected
    assert story.record.history.delays[-1].reason == content.get("reason", "")


def test_who_did_not_answer_is_told_that_it_was_that() -> None:
    """Who cancels knows why; a reason in somebody's words is told as it is."""
    for by, reasons in (("silence", (("reason", "no_answer"),)), ("customer", ())):
        story = Story()
        story.happened(DelayAsked, new_date=None, ref="d1")
        step = story.happened(DelayAnswered, is_accepted=False, by=by)
        assert message_in(step, "order.cancelled").reasons == reasons


# -- Money -----------------------------------------------------------------------------------------


def test_an_amount_has_as_many_digits_as_it_needs() -> None:
    """Two at least."""
    for amount, text in (("5", "5.00"), ("5.1", "5.10"), ("5.125", "5.125")):
        step = Story(line(unit_price=Decimal(9))).happened(Captured, amount=Decimal(amount), **CARD)
        message = message_in(step, "payment.received")
        assert message.reasons == (("amount", text), ("currency", "EUR"))


def test_money_that_comes_with_a_parcel_is_told_with_it() -> None:
    """Only what comes before any goods is received."""
    story = Story()
    story.happened(Shipped, **sent(1))
    assert story.happened(Captured, amount=FIVE, **CARD).notifications == ()


def test_a_failure_that_leaves_enough_is_the_shops_own() -> None:
    """The customer hears of it where something is missing by it: once, as a failure."""
    cards = [Payment(id=name, amount=TEN, authorized_at=NOON) for name in ("card", "b")]
    story = Story(payments=cards)
    story.happened(CaptureFailed, amount=TEN, **CARD)
    assert story.told["customer:payment.failed"] == 0
    story = Story(payments=[])
    story.happened(AuthorizationFailed, amount=TEN, **CARD)
    customer = {key: count for key, count in story.told.items() if key.startswith("customer")}
    assert customer == {"customer:payment.failed": 1}


# -- Back ------------------------------------------------------------------------------------------


def test_what_came_back_is_told_beside_what_is_awaited() -> None:
    """Each return by itself, when it comes; a receipt says how many units."""
    story = Story(line(quantity=4))
    story.happened(Shipped, **sent(4))
    for ref in ("r1", "r2"):
        story.happened(ReturnRequested, ref=ref, lines=ONE, ground="claim")
    for ref in ("r2", "r1"):
        step = story.happened(ReturnReceived, ref=ref, lines=ONE, location="x")
        message = message_in(step, "return.received")
        assert (message.subject, [row[3] for row in message.lines]) == (f"return:{ref}", [1])


def test_an_approved_return_says_what_may_be_sent() -> None:
    """Not what came back already, or was given up."""
    story = Story(line(quantity=5))
    story.happened(Shipped, **sent(5))
    story.happened(ReturnRequested, ref="r1", lines={"1": 4}, ground="claim")
    story.happened(ReturnClosed, ref="r1", lines=ONE)
    story.happened(ReturnReceived, ref="r1", lines=ONE, location="x")
    step = story.happened(ReturnApproved, ref="r1", advice="To Lime Street 12.")
    message = message_in(step, "return.approved")
    assert message.lines == (("1", "mug", 5, 2, 0, 0, None),)
    assert message.reasons == (("return", "r1"), ("advice", "To Lime Street 12."))


@pytest.mark.parametrize(("reason", "details"), [("", ()), ("worn", (("reason", "worn"),))])
def test_a_return_is_declined_with_the_reason(
    reason: str, details: tuple[tuple[str, str], ...]
) -> None:
    """If the shop says one."""
    story = Story()
    story.happened(Shipped, **sent())
    story.happened(ReturnRequested, ref="r1", lines=ONE, ground="claim")
    step = story.happened(ReturnClosed, ref="r1", is_declined=True, reason=reason)
    assert message_in(step, "return.declined").reasons == (("return", "r1"), *details)


def test_a_recall_without_a_number_goes_by_the_id_of_its_event() -> None:
    """Two of them are two pieces of news."""
    story = Story()
    story.happened(Shipped, **sent())
    story.happened(Delivered, parcel="p1")
    for event_id in ("x1", "x2"):
        step = story.happened(ProductRecalled, id=event_id, lines=ONE, reason="It breaks.")
        assert message_in(step, "product.recalled").subject == f"recall:{event_id}"


def test_the_staff_hears_each_reason_once() -> None:
    """A report that comes again with one reason less is no news, and with one more only of that."""
    story = Story(line("1", 2), line("2", 2), line("3", 2))
    story.happened(Shipped, **sent())
    story.happened(ReturnRequested, ref="r1", lines=ONE)
    told = [
        [text[:15] for each in step.notifications for _, text in each.reasons]
        for step in (
            story.happened(ReturnClosed, ref="r1", lines=lines)
            for lines in ({"1": 2, "2": 1}, {"2": 1}, {"2": 1, "3": 1}, {"3": 1})
        )
    ]
    assert told == [["2 of line 1 wil", "1 of line 2 wil"], [], ["1 of line 3 wil"], []]
    entry = story.record.told_to("staff", "event:e3")
    assert entry is not None
    assert len({message_id for _, message_id in entry.contents}) == 1
