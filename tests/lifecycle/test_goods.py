"""Goods on their way out, and back: what each event comes to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from story import Story, asked_of, code_of, line

from fulfill_core import (
    Component,
    Hold,
    Inventory,
    Item,
    Location,
    Lot,
    Outcome,
    Rejection,
    Reservation,
    Result,
    Stock,
    process,
)
from fulfill_core.lifecycle import (
    Amended,
    Ask,
    CallBack,
    CancelDeclined,
    Cancelled,
    CancelRequested,
    Counted,
    Delivered,
    DeliveryFailed,
    Effect,
    HoldLifted,
    HoldPlaced,
    Lost,
    NotFulfilled,
    Progressed,
    Provided,
    Rejected,
    Release,
    Released,
    ReturnApproved,
    ReturnClosed,
    ReturnInspected,
    ReturnReceived,
    ReturnRequested,
    Rules,
    ShipmentVoided,
    Shipped,
    StockReceived,
    Tracked,
    advance,
    released_by_line,
    released_units,
    replay,
)
from fulfill_core.records import PickStage, Stage
from fulfill_core.sourcing import unless_rejected

NO_CHANGE, APPLIED, REFUSED = Effect.NO_CHANGE, Effect.APPLIED, Effect.REFUSED


# -- Handed over -----------------------------------------------------------------------------------


def test_what_is_at_a_location_is_handed_over_once() -> None:
    """Open units that are at no location may be released; a stage only rises."""
    story = Story()
    assert story.happened(Released, ref="f1", location="x", lines={"1": 2}).effect is APPLIED
    again = story.happened(Released, ref="f2", location="x", lines={"1": 1})
    assert (again.effect, code_of(again)) == (REFUSED, "units.not_open")
    assert story.happened(Progressed, ref="f1", stage="packed").effect is APPLIED
    assert story.happened(Progressed, ref="f1", stage="picked").effect is NO_CHANGE
    assert story.record.history.fulfilments[0].stage is PickStage.PACKED
    assert code_of(story.happened(Progressed, ref="f9", stage="picked")) == "fulfilment.unknown"
    assert code_of(story.happened(NotFulfilled, ref="f9")) == "fulfilment.unknown"


def test_the_same_pick_list_twice_is_once() -> None:
    """Its number identifies it, not the event's; with another content it contradicts."""
    story = Story()
    story.happened(Released, ref="f1", location="x", lines={"1": 1})
    assert (
        story.happened(Released, ref="f1", location="x", lines={"1": 1}).effect is Effect.DUPLICATE
    )
    step = story.happened(Released, ref="f1", location="y", lines={"1": 1})
    assert code_of(step) == "event.conflict"
    assert story.told["staff:order.review_needed"] == 1


@pytest.mark.parametrize(
    ("record", "code"),
    [
        ("hold", "order.on_hold"),
        ("line", "order.on_hold"),
        ("other line", None),
        ("rejected", "order.rejected"),
    ],
)
def test_what_is_stopped_is_not_handed_over(record: str, code: str | None) -> None:
    """A hold of the order, or of the line; a rejection of this version."""
    story = Story(line(), line("2", 1))
    at = story.record.order.placed_at
    if record == "rejected":
        fingerprint = story.record.order.fingerprint
        ruling = Rejection(order_id="A-1", fingerprint=fingerprint, by="Grace", at=at)
        story.record = type(story.record)(order=story.record.order, rejections=[ruling])
    else:
        line_id = {"hold": "", "line": "1", "other line": "2"}[record]
        hold = Hold(order_id="A-1", source="qa", code="qa.look", line_id=line_id, at=at)
        story.record = story.record.with_hold(hold)
    step = story.happened(Released, ref="f1", location="x", lines={"1": 1})
    assert (step.refusal and step.refusal.code) == code


def test_nothing_is_handed_over_while_its_customer_may_change_it() -> None:
    """A remorse window counts from when the order was placed."""
    story = Story(rules=Rules(remorse=timedelta(minutes=90)))
    assert code_of(story.happened(Released, ref="f1", location="x", lines={"1": 1})) == (
        "order.remorse"
    )
    assert story.happened(Released, ref="f1", location="x", lines={"1": 1}).effect is APPLIED


