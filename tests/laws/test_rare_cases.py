"""Cases that random search meets rarely, written down: each is one of the laws, on one example."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from fulfill_core import (
    Address,
    Component,
    Context,
    Customer,
    Fence,
    Inventory,
    Item,
    Kind,
    Lot,
    Order,
    OrderLine,
    Outcome,
    Reservation,
    Ship,
    ShortReason,
    Stock,
    process,
)
from fulfill_core.notifications import customer_and_staff

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
MUG = Stock(sku="mug", location="berlin", on_hand=3)


def order(*quantities: int, **changes: Any) -> Order:
    """A good order of mugs, a line for each quantity."""
    content: dict[str, Any] = {
        "id": "A-1",
        "placed_at": NOW,
        "customer": Customer(id="C-1", email="ada@example.com"),
        "lines": [
            OrderLine(id=str(number), sku="mug", quantity=quantity)
            for number, quantity in enumerate(quantities, start=1)
        ],
        "currency": "EUR",
        "ship_to": Address(
            name="Ada", street=["1 Main St"], city="Leeds", postal_code="LS1 4AP", country="GB"
        ),
    }
    return Order(**{**content, **changes})


def held(line_id: str, quantity: int, **changes: Any) -> Reservation:
    """Mugs that are held for a line of the order."""
    content: dict[str, Any] = {"order_id": "A-1", "sku": "mug", "location": "berlin"}
    return Reservation(line_id=line_id, quantity=quantity, **{**content, **changes})


def test_conflicting_duplicates_that_would_be_rejected_are_held() -> None:
    """Two different orders under one id are held, whatever else is wrong with them: to reject them
    would be to guess which is meant, and the customer is not told so.
    """
    orders = [order(1, discount=Decimal(5)), order(1, discount=Decimal(6))]
    result = process(orders, Inventory(), now=NOW)
    assert result["A-1"].outcome is Outcome.HELD
    assert [message.kind for message in result.notifications] == [Kind.REVIEW_NEEDED]


def test_conflicting_duplicates_speak_for_themselves() -> None:
    """A message is a function of the decision: that the order is a conflicting duplicate is among
    its findings, and need not be asked of the run.
    """
    result = process([order(1), order(2)], Inventory(), now=NOW)
    messages = list(customer_and_staff(result["A-1"], context=Context(now=NOW)))
    assert messages == list(result.notifications)


def test_sequence_of_reservations() -> None:
    """The sequence in which reservations are passed changes nothing."""
    one, other = held("1", 1), held("2", 1, expires_at=NOW + timedelta(hours=1))
    first = process([order(2, 2)], Inventory([MUG], reservations=[one, other]), now=NOW)
    again = process([order(2, 2)], Inventory([MUG], reservations=[other, one]), now=NOW)
    assert list(first.decisions) == list(again.decisions)
    assert first.inventory == again.inventory


def test_sequence_of_equal_orders_that_are_written_differently() -> None:
    """Of an exact repeat it does not matter which comes first, even where equal numbers are written
    with more digits.
    """
    short, long = order(1, discount=Decimal(5)), order(1, discount=Decimal("5.00"))
    assert short == long
    first = process([short, long], Inventory(), now=NOW)
    again = process([long, short], Inventory(), now=NOW)
    assert list(first.decisions) == list(again.decisions)


def test_left_over_reservation_is_no_part_of_the_order() -> None:
    """Units that are held for a line that is no more do not make an order partially allocated."""
    inventory = Inventory([MUG], items=[Item(sku="cup")], reservations=[held("9", 1)])
    [decision] = process(
        [order(lines=[OrderLine(id="1", sku="cup", quantity=1)])], inventory, now=NOW
    ).decisions
    assert [status.confirmed for status in decision.lines] == [0]
    assert decision.outcome is Outcome.UNFULFILLABLE


def test_short_of_a_complete_order_with_two_lines_of_one_sku() -> None:
    """Two lines of 2 on a stock of 3: each could have been served, both could not. That is no fault
    of the sourcing policy, which left nothing out.
    """
    [decision] = process([order(2, 2, ship=Ship.COMPLETE)], Inventory([MUG]), now=NOW).decisions
    assert decision.allocations == ()
    assert ShortReason.NOT_SOURCED not in {row.reason for row in decision.shorts}


def test_who_waits_for_one_thing_is_not_turned_down_for_another() -> None:
    """An order that ships complete and waits for a cup takes no mugs, so the next order may have
    them. A second run says of the first order what the first run said.
    """
    inventory = Inventory([MUG], items=[Item(sku="cup", backorderable=True)])
    orders = [
        order(
            ship=Ship.COMPLETE,
            lines=[
                OrderLine(id="1", sku="cup", quantity=1),
                OrderLine(id="2", sku="mug", quantity=3),
            ],
        ),
        order(1, id="A-2"),
    ]
    first = process(orders, inventory, now=NOW)
    again = process(orders, first.inventory, now=NOW)
    assert again["A-1"].outcome is first["A-1"].outcome
    assert [message.id for message in again.notifications] == [
        message.id for message in first.notifications
    ]


def test_reservation_of_what_is_no_longer_tracked_is_no_part_of_the_order() -> None:
    """Units that are held for a line that needs no stock do not make an order partially allocated:
    the item was tracked when they were reserved, and is not any more.
    """
    inventory = Inventory(
        [MUG], items=[Item(sku="mug", tracked=False)], reservations=[held("1", 1)]
    )
    lines = [
        OrderLine(id="1", sku="mug", quantity=1),
        OrderLine(id="2", sku="cup", quantity=1),
    ]
    [decision] = process([order(lines=lines)], inventory, now=NOW).decisions
    assert [(status.reserved, status.untracked) for status in decision.lines] == [(0, 1), (0, 0)]
    assert decision.outcome is Outcome.UNFULFILLABLE


def two_things(**changes: Any) -> Order:
    """An order that ships complete: a cup, of which there is none, and all the mugs."""
    lines = [OrderLine(id="1", sku="cup", quantity=1), OrderLine(id="2", sku="mug", quantity=3)]
    return order(ship=Ship.COMPLETE, lines=lines, **changes)


def test_who_holds_units_behind_makes_no_difference_by_being_there() -> None:
    """The mugs are held by an order that ranks behind. Whether that one is in the run as well makes
    no difference to the order that waits for a cup and would take the mugs.
    """
    later = order(3, id="A-2", placed_at=NOW + timedelta(minutes=1))
    inventory = Inventory(
        [MUG],
        items=[Item(sku="cup", backorderable=True)],
        reservations=[held("1", 3, order_id="A-2")],
    )
    both = process([two_things(), later], inventory, now=NOW)
    alone = process([two_things()], inventory, now=NOW)
    assert both["A-1"] == alone["A-1"]
    assert alone["A-1"].outcome is Outcome.BACKORDERED


def test_a_fence_that_was_not_the_limit_is_not_when_the_run_is_done_again() -> None:
    """The order wants sets of a mug and a cup, and there is no cup: so it takes no mugs, and leaves
    them to the next. That this one comes close to the fence is none of the first one's news.
    """
    inventory = Inventory(
        [MUG],
        items=[
            Item(sku="mug", fences=[Fence(quantity=1, channels=["web"])]),
            Item(sku="set", components=[Component(sku="mug"), Component(sku="cup")]),
        ],
    )
    orders = [order(lines=[OrderLine(id="1", sku="set", quantity=2)]), order(2, id="A-2")]
    first = process(orders, inventory, now=NOW)
    again = process(orders, first.inventory, now=NOW)
    assert [row.reason for row in first["A-1"].shorts] == [ShortReason.UNKNOWN_SKU]
    assert again["A-1"] == first["A-1"]
    assert "allocation.ring_fenced" not in {found.code for found in first["A-1"].findings}


def test_a_kit_waits_for_what_it_lacks_and_nothing_else() -> None:
    """A mug goes to a line of its own; the set that is left without a cup finds another mug on the
    shelf, kept by lot, and waits for the cup alone.
    """
    mugs = Stock(sku="mug", location="berlin", on_hand=2, lots=[Lot(id="L-1", quantity=2)])
    pair = [Component(sku="mug"), Component(sku="cup")]
    inventory = Inventory([mugs], items=[Item(sku="set", components=pair, backorderable=True)])
    lines = [OrderLine(id="1", sku="mug", quantity=1), OrderLine(id="2", sku="set", quantity=1)]
    [decision] = process([order(lines=lines)], inventory, now=NOW).decisions
    assert [(row.line_id, row.sku, row.lot) for row in decision.allocations] == [
        ("1", "mug", "L-1")
    ]
    assert [(row.line_id, row.sku, row.quantity) for row in decision.backorders] == [
        ("2", "cup", 1)
    ]
