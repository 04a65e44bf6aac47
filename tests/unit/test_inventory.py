"""The stock at one moment: what is available, and what a change leaves."""

from __future__ import annotations

import copy
import pickle
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import attrs
import pytest
from builders import NOW, mugs, pool_of, refusal, reserved
from hypothesis import given
from hypothesis import strategies as st

from fulfill_core import Inventory, Item, Location, Reservation, Stock, StockError, Supply
from fulfill_core.inventory.inventory import state_of
from fulfill_core.inventory.state import expiries_of
from fulfill_core.inventory.stock import undescribed

LATER = NOW + timedelta(hours=1)


def supply(supply_id: str, days: int = 1, sku: str = "mug") -> Supply:
    """One unit that comes some days from now."""
    return Supply(id=supply_id, sku=sku, quantity=1, expected_at=NOW + timedelta(days=days))


# -- What is available ----------------------------------------------------------------------------


def test_available_is_what_is_on_hand_neither_reserved_nor_safety() -> None:
    """Available = on hand - reserved - safety, at each location and over all."""
    stock = Inventory(
        [
            Stock(sku="mug", location="berlin", on_hand=10, safety=2),
            Stock(sku="mug", location="paris", on_hand=4),
        ],
        reservations=[reserved(quantity=3)],
    )
    assert [stock.available("mug", place) for place in ("berlin", "paris", None)] == [5, 4, 9]
    assert [stock.on_hand("mug", place) for place in ("berlin", "paris", None)] == [10, 4, 14]
    assert [stock.reserved("mug", place) for place in ("berlin", "paris", None)] == [3, 0, 3]


def test_a_negative_location_eats_nobodys_stock() -> None:
    """Each location counts for itself: what one is overdrawn by is there at the others."""
    stock = mugs(berlin=-7, paris=3)
    assert [stock.available("mug", place) for place in ("berlin", "paris", None)] == [0, 3, 3]


def test_safety_stock_is_kept_back_at_its_own_location() -> None:
    """A location below its safety stock has nothing, and takes nothing from the others."""
    stock = Inventory(
        [
            Stock(sku="mug", location="berlin", on_hand=1, safety=5),
            Stock(sku="mug", location="paris", on_hand=3, safety=1),
        ]
    )
    assert (stock.available("mug"), pool_of(stock, "mug")) == (2, {"paris": 2})


def test_what_is_unknown_is_not_there() -> None:
    """An unknown SKU or location has nothing: that is no error."""
    stock = mugs(berlin=3)
    assert (
        stock.available("cup"),
        stock.available("mug", "oslo"),
        stock.on_hand("cup"),
        stock.on_hand("mug", "oslo"),
        stock.reserved("cup"),
        pool_of(stock, "cup"),
        stock.is_known("cup"),
    ) == (0, 0, 0, 0, 0, {}, False)


def test_skus_in_two_cases_are_two_skus() -> None:
    """The stock of "mug" is no stock of "Mug"."""
    stock = Inventory.of({("mug", "berlin"): 1, ("Mug", "berlin"): 2})
    assert (stock.available("mug"), stock.available("Mug"), stock.available("MUG")) == (1, 2, 0)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (None, (2, 3)),
        (LATER - timedelta(microseconds=1), (2, 3)),
        (LATER, (4, 1)),
        (LATER + timedelta(days=999), (4, 1)),
    ],
)
def test_a_reservation_counts_until_it_expires(
    now: datetime | None, expected: tuple[int, int]
) -> None:
    """A reservation counts before its expiry and not from that instant on, judged by now; without
    a now, all count.
    """
    stock = Inventory(
        [Stock(sku="mug", location="berlin", on_hand=5)],
        reservations=[reserved("A", quantity=2, expires_at=LATER), reserved("B")],
    )
    assert (stock.available("mug", now=now), stock.reserved("mug", now=now)) == expected


def test_a_pool_is_in_rank_order() -> None:
    """Locations are offered by rank, then id; those with nothing are left out."""
    stock = Inventory(
        [
            Stock(sku="mug", location=place, on_hand=units)
            for place, units in zip("abcd", (1, 2, 0, 4), strict=True)
        ],
        locations=[Location(id="d", rank=-1), Location(id="b"), Location(id="a", rank=1)],
    )
    assert list(pool_of(stock, "mug").items()) == [("d", 4), ("b", 2), ("a", 1)]


