"""Strategies that see the shop, checks of policies in a run, and rules that were never true."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fulfill_core import (
    Address,
    Context,
    Customer,
    Finding,
    Inventory,
    Order,
    OrderLine,
    OrderRecord,
    hold,
)
from fulfill_core.notifications import customer_and_staff
from fulfill_core.priorities import ageing, customer_tier, deadline, fair_share
from fulfill_core.protocols import Plan
from fulfill_core.protocols.plugins import name_of
from fulfill_core.reallocation import ConfirmationStrategy
from fulfill_core.sourcing import by_rank, fewest_shipments
from fulfill_core.testing import (
    Batch,
    batches,
    check_notification_policy,
    check_planner,
    check_priority_policy,
    check_promise_policy,
    check_sourcing_policy,
    check_strategy_policy,
    check_verifier,
    check_watched,
    orders,
    priority_policies,
    records,
    watched,
)
from fulfill_core.verifiers import only_if

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
CONTEXT = Context(now=NOW)
HOUR = timedelta(hours=1)


def seen_by(
    strategy: st.SearchStrategy[Any], what: Callable[[Any], Any], examples: int = 100
) -> set[Any]:
    """What so many examples show."""
    values: set[Any] = set()

    @settings(max_examples=examples, database=None, derandomize=True, deadline=None)
    @given(strategy)
    def look(example: Any) -> None:
        values.add(what(example))

    look()
    return values


def test_orders_are_wide() -> None:
    """Old ones, several currencies, any text, tax, odd addresses, without being asked."""
    shown = seen_by(
        orders(),
        lambda order: (
            order.currency,
            order.tax > 0,
            NOW - order.placed_at > 300 * 24 * HOUR,
            bool(order.attributes),
            order.ship_to is not None and not order.ship_to.city,
            order.customer.tier,
        ),
    )
    assert {each[0] for each in shown} == {"EUR", "USD", "GBP", "JPY", "KWD"}
    for place in (1, 2, 3, 4):
        assert {each[place] for each in shown} == {False, True}
    assert "vip" in {each[5] for each in shown}


def test_orders_are_those_of_the_shop() -> None:
    """Its own tiers, tags, channels, currencies, ages and attributes, and no others."""
    mine = orders(
        tiers=["bronze"],
        currencies=["SEK"],
        channels=["kiosk"],
        tags=["fragile"],
        attributes={"gift": ["yes"]},
        ages=[90 * HOUR],
        taxes=[Decimal(1)],
    )
    shown = seen_by(
        mine,
        lambda order: (
            (order.customer.tier, order.currency, order.channel, NOW - order.placed_at, order.tax),
            tuple(order.tags),
            tuple(order.attributes.items()),
        ),
    )
    assert {each[0] for each in shown} == {("bronze", "SEK", "kiosk", 90 * HOUR, Decimal(1))}
    assert {each[1] for each in shown} == {(), ("fragile",)}
    assert {each[2] for each in shown} == {(), (("gift", "yes"),)}
    assert seen_by(orders(tags=()), lambda order: order.tags) == {frozenset()}


def test_batches_are_those_of_the_shop() -> None:
    """So are the orders that compete, each word for itself; and each thing costs what it may."""
    mine = batches(
        tiers=["bronze"],
        channels=["kiosk"],
        tags=["fragile"],
        attributes={"gift": ["yes"]},
        prices=[Decimal(900)],
    )
    shown = seen_by(mine, lambda batch: frozenset(map(words_of, batch.orders)))
    words = frozenset().union(*shown)
    assert {each[0] for each in words} == {"bronze"}
    assert {each[1] for each in words} == {"kiosk", "another"}  # one of two under one id
    assert {each[2] for each in words} == {(), ("fragile",)}
    assert {each[3] for each in words} == {(), (("gift", "yes"),)}
    assert {price for each in words for price in each[4]} == {Decimal(0), Decimal(900)}
    without = seen_by(batches(tags=()), lambda batch: frozenset(map(words_of, batch.orders)))
    assert {each[2] for each in frozenset().union(*without)} == {()}


def words_of(member: Order | OrderRecord) -> tuple[Any, ...]:
    """The words of a shop that an order has, and its prices; what is free costs nothing."""
    order = member.order if isinstance(member, OrderRecord) else member
    prices = tuple([line.unit_price for line in order.lines])
    texts = tuple(order.tags), tuple(order.attributes.items())
    return (order.customer.tier, order.channel, *texts, prices)


def test_a_discount_that_is_a_flaw_is_one_at_any_price() -> None:
    """It is more than the rest."""
    costly = orders(prices=[Decimal(5000)])
    shown = seen_by(costly, lambda order: order.total < 0, examples=300)
    assert shown == {False, True}


def test_records_have_come_a_part_of_the_way() -> None:
    """Of some lines units have left, or were cancelled; of some orders all."""
    shown = seen_by(
        records(),
        lambda record: (bool(record.progress), bool(record.progress) and record.is_settled),
        examples=300,
    )
    assert shown == {(False, False), (True, False), (True, True)}


# -- Rules that were never true --------------------------------------------------------------------


def never(order: Order, /, *, context: Context) -> Iterable[Finding]:
    """Asks for a tier that no order has."""
    if order.customer.tier == "platinum":
        yield hold("shop.platinum")


def test_a_rule_that_was_never_true_fails() -> None:
    """It would pass every law; with the tiers of the shop it does not."""
    rule = watched(never)

    @settings(max_examples=30, database=None, derandomize=True)
    @given(st.lists(orders(), max_size=3))
    def check(batch: Sequence[Order]) -> None:
        check_verifier(rule, batch, context=CONTEXT)

    with pytest.raises(AssertionError, match="vacuous: never has only ever said: not a word"):
        check_watched(rule)
    check()
    with pytest.raises(AssertionError, match="vacuous: never has only ever said: nothing"):
        check_watched(rule)
    with pytest.raises(AssertionError, match=r"vacuous: never never said shop.platinum, but: noth"):
        check_watched(rule, "shop.platinum")

    @settings(max_examples=30, database=None, derandomize=True)
    @given(orders(tiers=["standard", "platinum"]))
    def check_ours(order: Order) -> None:
        rule(order, context=CONTEXT)

    check_ours()
    check_watched(rule, "shop.platinum", "nothing")


def test_every_plug_in_can_be_watched() -> None:
    """Conditions, keys, messages, locations; its parts are asked as ever, and it pickles."""

    def is_large(order: Order, /, *, context: Context) -> bool:
        return order.lines[0].quantity > 1

    order = an_order("A-1", 2)
    condition = watched(is_large)
    rule = only_if(condition, watched(never))
    for each in (order, an_order("A-2", 1)):
        assert not list(rule(each, context=CONTEXT))
    check_watched(condition, "True", "False")
    news = watched(customer_and_staff)
    check_notification_policy(news, BATCH)
    check_watched(news, "order.confirmed")
    assert news.date_step == timedelta(0)
    odd = watched(lambda order, /, *, context: [hold("a.b"), 3])
    odd(order, context=CONTEXT)
    long = watched(lambda order, /, *, context: ("x" * 99,))
    long(order, context=CONTEXT)
    assert [list(each.counts) for each in (odd, long)] == [["?", "a.b"], [f"('{'x' * 38}..."]]
    assert pickle.loads(pickle.dumps(watched(deadline))).plugin is deadline  # noqa: S301


# -- Policies in a run -----------------------------------------------------------------------------


def an_order(order_id: str, quantity: int, tier: str = "standard") -> Order:
    """An order for mugs."""
    return Order(
        id=order_id,
        placed_at=NOW - HOUR,
        customer=Customer(id=order_id, email="ada@example.com", tier=tier),
        lines=[OrderLine(id="1", sku="mug", quantity=quantity, ships=False)],
        currency="EUR",
    )


BATCH = Batch(
    orders=(an_order("A-1", 2), an_order("A-2", 1)),
    inventory=Inventory.of({("mug", "berlin"): 3, ("mug", "paris"): 3}),
    now=NOW,
    facts=Context(now=NOW).facts,
)
NUMBERS = count()


def broken(check: Any, policy: Any, **more: Any) -> str:
    """The law that a policy breaks."""
    with pytest.raises(AssertionError) as caught:
        check(policy, BATCH, **more)
    return str(caught.value)


def turning(demand: Any, candidates: Any, /, *, context: Context) -> Any:
    """It goes through the locations one way, then the other."""
    return candidates[:: 1 - 2 * (next(NUMBERS) % 2)]


def in_turns(*answers: Any) -> Any:
    """Any policy that answers one thing after the other."""
    rest: Iterator[Any] = iter(answers * 9)
    return lambda *_, context: next(rest)


PLANS = [Plan(units=[("A-1", "1", n)], value=Decimal(n), greedy_value=Decimal(1)) for n in (1, 2)]


@pytest.mark.parametrize(
    ("check", "policy", "law"),
    [
        (check_sourcing_policy, turning, "pure: asked about order 'A-1', asked twice"),
        (check_sourcing_policy, in_turns(None), "total: "),
        (check_notification_policy, in_turns((), None), "pure: asked about order 'A-1'"),
        (check_notification_policy, in_turns(3), "total: "),
        (check_promise_policy, in_turns(3), "total: "),
        (check_planner, in_turns(*PLANS), "pure: asked about order 'A-1'"),
        (check_planner, in_turns(None), "total: "),
        (check_strategy_policy, in_turns("win"), "total: "),
        (
            check_strategy_policy,
            in_turns(ConfirmationStrategy.WIN, ConfirmationStrategy.LOSE),
            "pure: ",
        ),
    ],
)
def test_a_broken_policy_is_named(check: Any, policy: Any, law: str) -> None:
    """With the law, and the order where there is one."""
    assert broken(check, policy).startswith(law)


def test_what_has_to_pickle_is_held_to_it() -> None:
    """If it is said so: a lambda never does."""
    text = broken(check_sourcing_policy, lambda *_, context: (), pickles=True)
    assert text.startswith("pickles: <lambda> can't be pickled: ")
    check_sourcing_policy(fewest_shipments(), BATCH, pickles=True)
    check_notification_policy(customer_and_staff, BATCH, pickles=True)


@settings(max_examples=15)
@given(batches())
def test_good_policies_pass(batch: Batch) -> None:
    """The ready-made ones, and generators."""

    def one_by_one(demand: Any, candidates: Any, /, *, context: Context) -> Iterator[Any]:
        yield from candidates

    check_sourcing_policy(one_by_one, batch)
    check_sourcing_policy(by_rank, batch)
    check_strategy_policy(lambda order, /, *, context: ConfirmationStrategy.GAIN, batch)


# -- Priorities ------------------------------------------------------------------------------------


@attrs.frozen
class Fresh:
    """Orders of less than an hour first; it knows when that ends if it is told to."""

    knows: bool

    def __call__(self, order: Order, /, *, context: Context) -> int:
        return int(context.now - order.placed_at >= 2 * HOUR)

    @property
    def turning_points(self) -> Any:
        return self._points if self.knows else None

    def _points(self, queue: Sequence[Order], /, *, context: Context) -> list[datetime]:
        return [order.placed_at + 2 * HOUR for order in queue]


class LastOne:
    """The first of a customer is served last if it is alone: who ranks behind changes it."""

    def __init__(self, keys: dict[str, int] | None = None) -> None:
        self.keys = keys or {}

    def __call__(self, order: Order, /, *, context: Context) -> int:
        return self.keys.get(order.id, 0)

    def for_batch(self, queue: Sequence[Order], /, *, context: Context) -> LastOne:
        return LastOne({order.id: n * (2 * len(queue) - 5) for n, order in enumerate(queue)})


THREE = [
    attrs.evolve(an_order(name, 1), placed_at=NOW - hours * HOUR)
    for name, hours in (("A-1", 3), ("A-2", 1), ("A-3", 0))
]


def test_turning_points_are_held_to_what_a_policy_does() -> None:
    """A queue that time changes before the first of them, or without any, is a slip."""
    check_priority_policy(Fresh(knows=True), THREE, context=CONTEXT)
    with pytest.raises(AssertionError, match=r"time: .*turning_points say nothing"):
        check_priority_policy(Fresh(knows=False), THREE, context=CONTEXT)
    check_priority_policy(ageing(customer_tier("vip"), rises_every=HOUR), THREE, context=CONTEXT)

    class Nonsense(Fresh):
        @property
        def turning_points(self) -> Any:
            return lambda queue, /, *, context: ["soon"]

    with pytest.raises(AssertionError, match=r"time: .*could not say when time changes"):
        check_priority_policy(Nonsense(knows=True), THREE, context=CONTEXT)


def test_who_joins_behind_changes_nothing() -> None:
    """A policy that looks at the batch and counts those behind takes places away."""
    check_priority_policy(fair_share("customer"), THREE, context=CONTEXT)
    with pytest.raises(AssertionError, match="behind: asked about order 'A-1', it lost its place"):
        check_priority_policy(LastOne(), THREE, context=CONTEXT)


@attrs.frozen
class Forgetful:
    """Its copy is another one."""

    sign: int = 1

    def __call__(self, order: Order, /, *, context: Context) -> str | int:
        return self.sign * order.lines[0].quantity

    def __reduce__(self) -> tuple[Any, ...]:
        return Forgetful, (-self.sign,)


def test_a_priority_that_has_to_pickle() -> None:
    """Its copy makes the same queue."""
    few = [an_order("A-1", 2), an_order("A-2", 1)]
    check_priority_policy(customer_tier("vip"), few, context=CONTEXT, pickles=True)
    with pytest.raises(AssertionError, match="pickles: asked about order 'A-2', its copy makes"):
        check_priority_policy(Forgetful(), few, context=CONTEXT, pickles=True)
    with pytest.raises(AssertionError, match=r"pickles: .*it can't be pickled"):
        check_priority_policy(lambda order, /, *, context: 1, few, context=CONTEXT, pickles=True)


def test_orders_go_where_they_are_told_to() -> None:
    """Addresses of the shop's own take the place of the usual and the odd ones."""
    york = Address(name="Ada", street=["2 Low St"], city="York", country="GB")
    going = seen_by(orders(addresses=st.just(york)), lambda order: order.ship_to)
    assert going == {None, york}


def test_among_the_policies_is_one_to_which_all_are_alike() -> None:
    """Ties are what a queue has to settle: who was first, and then the id."""
    wish = Order(id="A-1", placed_at=NOW, customer=Customer(id="C"), currency="EUR", lines=[])
    keys = seen_by(
        priority_policies(),
        lambda policy: policy(wish, context=CONTEXT) if name_of(policy) == "_all_alike" else None,
    )
    assert keys == {None, 0}
