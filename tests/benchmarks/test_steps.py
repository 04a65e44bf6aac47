"""What the benchmark of steps measures are steps that do something; and how large a record gets."""

from __future__ import annotations

import steps

from fulfill_core.lifecycle import Effect


def test_each_step_is_taken() -> None:
    """No event of the life is refused, or a repeat: each is news."""
    positions = steps.life(skus=4)
    effects = [position.take().effect for position in positions]
    assert effects == [Effect.APPLIED] * len(positions)
    assert {position.kind for position in positions} == {steps.GOODS, steps.MONEY}


def test_each_trouble_is_one() -> None:
    """It is news to the order as it is, whichever it is."""
    effects = [position.take().effect for position in steps.life_gone_wrong()]
    assert effects == [Effect.APPLIED] * len(steps.troubles())


def test_each_step_is_timed_as_often() -> None:
    """One figure for each step and repeat."""
    figures = steps.seconds(2, loops=1)
    assert len(figures) == len(steps.events()) + len(steps.troubles())
    assert {len(times) for times in figures.values()} == {2}


def test_a_record_of_200_events_is_small() -> None:
    """It is no larger than 25 KB as JSON, and grows with its events alone."""
    sizes = {count: len(steps.as_json(steps.long_life(count))) for count in (100, 200)}
    assert len(steps.long_life(200).history.applied) == 200
    assert sizes[200] <= 25_000
    assert sizes[200] <= 2 * sizes[100]
