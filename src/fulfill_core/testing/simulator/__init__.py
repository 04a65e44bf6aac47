"""A small shop with adapters of one's own, in which everything goes wrong, step by step."""

from __future__ import annotations

from fulfill_core.testing.simulator.moves import (
    Basket,
    Cancellation,
    Checkout,
    ClockJump,
    Dispatch,
    Fault,
    Move,
    Nightly,
    OtherBody,
    Overtaking,
    Receipt,
    Redelivery,
    Work,
)
from fulfill_core.testing.simulator.reports import Failure, Simulation
from fulfill_core.testing.simulator.simulate import simulate

__all__ = [
    "Basket",
    "Cancellation",
    "Checkout",
    "ClockJump",
    "Dispatch",
    "Failure",
    "Fault",
    "Move",
    "Nightly",
    "OtherBody",
    "Overtaking",
    "Receipt",
    "Redelivery",
    "Simulation",
    "Work",
    "simulate",
]
