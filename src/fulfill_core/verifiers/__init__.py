"""Ready-made verifiers, one module per subject.

`DEFAULT_VERIFIERS` is what `process` uses unless it is told otherwise. Add your own:
``verifiers=(*DEFAULT_VERIFIERS, no_po_boxes)``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fulfill_core._lazy import names_from
from fulfill_core.protocols import Verifier
from fulfill_core.records.collecting import amount_due, to_capture, to_refund
from fulfill_core.verifiers.address import (
    bill_to_differs,
    plausible_address,
    ship_to_complete,
)
from fulfill_core.verifiers.contact import (
    email_domain,
    reachable,
)
from fulfill_core.verifiers.integrity import (
    has_lines,
    no_conflicting_duplicate,
    prices_sane,
    totals_sane,
)
from fulfill_core.verifiers.payment import (
    CoversTotal,
    covers_total,
)

if TYPE_CHECKING:
    from fulfill_core.verifiers.authorization import (
        authorization_lasts,
    )
    from fulfill_core.verifiers.combining import (
        all_of,
    )
    from fulfill_core.verifiers.credit import (
        credit_covers,
    )
    from fulfill_core.verifiers.expectations import (
        known_tier,
        no_test_orders,
        price_drift,
    )
    from fulfill_core.verifiers.facts_to_gather import MissingFacts, missing_facts, needing
    from fulfill_core.verifiers.frequency import (
        velocity,
    )
    from fulfill_core.verifiers.history import (
        quantity_limits,
        repeated_order,
        usual_for_customer,
    )
    from fulfill_core.verifiers.lists import (
        AccessList,
        listed,
    )
    from fulfill_core.verifiers.manners import (
        Condition,
        asked_last,
        downgrade,
        only_if,
        unless,
        upgrade,
    )
    from fulfill_core.verifiers.risk import (
        AVS_ANSWERS,
        CVV_ANSWERS,
        gateway_answers,
        risk_flags,
        risk_score,
    )
    from fulfill_core.verifiers.territory import (
        Destination,
        destinations,
        no_po_boxes,
    )
    from fulfill_core.verifiers.timeline import (
        plausible_dates,
    )
else:
    __getattr__, __dir__ = names_from(
        __name__,
        authorization=("authorization_lasts",),
        combining=("all_of",),
        expectations=(
            "known_tier",
            "no_test_orders",
            "price_drift",
        ),
        manners=(
            "Condition",
            "asked_last",
            "downgrade",
            "only_if",
            "unless",
            "upgrade",
        ),
        credit=("credit_covers",),
        territory=(
            "Destination",
            "destinations",
            "no_po_boxes",
        ),
        facts_to_gather=(
            "MissingFacts",
            "missing_facts",
            "needing",
        ),
        history=(
            "quantity_limits",
            "repeated_order",
            "usual_for_customer",
        ),
        lists=(
            "AccessList",
            "listed",
        ),
        risk=(
            "AVS_ANSWERS",
            "CVV_ANSWERS",
            "gateway_answers",
            "risk_flags",
            "risk_score",
        ),
        timeline=("plausible_dates",),
        frequency=("velocity",),
    )

__all__ = [
    "AVS_ANSWERS",
    "AccessList",
    "CVV_ANSWERS",
    "Condition",
    "CoversTotal",
    "DEFAULT_VERIFIERS",
    "Destination",
    "MissingFacts",
    "all_of",
    "amount_due",
    "asked_last",
    "authorization_lasts",
    "bill_to_differs",
    "covers_total",
    "credit_covers",
    "destinations",
    "downgrade",
    "email_domain",
    "gateway_answers",
    "has_lines",
    "known_tier",
    "listed",
    "missing_facts",
    "needing",
    "no_conflicting_duplicate",
    "no_po_boxes",
    "no_test_orders",
    "only_if",
    "plausible_address",
    "plausible_dates",
    "price_drift",
    "prices_sane",
    "quantity_limits",
    "reachable",
    "repeated_order",
    "risk_flags",
    "risk_score",
    "ship_to_complete",
    "to_capture",
    "to_refund",
    "totals_sane",
    "unless",
    "upgrade",
    "usual_for_customer",
    "velocity",
]

DEFAULT_VERIFIERS: tuple[Verifier, ...] = (
    reachable,
    ship_to_complete,
    covers_total(),
    has_lines,
    totals_sane,
    prices_sane,
)
