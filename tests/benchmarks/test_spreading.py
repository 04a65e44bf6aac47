"""The rule that is spread over processes costs what it says, and stops nothing."""

from __future__ import annotations

import time

import sides
import spreading
import workload
from workload import NOW

from fulfill_core import Context


def test_the_rule_burns_its_time() -> None:
    """It takes as much processor time as it says, at least, and finds nothing."""
    job = sides.Library.of(workload.make(20))
    start = time.thread_time()
    assert spreading.Burning(500)(job.orders[0], context=Context(now=NOW)) == ()
    assert time.thread_time() - start >= 500e-6


def test_a_run_with_the_rule_is_timed() -> None:
    """With the rule, and with the built-in map."""
    job = sides.Library.of(workload.make(20))
    assert spreading.seconds(job, spreading.Burning(1), map=map) > 0
