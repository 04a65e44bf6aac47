"""Stock that is kept by lot, through every change: units come, are counted, carried, set aside,
shipped; and each unit stays in its lot.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import attrs
import pytest
from builders import NOW, mugs, pool_of, refusal, reserved
from some_stock import lots_at, mugs_by_lot

from fulfill_core import Changes, Fence, Inventory, Item, Location, Lot, LotOrder, Pack, Stock
from fulfill_core.inventory import Overdraft, StockChange
from fulfill_core.inventory.inventory import state_of

DAY = timedelta(days=1)
OLD, YOUNG = NOW + 5 * DAY, NOW + 9 * DAY
CAME = NOW - 3 * DAY
L1 = Lot(id="L1", quantity=4, expires_at=OLD, received_at=CAME)
L2 = Lot(id="L2", quantity=3, expires_at=YOUNG)


BOTH = mugs_by_lot(L1, L2, loose=2)


def held(stock: Inventory, order_id: str = "A-1") -> list[tuple[str, str, int]]:
    """Where an order holds how many units of which lot."""
    return [(each.location, each.lot, each.quantity) for each in stock.reservations_of(order_id)]


def lot_cells(stock: Inventory) -> list[tuple[str, str, int, int]]:
    """Location, lot, units, reserved: as it is kept."""
    return [units for units, _ in state_of(stock).lots.get("mug") or ()]


# -- Built -----------------------------------------------------------------------------------------


def test_lots_come_back_as_they_were_given() -> None:
    """The lots of a stock row come back with it; equal, hashed and pickled by their content."""
    [row, _] = BOTH.stock()
    assert row == Stock(sku="mug", location="berlin", on_hand=9, lots=[L1, L2])
    again = Inventory(BOTH.stock())
    assert (again, hash(again)) == (BOTH, hash(BOTH))
    assert pickle.loads(pickle.dumps(BOTH)) == BOTH  # noqa: S301 - our own
    assert mugs_by_lot(L1, attrs.evolve(L2, quarantined=True), loose=2) != BOTH


def test_a_reservation_names_a_lot_that_is_there() -> None:
    """A reservation of a lot that its stock row does not have is refused, by position; one of a lot
    of which nothing is there is not.
    """
    some = [reserved(lot="L1"), reserved(lot="L9")]
    assert refusal(mugs_by_lot, L1, reservations=some) == (
        "Inventory.reservations[1]: Reservation(order_id='A-1', line_id='1', sku='mug',"
        " location='berlin', quantity=1, made_at=None, expires_at=None, lot='L9') names a lot that"
        " its stock row does not have; add it, with quantity=0 if nothing is there"
    )
    assert refusal(BOTH.with_reserved, *some) == (
        "reservations[1]: Reservation(order_id='A-1', line_id='1', sku='mug', location='berlin',"
        " quantity=1, made_at=None, expires_at=None, lot='L9') names a lot that its stock row does"
        " not have; receive it first"
    )
    empty = mugs_by_lot(Lot(id="L9", quantity=0), reservations=[reserved(lot="L9")])
    assert lot_cells(empty) == [("berlin", "L9", 0, 1)]


# -- Received --------------------------------------------------------------------------------------


def test_units_come_into_a_lot() -> None:
    """Units come into a lot that is new, with its dates, or known, and then its dates stay; or into
    none. The row has them all.
    """
    stock = mugs(berlin=2).with_received(
        "mug", "berlin", 4, lot="L1", expires_at=OLD, received_at=CAME
    )
    assert stock.lots_of("mug") == {"berlin": (L1,)}
    more = stock.with_received("mug", "berlin", 3, lot="L1", received_at=NOW)
    same = more.with_received("mug", "berlin", 1, lot="L1", expires_at=OLD)
    assert same.lots_of("mug") == {"berlin": (attrs.evolve(L1, quantity=8),)}
    assert same.with_received("mug", "berlin", 1).on_hand("mug") == 11
    assert lots_at(same.with_received("mug", "berlin", 1)) == {"L1": 8}
    locked = same.with_quarantined("mug", "berlin", "L1").with_received(
        "mug", "berlin", 1, lot="L1"
    )
    assert (locked.available("mug"), locked.on_hand("mug")) == (2, 11)


def test_a_lot_is_the_same_in_every_zone() -> None:
    """The dates of a lot are kept in UTC."""
    east = timezone(timedelta(hours=2))
    stock = Inventory().with_received(
        "mug", "berlin", 4, lot="L1", expires_at=OLD.astimezone(east), received_at=CAME
    )
    assert stock.lots_of("mug") == {"berlin": (L1,)}
    [lot] = stock.lots_of("mug")["berlin"]
    assert lot.expires_at is not None
    assert lot.expires_at.tzinfo is UTC
    more = stock.with_received("mug", "berlin", 1, lot="L1", expires_at=OLD.astimezone(east))
    assert lots_at(more) == {"L1": 5}


# -- Counted ---------------------------------------------------------------------------------------


def test_a_lot_is_counted() -> None:
    """A count of a lot moves the row by the lot's difference, and a count of the units without a
    lot leaves the lots. A lot of which nothing was found can be counted again.
    """
    counted = BOTH.with_counted("mug", "berlin", 1, lot="L1")
    assert (counted.on_hand("mug"), lots_at(counted)) == (6, {"L1": 1, "L2": 3})
    loose = counted.with_counted("mug", "berlin", 5, lot="")
    assert (loose.on_hand("mug"), lots_at(loose)) == (9, {"L1": 1, "L2": 3})
    gone = BOTH.with_counted("mug", "berlin", 0, lot="L1")
    assert lots_at(gone) == {"L1": 0, "L2": 3}
    assert gone.with_counted("mug", "berlin", 4, lot="L1") == BOTH
    assert mugs(berlin=2).with_counted("mug", "berlin", 3, lot="") == mugs(berlin=3)
    assert BOTH.with_counted("mug", "paris", 3).on_hand("mug", "paris") == 3


# -- Locked up -------------------------------------------------------------------------------------


def test_a_lot_is_locked_up_and_unlocked() -> None:
    """The units of a lot in quarantine are on hand and not available; whoever holds some still
    does. Twice is once, and unlocked it is as before.
    """
    stock = BOTH.with_reserved(reserved(lot="L1"))
    locked = stock.with_quarantined("mug", "berlin", "L1")
    assert (locked.on_hand("mug"), locked.available("mug"), held(locked)) == (
        *(9, 5),
        [("berlin", "L1", 1)],
    )
    assert locked.with_quarantined("mug", "berlin", "L1") == locked
    assert locked.with_quarantined("mug", "berlin", "L1", quarantined=False) == stock


# -- Carried elsewhere -----------------------------------------------------------------------------


def test_units_take_their_lot_along() -> None:
    """Units of a lot are in that lot at the target, with its dates. A lot of which all units were
    carried away is there no longer.
    """
    route: dict[str, Any] = {"source": "berlin", "target": "paris"}
    some = BOTH.with_transferred("mug", 1, **route, lot="L1")
    assert some.lots_of("mug") == {
        "berlin": (attrs.evolve(L1, quantity=3), L2),
        "paris": (attrs.evolve(L1, quantity=1),),
    }
    all_of_it = some.with_transferred("mug", 3, **route, lot="L1")
    assert all_of_it.lots_of("mug") == {"berlin": (L2,), "paris": (L1,)}
    assert [all_of_it.on_hand("mug", place) for place in ("berlin", "paris")] == [5, 4]
    loose = BOTH.with_transferred("mug", 2, **route, lot="")
    assert (lots_at(loose), lots_at(loose, "paris")) == ({"L1": 4, "L2": 3}, {})
    assert pool_of(loose, "mug") == {"berlin": 7, "paris": 2}


def test_only_free_units_of_a_lot_are_carried_away() -> None:
    """Units of the lot that nobody has reserved, by now; never more than what is available there,
    and so no safety stock; and what is in quarantine stays.
    """
    route: dict[str, Any] = {"source": "berlin", "target": "paris"}
    go = "cannot transfer {} of 'mug' of lot 'L1' from 'berlin': {} are available"
    mine = reserved(quantity=2, lot="L1", expires_at=NOW)
    others = reserved("B", lot="L2", expires_at=NOW)
    stock = mugs_by_lot(L1, L2, loose=2, safety=6, reservations=[mine, others])
    assert refusal(stock.with_transferred, "mug", 3, **route, lot="L1") == go.format(3, 0)
    assert refusal(stock.with_transferred, "mug", 4, **route, lot="L1", now=NOW) == go.format(4, 3)
    assert lots_at(stock.with_transferred("mug", 3, **route, lot="L1", now=NOW)) == {
        "L1": 1,
        "L2": 3,
    }
    unsafe = mugs_by_lot(L1, L2, reservations=[mine])
    assert refusal(unsafe.with_transferred, "mug", 3, **route, lot="L1") == go.format(3, 2)
    assert refusal(unsafe.with_transferred, "mug", 1, **route, lot="") == (
        "cannot transfer 1 of 'mug' from 'berlin': 0 are available"
    )
    locked = stock.with_quarantined("mug", "berlin", "L1")
    assert refusal(locked.with_transferred, "mug", 1, **route, lot="L1") == (
        "cannot transfer 1 of 'mug' of lot 'L1' at 'berlin': it is in quarantine; unlock it first"
    )


def test_what_is_too_old_can_be_carried_away() -> None:
    """A lot that is past its life is nobody's to have, and is carried away all the same; only
    reservations and safety stock hold it back.
    """
    route: dict[str, Any] = {"source": "berlin", "target": "paris", "lot": "L1", "now": OLD}
    stock = mugs_by_lot(L1, L2, safety=1, reservations=[reserved(lot="L1")])
    assert stock.available("mug", now=OLD) == 2
    assert lots_at(stock.with_transferred("mug", 3, **route), "paris") == {"L1": 3}
    assert refusal(stock.with_transferred, "mug", 4, **route).endswith(": 3 are available")
    alone = mugs_by_lot(L1, safety=3)
    assert refusal(alone.with_transferred, "mug", 2, **route).endswith(": 1 is available")
    assert lots_at(alone.with_transferred("mug", 1, **route), "paris") == {"L1": 1}


def test_a_lot_is_one_where_it_meets_itself() -> None:
    """Units come to a lot of the same id if it has the same dates, and are refused otherwise."""
    route: dict[str, Any] = {"source": "berlin", "target": "paris", "lot": "L1"}
    met = BOTH.with_received(
        "mug", "paris", 1, lot="L1", expires_at=OLD, received_at=CAME
    ).with_transferred("mug", 2, **route)
    assert met.lots_of("mug")["paris"] == (attrs.evolve(L1, quantity=3),)
    problem = (
        "cannot bring lot 'L1' of 'mug' to 'paris': a lot of that id with other dates is there"
    )
    others: list[dict[str, Any]] = [
        {"expires_at": YOUNG, "received_at": CAME},
        {"expires_at": OLD},
    ]
    for dates in others:
        other = BOTH.with_received("mug", "paris", 1, lot="L1", **dates)
        assert refusal(other.with_transferred, "mug", 2, **route) == problem
        mine = other.with_reserved(reserved(lot="L1"))
        line = {"source": "berlin", "target": "paris"}
        assert refusal(mine.with_reservation_moved, "A-1", "1", 1, **line) == problem


def test_where_only_whole_packs_leave_for_orders_single_units_are_carried() -> None:
    """Packs are a rule for orders, not for what a host carries between its own locations."""
    item = Item(sku="mug", packs=[Pack(location="berlin", multiple=12)])
    stock = Inventory([Stock(sku="mug", location="berlin", on_hand=12)], items=[item])
    carried = stock.with_transferred("mug", 5, source="berlin", target="paris")
    assert [carried.on_hand("mug", place) for place in ("berlin", "paris")] == [7, 5]


# -- Set aside -------------------------------------------------------------------------------------


def test_reservations_are_counted_by_lot() -> None:
    """What is reserved of a lot is the sum of the reservations that name it."""
    stock = BOTH.with_reserved(
        reserved(quantity=2, lot="L1"), reserved("B", lot="L1"), reserved("C", quantity=2)
    )
    assert lot_cells(stock) == [("berlin", "L1", 4, 3), ("berlin", "L2", 3, 0)]
    assert stock.reserved("mug") == 5
    assert lot_cells(stock.with_released("A-1", "1", 1))[0] == ("berlin", "L1", 4, 2)
    assert stock.without_reservations(stock.reservations()) == BOTH
    assert stock.without_reservations_of("A-1").without_reservations_of("B") == BOTH.with_reserved(
        reserved("C", quantity=2)
    )


@pytest.mark.parametrize(
    ("lot_order", "expected"),
    [
        (LotOrder.FEFO, [("berlin", "L1", 4), ("berlin", "L2", 1)]),
        (LotOrder.FIFO, [("berlin", "L2", 3), ("berlin", "L1", 2)]),
    ],
)
def test_units_are_taken_in_the_sequence_of_the_lots(
    lot_order: LotOrder, expected: list[tuple[str, str, int]]
) -> None:
    """Reserved is what leaves first, by the item's sequence of lots."""
    second = attrs.evolve(L2, received_at=CAME - DAY)
    stock = mugs_by_lot(L1, second, loose=2, items=[Item(sku="mug", lot_order=lot_order)])
    taken = stock.with_available_reserved("A-1", "1", "mug", 5, now=NOW)
    assert held(taken) == expected
    assert held(stock.with_reserved_quantity("A-1", "1", "mug", 5, now=NOW)) == expected


