"""Progress: a run tells how far it has come, seldom, and can be called off."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from builders import NOW, mugs, order
from some_promises import POLICY

from fulfill_core import InvalidValueError, process
from fulfill_core.protocols import Plan, RunStage
from fulfill_core.protocols.reporting import Reporter

ORDERS = [order(f"A-{number}", 1) for number in range(1_200)]
STOCK = mugs(berlin=1_000)


class CalledOffError(Exception):
    pass


def no_plan(queue: Any, inventory: Any, /, *, context: Any) -> Plan:
    """A planner that gives nobody anything."""
    return Plan(units=[], value=Decimal(0), greedy_value=Decimal(0))


def reports_of(orders: Any, **settings: Any) -> list[tuple[RunStage, float]]:
    """What a run tells."""
    reports: list[tuple[RunStage, float]] = []
    process(
        orders,
        STOCK,
        now=NOW,
        **settings,
        progress=lambda stage, share: reports.append((stage, share)),
    )
    return reports


def test_a_run_tells_how_far_it_is() -> None:
    """It tells of each stage that it has, in sequence; the share never falls, and ends with 1. It
    is told less than a hundred times, however many orders there are.
    """
    reports = reports_of(ORDERS, promise=POLICY, planner=no_plan)
    shares = [share for _, share in reports]
    assert list(dict.fromkeys(stage for stage, _ in reports)) == list(RunStage)
    assert [pair for pair in pairwise(shares) if pair[0] > pair[1]] == []
    assert (shares[0], shares[-1], shares.count(1.0)) == (0.0, 1.0, 1)
    assert 40 < len(reports) < 100


def test_stages_that_a_run_does_not_have_are_left_out() -> None:
    """Without a planner and promises nothing is said of them; a run of nothing tells that it is
    done.
    """
    stages = [stage for stage, _ in reports_of([])]
    words = ["verify", "rank", "allocate", "tell", "tell"]
    assert stages == list(map(RunStage, words))
    assert reports_of([])[-1] == (RunStage.TELL, 1.0)
    assert reports_of([], whole=True)[-1] == (RunStage.TELL, 1.0)


def test_who_is_served_again_is_not_told_again() -> None:
    """A stage that is gone through once more begins once, and tells nothing that was told."""
    reports: list[tuple[RunStage, float]] = []
    reporter = Reporter(lambda stage, share: reports.append((stage, share)))
    for _ in range(50):
        for stage in (RunStage.ALLOCATE, RunStage.PROMISE):
            assert list(reporter.through(stage, range(100), 100)) == list(range(100))
    reporter.finish()
    assert len(reports) < 60
    assert reports == sorted(reports, key=lambda report: report[1])


def test_nothing_stands_between_when_nobody_listens() -> None:
    """Without a function the items are gone through as they are."""
    items = [1, 2]
    assert Reporter(None).through(RunStage.VERIFY, items, 2) is items


def test_progress_changes_nothing() -> None:
    """The result is that of a run that nobody watches, whatever the function returns."""
    watched = process(ORDERS[:30], STOCK, now=NOW, progress=lambda stage, share: "stop")
    assert watched == process(ORDERS[:30], STOCK, now=NOW)


def test_a_run_waits_for_who_is_slow() -> None:
    """It goes on when the function returns, whatever that does meanwhile: even another run."""
    outcomes: list[str] = []
    calls: list[str] = []

    def slowly(stage: RunStage, share: float, /) -> None:
        calls.append("begin")
        inner = process(ORDERS[:1], STOCK, now=NOW)
        outcomes.extend([decision.outcome.value for decision in inner])
        calls.append("end")

    result = process(ORDERS[:3], STOCK, now=NOW, progress=slowly)
    assert result == process(ORDERS[:3], STOCK, now=NOW)
    assert set(outcomes) == {"allocated"}
    assert calls == ["begin", "end"] * len(outcomes)


@pytest.mark.parametrize("last", list(RunStage))
def test_a_run_can_be_called_off(last: RunStage) -> None:
    """What the function raises goes through as it is, at any stage; the chunks that an executor
    still has are given up, and the same run afterwards is as ever.
    """
    error = CalledOffError("enough")
    ends: list[str] = []

    def call_off(stage: RunStage, share: float, /) -> None:
        if stage is last:
            raise error

    def lazily(function: Callable[..., object], chunks: Iterable[object]) -> Iterator[object]:
        try:
            for chunk in chunks:
                yield function(chunk)
        finally:
            ends.append("closed")

    settings: dict[str, Any] = {"promise": POLICY, "planner": no_plan}
    with pytest.raises(CalledOffError) as caught:
        process(ORDERS, STOCK, now=NOW, **settings, map=lazily, progress=call_off)
    assert caught.value is error
    assert ends == ([] if last is RunStage.VERIFY else ["closed"])  # nothing had begun
    assert reports_of(ORDERS[:3])[-1] == (RunStage.TELL, 1.0)


def test_chunks_are_given_up_while_the_error_is_still_under_way() -> None:
    """An executor's results are closed at once, not when nobody holds the error any more."""
    ends: list[int] = []

    def call_off(stage: RunStage, share: float, /) -> None:
        if share:
            raise CalledOffError

    def lazily(function: Callable[..., object], chunks: list[object]) -> Iterator[object]:
        chunks_left = list(chunks)
        try:
            while chunks_left:
                yield function(chunks_left.pop(0))
        finally:
            ends.append(len(chunks_left))

    with pytest.raises(CalledOffError) as caught:
        process(ORDERS, STOCK, now=NOW, map=lazily, progress=call_off)
    assert (ends, str(caught.value)) == ([2], "")


async def _later(stage: RunStage, share: float, /) -> None: ...


@pytest.mark.parametrize(
    ("progress", "problem"),
    [
        (1, "progress: 1 can't be called"),
        (_later, "progress: _later is a coroutine function; a run awaits nothing"),
        (lambda share: share, r"progress: .* can't be called with \(stage, share, /\)"),
    ],
)
def test_what_cannot_be_told_is_refused(progress: Any, problem: str) -> None:
    """Before anything is asked of anybody."""
    with pytest.raises(InvalidValueError, match=problem):
        process([], STOCK, now=NOW, progress=progress)


def test_a_function_of_which_nothing_is_known_is_told() -> None:
    """Some that are not written in Python do not say what they take."""
    with pytest.raises(TypeError, match="not supported between"):
        process([], STOCK, now=NOW, progress=max)  # two words can't be compared with a number
