"""The difference of two inventories with lots: exact, with an inverse, and good for a third."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from datetime import timedelta

import attrs
import pytest
from builders import NOW, mugs, order, refusal, reserved, run
from effort import FEWER
from hypothesis import given
from hypothesis import strategies as st
from some_stock import lots_at, mugs_by_lot

from fulfill_core import Inventory, Location, Lot, OrderRecord, Reservation, Stock, StockError
from fulfill_core.inventory import LotChange, StockChange
from fulfill_core.inventory.changes import Changes
from fulfill_core.inventory.inventory import state_of
from fulfill_core.lifecycle import Shipped, advance

DAY = timedelta(days=1)
OLD, YOUNG = NOW + 5 * DAY, NOW + 9 * DAY
CAME = NOW - 3 * DAY
L1 = Lot(id="L1", quantity=4, expires_at=OLD, received_at=CAME)
L2 = Lot(id="L2", quantity=3, expires_at=YOUNG)
STORE = Location(id="store", capacity=2)


BOTH = mugs_by_lot(L1, L2, loose=2)


def lot_cells(stock: Inventory) -> list[tuple[str, str, int, int]]:
    """Location, lot, units, reserved: as it is kept."""
    return [units for units, _ in state_of(stock).lots.get("mug") or ()]


def test_each_change_of_a_lot_is_told() -> None:
    """A lot that is new, that is gone, whose units or whose lock changed, with what it was and what
    it is. What is reserved of it is told with the reservations.
    """
    after = (
        BOTH.with_received("mug", "berlin", 2, lot="L3")
        .with_quarantined("mug", "berlin", "L1")
        .with_reserved(reserved(lot="L1"), reserved("B", quantity=3, lot="L2"))
        .with_shipped("B", "1", 3, location="berlin")
    )
    changes = after.changes_since(BOTH)
    assert changes == Changes(
        on_hand=[StockChange(sku="mug", location="berlin", quantity=-1)],
        lots=[
            LotChange(
                sku="mug", location="berlin", before=L1, after=attrs.evolve(L1, quarantined=True)
            ),
            LotChange(sku="mug", location="berlin", before=L2),
            LotChange(sku="mug", location="berlin", after=Lot(id="L3", quantity=2)),
        ],
        reservations_added=[reserved(lot="L1")],
    )
    assert [(lot.lot, lot.quantity) for lot in changes.lots] == [("L1", 0), ("L2", -3), ("L3", 2)]
    assert repr(changes) == "<Changes: on hand 1, lots 3, reservations added 1>"
    assert BOTH.with_changes(changes) == after
    assert after.with_changes(changes.inverted()) == BOTH
    held_only = BOTH.with_reserved(reserved(lot="L1"))
    assert held_only.changes_since(BOTH) == Changes(reservations_added=[reserved(lot="L1")])


def test_lots_change_by_as_much_on_a_stock_that_has_moved_on() -> None:
    """On a third inventory the units of a lot move by as many; a date and a lock change as they
    did; a lot that is new there and known here gets the units; one that is gone there stays while
    it has units or is reserved.
    """
    ship = BOTH.with_reserved(reserved(quantity=3, lot="L2"))
    gone = ship.with_shipped("A-1", "1", 3, location="berlin").changes_since(ship)
    fuller = ship.with_received("mug", "berlin", 2, lot="L2")
    assert lots_at(fuller.with_changes(gone)) == {"L1": 4, "L2": 2}
    promised = ship.with_reserved(reserved("B", lot="L2"))
    assert lot_cells(promised.with_changes(gone))[1] == ("berlin", "L2", 0, 1)
    new = BOTH.with_received("mug", "berlin", 2, lot="L3").changes_since(BOTH)
    known = BOTH.with_received("mug", "berlin", 5, lot="L3", received_at=NOW)
    both = known.with_changes(new)
    assert both.lots_of("mug")["berlin"][2] == Lot(id="L3", quantity=7, received_at=NOW)
    assert both.with_changes(new.inverted()) == known
    later = attrs.evolve(L1, expires_at=YOUNG, received_at=NOW, quarantined=True)
    facts = Changes(lots=[LotChange(sku="mug", location="berlin", before=L1, after=later)])
    counted = BOTH.with_counted("mug", "berlin", 9, lot="L1").with_changes(facts)
    assert counted.lots_of("mug")["berlin"][0] == attrs.evolve(later, quantity=9)


def test_changes_of_a_lot_that_is_not_here() -> None:
    """What only locks a lot does nothing where it is not; units that come make it anew; units that
    go are refused.
    """
    bare = mugs(berlin=9, paris=0)
    lock = BOTH.with_quarantined("mug", "berlin", "L1").changes_since(BOTH)
    assert bare.with_changes(lock) == bare
    more = BOTH.with_received("mug", "berlin", 1, lot="L1").changes_since(BOTH)
    assert bare.with_changes(more).lots_of("mug") == {"berlin": (attrs.evolve(L1, quantity=1),)}
    assert refusal(bare.with_changes, more.inverted()) == (
        "cannot take 1 of 'mug' of lot 'L1' at 'berlin': 0 are there"
    )
    empty = Changes(lots=[LotChange(sku="mug", location="berlin", before=Lot(id="L9", quantity=0))])
    assert bare.with_changes(empty) == bare
    assert lots_at(bare.with_changes(empty.inverted())) == {"L9": 0}


IMPOSSIBLE: list[tuple[Changes, str]] = [
    (
        Changes(
            lots=[LotChange(sku="mug", location="berlin", after=attrs.evolve(L1, expires_at=None))]
        ),
        "cannot bring 4 of 'mug' of lot 'L1' at 'berlin': it is there with another end",
    ),
    (
        Changes(
            lots=[LotChange(sku="mug", location="berlin", before=attrs.evolve(L1, quantity=5))]
        ),
        "cannot take 5 of 'mug' of lot 'L1' at 'berlin': 4 are there",
    ),
    (
        Changes(on_hand=[StockChange(sku="mug", location="berlin", quantity=-3)]),
        "cannot keep 7 of 'mug' in lots at 'berlin': 6 are on hand",
    ),
    (
        Changes(lots=[LotChange(sku="mug", location="paris", after=L1)]),
        "cannot keep 4 of 'mug' in lots at 'paris': 0 are on hand",
    ),
    (
        Changes(lots=[LotChange(sku="cup", location="paris", after=Lot(id="L9", quantity=0))]),
        "cannot keep 0 of 'cup' in lots at 'paris': 0 are on hand",
    ),
    (
        Changes(reservations_added=[reserved(lot="L9")]),
        (
            "order 'A-1', line '1': cannot reserve 1 of 'mug' of lot 'L9' at 'berlin': there"
            " is no such lot"
        ),
    ),
]


@pytest.mark.parametrize(("changes", "message"), IMPOSSIBLE, ids=[each for _, each in IMPOSSIBLE])
def test_changes_of_lots_that_cannot_be_are_refused(changes: Changes, message: str) -> None:
    """No lot falls below 0, holds more than is on hand, or has two ends."""
    with pytest.raises(StockError) as caught:
        BOTH.with_changes(changes)
    assert str(caught.value) == message


def test_a_row_with_lots_may_have_been_below_zero() -> None:
    """Changes that take lots away may leave a negative number, and bring them back."""
    below, above = mugs(berlin=-2, paris=0), mugs_by_lot(L1)
    changes = above.changes_since(below)
    assert below.with_changes(changes) == above
    assert above.with_changes(changes.inverted()) == below


def test_a_row_stays_while_it_has_a_lot() -> None:
    """A stock row that goes stays as long as lots are in it, even empty ones."""
    bare = mugs(berlin=9)
    gone = Inventory(locations=bare.locations()).changes_since(bare)
    counted = mugs_by_lot(L1, loose=5).with_counted("mug", "berlin", 0, lot="L1")
    counted = counted.with_counted("mug", "berlin", 9, lot="")
    assert [row.location for row in counted.with_changes(gone).stock()] == ["berlin", "paris"]


@pytest.mark.parametrize(
    ("added", "free"),
    [
        ([reserved(quantity=2, lot="L1")], None),
        ([reserved(quantity=3, lot="L1")], "3 of 'mug' of lot 'L1' at 'berlin': 2"),
        ([reserved(quantity=6)], None),
        ([reserved(quantity=7)], "7 of 'mug' at 'berlin': 6"),
        ([reserved(lot="L2")], "1 of 'mug' of lot 'L2' at 'berlin': 0"),
        ([reserved(lot="L0")], "1 of 'mug' of lot 'L0' at 'berlin': 0"),
        ([reserved(quantity=2, lot="L1"), reserved("C", quantity=4)], None),
        ([reserved(lot="L1"), reserved("C", quantity=6)], "7 of 'mug' at 'berlin': 6"),
    ],
)
def test_what_is_reserved_of_a_lot_must_be_there(
    added: list[Reservation], free: str | None
) -> None:
    """By now, units that the changes reserve are in the lot that they name, which is not in
    quarantine and not too old; and those without a lot are in some lot, or in none.
    """
    locked, old = attrs.evolve(L2, quarantined=True), Lot(id="L0", quantity=5, expires_at=NOW)
    others = [
        reserved("B", quantity=2, lot="L1", expires_at=NOW + DAY),
        reserved("D", quantity=4, lot="L1", expires_at=NOW),
        reserved("E", quantity=4, expires_at=NOW),
    ]
    stock = mugs_by_lot(L1, locked, old, loose=4, reservations=others)
    changes = Changes(reservations_added=added)
    if free is None:
        assert stock.with_changes(changes, now=NOW) == stock.with_reserved(*added)
    else:
        problem = f"cannot reserve {free} are available"
        assert problem in refusal(stock.with_changes, changes, now=NOW)
        assert stock.with_changes(changes) == stock.with_reserved(*added)


a_lot = st.builds(
    Lot,
    id=st.sampled_from(["L1", "L2", "L3"]),
    quantity=st.integers(0, 4),
    expires_at=st.sampled_from([None, NOW, OLD, YOUNG]),
    received_at=st.sampled_from([None, CAME]),
    quarantined=st.booleans(),
)


@st.composite
def inventories_by_lot(draw: st.DrawFn) -> Inventory:
    """Mugs and cups at two places, in some lots, of which some are reserved."""
    rows: list[Stock] = []
    holds: list[Reservation] = []
    for sku in draw(st.sets(st.sampled_from(["mug", "cup"]))):
        for place in draw(st.sets(st.sampled_from(["berlin", "store"]))):
            lots = draw(st.lists(a_lot, max_size=3, unique_by=lambda lot: lot.id))
            loose = draw(st.integers(0, 3))
            units = sum(lot.quantity for lot in lots) + loose
            safety = draw(st.integers(0, 2))
            rows.append(Stock(sku=sku, location=place, on_hand=units, safety=safety, lots=lots))
            for lot in draw(st.sets(st.sampled_from(["", *(lot.id for lot in lots)]))):
                order_id = draw(st.sampled_from(["A-1", "A-2"]))
                made_at = draw(st.sampled_from([None, NOW, NOW - DAY]))
                holds.append(reserved(order_id, sku=sku, location=place, lot=lot, made_at=made_at))
    places = [draw(st.sampled_from([STORE, Location(id="store")]))]
    return Inventory(rows, locations=places, reservations=holds)


BY_LOT = inventories_by_lot()


@FEWER
@given(BY_LOT, BY_LOT)
def test_changes_of_lots_lead_from_the_one_to_the_other_and_back(
    before: Inventory, after: Inventory
) -> None:
    """Of any two inventories with lots: the one with the changes is the other, and the other with
    their inverse is the one, down to what is reserved of each lot and the load of each day.
    """
    changes = after.changes_since(before)
    there, back = before.with_changes(changes), after.with_changes(changes.inverted())
    assert (there, back) == (after, before)
    there_state, back_state = state_of(there), state_of(back)
    assert there_state.orders_per_day == state_of(after).orders_per_day
    assert back_state.orders_per_day == state_of(before).orders_per_day
    assert there_state.limited == state_of(after).limited
    assert before.changes_since(after) == changes.inverted()
    assert changes.inverted().inverted() == changes
    assert bool(changes) == (before != after)
    assert pickle.loads(pickle.dumps(changes)) == changes  # noqa: S301 - our own


@FEWER
@given(BY_LOT)
def test_an_inventory_by_lot_is_its_content(stock: Inventory) -> None:
    """Built again of what it lists, it is the same; and what is reserved of a lot is the sum of the
    reservations that name it.
    """
    again = Inventory(
        stock.stock(), locations=stock.locations(), reservations=reversed([*stock.reservations()])
    )
    assert (again, hash(again)) == (stock, hash(stock))
    for sku in ("mug", "cup"):
        for (place, lot, _, of_lot), _ in state_of(stock).lots.get(sku) or ():
            mine = [
                each.quantity
                for each in stock.reservations()
                if (each.sku, each.location, each.lot) == (sku, place, lot)
            ]
            assert of_lot == sum(mine)


@FEWER
@given(BY_LOT)
def test_a_run_on_lots_can_be_undone(stock: Inventory) -> None:
    """A run reserves lots, and changes nothing else; its inverse gives them back."""
    result = run(order("A-1", 3), order("A-9", 5), stock=stock)
    assert result.changes == Changes(reservations_added=result.reservations)
    assert result.inventory.with_changes(result.changes.inverted()) == stock
    assert stock.with_changes(result.changes, now=NOW) == result.inventory


# -- What is refused -------------------------------------------------------------------------------

CALLS: list[tuple[Callable[[], object], str]] = [
    (
        lambda: LotChange(sku="mug", location="berlin"),
        "LotChange.after: None changes nothing; leave it out",
    ),
    (
        lambda: LotChange(sku="mug", location="berlin", before=L1, after=L1),
        "changes nothing; leave it out",
    ),
    (
        lambda: LotChange(sku="mug", location="berlin", before=L1, after=L2),
        "is not lot 'L1'",
    ),
    (
        lambda: LotChange(sku="mug", location="berlin", before="L1"),  # type: ignore[arg-type]
        "LotChange.before: 'L1' is not",
    ),
    (lambda: Changes(lots=["L1"]), "Changes.lots[0]: 'L1' is not of type LotChange; pass one"),  # type: ignore[list-item]
    (
        lambda: Changes(lots=[LotChange(sku="mug", location="berlin", after=L1)] * 2),
        "Changes.lots[1]: ('mug', 'berlin', 'L1') was given before; each lot comes once",
    ),
]


@pytest.mark.parametrize(("call", "message"), CALLS, ids=[each for _, each in CALLS])
def test_changes_that_say_nothing_or_too_much_are_refused(
    call: Callable[[], object], message: str
) -> None:
    """A change of a lot changes one lot, and is told once."""
    assert message in refusal(call)


def test_more_may_have_left_than_lots_hold() -> None:
    """A parcel is a fact: a lot that stays, since somebody has units of it, bears an overdraft."""
    before = Inventory(
        stock=[Stock(sku="mug", location="berlin", on_hand=2, lots=[attrs.evolve(L1, quantity=2)])],
        reservations=[reserved("A-1", lot="L1"), reserved("A-2", lot="L1")],
    )
    parcel = Shipped(
        id="e1", order_id="A-1", at=NOW, parcel="p1", location="berlin", lines={"1": 3}
    )
    step = advance(OrderRecord(order=order("A-1", 1)), parcel, before, now=NOW)
    [row] = step.inventory.stock()
    assert (row.on_hand, row.lots) == (-1, (attrs.evolve(L1, quantity=0),))
    assert before.with_changes(step.changes) == step.inventory
    assert Inventory(stock=[row], reservations=step.inventory.reservations()) == step.inventory