def test_units_are_taken_of_lots_that_live_long_enough() -> None:
    """A lot has to live until it is delivered, and as long after that as the item asks; what is in
    quarantine is left alone.
    """
    places = [Location(id="berlin", lead_time=2 * DAY)]
    item = Item(sku="mug", minimum_life=4 * DAY)
    stock = mugs_by_lot(L1, L2, loose=1, locations=places, items=[item])
    assert held(stock.with_available_reserved("A-1", "1", "mug", 4, now=NOW)) == [
        ("berlin", "L2", 3),
        ("berlin", "", 1),
    ]
    assert refusal(stock.with_available_reserved, "A-1", "1", "mug", 5, now=NOW) == (
        "order 'A-1', line '1': cannot reserve 5 of 'mug': 4 are available"
    )
    locked = stock.with_quarantined("mug", "berlin", "L2")
    assert refusal(
        locked.with_reserved_quantity, "A-1", "1", "mug", 2, now=NOW, location="berlin"
    ) == ("order 'A-1', line '1': cannot reserve 2 of 'mug': 1 is available at 'berlin'")


def test_what_expired_is_taken_of_its_lot_again() -> None:
    """Units of a lot whose reservation has expired can be had by the next."""
    mine = reserved("B", quantity=4, lot="L1", expires_at=NOW)
    stock = mugs_by_lot(L1, reservations=[mine])
    assert held(stock.with_available_reserved("A-1", "1", "mug", 4, now=NOW)) == [
        ("berlin", "L1", 4)
    ]
    assert (
        refusal(stock.with_available_reserved, "A-1", "1", "mug", 1, now=NOW - DAY)
        == "order 'A-1', line '1': cannot reserve 1 of 'mug': 0 are available"
    )


