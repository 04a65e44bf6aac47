"""What lies on a shelf: lots and their life, packs, fences and caps, and how units are drawn."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from builders import NOW, line, order, pool_of, run
from hypothesis import given, settings
from hypothesis import strategies as st
from some_stock import DAY, VIP, asking_life, kit, lot, row, shelf_of

from fulfill_core import Fence, Inventory, Item, Location, LotOrder, Pack, Reservation
from fulfill_core.inventory import availability
from fulfill_core.inventory.inventory import state_of
from fulfill_core.inventory.item_rules import admits, delivered_at, in_lot_order, is_fit
from fulfill_core.inventory.shelves.bays import Bay
from fulfill_core.inventory.shelves.shelf import Shelf

NEVER = None
SOON = NOW + 3 * DAY
LATER = NOW + 90 * DAY


def bay(*lots: tuple[str, int, datetime | None], safety: int = 0, place: str = "berlin") -> Bay:
    """A place with these lots, as they leave; what is reserved of none is below zero."""
    total = sum(units for _, units, _ in lots) - safety
    return Bay(place, list(lots), safety, total, NOW)


def shelf(*bays: Bay, now: datetime | None = NOW, **rules: object) -> Shelf:
    """A shelf of mugs with these rules."""
    return Shelf(Item(sku="mug", **rules), bays, now)  # type: ignore[arg-type]


# -- Limits ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rules", "units", "may_be"),
    [
        ({"fences": [Fence(quantity=2, tiers=["vip"])]}, 3, False),
        ({"fences": [Fence(quantity=2, tiers=["vip"])]}, 4, True),
        ({"fences": [Fence(quantity=1, tiers=["vip"]), Fence(quantity=1, tags=["x"])]}, 4, True),
        ({"fences": [Fence(quantity=2, tiers=["vip"], until=NOW)]}, 5, False),
        ({"fences": [Fence(quantity=1, tiers=["vip"], location="berlin")]}, 1, True),
        ({"customer_cap": 9}, 1, True),
    ],
)
def test_what_surely_limits_nobody(rules: dict[str, object], units: int, may_be: bool) -> None:
    """Of five units those beyond all fences are anybody's; a cap depends on the customer."""
    assert shelf(bay(("L", 5, NEVER)), **rules).is_limited_to_less(units) is may_be


# -- Life ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expires_at", "life", "fit"),
    [
        (None, 9 * DAY, True),
        (NOW, 0 * DAY, False),
        (NOW - DAY, 0 * DAY, False),
        (NOW + timedelta.resolution, 0 * DAY, True),
        (NOW + 2 * DAY, 2 * DAY, True),
        (NOW + 2 * DAY - timedelta.resolution, 2 * DAY, False),
    ],
)
def test_a_lot_lives_long_enough_at_delivery(
    expires_at: datetime | None, life: timedelta, fit: bool
) -> None:
    """A lot may be used until it expires, and has to have the life left that is asked for; one
    without a date does not expire.
    """
    assert is_fit(expires_at, delivery=NOW, life=life) is fit


def test_without_a_time_no_lot_is_too_old() -> None:
    """Who does not say when is not told what is too old."""
    assert is_fit(NOW - DAY, delivery=None, life=DAY)


def test_a_delivery_beyond_the_calendar_is_at_its_end() -> None:
    """A lead time that leads off the calendar is no error."""
    assert delivered_at(NOW, 2 * DAY) == NOW + 2 * DAY
    late = datetime(9998, 12, 31, tzinfo=UTC)
    assert delivered_at(late, 36_525 * DAY) == datetime.max.replace(tzinfo=UTC)


def test_life_is_judged_at_the_delivery_not_at_the_dispatch() -> None:
    """A lot that expires on the way is not there for anybody, however fresh it leaves."""
    near = Location(id="berlin", lead_time=2 * DAY)
    far = Location(id="paris", lead_time=3 * DAY)
    stock = Inventory(
        [shelf_of(lot("L", 4, days=3)), shelf_of(lot("L", 5, days=3), location="paris")],
        locations=[near, far],
    )
    assert pool_of(stock, "mug", NOW) == {"berlin": 4}
    assert pool_of(stock, "mug") == {"berlin": 4, "paris": 5}


