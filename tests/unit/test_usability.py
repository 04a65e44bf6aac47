"""Reserved and not usable: what an order has and can't use is named, told, and never confirmed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import attrs
import pytest
from builders import ADA, NOW, line, mugs, order, refusal, reserved, run

from fulfill_core import (
    Audience,
    Component,
    Context,
    Finding,
    Hold,
    Inventory,
    Item,
    Kind,
    Lot,
    Order,
    OrderRecord,
    Outcome,
    PluginError,
    Promise,
    Reservation,
    Result,
    Shipment,
    Short,
    ShortReason,
    Stock,
    explain,
    hold,
    lacking,
    process,
    reject,
)
from fulfill_core.allocation.unusable import expired_losses
from fulfill_core.inventory import LotOrder
from fulfill_core.inventory.inventory import state_of
from fulfill_core.lifecycle import Shipped, advance
from fulfill_core.notifications import customer_and_staff, to_customer, together
from fulfill_core.reallocation import ConfirmationStrategy, LossReason, Reallocation

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
BY_RANK = Reallocation()
STAFF = Audience.STAFF


def by_lot(*several: tuple[int, int], sku: str = "mug", **rules: Any) -> Inventory:
    """Lots L1, L2, ...: so many units, which end after so many days."""
    lots = [
        Lot(id=f"L{number}", quantity=units, expires_at=NOW + days * DAY)
        for number, (units, days) in enumerate(several, 1)
    ]
    on_hand = sum(units for units, _ in several)
    return Inventory(
        stock=[Stock(sku=sku, location="berlin", on_hand=on_hand, lots=lots)],
        items=[Item(sku=sku, **rules)],
    )


def state(result: Result, order_id: str = "A-1") -> tuple[str, list[tuple[str, int]]]:
    """What became of an order, and what is short of it."""
    made = result[order_id]
    return str(made.outcome), [(str(short.reason), short.quantity) for short in made.shorts]


def notes(result: Result, order_id: str = "A-1") -> list[tuple[str, str]]:
    """What is noted of reservations."""
    return [
        (each.code, each.detail)
        for each in result[order_id].findings
        if each.code.startswith("reservation.")
    ]


def kinds(result: Result) -> list[tuple[str, str]]:
    """Who is told what."""
    return [(str(each.audience), str(each.kind)) for each in result.notifications]


# -- What can't be used ----------------------------------------------------------------------------


def test_a_lot_that_has_expired_is_not_confirmed() -> None:
    """From the end of the lot on its units are short; the note names SKU, lot, place and units; a
    run wakes up on that day, and until then changes nothing.
    """
    subject = order("A-1", 4)
    first = run(subject, stock=by_lot((10, 2), (10, 60)))
    assert first.wake_at == NOW + 2 * DAY
    assert state(run(subject, stock=first.inventory, now=NOW + 2 * DAY - timedelta(seconds=1))) == (
        "allocated",
        [],
    )
    again = run(subject, stock=first.inventory, now=NOW + 2 * DAY)
    assert state(again) == ("unfulfillable", [("reserved_unusable", 4)])
    assert notes(again) == [
        (
            "reservation.lot_ended",
            (
                "Of mug, 4 that are reserved at berlin, lot L1, can't be used: that lot ends on"
                " 2026-03-04 12:00 UTC, before they can leave."
            ),
        )
    ]
    assert again["A-1"].reserved == ()
    assert again.at_risk == again["A-1"].unusable == first.inventory.reservations_of("A-1")
    assert again.inventory == first.inventory  # nothing moves by itself


def test_a_lot_that_ends_before_it_may_leave_is_not_confirmed() -> None:
    """An order that is not to leave before a day can't use what ends until then."""
    stock = by_lot((5, 2)).with_reserved(reserved("A-1", quantity=2, lot="L1"))
    for days, outcome in ((1, Outcome.ALLOCATED), (2, Outcome.UNFULFILLABLE)):
        subject = order("A-1", 2, ship_after=NOW + days * DAY)
        result = run(subject, stock=stock, reservation_window=9 * DAY)
        assert result["A-1"].outcome is outcome


def test_a_lot_that_was_recalled_is_not_confirmed() -> None:
    """What is locked up is short for as long as it is: the others of the line are confirmed."""
    stock = run(order("A-1", 5), stock=by_lot((3, 9), (9, 60))).inventory
    locked = stock.with_quarantined("mug", "berlin", "L1")
    result = run(order("A-1", 5), stock=locked)
    assert state(result) == ("partially_allocated", [("reserved_unusable", 3)])
    assert notes(result) == [
        (
            "reservation.lot_quarantined",
            (
                "Of mug, 3 that are reserved at berlin, lot L1, can't be used: that lot is in"
                " quarantine."
            ),
        )
    ]
    assert result["A-1"].lines[0].reserved == 2
    assert result["A-1"].shorts == (
        Short(
            line_id="1",
            sku="mug",
            quantity=3,
            requested=5,
            available=2,
            reason=ShortReason.RESERVED_UNUSABLE,
        ),
    )
    unlocked = locked.with_quarantined("mug", "berlin", "L1", quarantined=False)
    assert state(run(order("A-1", 5), stock=unlocked)) == ("allocated", [])


