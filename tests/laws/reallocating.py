"""The laws of runs in which orders may take what others have reserved.

As those in `laws`: functions of the `process` that they hold to them.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta

import attrs
from hypothesis import strategies as st

from fulfill_core import (
    DEFAULT_PRIORITY,
    DEFAULT_SOURCING,
    Component,
    Context,
    Customer,
    Facts,
    Fence,
    Inventory,
    Item,
    KitShips,
    Location,
    Lot,
    Order,
    OrderLine,
    Outcome,
    Pack,
    Reservation,
    Result,
    Ship,
    Stock,
)
from fulfill_core.inventory.availability import reserved_by_lot
from fulfill_core.inventory.inventory import state_of
from fulfill_core.priorities import oldest_first
from fulfill_core.reallocation import ConfirmationStrategy, Loss, LossReason, Reallocation
from fulfill_core.sourcing import by_rank, fewest_shipments
from fulfill_core.testing import Batch, batches

from . import small
from .runs import (
    SEEDS,
    Policies,
    Process,
    active,
    holds,
    is_what_it_says,
    order_of,
    same,
    unverified_policies,
)

_FIRM = ConfirmationStrategy.IMPROVE
_SKIP = ConfirmationStrategy.SKIP
_TAKE_FROM_FIRM = (ConfirmationStrategy.WIN, ConfirmationStrategy.GAIN)
DAY = timedelta(days=1)


@attrs.frozen
class by_id:  # noqa: N801 - it is used as the function that it makes
    """Each order has the strategy that is drawn for its id."""

    strategies: tuple[tuple[str, ConfirmationStrategy], ...]

    def __call__(self, order: Order, /, *, context: Context) -> ConfirmationStrategy:
        return dict(self.strategies).get(order.id, ConfirmationStrategy.REDISTRIBUTE)


@attrs.frozen
class even_units:  # noqa: N801 - it is used as the function that it makes
    """A reservation of an even number of units is picked already."""

    def __call__(self, held: Reservation, /) -> bool:
        return held.quantity % 2 == 0


@st.composite
def reallocations(draw: st.DrawFn, ids: Iterable[str]) -> Reallocation:
    """Any settings for orders with these ids; half of them leave it to the rank."""
    strategies = st.sampled_from(ConfirmationStrategy)
    each = st.tuples(*[st.tuples(st.just(name), strategies) for name in sorted(set(ids))])
    frozen = st.sets(st.sampled_from(sorted(ids)), max_size=2) if ids else st.just(set[str]())
    return Reallocation(
        strategy=draw(
            st.just(ConfirmationStrategy.REDISTRIBUTE) | strategies | st.builds(by_id, each)
        ),
        frozen_orders=draw(st.just(frozenset[str]()) | frozen),
        is_frozen=draw(st.sampled_from((None, None, None, even_units()))),
        frozen_within=draw(st.sampled_from((None, None, None, 2 * DAY))),
    )


@attrs.frozen
class World:
    """A stock on which some orders hold units, and the orders that come now."""

    batch: Batch
    rules: Policies
    reallocation: Reallocation
    first: tuple[Order, ...]
    """The orders that were served before, without taking from anybody."""
    counted: tuple[tuple[str, str, int], ...]
    """What was counted since: SKU, location, units."""


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Random worlds; and small ones with many rules and little stock, which those hold that came
    last.
    """
    if draw(st.booleans()):
        return crowded(draw(SEEDS))
    batch: Batch = draw(batches() | small.cases().map(_as_batch) | small.cases().map(_as_batch))
    ids = sorted({order.id for order in batch.orders})
    orders = [order_of(entry) for entry in batch.orders]
    late = [order for order in orders if order.id > ids[len(ids) // 3]]
    first = draw(st.just(late) | st.lists(st.sampled_from(orders))) if ids else []
    places = [(row.sku, row.location) for row in batch.inventory.stock()]
    counts = st.lists(
        st.tuples(st.sampled_from(places), st.integers(0, 3)), max_size=2, unique_by=lambda c: c[0]
    )
    counted = draw(st.just([]) | counts) if places else []
    rules: Policies = draw(unverified_policies())
    if draw(st.booleans()):
        rules = attrs.evolve(rules, priority=oldest_first)
    return World(
        batch,
        rules,
        draw(reallocations(ids)),
        tuple({order.id: order for order in first}.values()),
        tuple([(*place, units) for place, units in counted]),
    )


def crowded(seed: int) -> World:
    """A world in which several orders want what others hold: chance, but dense, and by a seed."""
    rng = random.Random(seed)
    skus, places = small.SKUS, small.PLACES
    has_rules = rng.random() < 0.4
    items = [
        Item(
            sku=sku,
            backorderable=rng.random() < 0.3,
            fences=[Fence(quantity=1, channels=["web"])]
            if has_rules and rng.random() < 0.3
            else [],
            customer_cap=rng.choice((None, None, 3)) if has_rules else None,
            packs=[Pack(location="lyon", multiple=2)] if has_rules and rng.random() < 0.2 else [],
        )
        for sku in skus
    ]
    parts = [Component(sku=sku, quantity=rng.randint(1, 2)) for sku in skus]
    items.append(Item(sku="set", components=parts, kit_ships=rng.choice(list(KitShips))))
    stock = [
        Stock(
            sku=sku,
            location=place,
            on_hand=rng.randint(2, 7),
            safety=rng.choice((0, 0, 1)),
            lots=[
                Lot(id="L-1", quantity=1, expires_at=small.NOW + 3 * DAY),
                Lot(id="L-2", quantity=1),
            ]
            if has_rules and rng.random() < 0.5
            else [],
        )
        for sku in skus
        for place in places
    ]
    orders = [
        Order(
            id=f"A-{number}",
            placed_at=small.NOW - (9 - number) * timedelta(hours=1),
            customer=Customer(
                id=rng.choice(("C-1", "C-2")), minimum_life=rng.choice((0, 0, 2)) * DAY
            ),
            currency="EUR",
            lines=[
                OrderLine(
                    id=str(at),
                    sku=rng.choice((*skus, *skus, "set")),
                    quantity=rng.randint(1, 4),
                    units_each=rng.choice((1, 1, 1, 2)),
                )
                for at in range(rng.randint(1, 3))
            ],
            ship=rng.choice((Ship.PARTIAL, Ship.PARTIAL, *Ship)),
            channel=rng.choice(("", "web")),
            deliver_by=rng.choice((None, small.NOW + rng.randint(1, 5) * DAY)),
        )
        for number in range(rng.randint(3, 7))
    ]
    strategies = list(ConfirmationStrategy)
    drawn = by_id(tuple([(order.id, rng.choice(strategies)) for order in orders]))
    held = (
        orders[len(orders) // 2 :] if rng.random() < 0.7 else rng.sample(orders, len(orders) // 2)
    )
    return World(
        Batch(
            orders=tuple(orders),
            inventory=Inventory(
                stock,
                [],
                items,
                [Location(id=place, capacity=rng.choice((None, None, 1, 2))) for place in places],
            ),
            facts=Facts(),
            now=small.NOW,
        ),
        Policies((), rng.choice((oldest_first, DEFAULT_PRIORITY)), rng.choice(_SOURCING)),
        Reallocation(
            strategy=rng.choice((ConfirmationStrategy.REDISTRIBUTE, drawn)),
            is_frozen=rng.choice((None, None, even_units())),
            frozen_within=rng.choice((None, None, 2 * DAY)),
        ),
        tuple(held),
        ((rng.choice(skus), rng.choice(places), rng.randint(0, 2)),) if rng.random() < 0.2 else (),
    )


_SOURCING = (DEFAULT_SOURCING, by_rank, fewest_shipments(by_rank))


def _as_batch(case: tuple[list[Order], Inventory]) -> Batch:
    orders, inventory = case
    return Batch(orders=tuple(orders), inventory=inventory, facts=Facts(), now=small.NOW)


def before(process: Process, world: World) -> Inventory:
    """The stock with what the first orders hold, after it was counted."""
    batch = world.batch
    served = process(
        world.first,
        batch.inventory,
        now=batch.now - timedelta(hours=1),
        verifiers=(),
        sourcing=world.rules.sourcing,
    )
    stock: Inventory = served.inventory
    for sku, location, units in world.counted:
        lots = [
            lot.id
            for row in stock.stock()
            if (row.sku, row.location) == (sku, location)
            for lot in row.lots
        ]
        stock = stock.with_counted(sku, location, units, lot=lots[0] if lots else None)
    return stock


def again(process: Process, world: World, stock: Inventory) -> Result:
    """The run in which orders may take from others."""
    result: Result = process(
        world.batch.orders,
        stock,
        now=world.batch.now,
        verifiers=world.rules.verifiers,
        priority=world.rules.priority,
        sourcing=world.rules.sourcing,
        facts=world.batch.facts,
        reallocation=world.reallocation,
    )
    return result


@attrs.frozen
class Case:
    """A world, and what a process makes of it."""

    process: Process
    world: World
    stock: Inventory
    result: Result

    @classmethod
    def of(cls, process: Process, world: World) -> Case:
        """The run of a world, which all laws look at."""
        stock = before(process, world)
        return cls(process, world, stock, again(process, world, stock))


def who_may_not_lose_does_not(case: Case) -> None:
    """WIN, GAIN and SKIP orders, frozen units, and orders outside the queue keep what they hold.
    Of WIN and GAIN orders that is what can be used: the rest is replaced.
    """
    world, stock, result = case.world, case.stock, case.result
    now = world.batch.now
    context = result.context
    by_name = {made.id: made for made in result.decisions}
    for held in active(stock.reservations(), now):
        made = by_name.get(held.order_id)
        if (
            made is None
            or made.rank is None
            or not world.reallocation.strategy_of(made.order, context).may_lose
            or not world.reallocation.may_move(made.order, held, context)
        ):
            if (
                made is not None
                and made.rank is not None
                and world.reallocation.strategy_of(made.order, context) is not _SKIP
                and world.reallocation.may_move(made.order, held, context)
                and not _is_usable(stock, made.order, held, now)
            ):
                continue
            had = Counter(stock.reservations_of(held.order_id))[held]
            has = Counter(result.inventory.reservations_of(held.order_id))[held]
            holds(f"{held} is kept", true=has >= had)


def _is_usable(stock: Inventory, order: Order, held: Reservation, now: datetime) -> bool:
    """Whether its line may have its lot, that lives until it can leave, and enough is there for all
    that is reserved.
    """
    if _is_of_another_lot(order, held):
        return False
    if any(
        (row.location, row.lot) in ((held.location, held.lot), (held.location, ""))
        for row in stock.overdrawn([held.sku], now=now)
    ):
        return False
    lots = stock.lots_of(held.sku).get(held.location, ())
    return all(_is_fit(lot, order, now) for lot in lots if lot.id == held.lot)


def _is_of_another_lot(order: Order, held: Reservation | Loss) -> bool:
    lots_asked = {line.id: line.lot for line in order.lines}
    return lots_asked.get(held.line_id, "") not in ("", held.lot)


def _is_fit(lot: Lot, order: Order, now: datetime) -> bool:
    leaves_at = [now] if order.ship_after is None else [now, order.ship_after]
    has_ended = lot.expires_at is not None and any(lot.expires_at <= each for each in leaves_at)
    return not has_ended and not lot.quarantined


def nothing_is_lost_for_nothing(case: Case) -> None:
    """What is taken, an order ahead that may gain has now; what is given up, belongs to a LOSE
    order; what is not there, was overdrawn; what can't be used, is of a lot that has ended or is
    locked up, or of another one than its line asks for; what is left over, is of an order that lost
    something else, and is not whole. Nobody has more than it asks for through this.
    """
    world, stock, result = case.world, case.stock, case.result
    taken: Counter[tuple[str, str, str, str]] = Counter()
    for loss in result.losses:
        loser = result[loss.order_id]
        same("the loser's strategy", loss.strategy, _strategy(world, result, loser.id))
        is_usable = loss.reason not in (LossReason.NOT_THERE, LossReason.UNUSABLE)
        holds(f"{loss} is of one that may lose", true=loss.strategy.may_lose or not is_usable)
        if loss.reason is LossReason.TAKEN:
            winner = result[loss.to]
            strategy = _strategy(world, result, winner.id)
            holds(f"{loss} goes to one that may gain", true=strategy.may_gain)
            holds(
                f"{loss} is of one behind",
                true=None not in (winner.rank, loser.rank) and winner.rank < loser.rank,  # type: ignore[operator]
            )
            if loss.strategy is _FIRM:
                holds(f"{loss} goes to WIN or GAIN", true=strategy in _TAKE_FROM_FIRM)
            taken[loss.to, loss.sku, loss.location, loss.lot] += loss.quantity
        elif loss.reason is LossReason.GIVEN_UP:
            same("who gives up", ConfirmationStrategy.LOSE, loss.strategy)
        elif loss.reason is LossReason.LEFT_OVER:
            reasons = {each.reason for each in result.losses if each.order_id == loss.order_id}
            holds(f"{loss} comes of another", true=reasons > {LossReason.LEFT_OVER})
            is_whole = all(line.short + line.backordered == 0 for line in loser.lines)
            holds(f"{loss} is of an order that is whole", true=not is_whole)
        elif loss.reason is LossReason.UNUSABLE:
            if _is_of_another_lot(loser.order, loss):
                continue
            lots = {(at, lot.id): lot for at, of in stock.lots_of(loss.sku).items() for lot in of}
            lot = lots[loss.location, loss.lot]
            holds(f"{lot} is bad", true=not _is_fit(lot, loser.order, world.batch.now))
        else:
            where = [(row.sku, row.location) for row in stock.overdrawn(now=world.batch.now)]
            holds(f"{loss} was overdrawn", true=(loss.sku, loss.location) in where)
    given = Counter(
        {
            (made.id, row.sku, row.location, row.lot): 0
            for made in result.decisions
            for row in made.allocations
        }
    )
    for made in result.decisions:
        for row in made.allocations:
            given[made.id, row.sku, row.location, row.lot] += row.quantity
    for at, units in taken.items():
        holds(f"{units} were taken for {at}, which got {given[at]}", true=units <= given[at])


def _strategy(world: World, result: Result, order_id: str) -> ConfirmationStrategy:
    return world.reallocation.strategy_of(result[order_id].order, result.context)


def nothing_is_confirmed_that_is_not_there(case: Case) -> None:
    """Wherever the run reserved something: reserved <= on hand - safety, and so it is of lots; all
    lines add up; and those that gain nothing got nothing.
    """
    world, result = case.world, case.result
    now = world.batch.now
    after = result.inventory
    is_what_it_says(after, now)
    rows = {(row.sku, row.location): row for row in after.stock()}
    for made in result.decisions:
        for row in made.allocations:
            there = rows[row.sku, row.location]
            reserved = after.reserved(row.sku, row.location, now=now)
            holds(
                f"{reserved} of {row.sku} at {row.location} of {there}",
                true=reserved <= there.on_hand - there.safety,
            )
            for lot in there.lots:
                if lot.id == row.lot:
                    of_lot = reserved_by_lot(state_of(after), row.sku, now)[row.location, row.lot]
                    holds(f"{of_lot} of {lot}", true=of_lot <= lot.quantity)
        if made.rank is not None and not _strategy(world, result, made.id).may_gain:
            same(f"{made.id} got", (), made.allocations)
        if made.outcome not in (Outcome.HELD, Outcome.REJECTED):
            for line in made.lines:
                parts = line.reserved, line.allocated, line.backordered, line.short
                rest = line.untracked, line.scheduled, line.held
                same(f"{made.id}, {line}", line.ordered, sum(parts) + sum(rest))


def it_can_be_told_and_undone(case: Case) -> None:
    """The changes lead from the stock before to the one after, and back."""
    stock, result = case.stock, case.result
    changes = result.changes
    same("the changes", result.inventory.changes_since(stock), changes)
    same("forwards", result.inventory, stock.with_changes(changes))
    same("backwards", stock, result.inventory.with_changes(changes.inverted()))


def the_same_again_changes_nothing(case: Case) -> None:
    """A second run takes from nobody, gives nobody anything, and says the same."""
    first = case.result
    second = again(case.process, case.world, first.inventory)
    same("lost again", (), second.losses)
    same("allocated again", (), second.reservations)
    same("the inventory", first.inventory, second.inventory)
    for made in first.decisions:
        confirmed = [status.confirmed for status in made.lines]
        told = [status.confirmed for status in second[made.id].lines]
        same(f"confirmed to {made.id}", confirmed, told)
    same(
        "the message ids",
        [message.id for message in first.notifications],
        [message.id for message in second.notifications],
    )


LAWS = (
    who_may_not_lose_does_not,
    nothing_is_lost_for_nothing,
    nothing_is_confirmed_that_is_not_there,
    it_can_be_told_and_undone,
    the_same_again_changes_nothing,
)
