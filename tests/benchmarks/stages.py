"""Where the time of a run goes: its stages one by one, and what is asked of the result."""

from __future__ import annotations

import gc
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import sides
import workload

from fulfill_core import Result
from fulfill_core.pipeline import run as pipeline

STAGES = {
    "batch_of": "to take in the batch",
    "assess": "to verify and to rank",
    "line_up": "to line up the queue",
    "serve_all": "to allocate and to decide",
    "notify": "to tell",
}
QUESTIONS: dict[str, Callable[[Result], object]] = {
    "all decisions, asked for": lambda result: [each.allocations for each in result.decisions],
    "all ids of messages": lambda result: [each.id for each in result.notifications],
    "wake_at": lambda result: result.wake_at,
    "all records": lambda result: result.records,
}


def seconds(orders: int, seed: int, repeats: int) -> dict[str, list[float]]:
    """Seconds of each stage, once per repeat; the rest of a run, and what comes after it."""
    side = sides.Library.of(workload.make(orders, seed=seed))
    side.ask(side.run())
    rows: dict[str, list[float]] = {}
    for _ in range(repeats):
        gc.collect()
        spent: Counter[str] = Counter()
        with _timed(spent):
            start = time.process_time()
            result = side.run()
            spent["the rest of a run"] = time.process_time() - start - sum(spent.values())
        for what, question in QUESTIONS.items():
            start = time.process_time()
            question(result)
            spent[what] = time.process_time() - start
        for what, figure in spent.items():
            rows.setdefault(what, []).append(figure)
    return rows


@contextmanager
def _timed(spent: Counter[str]) -> Iterator[None]:
    """Have each stage of a run note how long it takes."""
    functions = {name: getattr(pipeline, name) for name in STAGES}

    def timed(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **settings: Any) -> Any:
            start = time.process_time()
            try:
                return function(*args, **settings)
            finally:
                spent[STAGES[name]] += time.process_time() - start  # type: ignore[assignment]

        return call

    try:
        for name, function in functions.items():
            setattr(pipeline, name, timed(name, function))
        yield
    finally:
        for name, function in functions.items():
            setattr(pipeline, name, function)