@pytest.mark.parametrize(("days", "pool"), [(0, 7), (3, 7), (4, 5), (90, 5), (91, 0)])
def test_a_customer_may_ask_for_more_life(days: int, pool: int) -> None:
    """What is too old for one customer is good for another."""
    stock = Inventory([shelf_of(lot("old", 2, days=3), lot("new", 5, days=90))])
    picky = order(customer=asking_life(days))
    assert pool_of(stock, "mug", NOW, picky).get("berlin", 0) == pool
    assert pool_of(stock, "mug", NOW) == {"berlin": 7}


def test_the_longer_life_of_item_and_customer_counts() -> None:
    """A customer who asks for less than the item gets what everybody gets."""
    stock = Inventory(
        [shelf_of(lot("old", 2, days=3), lot("new", 5, days=90))],
        items=[Item(sku="mug", minimum_life=10 * DAY)],
    )
    assert pool_of(stock, "mug", NOW, order(customer=asking_life(2))) == {"berlin": 5}
    assert pool_of(stock, "mug", NOW) == {"berlin": 5}


def test_a_day_that_is_there_asks_for_no_more_life() -> None:
    """What was not to leave before an instant that is over leaves as any other."""
    stock = Inventory([shelf_of(lot("old", 2, days=3), lot("new", 5, days=90))])
    for day, pool in ((NOW - DAY, 7), (NOW, 7), (NOW + 4 * DAY, 5)):
        assert pool_of(stock, "mug", NOW, order(ship_after=day)) == {"berlin": pool}


# -- Sequence --------------------------------------------------------------------------------------

LOTS = [
    ("a", 1, SOON, NOW - DAY),
    ("b", 1, LATER, NOW - 5 * DAY),
    ("c", 1, None, NOW - 3 * DAY),
    ("d", 1, SOON, None),
    ("e", 1, None, None),
    ("f", 1, SOON, NOW - DAY),
]


@pytest.mark.parametrize(
    ("rule", "sequence"),
    [(LotOrder.FEFO, "afdbce"), (LotOrder.FIFO, "bcafde"), (LotOrder.LIFO, "afcbde")],
)
def test_the_sequence_of_lots(rule: LotOrder, sequence: str) -> None:
    """First expired, first received or last received leaves first; what has no such date is last;
    ties go by the other date, then by id.
    """
    assert "".join(name for name, _, _ in in_lot_order(LOTS, rule)) == sequence
    assert "".join(name for name, _, _ in in_lot_order(LOTS[::-1], rule)) == sequence


def test_a_lot_far_in_the_past_sorts_as_well() -> None:
    """Dates before any epoch are dates."""
    old = datetime(2, 1, 1, tzinfo=UTC)
    lots = [("new", 1, NOW, NOW), ("old", 1, old, old)]
    assert [name for name, _, _ in in_lot_order(lots, LotOrder.FEFO)] == ["old", "new"]
    assert [name for name, _, _ in in_lot_order(lots, LotOrder.LIFO)] == ["new", "old"]


# -- What may be had -------------------------------------------------------------------------------


def test_safety_stock_is_taken_off_what_all_may_have() -> None:
    """Safety stock is kept of all units together, and a reservation of no lot counts against
    those that have one.
    """
    assert bay(("a", 5, SOON), ("", 2, NEVER), safety=3).usable() == 4
    assert bay(("a", 5, SOON), ("", -2, NEVER), safety=1).usable() == 2
    assert bay(("a", 5, SOON), ("b", -2, NEVER)).usable() == 3
    assert bay(("a", 1, SOON), ("", -2, NEVER)).usable() == 0


def test_units_that_will_be_free_can_be_counted_in() -> None:
    """What others hold counts as if it were there: of the lots that somebody may have."""
    some = bay(("a", 5, SOON), ("", 0, NEVER))
    extra = {("berlin", "a"): 2, ("berlin", "gone"): 9, ("paris", "a"): 9}
    assert some.usable(as_free=extra) == 7
    assert some.usable(90 * DAY, extra) == 0
    assert shelf(some).pool(None, extra) == {"berlin": 7}
    assert shelf(bay()).pool(None, extra) == {}


