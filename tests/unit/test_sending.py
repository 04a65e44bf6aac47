"""When, where and together with what messages go out."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import pytest
from effort import FEWER
from hypothesis import given
from hypothesis import strategies as st

from fulfill_core import InvalidValueError, Kind, Notification
from fulfill_core.calendars import BusinessCalendar, Shift
from fulfill_core.notifications import (
    MAY_WAIT,
    ON_PAPER,
    PRESSING,
    Contact,
    Delivery,
    Omission,
    Preferences,
    combined,
    deliveries,
)

BERLIN = ZoneInfo("Europe/Berlin")
WEEK = [Shift(start=time(8), end=time(20), weekdays=range(6))]
DAY = BusinessCalendar(timezone=BERLIN, shifts=WEEK, holidays=[date(2026, 3, 4)])
NIGHT = datetime(2026, 3, 2, 22, tzinfo=UTC)  # a Monday, 23:00 in Berlin
MORNING = datetime(2026, 3, 3, 7, tzinfo=UTC)
QUIET = Preferences(hours=DAY)
MAIL = Contact(medium="email", recipient="ada@example.com")
TEXT = Contact(medium="phone", recipient="+49 30 1234")
HOOK = Contact(medium="webhook", recipient="https://shop.example/hook", informs=False)


def message(kind: str = Kind.SHIPPED, **content: Any) -> Notification:
    """A message to the customer of order A-1."""
    about = {"order_id": "A-1", "audience": "customer", "recipient": "ada@example.org"}
    return Notification(**{"kind": kind, "medium": "email", "locale": "en", **about, **content})


def at(*messages: Notification, now: datetime = NIGHT, wishes: Preferences = QUIET) -> list[Any]:
    """When each goes out, and what is in it."""
    mailing = deliveries(messages, now=now, usual=wishes)
    assert mailing.omissions == ()
    return [
        (each.send_at, [str(part.kind) for part in each.messages]) for each in mailing.deliveries
    ]


# -- Quiet hours -----------------------------------------------------------------------------------


def test_what_informs_waits_for_the_morning_and_what_is_owed_does_not() -> None:
    """By the customer's own clock; while they may be disturbed all goes at once."""
    shipped, cancelled = message(Kind.SHIPPED), message(Kind.CANCELLED)
    assert at(shipped, cancelled) == [(NIGHT, [Kind.CANCELLED]), (MORNING, [Kind.SHIPPED])]
    noon = MORNING + timedelta(hours=4)
    assert at(shipped, cancelled, now=noon) == [(noon, [Kind.CANCELLED, Kind.SHIPPED])]
    assert at(message("shop.anything")) == [(NIGHT, ["shop.anything"])]
    assert at(shipped, wishes=Preferences()) == [(NIGHT, [Kind.SHIPPED])]


def test_nothing_waits_past_its_own_date() -> None:
    """What arrives before the morning, or today, is told now."""
    soon = message(delivered_at=MORNING - timedelta(hours=1))
    later = message(delivered_at=MORNING + timedelta(hours=1))
    over = message(delivered_at=NIGHT - timedelta(days=1))
    assert [at(each)[0][0] for each in (soon, later, over)] == [NIGHT, MORNING, MORNING]
    row = ("1", "mug", 1, 0, 1, 0, MORNING - timedelta(hours=1))
    assert at(message(lines=[row]))[0][0] == NIGHT
    assert at(message(Kind.OUT_FOR_DELIVERY))[0][0] == NIGHT
    early = datetime(2026, 3, 3, 5, tzinfo=UTC)
    assert at(message(Kind.OUT_FOR_DELIVERY), now=early)[0][0] == MORNING


def test_what_waits_somewhere_is_told_before_it_goes_back() -> None:
    """Until when it waits is its own date, in any zone; what is no instant is none."""
    for until, expected in (
        ("2026-03-03T07:59:00+01:00", NIGHT),
        ("2026-03-03T08:00:00+01:00", MORNING),
        ("2026-03-01T08:00:00+00:00", MORNING),
        ("2026-03-03T01:00:00", MORNING),
        ("until the shop closes", MORNING),
    ):
        reasons = [("waits_at", "Kiosk"), ("waits_until", until)]
        assert at(message(Kind.READY_FOR_PICK_UP, reasons=reasons))[0][0] == expected


