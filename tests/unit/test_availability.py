"""What is available: to anybody, to one order, now; and when that changes by itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from builders import ADA, NOW, line, mugs, order, pool_of, refusal, reserved, run
from some_stock import (
    BOB,
    DAY,
    HOUR,
    VIP,
    asking_life,
    kit,
    lot,
    row,
    shelf_of,
    supply,
)

from fulfill_core import (
    Customer,
    Fence,
    Inventory,
    Item,
    Location,
    Lot,
    Order,
    Pack,
    Ship,
    lacking,
    offers,
)
from fulfill_core.inventory.capacity import limited_locations, next_day
from fulfill_core.inventory.inventory import state_of

TICK = timedelta.resolution
TEA = kit("tea-set", of={"pot": 1, "cup": 4})


def shown_and_given(stock: Inventory, subject: Order) -> tuple[dict[str, int], dict[str, int]]:
    """What the shop window says is lacking, and what a run with this order alone leaves lacking:
    components where the line asks for kits.
    """
    decision = run(subject, stock=stock)[subject.id]
    left_open: dict[str, int] = {}
    for asked in subject.lines:
        if not stock.is_tracked(asked.sku):
            continue
        for sku, each in stock.components_of(asked.sku) or ((asked.sku, 1),):
            has = sum(
                made.quantity
                for made in (*decision.allocations, *decision.reserved)
                if (made.line_id, made.sku) == (asked.id, sku)
            )
            left_open[sku] = left_open.get(sku, 0) + asked.units * each - has
    return lacking(subject, stock, now=NOW), {
        sku: units for sku, units in left_open.items() if units
    }


# -- Available -------------------------------------------------------------------------------------


def test_available_to_anybody_and_to_one_order() -> None:
    """A fence keeps units from anybody, and gives them to whom it is for."""
    stock = Inventory([row(9)], items=[Item(sku="mug", fences=[Fence(quantity=4, tiers=["vip"])])])
    assert stock.available("mug") == 5
    assert stock.available("mug", order=order()) == 5
    assert stock.available("mug", order=order(customer=VIP)) == 9
    assert stock.available("mug", "berlin") == 5
    assert stock.available("mug", "paris") == 0


def test_a_cap_counts_what_the_order_holds() -> None:
    """To an order that holds 2 of a cap of 3 one more is available; to another 3; what it holds no
    more since it expired does not count.
    """
    stock = Inventory([row(9)], items=[Item(sku="mug", customer_cap=3)])
    held = stock.with_reserved(reserved(quantity=1), reserved(quantity=1, expires_at=NOW))
    assert held.available("mug", order=order()) == 1
    assert held.available("mug", order=order(), now=NOW) == 2
    assert held.available("mug", order=order("A-2")) == 3
    assert held.available("mug") == 3


def test_fences_fall_and_lots_age_only_where_a_time_is_given() -> None:
    """Without a time nothing is judged by it."""
    stock = Inventory(
        [shelf_of(lot("old", 4, days=0), lot("new", 5, days=9))],
        items=[Item(sku="mug", fences=[Fence(quantity=3, tiers=["vip"], until=NOW)])],
    )
    assert stock.available("mug") == 6
    assert stock.available("mug", now=NOW - TICK) == 6
    assert stock.available("mug", now=NOW) == 5


def test_a_pool_is_of_whole_packs() -> None:
    """What a place has beyond its packs it cannot send."""
    stock = Inventory(
        [row(30, location="depot"), row(5, location="store"), row(11, location="x")],
        items=[
            Item(
                sku="mug",
                packs=[Pack(location="depot", multiple=12), Pack(location="x", minimum=12)],
            )
        ],
    )
    assert pool_of(stock, "mug") == {"depot": 24, "store": 5}
    assert stock.available("mug") == 29


def test_whole_kits_are_available() -> None:
    """At one place as many as can be made up there; over all places, components may come from
    anywhere.
    """
    stock = Inventory(
        [row(3, "pot"), row(7, "cup"), row(2, "pot", "paris"), row(9, "cup", "paris")],
        items=[TEA],
    )
    assert pool_of(stock, "tea-set") == {"berlin": 1, "paris": 2}
    assert stock.available("tea-set") == 4
    assert stock.available("tea-set", "berlin") == 1
    assert stock.available("tea-set", "oslo") == 0


def test_kits_are_divided_before_the_least_counts() -> None:
    """7 pots and 7 cups are one set of 4 cups, not 7."""
    stock = Inventory([row(7, "pot"), row(7, "cup")], items=[TEA])
    assert stock.available("tea-set") == 1


def test_kits_keep_the_rules_of_their_components() -> None:
    """Lots that are too old, fences and caps count for whoever asks for the kit."""
    stock = Inventory(
        [
            row(9, "pot"),
            row(10, "cup", lots=[lot("old", 4, days=1), lot("new", 6, days=40)]),
        ],
        items=[TEA, Item(sku="pot", fences=[Fence(quantity=8, tiers=["vip"])])],
    )
    assert stock.available("tea-set", now=NOW) == 1
    assert stock.available("tea-set", now=NOW, order=order(customer=VIP)) == 2
    picky = Customer(id="V", tier="vip", minimum_life=9 * DAY)
    assert stock.available("tea-set", now=NOW, order=order(customer=picky)) == 1


def test_a_place_without_capacity_has_nothing_today() -> None:
    """Judged by the time that is given; an order that has had its share is served on."""
    limited = Location(id="berlin", capacity=1)
    stock = Inventory([row(9), row(1, location="paris")], locations=[limited])
    full = stock.with_reserved(reserved(quantity=2, made_at=NOW))
    assert full.available("mug") == 8
    assert full.available("mug", now=NOW) == 1
    assert full.available("mug", now=NOW, order=order("A-1")) == 8
    assert full.available("mug", now=NOW, order=order("A-2")) == 1
    assert full.available("mug", now=NOW + DAY) == 8
    assert [full.capacity_left(place, NOW) for place in ("berlin", "paris")] == [0, None]
    assert [place.id for place in limited_locations(state_of(full))] == ["berlin"]


def test_who_asks_is_an_order_and_when_is_a_time() -> None:
    """Anything else is refused by name."""
    stock = mugs(berlin=1)
    assert refusal(stock.available, "mug", order="A-1") == (
        "order: 'A-1' is not of type Order; pass one"
    )
    assert refusal(stock.available, "mug", now=datetime(2026, 3, 2)).startswith(  # noqa: DTZ001
        "now: datetime.datetime(2026, 3, 2, 0, 0) is naive"
    )
    assert refusal(lacking, None, stock, now=NOW) == (
        "order: None is neither an Order nor an OrderRecord; pass one"
    )
    assert refusal(lacking, order(), stock, now=None).startswith("now: None is not a datetime")
    assert refusal(offers, order(), stock, now=NOW, at_most=0) == (
        "at_most: 0 is below 1; pass 1 or more"
    )


# -- The check is the run --------------------------------------------------------------------------

LIMITED = Inventory(
    [row(9), row(1, location="paris")], locations=[Location(id="berlin", capacity=0)]
)
CASES: list[tuple[Inventory, Order, dict[str, int]]] = [
    (mugs(berlin=5), order("A-1", 3, 3), {"mug": 1}),
    (mugs(a=-9, b=5), order("A-1", 5), {}),
    (mugs(berlin=5).with_reserved(reserved(quantity=5)), order("A-1", 5), {}),
    (
        mugs(berlin=5).with_reserved(reserved(quantity=5, expires_at=NOW)),
        order("A-1", 6),
        {"mug": 1},
    ),
    (LIMITED, order("A-1", 3), {"mug": 2}),
    (
        LIMITED.with_reserved(reserved(quantity=1, made_at=NOW)),
        order("A-1", 3),
        {},
    ),
    (
        Inventory([shelf_of(lot("a", 2, days=3), lot("b", 2, days=40))]),
        order("A-1", 4, customer=asking_life(30)),
        {"mug": 2},
    ),
    (
        Inventory([row(9)], items=[Item(sku="mug", fences=[Fence(quantity=4, channels=["web"])])]),
        order("A-1", 7),
        {"mug": 2},
    ),
    (
        Inventory(
            [row(9)], items=[Item(sku="mug", customer_cap=4)], reservations=[reserved(quantity=3)]
        ),
        order("A-1", 7),
        {"mug": 3},
    ),
    (
        Inventory(
            [row(40, location="depot"), row(3, location="store")],
            items=[Item(sku="mug", packs=[Pack(location="depot", multiple=12)])],
        ),
        order("A-1", 20, 20),
        {"mug": 1},
    ),
    (
        Inventory(
            [shelf_of(lot("a", 2)), row(8, location="paris")],
            items=[Item(sku="mug", customer_cap=6)],
            locations=[Location(id="paris", capacity=0)],
        ),
        order("A-1", 5),
        {"mug": 3},
    ),
    (
        Inventory([row(5, "pot"), row(11, "cup")], items=[TEA]),
        order(lines=[line("1", "tea-set", 2), line("2", "cup", 3)]),
        {},
    ),
    (
        Inventory(items=[Item(sku="wrap", tracked=False)]),
        order(lines=[line("1", "wrap", 2), line("2", "unheard-of", 3)]),
        {"unheard-of": 3},
    ),
]


@pytest.mark.parametrize(("stock", "subject", "shortage"), CASES)
def test_what_is_lacking_is_what_a_run_does_not_give(
    stock: Inventory, subject: Order, shortage: dict[str, int]
) -> None:
    """Check, display and allocation go by one rule, whatever the rules of the items."""
    shown, given = shown_and_given(stock, subject)
    assert shown == given == shortage


def test_components_are_lacking_one_by_one() -> None:
    """What a cart of kits lacks is told in components, each for itself."""
    stock = Inventory([row(1, "pot"), row(11, "cup")], items=[TEA])
    cart = order(lines=[line("1", "tea-set", 3)])
    assert lacking(cart, stock, now=NOW) == {"cup": 1, "pot": 2}


def test_nothing_is_lacking_exactly_when_a_complete_order_ships() -> None:
    """A shop that asks before the customer pays is not contradicted by the run."""
    stock = Inventory([row(2, "pot"), row(8, "cup")], items=[TEA])
    for kits in (2, 3):
        cart = order(lines=[line("1", "tea-set", kits)], ship=Ship.COMPLETE)
        covered = not run(cart, stock=stock)["A-1"].shorts
        assert (not lacking(cart, stock, now=NOW)) is covered is (kits == 2)


# -- When time alone changes something -------------------------------------------------------------


def wake(stock: Inventory, *orders: Order, now: datetime = NOW) -> datetime | None:
    """When to run again."""
    return run(*(orders or (order("A-1", 2),)), stock=stock, now=now).wake_at


@pytest.mark.parametrize(
    ("days", "life", "lead", "wakes"),
    [
        (5, 0, 0, 5 * DAY),
        (5, 0, 2, 3 * DAY),
        (5, 1, 2, 2 * DAY + TICK),
        (5, 5, 0, TICK),
        (None, 0, 0, None),
        (2, 3, 0, None),
    ],
)
def test_a_lot_becomes_too_old(
    days: int | None, life: int, lead: int, wakes: timedelta | None
) -> None:
    """At the instant from which on a delivery would be too late, to the microsecond."""
    stock = Inventory(
        [shelf_of(lot("a", 2, days=days))],
        items=[Item(sku="mug", minimum_life=life * DAY)],
        locations=[Location(id="berlin", lead_time=lead * DAY)],
    )
    instant = wake(stock)
    assert instant == (None if wakes is None else NOW + wakes)
    if instant is not None:
        assert stock.available("mug", now=instant - TICK) == 2
        assert stock.available("mug", now=instant) == 0


def test_a_lot_becomes_too_old_for_one_customer_and_later_for_all() -> None:
    """Both instants count: the second changes what safety stock leaves for the first customer."""
    stock = Inventory([shelf_of(lot("old", 2, days=10), lot("new", 5, days=90), safety=2)])
    picky = order("A-1", 9, customer=asking_life(7))
    first = NOW + 3 * DAY + TICK
    assert wake(stock, picky) == first
    assert wake(stock, picky, now=first) == NOW + 10 * DAY
    assert stock.available("mug", now=first, order=picky) == 5
    assert stock.available("mug", now=NOW + 10 * DAY, order=picky) == 3


def test_a_lot_that_expired_in_the_first_years_of_the_calendar() -> None:
    """Whatever is taken off such a date, no run breaks over it."""
    lots = [Lot(id="a", quantity=2, expires_at=datetime(2, 1, 1, tzinfo=UTC))]
    assert wake(Inventory([shelf_of(*lots)])) is None


def test_a_fence_falls() -> None:
    """Its release wakes who asks for its item; one that is kept until further notice nobody."""
    for until, wakes in ((NOW + HOUR, NOW + HOUR), (NOW, None), (None, None)):
        fence = Fence(quantity=1, channels=["web"], until=until)
        assert wake(Inventory([row(2)], items=[Item(sku="mug", fences=[fence])])) == wakes


def test_a_supply_becomes_overdue() -> None:
    """One moment after it was expected."""
    stock = Inventory([row(0)], [supply("PO-1", 2, 3)], [Item(sku="mug", backorderable=True)])
    assert wake(stock) == NOW + 3 * DAY + TICK


def test_components_wake_whoever_asks_for_the_kit() -> None:
    """A kit changes when its components do, and no other item's."""
    stock = Inventory(
        [row(2, "pot", lots=[lot("a", 2, days=4)]), row(9, "cup"), shelf_of(lot("b", 1, days=1))],
        items=[TEA],
    )
    assert wake(stock, order(lines=[line("1", "tea-set")])) == NOW + 4 * DAY