@pytest.mark.parametrize("earlier", [NOW - DAY, None])
def test_units_that_are_not_there_are_not_confirmed(earlier: datetime | None) -> None:
    """After a count, whose reservation was made last goes without; one without a time is oldest.

    Whoever sees only the other order says the same of it.
    """
    stock = mugs(berlin=9).with_reserved(
        reserved("A-1", quantity=2, made_at=earlier), reserved("A-0", quantity=2, made_at=NOW)
    )
    counted = stock.with_counted("mug", "berlin", 3)
    both = run(order("A-1", 2), order("A-0", 2), stock=counted)
    assert state(both, "A-1") == ("allocated", [])
    assert state(both, "A-0") == ("partially_allocated", [("reserved_unusable", 1)])
    assert notes(both, "A-0") == [
        (
            "reservation.not_there",
            (
                "Of mug, 1 that is reserved at berlin can't be used: more is reserved there than"
                " there is."
            ),
        )
    ]
    alone = run(order("A-1", 2), stock=counted)
    assert attrs.evolve(both["A-1"], rank=0) == alone["A-1"]
    assert alone.at_risk == ()


def test_what_heals_by_time_wakes_a_run() -> None:
    """If a checkout's reservation ends, there is enough again: a run wakes up for it, also for
    units that nobody asks for any more.
    """
    cart = reserved("cart", quantity=2, expires_at=NOW + DAY, made_at=NOW - DAY)
    stock = mugs(berlin=9).with_reserved(cart, reserved("A-1", quantity=2, made_at=NOW))
    result = run(order(lines=[line(sku="cup")]), stock=stock.with_counted("mug", "berlin", 2))
    assert [each.quantity for each in result.at_risk] == [2]
    assert result.wake_at == NOW + DAY


def test_what_is_reserved_beyond_need_may_be_bad() -> None:
    """If what can be used is enough, nothing is short; it is noted and told all the same."""
    stock = mugs(berlin=9).with_reserved(reserved("A-1", quantity=5))
    result = run(order("A-1", 3), stock=stock.with_counted("mug", "berlin", 4))
    assert state(result) == ("allocated", [])
    assert len(notes(result)) == 1
    assert kinds(result) == [("customer", "order.confirmed"), ("staff", "order.at_risk")]


def test_half_a_reservation_may_be_bad_and_the_other_line_good() -> None:
    """A line may be short for two reasons, and each is told; another line goes on."""
    stock = mugs(berlin=9).with_reserved(reserved("A-1", quantity=2))
    subject = order(lines=[line("1", "mug", 4), line("2", "cup")])
    counted = stock.with_counted("mug", "berlin", 1).with_received("cup", "berlin", 1)
    result = run(subject, stock=counted)
    assert state(result) == (
        "partially_allocated",
        [("out_of_stock", 2), ("reserved_unusable", 1)],
    )
    assert [(each.reserved, each.allocated, each.short) for each in result["A-1"].lines] == [
        (1, 0, 3),
        (0, 1, 0),
    ]


def test_of_kits_whole_ones_are_short() -> None:
    """A component that can't be used breaks its kit; what has left of it counts on."""
    kit = Item(sku="set", components=[Component(sku="cup"), Component(sku="pot", quantity=2)])
    rows = [Stock(sku=sku, location="berlin", on_hand=9) for sku in ("cup", "pot")]
    subject = order(lines=[line("1", "set", 3)])
    stock = run(subject, stock=Inventory(rows, items=[kit])).inventory
    result = run(subject, stock=stock.with_counted("pot", "berlin", 3))
    assert state(result) == ("partially_allocated", [("reserved_unusable", 2)])
    assert [(each.reserved, each.short) for each in result["A-1"].lines] == [(1, 2)]
    assert lacking(subject, stock.with_counted("pot", "berlin", 3), now=NOW) == {"pot": 3}


def test_lines_on_hold_and_orders_outside_lack_nothing_yet() -> None:
    """Where nothing is decided, nothing is short: what can't be used is noted, and not reserved."""

    def stops_the_first(subject: Order, /, *, context: Context) -> Any:
        return [hold("test.stop", line_id="1", field="lines", detail="...")]

    stock = mugs(berlin=9).with_reserved(reserved("A-1", quantity=2))
    counted = stock.with_counted("mug", "berlin", 0)
    subject = order(lines=[line("1", "mug", 2), line("2", "gift", 1)])
    part = run(subject, stock=counted, verifiers=[stops_the_first])
    assert [(each.held, each.short) for each in part["A-1"].lines] == [(2, 0), (0, 1)]
    later = run(order("A-1", 2, ship_after=NOW + DAY), stock=counted)
    assert [(each.scheduled, each.reserved) for each in later["A-1"].lines] == [(2, 0)]
    assert [len(notes(each)) for each in (part, later)] == [1, 1]
    assert ("staff", "order.at_risk") in kinds(later)