def test_holidays_are_quiet() -> None:
    """The next opening is the day after."""
    now = datetime(2026, 3, 3, 22, tzinfo=UTC)
    assert at(message(), now=now)[0][0] == datetime(2026, 3, 5, 7, tzinfo=UTC)


# -- Where -----------------------------------------------------------------------------------------


def place(note: Notification, *contacts: Contact) -> Any:
    """Where a message goes, or why it does not go out."""
    mailing = deliveries([note], now=NIGHT, usual=Preferences(contacts=contacts))
    if mailing.omissions:
        [(omitted, reason)] = mailing.omissions
        assert omitted is note
        return reason
    [delivery] = mailing.deliveries
    return delivery.recipient


def test_the_medium_that_a_customer_likes_best_comes_first() -> None:
    """But what they are to keep goes by e-mail; what they did not agree to does not inform."""
    assert place(message()) == "ada@example.org"
    assert place(message(), TEXT, MAIL) == TEXT.recipient
    assert place(message(Kind.CONFIRMED), TEXT, MAIL) == MAIL.recipient
    assert place(message(Kind.CONFIRMED), TEXT) == TEXT.recipient
    assert place(message(), HOOK, MAIL) == MAIL.recipient
    assert place(message(), HOOK) is Omission.NO_CONSENT
    assert place(message(Kind.CANCELLED), HOOK) == HOOK.recipient
    assert place(message(recipient="", medium="")) is Omission.NO_MAILBOX
    assert place(message(audience="staff", recipient=""), TEXT) == ""


def test_only_what_informs_can_be_left_out() -> None:
    """What is owed is told, whoever does not want to hear it."""
    wishes = {"A-1": Preferences(muted=[Kind.SHIPPED, Kind.CANCELLED])}
    notes = [message(), message(Kind.CANCELLED), message(order_id="A-2")]
    mailing = deliveries(notes, wishes, now=NIGHT)
    assert mailing.omissions == ((notes[0], Omission.MUTED),)
    assert [each.order_id for each in mailing.deliveries] == ["A-1", "A-2"]


def test_each_kind_of_the_library_is_of_a_class() -> None:
    """What may wait is nothing that a customer is to keep, and nothing that presses."""
    kinds = {str(each) for each in Kind}
    assert kinds >= MAY_WAIT | ON_PAPER | PRESSING
    assert not MAY_WAIT & ON_PAPER
    assert not PRESSING & (MAY_WAIT | ON_PAPER)


# -- Together --------------------------------------------------------------------------------------


def test_news_on_one_order_go_out_together() -> None:
    """To one place, in one language; not with those of another order."""
    notes = [message(), message(Kind.CANCELLED), message(Kind.CONFIRMED)]
    others = [message(order_id="A-2"), message(locale="de")]
    parts = deliveries([*notes, *others], now=NIGHT).deliveries
    assert [len(each.messages) for each in parts] == [3, 1, 1]
    digest = parts[0]
    assert [each.kind for each in digest.messages] == [Kind.CANCELLED, Kind.CONFIRMED, Kind.SHIPPED]
    assert digest.id == deliveries(notes, now=MORNING).deliveries[0].id
    assert digest.id.startswith("A-1:digest:")
    assert parts[1].id == others[0].id


@pytest.mark.parametrize("kind", sorted(ON_PAPER))
def test_what_is_owed_by_law_comes_first_and_does_not_wait(kind: str) -> None:
    """No two of it are one delivery, so each has a subject of its own; nobody can mute it."""
    owed, other = message(kind), message(Kind.RETURN_REQUESTED)
    second = message(kind, news_key="another")
    wishes = Preferences(hours=DAY, muted=[kind])
    parts = deliveries([other, owed, message(), second], now=NIGHT, usual=wishes).deliveries
    assert [(each.send_at, each.messages) for each in parts[:2]] == [
        (NIGHT, (owed, other)),
        (NIGHT, (second,)),
    ]
    with pytest.raises(ValueError, match="is owed by law, and at once"):
        deliveries([owed], now=NIGHT, may_wait=frozenset({kind}))


