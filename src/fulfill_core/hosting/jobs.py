"""What a loop does, each in one transaction: a run, what an event comes to, an update of stock."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeAlias

import attrs

from fulfill_core import _checks
from fulfill_core.hosting.batches import Scope
from fulfill_core.inventory.inventory import Inventory
from fulfill_core.lifecycle import EVENTS, Amended, Counted, Event, StockReceived
from fulfill_core.orders.order import Order
from fulfill_core.records.order_record import OrderRecord


def _to_orders(members: Iterable[Order | str]) -> tuple[Order | str, ...]:
    return _checks.to_tuple(members)


@attrs.frozen(kw_only=True, weakref_slot=False)
class Run:
    """Let time pass for orders, and decide about them.

    Args:
        orders: orders that are new, and the ids of some that are stored; None for all that are open
            or have units. A new order whose id is stored already is the stored one; if it is
            another order, nothing happens to either.
        update: for orders that another system keeps, and hands in again as they are by now: from
            the record that is stored, and the order of its id, to the record that counts. It may be
            asked again, with another record, so it does nothing else. None to keep what is stored.

    >>> Run(orders=["A-17"]).order_ids
    ('A-17',)
    >>> def update(record: OrderRecord, order: Order) -> OrderRecord:
    ...     return attrs.evolve(record, order=order)
    >>> Run(orders=[], update=update).new_orders
    ()
    """

    orders: tuple[Order | str, ...] | None = attrs.field(
        default=None, converter=attrs.converters.optional(_to_orders)
    )
    update: Callable[[OrderRecord, Order], OrderRecord] | None = None

    def __attrs_post_init__(self) -> None:
        if self.update is not None:
            _checks.check_callable("Run.update", self.update)
        if self.orders is None:
            return
        _checks.check_collection("Run.orders", self.orders)
        for position, each in enumerate(self.orders):
            if not isinstance(each, Order):
                _checks.check_id(f"Run.orders[{position}]", each)
        _checks.check_unique("Run.orders", self.order_ids or (), "order")

    @property
    def order_ids(self) -> tuple[str, ...] | None:
        """The ids of its orders; None for all that are open or have units."""
        if self.orders is None:
            return None
        return tuple([each.id if isinstance(each, Order) else each for each in self.orders])

    @property
    def new_orders(self) -> tuple[Order, ...]:
        """Those of its orders that may be new."""
        return tuple([each for each in self.orders or () if isinstance(each, Order)])


@attrs.frozen(kw_only=True, weakref_slot=False)
class StockUpdate:
    """Something that happened to the stock and to no order, such as a receipt of goods.

    Args:
        id: what whoever saw it calls it, such as the number of a delivery note: the same id is
            once.
        skus: the SKUs whose stock it changes.
        update: from their stock to their stock afterwards. It may be asked again, with another
            stock, so it does nothing else.

    >>> def receive(stock: Inventory) -> Inventory:
    ...     return stock.with_received("mug", "berlin", 6)
    >>> StockUpdate(id="GR-1", skus=["mug"], update=receive).plan_id
    'stock:GR-1'
    """

    id: str
    skus: tuple[str, ...] = attrs.field(converter=_checks.to_texts)
    update: Callable[[Inventory], Inventory]

    def __attrs_post_init__(self) -> None:
        _checks.check_id("StockUpdate.id", self.id)
        _checks.check_members("StockUpdate.skus", self.skus, str)
        _checks.check_callable("StockUpdate.update", self.update)

    @property
    def plan_id(self) -> str:
        """The id of the plan that does it."""
        return f"stock:{self.id}"


Job: TypeAlias = Run | Event | StockUpdate
"""What a loop does in one transaction."""


def check_job(path: str, job: object) -> None:
    """A run, an update of stock, or one of the events."""
    if type(job) not in (Run, StockUpdate, *EVENTS):
        raise _checks.refuse(path, job, "is no job; pass a Run, a StockUpdate or an event")


def scope_of(job: Job) -> Scope:
    """What is to be loaded for a job.

    >>> scope_of(Run(orders=["A-17"])).order_ids
    ('A-17',)
    """
    skus: set[str] = set()
    match job:
        case Run():
            for order in job.new_orders:
                skus.update([line.sku for line in order.lines])
            return Scope(order_ids=job.order_ids, skus=sorted(skus))
        case StockUpdate():
            return Scope(order_ids=(), skus=job.skus)
        case Amended():
            skus.update([line.sku for line in job.added])
        case Counted() | StockReceived():
            skus.update([sku for sku, _, _ in job.units])
        case _:
            pass
    return Scope(order_ids=[job.order_id], skus=sorted(skus))
