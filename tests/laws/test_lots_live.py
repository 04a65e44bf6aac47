"""No lot ends, or is too old for its customer, when its own shipment arrives.

What is promised depends on where the units come from, and where they come from on which lots live
until then. Here that is looked at from outside: the lots of a result, and the dates of its promise.
"""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, datetime, time, timedelta
from typing import Any

import attrs
import pytest
from effort import FEWER
from hypothesis import given
from hypothesis import strategies as st

from fulfill_core import (
    Allocation,
    Component,
    Customer,
    Decision,
    Inventory,
    Item,
    KitShips,
    Location,
    Lot,
    LotOrder,
    Order,
    OrderLine,
    Outcome,
    Pack,
    Result,
    Ship,
    ShortReason,
    Stock,
    lacking,
    process,
)
from fulfill_core.allocation import allocator
from fulfill_core.allocation.ruled_turn import RuledTurn
from fulfill_core.calendars import BusinessCalendar, Shift
from fulfill_core.inventory.shelves.shelf import Shelf
from fulfill_core.promises import Origin, from_calendars
from fulfill_core.protocols import PromisePolicy
from fulfill_core.sourcing import by_rank, fewest_shipments

from .runs import SEEDS, Process
from .test_wake_at import TICK, caught
from .test_wake_at_promises import told

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
OFFICE = BusinessCalendar(timezone=UTC, shifts=[Shift(start=time(9), end=time(17))])
PLACES = ("berlin", "oslo", "paris")
SKUS = ("milk", "tea")
WAITS = st.sampled_from((0 * HOUR, 5 * HOUR, 30 * HOUR, 60 * HOUR))
TRANSITS = st.sampled_from((0 * DAY, DAY, 3 * DAY))
LIVES = st.sampled_from((0 * DAY, 0 * DAY, DAY, 3 * DAY))


@st.composite
def policies(draw: st.DrawFn) -> PromisePolicy:
    """Calendars; from some places nobody knows how long it takes."""
    origins = {place: Origin(calendar=OFFICE, handling=draw(WAITS)) for place in PLACES}
    known = draw(st.sets(st.sampled_from(PLACES), min_size=1))
    return from_calendars(origins, {place: draw(TRANSITS) for place in sorted(known)})


@st.composite
def stocks(draw: st.DrawFn) -> Inventory:
    """Milk and tea by lot, the pot without, and a box of milk and tea."""
    rows: list[Stock] = []
    for sku in SKUS:
        for place in draw(st.sets(st.sampled_from(PLACES), min_size=1)):
            days = draw(st.lists(st.none() | st.integers(0, 9), min_size=1, max_size=3))
            lots = [
                Lot(
                    id=f"L{number}",
                    quantity=draw(st.integers(1, 4)),
                    expires_at=None if life is None else NOW + life * DAY + 6 * HOUR,
                )
                for number, life in enumerate(days)
            ]
            units = sum(lot.quantity for lot in lots)
            safety = draw(st.integers(0, 1))
            rows.append(Stock(sku=sku, location=place, on_hand=units, lots=lots, safety=safety))
    rows.append(Stock(sku="pot", location=draw(st.sampled_from(PLACES)), on_hand=3))
    packs = [Pack(location="berlin", multiple=2)] if draw(st.booleans()) else []
    items = [
        Item(sku="milk", minimum_life=draw(LIVES), backorderable=draw(st.booleans()), packs=packs),
        Item(sku="tea", lot_order=draw(st.sampled_from(LotOrder))),
        Item(
            sku="box",
            components=[Component(sku="milk", quantity=1), Component(sku="tea", quantity=2)],
            kit_ships=draw(st.sampled_from(KitShips)),
        ),
    ]
    places = [Location(id=place, lead_time=draw(TRANSITS)) for place in PLACES]
    return Inventory(rows, items=items, locations=places)


@st.composite
def orders_of(draw: st.DrawFn, order_id: str) -> Order:
    """One to three lines, shipped in any way."""
    lines = [
        OrderLine(
            id=str(number),
            sku=draw(st.sampled_from((*SKUS, *SKUS, "pot", "box"))),
            quantity=draw(st.integers(1, 5)),
        )
        for number in range(draw(st.integers(1, 3)))
    ]
    return Order(
        id=order_id,
        placed_at=NOW - DAY + int(order_id) * HOUR,
        customer=Customer(id=order_id, minimum_life=draw(LIVES)),
        currency="EUR",
        lines=lines,
        ship=draw(st.sampled_from(Ship)),
        ship_after=draw(st.sampled_from((None, None, NOW + DAY))),
    )


WORLDS = st.tuples(
    st.tuples(*[orders_of(str(number)) for number in range(3)]),
    stocks(),
    st.fixed_dictionaries(
        {"promise": policies(), "sourcing": st.sampled_from((by_rank, fewest_shipments()))}
    ),
)
World = tuple[tuple[Order, ...], Inventory, dict[str, Any]]


def run(
    process: Process, orders: Any, stock: Inventory, settings: dict[str, Any], now: datetime = NOW
) -> Any:
    """A run that takes in what is due later."""
    return process(orders, stock, now=now, verifiers=(), reservation_window=9 * DAY, **settings)


