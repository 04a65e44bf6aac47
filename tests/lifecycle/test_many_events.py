"""Orders of many lines and of many events: what a step hands on to the next changes nothing."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import attrs
import effort
import pytest
from hypothesis import given
from hypothesis import strategies as st
from story import NOON, Story, line

from fulfill_core import Claim, Inventory, Kind, OrderRecord, Payment
from fulfill_core.lifecycle import (
    Action,
    Amended,
    Ask,
    Authorized,
    Cancelled,
    Capture,
    Captured,
    CaptureFailed,
    CreditGranted,
    Delivered,
    Effect,
    Event,
    Lost,
    Refund,
    Refunded,
    Rejected,
    ReturnInspected,
    ReturnReceived,
    ReturnRequested,
    Rules,
    ShipmentVoided,
    Shipped,
    Tracked,
    Void,
    advance,
    replay,
)
from fulfill_core.orders.sequences import MANY, by_id, member_of, with_changes
from fulfill_core.records.order_record import notes_by

LINES = MANY + 6


def many(**content: Any) -> Story:
    """An order of many lines of two mugs each; some of them are one SKU, and all are reserved."""
    lines = [line(f"{number:03}", 2) for number in range(LINES)]
    stock = Inventory.of({("mug", "x"): 3 * LINES, ("mug", "y"): 9})
    story = Story(*lines, stock=stock, **content)
    for each in lines:
        story.stock = story.stock.with_available_reserved("A-1", each.id, "mug", 2, now=NOON)
    return story


def happened(kind: str, number: int, units: int, about: dict[str, Any]) -> Event:
    """An event about a line, or about a parcel, a return or a payment of that number."""
    line_id, amount = f"{number:03}", Decimal("3.30") * units
    lines = {line_id: units, f"{(number * 7) % LINES:03}": 1}
    kinds: dict[str, Any] = {
        "shipped": lambda: Shipped(parcel=f"p{number}", location="x", lines=lines, **about),
        "voided": lambda: ShipmentVoided(parcel=f"p{number}", **about),
        "delivered": lambda: Delivered(parcel=f"p{number}", **about),
        "lost": lambda: Lost(
            parcel=f"p{number}", lines={line_id: 1}, reopened={line_id: 1}, **about
        ),
        "tracked": lambda: Tracked(parcel=f"p{number}", stage="in_transit", **about),
        "cancelled": lambda: Cancelled(lines={line_id: units}, **about),
        "requested": lambda: ReturnRequested(ref=f"r{number}", lines=lines, **about),
        "received": lambda: ReturnReceived(
            ref=f"r{number}", location="x", lines={line_id: units}, **about
        ),
        "amended": lambda: Amended(ordered={line_id: units + 1}, **about),
        "added": lambda: Amended(added=[line(f"n{number}", 1)], **about),
        "credit": lambda: CreditGranted(amount=amount, **about),
        "authorized": lambda: Authorized(payment=f"card-{units}", amount=amount, **about),
        "captured": lambda: Captured(payment="card", amount=amount, **about),
        "failed": lambda: CaptureFailed(payment="card", amount=amount, ref=f"e{number}", **about),
        "refunded": lambda: Refunded(payment="card", amount=amount, **about),
    }
    event: Event = kinds[kind]()
    return event


KINDS = (
    *("shipped", "shipped", "voided", "delivered", "lost", "tracked", "cancelled", "requested"),
    *("received", "received", "amended", "added", "credit", "authorized", "captured", "captured"),
    *("failed", "refunded"),
)


@effort.FEWER
@given(
    events=st.lists(
        st.tuples(st.sampled_from(KINDS), st.integers(0, 12), st.integers(1, 2)), max_size=40
    ),
    discount=st.sampled_from([Decimal(0), Decimal("1.01")]),
)
def test_what_a_step_hands_on_changes_nothing(
    events: list[tuple[str, int, int]], discount: Decimal
) -> None:
    """A record made by steps, and the same one read anew, come to the same with an event."""
    story = many(discount=discount, shipping=Decimal("4.90"))
    record, stock = story.record, story.stock
    for position, (kind, number, units) in enumerate(events):
        at = NOON + timedelta(seconds=position)
        event = happened(kind, number, units, {"id": f"e{position}", "order_id": "A-1", "at": at})
        step = advance(record, event, stock, now=at)
        afresh = advance(attrs.evolve(record), event, stock, now=at)
        assert step == afresh
        assert repr(step) == repr(afresh)
        record, stock = step.record, step.inventory


def test_an_order_of_many_lines_leaves_line_by_line() -> None:
    """It ends as if it had left at once: its counters, its stock, and what is asked for it."""
    alone, together = many(), many()
    captures = Decimal(0)
    for each in alone.record.order.lines:
        step = alone.happened(Shipped, parcel=f"p{each.id}", location="x", lines={each.id: 2})
        captures += sum([action.amount for action in step.actions])  # type: ignore[union-attr]
    units = {each.id: 2 for each in together.record.order.lines}
    [capture] = together.happened(Shipped, parcel="p", location="x", lines=units).actions
    assert captures == capture.amount  # type: ignore[union-attr]
    assert alone.record.progress == together.record.progress
    assert alone.stock == together.stock
    assert alone.record.is_settled


def test_more_than_was_out_does_not_come_back_to_an_order_of_many_lines() -> None:
    """A return for which there is no room is kept, and counts once there is."""
    story = many()
    story.happened(Shipped, parcel="p1", location="x", lines={"000": 1, "001": 2})
    early = {"ref": "r1", "location": "x", "lines": {"000": 2}}
    assert story.happened(ReturnReceived, **early).refusal is not None
    story.happened(ReturnReceived, ref="r2", location="x", lines={"001": 1})
    assert [each.returned for each in story.record.progress] == [0, 1]
    story.happened(Shipped, parcel="p2", location="x", lines={"000": 1})
    assert [each.returned for each in story.record.progress] == [2, 1]


def test_an_event_is_known_among_many() -> None:
    """The same id with the same content is once; with another content it is refused."""
    story = Story()
    story.happened(Shipped, parcel="p", location="x", lines={"1": 1})
    about = {"order_id": "A-1", "at": NOON, "parcel": "p", "stage": "in_transit"}
    for number in range(MANY + 2):
        story.heard(Tracked(id=f"scan-{number}", **about))
    assert notes_by(story.record) is not None
    assert story.heard(Tracked(id="scan-3", **about)).effect is Effect.DUPLICATE
    other = Tracked(id="scan-3", **{**about, "stage": "delivered"})
    assert story.heard(other).effect is Effect.REFUSED


@pytest.mark.parametrize("last", [Captured, Refunded])
def test_captures_among_many_add_up(last: type[Any]) -> None:
    """A payment of which much was captured stands at all of it, whatever comes then."""
    story = Story(line(quantity=3 * MANY))
    story.happened(Shipped, parcel="p", location="x", lines={"1": 2 * MANY})
    for _ in range(2 * MANY):
        story.happened(Captured, payment="card", amount=Decimal(5))
    story.happened(last, payment="card", amount=Decimal(5))
    [card] = story.record.order.payments
    assert card.captured == Decimal(5) * (2 * MANY + (last is Captured))
    assert card.refunded == Decimal(5) * (last is Refunded)
    assert card.captured + card.authorized == Decimal(5) * 3 * MANY


def test_what_is_captured_of_a_payment_beyond_what_was_agreed() -> None:
    """Once more than is authorised came of it, all of its movements are looked at."""
    story = Story(line(quantity=MANY))
    for _ in range(MANY + 2):
        story.happened(Captured, payment="card", amount=Decimal(5))
    [card] = story.record.order.payments
    assert (card.captured, card.authorized) == (Decimal(5) * (MANY + 2), Decimal(0))


def test_a_capture_among_many_that_was_said_to_have_failed_counts_for_nothing() -> None:
    """Also if that was heard before anything was captured by that number."""
    story = Story(line(quantity=3 * MANY))
    for _ in range(MANY):
        story.happened(Captured, payment="card", amount=Decimal(5))
    for kind in (CaptureFailed, Captured):
        story.happened(kind, payment="card", amount=Decimal(5), ref="late")
    [card] = story.record.order.payments
    assert card.captured == Decimal(5) * MANY


@pytest.mark.parametrize("lines_paid", [0, 2])
def test_what_was_done_is_not_waited_for_after_many_captures_and_refunds(lines_paid: int) -> None:
    """Each line that leaves is captured once, and each that comes back is refunded once; what the
    order came with is not among what was asked for.
    """
    ten = Decimal("10.00")
    paid, rest = ten * lines_paid, ten * (LINES - lines_paid)
    card = Payment(id="card", amount=ten * LINES, status=None, captured=paid, authorized=rest)
    story = many(payments=[card])
    actions: list[Action] = []
    for each in story.record.order.lines:
        is_asked = bool(actions)
        actions += story.happened(Shipped, parcel=each.id, location="x", lines={each.id: 2}).actions
        if is_asked:  # of the parcel before
            story.happened(Captured, payment="card", amount=ten)
    assert actions == [Capture(payment="card", amount=ten)] * (LINES - lines_paid)
    story.happened(Captured, payment="card", amount=ten)
    for each in story.record.order.lines:
        step = story.happened(ReturnReceived, location="x", lines={each.id: 2})
        assert step.actions == (Refund(payment="card", amount=ten),)
        if each.id != "000":  # of the return before
            story.happened(Refunded, payment="card", amount=ten)


def test_what_is_captured_first_comes_after_many_credits() -> None:
    """Of an order of which much was agreed, and nothing captured: all that leaves is asked for."""
    story = Story(line(quantity=MANY))
    for _ in range(MANY):
        story.happened(CreditGranted, amount=Decimal(1))
    step = story.happened(Shipped, parcel="p", location="x", lines={"1": MANY})
    assert step.actions == (Capture(payment="card", amount=Decimal("256.00")),)


def test_a_record_that_is_replayed_is_the_same() -> None:
    """What is handed on is no part of a record: not of what it equals, nor of how it reads."""
    story = many()
    events: list[Event] = [
        Shipped(
            id=each.id, order_id="A-1", at=NOON, parcel=each.id, location="x", lines={each.id: 1}
        )
        for each in story.record.order.lines
    ]
    once = replay(story.record, events, story.stock)
    half = OrderRecord(**attrs.asdict(replay(story.record, events[:9]), recurse=False, filter=_own))
    assert replay(half, events[9:]).progress == once.progress
    assert hash(attrs.evolve(once)) == hash(once)
    assert "notes" not in repr(once)


def _own(field: attrs.Attribute[Any], _: object) -> bool:
    return field.init


def test_members_are_found_by_halving() -> None:
    """Of many members each is found, and what is none is not; whoever asks for all gets all."""
    lines = tuple([line(f"{number:03}") for number in range(LINES)])
    halved = by_id(lines)
    assert [halved[each.id] for each in lines] == [*lines]
    assert (halved.get("x"), halved.get("x", 3), "x" in halved, "001" in halved) == (
        *(None, 3, False, True),
    )
    assert (len(halved), list(halved)) == (LINES, [each.id for each in lines])
    with pytest.raises(KeyError):
        halved["x"]
    assert member_of(lines, 3) is None
    changes = {"000": None, "001": line("001", 9), "0015": line("0015"), "x": None}
    members, changed = with_changes(halved, changes)
    assert [each.id for each in members] == sorted({*halved, "0015"} - {"000"})
    assert dict(changed) == {each.id: each for each in members}


def test_lines_come_back_one_by_one() -> None:
    """Each return counts what is in it, and what is said of it later."""
    story = many()
    units = {each.id: 2 for each in story.record.order.lines}
    story.happened(Shipped, parcel="p", location="x", lines=units)
    on_hand = story.stock.on_hand("mug", "x")
    for number in range(3):
        back = {"ref": f"r{number}", "location": "x", "lines": {f"{number:03}": 1}}
        step = story.happened(ReturnReceived, **back, restocked={})
        assert [each.kind for each in step.notifications] == [Kind.RETURN_RECEIVED]
    story.happened(ReturnInspected, ref="r1", restocked={"001": 1})
    story.happened(Delivered, parcel="p")
    assert story.units("001") == {
        "shipped": 2,
        "delivered": 2,
        "return_requested": 1,
        "returned": 1,
        "restocked": 1,
    }
    assert story.stock.on_hand("mug", "x") == on_hand + 1
    story.happened(Shipped, parcel="p2", location="x", lines={"000": 1})
    story.happened(ShipmentVoided, parcel="p2")
    assert story.units("000")["returned"] == 1


def test_a_return_of_what_did_not_leave_after_all_counts_no_more() -> None:
    """Its parcel was voided: of an order of many lines, too, there is no room for it then."""
    story = many()
    story.happened(Shipped, parcel="p", location="x", lines={"000": 2})
    story.happened(ReturnReceived, ref="r", location="x", lines={"000": 1})
    assert story.units("000")["returned"] == 1
    story.happened(ShipmentVoided, parcel="p")
    assert "returned" not in story.units("000")


def test_shipping_is_charged_with_the_last_of_many_lines() -> None:
    """As with few: what is left to pay comes with the last parcel, others being cancelled."""
    rules = Rules(charges="last")
    story = many(shipping=Decimal("4.90"), rules=rules)
    story.happened(Cancelled, lines={each.id: 2 for each in story.record.order.lines[2:]})
    first = story.happened(Shipped, parcel="p1", location="x", lines={"000": 2}).actions
    last = story.happened(Shipped, parcel="p2", location="x", lines={"001": 2}).actions
    captures = [each.amount for each in (*first, *last) if isinstance(each, Capture)]
    assert captures == [Decimal("10.00"), Decimal("14.90")]


def test_a_parcel_with_more_than_is_reserved_leaves_an_order_of_many_lines() -> None:
    """It has left all the same: what is beyond is a surplus."""
    story = many()
    story.happened(Shipped, parcel="p1", location="x", lines={"000": 1})
    step = story.happened(Shipped, parcel="p2", location="x", lines={"000": 2})
    assert (story.record.surplus("000"), story.stock.on_hand("mug", "x")) == (1, 3 * LINES - 3)
    assert [each.code for each in step.actions if isinstance(each, Ask)] == ["units.surplus"]


def test_an_order_of_many_lines_that_was_turned_down_owes_what_has_left() -> None:
    """As one of few lines: nothing, before anything has."""
    story = many()
    [void] = story.happened(Rejected, by="Grace").actions
    assert isinstance(void, Void)
    assert void.amount == story.record.order.total


def test_what_is_beyond_is_freed_of_any_of_many_lines() -> None:
    """Also of one that nothing happens to, if somebody has given it too much since; claims too."""
    story = many()
    story.happened(Shipped, parcel="p1", location="x", lines={"001": 2})
    story.happened(Shipped, parcel="p2", location="x", lines={"002": 2})
    story.stock = story.stock.with_available_reserved("A-1", "005", "mug", 1, now=NOON)
    story.happened(Shipped, parcel="p3", location="x", lines={"003": 2})
    units = [each.quantity for each in story.stock.reservations_of("A-1") if each.line_id == "005"]
    assert units == [2]
    story.stock = story.stock.with_claimed(
        Claim(order_id="A-1", line_id="006", sku="mug", supply_id="PO-1", quantity=1)
    )
    story.happened(Shipped, parcel="p4", location="x", lines={"004": 2})
    assert story.stock.claims_of("A-1") == ()


def test_what_fewer_are_ordered_of_is_freed_in_an_order_of_many_lines() -> None:
    """No unit of the line moved; it has more than is open of it all the same."""
    story = many()
    story.happened(Shipped, parcel="p1", location="x", lines={"001": 2})
    story.happened(Amended, ordered={"005": 1})
    units = [each.quantity for each in story.stock.reservations_of("A-1") if each.line_id == "005"]
    assert units == [1]


def test_a_parcel_that_was_lost_and_left_elsewhere_leaves_nothing_claimed_beyond() -> None:
    """Its units are put back where they were guessed to be, and none of them waits as well."""
    story = many()
    story.happened(Lost, parcel="p1", lines={"001": 2}, reopened={"001": 2})
    story.stock = story.stock.with_claimed(
        Claim(order_id="A-1", line_id="001", sku="mug", supply_id="PO-1", quantity=2)
    )
    story.happened(Shipped, parcel="p2", location="x", lines={"002": 2})
    story.happened(Shipped, parcel="p1", location="y", lines={"001": 2})
    units = [each.quantity for each in story.stock.reservations_of("A-1") if each.line_id == "001"]
    units += [each.quantity for each in story.stock.claims_of("A-1")]
    assert (sum(units), story.record.open("001")) == (2, 2)


def test_what_is_lost_of_many_lines_does_not_come_back() -> None:
    """Of two units of which one is lost one can; also after others have come back."""
    story = many()
    story.happened(Shipped, parcel="p1", location="x", lines={"001": 2, "002": 2})
    story.happened(Lost, parcel="p1", lines={"001": 1}, credited={"001": 1})
    story.happened(ReturnReceived, ref="r2", location="x", lines={"002": 1})
    step = story.happened(ReturnReceived, ref="r1", location="x", lines={"001": 2})
    codes = [code for each in step.notifications for code, _ in each.reasons]
    assert ("return.no_room" in codes, story.record.progress_of("001").returned) == (True, 0)


@pytest.mark.parametrize("last", [Shipped, ReturnReceived])
def test_what_was_handed_on_does_not_outlive_what_it_was_worked_out_of(last: type[Any]) -> None:
    """A step that moves most lines hands on nothing: the next one goes by what is so, not by what
    the step before that has worked out.
    """
    story = many()
    most = {each.id: 1 for each in story.record.order.lines[9:]}
    story.happened(Shipped, parcel="p1", location="x", lines=most)
    story.happened(Shipped, parcel="p2", location="x", lines={"000": 1})
    assert notes_by(story.record) is not None
    about = {"parcel": "p3"} if last is Shipped else {"ref": "r1"}
    moving_most = story.make(last, location="x", lines=most, **about)
    story.heard(moving_most)
    record, stock = story.record, story.stock
    for event in (
        moving_most,
        story.make(ReturnReceived, ref="r2", location="x", lines={"010": 1}),
        story.make(Shipped, parcel="p4", location="x", lines={"001": 1}),
    ):
        afresh = advance(attrs.evolve(record), event, stock, now=event.at)
        assert repr(advance(record, event, stock, now=event.at)) == repr(afresh)