def test_what_nobody_has_paid_is_handed_over_where_a_shop_says_so() -> None:
    """By default it is refused."""
    assert code_of(
        Story(payments=[]).happened(Released, ref="f1", location="x", lines={"1": 1})
    ) == ("payment.not_covered")
    story = Story(payments=[], rules=Rules(unpaid_leaves=True))
    assert story.happened(Released, ref="f1", location="x", lines={"1": 1}).effect is APPLIED
    assert code_of(story.happened(Released, ref="f2", location="x", lines={"9": 1})) == (
        "line.unknown"
    )


def test_what_a_location_rejects_is_free() -> None:
    """What it does not find stays reserved; what was called back is called back once."""
    story = Story(line(quantity=4))
    story.happened(Released, ref="f1", location="x", lines={"1": 4})
    story.happened(NotFulfilled, ref="f1", lines={"1": 1}, reason="short")
    assert (story.stock.reserved("mug", "x"), released_by_line(story.record)) == (4, {"1": 3})
    story.happened(NotFulfilled, ref="f1", lines={"1": 2}, reason="rejected")
    assert (story.stock.reserved("mug", "x"), released_by_line(story.record)) == (2, {"1": 1})
    step = story.happened(NotFulfilled, ref="f1")
    assert step.actions == (CallBack(fulfilment="f1", location="x", units={"1": 1}),)
    step = story.happened(NotFulfilled, ref="f1", lines={"1": 4})
    assert (step.effect, step.actions) == (NO_CHANGE, ())
    bare = Story(stock=Inventory())
    bare.happened(Released, ref="f1", location="x", lines={"1": 2})
    assert bare.happened(NotFulfilled, ref="f1", reason="rejected").effect is APPLIED


def test_a_location_that_rejected_is_not_asked_again_today() -> None:
    """The next run sources elsewhere; tomorrow it is asked again."""
    stock = Inventory.of({("mug", "x"): 9, ("mug", "y"): 9})
    story = Story(stock=stock.with_reserved(*Story().stock.reservations_of("A-1")))
    story.happened(Released, ref="f1", location="x", lines={"1": 2})
    event = story.make(NotFulfilled, ref="f1", lines={"1": 1}, reason="rejected")
    story.heard(event)
    story.happened(NotFulfilled, ref="f1", reason="rejected")
    policy = unless_rejected()
    places = [
        [
            each.location
            for each in process(
                [story.record], story.stock, now=now, verifiers=[], sourcing=policy
            )["A-1"].allocations
        ]
        for now in (event.at, event.at + timedelta(days=1))
    ]
    assert places == [["y"], ["x"]]
    nowhere = Inventory.of({("mug", "x"): 9})
    decision = process([story.record], nowhere, now=event.at, verifiers=[], sourcing=policy)["A-1"]
    assert (decision.allocations, len(decision.shorts)) == ((), 1)
    fresh = process([Story().record], stock, now=event.at, verifiers=[], sourcing=policy)["A-1"]
    assert [each.location for each in fresh.allocations] == ["x"]


def test_what_only_one_location_could_send_is_looked_at_again_the_next_day() -> None:
    """`wake_at` is when the day of rejecting ends at that location; after it nothing is left."""
    tokyo = Location(id="x", timezone=ZoneInfo("Asia/Tokyo"))
    rows = [Stock(sku="mug", location="x", on_hand=2)]
    story = Story(stock=Inventory(rows, locations=[tokyo]))
    story.happened(Released, ref="f1", location="x", lines={"1": 2})
    event = story.make(NotFulfilled, ref="f1", reason="rejected")
    story.heard(event)

    def run(now: datetime) -> Result:
        policy = unless_rejected()
        return process([story.record], story.stock, now=now, verifiers=[], sourcing=policy)

    midnight = datetime(2026, 3, 2, 15, tzinfo=UTC)
    today = run(event.at)
    assert (today["A-1"].allocations, today.wake_at) == ((), midnight)
    tomorrow = run(midnight)
    assert (tomorrow["A-1"].outcome, tomorrow.wake_at) == (Outcome.ALLOCATED, None)
    story.happened(Cancelled)
    assert run(event.at).wake_at is None


