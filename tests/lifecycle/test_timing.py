"""What time alone brings: events of its own, each once, for `advance` like all others."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import pytest
from effort import FEWER
from hypothesis import given
from hypothesis import strategies as st
from story import FIVE, NOON, Story, asked_of, code_of, line
from test_law import record, stock, streams

from fulfill_core import (
    Audience,
    Hold,
    InvalidValueError,
    OrderRecord,
    Outcome,
    Payment,
    process,
)
from fulfill_core.calendars import BusinessCalendar, Shift
from fulfill_core.lifecycle import (
    Amended,
    AuthorizationExpired,
    Authorized,
    Cancelled,
    DelayAnswered,
    DelayAsked,
    Delivered,
    Effect,
    Event,
    HoldLifted,
    HoldPlaced,
    Lost,
    Progressed,
    Release,
    Released,
    ReturnRequested,
    Rules,
    Shipped,
    Status,
    Tracked,
    advance,
    released_by_line,
    status,
    timed_events,
    timed_wake_at,
    wake_at,
    withdrawal_ends,
)
from fulfill_core.records import Answer, Silence, Told, us_silence

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
ALL = Rules(unpaid=3 * DAY, review=DAY, acceptance=4 * HOUR, delays="us", withdrawal_days=14)


def unpaid(**content: Any) -> Story:
    """An order that nobody has paid."""
    return Story(rules=ALL, payments=[], **content)


def brought(story: Story, now: datetime) -> list[str]:
    """What time brings by then, each carried out."""
    names: list[str] = []
    for event in timed_events(story.record, story.rules, now=now):
        story.heard(event)
        names.append(type(event).__name__)
    return names


# -- Unpaid ----------------------------------------------------------------------------------------


def test_what_nobody_pays_is_cancelled() -> None:
    """On the instant, once, and the customer is told why."""
    story = unpaid()
    assert timed_wake_at(story.record, ALL, now=NOON) == NOON + 3 * DAY
    assert timed_events(story.record, ALL, now=NOON + 3 * DAY - timedelta(microseconds=1)) == ()
    [event] = timed_events(story.record, ALL, now=NOON + 9 * DAY)
    assert (event.at, timed_events(story.record, ALL, now=NOON + 10 * DAY)) == (
        NOON + 3 * DAY,
        (event,),
    )
    step = story.heard(event)
    [message] = [each for each in step.notifications if each.kind == "order.cancelled"]
    assert (message.reasons, status(story.record)) == ((("reason", "unpaid"),), Status.CANCELLED)
    [message] = [each for each in step.notifications if each.audience == "staff"]
    assert (message.kind, message.reasons) == ("order.withdrawn", (("by", "time"),))
    assert story.stock.available("mug", "x") == 9
    assert timed_events(story.record, ALL, now=NOON + 10 * DAY) == ()
    assert timed_wake_at(story.record, ALL, now=NOON) is None


def test_the_last_word_of_a_gateway_counts() -> None:
    """Who tried yesterday has time again; an authorization that runs out makes an order unpaid."""
    card = Payment(id="card", amount=2 * FIVE, authorized_at=NOON, expires_at=NOON + 7 * DAY)
    story = Story(rules=ALL, payments=[card])
    assert timed_wake_at(story.record, ALL, now=NOON) == NOON + 10 * DAY
    story.heard(story.make(AuthorizationExpired, payment="card", at=NOON + 5 * DAY))
    assert timed_wake_at(story.record, ALL, now=NOON) == NOON + 8 * DAY
    late = {"payment": "new", "amount": 2 * FIVE, "at": NOON + 6 * DAY}
    story.heard(story.make(Authorized, **late))
    assert timed_wake_at(story.record, ALL, now=NOON) is None


@pytest.mark.parametrize("name", ["left", "held", "invoice", "never", "covered"])
def test_what_is_not_cancelled_for_want_of_money(name: str) -> None:
    """What has left, what a person is at, and where a shop does not say so."""
    story = unpaid() if name != "covered" else Story(rules=ALL)
    rules = {"invoice": attrs.evolve(ALL, unpaid_leaves=True), "never": Rules()}.get(name, ALL)
    if name == "left":
        story.happened(Shipped, parcel="p1", location="x", lines={"1": 1})
    if name == "held":
        story.happened(HoldPlaced, source="qa", code="qa.look")
    kinds = [type(each) for each in timed_events(story.record, rules, now=NOON + 99 * DAY)]
    assert Cancelled not in kinds


# -- Reviews, acceptances --------------------------------------------------------------------------


def test_a_review_that_nobody_does_is_told_once_for_each_hold() -> None:
    """To the staff only; a hold that is placed again waits anew."""
    story = Story(rules=ALL)
    story.happened(HoldPlaced, source="qa", code="qa.look")
    assert timed_wake_at(story.record, ALL, now=NOON) == NOON + HOUR + DAY
    assert brought(story, NOON + 2 * DAY) == ["Escalated"]
    assert (story.told["staff:order.escalated"], brought(story, NOON + 3 * DAY)) == (1, [])
    story.record = story.record.without_hold("qa", "qa.look")
    story.record = story.record.with_hold(
        Hold(order_id="A-1", source="qa", code="qa.look", at=NOON + 4 * DAY)
    )
    assert brought(story, NOON + 5 * DAY) == ["Escalated"]


def test_an_order_that_a_run_holds_is_reviewed_in_time() -> None:
    """By when the run began to hold it."""
    story = Story(rules=ALL)
    held = {"outcome": Outcome.HELD, "since": NOON + HOUR}
    story.record = attrs.evolve(story.record, **held)
    assert timed_wake_at(story.record, ALL, now=NOON) == NOON + HOUR + DAY
    story.record = attrs.evolve(story.record, since=None)
    assert timed_wake_at(story.record, ALL, now=NOON) is None


def test_what_a_location_does_not_accept_is_free_for_others() -> None:
    """It is asked not to send it, and not asked again today; what it has accepted stays there."""
    story = Story(rules=ALL)
    story.happened(Released, ref="f1", location="x", lines={"1": 1})
    story.happened(Released, ref="f2", location="x", lines={"1": 1})
    story.happened(Progressed, ref="f2", stage="accepted")
    [event] = timed_events(story.record, ALL, now=NOON + DAY)
    step = story.heard(event)
    assert [(type(each).__name__, getattr(each, "fulfilment", "")) for each in step.actions] == [
        ("CallBack", "f1")
    ]
    assert (released_by_line(story.record), story.stock.reserved("mug", "x")) == ({"1": 1}, 1)
    first = story.record.history.fulfilment("f1")
    assert first is not None
    assert first.rejected_at == NOON + 5 * HOUR
    assert brought(story, NOON + 2 * DAY) == []


# -- Delays ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("new", "previous", "is_first", "expected"),
    [
        (30, 0, True, Silence.CONSENT),
        (31, 0, True, Silence.CANCEL),
        (30, 0, False, Silence.CANCEL),
        (None, 0, True, Silence.CANCEL),
        (30, None, True, Silence.CANCEL),
    ],
)
def test_silence_is_consent_once_to_a_date_within_30_days(
    new: int | None, previous: int | None, is_first: bool, expected: Silence
) -> None:
    """16 CFR 435.2(b)(1): a definite date, a first delay, no more than 30 days."""
    dates = [None if each is None else NOON + each * DAY for each in (new, previous)]
    assert us_silence(*dates, is_first=is_first) is expected


def test_a_first_short_delay_is_agreed_to_by_silence_and_a_second_is_not() -> None:
    """The customer is told both dates, until when to answer, and what silence means."""
    story = Story(rules=ALL)
    dates = {"previous_date": NOON + DAY, "new_date": NOON + 20 * DAY}
    [message] = story.happened(DelayAsked, ref="d1", **dates).notifications
    assert (message.kind, message.delivered_at, message.previous_date) == (
        "order.delay_choice",
        NOON + 20 * DAY,
        NOON + DAY,
    )
    assert message.reasons == (
        ("delay", "d1"),
        ("answer_by", "2026-03-22T12:00:00+00:00"),
        ("silence", "consent"),
    )
    assert brought(story, NOON + 19 * DAY) == []
    assert brought(story, NOON + 20 * DAY) == ["DelayAnswered"]
    assert (story.record.history.delays[0].answer, story.record.open("1")) == (Answer.ACCEPTED, 2)
    dates = {"previous_date": NOON + 20 * DAY, "new_date": NOON + 30 * DAY}
    story.happened(DelayAsked, ref="d2", at=NOON + 15 * DAY, **dates)
    assert timed_wake_at(story.record, ALL, now=NOON) == NOON + 20 * DAY
    [event] = timed_events(story.record, ALL, now=NOON + 20 * DAY)
    step = story.heard(event)
    assert asked_of(step) == [("Void", "10.00")]
    assert (status(story.record), story.told["customer:order.cancelled"]) == (Status.CANCELLED, 1)


def test_who_was_to_wait_until_a_date_is_asked_again_until_that_date() -> None:
    """In the United States, so that nobody waits for ever by silence (16 CFR 435.2(b)(2)(iii)).

    It is the date of the question before, or what a run has told since; where that had none, or
    by a softer rule, there are 30 days.
    """
    for rules, first, expected in (
        (ALL, NOON + 20 * DAY, NOON + 20 * DAY),
        (ALL, None, NOON + 2 * HOUR + 30 * DAY),
        (Rules(delays="cancel"), NOON + 20 * DAY, NOON + 50 * DAY),
    ):
        story = Story(rules=rules)
        story.happened(DelayAsked, ref="d1", previous_date=NOON + DAY, new_date=first)
        story.happened(DelayAsked, ref="d2", new_date=NOON + 40 * DAY)
        choice = story.record.history.delays[-1]
        assert (choice.previous_date, choice.answer_by) == (first, expected)


def test_a_date_that_a_run_has_told_since_is_the_one_before() -> None:
    """A question is beside what was told last, whoever told it."""
    story = Story(rules=ALL)
    story.happened(DelayAsked, ref="d1", new_date=NOON + 20 * DAY)
    notice = Told(
        audience=Audience.CUSTOMER, id="3f", at=NOON + 2 * HOUR, delivered_at=NOON + 9 * DAY
    )
    story.record = attrs.evolve(story.record, told=[notice])
    story.happened(DelayAsked, ref="d2", new_date=NOON + 30 * DAY)
    choice = story.record.history.delays[-1]
    assert (choice.previous_date, choice.answer_by) == (NOON + 9 * DAY, NOON + 9 * DAY)


def test_a_customer_may_change_their_mind_until_it_is_cancelled() -> None:
    """Who agreed to wait may cancel; who has cancelled waits no more."""
    story = Story(rules=ALL)
    story.happened(DelayAsked, ref="d1", new_date=None)
    assert story.happened(DelayAnswered, is_accepted=True).effect is Effect.APPLIED
    assert story.happened(DelayAnswered, is_accepted=True).effect is Effect.NO_CHANGE
    assert brought(story, NOON + 99 * DAY) == []
    story.happened(DelayAnswered, ref="d1", is_accepted=False)
    assert status(story.record) is Status.CANCELLED
    assert code_of(story.happened(DelayAnswered, is_accepted=True)) == "delay.answered"
    assert code_of(story.happened(DelayAsked, new_date=None)) == "order.cancelled"


@pytest.mark.parametrize(
    ("rule", "expected"),
    [("ask", ["Escalated"]), ("consent", ["DelayAnswered"]), ("cancel", ["DelayAnswered"])],
)
def test_softer_rules_for_silence(rule: str, expected: list[str]) -> None:
    """A shop may say what silence means; the event may say it, too."""
    for rules, silence in ((Rules(delays=rule), None), (Rules(delays="us"), rule)):
        story = Story(rules=rules)
        story.happened(DelayAsked, new_date=NOON + DAY, answer_by=NOON + 2 * DAY, silence=silence)
        assert brought(story, NOON + 2 * DAY) == expected
        assert story.record.open("1") == (0 if rule == "cancel" else 2)
        assert brought(story, NOON + 3 * DAY) == []


def test_what_can_not_be_asked_or_answered() -> None:
    """Each with its reason."""
    story = Story(rules=ALL)
    assert code_of(story.happened(DelayAnswered, is_accepted=True)) == "delay.unknown"
    story.happened(DelayAsked, ref="d1", new_date=None)
    assert code_of(story.happened(DelayAsked, ref="d1", new_date=NOON)) == "delay.known"
    assert code_of(story.happened(DelayAnswered, ref="d9", is_accepted=True)) == "delay.unknown"
    empty = Story(line(quantity=1), rules=ALL, payments=[])
    empty.happened(Amended, ordered={"1": 0})
    assert code_of(empty.happened(DelayAsked, new_date=None)) == "order.cancelled"


# -- Withdrawal ------------------------------------------------------------------------------------


def arrived(story: Story, parcel: str, units: dict[str, int], at: datetime) -> None:
    """A parcel left and arrived."""
    story.happened(Shipped, parcel=parcel, location="x", lines=units)
    story.heard(story.make(Delivered, parcel=parcel, at=at))


def test_the_period_begins_with_the_last_of_the_goods() -> None:
    """2011/83/EU, article 9(2)(b)(i); a line of its own counts from its own last unit."""
    story = Story(line("1", 2), line("2", 1), rules=ALL)
    assert withdrawal_ends(story.record) == {}
    arrived(story, "p1", {"1": 1}, NOON)
    assert withdrawal_ends(story.record) == {"1": None}
    arrived(story, "p2", {"1": 1}, NOON + DAY)
    assert withdrawal_ends(story.record) == {"1": None}
    midnight = datetime(2026, 3, 17, 23, 59, 59, 999999, tzinfo=UTC)
    assert withdrawal_ends(story.record, by_line=True) == {"1": midnight}
    arrived(story, "p3", {"2": 1}, NOON + 4 * DAY)
    assert withdrawal_ends(story.record) == dict.fromkeys("12", midnight + 3 * DAY)
    assert withdrawal_ends(story.record, days=30)["1"] == midnight + 19 * DAY


def test_the_last_word_on_an_arrival_counts_whenever_it_is_heard() -> None:
    """By whichever event; what is lost is waited for no more, what a host counted has no date."""
    story = Story(line("1", 2), rules=ALL)
    story.happened(Shipped, parcel="p1", location="x", lines={"1": 2})
    for at in (NOON + 2 * DAY, NOON + DAY):
        story.heard(story.make(Tracked, parcel="p1", stage="delivered", at=at))
    end = withdrawal_ends(story.record)["1"]
    assert end is not None
    assert end.date() == date(2026, 3, 18)
    story = Story(line("1", 2), rules=ALL)
    arrived(story, "p1", {"1": 1}, NOON)
    story.happened(Lost, parcel="p2", lines={"1": 1}, credited={"1": 1})
    assert withdrawal_ends(story.record)["1"] is not None
    counted = OrderRecord(order=Story().record.order).with_progress("1", shipped=2, delivered=2)
    assert withdrawal_ends(counted) == {"1": None}


def test_days_are_the_customers_and_end_on_working_days() -> None:
    """Regulation 1182/71, article 3(4): a period that ends on a Saturday ends on Monday."""
    week = [Shift(start=time(9), end=time(17))]
    calendar = BusinessCalendar(timezone=UTC, shifts=week, holidays=[date(2026, 3, 16)])
    story = Story(rules=ALL, timezone=ZoneInfo("Asia/Tokyo"))
    arrived(story, "p1", {"1": 2}, datetime(2026, 2, 28, 16, tzinfo=UTC))  # in Tokyo, March 1
    assert withdrawal_ends(story.record)["1"] == datetime(
        2026, 3, 15, 14, 59, 59, 999999, tzinfo=UTC
    )
    end = withdrawal_ends(story.record, calendar=calendar)["1"]
    assert end is not None
    assert end.date() == date(2026, 3, 17)


def test_it_is_too_late_to_change_ones_mind_but_not_to_complain() -> None:
    """What counts is when the customer said so, and the shop's rule."""
    story = Story(rules=ALL)
    arrived(story, "p1", {"1": 2}, NOON)
    end = datetime(2026, 3, 16, 23, 59, tzinfo=UTC)
    late = {"lines": {"1": 1}, "at": end + HOUR}
    step = story.heard(story.make(ReturnRequested, ground="withdrawal", **late))
    assert code_of(step) == "return.too_late"
    assert step.notifications == ()
    for ground, at in (("claim", end + HOUR), ("withdrawal", end)):
        content = {"lines": {"1": 1}, "at": at, "ground": ground}
        assert story.heard(story.make(ReturnRequested, **content)).effect is Effect.APPLIED
    unlimited = Story()
    arrived(unlimited, "p1", {"1": 2}, NOON)
    content = {"lines": {"1": 1}, "at": NOON + 99 * DAY, "ground": "withdrawal"}
    assert unlimited.heard(unlimited.make(ReturnRequested, **content)).effect is Effect.APPLIED