def test_what_is_set_aside_keeps_to_fences_caps_and_packs() -> None:
    """What an order's line takes beyond a run is what anybody may have: the fence stays, the cap
    counts what the order holds, and whole packs leave.
    """
    rules: list[tuple[dict[str, Any], int]] = [
        ({"fences": [Fence(quantity=4, channels=["web"])]}, 5),
        ({"customer_cap": 3}, 3),
        ({"packs": [Pack(location="berlin", multiple=4)]}, 8),
    ]
    for rule, most in rules:
        stock = Inventory(
            [Stock(sku="mug", location="berlin", on_hand=9)], items=[Item(sku="mug", **rule)]
        )
        taken = stock.with_available_reserved("A-1", "1", "mug", most, now=NOW)
        assert taken.reserved("mug") == most
        assert refusal(
            stock.with_available_reserved, "A-1", "1", "mug", most + 1, now=NOW
        ).startswith(f"order 'A-1', line '1': cannot reserve {most + 1} of 'mug': ")
    capped = Inventory(
        [Stock(sku="mug", location="berlin", on_hand=9)],
        items=[Item(sku="mug", customer_cap=3)],
        reservations=[reserved(quantity=2), reserved("A-1", "2", expires_at=NOW), reserved("B")],
    )
    assert refusal(capped.with_available_reserved, "A-1", "1", "mug", 2, now=NOW) == (
        "order 'A-1', line '1': cannot reserve 2 of 'mug': 1 is available"
    )