def test_a_checkout_lacks_what_it_cannot_use() -> None:
    """What an order lacks before a run is what it is short of in the run."""
    stock = by_lot((3, 2), (9, 60)).with_reserved(reserved("A-1", quantity=3, lot="L1"))
    for now, shortage in ((NOW, {}), (NOW + 2 * DAY, {"mug": 3})):
        assert lacking(order("A-1", 5), stock, now=now) == shortage
        expired = stock.with_reserved(reserved("A-1", lot="L1", expires_at=NOW))
        assert lacking(order("A-1", 5), expired, now=now) == shortage


def test_the_life_that_a_customer_asks_counts_from_the_delivery() -> None:
    """An order that may not leave before a day gets what lives long enough from that day on; of
    what ends with that day, nothing.
    """
    stock = by_lot((10, 15), (10, 60))
    eager = attrs.evolve(ADA, minimum_life=10 * DAY)
    for customer, days, lot in (
        (eager, 8, "L2"),
        (eager, 5, "L1"),
        (ADA, 15, "L2"),
        (ADA, 14, "L1"),
    ):
        subject = order("A-1", 4, customer=customer, ship_after=NOW + days * DAY)
        result = run(subject, stock=stock, reservation_window=30 * DAY)
        assert [each.lot for each in result["A-1"].allocations] == [lot]
        assert stock.available("mug", now=NOW, order=subject) == (20 if lot == "L1" else 10)
        again = run(subject, stock=result.inventory, reservation_window=30 * DAY)
        assert again.at_risk == ()


# -- Messages --------------------------------------------------------------------------------------


def test_the_staff_is_told_once_and_the_customer_is_not() -> None:
    """Until somebody has seen to it, what the customer was told stands; once it is over and comes
    again, the staff is told again.
    """
    record = OrderRecord(order=order("A-1", 2))
    first = process([record], mugs(berlin=9), now=NOW)
    assert kinds(first) == [("customer", "order.confirmed")]
    counted = first.inventory.with_counted("mug", "berlin", 1)
    at_risk = process(first.records, counted, now=NOW + DAY)
    assert kinds(at_risk) == [("staff", "order.at_risk")]
    (message,) = at_risk.notifications
    assert message.reasons == tuple(notes(at_risk))
    again = process(at_risk.records, counted, now=NOW + 2 * DAY)
    assert (kinds(again), again.changed_records) == ([], ())
    well = process(again.records, first.inventory, now=NOW + 2 * DAY)
    assert kinds(well) == []
    bad = process(well.records, counted, now=NOW + 3 * DAY)
    assert kinds(bad) == [("staff", "order.at_risk")]
    assert bad.notifications[0].id != message.id


def test_the_customer_hears_of_the_rest() -> None:
    """If something else is missing, that is said, as always."""
    subject = order(lines=[line("1", "mug", 2), line("2", "cup")])
    stock = (
        mugs(berlin=9).with_reserved(reserved("A-1", quantity=2)).with_counted("mug", "berlin", 0)
    )
    assert kinds(run(subject, stock=stock)) == [
        ("customer", "order.unfulfillable"),
        ("staff", "order.at_risk"),
    ]
    wait = Inventory(
        stock=[Stock(sku="mug", location="berlin", on_hand=0)],
        items=[Item(sku="cup", backorderable=True)],
        reservations=[reserved("A-1", quantity=2)],
    )
    assert kinds(run(subject, stock=wait)) == [
        ("customer", "order.backordered"),
        ("staff", "order.at_risk"),
    ]


def test_a_review_is_about_other_things() -> None:
    """That units can't be used has a message of its own: the review does not change with it."""
    stop = Hold(order_id="A-1", source="desk", code="shop.check", at=NOW)
    record = OrderRecord(order=order("A-1", 2), holds=[stop])
    stock = mugs(berlin=9).with_reserved(reserved("A-1", quantity=2))
    well, bad = (
        process([record], each, now=NOW) for each in (stock, stock.with_counted("mug", "berlin", 1))
    )
    reviews = [
        [each for each in result.notifications if each.kind is Kind.REVIEW_NEEDED]
        for result in (well, bad)
    ]
    assert reviews[0] == reviews[1]
    assert ("staff", "order.at_risk") in kinds(bad)


# -- Explained -------------------------------------------------------------------------------------


def test_it_is_explained() -> None:
    """What is reserved is told with place, lot and since when; what can't be used, and why."""
    stock = by_lot((3, 2), (9, 60)).with_reserved(
        reserved("A-1", quantity=3, lot="L1", made_at=NOW), reserved("A-1", quantity=1, lot="L2")
    )
    said = str(explain(run(order("A-1", 4), stock=stock, now=NOW + 3 * DAY), "A-1"))
    assert (
        "Line 1 (4 x mug): 1 reserved before (1 from berlin (lot L2)); 3 missing: so many are"
        " reserved for it and can't be used." in said
    )
    assert "Please note: Of mug, 3 that are reserved at berlin, lot L1, can't be used" in said
    assert "3 from berlin (lot L1) since 2026-03-02 12:00 UTC" in str(
        explain(run(order("A-1", 4), stock=stock), "A-1")
    )


