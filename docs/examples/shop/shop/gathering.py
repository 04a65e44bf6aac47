"""What the shop finds out before a run. The library says what it needs; here it is fetched.

An order that the platform has screened is not screened again. For the others, each answer is kept
with the version of the order that it is about, so that only what is new or changed is asked for.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from decimal import Decimal

from sqlalchemy import Connection, Engine, select

from fulfill_core import CustomerFacts, Facts, Order, PastOrder, Screening
from fulfill_core.protocols import Verifier
from fulfill_core.verifiers import missing_facts
from shop.database import orders, put, screenings, stored_orders, transaction
from shop.records import OrderList

Ask = Callable[[Order, str], Screening | None]


def screen(
    engine: Engine, order_list: OrderList, verifiers: Sequence[Verifier], now: datetime, ask: Ask
) -> None:
    """Ask the fraud service about the orders that need it, and keep its answers.

    It comes before the transaction that decides: a service may take its time, and the database
    must not be locked for so long.
    """
    with engine.connect() as connection:
        facts = Facts(screenings=_screenings(connection, order_list))
    missing = set(missing_facts(order_list.orders, verifiers, now=now, facts=facts).screenings)
    orders_to_screen = [order for order in order_list.orders if order.id in missing]
    answers = [ask(order, order_list.ips.get(order.id, "")) for order in orders_to_screen]
    if answers:
        with transaction(engine) as connection:
            for answer in answers:
                if answer is not None:
                    _keep(connection, answer)


def _keep(connection: Connection, answer: Screening) -> None:
    values = {
        "version": answer.fingerprint,
        "score": str(answer.score),
        "flags": json.dumps(sorted(answer.flags)),
    }
    put(connection, screenings, [{"order_id": answer.order_id, **values}])


def gather(
    connection: Connection, order_list: OrderList, verifiers: Sequence[Verifier], now: datetime
) -> Facts:
    """All that the world knows: screenings, and what the customers ordered before."""
    screened = _screenings(connection, order_list)
    missing = missing_facts(order_list.orders, verifiers, now=now, facts=Facts(screenings=screened))
    return Facts(
        screenings=screened,
        customers=_customers(connection, missing.customers),
    )


def _screenings(connection: Connection, order_list: OrderList) -> list[Screening]:
    """The platform's and, for the other orders, what the service said of this very version."""
    by_order = {screening.order_id: screening for screening in order_list.screenings}
    versions = {order.id: order.fingerprint for order in order_list.orders}
    for row in connection.execute(select(screenings)):
        if row.order_id not in by_order and versions.get(row.order_id) == row.version:
            by_order[row.order_id] = Screening(
                order_id=row.order_id,
                fingerprint=row.version,
                score=Decimal(row.score),
                flags=json.loads(row.flags),
                ip=order_list.ips.get(row.order_id, ""),
            )
    return list(by_order.values())


def _customers(connection: Connection, ids: Iterable[str]) -> list[CustomerFacts]:
    """What the shop has seen these customers order; a new one has facts too, without orders."""
    ids = list(ids)
    query = select(orders.c.order_id).where(orders.c.customer_id.in_(ids))
    order_ids = connection.execute(query).scalars().all()
    past_orders: dict[str, list[PastOrder]] = {customer_id: [] for customer_id in ids}
    for stored in stored_orders(connection, order_ids):
        order = stored.record.order
        if order.total >= 0:  # a broken discount is no purchase
            past_orders.setdefault(order.customer.id, []).append(_past(order))
    return [
        CustomerFacts(customer_id=customer_id, orders=past_orders[customer_id])
        for customer_id in ids
    ]


def _past(order: Order) -> PastOrder:
    units: dict[str, int] = {}
    for line in order.lines:
        units[line.sku] = units.get(line.sku, 0) + line.units
    return PastOrder(
        id=order.id,
        placed_at=order.placed_at,
        total=order.total,
        currency=order.currency,
        units=units,
    )