# -- Moved with a reservation ----------------------------------------------------------------------


def test_reserved_units_take_their_lot_along() -> None:
    """Units that move with their reservation are in the same lot there, and reserved of it."""
    stock = BOTH.with_reserved(reserved(quantity=4, lot="L1"), reserved("B", quantity=1))
    route: dict[str, Any] = {"source": "berlin", "target": "paris"}
    moved = stock.with_reservation_moved("A-1", "1", 4, **route)
    assert lot_cells(moved) == [("berlin", "L2", 3, 0), ("paris", "L1", 4, 4)]
    assert moved.lots_of("mug")["paris"] == (L1,)
    assert held(moved) == [("paris", "L1", 4)]
    assert pool_of(moved, "mug") == pool_of(stock, "mug")
    loose = stock.with_reservation_moved("B", "1", 1, **route)
    assert (held(loose, "B"), lots_at(loose, "paris")) == ([("paris", "", 1)], {})


def test_reserved_units_that_cannot_leave_do_not_move() -> None:
    """Units of a lot in quarantine do not move, nor do units that are not in the lot, even if the
    row has as many.
    """
    route: dict[str, Any] = {"source": "berlin", "target": "paris"}
    stock = BOTH.with_reserved(reserved(quantity=3, lot="L1"), reserved("B", quantity=3))
    locked = stock.with_quarantined("mug", "berlin", "L1")
    assert refusal(locked.with_reservation_moved, "A-1", "1", 1, **route) == (
        "order 'A-1', line '1': cannot move 1 of 'mug' of lot 'L1' at 'berlin': it is in"
        " quarantine; unlock it first"
    )
    short = stock.with_counted("mug", "berlin", 2, lot="L1")
    assert refusal(short.with_reservation_moved, "A-1", "1", 3, **route) == (
        "order 'A-1', line '1': cannot move 3 of 'mug' of lot 'L1' at 'berlin': 2 are there"
    )
    assert refusal(stock.with_reservation_moved, "B", "1", 3, **route) == (
        "order 'B', line '1': cannot move 3 of 'mug' at 'berlin': 2 without a lot are there"
    )


