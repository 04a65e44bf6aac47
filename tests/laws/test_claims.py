"""Law 16, one unit, one promise: claims over several runs, and what they come to unit by unit.

A small world runs many times: two checkouts see some of the orders each, supplies come early, in
part, or bring less, orders ask for less or are cancelled.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fulfill_core import (
    Changes,
    Claim,
    Customer,
    Inventory,
    Item,
    Order,
    OrderLine,
    Result,
    Ship,
    Stock,
    Supply,
    process,
)

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
DAY = timedelta(days=1)
IDS = ("A-0", "A-1", "A-2", "A-3")

Run: TypeAlias = Callable[[Sequence[Order], Inventory, datetime], Result]


def true_run(orders: Sequence[Order], inventory: Inventory, now: datetime) -> Result:
    """`process`, with the orders served by id."""
    return process(orders, inventory, now=now, verifiers=())


# -- A world ---------------------------------------------------------------------------------------

_SUPPLY = st.tuples(
    st.integers(1, 5), st.sampled_from((-1, 1, 2, 2, 3)), st.sampled_from((*IDS, "", "", "", ""))
)
_ORDER = st.tuples(
    st.integers(1, 4),
    st.integers(0, 2),
    st.sampled_from(Ship),
    st.sampled_from(("cup", "cup", "mug")),
)
_STEP = st.one_of(
    st.tuples(st.just("run"), st.sets(st.sampled_from(IDS), min_size=1)),
    st.tuples(st.just("run"), st.just(set(IDS))),
    st.tuples(st.just("come"), st.integers(0, 3), st.integers(1, 5)),
    st.tuples(st.just("bring less"), st.integers(0, 3), st.integers(1, 3)),
    st.tuples(st.just("count"), st.integers(0, 4)),
    st.tuples(st.just("ask"), st.sampled_from(IDS), st.integers(1, 4)),
    st.tuples(st.just("cancel"), st.sampled_from(IDS)),
)


@attrs.define
class World:
    """Orders and stock while time goes by."""

    orders: dict[str, Order]
    stock: Inventory
    now: datetime = NOW

    def supply(self, number: int) -> Supply | None:
        """One of the supplies of mugs; None if there is none."""
        supplies = self.stock.supplies_of("mug")
        return supplies[number % len(supplies)] if supplies else None

    def change(self, step: tuple[object, ...]) -> None:
        """What happens between runs."""
        match step:
            case ("come", int(number), int(units)) if supply := self.supply(number):
                self.stock = self.stock.with_received("mug", "b", units, supply_id=supply.id)
            case ("bring less", int(number), int(units)) if supply := self.supply(number):
                less = [attrs.evolve(supply, quantity=units)]
                changes = Changes(supplies_removed=[supply], supplies_added=less)
                self.stock = self.stock.with_changes(changes)
            case ("count", int(units)):
                self.stock = self.stock.with_counted("mug", "b", units)
            case ("ask", str(order_id), int(units)):
                order = self.orders[order_id]
                lines = [attrs.evolve(order.lines[0], quantity=units), *order.lines[1:]]
                self.orders[order_id] = attrs.evolve(order, lines=lines)
            case ("cancel", str(order_id)):
                self.stock = self.stock.without_reservations_of(order_id)
            case _:
                pass


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Orders for mugs and cups, of which there are few, and supplies, some for one order."""
    orders = {}
    for number, order_id in enumerate(IDS):
        mugs, others, ship, sku = draw(_ORDER)
        lines = [OrderLine(id="1", sku="mug", quantity=mugs)]
        lines += [OrderLine(id="2", sku=sku, quantity=others)] if others else []
        orders[order_id] = Order(
            id=order_id,
            placed_at=NOW - (9 - number) * timedelta(hours=1),
            customer=Customer(id="C-1"),
            currency="EUR",
            lines=lines,
            ship=ship,
        )
    supplies = [
        Supply(
            id=f"PO-{number}",
            sku="mug",
            quantity=units,
            expected_at=NOW + days * DAY,
            order_id=whose,
        )
        for number, (units, days, whose) in enumerate(draw(st.lists(_SUPPLY, max_size=3)))
    ]
    cap = draw(st.sampled_from((None, None, 0, 2)))
    stock = Inventory(
        stock=[
            Stock(sku="mug", location="b", on_hand=draw(st.integers(0, 4))),
            Stock(sku="cup", location="b", on_hand=draw(st.integers(0, 2))),
        ],
        supplies=supplies,
        items=[
            Item(sku="mug", backorderable=True, backorder_cap=cap),
            Item(sku="cup", backorderable=draw(st.booleans())),
        ],
    )
    return World(orders, stock)