# -- A re-allocation -------------------------------------------------------------------------------


def test_a_reallocation_replaces_what_cannot_be_used() -> None:
    """It is given up, and what is free takes its place; else it waits like others."""
    stock = by_lot((4, 2), (3, 60), backorderable=True)
    first = run(order("A-1", 4), stock=stock)
    result = run(order("A-1", 4), stock=first.inventory, now=NOW + 3 * DAY, reallocation=BY_RANK)
    assert [(each.lot, each.quantity, each.reason) for each in result.losses] == [
        ("L1", 4, LossReason.UNUSABLE)
    ]
    assert [(each.lot, each.quantity) for each in result["A-1"].allocations] == [("L2", 3)]
    assert [each.quantity for each in result["A-1"].backorders] == [1]
    assert (result.at_risk, kinds(result)) == ((), [("customer", "order.partly_backordered")])
    said = str(explain(result, "A-1"))
    assert "It gave up 4 of mug at berlin (lot L1): that can't be used any more." in said


# -- What leaves -----------------------------------------------------------------------------------


def test_what_expires_first_ships_first() -> None:
    """If no lot is named, lots leave in the item's own sequence, whenever they were reserved; those
    that may not leave come last. What is freed goes the other way round, as ever.
    """
    first = run(order("A-1", 5), stock=by_lot((3, 2), (2, 60))).inventory

    def rest(stock: Inventory) -> dict[str, int]:
        return {each.lot: each.quantity for each in stock.reservations_of("A-1")}

    assert rest(first.with_shipped("A-1", "1", 2, location="berlin")) == {"L1": 1, "L2": 2}
    assert rest(first.with_released("A-1", "1", 2)) == {"L1": 3}
    locked = first.with_quarantined("mug", "berlin", "L1")
    assert rest(locked.with_shipped("A-1", "1", 2, location="berlin")) == {"L1": 3}
    late = first.with_shipped("A-1", "1", 2, location="berlin", now=NOW + 3 * DAY)
    assert rest(late) == {"L1": 3}
    last_in = Inventory(
        stock=[
            Stock(
                sku="mug",
                location="berlin",
                on_hand=4,
                lots=[
                    Lot(id=f"L{number}", quantity=2, received_at=NOW - number * DAY)
                    for number in (1, 2)
                ],
            )
        ],
        items=[Item(sku="mug", lot_order=LotOrder.LIFO)],
    )
    lifo = run(order("A-1", 4), stock=last_in).inventory
    assert rest(lifo.with_shipped("A-1", "1", 2, location="berlin")) == {"L2": 2}


def test_what_has_ended_does_not_leave() -> None:
    """A lot leaves until its end, and not at it; without a now, no time is judged."""
    stock = run(order("A-1", 3), stock=by_lot((3, 2))).inventory
    end = NOW + 2 * DAY
    before = end - timedelta(seconds=1)
    assert stock.with_shipped("A-1", "1", 3, location="berlin", now=before).on_hand("mug") == 0
    assert stock.with_shipped("A-1", "1", 3, location="berlin").on_hand("mug") == 0
    assert refusal(stock.with_shipped, "A-1", "1", 3, location="berlin", now=end) == (
        "order 'A-1', line '1': cannot ship 3 of 'mug' of lot 'L1' at 'berlin': it ended on"
        " 2026-03-04 12:00 UTC"
    )


# -- Orders that are absent ------------------------------------------------------------------------


def absent_stock() -> Inventory:
    """Units of an order that left the batch, of a checkout, and what has expired."""
    return mugs(berlin=4).with_reserved(
        reserved("Z-1", quantity=1),
        reserved("Z-1", "2", quantity=2),
        reserved("cart", expires_at=NOW + DAY),
        reserved("old", expires_at=NOW),
    )


def test_absent_orders_are_named() -> None:
    """What is reserved for orders that are not in the run can be asked for; nothing is told."""
    result = run(order("A-1", 1), stock=absent_stock())
    assert [(each.order_id, each.quantity) for each in result.of_absent_orders] == [
        ("Z-1", 1),
        ("Z-1", 2),
        ("cart", 1),
    ]
    assert kinds(result) == [("customer", "order.unfulfillable")]


def test_a_run_that_sees_all_orders_tells_of_others() -> None:
    """If the batch is all there is, the staff hears of units of other orders, one message for each,
    the same in each run; not of what ends by itself.
    """
    result = run(order("A-1", 1), stock=absent_stock(), whole=True)
    (message,) = [each for each in result.notifications if each.audience is STAFF]
    assert (message.kind, message.order_id, message.locale) == (Kind.ABSENT, "Z-1", "en")
    assert message.reasons == (
        (
            "reservation.order_absent",
            "1 of mug at berlin is reserved for line 1, and no run knows the order.",
        ),
        (
            "reservation.order_absent",
            "2 of mug at berlin are reserved for line 2, and no run knows the order.",
        ),
    )
    later = run(order("A-1", 1), stock=absent_stock(), whole=True, now=NOW + 9 * DAY)
    assert message.id in {each.id for each in later.notifications}
    assert (
        run(order("Z-1", 1, 2), stock=absent_stock(), whole=True).of_absent_orders[0].order_id
        == "cart"
    )
    of_lot = by_lot((2, 9)).with_reserved(reserved("Z-1", lot="L1"))
    told = run(stock=of_lot, whole=True).notifications
    assert told[0].reasons[0][1].startswith("1 of mug at berlin (lot L1) is reserved")
    with pytest.raises(Exception, match="whole"):
        run(stock=of_lot, whole=1)