@pytest.mark.parametrize("kind", sorted(PRESSING))
def test_what_presses_stands_before_a_confirmation(kind: str) -> None:
    """Who reads "confirmed" reads no further. What is owed and asks, or answers, is before both."""
    notes = [message(each) for each in (Kind.SHIPPED, Kind.CONFIRMED, "shop.own", kind)]
    assert at(*notes, wishes=Preferences()) == [
        (NIGHT, [kind, Kind.CONFIRMED, "shop.own", Kind.SHIPPED])
    ]
    for owed in (Kind.DELAY_CHOICE, Kind.WITHDRAWAL_ACKNOWLEDGED, Kind.PRODUCT_RECALLED):
        assert at(message(kind), message(owed)) == [(NIGHT, [owed, kind])]


def test_a_location_gets_each_paper_by_itself() -> None:
    """So does the staff, at any hour."""
    for audience in ("location", "staff"):
        notes = [message(kind, audience=audience) for kind in (Kind.PICK_LIST, Kind.CALL_BACK)]
        assert [moment for moment, _ in at(*notes)] == [NIGHT, NIGHT]


def test_what_was_superseded_while_it_waited_does_not_go_out() -> None:
    """It is handed in again with the news that takes its place."""
    old = message()
    new = attrs.evolve(message(Kind.NOT_SHIPPED), supersedes=[old.id])
    mailing = deliveries([old, new], now=MORNING)
    assert mailing.omissions == ((old, Omission.SUPERSEDED),)
    assert [each.messages for each in mailing.deliveries] == [(new,)]


def test_what_is_owed_takes_the_rest_along_whichever_came_first() -> None:
    """And a digest in which something is owed takes no second of it."""
    owed, other = message(Kind.CONFIRMED), message(Kind.RETURN_REQUESTED)
    second = message(Kind.CONFIRMED, news_key="another")
    [digest] = deliveries([owed, other], now=NIGHT).deliveries
    assert digest.messages == (owed, other)
    parts = combined([digest, *deliveries([second], now=NIGHT).deliveries])
    assert [each.messages for each in parts] == [(owed, other), (second,)]


def test_a_date_that_is_the_morning_is_in_time() -> None:
    """What is told as it comes is told; only what would be late is told at night."""
    assert at(message(delivered_at=MORNING))[0][0] == MORNING


def test_today_ends_before_tomorrow_begins() -> None:
    """Who may be disturbed from midnight on hears of what comes today before that."""
    always = [Shift(start=time(0), end=time(20), weekdays=range(7))]
    wishes = Preferences(hours=BusinessCalendar(timezone=UTC, shifts=always))
    assert at(message(Kind.OUT_FOR_DELIVERY), wishes=wishes) == [(NIGHT, [Kind.OUT_FOR_DELIVERY])]
    assert at(message(Kind.SHIPPED), wishes=wishes)[0][0] == NIGHT + timedelta(hours=2)


def test_nobody_of_the_house_waits_for_the_morning() -> None:
    """Whatever they are told."""
    for audience in ("staff", "location"):
        assert at(message(Kind.SHIPPED, audience=audience))[0][0] == NIGHT


# -- Laws ------------------------------------------------------------------------------------------

NOTES = st.builds(
    message,
    st.sampled_from([*Kind, "shop.own"]),
    order_id=st.sampled_from(["A-1", "A-2"]),
    audience=st.sampled_from(["customer", "staff", "location"]),
    recipient=st.sampled_from(["", "x", "y"]),
    news_key=st.sampled_from("abc"),
    delivered_at=st.sampled_from([None, NIGHT, MORNING, MORNING + timedelta(days=3)]),
)
WISHES = st.builds(
    Preferences,
    contacts=st.lists(st.sampled_from([MAIL, TEXT, HOOK]), max_size=2),
    muted=st.sets(st.sampled_from([str(each) for each in Kind]), max_size=5),
    hours=st.sampled_from([None, DAY]),
)