def ends_of_lots(stock: Inventory) -> dict[tuple[str, str, str], datetime | None]:
    """When each lot ends, by SKU, location and lot."""
    return {
        (row.sku, row.location, lot.id): lot.expires_at for row in stock.stock() for lot in row.lots
    }


def arrival(decision: Decision, allocation: Allocation, stock: Inventory) -> datetime:
    """When units arrive: as promised, else when the lead time of their location is over."""
    promise = decision.promise
    dates = [
        shipment.delivered_at
        for shipment in ([] if promise is None else promise.shipments)
        if shipment.location == allocation.location
        and (allocation.line_id, allocation.sku)
        in {(line_id, sku) for line_id, sku, _ in shipment.lines}
    ]
    known = [date for date in dates if date is not None]
    if known:
        return max(known)
    leaves = max(NOW, decision.order.ship_after or NOW)
    return leaves + stock.location(allocation.location).lead_time


def law_lots_live(process: Process, world: World) -> None:
    """No lot ends, or lacks the life that is asked of it, when its own shipment arrives; and what
    is decided is decided again.
    """
    orders, stock, settings = world
    result = run(process, orders, stock, settings)
    ends = ends_of_lots(stock)
    for decision in result.decisions:
        for allocation in decision.allocations:
            lot = allocation.sku, allocation.location, allocation.lot
            ends_at = ends.get(lot)
            if ends_at is None:
                continue
            life = ends_at - arrival(decision, allocation, stock)
            customer = decision.order.customer
            assert life > 0 * DAY, (decision.id, lot)
            assert life >= customer.minimum_life, (decision.id, lot)
            assert life >= stock.item(allocation.sku).minimum_life, (decision.id, lot)


def law_reserved_lots_live(process: Process, world: World, hours: int) -> None:
    """What was reserved and is counted on in a later run lives until it arrives, too, be it that a
    departure was missed; what does not is named, and is short.
    """
    orders, stock, settings = world
    first = run(process, orders, stock, settings)
    later = run(process, orders, first.inventory, settings, NOW + hours * HOUR)
    ends = ends_of_lots(stock)
    for decision in later.decisions:
        promise = decision.promise
        for each in decision.reserved if promise is not None else ():
            arrivals = [
                shipment.delivered_at
                for shipment in promise.shipments
                if shipment.location == each.location
                and (each.line_id, each.sku) in [row[:2] for row in shipment.lines]
                and shipment.delivered_at is not None
            ]
            ends_at = ends.get((each.sku, each.location, each.lot))
            if ends_at is not None and arrivals:
                life = ends_at - min(arrivals)
                assert life > 0 * DAY, (decision.id, each)
                least = max(decision.order.customer.minimum_life, stock.item(each.sku).minimum_life)
                assert life >= least, (decision.id, each)
        if decision.unusable:
            reasons = {short.reason for short in decision.shorts}
            assert ShortReason.RESERVED_UNUSABLE in reasons
            assert "reservation.lot_ended" in {finding.code for finding in decision.findings}


@FEWER
@given(WORLDS, st.integers(0, 150))
def test_what_is_reserved_lives_until_it_arrives(world: World, hours: int) -> None:
    """However long it takes until the next run."""
    law_reserved_lots_live(process, world, hours)


@given(WORLDS)
def test_lots_live_until_their_shipment_arrives(world: World) -> None:
    """Whatever the calendars, and wherever the units come from."""
    law_lots_live(process, world)


@FEWER
@given(WORLDS)
def test_what_is_decided_by_lots_is_decided_again(world: World) -> None:
    """Law 8: a run on the result gives out nothing new, and as much is missing."""
    orders, stock, settings = world
    first = run(process, orders, stock, settings)
    again = run(process, orders, first.inventory, settings)
    assert again.inventory == first.inventory
    for before, after in zip(first.decisions, again.decisions, strict=True):
        assert before.outcome is after.outcome
        assert missing(before) == missing(after)


def missing(decision: Decision) -> list[tuple[object, ...]]:
    """What an order does not get."""
    return [
        *[(each.line_id, each.quantity) for each in decision.shorts],
        *[(each.line_id, each.quantity, each.supply_id) for each in decision.backorders],
    ]