# -- Shipped ---------------------------------------------------------------------------------------


def test_reserved_lots_leave() -> None:
    """Units leave the lots that are reserved, and a lot is gone with its last unit."""
    stock = BOTH.with_reserved(reserved(quantity=4, lot="L1"), reserved(quantity=1, lot="L2"))
    shipped = stock.with_shipped("A-1", "1", 5, location="berlin")
    assert (lot_cells(shipped), shipped.on_hand("mug")) == ([("berlin", "L2", 2, 0)], 4)
    only = mugs_by_lot(L1, reservations=[reserved(quantity=4, lot="L1")])
    assert only.with_shipped("A-1", "1", 4, location="berlin").lots_of("mug") == {}


def test_an_empty_lot_stays_while_somebody_holds_it() -> None:
    """A lot that empties stays as long as a reservation names it."""
    stock = mugs_by_lot(L1, reservations=[reserved(quantity=4, lot="L1"), reserved("B", lot="L1")])
    shipped = stock.with_shipped("A-1", "1", 4, location="berlin")
    assert lot_cells(shipped) == [("berlin", "L1", 0, 1)]


def test_units_without_a_lot_leave_for_reservations_without_one() -> None:
    """If no lot is reserved and none is named, units without a lot leave; where there are not
    enough, it has to be said which lot left.
    """
    stock = BOTH.with_reserved(reserved(quantity=3))
    shipped = stock.with_shipped("A-1", "1", 2, location="berlin")
    assert (lots_at(shipped), shipped.on_hand("mug")) == ({"L1": 4, "L2": 3}, 7)
    assert refusal(stock.with_shipped, "A-1", "1", 3, location="berlin") == (
        "order 'A-1', line '1': cannot ship 3 of 'mug' at 'berlin': 2 without a lot are"
        " there; say which lot left: L1, L2"
    )
    said = stock.with_shipped("A-1", "1", 3, location="berlin", lot="L2")
    assert (lots_at(said), held(said), said.on_hand("mug")) == ({"L1": 4}, [], 6)


