"""What holds of every step, whatever has happened: facts, wishes, news, and money to the cent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import attrs
import pytest
from effort import FEWER
from hypothesis import given
from hypothesis import strategies as st
from some_events import ACTIONS, AT, EVENTS, STANDS, event
from story import FIVE, NOON, Story, asked_of, code_of, line
from test_law import check, record, stock, streams

from fulfill_core import (
    Customer,
    Inventory,
    Order,
    OrderRecord,
    Outcome,
    Payment,
    Progress,
    process,
)
from fulfill_core.lifecycle import (
    TRANSITIONS,
    Cancelled,
    CancelRequested,
    Capture,
    Captured,
    ChargedBack,
    Delivered,
    Effect,
    Event,
    Lost,
    Nature,
    NotFulfilled,
    Refund,
    Refunded,
    Released,
    ReturnReceived,
    ShipmentVoided,
    Shipped,
    Status,
    Tracked,
    advance,
    released_units,
    status,
)

ONE = {"1": 1}
TEN = Decimal(10)
CARD: dict[str, Any] = {"payment": "card"}
NEVER_REFUSED: dict[type[Event], dict[str, Any]] = {
    Shipped: {},
    Delivered: {"parcel": "p9", "lines": ONE},
    Lost: {"parcel": "p9"},
    ReturnReceived: {},
    Captured: {},
    Refunded: {},
    ChargedBack: {},
}
"""What has happened outside, whatever the order knows of it."""
AGES_LATER = NOON.replace(year=2100)
FINAL = {Status.CANCELLED, Status.SHIPPED, Status.DELIVERED, Status.LOST, Status.RETURNED}


# -- Facts and intentions --------------------------------------------------------------------------


@pytest.mark.parametrize("stand", STANDS)
@pytest.mark.parametrize("kind", NEVER_REFUSED, ids=lambda kind: kind.__name__)
def test_a_fact_is_recorded_however_the_order_stands(stand: str, kind: type[Event]) -> None:
    """It is in the history; where there is no room for it yet it is kept, and the staff is told."""
    before = STANDS[stand]
    step = advance(before, event(kind, **NEVER_REFUSED[kind]), Inventory(), now=AT)
    history = step.record.history
    reports = (history.parcels, history.returns, history.movements)
    assert any(reports)
    assert [event_id for event_id, _ in history.applied] == ["e1"]
    if step.refusal is not None:
        assert step.refusal.is_kept
        assert "staff" in {str(each.audience) for each in step.notifications}


def reports_of(known: OrderRecord) -> dict[object, dict[str, int]]:
    """How much was reported of each parcel, pick list and return, and of which money."""
    history = known.history
    reports: dict[object, dict[str, int]] = {}
    for members, names in (
        (history.parcels, ("delivered", "lost", "reopened", "credited")),
        (history.fulfilments, ("units", "called_back", "given_back")),
        (history.returns, ("requested", "cancelled", "received", "restocked")),
    ):
        for each in members:
            for name in names:
                reports[type(each), each.id, name] = dict(getattr(each, name))
    # Another report may say that it moved earlier.
    reports["movements"] = {
        f"{each.key} {each.amount}": round((AGES_LATER - each.at).total_seconds())
        for each in history.movements
    }
    reports["applied"] = {str(each): 1 for each in history.applied}
    return reports


@given(streams())
@FEWER
def test_what_is_stored_only_grows(events: list[Event]) -> None:
    """What was reported is not taken back: what fails, or was an error, is one report more."""
    known, inventory = record(), stock()
    for each in events:
        step = advance(known, each, inventory, now=NOON)
        after = reports_of(step.record)
        for name, units in reports_of(known).items():
            assert all(after[name].get(key, 0) >= count for key, count in units.items())
        known, inventory = step.record, step.inventory


@given(streams())
@FEWER
def test_final_is_final_for_intentions(events: list[Event]) -> None:
    """Nobody's wish opens an order of which nothing is open, or makes another order of it."""
    known, inventory = record(), stock()
    for each in events:
        step = advance(known, each, inventory, now=NOON)
        if TRANSITIONS[type(each)].nature is Nature.INTENTION and status(known) in FINAL:
            assert status(step.record) is status(known)
            assert step.record.order == known.order
        known, inventory = step.record, step.inventory


