"""Lines that ask for a lot or a serial number, and items of which a line gets a single lot."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from builders import NOW, decide, line, order, refusal, reserved, run
from some_stock import DAY, codes, got, kit, lot, lots_of, row, shelf_of, shorts

from fulfill_core import (
    Component,
    Inventory,
    Item,
    Location,
    LotOrder,
    Order,
    Outcome,
    Ship,
    Stock,
    StockError,
    Supply,
    explain,
    lacking,
)
from fulfill_core.allocation.demand import FreeLots
from fulfill_core.allocation.turn import PLAIN_TURN
from fulfill_core.optimal import best_value
from fulfill_core.reallocation import LossReason, Reallocation
from fulfill_core.sourcing import at_most_shipments, by_rank

HOUR = timedelta(hours=1)


def asking(*lines: tuple[int, str], order_id: str = "A-1", **changes: Any) -> Order:
    """An order of lines that ask for so many mugs of a lot, or of any."""
    wishes = [line(str(at), quantity=units, lot=lot) for at, (units, lot) in enumerate(lines, 1)]
    return order(order_id, lines=wishes, **changes)


def two_places(**rules: Any) -> Inventory:
    """Eight mugs in Berlin, four in Lyon, some of lot L-1 at both."""
    return Inventory(
        stock=[
            shelf_of(lot("L-1", 3), lot("L-2", 5)),
            shelf_of(lot("L-1", 2), lot("L-3", 2), location="lyon"),
        ],
        items=[Item(sku="mug", **rules)],
    )


@pytest.mark.parametrize("ship", Ship)
@pytest.mark.parametrize(
    ("units", "wish", "taken"),
    [
        (2, "L-2", [("berlin", "L-2", 2)]),
        (2, "L-3", [("lyon", "L-3", 2)]),
        (5, "L-1", [("berlin", "L-1", 3), ("lyon", "L-1", 2)]),
    ],
)
def test_a_line_gets_units_of_its_lot(
    ship: Ship, units: int, wish: str, taken: list[tuple[str, str, int]]
) -> None:
    """Of the lot that it asks for, wherever it lies, and of no other."""
    decision = decide(asking((units, wish), ship=ship), two_places())
    assert [(row.location, row.lot, row.quantity) for row in decision.allocations] == taken
    assert decision.outcome is Outcome.ALLOCATED


@pytest.mark.parametrize(
    "stock",
    [
        two_places(),
        two_places(backorderable=True),
        Inventory.of({("mug", "berlin"): 9}),
        Inventory(stock=[shelf_of(lot("L-9", 5, quarantined=True), lot("L-1", 5))]),
        Inventory(stock=[shelf_of(lot("L-9", 5, days=-1), lot("L-1", 5))]),
        Inventory(stock=[shelf_of(lot("L-9", 5))]).with_reserved(
            reserved("Z-1", quantity=5, lot="L-9")
        ),
    ],
    ids=["unknown", "backorderable", "not by lot", "recalled", "ended", "reserved for others"],
)
@pytest.mark.parametrize("ship", Ship)
def test_a_lot_that_cannot_be_had_is_short(stock: Inventory, ship: Ship) -> None:
    """It has a reason of its own, and waits for no supply: none is known to bring it."""
    wish = asking((2, "L-9"), ship=ship)
    decision = decide(wish, stock)
    assert shorts(decision) == [("1", 2, 0, "lot_unavailable")]
    assert decision.backorders == ()
    assert lacking(wish, stock, now=NOW) == {"mug": 2}


def test_what_there_is_of_a_lot_is_given() -> None:
    """Five of six, and the sixth is short; all or nothing for a line that ships whole."""
    decision = decide(asking((6, "L-1")), two_places())
    assert (sorted(lots_of(decision)), shorts(decision)) == (
        [("L-1", 2), ("L-1", 3)],
        [("1", 1, 5, "lot_unavailable")],
    )
    whole = decide(asking((6, "L-1"), ship=Ship.LINES), two_places())
    assert shorts(whole) == [("1", 6, 5, "line_ships_whole")]


def test_lines_that_ask_for_a_lot_come_first() -> None:
    """A line that takes any lot leaves those that another line asks for, whichever is first."""
    decision = decide(asking((3, ""), (3, "L-1")), two_places())
    assert got(decision) == [("1", "mug", "berlin", 3), ("2", "mug", "berlin", 3)]
    assert sorted(lots_of(decision)) == [("L-1", 3), ("L-2", 3)]


def test_a_serial_number_is_a_lot_of_one() -> None:
    """Who asks for one gets that one; the second who asks for it does not."""
    serials = Inventory(stock=[shelf_of(*[lot(f"S-{number}", 1) for number in range(5)])])
    result = run(
        asking((1, "S-3")), asking((1, "S-3"), order_id="A-2", placed_at=NOW), stock=serials
    )
    assert lots_of(result["A-1"]) == [("S-3", 1)]
    assert shorts(result["A-2"]) == [("1", 1, 0, "lot_unavailable")]


def test_explain_names_the_lot() -> None:
    """Staff read which lot it is that there are none of."""
    result = run(asking((2, "L-9")), stock=two_places())
    assert "2 missing: of lot L-9, there were none." in str(explain(result, "A-1"))


def test_a_lot_is_part_of_the_version() -> None:
    """Who asks for another lot asks for something else."""
    assert asking((1, "L-1")).fingerprint != asking((1, "L-2")).fingerprint


def test_a_lot_is_an_id() -> None:
    """No number, no blank; nothing is any lot."""
    assert refusal(line, lot=7).startswith("OrderLine.lot: 7")
    assert refusal(line, lot="  ").startswith("OrderLine.lot: '  '")
    assert line().lot == ""


def test_a_kit_has_no_lots() -> None:
    """A kit has no stock of its own, so none of a lot; what needs no stock needs no lot."""
    stock = Inventory(
        stock=[shelf_of(lot("L-1", 9))],
        items=[kit(of={"mug": 2}), Item(sku="wrap", tracked=False)],
    )
    lines = [line("1", "set", lot="L-1"), line("2", "wrap", lot="L-1"), line("3", lot="L-1")]
    decision = decide(order(lines=lines), stock)
    assert shorts(decision) == [("1", 1, 0, "lot_unavailable")]
    assert got(decision) == [("3", "mug", "berlin", 1)]


def test_boxes_of_a_lot_come_from_one_place() -> None:
    """Two units here and three there of a lot make no box of four."""
    wish = order(lines=[line(quantity=1, units_each=4, lot="L-1")])
    assert shorts(decide(wish, two_places())) == [("1", 4, 0, "lot_unavailable")]
    fits = order(lines=[line(quantity=1, units_each=3, lot="L-1")])
    assert lots_of(decide(fits, two_places())) == [("L-1", 3)]


def test_a_complete_order_that_lacks_a_lot_never_comes() -> None:
    """Nothing brings the lot, so nothing is kept for the rest; who has its lot waits for others."""
    stock = two_places(backorderable=True)
    never = decide(asking((1, "L-9"), (2, ""), ship=Ship.COMPLETE), stock)
    assert shorts(never) == [
        ("1", 1, 0, "lot_unavailable"),
        ("2", 2, 3, "order_ships_complete"),
    ]
    waits = decide(asking((5, "L-1"), (9, ""), ship=Ship.COMPLETE), stock)
    assert [(row.line_id, row.quantity, row.on_hand) for row in waits.backorders] == [
        ("1", 5, 5),
        ("2", 9, 7),
    ]


def test_a_fence_or_a_cap_keeps_a_lot_too() -> None:
    """What an order may not have of an item, it may not have of a lot of it."""
    stock = two_places(customer_cap=2, backorderable=True)
    decision = decide(asking((3, "L-1"), (1, ""), ship=Ship.COMPLETE), stock)
    assert {reason for _, _, _, reason in shorts(decision)} == {"customer_cap"}
    part = decide(asking((3, "L-1")), two_places(customer_cap=2))
    assert (lots_of(part), shorts(part)) == ([("L-1", 2)], [("1", 1, 2, "customer_cap")])


def test_what_is_reserved_of_another_lot_cannot_be_used() -> None:
    """A line that asks for a lot now, and had another: it is told, and a re-allocation mends it."""
    stock = two_places().with_reserved(reserved(quantity=2, lot="L-2"))
    kept = run(asking((2, "L-1")), stock=stock)
    assert shorts(kept["A-1"]) == [("1", 2, 0, "reserved_unusable")]
    assert codes(kept["A-1"]) == ["reservation.other_lot"]
    mended = run(asking((2, "L-1")), stock=stock, reallocation=Reallocation())
    assert lots_of(mended["A-1"]) == [("L-1", 2)]
    assert [(loss.lot, loss.reason) for loss in mended.losses] == [("L-2", LossReason.UNUSABLE)]


def test_a_reallocation_takes_the_lots_that_are_asked_for() -> None:
    """Of those behind it an order takes one of each lot, and what it does not need stays theirs."""
    stock = Inventory(stock=[shelf_of(lot("L-1", 2), lot("L-2", 2))]).with_reserved(
        reserved("B-1", quantity=2, lot="L-1"), reserved("C-1", quantity=2, lot="L-2")
    )
    behind = [
        order(order_id, 2, placed_at=NOW + hours * HOUR)
        for order_id, hours in (("B-1", 1), ("C-1", 2))
    ]
    first = asking((1, "L-1"), (1, "L-2"), placed_at=NOW - HOUR)
    result = run(first, *behind, stock=stock, reallocation=Reallocation())
    assert lots_of(result["A-1"]) == [("L-1", 1), ("L-2", 1)]


def test_a_plan_counts_lots() -> None:
    """A planner gives no line units of a lot that another has, or that there is none of."""
    both = asking((2, "L-3"), order_id="A-2", placed_at=NOW)
    result = run(asking((2, "L-3"), (1, "L-9")), both, stock=two_places(), planner=best_value())
    assert sorted(each.lot for each in result["A-1"].allocations) == ["L-3"]
    assert result["A-2"].allocations == ()


def test_a_plan_of_a_complete_order_counts_its_lots() -> None:
    """It gets all, or nothing where its lot is lacking; an item that has no lots has none of it."""
    fits = asking((2, "L-3"), (3, ""), ship=Ship.COMPLETE)
    both = asking((2, "L-3"), (1, ""), order_id="A-2", placed_at=NOW, ship=Ship.COMPLETE)
    result = run(fits, both, stock=two_places(), planner=best_value())
    assert sorted(row.quantity for row in result["A-1"].allocations) == [2, 3]
    assert result["A-2"].allocations == ()
    plain = run(fits, stock=Inventory.of({("mug", "berlin"): 9}), planner=best_value())
    assert plain["A-1"].allocations == ()


def test_a_lot_at_a_place_that_was_not_chosen() -> None:
    """Where a policy may choose one place only, it chooses one that has the lot."""
    wish = asking((2, "L-3"), (1, "L-9"))
    decision = decide(wish, two_places(), sourcing=at_most_shipments(1, by_rank))
    assert got(decision) == [("1", "mug", "lyon", 2)]


def test_a_plain_turn_asks_for_no_lot() -> None:
    """Its answers are the trivial ones."""
    demand = line(), 1, {}
    assert (PLAIN_TURN.lacks_lot(line()), PLAIN_TURN.pool_of(demand)) == (False, {})
    assert isinstance(PLAIN_TURN.free_lots(), FreeLots)


def test_a_host_that_reserves_takes_the_lot_too() -> None:
    """Units that a host sets aside for a line are of the lot that it asks for, or it is refused."""
    wish = asking((2, "L-1"))
    stock = two_places().with_reserved_quantity("A-1", "1", "mug", 2, now=NOW, order=wish)
    assert [row.lot for row in stock.reservations_of("A-1")] == ["L-1"]
    plain = Inventory.of({("mug", "berlin"): 9})
    with pytest.raises(StockError, match="0 are available"):
        plain.with_reserved_quantity("A-1", "1", "mug", 2, now=NOW, order=wish)


# -- A single lot ------------------------------------------------------------------------------

SINGLE = {"single_lot": True, "lot_order": LotOrder.FIFO}


def by_receipt(*lots: tuple[str, int, str], **rules: Any) -> Inventory:
    """Lots of so many mugs at locations, the first received first."""
    rows = []
    for place in sorted({place for _, _, place in lots}):
        of_place = [
            lot(lot_id, units, received_at=NOW - (40 - 10 * at) * DAY)
            for at, (lot_id, units, where) in enumerate(lots)
            if where == place
        ]
        rows.append(shelf_of(*of_place, location=place))
    return Inventory(stock=rows, items=[Item(sku="mug", **(SINGLE | rules))])


EIGHT_TEN_THIRTY = [("1", 8, "berlin"), ("2", 10, "berlin"), ("3", 30, "berlin")]


@pytest.mark.parametrize(
    ("units", "lots"),
    [
        (8, [("1", 8)]),
        (9, [("2", 9)]),
        (16, [("3", 16)]),
        (31, [("1", 8), ("2", 10), ("3", 13)]),
        (48, [("1", 8), ("2", 10), ("3", 30)]),
    ],
)
def test_a_line_gets_a_single_lot_if_there_is_one(units: int, lots: list[tuple[str, int]]) -> None:
    """The first lot, in the item's sequence, that has as many; else it gets several."""
    assert lots_of(decide(order("A-1", units), by_receipt(*EIGHT_TEN_THIRTY))) == lots
    # https://github.com/OCA/stock-logistics-warehouse/issues/1074


