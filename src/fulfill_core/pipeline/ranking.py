"""Ranking: the sort key of each order, and the sequence that the keys make."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from operator import le
from typing import Any, TypeAlias

from fulfill_core._checks import message_of, repr_of
from fulfill_core.exceptions import PluginError
from fulfill_core.orders.order import Order
from fulfill_core.protocols import PriorityPolicy, SortKey
from fulfill_core.protocols.plugins import looks_at_batch, name_of, raised_by
from fulfill_core.protocols.roles import PRIORITY, in_batch
from fulfill_core.records.facts import Context

Queued: TypeAlias = tuple[Any, datetime, str, int]
"""The one sort key (the policy's, when the order was placed, its id), and where the order is in the
batch. Of atoms only, as far as the policy's key is: the collector need not follow a queue of them.
"""


def key_of(priority: PriorityPolicy, order: Order, context: Context) -> SortKey:
    """The sort key of an order."""
    # Typed as what a policy may not return: a `cast` would be one more call for every order.
    key: SortKey | None
    try:
        key = priority(order, context=context)
    except PluginError:
        raise  # a policy of ours that says itself what is wrong
    except Exception as error:
        raise raised_by(priority, order.id, error, "a policy") from error
    if key is None:
        raise PluginError(name_of(priority), order.id, "returned None; return a sort key")
    return key


# A named function, not a lambda: it travels to other processes with each chunk.
def all_alike(order: Order, /, *, context: Context) -> int:  # noqa: ARG001
    """The key of an order whose policy is asked later, when it is known who is in the queue."""
    return 0


def with_batch_keys(
    priority: PriorityPolicy, entries: list[Queued], orders: Sequence[Order], context: Context
) -> PriorityPolicy:
    """The policy of this run. One that looks at the batch is made now, and gives out the keys.

    What it sees is the queue: orders that are on hold or rejected make no difference to the others.
    """
    if not entries or not looks_at_batch(priority):
        return priority
    entries.sort()  # all keys are still alike: as if the policy saw no difference
    queue = tuple([orders[index] for _, _, _, index in entries])
    try:
        priority = in_batch(priority, queue, context, PRIORITY)
    except PluginError:
        raise
    except Exception as error:
        problem = f"could not look at the batch: {message_of(error)}"
        first_id = min([order.id for order in queue])
        raise PluginError(name_of(priority), first_id, problem, len(queue)) from error
    for rank, (order, entry) in enumerate(zip(queue, entries, strict=True)):  # still unsorted
        entries[rank] = (key_of(priority, order, context), *entry[1:])
    return priority


def sort_entries(entries: list[Queued], priority: PriorityPolicy) -> None:
    """Sort by (key, placed_at, id). Ids are distinct, so no comparison gets further than them."""
    try:
        entries.sort()
        # Sorting compares no pair twice and notices no NaN. Whether each key is in its place is
        # asked in one pass in C; only if that fails does the loop look for whom to name.
        if _in_sequence([entry[0] for entry in entries]):
            return
        for (first, _, _, _), (second, _, order_id, _) in pairwise(entries):
            if not (first < second or first == second):  # NaN, or a broken __lt__
                raise PluginError(
                    name_of(priority),
                    order_id,
                    f"returned {repr_of(second)}, which is neither above, below nor equal to"
                    f" {repr_of(first)}",
                )
    except PluginError:
        raise
    except Exception as error:
        raise _incomparable(entries, priority, error) from error


def _in_sequence(keys: list[Any]) -> bool:
    """Whether each key is below or equal to the next; False also where that can't be asked."""
    try:
        return all(map(le, keys, keys[1:]))
    except Exception:  # noqa: BLE001 - keys need no more than a <
        return False


def _incomparable(entries: list[Queued], priority: PriorityPolicy, error: Exception) -> PluginError:
    """The error that names the first order, by id, whose key does not go with the one before."""
    # By id, so that the same order is named in whatever sequence they came (law 6).
    entries.sort(key=lambda entry: entry[2])
    for (first, _, other_id, _), (second, _, order_id, _) in pairwise(entries):
        try:
            _ = (first < second, second < first)
        except Exception:  # noqa: BLE001 - whatever it raises, these two can't be compared
            return PluginError(
                name_of(priority),
                order_id,
                f"returned {repr_of(second)}, which can't be compared with {repr_of(first)} of"
                f" {other_id!r}",
            )
    problem = f"its keys can't be sorted: {repr_of(error)}"
    return PluginError(name_of(priority), entries[0][2], problem)