def test_a_run_lets_what_was_told_of_events_stand() -> None:
    """It does not know them, and has nothing to say of a parcel."""
    story = Story(line(quantity=4))
    story.happened(Shipped, parcel="p1", location="x", lines={"1": 5})
    story.happened(Cancelled, lines={"1": 1})
    subjects = {(str(each.audience), each.subject) for each in story.record.told}
    result = process([story.record], story.stock, now=story.record.order.placed_at, verifiers=[])
    assert [each for each in result.superseded_ids if "parcel" in each or "review" in each] == []
    [record] = result.records
    assert {(str(each.audience), each.subject) for each in record.told} >= subjects


def test_a_parcel_may_name_its_pick_list() -> None:
    """Else it is of what its location had when it left."""
    story = Story(line(quantity=4))
    story.happened(Released, ref="f1", location="x", lines={"1": 1})
    story.happened(Released, ref="f2", location="x", lines={"1": 2})
    story.happened(Shipped, parcel="p1", location="x", lines={"1": 1}, fulfilment="f2")
    assert released_units(story.record) == {"f1": {"1": 1}, "f2": {"1": 1}}


def test_a_request_to_cancel_asks_and_frees_nothing() -> None:
    """Until the location answers, and the host grants, nothing is cancelled."""
    story = Story(line(quantity=4))
    story.happened(Released, ref="f1", location="x", lines={"1": 3})
    step = story.happened(CancelRequested, lines={"1": 2})
    assert step.actions == (CallBack(fulfilment="f1", location="x", units={"1": 2}),)
    assert (story.record.open("1"), story.record.history.requests) == (4, (("1", 2),))
    assert story.happened(CancelRequested, lines={"1": 2}).effect is NO_CHANGE
    assert asked_of(story.happened(NotFulfilled, ref="f1", lines={"1": 1})) == [
        ("Ask", "cancel.requested")
    ]
    assert asked_of(Story().happened(CancelRequested)) == [("Ask", "cancel.requested")]
    assert story.happened(CancelDeclined, ref="f9").effect is APPLIED
    assert story.happened(CancelDeclined, ref="f1").effect is APPLIED
    assert story.happened(CancelDeclined).effect is NO_CHANGE
    assert story.told["customer:order.cancel_declined"] == 2
    step = story.happened(Cancelled, lines={"1": 3})
    assert step.actions == (CallBack(fulfilment="f1", location="x", units={"1": 1}),)
    assert code_of(story.happened(CancelRequested, lines={"1": 2})) == "units.not_open"
    assert code_of(story.happened(CancelRequested, lines={"9": 2})) == "line.unknown"


# -- Parcels ---------------------------------------------------------------------------------------


def test_a_parcel_twice_is_one_parcel() -> None:
    """Its number identifies it; the same with another content contradicts."""
    story = Story()
    story.happened(Shipped, parcel="p1", location="x", lines={"1": 1})
    step = story.happened(Shipped, parcel="p1", location="x", lines={"1": 1})
    assert step.effect is Effect.DUPLICATE
    assert code_of(story.happened(Shipped, parcel="p1", location="x", lines={"1": 2})) == (
        "event.conflict"
    )
    assert story.units() == {"shipped": 1}


def test_the_same_id_with_other_content_is_refused() -> None:
    """And the staff is told."""
    story = Story()
    event = story.make(Shipped, parcel="p1", location="x", lines={"1": 1})
    story.heard(event)
    other = story.make(Shipped, id=event.id, parcel="p2", location="x", lines={"1": 1})
    step = story.heard(other)
    assert (code_of(step), story.units()) == ("event.conflict", {"shipped": 1})
    assert [str(each.kind) for each in step.notifications] == ["order.review_needed"]


