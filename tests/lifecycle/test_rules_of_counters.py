"""What is counted of lines, shelves and pick lists: each unit once, of its own line and place."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import attrs
import pytest
from story import NOON, Story, asked_of, code_of, line

from fulfill_core import (
    Claim,
    Component,
    InvalidValueError,
    Inventory,
    Item,
    Lot,
    OrderRecord,
    Progress,
    Reservation,
    Stock,
    StockError,
    Supply,
)
from fulfill_core.lifecycle import (
    Amended,
    CallBack,
    CancelDeclined,
    Cancelled,
    Counted,
    Delivered,
    Effect,
    Lost,
    Provided,
    Released,
    ReturnClosed,
    ReturnInspected,
    ReturnReceived,
    ReturnRequested,
    ReturnState,
    ShipmentState,
    ShipmentVoided,
    Shipped,
    Status,
    StockReceived,
    StockState,
    cancel,
    released_units,
    return_state,
    ship,
    shipment_state,
    status,
    stock_state,
)
from fulfill_core.records import Return

ONE = {"1": 1}
HOUR = timedelta(hours=1)
SET = Item(sku="set", components=[Component(sku="cup", quantity=2), Component(sku="pot")])


def reserved(sku: str, quantity: int, location: str = "x", **content: Any) -> Reservation:
    """Units that are reserved for a line."""
    about = {"order_id": "A-1", "line_id": "1", "sku": sku, "quantity": quantity}
    return Reservation(**{**about, "location": location, **content})


def of_sets(quantity: int = 2, *reservations: Reservation) -> Story:
    """An order of sets: two cups and a pot each."""
    rows = [Stock(sku=sku, location=place, on_hand=9) for sku in ("cup", "pot") for place in "xy"]
    stock = Inventory(rows, items=[SET], reservations=reservations)
    return Story(line(sku="set", quantity=quantity), stock=stock)


def sent(units: int = 2, **content: Any) -> dict[str, Any]:
    """A parcel of line 1."""
    return {"parcel": "p1", "location": "x", "lines": {"1": units}, **content}


def doubts(story: Story) -> int:
    """How often the staff was asked to look at the order."""
    return story.told["staff:order.review_needed"]


# -- Beyond what was ordered -----------------------------------------------------------------------


def test_a_surplus_is_told_when_it_grows() -> None:
    """Not when it sinks, and not with what else becomes of the line."""
    story = Story(line("1", 2), line("2", 2))
    for parcel, units in (("p1", 3), ("p2", 1)):
        story.happened(Shipped, **sent(units, parcel=parcel))
    assert doubts(story) == 2
    story.happened(ShipmentVoided, parcel="p2")
    assert doubts(story) == 2
    story.happened(Shipped, parcel="p3", location="x", lines={"2": 2})
    content: dict[str, Any] = {"lines": {"1": 1, "2": 1}, "reopened": {"2": 1}, "location": "x"}
    step = story.happened(ReturnReceived, **content)
    assert (doubts(story), asked_of(step)) == (2, [("Release", "")])


def test_one_cancelled_unit_that_left_is_told() -> None:
    """What is ordered again afterwards has not left in spite of anything."""
    story = Story(line(quantity=4))
    story.happened(Cancelled, lines={"1": 1})
    step = story.happened(Shipped, **sent(4))
    [review] = [each for each in step.notifications if each.kind == "order.review_needed"]
    assert [*review.reasons] == [
        ("units.cancelled_left", "1 of line 1 left although it was cancelled.")
    ]
    story = Story(line(quantity=4))
    story.happened(Amended, ordered={"1": 2})
    story.happened(Amended, ordered={"1": 3})
    assert doubts(story) == 0


# -- Counts ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("on_hand", "counts", "messages"),
    [(9, [-1], [0]), (9, [-7], [0]), (9, [-8, -1], [1, 1]), (2, [-1], [1]), (1, [-1], [0])],
)
def test_a_count_is_news_when_too_little_is_left_by_it(
    on_hand: int, counts: list[int], messages: list[int]
) -> None:
    """As many as are reserved are enough; what was too little before was told then."""
    rows = [Stock(sku="mug", location="x", on_hand=on_hand)]
    story = Story(stock=Inventory(rows, reservations=[reserved("mug", 2)]))
    for count, in_all in zip(counts, messages, strict=True):
        story.happened(Counted, units={("mug", "x"): count})
        assert story.told["staff:order.at_risk"] == in_all


def test_what_came_in_is_the_same_in_any_sequence() -> None:
    """An event is one value, however its rows are listed; each place stands in it once."""
    rows = [("mug", "x", 1), ("mug", "y", 2)]
    for kind in (StockReceived, Counted):
        story = Story()
        assert story.make(kind, units=rows, id="e1", at=NOON) == story.make(
            kind, units=rows[::-1], id="e1", at=NOON
        )
        with pytest.raises(InvalidValueError, match="was given before"):
            story.make(kind, units=[*rows, ("mug", "x", 2)])


def test_what_an_order_has_not_reserved_is_set_aside_once() -> None:
    """Over all places together no more than is open; a place that had none counts none."""
    story = Story(line(quantity=2), stock=Inventory.of({("mug", "x"): 9}))
    beside = {("mug", "x"): 1, ("mug", "z"): 2}
    story.heard(story.make(Counted, units={("cup", "x"): 1}), reserved=beside)
    rows = [(each.location, each.quantity) for each in story.stock.reservations_of("A-1")]
    assert rows == [("x", 1), ("z", 1)]
    assert story.stock.on_hand("mug", "z") == 0


def test_a_part_that_has_left_is_not_set_aside_again() -> None:
    """One cup of the two of a set is with the customer: one is wanted still."""
    story = of_sets(1)
    story.happened(Shipped, **sent(lines={}, parts=[("1", "cup", 1)]))
    story.heard(story.make(Counted, units={("pot", "y"): 1}), reserved={("cup", "x"): 2})
    assert [each.quantity for each in story.stock.reservations_of("A-1")] == [1]


# -- Parcels ---------------------------------------------------------------------------------------


def test_what_is_lost_of_a_parcel_is_what_was_said_and_no_more() -> None:
    """Its other lines arrive; what costs nothing by itself is not written down."""
    story = Story(line("1"), line("2"))
    story.happened(Shipped, **sent(lines={"1": 2, "2": 2}))
    story.happened(Lost, parcel="p1", lines=ONE, reopened=ONE)
    assert story.record.progress == (
        Progress(line_id="1", shipped=2, lost=1, reopened=1),
        Progress(line_id="2", shipped=2),
    )
    story.happened(ReturnReceived, lines={"2": 1}, location="x")
    assert story.record.progress_of("2") == Progress(
        line_id="2", shipped=2, return_requested=1, returned=1, restocked=1
    )


def test_the_parts_of_a_kit_before_the_whole_of_another() -> None:
    """In two parcels, or together in one, they are one set and a cup."""
    for parcels in (
        [sent(lines={}, parts=[("1", "cup", 1)]), sent(1, parcel="p2")],
        [sent(1), sent(parcel="p2", lines={}, parts=[("1", "cup", 1)])],
        [sent(1, parts=[("1", "cup", 1)])],
    ):
        story = of_sets()
        for parcel in parcels:
            story.happened(Shipped, **parcel)
        progress = story.record.progress_of("1")
        assert (progress.shipped, progress.parts) == (1, (("cup", 1),))


def test_parts_that_arrive_are_as_many_as_before() -> None:
    """That they have left was counted once."""
    story = of_sets(1)
    story.happened(Shipped, **sent(lines={}, parts=[("1", "cup", 1)]))
    progress = story.record.progress
    story.happened(Delivered, parcel="p1")
    assert story.record.progress == progress


def test_a_return_of_a_line_that_nobody_knows_counts_for_none() -> None:
    """It is kept, as a host has written it down, and may be closed."""
    entry = Return(id="r1", at=NOON, requested={"1": 1, "9": 1})
    story = Story()
    story.happened(Shipped, **sent(1))
    story.record = attrs.evolve(
        story.record, history=attrs.evolve(story.record.history, returns=[entry])
    )
    story.happened(ReturnClosed, ref="r1")
    assert [each.line_id for each in story.record.progress] == ["1"]


def test_a_part_of_what_is_no_kit_is_off_its_shelf_and_no_unit() -> None:
    """It has left, whatever a line asks for."""
    stock = Inventory.of({("mug", "x"): 9, ("lid", "x"): 9})
    story = Story(stock=stock)
    story.happened(Shipped, **sent(lines={}, parts=[("1", "lid", 1)]))
    assert (story.record.open("1"), story.stock.on_hand("lid")) == (2, 8)


def test_parcels_of_a_line_that_is_added_later_leave_where_each_of_them_was() -> None:
    """Though all that is reserved for it is at one place."""
    rows = Inventory.of({("mug", "x"): 9, ("mug", "y"): 9})
    story = Story(stock=rows.with_reserved(reserved("mug", 2, line_id="2")))
    for parcel, place in (("p1", "x"), ("p2", "y")):
        story.happened(Shipped, parcel=parcel, location=place, lines={"2": 1})
    story.happened(Amended, added=[line("2", 2)])
    assert (story.stock.on_hand("mug", "x"), story.stock.on_hand("mug", "y")) == (8, 8)


def test_what_is_not_sent_leaves_no_shelf() -> None:
    """Though a parcel names it."""
    story = Story(line("1", ships=False), stock=Inventory.of({("mug", "x"): 9}))
    story.happened(Shipped, **sent())
    assert (story.units(), story.stock.on_hand("mug")) == ({"shipped": 2}, 9)


def test_units_without_a_lot_leave_first() -> None:
    """Then those of a lot, as many as there are; a lot keeps the rest."""
    rows = [Stock(sku="mug", location="x", on_hand=5, lots=[Lot(id="L-1", quantity=2)])]
    story = Story(line(quantity=9), stock=Inventory(rows))
    for units, quantity in ((2, 2), (1, 2), (1, 1)):
        story.happened(Shipped, **sent(units, parcel=f"{units}{quantity}"))
        [lot] = story.stock.lots_of("mug")["x"]
        assert lot.quantity == quantity


# -- Returns ---------------------------------------------------------------------------------------


def test_what_is_announced_and_what_is_there_are_two_returns() -> None:
    """One that is waited for takes nothing from one that came."""
    story = Story()
    story.happened(Shipped, **sent())
    story.happened(ReturnRequested, ref="r1", lines=ONE)
    step = story.happened(ReturnReceived, ref="r2", lines=ONE, location="x")
    assert (story.units()["returned"], story.told["customer:return.received"]) == (1, 1)
    assert step.effect is Effect.APPLIED


def test_what_was_lost_does_not_come_back() -> None:
    """It is kept, and somebody looks at it."""
    story = Story()
    story.happened(Shipped, **sent())
    story.happened(Lost, parcel="p1", lines=ONE, credited=ONE)
    step = story.happened(ReturnReceived, lines={"1": 2}, location="x")
    assert (code_of(step), story.units().get("returned")) == ("return.no_room", None)


def test_a_return_counts_as_a_whole() -> None:
    """Where too much of one line came back somebody looks at all of it."""
    story = Story(line("1"), line("2"))
    story.happened(Shipped, **sent(lines={"1": 1, "2": 2}))
    step = story.happened(ReturnReceived, lines={"1": 2, "2": 1}, location="x")
    assert (code_of(step), story.stock.on_hand("mug", "x")) == ("return.no_room", 6)
    assert "returned" not in story.units("2")


def test_only_what_came_back_lies_on_a_shelf() -> None:
    """Whatever somebody wrote down before it came, or of another line."""
    for first, second in ((ReturnInspected, ReturnReceived), (ReturnReceived, ReturnInspected)):
        story = Story(line("1"), line("2"))
        story.happened(Shipped, **sent(lines={"1": 2, "2": 2}))
        fields: dict[Any, dict[str, Any]] = {
            ReturnInspected: {"ref": "r1", "restocked": {"1": 1, "2": 1}},
            ReturnReceived: {"ref": "r1", "lines": ONE, "location": "x", "restocked": {}},
        }
        for kind in (first, second):
            story.happened(kind, **fields[kind])
        assert (story.stock.on_hand("mug", "x"), story.units("2")) == (6, {"shipped": 2})
        assert story.record.history.returns[0].restocked == (("1", 1),)


def test_a_return_is_closed_for_what_is_awaited() -> None:
    """Of what was said, and of all of it where nothing is."""
    story = Story(line("1", 4), line("2", 2))
    story.happened(Shipped, **sent(lines={"1": 4, "2": 2}))
    story.happened(ReturnRequested, ref="r1", lines={"1": 4})
    story.happened(ReturnReceived, ref="r1", lines=ONE, location="x")
    closing = {"ref": "r1", "is_declined": True}
    step = story.happened(ReturnClosed, lines={"1": 1, "2": 1}, **closing)
    assert story.units()["return_cancelled"] == 1
    assert dict(story.record.history.returns[0].cancelled) == ONE
    assert story.happened(ReturnClosed, lines={"2": 1}, **closing).effect is Effect.NO_CHANGE
    assert [str(each.kind) for each in step.notifications] == [
        "return.declined",
        "order.review_needed",  # of line 2 nothing was to come back
    ]
    story.happened(ReturnClosed, ref="r1")
    assert story.units()["return_cancelled"] == 3


def test_a_receipt_is_known_by_its_event_where_it_has_no_number() -> None:
    """What is said of it later names that; what is of no line of the order is kept."""
    story = Story()
    story.happened(Shipped, **sent())
    story.happened(ReturnReceived, lines=ONE, location="x", id="e9", restocked={})
    assert [each.id for each in story.record.history.returns] == ["e9"]
    step = story.happened(ReturnReceived, lines={"9": 1}, location="x")
    assert step.refusal is not None
    assert (step.refusal.code, step.refusal.is_kept) == ("line.unknown", True)
    assert len(story.record.history.returns) == 2


# -- Pick lists ------------------------------------------------------------------------------------


def test_of_what_is_not_open_any_more_the_newest_list_has_less() -> None:
    """Each open unit is on one list."""
    story = Story(line(quantity=4))
    for ref in ("f1", "f2"):
        story.happened(Released, ref=ref, location="x", lines={"1": 2})
    step = story.happened(Cancelled, lines=ONE)
    assert released_units(story.record) == {"f1": {"1": 2}, "f2": {"1": 1}}
    assert step.actions == (CallBack(fulfilment="f2", location="x", units=ONE),)


def test_a_parcel_of_which_nobody_said_where_it_left_is_off_the_list() -> None:
    """It may have left from any place."""
    story = Story()
    story.happened(Released, ref="f1", location="x", lines=ONE)
    story.happened(Provided, lines=ONE)
    assert released_units(story.record) == {"f1": {"1": 0}}


def test_a_return_that_is_announced_calls_nothing_back() -> None:
    """A location that has said that it sends the units is not asked again for that."""
    story = Story()
    story.happened(Released, ref="f1", location="x", lines={"1": 2})
    story.happened(Shipped, **sent(location="y"))
    story.happened(CancelDeclined, ref="f1")
    assert story.happened(ReturnRequested, lines=ONE).actions == ()


# -- What is claimed -------------------------------------------------------------------------------


def test_what_comes_first_stays_claimed() -> None:
    """By the dates of the supplies, whatever they are called; of each no more than is wanted."""
    supplies = [
        Supply(id=f"PO-{9 - day}", sku="mug", quantity=3, expected_at=NOON + day * 24 * HOUR)
        for day in (1, 2, 3)
    ]
    claims = [
        Claim(order_id="A-1", line_id="1", sku="mug", supply_id=f"PO-{9 - day}", quantity=units)
        for day, units in ((1, 1), (2, 2), (3, 3))
    ]
    items = [Item(sku="mug", backorderable=True)]
    stock = Inventory(supplies=supplies, items=items, claims=claims)
    after = cancel(Story(line(quantity=6)).record, stock, {"1": 4}).inventory
    assert {each.supply_id: each.quantity for each in after.claims_of("A-1")} == {
        "PO-8": 1,
        "PO-7": 1,
    }


# -- By hand ---------------------------------------------------------------------------------------


def test_what_a_host_made_room_for_counts_with_the_next_event() -> None:
    """Once, in the sequence in which it happened, with its units on the shelf; not before."""
    story = Story(line(quantity=4))
    first = story.make(ReturnReceived, lines={"1": 1}, location="x")
    story.happened(ReturnReceived, lines={"1": 3}, location="x")
    assert story.units() == {}
    story.record = story.record.with_progress("1", shipped=3)
    story.heard(first)
    assert story.units() == {"shipped": 3, "return_requested": 1, "returned": 1, "restocked": 1}
    assert story.stock.on_hand("mug", "x") == 10
    story.happened(Shipped, **sent(1))
    assert (story.units()["returned"], story.stock.on_hand("mug", "x")) == (4, 12)


@pytest.mark.parametrize(
    ("story", "parts"), [(Story(), {}), (of_sets(), {("1", "cup"): 1})], ids=["units", "kits"]
)
def test_what_a_host_has_not_counted_is_not_taken_off(story: Story, parts: Any) -> None:
    """No counter sinks below zero, that of kits beside parts neither."""
    story.happened(Shipped, **sent(1), parts=parts)
    story.record = attrs.evolve(story.record, progress=[])
    story.happened(ShipmentVoided, parcel="p1")
    assert story.record.progress == ()


def test_a_host_sends_all_that_is_reserved_and_has_not_expired() -> None:
    """Kits with all of their parts; what needs no stock with the last of them."""
    rows = [Stock(sku=sku, location="x", on_hand=9) for sku in ("cup", "pot")]
    wrap = Item(sku="wrap", tracked=False)
    reservations = [reserved("cup", 4), reserved("pot", 2)]
    stock = Inventory(rows, items=[SET, wrap], reservations=reservations)
    story = Story(line(sku="set"), line("2", 2, sku="wrap"), stock=stock)
    record = story.record.with_progress("2", shipped=1)
    step = ship(record, stock, location="x")
    assert [step.record.progress_of(each).shipped for each in ("1", "2")] == [2, 2]
    rows = [Stock(sku="mug", location="x", on_hand=9)]
    until = NOON + HOUR
    stock = Inventory(rows, reservations=[reserved("mug", 2, made_at=NOON, expires_at=until)])
    with pytest.raises(StockError, match="nothing is reserved at 'x'"):
        ship(Story().record, stock, location="x", now=until)


@pytest.mark.parametrize(
    ("step", "units", "path"),
    [
        (cancel, {"9": 1}, "units"),
        (cancel, {"1": 0}, "units['1']"),
        (cancel, {"1": "1"}, "units['1']"),
        (ship, {"9": 1}, "units"),
        (ship, {"1": 0}, "units['1']"),
        (ship, {"1": 1.5}, "units['1']"),
    ],
)
def test_a_host_is_told_what_is_wrong_with_its_units(step: Any, units: Any, path: str) -> None:
    """By line: one that the order has, and one unit at least."""
    story = Story()
    where = {"location": "x"} if step is ship else {}
    with pytest.raises(InvalidValueError) as error:
        step(story.record, story.stock, units, **where)
    assert error.value.path == path


def test_a_parcel_leaves_some_place() -> None:
    """One that has a name."""
    story = Story()
    with pytest.raises(InvalidValueError) as error:
        ship(story.record, story.stock, {"1": 1}, location="")
    assert error.value.path == "location"


# -- How it stands ---------------------------------------------------------------------------------


def stands(*progress: Progress) -> OrderRecord:
    """An order of two lines of two mugs that have come so far."""
    record = Story(line("1"), line("2")).record
    return OrderRecord(order=record.order, progress=progress)


def of(line_id: str, **counters: int) -> Progress:
    """How far a line has come of which all has left."""
    return Progress(line_id=line_id, **{"shipped": 2, **counters})


@pytest.mark.parametrize(
    ("progress", "shipment", "back", "shown"),
    [
        ([of("1"), of("2")], "shipped", "nothing", "shipped"),
        ([of("1", delivered=2), of("2", delivered=1)], "shipped", "nothing", "shipped"),
        ([of("1", delivered=2), of("2", delivered=1, lost=1)], "delivered", "nothing", "delivered"),
        ([of("1", lost=2), of("2", delivered=2)], "delivered", "nothing", "delivered"),
        ([of("1", lost=2), of("2", lost=2)], "shipped", "nothing", "lost"),
        ([of("1", returned=2), of("2")], "shipped", "partly_returned", "shipped"),
        ([of("1", returned=2), of("2", lost=1, returned=1)], "shipped", "returned", "returned"),
        ([of("1", return_requested=1), of("2")], "shipped", "requested", "shipped"),
        (
            [of("1", return_requested=1, return_cancelled=1), of("2")],
            "shipped",
            "nothing",
            "shipped",
        ),
    ],
)
def test_how_an_order_stands_is_worked_out_of_all_its_lines(
    progress: list[Progress], shipment: str, back: str, shown: str
) -> None:
    """What is lost arrives no more, and does not come back; one line alone says nothing."""
    record = stands(*progress)
    assert shipment_state(record) is ShipmentState(shipment)
    assert return_state(record) is ReturnState(back)
    assert status(record) is Status(shown)


def test_an_order_is_reserved_when_each_part_of_each_line_is() -> None:
    """Less what has left; what needs no stock is not waited for, what has left as little."""
    wrap = Item(sku="wrap", tracked=False)
    lines = [line(sku="set", quantity=2), line("2", 2, sku="wrap"), line("3", 1)]
    rows = [Stock(sku=sku, location="x", on_hand=9) for sku in ("cup", "pot", "mug")]
    whole, partly = StockState.RESERVED, StockState.PARTLY_RESERVED
    for cups, pots, expected in ((3, [2], whole), (2, [2], partly), (3, [], partly)):
        reservations = [reserved("cup", cups), *[reserved("pot", each) for each in pots]]
        stock = Inventory(rows, items=[SET, wrap], reservations=reservations)
        record = Story(*lines, stock=stock).record.with_progress("3", shipped=1)
        record = OrderRecord(
            order=record.order,
            progress=[Progress(line_id="1", parts={"cup": 1}), record.progress_of("3")],
        )
        assert stock_state(record, stock) is expected


def test_a_line_of_one_unit_that_nobody_reserved_is_waited_for() -> None:
    """Beside one that is."""
    story = Story(line("1", 1), line("2", 1))
    one = Inventory.of({("mug", "x"): 9}).with_reserved(reserved("mug", 1))
    assert stock_state(story.record, one) is StockState.PARTLY_RESERVED


def test_a_parcel_that_arrived_in_part_is_under_way() -> None:
    """Until somebody says that all of it is; what is said of a part then takes nothing back."""
    story = Story()
    story.happened(Shipped, **sent())
    story.happened(Delivered, parcel="p1", lines=ONE)
    assert shipment_state(story.record) is ShipmentState.SHIPPED
    story.happened(Delivered, parcel="p1")
    story.happened(Delivered, parcel="p1", lines=ONE)
    assert (story.units()["delivered"], shipment_state(story.record)) == (
        2,
        ShipmentState.DELIVERED,
    )
