"""Law 20: nothing that an order had, or has and can't use, is lost in silence."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import Any

import attrs
import pytest

from fulfill_core import Audience, Inventory, Order

from .losing import Said, says, several_runs

PROFILE = os.environ.get("HYPOTHESIS_PROFILE", "default")
WORLDS = 120 if PROFILE == "default" else 10_000


def many_worlds(run: Any) -> int:
    """Units that could not be used, over some worlds."""
    return sum([several_runs(run, seed) for seed in range(WORLDS)])


def test_no_silent_loss() -> None:
    """What an order had and no longer has, or has and can no longer use, stands in its decision,
    in a message to the staff, and in `wake_at`: over runs with counts, recalls and time between.
    """
    assert many_worlds(says) > WORLDS / 4


# -- The law bites ---------------------------------------------------------------------------------


def changed(change: Callable[[Said], Said]) -> Any:
    """A run that says something else."""

    def run(orders: Iterable[Order], stock: Inventory, **options: Any) -> Said:
        return change(says(orders, stock, **options))

    return run


def confirms_all(said: Said) -> Said:
    """What can't be used counts as reserved."""
    decisions = [
        attrs.evolve(made, reserved=[*made.reserved, *made.unusable], unusable=())
        for made in said.decisions
    ]
    return attrs.evolve(said, decisions=tuple(decisions))


def names_nothing(said: Said) -> Said:
    """No finding says what can't be used."""
    decisions = [attrs.evolve(made, findings=()) for made in said.decisions]
    return attrs.evolve(said, decisions=tuple(decisions))


def is_short_of_nothing(said: Said) -> Said:
    """What can't be used is not short."""
    decisions = [
        attrs.evolve(made, shorts=[]) if made.unusable else made for made in said.decisions
    ]
    return attrs.evolve(said, decisions=tuple(decisions))


def tells_customers_only(said: Said) -> Said:
    """The staff hears nothing."""
    messages = [each for each in said.notifications if each.audience is Audience.CUSTOMER]
    return attrs.evolve(said, notifications=tuple(messages))


def never_wakes(said: Said) -> Said:
    """Nobody knows the day."""
    return attrs.evolve(said, wake_at=None)


def hides_losses(said: Said) -> Said:
    """What a re-allocation takes is not told."""
    return attrs.evolve(said, losses=())


def sees_no_recall(orders: Iterable[Order], stock: Inventory, **options: Any) -> Said:
    """A lot in quarantine is as good as others."""
    for place, lots in stock.lots_of("mug").items():
        for lot in lots:
            stock = stock.with_quarantined("mug", place, lot.id, quarantined=False)
    return says(orders, stock, **options)


def sees_no_count(orders: Iterable[Order], stock: Inventory, **options: Any) -> Said:
    """What is reserved is there."""
    for row in stock.overdrawn():
        if not row.lot:
            stock = stock.with_received(row.sku, row.location, row.missing, lot="")
    return says(orders, stock, **options)


@pytest.mark.parametrize(
    "mutant",
    [
        changed(confirms_all),
        changed(names_nothing),
        changed(is_short_of_nothing),
        changed(tells_customers_only),
        changed(never_wakes),
        changed(hides_losses),
        sees_no_recall,
        sees_no_count,
    ],
)
def test_a_run_that_loses_in_silence_is_caught(mutant: Any) -> None:
    """Each of these breaks the law in one of the worlds."""
    with pytest.raises(AssertionError):
        many_worlds(mutant)
