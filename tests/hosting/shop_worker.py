"""A worker of a shop, in a process of its own: it places orders, and may be killed at any moment.

Arguments: the address of the database, the first order's number, how many, how many workers there
are, and 1 if it is to be killed: then it does not end by itself. It prints each order's number once
the loop says that it is done.
"""

from __future__ import annotations

import sys
import time

from some_databases import engine_of
from some_hosting import NOON, SETTINGS, order

from fulfill_core.hosting import Limits, Run, run_loop
from fulfill_core.hosting.sqlalchemy import SqlAlchemyStorage

SKUS = [f"hot-{number}" for number in range(5)]
# Four at once, on two cores: twice as many attempts as usual, and not one more.
LIMITS = Limits(commits=20)


def order_id(number: int) -> str:
    """The id of an order."""
    return f"A-{number:05}"


def main(address: str, first: str, count: str, step: str, is_to_die: str) -> None:
    """Place orders: from the first one on, every so many."""
    storage = SqlAlchemyStorage(engine_of(address))
    most = 0
    for number in range(int(first), int(count), int(step)):
        job = Run(orders=[order(order_id(number), 1 + number % 3, SKUS[number % 5])])
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
