"""Re-allocation: who takes what from whom, who keeps it, and what is said of it."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fulfill_core import (
    Address,
    Component,
    Context,
    Customer,
    InvalidValueError,
    Inventory,
    Item,
    Location,
    Lot,
    Order,
    OrderLine,
    Outcome,
    Pack,
    PluginError,
    Reservation,
    Result,
    Ship,
    ShortReason,
    Stock,
    explain,
    process,
)
from fulfill_core.calendars import BusinessCalendar, Shift
from fulfill_core.priorities import oldest_first
from fulfill_core.promises import Origin, from_calendars
from fulfill_core.protocols import Plan
from fulfill_core.reallocation import ConfirmationStrategy, Loss, LossReason, Reallocation

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
DAY = timedelta(days=1)
BY_RANK = Reallocation()
DAILY = BusinessCalendar(
    timezone=UTC, shifts=[Shift(start=time(9), end=time(17), weekdays=range(7))]
)
HOME = Address(name="Ada", street=["1 Main St"], city="Leeds", postal_code="LS1 4AP", country="GB")
SLOWNESS = {"near": 0, "slow": 5}
REDISTRIBUTE = ConfirmationStrategy.REDISTRIBUTE


def order(order_id: str, *lines: tuple[str, int], **content: Any) -> Order:
    """An order of so many units of SKUs; those with a lower number were placed earlier."""
    return Order(
        id=order_id,
        placed_at=NOW - 9 * DAY + int(order_id[1:]) * timedelta(hours=1),
        customer=Customer(id=order_id),
        currency="EUR",
        lines=[
            OrderLine(id=str(at), sku=sku, quantity=units)
            for at, (sku, units) in enumerate(lines or (("mug", 2),), start=1)
        ],
        **content,
    )


def held(order_id: str, units: int, location: str = "berlin", **content: Any) -> Reservation:
    """Units of mugs that an order holds."""
    content = {"sku": "mug", "line_id": "1", "made_at": NOW - DAY, **content}
    return Reservation(order_id=order_id, location=location, quantity=units, **content)


def run(orders: list[Order], stock: Inventory, **settings: Any) -> Result:
    """A run by age, in which those behind may lose."""
    settings = {"reallocation": BY_RANK, "priority": oldest_first, "verifiers": (), **settings}
    return process(orders, stock, now=NOW, **settings)


def lost(result: Result) -> list[tuple[str, int, str, str]]:
    """Who lost how much where, to whom or why."""
    return [
        (loss.order_id, loss.quantity, loss.location, loss.to or loss.reason.value)
        for loss in result.losses
    ]


def reserved(result: Result, *ids: str) -> list[int]:
    """How many units the orders hold after a run."""
    return [
        sum(each.quantity for each in result.inventory.reservations_of(order_id))
        for order_id in ids
    ]


def classes(**strategies: str) -> Reallocation:
    """A re-allocation in which each order has its own strategy."""

    def strategy(order: Order, /, *, context: Context) -> ConfirmationStrategy:
        return ConfirmationStrategy(strategies[order.id])

    return Reallocation(strategy=strategy)


MUGS = Inventory.of({("mug", "berlin"): 4})


def test_without_it_nobody_loses() -> None:
    """By default, nobody loses what is reserved, whoever comes."""
    stock = MUGS.with_reserved(held("A2", 4))
    result = run([order("A1"), order("A2", ("mug", 4))], stock, reallocation=None)
    assert result.losses == ()
    assert reserved(result, "A1", "A2") == [0, 4]


def test_who_is_ahead_takes_what_it_lacks() -> None:
    """An order takes exactly what it lacks from one behind it, and both are told."""
    stock = MUGS.with_reserved(held("A2", 4))
    result = run([order("A1", ("mug", 3)), order("A2", ("mug", 4))], stock)
    assert result.losses == (
        Loss(
            order_id="A2", line_id="1", sku="mug", location="berlin", quantity=3,
            reason=LossReason.TAKEN, strategy=REDISTRIBUTE, to="A1",
        ),
    )  # fmt: skip
    assert reserved(result, "A1", "A2") == [3, 1]
    assert "It took 3 of mug at berlin, which was reserved for A2 (redistribute)." in str(
        explain(result, "A1")
    )
    assert "It lost 3 of mug at berlin to A1, which is ahead of it." in str(explain(result, "A2"))
    assert "In the re-allocation its strategy was: redistribute." in str(explain(result, "A2"))


def test_the_changes_lead_there_and_back() -> None:
    """What was taken is among the changes, and they can be undone."""
    stock = MUGS.with_reserved(held("A2", 4))
    result = run([order("A1", ("mug", 3)), order("A2", ("mug", 4))], stock)
    assert result.changes == result.inventory.changes_since(stock)
    assert result.inventory.with_changes(result.changes.inverted()) == stock


def test_what_is_free_is_used_first() -> None:
    """Nobody loses while there is enough for all."""
    stock = Inventory.of({("mug", "berlin"): 8}).with_reserved(held("A2", 4))
    assert run([order("A1", ("mug", 4)), order("A2", ("mug", 4))], stock).losses == ()


def test_a_parcel_more_is_better_than_a_loss() -> None:
    """What is free at another location is used before anybody loses anything."""
    stock = Inventory.of({("mug", "berlin"): 4, ("mug", "paris"): 2})
    stock = stock.with_reserved(held("A2", 3))
    result = run([order("A1", ("mug", 3)), order("A2", ("mug", 3))], stock)
    assert result.losses == ()
    assert reserved(result, "A1", "A2") == [3, 3]


def test_the_last_in_rank_loses_first() -> None:
    """Of those behind, whoever ranks last loses, and nobody else is disturbed."""
    stock = MUGS.with_reserved(held("A2", 2), held("A3", 2))
    result = run([order("A1"), order("A2"), order("A3")], stock)
    assert lost(result) == [("A3", 2, "berlin", "A1")]


def test_nobody_behind_nobody_loses() -> None:
    """An order takes nothing from those ahead of it."""
    stock = MUGS.with_reserved(held("A1", 4))
    result = run([order("A1", ("mug", 4)), order("A2")], stock)
    assert result.losses == ()


@pytest.mark.parametrize("ship", [Ship.LINES, Ship.COMPLETE])
def test_nothing_is_taken_that_does_not_do(ship: Ship) -> None:
    """For a line or an order that ships whole, all that it lacks is taken, or nothing."""
    stock = MUGS.with_reserved(held("A2", 4))
    assert run([order("A1", ("mug", 5), ship=ship), order("A2", ("mug", 4))], stock).losses == ()
    enough = run([order("A1", ("mug", 4), ship=ship), order("A2", ("mug", 4))], stock)
    assert lost(enough) == [("A2", 4, "berlin", "A1")]


def test_units_that_do_not_do_are_not_said_to_be_there() -> None:
    """What others have and keep is not available to a line that ships whole and needs more."""
    stock = MUGS.with_reserved(held("A2", 4))
    result = run([order("A1", ("mug", 5), ship=Ship.LINES), order("A2", ("mug", 4))], stock)
    [short] = result["A1"].shorts
    assert (short.available, short.reason) == (0, ShortReason.OUT_OF_STOCK)


def test_one_that_lost_takes_what_is_free_elsewhere() -> None:
    """Whoever loses at one place is served from another, in its turn, as any other order."""
    stock = Inventory.of({("mug", "berlin"): 2, ("mug", "paris"): 2}).with_reserved(held("A2", 2))

    def only_berlin_for_the_first(demand: Any, candidates: Any, /, *, context: Context) -> Any:
        if demand.order.id == "A1":
            return [place for place in candidates if place.id == "berlin"]
        return candidates

    result = run([order("A1"), order("A2")], stock, sourcing=only_berlin_for_the_first)
    assert lost(result) == [("A2", 2, "berlin", "A1")]
    assert reserved(result, "A1", "A2") == [2, 2]


@pytest.mark.parametrize(
    ("first", "second", "taken"),
    [
        ("gain", "redistribute", 2),
        ("improve", "redistribute", 2),
        ("redistribute", "redistribute", 2),
        ("fill", "redistribute", 0),
        ("skip", "redistribute", 0),
        ("gain", "fill", 2),
        ("gain", "improve", 2),
        ("win", "improve", 2),
        ("improve", "improve", 0),
        ("redistribute", "improve", 0),
        ("win", "gain", 0),
        ("gain", "win", 0),
        ("win", "skip", 0),
    ],
)
def test_strategies(first: str, second: str, taken: int) -> None:
    """WIN, GAIN and SKIP never lose; IMPROVE loses to WIN and GAIN only; FILL and SKIP gain
    nothing.
    """
    stock = Inventory.of({("mug", "berlin"): 2}).with_reserved(held("A2", 2))
    result = run([order("A1"), order("A2")], stock, reallocation=classes(A1=first, A2=second))
    assert sum(loss.quantity for loss in result.losses) == taken
    assert reserved(result, "A1", "A2") == [taken, 2 - taken]


def test_improve_loses_only_what_nobody_else_has() -> None:
    """A GAIN order takes from a REDISTRIBUTE order ahead of taking from an IMPROVE order."""
    stock = MUGS.with_reserved(held("A2", 2), held("A3", 2))
    strategies = classes(A1="gain", A2="redistribute", A3="improve")
    result = run(
        [order("A1", ("mug", 3)), order("A2"), order("A3")], stock, reallocation=strategies
    )
    assert lost(result) == [("A2", 2, "berlin", "A1"), ("A3", 1, "berlin", "A1")]


def test_win_is_served_first() -> None:
    """A WIN order is served before all others, and a note says so if it is not whole even then."""
    stock = Inventory.of({("mug", "berlin"): 3})
    strategies = classes(A1="gain", A2="win")
    result = run([order("A1"), order("A2", ("mug", 4))], stock, reallocation=strategies)
    assert [made.id for made in result.decisions] == ["A2", "A1"]
    assert [each.code for each in result["A2"].findings] == ["reallocation.not_whole"]
    assert result["A1"].findings == ()


def test_lose_gives_up_all_and_is_not_served_again() -> None:
    """A LOSE order gives up all, whoever needs it; its units are there for the others."""
    stock = MUGS.with_reserved(held("A1", 3), held("A2", 1))
    strategies = classes(A1="lose", A2="redistribute", A3="redistribute")
    result = run(
        [order("A1", ("mug", 3)), order("A2"), order("A3")], stock, reallocation=strategies
    )
    assert lost(result) == [("A1", 3, "berlin", "given_up")]
    assert reserved(result, "A1", "A2", "A3") == [0, 2, 2]
    said = str(explain(result, "A1"))
    assert "It gave up 3 of mug at berlin: that is its strategy." in said
    assert "3 missing: there were none" in said


def test_fill_has_its_turn_after_those_who_gain() -> None:
    """Whatever its rank: one that was placed later, and gains, may take from it; then come those
    that can neither gain nor lose.
    """
    stock = Inventory.of({("mug", "berlin"): 2}).with_reserved(held("A2", 2))
    strategies = classes(A1="skip", A2="fill", A3="redistribute")
    result = run([order("A1"), order("A2"), order("A3")], stock, reallocation=strategies)
    assert [made.id for made in result.decisions] == ["A3", "A2", "A1"]
    assert lost(result) == [("A2", 2, "berlin", "A3")]


def test_fill_keeps_what_it_has_and_gains_nothing() -> None:
    """A FILL order is not topped up, although there is enough."""
    stock = MUGS.with_reserved(held("A1", 1))
    result = run([order("A1")], stock, reallocation=classes(A1="fill"))
    assert reserved(result, "A1") == [1]
    assert "1 missing: with its strategy it gains nothing" in str(explain(result, "A1"))


@pytest.mark.parametrize(
    "frozen",
    [
        Reallocation(frozen_orders=["A2"]),
        Reallocation(is_frozen=lambda held: held.location == "berlin"),
        Reallocation(frozen_within=2 * DAY),
    ],
)
def test_frozen_units_never_move(frozen: Reallocation) -> None:
    """What is picked, packed, or promised within a window stays where it is."""
    stock = Inventory.of({("mug", "berlin"): 2}).with_reserved(held("A2", 2))
    orders = [order("A1"), order("A2", deliver_by=NOW + 2 * DAY)]
    assert run(orders, stock, reallocation=frozen).losses == ()
    assert run(orders, stock).losses != ()


def test_orders_outside_the_queue_keep_what_they_hold() -> None:
    """Nothing is taken from an order that is not due yet, or not in the batch."""
    stock = MUGS.with_reserved(held("A2", 2), held("A3", 2))
    later = order("A2", ship_after=NOW + DAY)
    assert run([order("A1"), later], stock).losses == ()


def test_after_a_count_the_last_go_without() -> None:
    """What is not there any more, the last that may lose have no longer; that is said."""
    stock = MUGS.with_reserved(held("A1", 2), held("A2", 2)).with_counted("mug", "berlin", 3)
    result = run([order("A1"), order("A2")], stock)
    assert lost(result) == [("A2", 1, "berlin", "not_there")]
    assert result.at_risk == ()
    assert "It lost 1 of mug at berlin: more was reserved there than there is." in str(
        explain(result, "A2")
    )


def test_what_cannot_be_used_is_no_loss() -> None:
    """Protected orders, too, give up what they have on paper only: so they may have others in its
    place, or wait for them. What may not move at all stays, and is named as being at risk.
    """
    stock = MUGS.with_reserved(held("A1", 4)).with_counted("mug", "berlin", 3)
    orders = [order("A1", ("mug", 4))]
    result = run(orders, stock, reallocation=classes(A1="gain"))
    assert lost(result) == [("A1", 1, "berlin", "not_there")]
    assert result.at_risk == ()
    all_four = Reallocation(is_frozen=lambda held: held.quantity == 4)  # not the one in it
    for frozen in (Reallocation(frozen_orders=["A1"]), classes(A1="skip"), all_four):
        result = run(orders, stock, reallocation=frozen)
        assert result.losses == ()
        assert [each.quantity for each in result.at_risk] == [1]


PAIRS = OrderLine(id="1", sku="mug", quantity=2, units_each=2)


def left_behind(shape: Order, stock: Inventory, *behind: Order, **options: Any) -> Result:
    """A1 takes a mug from A2, which is left with a part; those behind may have that."""
    return run([order("A1", ("mug", 1)), shape, *behind], stock, **options)


def test_half_a_complete_order_gives_way() -> None:
    """An order that ships complete and lost a unit has no use for the others: those behind it get
    them in the same run; and it waits for all, like one that had none.
    """
    stock = Inventory.of({("mug", "berlin"): 2, ("cup", "berlin"): 1})
    stock = stock.with_reserved(held("A2", 2), held("A2", 1, sku="cup", line_id="2"))
    whole = order("A2", ("mug", 2), ("cup", 1), ship=Ship.COMPLETE)
    result = left_behind(whole, stock, order("A3", ("mug", 1), ("cup", 1)))
    assert [(each.sku, each.quantity, str(each.reason), each.to) for each in result.losses] == [
        ("mug", 1, "left_over", ""),
        ("mug", 1, "taken", "A1"),
        ("cup", 1, "left_over", ""),
    ]
    assert reserved(result, "A1", "A2", "A3") == [1, 0, 2]
    assert [short.quantity for short in result["A2"].shorts] == [2, 1]
    assert "It gave up 1 of cup at berlin: without what it lost that can't leave." in str(
        explain(result, "A2")
    )
    again = run([each.order for each in result.decisions], result.inventory)
    assert (again.losses, again.reservations) == ((), ())


def test_half_a_kit_gives_way() -> None:
    """Components that make no whole kit any more are free; whole kits stay."""
    kit = Item(sku="set", components=[Component(sku="mug"), Component(sku="cup", quantity=2)])
    rows = [Stock(sku=sku, location="berlin", on_hand=4) for sku in ("mug", "cup")]
    stock = Inventory(rows, items=[kit]).with_reserved(
        held("A2", 2), held("A2", 4, sku="cup"), held("A4", 2)
    )
    result = left_behind(order("A2", ("set", 2)), stock, order("A3", ("cup", 3)))
    assert reserved(result, "A1", "A2", "A3") == [1, 3, 2]
    assert [short.quantity for short in result["A2"].shorts] == [1]


@pytest.mark.parametrize(
    ("shape", "remainder"),
    [
        (order("A2", ("mug", 4)), 3),
        (order("A2", ("mug", 4), ship=Ship.LINES), 0),
        (
            attrs.evolve(
                order("A2"), lines=[OrderLine(id="1", sku="mug", quantity=2, units_each=2)]
            ),
            2,
        ),
    ],
)
def test_what_ships_in_part_stays(shape: Order, remainder: int) -> None:
    """Single units that may leave by themselves stay; half a line that ships whole does not, nor
    half a pack.
    """
    stock = Inventory.of({("mug", "berlin"): 4}).with_reserved(held("A2", 4))
    assert reserved(left_behind(shape, stock), "A2") == [remainder]


@pytest.mark.parametrize(
    "options",
    [
        {"reallocation": classes(A1="gain", A2="improve", A3="gain")},
        {"reallocation": Reallocation(is_frozen=lambda held: held.sku == "cup")},
    ],
)
def test_halves_that_do_not_give_way(options: dict[str, Any]) -> None:
    """What is frozen stays. Orders that improve keep their halves: who is ahead of them might not
    take those from them, and would in the next run.
    """
    stock = Inventory.of({("mug", "berlin"): 2, ("cup", "berlin"): 1})
    stock = stock.with_reserved(held("A2", 2), held("A2", 1, sku="cup", line_id="2"))
    whole = order("A2", ("mug", 2), ("cup", 1), ship=Ship.COMPLETE)
    result = left_behind(whole, stock, order("A3", ("cup", 1)), **options)
    assert ("cup", "left_over") not in [(each.sku, str(each.reason)) for each in result.losses]
    assert reserved(result, "A3") == [0]


def test_a_half_that_is_filled_up_stays() -> None:
    """Who takes from others what it lost keeps the rest."""
    stock = Inventory.of({("mug", "berlin"): 4}).with_reserved(held("A2", 2), held("A3", 2))
    whole = order("A2", ("mug", 2), ship=Ship.COMPLETE)
    result = left_behind(whole, stock, order("A3", ("mug", 2)))
    assert reserved(result, "A1", "A2", "A3") == [1, 2, 1]


def test_who_gains_nothing_gives_way_too() -> None:
    """An order that keeps what it has and gains nothing can't fill up its half."""
    stock = Inventory.of({("mug", "berlin"): 2}).with_reserved(held("A2", 2))
    whole = order("A2", ("mug", 2), ship=Ship.COMPLETE)
    result = left_behind(whole, stock, reallocation=classes(A1="gain", A2="fill"))
    assert reserved(result, "A1", "A2") == [1, 0]


