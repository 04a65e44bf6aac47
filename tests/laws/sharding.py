"""Law 9: the groups that `shards` makes, run apart and merged, are as good as one run.

A world is made of a seed: a wide assortment, so that there are groups, and of everything that may
connect them. `apart_is_together` compares; `influences` finds out, by leaving out one order after
the other, who makes a difference to whom: it knows nothing of how shards are made.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import attrs

from fulfill_core import (
    DEFAULT_PRIORITY,
    DEFAULT_VERIFIERS,
    Address,
    Component,
    Context,
    Customer,
    CustomerFacts,
    Facts,
    Fence,
    Inventory,
    Item,
    KitShips,
    Location,
    Lot,
    Order,
    OrderLine,
    OrderRecord,
    Pack,
    PastOrder,
    Payment,
    PaymentStatus,
    Progress,
    Result,
    Screening,
    Severity,
    Ship,
    Stock,
    Supply,
    Verifier,
    explain,
    hold,
    merged,
    process,
    shards,
)
from fulfill_core.calendars import BusinessCalendar, Shift
from fulfill_core.priorities import (
    ageing,
    buckets,
    customer_tier,
    deadline,
    fair_share,
    lexicographic,
    oldest_first,
    order_value,
)
from fulfill_core.promises import Origin, from_calendars
from fulfill_core.reallocation import ConfirmationStrategy, Reallocation
from fulfill_core.sourcing import fewest_shipments
from fulfill_core.verifiers import (
    all_of,
    asked_last,
    authorization_lasts,
    credit_covers,
    downgrade,
    only_if,
    quantity_limits,
    repeated_order,
    usual_for_customer,
    velocity,
)

from .runs import Entry, order_of, same

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
SKUS = ("cup", "jar", "jug", "mug", "pan", "pot", "tea", "tin", "urn", "wok")
KITS = ("gift", "pair", "set")
PLACES = ("berlin", "lyon", "oslo")
Merging = Callable[[Iterable[Result]], Result]
Groups = Callable[..., Iterable[Sequence[Entry]]]


@attrs.frozen
class World:
    """What a run is given."""

    orders: tuple[Entry, ...]
    inventory: Inventory
    settings: Mapping[str, Any]

    def run(self, orders: Iterable[Entry]) -> Result:
        """A run of some of its orders."""
        return process(orders, self.inventory, now=NOW, **self.settings)


def is_gold(order: Order, /, *, context: Context) -> bool:
    """A condition."""
    return order.customer.tier == "gold"


def fails_on_urns(order: Order, /, *, context: Context) -> tuple[()]:
    """A verifier that breaks, at times."""
    if any(line.sku == "urn" for line in order.lines):
        raise LookupError(order.id)
    return ()


@attrs.frozen
class one_per_channel:  # noqa: N801 - it is used as the function that it makes
    """A verifier of a shop's own that counts the orders of a channel, and says so."""

    counts: tuple[tuple[str, str], ...] = ()

    def __call__(self, order: Order, /, *, context: Context) -> Iterator[Any]:
        first = dict(self.counts).get(order.channel, order.id)
        if order.channel and first < order.id:
            yield hold("shop.channel", evidence=first)

    def for_batch(self, orders: Sequence[Order], /, *, context: Context) -> one_per_channel:
        """With the first order of each channel."""
        counts: dict[str, str] = {}
        for order in orders:
            counts[order.channel] = min(counts.get(order.channel, order.id), order.id)
        return one_per_channel(tuple(counts.items()))

    def shared_keys(self, order: Order, /, *, facts: Facts) -> list[Any]:
        """The channel, if it has one."""
        return [order.channel] if order.channel else []