def test_a_withdrawal_is_acknowledged_with_content_date_and_time() -> None:
    """2011/83/EU, article 11a(4), by the customer's clock."""
    story = Story(timezone=ZoneInfo("Europe/Berlin"))
    arrived(story, "p1", {"1": 2}, NOON)
    step = story.happened(ReturnRequested, ref="r1", lines={"1": 2}, ground="withdrawal")
    receipt, staff, request = step.notifications
    assert (receipt.kind, request.kind) == ("order.withdrawal_acknowledged", "return.requested")
    assert (staff.kind, staff.reasons) == ("order.withdrawn", (("by", "customer"),))
    assert receipt.reasons == (("return", "r1"), ("submitted_at", "2026-03-02T16:00:00+01:00"))
    assert [row[:4] for row in receipt.lines] == [("1", "mug", 2, 2)]


# -- Laws ------------------------------------------------------------------------------------------

PERIODS = st.sampled_from([None, timedelta(0), HOUR, DAY])


@given(streams(), PERIODS, PERIODS, PERIODS, st.sampled_from(["ask", "consent", "cancel", "us"]))
@FEWER
def test_what_time_brings_comes_once_and_is_woken_for(
    events: list[Event],
    unpaid_for: timedelta | None,
    review: timedelta | None,
    acceptance: timedelta | None,
    delays: str,
) -> None:
    """After any events: `wake_at` names the instant of the next one; what was applied is over."""
    rules = Rules(unpaid=unpaid_for, review=review, acceptance=acceptance, delays=delays)
    known, inventory = record(), stock()
    for event in events:
        step = advance(known, event, inventory, now=NOON, rules=rules)
        known, inventory = step.record, step.inventory
    now = NOON
    for _ in range(20):
        for event in timed_events(known, rules, now=now):
            assert event.at <= now
            step = advance(known, event, inventory, now=now, rules=rules)
            assert step.refusal is None or step.refusal.code != "event.conflict"
            known, inventory = step.record, step.inventory
        wake_at = timed_wake_at(known, rules, now=now)
        if wake_at is None:
            break
        assert wake_at > now
        assert timed_events(known, rules, now=wake_at - timedelta(microseconds=1)) == timed_events(
            known, rules, now=now
        )
        now = wake_at
    assert timed_wake_at(known, rules, now=now) is None


