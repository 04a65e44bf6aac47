"""The plug-points: what a shop may bring of its own, each a Protocol with `__call__`.

`plug_points` has the plug-points and what they are given; `optional_parts` what a plug-in may have
beside `__call__`; `plugins` is how the library itself asks; `reporting` tells how far a run is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fulfill_core._lazy import names_from
from fulfill_core.protocols.plug_points import (
    Candidate,
    Demand,
    NotificationPolicy,
    OrderDemand,
    Plan,
    Planner,
    PriorityPolicy,
    PromisePolicy,
    SortKey,
    SourcingPlan,
    SourcingPolicy,
    Verifier,
)
from fulfill_core.protocols.reporting import ProgressFunction, RunStage

if TYPE_CHECKING:
    from fulfill_core.protocols.optional_parts import (
        AbsentOrderPolicy,
        BatchPolicy,
        BatchVerifier,
        CountingPolicy,
        DeferrablePolicy,
        DeferrablePromise,
        DescribedPolicy,
        FactBasedVerifier,
        LastVerifier,
        OpenSourcing,
        SecondLook,
        SelectiveVerifier,
        SharingPlugin,
        SteadyPolicy,
        TimedMessagePolicy,
        TimedPolicy,
        TimedPromisePolicy,
        TimedVerifier,
        WeighingPlanner,
    )
else:
    __getattr__, __dir__ = names_from(
        __name__,
        optional_parts=(
            "AbsentOrderPolicy",
            "BatchPolicy",
            "BatchVerifier",
            "CountingPolicy",
            "DeferrablePolicy",
            "DeferrablePromise",
            "DescribedPolicy",
            "FactBasedVerifier",
            "LastVerifier",
            "OpenSourcing",
            "SecondLook",
            "SelectiveVerifier",
            "SharingPlugin",
            "SteadyPolicy",
            "TimedMessagePolicy",
            "TimedPolicy",
            "TimedPromisePolicy",
            "TimedVerifier",
            "WeighingPlanner",
        ),
    )

__all__ = [
    "AbsentOrderPolicy",
    "BatchPolicy",
    "BatchVerifier",
    "Candidate",
    "CountingPolicy",
    "DeferrablePolicy",
    "DeferrablePromise",
    "Demand",
    "DescribedPolicy",
    "FactBasedVerifier",
    "LastVerifier",
    "NotificationPolicy",
    "OpenSourcing",
    "OrderDemand",
    "Plan",
    "Planner",
    "PriorityPolicy",
    "ProgressFunction",
    "PromisePolicy",
    "RunStage",
    "SecondLook",
    "SelectiveVerifier",
    "SharingPlugin",
    "SortKey",
    "SourcingPlan",
    "SourcingPolicy",
    "SteadyPolicy",
    "TimedMessagePolicy",
    "TimedPolicy",
    "TimedPromisePolicy",
    "TimedVerifier",
    "Verifier",
    "WeighingPlanner",
]