def test_known_is_what_stock_items_or_supplies_name() -> None:
    """A SKU is known by any of its rows, even with nothing on hand."""
    stock = Inventory(
        [Stock(sku="a", location="x", on_hand=0)], [supply("PO", sku="b")], [Item(sku="c")]
    )
    assert [stock.is_known(sku) for sku in "abcd"] == [True, True, True, False]


def test_an_item_that_is_not_described_is_tracked_and_not_backorderable() -> None:
    """Only what the host says may be sold beyond the stock."""
    assert Inventory(items=[Item(sku="cup", backorderable=True)]).item("mug") == Item(
        sku="mug", tracked=True, backorderable=False
    )


def test_all_that_was_put_in_can_be_walked() -> None:
    """Rows, supplies, items, locations and reservations come out in a fixed sequence."""
    rows = [
        Stock(sku="mug", location="berlin", on_hand=1),
        Stock(sku="cup", location="x", on_hand=2, safety=1),
    ]
    supplies = [supply("PO-2", 2), supply("PO-1", 1), supply("PO-3", 3, "cup")]
    items = [Item(sku="mug"), Item(sku="cup")]
    places = [Location(id="x", rank=1, name="X"), Location(id="berlin", rank=0)]
    held = [reserved("B"), reserved("A", quantity=2)]
    stock = Inventory(rows, supplies, items, places, held)
    assert list(stock.stock()) == [rows[1], rows[0]]
    assert list(stock.supplies()) == [supplies[2], supplies[1], supplies[0]]
    assert stock.supplies_of("mug") == (supplies[1], supplies[0])
    assert list(stock.items()) == [items[1], items[0]]
    assert list(stock.locations()) == [places[1], places[0]]
    assert stock.location("x").name == "X"
    assert list(stock.reservations()) == [held[1], held[0]]
    assert stock.reservations_of("A") == (held[1],)
    assert expiries_of(state_of(stock), "mug") == ()
    assert repr(stock) == "<Inventory of 2 SKUs, with reservations of 2 orders>"


# -- What is refused ------------------------------------------------------------------------------

MUG = Stock(sku="mug", location="berlin", on_hand=5)
REFUSED: list[tuple[dict[str, Any], str]] = [
    (
        {"stock": [MUG, Stock(sku="mug", location="berlin", on_hand=7)]},
        (
            "Inventory.stock[1]: Stock(sku='mug', location='berlin', on_hand=7, safety=0,"
            " lots=()) is a second row for its SKU and location; add them up"
        ),
    ),
    ({"stock": [MUG, "cup"]}, "Inventory.stock[1]: 'cup' is not of type Stock; pass one"),
    (
        {"stock": None},
        "Inventory.stock: None is not a collection of Stock; pass [] if there is none",
    ),
    (
        {"supplies": [supply("PO"), supply("PO", 2)]},
        "Inventory.supplies[1]: 'PO' was given before; each supply comes once",
    ),
    ({"supplies": [3]}, "Inventory.supplies[0]: 3 is not of type Supply; pass one"),
    (
        {"items": [Item(sku="mug"), Item(sku="mug", tracked=False)]},
        "Inventory.items[1]: 'mug' was given before; each SKU comes once",
    ),
    ({"items": [3]}, "Inventory.items[0]: 3 is not of type Item; pass one"),
    (
        {"locations": [Location(id="x"), Location(id="x", rank=1)]},
        "Inventory.locations[1]: 'x' was given before; each location comes once",
    ),
    ({"locations": [3]}, "Inventory.locations[0]: 3 is not of type Location; pass one"),
    (
        {"stock": [MUG], "reservations": [reserved(), reserved(location="oslo")]},
        (
            "Inventory.reservations[1]: Reservation(order_id='A-1', line_id='1', sku='mug',"
            " location='oslo', quantity=1, made_at=None, expires_at=None, lot='') is for a SKU and"
            " location without a stock row; add one, with on_hand=0 if nothing is there"
        ),
    ),
    ({"reservations": [3]}, "Inventory.reservations[0]: 3 is not of type Reservation; pass one"),
]


@pytest.mark.parametrize(("content", "message"), REFUSED, ids=[each for _, each in REFUSED])
def test_what_contradicts_itself_is_refused(content: dict[str, Any], message: str) -> None:
    """A wrong member or a repeated one is named by its position."""
    assert refusal(Inventory, **content) == message


