"""A worker of a shop, in a process of its own: it places orders, and may be killed at any moment.

Arguments: the address of the database, the first order's number, how many, how many workers there
are, and 1 if it is to be killed: then it does not end by itself. It prints each order's number once
the loop says that it is done.

An order is of one pair of SKUs, of which one half of the orders has the second first: if rows were
locked in the sequence of the lines, two workers would wait for each other.
"""

from __future__ import annotations

import sys
import time
from decimal import Decimal

from some_databases import engine_of
from some_hosting import NOON, SETTINGS, order

from fulfill_core import Order, OrderLine, Payment
from fulfill_core.hosting import Limits, Run, run_loop
from fulfill_core.hosting.sqlalchemy import SqlAlchemyStorage

PAIRS = [(f"hot-{number}", f"warm-{number}") for number in range(5)]
SKUS = [sku for pair in PAIRS for sku in pair]
# Four at once, on two cores: as many attempts as usual, and not one more.
LIMITS = Limits(commits=20)


def order_id(number: int) -> str:
    """The id of an order."""
    return f"A-{number:05}"


def pair_order(number: int) -> Order:
    """An order of one to three of each SKU of a pair."""
    units, pair = 1 + number % 3, PAIRS[number % 5]
    lines = [
        OrderLine(id=str(position), sku=sku, quantity=units, unit_price=Decimal(5))
        for position, sku in enumerate(reversed(pair) if number % 2 else pair)
    ]
    paid = Payment(id="card", amount=Decimal(10 * units))
    return order(order_id(number), lines=lines, payments=[paid])


def main(address: str, first: str, count: str, step: str, is_to_die: str) -> None:
    """Place orders: from the first one on, every so many."""
    storage = SqlAlchemyStorage(engine_of(address))
    most = 0
    for number in range(int(first), int(count), int(step)):
        job = Run(orders=[pair_order(number)])
        report = run_loop(
            [job],
            storage=storage,
            clock=lambda: NOON,
            sleep=lambda seconds: time.sleep(seconds / 10),
            settings=SETTINGS,
            limits=LIMITS,
        )
        if not report.is_done:
            sys.exit(f"order {number} is not placed: {report.jobs[0].status}")
        most = max(most, report.jobs[0].attempts)
        print(number, most, flush=True)  # noqa: T201 - that is its answer
    while int(is_to_die):
        time.sleep(60)


if __name__ == "__main__":
    main(*sys.argv[1:])