BATCHING: tuple[Verifier, ...] = (
    velocity(at_most=1, within=2 * DAY),
    velocity(at_most=1, within=2 * DAY, per="card"),
    velocity(at_most=1, within=2 * DAY, per="address"),
    velocity(at_most=1, within=2 * DAY, per="email"),
    velocity(at_most=1, within=2 * DAY, per="ip"),
    repeated_order(within=DAY),
    repeated_order(within=DAY, per="phone"),
    quantity_limits({"mug": 3, "pot": 2}, per="customer"),
    quantity_limits({"mug": 3, "pot": 2}, per="card"),
    quantity_limits({"mug": 3}),
    credit_covers("terms"),
    usual_for_customer(value_factor=2, at_least_orders=1),
    one_per_channel(),
    only_if(is_gold, velocity(at_most=1, within=DAY)),
    downgrade(
        asked_last(all_of(velocity(at_most=1, within=DAY), credit_covers())), to=Severity.NOTE
    ),
)
SIMPLE: tuple[Verifier, ...] = (
    *DEFAULT_VERIFIERS[:1],
    fails_on_urns,
    authorization_lasts(5 * HOUR),
    all_of(authorization_lasts(), fails_on_urns),
)
PRIORITIES = (
    DEFAULT_PRIORITY,
    oldest_first,
    order_value({"EUR": Decimal(1)}),
    lexicographic(customer_tier("gold"), buckets(deadline, DAY)),
    ageing(customer_tier("gold", "standard"), rises_every=HOUR),
    fair_share("customer"),
    fair_share("channel", weights={"web": 2}),
    lexicographic(customer_tier("gold"), fair_share("customer"), buckets(deadline, DAY)),
)
PROMISE = from_calendars(
    {},
    dict.fromkeys((*PLACES, ""), DAY),
    otherwise=Origin(
        calendar=BusinessCalendar(timezone=UTC, shifts=[Shift(start=time(9), end=time(17))])
    ),
)