def test_without_the_rule_lots_leave_in_their_sequence() -> None:
    """An item that says nothing of it gives the oldest first."""
    stock = by_receipt(*EIGHT_TEN_THIRTY, single_lot=False)
    assert lots_of(decide(order("A-1", 16), stock)) == [("1", 8), ("2", 8)]


def test_a_single_lot_elsewhere_comes_before_several_here() -> None:
    """A place that has a single lot for the line is chosen, though one of lower rank has enough."""
    stock = by_receipt(("1", 8, "berlin"), ("2", 10, "berlin"), ("3", 30, "lyon"))
    decision = decide(order("A-1", 16), stock)
    assert [(row.location, row.lot, row.quantity) for row in decision.allocations] == [
        ("lyon", "3", 16)
    ]


@pytest.mark.parametrize("ship", Ship)
def test_no_line_is_short_for_the_sake_of_a_single_lot(ship: Ship) -> None:
    """Where single lots of two lines lie apart and one place may serve, it gives several lots."""
    lots = [("1", 5, "berlin"), ("2", 5, "berlin"), ("3", 4, "berlin"), ("4", 9, "lyon")]
    stock = by_receipt(*lots)
    decision = decide(
        asking((9, ""), (5, ""), ship=ship), stock, sourcing=at_most_shipments(1, by_rank)
    )
    assert decision.shorts == ()
    assert sum(units for _, units in lots_of(decision)) == 14