CHANGES: list[tuple[Callable[[Inventory], object], str]] = [
    (
        lambda stock: stock.with_received("mug", "berlin", 0),
        "quantity: 0 is below 1; pass 1 or more",
    ),
    (
        lambda stock: stock.with_received("mug", "berlin", 1.5),
        "quantity: 1.5 is not an int; pass a whole number",
    ),
    (
        lambda stock: stock.with_received("", "berlin", 1),
        "sku: '' is empty; pass at least one visible character",
    ),
    (
        lambda stock: stock.with_counted("mug", "", 1),
        "location: '' is empty; pass at least one visible character",
    ),
    (
        lambda stock: stock.with_counted("mug", "berlin", -1),
        "on_hand: -1 is below 0; pass 0 or more",
    ),
    (
        lambda stock: stock.with_reserved(reserved(location="oslo")),
        (
            "reservations[0]: Reservation(order_id='A-1', line_id='1', sku='mug', location='oslo',"
            " quantity=1, made_at=None, expires_at=None, lot='') is for a SKU and location without"
            " a stock row; receive or count it first"
        ),
    ),
    (
        lambda stock: stock.with_reserved("A-1"),
        "reservations[0]: 'A-1' is not of type Reservation; pass one",
    ),
    (
        lambda stock: stock.with_released("A-1", "1", 0),
        "quantity: 0 is below 1; pass 1 or more",
    ),
    (
        lambda stock: stock.with_released("A-1", "1", 3),
        "order 'A-1', line '1': cannot release 3 of 'mug': 2 are reserved",
    ),
    (
        lambda stock: stock.with_released("A-1", "2", 1),
        "order 'A-1', line '2': cannot release 1: nothing is reserved",
    ),
    (
        lambda stock: stock.with_released("A-1", "1", 1, location="paris"),
        "order 'A-1', line '1': cannot release 1: nothing is reserved at 'paris'",
    ),
    (
        lambda stock: stock.with_shipped("A-1", "1", 3, location="berlin"),
        "order 'A-1', line '1': cannot ship 3 of 'mug': 2 are reserved at 'berlin'",
    ),
    (
        lambda stock: stock.with_shipped("A-1", "1", 1, location="paris"),
        "order 'A-1', line '1': cannot ship 1: nothing is reserved at 'paris'",
    ),
    (
        lambda stock: stock.with_shipped("A-9", "1", 1, location="berlin"),
        "order 'A-9', line '1': cannot ship 1: nothing is reserved at 'berlin'",
    ),
]


@pytest.mark.parametrize(("change", "message"), CHANGES, ids=[each for _, each in CHANGES])
def test_a_change_that_cannot_be_is_refused(
    change: Callable[[Inventory], object], message: str
) -> None:
    """What was never reserved is neither released nor shipped, from anywhere; the message has the
    numbers.
    """
    stock = mugs(berlin=5, paris=5).with_reserved(reserved(quantity=2))
    assert refusal(change, stock) == message


# -- Changes --------------------------------------------------------------------------------------


def test_a_receipt_adds_to_what_is_on_hand() -> None:
    """What came in is on hand and available; what is reserved stays."""
    stock = mugs(berlin=2).with_reserved(reserved()).with_received("mug", "berlin", 3)
    assert (stock.on_hand("mug"), stock.reserved("mug"), stock.available("mug")) == (5, 1, 4)


def test_a_receipt_may_be_the_first_of_its_sku_and_location() -> None:
    """A SKU or a location that nobody named before is known afterwards, the location last."""
    stock = Inventory(locations=[Location(id="paris", rank=1)]).with_received("cup", "oslo", 2)
    assert stock.available("cup", "oslo") == 2
    assert list(stock.locations()) == [Location(id="paris", rank=1), undescribed("oslo")]


def test_a_receipt_of_a_supply_uses_it_up() -> None:
    """A supply that has come in part brings so many less; one that has come whole is gone, even if
    it brought more than it should.
    """
    coming = Supply(id="PO-1", sku="mug", quantity=5, expected_at=NOW)
    stock = Inventory([MUG], [coming, supply("PO-2")])
    part = stock.with_received("mug", "berlin", 2, supply_id="PO-1")
    assert part.supplies_of("mug") == (attrs.evolve(coming, quantity=3), supply("PO-2"))
    assert part.on_hand("mug") == 7
    whole = part.with_received("mug", "berlin", 4, supply_id="PO-1")
    assert whole.supplies_of("mug") == (supply("PO-2"),)
    assert whole.with_received("mug", "berlin", 1, supply_id="PO-2").supplies_of("mug") == ()
    assert stock.supplies_of("mug") == (coming, supply("PO-2"))