def test_safety_stock_is_not_promised_anew() -> None:
    """Where safety stock is reserved already, nobody new gets any of it."""
    stock = Inventory(stock=[Stock(sku="mug", location="berlin", on_hand=4, safety=1)])
    stock = stock.with_reserved(held("A2", 4))
    assert run([order("A1"), order("A2", ("mug", 4))], stock).losses == ()


def test_lots_stay_lots() -> None:
    """A unit keeps its lot, and one that is too old for an order is not taken for it."""
    lots = [
        Lot(id="L-1", quantity=2, expires_at=NOW + 2 * DAY),
        Lot(id="L-2", quantity=2, expires_at=NOW + 30 * DAY),
    ]
    stock = Inventory(stock=[Stock(sku="mug", location="berlin", on_hand=4, lots=lots)])
    stock = stock.with_reserved(held("A2", 2, lot="L-1"), held("A2", 2, lot="L-2"))
    first = order("A1", ("mug", 3))
    picky = Order(
        id="A1", placed_at=first.placed_at, currency="EUR", lines=first.lines,
        customer=Customer(id="C", minimum_life=9 * DAY),
    )  # fmt: skip
    result = run([picky, order("A2", ("mug", 4))], stock)
    assert [(loss.lot, loss.quantity) for loss in result.losses] == [("L-2", 2)]
    assert [(row.lot, row.quantity) for row in result["A1"].allocations] == [("L-2", 2)]
    assert "It lost 2 of mug at berlin (lot L-2) to A1" in str(explain(result, "A2"))


