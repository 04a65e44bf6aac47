"""The batch of a run: each order id once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from fulfill_core import _checks
from fulfill_core.orders.order import Order, content_of


class Batch(NamedTuple):
    """The orders of a run, each id once; and the ids under which there were different orders."""

    orders: tuple[Order, ...]
    duplicates: frozenset[str]


def batch_of(orders: Iterable[Order]) -> Batch:
    """The orders, an exact repeat left out.

    Of different orders under one id, the one whose content comes first stands for all of them:
    any fixed choice will do, as long as the sequence of the input does not make it.

    Raises:
        InvalidValueError: they are no collection, or something among them is no `Order`.
    """
    _checks.check_collection("orders", orders)
    members = list(orders)
    is_plain = set(map(type, members)) <= {Order}  # no need to look at each
    for position, order in enumerate(() if is_plain else members):
        if not isinstance(order, Order):
            raise _checks.refuse(f"orders[{position}]", order, "is not an Order; pass one")
    # The last one of each id for now; where an id comes twice, the loop below decides.
    by_id = {order.id: order for order in members}
    versions: dict[str, list[Order]] = {}
    if len(by_id) < len(members):
        for order in members:
            version = by_id[order.id]
            if version is not order and version != order:  # equal in all fields is a repeat
                versions.setdefault(order.id, [version]).append(order)
    for order_id, different in versions.items():
        by_id[order_id] = min(different, key=content_of)
    return Batch(tuple(by_id.values()), frozenset(versions))