class _Loud:
    """A policy that has a word for absent orders, and says something else."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer

    def __call__(self, decision: Any, /, *, context: Context) -> Any:
        return (to_customer(decision, Kind.CONFIRMED),)

    def of_absent_order(self, reservations: Any, /, *, context: Context) -> Any:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def test_policies_have_their_own_word_for_absent_orders() -> None:
    """Together, each that has one is asked; one that has none says nothing; one that is broken is
    named with the order.
    """

    def quiet(decision: Any, /, *, context: Context) -> Any:
        return ()

    stock = absent_stock()
    assert run(stock=stock, whole=True, notifications=quiet).notifications == ()
    both = together(quiet, customer_and_staff)
    assert len(run(stock=stock, whole=True, notifications=both).notifications) == 1
    for answer in (7, ["x"], KeyError("x")):
        with pytest.raises(PluginError, match="Z-1"):
            run(stock=stock, whole=True, notifications=_Loud(answer))


def test_it_is_explained_who_has_it() -> None:
    """Where there are none because orders that nobody sees have them, that is said, and of orders
    in the run since when they have theirs; of many, the oldest are named.
    """
    stock = mugs(berlin=2).with_reserved(
        reserved("Z-1"), reserved("A-2", made_at=datetime(2026, 3, 1, tzinfo=UTC))
    )
    said = explain(run(order("A-1", 1), order("A-2", 1), stock=stock), "A-1").sentences
    assert (
        "Line 1 (1 x mug): 1 missing: 1 is reserved for Z-1, which is not in this run, and it may"
        " not be backordered." in said
    )
    assert (
        "Of mug, 0 were available before the run. 1 is reserved for A-2 since 2026-03-01 00:00 UTC."
        " 1 is reserved for Z-1, which is not in this run." in said
    )
    many = mugs(berlin=14).with_reserved(*[reserved(f"Z-{n}", quantity=2) for n in range(7)])
    crowded = explain(run(order("A-1", 1), stock=many), "A-1")
    assert {each.order_id for each in crowded.rivals} == {f"Z-{n}" for n in range(7)}
    assert "Z-4, which is not in this run; 4 for 2 more orders, and it may" in str(crowded)


# -- The digest ------------------------------------------------------------------------------------


def test_the_digest_is_the_same_for_the_same() -> None:
    """The next run decides the same: what was allocated is reserved now, at another rank and
    another time, and it is no other decision.
    """
    subject = order("A-1", 2, 9)
    first = run(subject, stock=mugs(berlin=3, paris=3))
    again = run(order("A-0", 1), subject, stock=first.inventory, now=NOW + DAY)
    assert again["A-1"] != first["A-1"]
    assert again["A-1"].digest == first["A-1"].digest
    assert len(first["A-1"].digest) == 16


@pytest.mark.parametrize(
    "change",
    [
        lambda stock: stock.with_counted("mug", "berlin", 9),
        lambda stock: stock.with_counted("mug", "berlin", 0),
        lambda stock: stock.without_reservations_of("A-1").with_counted("mug", "berlin", 0),
    ],
)
def test_the_digest_is_another_for_another_decision(change: Any) -> None:
    """More, less, or what can't be used: another decision."""
    first = run(order("A-1", 5), stock=mugs(berlin=3))
    assert run(order("A-1", 5), stock=change(first.inventory))["A-1"].digest != first["A-1"].digest


def test_what_counts_for_the_digest() -> None:
    """Each of these alone makes another digest; rank, and notes on a turn, make none."""
    made = run(order("A-1", 2), stock=mugs(berlin=3))["A-1"]
    findings = [hold("shop.check", field="id", detail="...")]
    others = [
        attrs.evolve(made, outcome=Outcome.HELD),
        attrs.evolve(made, findings=findings),
        attrs.evolve(made, allocations=()),
        attrs.evolve(made, unusable=[reserved("A-1")]),
        attrs.evolve(made, order=order("A-1", 2, locale="de", placed_at=NOW - DAY)),
        attrs.evolve(made, order=order("A-2", 2)),
    ]
    assert len({made.digest, *(each.digest for each in others)}) == 7
    leaves = Shipment(
        location="berlin", lines=[("1", "mug", 2)], ships_at=NOW, delivered_at=NOW + DAY
    )
    dated = [
        attrs.evolve(made, promise=Promise(shipments=[each]))
        for each in (leaves, attrs.evolve(leaves, delivered_at=NOW + 2 * DAY))
    ]
    assert len({made.digest, *(each.digest for each in dated)}) == 3
    turn = hold("sourcing.at_capacity", field="id", detail="...")
    assert attrs.evolve(made, rank=7, findings=[*made.findings, turn]).digest == made.digest


