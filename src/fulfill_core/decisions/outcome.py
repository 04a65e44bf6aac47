"""What became of an order in a run."""

from __future__ import annotations

from enum import StrEnum


class Outcome(StrEnum):
    """What became of an order in a run.

    >>> Outcome("allocated")
    <Outcome.ALLOCATED: 'allocated'>
    """

    ALLOCATED = "allocated"
    """Every unit is reserved."""
    PARTIALLY_ALLOCATED = "partially_allocated"
    """Some units are reserved, or have left; others are backordered, short, or on a line that is
    held or not due."""
    BACKORDERED = "backordered"
    """No unit is reserved; some wait: for supply, or on a line that is held or not due."""
    UNFULFILLABLE = "unfulfillable"
    """No unit is reserved and none may wait."""
    SCHEDULED = "scheduled"
    """Not due yet: it takes nothing before its ``ship_after``, or the first of its lines."""
    HELD = "held"
    """A person has to look at it."""
    REJECTED = "rejected"
    """It will not be served."""
    COMPLETED = "completed"
    """All of it has left, or some has and the rest was cancelled: there is nothing to decide."""
    CANCELLED = "cancelled"
    """All of it was cancelled before anything had left."""


IN_QUEUE = frozenset(
    {
        Outcome.ALLOCATED,
        Outcome.PARTIALLY_ALLOCATED,
        Outcome.BACKORDERED,
        Outcome.UNFULFILLABLE,
    }
)
"""The outcomes of orders that are served, as far as there is something for them."""
