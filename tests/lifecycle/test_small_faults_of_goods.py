"""Goods and their places: what is taken off which shelf, list or supply, and nowhere else."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from story import NOON, Story, line

from fulfill_core import (
    Claim,
    Component,
    InvalidValueError,
    Inventory,
    Item,
    Location,
    OrderRecord,
    Payment,
    Reservation,
    Stock,
    Supply,
)
from fulfill_core.inventory import Intake
from fulfill_core.lifecycle import (
    Amended,
    Ask,
    Cancelled,
    Counted,
    Delivered,
    Effect,
    HoldLifted,
    HoldPlaced,
    Lost,
    NotFulfilled,
    ProductRecalled,
    Provided,
    Release,
    Released,
    ReturnClosed,
    ReturnInspected,
    ReturnReceived,
    ReturnRequested,
    ReturnState,
    Shipped,
    StockReceived,
    Tracked,
    cancel,
    released_units,
    return_state,
    ship,
    shipment_state,
)


def reserved(quantity: int, location: str = "x", **content: Any) -> Reservation:
    """Mugs that are reserved for line 1."""
    about = {"order_id": "A-1", "line_id": "1", "sku": "mug", "quantity": quantity}
    return Reservation(**{**about, "location": location, **content})


def waiting_mugs() -> tuple[OrderRecord, Inventory]:
    """Four mugs are ordered: one is reserved, three are claimed of a supply."""
    about = {"sku": "mug", "quantity": 3}
    stock = Inventory(
        [Stock(sku="mug", location="x", on_hand=1)],
        [Supply(id="PO-1", expected_at=NOON + timedelta(days=3), **about)],
        [Item(sku="mug", backorderable=True)],
        reservations=[reserved(1)],
        claims=[Claim(order_id="A-1", line_id="1", supply_id="PO-1", **about)],
    )
    return Story(line(quantity=4)).record, stock


def claimed_units(stock: Inventory) -> list[int]:
    """What the order has claimed of supplies."""
    return [each.quantity for each in stock.claims_of("A-1")]


# -- Cancelled -------------------------------------------------------------------------------------


def test_what_is_still_waited_for_stays_claimed() -> None:
    """Of what is cancelled the claim goes; of what is open, and not reserved, it stays."""
    record, stock = waiting_mugs()
    after = cancel(record, stock, {"1": 1}).inventory
    assert (claimed_units(after), after.reserved("mug", "x")) == ([2], 1)


def test_nothing_is_claimed_of_what_is_cancelled_whole() -> None:
    """No unit that is reserved beyond what is open makes room for a claim, or for less than one."""
    record, stock = waiting_mugs()
    after = cancel(record, stock).inventory
    assert (claimed_units(after), after.reserved("mug", "x")) == ([], 0)


def test_what_is_cancelled_comes_to_what_has_left() -> None:
    """How far a line has come stays, and no more is cancelled than is open then."""
    story = Story(line(quantity=4))
    story.happened(Shipped, parcel="p1", location="x", lines={"1": 1})
    record, stock = cancel(story.record, story.stock, {"1": 1})
    assert (record.progress_of("1").shipped, record.open("1")) == (1, 2)
    assert cancel(record, stock).record.progress_of("1").cancelled == 3


# -- Shipped by hand -------------------------------------------------------------------------------


def test_as_much_leaves_as_is_said() -> None:
    """One unit is one unit, of a line and of the stock."""
    story = Story()
    record, stock = ship(story.record, story.stock, {"1": 1}, location="x")
    assert (record.open("1"), stock.on_hand("mug", "x"), stock.reserved("mug", "x")) == (1, 8, 1)


def test_all_that_leaves_is_of_its_line() -> None:
    """What is reserved for a line that asks for something else stays a surplus."""
    story = Story()
    stock = Inventory.of({("mug", "x"): 9, ("cup", "x"): 9})
    stock = stock.with_reserved(reserved(2), reserved(1, sku="cup"))
    record, stock = ship(story.record, stock, location="x")
    assert record.progress_of("1").shipped == 2
    assert (stock.reserved("mug", "x"), stock.reserved("cup", "x")) == (0, 1)


def test_a_part_of_a_kit_may_leave_alone() -> None:
    """One that is a part of it; the kit has left when all of its parts have."""
    kit = Item(sku="set", components=[Component(sku="cup"), Component(sku="saucer", quantity=2)])
    rows = [Stock(sku=sku, location="x", on_hand=9) for sku in ("cup", "saucer")]
    parts = [reserved(1, sku="cup"), reserved(2, sku="saucer")]
    story = Story(
        line(sku="set", quantity=1), stock=Inventory(rows, items=[kit], reservations=parts)
    )
    record, stock = ship(story.record, story.stock, {("1", "saucer"): 2}, location="x")
    assert (record.open("1"), stock.on_hand("saucer"), stock.on_hand("cup")) == (1, 7, 9)
    record, stock = ship(record, stock, {("1", "cup"): 1}, location="x")
    assert (record.open("1"), stock.on_hand("saucer"), stock.on_hand("cup")) == (0, 7, 8)
    with pytest.raises(InvalidValueError) as error:
        ship(story.record, story.stock, {("1", "spoon"): 1}, location="x")
    assert error.value.path == "units[('1', 'spoon')]"


# -- At locations ----------------------------------------------------------------------------------


def test_a_parcel_is_off_the_lists_of_its_own_location() -> None:
    """What another location has on its list is there still."""
    story = Story(line(quantity=4))
    story.happened(Released, ref="f1", location="x", lines={"1": 1})
    story.happened(Released, ref="f2", location="y", lines={"1": 1})
    story.happened(Shipped, parcel="p1", location="y", lines={"1": 1})
    assert released_units(story.record) == {"f1": {"1": 1}, "f2": {"1": 0}}


def test_a_unit_that_left_is_off_one_list() -> None:
    """Of several that a location has the oldest first, and each unit once."""
    story = Story(line(quantity=4))
    story.happened(Released, ref="f1", location="x", lines={"1": 2})
    story.happened(Released, ref="f2", location="x", lines={"1": 2})
    story.happened(Shipped, parcel="p1", location="x", lines={"1": 3})
    assert released_units(story.record) == {"f1": {"1": 0}, "f2": {"1": 1}}


def test_what_leaves_at_once_is_off_its_list() -> None:
    """A location that hands over as it is asked is done with it."""
    story = Story(line(quantity=4))
    story.happened(Released, ref="f1", location="x", lines={"1": 2}, at=NOON)
    story.happened(Shipped, parcel="p1", location="x", lines={"1": 1}, at=NOON)
    assert released_units(story.record) == {"f1": {"1": 1}}


def test_a_parcel_is_off_no_list_that_is_younger() -> None:
    """What a location was given after it left is not in it."""
    story = Story(line(quantity=4))
    parcel = story.make(Shipped, parcel="p1", location="x", lines={"1": 1})
    story.happened(Released, ref="f1", location="x", lines={"1": 1})
    story.heard(parcel)
    assert released_units(story.record) == {"f1": {"1": 1}}


def test_what_is_at_one_location_is_not_released_to_another() -> None:
    """However much is reserved there: no unit is sent twice."""
    story = Story(line(quantity=4))
    story.happened(Released, ref="f1", location="y", lines={"1": 3})
    story.happened(HoldPlaced, source="qa", code="qa.look")
    step = story.happened(HoldLifted, source="qa", code="qa.look")
    assert step.actions == (Release(location="x", units={"1": 1}),)


def test_what_may_leave_is_never_more_than_is_open() -> None:
    """Over all locations together: what one may send, the next may not."""
    rows = Inventory.of({("mug", place): 9 for place in "xyz"})
    story = Story(line(quantity=4), stock=rows.with_reserved(reserved(2), reserved(2, "y")))
    story.happened(Released, ref="f1", location="z", lines={"1": 1})
    story.happened(HoldPlaced, source="qa", code="qa.look")
    step = story.happened(HoldLifted, source="qa", code="qa.look")
    assert step.actions == (
        Release(location="x", units={"1": 2}),
        Release(location="y", units={"1": 1}),
    )


def test_only_whole_kits_may_leave() -> None:
    """A kit whose parts are not all reserved there waits for the rest."""
    kit = Item(sku="pair", components=[Component(sku="cup", quantity=2)])
    stock = Inventory([Stock(sku="cup", location="x", on_hand=9)], items=[kit])
    story = Story(line(sku="pair", quantity=4), stock=stock.with_reserved(reserved(5, sku="cup")))
    story.happened(HoldPlaced, source="qa", code="qa.look")
    step = story.happened(HoldLifted, source="qa", code="qa.look")
    assert step.actions == (Release(location="x", units={"1": 2}),)


def test_only_what_was_not_there_is_a_short_pick() -> None:
    """The staff looks for what a location did not find, not for what it gives back for a reason."""
    for reason, messages in (("called_back", 0), ("rejected", 0), ("short", 1)):
        story = Story()
        story.happened(Released, ref="f1", location="x", lines={"1": 2})
        story.happened(NotFulfilled, ref="f1", lines={"1": 1}, reason=reason)
        assert (reason, story.told["staff:order.at_risk"]) == (reason, messages)


def test_only_what_was_not_there_is_kept_as_not_found() -> None:
    """It is in a release once more of it comes there; what is given back for a reason is not."""
    for reason, missing in (("called_back", ()), ("rejected", ()), ("short", (("1", 1),))):
        story = Story()
        story.happened(Released, ref="f1", location="x", lines={"1": 2})
        story.happened(NotFulfilled, ref="f1", lines={"1": 1}, reason=reason)
        [fulfilment] = story.record.history.fulfilments
        assert (reason, fulfilment.not_found) == (reason, missing)


def test_no_more_is_released_than_is_open_where_more_was_not_found() -> None:
    """Three of four were not found and two were cancelled: of three that come one is to be sent."""
    story = Story(line(quantity=4))
    story.happened(Released, ref="f1", location="x", lines={"1": 4})
    story.happened(NotFulfilled, ref="f1", lines={"1": 3}, reason="short")
    story.happened(Cancelled, lines={"1": 2})
    step = story.happened(StockReceived, units={("mug", "x"): 3})
    assert step.actions == (Release(location="x", units={"1": 1}),)


def test_what_is_paid_since_something_came_back_is_released_with_what_is_missing() -> None:
    """Two cups are reserved where one lies: both are in a release, as after money that came."""
    cups = reserved(2, line_id="2", sku="cup")
    stock = Inventory.of({("mug", "x"): 1, ("cup", "x"): 2}).with_reserved(reserved(1), cups)
    payments = [Payment(id="card", amount=Decimal(10), authorized_at=NOON)]
    lines = line("1", 1), line("2", 2, sku="cup")
    story = Story(*lines, stock=stock, payments=payments)
    story.happened(Shipped, parcel="p1", location="x", lines={"1": 1})
    assert story.happened(Counted, units={("cup", "x"): -1}).actions == ()
    step = story.happened(ReturnReceived, location="x", lines={"1": 1})
    assert step.actions == (Release(location="x", units={"2": 2}),)


def test_of_what_was_not_found_no_more_is_released_than_has_come() -> None:
    """However much the books said was there before: one of the three has come."""
    story = Story(line(quantity=4))
    story.happened(Released, ref="f1", location="x", lines={"1": 4})
    story.happened(NotFulfilled, ref="f1", lines={"1": 3}, reason="short")
    step = story.happened(StockReceived, units={("mug", "x"): 1})
    assert step.actions == (Release(location="x", units={"1": 1}),)


def test_of_two_reports_of_what_came_back_the_earlier_time_counts() -> None:
    """Whichever was heard first: they are of one return."""
    for hours in ((4, 3), (3, 4)):
        story = Story()
        story.happened(Shipped, parcel="p1", location="x", lines={"1": 2})
        for each in hours:
            at = NOON + timedelta(hours=each)
            story.hours = 5
            event = story.make(
                ReturnReceived, id=f"r{each}", ref="r1", location="x", lines={"1": 1}, at=at
            )
            story.heard(event)
        [entry] = story.record.history.returns
        assert (hours, entry.at) == (hours, NOON + timedelta(hours=3))


# -- On their way ----------------------------------------------------------------------------------


def test_the_number_of_a_parcel_is_the_last_that_was_said() -> None:
    """Whether it came with the parcel or before it; what says none takes none away."""
    parcel: dict[str, Any] = {"parcel": "p1", "location": "x", "lines": {"1": 1}}
    for before, then, number in (("", "T1", "T1"), ("T0", "T1", "T1"), ("T0", "", "T0")):
        story = Story()
        story.happened(Tracked, parcel="p1", tracking=before, carrier=before)
        story.happened(Shipped, **parcel, tracking=then, carrier=then)
        [known] = story.record.history.parcels
        assert (known.tracking, known.carrier) == (number, number)


def test_what_left_from_nowhere_is_off_no_shelf() -> None:
    """Nor when its line becomes known: nobody said where it was."""
    story = Story()
    story.happened(Delivered, parcel="p1", lines={"2": 1})
    story.happened(Amended, added=[line("2", 1)])
    assert story.units("2") == {"shipped": 1, "delivered": 1}
    assert story.stock.on_hand("mug") == 18


def test_of_what_arrived_no_news_is_kept() -> None:
    """What a customer was told of a parcel is remembered until it is there."""
    story = Story()
    for kind, content, count in (
        (Shipped, {"location": "x", "lines": {"1": 2}}, 1),
        (Delivered, {}, 0),
    ):
        story.happened(kind, parcel="p1", **content)
        subjects = [each.subject for each in story.record.told]
        assert subjects.count("parcel:p1") == count


def test_a_person_decides_on_a_loss_of_which_nobody_has() -> None:
    """Who says that it is sent again, or given back, has decided."""
    for decision, questions in (("reopened", []), ("credited", []), ("", ["units.lost"])):
        story = Story()
        story.happened(Shipped, parcel="p1", location="x", lines={"1": 1})
        content = {decision: {"1": 1}} if decision else {}
        step = story.happened(Lost, parcel="p1", lines={"1": 1}, **content)
        assert [each.code for each in step.actions if isinstance(each, Ask)] == questions


# -- Off the shelf ---------------------------------------------------------------------------------


def test_parts_of_a_kit_leave_the_shelf_that_they_lay_on() -> None:
    """A part that goes alone is gone like the whole, and only where it left."""
    parts = [Component(sku="cup"), Component(sku="saucer")]
    rows = [
        Stock(sku=sku, location=place, on_hand=5) for sku in ("cup", "saucer") for place in "xy"
    ]
    story = Story(line(sku="set"), stock=Inventory(rows, items=[Item(sku="set", components=parts)]))
    story.happened(Shipped, parcel="p1", location="x", lines={}, parts=[("1", "cup", 2)])
    places = [("cup", "x"), ("cup", "y"), ("saucer", "x"), ("saucer", "y")]
    assert [story.stock.on_hand(*each) for each in places] == [3, 5, 5, 5]


def test_what_leaves_beyond_the_count_has_kept_its_location_busy() -> None:
    """A location with a capacity took the order on that day, however few units were counted."""
    place = Location(id="x", capacity=5)
    for on_hand in (0, 9):
        rows = [Stock(sku="mug", location="x", on_hand=on_hand)]
        stock = Inventory(rows, locations=[place], reservations=[reserved(2, made_at=NOON)])
        story = Story(stock=stock)
        story.happened(Shipped, parcel="p1", location="x", lines={"1": 2})
        assert story.stock.on_hand("mug", "x") == on_hand - 2
        day = NOON.date()
        assert [*story.stock.intakes()] == [Intake(location="x", order_id="A-1", day=day)]


def test_parts_of_a_kit_that_all_left_are_whole_kits() -> None:
    """As many as all of its parts make."""
    kit = Item(sku="pair", components=[Component(sku="cup", quantity=2)])
    stock = Inventory([Stock(sku="cup", location="x", on_hand=9)], items=[kit])
    story = Story(line(sku="pair", quantity=4), stock=stock)
    story.happened(Shipped, parcel="p1", location="x", lines={}, parts=[("1", "cup", 4)])
    assert story.units() == {"shipped": 2}


def test_what_is_provided_goes_by_its_number() -> None:
    """Or by that of the event, if it has none."""
    for ref, parcel_id in (("d1", "d1"), ("", "e1")):
        story = Story()
        story.happened(Provided, lines={"1": 1}, ref=ref)
        assert [each.id for each in story.record.history.parcels] == [parcel_id]


def test_a_recall_of_another_line_is_not_kept() -> None:
    """It is no fact of this order."""
    step = Story().happened(ProductRecalled, lines={"9": 1})
    assert step.refusal is not None
    assert (step.refusal.code, step.refusal.is_kept) == ("line.unknown", False)


def test_what_needs_no_stock_goes_with_the_last_of_the_goods() -> None:
    """And not before: while a mug is open, so is what it is wrapped in."""
    for units, open_units in ((1, 1), (2, 0)):
        rows = [Stock(sku="mug", location="x", on_hand=9)]
        items = [Item(sku="wrap", tracked=False)]
        stock = Inventory(rows, items=items, reservations=[reserved(units)])
        story = Story(line(), line("2", 1, sku="wrap"), stock=stock)
        assert ship(story.record, stock, location="x").record.open("2") == open_units


def test_no_more_lies_on_a_shelf_than_came_back() -> None:
    """Whoever inspects a return can't find more in it than was in it; so the record says."""
    story = Story()
    story.happened(Shipped, parcel="p1", location="x", lines={"1": 2})
    story.happened(ReturnReceived, ref="r1", location="x", lines={"1": 1}, restocked={})
    story.happened(ReturnInspected, ref="r1", restocked={"1": 2})
    assert story.record.history.returns[0].restocked == (("1", 1),)
    assert story.units()["restocked"] == 1


