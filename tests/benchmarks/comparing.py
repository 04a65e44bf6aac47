"""What `compare` costs: two settings beside one, beside a run alone, and the page that it makes.

Each comparison is asked for its figures, with the number of messages. The two settings differ in
the priority, as most do: the orders are verified once.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Mapping

import sides
import workload
from workload import NOW

from fulfill_core import Settings, compare, process
from fulfill_core.priorities import customer_tier, lexicographic, oldest_first
from fulfill_core.whatif import Comparison

ONE = {"today": Settings(priority=sides.PRIORITY)}
TWO = {
    **ONE,
    "tiers first": Settings(
        priority=lexicographic(customer_tier(*workload.TIERS), oldest_first),
    ),
}


def compared(job: sides.Library, settings: Mapping[str, Settings]) -> Comparison:
    """The day's orders under these settings."""
    return compare(job.orders, job.inventory, settings, now=NOW)


def costs(size: int, repeats: int, seed: int) -> tuple[dict[str, list[float]], int]:
    """Seconds of each, turn by turn; and how many bytes the page has."""
    job = sides.Library.of(workload.make(size, seed=seed))
    ways: dict[str, Callable[[], object]] = {
        "two": lambda: compared(job, TWO).figures,
        "one": lambda: compared(job, ONE).figures,
        "run": lambda: process(job.orders, job.inventory, now=NOW, **ONE["today"]),
        "page": lambda: compared(job, TWO).to_html(),
    }
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(repeats):
        for name, way in ways.items():
            times[name].append(_seconds(way))
    return times, len(compared(job, TWO).to_html().encode())


def _seconds(way: Callable[[], object]) -> float:
    gc.collect()
    start = time.process_time()
    way()
    return time.process_time() - start
