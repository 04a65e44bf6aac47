"""Law 21: events that come twice, late and in another sequence."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import permutations
from typing import Any

import attrs
import pytest
from effort import FEWER
from hypothesis import given
from hypothesis import strategies as st

from fulfill_core import (
    Component,
    Customer,
    Inventory,
    Item,
    Order,
    OrderLine,
    OrderRecord,
    Payment,
    Reservation,
    Stock,
)
from fulfill_core.lifecycle import (
    Amended,
    AuthorizationExpired,
    Authorized,
    Cancelled,
    CancelRequested,
    Capture,
    Captured,
    CaptureFailed,
    CaptureRequested,
    ChargedBack,
    CreditGranted,
    DelayAnswered,
    DelayAsked,
    Delivered,
    Effect,
    Event,
    HoldLifted,
    HoldPlaced,
    Lost,
    NotFulfilled,
    Refund,
    Refunded,
    RefundFailed,
    Rejected,
    Released,
    ReturnReceived,
    ReturnRequested,
    ShipmentVoided,
    Shipped,
    Step,
    Tracked,
    Void,
    Voided,
    advance,
    released_by_line,
    released_units,
    replay,
)

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
Advancing = Callable[..., Step]
LINES = ("1", "2", "3")
PLACES = ("x", "y")
PAYMENTS = ("card", "gift")


def record() -> OrderRecord:
    """Three lines, one of which asks for kits, and two payments."""
    lines = [
        OrderLine(id="1", sku="mug", quantity=4, unit_price=Decimal("3.33")),
        OrderLine(id="2", sku="set", quantity=2, unit_price=Decimal(10), discount=Decimal(1)),
        OrderLine(id="3", sku="cup", quantity=3, unit_price=Decimal("0.10"), tax=Decimal("0.05")),
    ]
    order = Order(
        id="A-1",
        placed_at=NOON,
        customer=Customer(id="C-1", email="ada@example.com"),
        lines=lines,
        currency="EUR",
        shipping=Decimal("4.90"),
        payments=[
            Payment(id="card", amount=Decimal(30), authorized_at=NOON),
            Payment(id="gift", amount=Decimal(10), status="captured"),
        ],
    )
    return OrderRecord(order=order)


def stock() -> Inventory:
    """Some of it at one place, some at another; cups are in kits, too."""
    rows = [
        Stock(sku=sku, location=place, on_hand=9)
        for sku in ("mug", "cup", "pot")
        for place in PLACES
    ]
    entries = [
        ("1", "mug", "x", 2),
        ("1", "mug", "y", 2),
        ("2", "cup", "x", 2),
        ("2", "pot", "x", 2),
    ]
    return Inventory(
        stock=rows,
        items=[Item(sku="set", components=[Component(sku="cup"), Component(sku="pot")])],
        reservations=[
            Reservation(order_id="A-1", line_id=line, sku=sku, location=place, quantity=units)
            for line, sku, place, units in [*entries, ("3", "cup", "x", 3)]
        ],
    )


UNITS = st.dictionaries(st.sampled_from(LINES), st.integers(1, 3), min_size=1, max_size=2)
SOME = st.dictionaries(st.sampled_from(LINES), st.integers(1, 2), max_size=2)
AMOUNTS = st.sampled_from([Decimal(1), Decimal("3.33"), Decimal(5), Decimal(10)])
PARCELS = st.sampled_from(["p1", "p2", "p3"])


@st.composite
def facts(draw: st.DrawFn) -> list[Event]:
    """Facts in the sequence in which they happened, each with an id and a time of its own.

    A reference names one thing, that happened once: of each parcel it is said once what is in it,
    and a capture that two sources report was made at one time.
    """
    events: list[Event] = []

    def add(kind: Any, **content: Any) -> None:
        number = len(events)
        at = NOON + timedelta(hours=draw(st.integers(0, 9)), seconds=number)
        if content.get("ref") == "c1":
            at = NOON + timedelta(hours=1)
        events.append(kind(id=f"e{number}", order_id="A-1", at=at, **content))

    for parcel in draw(st.lists(PARCELS, max_size=3, unique=True)):
        place = draw(st.sampled_from(PLACES))
        if draw(st.booleans()):
            add(Shipped, parcel=parcel, location=place, lines=draw(UNITS))
        for kind in draw(
            st.lists(st.sampled_from([Delivered, Lost, ShipmentVoided, Tracked]), max_size=2)
        ):
            if kind is Lost:
                lines = draw(UNITS)
                add(kind, parcel=parcel, lines=lines, reopened=draw(SOME), credited=draw(SOME))
            elif kind is Delivered:
                add(kind, parcel=parcel, lines=draw(SOME))
            else:
                add(kind, parcel=parcel)
    for number in range(draw(st.integers(0, 2))):
        place = draw(st.sampled_from(PLACES))
        add(
            ReturnReceived, ref=f"r{number}", location=place, lines=draw(UNITS), reopened=draw(SOME)
        )
    for number in range(draw(st.integers(0, 5))):
        kind = draw(st.sampled_from([Captured, Refunded, CaptureFailed, RefundFailed, ChargedBack]))
        payment = draw(st.sampled_from([*PAYMENTS, "new"]))
        ref = draw(st.sampled_from(["c1", f"m{number}"]))
        amount = Decimal(5) if ref == "c1" else draw(AMOUNTS)
        add(kind, payment=payment, ref=ref, amount=amount)
    return events


def after(events: Sequence[Event], advancing: Advancing = advance) -> Step:
    """The last step of these events."""
    known, inventory = record(), stock()
    step: Step | None = None
    for event in events:
        step = advancing(known, event, inventory, now=NOON)
        known, inventory = step.record, step.inventory
        check(step)
    assert step is not None
    return step


def check(step: Step) -> None:
    """What holds after every step."""
    known = step.record
    released = released_by_line(known)
    for line in known.order.lines:
        progress = known.progress_of(line.id)
        surplus = progress.surplus(line)
        assert line.units + progress.reopened + surplus == (
            progress.cancelled + progress.shipped + known.open(line.id)
        )
        assert progress.delivered <= progress.shipped
        assert progress.returned + progress.lost <= progress.shipped
        assert progress.restocked <= progress.returned
        assert progress.return_requested >= progress.return_cancelled + progress.returned
        assert progress.units_credited() <= progress.returned + progress.lost
        assert 0 <= released.get(line.id, 0) <= known.open(line.id)
        assert progress.not_sent(line) >= progress.reduced
        for sku, each in step.inventory.components_of(line.sku) or ((line.sku, 1),):
            units = sum(
                row.quantity
                for row in step.inventory.reservations_of("A-1")
                if (row.line_id, row.sku) == (line.id, sku)
            )
            assert units <= known.open(line.id) * each
    for payment in known.order.payments:
        assert payment.refunded + payment.charged_back <= payment.captured
        assert payment.authorized >= 0
        assert payment.authorized + payment.captured <= payment.amount
    assert known.due >= 0


def outcome(known: OrderRecord) -> tuple[Any, ...]:
    """What must not depend on the sequence: counters, money, pick lists."""
    amounts = [
        (each.id, each.authorized, each.captured, each.refunded, each.charged_back)
        for each in known.order.payments
    ]
    return known.progress, sorted(amounts), known.due, released_units(known)


def without_empty_lists(known: OrderRecord) -> tuple[Any, ...]:
    """The same, without pick lists that hold nothing: one that is heard of late is on record."""
    *others, lists = outcome(known)
    return *others, {ref: units for ref, units in lists.items() if any(units.values())}


@given(facts(), st.randoms(use_true_random=False))
@FEWER
def test_facts_in_any_sequence_come_to_the_same(events: list[Event], random: Any) -> None:
    """The same facts in any sequence end in the same counters, money and fulfilments."""
    if not events:
        return
    others = list(events)
    random.shuffle(others)
    twice = [*others, *others[: len(others) // 2]]
    random.shuffle(twice)
    first, second, third = (after(each) for each in (events, others, twice))
    assert outcome(first.record) == outcome(second.record) == outcome(third.record)


@given(facts(), st.data())
@FEWER
def test_an_event_twice_is_once(events: list[Event], data: st.DataObject) -> None:
    """A repeated event is a duplicate: it changes nothing, tells nothing, and asks for nothing."""
    if not events:
        return
    last = after(events)
    again = advance(last.record, data.draw(st.sampled_from(events)), last.inventory, now=NOON)
    assert again.effect is Effect.DUPLICATE
    assert (again.record, again.inventory) == (last.record, last.inventory)
    assert (again.notifications, again.actions) == ((), ())


@st.composite
def streams(draw: st.DrawFn) -> list[Event]:
    """Facts and intentions in any sequence, sensible or not, some of them twice."""
    events = draw(facts())
    for number in range(draw(st.integers(1, 8))):
        about = {
            "id": f"i{number}",
            "order_id": "A-1",
            "at": NOON + timedelta(hours=draw(st.integers(0, 9)), seconds=number),
        }
        ref = draw(st.sampled_from(["f1", "f2"]))
        kind = draw(st.sampled_from(INTENTIONS))
        events.append(kind(draw, ref, about))
    events = draw(st.permutations(events))
    return [*events, *draw(st.lists(st.sampled_from(events), max_size=2))]


INTENTIONS = [
    lambda draw, ref, about: Released(
        ref=ref, location=draw(st.sampled_from(PLACES)), lines=draw(UNITS), **about
    ),
    lambda draw, ref, about: NotFulfilled(
        ref=ref, reason=draw(st.sampled_from(["short", "rejected", "called_back"])), **about
    ),
    lambda draw, _, about: Cancelled(lines=draw(SOME), by="customer", **about),
    lambda draw, _, about: CancelRequested(lines=draw(SOME), **about),
    lambda draw, _, about: Amended(
        ordered={draw(st.sampled_from(LINES)): draw(st.integers(0, 6))}, **about
    ),
    lambda draw, _, about: Amended(shipping=draw(AMOUNTS), **about),
    lambda draw, _, about: CreditGranted(amount=draw(AMOUNTS), **about),
    lambda draw, ref, about: ReturnRequested(ref=ref, lines=draw(UNITS), **about),
    lambda draw, ref, about: DelayAsked(
        new_date=draw(st.sampled_from([None, NOON, NOON + timedelta(days=9)])),
        silence=draw(st.sampled_from([None, "ask", "consent", "cancel"])),
        **about,
    ),
    lambda draw, _, about: DelayAnswered(is_accepted=draw(st.booleans()), **about),
    lambda draw, ref, about: CaptureRequested(
        payment=draw(st.sampled_from(PAYMENTS)), amount=draw(AMOUNTS), ref=ref, **about
    ),
    lambda draw, ref, about: Authorized(payment="new", amount=draw(AMOUNTS), ref=ref, **about),
    lambda _, ref, about: Voided(payment="card", ref=ref, **about),
    lambda _, ref, about: AuthorizationExpired(payment="card", ref=ref, **about),
    lambda draw, _, about: HoldPlaced(
        source="fraud", code="fraud.look", line_id=draw(st.sampled_from(["", "1"])), **about
    ),
    lambda _, __, about: HoldLifted(source="fraud", code="fraud.look", **about),
    lambda _, __, about: Rejected(by="Grace", **about),
]


@given(streams())
@FEWER
def test_units_and_money_are_conserved(events: list[Event]) -> None:
    """After every event, sensible or not, no unit and no cent is lost, or there twice."""
    after(events)


@given(streams())
@FEWER
def test_what_is_refused_changes_nothing(events: list[Event]) -> None:
    """An intention that is refused changes no counter, no money and no stock."""
    known, inventory = record(), stock()
    for event in events:
        step = advance(known, event, inventory, now=NOON)
        if step.refusal is not None and not step.refusal.is_kept:
            assert attrs.evolve(step.record, told=known.told) == known
            assert (step.inventory, step.actions) == (inventory, ())
        if step.effect is Effect.NO_CHANGE:
            assert without_empty_lists(step.record) == without_empty_lists(known)
        known, inventory = step.record, step.inventory


@given(streams())
@FEWER
def test_events_give_the_record_again(events: list[Event]) -> None:
    """`replay` of all events gives the record that they gave one by one."""
    known, inventory = record(), stock()
    for event in events:
        step = advance(known, event, inventory, now=event.at)
        known, inventory = step.record, step.inventory
    assert replay(record(), events, stock()) == known


@given(streams())
@FEWER
def test_no_more_is_asked_for_than_there_is(events: list[Event]) -> None:
    """No payment is asked for more than is authorised, or to give back more than came of it."""
    known, inventory = record(), stock()
    for event in events:
        step = advance(known, event, inventory, now=NOON)
        known, inventory = step.record, step.inventory
        payments = {each.id: each for each in known.order.payments}
        for action in step.actions:
            if isinstance(action, Capture | Void):
                assert 0 < action.amount <= payments[action.payment].authorized
            elif isinstance(action, Refund):
                assert 0 < action.amount <= payments[action.payment].paid


# -- The law bites ---------------------------------------------------------------------------------


def goes_by_its_clock(known: OrderRecord, event: Event, *args: Any, **options: Any) -> Step:
    """An `advance` for which things happen when they are heard of."""
    at = NOON + timedelta(hours=len(known.history.applied))
    return advance(known, attrs.evolve(event, at=at), *args, **options)


def refuses_facts(known: OrderRecord, event: Event, *args: Any, **options: Any) -> Step:
    """An `advance` that drops what it has no room for."""
    step = advance(known, event, *args, **options)
    return step if step.refusal is None else attrs.evolve(step, record=known)


def lets_failures_pass(known: OrderRecord, event: Event, *args: Any, **options: Any) -> Step:
    """An `advance` to which a capture that was reported has come, whatever was reported before."""
    if isinstance(event, Captured):
        event = attrs.evolve(event, ref=f"{event.ref} again")
    return advance(known, event, *args, **options)


ABOUT: dict[str, Any] = {"order_id": "A-1"}
TWO_RETURNS: list[Event] = [
    Shipped(id="e1", at=NOON, parcel="p1", location="x", lines={"1": 1}, fulfilment="", **ABOUT),
    *(
        ReturnReceived(
            id=f"e{number}",
            at=NOON + timedelta(hours=number),
            ref=f"r{number}",
            lines={"1": 1},
            location="y",
            credited={"1": number - 2} if number > 2 else {},
            **ABOUT,
        )
        for number in (2, 3)
    ),
]
FAILURE: list[Event] = [
    kind(id=str(kind), at=NOON, payment="card", ref="c1", amount=Decimal(5), **ABOUT)
    for kind in (Captured, CaptureFailed)
]
SLIPS: list[tuple[Advancing, list[Event]]] = [
    (goes_by_its_clock, TWO_RETURNS),
    (refuses_facts, TWO_RETURNS),
]


@pytest.mark.parametrize(
    ("mutant", "events"), SLIPS, ids=lambda each: getattr(each, "__name__", "")
)
def test_the_law_bites(mutant: Advancing, events: list[Event]) -> None:
    """Whoever counts by arrival, or drops what has no room yet, is found out."""
    outcomes = {
        advancing: [outcome(after(sequence, advancing).record) for sequence in permutations(events)]
        for advancing in (advance, mutant)
    }
    assert all(each == outcomes[advance][0] for each in outcomes[advance])
    assert any(each != outcomes[mutant][0] for each in outcomes[mutant])


def test_the_law_bites_who_takes_a_failure_for_nothing() -> None:
    """Success and failure under one reference come to failure, in either sequence."""
    first, second = (outcome(after(each).record) for each in permutations(FAILURE))
    assert first == second
    assert outcome(after(FAILURE, lets_failures_pass).record) != first