def test_what_was_voided_and_seen_on_its_way_has_left() -> None:
    """Whatever is reported first."""
    story = Story()
    assert code_of(story.happened(ShipmentVoided, parcel="p1")) == "parcel.unknown"
    assert story.happened(Shipped, parcel="p1", location="x", lines={"1": 1}).effect is NO_CHANGE
    assert story.units() == {}
    assert story.happened(Tracked, parcel="p1").effect is APPLIED
    assert (story.units(), story.stock.on_hand("mug", "x")) == ({"shipped": 1}, 8)


def test_what_never_left_is_off_its_pick_list() -> None:
    """The location is done with it, whichever is reported first."""
    story = Story()
    story.happened(Released, ref="f1", location="x", lines={"1": 2})
    story.happened(ShipmentVoided, parcel="p1")
    step = story.happened(Shipped, parcel="p1", location="x", lines={"1": 2})
    assert (step.effect, story.units(), released_by_line(story.record)) == (APPLIED, {}, {"1": 0})


def test_what_arrived_without_a_word_is_in_it_counts_when_somebody_says_so() -> None:
    """A parcel of which nobody said what it holds is kept."""
    story = Story()
    step = story.happened(Delivered, parcel="p1")
    assert (code_of(step), step.refusal and step.refusal.is_kept) == ("parcel.unknown", True)
    story.happened(Shipped, parcel="p1", location="x", lines={"1": 2})
    assert story.units() == {"shipped": 2, "delivered": 2}
    assert story.told["customer:parcel.delivered"] == 1
    assert story.told["customer:parcel.shipped"] == 0


def test_a_parcel_leaves_where_its_units_were() -> None:
    """If nobody says where: where they were released, else reserved, else nowhere."""
    story = Story(line(quantity=3))
    story.happened(Delivered, parcel="p1", lines={"1": 1})
    assert story.stock.on_hand("mug", "x") == 8
    story.happened(Released, ref="f1", location="y", lines={"1": 1})
    story.happened(Delivered, parcel="p2", lines={"1": 1})
    assert story.stock.on_hand("mug", "y") == 8
    story.happened(Shipped, parcel="p2", location="x", lines={"1": 1})
    assert [story.stock.on_hand("mug", place) for place in "xy"] == [7, 9]
    empty = Story(stock=Inventory.of({("mug", "x"): 1}))
    empty.happened(Delivered, parcel="p1", lines={"1": 1})
    assert (empty.units()["shipped"], empty.stock.on_hand("mug")) == (1, 1)


def test_what_left_is_gone_whatever_the_stock_says() -> None:
    """On hand may fall below zero, and the staff is told what left beyond what was ordered."""
    story = Story(stock=Inventory.of({("mug", "x"): 1}))
    step = story.happened(Shipped, parcel="p1", location="x", lines={"1": 3})
    assert (story.stock.on_hand("mug", "x"), story.record.surplus("1")) == (-2, 1)
    assert ("Ask", "units.surplus") in asked_of(step)
    assert story.told["staff:order.review_needed"] == 1


def test_lots_never_have_less_than_nothing() -> None:
    """What left is taken from units without a lot, then from lots; the rest is owed."""
    lots = [Lot(id="L-1", quantity=2), Lot(id="L-2", quantity=1, quarantined=True)]
    stock = Inventory([Stock(sku="mug", location="x", on_hand=4, lots=lots)])
    reserved = [
        Reservation(order_id="A-1", line_id="1", sku="mug", location="x", quantity=1, lot=lot)
        for lot in ("L-1", "L-2")
    ]
    story = Story(line(quantity=9), stock=stock.with_reserved(*reserved))
    story.happened(Shipped, parcel="p1", location="x", lines={"1": 3})
    assert story.stock.on_hand("mug", "x") == 1
    story.happened(Shipped, parcel="p2", location="x", lines={"1": 3})
    assert (story.stock.on_hand("mug", "x"), story.stock.lots_of("mug")) == (-2, {})


