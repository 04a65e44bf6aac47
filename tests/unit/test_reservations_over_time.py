"""Reservations over time: made of what is available, renewed, moved, shipped; and overdrawn."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import attrs
import pytest
from builders import ADA, NOW, mugs, order, pool_of, refusal, reserved, run
from effort import FEWER
from hypothesis import given
from hypothesis import strategies as st

from fulfill_core import (
    Inventory,
    Item,
    Location,
    Lot,
    Order,
    Reservation,
    Ship,
    Stock,
    StockError,
    Supply,
    reject,
)
from fulfill_core.inventory import Overdraft
from fulfill_core.inventory.stock import undescribed
from fulfill_core.testing import Batch, batches
from fulfill_core.verifiers import reachable

MINUTE = timedelta(minutes=1)
SOON, LATER = NOW + 30 * MINUTE, NOW + 60 * MINUTE
NAIVE = datetime(2026, 3, 2)  # noqa: DTZ001 - what is refused


def cart(quantity: int = 1, **changes: Any) -> Reservation:
    """What a cart holds for half an hour from now."""
    content: dict[str, Any] = {"made_at": NOW, "expires_at": SOON, **changes}
    return reserved("cart-9", quantity=quantity, **content)


def hold(stock: Inventory, quantity: int, **changes: Any) -> Inventory:
    """The stock, with mugs in the cart for half an hour from now."""
    options: dict[str, Any] = {"now": NOW, "expires_at": SOON, **changes}
    return stock.with_available_reserved("cart-9", "1", "mug", quantity, **options)


# -- Made of what is available ---------------------------------------------------------------------


def test_a_cart_takes_what_is_available_in_rank_order() -> None:
    """Units come from the first location, then from the next what is missing there; they are
    reserved from now until the cart ends.
    """
    stock = Inventory(
        [Stock(sku="mug", location=place, on_hand=2, safety=int(place == "a")) for place in "abc"],
        locations=[Location(id="c", rank=-1), Location(id="a", rank=0)],
        reservations=[reserved("A", location="b")],
    )
    held = hold(stock, 4)
    assert held.reservations_of("cart-9") == tuple(
        cart(units, location=place) for place, units in (("c", 2), ("a", 1), ("b", 1))
    )
    assert held.available("mug") == 0


def test_a_cart_that_asks_for_too_much_takes_nothing() -> None:
    """All of it or none, with the numbers; the inventory is as it was."""
    stock = mugs(berlin=2, paris=1)
    assert refusal(hold, stock, 4) == (
        "order 'cart-9', line '1': cannot reserve 4 of 'mug': 3 are available"
    )
    assert refusal(hold, stock, 2, location="paris") == (
        "order 'cart-9', line '1': cannot reserve 2 of 'mug': 1 is available at 'paris'"
    )
    assert refusal(hold, stock, 1, location="oslo").endswith("0 are available at 'oslo'")
    assert hold(stock, 1, location="paris").reserved("mug", "paris") == 1
    assert stock == mugs(berlin=2, paris=1)


def test_two_lines_of_one_sku_draw_on_one_pool() -> None:
    """Two lines of 3 on a stock of 5 never hold 6."""
    once = hold(mugs(berlin=5), 3)
    message = refusal(once.with_available_reserved, "cart-9", "2", "mug", 3, now=NOW)
    assert message.endswith("line '2': cannot reserve 3 of 'mug': 2 are available")


def test_what_is_overdrawn_gives_nothing() -> None:
    """A location below zero has nothing, and takes nothing from the others."""
    held = hold(mugs(berlin=-7, paris=3), 3)
    assert held.reservations_of("cart-9") == (cart(3, location="paris"),)


def test_what_has_expired_is_free_again() -> None:
    """Units of a reservation that has expired by now can be reserved, from that instant on."""
    stock = mugs(berlin=2).with_reserved(reserved("A", quantity=2, expires_at=NOW))
    assert refusal(hold, stock, 1, now=NOW - MINUTE).endswith("0 are available")
    assert hold(stock, 2, now=NOW).available("mug", now=NOW) == 0


def test_a_line_drops_what_it_held_until_it_expired() -> None:
    """When a cart comes back, what its line held and lost is dropped: it would only be in the way
    of a renewal. Other lines and other carts keep theirs, and so does what has not expired.
    """
    old = cart(2, expires_at=NOW)
    others = [cart(line_id="2", expires_at=NOW), cart(expires_at=None), reserved("B")]
    stock = mugs(berlin=9).with_reserved(old, *others)
    held = hold(stock, 3)
    assert Counter(held.reservations()) == Counter([*others, cart(3)])
    assert held.with_renewed("cart-9", now=NOW, expires_at=LATER, line_id="1").reserved("mug") == 6


def test_an_item_without_stock_needs_none() -> None:
    """A service or a download can be in any cart: nothing is reserved for it."""
    stock = Inventory(items=[Item(sku="mug", tracked=False)])
    assert hold(stock, 99) is stock
    assert stock.with_reserved_quantity("cart-9", "1", "mug", 99, now=NOW) is stock


@FEWER
@given(
    on_hand=st.lists(st.integers(-2, 5), min_size=1, max_size=4),
    taken=st.lists(st.integers(1, 4), max_size=3),
    quantity=st.integers(1, 12),
)
def test_the_check_is_the_reservation(on_hand: list[int], taken: list[int], quantity: int) -> None:
    """A cart gets its units exactly when as many are available, and then so many fewer are; and a
    run gets for the same demand exactly as many.
    """
    stock = mugs(**{f"place-{number}": units for number, units in enumerate(on_hand)})
    for number, units in enumerate(taken):
        if units <= stock.available("mug", now=NOW - MINUTE):
            end = SOON if number % 2 else NOW
            stock = stock.with_available_reserved(
                f"other-{number}", "1", "mug", units, now=NOW - MINUTE, expires_at=end
            )
    before = stock.available("mug", now=NOW)
    allocated = sum(made.quantity for made in run(order("A", quantity), stock=stock).reservations)
    assert allocated == min(quantity, before)
    if quantity > before:
        with pytest.raises(StockError):
            hold(stock, quantity)
    else:
        held = hold(stock, quantity)
        assert held.available("mug", now=NOW) == before - quantity
        assert held.without_reservations_of("cart-9") == stock


# -- A changed quantity ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("quantity", "held"),
    [
        (5, [cart(2), cart(1, location="paris"), cart(2, location="paris", expires_at=LATER)]),
        (3, [cart(2), cart(1, location="paris")]),
        (2, [cart(2)]),
        (1, [cart(1)]),
        (0, []),
    ],
)
def test_a_changed_quantity_moves_only_the_difference(
    quantity: int, held: list[Reservation]
) -> None:
    """More units come new, with an end of their own; fewer are given up from the lowest-ranked
    location first. Twice is once, and the units of others are not touched.
    """
    stock = hold(mugs(berlin=2, paris=9), 3).with_reserved(reserved("B"), cart(line_id="2"))
    options: dict[str, Any] = {"now": NOW, "expires_at": LATER}
    changed = stock.with_reserved_quantity("cart-9", "1", "mug", quantity, **options)
    assert Counter(changed.reservations()) == Counter([*held, reserved("B"), cart(line_id="2")])
    assert changed.with_reserved_quantity("cart-9", "1", "mug", quantity, **options) is changed


def test_a_quantity_counts_what_is_meant() -> None:
    """Units of another SKU or, if it is named, of another location do not count, and stay; what has
    expired does not count either.
    """
    stock = mugs(berlin=9, paris=9).with_received("cup", "berlin", 9)
    held = stock.with_reserved(
        cart(2), cart(2, location="paris"), cart(2, sku="cup"), cart(2, expires_at=NOW)
    )
    changed = held.with_reserved_quantity("cart-9", "1", "mug", 3, now=NOW, location="paris")
    assert (changed.reserved("mug", "paris", now=NOW), changed.reserved("cup")) == (3, 2)
    assert changed.reserved("mug", "berlin", now=NOW) == 2
    left = held.with_reserved_quantity("cart-9", "1", "mug", 1, now=NOW, location="berlin")
    assert [left.reserved("mug", at, now=NOW) for at in ("berlin", "paris")] == [1, 2]
    fewer = held.with_reserved_quantity("cart-9", "1", "mug", 1, now=NOW)
    assert (fewer.reserved("mug", now=NOW), fewer.reserved("cup")) == (1, 2)


def test_a_quantity_that_is_not_there_changes_nothing() -> None:
    """If what is missing is not available, the line keeps what it holds."""
    stock = hold(mugs(berlin=4), 3)
    assert refusal(stock.with_reserved_quantity, "cart-9", "1", "mug", 5, now=NOW) == (
        "order 'cart-9', line '1': cannot reserve 2 of 'mug': 1 is available"
    )


# -- Renewed ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("end", [LATER, None])
def test_a_renewal_moves_the_end(end: datetime | None) -> None:
    """All that the cart holds ends later, or not at all; nothing else about it changes."""
    others = [reserved("B", expires_at=SOON)]
    stock = mugs(berlin=5).with_reserved(cart(), cart(line_id="2"), cart(2, line_id="3"), *others)
    renewed = stock.with_renewed("cart-9", now=NOW, expires_at=end)
    mine = [cart(expires_at=end), cart(line_id="2", expires_at=end)]
    assert Counter(renewed.reservations()) == Counter(
        [*mine, cart(2, line_id="3", expires_at=end), *others]
    )
    assert renewed.available("mug", now=SOON) == 1
    assert stock.available("mug", now=SOON) == 5


def test_a_renewal_can_be_of_one_line() -> None:
    """The other lines keep their end, although they were reserved together."""
    stock = mugs(berlin=5).with_reserved(cart(), cart(line_id="2"), cart(2))
    renewed = stock.with_renewed("cart-9", now=NOW, expires_at=LATER, line_id="1")
    assert Counter(renewed.reservations()) == Counter(
        [cart(expires_at=LATER), cart(line_id="2"), cart(2, expires_at=LATER)]
    )


def test_what_has_expired_cannot_be_renewed() -> None:
    """From its end on it is too late: its units may be promised to others. Then nothing of the cart
    is renewed, but another line of it can be.
    """
    stock = mugs(berlin=5).with_reserved(cart(2), cart(line_id="2", expires_at=LATER))
    assert refusal(stock.with_renewed, "cart-9", now=SOON, expires_at=LATER) == (
        "order 'cart-9', line '1': cannot renew 2 of 'mug' at 'berlin': they expired at"
        " 2026-03-02T12:30:00+00:00"
    )
    before = SOON - timedelta(microseconds=1)
    assert stock.with_renewed("cart-9", now=before, expires_at=LATER).reserved("mug") == 3
    other = stock.with_renewed("cart-9", now=SOON, expires_at=None, line_id="2")
    assert other.reserved("mug", now=LATER) == 1


def test_what_is_not_reserved_cannot_be_renewed() -> None:
    """A cart that holds nothing is told so: it must not believe that it holds something."""
    stock = mugs(berlin=5).with_reserved(cart())
    options: dict[str, Any] = {"now": NOW, "expires_at": LATER}
    assert refusal(stock.with_renewed, "cart-8", **options) == (
        "order 'cart-8': cannot renew: nothing is reserved"
    )
    assert refusal(stock.with_renewed, "cart-9", line_id="2", **options) == (
        "order 'cart-9', line '2': cannot renew: nothing is reserved"
    )


# -- Released by the time --------------------------------------------------------------------------


def test_what_has_expired_is_not_released_in_place_of_what_counts() -> None:
    """Told the time, a release gives up units that count; not told, all count."""
    stock = mugs(berlin=5, paris=5).with_reserved(cart(2), reserved("cart-9", location="paris"))
    left = stock.with_released("cart-9", "1", 1, now=NOW)
    assert left.reserved("mug", now=SOON) == 0
    stock = mugs(berlin=5, paris=5).with_reserved(reserved(), cart(2, location="paris"))
    mixed = stock.with_reserved(reserved("cart-9"))
    assert mixed.with_released("cart-9", "1", 1, now=SOON).reserved("mug", now=SOON) == 1
    assert mixed.with_released("cart-9", "1", 1).reserved("mug", now=SOON) == 2
    assert refusal(mixed.with_released, "cart-9", "1", 2, now=SOON).endswith("1 is reserved")


def test_a_line_that_holds_two_skus_is_asked_which() -> None:
    """An order that was changed may hold units of another SKU for the same line: which are meant is
    not guessed.
    """
    stock = mugs(berlin=5).with_received("cup", "berlin", 5)
    stock = stock.with_reserved(reserved(quantity=2), reserved(sku="cup", quantity=2))
    assert refusal(stock.with_released, "A-1", "1", 1) == (
        "order 'A-1', line '1': cannot release 1 of ['cup', 'mug'], which are all reserved; name"
        " one of them"
    )
    assert refusal(stock.with_shipped, "A-1", "1", 1, location="berlin") == (
        "order 'A-1', line '1': cannot ship 1 of ['cup', 'mug'], which are all reserved at"
        " 'berlin'; name one of them"
    )
    left = stock.with_released("A-1", "1", 1, sku="mug")
    assert (left.reserved("mug"), left.reserved("cup")) == (1, 2)
    shipped = stock.with_shipped("A-1", "1", 2, location="berlin", sku="cup")
    assert (shipped.on_hand("cup"), shipped.on_hand("mug"), shipped.reserved("cup")) == (3, 5, 0)
    assert refusal(stock.with_released, "A-1", "1", 3, sku="mug", location="berlin") == (
        "order 'A-1', line '1': cannot release 3 of 'mug': 2 are reserved at 'berlin'"
    )


# -- Carried elsewhere -----------------------------------------------------------------------------


def test_a_transfer_moves_free_units() -> None:
    """Units are there that were here, as many in all as before; also where there never was one."""
    stock = mugs(berlin=5, paris=1).with_reserved(reserved(quantity=2))
    moved = stock.with_transferred("mug", 3, source="berlin", target="paris")
    assert (pool_of(moved, "mug"), moved.on_hand("mug")) == ({"paris": 4}, 6)
    new = stock.with_transferred("mug", 1, source="berlin", target="oslo")
    assert (new.on_hand("mug", "berlin"), new.on_hand("mug", "oslo")) == (4, 1)
    assert list(new.locations())[1] == undescribed("oslo")


def test_a_transfer_leaves_what_is_not_free() -> None:
    """Reserved units and safety stock stay where they are; what has expired by now is free."""
    stock = Inventory(
        [Stock(sku="mug", location="berlin", on_hand=9, safety=2)],
        reservations=[reserved(quantity=3), cart(2)],
    )
    move = stock.with_transferred
    route = {"source": "berlin", "target": "paris"}
    assert refusal(move, "mug", 3, **route, now=NOW) == (
        "cannot transfer 3 of 'mug' from 'berlin': 2 are available"
    )
    assert move("mug", 2, **route).available("mug", "berlin") == 0
    assert move("mug", 4, **route, now=SOON).available("mug", "berlin", now=SOON) == 0
    assert refusal(move, "mug", 5, **route, now=SOON).endswith("4 are available")
    assert refusal(move, "cup", 1, **route).endswith("0 are available")


def test_reserved_units_move_with_their_reservation() -> None:
    """On hand and reserved go together, so what is available stays as it was at both places; whose
    the units are, and until when, stays too. Twice is refused the second time.
    """
    stock = mugs(berlin=2, paris=1).with_received("mug", "berlin", 3, lot="L1")
    stock = stock.with_reserved(cart(3, lot="L1"), reserved())
    moved = stock.with_reservation_moved("cart-9", "1", 2, source="berlin", target="paris")
    assert Counter(moved.reservations()) == Counter(
        [cart(1, lot="L1"), cart(2, lot="L1", location="paris"), reserved()]
    )
    assert [moved.on_hand("mug", place) for place in ("berlin", "paris")] == [3, 3]
    assert pool_of(moved, "mug", NOW) == pool_of(stock, "mug", NOW)
    assert pool_of(moved, "mug", SOON) == {"berlin": 2, "paris": 3}
    assert refusal(
        moved.with_reservation_moved, "cart-9", "1", 2, source="berlin", target="paris"
    ) == ("order 'cart-9', line '1': cannot move 2 of 'mug': 1 is reserved at 'berlin'")


def test_units_that_are_not_there_do_not_move() -> None:
    """A location that is overdrawn has reservations without units: they can't be brought away. Nor
    can, by now, what has expired.
    """
    stock = mugs(berlin=2).with_reserved(cart(3))
    route = {"source": "berlin", "target": "paris"}
    assert refusal(stock.with_reservation_moved, "cart-9", "1", 3, **route) == (
        "order 'cart-9', line '1': cannot move 3 of 'mug' at 'berlin': 2 are there"
    )
    moved = stock.with_reservation_moved("cart-9", "1", 2, **route, sku="mug")
    assert [row.missing for row in moved.overdrawn()] == [1]
    assert pool_of(moved, "mug") == {}
    assert refusal(stock.with_reservation_moved, "cart-9", "1", 1, **route, now=SOON) == (
        "order 'cart-9', line '1': cannot move 1: nothing is reserved at 'berlin'"
    )


# -- Shipped from elsewhere ------------------------------------------------------------------------


def test_units_can_leave_from_elsewhere_in_one_step() -> None:
    """Units leave from where they were picked, and those that were reserved are free again: nobody
    else's reservation is touched.
    """
    stock = mugs(berlin=3, paris=4).with_reserved(
        reserved(quantity=3), reserved("B", location="paris", quantity=2)
    )
    shipped = stock.with_shipped("A-1", "1", 2, location="paris", reserved_at="berlin")
    assert shipped.reservations_of("A-1") == (reserved(),)
    assert pool_of(shipped, "mug") == {"berlin": 2}
    assert [shipped.on_hand("mug", place) for place in ("berlin", "paris")] == [3, 2]
    assert shipped.overdrawn() == ()


def test_units_that_are_promised_to_others_do_not_leave() -> None:
    """If so many are not available where they are to leave from, it is refused."""
    stock = mugs(berlin=3, paris=4).with_reserved(
        reserved(quantity=3), cart(3, location="paris"), reserved(location="paris")
    )
    ship: dict[str, Any] = {"location": "paris", "reserved_at": "berlin"}
    assert refusal(stock.with_shipped, "A-1", "1", 1, **ship) == (
        "order 'A-1', line '1': cannot ship 1 of 'mug' that are reserved at 'berlin': 0 are"
        " available at 'paris'"
    )
    assert stock.with_shipped("A-1", "1", 3, **ship, now=SOON).on_hand("mug", "paris") == 1
    assert refusal(stock.with_shipped, "A-1", "1", 1, location="paris", reserved_at="oslo") == (
        "order 'A-1', line '1': cannot ship 1: nothing is reserved at 'oslo'"
    )


def test_shipping_from_where_it_is_reserved_asks_nobody() -> None:
    """The same location may be named as well: reserved units leave, even if it is overdrawn; but no
    unit leaves that is not there, with lots or without.
    """
    stock = mugs(berlin=2).with_reserved(reserved(quantity=2), reserved("B"))
    shipped = stock.with_shipped("A-1", "1", 2, location="berlin", reserved_at="berlin")
    assert shipped == stock.with_shipped("A-1", "1", 2, location="berlin")
    assert (shipped.on_hand("mug"), shipped.reserved("mug")) == (0, 1)
    assert refusal(shipped.with_shipped, "B", "1", 1, location="berlin") == (
        "order 'B', line '1': cannot ship 1 of 'mug' at 'berlin': 0 are there"
    )


# -- What is refused -------------------------------------------------------------------------------

CALLS: list[tuple[Callable[[Inventory], object], str]] = [
    (lambda stock: hold(stock, 0), "quantity: 0 is below 1; pass 1 or more"),
    (
        lambda stock: hold(stock, 1, now=NAIVE),
        "now: datetime.datetime(2026, 3, 2, 0, 0) is naive; pass",
    ),
    (
        lambda stock: hold(stock, 1, expires_at=NAIVE),
        "expires_at: datetime.datetime(2026, 3, 2, 0, 0) is naive; pass",
    ),
    (
        lambda stock: hold(stock, 1, expires_at=NOW),
        (
            "expires_at: datetime.datetime(2026, 3, 2, 12, 0, tzinfo=datetime.timezone.utc) is not"
            " after now; pass a later time"
        ),
    ),
    (lambda stock: hold(stock, 1, location=""), "location: '' is empty; pass at least"),
    (
        lambda stock: stock.with_available_reserved("", "1", "mug", 1, now=NOW),
        "order_id: '' is empty; pass at least",
    ),
    (
        lambda stock: stock.with_available_reserved("A", 1, "mug", 1, now=NOW),
        "line_id: 1 is not an id; pass",
    ),
    (
        lambda stock: stock.with_available_reserved("A", "1", None, 1, now=NOW),
        "sku: None is not an id; pass",
    ),
    (
        lambda stock: stock.with_reserved_quantity("A", "1", "mug", -1, now=NOW),
        "quantity: -1 is below 0; pass 0 or more",
    ),
    (
        lambda stock: stock.with_reserved_quantity("A", "1", "", 0, now=NOW),
        "sku: '' is empty; pass at least",
    ),
    (
        lambda stock: stock.with_reserved_quantity("A", "1", "mug", 0, now=NAIVE),
        "now: datetime.datetime(2026, 3, 2, 0, 0) is naive; pass",
    ),
    (
        lambda stock: stock.with_renewed("A-1", now=NOW, expires_at=NOW),
        "expires_at: datetime.datetime(2026, 3, 2, 12, 0, tzinfo=datetime.timezone.utc) is not",
    ),
    (
        lambda stock: stock.with_renewed("A-1", now=NAIVE, expires_at=None),
        "now: datetime.datetime(2026, 3, 2, 0, 0) is naive; pass",
    ),
    (
        lambda stock: stock.with_released("A-1", "1", 1, now=NAIVE),
        "now: datetime.datetime(2026, 3, 2, 0, 0) is naive; pass",
    ),
    (
        lambda stock: stock.with_transferred("mug", 1.0, source="berlin", target="paris"),
        "quantity: 1.0 is not an int; pass",
    ),
    (
        lambda stock: stock.with_transferred("mug", 1, source="berlin", target="berlin"),
        "target: 'berlin' is the source; pass another location",
    ),
    (
        lambda stock: stock.with_transferred("mug", 1, source=None, target="berlin"),
        "source: None is not an id; pass",
    ),
    (
        lambda stock: stock.with_transferred("mug", 1, source="berlin", target="x", now=NAIVE),
        "now: datetime.datetime(2026, 3, 2, 0, 0) is naive; pass",
    ),
    (
        lambda stock: stock.with_reservation_moved("A-1", "1", 1, source="berlin", target=""),
        "target: '' is empty; pass at least",
    ),
    (
        lambda stock: stock.with_shipped("A-1", "1", 1, location=None),
        "location: None is not an id; pass",
    ),
    (
        lambda stock: stock.with_shipped("A-1", "1", 0, location="berlin"),
        "quantity: 0 is below 1; pass",
    ),
    (lambda stock: stock.overdrawn("mug"), "skus: 'mug' is not a collection of words; pass"),
    (lambda stock: stock.overdrawn([1]), "skus: 1 is not text; pass a str"),
    (
        lambda stock: stock.overdrawn(now=NAIVE),
        "now: datetime.datetime(2026, 3, 2, 0, 0) is naive; pass",
    ),
]


@pytest.mark.parametrize(("call", "message"), CALLS)
def test_what_makes_no_sense_is_refused(call: Callable[[Inventory], object], message: str) -> None:
    """A quantity of nothing, an end that is past, a naive time, an empty id: each is named."""
    stock = mugs(berlin=5).with_reserved(reserved(quantity=2))
    assert refusal(call, stock).startswith(message)


# -- What is reserved and not there ----------------------------------------------------------------


def test_where_more_is_reserved_than_there_is() -> None:
    """Told by SKU and in rank order, with the numbers; nothing moves by itself."""
    stock = Inventory(
        [
            Stock(sku="mug", location="berlin", on_hand=5, safety=4),
            Stock(sku="mug", location="paris", on_hand=5),
            Stock(sku="cup", location="berlin", on_hand=-2),
            Stock(sku="pot", location="berlin", on_hand=5),
        ],
        locations=[Location(id="paris", rank=-1)],
        reservations=[reserved(quantity=5), reserved(location="paris", quantity=3)],
    )
    counted = stock.with_counted("mug", "berlin", 4).with_counted("mug", "paris", 1)
    rows = (
        Overdraft(sku="cup", location="berlin", on_hand=-2, reserved=0),
        Overdraft(sku="mug", location="paris", on_hand=1, reserved=3),
        Overdraft(sku="mug", location="berlin", on_hand=4, reserved=5),
    )
    assert counted.overdrawn() == rows
    assert [row.missing for row in rows] == [2, 2, 1]
    assert counted.overdrawn(["mug", "pot", "unknown", "mug"]) == rows[1:]
    assert counted.overdrawn([]) == ()
    assert stock.overdrawn(["mug"]) == ()


def test_what_has_expired_is_missed_by_nobody() -> None:
    """A reservation that has expired by now makes no location overdrawn."""
    stock = mugs(berlin=2).with_reserved(cart(2), reserved())
    assert [row.missing for row in stock.overdrawn()] == [1]
    assert [row.missing for row in stock.overdrawn(["mug"], now=NOW)] == [1]
    assert stock.overdrawn(now=SOON) == stock.overdrawn(["mug"], now=SOON) == ()


def served(order_id: str, quantity: int, **changes: Any) -> Order:
    """An order; those of a lower id are served first."""
    return order(order_id, quantity, placed_at=NOW + ord(order_id[0]) * MINUTE, **changes)


def test_what_was_reserved_last_is_at_risk_first() -> None:
    """Of an overdrawn location as many units are named as are missing: of the reservations that
    were made last, then of the higher order id, whatever the ranks are; the reservations stay.
    """
    orders = [served("C", 2), served("A", 2), served("B", 2)]
    stock = mugs(berlin=9).with_reserved(
        reserved("A", quantity=2, made_at=NOW),
        reserved("B", quantity=2, made_at=NOW),
        reserved("C", quantity=2, made_at=NOW - MINUTE),
    )
    result = run(*orders, stock=stock.with_counted("mug", "berlin", 3))
    assert result.at_risk == (
        reserved("A", quantity=1, made_at=NOW),
        reserved("B", quantity=2, made_at=NOW),
    )
    assert result.inventory.reserved("mug") == 6
    assert run(*orders, stock=mugs(berlin=9)).at_risk == ()


def test_those_outside_the_queue_are_at_risk_like_others() -> None:
    """Whether an order is served, held, rejected or not due yet is nothing to its reservations."""
    orders = [
        served("A", 1),
        served("B", 1, ship_after=LATER),
        served("C", 1, customer=attrs.evolve(ADA, email="")),
        served("D", 1),
    ]
    held = [reserved(each.id) for each in orders]
    stock = mugs(berlin=9).with_reserved(*held).with_counted("mug", "berlin", 1)

    def rejects_d(subject: Order, /, *, context: Any) -> Any:
        return [reject("test.rejected", field="id", detail="...")] if subject.id == "D" else ()

    result = run(*orders, stock=stock, verifiers=[rejects_d, reachable])
    assert [each.order_id for each in result.at_risk] == ["B", "C", "D"]
    assert [str(made.outcome) for made in result.decisions] == [
        "allocated",
        "scheduled",
        "held",
        "rejected",
    ]


def test_only_what_counts_and_is_theirs_is_at_risk() -> None:
    """What has expired is not named, nor what strangers hold, although they may be those who go
    without; each location counts for itself.
    """
    stock = mugs(berlin=5, paris=5).with_reserved(
        reserved("A", quantity=2),
        reserved("A", quantity=3, location="paris"),
        reserved("A", quantity=9, expires_at=NOW),
        reserved("Z", quantity=9),
    )
    result = run(order("A", 5), stock=stock.with_counted("mug", "berlin", 1))
    assert result.at_risk == (reserved("A", quantity=1),)


def test_an_orders_last_line_is_at_risk_first() -> None:
    """Within an order it is the last line, by id, that goes without first."""
    subject = order("A", 1, 2, ship=Ship.LINES)
    stock = mugs(berlin=5).with_reserved(reserved("A"), reserved("A", "2", 2))
    result = run(subject, stock=stock.with_counted("mug", "berlin", 1))
    assert result.at_risk == (reserved("A", "2", 2),)


def test_what_is_missing_of_a_lot_is_missing_where_it_lies() -> None:
    """Who has units of the lot goes without, and nobody beside them for the same units."""
    stock = Inventory(
        stock=[
            Stock(sku="mug", location="berlin", on_hand=5, lots=[Lot(id="L-1", quantity=3)]),
        ],
        reservations=[
            reserved("A", quantity=2, lot="L-1"),
            reserved("B", quantity=1, lot="L-1"),
            reserved("C", quantity=2),
        ],
    )
    counted = stock.with_counted("mug", "berlin", 1, lot="L-1")
    result = run(served("A", 2), served("B", 1), served("C", 2), stock=counted)
    assert result.at_risk == (
        reserved("A", quantity=1, lot="L-1"),
        reserved("B", quantity=1, lot="L-1"),
    )


def test_who_goes_without_can_be_served_from_elsewhere() -> None:
    """Releasing what is at risk and running again: the units come from where there are some."""
    orders = [served("A", 2), served("B", 2)]
    stock = run(*orders, stock=mugs(berlin=4, paris=2)).inventory.with_counted("mug", "berlin", 2)
    result = run(*orders, stock=stock)
    released = result.inventory
    for held in result.at_risk:
        released = released.with_released(
            held.order_id, held.line_id, held.quantity, location=held.location, sku=held.sku
        )
    again = run(*orders, stock=released)
    assert again.inventory.overdrawn() == again.at_risk == ()
    assert again.reservations == (reserved("B", quantity=2, location="paris", made_at=NOW),)


@FEWER
@given(batches())
def test_at_risk_is_what_nobody_can_ship(batch: Batch) -> None:
    """Unit by unit, those who came first take what is there, of the lot that they have: whoever is
    left with nothing is at risk, and so is who has a lot that ended or is locked up.
    """
    result = run(*batch.orders, stock=batch.inventory, now=batch.now, facts=batch.facts)
    due = {each.id: each.order.ship_after or batch.now for each in result.decisions}
    lots = {
        (row.sku, row.location, lot.id): lot for row in result.before.stock() for lot in row.lots
    }
    units = Counter({(row.sku, row.location): row.on_hand for row in result.before.stock()})
    units_of_lots = Counter({key: lot.quantity for key, lot in lots.items()})
    expected: Counter[tuple[str, ...]] = Counter()
    active = [
        row
        for row in result.before.reservations()
        if row.expires_at is None or row.expires_at > batch.now
    ]
    # Those with a lot take theirs; what is over goes to those without one.
    for row in sorted(active, key=lambda row: (not row.lot, _age(row))):
        key = row.sku, row.location, row.lot
        has = min(row.quantity, max(0, units_of_lots[key] if row.lot else units[key[:2]]))
        units[key[:2]] -= has
        units_of_lots[key] -= has
        lot = lots.get(key)
        ends = lot is not None and (
            lot.quarantined
            or (
                lot.expires_at is not None
                and lot.expires_at <= max(batch.now, due.get(row.order_id, batch.now))
            )
        )
        missing = row.quantity if ends else row.quantity - has
        if missing and row.order_id in due:
            expected[row.order_id, row.line_id, *key] += missing
    named: Counter[tuple[str, ...]] = Counter()
    for row in result.at_risk:
        named[row.order_id, row.line_id, row.sku, row.location, row.lot] += row.quantity
    assert named == expected


def _age(row: Reservation) -> tuple[Any, ...]:
    made_at = row.made_at or datetime.min.replace(tzinfo=UTC)
    return made_at, row.order_id, row.line_id, row.sku, row.location, row.lot, row.quantity


def test_a_refusal_leaves_supplies_alone() -> None:
    """What is to come cannot be reserved, and stays to come."""
    coming = Supply(id="PO-1", sku="mug", quantity=9, expected_at=NOW)
    stock = Inventory([Stock(sku="mug", location="berlin", on_hand=1)], [coming])
    assert refusal(hold, stock, 2).endswith("1 is available")
    assert hold(stock, 1).supplies_of("mug") == (coming,)
