"""Ranking: the sort key of each order, and the sequence that the keys make."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import chain, islice, pairwise, tee
from operator import is_, lt
from typing import Any, TypeAlias

from fulfill_core._checks import message_of, repr_of
from fulfill_core.exceptions import PluginError
from fulfill_core.orders.order import Order
from fulfill_core.protocols import PriorityPolicy, SortKey
from fulfill_core.protocols.plugins import looks_at_batch, name_of, raised_by
from fulfill_core.protocols.roles import PRIORITY, in_batch
from fulfill_core.records.facts import Context

Keys: TypeAlias = list[Any]
"""The policy's sort keys of a batch, in its sequence; None for an order that is not queued."""
_MOST_AT_ONCE = 20_000
"""So many keys are sorted as one part: with what they point at they are some two megabytes."""
_PART = 1_000
"""About how many keys are in a part where there are more than that."""
_SAMPLE = 8
"""How many keys for each part are looked at to tell where the parts begin."""


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
    priority: PriorityPolicy,
    keys: Keys,
    places: list[int],
    orders: Sequence[Order],
    context: Context,
) -> PriorityPolicy:
    """The policy of this run. One that looks at the batch is made now, and gives out the keys.

    What it sees is the queue: orders that are on hold or rejected make no difference to the others.

    Args:
        priority: the policy as it was passed.
        keys: the keys of the batch; those of such a policy are put into it.
        places: where in the batch the orders of the queue are; put in the sequence of their age.
        orders: the batch.
        context: that of the run.
    """
    if not places or not looks_at_batch(priority):
        return priority
    places.sort(key=_age_of(orders))
    queue = tuple([orders[place] for place in places])
    try:
        priority = in_batch(priority, queue, context, PRIORITY)
    except PluginError:
        raise
    except Exception as error:
        problem = f"could not look at the batch: {message_of(error)}"
        first_id = min([order.id for order in queue])
        raise PluginError(name_of(priority), first_id, problem, len(queue)) from error
    for place, order in zip(places, queue, strict=True):
        keys[place] = key_of(priority, order, context)
    return priority


def sort_places(
    places: list[int], keys: Keys, orders: Sequence[Order], priority: PriorityPolicy
) -> None:
    """Sort places of a batch by what is there: by (key, placed_at, id).

    By the key first, and by the rest where keys are equal: to compare triples of which the first
    decides nearly always took four times as long, and a run of a million an eighth of its time.
    """

    def sorted_keys(part: list[int]) -> list[Any]:
        part.sort(key=keys.__getitem__)
        return [keys[place] for place in part]

    try:
        parts = _parts_of(places, keys)
        in_sequence, following = tee(chain.from_iterable(map(sorted_keys, parts)))
        # Sorting compares no pair twice and notices no NaN. Whether each key is above the one
        # before it is asked in one pass in C; a loop looks at the others.
        is_above = map(lt, in_sequence, islice(following, 1, None))
        ties = [rank for rank, above in enumerate(is_above, 1) if not above]
        places[:] = chain.from_iterable(parts)
        for rank in ties:
            first, second = keys[places[rank - 1]], keys[places[rank]]
            if not first == second:  # NaN, or a broken __lt__
                raise PluginError(
                    name_of(priority),
                    orders[places[rank]].id,
                    f"returned {repr_of(second)}, which is neither above, below nor equal to"
                    f" {repr_of(first)}",
                )
    except PluginError:
        raise
    except Exception as error:
        raise _incomparable(places, keys, orders, priority, error) from error
    start = 0
    while start < len(ties):
        end = start + 1
        while end < len(ties) and ties[end] == ties[end - 1] + 1:
            end += 1
        alike = slice(ties[start] - 1, ties[end - 1] + 1)
        places[alike] = sorted(places[alike], key=_age_of(orders))
        start = end


def _parts_of(places: list[int], keys: Keys) -> list[list[int]]:
    """Places in parts, one after the other by their keys; equal keys are in one part.

    Sorting goes through all keys a dozen times, and those of a large batch fit into no cache: part
    by part, each is fetched twice. Of 190,000 orders each takes 1.2 us in place of 2.0. Keys that
    come in sequence, or against it, are sorted in one pass as they are.
    """
    if len(places) <= _MOST_AT_ONCE:
        return [places]
    sample_as_it_came = [keys[place] for place in places[:: _PART // _SAMPLE]]
    sample = sorted(sample_as_it_came)
    if all(map(is_, sample, sample_as_it_came)) or all(
        map(is_, sample, reversed(sample_as_it_came))
    ):
        return [places]
    bounds = sample[_SAMPLE::_SAMPLE]
    parts: list[list[int]] = [[] for _ in range(len(bounds) + 1)]
    for place in places:
        parts[bisect_right(bounds, keys[place])].append(place)
    return parts


def _age_of(orders: Sequence[Order]) -> Callable[[int], tuple[datetime, str]]:
    """By what orders go of which a policy says nothing: since when they wait, and their ids."""

    def age(place: int) -> tuple[datetime, str]:
        order = orders[place]
        return order.placed_at, order.id

    return age


def _incomparable(
    places: list[int],
    keys: Keys,
    orders: Sequence[Order],
    priority: PriorityPolicy,
    error: Exception,
) -> PluginError:
    """The error that names the first order, by id, whose key does not go with the one before."""
    # By id, so that the same order is named in whatever sequence they came (law 6).
    by_id = sorted(places, key=lambda place: orders[place].id)
    for place, next_place in pairwise(by_id):
        first, second = keys[place], keys[next_place]
        try:
            _ = (first < second, second < first)
        except Exception:  # noqa: BLE001 - whatever it raises, these two can't be compared
            return PluginError(
                name_of(priority),
                orders[next_place].id,
                f"returned {repr_of(second)}, which can't be compared with {repr_of(first)} of"
                f" {orders[place].id!r}",
            )
    problem = f"its keys can't be sorted: {repr_of(error)}"
    return PluginError(name_of(priority), orders[by_id[0]].id, problem)