@given(st.lists(NOTES, max_size=6), WISHES, st.integers(0, 200))
@FEWER
def test_nothing_is_lost_and_what_waits_is_told_in_time(
    notes: list[Notification], wishes: Preferences, hours: int
) -> None:
    """Each message goes out once or has a reason; asked again when it is due, it goes out then."""
    now = NIGHT + timedelta(hours=hours)
    mailing = deliveries(notes, now=now, usual=wishes)
    parts = [part for each in mailing.deliveries for part in each.messages]
    assert sorted(map(id, [*parts, *[note for note, _ in mailing.omissions]])) == sorted(
        map(id, notes)
    )
    for each in mailing.deliveries:
        assert each.send_at >= now
        if each.send_at > now:
            assert {part.kind for part in each.messages} <= MAY_WAIT
            assert DAY.is_open(each.send_at)
            again = deliveries(each.messages, now=each.send_at, usual=wishes).deliveries
            assert again == (each,)


def test_a_delivery_is_for_the_audience_of_its_messages() -> None:
    """A notifier asks a delivery as it asks a message: whom it is for, by what, and where."""
    notes = [message(Kind.SHIPPED), message(Kind.SHIPPED, news_key="p2")]
    [digest] = deliveries(notes, now=NIGHT).deliveries
    assert len(digest.messages) == 2
    for note in notes:
        assert (digest.audience, digest.medium, digest.recipient) == (
            note.audience,
            note.medium,
            note.recipient,
        )


# -- Bad input -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "path"),
    [
        (lambda: Contact(medium="pigeon", recipient="x"), "Contact.medium"),
        (lambda: Contact(medium="email", recipient=""), "Contact.recipient"),
        (lambda: Contact(medium="email", recipient="x", informs=1), "Contact.informs"),
        (lambda: Preferences(contacts=["x"]), r"Preferences.contacts\[0\]"),
        (lambda: Preferences(muted="parcel.shipped"), "Preferences.muted"),
        (lambda: Preferences(hours="8-20"), "Preferences.hours"),
        (lambda: Delivery(messages=[], send_at=NIGHT), "Delivery.messages"),
        (lambda: Delivery(messages=[message()], send_at=None), "Delivery.send_at"),
        (lambda: Delivery(messages=["x"], send_at=NIGHT), r"Delivery.messages\[0\]"),
        (lambda: Delivery(messages=[message()], send_at=NIGHT, recipient=5), "Delivery.recipient"),
        (lambda: Delivery(messages=[message()], send_at=NIGHT, medium=5), "Delivery.medium"),
        (lambda: combined([message()]), r"parts\[0\]"),
        (lambda: deliveries(["hello"], now=NIGHT), r"messages\[0\]"),
        (lambda: deliveries([], {"A-1": None}, now=NIGHT), r"preferences\['A-1'\]"),
        (lambda: deliveries([], now=NIGHT, usual=None), "usual"),
        (lambda: deliveries([], now=datetime(2026, 3, 2)), "now"),  # noqa: DTZ001
    ],
)
def test_what_makes_no_sense_is_refused(make: Any, path: str) -> None:
    """By its path."""
    with pytest.raises(InvalidValueError, match=f"^{path}: "):
        make()


@pytest.mark.parametrize("may_wait", [None, 3, "parcel.shipped", ["parcel.shipped"]])
def test_kinds_that_may_wait_are_a_set(may_wait: Any) -> None:
    """In a text each part of it would be a kind."""
    [sent] = deliveries([message()], now=MORNING).deliveries
    for call in (lambda: combined([sent], may_wait=may_wait),
                 lambda: deliveries([message()], now=NIGHT, may_wait=may_wait)):  # fmt: skip
        with pytest.raises(InvalidValueError, match="may_wait"):
            call()