@pytest.mark.parametrize("step", [ship, cancel])
@pytest.mark.parametrize("fault", ["record", "inventory"])
def test_a_host_is_told_what_it_passed(step: Any, fault: str) -> None:
    """A record and a stock are asked for, and nothing else is taken for one."""
    story = Story()
    arguments: dict[str, Any] = {"record": story.record, "inventory": story.stock, fault: None}
    where = {"location": "x"} if step is ship else {}
    with pytest.raises(InvalidValueError, match=f"^{fault}: None is not of type"):
        step(arguments["record"], arguments["inventory"], **where)


def test_what_needs_no_stock_leaves_none() -> None:
    """A gift wrap is counted as sent, and nothing of the stock is."""
    wrap = Item(sku="wrap", tracked=False)
    story = Story(line("1", sku="wrap"), stock=Inventory(items=[wrap]))
    step = story.happened(Shipped, parcel="p1", location="x", lines={"1": 2})
    assert story.units() == {"shipped": 2}
    assert not step.changes


def test_the_last_part_of_a_kit_is_free_when_nothing_is_open() -> None:
    """One cup and one pot, each the only one of its kit, are no exception."""
    stock = Inventory(
        stock=[Stock(sku=sku, location="x", on_hand=1) for sku in ("cup", "pot")],
        items=[Item(sku="set", components=[Component(sku="cup"), Component(sku="pot")])],
        reservations=[
            Reservation(order_id="A-1", line_id="1", sku=sku, location="x", quantity=1)
            for sku in ("cup", "pot")
        ],
    )
    story = Story(line("1", 1, sku="set"), stock=stock)
    story.happened(Cancelled)
    assert story.stock.reservations_of("A-1") == ()