def test_a_carriers_words_reach_the_customer() -> None:
    """Out for delivery, ready, another number, a failure that asks something of them."""
    story = Story()
    story.happened(Shipped, parcel="p1", location="x", lines={"1": 2}, carrier="dhl", tracking="T1")
    assert story.happened(Tracked, parcel="p1", stage="in_transit").notifications == ()
    assert story.happened(Tracked, parcel="p1", stage="in_transit").effect is NO_CHANGE
    story.happened(Tracked, parcel="p1", stage="out_for_delivery", tracking="T2")
    story.happened(Tracked, parcel="p1", stage="in_transit", tracking="T3")
    story.happened(Tracked, parcel="p1", stage="ready_for_pick_up")
    story.happened(DeliveryFailed, parcel="p1", reason="address", asks_customer=True)
    story.happened(DeliveryFailed, parcel="p1", reason="weather")
    story.happened(Tracked, parcel="p1", stage="delivered")
    assert story.happened(DeliveryFailed, parcel="p1", asks_customer=True).effect is NO_CHANGE
    assert story.told == {
        "customer:order.confirmed": 1,
        "customer:parcel.shipped": 1,
        "customer:parcel.out_for_delivery": 1,
        "customer:parcel.tracking_changed": 1,
        "customer:parcel.ready_for_pick_up": 1,
        "customer:parcel.delivery_failed": 1,
        "customer:parcel.picked_up": 1,
    }
    parcel = story.record.history.parcels[0]
    assert (parcel.stage, parcel.tracking, parcel.carrier) == (Stage.DELIVERED, "T3", "dhl")


def test_a_parcel_that_waited_was_picked_up() -> None:
    """What was ready for pick-up is told as picked up, what was brought as delivered."""
    story = Story()
    for parcel in ("p1", "p2"):
        story.happened(Shipped, parcel=parcel, location="x", lines={"1": 1})
    story.happened(Tracked, parcel="p1", stage="ready_for_pick_up")
    told = [story.happened(Delivered, parcel=parcel).notifications for parcel in ("p1", "p2")]
    assert [[each.kind for each in of_step] for of_step in told] == [
        ["parcel.picked_up"],
        ["parcel.delivered"],
    ]
    assert [each.subject for each in story.record.told] == ["decision"]


def test_a_location_is_asked_back_when_the_parcel_turns_out_to_have_left_elsewhere() -> None:
    """It may still have the units on its list: it is told in that step, not by the next event."""
    story = Story()
    story.happened(Released, ref="f1", location="x", lines={"1": 2})
    story.happened(Delivered, parcel="p1", lines={"1": 2})
    step = story.happened(Shipped, parcel="p1", location="y", lines={"1": 2})
    assert step.actions[:1] == (CallBack(fulfilment="f1", location="x", units={"1": 2}),)


def test_what_a_location_declined_is_not_asked_for_by_a_delivery() -> None:
    """It has said that it sends the units; it is asked only for what else is not to leave."""
    story = Story()
    story.happened(Released, ref="f1", location="x", lines={"1": 2})
    story.happened(Shipped, parcel="p1", location="y", lines={"1": 2})
    story.happened(CancelDeclined, ref="f1")
    assert story.happened(Delivered, parcel="p1").actions == ()


def test_nobody_is_told_of_a_parcel_that_is_only_tracked() -> None:
    """What is in it is not known."""
    story = Story()
    assert story.happened(Tracked, parcel="p1", tracking="T1").notifications == ()
    assert story.happened(DeliveryFailed, parcel="p2").effect is APPLIED


def test_what_is_lost_goes_again_or_costs_nothing_or_somebody_is_asked() -> None:
    """Whoever reports it says which."""
    story = Story(line(quantity=3))
    story.happened(Shipped, parcel="p1", location="x", lines={"1": 3})
    step = story.happened(Lost, parcel="p1", lines={"1": 1})
    assert asked_of(step) == [("Ask", "units.lost")]
    story.happened(Lost, parcel="p1", lines={"1": 1}, reopened={"1": 1})
    assert (story.record.open("1"), story.record.due) == (1, 15)
    step = story.happened(Lost, parcel="p1", lines={"1": 2}, credited={"1": 1})
    assert (story.units()["lost"], story.record.due) == (2, 10)