@pytest.mark.parametrize(
    "content",
    [
        {"unpaid": DAY * -1},
        {"review": 3},
        {"delays": "later"},
        {"withdrawal_days": -1},
        {"acceptance": "1h"},
    ],
)
def test_rules_that_make_no_sense_are_refused(content: dict[str, Any]) -> None:
    """By name."""
    [name] = content
    with pytest.raises(InvalidValueError, match=f"^Rules.{name}: "):
        Rules(**content)


def test_what_is_no_record_is_refused() -> None:
    """So is a naive time, and what is no rule."""
    known = Story().record
    with pytest.raises(InvalidValueError, match=r"^record: "):
        timed_events(known.order, now=NOON)  # type: ignore[arg-type]
    with pytest.raises(InvalidValueError, match=r"^now: "):
        timed_wake_at(known, now=datetime(2026, 3, 2))  # noqa: DTZ001
    with pytest.raises(InvalidValueError, match=r"^rules: "):
        timed_wake_at(known, None, now=NOON)  # type: ignore[arg-type]
    for name, value in (("days", -1), ("by_line", 1), ("calendar", "EU")):
        with pytest.raises(InvalidValueError, match=f"^{name}: "):
            withdrawal_ends(known, **{name: value})


def test_a_host_sets_one_clock() -> None:
    """It is the earlier one of what changes a decision and what brings an event."""
    story = Story(payments=[])
    soon = attrs.evolve(story.record.order, ship_after=NOON + DAY)
    for order, rules, instant in (
        (story.record.order, Rules(), None),
        (story.record.order, ALL, NOON + 3 * DAY),
        (soon, Rules(), NOON + DAY),
        (soon, ALL, NOON + DAY),
    ):
        result = process([order], story.stock, now=NOON, verifiers=[])
        assert wake_at(result, rules) == instant
    with pytest.raises(InvalidValueError, match="result"):
        wake_at(None)  # type: ignore[arg-type]


