"""A payment covers what it does until the first of those agreements ends that still do."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from itertools import permutations
from typing import Any, NamedTuple

from hypothesis import given
from hypothesis import strategies as st
from story import FIVE, NOON, Story, asked_of, line

from fulfill_core import Customer, Order, OrderRecord, Payment
from fulfill_core.lifecycle import (
    Amended,
    AuthorizationExpired,
    AuthorizationFailed,
    Authorized,
    Cancelled,
    Captured,
    CaptureFailed,
    Effect,
    Event,
    Refunded,
    Shipped,
    Voided,
    replay,
)

TEN = 2 * FIVE
HOUR = timedelta(hours=1)
SOON, LATER = NOON + 2 * HOUR, NOON + 90 * HOUR
CARD: dict[str, Any] = {"payment": "card"}
ALL: dict[str, Any] = {"parcel": "p1", "location": "x", "lines": {"1": 2}}


def card(expires_at: datetime | None = SOON) -> Payment:
    """What the order costs, agreed to as it was placed."""
    return Payment(id="card", amount=TEN, authorized_at=NOON, expires_at=expires_at)


def payment_of(story: Story) -> Payment:
    """The payment as it is."""
    return {each.id: each for each in story.record.order.payments}["card"]


def test_what_is_agreed_to_anew_has_its_own_end() -> None:
    """The first agreement ran out, and who paid agreed again by the same card: it is captured."""
    for is_said in (True, False):
        story = Story(payments=[card()])
        story.hours = 3
        if is_said:
            story.happened(AuthorizationExpired, **CARD)
        step = story.happened(Authorized, amount=TEN, expires_at=LATER, **CARD)
        assert asked_of(step) == [("Release", "")]
        assert (payment_of(story).expires_at, payment_of(story).authorized) == (LATER, TEN)
        assert asked_of(story.happened(Shipped, **ALL)) == [("Capture", "10.00")]


def test_that_what_had_ended_ran_out_may_be_said_later() -> None:
    """It was worth nothing by then: what was agreed to since is as it was."""
    story = Story(payments=[card()])
    story.hours = 3
    story.happened(Authorized, amount=TEN, expires_at=LATER, **CARD)
    step = story.happened(AuthorizationExpired, amount=TEN, **CARD)
    assert (step.actions, payment_of(story).authorized) == ((), TEN)


def test_what_was_to_be_let_go_and_had_ended_is_not_what_is_agreed_to_anew() -> None:
    """Whether or not its gateway says that it is gone: the new one pays for what it is for."""
    for is_said in (True, False):
        story = Story(payments=[card()])
        story.happened(Cancelled, lines={"1": 1})
        story.happened(Shipped, parcel="p1", location="x", lines={"1": 1}, at=NOON)
        assert asked_of(story.happened(Captured, amount=FIVE, **CARD)) == [("Void", "5.00")]
        story.hours = 3
        if is_said:
            story.happened(AuthorizationExpired, **CARD)
        story.happened(Amended, added=[line("2", 1, replaces="1")])
        story.happened(Authorized, amount=FIVE, expires_at=LATER, **CARD)
        parcel = {"parcel": "p2", "location": "y", "lines": {"2": 1}}
        assert asked_of(story.happened(Shipped, **parcel)) == [("Capture", "5.00")]


def test_what_is_to_be_let_go_is_waited_for_where_nothing_is_agreed_to() -> None:
    """What was refused at the instant of its agreement is none."""
    story = Story(payments=[card(None)])
    assert asked_of(story.happened(Cancelled)) == [("Void", "10.00")]
    about = {"amount": FIVE, "ref": "a1", "at": NOON + HOUR, **CARD}
    for kind in (AuthorizationFailed, Authorized):
        assert story.happened(kind, **about).actions == ()
    assert asked_of(story.happened(Authorized, amount=FIVE, ref="a2", **CARD)) == [("Void", "5.00")]


def test_what_is_agreed_to_after_its_refusal_is_let_go_by_itself() -> None:
    """Be it under its number: it is another amount."""
    story = Story(payments=[card()])
    story.happened(Cancelled)
    story.hours = 3
    story.happened(AuthorizationFailed, amount=FIVE, ref="a1", **CARD)
    step = story.happened(Authorized, amount=FIVE, ref="a1", **CARD)
    assert asked_of(step) == [("Void", "5.00")]


def test_what_ran_out_is_taken_off_what_had_ended() -> None:
    """The gateway says that at the end of it, of one that is good for longer beside it."""
    about = {"amount": FIVE, **CARD}
    for kind in (AuthorizationExpired, Voided):
        story = Story(payments=[card(None)])
        story.happened(Authorized, ref="a", expires_at=SOON, **about)
        story.happened(kind, ref="x", at=SOON, **about)
        assert (payment_of(story).expires_at, payment_of(story).authorized) == (None, TEN)
        story.happened(Captured, ref="c", **about)
        story.happened(Authorized, ref="b", expires_at=LATER, **about)
        assert (payment_of(story).expires_at, payment_of(story).authorized) == (None, TEN)
        story.happened(Captured, ref="d", **about)
        assert (payment_of(story).expires_at, payment_of(story).authorized) == (LATER, FIVE)


def test_money_comes_of_what_has_not_ended() -> None:
    """The oldest had ended when it was captured: it is what is left."""
    story = Story(payments=[])
    story.happened(Authorized, amount=FIVE, ref="a", expires_at=SOON, at=NOON, **CARD)
    story.happened(Authorized, amount=FIVE, ref="b", expires_at=LATER, at=NOON + HOUR, **CARD)
    story.happened(Captured, amount=FIVE, ref="c", at=SOON, **CARD)
    assert (payment_of(story).expires_at, payment_of(story).authorized) == (SOON, FIVE)


def test_what_is_agreed_to_anew_without_an_end_has_none() -> None:
    """Nobody knows when it ends: the end of what ran out is not its own."""
    story = Story(payments=[card()])
    story.hours = 3
    story.happened(AuthorizationExpired, **CARD)
    story.happened(Authorized, amount=TEN, **CARD)
    assert payment_of(story).expires_at is None


def test_the_end_of_what_came_is_none_of_what_is_agreed_to_after_it() -> None:
    """All of the first agreement was captured; an addition was agreed to by the same card."""
    story = Story(payments=[card()])
    story.happened(Shipped, **ALL)
    story.happened(Captured, amount=TEN, **CARD)
    story.happened(Authorized, amount=FIVE, expires_at=LATER, **CARD)
    assert payment_of(story).expires_at == LATER
    story.happened(Refunded, amount=FIVE, **CARD)
    story.happened(CaptureFailed, amount=TEN, ref="e2", **CARD)  # of what has ended by now
    assert (payment_of(story).expires_at, payment_of(story).authorized) == (LATER, FIVE)


def test_while_both_are_good_the_first_end_counts() -> None:
    """The gateway does not say which of them a capture is taken from."""
    story = Story(payments=[card(expires_at=LATER)])
    story.happened(Authorized, amount=FIVE, expires_at=SOON, ref="a", **CARD)
    assert payment_of(story).expires_at == LATER  # what it stood at before keeps its end
    story.happened(Voided, amount=TEN, at=SOON - HOUR / 2, **CARD)
    assert payment_of(story).expires_at == SOON


def test_the_end_of_what_was_refused_after_all_is_no_end() -> None:
    """Under one number the bank agreed, and turned it down: it covers nothing, and ends nothing."""
    story = Story(payments=[])
    story.happened(Authorized, amount=TEN, ref="a", expires_at=SOON, **CARD)
    story.happened(Authorized, amount=TEN, ref="b", expires_at=LATER, **CARD)
    story.happened(AuthorizationFailed, amount=TEN, ref="a", **CARD)
    assert (payment_of(story).expires_at, payment_of(story).authorized) == (LATER, TEN)


def test_of_two_reports_of_one_agreement_the_earlier_end_counts() -> None:
    """Whichever was heard first, and whichever happened first."""
    reports = [(3, SOON), (2, LATER), (4, None)]
    ends: set[tuple[datetime | None, datetime | None]] = set()
    for sequence in permutations(reports):
        story = Story(payments=[])
        for hours, end in sequence:
            at = NOON + hours * HOUR / 10
            story.happened(Authorized, amount=TEN, at=at, ref="a", expires_at=end, **CARD)
        ends.add((payment_of(story).authorized_at, payment_of(story).expires_at))
    assert ends == {(NOON + HOUR / 5, SOON)}


def test_who_says_how_it_is_paid_says_it_first() -> None:
    """A later report that tells until when it covers something says no more than that."""
    story = Story(payments=[])
    story.happened(Authorized, amount=TEN, ref="a", method="wallet", **CARD)
    step = story.happened(Authorized, amount=TEN, ref="a", method="card", expires_at=LATER, **CARD)
    assert step.effect is Effect.APPLIED
    assert (payment_of(story).method, payment_of(story).expires_at) == ("wallet", LATER)


# -- Coin by coin ------------------------------------------------------------------------------


class Coin(NamedTuple):
    """A euro that was agreed to."""

    end: int | None
    is_opening: bool


def coins_left(rows: list[tuple[str, int, int, int | None]]) -> tuple[list[Coin], list[Coin]]:
    """What neither came nor was let go, coin by coin; and what of that covers nothing any more.

    Args:
        rows: what happened, in its sequence: kind, at which hour, how many, until when.
    """
    coins: list[Coin] = [Coin(2, is_opening=True)] * 10
    ended: list[Coin] = []
    for kind, hour, amount, end in rows:
        over = [each for each in coins if each.end is not None and each.end <= hour]
        good = [each for each in coins if each not in over]
        if kind == "agreed":
            coins = good
            ended += over
            coins += [Coin(end, is_opening=False)] * amount
        elif kind == "came":
            for coin in [*good, *over, *ended][:amount]:
                (coins if coin in coins else ended).remove(coin)
        elif kind == "let go":
            for coin in [*ended, *over, *good][:amount]:
                (ended if coin in ended else coins).remove(coin)
        else:
            coins, ended = [], []
    return coins, ended


ROWS = st.lists(
    st.tuples(
        st.sampled_from(["agreed", "agreed", "came", "let go", "all let go"]),
        st.just(0),
        st.integers(min_value=1, max_value=6),
        st.one_of(st.none(), st.integers(min_value=1, max_value=12)),
    ),
    max_size=7,
)


def events_of(rows: list[tuple[str, int, int, int | None]]) -> list[Event]:
    """What happened, as events."""
    events: list[Event] = []
    for kind, hour, amount, end in rows:
        about: dict[str, Any] = {"id": f"e{hour}", "order_id": "A-1", "at": NOON + hour * HOUR}
        expires_at = None if end is None else NOON + end * HOUR
        if kind == "agreed":
            agreed = Authorized(amount=Decimal(amount), expires_at=expires_at, **about, **CARD)
            events.append(agreed)
        elif kind == "came":
            events.append(Captured(amount=Decimal(amount), **about, **CARD))
        else:
            most = Decimal(amount) if kind == "let go" else None
            events.append(Voided(amount=most, **about, **CARD))
    return events


@given(ROWS, st.randoms(use_true_random=False))
def test_what_covers_and_until_when_is_as_if_each_coin_had_its_end(
    rows: list[tuple[str, int, int, int | None]], dice: Any
) -> None:
    """Whatever is heard first; as long as no more comes, or is let go, than there is."""
    rows = [(kind, hour, *rest) for hour, (kind, _, *rest) in enumerate(rows, start=1)]
    possible: list[tuple[str, int, int, int | None]] = []
    for row in rows:
        coins, ended = coins_left(possible)
        most = row[2] if row[0] == "agreed" else len(coins) + len(ended)
        if most:
            possible.append((row[0], row[1], min(row[2], most), row[3]))
    coins, _ = coins_left(possible)
    order = Order(
        id="A-1",
        placed_at=NOON,
        customer=Customer(id="C-1"),
        currency="EUR",
        lines=[],
        payments=[card()],
    )
    events = events_of(possible)
    dice.shuffle(events)
    [payment] = replay(OrderRecord(order=order), events).order.payments
    assert payment.authorized == len(coins)
    if coins:
        own = [each for each in coins if each.is_opening] or coins
        ends = [each.end for each in own if each.end is not None]
        assert payment.expires_at == (NOON + min(ends) * HOUR if ends else None)