def test_equal_reservations_share_what_is_missing() -> None:
    """Three units are missing of two reservations that differ in their quantity alone: three, and
    not up to three of each.
    """
    stock = mugs(berlin=2).with_reserved(reserved(quantity=2), reserved(quantity=3))
    wish = order("A-1", lines=[line("1", "mug", 5)])
    assert state(run(wish, stock=stock)) == (
        "partially_allocated",
        [("reserved_unusable", 3)],
    )


# -- Expired ---------------------------------------------------------------------------------------


def _carts(*more: Reservation) -> tuple[OrderRecord, Inventory]:
    """The record of an order that was confirmed on units which expired an hour ago, and stock."""
    wish = order("A-1", 2)
    cart = reserved("A-1", "1", 2, expires_at=NOW - HOUR, made_at=NOW - 2 * HOUR)
    reservations = [cart, *[each for each in more if each.order_id == wish.id]]
    known = OrderRecord(
        order=wish, reserved=reservations, outcome=Outcome.ALLOCATED, since=NOW - DAY
    )
    return known, mugs(berlin=2).with_reserved(cart, *more)


def test_what_expired_and_others_have_is_named_and_told_to_the_staff_once() -> None:
    """An order that was confirmed, and whose reservation nobody renewed, says what it lost."""
    known, stock = _carts(reserved("Z", "1", 2))
    result = run(known, stock=stock)
    decision = result["A-1"]
    assert decision.outcome is Outcome.UNFULFILLABLE
    [finding] = [each for each in decision.findings if each.code == "reservation.expired"]
    assert finding.detail == (
        "Of mug, 2 were reserved at berlin until 2026-03-02 11:00 UTC, and nobody renewed that."
    )
    staff = [each.kind for each in result.notifications if each.audience is Audience.STAFF]
    assert staff == [Kind.AT_RISK]
    assert run(*result.records, stock=result.inventory).notifications == ()


def test_what_expired_is_known_while_its_line_is_open() -> None:
    """Once the line is out, or cancelled, nobody needs it, and the record is without it."""
    known, stock = _carts(reserved("Z", "1", 2))
    [waiting] = run(known, stock=stock).records
    assert [each.quantity for each in waiting.reserved] == [2]
    for what in ("shipped", "cancelled"):
        [after] = run(waiting.with_progress("1", **{what: 2}), stock=stock).records
        assert after.reserved == ()


def test_what_expired_and_came_at_another_place_is_over() -> None:
    """What becomes of those units later is no loss of what had expired before."""
    known, _ = _carts()
    [waiting] = run(known, stock=mugs(berlin=0)).records
    [whole] = run(waiting, stock=mugs(rome=2)).records
    assert [(each.location, each.quantity) for each in whole.reserved] == [("rome", 2)]
    [part] = run(waiting, stock=mugs(rome=1)).records
    again = run(part, stock=mugs(rome=1).with_reserved(*part.reserved[-1:]))
    details = [each.detail for each in again["A-1"].findings if each.code == "reservation.expired"]
    assert [detail.startswith("Of mug, 1 was reserved at berlin until") for detail in details] == [
        True
    ]
    assert again.notifications == ()


def test_what_expired_is_a_loss_as_far_as_its_line_lacks_it() -> None:
    """One of two came again and has left: one is lost, as was told before."""
    known, _ = _carts()
    first = run(known, stock=mugs(berlin=1))
    [part] = first.records
    again = run(part.with_progress("1", shipped=1), stock=mugs(berlin=0))
    details = [each.detail for each in again["A-1"].findings if each.code == "reservation.expired"]
    assert [detail.startswith("Of mug, 1 was reserved at berlin until") for detail in details] == [
        True
    ]
    assert [each.kind for each in again.notifications if each.audience is Audience.STAFF] == []


def test_what_expired_at_two_places_is_no_more_than_its_line_lacks() -> None:
    """Two expired at each of two places, and the line lacks two: two are lost, and not four."""
    wish = order("A-1", 2)
    carts = [
        reserved("A-1", "1", 2, location=place, expires_at=NOW - HOUR, made_at=NOW - DAY)
        for place in ("berlin", "rome")
    ]
    known = OrderRecord(order=wish, reserved=carts, outcome=Outcome.ALLOCATED, since=NOW - DAY)
    details = [
        each.detail
        for each in run(known, stock=mugs(berlin=0))["A-1"].findings
        if each.code == "reservation.expired"
    ]
    assert [detail.startswith("Of mug, 2 were reserved at berlin") for detail in details] == [True]


