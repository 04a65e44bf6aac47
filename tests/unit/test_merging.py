"""Merging: the results of shards as one result, and what does not go together."""

from __future__ import annotations

import pickle
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import attrs
import pytest

from fulfill_core import (
    Audience,
    Context,
    Customer,
    CustomerFacts,
    Facts,
    Finding,
    FulfillError,
    Inventory,
    Item,
    Kind,
    Location,
    Notification,
    Order,
    OrderRecord,
    Result,
    Stock,
    Supply,
    explain,
    merged,
    process,
    shards,
)
from fulfill_core.priorities import fair_share, oldest_first
from fulfill_core.protocols import Plan
from fulfill_core.reallocation import Reallocation
from fulfill_core.verifiers import velocity

from .builders import NOW, line, order, reserved

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
STOCK = Inventory(
    [Stock(sku="mug", location="berlin", on_hand=3), Stock(sku="cup", location="lyon", on_hand=3)],
    supplies=[
        Supply(id=f"PO-{sku}", sku=sku, quantity=3, expected_at=NOW + DAY) for sku in ("mug", "cup")
    ],
)


def asking(order_id: str, sku: str = "mug", quantity: int = 1, **changes: Any) -> Order:
    """An order for so much of one SKU; the higher its number the older it is."""
    age = int(order_id[-1]) * HOUR
    content: dict[str, Any] = {"placed_at": NOW - age, "lines": [line("1", sku, quantity)]}
    return order(order_id, **{**content, **changes})


ORDERS = [
    asking("A-1"),
    asking("A-2", "cup"),
    asking("A-3", quantity=2),
    asking("A-4", "cup", quantity=5),
    asking("A-5", ship_after=NOW + DAY),
    asking("A-6", "cup", customer=Customer(id="C-9")),
]


def apart(
    orders: Sequence[Order | OrderRecord], stock: Inventory = STOCK, **settings: Any
) -> list[Result]:
    """The results of the shards."""
    groups = shards(orders, stock, settings)
    assert len(groups) > 1
    return [process(group, stock, now=NOW, **settings) for group in groups]


def at_once(
    orders: Sequence[Order | OrderRecord], stock: Inventory = STOCK, **settings: Any
) -> Result:
    """The result of one run."""
    return process(orders, stock, now=NOW, **settings)


# -- As one run ------------------------------------------------------------------------------------


def test_merged_results_are_one_run() -> None:
    """Orders that are served, wait, are not due and on hold: all in the sequence of one queue, then
    by id; with the same messages, stock and records.
    """
    together = at_once(ORDERS)
    for results in (apart(ORDERS), apart(ORDERS)[::-1]):
        result = merged(results)
        assert [(each.id, each.rank) for each in result] == [
            ("A-4", 0),
            ("A-3", 1),
            ("A-2", 2),
            ("A-1", 3),
            ("A-5", None),
            ("A-6", None),
        ]
        assert result == together
        assert result.records == together.records
        assert result.wake_at == together.wake_at
        assert [explain(result, each.id) for each in ORDERS] == [
            explain(together, each.id) for each in ORDERS
        ]


def test_one_result_is_the_result() -> None:
    """There is nothing to put together."""
    result = at_once(ORDERS)
    assert merged([result]) is result


def test_merged_results_can_be_merged() -> None:
    """Such as where each machine merges those of its cores; and results from other processes."""
    more = [*ORDERS, asking("A-7", "tea"), asking("A-8", "pot")]
    settings: dict[str, Any] = {"verifiers": (), "priority": fair_share("channel")}
    shared = [attrs.evolve(each, channel=each.lines[0].sku) for each in more]
    one, two, *rest = pickle.loads(pickle.dumps(apart(shared, **settings)))  # noqa: S301
    assert merged([merged([one, two]), merged(rest)]) == at_once(shared, **settings)


