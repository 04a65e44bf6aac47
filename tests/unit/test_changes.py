"""The difference of two inventories: exact, with an inverse, and good for a third."""

from __future__ import annotations

import pickle
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import attrs
import pytest
from builders import NOW, line, mugs, order, pool_of, refusal, reserved, run
from effort import FEWER
from hypothesis import given

from fulfill_core import Inventory, Item, Location, Reservation, Stock, StockError, Supply
from fulfill_core.inventory.changes import Changes, StockChange
from fulfill_core.inventory.inventory import state_of
from fulfill_core.inventory.stock import undescribed
from fulfill_core.testing import inventories

HOUR = timedelta(hours=1)
HOLDERS = (
    order("A-1", lines=[line("1", "mug"), line("2", "cup")]),
    order("A-2", lines=[line("1", "pot")]),
)
ANY = inventories(orders=HOLDERS)


def supply(quantity: int = 5, sku: str = "mug", **changes: Any) -> Supply:
    """A supply of mugs that comes tomorrow."""
    content: dict[str, Any] = {"id": "PO-1", "expected_at": NOW + timedelta(days=1), **changes}
    return Supply(sku=sku, quantity=quantity, **content)


def stock_of(*supplies: Supply) -> Inventory:
    """An empty shelf, and what is to come."""
    return Inventory([Stock(sku="mug", location="berlin", on_hand=0)], supplies)


# -- Exact, for any two ----------------------------------------------------------------------------


@FEWER
@given(ANY, ANY)
def test_changes_lead_from_the_one_to_the_other_and_back(
    before: Inventory, after: Inventory
) -> None:
    """Of any two inventories: the one with the changes is the other, and the other with their
    inverse is the one. They are false if nothing changed. Inverted twice, they are the same; and
    the inverse is what changed the other way.
    """
    changes = after.changes_since(before)
    assert before.with_changes(changes) == after
    assert after.with_changes(changes.inverted()) == before
    assert bool(changes) == (before != after)
    assert changes.inverted().inverted() == changes
    assert before.changes_since(after) == changes.inverted()
    assert not before.changes_since(before)


@FEWER
@given(ANY)
def test_a_run_changes_what_it_says(stock: Inventory) -> None:
    """What a result says it changed is the difference of its two inventories: the reservations and
    the claims that it made, the claims that it moved or gave up, and nothing else.
    """
    result = run(*HOLDERS, stock=stock)
    changes = result.changes
    assert changes == result.inventory.changes_since(result.before)
    assert changes == Changes(
        reservations_added=result.reservations,
        claims_added=changes.claims_added,
        claims_removed=changes.claims_removed,
    )
    assert result.before.with_changes(result.changes) == result.inventory
    assert result.inventory.with_changes(result.changes.inverted()) == result.before


@FEWER
@given(ANY, ANY)
def test_changes_travel(before: Inventory, after: Inventory) -> None:
    """Changes are a value: they can be a key, they pickle, and the sequence in which they are found
    makes no difference.
    """
    changes = after.changes_since(before)
    fields = attrs.asdict(changes, recurse=False)
    shuffled = Changes(**{name: reversed(some) for name, some in fields.items()})
    assert (shuffled, hash(shuffled)) == (changes, hash(changes))
    assert pickle.loads(pickle.dumps(changes)) == changes  # noqa: S301 - our own


def test_one_instant_in_two_zones_is_one() -> None:
    """Reservations are in the sequence of time, whatever zone it is told in."""
    east = timezone(2 * HOUR)
    some = [reserved(made_at=NOW), reserved(made_at=(NOW - HOUR).astimezone(east))]
    same = [each.made_at.astimezone(UTC) for each in some if each.made_at is not None]
    others = [reserved(made_at=made_at) for made_at in same]
    assert Changes(reservations_added=some) == Changes(reservations_added=reversed(others))


# -- What they say ---------------------------------------------------------------------------------


def test_each_kind_of_change_is_told_apart() -> None:
    """Units on hand by how many, new rows, and what was added, removed or has another form."""
    gone, part = reserved("A"), reserved("B", quantity=3)
    before = Inventory(
        [Stock(sku="mug", location="berlin", on_hand=9)],
        [supply(5), supply(2, id="PO-2")],
        reservations=[gone, part],
    )
    after = (
        before.with_received("mug", "oslo", 2, supply_id="PO-2")
        .with_received("mug", "berlin", 4, supply_id="PO-1")
        .without_reservations_of("A")
        .with_shipped("B", "1", 1, location="berlin")
    )
    changes = after.changes_since(before)
    assert changes == Changes(
        on_hand=[
            StockChange(sku="mug", location="berlin", quantity=3),
            StockChange(sku="mug", location="oslo", quantity=2, row=1),
        ],
        reservations_added=[reserved("B", quantity=2)],
        reservations_removed=[gone, part],
        supplies_added=[supply(1)],
        supplies_removed=[supply(5), supply(2, id="PO-2")],
        locations_added=[undescribed("oslo")],
    )
    assert repr(changes) == (
        "<Changes: on hand 2, reservations added 1, reservations removed 2, supplies added 1,"
        " supplies removed 2, locations added 1>"
    )
    assert repr(Changes()) == "<Changes: none>"