@pytest.mark.parametrize(
    ("supplies", "known"),
    [([], "none"), ([supply("PO-2"), supply("PO-3"), supply("PO-9", sku="cup")], "PO-2, PO-3")],
)
def test_a_receipt_of_an_unknown_supply_is_refused(supplies: list[Supply], known: str) -> None:
    """A receipt names a supply of its own SKU, or none."""
    stock = Inventory([MUG], supplies)
    assert (
        refusal(stock.with_received, "mug", "berlin", 1, supply_id="PO-9")
        == f"supply_id: 'PO-9' is no supply of 'mug'; these are: {known}"
    )


def test_a_count_replaces_what_is_on_hand() -> None:
    """A count is what is there, whatever was reserved, and keeps the safety stock."""
    stock = Inventory([Stock(sku="mug", location="berlin", on_hand=9, safety=1)])
    counted = stock.with_reserved(reserved(quantity=3)).with_counted("mug", "berlin", 2)
    assert (counted.on_hand("mug"), counted.reserved("mug"), counted.available("mug")) == (2, 3, 0)
    assert counted.with_counted("mug", "berlin", 5).available("mug") == 1


def test_a_change_keeps_the_rank_order() -> None:
    """A receipt at a location of low rank does not put it first."""
    places = [Location(id="a", rank=1), Location(id="b")]
    stock = Inventory([Stock(sku="mug", location="b", on_hand=1)], locations=places)
    assert list(pool_of(stock.with_received("mug", "a", 1), "mug")) == ["b", "a"]


def test_a_change_makes_another_inventory() -> None:
    """The inventory before a change is as it was."""
    stock = mugs(berlin=5)
    held = stock.with_reserved(reserved(quantity=2))
    held.with_shipped("A-1", "1", 2, location="berlin")
    stock.with_received("mug", "berlin", 7)
    assert (stock.available("mug"), held.available("mug"), held.on_hand("mug")) == (5, 3, 5)


def test_reserving_asks_for_no_permission() -> None:
    """A reservation of the host's is recorded even if there is not enough: nothing is available."""
    stock = mugs(berlin=1).with_reserved(reserved(quantity=3))
    assert (stock.reserved("mug"), stock.available("mug")) == (3, 0)


def test_reserving_nothing_changes_nothing() -> None:
    """Without reservations the inventory is the same."""
    stock = mugs(berlin=1)
    assert stock.with_reserved() == stock


def test_reservations_of_one_kind_add_up() -> None:
    """Two reservations that are alike are two."""
    stock = mugs(berlin=5).with_reserved(reserved(), reserved()).with_reserved(reserved())
    assert (stock.reservations_of("A-1"), stock.reserved("mug")) == ((reserved(),) * 3, 3)


def test_releasing_an_order_twice_is_once() -> None:
    """Releasing all of an order frees its units and nobody else's; again changes nothing."""
    stock = mugs(berlin=5).with_reserved(reserved("A"), reserved("B", quantity=2))
    once = stock.without_reservations_of("A")
    assert (once.reserved("mug"), once.reservations_of("A")) == (2, ())
    assert once.without_reservations_of("A") is once


def test_taking_reservations_back_twice_is_once() -> None:
    """Reservations can be taken back one by one; those that are not held do nothing."""
    one, two, other = reserved("A"), reserved("A", quantity=2), reserved("B")
    stock = mugs(berlin=5)
    held = stock.with_reserved(one, two, other)
    assert held.without_reservations([one, other]) == stock.with_reserved(two)
    assert held.without_reservations([one, one, reserved("C")]) == stock.with_reserved(two, other)
    assert held.without_reservations([one]).without_reservations([one]) == stock.with_reserved(
        two, other
    )
    assert held.without_reservations([one, two, other]) == stock