def test_lots_are_drawn_in_their_sequence() -> None:
    """The first lot gives all it has before the next gives anything."""
    some = shelf(bay(("a", 2, SOON), ("b", 0, SOON), ("c", 4, LATER), ("", 3, NEVER)))
    assert some.draw("berlin", 5) == [("a", 2), ("c", 3)]
    assert some.usable("berlin") == 4
    assert some.draw("berlin", 4) == [("c", 1), ("", 3)]
    assert some.usable("berlin") == 0


def test_a_picky_customer_leaves_the_old_lots_to_others() -> None:
    """Lots that are too old for the order are passed over, not used up."""
    some = shelf(bay(("a", 2, SOON), ("c", 4, LATER)))
    picky = order(customer=asking_life(30))
    assert some.usable("berlin", picky) == 4
    assert some.draw("berlin", 3, picky) == [("c", 3)]
    assert (some.usable("berlin", picky), some.usable("berlin")) == (1, 3)


def test_a_place_that_is_not_on_the_shelf_has_nothing() -> None:
    """A location without a row of the SKU gives nothing."""
    assert shelf(bay(("", 2, NEVER))).usable("paris") == 0


# -- Packs -----------------------------------------------------------------------------------------


def test_only_whole_packs_leave() -> None:
    """What is over is left there: 30 of a multiple of 12 are 24; under the minimum nothing."""
    some = shelf(packs=[Pack(location="depot", multiple=12, minimum=24)])
    assert [some.leaving("depot", units) for units in (11, 23, 24, 30, 36)] == [0, 0, 24, 24, 36]
    assert (some.leaving("store", 11), some.has_packs, shelf().has_packs) == (11, True, False)


@pytest.mark.parametrize(
    ("units", "offers", "given"),
    [
        (0, [("a", 5)], {}),
        (13, [("a", 10), ("b", 15)], {"a": 10, "b": 3}),
        (13, [("a", 0), ("b", 15)], {"b": 13}),
        (20, [("a", 10), ("b", 5)], {"a": 10, "b": 5}),
        (30, [("depot", 40), ("b", 5)], {"depot": 24, "b": 5}),
        (30, [("depot", 40), ("b", 30)], {"b": 30}),
        (24, [("b", 9), ("depot", 40)], {"depot": 24}),
        (5, [("depot", 40)], {}),
    ],
)
def test_units_are_split_over_places(
    units: int, offers: list[tuple[str, int]], given: dict[str, int]
) -> None:
    """Each place gives what it has of what is still missing; where packs leave, the first that can
    give all of it does.
    """
    packs = [Pack(location="depot", multiple=12)]
    some = shelf(packs=packs if any(place == "depot" for place, _ in offers) else ())
    assert some.split(units, offers) == given


# -- Fences and caps -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fence", "admitted"),
    [
        ({"channels": ["web"]}, True),
        ({"channels": ["store"]}, False),
        ({"tiers": ["vip"]}, True),
        ({"tiers": ["standard"]}, False),
        ({"tags": ["gift"]}, True),
        ({"tags": ["rush"]}, False),
        ({"channels": ["store"], "tags": ["gift"]}, True),
    ],
)
def test_who_is_let_in(fence: dict[str, list[str]], admitted: bool) -> None:
    """A fence is there for whom any of its words names, and for nobody in general."""
    subject = order(customer=VIP, channel="web", tags=["gift", "new"])
    some = Fence(quantity=1, **fence)
    assert (admits(some, subject), admits(some, None)) == (admitted, False)


def test_a_fence_keeps_the_last_units() -> None:
    """Others get what is beyond it, never less than nothing; who is let in is not limited."""
    for units, left in ((25, 5), (20, 0), (7, 0)):
        some = shelf(bay(("", units, NEVER)), fences=[Fence(quantity=20, tiers=["vip"])])
        limit = some.limit(order())
        assert limit is not None
        assert (limit.units, limit.fence, limit.cap) == (left, some.item.fences[0], None)
        assert some.limit(order(customer=VIP)) is None


def test_fences_add_up() -> None:
    """Who is outside two fences is kept from the units of both; who is inside one, of the other."""
    web, vip = Fence(quantity=3, channels=["web"]), Fence(quantity=2, tiers=["vip"])
    some = shelf(bay(("", 9, NEVER)), fences=[web, vip])
    nobody, online = some.limit(None), some.limit(order(channel="web"))
    assert nobody is not None
    assert online is not None
    assert (nobody.units, nobody.fence) == (4, web)
    assert (online.units, online.fence) == (7, vip)