def test_what_is_not_sent_is_handed_over() -> None:
    """It leaves no stock, and is paid for as it is handed over."""
    story = Story(line(), line("2", 1, sku="pdf", ships=False))
    step = story.happened(Provided, lines={"2": 1})
    assert asked_of(step) == [("Capture", "5.00")]
    assert story.told["customer:parcel.provided"] == 1
    assert (story.units("2"), story.stock.on_hand("pdf")) == ({"shipped": 1}, 0)


# -- Kits ------------------------------------------------------------------------------------------


def kits() -> Story:
    """Two sets of two cups and a pot, in lyon and in x."""
    stock = Inventory(
        stock=[
            Stock(sku=sku, location=place, on_hand=9) for sku in ("cup", "pot") for place in "xy"
        ],
        items=[
            Item(sku="set", components=[Component(sku="cup", quantity=2), Component(sku="pot")])
        ],
        reservations=[
            Reservation(order_id="A-1", line_id="1", sku=sku, location="x", quantity=units)
            for sku, units in (("cup", 4), ("pot", 2))
        ],
    )
    return Story(line(sku="set"), stock=stock)


def test_a_kit_leaves_in_parts() -> None:
    """Components count towards whole kits, and are free of the line as they leave."""
    story = kits()
    story.happened(Shipped, parcel="p1", location="x", parts={("1", "cup"): 3})
    assert story.record.progress_of("1").parts == (("cup", 3),)
    assert (
        story.record.open("1"),
        story.stock.reserved("cup"),
        story.told["customer:parcel.shipped"],
    ) == (2, 1, 1)
    story.happened(Shipped, parcel="p2", location="y", parts={("1", "pot"): 1, ("9", "pot"): 1})
    assert (story.units(), story.record.progress_of("1").parts) == ({"shipped": 1}, (("cup", 1),))
    story.happened(ShipmentVoided, parcel="p2")
    assert (story.units(), story.record.progress_of("1").parts) == ({}, (("cup", 3),))
    assert [story.stock.on_hand("pot", place) for place in "xy"] == [9, 9]


def test_a_kit_comes_back_in_parts_on_the_shelf() -> None:
    """Its components lie there."""
    story = kits()
    story.happened(Shipped, parcel="p1", location="x", lines={"1": 2})
    story.happened(ReturnReceived, location="y", lines={"1": 1})
    assert (story.stock.on_hand("cup", "y"), story.stock.on_hand("pot", "y")) == (11, 10)


def test_a_kit_that_a_location_rejects_is_free_with_its_parts() -> None:
    """All of them."""
    story = kits()
    story.happened(Released, ref="f1", location="x", lines={"1": 2})
    story.happened(NotFulfilled, ref="f1", lines={"1": 1}, reason="rejected")
    assert (story.stock.reserved("cup"), story.stock.reserved("pot")) == (2, 1)


# -- Returns ---------------------------------------------------------------------------------------


def test_a_return_is_announced_approved_and_received() -> None:
    """What is announced is cumulative: no unit comes back twice."""
    story = Story(line(quantity=3))
    story.happened(Shipped, parcel="p1", location="x", lines={"1": 3})
    story.happened(ReturnRequested, ref="r1", lines={"1": 2}, ground="withdrawal")
    assert code_of(story.happened(ReturnRequested, ref="r2", lines={"1": 2})) == "return.no_room"
    assert code_of(story.happened(ReturnRequested, ref="r2", lines={"9": 2})) == "line.unknown"
    again = story.happened(ReturnRequested, ref="r1", lines={"1": 2}, ground="claim")
    assert again.effect is Effect.DUPLICATE
    assert code_of(story.happened(ReturnRequested, ref="r1", lines={"1": 1})) == "event.conflict"
    assert story.happened(ReturnApproved, ref="r1").effect is APPLIED
    assert story.happened(ReturnApproved, ref="r1").effect is NO_CHANGE
    story.happened(ReturnReceived, ref="r1", lines={"1": 1}, location="y", restocked={})
    assert story.units() == {"shipped": 3, "return_requested": 2, "returned": 1}
    story.happened(ReturnInspected, ref="r1", restocked={"1": 5})
    assert (story.units()["restocked"], story.stock.on_hand("mug", "y")) == (1, 10)
    assert story.happened(ReturnClosed, ref="r1", is_declined=True).effect is APPLIED
    assert story.happened(ReturnClosed, ref="r1").effect is NO_CHANGE
    assert story.record.progress_of("1").returnable == 2
    for kind in (ReturnApproved, ReturnClosed, ReturnInspected):
        assert code_of(story.happened(kind, ref="r9")) == "return.unknown"
    assert {key: times for key, times in story.told.items() if "return" in key} == {
        "customer:return.requested": 1,
        "customer:return.approved": 1,
        "customer:return.declined": 1,
        "customer:return.received": 1,
    }