def test_a_release_gives_up_the_lowest_ranked_location_first() -> None:
    """Of units at several places those of the last location go first, then the one before."""
    stock = mugs(berlin=5, paris=5, rome=5).with_reserved(
        reserved(quantity=2, location="paris"),
        reserved(quantity=2, location="berlin"),
        reserved(quantity=2, location="rome", expires_at=LATER),
    )
    left = stock.with_released("A-1", "1", 3)
    assert [left.reserved("mug", place) for place in ("berlin", "paris", "rome")] == [2, 1, 0]
    assert expiries_of(state_of(left), "mug") == ()


def test_a_release_can_name_the_location() -> None:
    """Only the units of the named location are given up, and only those of the line."""
    stock = mugs(berlin=5, paris=5).with_reserved(
        reserved(quantity=2),
        reserved(quantity=2, location="paris"),
        reserved(line_id="2", quantity=2),
    )
    left = stock.with_released("A-1", "1", 1, location="berlin")
    assert left.reservations_of("A-1") == (
        reserved(),
        reserved(quantity=2, location="paris"),
        reserved(line_id="2", quantity=2),
    )


def test_shipping_takes_what_was_reserved() -> None:
    """On hand and reserved go down together: what is available stays as it was."""
    stock = mugs(berlin=5).with_reserved(reserved(quantity=3))
    shipped = stock.with_shipped("A-1", "1", 2, location="berlin")
    assert (shipped.on_hand("mug"), shipped.reserved("mug"), shipped.available("mug")) == (3, 1, 2)


def test_an_expiring_reservation_is_kept_track_of() -> None:
    """When reservations expire is known until the last of them is gone."""
    stock = mugs(berlin=5).with_reserved(
        reserved("A", expires_at=LATER), reserved("B", expires_at=LATER), reserved("C")
    )
    assert expiries_of(state_of(stock), "mug") == (LATER,)
    assert expiries_of(state_of(stock.without_reservations_of("A")), "mug") == (LATER,)
    assert (
        expiries_of(
            state_of(stock.without_reservations_of("A").without_reservations_of("B")), "mug"
        )
        == ()
    )


# -- Value ----------------------------------------------------------------------------------------


def test_inventories_of_the_same_content_are_equal() -> None:
    """How the content was arrived at, and in which batches it is held, does not matter."""
    one, two = reserved("A"), reserved("A", line_id="2")
    built = Inventory([MUG], reservations=[one, two])
    grown = Inventory([MUG]).with_reserved(two).with_reserved(one)
    assert (built, hash(built)) == (grown, hash(grown))
    assert len({built, grown}) == 1


@pytest.mark.parametrize(
    "other",
    [
        Inventory([MUG], reservations=[reserved("B")]),
        Inventory([MUG], reservations=[reserved("A", expires_at=LATER)]),
        Inventory(
            [Stock(sku="mug", location="berlin", on_hand=5, safety=1)], reservations=[reserved("A")]
        ),
        Inventory([MUG], [supply("PO")], reservations=[reserved("A")]),
        Inventory([MUG], items=[Item(sku="mug")], reservations=[reserved("A")]),
        Inventory([MUG], locations=[Location(id="x")], reservations=[reserved("A")]),
        "an inventory",
    ],
)
def test_inventories_of_other_content_differ(other: object) -> None:
    """Any part makes a difference."""
    assert Inventory([MUG], reservations=[reserved("A")]) != other


def test_an_inventory_travels() -> None:
    """Pickled or copied, an inventory is what it was."""
    stock = Inventory([MUG], [supply("PO")], [Item(sku="mug")], reservations=[reserved()])
    changed = stock.with_received("mug", "oslo", 1)
    assert pickle.loads(pickle.dumps(changed)) == changed  # noqa: S301 - our own
    assert copy.deepcopy(changed) == changed


def test_errors_about_stock_say_whose() -> None:
    """A refused release names the order and the line as attributes too."""
    with pytest.raises(StockError) as caught:
        mugs(berlin=1).with_released("A", "1", 1)
    assert (caught.value.order_id, caught.value.line_id) == ("A", "1")


# -- Reserved is the sum of the reservations -------------------------------------------------------