def test_a_fence_ends_at_its_release() -> None:
    """From that instant on it keeps nothing; without a time it always does."""
    fence = Fence(quantity=20, channels=["web"], until=NOW)
    before = shelf(bay(("", 9, NEVER)), fences=[fence], now=NOW - timedelta.resolution)
    assert before.limit(None) is not None
    assert shelf(bay(("", 9, NEVER)), fences=[fence]).limit(None) is None
    assert shelf(bay(("", 9, NEVER)), fences=[fence], now=None).limit(None) is not None


@pytest.mark.parametrize(
    ("reserved", "customer_units", "cap"), [(0, 0, 5), (2, 0, 3), (0, 4, 1), (2, 4, 0), (9, 0, 0)]
)
def test_a_cap_counts_what_the_customer_has(reserved: int, customer_units: int, cap: int) -> None:
    """What the order holds and what the customer's orders ahead have is taken off."""
    limit = shelf(bay(("", 50, NEVER)), customer_cap=5).limit(
        order(), reserved=reserved, customer_units=customer_units
    )
    assert limit == (cap, None, cap)


@pytest.mark.parametrize(
    ("units", "limit", "is_fence"), [(24, 4, True), (25, 5, True), (26, 5, False), (90, 5, False)]
)
def test_the_lower_of_fence_and_cap_is_the_limit(units: int, limit: int, is_fence: bool) -> None:
    """What is less is the limit, and is what is told; where both leave as much it is the fence."""
    fence = Fence(quantity=20, channels=["web"])
    found = shelf(bay(("", units, NEVER)), fences=[fence], customer_cap=5).limit(order())
    assert found is not None
    assert (found.units, found.fence is fence, found.cap) == (limit, is_fence, 5)


def test_what_was_drawn_is_gone_for_fences() -> None:
    """A fence is judged on what is left when the order's turn comes."""
    some = shelf(bay(("", 25, NEVER)), fences=[Fence(quantity=20, tiers=["vip"])])
    some.draw("berlin", 3, order())
    limit = some.limit(order())
    assert limit is not None
    assert limit.units == 2


# -- As the inventory makes it ---------------------------------------------------------------------


def held(units: int, in_lot: str = "", **changes: object) -> Reservation:
    """Mugs in Berlin that somebody else holds."""
    return Reservation(
        order_id="Z",
        line_id="1",
        sku="mug",
        location="berlin",
        quantity=units,
        lot=in_lot,
        **changes,  # type: ignore[arg-type]
    )


def test_a_locked_up_lot_is_there_and_not_available() -> None:
    """Units in quarantine count as on hand, and nobody gets them."""
    stock = Inventory([shelf_of(lot("a", 3, quarantined=True), lot("b", 2), loose=1)])
    assert (stock.on_hand("mug"), pool_of(stock, "mug")) == (6, {"berlin": 3})


def test_a_negative_place_takes_nothing_from_another_shelf() -> None:
    """Each location counts for itself, with lots as without."""
    stock = Inventory([row(-4), shelf_of(lot("b", 2), location="paris")])
    assert pool_of(stock, "mug", NOW) == {"paris": 2}


def test_what_is_reserved_of_a_lot_is_taken_off_that_lot() -> None:
    """A reservation keeps units of its own lot; one without a lot keeps any."""
    stock = Inventory(
        [shelf_of(lot("a", 3, days=3), lot("b", 2, days=90))], reservations=[held(2, "a"), held(1)]
    )
    some = availability.shelf_of(state_of(stock), "mug", NOW)
    assert some.draw("berlin", 2) == [("a", 1), ("b", 1)]


def test_what_has_expired_is_free_in_its_lot() -> None:
    """A reservation that ran out gives its units back to the lot that they are of."""
    stock = Inventory(
        [shelf_of(lot("a", 3, days=3), loose=2)],
        reservations=[held(3, "a", expires_at=NOW), held(1, expires_at=NOW)],
    )
    assert pool_of(stock, "mug", NOW - DAY) == {"berlin": 1}
    assert pool_of(stock, "mug", NOW) == {"berlin": 5}
    assert pool_of(stock, "mug") == {"berlin": 1}
    assert availability.shelf_of(state_of(stock), "mug", NOW).draw("berlin", 4) == [
        ("a", 3),
        ("", 1),
    ]


