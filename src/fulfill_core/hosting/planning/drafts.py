"""What a job comes to, before it is written."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

from fulfill_core.hosting.plans import CommitPlan
from fulfill_core.inventory.inventory import Inventory
from fulfill_core.lifecycle import Event, Step
from fulfill_core.notifications.sending import Preferences
from fulfill_core.orders.order import Order
from fulfill_core.pipeline import Result

JobOutcome: TypeAlias = Result | Step | Inventory
"""What a job comes to: the result of a run, the step of an event, the stock after an update."""
PreferencesOf: TypeAlias = Callable[[Order], Preferences]
"""How the customer of an order wants to be told."""


class StepOfEvent(NamedTuple):
    """An event, and what it comes to.

    Args:
        event: what happened.
        step: what the order and the stock are then.

    >>> StepOfEvent._fields
    ('event', 'step')
    """

    event: Event
    step: Step


class Draft(NamedTuple):
    """What a job comes to, before it is written.

    Args:
        plan: what is to be written; None if there is nothing.
        outcome: what it comes to; None if there is no order for it.
        left_out: orders about which nothing is decided, and why: pairs.
        steps_of_time: what time brought before a run.
    """

    plan: CommitPlan | None
    outcome: JobOutcome | None
    left_out: tuple[tuple[str, str], ...] = ()
    steps_of_time: tuple[StepOfEvent, ...] = ()
