"""Laws that a shop's own policies must keep, as functions to call from a test.

Each raises an AssertionError that begins with the name of the broken law. They need no test
framework; with `fulfill_core.testing.strategies` they make property tests of two lines.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterable, Sequence
from datetime import UTC, timedelta

import attrs

from fulfill_core.decisions.finding import Finding
from fulfill_core.exceptions import PluginError
from fulfill_core.orders.order import Order
from fulfill_core.protocols import PriorityPolicy, SortKey, Verifier
from fulfill_core.protocols.plugins import looks_at_batch, turning_points_of
from fulfill_core.protocols.roles import PRIORITY, in_batch
from fulfill_core.records.facts import Context


def check_priority_policy(
    policy: PriorityPolicy,
    orders: Iterable[Order],
    /,
    *,
    context: Context,
    pickles: bool = False,
) -> None:
    """Hold a priority policy to its contract on these orders.

    - *total*: it raises for no order, returns a key for each, and the keys can all be compared: of
      two, one is lower or they are equal, and they don't go round in a circle.
    - *pure*: asked again about the same order it returns an equal key.
    - *permutation*: so it does when it is asked about the orders in another sequence.
    - *behind*: who joins the queue behind others changes nothing among those.
    - *time*: until the first of its ``turning_points`` the queue stays as it is; without that part,
      for all of ten years.
    - *pickles*: its copy returns equal keys, if you say that it has to.

    A policy that has ``for_batch`` is asked by that first, as in a run: with these orders in view,
    the oldest first; of several orders with one id it sees the first.

    Args:
        policy: the policy.
        orders: the orders to try it on; the more alike, the better.
        context: what the policy is told beside the order.
        pickles: whether it has to survive pickling, as it does with a ``map`` of processes.

    Raises:
        AssertionError: a law is broken; the message names the law and an order.

    >>> from datetime import datetime, timezone
    >>> from hypothesis import given, settings, strategies as st
    >>> from fulfill_core.testing import orders
    >>> def vip_first(order, /, *, context):
    ...     return 0 if order.customer.tier == "vip" else 1
    >>> @settings(max_examples=5, database=None)
    ... @given(st.lists(orders()))
    ... def test_vip_first(batch):
    ...     now = datetime(2026, 3, 2, tzinfo=timezone.utc)
    ...     check_priority_policy(vip_first, batch, context=Context(now=now))
    >>> test_vip_first()
    """
    orders = tuple(orders)
    if looks_at_batch(policy):
        orders = _first_of_each(orders)
    in_view, in_view_again = _in_view(policy, orders, context), _in_view(policy, orders, context)
    in_view_reversed = _in_view(policy, orders[::-1], context)
    keys: list[SortKey] = []
    for order in orders:
        key, again = _key(in_view, order, context), _key(in_view_again, order, context)
        if not _is_equal(key, again, order):
            raise _broken("pure", order, f"asked twice, it returned {key!r} and {again!r}")
        keys.append(key)
    for order, key in reversed(list(zip(orders, keys, strict=True))):
        again = _key(in_view_reversed, order, context)
        if not _is_equal(key, again, order):
            raise _broken(
                "permutation",
                order,
                f"asked in another sequence, it returned {again!r}, not {key!r}",
            )
    _check_keys(keys, orders)
    distinct = _first_of_each(orders)
    if not distinct:
        return
    queue = _queue(policy, distinct, context)
    if looks_at_batch(policy):
        _check_from_behind(policy, queue, context)
    _check_over_time(policy, queue, context)
    if pickles:
        _check_pickled(policy, queue, context)


def _queue(policy: PriorityPolicy, orders: Sequence[Order], context: Context) -> tuple[Order, ...]:
    """The orders as a run would serve them."""
    in_view = _in_view(policy, orders, context)
    by_age = sorted(orders, key=lambda order: (order.placed_at, order.id))
    keyed = [_Key(_key(in_view, order, context), order) for order in by_age]
    return tuple([each.order for each in sorted(keyed)])


def _check_from_behind(policy: PriorityPolicy, queue: Sequence[Order], context: Context) -> None:
    """Whoever is last could leave, and the others would stand as they do."""
    for count in range(len(queue) - 1, 0, -1):
        without = _queue(policy, queue[:count], context)
        for order, expected in zip(without, queue, strict=False):
            if order is not expected:
                raise _broken(
                    "behind",
                    expected,
                    f"it lost its place to {order.id!r} when {queue[count].id!r}, behind both, was"
                    " not there",
                )


_LATER = (timedelta(hours=1), timedelta(days=1), timedelta(days=40), timedelta(days=3652))


def _check_over_time(policy: PriorityPolicy, queue: Sequence[Order], context: Context) -> None:
    """Time alone changes the queue at no other instant than the policy says."""
    in_view = _in_view(policy, queue, context)
    try:
        instants = [*turning_points_of(in_view, queue, context)]
    except PluginError as error:
        raise _broken("time", queue[0], error.problem) from error
    ahead = [instant for instant in instants if instant > context.now]
    end = min(ahead, default=context.now + max(_LATER))
    times = [context.now + step for step in _LATER if context.now + step < end]
    for instant in (*times, end - timedelta.resolution):
        later = _queue(policy, queue, attrs.evolve(context, now=instant))
        for order, expected in zip(later, queue, strict=True):
            if order is not expected:
                raise _broken(
                    "time",
                    expected,
                    f"{order.id!r} has its place at {instant:%Y-%m-%d %H:%M}, of which its"
                    " turning_points say nothing",
                )


def _check_pickled(policy: PriorityPolicy, queue: Sequence[Order], context: Context) -> None:
    """A copy of it makes the same queue."""
    try:
        copy = pickle.loads(pickle.dumps(policy))  # noqa: S301 - made here
    except Exception as error:
        raise _broken("pickles", queue[0], f"it can't be pickled: {error}") from error
    if _queue(copy, queue, context) != tuple(queue):
        raise _broken("pickles", queue[0], "its copy makes another queue")


def _check_keys(keys: Sequence[SortKey], orders: Sequence[Order]) -> None:
    """These keys make one queue of the orders."""
    for index, order in enumerate(orders):
        for earlier, other in enumerate(orders[:index]):
            is_lower = _is_lower(keys[index], keys[earlier], order)
            is_higher = _is_lower(keys[earlier], keys[index], other)
            if is_lower and is_higher:
                raise _ranks_before(order, other)
            if not is_lower and not is_higher and not _is_equal(keys[earlier], keys[index], other):
                raise _broken(
                    "total", other, f"it is neither before, behind nor level with {order.id!r}"
                )
    queue = sorted(range(len(keys)), key=lambda index: _Key(keys[index], orders[index]))
    for place, index in enumerate(queue):
        for behind in queue[place + 1 :]:
            if _is_lower(keys[behind], keys[index], orders[behind]):
                raise _ranks_before(orders[index], orders[behind])


def _ranks_before(order: Order, other: Order) -> AssertionError:
    return _broken("total", order, f"it ranks before {other.id!r}, whose key is lower than its own")


def check_verifier(verifier: Verifier, orders: Iterable[Order], /, *, context: Context) -> None:
    """Hold a verifier to its contract on these orders.

    - *total*: it raises for no order. (In a run, an order on which it raises is held.)
    - *findings*: it returns findings only, as `note`, `hold` and `reject` make them.
    - *pure*: asked again about the same order, with others in between, it finds the same.

    Args:
        verifier: the verifier.
        orders: the orders to try it on.
        context: what the verifier is told beside the order.

    Raises:
        AssertionError: a law is broken; the message names the law and an order.

    >>> from datetime import datetime, timezone
    >>> from hypothesis import given, settings, strategies as st
    >>> from fulfill_core import hold
    >>> from fulfill_core.testing import orders
    >>> def not_too_many(order, /, *, context):
    ...     if sum(line.units for line in order.lines) > 10:
    ...         yield hold("shop.too_many", field="lines")
    >>> @settings(max_examples=5, database=None)
    ... @given(st.lists(orders()))
    ... def test_not_too_many(batch):
    ...     now = datetime(2026, 3, 2, tzinfo=timezone.utc)
    ...     check_verifier(not_too_many, batch, context=Context(now=now))
    >>> test_not_too_many()
    """
    orders = tuple(orders)
    first = [_findings(verifier, order, context) for order in orders]
    for order, findings in reversed(list(zip(orders, first, strict=True))):
        again = _findings(verifier, order, context)
        if findings != again:
            raise _broken("pure", order, f"asked twice, it found {findings!r} and {again!r}")


def _first_of_each(orders: Iterable[Order]) -> tuple[Order, ...]:
    """The orders, those left out whose id one before has."""
    first: dict[str, Order] = {}
    for order in orders:
        first.setdefault(order.id, order)
    return tuple(first.values())


def _in_view(policy: PriorityPolicy, orders: Sequence[Order], context: Context) -> PriorityPolicy:
    """The policy to ask in a run with these orders, which it sees as a run shows them."""
    queue = tuple(sorted(orders, key=lambda order: (order.placed_at.astimezone(UTC), order.id)))
    try:
        return in_batch(policy, queue, context, PRIORITY) if queue else policy
    except PluginError as error:
        raise _broken("total", orders[0], error.problem) from error
    except Exception as error:
        raise _broken("total", orders[0], f"it could not look at the batch: {error!r}") from error


def _key(policy: PriorityPolicy, order: Order, context: Context) -> SortKey:
    try:
        key: SortKey | None = policy(order, context=context)
    except Exception as error:
        raise _broken("total", order, f"it raised {error!r}") from error
    if key is None or key != key:  # noqa: PLR0124 - that is what NaN is
        raise _broken("total", order, f"it returned {key!r}, which is no sort key")
    return key


class _Key:
    """A sort key that says whose it is when it can't be compared."""

    def __init__(self, key: SortKey, order: Order) -> None:
        self.key = key
        self.order = order

    def __lt__(self, other: _Key) -> bool:
        return _is_lower(self.key, other.key, self.order)


def _is_equal(key: SortKey, other: SortKey, order: Order) -> bool:
    return not (_is_lower(key, other, order) or _is_lower(other, key, order)) and key == other


def _is_lower(key: SortKey, other: SortKey, order: Order) -> bool:
    try:
        return bool(key < other)
    except Exception as error:
        raise _broken("total", order, f"its key {key!r} can't be compared: {error}") from error


def _findings(verifier: Verifier, order: Order, context: Context) -> tuple[Finding, ...]:
    try:
        answers: tuple[object, ...] = tuple(verifier(order, context=context))
    except Exception as error:
        raise _broken("total", order, f"it raised {error!r}") from error
    findings = tuple(finding for finding in answers if isinstance(finding, Finding))
    if len(findings) < len(answers):
        raise _broken("findings", order, f"it returned {answers!r}; make findings with note() etc.")
    return findings


def _broken(law: str, order: Order, problem: str) -> AssertionError:
    return AssertionError(f"{law}: asked about order {order.id!r}, {problem}")