def test_nothing_comes_from_those_ahead_when_those_behind_have_no_more() -> None:
    """When those behind have nothing left, an order goes without: those ahead keep theirs."""
    stock = MUGS.with_reserved(held("A1", 2), held("A3", 2))
    result = run([order("A1"), order("A2", ("mug", 4)), order("A3")], stock)
    assert reserved(result, "A1", "A2", "A3") == [2, 2, 0]


def test_a_cap_is_no_reason_to_take() -> None:
    """Nobody loses to an order whose customer may not have more."""
    item = Item(sku="mug", customer_cap=2)
    stock = Inventory(stock=[Stock(sku="mug", location="berlin", on_hand=3)], items=[item])
    stock = stock.with_reserved(held("A0", 2), held("A2", 1))
    first, second = order("A0"), order("A1", ("mug", 1))
    second = Order(
        id="A1", placed_at=second.placed_at, customer=first.customer, currency="EUR",
        lines=second.lines,
    )  # fmt: skip
    result = run([first, second, order("A2", ("mug", 1))], stock)
    assert result.losses == ()
    assert [short.quantity for short in result["A1"].shorts] == [1]


@pytest.mark.parametrize("lots", [[], [Lot(id="L-1", quantity=2)]])
@pytest.mark.parametrize("reallocation", [None, Reallocation(frozen_orders=["A2"])])
def test_a_complete_order_hears_the_same_in_each_run(
    lots: list[Lot], reallocation: Reallocation | None
) -> None:
    """What those behind have and keep is short for an order that ships complete, in each run."""
    stock = Inventory(stock=[Stock(sku="mug", location="berlin", on_hand=2, lots=lots)])
    stock = stock.with_reserved(held("A2", 2, lot=lots[0].id if lots else ""))
    orders = [order("A1", ship=Ship.COMPLETE), order("A2")]
    first = run(orders, stock, reallocation=reallocation)
    second = run(orders, first.inventory, reallocation=reallocation)
    assert first.notifications == second.notifications
    assert [short.reason.value for short in first["A1"].shorts] == ["out_of_stock"]