def test_a_host_ships_what_is_reserved_at_the_place_it_names() -> None:
    """What is reserved elsewhere stays where it is."""
    stock = Inventory.of({("mug", "x"): 3, ("mug", "y"): 3}).with_reserved(
        *[
            Reservation(order_id="A-1", line_id="1", sku="mug", location=place, quantity=1)
            for place in ("x", "y")
        ]
    )
    story = Story(line("1", 2), stock=stock)
    step = ship(story.record, story.stock, location="y")
    assert step.record.open("1") == 1
    assert [each.location for each in step.inventory.reservations_of("A-1")] == ["x"]


def test_a_return_is_declined_once() -> None:
    """What is closed already is no news, however often somebody says so."""
    story = Story()
    story.happened(Shipped, parcel="p1", location="x", lines={"1": 2})
    story.happened(ReturnRequested, ref="r1", lines={"1": 1}, ground="claim")
    for _ in range(2):
        story.happened(ReturnClosed, ref="r1", is_declined=True)
    assert story.told["customer:return.declined"] == 1


def test_a_return_without_a_number_is_known_by_its_event() -> None:
    """The same units under that number, said by another event, came back once."""
    story = Story()
    story.happened(Shipped, parcel="p1", location="x", lines={"1": 2})
    story.happened(ReturnReceived, ref="e9", location="x", lines={"1": 1})
    again = story.make(ReturnReceived, id="e9", location="x", lines={"1": 1})
    assert story.heard(again).effect is Effect.DUPLICATE
    assert return_state(story.record) is ReturnState.PARTLY_RETURNED