def test_what_expired_of_a_kit_is_a_loss_of_its_part() -> None:
    """Of a part that came again nothing is said; what a kit lacks of the other is named."""
    kit = Item(sku="set", components=[Component(sku="cup"), Component(sku="pot")])
    wish = order(lines=[line("1", "set", 1)])
    carts = [
        reserved("A-1", "1", 1, sku=sku, expires_at=NOW - HOUR, made_at=NOW - DAY)
        for sku in ("cup", "pot")
    ]
    known = OrderRecord(order=wish, reserved=carts, outcome=Outcome.ALLOCATED, since=NOW - DAY)
    stock = Inventory(
        items=[kit],
        stock=[Stock(sku=sku, location="berlin", on_hand=1) for sku in ("cup", "pot")],
        reservations=[reserved("A-1", "1", 1, sku="cup"), reserved("Z", "1", 1, sku="pot")],
    )
    details = [
        each.detail
        for each in run(known, stock=stock)["A-1"].findings
        if each.code == "reservation.expired"
    ]
    assert [detail.startswith("Of pot, 1 was reserved at berlin") for detail in details] == [True]


def test_parts_of_a_kit_that_came_at_another_place_are_no_loss() -> None:
    """They are all there: nothing is said of them, though another line of the order waits."""
    kit = Item(sku="set", components=[Component(sku="cup", quantity=2), Component(sku="pot")])
    wish = order(lines=[line("1", "set", 2), line("2", "tea", 1)])
    carts = [
        reserved("A-1", "1", units, sku=sku, expires_at=NOW - HOUR, made_at=NOW - DAY)
        for sku, units in (("cup", 4), ("pot", 2))
    ]
    known = OrderRecord(order=wish, reserved=carts, outcome=Outcome.ALLOCATED, since=NOW - DAY)
    units = {"cup": 4, "pot": 1, "tea": 0}
    rows = [Stock(sku=sku, location="rome", on_hand=on_hand) for sku, on_hand in units.items()]
    stock = Inventory(rows, items=[kit])
    first = run(known, stock=stock.with_received("pot", "rome", 1))
    assert first["A-1"].outcome is Outcome.PARTIALLY_ALLOCATED
    assert "reservation.expired" not in {each.code for each in first["A-1"].findings}
    assert {each.expires_at for each in first.records[0].reserved} == {None}
    # One pot less: it gets one set, and what the other one is made of is lost.
    part = run(known, stock=stock)["A-1"]
    details = [each.detail for each in part.findings if each.code == "reservation.expired"]
    assert [detail.split(" at ")[0] for detail in details] == [
        "Of cup, 2 were reserved",
        "Of pot, 1 was reserved",
    ]


@pytest.mark.parametrize("ordered", [6, 9])
def test_what_came_again_and_left_is_no_loss_if_more_is_asked_for(ordered: int) -> None:
    """Of two that expired one came again: one is lost, however much the line asks for later."""
    known, _ = _carts()
    [part] = run(known, stock=mugs(berlin=1)).records
    assert [each.quantity for each in part.reserved] == [1, 1]
    more = attrs.evolve(part.with_progress("1", shipped=1), order=order("A-1", ordered))
    again = run(more, stock=mugs(berlin=0))
    details = [each.detail for each in again["A-1"].findings if each.code == "reservation.expired"]
    assert [detail.startswith("Of mug, 1 was reserved at berlin until") for detail in details] == [
        True
    ]
    # Two more came, and one of them fills the gap of the line: nothing is lost any more.
    [third] = run(*again.records, stock=mugs(berlin=2)).records
    assert {each.expires_at for each in third.reserved} == {None}


def test_what_an_order_had_beside_is_nothing_that_came_again() -> None:
    """Two that nobody had to renew, and two that expired: two are lost, and not none."""
    beside = reserved("A-1", "1", 2, made_at=NOW - DAY)
    cart = reserved("A-1", "1", 2, expires_at=NOW - HOUR, made_at=NOW - DAY)
    known = OrderRecord(
        order=order("A-1", 4), reserved=[beside, cart], outcome=Outcome.ALLOCATED, since=NOW - DAY
    )
    result = run(known, stock=mugs(berlin=2).with_reserved(beside))
    details = [each.detail for each in result["A-1"].findings if each.code == "reservation.expired"]
    assert [detail.startswith("Of mug, 2 were reserved at berlin until") for detail in details] == [
        True
    ]


def test_of_two_that_expired_what_ended_last_is_lost() -> None:
    """One came again: of the other it is said until when it was there."""
    carts = [
        reserved("A-1", "1", 1, expires_at=NOW - hours * HOUR, made_at=NOW - DAY)
        for hours in (1, 3, 2)
    ]
    known = OrderRecord(
        order=order("A-1", 3), reserved=carts, outcome=Outcome.ALLOCATED, since=NOW - DAY
    )
    [after] = run(known, stock=mugs(berlin=1)).records
    assert [each.expires_at for each in after.reserved if each.expires_at] == [
        NOW - 3 * HOUR,
        NOW - 2 * HOUR,
    ]


