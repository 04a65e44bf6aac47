"""The settings of a run: each is as it should be, before anything is asked of one."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from fulfill_core import _checks
from fulfill_core.protocols import (
    NotificationPolicy,
    Planner,
    PriorityPolicy,
    PromisePolicy,
    SourcingPolicy,
    Verifier,
)
from fulfill_core.protocols.roles import (
    NOTIFICATIONS,
    PLANNER,
    PRIORITY,
    PROMISE,
    SOURCING,
    VERIFIER,
    check_plugin,
)
from fulfill_core.reallocation.reallocation import Reallocation


def check_policies(
    priority: PriorityPolicy,
    sourcing: SourcingPolicy,
    notifications: NotificationPolicy,
    planner: Planner | None,
    promise: PromisePolicy | None,
) -> None:
    """Each of them can be asked in its role, before anything is asked of one."""
    check_plugin("priority", priority, PRIORITY)
    check_plugin("sourcing", sourcing, SOURCING)
    check_plugin("notifications", notifications, NOTIFICATIONS)
    if planner is not None:
        check_plugin("planner", planner, PLANNER)
    if promise is not None:
        check_plugin("promise", promise, PROMISE)


def check_options(
    planner: Planner | None,
    reallocation: Reallocation | None,
    reservation_window: timedelta,
    *,
    whole: bool,
) -> None:
    """What `process` can do without is either None or as it should be."""
    _checks.check_bool("whole", whole)
    if reallocation is not None:
        _checks.check_member("reallocation", reallocation, Reallocation)
        if planner is not None:
            raise _checks.refuse(
                "planner", planner, "can't be combined with a reallocation; pass one of them"
            )
    _checks.check_duration("reservation_window", reservation_window)


def to_verifiers(verifiers: Iterable[Verifier]) -> tuple[Verifier, ...]:
    """The verifiers that were passed; a generator of them can be gone through only once."""
    _checks.check_collection("verifiers", verifiers)
    members = tuple(verifiers)
    for position, verifier in enumerate(members):
        check_plugin(f"verifiers[{position}]", verifier, VERIFIER)
    return members
