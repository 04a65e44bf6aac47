"""Shards: the groups of a batch that share nothing scarce, each of which can be run by itself.

See docs/how-to/run-in-parallel.md; `merged` puts the results of the groups together.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from heapq import heapify, heapreplace
from itertools import chain
from typing import Any, TypeAlias

import attrs

from fulfill_core import _checks
from fulfill_core.exceptions import by_number
from fulfill_core.inventory.claims import claims_of
from fulfill_core.inventory.inventory import Inventory, state_of
from fulfill_core.inventory.reservations import batches_of, reservations_of
from fulfill_core.inventory.state import State, cells_of, components_of, is_tracked, supplies_of
from fulfill_core.orders.order import Order
from fulfill_core.orders.version import content_of
from fulfill_core.pipeline.settings import Settings, settings_of
from fulfill_core.protocols.plugins import (
    name_of,
    says_what_is_shared,
    shared_keys_of,
    skips_rejected,
)
from fulfill_core.records.facts import Facts
from fulfill_core.records.order_record import OrderRecord
from fulfill_core.verifiers.combining import flat

Member: TypeAlias = Order | OrderRecord
Group: TypeAlias = tuple[Member, ...]

_DEFAULTS = Settings()


@attrs.frozen(kw_only=True, weakref_slot=False, repr=False)
class Shards:
    """The groups of a batch, as `shards` makes them. Iterating over it gives the groups.

    Args:
        groups: the orders and records as they were passed, each in one group. Within a group they
            go by id, and the groups by their first id.
        reasons: what puts all orders in one group, if anything does: the names of plug-ins that
            look at the batch and do not say what they look at, or whose key all orders share, and
            ``"whole"`` for a run that has to see all orders.

    >>> Shards()
    <Shards: 0 groups, 0 orders in the largest>
    """

    groups: tuple[Group, ...] = ()
    reasons: tuple[str, ...] = ()

    def __iter__(self) -> Iterator[Group]:
        return iter(self.groups)

    def __len__(self) -> int:
        return len(self.groups)

    @property
    def largest(self) -> int:
        """How many orders the largest group has: what takes longest, with any number of cores.

        >>> Shards(groups=[("A-1", "A-3"), ("A-2",)]).largest
        2
        """
        return max(map(len, self.groups), default=0)

    def bundles(self, count: int) -> tuple[Group, ...]:
        """The groups, put together into so many at most, which are about as large as one another.

        Of thousands of groups each would be a run of its own; of a bundle for each worker, one is.

        Args:
            count: how many workers there are, 1 or more.

        >>> Shards(groups=[("A-1",), ("A-2", "A-4"), ("A-3",)]).bundles(2)
        (('A-2', 'A-4'), ('A-1', 'A-3'))
        """
        _checks.check_int("Shards.bundles.count", count, at_least=1)
        bundles: list[list[Group]] = [[] for _ in range(min(count, len(self.groups)))]
        loads = [(0, number) for number in range(len(bundles))]
        heapify(loads)
        for group in sorted(self.groups, key=len, reverse=True):  # stable: ties go by first id
            load, number = loads[0]  # the one with the fewest orders so far
            bundles[number].append(group)
            heapreplace(loads, (load + len(group), number))
        return tuple([tuple(chain.from_iterable(bundle)) for bundle in bundles])

    def __repr__(self) -> str:
        together = f", together for {', '.join(self.reasons)}" if self.reasons else ""
        groups = f"{len(self)} {by_number(len(self), 'group', 'groups')}"
        orders = f"{self.largest} {by_number(self.largest, 'order', 'orders')}"
        return f"<Shards: {groups}, {orders} in the largest{together}>"


def shards(
    orders: Iterable[Member],
    inventory: Inventory,
    settings: Mapping[str, Any] = _DEFAULTS,
) -> Shards:
    """The groups of a batch that share nothing scarce: each can be run by itself, with `process`.

    Orders hang together that ask for the same SKU, or for kits with a component in common; that
    have units reserved, or claims on supplies, of such a SKU; that may use a location with a
    capacity; that have the same id; and those that a plug-in looks at together, such as the orders
    of a customer (`velocity`, `fair_share`). So do all that hang together with one of them. What
    is not tracked is not scarce. More is kept together than has to be, never less.

    A plug-in that looks at the batch (it has a ``for_batch``, or it is a planner) says what it
    looks at in a method ``shared_keys``; if it does not, all orders are in one group. So they are
    with ``whole=True``: a run of a part takes all other orders for absent ones. Run the parts
    without, and ask the result that `merged` makes for `Result.of_absent_orders`.

    What a plug-in does that breaks its contract is told by run, as ever: one that gives no findings
    for any order stops its own shard.

    Args:
        orders: `Order` and `OrderRecord` values, mixed, as for `process`.
        inventory: the stock before the run.
        settings: what `process` is to be called with, by the names of its arguments: `Settings`, or
            any other mapping.

    Returns:
        `Shards`, the same in whatever sequence the orders come.

    Raises:
        InvalidValueError: something among the orders is neither an `Order` nor an `OrderRecord`;
            a setting that `process` does not take, or would refuse.
        PluginError: a ``shared_keys`` raised, or gave what is no key.

    >>> from datetime import datetime, timezone
    >>> from fulfill_core import Customer, Inventory, OrderLine
    >>> orders = [
    ...     Order(id=order_id, placed_at=datetime(2026, 3, 2, tzinfo=timezone.utc), currency="EUR",
    ...           customer=Customer(id="C-7"), lines=[OrderLine(id="1", sku=sku, quantity=1)])
    ...     for order_id, sku in (("A-1", "mug"), ("A-2", "cup"), ("A-3", "mug"))
    ... ]
    >>> groups = shards(orders, Inventory.of({("mug", "berlin"): 1, ("cup", "berlin"): 1}))
    >>> [[order.id for order in group] for group in groups], groups.largest
    ([['A-1', 'A-3'], ['A-2']], 2)
    """
    _checks.check_member("inventory", inventory, Inventory)
    plugins, facts, reasons = _plugins_of(settings)
    members = _in_sequence(orders)
    if reasons:
        return Shards(groups=(tuple(members),) if members else (), reasons=reasons)
    groups = _Groups(len(members))
    stock_keys = _StockKeys(state_of(inventory))
    for place, order in enumerate(map(_order_of, members)):
        groups.add(place, stock_keys.of(order))
        for plugin in plugins:
            groups.add(place, _plugin_keys(plugin, order, facts))
    connected = tuple([tuple([members[place] for place in places]) for places in groups.places()])
    if len(connected) == 1 and len(members) > 1:
        reasons = tuple([name_of(each) for each in plugins if _is_for_all(each, members, facts)])
    return Shards(groups=connected, reasons=reasons)


def _plugins_of(settings: Mapping[str, Any]) -> tuple[list[object], Facts, tuple[str, ...]]:
    """The plug-ins that say what orders share; the facts; and what needs all orders together."""
    values = settings_of("settings", settings)
    priority, notifications, planner = values.priority, values.notifications, values.planner
    looking: list[object] = [*flat(values.verifiers), priority, notifications]
    reasons = [name_of(plugin) for plugin in looking if not says_what_is_shared(plugin)]
    if planner is not None:  # it sees the queue as a whole: that is what it is for
        if getattr(planner, "shared_keys", None) is None:
            reasons.append(name_of(planner))
        looking.append(planner)
    if values.whole:
        reasons.append("whole")
    sharing = [plugin for plugin in looking if getattr(plugin, "shared_keys", None) is not None]
    return sharing, values.facts, tuple(reasons)


def _in_sequence(orders: Iterable[Member]) -> list[Member]:
    """The members by id; those of one id by content, so that no sequence of the input shows."""
    _checks.check_collection("orders", orders)
    members = list(orders)
    for position, member in enumerate(members):
        if not isinstance(member, Order | OrderRecord):
            raise _checks.refuse(
                f"orders[{position}]", member, "is neither an Order nor an OrderRecord; pass one"
            )
    members.sort(key=lambda member: member.id)
    if len({member.id for member in members}) < len(members):
        members.sort(key=lambda member: (member.id, content_of(_order_of(member)), repr(member)))
    return members


def _order_of(member: Member) -> Order:
    return member.order if isinstance(member, OrderRecord) else member


def _plugin_keys(plugin: object, order: Order, facts: Facts) -> Iterable[Hashable]:
    """The keys of an order for a plug-in, apart from those of the stock."""
    keys = [("plug-in", key) for key in shared_keys_of(plugin, order, facts)]
    if keys and skips_rejected(plugin):
        # Who else is rejected is found out about customers with several orders.
        keys.append(("plug-in", ("customer", order.customer.id)))
    return keys


def _is_for_all(plugin: object, members: Sequence[Member], facts: Facts) -> bool:
    """Whether all orders have a key of the plug-in in common."""
    common: set[Hashable] | None = None
    for member in members:
        keys = shared_keys_of(plugin, _order_of(member), facts)
        common = set(keys) if common is None else common.intersection(keys)
        if not common:
            return False
    return True


class _Groups:
    """Orders that hang together by any key: a forest, in which each tree is a group.

    Args:
        count: how many orders there are, by their places.
    """

    def __init__(self, count: int) -> None:
        self._above = list(range(count))
        """The place of an order of the same group that is lower; of the first one, its own."""
        self._first_place: dict[Hashable, int] = {}

    def add(self, place: int, keys: Iterable[Hashable]) -> None:
        """Say that an order has these keys."""
        for key in keys:
            first = self._first_place.setdefault(key, place)
            if first != place:
                self._connect(first, place)

    def _connect(self, one: int, other: int) -> None:
        low, high = sorted((self._top(one), self._top(other)))
        self._above[high] = low

    def _top(self, place: int) -> int:
        above = self._above
        while above[place] != place:
            above[place] = above[above[place]]  # halves the way: near to constant, over all
            place = above[place]
        return place

    def places(self) -> Iterable[list[int]]:
        """The places of the orders of each group, in sequence."""
        groups: dict[int, list[int]] = {}
        for place in range(len(self._above)):
            groups.setdefault(self._top(place), []).append(place)
        return groups.values()


class _StockKeys:
    """What of the stock an order may use, or has.

    Args:
        stock: the stock before the run.
    """

    def __init__(self, stock: State) -> None:
        self._stock = stock
        self._by_sku: dict[str, tuple[Hashable, ...]] = {}

    def of(self, order: Order) -> Iterable[Hashable]:
        """The keys of an order, its id among them: repeats are one order."""
        keys: list[Hashable] = [("order", order.id)]
        for line in order.lines:
            keys += self._keys_of(line.sku)
        # What it has may be of other SKUs than it asks for by now.
        if batches_of(self._stock, order.id):
            for reservation in reservations_of(self._stock, order.id):
                keys += self._keys_of(reservation.sku)
        for claim in claims_of(self._stock, order.id):
            keys += self._keys_of(claim.sku)
        return keys

    def _keys_of(self, sku: str) -> tuple[Hashable, ...]:
        """Those of a SKU: itself, or what a kit is made of; and the places that fill up."""
        keys = self._by_sku.get(sku)
        if keys is None:
            stock = self._stock
            leaves = [leaf for leaf, _ in components_of(stock, sku)]
            if not leaves and is_tracked(stock, sku):
                leaves = [sku]
            keys = tuple([("SKU", leaf) for leaf in leaves])
            if stock.limited:
                places = {place for leaf in leaves for place in self._limited_places(leaf)}
                keys += tuple([("location", place) for place in sorted(places)])
            self._by_sku[sku] = keys
        return keys

    def _limited_places(self, sku: str) -> Iterable[str]:
        """The locations with a capacity that have the SKU, or may get it."""
        stock = self._stock
        places = {cell[0] for cell in cells_of(stock, sku, None)}
        destinations = {supply.location for supply in supplies_of(stock, sku)}
        if "" in destinations:  # it may come in anywhere
            return stock.limited
        return (places | destinations) & stock.limited
