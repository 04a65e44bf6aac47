"""What `map=` over processes spares, by what a rule costs: each run by the clock on the wall.

The rule burns so much processor time for each order: a process that has to wait for its turn gets
nothing for free.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Any

import sides
import workload
from workload import NOW

from fulfill_core import DEFAULT_VERIFIERS, Context, Finding, Order, process

COSTS = (0, 10, 100, 1_000)
"""Microseconds of a rule per order."""


@dataclass(frozen=True, slots=True)
class Burning:
    """A rule that takes so many microseconds and finds nothing."""

    cost: int

    def __call__(self, order: Order, /, *, context: Context) -> tuple[Finding, ...]:
        end = time.thread_time() + self.cost * 1e-6
        while time.thread_time() < end:
            pass
        return ()


def costs(size: int, repeats: int, seed: int) -> Iterator[tuple[int, list[tuple[float, float]]]]:
    """Seconds per order of two processes and of one, turn by turn, by the cost of the rule."""
    job = sides.Library.of(workload.make(size, seed=seed))
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        seconds(job, Burning(0), map=pool.map)  # the processes are started
        for cost in COSTS:
            rule = Burning(cost)
            yield (
                cost,
                [
                    (seconds(job, rule, map=pool.map) / size, seconds(job, rule) / size)
                    for _ in range(repeats)
                ],
            )


def seconds(job: sides.Library, rule: Burning, **options: Any) -> float:
    """Seconds of one run."""
    verifiers = DEFAULT_VERIFIERS if not rule.cost else (*DEFAULT_VERIFIERS, rule)
    gc.collect()
    start = time.perf_counter()
    process(
        job.orders,
        job.inventory,
        now=NOW,
        priority=sides.PRIORITY,
        verifiers=verifiers,
        **options,
    )
    return time.perf_counter() - start
