"""The first look at a turn with rules says what the turn would say."""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import attrs
import pytest
from builders import NOW

from fulfill_core import (
    Candidate,
    Component,
    Context,
    Customer,
    Demand,
    Facts,
    Fence,
    Inventory,
    Item,
    Location,
    Lot,
    Order,
    OrderLine,
    Pack,
    Reservation,
    Result,
    Ship,
    Stock,
    process,
)
from fulfill_core.allocation.first_look import FirstLook
from fulfill_core.records import CustomerFacts

DAY = timedelta(days=1)
PLACES = ("east", "west")
ITEMS = (
    Item(sku="cap", customer_cap=3),
    Item(sku="waiting", customer_cap=2, backorderable=True),
    Item(sku="fence", fences=[Fence(quantity=4, tiers=["gold"])]),
    Item(sku="window", fences=[Fence(quantity=2, tiers=["gold"], location="west")]),
    Item(sku="both", customer_cap=2, fences=[Fence(quantity=3, tiers=["gold"])]),
    Item(sku="pack", packs=[Pack(location="east", multiple=2)]),
    Item(sku="box", packs=[Pack(location="west", multiple=3)], customer_cap=4),
    Item(sku="tea", customer_cap=4),
    Item(sku="kit", components=[Component(sku="mug"), Component(sku="cap")]),
    Item(sku="set", components=[Component(sku="mug", quantity=2), Component(sku="tea")]),
    Item(sku="fee", tracked=False),
)
SKUS = ("mug", *(item.sku for item in ITEMS))


def stock_of(rng: random.Random) -> Inventory:
    """Some units of each SKU at two places, of which one may be full soon; tea is kept by lot."""
    stock: list[Stock] = []
    for sku in SKUS[:-3]:
        for place in PLACES:
            units = rng.randrange(10)
            lots = [Lot(id="L-1", quantity=units, expires_at=NOW + 9 * DAY)] if sku == "tea" else []
            stock.append(Stock(sku=sku, location=place, on_hand=units, lots=lots))
    locations = [
        Location(id="east", capacity=rng.choice([None, None, 1, 3])),
        Location(id="west", rank=1),
    ]
    rival = Reservation(order_id="A-9", line_id="1", sku="pack", location="west", quantity=1)
    reservations = [rival] if stock[-5].on_hand and rng.randrange(4) == 0 else []
    return Inventory(stock=stock, items=ITEMS, locations=locations, reservations=reservations)


def orders_of(rng: random.Random) -> list[Order]:
    """A few orders of two customers, of whom one asks for fresh goods."""
    customers = [Customer(id="C-1"), Customer(id="C-2", tier="gold", minimum_life=20 * DAY)]
    return [
        Order(
            id=f"A-{number}",
            placed_at=NOW - timedelta(hours=number),
            customer=rng.choice(customers),
            currency="EUR",
            ship=rng.choice(list(Ship)),
            lines=[
                OrderLine(id=str(at), sku=sku, quantity=rng.randint(1, 4))
                for at, sku in enumerate(rng.choices(SKUS, k=rng.randint(1, 4)))
            ],
        )
        for number in range(rng.randint(1, 5))
    ]


def west_first(
    demand: Demand, candidates: tuple[Candidate, ...], /, *, context: Context
) -> list[Candidate]:
    """A policy of a shop's own, of which nobody knows whether it leaves out a place."""
    del demand, context
    return sorted(candidates, key=lambda place: place.id, reverse=True)


def sees_nothing(*_: object) -> None:
    """A first look that leaves every order to its turn."""


def days(orders: list[Order], stock: Inventory, options: dict[str, Any]) -> list[Result]:
    """A run, the same again, and one a day later, when somebody else asks for more."""
    first = process(orders, stock, now=NOW, **options)
    again = process(first.records, first.inventory, now=NOW, **options)
    more = [attrs.evolve(order, id=f"B-{order.id}", placed_at=NOW) for order in orders]
    records = [*again.records, *more]
    return [first, again, process(records, again.inventory, now=NOW + DAY, **options)]