def test_the_last_scan_may_say_another_number() -> None:
    """That a parcel is there, and that it has another number, are two pieces of news."""
    story = Story()
    story.happened(Shipped, parcel="p1", location="x", lines={"1": 2}, tracking="T1")
    step = story.happened(Tracked, parcel="p1", stage="delivered", tracking="T2")
    assert [str(each.kind) for each in step.notifications] == [
        "parcel.delivered",
        "parcel.tracking_changed",
    ]


def test_an_order_is_there_when_its_last_unit_is() -> None:
    """One of two under way is under way."""
    story = Story()
    for parcel in ("p1", "p2"):
        story.happened(Shipped, parcel=parcel, location="x", lines={"1": 1})
    for parcel, state in (("p1", "shipped"), ("p2", "delivered")):
        story.happened(Delivered, parcel=parcel)
        assert str(shipment_state(story.record)) == state


def test_no_more_is_called_off_than_was_to_come_back() -> None:
    """A return that is closed for more units than are awaited is closed for those that are."""
    story = Story(line(quantity=4))
    story.happened(Shipped, parcel="p1", location="x", lines={"1": 4})
    story.happened(ReturnRequested, ref="r1", lines={"1": 2})
    story.happened(ReturnClosed, ref="r1", lines={"1": 3})
    assert story.units() == {"shipped": 4, "return_requested": 2, "return_cancelled": 2}


