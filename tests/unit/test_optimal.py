"""`best_value`: the best plan there is, never worth less than rank order, and within all rules.

The oracle tries every way to serve a few orders, by its own reading of the rules.
"""

from __future__ import annotations

import copy
import importlib
import itertools
import pickle
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

import attrs
import pytest
from builders import CONTEXT, NOW, line, order, refusal, reserved
from hypothesis import given
from hypothesis import strategies as st

from fulfill_core import (
    Component,
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
    Pack,
    Reservation,
    Result,
    Ship,
    Stock,
    process,
)
from fulfill_core.inventory import Intake
from fulfill_core.protocols import OrderDemand, Plan

pytest.importorskip("highspy", reason="needs the extra: optimize")

from fulfill_core.optimal import (
    best_value,
    solver,
)

LEAVES = ("mug", "cup", "jar")
DAY = timedelta(days=1)
ADA, BEN = Customer(id="C-1"), Customer(id="C-2", tier="gold")
CAT = Customer(id="C-3", minimum_life=30 * DAY)


def wants(order_id: str, *lines: OrderLine, **changes: Any) -> Order:
    """An order of these lines."""
    return order(order_id, lines=list(lines), **changes)


def piece(line_id: str, sku: str, quantity: int, price: int = 1, **changes: Any) -> OrderLine:
    """A line of so many, at a price of whole euros."""
    return line(line_id, sku, quantity, unit_price=Decimal(price), **changes)


def planned(stock: Inventory, *orders: Order, planner: Any = None) -> Plan:
    """What is planned for these orders, in an hour if need be; rank order is that of their ids."""
    plan = served(stock, *orders, planner=planner or best_value(time_limit=3_600)).plan
    assert plan is not None
    return plan


def served(stock: Inventory, *orders: Order, **options: Any) -> Result:
    """A run of these orders without verifiers."""
    return process(orders, stock, now=NOW, verifiers=(), **options)


def worth(result: Result) -> Decimal:
    """What the run filled, by price: from outside, line by line."""
    prices = {
        (each.id, one.id): one.unit_price / one.units_each
        for each in result.decisions
        for one in each.order.lines
    }
    return sum(
        (
            prices[each.id, one.line_id] * one.allocated
            for each in result.decisions
            for one in each.lines
        ),
        Decimal(0),
    )


def units(plan: Plan) -> dict[str, int]:
    """The units of a plan, by order and line: ``A-1/1``."""
    return {f"{order_id}/{line_id}": some for order_id, line_id, some in plan.units}


def mugs_and_cups(mugs: int, cups: int = 0, **changes: Any) -> Inventory:
    """Mugs and cups in Berlin; the items and reservations are those given."""
    stock = [
        Stock(sku="mug", location="berlin", on_hand=mugs),
        Stock(sku="cup", location="berlin", on_hand=cups),
    ]
    return Inventory(stock=stock, **changes)


def two_lots(*, short: int, long: int) -> list[Lot]:
    """So many units that live for a day, and so many that live for a year."""
    return [
        Lot(id="short", quantity=short, expires_at=NOW + DAY),
        Lot(id="long", quantity=long, expires_at=NOW + 365 * DAY),
    ]


# -- What is best ----------------------------------------------------------------------------------


def test_the_units_go_where_they_are_worth_most() -> None:
    """The second order pays more for each: it is filled, and the first gets the rest."""
    cheap = wants("A-1", piece("1", "mug", 3, 5))
    dear = wants("A-2", piece("1", "mug", 3, 8))
    plan = planned(mugs_and_cups(4), cheap, dear)
    assert units(plan) == {"A-1/1": 1, "A-2/1": 3}
    assert (plan.value, plan.greedy_value, plan.bound) == (29, 23, 29)
    assert plan.is_optimal
    assert plan.gap == 0


def test_two_small_complete_orders_are_worth_more_than_a_large_one() -> None:
    """An order that ships complete and blocks others does not get the units for which both pay."""
    large = wants("A-1", piece("1", "mug", 4), piece("2", "cup", 4), ship=Ship.COMPLETE)
    others = [
        wants(f"A-{n}", piece("1", sku, 3, 2), ship=Ship.COMPLETE)
        for n, sku in ((2, "mug"), (3, "cup"))
    ]
    result = served(mugs_and_cups(5, 5), large, *others, planner=best_value())
    assert [one.outcome.value for one in result.decisions] == [
        "unfulfillable",
        "allocated",
        "allocated",
    ]
    assert result.plan is not None
    assert (result.plan.greedy_value, result.plan.value) == (8, 12)


