"""The queue: the sort key of each order, and the sequence that the keys make."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import pairwise
from operator import le
from typing import Any, TypeAlias, cast

from fulfill_core._checks import said as said_by
from fulfill_core._checks import shown
from fulfill_core.exceptions import PluginError
from fulfill_core.orders.order import Order
from fulfill_core.protocols import PriorityPolicy, SortKey
from fulfill_core.protocols.plugins import in_batch, looks_at_batch, name_of
from fulfill_core.reallocation.reallocation import Reallocation
from fulfill_core.reallocation.strategies import ConfirmationStrategy
from fulfill_core.records.facts import Context

Queued: TypeAlias = tuple[Any, datetime, str, int]
"""The one sort key (the policy's, when the order was placed, its id), and where the order is. Of
atoms only, as far as the policy's key is: the collector need not follow a queue of them."""


def key_of(priority: PriorityPolicy, order: Order, context: Context) -> SortKey:
    """The sort key of an order."""
    try:
        key = priority(order, context=context)
    except PluginError:
        raise  # a policy of ours that says itself what is wrong
    except Exception as error:
        raise PluginError(
            name_of(priority), order.id, f"raised {shown(error)}; a policy must not raise"
        ) from error
    if cast("SortKey | None", key) is None:
        raise PluginError(name_of(priority), order.id, "returned None; return a sort key")
    return key


def placed(order: Order) -> datetime:
    """When it was placed, in UTC: within one zone, instants compare by a clock that is put back."""
    instant = order.placed_at
    return instant if instant.tzinfo is UTC else instant.astimezone(UTC)


def all_alike(order: Order, /, *, context: Context) -> int:  # noqa: ARG001
    """The key of an order whose policy is asked later, when it is known who is in the queue."""
    return 0


def asked_later(
    priority: PriorityPolicy, queue: list[Queued], orders: list[Order], context: Context
) -> PriorityPolicy:
    """The policy of this run. One that looks at the batch is made now, and gives out the keys.

    What it sees is the queue: orders that are held or rejected make no difference to the others.
    """
    if not queue or not looks_at_batch(priority):
        return priority
    waiting = [orders[entry[3]] for entry in queue]
    try:
        priority = in_batch(priority, waiting, context, "a policy")
    except PluginError:
        raise
    except Exception as error:
        raise PluginError(
            name_of(priority),
            min(order.id for order in waiting),
            f"could not look at the batch: {said_by(error)}",
        ) from error
    for at, (order, entry) in enumerate(zip(waiting, queue, strict=True)):
        queue[at] = (key_of(priority, order, context), *entry[1:])
    return priority


def sort_queue(queue: list[Queued], priority: PriorityPolicy) -> None:
    """Sort by (key, placed_at, id). Ids are distinct, so no comparison gets further than them."""
    try:
        queue.sort()
        if _in_sequence([entry[0] for entry in queue]):
            return
        for (first, _, _, _), (second, _, order_id, _) in pairwise(queue):
            if not (first < second or first == second):  # NaN, or a broken __lt__
                raise PluginError(
                    name_of(priority),
                    order_id,
                    f"returned {shown(second)}, which is neither above, below nor equal to"
                    f" {shown(first)}",
                )
    except PluginError:
        raise
    except Exception as error:
        raise _incomparable(queue, priority, error) from error


def in_turns(
    queue: list[Queued],
    orders: Sequence[Order],
    reallocation: Reallocation,
    context: Context,
) -> dict[str, ConfirmationStrategy]:
    """The strategy of each order of the queue, by id; and the queue in the sequence of their turns.

    Within a turn the sequence stays what it is: that of the rank.
    """
    strategies = {
        order_id: reallocation.strategy_of(orders[index], context)
        for _, _, order_id, index in queue
    }
    queue.sort(key=lambda entry: strategies[entry[2]].turn)
    return strategies


def _in_sequence(keys: list[Any]) -> bool:
    """Whether each key is below or equal to the next; False also where that can't be asked."""
    try:
        return all(map(le, keys, keys[1:]))
    except Exception:  # noqa: BLE001 - keys need no more than a <
        return False


def _incomparable(queue: list[Queued], priority: PriorityPolicy, error: Exception) -> PluginError:
    """The error that names the first order, by id, whose key does not go with the one before."""
    queue.sort(key=lambda entry: entry[2])
    for (first, _, other_id, _), (second, _, order_id, _) in pairwise(queue):
        try:
            _ = (first < second, second < first)
        except Exception:  # noqa: BLE001 - whatever it raises, these two can't be compared
            return PluginError(
                name_of(priority),
                order_id,
                f"returned {shown(second)}, which can't be compared with {shown(first)} of"
                f" {other_id!r}",
            )
    return PluginError(name_of(priority), queue[0][2], f"its keys can't be sorted: {shown(error)}")