@pytest.mark.parametrize(
    ("received", "closed", "words"),
    [
        (0, 2, []),
        (1, 1, []),
        (1, 2, ["2 of line 1 will not come back, and 1 was to, by r1."]),
        (0, 3, ["3 of line 1 will not come back, and 2 were to, by r1."]),
    ],
)
def test_more_than_was_to_come_back_is_told(received: int, closed: int, words: list[str]) -> None:
    """What has come back already was to come no more; nor was what nobody has announced."""
    story = Story(line(quantity=4))
    story.happened(Shipped, parcel="p1", location="x", lines={"1": 4})
    story.happened(ReturnRequested, ref="r1", lines={"1": 2})
    if received:
        story.happened(ReturnReceived, ref="r1", location="x", lines={"1": received})
    step = story.happened(ReturnClosed, ref="r1", lines={"1": closed})
    reasons = [reason for each in step.notifications for reason in each.reasons]
    assert [detail for code, detail in reasons if code == "units.beyond"] == words


def test_what_is_set_aside_passes_by_a_line_that_has_left() -> None:
    """Units that are set aside are all for the line that is open, whatever stands before it."""
    story = Story(line("1"), line("2"), stock=Inventory.of({("mug", "x"): 9}))
    story.happened(Shipped, parcel="p1", location="x", lines={"1": 2})
    story.heard(story.make(Delivered, parcel="p1"), reserved={("mug", "x"): 2})
    reservations = story.stock.reservations_of("A-1")
    assert [(each.line_id, each.quantity) for each in reservations] == [("2", 2)]


def test_what_comes_back_may_change_what_sending_costs() -> None:
    """Who received it says what sending costs from now on: so much less is due."""
    story = Story(line(quantity=2), shipping=Decimal(4))
    story.happened(Shipped, parcel="p1", location="x", lines={"1": 2})
    content: dict[str, Any] = {"ref": "r1", "lines": {"1": 1}, "location": "x"}
    story.happened(ReturnReceived, **content, shipping=Decimal(1))
    assert story.record.due == Decimal(6)