def test_each_line_has_its_single_lot() -> None:
    """Lines do not share a lot that has enough for one of them only."""
    stock = by_receipt(("1", 6, "berlin"), ("2", 6, "berlin"), ("3", 2, "berlin"))
    decision = decide(asking((5, ""), (5, "")), stock)
    assert [(row.line_id, row.lot, row.quantity) for row in decision.allocations] == [
        ("1", "1", 5),
        ("2", "2", 5),
    ]


def test_each_line_has_its_single_lot_where_others_have_one_too() -> None:
    """One place has a single lot for either line, another one for one more: both are chosen."""
    stock = by_receipt(("1", 8, "berlin"), ("2", 5, "lyon"), ("3", 4, "berlin"))
    decision = decide(asking((5, ""), (5, "")), stock)
    assert [(row.line_id, row.lot, row.quantity) for row in decision.allocations] == [
        ("1", "1", 5),
        ("2", "2", 5),
    ]


def test_other_articles_make_no_line_take_several_lots() -> None:
    """A line has its single lot elsewhere, whatever else the order asks for here."""
    rows = [shelf_of(lot("1", 3), lot("2", 4)), shelf_of(lot("3", 5), location="lyon")]
    stock = Inventory([*rows, row(9, "cup")], items=[Item(sku="mug", single_lot=True)])
    wish = order(lines=[line("1", "mug", 5), line("2", "cup", 3)])
    assert [(row.sku, row.lot, row.quantity) for row in decide(wish, stock).allocations] == [
        ("mug", "3", 5),
        ("cup", "", 3),
    ]


