"""Each wrong adapter is caught by the simulator, long before 50,000 steps; the right one is not."""

from __future__ import annotations

import inspect
from typing import Any

import pytest
import wrong_adapters
from wrong_adapters import Adapter, Gateway, Mailer, Session

from fulfill_core.testing import Simulation, simulate
from fulfill_core.testing.simulator.books import Rule

STEPS = 50_000
RULES = {
    "CountsNoAttempts": {Rule.OUTBOX},
    "DeletesParked": {Rule.OUTBOX},
    "DropsLots": {Rule.KEPT},
    "ForgetsClaims": {Rule.KEPT, Rule.REST},
    "ForgetsComponents": {Rule.LOST},
    "ForgetsDeletions": {Rule.KEPT, Rule.LOST},
    "GuardsOrdersOnly": {Rule.OVERSOLD},
    "HidesNothing": {Rule.OUTBOX},
    "IgnoresVersions": {Rule.OVERSOLD},
    "KeepsOldRows": {Rule.LOST, Rule.OVERSOLD},
    "LastWriterWins": {Rule.STOCK},
    "LoadsFirstPage": {Rule.LOST},
    "LoadsOwnReservations": {Rule.OVERSOLD},
    "MarksBeforeSending": {Rule.OUTBOX},
    "NeverWithdraws": {Rule.OUTBOX},
    "NumbersEachMail": {Rule.EFFECTS},
    "PaysEachTime": {Rule.EFFECTS},
    "RaisesOnConflict": {Rule.ANSWERS},
    "ReadsAfterCursor": {Rule.OUTBOX},
    "RemembersInProcess": {Rule.STOCK},
    "RetriesAtOnce": {Rule.OUTBOX},
    "ReusesConnectionAfterError": {Rule.OUTBOX},
    "SendsFromMemory": {Rule.EFFECTS},
    "StoresLocalTime": {Rule.OUTBOX},
    "StoresMoneyAsFloat": {Rule.LOST},
    "SumsInPython": {Rule.OVERSOLD, Rule.STOCK},
    "SwallowsConflicts": {Rule.KEPT, Rule.OUTBOX},
    "TakesUnknownForNo": {Rule.STOCK},
    "TakesUnknownForYes": {Rule.STOCK},
    "WritesHalf": {Rule.KEPT, Rule.STOCK},
    "WritesOutboxAfterCommit": {Rule.OUTBOX},
    "WritesOutboxBeforeCommit": {Rule.OUTBOX},
}
"""Of each, the rules of which it breaks one."""


def simulated(name: str, steps: int) -> Simulation:
    """A simulation with an adapter that is right but for this."""
    kind: Any = getattr(wrong_adapters, name)
    if issubclass(kind, Mailer):
        return simulate(Adapter(), notifier=kind(), steps=steps)
    if issubclass(kind, Gateway):
        return simulate(Adapter(), actor=kind(), steps=steps)
    adapter = Adapter()
    adapter.kind = kind
    return simulate(adapter, steps=steps)


def test_all_wrong_adapters_are_tried() -> None:
    """Each class of the zoo that differs from a right one, and twenty at least."""
    kinds = {
        name: kind
        for name, kind in inspect.getmembers(wrong_adapters, inspect.isclass)
        if kind.__module__ == wrong_adapters.__name__
        and issubclass(kind, Session | Mailer | Gateway)
    }
    assert sorted({*kinds} - {"Session", "Mailer", "Gateway"}) == sorted(RULES)
    assert len(RULES) >= 20


@pytest.mark.untraced
@pytest.mark.parametrize("name", RULES)
def test_a_wrong_adapter_is_caught(name: str) -> None:
    """By the rule that it breaks, with a script that has few moves and shows it again."""
    failure = simulated(name, STEPS).failure
    assert failure is not None
    assert Rule(failure.rule) in RULES[name]
    assert len(failure.moves) <= 15


@pytest.mark.untraced
@pytest.mark.parametrize("name", ["Session", "Mailer", "Gateway"])
def test_a_right_adapter_is_not(name: str) -> None:
    """Whatever goes wrong around it."""
    simulated(name, 5_000).check()
