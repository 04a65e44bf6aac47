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
_ORDER = st.tuples(st.integers(1, 4), st.integers(0, 2), st.sampled_from(Ship))
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
        mugs, cups, ship = draw(_ORDER)
        lines = [OrderLine(id="1", sku="mug", quantity=mugs)]
        lines += [OrderLine(id="2", sku="cup", quantity=cups)] if cups else []
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
    absent = sum(claim.quantity for claim in after.claims() if claim.order_id not in seen)
    for supply in supplies.values():
        units = sum(claim.quantity for claim in after.claims() if claim.supply_id == supply.id)
        assert after.claimed("mug", supply.id) <= supply.quantity
        assert units <= supply.quantity or absent
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
            missing = sum(row.quantity - row.on_hand for row in made.backorders)
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
