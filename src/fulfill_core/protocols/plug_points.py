"""The plug-points: what a shop writes to make its own rules part of a run.

Each is a protocol with nothing but ``__call__``: a plain function qualifies, so does a lambda or
any object that can be called. Parameters before the ``/`` are passed by position, so they may have
any name; ``context`` is passed by name. What a plug-in may have beside that stands in
`optional_parts`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Context as DecimalContext
from decimal import Decimal
from typing import Any, Protocol, TypeAlias, TypeVar

import attrs

from fulfill_core import _checks, _values
from fulfill_core.decisions.decision import Decision
from fulfill_core.decisions.finding import Finding
from fulfill_core.decisions.notification import Notification
from fulfill_core.decisions.promise import Promise
from fulfill_core.inventory.inventory import Inventory
from fulfill_core.inventory.stock import Location
from fulfill_core.orders.order import Order
from fulfill_core.records.facts import Context

T = TypeVar("T")

_NO_GAP = Decimal(0)
_GAP = DecimalContext(prec=6)
"""Nobody needs more digits of a gap."""


def _to_rows(rows: Iterable[tuple[str, str, int]]) -> tuple[tuple[str, str, int], ...]:
    return _checks.to_tuple(rows)


class SortKey(Protocol):
    """Anything that can be compared with its like by ``<``: a number, a str, a datetime, a tuple.

    >>> key: SortKey = (1, "A-17")
    """

    def __lt__(self, other: Any, /) -> bool: ...


class Verifier(Protocol):
    """Looks at one order and says what it notices.

    Contract: it depends on nothing but its arguments, and returns findings made by `note`, `hold`
    and `reject`; none at all means that it has nothing to say. If a fact that it needs is missing
    it holds the order, it never lets it pass. One that raises, or returns anything else, holds
    that order (``verifier.failed``) and no other.

    One that looks at ``context.now`` is a `TimedVerifier`; it may also be a `FactBasedVerifier`, a
    `BatchVerifier`, a `LastVerifier`, or have a `SecondLook`.

    >>> from fulfill_core import hold
    >>> def no_po_boxes(order, /, *, context):
    ...     if any("po box" in line.lower() for line in order.ship_to.street):
    ...         yield hold("address.po_box", field="ship_to.street")
    >>> verifier: Verifier = no_po_boxes
    """

    def __call__(self, order: Order, /, *, context: Context) -> Iterable[Finding]: ...


class PriorityPolicy(Protocol):
    """Gives an order its place in the queue for scarce stock.

    Contract: it depends on nothing but its arguments, and returns a sort key: **the lowest is
    served first**. Keys of one policy can be compared with each other. Orders with equal keys go
    by ``(placed_at, id)``, so every policy makes a total order. One that raises, or returns None,
    NaN or keys that can't be compared, stops the run with a `PluginError`.

    One that looks at the other orders of the queue is a `BatchPolicy`, one that looks at
    ``context.now`` a `TimedPolicy`; one that says in words what it went by is a `DescribedPolicy`.

    >>> def vip_first(order, /, *, context):
    ...     return 0 if order.customer.tier == "vip" else 1
    >>> policy: PriorityPolicy = vip_first
    """

    def __call__(self, order: Order, /, *, context: Context) -> SortKey: ...


@attrs.frozen(weakref_slot=False, repr=False)
class Demand:
    """What an order still needs when its turn has come.

    Args:
        order: the order.
        needs: pairs of a SKU and the stock units of it that are still needed, each SKU once.
        places: the ids of the locations that have units reserved for the order already.
    """

    order: Order
    needs: tuple[tuple[str, int], ...]
    places: frozenset[str] = frozenset()

    __eq__, __hash__ = _values.EQUALITY

    def __repr__(self) -> str:
        return f"<Demand of {self.order.id}: {dict(self.needs)}>"


_DemandTwin = _values.twin(Demand)


def trusted_demand(
    order: Order, needs: tuple[tuple[str, int], ...], places: frozenset[str]
) -> Demand:
    """A demand that the allocator makes: built the fast way, see `_values.twin`."""
    twin = _DemandTwin()
    twin.order = order
    twin.needs = needs
    twin.places = places
    twin.__class__ = Demand
    demand: Demand = twin
    return demand


class Candidate:
    """A location that has something of what an order needs: a view onto the stock at this turn.

    Read it during the call; later turns change what it shows, and once the run is over it shows
    nothing.

    Args:
        location: the location.
        available: what it can give, in stock units by SKU.

    >>> berlin = Candidate(Location(id="berlin"), {"mug": 3})
    >>> berlin.available("mug"), berlin.available("cup")
    (3, 0)
    """

    __slots__ = ("_pools", "id", "in_rank", "location")

    def __init__(self, location: Location, available: Mapping[str, int]) -> None:
        self.location = location
        self.id = location.id
        self.in_rank = location.rank, location.id
        self._pools: Pools = {sku: {self.id: units} for sku, units in available.items()}

    @classmethod
    def on(cls, location: Location, pools: Pools) -> Candidate:
        """A view onto the pools of a run: that is how the allocator makes them."""
        candidate = cls(location, {})
        candidate._pools = pools
        return candidate

    def available(self, sku: str) -> int:
        """Units of *sku* that this location can still give."""
        return (self._pools.get(sku) or {}).get(self.id, 0)

    def covers(self, demand: Demand) -> bool:
        """Whether this location alone can give all that is needed."""
        return Candidate.first_covering(demand, (self,)) is not None

    @staticmethod
    def first_covering(demand: Demand, candidates: Iterable[Candidate]) -> Candidate | None:
        """The first candidate that alone can give all that is needed; None if there is none.

        >>> from datetime import datetime, timezone
        >>> from fulfill_core import Customer
        >>> order = Order(id="A-1", placed_at=datetime(2026, 3, 2, tzinfo=timezone.utc),
        ...               customer=Customer(id="C-7"), lines=[], currency="EUR")
        >>> demand = Demand(order=order, needs=(("mug", 2),))
        >>> places = [Candidate(Location(id="berlin"), {"mug": 1}),
        ...           Candidate(Location(id="paris"), {"mug": 3})]
        >>> Candidate.first_covering(demand, places)
        <Candidate paris>
        """
        needs = demand.needs
        for candidate in candidates:
            pools, location = candidate._pools, candidate.id  # noqa: SLF001 - of its own class
            for sku, units in needs:
                pool = pools.get(sku)
                if pool is None or pool.get(location, 0) < units:
                    break
            else:
                return candidate
        return None

    def __repr__(self) -> str:
        return f"<Candidate {self.id}>"


Pool: TypeAlias = dict[str, int]
"""What is left of one SKU, by location id, in rank order; locations with nothing are left out."""
Pools: TypeAlias = dict[str, Pool | None]
"""The pools by SKU; None for an item that is not tracked."""


@attrs.frozen(kw_only=True, weakref_slot=False)
class SourcingPlan:
    """What a sourcing policy returns if it has something to remark on its choice.

    Args:
        candidates: the locations, the first to be asked first.
        remarks: findings that the decision shows, as notes.

    >>> list(SourcingPlan(candidates=("berlin", "paris"), remarks=()))
    ['berlin', 'paris']
    """

    candidates: tuple[Candidate, ...]
    remarks: tuple[Finding, ...] = ()

    __eq__, __hash__, __repr__ = _values.BY_FIELDS

    def __attrs_post_init__(self) -> None:
        _checks.check_members("SourcingPlan.remarks", self.remarks, Finding)

    def __iter__(self) -> Iterator[Candidate]:
        return iter(self.candidates)


class SourcingPolicy(Protocol):
    """Chooses the locations that serve an order, and their sequence.

    Contract: it gets the candidates in the sequence of (rank, id) and returns those that may serve
    the order, the first to be asked first; leaving one out excludes it. Each line then takes what
    it needs from them in that sequence. One that raises, or returns what was not offered, stops
    the run with a `PluginError`.

    >>> def east_before_west(demand, candidates, /, *, context):
    ...     return sorted(candidates, key=lambda candidate: candidate.location.name != "east")
    >>> policy: SourcingPolicy = east_before_west
    """

    def __call__(
        self, demand: Demand, candidates: Sequence[Candidate], /, *, context: Context
    ) -> Iterable[Candidate]: ...


@attrs.frozen(kw_only=True, weakref_slot=False, repr=False)
class OrderDemand:
    """What an order of the queue still needs, line by line, and what it gets without a plan.

    All units are the line's own stock units, beyond what is reserved for it. A line of kits counts
    kits.

    Args:
        order: the order.
        lines: pairs of a line's id and the units that it still needs. Lines that need nothing, that
            are not tracked, or that are on hold are left out.
        greedy: pairs of a line's id and the units that it gets without a plan.

    >>> from datetime import datetime, timezone
    >>> from fulfill_core import Customer
    >>> order = Order(id="A-1", placed_at=datetime(2026, 3, 2, tzinfo=timezone.utc),
    ...               customer=Customer(id="C-7"), lines=[], currency="EUR")
    >>> OrderDemand(order=order, lines=(("1", 3),), greedy=(("1", 2),))
    <OrderDemand of A-1: {'1': 3}>
    """

    order: Order
    lines: tuple[tuple[str, int], ...]
    greedy: tuple[tuple[str, int], ...] = ()

    __eq__, __hash__ = _values.EQUALITY

    def __attrs_post_init__(self) -> None:
        _checks.check_member("OrderDemand.order", self.order, Order)
        _checks.check_rows("OrderDemand.lines", self.lines, "line", "units")
        _checks.check_rows("OrderDemand.greedy", self.greedy, "line", "units")

    def __repr__(self) -> str:
        return f"<OrderDemand of {self.order.id}: {dict(self.lines)}>"


@attrs.frozen(kw_only=True, weakref_slot=False)
class Plan:
    """How many units each line may get in a run, decided for all orders together.

    Args:
        units: rows of an order's id, the id of one of its lines, and how many stock units it may
            get beyond what is reserved for it, 1 or more; kept sorted. A line without a row gets
            nothing.
        value: what the plan is worth, in whatever its planner counts.
        greedy_value: what serving the orders in rank order is worth, in the same.
        bound: no plan is worth more than this, as far as the planner has proved; None if it proved
            nothing.

    >>> plan = Plan(units=[("A-17", "1", 2)], value=Decimal(90), greedy_value=Decimal(75),
    ...             bound=Decimal(100))
    >>> plan.gap, plan.is_optimal, plan.by_line
    (Decimal('0.1'), False, {('A-17', '1'): 2})
    """

    units: tuple[tuple[str, str, int], ...] = attrs.field(converter=_to_rows)
    value: Decimal
    greedy_value: Decimal
    bound: Decimal | None = None

    __eq__, __hash__, __repr__ = _values.BY_FIELDS

    def __attrs_post_init__(self) -> None:
        _checks.check_rows("Plan.units", self.units, "order", "line", "units")
        for position, (order_id, line_id, units) in enumerate(self.units):
            _checks.check_id(f"Plan.units[{position}][0]", order_id)
            _checks.check_id(f"Plan.units[{position}][1]", line_id)
            _checks.check_int(f"Plan.units[{position}][2]", units, at_least=1)
        _checks.check_unique("Plan.units", (row[:2] for row in self.units), "line")
        _checks.set_field(self, "units", tuple(sorted(self.units)))
        for name in ("value", "greedy_value", "bound"):
            amount = getattr(self, name)
            if amount is None and name == "bound":
                continue
            if not (isinstance(amount, Decimal) and amount.is_finite()):
                raise _checks.refuse(f"Plan.{name}", amount, "is not a finite Decimal; pass one")
        if self.bound is not None and self.bound < self.value:
            raise _checks.refuse(
                "Plan.bound", self.bound, f"is below the value of the plan, {self.value}"
            )

    @property
    def by_line(self) -> dict[tuple[str, str], int]:
        """The units by order id and line id."""
        return {(order_id, line_id): units for order_id, line_id, units in self.units}

    @property
    def gap(self) -> Decimal | None:
        """How much more the best plan can be worth, as a share of the bound.

        0 if the plan is the best; None if nothing was proved.
        """
        if self.bound is None:
            return None
        if self.bound == self.value:
            return _NO_GAP
        return _GAP.divide(_checks.EXACT.subtract(self.bound, self.value), abs(self.bound))

    @property
    def is_optimal(self) -> bool:
        """Whether it is proved that no plan is worth more."""
        return self.bound == self.value


class Planner(Protocol):
    """Decides for all orders of the queue together how many units each of their lines may get.

    Contract: it gets the queue in rank order and the stock before the run, depends on nothing but
    its arguments, and returns a `Plan`. The orders are then served in rank order as ever, each line
    with no more than its plan: whatever a planner says, nothing is sold twice, kits and packs stay
    whole, and an order that ships complete does. What a plan does change is who is served:
    **somebody who joins later can take an order's units**. One that raises, or returns anything but
    a `Plan`, stops the run with a `PluginError`.

    >>> def as_ever(queue, inventory, /, *, context):
    ...     rows = [(demand.order.id, line_id, units)
    ...             for demand in queue for line_id, units in demand.greedy if units]
    ...     return Plan(units=rows, value=Decimal(len(rows)), greedy_value=Decimal(len(rows)))
    >>> planner: Planner = as_ever
    """

    def __call__(
        self, queue: Sequence[OrderDemand], inventory: Inventory, /, *, context: Context
    ) -> Plan: ...


class PromisePolicy(Protocol):
    """Says when an order leaves and arrives, now that it is known what it gets.

    Contract: it gets a decision of the queue and depends on nothing but its arguments. It returns a
    `Promise`, or None if nothing of the order leaves. What it can't know is no date with a reason
    (`PromiseGap`), never a guess. One that raises, or returns anything else, stops the run with a
    `PluginError`.

    One whose promises change with time alone is a `TimedPromisePolicy`.

    >>> def nothing_promised(decision, /, *, context):
    ...     return None
    >>> policy: PromisePolicy = nothing_promised
    """

    def __call__(self, decision: Decision, /, *, context: Context) -> Promise | None: ...


class NotificationPolicy(Protocol):
    """Turns a decision into messages.

    Contract: it depends on nothing but the decision (and through it the order's own recipient and
    locale), so that the same decision is the same news. One that raises, or returns anything but
    `Notification` values, stops the run with a `PluginError`.

    >>> def silent(decision, /, *, context):
    ...     return ()
    >>> policy: NotificationPolicy = silent
    """

    def __call__(self, decision: Decision, /, *, context: Context) -> Iterable[Notification]: ...