def test_what_expired_is_no_loss_where_the_order_has_as_much() -> None:
    """Units that were free still, or were renewed, are no loss."""
    known, stock = _carts()
    again = run(known, stock=stock)
    assert again["A-1"].outcome is Outcome.ALLOCATED
    assert "reservation.expired" not in {each.code for each in again["A-1"].findings}
    renewed = reserved("A-1", "1", 1, made_at=NOW - HOUR)
    known, stock = _carts(renewed, reserved("Z", "1", 1))
    part = run(known, stock=stock)["A-1"]
    details = [each.detail for each in part.findings if each.code == "reservation.expired"]
    assert [detail.startswith("Of mug, 1 was reserved at berlin until") for detail in details] == [
        True
    ]


@pytest.mark.parametrize("is_kept", [True, False])
def test_what_expired_is_told_once_as_far_as_it_did_not_come_again(*, is_kept: bool) -> None:
    """One of two comes again in the same run: the next one says the same of the other, whether the
    host keeps in its stock what has expired, or not; and the message stands.
    """
    known, _ = _carts()
    others = reserved("Z", "1", 1)
    stock = mugs(berlin=2).with_reserved(*known.reserved, others)
    first = run(known, stock=stock if is_kept else mugs(berlin=2).with_reserved(others))
    [message] = [each for each in first.notifications if each.kind is Kind.AT_RISK]
    [(_, detail)] = message.reasons
    assert detail.startswith("Of mug, 1 was reserved at berlin until")
    again = run(*first.records, stock=first.inventory)
    assert again.notifications == ()
    assert again.superseded_ids == ()
    assert again.changed_records == ()


def test_what_expired_of_a_line_that_is_out_is_no_loss() -> None:
    """It has left, renewed or not: nobody has to look for it."""
    wish = order("A-1", lines=[line("1", "mug", 2), line("2", "pot", 3)])
    cart = reserved("A-1", "1", 2, expires_at=NOW - HOUR, made_at=NOW - 2 * HOUR)
    known = OrderRecord(
        order=wish, reserved=[cart], outcome=Outcome.PARTIALLY_ALLOCATED, since=NOW - DAY
    ).with_progress("1", shipped=2)
    assert Kind.AT_RISK not in {each.kind for each in run(known, stock=mugs()).notifications}


def test_what_was_reserved_anew_is_no_loss_once_that_has_left() -> None:
    """One of a cart expired and was reserved anew: nothing is lost, then or when the new one has
    left, though another line is short. The staff hears nothing of it.
    """
    wish = order("A-1", lines=[line("1", "mug", 1), line("2", "mug", 3)])
    cart = reserved("A-1", "1", 1, expires_at=NOW - HOUR, made_at=NOW - 2 * HOUR)
    known = OrderRecord(
        order=wish, reserved=[cart], outcome=Outcome.PARTIALLY_ALLOCATED, since=NOW - DAY
    )
    first = run(known, stock=mugs(berlin=3).with_reserved(cart))
    assert Kind.AT_RISK not in {each.kind for each in first.notifications}
    assert cart in first.inventory.reservations_of("A-1")
    assert cart not in first.records[0].reserved
    second = run(*first.records, stock=first.inventory)
    sent = Shipped(id="e1", order_id="A-1", at=NOW, parcel="P-1", location="berlin", lines={"1": 1})
    step = advance(second.records[0], sent, second.inventory, now=NOW)
    third = run(step.record, stock=step.inventory)
    assert third.notifications == ()
    assert run(*third.records, stock=third.inventory).notifications == ()


@pytest.mark.parametrize(("rejected", "kinds"), [(False, {Kind.AT_RISK}), (True, set())])
def test_what_expired_of_an_order_that_is_out_is_told_if_it_may_come_back(
    rejected: bool, kinds: set[Kind]
) -> None:
    """On hold, an order loses what expires as well; one that is rejected needs it no more."""
    known, stock = _carts()
    stop = reject if rejected else hold

    def stops(order: Order, /, *, context: Context) -> Iterable[Finding]:
        yield stop("shop.check")

    result = run(known, stock=stock, verifiers=[stops])
    assert "reservation.expired" in {each.code for each in result["A-1"].findings}
    assert kinds == {each.kind for each in result.notifications} & {Kind.AT_RISK}


def test_with_a_strategy_that_gains_nothing_what_expired_is_named() -> None:
    """In a re-allocation, too: an order that may not gain lost it all the same."""
    known, stock = _carts(reserved("Z", "1", 2))
    skip = Reallocation(strategy=ConfirmationStrategy.SKIP)
    decision = run(known, stock=stock, reallocation=skip)["A-1"]
    assert "reservation.expired" in {each.code for each in decision.findings}


def test_what_expired_whole_and_did_not_come_again_is_the_reservation_itself() -> None:
    """Nobody makes a copy of each of thousands; of one that came again in part, the rest is one."""
    expired = reserved("A-1", quantity=3, made_at=NOW - 2 * DAY, expires_at=NOW - DAY)
    subject = OrderRecord(order=order("A-1", 3), reserved=[expired])
    stock = state_of(mugs(berlin=3))
    [loss] = expired_losses(subject, (), stock, NOW)
    assert loss is expired
    again = attrs.evolve(expired, quantity=1, made_at=NOW, expires_at=None)
    [rest] = expired_losses(subject, (again,), stock, NOW)
    assert rest == attrs.evolve(expired, quantity=2)
