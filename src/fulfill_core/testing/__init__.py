"""For tests of shops that build on this library: strategies for hypothesis, and laws to call.

Needs the extra ``fulfill_core[testing]``.
"""

from __future__ import annotations

try:
    import hypothesis as _hypothesis
except ImportError as error:
    raise ImportError(
        "fulfill_core.testing needs hypothesis: install the extra, fulfill_core[testing]",
        name="hypothesis",
    ) from error

from fulfill_core.testing.laws import check_priority_policy, check_verifier
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
    orders,
    payments,
    priority_policies,
    records,
    screenings,
    sourcing_policies,
    verifiers,
)

__all__ = [
    "Batch",
    "addresses",
    "batches",
    "check_priority_policy",
    "check_verifier",
    "customer_facts",
    "customers",
    "facts",
    "inventories",
    "locations",
    "order_lines",
    "orders",
    "payments",
    "priority_policies",
    "records",
    "screenings",
    "sourcing_policies",
    "verifiers",
]

del _hypothesis
