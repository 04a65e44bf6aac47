"""What is heard late, by a clock that is wrong, or once more: nothing is passed over in silence."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from story import NOON, Story

from fulfill_core.lifecycle import Effect, HoldLifted, HoldPlaced, Step

STOP: dict[str, Any] = {"source": "fraud", "code": "fraud.look"}


def codes_of(step: Step) -> list[str]:
    """What the staff has to look at."""
    return [code for each in step.notifications for code, _ in each.reasons]


def test_a_hold_that_stops_nothing_is_told_while_its_end_is_to_come() -> None:
    """A clock is wrong then. What ended, and is heard of late, is nothing to look at."""
    for days, codes in ((4, ["hold.lifted_later"]), (0, [])):
        story = Story()
        story.happened(HoldPlaced, **STOP)
        story.happened(HoldLifted, **STOP, at=NOON + timedelta(days=days, hours=3))
        story.hours = 3
        late = story.make(HoldPlaced, **STOP, at=NOON + timedelta(hours=2))
        step = story.heard(late)
        assert (step.effect, step.record.holds, codes_of(step)) == (Effect.NO_CHANGE, (), codes)
        again = story.heard(story.make(HoldPlaced, **STOP, at=NOON + timedelta(hours=2)))
        assert codes_of(again) == []
