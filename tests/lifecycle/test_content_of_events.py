"""What an event says, as it is digested: so that it can be told from another one under its id."""

from __future__ import annotations

import pickle
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st
from some_events import EVENTS

from fulfill_core.lifecycle import Captured
from fulfill_core.lifecycle.events.checking import content_of

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
SPANS = st.timedeltas(timedelta(days=-9_999), timedelta(days=9_999))


def captured(at: datetime) -> Captured:
    """Five euros, taken at some instant."""
    return Captured(id="e1", order_id="A-1", at=at, payment="card", amount=Decimal(5))


@given(one=SPANS, other=SPANS | st.just(timedelta(0)))
def test_instants_are_told_apart(one: timedelta, other: timedelta) -> None:
    """Two events that say the same at two instants are two; at one they are the same."""
    is_alike = content_of(captured(NOON + one)) == content_of(captured(NOON + one + other))
    assert is_alike == (other == timedelta(0))


def test_a_fraction_of_a_second_is_said() -> None:
    """Two events of one second are two."""
    assert content_of(captured(NOON)) != content_of(captured(NOON.replace(microsecond=7)))


CONTENTS = """
import pickle, sys
from fulfill_core.lifecycle.events.checking import content_of
from fulfill_core.wire import dumps, loads
events = pickle.load(sys.stdin.buffer)
if sys.argv[1] == "json":
    events = [loads(dumps(each), type(each)) for each in events]
print([content_of(each) for each in events])
"""


def contents_in_a_process(origin: str) -> bytes:
    """What one event of each kind says, in a process of its own that has them from there."""
    command = [sys.executable, "-c", CONTENTS, origin]
    rows = pickle.dumps(EVENTS)
    return subprocess.run(command, input=rows, check=True, capture_output=True).stdout


def test_an_event_says_the_same_in_a_process_that_reads_it_from_json() -> None:
    """Whoever hears of it twice, by two ways, has heard of it once."""
    contents = contents_in_a_process("pickle")
    assert contents.count(b"07ea03020c0000000000") >= len(EVENTS)
    assert contents_in_a_process("json") == contents
