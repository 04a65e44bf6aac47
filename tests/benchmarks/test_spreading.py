"""The rule that is spread over processes costs what it says, and stops nothing."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from typing import Any

import sides
import spreading
import workload
from workload import NOW

from fulfill_core import Context, process


def test_the_rule_burns_its_time() -> None:
    """It takes as much processor time as it says, at least, and finds nothing."""
    job = sides.Library.of(workload.make(20))
    start = time.thread_time()
    assert spreading.Burning(500)(job.orders[0], context=Context(now=NOW)) == ()
    assert time.thread_time() - start >= 500e-6


def test_the_rule_may_wait_instead() -> None:
    """Then it burns nothing."""
    job = sides.Library.of(workload.make(20))
    start = time.thread_time()
    rule = spreading.Burning(20_000, waits=True)
    assert rule(job.orders[0], context=Context(now=NOW)) == ()
    assert time.thread_time() - start < 20_000e-6


class Here:
    """A cluster that does at once what it is given."""

    def map(self, call: Callable[[bytes], Any], packed: list[bytes], **_: Any) -> Iterator[Future]:
        """A future for each."""
        for each in packed:
            future: Future[Any] = Future()
            future.set_result(call(each))
            yield future


def test_chunks_travel_as_bytes() -> None:
    """And what comes of them is the same."""
    job = sides.Library.of(workload.make(700))
    settings = {"now": NOW, "map": spreading.map_on(Here())}
    assert process(job.orders, job.inventory, **settings) == process(
        job.orders, job.inventory, now=NOW
    )


def test_a_run_with_the_rule_is_timed() -> None:
    """With the rule, and with the built-in map."""
    job = sides.Library.of(workload.make(20))
    assert spreading.seconds(job, spreading.Burning(1), map=map) > 0