def test_a_kit_is_on_no_shelf() -> None:
    """What has no stock has no lots, no packs, no fences: it has no rules of its own."""
    stock = Inventory([row(4)], items=[kit(of={"mug": 2})])
    assert [availability.is_ruled(state_of(stock), sku) for sku in ("set", "mug")] == [False, False]


def test_a_shelf_is_a_private_copy() -> None:
    """To draw from it changes no inventory."""
    stock = Inventory([shelf_of(lot("a", 3))])
    availability.shelf_of(state_of(stock), "mug", NOW).draw("berlin", 3)
    assert pool_of(stock, "mug") == {"berlin": 3}


def test_units_of_a_place_that_promised_too_many_are_of_no_use() -> None:
    """Where more is reserved than may be promised, be it of one lot, a unit that comes free goes to
    those who have it reserved, and to nobody else.
    """
    fine, over_all = bay(("a", 2, LATER)), bay(("a", 2, LATER), safety=3)
    over_a_lot = bay(("a", -1, LATER), ("", 5, NEVER))
    lots = [("berlin", "a"), ("berlin", "b"), ("paris", "a")]
    uses = [set(shelf(some).of_use(order(), lots)) for some in (fine, over_all, over_a_lot)]
    assert uses == [{("berlin", "a")}, set(), set()]


@pytest.mark.parametrize(
    "rules",
    [
        {"fences": [Fence(quantity=1, tiers=["vip"])]},
        {"packs": [Pack(location="berlin", multiple=2)]},
    ],
)
def test_units_of_a_sku_with_fences_or_packs_are_of_no_use(rules: dict[str, object]) -> None:
    """Where what an order may have depends on what else is there, none takes units from others."""
    assert shelf(bay(("a", 4, LATER)), **rules).of_use(order(), [("berlin", "a")]) == set()


@settings(max_examples=100)
@given(st.data())
def test_what_a_place_has_is_what_its_lots_come_to(data: st.DataObject) -> None:
    """However units were drawn and put back, all that is kept of a place is what a walk over its
    lots gives; and units come from the first lots that have some and live, or from the one named.
    """
    ends = st.sampled_from([NEVER, SOON, LATER])
    names = ["", "a", "b", "c"]
    lots = [(name, data.draw(st.integers(-1, 4)), data.draw(ends)) for name in names]
    berlin = bay(*lots, safety=data.draw(st.integers(0, 2)))
    for _ in range(data.draw(st.integers(1, 6))):
        lot_id = data.draw(st.sampled_from([*names, "unknown"]))
        if data.draw(st.booleans()):
            berlin.put(lot_id, data.draw(st.integers(-2, 3)))
        else:
            life = data.draw(st.sampled_from([None, 30 * DAY]))
            fit = [
                (name, units)
                for name, units, end in berlin.lots
                if units > 0
                and lot_id in ("", name)
                and (life is None or is_fit(end, delivery=NOW, life=life))
            ]
            most = min(berlin.usable(life), sum(units for _, units in fit))
            quantity = data.draw(st.integers(0, most))
            rest, expected = quantity, []
            for name, units in fit:
                expected += [(name, min(units, rest))] if rest else []
                rest -= min(units, rest)
            assert berlin.draw(quantity, life, lot_id) == expected
        units_of = {name: units for name, units, _ in berlin.lots}
        assert {name: berlin.units_of(name) for name in [*names, "unknown"]} == {
            **units_of,
            "unknown": 0,
        }
        anyone = sum(units for name, units in units_of.items() if units > 0 or not name)
        fit_units = sum(units for units in units_of.values() if units > 0)
        assert berlin.free == max(0, min(fit_units, anyone - berlin.safety, berlin.total))
        assert berlin.usable(as_free={("paris", ""): 1}) == berlin.free  # by a walk over its lots