@given(streams())
@FEWER
def test_each_news_is_told_once(events: list[Event]) -> None:
    """Whatever comes twice, or late: no two messages have one id."""
    known, inventory = record(), stock()
    ids: list[str] = []
    for each in events:
        step = advance(known, each, inventory, now=NOON)
        ids += [message.id for message in step.notifications]
        known, inventory = step.record, step.inventory
    assert len(ids) == len({*ids})


@given(streams())
@FEWER
def test_the_changes_of_a_step_are_those_of_the_stock(events: list[Event]) -> None:
    """A host that stores them has the stock that the step has; and back again."""
    known, inventory = record(), stock()
    for each in events:
        step = advance(known, each, inventory, now=NOON)
        assert inventory.with_changes(step.changes) == step.inventory
        assert step.inventory.with_changes(step.changes.inverted()) == inventory
        known, inventory = step.record, step.inventory


@pytest.mark.parametrize("value", [*EVENTS, *ACTIONS], ids=lambda each: type(each).__name__)
def test_events_and_actions_are_plain_values(value: Any) -> None:
    """Frozen, slotted, without a base; equal ones are one."""
    kind = type(value)
    assert kind.__mro__ == (kind, object)
    assert not hasattr(value, "__dict__")
    assert {value, attrs.evolve(value)} == {value}
    name = attrs.fields(kind)[0].name
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        setattr(value, name, getattr(value, name))


# -- Identity --------------------------------------------------------------------------------------


def test_two_equal_refunds_are_two() -> None:
    """Equal content identifies nothing; so it is with captures, parcels and returns."""
    story = Story(payments=[Payment(id="card", amount=TEN)])
    for _ in range(2):
        assert story.happened(Captured, amount=FIVE, **CARD).effect is Effect.APPLIED
    for _ in range(2):
        assert story.happened(Refunded, amount=Decimal(2), **CARD).effect is Effect.APPLIED
    [payment] = story.record.order.payments
    assert (payment.captured, payment.refunded) == (TEN, Decimal(4))
    for parcel in ("p1", "p2"):
        story.happened(Shipped, parcel=parcel, location="x", lines=ONE)
    for _ in range(2):
        story.happened(ReturnReceived, lines=ONE, location="x")
    assert (story.units()["shipped"], story.units()["returned"]) == (2, 2)


def test_a_total_that_comes_late_is_smaller_and_does_nothing() -> None:
    """What a source says in all of a parcel needs no sequence."""
    units = [{"1": 1}, {"1": 3}, {"1": 2}]
    story = Story(line(quantity=4))
    story.happened(Shipped, parcel="p1", location="x", lines={"1": 4})
    for each in units:
        story.happened(Delivered, parcel="p1", lines=each)
    assert story.units() == {"shipped": 4, "delivered": 3}


def test_an_event_may_be_kept_from_the_customer() -> None:
    """It says so itself: the staff and the locations hear of it as ever."""
    story = Story()
    for kind, content in (
        (Released, {"ref": "f1", "location": "x", "lines": ONE}),
        (Cancelled, {"by": "customer"}),
        (Shipped, {"parcel": "p1", "location": "x", "lines": {"1": 2}}),
    ):
        story.happened(kind, tell=False, **content)
    assert {key.partition(":")[0] for key in story.told} == {"staff", "location"}


# -- Units that go another way ---------------------------------------------------------------------


def test_a_parcel_may_have_more_in_it_than_was_handed_over() -> None:
    """It has left; the pick list has nothing more, and the rest of the order is open."""
    story = Story(line(quantity=4))
    story.happened(Released, ref="f1", location="x", lines=ONE)
    step = story.happened(Shipped, parcel="p1", location="x", lines={"1": 3})
    assert (step.effect, story.record.open("1")) == (Effect.APPLIED, 1)
    assert released_units(story.record) == {"f1": {"1": 0}}