def test_what_is_held_for_long_is_not_what_this_instant_gave() -> None:
    """An order that holds units from before is served as ever when others got some just now."""
    lots = [Lot(id="L-1", quantity=3)]
    stock = Inventory(stock=[Stock(sku="mug", location="berlin", on_hand=3, lots=lots)])
    stock = stock.with_reserved(held("A1", 1, lot="L-1"), held("A2", 1, lot="L-1", made_at=NOW))
    result = run([order("A1"), order("A2", ("mug", 1))], stock)
    assert reserved(result, "A1", "A2") == [2, 1]


def test_what_leaves_in_packs_stays() -> None:
    """Units of a SKU that leaves some location in whole packs only are not taken."""
    item = Item(sku="mug", packs=[Pack(location="berlin", multiple=2)])
    mugs = [Stock(sku="mug", location="berlin", on_hand=2)]
    stock = Inventory(stock=mugs, items=[item]).with_reserved(held("A2", 2))
    assert run([order("A1"), order("A2")], stock).losses == ()


def test_components_of_kits_are_taken_too() -> None:
    """A kit takes the component that it lacks from a plain line behind it."""
    kit = Item(
        sku="set", components=[Component(sku="mug", quantity=2), Component(sku="cup", quantity=1)]
    )
    rows = [
        Stock(sku="mug", location="berlin", on_hand=2),
        Stock(sku="cup", location="berlin", on_hand=1),
    ]
    stock = Inventory(stock=rows, items=[kit]).with_reserved(held("A2", 1))
    result = run([order("A1", ("set", 1)), order("A2", ("mug", 1))], stock)
    assert lost(result) == [("A2", 1, "berlin", "A1")]
    assert result["A1"].lines[0].confirmed == 1