def test_a_single_lot_is_no_reason_to_take_what_is_not_free() -> None:
    """Two lots lie there, of which two units are never promised: the second line goes elsewhere."""
    rows = [
        shelf_of(lot("1", 5), lot("2", 5), safety=2),
        shelf_of(lot("3", 5), location="lyon"),
    ]
    stock = Inventory(rows, items=[Item(sku="mug", single_lot=True)])
    decision = decide(asking((5, ""), (5, "")), stock)
    assert [(row.line_id, row.lot, row.quantity) for row in decision.allocations] == [
        ("1", "1", 5),
        ("2", "3", 5),
    ]


def test_a_kit_that_has_all_of_a_component_goes_by_what_it_lacks() -> None:
    """A complete order that needs no more cups gets the mug of its set, of a single lot."""
    stock = Inventory(
        [row(1, lots=[lot("L-1", 1)]), row(1, "cup")],
        items=[Item(sku="mug", single_lot=True), kit(of={"cup": 1, "mug": 1})],
        reservations=[reserved("A-1", "1", 1, sku="cup")],
    )
    result = run(order(lines=[line("1", "set")], ship=Ship.COMPLETE), stock=stock)
    assert [(each.sku, each.lot) for each in result["A-1"].allocations] == [("mug", "L-1")]


