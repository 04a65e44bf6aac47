"""Merging: the results of shards, put together into that of one run.

See docs/how-to/run-in-parallel.md.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import reduce
from itertools import chain

import attrs

from fulfill_core import _checks
from fulfill_core._checks import repr_of
from fulfill_core.decisions.finding import Finding
from fulfill_core.decisions.notification import Notification
from fulfill_core.decisions.rows import AllocationView
from fulfill_core.exceptions import StockError, by_number
from fulfill_core.inventory.capacity import limited_locations
from fulfill_core.inventory.changes import Changes
from fulfill_core.inventory.claiming import with_claims_of_orders
from fulfill_core.inventory.claims import rows_of
from fulfill_core.inventory.differing import claims_between
from fulfill_core.inventory.inventory import Inventory, inventory_of, state_of
from fulfill_core.inventory.reservations import with_batches_of_orders
from fulfill_core.inventory.state import ClaimRow
from fulfill_core.inventory.storing.batches import Batches
from fulfill_core.orders.order import Order
from fulfill_core.pipeline.failing import failures_of
from fulfill_core.pipeline.ledger import rearranged
from fulfill_core.pipeline.notifying import Messages
from fulfill_core.pipeline.queue import Queue, line_up
from fulfill_core.pipeline.ranking import Keys, all_alike, key_of
from fulfill_core.pipeline.result import Result
from fulfill_core.pipeline.verification import Assessed
from fulfill_core.protocols import Plan, Verifier
from fulfill_core.protocols.plugins import turning_points_of
from fulfill_core.reallocation.losses import in_sequence
from fulfill_core.records.facts import Context


def merged(results: Iterable[Result]) -> Result:
    """The result of one run over all orders, made of those of its shards.

    Decisions, stock, messages, losses and all that can be asked of a result are as if the orders
    had been run together; only the ranks are counted anew, for which the priority is asked once
    more. So it is for groups that `shards` made, or bundles of them, all run with the same time,
    stock and settings. For others it is checked that they can be true together, not that one run
    would have decided so.

    Args:
        results: what `process` returned for each shard, in any sequence; one at least.

    Raises:
        InvalidValueError: there is no result; two have an order in common, or were run at another
            time, on another stock, with other facts or another window; they rank their orders
            otherwise than they were ranked; one took orders of another for absent ones (``whole``).
        StockError: together they give out more than there is: of stock, of a supply, or of what a
            location can take on in a day.
        PluginError: the priority broke its contract.

    >>> from datetime import datetime, timezone
    >>> from fulfill_core import Customer, OrderLine, process, shards
    >>> now = datetime(2026, 3, 2, tzinfo=timezone.utc)
    >>> orders = [
    ...     Order(id=order_id, placed_at=now, customer=Customer(id="C-7"), currency="EUR",
    ...           lines=[OrderLine(id="1", sku=sku, quantity=1)])
    ...     for order_id, sku in (("A-1", "mug"), ("A-2", "cup"), ("A-3", "mug"))
    ... ]
    >>> stock = Inventory.of({("mug", "berlin"): 1, ("cup", "berlin"): 1})
    >>> settings = {"verifiers": ()}
    >>> result = merged(
    ...     process(group, stock, now=now, **settings) for group in shards(orders, stock, settings)
    ... )
    >>> [(decision.id, decision.rank) for decision in result]
    [('A-1', 0), ('A-2', 1), ('A-3', 2)]
    >>> result == process(orders, stock, now=now, **settings)
    True
    """
    parts = _to_parts(results)
    if len(parts) == 1:
        return parts[0]
    part_of = _part_by_order(parts)
    orders = tuple(chain.from_iterable([part.decisions.orders for part in parts]))
    findings = list(chain.from_iterable([part.decisions.findings for part in parts]))
    context = _context_of(parts, orders, findings)
    assessed = _assessed(parts, orders, findings, context)
    first = parts[0]
    queue = line_up(
        assessed,
        priority=first.batch_priority or first.priority,
        reallocation=first.reallocation,
        context=context,
        window=first.reservation_window,
    )
    _check_ranks(parts, queue, part_of)
    place_of = {order.id: place for place, order in enumerate(orders)}
    places = [place_of[order.id] for order in queue.orders] + assessed.outside()
    decisions = rearranged([part.decisions for part in parts], places, len(queue.orders))
    ranks = {order.id: rank for rank, order in enumerate(queue.orders)}
    attempts = [
        attrs.evolve(attempt, rank=ranks[attempt.id]) for part in parts for attempt in part.attempts
    ]
    return Result(
        decisions=decisions,
        inventory=_inventory_of(parts),
        messages=Messages.of(
            _messages_of(parts, decisions.orders, part_of),
            dict(chain.from_iterable([part.messages.by_order.items() for part in parts])),
        ),
        telling=first.telling,
        before=first.before,
        context=context,
        priority=queue.priority,
        batch_priority=first.batch_priority,
        verifiers=_verifiers_of(parts),
        plan=_plan_of(parts),
        reallocation=first.reallocation,
        losses=in_sequence(chain.from_iterable([part.losses for part in parts])),
        promising=first.promising,
        attempts=tuple(sorted(attempts, key=lambda attempt: ranks[attempt.id])),
        reservation_window=first.reservation_window,
    )


# -- Do they go together? --------------------------------------------------------------------------


def _to_parts(results: Iterable[Result]) -> tuple[Result, ...]:
    """The results, in a sequence that depends on their orders only; all of the same run."""
    _checks.check_collection("results", results)
    parts = tuple(results)
    _checks.check_members("results", parts, Result)
    if not parts:
        raise _checks.refuse("results", parts, "is empty; pass one result at least")
    first = parts[0]
    for position, part in enumerate(parts):
        path = f"results[{position}]"
        if part.context.now != first.context.now:
            raise _checks.refuse(
                f"{path}.context.now",
                part.context.now,
                f"is another time than that of results[0], {first.context.now}",
            )
        # Results of one process share these: only those that have travelled are compared.
        for what, one, other in (
            ("before", part.before, first.before),
            ("context.facts", part.context.facts, first.context.facts),
            ("reservation_window", part.reservation_window, first.reservation_window),
        ):
            if one is not other and one != other:
                problem = "is not that of results[0]; run all shards with the same"
                raise _checks.refuse(f"{path}.{what}", one, problem)
    return tuple(sorted(parts, key=_first_id))


def _first_id(part: Result) -> str:
    return min([order.id for order in part.decisions.orders], default="")


def _part_by_order(parts: Sequence[Result]) -> dict[str, int]:
    """Which result an order is in, by its id."""
    part_of = {
        order.id: number for number, part in enumerate(parts) for order in part.decisions.orders
    }
    if len(part_of) < sum([len(part.decisions) for part in parts]):
        shared_ids = _in_two([{order.id for order in part.decisions.orders} for part in parts])
        raise _checks.refuse("results", min(map(str, shared_ids)), "is an order in two of them")
    return part_of


def _check_ranks(parts: Sequence[Result], queue: Queue, part_of: Mapping[str, int]) -> None:
    """The orders of each result come in the sequence in which they were served."""
    ids_by_part: list[list[str]] = [[] for _ in parts]
    for order in queue.orders:
        ids_by_part[part_of[order.id]].append(order.id)
    for part, ids in zip(parts, ids_by_part, strict=True):
        served = part.decisions.orders[: part.decisions.queue_length]
        for order, order_id in zip(served, ids, strict=True):
            if order.id != order_id:
                problem = "ranks otherwise among all orders than in its own run; use shards()"
                raise _checks.refuse("results", order_id, problem)


def _check_enough(parts: Sequence[Result], after: Inventory) -> None:
    """No more is given out than there is, where two results gave out of the same.

    What one of them alone gave out, its own run has seen to.
    """
    before, now = parts[0].before, parts[0].context.now
    skus: list[set[str]] = []
    places: list[set[str]] = []
    supplies: list[set[tuple[str, str]]] = []
    for part in parts:
        rows = list(chain.from_iterable(part.decisions.allocations))
        skus.append({row.sku for row in map(AllocationView._make, rows)})
        places.append({row.location for row in map(AllocationView._make, rows)})
        claims_added, _ = claims_between(state_of(before), state_of(part.inventory))
        supplies.append({(claim.sku, claim.supply_id) for claim in claims_added})
    disputed_skus = _in_two(skus)
    if disputed_skus:
        changes = [part.changes for part in parts]
        added = chain.from_iterable([each.reservations_added for each in changes])
        removed = chain.from_iterable([each.reservations_removed for each in changes])
        disputed = Changes(
            reservations_added=[each for each in added if each.sku in disputed_skus],
            reservations_removed=[each for each in removed if each.sku in disputed_skus],
        )
        before.with_changes(disputed, now=now)
    disputed_supplies = _in_two(supplies)
    if disputed_supplies:
        _check_supplies(after, disputed_supplies)
    _check_capacities(after, _in_two(places), now)


def _check_supplies(after: Inventory, supplies: frozenset[Hashable]) -> None:
    """No more is claimed of these supplies than they bring."""
    units: Counter[Hashable] = Counter()
    for claim in after.claims():
        units[claim.sku, claim.supply_id] += claim.quantity
    for supply in after.supplies():
        claimed_units = units[supply.sku, supply.id]
        if (supply.sku, supply.id) in supplies and claimed_units > supply.quantity:
            problem = f"cannot claim {claimed_units} of {repr_of(supply.sku)} of supply"
            raise StockError("", "", f"{problem} {repr_of(supply.id)}: it brings {supply.quantity}")


def _check_capacities(after: Inventory, places: frozenset[Hashable], now: datetime) -> None:
    """None of these locations takes on more orders than it can."""
    state = state_of(after)
    for place in limited_locations(state):
        count = state.orders_per_day.get((place.id, place.day_of(now))) or 0
        if place.id in places and count > (place.capacity or 0):
            orders = by_number(count, "order", "orders")
            problem = f"cannot take on {count} {orders} at {repr_of(place.id)} in a day"
            raise StockError("", "", f"{problem}: its capacity is {place.capacity}")


def _in_two(sets: Iterable[set[str]] | Iterable[set[tuple[str, str]]]) -> frozenset[Hashable]:
    """What is in two of these sets, or in more."""
    count: Counter[Hashable] = Counter()
    for members in sets:
        count.update(members)
    return frozenset([member for member, number in count.items() if number > 1])


# -- The parts of the result -----------------------------------------------------------------------


def _context_of(
    parts: Sequence[Result], orders: Iterable[Order], findings: Iterable[tuple[Finding, ...]]
) -> Context:
    """What the plug-ins would have been told, had all orders been in one run."""
    first = parts[0].context
    records = list(chain.from_iterable([part.context.records for part in parts]))
    return Context(
        now=first.now,
        facts=first.facts,
        duplicates=chain.from_iterable([part.context.duplicates for part in parts]),
        records=sorted(records, key=lambda record: record.id),
        # A verifier that failed once in each of two runs has failed for two orders.
        failures=failures_of([pair for pair in zip(orders, findings, strict=True) if pair[1]]),
    )


def _assessed(
    parts: Sequence[Result],
    orders: tuple[Order, ...],
    findings: list[tuple[Finding, ...]],
    context: Context,
) -> Assessed:
    """The batch as verification has left it, with the sort keys: results do not keep them."""
    first = parts[0]
    priority = first.priority if first.batch_priority is None else all_alike
    keys: Keys = []
    for part in parts:
        queue_length = part.decisions.queue_length
        for place, order in enumerate(part.decisions.orders):
            keys.append(key_of(priority, order, context) if place < queue_length else None)
    return Assessed(orders, findings, keys, context.failures)


def _inventory_of(parts: Sequence[Result]) -> Inventory:
    """The stock after all of them: a run changes what its own orders have, and nothing else."""
    before = state_of(parts[0].before)
    batches: dict[str, Batches | None] = {}
    claims: dict[str, tuple[ClaimRow, ...]] = {}
    for part in parts:
        after = state_of(part.inventory)
        for order_id in after.reservations.differing(before.reservations):
            batches[order_id] = after.reservations.get(order_id)
        for order_id in after.claims.differing(before.claims):
            claims[order_id] = rows_of(after, order_id)
    merged_state = with_claims_of_orders(with_batches_of_orders(before, batches), claims)
    inventory = inventory_of(merged_state)
    _check_enough(parts, inventory)
    return inventory


def _messages_of(
    parts: Sequence[Result], orders: Iterable[Order], part_of: Mapping[str, int]
) -> tuple[Notification, ...]:
    """The messages in the sequence of the decisions, then those of orders that are in no result."""
    by_order: dict[str, list[Notification]] = {}
    beside: dict[Notification, None] = {}
    for number, part in enumerate(parts):
        for message in part.notifications:
            part_of_order = part_of.get(message.order_id)
            if part_of_order is None:
                beside[message] = None  # each run of all orders has told it
            elif part_of_order == number:
                by_order.setdefault(message.order_id, []).append(message)
            else:
                problem = "is in another result than a message about it; run shards without whole"
                raise _checks.refuse("results", message.order_id, problem)
    return (*chain.from_iterable([by_order.get(order.id, ()) for order in orders]), *beside)


@attrs.frozen(weakref_slot=False)
class _OfShard:
    """A verifier that was made for a shard: it is asked about its orders only."""

    verifier: Verifier
    order_ids: frozenset[str]

    def __call__(self, order: Order, /, *, context: Context) -> Iterable[Finding]:
        return self.verifier(order, context=context)

    def turning_points(self, order: Order, /, *, context: Context) -> Iterable[datetime]:
        """Those of the verifier."""
        if order.id in self.order_ids:
            return turning_points_of(self.verifier, order, context)
        return ()


def _verifiers_of(parts: Sequence[Result]) -> tuple[Verifier, ...]:
    """Those that look at time; where each run made its own, each for its own orders."""
    verifiers = parts[0].verifiers
    if all(part.verifiers == verifiers for part in parts):
        return verifiers
    return tuple(
        [
            _OfShard(verifier, frozenset([order.id for order in part.decisions.orders]))
            for part in parts
            for verifier in part.verifiers
        ]
    )


def _plan_of(parts: Sequence[Result]) -> Plan | None:
    """The plans of a planner that plans for each shard by itself, as one."""
    plans = [part.plan for part in parts if part.plan is not None]
    if not plans:
        return None
    bounds = [plan.bound for plan in plans if plan.bound is not None]
    add = _checks.EXACT.add
    return Plan(
        units=chain.from_iterable([plan.units for plan in plans]),
        value=reduce(add, [plan.value for plan in plans]),
        greedy_value=reduce(add, [plan.greedy_value for plan in plans]),
        bound=reduce(add, bounds) if len(bounds) == len(plans) else None,
    )
