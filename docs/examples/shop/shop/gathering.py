"""What the shop finds out before a run. The library says what it needs; here it is fetched.

An order that the platform has screened is not screened again. For the others, each answer is kept
with the version of the order that it is about, so that only what is new or changed is asked for.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Engine, Row, select
from sqlalchemy.dialects.sqlite import insert as insert_or

from fulfill_core import CustomerFacts, Facts, Inventory, Order, OrderRecord, PastOrder, Screening
from fulfill_core.protocols import Verifier
from fulfill_core.verifiers import missing_facts
from shop import desk, history
from shop.records import OrderList
from shop.tables import order_lines, orders, placed, screenings

Ask = Callable[[Order, str], Screening | None]


def screen(
    engine: Engine, order_list: OrderList, verifiers: Sequence[Verifier], now: datetime, ask: Ask
) -> None:
    """Ask the fraud service about the orders that need it, and keep its answers.

    It comes before the transaction that decides: a service may take its time, and the database
    must not be locked for so long.
    """
    with engine.begin() as connection:
        facts = Facts(screenings=_screenings(connection, order_list))
    missing = set(missing_facts(order_list.orders, verifiers, now=now, facts=facts).screenings)
    orders_to_screen = [order for order in order_list.orders if order.id in missing]
    answers = [ask(order, order_list.ips.get(order.id, "")) for order in orders_to_screen]
    with engine.begin() as connection:
        for answer in answers:
            if answer is not None:
                _keep(connection, answer)


def _keep(connection: Connection, answer: Screening) -> None:
    values = {
        "version": answer.fingerprint,
        "score": str(answer.score),
        "flags": json.dumps(sorted(answer.flags)),
    }
    row = insert_or(screenings).values(order_id=answer.order_id, **values)
    connection.execute(row.on_conflict_do_update(index_elements=["order_id"], set_=values))


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


def records(
    connection: Connection, order_list: OrderList, inventory: Inventory
) -> list[OrderRecord]:
    """The orders, with all that happened to them: what left, what people said, what was told."""
    statements = desk.statements(connection)
    return history.records_of(connection, order_list.orders, statements, inventory)


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
    return [
        CustomerFacts(customer_id=customer_id, orders=list(_past_orders(connection, customer_id)))
        for customer_id in ids
    ]


def _past_orders(connection: Connection, customer_id: str) -> Iterable[PastOrder]:
    query = (
        select(orders, order_lines.c.sku, order_lines.c.units)
        .join(placed, placed.c.order_id == orders.c.id)
        .outerjoin(order_lines, order_lines.c.order_id == orders.c.id)
        .where(placed.c.customer_id == customer_id)
    )
    heads: dict[str, Row[Any]] = {}
    units: dict[str, dict[str, int]] = {}
    for row in connection.execute(query):
        heads[row.id] = row
        bag = units.setdefault(row.id, {})
        if row.sku is not None:
            bag[row.sku] = bag.get(row.sku, 0) + row.units
    for order_id, row in heads.items():
        if not row.total.startswith("-"):  # a broken discount is no purchase
            yield PastOrder(
                id=order_id,
                placed_at=datetime.fromisoformat(row.placed_at),
                total=Decimal(row.total),
                currency=row.currency,
                units=units[order_id],
            )