def test_where_nothing_is_gained_it_stays_as_it_is_in_rank_order() -> None:
    """Of plans that are worth the same it takes the one that hurts nobody."""
    orders = [wants(f"A-{n}", piece("1", "mug", 3)) for n in (1, 2, 3)]
    others = [wants(f"B-{n}", piece("1", "cup", 2, n)) for n in (1, 2)]
    plan = planned(mugs_and_cups(4, 2), *orders, *others)
    assert units(plan) == {"A-1/1": 3, "A-2/1": 1, "B-2/1": 2}


def test_what_is_not_scarce_is_filled() -> None:
    """Where there is enough for all, the plan is to fill all; no solver is asked."""
    orders = [wants(f"A-{n}", piece("1", "mug", 3)) for n in (1, 2, 3)]
    plan = planned(mugs_and_cups(9), *orders)
    assert units(plan) == {f"A-{n}/1": 3 for n in (1, 2, 3)}
    assert plan.is_optimal


def test_where_rank_order_fills_all_there_is_nothing_to_solve() -> None:
    """A fence could be in the way and is not: who it keeps out is served first, within it."""
    stock = mugs_and_cups(5, items=[Item(sku="mug", fences=[Fence(quantity=2, channels=["web"])])])
    shop = wants("A-1", piece("1", "mug", 1))
    web = wants("A-2", piece("1", "mug", 4), channel="web")
    plan = planned(stock, shop, web, planner=best_value(time_limit=1e-9))
    assert units(plan) == {"A-1/1": 1, "A-2/1": 4}
    assert plan.is_optimal


def test_what_expired_is_not_held() -> None:
    """Four of a box of six were held until an hour ago: it takes all six now."""
    boxes = wants("A-1", piece("1", "mug", 1, 60, units_each=6))
    gone = reserved("A-1", "1", 4, expires_at=NOW - timedelta(hours=1))
    assert units(planned(mugs_and_cups(5, reservations=[gone]), boxes)) == {}
    assert units(planned(mugs_and_cups(6, reservations=[gone]), boxes)) == {"A-1/1": 6}


def test_free_goods_come_last_and_are_not_left_lying() -> None:
    """A line that is worth nothing gets what the others leave, in rank order."""
    free = [wants(f"A-{n}", piece("1", "mug", 2, 0)) for n in (1, 2)]
    paid = wants("A-3", piece("1", "mug", 2, 1))
    assert units(planned(mugs_and_cups(3), *free, paid)) == {"A-1/1": 1, "A-3/1": 2}


def test_free_goods_keep_a_fence() -> None:
    """What is left over is given out within the same limits, unit by unit and turn by turn."""
    stock = mugs_and_cups(6, items=[Item(sku="mug", fences=[Fence(quantity=2, channels=["web"])])])
    free = [wants(f"A-{n}", piece("1", "mug", 3, 0)) for n in (1, 2)]
    web = wants("A-3", piece("1", "mug", 3, 0), channel="web")
    assert units(planned(stock, *free, web)) == {"A-1/1": 3, "A-2/1": 1, "A-3/1": 2}


def test_a_queue_of_nobody_has_an_empty_plan() -> None:
    """Nothing wanted, nothing planned, and that is the best."""
    plan = best_value()([], Inventory(), context=CONTEXT)
    assert plan == Plan(units=(), value=Decimal(0), greedy_value=Decimal(0), bound=Decimal(0))


def test_more_than_the_model_knows_of_is_kept() -> None:
    """If rank order gave more than the model thinks possible, rank order stands."""
    wanted = OrderDemand(
        order=wants("A-1", piece("1", "mug", 3)), lines=(("1", 3),), greedy=(("1", 3),)
    )
    plan = best_value()([wanted], mugs_and_cups(2), context=CONTEXT)
    assert units(plan) == {"A-1/1": 3}
    assert plan.value == plan.greedy_value == plan.bound == 3


# -- The rules, one by one -------------------------------------------------------------------------


def test_packs_of_a_line_stay_whole() -> None:
    """Boxes of 6: ten units are one box, and what is left is for single mugs."""
    boxes = wants("A-1", piece("1", "mug", 2, 60, units_each=6))
    single = wants("A-2", piece("1", "mug", 5, 1))
    assert units(planned(mugs_and_cups(10), single, boxes)) == {"A-1/1": 6, "A-2/1": 4}


def test_a_pack_that_was_begun_is_made_whole_first() -> None:
    """Four of a box of six are held: two more make it whole, then come whole boxes."""
    boxes = wants("A-1", piece("1", "mug", 3, 60, units_each=6))
    stock = mugs_and_cups(12, reservations=[reserved("A-1", "1", 4)])
    assert units(planned(stock, boxes)) == {"A-1/1": 8}
    assert units(planned(stock, boxes, wants("A-2", piece("1", "mug", 2, 50)))) == {
        "A-1/1": 2,
        "A-2/1": 2,
    }
    one_box = wants("A-1", piece("1", "mug", 1, 60, units_each=6))
    stock = mugs_and_cups(6, reservations=[reserved("A-1", "1", 4)])
    dear = wants("A-2", piece("1", "mug", 2, 9))
    assert units(planned(stock, one_box, dear)) == {"A-1/1": 2}