def test_what_is_drawn_is_gone_for_all() -> None:
    """Where a lot was given out twice, what is left for anybody is left once: it is fewer for the
    next order too, whatever life that asks of its lots.
    """
    stock = bay(("short", -2, LATER), ("long", 5, LATER))
    assert stock.usable(9 * DAY) == 3
    assert stock.draw(2, 9 * DAY) == [("long", 2)]
    assert stock.usable(9 * DAY) == stock.usable() == 1


def test_the_same_instant_counts_each_sku_by_itself() -> None:
    """What this instant gave an order of one SKU adds nothing to what it has of another."""
    fences = [Fence(quantity=2, tiers=["vip"])]
    stock = Inventory(
        [row(4, "mug"), row(4, "cup")],
        items=[Item(sku="mug", fences=fences), Item(sku="cup", fences=fences)],
    )
    wish = order("A-1", lines=[line("1", "mug", 4), line("2", "cup", 1)])
    first = run(wish, stock=stock)
    again = run(wish, stock=first.inventory)
    assert first["A-1"].findings == again["A-1"].findings != ()
    assert [short.quantity for short in again["A-1"].shorts] == [2]
    assert again.inventory == first.inventory


def test_units_of_a_lot_that_nobody_may_have_count_for_the_place() -> None:
    """One that is locked up or too old is none of its lots: no more of them are free, nor of it."""
    berlin = bay(("a", 2, LATER))
    berlin.put("locked", 3)
    assert (berlin.total, berlin.free, berlin.units_of("locked")) == (5, 2, 0)


# -- Shelves as they would be ----------------------------------------------------------------------


def test_what_moves_on_a_shelf_moves_on_its_mirror() -> None:
    """What is put there, or drawn; units of lots and places that it does not have stay out."""
    subject = shelf(bay(("short", 2, SOON)))
    mirror = subject.mirror({("berlin", "short"): 1, ("berlin", "locked"): 4, ("rome", ""): 4})
    assert mirror.pool(None) == {"berlin": 3}
    subject.put("berlin", "short", 2)
    assert (subject.pool(None), mirror.pool(None)) == ({"berlin": 4}, {"berlin": 5})
    assert subject.draw("berlin", 4) == [("short", 4)]
    assert (subject.pool(None), mirror.pool(None)) == ({}, {"berlin": 1})


_MOVES = st.lists(
    st.tuples(
        st.sampled_from(["put", "draw", "free"]),
        st.sampled_from(["berlin", "lyon"]),
        st.sampled_from(["short", "long", ""]),
        st.integers(1, 3),
    ),
    max_size=8,
)


@given(
    st.lists(st.integers(-2, 4), min_size=6, max_size=6),
    st.integers(0, 2),
    st.dictionaries(
        st.tuples(
            st.sampled_from(["berlin", "lyon", "rome"]),
            st.sampled_from(["short", "long", "", "locked"]),
        ),
        st.integers(1, 3),
    ),
    _MOVES,
)
def test_a_mirror_shows_what_would_be_there(
    units: list[int],
    safety: int,
    as_free: dict[tuple[str, str], int],
    moves: list[tuple[str, str, str, int]],
) -> None:
    """Whatever moves on a shelf, its mirror has what the shelf would have if so many units were
    free: for anybody, for who asks for life, and within a fence.
    """
    lots = [("short", SOON), ("long", LATER), ("", NEVER)]
    bays = [
        bay(
            *[(lot_id, n, end) for n, (lot_id, end) in zip(of_place, lots, strict=True)],
            safety=safety,
            place=place,
        )
        for place, of_place in (("berlin", units[:3]), ("lyon", units[3:]))
    ]
    subject = shelf(*bays, fences=[Fence(quantity=2, channels=["web"])])
    mirror = subject.mirror(as_free)
    for what, place, lot_id, number in moves:
        if what == "put":
            subject.put(place, lot_id, number)
        elif what == "draw":
            there = subject.pool(None).get(place, 0)
            subject.draw(place, min(there, number))
        else:
            as_free[place, lot_id] = as_free.get((place, lot_id), 0) + number
            mirror.put_if_fit(place, lot_id, number)
        for who in (None, order("A-1", customer=asking_life(20))):
            assert mirror.pool(who) == subject.pool(who, as_free)
            assert mirror.limit(who) == subject.limit(who, as_free=as_free)