def test_a_lot_that_is_asked_for_comes_before_a_single_one() -> None:
    """The other lines of the item take what they find."""
    stock = by_receipt(("1", 6, "berlin"), ("2", 6, "berlin"))
    decision = decide(asking((5, ""), (4, "1")), stock)
    assert [(row.line_id, row.lot, row.quantity) for row in decision.allocations] == [
        ("1", "2", 5),
        ("2", "1", 4),
    ]


def test_a_single_lot_is_a_rule_of_what_has_stock() -> None:
    """It is yes or no, and a kit has none."""
    assert refusal(Item, sku="mug", single_lot="yes").startswith("Item.single_lot")
    assert "give these to its components" in refusal(
        Item, sku="set", components=[Component(sku="mug")], single_lot=True
    )


# -- Waiting for supplies of some places -------------------------------------------------------


def to_come(**rules: Any) -> Inventory:
    """Mugs that come to the shop tomorrow, to the depot in three days, and somewhere in five."""
    supplies = [
        Supply(
            id=place or "any", sku="mug", quantity=4, expected_at=NOW + days * DAY, location=place
        )
        for place, days in (("shop", 1), ("depot", 3), ("", 5))
    ]
    return Inventory(
        stock=[Stock(sku="mug", location=place, on_hand=0) for place in ("shop", "depot")],
        supplies=supplies,
        items=[Item(sku="mug", backorderable=True, **rules)],
        locations=[Location(id="shop"), Location(id="depot")],
    )


@pytest.mark.parametrize(
    ("places", "pegs"),
    [
        ([], [("shop", 4), ("depot", 4), ("any", 1)]),
        (["depot"], [("depot", 4), ("any", 4), ("", 1)]),
        (["shop"], [("shop", 4), ("any", 4), ("", 1)]),
        (["shop", "depot"], [("shop", 4), ("depot", 4), ("any", 1)]),
        (["moon"], [("any", 4), ("", 5)]),
    ],
)
def test_an_order_waits_for_supplies_of_these_places(
    places: list[str], pegs: list[tuple[str, int]]
) -> None:
    """Other places promise it nothing; what names no place is for all."""
    decision = decide(order("A-1", 9), to_come(backorderable_at=places))
    assert [(row.supply_id, row.quantity) for row in decision.backorders] == pegs


def test_a_cap_on_waiting_counts_these_supplies_only() -> None:
    """With a cap of 0 as many wait as the places that count bring."""
    decision = decide(order("A-1", 9), to_come(backorderable_at=["depot"], backorder_cap=0))
    assert (sum(row.quantity for row in decision.backorders), shorts(decision)) == (
        8,
        [("1", 1, 0, "backorder_cap")],
    )


def test_what_is_on_hand_is_given_from_everywhere() -> None:
    """The places say for what an order waits, not from where it is served."""
    stock = to_come(backorderable_at=["depot"]).with_received("mug", "shop", 2)
    assert got(decide(order("A-1", 2), stock)) == [("1", "mug", "shop", 2)]


def test_places_to_wait_for_are_words() -> None:
    """A text is no collection of places, and a kit has no supplies of its own."""
    assert refusal(Item, sku="mug", backorderable_at="depot").startswith("Item.backorderable_at")
    assert "give these to its components" in refusal(
        Item, sku="set", components=[Component(sku="mug")], backorderable_at=["depot"]
    )


def test_a_lot_that_is_there_is_not_what_a_complete_order_lacks() -> None:
    """All units of the lot are there, to the last: it waits for the others, not for it."""
    wish = order(lines=[line("1", quantity=2, lot="L-1"), line("2", "cup", 1)], ship=Ship.COMPLETE)
    assert shorts(decide(wish, Inventory([shelf_of(lot("L-1", 2))]))) == [
        ("1", 2, 2, "order_ships_complete"),
        ("2", 1, 0, "unknown_sku"),
    ]