def test_a_row_with_nothing_on_it_is_a_change() -> None:
    """A count that finds nothing where nobody looked before makes a row, and its inverse takes it
    away; a row that differs in its safety stock alone is another.
    """
    before = mugs(berlin=1)
    counted = before.with_counted("mug", "oslo", 0)
    changes = counted.changes_since(before)
    assert changes.on_hand == (StockChange(sku="mug", location="oslo", row=1),)
    assert changes.inverted().on_hand == (StockChange(sku="mug", location="oslo", row=-1),)
    assert counted.with_changes(changes.inverted()) == before
    safe = Inventory([Stock(sku="mug", location="berlin", on_hand=1, safety=3)])
    assert safe.changes_since(before).on_hand == (
        StockChange(sku="mug", location="berlin", safety=3),
    )


def test_two_reservations_that_are_alike_are_two() -> None:
    """Of three alike, one that goes is one that goes."""
    three = mugs(berlin=5).with_reserved(reserved(), reserved(), reserved())
    two = three.without_reservations([reserved()])
    assert two.changes_since(three) == Changes(reservations_removed=[reserved()])
    assert two.changes_since(mugs(berlin=5)).reservations_added == (reserved(),) * 2


def test_little_is_looked_at_when_little_changed() -> None:
    """Of two inventories that share a base, the rows that nobody touched are not even compared."""

    class Untouchable(tuple[Any, ...]):
        __slots__ = ()

        def __eq__(self, other: object) -> bool:
            raise AssertionError

        def __hash__(self) -> int:
            raise AssertionError

    before = Inventory.of({(f"sku-{number}", "berlin"): 1 for number in range(1_000)})
    rows: dict[str, Any] = state_of(before).stock_rows.base
    for sku in list(rows)[1:]:
        rows[sku] = Untouchable(rows[sku])
    held = reserved(sku="sku-0")
    after = before.with_received("sku-0", "berlin", 2).with_reserved(held)
    assert after.changes_since(before) == Changes(
        on_hand=[StockChange(sku="sku-0", location="berlin", quantity=2)],
        reservations_added=[held],
    )


def test_what_is_no_inventory_has_no_difference() -> None:
    """Both ends are checked, and what is applied is checked."""
    stock = mugs(berlin=1)
    assert refusal(stock.changes_since, "x") == "before: 'x' is not an Inventory; pass one"
    assert refusal(stock.with_changes, None) == "changes: None is not of type Changes; pass one"
    assert refusal(stock.with_changes, Changes(), now=datetime(2026, 3, 2)) == (  # noqa: DTZ001
        "now: datetime.datetime(2026, 3, 2, 0, 0) is naive; pass it with a tzinfo, such as"
        " timezone.utc"
    )


REFUSED: list[tuple[type[Any], dict[str, Any], str]] = [
    (StockChange, {"sku": "", "quantity": 1}, "StockChange.sku: '' is empty; pass at least"),
    (StockChange, {"location": 3, "quantity": 1}, "StockChange.location: 3 is not an id; pass"),
    (StockChange, {"quantity": 1.5}, "StockChange.quantity: 1.5 is not an int; pass a whole"),
    (StockChange, {"safety": "1"}, "StockChange.safety: '1' is not an int; pass a whole"),
    (StockChange, {"row": True}, "StockChange.row: True is not an int; pass a whole"),
    (StockChange, {"row": 2}, "StockChange.row: 2 is not -1, 0 or 1; pass one of them"),
    (StockChange, {}, "StockChange.quantity: 0 changes nothing; leave the row out"),
    (Changes, {"on_hand": ["x"]}, "Changes.on_hand[0]: 'x' is not of type StockChange; pass one"),
    (
        Changes,
        {"on_hand": [StockChange(sku="mug", location="x", row=row) for row in (1, -1)]},
        "Changes.on_hand[1]: ('mug', 'x') was given before; each stock row comes once",
    ),
    (
        Changes,
        {"reservations_added": "A-1"},
        "Changes.reservations_added: 'A-1' is not a collection of Reservation; pass a list",
    ),
    (Changes, {"items_removed": [3]}, "Changes.items_removed[0]: 3 is not of type Item; pass one"),
    (
        Changes,
        {"supplies_added": [supply(1), supply(2)]},
        "Changes.supplies_added[1]: ('mug', 'PO-1') was given before; each supply comes once",
    ),
    (
        Changes,
        {"locations_removed": [Location(id="x"), Location(id="x", rank=1)]},
        "Changes.locations_removed[1]: ('x',) was given before; each location comes once",
    ),
]