def test_another_lot_may_leave_if_it_is_free() -> None:
    """Units of a lot can leave instead of those that are reserved, if nobody has reserved them; the
    lot that was reserved is free again. Those that the line holds of that lot go first.
    """
    stock = BOTH.with_reserved(
        reserved(quantity=2, lot="L1"), reserved(lot="L2"), reserved("B", lot="L2")
    )
    swapped = stock.with_shipped("A-1", "1", 2, location="berlin", lot="L2")
    assert lot_cells(swapped) == [("berlin", "L1", 4, 1), ("berlin", "L2", 1, 1)]
    assert held(swapped) == [("berlin", "L1", 1)]
    assert refusal(stock.with_shipped, "A-1", "1", 3, location="berlin", lot="L2") == (
        "order 'A-1', line '1': cannot ship 3 of 'mug' of lot 'L2' at 'berlin': 2 are not"
        " reserved by others"
    )
    loose = stock.with_shipped("A-1", "1", 2, location="berlin", lot="")
    assert (loose.on_hand("mug"), lots_at(loose)) == (7, {"L1": 4, "L2": 3})
    assert refusal(stock.with_shipped, "A-1", "1", 3, location="berlin", lot="") == (
        "order 'A-1', line '1': cannot ship 3 of 'mug' without a lot at 'berlin': 2 are not"
        " reserved by others"
    )
    plain = mugs(berlin=1).with_reserved(reserved(quantity=2))
    assert refusal(plain.with_shipped, "A-1", "1", 2, location="berlin", lot="").endswith(
        "cannot ship 2 of 'mug' at 'berlin': 1 is there"
    )