# -- The time in which a customer may change their mind -----------------------------------------


def remorseful(**content: Any) -> Story:
    """An order whose customer may change it for two hours; a run has reserved what it asks for."""
    story = Story(rules=Rules(remorse=2 * HOUR), **content)
    reserved = story.stock.reservations_of("A-1")
    story.record = attrs.evolve(story.record, reserved=reserved)
    return story


def test_what_was_reserved_while_it_could_be_changed_is_handed_over_then() -> None:
    """The instant is known before, the event is once, and it asks for the pick lists."""
    story = remorseful()
    assert timed_wake_at(story.record, story.rules, now=NOON) == NOON + 2 * HOUR
    assert brought(story, NOON + 2 * HOUR - timedelta(microseconds=1)) == []
    [event] = timed_events(story.record, story.rules, now=NOON + 2 * HOUR)
    story.hours = 2
    step = story.heard(event)
    assert step.actions == (Release(location="x", units={"1": 2}),)
    assert timed_events(step.record, story.rules, now=NOON + DAY) == ()
    assert timed_wake_at(step.record, story.rules, now=NOON) is None


@pytest.mark.parametrize("hours", [1, 2, 3])
def test_what_expires_before_that_time_is_up_is_not_waited_for(hours: int) -> None:
    """The record names it still: of an order with nothing else there is nothing to hand over."""
    story = remorseful()
    [cart] = [attrs.evolve(each, expires_at=NOON + hours * HOUR) for each in story.record.reserved]
    story.record = attrs.evolve(story.record, reserved=[cart])
    events = timed_events(story.record, story.rules, now=NOON + 2 * HOUR)
    assert len(events) == (hours > 2)


