"""The laws that users hold their own policies to: each names what is broken."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from itertools import count
from typing import Any

import attrs
import pytest

from fulfill_core import Context, Customer, Finding, Order, hold
from fulfill_core.priorities import fair_share
from fulfill_core.testing import check_priority_policy, check_verifier

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
CONTEXT = Context(now=NOW)
ORDERS = [
    Order(id=name, placed_at=NOW, customer=Customer(id="C-1"), lines=[], currency="EUR")
    for name in ("A-1", "A-2", "A-3")
]


class Beats:
    """A sort key that is lower than those that it is told of."""

    def __init__(self, name: str, *beaten: str) -> None:
        self.name = name
        self.beaten = beaten

    def __lt__(self, other: Beats) -> bool:
        return other.name in self.beaten


def test_a_good_priority_policy_passes() -> None:
    """A policy that is total and pure passes, ties and all."""

    def by_id(order: Order, /, *, context: Context) -> str:
        return order.id[:1]

    check_priority_policy(by_id, ORDERS, context=CONTEXT)
    check_priority_policy(by_id, [], context=CONTEXT)


def broken(keys: dict[str, Any]) -> str:
    """What the check says of a policy that returns these keys."""

    def policy(order: Order, /, *, context: Context) -> Any:
        return keys[order.id]

    with pytest.raises(AssertionError) as caught:
        check_priority_policy(policy, ORDERS, context=CONTEXT)
    return str(caught.value)


def test_a_key_for_every_order() -> None:
    """A policy returns a key for every order: None and NaN are none."""
    expected = "total: asked about order 'A-2', it returned None, which is no sort key"
    assert broken({"A-1": 1, "A-2": None, "A-3": 3}) == expected
    expected = "total: asked about order 'A-3', it returned nan, which is no sort key"
    assert broken({"A-1": 1, "A-2": 2, "A-3": float("nan")}) == expected


def test_raises_for_no_order() -> None:
    """A policy raises for no order."""
    assert broken({"A-1": 1}) == "total: asked about order 'A-2', it raised KeyError('A-2')"


def test_keys_can_be_compared() -> None:
    """Any two keys of a policy can be compared."""
    expected = (
        "total: asked about order 'A-2', its key '2' can't be compared:"
        " '<' not supported between instances of 'str' and 'int'"
    )
    assert broken({"A-1": 1, "A-2": "2", "A-3": 3}) == expected


def test_of_two_keys_one_is_lower_or_they_are_equal() -> None:
    """Of two orders, not each ranks before the other; and they are not merely not comparable."""
    expected = (
        "total: asked about order 'A-2', it ranks before 'A-1', whose key is lower than its own"
    )
    assert broken({"A-1": Beats("x", "y"), "A-2": Beats("y", "x"), "A-3": Beats("z")}) == expected
    expected = "total: asked about order 'A-1', it is neither before, behind nor level with 'A-2'"
    assert broken({"A-1": Beats("x"), "A-2": Beats("y"), "A-3": Beats("z")}) == expected


def test_keys_do_not_go_round_in_a_circle() -> None:
    """Where each key is lower than the next and the last is lower than the first, there is no
    queue.
    """
    expected = (
        "total: asked about order 'A-1', it ranks before 'A-3', whose key is lower than its own"
    )
    keys = {"A-1": Beats("x", "y"), "A-2": Beats("y", "z"), "A-3": Beats("z", "x")}
    assert broken(keys) == expected


def test_asked_twice_the_key_is_equal() -> None:
    """A policy depends on nothing but its arguments: asked twice, its keys are equal."""
    numbers = count()

    def counting(order: Order, /, *, context: Context) -> int:
        return next(numbers)

    with pytest.raises(AssertionError) as caught:
        check_priority_policy(counting, ORDERS, context=CONTEXT)
    assert str(caught.value) == "pure: asked about order 'A-1', asked twice, it returned 0 and 1"


def test_the_key_does_not_depend_on_the_sequence() -> None:
    """A policy has no memory: who was asked about before makes no difference."""
    seen: set[str] = set()

    def grows(order: Order, /, *, context: Context) -> int:
        seen.add(order.id)
        return len(seen)

    with pytest.raises(AssertionError) as caught:
        check_priority_policy(grows, ORDERS, context=CONTEXT)
    expected = (
        "permutation: asked about order 'A-2', asked in another sequence, it returned 3, not 2"
    )
    assert str(caught.value) == expected


class Looks:
    """A policy that is made by this function, with the orders in view, and not asked without."""

    def __init__(self, make: Callable[[Sequence[Order]], Any]) -> None:
        self.make = make

    def __call__(self, order: Order, /, *, context: Context) -> int:
        raise LookupError(order.id)

    def for_batch(self, orders: Sequence[Order], /, *, context: Context) -> Any:
        return self.make(orders)


def looking(make: Callable[[Sequence[Order]], Any], orders: Sequence[Order] = ORDERS) -> str:
    """What the check says of it."""
    with pytest.raises(AssertionError) as caught:
        check_priority_policy(Looks(make), orders, context=CONTEXT)
    return str(caught.value)


def keyed(key: Callable[[Order], Any]) -> Any:
    """The policy of this key."""
    return lambda order, /, *, context: key(order)


def test_a_policy_that_looks_at_the_batch_is_asked_as_in_a_run() -> None:
    """What ``for_batch`` makes is what is held to the laws; with no order it is not asked. An id is
    seen once: in a run, there is one order of each in the queue, and the oldest comes first.
    """
    shares = fair_share("customer")
    check_priority_policy(shares, ORDERS, context=CONTEXT)
    check_priority_policy(Looks(lambda orders: keyed(ORDERS.index)), ORDERS, context=CONTEXT)
    check_priority_policy(Looks(lambda orders: None), [], context=CONTEXT)
    seen: list[list[str]] = []

    def sees(orders: Sequence[Order]) -> Any:
        seen.append([f"{order.id} {order.currency}" for order in orders])
        return keyed(lambda order: order.currency)

    twice = [*ORDERS, attrs.evolve(ORDERS[0], currency="USD")]
    check_priority_policy(Looks(sees), twice, context=CONTEXT)
    in_sequence = ["A-1 EUR", "A-2 EUR", "A-3 EUR"]
    assert seen[:3] == [in_sequence] * 3
    assert all(batch == in_sequence[: len(batch)] for batch in seen)  # nobody behind: less is seen


def test_a_policy_can_look_at_any_batch() -> None:
    """One that raises when it is shown the orders, or makes no policy of them, is not total."""
    expected = "total: asked about order 'A-1', it could not look at the batch: IndexError("
    assert looking(lambda orders: orders[9]).startswith(expected)
    assert looking(lambda orders: 3) == (
        "total: asked about order 'A-1', its for_batch returned an int; return a priority policy"
    )


def test_the_same_orders_in_view_make_the_same_keys() -> None:
    """With the same orders in view each order gets the same key, however often they are seen and in
    whatever sequence it is asked about them. As it sees them in one sequence, it may go by that.
    """

    def counting(*numbers: int) -> Callable[[Sequence[Order]], Any]:
        rest = iter(numbers)

        def made(orders: Sequence[Order]) -> Any:
            number = next(rest)
            return keyed(lambda order: number)

        return made

    expected = "pure: asked about order 'A-1', asked twice, it returned 0 and 1"
    assert looking(counting(0, 1, 2)) == expected
    assert looking(counting(0, 0, 2)) == (
        "permutation: asked about order 'A-3', asked in another sequence, it returned 2, not 0"
    )
    in_sequence = Looks(lambda orders: keyed(orders.index))
    check_priority_policy(in_sequence, ORDERS[::-1], context=CONTEXT)


def test_a_good_verifier_passes() -> None:
    """A verifier that finds the same each time passes, as a function or as a generator."""

    def on_hold(order: Order, /, *, context: Context) -> Iterable[Finding]:
        if order.id == "A-2":
            yield hold("test.on_hold")

    check_verifier(on_hold, ORDERS, context=CONTEXT)


def test_a_verifier_raises_for_no_order() -> None:
    """A verifier raises for no order, not even half-way."""

    def failing(order: Order, /, *, context: Context) -> Iterable[Finding]:
        yield hold("test.on_hold")
        raise LookupError(order.id)

    with pytest.raises(AssertionError) as caught:
        check_verifier(failing, ORDERS, context=CONTEXT)
    assert str(caught.value) == "total: asked about order 'A-1', it raised LookupError('A-1')"


def test_a_verifier_returns_findings() -> None:
    """A verifier returns findings and nothing else."""

    def wordy(order: Order, /, *, context: Context) -> Any:
        return ["no"]

    with pytest.raises(AssertionError) as caught:
        check_verifier(wordy, ORDERS, context=CONTEXT)
    expected = (
        "findings: asked about order 'A-1', it returned ('no',); make findings with note() etc."
    )
    assert str(caught.value) == expected


def test_asked_twice_a_verifier_finds_the_same() -> None:
    """A verifier depends on nothing but its arguments, and remembers nothing."""
    seen: set[str] = set()

    def suspicious(order: Order, /, *, context: Context) -> Iterable[Finding]:
        if order.id in seen:
            yield hold("test.again")
        seen.add(order.id)

    with pytest.raises(AssertionError) as caught:
        check_verifier(suspicious, ORDERS, context=CONTEXT)
    assert str(caught.value).startswith("pure: asked about order 'A-3', asked twice, it found ()")