def test_turns_are_counted_among_all_orders() -> None:
    """A fair share is made anew with all orders in view; and re-allocation has its own turns."""
    shared = [attrs.evolve(each, channel=each.lines[0].sku) for each in ORDERS]
    settings: dict[str, Any] = {"verifiers": (), "priority": fair_share("channel")}
    together = at_once(shared, **settings)
    result = merged(apart(shared, **settings))
    assert [each.id for each in result] == ["A-6", "A-3", "A-4", "A-1", "A-2", "A-5"]
    assert (result, result.priority) == (together, together.priority)
    assert explain(result, "A-1").ranked_by == "turn 2 of channel 'mug'"


def test_who_lost_what_is_merged() -> None:
    """Losses are in the sequence of who lost, as in one run."""
    stock = STOCK.with_reserved(
        reserved("A-1", quantity=3), reserved("A-2", sku="cup", location="lyon", quantity=3)
    )
    orders = [asking("A-1", quantity=3), asking("A-2", "cup", 3), *ORDERS[2:4]]
    settings: dict[str, Any] = {"reallocation": Reallocation(), "priority": oldest_first}
    result, together = merged(apart(orders, stock, **settings)), at_once(orders, stock, **settings)
    assert [loss.order_id for loss in result.losses] == ["A-1", "A-2"]
    assert (result, result.changes) == (together, together.changes)


def test_what_some_results_have_and_others_have_not() -> None:
    """A column that is left out where nothing is in it: of the others, all is there."""
    broken = Inventory(
        [Stock(sku="mug", location="berlin", on_hand=1), Stock(sku="cup", location="x", on_hand=2)],
        reservations=[reserved("A-1", quantity=2)],
    )
    orders = [asking("A-1", quantity=2), asking("A-2", "cup")]
    together = at_once(orders, broken)
    assert together.at_risk != ()
    assert merged(apart(orders, broken)) == together


# -- What is known of the batch --------------------------------------------------------------------


def fails(order: Order, /, *, context: Context) -> Iterable[Finding]:
    """A verifier that breaks at the first order of each SKU."""
    if order.id in ("A-1", "A-2"):
        raise LookupError(order.id)
    return ()


def test_a_verifier_that_failed_once_in_two_results_failed_twice() -> None:
    """As one run says: for how many orders, and which is the oldest."""
    [failure] = merged(apart(ORDERS, verifiers=[fails])).context.failures
    assert (failure.verifier, failure.order_id, failure.order_count) == ("fails", "A-2", 2)


@attrs.frozen
class Timed:
    """A verifier that is made for each run, and knows when it changes its mind."""

    known_ids: frozenset[str] = frozenset()

    def __call__(self, order: Order, /, *, context: Context) -> Iterable[Finding]:
        return ()

    def for_batch(self, orders: Sequence[Order], /, *, context: Context) -> Timed:
        """With the orders in view."""
        return Timed(frozenset(each.id for each in orders))

    def shared_keys(self, order: Order, /, *, facts: Facts) -> Iterable[str]:
        """It looks at one order only, after all."""
        return ()

    def turning_points(self, order: Order, /, *, context: Context) -> Iterable[datetime]:
        """Soon for what it knows; for others it knows no better than at once."""
        return [NOW + (2 * HOUR if order.id in self.known_ids else timedelta.resolution)]


def test_a_verifier_that_was_made_for_a_shard_is_asked_about_its_orders() -> None:
    """When to run again is what the verifier of each order's own run says."""
    results = apart(ORDERS, verifiers=[Timed()])
    result = merged(results)
    assert result.wake_at == at_once(ORDERS, verifiers=[Timed()]).wake_at == NOW + 2 * HOUR
    assert [list(each(ORDERS[0], context=result.context)) for each in result.verifiers] == [[], []]