@pytest.mark.parametrize("lots", [[], [Lot(id="L-1", quantity=2)]])
def test_what_was_not_needed_in_the_end_is_given_back(lots: list[Lot]) -> None:
    """A kit that lacks a single unit of what leaves in pairs takes nothing: its other components
    stay with those who hold them, and so do they if it gets some.
    """
    parts = [Component(sku=sku, quantity=1) for sku in ("cup", "mug", "pot")]
    items = [
        Item(sku="set", components=parts),
        Item(sku="pot", packs=[Pack(location="berlin", multiple=2)]),
    ]
    rows = [
        Stock(sku="cup", location="berlin", on_hand=2, lots=lots),
        Stock(sku="mug", location="berlin", on_hand=2),
        Stock(sku="pot", location="berlin", on_hand=1),
    ]
    lot = lots[0].id if lots else ""
    stock = Inventory(stock=rows, items=items).with_reserved(
        held("A2", 2, sku="cup", lot=lot), held("A2", 2, line_id="2")
    )
    others = order("A2", ("cup", 2), ("mug", 2))
    result = run([order("A1", ("set", 1)), others], stock)
    assert result.losses == ()
    assert result.inventory == stock
    some = run([order("A1", ("set", 1), ("cup", 1)), others], stock)
    assert [(loss.sku, loss.quantity) for loss in some.losses] == [("cup", 1)]