def test_the_clock_of_a_run_knows_when_that_time_is_up() -> None:
    """A host sets one clock, by `wake_at`."""
    story = remorseful()
    result = process([story.record.order], story.stock, now=NOON, verifiers=[])
    assert (result.wake_at, wake_at(result, story.rules)) == (None, NOON + 2 * HOUR)


@pytest.mark.parametrize("stop", ["hold", "unpaid"])
def test_what_is_stopped_is_not_handed_over_when_that_time_is_up(stop: str) -> None:
    """It is when nothing stops it any more."""
    story = remorseful(**({"payments": []} if stop == "unpaid" else {}))
    if stop == "hold":
        story.happened(HoldPlaced, source="qa", code="qa.look")
    [event] = timed_events(story.record, story.rules, now=NOON + 2 * HOUR)
    story.hours = 2
    assert story.heard(event).actions == ()
    if stop == "hold":
        step = story.happened(HoldLifted, source="qa", code="qa.look")
    else:
        step = story.happened(Authorized, payment="card", amount=Decimal(10))
    assert Release(location="x", units={"1": 2}) in step.actions


def test_time_hands_nothing_over_of_which_nothing_is_reserved() -> None:
    """Whoever reserves it later hands it over."""
    story = remorseful()
    story.record = attrs.evolve(story.record, reserved=())
    assert brought(story, NOON + DAY) == []
    assert brought(remorseful(), NOON + DAY) == ["RemorseEnded"]
    story = remorseful()
    story.rules = Rules()
    assert brought(story, NOON + DAY) == []