def content(results: Iterable[Result]) -> list[object]:
    """All that runs say."""
    return [part for result in results for part in content_of(result)]


def content_of(result: Result) -> list[object]:
    """All that a run says."""
    return [
        [
            (each, each.findings, each.allocations, each.backorders, each.shorts)
            for each in result.decisions
        ],
        [(message.id, message.lines, message.reasons) for message in result.notifications],
        result.inventory,
    ]


@pytest.mark.parametrize("seed", range(200))
def test_who_is_served_at_the_first_look_gets_and_hears_what_a_turn_gives(
    seed: int,
) -> None:
    """No unit, reason, number or remark is another one, and nothing is left behind for others."""
    rng = random.Random(seed)
    orders, stock, bought = orders_of(rng), stock_of(rng), rng.randrange(3)
    facts = Facts(customers=[CustomerFacts(customer_id="C-1", units_bought={"cap": bought})])
    options: dict[str, Any] = {"verifiers": (), "facts": facts}
    if rng.randrange(3) == 0:
        options["sourcing"] = west_first
    at_first_look = content(days(orders, stock, options))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(FirstLook, "serve", sees_nothing)
        in_turns = content(days(orders, stock, options))
    assert at_first_look == in_turns


def one(*lines: tuple[str, int], ship: Ship) -> Order:
    """An order of lines: SKU and quantity."""
    return Order(
        id="A-1",
        placed_at=NOW,
        customer=Customer(id="C-1"),
        currency="EUR",
        ship=ship,
        lines=[OrderLine(id=sku, sku=sku, quantity=units) for sku, units in lines],
    )


FULL = Inventory(
    [Stock(sku=sku, location="east", on_hand=9) for sku in SKUS[:-3]],
    items=ITEMS,
)


def test_what_a_cap_keeps_is_short_and_the_rest_is_given() -> None:
    """An order that ships in parts gets all but what its customer's cap keeps."""
    decision = process(
        [one(("cap", 4), ("mug", 2), ship=Ship.PARTIAL)], FULL, now=NOW, verifiers=()
    )["A-1"]
    assert [(each.sku, each.quantity) for each in decision.allocations] == [("cap", 3), ("mug", 2)]
    assert [(each.sku, each.quantity, each.available, each.reason) for each in decision.shorts] == [
        ("cap", 1, 3, "customer_cap")
    ]
    assert [finding.code for finding in decision.findings] == ["allocation.customer_cap"]


def test_an_order_that_ships_complete_hears_what_keeps_it() -> None:
    """The line under a cap names the cap, the others that all has to leave together."""
    decision = process(
        [one(("cap", 4), ("mug", 2), ("set", 1), ship=Ship.COMPLETE)], FULL, now=NOW, verifiers=()
    )["A-1"]
    assert decision.allocations == ()
    assert [(each.sku, each.available, each.reason) for each in decision.shorts] == [
        ("cap", 3, "customer_cap"),
        ("mug", 9, "order_ships_complete"),
        ("set", 0, "out_of_stock"),
    ]


def test_units_of_lots_that_nobody_describes_are_of_their_sku() -> None:
    """Shelves of SKUs without an item share one description: it does not say whose they are."""
    lots = [Lot(id="L-1", quantity=2), Lot(id="L-2", quantity=3)]
    tea = Stock(sku="tea", location="west", on_hand=5, lots=lots)
    inventory = Inventory(stock=[tea], items=[Item(sku="cap", customer_cap=1)])
    order = Order(
        id="A-1",
        placed_at=NOW,
        customer=Customer(id="C-1"),
        lines=[OrderLine(id="1", sku="tea", quantity=3)],
        currency="EUR",
    )
    result = process([order], inventory, now=NOW, verifiers=[])
    rows = [(each.sku, each.lot, each.quantity) for each in result["A-1"].allocations]
    assert rows == [("tea", "L-1", 2), ("tea", "L-2", 1)]
    assert {each.sku for each in result.inventory.reservations_of("A-1")} == {"tea"}