# -- The law ---------------------------------------------------------------------------------------


def dates(claims: Iterable[Claim], supplies: dict[str, Supply]) -> list[datetime]:
    """When each unit claimed comes."""
    return sorted(
        supplies[claim.supply_id].expected_at for claim in claims for _ in range(claim.quantity)
    )


def check_run(run: Run, world: World, seen: Iterable[str]) -> Inventory:
    """One run of some of the orders, and what has to be true of it."""
    orders = [world.orders[order_id] for order_id in sorted(seen)]
    before = world.stock
    result = run(orders, before, world.now)
    after = result.inventory
    supplies = {supply.id: supply for supply in before.supplies()}
    # Orders of which the run does not know keep what they have.
    for claim in before.claims():
        if claim.order_id not in seen:
            assert claim in after.claims_of(claim.order_id)
    # No unit is promised twice.
    for supply in supplies.values():
        units = sum(claim.quantity for claim in after.claims() if claim.supply_id == supply.id)
        assert after.claimed("mug", supply.id) <= supply.quantity
        assert units <= supply.quantity or not is_sound(before)
        for claim in after.claims():
            if claim.supply_id == supply.id and claim.order_id in seen:
                assert supply.order_id in ("", claim.order_id)
    for made in result.decisions:
        # What waits for a supply is claimed, and nothing else is.
        pegged = Counter[tuple[str, str, str]]()
        for row in made.backorders:
            if row.supply_id:
                pegged[row.line_id, row.sku, row.supply_id] += row.quantity - row.on_hand
        claimed = Counter[tuple[str, str, str]]()
        for claim in after.claims_of(made.id):
            claimed[claim.line_id, claim.sku, claim.supply_id] += claim.quantity
        assert +pegged == claimed
        # Nobody loses a claim that counts, to whoever comes; it may get an earlier date.
        new_dates = dates(after.claims_of(made.id), supplies)
        is_short = bool(made.shorts)
        old_dates = dates(before.claims_of(made.id), supplies) if is_sound(before) else []
        if not is_short:
            assert all(new <= old for new, old in zip(new_dates, old_dates, strict=False))
            missing = sum(row.quantity - row.on_hand for row in made.backorders if row.sku == "mug")
            assert len(new_dates) >= min(len(old_dates), missing)
    # Running again changes nothing, and all of it can be undone.
    again = run(orders, after, world.now)
    assert again.inventory == after
    for made in result.decisions:
        assert again[made.id].backorders == made.backorders
        assert [row.quantity for row in again[made.id].shorts] == [
            row.quantity for row in made.shorts
        ]
    assert after.changes_since(before) == result.changes
    assert after.with_changes(result.changes.inverted()) == before
    return after


def is_sound(stock: Inventory) -> bool:
    """Whether every claim counts as a whole: its supply is there, and brings enough."""
    return sum(claim.quantity for claim in stock.claims()) == stock.claimed("mug")


def law_16_one_unit_one_promise(
    run: Run, world: World, steps: Iterable[tuple[object, ...]]
) -> None:
    """Over all runs, whichever orders each of them sees."""
    for step in steps:
        match step:
            case ("run", set(seen)):
                world.now += timedelta(hours=1)
                world.stock = check_run(run, world, seen)
            case _:
                world.change(step)


@given(worlds(), st.lists(_STEP, min_size=1, max_size=8))
def test_law_16_one_unit_one_promise(world: World, steps: list[tuple[object, ...]]) -> None:
    """No unit is reserved or claimed twice, in one run or in several, whichever orders each of them
    sees. A claim is kept, or moves to an earlier date; what an order waits for is what it claimed;
    and running again changes nothing.
    """
    law_16_one_unit_one_promise(true_run, world, steps)


# -- Runs that break it ----------------------------------------------------------------------------


