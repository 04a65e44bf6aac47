"""The plug-points: what a shop may bring of its own, each a Protocol with `__call__`."""

from __future__ import annotations

from fulfill_core.protocols.plug_points import (
    Candidate,
    Demand,
    Notifications,
    Plan,
    Planner,
    PriorityPolicy,
    PromisePolicy,
    SortKey,
    SourcingPlan,
    SourcingPolicy,
    Verifier,
    Wanted,
)

__all__ = [
    "Candidate",
    "Demand",
    "Notifications",
    "Plan",
    "Planner",
    "PriorityPolicy",
    "PromisePolicy",
    "SortKey",
    "SourcingPlan",
    "SourcingPolicy",
    "Verifier",
    "Wanted",
]