def test_kits_take_their_components() -> None:
    """A set is a mug and two cups; whoever wants the cups alone pays more for them."""
    kit = Item(sku="set", components=[Component(sku="mug"), Component(sku="cup", quantity=2)])
    sets = wants("A-1", piece("1", "set", 2, 5))
    cups = wants("A-2", piece("1", "cup", 2, 4))
    assert units(planned(mugs_and_cups(9, 4, items=[kit]), sets, cups)) == {"A-1/1": 1, "A-2/1": 2}


def test_kits_that_leave_together_are_all_or_none() -> None:
    """A line of kits that ship by order is not split."""
    kit = Item(sku="set", components=[Component(sku="cup")], kit_ships=KitShips.BY_ORDER)
    sets = wants("A-1", piece("1", "set", 3, 5))
    cups = wants("A-2", piece("1", "cup", 1, 1))
    assert units(planned(mugs_and_cups(0, 3, items=[kit]), cups, sets)) == {"A-1/1": 3}
    assert units(planned(mugs_and_cups(0, 2, items=[kit]), cups, sets)) == {"A-2/1": 1}


@pytest.mark.parametrize("pack", [1, 2])
def test_components_that_a_kit_has_already_are_not_asked_for_again(pack: int) -> None:
    """Two of four cups are held loose: the first kits cost a mug only, the others cups as well."""
    kit = Item(sku="set", components=[Component(sku="mug"), Component(sku="cup")])
    loose = reserved("A-1", "1", 2, sku="cup")
    sets = wants("A-1", piece("1", "set", 4 // pack, 10 * pack, units_each=pack))
    stock = mugs_and_cups(4, 4, items=[kit], reservations=[loose])
    assert units(planned(stock, sets, wants("A-2", piece("1", "cup", 2, 50)))) == {
        "A-1/1": 2,
        "A-2/1": 2,
    }


def test_a_kit_of_what_is_not_tracked_is_always_there() -> None:
    """Its components are not counted, so nothing limits it."""
    items = [Item(sku="wrap", tracked=False), Item(sku="gift", components=[Component(sku="wrap")])]
    wanted = OrderDemand(order=wants("A-1", piece("1", "gift", 3)), lines=(("1", 3),))
    assert units(best_value()([wanted], Inventory(items=items), context=CONTEXT)) == {"A-1/1": 3}


def test_a_customer_gets_no_more_than_the_cap() -> None:
    """Ada's cap is 3, so her first order leaves to her second, which pays more; Ben gets his."""
    stock = mugs_and_cups(9, items=[Item(sku="mug", customer_cap=3)])
    orders = [
        wants("A-1", piece("1", "mug", 2, 1), customer=ADA),
        wants("A-2", piece("1", "mug", 2, 5), customer=ADA),
        wants("A-3", piece("1", "mug", 4, 1), customer=BEN),
    ]
    assert units(planned(stock, *orders)) == {"A-1/1": 1, "A-2/1": 2, "A-3/1": 3}


def test_what_a_customer_bought_before_counts_for_the_cap() -> None:
    """Two of Ada's three are gone, so the order of hers that pays more gets the third; with more
    than three gone, neither gets any. Ben gets his.
    """
    stock = mugs_and_cups(9, items=[Item(sku="mug", customer_cap=3)])
    orders = [
        wants("A-1", piece("1", "mug", 2, 1), customer=ADA),
        wants("A-2", piece("1", "mug", 2, 5), customer=ADA),
        wants("A-3", piece("1", "mug", 4, 1), customer=BEN),
    ]
    for bought, of_ada in ((2, {"A-2/1": 1}), (5, {})):
        facts = Facts(
            customers=[
                CustomerFacts(customer_id=ADA.id, units_bought={"mug": bought}),
                CustomerFacts(customer_id=BEN.id),
            ]
        )
        result = served(stock, *orders, planner=best_value(), facts=facts)
        assert result.plan is not None
        assert units(result.plan) == {**of_ada, "A-3/1": 3}
        assert result["A-2"].lines[0].allocated == of_ada.get("A-2/1", 0)


def test_what_orders_behind_have_counts_for_the_cap() -> None:
    """The order behind holds two of three: the one ahead of it gets no more than the third."""
    stock = mugs_and_cups(
        9, items=[Item(sku="mug", customer_cap=3)], reservations=[reserved("A-2", "1", 2)]
    )
    orders = [
        wants("A-1", piece("1", "mug", 3, 1), customer=ADA),
        wants("A-2", piece("1", "mug", 2, 2), customer=ADA),
    ]
    assert units(planned(stock, *orders)) == {"A-1/1": 1}


def test_a_fence_keeps_the_last_units_for_its_own() -> None:
    """Two are kept for the web: others get three at most, whatever they pay, and gold gets all."""
    stock = mugs_and_cups(5, items=[Item(sku="mug", fences=[Fence(quantity=2, channels=["web"])])])
    shop = wants("A-1", piece("1", "mug", 5, 9))
    web = wants("A-2", piece("1", "mug", 5, 1), channel="web")
    assert units(planned(stock, shop, web)) == {"A-1/1": 3, "A-2/1": 2}
    assert units(planned(stock, shop)) == {"A-1/1": 3}


def test_a_fence_counts_what_is_left_at_the_turn() -> None:
    """The web comes first and pays less: the shop has what it leaves above the fence, and then the
    web what the fence keeps for it.
    """
    stock = mugs_and_cups(5, items=[Item(sku="mug", fences=[Fence(quantity=2, channels=["web"])])])
    web = wants("A-1", piece("1", "mug", 5, 2), channel="web")
    shop = wants("A-2", piece("1", "mug", 2, 5))
    plan = planned(stock, web, shop)
    assert units(plan) == {"A-1/1": 3, "A-2/1": 2}
    assert (plan.value, plan.greedy_value) == (16, 10)


def test_a_fence_larger_than_the_stock_lets_nobody_else_in() -> None:
    """Ten are kept and five are there."""
    item = Item(sku="mug", fences=[Fence(quantity=10, tiers=["gold"])])
    orders = [
        wants("A-1", piece("1", "mug", 1, 9), customer=ADA),
        wants("A-2", piece("1", "mug", 4, 1), customer=BEN),
    ]
    assert units(planned(mugs_and_cups(5, items=[item]), *orders)) == {"A-2/1": 4}


def test_lots_are_counted_for_those_who_can_use_them() -> None:
    """Two mugs live a day and two a year: who asks for a month gets two at most."""
    stock = Inventory(
        stock=[Stock(sku="mug", location="berlin", on_hand=4, lots=two_lots(short=2, long=2))]
    )
    orders = [
        wants("A-1", piece("1", "mug", 3, 5), customer=CAT),
        wants("A-2", piece("1", "mug", 3, 4), customer=ADA),
        wants("A-3", piece("1", "mug", 3, 6), customer=CAT),
    ]
    result = served(stock, *orders, planner=best_value())
    assert result.plan is not None
    assert units(result.plan) == {"A-2/1": 2, "A-3/1": 2}
    assert worth(result) == result.plan.value == 20


def test_a_location_without_capacity_does_not_count() -> None:
    """What lies where no order is taken on today can't be planned with."""
    places = [Location(id="berlin"), Location(id="store", capacity=0)]
    stock = Inventory(
        locations=places,
        stock=[Stock(sku="mug", location=place.id, on_hand=2) for place in places],
    )
    orders = [wants(f"A-{n}", piece("1", "mug", 2, n)) for n in (1, 2)]
    assert units(planned(stock, *orders)) == {"A-2/1": 2}


def test_a_location_counts_for_an_order_that_it_took_on_today() -> None:
    """What has left does not keep its order from getting more there."""
    places = [Location(id="store", capacity=1)]
    stock = Inventory(
        locations=places,
        stock=[Stock(sku="mug", location="store", on_hand=2)],
        intakes=[Intake(location="store", order_id="A-1", day=NOW.date())],
    )
    orders = [wants(f"A-{n}", piece("1", "mug", 2, n)) for n in (1, 2)]
    assert units(planned(stock, orders[0])) == {"A-1/1": 2}
    assert units(planned(stock, orders[1])) == {}


def test_whole_packs_of_a_location_are_counted() -> None:
    """Thirty are there and leave in dozens: two dozen can be given out."""
    stock = mugs_and_cups(30, items=[Item(sku="mug", packs=[Pack(location="berlin", multiple=12)])])
    orders = [wants(f"A-{n}", piece("1", "mug", 12, n)) for n in (1, 2, 3)]
    assert units(planned(stock, *orders)) == {"A-2/1": 12, "A-3/1": 12}


# -- What it is worth ------------------------------------------------------------------------------


def per_unit(each: Order, one: OrderLine) -> Decimal | int:
    """A weight that is not the price."""
    return 7 if one.sku == "cup" else Decimal("0.3")


def by_tier(each: Order) -> int:
    """Gold counts ten times."""
    return 10 if each.customer.tier == "gold" else 1


def test_the_worth_is_the_hosts() -> None:
    """A weight replaces the price, an order's weight multiplies it."""
    orders = [
        wants("A-1", piece("1", "mug", 2, 5), customer=ADA),
        wants("A-2", piece("1", "mug", 2, 1), customer=BEN),
    ]
    assert units(planned(mugs_and_cups(2), *orders)) == {"A-1/1": 2}
    gold = planned(mugs_and_cups(2), *orders, planner=best_value(order_weight=by_tier))
    assert (units(gold), gold.value) == ({"A-2/1": 2}, 20)
    same = planned(mugs_and_cups(2), *orders, planner=best_value(weight=per_unit))
    assert (units(same), same.value) == ({"A-1/1": 2}, Decimal("0.6"))


def test_a_third_of_a_price_is_exact() -> None:
    """Three for ten euros, of which one is held: the other two are worth 20/3."""
    stock = mugs_and_cups(3, reservations=[reserved("A-1", "1", 1)])
    plan = planned(stock, wants("A-1", piece("1", "mug", 1, 10, units_each=3)))
    assert plan.is_optimal
    assert round(plan.value, 4) == Decimal("6.6667")


def test_prices_in_two_currencies_need_a_rate() -> None:
    """Euros and dollars are not added up; with an order's weight they can be."""
    orders = [
        wants(f"A-{n}", piece("1", "mug", 1), currency=code) for n, code in ((1, "EUR"), (2, "USD"))
    ]
    assert refusal(planned, mugs_and_cups(1), *orders, planner=best_value()) == (
        "best_value(), asked about order 'A-2': there are prices in EUR and USD; pass an "
        "order_weight that gives the rate of each"
    )
    assert planned(mugs_and_cups(1), *orders, planner=best_value(order_weight=by_tier)).value == 1


def raising(each: Order, one: OrderLine) -> int:
    """A weight that breaks."""
    raise LookupError(one.sku)


def test_a_weight_that_raises_stops_the_run() -> None:
    """The error names the planner, the order and the function."""
    problem = refusal(
        planned,
        mugs_and_cups(1),
        wants("A-1", piece("1", "mug", 1)),
        planner=best_value(weight=raising),
    )
    assert problem == (
        "best_value(weight=raising), asked about order 'A-1': raising raised LookupError('mug'); "
        "a weight must not raise"
    )


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (-1, "Decimal('-1'), which is not an amount; pass a finite Decimal of zero or more"),
        (
            Decimal("NaN"),
            "Decimal('NaN'), which is not an amount; pass a finite Decimal of zero or more",
        ),
        (0.5, "0.5, which is not a Decimal; pass money as Decimal('9.90'), never a float"),
        (True, "True, which is not a Decimal; pass money as Decimal('9.90'), never a float"),
        (None, "None, which is not a Decimal; pass Decimal(0) if there is none"),
        (
            10**15,
            "Decimal('1000000000000000'), which has more than 15 digits on a side of the point",
        ),
    ],
)
def test_a_weight_is_an_amount(answer: Any, problem: str) -> None:
    """Negative, not a number, a float, no number, too many digits: all of them stop the run."""

    def odd(*asked: Any) -> Any:
        return answer

    for setting in ("weight", "order_weight"):
        said = refusal(
            planned,
            mugs_and_cups(1),
            wants("A-1", piece("1", "mug", 1)),
            planner=best_value(**{setting: odd}),
        )
        assert said == f"best_value({setting}=odd), asked about order 'A-1': odd returned {problem}"