def test_plans_are_added_up() -> None:
    """Of a planner that plans each group by itself, and says so; a bound if each has one."""

    class Planning:
        bound: Decimal | None = Decimal(9)

        def __call__(self, queue: Any, inventory: Inventory, /, *, context: Context) -> Plan:
            rows = [
                (demand.order.id, line_id, units)
                for demand in queue
                for line_id, units in demand.greedy
                if units
            ]
            value = Decimal(len(rows))
            return Plan(units=rows, value=value, greedy_value=value, bound=self.bound)

        def shared_keys(self, order: Order, /, *, facts: Facts) -> Iterable[str]:
            return ()

    orders = [*ORDERS[:4], asking("B-1", "tea", ship_after=NOW + DAY)]
    planner = Planning()
    plan, together = merged(apart(orders, planner=planner)).plan, at_once(orders, planner=planner)
    assert plan is not None
    assert together.plan is not None
    assert (plan.units, plan.value) == (together.plan.units, Decimal(3))
    assert (plan.greedy_value, plan.bound) == (Decimal(3), Decimal(18))
    planner.bound = None
    plan = merged(apart(orders, planner=planner)).plan
    assert plan is not None
    assert plan.bound is None


def test_what_is_reserved_for_absent_orders_is_told_once() -> None:
    """Runs of all orders there are, each of which tells of the same absent order."""
    stock = STOCK.with_reserved(reserved("Z-9"))
    results = [process([each], stock, now=NOW, whole=True) for each in ORDERS[:2]]
    result = merged(results)
    assert [each.order_id for each in result.notifications if each.kind is Kind.ABSENT] == ["Z-9"]
    assert result == process(ORDERS[:2], stock, now=NOW, whole=True)
    assert [each.order_id for each in merged(apart(ORDERS, stock)).of_absent_orders] == ["Z-9"]


# -- What does not go together ---------------------------------------------------------------------


def refusal(*results: Any) -> str:
    """What a refusal says."""
    with pytest.raises(FulfillError) as caught:
        merged(results)
    return str(caught.value)


A, B = apart(ORDERS)


def run(*orders: Order, stock: Inventory = STOCK, **options: Any) -> Result:
    """A run of these orders."""
    return process(orders, stock, **{"now": NOW, **options})


@pytest.mark.parametrize(
    ("results", "problem"),
    [
        ((), "results: () is empty; pass one result at least"),
        ((A, 3), "results"),
        ((A, A), "results: 'A-1' is an order in two of them"),
        ((A, run(ORDERS[0], ORDERS[1])), "results: 'A-1' is an order in two of them"),
        (
            (A, run(ORDERS[1], now=NOW + HOUR)),
            "results[1].context.now: datetime.datetime(2026, 3, 2, 13, 0, ",
        ),
        (
            (A, run(ORDERS[1], stock=Inventory.of({("cup", "lyon"): 3}))),
            "results[1].before: <Inventory of 1 SKU, with reservations of 0 orders> is not ",
        ),
        (
            (A, run(ORDERS[1], facts=Facts(customers=[CustomerFacts(customer_id="C-1")]))),
            "results[1].context.facts: ",
        ),
        ((A, run(ORDERS[1], reservation_window=DAY)), "results[1].reservation_window: "),
    ],
)
def test_results_of_other_runs_are_refused(results: tuple[Any, ...], problem: str) -> None:
    """No result, an order in two, another time, stock, window or other facts."""
    assert refusal(*results).startswith(problem)


def test_results_that_have_travelled_have_the_same_stock_and_facts() -> None:
    """What is equal is the same, although it is another copy."""
    travelled: Result = pickle.loads(pickle.dumps(B))  # noqa: S301 - our own bytes
    assert merged([A, travelled]) == merged([A, B])


def test_ranks_that_depend_on_the_batch_are_refused() -> None:
    """Halves of a queue in which customers take turns do not go together."""
    shared = [attrs.evolve(each, channel="web") for each in ORDERS[:4]]

    class HighestFirst:
        """It ranks by how many orders the batch has."""

        count = 0

        def __call__(self, order: Order, /, *, context: Context) -> int:
            return int(order.id[-1]) * (1 if self.count > 2 else -1)

        def for_batch(self, orders: Sequence[Order], /, *, context: Context) -> HighestFirst:
            policy = HighestFirst()
            policy.count = len(orders)
            return policy

    settings: dict[str, Any] = {"priority": HighestFirst()}
    results = run(shared[0], shared[2], **settings), run(shared[1], shared[3], **settings)
    assert refusal(*results) == (
        "results: 'A-1' ranks otherwise among all orders than in its own run; use shards()"
    )