@pytest.mark.parametrize(("kind", "content", "message"), REFUSED, ids=[row[2] for row in REFUSED])
def test_what_can_be_no_change_is_refused(
    kind: type[Any], content: dict[str, Any], message: str
) -> None:
    """A wrong member, one that changes nothing, and two about one thing are named."""
    named = {"sku": "mug", "location": "berlin"} if kind is StockChange else {}
    assert refusal(kind, **{**named, **content}).startswith(message)


# -- Applied to an inventory that has moved on -----------------------------------------------------


def test_no_changes_change_nothing() -> None:
    """Empty changes give back the inventory itself."""
    stock = mugs(berlin=1)
    assert stock.with_changes(Changes()) is stock


def test_changes_are_as_large_elsewhere() -> None:
    """What came in, left and was reserved is so on the inventory as it has become; what others did
    meanwhile stays.
    """
    before = mugs(berlin=9).with_reserved(reserved("A", quantity=2))
    mine = before.with_shipped("A", "1", 2, location="berlin").with_reserved(reserved("B"))
    moved_on = before.with_received("mug", "berlin", 5).with_reserved(reserved("C"))
    both = moved_on.with_changes(mine.changes_since(before))
    assert (both.on_hand("mug"), both.reserved("mug")) == (12, 2)
    assert both == mine.with_changes(moved_on.changes_since(before))


def test_twice_is_not_once() -> None:
    """What the changes remove must be there: a shipment cannot be told twice, nor undone twice."""
    before = mugs(berlin=9).with_reserved(reserved("A", quantity=2))
    shipped = before.with_shipped("A", "1", 2, location="berlin")
    changes = shipped.changes_since(before)
    message = "order 'A', line '1': cannot take back 2 of 'mug' at 'berlin': no such"
    assert refusal(shipped.with_changes, changes).startswith(message)
    back = run(order("B", 1), stock=before)
    undone = back.inventory.with_changes(back.changes.inverted())
    assert refusal(undone.with_changes, back.changes.inverted()) == (
        "order 'B', line '1': cannot take back 1 of 'mug' at 'berlin': no such reservation is there"
    )


def test_one_of_two_alike_is_not_two() -> None:
    """If two reservations are to go and one is there, none goes."""
    one = mugs(berlin=5).with_reserved(reserved())
    with pytest.raises(StockError):
        one.with_changes(Changes(reservations_removed=[reserved(), reserved()]))


def test_a_reservation_needs_a_row() -> None:
    """What is reserved where this inventory has no stock row is refused."""
    changes = Changes(reservations_added=[reserved(location="oslo", quantity=2)])
    assert refusal(mugs(berlin=5).with_changes, changes) == (
        "order 'A-1', line '1': cannot reserve 2 of 'mug' at 'oslo': there is no stock row"
    )


def test_a_row_or_place_that_others_use_stays() -> None:
    """Of a new location only what the changes brought goes when they are undone: with units of
    others there, or reservations of others, the row stays and so does the location.
    """
    before = mugs(berlin=5)
    mine = before.with_received("mug", "oslo", 2)
    back = mine.changes_since(before).inverted()
    theirs = mine.with_received("mug", "oslo", 3)
    assert pool_of(theirs.with_changes(back), "mug") == {"berlin": 5, "oslo": 3}
    held = mine.with_reserved(reserved(location="oslo"))
    left = held.with_changes(back)
    assert (left.on_hand("mug", "oslo"), left.reserved("mug", "oslo")) == (0, 1)
    other = mine.with_received("cup", "oslo", 1)
    places = [place.id for place in other.with_changes(back).locations()]
    assert places == ["berlin", "oslo"]
    assert pool_of(other.with_changes(back), "mug") == {"berlin": 5}
    assert mine.with_changes(back) == before