SKUS, PLACES, ORDERS = ("mug", "cup"), ("berlin", "paris"), ("A", "B")
RESERVATIONS = st.builds(
    Reservation,
    order_id=st.sampled_from(ORDERS),
    line_id=st.sampled_from("12"),
    sku=st.sampled_from(SKUS),
    location=st.sampled_from(PLACES),
    quantity=st.integers(1, 4),
    expires_at=st.sampled_from([None, NOW, LATER]),
)
STEPS = st.one_of(
    st.tuples(
        st.just("with_received"), st.sampled_from(SKUS), st.sampled_from(PLACES), st.integers(1, 5)
    ),
    st.tuples(
        st.just("with_counted"), st.sampled_from(SKUS), st.sampled_from(PLACES), st.integers(0, 5)
    ),
    st.tuples(st.just("with_reserved"), RESERVATIONS),
    st.tuples(st.just("without_reservations_of"), st.sampled_from(ORDERS)),
    st.tuples(st.just("without_reservations"), st.lists(RESERVATIONS, max_size=3)),
    st.tuples(
        st.just("with_released"), st.sampled_from(ORDERS), st.sampled_from("12"), st.integers(1, 4)
    ),
    st.tuples(
        st.just("with_shipped"),
        st.sampled_from(ORDERS),
        st.sampled_from("12"),
        st.integers(1, 4),
        st.sampled_from(PLACES),
    ),
)


class Ledger:
    """The same inventory, kept as simply as one can: units by place, a list of reservations."""

    def __init__(self) -> None:
        self.on_hand = Counter({(sku, place): 3 for sku in SKUS for place in PLACES})
        self.held: list[Reservation] = []

    def with_received(self, sku: str, place: str, units: int) -> None:
        self.on_hand[sku, place] += units

    def with_counted(self, sku: str, place: str, units: int) -> None:
        self.on_hand[sku, place] = units

    def with_reserved(self, held: Reservation) -> None:
        self.held.append(held)

    def without_reservations_of(self, order_id: str) -> None:
        self.held = [held for held in self.held if held.order_id != order_id]

    def without_reservations(self, gone: list[Reservation]) -> None:
        for each in gone:
            if each in self.held:
                self.held.remove(each)

    def units(self, sku: str, place: str, now: datetime | None) -> int:
        return sum(
            held.quantity
            for held in self.held
            if (held.sku, held.location) == (sku, place)
            and (now is None or held.expires_at is None or now < held.expires_at)
        )


@given(st.lists(STEPS, max_size=25))
def test_reserved_is_the_sum_of_the_reservations(steps: list[tuple[Any, ...]]) -> None:
    """After any sequence of changes what is reserved is the sum of the reservations, expired ones
    apart, and all numbers are those of a plain ledger.
    """
    stock = Inventory.of({(sku, place): 3 for sku in SKUS for place in PLACES})
    ledger = Ledger()
    for name, *args in steps:
        if name in {"with_released", "with_shipped"}:
            order_id, line_id, units, *place = args
            before = list(stock.reservations_of(order_id))
            mine = [
                each
                for each in before
                if each.line_id == line_id and place in ([], [each.location])
            ]
            call = getattr(stock, name)
            at = {"location": place[0]} if place else {}
            is_one = len({each.sku for each in mine}) == 1  # of several, one has to be named
            if not is_one or sum(each.quantity for each in mine) < units:
                with pytest.raises(StockError):
                    call(order_id, line_id, units, **at)
                continue
            stock = call(order_id, line_id, units, **at)
            # Which of the line's units were taken is told by other tests; here: how many.
            after = list(stock.reservations_of(order_id))
            gone = Counter[tuple[str, str]]()
            for each, sign in [(held, 1) for held in before] + [(held, -1) for held in after]:
                gone[each.sku, each.location] += sign * each.quantity
            assert sum(gone.values()) == units
            ledger.without_reservations_of(order_id)
            ledger.held += after
            if place:
                ledger.on_hand.subtract(gone)
        else:
            stock = getattr(stock, name)(*args)
            getattr(ledger, name)(*args)
    for sku in SKUS:
        for place in PLACES:
            assert stock.on_hand(sku, place) == ledger.on_hand[sku, place]
            for now in (None, NOW - timedelta(hours=1), NOW, LATER):
                units = ledger.units(sku, place, now)
                assert stock.reserved(sku, place, now=now) == units
                assert stock.available(sku, place, now=now) == max(
                    0, ledger.on_hand[sku, place] - units
                )
    assert Counter(stock.reservations()) == Counter(ledger.held)
    rebuilt = Inventory(list(stock.stock()), reservations=list(stock.reservations()))
    assert rebuilt == stock
