"""For tests of shops that build on this library: strategies for hypothesis, and laws to call.

Needs the extra ``fulfill_core[testing]``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

try:
    import hypothesis as _hypothesis
except ImportError as error:
    raise ImportError(
        "fulfill_core.testing needs hypothesis: pip install 'fulfill_core[testing]'",
        name="hypothesis",
    ) from error

from fulfill_core._lazy import names_from
from fulfill_core.testing.laws import check_priority_policy, check_verifier
from fulfill_core.testing.run_laws import (
    check_notification_policy,
    check_planner,
    check_promise_policy,
    check_sourcing_policy,
    check_strategy_policy,
)
from fulfill_core.testing.strategies import (
    Batch,
    addresses,
    batches,
    customer_facts,
    customers,
    facts,
    inventories,
    locations,
    order_lines,
    payments,
    priority_policies,
    screenings,
    sourcing_policies,
    verifiers,
)
from fulfill_core.testing.watching import Watched, check_watched, watched
from fulfill_core.testing.wide import odd_addresses, orders, records

if TYPE_CHECKING:
    from fulfill_core.testing.contracts import (
        ALL_CAPABILITIES,
        SUITE_VERSION,
        ActionsContract,
        Capability,
        Contents,
        NotifierContract,
        Side,
        StorageContract,
        SuiteWarning,
        check_adapter,
        check_collected,
        new_in,
    )
    from fulfill_core.testing.simulator import (
        Basket,
        Cancellation,
        Checkout,
        ClockJump,
        Dispatch,
        Failure,
        Fault,
        Move,
        Nightly,
        OtherBody,
        Overtaking,
        Receipt,
        Redelivery,
        Simulation,
        Work,
        simulate,
    )
else:
    __getattr__, __dir__ = names_from(
        __name__,
        contracts=(
            "ALL_CAPABILITIES",
            "ActionsContract",
            "Capability",
            "Contents",
            "NotifierContract",
            "SUITE_VERSION",
            "Side",
            "StorageContract",
            "SuiteWarning",
            "check_adapter",
            "check_collected",
            "new_in",
        ),
        simulator=(
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
        ),
    )

__all__ = [
    "ALL_CAPABILITIES",
    "ActionsContract",
    "Basket",
    "Batch",
    "Cancellation",
    "Capability",
    "Checkout",
    "ClockJump",
    "Contents",
    "Dispatch",
    "Failure",
    "Fault",
    "Move",
    "Nightly",
    "NotifierContract",
    "OtherBody",
    "Overtaking",
    "Receipt",
    "Redelivery",
    "SUITE_VERSION",
    "Side",
    "Simulation",
    "StorageContract",
    "SuiteWarning",
    "Watched",
    "Work",
    "addresses",
    "batches",
    "check_adapter",
    "check_collected",
    "check_notification_policy",
    "check_planner",
    "check_priority_policy",
    "check_promise_policy",
    "check_sourcing_policy",
    "check_strategy_policy",
    "check_verifier",
    "check_watched",
    "customer_facts",
    "customers",
    "facts",
    "inventories",
    "locations",
    "new_in",
    "odd_addresses",
    "order_lines",
    "orders",
    "payments",
    "priority_policies",
    "records",
    "screenings",
    "simulate",
    "sourcing_policies",
    "verifiers",
    "watched",
]

del _hypothesis