def test_a_lot_gives_no_more_than_it_has() -> None:
    """Units that are not in the lot do not leave, even if they are reserved of it; nor does what is
    in quarantine.
    """
    stock = BOTH.with_reserved(reserved(quantity=3, lot="L1"))
    short = stock.with_counted("mug", "berlin", 2, lot="L1")
    assert refusal(short.with_shipped, "A-1", "1", 3, location="berlin") == (
        "order 'A-1', line '1': cannot ship 3 of 'mug' of lot 'L1' at 'berlin': 2 are there;"
        " say which lot left: L1, L2"
    )
    locked = stock.with_quarantined("mug", "berlin", "L1")
    assert refusal(locked.with_shipped, "A-1", "1", 1, location="berlin") == (
        "order 'A-1', line '1': cannot ship 1 of 'mug' of lot 'L1' at 'berlin': it is in"
        " quarantine; unlock it first"
    )
    assert held(locked.with_shipped("A-1", "1", 1, location="berlin", lot="L2")) == [
        ("berlin", "L1", 2)
    ]


def test_lots_leave_from_elsewhere() -> None:
    """Units that are reserved elsewhere can leave a lot here, if they are available; units without
    a lot leave if none is named.
    """
    stock = BOTH.with_received("mug", "paris", 5).with_reserved(
        reserved(quantity=5, location="paris"), reserved("B", lot="L2")
    )
    ship: dict[str, Any] = {"location": "berlin", "reserved_at": "paris"}
    shipped = stock.with_shipped("A-1", "1", 2, **ship)
    assert (lots_at(shipped), shipped.on_hand("mug", "berlin")) == ({"L1": 4, "L2": 3}, 7)
    assert refusal(stock.with_shipped, "A-1", "1", 3, **ship) == (
        "order 'A-1', line '1': cannot ship 3 of 'mug' that are reserved at 'paris': 2 are"
        " available at 'berlin'; say which lot left: L1, L2"
    )
    said = stock.with_shipped("A-1", "1", 2, **ship, lot="L2")
    assert (lots_at(said), said.available("mug", "paris")) == ({"L1": 4, "L2": 1}, 2)
    assert refusal(stock.with_shipped, "A-1", "1", 3, **ship, lot="L2") == (
        "order 'A-1', line '1': cannot ship 3 of 'mug' that are reserved at 'paris': 2 of lot"
        " 'L2' are available at 'berlin'"
    )
    locked = stock.with_quarantined("mug", "berlin", "L2")
    assert refusal(locked.with_shipped, "A-1", "1", 1, **ship, lot="L2").endswith(
        ": 0 of lot 'L2' are available at 'berlin'"
    )


# -- Overdrawn -------------------------------------------------------------------------------------


def test_overdrawn_lots_are_told() -> None:
    """A lot of which more is reserved than is there is told, even if the location has enough; by
    now, what has expired does not count.
    """
    stock = BOTH.with_reserved(
        reserved(quantity=2, lot="L1"), reserved("B", quantity=2, lot="L1", expires_at=NOW)
    ).with_counted("mug", "berlin", 1, lot="L1")
    all_of_it = Overdraft(sku="mug", location="berlin", on_hand=1, reserved=4, lot="L1")
    now = Overdraft(sku="mug", location="berlin", on_hand=1, reserved=2, lot="L1")
    assert stock.overdrawn() == stock.overdrawn(["mug"]) == (all_of_it,)
    assert stock.overdrawn(now=NOW) == (now,)
    assert stock.overdrawn(now=NOW - DAY) == (all_of_it,)
    assert BOTH.overdrawn() == ()
    assert stock.with_released("A-1", "1", 1).overdrawn(now=NOW) == ()
    both = stock.with_reserved(reserved("C", quantity=9))
    assert both.overdrawn(now=NOW) == (
        Overdraft(sku="mug", location="berlin", on_hand=6, reserved=11),
        now,
    )


# -- What is refused -------------------------------------------------------------------------------