def forgets_claims(orders: Sequence[Order], inventory: Inventory, now: datetime) -> Result:
    """Each run pegs anew, as if nobody had been promised anything."""
    result = true_run(orders, inventory.without_claims(inventory.claims()), now)
    return attrs.evolve(result, before=inventory)


def forgets_others(orders: Sequence[Order], inventory: Inventory, now: datetime) -> Result:
    """What orders outside the batch have claimed is promised again; they keep it all the same."""
    ids = {order.id for order in orders}
    others = [claim for claim in inventory.claims() if claim.order_id not in ids]
    result = true_run(orders, inventory.without_claims(others), now)
    after = result.inventory.with_claimed(*others)
    return attrs.evolve(result, inventory=after, before=inventory)


def never_writes(orders: Sequence[Order], inventory: Inventory, now: datetime) -> Result:
    """What is pegged is told, and kept nowhere."""
    result = true_run(orders, inventory, now)
    after = result.inventory.without_claims(result.changes.claims_added)
    return attrs.evolve(result, inventory=after.with_claimed(*result.changes.claims_removed))


def newest_first(orders: Sequence[Order], inventory: Inventory, now: datetime) -> Result:
    """Claims of orders in the batch are given out by rank once more."""
    ids = {order.id for order in orders}
    own = [claim for claim in inventory.claims() if claim.order_id in ids]
    result = true_run(orders, inventory.without_claims(own), now)
    return attrs.evolve(result, before=inventory)


BROKEN = (forgets_claims, forgets_others, never_writes, newest_first)


def two_checkouts() -> World:
    """Two units to come, and four orders for one each."""
    orders = {
        order_id: Order(
            id=order_id,
            placed_at=NOW - (9 - number) * timedelta(hours=1),
            customer=Customer(id="C-1"),
            currency="EUR",
            lines=[OrderLine(id="1", sku="mug", quantity=1)],
        )
        for number, order_id in enumerate(IDS)
    }
    supply = Supply(id="PO-0", sku="mug", quantity=2, expected_at=NOW + DAY)
    item = Item(sku="mug", backorderable=True)
    return World(orders, Inventory([Stock(sku="mug", location="b", on_hand=0)], [supply], [item]))


STEPS = (("run", {"A-2", "A-3"}), ("run", {"A-0"}), ("run", set(IDS)))


def test_a_run_that_keeps_claims_passes() -> None:
    """On the very world on which those that do not are noticed."""
    law_16_one_unit_one_promise(true_run, two_checkouts(), STEPS)


@pytest.mark.parametrize("broken", BROKEN)
def test_law_16_bites(broken: Run) -> None:
    """A run that forgets who was promised what, in one way or another, breaks it."""
    with pytest.raises(AssertionError):
        law_16_one_unit_one_promise(broken, two_checkouts(), STEPS)


# -- Unit by unit ----------------------------------------------------------------------------------

Unit: TypeAlias = tuple[str, str]
"""A unit that is claimed: the order's id, the supply's."""


@attrs.define
class Shelf:
    """An oracle: every unit to come by itself, and who claims it."""

    supplies: dict[str, Supply]
    units: list[Unit]

    def free(self, supply: Supply) -> int:
        """Units of a supply that nobody claims."""
        return supply.quantity - sum(1 for _, supply_id in self.units if supply_id == supply.id)

    def comes(self, supply_id: str) -> tuple[datetime, str]:
        """When a supply comes; of one date, the lower id is earlier."""
        return self.supplies[supply_id].expected_at, supply_id

    def free_for(self, order_id: str) -> list[str]:
        """The supplies with a unit for the order: those bought for it first, then the earliest."""
        there = [
            supply.id
            for supply in self.supplies.values()
            if supply.order_id in ("", order_id) and self.free(supply) > 0
        ]
        return sorted(there, key=lambda one: (not self.supplies[one].order_id, self.comes(one)))

    def better(self, unit: Unit, queue: Sequence[str]) -> str:
        """The earliest supply with a date to which a claim may move; empty if there is none."""
        order_id, supply_id = unit
        if order_id not in queue or self.supplies[supply_id].order_id:
            return ""
        return next(
            (
                one
                for one in self.free_for(order_id)
                if not self.supplies[one].order_id
                and self.supplies[one].expected_at >= NOW
                and self.comes(one) < self.comes(supply_id)
            ),
            "",
        )


