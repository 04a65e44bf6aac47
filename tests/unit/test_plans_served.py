"""A plan is tried before it is carried out: what it says is served, and rank order is no better.

The oracle is the run itself: it tries every plan that there is for a few orders.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import pytest
from builders import NOW, line, mugs, order, run
from hypothesis import given, settings
from hypothesis import strategies as st
from some_stock import DAY, HOUR, got, lot, pegs, row, shelf_of, shorts, supply

from fulfill_core import (
    Context,
    Customer,
    Fence,
    Inventory,
    Item,
    Location,
    Order,
    OrderRecord,
    Pack,
    PluginError,
    Reservation,
    Result,
    Ship,
    SourcingPolicy,
    process,
)
from fulfill_core.protocols import OrderDemand, Plan
from fulfill_core.sourcing import at_most_shipments, by_rank
from fulfill_core.testing import Batch, batches, priority_policies, sourcing_policies

pytest.importorskip("highspy", reason="needs the extra: optimize")

from fulfill_core.optimal import best_value

LATER = NOW + HOUR
ONE_SHIPMENT = at_most_shipments(1)
BERLIN_ONCE = [Location(id="berlin", capacity=1), Location(id="lyon")]


def priced(order_id: str, *lines: tuple[int, int], **changes: Any) -> Order:
    """An order of mugs, so many at such a price on each line; the number of its id is its rank."""
    rows = [
        line(str(place), "mug", units, unit_price=Decimal(price))
        for place, (units, price) in enumerate(lines, 1)
    ]
    changes.setdefault("customer", Customer(id=f"C-{order_id}"))
    return order(order_id, lines=rows, placed_at=NOW - DAY + int(order_id[2:]) * HOUR, **changes)


def served(*orders: Order, **options: Any) -> Result:
    """A run of these orders without verifiers."""
    return run(*orders, verifiers=(), **options)


def worth(result: Result) -> Decimal:
    """What the run filled, by price: from outside, line by line."""
    prices = {
        (each.id, one.id): one.unit_price / one.units_each
        for each in result.decisions
        for one in each.order.lines
    }
    units = {
        (each.id, one.line_id): one.allocated for each in result.decisions for one in each.lines
    }
    return sum([prices[at] * units[at] for at in units], Decimal(0))


def plan_of(result: Result) -> Plan:
    """The plan of a run that has one."""
    assert result.plan is not None
    return result.plan


def is_served(result: Result) -> bool:
    """Whether each line got what its plan says, no more and no less."""
    units = {
        (each.id, one.line_id): one.allocated
        for each in result.decisions
        for one in each.lines
        if one.allocated
    }
    return units == plan_of(result).by_line


# -- What a planner does not see -------------------------------------------------------------------


def test_units_that_a_plan_gives_in_vain_go_to_others() -> None:
    """Three that pay more, one shipment, two at most in one place: one is left for who pays less.
    Its plan is what is served.
    """
    orders = priced("A-1", (2, 5)), priced("A-2", (3, 8))
    options: dict[str, Any] = {"stock": mugs(berlin=1, lyon=2), "sourcing": ONE_SHIPMENT}
    assert worth(served(*orders, **options)) == 18
    result = served(*orders, planner=best_value(), **options)
    assert (got(result["A-1"]), got(result["A-2"])) == (
        [("1", "mug", "berlin", 1)],
        [("1", "mug", "lyon", 2)],
    )
    plan = plan_of(result)
    assert (plan.units, plan.value, plan.greedy_value, plan.bound) == (
        (("A-1", "1", 1), ("A-2", "1", 2)),
        21,
        18,
        24,
    )


def test_what_a_plan_leaves_over_is_given_by_rank_in_the_same_run() -> None:
    """The web comes first and pays less: the shop has what lies above the web's fence, and the web
    the rest. A run that is done again, at once or later, gives nothing new and says nothing new.
    """
    item = Item(sku="mug", fences=[Fence(quantity=2, channels=["web"])])
    orders = priced("A-1", (5, 2), channel="web"), priced("A-2", (2, 5))
    result = served(*orders, stock=Inventory([row(5)], items=[item]), planner=best_value())
    assert (got(result["A-1"]), got(result["A-2"])) == (
        [("1", "mug", "berlin", 3)],
        [("1", "mug", "berlin", 2)],
    )
    assert is_served(result)
    assert shorts(result["A-1"]) == [("1", 2, 3, "given_to_others")]
    for later in (NOW, LATER):
        again = served(*result.records, stock=result.inventory, now=later, planner=best_value())
        assert again.inventory == result.inventory
        assert again.notifications == ()


def test_a_plan_is_served_in_the_hour_that_comes_twice() -> None:
    """What the plan gives is what the order gets, in whatever zone the time is given."""
    now = datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo("Europe/Berlin"), fold=1)
    orders = priced("A-1", (2, 5)), priced("A-2", (3, 8))
    result = served(*orders, stock=mugs(berlin=4), planner=best_value(), now=now)
    assert got(result["A-2"]) == [("1", "mug", "berlin", 3)]
    assert result["A-2"].reserved == ()
    assert is_served(result)


def test_what_orders_had_before_the_plan_is_no_part_of_it() -> None:
    """What is reserved at this very instant beside the plan stays reserved: it is not given."""
    orders = priced("A-1", (2, 5)), priced("A-2", (3, 8))
    before = Reservation(
        order_id="A-2", line_id="1", sku="mug", location="berlin", quantity=1, made_at=NOW
    )
    stock = Inventory([row(4)], reservations=[before])
    result = served(*orders, stock=stock, planner=best_value())
    assert got(result["A-2"]) == [("1", "mug", "berlin", 2)]
    assert [each.quantity for each in result["A-2"].reserved] == [1]
    assert got(result["A-1"]) == [("1", "mug", "berlin", 1)]
    assert [short[3] for short in shorts(result["A-1"])] == ["given_to_others"]


def test_a_plan_that_serves_less_than_rank_order_is_not_carried_out() -> None:
    """A complete order that would pay more can't leave in one shipment: it is as without a plan,
    down to why each line is short.
    """
    orders = priced("A-1", (2, 5)), priced("A-2", (3, 8), ship=Ship.COMPLETE)
    options: dict[str, Any] = {"stock": mugs(berlin=1, lyon=2), "sourcing": ONE_SHIPMENT}
    result, by_rank = served(*orders, planner=best_value(), **options), served(*orders, **options)
    assert tuple(result.decisions) == tuple(by_rank.decisions)
    assert (plan_of(result).units, plan_of(result).value) == ((("A-1", "1", 2),), 10)


@pytest.mark.parametrize(
    ("stock", "orders"),
    [
        (
            Inventory([row(2), row(2, location="lyon")], locations=BERLIN_ONCE),
            [priced("A-1", (1, 1)), priced("A-2", (4, 5)), priced("A-3", (2, 3))],
        ),
        (
            Inventory(
                [row(5), row(3, location="lyon")],
                items=[Item(sku="mug", packs=[Pack(location="berlin", multiple=3)])],
            ),
            [priced("A-1", (2, 1)), priced("A-2", (4, 5)), priced("A-3", (5, 3))],
        ),
        (
            Inventory(
                [row(3), row(3, location="lyon")],
                items=[
                    Item(
                        sku="mug",
                        fences=[Fence(quantity=2, channels=["web"], location="lyon")],
                        customer_cap=3,
                    )
                ],
            ),
            [priced("A-1", (2, 1)), priced("A-2", (4, 5)), priced("A-3", (3, 3), channel="web")],
        ),
        (
            Inventory(
                [shelf_of(lot("L-1", 2, days=3), lot("L-2", 3, days=30))],
                items=[Item(sku="mug", single_lot=True)],
            ),
            [
                priced("A-1", (3, 1)),
                priced("A-2", (4, 5), customer=Customer(id="C-9", minimum_life=9 * DAY)),
            ],
        ),
    ],
    ids=["capacity", "packs", "fence and cap", "lots"],
)
@pytest.mark.parametrize("sourcing", [at_most_shipments(2), ONE_SHIPMENT], ids=["two", "one"])
def test_whatever_is_in_the_way(
    stock: Inventory, orders: list[Order], sourcing: SourcingPolicy
) -> None:
    """It is served, no less than rank order, and no more than the best of all plans there are."""
    options: dict[str, Any] = {"stock": stock, "sourcing": sourcing}
    result = served(*orders, planner=best_value(), **options)
    wanted = [(each.id, one.id, one.units) for each in orders for one in each.lines]
    best = worth(served(*orders, planner=RankOrder(), **options))
    assert worth(result) == plan_of(result).value >= best == plan_of(result).greedy_value
    for units in itertools.product(*[range(most + 1) for *_, most in wanted]):
        rows = [(*at, n) for (*at, _), n in zip(wanted, units, strict=True) if n]
        best = max(best, worth(served(*orders, planner=fixed(rows), **options)))
    assert plan_of(result).value <= best <= (plan_of(result).bound or 0)
    assert is_served(result)


class RankOrder:
    """A planner that plans nothing, so that rank order is served."""

    def __call__(
        self, queue: Sequence[OrderDemand], inventory: Inventory, /, *, context: Context
    ) -> Plan:
        return Plan(units=(), value=Decimal(0), greedy_value=Decimal(0))

    def worth_of(self, units: Any, /, *, queue: Sequence[OrderDemand]) -> Decimal:
        """A unit is a unit."""
        return Decimal(sum(units.values()))


def fixed(rows: Sequence[Sequence[Any]]) -> Callable[..., Plan]:
    """A planner that has decided, and says nothing of what that is worth."""

    def planner(queue: Sequence[OrderDemand], inventory: Inventory, /, *, context: Context) -> Plan:
        units: Any = [tuple(each) for each in rows]
        return Plan(units=units, value=Decimal(0), greedy_value=Decimal(0))

    return planner


@settings(max_examples=25)
@given(batches(), sourcing_policies() | st.just(ONE_SHIPMENT), priority_policies())
def test_never_worth_less_than_rank_order(
    batch: Batch, sourcing: SourcingPolicy, priority: Any
) -> None:
    """Whatever rules the stock has: a plan is worth what rank order is, or more, and is served."""
    options: dict[str, Any] = {"now": batch.now, "verifiers": (), "facts": batch.facts}
    options.update(sourcing=sourcing, priority=priority)
    result = process(batch.orders, batch.inventory, planner=best_value(), **options)
    if result.plan is not None:
        least = worth(process(batch.orders, batch.inventory, planner=RankOrder(), **options))
        # With a planner, caps count what orders behind have as well.
        if all(item.customer_cap is None for item in batch.inventory.items()):
            assert worth(process(batch.orders, batch.inventory, **options)) == least
        assert result.plan.greedy_value == least.quantize(Decimal("1e-9")).normalize()
        assert is_served(result)
        assert worth(result) >= least


# -- Caps, and what waits --------------------------------------------------------------------------


@pytest.mark.parametrize("asked", [1, 2, 3])
def test_what_waits_and_what_is_planned_are_within_the_cap_together(asked: int) -> None:
    """The same customer pays more for the later order: the earlier waits for the rest."""
    ada = Customer(id="C-1")
    stock = Inventory([row(2)], items=[Item(sku="mug", backorderable=True, customer_cap=3)])
    orders = priced("A-1", (asked, 1), customer=ada), priced("A-2", (2, 9), customer=ada)
    result = served(*orders, stock=stock, planner=best_value())
    assert got(result["A-2"]) == [("1", "mug", "berlin", 2)]
    assert pegs(result["A-1"]) == [("1", "mug", 1, "")]
    assert [short[1:] for short in shorts(result["A-1"])] == [(asked - 1, 0, "customer_cap")] * (
        asked > 1
    )


def test_a_complete_order_does_not_wait_beyond_what_the_plan_leaves() -> None:
    """It waits whole or not at all; another customer is of no concern."""
    stock = Inventory([row(2)], items=[Item(sku="mug", backorderable=True, customer_cap=3)])
    ada, ben = Customer(id="C-1"), Customer(id="C-2")
    for customer, expected in ((ada, []), (ben, [("1", "mug", 2, "")])):
        first = priced("A-1", (2, 1), customer=customer, ship=Ship.COMPLETE)
        result = served(
            first, priced("A-2", (2, 9), customer=ada), stock=stock, planner=best_value()
        )
        assert pegs(result["A-1"]) == expected


ADA = Customer(id="C-1")


@pytest.mark.parametrize("later", [NOW, NOW + DAY])
def test_what_orders_behind_have_counts_for_a_cap(later: datetime) -> None:
    """The later order got all that its customer may have: no run after it gives the other one any,
    whether a plan is carried out or rank order is no worse.
    """
    stock = Inventory([row(9)], items=[Item(sku="mug", customer_cap=2)])
    first_order = priced("A-1", (1, 9), customer=ADA)
    orders = first_order, priced("A-2", (2, 9), customer=ADA, ship=Ship.LINES)
    first = served(*orders, stock=stock, planner=best_value())
    assert (got(first["A-1"]), got(first["A-2"])) == ([], [("1", "mug", "berlin", 2)])
    for planner in (best_value(), RankOrder(), fixed([("A-1", "1", 1)])):
        again = served(*orders, stock=first.inventory, now=later, planner=planner)
        assert again.inventory == first.inventory
        assert shorts(again["A-1"]) == [("1", 1, 0, "customer_cap")]
    # Another customer is of no concern.
    other = priced("A-0", (1, 9))
    again = served(*orders, other, stock=first.inventory, now=later, planner=best_value())
    assert got(again["A-0"]) == [("1", "mug", "berlin", 1)]


def test_what_orders_behind_wait_for_or_sent_counts_for_a_cap() -> None:
    """Of four, the later order has had one and waits for two: one is left for the first."""
    mug = Item(sku="mug", customer_cap=4, backorderable=True)
    behind = priced("A-2", (3, 1), customer=ADA)
    stock = Inventory([row(0)], [supply("PO-1", 5, 2)], [mug])
    record = OrderRecord(order=behind).with_progress("1", shipped=1)
    waiting = served(record, stock=stock).inventory.with_received("mug", "berlin", 3)
    orders = priced("A-1", (3, 9), customer=ADA), record
    result = served(*orders, stock=waiting, planner=best_value())
    assert got(result["A-1"]) == [("1", "mug", "berlin", 1)]
    assert shorts(result["A-1"]) == [("1", 2, 1, "customer_cap")]
    # In its own turn what it waits for is no more than what it lacks.
    assert got(result["A-2"]) == [("1", "mug", "berlin", 2)]
    assert result.inventory.claims_of("A-2") == ()


def test_what_was_planned_in_vain_has_no_place_in_a_cap() -> None:
    """Berlin takes on one order, so the last gets three of four: the second may wait for one, and
    hears so in each run.
    """
    stock = Inventory(
        [row(2), row(3, location="lyon")],
        items=[Item(sku="mug", customer_cap=5, backorderable=True)],
        locations=[Location(id="berlin", capacity=1), Location(id="lyon", rank=1)],
    )
    orders = [
        priced(f"A-{number}", asked, customer=ADA)
        for number, asked in enumerate([(1, 9), (1, 1), (4, 5)])
    ]
    first = served(*orders, stock=stock, planner=best_value(), sourcing=by_rank)
    assert pegs(first["A-1"]) == [("1", "mug", 1, "")]
    assert shorts(first["A-2"]) == [("1", 1, 3, "customer_cap")]
    again = served(*orders, stock=first.inventory, planner=best_value(), sourcing=by_rank)
    assert again.inventory == first.inventory
    assert [each.id for each in again.notifications] == [each.id for each in first.notifications]


# -- Of a planner that weighs ----------------------------------------------------------------------


class Weighing:
    """A planner that gives all to the last, and says what that is worth."""

    def __init__(self, answer: Callable[[int], Any]) -> None:
        self.answer = answer

    def __call__(
        self, queue: Sequence[OrderDemand], inventory: Inventory, /, *, context: Context
    ) -> Plan:
        rows = [(queue[-1].order.id, line_id, units) for line_id, units in queue[-1].lines]
        return Plan(units=rows, value=Decimal(9), greedy_value=Decimal(0))

    def worth_of(self, units: Any, /, *, queue: Sequence[OrderDemand]) -> Any:
        """What a test says, of the sum of all units."""
        assert [each.order.id for each in queue] == ["A-1", "A-2"]
        return self.answer(sum(units.values()))


def test_what_a_plan_leaves_lying_is_given_out_as_well() -> None:
    """One more of the last is worth most; the rest is served in rank order, and it has no bound."""
    orders = priced("A-1", (4, 1)), priced("A-2", (2, 1))
    result = served(*orders, stock=mugs(berlin=5), planner=Weighing(Decimal))
    assert plan_of(result) == Plan(
        units=[("A-1", "1", 4), ("A-2", "1", 1)], value=Decimal(5), greedy_value=Decimal(5)
    )


@pytest.mark.parametrize("answer", [int, float, lambda _: Decimal("NaN"), lambda _: None])
def test_what_units_are_worth_is_a_finite_decimal(answer: Callable[[int], Any]) -> None:
    """Anything else stops the run, and names the planner."""
    orders = priced("A-1", (4, 1)), priced("A-2", (2, 1))
    with pytest.raises(PluginError, match="give a finite Decimal"):
        served(*orders, stock=mugs(berlin=5), planner=Weighing(answer))


def test_who_raises_when_it_is_asked_for_worth_stops_the_run() -> None:
    """As when it is asked for a plan."""
    orders = priced("A-1", (4, 1)), priced("A-2", (2, 1))
    with pytest.raises(PluginError, match="a planner must not raise"):
        served(*orders, stock=mugs(berlin=5), planner=Weighing(lambda units: 1 // (units - units)))


# -- Quiet -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "planner",
    [
        best_value(),
        best_value(time_limit=1e-9),
        best_value(threads=2),
        best_value(relative_gap=0.1),
    ],
)
def test_it_prints_nothing(planner: best_value, capfd: pytest.CaptureFixture[str]) -> None:
    """Neither the planner nor its solver, solved to the end or not."""
    orders = [
        attrs.evolve(priced(f"A-{n}", (n % 5 + 1, n % 7), (n % 3 + 1, 2)), ship=Ship.COMPLETE)
        for n in range(1, 30)
    ]
    served(*orders, stock=mugs(berlin=31), planner=planner)
    assert capfd.readouterr() == ("", "")