def test_a_return_before_its_shipment_is_kept_until_there_is_room() -> None:
    """It is told when it is kept, and when it counts; the money goes back then."""
    story = Story()
    step = story.happened(ReturnReceived, ref="r1", lines={"1": 1}, location="y")
    assert (code_of(step), story.units(), step.actions) == ("return.no_room", {}, ())
    assert code_of(story.happened(ReturnReceived, ref="r2", lines={"9": 1}, location="y")) == (
        "line.unknown"
    )
    story.happened(Shipped, parcel="p1", location="x", lines={"1": 2})
    assert story.units()["returned"] == 1
    assert [story.stock.on_hand("mug", place) for place in "xy"] == [7, 10]
    assert story.told["customer:return.received"] == 1
    assert story.told["staff:order.review_needed"] == 2


def test_what_is_reported_of_a_line_that_is_added_later_counts_then() -> None:
    """The parcel overtook the amendment."""
    story = Story()
    step = story.happened(Shipped, parcel="p1", location="x", lines={"2": 1})
    assert (code_of(step), step.refusal and step.refusal.is_kept) == ("line.unknown", True)
    story.happened(Amended, added=[line("2", 1)])
    assert (story.units("2"), story.stock.on_hand("mug", "x")) == ({"shipped": 1}, 8)


# -- The stock -------------------------------------------------------------------------------------


def test_a_count_tells_where_too_little_is_left() -> None:
    """Of what is reserved for the order; more, or of others, is no news."""
    story = Story()
    step = story.happened(Counted, units={("mug", "x"): -8, ("mug", "y"): -99})
    assert [str(each.kind) for each in step.notifications] == ["order.at_risk"]
    assert [story.stock.on_hand("mug", place) for place in "xy"] == [1, 0]
    assert story.happened(Counted, units={("mug", "x"): -1}).notifications == ()
    assert story.happened(StockReceived, units={("mug", "x"): 3}).notifications == ()
    assert story.happened(Counted, units={}).effect is NO_CHANGE


def test_units_are_set_aside_with_an_event_no_more_than_are_open() -> None:
    """For the lines in their sequence; and given up, of the last line first."""
    story = Story(line(), line("2", 1), stock=Inventory.of({("mug", "x"): 9}))
    event = story.make(StockReceived, units={("mug", "z"): 3})
    step = story.heard(event, reserved={("mug", "z"): 9})
    assert step.actions == (Release(location="z", units={"1": 2, "2": 1}),)
    assert story.stock.reserved("mug", "z") == 3
    story.heard(story.make(Counted, units={}), reserved={("mug", "y"): -2})
    event = story.make(Counted, units={})
    step = story.heard(event, reserved={("mug", "z"): -2, ("mug", "a"): 1, ("cup", "a"): 1})
    assert {
        (each.line_id, each.location, each.quantity) for each in story.stock.reservations_of("A-1")
    } == {
        ("1", "z", 1),
        ("1", "a", 1),
    }
    assert step.changes.reservations_added


def test_what_is_called_back_when_it_is_stopped() -> None:
    """All that is at locations; when it goes on, what is reserved may leave."""
    story = Story()
    story.happened(Released, ref="f1", location="x", lines={"1": 2})
    step = story.happened(HoldPlaced, source="qa", code="qa.look")
    assert step.actions == (CallBack(fulfilment="f1", location="x", units={"1": 2}),)
    assert (
        story.happened(HoldPlaced, source="qa", code="qa.look", at=step.record.holds[0].at).effect
        is NO_CHANGE
    )
    story.happened(NotFulfilled, ref="f1")
    step = story.happened(HoldLifted, source="qa", code="qa.look")
    assert step.actions == (Release(location="x", units={"1": 2}),)
    assert story.happened(HoldLifted, source="qa", code="qa.look").effect is NO_CHANGE
    assert not [each for each in step.actions if isinstance(each, Ask)]