def test_one_result_takes_the_orders_of_another_for_absent_ones() -> None:
    """A run of a part is no run of all orders."""
    stock = STOCK.with_reserved(reserved("A-1"))
    results = run(ORDERS[0], stock=stock), run(ORDERS[1], stock=stock, whole=True)
    assert refusal(*results) == (
        "results: 'A-1' is in another result than a message about it; run shards without whole"
    )


def test_no_more_is_given_out_than_there_is() -> None:
    """Units on hand; as long as there is enough, two results may give out of the same."""
    assert merged([run(asking("A-1")), run(asking("A-2"))]).inventory.reserved("mug") == 2
    assert refusal(run(asking("A-1", quantity=2)), run(asking("A-2", quantity=2))) == (
        "order 'A-1', line '1': cannot reserve 4 of 'mug' at 'berlin': 3 are available"
    )


def test_no_more_is_claimed_than_a_supply_brings() -> None:
    """As long as it brings enough, two results may claim of it."""
    one, other = asking("A-1", quantity=5), asking("A-2", quantity=5)
    items = [Item(sku="mug", backorderable=True)]
    supply = Supply(id="PO-1", sku="mug", quantity=9, expected_at=NOW + DAY)
    stock = Inventory(supplies=[supply], items=items)
    assert refusal(run(one, stock=stock), run(other, stock=stock)) == (
        "cannot claim 10 of 'mug' of supply 'PO-1': it brings 9"
    )
    stock = Inventory(supplies=[attrs.evolve(supply, quantity=10)], items=items)
    result = merged([run(one, stock=stock), run(other, stock=stock)])
    assert result.inventory.claimed("mug") == 10


@pytest.mark.parametrize(("capacity", "fits"), [(2, True), (1, False), (None, True)])
def test_no_location_takes_on_more_than_it_can(capacity: int | None, fits: bool) -> None:
    """Orders of two results, for different SKUs, at one location."""
    stock = Inventory(
        [Stock(sku=sku, location="lyon", on_hand=3) for sku in ("mug", "cup")],
        locations=[Location(id="lyon", capacity=capacity)],
    )
    results = run(asking("A-1"), stock=stock), run(asking("A-2", "cup"), stock=stock)
    if fits:
        assert len(merged(results).reservations) == 2
    else:
        problem = "cannot take on 2 orders at 'lyon' in a day: its capacity is 1"
        assert refusal(*results) == problem


def test_messages_go_where_their_orders_are() -> None:
    """Whoever wrote them; several about an order stay in their sequence."""

    def twice(decision: Any, /, *, context: Context) -> Iterable[Notification]:
        return [
            Notification(
                kind=kind,
                order_id=decision.id,
                audience=Audience.STAFF,
                recipient="",
                locale="en",
            )
            for kind in (Kind.CONFIRMED, Kind.SURPLUS)
        ]

    result = merged(apart(ORDERS, notifications=twice))
    assert result.notifications == at_once(ORDERS, notifications=twice).notifications


def test_velocity_and_the_rest_are_shared_as_process_sees_them() -> None:
    """What looks at a customer's orders sees all of them in each shard."""
    settings: dict[str, Any] = {"verifiers": [velocity(at_most=1, within=DAY, per="address")]}
    orders = [
        attrs.evolve(each, ship_to=attrs.evolve(each.ship_to, street=[each.lines[0].sku]))
        for each in ORDERS
        if each.ship_to is not None
    ]
    assert merged(apart(orders, **settings)) == at_once(orders, **settings)