def test_one_that_may_gain_says_so() -> None:
    """Four strategies may gain, and four may lose; of both kinds are two."""
    gains = {each for each in ConfirmationStrategy if each.may_gain}
    loses = {each for each in ConfirmationStrategy if each.may_lose}
    assert {each.value for each in gains} == {"win", "gain", "improve", "redistribute"}
    assert {each.value for each in loses} == {"improve", "redistribute", "fill", "lose"}


def test_locations_that_have_no_room_today_are_asked_of_nobody() -> None:
    """Units at a location that takes on no more orders today are not taken for one."""
    places = [Location(id="berlin", capacity=0)]
    stock = Inventory(stock=[Stock(sku="mug", location="berlin", on_hand=2)], locations=places)
    stock = stock.with_reserved(held("A2", 2))
    assert run([order("A1"), order("A2")], stock).losses == ()


@given(
    st.lists(st.tuples(st.integers(1, 4), st.integers(0, 4)), min_size=1, max_size=6),
    st.integers(0, 6),
)
def test_the_rank_decides_who_has_it_in_the_end(rows: list[tuple[int, int]], free: int) -> None:
    """Of one SKU at one place, orders have in the end what they would have had, had nothing been
    reserved: whoever is ahead all that it asks for, and the last nothing. Those who lose are the
    last that had something, and they lose no more than the others gain.
    """
    holdings = [min(asked, has) for asked, has in rows]
    stock = Inventory.of({("mug", "berlin"): sum(holdings) + free})
    orders = [order(f"A{at}", ("mug", asked)) for at, (asked, _) in enumerate(rows)]
    stock = stock.with_reserved(
        *[held(f"A{at}", units) for at, units in enumerate(holdings) if units]
    )
    result = run(orders, stock)
    left = sum(holdings) + free
    expected: list[int] = []
    for asked, _ in rows:
        expected.append(min(asked, left))
        left -= expected[-1]
    assert reserved(result, *[each.id for each in orders]) == expected
    gained = sum(max(0, has - had) for has, had in zip(expected, holdings, strict=True))
    taken = sum(loss.quantity for loss in result.losses)
    assert taken == sum(max(0, had - has) for has, had in zip(expected, holdings, strict=True))
    assert taken == max(0, gained - free)


def test_a_result_pickles_with_its_losses() -> None:
    """A result of a re-allocation is a value like any other."""
    stock = MUGS.with_reserved(held("A2", 4))
    result = run([order("A1"), order("A2", ("mug", 4))], stock)
    assert pickle.loads(pickle.dumps(result)) == result  # noqa: S301 - it is our own


# -- What is refused -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"strategy": "wins"}, "Reallocation.strategy: 'wins' is no ConfirmationStrategy"),
        ({"frozen_orders": "A-1"}, "Reallocation.frozen_orders: 'A-1' is not a collection"),
        ({"is_frozen": 1}, "Reallocation.is_frozen: 1 can't be called"),
        ({"frozen_within": 3}, "Reallocation.frozen_within: 3 is not a timedelta"),
        ({"frozen_within": -DAY}, "Reallocation.frozen_within"),
    ],
)
def test_settings_that_are_refused(content: dict[str, Any], message: str) -> None:
    """A setting of the wrong type is refused by name."""
    with pytest.raises(InvalidValueError, match=message):
        Reallocation(**content)


def _raises(*_: object, **__: object) -> Any:
    raise RuntimeError("no")


@pytest.mark.parametrize(
    ("reallocation", "message"),
    [
        (Reallocation(strategy=_raises), "_raises, asked about order 'A1': raised"),
        (Reallocation(strategy=lambda order, context: "win"), "returned 'win'"),  # type: ignore[arg-type,return-value]
        (Reallocation(is_frozen=_raises), "_raises, asked about order 'A2': raised"),
    ],
)
def test_a_broken_function_stops_the_run(reallocation: Reallocation, message: str) -> None:
    """There is no safe default for a strategy: the error names the function and the order."""
    stock = MUGS.with_reserved(held("A2", 4))
    with pytest.raises(PluginError, match=message):
        run([order("A1"), order("A2")], stock, reallocation=reallocation)