# -- Settings --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        (
            {"weight": 3},
            "best_value.weight: 3 can't be called; pass a function or another callable",
        ),
        (
            {"order_weight": 3},
            "best_value.order_weight: 3 can't be called; pass a function or another callable",
        ),
        ({"time_limit": 0}, "best_value.time_limit: 0 is not a number of seconds above 0"),
        (
            {"time_limit": float("nan")},
            "best_value.time_limit: nan is not a number of seconds above 0",
        ),
        (
            {"time_limit": float("inf")},
            "best_value.time_limit: inf is not a number of seconds above 0",
        ),
        ({"time_limit": True}, "best_value.time_limit: True is not a number of seconds above 0"),
        ({"time_limit": "1"}, "best_value.time_limit: '1' is not a number of seconds above 0"),
        ({"relative_gap": 1}, "best_value.relative_gap: 1 is not a share from 0 to below 1"),
        ({"relative_gap": -0.1}, "best_value.relative_gap: -0.1 is not a share from 0 to below 1"),
        ({"threads": 0}, "best_value.threads: 0 is below 1; pass 1 or more"),
        ({"threads": 257}, "best_value.threads: 257 is above 256; pass 256 or fewer"),
        ({"threads": 1.0}, "best_value.threads: 1.0 is not an int; pass a whole number"),
    ],
)
def test_a_setting_is_checked(settings: dict[str, Any], problem: str) -> None:
    """The error names the setting and what it may be."""
    assert refusal(best_value, **settings) == problem


