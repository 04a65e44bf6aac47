"""Between now and `Result.wake_at` not a word of a decision changes: with promises, and a window.

Here two runs on the same result are compared, at two instants before it says that it has to be run
again: every finding with its sentence, every promise, every message.
"""

from __future__ import annotations

import random
from datetime import time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import attrs
from effort import FEWER
from hypothesis import given
from hypothesis import strategies as st

from fulfill_core import Result, process
from fulfill_core.calendars import BusinessCalendar, CutOff, Shift
from fulfill_core.promises import Origin, from_calendars
from fulfill_core.testing import Batch
from fulfill_core.verifiers import authorization_lasts

from .runs import SEEDS, Process, same
from .test_wake_at import DAY, HOUR, MINUTE, RULES, TICK, WORLDS, caught

NONE = timedelta(0)
BERLIN = BusinessCalendar(
    timezone=ZoneInfo("Europe/Berlin"), shifts=[Shift(start=time(9), end=time(17))]
)
NEW_YORK = BusinessCalendar(
    timezone=ZoneInfo("America/New_York"), shifts=[Shift(start=time(0), end=time(23))]
)
ORIGINS = st.builds(
    lambda calendar, cuts_off, handling: Origin(
        calendar=calendar,
        cut_off=CutOff(calendar=calendar, at=time(14)) if cuts_off else None,
        handling=handling,
    ),
    st.sampled_from((BERLIN, NEW_YORK)),
    st.booleans(),
    st.sampled_from((NONE, HOUR, 5 * HOUR, 30 * HOUR)),
)
PLACES = ("berlin", "oslo", "paris", "")
PROMISES = st.builds(
    lambda origin, transit: from_calendars(
        {}, dict.fromkeys(PLACES, transit), otherwise=origin, destination=BERLIN
    ),
    ORIGINS,
    st.sampled_from((2, DAY)),
)
WINDOWS = st.sampled_from((NONE, 7 * HOUR, DAY, 30 * DAY))
LASTS = st.lists(st.sampled_from((NONE, 5 * HOUR)).map(authorization_lasts), max_size=1)
SETTINGS = st.builds(
    lambda rules, more, promise, window: {
        **rules,
        "verifiers": (*rules["verifiers"], *more),
        "promise": promise,
        "reservation_window": window,
    },
    RULES,
    LASTS,
    st.none() | PROMISES,
    WINDOWS,
)


def told(result: Result) -> list[Any]:
    """All that was decided, said and promised."""
    return [
        *(
            (
                (made.id, made.outcome, made.rank, made.findings, made.promise),
                (made.reserved, made.allocation_rows, made.backorder_rows, made.short_rows),
            )
            for made in result.decisions
        ),
        *result.notifications,
    ]


def law_not_a_word(process: Process, batch: Batch, rules: dict[str, Any], seed: int) -> None:
    """Two runs on a result, at two instants between its now and its wake_at, say the same."""
    chance = random.Random(seed)

    def run(inventory: Any, ticks: int) -> Any:
        now = batch.now + ticks * TICK
        return process(batch.orders, inventory, now=now, facts=batch.facts, **rules)

    first = run(batch.inventory, 0)
    wake_at = first.wake_at
    length = chance.choice((2 * TICK, MINUTE, DAY, 900 * DAY))
    ticks = (length if wake_at is None else wake_at - batch.now) // TICK
    if ticks < 3:
        return
    later = chance.choice((ticks - 1, chance.randrange(2, ticks)))
    one, other = run(first.inventory, 1), run(first.inventory, later)
    same(f"to be woken, as said at +{later}", (wake_at, wake_at), (one.wake_at, other.wake_at))
    same(f"told at +{later}, to be woken at {wake_at}", told(one), told(other))


@FEWER
@given(WORLDS, SETTINGS, SEEDS)
def test_not_a_word_changes_before(batch: Batch, rules: dict[str, Any], seed: int) -> None:
    """Whatever is promised, and however early orders join the queue."""
    law_not_a_word(process, batch, rules, seed)


def sees_no_promises(*args: Any, **settings: Any) -> Result:
    """A run that forgets that departures are missed."""
    return attrs.evolve(process(*args, **settings), promising=None)


def test_a_run_that_forgets_is_caught() -> None:
    """The law fails for a result that does not ask the promises."""
    parts = {"promise": PROMISES, "verifiers": st.just(())}  # nobody is held: more is promised
    promises = st.fixed_dictionaries(parts)
    assert caught(law_not_a_word, sees_no_promises, WORLDS, promises, SEEDS)