def test_no_planner_beside_it() -> None:
    """A plan for all orders and a re-allocation by rank contradict each other."""
    planner: Callable[..., Plan] = lambda queue, inventory, *, context: Plan(  # noqa: E731
        units=(), value=Decimal(0), greedy_value=Decimal(0)
    )
    with pytest.raises(InvalidValueError, match="can't be combined with a reallocation"):
        run([order("A1")], MUGS, planner=planner)
    with pytest.raises(InvalidValueError, match="is not of type Reallocation"):
        run([order("A1")], MUGS, reallocation="by rank")


def test_a_complete_order_that_is_filled_up_elsewhere_gives_nothing_up() -> None:
    """It lost a part and gets as much from another place: the rest stays reserved as it was."""
    stock = Inventory.of(
        {("mug", "berlin"): 2, ("mug", "paris"): 2, ("cup", "berlin"): 1}
    ).with_reserved(held("A2", 2), held("A2", 1, sku="cup", line_id="2"))

    def only_berlin_for_the_first(demand: Any, candidates: Any, /, *, context: Context) -> Any:
        if demand.order.id == "A1":
            return [place for place in candidates if place.id == "berlin"]
        return candidates

    whole = order("A2", ("mug", 2), ("cup", 1), ship=Ship.COMPLETE)
    result = run([order("A1"), whole], stock, sourcing=only_berlin_for_the_first)
    assert lost(result) == [("A2", 2, "berlin", "A1")]
    assert [(row.sku, row.location) for row in result["A2"].allocations] == [("mug", "paris")]
    assert held("A2", 1, sku="cup", line_id="2") in result.inventory.reservations_of("A2")


def test_no_more_is_taken_than_is_missing() -> None:
    """Who lacks one unit beside what is free takes one, though those behind have more that would
    leave before it.
    """
    lots = [
        Lot(id="L-1", quantity=4, expires_at=NOW + 20 * DAY),
        Lot(id="L-2", quantity=5, expires_at=NOW + 30 * DAY),
    ]
    stock = Inventory(stock=[Stock(sku="mug", location="berlin", on_hand=9, lots=lots)])
    stock = stock.with_reserved(held("A2", 4, lot="L-1"))
    result = run([order("A1", ("mug", 6)), order("A2", ("mug", 4))], stock)
    assert lost(result) == [("A2", 1, "berlin", "A1")]
    assert reserved(result, "A1", "A2") == [6, 3]


def test_who_lost_its_place_for_today_counts_there_all_day() -> None:
    """A location takes on so many orders a day. One that lost there what it got today counts on:
    the next run of the day finds no room that this one did not, and what it changed says so.
    """
    locations = [Location(id="berlin", capacity=1), Location(id="oslo", rank=1)]
    stock = Inventory(
        [
            Stock(sku="mug", location="berlin", on_hand=2),
            Stock(sku="pot", location="berlin", on_hand=1),
        ],
        locations=locations,
        reservations=[held("A3", 2, made_at=NOW - timedelta(hours=1))],
    )
    orders = [order("A1", ("pot", 1)), order("A2", ("pot", 1)), order("A3")]
    strategies = classes(A1="redistribute", A2="redistribute", A3="lose")
    first = run(orders, stock, reallocation=strategies)
    assert lost(first) == [("A3", 2, "berlin", "given_up")]
    assert reserved(first, "A1", "A2", "A3") == [0, 0, 0]
    assert [(each.location, each.order_id) for each in first.changes.intakes_added] == [
        ("berlin", "A3")
    ]
    assert first.changes == first.inventory.changes_since(stock)
    assert not run(orders, first.inventory, reallocation=strategies).changes
    tomorrow = process(
        orders, first.inventory, now=NOW + DAY, verifiers=(), reallocation=strategies
    )
    assert reserved(tomorrow, "A1", "A2", "A3") == [1, 0, 0]


def test_what_leaves_in_boxes_is_taken_in_boxes() -> None:
    """Loose units that are free count for no box: others give up as many as make whole ones, where
    those lie.
    """
    stock = Inventory.of({("mug", "berlin"): 3, ("mug", "oslo"): 3}).with_reserved(
        held("A2", 3, location="oslo")
    )
    boxes = attrs.evolve(
        order("A1"), lines=[OrderLine(id="1", sku="mug", quantity=2, units_each=2)]
    )
    result = run([boxes, order("A2", ("mug", 3))], stock)
    rows = [(each.location, each.quantity) for each in result["A1"].allocations]
    assert rows == [("berlin", 2), ("oslo", 2)]
    assert lost(result) == [("A2", 2, "oslo", "A1")]
    assert not run([boxes, order("A2", ("mug", 3))], result.inventory).changes


def test_nobody_loses_where_nothing_more_is_won() -> None:
    """Who would get as much without what others have takes nothing from them, though the policy
    would choose another place with it.
    """
    stock = Inventory.of({("mug", "berlin"): 3, ("mug", "oslo"): 4}).with_reserved(
        held("A2", 4, location="oslo")
    )
    whole = attrs.evolve(order("A1", ("mug", 3), ("pot", 1)), ship=Ship.LINES)
    result = run([whole, order("A2", ("mug", 4))], stock)
    assert [(each.location, each.quantity) for each in result["A1"].allocations] == [("berlin", 3)]
    assert result.losses == ()