def world(seed: int, *, count: int = 9, skus: Sequence[str] = SKUS) -> World:
    """A random world; two runs in three begin where an earlier one of some orders ended."""
    chance = random.Random(seed)
    settings: dict[str, Any] = {
        "verifiers": (
            *chance.sample(SIMPLE, chance.randrange(2)),
            *chance.sample(BATCHING, chance.choice((0, 0, 1, 1, 2))),
        ),
        "priority": chance.choice(PRIORITIES),
        "facts": _facts(chance, count),
        "promise": chance.choice((None, None, PROMISE)),
        "reallocation": chance.choice(
            (None, None, *(Reallocation(strategy=each) for each in ConfirmationStrategy))
        ),
        "reservation_window": chance.choice((timedelta(0), 2 * DAY)),
    }
    if chance.random() < 0.2:
        settings["sourcing"] = fewest_shipments()
    orders = [_order(chance, f"A-{number}", skus) for number in range(count)]
    inventory = _inventory(chance, skus)
    members: list[Entry] = list(orders)
    if chance.random() < 0.66:
        earlier = process(
            chance.sample(orders, count // 2),
            inventory,
            now=NOW - chance.choice((timedelta(0), HOUR, DAY)),
            **{**settings, "reallocation": None},
        )
        inventory = earlier.inventory
        records = {record.id: record for record in earlier.records}
        members = [records.get(order.id, order) for order in orders]
        if chance.random() < 0.5:  # a count, or goods that came in
            row = chance.choice(sorted(inventory.stock(), key=repr))
            lot = row.lots[0].id if row.lots else ""
            inventory = inventory.with_received(row.sku, row.location, 2, lot=lot)
        if chance.random() < 0.4:  # the customer wants something else by now
            place = chance.randrange(count)
            members[place] = _with_other_lines(chance, members[place], skus)
    members = [_with_progress(chance, member) for member in members]
    if chance.random() < 0.3:
        member = chance.choice(members)
        members.append(chance.choice((member, attrs.evolve(order_of(member), channel="shop"))))
    return World(tuple(members), inventory, settings)


def _with_other_lines(chance: random.Random, member: Entry, skus: Sequence[str]) -> Entry:
    """The same order, which now asks for another SKU than it has reserved."""
    order = order_of(member)
    lines = [attrs.evolve(line, sku=chance.choice(skus)) for line in order.lines]
    changed = attrs.evolve(order, lines=lines)
    if isinstance(member, OrderRecord):
        return attrs.evolve(member, order=changed)
    return changed


def _with_progress(chance: random.Random, member: Entry) -> Entry:
    lines = order_of(member).lines
    if chance.random() < 0.85 or not lines or isinstance(member, OrderRecord):
        return member
    line = lines[0]
    progress = Progress(line_id=line.id, cancelled=line.units if chance.random() < 0.5 else 1)
    return OrderRecord(order=order_of(member), progress=[progress])


def _order(chance: random.Random, order_id: str, skus: Sequence[str]) -> Order:
    customer = chance.choice(("C-1", "C-2", "C-3", f"C-{order_id}", f"C-{order_id}"))
    asks = chance.sample((*skus, *KITS, "wrap"), chance.choice((1, 1, 1, 2)))
    street = chance.choice((order_id, order_id, "1 Main St"))
    return Order(
        id=order_id,
        placed_at=NOW - chance.randrange(40) * HOUR,
        customer=Customer(
            id=customer,
            email=f"{chance.choice(('ada', order_id, order_id))}@example.com",
            phone=chance.choice(("", "+44 113 496", f"+44 {order_id[2:]} 496 000")),
            tier=chance.choice(("gold", "standard")),
        ),
        lines=[
            OrderLine(
                id=str(number), sku=sku, quantity=chance.randrange(1, 4), unit_price=Decimal(5)
            )
            for number, sku in enumerate(asks)
        ],
        currency="EUR",
        ship_to=Address(name="Ada", street=[street], city="Leeds", postal_code="LS1", country="GB"),
        payments=[
            Payment(
                id="p",
                amount=Decimal(chance.randrange(1, 40)),
                status=PaymentStatus.AUTHORIZED,
                method=chance.choice(("card", "card", "terms")),
                expires_at=NOW + chance.randrange(-2, 60) * HOUR,
            )
        ],
        ship=chance.choice((Ship.PARTIAL, Ship.PARTIAL, *Ship)),
        channel=chance.choice(("", "", "", "web", "store")),
        deliver_by=chance.choice((None, None, NOW + chance.randrange(90) * HOUR)),
        ship_after=chance.choice((None, None, None, None, NOW + DAY)),
    )


def _facts(chance: random.Random, count: int) -> Facts:
    past = [
        PastOrder(
            id=chance.choice((f"A-{number}", f"B-{number}")),
            placed_at=NOW - 30 * HOUR,
            total=Decimal(5),
            currency="EUR",
            units={"mug": 2},
        )
        for number in range(2)
    ]
    customers = [
        CustomerFacts(
            customer_id=customer_id,
            orders=past if customer_id == "C-1" else (),
            credit_limit=Decimal(50),
            credit_used=Decimal(10),
            currency="EUR",
            units_bought={"mug": 1},
        )
        for customer_id in (
            *("C-1", "C-2", "email:ada@example.com", "phone:+44113496", "card:x", "card:y"),
            *(f"C-A-{number}" for number in range(count)),
            *(f"email:a-{number}@example.com" for number in range(count)),
            *(f"phone:+44{number}496000" for number in range(count)),
            *(f"card:own-{number}" for number in range(count)),
        )
    ]
    screenings = [
        Screening(
            order_id=f"A-{number}",
            cards=[chance.choice(("x", "y", f"own-{number}"))],
            ip=chance.choice(("203.0.113.7", f"198.51.100.{number}", "")),
        )
        for number in range(count)
        if chance.random() < 0.9
    ]
    return Facts(customers=customers, screenings=screenings)


def _inventory(chance: random.Random, skus: Sequence[str]) -> Inventory:
    stock: list[Stock] = []
    items: list[Item] = [Item(sku="wrap", tracked=False)]
    supplies: list[Supply] = []
    for sku in skus:
        for place in chance.sample(PLACES, chance.choice((1, 1, 2))):
            on_hand = chance.randrange(5)
            lots = (
                [Lot(id="L", quantity=on_hand, expires_at=NOW + chance.randrange(-1, 5) * DAY)]
                if on_hand and chance.random() < 0.2
                else []
            )
            stock.append(Stock(sku=sku, location=place, on_hand=on_hand, lots=lots))
        rules: dict[str, Any] = chance.choice(
            (
                *({}, {}, {}),
                {"customer_cap": 2},
                {"fences": [Fence(quantity=1, channels=["web"])]},
                {"packs": [Pack(location="berlin", multiple=2)]},
                {"backorder_cap": 1},
            )
        )
        items.append(Item(sku=sku, backorderable=chance.random() < 0.7, **rules))
        if chance.random() < 0.5:
            supplies.append(
                Supply(
                    id=f"PO-{sku}",
                    sku=sku,
                    quantity=chance.randrange(1, 4),
                    expected_at=NOW + chance.randrange(-1, 5) * DAY,
                    location=chance.choice(("", *PLACES)),
                )
            )
    ships = chance.choice(tuple(KitShips))
    parts = chance.sample(sorted(skus), 3)
    items += [
        Item(sku="pair", components=[Component(sku=parts[0], quantity=2)], kit_ships=ships),
        Item(
            sku="set",
            components=[Component(sku="pair", quantity=1), Component(sku="wrap", quantity=1)],
        ),
        Item(
            sku="gift",
            components=[Component(sku=part, quantity=1) for part in parts[1:]],
            backorderable=False,
        ),
    ]
    full = chance.choice((None, None, None, 0, 1, 2))
    places = [
        Location(id="berlin"),
        Location(id="lyon"),
        Location(id="oslo", rank=-1, capacity=full),
    ]
    return Inventory(stock=stock, items=items, supplies=supplies, locations=places)


# -- The law ---------------------------------------------------------------------------------------


def apart_is_together(
    world: World, groups_of: Groups = shards, merging: Merging = merged, workers: int = 0
) -> int:
    """The groups run apart and merged give what one run gives; returns how many there are."""
    groups = groups_of(world.orders, world.inventory, world.settings)
    if workers:
        groups = groups.bundles(workers)  # type: ignore[attr-defined]
    results = [world.run(group) for group in groups]
    apart, together = merging(reversed(results)), world.run(world.orders)
    same("decisions", list(together.decisions), list(apart.decisions))
    same("the inventory", together.inventory, apart.inventory)
    same("messages", together.notifications, apart.notifications)
    same("changes", together.changes, apart.changes)
    same("losses", together.losses, apart.losses)
    same("records", together.records, apart.records)
    same("changed records", together.changed_records, apart.changed_records)
    same("wake_at", together.wake_at, apart.wake_at)
    same("at risk", together.at_risk, apart.at_risk)
    same("superseded", together.superseded_ids, apart.superseded_ids)
    same("absent", together.of_absent_orders, apart.of_absent_orders)
    same("failures", together.context.failures, apart.context.failures)
    same("attempts", together.attempts, apart.attempts)
    for decision in together:
        same(f"why {decision.id}", explain(together, decision.id), explain(apart, decision.id))
    return len(results)


# -- The oracle ------------------------------------------------------------------------------------


def influences(world: World) -> set[tuple[str, str]]:
    """Pairs of orders of which the first one makes a difference to the second one."""
    whole = _seen(world.run(world.orders))
    pairs: set[tuple[str, str]] = set()
    for gone in whole:
        rest = [member for member in world.orders if member.id != gone]
        for order_id, content in _seen(world.run(rest)).items():
            if content != whole[order_id]:
                pairs.add((gone, order_id))
    return pairs


def _seen(result: Result) -> dict[str, Any]:
    """All that is seen of an order in a result, but for its rank, by id."""
    return {
        decision.id: (
            attrs.evolve(decision, rank=None),
            result.inventory.reservations_of(decision.id),
            result.inventory.claims_of(decision.id),
            [message for message in result.notifications if message.order_id == decision.id],
            [loss for loss in result.losses if loss.order_id == decision.id],
        )
        for decision in result.decisions
    }


def nobody_is_influenced_from_outside(world: World, groups_of: Groups = shards) -> int:
    """Of two orders that influence each other, both are in one group; returns how many do."""
    group_of = {
        member.id: number
        for number, group in enumerate(groups_of(world.orders, world.inventory, world.settings))
        for member in group
    }
    pairs = influences(world)
    outside = {pair for pair in pairs if group_of[pair[0]] != group_of[pair[1]]}
    same("influences from another group", set(), outside)
    return len(pairs)