def law_not_a_word_before_it_wakes(process: Process, world: World, seed: int) -> None:
    """Between the second run and its `Result.wake_at`, all runs say the same."""
    orders, stock, settings = world
    first = run(process, orders, stock, settings)
    one = run(process, orders, first.inventory, settings, NOW + TICK)
    last = (NOW + 30 * DAY if one.wake_at is None else one.wake_at) - TICK
    if last > NOW + TICK:
        chance = random.Random(seed)
        ticks = chance.choice((0, chance.randrange((last - NOW) // TICK)))
        later = run(process, orders, first.inventory, settings, last - ticks * TICK)
        assert told(later) == told(one)


@FEWER
@given(WORLDS, SEEDS)
def test_not_a_word_changes_before_it_wakes(world: World, seed: int) -> None:
    """Departures pass and lots end: `Result.wake_at` knows when that matters, be it to an order
    that gets nothing because of it. That it is woken in vain now and then does no harm.
    """
    law_not_a_word_before_it_wakes(process, world, seed)


@FEWER
@given(WORLDS)
def test_those_behind_change_no_lot(world: World) -> None:
    """Law 7: without the last order, the others get what they got."""
    orders, stock, settings = world
    whole = run(process, orders, stock, settings)
    last = whole.decisions[-1].id
    fewer = run(process, [order for order in orders if order.id != last], stock, settings)
    assert [made.allocations for made in whole.decisions[:-1]] == [
        made.allocations for made in fewer.decisions
    ]


@FEWER
@given(WORLDS)
def test_what_is_lacking_is_what_the_run_does_not_give(world: World) -> None:
    """Law 22: asked with the promise of the run, a cart lacks nothing exactly when the run gives it
    everything.
    """
    (order, *_), stock, settings = world
    made = run(process, [order], stock, settings).decisions[0]
    is_whole = made.outcome is Outcome.ALLOCATED
    assert is_whole == (not lacking(order, stock, now=NOW, **settings))


@FEWER
@given(WORLDS)
def test_a_line_alone_gets_all_that_lives(world: World) -> None:
    """An oracle for one line that ships in parts: each place has a date of its own, and of each
    place it can have all lots that live until then, but for the safety stock.
    """
    (order, *_), stock, settings = world
    wish = attrs.evolve(order, ship=Ship.PARTIAL, lines=[OrderLine(id="1", sku="tea", quantity=99)])
    made = run(process, [wish], stock, settings).decisions[0]
    units: Counter[str] = Counter()
    policy = settings["promise"]
    for row in stock.stock():
        if row.sku != "tea":
            continue
        alone = Inventory(
            [Stock(sku="tea", location=row.location, on_hand=99)], locations=stock.locations()
        )
        plain = run(process, [wish], alone, {"promise": policy}).decisions[0]
        arrives = arrival(plain, plain.allocations[0], alone)
        least = order.customer.minimum_life
        living = sum(
            lot.quantity
            for lot in row.lots
            if lot.expires_at is None
            or (lot.expires_at > arrives and lot.expires_at - arrives >= least)
        )
        usable = sum(  # of what has ended already, nothing covers the safety stock
            lot.quantity for lot in row.lots if lot.expires_at is None or lot.expires_at > NOW
        )
        units[row.location] = max(0, min(living, usable - row.safety))
    taken: Counter[str] = Counter()
    for allocation in made.allocations:
        taken[allocation.location] += allocation.quantity
    assert +taken == +units


# -- Runs that break it ----------------------------------------------------------------------------


def looks_at_no_promise(self: RuledTurn, sku: str, deliveries: Any) -> bool:
    """Lots that live now are good enough."""
    return False


def asks_for_no_life(self: Shelf, delivery: Any, bay: Any, order: Any, life: Any) -> Any:
    """A lot that has not ended has life enough."""
    if delivery is None or bay.delivery is None:
        return life
    return max(life or 0 * DAY, delivery - bay.delivery + timedelta.resolution)


@pytest.mark.parametrize(
    ("home", "name", "mutant"),
    [
        (RuledTurn, "judge_lots", looks_at_no_promise),
        (Shelf, "_life_until", asks_for_no_life),
    ],
)
def test_a_run_that_takes_what_ends_is_caught(
    monkeypatch: pytest.MonkeyPatch, home: type, name: str, mutant: Any
) -> None:
    """Whoever looks at no promise, or at no life, breaks the law."""
    monkeypatch.setattr(home, name, mutant)
    assert caught(law_lots_live, process, WORLDS)


def knows_no_promise(*_: Any) -> Any:
    """What is reserved is good enough while it has not ended."""
    return {}


def test_a_run_that_counts_on_what_arrives_too_late_is_caught(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whoever judges reserved units by nothing but their end breaks the law."""
    monkeypatch.setattr(allocator, "arrivals_of", knows_no_promise)
    assert caught(law_reserved_lots_live, process, WORLDS, st.integers(0, 150))


def test_short_for_want_of_life_says_so() -> None:
    """What ends before it would arrive is short, and the reason is its life."""
    rows = [
        Stock(
            sku="milk",
            location="berlin",
            on_hand=4,
            lots=[Lot(id="L1", quantity=4, expires_at=NOW + 2 * DAY)],
        )
    ]
    slow = from_calendars({"berlin": Origin(calendar=OFFICE)}, {"berlin": 3 * DAY})
    order = Order(
        id="1",
        placed_at=NOW,
        customer=Customer(id="C"),
        currency="EUR",
        lines=[OrderLine(id="1", sku="milk", quantity=2)],
    )
    result: Result = run(process, [order], Inventory(rows), {"promise": slow})
    (short,) = result["1"].shorts
    assert (short.quantity, short.available, short.reason) == (2, 0, ShortReason.LOT_LIFE)
    assert run(process, [order], Inventory(rows), {})["1"].outcome is Outcome.ALLOCATED