def claims_by_hand(queue: dict[str, int], stock: Inventory) -> Counter[Unit]:
    """What each order has claimed in the end: for so many mugs each, none of them on hand."""
    supplies = {supply.id: supply for supply in stock.supplies_of("mug")}
    claimed = [
        (claim.order_id, claim.supply_id)
        for claim in sorted(stock.claims(), key=lambda one: (one.made_at or NOW, one.order_id))
        for _ in range(claim.quantity)
    ]
    # Who asks for less gives up the latest; who is not in the queue keeps all, sound or not. Where
    # claims had exceeded a supply, those that gave way count again then.
    while True:
        shelf = Shelf(supplies, [])
        lost: list[Unit] = []
        for unit in claimed:
            supply = supplies[unit[1]]
            is_sound = supply.order_id in ("", unit[0]) and shelf.free(supply) > 0
            (shelf.units if is_sound else lost).append(unit)
        beyond: list[Unit] = []
        for order_id, wanted in queue.items():
            mine = [unit for unit in shelf.units if unit[0] == order_id]
            mine.sort(key=lambda unit: (not supplies[unit[1]].order_id, shelf.comes(unit[1])))
            beyond += mine[wanted:]
        if not beyond:
            break
        for unit in beyond:
            claimed.remove(unit)
    # One step after the other, the earliest claim that can moves to the earliest unit.
    ranks = list(queue)
    while True:
        moves = [
            (shelf.comes(unit[1]), ranks.index(unit[0]), unit)
            for unit in shelf.units
            if shelf.better(unit, ranks)
        ]
        if not moves:
            break
        _, _, unit = min(moves)
        shelf.units.remove(unit)
        shelf.units.append((unit[0], shelf.better(unit, ranks)))
    for order_id, wanted in queue.items():
        has = sum(1 for unit in shelf.units if unit[0] == order_id)
        for _ in range(wanted - has):
            if there := shelf.free_for(order_id):
                shelf.units.append((order_id, there[0]))
    return Counter(shelf.units) + Counter(unit for unit in lost if unit[0] not in queue)


@given(
    st.lists(_SUPPLY, min_size=1, max_size=4),
    st.lists(
        st.tuples(st.sampled_from(IDS), st.integers(0, 3), st.integers(1, 3), st.integers(0, 2)),
        max_size=5,
    ),
    st.dictionaries(st.sampled_from(IDS), st.integers(1, 4), min_size=1),
)
def test_claims_are_what_unit_by_unit_comes_to(
    supplies: list[tuple[int, int, str]],
    claimed: list[tuple[str, int, int, int]],
    wanted: dict[str, int],
) -> None:
    """The oldest claims count as far as their supply goes; what an order needs no more it gives up,
    the latest first; claims move to earlier free units, one after the other; then the orders are
    promised what is left, by rank.
    """
    to_come = [
        Supply(
            id=f"PO-{number}",
            sku="mug",
            quantity=units,
            expected_at=NOW + days * DAY,
            order_id=whose,
        )
        for number, (units, days, whose) in enumerate(supplies)
    ]
    stock = Inventory(
        [Stock(sku="mug", location="b", on_hand=0)],
        to_come,
        [Item(sku="mug", backorderable=True)],
        claims=[
            Claim(
                order_id=order_id,
                line_id="1",
                sku="mug",
                supply_id=f"PO-{number % len(to_come)}",
                quantity=units,
                made_at=NOW - age * DAY,
            )
            for order_id, number, units, age in claimed
        ],
    )
    queue = dict(sorted(wanted.items()))
    orders = [
        Order(
            id=order_id,
            placed_at=NOW - (9 - int(order_id[-1])) * timedelta(hours=1),
            customer=Customer(id="C-1"),
            currency="EUR",
            lines=[OrderLine(id="1", sku="mug", quantity=units)],
        )
        for order_id, units in queue.items()
    ]
    result = true_run(orders, stock, NOW)
    actual = Counter[Unit]()
    for claim in result.inventory.claims():
        actual[claim.order_id, claim.supply_id] += claim.quantity
    assert actual == claims_by_hand(queue, stock)
