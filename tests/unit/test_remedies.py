"""What would have helped: the smallest changes, each of which alone really fills the order."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import attrs
import pytest
from builders import NOW, line, mugs, order, reserved
from some_promises import ANYWHERE

from fulfill_core import (
    Component,
    Context,
    Customer,
    Fence,
    Finding,
    Hold,
    InvalidValueError,
    Inventory,
    Item,
    Location,
    Lot,
    Order,
    OrderRecord,
    Pack,
    Settings,
    Ship,
    Stock,
    Supply,
    explain,
    hold,
    process,
    reject,
)
from fulfill_core.explanation import Remedy, RemedyKind
from fulfill_core.protocols import Plan
from fulfill_core.reallocation import Reallocation
from fulfill_core.sourcing import only_where

DAY = timedelta(days=1)
BARE = Settings(verifiers=[])
GRACE = Customer(id="C-2", email="grace@example.com")


def remedies(
    members: Iterable[Order | OrderRecord],
    stock: Inventory,
    settings: Settings = BARE,
    order_id: str = "A-2",
) -> list[str]:
    """What would have helped an order, in words."""
    result = process(members, stock, now=NOW, **settings)
    explanation = explain(result, order_id, settings=settings)
    return [str(remedy) for remedy in explanation.what_would_help]


def stocked(on_hand: int = 0, **item: Any) -> Inventory:
    """Mugs in Berlin, and what is said of the item."""
    return Inventory(
        stock=[Stock(sku="mug", location="berlin", on_hand=on_hand)],
        items=[Item(sku="mug", **item)],
    )


# -- Units and supplies ----------------------------------------------------------------------------


def test_what_is_filled_needs_no_help() -> None:
    """Nor does an order of which nothing is open, or that is there twice."""
    assert remedies([order("A-2", 1)], mugs(berlin=1)) == []
    assert remedies([order("A-2", 1), order("A-2", 2)], mugs()) == []


@pytest.mark.parametrize("tags", [[], ["+", "gift"]])
def test_what_an_order_has_that_is_there_twice_counts(tags: list[str]) -> None:
    """Nobody knows which is meant: its units count for the cap of its customer all the same."""
    stock = Inventory(
        stock=[Stock(sku="mug", location="berlin", on_hand=9)],
        items=[Item(sku="mug", customer_cap=2)],
        reservations=[reserved("A-1")],
    )
    twins = [order("A-1", 1, tags=tags), order("A-1", 2, tags=tags)]
    assert remedies([*twins, order("A-2", 2)], stock) == ["Lift the rule 'customer_cap' of mug."]


def test_so_many_units_at_a_location() -> None:
    """As many as are missing, at each location that has the SKU; not one more."""
    assert remedies([order("A-2", 3)], mugs(berlin=1, oslo=0)) == [
        "2 more of mug at berlin.",
        "2 more of mug at oslo.",
    ]


def test_units_that_those_ahead_lack_come_first() -> None:
    """Then as many more are needed as they take."""
    orders = [order("A-1", 4), order("A-2", 2)]
    assert remedies(orders, mugs(berlin=1)) == ["5 more of mug at berlin."]
    waiting = stocked(1, backorderable=True)
    assert remedies(orders, waiting)[0] == "5 more of mug at berlin."


def test_units_of_several_skus_are_needed_together() -> None:
    """One of them alone would not fill the order; of a kit, its parts are."""
    subject = order("A-2", lines=[line("1", "mug", 2), line("2", "cup", 1)])
    stock = Inventory.of({("mug", "berlin"): 1, ("cup", "berlin"): 0})
    assert remedies([subject], stock) == ["1 more of cup and 1 more of mug at berlin."]
    kit = Item(sku="set", components=[Component(sku="mug", quantity=2), Component(sku="cup")])
    stock = Inventory(stock=stock.stock(), items=[kit])
    assert remedies([order("A-2", lines=[line("1", "set")])], stock) == [
        "1 more of cup and 1 more of mug at berlin."
    ]


def test_units_at_a_place_where_none_is() -> None:
    """Where no location has the SKU, those that are known are tried, the first five by rank."""
    places = [Location(id=f"place-{number}", rank=9 - number) for number in range(7)]
    found = remedies([order("A-2", 1)], Inventory(locations=places))
    assert found == [f"1 more of mug at place-{number}." for number in (6, 5, 4, 3, 2)]
    assert remedies([order("A-2", 1)], Inventory()) == []


def test_what_more_units_do_not_help_is_not_told() -> None:
    """A line that asks for a lot gets no other units, however many there are."""
    assert remedies([order("A-2", lines=[line("1", lot="L-9")])], mugs(berlin=5)) == []


def test_a_supply_by_the_last_day_that_is_early_enough() -> None:
    """For an order with a deadline; without one, any date would do."""
    stock = stocked(backorderable=True)
    assert remedies([order("A-2", 2)], stock) == [
        "2 more of mug at berlin.",
        "2 more of mug on order, expected whenever.",
    ]
    urgent = order("A-2", 2, deliver_by=NOW + 5 * DAY)
    assert remedies([urgent], stock)[1] == (
        "2 more of mug on order, expected by 2026-03-07 12:00 UTC."
    )
    dates = Settings(verifiers=[], promise=ANYWHERE)
    assert remedies([urgent], stock, dates)[1].startswith("2 more of mug on order, expected by ")
    too_soon = order("A-2", 2, deliver_by=NOW + DAY / 2)
    assert remedies([too_soon], stock) == ["2 more of mug at berlin."]


def test_who_waits_in_time_needs_no_supply() -> None:
    """What it waits for has a date; an id that is there is not used twice."""
    supply = Supply(
        id="what if 1: mug", sku="mug", quantity=1, expected_at=NOW + DAY, location="berlin"
    )
    stock = Inventory(
        stock=[Stock(sku="mug", location="berlin", on_hand=0)],
        items=[Item(sku="mug", backorderable=True)],
        supplies=[supply],
    )
    assert remedies([order("A-2", 1)], stock) == ["1 more of mug at berlin."]
    assert remedies([order("A-2", 3)], stock) == [
        "3 more of mug at berlin.",
        "3 more of mug on order, expected whenever.",
    ]
    late = [order("A-2", 1, deliver_by=NOW + DAY / 2)]
    assert remedies(late, stock, Settings(verifiers=[], promise=ANYWHERE)) == [
        "1 more of mug at berlin."
    ]


# -- Rank ------------------------------------------------------------------------------------------


def test_the_last_rank_that_would_do() -> None:
    """Not the first place in the queue, if a later one fills it as well."""
    orders = [order(f"A-{number}", 1) for number in range(1, 7)]
    assert remedies(orders, mugs(berlin=3), order_id="A-6") == [
        "3 more of mug at berlin.",
        "Number 3 in the queue.",
    ]


def test_in_a_reallocation_the_rank_is_what_came_of_it() -> None:
    """Others may lose what they have to who is ahead of them."""
    stock = Inventory(
        stock=[Stock(sku="mug", location="berlin", on_hand=1)], reservations=[reserved("A-1")]
    )
    moving = Settings(verifiers=[], reallocation=Reallocation())
    assert remedies([order("A-1", 1), order("A-2", 1)], stock, moving)[-1] == (
        "Number 1 in the queue."
    )


# -- Rules -----------------------------------------------------------------------------------------


def stopping(subject: Order, /, *, context: Context) -> Iterable[Finding]:
    """A verifier that stops an order for two reasons."""
    yield hold("shop.first")
    yield reject("shop.second")


def test_what_a_person_would_have_to_approve() -> None:
    """All that stops it, together: one approval may cover several findings."""
    settings = Settings(verifiers=[stopping])
    assert remedies([order("A-2", 1)], mugs(berlin=1), settings) == [
        "Lift the rule 'approval' of shop.first, shop.second."
    ]
    assert remedies([order("A-2", 1)], mugs(), settings) == []  # there is nothing for it, either


def test_a_hold_that_somebody_put_there() -> None:
    """Lifting it helps; an approval is not what it needs."""
    stop = Hold(order_id="A-2", source="Grace", code="shop.recall", at=NOW)
    record = OrderRecord(order=order("A-2", 1), holds=[stop])
    assert remedies([record], mugs(berlin=1)) == ["Lift the rule 'hold' of shop.recall."]


def test_a_time_before_which_it_may_not_leave() -> None:
    """Of the order, or of one of its lines."""
    for subject in (
        order("A-2", 1, ship_after=NOW + DAY),
        order("A-2", lines=[line("1"), line("2", ship_after=NOW + DAY)]),
    ):
        assert remedies([subject], mugs(berlin=2)) == ["Lift the rule 'ship_after'."]


@pytest.mark.parametrize(
    ("item", "rule"),
    [
        ({"fences": [Fence(quantity=2, tiers=["gold"])]}, "fences"),
        ({"customer_cap": 1}, "customer_cap"),
        ({"packs": [Pack(location="berlin", multiple=12)]}, "packs"),
    ],
)
def test_a_rule_of_an_item_that_keeps_units_from_it(item: dict[str, Any], rule: str) -> None:
    """There are enough, and one rule stands against it."""
    found = remedies([order("A-2", 2)], stocked(2, **item))
    assert f"Lift the rule '{rule}' of mug." in found


def test_a_life_that_lots_do_not_have() -> None:
    """The item asks for more than there is left."""
    stock = Inventory(
        stock=[
            Stock(
                sku="mug",
                location="berlin",
                on_hand=2,
                lots=[Lot(id="L-1", quantity=2, expires_at=NOW + 9 * DAY)],
            )
        ],
        items=[Item(sku="mug", minimum_life=30 * DAY)],
    )
    assert "Lift the rule 'minimum_life' of mug." in remedies([order("A-2", 2)], stock)


def test_safety_stock_that_nobody_may_have() -> None:
    """And the capacity of a location."""
    safe = Inventory(
        stock=[
            Stock(sku="mug", location="berlin", on_hand=2, safety=2),
            Stock(sku="cup", location="berlin", on_hand=2, safety=2),
        ]
    )
    assert remedies([order("A-2", 2)], safe)[-1] == "Lift the rule 'safety' of mug."
    full = Inventory(
        stock=[Stock(sku="mug", location="berlin", on_hand=2)],
        locations=[Location(id="berlin", capacity=0), Location(id="oslo")],
    )
    assert remedies([order("A-2", 2)], full)[-1] == "Lift the rule 'capacity' of berlin."


def never_there(place: Location, subject: Order, /) -> bool:
    """A condition that no location meets."""
    return False


def no_plan(queue: Any, inventory: Any, /, *, context: Context) -> Plan:
    """A planner that gives nobody anything."""
    return Plan(units=[], value=Decimal(0), greedy_value=Decimal(0))


def test_what_the_settings_say() -> None:
    """A sourcing policy that leaves locations out; a planner that gives units to others."""
    sourcing = Settings(verifiers=[], sourcing=only_where(never_there))
    assert remedies([order("A-2", 2)], mugs(berlin=2), sourcing) == ["Lift the rule 'sourcing'."]
    planning = Settings(verifiers=[], planner=no_plan)
    assert remedies([order("A-2", 2)], mugs(berlin=2), planning) == ["Lift the rule 'planner'."]


# -- Proved ----------------------------------------------------------------------------------------


def test_an_order_that_ships_complete_needs_all_of_it() -> None:
    """What lies there and waits for the rest is not missing."""
    subject = order("A-2", lines=[line("1"), line("2", "cup")], ship=Ship.COMPLETE)
    stock = Inventory.of({("mug", "berlin"): 1, ("cup", "berlin"): 0})
    assert remedies([subject], stock) == ["1 more of cup at berlin."]


def test_settings_that_are_not_those_of_the_run_are_refused() -> None:
    """With them the order is decided otherwise, so nothing would be proved."""
    result = process([order("A-2", 1)], mugs(), now=NOW, verifiers=[stopping])
    with pytest.raises(InvalidValueError, match="decide otherwise on 'A-2' than the run did"):
        _ = explain(result, "A-2").what_would_help
    with pytest.raises(InvalidValueError, match="settings: 'x' is nothing that process"):
        explain(result, "A-2", settings={"x": 1})


def test_other_orders_of_one_id_stand_aside() -> None:
    """They take nothing in the run, and nothing in the trials."""
    members = [order("A-1", 1), order("A-1", 2), order("A-2", 3)]
    assert remedies(members, mugs(berlin=1)) == ["2 more of mug at berlin."]


def test_a_remedy_is_a_value_with_a_sentence() -> None:
    """On one line, whatever an id holds."""
    remedy = Remedy(kind=RemedyKind.UNITS, units=[("a\nb", 1)], location="x")
    assert str(remedy) == "1 more of a\\nb at x."
    assert attrs.evolve(remedy, location="x") == remedy