def test_a_receipt_twice_is_one_receipt() -> None:
    """Its number identifies it; what is credited is what it says."""
    story = Story()
    story.happened(Shipped, parcel="p1", location="x", lines={"1": 2})
    content = {"ref": "r1", "lines": {"1": 2}, "location": "x"}
    story.happened(ReturnReceived, credited={"1": 1}, **content)
    assert (story.units()["returned"], story.record.due) == (2, 5)
    assert story.happened(ReturnReceived, **content).effect is Effect.DUPLICATE


def test_a_parcel_with_a_line_that_nobody_knows_is_told() -> None:
    """What is known of it counts; one of which nothing is known is no news to the customer yet."""
    story = Story()
    story.happened(Released, ref="f1", location="y", lines={"1": 1})
    step = story.happened(Shipped, parcel="p1", location="x", lines={"1": 1, "9": 1})
    assert step.effect is Effect.APPLIED
    reasons = [row for each in step.notifications for row in each.reasons]
    assert ("line.unknown", "The order has no line 9.") in reasons
    assert story.told["customer:parcel.shipped"] == 1
    step = story.happened(Delivered, parcel="p1")
    assert [row[:2] for row in step.notifications[0].lines] == [("1", "mug"), ("9", "-")]
    story.happened(Shipped, parcel="p2", location="x", lines={"9": 1})
    assert story.told["customer:parcel.shipped"] == 1


def test_a_parcel_is_of_the_pick_list_that_has_its_lines() -> None:
    """If nobody says which."""
    story = Story(line(), line("2"))
    story.happened(Released, ref="f1", location="x", lines={"1": 2})
    story.happened(Released, ref="f2", location="y", lines={"2": 2})
    story.happened(Delivered, parcel="p1", lines={"2": 1})
    assert [story.stock.on_hand("mug", place) for place in "xy"] == [9, 8]


def test_what_was_turned_down_or_is_fresh_is_not_let_go() -> None:
    """Though a hold was lifted."""
    for rules in (Rules(), Rules(remorse=timedelta(days=9))):
        story = Story(rules=rules)
        if rules == Rules():
            story.happened(Rejected, by="Grace")
        story.happened(HoldPlaced, source="qa", code="qa.look")
        assert story.happened(HoldLifted, source="qa", code="qa.look").actions == ()


def test_what_is_refused_twice_is_told_once() -> None:
    """The same event again is the same news."""
    story = Story()
    story.happened(Shipped, parcel="p1", location="x", lines={"1": 2})
    event = story.make(Cancelled, by="customer", lines={"1": 1})
    assert [len(story.heard(event).notifications) for _ in range(2)] == [1, 0]


def test_what_is_put_back_before_it_is_called_back_is_called_back_once() -> None:
    """What a location gives back beyond what it was asked for is asked for then."""
    story = Story(line(quantity=4))
    story.happened(Released, ref="f1", location="x", lines={"1": 4})
    story.happened(Cancelled, lines={"1": 1})
    assert story.happened(NotFulfilled, ref="f1", lines={"1": 1}).actions == ()
    step = story.happened(NotFulfilled, ref="f1", lines={"1": 2})
    assert step.actions == (CallBack(fulfilment="f1", location="x", units={"1": 2}),)


def test_events_give_the_record_again() -> None:
    """In the sequence in which they were heard of."""
    story = Story()
    start, stock = story.record, story.stock
    events = [
        story.make(Released, ref="f1", location="x", lines={"1": 2}),
        story.make(Shipped, parcel="p1", location="x", lines={"1": 1}),
    ]
    for event in events:
        record = advance(story.record, event, story.stock, now=event.at)
        story.record, story.stock = record.record, record.inventory
    assert replay(start, events, stock) == story.record
    assert replay(start, events).progress == story.record.progress
