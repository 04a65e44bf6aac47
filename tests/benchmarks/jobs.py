"""What is measured, each in a process of its own with nothing else on its heap."""

from __future__ import annotations

import gc
import math
import multiprocessing
import random
import statistics
import time
import tracemalloc
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from multiprocessing.connection import Connection
from typing import Any

import sides
import workload
from workload import NOW

from fulfill_core import Address, Customer, Inventory, Order, OrderLine, Payment, process

CHAIN = 2000  # long enough for the merge of a million SKUs to fall due once
_CALLS = 400


def _serve(pipe: Connection, side_name: str, orders: int, seed: int) -> None:
    """Make one side's inputs, then do what is asked for until told to stop."""
    side: Any = sides.SIDES[side_name].of(workload.make(orders, seed=seed))
    pipe.send("ready")
    while (job := pipe.recv()) != "stop":
        gc.collect()
        if job == "time":
            start = time.process_time()
            answer = side.run()
            seen = side.ask(answer)
            figure = time.process_time() - start
        elif job == "alone":
            start = time.process_time()
            answer = side.run()
            figure = time.process_time() - start
            seen = 0
        else:
            tracemalloc.start()
            answer = side.run()
            seen = 0 if job == "kept alone" else side.ask(answer)
            gc.collect()
            figure = float(tracemalloc.get_traced_memory()[job == "memory"])
            tracemalloc.stop()
        del answer
        pipe.send((figure, seen))


class Worker:
    """One side in its process; `measure` has it run once.

    Args:
        side: the name of the side.
        orders: how many orders its workload has.
        seed: of the workload.
    """

    def __init__(self, side: str, orders: int, seed: int) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(
            target=_serve, args=(theirs, side, orders, seed), daemon=True
        )
        self._process.start()
        theirs.close()

    def wait(self) -> None:
        """Return when the inputs are made."""
        self._pipe.recv()

    def measure(self, job: str = "time") -> tuple[float, int]:
        """Seconds of one run, or bytes; and what was counted in the answer.

        Args:
            job: ``time``, everything asked for; ``alone``; ``memory``, the peak; ``kept``, what is
                left of it with everything asked for; ``kept alone``.
        """
        self._pipe.send(job)
        figure, seen = self._pipe.recv()
        return figure, seen

    def stop(self) -> None:
        """End the process."""
        self._pipe.send("stop")
        self._process.join()


@contextmanager
def workers(orders: int, seed: int, names: Sequence[str]) -> Iterator[list[Worker]]:
    """A worker for each of these sides, their inputs made and a first run behind them."""
    started = [Worker(name, orders, seed) for name in names]
    for worker in started:
        worker.wait()
        worker.measure()  # warm: every string has its hash
    yield started
    for worker in started:
        worker.stop()


def in_own_process(job: Callable[..., Any], *args: Any) -> Any:
    """Call *job* on a heap with nothing else on it."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(job, args)


def one_order(skus: int, repeats: int) -> tuple[list[float], list[float], float]:
    """Seconds per run: medians of many alone, means of chains; and the slowest run of a chain."""
    rng = random.Random(skus)
    names = [f"A{k % 97:02d}-{k:07d}" for k in range(skus)]
    inventory = Inventory.of({(name, f"place-{k % 5}"): 50 for k, name in enumerate(names)})
    orders = [_order(f"SO-2026-{k:08d}", rng.sample(names, 3)) for k in range(CHAIN)]
    single: list[float] = []
    chain: list[float] = []
    slowest = math.inf
    for _ in range(repeats):
        gc.collect()
        calls = [_seconds(order, inventory)[0] for order in orders[:_CALLS]]
        single.append(statistics.median(calls))
        gc.collect()
        latest = inventory
        links: list[float] = []
        for order in orders:
            seconds, latest = _seconds(order, latest)
            links.append(seconds)
        chain.append(statistics.mean(links))
        slowest = min(slowest, max(links))
    return single, chain, slowest


def _seconds(order: Order, inventory: Inventory) -> tuple[float, Inventory]:
    start = time.perf_counter()
    result = process([order], inventory, now=NOW)
    return time.perf_counter() - start, result.inventory


def _order(order_id: str, skus: Iterable[str]) -> Order:
    return Order(
        id=order_id,
        placed_at=NOW,
        customer=Customer(id="CUST-1", email="ada@mail.example"),
        lines=[
            OrderLine(id=str(k), sku=sku, quantity=2, unit_price=Decimal("9.90"))
            for k, sku in enumerate(skus)
        ],
        currency="EUR",
        ship_to=Address(
            name="Ada", street=["1 Main St"], city="Leeds", postal_code="LS1 4AP", country="GB"
        ),
        payments=[Payment(id="p1", amount=Decimal("59.40"))],
    )


def construct(size: int, repeats: int, seed: int) -> list[float]:
    """Seconds per order of making the `Order` values, once per repeat."""
    data = workload.make(size, seed=seed)
    times: list[float] = []
    for _ in range(repeats):
        gc.collect()
        start = time.process_time()
        workload.library_orders(data)
        times.append((time.process_time() - start) / size)
    return times