@pytest.mark.parametrize("lots", [("", "L1"), ("L1", "")])
def test_a_lot_of_a_sku_that_has_none_is_taken_from_nobody(lots: tuple[str, str]) -> None:
    """What another line of the order may have of the same SKU is, whichever comes first."""
    last = order("A2", ("tea", 1))
    stock = process([last], Inventory.of({("tea", "x"): 1}), now=NOW - DAY, verifiers=()).inventory
    lines = [OrderLine(id=lot or "any", sku="tea", quantity=1, lot=lot) for lot in lots]
    first = attrs.evolve(order("A1"), lines=lines)
    result = process([first, last], stock, now=NOW, verifiers=(), reallocation=BY_RANK)
    assert [(each.line_id, each.quantity) for each in result["A1"].allocations] == [("any", 1)]
    assert [each.line_id for each in result["A1"].shorts] == ["L1"]
    assert [each.order_id for each in result.losses] == ["A2"]


@pytest.mark.parametrize("lots", [("", "L9"), ("L9", ""), ("L1", "L9"), ("L9", "L1")])
def test_a_lot_that_nobody_has_takes_the_place_of_no_other(lots: tuple[str, str]) -> None:
    """Others give up what another line of the order may have, beside one that nothing serves."""
    last = order("A2", ("tea", 2))
    shelf = Stock(sku="tea", location="x", on_hand=2, lots=[Lot(id="L1", quantity=2)])
    stock = process([last], Inventory(stock=[shelf]), now=NOW - DAY, verifiers=()).inventory
    lines = [OrderLine(id=lot or "any", sku="tea", quantity=2, lot=lot) for lot in lots]
    first = attrs.evolve(order("A1"), lines=lines)
    result = process([first, last], stock, now=NOW, verifiers=(), reallocation=BY_RANK)
    [other] = {"any", "L1"} & {each.id for each in lines}
    assert [(each.line_id, each.quantity) for each in result["A1"].allocations] == [(other, 2)]
    assert [each.line_id for each in result["A1"].shorts] == ["L9"]


def _box_of_lots(**rules: Any) -> tuple[Order, Inventory, dict[str, Any]]:
    """A box whose tea is locked up; the only other tea is at a slow place, and by the time that
    all of the box leaves its pot has ended. Another pot lasts.
    """
    lots = [
        ("tea", "near", Lot(id="T1", quantity=1, quarantined=True)),
        ("tea", "slow", Lot(id="T2", quantity=1)),
        ("pot", "near", Lot(id="P1", quantity=1, expires_at=NOW + 4 * DAY)),
        ("pot", "slow", Lot(id="P2", quantity=1)),
    ]
    box = order("A1", ("box", 1), ship=Ship.LINES, ship_to=HOME)
    stock = Inventory(
        stock=[Stock(sku=sku, location=at, on_hand=1, lots=[each]) for sku, at, each in lots],
        items=[
            Item(
                sku="box",
                components=[Component(sku=sku, quantity=1) for sku in ("tea", "pot")],
            )
        ],
        locations=[Location(id="near", rank=1), Location(id="slow", rank=2)],
        reservations=[
            Reservation(
                order_id="A1",
                line_id="1",
                sku=sku,
                location="near",
                quantity=1,
                lot=lot,
                made_at=NOW - DAY,
            )
            for sku, lot in (("tea", "T1"), ("pot", "P1"))
        ],
    )
    origins = {at: Origin(calendar=DAILY, handling=days * DAY) for at, days in SLOWNESS.items()}
    promise = from_calendars(origins, {"near": DAY, "slow": DAY})
    options = {"now": NOW, "verifiers": (), "promise": promise}
    return box, stock, {**options, "reallocation": Reallocation(**rules)}


def test_what_ends_since_other_units_leave_later_is_given_up_in_the_same_run() -> None:
    """Else the next run would do it, and tell of units at risk that nobody has to look for."""
    box, stock, options = _box_of_lots()
    result = process([box], stock, **options)
    got = {(each.sku, each.location, each.lot) for each in result["A1"].allocations}
    assert got == {("tea", "slow", "T2"), ("pot", "slow", "P2")}
    assert {(each.lot, each.reason) for each in result.losses} == {
        ("T1", LossReason.UNUSABLE),
        ("P1", LossReason.UNUSABLE),
    }
    assert result["A1"].outcome is Outcome.ALLOCATED
    again = process(result.records, result.inventory, **options)
    assert again.inventory == result.inventory
    assert again.notifications == ()


def test_what_ends_since_other_units_leave_later_stays_where_it_is_frozen() -> None:
    """It is at risk: the staff has to look for another."""
    box, stock, options = _box_of_lots(is_frozen=lambda reservation: reservation.sku == "pot")
    result = process([box], stock, **options)
    assert [each.lot for each in result["A1"].unusable] == ["P1"]
    assert process([box], result.inventory, **options).inventory == result.inventory