def test_a_new_place_that_is_known_stays_as_it_is() -> None:
    """A first receipt somewhere makes a location of the last rank; a known one is not changed.
    One that is not known is, even if the changes only name a row of it.
    """
    before = mugs(berlin=5)
    receipt = before.with_received("mug", "oslo", 2).changes_since(before)
    moved_on = Inventory(
        [Stock(sku="mug", location="berlin", on_hand=5)], locations=[Location(id="oslo", rank=3)]
    )
    assert moved_on.with_changes(receipt).location("oslo").rank == 3
    bare = Changes(on_hand=[StockChange(sku="mug", location="bonn", quantity=1)])
    assert [place.id for place in before.with_changes(bare).locations()] == ["berlin", "bonn"]


def test_a_location_of_another_rank_is_asked_in_another_sequence() -> None:
    """Changed ranks change the sequence of all rows, also of those that changed in nothing else."""
    rows = [Stock(sku="mug", location=place, on_hand=1) for place in ("berlin", "paris")]
    before = Inventory(rows)
    after = Inventory(rows, locations=[Location(id="paris", rank=1)])
    changes = after.changes_since(before)
    assert (changes.locations_removed, changes.locations_added) == (
        (undescribed("paris"),),
        (Location(id="paris", rank=1),),
    )
    assert list(pool_of(before.with_changes(changes), "mug")) == ["paris", "berlin"]


def test_what_is_said_about_an_item_is_the_last_word() -> None:
    """Items are described anew, or not at all any more, whatever was said meanwhile."""
    plain = Inventory()
    known = Inventory(items=[Item(sku="mug", backorderable=True)])
    other = Inventory(items=[Item(sku="mug", tracked=False), Item(sku="cup")])
    assert list(other.with_changes(known.changes_since(plain)).items()) == [
        Item(sku="cup"),
        Item(sku="mug", backorderable=True),
    ]
    gone = plain.changes_since(known)
    assert list(other.with_changes(gone).items()) == [Item(sku="cup")]
    assert list(plain.with_changes(gone).items()) == []


@pytest.mark.parametrize(
    ("before", "after", "here", "left"),
    [
        ([supply(5)], [supply(3)], [supply(4)], [supply(2)]),
        ([supply(5)], [supply(3)], [supply(2)], []),
        ([supply(5)], [], [supply(9)], [supply(4)]),
        ([supply(3)], [supply(5)], [], [supply(2)]),
        ([], [supply(5)], [supply(2)], [supply(7)]),
        ([], [supply(5)], [], [supply(5)]),
        ([supply(5)], [supply(5, location="oslo")], [supply(4)], [supply(4, location="oslo")]),
        ([supply(5)], [supply(5, order_id="A")], [supply(4)], [supply(4, order_id="A")]),
        ([supply(5)], [supply(5, expected_at=NOW)], [supply(4)], [supply(4, expected_at=NOW)]),
        ([supply(5)], [supply(3)], [supply(5, expected_at=NOW)], [supply(3, expected_at=NOW)]),
        ([supply(5)], [supply(5, expected_at=NOW)], [], []),
        (
            [supply(5), supply(1, id="PO-2")],
            [supply(1, id="PO-2", expected_at=NOW)],
            [supply(5), supply(1, id="PO-2"), supply(2, sku="cup", id="PO-3")],
            [supply(2, sku="cup", id="PO-3"), supply(1, id="PO-2", expected_at=NOW)],
        ),
    ],
)
def test_a_supply_changes_by_so_many(
    before: list[Supply], after: list[Supply], here: list[Supply], left: list[Supply]
) -> None:
    """A supply is to bring as many more or fewer as it was there; one that is to bring nothing is
    gone. What else changed about it changes, and what did not stays as it is here.
    """
    changes = stock_of(*after).changes_since(stock_of(*before))
    assert list(stock_of(*here).with_changes(changes).supplies()) == left


def test_no_supply_or_safety_stock_falls_below_nothing() -> None:
    """What would leave fewer than none is refused, with the numbers."""
    changes = stock_of(supply(1)).changes_since(stock_of(supply(5)))
    for here, there in (((supply(3),), 3), ((), 0)):
        assert refusal(stock_of(*here).with_changes, changes) == (
            f"cannot take 4 of 'mug' off supply 'PO-1': {there} are expected"
        )
    less = Changes(on_hand=[StockChange(sku="mug", location="berlin", safety=-2)])
    assert refusal(mugs(berlin=5).with_changes, less) == (
        "cannot take 2 off the safety stock of 'mug' at 'berlin': it is 0"
    )


# -- Applied if there is enough --------------------------------------------------------------------