BELOW = "lot: 'L1' can't come to 'mug' at 'paris' while -1 are on hand; count them first"
NAIVE = datetime(2026, 3, 2)  # noqa: DTZ001 - that is the point
NO_LOT = "lot: 'L9' is no lot of 'mug' at 'berlin'; these are: L1, L2"
WHICH = (
    "lot: None does not say which lot of 'mug' at 'berlin'; these are: L1, L2, and '' for the units"
    " without a lot"
)
ROUTE: dict[str, Any] = {"source": "berlin", "target": "paris"}
OWED = BOTH.with_changes(Changes(on_hand=[StockChange(sku="mug", location="paris", quantity=-1)]))
HELD = BOTH.with_reserved(reserved())
CALLS: list[tuple[Callable[[], object], str]] = [
    (
        lambda: BOTH.with_received("mug", "berlin", 1, lot="L1", expires_at=YOUNG),
        (
            "expires_at: datetime.datetime(2026, 3, 11, 12, 0, tzinfo=datetime.timezone.utc) is not"
            " when lot 'L1', which is there, expires: 2026-03-07T12:00:00+00:00; give these units"
            " another lot"
        ),
    ),
    (
        lambda: mugs_by_lot(Lot(id="L1", quantity=1)).with_received(
            "mug", "berlin", 1, lot="L1", expires_at=YOUNG
        ),
        (
            "expires_at: datetime.datetime(2026, 3, 11, 12, 0, tzinfo=datetime.timezone.utc) is not"
            " when lot 'L1', which is there, expires: never; give these units another lot"
        ),
    ),
    (
        lambda: BOTH.with_received("mug", "berlin", 1, expires_at=YOUNG),
        (
            "expires_at: datetime.datetime(2026, 3, 11, 12, 0, tzinfo=datetime.timezone.utc) is"
            " that of a lot; name the lot as well"
        ),
    ),
    (
        lambda: BOTH.with_received("mug", "berlin", 1, received_at=CAME),
        (
            "received_at: datetime.datetime(2026, 2, 27, 12, 0, tzinfo=datetime.timezone.utc) is"
            " that of a lot; name the lot as well"
        ),
    ),
    (
        lambda: BOTH.with_received("mug", "berlin", 1, lot="L3", expires_at=NAIVE),
        (
            "expires_at: datetime.datetime(2026, 3, 2, 0, 0) is naive; pass it with a tzinfo, such"
            " as timezone.utc"
        ),
    ),
    (
        lambda: BOTH.with_received("mug", "berlin", 1, lot=7),  # type: ignore[arg-type]
        "lot: 7 is not text; pass a str",
    ),
    (lambda: mugs(paris=-1).with_received("mug", "paris", 2, lot="L1"), BELOW),
    (lambda: OWED.with_transferred("mug", 1, **ROUTE, lot="L1"), BELOW),
    (lambda: BOTH.with_counted("mug", "berlin", 1, lot="L9"), NO_LOT),
    (lambda: BOTH.with_counted("mug", "berlin", 1), WHICH),
    (
        lambda: mugs(berlin=1).with_counted("mug", "berlin", 1, lot="L9"),
        "lot: 'L9' is no lot of 'mug' at 'berlin'; these are: none",
    ),
    (
        lambda: mugs(berlin=1).with_counted("mug", "berlin", 1, lot=0),  # type: ignore[arg-type]
        "lot: 0 is not text; pass a str",
    ),
    (lambda: BOTH.with_quarantined("mug", "berlin", "L9"), NO_LOT),
    (
        lambda: BOTH.with_quarantined("mug", "berlin", "L1", quarantined=1),  # type: ignore[arg-type]
        "quarantined: 1 is not a bool; pass True or False",
    ),
    (lambda: BOTH.with_transferred("mug", 1, **ROUTE), WHICH),
    (lambda: BOTH.with_transferred("mug", 1, **ROUTE, lot="L9"), NO_LOT),
    (lambda: HELD.with_shipped("A-1", "1", 1, location="berlin", lot="L9"), NO_LOT),
]


@pytest.mark.parametrize(("call", "message"), CALLS, ids=[each for _, each in CALLS])
def test_wrong_words_about_lots_are_refused(call: Callable[[], object], message: str) -> None:
    """The setting, its value and the way out are named."""
    assert message in refusal(call)