def test_what_a_location_passes_on_stays_reserved_and_may_be_released_elsewhere() -> None:
    """It leaves where it is reported to."""
    story = Story()
    story.happened(Released, ref="f1", location="x", lines={"1": 2})
    story.happened(NotFulfilled, ref="f1", reason="moved", lines=ONE)
    assert (story.stock.reserved("mug", "x"), released_units(story.record)) == (2, {"f1": ONE})
    story.happened(Released, ref="f2", location="y", lines=ONE)
    story.happened(Shipped, parcel="p1", location="y", lines=ONE)
    assert [story.stock.on_hand("mug", place) for place in "xy"] == [9, 8]
    assert released_units(story.record) == {"f1": ONE, "f2": {"1": 0}}


def test_what_is_at_a_location_is_free_when_it_says_so_and_the_shop_grants_it() -> None:
    """Until then it may be on its way."""
    story = Story()
    story.happened(Released, ref="f1", location="x", lines={"1": 2})
    for kind, content, units in (
        (CancelRequested, {"by": "customer"}, 2),
        (NotFulfilled, {"ref": "f1", "reason": "called_back"}, 2),
        (Cancelled, {"by": "customer"}, 0),
    ):
        story.happened(kind, **content)
        assert story.stock.reserved("mug", "x") == units


def test_what_is_cancelled_serves_others() -> None:
    """The next run gives it to whoever waits, and not to the order that was cancelled."""
    stock = Inventory.of({("mug", "x"): 2}).with_reserved(*Story().stock.reservations_of("A-1"))
    story = Story(stock=stock)
    customer = Customer(id="C-2", email="bob@example.com")
    other = Order(id="A-2", placed_at=NOON, customer=customer, lines=[line()], currency="EUR")
    assert process([story.record, other], stock, now=NOON, verifiers=[])["A-2"].allocations == ()
    story.happened(Cancelled, by="customer")
    result = process([story.record, other], story.stock, now=NOON, verifiers=[])
    assert result["A-1"].outcome is Outcome.CANCELLED
    assert result["A-2"].outcome is Outcome.ALLOCATED


def test_what_left_though_it_was_cancelled_has_to_be_paid_or_sent_back() -> None:
    """The location is asked not to send it; what left all the same, a person sees to."""
    story = Story()
    story.happened(Released, ref="f1", location="x", lines={"1": 2})
    step = story.happened(Cancelled, by="customer")
    assert asked_of(step) == [("CallBack", ""), ("Void", "10.00")]
    step = story.happened(Shipped, parcel="p1", location="x", lines={"1": 2})
    assert asked_of(step) == [("Ask", "payment.to_collect")]
    assert (story.units(), status(story.record)) == (
        {"cancelled": 2, "shipped": 2},
        Status.SHIPPED,
    )


# -- Money to the cent -----------------------------------------------------------------------------


def test_what_is_not_due_any_more_is_let_go_after_the_last_capture() -> None:
    """One of two was cancelled: the payment is captured for the other one first."""
    story = Story()
    assert asked_of(story.happened(Cancelled, lines=ONE)) == []
    step = story.happened(Shipped, parcel="p1", location="x", lines=ONE)
    assert asked_of(step) == [("Capture", "5.00")]
    assert asked_of(story.happened(Captured, amount=FIVE, **CARD)) == [("Void", "5.00")]


CENTS = st.integers(1, 999).map(lambda cents: Decimal(cents) / 100)


@st.composite
def priced_stories(draw: st.DrawFn) -> Story:
    """An order of two lines with discounts, tax and charges, paid by a gift card and a card."""
    lines = [
        line(
            number,
            draw(st.integers(1, 4)),
            unit_price=draw(CENTS) + 1,
            tax=draw(CENTS),
            discount=draw(st.sampled_from([Decimal(0), Decimal("0.67")])),
        )
        for number in ("1", "2")
    ]
    discount = draw(st.sampled_from([Decimal(0), Decimal("0.01"), Decimal("0.35")]))
    fields: dict[str, Any] = {"shipping": draw(CENTS), "discount": discount}
    total = Story(*lines, payments=[], **fields).record.order.total
    gift = min(draw(CENTS), total - Decimal("0.01"))
    payments = [
        Payment(id=name, amount=amount, authorized_at=NOON)
        for name, amount in (("a gift", gift), ("card", total - gift))
    ]
    return Story(*lines, payments=payments, **fields)