def test_two_who_reserve_the_last_unit() -> None:
    """Two runs on one snapshot give out the same unit. Told the time, the second one's changes are
    refused; not told, they are recorded, and the location is overdrawn.
    """
    snapshot = mugs(berlin=2)
    first, second = run(order("A", 2), stock=snapshot), run(order("B", 1), stock=snapshot)
    taken = snapshot.with_changes(first.changes, now=NOW)
    assert taken == first.inventory
    assert refusal(taken.with_changes, second.changes, now=NOW) == (
        "order 'B', line '1': cannot reserve 1 of 'mug' at 'berlin': 0 are available"
    )
    [overdraft] = taken.with_changes(second.changes).overdrawn()
    assert overdraft.missing == 1


@pytest.mark.parametrize(
    ("added", "removed", "more", "is_enough"),
    [
        ([reserved("B", quantity=2)], [], 0, True),
        ([reserved("B", quantity=3)], [], 0, False),
        ([reserved("B", quantity=3)], [], 1, True),
        ([reserved("B"), reserved("C", quantity=2)], [], 0, False),
        ([reserved("A", quantity=3)], [reserved("A", quantity=1)], 0, True),
        ([reserved("A", quantity=4)], [reserved("A", quantity=1)], 0, False),
        ([reserved("B", quantity=9, expires_at=NOW)], [], 0, True),
        ([reserved("B", quantity=4)], [reserved("Z", quantity=5, expires_at=NOW)], 0, False),
    ],
)
def test_what_is_reserved_must_be_there(
    added: list[Reservation], removed: list[Reservation], more: int, is_enough: bool
) -> None:
    """By now, units that the changes reserve beyond what they give up are on hand, safety stock and
    the reservations of others apart; units that come with the same changes count, and what has
    expired does not.
    """
    stock = Inventory(
        [Stock(sku="mug", location="berlin", on_hand=5, safety=2)],
        reservations=[reserved("A"), reserved("Z", quantity=5, expires_at=NOW)],
    )
    receipt = [StockChange(sku="mug", location="berlin", quantity=more)] if more else []
    changes = Changes(on_hand=receipt, reservations_added=added, reservations_removed=removed)
    if is_enough:
        assert stock.with_changes(changes, now=NOW) == stock.with_changes(changes)
    else:
        with pytest.raises(StockError):
            stock.with_changes(changes, now=NOW)


def test_an_overdrawn_place_gives_nothing_and_may_be_relieved() -> None:
    """Where too much is reserved already nothing more is, and nobody minds if it gets less."""
    stock = mugs(berlin=1).with_reserved(reserved("A", quantity=3))
    more = Changes(reservations_added=[reserved("B")])
    assert refusal(stock.with_changes, more, now=NOW) == (
        "order 'B', line '1': cannot reserve 1 of 'mug' at 'berlin': 0 are available"
    )
    less = stock.with_released("A", "1", 1).changes_since(stock)
    assert stock.with_changes(less, now=NOW).reserved("mug") == 2


def test_what_is_given_up_counts_for_what_is_reserved() -> None:
    """Units that pass from one order to another need not be free: only those beyond must be."""
    stock = mugs(berlin=3).with_reserved(reserved("A", quantity=3))
    for units, is_enough in ((3, True), (4, False)):
        passed_on = Changes(
            reservations_added=[reserved("B", quantity=units)],
            reservations_removed=[reserved("A", quantity=3)],
        )
        if is_enough:
            assert stock.with_changes(passed_on, now=NOW).reserved("mug") == units
        else:
            assert refusal(stock.with_changes, passed_on, now=NOW) == (
                "order 'B', line '1': cannot reserve 1 of 'mug' at 'berlin': 0 are available"
            )


def test_what_else_an_order_has_stays_reserved() -> None:
    """A change that takes back one of an order's reservations leaves its others as they are."""
    mug, cup = reserved("A-1", "1"), reserved("A-1", "2", sku="cup", made_at=NOW)
    stock = Inventory.of({("mug", "berlin"): 3, ("cup", "berlin"): 3}).with_reserved(mug, cup)
    change = Changes(reservations_removed=[mug])
    assert stock.with_changes(change).reservations_of("A-1") == (cup,)


def test_reservations_of_one_place_count_together() -> None:
    """Each has to be there beside the others: the last unit is not reserved for two."""
    stock = mugs(berlin=2)
    two = stock.with_reserved(reserved("A-1"), reserved("A-2")).changes_since(stock)
    assert stock.with_changes(two, now=NOW).available("mug") == 0
    with pytest.raises(StockError, match="1 is available"):
        mugs(berlin=1).with_changes(two, now=NOW)