def test_the_next_day_of_a_place_that_is_full() -> None:
    """Midnight where the place is; a place that has capacity left wakes nobody."""
    east = timezone(timedelta(hours=9))
    stock = Inventory([row(9)], locations=[Location(id="berlin", capacity=2, timezone=east)])
    assert wake(stock) is None
    assert wake(stock, order("A-1", 1), order("A-2", 1)) == NOW + 3 * HOUR
    midnight = next_day(state_of(stock), "berlin", NOW)
    assert midnight == datetime(2026, 3, 3, tzinfo=east)


def test_days_at_the_end_of_the_calendar() -> None:
    """Where there is no next day, none is looked for, and no run breaks over it."""
    east = timezone(timedelta(hours=9))
    place = Location(id="berlin", capacity=1, timezone=east)
    last = datetime.max.replace(tzinfo=UTC)
    assert place.day_of(NOW) == NOW.date()
    assert place.day_of(NOW + 3 * HOUR) == (NOW + DAY).date()
    assert place.day_of(last) == last.date()
    assert next_day(state_of(Inventory([row(1)], locations=[place])), "berlin", last) == last


def test_each_customers_own_life_counts() -> None:
    """The order whose customer asks for more wakes first."""
    stock = Inventory([shelf_of(lot("a", 9, days=30))])
    orders = order("A-1", 1, customer=ADA), order("A-2", 1, customer=BOB)
    assert wake(stock, *orders) == NOW + 30 * DAY
    picky = order("A-3", 1, customer=asking_life(20))
    assert wake(stock, *orders, picky) == NOW + 10 * DAY + TICK


def test_kits_of_kits_are_counted_in_units() -> None:
    """Components of all levels are multiplied, and added up where they meet."""
    stock = Inventory(
        [row(100, "cup")],
        items=[
            kit("pair", of={"cup": 2}),
            kit("box", of={"pair": 3, "cup": 1}),
            kit("crate", of={"box": 2, "pair": 1}),
        ],
    )
    assert stock.components_of("crate") == (("cup", 16),)
    assert stock.available("crate") == 6
    assert stock.components_of("cup") == ()


def test_what_is_not_tracked_has_the_pool_of_its_rows() -> None:
    """An item of which no stock is kept is nowhere, unless a row says otherwise."""
    gift = Item(sku="wrap", tracked=False)
    assert pool_of(Inventory(items=[gift]), "wrap") == {}
    assert pool_of(Inventory([row(3, "wrap")], items=[gift]), "wrap") == {"berlin": 3}