def settle(story: Story, actions: Iterable[object]) -> Decimal:
    """Do what is asked for of payments; how much came, or went back, in all."""
    in_all = Decimal(0)
    for each in actions:
        assert isinstance(each, (Capture, Refund))
        kind = Captured if isinstance(each, Capture) else Refunded
        step = story.happened(kind, payment=each.payment, amount=each.amount)
        assert step.actions == ()
        in_all += each.amount
    return in_all


@given(priced_stories(), st.randoms(use_true_random=False))
@FEWER
def test_parts_add_up_to_the_whole(story: Story, random: Any) -> None:
    """However an order is sent in parcels, and comes back in parts: all that is due is captured,
    and each cent of it is given back, by the payments that it came from.
    """
    total = story.record.due
    units = [each.id for each in story.record.order.lines for _ in range(each.units)]
    for kind in (Shipped, ReturnReceived):
        random.shuffle(units)
        rest, moved = list(units), Decimal(0)
        while rest:
            size = random.randint(1, len(rest))
            parcel, rest = Counter(rest[:size]), rest[size:]
            about = {"parcel": f"p{story.hours}"} if kind is Shipped else {}
            step = story.happened(kind, location="x", lines=parcel, **about)
            moved += settle(story, step.actions)
        assert moved == total
    assert [each.paid for each in story.record.order.payments] == [0, 0]


@given(st.integers(1, 9), CENTS, CENTS)
@FEWER
def test_the_first_units_are_worth_their_share(count: int, price: Decimal, tax: Decimal) -> None:
    """Of n units of a line, k are worth k n-ths of its value with discount and tax, half up: those
    that are captured first, and those that are taken off.
    """
    one = line(quantity=count, unit_price=price, tax=tax, discount=min(price, FIVE))
    value = one.total
    assert value == price * count + tax - min(price, FIVE)
    for k in range(1, count + 1):
        share = (value * k / count).quantize(Decimal("0.01"), ROUND_HALF_UP)
        story = Story(one)
        assert value - story.record.with_progress("1", cancelled=k).due == share
        step = story.happened(Shipped, parcel="p1", location="x", lines={"1": k})
        assert asked_of(step) == ([("Capture", f"{share:.2f}")] if share else [])


# -- The law of conservation bites -----------------------------------------------------------------


@pytest.mark.parametrize(
    "counters",
    [
        {"shipped": 2, "delivered": 3},
        {"shipped": 2, "returned": 2, "return_requested": 2, "lost": 1},
        {"shipped": 2, "returned": 1, "return_requested": 1, "restocked": 2},
        {"shipped": 2, "returned": 1},
        {"shipped": 2, "lost": 1, "credited": 2},
    ],
)
def test_units_that_are_there_twice_are_noticed(counters: dict[str, int]) -> None:
    """By what is checked after every step."""
    story = Story()
    step = story.happened(Tracked, parcel="p1", stage="in_transit")
    check(step)
    progress = Progress(line_id="1", **counters)
    with pytest.raises(AssertionError):
        check(attrs.evolve(step, record=attrs.evolve(step.record, progress=[progress])))


def test_a_voided_parcel_is_open_again() -> None:
    """It never left, and may leave again under another number; under its own it contradicts."""
    story = Story()
    story.happened(Shipped, parcel="p1", location="x", lines={"1": 2})
    story.happened(ShipmentVoided, parcel="p1")
    assert (story.record.open("1"), story.stock.on_hand("mug", "x")) == (2, 9)
    assert code_of(story.happened(Shipped, parcel="p1", location="x", lines=ONE)) == (
        "event.conflict"
    )
    story.happened(Shipped, parcel="p2", location="x", lines={"1": 2})
    assert (story.units(), story.stock.on_hand("mug", "x")) == ({"shipped": 2}, 7)