def test_it_travels_and_shows_what_was_set() -> None:
    """A planner can be pickled, copied, compared and hashed, and says what differs from usual."""
    planner = best_value(weight=per_unit, time_limit=Decimal("2.5"), relative_gap=0.01, threads=2)
    assert repr(planner) == (
        "best_value(weight=per_unit, time_limit=Decimal('2.5'), relative_gap=0.01, threads=2)"
    )
    assert pickle.loads(pickle.dumps(planner)) == copy.deepcopy(planner) == planner  # noqa: S301
    assert hash(pickle.loads(pickle.dumps(planner))) == hash(planner)  # noqa: S301
    assert repr(best_value()) == "best_value()"
    assert attrs.evolve(planner, weight=None).weight is None


def test_without_the_extra_the_error_names_it() -> None:
    """The library works without; who imports this part is told what to install."""
    code = (
        "import sys\n"
        "sys.modules['highspy'] = None\n"
        "import fulfill_core\n"
        "try:\n"
        "    import fulfill_core.optimal\n"
        "except ImportError as error:\n"
        "    print(error.name, error, sep='\\n')\n"
    )
    run = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert run.stdout == (
        "highspy\nfulfill_core.optimal needs highspy: pip install 'fulfill_core[optimize]'\n"
    )


def test_the_error_comes_from_the_one_that_was_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its cause is the import that failed, and half a module is not left behind."""
    name = solver.__name__
    monkeypatch.setitem(sys.modules, "highspy", None)
    monkeypatch.delitem(sys.modules, name)
    with pytest.raises(ImportError, match=r"fulfill_core\[optimize\]") as caught:
        importlib.import_module(name)
    assert isinstance(caught.value.__cause__, ModuleNotFoundError)
    assert name not in sys.modules


# -- Time ------------------------------------------------------------------------------------------


def crowd(count: int) -> tuple[Inventory, list[Order]]:
    """Orders that ship complete and want two of a few scarce SKUs: hard to pack."""
    skus = [f"sku-{number}" for number in range(12)]
    orders = [
        wants(
            f"A-{number:04d}",
            piece("1", skus[number * 7 % 12], number % 5 + 1, number * 13 % 17 + 1),
            piece("2", skus[number * 5 % 11 + 1], number % 3 + 1, number * 11 % 19 + 1),
            ship=Ship.COMPLETE,
        )
        for number in range(count)
    ]
    return Inventory.of({(sku, "berlin"): count // 6 for sku in skus}), orders


def test_when_the_time_is_over_the_plan_is_no_worse_than_rank_order() -> None:
    """A time limit that nothing can be done in gives rank order or better, and an honest bound."""
    stock, orders = crowd(300)
    plan = planned(stock, *orders, planner=best_value(time_limit=1e-9))
    assert plan.bound is not None
    assert plan.gap is not None
    assert plan.greedy_value <= plan.value <= plan.bound
    assert 0 <= plan.gap < 1
    best = planned(stock, *orders)
    assert plan.value <= best.value <= plan.bound


def test_a_gap_that_is_allowed_is_kept_to() -> None:
    """It may stop early, and says how far from the best it may be."""
    stock, orders = crowd(200)
    plan = planned(stock, *orders, planner=best_value(relative_gap=0.05))
    assert plan.gap is not None
    assert plan.gap <= Decimal("0.06")
    assert plan.value >= plan.greedy_value


def test_the_same_input_gives_the_same_plan() -> None:
    """Twice the same, in whatever sequence the orders come; and other threads were used before."""
    stock, orders = crowd(60)
    plan = planned(stock, *orders)
    assert planned(stock, *reversed(orders), planner=best_value(threads=2)).value == plan.value
    assert planned(stock, *reversed(orders)) == plan


def test_many_small_problems_are_solved_together() -> None:
    """A thousand SKUs that have nothing to do with each other: each goes to who pays more."""
    count = 1_200
    stock = Inventory.of({(f"sku-{n}", "berlin"): 1 for n in range(count)})
    orders = [
        wants(f"{name}-{n:04d}", piece("1", f"sku-{n}", 1, price))
        for name, price in (("A", 1), ("B", 2))
        for n in range(count)
    ]
    plan = planned(stock, *orders)
    assert (plan.greedy_value, plan.value, plan.gap) == (count, 2 * count, 0)


@pytest.mark.parametrize(("there", "price"), [(10**15, 10**14), (10**15, 1), (10**9, 10**14)])
def test_the_largest_numbers_are_planned_exactly(there: int, price: int) -> None:
    """Whatever floating point numbers make of them: no unit is planned that is not there."""
    orders = [
        wants("A-1", piece("1", "mug", there, price)),
        wants("A-2", piece("1", "mug", there - 1, price), ship=Ship.LINES),
        wants("A-3", piece("1", "mug", 3, max(1, price - 1))),
    ]
    result = served(mugs_and_cups(there), *orders, planner=best_value())
    plan = result.plan
    assert plan is not None
    assert sum(units(plan).values()) <= there
    assert plan.bound is not None
    assert plan.greedy_value <= plan.value <= plan.bound
    assert worth(result) == plan.value


def test_a_number_that_no_float_can_hold_is_left_to_rank_order() -> None:
    """The solver is not asked about more than 2**53 of anything."""
    program = solver.Program([1], [2**53], [0])
    assert solver.solve(program, seconds=1, relative_gap=0, threads=1) == (None, None, 0)


# -- Beside an oracle ------------------------------------------------------------------------------

Held = Mapping[tuple[str, str, str], int]


def components(item: Item | None, sku: str) -> list[tuple[str, int]]:
    """What one of a SKU takes from the stock."""
    if item is None or not item.components:
        return [(sku, 1)]
    return [(part.sku, part.quantity) for part in item.components]


def amounts(each: Order, one: OrderLine, item: Item | None, held: int) -> Iterator[int]:
    """How many more of a line may be given, by its own rules."""
    wanted = one.units - held
    yield 0
    whole = each.ship is not Ship.PARTIAL or (
        item is not None and item.kit_ships is KitShips.BY_ORDER
    )
    for some in range(1, wanted + 1):
        if (some == wanted or not whole) and (held + some) % one.units_each == 0:
            yield some


class Trying:
    """All ways to serve a few orders, one order after the other, in rank order."""

    def __init__(self, stock: Inventory, held: Held) -> None:
        self.items = {item.sku: item for item in stock.items()}
        self.held = held
        self.long = {
            sku: lot.quantity
            for sku in LEAVES
            for lots in stock.lots_of(sku).values()
            for lot in lots
            if lot.id == "long"
        }

    def parts(self, one: OrderLine) -> list[tuple[str, int]]:
        return components(self.items.get(one.sku), one.sku)

    def has(self, each: Order, one: OrderLine) -> int:
        """How many of a line it holds: of kits, whole ones."""
        held = self.held
        return min(held.get((each.id, one.id, sku), 0) // some for sku, some in self.parts(one))

    def takes(self, each: Order, one: OrderLine, some: int) -> Iterator[tuple[str, int]]:
        """What so many more of a line take from the stock."""
        for sku, in_one in self.parts(one):
            loose = self.held.get((each.id, one.id, sku), 0)
            yield sku, max(0, (self.has(each, one) + some) * in_one - loose) if some else 0

    def fits(self, sku: str, each: Order, some: int, there: int, has_already: int) -> bool:
        """Whether an order may take so many of a SKU at its turn."""
        item = self.items[sku]
        for fence in item.fences:
            if each.channel not in fence.channels:
                there -= fence.quantity
        is_over = item.customer_cap is not None and has_already + some > item.customer_cap
        return not some or (some <= there and not is_over)

    def best(
        self, orders: list[Order], left: Counter[str], theirs: Counter[tuple[str, str]]
    ) -> Decimal:
        """The most that these orders can fill of what is left."""
        if not orders:
            return Decimal(0)
        each, *behind = orders
        who = each.customer.id
        lines = [one for one in each.lines if one.units > self.has(each, one)]
        ways = [amounts(each, one, self.items.get(one.sku), self.has(each, one)) for one in lines]
        found = Decimal(-1)
        for given_to in itertools.product(*ways):
            if each.ship is Ship.COMPLETE and any(given_to) and not all(given_to):
                continue
            taken: Counter[str] = Counter()
            filled = Decimal(0)
            for one, some in zip(lines, given_to, strict=True):
                filled += one.unit_price * some / one.units_each
                for sku, units_of in self.takes(each, one, some):
                    taken[sku] += units_of
            if each.customer.minimum_life:  # only lots that live long are for them
                if any(
                    some and theirs["long", sku] + some > self.long.get(sku, 10**9)
                    for sku, some in taken.items()
                ):
                    continue
                theirs_now = Counter({("long", sku): some for sku, some in taken.items()})
            else:
                theirs_now = Counter()
            if all(
                self.fits(sku, each, some, left[sku], theirs[who, sku])
                for sku, some in taken.items()
            ):
                after = theirs + theirs_now + Counter({(who, sku): n for sku, n in taken.items()})
                found = max(found, filled + self.best(behind, left - taken, after))
        return found


def best_by_trying(stock: Inventory, orders: list[Order], held: Held) -> Decimal:
    """The most that can be filled, by trying everything."""
    there = Counter({sku: stock.on_hand(sku) - stock.reserved(sku) for sku in LEAVES})
    customers = {each.id: each.customer.id for each in orders}
    theirs = Counter[tuple[str, str]]()
    for (order_id, _, sku), some in held.items():
        theirs[customers[order_id], sku] += some
    return Trying(stock, held).best(orders, there, theirs)


@st.composite
def situations(draw: st.DrawFn) -> tuple[Inventory, list[Order], Held]:
    """A few orders for a few SKUs, of which there are too few, with rules."""
    parts = [Component(sku="mug"), Component(sku="cup", quantity=draw(st.integers(1, 2)))]
    items = [Item(sku="set", components=parts, kit_ships=draw(st.sampled_from(KitShips)))]
    for sku in LEAVES:
        fences = [
            Fence(quantity=draw(st.integers(1, 3)), channels=[channel])
            for channel in draw(st.sets(st.sampled_from(["web", "shop"]), max_size=2))
        ]
        cap = draw(st.none() | st.none() | st.integers(0, 3))
        items.append(Item(sku=sku, fences=fences, customer_cap=cap))
    orders: list[Order] = []
    held: dict[tuple[str, str, str], int] = {}
    for number in range(draw(st.integers(1, 4))):
        lines: list[OrderLine] = []
        for place in range(draw(st.integers(1, 2))):
            sku = draw(st.sampled_from([*LEAVES, "set"]))
            pack = draw(st.sampled_from([1, 1, 2]))
            lines.append(piece(str(place), sku, draw(st.integers(1, 3 // pack + 1)),
                               draw(st.integers(0, 9)) * pack, units_each=pack))  # fmt: skip
            if draw(st.integers(0, 4)) == 0:
                leaf = draw(st.sampled_from(["mug", "cup"])) if sku == "set" else sku
                held[f"A-{number}", str(place), leaf] = draw(st.integers(1, lines[-1].units))
        orders.append(
            wants(
                f"A-{number}",
                *lines,
                ship=draw(st.sampled_from(Ship)),
                channel=draw(st.sampled_from(["", "web", "shop"])),
                customer=draw(st.sampled_from([ADA, BEN, CAT])),
            )
        )
    reservations = [
        Reservation(order_id=order_id, line_id=line_id, sku=sku, location="berlin", quantity=some)
        for (order_id, line_id, sku), some in held.items()
    ]
    taken: Counter[str] = Counter()
    for each in reservations:
        taken[each.sku] += each.quantity
    stock: list[Stock] = []
    for sku in LEAVES:
        free = draw(st.integers(0, 6))
        long = draw(st.none() | st.integers(0, free))
        lots = () if long is None else two_lots(short=free - long, long=long)
        stock.append(Stock(sku=sku, location="berlin", on_hand=free + taken[sku], lots=lots))
    return Inventory(stock=stock, items=items, reservations=reservations), orders, held


@given(situations())
def test_no_plan_is_worth_more(situation: tuple[Inventory, list[Order], Held]) -> None:
    """The plan is worth what the best of all ways is worth, it says so, and the run fills it."""
    stock, orders, held = situation
    result = served(stock, *orders, planner=best_value())
    plan = result.plan
    assert plan is not None
    best = best_by_trying(stock, orders, held)
    assert (plan.value, plan.bound, plan.gap) == (best, best, 0)
    assert worth(result) == best
    assert plan.greedy_value <= best
    if not held:  # else a run in rank order may give a customer more than its cap
        assert worth(served(stock, *orders)) == plan.greedy_value


@given(situations(), st.integers(0, 10**6))
def test_a_plan_is_within_what_is_wanted_and_there(
    situation: tuple[Inventory, list[Order], Held], seed: int
) -> None:
    """Whatever the weights: no line gets more than it wants, and no SKU more than there is."""

    def odd(each: Order, one: OrderLine) -> int:
        return sum(map(ord, f"{each.id}{one.id}{one.sku}")) * seed % 7

    stock, orders, _ = situation
    before = {sku: stock.on_hand(sku) - stock.reserved(sku) for sku in LEAVES}
    result = served(stock, *orders, planner=best_value(weight=odd))
    plan = result.plan
    assert plan is not None
    assert plan.bound is not None
    assert plan.greedy_value <= plan.value <= plan.bound
    for one in result.decisions:
        for row in one.lines:
            assert 0 <= row.allocated <= plan.by_line.get((one.id, row.line_id), 0)
    for sku, there in before.items():
        taken = sum(
            each.quantity for one in result.decisions for each in one.allocations if each.sku == sku
        )
        assert taken <= there