def test_a_plan_gives_nothing_to_who_asks_for_a_lot_of_which_there_are_none() -> None:
    """Beside a plan, too, a line that asks for a lot of a SKU without lots is short of it."""
    first, dearer = [
        order(
            order_id,
            lines=[line("1", quantity=5, unit_price=price), line("2", "cup", lot="L-9")],
            placed_at=NOW + at * HOUR,
        )
        for at, (order_id, price) in enumerate([("A-1", Decimal(1)), ("A-2", Decimal(8))])
    ]
    stock = Inventory.of({("mug", "berlin"): 5, ("cup", "berlin"): 5})
    result = run(first, dearer, stock=stock, planner=best_value(), verifiers=())
    assert [each.sku for each in result["A-1"].allocations] == []
    assert [each.sku for each in result["A-2"].allocations] == ["mug"]
    assert [each.reason for each in result["A-2"].shorts] == ["lot_unavailable"]


@pytest.mark.parametrize(
    ("wishes", "units"),
    [
        ([(2, "L-1")], 2),
        ([(9, "L-1")], 5),
        ([(2, "L-1"), (9, "L-3")], 4),
        ([(2, "L-9")], 0),
        ([(2, "L-1"), (3, "")], 5),
        ([(5, "L-1"), (9, "")], 12),
        ([(2, "L-9"), (3, "")], 3),
    ],
)
def test_what_is_available_to_an_order_is_what_its_lines_can_use(
    wishes: list[tuple[int, str]], units: int
) -> None:
    """Of a lot that they ask for no more than that; the rest is for lines that take any."""
    stock = two_places()
    wish = asking(*wishes)
    assert stock.available("mug", now=NOW, order=wish) == units
    needs = sum([wanted for wanted, _ in wishes])
    assert (units >= needs) is (lacking(wish, stock, now=NOW) == {})


def test_what_is_available_at_a_place_is_of_the_lots_that_are_asked_for() -> None:
    """Lots at other places do not count there."""
    stock, wish = two_places(), asking((9, "L-1"))
    assert [stock.available("mug", place, order=wish) for place in ("berlin", "lyon")] == [3, 2]


def test_what_is_reserved_of_a_lot_is_not_asked_for_again() -> None:
    """A line that has two of three can use one more."""
    stock = two_places().with_reserved(reserved(quantity=2, lot="L-1"))
    assert stock.available("mug", now=NOW, order=asking((3, "L-1"))) == 1


def test_what_has_no_lots_is_not_available_to_who_asks_for_one() -> None:
    """Neither are kits, which have none, nor what they are made of, but for lines beside them."""
    stock = Inventory([row(3), row(3, "cup")], items=[kit("pair", of={"mug": 1, "cup": 1})])
    assert stock.available("mug", now=NOW, order=asking((2, "L-1"))) == 0
    wish = order(lines=[line("1", "pair", 2, lot="L-1"), line("2", "pair", 1)])
    assert [stock.available(sku, now=NOW, order=wish) for sku in ("mug", "cup")] == [1, 1]


def test_what_no_line_asks_for_by_lot_is_available_as_to_anybody() -> None:
    """Whether other lines ask for a lot of something else, or none of them is of it."""
    stock = Inventory([shelf_of(lot("L-1", 2)), row(9, "cup"), row(7, "pot")])
    wish = order(lines=[line("1", quantity=1, lot="L-1"), line("2", "cup", 3)])
    available = [stock.available(sku, now=NOW, order=wish) for sku in ("mug", "cup", "pot")]
    assert available == [1, 9, 7]
    assert stock.available("pot", "berlin", now=NOW, order=wish) == 7


def test_several_lots_at_one_place_have_together_what_is_free_there() -> None:
    """Safety stock, and what is reserved without a lot, is of no lot, and is there once."""
    lots = lot("L-1", 3), lot("L-2", 2)
    wish = asking((1, "L-1"), (1, "L-2"))
    for stock in (
        Inventory([shelf_of(*lots, safety=4)]),
        Inventory([shelf_of(*lots)]).with_reserved(reserved("A-2", quantity=4)),
    ):
        assert stock.available("mug", now=NOW, order=wish) == 1
        assert lacking(wish, stock, now=NOW) == {"mug": 1}


def test_a_kit_has_no_lots_though_what_it_is_made_of_has_one_of_that_name() -> None:
    """A line that asks for one gets nothing, so nothing is available to it."""
    stock = Inventory(
        [shelf_of(lot("L-1", 5)), row(5, "cup")], items=[kit(of={"mug": 1, "cup": 1})]
    )
    wish = order(lines=[line("1", "set", 2, lot="L-1")])
    assert [stock.available(sku, now=NOW, order=wish) for sku in ("set", "mug")] == [0, 0]
    assert lacking(wish, stock, now=NOW) != {}
